"""Keys while an input method composes: nothing is entered, chosen or left before the composition is done.

Chinese is typed as letters that an input method turns into characters; until then they stand in the field underlined
and are no text yet. Input methods keep the keys that decide for themselves; where one lets such a key through, it
would end the field, answer a question or submit a page with half a word. Until the composition ends, or the
field is left by the mouse, those keys do nothing here. What is composed when a field is left otherwise is for the
input method to commit or to drop, as everywhere on the desktop.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

DECIDING = frozenset(
    {
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Space,
    }
)
"""Keys with which an input method's list of candidates is worked, digits aside."""


class Composing(QObject):
    """Holds back deciding keys of the widget that has the focus while text is being composed in it."""

    def __init__(self, application: QApplication, parent: QObject) -> None:
        """Follow the focus of an application as long as `parent` stands."""
        super().__init__(parent)
        self._watched: QWidget | None = None
        self._composes = False
        application.focusChanged.connect(self._follow)
        self._follow(None, application.focusWidget())

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Watch the widget that has the focus now alone: a filter of all events would slow every one of them."""
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched, self._composes = new, False
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a composition; hold back a key that would decide while there is one."""
        del watched
        if isinstance(event, QInputMethodEvent):
            self._composes = bool(event.preeditString())
        elif self._composes and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return event.key() in DECIDING or event.text().isdigit()
        return False

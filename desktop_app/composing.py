"""Keys while an input method composes: nothing is entered, chosen or left before the composition is done.

Chinese is typed as letters that an input method turns into characters; until then they stand in the field underlined
and are no text yet. Input methods keep the keys that decide for themselves; where one lets such a key through, it
would end the field, answer a question or submit a page with half a word. Until the composition ends, or the
field is left by the mouse, those keys do nothing here. What is composed when a field is left otherwise is for the
input method to commit or to drop, as everywhere on the desktop.
"""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent

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
    """Holds back deciding keys of the whole application while text is being composed."""

    def __init__(self, application: QCoreApplication, parent: QObject) -> None:
        """Watch over an application as long as `parent` stands."""
        super().__init__(parent)
        self._where: QObject | None = None
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note compositions; hold back a key that would decide. Quick: every event of the application passes here."""
        kind = event.type()
        if kind is QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._where = watched if event.preeditString() else None
        elif self._where is None:
            return False
        elif kind is QEvent.Type.FocusOut and watched is self._where:
            self._where = None
        elif kind is QEvent.Type.KeyPress and watched is self._where and isinstance(event, QKeyEvent):
            return event.key() in DECIDING or event.text().isdigit()
        return False

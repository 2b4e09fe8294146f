"""A button that opens and folds what it heads, and tells assistive technology which of both it is.

Qt has that state, and tells it of no button: this one gets an interface written here in place of Qt's own. What was
made for assistive technology stays until the process ends (0.4 kB a button), since Qt's factory never lets go.

Source: WCAG 2.2, 4.1.2 (role, state).
"""

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QAccessibleStateChangeEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from desktop_app.widgets.icon import IconButton


class FoldButton(IconButton):
    """A chevron beside a word: downwards where what it heads is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button of something folded."""
        super().__init__("chevron_right", parent)
        self.is_open = False
        _tell_states()

    def turn(self, *, down: bool) -> None:
        """Show a chevron downwards where what it heads is open, else to the right."""
        self.show_icon("chevron" if down else "chevron_right")
        if down is not self.is_open:
            self.is_open = down
            changed = QAccessible.State()
            changed.expanded = changed.collapsed = True
            QAccessible.updateAccessibility(QAccessibleStateChangeEvent(self, changed))


class _Told(QAccessibleWidget):
    """What is told of such a button."""

    def state(self) -> QAccessible.State:
        told, button = super().state(), self.object()
        if isinstance(button, FoldButton):
            told.expandable = True
            told.expanded, told.collapsed = button.is_open, not button.is_open
        return told

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.pressAction(), QAccessibleActionInterface.setFocusAction()]

    def doAction(self, actionName: str) -> None:
        button = self.object()
        if actionName == QAccessibleActionInterface.pressAction() and isinstance(button, FoldButton):
            button.click()
        else:
            super().doAction(actionName)


def _interface_of(_class_name: str, widget: QObject) -> QAccessibleInterface | None:
    return _Told(widget, QAccessible.Role.Button) if isinstance(widget, FoldButton) else None


@cache
def _tell_states() -> None:
    """Have Qt ask here first, once in a process."""
    QAccessible.installFactory(_interface_of)

"""A list of lines beside what the current line says more about: arrows and clicks choose, Enter leads, Space marks."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop_app.widgets.line_list import Index, LineList, Share


class ChoiceList(LineList):
    """Lines of which one is current.

    Signals:
        current_changed: Another line is current, or the lines are others.
        marked: Space was pressed on a line (what it stands for).
        line_chosen: Enter was pressed on a line, or it was clicked twice (what it stands for).
    """

    current_changed = Signal()
    marked = Signal(object)

    def __init__(self, name: str, shares: Sequence[Share], parent: QWidget | None = None) -> None:
        """Make an empty list with one share per column."""
        super().__init__(name, shares, parent)
        self.clicked.disconnect(self.chosen)
        self.doubleClicked.connect(self.chosen)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Say that another line is current."""
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Mark the current line by Space; letters are for the page, which knows what they do."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.marked.emit(self.current())
        elif event.text().isalnum():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def go(self, step: int) -> bool:
        """Make the next or previous line current; False at either end."""
        row = self.currentIndex().row() + step
        if not 0 <= row < self.lines.rowCount():
            return False
        self.setCurrentIndex(self.lines.index(row, 0))
        return True

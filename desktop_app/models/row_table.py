"""A Qt table over rows of one kind: what every such table does; what stands in a cell is for each to say."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_app.models.words import Sign

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
SIGN_ROLE = Qt.ItemDataRole.UserRole + 1
"""A `Sign` to be drawn before the text."""
SORT_ROLE = Qt.ItemDataRole.UserRole + 2
"""What a cell is sorted by."""
Row = TypeVar("Row")


class RowTable(QAbstractTableModel, Generic[Row]):
    """Rows in the order in which they are given, in the language of the window."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._language = language
        self._rows: tuple[Row, ...] = ()

    @abstractmethod
    def headings(self) -> tuple[str, ...]:
        """Return the heading of each column."""

    @abstractmethod
    def text(self, row: Row, column: int) -> str:
        """Return what stands in a cell."""

    def sign(self, row: Row, column: int) -> Sign | None:
        """Return the sign before a cell's text, or None."""
        del row, column
        return None

    def sorts_by(self, row: Row, column: int) -> object:
        """Return what a cell is sorted by."""
        return self.text(row, column)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def set_language(self, language: str) -> None:
        """Show study texts and words in `language`."""
        self.beginResetModel()
        self._language = language
        self.endResetModel()

    def row(self, place: int) -> Row:
        """Return what stands in a line."""
        return self._rows[place]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.headings())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self.headings()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, the sign drawn before it, or what it is sorted by."""
        row, column = self._rows[index.row()], index.column()
        if role == SIGN_ROLE:
            return self.sign(row, column)
        if role == SORT_ROLE:
            return self.sorts_by(row, column)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.text(row, column)
        return None

"""A Qt table over plain lines: texts with signs, and what each line stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from desktop_app.models.row_table import ROOT, SIGN_ROLE, Index
from desktop_app.models.words import Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table.

    Attributes:
        texts: One text per column.
        signs: The sign that is drawn before the text of a column.
        what: What the line stands for; equal values are the same line.
    """

    texts: tuple[str, ...]
    what: object
    signs: Mapping[int, Sign] = field(default_factory=dict)


class LineTable(QAbstractTableModel):
    """Lines under headings, in the order in which they are given."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._headings: tuple[str, ...] = ()
        self._lines: tuple[Line, ...] = ()

    def show_lines(self, headings: Sequence[str], lines: Sequence[Line]) -> bool:
        """Show other lines, and tell whether they are others; little happens when only their words are."""
        wanted, found = tuple(headings), tuple(lines)
        if (wanted, found) == (self._headings, self._lines):
            return False
        if wanted == self._headings and [one.what for one in found] == [one.what for one in self._lines]:
            self._lines = found
            self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, len(wanted) - 1))
            return True
        self.beginResetModel()
        self._headings, self._lines = wanted, found
        self.endResetModel()
        return True

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are shown."""
        return self._lines

    def row_of(self, what: object) -> int:
        """Return the row of the line that stands for `what`, or -1."""
        return next((row for row, line in enumerate(self._lines) if line.what == what), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._headings):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self._headings[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, its sign, or the whole line for screen readers."""
        line = self._lines[index.row()]
        if role == SIGN_ROLE:
            return line.signs.get(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return line.texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.texts[index.column()] or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = zip(self._headings, line.texts, strict=True)
            return ", ".join(f"{heading} {text}" for heading, text in said if text)
        return None

"""The subject list as a Qt table."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_app.models import times
from desktop_app.models.words import Sign, whereis_sign
from desktop_app.snapshots import SubjectRow
from desktop_app.subject_snapshots import number_words
from desktop_app.theme import Tone

Index = QModelIndex | QPersistentModelIndex
SIGN_ROLE = Qt.ItemDataRole.UserRole + 1
"""A `Sign` to be drawn before the text."""
ROOT = QModelIndex()


class Column(IntEnum):
    """The columns of the subject list."""

    NUMBER = 0
    STATUS = 1
    FORMS = 2
    ATTENTION = 3
    CUSTODY = 4
    CHANGED = 5


class SubjectTable(QAbstractTableModel):
    """The subjects, in the order in which they are given."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._language = language
        self._rows: tuple[SubjectRow, ...] = ()

    def show_rows(self, rows: Sequence[SubjectRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def set_language(self, language: str) -> None:
        """Show study texts and words in `language`."""
        self.beginResetModel()
        self._language = language
        self.endResetModel()

    def subject(self, row: int) -> SubjectRow:
        """Return the subject in line `row`."""
        return self._rows[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of subjects."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Subject"),
            self.tr("Status"),
            self.tr("Forms complete"),
            self.tr("Needs attention"),
            self.tr("Where it is"),
            self.tr("Last change"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, or the sign drawn before it."""
        row = self._rows[index.row()]
        column = Column(index.column())
        if role == SIGN_ROLE:
            return self._sign(row, column)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(row, column)
        return None

    @staticmethod
    def _sign(row: SubjectRow, column: Column) -> Sign | None:
        if column is Column.CUSTODY:
            return whereis_sign(row.whereis)
        if column is Column.NUMBER and row.number_twice:
            return Sign(icon="error", word="", tone=Tone.BAD)
        if column is Column.ATTENTION and row.conflicts:
            return Sign(icon="conflict", word="", tone=Tone.BAD)
        if column is Column.ATTENTION and row.queries:
            return Sign(icon="queries", word="", tone=Tone.WARN)
        if column is Column.ATTENTION and row.findings:
            return Sign(icon="warning", word="", tone=Tone.QUIET)
        return None

    def _text(self, row: SubjectRow, column: Column) -> str:
        match column:
            case Column.NUMBER:
                return number_words(row.number, row.earlier, row.also)(self._language)
            case Column.STATUS:
                return row.status_label(self._language)
            case Column.FORMS:
                if not row.forms_started:
                    return self.tr("None started")
                words = self.tr("%1 of %2 started")
                return words.replace("%1", str(row.forms_complete)).replace("%2", str(row.forms_started))
            case Column.ATTENTION:
                return self._attention(row)
            case Column.CUSTODY:
                return whereis_sign(row.whereis).word
            case Column.CHANGED:
                return times.minute(row.last_change)

    def _attention(self, row: SubjectRow) -> str:
        """Return what is to be settled for a subject: entries that differ, queries, findings of the checks."""
        counted = (
            (self.tr("Conflicts: %1"), row.conflicts),
            (self.tr("Queries: %1"), row.queries),
            (self.tr("Findings: %1"), row.findings),
        )
        return " · ".join(words.replace("%1", str(count)) for words, count in counted if count)

"""The custody table as a Qt model, and the words for what keeps a laptop from being wiped."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from casebook.custody import Custody, Kept, Light, WipeVerdict
from desktop_app.custody_snapshots import CustodyRow
from desktop_app.models.subject_table import ROOT, SIGN_ROLE
from desktop_app.models.words import Sign, whereis_sign
from desktop_app.theme import Tone

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole + 2
_ORDER = {one: place for place, one in enumerate(Custody)}


class Column(IntEnum):
    """The columns of the custody table."""

    SUBJECT = 0
    FORM = 1
    VISIT = 2
    SAVES = 3
    HERE_ONLY = 4
    WHERE = 5


class CustodyTable(QAbstractTableModel):
    """Where the records of each form are."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._language = language
        self._rows: tuple[CustodyRow, ...] = ()

    def show_rows(self, rows: Sequence[CustodyRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def set_language(self, language: str) -> None:
        """Show study texts and words in `language`."""
        self.beginResetModel()
        self._language = language
        self.endResetModel()

    def row(self, place: int) -> CustodyRow:
        """Return what stands in a line."""
        return self._rows[place]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of lines."""
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
            self.tr("Form"),
            self.tr("Visit"),
            self.tr("Saves"),
            self.tr("Only here"),
            self.tr("Where it is"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, the sign drawn before it, or what it is sorted by."""
        row, column = self._rows[index.row()], Column(index.column())
        if role == SIGN_ROLE:
            return self._sign(row, column)
        if role == SORT_ROLE:
            return self._sorts_by(row, column)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(row, column)
        return None

    @staticmethod
    def _sign(row: CustodyRow, column: Column) -> Sign | None:
        return whereis_sign(row.whereis) if column is Column.WHERE else None

    def _sorts_by(self, row: CustodyRow, column: Column) -> object:
        match column:
            case Column.SAVES:
                return row.records
            case Column.HERE_ONLY:
                return row.here_only
            case Column.WHERE:
                at = row.whereis.at
                return f"{_ORDER[row.whereis.custody]} {at.timestamp() if at is not None else 0:020.3f}"
            case _:
                return self._text(row, column)

    def _text(self, row: CustodyRow, column: Column) -> str:
        match column:
            case Column.SUBJECT:
                return row.number or self.tr("(none)")
            case Column.FORM:
                return row.what(self._language)
            case Column.VISIT:
                return row.occasion(self._language) if row.occasion is not None else ""
            case Column.SAVES:
                return str(row.records)
            case Column.HERE_ONLY:
                return str(row.here_only) if row.here_only else ""
            case Column.WHERE:
                return whereis_sign(row.whereis).word


def light_sign(verdict: WipeVerdict) -> Sign:
    """Return whether a laptop may be wiped, in a sentence."""
    match verdict.light:
        case Light.SAFE:
            word = QCoreApplication.translate("Custody", "Safe to wipe: the server has everything on this laptop.")
            return Sign(icon="check", word=word, tone=Tone.GOOD)
        case Light.CANNOT_TELL:
            word = QCoreApplication.translate("Custody", "You cannot tell here whether this laptop is safe to wipe.")
            return Sign(icon="question", word=word, tone=Tone.WARN)
        case _:
            word = QCoreApplication.translate("Custody", "Not safe to wipe: something would be lost.")
            return Sign(icon="warning", word=word, tone=Tone.WARN)


def reasons(verdict: WipeVerdict) -> tuple[str, ...]:
    """Return what keeps a laptop from being wiped, a sentence each."""
    words = {
        Kept.OWN: QCoreApplication.translate("Custody", "Records made here that the server does not have yet: %1."),
        Kept.OPEN: QCoreApplication.translate("Custody", "Forms with entries that are not sealed yet: %1."),
        Kept.OTHERS: QCoreApplication.translate(
            "Custody", "Records of other laptops held here that the server is not known to have: %1."
        ),
        Kept.PARKED: QCoreApplication.translate("Custody", "Records that wait here for earlier ones: %1."),
        Kept.QUARANTINED: QCoreApplication.translate(
            "Custody", "Records that did not verify and are set aside: %1. Tell your data manager."
        ),
        Kept.SET_ASIDE: QCoreApplication.translate(
            "Custody", "Folders of damaged files that were kept: %1. Only a rescue copy saves them."
        ),
        Kept.OWED: QCoreApplication.translate("Custody", "Notes that are written down at the next sign-in: %1."),
        Kept.ATTACHMENTS: QCoreApplication.translate("Custody", "Attached files that the server does not have: %1."),
        Kept.NAMES_KEY: QCoreApplication.translate(
            "Custody",
            "No other laptop of this site can read the participants' names: admit one first, on the Sync page.",
        ),
        Kept.NOT_IN_STEP: QCoreApplication.translate("Custody", "The last sync did not end in step with the server."),
        Kept.UNSEEN: QCoreApplication.translate(
            "Custody", "You do not open the unblinding records of this laptop. Ask somebody who does."
        ),
    }
    return tuple(words[kept].replace("%1", str(count)) for kept, count in verdict.reasons)

"""The custody table as a Qt model, and the words for what keeps a laptop from being wiped."""

from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from casebook.custody import Custody, Kept, Light, WipeVerdict
from desktop_app.custody_snapshots import CustodyRow
from desktop_app.models.row_table import RowTable
from desktop_app.models.words import Sign, whereis_sign
from desktop_app.theme import Tone

_ORDER = {one: place for place, one in enumerate(Custody)}


class Column(IntEnum):
    """The columns of the custody table."""

    SUBJECT = 0
    FORM = 1
    VISIT = 2
    SAVES = 3
    HERE_ONLY = 4
    WHERE = 5


class CustodyTable(RowTable[CustodyRow]):
    """Where the records of each form are."""

    def headings(self) -> tuple[str, ...]:
        """Return the heading of each column."""
        return (
            self.tr("Subject"),
            self.tr("Form"),
            self.tr("Visit"),
            self.tr("Saves"),
            self.tr("Only here"),
            self.tr("Where it is"),
        )

    def sign(self, row: CustodyRow, column: int) -> Sign | None:
        """See `RowTable`."""
        return whereis_sign(row.whereis) if column == Column.WHERE else None

    def sorts_by(self, row: CustodyRow, column: int) -> object:
        """See `RowTable`."""
        match column:
            case Column.SAVES:
                return row.records
            case Column.HERE_ONLY:
                return row.here_only
            case Column.WHERE:
                at = row.whereis.at
                return f"{_ORDER[row.whereis.custody]} {at.timestamp() if at is not None else 0:020.3f}"
            case _:
                return self.text(row, column)

    def text(self, row: CustodyRow, column: int) -> str:
        """See `RowTable`."""
        match Column(column):
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

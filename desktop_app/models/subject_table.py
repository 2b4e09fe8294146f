"""The subject list as a Qt table."""

from enum import IntEnum

from desktop_app.models import times
from desktop_app.models.row_table import RowTable
from desktop_app.models.words import Sign, whereis_sign
from desktop_app.snapshots import SubjectRow
from desktop_app.subject_snapshots import number_words
from desktop_app.theme import Tone


class Column(IntEnum):
    """The columns of the subject list."""

    NUMBER = 0
    STATUS = 1
    FORMS = 2
    ATTENTION = 3
    CUSTODY = 4
    CHANGED = 5


class SubjectTable(RowTable[SubjectRow]):
    """The subjects, in the order in which they are given."""

    def headings(self) -> tuple[str, ...]:
        """Return the heading of each column."""
        return (
            self.tr("Subject"),
            self.tr("Status"),
            self.tr("Forms complete"),
            self.tr("Needs attention"),
            self.tr("Where it is"),
            self.tr("Last change"),
        )

    def sign(self, row: SubjectRow, column: int) -> Sign | None:
        """See `RowTable`."""
        if column == Column.CUSTODY:
            return whereis_sign(row.whereis)
        if column == Column.NUMBER and row.number_twice:
            return Sign(icon="error", word="", tone=Tone.BAD)
        if column == Column.ATTENTION and row.conflicts:
            return Sign(icon="conflict", word="", tone=Tone.BAD)
        if column == Column.ATTENTION and row.queries:
            return Sign(icon="queries", word="", tone=Tone.WARN)
        if column == Column.ATTENTION and row.findings:
            return Sign(icon="warning", word="", tone=Tone.QUIET)
        return None

    def text(self, row: SubjectRow, column: int) -> str:
        """See `RowTable`."""
        match Column(column):
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

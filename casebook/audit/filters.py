"""Which lines of an audit trail a reader wants. Every condition that is given must hold.

Source: docs/record_format.md, section "Audit".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from casebook.audit.lines import AuditLine
from casebook.ids import CommitId, SubjectId, UserId
from casebook.records import FormKey


def _no_time(_key: FormKey) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What a reader asks for; what is left out does not narrow.

    Attributes:
        form: A form's OID.
        instance: One instance of a form.
        item: An item's name in its form.
        person: Whose acts, or who sealed them.
        since: Aware; the wall clock not before it.
        until: Aware; the wall clock before it.
        after_signature: The commits that came after the signature in question; only lines of these.
        late_hours: Only values entered more than so many hours after `form_time` of their form.
        form_time: The form's own date and time, aware; None where it has none, which is never late.
        clock_uncertain: Only lines whose time is not verified.
    """

    subject: SubjectId | None = None
    form: str | None = None
    instance: FormKey | None = None
    item: str | None = None
    site: str | None = None
    person: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None
    after_signature: frozenset[CommitId] | None = None
    late_hours: int | None = None
    form_time: Callable[[FormKey], datetime | None] = _no_time
    clock_uncertain: bool = False

    def admits(self, line: AuditLine) -> bool:
        """Tell whether a line is among those asked for."""
        return self._of_place(line) and self._of_time(line) and not (self.clock_uncertain and line.time.verified)

    def _of_place(self, line: AuditLine) -> bool:
        key, path = line.act.key, line.act.path
        return (
            (self.subject is None or line.subject == self.subject)
            and (self.form is None or (key is not None and key.form == self.form))
            and (self.instance is None or key == self.instance)
            and (self.item is None or (path is not None and path.item == self.item))
            and (self.site is None or line.site == self.site)
            and (self.person is None or self.person in {line.user, line.header.author})
        )

    def _of_time(self, line: AuditLine) -> bool:
        return (
            (self.since is None or line.at >= self.since)
            and (self.until is None or line.at < self.until)
            and (self.after_signature is None or line.commit in self.after_signature)
            and (self.late_hours is None or self._late(line, self.late_hours))
        )

    def _late(self, line: AuditLine, hours: int) -> bool:
        due = self.form_time(line.act.key) if line.is_entry and line.act.key is not None else None
        return due is not None and line.at > due + timedelta(hours=hours)


def filtered(lines: Iterable[AuditLine], wanted: AuditFilter) -> Iterator[AuditLine]:
    """Yield the lines that are asked for, in their order."""
    return (line for line in lines if wanted.admits(line))

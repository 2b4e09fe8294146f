"""What the audit page asks for and shows: plain immutable rows. No Qt, no disk."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from casebook.design import Text
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath


class AuditKind(StrEnum):
    """Which acts a reader wants."""

    ALL = "all"
    VALUES = "values"
    """Values entered, changed and cleared; rows added and struck."""
    FORMS = "forms"
    """Marks, signatures, documents, subjects added."""
    QUERIES = "queries"
    """Findings and queries: opened, answered, closed; held records judged."""
    SECURITY = "security"
    """Sign-ins, failures, prints, exports, keys, people, delegation, clocks, statements of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuestion:
    """What a reader asks for; what is left out does not narrow.

    Attributes:
        subject: One subject, or the site's own file; None for the whole site.
        key: One form instance (of `subject`).
        path: One item of it.
        since, until: Days on the wall of the site, both included.
        late: Only values that were entered long after their form's own date.
        uncertain: Only lines whose time is not verified.
        after_signature: Only what came after a signature of its form.
        page: From 0, the newest first.
    """

    subject: SubjectId | None = None
    key: FormKey | None = None
    path: ItemPath | None = None
    kind: AuditKind = AuditKind.ALL
    person: UserId | None = None
    since: date | None = None
    until: date | None = None
    late: bool = False
    uncertain: bool = False
    after_signature: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One change or act in words.

    Attributes:
        commit: The commit that carries it; with `index` it names the line.
        at: The wall time of the laptop, with its offset.
        time: What is known of that time.
        verified: It is known to be right.
        where: Subject, visit and form, as far as the question leaves them open.
        sealed_by: Who sealed it, where that is not who did it.
    """

    commit: str
    index: int
    at: datetime
    time: Text
    verified: bool
    who: Text
    role: Text
    laptop: str
    where: Text
    sentence: Text
    why: Text
    sealed_by: Text | None = None
    key: FormKey | None = None
    path: ItemPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditView:
    """One page of an audit trail, the newest first.

    Attributes:
        about: What it is the trail of: the site, a subject, a form, an item.
        count: How many lines the question has in all.
        first: The number of the first line shown, from 1; 0 where there is none.
        people: Who has lines here, to choose from.
        late_hours: From how many hours on an entry counts as late.
    """

    question: AuditQuestion
    about: Text
    rows: tuple[AuditRow, ...]
    count: int
    first: int
    pages: int
    people: tuple[tuple[UserId, str], ...]
    late_hours: int

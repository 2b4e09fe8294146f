"""What windows show of what is to be done now: the lines of Today, and whom Randomise is about.

Plain immutable rows, made by `session.agenda` on the store thread. No Qt, no disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath
from casebook.texts import Text
from desktop_app.snapshots import DueLine, SubjectRow

SOON = timedelta(hours=2)
"""What ends within this time asks for somebody now; within DAY, today."""
DAY = timedelta(hours=24)

# -- what one subject asks for, whoever looks ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An item of a form, or a form, with its name in words."""

    key: FormKey
    path: ItemPath | None = None
    what: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A time limit of a criterion. `opens`: it is met from `at` on; else it is met until then.

    Attributes:
        fact: The item that starts the clock, as far as the casebook has a place for it.
    """

    id: str
    label: Text
    at: datetime
    opens: bool = False
    fact: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A subject who is not randomised yet, or whose randomisation is not wholly recorded.

    Attributes:
        form: The form that records the randomisation, at the item that nobody else may have.
        randomised_at: When, if that is recorded; the form is not complete then.
        met, unknown: How many criteria are in order, and of how many that is not known.
        failed: The ids of those that stand against.
        limits: Time limits, the first first.
        missing: The first fact that is missing and that somebody enters.
    """

    form: Place
    randomised_at: datetime | None = None
    met: int = 0
    unknown: int = 0
    failed: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    missing: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """Forms of a subject that stand alike towards signatures.

    Attributes:
        forms: Their OIDs, one for each instance.
        signed: In which meaning they are signed as they stand, and by whom.
        changed: They were signed and have changed since.
    """

    forms: tuple[str, ...]
    signed: frozenset[tuple[str, str]] = frozenset()
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What one subject asks for between two instants, as long as nothing more is recorded.

    Attributes:
        since: When it was worked out; before that it does not hold.
        until: When time alone changes it; None for never.
    """

    since: datetime
    until: datetime | None = None
    due: tuple[DueLine, ...] = ()
    conflicts: tuple[Place, ...] = ()
    unsigned: tuple[Unsigned, ...] = ()
    candidate: Candidate | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it holds at an instant."""
        return self.since <= now and (self.until is None or now < self.until)


# -- the site ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReading:
    """Of how many of a site's subjects all is worked out."""

    read: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsView:
    """The subjects of a site.

    Attributes:
        unread: Of how many of them more is to be worked out: they are missing, or stand as they were before.
    """

    rows: tuple[SubjectRow, ...]
    unread: int = 0


# -- Today ---------------------------------------------------------------------------------------------------


class TodayKind(StrEnum):
    """What asks for something today, in the order of the filters."""

    CLOCK = "clock"
    """A clock runs: a time limit of eligibility, or of a report."""
    VISIT = "visit"
    FORM = "form"
    QUERY = "query"
    SIGN = "sign"
    CONFLICT = "conflict"
    UNSENT = "unsent"


class Urgency(StrEnum):
    """How urgent a line is, the most urgent first."""

    OVERDUE = "overdue"
    NOW = "now"
    TODAY = "today"
    OPEN = "open"


def urgency_of_end(at: datetime, now: datetime) -> Urgency:
    """Return how urgent something is that ends at an instant."""
    left = at - now
    if left <= timedelta(0):
        return Urgency.OVERDUE
    return Urgency.NOW if left <= SOON else Urgency.TODAY if left <= DAY else Urgency.OPEN


class Lead(StrEnum):
    """Where a line leads."""

    ITEM = "item"
    """To a form, at an item where one is named."""
    CASEBOOK = "casebook"
    SIGNING = "signing"
    SYNC = "sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayLine:
    """One thing to do.

    Attributes:
        number: The subject's number; "" where it is about the whole laptop.
        about: The form, the visit, the criterion, in words.
        due: Of a clock, a visit, a form: what kind of thing is due.
        count: How many things stand behind the line.
        at: When it ends, began or begins, as `due` says; None where time does not matter.
        ends: `at` is an end, which comes or has passed; else it is a beginning.
        of_eligibility: A clock of somebody who may be randomised.
        answered: Of a query: it was answered, and the answer is to be judged.
    """

    kind: TodayKind
    urgency: Urgency
    subject: SubjectId | None
    number: str
    about: Text
    lead: Lead
    key: FormKey | None = None
    path: ItemPath | None = None
    due: DueLine | None = None
    count: int = 1
    at: datetime | None = None
    ends: bool = False
    of_eligibility: bool = False
    answered: bool = False

    @property
    def id(self) -> tuple[object, ...]:
        """What tells it from other lines while time goes on."""
        name = tuple(sorted(self.about.by_language.items()))
        return self.kind, self.subject, self.number, self.key, self.path, self.due.kind if self.due else None, name


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayView:
    """What is to be done, the most urgent first.

    Attributes:
        now: When it was worked out.
        until: When time alone changes more than the time left; None for never.
        subjects: How many subjects there are.
        unread: Of how many of them more is to be worked out: lines may be missing.
    """

    now: datetime
    lines: tuple[TodayLine, ...] = ()
    until: datetime | None = None
    subjects: int = 0
    unread: int = 0

    def counts(self) -> Iterator[tuple[TodayKind, int]]:
        """Yield how many lines there are of each kind that has any, in the order of the filters."""
        for kind in TodayKind:
            count = sum(1 for one in self.lines if one.kind is kind)
            if count:
                yield kind, count


# -- Randomise -----------------------------------------------------------------------------------------------


class Readiness(StrEnum):
    """How a subject stands to randomisation, in the order of the list."""

    TO_FINISH = "to_finish"
    """Randomised; the form that says so is not complete."""
    READY = "ready"
    WAITING = "waiting"
    """Everything is in order, and a time limit has not opened yet."""
    MISSING = "missing"
    ENDED = "ended"
    """Everything was in order; a time limit has ended since."""
    AGAINST = "against"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomiseLine:
    """A subject who may be randomised, or whose randomisation is to be recorded wholly."""

    subject: SubjectId
    number: str
    readiness: Readiness
    candidate: Candidate

    def is_over(self, now: datetime) -> bool:
        """Tell whether nothing can be done any more: criteria stand against, or a limit ended a day ago.

        What ended since may be done again: a score is taken anew, a pressure measured once more.
        """
        ends = [one.at for one in self.candidate.limits if not one.opens and one.at <= now]
        ended = self.readiness is Readiness.ENDED and now - min(ends, default=now) >= DAY
        return self.readiness is Readiness.AGAINST or ended


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomiseView:
    """Whom randomisation is about.

    Attributes:
        unread: Of how many subjects more is to be worked out.
        why_hidden: Why nothing of it is shown to the signed-in person; None where it is.
        why_not: Why that person cannot record it today.
        form: The name of the form that records it.
    """

    now: datetime
    lines: tuple[RandomiseLine, ...] = ()
    until: datetime | None = None
    unread: int = 0
    why_hidden: Text | None = None
    why_not: Text | None = None
    form: Text | None = None

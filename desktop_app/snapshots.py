"""What windows show: plain immutable rows, made by the session on the store thread.

No Qt, no disk. A window gets a snapshot and calls `show(snapshot)`; it never edits one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from casebook import custody
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath, Reading, VisitKey
from casebook.texts import Text
from desktop_app.custody_snapshots import NOWHERE, Whereis

if TYPE_CHECKING:
    from casebook.checks import Finding  # the first window needs no check and no form, and they load much
    from casebook.chronology import Chronology
    from casebook.design import Form, Item, ItemGroup, Severity, StudyDesign
    from casebook.ranges import Ranges


Custody = custody.Custody
"""Where a record is."""


class Mark(StrEnum):
    """How far an item's value has come."""

    EMPTY = "empty"
    TYPED = "typed"
    """What was typed is not a value yet; the text is kept on this laptop."""
    KEPT = "kept"
    """Durable on this laptop, not sealed."""
    RECORDED = "recorded"
    """Sealed in the record."""
    CONFLICT = "conflict"
    UNCONFIRMED = "unconfirmed"
    """Sealed by the laptop after a crash; its author has not confirmed it."""


class CellState(StrEnum):
    """The state of a form in the casebook."""

    EMPTY = "empty"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    CONFLICT = "conflict"
    SEALED_AWAY = "sealed_away"
    """Identity data that this laptop cannot open yet."""
    NOT_APPLICABLE = "not_applicable"
    """The study does not ask for it of this subject, or of this visit as things went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of the site.

    Attributes:
        rights: See casebook.design.Role.
        can_sign: A PDF certificate is at hand.
        enters: Of the signed-in person: the forms that they enter today, by OID.
        refusals: Of the signed-in person: why they may not do something today, by act; an act that is not there
            is allowed. Acts are the rights of the study file, and `manage` (admitting laptops, recovery sheets).
        remark: Of the signed-in person: what stands at the site and is to be known, such as that there is no
            delegation log yet.
    """

    user: UserId
    name: str
    role: str
    role_label: Text
    rights: frozenset[str]
    on_this_laptop: bool = True
    can_sign: bool = False
    enters: frozenset[str] = frozenset()
    refusals: Mapping[str, Text] = field(default_factory=dict)
    remark: Text | None = None

    def may(self, act: str) -> bool:
        """Tell whether the signed-in person may do something today."""
        return act not in self.refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningFacts:
    """What the screening log says beside the status: days, "" where there is none, and why a status holds."""

    consented_on: str = ""
    randomised_on: str = ""
    since: str = ""
    reason: Text = field(default_factory=lambda: Text({"en": "", "zh": ""}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """One line of the subject list.

    Attributes:
        status: screened, enrolled, randomised, … (a design text `STATUS.<status>`).
        findings, queries: How many of the checks' findings, and of the queries, are open.
        earlier: Numbers that the subject had before; `also`: those under which the same person was registered.
        number_twice: Another subject has the same number.
    """

    subject: SubjectId
    number: str
    status: str
    status_label: Text
    added_at: datetime
    last_change: datetime
    forms_started: int
    forms_complete: int
    conflicts: int
    custody: Custody
    findings: int = 0
    queries: int = 0
    screening: ScreeningFacts = field(default_factory=ScreeningFacts)
    whereis: Whereis = NOWHERE
    earlier: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    number_twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCell:
    """A form of a visit.

    Attributes:
        need: x mandatory, c conditional, o optional.
        open_here: It has entries that are not sealed yet.
        why_not: Where it is not applicable: the reason, in words.
        of: The number under which it was entered, where that is another number of the same person; else "".
    """

    key: FormKey
    label: Text
    occasion: Text | None
    need: str
    state: CellState
    open_here: bool
    hard_findings: int
    soft_findings: int
    custody: Custody
    why_not: Text | None = None
    whereis: Whereis = NOWHERE
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitColumn:
    """A visit of the casebook. `status`: IN, EARLY, LATE, MISSED, … or "" while it cannot be told."""

    key: VisitKey
    label: Text
    short: Text
    window_from: datetime | None
    window_to: datetime | None
    actual: datetime | None
    status: str
    cells: tuple[FormCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A finished document: signed consent, signed visit record."""

    key: FormKey
    name: str
    sha256: str
    size_bytes: int
    author: str
    at: datetime
    custody: Custody
    whereis: Whereis = NOWHERE


class Running(StrEnum):
    """What a form outside the scheduled visits is."""

    LOG = "log"
    EVENT = "event"
    UNSCHEDULED = "unscheduled"
    SITE = "site"
    OTHER_VERSION = "other_version"
    """Of another version of the study; the one in force has no place for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    """A form outside the scheduled visits: a log, one event, a form added at any time, a form of the site.

    Attributes:
        at: Its own date and time; None for logs, and while none was given.
        day: That date as it was given, also where its time is unknown; "" without one.
        turn: 1 for the first instance of this form by date, 2 for the second, ...
        entries: The live rows of its repeating groups; None where it has none.
        summary: Its first answers in words, to tell one instance from another.
    """

    kind: Running
    cell: FormCell
    at: datetime | None
    day: str
    turn: int
    entries: int | None
    summary: Text


class DueKind(StrEnum):
    """What is due."""

    VISIT_OPEN = "visit_open"
    """A visit's window is open; `at` is when it closes."""
    VISIT_AHEAD = "visit_ahead"
    """A visit's window has not opened; `at` is when it does."""
    VISIT_MISSED = "visit_missed"
    """A visit's window closed with nothing entered; `at` is when."""
    CLOCK = "clock"
    """A criterion of eligibility stops being met at `at`."""
    OPENS = "opens"
    """A criterion of eligibility begins to be met at `at`."""
    DEVIATION = "deviation"
    """A protocol deviation was raised and is to be classified."""
    FORM = "form"
    """A mandatory form of a visit that took place is not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """What is due, and where it is done.

    Attributes:
        what: The visit, the criterion, the deviation or the form, in words.
        at: The instant that it runs to or from, if it has one.
        over: That instant has passed.
        key: The form to open, if one is to be filled in.
    """

    kind: DueKind
    what: Text
    at: datetime | None = None
    over: bool = False
    key: FormKey | None = None
    path: ItemPath | None = None


class QueryState(StrEnum):
    """How a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    """Confirmed true with a reason; the data still fire it."""
    CLOSED = "closed"
    """The data no longer fire it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A finding, with the place where it is answered."""

    key: FormKey
    path: ItemPath
    where: Text
    item: Text
    check: str
    severity: "Severity"
    message: Text
    state: QueryState
    reason: str = ""


class Standing(StrEnum):
    """How a criterion of eligibility stands."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A fact that decides a criterion.

    Attributes:
        shown: Its value in words; "" while there is none.
        key, path: Where it stands, if the casebook has a place for it.
        derived: It is worked out from others; nobody types it.
    """

    label: Text
    shown: Text
    key: FormKey | None
    path: ItemPath | None
    derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """A criterion of eligibility as it stands.

    Attributes:
        closes_at, opens_at: When time alone changes that.
        starts: The items from which its time limits are counted.
    """

    id: str
    label: Text
    inclusion: bool
    standing: Standing
    facts: tuple[FactLine, ...]
    closes_at: datetime | None
    opens_at: datetime | None
    starts: tuple[FactLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityView:
    """All criteria of one subject.

    Attributes:
        until: When the first of those that are met stops being so.
        now: When it was judged, while the clocks of its time limits run; None once the subject is randomised.
    """

    eligible: bool
    criteria: tuple[CriterionLine, ...]
    until: datetime | None
    now: datetime | None

    def count(self, standing: Standing) -> int:
        """Return how many criteria stand so."""
        return sum(1 for one in self.criteria if one.standing is standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasebookView:
    """One subject's casebook.

    Attributes:
        visits: The scheduled ones; `running`: everything else.
        earlier: Numbers that the subject had before.
        also: Other subjects that are the same person, with their numbers; their forms stand among these.
        into: In whose casebook this one is shown, with that number; None for most.
        chronology: What the timeline draws.
    """

    subject: SubjectId
    number: str
    site: str
    status: str
    status_label: Text
    randomised_at: datetime | None
    visits: tuple[VisitColumn, ...]
    documents: tuple[DocumentRow, ...]
    sealed_away: int
    newer_version_needed: int
    digest: str
    running: tuple[InstanceRow, ...] = ()
    due: tuple[DueLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    eligibility: EligibilityView | None = None
    earlier: tuple[str, ...] = ()
    also: tuple[tuple[SubjectId, str], ...] = ()
    into: tuple[SubjectId, str] | None = None
    chronology: "Chronology | None" = None


class TrailKind(StrEnum):
    """What a line of an item's history tells."""

    ENTRY = "entry"
    OPENED = "opened"
    """A finding fired from this save on: a query."""
    ANSWERED = "answered"
    """It was confirmed true, with a reason."""
    CLOSED = "closed"
    """From this save on the data fire it no longer."""
    SETTLED = "settled"
    """Entries that disagreed were settled by a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One line of an item's history, in words ready to show in both languages.

    Attributes:
        shown: The value that was entered; of a query, its rule and what was found.
        asked: The question as it was asked then, where the form has changed since.
    """

    author: str
    laptop: str
    at: datetime
    shown: Text
    reason: str
    is_shown: bool
    in_conflict: bool
    unconfirmed: bool
    sealed: bool
    kind: TrailKind = TrailKind.ENTRY
    asked: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item of a form as it stands.

    Attributes:
        typed: Text that was typed and could not be read; the editor shows it again.
        problem: Why it could not be read, in both languages.
        asks_reason: A recorded value stands here, so a change needs a reason.
        waits_for_reason: `typed` is a change of the recorded value that nobody gave a reason for yet.
        heads: In a conflict, every standing value with who and when.
        visible: Relevance rules say that it is asked now.
        may_answer: The signed-in person may answer findings here; of a calculated value too, which nobody edits.
        may_sign: The signed-in person may confirm hard findings.
        offset_minutes: The wall clock on which times are shown, minutes east of UTC.
        suggested: The grade that a rule of its scale asks for; "" for none. `why_suggested`: the rule in words.
        offer: What the study offers while nothing stands here, as it would be typed; "" for nothing.
    """

    path: ItemPath
    item: "Item"
    offset_minutes: int
    reading: Reading
    mark: Mark
    visible: bool
    editable: bool
    asks_reason: bool
    author: str = ""
    at: datetime | None = None
    typed: str = ""
    waits_for_reason: bool = False
    problem: Text | None = None
    findings: "tuple[Finding, ...]" = ()
    heads: tuple[TrailLine, ...] = ()
    changes: int = 0
    may_answer: bool = False
    may_sign: bool = False
    suggested: str = ""
    why_suggested: Text | None = None
    offer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierValue:
    """What an item said at an earlier assessment.

    Attributes:
        key: The form where it stands.
        at: When that was; None while only the day is known, or nothing.
        day: The same as it was given, on the wall clock of the study's sites; "" without a date.
        where: The visit and the occasion, in a few letters.
    """

    key: FormKey
    reading: Reading
    shown: Text
    at: datetime | None
    day: str
    where: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoLine:
    """What an undo puts back, or has put back.

    Attributes:
        item: The name of the item; of several that were entered at once, of the first.
        was, back: What was entered last, and what stood before; "" for nothing.
        count: How many items were entered at once.
    """

    path: ItemPath
    item: Text
    was: Text
    back: Text
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """The items of one row ("" outside repeating groups). A struck row shows its reason and is not editable."""

    row: str
    items: tuple[ItemView, ...]
    struck_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """A section of a form.

    Attributes:
        ranges: Of a grid, the reference ranges that its values are judged by, by name and unit.
        kept_ranges: The same without those that a report prints of its own.
    """

    group: "ItemGroup"
    rows: tuple[RowView, ...]
    ranges: "Mapping[str, Ranges]" = field(default_factory=dict)
    kept_ranges: "Mapping[str, Ranges]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanLine:
    """A recorded value that the form in force has no item for.

    Attributes:
        asked: The question as it was asked then.
        version: The label of the study's version that asked it; "" where this release does not know it.
    """

    path: ItemPath
    asked: Text
    shown: Text
    author: str
    at: datetime
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form instance, ready to show.

    Attributes:
        day: The form's own date, where it stands outside the scheduled visits; "" without one.
        orphans: What was recorded under another version of the form and is not asked any more.
        design: Set where another version of the study than the one in force asks here: that version.
        note: Why the form can only be read, where its version or the person's rights are the reason.
        refusals: Why the signed-in person may not do something to this form today, by act of the study file; an
            act that is not there is allowed.
        undo: What an undo would put back; None where there is nothing.
    """

    key: FormKey
    form: "Form"
    number: str
    visit_label: Text
    occasion: Text | None
    groups: tuple[GroupView, ...]
    complete: bool
    editable: bool
    open_here: bool
    unanswered: tuple[ItemPath, ...]
    hard_findings: int
    soft_findings: int
    custody: Custody
    sealed_away: bool
    documents: tuple[DocumentRow, ...]
    day: str = ""
    orphans: tuple[OrphanLine, ...] = ()
    design: "StudyDesign | None" = None
    note: Text | None = None
    refusals: Mapping[str, Text] = field(default_factory=dict)
    whereis: Whereis = NOWHERE
    undo: UndoLine | None = None

    def item(self, path: ItemPath) -> ItemView:
        """Return one item. Raises KeyError."""
        for group in self.groups:
            for row in group.rows:
                for view in row.items:
                    if view.path == path:
                        return view
        raise KeyError(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperItem:
    """A page set that can be printed: a visit record or a consent document."""

    kind: str
    """`visit`, `consent`, `eligibility` or `timeline`."""
    key: FormKey | None
    visit: VisitKey | None
    label: Text
    why_not: Text | None = None
    """Why the signed-in person does not sign it."""

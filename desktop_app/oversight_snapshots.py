"""What windows show of data management: queries, what is verified, frozen, locked, signed and held.

Plain immutable rows, made by `session.oversight` on the store thread. No Qt, no disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from casebook.design import Text
from casebook.ids import CommitId, SubjectId
from casebook.records import FormKey, ItemPath
from casebook.supervision import Meaning, QueryAct, Scope
from desktop_app.snapshots import Custody

NO_TEXT = Text({"en": "", "zh": ""})


# -- queries --------------------------------------------------------------------------------------------


class QueryStanding(StrEnum):
    """How a query stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who is to act next."""

    SITE = "site"
    DATA = "data"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryWord:
    """One thing said or done in a query."""

    act: QueryAct
    author: str
    laptop: str
    at: datetime
    text: str


class Disputed(StrEnum):
    """What people disagree about as a whole, who had not seen each other."""

    ITEM = "item"
    SITTING = "sitting"
    ROW = "row"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideValue:
    """An item of one side. `differs`: another side says otherwise. `worked_out`: a total, which nobody entered."""

    label: Text
    value: Text
    differs: bool
    worked_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """What one of several people who did not see each other said.

    Attributes:
        ref: Names it when it is chosen.
        shown: It in words, short.
        values: Of a sitting and of a row, item by item in the form's order; totals last.
        is_shown: The form shows it until somebody chooses.
    """

    ref: str
    author: str
    laptop: str
    at: datetime
    reason: str
    shown: Text
    values: tuple[SideValue, ...] = ()
    is_shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLine:
    """A query as it stands.

    Attributes:
        id: Names it; of a conflict that nobody has acted on too.
        number: The subject's number, or the site's.
        where: Visit and form in words; "" where it is about the whole subject.
        what: The item, the form, the visit or the subject in words.
        value: The value as it stands now, in words; "" where there is none.
        raised_by: Who opened it; "" of a conflict, which the record opens itself.
        asked: What the record asks itself, of a form that stands under two numbers of one person.
        age_days: Whole days since it was opened or reopened.
        words: What was said, oldest first.
        disputed: Of a conflict: what it is about as a whole.
        sides: Of a conflict: what stands, or stood, against what, with who, when, why and on which laptop.
        settled: Of a conflict that was settled: by whom and how.
        mine: The signed-in person raised it.
        may_answer, may_close, may_reopen: What the signed-in person can do now.
        may_choose, may_ask: Of a conflict: to choose a side, to ask the site about it.
        why_not: Why that person can do nothing, if so.
    """

    id: str
    scope: Scope
    number: str
    where: Text
    what: Text
    value: Text
    standing: QueryStanding
    turn: Turn
    raised_by: str
    opened_at: datetime
    age_days: int
    words: tuple[QueryWord, ...]
    custody: Custody
    disputed: Disputed | None = None
    sides: tuple[SideView, ...] = ()
    settled: tuple[SideView, ...] = ()
    mine: bool = False
    may_answer: bool = False
    may_close: bool = False
    may_reopen: bool = False
    may_choose: bool = False
    may_ask: bool = False
    why_not: Text | None = None
    asked: Text | None = None

    @property
    def last(self) -> QueryWord | None:
        """What was said last."""
        return self.words[-1] if self.words else None

    @property
    def is_conflict(self) -> bool:
        """Whether entries that did not see each other disagree here."""
        return bool(self.sides) and not self.settled


# -- flags, signatures, what is held ----------------------------------------------------------------------


class FlagKind(StrEnum):
    """A flag of a form. They are independent of each other."""

    COMPLETE = "complete"
    PART_VERIFIED = "part_verified"
    VERIFIED = "verified"
    FROZEN = "frozen"
    SIGNED = "signed"
    CHANGED_SINCE_SIGNED = "changed_since_signed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMark:
    """A flag as it stands. `told`: who set it, when and why; `conflict`: it was set and cleared at once."""

    kind: FlagKind
    told: Text = NO_TEXT
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """A signature on a form.

    Attributes:
        meaning: authorship, review or approval, in words.
        time_label: Whether its time is verified, in words.
        stands: The form is as it was signed; else it was changed since.
        digest: SHA-256 of the content that was signed, hex.
    """

    name: str
    role: Text
    meaning: Text
    at: datetime
    time_label: Text
    stands: bool
    digest: str
    custody: Custody


class Ruling(StrEnum):
    """What became of an entry that is held; `TOLD`: it counts, and something was found of it."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """An entry that does not count until data management has ruled on it, or that is told and counts.

    Attributes:
        what: What it says, in words: items with their values.
        why: Why it is held, or what was found of it.
        ruled: Who ruled, when and why; "" while it waits.
    """

    commit: CommitId
    key: FormKey | None
    number: str
    where: Text
    what: Text
    author: str
    laptop: str
    at: datetime
    why: Text
    ruling: Ruling
    ruled: Text = NO_TEXT
    may_rule: bool = False
    why_not: Text | None = None


class VerifyState(StrEnum):
    """How an item that is to be verified stands."""

    OPEN = "open"
    VERIFIED = "verified"
    CHANGED = "changed"


class Act(StrEnum):
    """What can be done to a place from its menu."""

    QUERY = "query"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    LOCK = "lock"
    UNLOCK = "unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An act on a place. `why_not`: why the signed-in person cannot do it now; None where they can."""

    act: Act
    scope: Scope
    why_not: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOversight:
    """What stands beside the values of a form.

    Attributes:
        closed: Why nothing can be entered, where the form is frozen or locked.
        verified: The items that were verified against their source: unchanged since, or not.
        offers: What can be done to the form; `Act.QUERY` also holds for its items.
    """

    key: FormKey
    marks: tuple[FlagMark, ...] = ()
    closed: Text | None = None
    queries: tuple[QueryLine, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    held: tuple[HeldLine, ...] = ()
    verified: Mapping[ItemPath, VerifyState] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()

    @property
    def may_query(self) -> bool:
        """Whether the signed-in person may raise a query here."""
        return any(one.act is Act.QUERY and one.why_not is None for one in self.offers)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStanding:
    """The flags of a form and how many of its queries are not closed, for a cell of the casebook."""

    marks: tuple[FlagMark, ...] = ()
    queries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectOversight:
    """What stands beside a casebook: each form's flags, and the subject's queries."""

    subject: SubjectId
    forms: Mapping[FormKey, FormStanding] = field(default_factory=dict)
    queries: tuple[QueryLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueriesView:
    """All queries that the signed-in person may see; `held`: how many entries wait for a ruling."""

    lines: tuple[QueryLine, ...]
    held: int = 0

    @property
    def conflicts(self) -> int:
        """How many conflicts stand."""
        return sum(1 for one in self.lines if one.is_conflict)

    @property
    def waiting(self) -> int:
        """How many are not closed."""
        return sum(1 for one in self.lines if one.standing is not QueryStanding.CLOSED)


# -- source data verification -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyLine:
    """A value that is to be compared with its source. `by`, `at`: who verified it, when; None before."""

    key: FormKey
    path: ItemPath
    number: str
    visit: Text
    form: Text
    item: Text
    value: Text
    state: VerifyState
    by: str = ""
    at: datetime | None = None
    queries: int = 0
    custody: Custody = Custody.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationView:
    """What is to be verified at the site, in order of subject and visit; `why_not`: why this person does not verify."""

    lines: tuple[VerifyLine, ...]
    why_not: Text | None = None

    @property
    def done(self) -> int:
        """How many values are verified and unchanged since."""
        return sum(1 for one in self.lines if one.state is VerifyState.VERIFIED)


# -- signing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What stands in the way of signing a form, and where it is settled."""

    what: Text
    key: FormKey
    path: ItemPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """A form that awaits a signature.

    Attributes:
        meanings: In which meanings this person has not signed it as it stands.
        changed: It was signed by this person and has changed since.
        digest: What would be signed: hex digest of its content now.
        obstacles: What stands in the way; a form with obstacles cannot be ticked.
        apart: Who saved it on laptops that did not see each other, and when; () once somebody looked it through.
    """

    key: FormKey
    number: str
    visit: Text
    form: Text
    meanings: tuple[Meaning, ...]
    changed: bool
    digest: str
    obstacles: tuple[Obstacle, ...] = ()
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningView:
    """What awaits the signature of the signed-in person, changed forms first.

    Attributes:
        meanings: What this person's role may say by a signature.
        statements: The sentence that is signed, by meaning.
        whole: The next signature asks for the user id as well as the passphrase.
        why_not: Why this person does not sign.
    """

    lines: tuple[SignLine, ...]
    meanings: tuple[Meaning, ...] = ()
    statements: Mapping[Meaning, Text] = field(default_factory=dict)
    whole: bool = True
    why_not: Text | None = None

"""The study design: visits, forms, item groups, items, code lists, roles; its rules are in `casebook.rule_kinds`.

A design is immutable and names itself by the hash of its canonical form. It is read from a study
folder by `casebook.study_files`; nothing here reads a disk.

Words follow ODM (StudyEvent = visit, FormDef, ItemGroupDef, ItemDef, CodeList).
Source: docs/study_files.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from casebook import texts
from casebook.bedside import Scorer
from casebook.drawings import Picture
from casebook.grids import GridLine
from casebook.rule_kinds import Rule
from casebook.timelines import Timeline

Text = texts.Text


class DataType(StrEnum):
    """What an item holds; see docs/record_format.md for the canonical text of each."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    QUANTITY = "quantity"
    """Comparator, number and unit as one value: `<0.01 mmol/L`."""
    DATE = "date"
    """ISO date; unknown parts are `--`: `1958-04---`, `1958------`."""
    DATETIME = "datetime"
    """To the minute with offset: `2026-03-01T14:30+08:00`; unknown time `2026-03-01T--:--+08:00`."""
    CODE = "code"
    CODES = "codes"
    """Several codes of one list, in the list's order, separated by one space."""
    INK = "ink"
    """Strokes of a pen as canonical JSON (docs/record_format.md, "Ink"); always identity."""


class Need(StrEnum):
    """Whether an item must be answered before its form is complete."""

    MANDATORY = "M"
    CONDITIONAL = "C"
    """Mandatory where `relevant_when` holds, else not shown."""
    OPTIONAL = "O"


class Severity(StrEnum):
    """H stands in the way of "form complete", S raises a query. Neither ever blocks saving."""

    HARD = "H"
    SOFT = "S"


class DeviationWhen(StrEnum):
    """When a check raises a protocol deviation: as it fires, or as it is confirmed true."""

    FIRES = "fires"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedDeviation:
    """The protocol deviation that a check raises: codes of the study's deviation form."""

    category: str
    severity: str
    when: DeviationWhen


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A declared edit check of one form. It fires when `fires_when` is true; unknown does not fire.

    Attributes:
        id: Stable id (`NIGHT1`), or the item's own (`I.X.WARMTH:hard`).
        item: The item beside which the finding is shown.
        confirmable: Whether "confirmed true" with a reason closes it.
        deviation: The protocol deviation that it raises, if any.
    """

    id: str
    severity: Severity
    item: str
    message: Text
    fires_when: Rule
    confirmable: bool = True
    deviation: RaisedDeviation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A derived item: a named pure function of `casebook.scores` over items, and columns of items."""

    function: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFactor:
    """A unit in which a quantity may be reported: standard = (entered + `offset`) * `factor` / `divide`.

    Factor and divisor stand apart so that 5/9 and 1/18.016 stay exact; `spelt`: how the unit is written elsewhere.
    """

    unit: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    divide: Decimal = Decimal(1)
    spelt: tuple[str, ...] = ()


# -- definitions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of a list, its short label and, for scales, what the grade means."""

    value: str
    label: Text
    meaning: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A code list."""

    oid: str
    codes: tuple[Code, ...]

    def label(self, value: str, language: str) -> str:
        """Return the label of `value`, or the bare code when the list does not hold it."""
        return next((code.label(language) for code in self.codes if code.value == value), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What an item is called elsewhere; `tag` is its evidence tag in the clinical content."""

    domain: str = ""
    variable: str = ""
    loinc: str = ""
    tag: str = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a form.

    Attributes:
        name: The database name, unique in its form (`WARMTH`); operations carry it.
        oid: `I.<form>.<name>`.
        label: The question as asked.
        hint: A sentence of help shown under `?`, if any.
        names: How laboratories call it, parted by semicolons; None where nothing finds it by name.
        units: Units in which the value may be given, the standard one first; () when it has none.
        decimals: How many decimals a derived value is shown with.
        hard: Limits outside which a value is implausible (kept, EC051), in the standard unit.
        soft: Reference limits, in the standard unit.
        relevant_when: The item is shown and asked only where this is true.
        missing_codes: Which missing-data codes it takes (`ND`, `UNK`, `NA`, `NAV`).
        derivation: Set for calculated items, which nobody types.
        identity: The value is compartment I.
        critical: Without an exported value while in conflict.
        visit_time: Its value is the visit's actual date and time.
        twice: It is typed a second time, blind, before it is kept.
        unique: No other subject of the site may have the same value.
        hold_seconds: How long a limb is held before this grade is given; None where nothing is timed.
        offer: What is offered for an empty item and taken by one act: one of `casebook.bedside.OFFERS`, or `=` and a
            code; "" for nothing. `offer_when`: the rule under which it is.
    """

    name: str
    oid: str
    label: Text
    data_type: DataType
    need: Need = Need.OPTIONAL
    hint: Text | None = None
    names: Text | None = None
    code_list: str | None = None
    units: tuple[UnitFactor, ...] = ()
    decimals: int | None = None
    max_length: int | None = None
    hard: tuple[Decimal | None, Decimal | None] = (None, None)
    soft: tuple[Decimal | None, Decimal | None] = (None, None)
    relevant_when: Rule | None = None
    missing_codes: tuple[str, ...] = ()
    derivation: Derivation | None = None
    identity: bool = False
    critical: bool = False
    visit_time: bool = False
    twice: bool = False
    unique: bool = False
    hold_seconds: int | None = None
    offer: str = ""
    offer_when: Rule | None = None
    annotation: Annotation = field(default_factory=Annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGroup:
    """A section of a form.

    Attributes:
        repeating: Rows may be added and struck through.
        sitting: Taken at one sitting (a scale, a blood-pressure reading): conflicts as a whole.
        style: How it is best shown: `list`, `scale` (grades as buttons), `grid` (rows as a table),
            `regions` (regions of an image, ticked).
        picture: The drawing of a section of style `regions`; None where its codes stand as cards alone.
        scorer: How a scale is scored item by item; None where it is filled in like any section.
        lines: Of a grid: which items stand beside which value; a line for each item that is not named here.
    """

    oid: str
    label: Text
    items: tuple[Item, ...]
    repeating: bool = False
    sitting: bool = False
    style: str = "list"
    picture: Picture | None = None
    scorer: Scorer | None = None
    lines: tuple[GridLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InkSigner:
    """One person who signs a consent in ink: the items for the name, the drawing and the time."""

    name: str
    ink: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentItems:
    """Which items of a consent form its document prints in a place of their own.

    Attributes:
        version: The version of the consent text first, then what else belongs to it.
        signers: Who signs in ink, in the order of the signatures.
    """

    version: tuple[str, ...]
    signers: tuple[InkSigner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A case report form. `version` is the hash of its canonical form (16 hex digits)."""

    oid: str
    label: Text
    groups: tuple[ItemGroup, ...]
    checks: tuple[Check, ...] = ()
    version: str = ""
    identity: bool = False
    consent: bool = False
    """The form records an informed consent: it has ink and prints the consent document."""
    document: ConsentItems | None = None
    """What the consent document prints apart; None where the form records no consent."""

    def group(self, oid: str) -> ItemGroup:
        """Return a group of the form. Raises KeyError."""
        for group in self.groups:
            if group.oid == oid:
                return group
        raise KeyError(oid)

    def find(self, name: str) -> tuple[ItemGroup, Item]:
        """Return an item and its group by the item's name. Raises KeyError."""
        for group in self.groups:
            for item in group.items:
                if item.name == name:
                    return group, item
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedForm:
    """A form at a visit. `need` x = mandatory, c = conditional, o = optional; `occasion` names a planned repeat.

    Where `when` is given, the form is not applicable as long as that is not true.
    """

    form: str
    need: str
    occasion: str = ""
    occasion_label: Text | None = None
    when: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a visit may take place, counted from randomisation.

    Either hours (`from_hours` exclusive if `open_start`, `to_hours` inclusive) or calendar days
    (both inclusive); all None for visits without a window. With `discharge_before`, a discharge before that
    calendar day moves the window to the day of discharge and the one before. `stay`: once the subject has
    left, such a visit of the stay is not applicable.
    """

    from_hours: Decimal | None = None
    to_hours: Decimal | None = None
    open_start: bool = False
    from_day: int | None = None
    to_day: int | None = None
    discharge_before: int | None = None
    stay: bool = False


class VisitKind(StrEnum):
    """What a visit is to the schedule."""

    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    """Any of its forms, any number of times; each is a visit of its own."""
    LOG = "log"
    """Logs that run through the whole study, one instance of each form."""
    EVENT = "event"
    """Forms of events, each added when it happens, with its own date."""
    SITE = "site"
    """Forms about the site itself, kept in the site's file and not in a subject's casebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit. `study_day` is the planned VISITDY (day 1 = randomisation)."""

    oid: str
    label: Text
    short: Text
    forms: tuple[PlannedForm, ...]
    window: Window = field(default_factory=Window)
    study_day: int | None = None
    kind: VisitKind = VisitKind.SCHEDULED

    @property
    def unscheduled(self) -> bool:
        """Whether any of its forms may be added at any time, each as a visit of its own."""
        return self.kind is VisitKind.UNSCHEDULED


RIGHTS = (
    "enter",
    "sign",
    "sign_off",
    "confirm",
    "delegate",
    "query",
    "answer",
    "verify",
    "freeze",
    "lock",
    "adjudicate",
    "administer",
    "unblind",
    "redact",
    "print",
    "export",
    "statistics",
)
"""What a role can be allowed. Reading what it sees needs no right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role: what it may do and see.

    Attributes:
        rights: Of RIGHTS.
        sees_identity: Names, contact details, ink, signed documents, where the laptop has the site's key.
        sees_unblinding: Whatever could tell the treatment; a blinded role has no key to it.
        enters: The forms that it may enter; empty for all that it sees.
        delegated: At a site it acts by delegation of the principal investigator.
        of_study: It belongs to the sponsor and is given sites; others belong to one site.
    """

    oid: str
    label: Text
    rights: frozenset[str]
    sees_identity: bool = True
    sees_unblinding: bool = True
    enters: frozenset[str] = frozenset()
    delegated: bool = False
    of_study: bool = False

    @property
    def sees(self) -> str:
        """The compartments that it sees, a letter each: `S`, `I`, `U`."""
        return f"S{'I' if self.sees_identity else ''}{'U' if self.sees_unblinding else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """What a blinded assessor may see of a subject: an allow-list; all else is kept from them.

    Attributes:
        forms: Whole forms (OIDs).
        items: Single items of other forms, as `F.X:ITEM`.
        assessed: Forms of the list that only a blinded role may enter.
    """

    forms: frozenset[str]
    items: frozenset[str] = frozenset()
    assessed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """The consent document of one version, paragraph by paragraph."""

    version: str
    title: Text
    paragraphs: tuple[Text, ...]
    statements: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When a criterion stops (`closes`) or begins to be met: `add_minutes` after the item's instant."""

    item: str
    add_minutes: int
    closes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A criterion of eligibility.

    Attributes:
        id: `I1` ... `E15`, as the protocol counts.
        code: IETESTCD, at most 8 characters (`IN01`, `EX08A`).
        inclusion: An inclusion criterion is met when `rule` is true; an exclusion criterion when it is false.
        facts: The items that decide it, for showing and jumping there.
        needs: Items without whose value it is unknown, unless `waived_when` is true.
    """

    id: str
    code: str
    label: Text
    inclusion: bool
    rule: Rule
    facts: tuple[str, ...]
    needs: tuple[str, ...] = ()
    waived_when: Rule | None = None
    expiries: tuple[Expiry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule:
    """A subject has the status `name` when `when` is true and no earlier rule of the list was."""

    name: str
    when: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedVisit:
    """The protocol deviation that a missed visit, or an unblinding, raises: codes of the deviation form."""

    category: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationForm:
    """The form that holds protocol deviations, and what the application fills in when it raises one itself.

    Attributes:
        form: The form's OID; an event form.
        source: Item for the id of the check, or `MISSED`.
        reference: Item for the place that raised it.
        category: Item for the coded category.
        severity: Item for minor or major.
        started: Item for when it happened.
        discovered: Item for when it was found.
        classified: Item with which a person classifies it.
        missed: What a missed visit raises; None where it raises nothing.
        unblinded: What an unblinding raises; None where the person chooses.
    """

    form: str
    source: str
    reference: str
    category: str
    severity: str
    started: str
    discovered: str
    classified: str
    missed: MissedVisit | None = None
    unblinded: MissedVisit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalForm:
    """Where a site records which versions of the study its ethics committee approved, and from which day on.

    Attributes:
        form: The form's OID; a form of the site's own file.
        version: Item for the version's label, as `StudyDesign.label` has it.
        approved: Item for the day of the approval.
        what: Item that tells approvals of the study definition from those of other documents; "" for none.
        design: The code of `what` that means the study definition.
    """

    form: str
    version: str
    approved: str
    what: str = ""
    design: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDesign:
    """A whole study definition. `version` is the hash of its canonical form (64 hex digits)."""

    oid: str
    code: str
    """Short ASCII name carried in every record (`SLEEP1`)."""
    name: Text
    protocol: str
    version: str
    label: str
    visits: tuple[Visit, ...]
    forms: Mapping[str, Form]
    code_lists: Mapping[str, CodeList]
    roles: tuple[Role, ...]
    reasons: tuple[Code, ...]
    """Common reasons for a change."""
    absences: tuple[Code, ...] = ()
    """Common reasons why a mandatory item has no value."""
    consents: tuple[ConsentText, ...] = ()
    blinding: Blinding | None = None
    """What a blinded assessor may see; None where nobody is blinded, and everything is open."""
    anchors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Items that the schedule and the subject's status rest on, as `F.X:DRAWN`: `randomised_at`,
    `consented_at` (any of them), `discharged_at`, `died_at`, `withdrawn_at`."""
    statuses: Mapping[str, Text] = field(default_factory=dict)
    """Labels of subject statuses; the first is that of a subject of whom no rule says another."""
    status_rules: tuple[StatusRule, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    """Eligibility, in the order of the protocol."""
    deviations: DeviationForm | None = None
    """Where protocol deviations that the application raises itself are kept; None where it raises none."""
    approvals: ApprovalForm | None = None
    """Where a site records approvals; without it a version that follows this one needs none."""
    same: tuple[tuple[str, ...], ...] = ()
    """Sets of items, as `F.X:BORN`: two subjects look like one person where all of a set agree."""
    timeline: Timeline | None = None
    """What the timeline of a casebook draws beside the visits; None for nothing."""
    languages: tuple[str, ...] = ("en", "zh")
    idle_minutes: int = 10
    """After how long without a key, a click or a touch a laptop locks itself."""
    utc_offset_minutes: int
    """The wall clock of the study's sites, minutes east of UTC, all year."""

    def visit(self, oid: str) -> Visit:
        """Return a visit. Raises KeyError."""
        for visit in self.visits:
            if visit.oid == oid:
                return visit
        raise KeyError(oid)

    def form(self, oid: str) -> Form:
        """Return a form. Raises KeyError."""
        return self.forms[oid]

    def role(self, oid: str) -> Role | None:
        """Return a role, or None."""
        return next((one for one in self.roles if one.oid == oid), None)

    def is_open(self, form: str) -> bool:
        """Tell whether a blinded assessor may see a form, by its OID."""
        return self.blinding is None or form in self.blinding.forms

    def is_open_item(self, form: str, item: str) -> bool:
        """Tell whether a blinded assessor may see an item of a form, by its name."""
        return self.is_open(form) or (self.blinding is not None and f"{form}:{item}" in self.blinding.items)

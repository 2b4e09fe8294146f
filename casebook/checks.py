"""What follows from a form's readings: what is asked, what is derived, what is found, what is still open.

The study definition declares it (`casebook.design`); this engine evaluates it and knows nothing of
what a study is about. Logic has three values: a rule whose inputs are empty, missing or open answers
None, and then neither fires nor shows an item. What stands outside the form (other forms, the visit, the clock) is
answered by an `Others`. Nothing here reads a clock, a disk or a screen.

Source: docs/study_files.md, sections "Rules" and "Checks"; clinical content, sections 0.0 and 7.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from casebook.design import (
    Check,
    DataType,
    Form,
    Item,
    ItemGroup,
    Need,
    Severity,
    Text,
)
from casebook.entry import display, missing_label, read_item
from casebook.records import EMPTY, ItemPath, MissingCode, Reading, Readings
from casebook.references import Pseudo, PseudoKind, Reference, literal, parse
from casebook.rule_kinds import (
    Named,
)
from casebook.rules import (
    ABSENT,
    NO_OTHERS,
    NOW,
    ClockQuestion,
    Given,
    Lookup,
    Others,
    Sight,
    arguments_of,
    evaluate,
    is_column,
    names_in,
    rules_within,
)
from casebook.scores import DERIVATIONS
from casebook.units import to_standard
from casebook.values import quantity_of

__all__ = [
    "ABSENT",
    "HARD_LIMIT",
    "NOW",
    "NO_OTHERS",
    "SOFT_LIMIT",
    "UNIT",
    "UNIT_RULE",
    "ClockQuestion",
    "Finding",
    "FormIndex",
    "Given",
    "Lookup",
    "Others",
    "Scope",
    "Sight",
    "derive",
    "display",
    "evaluate",
    "finding",
    "findings",
    "is_column",
    "missing_label",
    "names_in",
    "read_item",
    "relevant",
    "rules_within",
    "standard",
    "unanswered",
]

HARD_LIMIT, SOFT_LIMIT, UNIT = "EC051", "EC052", "EC053"
"""Checks that items with limits or units have undeclared; beyond a hard limit the soft one is not told too."""
UNIT_RULE = "unit_not_listed"
"""The named rule that this engine answers itself (EC053): the unit is outside the item's list."""
_ANSWERED_BUT_UNUSABLE = Reading(missing=MissingCode.NOT_AVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that fired.

    Attributes:
        check: The check's id (`NIGHT1`).
        path: The item beside which it is shown.
        message: The sentence, limits filled in, in each language.
        confirmable: Whether "confirmed true" with a reason closes it.
        confirmed: The reason with which it was confirmed, if it was.
    """

    check: str
    severity: Severity
    path: ItemPath
    message: Text
    confirmable: bool
    confirmed: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether nobody confirmed it yet."""
        return self.confirmed is None


# -- a form and its readings ---------------------------------------------------------------------------


def standard(item: Item, reading: Reading) -> Reading:
    """Return a quantity in its item's standard unit; any other reading as it is.

    A quantity in a unit outside the list counts as answered but has no value that could be compared.
    """
    if item.data_type is not DataType.QUANTITY or reading.value is None:
        return reading
    quantity = quantity_of(reading.value)
    converted = None if quantity is None else to_standard(quantity, item.units)
    return _ANSWERED_BUT_UNUSABLE if converted is None else Reading(value=str(converted))


class FormIndex:
    """A form's items by name, and its checks by the item beside which they stand."""

    def __init__(self, form: Form) -> None:
        """Read the form once."""
        self.items = {item.name: (group, item) for group in form.groups for item in group.items}
        self.checks: dict[str, list[Check]] = {}
        for check in form.checks:
            self.checks.setdefault(check.item, []).append(check)


def _every(_name: str) -> bool:
    return True


@dataclass(slots=True, kw_only=True)
class Scope:
    """One form instance as its rules see it. Items that are not asked count as empty.

    Attributes:
        readings: What was entered, rows that are struck left out.
        order: The rows of each group in the order in which they were added; without it, as the readings come.
        default: What an item is of which there is no reading: EMPTY, or ABSENT for cases.
        relevance: Whether items that are not asked count as empty; cases give no more than what is asked.
        index: The form, read once.
        asked: Where each question to the clock is noted with its answer, for who wants to ask again later.
    """

    form: Form
    readings: Readings
    others: Others = NO_OTHERS
    now: datetime | None = None
    offset_minutes: int = 0
    order: Mapping[str, Sequence[str]] | None = None
    default: Reading = EMPTY
    relevance: bool = True
    index: FormIndex | None = None
    asked: Callable[[ClockQuestion, str, bool | str | None], None] | None = None
    _known: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _rows: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the form, unless that was done."""
        self.index = self.index or FormIndex(self.form)

    @property
    def _index(self) -> FormIndex:
        return self.index or FormIndex(self.form)

    def rows(self, group: ItemGroup) -> tuple[str, ...]:
        """Return the rows of a group in which anything stands, in the order in which they came."""
        if not group.repeating:
            return ("",)
        if group.oid not in self._rows:
            filled = dict.fromkeys(path.row for path in self.readings if path.group == group.oid and path.row)
            known = self.order.get(group.oid, ()) if self.order is not None else ()
            self._rows[group.oid] = (
                *(row for row in known if row in filled),
                *(row for row in filled if row not in known),
            )
        return self._rows[group.oid]

    def places(self) -> Iterator[tuple[ItemGroup, Item, ItemPath]]:
        """Return every item of the form in each of its rows, in display order."""
        for group in self.form.groups:
            for row in self.rows(group):
                for item in group.items:
                    yield group, item, ItemPath(group=group.oid, item=item.name, row=row)

    def lookup(self, row: str = "", asker: str = "") -> "Sight":
        """Return how rules of `row` see what they name."""
        return _Place(self, row, asker)

    def operand(self, name: str, *, row: str, asker: str = "") -> Reading:
        """Return a reading as rules see it: asked, derived, in the standard unit. Raises KeyError for no item."""
        known = self._known.get((name, row))
        if known is not None:
            return known
        found = self._index.items.get(name)
        if found is None:
            return self._elsewhere(name, row, asker)
        group, item = found
        path = ItemPath(group=group.oid, item=name, row=row if group.repeating else "")
        reading = standard(item, self.reading(item, path))
        self._known[name, row] = reading
        return reading

    def _elsewhere(self, name: str, row: str, asker: str) -> Reading:
        if name == NOW:
            return Reading(value=self._present(asker))
        text = literal(name)
        if text is not None:
            return Reading(value=text)
        reading: Reading | None
        match parse(name):
            case Pseudo(kind=PseudoKind.REPORTED, item=item):
                return self._reported(item, row)
            case Reference(form=form, column=False) if form:
                reading = self.others.item(name, asker)
            case Pseudo() as pseudo:
                reading = self.others.pseudo(pseudo, row, asker)
            case _:
                raise KeyError(name)
        return self.default if reading is None else reading

    def _reported(self, name: str, row: str) -> Reading:
        """Return an item's reading in the unit in which it was entered; empty where it is not asked."""
        group, item = self._index.items[name]
        return self.reading(item, ItemPath(group=group.oid, item=name, row=row if group.repeating else ""))

    def _present(self, asker: str) -> str | None:
        question = ClockQuestion(None, None)
        answer = question.answer(self.now, self.offset_minutes)
        if self.asked is not None:
            self.asked(question, asker, answer)
        return answer if isinstance(answer, str) else None

    def clock(self, question: ClockQuestion, asker: str) -> bool | None:
        """Answer a comparison with the present."""
        answer = question.answer(self.now, self.offset_minutes)
        if self.asked is not None:
            self.asked(question, asker, answer)
        return answer if isinstance(answer, bool) else None

    def column(self, name: str, asker: str = "") -> Sequence[Reading]:
        """Return a column: of other forms, or of the rows of this one."""
        reference = parse(name)
        if not isinstance(reference, Reference) or not reference.column:
            raise KeyError(name)
        if reference.form:
            return self.others.column(name, asker)
        group, _ = self._index.items[reference.item]
        return [_Place(self, row, asker, guarded=True)(reference.item) for row in self.rows(group)]

    def instances(self, form: str, group: str, asker: str = "") -> "Sequence[Sight] | None":
        """Return where `exists` looks: rows of this form, or what the others answer."""
        if form:
            return self.others.places(form, group, asker)
        rows = self.rows(self.form.group(group)) if group else ("",)
        return [_Place(self, row, asker, guarded=True) for row in rows]

    def entered(self, name: str, row: str) -> Reading:
        """Return what was entered, whether it is asked or not; in the standard unit."""
        group, item = self._index.items[name]
        path = ItemPath(group=group.oid, item=name, row=row if group.repeating else "")
        return EMPTY if item.derivation is not None else standard(item, self.readings.get(path, self.default))

    def reading(self, item: Item, path: ItemPath) -> Reading:
        """Return what stands at `path`, empty where the item is not asked; derived items are worked out."""
        if not self.is_relevant(item, path.row):
            return EMPTY
        if item.derivation is None or (self.default is ABSENT and path in self.readings):
            return self.readings.get(path, self.default)
        arguments = arguments_of(item.derivation.items, self.lookup(path.row, item.name))
        value = DERIVATIONS[item.derivation.function].function(*arguments)
        silent = value is None and self.default is ABSENT and ABSENT in arguments[0]
        return ABSENT if silent else Reading(value=value)

    def is_relevant(self, item: Item, row: str) -> bool:
        """Tell whether an item is asked; not while that cannot be told."""
        if item.relevant_when is None or not self.relevance:
            return True
        return evaluate(item.relevant_when, self.lookup(row, item.name)) is True

    def derived(self, wanted: Callable[[str], bool] = _every) -> dict[ItemPath, Reading]:
        """Work out the derived items whose name is wanted."""
        return {
            path: self.reading(item, path)
            for _, item, path in self.places()
            if item.derivation is not None and wanted(item.name)
        }

    def unanswered(self, wanted: Callable[[str], bool] = _every) -> tuple[ItemPath, ...]:
        """Return the items that still need an answer, in display order: mandatory, asked, not derived, empty."""
        return tuple(
            path
            for _, item, path in self.places()
            if item.need is not Need.OPTIONAL
            and item.derivation is None
            and wanted(item.name)
            and self.readings.get(path, EMPTY).is_empty
            and self.is_relevant(item, path.row)
        )

    def fired(self, wanted: Callable[[str], bool] = _every) -> list[tuple[Check, ItemPath]]:
        """Return the checks that fire and whose name (`!NIGHT1`) is wanted, in display order of their items.

        Checks of items that are not asked do not fire; a soft limit is silent beyond the hard one.
        """
        found: list[tuple[Check, ItemPath]] = []
        checks = self._index.checks
        for _, item, path in self.places():
            mine = [check for check in checks.get(item.name, ()) if wanted(f"!{check.id}")]
            if not mine or not self.is_relevant(item, path.row):
                continue
            here = [check for check in mine if self._fires(check, item, path)]
            implausible = any(check.id == HARD_LIMIT for check in here)
            found += [(check, path) for check in here if not (implausible and check.id == SOFT_LIMIT)]
        return found

    def _fires(self, check: Check, item: Item, path: ItemPath) -> bool:
        rule = check.fires_when
        if isinstance(rule, Named) and rule.function == UNIT_RULE:
            return _unit_not_listed(item, self.readings.get(path, EMPTY))
        return evaluate(rule, self.lookup(path.row, f"!{check.id}")) is True

    def standing(self, path: ItemPath) -> Reading:
        """Return what is shown at `path`: entered or derived."""
        _, item = self._index.items[path.item]
        return self.readings.get(path, EMPTY) if item.derivation is None else self.reading(item, path)


@dataclass(frozen=True, slots=True)
class _Place(Sight):
    """A row of a form instance as a rule sees it; `guarded` where the rule stands in another row."""

    scope: Scope
    row: str
    asker: str
    guarded: bool = False

    def __call__(self, name: str, /) -> Reading:
        if self.guarded and self.scope.others.entangled(self.asker, name):
            return self.scope.entered(name, self.row)
        return self.scope.operand(name, row=self.row, asker=self.asker)

    def column(self, name: str, /) -> Sequence[Reading]:
        return self.scope.column(name, self.asker)

    def places(self, form: str, group: str, /) -> Sequence[Sight] | None:
        return self.scope.instances(form, group, self.asker)

    def clock(self, question: ClockQuestion, /) -> bool | None:
        return self.scope.clock(question, self.asker)


def relevant(form: Form, item: Item, readings: Readings, *, row: str = "", others: Others = NO_OTHERS) -> bool:
    """Tell whether `item` of `form` is shown and asked, given what stands in the form."""
    return Scope(form=form, readings=readings, others=others).is_relevant(item, row)


def derive(form: Form, readings: Readings, others: Others = NO_OTHERS) -> dict[ItemPath, Reading]:
    """Work out every derived item of a form, row by row.

    Returns:
        Unrounded values by place; the empty reading where a value cannot be computed.
    """
    return Scope(form=form, readings=readings, others=others).derived()


def unanswered(form: Form, readings: Readings, *, others: Others = NO_OTHERS) -> tuple[ItemPath, ...]:
    """Return the items that still need an answer, in display order: mandatory, asked, not derived, empty."""
    return Scope(form=form, readings=readings, others=others).unanswered()


# -- findings ------------------------------------------------------------------------------------------

_NO_CONFIRMATIONS: Mapping[tuple[str, ItemPath], str] = {}


def findings(
    form: Form,
    readings: Readings,
    *,
    others: Others = NO_OTHERS,
    confirmations: Mapping[tuple[str, ItemPath], str] = _NO_CONFIRMATIONS,
    now: datetime | None = None,
    offset_minutes: int = 0,
) -> tuple[Finding, ...]:
    """Evaluate every check of a form, row by row.

    Args:
        confirmations: The reason with which a finding was confirmed, by check id and place. Whether it
            still stands after a change is for the caller to know.
        now: The present, aware, for checks against the clock; without it they cannot be told.
        offset_minutes: The wall clock of the place, minutes east of UTC.

    Returns:
        What fired, in display order of the items. Checks of items that are not asked do not fire.
    """
    scope = Scope(form=form, readings=readings, others=others, now=now, offset_minutes=offset_minutes)
    return tuple(finding(check, path, confirmations.get((check.id, path))) for check, path in scope.fired())


def finding(check: Check, path: ItemPath, confirmed: str | None) -> Finding:
    """Return a fired check as a finding; a confirmation counts only where the check may be confirmed."""
    return Finding(
        check=check.id,
        severity=check.severity,
        path=path,
        message=check.message,
        confirmable=check.confirmable,
        confirmed=confirmed if check.confirmable else None,
    )


def _unit_not_listed(item: Item, reading: Reading) -> bool:
    quantity = None if reading.value is None else quantity_of(reading.value)
    return quantity is not None and to_standard(quantity, item.units) is None

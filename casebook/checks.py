"""What follows from a form's readings: what is asked, what is derived, what is found, what is still open.

The study definition declares it (`casebook.design`); this engine evaluates it and knows nothing of
stroke. Logic has three values: a rule whose inputs are empty, missing or open answers None, and then
neither fires nor shows an item. Nothing here reads a clock, a disk or a screen.

Source: docs/study_files.md, sections "Rules" and "Checks"; clinical content, sections 0.0 and 7.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from casebook.design import (
    AllOf,
    Answered,
    AnyOf,
    Check,
    Compare,
    DataType,
    Form,
    Item,
    ItemGroup,
    Named,
    Need,
    NoneOf,
    OneOf,
    Range,
    Rule,
    Severity,
    Text,
)
from casebook.entry import display, missing_label, read_item
from casebook.records import EMPTY, ItemPath, MissingCode, Reading, Readings
from casebook.schedule import HOSPITAL_OFFSET_MINUTES, site_zone
from casebook.scores import DERIVATIONS, RULES, both, either
from casebook.units import to_standard
from casebook.values import Interval, Kind, at_most, equal, exact, interval_of, less, quantity_of

__all__ = [
    "HARD_LIMIT",
    "NOW",
    "NO_OTHERS",
    "SOFT_LIMIT",
    "UNIT",
    "UNIT_RULE",
    "Finding",
    "Lookup",
    "Others",
    "derive",
    "display",
    "evaluate",
    "findings",
    "missing_label",
    "read_item",
    "relevant",
    "standard",
    "unanswered",
]

Lookup = Callable[[str], Reading]
"""Answers an item's name with its reading, quantities in their standard unit."""
Others = Callable[[str], Reading | None]
"""Answers an item of another form of the subject, as `F.TIME:LKWDTM` or `F.NIHSS/PRERAND:NIHSSTOT`."""

NOW = "@now"
"""The name by which a comparison refers to the present moment."""
HARD_LIMIT, SOFT_LIMIT, UNIT = "EC051", "EC052", "EC053"
"""Checks that items with limits or units have undeclared; beyond a hard limit the soft one is not told too."""
UNIT_RULE = "unit_not_listed"
"""The named rule that this engine answers itself (EC053): the unit is outside the item's list."""
_ANSWERED_BUT_UNUSABLE = Reading(missing=MissingCode.NOT_AVAILABLE)


def _nothing(_name: str) -> Reading | None:
    return None


NO_OTHERS: Others = _nothing
"""Answers for a form that stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that fired.

    Attributes:
        check: The check's id (`EC050`).
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


# -- rules ---------------------------------------------------------------------------------------------


def evaluate(rule: Rule, lookup: Lookup) -> bool | None:
    """Evaluate a rule over readings; None when it cannot be told."""
    match rule:
        case Answered():
            return not lookup(rule.item).is_empty
        case OneOf():
            value = lookup(rule.item).value
            return None if value is None else any(one in rule.values for one in (value, *value.split()))
        case Compare():
            return _compare(rule, lookup)
        case Range():
            return _outside(rule, lookup(rule.item))
        case AllOf():
            return both(*(evaluate(one, lookup) for one in rule.rules))
        case AnyOf():
            return either(*(evaluate(one, lookup) for one in rule.rules))
        case NoneOf():
            found = either(*(evaluate(one, lookup) for one in rule.rules))
            return None if found is None else not found
        case Named():
            return RULES[rule.function].function([lookup(name) for name in rule.items])


def _outside(rule: Range, reading: Reading) -> bool | None:
    number = None if reading.value is None else interval_of(reading.value)
    if number is None or number.kind is not Kind.NUMBER:
        return None
    below = False if rule.low is None else less(number, exact(rule.low))
    above = False if rule.high is None else less(exact(rule.high), number)
    return either(below, above)


def _compare(rule: Compare, lookup: Lookup) -> bool | None:
    left = lookup(rule.item).value
    right = rule.value if rule.other is None else lookup(rule.other).value
    if left is None or right is None or _units_differ(left, right):
        return None
    sides = interval_of(left), interval_of(right)
    if sides[0] is None or sides[1] is None:
        return _compare_text(rule.op, left, right)
    later = _later(sides[1], rule.add_minutes)
    if later is None or (rule.add_minutes and not sides[0].is_exact):
        return None  # with an unknown time the length of an interval is unknown
    return _ordered(rule.op, sides[0], later)


def _units_differ(left: str, right: str) -> bool:
    first, second = quantity_of(left), quantity_of(right)
    return first is not None and second is not None and bool(first.unit and second.unit) and first.unit != second.unit


_MINUTES_A_DAY = 24 * 60


def _later(right: Interval, minutes: int) -> Interval | None:
    """Return the right side with `minutes` added; None where that cannot be told."""
    if not minutes:
        return right
    if right.kind is Kind.INSTANT:
        return right.moved(minutes) if right.is_exact else None
    if right.kind is Kind.DAY and minutes % _MINUTES_A_DAY == 0:
        return right.moved(minutes // _MINUTES_A_DAY)
    return None


def _ordered(op: str, left: Interval, right: Interval) -> bool | None:
    orders: Mapping[str, Callable[[], bool | None]] = {
        "lt": partial(less, left, right),
        "le": partial(at_most, left, right),
        "gt": partial(less, right, left),
        "ge": partial(at_most, right, left),
        "eq": partial(equal, left, right),
        "ne": partial(equal, left, right),
    }
    answer = orders[op]()
    return (None if answer is None else not answer) if op == "ne" else answer


def _compare_text(op: str, left: str, right: str) -> bool | None:
    if op not in {"eq", "ne"}:
        return None
    return (left.casefold() == right.casefold()) == (op == "eq")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """One form instance as its rules see it. Items that are not asked count as empty."""

    form: Form
    readings: Readings
    others: Others
    now: datetime | None = None
    offset_minutes: int = HOSPITAL_OFFSET_MINUTES
    known: dict[tuple[str, str], Reading] = field(default_factory=dict)

    def rows(self, group: ItemGroup) -> tuple[str, ...]:
        """Return the rows of a group in which anything stands, in the order in which they came."""
        if not group.repeating:
            return ("",)
        return tuple(dict.fromkeys(path.row for path in self.readings if path.group == group.oid and path.row))

    def places(self) -> Iterator[tuple[ItemGroup, Item, ItemPath]]:
        """Return every item of the form in each of its rows, in display order."""
        for group in self.form.groups:
            for row in self.rows(group):
                for item in group.items:
                    yield group, item, ItemPath(group=group.oid, item=item.name, row=row)

    def lookup(self, row: str) -> Lookup:
        """Return how rules of `row` see items by name."""
        return partial(self.operand, row=row)

    def operand(self, name: str, *, row: str) -> Reading:
        """Return an item's reading as rules see it: asked, derived, in the standard unit."""
        if name == NOW:
            return self._present()
        if ":" in name:
            return self.others(name) or EMPTY
        if (name, row) not in self.known:
            group, item = self.form.find(name)
            path = ItemPath(group=group.oid, item=name, row=row if group.repeating else "")
            self.known[name, row] = standard(item, self.reading(item, path))
        return self.known[name, row]

    def _present(self) -> Reading:
        if self.now is None:
            return EMPTY
        local = self.now.astimezone(site_zone(self.offset_minutes))
        return Reading(value=local.replace(second=0, microsecond=0).isoformat(timespec="minutes"))

    def reading(self, item: Item, path: ItemPath) -> Reading:
        """Return what stands at `path`, empty where the item is not asked; derived items are worked out."""
        if not self.is_relevant(item, path.row):
            return EMPTY
        if item.derivation is None:
            return self.readings.get(path, EMPTY)
        lookup = self.lookup(path.row)
        function = DERIVATIONS[item.derivation.function].function
        return Reading(value=function([lookup(name) for name in item.derivation.items]))

    def is_relevant(self, item: Item, row: str) -> bool:
        """Tell whether an item is asked; not while that cannot be told."""
        return item.relevant_when is None or evaluate(item.relevant_when, self.lookup(row)) is True


def relevant(form: Form, item: Item, readings: Readings, *, row: str = "", others: Others = NO_OTHERS) -> bool:
    """Tell whether `item` of `form` is shown and asked, given what stands in the form."""
    return _Scope(form=form, readings=readings, others=others).is_relevant(item, row)


def derive(form: Form, readings: Readings, others: Others = NO_OTHERS) -> dict[ItemPath, Reading]:
    """Work out every derived item of a form, row by row.

    Returns:
        Unrounded values by place; the empty reading where a value cannot be computed.
    """
    scope = _Scope(form=form, readings=readings, others=others)
    return {path: scope.reading(item, path) for _, item, path in scope.places() if item.derivation is not None}


def unanswered(form: Form, readings: Readings, *, others: Others = NO_OTHERS) -> tuple[ItemPath, ...]:
    """Return the items that still need an answer, in display order: mandatory, asked, not derived, empty."""
    scope = _Scope(form=form, readings=readings, others=others)
    return tuple(
        path
        for _, item, path in scope.places()
        if item.need is not Need.OPTIONAL
        and item.derivation is None
        and readings.get(path, EMPTY).is_empty
        and scope.is_relevant(item, path.row)
    )


# -- findings ------------------------------------------------------------------------------------------

_NO_CONFIRMATIONS: Mapping[tuple[str, ItemPath], str] = {}


def findings(
    form: Form,
    readings: Readings,
    *,
    others: Others = NO_OTHERS,
    confirmations: Mapping[tuple[str, ItemPath], str] = _NO_CONFIRMATIONS,
    now: datetime | None = None,
    offset_minutes: int = HOSPITAL_OFFSET_MINUTES,
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
    scope = _Scope(form=form, readings=readings, others=others, now=now, offset_minutes=offset_minutes)
    by_item: dict[str, list[Check]] = {}
    for check in form.checks:
        by_item.setdefault(check.item, []).append(check)
    found = [
        Finding(
            check=check.id,
            severity=check.severity,
            path=path,
            message=check.message,
            confirmable=check.confirmable,
            confirmed=confirmations.get((check.id, path)) if check.confirmable else None,
        )
        for _, item, path in scope.places()
        for check in by_item.get(item.name, ())
        if scope.is_relevant(item, path.row) and _fires(check, item, path, scope)
    ]
    implausible = {one.path for one in found if one.check == HARD_LIMIT}
    return tuple(one for one in found if one.check != SOFT_LIMIT or one.path not in implausible)


def _fires(check: Check, item: Item, path: ItemPath, scope: _Scope) -> bool:
    rule = check.fires_when
    if isinstance(rule, Named) and rule.function == UNIT_RULE:
        return _unit_not_listed(item, scope.readings.get(path, EMPTY))
    return evaluate(rule, scope.lookup(path.row)) is True


def _unit_not_listed(item: Item, reading: Reading) -> bool:
    quantity = None if reading.value is None else quantity_of(reading.value)
    return quantity is not None and to_standard(quantity, item.units) is None


def rules_within(rule: Rule) -> Iterator[Rule]:
    """Return a rule and every rule inside it."""
    yield rule
    inner: Sequence[Rule] = rule.rules if isinstance(rule, AllOf | AnyOf | NoneOf) else ()
    for one in inner:
        yield from rules_within(one)


def names_in(rule: Rule) -> tuple[str, ...]:
    """Return the names of the items that a rule looks at, `@now` left out."""
    names: list[str] = []
    for one in rules_within(rule):
        match one:
            case Answered() | OneOf() | Range():
                names.append(one.item)
            case Compare():
                names.extend(name for name in (one.item, one.other) if name is not None)
            case Named():
                names.extend(one.items)
            case _:
                pass
    return tuple(name for name in dict.fromkeys(names) if name != NOW)

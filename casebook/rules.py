"""Rules over readings: how a rule sees what it names, and what it answers.

Logic has three values: a rule whose inputs are empty, missing or open answers None. What stands outside a
form (other forms, the visit, the clock) is answered by an `Others`. Nothing here reads a clock or a disk.

Source: docs/study_files.md, section "Rules"; clinical content, section 0.3 (three-valued logic).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from casebook.records import FormKey, Reading
from casebook.references import Pseudo, Reference, parse
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    OneOf,
    Range,
    Rule,
)
from casebook.schedule import site_zone
from casebook.scores import RULES, both, either
from casebook.values import Interval, Kind, at_most, equal, exact, interval_of, less, quantity_of

Lookup = Callable[[str], Reading]
"""Answers an item's name with its reading, quantities in their standard unit. See also `Sight`."""

NOW = "@now"
"""The name by which a comparison refers to the present moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Absent(Reading):
    """No reading at all: not even a field that was left empty."""


ABSENT: Reading = _Absent()
"""What was never asked, in cases that give some facts and are silent on the others: nothing follows from it."""


# -- how a rule sees -----------------------------------------------------------------------------------


class ClockQuestion(NamedTuple):
    """A comparison with the present: the rule and the text on its other side. Without a rule: the time itself."""

    rule: Compare | None
    value: str | None

    def answer(self, now: datetime | None, offset_minutes: int) -> bool | str | None:
        """Answer it for a moment; None when it cannot be told."""
        present = None if now is None else _wall(now, offset_minutes)
        if self.rule is None or present is None:
            return present
        left, right = (present, self.value) if self.rule.item == NOW else (self.value, present)
        return _compare_texts(self.rule, left, right)


def _wall(now: datetime, offset_minutes: int) -> str:
    local = now.astimezone(site_zone(offset_minutes))
    return local.replace(second=0, microsecond=0).isoformat(timespec="minutes")


class Sight(ABC):
    """How a rule sees the items that it names, from the place where it stands."""

    @abstractmethod
    def __call__(self, name: str, /) -> Reading:
        """Return the reading of a single item or pseudo item."""

    def column(self, _name: str, /) -> Sequence[Reading]:
        """Return the readings of a column."""
        return ()

    def places(self, _form: str, _group: str, /) -> "Sequence[Sight] | None":
        """Return the instances of a form, or rows of its group, over which `exists` looks; None if untold."""
        return None

    def clock(self, question: ClockQuestion, /) -> bool | None:
        """Answer a comparison with the present."""
        del question
        return None


@dataclass(frozen=True, slots=True)
class _Inside(Sight):
    """Inside `exists`: names are items of that place, `^NAME` is an item of where the rule stands."""

    there: Sight
    outer: Sight

    def __call__(self, name: str, /) -> Reading:
        return self.outer(name[1:]) if name.startswith("^") else self.there(name)

    def column(self, name: str, /) -> Sequence[Reading]:
        return self.outer.column(name[1:]) if name.startswith("^") else self.there.column(name)

    def places(self, form: str, group: str, /) -> Sequence[Sight] | None:
        return self.there.places(form, group)

    def clock(self, question: ClockQuestion, /) -> bool | None:
        return self.outer.clock(question)


class Others(Protocol):
    """Answers what a form instance names outside itself.

    `asker` is the item that is being worked out, or `!` and the id of the check; see `casebook.dependencies`.
    """

    def item(self, name: str, asker: str, /) -> Reading | None:
        """Return an item of another form, as `F.X:WHEN`; None where there is none."""
        ...

    def column(self, name: str, asker: str, /) -> Sequence[Reading]:
        """Return every reading of an item of other forms, as `F.X[]:WHAT`."""
        ...

    def places(self, form: str, group: str, asker: str, /) -> Sequence[Sight] | None:
        """Return the instances of a form, or the rows of its group."""
        ...

    def pseudo(self, pseudo: Pseudo, row: str, asker: str, /) -> Reading | None:
        """Return what the engine itself knows: the visit, its date, counts of findings."""
        ...

    def entangled(self, asker: str, name: str, /) -> bool:
        """Tell whether an item of this form is itself worked out from the asker: then it shows what was entered."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """Others as a table: what names stand for, as they are written in rules. Empty for a form that stands alone."""

    items: Mapping[str, Reading] = field(default_factory=dict)
    columns: Mapping[str, Sequence[Reading]] = field(default_factory=dict)

    def item(self, name: str, _asker: str, /) -> Reading | None:
        """Return what the name stands for."""
        return self.items.get(name)

    def column(self, name: str, _asker: str, /) -> Sequence[Reading]:
        """Return what the column stands for."""
        return self.columns.get(name, ())

    def places(self, _form: str, _group: str, _asker: str, /) -> Sequence[Sight] | None:
        """Return None: a table has no instances."""
        return None

    def pseudo(self, pseudo: Pseudo, _row: str, _asker: str, /) -> Reading | None:
        """Return what the pseudo item stands for, by its name as written."""
        return self.items.get(pseudo_name(pseudo))

    def entangled(self, _asker: str, _name: str, /) -> bool:
        """Return False: a table is worked out from nothing."""
        return False


NO_OTHERS: Others = Given()
"""Answers for a form that stands alone."""
Around = Callable[[FormKey], Others]
"""Returns what stands around a form instance."""


def nothing_around(_key: FormKey) -> Others:
    """Return the answers for a form that stands alone."""
    return NO_OTHERS


def pseudo_name(pseudo: Pseudo) -> str:
    """Return a pseudo item as it is written, `@begun:F.X@SE.V1`."""
    place = f"{pseudo.form}{f'@{pseudo.visit}' if pseudo.visit else ''}"
    place += f"/{pseudo.occasion}" if pseudo.occasion else ""
    about = pseudo.item or place
    return f"@{pseudo.kind}{f':{about}' if about else ''}"


# -- rules ---------------------------------------------------------------------------------------------


def evaluate(rule: Rule, lookup: Lookup) -> bool | None:
    """Evaluate a rule over readings; None when it cannot be told.

    Args:
        lookup: A `Sight`; a bare function sees single items only, no columns, instances or clock.
    """
    match rule:
        case Answered():
            reading = lookup(rule.item)
            return None if reading is ABSENT else not reading.is_empty
        case OneOf():
            value = lookup(rule.item).value
            return None if value is None else any(one in rule.values for one in (value, *value.split()))
        case Compare():
            return _compare(rule, lookup)
        case Range():
            return _outside(rule, lookup(rule.item))
        case AllOf():
            return _all(rule.rules, lookup)
        case AnyOf():
            return _any(rule.rules, lookup)
        case NoneOf():
            found = _any(rule.rules, lookup)
            return None if found is None else not found
        case Named():
            return RULES[rule.function].function(*arguments_of(rule.items, lookup))
        case Exists():
            return _exists(rule, lookup)


def _all(rules: Sequence[Rule], lookup: Lookup) -> bool | None:
    answer: bool | None = True
    for one in rules:
        answer = both(answer, evaluate(one, lookup))
        if answer is False:
            break
    return answer


def _any(rules: Sequence[Rule], lookup: Lookup) -> bool | None:
    answer: bool | None = False
    for one in rules:
        answer = either(answer, evaluate(one, lookup))
        if answer is True:
            break
    return answer


def _exists(rule: Exists, lookup: Lookup) -> bool | None:
    places = lookup.places(rule.form, rule.group) if isinstance(lookup, Sight) else None
    if places is None or not isinstance(lookup, Sight):
        return None
    answer: bool | None = False
    for place in places:
        answer = either(answer, evaluate(rule.where, _Inside(place, lookup)))
        if answer is True:
            break
    return answer


def arguments_of(names: Sequence[str], lookup: Lookup) -> tuple[list[Reading], list[Sequence[Reading]]]:
    """Return what a named function is called with: single items, and columns."""
    singles = [lookup(name) for name in names if not is_column(name)]
    columns = [lookup.column(name) if isinstance(lookup, Sight) else () for name in names if is_column(name)]
    return singles, columns


def is_column(name: str) -> bool:
    """Tell whether a name stands for every place of an item (`F.X[]:WHAT`, `NUMBER[]`)."""
    return "[]" in name


def _outside(rule: Range, reading: Reading) -> bool | None:
    number = None if reading.value is None else interval_of(reading.value)
    if number is None or number.kind is not Kind.NUMBER:
        return None
    below = False if rule.low is None else less(number, exact(rule.low))
    above = False if rule.high is None else less(exact(rule.high), number)
    return either(below, above)


def _compare(rule: Compare, lookup: Lookup) -> bool | None:
    if NOW in (rule.item, rule.other) and isinstance(lookup, Sight):
        beside = rule.other if rule.item == NOW else rule.item
        return lookup.clock(ClockQuestion(rule, rule.value if beside is None else lookup(beside).value))
    return _compare_texts(rule, lookup(rule.item).value, rule.value if rule.other is None else lookup(rule.other).value)


def _compare_texts(rule: Compare, left: str | None, right: str | None) -> bool | None:
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


# -- what a rule looks at ------------------------------------------------------------------------------


def rules_within(rule: Rule) -> Iterator[Rule]:
    """Return a rule and every rule inside it that stands at the same place (not what `exists` holds)."""
    yield rule
    inner: Sequence[Rule] = rule.rules if isinstance(rule, AllOf | AnyOf | NoneOf) else ()
    for one in inner:
        yield from rules_within(one)


def looks_at_clock(rule: Rule) -> bool:
    """Tell whether a rule compares something with the present moment."""
    return any(isinstance(one, Compare) and NOW in (one.item, one.other) for one in rules_within(rule))


def names_in(rule: Rule) -> tuple[str, ...]:
    """Return the names of what a rule looks at, as seen from where it stands; `@now` left out.

    What `exists` looks at is named as a column: `F.X[]:WHAT`, or `NUMBER[]` for rows of the same form.
    """
    names: list[str] = []
    for one in rules_within(rule):
        match one:
            case Answered() | OneOf() | Range():
                names.append(one.item)
            case Compare():
                names.extend(name for name in (one.item, one.other) if name is not None)
            case Named():
                names.extend(one.items)
            case Exists():
                names.extend(_from_outside(name, one) for name in names_in(one.where))
            case _:
                pass
    return tuple(name for name in dict.fromkeys(names) if name != NOW)


def _from_outside(name: str, rule: Exists) -> str:
    if name.startswith("^"):
        return name[1:]
    reference = parse(name)
    if not isinstance(reference, Reference) or reference.form:
        return name
    return f"{rule.form}[]:{reference.item}" if rule.form else f"{reference.item}[]"

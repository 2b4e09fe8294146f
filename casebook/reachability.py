"""Whether a rule can ever be true, by the code lists, constants and conditions of the items that it names.

A rule is brought into alternatives of simple demands on single items; an alternative falls when its demands
contradict each other, a code list, or the condition under which an item is asked at all. What cannot be
judged (functions, comparisons of two items) counts as possible, so nothing is called unreachable that is not.

Source: docs/study_files.md, section "What `casebook study check` finds".
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from casebook.design import (
    DataType,
    Form,
    Item,
    StudyDesign,
)
from casebook.references import Pseudo, PseudoKind, Reference, parse
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
from casebook.schedule import VisitStatus
from casebook.values import number_of

_MOST = 512
"""Alternatives beyond which a rule counts as possible without being taken apart."""
_YES_NO = frozenset({"Y", "N"})
_OPPOSITE = {"lt": "ge", "le": "gt", "eq": "ne", "ne": "eq", "ge": "lt", "gt": "le"}
_SELF_FALSE = frozenset({"lt", "gt", "ne"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one simple rule asks of one item.

    Attributes:
        answered: Whether it must have an answer, or must have none; None where a value is asked for.
        among: Values of which it must be one; None for any.
        excluded: Values that it must not be.
        op: A comparison with `number`.
        never: The rule is false whatever stands there.
        rule: The rule as it is written, for `exists`.
    """

    name: str = ""
    answered: bool | None = None
    among: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    op: str = ""
    number: Decimal | None = None
    never: bool = False
    rule: Exists | None = None


Alternative = tuple[Demand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """Judges the rules of a study.

    Attributes:
        unreachable: Items of which it is known already that they are never asked, as form and name.
    """

    design: StudyDesign
    unreachable: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def can_hold(self, rule: Rule, form: Form | None, asked: Item | None = None) -> bool:
        """Tell whether a rule can be true in `form`, for a check while its item is asked."""
        rules: tuple[Rule, ...] = (rule,)
        if asked is not None and asked.relevant_when is not None:
            rules = (rule, asked.relevant_when)
        found = _alternatives(AllOf(rules=rules))
        return found is None or any(self._holds(one, form, frozenset()) for one in found)

    def never_asked(self) -> "Reachability":
        """Return this judge with every item that can never be asked."""
        judge = self
        while True:
            found = {
                (form.oid, item.name)
                for form in self.design.forms.values()
                for group in form.groups
                for item in group.items
                if item.relevant_when is not None and not judge.can_hold(item.relevant_when, form)
            }
            if found == judge.unreachable:
                return judge
            judge = replace(judge, unreachable=frozenset(found))

    # -- one alternative --------------------------------------------------------------------------------

    def _holds(self, demands: Alternative, form: Form | None, seen: frozenset[str]) -> bool:
        by_name: dict[str, list[Demand]] = {}
        for one in demands:
            if one.never or (one.rule is not None and not self._has_place(one.rule, form)):
                return False
            if one.name:
                by_name.setdefault(one.name, []).append(one)
        if any(self._contradict(name, of_item, form) for name, of_item in by_name.items()):
            return False
        return self._asked(demands, by_name, form, seen)

    def _asked(
        self, demands: Alternative, by_name: dict[str, list[Demand]], form: Form | None, seen: frozenset[str]
    ) -> bool:
        """Tell whether every item that must have an answer can be asked at the same time."""
        for name, of_item in by_name.items():
            parts = parse(name)
            needed = any(one.answered is not False for one in of_item)
            if name in seen or not needed or not isinstance(parts, Reference) or parts.form or parts.outer:
                continue
            item = self._item(name, form)
            further = None if item is None or item.relevant_when is None else _alternatives(item.relevant_when)
            if further is not None:
                known = seen | {name}
                return any(self._holds((*demands, *one), form, known) for one in further)
        return True

    def _has_place(self, rule: Exists, form: Form | None) -> bool:
        return self.can_hold(rule.where, self.design.forms.get(rule.form) if rule.form else form)

    def _contradict(self, name: str, demands: Sequence[Demand], form: Form | None) -> bool:
        if not any(one.answered is not False for one in demands):
            return False
        if any(one.answered is False for one in demands) or self._is_dead(name, form):
            return True
        item = self._item(name, form)
        if item is not None and item.data_type is DataType.CODES:
            return any(not one.among for one in demands if one.among is not None)
        allowed = self._domain(name, form)
        for one in demands:
            if one.among is not None:
                allowed = one.among if allowed is None else allowed & one.among
        if allowed is not None:
            left = allowed - frozenset(value for one in demands for value in one.excluded)
            return not any(_fits(value, demands) for value in left)
        return _numbers_contradict(demands)

    def _is_dead(self, name: str, form: Form | None) -> bool:
        parts = parse(name)
        home = "" if not isinstance(parts, Reference) or parts.outer else parts.form or (form.oid if form else "")
        return isinstance(parts, Reference) and (home, parts.item) in self.unreachable

    # -- what an item may be ----------------------------------------------------------------------------

    def _item(self, name: str, form: Form | None) -> Item | None:
        parts = parse(name)
        if not isinstance(parts, Reference) or parts.outer:
            return None
        home = self.design.forms.get(parts.form) if parts.form else form
        try:
            return None if home is None else home.find(parts.item)[1]
        except KeyError:
            return None

    def _domain(self, name: str, form: Form | None) -> frozenset[str] | None:
        """Return the values that a name can stand for; None where they are not a list."""
        item = self._item(name, form)
        if item is not None and item.code_list is not None:
            return frozenset(code.value for code in self.design.code_lists[item.code_list].codes)
        parts = parse(name)
        return None if not isinstance(parts, Pseudo) or parts.outer else self._pseudo_domain(parts, form)

    def _pseudo_domain(self, parts: Pseudo, form: Form | None) -> frozenset[str] | None:
        planned = [
            (visit.oid, one.occasion)
            for visit in self.design.visits
            for one in visit.forms
            if form is None or one.form == form.oid
        ]
        match parts.kind:
            case PseudoKind.VISIT:
                return frozenset(visit for visit, _ in planned)
            case PseudoKind.OCCASION:
                return frozenset(occasion for _, occasion in planned)
            case PseudoKind.VISIT_STATUS:
                return frozenset(VisitStatus)
            case PseudoKind.CHANGED | PseudoKind.DUPLICATE | PseudoKind.BEGUN:
                return _YES_NO
            case PseudoKind.ELIGIBLE:
                return _YES_NO | {"U"}
            case PseudoKind.CRITERION:
                return frozenset({"MET", "NOT_MET", "UNKNOWN"})
            case _:
                return None


def _fits(value: str, demands: Iterable[Demand]) -> bool:
    """Tell whether one value fulfils every comparison with a number."""
    number = number_of(value)
    return all(one.number is None or (number is not None and _compares(number, one)) for one in demands)


def _compares(number: Decimal, demand: Demand) -> bool:
    other = demand.number
    if other is None:
        return True
    answers = {
        "lt": number < other,
        "le": number <= other,
        "eq": number == other,
        "ne": number != other,
        "ge": number >= other,
        "gt": number > other,
    }
    return answers[demand.op]


def _numbers_contradict(demands: Sequence[Demand]) -> bool:
    """Tell whether no number lies within every bound: the bounds and the middles between them are tried."""
    bounds = sorted({one.number for one in demands if one.number is not None})
    if not bounds:
        return False
    middles = [(low + high) / 2 for low, high in itertools.pairwise(bounds)]
    tried = [bounds[0] - 1, *bounds, *middles, bounds[-1] + 1]
    return not any(all(_compares(number, one) for one in demands if one.op) for number in tried)


# -- alternatives ---------------------------------------------------------------------------------------


def _alternatives(rule: Rule) -> tuple[Alternative, ...] | None:
    """Return the ways in which a rule can be true; None when they are too many to be told."""
    try:
        return tuple(_ways(rule, yes=True))
    except OverflowError:
        return None


def _ways(rule: Rule, *, yes: bool) -> list[Alternative]:
    match rule:
        case AllOf() | AnyOf() | NoneOf():
            inner_yes = yes != isinstance(rule, NoneOf)
            together = isinstance(rule, AllOf) == yes if not isinstance(rule, NoneOf) else yes
            parts = [_ways(one, yes=inner_yes) for one in rule.rules]
            return _product(parts) if together else _limited(way for part in parts for way in part)
        case Answered():
            return [(Demand(name=rule.item, answered=yes),)]
        case OneOf():
            values = frozenset(rule.values)
            return [(Demand(name=rule.item, among=values) if yes else Demand(name=rule.item, excluded=values),)]
        case Range():
            return _range_ways(rule, yes=yes)
        case Compare():
            return [_comparison(rule, yes=yes)]
        case Exists():
            return [(Demand(rule=rule) if yes else Demand(),)]
        case Named():
            return [(Demand(),)]


def _range_ways(rule: Range, *, yes: bool) -> list[Alternative]:
    below = [] if rule.low is None else [Demand(name=rule.item, op="lt" if yes else "ge", number=rule.low)]
    above = [] if rule.high is None else [Demand(name=rule.item, op="gt" if yes else "le", number=rule.high)]
    return [(one,) for one in (*below, *above)] if yes else [(*below, *above)]


def _comparison(rule: Compare, *, yes: bool) -> Alternative:
    op = rule.op if yes else _OPPOSITE[rule.op]
    if rule.other is not None:
        never = rule.item == rule.other and not rule.add_minutes and op in _SELF_FALSE
        return (Demand(name=rule.item, never=never), Demand(name=rule.other))
    number = number_of(rule.value)
    if number is not None:
        return (Demand(name=rule.item, op=op, number=number),)
    if op == "eq":
        return (Demand(name=rule.item, among=frozenset({rule.value or ""})),)
    return (Demand(name=rule.item, excluded=frozenset({rule.value or ""}) if op == "ne" else frozenset()),)


def _product(parts: Sequence[list[Alternative]]) -> list[Alternative]:
    made: list[Alternative] = [()]
    for part in parts:
        made = _limited((*one, *other) for one in made for other in part)
    return made


def _limited(ways: Iterator[Alternative]) -> list[Alternative]:
    made: list[Alternative] = []
    for way in ways:
        made.append(way)
        if len(made) > _MOST:
            raise OverflowError
    return made

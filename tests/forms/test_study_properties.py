"""Laws of the shipped study, generated from the design itself: limits, constants, order of entry, severities."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.checks import ABSENT, HARD_LIMIT, evaluate, findings, standard
from casebook.design import (
    DataType,
    Form,
    Item,
    ItemGroup,
    StudyDesign,
    UnitFactor,
    VisitKind,
)
from casebook.ids import SubjectId
from casebook.instances import Instance
from casebook.locations import data_folder
from casebook.records import FormKey, ItemPath, MissingCode, Reading, VisitKey
from casebook.rule_kinds import (
    Compare,
    Exists,
    Range,
    Rule,
)
from casebook.rules import rules_within
from casebook.study_files import read_study
from casebook.subject import Memo, Subject
from casebook.units import from_standard
from casebook.values import interval_of


@cache
def shipped() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


def items_of(design: StudyDesign) -> Iterator[tuple[Form, ItemGroup, Item]]:
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                yield form, group, item


def rules_inside(rule: Rule) -> Iterator[Rule]:
    """Return every rule inside a rule, those within `exists` too."""
    for one in rules_within(rule):
        yield one
        if isinstance(one, Exists):
            yield from rules_inside(one.where)


@cache
def declared() -> tuple[tuple[str, Rule], ...]:
    """Return every rule of every check and criterion, with the name of where it stands."""
    design = shipped()
    checks = [(f"{form.oid} {check.id}", check.fires_when) for form in design.forms.values() for check in form.checks]
    criteria = [(one.id, rule) for one in design.criteria for rule in (one.rule, one.waived_when) if rule is not None]
    asked = [
        (f"{form.oid}:{item.name}", item.relevant_when)
        for form, _, item in items_of(design)
        if item.relevant_when is not None
    ]
    return tuple((place, rule) for place, whole in (*checks, *criteria, *asked) for rule in rules_inside(whole))


# -- thresholds ----------------------------------------------------------------------------------------

STEPS = st.integers(min_value=0, max_value=15).map(lambda places: Decimal(1).scaleb(-places))
"""How far beside a limit: from 1 down to a distance that no binary float near 1000 can hold."""


EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def seen(readings: Mapping[str, str], rule: Rule) -> bool | None:
    return evaluate(rule, lambda name: Reading(value=readings[name]) if name in readings else ABSENT)


def number(value: Decimal) -> str:
    return f"{value:f}"


RANGES = sorted(
    {(place, rule.item, rule.low, rule.high) for place, rule in declared() if isinstance(rule, Range)}, key=repr
)
NUMBERS = sorted(
    {
        (place, rule.item, rule.op, Decimal(rule.value))
        for place, rule in declared()
        if isinstance(rule, Compare) and rule.value is not None and (whole := interval_of(rule.value)) is not None
        if whole.kind.value == "number"
    },
    key=repr,
)
DELAYS = sorted(
    {
        (place, rule.item, rule.op, rule.other, rule.add_minutes)
        for place, rule in declared()
        if isinstance(rule, Compare) and rule.add_minutes and rule.other is not None
    },
    key=repr,
)
ORDERS = {
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
}


def test_there_are_thresholds_of_every_kind() -> None:
    assert len(RANGES) > 100
    assert len(NUMBERS) > 10
    assert len(DELAYS) > 10


@given(step=STEPS)
def test_range_of_any_rule_is_told_from_just_outside_it(step: Decimal) -> None:
    for place, item, low, high in RANGES:
        rule = Range(item=item, low=low, high=high)
        for bound, outwards in ((low, -step), (high, step)):
            if bound is None:
                continue
            answers = [seen({item: number(one)}, rule) for one in (bound, bound + outwards, bound - outwards / 2)]
            narrow = low is not None and high is not None and high - low < step
            assert answers[:2] == [False, True], (place, bound)
            assert narrow or answers[2] is False, (place, bound)


@given(step=STEPS)
def test_constant_of_any_comparison_is_told_from_just_beside_it(step: Decimal) -> None:
    for place, item, op, constant in NUMBERS:
        rule = Compare(item=item, op=op, value=number(constant))
        for value in (constant - step, constant, constant + step):
            assert seen({item: number(value)}, rule) is ORDERS[op](value, constant), (place, value)


@given(
    start=st.integers(min_value=0, max_value=4 * 365 * 24 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes)),
    offsets=st.tuples(st.sampled_from([-300, 0, 60, 480, 570]), st.sampled_from([-300, 0, 60, 480, 570])),
    beside=st.sampled_from([-1440, -60, -1, 0, 1, 60, 1440]),
)
def test_delay_of_any_rule_counts_instants_to_the_minute(
    start: datetime, offsets: tuple[int, int], beside: int
) -> None:
    def text(moment: datetime, offset: int) -> str:
        return moment.astimezone(timezone(timedelta(minutes=offset))).isoformat(timespec="minutes")

    for place, item, op, other, minutes in DELAYS:
        later = start + timedelta(minutes=minutes + beside)
        rule = Compare(item=item, op=op, other=other, add_minutes=minutes)
        readings = {item: text(later, offsets[0]), other: text(start, offsets[1])}
        present = "@now" in (item, other)
        assert present or seen(readings, rule) is ORDERS[op](beside, 0), (place, readings)


LIMITED = [
    (form, group, item)
    for form, group, item in items_of(shipped())
    if item.hard != (None, None) and not group.repeating
]


@given(step=st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("0.000001")]))
@settings(max_examples=3, deadline=None)
def test_value_beyond_a_hard_limit_is_found_and_one_at_it_is_not(step: Decimal) -> None:
    for form, group, item in LIMITED:
        if item.relevant_when is not None or item.derivation is not None:
            continue
        path = ItemPath(group=group.oid, item=item.name)
        for bound, outwards in zip(item.hard, (-step, step), strict=True):
            if bound is None:
                continue
            for value, beyond in ((bound, False), (bound + outwards, True)):
                found = findings(form, {path: Reading(value=number(value))})
                assert (HARD_LIMIT in {one.check for one in found if one.path == path}) is beyond, (item.oid, value)


def _at(limit: Decimal, unit: UnitFactor) -> str | None:
    """Return a limit in another unit, None where it has no end there."""
    exact = from_standard(limit, unit)
    for places in range(16):
        scaled = exact * 10**places
        if scaled.denominator == 1:
            return number(Decimal(scaled.numerator).scaleb(-places))
    return None


def test_limit_in_another_unit_is_the_same_limit() -> None:
    compared = 0
    for _, _, item in items_of(shipped()):
        if item.data_type is not DataType.QUANTITY:
            continue
        low, high = item.hard
        rule = Range(item=item.name, low=low, high=high)
        for unit in item.units[1:]:
            for bound, outwards in ((low, -1), (high, 1)):
                text = None if bound is None else _at(bound, unit)
                if text is None:
                    continue
                compared += 1
                tiny = Decimal("0.000000000001") * outwards
                at, beyond = (f"{number(value)} {unit.unit}" for value in (Decimal(text), Decimal(text) + tiny))
                converted = [standard(item, Reading(value=one)).value or "" for one in (at, beyond)]
                assert [seen({item.name: one}, rule) for one in converted] == [False, True], (item.oid, at)
    assert compared > 20


# -- order of entry --------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
FIRST_DAY = datetime(2026, 2, 20, tzinfo=UTC)
WHO = SubjectId("P" * 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    key: FormKey
    path: ItemPath
    reading: Reading


def moment(chance: random.Random) -> str:
    at = FIRST_DAY + timedelta(minutes=chance.randrange(60 * 24 * 30))
    return f"{at:%Y-%m-%d}T{'--:--' if chance.random() < 0.05 else f'{at:%H:%M}'}+08:00"


def figure(item: Item, chance: random.Random) -> str:
    """Return a number at, near or far from the item's limits."""
    bounds = [one for one in (*item.hard, *item.soft) if one is not None] or [Decimal(1), Decimal(10)]
    whole = chance.choice(bounds) + chance.choice([-1, 0, 0, 1, 2])
    return number(whole.to_integral_value() if item.data_type is DataType.INTEGER else whole)


def anything(item: Item, chance: random.Random) -> Reading:
    """Return a value that somebody could enter at an item, or why there is none."""
    if item.missing_codes and chance.random() < 0.1:
        return Reading(missing=MissingCode(chance.choice(item.missing_codes)))
    codes = [] if item.code_list is None else [one.value for one in shipped().code_lists[item.code_list].codes]
    match item.data_type:
        case DataType.CODE:
            return Reading(value=chance.choice(codes))
        case DataType.CODES:
            return Reading(value=" ".join(code for code in codes if chance.random() < 0.3) or codes[0])
        case DataType.INTEGER | DataType.DECIMAL:
            return Reading(value=figure(item, chance))
        case DataType.QUANTITY:
            unit = chance.choice([one.unit for one in item.units] or [""])
            return Reading(value=f"{chance.choice(['', '', '<'])}{figure(item, chance).lstrip('-')} {unit}".strip())
        case DataType.DATE:
            return Reading(value=moment(chance)[:10])
        case DataType.DATETIME:
            return Reading(value=moment(chance))
        case _:
            return Reading(value=chance.choice(["D07", "D08", "INF", "3.0"]))


def record(chance: random.Random) -> list[Entry]:
    """Return what stands in the forms of one subject: any of the planned forms, and some events."""
    found: list[Entry] = []
    for visit in shipped().visits:
        for planned in visit.forms:
            if visit.kind in {VisitKind.SITE, VisitKind.UNSCHEDULED} or chance.random() < 0.25:
                continue
            repeats = ("E1", "E2")[: chance.choice([1, 1, 2])] if visit.kind is VisitKind.EVENT else (planned.occasion,)
            for repeat in repeats:
                key = FormKey(subject=WHO, visit=VisitKey(visit=visit.oid), form=planned.form, repeat=repeat)
                found += filled(key, shipped().form(planned.form), chance)
    return found


def filled(key: FormKey, form: Form, chance: random.Random) -> Iterator[Entry]:
    for group in form.groups:
        for row in ("R1", "R2") if group.repeating else ("",):
            for item in group.items:
                if item.derivation is None and item.data_type is not DataType.INK and chance.random() < 0.7:
                    path = ItemPath(group=group.oid, item=item.name, row=row)
                    yield Entry(key=key, path=path, reading=anything(item, chance))


def kept(entries: Sequence[Entry]) -> dict[FormKey, Instance]:
    """Return the forms as they stand after entries that came in this order."""
    readings: dict[FormKey, dict[ItemPath, Reading]] = {}
    for one in entries:
        readings.setdefault(one.key, {})[one.path] = one.reading
    return {key: stood(key, found) for key, found in readings.items()}


def stood(key: FormKey, readings: Mapping[ItemPath, Reading]) -> Instance:
    rows: dict[str, tuple[str, ...]] = {}
    for group, row in sorted({(path.group, path.row) for path in readings if path.row}):
        rows[group] = (*rows.get(group, ()), row)
    return Instance(key=key, readings=dict(readings), rows=rows, last_change=NOW - timedelta(hours=1))


def subject(instances: Mapping[FormKey, Instance], memo: Memo | None = None) -> Subject:
    return Subject(design=shipped(), id=WHO, instances=instances, now=NOW, memo=memo)


def followed(of: Subject, chance: random.Random) -> dict[object, object]:
    """Return everything that follows from the forms, asked for in any order."""
    keys = list(of.instances)
    chance.shuffle(keys)
    by_form = {key: (of.values(key), of.findings(key), of.unanswered(key)) for key in keys}
    return {"forms": by_form, "status": of.status, "eligibility": of.eligibility(), "due": of.deviations()}


@given(seed=st.integers(min_value=0, max_value=2**32))
def test_no_order_of_entry_or_of_asking_changes_what_follows(seed: int) -> None:
    chance = random.Random(seed)
    entries = record(chance)
    first = followed(subject(kept(entries)), chance)
    assert subject(kept(entries)).all_findings()
    chance.shuffle(entries)
    assert followed(subject(kept(entries)), chance) == first


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=8, deadline=None)
def test_what_is_remembered_between_entries_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    entries = record(chance)
    chance.shuffle(entries)
    memo, readings, instances = Memo(), dict[FormKey, dict[ItemPath, Reading]](), dict[FormKey, Instance]()
    for place, one in enumerate(entries):
        readings.setdefault(one.key, {})[one.path] = one.reading
        instances = instances | {one.key: stood(one.key, readings[one.key])}
        if place % 150 == 0:
            followed(subject(instances, memo), chance)
    assert followed(subject(instances, memo), chance) == followed(subject(kept(entries)), chance)


# -- the checks of section 7 -------------------------------------------------------------------------------

HARD = """
    EC001 EC003 EC004 EC005 EC006 EC009 EC010 EC011 EC012 EC013 EC016 EC018 EC020 EC021 EC022 EC027 EC028 EC030 EC031
    EC035 EC038 EC041 EC043 EC044 EC046 EC050 EC051 EC053 EC055 EC056 EC059 EC060 EC061 EC062 EC063 EC067 EC069 EC070
    EC071 EC072 EC074 EC076 EC079 EC081 EC082
"""
SOFT = """
    EC002 EC007 EC008 EC014 EC015 EC017 EC023 EC024 EC025 EC026 EC029 EC032 EC033 EC034 EC036 EC037 EC039 EC040 EC042
    EC045 EC047 EC048 EC049 EC052 EC054 EC057 EC058 EC064 EC065 EC066 EC068 EC073 EC075 EC077 EC078 EC080 EC083 EC084
"""


def test_every_check_of_the_clinical_content_is_declared_with_its_severity() -> None:
    found: dict[str, set[str]] = {}
    for form in shipped().forms.values():
        for check in form.checks:
            found.setdefault(check.id, set()).add(check.severity.value)
    wanted = {check: severity for severity, checks in (("H", HARD), ("S", SOFT)) for check in checks.split()}
    assert len(wanted) == 83
    assert found == {check: {severity} for check, severity in wanted.items()}


NOT_CONFIRMED = ("EC020", "EC021", "EC022", "EC027", "EC030", "EC053", "EC055", "EC056")
"""Contradictions inside the record; what happened has a way out (section 0.0)."""
CONFIRMED = ("EC004", "EC005", "EC006", "EC009", "EC011", "EC016", "EC041", "EC051")


@pytest.mark.parametrize("check", [*NOT_CONFIRMED, *CONFIRMED])
def test_only_what_happened_can_be_confirmed_as_true(check: str) -> None:
    declared_so = {one.confirmable for form in shipped().forms.values() for one in form.checks if one.id == check}
    assert declared_so == {check in CONFIRMED}

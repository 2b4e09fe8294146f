"""Laws of the engine that hold for every study: order, memory, and what is worked out again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.checks import Scope, evaluate
from casebook.design import (
    DataType,
    Item,
    Severity,
    StudyDesign,
    VisitKind,
)
from casebook.instances import Instance
from casebook.locations import data_folder
from casebook.records import FormKey, ItemPath, MissingCode, Reading
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    OneOf,
    Range,
)
from casebook.study_files import read_study
from casebook.subject import Memo, Subject
from tests.casebook.made_study import LOG, NOW, check, first, form, group, item, read, study, visit
from tests.filled_study import SUBJECT, filled, instance, places, readings_of, value_of

# -- laws over whole studies --------------------------------------------------------------------------------

SHIPPED = read_study(data_folder("forms") / "rescue_end_low")
TANGLED = study(
    [
        LOG,
        form(
            "F.A",
            group(
                "IG.A",
                item("A"),
                item("DA", derivation=first("F.B:DB", "A")),
                item("RA", relevant_when=Answered(item="F.B:RB")),
            ),
            checks=[
                check("EC1", "A", Compare(item="A", op="lt", other="F.B:B")),
                check("EC2", "RA", Compare(item="@open_hard", op="gt", value="0")),
                check(
                    "EC3", "A", Exists(form="F.LOG", group="IG.LOG", where=Compare(item="LINK", op="eq", other="^A"))
                ),
            ],
        ),
        form(
            "F.B",
            group(
                "IG.B",
                item("B"),
                item("DB", derivation=first("F.A:DA", "B")),
                item("RB", relevant_when=Answered(item="F.A:RA")),
            ),
            checks=[
                check("EC4", "B", Compare(item="@open_hard", op="gt", value="0"), Severity.SOFT),
                check("EC5", "B", Compare(item="@hard:F.A", op="gt", value="1")),
                check(
                    "EC6",
                    "DB",
                    AllOf(rules=(Answered(item="DB"), AnyOf(rules=(OneOf(item="F.A:DA", values=("1", "2")),)))),
                ),
            ],
        ),
    ],
    [visit("SE.V1", "F.A", "F.B"), visit("SE.V2", "F.A", "F.B"), visit("SE.LOG", "F.LOG", kind=VisitKind.LOG)],
)
DESIGNS = {"shipped": SHIPPED, "tangled": TANGLED}


def everything(subject: Subject, order: Iterable[FormKey]) -> dict[str, object]:
    """Return all that follows, asked for in some order."""
    answers: dict[str, object] = {}
    for key in order:
        answers[f"{key} findings"] = subject.findings(key)
        answers[f"{key} values"] = subject.values(key)
        answers[f"{key} unanswered"] = subject.unanswered(key)
    answers["whole"] = (subject.status, subject.eligibility(), subject.deviations(), subject.keys)
    return answers


def _shuffled(forms: Mapping[FormKey, Instance], random: Random) -> dict[FormKey, Instance]:
    keys = list(forms)
    random.shuffle(keys)
    mixed = {}
    for key in keys:
        paths = list(forms[key].readings)
        random.shuffle(paths)
        mixed[key] = replace(forms[key], readings={path: forms[key].readings[path] for path in paths})
    return mixed


def _some(design: StudyDesign, random: Random) -> dict[FormKey, Instance]:
    """Return some forms, some of their items answered."""
    forms = {}
    for _, _, key in places(design):
        share = random.choice((0.0, 0.5, 0.9, 1.0))
        readings = {path: one for path, one in readings_of(design, key, random).items() if random.random() < share}
        if readings:
            forms[key] = instance(key, readings, design)
    return forms


@pytest.mark.parametrize("name", DESIGNS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_neither_order_of_entry_nor_of_evaluation_changes_anything(name: str, seed: int) -> None:
    design, random = DESIGNS[name], Random(seed)
    forms = _some(design, random)
    expected = everything(read(design, *forms.values()), list(forms))
    for _ in range(2):
        mixed = _shuffled(forms, random)
        order = list(mixed)
        random.shuffle(order)
        assert everything(read(design, *mixed.values()), order) == expected


@pytest.mark.parametrize("name", DESIGNS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_evaluation_after_an_entry_equals_evaluation_from_scratch(name: str, seed: int) -> None:
    design, random = DESIGNS[name], Random(seed)
    forms, memo, minutes = _some(design, random), Memo(), 0
    keys = [key for _, _, key in places(design)]
    for _ in range(6):
        minutes += random.choice((0, 1, 60, 60 * 24 * 20))
        key = random.choice(keys)
        readings = dict(forms[key].readings) if key in forms else {}
        for path in random.sample(sorted(readings_of(design, key, random)), k=1):
            _, about = design.form(key.form).find(path.item)
            value = Reading(value=value_of(design, about, random))
            readings[path] = random.choice((value, value, Reading(missing=MissingCode.UNKNOWN)))
        forms = {**forms, key: instance(key, readings, design)}
        now = NOW + timedelta(minutes=minutes)
        kept = Subject(design=design, id=SUBJECT, instances=forms, now=now, memo=memo)
        fresh = Subject(design=design, id=SUBJECT, instances=forms, now=now)
        order = list(forms)
        random.shuffle(order)
        assert everything(kept, order) == everything(fresh, list(forms))


def test_form_untouched_by_an_entry_is_not_worked_out_again() -> None:
    forms, memo = filled(SHIPPED), Memo()
    everything(Subject(design=SHIPPED, id=SUBJECT, instances=forms, now=NOW, memo=memo), list(forms))
    before = dict(memo.forms)
    key = next(key for key in forms if key.form == "F.CONTACT")
    forms = {**forms, key: replace(forms[key], readings={})}
    everything(Subject(design=SHIPPED, id=SUBJECT, instances=forms, now=NOW, memo=memo), list(forms))
    again = [one for one in forms if memo.forms[one] is not before[one]]
    assert again == [key]


# -- limits ------------------------------------------------------------------------------------------------

LIMITED = [
    (form.oid, item, bound, side)
    for form in SHIPPED.forms.values()
    for group in form.groups
    for item in group.items
    if item.derivation is None
    for limits in (item.hard, item.soft)
    for bound, side in zip(limits, (-1, 1), strict=True)
    if bound is not None
]
STEP = Decimal("0.0000000001")


@pytest.mark.parametrize(("oid", "item", "bound", "side"), LIMITED)
def test_limit_is_silent_at_its_bound_and_fires_one_step_beyond(
    oid: str, item: Item, bound: Decimal, side: int
) -> None:
    form = SHIPPED.form(oid)
    group, _ = form.find(item.name)
    path = ItemPath(group=group.oid, item=item.name, row="r" if group.repeating else "")
    rule = Range(item=item.name, low=bound) if side < 0 else Range(item=item.name, high=bound)
    unit = f" {item.units[0].unit}" if item.data_type is DataType.QUANTITY and item.units else ""
    for number, expected in ((bound, False), (bound + side * STEP, True), (bound - side * STEP, False)):
        scope = Scope(form=form, readings={path: Reading(value=f"{number:f}{unit}")}, relevance=False)
        if number >= 0:
            assert evaluate(rule, scope.lookup(path.row)) is expected

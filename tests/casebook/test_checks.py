from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.checks import NO_OTHERS, Finding, Given, derive, evaluate, findings, relevant, standard, unanswered
from casebook.design import (
    Form,
    Need,
    Severity,
    StudyDesign,
)
from casebook.locations import data_folder
from casebook.records import EMPTY, ItemPath, MissingCode, Reading
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Named,
    NoneOf,
    OneOf,
    Range,
    Rule,
)
from casebook.study_files import read_study
from tests.casebook.small_study import files, write_study

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return read_study(write_study(tmp_path_factory.mktemp("small"), files())).form("F.A")


@pytest.fixture(scope="module")
def design() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


def at(item: str, row: str = "") -> ItemPath:
    return ItemPath(group="IG.A.ROWS" if row else "IG.A.MAIN", item=item, row=row)


def filled(**values: str) -> dict[ItemPath, Reading]:
    return {at(name): Reading(value=value) for name, value in values.items()}


def fired(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.check, one.path.item) for one in found]


# -- rules ---------------------------------------------------------------------------------------------


def ask(rule: Rule, **values: str | Reading) -> bool | None:
    readings = {name: one if isinstance(one, Reading) else Reading(value=one) for name, one in values.items()}
    return evaluate(rule, lambda name: readings.get(name, EMPTY))


UNSAID = Reading(missing=MissingCode.UNKNOWN)


def test_answered_is_never_unknown() -> None:
    rule = Answered(item="A")
    assert (ask(rule), ask(rule, A="x"), ask(rule, A=UNSAID)) == (False, True, True)


def test_one_of_looks_at_each_code_and_does_not_guess() -> None:
    rule = OneOf(item="A", values=("Y", "U"))
    assert (ask(rule, A="Y"), ask(rule, A="N U"), ask(rule, A="N")) == (True, True, False)
    assert (ask(rule), ask(rule, A=UNSAID)) == (None, None)


@pytest.mark.parametrize(
    ("value", "answer"),
    [("89", True), ("90", False), ("185", False), ("185.01", True), ("<90", True), ("<100", None), (">185", True)],
)
def test_range_is_true_outside_its_bounds(value: str, answer: object) -> None:
    assert ask(Range(item="A", low=Decimal(90), high=Decimal(185)), A=value) is answer


def test_range_of_a_missing_or_textual_value_is_unknown() -> None:
    rule = Range(item="A", low=Decimal(1))
    assert (ask(rule), ask(rule, A=UNSAID), ask(rule, A="2026-03-01"), ask(rule, A="x")) == (None,) * 4


@pytest.mark.parametrize(
    ("op", "answers"),
    [
        ("lt", (True, False, False)),
        ("le", (True, True, False)),
        ("eq", (False, True, False)),
        ("ne", (True, False, True)),
        ("ge", (False, True, True)),
        ("gt", (False, False, True)),
    ],
)
def test_compare_orders_decimals_as_decimals(op: str, answers: tuple[bool, ...]) -> None:
    rule = Compare(item="A", op=op, value="10.0")
    assert tuple(ask(rule, A=value) for value in ("9.99", "10", "10.01")) == answers


def test_compare_adds_minutes_to_an_instant() -> None:
    rule = Compare(item="A", op="gt", other="B", add_minutes=24 * 60)
    start = "2026-03-01T10:00+08:00"
    assert ask(rule, A="2026-03-02T10:01+08:00", B=start) is True
    assert ask(rule, A="2026-03-02T02:00+00:00", B=start) is False
    assert ask(rule, A="2026-03-05T--:--+08:00", B=start) is None
    assert ask(rule, A="2026-03-03", B="2026-03-01") is True
    assert ask(rule, A="2026-03-02", B="2026-03-01") is False


def test_compare_of_a_day_with_an_instant_looks_at_the_wall_calendar() -> None:
    rule = Compare(item="A", op="gt", other="B")
    assert ask(rule, A="2026-03-01", B="2026-03-01T00:10+08:00") is False
    assert ask(rule, A="2026-03-02", B="2026-03-01T23:50+08:00") is True


def test_compare_of_texts_knows_only_equality() -> None:
    assert ask(Compare(item="A", op="eq", other="B"), A="wang", B="Wang") is True
    assert ask(Compare(item="A", op="ne", other="B"), A="wang", B="li") is True
    assert ask(Compare(item="A", op="lt", other="B"), A="wang", B="li") is None


def test_compare_never_crosses_units() -> None:
    assert ask(Compare(item="A", op="lt", other="B"), A="5 mmol/L", B="90 mg/dL") is None


_answers: st.SearchStrategy[Rule] = st.sampled_from(
    [OneOf(item="T", values=("Y",)), OneOf(item="F", values=("Y",)), OneOf(item="U", values=("Y",))]
)
_rules: st.SearchStrategy[Rule] = st.recursive(
    _answers,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda rules: AllOf(rules=tuple(rules))),
        st.lists(inner, min_size=1, max_size=3).map(lambda rules: AnyOf(rules=tuple(rules))),
        st.lists(inner, min_size=1, max_size=3).map(lambda rules: NoneOf(rules=tuple(rules))),
    ),
    max_leaves=8,
)


def answer(rule: Rule, unknown: str | None = None) -> bool | None:
    values = {"T": "Y", "F": "N", "U": unknown}
    return evaluate(rule, lambda name: Reading(value=values[name]))


@given(_rules)
def test_logic_answers_only_what_holds_whatever_the_unknown_is(rule: Rule) -> None:
    known = answer(rule)
    if known is not None:
        assert answer(rule, "Y") is known
        assert answer(rule, "N") is known


@given(st.lists(_rules, min_size=1, max_size=3))
def test_logic_obeys_de_morgan(rules: list[Rule]) -> None:
    none = NoneOf(rules=tuple(rules))
    each_not = AllOf(rules=tuple(NoneOf(rules=(rule,)) for rule in rules))
    assert answer(none) is answer(each_not)
    assert answer(NoneOf(rules=(none,))) is answer(AnyOf(rules=tuple(rules)))


def test_named_rule_is_looked_up_by_its_name() -> None:
    rule = Named(function="aspects_differs", items=("A", "B"))
    assert ask(rule, A="C M1", B="7") is True


# -- a form --------------------------------------------------------------------------------------------


def test_relevance_follows_the_chain_of_answers(form: Form) -> None:
    when, systolic = form.find("WHEN")[1], form.find("SYS")[1]
    yes = filled(DONE="Y", WHEN="2026-03-01T10:00+08:00")
    assert relevant(form, when, yes)
    assert relevant(form, systolic, yes)
    hidden = {**yes, at("DONE"): Reading(value="N")}
    assert not relevant(form, when, hidden)
    assert not relevant(form, systolic, hidden)
    assert not relevant(form, when, {})


def test_unanswered_names_mandatory_items_that_are_asked(form: Form) -> None:
    assert unanswered(form, {}) == (at("DONE"),)
    assert unanswered(form, filled(DONE="Y")) == (at("WHEN"),)
    assert unanswered(form, filled(DONE="N")) == ()
    missing = {**filled(DONE="Y"), at("WHEN"): UNSAID}
    assert unanswered(form, missing) == (at("SYS"),)


def test_unanswered_looks_into_every_row(form: Form) -> None:
    readings = {**filled(DONE="N"), at("HIGH", "r1"): Reading(value="5"), at("LOW", "r2"): Reading(value="1")}
    assert unanswered(form, readings) == (at("LOW", "r1"),)


def test_derive_works_out_what_is_known_and_leaves_the_rest_empty(form: Form) -> None:
    answers = filled(DONE="Y", WHEN="2026-03-01T10:00+08:00", SYS="150", DIA="85")
    assert derive(form, answers) == {at("MAP"): Reading(value="106.6666666666")}
    assert derive(form, filled(SYS="150", DIA="85")) == {at("MAP"): EMPTY}


def test_findings_fire_beside_their_item_in_display_order(form: Form) -> None:
    answers = filled(DONE="Y", WHEN="2026-03-01T10:00+08:00", SYS="30", DIA="40", GLUC="400 mg/dL")
    found = findings(form, answers, now=NOW)
    assert fired(found) == [("EC051", "SYS"), ("EC900", "DIA")]
    assert found[0].message("en") == "Outside 40 to 300 mmHg"
    assert (found[0].severity, found[0].confirmable, found[1].confirmable) == (Severity.HARD, True, False)


def test_findings_compare_limits_in_the_standard_unit(form: Form) -> None:
    assert fired(findings(form, filled(GLUC="400 mg/dL"), now=NOW)) == [("EC052", "GLUC")]
    assert fired(findings(form, filled(GLUC="100 mg/dL"), now=NOW)) == []
    assert fired(findings(form, filled(GLUC="400"), now=NOW)) == [("EC051", "GLUC")]
    assert fired(findings(form, filled(GLUC="<3 mmol/L"), now=NOW)) == [("EC052", "GLUC")]


def test_findings_tell_a_unit_outside_the_list_and_compare_nothing_across_it(form: Form) -> None:
    found = findings(form, filled(GLUC="400 g/L"), now=NOW)
    assert fired(found) == [("EC053", "GLUC")]
    assert found[0].message("zh") == "请使用 mmol/L、mg/dL"
    assert standard(form.find("GLUC")[1], Reading(value="400 g/L")).value is None


def test_soft_limits_are_silent_where_the_study_says_so(form: Form) -> None:
    assert fired(findings(form, filled(GLUC="20 mmol/L", DIA="60"), now=NOW)) == []


def test_findings_skip_items_that_are_not_asked(form: Form) -> None:
    assert findings(form, filled(DONE="N", SYS="30"), now=NOW) == ()


def test_findings_judge_each_row_by_itself(form: Form) -> None:
    readings = {
        at("LOW", "r1"): Reading(value="5"),
        at("HIGH", "r1"): Reading(value="4"),
        at("LOW", "r2"): Reading(value="1"),
        at("HIGH", "r2"): Reading(value="4"),
    }
    assert [one.path for one in findings(form, readings, now=NOW)] == [at("HIGH", "r1")]


def test_findings_compare_with_the_clock_and_with_other_forms(form: Form) -> None:
    early = filled(DONE="Y", WHEN="2026-03-01T14:05+08:00")
    assert fired(findings(form, early, now=NOW)) == []
    late = filled(DONE="Y", WHEN="2026-03-01T14:06+08:00")
    assert fired(findings(form, late, now=NOW)) == [("EC902", "WHEN")]
    assert fired(findings(form, late)) == []
    days = {"F.B/FIRST:DAY": Reading(value="2026-03-02")}
    assert fired(findings(form, early, others=Given(days), now=NOW)) == [("EC902", "WHEN")]
    assert NO_OTHERS.item("F.B/FIRST:DAY", "WHEN") is None


def test_confirmed_finding_carries_its_reason_if_it_may_be_confirmed(form: Form) -> None:
    answers = filled(DONE="Y", WHEN="2026-03-01T10:00+08:00", SYS="30", DIA="40")
    reasons = {("EC051", at("SYS")): "shock", ("EC900", at("DIA")): "sure"}
    found = findings(form, answers, confirmations=reasons, now=NOW)
    assert [(one.confirmed, one.is_open) for one in found] == [("shock", False), (None, True)]


# -- the study's own forms -----------------------------------------------------------------------------


def readings_of(form: Form, values: Mapping[str, str]) -> dict[ItemPath, Reading]:
    return {ItemPath(group=form.find(name)[0].oid, item=name): Reading(value=value) for name, value in values.items()}


def test_every_form_of_the_study_answers_when_empty(design: StudyDesign) -> None:
    for form in design.forms.values():
        once = [item for group in form.groups if not group.repeating for item in group.items]
        asked = [item for item in once if item.need is Need.MANDATORY and item.relevant_when is None]
        assert {path.item for path in unanswered(form, {})} >= {item.name for item in asked if item.derivation is None}
        assert findings(form, {}, now=NOW) == () or form.checks
        assert {reading.value for reading in derive(form, {}).values()} <= {None, "N"}  # N: there is no such event


def test_nihss_form_sums_and_checks_coherence(design: StudyDesign) -> None:
    form = design.form("F.NIHSS")
    names = next(
        item.derivation.items
        for group in form.groups
        for item in group.items
        if item.derivation is not None and item.derivation.function == "nihss_total"
    )
    answers = readings_of(form, {**dict.fromkeys(names, "0"), names[0]: "3"})
    assert Reading(value="3") in derive(form, answers).values()
    found = {one.check for one in findings(form, answers, now=NOW)}
    assert found == {"EC021", "EC022", "EC023"}


def test_vital_signs_form_finds_pressures_that_cross(design: StudyDesign) -> None:
    form = design.form("F.VS")
    answers = readings_of(form, {"SYSBP": "80", "DIABP": "90"})
    found = {(one.check, one.path.item) for one in findings(form, answers, now=NOW)}
    assert ("EC050", "DIABP") in found

"""Eligibility: each criterion met, not met and unknown, at, just below and just above each limit."""

from datetime import UTC, datetime

import pytest

from casebook.eligibility import Standing
from tests.forms.participant import PROGRESSION, randomised, screened
from tests.forms.person import Person, shipped

MET, NOT_MET, UNKNOWN = Standing.MET, Standing.NOT_MET, Standing.UNKNOWN
ORDER = [f"I{n}" for n in range(1, 12)] + [f"E{n}" for n in range(1, 8)] + ["E8a", "E8b", "E8c", "E8d"]
ORDER += [f"E{n}" for n in range(9, 16)]
Changes = dict[str, dict[str, str | None]]


def changed(person: Person, changes: Changes) -> Person:
    for place, values in changes.items():
        person = person.having(place, **values)
    return person


def test_participant_who_fulfils_everything_is_eligible() -> None:
    found = screened().subject().eligibility()
    assert found.eligible
    assert [one.criterion.id for one in found.criteria] == ORDER
    assert {one.state for one in found.criteria} == {MET}


def test_codes_of_the_criteria_are_those_of_the_export() -> None:
    codes = [one.code for one in shipped().criteria]
    assert codes[:11] == [f"INCL{n:02}" for n in range(1, 12)]
    assert codes[11:22] == [f"EXCL{n:02}" for n in range(1, 8)] + ["EXCL08A", "EXCL08B", "EXCL08C", "EXCL08D"]
    assert codes[22:] == [f"EXCL{n:02}" for n in range(9, 16)]


def test_nobody_is_eligible_of_whom_nothing_is_known() -> None:
    found = Person().subject().eligibility()
    assert not found.eligible
    assert found.failed == ()
    assert found.unknown == tuple(ORDER)


IMG: str = "F.IMG1"
TIMED = [
    ("I3", {"F.TIME": {"LKWDTM": "2026-02-21T20:00+08:00"}}, MET),
    ("I3", {"F.TIME": {"LKWDTM": "2026-02-21T20:01+08:00"}}, MET),
    ("I3", {"F.TIME": {"LKWDTM": "2026-02-21T19:59+08:00"}}, NOT_MET),
    ("I3", {"F.TIME": {"LKWDTM": PROGRESSION}}, MET),
    ("I3", {"F.TIME": {"LKWDTM": "2026-02-28T20:01+08:00"}}, NOT_MET),
    ("I3", {"F.TIME": {"LKWDTM": "2026-02-27T--:--+08:00"}}, UNKNOWN),
    ("I3", {"F.TIME": {"PROGDTM": "!UNK"}}, UNKNOWN),
    ("I4", {"F.TIME": {"LKWDTM": "2026-02-28T10:00+08:00"}}, NOT_MET),
    ("I4", {"F.TIME": {"LKWDTM": "2026-02-28T09:59+08:00"}}, MET),
    ("I4", {"F.TIME": {"LKWDTM": "2026-02-28T01:59+00:00"}}, MET),
    ("I4", {"F.TIME": {"PLANRDTM": None}}, UNKNOWN),
    ("I5", {"F.TIME": {"PROGDTM": "2026-02-28T10:00+08:00"}}, MET),
    ("I5", {"F.TIME": {"PROGDTM": "2026-02-28T09:59+08:00"}}, NOT_MET),
    ("I5", {"F.TIME": {"PROGDTM": "2026-03-01T10:00+08:00"}}, MET),
    ("I5", {"F.TIME": {"PROGDTM": "2026-03-01T10:01+08:00"}}, NOT_MET),
    ("I5", {"F.TIME": {"PLANRDTM": None}}, UNKNOWN),
]
INCLUSION = [
    ("I1", {"F.DM": {"BRTHDAT": "2008-03-01"}}, MET),
    ("I1", {"F.DM": {"BRTHDAT": "2008-03-02"}}, NOT_MET),
    ("I1", {"F.DM": {"BRTHDAT": "1920-01-01"}}, MET),
    ("I1", {"F.DM": {"BRTHDAT": "2008-03---"}}, UNKNOWN),
    ("I1", {"F.DM": {"BRTHDAT": None}}, UNKNOWN),
    ("I2", {"F.NIHSS/INITIAL": {"NIHSS05B": "3"}}, MET),
    ("I2", {"F.NIHSS/INITIAL": {"NIHSS05B": "4"}}, NOT_MET),
    ("I2", {"F.NIHSS/INITIAL": {"NIHSS11": None}}, UNKNOWN),
    ("I2", {"F.IE": {"AISSYMP": "N"}}, NOT_MET),
    ("I2", {"F.IE": {"AISSYMP": "!UNK"}}, UNKNOWN),
    ("I2", {"F.IE": {"AISSYMP": "N"}, "F.NIHSS/INITIAL": {"NIHSS11": None}}, NOT_MET),
    ("I6", {"F.NIHSS/PRERAND": {"NIHSS05B": "0"}}, MET),
    ("I6", {"F.NIHSS/PRERAND": {"NIHSS05B": "0", "NIHSS10": "0"}}, NOT_MET),
    ("I6", {"F.NIHSS/PRERAND": {"NIHSS05B": "UN", "NIHUN05B": "fused shoulder"}}, MET),
    ("I6", {"F.NIHSS/PRERAND": {"NIHSS05B": "!ND"}}, UNKNOWN),
    ("I7", {"F.ICF": {"SIGPDTM": None}}, UNKNOWN),
    ("I7", {"F.ICF": {"SIGPDTM": None}, "F.RND": {"RANDDTM": "2026-03-01T10:00+08:00"}}, NOT_MET),
    ("I7", {"F.ICF": {"CONSBY": "NONE_EMERGENCY"}}, NOT_MET),
    ("I7", {"F.ICF": {"CANREADP": "N"}}, NOT_MET),
    ("I7", {"F.ICF": {"ICFAPDT": "2026-04-01"}}, MET),
    ("I8", {IMG: {"ANGMOD": "MRA", "OCCSITE": "ICA_T"}}, MET),
    ("I8", {IMG: {"ANGMOD": "TCD"}}, NOT_MET),
    ("I8", {IMG: {"ANGMOD": "DSA"}}, NOT_MET),
    ("I8", {IMG: {"OCCSITE": "BA"}}, NOT_MET),
    ("I8", {IMG: {"OCCSITE": "M2"}}, NOT_MET),
    ("I8", {IMG: {"OCCSITE": "!ND"}}, UNKNOWN),
    ("I9", {"F.IE": {"PROGMECH": "SAME_TERRITORY_RECURRENCE"}}, MET),
    ("I9", {"F.IE": {"PROGMECH": "OTHER"}}, NOT_MET),
    ("I9", {"F.IE": {"PROGMECH": None}}, UNKNOWN),
    ("I10", {IMG: {"ASPREG": "C L IC I"}}, MET),
    ("I10", {IMG: {"ASPREG": "C L IC I M1"}}, NOT_MET),
    ("I10", {IMG: {"ASPMODE": "SCORE", "ASPENT": "6"}}, MET),
    ("I10", {IMG: {"ASPREG": None}}, UNKNOWN),
    ("I11", {IMG: {"CORVOL": "49.9", "TMAX6VOL": "120"}}, MET),
    ("I11", {IMG: {"CORVOL": "50.0", "TMAX6VOL": "120"}}, NOT_MET),
    ("I11", {IMG: {"CORVOL": "20", "TMAX6VOL": "36"}}, MET),
    ("I11", {IMG: {"CORVOL": "20", "TMAX6VOL": "35.99"}}, NOT_MET),
    ("I11", {IMG: {"CORVOL": "10", "TMAX6VOL": "25.0"}}, NOT_MET),
    ("I11", {IMG: {"CORVOL": "10", "TMAX6VOL": "25.1"}}, MET),
    ("I11", {IMG: {"CORVOL": "0", "TMAX6VOL": "15.1"}}, MET),
    ("I11", {IMG: {"CORVOL": "0", "TMAX6VOL": "15.0"}}, NOT_MET),
    ("I11", {IMG: {"CORVOL": "0", "TMAX6VOL": "0"}}, NOT_MET),
    ("I11", {IMG: {"MISRREP": "1.79"}}, NOT_MET),
    ("I11", {IMG: {"MISRREP": "1.8"}}, MET),
    ("I11", {IMG: {"MISRREP": "inf"}}, MET),
    ("I11", {IMG: {"MISVREP": "15.0"}}, NOT_MET),
    ("I11", {IMG: {"MISVREP": "15.1"}}, MET),
    ("I11", {IMG: {"PERFMOD": "MRP"}}, MET),
    ("I11", {IMG: {"TARGHYP": "N"}}, NOT_MET),
    ("I11", {IMG: {"TARGHYP": "!UNK"}}, UNKNOWN),
    ("I11", {IMG: {"TMAX6VOL": "!UNK"}}, UNKNOWN),
    ("I11", {IMG: {"TMAX6VOL": "!UNK", "CORVOL": "50"}}, NOT_MET),
]
LAB: str = "F.LB"
EXCLUSION = [
    ("E1", {"F.MRS": {"MRSPRE": "1"}}, MET),
    ("E1", {"F.MRS": {"MRSPRE": "2"}}, NOT_MET),
    ("E1", {"F.MRS": {"MRSPRE": "!UNK"}}, UNKNOWN),
    ("E3", {IMG: {"TVDIAM": "1.4"}}, NOT_MET),
    ("E3", {IMG: {"TVDIAM": "1.5"}}, MET),
    ("E3", {IMG: {"TVDIAM": None}}, MET),
    ("E3", {IMG: {"TVDIAM": None}, "F.IE": {"ACCUNSUI": None}}, UNKNOWN),
    ("E6", {"F.IE": {"ICH6M": "Y"}}, NOT_MET),
    ("E6", {"F.IE": {"ICH6M": "Y", "ICH6MDAT": "2025-09-02"}}, NOT_MET),
    ("E6", {"F.IE": {"ICH6M": "Y", "ICH6MDAT": "2025-09-01"}}, MET),
    ("E8a", {LAB: {"PLAT": "39.9 10^9/L"}}, NOT_MET),
    ("E8a", {LAB: {"PLAT": "40 10^3/uL"}}, MET),
    ("E8a", {LAB: {"PLAT": "40.1 10^9/L"}}, MET),
    ("E8a", {LAB: {"PLAT": "<40 10^9/L"}}, NOT_MET),
    ("E8a", {LAB: {"PLAT": "!ND"}}, UNKNOWN),
    ("E8b", {"F.IE": {"ONWARF": "Y"}, LAB: {"INR": "2.0"}}, MET),
    ("E8b", {"F.IE": {"ONWARF": "Y"}, LAB: {"INR": "2.01"}}, NOT_MET),
    ("E8b", {"F.IE": {"ONWARF": "N"}, LAB: {"INR": "2.4"}}, MET),
    ("E8b", {LAB: {"INR": None}}, MET),
    ("E8b", {"F.IE": {"COAGSUSP": "Y"}, LAB: {"INR": None}}, UNKNOWN),
    ("E8b", {"F.IE": {"COAGSUSP": None}, LAB: {"INR": "!ND"}}, UNKNOWN),
    ("E8b", {"F.IE": {"ONWARF": "Y"}, LAB: {"INR": None}}, UNKNOWN),
    ("E8b", {"F.IE": {"ONWARF": None}, LAB: {"INR": "1.0"}}, MET),
    ("E8b", {"F.IE": {"ONWARF": None}, LAB: {"INR": "2.1"}}, UNKNOWN),
    ("E10", {"F.VS": {"SYSBP": "186", "SYSBP2": "190"}}, NOT_MET),
    ("E10", {"F.VS": {"SYSBP": "185", "SYSBP2": "190"}}, MET),
    ("E10", {"F.VS": {"DIABP": "111", "DIABP2": "112"}}, NOT_MET),
    ("E10", {"F.VS": {"DIABP": "110", "DIABP2": "112"}}, MET),
    ("E10", {"F.VS": {"VSDTM2": "2026-03-01T09:09+08:00"}}, UNKNOWN),
    ("E10", {"F.VS": {"SYSBP2": None, "DIABP2": None}}, UNKNOWN),
    ("E10", {"F.VS": {"SYSBP": "186", "SYSBP2": "190", "DIABP2": None}}, NOT_MET),
    ("E11", {LAB: {"GLUC": "2.7 mmol/L"}}, NOT_MET),
    ("E11", {LAB: {"GLUC": "2.8 mmol/L"}}, MET),
    ("E11", {LAB: {"GLUC": "22.2 mmol/L"}}, MET),
    ("E11", {LAB: {"GLUC": "22.3 mmol/L"}}, NOT_MET),
    ("E11", {LAB: {"GLUC": "25 mmol/L", "GLUCRPT": "9 mmol/L"}}, MET),
    ("E11", {LAB: {"GLUC": "!ND", "GLUCCAP": "2.5 mmol/L"}}, NOT_MET),
    ("E11", {LAB: {"GLUC": "!ND"}}, UNKNOWN),
    ("E12", {"F.IE": {"CHILDB": "Y"}}, UNKNOWN),
    ("E12", {"F.IE": {"CHILDB": "Y"}, LAB: {"LBPANEL": "GLUC HCG", "HCGRES": "NEG"}}, MET),
    ("E12", {"F.IE": {"CHILDB": "Y"}, LAB: {"LBPANEL": "GLUC HCG", "HCGRES": "POS"}}, NOT_MET),
    ("E12", {"F.IE": {"CHILDB": "Y"}, LAB: {"LBPANEL": "GLUC HCG", "HCGRES": "!ND"}}, UNKNOWN),
    ("E12", {"F.IE": {"CHILDB": None}}, UNKNOWN),
    ("E12", {"F.IE": {"CHILDB": None}, "F.DM": {"SEX": "M"}}, MET),
]
JUDGED = {
    "E2": "ENDOTHER", "E3": "ACCUNSUI", "E4": "MULTIVES", "E5": "ANEURTUM", "E7": "BLEED1M", "E8c": "BLEEDOTH",
    "E8d": "ORGANDYS", "E9": "SEVALLRG", "E13": "LIFE1Y", "E14": "OTHRCT", "E15": "INVOTHER",
}  # fmt: skip


@pytest.mark.parametrize(("criterion", "changes", "expected"), [*TIMED, *INCLUSION, *EXCLUSION])
def test_criterion_stands_as_the_registry_says(criterion: str, changes: Changes, expected: Standing) -> None:
    assert changed(screened(), changes).state(criterion) is expected


@pytest.mark.parametrize("criterion", JUDGED)
def test_judgement_excludes_when_yes_and_is_unknown_without_answer(criterion: str) -> None:
    answers = {"Y": NOT_MET, "N": MET, "!UNK": UNKNOWN, None: UNKNOWN}
    for answer, expected in answers.items():
        assert screened().having("F.IE", **{JUDGED[criterion]: answer}).state(criterion) is expected


def test_all_failed_and_unknown_criteria_are_told_in_the_order_of_the_protocol() -> None:
    person = screened().having("F.IE", OTHRCT="Y", ENDOTHER="Y", LIFE1Y=None).having("F.LB", PLAT="30 10^9/L")
    found = person.having("F.IMG1", OCCSITE="BA", TARGHYP=None).subject().eligibility()
    assert not found.eligible
    assert found.failed == ("I8", "E2", "E8a", "E14")
    assert found.unknown == ("I11", "E13")


def test_recorded_randomisation_stands_over_the_planned_one() -> None:
    late = randomised().having("F.RND", RANDDTM="2026-03-01T20:01+08:00")
    assert (screened().state("I5"), late.state("I5")) == (MET, NOT_MET)


def test_values_after_visit_one_move_no_criterion() -> None:
    later = randomised().having("F.LB@SE.V2", LBPANEL="HAEM", PLAT="12 10^9/L")
    later = later.having("F.VS@SE.V2", VSDTM="2026-03-02T10:00+08:00", SYSBP="220")
    assert later.subject().eligibility().eligible
    assert later.having("F.ICF@SE.EVT#2", ICFTYPE="RECONSENT", CONSBY="LAR").state("I7") is MET


def test_consent_after_randomisation_is_not_in_order() -> None:
    late = randomised().having("F.ICF", SIGPDTM="2026-03-01T10:01+08:00")
    assert late.state("I7") is NOT_MET
    assert randomised().having("F.ICF", SIGPDTM="2026-03-01T10:00+08:00").state("I7") is MET


def test_witness_that_was_missing_leaves_consent_out_of_order_though_confirmed_true() -> None:
    person = screened().having("F.ICF", CANREADP="N")
    person.confirmed["F.ICF", "EC013", "WITREQ"] = "nobody was there"
    assert person.open("F.ICF") == set()
    assert person.state("I7") is NOT_MET


def test_criteria_say_when_they_open_and_close() -> None:
    states = {one.criterion.id: one for one in screened().subject().eligibility().criteria}
    assert states["I4"].opens_at == datetime(2026, 2, 28, 0, 0, tzinfo=UTC)
    assert states["I5"].closes_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert states["I6"].closes_at == datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
    assert states["E10"].closes_at == datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def test_every_criterion_shows_its_facts_in_both_languages() -> None:
    for one in screened().subject().eligibility().criteria:
        assert one.facts
        assert set(one.criterion.label.by_language) == {"en", "zh"}
        assert any(not reading.is_empty for _, reading in one.facts)


# -- the form ------------------------------------------------------------------------------------------------


def test_form_shows_the_state_of_each_criterion() -> None:
    person = screened().having("F.LB", PLAT="30 10^9/L").having("F.IE", LIFE1Y=None)
    assert [person.value("F.IE", name) for name in ("INCL01", "EXCL08A", "EXCL08B", "EXCL13")] == [
        "MET", "NOT_MET", "MET", "UNKNOWN",
    ]  # fmt: skip
    assert [person.value("F.IE", name) for name in ("IEELIG", "IEFAILED", "IEUNKN")] == ["N", "E8a", "E13"]
    assert screened().value("F.IE", "IEELIG") == "Y"
    assert screened().having("F.IE", LIFE1Y=None).value("F.IE", "IEELIG") == "U"
    form = shipped().form("F.IE")
    for one in shipped().criteria:
        _, item = form.find(one.code)
        assert item.derivation is not None
        assert item.derivation.items == (f"@criterion:{one.id}",)


def test_randomisation_keeps_the_eligibility_that_was_seen() -> None:
    person = randomised()
    assert person.value("F.RND", "ELIGIBLE") == "Y"
    seen = person.value("F.RND", "ELIGSNAP")
    assert seen is not None
    other = person.having("F.IE", OTHRCT="Y")
    assert other.value("F.RND", "ELIGSNAP") != seen
    assert (other.value("F.RND", "ELIGIBLE"), other.value("F.RND", "ELIGFAIL")) == ("N", "E14")
    assert other.unanswered("F.RND") == ["OVERRIDE"]
    assert person.unanswered("F.RND") == []


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({}, False),
        ({"F.IE": {"OTHRCT": "Y"}}, True),
        ({"F.IE": {"OTHRCT": None}}, True),
        ({"F.LB": {"INR": None}}, False),
        ({"F.LB": {"INR": None}, "F.IE": {"COAGSUSP": "Y"}}, True),
    ],
)
def test_randomised_against_the_criteria_is_a_critical_deviation(changes: Changes, *, fires: bool) -> None:
    person = changed(randomised(), changes)
    assert ("EC017" in person.fired("F.RND")) is fires
    (check,) = [one for one in shipped().form("F.RND").checks if one.id == "EC017"]
    assert check.deviation is not None
    assert (check.deviation.category, check.deviation.severity) == ("ELIGIBILITY", "CRITICAL")


def test_randomised_without_any_eligibility_form_is_found() -> None:
    assert "EC017" in randomised().without("F.IE").fired("F.RND")

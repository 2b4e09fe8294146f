"""Deaths, deviations, worsenings, haemorrhages and discharges: what their forms ask, derive and find."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from casebook.design import Need
from tests.forms.participant import RANDOMISED, nihss, randomised
from tests.forms.person import Person, shipped

LATER = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
DIED = "2026-03-05T10:00+08:00"
DEATH = {
    "DTHDTM": DIED, "DTHAWDTM": DIED, "INFOSCOD": "HOSPITAL_RECORD", "LOCDTH": "HOSPITAL", "HSDTHIND": "Y",
    "DTHWIND": "Y", "DTHCAUS": "PNEUMONIA", "PRCDTH": "pneumonia", "AUTOPIND": "N", "DTHCOIND": "Y", "WDCARE": "N",
    "DTHMORIB": "N", "RELEVT": "NOT",
}  # fmt: skip


def person() -> Person:
    return replace(randomised(), now=LATER)


@pytest.mark.parametrize("oid", ["F.DTH", "F.DV", "F.DIS", "F.WORS", "F.ICH", "F.EOS"])
def test_event_form_stands_among_the_events_with_its_own_date(oid: str) -> None:
    assert oid in {one.form for one in shipped().visit("SE.EVT").forms}
    dated = [item for group in shipped().form(oid).groups for item in group.items if item.visit_time]
    assert len(dated) == 1
    assert dated[0].need is Need.MANDATORY


# -- death -----------------------------------------------------------------------------------------------


def with_event(one: Person, **values: str) -> Person:
    event = {"AENO": "1", "AETERM": "pneumonia", "AESTDTM": "2026-03-03T10:00+08:00", "AESER": "Y"}
    return one.with_row("F.AE@SE.LOG", "IG.AE.EVENT", **event | values)


def test_form_of_the_death_can_be_filled_from_first_to_last_item() -> None:
    filled = with_event(person().having("F.DTH", **DEATH), AEOUT="FATAL")
    assert filled.unanswered("F.DTH") == []
    assert filled.fired("F.DTH") == set()
    assert filled.value("F.DTH", "DTHTIMUN") == "N"
    assert filled.having("F.DTH", DTHDTM="2026-03-05T--:--+08:00").value("F.DTH", "DTHTIMUN") == "Y"


def test_death_without_a_fatal_event_is_found_and_closes_by_itself() -> None:
    dead = person().having("F.DTH", **DEATH)
    assert "EC074" in dead.fired("F.DTH")
    assert "EC074" in with_event(dead, AEOUT="UNKNOWN").fired("F.DTH")
    assert "EC074" not in with_event(dead, AEOUT="FATAL").fired("F.DTH")


def test_relation_to_the_procedure_is_asked_where_there_was_one() -> None:
    assert "RELEVT" in person().having("F.DTH", DTHDTM=DIED).unanswered("F.DTH")
    medical = person().having("F.RND", RANDARM="BMM").having("F.DTH", DTHDTM=DIED)
    assert "RELEVT" not in medical.unanswered("F.DTH")
    assert "RELEVT" in medical.having("F.EVT@SE.EVT#x", EVTDONE="Y").unanswered("F.DTH")


@pytest.mark.parametrize(
    ("assessed", "expected"),
    [
        ("2026-05-30T10:00+08:00", {"EC061", "EC062"}),
        (DIED, {"EC061"}),
        ("2026-03-05T09:59+08:00", set()),
    ],
)
def test_blinded_grade_after_death_is_told_in_the_form_of_the_death_and_never_to_the_assessor(
    assessed: str, expected: set[str]
) -> None:
    graded = with_event(person(), AEOUT="FATAL").having("F.B90@SE.V7", B90DONE="Y", B90DTM=assessed, MRS="3")
    dead = graded.having("F.DTH", **DEATH)
    assert dead.fired("F.DTH") == expected
    assert dead.fired("F.B90@SE.V7") == graded.fired("F.B90@SE.V7")


def test_blinded_form_asks_nothing_that_tells_of_a_death() -> None:
    form = shipped().form("F.B90")
    named = {check.id for check in form.checks}
    assert named.isdisjoint({"EC060", "EC061", "EC062"})


# -- deviation -------------------------------------------------------------------------------------------

DEVIATION = {
    "DVTERM": "visit late", "DVCAT": "VISIT_WINDOW", "DVSEV": "MINOR", "DVSTDTM": "2026-06-10T10:00+08:00",
    "DVDISDTM": "2026-06-17T12:00+08:00", "DVSRC": "EC068", "DVREF": "SE.V7 F.B90 B90DTM",
}  # fmt: skip
CLASSIFIED = {"DVDECOD": "VISIT_OUT", "DVACT": "told the site", "DVPEND": "N", "DVSPREP": "NA", "DVECREP": "NA"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"DVDISDTM": "2026-06-17T11:59+08:00"}, {"EC080"}),
        ({}, set()),
        ({"DVDISDTM": "2026-06-01T12:00+08:00", "DVDECOD": "VISIT_OUT"}, set()),
        ({"DVDISDTM": "2026-06-01T12:00+08:00", "DVSRC": None}, set()),
    ],
)
def test_deviation_that_the_software_found_is_classified_within_fourteen_days(
    changed: dict[str, str | None], expected: set[str]
) -> None:
    assert person().having("F.DV", **DEVIATION).having("F.DV", **changed).fired("F.DV") == expected


def test_deviation_can_be_filled_from_first_to_last_item() -> None:
    done = person().having("F.DV", **DEVIATION, **CLASSIFIED)
    assert done.unanswered("F.DV") == []
    assert done.fired("F.DV") == set()


def test_categories_that_checks_raise_are_those_of_the_form() -> None:
    lists = shipped().code_lists
    categories = {code.value for code in lists["CL.DVCAT"].codes}
    severities = {code.value for code in lists["CL.DVSEV"].codes}
    raised = [check.deviation for form in shipped().forms.values() for check in form.checks if check.deviation]
    assert raised
    assert {one.category for one in raised} <= categories
    assert {one.severity for one in raised} <= severities
    assert "CROSSOVER" in {code.value for code in lists["CL.DVDECOD"].codes}


# -- discharge -------------------------------------------------------------------------------------------

DISCHARGE = {
    "DISDTM": "2026-03-08T09:00+08:00", "DISTYPE": "HOME", "ICUDAYS": "2", "TOAST": "LAA_IC", "WORKUP": "ANGIO",
    "ICAD": "Y", "DISMRS": "2", "DISDRUG": "ASPIRIN STATIN", "DISCOMP": "NONE",
}  # fmt: skip


def discharged(**changed: str | None) -> Person:
    return person().having("F.DIS", **DISCHARGE).having("F.DIS", **changed)


def test_discharge_can_be_filled_from_first_to_last_item() -> None:
    home = discharged()
    assert home.unanswered("F.DIS") == []
    assert home.fired("F.DIS") == set()
    assert home.value("F.DIS", "DISDAYS") == "9"


def test_death_in_hospital_is_no_discharge_that_moves_a_visit() -> None:
    assert discharged().value("F.DIS", "DISALIVE") == "2026-03-08T09:00+08:00"
    dead = discharged(DISTYPE="DEAD", DISMRS=None, DISDRUG=None)
    assert dead.value("F.DIS", "DISALIVE") is None
    assert dead.unanswered("F.DIS") == []
    assert discharged(DISTYPE=None).value("F.DIS", "DISALIVE") is None


@pytest.mark.parametrize(
    ("toast", "site", "expected"),
    [
        ("SVO", "M1", {"EC058"}),
        ("SVO", "ICA_T", {"EC058"}),
        ("SVO", "M2", set()),
        ("CE", "M1", set()),
    ],
)
def test_small_vessel_occlusion_does_not_fit_a_large_one(toast: str, site: str, expected: set[str]) -> None:
    assert discharged(TOAST=toast).having("F.IMG1", OCCSITE=site).fired("F.DIS") == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"DISTYPE": "MORIBUND"}, {"EC066"}),
        ({"DISTYPE": "AGAINST_ADVICE", "EXTREMIS": "Y"}, {"EC066"}),
        ({"DISTYPE": "AGAINST_ADVICE", "EXTREMIS": "N"}, set()),
        ({"DISTYPE": "MORIBUND", "VITAL30": "UNKNOWN"}, {"EC066"}),
        ({"DISTYPE": "MORIBUND", "VITAL30": "ALIVE"}, set()),
        ({"DISTYPE": "MORIBUND", "VITAL30": "DEAD"}, set()),
        ({"DISTYPE": "DEAD"}, set()),
    ],
)
def test_moribund_discharge_waits_for_vital_status(changed: dict[str, str], expected: set[str]) -> None:
    assert discharged(**changed).fired("F.DIS") == expected


def test_vital_status_after_a_moribund_discharge_may_come_from_other_forms() -> None:
    moribund = discharged(DISTYPE="MORIBUND")
    assert moribund.having("F.DTH", **DEATH).fired("F.DIS") == set()
    assert moribund.having("F.MRS@SE.V6", MRSPER="CURRENT", MRS="5").fired("F.DIS") == set()


# -- worsening and haemorrhage ---------------------------------------------------------------------------

WORSENED = "2026-03-02T14:00+08:00"
WORSENING = {
    "WORSDTM": WORSENED, "WORSWIT": "WITNESSED", "WORSCAUS": "ICH", "WORSIMG": "Y",
    "WORSIMDT": "2026-03-02T16:00+08:00",
    "WORSACT": "OSMOTIC", "WORSAENO": "1", "GCSE": "3", "GCSV": "4", "GCSM": "6",
}  # fmt: skip


def worsened(worst: str = "4") -> Person:
    """Return the person with 7 points at 24 h, and a right arm of `worst` after the worsening."""
    return (
        person()
        .having("F.NIHSS@SE.V2", **nihss("2026-03-02T10:00+08:00", NIHSS05B="2", NIHSS06B="3", NIHSS04="2"))
        .having(
            "F.NIHSS@SE.UNS",
            **nihss("2026-03-02T15:00+08:00", NIHSS05B=worst, NIHSS06B="4", NIHSS04="2", NIHSS01B="1"),
        )
    )


def test_worsening_takes_its_scores_from_the_scale() -> None:
    form = worsened().having("F.WORS", **WORSENING)
    assert [form.value("F.WORS", name) for name in ("WORSBEF", "WORSAFT", "WORSWRST", "WORSRISE")] == [
        "7",
        "11",
        "11",
        "4",
    ]
    assert form.value("F.WORS", "GCSTOT") == "13"
    assert form.unanswered("F.WORS") == []
    assert form.fired("F.WORS") == set()


def test_early_deterioration_after_randomisation_is_kept_with_the_score() -> None:
    assert worsened().value("F.NIHSS@SE.UNS", "POSTEND") == "Y"
    assert worsened("3").value("F.NIHSS@SE.UNS", "POSTEND") == "N"
    assert worsened().value("F.NIHSS@SE.V2", "POSTEND") == "N"
    assert worsened().value("F.NIHSS/PRERAND", "POSTEND") is None
    assert worsened().value("F.NIHSS@SE.V2", "NIHCHG") == "-2"
    assert worsened().value("F.NIHSS/PRERAND", "NIHCHG") is None


def jumped(points: int) -> Person:
    grades = dict.fromkeys(("NIHSS05A", "NIHSS06A"), "4") | {"NIHSS05B": str(points - 8), "NIHSS01A": "1"}
    quiet = nihss("2026-03-02T10:00+08:00", NIHSS01A="1")
    return (
        person().having("F.NIHSS@SE.V2", **quiet).having("F.NIHSS@SE.V3", **nihss("2026-03-03T10:00+08:00", **grades))
    )


def test_rise_of_eight_between_scores_asks_for_its_event() -> None:
    assert "EC029" in jumped(8).fired("F.NIHSS@SE.V3")
    lower = jumped(8).having("F.NIHSS@SE.V3", NIHSS06A="3")
    assert "EC029" not in lower.fired("F.NIHSS@SE.V3")
    assert "EC029" not in jumped(9).having("F.WORS", WORSDTM="2026-03-03T09:00+08:00").fired("F.NIHSS@SE.V3")
    assert "EC029" in jumped(9).having("F.WORS", WORSDTM="2026-03-02T09:59+08:00").fired("F.NIHSS@SE.V3")
    assert "EC029" not in jumped(9).having("F.ICH", ICHDTM="2026-03-03T12:00+08:00").fired("F.NIHSS@SE.V3")
    assert "EC029" not in jumped(9).having("F.DTH", DTHDTM="2026-03-03T20:00+08:00").fired("F.NIHSS@SE.V3")


def test_progression_before_randomisation_is_no_unexplained_rise() -> None:
    one = person().having("F.NIHSS/PRERAND", NIHSS01A="2", NIHSS05A="4")
    assert one.value("F.NIHSS/PRERAND", "NIHSSTOT") == "15"
    assert "EC029" not in one.fired("F.NIHSS/PRERAND")
    assert "EC029" in one.having("F.TIME", PROGDTM=None).fired("F.NIHSS/PRERAND")


HAEMORRHAGE = {
    "ICHDTM": "2026-03-02T16:00+08:00", "NEWICH": "Y", "HTTYPE": "PH2 IVH", "ICHDECL": "Y", "WRSDTM": WORSENED,
    "ICHINTV": "NONE", "ALTEXP": "N", "ICHPRED": "Y", "ICHAENO": "1",
}  # fmt: skip
SICH = ("SICHHBC", "SICHSITS", "SICHECA2", "SICHECA3", "SICHNIND", "SICH48")


def bled(**changed: str | None) -> Person:
    return worsened().having("F.ICH", **HAEMORRHAGE).having("F.ICH", **changed)


def flags(one: Person) -> list[str | None]:
    return [one.value("F.ICH", name) for name in SICH]


def test_haemorrhage_takes_its_scores_from_the_scale() -> None:
    form = bled()
    names = ("NIHBASE", "NIHLOW24", "NIHLOW7D", "NIHBEF", "NIHWORST", "NIHRISE", "NIHITEM", "RAND2ICH")
    assert [form.value("F.ICH", name) for name in names] == ["9", "7", "7", "7", "11", "4", "2", "1800"]
    assert (form.value("F.ICH", "HBCCLASS"), form.value("F.ICH", "HBCALL")) == ("2", "2 3b")
    assert form.unanswered("F.ICH") == []
    assert flags(form) == ["Y"] * 6


def test_definitions_follow_the_answers_of_the_form() -> None:
    assert flags(bled(HTTYPE="HI2")) == ["Y", "N", "Y", "Y", "Y", "Y"]
    assert flags(bled(ALTEXP="Y")) == ["N", "Y", "Y", "Y", "Y", "N"]
    assert flags(bled(ICHPRED="N")) == ["Y", "Y", "Y", "N", "Y", "Y"]
    assert flags(bled(NEWICH="N")) == ["N"] * 6
    assert flags(bled(ICHDTM="2026-03-02T22:01+08:00")) == ["Y", "N", "Y", "Y", "N", "Y"]
    assert flags(bled(ICHDTM="2026-03-03T10:01+08:00"))[-1] == "N"
    assert flags(bled(ALTEXP=None))[0] is None


def test_haemorrhage_without_worsening_is_compared_around_its_image() -> None:
    quiet = (
        person()
        .having("F.NIHSS@SE.V2", **nihss("2026-03-02T10:00+08:00", NIHSS05B="3"))
        .having("F.NIHSS@SE.V3", **nihss("2026-03-03T10:00+08:00", NIHSS05B="3"))
        .having("F.ICH", **HAEMORRHAGE)
        .having("F.ICH", ICHDECL="N", WRSDTM=None, ICHPRED="N", HTTYPE="HI1")
    )
    assert quiet.value("F.ICH", "ICHREF") == HAEMORRHAGE["ICHDTM"]
    assert flags(quiet) == ["N"] * 6


def test_score_that_is_still_to_come_leaves_the_definitions_open() -> None:
    waiting = bled().without("F.NIHSS@SE.UNS")
    assert "NIHUNSC" in waiting.unanswered("F.ICH")
    assert flags(waiting) == [None, None, None, None, "Y", None]
    assert flags(waiting.having("F.ICH", NIHUNSC="Y")) == ["N", "N", "N", "N", "Y", "N"]
    assert flags(waiting.having("F.ICH", NIHUNSC="Y", ICHINTV="EVD"))[0] == "Y"
    dead = waiting.having("F.ICH", NIHUNSC="Y").having("F.DTH", DTHDTM="2026-03-04T10:00+08:00", DTHCAUS="ICH")
    assert flags(dead) == ["N", "Y", "Y", "Y", "Y", "N"]


def test_haemorrhage_shows_what_the_imaging_form_of_that_time_found() -> None:
    image = bled().having("F.IMG2@SE.V2", IMGDTM="2026-03-02T16:00+08:00", MODAL="NCCT", HTTYPE="PH1")
    assert image.value("F.ICH", "ICHLOCHT") == "PH1"


def test_adjudication_is_held_against_every_definition() -> None:
    same = bled(ADJID="A1", ADJHBC="Y", ADJSITS="Y", ADJECA2="Y", ADJECA3="Y", ADJNIND="Y")
    assert "EC056" not in same.fired("F.ICH")
    for name in ("ADJHBC", "ADJSITS", "ADJECA2", "ADJECA3", "ADJNIND"):
        assert same.having("F.ICH", **{name: "N"}).beside("F.ICH", "EC056") == [name]
        assert same.having("F.ICH", **{name: "!UNK"}).beside("F.ICH", "EC056") == []


def test_symptomatic_haemorrhage_is_an_adverse_event() -> None:
    assert bled().fired("F.ICH") == {"EC057"}
    assert with_event(bled(), AESI="SICH").fired("F.ICH") == set()
    assert with_event(bled(), AESI="END").fired("F.ICH") == {"EC057"}
    assert bled(NEWICH="N").fired("F.ICH") == set()


def test_randomisation_is_time_zero_in_both_arms() -> None:
    assert RANDOMISED == "2026-03-01T10:00+08:00"
    assert bled().having("F.RND", RANDARM="BMM").value("F.ICH", "RAND2ICH") == "1800"
    punctured = bled().having("F.EVT", EVTDONE="Y", PUNCDTM="2026-03-01T11:00+08:00")
    assert punctured.value("F.ICH", "PUNC2ICH") == "1740"

"""Follow-up images, the mRS at 30 and 90 days, its blinded assessor, and the end of the study."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from casebook.checks import Finding
from casebook.design import DeviationWhen, Need, Severity
from tests.forms.participant import nihss, randomised
from tests.forms.person import Person, key_of, shipped

LATER = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
DAY_30, DAY_90 = "2026-03-31T10:00+08:00", "2026-05-30T10:00+08:00"


def person() -> Person:
    return replace(randomised(), now=LATER)


def the_finding(one: Person, place: str, check: str) -> Finding:
    (found,) = (found for found in one.subject().findings(key_of(place)) if found.check == check)
    return found


# -- follow-up images ------------------------------------------------------------------------------------

IMAGE = {
    "IMGDTM": "2026-03-02T10:00+08:00", "IMGREAS": "SCHEDULED", "MODAL": "NCCT CTA", "IMGQUAL": "GOOD",
    "IMGREAD": "D09",
    "HTTYPE": "NONE", "MASSEFF": "N", "MLSHIFT": "0", "AOL24": "3",
}  # fmt: skip
V2 = "F.IMG2@SE.V2"


def imaged(place: str = V2, **changed: str | None) -> Person:
    return person().having(place, **IMAGE).having(place, **changed)


def test_follow_up_image_can_be_filled_from_first_to_last_item() -> None:
    assert imaged().unanswered(V2) == []
    assert imaged().fired(V2) == set()
    assert imaged().value(V2, "RECAN24") == "Y"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-01T09:59+08:00", {"EC054"}),
        ("2026-03-02T03:59+08:00", {"EC054"}),
        ("2026-03-02T04:00+08:00", set()),
        ("2026-03-02T22:00+08:00", set()),
        ("2026-03-02T22:01+08:00", {"EC054"}),
    ],
)
def test_image_of_visit_2_lies_between_18_and_36_hours(at: str, expected: set[str]) -> None:
    assert imaged(IMGDTM=at).fired(V2) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-01T09:59+08:00", {"EC054"}),
        ("2026-03-01T10:00+08:00", set()),
        ("2026-03-09T10:00+08:00", set()),
    ],
)
def test_other_follow_up_images_lie_after_randomisation(at: str, expected: set[str]) -> None:
    assert imaged("F.IMG2@SE.V5", IMGDTM=at).fired("F.IMG2@SE.V5") == expected


@pytest.mark.parametrize(
    ("findings", "reported", "expected"),
    [
        ("PH2", "1c", {"EC055"}),
        ("PH1", "2", {"EC055"}),
        ("PH2", "2", set()),
        ("HI2 IVH", "3b", set()),
        ("HI2 IVH", "1b 3b", set()),
        ("HI2 IVH", "1b", {"EC055"}),
        ("NONE", "1a", {"EC055"}),
        ("PH2", None, set()),
        ("PH2", "!NAV", set()),
    ],
)
def test_class_of_the_report_fits_the_findings(findings: str, reported: str | None, expected: set[str]) -> None:
    image = imaged(HTTYPE=findings, HBCREP=reported)
    assert image.fired(V2) == expected
    if expected:
        assert not the_finding(image, V2, "EC055").confirmable


@pytest.mark.parametrize(
    ("place", "aol", "final", "noted", "here", "expected"),
    [
        (V2, "0", "3", "N", None, True),
        (V2, "1", "3", None, None, True),
        (V2, "1", "3", "!ND", "!UNK", True),
        (V2, "2", "3", "N", None, False),
        (V2, "1", "2c", "N", None, False),
        (V2, "1", "3", "Y", None, False),
        (V2, "1", "3", "N", "Y", False),
        (V2, "1", "3", "N", "N", True),
        ("F.IMG2@SE.V5", "1", "3", "N", None, False),
    ],
)
def test_vessel_that_closed_again_after_complete_reperfusion_is_questioned(
    place: str, aol: str, final: str, noted: str | None, here: str | None, *, expected: bool
) -> None:
    treated = imaged(place, AOL24=aol, REOCC24=here).having("F.EVT", EVTDONE="Y", FINETICI=final, REOCC=noted)
    assert ("EC047" in treated.fired(place)) is expected


def test_infarct_is_compared_with_the_core_at_baseline() -> None:
    assert imaged("F.IMG2@SE.V5", INFVOL="31.5").value("F.IMG2@SE.V5", "INFGROW") == "13.5"


# -- mRS of the local rater and of the coordinator -------------------------------------------------------

LOCAL = {"MRSDTM": DAY_30, "MRSRATER": "D07", "MRSMODE": "FACE", "MRSINF": "PATIENT", "MRSPER": "CURRENT"}
V6, V7 = "F.MRS@SE.V6", "F.MRS@SE.V7"


def graded(grade: str, at: str = DAY_30) -> Person:
    return person().having(V6, **LOCAL).having(V6, MRSDTM=at, MRS=grade)


def dead(one: Person, died: str) -> Person:
    return one.having("F.DTH", DTHDTM=died)


def test_grade_6_needs_the_form_of_the_death() -> None:
    assert "EC060" in graded("6").fired(V6)
    assert "EC060" not in graded("5").fired(V6)
    assert "EC060" not in dead(graded("6"), "2026-03-20T10:00+08:00").fired(V6)
    assert not the_finding(graded("6"), V6, "EC060").confirmable


@pytest.mark.parametrize(
    ("grade", "died", "expected"),
    [
        ("5", "2026-03-31T09:59+08:00", {"EC061", "EC062"}),
        ("5", DAY_30, {"EC061"}),
        ("5", "2026-03-31T10:01+08:00", set()),
        ("6", "2026-03-31T09:59+08:00", set()),
        ("6", DAY_30, set()),
        ("0", "2026-03-30T--:--+08:00", {"EC061", "EC062"}),
    ],
)
def test_grade_on_or_after_the_day_of_death_is_6(grade: str, died: str, expected: set[str]) -> None:
    found = dead(graded(grade), died).fired(V6)
    assert found & {"EC060", "EC061", "EC062"} == expected


def test_coordinator_is_asked_for_the_grade_at_90_days_only_after_a_death() -> None:
    (planned,) = (one for one in shipped().visit("SE.V7").forms if one.form == "F.MRS")
    assert not person().subject().applicable(planned)
    assert dead(person(), "2026-03-20T10:00+08:00").subject().applicable(planned)


def test_death_proposes_6_and_asks_no_interview() -> None:
    late = dead(person(), "2026-03-20T10:00+08:00").having(V7, MRSDTM=DAY_90, MRSRATER="D07", MRSPER="CURRENT")
    assert late.value(V7, "MRSDTH") == "6"
    assert late.unanswered(V7) == ["MRS"]
    done = late.having(V7, MRS="6")
    assert (done.unanswered(V7), done.fired(V7)) == ([], set())
    assert graded("3").value(V6, "MRSDTH") is None
    assert "MRSMODE" in graded("3").having(V6, MRSMODE=None).unanswered(V6)


# -- the blinded assessor --------------------------------------------------------------------------------

BLINDED = {
    "TASKST": "CLOSED", "B90DONE": "Y", "B90DTM": DAY_90, "ASSID": "B01", "CERTID": "C-9", "CERTDAT": "2025-12-01",
    "MODE": "PHONE", "INFORM": "PATIENT", "RECORDED": "Y", "WOUNDCOV": "NA", "MRS": "2", "ARMLEARN": "N",
    "ARMGUESS": "UNKNOWN",
}  # fmt: skip
B90 = "F.B90@SE.V7"


def assessed(**changed: str | None) -> Person:
    return person().having(B90, **BLINDED).having(B90, **changed)


def test_blinded_assessment_can_be_filled_from_first_to_last_item() -> None:
    assert assessed().unanswered(B90) == []
    assert assessed().fired(B90) == set()


def test_closed_task_asks_for_nothing_more_and_says_no_reason() -> None:
    closed = person().having(B90, TASKST="CLOSED", B90DONE="N")
    assert closed.unanswered(B90) == []
    assert dead(closed, "2026-03-20T10:00+08:00").unanswered(B90) == []


def test_same_assessor_is_asked_where_30_days_had_a_blinded_assessment() -> None:
    assert "SAMERAT" not in assessed().unanswered(B90)
    both = assessed().having("F.B90@SE.V6", B90DONE="Y", B90DTM=DAY_30, MRS="2")
    assert "SAMERAT" in both.unanswered(B90)
    assert "SAMERAT" not in both.unanswered("F.B90@SE.V6")


def test_assessor_had_no_part_in_treatment_or_randomisation() -> None:
    operated = assessed().having("F.EVT", EVTDONE="Y", OPERID="B01", OPERID2="B02")
    assert "EC063" in operated.fired(B90)
    assert "EC063" in operated.having(B90, ASSID="b02").fired(B90)
    assert "EC063" not in operated.having(B90, ASSID="B03").fired(B90)
    assert "EC063" in assessed(ASSID="D07").fired(B90)
    assert "EC063" in assessed(ASSID="D21").having("F.BMM@SE.V3", BMMPHYS="D21").fired(B90)
    assert "EC063" not in assessed(ASSID="D22").having("F.BMM@SE.V3", BMMPHYS="D21").fired(B90)
    rated = assessed().having("F.NIHSS@SE.V2", **nihss("2026-03-02T10:00+08:00", NIHSS05B="3", NIHSS06B="3"))
    unblinded = rated.having("F.NIHSS@SE.V2", NIHRATER="B01", NIHARMKN="Y")
    assert "EC063" in unblinded.fired(B90)
    assert "EC063" not in unblinded.having("F.NIHSS@SE.V2", NIHARMKN="N").fired(B90)


def test_assessor_who_took_part_is_confirmed_as_a_major_deviation() -> None:
    (check,) = (one for one in shipped().form("F.B90").checks if one.id == "EC063")
    assert (check.severity, check.confirmable) == (Severity.HARD, True)
    assert check.deviation is not None
    assert (check.deviation.category, check.deviation.severity) == ("BLINDING", "MAJOR")
    assert check.deviation.when is DeviationWhen.CONFIRMED


def test_grade_that_differs_from_the_prompts_is_still_questioned() -> None:
    prompts = {"MRSCONST": "N", "MRSWALK": "Y", "MRSHELP": "N", "MRSFORM": "N", "MRSSYMP": "Y"}
    assert "EC064" not in assessed(**prompts).fired(B90)
    assert "EC064" in assessed(**prompts | {"MRS": "3"}).fired(B90)


def courses(before: str, now: str) -> Person:
    return assessed(MRS=now).having("F.B90@SE.V6", **BLINDED).having("F.B90@SE.V6", B90DTM=DAY_30, MRS=before)


@pytest.mark.parametrize(
    ("before", "now", "expected"), [("4", "1", True), ("4", "2", False), ("1", "4", True), ("1", "3", False)]
)
def test_blinded_grades_three_apart_are_questioned(before: str, now: str, *, expected: bool) -> None:
    assert ("EC065" in courses(before, now).fired(B90)) is expected
    assert "EC065" not in courses(before, now).fired("F.B90@SE.V6")


def test_event_explains_a_worse_grade_and_not_a_better_one() -> None:
    event = {"AENO": "1", "AETERM": "fracture", "AESER": "Y", "AESTDTM": "2026-04-10T10:00+08:00"}
    assert "EC065" not in courses("1", "4").having("F.WORS", WORSDTM=DAY_30).fired(B90)
    assert "EC065" in courses("1", "4").having("F.WORS", WORSDTM="2026-03-31T09:59+08:00").fired(B90)
    assert "EC065" not in courses("1", "4").having("F.ICH", ICHDTM="2026-04-10T10:00+08:00").fired(B90)
    assert "EC065" not in courses("1", "4").with_row("F.AE@SE.LOG", "IG.AE.EVENT", **event).fired(B90)
    slight = event | {"AESER": "N"}
    assert "EC065" in courses("1", "4").with_row("F.AE@SE.LOG", "IG.AE.EVENT", **slight).fired(B90)
    assert "EC065" in courses("4", "1").having("F.WORS", WORSDTM="2026-04-10T10:00+08:00").fired(B90)


# -- end of the study ------------------------------------------------------------------------------------

END = {
    "EOSDTM": "2026-05-30T11:00+08:00", "DSDECOD": "COMPLETED", "LASTCDAT": "2026-05-30", "LASTCWHO": "PATIENT",
    "VITAL90": "ALIVE", "VITDAT": "2026-05-30", "VITSRC": "PATIENT",
}  # fmt: skip


def ended(one: Person, **changed: str | None) -> Person:
    return one.having("F.EOS", **END).having("F.EOS", **changed)


def test_end_of_study_can_be_filled_from_first_to_last_item() -> None:
    done = ended(assessed())
    assert done.unanswered("F.EOS") == []
    assert done.fired("F.EOS") == set()
    assert [done.value("F.EOS", name) for name in ("MRS90", "MRS01", "MRS02", "MRS03")] == ["2", "N", "Y", "Y"]


def test_sets_of_analysis_follow_from_treatment_eligibility_and_deviations() -> None:
    names = ("RANDFL", "ACTARM", "TRTFL")
    drugs = ended(assessed()).having("F.RND", RANDDTM="2026-03-01T10:00+08:00", RANDARM="BMM")
    assert [drugs.value("F.EOS", name) for name in names] == ["Y", "BMM", "Y"]
    crossed = drugs.having("F.EVT", EVTDONE="Y")
    assert [crossed.value("F.EOS", name) for name in names] == ["Y", "EVT", "N"]
    assert crossed.value("F.EOS", "PPROTFL") == "N"


def test_outcome_of_record_is_6_once_the_coordinator_graded_it() -> None:
    late = dead(assessed(), "2026-05-31T10:00+08:00").having(V7, MRSPER="CURRENT", MRS="6")
    assert [ended(late).value("F.EOS", name) for name in ("MRS90", "MRS03")] == ["6", "N"]
    assert ended(assessed(MRSREAD2="3", MRSCONS="3")).value("F.EOS", "MRS90") == "3"
    assert ended(person()).value("F.EOS", "MRS90") is None


def test_completion_needs_the_outcome_and_death_its_form() -> None:
    assert "EC067" in ended(person()).fired("F.EOS")
    assert "EC067" in ended(assessed(MRS="!NAV")).fired("F.EOS")
    assert "EC067" not in ended(assessed()).fired("F.EOS")
    assert "EC067" in ended(person(), DSDECOD="DEATH").fired("F.EOS")
    assert "EC067" not in ended(dead(person(), "2026-03-20T10:00+08:00"), DSDECOD="DEATH").fired("F.EOS")
    assert "EC067" not in ended(person(), DSDECOD="LOST_TO_FOLLOW_UP").fired("F.EOS")
    assert not the_finding(ended(person()), "F.EOS", "EC067").confirmable


def test_outcome_far_from_the_local_grade_at_30_days_is_questioned() -> None:
    def course(before: str, now: str) -> Person:
        return ended(assessed(MRS=now)).having(V6, **LOCAL).having(V6, MRS=before)

    assert "EC065" in course("4", "1").fired("F.EOS")
    assert "EC065" not in course("4", "2").fired("F.EOS")
    assert "EC065" in course("1", "4").fired("F.EOS")
    assert "EC065" not in course("1", "4").having("F.WORS", WORSDTM="2026-04-10T10:00+08:00").fired("F.EOS")
    assert "EC065" not in course("1", "4").fired(B90)


CALLS = (
    {"EOCDTM": "2026-05-28T10:00+08:00", "EOCMODE": "PHONE", "EOCWHO": "PATIENT", "EOCRES": "NO_ANSWER"},
    {"EOCDTM": "2026-05-29T10:00+08:00", "EOCMODE": "PHONE", "EOCWHO": "RELATIVE", "EOCRES": "NO_ANSWER"},
)


def test_loss_counts_attempts_of_the_site_and_of_the_assessor() -> None:
    lost = ended(person(), DSDECOD="LOST_TO_FOLLOW_UP", VITAL90="UNKNOWN", VITDAT=None, VITSRC=None)
    for call in CALLS:
        lost = lost.with_row("F.EOS", "IG.EOS.CALLS", **call)
    assert (lost.value("F.EOS", "CALLDAYS"), lost.value("F.EOS", "CALLOK")) == ("2", "N")
    assert lost.unanswered("F.EOS") == []
    tried = lost.with_row(
        B90, "IG.B90.CALLS", CADTM="2026-05-30T10:00+08:00", CAMODE="PHONE", CAWHO="PATIENT", CARES="NO_ANSWER"
    )
    assert (tried.value("F.EOS", "CALLDAYS"), tried.value("F.EOS", "CALLOK")) == ("3", "Y")


def test_withdrawal_is_shown_from_the_consent_forms() -> None:
    away = person().having("F.ICF", WDCONS="TREATMENT FOLLOWUP", WDDTM="2026-03-10T10:00+08:00", WDBY="PARTICIPANT")
    form = ended(away, DSDECOD="WITHDRAWAL_BY_SUBJECT", EOSREAS="!NAV")
    assert form.value("F.EOS", "WDSCOPE") == "TREATMENT FOLLOWUP"
    assert form.value("F.EOS", "WDSINCE") == "2026-03-10T10:00+08:00"


def test_each_check_of_follow_up_and_events_has_its_severity() -> None:
    expected = {
        "EC029": "S", "EC047": "S", "EC054": "S", "EC055": "H", "EC056": "H", "EC057": "S", "EC058": "S", "EC060": "H",
        "EC061": "H", "EC063": "H", "EC064": "S", "EC065": "S", "EC066": "S", "EC067": "H", "EC074": "H", "EC080": "S",
    }  # fmt: skip
    declared = [check for form in shipped().forms.values() for check in form.checks if check.id in expected]
    assert {check.id: check.severity.value for check in declared} == expected


def test_conditional_items_of_these_forms_have_a_condition() -> None:
    forms = [shipped().form(oid) for oid in ("F.DTH", "F.DV", "F.DIS", "F.WORS", "F.ICH", "F.EOS", "F.B90", "F.IMG2")]
    items = [item for form in forms for group in form.groups for item in group.items]
    assert all(item.relevant_when for item in items if item.need is Need.CONDITIONAL)

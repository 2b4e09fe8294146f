"""Thrombectomy, medical management and medication: what the forms ask, derive and find."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from casebook.design import DataType, Need, Severity
from tests.forms.person import Person, shipped
from tests.forms.treatment import DRUG, MANAGEMENT, PASS, PROCEDURE, RANDOMISED, randomised, treated

RANDOMISED_AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
CROSSOVER_FORM = "F.EVT@SE.EVT#x"
CROSSED = {"XOVER": "Y", "XOVDTM": "2026-03-01T15:00+08:00", "XOVTRIG": "WORSENING"}
V2 = "F.BMM@SE.V2"


def hospital(minutes: int, since: str = RANDOMISED) -> str:
    return (datetime.fromisoformat(since) + timedelta(minutes=minutes)).isoformat(timespec="minutes")


def codes_of(form: str, item: str) -> list[str]:
    code_list = shipped().form(form).find(item)[1].code_list
    assert code_list is not None
    return [code.value for code in shipped().code_lists[code_list].codes]


def crossed() -> Person:
    """Return a participant of the other arm who crossed over: decision, procedure, and nothing recorded of it."""
    return (
        randomised("BMM")
        .having(V2, **MANAGEMENT, **CROSSED)
        .having(CROSSOVER_FORM, **PROCEDURE | {"PUNCDTM": "2026-03-01T16:00+08:00"})
    )


# -- F.EVT ---------------------------------------------------------------------------------------------


def test_procedure_can_be_filled_to_its_end_and_then_fires_nothing() -> None:
    assert treated().unanswered("F.EVT") == []
    assert treated().fired("F.EVT") == set()


def test_procedure_that_was_not_done_asks_why_and_nothing_else() -> None:
    undone = randomised("EVT").having("F.EVT", EVTDONE="N")
    assert undone.unanswered("F.EVT") == ["EVTNOT"]
    assert undone.having("F.EVT", EVTNOT="CLINICAL_CHANGE").unanswered("F.EVT") == []
    assert undone.having("F.EVT", EVTNOT="OTHER").unanswered("F.EVT") == ["EVTNOTO"]


@pytest.mark.parametrize("reason", ["SPONTANEOUS_RECAN", "ACCESS_FAIL"])
def test_procedure_that_ended_after_puncture_asks_for_access_times_and_complications(reason: str) -> None:
    ended = randomised("EVT").having("F.EVT", EVTDONE="N", EVTNOT=reason).unanswered("F.EVT")
    assert {"PUNCDTM", "CLOSEDTM", "ACCSITE", "ETICIBL", "COMPYN"} <= set(ended)
    assert not {"FINETICI", "TOTPASS", "RESCUE", "FIRSTPASSDTM"} & set(ended)


def test_procedure_has_the_codes_of_the_clinical_content() -> None:
    assert codes_of("F.EVT", "EVTNOT") == [
        "SPONTANEOUS_RECAN", "ACCESS_FAIL", "CONSENT_WITHDRAWN", "CLINICAL_CHANGE", "OTHER",
    ]  # fmt: skip
    assert codes_of("F.EVT", "ANESTH") == ["LOCAL", "CONSCIOUS_SEDATION", "GENERAL", "CONVERTED"]
    assert codes_of("F.EVT", "ACCSITE") == ["FEMORAL", "RADIAL", "BRACHIAL", "CAROTID"]
    assert codes_of("F.EVT", "FINETICI") == ["0", "1", "2a", "2b50", "2b67", "2c", "3", "2b"]
    assert codes_of("F.EVT", "COLASITN") == ["0", "1", "2", "3", "4"]
    assert codes_of("F.EVT", "PASSTECH") == [
        "STENT_RETRIEVER", "ASPIRATION", "COMBINED", "ANGIOPLASTY", "STENT", "IA_LYSIS", "IA_TIROFIBAN",
    ]  # fmt: skip
    assert codes_of("F.EVT", "RESCUE") == ["NONE", "SWITCH_TECHNIQUE", "BALLOON", "STENT", "IA_LYSIS", "GPI", "OTHER"]
    assert codes_of("F.EVT", "CMPTYPE") == codes_of("F.AE", "AEPROC")
    assert len(codes_of("F.EVT", "CMPTYPE")) == 11
    assert codes_of("F.EVT", "BPTARGET")[:4] == ["<180", "<160", "<140", "<120"]


def test_intervals_are_minutes_from_puncture_and_to_reperfusion() -> None:
    intervals = {
        "RAND2PUNC": "80",
        "PUNC2REP": "30",
        "PUNC2END": "50",
        "LKW2PUNC": str(2 * 24 * 60 + 200),
        "LKW2REP": str(2 * 24 * 60 + 230),
        "ARR2PUNC": str(2 * 24 * 60 - 40),
    }
    assert {name: treated().value("F.EVT", name) for name in intervals} == intervals


def test_interval_with_an_unknown_time_is_left_empty() -> None:
    unknown = treated().having("F.EVT", PUNCDTM="2026-03-01T--:--+08:00")
    assert unknown.value("F.EVT", "RAND2PUNC") is None
    assert unknown.value("F.EVT", "PUNC2REP") is None
    assert unknown.value("F.EVT", "LKW2REP") is not None


def test_crossover_is_known_from_the_arm_and_counts_from_its_own_time() -> None:
    assert crossed().value(CROSSOVER_FORM, "XOVER") == "Y"
    assert crossed().value(CROSSOVER_FORM, "XOV2PUNC") == "60"
    assert treated().value("F.EVT", "XOVER") == "N"
    assert treated().value("F.EVT", "XOV2PUNC") is None


@pytest.mark.parametrize(
    ("etici", "derived"),
    [
        ("2a", {"MTICI": "2a", "SUCCESS": "N", "NEARCOMP": "N", "FPE": "N"}),
        ("2b", {"MTICI": "2b", "SUCCESS": "Y", "NEARCOMP": "N", "FPE": "N"}),
        ("2b67", {"MTICI": "2b", "SUCCESS": "Y", "NEARCOMP": "N", "FPE": "N"}),
        ("2c", {"MTICI": "2b", "SUCCESS": "Y", "NEARCOMP": "Y", "FPE": "Y"}),
        ("3", {"MTICI": "3", "SUCCESS": "Y", "NEARCOMP": "Y", "FPE": "Y"}),
    ],
)
def test_result_is_derived_from_the_final_grade(etici: str, derived: dict[str, str]) -> None:
    graded = treated().having("F.EVT", FINETICI=etici)
    assert {name: graded.value("F.EVT", name) for name in derived} == derived


@pytest.mark.parametrize("changed", [{"TOTPASS": "2"}, {"RESCUE": "BALLOON"}, {"RESCUE": "STENT GPI"}])
def test_first_pass_effect_needs_one_pass_and_no_rescue(changed: dict[str, str]) -> None:
    assert treated().having("F.EVT", **changed).value("F.EVT", "FPE") == "N"


def test_log_counts_passes_with_a_combined_one_once() -> None:
    log = treated()
    for technique in ("STENT_RETRIEVER", "ANGIOPLASTY", "IA_TIROFIBAN", "ASPIRATION"):
        log = log.with_row("F.EVT", "IG.EVT.PASS", **PASS | {"PASSTECH": technique})
    assert log.value("F.EVT", "LOGPASS") == "3"


# -- EC040 to EC049 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "fires"), [(719, False), (720, False), (721, True)])
def test_ec040_missing_procedure_is_asked_for_after_12_hours(minutes: int, *, fires: bool) -> None:
    waiting = replace(randomised("EVT"), now=RANDOMISED_AT + timedelta(minutes=minutes))
    assert ("EC040" in waiting.fired("F.RND")) is fires
    assert "EC040" not in replace(randomised("BMM"), now=waiting.now).fired("F.RND")


def test_ec040_is_silent_once_the_procedure_or_its_reason_stands() -> None:
    assert "EC040" in randomised("EVT").fired("F.RND")
    assert "EC040" not in treated().fired("F.RND")
    assert "EC040" in randomised("EVT").having("F.EVT", EVTDONE="N").fired("F.RND")
    assert "EC040" not in randomised("EVT").having("F.EVT", EVTDONE="N", EVTNOT="CONSENT_WITHDRAWN").fired("F.RND")


@pytest.mark.parametrize(("minutes", "fires"), [(720, False), (721, True)])
def test_ec040_missing_procedure_of_a_crossover_counts_from_its_decision(minutes: int, *, fires: bool) -> None:
    moment = datetime(2026, 3, 1, 7, tzinfo=UTC) + timedelta(minutes=minutes)
    decided = replace(crossed().without(CROSSOVER_FORM), now=moment)
    assert ("EC040" in decided.fired(V2)) is fires
    assert "EC040" not in replace(crossed(), now=decided.now).fired(V2)


@pytest.mark.parametrize(("minutes", "fires"), [(-1, True), (0, False), (1, False)])
def test_ec041_puncture_before_randomisation(minutes: int, *, fires: bool) -> None:
    assert ("EC041" in treated().having("F.EVT", PUNCDTM=hospital(minutes)).fired("F.EVT")) is fires


def test_ec041_is_told_by_instants_across_offsets() -> None:
    assert "EC041" not in treated().having("F.EVT", PUNCDTM="2026-03-01T02:00+00:00").fired("F.EVT")
    assert "EC041" in treated().having("F.EVT", PUNCDTM="2026-03-01T01:59+00:00").fired("F.EVT")


@pytest.mark.parametrize(("minutes", "fires"), [(359, False), (360, False), (361, True)])
def test_ec042_puncture_later_than_six_hours(minutes: int, *, fires: bool) -> None:
    assert ("EC042" in treated().having("F.EVT", PUNCDTM=hospital(minutes)).fired("F.EVT")) is fires


@pytest.mark.parametrize(("minutes", "fires"), [(359, False), (360, False), (361, True)])
def test_ec042_crossover_counts_from_its_own_time(minutes: int, *, fires: bool) -> None:
    late = crossed().having(CROSSOVER_FORM, PUNCDTM=hospital(minutes, CROSSED["XOVDTM"]))
    assert ("EC042" in late.fired(CROSSOVER_FORM)) is fires


ORDER = ["ANGIODTM", "PUNCDTM", "FIRSTANGDTM", "FIRSTPASSDTM", "FIRSTREPDTM", "FINALDTM", "CLOSEDTM"]


@pytest.mark.parametrize(("earlier", "later"), [*pairwise(ORDER), ("PUNCDTM", "CLOSEDTM")])
def test_ec043_times_of_the_procedure_follow_each_other(earlier: str, later: str) -> None:
    before = hospital(-1, PROCEDURE[earlier])
    assert "EC043" in treated().having("F.EVT", **{later: before}).fired("F.EVT")
    together = treated().having("F.EVT", **dict.fromkeys((*ORDER, "GUIDEDTM"), PROCEDURE["PUNCDTM"]))
    assert "EC043" not in together.fired("F.EVT")


def test_ec043_looks_at_arrival_and_at_the_guide_catheter() -> None:
    arrived_late = treated().having("F.TIME", ARRDTM=hospital(1, PROCEDURE["ANGIODTM"]))
    assert "EC043" in arrived_late.fired("F.EVT")
    assert "EC043" in treated().having("F.EVT", GUIDEDTM=hospital(-1, PROCEDURE["PUNCDTM"])).fired("F.EVT")
    assert "EC043" in treated().having("F.EVT", GUIDEDTM=hospital(1, PROCEDURE["FIRSTPASSDTM"])).fired("F.EVT")


def test_ec043_missing_times_hide_no_wrong_order_and_accuse_nobody() -> None:
    gaps = treated().having("F.EVT", FIRSTANGDTM=None, FIRSTPASSDTM="!UNK", GUIDEDTM=None)
    assert "EC043" not in gaps.fired("F.EVT")
    assert "EC043" in gaps.having("F.EVT", FIRSTREPDTM=hospital(-1, PROCEDURE["PUNCDTM"])).fired("F.EVT")


@pytest.mark.parametrize("etici", ["2b50", "2b67", "2b", "2c", "3"])
def test_ec044_reperfusion_needs_its_time(etici: str) -> None:
    assert "EC044" not in treated().having("F.EVT", FINETICI=etici).fired("F.EVT")
    assert "EC044" in treated().having("F.EVT", FINETICI=etici, FIRSTREPDTM=None).fired("F.EVT")
    assert "EC044" not in treated().having("F.EVT", FINETICI=etici, FIRSTREPDTM="!UNK").fired("F.EVT")


@pytest.mark.parametrize("etici", ["0", "1", "2a"])
def test_ec044_without_reperfusion_there_is_no_time(etici: str) -> None:
    assert "EC044" in treated().having("F.EVT", FINETICI=etici).fired("F.EVT")
    assert "EC044" not in treated().having("F.EVT", FINETICI=etici, FIRSTREPDTM=None).fired("F.EVT")


def test_ec044_waits_for_the_final_grade() -> None:
    assert "EC044" not in treated().having("F.EVT", FINETICI=None).fired("F.EVT")
    assert "EC044" not in treated().having("F.EVT", FINETICI="!UNK", FIRSTREPDTM=None).fired("F.EVT")


@pytest.mark.parametrize("item", ["TOTPASS", "SRPASS", "ASPPASS"])
@pytest.mark.parametrize(("number", "fires"), [("0", True), ("1", False), ("2", True)])
def test_ec045_totals_are_those_of_the_log(item: str, number: str, *, fires: bool) -> None:
    assert (item in treated().having("F.EVT", **{item: number}).beside("F.EVT", "EC045")) is fires


def test_ec045_log_that_reached_more_than_the_end_without_reocclusion() -> None:
    worse = treated().having("F.EVT", FINETICI="2b67")
    assert worse.beside("F.EVT", "EC045") == ["FINETICI"]
    assert worse.having("F.EVT", REOCC="Y").beside("F.EVT", "EC045") == []
    assert treated().having("F.EVT", FINETICI="3").beside("F.EVT", "EC045") == []


def test_ec046_procedure_in_the_other_arm_wants_its_deviation() -> None:
    assert "EC046" in crossed().fired(CROSSOVER_FORM)
    assert "EC046" in crossed().having("F.DV@SE.EVT#1", DVDECOD="OTHER").fired(CROSSOVER_FORM)
    assert "EC046" not in crossed().having("F.DV@SE.EVT#1", DVDECOD="CROSSOVER").fired(CROSSOVER_FORM)
    assert "EC046" not in treated().fired("F.EVT")


def test_ec046_crossover_raises_its_deviation_until_it_is_classified() -> None:
    decided = crossed().without(CROSSOVER_FORM)
    assert "EC046" in decided.fired(V2)
    raised = {(one.category, one.severity) for one in decided.subject().deviations() if one.source == "EC046"}
    assert raised == {("TREATMENT", "MAJOR")}
    assert "EC046" not in decided.having("F.DV@SE.EVT#1", DVDECOD="CROSSOVER").fired(V2)
    assert "EC046" not in decided.having(V2, XOVER="N").fired(V2)


def test_crossover_is_asked_in_the_other_arm_only() -> None:
    assert "XOVER" in randomised("BMM").having(V2, **MANAGEMENT).unanswered(V2)
    assert "XOVER" not in randomised("EVT").having(V2, **MANAGEMENT).unanswered(V2)


COMPLICATION = {"CMPTYPE": "PERFORATION", "CMPAENO": "2"}


def complicated() -> Person:
    return treated().having("F.EVT", COMPYN="Y").with_row("F.EVT", "IG.EVT.COMP", **COMPLICATION)


def test_ec048_complication_wants_its_adverse_event() -> None:
    assert complicated().beside("F.EVT", "EC048") == ["CMPTYPE"]
    assert complicated().with_row("F.AE", "IG.AE.EVENT", AENO="1").beside("F.EVT", "EC048") == ["CMPTYPE"]
    assert complicated().with_row("F.AE", "IG.AE.EVENT", AENO="2").beside("F.EVT", "EC048") == []


def test_ec048_complication_without_number_or_without_row() -> None:
    ticked = treated().having("F.EVT", COMPYN="Y")
    assert ticked.beside("F.EVT", "EC048") == ["COMPYN"]
    numberless = ticked.with_row("F.EVT", "IG.EVT.COMP", CMPTYPE="DISSECTION")
    assert numberless.with_row("F.AE", "IG.AE.EVENT", AENO="1").beside("F.EVT", "EC048") == ["CMPTYPE"]
    assert treated().beside("F.EVT", "EC048") == []


def test_ec048_event_that_cites_a_complication_wants_its_box() -> None:
    cited = treated().with_row("F.AE", "IG.AE.EVENT", AENO="2", AEPROC="PERFORATION")
    assert cited.beside("F.AE", "EC048") == ["AEPROC"]
    boxed = complicated().with_row("F.AE", "IG.AE.EVENT", AENO="2", AEPROC="PERFORATION")
    assert boxed.beside("F.AE", "EC048") == []
    other = complicated().with_row("F.AE", "IG.AE.EVENT", AENO="2", AEPROC="DISSECTION")
    assert other.beside("F.AE", "EC048") == ["AEPROC"]


@pytest.mark.parametrize(("minutes", "fires"), [(-1, False), (0, False), (1, True)])
def test_ec049_score_is_taken_before_general_anaesthesia(minutes: int, *, fires: bool) -> None:
    scored = treated().having("F.NIHSS/PRERAND", NIHDTM=hospital(minutes, PROCEDURE["ANESTDTM"]))
    assert ("EC049" in scored.fired("F.EVT")) is fires
    assert "EC049" not in scored.having("F.EVT", ANESTH="LOCAL").fired("F.EVT")


SEVERITIES = {
    "EC040": "S", "EC041": "H", "EC042": "S", "EC043": "H", "EC044": "H", "EC045": "S", "EC046": "H", "EC048": "S",
    "EC049": "S", "EC070": "H", "EC071": "H", "EC072": "H", "EC073": "S", "EC074": "H", "EC075": "S", "EC076": "H",
    "EC077": "S", "EC078": "S",
}  # fmt: skip


def test_checks_of_treatment_and_safety_have_the_severity_of_the_clinical_content() -> None:
    declared: dict[str, set[Severity]] = {}
    for form in shipped().forms.values():
        for check in form.checks:
            declared.setdefault(check.id, set()).add(check.severity)
    assert {check: declared[check] for check in SEVERITIES} == {
        check: {Severity(severity)} for check, severity in SEVERITIES.items()
    }


def test_only_what_happened_raises_a_deviation() -> None:
    raised = {
        (form.oid, check.id): (check.deviation.category, check.deviation.severity, check.deviation.when.value)
        for form in shipped().forms.values()
        for check in form.checks
        if check.deviation is not None and check.id in SEVERITIES
    }
    assert raised == {
        ("F.EVT", "EC041"): ("TREATMENT", "CRITICAL", "confirmed"),
        ("F.EVT", "EC046"): ("TREATMENT", "MAJOR", "confirmed"),
        ("F.BMM", "EC046"): ("TREATMENT", "MAJOR", "fires"),
        ("F.SAE", "EC073"): ("SAFETY_REPORTING", "MAJOR", "fires"),
    }


# -- F.BMM and F.CM --------------------------------------------------------------------------------------


def managed(**drug: str) -> Person:
    return randomised("EVT").having(V2, **MANAGEMENT).with_row("F.CM", "IG.CM.MED", **DRUG | drug)


def test_management_and_medication_can_be_filled_to_their_end_and_then_fire_nothing() -> None:
    filled = managed().having("F.CM", CMYN="Y")
    assert filled.unanswered(V2) == []
    assert filled.unanswered("F.CM") == []
    assert filled.fired(V2) == set()
    assert filled.fired("F.CM") == set()


@pytest.mark.parametrize("visit", ["SE.V6", "SE.V7"])
def test_management_at_home_asks_no_care_of_the_ward(visit: str) -> None:
    home = randomised("EVT").having(f"F.BMM@{visit}", BMMDTM="2026-03-31T10:00+08:00").unanswered(f"F.BMM@{visit}")
    assert home == ["ATHROMB", "STATIN", "EZETIM", "PCSK9", "REHAB"]


def test_management_has_the_antithrombotics_of_the_clinical_content() -> None:
    assert codes_of("F.BMM", "ATHROMB")[:12] == [
        "NONE", "ASPIRIN", "CLOPIDOGREL", "TICAGRELOR", "CILOSTAZOL", "DAPT", "TIROFIBAN", "UFH", "LMWH", "ARGATROBAN",
        "WARFARIN", "DOAC",
    ]  # fmt: skip
    assert set(codes_of("F.CM", "CMCLAS")) == set(codes_of("F.BMM", "ATHROMB")) - {"DAPT"}


def test_time_to_antithrombotics_counts_from_lysis_closure_and_scan() -> None:
    person = (
        treated()
        .having("F.TIME", IVT="Y", IVTDTM="2026-02-27T10:00+08:00")
        .having("F.IMG2@SE.V2", IMGDTM="2026-03-02T10:00+08:00")
        .having(V2, ATSTDTM="2026-03-02T10:30+08:00")
    )
    assert person.value(V2, "IMG2AT") == "30"
    assert person.value(V2, "CLO2AT") == str(22 * 60 + 20)
    assert person.value(V2, "LYS2AT") == str(3 * 24 * 60 + 30)


@pytest.mark.parametrize(
    ("ticked", "drugs", "fires"),
    [
        ("ASPIRIN", ("ASPIRIN",), False),
        ("NONE", ("ASPIRIN",), True),
        ("ASPIRIN", (), True),
        ("DAPT", ("ASPIRIN", "CLOPIDOGREL"), False),
        ("DAPT", ("ASPIRIN", "TICAGRELOR"), False),
        ("ASPIRIN CLOPIDOGREL", ("ASPIRIN", "CLOPIDOGREL"), False),
        ("DAPT", ("ASPIRIN",), True),
        ("NONE", ("NONE",), False),
    ],
)
def test_ec077_ticked_drugs_are_those_of_the_log(ticked: str, drugs: tuple[str, ...], *, fires: bool) -> None:
    person = randomised("EVT").having(V2, **MANAGEMENT | {"ATHROMB": ticked})
    for drug in drugs:
        person = person.with_row("F.CM", "IG.CM.MED", **DRUG | {"CMCLAS": drug})
    assert ("EC077" in person.fired(V2)) is fires


@pytest.mark.parametrize(
    ("drug", "fires"),
    [
        ({"CMSTDTM": "2026-03-02T11:00+08:00"}, False),
        ({"CMSTDTM": "2026-03-02T11:01+08:00"}, True),
        ({"CMONGO": "N", "CMENDTM": "2026-03-02T11:00+08:00"}, True),
        ({"CMONGO": "N", "CMENDTM": "2026-03-02T11:01+08:00"}, False),
        ({"CMSTDTM": "!UNK", "CMPRIOR": "Y"}, False),
        ({"CMSTDTM": "!UNK"}, False),
    ],
)
def test_ec077_looks_at_what_is_active_at_the_visit(drug: dict[str, str], *, fires: bool) -> None:
    assert ("EC077" in managed(**drug).fired(V2)) is fires


def early(start: str, **values: str) -> Person:
    """Return a participant after the procedure (closed at 12:10) on whom an antithrombotic was started."""
    return (
        treated()
        .having("F.BMM@SE.V1", BMMDTM="2026-03-01T09:45+08:00")
        .having(V2, **MANAGEMENT | {"BMMDTM": "2026-03-02T13:00+08:00"} | values)
        .with_row("F.CM", "IG.CM.MED", **DRUG | {"CMSTDTM": start})
    )


@pytest.mark.parametrize(
    ("start", "fires"),
    [
        ("2026-03-01T12:10+08:00", True),
        ("2026-03-02T12:09+08:00", True),
        ("2026-03-02T12:10+08:00", False),
    ],
)
def test_ec078_24_hours_count_from_closure(start: str, *, fires: bool) -> None:
    assert ("EC078" in early(start).fired(V2)) is fires
    assert "EC078" not in early(start, ATEARLYR="stent placed").fired(V2)
    assert "EC078" not in early(start).fired("F.BMM@SE.V1")


def test_ec078_is_asked_once_at_the_first_visit_after_the_treatment() -> None:
    later = early("2026-03-01T20:00+08:00").having("F.BMM@SE.V3", **MANAGEMENT | {"BMMDTM": "2026-03-03T10:00+08:00"})
    assert "EC078" in later.fired(V2)
    assert "EC078" not in later.fired("F.BMM@SE.V3")


def test_ec078_is_silent_after_the_24_hour_scan() -> None:
    start = "2026-03-02T09:00+08:00"
    assert "EC078" in early(start).fired(V2)
    assert "EC078" not in early(start).having("F.IMG2@SE.V2", IMGDTM="2026-03-02T08:30+08:00").fired(V2)
    assert "EC078" in early(start).having("F.IMG2@SE.V2", IMGDTM="2026-03-02T09:30+08:00").fired(V2)
    assert "EC078" in early(start).having("F.IMG2@SE.V2", IMGDTM="2026-03-01T16:00+08:00").fired(V2)


@pytest.mark.parametrize(("start", "fires"), [("2026-03-02T08:59+08:00", True), ("2026-03-02T09:00+08:00", False)])
def test_ec078_counts_from_the_start_of_lysis(start: str, *, fires: bool) -> None:
    lysed = (
        randomised("BMM")
        .having("F.TIME", IVT="Y", IVTDTM="2026-03-01T09:00+08:00")
        .having(V2, **MANAGEMENT)
        .with_row("F.CM", "IG.CM.MED", **DRUG | {"CMSTDTM": start})
    )
    assert ("EC078" in lysed.fired(V2)) is fires


def test_ec078_counts_after_a_crossover_too() -> None:
    person = crossed().having(CROSSOVER_FORM, CLOSEDTM="2026-03-01T17:00+08:00")
    assert "EC078" in person.with_row("F.CM", "IG.CM.MED", **DRUG | {"CMSTDTM": "2026-03-01T18:00+08:00"}).fired(V2)
    assert "EC078" not in person.with_row("F.CM", "IG.CM.MED", **DRUG | {"CMSTDTM": "2026-03-02T17:00+08:00"}).fired(V2)


@pytest.mark.parametrize(("diastolic", "fires"), [("149", False), ("150", True), ("151", True)])
def test_ec050_diastolic_pressure_lies_below_systolic(diastolic: str, *, fires: bool) -> None:
    assert ("EC050" in managed().having(V2, DBPCUR=diastolic).fired(V2)) is fires


@pytest.mark.parametrize(
    ("drug", "beside"),
    [
        ({"CMDOSE": "0"}, []),
        ({"CMDOSE": "-0.1"}, ["CMDOSE"]),
        ({"CMDOSE": "!UNK"}, []),
        ({"CMONGO": "N", "CMENDTM": "2026-03-01T10:30+08:00"}, []),
        ({"CMONGO": "N", "CMENDTM": "2026-03-01T10:29+08:00"}, ["CMENDTM"]),
        ({"CMONGO": "N", "CMENDTM": "2026-03-01T--:--+08:00"}, []),
        ({"CMONGO": "N", "CMENDTM": "2026-02-28T--:--+08:00"}, ["CMENDTM"]),
    ],
)
def test_ec076_dose_and_times_of_a_drug(drug: dict[str, str], beside: list[str]) -> None:
    assert managed(**drug).beside("F.CM", "EC076") == beside


def test_ec076_dose_wants_its_unit() -> None:
    drug = {name: value for name, value in DRUG.items() if name != "CMDOSU"}
    assert randomised("EVT").with_row("F.CM", "IG.CM.MED", **drug).beside("F.CM", "EC076") == ["CMDOSU"]
    without_dose = {name: value for name, value in drug.items() if name != "CMDOSE"}
    assert randomised("EVT").with_row("F.CM", "IG.CM.MED", **without_dose).beside("F.CM", "EC076") == []


def test_ec076_cannot_be_confirmed_since_it_contradicts_itself() -> None:
    assert {check.confirmable for check in shipped().form("F.CM").checks if check.id == "EC076"} == {False}


# -- the plan --------------------------------------------------------------------------------------------


def test_procedure_is_planned_in_the_evt_arm_and_added_in_the_other() -> None:
    first = shipped().visit("SE.V1")
    assert "F.EVT" in {one.form for one in treated().subject().planned(first)}
    assert "F.EVT" not in {one.form for one in randomised("BMM").subject().planned(first)}
    assert "F.EVT" in {one.form for one in shipped().visit("SE.EVT").forms}


def test_management_is_planned_at_every_visit_and_medication_is_a_log() -> None:
    scheduled = [f"SE.V{number}" for number in range(1, 8)]
    assert all(any(one.form == "F.BMM" for one in shipped().visit(visit).forms) for visit in scheduled)
    assert {one.form for one in shipped().visit("SE.LOG").forms} >= {"F.CM", "F.AE"}


def test_event_forms_have_a_date_of_their_own() -> None:
    for form in ("F.EVT", "F.SAE", "F.DD", "F.BMM"):
        dated = [item.name for group in shipped().form(form).groups for item in group.items if item.visit_time]
        assert len(dated) == 1, form


def test_times_can_be_unknown_and_calculated_items_are_never_asked() -> None:
    for form in ("F.EVT", "F.BMM", "F.CM", "F.AE", "F.SAE", "F.DD"):
        for group in shipped().form(form).groups:
            for item in group.items:
                assert item.derivation is None or item.need is Need.OPTIONAL
                reported = item.name in {"REPDTM", "DDREPDTM"}
                if item.data_type is DataType.DATETIME and item.need is not Need.OPTIONAL and not reported:
                    assert item.missing_codes, item.oid

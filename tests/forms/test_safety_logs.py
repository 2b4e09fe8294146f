"""Adverse events, reports of serious ones, device deficiencies: what the forms ask, derive and find."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casebook.rule_kinds import (
    Compare,
)
from casebook.rules import rules_within
from tests.forms.person import Person, key_of, shipped
from tests.forms.treatment import CONSENTED, DEFICIENCY, DRUG, EVENT, REPORT, randomised

LOG, GROUP = "F.AE", "IG.AE.EVENT"
SAE = "F.SAE@SE.EVT#1"
DD = "F.DD@SE.EVT#1"
DEATH = "F.DTH@SE.EVT#1"
AWARE = REPORT["AWAREDTM"]
CRITERIA = ("AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESMIE")
SERIOUS = {"AESER": "Y", "AESHOSP": "Y"}
FATAL = {
    "AETOXGR": "5", "AEOUT": "FATAL", "AESER": "Y", "AESDTH": "Y", "AEONGO": "N", "AEENDTM": "2026-03-02T02:00+08:00",
}  # fmt: skip


def hospital(minutes: int, since: str) -> str:
    return (datetime.fromisoformat(since) + timedelta(minutes=minutes)).isoformat(timespec="minutes")


def codes_of(form: str, item: str) -> list[str]:
    code_list = shipped().form(form).find(item)[1].code_list
    assert code_list is not None
    return [code.value for code in shipped().code_lists[code_list].codes]


def logged(**event: str) -> Person:
    """Return a participant with one adverse event."""
    return randomised("BMM").having(LOG, AEYN="Y").with_row(LOG, GROUP, **EVENT | event)


def reported(event: dict[str, str] | None = None, /, **report: str | None) -> Person:
    """Return a participant with a serious adverse event and its report."""
    return logged(**SERIOUS | (event or {})).having(SAE, **REPORT | report)


# -- F.AE ----------------------------------------------------------------------------------------------


def test_event_can_be_filled_to_its_end_and_then_fires_nothing() -> None:
    assert logged().unanswered(LOG) == []
    assert logged().fired(LOG) == set()


def test_log_without_an_event_asks_only_whether_there_was_one() -> None:
    assert randomised("BMM").having(LOG, AEYN="N").unanswered(LOG) == []


def test_end_is_asked_once_the_event_is_over() -> None:
    assert logged(AEONGO="N").unanswered(LOG) == ["AEENDTM"]


def test_events_have_the_codes_of_the_clinical_content() -> None:
    assert codes_of(LOG, "AETOXGR") == ["1", "2", "3", "4", "5"]
    assert codes_of(LOG, "AESEV") == ["MILD", "MODERATE", "SEVERE"]
    for relation in ("AERELEVT", "AERELDEV", "AERELCON", "AERELMED"):
        assert codes_of(LOG, relation) == ["NOT", "UNLIKELY", "POSSIBLE", "PROBABLE", "DEFINITE"]
    assert [code.replace("_", " ") for code in codes_of(LOG, "AEOUT")] == [
        "RECOVERED/RESOLVED", "RECOVERING/RESOLVING", "NOT RECOVERED/NOT RESOLVED",
        "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL", "UNKNOWN",
    ]  # fmt: skip
    assert codes_of(LOG, "AESI")[1:] == ["SICH", "PERFORATION", "ACCESS_BLEED", "RECURRENT_STROKE", "END"]
    assert codes_of(SAE.split("@", maxsplit=1)[0], "SAETYPE") == ["INITIAL", "FOLLOW_UP", "FINAL"]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_ec070_serious_and_its_criteria_belong_together(criterion: str) -> None:
    assert "EC070" not in logged(AESER="Y", **{criterion: "Y"}).fired(LOG)
    assert "EC070" in logged(AESER="N", **{criterion: "Y"}).fired(LOG)
    assert "EC070" not in logged(AESER="N", **{criterion: "N"}).fired(LOG)


def test_ec070_serious_wants_a_criterion() -> None:
    assert "EC070" in logged(AESER="Y").fired(LOG)
    assert "EC070" in logged(AESER="Y", **dict.fromkeys(CRITERIA, "N")).fired(LOG)
    assert "EC070" not in logged(AESER="Y", **dict.fromkeys(CRITERIA, "N") | {"AESMIE": "Y"}).fired(LOG)


def test_ec070_criterion_of_an_event_whose_seriousness_is_blank() -> None:
    blank = {name: value for name, value in EVENT.items() if name != "AESER"}
    assert "EC070" in randomised("BMM").with_row(LOG, GROUP, **blank, AESLIFE="Y").fired(LOG)
    assert "EC070" not in randomised("BMM").with_row(LOG, GROUP, **blank).fired(LOG)


@pytest.mark.parametrize(("minutes", "fires"), [(-1, True), (0, False), (1, False)])
def test_ec071_event_ends_after_it_starts(minutes: int, *, fires: bool) -> None:
    ended = logged(AEONGO="N", AEENDTM=hospital(minutes, EVENT["AESTDTM"]))
    assert (ended.beside(LOG, "EC071") == ["AEENDTM"]) is fires


@pytest.mark.parametrize(("minutes", "fires"), [(-1, True), (0, False), (1, False)])
def test_ec071_event_before_consent_was_already_there(minutes: int, *, fires: bool) -> None:
    start = hospital(minutes, CONSENTED)
    assert (logged(AESTDTM=start).beside(LOG, "EC071") == ["AEPREX"]) is fires
    assert (logged(AESTDTM=start, AEPREX="N").beside(LOG, "EC071") == ["AEPREX"]) is fires
    assert logged(AESTDTM=start, AEPREX="Y").beside(LOG, "EC071") == []


def test_ec071_unknown_times_accuse_nobody() -> None:
    assert "EC071" not in logged(AESTDTM="2026-03-01T--:--+08:00").fired(LOG)
    assert "EC071" in logged(AESTDTM="2026-02-28T--:--+08:00").fired(LOG)
    assert "EC071" not in logged(AEONGO="N", AEENDTM="2026-03-01T--:--+08:00").fired(LOG)


SIGNS = {"AETOXGR": ("5", "3"), "AEOUT": ("FATAL", "UNKNOWN"), "AESDTH": ("Y", "N")}


@pytest.mark.parametrize("grade", [True, False])
@pytest.mark.parametrize("outcome", [True, False])
@pytest.mark.parametrize("deadly", [True, False])
def test_ec072_grade_five_fatal_and_death_agree(*, grade: bool, outcome: bool, deadly: bool) -> None:
    chosen = (grade, outcome, deadly)
    event = {name: values[0 if yes else 1] for (name, values), yes in zip(SIGNS.items(), chosen, strict=True)}
    fires = len(set(chosen)) > 1
    assert ("EC072" in logged(**EVENT | {"AESER": "Y", "AESLIFE": "Y"} | event).fired(LOG)) is fires


def test_ec072_blank_criterion_disagrees_and_a_grade_that_is_not_available_does_not() -> None:
    assert "EC072" in logged(AETOXGR="5", AEOUT="FATAL").fired(LOG)
    assert "EC072" not in logged(AETOXGR="!NAV", AEOUT="FATAL", AESER="Y", AESDTH="Y").fired(LOG)


def test_ec074_fatal_event_wants_the_death_form() -> None:
    assert "EC074" in logged(**FATAL).fired(LOG)
    assert "EC074" not in logged(**FATAL).having(DEATH, DTHDTM="2026-03-02T02:00+08:00").fired(LOG)
    assert "EC074" not in logged().fired(LOG)


def test_ec075_treated_event_wants_a_drug_or_a_procedure() -> None:
    given = DRUG | {"CMINDTYP": "AE", "CMCLAS": "NONE"}
    treated = logged(AECONTRT="Y")
    assert treated.beside(LOG, "EC075") == ["AECONTRT"]
    assert treated.with_row("F.CM", "IG.CM.MED", **given, CMAENO="2").beside(LOG, "EC075") == ["AECONTRT"]
    assert treated.with_row("F.CM", "IG.CM.MED", **given, CMAENO="1").beside(LOG, "EC075") == []
    assert logged(AECONTRT="Y", AEPRTRT="drainage").beside(LOG, "EC075") == []
    assert logged(AECONTRT="N").beside(LOG, "EC075") == []


def test_each_event_is_judged_in_its_own_row() -> None:
    two = logged(AESER="Y").with_row(LOG, GROUP, **EVENT | {"AENO": "2"})
    found = [(one.check, one.path.row) for one in two.subject().findings(key_of(LOG))]
    assert found == [("EC070", "r1")]


# -- F.SAE ---------------------------------------------------------------------------------------------


def test_report_can_be_filled_to_its_end_and_then_fires_nothing() -> None:
    assert reported().unanswered(SAE) == []
    assert reported().fired(SAE) == set()


@pytest.mark.parametrize(("minutes", "fires"), [(0, False), (1439, False), (1440, False), (1441, True)])
def test_ec073_report_later_than_24_hours_after_awareness(minutes: int, *, fires: bool) -> None:
    late = replace(reported(REPDTM=hospital(minutes, AWARE)), now=datetime(2026, 3, 10, 4, tzinfo=UTC))
    assert ("EC073" in late.fired(SAE)) is fires


@pytest.mark.parametrize(("minutes", "fires"), [(1440, False), (1441, True)])
def test_ec073_report_that_is_overdue(minutes: int, *, fires: bool) -> None:
    moment = datetime.fromisoformat(AWARE).astimezone(UTC) + timedelta(minutes=minutes)
    assert ("EC073" in replace(reported(REPDTM=None), now=moment).fired(SAE)) is fires


def test_ec073_clock_is_told_by_instants_and_waits_for_an_unknown_time() -> None:
    assert "EC073" not in reported(AWAREDTM="2026-02-28T21:00-05:00", REPDTM="2026-03-02T10:00+08:00").fired(SAE)
    assert "EC073" in reported(AWAREDTM="2026-02-28T20:59-05:00", REPDTM="2026-03-02T10:00+08:00").fired(SAE)
    assert "EC073" not in reported(AWAREDTM="2026-02-25T--:--+08:00").fired(SAE)


def test_ec073_has_one_limit_in_both_places_and_raises_a_deviation() -> None:
    check = next(one for one in shipped().form("F.SAE").checks if one.id == "EC073")
    limits = {rule.add_minutes for rule in rules_within(check.fires_when) if isinstance(rule, Compare)}
    assert limits == {24 * 60}
    late = reported(REPDTM=hospital(1441, AWARE))
    raised = {(one.category, one.severity) for one in late.subject().deviations() if one.source == "EC073"}
    assert raised == {("SAFETY_REPORTING", "MAJOR")}


def test_minutes_from_awareness_to_report_are_derived() -> None:
    assert reported(REPDTM=hospital(90, AWARE)).value(SAE, "AWR2REP") == "90"


def test_report_shows_the_event_of_its_number() -> None:
    person = reported({"AETERM": "bleeding", "AESI": "SICH"}).with_row(LOG, GROUP, **EVENT | {"AENO": "2"})
    shown = {name: person.value(SAE, name) for name in ("SAETERM", "SAESER", "SAESHOSP", "SAESI", "SAEOUT")}
    assert shown == {
        "SAETERM": "bleeding",
        "SAESER": "Y",
        "SAESHOSP": "Y",
        "SAESI": "SICH",
        "SAEOUT": "NOT_RECOVERED/NOT_RESOLVED",
    }
    other = person.having(SAE, SAEAENO="2")
    assert (other.value(SAE, "SAETERM"), other.value(SAE, "SAESER")) == ("pneumonia", "N")
    assert person.having(SAE, SAEAENO="3").value(SAE, "SAETERM") is None


@pytest.mark.parametrize(
    ("event", "endpoint"),
    [({"AESI": "SICH"}, "Y"), ({"AESI": "END"}, "Y"), (FATAL, "Y"), ({"AESI": "PERFORATION"}, "N"), ({}, "N")],
)
def test_endpoints_are_marked_and_reported_all_the_same(event: dict[str, str], endpoint: str) -> None:
    assert reported(event).value(SAE, "ENDPTSAE") == endpoint


@pytest.mark.parametrize(
    ("event", "report", "susar"),
    [
        ({}, {"SAEREL": "POSSIBLE", "EXPECT": "UNEXPECTED"}, "Y"),
        ({}, {"SAEREL": "DEFINITE", "EXPECT": "EXPECTED"}, "N"),
        ({}, {"SAEREL": "UNLIKELY", "EXPECT": "UNEXPECTED"}, "N"),
        ({"AERELDEV": "POSSIBLE"}, {"SAEREL": "UNLIKELY", "EXPECT": "UNEXPECTED"}, "Y"),
        ({"AERELEVT": "!NA"}, {"SAEREL": "NOT", "EXPECT": "UNEXPECTED"}, "N"),
        ({"AESER": "N", "AESHOSP": "N"}, {"SAEREL": "DEFINITE", "EXPECT": "UNEXPECTED"}, "N"),
    ],
)
def test_susar_is_serious_possibly_related_and_unexpected(
    event: dict[str, str], report: dict[str, str], susar: str
) -> None:
    assert reported(event, **report).value(SAE, "SUSAR") == susar


def test_susar_stays_open_until_it_is_judged() -> None:
    assert reported(SAEREL="POSSIBLE", EXPECT=None).value(SAE, "SUSAR") is None


def test_autopsy_is_asked_after_a_death_only() -> None:
    assert reported(FATAL).unanswered(SAE) == ["AUTOPSY"]
    assert "AUTOPSY" not in reported().unanswered(SAE)


# -- F.DD ----------------------------------------------------------------------------------------------


def test_deficiency_can_be_filled_to_its_end_and_asks_for_the_event_of_an_injury() -> None:
    deficient = randomised("EVT").having(DD, **DEFICIENCY)
    assert deficient.unanswered(DD) == []
    assert deficient.fired(DD) == set()
    assert deficient.having(DD, DDINJ="Y").unanswered(DD) == ["DDAENO"]
    assert deficient.having(DD, DDRET="Y").unanswered(DD) == ["DDRETDAT"]
    assert deficient.having(DD, DDFAIL="OTHER").unanswered(DD) == ["DDFAILO"]

"""Checks of the whole study, subject statuses, and the investigator's sign-off."""

from datetime import UTC, datetime

import pytest

from casebook.design import DataType, VisitKind
from casebook.records import VisitKey
from tests.forms.participant import nihss, randomised, screened
from tests.forms.person import NOW, Person, shipped

WITHDRAWN = "2026-03-02T10:00+08:00"
SCOPES = {"WDCONS": "TREATMENT FOLLOWUP DATA_USE SAMPLE_USE", "WDDTM": WITHDRAWN, "WDBY": "PARTICIPANT"}
LATER = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


def later(person: Person) -> Person:
    person.now = LATER
    return person


# -- times in the future -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "fires"), [("2026-03-02T12:05+08:00", False), ("2026-03-02T12:06+08:00", True)])
def test_time_more_than_five_minutes_ahead_is_found(at: str, *, fires: bool) -> None:
    assert datetime.fromisoformat("2026-03-02T12:00+08:00") == NOW
    assert ("EC001" in screened().having("F.ECG", EGDTM=at).fired("F.ECG")) is fires


def test_planned_randomisation_may_lie_ahead() -> None:
    assert "EC001" not in screened().having("F.TIME", PLANRDTM="2026-03-02T13:00+08:00").fired("F.TIME")


def test_every_typed_time_is_checked_against_the_clock() -> None:
    for form in shipped().forms.values():
        checked = {check.item for check in form.checks if check.id == "EC001"}
        times = [item for group in form.groups for item in group.items if item.data_type is DataType.DATETIME]
        typed = {item.name for item in times if item.derivation is None}
        assert checked == typed - {"PLANRDTM"}


# -- after a withdrawal --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "fires"), [(WITHDRAWN, False), ("2026-03-02T10:01+08:00", True)])
def test_data_after_full_withdrawal_are_found(at: str, *, fires: bool) -> None:
    person = later(randomised().having("F.ICF", **SCOPES).having("F.VS@SE.V2", VSDTM=at))
    assert ("EC016" in person.fired("F.VS@SE.V2")) is fires


def test_data_after_partial_withdrawal_are_not_questioned() -> None:
    partly = SCOPES | {"WDCONS": "TREATMENT FOLLOWUP SAMPLE_USE"}
    person = later(randomised().having("F.ICF", **partly).having("F.VS@SE.V2", VSDTM="2026-03-02T10:01+08:00"))
    assert "EC016" not in person.fired("F.VS@SE.V2")


# -- windows and order ---------------------------------------------------------------------------------------------


def at_visit(visit: str, at: str) -> Person:
    person = later(randomised())
    person.values[f"F.NIHSS@{visit}"] = nihss(at)
    return person


@pytest.mark.parametrize(
    ("visit", "at", "fires"),
    [
        ("SE.V2", "2026-03-02T03:59+08:00", True),
        ("SE.V2", "2026-03-02T04:00+08:00", False),
        ("SE.V2", "2026-03-02T22:00+08:00", False),
        ("SE.V2", "2026-03-02T22:01+08:00", True),
        ("SE.V3", "2026-03-02T22:00+08:00", True),
        ("SE.V3", "2026-03-02T22:01+08:00", False),
        ("SE.V4", "2026-03-04T22:01+08:00", True),
        ("SE.V5", "2026-03-06T23:59+08:00", True),
        ("SE.V5", "2026-03-07T00:00+08:00", False),
        ("SE.V5", "2026-03-09T23:59+08:00", False),
        ("SE.V5", "2026-03-10T00:00+08:00", True),
    ],
)
def test_visit_outside_its_window_is_told_beside_the_score(visit: str, at: str, *, fires: bool) -> None:
    assert ("EC068" in at_visit(visit, at).fired(f"F.NIHSS@{visit}")) is fires


@pytest.mark.parametrize(("at", "fires"), [("2026-03-24T00:00+08:00", False), ("2026-03-23T23:59+08:00", True)])
def test_day_thirty_is_told_beside_the_local_grade(at: str, *, fires: bool) -> None:
    person = later(randomised().having("F.MRS@SE.V6", MRSDTM=at, MRSPER="CURRENT", MRS="1"))
    assert ("EC068" in person.fired("F.MRS@SE.V6")) is fires


@pytest.mark.parametrize(("at", "fires"), [("2026-06-06T23:59+08:00", False), ("2026-06-07T00:00+08:00", True)])
def test_day_ninety_is_told_beside_the_blinded_grade(at: str, *, fires: bool) -> None:
    person = later(randomised().having("F.B90@SE.V7", B90DONE="Y", B90DTM=at))
    assert ("EC068" in person.fired("F.B90@SE.V7")) is fires


def test_window_is_told_once_and_beside_vital_signs_only_without_a_score() -> None:
    late = "2026-03-02T22:01+08:00"
    person = at_visit("SE.V2", late).having("F.VS@SE.V2", VSDTM=late)
    assert [key.form for key, one in person.subject().all_findings() if one.check == "EC068"] == ["F.NIHSS"]
    alone = later(randomised()).having("F.VS@SE.V2", VSDTM=late)
    assert "EC068" in alone.fired("F.VS@SE.V2")


@pytest.mark.parametrize(("at", "fires"), [("2026-03-01T08:00+08:00", False), ("2026-03-01T07:59+08:00", True)])
def test_vital_signs_are_at_most_two_hours_old_at_randomisation(at: str, *, fires: bool) -> None:
    assert ("EC068" in randomised().having("F.VS", VSDTM=at).fired("F.VS")) is fires


@pytest.mark.parametrize(("at", "fires"), [("2026-03-01T04:00+08:00", False), ("2026-03-01T03:59+08:00", True)])
def test_score_is_at_most_six_hours_old_at_randomisation(at: str, *, fires: bool) -> None:
    person = randomised().having("F.NIHSS/PRERAND", NIHDTM=at)
    assert ("EC068" in person.fired("F.NIHSS/PRERAND")) is fires
    assert "EC068" not in person.fired("F.NIHSS/INITIAL")


@pytest.mark.parametrize(
    ("at", "fires"),
    [("2026-03-02T21:59+08:00", True), ("2026-03-02T22:00+08:00", True), ("2026-03-02T22:01+08:00", False)],
)
def test_visit_before_an_earlier_planned_one_is_found(at: str, *, fires: bool) -> None:
    person = at_visit("SE.V2", "2026-03-02T22:00+08:00")
    person.values["F.NIHSS@SE.V3"] = nihss(at)
    assert ("EC069" in person.fired("F.NIHSS@SE.V3")) is fires


def test_what_happens_between_the_visits_may_be_entered_after_them() -> None:
    person = at_visit("SE.V4", "2026-03-04T10:00+08:00")
    person.values["F.NIHSS@SE.UNS#1"] = nihss("2026-03-03T02:00+08:00")
    person.values["F.EVT@SE.EVT#2"] = {"EVTDONE": "Y", "PUNCDTM": "2026-03-03T04:00+08:00"}
    assert "EC069" not in person.fired("F.NIHSS@SE.UNS#1")
    assert "EC069" not in person.fired("F.EVT@SE.EVT#2")


def test_day_seven_may_fall_on_an_earlier_visit() -> None:
    person = at_visit("SE.V4", "2026-03-04T10:00+08:00")
    person.values["F.NIHSS@SE.V5"] = nihss("2026-03-04T10:00+08:00")
    assert "EC069" not in person.fired("F.NIHSS@SE.V5")


# -- statuses -------------------------------------------------------------------------------------------------------


def test_status_goes_from_screened_to_randomised() -> None:
    assert Person().subject().status == "screened"
    assert screened().having("F.ICF", SIGPDTM=None).subject().status == "screened"
    assert screened().subject().status == "enrolled"
    assert randomised().subject().status == "randomised"


def test_screen_failure_has_its_reason_and_ends_with_a_randomisation() -> None:
    failed = screened().having("F.IE", SCRFAIL="Y")
    assert failed.subject().status == "screen_failure"
    assert failed.unanswered("F.IE") == ["SCRFDTM", "SCRFRSN"]
    assert Person().having("F.IE", SCRFAIL="Y").subject().status == "screen_failure"
    assert randomised().having("F.IE", SCRFAIL="Y").subject().status == "randomised"


def test_withdrawal_from_follow_up_ends_participation() -> None:
    assert randomised().having("F.ICF", **SCOPES).subject().status == "withdrawn"
    assert randomised().having("F.ICF", **SCOPES | {"WDCONS": "FOLLOWUP"}).subject().status == "withdrawn"
    assert randomised().having("F.ICF", **SCOPES | {"WDCONS": "SAMPLE_USE"}).subject().status == "randomised"


def test_visits_after_a_withdrawal_are_not_missed() -> None:
    subject = later(randomised().having("F.ICF", **SCOPES)).subject()
    statuses = {visit.oid: subject.visit_status(visit, VisitKey(visit=visit.oid)) for visit in shipped().visits[1:7]}
    assert statuses["SE.V7"] == "NA_WITHDRAWN"


# -- sign-off -------------------------------------------------------------------------------------------------------

SIGN = {"SIGNDTM": "2026-03-02T11:00+08:00", "SIGNSCOP": "INTERIM", "SIGNBY": "D01", "SIGNREV": "Y"}
FIRST, SECOND = "F.SIGN@SE.EVT#1", "F.SIGN@SE.EVT#2"


def test_sign_off_needs_every_finding_closed() -> None:
    person = screened().having(FIRST, **SIGN)
    assert person.fired(FIRST) == set()
    assert person.unanswered(FIRST) == []
    query = person.having("F.VS", HR="130")
    assert query.fired(FIRST) == {"EC081"}
    assert (query.value(FIRST, "SIGNHARD"), query.value(FIRST, "SIGNSOFT")) == ("0", "1")
    query.confirmed["F.VS", "EC052", "HR"] = "after a walk"
    assert query.fired(FIRST) == set()
    assert person.having("F.VS", DIABP="160").fired(FIRST) == {"EC081"}


def test_change_after_a_sign_off_asks_for_another() -> None:
    person = screened().having(FIRST, **SIGN)
    person.entered = {FIRST: datetime(2026, 3, 2, 3, 0, tzinfo=UTC)}
    person.last_change = {"F.VS": datetime(2026, 3, 2, 3, 0, tzinfo=UTC)}
    assert "EC082" not in person.fired(FIRST)
    person.last_change = {"F.VS": datetime(2026, 3, 2, 3, 1, tzinfo=UTC)}
    assert person.fired(FIRST) == {"EC082"}
    again = person.having(SECOND, **SIGN | {"SIGNDTM": "2026-03-02T11:30+08:00"})
    again.entered = person.entered | {SECOND: datetime(2026, 3, 2, 3, 30, tzinfo=UTC)}
    again.last_change = person.last_change
    assert again.fired(FIRST) == set()
    assert again.fired(SECOND) == set()


# -- death, discharge, end -------------------------------------------------------------------------------------------

DIED = "2026-03-03T10:00+08:00"


@pytest.mark.parametrize(
    ("place", "item", "at", "fires"),
    [
        ("F.VS@SE.V3", "VSDTM", DIED, False),
        ("F.VS@SE.V3", "VSDTM", "2026-03-03T10:01+08:00", True),
        ("F.LB@SE.UNS#1", "LBDTM", "2026-03-03T10:01+08:00", True),
        ("F.NIHSS@SE.V3", "NIHDTM", "2026-03-03T10:01+08:00", True),
        ("F.SIGN@SE.EVT#1", "SIGNDTM", "2026-03-03T10:01+08:00", False),
    ],
)
def test_nothing_is_measured_after_death(place: str, item: str, at: str, *, fires: bool) -> None:
    person = later(randomised()).having("F.DTH@SE.EVT#1", DTHDTM=DIED).having(place, **{item: at})
    if place.startswith("F.LB"):
        person = person.having(place, LBPANEL="HAEM")
    assert ("EC062" in person.fired(place)) is fires


@pytest.mark.parametrize(("grade", "fires"), [("6", False), ("5", True)])
def test_grade_six_may_be_assigned_after_death(grade: str, *, fires: bool) -> None:
    person = later(randomised()).having("F.DTH@SE.EVT#1", DTHDTM=DIED)
    person = person.having("F.MRS@SE.V6", MRSDTM="2026-03-31T10:00+08:00", MRSPER="CURRENT", MRS=grade)
    assert ("EC062" in person.fired("F.MRS@SE.V6")) is fires


def test_status_follows_death_end_and_loss() -> None:
    ended = {code: later(randomised()).having("F.EOS@SE.EVT#1", EOSDTM=DIED, DSDECOD=code) for code in (
        "COMPLETED", "LOST_TO_FOLLOW_UP", "WITHDRAWAL_BY_SUBJECT", "PHYSICIAN_DECISION",
    )}  # fmt: skip
    assert {code: person.subject().status for code, person in ended.items()} == {
        "COMPLETED": "completed",
        "LOST_TO_FOLLOW_UP": "lost",
        "WITHDRAWAL_BY_SUBJECT": "withdrawn",
        "PHYSICIAN_DECISION": "withdrawn",
    }
    dead = ended["COMPLETED"].having("F.DTH@SE.EVT#2", DTHDTM=DIED)
    assert dead.subject().status == "dead"


def visit_statuses(person: Person) -> dict[str, str]:
    subject = person.subject()
    scheduled = [visit for visit in shipped().visits if visit.kind is VisitKind.SCHEDULED]
    return {visit.oid: subject.visit_status(visit, VisitKey(visit=visit.oid)) for visit in scheduled[1:]}


def test_visits_that_did_not_take_place_say_why() -> None:
    assert set(visit_statuses(later(randomised())).values()) == {"MISSED"}
    dead = visit_statuses(later(randomised()).having("F.DTH@SE.EVT#1", DTHDTM=DIED))
    assert (dead["SE.V2"], dead["SE.V3"], dead["SE.V7"]) == ("MISSED", "NA_DEAD", "NA_DEAD")
    home = visit_statuses(later(randomised()).having("F.DIS@SE.EVT#1", DISDTM=DIED, DISTYPE="HOME"))
    assert (home["SE.V3"], home["SE.V4"], home["SE.V7"]) == ("MISSED", "NA_DISCHARGED", "MISSED")
    ended = later(randomised()).having("F.EOS@SE.EVT#1", EOSDTM=DIED, DSDECOD="PHYSICIAN_DECISION")
    assert visit_statuses(ended)["SE.V7"] == "NA_WITHDRAWN"


def test_discharge_by_death_does_not_move_day_seven() -> None:
    seven = shipped().visit("SE.V5")
    home = later(randomised()).having("F.DIS@SE.EVT#1", DISDTM=DIED, DISTYPE="HOME").subject().window(seven)
    dead = later(randomised()).having("F.DIS@SE.EVT#1", DISDTM=DIED, DISTYPE="DEAD").subject().window(seven)
    assert home is not None
    assert dead is not None
    assert (home.opens.isoformat(), dead.opens.isoformat()) == (
        "2026-03-02T00:00:00+08:00",
        "2026-03-07T00:00:00+08:00",
    )


# -- deviations ------------------------------------------------------------------------------------------------------


def raised(person: Person) -> set[tuple[str, str, str]]:
    form = shipped().deviations
    assert form is not None
    return {(one.source, one.category, one.severity) for one in person.subject().deviations()}


def test_visit_out_of_its_window_raises_a_minor_deviation_and_a_missed_one_too() -> None:
    assert raised(randomised()) == set()
    early = at_visit("SE.V2", "2026-03-02T03:59+08:00")
    assert ("EC068", "VISIT_WINDOW", "MINOR") in raised(early)
    assert ("MISSED", "VISIT_WINDOW", "MINOR") in raised(early)


def test_confirmed_time_limit_raises_a_major_deviation() -> None:
    late = randomised().having("F.TIME", PROGDTM="2026-02-28T09:59+08:00")
    assert {one for one in raised(late) if one[0] == "EC006"} == set()
    late.confirmed["F.TIME", "EC006", "PROGDTM"] = "it took longer"
    assert ("EC006", "ELIGIBILITY", "MAJOR") in raised(late)
    assert ("EC017", "ELIGIBILITY", "CRITICAL") in raised(late)


def test_confirmed_late_consent_raises_a_critical_deviation() -> None:
    late = randomised().having("F.ICF", SIGPDTM="2026-03-01T10:01+08:00")
    late.confirmed["F.RND", "EC011", "RANDDTM"] = "signed late"
    assert ("EC011", "CONSENT", "CRITICAL") in raised(late)

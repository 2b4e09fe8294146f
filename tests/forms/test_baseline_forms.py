"""Checks of the baseline forms, each firing and silent, at, just below and just above its limit."""

from datetime import UTC, datetime, timedelta

import pytest

from casebook.design import DeviationWhen, Severity
from tests.forms.participant import ENTERED_AT, nihss, randomised, screened
from tests.forms.person import Person, shipped

Changes = dict[str, dict[str, str | None]]


def changed(person: Person, changes: Changes) -> Person:
    for place, values in changes.items():
        person = person.having(place, **values)
    return person


def test_participant_without_fault_has_no_finding_at_baseline() -> None:
    assert [(key.form, one.check) for key, one in screened().subject().all_findings()] == []


def test_every_baseline_form_can_be_filled_to_its_last_item() -> None:
    subject = randomised().subject()
    left = {key.form: subject.unanswered(key) for key in subject.keys if subject.unanswered(key)}
    assert left == {}


@pytest.mark.parametrize(
    ("check", "place", "changes", "fires"),
    [
        # timeline
        ("EC002", "F.TIME", {"F.TIME": {"ARRDTM": "2026-02-27T07:59+08:00"}}, True),
        ("EC002", "F.TIME", {"F.TIME": {"ARRDTM": "2026-02-27T08:00+08:00"}}, False),
        ("EC002", "F.TIME", {"F.TIME": {"ARRDTM": "2026-02-27T07:59+08:00", "INHOSP": "Y"}}, False),
        ("EC003", "F.TIME", {"F.TIME": {"PROGDTM": "2026-02-27T08:00+08:00"}}, True),
        ("EC003", "F.TIME", {"F.TIME": {"PROGDTM": "2026-02-27T08:01+08:00"}}, False),
        ("EC003", "F.TIME", {"F.TIME": {"PROGDTM": "2026-03-01T10:01+08:00"}}, True),
        ("EC003", "F.TIME", {"F.TIME": {"PROGDTM": "2026-03-01T10:00+08:00"}}, False),
        ("EC004", "F.TIME", {"F.TIME": {"LKWDTM": "2026-02-28T10:00+08:00"}}, True),
        ("EC004", "F.TIME", {"F.TIME": {"LKWDTM": "2026-02-28T09:59+08:00"}}, False),
        ("EC005", "F.TIME", {"F.TIME": {"LKWDTM": "2026-02-21T19:59+08:00"}}, True),
        ("EC005", "F.TIME", {"F.TIME": {"LKWDTM": "2026-02-21T20:00+08:00"}}, False),
        ("EC006", "F.TIME", {"F.TIME": {"PROGDTM": "2026-02-28T09:59+08:00"}}, True),
        ("EC006", "F.TIME", {"F.TIME": {"PROGDTM": "2026-02-28T10:00+08:00"}}, False),
        ("EC007", "F.TIME", {"F.NIHSS/INITIAL": {"NIHDTM": "2026-02-27T07:59+08:00"}}, True),
        ("EC007", "F.TIME", {"F.NIHSS/INITIAL": {"NIHDTM": "2026-02-27T08:00+08:00"}}, False),
        ("EC007", "F.TIME", {"F.NIHSS/INITIAL": {"NIHDTM": "2026-02-28T20:01+08:00"}}, True),
        ("EC008", "F.TIME", {"F.NIHSS/PRERAND": {"NIHDTM": "2026-03-01T03:59+08:00"}}, True),
        ("EC008", "F.TIME", {"F.NIHSS/PRERAND": {"NIHDTM": "2026-03-01T04:00+08:00"}}, False),
        ("EC008", "F.TIME", {"F.NIHSS/PRERAND": {"NIHDTM": "2026-03-01T10:01+08:00"}}, True),
        ("EC008", "F.TIME", {"F.NIHSS/PRERAND": {"NIHDTM": "2026-02-28T19:59+08:00"}}, True),
        # demography
        ("EC009", "F.DM", {"F.DM": {"BRTHDAT": "2008-03-02"}}, True),
        ("EC009", "F.DM", {"F.DM": {"BRTHDAT": "2008-03-01"}}, False),
        ("EC009", "F.DM", {"F.DM": {"BRTHDAT": "2026-03-02"}}, True),
        # consent
        ("EC010", "F.ICF", {"F.ICF": {"SIGPDTM": None}}, True),
        ("EC012", "F.ICF", {"F.ICF": {"CONSBY": "LAR", "SIGLDTM": "2026-03-01T09:30+08:00"}}, True),
        ("EC012", "F.ICF", {"F.ICF": {"CONSBY": "PARTICIPANT_AND_LAR", "LARREL": "CHILD"}}, True),
        ("EC012", "F.ICF", {"F.ICF": {"CONSBY": "LAR", "LARREL": "CHILD", "INCAPRSN": "APHASIA"}}, False),
        ("EC013", "F.ICF", {"F.ICF": {"CANREADP": "N"}}, True),
        ("EC014", "F.ICF", {"F.ICF": {"ICFAPDT": "2026-03-02"}}, True),
        ("EC014", "F.ICF", {"F.ICF": {"ICFAPDT": "2026-03-01"}}, False),
        ("EC014", "F.ICF", {"F.ICF": {"ICFVDAT": "2026-03-02"}}, True),
        # imaging
        ("EC037", "F.IMG1", {"F.IMG1": {"NCCTDTM": "2026-02-28T19:59+08:00"}}, True),
        ("EC037", "F.IMG1", {"F.IMG1": {"NCCTDTM": "2026-02-28T20:00+08:00"}}, False),
        ("EC037", "F.IMG1", {"F.IMG1": {"ANGDTM": "2026-03-01T10:01+08:00"}}, True),
        ("EC037", "F.IMG1", {"F.IMG1": {"PERFDTM": "2026-03-01T10:00+08:00"}}, False),
        ("EC034", "F.IMG1", {"F.IMG1": {"OCCSIDE": "R"}}, True),
        ("EC034", "F.IMG1", {"F.IMG1": {"OCCSIDE": None}}, True),
        ("EC034", "F.IMG1", {"F.IMG1": {"OCCSITE": "BA", "OCCSIDE": None}}, False),
        ("EC035", "F.IMG1", {"F.IMG1": {"CORVOL": "72.1"}}, True),
        ("EC035", "F.IMG1", {"F.IMG1": {"CORVOL": "72.0"}}, False),
        ("EC036", "F.IMG1", {"F.IMG1": {"MISRREP": "4.1"}}, False),
        ("EC036", "F.IMG1", {"F.IMG1": {"MISRREP": "4.11"}}, True),
        ("EC036", "F.IMG1", {"F.IMG1": {"MISVREP": "55.0"}}, False),
        ("EC036", "F.IMG1", {"F.IMG1": {"MISVREP": "55.1"}}, True),
        ("EC038", "F.IMG1", {"F.IMG1": {"TMAX10VO": "72.1"}}, True),
        ("EC038", "F.IMG1", {"F.IMG1": {"TMAX10VO": "72.0", "HIRREP": "1"}}, False),
        ("EC038", "F.IMG1", {"F.IMG1": {"TMAX10VO": "72.0", "HIRREP": "1.01"}}, True),
        ("EC083", "F.IMG1", {"F.IMG1": {"NCCT2RND": "150"}}, False),
        ("EC083", "F.IMG1", {"F.IMG1": {"NCCT2RND": "149"}}, True),
        ("EC083", "F.IMG1", {"F.IMG1": {"NCCT2RND": "210"}}, False),
        ("EC083", "F.IMG1", {"F.IMG1": {"NCCT2RND": "211"}}, True),
        ("EC083", "F.IMG1", {}, False),
        # eligibility and its worksheet
        ("EC028", "F.IE", {"F.IE": {"IENIHINI": "4"}}, False),
        ("EC028", "F.IE", {"F.IE": {"IENIHINI": "5"}}, True),
        ("EC028", "F.IE", {"F.IE": {"IENIHPRE": "9"}}, False),
        ("EC028", "F.IE", {"F.IE": {"IENIHPRE": "8"}}, True),
        ("EC031", "F.IE", {"F.IMG1": {"ICHBL": "Y"}}, True),
        ("EC031", "F.IE", {"F.IMG1": {"ICHBL": "Y"}, "F.IE": {"ENDOTHER": "Y"}}, False),
        ("EC031", "F.IE", {"F.IMG1": {"ICHBL": "Y"}, "F.IE": {"ENDOTHER": None}}, False),
        ("EC032", "F.IE", {"F.LB": {"INR": "2.0"}}, False),
        ("EC032", "F.IE", {"F.LB": {"INR": "2.01"}}, True),
        ("EC032", "F.IE", {"F.LB": {"INR": "2.01"}, "F.IE": {"BLEEDOTH": None}}, True),
        ("EC032", "F.IE", {"F.LB": {"INR": "2.01"}, "F.IE": {"BLEEDOTH": "Y"}}, False),
        ("EC032", "F.IE", {"F.LB": {"INR": "2.01"}, "F.IE": {"ONWARF": "Y"}}, False),
        ("EC033", "F.IE", {"F.IE": {"ONWARF": "Y"}}, True),
        ("EC033", "F.IE", {"F.IE": {"ONWARF": "Y"}, "F.MH": {"PRVKA": "Y"}}, False),
        ("EC033", "F.IE", {"F.MH": {"PRVKA": "Y"}}, True),
        ("EC033", "F.IE", {"F.IE": {"ONWARF": "Y"}, "F.MH": {"PRVKA": "U"}}, False),
        ("EC039", "F.IE", {"F.IE": {"IEPLAT": "N"}}, False),
        ("EC039", "F.IE", {"F.IE": {"IEPLAT": "Y"}}, True),
        ("EC039", "F.IE", {"F.IE": {"IEPLAT": "N"}, "F.LB": {"PLAT": "39 10^9/L"}}, True),
        ("EC039", "F.IE", {"F.IE": {"IEPLAT": "Y"}, "F.LB": {"PLAT": "39 10^9/L"}}, False),
        ("EC039", "F.IE", {"F.IE": {"IEINR": "Y", "ONWARF": "Y"}, "F.LB": {"INR": "2.1"}}, False),
        ("EC039", "F.IE", {"F.IE": {"IEINR": "N", "ONWARF": "Y"}, "F.LB": {"INR": "2.1"}}, True),
        ("EC039", "F.IE", {"F.IE": {"IEGLUC": "N"}, "F.LB": {"GLUC": "22.3 mmol/L"}}, True),
        ("EC039", "F.IE", {"F.IE": {"IEGLUC": "N"}, "F.LB": {"GLUC": "22.2 mmol/L"}}, False),
        ("EC039", "F.IE", {"F.IE": {"IEHCG": "Y"}}, True),
        ("EC039", "F.IE", {"F.IE": {"IEHCG": "Y", "CHILDB": "Y"}}, False),
        ("EC059", "F.IE", {"F.IE": {"IEMRSPRE": "0"}}, False),
        ("EC059", "F.IE", {"F.IE": {"IEMRSPRE": "1"}}, True),
        ("EC059", "F.IE", {"F.IE": {"IEMRSPRE": "6"}, "F.MRS": {"MRSPRE": None}}, True),
        ("EC059", "F.IE", {"F.IE": {"IEMRSPRE": "5"}, "F.MRS": {"MRSPRE": None}}, False),
        ("EC079", "F.IE", {"F.IE": {"CHILDB": None}, "F.DM": {"BRTHDAT": "1971-03-01"}}, True),
        ("EC079", "F.IE", {"F.IE": {"CHILDB": None}, "F.DM": {"BRTHDAT": "1970-03-02"}}, True),
        ("EC079", "F.IE", {"F.IE": {"CHILDB": None}, "F.DM": {"BRTHDAT": "1970-03-01"}}, False),
        ("EC079", "F.IE", {"F.IE": {"CHILDB": None}, "F.DM": {"BRTHDAT": "2008-03-01"}}, True),
        ("EC079", "F.IE", {"F.IE": {"CHILDB": None}, "F.DM": {"BRTHDAT": "2008-03-02"}}, False),
        ("EC079", "F.IE", {"F.DM": {"BRTHDAT": "1990-03-01"}}, False),
        # vital signs
        ("EC050", "F.VS", {"F.VS": {"SYSBP": "88"}}, True),
        ("EC050", "F.VS", {"F.VS": {"SYSBP": "89"}}, False),
        ("EC051", "F.VS", {"F.VS": {"TEMP": "29.9 °C"}}, True),
        ("EC051", "F.VS", {"F.VS": {"TEMP": "30.0 °C"}}, False),
        ("EC051", "F.VS", {"F.VS": {"TEMP": "86 °F"}}, False),
        ("EC051", "F.VS", {"F.VS": {"TEMP": "85.9 °F"}}, True),
        ("EC052", "F.VS", {"F.VS": {"SYSBP": "185"}}, False),
        ("EC052", "F.VS", {"F.VS": {"SYSBP": "186"}}, True),
        ("EC053", "F.VS", {"F.VS": {"TEMP": "36.6 K"}}, True),
    ],
)
def test_check_fires_where_its_rule_is_true(check: str, place: str, changes: Changes, *, fires: bool) -> None:
    assert (check in changed(screened(), changes).fired(place)) is fires


# -- consent ---------------------------------------------------------------------------------------------------

REGAINED = {"CONSBY": "LAR", "LARREL": "CHILD", "INCAPRSN": "APHASIA", "CAPREGAIN": "Y"} | {
    "SIGLDTM": "2026-02-20T09:00+08:00", "CAPRGDTM": "2026-02-21T12:00+08:00",
}  # fmt: skip
"""Capacity regained on 21 February at noon: own consent is due by 28 February at noon."""


@pytest.mark.parametrize(
    ("values", "now", "fires"),
    [
        ({}, datetime(2026, 2, 28, 4, 0, tzinfo=UTC), False),
        ({}, datetime(2026, 2, 28, 4, 1, tzinfo=UTC), True),
        ({"CAPREDTM": "2026-02-28T12:00+08:00"}, datetime(2026, 3, 5, 4, 0, tzinfo=UTC), False),
        ({"CAPREDTM": "2026-02-28T12:01+08:00"}, datetime(2026, 3, 5, 4, 0, tzinfo=UTC), True),
    ],
)
def test_own_consent_is_due_within_seven_days(values: dict[str, str | None], now: datetime, *, fires: bool) -> None:
    person = screened().having("F.ICF", **REGAINED).having("F.ICF", **values)
    person.now = now
    assert ("EC015" in person.fired("F.ICF")) is fires


@pytest.mark.parametrize(("signed", "fires"), [("2026-02-28T12:00+08:00", False), ("2026-02-28T12:01+08:00", True)])
def test_own_consent_may_stand_in_a_form_of_its_own(signed: str, *, fires: bool) -> None:
    again = {"ICFTYPE": "RECONSENT", "CONSBY": "PARTICIPANT", "SIGPDTM": signed, "WITREQ": "N"}
    person = screened().having("F.ICF", **REGAINED).having("F.ICF@SE.EVT#1", **again)
    assert ("EC015" in person.fired("F.ICF")) is fires


@pytest.mark.parametrize(
    ("version", "approved", "fires"),
    [
        ("V1.0", "2026-03-01", False),
        ("V1.0", "2026-03-02", True),
        ("V2.0", "2026-03-01", True),
        ("V2.0", "2026-03-02", False),
        ("V0.9", "2025-06-01", False),
    ],
)
def test_consent_version_is_compared_with_the_site_file(version: str, approved: str, *, fires: bool) -> None:
    person = screened()
    person.site = Person().with_row(
        "F.ETHICS", "IG.ETHICS.APPR", ETHWHAT="ICF", ETHVER=version, ETHAPDAT=approved, ETHREF="EC-1"
    )
    assert ("EC014" in person.fired("F.ICF")) is fires


def test_full_withdrawal_is_all_four_scopes() -> None:
    scopes = {"WDCONS": "TREATMENT FOLLOWUP DATA_USE SAMPLE_USE", "WDDTM": "2026-03-10T10:00+08:00", "WDBY": "LAR"}
    person = randomised().having("F.ICF", **scopes)
    assert person.value("F.ICF", "WDFULDTM") == scopes["WDDTM"]
    partly = person.having("F.ICF", WDCONS="FOLLOWUP DATA_USE SAMPLE_USE")
    assert (partly.value("F.ICF", "WDFULDTM"), partly.value("F.ICF", "WDFUPDTM")) == (None, scopes["WDDTM"])
    assert partly.having("F.ICF", WDCONS="TREATMENT").value("F.ICF", "WDFUPDTM") is None


# -- randomisation ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "fires"), [("2026-03-01T09:30+08:00", False), ("2026-03-01T09:29+08:00", True)])
def test_consent_after_randomisation_is_a_critical_deviation(at: str, *, fires: bool) -> None:
    person = randomised().having("F.RND", RANDDTM=at)
    assert ("EC011" in person.fired("F.RND")) is fires


def test_randomisation_number_of_another_participant_is_found() -> None:
    person = randomised()
    assert "EC018" not in person.fired("F.RND")
    person.taken = {("I.RND.RANDNO", "R-0001")}
    assert person.beside("F.RND", "EC018") == ["RANDNO"]
    (found,) = [one for _, one in person.subject().all_findings() if one.check == "EC018"]
    assert not found.confirmable


@pytest.mark.parametrize("item", ["RANDARM", "RANDNO", "RANDDTM"])
def test_change_of_the_randomisation_after_completion_is_found(item: str) -> None:
    person = randomised()
    person.changed = {("F.RND", item)}
    assert person.beside("F.RND", "EC018") == ["RANDARM"]
    (found,) = [one for _, one in person.subject().all_findings() if one.check == "EC018"]
    assert found.confirmable


@pytest.mark.parametrize(
    ("method", "minutes", "fires"),
    [
        ("LOCAL_LIST", 10, False),
        ("LOCAL_LIST", 11, True),
        ("ENVELOPE", -10, False),
        ("ENVELOPE", -11, True),
        ("CENTRAL_WEB", 11, False),
        ("CENTRAL_PHONE", 11, False),
    ],
)
def test_randomisation_entered_later_is_found_without_central_time_stamp(
    method: str, minutes: int, *, fires: bool
) -> None:
    person = randomised().having("F.RND", METHOD=method)
    person.entered = {"F.RND": ENTERED_AT + timedelta(minutes=minutes)}
    assert ("EC084" in person.fired("F.RND")) is fires


# -- severities, exits and deviations ---------------------------------------------------------------------------

SEVERITIES = {
    "EC001": "H", "EC002": "S", "EC003": "H", "EC004": "H", "EC005": "H", "EC006": "H", "EC007": "S", "EC008": "S",
    "EC009": "H", "EC010": "H", "EC011": "H", "EC012": "H", "EC013": "H", "EC014": "S", "EC015": "S", "EC016": "H",
    "EC017": "S", "EC018": "H", "EC020": "H", "EC021": "H", "EC022": "H", "EC023": "S", "EC024": "S", "EC025": "S",
    "EC026": "S", "EC027": "H", "EC028": "H", "EC030": "H", "EC031": "H", "EC032": "S", "EC033": "S", "EC034": "S",
    "EC035": "H", "EC036": "S", "EC037": "S", "EC038": "H", "EC039": "S", "EC050": "H", "EC051": "H", "EC052": "S",
    "EC053": "H", "EC059": "H", "EC068": "S", "EC069": "H", "EC079": "H", "EC081": "H", "EC082": "H", "EC083": "S",
    "EC084": "S",
}  # fmt: skip
CONTRADICTIONS = {
    "EC012", "EC020", "EC021", "EC022", "EC027", "EC028", "EC030", "EC031", "EC050", "EC053", "EC059", "EC081", "EC082",
}  # fmt: skip
DEVIATIONS = {
    "EC004": ("ELIGIBILITY", "MAJOR", DeviationWhen.CONFIRMED),
    "EC005": ("ELIGIBILITY", "MAJOR", DeviationWhen.CONFIRMED),
    "EC006": ("ELIGIBILITY", "MAJOR", DeviationWhen.CONFIRMED),
    "EC009": ("ELIGIBILITY", "CRITICAL", DeviationWhen.CONFIRMED),
    "EC011": ("CONSENT", "CRITICAL", DeviationWhen.CONFIRMED),
    "EC016": ("CONSENT", "CRITICAL", DeviationWhen.CONFIRMED),
    "EC017": ("ELIGIBILITY", "CRITICAL", DeviationWhen.FIRES),
    "EC068": ("VISIT_WINDOW", "MINOR", DeviationWhen.FIRES),
}


@pytest.mark.parametrize("check", SEVERITIES)
def test_check_is_declared_with_its_severity_exit_and_deviation(check: str) -> None:
    declared = [one for form in shipped().forms.values() for one in form.checks if one.id == check]
    assert declared
    assert {one.severity for one in declared} == {Severity(SEVERITIES[check])}
    if check in CONTRADICTIONS:
        assert not any(one.confirmable for one in declared)
    elif check != "EC018":
        assert all(one.confirmable for one in declared)
    raised = {
        (one.deviation.category, one.deviation.severity, one.deviation.when) if one.deviation else None
        for one in declared
    }
    assert raised == {DEVIATIONS.get(check)}


def test_score_of_a_comatose_participant_is_coherent() -> None:
    coma = nihss("2026-03-01T08:00+08:00", NIHSS01A="3", NIHSS01B="2", NIHSS01C="2", NIHSS08="2", NIHSS09="3")
    person = screened()
    person.values["F.NIHSS/PRERAND"] = coma
    assert person.fired("F.NIHSS/PRERAND") == set()
    person.values["F.NIHSS/PRERAND"] = coma | {"NIHSS08": "1", "NIHSS09": "2", "NIHSS01B": "1"}
    assert person.fired("F.NIHSS/PRERAND") == {"EC021", "EC022", "EC023"}


# -- forms with conditional parts, filled to the last item ------------------------------------------------------------

HISTORY_IN_FULL = {
    "MI": "Y", "MIDAT": "2019------", "VALVE": "Y", "MECHVAL": "N", "PRISTR": "Y", "PRISTRDT": "2020-05---", "CKD": "Y",
    "DIALYSIS": "N", "CANCER": "Y", "CANCACT": "N", "SUNCF": "CURRENT", "SUCIGPD": "20", "PRAPT": "Y",
    "PRAPTDRG": "ASPIRIN OTHER", "PRAPTOTH": "sarpogrelate", "PRDOAC": "Y", "PRDOACDG": "APIXABAN",
    "DOACDTM": "2026-02-26T20:00+08:00",
}  # fmt: skip
QUALITY = {
    "QOLPERF": "Y", "QOLDTM": "2026-03-02T11:00+08:00", "QOLVER": "licensed, paper", "QOLMODE": "PAPER",
    "QOLPROXY": "Y", "QOLPRREL": "SPOUSE", "QOL01": "1", "QOL02": "2", "QOL03": "5", "QOL04": "!UNK", "QOL05": "3",
    "QOLVAS": "75",
}  # fmt: skip


def test_conditional_parts_are_asked_and_can_be_answered() -> None:
    asked = screened().having("F.MH", **{name: HISTORY_IN_FULL[name] for name in ("MI", "PRAPT", "PRDOAC", "SUNCF")})
    assert asked.unanswered("F.MH") == ["MIDAT", "SUCIGPD", "PRAPTDRG", "PRDOACDG", "DOACDTM"]
    full = screened().having("F.MH", **HISTORY_IN_FULL)
    full = full.with_row("F.MH", "IG.MH.REL", MHTERM="gout", MHSTDAT="2015------", MHONGO="Y")
    assert (full.unanswered("F.MH"), full.fired("F.MH")) == ([], set())


def test_ecg_that_was_not_done_asks_nothing_more() -> None:
    person = screened()
    person.values["F.ECG"] = {"EGPERF": "N"}
    assert person.unanswered("F.ECG") == []
    other = screened().having("F.ECG", EGRHYTHM="OTHER", EGINTP="ABN_CS")
    assert other.unanswered("F.ECG") == ["EGRHYOTH", "EGCOM"]


@pytest.mark.parametrize(
    ("value", "check", "fires"),
    [("299", "EC051", True), ("300", "EC051", False), ("650", "EC051", False), ("651", "EC051", True),
     ("460", "EC052", False), ("461", "EC052", True)],
)  # fmt: skip
def test_qtc_has_limits(value: str, check: str, *, fires: bool) -> None:
    assert (check in screened().having("F.ECG", EGQTC=value).fired("F.ECG")) is fires


def test_deterioration_is_derived_with_its_flags_and_decides_nothing() -> None:
    found = screened()
    assert [found.value("F.TIME", name) for name in ("ENDDELTA", "ENDGE1", "ENDGE2", "ENDGE4")] == ["5", "Y", "Y", "Y"]
    slight = found.having("F.NIHSS/INITIAL", NIHSS05B="4", NIHSS06B="4")
    assert [slight.value("F.TIME", name) for name in ("ENDDELTA", "ENDGE1", "ENDGE2", "ENDGE4")] == ["0", "N", "N", "N"]


def test_quality_of_life_holds_codes_only() -> None:
    person = randomised().having("F.QOL@SE.V5", **QUALITY)
    assert (person.unanswered("F.QOL@SE.V5"), person.fired("F.QOL@SE.V5")) == ([], set())
    assert person.having("F.QOL@SE.V5", QOLVAS="101").fired("F.QOL@SE.V5") == {"EC051"}
    declined = randomised().having("F.QOL@SE.V5", QOLPERF="N", QOLRSN="tired")
    assert declined.unanswered("F.QOL@SE.V5") == []


def test_files_of_the_site_can_be_filled() -> None:
    site = Person().having("F.LABS", LABSDAT="2026-01-05", LABSBY="D02")
    site = site.with_row(
        "F.LABS",
        "IG.LABS.RANGE",
        LABTEST="HGB",
        LABUNIT="g/L",
        LABLO="115",
        LABHI="150",
        LABSEX="F",
        LABFROM="2026-01-01",
    )
    site = site.with_row(
        "F.ETHICS", "IG.ETHICS.APPR", ETHWHAT="DESIGN", ETHVER="1.0", ETHAPDAT="2025-12-01", ETHREF="EC-1"
    )
    assert (site.unanswered("F.LABS"), site.unanswered("F.ETHICS")) == ([], [])
    assert site.subject().all_findings() == ()


def test_deferred_or_failed_judgements_ask_for_their_details() -> None:
    person = screened().having("F.IE", PROGMECH="OTHER", ENDOTHER="Y", ICH6M="Y", INVOTHER="Y")
    assert person.unanswered("F.IE") == ["PROGMOTH", "ENDOTHC", "ICH6MDAT", "INVOTHSP"]

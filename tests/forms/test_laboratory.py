"""The laboratory form: which range applies, what is asked, what is found."""

import pytest

from casebook.design import DataType
from tests.forms.participant import screened
from tests.forms.person import Person, shipped

KEPT = {
    "LABTEST": "PLAT",
    "LABUNIT": "10^9/L",
    "LABLO": "100",
    "LABHI": "300",
    "LABSEX": "ALL",
    "LABFROM": "2026-01-01",
}


def with_site(*rows: dict[str, str]) -> Person:
    site = Person()
    for row in rows:
        site = site.with_row("F.LABS", "IG.LABS.RANGE", **row)
    person = screened()
    person.site = site
    return person


def haemogram(person: Person, **values: str | None) -> Person:
    return person.having("F.LB", LBPANEL="HAEM", **values)


@pytest.mark.parametrize(
    ("result", "kept", "expected"),
    [
        ("110 10^9/L", (), "LOW"),
        ("110 10^9/L", (KEPT,), "NORMAL"),
        ("310 10^9/L", (KEPT,), "HIGH"),
        ("310 10^9/L", (), "NORMAL"),
        ("110 10^3/uL", (KEPT,), "LOW"),
        ("110 10^9/L", (KEPT | {"LABFROM": "2026-03-02"},), "LOW"),
        ("110 10^9/L", (KEPT | {"LABTO": "2026-02-28"},), "LOW"),
        ("110 10^9/L", (KEPT | {"LABSEX": "M"},), "LOW"),
        ("110 10^9/L", (KEPT | {"LABAGELO": "65"},), "LOW"),
        ("110 10^9/L", (KEPT | {"LABAGELO": "64", "LABAGEHI": "64"},), "NORMAL"),
    ],
)
def test_range_of_the_site_file_applies_by_analyte_unit_day_sex_and_age(
    result: str, kept: tuple[dict[str, str], ...], expected: str
) -> None:
    assert haemogram(with_site(*kept), PLAT=result).value("F.LB", "PLATIND") == expected


def test_row_that_is_struck_no_longer_counts() -> None:
    person = with_site(KEPT)
    assert person.site is not None
    person.site.rows = {}
    assert haemogram(person, PLAT="110 10^9/L").value("F.LB", "PLATIND") == "LOW"


def test_range_on_the_report_is_asked_on_demand_and_stands_highest() -> None:
    person = haemogram(with_site(KEPT), PLAT="110 10^9/L", PLATLO="115 10^9/L", PLATHI="400 10^9/L")
    assert person.value("F.LB", "PLATIND") == "NORMAL"
    assert person.having("F.LB", RPTRNG="Y").value("F.LB", "PLATIND") == "LOW"


def test_significance_is_asked_outside_the_range_and_questioned_until_it_is_answered() -> None:
    inside = haemogram(screened(), PLAT="212 10^9/L")
    assert inside.unanswered("F.LB") == []
    outside = haemogram(screened(), PLAT="110 10^9/L")
    assert outside.unanswered("F.LB") == ["PLATCS"]
    assert outside.fired("F.LB") == {"EC052"}
    assert outside.beside("F.LB", "EC052") == ["PLAT"]
    assert outside.having("F.LB", PLATCS="N").fired("F.LB") == set()


def test_range_of_the_site_silences_and_raises_the_question() -> None:
    assert haemogram(with_site(KEPT), PLAT="110 10^9/L").fired("F.LB") == set()
    assert haemogram(with_site(KEPT), PLAT="310 10^9/L").fired("F.LB") == {"EC052"}


def test_widest_reference_speaks_where_the_range_cannot_be_told() -> None:
    person = haemogram(screened().having("F.DM", SEX="U"), HGB="114 g/L")
    assert person.value("F.LB", "HGBIND") is None
    assert person.fired("F.LB") == {"EC052"}
    assert haemogram(person, HGB="115 g/L").fired("F.LB") == set()


@pytest.mark.parametrize(
    ("sex", "haemoglobin", "expected"),
    [
        ("M", "12.9 g/dL", "LOW"),
        ("M", "130 g/L", "NORMAL"),
        ("M", "175 g/L", "NORMAL"),
        ("M", "175.1 g/L", "HIGH"),
        ("F", "114.9 g/L", "LOW"),
        ("F", "11.5 g/dL", "NORMAL"),
        ("F", "15.0 g/dL", "NORMAL"),
        ("F", "15.1 g/dL", "HIGH"),
    ],
)
def test_study_reference_goes_by_sex_in_any_unit(sex: str, haemoglobin: str, expected: str) -> None:
    person = haemogram(screened().having("F.DM", SEX=sex), HGB=haemoglobin)
    assert person.value("F.LB", "HGBIND") == expected


def test_every_analyte_has_range_indicator_and_question() -> None:
    form = shipped().form("F.LB")
    analytes = [code.value for code in shipped().code_lists["CL.LABTEST"].codes]
    assert len(analytes) == 39
    for name in analytes:
        _, item = form.find(name)
        assert item.data_type is DataType.QUANTITY
        derivation = form.find(f"{name}IND")[1].derivation
        assert derivation is not None
        assert derivation.items[:5] == (name, f"@reported:{name}", f"{name}LO", f"{name}HI", f"={name}")
        assert derivation.items[-1] == "F.LABS[]:LABLINE"
        ids = [check.id for check in form.checks if check.item == name]
        assert ids.count("EC052") == 1 + (item.soft != (None, None))


def test_text_of_the_question_names_no_limits_that_may_not_apply() -> None:
    texts = {check.message("en") for check in shipped().form("F.LB").checks if check.id == "EC052"}
    assert any("that applies" in text for text in texts)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.5 10^9/L", {"EC051"}), ("1 10^9/L", {"EC052"}), ("2000 10^9/L", {"EC052"}), ("2000.1 10^9/L", {"EC051"})],
)
def test_implausible_result_is_kept_and_told(value: str, expected: set[str]) -> None:
    found = haemogram(screened(), PLAT=value).fired("F.LB")
    assert expected <= found


def test_unit_outside_the_list_is_found() -> None:
    assert "EC053" in haemogram(screened(), HGB="131 mmol/L").fired("F.LB")
    assert "EC053" not in haemogram(screened(), HGB="13.1 g/dL").fired("F.LB")


def test_panels_planned_at_a_visit_are_shown() -> None:
    person = screened().having("F.LB@SE.V2", LBPANEL="HAEM").having("F.LB@SE.V5", LBPANEL="HAEM")
    assert person.value("F.LB", "LBDUE") == "HAEM COAG GLUC RENAL LIVER LIPID CARDIAC"
    assert person.value("F.LB@SE.V2", "LBDUE") == "HAEM COAG GLUC RENAL"
    assert person.value("F.LB@SE.V5", "LBDUE") == "HAEM RENAL LIVER"


def test_kidney_function_is_estimated_from_sex_and_age() -> None:
    found = screened().value("F.LB", "GFRECALC")
    assert found is not None
    assert found.startswith("97.24")


def test_pregnancy_test_of_a_man_is_questioned_and_its_result_judged() -> None:
    tested = screened().having("F.LB", LBPANEL="HCG", HCGSPEC="URINE", HCGRES="NEG")
    assert tested.fired("F.LB") == set()
    assert tested.value("F.LB", "HCGIND") == "NORMAL"
    assert tested.having("F.LB", HCGRES="POS").value("F.LB", "HCGIND") == "ABNORMAL"
    assert tested.having("F.DM", SEX="M").fired("F.LB") == {"EC079"}
    assert tested.having("F.DM", SEX="M").having("F.LB", HCGRES="!NA").fired("F.LB") == set()
    measured = tested.having("F.DM", SEX="M").having("F.LB", HCGSPEC="SERUM", HCGRES="!NA", HCG="1.2")
    assert measured.fired("F.LB") == {"EC079"}


def test_site_file_shows_each_range_in_one_line() -> None:
    site = Person().with_row("F.LABS", "IG.LABS.RANGE", **KEPT)
    line = site.value("F.LABS", "LABLINE")
    assert line is not None
    assert line.startswith("PLAT | 100 | 300 | 10^9/L | ALL")

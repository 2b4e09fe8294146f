"""Which reference range applies to a result, at, just below and just above each limit."""

import pytest

from casebook.records import Reading
from casebook.scores import DERIVATIONS

SAMPLED = "2026-03-01T09:30+08:00"


def r(text: str | None) -> Reading:
    return Reading(value=text)


def line(*parts: str) -> Reading:
    names = ("analyte", "low", "high", "unit", "sex", "youngest", "oldest", "first", "last", "name")
    assert len(parts) == len(names)
    found = DERIVATIONS["laboratory_range"].function([r(part or None) for part in parts])
    return r(found)


def indicator(
    result: str | None,
    *,
    reported: str | None = None,
    own: tuple[str | None, str | None] = (None, None),
    reference: str = "125-350",
    sex: str | None = "M",
    age: str | None = "64",
    sampled: str | None = SAMPLED,
    fasting: str | None = "N",
    laboratory: str | None = None,
    kept: tuple[Reading, ...] = (),
) -> str | None:
    values = (
        result, reported or result, *own, "PLAT", reference, sex, age, sampled, fasting, laboratory,
    )  # fmt: skip
    return DERIVATIONS["range_indicator"].function([r(value) for value in values], [kept])


KEPT = line("PLAT", "100", "300", "10^9/L", "ALL", "", "", "2026-01-01", "", "")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("124.9 10^9/L", "LOW"),
        ("125 10^9/L", "NORMAL"),
        ("350.0 10^9/L", "NORMAL"),
        ("350.1 10^9/L", "HIGH"),
        ("<125 10^9/L", "LOW"),
        ("<126 10^9/L", None),
        (">350 10^9/L", "HIGH"),
        (None, None),
    ],
)
def test_study_reference_has_both_ends_inside(result: str | None, expected: str | None) -> None:
    assert indicator(result) == expected


@pytest.mark.parametrize(
    ("result", "expected"), [("99.9", "LOW"), ("100", "NORMAL"), ("110", "NORMAL"), ("300", "NORMAL"), ("301", "HIGH")]
)
def test_kept_range_of_the_site_stands_over_the_studys(result: str, expected: str) -> None:
    assert indicator(f"{result} 10^9/L", kept=(KEPT,)) == expected


@pytest.mark.parametrize(("result", "expected"), [("89", "LOW"), ("90", "NORMAL"), ("280", "NORMAL"), ("281", "HIGH")])
def test_range_on_the_report_stands_over_the_sites(result: str, expected: str) -> None:
    own = ("90 10^9/L", "280 10^9/L")
    assert indicator(f"{result} 10^9/L", own=own, kept=(KEPT,)) == expected


@pytest.mark.parametrize(
    ("own", "result", "expected"),
    [
        ((None, "<40"), "39.9", "NORMAL"),
        ((None, "<40"), "40", "HIGH"),
        ((None, "<40"), "<40", "NORMAL"),
        ((None, "<=40"), "40", "NORMAL"),
        ((None, "<=40"), "40.1", "HIGH"),
        ((">60", None), "60", "LOW"),
        ((">60", None), "60.1", "NORMAL"),
        ((">=60", None), "60", "NORMAL"),
    ],
)
def test_end_that_the_report_prints_with_a_sign_lies_as_the_sign_says(
    own: tuple[str | None, str | None], result: str, expected: str
) -> None:
    assert indicator(result, own=own) == expected


@pytest.mark.parametrize("own", [("90", "80"), ("<90", None), (None, ">80")])
def test_limits_of_the_report_that_make_no_range_leave_the_next_one_to_judge(
    own: tuple[str | None, str | None],
) -> None:
    assert indicator("85", own=own, kept=(KEPT,)) == "LOW"


def test_range_on_the_report_may_have_one_end() -> None:
    assert indicator("5 10^9/L", own=(None, "280 10^9/L")) == "NORMAL"
    assert indicator("500 10^9/L", own=("90 10^9/L", None)) == "NORMAL"


@pytest.mark.parametrize(
    ("reported", "expected"),
    [("110 10^9/L", "NORMAL"), ("110 ×10⁹/L", "NORMAL"), ("110 10^9/l", "NORMAL"), ("110 10^3/uL", "LOW")],
)
def test_kept_range_counts_only_in_its_own_unit(reported: str, expected: str) -> None:
    assert indicator("110 10^9/L", reported=reported, kept=(KEPT,)) == expected


def test_result_in_another_unit_is_compared_in_that_unit() -> None:
    kept = line("PLAT", "11.5", "15.0", "g/dL", "F", "18", "", "2026-01-01", "", "")
    assert indicator("114 g/L", reported="11.4 g/dL", sex="F", kept=(kept,)) == "LOW"
    assert indicator("115 g/L", reported="11.5 g/dL", sex="F", kept=(kept,)) == "NORMAL"


@pytest.mark.parametrize(
    ("age", "sex", "expected"),
    [
        ("59", "M", "LOW"),
        ("60", "M", "NORMAL"),
        ("70", "M", "NORMAL"),
        ("71", "M", "LOW"),
        ("65", "F", "LOW"),
        (None, "M", "LOW"),
        ("65", None, "LOW"),
    ],
)
def test_kept_range_counts_for_its_sex_and_ages(age: str | None, sex: str | None, expected: str) -> None:
    kept = line("PLAT", "100", "300", "10^9/L", "M", "60", "70", "2026-01-01", "", "")
    assert indicator("110 10^9/L", age=age, sex=sex, kept=(kept,)) == expected


@pytest.mark.parametrize(
    ("sampled", "expected"),
    [
        ("2026-01-31T23:59+08:00", "LOW"),
        ("2026-02-01T00:00+08:00", "NORMAL"),
        ("2026-02-28T23:59+08:00", "NORMAL"),
        ("2026-03-01T00:00+08:00", "LOW"),
        ("2026-02-10T--:--+08:00", "NORMAL"),
        (None, "LOW"),
    ],
)
def test_kept_range_counts_from_its_first_to_its_last_day(sampled: str | None, expected: str) -> None:
    kept = line("PLAT", "100", "300", "10^9/L", "ALL", "", "", "2026-02-01", "2026-02-28", "")
    assert indicator("110 10^9/L", sampled=sampled, kept=(kept,)) == expected


def test_range_that_began_last_counts_and_of_one_day_the_later_row() -> None:
    newer = line("PLAT", "120", "300", "10^9/L", "ALL", "", "", "2026-02-01", "", "")
    assert indicator("110 10^9/L", kept=(newer, KEPT)) == "LOW"
    corrected = line("PLAT", "105", "300", "10^9/L", "ALL", "", "", "2026-02-01", "", "")
    assert indicator("110 10^9/L", kept=(KEPT, newer, corrected)) == "NORMAL"


def test_range_of_another_laboratory_or_analyte_does_not_count() -> None:
    named = line("PLAT", "100", "300", "10^9/L", "ALL", "", "", "2026-01-01", "", "Emergency laboratory")
    assert indicator("110 10^9/L", laboratory="Central laboratory", kept=(named,)) == "LOW"
    assert indicator("110 10^9/L", laboratory="emergency laboratory", kept=(named,)) == "NORMAL"
    other = line("PLATX", "100", "300", "10^9/L", "ALL", "", "", "2026-01-01", "", "")
    assert indicator("110 10^9/L", kept=(other, r(None), r("not a range"))) == "LOW"


def test_range_without_analyte_day_or_limit_is_none() -> None:
    assert line("PLAT", "", "", "10^9/L", "ALL", "", "", "2026-01-01", "", "").value is None
    assert line("", "1", "2", "10^9/L", "ALL", "", "", "2026-01-01", "", "").value is None
    assert line("PLAT", "1", "2", "10^9/L", "ALL", "", "", "", "", "").value is None


CREATININE = "M<60 57-97; M>=60 57-111; F<60 41-73; F>=60 41-81"


@pytest.mark.parametrize(
    ("sex", "age", "result", "expected"),
    [
        ("M", "59", "97", "NORMAL"),
        ("M", "59", "97.1", "HIGH"),
        ("M", "60", "97.1", "NORMAL"),
        ("M", "60", "111.1", "HIGH"),
        ("F", "59", "73.1", "HIGH"),
        ("F", "60", "81", "NORMAL"),
        ("F", "60", "40.9", "LOW"),
        ("U", "60", "60", None),
        ("M", None, "60", None),
    ],
)
def test_study_reference_goes_by_sex_and_age(sex: str, age: str | None, result: str, expected: str | None) -> None:
    assert indicator(f"{result} umol/L", reference=CREATININE, sex=sex, age=age) == expected


@pytest.mark.parametrize(
    ("fasting", "result", "expected"),
    [("Y", "6.1", "NORMAL"), ("Y", "6.2", "HIGH"), ("N", "6.2", "NORMAL"), ("U", "11.2", "HIGH"), (None, "3.8", "LOW")],
)
def test_glucose_is_judged_fasting_or_not(fasting: str | None, result: str, expected: str) -> None:
    assert indicator(f"{result} mmol/L", reference="fasting 3.9-6.1; 3.9-11.1", fasting=fasting) == expected


def test_open_ends_and_no_reference_at_all() -> None:
    assert indicator("0.5", reference="-0.5") == "NORMAL"
    assert indicator("0.51", reference="-0.5") == "HIGH"
    assert indicator("0.99", reference="1.0-") == "LOW"
    assert indicator("9", reference="1.0-") == "NORMAL"
    assert indicator("9", reference="") is None


def test_qualitative_result_is_normal_or_abnormal() -> None:
    function = DERIVATIONS["qualitative_indicator"].function
    assert [function([r(value)]) for value in ("POS", "NEG", None)] == ["ABNORMAL", "NORMAL", None]


def test_plan_is_read_by_visit() -> None:
    function = DERIVATIONS["planned_for"].function
    plan = r("SE.V1: HAEM COAG; SE.V2: HAEM")
    assert [function([r(visit), plan]) for visit in ("SE.V1", "SE.V2", "SE.V3", None)] == [
        "HAEM COAG", "HAEM", None, None,
    ]  # fmt: skip

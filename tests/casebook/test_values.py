from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.values import Quantity, at_most, days_of, equal, half_up, interval_of, less, noted_of, quantity_of


@pytest.mark.parametrize(
    ("number", "decimals", "shown"),
    [
        ("22.2025", 2, "22.20"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("2.345", 2, "2.35"),
        ("1.7991967871", 2, "1.80"),
        ("-0.04", 1, "0.0"),
        ("1234567890123456789012345678901.25", 1, "1234567890123456789012345678901.3"),
        ("0", 2, "0.00"),
    ],
)
def test_half_up_rounds_away_from_zero_once(number: str, decimals: int, shown: str) -> None:
    assert f"{half_up(Decimal(number), decimals):f}" == shown


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=6), st.integers(0, 4))
def test_half_up_stays_within_half_a_unit(number: Decimal, decimals: int) -> None:
    assert abs(Fraction(half_up(number, decimals)) - Fraction(number)) <= Fraction(1, 2 * 10**decimals)


def test_quantity_keeps_comparator_digits_and_unit() -> None:
    assert quantity_of("<0.010 mmol/L") == Quantity(comparator="<", number=Decimal("0.010"), unit="mmol/L")
    assert str(quantity_of("<0.010 mmol/L")) == "<0.010 mmol/L"
    assert str(quantity_of("1.05")) == "1.05"
    assert quantity_of("about 5") is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1958-04-01", "1958-04-01", "1958-04-01"),
        ("1958-04---", "1958-04-01", "1958-04-30"),
        ("2024-02---", "2024-02-01", "2024-02-29"),
        ("1958------", "1958-01-01", "1958-12-31"),
    ],
)
def test_days_of_spans_what_is_unknown(text: str, first: str, last: str) -> None:
    days = days_of(text)
    assert days is not None
    assert [day.isoformat() for day in days] == [first, last]


@pytest.mark.parametrize("text", ["1958-13-01", "2025-02-29", "1958----01", "1958-----", "1958", "", "1958-00---"])
def test_days_of_refuses_what_is_no_date(text: str) -> None:
    assert days_of(text) is None


@pytest.mark.parametrize(
    ("left", "right", "answers"),
    [
        ("1", "2", (True, True, False)),
        ("2", "2.0", (False, True, True)),
        ("<0.01", "0.01", (True, True, False)),
        ("<0.01", "0.005", (None, None, None)),
        (">50", "50", (False, False, False)),
        (">=50", "50", (False, None, None)),
        ("<=50", "50", (None, True, None)),
        ("5", "INF", (True, True, False)),
        ("INF", "INF", (False, True, True)),
        ("1958-04---", "1958-05-01", (True, True, False)),
        ("1958-04---", "1958-04-15", (None, None, None)),
        ("2026-03-01T14:30+08:00", "2026-03-01T06:30+00:00", (False, True, True)),
        ("2026-03-01T--:--+08:00", "2026-03-02T00:00+08:00", (True, True, False)),
        ("2026-03-01T--:--+08:00", "2026-03-01T12:00+08:00", (None, None, None)),
        ("2026-03-01", "2026-03-01T23:59+08:00", (False, True, True)),
        ("2026-03-02", "2026-03-01T23:59+08:00", (False, False, False)),
        ("5", "2026-03-01", (None, None, None)),
    ],
)
def test_comparison_answers_yes_no_or_cannot_be_told(left: str, right: str, answers: tuple[bool | None, ...]) -> None:
    first, second = interval_of(left), interval_of(right)
    assert first is not None
    assert second is not None
    assert (less(first, second), at_most(first, second), equal(first, second)) == answers


_texts = st.one_of(
    st.decimals(-100, 100, places=2).map(str),
    st.tuples(st.sampled_from(["<", ">", "<=", ">="]), st.decimals(-100, 100, places=1)).map(
        lambda one: f"{one[0]}{one[1]}"
    ),
    st.dates().filter(lambda day: day.year > 1000).map(lambda day: day.isoformat()),
)


@given(_texts, _texts)
def test_comparison_is_antisymmetric_and_never_contradicts_itself(left: str, right: str) -> None:
    first, second = interval_of(left), interval_of(right)
    assert first is not None
    assert second is not None
    if less(first, second):
        assert less(second, first) is False
        assert at_most(first, second) is True
        assert equal(first, second) is False
    assert equal(first, second) == equal(second, first)


def test_noted_of_reads_unknown_time_and_refuses_impossible_ones() -> None:
    noted = noted_of("2026-03-01T--:--+08:00")
    assert noted is not None
    assert noted.moment is None
    assert noted_of("2026-03-01T25:00+08:00") is None
    assert noted_of("2026-02-30T12:00+08:00") is None


def test_interval_moved_by_whole_days_keeps_its_wall_day() -> None:
    start, day = interval_of("2026-03-01T23:00+08:00"), interval_of("2026-03-02")
    assert start is not None
    assert day is not None
    assert equal(start.moved(24 * 60), day) is True
    assert equal(start.moved(60), day) is None

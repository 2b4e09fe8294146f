from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.design import Text, Visit, Window
from casebook.schedule import VisitStatus, days_after, study_day, visit_status, window_bounds

SHANGHAI = 480
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _visit(window: Window) -> Visit:
    return Visit(oid="SE.X", label=Text({"en": "X"}), short=Text({"en": "X"}), forms=(), window=window)


V2 = _visit(Window(from_hours=Decimal(18), to_hours=Decimal(36)))
V3 = _visit(Window(from_hours=Decimal(36), to_hours=Decimal(60), open_start=True, stay=True))
V4 = _visit(Window(from_hours=Decimal(60), to_hours=Decimal(84), open_start=True, stay=True))
V5 = _visit(Window(from_day=6, to_day=8, discharge_before=7))
V7 = _visit(Window(from_day=83, to_day=97))
V1 = _visit(Window())


def _status(visit: Visit, randomised: str, visited: str | None, discharge: str | None = None) -> str | None:
    status = visit_status(
        visit,
        randomised_at=datetime.fromisoformat(randomised),
        visited_at=None if visited is None else datetime.fromisoformat(visited),
        now=LATER,
        discharge=None if discharge is None else date.fromisoformat(discharge),
        offset_minutes=SHANGHAI,
    )
    return None if status is None else status.value


RANDOMISED = "2025-03-13T10:00+08:00"


@pytest.mark.parametrize(
    ("visit", "visited", "status"),
    [
        (V2, "2025-03-14T03:59+08:00", "EARLY"),
        (V2, "2025-03-14T04:00+08:00", "IN"),
        (V2, "2025-03-14T22:00+08:00", "IN"),
        (V2, "2025-03-14T22:01+08:00", "LATE"),
        (V2, "2025-03-14T14:00+00:00", "IN"),
        (V3, "2025-03-14T22:00+08:00", "EARLY"),
        (V3, "2025-03-14T22:01+08:00", "IN"),
        (V3, "2025-03-15T22:00+08:00", "IN"),
        (V3, "2025-03-15T22:01+08:00", "LATE"),
        (V4, "2025-03-15T22:00+08:00", "EARLY"),
        (V4, "2025-03-16T22:00+08:00", "IN"),
        (V4, "2025-03-16T22:01+08:00", "LATE"),
        (V5, "2025-03-18T23:59+08:00", "EARLY"),
        (V5, "2025-03-19T00:00+08:00", "IN"),
        (V5, "2025-03-21T23:59+08:00", "IN"),
        (V5, "2025-03-22T00:00+08:00", "LATE"),
        (V7, "2025-06-03T23:00+08:00", "EARLY"),
        (V7, "2025-06-04T00:30+08:00", "IN"),
        (V7, "2025-06-18T23:59+08:00", "IN"),
        (V7, "2025-06-18T16:00+00:00", "LATE"),
        (V1, "2025-03-13T10:00+08:00", None),
    ],
)
def test_visit_status_follows_the_window_to_the_minute(visit: Visit, visited: str, status: str | None) -> None:
    assert _status(visit, RANDOMISED, visited) == status


@pytest.mark.parametrize(
    ("discharge", "visited", "status"),
    [
        ("2025-03-17", "2025-03-15T23:59+08:00", "EARLY"),
        ("2025-03-17", "2025-03-16T08:00+08:00", "IN"),
        ("2025-03-17", "2025-03-17T20:00+08:00", "IN"),
        ("2025-03-17", "2025-03-18T08:00+08:00", "LATE"),
        ("2025-03-13", "2025-03-13T12:00+08:00", "IN"),
        ("2025-03-19", "2025-03-18T08:00+08:00", "IN"),
        ("2025-03-20", "2025-03-18T08:00+08:00", "EARLY"),
        ("2025-03-20", "2025-03-20T08:00+08:00", "IN"),
    ],
)
def test_v5_moves_to_an_early_discharge_and_never_before_day_0(discharge: str, visited: str, status: str) -> None:
    assert _status(V5, RANDOMISED, visited, discharge) == status


def test_calendar_days_are_counted_on_the_sites_wall_clock() -> None:
    randomised = datetime.fromisoformat("2025-03-12T20:00+00:00")  # 2025-03-13 04:00 in Shanghai
    assert days_after(randomised, datetime.fromisoformat("2025-03-13T15:59+00:00"), SHANGHAI) == 0
    assert days_after(randomised, datetime.fromisoformat("2025-03-13T16:00+00:00"), SHANGHAI) == 1


def test_window_over_a_leap_day_counts_it() -> None:
    assert _status(V5, "2024-02-25T10:00+08:00", "2024-03-02T10:00+08:00") == "IN"
    assert _status(V5, "2024-02-25T10:00+08:00", "2024-03-01T23:59+08:00") == "EARLY"


@pytest.mark.parametrize(
    ("died", "withdrawn", "discharge", "status"),
    [
        (None, None, None, VisitStatus.MISSED),
        (20, 10, "2025-03-13", VisitStatus.NA_DEAD),
        (None, 10, "2025-03-13", VisitStatus.NA_WITHDRAWN),
        (None, None, "2025-03-14", VisitStatus.NA_DISCHARGED),
        (100, None, None, VisitStatus.MISSED),
    ],
)
def test_visit_that_did_not_take_place_takes_the_first_reason(
    died: int | None, withdrawn: int | None, discharge: str | None, status: VisitStatus
) -> None:
    anchor = datetime.fromisoformat(RANDOMISED)
    found = visit_status(
        V3,
        randomised_at=anchor,
        visited_at=None,
        now=LATER,
        discharge=None if discharge is None else date.fromisoformat(discharge),
        died_at=None if died is None else anchor + timedelta(hours=died),
        withdrawn_at=None if withdrawn is None else anchor + timedelta(hours=withdrawn),
        offset_minutes=SHANGHAI,
    )
    assert found is status


def test_visit_to_come_has_no_status() -> None:
    anchor = datetime.fromisoformat(RANDOMISED)
    for hours, status in ((60, None), (61, VisitStatus.MISSED)):
        found = visit_status(
            V3, randomised_at=anchor, visited_at=None, now=anchor + timedelta(hours=hours), offset_minutes=SHANGHAI
        )
        assert found is status


def test_window_bounds_are_shown_on_the_wall_clock_with_both_ends_inside() -> None:
    anchor = datetime.fromisoformat("2025-03-13T02:00+00:00")
    bounds = window_bounds(V3, anchor, offset_minutes=SHANGHAI)
    assert bounds is not None
    assert bounds.opens.isoformat() == "2025-03-14T22:01:00+08:00"
    assert bounds.closes.isoformat() == "2025-03-15T22:00:00+08:00"
    assert window_bounds(V1, anchor, offset_minutes=SHANGHAI) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2025-03-13", 1), ("2025-03-14", 2), ("2025-03-12", -1), ("2025-02-28", -13), ("2025-06-11", 91)],
)
def test_study_day_has_no_day_0(day: str, expected: int) -> None:
    assert study_day(date(2025, 3, 13), date.fromisoformat(day)) == expected


@given(st.dates(), st.dates())
def test_study_day_is_never_0_and_rises_with_the_date(first: date, second: date) -> None:
    reference = date(2025, 3, 13)
    assert study_day(reference, first) != 0
    if first < second:
        assert study_day(reference, first) < study_day(reference, second)

"""When a visit may take place, whether it did so in time, and on which study day.

Windows count from randomisation: in hours between instants to the minute, or in calendar days of the
site's wall clock. A visit outside its window is kept; nothing here refuses anything.

Source: clinical content, sections 0.0 (visit status), 0.3 (day counting) and 1.5; SDTM (--DY: no day 0).
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

from casebook.design import Visit, Window
from casebook.values import minutes_of


class VisitStatus(StrEnum):
    """How a visit stands to its window."""

    IN = "IN"
    EARLY = "EARLY"
    LATE = "LATE"
    MISSED = "MISSED"
    NA_DEAD = "NA_DEAD"
    NA_WITHDRAWN = "NA_WITHDRAWN"
    NA_DISCHARGED = "NA_DISCHARGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowBounds:
    """A visit's window as two instants of the site's wall clock, to the minute, both inside it.

    Attributes:
        by_day: The window counts whole calendar days; `opens` is 00:00 and `closes` 23:59.
    """

    opens: datetime
    closes: datetime
    by_day: bool


def site_zone(offset_minutes: int) -> timezone:
    """Return the wall clock of a site, as minutes east of UTC."""
    return timezone(timedelta(minutes=offset_minutes))


def days_after(reference: datetime, moment: datetime, offset_minutes: int) -> int:
    """Return the calendar days from `reference` to `moment` on the site's wall clock (day 0 = the same date)."""
    zone = site_zone(offset_minutes)
    return (moment.astimezone(zone).date() - reference.astimezone(zone).date()).days


def study_day(reference: date, day: date) -> int:
    """Return the SDTM study day: the reference date is 1, the day before is -1, and there is no 0."""
    distance = (day - reference).days
    return distance + 1 if distance >= 0 else distance


def _early_discharge(window: Window, discharge: date | None, reference: date) -> int | None:
    """Return the calendar day of a discharge that moves a window, or None."""
    if discharge is None or window.discharge_before is None:
        return None
    day = (discharge - reference).days
    return max(day, 0) if day < window.discharge_before else None


def _day_bounds(window: Window, early: int | None) -> tuple[int | None, int | None]:
    if early is not None:
        return max(early - 1, 0), early
    return window.from_day, window.to_day


def _minute_bounds(window: Window) -> tuple[int | None, int | None]:
    """Return the first and last minute after randomisation that lie in a window of hours."""
    return _first_minute(window.from_hours, is_open=window.open_start), _last_minute(window.to_hours)


def _first_minute(hours: Decimal | None, *, is_open: bool) -> int | None:
    if hours is None:
        return None
    minutes = hours * 60
    return math.floor(minutes) + 1 if is_open else math.ceil(minutes)


def _last_minute(hours: Decimal | None) -> int | None:
    return None if hours is None else math.floor(hours * 60)


def window_bounds(
    visit: Visit, randomised_at: datetime, *, discharge: date | None = None, offset_minutes: int
) -> WindowBounds | None:
    """Return when a visit may take place, or None for a visit without a window.

    Args:
        randomised_at: The anchor, aware.
        discharge: The day on which the subject left alive; moves windows that ask for it.
        offset_minutes: The site's wall clock, minutes east of UTC.
    """
    zone = site_zone(offset_minutes)
    anchor = randomised_at.astimezone(zone).replace(second=0, microsecond=0)
    first, last = _minute_bounds(visit.window)
    if first is not None and last is not None:
        return WindowBounds(
            opens=anchor + timedelta(minutes=first), closes=anchor + timedelta(minutes=last), by_day=False
        )
    from_day, to_day = _day_bounds(visit.window, _early_discharge(visit.window, discharge, anchor.date()))
    if from_day is None or to_day is None:
        return None
    return WindowBounds(
        opens=datetime.combine(anchor.date() + timedelta(days=from_day), time(0, 0), zone),
        closes=datetime.combine(anchor.date() + timedelta(days=to_day), time(23, 59), zone),
        by_day=True,
    )


def timing(
    visit: Visit,
    *,
    randomised_at: datetime,
    visited_at: datetime,
    discharge: date | None = None,
    offset_minutes: int,
) -> VisitStatus | None:
    """Return IN, EARLY or LATE for a visit that took place; None for a visit without a window."""
    bounds = window_bounds(visit, randomised_at, discharge=discharge, offset_minutes=offset_minutes)
    if bounds is None:
        return None
    if minutes_of(visited_at) < minutes_of(bounds.opens):
        return VisitStatus.EARLY
    return VisitStatus.LATE if minutes_of(visited_at) > minutes_of(bounds.closes) else VisitStatus.IN


def visit_status(
    visit: Visit,
    *,
    randomised_at: datetime,
    visited_at: datetime | None,
    now: datetime,
    discharge: date | None = None,
    died_at: datetime | None = None,
    withdrawn_at: datetime | None = None,
    offset_minutes: int,
) -> VisitStatus | None:
    """Return a visit's status.

    A visit that took place is IN, EARLY or LATE; one of the stay (`stay`) that is dated after the
    discharge was not due any more and is NA_DISCHARGED. One that did not take place is NA_DEAD, NA_WITHDRAWN
    or NA_DISCHARGED where that event came before its window closed, in this order of precedence, and MISSED
    once its window has closed.

    Args:
        visited_at: The visit's actual date and time, if anything of it was entered.
        now: The present, to tell a missed visit from one that is still to come.
        discharge: The day of a discharge alive; a death during the stay is no discharge.

    Returns:
        None for a visit without a window, or one that is not over yet.
    """
    bounds = window_bounds(visit, randomised_at, discharge=discharge, offset_minutes=offset_minutes)
    if bounds is None:
        return None
    away = _away(visit, discharge, bounds)
    if visited_at is not None:
        if away and discharge is not None and discharge < visited_at.astimezone(bounds.opens.tzinfo).date():
            return VisitStatus.NA_DISCHARGED
        return timing(
            visit,
            randomised_at=randomised_at,
            visited_at=visited_at,
            discharge=discharge,
            offset_minutes=offset_minutes,
        )
    if died_at is not None and died_at <= bounds.closes:
        return VisitStatus.NA_DEAD
    if withdrawn_at is not None and withdrawn_at <= bounds.closes:
        return VisitStatus.NA_WITHDRAWN
    if away:
        return VisitStatus.NA_DISCHARGED
    return VisitStatus.MISSED if now > bounds.closes + timedelta(seconds=59) else None


def _away(visit: Visit, discharge: date | None, bounds: WindowBounds) -> bool:
    """Tell whether the subject had left before a visit of the stay could take place."""
    return visit.window.stay and discharge is not None and discharge < bounds.closes.date()

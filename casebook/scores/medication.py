"""Antithrombotic treatment: which drugs of the medication log were active at a moment, and how early they began.

A row of the log is an interval. Where its start or end is not known well enough, the answer is "cannot be
told", and nobody is asked about it. Dual antiplatelet therapy is aspirin with a P2Y12 inhibitor.

Source: clinical content, sections 0.0 (EC077, EC078), 5.6, 5.7 and 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from casebook.records import Reading
from casebook.scores.registry import Columns, Readings, both, either, rule
from casebook.values import Interval, Kind, at_most, interval_of, less

ASPIRIN = "ASPIRIN"
P2Y12_INHIBITORS = ("CLOPIDOGREL", "TICAGRELOR")
DUAL = "DAPT"
NO_DRUG = "NONE"
SINGLE_DRUGS = (
    ASPIRIN,
    *P2Y12_INHIBITORS,
    "CILOSTAZOL",
    "TIROFIBAN",
    "UFH",
    "LMWH",
    "ARGATROBAN",
    "WARFARIN",
    "DOAC",
    "OTHER",
)
"""Antithrombotic drugs and classes that a row of the log and a tick at a visit name alike (section 5.6)."""
PROTECTED_HOURS = 24
"""After closure or the start of lysis no antithrombotic is given without a reason (section 0.0, EC078)."""
CONTROL_SCAN_FROM_HOURS = 18
"""A scan counts as the 24 h scan from here on: the opening of the window of V2 (section 1.5, A)."""
_MINUTES_AN_HOUR = 60


class _Open(Enum):
    """An end of an interval that lies before or after everything that is compared with it."""

    BEFORE = "before"
    AFTER = "after"


_End = Interval | _Open | None
"""When a drug began or ended; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A row of the medication log: a drug class and when it was given."""

    drug: str | None
    start: _End
    end: _End


def courses(columns: Columns) -> Iterator[Course]:
    """Return the antithrombotic rows of the medication log.

    Args:
        columns: Drug class, start, end, ongoing (Y/N), taken before the trial (Y/N), aligned.

    Returns:
        Rows of antithrombotics; what was taken before and has no known start began before everything else.
    """
    for drug, start, end, ongoing, prior in zip(*columns, strict=True):
        if drug.value is not None and drug.value != NO_DRUG:
            yield Course(drug=drug.value, start=_start(start, prior), end=_end(end, ongoing))


def _start(start: Reading, prior: Reading) -> _End:
    known = _instant(start)
    return _Open.BEFORE if known is None and prior.value == "Y" else known


def _end(end: Reading, ongoing: Reading) -> _End:
    return _Open.AFTER if ongoing.value == "Y" else _instant(end)


def _instant(reading: Reading) -> Interval | None:
    found = None if reading.value is None else interval_of(reading.value)
    return found if found is not None and found.kind is Kind.INSTANT else None


def _begun_by(start: _End, moment: Interval) -> bool | None:
    if isinstance(start, _Open):
        return start is _Open.BEFORE
    return None if start is None else at_most(start, moment)


def _lasts_beyond(end: _End, moment: Interval) -> bool | None:
    if isinstance(end, _Open):
        return end is _Open.AFTER
    return None if end is None else less(moment, end)


def active_at(course: Course, moment: Interval) -> bool | None:
    """Tell whether a drug was being given at a moment: begun by then, and not ended yet.

    Source: clinical content, section 0.0 (EC077: intervals active at the visit).
    """
    return both(_begun_by(course.start, moment), _lasts_beyond(course.end, moment))


# -- what is ticked at a visit, against the log ----------------------------------------------------------


def flags_differ(flags: Sequence[str], active: Sequence[str], possible: Sequence[str]) -> bool:
    """Tell whether the drugs ticked at a visit cannot be those of the log.

    Args:
        flags: Codes ticked at the visit, `NONE` and `DAPT` among them.
        active: Drugs that the log gives for certain at that moment.
        possible: Drugs that it may give at that moment, the certain ones among them.

    Source: clinical content, section 0.0 (DAPT equals aspirin with a P2Y12 inhibitor).
    """
    ticked = set(flags) & set(SINGLE_DRUGS)
    dual = DUAL in flags
    if ticked - set(possible):
        return True
    if dual and not (ASPIRIN in possible and set(P2Y12_INHIBITORS) & set(possible)):
        return True
    covered = ticked | ({ASPIRIN, *P2Y12_INHIBITORS} if dual else set())
    return bool(set(active) & set(SINGLE_DRUGS) - covered)


@rule(2, columns=5)
def antithrombotics_differ(readings: Readings, columns: Columns) -> bool | None:
    """EC077: the antithrombotics ticked at a visit are not those of the medication log at that time.

    Items: ticked codes, date and time of the visit; columns: drug class, start, end, ongoing, taken before.

    Source: clinical content, sections 0.0 and 7.
    """
    moment = _instant(readings[1])
    if readings[0].value is None or moment is None:
        return None
    known = [(one.drug, active_at(one, moment)) for one in courses(columns)]
    active = [drug for drug, answer in known if drug is not None and answer is True]
    possible = [drug for drug, answer in known if drug is not None and answer is not False]
    return flags_differ(readings[0].value.split(), active, possible)


# -- how early it began ----------------------------------------------------------------------------------


def _hours_after(moment: Interval, hours: int) -> Interval:
    return moment.moved(hours * _MINUTES_AN_HOUR)


def _protected_until(since: Interval, scans: Sequence[Interval]) -> Interval:
    """Return when antithrombotics may be given again: after the 24 h scan, at the latest after 24 h."""
    limit = _hours_after(since, PROTECTED_HOURS)
    control = [one for one in scans if one.is_exact and at_most(_hours_after(since, CONTROL_SCAN_FROM_HOURS), one)]
    return min((limit, *control), key=lambda one: Fraction(one.low))


def given_within(course: Course, since: Interval, until: Interval) -> bool | None:
    """Tell whether a drug was given at any time from `since` on and before `until`."""
    if isinstance(course.start, _Open):
        before_end: bool | None = course.start is _Open.BEFORE
    else:
        before_end = None if course.start is None else less(course.start, until)
    return both(before_end, _lasts_beyond(course.end, since))


@rule(3, columns=8)
def antithrombotic_too_early(readings: Readings, columns: Columns) -> bool | None:
    """EC078: an antithrombotic was given within 24 h of thrombectomy or lysis, before the 24 h scan, unexplained.

    Each treatment is judged once, at the first recorded visit after it. 24 h counts from closure, or from the
    start of lysis, and ends with the 24 h scan where that was earlier; 24 h 00 itself is outside.

    Items: reason for the early start, date and time of the visit, start of lysis; columns: drug class, start,
    end, ongoing, taken before, then follow-up scans, closures, dates and times of all such visits.

    Source: clinical content, sections 0.0 (EC078, also after a crossover) and 7.
    """
    reason, visit, lysis = readings
    if not reason.is_empty:
        return False
    visited = _instant(visit)
    if visited is None:
        return None
    given = tuple(courses(columns[:5]))
    scans, visits = _instants(columns[5]), _instants(columns[7])
    return either(
        *(
            both(_since_last(one, visited, visits), _given_early(one, given, scans))
            for one in (lysis, *columns[6])
            if not one.is_empty
        )
    )


def _instants(column: Readings) -> list[Interval]:
    return [found for one in column if (found := _instant(one)) is not None]


def _since_last(treated: Reading, visited: Interval, visits: Sequence[Interval]) -> bool | None:
    """Tell whether a visit is the first one after a treatment."""
    since = _instant(treated)
    if since is None:
        return None
    earlier = (less(one, since) for one in visits if less(one, visited))
    return both(at_most(since, visited), *earlier)


def _given_early(treated: Reading, given: Sequence[Course], scans: Sequence[Interval]) -> bool | None:
    since = _instant(treated)
    if since is None or not since.is_exact:
        return None
    until = _protected_until(since, scans)
    return either(*(given_within(one, since, until) for one in given))

"""Follow-up and end: contact attempts, the 90-day outcome, days in hospital, dates without a time.

Source: clinical content, sections 0.0 (blinded assessor), 2.2, 5.9 to 5.11, 5.12 and 7 (EC065).
"""

from casebook.records import Reading
from casebook.scores.registry import WHOLE, Columns, Readings, derivation, rule, yes_no
from casebook.values import at_most, days_of, interval_of, noted_of

DEAD = "6"
"""The grade of the mRS that comes from the death form only."""


@derivation(2)
def mrs_proposed(readings: Readings) -> str | None:
    """Propose mRS 6 for a visit on or after the death. Items: the visit's time, death. Source: section 5.11.

    None where nobody died, or not certainly by then; a person confirms it.
    """
    visit, died = (interval_of(one.value) if one.value is not None else None for one in readings)
    return DEAD if visit is not None and died is not None and at_most(died, visit) else None


@derivation(3)
def mrs_90_days(readings: Readings) -> str | None:
    """Return the mRS at 90 days: 6 by the coordinator, else the consensus of two readers, else the assessor's.

    Items: the coordinator's grade, the consensus, the blinded assessor's grade. Nothing is imputed.

    Source: clinical content, sections 0.0 (blinded assessor), 2.2 and 5.11.
    """
    coordinator, consensus, assessor = (one.value for one in readings)
    return coordinator if coordinator == DEAD else consensus or assessor


LEAP = 3
"""EC065: grades between 30 and 90 days that make a course implausible."""


def _leap(readings: Readings) -> int | None:
    grades = [one.value for one in readings]
    if any(one is None or not WHOLE.fullmatch(one) for one in grades):
        return None
    return int(grades[1] or "") - int(grades[0] or "")


@rule(2)
def mrs_leaps_better(readings: Readings) -> bool | None:
    """EC065: the grade is better by three or more. Items: mRS at 30 days, at 90 days. Source: section 7."""
    leap = _leap(readings)
    return None if leap is None else leap <= -LEAP


@rule(2)
def mrs_leaps_worse(readings: Readings) -> bool | None:
    """EC065: the grade is worse by three or more; an event may explain it. Items as above. Source: section 7."""
    leap = _leap(readings)
    return None if leap is None else leap >= LEAP


@rule()
def none_is_yes(readings: Readings) -> bool | None:
    """EC047: none of the items is answered yes; empty, missing and no count alike. Source: section 7."""
    return all(one.value != "Y" for one in readings)


ATTEMPTS = 3
"""Contact attempts on different days before a participant counts as lost (A)."""
_DATED = 3


def _rows(columns: Columns) -> list[tuple[Reading, ...]]:
    """Return the attempts of every log; each log brings a column for time, means and person."""
    return [
        row
        for first in range(0, len(columns), _DATED)
        for row in zip(*columns[first : first + _DATED], strict=True)
        if row[0].value is not None
    ]


@derivation(columns=6)
def contact_days(_readings: Readings, columns: Columns) -> str | None:
    """Return on how many days contact was tried. Columns: time, means and person of two logs. Source: 5.10."""
    days = {noted.day for row in _rows(columns) if (noted := noted_of(row[0].value or "")) is not None}
    return str(len(days)) if days else None


@derivation(columns=6)
def contact_sufficient(_readings: Readings, columns: Columns) -> str | None:
    """Return Y once contact was tried on three different days, by telephone and through a relative among them.

    Columns: time, means and person of the blinded assessor's and of the site's attempts. Source: section 5.10 (A).
    """
    rows = _rows(columns)
    if not rows:
        return None
    days = contact_days((), columns)
    phoned = any(row[1].value == "PHONE" for row in rows)
    relative = any(row[2].value == "RELATIVE" for row in rows)
    return yes_no(answer=int(days or 0) >= ATTEMPTS and phoned and relative)


@derivation(columns=1)
def scopes_withdrawn(_readings: Readings, columns: Columns) -> str | None:
    """Return every scope for which consent was withdrawn, in any consent form. Source: section 5.10."""
    found = dict.fromkeys(code for one in columns[0] for code in (one.value or "").split())
    return " ".join(one for one in ("TREATMENT", "FOLLOWUP", "DATA_USE", "SAMPLE_USE") if one in found) or None


@derivation(2)
def days_in_hospital(readings: Readings) -> str | None:
    """Return the days from admission to discharge by the wall calendar, one at least. Source: section 5.12."""
    days = [_day(one) for one in readings]
    if days[0] is None or days[1] is None or days[1] < days[0]:
        return None
    return str(max(days[1] - days[0], 1))


def _day(reading: Reading) -> int | None:
    noted, known = noted_of(reading.value or ""), days_of(reading.value or "")
    if noted is not None:
        return noted.day.toordinal()
    return known[0].toordinal() if known is not None and known[0] == known[1] else None


@derivation(1)
def time_unknown(readings: Readings) -> str | None:
    """Return Y where a date-time has a date without a time, N where it has both. Source: section 5.9 (DTHTIMUNK)."""
    noted = noted_of(readings[0].value or "")
    return None if noted is None else yes_no(answer=noted.moment is None)

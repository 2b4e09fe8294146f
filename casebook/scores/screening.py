"""Screening: what eligibility asks that does not fit the declared rules.

Consent in order, blood pressure that persists, a haemorrhage in the past six months, a vessel too thin or
out of reach, the mismatch that counts, a pregnancy, an interval that a reader stated, and a fingerprint
of the answers on which somebody was randomised. Each answers None where it cannot be told.

Source: clinical content, sections 0.0, 1.3, 1.4, 4.2 and 7 (EC083).
"""

import calendar
import hashlib
from datetime import date
from decimal import Decimal
from fractions import Fraction

from casebook.scores.registry import Readings, derivation, either, is_any, number_in, rule, yes_no
from casebook.values import INFINITE, Interval, days_of, exact, interval_of, less, noted_of

_THINNEST_MM = Decimal("1.5")
_BETWEEN_READINGS_MINUTES = 10
_HAEMORRHAGE_MONTHS = 6
_MONTHS_A_YEAR = 12
_FINGERPRINT_DIGITS = 16
_STATED_TOLERANCE_MINUTES = 30


def _interval(text: str | None) -> Interval | None:
    return None if text is None else interval_of(text)


# -- consent (I7) ---------------------------------------------------------------------------------------


@derivation(9)
def consent_in_order(readings: Readings) -> str | None:
    """Return Y where the initial consent was signed in order before randomisation, else N.

    Items: who consents, the effective signature, randomisation, the number of open hard findings of the
    consent form, whether participant and representative can read (Y, N), whether a witness is required,
    whether the witness is independent, the witness's signature.

    N where nobody consents, where the signature came after randomisation, where a hard finding is open,
    or where someone who cannot read signed without an independent witness (also when that was confirmed
    as true: it happened, but the consent is not in order). Until it is signed None, and N once randomised.

    Source: clinical content, sections 0.0 (consent; I7), 1.3 (I7) and 7 (EC010 to EC013).
    """
    consents, signed, randomised, hard, participant_reads, other_reads, required, independent, witness = readings
    if consents.value == "NONE_EMERGENCY":
        return "N"
    if signed.value is None:
        return None if randomised.value is None else "N"
    cannot_read = either(participant_reads.value == "N", other_reads.value == "N")
    attended = required.value == "Y" and independent.value != "N" and witness.value is not None
    if (cannot_read and not attended) or (required.value == "Y" and independent.value == "N"):
        return "N"
    if (number_in(hard) or Decimal(0)) > 0:
        return "N"
    late = _later(randomised.value, signed.value)
    return None if late is None else yes_no(answer=not late)


def _later(earlier: str | None, later: str | None) -> bool | None:
    """Tell whether `later` came after `earlier`; False while there is no `earlier`."""
    if earlier is None:
        return False
    first, second = _interval(earlier), _interval(later)
    return None if first is None or second is None else less(first, second)


# -- criteria ----------------------------------------------------------------------------------------------


@derivation(4)
def persistent_pressure(readings: Readings) -> str | None:
    """Return the lower of two pressures, in mmHg, taken at least 10 minutes apart; none for one alone.

    Items: times of the first and second reading, the two pressures.

    Source: clinical content, sections 0.0 (persistent pressure, E10) and 3.1.
    """
    times = [_interval(one.value) for one in readings[:2]]
    pressures = [number_in(one) for one in readings[2:]]
    first, second = times
    if first is None or second is None or not (first.is_exact and second.is_exact):
        return None
    if noted_of(readings[0].value or "") is None or noted_of(readings[1].value or "") is None:
        return None
    if abs(Fraction(first.low) - Fraction(second.low)) < _BETWEEN_READINGS_MINUTES:
        return None
    known = [one for one in pressures if one is not None]
    return f"{min(known):f}" if len(known) == len(pressures) else None


@rule(3)
def haemorrhage_within_six_months(readings: Readings) -> bool | None:
    """Tell whether an intracranial haemorrhage lies within six calendar months before consent.

    Items: the answer (Y, N), the haemorrhage's date, the consent's date-time. Where the date is known well
    enough it decides; six months to the day are over.

    Source: clinical content, section 1.4 (E6).
    """
    answer, happened, consent = readings
    days, noted = days_of(happened.value or ""), noted_of(consent.value or "")
    if answer.value == "Y" and days is not None and noted is not None:
        first, last = (_months_later(day, _HAEMORRHAGE_MONTHS) > noted.day for day in days)
        return first if first == last else True
    return is_any(answer, "Y")


def _months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // _MONTHS_A_YEAR, month % _MONTHS_A_YEAR + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@rule(2)
def target_vessel_unsuitable(readings: Readings) -> bool | None:
    """Tell whether the target vessel is thinner than 1.5 mm or judged unsuitable.

    Items: diameter in mm, the judgement (Y, N). A diameter that was not measured leaves the answer to the
    judgement, which must be there.

    Source: clinical content, section 1.4 (E3).
    """
    diameter, judged = _interval(readings[0].value), is_any(readings[1], "Y")
    thin = False if diameter is None else less(diameter, exact(_THINNEST_MM))
    return either(thin, judged)


@derivation(2)
def mismatch_used(readings: Readings) -> str | None:
    """Return the mismatch that counts for I11: as reported where there is a number (or INF), else as derived.

    Source: clinical content, section 4.2.
    """
    reported, derived = readings
    text = (reported.value or "").strip().upper()
    if text in {INFINITE, "INFINITE", "∞"}:
        return INFINITE
    return text if text and _interval(text) is not None else derived.value


@rule(3)
def pregnancy_excludes(readings: Readings) -> bool | None:
    """Tell whether pregnancy excludes: child-bearing potential and a positive test; never for a man.

    Items: sex, child-bearing potential (Y, N), the test (POS, NEG).

    Source: clinical content, section 1.4 (E12; potential with no test done stays unknown).
    """
    sex, potential, test = readings
    if sex.value == "M":
        return False
    bears, positive = is_any(potential, "Y"), is_any(test, "POS")
    if bears is False:
        return False
    return positive if bears else (False if positive is False else None)


# -- other checks ------------------------------------------------------------------------------------------


@rule(3)
def stated_interval_differs(readings: Readings) -> bool | None:
    """Tell whether an interval that a reader stated is more than 30 minutes off the recorded one.

    Items: from, to, stated minutes. None without all three.

    Source: clinical content, sections 0.0 and 7 (EC083); the tolerance is an assumption.
    """
    start, end, stated = _interval(readings[0].value), _interval(readings[1].value), number_in(readings[2])
    if start is None or end is None or stated is None or not (start.is_exact and end.is_exact):
        return None
    return abs(Fraction(end.low) - Fraction(start.low) - Fraction(stated)) > _STATED_TOLERANCE_MINUTES


@derivation()
def fingerprint(readings: Readings) -> str | None:
    """Return 16 hexadecimal digits that change with any of the answers; none while nothing is answered.

    Source: clinical content, section 5.12 (F.RND: eligibility snapshot, hash of the answers of F.IE).
    """
    if all(one.is_empty for one in readings):
        return None
    text = "\n".join(f"{one.value or ''}|{one.missing or ''}" for one in readings)
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_DIGITS]

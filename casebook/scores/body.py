"""Body and time: arterial pressure, body mass, kidney function, age, intervals, effective consent.

Source: clinical content, sections 0.0, 0.3, 3.1, 3.2 and appendix B.
"""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from casebook.scores.registry import Readings, derivation, number_in, number_text, numbers
from casebook.values import days_of, interval_of, less, noted_of

ADULT = 18


@derivation(2)
def mean_arterial_pressure(readings: Readings) -> str | None:
    """Return (SBP + 2 x DBP) / 3, mmHg. Source: section 3.1."""
    found = numbers(readings)
    return None if found is None else number_text(Fraction(found[0] + 2 * found[1]) / 3)


@derivation(2)
def body_mass_index(readings: Readings) -> str | None:
    """Return weight in kg by the square of height in m. Items: height in cm, weight in kg. Source: section 3.1."""
    found = numbers(readings)
    if found is None or found[0] <= 0:
        return None
    return number_text(Fraction(found[1]) / (Fraction(found[0]) / 100) ** 2)


_KAPPA = {"F": Decimal("0.7"), "M": Decimal("0.9")}
_ALPHA = {"F": Decimal("-0.241"), "M": Decimal("-0.302")}
_UMOL_PER_MG_DL = Decimal("88.42")


@derivation(3)
def egfr_ckd_epi_2021(readings: Readings) -> str | None:
    """Return eGFR, mL/min/1.73 m2, of an adult. Items: creatinine in umol/L, sex (M, F), age in years.

    142 x min(Scr/k, 1)^a x max(Scr/k, 1)^-1.200 x 0.9938^age x 1.012 if female, Scr in mg/dL.

    Source: Inker et al., N Engl J Med 2021 (CKD-EPI 2021, without race); clinical content, section 3.2.
    """
    creatinine, sex, age = number_in(readings[0]), readings[1].value, number_in(readings[2])
    if creatinine is None or creatinine <= 0 or sex not in _KAPPA or age is None or age < ADULT:
        return None
    with localcontext() as context:
        context.prec = 28
        relative = creatinine / _UMOL_PER_MG_DL / _KAPPA[sex]
        low, high = min(relative, Decimal(1)), max(relative, Decimal(1))
        rate = Decimal(142) * low ** _ALPHA[sex] * high ** Decimal("-1.2") * Decimal("0.9938") ** age
        return number_text(Fraction(rate * (Decimal("1.012") if sex == "F" else Decimal(1))))


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@derivation(2)
def completed_years(readings: Readings) -> str | None:
    """Return completed years from a birth date to a date or date-time, by the wall calendar.

    A birth date without its day (or month) gives the age only where every possible day gives the same.

    Source: clinical content, section 0.3 (age).
    """
    born, noted = days_of(readings[0].value or ""), noted_of(readings[1].value or "")
    on = (noted.day, noted.day) if noted is not None else days_of(readings[1].value or "")
    if born is None or on is None:
        return None
    oldest, youngest = _years(born[0], on[1]), _years(born[1], on[0])
    return str(oldest) if oldest == youngest and oldest >= 0 else None


@derivation(2)
def minutes_between(readings: Readings) -> str | None:
    """Return the minutes from the first date-time to the second, negative if earlier; none without both times.

    Source: clinical content, section 0.3 (unknown minutes: the interval is unknown) and appendix B.
    """
    start, end = (interval_of(one.value) if one.value is not None else None for one in readings)
    if start is None or end is None or start.kind is not end.kind or not (start.is_exact and end.is_exact):
        return None
    if noted_of(readings[0].value or "") is None:
        return None
    return number_text(Fraction(end.low) - Fraction(start.low))


@derivation()
def first_known(readings: Readings) -> str | None:
    """Return the first of the items that has a value. Source: section 0.0 (planned randomisation)."""
    return next((one.value for one in readings if one.value), None)


@derivation(5)
def effective_signature(readings: Readings) -> str | None:
    """Return when a consent took effect: the latest of the signatures it requires, the investigator's apart.

    Items: who consents, then the signatures' times of the participant and of the representative, whether
    a witness is required, and the witness's. None while one of them is missing.

    Source: clinical content, sections 0.0 (consent) and 5.2.
    """
    consents, participant, representative, needs_witness, witness = readings
    required = {
        "PARTICIPANT": [participant],
        "LAR": [representative],
        "PARTICIPANT_AND_LAR": [participant, representative],
    }.get(consents.value or "")
    if required is None:
        return None
    times = [one.value for one in ([*required, witness] if needs_witness.value == "Y" else required)]
    latest: str | None = None
    for time in times:
        if time is None or (noted := noted_of(time)) is None:
            return None
        known, best = interval_of(time), interval_of(latest) if latest is not None else None
        if noted.moment is None and len(times) > 1:
            return None
        if best is None or known is None or less(best, known):
            latest = time
    return latest

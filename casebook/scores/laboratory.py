"""Laboratory: a range that a site keeps, where a result lies, what a visit asks for.

Source: clinical content, section 3.2; CDISC LBNRIND.
"""

from casebook.reference_ranges import ABNORMAL, NORMAL, PART, Told, indicator, ranges_for
from casebook.scores.registry import Columns, Readings, derivation
from casebook.values import quantity_of


@derivation(10)
def laboratory_range(readings: Readings) -> str | None:
    """Return one kept range as a line of ten parts, which `range_indicator` reads.

    Items: analyte, lower limit, upper limit, unit, sex (M, F, ALL), youngest and oldest age in completed
    years, first and last day, laboratory. None while analyte, first day or both limits are missing.

    Source: clinical content, section 3.2.
    """
    analyte, low, high, *_, first_day, _last, _name = readings
    if analyte.value is None or first_day.value is None or (low.value is None and high.value is None):
        return None
    return PART.join((one.value or "").replace("|", "/") for one in readings)


@derivation(11, columns=1)
def range_indicator(readings: Readings, columns: Columns) -> str | None:
    """Return LOW, NORMAL or HIGH for a result, by the range that stands highest for it.

    Items: the result in its standard unit, the result as reported, the report's own lower and upper
    limit, the analyte's code, the study's reference ranges, sex, age in completed years, sampling time,
    fasting (Y, N, U), laboratory; column: the site's kept ranges (`laboratory_range`).

    The study's ranges are written `M<60 57-97; M>=60 57-111; F 41-81` (also `fasting 3.9-6.1; 3.9-11.1`);
    the first whose condition holds counts, both ends are inside, an end left out is open. None without a
    result or a range, and for a comparator that leaves the answer open.

    Source: clinical content, section 3.2; CDISC LBNRIND.
    """
    result, reported, *_ = readings
    as_reported = None if reported.value is None else quantity_of(reported.value)
    unit = None if as_reported is None else as_reported.unit
    for applied in ranges_for(readings, columns, unit=unit, standard=""):
        judged = reported.value if applied.by is Told.SITE else result.value
        if judged is not None:
            return indicator(judged, applied.limits)
    return None


@derivation(1)
def qualitative_indicator(readings: Readings) -> str | None:
    """Return ABNORMAL for a positive result and NORMAL for a negative one. Source: section 3.2 (beta-hCG)."""
    return {"POS": ABNORMAL, "NEG": NORMAL}.get(readings[0].value or "")


@derivation(2)
def planned_for(readings: Readings) -> str | None:
    """Return what is planned for a visit. Items: the visit, the plan as `SE.V1: HAEM COAG; SE.V2: HAEM`.

    Source: clinical content, section 3.2 (panel timing, A).
    """
    visit, plan = (one.value or "" for one in readings)
    for entry in plan.split(";"):
        name, _, planned = entry.partition(":")
        if name.strip() == visit and planned.strip():
            return planned.strip()
    return None

"""Reference ranges: which one applies to a result, and how the result lies in it.

Three ranges stand over each other: the one printed on the report, the one that the site keeps for its
laboratories (by analyte, sex, age, day, unit and laboratory), the study's own. A result is compared only
where it can be told; an age or a sex that is not known makes a range that depends on it silent.

Source: clinical content, section 3.2 (the site laboratory's own range always wins; LBORNRLO and
LBORNRHI per result) and 5.1; CDISC LBNRIND.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from casebook.records import Reading
from casebook.values import (
    Interval,
    Kind,
    Quantity,
    at_most,
    days_of,
    exact,
    interval_of,
    less,
    noted_of,
    number_of,
    quantity_of,
)

LOW, NORMAL, HIGH, ABNORMAL = "LOW", "NORMAL", "HIGH", "ABNORMAL"
"""Values of CDISC LBNRIND (codelist NRIND)."""
_EITHER_SEX = "ALL"
PART = " | "
"""Between the parts of a kept range, as `casebook.scores` writes it."""

Readings = Sequence[Reading]


class Limits(NamedTuple):
    """A reference range in one unit; None where it has no such end.

    An end lies inside, but where a report says otherwise: `above` its lower one, `below` its upper one (`<40`).
    """

    low: Decimal | None
    high: Decimal | None
    above: bool = False
    below: bool = False


# -- ranges that a site keeps ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRange:
    """One reference range of a site's laboratory, as its row says."""

    analyte: str
    limits: Limits
    unit: str
    sex: str
    youngest: Decimal | None
    oldest: Decimal | None
    first_day: date
    last_day: date | None
    laboratory: str


@lru_cache(maxsize=4096)
def _kept(line: str) -> KeptRange | None:
    parts = [part.strip() for part in f" {line} ".split("|")]
    if len(parts) != len(("analyte", "low", "high", "unit", "sex", "from", "to", "first", "last", "name")):
        return None
    analyte, low, high, unit, sex, youngest, oldest, first, last, name = parts
    begins, ends = days_of(first), days_of(last)
    if begins is None:
        return None
    return KeptRange(
        analyte=analyte,
        limits=Limits(_number(low), _number(high)),
        unit=_spelling(unit),
        sex=sex or _EITHER_SEX,
        youngest=_number(youngest),
        oldest=_number(oldest),
        first_day=begins[0],
        last_day=None if ends is None else ends[1],
        laboratory=name,
    )


def _number(text: str) -> Decimal | None:
    quantity = quantity_of(text)
    return None if quantity is None or quantity.comparator else quantity.number


def _spelling(unit: str) -> str:
    """Return the spelling by which two units are the same: `×10⁹/L` meets `10^9/L`, `μmol/l` meets `umol/L`."""
    raised = re.sub(
        "10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda found: "10^" + unicodedata.normalize("NFKC", found[1]),
        unit,
    )
    plain = unicodedata.normalize("NFKC", raised).replace("μ", "u").casefold()
    return re.sub(r"^[x×*]\s*(?=10\^)", "", re.sub(r"\s+", " ", plain).strip())


class Sample(NamedTuple):
    """Of whom and when a result is."""

    sex: str | None
    age: Decimal | None
    day: date | None
    laboratory: str | None
    is_fasting: bool


def _applies(kept: KeptRange, sample: Sample) -> bool:
    if kept.sex not in {_EITHER_SEX, sample.sex}:
        return False
    if (kept.youngest is not None or kept.oldest is not None) and sample.age is None:
        return False
    if sample.age is not None and (
        (kept.youngest is not None and sample.age < kept.youngest)
        or (kept.oldest is not None and sample.age > kept.oldest)
    ):
        return False
    if sample.day is None or sample.day < kept.first_day or (kept.last_day is not None and sample.day > kept.last_day):
        return False
    named = kept.laboratory.casefold()
    return not named or not sample.laboratory or sample.laboratory.strip().casefold() == named


def _range_of_site(analyte: str, unit: str, sample: Sample, lines: Readings) -> Limits | None:
    """Return the kept range that applies, the one that began last; of two from one day the later row."""
    best: KeptRange | None = None
    for line in lines:
        kept = _kept(line.value) if line.value is not None and line.value.startswith(f"{analyte}{PART}") else None
        if kept is None or kept.unit != _spelling(unit) or not _applies(kept, sample):
            continue
        if best is None or kept.first_day >= best.first_day:
            best = kept
    return None if best is None else best.limits


# -- the study's own ranges -----------------------------------------------------------------------------

_REFERENCE = re.compile(
    r"(?:(?P<sex>[MF])?(?:(?P<order><|>=)(?P<age>\d+))?(?P<fasting>fasting)? )?(?P<low>[\d.]*)-(?P<high>[\d.]*)"
)


@lru_cache(maxsize=1024)
def _references(text: str) -> tuple[re.Match[str], ...]:
    found = (_REFERENCE.fullmatch(part.strip()) for part in text.split(";"))
    return tuple(one for one in found if one is not None)


def _range_of_study(text: str, sample: Sample) -> Limits | None:
    """Return the first range of `text` whose condition holds; None where a condition cannot be told."""
    for one in _references(text):
        holds = _holds(one, sample)
        if holds is None:
            return None
        if holds:
            return Limits(_number(one["low"]), _number(one["high"]))
    return None


def _holds(one: re.Match[str], sample: Sample) -> bool | None:
    if one["fasting"] and not sample.is_fasting:
        return False
    if one["sex"]:
        if sample.sex not in {"M", "F"}:
            return None
        if one["sex"] != sample.sex:
            return False
    if one["age"]:
        if sample.age is None:
            return None
        return (sample.age < Decimal(one["age"])) == (one["order"] == "<")
    return True


# -- where a result lies --------------------------------------------------------------------------------


def _against(result: Interval, limits: Limits) -> str | None:
    too_low, too_high = at_most if limits.above else less, at_most if limits.below else less
    is_low = too_low(result, exact(limits.low)) if limits.low is not None else False
    is_high = too_high(exact(limits.high), result) if limits.high is not None else False
    if is_low:
        return LOW
    if is_high:
        return HIGH
    return NORMAL if is_low is False and is_high is False else None


def printed_limits(low: Quantity | None, high: Quantity | None) -> Limits | None:
    """Return the range that a report prints, its two ends in one unit; None for none, and for ends that make none.

    `>60` is a lower end and `<40` an upper one, which lie outside themselves; `<40` is no lower end.
    """
    if (low is not None and low.comparator.startswith("<")) or (high is not None and high.comparator.startswith(">")):
        return None
    if (low is None and high is None) or (low is not None and high is not None and low.number > high.number):
        return None
    return Limits(
        None if low is None else low.number,
        None if high is None else high.number,
        above=low is not None and low.comparator == ">",
        below=high is not None and high.comparator == "<",
    )


def lie_apart(one: Limits, other: Limits) -> bool:
    """Tell whether two ranges in one unit have nothing in common, as where one of them is of another unit."""

    def ends_before(first: Limits, second: Limits) -> bool:
        return first.high is not None and second.low is not None and first.high < second.low

    return ends_before(one, other) or ends_before(other, one)


def _reported_limits(readings: Readings) -> Limits | None:
    low, high = (None if one.value is None else quantity_of(one.value) for one in readings)
    return printed_limits(low, high)


class Told(StrEnum):
    """Who says where a result should lie, the one that stands highest first."""

    REPORT = "report"
    SITE = "site"
    STUDY = "study"


class AppliedRange(NamedTuple):
    """The range by which results of one unit are judged, in a unit of its own."""

    limits: Limits
    unit: str
    by: Told


def _sample(readings: Readings) -> Sample:
    _result, _reported, _low, _high, _analyte, _reference, sex, age, sampled, fasting, laboratory = readings
    noted = noted_of(sampled.value or "")
    return Sample(
        sex=sex.value,
        age=number_of(age.value),
        day=None if noted is None else noted.day,
        laboratory=laboratory.value,
        is_fasting=fasting.value == "Y",
    )


def ranges_for(
    readings: Readings, columns: Sequence[Readings], *, unit: str | None, standard: str
) -> Iterator[AppliedRange]:
    """Return the ranges that a result of one unit is judged by, whether there is a result yet or not.

    Args:
        readings, columns: As of `range_indicator`.
        unit: The unit in which a result is, or would be, reported; None for none.
        standard: The standard unit, in which the report's own limits are read and the study writes its ranges.

    Returns:
        The range that stands highest first.
    """
    _result, _reported, low, high, analyte, reference, *_ = readings
    sample = _sample(readings)
    if (own := _reported_limits((low, high))) is not None:
        yield AppliedRange(own, standard, Told.REPORT)
    if unit is not None and analyte.value:
        kept = _range_of_site(analyte.value, unit, sample, columns[0])
        if kept is not None:
            yield AppliedRange(kept, unit, Told.SITE)
    if (own := _range_of_study(reference.value or "", sample)) is not None:
        yield AppliedRange(own, standard, Told.STUDY)


def indicator(result: str, limits: Limits) -> str | None:
    """Return LOW, NORMAL or HIGH for a number, with its comparator, in the unit of the limits.

    Returns:
        None for what is no number, and for a comparator that leaves the answer open.
    """
    lies = interval_of(result)
    return None if lies is None or lies.kind is not Kind.NUMBER else _against(lies, limits)

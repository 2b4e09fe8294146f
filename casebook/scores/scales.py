"""Stroke scales: NIHSS, mRS and Glasgow Coma Scale.

Each function takes the readings of the items that a study definition lists, in that order. A missing
item gives no total; nothing is prorated, and a suggestion never replaces the assessor's grade.

Source: clinical content, sections 1.7, 2.1, 2.2, 2.9 and 7.
"""

from dataclasses import dataclass
from fractions import Fraction

from casebook.scores.registry import (
    WHOLE,
    Readings,
    derivation,
    number_text,
    numbers,
    yes_no,
)

NIHSS_ITEMS = ("1a", "1b", "1c", "2", "3", "4", "5a", "5b", "6a", "6b", "7", "8", "9", "10", "11")
NIHSS_HIGHEST = (3, 2, 2, 2, 3, 3, 4, 4, 4, 4, 2, 2, 3, 2, 2)
NIHSS_UNTESTABLE = frozenset({"5a", "5b", "6a", "6b", "7", "10"})
UNTESTABLE = "UN"


@dataclass(frozen=True, slots=True, kw_only=True)
class NihssResult:
    """One NIHSS sitting, summed. `total` is None when any item is missing or invalid."""

    total: int | None
    un_items: tuple[str, ...]
    invalid_items: tuple[str, ...]
    missing_items: tuple[str, ...]


def nihss_result(readings: Readings) -> NihssResult:
    """Sum the 15 items of the NIHSS, in the order of NIHSS_ITEMS.

    Untestable items add 0. `UN` is valid only for 5a, 5b, 6a, 6b, 7 and 10. No proration.

    Source: clinical content, section 2.1 (HIG: the total excludes untestable items, maximum 42).
    """
    total, untestable, invalid, missing = 0, [], [], []
    for name, highest, reading in zip(NIHSS_ITEMS, NIHSS_HIGHEST, readings, strict=True):
        value = reading.value
        if value is None:
            missing.append(name)
        elif value == UNTESTABLE and name in NIHSS_UNTESTABLE:
            untestable.append(name)
        elif WHOLE.fullmatch(value) and 0 <= int(value) <= highest:
            total += int(value)
        else:
            invalid.append(name)
    return NihssResult(
        total=None if invalid or missing else total,
        un_items=tuple(untestable),
        invalid_items=tuple(invalid),
        missing_items=tuple(missing),
    )


@derivation(15)
def nihss_total(readings: Readings) -> str | None:
    """Return the NIHSS total, 0 to 42. Source: clinical content, section 2.1."""
    total = nihss_result(readings).total
    return None if total is None else str(total)


@derivation(15)
def nihss_un_count(readings: Readings) -> str | None:
    """Return how many items are untestable, once every item is answered. Source: section 2.1."""
    result = nihss_result(readings)
    return None if result.total is None else str(len(result.un_items))


@derivation(15)
def nihss_un_items(readings: Readings) -> str | None:
    """Return which items are untestable (`5a 7`), None when none is. Source: section 2.1."""
    return " ".join(nihss_result(readings).un_items) or None


@derivation(2)
def end_delta(readings: Readings) -> str | None:
    """Return END_DELTA, the score before randomisation less the initial one. Source: section 1.7."""
    found = numbers(readings)
    return None if found is None else number_text(Fraction(found[1]) - Fraction(found[0]))


@derivation(2)
def rise_at_least(readings: Readings) -> str | None:
    """Return Y for a rise of so many points or more (END_GE1, END_GE2, END_GE4), else N. Items: rise, points.

    Source: clinical content, section 1.7.
    """
    found = numbers(readings)
    return None if found is None else yes_no(answer=found[0] >= found[1])


_MRS_DEAD = 6
PRIMARY_UP_TO = 2
AMBULATORY_UP_TO = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MrsResult:
    """What one grade of the mRS means. Each is None where it cannot be told; nothing is imputed."""

    valid: bool
    excellent_0_1: bool | None
    primary_0_2: bool | None
    ambulatory_0_3: bool | None
    dead: bool | None
    allowed_as_prestroke: bool | None


def mrs_result(grade: int | None, *, alive: bool | None = None) -> MrsResult:
    """Judge a grade of the mRS, 0 to 6; None is a grade that was not obtained.

    Source: clinical content, section 2.2 (0-2 is the primary outcome; pre-stroke 0 to 5 only; missing
    stays missing).
    """
    valid = grade is None or 0 <= grade <= _MRS_DEAD
    if grade is None or not valid:
        return MrsResult(
            valid=valid,
            excellent_0_1=None,
            primary_0_2=None,
            ambulatory_0_3=None,
            dead=False if alive else None,
            allowed_as_prestroke=None if valid else False,
        )
    return MrsResult(
        valid=True,
        excellent_0_1=grade <= 1,
        primary_0_2=grade <= PRIMARY_UP_TO,
        ambulatory_0_3=grade <= AMBULATORY_UP_TO,
        dead=grade == _MRS_DEAD,
        allowed_as_prestroke=grade < _MRS_DEAD,
    )


def _mrs(readings: Readings) -> MrsResult | None:
    value = readings[0].value
    return mrs_result(int(value)) if value is not None and WHOLE.fullmatch(value) else None


@derivation(1)
def mrs_0_1(readings: Readings) -> str | None:
    """Return Y for mRS 0-1, else N. Source: section 2.2."""
    result = _mrs(readings)
    return None if result is None or result.excellent_0_1 is None else yes_no(answer=result.excellent_0_1)


@derivation(1)
def mrs_0_2(readings: Readings) -> str | None:
    """Return Y for mRS 0-2 (the primary outcome), else N. Source: section 2.2."""
    result = _mrs(readings)
    return None if result is None or result.primary_0_2 is None else yes_no(answer=result.primary_0_2)


@derivation(1)
def mrs_0_3(readings: Readings) -> str | None:
    """Return Y for mRS 0-3, else N. Source: section 2.2."""
    result = _mrs(readings)
    return None if result is None or result.ambulatory_0_3 is None else yes_no(answer=result.ambulatory_0_3)


@derivation(5)
def mrs_suggestion(readings: Readings) -> str | None:
    """Suggest a grade from the five prompts: constant nursing, walks, help, former activities, symptoms.

    The suggestion never replaces the assessor's grade. Answers that a decided branch does not need may
    be open. Source: section 2.2.
    """
    constant, walks, help_needed, former, symptoms = (one.value for one in readings)
    if walks == "N":
        return {"Y": "5", "N": "4"}.get(constant or "")
    for answer, decisive, grade in ((help_needed, "Y", "3"), (former, "N", "2"), (symptoms, "Y", "1")):
        if walks != "Y" or answer not in {"Y", "N"}:
            return None
        if answer == decisive:
            return grade
    return "0"


@derivation(3)
def gcs_total(readings: Readings) -> str | None:
    """Return the Glasgow Coma Scale, 3 to 15; none for an intubated patient (V = T). Source: section 2.9."""
    found = numbers(readings)
    return None if found is None else str(sum(int(one) for one in found))

"""Thrombectomy: reperfusion grades, passes, first-pass effect, and the order of what happens in the suite.

Grades are eTICI; `2b` without its two halves comes from sites that grade by mTICI and stands for anything
from 50 to 99 per cent. One angiogram is compared with another by the range that its grade stands for.

Source: clinical content, sections 0.0 (passes), 2.4, 5.5 and 7 (EC043, EC045), appendix B; the eTICI
scale (Liebeskind et al., J NeuroIntervent Surg 2019); first-pass effect as in NCT05615038.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from casebook.scores.registry import Columns, Readings, both, derivation, either, is_any, number_in, rule, yes_no
from casebook.values import interval_of, less

ETICI_ORDER = ("0", "1", "2a", "2b50", "2b67", "2c", "3")
"""The grades from worst to best (section 2.4)."""
SIMPLE_2B = "2b"
"""The grade of mTICI that two or three grades of eTICI divide."""
ETICI_GRADES = (*ETICI_ORDER, SIMPLE_2B)
SUCCESSFUL = ("2b50", "2b67", "2c", "3", SIMPLE_2B)
"""At least half of the territory reperfused."""
NEAR_COMPLETE = ("2c", "3")
"""At least 90 per cent; a plain `2b` does not say so much."""
NO_RESCUE = ("NONE", "N")
"""How a form and a case file say that no rescue treatment was needed."""
_MTICI = {"2b50": "2b", "2b67": "2b", "2c": "2b"}
_RANGES = {SIMPLE_2B: (ETICI_ORDER.index("2b50"), ETICI_ORDER.index("2c"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reperfusion:
    """What follows from a final grade.

    Attributes:
        mtici: The same result in mTICI.
        successful: eTICI 2b50 or better.
        near_complete: eTICI 2c or 3.
        first_pass_effect: Near complete after one pass without rescue; None where passes or rescue are not known.
    """

    mtici: str
    successful: bool
    near_complete: bool
    first_pass_effect: bool | None


def reperfusion_of(etici: str, passes: Decimal | None, rescue: Sequence[str] | None) -> Reperfusion | None:
    """Grade a result.

    Args:
        etici: The final grade.
        passes: Passes with a retriever or an aspiration catheter, a combined one counted once.
        rescue: Rescue treatments, `NONE` or `N` for none.

    Returns:
        None when `etici` is no grade.

    Source: clinical content, section 2.4.
    """
    if etici not in ETICI_GRADES:
        return None
    near_complete = etici in NEAR_COMPLETE
    one_pass = None if passes is None else passes == 1
    no_rescue = None if not rescue else all(one in NO_RESCUE for one in rescue)
    return Reperfusion(
        mtici=_MTICI.get(etici, etici),
        successful=etici in SUCCESSFUL,
        near_complete=near_complete,
        first_pass_effect=both(near_complete, one_pass, no_rescue),
    )


def _result(readings: Readings) -> Reperfusion | None:
    grade = readings[0].value
    return None if grade is None else reperfusion_of(grade, None, None)


@derivation(1)
def mtici_grade(readings: Readings) -> str | None:
    """Return the mTICI grade of an eTICI grade: 2b50, 2b67 and 2c are 2b. Source: section 2.4."""
    found = _result(readings)
    return None if found is None else found.mtici


@derivation(1)
def reperfusion_successful(readings: Readings) -> str | None:
    """Return Y for eTICI 2b50 or better, else N. Source: section 2.4 (`ETICI_SUCCESS`)."""
    found = _result(readings)
    return None if found is None else yes_no(answer=found.successful)


@derivation(1)
def reperfusion_near_complete(readings: Readings) -> str | None:
    """Return Y for eTICI 2c or 3, else N. Source: section 2.4."""
    found = _result(readings)
    return None if found is None else yes_no(answer=found.near_complete)


@derivation(3)
def first_pass_effect(readings: Readings) -> str | None:
    """Return Y for near complete reperfusion after one pass without rescue, else N.

    Items: final eTICI, total passes, rescue treatments (`NONE` or `N` for none). None where what is missing
    could still change the answer.

    Source: clinical content, sections 0.0 (passes) and 2.4; NCT05615038.
    """
    grade, rescue = readings[0].value, readings[2].value
    if grade is None:
        return None
    found = reperfusion_of(grade, number_in(readings[1]), None if rescue is None else rescue.split())
    effect = None if found is None else found.first_pass_effect
    return None if effect is None else yes_no(answer=effect)


# -- passes --------------------------------------------------------------------------------------------

COMBINED = "COMBINED"
RETRIEVER = ("STENT_RETRIEVER", COMBINED)
ASPIRATION = ("ASPIRATION", COMBINED)
PASSES = ("STENT_RETRIEVER", "ASPIRATION", COMBINED)
"""Techniques that are a pass; balloon, stent and drugs given through the catheter are not."""


def passes_logged(techniques: Sequence[str | None], counted: Sequence[str] = PASSES) -> int | None:
    """Return how many rows of a pass log count; None while a row has no technique. A combined one counts once.

    Source: clinical content, section 0.0 (passes).
    """
    if None in techniques:
        return None
    return sum(one in counted for one in techniques)


def _count_differs(readings: Readings, columns: Columns, counted: Sequence[str]) -> bool | None:
    total, logged = number_in(readings[0]), passes_logged([one.value for one in columns[0]], counted)
    return None if total is None or logged is None else total != logged


@derivation(0, columns=1)
def passes_in_log(_readings: Readings, columns: Columns) -> str | None:
    """Return how many rows of the pass log are passes. Column: technique. Source: section 0.0 (passes)."""
    logged = passes_logged([one.value for one in columns[0]])
    return None if logged is None else str(logged)


@rule(1, columns=1)
def total_passes_differ(readings: Readings, columns: Columns) -> bool | None:
    """EC045: the total is not the number of passes in the log. Item: total; column: technique. Source: section 7."""
    return _count_differs(readings, columns, PASSES)


@rule(1, columns=1)
def retriever_passes_differ(readings: Readings, columns: Columns) -> bool | None:
    """EC045: the passes with a stent retriever are not those of the log. Item: number; column: technique."""
    return _count_differs(readings, columns, RETRIEVER)


@rule(1, columns=1)
def aspiration_passes_differ(readings: Readings, columns: Columns) -> bool | None:
    """EC045: the passes with aspiration are not those of the log. Item: number; column: technique."""
    return _count_differs(readings, columns, ASPIRATION)


def _range(grade: str) -> tuple[int, int]:
    place = ETICI_ORDER.index(grade) if grade in ETICI_ORDER else -1
    return _RANGES.get(grade, (place, place))


@rule(2, columns=1)
def reperfusion_lost(readings: Readings, columns: Columns) -> bool | None:
    """EC045: a pass had reached a better grade than the final one, and no re-occlusion is noted.

    Items: final eTICI, re-occlusion (Y/N); column: eTICI after each pass. A plain `2b` is better or worse
    only than what lies outside 50 to 99 per cent.

    Source: clinical content, sections 2.4 and 7.
    """
    final = readings[0].value
    if final not in ETICI_GRADES:
        return None
    reached = [one.value for one in columns[0] if one.value in ETICI_GRADES]
    better = any(_range(grade)[0] > _range(final)[1] for grade in reached)
    noted = is_any(readings[1], "Y")
    return both(better, not noted)


# -- times ---------------------------------------------------------------------------------------------


@rule()
def procedure_order_broken(readings: Readings) -> bool | None:
    """EC043: two of the times stand in the wrong order; equal times are in order.

    Items: times in the order in which they must follow each other, any number of them; each is compared
    with every later one, so that a missing time hides nothing.

    Source: clinical content, section 7 (arrival, puncture, first angiogram, first pass, first reperfusion,
    final angiogram, closure).
    """
    known = [found for one in readings if one.value is not None and (found := interval_of(one.value)) is not None]
    return either(*(less(later, earlier) for earlier, later in combinations(known, 2))) if known[1:] else None


ALLOCATED_TO_DRUGS = "BMM"
_ALLOCATED_TO_THROMBECTOMY = "EVT"


@derivation(1)
def crossover(readings: Readings) -> str | None:
    """Return Y where a procedure was done although the arm is medical management, N in the other arm. Item: arm.

    Source: clinical content, sections 1.2 and 5.6.
    """
    arm = readings[0].value
    return None if arm is None else yes_no(answer=arm == ALLOCATED_TO_DRUGS)


@derivation(1, columns=1)
def treated_arm(readings: Readings, columns: Columns) -> str | None:
    """Return the arm whose treatment was received. Items: arm allocated; column: whether each procedure was done.

    Nobody was treated before an arm was allocated, and in the endovascular arm a procedure that is not yet
    documented leaves it open.

    Source: clinical content, sections 1.2 (ACTARMCD) and 8.
    """
    arm, done = readings[0].value, {one.value for one in columns[0]}
    if arm is None:
        return None
    if "Y" in done:
        return _ALLOCATED_TO_THROMBECTOMY
    return ALLOCATED_TO_DRUGS if arm == ALLOCATED_TO_DRUGS or "N" in done else None


@derivation(2)
def treated_as_allocated(readings: Readings) -> str | None:
    """Return Y where the treatment received is the one allocated, else N. Items: both arms. Source: section 8."""
    allocated, received = (one.value for one in readings)
    return None if allocated is None or received is None else yes_no(answer=allocated == received)


@derivation(2, columns=1)
def per_protocol(readings: Readings, columns: Columns) -> str | None:
    """Return whether a subject belongs to the per-protocol set, as a proposal for the blind review.

    Items: treated as allocated; eligible at randomisation. Column: whether each deviation affects the primary
    endpoint.

    Source: clinical content, section 8 (the flag is asked for; its conditions are an assumption).
    """
    treated, eligible = readings
    if treated.value is None or eligible.value is None:
        return None
    clean = all(one.value != "Y" for one in columns[0])
    return yes_no(answer=treated.value == "Y" and eligible.value == "Y" and clean)

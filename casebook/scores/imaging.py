"""Imaging: ASPECTS, perfusion mismatch, laterality, recanalisation.

Volumes are mL, compared unrounded.

Source: clinical content, sections 1.3 (I10, I11), 2.3, 2.5, 4.2 and 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from casebook.records import Reading
from casebook.scores.registry import (
    Readings,
    both,
    derivation,
    either,
    is_any,
    number_in,
    number_text,
    numbers,
    rule,
    yes_no,
)
from casebook.scores.scales import UNTESTABLE
from casebook.values import INFINITE

ASPECTS_REGIONS = ("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6")
NO_REGION = "NONE"
ASPECTS_THRESHOLD = 6
"""I10: ASPECTS before randomisation of 6 or more."""


def aspects_of(affected: Sequence[str]) -> int | None:
    """Return 10 less the number of distinct affected regions, None when a name is no region. Source: section 2.3."""
    regions = set(affected)
    return len(ASPECTS_REGIONS) - len(regions) if regions <= set(ASPECTS_REGIONS) else None


def _affected(readings: Readings) -> tuple[str, ...] | None:
    if len(readings) == 1:
        value = readings[0].value
        if value is None:
            return None
        return () if value == NO_REGION else tuple(value.split())
    ticks = [is_any(one, "Y", "1") for one in readings]
    if None in ticks:
        return None
    return tuple(region for region, ticked in zip(ASPECTS_REGIONS, ticks, strict=True) if ticked)


@derivation(1, 10)
def aspects_score(readings: Readings) -> str | None:
    """Return the ASPECTS from the affected regions (one item of codes, or ten of Y/N). Source: section 2.3."""
    affected = _affected(readings)
    score = None if affected is None else aspects_of(affected)
    return None if score is None else str(score)


@rule(2, 11)
def aspects_differs(readings: Readings) -> bool | None:
    """EC030: the score entered is not 10 less the regions ticked. Items: regions, score. Source: section 7."""
    derived, entered = aspects_score(readings[:-1]), number_in(readings[-1])
    return None if derived is None or entered is None else Decimal(derived) != entered


CORE_BELOW = Decimal(50)
RATIO_FROM = Decimal("1.8")
VOLUME_ABOVE = Decimal(15)
_LARGE_RATIO = 5
_RATIO_TOLERANCE = Fraction(1, 10)
_LARGE_RATIO_TOLERANCE = Fraction(5, 100)
_VOLUME_TOLERANCE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Target mismatch from two volumes in mL, unrounded.

    Attributes:
        ratio: None where both volumes are nil.
        infinite: The core is nil and the hypoperfused volume is not.
        failed_parts: Which parts of I11 do not hold, in the order core, ratio, volume.
    """

    volume: Decimal
    ratio: Fraction | None
    infinite: bool
    failed_parts: tuple[str, ...]


def mismatch_of(core: Decimal, hypoperfused: Decimal) -> Mismatch:
    """Compare core and hypoperfused volume with I11: core < 50 mL, ratio >= 1.8, mismatch > 15 mL.

    A core of nil gives a ratio without bound, which passes; two volumes of nil give none, which fails.

    Source: clinical content, sections 1.3 (I11) and 4.2; registry entry NCT06155032.
    """
    ratio = None if core == 0 else Fraction(hypoperfused) / Fraction(core)
    infinite = core == 0 and hypoperfused > 0
    holds = {
        "core": core < CORE_BELOW,
        "ratio": infinite or (ratio is not None and ratio >= Fraction(RATIO_FROM)),
        "volume": hypoperfused - core > VOLUME_ABOVE,
    }
    return Mismatch(
        volume=hypoperfused - core,
        ratio=ratio,
        infinite=infinite,
        failed_parts=tuple(part for part, good in holds.items() if not good),
    )


def _mismatch(readings: Readings) -> Mismatch | None:
    found = numbers(readings)
    return None if found is None or min(found) < 0 else mismatch_of(*found)


@derivation(2)
def mismatch_volume(readings: Readings) -> str | None:
    """Return hypoperfused less core volume, mL. Items: core, Tmax > 6 s. Source: section 4.2."""
    found = _mismatch(readings)
    return None if found is None else number_text(Fraction(found.volume))


@derivation(2)
def mismatch_ratio(readings: Readings) -> str | None:
    """Return hypoperfused by core volume, `INF` for a core of nil. Items: core, Tmax > 6 s. Source: section 4.2."""
    found = _mismatch(readings)
    if found is None:
        return None
    if found.infinite:
        return INFINITE
    return None if found.ratio is None else number_text(found.ratio)


@derivation(2)
def hypoperfusion_intensity_ratio(readings: Readings) -> str | None:
    """Return HIR, the Tmax > 10 s by the Tmax > 6 s volume. Source: section 4.2."""
    found = numbers(readings)
    return None if found is None or found[1] == 0 else number_text(Fraction(found[0]) / Fraction(found[1]))


@rule(4)
def perfusion_reported_differs(readings: Readings) -> bool | None:
    """EC036: the software's ratio or volume differs from the derived one by more than is tolerated.

    Items: core, Tmax > 6 s, reported ratio, reported volume. Tolerated: 0.1 of the ratio (5 % of a ratio
    above 5) and 1.0 mL. Source: section 4.2.
    """
    found = _mismatch(readings[:2])
    if found is None:
        return None
    return either(_ratio_differs(found, readings[2]), _volume_differs(found, readings[3]))


def _volume_differs(found: Mismatch, reported: Reading) -> bool | None:
    volume = number_in(reported)
    return None if volume is None else abs(Fraction(volume) - Fraction(found.volume)) > _VOLUME_TOLERANCE


def _ratio_differs(found: Mismatch, reported: Reading) -> bool | None:
    ratio = number_in(reported)
    if (ratio is None and reported.value != INFINITE) or (found.ratio is None and not found.infinite):
        return None
    if ratio is None or found.ratio is None:
        return (ratio is None) != found.infinite
    tolerated = found.ratio * _LARGE_RATIO_TOLERANCE if found.ratio > _LARGE_RATIO else _RATIO_TOLERANCE
    return abs(Fraction(ratio) - found.ratio) > tolerated


_SIDES = {"L": 1, "R": -1}


@rule(6)
def occlusion_side_doubtful(readings: Readings) -> bool | None:
    """EC034: ICA-T or M1 without a side, or the occlusion on the weaker side of the body.

    Items: occlusion site, side, NIHSS 5a, 5b, 6a, 6b (`UN` as 0). A left lesion weakens the right side.
    Source: clinical content, sections 0.0 and 7.
    """
    concerned = is_any(readings[0], "ICA_T", "M1")
    if readings[1].value is None:
        return concerned
    side = _SIDES.get(readings[1].value)
    grades = [Decimal(0) if one.value == UNTESTABLE else number_in(one) for one in readings[2:]]
    if side is None or any(one is None for one in grades):
        return False if side is None else None
    left_arm, right_arm, left_leg, right_leg = (one or Decimal(0) for one in grades)
    weaker = (left_arm + left_leg) - (right_arm + right_leg)
    return both(concerned, weaker * side > 0)


RECANALISED_FROM = 2
"""AOL 2: partial recanalisation with any distal flow (section 2.5)."""


@derivation(1)
def recanalised_24h(readings: Readings) -> str | None:
    """Return Y for an AOL grade of 2 or 3, else N. Source: section 2.5."""
    grade = number_in(readings[0])
    return None if grade is None else yes_no(answer=grade >= RECANALISED_FROM)

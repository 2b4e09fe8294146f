"""Units of measured values: what was reported, and the same in the item's standard unit.

A value is kept as it was reported; the standard value is worked out whenever it is needed. The factors
belong to the study definition, never to this module. All arithmetic is exact (fractions of decimals),
rounding is half up and happens once, for display.

Source: clinical content, sections 0.3 and 3.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from casebook.design import UnitFactor
from casebook.values import Quantity, half_up

_PRECISION = 28
"""Digits of a standard value that has no end (400 mg/dL glucose): far beyond any laboratory's."""
_TOLD_DIGITS = 4
"""Significant digits of a standard value that is told beside what was entered; whole numbers stand whole."""
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def unit_key(text: str) -> str:
    """Return the spelling by which units are compared: `μmol/l`, `×10⁹/L` and `℃` meet their plain forms."""
    raised = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "10^" + found[1].translate(_SUPERSCRIPTS), text)
    plain = unicodedata.normalize("NFKC", raised).replace("μ", "u").replace("／", "/").strip()
    plain = re.sub(r"^[x×*]\s*(?=10[\^*eE])", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    return {"c": "°c", "f": "°f"}.get(plain.casefold(), plain.casefold())


def find_unit(text: str, units: Sequence[UnitFactor]) -> UnitFactor | None:
    """Return the unit of the list that `text` names, or None. An exact spelling wins over a similar one."""
    for one in units:
        if one.unit == text:
            return one
    wanted = unit_key(text)
    similar = [one for one in units if any(unit_key(spelt) == wanted for spelt in (one.unit, *one.spelt))]
    return similar[0] if len(similar) == 1 else None


def in_standard(number: Decimal | Fraction, unit: UnitFactor) -> Fraction:
    """Return `number` of `unit` in the standard unit, exactly."""
    return (Fraction(number) + Fraction(unit.offset)) * Fraction(unit.factor) / Fraction(unit.divide)


def from_standard(number: Decimal | Fraction, unit: UnitFactor) -> Fraction:
    """Return a standard `number` expressed in `unit`, exactly."""
    return Fraction(number) * Fraction(unit.divide) / Fraction(unit.factor) - Fraction(unit.offset)


def to_decimal(number: Fraction) -> Decimal:
    """Return `number` as a decimal of at most 28 digits."""
    with localcontext() as context:
        context.prec = _PRECISION
        return Decimal(number.numerator) / Decimal(number.denominator)


def to_standard(quantity: Quantity, units: Sequence[UnitFactor]) -> Quantity | None:
    """Return `quantity` in the standard unit (the first of `units`), its comparator kept.

    Returns:
        None when its unit is not in the list, so that nothing is ever compared across a unit mix-up.
    """
    if not units:
        return None if quantity.unit else quantity
    unit = find_unit(quantity.unit, units) if quantity.unit else units[0]
    if unit is None:
        return None
    if unit is units[0]:
        return Quantity(comparator=quantity.comparator, number=quantity.number, unit=units[0].unit)
    standard = to_decimal(in_standard(quantity.number, unit))
    return Quantity(comparator=quantity.comparator, number=standard, unit=units[0].unit)


def told_in_standard(quantity: Quantity, units: Sequence[UnitFactor]) -> str:
    """Return a quantity in the standard unit as it is told beside it: `= 135 g/L`; rounded, `≈ 22.20 mmol/L`.

    Returns:
        "" where it stands in the standard unit already, or in none of the list.
    """
    unit = find_unit(quantity.unit, units) if quantity.unit else None
    if unit is None or unit is units[0]:
        return ""
    exact = in_standard(quantity.number, unit)
    shown = half_up(exact, max(0, _TOLD_DIGITS - 1 - to_decimal(exact).adjusted()))
    is_exact = Fraction(shown) == exact
    number = shown.normalize() if is_exact else shown
    return f"{'=' if is_exact else '≈'} {quantity.comparator}{number:f} {units[0].unit}"


def convert(number: Decimal, *, source: str, target: str, units: Sequence[UnitFactor], decimals: int) -> Decimal | None:
    """Return `number` of unit `source` in unit `target`, rounded half up once to `decimals` places.

    Returns:
        None when either unit is not in the list.
    """
    from_unit, to_unit = find_unit(source, units), find_unit(target, units)
    if from_unit is None or to_unit is None:
        return None
    return half_up(from_standard(in_standard(number, from_unit), to_unit), decimals)

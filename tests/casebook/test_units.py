from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.design import UnitFactor
from casebook.units import convert, find_unit, from_standard, in_standard, to_standard
from casebook.values import quantity_of

GLUCOSE = (UnitFactor(unit="mmol/L"), UnitFactor(unit="mg/dL", divide=Decimal("18.016")))
HBA1C = (UnitFactor(unit="%"), UnitFactor(unit="mmol/mol", offset=Decimal("23.519208"), divide=Decimal("10.929")))
WARMTH = (UnitFactor(unit="°C"), UnitFactor(unit="°F", offset=Decimal(-32), factor=Decimal(5), divide=Decimal(9)))
LIPID = (UnitFactor(unit="mmol/L"), UnitFactor(unit="mg/dL", divide=Decimal("38.67")))
CELLS = (UnitFactor(unit="10^9/L"), UnitFactor(unit="10^3/uL"))
CLOTS = (
    UnitFactor(unit="mg/L FEU"),
    UnitFactor(unit="ng/mL FEU", factor=Decimal("0.001")),
    UnitFactor(unit="mg/L DDU", factor=Decimal(2)),
)


@pytest.mark.parametrize(
    ("number", "source", "target", "units", "decimals", "expected"),
    [
        ("400", "mg/dL", "mmol/L", GLUCOSE, 2, "22.20"),
        ("50", "mg/dL", "mmol/L", GLUCOSE, 2, "2.78"),
        ("22.2", "mmol/L", "mg/dL", GLUCOSE, 0, "400"),
        ("6.5", "%", "mmol/mol", HBA1C, 0, "48"),
        ("48", "mmol/mol", "%", HBA1C, 1, "6.5"),
        ("98.6", "F", "C", WARMTH, 1, "37.0"),
        ("37", "℃", "℉", WARMTH, 1, "98.6"),
        ("5", "mmol/L", "mg/dL", LIPID, 1, "193.4"),
        ("500", "ng/mL FEU", "mg/L FEU", CLOTS, 2, "0.50"),
        ("0.25", "mg/L DDU", "mg/L FEU", CLOTS, 2, "0.50"),
        ("7.0", "mmol/L", "mmol/L", GLUCOSE, 1, "7.0"),
    ],
)
def test_convert_rounds_half_up_once(
    number: str, source: str, target: str, units: tuple[UnitFactor, ...], decimals: int, expected: str
) -> None:
    converted = convert(Decimal(number), source=source, target=target, units=units, decimals=decimals)
    assert str(converted) == expected


def test_convert_refuses_units_outside_the_list() -> None:
    assert convert(Decimal(1), source="g/L", target="mmol/L", units=GLUCOSE, decimals=1) is None


@given(st.decimals(-1000, 1000, places=4), st.sampled_from([*HBA1C, *WARMTH, *LIPID, *CLOTS]))
def test_conversion_there_and_back_is_exact(number: Decimal, unit: UnitFactor) -> None:
    assert from_standard(in_standard(number, unit), unit) == number


@pytest.mark.parametrize(
    ("typed", "units", "found"),
    [
        ("×10⁹/L", CELLS, "10^9/L"),
        ("x10^9/L", CELLS, "10^9/L"),
        ("10^3/μL", CELLS, "10^3/uL"),
        ("mmol/l", GLUCOSE, "mmol/L"),
        ("MG/DL", GLUCOSE, "mg/dL"),
        ("g/L", GLUCOSE, None),
        ("mg／dL", GLUCOSE, "mg/dL"),
    ],
)
def test_find_unit_knows_spellings_of_keyboards(typed: str, units: tuple[UnitFactor, ...], found: str | None) -> None:
    unit = find_unit(typed, units)
    assert (None if unit is None else unit.unit) == found


@pytest.mark.parametrize(
    ("text", "units", "expected"),
    [
        ("<0.18016 mg/dL", GLUCOSE, "<0.01 mmol/L"),
        ("7.40 mmol/L", GLUCOSE, "7.40 mmol/L"),
        ("7.40", GLUCOSE, "7.40 mmol/L"),
        ("1.05", (), "1.05"),
    ],
)
def test_to_standard_keeps_the_comparator(text: str, units: tuple[UnitFactor, ...], expected: str) -> None:
    quantity = quantity_of(text)
    assert quantity is not None
    assert str(to_standard(quantity, units)) == expected


def test_to_standard_gives_nothing_for_a_unit_mix_up() -> None:
    quantity = quantity_of("13.5 g/dL")
    assert quantity is not None
    assert to_standard(quantity, GLUCOSE) is None
    assert to_standard(quantity, ()) is None

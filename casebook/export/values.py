"""A recorded value in the words of ODM and of tables.

Source: CDISC ODM 1.3.2, 2.14 (data formats): an unknown part of a date is left off; docs/export.md.
"""

from dataclasses import dataclass

from casebook.design import DataType, Item
from casebook.entry import MISSING_LABELS
from casebook.records import MissingCode
from casebook.units import find_unit, to_standard
from casebook.values import half_up, number_of, quantity_of

ODM_TYPES = {
    DataType.TEXT: "text",
    DataType.INTEGER: "integer",
    DataType.DECIMAL: "float",
    DataType.QUANTITY: "text",
    DataType.DATE: "partialDate",
    DataType.DATETIME: "partialDatetime",
    DataType.CODE: "text",
    DataType.CODES: "text",
}
"""A quantity is text, since `<0.01` is one; ink never leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OdmValue:
    """A value as ODM writes it, and the unit that stands beside it."""

    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A quantity in its item's standard unit. `number` is "" where the unit is not in the item's list."""

    comparator: str = ""
    number: str = ""
    unit: str = ""


def odm_value(item: Item, text: str) -> OdmValue:
    """Return a canonical value in ODM's words.

    A number in a unit that the study does not list keeps that unit within its text.
    """
    match item.data_type:
        case DataType.DATE:
            return OdmValue(text=text.removesuffix("---").removesuffix("---"))
        case DataType.DATETIME:
            return OdmValue(text=text.partition("T--:--")[0])
        case DataType.INTEGER | DataType.DECIMAL | DataType.QUANTITY:
            return _number(item, text)
        case _:
            return OdmValue(text=text)


def _number(item: Item, text: str) -> OdmValue:
    quantity = quantity_of(text)
    if quantity is None:
        return OdmValue(text=text)
    unit = find_unit(quantity.unit, item.units) if quantity.unit else next(iter(item.units), None)
    if unit is None:
        return OdmValue(text=text)
    return OdmValue(text=f"{quantity.comparator}{quantity.number:f}", unit=unit.unit)


def measured(item: Item, text: str) -> Measured:
    """Return a quantity in its item's standard unit, its comparator apart."""
    quantity = quantity_of(text)
    converted = None if quantity is None else to_standard(quantity, item.units)
    if converted is None:
        return Measured()
    return Measured(comparator=converted.comparator, number=f"{converted.number:f}", unit=converted.unit)


def shown(item: Item, text: str) -> str:
    """Return a derived value as the form shows it: rounded half up to the decimals of its item."""
    number = number_of(text)
    if item.decimals is None or number is None:
        return text
    return f"{half_up(number, item.decimals):f}"


def missing_text(code: MissingCode, language: str) -> str:
    """Return what a missing-data code is called, in English where the language is not the product's."""
    labels = MISSING_LABELS[code]
    return labels.get(language) or labels["en"]

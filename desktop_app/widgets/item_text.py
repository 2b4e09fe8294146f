"""How a value stands in its editor: the text that a user would type to give it again.

No Qt. The way back, from text to value, is `casebook.checks.read_item`; nothing here judges.
Source: docs/record_format.md, "Values".
"""

from casebook.design import DataType, Item
from casebook.records import Reading

UNKNOWN_PART = "--"
OFFSET_LENGTH = len("+08:00")
ISO_DATE_LENGTH = len("2026-03-01")


def editable_text(item: Item, reading: Reading) -> tuple[str, str]:
    """Return the text and the unit (or the offset of a time) of a reading; "" for what there is none of."""
    value = reading.value
    if value is None:
        return "", ""
    match item.data_type:
        case DataType.QUANTITY:
            number, _, unit = value.partition(" ")
            return number, unit
        case DataType.DATE:
            return partial_date(value), ""
        case DataType.DATETIME:
            day, _, rest = value.partition("T")
            return f"{partial_date(day)} {rest[:-OFFSET_LENGTH]}".strip(), rest[-OFFSET_LENGTH:]
        case _:
            return value, ""


def partial_date(value: str) -> str:
    """Return an ISO date without its unknown parts: `1958-04---` is shown as `1958-04`."""
    parts = [value[:4], value[5:7], value[8:10]]
    known = [part for part in parts if part and part != UNKNOWN_PART]
    return "-".join(known)

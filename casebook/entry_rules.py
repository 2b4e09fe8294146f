"""What can be told of one save by itself: whether it names bases of another place, and values of another type.

Nothing here asks who saved it or when. A value out of range is the concern of checks, which nobody's entry is
held for; a value that is no value of its item could be read by no program, and no window of ours makes one.

Source: docs/record_format.md, sections "Values" and "Scopes, frontiers, what is held".
"""

from collections.abc import Callable

from casebook.canonical import decode
from casebook.design import DataType, Form, Item, StudyDesign
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitRef
from casebook.ledger import SealedCommit
from casebook.payloads import DataPayload, read
from casebook.records import FormKey, Mark, SetItem, Sitting
from casebook.redaction import REDACTED
from casebook.values import INFINITE, days_of, noted_of, number_of, quantity_of
from casebook.versions import item_at

Find = Callable[[CommitRef], SealedCommit | None]
"""Finds a commit that was received before, by reference."""
Asked = Callable[[str, str], tuple[StudyDesign, Form] | None]
"""Finds a form as it stood in a version of it (16 hex digits), with the study around it."""
_BASED = (SetItem, Sitting, Mark)
"""The operations that are about one place of a form and name what they replace there."""


# -- types ------------------------------------------------------------------------------------------------


def is_of_another_type(payload: DataPayload, asked: Asked) -> bool:
    """Tell whether a save gives a value that its item cannot have, or to an item that the form does not have.

    It is looked at under the version of the form that the save names; where that is not known here, nothing is said.
    """
    found = asked(payload.key.form, payload.form_version)
    if found is None:
        return False
    design, form = found
    return any(
        not _has_its_type(design, item_at(form, one.path), one.reading.value)
        for one in payload.operations
        if isinstance(one, SetItem)
    )


def _has_its_type(design: StudyDesign, item: Item | None, value: str | None) -> bool:
    if item is None:
        return False
    return value is None or value == REDACTED or is_value_of(design, item, value)


def is_value_of(design: StudyDesign, item: Item, value: str) -> bool:
    """Tell whether a text is a value of an item's type, in its canonical spelling; ranges are not looked at."""
    match item.data_type:
        case DataType.TEXT:
            return True
        case DataType.INTEGER:
            number = number_of(value) if _is_bare(value) else None
            return number is not None and number == number.to_integral_value()
        case DataType.DECIMAL:
            return value == INFINITE or _is_bare(value)
        case DataType.QUANTITY:
            return quantity_of(value) is not None
        case DataType.DATE:
            return days_of(value) is not None
        case DataType.DATETIME:
            return noted_of(value) is not None
        case DataType.CODE:
            return value in _offered(design, item)
        case DataType.CODES:
            return set(value.split()) <= _offered(design, item)
        case DataType.INK:
            return _is_canonical(value)


def _is_bare(value: str) -> bool:
    quantity = quantity_of(value)
    return quantity is not None and not quantity.comparator and not quantity.unit


def _offered(design: StudyDesign, item: Item) -> frozenset[str]:
    listed = design.code_lists.get(item.code_list or "")
    return frozenset(code.value for code in listed.codes) if listed is not None else frozenset()


def _is_canonical(value: str) -> bool:
    try:
        decode(value.encode("utf-8"))
    except CommitUnreadableError:
        return False
    return True


# -- bases ------------------------------------------------------------------------------------------------


def names_another_place(payload: DataPayload, find: Find) -> bool:
    """Tell whether a base that a save names is held here and is of another place than what the save is about."""
    return any(
        _is_elsewhere(find(base), payload.key, place)
        for operation in payload.operations
        if isinstance(operation, _BASED) and operation.bases and (place := _place_of(operation))
        for base in operation.bases
    )


def _place_of(operation: SetItem | Sitting | Mark) -> tuple[str, ...]:
    """Return what an operation is about within its form."""
    match operation:
        case SetItem(path=path):
            return path.group, path.row
        case Sitting(group=group, row=row):
            return group, row
        case Mark(flag=flag):
            return (flag,)


def _is_elsewhere(base: SealedCommit | None, key: FormKey, place: tuple[str, ...]) -> bool:
    """Tell whether a base that is held here is of another place; one that did not arrive yet tells nothing."""
    if base is None:
        return False
    try:
        payload = read(base)
    except (SealedAwayError, CommitUnreadableError):
        return False
    if payload is None:
        return False  # of a newer release: what it is about is not known here
    if not isinstance(payload, DataPayload) or payload.key != key:
        return True
    return place not in {_place_of(one) for one in payload.operations if isinstance(one, _BASED)}

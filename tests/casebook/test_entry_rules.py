"""No value that our windows can make is of another type than its item."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import payloads
from casebook.design import DataType, Item
from casebook.entry import read_item
from casebook.entry_rules import is_of_another_type, is_value_of
from casebook.errors import UnreadableItemError
from casebook.records import FormKey, ItemPath, SetItem
from casebook.versions import Designs
from tests.filled_study import places, readings_of

from .people import design


@pytest.mark.parametrize("seed", range(3))
def test_whole_study_filled_in_is_of_its_types(seed: int) -> None:
    chance = random.Random(seed)
    for _, _, key in places(design()):
        readings = readings_of(design(), key, chance)
        operations = tuple(SetItem(path=path, reading=one) for path, one in readings.items() if not _is_ink(key, path))
        payload = payloads.DataPayload(key=key, form_version=design().forms[key.form].version, operations=operations)
        assert not is_of_another_type(payload, Designs(current=design()).asked_in), key


def _is_ink(key: FormKey, path: ItemPath) -> bool:
    return design().forms[key.form].find(path.item)[1].data_type is DataType.INK


_EVERY_ITEM = [item for form in design().forms.values() for group in form.groups for item in group.items]
_NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)


def _typed(item: Item) -> st.SearchStrategy[str]:
    """Return what people type into an item, right and wrong."""
    listed = design().code_lists.get(item.code_list or "")
    codes = [text for code in listed.codes for text in (code.value, *code.label.by_language.values())] if listed else []
    number = st.from_regex(r"[<>≤≥]?=? ?[-−+]?[0-9０-９]{0,4}[.。,]?[0-9]{0,3}", fullmatch=True)
    units = [one.unit for one in item.units]
    said = [
        "昨天 2210",
        "now",
        "2026-03",
        "2026",
        "20260301",
        "2026年3月1日",
        "1430",
        "2026-02-29",
        "INF",
        "ND",
        "不详",
    ]
    several = st.lists(st.sampled_from(codes), max_size=4).map("；".join) if codes else st.nothing()
    measured = st.tuples(number, st.sampled_from(["", *units, "furlong"])).map(" ".join)
    return st.one_of(st.sampled_from([*codes, *said]), several, number, measured, st.text(max_size=12))


@settings(max_examples=settings().max_examples * 8)
@given(st.data())
def test_nothing_that_a_window_reads_is_of_another_type(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(_EVERY_ITEM))
    listed = design().code_lists.get(item.code_list or "")
    typed = data.draw(_typed(item))
    try:
        reading = read_item(item, listed, typed, now=_NOW, offset_minutes=480)
    except UnreadableItemError:
        return
    assert reading.value is None or is_value_of(design(), item, reading.value)

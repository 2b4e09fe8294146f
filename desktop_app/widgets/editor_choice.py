"""Which editor an item gets."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from casebook.design import CodeList, DataType, Item, ItemGroup
from desktop_app.widgets.choice_editors import MOST_BUTTONS, ChoiceEditor, ListEditor, TicksEditor
from desktop_app.widgets.flag_editor import FlagEditor
from desktop_app.widgets.ink import InkEditor
from desktop_app.widgets.item_editors import (
    LONG_TEXT,
    DerivedEditor,
    ItemEditor,
    LineEditor,
    ParagraphEditor,
)
from desktop_app.widgets.regions import RegionsEditor
from desktop_app.widgets.scale import GradeEditor
from desktop_app.widgets.tick_cards import CardTicksEditor
from desktop_app.widgets.time_editor import TimeEditor
from desktop_app.widgets.twice import TwiceEditor

NO_CODES = CodeList(oid="", codes=())


def make_editor(
    group: ItemGroup, item: Item, code_lists: Mapping[str, CodeList], parent: QWidget | None = None
) -> ItemEditor:
    """Return a new editor for an item, by its data type and its group's style."""
    codes = code_lists.get(item.code_list or "", NO_CODES)
    if any(line.flag == item.name for line in group.lines):
        return FlagEditor(item, codes, parent)
    if item.derivation is not None:
        return DerivedEditor(item, codes, parent)
    picture = group.picture
    if picture is not None and picture.item == item.name:
        side = next((one for one in group.items if one.name == picture.side), None)
        sides = code_lists.get((side.code_list if side is not None else "") or "", NO_CODES)
        return RegionsEditor(item, codes, picture, (side, sides), parent)
    if item.twice:
        return TwiceEditor(item, lambda owner: _make_single(group, item, codes, owner), parent)
    return _make_single(group, item, codes, parent)


def is_wide(group: ItemGroup, item: Item) -> bool:
    """Tell whether an item's editor stands below its label, over the whole width."""
    if item.derivation is not None or item.code_list is None:
        return item.data_type is DataType.INK
    return (group.style, item.data_type) in {("scale", DataType.CODE), ("regions", DataType.CODES)}


def _make_single(group: ItemGroup, item: Item, codes: CodeList, parent: QWidget | None) -> ItemEditor:
    match item.data_type:
        case DataType.DATE | DataType.DATETIME:
            return TimeEditor(item, parent)
        case DataType.CODE if codes.codes and group.style == "scale":
            return GradeEditor(item, codes, parent)
        case DataType.CODE if codes.codes and len(codes.codes) <= MOST_BUTTONS:
            return ChoiceEditor(item, codes, parent)
        case DataType.CODE:
            return ListEditor(item, codes, parent)
        case DataType.CODES if group.style == "regions" or any(code.meaning is not None for code in codes.codes):
            return CardTicksEditor(item, codes, parent)
        case DataType.CODES if codes.codes:
            return TicksEditor(item, codes, parent)
        case DataType.INK:
            return InkEditor(item, parent)
        case DataType.TEXT if (item.max_length or 0) > LONG_TEXT:
            return ParagraphEditor(item, parent)
        case _:
            return LineEditor(item, parent)

"""Drawings as they are written in study files, and how a section uses one.

A drawing is refused that could not be marked: outlines that are no outlines or leave the picture, regions
that are no codes of the item, codes that are no region. What is refused is never drawn.

Source: docs/study_files.md, section "Drawings"; docs/adr/0031.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable

from casebook.design import CodeList, DataType, Item
from casebook.drawings import Drawing, Level, Picture, Region, is_closed, steps_of
from casebook.study_files.nodes import Faults, Node, Texts, load_parts

FOLDER = "drawings"
_OID = re.compile(r"DW\.[A-Z][A-Z0-9]{0,11}")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
_KEY = re.compile(r"[1-9a-z]")
_SIZES = range(100, 2001)


def read_drawings(folder: Traversable, texts: Texts) -> dict[str, Drawing]:
    """Read every drawing of `drawings/`; a study need not have any. Raises StudyFileError."""
    drawings: dict[str, Drawing] = {}
    if not folder.joinpath(FOLDER).is_dir():
        return drawings
    for root in load_parts(folder, texts.faults, FOLDER):
        with texts.faults.gather():
            drawing = _read_drawing(root, texts)
            if drawing.oid in drawings:
                root.fail(f"{drawing.oid} stands twice. Remove one.", f"{drawing.oid} 重复。请删除其一。")
            drawings[drawing.oid] = drawing
    return drawings


def refuse_unused(drawings: Mapping[str, Drawing], used: set[str], faults: Faults) -> None:
    """Refuse drawings that no section uses. Raises StudyFileError."""
    for oid in sorted(set(drawings) - used):
        faults.report(FOLDER, oid, "no section uses this drawing. Remove it.", "没有项目组使用该图。请删除。")


def _read_drawing(root: Node, texts: Texts) -> Drawing:
    oid = root.text("oid")
    node = root.at(oid)
    if not _OID.fullmatch(oid):
        node.fail("a drawing is called DW. and a name in capitals. Rename it.", "图的名称须为 DW. 加大写名称。请改名。")
    size = (_read_size(node, "width"), _read_size(node, "height"))
    levels = tuple(_read_level(one, oid, size, texts) for one in node.nodes("level", required=True))
    drawing = Drawing(oid=oid, width=size[0], height=size[1], levels=levels, note=texts.need(f"{oid}.note"))
    node.finish()
    for what, found in (("code", [one.code for one in drawing.regions]), ("key", [one.key for one in drawing.regions])):
        twice = sorted({one for one in found if found.count(one) > 1})
        if twice:
            node.fail(
                f"the {what} {twice[0]} stands twice. Correct one.",
                f"{what} {twice[0]} 重复。请更正其一。",
            )
    return drawing


def _read_size(node: Node, key: str) -> int:
    size = node.integer(key)
    if size is None or size not in _SIZES:
        node.wrong(key, f"a whole number from {_SIZES[0]} to {_SIZES[-1]}", f" {_SIZES[0]} 至 {_SIZES[-1]} 的整数")
    return size


def _read_level(node: Node, oid: str, size: tuple[int, int], texts: Texts) -> Level:
    name = node.text("name")
    level = node.at(f"{oid}.{name}")
    if not _NAME.fullmatch(name):
        level.fail("a level has a name in capitals. Rename it.", "层面名称须为大写。请改名。")
    outlines = level.names("outlines")
    for outline in outlines:
        _check_path(level, outline, size, closed=False)
    regions = tuple(_read_region(one, size) for one in level.nodes("region", required=True))
    level.finish()
    return Level(label=texts.need(f"{oid}.{name}"), outlines=outlines, regions=regions)


def _read_region(node: Node, size: tuple[int, int]) -> Region:
    at = node.get("at")
    if not isinstance(at, list) or len(at) != len(size) or not all(type(one) is int for one in at):
        node.wrong("at", "two whole numbers, x and y", "两个整数，x 与 y")
    x, y = at
    region = Region(code=node.text("code"), key=node.text("key"), path=node.text("path"), at=(x, y))
    node.finish()
    if not _KEY.fullmatch(region.key):
        node.wrong(
            "key",
            "one of 1 to 9 and a to z (0 says that no region is affected)",
            " 1 至 9 或 a 至 z 之一（0 表示无受累区域）",
        )
    _check_path(node, region.path, size, closed=True)
    _check_point(node, region.at, size)
    return region


def _check_path(node: Node, path: str, size: tuple[int, int], *, closed: bool) -> None:
    try:
        steps = steps_of(path)
    except ValueError:
        node.fail(
            f"“{path[:40]}” is no outline. Use M, L, C and Z with whole numbers, parted by single spaces.",
            f"“{path[:40]}”不是有效的轮廓。请仅使用 M、L、C、Z 和整数，以单个空格分隔。",
        )
    if closed and not is_closed(path):
        node.fail("the outline of a region ends with Z. Close it.", "区域的轮廓须以 Z 结束。请闭合。")
    for step in steps:
        for point in step.points:
            _check_point(node, point, size)


def _check_point(node: Node, point: tuple[int, int], size: tuple[int, int]) -> None:
    if not all(0 <= one <= most for one, most in zip(point, size, strict=True)):
        node.fail(
            f"the point {point[0]} {point[1]} lies outside the picture. Correct it.",
            f"点 {point[0]} {point[1]} 在图外。请更正。",
        )


# -- how a section uses one -----------------------------------------------------------------------------


def read_picture(
    group: Node, items: tuple[Item, ...], drawings: Mapping[str, Drawing], lists: Mapping[str, CodeList]
) -> Picture | None:
    """Read which drawing a section uses; None where it does not say. Raises StudyFileError.

    Args:
        group: The section as it is written.
        items: Its items.
    """
    node = group.node("picture")
    if node is None:
        return None
    if group.text("style", "") != "regions" or group.flag("repeating"):
        node.fail(
            'a picture belongs to a section of style = "regions" that does not repeat. Remove it.',
            'picture 仅用于 style = "regions" 且不重复的项目组。请删除。',
        )
    oid = node.text("drawing")
    if oid not in drawings:
        node.fail(
            f"there is no drawing {oid} in {FOLDER}/. Correct the name.", f"{FOLDER}/ 中没有图 {oid}。请更正名称。"
        )
    picture = Picture(
        drawing=drawings[oid],
        item=node.text("item"),
        none=node.text("none", ""),
        score=node.text("score", ""),
        side=node.text("side", ""),
        right=node.text("right", ""),
        left=node.text("left", ""),
    )
    node.finish()
    _check_picture(node, picture, {item.name: item for item in items}, lists)
    return picture


def _check_picture(node: Node, picture: Picture, items: Mapping[str, Item], lists: Mapping[str, CodeList]) -> None:
    for name in filter(None, (picture.item, picture.score, picture.side)):
        if name not in items:
            node.fail(f"the section has no item {name}. Correct the name.", f"项目组没有条目 {name}。请更正名称。")
    item = items[picture.item]
    if item.data_type is not DataType.CODES or item.derivation is not None:
        node.fail(
            f"{item.name} is not ticked. Name an item of type codes.",
            f"{item.name} 不可勾选。请使用 codes 类型的条目。",
        )
    if picture.score and items[picture.score].derivation is None:
        node.fail(f"{picture.score} is not calculated. Name a derived item.", f"{picture.score} 不是计算项。请更正。")
    regions = {region.code for region in picture.drawing.regions}
    codes = set(_codes(items, picture.item, lists))
    for code, en, zh in _unmatched(regions, codes, picture.none):
        node.fail(f"{code} {en}", f"{code} {zh}")
    sides = (picture.right, picture.left)
    if picture.side and (len(set(sides)) != len(sides) or not set(sides) <= set(_codes(items, picture.side, lists))):
        node.fail(
            f"right and left are two codes of {picture.side}. Correct them.",
            f"right 与 left 须为 {picture.side} 的两个不同代码。请更正。",
        )
    if not picture.side and any(sides):
        node.fail("right and left need side. Add it or remove them.", "right 与 left 需要 side。请补充或删除。")


def _codes(items: Mapping[str, Item], name: str, lists: Mapping[str, CodeList]) -> Iterator[str]:
    listed = lists.get(items[name].code_list or "")
    yield from (code.value for code in listed.codes) if listed is not None else ()


def _unmatched(regions: set[str], codes: set[str], none: str) -> Iterator[tuple[str, str, str]]:
    for code in sorted(regions - codes):
        yield (
            code,
            "is drawn and is no code of the item. Correct the drawing.",
            "已绘出，但不是该条目的代码。请更正图。",
        )
    for code in sorted(codes - regions - {none}):
        yield code, "is a code of the item and is not drawn. Draw it.", "是该条目的代码，但未绘出。请补充绘制。"
    if none and (none in regions or none not in codes):
        yield none, "cannot say that no region is affected. Correct none.", "不能表示无受累区域。请更正 none。"

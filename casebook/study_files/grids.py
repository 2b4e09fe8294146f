"""Lines of a grid as they are written in study files.

Source: docs/study_files.md, section "Grids".
"""

from casebook.design import DataType, Item, ItemGroup
from casebook.grids import GridLine
from casebook.study_files.nodes import Node

_PLACES = ("flag", "low", "high", "significant")
_CODED = frozenset({DataType.CODE})


def read_lines(group: Node) -> tuple[GridLine, ...]:
    """Read which items stand beside which value. Raises StudyFileError."""
    return tuple(_read_line(one) for one in group.nodes("line"))


def _read_line(node: Node) -> GridLine:
    line = GridLine(value=node.text("value"), **{place: node.text(place, "") for place in _PLACES})
    node.finish()
    return line


def check_lines(node: Node, group: ItemGroup) -> None:
    """Refuse lines that cannot be meant, and names of a value that no grid shows. Raises StudyFileError."""
    items = {item.name: item for item in group.items}
    in_table = group.style == "grid" and not group.repeating
    if group.lines and not in_table:
        node.fail(
            'lines belong to a section of style = "grid" that does not repeat. Remove them.',
            'line 仅用于 style = "grid" 且不重复的项目组。请删除。',
        )
    told = [name for line in group.lines for name in (line.value, *line.beside)]
    for name in told:
        if name not in items:
            node.fail(f"the section has no item {name}. Correct the name.", f"项目组中没有 {name}。请更正名称。")
        if told.count(name) > 1:
            node.fail(
                f"{name} stands in two places of the lines. Name it once.", f"{name} 在 line 中重复。请只写一次。"
            )
    for line in group.lines:
        _check_types(node, line, items)
    for item in group.items:
        if item.names is not None and not (in_table and item.data_type is DataType.QUANTITY):
            node.fail(
                f"only a quantity of a grid has names by which it is found: {item.name} is none. Remove them.",
                f"只有 grid 中的 quantity 项目可有检索名称：{item.name} 不是。请删除。",
            )


def _check_types(node: Node, line: GridLine, items: dict[str, Item]) -> None:
    numbers = [items[name] for name in (line.value, line.low, line.high) if name]
    flag = items.get(line.flag)
    judged = items.get(line.significant)
    fits = (
        all(item.data_type is DataType.QUANTITY and item.derivation is None for item in numbers)
        and (flag is None or (flag.data_type in _CODED and flag.derivation is not None))
        and (judged is None or (judged.data_type in _CODED and judged.derivation is None))
    )
    if not fits:
        node.fail(
            f"in the line of {line.value} value, low and high are typed quantities, flag is a derived code, "
            "significant a code that is answered. Correct it.",
            f"{line.value} 一行中 value、low、high 须为录入的 quantity，flag 须为计算的 code，"
            "significant 须为录入的 code。请更正。",
        )

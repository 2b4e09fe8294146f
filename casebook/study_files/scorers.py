"""Scales that are scored item by item, as they are written in study files.

Source: docs/study_files.md, section "Scales that are scored item by item".
"""

from collections.abc import Collection, Mapping

from casebook.bedside import MOST_HOLD_SECONDS, OFFER_NOW, OFFERS, Scorer, Suggestion
from casebook.design import CodeList, DataType, Item, ItemGroup
from casebook.study_files.nodes import Node
from casebook.study_files.rules import read_rule


def read_scorer(group: Node) -> Scorer | None:
    """Read how a group is scored; None where it does not say. Raises StudyFileError."""
    one = group.node("scorer")
    if one is None:
        return None
    scorer = Scorer(
        total=one.text("total"),
        flags=one.names("flags"),
        corrections=one.names("corrections"),
        suggestions=tuple(_read_suggestion(suggestion) for suggestion in one.nodes("suggest")),
    )
    one.finish()
    keys = [code[:1] for code in scorer.corrections]
    if len(set(keys)) < len(keys):
        one.fail(
            "two corrections begin with the same letter, which is their key. Leave one out.",
            "两个更正原因的首字母相同，而首字母即其按键。请去掉其一。",
        )
    return scorer


def _read_suggestion(node: Node) -> Suggestion:
    when, gives = node.node("when") or node.missing("when"), node.node("gives") or node.missing("gives")
    made = Suggestion(
        when=read_rule(when), check=node.text("check"), gives={name: gives.text(name) for name in gives.table}
    )
    node.finish()
    return made


def check_scorer(node: Node, group: ItemGroup, items: Mapping[str, Item], checks: Collection[str]) -> None:
    """Refuse a scorer that names what its form does not have. Raises StudyFileError.

    Args:
        items: The items of the form by name.
        checks: The ids of the checks that it declares.
    """
    scorer = group.scorer
    if scorer is None:
        return
    if group.style != "scale" or group.repeating:
        node.fail(
            'a scorer belongs to a group of style = "scale" that does not repeat. Remove it.',
            'scorer 仅用于 style = "scale" 且不重复的项目组。请删除。',
        )
    total = items.get(scorer.total)
    if total is None or total.derivation is None:
        node.fail(
            f"{scorer.total} is no calculated item of this form. Name the one that holds the total.",
            f"{scorer.total} 不是本表单的计算项目。请写明保存总分的项目。",
        )
    for name in scorer.flags:
        if name not in items or items[name].code_list is None:
            node.fail(f"{name} is no coded item of this form. Correct it.", f"{name} 不是本表单的编码项目。请更正。")
    for one in scorer.suggestions:
        if one.check not in checks:
            node.fail(f"this form has no check {one.check}. Correct it.", f"本表单没有核查 {one.check}。请更正。")
        strange = sorted(set(one.gives) - {item.name for item in group.items})
        if strange:
            node.fail(f"{strange[0]} is no item of this scale. Correct it.", f"{strange[0]} 不是该量表的项目。请更正。")


def refuse_bedside_contradictions(node: Node, item: Item, lists: Mapping[str, CodeList]) -> None:
    """Refuse a time to hold, or an offer, that cannot be meant. Raises StudyFileError."""
    if item.hold_seconds is not None and not 0 < item.hold_seconds <= MOST_HOLD_SECONDS:
        node.fail(
            f"hold_seconds is 1 to {MOST_HOLD_SECONDS}. Correct it.",
            f"hold_seconds 须为 1 至 {MOST_HOLD_SECONDS}。请更正。",
        )
    if not item.offer:
        if item.offer_when is not None:
            node.fail("offer_when needs offer. Add it.", "offer_when 需要 offer。请补充。")
        return
    code_list = lists.get(item.code_list or "")
    codes = [code.value for code in code_list.codes] if code_list is not None else []
    known = {*OFFERS, *(f"={code}" for code in codes)}
    fits = (item.offer == OFFER_NOW) == (item.data_type is DataType.DATETIME) and item.derivation is None
    if item.offer not in known or not fits:
        listed = ", ".join(sorted(known))
        node.fail(
            f"{item.offer} cannot be offered here; now belongs to a datetime alone. Use one of {listed}.",
            f"此处不能提供 {item.offer}；now 仅用于 datetime。请使用：{listed}。",
        )

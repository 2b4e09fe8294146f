"""Rules as they are written in study files: one table with one key, the kind of rule.

Source: docs/study_files.md, section "Rules".
"""

from typing import NoReturn, Protocol

from casebook.checks import UNIT_RULE
from casebook.design import (
    Derivation,
)
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    OneOf,
    Range,
    Rule,
)
from casebook.scores import DERIVATIONS, RULES
from casebook.study_files.nodes import Node

_KINDS = ("answered", "one_of", "compare", "range", "all", "any", "none", "named", "exists")
_OPERATORS = ("lt", "le", "eq", "ne", "ge", "gt")


class _Counts(Protocol):
    """A named function as this module needs it."""

    def takes(self, count: int, columns: int = 0) -> bool:
        """Tell whether it may be given that many single items and columns."""
        ...


def read_rule(node: Node) -> Rule:
    """Read a rule. Raises StudyFileError."""
    if len(node.table) != 1 or not set(node.table) <= set(_KINDS):
        kinds = ", ".join(_KINDS)
        node.fail(
            f"a rule is a table with exactly one of {kinds}. Correct it.",
            f"规则必须且只能包含以下之一：{kinds}。请更正。",
        )
    kind = next(iter(node.table))
    if kind in {"all", "any", "none"}:
        rules = tuple(read_rule(one) for one in node.nodes(kind))
        if not rules:
            node.fail(f"{kind} holds no rule. Add one or remove it.", f"{kind} 中没有规则。请补充或删除。")
        return AllOf(rules=rules) if kind == "all" else AnyOf(rules=rules) if kind == "any" else NoneOf(rules=rules)
    inner = node.node(kind)
    if inner is None:
        node.missing(kind)
    rule = _read_kind(kind, inner)
    inner.finish()
    return rule


def _read_kind(kind: str, node: Node) -> Rule:
    match kind:
        case "answered":
            return Answered(item=node.text("item"))
        case "one_of":
            return OneOf(item=node.text("item"), values=node.names("values", required=True))
        case "compare":
            return _read_compare(node)
        case "range":
            low, high = node.decimal("low"), node.decimal("high")
            if low is None and high is None:
                node.fail("a range needs low, high or both. Add one.", "range 需要 low、high 或两者。请补充。")
            return Range(item=node.text("item"), low=low, high=high)
        case "exists":
            return _read_exists(node)
        case _:
            return _read_named(node)


def _read_exists(node: Node) -> Exists:
    form, group, where = node.text("form", ""), node.text("group", ""), node.node("where")
    if not form and not group:
        node.fail(
            "exists needs a form, a group of this form, or both. Add one.",
            "exists 需要表单、本表单的项目组或两者。请补充。",
        )
    return Exists(form=form, group=group, where=node.missing("where") if where is None else read_rule(where))


def _read_compare(node: Node) -> Compare:
    other, value = node.text("other", ""), node.text("value", "")
    if bool(other) == bool(value):
        node.fail(
            "a comparison needs either other or value. Give exactly one.",
            "compare 需要 other 或 value 之一。请只给出一个。",
        )
    return Compare(
        item=node.text("item"),
        op=node.choice("op", _OPERATORS),
        other=other or None,
        value=value or None,
        add_minutes=node.integer("add_minutes") or 0,
    )


def _read_named(node: Node) -> Named:
    name, items = node.text("function"), node.names("items", required=True)
    if name != UNIT_RULE:
        _check_function(node, name, RULES.get(name), items)
    return Named(function=name, items=items)


def read_derivation(node: Node) -> Derivation:
    """Read what a derived item is worked out from. Raises StudyFileError."""
    name, items = node.text("function"), node.names("items", required=True)
    _check_function(node, name, DERIVATIONS.get(name), items)
    node.finish()
    return Derivation(function=name, items=items)


def is_column(name: str) -> bool:
    """Tell whether a name stands for every place of an item: `F.X[]:WHAT`, `NUMBER[]`."""
    return "[]" in name


def _check_function(node: Node, name: str, entry: _Counts | None, items: tuple[str, ...]) -> None:
    columns = [one for one in items if is_column(one)]
    if entry is None:
        _unknown(node, name)
    if not entry.takes(len(items) - len(columns), len(columns)):
        _miscounted(node, name, len(items) - len(columns), len(columns))
    if tuple(columns) != items[len(items) - len(columns) :]:
        node.fail("columns stand behind the single items. Reorder them.", "列须放在单个项目之后。请调整顺序。")


def _unknown(node: Node, name: str) -> NoReturn:
    node.fail(
        f"this release has no function {name}. Correct the name or update the application.",
        f"本版本没有函数 {name}。请更正名称或更新应用程序。",
    )


def _miscounted(node: Node, name: str, count: int, columns: int) -> NoReturn:
    node.fail(
        f"{name} does not take {count} item(s) and {columns} column(s). See its items in docs/study_files.md.",
        f"{name} 不接受 {count} 个项目和 {columns} 列。请参阅 docs/study_files.md。",
    )

"""Rules as they are written in study files: one table with one key, the kind of rule.

Source: docs/study_files.md, section "Rules".
"""

from typing import NoReturn

from casebook.checks import UNIT_RULE
from casebook.design import AllOf, Answered, AnyOf, Compare, Derivation, Named, NoneOf, OneOf, Range, Rule
from casebook.scores import DERIVATIONS, RULES
from casebook.study_files.nodes import Node

_KINDS = ("answered", "one_of", "compare", "range", "all", "any", "none", "named")
_OPERATORS = ("lt", "le", "eq", "ne", "ge", "gt")


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
    inner = node.node(kind) or node.missing(kind)
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
        case _:
            return _read_named(node)


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
    if name == UNIT_RULE:
        return Named(function=name, items=items)
    entry = RULES.get(name)
    if entry is None:
        _unknown(node, name)
    if not entry.takes(len(items)):
        _miscounted(node, name, len(items))
    return Named(function=name, items=items)


def read_derivation(node: Node) -> Derivation:
    """Read what a derived item is worked out from. Raises StudyFileError."""
    name, items = node.text("function"), node.names("items", required=True)
    entry = DERIVATIONS.get(name)
    if entry is None:
        _unknown(node, name)
    if not entry.takes(len(items)):
        _miscounted(node, name, len(items))
    node.finish()
    return Derivation(function=name, items=items)


def _unknown(node: Node, name: str) -> NoReturn:
    node.fail(
        f"this release has no function {name}. Correct the name or update the application.",
        f"本版本没有函数 {name}。请更正名称或更新应用程序。",
    )


def _miscounted(node: Node, name: str, count: int) -> NoReturn:
    node.fail(
        f"{name} does not take {count} item(s). See its items in docs/study_files.md.",
        f"{name} 不接受 {count} 个项目。请参阅 docs/study_files.md。",
    )

"""Edit checks as they are written in study files, and those that limits and units bring along.

Source: docs/study_files.md, sections "Checks" and "Checks of the whole study".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from casebook.checks import HARD_LIMIT, SOFT_LIMIT, UNIT, UNIT_RULE
from casebook.design import (
    Check,
    DataType,
    DeviationWhen,
    Form,
    Item,
    RaisedDeviation,
    Severity,
    Text,
)
from casebook.references import PseudoKind
from casebook.rule_kinds import (
    AllOf,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    Range,
    Rule,
)
from casebook.study_files.nodes import Node, Texts
from casebook.study_files.rules import read_rule

_THIS = f"@{PseudoKind.THIS}"
_CHECK_ID = re.compile(r"[A-Z][A-Z0-9_]{0,15}")


def read_check(node: Node, items: Mapping[str, Item], texts: Texts) -> Check:
    """Read a check of one form. Raises StudyFileError."""
    one = _at_id(node)
    item = one.text("item")
    if item not in items:
        one.fail(f"this form has no item {item}. Correct the name.", f"本表单没有项目 {item}。请更正名称。")
    rule = one.node("fires_when") or one.missing("fires_when")
    check = Check(
        id=one.text("id"),
        severity=Severity(one.choice("severity", tuple(Severity))),
        item=item,
        message=_filled(one.file, _text_of(one.text("id"), items[item], texts), items[item], (None, None), texts),
        fires_when=read_rule(rule),
        confirmable=one.flag("confirmable", default=True),
        deviation=_read_deviation(one),
    )
    one.finish()
    _refuse_empty_exit(one, check)
    return check


def _read_deviation(node: Node) -> RaisedDeviation | None:
    one = node.node("deviation")
    if one is None:
        return None
    raised = RaisedDeviation(
        category=one.text("category"),
        severity=one.text("severity"),
        when=DeviationWhen(one.choice("when", tuple(DeviationWhen))),
    )
    one.finish()
    return raised


def _refuse_empty_exit(node: Node, check: Check) -> None:
    if not check.confirmable and check.deviation is not None and check.deviation.when is DeviationWhen.CONFIRMED:
        node.fail(
            'a check that cannot be confirmed raises no deviation when = "confirmed". Correct one of the two.',
            '不可确认的核查不能在确认时（when = "confirmed"）产生方案偏离。请更正其中之一。',
        )


def _text_of(check: str, item: Item, texts: Texts) -> str:
    """Return the name of a declared check's sentence: its form's own (`EC052.X`) where there is one."""
    own = f"{check}.{item.oid.split('.')[1]}"
    return check if texts.may(own) is None else own


_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def _filled(file: str, check: str, item: Item, limits: tuple[Decimal | None, Decimal | None], texts: Texts) -> Text:
    """Return a check's message with the item's limits and units filled in."""
    low, high = ("–" if limit is None else f"{limit:f}" for limit in limits)
    listed = "、".join(unit.unit for unit in item.units) if check == UNIT else ""
    unit = listed or (item.units[0].unit if item.units else "")
    fields = {"low": low, "high": high, "unit": unit}
    message = texts.need(check)
    for text in message.by_language.values():
        unknown = set(_PLACEHOLDER.findall(text)) - set(fields)
        if unknown:
            name = min(unknown)
            Node(table={}, file=file, place=check).fail(
                f"its text has a placeholder {{{name}}}. Use {{low}}, {{high}} or {{unit}}.",
                f"其文字含有占位符 {{{name}}}。请使用 {{low}}、{{high}} 或 {{unit}}。",
            )
    return Text(
        {
            language: _PLACEHOLDER.sub(lambda found: fields[found[1]], text).strip()
            for language, text in message.by_language.items()
        }
    )


def implied_checks(item: Item, texts: Texts, soft_unless: Rule | None) -> Iterator[Check]:
    """Return the checks of limits and units that an item has without declaring them."""
    hard = Range(item=item.name, low=item.hard[0], high=item.hard[1])
    soft = Range(item=item.name, low=item.soft[0], high=item.soft[1])
    if item.hard != (None, None):
        yield Check(
            id=HARD_LIMIT,
            severity=Severity.HARD,
            item=item.name,
            message=_filled("texts", HARD_LIMIT, item, item.hard, texts),
            fires_when=hard,
        )
    if item.soft != (None, None):
        silenced = tuple(NoneOf(rules=(rule,)) for rule in (soft_unless,) if rule is not None)
        yield Check(
            id=SOFT_LIMIT,
            severity=Severity.SOFT,
            item=item.name,
            message=_filled("texts", SOFT_LIMIT, item, item.soft, texts),
            fires_when=AllOf(rules=(soft, *silenced)),
        )
    if item.units and item.data_type is DataType.QUANTITY:
        yield Check(
            id=UNIT,
            severity=Severity.HARD,
            item=item.name,
            message=_filled("texts", UNIT, item, (None, None), texts),
            fires_when=Named(function=UNIT_RULE, items=(item.name,)),
            confirmable=False,
        )


# -- checks of the whole study -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A check that stands on every item of a kind.

    Attributes:
        visit_time: On items that hold a visit's time only; else on every typed date-time.
        spared: Items (`F.X:PLANNED`) and whole forms that it leaves out.
        only: Items and forms on which alone it stands; () for all.
        rule: When it fires, with `@this` for the item.
    """

    node: Node
    id: str
    severity: Severity
    visit_time: bool
    spared: tuple[str, ...]
    only: tuple[str, ...]
    rule: Rule
    confirmable: bool
    deviation: RaisedDeviation | None

    def places(self, forms: Iterable[Form]) -> Iterator[tuple[Form, Item]]:
        """Return the items on which it stands."""
        for form in forms:
            for item in (item for group in form.groups for item in group.items):
                names = {form.oid, f"{form.oid}:{item.name}"}
                wanted = item.visit_time if self.visit_time else item.data_type is DataType.DATETIME
                if not wanted or item.derivation is not None or names & set(self.spared):
                    continue
                if not self.only or names & set(self.only):
                    yield form, item


def _at_id(node: Node) -> Node:
    name = node.text("id")
    one = node.at(f"{node.place}: {name}")
    if not _CHECK_ID.fullmatch(name):
        one.fail(
            f"{name} is not a check's id. Use at most 16 capitals and digits.",
            f"{name} 不是有效的核查编号。请使用不超过 16 个大写字母和数字。",
        )
    return one


def read_every(root: Node) -> tuple[Every, ...]:
    """Read the checks of the whole study. Raises StudyFileError."""
    found: list[Every] = []
    for node in root.nodes("every"):
        with root.faults.gather():
            one = _at_id(node)
            rule = one.node("fires_when") or one.missing("fires_when")
            every = Every(
                node=one,
                id=one.text("id"),
                severity=Severity(one.choice("severity", tuple(Severity))),
                visit_time=one.choice("on", ("datetime", "visit_time")) == "visit_time",
                spared=one.names("except"),
                only=one.names("only"),
                rule=read_rule(rule),
                confirmable=one.flag("confirmable", default=True),
                deviation=_read_deviation(one),
            )
            one.finish()
            if any(every.id == other.id for other in found):
                one.fail("this check stands twice. Remove one.", "该核查重复。请删除其一。")
            found.append(every)
    return tuple(found)


def expand(every: Every, forms: Mapping[str, tuple[Form, str]], texts: Texts) -> dict[str, tuple[Form, str]]:
    """Return the forms with a study-wide check on each of its items. Raises StudyFileError."""
    grown = dict(forms)
    places = tuple(every.places(form for form, _ in forms.values()))
    for name in (*every.spared, *every.only):
        _refuse_idle(every, name, [form for form, _ in forms.values()])
    if not places:
        every.node.fail("no item is left for this check. Correct it.", "没有适用该核查的项目。请更正。")
    for form, item in places:
        current, file = grown[form.oid]
        if any((check.id, check.item) == (every.id, item.name) for check in current.checks):
            every.node.fail(
                f"{form.oid} declares this check for {item.name} too. Remove one.",
                f"{form.oid} 也为 {item.name} 定义了该核查。请删除其一。",
            )
        check = Check(
            id=every.id,
            severity=every.severity,
            item=item.name,
            message=_filled(every.node.file, every.id, item, (None, None), texts),
            fires_when=_with_this(every.rule, item.name),
            confirmable=every.confirmable,
            deviation=every.deviation,
        )
        _refuse_empty_exit(every.node, check)
        grown[form.oid] = (replace(current, checks=(*current.checks, check)), file)
    return grown


def _refuse_idle(every: Every, name: str, forms: Iterable[Form]) -> None:
    """Refuse an exception that is none, nearly always a misspelt name."""
    bare = replace(every, spared=(), only=())
    if not any(name in {form.oid, f"{form.oid}:{item.name}"} for form, item in bare.places(forms)):
        every.node.fail(
            f"{name} is no item or form on which this check would stand. Correct it or remove it.",
            f"{name} 不是该核查适用的项目或表单。请更正或删除。",
        )


def _with_this(rule: Rule, item: str) -> Rule:
    """Return a rule with `@this` replaced by an item's name; inside `exists` it is the item outside."""
    match rule:
        case AllOf() | AnyOf() | NoneOf():
            return replace(rule, rules=tuple(_with_this(one, item) for one in rule.rules))
        case Named():
            return replace(rule, items=tuple(_name_this(name, item) for name in rule.items))
        case Exists():
            return replace(rule, where=_with_this(rule.where, f"^{item}"))
        case Compare():
            other = None if rule.other is None else _name_this(rule.other, item)
            return replace(rule, item=_name_this(rule.item, item), other=other)
        case _:
            return replace(rule, item=_name_this(rule.item, item))


def _name_this(name: str, item: str) -> str:
    """Return `@this`, or a pseudo item of it (`@entered:@this`), as a name; other names as they are."""
    return name.replace(_THIS, item)

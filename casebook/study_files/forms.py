"""Forms and code lists as they are written in study files.

Source: docs/study_files.md, sections "Code lists" and "Forms".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources.abc import Traversable

from casebook.checks import HARD_LIMIT, SOFT_LIMIT, UNIT, UNIT_RULE
from casebook.design import (
    AllOf,
    Annotation,
    Check,
    Code,
    CodeList,
    DataType,
    Form,
    Item,
    ItemGroup,
    Named,
    Need,
    NoneOf,
    Range,
    Rule,
    Severity,
    Text,
    UnitFactor,
)
from casebook.records import MissingCode
from casebook.study_files.nodes import Node, Texts, load_parts, load_toml
from casebook.study_files.rules import read_derivation, read_rule
from casebook.units import unit_key

_FORM_OID = re.compile(r"F\.[A-Z][A-Z0-9]{0,11}")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
_LIST_OID = re.compile(r"CL\.[A-Za-z][A-Za-z0-9_]{0,23}")
_CODE = re.compile(r"[A-Za-z0-9<>=_.+/-]{1,32}")
_STYLES = ("list", "scale", "grid", "regions")
_NUMERIC = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.QUANTITY})
_CODED = frozenset({DataType.CODE, DataType.CODES})


# -- code lists ----------------------------------------------------------------------------------------


def read_code_lists(folder: Traversable, texts: Texts) -> dict[str, CodeList]:
    """Read `codelists.toml`, or the files of that folder. Raises StudyFileError."""
    lists: dict[str, CodeList] = {}
    for file, part in load_parts(folder, "codelists"):
        root = Node(table=part, file=file, place="-")
        for node in root.nodes("code_list", required=True):
            oid = node.text("oid")
            one = node.at(oid)
            if not _LIST_OID.fullmatch(oid):
                one.fail("a code list is called CL. and a name. Rename it.", "代码表名称须为 CL. 加名称。请改名。")
            if oid in lists:
                one.fail("this code list stands twice. Remove one.", "该代码表重复。请删除其一。")
            lists[oid] = _read_code_list(one, oid, texts)
            one.finish()
        root.finish()
    return lists


def _read_code_list(node: Node, oid: str, texts: Texts) -> CodeList:
    codes = []
    for value in node.names("codes", required=True):
        if not _CODE.fullmatch(value):
            node.fail(
                f"{value} is not a code. Use letters, digits and <>=_.+/-",
                f"{value} 不是有效代码。请使用字母、数字和 <>=_.+/-",
            )
        name = f"{oid}.{value}"
        codes.append(Code(value=value, label=texts.need(name), meaning=texts.may(f"{name}.meaning")))
    _refuse_ambiguous_labels(node, codes)
    return CodeList(oid=oid, codes=tuple(codes))


def _refuse_ambiguous_labels(node: Node, codes: list[Code]) -> None:
    """Refuse a label that is also another code or its label, since answers may be typed either way."""
    names: dict[str, str] = {}
    for code in codes:
        for name in {code.value, *code.label.by_language.values()}:
            owner = names.setdefault(name.casefold(), code.value)
            if owner != code.value:
                node.fail(
                    f"“{name}” stands for {owner} and for {code.value}. Give each code labels of its own.",
                    f"“{name}”同时表示 {owner} 和 {code.value}。请为每个代码使用不同的标签。",
                )


# -- forms ---------------------------------------------------------------------------------------------


def read_forms(folder: Traversable, lists: Mapping[str, CodeList], texts: Texts) -> dict[str, tuple[Form, str]]:
    """Read every form of `crf/`, with the name of its file. Raises StudyFileError."""
    forms: dict[str, tuple[Form, str]] = {}
    crf = folder.joinpath("crf")
    names = sorted(file.name for file in crf.iterdir()) if crf.is_dir() else []
    for name in names:
        if not name.endswith(".toml"):
            continue
        root = Node(table=load_toml(folder, "crf", name), file=f"crf/{name}", place="-")
        form = _read_form(root, lists, texts)
        if form.oid in forms:
            root.fail(
                f"{form.oid} stands in {forms[form.oid][1]} too. Remove one.",
                f"{form.oid} 与 {forms[form.oid][1]} 重复。请删除其一。",
            )
        forms[form.oid] = (form, root.file)
    return forms


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the items of one form share while it is read."""

    form: str
    identity: bool
    lists: Mapping[str, CodeList]
    texts: Texts
    soft_unless: dict[str, Rule] = field(default_factory=dict)


def _read_form(root: Node, lists: Mapping[str, CodeList], texts: Texts) -> Form:
    oid = root.text("oid")
    node = root.at(oid)
    if not _FORM_OID.fullmatch(oid):
        node.fail("a form is called F. and a name in capitals. Rename it.", "表单名称须为 F. 加大写名称。请改名。")
    identity = node.flag("identity")
    around = _Around(form=oid, identity=identity, lists=lists, texts=texts)
    groups = [_read_group(one, around) for one in node.nodes("group", required=True)]
    _refuse_twice(node, [group.oid for group in groups], "group", "项目组")
    items = {item.name: item for group in groups for item in group.items}
    _refuse_twice(node, [item.name for group in groups for item in group.items], "item", "项目")
    declared = [_read_check(one, items, texts) for one in node.nodes("check")]
    _refuse_twice(node, [f"{check.id} ({check.item})" for check in declared], "check", "核查")
    implied = [check for item in items.values() for check in _implied(item, texts, around.soft_unless.get(item.name))]
    consent = node.flag("consent")
    node.finish()
    return Form(
        oid=oid,
        label=texts.need(oid),
        groups=tuple(groups),
        checks=(*declared, *implied),
        identity=identity,
        consent=consent,
    )


def _refuse_twice(node: Node, names: list[str], en: str, zh: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        node.fail(f"the {en} {twice[0]} stands twice. Rename one.", f"{zh} {twice[0]} 重复。请为其一改名。")


def _read_group(node: Node, around: _Around) -> ItemGroup:
    oid = node.text("oid")
    group = node.at(oid)
    start = f"IG{around.form[1:]}."
    if not oid.startswith(start):
        group.fail(
            f"a group of this form is called {start} and a name. Rename it.",
            f"本表单的项目组名称须以 {start} 开头。请改名。",
        )
    items = tuple(_read_item(one, around) for one in group.nodes("item", required=True))
    made = ItemGroup(
        oid=oid,
        label=around.texts.need(oid),
        items=items,
        repeating=group.flag("repeating"),
        sitting=group.flag("sitting"),
        style=group.choice("style", _STYLES, "list"),
    )
    group.finish()
    return made


def _read_item(node: Node, around: _Around) -> Item:
    name = node.text("name")
    if not _NAME.fullmatch(name):
        node.fail(
            f"{name} is not an item name. Use at most 16 capitals and digits.",
            f"{name} 不是有效的项目名称。请使用不超过 16 个大写字母和数字。",
        )
    oid = f"I{around.form[1:]}.{name}"
    one = node.at(oid)
    data_type = DataType(one.choice("type", tuple(DataType)))
    relevance, derivation, silence = one.node("relevant_when"), one.node("derive"), one.node("soft_unless")
    item = Item(
        name=name,
        oid=oid,
        label=around.texts.need(oid),
        hint=around.texts.may(f"{oid}.hint"),
        data_type=data_type,
        need=Need(one.choice("need", tuple(Need))),
        code_list=one.text("codes", "") or None,
        units=_read_units(one, data_type),
        decimals=one.integer("decimals"),
        max_length=one.integer("max_length"),
        hard=_read_limits(one, "hard"),
        soft=_read_limits(one, "soft"),
        relevant_when=None if relevance is None else read_rule(relevance),
        missing_codes=tuple(_missing_code(one, code) for code in one.names("missing")),
        derivation=None if derivation is None else read_derivation(derivation),
        identity=one.flag("identity") or around.identity,
        critical=one.flag("critical"),
        visit_time=one.flag("visit_time"),
        twice=one.flag("twice"),
        annotation=Annotation(
            domain=one.text("domain", ""),
            variable=one.text("variable", ""),
            loinc=one.text("loinc", ""),
            tag=one.text("tag", "A"),
        ),
    )
    if silence is not None:
        around.soft_unless[name] = read_rule(silence)
    one.finish()
    _refuse_contradictions(one, item, around.lists, silenced=silence is not None)
    return item


def _missing_code(node: Node, code: str) -> str:
    if code not in tuple(MissingCode):
        node.fail(
            f"{code} is no missing-data code. Use ND, UNK, NA or NAV.",
            f"{code} 不是缺失代码。请使用 ND、UNK、NA 或 NAV。",
        )
    return code


def _refuse_contradictions(node: Node, item: Item, lists: Mapping[str, CodeList], *, silenced: bool) -> None:
    """Refuse what cannot be meant; see docs/study_files.md, "What is refused"."""
    coded, numeric = item.data_type in _CODED, item.data_type in _NUMERIC
    if coded != (item.code_list is not None):
        node.fail(
            "codes belongs to items of type code or codes, and to all of them.",
            "codes 仅用于且必须用于 code 或 codes 类型的项目。",
        )
    if item.code_list is not None and item.code_list not in lists:
        node.fail(
            f"there is no code list {item.code_list}. Add it to codelists.toml.",
            f"没有代码表 {item.code_list}。请在 codelists.toml 中补充。",
        )
    if not numeric and (item.units or item.hard != (None, None) or item.soft != (None, None)):
        node.fail("units and limits belong to numbers. Remove them.", "单位和限值仅用于数值。请删除。")
    if item.need is Need.CONDITIONAL and item.relevant_when is None:
        node.fail("a conditional item needs relevant_when. Add it.", "条件项目需要 relevant_when。请补充。")
    if item.data_type is DataType.INK and not item.identity:
        node.fail("ink is identity. Set identity = true.", "手写笔迹属于身份信息。请设置 identity = true。")
    if item.derivation is not None and (item.missing_codes or item.twice or item.need is not Need.OPTIONAL):
        node.fail(
            'a derived item is typed by nobody: need = "O", without missing and twice.',
            '计算项目不由人填写：need = "O"，且不使用 missing 和 twice。',
        )
    if silenced and item.soft == (None, None):
        node.fail("soft_unless needs soft. Add the limits or remove it.", "soft_unless 需要 soft。请补充限值或删除。")


def _read_limits(node: Node, key: str) -> tuple[Decimal | None, Decimal | None]:
    found = node.get(key)
    if found is None:
        return (None, None)
    if not isinstance(found, list) or len(found) != len(("low", "high")):
        node.wrong(key, 'two decimals in quotes ("" for none)', '两个带引号的小数（无限值时写 ""）')
    low, high = (None if limit == "" else node.as_decimal(key, limit) for limit in found)
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        node.fail(f"{key} must rise from low to high. Correct it.", f"{key} 必须由低到高。请更正。")
    return low, high


def _read_units(node: Node, data_type: DataType) -> tuple[UnitFactor, ...]:
    units = []
    for one in node.nodes("units"):
        factor, divide = one.decimal("factor"), one.decimal("divide")
        unit = UnitFactor(
            unit=one.text("unit"),
            factor=Decimal(1) if factor is None else factor,
            offset=one.decimal("offset") or Decimal(0),
            divide=Decimal(1) if divide is None else divide,
        )
        one.finish()
        if unit.factor <= 0 or unit.divide <= 0:
            one.fail("factor and divide must be above 0. Correct them.", "factor 和 divide 必须大于 0。请更正。")
        units.append(unit)
    if units and units[0] != UnitFactor(unit=units[0].unit):
        node.fail(
            "the first unit is the standard one and takes no factor. Reorder them.",
            "第一个单位是标准单位，不带换算系数。请调整顺序。",
        )
    if len({unit_key(unit.unit) for unit in units}) < len(units):
        node.fail("two units are spelt alike. Remove one.", "有两个单位写法相同。请删除其一。")
    if len(units) > 1 and data_type is not DataType.QUANTITY:
        node.fail("only a quantity has several units. Make it one.", "只有 quantity 类型可有多个单位。请改为一个。")
    return tuple(units)


# -- checks --------------------------------------------------------------------------------------------


def _read_check(node: Node, items: Mapping[str, Item], texts: Texts) -> Check:
    one = node.at(f"{node.place}: {node.text('id')}")
    item = one.text("item")
    if item not in items:
        one.fail(f"this form has no item {item}. Correct the name.", f"本表单没有项目 {item}。请更正名称。")
    rule = one.node("fires_when") or one.missing("fires_when")
    check = Check(
        id=one.text("id"),
        severity=Severity(one.choice("severity", tuple(Severity))),
        item=item,
        message=_filled(one.file, one.text("id"), items[item], (None, None), texts),
        fires_when=read_rule(rule),
        confirmable=one.flag("confirmable", default=True),
    )
    one.finish()
    return check


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


def _implied(item: Item, texts: Texts, soft_unless: Rule | None) -> Iterator[Check]:
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

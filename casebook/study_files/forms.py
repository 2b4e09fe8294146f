"""Forms and code lists as they are written in study files.

Source: docs/study_files.md, sections "Code lists" and "Forms".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources.abc import Traversable

from casebook.design import (
    Annotation,
    Code,
    CodeList,
    ConsentItems,
    DataType,
    Form,
    InkSigner,
    Item,
    ItemGroup,
    Need,
    UnitFactor,
)
from casebook.drawings import Drawing
from casebook.errors import StudyFileError
from casebook.records import MissingCode
from casebook.rule_kinds import (
    Rule,
)
from casebook.study_files.drawings import read_picture
from casebook.study_files.edit_checks import implied_checks, read_check
from casebook.study_files.grids import check_lines, read_lines
from casebook.study_files.nodes import Faults, Node, Texts, load_file, load_parts
from casebook.study_files.rules import read_derivation, read_rule
from casebook.study_files.scorers import check_scorer, read_scorer, refuse_bedside_contradictions
from casebook.units import unit_key

_FORM_OID = re.compile(r"F\.[A-Z][A-Z0-9]{0,11}")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
_LIST_OID = re.compile(r"CL\.[A-Za-z][A-Za-z0-9_]{0,23}")
_CODE = re.compile(r"[A-Za-z0-9<>=_.+/-]{1,32}")
_STYLES = ("list", "scale", "grid", "regions")
_NUMERIC = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.QUANTITY})
_CODED = frozenset({DataType.CODE, DataType.CODES})
_TIMES = frozenset({DataType.DATE, DataType.DATETIME})


# -- code lists ----------------------------------------------------------------------------------------


def read_code_lists(folder: Traversable, texts: Texts) -> dict[str, CodeList]:
    """Read `codelists.toml`, or the files of that folder. Raises StudyFileError."""
    lists: dict[str, CodeList] = {}
    for root in load_parts(folder, texts.faults, "codelists"):
        with texts.faults.gather():
            for node in root.nodes("code_list", required=True):
                with texts.faults.gather():
                    _add_code_list(node, lists, texts)
            root.finish()
    return lists


def _add_code_list(node: Node, lists: dict[str, CodeList], texts: Texts) -> None:
    oid = node.text("oid")
    one = node.at(oid)
    if not _LIST_OID.fullmatch(oid):
        one.fail("a code list is called CL. and a name. Rename it.", "代码表名称须为 CL. 加名称。请改名。")
    if oid in lists:
        one.fail("this code list stands twice. Remove one.", "该代码表重复。请删除其一。")
    lists[oid] = CodeList(oid=oid, codes=())  # a list with a mistake is not also told to be missing
    lists[oid] = _read_code_list(one, oid, texts)
    one.finish()


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


def read_forms(
    folder: Traversable, lists: Mapping[str, CodeList], drawings: Mapping[str, Drawing], texts: Texts
) -> dict[str, tuple[Form, str]]:
    """Read every form of `crf/`, with the name of its file. Raises StudyFileError."""
    forms: dict[str, tuple[Form, str]] = {}
    crf = folder.joinpath("crf")
    names = sorted(file.name for file in crf.iterdir()) if crf.is_dir() else []
    for name in names:
        if not name.endswith(".toml"):
            continue
        with texts.faults.gather():
            root = load_file(folder, texts.faults, "crf", name)
            form = _read_form(root, lists, drawings, texts)
            if form.oid in forms:
                root.fail(
                    f"{form.oid} stands in {forms[form.oid][1]} too. Remove one.",
                    f"{form.oid} 与 {forms[form.oid][1]} 重复。请删除其一。",
                )
            forms[form.oid] = (form, root.file)
    return forms


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the items of one form share while it is read.

    Attributes:
        broken: Names of items with a mistake; that a check names them is no second one.
    """

    form: str
    identity: bool
    lists: Mapping[str, CodeList]
    drawings: Mapping[str, Drawing]
    texts: Texts
    soft_unless: dict[str, Rule] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def faults(self) -> Faults:
        """Where mistakes are gathered."""
        return self.texts.faults


def _read_form(root: Node, lists: Mapping[str, CodeList], drawings: Mapping[str, Drawing], texts: Texts) -> Form:
    oid = root.text("oid")
    node = root.at(oid)
    if not _FORM_OID.fullmatch(oid):
        node.fail("a form is called F. and a name in capitals. Rename it.", "表单名称须为 F. 加大写名称。请改名。")
    identity = node.flag("identity")
    around = _Around(form=oid, identity=identity, lists=lists, drawings=drawings, texts=texts)
    groups = []
    for one in node.nodes("group", required=True):
        with around.faults.gather():
            groups.append(_read_group(one, around))
    items = {item.name: item for group in groups for item in group.items}
    with around.faults.gather():
        _refuse_twice(node, [group.oid for group in groups], "group", "项目组")
        _refuse_twice(node, [item.name for group in groups for item in group.items], "item", "项目")
    declared = []
    for one in node.nodes("check"):
        with around.faults.gather():
            if one.text("item") not in around.broken:
                declared.append(read_check(one, items, texts))
    with around.faults.gather():
        _refuse_twice(node, [f"{check.id} ({check.item})" for check in declared], "check", "核查")
    implied = [
        check for item in items.values() for check in implied_checks(item, texts, around.soft_unless.get(item.name))
    ]
    for group in groups:
        with around.faults.gather():
            check_scorer(node.at(group.oid), group, items, {check.id for check in declared})
    label = texts.need(oid)
    consent = node.flag("consent")
    document = _read_document(node, items, consent=consent)
    node.finish()
    return Form(
        oid=oid,
        label=label,
        groups=tuple(groups),
        checks=(*declared, *implied),
        identity=identity,
        consent=consent,
        document=document,
    )


def _read_document(node: Node, items: Mapping[str, Item], *, consent: bool) -> ConsentItems | None:
    """Read what the document of a consent form prints apart. Raises StudyFileError."""
    one = node.node("document")
    if one is None:
        return None
    signers = tuple(_read_signer(signer) for signer in one.nodes("signers", required=True))
    document = ConsentItems(version=one.names("version", required=True), signers=signers)
    one.finish()
    if not consent or not document.version:
        one.fail(
            "a document belongs to a form with consent = true, and its version names an item. Correct it.",
            "document 只用于 consent = true 的表单，且 version 须给出条目。请更正。",
        )
    named = [*document.version, *(name for signer in signers for name in (signer.name, signer.ink, signer.time))]
    for name in named:
        if name not in items:
            one.fail(f"the form has no item {name}. Correct the name.", f"表单没有条目 {name}。请更正名称。")
    for signer in signers:
        if items[signer.ink].data_type is not DataType.INK:
            one.fail(f"{signer.ink} is no ink. Name the drawn signature.", f"{signer.ink} 不是手写签名。请更正。")
    return document


def _read_signer(node: Node) -> InkSigner:
    signer = InkSigner(name=node.text("name"), ink=node.text("ink"), time=node.text("time"))
    node.finish()
    return signer


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
    items = []
    for one in group.nodes("item", required=True):
        with around.faults.gather():
            items.append(_read_item_or_remember(one, around))
    made = ItemGroup(
        oid=oid,
        label=around.texts.need(oid),
        items=tuple(items),
        repeating=group.flag("repeating"),
        sitting=group.flag("sitting"),
        style=group.choice("style", _STYLES, "list"),
        picture=read_picture(group, tuple(items), around.drawings, around.lists),
        scorer=read_scorer(group),
        lines=read_lines(group),
    )
    check_lines(group, made)
    group.finish()
    return made


def _read_item_or_remember(node: Node, around: _Around) -> Item:
    try:
        return _read_item(node, around)
    except StudyFileError:
        around.broken.add(str(node.table.get("name", "")))
        raise


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
    offered = one.node("offer_when")
    item = Item(
        name=name,
        oid=oid,
        label=around.texts.need(oid),
        hint=around.texts.may(f"{oid}.hint"),
        names=around.texts.may(f"{oid}.names"),
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
        unique=one.flag("unique"),
        hold_seconds=one.integer("hold_seconds"),
        offer=one.text("offer", ""),
        offer_when=None if offered is None else read_rule(offered),
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
    refuse_bedside_contradictions(one, item, around.lists)
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
    if item.visit_time and item.data_type not in _TIMES:
        node.fail(
            "visit_time belongs to a date or datetime. Remove it.", "visit_time 仅用于 date 或 datetime。请删除。"
        )
    if item.unique and (item.derivation is not None or item.data_type in {DataType.INK, DataType.CODES}):
        node.fail(
            "unique belongs to an item that is typed as one value. Remove it.",
            "unique 仅用于录入单个值的项目。请删除。",
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
            spelt=one.names("spelt"),
        )
        one.finish()
        if unit.factor <= 0 or unit.divide <= 0:
            one.fail("factor and divide must be above 0. Correct them.", "factor 和 divide 必须大于 0。请更正。")
        units.append(unit)
    if units and units[0] != UnitFactor(unit=units[0].unit, spelt=units[0].spelt):
        node.fail(
            "the first unit is the standard one and takes no factor. Reorder them.",
            "第一个单位是标准单位，不带换算系数。请调整顺序。",
        )
    spellings = [key for unit in units for key in {unit_key(one) for one in (unit.unit, *unit.spelt)}]
    if len(set(spellings)) < len(spellings):
        node.fail("two units are spelt alike. Remove one.", "有两个单位写法相同。请删除其一。")
    if len(units) > 1 and data_type is not DataType.QUANTITY:
        node.fail("only a quantity has several units. Make it one.", "只有 quantity 类型可有多个单位。请改为一个。")
    return tuple(units)

"""A study design as ODM metadata: study, units, and one MetaDataVersion with everything that may leave.

Conditions and derivations are given twice: as a sentence in each language, and as the study file says
them. Identity forms and items have no definition here, since they have no values either.

Source: CDISC ODM 1.3.2, 3.1.1; docs/export.md, section "ODM".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from casebook.checks import HARD_LIMIT, SOFT_LIMIT
from casebook.design import (
    CodeList,
    DataType,
    Form,
    Item,
    ItemGroup,
    Need,
    PlannedForm,
    StudyDesign,
    Text,
    Visit,
    VisitKind,
)
from casebook.export.disclosure import forms_of, groups_of
from casebook.export.rule_source import rule_source
from casebook.export.values import ODM_TYPES, missing_text
from casebook.export.xml import XmlWriter
from casebook.records import MissingCode
from casebook.rule_kinds import (
    Rule,
)
from casebook.sentences import Sentences

MISSING_LIST = "CL.CASEBOOK.MISSING"
"""Why there is no value."""
STATE_LIST = "CL.CASEBOOK.STATE"
"""What else is to be known of a value or a form."""
CONFLICT, UNCONFIRMED, COMPLETE, INCOMPLETE = "CONFLICT", "UNCONFIRMED", "COMPLETE", "INCOMPLETE"
SINGLE = "-"
"""Repeat key of a form instance that stands alone at its visit, where its form may also repeat."""

_STATES: Mapping[str, Mapping[str, str]] = {
    CONFLICT: {
        "en": "Two entries that did not see each other disagree; no value is exported until that is settled",
        "zh": "两条互未知晓的录入不一致；解决之前不导出数值",
    },
    UNCONFIRMED: {
        "en": "Entered before a crash and not confirmed by its author since",
        "zh": "程序异常退出前录入，录入者尚未确认",
    },
    COMPLETE: {"en": "The form is marked complete", "zh": "表单已标记为完成"},
    INCOMPLETE: {"en": "The form is not marked complete", "zh": "表单未标记为完成"},
}
_SAS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,7}")
_NO_LIMIT_LENGTH = 4000
_INTEGER_LENGTH = 10
_NUMBER_LENGTH = 40
_ANY_DECIMALS = 10
_KINDS = {
    VisitKind.SCHEDULED: "Scheduled",
    VisitKind.UNSCHEDULED: "Unscheduled",
    VisitKind.LOG: "Common",
    VisitKind.EVENT: "Common",
    VisitKind.SITE: "Common",
}


def version_oid(design: StudyDesign) -> str:
    """Return the OID of the design's MetaDataVersion."""
    return f"MDV.{design.version[:16]}"


def unit_oid(unit: str) -> str:
    """Return the OID of a unit."""
    return f"MU.{unit}"


def repeats(design: StudyDesign, form: Form) -> bool:
    """Tell whether several instances of a form may stand at one visit of a subject."""
    for visit in design.visits:
        plans = [one for one in visit.forms if one.form == form.oid]
        if visit.kind is VisitKind.EVENT and plans:
            return True
        if len(plans) > 1 or any(one.occasion for one in plans):
            return True
    return False


def write_study(writer: XmlWriter, design: StudyDesign, twice: frozenset[str] = frozenset()) -> None:
    """Write the Study element of a design. `twice`: forms that stand under two numbers of a person, by OID."""
    with writer.inside("Study", {"OID": design.oid}):
        with writer.inside("GlobalVariables"):
            first = design.languages[0]
            writer.leaf("StudyName", text=design.code)
            writer.leaf("StudyDescription", text=design.name(first))
            writer.leaf("ProtocolName", text=design.protocol)
        units = sorted({unit.unit for form in forms_of(design) for _, item in _items(form) for unit in item.units})
        with writer.inside("BasicDefinitions"):
            for unit in units:
                with writer.inside("MeasurementUnit", {"OID": unit_oid(unit), "Name": unit}), writer.inside("Symbol"):
                    _translated(writer, dict.fromkeys(design.languages, unit))
        _Version(writer, design, twice).write()


def _items(form: Form) -> Iterable[tuple[ItemGroup, Item]]:
    return ((group, item) for group, items in groups_of(form) for item in items)


def _translated(writer: XmlWriter, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        writer.leaf("TranslatedText", {"xml:lang": language}, text)


class _Version:
    """One MetaDataVersion."""

    def __init__(self, writer: XmlWriter, design: StudyDesign, twice: frozenset[str]) -> None:
        self._writer = writer
        self._design = design
        self._twice = twice
        self._forms = forms_of(design)
        self._sentences = {language: Sentences(design, language) for language in design.languages}
        site_forms = {one.form for visit in design.visits if visit.kind is VisitKind.SITE for one in visit.forms}
        self._about_site = {group.oid for oid in site_forms for group in design.forms[oid].groups}

    def write(self) -> None:
        design, writer = self._design, self._writer
        attributes = {
            "OID": version_oid(design),
            "Name": design.label,
            "Description": f"{design.protocol} {design.label}, definition {design.version}",
        }
        with writer.inside("MetaDataVersion", attributes):
            self._protocol()
            for visit in design.visits:
                self._visit(visit)
            for form in self._forms:
                self._form(form)
            for form in self._forms:
                for group, items in groups_of(form):
                    self._group(group, items)
            for form in self._forms:
                for _, item in _items(form):
                    self._item(form, item)
            self._code_lists()
            self._conditions()
            self._methods()

    def _text(self, tag: str, text: Text | Mapping[str, str]) -> None:
        texts = text if isinstance(text, Mapping) else {one: text(one) for one in self._design.languages}
        with self._writer.inside(tag):
            _translated(self._writer, texts)

    # -- visits and forms -----------------------------------------------------------------------------

    def _protocol(self) -> None:
        with self._writer.inside("Protocol"):
            self._text("Description", self._design.name)
            for order, visit in enumerate(self._design.visits, start=1):
                mandatory = "Yes" if visit.kind is VisitKind.SCHEDULED else "No"
                attributes = {"StudyEventOID": visit.oid, "OrderNumber": str(order), "Mandatory": mandatory}
                self._writer.leaf("StudyEventRef", attributes)

    def _visit(self, visit: Visit) -> None:
        first = self._design.languages[0]
        attributes = {
            "OID": visit.oid,
            "Name": visit.label(first),
            "Repeating": "Yes" if visit.unscheduled else "No",
            "Type": _KINDS[visit.kind],
            "Category": visit.kind.value,
        }
        with self._writer.inside("StudyEventDef", attributes):
            self._text("Description", visit.label)
            for order, plans in enumerate(self._plans(visit), start=1):
                mandatory = any(one.need == "x" and one.when is None for one in plans)
                reference: dict[str, str | None] = {
                    "FormOID": plans[0].form,
                    "OrderNumber": str(order),
                    "Mandatory": "Yes" if mandatory else "No",
                    "CollectionExceptionConditionOID": plan_condition_oid(visit, plans),
                }
                self._writer.leaf("FormRef", reference)

    def _plans(self, visit: Visit) -> list[list[PlannedForm]]:
        """Return the plans of a visit form by form: ODM names each form once."""
        known = {form.oid for form in self._forms}
        plans: dict[str, list[PlannedForm]] = {}
        for one in visit.forms:
            if one.form in known:
                plans.setdefault(one.form, []).append(one)
        return list(plans.values())

    def _form(self, form: Form) -> None:
        repeating = "Yes" if form.oid in self._twice or repeats(self._design, form) else "No"
        attributes = {"OID": form.oid, "Name": form.label(self._design.languages[0]), "Repeating": repeating}
        with self._writer.inside("FormDef", attributes):
            self._text("Description", form.label)
            for order, (group, items) in enumerate(groups_of(form), start=1):
                asked = any(item.need is Need.MANDATORY for item in items) and not group.repeating
                reference = {
                    "ItemGroupOID": group.oid,
                    "OrderNumber": str(order),
                    "Mandatory": "Yes" if asked else "No",
                }
                self._writer.leaf("ItemGroupRef", reference)
            self._writer.leaf("Alias", {"Context": "Casebook form version", "Name": form.version})

    def _group(self, group: ItemGroup, items: Sequence[Item]) -> None:
        domains = {item.annotation.domain for item in items if item.annotation.domain}
        attributes = {
            "OID": group.oid,
            "Name": group.label(self._design.languages[0]),
            "Repeating": "Yes" if group.repeating else "No",
            "IsReferenceData": "Yes" if group.oid in self._about_site else "No",
            "Domain": next(iter(domains)) if len(domains) == 1 else None,
        }
        with self._writer.inside("ItemGroupDef", attributes):
            self._text("Description", group.label)
            for order, item in enumerate(items, start=1):
                reference = {
                    "ItemOID": item.oid,
                    "OrderNumber": str(order),
                    "Mandatory": "Yes" if item.need is Need.MANDATORY and item.derivation is None else "No",
                    "MethodOID": method_oid(item) if item.derivation is not None else None,
                    "CollectionExceptionConditionOID": condition_oid(item) if item.relevant_when is not None else None,
                }
                self._writer.leaf("ItemRef", reference)

    # -- items ----------------------------------------------------------------------------------------

    def _item(self, form: Form, item: Item) -> None:
        writer = self._writer
        length, digits = self._lengths(item)
        variable = item.annotation.variable
        attributes = {
            "OID": item.oid,
            "Name": item.name,
            "DataType": ODM_TYPES[item.data_type],
            "Length": None if length is None else str(length),
            "SignificantDigits": None if digits is None else str(digits),
            "SASFieldName": item.name if _SAS_NAME.fullmatch(item.name) else None,
            "SDSVarName": variable if _SAS_NAME.fullmatch(variable) else None,
            "Origin": "CRF" if item.derivation is None else "Derived",
        }
        with writer.inside("ItemDef", attributes):
            if item.hint is not None:
                self._text("Description", item.hint)
            self._text("Question", item.label)
            for unit in item.units:
                writer.leaf("MeasurementUnitRef", {"MeasurementUnitOID": unit_oid(unit.unit)})
            self._limits(form, item)
            if item.data_type is DataType.CODE and item.code_list:
                writer.leaf("CodeListRef", {"CodeListOID": item.code_list})
            for context, name in self._aliases(item):
                writer.leaf("Alias", {"Context": context, "Name": name})

    def _lengths(self, item: Item) -> tuple[int | None, int | None]:
        """Return Length and SignificantDigits as ODM asks them of a data type."""
        match item.data_type:
            case DataType.INTEGER:
                limits = [len(f"{limit:f}") for limit in item.hard if limit is not None]
                return max(limits, default=_INTEGER_LENGTH), None
            case DataType.DECIMAL:
                return _NUMBER_LENGTH, item.decimals if item.decimals is not None else _ANY_DECIMALS
            case DataType.QUANTITY:
                return _NUMBER_LENGTH, None
            case DataType.CODE | DataType.CODES:
                codes = [len(code.value) for code in self._design.code_lists[item.code_list or ""].codes]
                whole = sum(codes) + len(codes) - 1
                return max(1, whole if item.data_type is DataType.CODES else max(codes, default=1)), None
            case DataType.TEXT:
                return item.max_length or _NO_LIMIT_LENGTH, None
            case _:
                return None, None

    def _limits(self, form: Form, item: Item) -> None:
        for limits, softness, check_id in ((item.hard, "Hard", HARD_LIMIT), (item.soft, "Soft", SOFT_LIMIT)):
            check = next((one for one in form.checks if one.id == check_id and one.item == item.name), None)
            for limit, comparator in zip(limits, ("GE", "LE"), strict=True):
                if limit is not None:
                    self._range_check(item, limit, comparator, softness, check.message if check else None)

    def _range_check(self, item: Item, limit: Decimal, comparator: str, softness: str, message: Text | None) -> None:
        with self._writer.inside("RangeCheck", {"Comparator": comparator, "SoftHard": softness}):
            self._writer.leaf("CheckValue", text=f"{limit:f}")
            if item.units:
                self._writer.leaf("MeasurementUnitRef", {"MeasurementUnitOID": unit_oid(item.units[0].unit)})
            if message is not None:
                self._text("ErrorMessage", message)

    def _aliases(self, item: Item) -> Iterable[tuple[str, str]]:
        annotation = item.annotation
        if annotation.domain or annotation.variable:
            yield "SDTM", ".".join(part for part in (annotation.domain, annotation.variable) if part)
        if annotation.loinc:
            yield "LOINC", annotation.loinc
        if item.data_type is DataType.CODES and item.code_list:
            yield "Casebook code list, several codes", item.code_list

    # -- code lists, conditions, methods ------------------------------------------------------------------

    def _code_lists(self) -> None:
        used = {item.code_list for form in self._forms for _, item in _items(form) if item.code_list}
        for oid, listed in self._design.code_lists.items():
            if oid in used:
                self._code_list(listed)
        languages = dict.fromkeys([*self._design.languages, "en"])
        missing = {str(code): {one: missing_text(code, one) for one in languages} for code in MissingCode}
        states = {code: {one: texts.get(one, texts["en"]) for one in languages} for code, texts in _STATES.items()}
        self._own_list(MISSING_LIST, "Why there is no value", missing)
        self._own_list(STATE_LIST, "State of a value or a form", states)

    def _code_list(self, listed: CodeList) -> None:
        with self._writer.inside("CodeList", {"OID": listed.oid, "Name": listed.oid, "DataType": "text"}):
            for order, code in enumerate(listed.codes, start=1):
                attributes = {"CodedValue": code.value, "OrderNumber": str(order)}
                with self._writer.inside("CodeListItem", attributes):
                    self._text("Decode", code.label)

    def _own_list(self, oid: str, name: str, codes: Mapping[str, Mapping[str, str]]) -> None:
        with self._writer.inside("CodeList", {"OID": oid, "Name": name, "DataType": "text"}):
            for order, (code, texts) in enumerate(codes.items(), start=1):
                with self._writer.inside("CodeListItem", {"CodedValue": code, "OrderNumber": str(order)}):
                    self._text("Decode", texts)

    def _conditions(self) -> None:
        for visit in self._design.visits:
            for plans in self._plans(visit):
                oid, when = plan_condition_oid(visit, plans), plans[0].when
                if oid is not None and when is not None:
                    name = f"{plans[0].form} at {visit.oid}"
                    self._condition(
                        oid,
                        name,
                        when,
                        {language: words.applicable(when) for language, words in self._sentences.items()},
                    )
        for form in self._forms:
            for _, item in _items(form):
                if item.relevant_when is not None:
                    said = {language: words.asked(form, item) for language, words in self._sentences.items()}
                    self._condition(condition_oid(item), item.oid, item.relevant_when, said)

    def _condition(self, oid: str, name: str, rule: Rule, said: Mapping[str, str]) -> None:
        """Write when something is not asked; the sentence says when it is."""
        with self._writer.inside("ConditionDef", {"OID": oid, "Name": f"{name} is not asked"}):
            self._text("Description", said)
            self._writer.leaf("FormalExpression", {"Context": "Casebook: asked only while true"}, rule_source(rule))

    def _methods(self) -> None:
        for form in self._forms:
            for _, item in _items(form):
                if item.derivation is None:
                    continue
                attributes = {"OID": method_oid(item), "Name": item.derivation.function, "Type": "Computation"}
                with self._writer.inside("MethodDef", attributes):
                    self._text(
                        "Description",
                        {language: words.worked_out(form, item) for language, words in self._sentences.items()},
                    )
                    source = f"{item.derivation.function}({', '.join(item.derivation.items)})"
                    self._writer.leaf("FormalExpression", {"Context": "Casebook named function"}, source)


def condition_oid(item: Item) -> str:
    """Return the OID of the condition under which an item is not asked."""
    return f"COND.{item.oid}"


def plan_condition_oid(visit: Visit, plans: Sequence[PlannedForm]) -> str | None:
    """Return the OID of the condition under which a form is not applicable at a visit, if there is one for all."""
    conditions = {one.when for one in plans}
    return f"COND.{visit.oid}.{plans[0].form}" if len(conditions) == 1 and None not in conditions else None


def method_oid(item: Item) -> str:
    """Return the OID of an item's derivation."""
    return f"MT.{item.oid}"

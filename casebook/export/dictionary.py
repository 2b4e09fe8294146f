"""What the tables mean, as tables: the data dictionary, the code lists, the checks and the visits.

Source: docs/export.md, section "Tables".
"""

from collections.abc import Iterator
from decimal import Decimal

from casebook.design import Form, Item, ItemGroup, StudyDesign, VisitKind
from casebook.export.disclosure import forms_of, groups_of, item_at
from casebook.export.tables import item_columns, yes
from casebook.export.values import ODM_TYPES
from casebook.records import ItemPath
from casebook.sentences import Sentences
from casebook.spreadsheet import table

_NO_ALIAS = ""
"""Column `ninds_alias`: names of the NINDS Stroke CDE, empty until the official report is at hand; none is invented."""


def dictionary_files(design: StudyDesign) -> Iterator[tuple[str, bytes]]:
    """Yield each file's name and bytes."""
    yield "dictionary.csv", _dictionary(design)
    yield "codelists.csv", _code_lists(design)
    yield "checks.csv", _checks(design)
    yield "visits.csv", _visits(design)


def _limit(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"


def _dictionary(design: StudyDesign) -> bytes:
    languages = design.languages
    header = ["form", "group", "repeating", "item", "item_oid", "columns", "type", "odm_type", "need", "code_list"]
    header += ["units", "standard_unit", "decimals", "max_length", "hard_low", "hard_high", "soft_low", "soft_high"]
    header += ["missing_codes", "critical", "visit_time", "derived_by", "derived_from", "sdtm_domain", "sdtm_variable"]
    header += ["loinc", "ninds_alias", "form_version"]
    for name in ("form_label", "group_label", "label", "hint", "asked_when", "derivation"):
        header += [f"{name}.{language}" for language in languages]
    sentences = [Sentences(design, language) for language in languages]
    rows = (
        [
            *_item_facts(form, group, item),
            *(form.label(language) for language in languages),
            *(group.label(language) for language in languages),
            *(item.label(language) for language in languages),
            *(item.hint(language) if item.hint else "" for language in languages),
            *(one.asked(form, item) for one in sentences),
            *(one.worked_out(form, item) for one in sentences),
        ]
        for form in forms_of(design)
        for group, items in groups_of(form)
        for item in items
    )
    return table(header, rows)


def _item_facts(form: Form, group: ItemGroup, item: Item) -> list[str]:
    derivation, annotation = item.derivation, item.annotation
    return [
        *(form.oid, group.oid, yes(group.repeating), item.name, item.oid, " ".join(item_columns(item))),
        *(item.data_type.value, ODM_TYPES[item.data_type], item.need.value, item.code_list or ""),
        *("; ".join(unit.unit for unit in item.units), item.units[0].unit if item.units else ""),
        *("" if item.decimals is None else str(item.decimals), str(item.max_length or "")),
        *(_limit(limit) for limit in (*item.hard, *item.soft)),
        *(" ".join(item.missing_codes), yes(item.critical), yes(item.visit_time)),
        *((derivation.function, " ".join(derivation.items)) if derivation else ("", "")),
        *(annotation.domain, annotation.variable, annotation.loinc, _NO_ALIAS, form.version),
    ]


def _code_lists(design: StudyDesign) -> bytes:
    used = {item.code_list for form in forms_of(design) for _, items in groups_of(form) for item in items}
    header = ["code_list", "order", "code"]
    header += [f"label.{language}" for language in design.languages]
    header += [f"meaning.{language}" for language in design.languages]
    rows = (
        [
            *(listed.oid, str(order), code.value),
            *(code.label(language) for language in design.languages),
            *(code.meaning(language) if code.meaning else "" for language in design.languages),
        ]
        for listed in design.code_lists.values()
        if listed.oid in used
        for order, code in enumerate(listed.codes, start=1)
    )
    return table(header, rows)


def _checks(design: StudyDesign) -> bytes:
    header = ["check", "form", "group", "item", "severity", "confirmable", "deviation_category", "deviation_when"]
    header += [f"message.{language}" for language in design.languages]
    header += [f"sentence.{language}" for language in design.languages]
    sentences = [Sentences(design, language) for language in design.languages]
    rows = (
        [
            *(check.id, form.oid, group.oid, check.item, check.severity.value, yes(check.confirmable)),
            *((check.deviation.category, check.deviation.when.value) if check.deviation else ("", "")),
            *(check.message(language) for language in design.languages),
            *(one.fires(form, check) for one in sentences),
        ]
        for form in forms_of(design)
        for check in form.checks
        for group, item in (form.find(check.item),)
        if item_at(form, ItemPath(group=group.oid, item=item.name)) is not None
    )
    return table(header, rows)


def _visits(design: StudyDesign) -> bytes:
    header = ["visit", "order", "kind", "visitnum", "visitdy"]
    header += [f"label.{language}" for language in design.languages]
    header += [f"window.{language}" for language in design.languages]
    scheduled = [visit.oid for visit in design.visits if visit.kind is VisitKind.SCHEDULED]
    rows = (
        [
            *(visit.oid, str(order), visit.kind.value),
            str(scheduled.index(visit.oid) + 1) if visit.oid in scheduled else "",
            "" if visit.study_day is None else str(visit.study_day),
            *(visit.label(language) for language in design.languages),
            *(Sentences(design, language).window(visit.window) for language in design.languages),
        ]
        for order, visit in enumerate(design.visits, start=1)
    )
    return table(header, rows)

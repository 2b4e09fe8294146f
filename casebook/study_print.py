"""The data dictionary of a study: items, code lists, checks and visits, as CSV files and as one workbook.

Every item stands in it, identity data too: it describes the study, not a subject. Rules are told as
sentences in each language. In the workbook every cell is text, so no spreadsheet takes one for a formula.
The same definition gives the same bytes.

Source: docs/study_files.md, section "What `casebook study print` writes".
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import xlsxwriter

from casebook.design import Check, Form, Item, ItemGroup, StudyDesign
from casebook.sentences import Sentences
from casebook.spreadsheet import table

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""A workbook carries a date of creation; one that never changes keeps the bytes the same."""
_WIDEST, _NARROWEST = 60, 8
_NO_ALIAS = ""
"""Column `ninds_alias`: names of the NINDS Stroke CDE, empty until the official report is at hand; none is invented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of the dictionary; `name` is that of its file and its sheet."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def dictionary(design: StudyDesign) -> tuple[Sheet, ...]:
    """Return the tables of a study's data dictionary."""
    return (_items(design), _code_lists(design), _checks(design), _visits(design), _criteria(design))


def csv_files(design: StudyDesign) -> Iterator[tuple[str, bytes]]:
    """Yield each table as the name and bytes of a CSV file."""
    for sheet in dictionary(design):
        yield f"{sheet.name}.csv", table(sheet.header, sheet.rows)


def workbook(design: StudyDesign) -> bytes:
    """Return the tables as the bytes of one workbook."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": f"{design.protocol} {design.label}", "comments": design.version, "created": _EPOCH})
    bold = book.add_format({"bold": True, "bg_color": "#E2E9F1", "text_wrap": True, "valign": "top"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in dictionary(design):
        page = book.add_worksheet(sheet.name)
        for number, row in enumerate((sheet.header, *sheet.rows)):
            for column, text in enumerate(row):
                page.write_string(number, column, text, body if number else bold)
        for column, title in enumerate(sheet.header):
            longest = max((len(row[column]) for row in sheet.rows), default=0)
            page.set_column(column, column, min(_WIDEST, max(_NARROWEST, len(title) + 2, longest + 2)))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.header) - 1)
    book.close()
    return buffer.getvalue()


# -- tables ---------------------------------------------------------------------------------------------


def _per_language(design: StudyDesign, *names: str) -> list[str]:
    return [f"{name} ({language})" for name in names for language in design.languages]


def _yes(answer: object) -> str:
    return "Y" if answer else ""


def _limit(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"


def _sheet(name: str, header: Sequence[str], rows: Iterator[Sequence[str]]) -> Sheet:
    return Sheet(name=name, header=tuple(header), rows=tuple(tuple(row) for row in rows))


_ITEM_HEADER = (
    "form", "form_version", "group", "repeating", "item", "item_oid", "type", "need", "code_list", "units",
    "hard_low", "hard_high", "soft_low", "soft_high", "decimals", "max_length", "missing", "derived_by",
    "derived_from", "identity", "critical", "visit_time", "twice", "unique", "domain", "variable", "loinc",
    "ninds_alias", "tag",
)  # fmt: skip


def _items(design: StudyDesign) -> Sheet:
    header = [*_ITEM_HEADER, *_per_language(design, "form", "group", "question", "hint", "asked", "worked_out")]
    return _sheet("items", header, _item_rows(design))


def _item_rows(design: StudyDesign) -> Iterator[list[str]]:
    say = [Sentences(design, language) for language in design.languages]
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                yield [
                    *_facts(form, group, item),
                    *(form.label(language) for language in design.languages),
                    *(group.label(language) for language in design.languages),
                    *(item.label(language) for language in design.languages),
                    *("" if item.hint is None else item.hint(language) for language in design.languages),
                    *(one.asked(form, item) for one in say),
                    *(one.worked_out(form, item) for one in say),
                ]


def _facts(form: Form, group: ItemGroup, item: Item) -> list[str]:
    note, derivation = item.annotation, item.derivation
    return [
        form.oid,
        form.version,
        group.oid,
        _yes(group.repeating),
        item.name,
        item.oid,
        item.data_type.value,
        item.need.value,
        item.code_list or "",
        "; ".join(unit.unit for unit in item.units),
        *(_limit(limit) for limit in (*item.hard, *item.soft)),
        "" if item.decimals is None else str(item.decimals),
        "" if item.max_length is None else str(item.max_length),
        " ".join(item.missing_codes),
        "" if derivation is None else derivation.function,
        "" if derivation is None else " ".join(derivation.items),
        *(_yes(flag) for flag in (item.identity, item.critical, item.visit_time, item.twice, item.unique)),
        note.domain,
        note.variable,
        note.loinc,
        _NO_ALIAS,
        note.tag,
    ]


def _code_lists(design: StudyDesign) -> Sheet:
    rows = (
        [
            listed.oid,
            str(order),
            code.value,
            *(code.label(language) for language in design.languages),
            *("" if code.meaning is None else code.meaning(language) for language in design.languages),
        ]
        for listed in design.code_lists.values()
        for order, code in enumerate(listed.codes, start=1)
    )
    return _sheet("code_lists", ["code_list", "order", "code", *_per_language(design, "label", "meaning")], rows)


def _checks(design: StudyDesign) -> Sheet:
    say = [Sentences(design, language) for language in design.languages]
    header = ["check", "form", "item", "severity", "confirmable", "deviation", "deviation_severity", "deviation_when"]
    rows = (
        [
            *_check_facts(form, check),
            *(check.message(language) for language in design.languages),
            *(one.fires(form, check) for one in say),
        ]
        for form in design.forms.values()
        for check in form.checks
    )
    return _sheet("checks", [*header, *_per_language(design, "message", "sentence")], rows)


def _check_facts(form: Form, check: Check) -> list[str]:
    raised = check.deviation
    facts = [check.id, form.oid, check.item, check.severity.value, _yes(check.confirmable)]
    return [*facts, *(("", "", "") if raised is None else (raised.category, raised.severity, raised.when.value))]


def _visits(design: StudyDesign) -> Sheet:
    say = [Sentences(design, language) for language in design.languages]
    header = ["visit", "kind", "study_day", "form", "need", "occasion"]
    rows = (
        [
            visit.oid,
            visit.kind.value,
            "" if visit.study_day is None else str(visit.study_day),
            one.form,
            one.need,
            one.occasion,
            *(visit.label(language) for language in design.languages),
            *(told.window(visit.window) for told in say),
            *("" if one.when is None else told.applicable(one.when) for told in say),
        ]
        for visit in design.visits
        for one in visit.forms
    )
    return _sheet("visits", [*header, *_per_language(design, "visit", "window", "applicable")], rows)


def _criteria(design: StudyDesign) -> Sheet:
    say = [Sentences(design, language) for language in design.languages]
    rows = (
        [
            one.id,
            one.code,
            "INCLUSION" if one.inclusion else "EXCLUSION",
            *(one.label(language) for language in design.languages),
            *(told.criterion(one.rule, inclusion=one.inclusion) for told in say),
        ]
        for one in design.criteria
    )
    return _sheet("criteria", ["criterion", "code", "category", *_per_language(design, "label", "sentence")], rows)

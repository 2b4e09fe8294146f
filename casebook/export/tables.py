"""The record as tables: one file for each form, beside files about subjects, findings, eligibility and audit.

Columns of the software are lower-case, items have their own names; what stands beside an item has its name
and a suffix that no item name can have: `.why`, `.cmp`, `.num`, `.unit`. Values are the canonical texts of
the record, whatever the user's language and locale.

Source: docs/export.md, section "Tables".
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from casebook.checks import Finding
from casebook.design import DataType, Form, Item, Severity, StudyDesign
from casebook.eligibility import CriterionState
from casebook.export.attached_files import AttachedFile, AttachedFiles
from casebook.export.context import ExportContext
from casebook.export.disclosure import forms_of, groups_of, reference_leaves
from casebook.export.gathered import Cell, FormRecord, Row, SubjectRecord
from casebook.export.trail import TrailEntry, trail
from casebook.export.values import measured, shown
from casebook.records import FormKey, ItemPath, Reading, VisitKey
from casebook.schedule import site_zone, study_day
from casebook.spreadsheet import table
from casebook.subject import Subject

PLACE_COLUMNS = ("study", "site", "subject", "entered_under", "visit", "visit_repeat", "form", "form_repeat")
ROW_COLUMNS = ("group", "row_number", "row_id", "struck", "struck_reason")
STATE_COLUMNS = (
    "visit_at",
    "visit_day",
    "visit_status",
    "complete",
    "open_hard",
    "open_soft",
    "last_entry_at",
    "last_entry_by",
    "form_version",
)
_RANDOMISED = "randomised_at"
_DEMOGRAPHICS = "DM"
"""The SDTM domain that has one row for each subject: what is annotated with it stands in subjects.csv too."""


def yes(flag: object) -> str:
    """Return `Y` or `N`."""
    return "Y" if flag else "N"


def moment_text(moment: datetime | None, offset_minutes: int) -> str:
    """Return a moment to the minute on the site's wall clock, with its offset."""
    return "" if moment is None else moment.astimezone(site_zone(offset_minutes)).isoformat(timespec="minutes")


def item_columns(item: Item) -> tuple[str, ...]:
    """Return the columns of an item in its form's table."""
    name = item.name
    if item.data_type is DataType.QUANTITY:
        return (name, f"{name}.cmp", f"{name}.num", f"{name}.unit", f"{name}.why")
    if item.derivation is not None and item.decimals is not None:
        return (name, f"{name}.num", f"{name}.why")
    return (name, f"{name}.why")


def _item_texts(item: Item, cell: Cell | None) -> tuple[str, ...]:
    if cell is None:
        return ("",) * len(item_columns(item))
    value = cell.value or ""
    if item.data_type is DataType.QUANTITY:
        standard = measured(item, value)
        raw = value if item.derivation is None else shown(item, value)
        return (raw, standard.comparator, standard.number, standard.unit if standard.number else "", cell.why)
    if item.derivation is not None and item.decimals is not None:
        return (shown(item, value), value, cell.why)
    return (value, cell.why)


class Tables:
    """Makes the tables of one export."""

    def __init__(
        self,
        design: StudyDesign,
        subjects: Sequence[SubjectRecord],
        context: ExportContext,
        attached: AttachedFiles,
        site: SubjectRecord | None = None,
    ) -> None:
        """Take what is exported; `site` is the site's own file."""
        self._attached = attached
        self._design = design
        self._subjects = subjects
        self._context = context
        self._site = site
        self._roots: dict[str, str] = {one.casebook.subject: one.number for one in subjects}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield each file's name and bytes."""
        for form in forms_of(self._design):
            yield f"{form.oid}.csv", self._form(form)
        yield "subjects.csv", self._subject_list()
        yield "findings.csv", self._findings()
        yield "eligibility.csv", self._eligibility()
        yield "attachments.csv", self._attachments()
        yield "audit.csv", self._audit()

    def _everyone(self) -> Iterator[SubjectRecord]:
        for record in self._subjects:
            yield record
            yield from record.also
        if self._site is not None:
            yield self._site

    def _numbers(self, record: SubjectRecord) -> tuple[str, str]:
        """Return the subject's number, and that under which the record was entered where it is another one."""
        if record is self._site:
            return "", ""
        root = self._roots.get(record.casebook.into)
        return (record.number, "") if root is None else (root, record.number)

    # -- one form -------------------------------------------------------------------------------------

    def _form(self, form: Form) -> bytes:
        items = [item for _, group_items in groups_of(form) for item in group_items]
        header = [*PLACE_COLUMNS, *ROW_COLUMNS, *STATE_COLUMNS]
        header += [column for item in items for column in item_columns(item)]
        return table(header, self._form_rows(form, items))

    def _form_rows(self, form: Form, items: Sequence[Item]) -> Iterator[list[str]]:
        for record in self._everyone():
            for instance in record.forms:
                if instance.form is not form:
                    continue
                state = self._state(record, instance)
                for row, cells in _lines(instance):
                    found = {cell.item.oid: cell for cell in cells}
                    yield [
                        *self._place(record, instance.key),
                        *(("", "", "", "", "") if row is None else _row_texts(row)),
                        *state,
                        *(text for item in items for text in _item_texts(item, found.get(item.oid))),
                    ]

    def _place(self, record: SubjectRecord, key: FormKey) -> tuple[str, ...]:
        site = record.casebook.site or self._context.site
        visit = key.visit
        return (self._design.protocol, site, *self._numbers(record), visit.visit, visit.repeat, key.form, key.repeat)

    def _state(self, record: SubjectRecord, instance: FormRecord) -> tuple[str, ...]:
        visit, last = instance.key.visit, instance.last_entry
        return (
            record.agreed(lambda subject: moment_text(subject.visited_at(visit), subject.offset_minutes)),
            record.agreed(lambda subject: _day(subject, subject.visited_at(visit))),
            record.agreed(lambda subject: self._visit_status(subject, visit)),
            yes(instance.state.complete),
            str(_open(instance.findings, Severity.HARD)),
            str(_open(instance.findings, Severity.SOFT)),
            last[0].isoformat(timespec="seconds") if last else "",
            last[1] if last else "",
            " ".join(instance.state.form_versions),
        )

    def _visit_status(self, subject: Subject, key: VisitKey) -> str:
        visit = next((one for one in self._design.visits if one.oid == key.visit), None)
        return "" if visit is None else subject.visit_status(visit, key)

    # -- subjects and what is open ------------------------------------------------------------------------

    def _subject_list(self) -> bytes:
        anchors = [name for name in self._design.anchors if self._anchor_leaves(name)]
        described = [
            (form, item)
            for form in forms_of(self._design)
            for group, items in groups_of(form)
            if not group.repeating
            for item in items
            if item.annotation.domain == _DEMOGRAPHICS
        ]
        header = ["study", "site", "subject", "earlier_numbers", "also_numbers", "added_at", "status"]
        header += [column for name in anchors for column in (name, name.removesuffix("_at") + "_day")]
        header += [column for _, item in described for column in (item.name, f"{item.name}.why")]
        header += ["open_hard", "open_soft", "conflicts", "sealed_away", "unknown"]
        here = self._design.utc_offset_minutes
        rows = (
            [
                self._design.protocol,
                record.casebook.site or self._context.site,
                record.number,
                " ".join(record.casebook.earlier_numbers),
                " ".join(number for one in record.also for number in (one.number, *one.casebook.earlier_numbers)),
                moment_text(record.casebook.added_at.local if record.casebook.added_at else None, here),
                record.agreed(lambda subject: subject.status),
                *(text for name in anchors for text in _anchor(record, name)),
                *(text for form, item in described for text in _latest(record, form, item)),
                *(
                    str(sum(_open(one.findings, kind) for one in record.forms))
                    for kind in (Severity.HARD, Severity.SOFT)
                ),
                str(sum(len(one.conflicts) for one in record.casebook.forms.values())),
                str(record.casebook.sealed_away),
                str(record.casebook.unknown + record.unknown_forms),
            ]
            for record in self._subjects
        )
        return table(header, rows)

    def _anchor_leaves(self, name: str) -> bool:
        return all(reference_leaves(self._design, one) for one in self._design.anchors[name])

    def _findings(self) -> bytes:
        languages = self._design.languages
        header = [*PLACE_COLUMNS, "group", "row_id", "item", "check", "severity", "state", "reason", "value"]
        header += [f"message.{language}" for language in languages]
        rows = (
            [
                *self._place(record, instance.key),
                *(finding.path.group, finding.path.row, finding.path.item, finding.check, finding.severity.value),
                *("open" if finding.is_open else "confirmed", finding.confirmed or "", _value(instance, finding.path)),
                *(finding.message(language) for language in languages),
            ]
            for record in self._everyone()
            for instance in record.forms
            for finding in instance.findings
        )
        return table(header, rows)

    def _eligibility(self) -> bytes:
        languages = self._design.languages
        header = ["study", "site", "subject", "criterion", "code", "kind", "state", "facts", "opens_at", "closes_at"]
        header += [f"label.{language}" for language in languages]
        rows = (
            [
                *(self._design.protocol, record.casebook.site or self._context.site, record.number),
                *(criterion.id, criterion.code, "inclusion" if criterion.inclusion else "exclusion"),
                *self._standing(record, place),
                *(criterion.label(language) for language in languages),
            ]
            for record in self._subjects
            for place, criterion in enumerate(self._design.criteria)
        )
        return table(header, rows)

    def _standing(self, record: SubjectRecord, place: int) -> tuple[str, ...]:
        """Return state, facts, and since and until when, of one criterion; each `conflict` where entries disagree."""

        def ask(question: Callable[[CriterionState], str]) -> str:
            return record.agreed(lambda subject: question(subject.eligibility().criteria[place]))

        here = self._design.utc_offset_minutes
        facts = {
            name: ask(partial(_fact, number))
            for number, name in enumerate(self._design.criteria[place].facts)
            if reference_leaves(self._design, name)
        }
        return (
            ask(lambda state: state.state.value),
            "; ".join(f"{name}={value}" for name, value in facts.items()),
            ask(lambda state: moment_text(state.opens_at, here)),
            ask(lambda state: moment_text(state.closes_at, here)),
        )

    def _attachments(self) -> bytes:
        header = [*PLACE_COLUMNS, "group", "row_id", "item", "file", "why", "media_type", "bytes", "sha256"]
        header += ["struck", "struck_reason", "held", "at", "user", "place", "commit"]
        rows = (
            [*self._place(record, one.key), *self._attachment(one)]
            for record in self._everyone()
            for one in self._attached.of(record)
        )
        return table(header, rows)

    def _attachment(self, one: AttachedFile) -> tuple[str, ...]:
        stored, payload = one.stored, one.stored.payload
        path = payload.path or ItemPath(group="", item="")
        return (
            *(path.group, path.row, path.item, one.file, one.why),
            *(payload.media_type, "" if payload.redacted else str(payload.size_bytes), payload.sha256),
            *(yes(stored.struck is not None), stored.struck_reason or "", yes(stored.held)),
            stored.act.moment.local.isoformat(timespec="milliseconds"),
            *(stored.act.author, self._context.place(stored.act.device), stored.commit),
        )

    # -- audit --------------------------------------------------------------------------------------------

    def _audit(self) -> bytes:
        header = [*PLACE_COLUMNS, "group", "row_id", "item", "deed", "what", "value", "missing", "reason"]
        header += ["at", "user", "role", "place", "commit", "number_in_commit", "order", "stands", "conflict"]
        header += ["unconfirmed", "form_version"]
        rows = (
            [*self._place(record, instance.key), *self._deed(line)]
            for record in self._everyone()
            for instance in record.forms
            for line in trail(instance.state, instance.form)
        )
        return table(header, rows)

    def _deed(self, line: TrailEntry) -> tuple[str, ...]:
        path = line.path or ItemPath(group="", item="")
        person = self._context.people.get(line.author)
        return (
            *(path.group, path.row, path.item, line.deed.value, line.what),
            *(line.reading.value or "", str(line.reading.missing or ""), line.reason),
            line.moment.local.isoformat(timespec="milliseconds"),
            *(line.author, person.role if person else "", self._context.place(line.device)),
            *(line.commit, str(line.index), str(line.seen or ""), yes(line.standing) if line.seen else ""),
            *(yes(line.in_conflict) if line.seen else "", yes(line.unconfirmed), line.form_version),
        )


def _lines(instance: FormRecord) -> Iterator[tuple[Row | None, Sequence[Cell]]]:
    """Yield a line with what stands once in the form, then one for each row of its repeating groups."""
    once = [cell for row in instance.rows if not row.group.repeating for cell in row.cells]
    if once:
        yield None, once
    for row in instance.rows:
        if row.group.repeating:
            yield row, row.cells


def _row_texts(row: Row) -> tuple[str, ...]:
    return (row.group.oid, str(row.number), row.row, yes(row.struck_reason is not None), row.struck_reason or "")


def _open(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(1 for one in findings if one.is_open and one.severity is severity)


def _day(subject: Subject, moment: datetime | None) -> str:
    """Return the SDTM study day of a moment, "" while it cannot be told."""
    reference = subject.anchor(_RANDOMISED)
    if reference is None or moment is None:
        return ""
    zone = site_zone(subject.offset_minutes)
    return str(study_day(reference.astimezone(zone).date(), moment.astimezone(zone).date()))


def _anchor(record: SubjectRecord, name: str) -> tuple[str, str]:
    return (
        record.agreed(lambda subject: moment_text(subject.anchor(name), subject.offset_minutes)),
        record.agreed(lambda subject: _day(subject, subject.anchor(name))),
    )


def _cells(instance: FormRecord) -> Iterator[Cell]:
    return (cell for row in instance.rows for cell in row.cells)


def _latest(record: SubjectRecord, form: Form, item: Item) -> tuple[str, str]:
    """Return an item's value in the latest instance of its form in which anything stands."""
    for instance in reversed(record.forms):
        if instance.form is form:
            for cell in _cells(instance):
                if cell.item is item and (cell.value is not None or cell.why):
                    value = cell.value or ""
                    return (shown(item, value) if item.derivation is not None else value), cell.why
    return "", ""


def _value(instance: FormRecord, path: ItemPath) -> str:
    cell = next((one for one in _cells(instance) if one.path == path), None)
    return "" if cell is None else cell.value or cell.why


def _fact(number: int, state: CriterionState) -> str:
    return _reading_text(state.facts[number][1])


def _reading_text(reading: Reading) -> str:
    return reading.value or str(reading.missing or "")

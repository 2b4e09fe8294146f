"""What stands beside the visits of a casebook: logs and events, what is due, open findings.

Pure functions of a reader; no disk, no Qt. What is due follows from the study alone: windows of visits,
time limits of criteria, time limits that checks declare between two items, deviations nobody classified.

Source: clinical content, sections 0.0, 1.3 to 1.5 and 7; docs/windows.md.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from casebook.checks import Finding
from casebook.design import (
    DataType,
    Form,
    Item,
    ItemGroup,
    Severity,
    Text,
    VisitKind,
)
from casebook.entry import display
from casebook.records import EMPTY, FormKey, ItemPath, Reading
from casebook.rule_kinds import (
    AllOf,
    AnyOf,
    Compare,
    Rule,
)
from desktop_app.phrases import listed
from desktop_app.reader import Reader, instant_of
from desktop_app.snapshots import (
    CellState,
    DueKind,
    DueLine,
    EligibilityView,
    FindingLine,
    QueryState,
    VisitColumn,
)

SUMMARY_ITEMS = 2
"""How many answers tell one event from another."""
SUMMARY_LENGTH = 60
FORMS_NAMED = 3
"""How many forms of a visit that are to be finished are named."""
GONE = frozenset({"NA_DEAD", "NA_WITHDRAWN", "NA_DISCHARGED"})


def text_of(reader: Reader, item: Item, reading: Reading) -> Text:
    """Return a value in words, in every language of the study."""
    code_list, here = reader.design.code_lists.get(item.code_list or ""), reader.design.utc_offset_minutes
    return Text({one: display(item, code_list, reading, one, offset_minutes=here) for one in reader.design.languages})


def joined(parts: list[Text], languages: tuple[str, ...], gap: str = " · ") -> Text:
    """Return texts one after the other, in every language; empty ones are left out."""
    said = {one: gap.join(part(one) for part in parts if part(one)) for one in languages}
    return Text(said)


# -- instances ----------------------------------------------------------------------------------------------


def date_of(reader: Reader, key: FormKey) -> tuple[datetime | None, str]:
    """Return a form's own date: as an instant, and as a day that may lack its time."""
    values = reader.values(key)
    for group in reader.design.form(key.form).groups:
        for item in group.items:
            reading = values.get(ItemPath(group=group.oid, item=item.name))
            if item.visit_time and reading is not None and reading.value:
                return instant_of(reading), reading.value[:16].replace("T", " ").replace(" --:--", "")
    return None, ""


def entries_of(reader: Reader, key: FormKey) -> int | None:
    """Return the number of rows that are not struck, or None for a form without repeating groups."""
    repeating = [group.oid for group in reader.design.form(key.form).groups if group.repeating]
    if not repeating:
        return None
    rows = reader.effective(key).rows
    return sum(1 for group in repeating for _, struck in rows.get(group, ()) if struck is None)


def summary_of(reader: Reader, key: FormKey, *, sealed_away: bool) -> Text:
    """Return the first answers of a form in words, to tell one instance from another."""
    nothing = Text(dict.fromkeys(reader.design.languages, ""))
    form = reader.design.form(key.form)
    if sealed_away or form.identity:
        return nothing
    values = reader.values(key)
    said: list[Text] = []
    for group in form.groups:
        for item in group.items:
            reading = values.get(ItemPath(group=group.oid, item=item.name), EMPTY)
            if len(said) == SUMMARY_ITEMS:
                break
            if _tells(group, item) and reading.value:
                said.append(_cut(text_of(reader, item, reading)))
    return joined(said, reader.design.languages) if said else nothing


def _tells(group: ItemGroup, item: Item) -> bool:
    kinds = {DataType.CODE, DataType.CODES, DataType.TEXT}
    return not group.repeating and not item.identity and item.derivation is None and item.data_type in kinds


def _cut(text: Text) -> Text:
    return Text(
        {
            one: said if len(said) <= SUMMARY_LENGTH else said[:SUMMARY_LENGTH].rstrip() + "…"
            for one, said in text.by_language.items()
        }
    )


def place_label(reader: Reader, key: FormKey) -> Text:
    """Return where a form stands, in words: its visit or its own date, its name, its occasion."""
    languages = reader.design.languages
    form = reader.design.form(key.form)
    visit = reader.design.visit(key.visit.visit)
    planned = next((one for one in visit.forms if one.form == key.form and one.occasion == key.repeat), None)
    parts = [visit.short] if visit.kind is VisitKind.SCHEDULED else []
    parts.append(form.label)
    if planned is not None and planned.occasion_label is not None:
        parts.append(planned.occasion_label)
    if visit.kind in {VisitKind.EVENT, VisitKind.UNSCHEDULED}:
        parts.append(Text(dict.fromkeys(languages, date_of(reader, key)[1])))
    return joined(parts, languages)


# -- what is due --------------------------------------------------------------------------------------------


def due_lines(
    reader: Reader, visits: tuple[VisitColumn, ...], eligibility: EligibilityView | None
) -> tuple[DueLine, ...]:
    """Return what is due, the most urgent first."""
    found = [
        *_visits_due(reader, visits),
        *_criteria_due(reader, eligibility),
        *_clocks_of_checks(reader),
        *_deviations_due(reader),
        *_forms_due(reader, visits),
    ]
    far = datetime.max.replace(tzinfo=reader.now.tzinfo)
    return tuple(sorted(found, key=lambda line: (_urgency(line), line.at or far)))


def _urgency(line: DueLine) -> int:
    order = (DueKind.VISIT_MISSED, DueKind.DEVIATION, DueKind.FORM, DueKind.OPENS, DueKind.VISIT_AHEAD)
    if line.kind in order:
        return 2 + order.index(line.kind)
    return 0 if line.over else 1


def _visits_due(reader: Reader, visits: tuple[VisitColumn, ...]) -> Iterator[DueLine]:
    for visit in visits:
        if visit.window_from is None or visit.window_to is None or visit.actual is not None:
            continue
        first = next((cell.key for cell in visit.cells if cell.state is CellState.EMPTY and cell.need == "x"), None)
        if visit.status == "MISSED":
            yield DueLine(kind=DueKind.VISIT_MISSED, what=visit.label, at=visit.window_to, over=True, key=first)
        elif not visit.status and reader.now < visit.window_from:
            yield DueLine(kind=DueKind.VISIT_AHEAD, what=visit.label, at=visit.window_from, key=first)
        elif not visit.status:
            yield DueLine(kind=DueKind.VISIT_OPEN, what=visit.label, at=visit.window_to, key=first)


def _criteria_due(reader: Reader, eligibility: EligibilityView | None) -> Iterator[DueLine]:
    """Time limits of eligibility count until the subject is randomised."""
    if eligibility is None or reader.anchor("randomised_at") is not None:
        return
    for one in eligibility.criteria:
        words = Text({language: f"{one.id} {one.label(language)}" for language in reader.design.languages})
        if one.closes_at is not None:
            yield DueLine(kind=DueKind.CLOCK, what=words, at=one.closes_at, over=one.closes_at < reader.now)
        if one.opens_at is not None and one.opens_at > reader.now:
            yield DueLine(kind=DueKind.OPENS, what=words, at=one.opens_at)


def _clocks_of_checks(reader: Reader) -> Iterator[DueLine]:
    """Where a check says that one item of an event comes too late after another, and only the other is there."""
    for key in reader.keys:
        if reader.design.visit(key.visit.visit).kind is not VisitKind.EVENT:
            continue
        form, values = reader.design.form(key.form), reader.values(key)
        for check in form.checks:
            for rule in _comparisons(check.fires_when):
                if rule.op in {"gt", "ge"} and rule.add_minutes > 0:
                    yield from _clock(reader, key, form, values, rule)


def _comparisons(rule: Rule) -> Iterator[Compare]:
    """Return the comparisons that a rule asks for; what it negates is left out."""
    if isinstance(rule, Compare):
        yield rule
    elif isinstance(rule, AllOf | AnyOf):
        for one in rule.rules:
            yield from _comparisons(one)


def _clock(
    reader: Reader, key: FormKey, form: Form, values: dict[ItemPath, Reading], rule: Compare
) -> Iterator[DueLine]:
    try:
        (late_group, late), (from_group, since) = form.find(rule.item), form.find(rule.other or "")
    except KeyError:
        return
    if late_group.repeating or from_group.repeating or late.derivation is not None:
        return
    path = ItemPath(group=late_group.oid, item=late.name)
    begun = instant_of(values.get(ItemPath(group=from_group.oid, item=since.name), EMPTY))
    if begun is not None and values.get(path, EMPTY).is_empty:
        ends = begun.astimezone(reader.now.tzinfo) + timedelta(minutes=rule.add_minutes)
        words = joined([place_label(reader, key), late.label], reader.design.languages)
        yield DueLine(kind=DueKind.CLOCK, what=words, at=ends, over=ends < reader.now, key=key, path=path)


def _deviations_due(reader: Reader) -> Iterator[DueLine]:
    kept = reader.design.deviations
    if kept is None:
        return
    form = reader.design.form(kept.form)
    group, _ = form.find(kept.classified)
    path = ItemPath(group=group.oid, item=kept.classified)
    for key in reader.keys:
        if key.form != kept.form:
            continue
        values = reader.values(key)
        if values.get(path, EMPTY).is_empty:
            found_at = _named(form, values, kept.discovered)
            said = [
                text_of(reader, form.find(name)[1], _named(form, values, name)) for name in (kept.source, kept.category)
            ]
            words = joined([form.label, *said], reader.design.languages)
            yield DueLine(kind=DueKind.DEVIATION, what=words, at=instant_of(found_at), key=key, path=path)


def _named(form: Form, values: dict[ItemPath, Reading], name: str) -> Reading:
    group, _ = form.find(name)
    return values.get(ItemPath(group=group.oid, item=name), EMPTY)


def _forms_due(reader: Reader, visits: tuple[VisitColumn, ...]) -> Iterator[DueLine]:
    for visit in visits:
        open_states = {CellState.EMPTY, CellState.IN_PROGRESS, CellState.CONFLICT}
        left = [cell for cell in visit.cells if cell.need == "x" and cell.state in open_states]
        if left and visit.actual is not None:
            languages = reader.design.languages
            names = {one: _listed(one, [cell.label(one) for cell in left]) for one in languages}
            words = joined([visit.short, Text(names)], languages)
            yield DueLine(kind=DueKind.FORM, what=words, at=visit.actual, key=left[0].key)


def _listed(language: str, names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    distinct = list(dict.fromkeys(names))
    more = len(names) - FORMS_NAMED
    return listed(language, distinct[:FORMS_NAMED]) + (f" +{more}" if more > 0 else "")


# -- findings -----------------------------------------------------------------------------------------------


def finding_lines(reader: Reader) -> tuple[FindingLine, ...]:
    """Return every finding of the subject: open hard ones, open soft ones, answered ones."""
    lines = [_finding_line(reader, key, one) for key in reader.keys for one in reader.filled(key).findings]
    return tuple(
        sorted(lines, key=lambda line: (line.state is not QueryState.OPEN, line.severity is not Severity.HARD))
    )


def _finding_line(reader: Reader, key: FormKey, finding: Finding) -> FindingLine:
    group = reader.design.form(key.form).group(finding.path.group)
    item = next(one for one in group.items if one.name == finding.path.item)
    return FindingLine(
        key=key,
        path=finding.path,
        where=place_label(reader, key),
        item=item.label,
        check=finding.check,
        severity=finding.severity,
        message=finding.message,
        state=QueryState.OPEN if finding.is_open else QueryState.ANSWERED,
        reason=finding.confirmed or "",
    )

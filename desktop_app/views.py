"""From a casebook to the snapshots that windows show. Pure functions; no disk, no Qt."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from casebook import checks
from casebook.clock import Moment, local_time
from casebook.custody import Where, weakest
from casebook.design import Form, Item, ItemGroup, PlannedForm, Severity, StudyDesign, Text, Visit, VisitKind
from casebook.entry import display, read_item
from casebook.errors import LANGUAGES, CasebookError, ReasonRequiredError, UnreadableItemError
from casebook.ids import CommitId, DeviceId, SubjectId, UserId, subject_id
from casebook.projection import Entry, FormState, ItemState, StoredDocument
from casebook.ranges import ranges_of
from casebook.records import FormKey, ItemPath, Reading, VisitKey
from casebook.sentences import Sentences
from desktop_app import bedside, overview, screening, standing
from desktop_app.custody_snapshots import Whereis
from desktop_app.drafts import Effective, OpenDraft, settles_sitting
from desktop_app.reader import Filled, Reader
from desktop_app.snapshots import (
    CasebookView,
    CellState,
    Custody,
    DocumentRow,
    FormCell,
    FormView,
    GroupView,
    InstanceRow,
    ItemView,
    Mark,
    QueryState,
    RowView,
    Running,
    ScreeningFacts,
    SubjectRow,
    TrailLine,
    VisitColumn,
)

NOTHING_YET = Text({"en": "screened", "zh": "筛选"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a view needs beside the casebook.

    Attributes:
        unsent: Commits of this laptop that the server has not received.
        name_of: A person's display name.
        letter_of: A laptop's letter.
        opens_identity: Whether this session holds the site's identity key.
        enters, answers: Whether the signed-in person enters a form, and answers its findings, by its OID.
        may_sign: Whether that person may confirm hard findings, as an investigator.
        site: The site's number.
        letter: This laptop's letter.
        user: Who is signed in.
        asked_in: A form (by its OID) as it stood in a version of it, with the study around it, where that is known.
    """

    design: StudyDesign
    unsent: frozenset[CommitId]
    name_of: Callable[[UserId], str]
    letter_of: Callable[[DeviceId], str]
    opens_identity: bool
    enters: Callable[[str], bool]
    answers: Callable[[str], bool]
    offset_minutes: int
    may_sign: bool = False
    site: str = ""
    letter: str = ""
    user: UserId | None = None
    asked_in: Callable[[str, str], tuple[StudyDesign, Form] | None] = lambda _form, _version: None
    where: Callable[[CommitId], Where] = lambda _commit: Where(custody=Custody.RECEIVED)


def custody_of(commits: Iterable[CommitId], unsent: frozenset[CommitId], *, open_here: bool = False) -> Custody:
    """Return where a set of commits is."""
    held = frozenset(commits)
    if open_here or held & unsent:
        return Custody.HERE_ONLY
    return Custody.RECEIVED if held else Custody.NOTHING


def whereis_of(where: Where, offset_minutes: int) -> Whereis:
    """Return where a record is, its time on the study's wall clock."""
    at = local_time(where.at_ms, offset_minutes) if where.at_ms is not None else None
    return Whereis(custody=where.custody, at=at, bundle=where.bundle)


def whereis(commits: Iterable[CommitId], around: Surroundings, *, open_here: bool = False) -> Whereis:
    """Return where a set of commits is: where the least safe of them is; entries that are not sealed are here only."""
    if open_here:
        return Whereis(custody=Custody.HERE_ONLY)
    return whereis_of(weakest(around.where(one) for one in commits), around.offset_minutes)


def _local(moment: Moment) -> datetime:
    return moment.local


# -- subjects ---------------------------------------------------------------------------------------


def subject_row(reader: Reader, around: Surroundings) -> SubjectRow:
    """Return a subject's line in the list."""
    casebook = reader.casebook
    states = [
        _cell_state(reader.design.form(key.form), casebook.form(key), reader.effective(key), around)
        for key in reader.keys
    ]
    moments = [one.moment for form in casebook.forms.values() for one in form.contributions]
    added = casebook.added_at
    added_at = _local(added) if added is not None else datetime.fromtimestamp(0, tz=UTC)
    status = reader.status
    return SubjectRow(
        subject=casebook.subject,
        number=casebook.number,
        status=status,
        status_label=around.design.statuses.get(status, NOTHING_YET),
        added_at=added_at,
        last_change=max((_local(moment) for moment in moments), default=added_at),
        forms_started=sum(1 for state in states if state is not CellState.EMPTY),
        forms_complete=sum(1 for state in states if state is CellState.COMPLETE),
        conflicts=sum(len(form.clashes) for form in casebook.forms.values()),
        findings=sum(1 for line in overview.finding_lines(reader) if line.state is QueryState.OPEN),
        custody=(place := whereis(casebook.commits, around, open_here=bool(reader.drafts))).custody,
        whereis=place,
        screening=screening.facts_of(reader),
        earlier=casebook.earlier_numbers,
    )


def write_row(row: SubjectRow) -> bytes:
    """Return what of a subject's line is worth keeping beside the record, to show a whole site at once."""
    kept = {
        "subject": row.subject,
        "number": row.number,
        "status": row.status,
        "added_at": row.added_at.isoformat(),
        "last_change": row.last_change.isoformat(),
        "forms_started": row.forms_started,
        "forms_complete": row.forms_complete,
        "conflicts": row.conflicts,
        "findings": row.findings,
        "earlier": list(row.earlier),
        "consented_on": row.screening.consented_on,
        "randomised_on": row.screening.randomised_on,
        "since": row.screening.since,
        "reason": dict(row.screening.reason.by_language),
    }
    return json.dumps(kept).encode("utf-8")


def read_row(body: bytes, around: Surroundings) -> SubjectRow:
    """Read what `write_row` wrote. Where the subject's records are is for the caller to say."""
    kept = json.loads(body)
    return SubjectRow(
        subject=subject_id(kept["subject"]),
        number=kept["number"],
        status=kept["status"],
        status_label=around.design.statuses.get(kept["status"], NOTHING_YET),
        added_at=datetime.fromisoformat(kept["added_at"]),
        last_change=datetime.fromisoformat(kept["last_change"]),
        forms_started=kept["forms_started"],
        forms_complete=kept["forms_complete"],
        conflicts=kept["conflicts"],
        findings=kept["findings"],
        custody=Custody.NOTHING,
        earlier=tuple(kept["earlier"]),
        screening=ScreeningFacts(
            consented_on=kept["consented_on"],
            randomised_on=kept["randomised_on"],
            since=kept["since"],
            reason=Text(kept["reason"]),
        ),
    )


# -- casebook ---------------------------------------------------------------------------------------


def casebook_view(reader: Reader, around: Surroundings) -> CasebookView:
    """Return a subject's casebook."""
    casebook = reader.casebook
    documents = [
        document_row(form, document, around) for form in casebook.forms.values() for document in form.documents
    ]
    visits = visit_columns(reader, around)
    eligibility = standing.eligibility_view(reader)
    return CasebookView(
        subject=casebook.subject,
        number=casebook.number,
        site=casebook.site,
        status=reader.status,
        status_label=around.design.statuses.get(reader.status, NOTHING_YET),
        randomised_at=reader.anchor("randomised_at"),
        visits=visits,
        documents=tuple(sorted(documents, key=lambda row: row.at)),
        sealed_away=casebook.sealed_away,
        newer_version_needed=casebook.unknown,
        digest=casebook.digest,
        running=running_rows(reader, around, _RUNNING),
        due=overview.due_lines(reader, visits, eligibility),
        findings=overview.finding_lines(reader),
        eligibility=eligibility,
        earlier=casebook.earlier_numbers,
        into=(SubjectId(casebook.into), "") if casebook.into else None,
        chronology=reader.chronology(),
    )


def visit_columns(reader: Reader, around: Surroundings) -> tuple[VisitColumn, ...]:
    """Return the scheduled visits in order."""
    scheduled = (visit for visit in reader.design.visits if visit.kind is VisitKind.SCHEDULED)
    return tuple(_column(visit, VisitKey(visit=visit.oid), reader, around) for visit in scheduled)


_RUNNING = {VisitKind.LOG: Running.LOG, VisitKind.EVENT: Running.EVENT, VisitKind.UNSCHEDULED: Running.UNSCHEDULED}


def running_rows(reader: Reader, around: Surroundings, kinds: Mapping[VisitKind, Running]) -> tuple[InstanceRow, ...]:
    """Return the forms outside the scheduled visits: each log, then what happened, in order of form and date."""
    rows: list[InstanceRow] = []
    for visit in reader.design.visits:
        if visit.kind not in kinds:
            continue
        standing = () if visit.kind in {VisitKind.EVENT, VisitKind.UNSCHEDULED} else visit.forms
        subject = reader.casebook.subject
        plan = {FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=one.form): one for one in standing}
        order = {one.form: place for place, one in enumerate(visit.forms)}
        begun = [key for key in reader.keys if key.visit.visit == visit.oid and key not in plan]
        begun.sort(key=lambda key: (order.get(key.form, len(order)), overview.date_of(reader, key)[1], key))
        turns: dict[str, int] = {}
        for key in (*plan, *begun):
            turns[key.form] = turns.get(key.form, 0) + 1
            rows.append(instance_row(key, plan.get(key), reader, around, (kinds[visit.kind], turns[key.form])))
    return tuple(rows)


def instance_row(
    key: FormKey, planned: PlannedForm | None, reader: Reader, around: Surroundings, place: tuple[Running, int]
) -> InstanceRow:
    """Return the line of a form outside the scheduled visits; `place`: what it is, and which one by date."""
    at, day = overview.date_of(reader, key)
    kind, turn = place
    form = reader.design.form(key.form)
    return InstanceRow(
        kind=kind,
        cell=_cell(key, planned, reader, around),
        at=at,
        day=day,
        turn=turn,
        entries=overview.entries_of(reader, key),
        summary=overview.summary_of(reader, key, sealed_away=form.identity and not around.opens_identity),
    )


def _column(visit: Visit, key: VisitKey, reader: Reader, around: Surroundings) -> VisitColumn:
    window = reader.window(visit)
    subject = reader.casebook.subject
    plan = {FormKey(subject=subject, visit=key, form=one.form, repeat=one.occasion): one for one in visit.forms}
    extra = [one for one in reader.keys if one.visit == key and one not in plan]
    status = reader.visit_status(visit, key)
    cells = [_cell(one, plan.get(one), reader, around, status) for one in (*plan, *extra)]
    return VisitColumn(
        key=key,
        label=visit.label,
        short=visit.short,
        window_from=window.opens if window else None,
        window_to=window.closes if window else None,
        actual=reader.visited_at(key),
        status=status,
        cells=tuple(cells),
    )


def _cell(
    key: FormKey, planned: PlannedForm | None, reader: Reader, around: Surroundings, visit_status: str = ""
) -> FormCell:
    form = reader.design.form(key.form)
    state = reader.casebook.form(key)
    filled = reader.filled(key) if state.contributions or key in reader.drafts else None
    shown = _cell_state(form, state, reader.effective(key), around)
    why_not = _why_not(planned, reader, visit_status) if shown is CellState.EMPTY else None
    return FormCell(
        key=key,
        label=form.label,
        occasion=planned.occasion_label if planned else None,
        need=planned.need if planned else "o",
        state=CellState.NOT_APPLICABLE if why_not is not None else shown,
        open_here=key in reader.drafts,
        hard_findings=filled.count(Severity.HARD) if filled else 0,
        soft_findings=filled.count(Severity.SOFT) if filled else 0,
        custody=(place := whereis(state.commits, around, open_here=key in reader.drafts)).custody,
        whereis=place,
        why_not=why_not,
    )


_GONE = {
    "NA_DEAD": Text({"en": "The subject died before.", "zh": "受试者此前已死亡。"}),
    "NA_WITHDRAWN": Text({"en": "The subject withdrew before.", "zh": "受试者此前已退出。"}),
    "NA_DISCHARGED": Text({"en": "The subject was discharged before.", "zh": "受试者此前已出院。"}),
}


def _why_not(planned: PlannedForm | None, reader: Reader, visit_status: str) -> Text | None:
    """Return why a form is not asked of this subject, or None where it is."""
    if visit_status in _GONE:
        return _GONE[visit_status]
    if planned is None or planned.when is None or reader.applicable(planned):
        return None
    return Text({one: Sentences(reader.design, one).applicable(planned.when) for one in LANGUAGES})


def _cell_state(form: Form, state: FormState, effective: Effective, around: Surroundings) -> CellState:
    if form.identity and not around.opens_identity:
        return CellState.SEALED_AWAY
    if not state.contributions and not effective.kept and not effective.typed and not any(effective.rows.values()):
        return CellState.EMPTY
    if state.clashes:
        return CellState.CONFLICT
    return CellState.COMPLETE if effective.complete else CellState.IN_PROGRESS


def document_row(form: FormState, document: StoredDocument, around: Surroundings) -> DocumentRow:
    """Return a finished document's line."""
    return DocumentRow(
        key=form.key,
        name=document.name,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        author=around.name_of(document.author),
        at=_local(document.moment),
        custody=(place := whereis([document.commit], around)).custody,
        whereis=place,
    )


# -- form -------------------------------------------------------------------------------------------


def form_view(reader: Reader, key: FormKey, around: Surroundings) -> FormView:
    """Return a form instance, ready to show."""
    form = reader.design.form(key.form)
    visit = reader.design.visit(key.visit.visit)
    planned = next((one for one in visit.forms if one.form == key.form and one.occasion == key.repeat), None)
    filled = reader.filled(key)
    sealed_away = form.identity and not around.opens_identity
    builder = _FormBuilder(form, filled, reader, around, reader.drafts.get(key))
    return FormView(
        key=key,
        form=form,
        number=reader.casebook.number or around.site,
        visit_label=visit.label,
        occasion=planned.occasion_label if planned else None,
        day=overview.date_of(reader, key)[1] if visit.kind is not VisitKind.SCHEDULED else "",
        groups=tuple(bedside.at_bedside(reader, key, builder.group(group), around.user) for group in form.groups),
        complete=filled.effective.complete,
        editable=around.enters(form.oid) and not sealed_away,
        open_here=key in reader.drafts,
        unanswered=filled.unanswered,
        hard_findings=filled.count(Severity.HARD),
        soft_findings=filled.count(Severity.SOFT),
        custody=(place := whereis(filled.state.commits, around, open_here=key in reader.drafts)).custody,
        whereis=place,
        sealed_away=sealed_away,
        documents=tuple(document_row(filled.state, one, around) for one in filled.state.documents),
    )


def at_rest(view: FormView) -> FormView:
    """Return a form that nothing can be entered into: it is frozen or locked."""
    groups = tuple(
        replace(
            group,
            rows=tuple(
                replace(row, items=tuple(replace(one, editable=False, may_answer=False) for one in row.items))
                for row in group.rows
            ),
        )
        for group in view.groups
    )
    return replace(view, groups=groups, editable=False)


@dataclass(frozen=True, slots=True)
class _FormBuilder:
    form: Form
    filled: Filled
    reader: Reader
    around: Surroundings
    draft: OpenDraft | None

    @property
    def _effective(self) -> Effective:
        return self.filled.effective

    def group(self, group: ItemGroup) -> GroupView:
        if not group.repeating:
            asked = self.reader.subject.scope(self.filled.state.key) if group.style == "grid" else None
            applied, kept = ranges_of(asked, group) if asked is not None else ({}, {})
            return GroupView(group=group, rows=(self._row(group, "", None),), ranges=applied, kept_ranges=kept)
        rows = self._effective.rows.get(group.oid, ())
        return GroupView(group=group, rows=tuple(self._row(group, row, reason) for row, reason in rows))

    def _row(self, group: ItemGroup, row: str, struck: str | None) -> RowView:
        return RowView(
            row=row,
            struck_reason=struck,
            items=tuple(self._item(group, item, row, struck=struck is not None) for item in group.items),
        )

    def _item(self, group: ItemGroup, item: Item, row: str, *, struck: bool) -> ItemView:
        path = ItemPath(group=group.oid, item=item.name, row=row)
        state = self.filled.state.items.get(path)
        typed = self._effective.typed.get(path)
        entry = state.entry if state is not None and path not in self._effective.kept else None
        problem = self._problem(item, typed.raw, typed.unit) if typed else None
        anew = self.draft is not None and settles_sitting(self.filled.state, self.draft, path)
        asks_reason = state is not None and (state.conflict or not state.shown.is_empty) and not anew
        waits = typed is not None and problem is None and asks_reason
        derived = item.derivation is not None
        sealed = item.identity and not self.around.opens_identity
        may_answer = self.around.answers(self.form.oid) and not struck and not sealed
        return ItemView(
            path=path,
            item=item,
            offset_minutes=self.around.offset_minutes,
            reading=self.filled.readings.get(path) or self._effective.readings.get(path) or Reading(),
            mark=self._mark(path, state, is_typed=typed is not None),
            visible=checks.relevant(
                self.form, item, self.filled.readings, row=row, others=self.reader.around(self.filled.state.key)
            ),
            editable=may_answer and not derived,
            asks_reason=asks_reason,
            author=self.around.name_of(entry.author) if entry else "",
            at=_local(entry.moment) if entry else None,
            typed=typed.raw if typed else "",
            waits_for_reason=waits,
            problem=problem or (_says(ReasonRequiredError(item=item.label.by_language)) if waits else None),
            findings=tuple(one for one in self.filled.findings if one.path == path),
            heads=self._heads(item, state) if state is not None and state.conflict else (),
            changes=max(0, len(state.history) - 1) if state is not None else 0,
            may_answer=may_answer,
            may_sign=self.around.may_sign,
        )

    def _mark(self, path: ItemPath, state: ItemState | None, *, is_typed: bool) -> Mark:
        if is_typed:
            return Mark.TYPED
        if path in self._effective.kept:
            return Mark.KEPT
        if state is None or (state.shown.is_empty and not state.conflict):
            return Mark.EMPTY
        if state.conflict:
            return Mark.CONFLICT
        return Mark.UNCONFIRMED if state.entry.unconfirmed else Mark.RECORDED

    def _problem(self, item: Item, raw: str, unit: str | None) -> Text | None:
        """Return why text could not be read, as reading it again says it."""
        code_list = self.reader.design.code_lists.get(item.code_list or "")
        try:
            read_item(item, code_list, raw, unit=unit, now=self.reader.now, offset_minutes=self.around.offset_minutes)
        except UnreadableItemError as error:
            return _says(error)
        return None

    def _heads(self, item: Item, state: ItemState) -> tuple[TrailLine, ...]:
        return tuple(trail_line(item, head, state, self.around) for head in state.heads)


def _says(error: CasebookError) -> Text:
    return Text({language: error.sentence(language) for language in LANGUAGES})


def trail_line(item: Item, entry: Entry, state: ItemState, around: Surroundings, *, sealed: bool = True) -> TrailLine:
    """Return one entry of an item's trail in words."""
    return TrailLine(
        author=around.name_of(entry.author),
        laptop=around.letter_of(entry.device),
        at=_local(entry.moment),
        shown=shown_text(item, entry.reading, around),
        reason=entry.reason or "",
        is_shown=sealed and entry == state.entry,
        in_conflict=state.conflict and entry in state.heads,
        unconfirmed=entry.unconfirmed,
        sealed=sealed,
    )


def shown_text(item: Item, reading: Reading, around: Surroundings, design: StudyDesign | None = None) -> Text:
    """Return a value in words, in every language; in those of another version of the study where `design` is one."""
    code_list, here = (design or around.design).code_lists.get(item.code_list or ""), around.offset_minutes
    languages = dict.fromkeys((*around.design.languages, *LANGUAGES))
    return Text({language: display(item, code_list, reading, language, offset_minutes=here) for language in languages})

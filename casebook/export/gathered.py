"""One subject's record as it leaves: identity out, values in conflict out, rows numbered, derived values worked out.

A value that is in conflict is not exported, whichever entry is shown on the screen. Nor is a derived value
that would be another one if the conflict were settled otherwise: all that is in conflict is tried empty and
with each of its entries, and what does not come out the same every time is in conflict too.

Source: docs/adr/0003; docs/export.md, section "Conflicts".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from casebook.checks import Finding
from casebook.design import Form, Item, ItemGroup, StudyDesign
from casebook.export.disclosure import groups_of, item_at
from casebook.projection import Casebook, Entry, FormState, ItemState
from casebook.records import EMPTY, FormKey, ItemPath, Reading
from casebook.subject import Instance, Subject, instance_of, nobody_has
from casebook.versions import fitting, shows


class Why(StrEnum):
    """Why a cell is empty, beside the missing-data codes."""

    CONFLICT = "conflict"
    OTHER_VERSION = "other_version"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One item of one row.

    Attributes:
        value: Canonical text; None where nothing stands or nothing is exported.
        why: Why there is none: a missing-data code, or one of `Why`; "" where nobody said.
        entry: The entry that stands; None for derived values and where nothing was entered.
    """

    item: Item
    path: ItemPath
    value: str | None = None
    why: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a group. `number` counts rows of repeating groups from 1, struck ones too; 0 outside."""

    group: ItemGroup
    row: str
    number: int
    cells: tuple[Cell, ...]
    struck_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRecord:
    """One form instance."""

    form: Form
    state: FormState
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]

    @property
    def key(self) -> FormKey:
        """Which instance it is."""
        return self.state.key

    @property
    def last_entry(self) -> tuple[datetime, str] | None:
        """When and by whom anything was last recorded in it, identity items included."""
        latest = max(self.state.contributions, key=lambda one: (one.moment.utc_ms, one.commit), default=None)
        return None if latest is None else (latest.moment.local, latest.author)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """Everything of one casebook that may leave, and the engine that answers for it."""

    casebook: Casebook
    subject: Subject
    settled: tuple[Subject, ...]
    """The same subject with what is in conflict settled in each way; () where nothing is in conflict."""
    forms: tuple[FormRecord, ...]
    unknown_forms: int
    """Form instances of another study version, whose items nobody here can tell from identity."""
    also: tuple["SubjectRecord", ...] = ()
    """What was entered under other numbers of the same person; it leaves under this subject, marked by its number."""

    @property
    def number(self) -> str:
        """The subject's number; its identity where the number has not arrived yet."""
        return self.casebook.number or self.casebook.subject

    def agreed(self, ask: Callable[[Subject], str]) -> str:
        """Return what the engine answers; `conflict` where that depends on how a conflict is settled."""
        answers = {ask(one) for one in (self.subject, *self.settled)}
        return next(iter(answers)) if len(answers) == 1 else Why.CONFLICT.value


def gather(
    design: StudyDesign,
    casebook: Casebook,
    *,
    now: datetime,
    site: Subject | None = None,
    taken: Callable[[str, str], bool] | None = None,
) -> SubjectRecord:
    """Return one casebook as it leaves.

    Args:
        now: The moment of the export: what is late is judged by it.
        site: The site's own file, which rules of subjects' forms may look into.
        taken: Tells whether another subject of the site has a value of a unique item.
    """

    def subject_of(states: Mapping[FormKey, FormState]) -> Subject:
        instances = {key: _as_asked(design, instance_of(state)) for key, state in states.items()}
        return Subject(
            design=design, id=casebook.subject, instances=instances, now=now, site=site, taken=taken or nobody_has
        )

    known = {key: state for key, state in casebook.forms.items() if key.form in design.forms}
    subject = subject_of(known)
    others = tuple(subject_of(states) for states in _settled(known))
    return SubjectRecord(
        casebook=casebook,
        subject=subject,
        settled=others,
        forms=tuple(
            _form_record(design, known[key], subject, others)
            for key in subject.keys
            if any(groups_of(design.forms[key.form]))
        ),
        unknown_forms=len(casebook.forms) - len(known),
    )


def _as_asked(design: StudyDesign, instance: Instance) -> Instance:
    """Return an instance without what only another version of the study can show."""
    return replace(instance, readings=fitting(design, instance.key.form, instance.readings))


def _settled(states: Mapping[FormKey, FormState]) -> Iterator[dict[FormKey, FormState]]:
    """Yield the record with what is in conflict left empty, then settled in the way of each entry in turn."""
    ways = max((len(state.items[path].heads) for state in states.values() for path in state.conflicts), default=0)
    for way in (None, *range(ways)) if ways else ():
        yield {key: _settle(state, way) if state.conflicts else state for key, state in states.items()}


def _settle(state: FormState, way: int | None) -> FormState:
    items = dict(state.items)
    for path in state.conflicts:
        heads = items[path].heads
        reading = EMPTY if way is None else heads[way % len(heads)].reading
        items[path] = _showing(items[path], reading)
    return replace(state, items=items)


def _showing(item: ItemState, reading: Reading) -> ItemState:
    entry = replace(item.entry, reading=reading)
    return replace(item, shown=reading, heads=(entry,), history=(*item.history[:-1], entry))


def _form_record(design: StudyDesign, state: FormState, subject: Subject, others: Sequence[Subject]) -> FormRecord:
    form = design.forms[state.key.form]
    values = subject.values(state.key)
    tried = [other.values(state.key) for other in others]
    struck_rows = {
        (group, one.row) for group, rows in state.rows.items() for one in rows if one.struck_reason is not None
    }

    def asked(path: ItemPath) -> bool:
        return (path.group, path.row) in struck_rows or subject.relevant(state.key, path)

    rows = tuple(
        Row(
            group=group,
            row=row,
            number=number,
            struck_reason=struck,
            cells=tuple(
                _derived(item, path, values, tried)
                if item.derivation is not None
                else _entered(item, path, state, asked, lambda path, one: shows(design, form, path, one))
                for item in items
                for path in (ItemPath(group=group.oid, item=item.name, row=row),)
            ),
        )
        for group, items in groups_of(form)
        for number, (row, struck) in _rows_of(group, state)
    )
    findings = tuple(one for one in subject.findings(state.key) if item_at(form, one.path) is not None)
    return FormRecord(form=form, state=state, rows=rows, findings=findings)


def _rows_of(group: ItemGroup, state: FormState) -> Iterator[tuple[int, tuple[str, str | None]]]:
    if not group.repeating:
        yield 0, ("", None)
        return
    for number, row in enumerate(state.rows.get(group.oid, ()), start=1):
        yield number, (row.row, row.struck_reason)


def _derived(
    item: Item, path: ItemPath, values: Mapping[ItemPath, Reading], tried: Sequence[Mapping[ItemPath, Reading]]
) -> Cell:
    outcomes = {one.get(path, EMPTY).value for one in (values, *tried)}
    if len(outcomes) > 1:
        return Cell(item=item, path=path, why=Why.CONFLICT)
    return Cell(item=item, path=path, value=next(iter(outcomes)))


def _entered(
    item: Item,
    path: ItemPath,
    state: FormState,
    asked: Callable[[ItemPath], bool],
    showable: Callable[[ItemPath, Reading], bool],
) -> Cell:
    held = state.items.get(path)
    if held is None:
        return Cell(item=item, path=path)
    if held.conflict:
        return Cell(item=item, path=path, why=Why.CONFLICT)
    reading, entry = held.shown, held.entry
    if reading.is_empty:
        return Cell(item=item, path=path)
    if not showable(path, reading):
        return Cell(item=item, path=path, why=Why.OTHER_VERSION, entry=entry)
    if not asked(path):
        return Cell(item=item, path=path, why=Why.NOT_ASKED, entry=entry)
    if reading.missing is not None:
        return Cell(item=item, path=path, why=str(reading.missing), entry=entry)
    return Cell(item=item, path=path, value=reading.value, entry=entry)

"""Enters whole subjects through real sessions, in any order, and tells how they stand then.

Everybody enters what is theirs; then findings are answered, raised deviations classified and forms marked
complete; what comes last is entered last. Nothing is written past the session.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from casebook.design import StudyDesign
from casebook.errors import IncompleteFormError
from casebook.ids import SubjectId, site_file_id
from casebook.records import FormKey, ItemPath, MissingCode, Reading, VisitKey
from desktop_app.session import Session
from desktop_app.snapshots import CasebookView, QueryState
from tests.whole_subjects import PEOPLE, Answered, Answers, Case, Sheet, finding_name

T = TypeVar("T")
SitDown = Callable[[str], AbstractContextManager[Session]]
"""Signs somebody in: `coordinator`, `investigator` or `assessor`."""
Arrange = Callable[[Sequence[T]], Sequence[T]]
DEVIATIONS = "F.DV"
_PLACE = re.compile(r"(?P<form>[A-Z.0-9]+)(?:@(?P<visit>[A-Z.0-9]+))?(?:/(?P<occasion>\w+))?(?:#(?P<turn>\w+))?")


class NotAsExpectedError(AssertionError):
    """A subject does not stand as its file says."""


@dataclass
class Entered:
    """Where a subject's entries are.

    Attributes:
        keys: The form instances by place.
        rows: By place and group, the rows in order.
    """

    case: Case
    subject: SubjectId
    number: str
    keys: dict[str, FormKey] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def place_of(self, key: FormKey) -> str | None:
        """Return the place that a form instance has in the case."""
        return next((place for place, one in self.keys.items() if one == key), None)

    def path(self, design: StudyDesign, place: str, item: str, turn: int) -> ItemPath:
        """Return an item's path; `turn` counts the rows of a repeating group from 1."""
        group, _ = design.form(self.keys[place].form).find(item)
        return ItemPath(group=group.oid, item=item, row=self.rows[place, group.oid][turn - 1] if turn else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a subject stands, in words that mean the same on every laptop.

    Attributes:
        open, answered: Findings, as `EC064 F.MRS@SE.V6 MRS`.
        deviations: What the software raised, as `EC046 SE.V2 F.BMM XOVER`.
        classified: Those that somebody classified.
        values: By place, item and turn of the row, what stands there, calculated or not.
        incomplete: The places of forms that are not marked complete.
    """

    status: str
    eligible: str
    failed: frozenset[str]
    unknown: frozenset[str]
    visits: Mapping[str, str]
    open: frozenset[str]
    answered: frozenset[str]
    deviations: frozenset[str]
    classified: frozenset[str]
    values: Mapping[str, str]
    incomplete: frozenset[str]


def as_listed(sequence: Sequence[T]) -> Sequence[T]:
    """Leave an order as it is."""
    return sequence


def enter(cases: Iterable[Case], sit_down: SitDown, arrange: Arrange[Sheet] = as_listed) -> dict[str, Entered]:
    """Enter subjects; returns where each lies, by the name of its case.

    Args:
        sit_down: Whose session is opened and locked around the work of each person.
        arrange: The order in which a person's forms are entered.
    """
    done: dict[str, Entered] = {}
    waiting = tuple(cases)
    for person in PEOPLE:
        with sit_down(person) as session:
            for case in waiting:
                if case.name not in done:
                    row = session.add_subject()
                    done[case.name] = Entered(case=case, subject=row.subject, number=row.number)
                for sheet in arrange([one for one in case.sheets if one.by == person and not one.last]):
                    _fill(session, done[case.name], sheet)
    for person in reversed(PEOPLE):  # what an investigator confirms or classifies stands in the way of others' forms
        with sit_down(person) as session:
            for case in waiting:
                _answer(session, done[case.name], person)
    for person in PEOPLE:
        with sit_down(person) as session:
            for case in waiting:
                for sheet in case.sheets:
                    if sheet.last and sheet.by == person:
                        _fill(session, done[case.name], sheet)
                        _complete(session, done[case.name], sheet)
    return done


def enter_site_file(site: Case, session: Session) -> Entered:
    """Enter what is recorded of the site itself."""
    entered = Entered(case=site, subject=site_file_id(session.design.code, session.site), number="")
    for sheet in site.sheets:
        _fill(session, entered, sheet)
        _complete(session, entered, sheet)
    return entered


def _fill(session: Session, entered: Entered, sheet: Sheet) -> None:
    key = entered.keys[sheet.place] = _key(session, entered, sheet.place)
    _keep(session, key, sheet.values)
    for group, values in sheet.rows:
        known = entered.rows.setdefault((sheet.place, group), [])
        view = session.add_row(key, group)
        fresh = [
            row.row for one in view.groups if one.group.oid == group for row in one.rows if row.row not in {"", *known}
        ]
        known += fresh
        _keep(session, key, values, fresh[-1])
    session.save(key)


def _key(session: Session, entered: Entered, place: str) -> FormKey:
    found = _PLACE.fullmatch(place)
    assert found is not None, place
    form, visits = found["form"], session.design.visits
    visit = found["visit"] or next(one.oid for one in visits if any(planned.form == form for planned in one.forms))
    if found["turn"] is None:
        return FormKey(subject=entered.subject, visit=VisitKey(visit=visit), form=form, repeat=found["occasion"] or "")
    if session.design.visit(visit).unscheduled:
        return session.add_unscheduled(entered.subject, form)
    return session.add_event(entered.subject, form)


def _keep(session: Session, key: FormKey, values: Answers, row: str = "") -> None:
    form = session.design.form(key.form)
    for name, text in values.items():
        group, _ = form.find(name)
        path = ItemPath(group=group.oid, item=name, row=row)
        if text.startswith("!"):
            session.keep(key, path, "", missing=MissingCode(text[1:]), reason="NOSOURCE")
        else:
            session.keep(key, path, text)


def _answer(session: Session, entered: Entered, person: str) -> None:
    for one in entered.case.answered:
        if one.by == person:
            _confirm(session, entered, one)
    if person == PEOPLE[-1]:
        raised = _raised(session, session.casebook(entered.subject))
        for classified in entered.case.classified:
            key = raised[classified.name]
            _keep(session, key, classified.values)
            session.set_complete(key, on=True)
    for sheet in entered.case.sheets:
        if sheet.by == person and not sheet.last:
            _complete(session, entered, sheet)


def _confirm(session: Session, entered: Entered, one: Answered) -> None:
    key, path = entered.keys[one.place], entered.path(session.design, one.place, one.item, one.row)
    session.confirm(key, one.check, path, one.reason)
    session.save(key)


def _complete(session: Session, entered: Entered, sheet: Sheet) -> None:
    """Mark a form complete; where something stands in the way, it stays open, and `differences` tells."""
    key = entered.keys[sheet.place]
    if sheet.complete:
        with contextlib.suppress(IncompleteFormError):
            session.set_complete(key, on=True)


def _raised(session: Session, book: CasebookView) -> dict[str, FormKey]:
    """Return the deviations that the software raised, by check and place."""
    found: dict[str, FormKey] = {}
    for row in book.running:
        if row.cell.key.form == DEVIATIONS:
            values = _values(session, row.cell.key)
            if "DVSRC" in values:
                found[f"{values['DVSRC']} {values['DVREF']}"] = row.cell.key
    return found


def _values(session: Session, key: FormKey) -> dict[str, str]:
    values: dict[str, str] = {}
    for group in session.form(key).groups:
        live = [row for row in group.rows if row.struck_reason is None]
        for turn, row in enumerate(live, 1):
            for view in row.items:
                name = f"{view.path.item} {turn}" if group.group.repeating else view.path.item
                if not view.reading.is_empty:
                    values[name] = _text(view.reading)
    return values


def _text(reading: Reading) -> str:
    return reading.value if reading.value is not None else f"!{reading.missing}"


def see(session: Session, entered: Entered) -> Seen:
    """Tell how a subject stands."""
    book = session.casebook(entered.subject)
    raised = _raised(session, book)
    names = {key: place for place, key in entered.keys.items()} | {key: f"F.DV!{name}" for name, key in raised.items()}
    findings = {
        finding_name(one.check, names[one.key], one.path.item, _turn(entered, names[one.key], one.path)): one.state
        for one in book.findings
    }
    values = {f"{place}:{name}": text for key, place in names.items() for name, text in _values(session, key).items()}
    eligibility = {one: values.get(f"F.IE:{one}", "") for one in ("IEELIG", "IEFAILED", "IEUNKN")}
    return Seen(
        status=book.status,
        eligible=eligibility["IEELIG"],
        failed=frozenset(eligibility["IEFAILED"].split()),
        unknown=frozenset(eligibility["IEUNKN"].split()),
        visits={one.key.visit: one.status for one in book.visits if one.status},
        open=frozenset(name for name, state in findings.items() if state is QueryState.OPEN),
        answered=frozenset(name for name, state in findings.items() if state is QueryState.ANSWERED),
        deviations=frozenset(raised),
        classified=frozenset(name for name in raised if f"F.DV!{name}:DVDECOD" in values),
        values=values,
        incomplete=frozenset(place for key, place in names.items() if not session.form(key).complete),
    )


def _turn(entered: Entered, place: str, path: ItemPath) -> int:
    return entered.rows[place, path.group].index(path.row) + 1 if path.row else 0


def differences(case: Case, seen: Seen) -> list[str]:
    """Return in which points a subject does not stand as its file says."""
    expected = case.expected
    assert expected is not None, case.name
    wanted = {
        "status": expected.status,
        "eligible": expected.eligible,
        "failed": expected.failed,
        "unknown": expected.unknown,
        "visits": dict(expected.visits),
        "open": expected.open,
        "answered": frozenset(one.name for one in case.answered),
        "deviations": expected.deviations,
        "classified": frozenset(one.name for one in case.classified),
    }
    found = [
        f"{case.name}: {name} is {_shown(getattr(seen, name))}, expected {_shown(value)}"
        for name, value in wanted.items()
        if getattr(seen, name) != value
    ]
    found += [
        f"{case.name}: {name} is {seen.values.get(name, '')!r}, expected {_canonical(text)!r}"
        for name, text in expected.values.items()
        if seen.values.get(name, "") != _canonical(text)
    ]
    still_open = {sheet.place for sheet in case.sheets if not sheet.complete}
    still_open |= {f"F.DV!{name}" for name in seen.deviations - seen.classified}
    if seen.incomplete != still_open:
        found.append(f"{case.name}: not complete are {_shown(seen.incomplete)}, expected {_shown(still_open)}")
    return found


def expect_as_told(entered: Entered, session: Session) -> Seen:
    """Tell how a subject stands, where that is as its file says. Raises NotAsExpectedError."""
    seen = see(session, entered)
    found = differences(entered.case, seen)
    if found:
        raise NotAsExpectedError("\n".join(found))
    return seen


def _shown(value: object) -> str:
    return str(sorted(value)) if isinstance(value, set | frozenset) else str(value)


def _canonical(text: str) -> str:
    """Return a date-time as it is recorded; other texts as they are."""
    return re.sub(r"^(\d{4}-\d\d-\d\d) (\S{5}) (\+08:00)$", r"\1T\2\3", text)

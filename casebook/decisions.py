"""Which changes to a casebook are allowed.

Each function takes a form instance as it stands and an intent, and returns the operations that record
it, or raises a refusal. Nothing here reads a clock, a disk or a screen.

Source: 21 CFR 11.10(e) (an audit trail never obscures an earlier value); ICH E6(R3) 4.2.2;
docs/adr/0004.
"""

from casebook.checks import Finding
from casebook.design import Form, Item, ItemGroup, Need, Severity
from casebook.errors import (
    AbsenceReasonRequiredError,
    ConflictSettledError,
    DerivedItemError,
    IncompleteFormError,
    ReasonRequiredError,
    SittingInConflictError,
    UnknownItemError,
)
from casebook.ids import CommitRef
from casebook.projection import Clash, FormState, Unit
from casebook.records import (
    EMPTY,
    AddRow,
    Confirmation,
    ItemPath,
    Mark,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)

COMPLETE = "complete"


def find_item(form: Form, path: ItemPath) -> tuple[ItemGroup, Item]:
    """Return an item of a form with its group.

    Raises:
        UnknownItemError: The form has no such item in that group.
    """
    for group in form.groups:
        for item in group.items:
            if item.name == path.item and group.oid == path.group:
                return group, item
    raise UnknownItemError(form=form.oid, item=path.item)


def enter_item(
    form: Form,
    state: FormState,
    path: ItemPath,
    reading: Reading,
    *,
    reason: str | None = None,
    anew: bool = False,
) -> tuple[Operation, ...]:
    """Record a value, a missing-data code or a cleared field for one item.

    Args:
        state: The form as recorded (sealed commits only): what its entries supersede.
        reading: The value as `checks.read_item` returned it.
        reason: Why a recorded value is replaced, or a mandatory item has none; required in both cases.
        anew: What is open already settles the sitting: it is entered anew (`settle`).

    Returns:
        The entry, preceded by what was seen of its sitting; a completed form is reopened. Nothing
        when the recorded value is the same and is not in conflict.

    Raises:
        UnknownItemError: The form has no such item.
        DerivedItemError: The item is calculated.
        ReasonRequiredError: A recorded value exists and no reason was given.
        AbsenceReasonRequiredError: A mandatory item gets a missing-data code, and no reason was given.
        SittingInConflictError: The item is part of a sitting that stands twice: one counts as a whole, or it is
            entered anew.
    """
    group, item = find_item(form, path)
    if not anew and sitting_clash(state, path) is not None:
        raise SittingInConflictError
    if item.derivation is not None:
        raise DerivedItemError(item=item.oid)
    recorded = state.items.get(path)
    if recorded is not None:
        if recorded.shown == reading and not (recorded.conflict and reason):
            return ()
        if not reason and (recorded.conflict or any(not head.reading.is_empty for head in recorded.heads)):
            raise ReasonRequiredError(item=item.oid)
    elif reading.is_empty:
        return ()
    if reading.missing is not None and item.need is not Need.OPTIONAL and not reason:
        raise AbsenceReasonRequiredError(item=item.oid)
    bases = recorded.bases if recorded is not None else ()
    entry = SetItem(path=path, reading=reading, bases=bases, reason=reason or None)
    return (*_seen_of_sitting(group, state, path.row), entry, *_reopened(state))


def _seen_of_sitting(group: ItemGroup, state: FormState, row: str) -> tuple[Operation, ...]:
    if not group.sitting:
        return ()
    return (Sitting(group=group.oid, row=row, bases=state.sittings.get((group.oid, row), ())),)


def _reopened(state: FormState) -> tuple[Operation, ...]:
    return (Mark(flag=COMPLETE, on=False, bases=state.complete_bases),) if state.complete else ()


def add_row(form: Form, state: FormState, group: str, row: str) -> tuple[Operation, ...]:
    """Add a row to a repeating group. Raises UnknownItemError when the form has no such group."""
    if not any(one.oid == group and one.repeating for one in form.groups):
        raise UnknownItemError(form=form.oid, item=group)
    return (AddRow(group=group, row=row), *_reopened(state))


def strike_row(form: Form, state: FormState, group: str, row: str, reason: str) -> tuple[Operation, ...]:
    """Strike a row through, with a reason; it stays readable.

    Raises:
        UnknownItemError: The form has no such repeating group.
        ReasonRequiredError: No reason was given.
    """
    if not any(one.oid == group and one.repeating for one in form.groups):
        raise UnknownItemError(form=form.oid, item=group)
    if not reason.strip():
        raise ReasonRequiredError(item=group)
    bases = next((one.bases for one in state.rows.get(group, ()) if one.row == row), ())
    return (StrikeRow(group=group, row=row, reason=reason, bases=bases), *_reopened(state))


def confirm(form: Form, finding: Finding, standing: Reading, reason: str) -> tuple[Operation, ...]:
    """Say of a finding that it happened so, with a reason.

    Args:
        standing: The value that is confirmed; another value asks again.

    Raises:
        ReasonRequiredError: No reason was given.
        UnknownItemError: The finding is a contradiction inside the record and has no such exit.
    """
    if not reason.strip():
        raise ReasonRequiredError(item=finding.path.item)
    if not finding.confirmable:
        raise UnknownItemError(form=form.oid, item=finding.check)
    return (Confirmation(check=finding.check, path=finding.path, value=standing.value, reason=reason),)


def set_complete(
    form: Form, state: FormState, left: tuple[ItemPath, ...], found: tuple[Finding, ...], *, on: bool
) -> tuple[Operation, ...]:
    """Mark a form complete, or put it back to in progress.

    Args:
        left: The items that still need an answer (see `checks.unanswered`).
        found: The findings over those values.

    Raises:
        IncompleteFormError: Mandatory items are unanswered, items are in conflict, or hard findings
            are neither resolved nor confirmed.
    """
    if on == state.complete:
        return ()
    if on:
        open_items = len(left) + sum(1 for one in state.clashes if one.unit is not Unit.COMPLETE)
        open_items += sum(1 for one in found if one.severity is Severity.HARD and one.confirmed is None)
        if open_items:
            raise IncompleteFormError(form=form.oid, count=open_items)
    return (Mark(flag=COMPLETE, on=on, bases=state.complete_bases),)


# -- conflicts --------------------------------------------------------------------------------------------


def sitting_clash(state: FormState, path: ItemPath) -> Clash | None:
    """Return the conflict of the sitting that an item is part of, where it stands twice."""
    unit = (path.group, path.row)
    return next(
        (one for one in state.clashes if one.unit is Unit.SITTING and (one.path.group, one.path.row) == unit), None
    )


def settle(state: FormState, clash: str, side: CommitRef | None, reason: str) -> tuple[Operation, ...]:
    """Settle what people disagree about by choosing one side as a whole; names every side.

    Args:
        clash: Its id.
        side: The side that counts. None: a sitting is emptied, to be entered anew before it is saved.
        reason: Why; required but for the mark that a form is complete.

    Raises:
        ConflictSettledError: Nobody disagrees about this any more, or others do.
        ReasonRequiredError: No reason was given.
    """
    found = next((one for one in state.clashes if one.id == clash), None)
    chosen = next((one for one in found.sides if one.ref == side), None) if found is not None else None
    anew = side is None and found is not None and found.unit is Unit.SITTING
    if found is None or (chosen is None and not anew):
        raise ConflictSettledError
    if not reason.strip() and found.unit is not Unit.COMPLETE:
        raise ReasonRequiredError(item=found.path.item or found.path.group)
    path, said = found.path, chosen.said if chosen is not None else None
    done: tuple[Operation, ...]
    match found.unit:
        case Unit.COMPLETE:
            return (Mark(flag=COMPLETE, on=bool(said), bases=found.bases),)
        case Unit.ROW if said:
            done = (StrikeRow(group=path.group, row=path.row, reason=reason.strip(), bases=found.bases),)
        case Unit.ROW:
            done = (AddRow(group=path.group, row=path.row, reason=reason.strip(), bases=found.bases),)
        case Unit.SITTING:
            done = (Sitting(group=path.group, row=path.row, bases=found.bases), *_whole(state, found, side, reason))
        case _:
            done = _whole(state, found, side, reason)
    return (*done, *_reopened(state))


def _whole(state: FormState, clash: Clash, side: CommitRef | None, reason: str) -> tuple[SetItem, ...]:
    """Return every item of a unit as one side has it; empty where no side counts."""
    chosen = next((one.entries for one in clash.sides if one.ref == side), {})
    paths = sorted({path for one in clash.sides for path in one.entries})
    return tuple(
        SetItem(
            path=path,
            reading=chosen[path].reading if path in chosen else EMPTY,
            bases=state.items[path].bases,
            reason=reason.strip(),
        )
        for path in paths
    )

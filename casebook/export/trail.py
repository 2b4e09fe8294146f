"""The audit trail of a form instance as it leaves: every entry ever made, row, mark, confirmation and signature.

Entries of items that may not leave are not among them; see `casebook.export.disclosure`.

Source: 21 CFR 11.10(e); docs/export.md, section "audit.csv".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from casebook.clock import Moment
from casebook.contributions import Contribution
from casebook.design import Form, Item
from casebook.export.disclosure import item_at
from casebook.ids import DeviceId, UserId
from casebook.projection import Entry, FormState
from casebook.records import EMPTY, AddRow, Calculated, Confirmation, Fired, ItemPath, Mark, Reading, StrikeRow


class Deed(StrEnum):
    """What was done."""

    ENTERED = "entered"
    CLEARED = "cleared"
    ROW_ADDED = "row_added"
    ROW_STRUCK = "row_struck"
    CALCULATED = "calculated"
    MARKED = "marked"
    UNMARKED = "unmarked"
    CONFIRMED = "confirmed_true"
    FIRED = "finding_opened"
    CLOSED = "finding_closed"
    SIGNED = "paper_signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One line of the audit trail.

    Attributes:
        what: The flag, check or document that the deed is about.
        path: Where it was done; None for the whole form.
        seen: Causal order among the entries of one item, from 1; 0 for other deeds.
        standing: The entry is the one that is shown.
        in_conflict: Entries that did not see each other disagree here, and this is one of them.
        unconfirmed: Sealed by the laptop after a crash; its author has not confirmed it.
    """

    deed: Deed
    commit: str
    index: int
    author: UserId
    device: DeviceId
    moment: Moment
    path: ItemPath | None = None
    item: Item | None = None
    reading: Reading = EMPTY
    reason: str = ""
    what: str = ""
    form_version: str = ""
    seen: int = 0
    standing: bool = False
    in_conflict: bool = False
    unconfirmed: bool = False


def item_trail(state: FormState, form: Form, path: ItemPath) -> tuple[TrailEntry, ...]:
    """Return every entry of one item in causal order; () when it may not leave."""
    item, held = item_at(form, path), state.items.get(path)
    if item is None or held is None:
        return ()
    versions = {one.commit: one.payload.form_version for one in state.contributions}
    heads = {entry.rank for entry in held.heads} if held.conflict else set()
    return tuple(
        TrailEntry(
            deed=Deed.CLEARED if entry.reading.is_empty else Deed.ENTERED,
            commit=entry.commit,
            index=entry.index,
            author=entry.author,
            device=entry.device,
            moment=entry.moment,
            path=path,
            item=item,
            reading=entry.reading,
            reason=entry.reason or "",
            form_version=versions.get(entry.commit, ""),
            seen=place,
            standing=entry is held.entry,
            in_conflict=entry.rank in heads,
            unconfirmed=entry.unconfirmed,
        )
        for place, entry in enumerate(held.history, start=1)
        if not _is_blank(entry)
    )


def _is_blank(entry: Entry) -> bool:
    """Tell whether an entry only says that a sitting left the item out; nobody made it."""
    return entry.index < 0


def trail(state: FormState, form: Form) -> tuple[TrailEntry, ...]:
    """Return the audit trail of a form instance in the order of its commits' clocks, ties by commit and place."""
    lines = [line for path in state.items for line in item_trail(state, form, path)]
    for one in state.contributions:
        lines += _other_deeds(one, form)
    if not form.identity:
        lines += [
            TrailEntry(
                deed=Deed.SIGNED,
                commit=document.commit,
                index=0,
                author=document.author,
                device=DeviceId(""),
                moment=document.moment,
                what=f"sha256:{document.sha256}",
                reason="",
            )
            for document in state.documents
        ]
    return tuple(sorted(lines, key=lambda line: (line.moment.utc_ms, line.commit, line.index)))


def row_trail(state: FormState, group: str, row: str) -> tuple[TrailEntry, ...]:
    """Return who added a row and who struck it."""
    return tuple(
        line
        for one in state.contributions
        for line in _row_deeds(one)
        if line.path is not None and (line.path.group, line.path.row) == (group, row)
    )


def _row_deeds(one: Contribution) -> Iterator[TrailEntry]:
    for index, operation in enumerate(one.payload.operations):
        match operation:
            case AddRow(group=group, row=row):
                path = ItemPath(group=group, item="", row=row)
                yield _deed(one, index, Deed.ROW_ADDED, path=path)
            case StrikeRow(group=group, row=row, reason=reason):
                path = ItemPath(group=group, item="", row=row)
                yield _deed(one, index, Deed.ROW_STRUCK, path=path, reason=reason)
            case _:
                pass


def _other_deeds(one: Contribution, form: Form) -> Iterator[TrailEntry]:
    shown_groups = {
        group.oid for group in form.groups if any(item_at(form, _place(group.oid, i.name)) for i in group.items)
    }
    yield from (line for line in _row_deeds(one) if line.path is not None and line.path.group in shown_groups)
    for index, operation in enumerate(one.payload.operations):
        match operation:
            case Mark(flag=flag, on=on):
                yield _deed(one, index, Deed.MARKED if on else Deed.UNMARKED, what=flag)
            case Calculated(path=path, value=value):
                if (item := item_at(form, path)) is not None:
                    yield _deed(one, index, Deed.CALCULATED, path=path, item=item, reading=Reading(value=value))
            case Confirmation(check=check, path=path, value=value, reason=reason):
                if (item := item_at(form, path)) is not None:
                    reading = Reading(value=value)
                    yield _deed(
                        one, index, Deed.CONFIRMED, path=path, item=item, reading=reading, reason=reason, what=check
                    )
            case Fired(check=check, path=path, fires=fires):
                if (item := item_at(form, path)) is not None:
                    yield _deed(one, index, Deed.FIRED if fires else Deed.CLOSED, path=path, item=item, what=check)
            case _:
                pass


def _place(group: str, item: str) -> ItemPath:
    return ItemPath(group=group, item=item)


def _deed(
    one: Contribution,
    index: int,
    deed: Deed,
    *,
    path: ItemPath | None = None,
    item: Item | None = None,
    reading: Reading = EMPTY,
    reason: str = "",
    what: str = "",
) -> TrailEntry:
    return TrailEntry(
        deed=deed,
        commit=one.commit,
        index=index,
        author=one.author,
        device=one.device,
        moment=one.moment,
        path=path,
        item=item,
        reading=reading,
        reason=reason or one.payload.reason or "",
        what=what,
        form_version=one.payload.form_version,
        unconfirmed=one.payload.recovered_for is not None,
    )

"""The open commit of a form: what was entered and is not sealed yet.

Leaving a field appends one entry to the laptop's encrypted spool; nothing is replaced, the last entry
on an item is its value and all are audit trail. Text that could not be read is kept here too, so that
it stands in its field again after a crash, but it never becomes part of the record.

Pure values; the session decides when they are written.
Source: docs/adr/0004; EMA guideline on computerised systems (audit from the first entry).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from casebook import operations
from casebook.canonical import Value, decode_object, encode, int_of, text_of
from casebook.errors import CommitUnreadableError
from casebook.ids import UserId, subject_id, user_id
from casebook.projection import FormState
from casebook.records import (
    AddRow,
    Confirmation,
    FormKey,
    ItemPath,
    Mark,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
    VisitKey,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Text that is no value of its item, as it was typed, with the unit that was chosen."""

    path: ItemPath
    raw: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEntry:
    """One line of the spool: an operation or unreadable text, and when it was entered.

    Attributes:
        draft: Random id of the open commit that it belongs to.
        since_open_ms: Milliseconds since that commit was opened.
        entered_ms: Wall clock, UTC.
    """

    draft: str
    author: UserId
    key: FormKey
    form_version: str
    what: Operation | Typed
    since_open_ms: int
    entered_ms: int


def write_entry(entry: DraftEntry) -> bytes:
    """Return the canonical bytes of a draft entry."""
    key = entry.key
    what: list[Value]
    if isinstance(entry.what, Typed):
        path = entry.what.path
        what = ["?", path.group, path.row, path.item, entry.what.raw, entry.what.unit]
    else:
        what = operations.to_list(entry.what)
    return encode(
        {
            "d": entry.draft,
            "u": entry.author,
            "s": key.subject,
            "ev": key.visit.visit,
            "er": key.visit.repeat,
            "f": key.form,
            "fr": key.repeat,
            "fv": entry.form_version,
            "o": what,
            "ms": entry.since_open_ms,
            "t": entry.entered_ms,
        }
    )


def read_entry(data: bytes) -> DraftEntry:
    """Read what `write_entry` wrote. Raises CommitUnreadableError."""
    record = decode_object(data)
    what: Operation | Typed
    match record.get("o"):
        case ["?", str(group), str(row), str(item), str(raw), str() | None as unit]:
            what = Typed(path=ItemPath(group=group, row=row, item=item), raw=raw, unit=unit)
        case value:
            what = operations.from_list(value)
    try:
        key = FormKey(
            subject=subject_id(text_of(record, "s")),
            visit=VisitKey(visit=text_of(record, "ev"), repeat=text_of(record, "er")),
            form=text_of(record, "f"),
            repeat=text_of(record, "fr"),
        )
        return DraftEntry(
            draft=text_of(record, "d"),
            author=user_id(text_of(record, "u")),
            key=key,
            form_version=text_of(record, "fv"),
            what=what,
            since_open_ms=int_of(record, "ms"),
            entered_ms=int_of(record, "t"),
        )
    except ValueError as error:
        raise CommitUnreadableError(why=str(error)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """The open commit of one form instance by one author."""

    id: str
    author: UserId
    key: FormKey
    form_version: str
    opened_ms: int
    entries: tuple[DraftEntry, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What will be sealed, in order."""
        return tuple(entry.what for entry in self.entries if not isinstance(entry.what, Typed))

    @property
    def by_version(self) -> tuple[tuple[str, tuple[Operation, ...]], ...]:
        """What will be sealed, by the version of the form that asked for it, the first first."""
        parts: dict[str, list[Operation]] = {}
        for entry in self.entries:
            if not isinstance(entry.what, Typed):
                parts.setdefault(entry.form_version, []).append(entry.what)
        return tuple((version, tuple(operations)) for version, operations in parts.items())

    @property
    def typed(self) -> dict[ItemPath, Typed]:
        """Unreadable text that stands in a field: the last entry on its item, unless a value came after."""
        standing: dict[ItemPath, Typed] = {}
        for entry in self.entries:
            if isinstance(entry.what, Typed):
                standing[entry.what.path] = entry.what
            elif isinstance(entry.what, SetItem):
                standing.pop(entry.what.path, None)
        return {path: typed for path, typed in standing.items() if typed.raw}

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """The findings that were confirmed and are not sealed yet, in order."""
        return tuple(entry.what for entry in self.entries if isinstance(entry.what, Confirmation))

    def with_entries(self, added: Iterable[DraftEntry]) -> "OpenDraft":
        """Return the draft with more entries."""
        return replace(self, entries=(*self.entries, *added))


def group_entries(entries: Iterable[DraftEntry]) -> tuple[OpenDraft, ...]:
    """Return the open drafts that a spool's entries make, in order of opening."""
    drafts: dict[str, OpenDraft] = {}
    for entry in entries:
        draft = drafts.get(entry.draft) or OpenDraft(
            id=entry.draft,
            author=entry.author,
            key=entry.key,
            form_version=entry.form_version,
            opened_ms=entry.entered_ms - entry.since_open_ms,
        )
        drafts[entry.draft] = draft.with_entries([entry])
    return tuple(drafts.values())


def one_per_form(drafts: Iterable[OpenDraft]) -> tuple[tuple[OpenDraft, ...], tuple[OpenDraft, ...]]:
    """Return the drafts that count, one per author and form, and those that another one supersedes.

    A save that leaves unreadable text keeps that text in a second draft before it seals the first. A
    crash in between leaves both: then the first holds all that the second does, and counts.
    """
    counting: dict[tuple[UserId, FormKey], OpenDraft] = {}
    superseded: list[OpenDraft] = []
    for draft in drafts:
        place = (draft.author, draft.key)
        first = counting.get(place)
        if first is None:
            counting[place] = draft
        elif all(entry.what in [one.what for one in first.entries] for entry in draft.entries):
            superseded.append(draft)
        else:
            counting[place] = first.with_entries(draft.entries)
    return tuple(counting.values()), tuple(superseded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A form as its user sees it: the record with the open entries laid over it."""

    readings: Mapping[ItemPath, Reading]
    kept: frozenset[ItemPath] = frozenset()
    typed: Mapping[ItemPath, Typed] = field(default_factory=dict)
    rows: Mapping[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)
    """Per repeating group: row id and, where it is struck, the reason."""
    confirmations: Mapping[tuple[str, ItemPath], Confirmation] = field(default_factory=dict)
    complete: bool = False


def settles_sitting(state: FormState, draft: OpenDraft, path: ItemPath) -> bool:
    """Tell whether open entries settle the conflict of the sitting that an item is part of: it is entered anew."""
    unit = (path.group, path.row)
    heads = set(state.sittings.get(unit, ()))
    return len(heads) > 1 and any(
        isinstance(one, Sitting) and (one.group, one.row) == unit and heads <= set(one.bases)
        for one in draft.operations
    )


def lay_over(state: FormState, draft: OpenDraft | None) -> Effective:
    """Return the form as its user sees it."""
    readings = state.readings
    kept: set[ItemPath] = set()
    rows = {group: {one.row: one.struck_reason for one in states} for group, states in state.rows.items()}
    confirmations = {(one.check, one.path): one for one, _ in state.confirmations}
    complete = state.complete
    for operation in draft.operations if draft else ():
        match operation:
            case SetItem(path=path, reading=reading):
                kept.add(path)
                readings.pop(path, None)
                if not reading.is_empty:
                    readings[path] = reading
            case AddRow(group=group, row=row):
                rows.setdefault(group, {})[row] = None
            case StrikeRow(group=group, row=row, reason=reason):
                rows.setdefault(group, {})[row] = reason
            case Confirmation(check=check, path=path):
                confirmations[(check, path)] = operation
            case Mark(flag="complete", on=on):
                complete = on
            case _:
                pass
    return Effective(
        readings=readings,
        kept=frozenset(kept),
        typed=draft.typed if draft else {},
        rows={group: tuple(states.items()) for group, states in rows.items()},
        confirmations=confirmations,
        complete=complete,
    )


def live_readings(effective: Effective) -> dict[ItemPath, Reading]:
    """Return the readings of rows that are not struck."""
    struck = {(group, row) for group, states in effective.rows.items() for row, reason in states if reason is not None}
    return {path: reading for path, reading in effective.readings.items() if (path.group, path.row) not in struck}

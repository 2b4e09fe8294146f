"""A form instance as the engine reads it: what stands in it, when that was entered, what was confirmed.

Nothing here knows a study.

Source: docs/record_format.md, section "From commits to the screen".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from casebook.projection import Entry, FormState
from casebook.records import AddRow, Confirmation, FormKey, ItemPath, Mark, Readings, SetItem, StrikeRow

COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """One form instance as it was read. Compared by identity: the same object has the same content.

    Attributes:
        readings: What was entered in rows that are not struck.
        rows: Rows that are not struck, by group, in the order in which they were added.
        confirmations: The value and the reason with which findings were confirmed.
        entered_at: When each item got its first value, by the software's clock.
        known_at: When each item got the value that it has.
        changed: Items whose value was replaced after the form had been marked complete once.
        last_change: The latest entry of a person.
    """

    key: FormKey
    readings: Readings = field(default_factory=dict)
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confirmations: Mapping[tuple[str, ItemPath], tuple[tuple[str | None, str], ...]] = field(default_factory=dict)
    complete: bool = False
    completed: bool = False
    """Whether it was marked complete at any time."""
    entered_at: Mapping[ItemPath, datetime] = field(default_factory=dict)
    known_at: Mapping[ItemPath, datetime] = field(default_factory=dict)
    changed: frozenset[ItemPath] = frozenset()
    last_change: datetime | None = None

    @property
    def begun(self) -> bool:
        """Whether anything stands here."""
        return bool(self.readings) or any(self.rows.values())


def instance_of(state: FormState) -> Instance:
    """Read a form instance from the record."""
    struck = {(group, one.row) for group, rows in state.rows.items() for one in rows if one.struck_reason is not None}
    readings = {path: one for path, one in state.readings.items() if (path.group, path.row) not in struck}
    completed = [
        one.moment.utc_ms
        for one in state.contributions
        for done in one.payload.operations
        if isinstance(done, Mark) and done.flag == COMPLETE and done.on
    ]
    changes = [
        one.moment.utc_ms
        for one in state.contributions
        if any(isinstance(done, SetItem | AddRow | StrikeRow) for done in one.payload.operations)
    ]
    first = {path: at for path, one in state.items.items() if (at := _first(one.history)) is not None}
    return Instance(
        key=state.key,
        readings=readings,
        rows={group: tuple(one.row for one in rows if one.struck_reason is None) for group, rows in state.rows.items()},
        confirmations=confirmed(one for one, _ in state.confirmations),
        complete=state.complete,
        completed=bool(completed),
        entered_at={path: moment_of(at) for path, at in first.items()},
        known_at={path: moment_of(one.entry.moment.utc_ms) for path, one in state.items.items()},
        changed=frozenset(
            path
            for path, one in state.items.items()
            if completed and path in first and _replaced(one.history, first[path], min(completed))
        ),
        last_change=moment_of(max(changes)) if changes else None,
    )


def confirmed(
    confirmations: Iterable[Confirmation],
) -> dict[tuple[str, ItemPath], tuple[tuple[str | None, str], ...]]:
    """Return the values that were confirmed, with the reasons, by check and place."""
    found: dict[tuple[str, ItemPath], tuple[tuple[str | None, str], ...]] = {}
    for one in confirmations:
        found[one.check, one.path] = (*found.get((one.check, one.path), ()), (one.value, one.reason))
    return found


def _first(history: Sequence[Entry]) -> int | None:
    return min((one.moment.utc_ms for one in history if not one.reading.is_empty), default=None)


def _replaced(history: Sequence[Entry], first_ms: int, completed_ms: int) -> bool:
    return any(one.moment.utc_ms > max(first_ms, completed_ms) for one in history)


def moment_of(utc_ms: int) -> datetime:
    """Return a reading of the software's clock as an aware datetime."""
    return datetime.fromtimestamp(utc_ms / 1000, tz=UTC)

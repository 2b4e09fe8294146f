"""A form instance as it stands: values with their heads and history, rows, flags, and what people disagree about.

Plain frozen records; `casebook.heads` works them out.

A *unit* is what conflicts as a whole: an item, a group that was taken at one sitting, a row of a repeating group
that one person struck while another edited it, the mark that a form is complete. The *sides* of a clash are what
people who did not see each other said of it.

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0003; docs/adr/0024.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from casebook.clock import Moment
from casebook.contributions import Contribution
from casebook.ids import CommitId, CommitRef, DeviceId, UserId, ref_of
from casebook.records import Confirmation, FormKey, ItemPath, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the audit trail of an item: what, who, when, where, why.

    Attributes:
        commit: The commit that carries it.
        depth: 1 + the deepest of the entries that its author saw: causal order, never a clock.
        index: Its place among the operations of its commit.
        unconfirmed: The device sealed it after a crash; its author has not confirmed it.
    """

    reading: Reading
    author: UserId
    device: DeviceId
    moment: Moment
    commit: CommitId
    depth: int
    index: int
    reason: str | None = None
    unconfirmed: bool = False

    @property
    def ref(self) -> CommitRef:
        """The reference by which a later entry names this one among its bases."""
        return ref_of(self.commit)

    @property
    def rank(self) -> tuple[int, CommitId, int]:
        """Order of display, and of preference among heads."""
        return (self.depth, self.commit, self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """An item as it stands: the shown value, its heads, and every entry ever made.

    `history` is in causal order and ends with the entry that is shown.
    """

    shown: Reading
    heads: tuple[Entry, ...]
    history: tuple[Entry, ...]

    @property
    def entry(self) -> Entry:
        """The entry that is shown."""
        return self.history[-1]

    @property
    def conflict(self) -> bool:
        """Whether entries that did not see each other disagree."""
        return len({head.reading for head in self.heads}) > 1

    @property
    def bases(self) -> tuple[CommitRef, ...]:
        """What the next entry supersedes."""
        return tuple(sorted({head.ref for head in self.heads}))


class Unit(StrEnum):
    """What conflicts as a whole."""

    ITEM = "item"
    SITTING = "sitting"
    """Every item of a group, or of one row of it, that was taken at one time by one person."""
    ROW = "row"
    """Whether a row of a repeating group stays or is struck."""
    COMPLETE = "complete"
    """Whether the form is marked complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one of several people who did not see each other said of a unit.

    Attributes:
        entries: The item's entry; of a sitting every item's, also of those that it left empty; of a row what was
            entered in it unseen; nothing for a mark.
        said: Of a row, whether it is struck; of a mark, whether it is set; None for values.
        reason: Why, in the words of whoever said so; "" for none.
    """

    commit: CommitId
    author: UserId
    device: DeviceId
    moment: Moment
    depth: int = 0
    entries: Mapping[ItemPath, Entry] = field(default_factory=dict)
    said: bool | None = None
    reason: str = ""

    @property
    def ref(self) -> CommitRef:
        """The reference by which whoever settles a clash names this side."""
        return ref_of(self.commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A unit on which people disagree, or disagreed, who had not seen each other.

    Attributes:
        id: The query that it opens, the same on every replica: 32 hex digits.
        path: The item; without an item's name the group, or the row of it, as a whole.
        sides: What stands against what, in causal order, ties by commit id.
        shown: The side that is shown meanwhile.
        settled: By what people who saw every side settled it; () while it stands.
    """

    id: str
    unit: Unit
    path: ItemPath
    sides: tuple[Side, ...]
    shown: CommitRef
    settled: tuple[Side, ...] = ()

    @property
    def bases(self) -> tuple[CommitRef, ...]:
        """What settles it has to name."""
        return tuple(sorted({one.ref for one in self.sides}))


class _Referred(Protocol):
    @property
    def ref(self) -> CommitRef:
        """The reference of a commit."""


_TAGS = {Unit.ITEM: "cq", Unit.SITTING: "cq", Unit.ROW: "cr", Unit.COMPLETE: "cm"}


def conflict_id(key: FormKey, path: ItemPath, heads: Iterable[_Referred], unit: Unit = Unit.ITEM) -> str:
    """Return the id of the query that a conflict opens: the same on every replica (32 hex digits)."""
    parts = [_TAGS[unit], key.subject, key.visit.visit, key.visit.repeat, key.form, key.repeat]
    parts += [path.group, path.row, path.item, *sorted({head.ref for head in heads})]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """A row of a repeating group. A struck row stays, with the reason. `bases`: what the next act on it has seen."""

    row: str
    author: UserId
    moment: Moment
    struck_reason: str | None = None
    bases: tuple[CommitRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A finished document of a form instance and the commit that carries its bytes."""

    name: str
    media_type: str
    sha256: str
    size_bytes: int
    commit: CommitId
    author: UserId
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredEntry:
    """One line of a finding's trace: a save from which on it fired, or fired no longer."""

    author: UserId
    moment: Moment
    device: DeviceId
    fires: bool
    commit: CommitId


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """A form instance as it stands.

    Attributes:
        held, held_documents: What a verdict holds: no part of the values.
    """

    key: FormKey
    contributions: tuple[Contribution, ...] = ()
    items: Mapping[ItemPath, ItemState] = field(default_factory=dict)
    sittings: Mapping[tuple[str, str], tuple[CommitRef, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[RowState, ...]] = field(default_factory=dict)
    confirmations: tuple[tuple[Confirmation, Contribution], ...] = ()
    fired: Mapping[tuple[str, ItemPath], tuple[FiredEntry, ...]] = field(default_factory=dict)
    """The trace of each finding, by check and place, as the clocks of the laptops tell it."""
    documents: tuple[StoredDocument, ...] = ()
    complete: bool = False
    complete_bases: tuple[CommitRef, ...] = ()
    clashes: tuple[Clash, ...] = ()
    """What people disagree about now, unit by unit; each is one query."""
    settled: tuple[Clash, ...] = ()
    """What they disagreed about, and who settled it."""
    held: tuple[Contribution, ...] = ()
    held_documents: tuple[StoredDocument, ...] = ()

    @property
    def readings(self) -> dict[ItemPath, Reading]:
        """The shown values of the items that have one."""
        return {path: state.shown for path, state in self.items.items() if not state.shown.is_empty}

    @property
    def conflicts(self) -> tuple[ItemPath, ...]:
        """The items in conflict, in order."""
        return tuple(sorted(path for path, state in self.items.items() if state.conflict))

    @property
    def commits(self) -> frozenset[CommitId]:
        """The commits that are about this form, held ones too."""
        carried = {contribution.commit for contribution in (*self.contributions, *self.held)}
        return frozenset(carried | {document.commit for document in (*self.documents, *self.held_documents)})

    @property
    def form_versions(self) -> tuple[str, ...]:
        """The form definitions that were asked, sorted."""
        return tuple(sorted({contribution.payload.form_version for contribution in self.contributions}))

"""Flags of places, each a register of its own: verified, frozen, locked.

Freezing and locking hold for everything in their scope. People who act without seeing each other do not undo each
other: frozen and locked hold when one of the heads says so, verified when all do. Such a dispute is shown.

Source: docs/record_format.md, section "Scopes, frontiers, what is held".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from casebook.clock import Moment
from casebook.design import Form
from casebook.ids import CommitRef, UserId
from casebook.oversight.acts import Register, Said
from casebook.projection import FormState, ItemState
from casebook.records import OTHER_REASON, ItemPath, Reading
from casebook.supervision import ChainMark, Flag, FlagPayload, Scope, is_inside


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagState:
    """A flag as it stands at its scope. `disputed`: people acted without seeing each other, and differ."""

    flag: Flag
    scope: Scope
    on: bool
    disputed: bool = False
    heads: tuple[Said[FlagPayload], ...] = ()
    history: tuple[Said[FlagPayload], ...] = ()

    @property
    def bases(self) -> tuple[CommitRef, ...]:
        """What the next act has seen."""
        return tuple(sorted(one.ref for one in self.heads))

    @property
    def deciding(self) -> tuple[Said[FlagPayload], ...]:
        """The heads that say what stands."""
        return tuple(one for one in self.heads if one.payload.on == self.on)

    @property
    def by(self) -> UserId | None:
        """Who set it so; None where nobody ever acted."""
        return self.deciding[-1].author if self.deciding else None

    @property
    def at(self) -> Moment | None:
        """When it was set so."""
        return self.deciding[-1].moment if self.deciding else None

    @property
    def reason(self) -> str:
        """Why it was set so: in words where there are any; what the blinded read of them is a code."""
        said = [one.payload.reason for one in self.deciding]
        return next((one for one in reversed(said) if one != OTHER_REASON), said[-1] if said else "")

    def has_seen(self, mark: ChainMark) -> bool:
        """Tell whether one of those who set it so had seen a commit."""
        return any(is_inside(mark, one.payload.frontier) for one in self.deciding)


def flag_of(flag: Flag, scope: Scope, register: Register[FlagPayload]) -> FlagState:
    """Return a flag from the acts on it."""
    said = {one.payload.on for one in register.heads}
    on = said == {True} if flag is Flag.VERIFIED else True in said
    return FlagState(
        flag=flag, scope=scope, on=on, disputed=len(said) > 1, heads=register.heads, history=register.history
    )


# -- source data verification -----------------------------------------------------------------------------


class Verification(StrEnum):
    """How an item stands against its source."""

    OPEN = "open"
    VERIFIED = "verified"
    CHANGED = "changed"
    """It was verified, and has another entry since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVerification:
    """An item that is to be verified, with the value that stands and the mark on it."""

    path: ItemPath
    reading: Reading
    state: Verification
    flag: FlagState


def verification_of(state: FormState, path: ItemPath, flag: FlagState) -> ItemVerification:
    """Return how an item stands against its source. Raises KeyError where nothing was entered."""
    item = state.items[path]
    stands = Verification.OPEN
    if flag.on:
        stands = Verification.VERIFIED if _all_seen(state, item, flag) else Verification.CHANGED
    return ItemVerification(path=path, reading=item.shown, state=stands, flag=flag)


def _all_seen(state: FormState, item: ItemState, flag: FlagState) -> bool:
    marks = {one.commit: one.mark for one in state.contributions}
    return all(flag.has_seen(marks[head.commit]) for head in item.heads)


def to_verify(form: Form, state: FormState) -> tuple[ItemPath, ...]:
    """Return what of a form is to be held against its source: answered items that the study marks as critical.

    Calculated items have no source, and struck rows do not count. In the order of the form, row by row.
    """
    struck = {(group, one.row) for group, rows in state.rows.items() for one in rows if one.struck_reason is not None}
    found = []
    for group in form.groups:
        order = {one.row: place for place, one in enumerate(state.rows.get(group.oid, ()))}
        items = {
            item.name: place for place, item in enumerate(group.items) if item.critical and item.derivation is None
        }
        here: Iterable[ItemPath] = (
            path
            for path, reading in state.readings.items()
            if path.group == group.oid and path.item in items and not reading.is_empty
        )
        live = [path for path in here if (path.group, path.row) not in struck]
        found += sorted(live, key=lambda path: (order.get(path.row, -1), path.row, items[path.item]))
    return tuple(found)

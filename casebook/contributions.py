"""What single commits say about one form instance, and what they say of each other.

A held commit gives no value. Whoever entered after it had seen it, and through it what it had replaced: so its
bases stand in for it. Otherwise an entry made with every right would seem not to have seen what is older still.

Source: docs/record_format.md, sections "From commits to the screen" and "Scopes, frontiers, what is held".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from casebook.clock import Moment
from casebook.ids import CommitId, CommitRef, DeviceId, Epoch, UserId, ref_of
from casebook.ledger import STANDARD
from casebook.payloads import DataPayload
from casebook.records import OTHER_REASON, AddRow, ItemPath, Mark, Note, Operation, SetItem, Sitting, StrikeRow
from casebook.supervision import ChainMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one commit says about one form instance."""

    commit: CommitId
    author: UserId
    device: DeviceId
    epoch: Epoch
    sequence: int
    moment: Moment
    payload: DataPayload
    compartment: str = STANDARD

    @property
    def mark(self) -> ChainMark:
        """Where the commit stands in its chain."""
        return ChainMark(device=self.device, epoch=self.epoch, sequence=self.sequence)


# -- through what is held ---------------------------------------------------------------------------------


def seen_through(contributions: Iterable[Contribution], held: Iterable[Contribution]) -> tuple[Contribution, ...]:
    """Return contributions with the bases of held ones in the place of those."""
    saves = {ref_of(one.commit): one.payload for one in held}
    if not saves:
        return tuple(contributions)
    return tuple(replace(one, payload=_see_through(one.payload, saves)) for one in contributions)


_About = Callable[[Operation], bool]
_WithBases = SetItem | Sitting | Mark | AddRow | StrikeRow


def _see_through(payload: DataPayload, held: Mapping[CommitRef, DataPayload]) -> DataPayload:
    return replace(payload, operations=tuple(_operation(one, held) for one in payload.operations))


def _operation(operation: Operation, held: Mapping[CommitRef, DataPayload]) -> Operation:
    match operation:
        case SetItem(path=path, bases=bases):
            unit = (path.group, path.row)

            def same_item(other: Operation) -> bool:
                return (isinstance(other, SetItem) and other.path == path) or _is_sitting(other, unit)

            return replace(operation, bases=_expanded(bases, held, same_item))
        case Sitting(group=group, row=row, bases=bases):
            unit = (group, row)

            def same_unit(other: Operation) -> bool:
                sets = isinstance(other, SetItem) and (other.path.group, other.path.row) == unit
                return sets or _is_sitting(other, unit)

            return replace(operation, bases=_expanded(bases, held, same_unit))
        case AddRow(group=group, row=row, bases=bases) | StrikeRow(group=group, row=row, bases=bases):
            unit = (group, row)

            def same_row(other: Operation) -> bool:
                sets = isinstance(other, SetItem) and (other.path.group, other.path.row) == unit
                acts = isinstance(other, AddRow | StrikeRow) and (other.group, other.row) == unit
                return sets or acts or _is_sitting(other, unit)

            return replace(operation, bases=_expanded(bases, held, same_row))
        case Mark(flag=flag, bases=bases):

            def same_flag(other: Operation) -> bool:
                return isinstance(other, Mark) and other.flag == flag

            return replace(operation, bases=_expanded(bases, held, same_flag))
        case _:
            return operation


def _is_sitting(operation: Operation, unit: tuple[str, str]) -> bool:
    return isinstance(operation, Sitting) and (operation.group, operation.row) == unit


def _expanded(
    bases: Iterable[CommitRef], held: Mapping[CommitRef, DataPayload], about: _About
) -> tuple[CommitRef, ...]:
    waiting, seen, found = list(bases), set[CommitRef](), set[CommitRef]()
    while waiting:
        base = waiting.pop()
        if base in seen:
            continue
        seen.add(base)
        if base not in held:
            found.add(base)
            continue
        for operation in held[base].operations:
            if isinstance(operation, _WithBases) and about(operation):
                waiting += operation.bases
    return tuple(sorted(found))


# -- reasons that lie apart -------------------------------------------------------------------------------


def own_words(contributions: tuple[Contribution, ...]) -> dict[tuple[CommitId, int], str]:
    """Return the reasons that lie apart from the changes they are about, by commit and place in it.

    A note is about what its author changed on the same laptop in the same save: the last before the note. That it
    is told by clocks of one laptop decides nothing but in which line of the trail a reason is shown.
    """
    words: dict[tuple[CommitId, int], str] = {}
    for one in contributions:
        notes: dict[ItemPath, list[str]] = {}
        for operation in one.payload.operations:
            if isinstance(operation, Note):
                notes.setdefault(operation.path, []).append(operation.text)
        for path, texts in notes.items():
            changes = [
                (other.moment.utc_ms, other.sequence, other.commit, places)
                for other in contributions
                if (other.author, other.device) == (one.author, one.device)
                and other.moment.utc_ms <= one.moment.utc_ms
                and (places := _places_of_other(other, path))
            ]
            if changes:
                *_, commit, places = max(changes)
                words |= {(commit, place): text for place, text in zip(places, texts, strict=False)}
    return words


def _places_of_other(one: Contribution, path: ItemPath) -> list[int]:
    return [
        place
        for place, operation in enumerate(one.payload.operations)
        if isinstance(operation, SetItem) and operation.path == path and operation.reason == OTHER_REASON
    ]

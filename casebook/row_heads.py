"""The rows of repeating groups: which stay, which are struck, and which were struck by somebody who had not seen all.

A strike names what its author saw: the entries in the row, and what was done to the row before. An entry that it
did not see makes a clash of the row. What the same laptop did before is seen as well. A row that was struck stays
when somebody who saw both says so.

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0024.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from casebook.contributions import Contribution
from casebook.form_state import Clash, Entry, RowState, Side, Unit, conflict_id
from casebook.ids import CommitRef, ref_of
from casebook.records import AddRow, FormKey, ItemPath, SetItem, Sitting, StrikeRow

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Deed:
    """What one commit did to a row. `struck`: whether it struck it; None where it entered something in it."""

    contribution: Contribution
    bases: frozenset[CommitRef]
    struck: bool | None = None
    reason: str = ""
    entries: Mapping[ItemPath, Entry] | None = None

    @property
    def ref(self) -> CommitRef:
        return ref_of(self.contribution.commit)


@dataclass(frozen=True, slots=True)
class _Heads:
    """What stands of a row: the acts that no other has seen, and the entries that a strike among them has not."""

    acts: tuple[_Deed, ...]
    unseen: tuple[_Deed, ...]

    @property
    def struck(self) -> tuple[_Deed, ...]:
        return tuple(one for one in self.acts if one.struck)

    @property
    def is_clash(self) -> bool:
        return bool(self.struck) and (len(self.struck) < len(self.acts) or bool(self.unseen))


class _Row:
    """Everything that was done to one row."""

    def __init__(self, deeds: Iterable[_Deed]) -> None:
        self.deeds = {one.ref: one for one in deeds}
        self._seen: dict[CommitRef, frozenset[CommitRef]] = {}

    def seen_by(self, ref: CommitRef) -> frozenset[CommitRef]:
        """Return what the author of a deed had seen of the others."""
        if ref not in self._seen:
            found, waiting = set[CommitRef](), [ref]
            while waiting:
                one = self.deeds[waiting.pop()].contribution
                before = {
                    other.ref
                    for other in self.deeds.values()
                    if (other.contribution.device, other.contribution.epoch) == (one.device, one.epoch)
                    and other.contribution.sequence < one.sequence
                }
                known = (self.deeds[ref_of(one.commit)].bases | before) & self.deeds.keys()
                waiting += known - found
                found |= known
            self._seen[ref] = frozenset(found)
        return self._seen[ref]

    def heads(self, among: Iterable[CommitRef]) -> _Heads:
        """Return what stands of some of the deeds."""
        deeds = [self.deeds[ref] for ref in sorted(among)]
        acts = [one for one in deeds if one.struck is not None]
        superseded = frozenset[CommitRef]().union(*(self.seen_by(one.ref) for one in acts))
        standing = tuple(one for one in acts if one.ref not in superseded)
        strikes = [one for one in standing if one.struck]
        entries = [one for one in deeds if one.struck is None]
        missed = [one for one in entries if any(one.ref not in self.seen_by(strike.ref) for strike in strikes)]
        earlier = frozenset[CommitRef]().union(*(self.seen_by(one.ref) for one in missed))
        return _Heads(standing, tuple(one for one in missed if one.ref not in earlier))

    def ends(self) -> tuple[CommitRef, ...]:
        """Return what the next act on the row names: the deeds that no other has seen."""
        seen = frozenset[CommitRef]().union(*(self.seen_by(ref) for ref in self.deeds))
        return tuple(sorted(self.deeds.keys() - seen))


def _deeds(contributions: Iterable[Contribution]) -> dict[_Place, list[_Deed]]:
    """Return what each commit did to each row, in one deed: an act on the row outweighs entries beside it."""
    found: dict[_Place, list[_Deed]] = {}
    for one in contributions:
        here: dict[_Place, _Deed] = {}
        for index, operation in enumerate(one.payload.operations):
            match operation:
                case SetItem(path=path, bases=bases) if path.row:
                    deed = here.get((path.group, path.row), _Deed(one, frozenset()))
                    entries = {**(deed.entries or {}), path: _entry(one, operation, index)}
                    here[path.group, path.row] = replace(deed, bases=deed.bases | {*bases}, entries=entries)
                case Sitting(group=group, row=row, bases=bases) if row:
                    deed = here.get((group, row), _Deed(one, frozenset()))
                    here[group, row] = replace(deed, bases=deed.bases | {*bases})
                case StrikeRow(group=group, row=row, bases=bases, reason=reason):
                    deed = here.get((group, row), _Deed(one, frozenset()))
                    here[group, row] = replace(deed, bases=deed.bases | {*bases}, struck=True, reason=reason)
                case AddRow(group=group, row=row, bases=bases, reason=reason) if bases:
                    deed = here.get((group, row), _Deed(one, frozenset()))
                    here[group, row] = replace(deed, bases=deed.bases | {*bases}, struck=False, reason=reason or "")
                case _:
                    pass
        for place, deed in here.items():
            found.setdefault(place, []).append(deed)
    return found


def _entry(one: Contribution, operation: SetItem, index: int) -> Entry:
    return Entry(
        reading=operation.reading,
        author=one.author,
        device=one.device,
        moment=one.moment,
        commit=one.commit,
        depth=1,
        index=index,
        reason=operation.reason or one.payload.reason,
        unconfirmed=one.payload.recovered_for is not None,
    )


def rows_of(contributions: tuple[Contribution, ...]) -> dict[str, tuple[RowState, ...]]:
    """Return the rows of each repeating group as they stand."""
    added: dict[_Place, RowState] = {}
    for one in contributions:
        for operation in one.payload.operations:
            if isinstance(operation, AddRow) and not operation.bases:
                place = (operation.group, operation.row)
                added.setdefault(place, RowState(row=operation.row, author=one.author, moment=one.moment))
    done = _deeds(contributions)
    rows: dict[str, list[RowState]] = {}
    for place, state in added.items():
        row = _Row(done.get(place, ()))
        struck = max((one.reason for one in row.heads(row.deeds).struck), default=None)
        rows.setdefault(place[0], []).append(replace(state, struck_reason=struck, bases=row.ends()))
    # Rows of one save have one moment: they stay as they were added in it.
    return {group: tuple(sorted(states, key=lambda one: one.moment.utc_ms)) for group, states in rows.items()}


def row_clashes(key: FormKey, contributions: tuple[Contribution, ...]) -> tuple[list[Clash], list[Clash]]:
    """Return the clashes of rows that stand, and those that were settled."""
    standing: list[Clash] = []
    settled: dict[str, Clash] = {}
    for place, deeds in _deeds(contributions).items():
        if not any(one.struck for one in deeds):
            continue
        row = _Row(deeds)
        heads = row.heads(row.deeds)
        if heads.is_clash:
            standing.append(_clash(key, place, heads))
        for act in sorted(deeds, key=lambda one: one.ref):
            before = row.heads(row.seen_by(act.ref))
            if act.struck is not None and before.is_clash:
                clash = _clash(key, place, before)
                known = settled.get(clash.id, clash)
                settled[clash.id] = replace(known, settled=(*known.settled, _side(act)))
    return standing, list(settled.values())


def _clash(key: FormKey, place: _Place, heads: _Heads) -> Clash:
    sides = tuple(_side(one) for one in sorted((*heads.acts, *heads.unseen), key=lambda one: (not one.struck, one.ref)))
    path = ItemPath(group=place[0], item="", row=place[1])
    return Clash(id=conflict_id(key, path, sides, Unit.ROW), unit=Unit.ROW, path=path, sides=sides, shown=sides[0].ref)


def _side(one: _Deed) -> Side:
    done = one.contribution
    return Side(
        commit=done.commit,
        author=done.author,
        device=done.device,
        moment=done.moment,
        entries=one.entries or {},
        said=bool(one.struck),
        reason=one.reason,
    )

"""From what single commits say of a form to what stands: heads, the value that is shown, and what is disagreed about.

An item's *heads* are the entries that no other entry has superseded (named among its bases). One head, or heads
that agree, give the value. Heads that differ are a clash: all are kept and one is shown meanwhile. What a valid
signature covers is shown before what none does, then what is causally deeper; ties by commit id, never by a clock.

A group that was taken at one sitting is one unit: it is shown from one sitting, never mixed. Whoever goes on from
two sittings that disagree goes on from the one that was shown.

A row clashes when it was struck by somebody who had not seen an entry in it. It is shown struck meanwhile.

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0003; docs/adr/0024.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from casebook.contributions import Contribution, own_words, seen_through
from casebook.form_state import Clash, Entry, FiredEntry, FormState, ItemState, Side, Unit, conflict_id
from casebook.ids import CommitId, CommitRef, ref_of
from casebook.records import (
    EMPTY,
    Confirmation,
    Fired,
    FormKey,
    ItemPath,
    Mark,
    SetItem,
    Sitting,
)
from casebook.row_heads import row_clashes, rows_of

NOTHING_COVERED: frozenset[CommitId] = frozenset()
COMPLETE = "complete"


def worked_out(form: FormState, covered: frozenset[CommitId] = NOTHING_COVERED) -> FormState:
    """Return a form with everything that follows from its contributions.

    Args:
        covered: Commits that a valid signature covers (`casebook.signed_content.covered_by`): shown before others.
    """
    contributions, seen = form.contributions, seen_through(form.contributions, form.held)
    free, sat = _set_operations(seen)
    found = _Found(form.key, covered)
    items = {path: found.free_item(path, entries) for path, entries in free.items()}
    sittings: dict[tuple[str, str], tuple[CommitRef, ...]] = {}
    for unit, nodes in sat.items():
        sittings[unit] = found.sitting(unit, nodes, items)
    complete, complete_bases = found.complete(seen)
    standing, past = row_clashes(form.key, seen)
    found.clashes += standing
    found.settled += past
    return replace(
        form,
        items=MappingProxyType(items),
        sittings=MappingProxyType(sittings),
        rows=MappingProxyType(rows_of(seen)),
        confirmations=tuple(
            (operation, one)
            for one in contributions
            for operation in one.payload.operations
            if isinstance(operation, Confirmation)
        ),
        fired=MappingProxyType(_traces(contributions)),
        complete=complete,
        complete_bases=complete_bases,
        clashes=tuple(sorted(found.clashes, key=_place)),
        settled=tuple(sorted(found.settled, key=_place)),
    )


def _place(one: Clash) -> tuple[ItemPath, str]:
    return one.path, one.id


@dataclass(frozen=True, slots=True)
class _Set:
    """A set operation with its contribution and place."""

    operation: SetItem
    contribution: Contribution
    index: int


@dataclass(frozen=True, slots=True)
class _Node:
    """What one commit did to a sitting."""

    bases: tuple[CommitRef, ...]
    contribution: Contribution
    sets: tuple[_Set, ...]


_Unit = tuple[str, str]
_Values = Mapping[ItemPath, Entry]


def _set_operations(
    contributions: tuple[Contribution, ...],
) -> tuple[dict[ItemPath, list[_Set]], dict[_Unit, dict[CommitRef, _Node]]]:
    """Split the set operations into free items and sittings (groups that conflict as a whole)."""
    sitting_units = {
        (operation.group, operation.row)
        for one in contributions
        for operation in one.payload.operations
        if isinstance(operation, Sitting)
    }
    words = own_words(contributions)
    free: dict[ItemPath, list[_Set]] = {}
    sat: dict[_Unit, dict[CommitRef, _Node]] = {}
    for one in contributions:
        seen: dict[_Unit, set[CommitRef]] = {}
        sets: dict[_Unit, list[_Set]] = {}
        for index, operation in enumerate(one.payload.operations):
            if isinstance(operation, Sitting):
                seen.setdefault((operation.group, operation.row), set()).update(operation.bases)
            elif isinstance(operation, SetItem):
                unit = (operation.path.group, operation.path.row)
                said = words.get((one.commit, index))
                done = _Set(operation if said is None else replace(operation, reason=said), one, index)
                if unit in sitting_units:
                    sets.setdefault(unit, []).append(done)
                else:
                    free.setdefault(operation.path, []).append(done)
        for unit in seen.keys() | sets.keys():
            bases = seen.get(unit, set()) | {base for done in sets.get(unit, []) for base in done.operation.bases}
            node = _Node(tuple(sorted(bases)), one, tuple(sets.get(unit, [])))
            sat.setdefault(unit, {})[ref_of(one.commit)] = node
    return free, sat


def depths_of(bases_of: Mapping[CommitRef, tuple[CommitRef, ...]]) -> dict[CommitRef, int]:
    """Return the causal depth of each commit; bases that are not held count as nothing.

    Bases are hashes of earlier commits, so there is no cycle; the loop ends without relying on it.
    """
    depths: dict[CommitRef, int] = {}
    waiting = dict(bases_of)
    while waiting:
        ready = [ref for ref, bases in waiting.items() if not any(base in waiting for base in bases)]
        for ref in ready or list(waiting):
            depths[ref] = 1 + max((depths.get(base, 0) for base in waiting[ref]), default=0)
        for ref in ready or list(waiting):
            del waiting[ref]
    return depths


def _entry(done: _Set, depth: int) -> Entry:
    one = done.contribution
    return Entry(
        reading=done.operation.reading,
        author=one.author,
        device=one.device,
        moment=one.moment,
        commit=one.commit,
        depth=depth,
        index=done.index,
        reason=done.operation.reason or one.payload.reason,
        unconfirmed=one.payload.recovered_for is not None,
    )


class _Found:
    """What is found of one form's units. `covered`: commits that are shown before others."""

    def __init__(self, key: FormKey, covered: frozenset[CommitId]) -> None:
        self._key = key
        self._covered = covered
        self.clashes: list[Clash] = []
        self.settled: list[Clash] = []

    def _preference(self, commit: CommitId, depth: int) -> tuple[bool, int, CommitId]:
        """Return by what the side that is shown is chosen: the greatest."""
        return (commit in self._covered, depth, commit)

    def _note(self, unit: Unit, path: ItemPath, sides: Iterable[Side], settled: Iterable[Side] | None = None) -> None:
        """Note a clash that stands; one that was settled, where somebody settled it."""
        ordered = tuple(sorted(sides, key=lambda one: (one.depth, one.commit)))
        shown = max(ordered, key=lambda one: self._preference(one.commit, one.depth))
        clash = Clash(
            id=conflict_id(self._key, path, ordered, unit), unit=unit, path=path, sides=ordered, shown=shown.ref
        )
        if settled is None:
            self.clashes.append(clash)
        else:
            by = sorted(settled, key=lambda one: (one.depth, one.commit))
            self.settled.append(replace(clash, settled=tuple(by)))

    # -- items --

    def free_item(self, path: ItemPath, sets: list[_Set]) -> ItemState:
        """Return an item that conflicts alone."""
        bases_of: dict[CommitRef, tuple[CommitRef, ...]] = {}
        for done in sets:
            ref = ref_of(done.contribution.commit)
            bases_of[ref] = bases_of.get(ref, ()) + done.operation.bases
        depths = depths_of(bases_of)
        entries = sorted((_entry(done, depths[ref_of(done.contribution.commit)]) for done in sets), key=_rank)
        superseded = {base for bases in bases_of.values() for base in bases}
        last = {entry.ref: entry for entry in entries}  # the last operation of a commit is its value
        heads = tuple(entry for ref, entry in last.items() if ref not in superseded)
        shown = max(heads, key=lambda head: (*self._preference(head.commit, head.depth), head.index))
        trail = (*(entry for entry in entries if entry != shown), shown)
        state = ItemState(shown=shown.reading, heads=heads, history=trail)
        if state.conflict:
            self._note(Unit.ITEM, path, [_of_entry(path, head) for head in heads])
        for bases, by in _answers(bases_of):
            sides = [last[base] for base in bases if base in last]
            if len({side.reading for side in sides}) > 1:
                self._note(
                    Unit.ITEM,
                    path,
                    [_of_entry(path, side) for side in sides],
                    [_of_entry(path, last[ref]) for ref in by],
                )
        return state

    # -- sittings --

    def sitting(
        self, unit: _Unit, nodes: Mapping[CommitRef, _Node], items: dict[ItemPath, ItemState]
    ) -> tuple[CommitRef, ...]:
        """Fill `items` with the states of one sitting and return its heads."""
        bases_of = {ref: node.bases for ref, node in nodes.items()}
        depths = depths_of(bases_of)

        def preferred(ref: CommitRef) -> tuple[bool, int, CommitId]:
            return self._preference(nodes[ref].contribution.commit, depths[ref])

        superseded = {base for bases in bases_of.values() for base in bases}
        latest = _without_earlier(bases_of)
        values: dict[CommitRef, dict[ItemPath, Entry]] = {}
        trails: dict[ItemPath, list[Entry]] = {}
        for ref in sorted(nodes, key=lambda one: (depths[one], one)):
            held = [base for base in latest[ref] if base in values]
            merged = dict(self._gone_on_from([values[base] for base in sorted(held, key=preferred)]))
            for done in nodes[ref].sets:
                entry = _entry(done, depths[ref])
                merged[done.operation.path] = entry
                trails.setdefault(done.operation.path, []).append(entry)
            values[ref] = merged
        heads = tuple(sorted((ref for ref in nodes if ref not in superseded), key=preferred))
        shown = heads[-1]
        for path, trail in trails.items():
            per_head = [values[head].get(path) or _blank(nodes[head], depths[head]) for head in heads]
            chosen = per_head[-1] if path in values[shown] else _blank(nodes[shown], depths[shown])
            history = (*(entry for entry in sorted(trail, key=_rank) if entry != chosen), chosen)
            items[path] = ItemState(shown=chosen.reading, heads=tuple(per_head), history=history)

        def sides(refs: Iterable[CommitRef]) -> list[Side]:
            found = [ref for ref in refs if ref in nodes]
            paths = sorted({path for ref in found for path in values[ref]})
            return [
                _of_sitting(
                    nodes[ref],
                    depths[ref],
                    {path: values[ref].get(path) or _blank(nodes[ref], depths[ref]) for path in paths},
                )
                for ref in found
            ]

        whole = ItemPath(group=unit[0], item="", row=unit[1])
        if _disagree(sides(heads)):
            self._note(Unit.SITTING, whole, sides(heads))
        for bases, by in _answers(bases_of):
            if _disagree(sides(bases)):
                self._note(Unit.SITTING, whole, sides(bases), sides(by))
        return heads

    @staticmethod
    def _gone_on_from(bases: list[dict[ItemPath, Entry]]) -> Mapping[ItemPath, Entry]:
        """Return what stands before a save: of sittings that disagree the one that was shown, and none of the other."""
        merged: dict[ItemPath, Entry] = {}
        for values in bases:
            agrees = all(
                values[path].reading == entry.reading if path in values else entry.reading.is_empty
                for path, entry in merged.items()
            ) and all(path in merged or entry.reading.is_empty for path, entry in values.items())
            merged = {**merged, **values} if agrees else dict(values)
        return merged

    # -- the mark --

    def complete(self, contributions: tuple[Contribution, ...]) -> tuple[bool, tuple[CommitRef, ...]]:
        """Return whether the form is marked complete, and the mark's heads. Heads that disagree leave it off."""
        marks: dict[CommitRef, tuple[Contribution, Mark]] = {}
        for one in contributions:
            for operation in one.payload.operations:
                if isinstance(operation, Mark) and operation.flag == COMPLETE:
                    marks[ref_of(one.commit)] = (one, operation)
        bases_of = {ref: mark.bases for ref, (_, mark) in marks.items()}
        depths = depths_of(bases_of)
        superseded = {base for bases in bases_of.values() for base in bases}
        heads = tuple(sorted(ref for ref in marks if ref not in superseded))

        def sides(refs: Iterable[CommitRef]) -> list[Side]:
            return [_of_mark(*marks[ref], depths[ref]) for ref in refs if ref in marks]

        where = ItemPath(group="", item=COMPLETE)
        if len({marks[ref][1].on for ref in heads}) > 1:
            self._note(Unit.COMPLETE, where, sides(heads))
        for bases, by in _answers(bases_of):
            if len({one.said for one in sides(bases)}) > 1:
                self._note(Unit.COMPLETE, where, sides(bases), sides(by))
        return bool(heads) and all(marks[ref][1].on for ref in heads), heads


def _without_earlier(bases_of: Mapping[CommitRef, tuple[CommitRef, ...]]) -> dict[CommitRef, tuple[CommitRef, ...]]:
    """Return the bases of each commit without those that others of them had seen, sorted."""
    several = {ref for ref, bases in bases_of.items() if len(set(bases)) > 1}
    if not several:
        return dict(bases_of)
    seen: dict[CommitRef, frozenset[CommitRef]] = {}
    depths = depths_of(bases_of)
    for ref in sorted(bases_of, key=lambda one: (depths[one], one)):
        bases = bases_of[ref]
        seen[ref] = frozenset(bases).union(*(seen.get(base, frozenset()) for base in bases))
    return {
        ref: tuple(sorted(set(bases) - frozenset[CommitRef]().union(*(seen.get(base, frozenset()) for base in bases))))
        for ref, bases in bases_of.items()
    }


def _answers(
    bases_of: Mapping[CommitRef, tuple[CommitRef, ...]],
) -> Iterator[tuple[tuple[CommitRef, ...], list[CommitRef]]]:
    """Yield several bases that were named together, and by which commits."""
    by: dict[tuple[CommitRef, ...], list[CommitRef]] = {}
    for ref, bases in _without_earlier(bases_of).items():
        if len(bases) > 1:
            by.setdefault(bases, []).append(ref)
    yield from by.items()


def _disagree(sides: Iterable[Side]) -> bool:
    return len({tuple((path, entry.reading) for path, entry in one.entries.items()) for one in sides}) > 1


def _of_entry(path: ItemPath, entry: Entry) -> Side:
    return Side(
        commit=entry.commit,
        author=entry.author,
        device=entry.device,
        moment=entry.moment,
        depth=entry.depth,
        entries={path: entry},
        reason=entry.reason or "",
    )


def _of_sitting(node: _Node, depth: int, entries: _Values) -> Side:
    one = node.contribution
    reasons = dict.fromkeys(done.operation.reason or "" for done in node.sets)
    return Side(
        commit=one.commit,
        author=one.author,
        device=one.device,
        moment=one.moment,
        depth=depth,
        entries=entries,
        reason=next((reason for reason in reasons if reason), one.payload.reason or ""),
    )


def _of_mark(one: Contribution, mark: Mark, depth: int) -> Side:
    return Side(commit=one.commit, author=one.author, device=one.device, moment=one.moment, depth=depth, said=mark.on)


def _rank(entry: Entry) -> tuple[int, CommitId, int]:
    return entry.rank


def _blank(node: _Node, depth: int) -> Entry:
    """What a sitting says of an item that it left empty while another sitting filled it."""
    one = node.contribution
    return Entry(
        reading=EMPTY,
        author=one.author,
        device=one.device,
        moment=one.moment,
        commit=one.commit,
        depth=depth,
        index=-1,
    )


def _traces(contributions: tuple[Contribution, ...]) -> dict[tuple[str, ItemPath], tuple[FiredEntry, ...]]:
    """Return the trace of each finding. It tells a history and decides nothing, so clocks may order it."""
    traces: dict[tuple[str, ItemPath], tuple[FiredEntry, ...]] = {}
    for one in sorted(contributions, key=lambda one: (one.moment.utc_ms, one.sequence, one.commit)):
        for operation in one.payload.operations:
            if isinstance(operation, Fired):
                entry = FiredEntry(
                    author=one.author,
                    moment=one.moment,
                    device=one.device,
                    fires=operation.fires,
                    commit=one.commit,
                )
                place = (operation.check, operation.path)
                traces[place] = (*traces.get(place, ()), entry)
    return traces

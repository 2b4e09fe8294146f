"""Saves of one form that did not see each other, on different items: merged, and looked through once by whoever signs.

A save names the saves of the form that its author had seen, in the shelf where it lies. What the same laptop saved
before it was seen as well, and so was whatever an entry names as its bases. Two saves of different laptops, neither
of which had seen the other, and which are not about the same items, give a form that nobody saw while entering it.
Once somebody signed the form who had both before their eyes, there is nothing more to look at.

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0024.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from casebook.contributions import Contribution
from casebook.ids import CommitRef, ref_of
from casebook.ledger import shelf_of
from casebook.records import AddRow, Mark, SetItem, Sitting, StrikeRow
from casebook.supervision import Frontier, is_inside

_Touched = frozenset[tuple[str, str, str]]


def ends(contributions: Iterable[Contribution], shelf: str) -> tuple[CommitRef, ...]:
    """Return what the next save of a form names as seen: the saves in a shelf that no other of them had seen."""
    here = [one for one in contributions if shelf_of(one.compartment) == shelf]
    seen = _seen(here)
    known = frozenset[CommitRef]().union(*seen.values())
    return tuple(sorted(seen.keys() - known))


def entered_apart(
    contributions: Iterable[Contribution], held: Iterable[Contribution] = (), signed: Iterable[Frontier] = ()
) -> tuple[Contribution, ...]:
    """Return the saves that another laptop's did not see and that did not see it, on different items; oldest first.

    Args:
        held: What gives no value; whoever had seen it had seen what its author had.
        signed: What the signers of the form had seen: saves that one of them had both seen are not told again.
    """
    looked_at = tuple(signed)
    found: dict[CommitRef, Contribution] = {}
    by_shelf: dict[str, list[Contribution]] = {}
    for one in contributions:
        by_shelf.setdefault(shelf_of(one.compartment), []).append(one)
    beside = tuple(held)
    for here in by_shelf.values():
        seen = _seen((*here, *beside))
        saves = [(one, touched) for one in here if (touched := _touched(one))]
        for place, (one, mine) in enumerate(saves):
            for other, theirs in saves[place + 1 :]:
                if one.device == other.device or mine == theirs:
                    continue
                refs = ref_of(one.commit), ref_of(other.commit)
                if refs[0] in seen[refs[1]] or refs[1] in seen[refs[0]]:
                    continue
                if not any(is_inside(one.mark, frontier) and is_inside(other.mark, frontier) for frontier in looked_at):
                    found |= {refs[0]: one, refs[1]: other}
    return tuple(sorted(found.values(), key=lambda one: (one.moment.utc_ms, one.commit)))


def _touched(one: Contribution) -> _Touched:
    """Return what a save is about: items, and rows as such."""
    found = set[tuple[str, str, str]]()
    for operation in one.payload.operations:
        match operation:
            case SetItem(path=path):
                found.add((path.group, path.row, path.item))
            case AddRow(group=group, row=row) | StrikeRow(group=group, row=row):
                found.add((group, row, ""))
            case _:
                pass
    return frozenset(found)


def _seen(contributions: Iterable[Contribution]) -> Mapping[CommitRef, frozenset[CommitRef]]:
    """Return for each save all others that its author had seen."""
    here = {ref_of(one.commit): one for one in contributions}
    direct = {ref: _named(one) & here.keys() for ref, one in here.items()}
    chains: dict[tuple[str, str], list[CommitRef]] = {}
    for ref, one in sorted(here.items(), key=lambda pair: pair[1].sequence):
        chains.setdefault((one.device, one.epoch), []).append(ref)
    for chain in chains.values():
        for before, after in pairwise(chain):
            direct[after] = direct[after] | {before}
    seen: dict[CommitRef, frozenset[CommitRef]] = {}
    for ref in here:
        found, waiting = set[CommitRef](), [ref]
        while waiting:
            one_more = direct[waiting.pop()] - found
            found |= one_more
            waiting += one_more
        seen[ref] = frozenset(found)
    return seen


def _named(one: Contribution) -> frozenset[CommitRef]:
    bases = [
        base
        for operation in one.payload.operations
        if isinstance(operation, SetItem | Sitting | AddRow | StrikeRow | Mark)
        for base in operation.bases
    ]
    return frozenset((*one.payload.seen, *bases))

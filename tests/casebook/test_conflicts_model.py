"""Every way in which two laptops can write one item, and meet the server, in four operations each.

A write is first made of one of two values; a laptop that sees a conflict settles it by its write. What the
laptops should find in the end is told by a model that knows nothing of bases: who had seen which writes.
"""

from dataclasses import dataclass, replace

import pytest

from casebook.decisions import enter_item
from casebook.ids import CommitId, SubjectId
from casebook.ledger import SealedCommit, head_after
from casebook.oversight import Oversight, QueryState
from casebook.projection import FormState, project
from casebook.records import FormKey, ItemPath, Reading

from .commits import Laptop, form_key
from .replicas import FORM, LEFT, SBP

OPERATIONS = 4
VALUES = ("140", "150")
_Set = frozenset[CommitId]


@dataclass(frozen=True)
class World:
    """What both laptops and the server hold, and how often each laptop may act."""

    held: tuple[_Set, _Set]
    server: _Set
    left: tuple[int, int] = (OPERATIONS, OPERATIONS)

    def with_side(self, side: int, held: _Set, server: _Set) -> "World":
        both, left = list(self.held), list(self.left)
        both[side], left[side] = held, left[side] - 1
        return replace(self, held=(both[0], both[1]), server=server, left=(left[0], left[1]))


class Everything:
    """All commits that any world has, each made once, and what its author had seen."""

    def __init__(self, path: ItemPath) -> None:
        self.path = path
        self.commits: dict[CommitId, SealedCommit] = {}
        self.seen: dict[CommitId, _Set] = {}
        self.value: dict[CommitId, str] = {}
        self._made: dict[tuple[int, _Set, str], CommitId | None] = {}
        self._states: dict[_Set, FormState] = {}
        subject, added = Laptop(1).add_subject()
        self.subject: SubjectId = subject
        self.key: FormKey = form_key(subject)
        self.commits[added.id] = added
        self.first: CommitId = added.id

    def state(self, held: _Set) -> FormState:
        if held not in self._states:
            self._states[held] = project(self.subject, [self.commits[one] for one in sorted(held)]).form(self.key)
        return self._states[held]

    def writes(self, side: int, held: _Set, value: str) -> CommitId | None:
        """Return the write of a laptop that holds this much; None where it would say nothing new."""
        place = (side, held, value)
        if place not in self._made:
            done = enter_item(FORM, self.state(held), self.path, Reading(value=value), reason="read again", anew=True)
            if not done:
                self._made[place] = None
                return None
            laptop = Laptop(side + 1, author=f"nurse.{side}")
            own = [self.commits[one] for one in held if self.commits[one].parsed.device == laptop.device]
            last = max(own, key=lambda one: one.parsed.sequence, default=None)
            laptop.head = head_after(last) if last is not None else laptop.head
            commit = laptop.save(self.key, *done)
            self.commits[commit.id] = commit
            self.seen[commit.id] = held & self.value.keys()
            self.value[commit.id] = value
            self._made[place] = commit.id
        return self._made[place]

    def next(self, world: World) -> list[World]:
        found = []
        for side in (0, 1):
            if not world.left[side]:
                continue
            mine = world.held[side]
            both = mine | world.server
            found.append(world.with_side(side, both, both))
            for value in VALUES:
                written = self.writes(side, mine, value)
                if written is not None:
                    found.append(world.with_side(side, mine | {written}, world.server))
        return found


@pytest.mark.parametrize("path", [SBP, LEFT], ids=["item", "sitting"])
def test_every_way_in_which_two_laptops_write_and_meet_ends_alike(path: ItemPath) -> None:
    everything = Everything(path)
    begun = frozenset({everything.first})
    waiting, met = [World((begun, begun), begun)], set[World]()
    while waiting:
        world = waiting.pop()
        if world not in met:
            met.add(world)
            waiting += everything.next(world)
    ends = {one.held[0] | one.held[1] | one.server for one in met}
    asked = 0
    for end in ends:
        asked += _check(everything, end)
    assert len(met) > 1000
    assert 0 < asked < len(ends)


def _check(everything: Everything, end: _Set) -> int:
    """Hold what both laptops find, once both have everything, against who had seen what; return 1 where they ask."""
    writes = end & everything.value.keys()
    heads = [one for one in writes if not any(one in everything.seen[other] for other in writes)]
    disagree = len({everything.value[one] for one in heads}) > 1
    commits = [everything.commits[one] for one in sorted(end)]
    one, other = (project(everything.subject, order) for order in (commits, [*reversed(commits), *commits]))
    assert one == other
    state = one.form(everything.key)
    item = state.items.get(everything.path)
    assert {entry.commit for entry in (item.history if item is not None else ())} == writes
    open_ = [query for query in Oversight.of(commits).queries([one]) if query.state is not QueryState.CLOSED]
    assert len(open_) == int(disagree)
    if disagree:
        assert {side.commit for side in open_[0].conflict} == set(heads)
    elif item is not None:
        assert {everything.value[head] for head in heads} == {item.shown.value}
    return int(disagree)

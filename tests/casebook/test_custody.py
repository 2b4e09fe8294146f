"""Where a commit is said to be, held against a world that knows: never further than the server's own word."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.custody import (
    Carried,
    Custody,
    Evidence,
    Holding,
    Kept,
    Ledger,
    Light,
    Link,
    Proof,
    Where,
    may_wipe,
    weakest,
)
from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead

OURS, THEIRS, SERVER = DeviceId("AAAAAAAA"), DeviceId("BBBBBBBB"), DeviceId("SSSSSSSS")
ACTIONS = ("own", "own", "other", "statement", "copy", "exchange", "exchange", "cut", "restore", "backup", "bundle")


def link(number: int, sequence: int, *, device: DeviceId = OURS, after: int | None = None) -> Link:
    previous = CommitId(f"{after:064x}") if after is not None else None
    return Link(
        id=CommitId(f"{number:064x}"), device=device, epoch=Epoch("EEEEEE"), sequence=sequence, previous=previous
    )


def chain(length: int) -> list[Link]:
    return [link(number, number, after=number - 1 if number > 1 else None) for number in range(1, length + 1)]


def proof(sequence: int, at_ms: int, serial: int, server_epoch: str = "one") -> Proof:
    return Proof(
        device=OURS,
        epoch=Epoch("EEEEEE"),
        sequence=sequence,
        at_ms=at_ms,
        serial=serial,
        server_epoch=server_epoch,
    )


def head(one: Link) -> ChainHead:
    return ChainHead(device=one.device, epoch=one.epoch, sequence=one.sequence, id=one.id)


# -- a world that knows -----------------------------------------------------------------------------------


@dataclass
class World:
    """A server, this laptop's shelf, and everything that really is where."""

    chosen: random.Random
    made: int = 0
    serial: int = 0
    server: dict[CommitId, Link] = field(default_factory=dict)
    earlier: list[dict[CommitId, Link]] = field(default_factory=list)
    server_epoch: str = "one"
    backup: frozenset[CommitId] = frozenset()
    backup_serial: int = 0
    here: dict[CommitId, Link] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=lambda: Evidence(server_epoch="one"))
    in_step_under: str | None = None
    carried: dict[int, frozenset[CommitId]] = field(default_factory=dict)

    def grow(self, device: DeviceId, known: dict[CommitId, Link]) -> None:
        self.made += 1
        ends = tips(one for one in known.values() if one.device == device)
        end = self.chosen.choice(ends) if ends else None
        fresh = Link(
            id=CommitId(f"{self.made:064x}"),
            device=device,
            epoch=Epoch("EEEEEE"),
            sequence=end.sequence + 1 if end else 1,
            previous=end.id if end else None,
        )
        known[fresh.id] = fresh

    def own(self) -> None:
        self.grow(OURS, self.here)

    def copy(self) -> None:
        """A copy of this laptop's folder is at work elsewhere, and is quicker."""
        self.grow(OURS, self.server)

    def other(self) -> None:
        self.grow(THEIRS, self.server)

    def statement(self) -> None:
        self.grow(SERVER, self.server)

    def restore(self) -> None:
        """The server is put back to an earlier copy of itself."""
        self.server = dict(self.chosen.choice([*self.earlier, {}]))
        self.made += 1
        self.server_epoch = f"epoch {self.made}"
        self.backup, self.backup_serial = frozenset(), 0

    def run_backup(self) -> None:
        self.earlier.append(dict(self.server))
        self.backup, self.backup_serial = frozenset(self.server), self.serial

    def bundle(self) -> None:
        number = len(self.carried) + 1
        self.carried[number] = frozenset(self.here)
        heads = tuple(head(one) for one in tips(self.here.values()))
        self.evidence = replace(self.evidence, bundles=(*self.evidence.bundles, Carried(number=number, heads=heads)))

    def exchange(self, *, cut: bool = False) -> None:
        """As docs/sync_protocol.md has it: the laptop sends, the server names its ends, receipts, what is lacking."""
        self.earlier.append(dict(self.server))
        for one in sorted(self.here.values(), key=lambda link: link.sequence):
            if cut and self.chosen.random() < 0.3:
                break
            if one.previous is None or one.previous in self.server:
                self.server[one.id] = one
        named = tuple(head(one) for one in tips(self.server.values()))
        self.evidence = replace(self.evidence, server_epoch=self.server_epoch, backup_serial=self.backup_serial)
        for one in sorted(self.server.values(), key=lambda link: link.sequence):
            if cut and self.chosen.random() < 0.3:
                break
            if one.previous is None or one.previous in self.here:
                self.here[one.id] = one
        self.give_receipts(named, cut=cut)
        if cut:
            return
        ours = {one.id for one in tips(self.here.values())}
        self.in_step_under = self.server_epoch if ours == {one.id for one in named} else None
        self.evidence = replace(self.evidence, named=named, named_under=self.server_epoch, named_at_ms=self.serial)

    def give_receipts(self, named: tuple[ChainHead, ...], *, cut: bool) -> None:
        there = {one.id for one in named}
        for device in (OURS, THEIRS):
            ends = [one for one in named if one.device == device]
            if not ends or (cut and self.chosen.random() < 0.5):
                continue
            longest = max(ends, key=lambda one: one.sequence)
            branches = tips(one for one in self.here.values() if one.device == device)
            self.serial += 1
            if longest.id in self.here and (len(branches) <= 1 or all(one.id in there for one in branches)):
                told = Proof(
                    device=device,
                    epoch=longest.epoch,
                    sequence=longest.sequence,
                    at_ms=self.serial * 1000,
                    serial=self.serial,
                    server_epoch=self.server_epoch,
                )
                self.evidence = replace(self.evidence, proofs=(*self.evidence.proofs, told))

    def act(self, action: str) -> None:
        match action:
            case "cut":
                self.exchange(cut=True)
            case "backup":
                self.run_backup()
            case _:
                getattr(self, action)()

    def holding(self, ledger: Ledger) -> Holding:
        unproved = ledger.unproved()
        own = sum(1 for one in unproved if one.device == OURS)
        in_step = self.in_step_under == self.evidence.server_epoch
        return Holding(own=own, others=len(unproved) - own, in_step=in_step)


def tips(links: Iterable[Link]) -> list[Link]:
    held = list(links)
    parents = {one.previous for one in held}
    return [one for one in held if one.id not in parents]


@settings(max_examples=400, deadline=None)
@given(st.integers(), st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=30))
def test_nothing_is_said_to_be_further_than_it_is(seed: int, actions: list[str]) -> None:
    world = World(random.Random(seed))
    for action in actions:
        world.act(action)
        ledger = Ledger(world.here.values(), world.evidence)
        if world.evidence.server_epoch != world.server_epoch:
            continue  # the server was put back, and has not said so to this laptop yet
        for one in world.here:
            where = ledger.where(one)
            if where.custody in {Custody.RECEIVED, Custody.BACKUP}:
                assert one in world.server
                assert where.at_ms is not None
            if where.custody is Custody.BACKUP:
                assert one in world.backup
            if where.custody is Custody.BUNDLE:
                assert one in world.carried[where.bundle]
        verdict = may_wipe([world.holding(ledger)], unseen=False)
        if verdict.light is Light.SAFE:
            assert world.here.keys() <= world.server.keys()


@settings(max_examples=100, deadline=None)
@given(st.integers(), st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=20))
def test_two_quiet_exchanges_bring_every_commit_to_the_server_and_prove_it(seed: int, actions: list[str]) -> None:
    world = World(random.Random(seed))
    for action in [*actions, "own", "exchange", "exchange"]:
        world.act(action)
    ledger = Ledger(world.here.values(), world.evidence)
    assert ledger.unproved() == ()
    assert may_wipe([world.holding(ledger)], unseen=False).light is Light.SAFE


# -- by example --------------------------------------------------------------------------------------------


def test_a_commit_goes_from_here_over_a_bundle_to_the_server_and_into_its_backup() -> None:
    links = chain(3)
    none = Ledger(links, Evidence(server_epoch="one"))
    assert none.where(links[0].id) == Where(custody=Custody.HERE_ONLY)
    carried = (Carried(number=12, heads=(head(links[1]),)),)
    bundled = Ledger(links, Evidence(server_epoch="one", bundles=carried))
    assert [bundled.where(one.id) for one in links[1:]] == [
        Where(custody=Custody.BUNDLE, bundle=12),
        Where(custody=Custody.HERE_ONLY),
    ]
    receipts = (proof(1, 100, 1), proof(3, 200, 2))
    told = Ledger(links, Evidence(server_epoch="one", proofs=receipts, bundles=carried, backup_serial=1))
    assert [told.where(one.id) for one in links] == [
        Where(custody=Custody.BACKUP, at_ms=100),
        Where(custody=Custody.RECEIVED, at_ms=200),
        Where(custody=Custody.RECEIVED, at_ms=200),
    ]
    assert told.where(CommitId("f" * 64)) == Where()


def test_a_server_that_was_put_back_proves_nothing_with_what_it_said_before() -> None:
    links = chain(2)
    before = Evidence(
        server_epoch="one", proofs=(proof(2, 100, 1),), backup_serial=1, named=(head(links[1]),), named_under="one"
    )
    assert all(Ledger(links, before).where(one.id).custody is Custody.BACKUP for one in links)
    after = Ledger(links, replace(before, server_epoch="two"))
    assert all(after.where(one.id).custody is Custody.HERE_ONLY for one in links)
    assert len(after.unproved()) == 2


def test_a_bundle_is_not_believed_to_hold_what_the_server_had_when_it_was_written() -> None:
    links = chain(4)
    carried = (Carried(number=3, heads=(head(links[3]),)),)
    before = Evidence(server_epoch="one", proofs=(proof(2, 100, 1),), bundles=carried)
    after = Ledger(links, replace(before, server_epoch="two"))
    assert [after.where(one.id).custody for one in links] == [Custody.HERE_ONLY] * 2 + [Custody.BUNDLE] * 2


def test_of_a_chain_that_forked_a_number_proves_nothing_and_a_named_end_its_own_branch() -> None:
    trunk, left, right = link(1, 1), link(2, 2, after=1), link(3, 2, after=1)
    evidence = Evidence(server_epoch="one", proofs=(proof(2, 100, 1),), named=(head(left),), named_under="one")
    ledger = Ledger([trunk, left, right], evidence)
    assert [ledger.at_server(one.id) for one in (trunk, left, right)] == [True, True, False]


def test_an_end_that_is_not_held_here_proves_nothing() -> None:
    links = chain(2)
    stranger = ChainHead(device=OURS, epoch=Epoch("EEEEEE"), sequence=2, id=CommitId("9" * 64))
    ledger = Ledger(links, Evidence(server_epoch="one", named=(stranger,), named_under="one"))
    assert [one.sequence for one in ledger.unproved()] == [1, 2]


def test_what_waits_for_its_parent_is_covered_by_its_own_name_alone() -> None:
    waiting = link(7, 7, after=6)
    evidence = Evidence(server_epoch="one", proofs=(proof(9, 1, 1),), named=(head(waiting),), named_under="one")
    assert Ledger([], evidence).covers(waiting)
    assert not Ledger([], evidence).covers(link(8, 7, after=6))
    assert not Ledger([], replace(evidence, server_epoch="two")).covers(waiting)


def test_a_record_of_several_commits_is_where_the_least_safe_of_them_is() -> None:
    received, later = Where(custody=Custody.RECEIVED, at_ms=100), Where(custody=Custody.RECEIVED, at_ms=300)
    backup, bundle = Where(custody=Custody.BACKUP, at_ms=50), Where(custody=Custody.BUNDLE, bundle=4)
    assert weakest([]) == Where()
    assert weakest([received, later, backup]) == later
    assert weakest([received, bundle, replace(bundle, bundle=9)]) == Where(custody=Custody.BUNDLE, bundle=9)
    assert weakest([bundle, Where(custody=Custody.HERE_ONLY)]) == Where(custody=Custody.HERE_ONLY)


STILL = Holding(in_step=True)


@pytest.mark.parametrize("name", ["own", "others", "open", "parked", "quarantined", "set_aside", "owed"])
def test_a_laptop_is_safe_to_wipe_only_while_nothing_at_all_is_left_on_either_shelf(name: str) -> None:
    assert may_wipe([STILL, STILL], unseen=False).light is Light.SAFE
    one = Holding(in_step=True, **{name: 2})
    for holdings in ([one, STILL], [STILL, one]):
        verdict = may_wipe(holdings, unseen=False)
        assert (verdict.light, verdict.count(Kept(name))) == (Light.UNSAFE, 2)


def test_other_things_keep_it_too() -> None:
    assert may_wipe([STILL], unseen=False, attachments=1).reasons == ((Kept.ATTACHMENTS, 1),)
    assert may_wipe([STILL], unseen=False, names_key_alone=True).reasons == ((Kept.NAMES_KEY, 1),)
    assert may_wipe([Holding()], unseen=False).reasons == ((Kept.NOT_IN_STEP, 1),)
    assert may_wipe([], unseen=False).light is Light.UNSAFE


def test_a_shelf_that_is_not_looked_into_is_never_told_to_be_safe() -> None:
    assert may_wipe([STILL], unseen=True).light is Light.CANNOT_TELL
    both = may_wipe([Holding(own=1, in_step=True)], unseen=True)
    assert (both.light, both.count(Kept.UNSEEN)) == (Light.UNSAFE, 1)

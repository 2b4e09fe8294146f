"""Random histories of a study with two shelves: sites given and taken, people and laptops withdrawn, exchanges cut.

Whatever happens: a blinded person's laptop holds shelf S alone, nothing honest is lost or refused, what was
received before a withdrawal counts, and what was made after it is held.
"""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.errors import NotPermittedError, ServerUnreachableError
from casebook.ids import CommitId, user_id
from casebook.ledger import STANDARD, UNBLINDING, SealedCommit
from casebook.sync import trust
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import CutPeer, Writer, ids, memory_study

_WHO = st.sampled_from(["ward", "blind", "manager"])
_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), _WHO, st.integers(1, 5)),
        st.tuples(st.just("write unblinding"), st.sampled_from(["ward", "manager"]), st.integers(1, 5)),
        st.tuples(st.just("sync"), _WHO, st.just(0)),
        st.tuples(st.just("sync alone"), _WHO, st.just(0)),
        st.tuples(st.just("cut"), _WHO, st.integers(0, 6000)),
        st.tuples(st.just("give"), st.just("manager"), st.just(0)),
        st.tuples(st.just("take"), st.just("manager"), st.just(0)),
        st.tuples(st.just("withdraw person"), _WHO, st.just(0)),
        st.tuples(st.just("withdraw laptop"), _WHO, st.just(0)),
        st.tuples(st.just("server rebuilt"), st.just("ward"), st.just(0)),
    ),
    max_size=20,
)


class _World:
    def __init__(self) -> None:
        self.server = memory_study()
        self.server.state("900", trust.site_statement(trust.Site(site="900", name="Sponsor")))
        self.server.add("blind", "ROLE.BLIND")
        self.server.add("manager", "ROLE.DATA", "900", ("001",))
        self.laptops = {
            "ward": Writer(self.server, MemoryLog()),
            "blind": Writer(self.server, MemoryLog(), letter="B", user=user_id("blind")),
            "manager": Writer(self.server, MemoryLog(), site="900", user=user_id("manager")),
        }
        self.written: list[SealedCommit] = []
        self.plain: set[CommitId] = set()
        self.withdrawn: set[str] = set()
        self.late: set[CommitId] = set()
        for laptop in self.laptops.values():
            laptop.sync()

    def do(self, action: str, who: str, amount: int) -> None:
        laptop = self.laptops[who]
        match action:
            case "write" | "write unblinding":
                compartment = STANDARD if action == "write" else UNBLINDING
                for value in range(amount):
                    self.written.append(laptop.write(str(value), compartment=compartment, site="001"))
                    if who in self.withdrawn:  # also where a server that was rebuilt forgot it for a while
                        self.late.add(self.written[-1].id)
            case "sync":
                self.sync(laptop)
            case "sync alone":
                laptop.sync()
            case "cut":
                self.sync(laptop, up_bytes=amount)
            case "server rebuilt":
                self.server.begin(MemoryLog(), MemoryLog())
                self.sync(laptop)
            case _:
                self.administer(action, laptop)
                if action.startswith(("withdraw", "take")):
                    self.withdrawn.add(who)

    def administer(self, action: str, laptop: Writer) -> None:
        server = self.server
        member, device = server.directory.member(laptop.user), server.directory.device(laptop.device)
        if member is None or device is None or device.revoked:
            return
        received = {one.id for one in self.written if server.log.has(one.id) or server.unblinding.has(one.id)}
        counting = {one for one in received if server.directory.effect(one) is None}
        match action:
            case "give":
                server.add("manager", "ROLE.DATA", "900", ("001",))
            case "take" if "001" in member.sites:
                server.office.withdraw_person(server.add("manager", "ROLE.DATA", "900"), "001", "taken")
            case "withdraw person" if not member.revoked:
                for site in member.all_sites:
                    server.office.withdraw_person(member, site, "left")
            case "withdraw laptop":
                server.office.withdraw_laptop(device)
        self.plain |= counting - self.late

    def sync(self, laptop: Writer, up_bytes: int | None = None) -> None:
        for shelf in (STANDARD, UNBLINDING):
            peer = CutPeer(self.server, up_bytes=up_bytes)
            with contextlib.suppress(ServerUnreachableError, NotPermittedError):
                laptop.sync(peer, shelf=shelf, person=laptop.signer)


@settings(max_examples=60)
@given(actions=_ACTIONS)
def test_study_keeps_its_promises_whatever_happened(actions: list[tuple[str, str, int]]) -> None:
    world = _World()
    for action in actions:
        world.do(*action)
    server, laptops = world.server, world.laptops
    for laptop in (*laptops.values(), *laptops.values()):
        world.sync(laptop)

    blind = laptops["blind"]
    assert {one.parsed.shelf for one in blind.log.commits()} <= {STANDARD}
    assert ids(blind.unblinding) == set()
    assert server.log.quarantined() == server.unblinding.quarantined() == ()
    assert {one.id for one in world.written if one.parsed.shelf == STANDARD} <= ids(server.log)
    for one in world.written:
        if one.id in world.plain:
            assert server.directory.effect(one.id) is None
        elif one.parsed.shelf == UNBLINDING and not server.unblinding.has(one.id):
            laptop = laptops["ward" if one.parsed.author != "manager" else "manager"]
            member = server.directory.member(laptop.user)
            assert one.id in ids(laptop.unblinding)
            assert member is not None
            assert member.revoked
    assert {one.parsed.shelf for one in server.log.commits()} == {STANDARD}
    assert {one.parsed.shelf for one in server.unblinding.commits()} <= {UNBLINDING}

"""Random histories of two laptops and a server: whatever happens between, they end equal and nothing is lost."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import ServerUnreachableError
from casebook.ids import new_epoch
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.sync.copies import BEGUN
from casebook.sync.memory import UNANSWERED
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import CutPeer, Server, Writer, ids, memory_study

_LAPTOPS = st.integers(0, 1)
_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), _LAPTOPS, st.integers(1, 30)),
        st.tuples(st.just("sync"), _LAPTOPS, st.just(0)),
        st.tuples(st.just("cut up"), _LAPTOPS, st.integers(0, 8000)),
        st.tuples(st.just("cut down"), _LAPTOPS, st.integers(0, 8000)),
        st.tuples(st.just("copy"), _LAPTOPS, st.just(0)),
        st.tuples(st.just("put back"), _LAPTOPS, st.just(0)),
        st.tuples(st.just("server copy"), st.just(0), st.just(0)),
        st.tuples(st.just("server put back"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


def _copied(log: CommitLog) -> MemoryLog:
    copy = MemoryLog()
    for name in (SERVER_EPOCH, UNANSWERED, BEGUN):
        kept = log.setting(name)
        if kept is not None:
            copy.set_setting(name, kept)
    copy.append(list(log.commits()))
    for one in log.receipts():
        copy.add_receipt(
            one.body,
            device=one.device,
            epoch=one.epoch,
            sequence=one.sequence,
            at_ms=one.at_ms,
            serial=one.serial,
            server_epoch=one.server_epoch,
        )
    return copy


class _World:
    """Two laptops, a server, and copies of their folders."""

    def __init__(self) -> None:
        self.server: Server = memory_study()
        self.laptops = [Writer(self.server, MemoryLog()), Writer(self.server, MemoryLog(), letter="B")]
        self.copies = [(_copied(one.log), one.head) for one in self.laptops]
        self.server_copy = _copied(self.server.log)

    def do(self, action: str, which: int, amount: int) -> None:
        laptop = self.laptops[which]
        match action:
            case "write":
                for value in range(amount):
                    laptop.write(str(value))
            case "sync":
                self.sync(laptop)
            case "cut up":
                self.sync(laptop, CutPeer(self.server, up_bytes=amount))
            case "cut down":
                self.sync(laptop, CutPeer(self.server, down_bytes=amount))
            case "copy":
                self.copies[which] = (_copied(laptop.log), laptop.head)
            case "put back":
                log, laptop.head = self.copies[which]
                laptop.log = _copied(log)
            case "server copy":
                self.server_copy = _copied(self.server.log)
            case _:
                put_back = _copied(self.server_copy)
                put_back.set_setting(SERVER_EPOCH, new_epoch(self.server.rng.randbytes))  # as `restore` does
                self.server.begin(put_back)

    def sync(self, laptop: Writer, peer: CutPeer | None = None) -> None:
        with contextlib.suppress(ServerUnreachableError):
            laptop.sync(peer, on_older_copy=laptop.begin_epoch)

    def everything(self) -> set[str]:
        return ids(self.server.log) | ids(self.laptops[0].log) | ids(self.laptops[1].log)


@given(actions=_ACTIONS)
def test_laptops_and_server_end_equal_whatever_happened(actions: list[tuple[str, int, int]]) -> None:
    world = _World()
    for action in actions:
        world.do(*action)
    everything = world.everything()

    for laptop in (*world.laptops, *world.laptops):
        report = laptop.sync(on_older_copy=laptop.begin_epoch)

    assert report.in_step
    assert report.notices == ()
    for log in (world.server.log, world.laptops[0].log, world.laptops[1].log):
        assert ids(log) == everything
    for laptop in world.laptops:
        for head in laptop.log.heads():
            if head.device in (one.device for one in world.laptops):
                assert laptop.log.custody(head.device, head.epoch) == head.sequence
    assert world.server.log.quarantined() == ()


@given(actions=_ACTIONS)
def test_receipt_is_never_kept_for_what_the_server_did_not_hold(actions: list[tuple[str, int, int]]) -> None:
    world = _World()
    promised: set[str] = set()
    for action, which, amount in actions:
        if action.startswith("server"):
            continue  # a server that was put back has lost what it promised, until it is refilled
        world.do(action, which, amount)
        held = ids(world.server.log)
        promised = {
            commit.id
            for laptop in world.laptops
            for head in laptop.log.heads()
            for commit in laptop.log.chain(head.device, head.epoch)
            if commit.parsed.sequence <= laptop.log.custody(head.device, head.epoch)
        }
        assert promised <= held

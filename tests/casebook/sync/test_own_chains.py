"""A laptop's own chain over a short opening: what it sent does not come back, what it lacks does."""

import random
from collections.abc import Iterable, Iterator

import pytest

from casebook.errors import ServerUnreachableError
from casebook.sync.engine import SyncPeer
from casebook.sync.frames import FrameParser, FrameType, unpack_commits
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import CutPeer, Server, Writer, ids, memory_study
from tests.rigs.laptops import BusyPeer
from tests.rigs.world import memory_copy


class Listening:
    """Carries requests, measures them, and keeps whose commits came down."""

    def __init__(self, peer: SyncPeer) -> None:
        self._peer = peer
        self.requests: list[int] = []
        self.devices: set[str] = set()

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        frames = list(request)
        self.requests.append(sum(len(one) for one in frames))
        parser = FrameParser()
        for data in self._peer.send(frames):
            for frame in parser.feed(data):
                if frame.type is FrameType.COMMITS:
                    self.devices |= {one.parsed.device for one in unpack_commits(frame.body)}
            yield data


def _with_much_to_send() -> tuple[Server, Writer]:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.sync()
    rng = random.Random(2)
    for _ in range(150):
        laptop.write(rng.randbytes(300).hex())
    return server, laptop


def test_what_arrived_before_a_cut_in_any_request_does_not_come_back() -> None:
    server, laptop = _with_much_to_send()
    whole = Listening(server)
    laptop.sync(whole)
    first, second = whole.requests

    for sent in (first // 2, first + second // 2, first + second - 10):
        server, laptop = _with_much_to_send()
        with pytest.raises(ServerUnreachableError):
            laptop.sync(CutPeer(server, up_bytes=sent))
        assert any(head.device == laptop.device for head in server.log.heads())
        other = Writer(server, MemoryLog(), letter="B")
        news = other.write("1")
        other.sync()
        again = Listening(server)

        report = laptop.sync(again)

        assert report.in_step
        assert laptop.device not in again.devices
        assert news.id in ids(laptop.log)


def test_older_copy_that_the_server_takes_for_up_to_date_sees_by_the_heads_what_it_lacks() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    laptop.sync()
    older = memory_copy(laptop.log)
    lost = laptop.write("2")
    with pytest.raises(ServerUnreachableError):
        laptop.sync(CutPeer(server, down_bytes=0))  # the answer is lost: the server takes nothing for heard
    assert lost.id in ids(server.log)
    laptop.log = older
    told: list[bool] = []

    report = laptop.sync(on_older_copy=lambda: told.append(lost.id in ids(laptop.log)))

    assert report.older_copy
    assert (report.in_step, report.rounds) == (True, 2)
    assert lost.id in ids(laptop.log)
    assert told == [False]


def test_what_is_written_during_an_exchange_does_not_come_back() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")  # the first exchange opens in full
    heard = Listening(server)

    def write_on() -> None:
        laptop.write("2")

    report = laptop.sync(BusyPeer(heard, write_on))

    assert (report.in_step, report.pushed) == (True, 2)
    assert laptop.device not in heard.devices

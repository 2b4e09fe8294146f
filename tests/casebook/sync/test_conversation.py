"""Both shelves in one request, cuts, copies at work, servers that were put back or lose records, odd peers."""

import copy
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from casebook.crypto import SigningKey
from casebook.errors import (
    CopyAtWorkError,
    NotPermittedError,
    OlderCopyError,
    ProtocolUnsupportedError,
    RecordsLostError,
    ServerUnreachableError,
)
from casebook.ids import Epoch, new_epoch, user_id
from casebook.ledger import UNBLINDING, CommitDraft
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.sync import messages
from casebook.sync.chains import all_heads
from casebook.sync.copies import BEGUN, copies_at_work, note_begun
from casebook.sync.engine import Conversed, PersonSigner, ShelfExchange, SyncPeer, converse
from casebook.sync.frames import MOST_PACKED_BYTES, FrameParser, FrameType, write_frame
from casebook.sync.memory import HELD_BACK, SMALL_BYTES, UNANSWERED
from casebook.sync.messages import End, Open
from casebook.sync.serving import serve
from casebook.sync.trust import PersonKey
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, STUDY, CutPeer, Server, Writer, copy_of, ids, memory_study

_HANDSHAKE_BYTES = 600


class WatchingPeer:
    """Carries requests and keeps what went each way."""

    def __init__(self, server: SyncPeer) -> None:
        self._server = server
        self.requests: list[bytes] = []

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        frames = list(request)
        self.requests.append(b"".join(frames))
        return self._server.send(frames)

    def frames(self, kind: FrameType) -> list[bytes]:
        """Return the bodies of one kind that were sent."""
        return [frame.body for request in self.requests for frame in FrameParser().feed(request) if frame.type is kind]


def both(laptop: Writer, peer: SyncPeer, person: PersonSigner | None = None) -> Conversed:
    """Exchange both shelves as somebody, in one conversation."""
    signer = person or laptop.signer
    exchanges = [
        ShelfExchange(
            log,
            laptop=laptop.laptop(shelf, signer),
            directory=laptop.directory,
            random_bytes=laptop.rng.randbytes,
            identity_key=laptop.identity_key,
        )
        for shelf, log in (("S", laptop.log), (UNBLINDING, laptop.unblinding))
    ]
    return converse(exchanges, peer)


def session(seed: int = 1, forms: int = 10) -> tuple[Server, Writer]:
    """Return a server and a laptop in step that has made new forms in both shelves since, a long text in each."""
    server = memory_study(seed)
    laptop = Writer(server, MemoryLog())
    assert both(laptop, server).error is None
    rng = random.Random(seed)
    for _ in range(forms):
        laptop.write(rng.randbytes(600).hex())
        laptop.write(rng.randbytes(600).hex(), compartment=UNBLINDING)
    return server, laptop


def equal(server: Server, laptop: Writer) -> bool:
    return ids(server.log) == ids(laptop.log) and ids(server.unblinding) == ids(laptop.unblinding)


# -- both shelves in one request -------------------------------------------------------------------------------------


def test_both_shelves_travel_in_one_request() -> None:
    server, laptop = session()
    peer = WatchingPeer(server)

    conversed = both(laptop, peer)
    again = both(laptop, peer)

    assert [len(peer.requests), len(conversed.reports), len(again.reports)] == [2, 2, 2]
    assert all(one.in_step for one in (*conversed.reports, *again.reports))
    assert equal(server, laptop)
    assert peer.frames(FrameType.OPEN) == []


def test_refusal_of_shelf_u_undoes_nothing_of_shelf_s() -> None:
    server, laptop = session()
    server.add("blind", "ROLE.BLIND")
    key = SigningKey(server.rng.randbytes(32))
    member = server.directory.member(user_id("blind"))
    assert member is not None
    server.office.certified(
        member, PersonKey(user=member.user, device=laptop.device, signing=key.public, certificate=b"DER")
    )
    laptop.sync()

    conversed = both(laptop, server, PersonSigner(user=member.user, signing=key))

    assert isinstance(conversed.error, NotPermittedError)
    assert [one.in_step for one in conversed.reports] == [True]
    assert ids(server.log) == ids(laptop.log)
    assert ids(server.unblinding).isdisjoint(ids(laptop.unblinding))


# -- cuts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["up", "down"])
def test_session_cut_anywhere_ends_equal_and_sends_little_again(direction: str) -> None:
    server, laptop = session(9)
    reports = both(laptop, server).reports
    commits_bytes = sum(one.sent_bytes for one in reports)
    total = sum(one.sent_bytes if direction == "up" else one.received_bytes for one in reports)
    picked = random.Random(5).sample(range(total), 60)

    for position in sorted({0, 1, 2, 3, 70, total - 1, *picked}):
        server, laptop = session(9)
        cut = CutPeer(
            server,
            up_bytes=position if direction == "up" else None,
            down_bytes=position if direction == "down" else None,
        )
        assert isinstance(both(laptop, cut).error, ServerUnreachableError)
        held = len(ids(server.log)) + len(ids(server.unblinding))
        after = both(laptop, server)

        assert after.error is None
        assert equal(server, laptop)
        assert held <= len(ids(server.log)) + len(ids(server.unblinding))
        assert server.log.quarantined() == ()
        first = position if direction == "up" else commits_bytes
        again = first + sum(one.sent_bytes for one in after.reports) - commits_bytes
        assert again <= MOST_PACKED_BYTES + 3 * _HANDSHAKE_BYTES, position


def test_after_a_cut_the_next_exchange_asks_before_it_sends() -> None:
    server, laptop = session()
    with pytest.raises(ServerUnreachableError):
        laptop.sync(CutPeer(server, down_bytes=20))
    assert laptop.log.setting(UNANSWERED)
    peer = WatchingPeer(server)

    report = laptop.sync(peer)

    assert (report.in_step, report.pushed, len(peer.requests)) == (True, 0, 1)
    assert peer.frames(FrameType.COMMITS) == []
    assert not laptop.log.setting(UNANSWERED)


def test_wrong_guess_of_what_both_hold_costs_a_round_and_nothing_else() -> None:
    server, laptop = session()
    both(laptop, server)
    server.log.set_setting(f"holds.{laptop.device}", "[]")
    laptop.write("1")
    other = Writer(server, MemoryLog(), letter="B")
    other.write("2")
    other.sync()

    report = laptop.sync()

    assert (report.in_step, report.rounds) == (True, 2)
    assert ids(server.log) == ids(laptop.log)


# -- servers that were put back, that lose records, that take little -------------------------------------------------


def test_server_put_back_is_told_once_and_confirms_anew() -> None:
    server, laptop = session()
    laptop.sync()
    backup = copy_of(server.log)
    server.begin(backup)

    first, second = laptop.sync(), laptop.sync()

    assert (first.restored, second.restored) == (True, False)
    assert first.server_epoch == server.log.setting(SERVER_EPOCH)
    assert laptop.log.custody(laptop.device, laptop.head.epoch) == laptop.head.sequence
    assert first.notices == ()
    assert second.rounds == 1


def test_server_that_lacks_what_it_confirmed_is_told_of_and_refilled() -> None:
    server, laptop = session(forms=0)
    laptop.write("1")
    laptop.sync()
    older = copy_of(server.log)
    laptop.write("2")
    laptop.write("3")
    laptop.sync()
    older.set_setting(SERVER_EPOCH, server.log.setting(SERVER_EPOCH) or "")
    server.begin(older)

    report = laptop.sync()

    assert [type(one) for one in report.notices] == [RecordsLostError]
    assert "2" in report.notices[0].sentence()
    assert report.in_step
    assert laptop.sync().notices == ()


def test_credit_of_the_server_is_kept_to_by_coming_again() -> None:
    server, laptop = session(forms=40)
    server.desk = replace(server.desk, credit_bytes=lambda: 10_000, retry_s=lambda: 77)
    laptop.log.set_setting(UNANSWERED, "[]")
    peer = WatchingPeer(server)

    report = laptop.sync(peer)

    assert report.in_step
    assert report.retry_s == 77
    assert all(len(request) < 10_000 + MOST_PACKED_BYTES for request in peer.requests[1:])
    assert report.pushed == 40


class HoldingBackPeer:
    """A proxy that passes on whole requests only, and cuts those that take longer than some bytes do."""

    def __init__(self, server: Server, most_bytes: int) -> None:
        self._server = server
        self._most_bytes = most_bytes
        self.requests = 0

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        held: list[bytes] = []
        for frame in request:
            held.append(frame)
            if sum(len(one) for one in held) > self._most_bytes:
                raise ServerUnreachableError
        self.requests += 1
        return self._server.send(held)


def test_small_requests_pass_where_a_proxy_holds_whole_ones_back() -> None:
    server, laptop = session(forms=0)
    rng = random.Random(3)
    for _ in range(150):
        laptop.write(rng.randbytes(1000).hex())
    proxy = HoldingBackPeer(server, SMALL_BYTES + 12_000)
    laptop.log.set_setting(UNANSWERED, f'[["{laptop.device}","{laptop.head.epoch}",0]]')

    with pytest.raises(ServerUnreachableError):
        laptop.sync(proxy)
    assert not any(head.epoch == laptop.head.epoch for head in server.log.heads())
    report = laptop.sync(proxy)
    until_ms = laptop.log.setting(HELD_BACK)
    server.desk = replace(server.desk, now_ms=lambda: 10**13)
    laptop.sync(proxy)

    assert report.in_step
    assert proxy.requests > 4
    assert until_ms not in (None, "[0, 0]")
    assert laptop.log.setting(HELD_BACK) == "[0, 0]"  # after a day it is tried anew


# -- copies at work --------------------------------------------------------------------------------------------------


def _began(log: CommitLog, epoch: Epoch, *, anew: bool = False) -> None:
    log.set_setting(BEGUN, note_begun(log.setting(BEGUN), (), epoch, anew=anew))


def _copied(laptop: Writer) -> Writer:
    other = copy.copy(laptop)
    other.log = copy_of(laptop.log)
    for name in (BEGUN, SERVER_EPOCH):
        other.log.set_setting(name, laptop.log.setting(name) or "")
    return other


class Folder:
    """A laptop's folder that begins a new epoch when it is told that it is an older copy, as the vault does."""

    def __init__(self, laptop: Writer) -> None:
        self.laptop = laptop
        self.begun = 0
        self._must_begin = False

    def write(self, text: str) -> None:
        laptop = self.laptop
        if self._must_begin:
            own = [head for head in laptop.log.heads() if head.device == laptop.device]
            laptop.head = max(own, key=lambda head: head.sequence)
            laptop.begin_epoch()
            _began(laptop.log, laptop.head.epoch, anew=True)
            self.begun += 1
            self._must_begin = False
        laptop.write(text)

    def sync(self) -> tuple[bool, list[type]]:
        report = self.laptop.sync(on_older_copy=self._begin)
        return report.copied, [type(one) for one in report.notices]

    def _begin(self) -> None:
        self._must_begin = True


def test_copy_of_the_folder_is_told_to_both_and_each_begins_anew_at_most_once() -> None:
    server, laptop = session(forms=0)
    _began(laptop.log, laptop.head.epoch)
    laptop.write("1")
    laptop.sync()
    first, second = Folder(laptop), Folder(_copied(laptop))
    told: list[tuple[bool, list[type]]] = []
    for value in range(6):
        for folder in (first, second):
            folder.write(str(value))
            told.append(folder.sync())

    assert OlderCopyError in told[1][1]
    assert any(CopyAtWorkError in notices for _, notices in told[2::2])
    assert all(copied for copied, _ in told[6::2])
    assert first.begun <= 1
    assert second.begun == 1
    assert copies_at_work(server.log) == {laptop.device}
    first.sync()
    second.sync()
    other = Writer(server, MemoryLog(), letter="B")
    for one in (other, first.laptop, second.laptop):
        one.sync()
        assert one.sync().rounds == 1  # a fork that both ends know costs nothing more
    assert ids(first.laptop.log) == ids(second.laptop.log) == ids(server.log)


def test_folder_that_is_the_only_one_is_never_said_to_be_copied() -> None:
    server, laptop = session(forms=0)
    _began(laptop.log, laptop.head.epoch)
    folder = Folder(laptop)
    laptop.write("1")
    folder.sync()
    older, head = _copied(laptop), laptop.head
    laptop.write("2")
    folder.sync()
    laptop.log, laptop.head = older.log, head

    assert folder.sync() == (False, [OlderCopyError])
    folder.write("3")
    assert folder.sync() == (False, [])
    assert copies_at_work(server.log) == frozenset()


# -- odd peers -------------------------------------------------------------------------------------------------------


def test_frames_of_unknown_types_are_passed_over_by_both_ends() -> None:
    server, laptop = session()

    class Newer:
        def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
            def more(frames: Iterable[bytes]) -> Iterator[bytes]:
                for frame in frames:
                    yield bytes([200, 3]) + b"new"
                    yield frame

            return more(server.send(more(request)))

    assert laptop.sync(Newer()).in_step


def _opening(laptop: Writer, protocol: tuple[int, int]) -> list[bytes]:
    opening = Open(study=STUDY, device=laptop.device, app_version="9", nonce="00", chains=(), protocol=protocol)
    return [
        write_frame(FrameType.OPEN, messages.write_open(opening, laptop.key)),
        write_frame(FrameType.END, messages.write_end(End(commits=0))),
    ]


def test_peer_that_speaks_a_newer_protocol_too_is_answered_in_ours() -> None:
    server, laptop = session()
    assert b"".join(serve(server.desk, _opening(laptop, (1, 2))))
    with pytest.raises(ProtocolUnsupportedError):
        serve(server.desk, _opening(laptop, (2, 2)))


def test_commits_of_unknown_kinds_are_kept_and_given_on() -> None:
    server, laptop = session(forms=0)
    newer = laptop.keep(CommitDraft(kind="hologram", author=AUTHOR, body={"x": 1}))
    other = Writer(server, MemoryLog(), letter="B")

    assert laptop.sync().in_step
    assert other.sync().in_step
    assert newer.id in ids(other.log)
    assert dict(all_heads(other.log)) == dict(all_heads(server.log))


def test_server_epoch_is_a_new_one_for_each_store() -> None:
    server, _ = session(forms=0)
    before = server.log.setting(SERVER_EPOCH)
    server.begin(MemoryLog())
    assert before != server.log.setting(SERVER_EPOCH) != new_epoch(server.rng.randbytes)

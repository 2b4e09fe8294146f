"""Exchanges in one process: real engine, real serving, logs in memory."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from casebook import payloads
from casebook.errors import (
    ChainBrokenError,
    DeviceRevokedError,
    DeviceUnknownError,
    ServerUnreachableError,
    ServerWordUntrustedError,
    SignatureBadError,
    StudyMismatchError,
)
from casebook.ledger import CommitDraft, SealedCommit
from casebook.payloads import SecurityPayload
from casebook.sync import messages, trust
from casebook.sync.engine import Laptop, exchange
from casebook.sync.frames import FrameType, write_frame
from casebook.sync.trust import DEVICE_AUTHOR
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, STUDY, CutPeer, Server, Writer, copy_of, ids, memory_study


class CountingPeer:
    """Counts requests."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.requests = 0

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        self.requests += 1
        return self._server.send(request)


def test_first_exchange_brings_statements_here_and_entries_there() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    written = [laptop.write(str(value)) for value in range(120, 160)]

    report = laptop.sync()

    assert report.in_step
    assert report.pushed == 40
    assert {commit.id for commit in written} <= ids(server.log)
    assert ids(laptop.log) == ids(server.log)
    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 40
    assert [one.letter for one in laptop.directory.devices("001")] == ["A"]


def test_exchange_with_nothing_to_do_is_one_request_without_receipts() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write()
    laptop.sync()
    receipts = len(laptop.log.receipts())
    peer = CountingPeer(server)

    report = laptop.sync(peer)

    assert (peer.requests, report.rounds, report.pushed, report.pulled) == (1, 1, 0, 0)
    assert report.in_step
    assert len(laptop.log.receipts()) == receipts


def test_one_new_entry_travels_in_one_request() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write()
    laptop.sync()
    laptop.write("150")
    peer = CountingPeer(server)

    report = laptop.sync(peer)

    assert peer.requests == 1
    assert (report.pushed, report.receipts, report.in_step) == (1, 1, True)


def test_two_laptops_of_a_site_come_to_hold_the_same() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    first.write("140")
    second.write("150")

    first.sync()
    report = second.sync()
    again = first.sync()

    assert ids(first.log) == ids(second.log) == ids(server.log)
    assert report.spoken_check == again.spoken_check
    assert first.log.custody(second.device, second.head.epoch) == 1


def test_laptop_receives_nothing_of_another_site() -> None:
    server = memory_study(sites=("001", "002"))
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), site="002")
    first.write()
    first.sync()

    second.sync()

    assert {commit.parsed.device for commit in second.log.commits()} == {server.identity.device}
    assert [one.site for one in second.directory.sites()] == ["002"]


def test_chain_of_another_site_that_lies_here_is_neither_sent_nor_asked_for() -> None:
    server = memory_study(sites=("001", "002"))
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), site="002")
    foreign = first.write()
    second.log.append([foreign])

    report = second.sync()

    assert report.in_step
    assert report.pushed == 0
    assert foreign.id not in ids(server.log)


def test_receipts_are_kept_for_what_was_pulled_from_others() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    first.write()
    first.sync()

    second.sync()

    assert second.log.custody(first.device, first.head.epoch) == 1


# -- cuts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["up", "down"])
def test_exchange_cut_at_any_sampled_byte_is_finished_by_the_next(direction: str) -> None:
    def both(seed: int) -> tuple[Server, Writer]:
        server = memory_study(seed)
        first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
        for value in range(30):
            first.write(str(value))
            second.write(str(value))
        first.sync()
        return server, second

    _, whole = both(7)
    report = whole.sync()
    total = report.sent_bytes if direction == "up" else report.received_bytes
    positions = sorted({0, 1, 3, 4, 5, total - 1, *random.Random(3).sample(range(total), 40)})

    for position in positions:
        server, laptop = both(7)
        peer = CutPeer(
            server,
            up_bytes=position if direction == "up" else None,
            down_bytes=position if direction == "down" else None,
        )
        with pytest.raises(ServerUnreachableError):
            laptop.sync(peer)
        held = ids(server.log)
        again = laptop.sync()
        assert again.in_step, position
        assert held <= ids(server.log) == ids(laptop.log)


def test_cut_exchange_goes_on_from_the_last_whole_frame() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    for value in range(400):
        laptop.write(str(value))
    with pytest.raises(ServerUnreachableError):
        laptop.sync(CutPeer(server, up_bytes=30_000))
    there = sum(1 for _ in server.log.chain(laptop.device, laptop.head.epoch))

    report = laptop.sync()

    assert 0 < there < 400
    assert report.pushed == 400 - there


def test_request_without_its_end_leaves_whole_frames_at_the_server() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    for value in range(100):
        laptop.write(str(value))

    class Silent:
        def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
            frames = list(request)
            return server.send(frames[:-1])

    with pytest.raises(Exception, match="ended early"):
        laptop.sync(Silent())
    assert laptop.sync().in_step


class TwicePeer:
    """Delivers each request twice, as a network that lost the first answer does."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        frames = list(request)
        for _ in self._server.send(frames):
            pass
        return self._server.send(frames)


def test_request_delivered_twice_is_kept_once() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    for value in range(30):
        laptop.write(str(value))

    report = laptop.sync(TwicePeer(server))

    assert report.in_step
    assert ids(server.log) == ids(laptop.log)


class ShufflingPeer:
    """Delivers the commits of each request in another order."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        opening, *commits, end = request
        random.Random(4).shuffle(commits)
        return self._server.send([opening, *commits, end])


def test_frames_in_another_order_come_to_the_same_end() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    for value in range(100):
        laptop.write(str(value))

    first = laptop.sync(ShufflingPeer(server))
    report = laptop.sync()

    assert first.notices == ()
    assert report.in_step
    assert ids(server.log) == ids(laptop.log)
    assert server.log.quarantined() == ()


# -- what does not verify ----------------------------------------------------------------------------------


def _spoil(log: MemoryLog, commit: SealedCommit) -> SealedCommit:
    signature = bytes([commit.signature[0] ^ 1]) + commit.signature[1:]
    spoilt = SealedCommit(commit.header, commit.payload, signature)
    log.append([spoilt])
    return spoilt


def test_tampered_commit_is_quarantined_and_its_chain_set_aside_while_others_go_on() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    second.write("150")
    second.sync()
    good = first.write("1")
    held = MemoryLog()
    held.append([good])
    first.log = held
    first.write("2")
    sealed = list(first.log.commits())[-1]
    tampered = MemoryLog()
    tampered.append([good])
    _spoil(tampered, sealed)
    first.log = tampered

    report = first.sync()

    assert [type(one) for one in report.notices] == [SignatureBadError]
    assert not report.in_step
    assert good.id in ids(server.log)
    assert sealed.id not in ids(server.log)
    assert len(server.log.quarantined()) == 1
    assert any(commit.parsed.device == second.device for commit in first.log.commits())
    assert first.sync().notices
    assert len(server.log.quarantined()) == 1


def test_commit_by_an_uncertified_person_waits_and_is_taken_once_certified() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog(), certify=False)
    commit = laptop.write()

    before = laptop.sync()
    laptop.certify()
    after = laptop.sync()

    assert (before.waiting, before.in_step) == (1, False)
    assert (after.waiting, after.in_step) == (0, True)
    assert commit.id in ids(server.log)


def test_laptop_seals_security_events_itself_and_nothing_in_a_persons_name() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    kind, body = payloads.write(SecurityPayload(event="sign-in", fields={}))
    event = laptop.seal(CommitDraft(kind=kind, author=DEVICE_AUTHOR, body=body), laptop.key)
    laptop.log.append([event])
    assert laptop.sync().in_step

    forged = laptop.seal(CommitDraft(kind="data", author=AUTHOR, body={"s": "x"}), laptop.key)
    laptop.log.append([forged])
    report = laptop.sync()

    assert not report.in_step
    assert forged.id not in ids(server.log)


def test_statement_that_a_laptop_sealed_is_not_taken() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    draft = trust.site_statement(trust.Site(site="001", name="Elsewhere"))
    laptop.log.append([laptop.seal(draft, laptop.key)])

    report = laptop.sync()

    assert [type(one) for one in report.notices] == [SignatureBadError]
    assert server.directory.site("001") == trust.Site(site="001", name="Site 001")


def test_commit_that_does_not_follow_the_one_it_names_is_quarantined() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    first = laptop.write()
    laptop.head = replace(laptop.head, sequence=5)
    skipping = laptop.write()

    report = laptop.sync()

    assert [type(one) for one in report.notices] == [ChainBrokenError]
    assert first.id in ids(server.log)
    assert skipping.id not in ids(server.log)
    assert len(server.log.quarantined()) == 1


def test_guess_that_was_wrong_costs_a_round_and_nothing_else() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    empty = copy_of(server.log)
    laptop.write("1")
    laptop.sync()
    laptop.write("2")
    server.begin(empty)

    report = laptop.sync()

    assert (report.rounds, report.in_step, report.notices) == (2, True, ())
    assert server.log.quarantined() == ()


def test_unknown_laptop_is_refused() -> None:
    server = memory_study()
    stranger = Writer(memory_study(2), MemoryLog())
    stranger.directory = trust.Directory(server.identity)
    stranger.write()

    with pytest.raises(DeviceUnknownError):
        stranger.sync(server)
    assert ids(server.log).isdisjoint(ids(stranger.log))


def test_opening_signed_by_another_key_is_refused() -> None:
    server = memory_study()
    laptop, thief = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    laptop.key = thief.key

    with pytest.raises(SignatureBadError):
        laptop.sync()


def test_laptop_of_another_study_is_refused() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())

    with pytest.raises(StudyMismatchError):
        exchange(
            laptop.log,
            server,
            laptop=Laptop(study="OTHER", device=laptop.device, signing=laptop.key, app_version="1"),
            directory=laptop.directory,
            random_bytes=laptop.rng.randbytes,
        )


def test_withdrawn_laptop_hands_in_what_it_made_and_is_given_nothing() -> None:
    server = memory_study()
    laptop, other = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    before = laptop.write("1")
    laptop.sync()
    device = server.directory.device(laptop.device)
    assert device is not None
    server.office.withdraw_laptop(device)
    other.write("2")
    other.sync()
    held = ids(laptop.log)
    pending = laptop.write("3")

    report = laptop.sync()
    again = laptop.sync()

    assert report.withdrawn
    assert DeviceRevokedError in [type(one) for one in report.notices]
    assert pending.id in ids(server.log)
    assert server.directory.effect(pending.id) == "held"
    assert server.directory.effect(before.id) is None
    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 2
    assert ids(laptop.log) == held | {pending.id}
    assert (again.pushed, again.pulled, again.rounds) == (0, 0, 1)
    assert server.log.quarantined() == ()


class ForgingPeer:
    """A server that holds everything but the study's receipt key."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        for frame in self._server.send(request):
            changed = bytearray(frame)
            changed[4] ^= 1  # the first byte of the signature
            yield bytes(changed)


def test_greeting_without_the_servers_signature_is_not_believed() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write()

    with pytest.raises(ServerWordUntrustedError):
        laptop.sync(ForgingPeer(server))

    assert laptop.log.receipts() == ()


def test_receipt_for_a_commit_that_is_not_held_is_not_kept() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write()
    laptop.sync()
    other = Writer(server, MemoryLog(), letter="B")
    head = other.head
    other.write()
    receipt = messages.Receipt(study=STUDY, serial=99, head=other.head, at_ms=1)
    body = messages.write_receipt(receipt, server.receipts)

    class Promising:
        def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
            frames = list(server.send(request))
            yield frames[0]
            yield messages_frame(body)
            yield from frames[1:]

    def messages_frame(data: bytes) -> bytes:
        return write_frame(FrameType.RECEIPT, data)

    laptop.sync(Promising())

    assert laptop.log.custody(head.device, head.epoch) == 0

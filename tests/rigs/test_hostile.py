"""A server that cheats, with its real keys, and a laptop that means harm: what is detected, refused or outlived."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from casebook import crypto, ledger
from casebook.errors import (
    CasebookError,
    ChainForkError,
    FrameCorruptError,
    ServerWordUntrustedError,
    SignatureBadError,
)
from casebook.ledger import CommitDraft, SealedCommit
from casebook.sync import messages, trust
from casebook.sync.engine import SyncPeer
from casebook.sync.frames import Frame, FrameParser, FrameType, pack_commits, unpack_commits, write_frame
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, Server, Writer, ids, memory_study
from tests.rigs.world import memory_copy

DEEP = 200_000


class CheatingPeer:
    """Passes on what the server says, each frame as the cheat has it."""

    def __init__(self, peer: SyncPeer, cheat: Callable[[Frame], Frame]) -> None:
        self._peer = peer
        self._cheat = cheat

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        parser = FrameParser()
        for data in self._peer.send(request):
            for frame in parser.feed(data):
                said = self._cheat(frame)
                yield write_frame(said.type, said.body)


class Recorder:
    """Keeps the last answer that came by, and gives it again once it replays."""

    def __init__(self, peer: SyncPeer) -> None:
        self._peer = peer
        self._answer: list[bytes] = []
        self.replays = False

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        if self.replays:
            for _ in request:
                pass
        else:
            self._answer = list(self._peer.send(request))
        return iter(self._answer)


@pytest.fixture
def server() -> Server:
    return memory_study()


@pytest.fixture
def laptop(server: Server) -> Writer:
    writer = Writer(server, MemoryLog())
    writer.write("1")
    return writer


def _put_back(server: Server, log: MemoryLog) -> None:
    """Let the server stand on another log and say that it is the same store as before."""
    server.begin(log, server.unblinding)


# -- a server that cheats ------------------------------------------------------------------------------


def test_server_that_goes_back_behind_its_receipts_is_given_everything_again(server: Server, laptop: Writer) -> None:
    laptop.sync()
    earlier = memory_copy(server.log)
    second = laptop.write("2")
    laptop.sync()
    assert isinstance(earlier, MemoryLog)
    _put_back(server, earlier)

    report = laptop.sync()

    assert report.in_step
    assert server.log.has(second.id)


def test_server_that_withholds_entries_is_found_out_by_whoever_holds_them(server: Server, laptop: Writer) -> None:
    witness, newcomer = Writer(server, MemoryLog(), letter="B"), Writer(server, MemoryLog(), letter="C")
    laptop.sync()
    witness.sync()
    hidden = laptop.write("2")
    without = memory_copy(server.log)
    laptop.sync()
    witness.sync()
    assert isinstance(without, MemoryLog)
    _put_back(server, without)

    told = newcomer.sync()
    assert newcomer.log.has(hidden.id) is False
    witness.sync()
    again = newcomer.sync()

    assert newcomer.log.has(hidden.id)
    assert again.spoken_check != told.spoken_check


def test_server_cannot_put_words_into_an_authors_mouth(server: Server, laptop: Writer) -> None:
    laptop.sync()
    newcomer = Writer(server, MemoryLog(), letter="B")

    def rewrite(frame: Frame) -> Frame:
        if frame.type is not FrameType.COMMITS:
            return frame
        return replace(frame, body=pack_commits(_rewritten(one, server) for one in unpack_commits(frame.body)))

    report = newcomer.sync(CheatingPeer(server, rewrite))

    assert [type(one) for one in report.notices] == [SignatureBadError]
    assert {one.parsed.device for one in newcomer.log.commits()} == {server.identity.device}
    assert newcomer.log.quarantined()


def _rewritten(commit: SealedCommit, server: Server) -> SealedCommit:
    """Return an entry with another author's time, signed by the server for want of the author's key."""
    if commit.parsed.kind != "data":
        return commit
    header = commit.header.replace(b'"q":1', b'"q":2')
    return SealedCommit(header, commit.payload, server.signing.sign(ledger.COMMIT_DOMAIN, header))


def test_server_that_tells_two_histories_of_itself_is_told_and_both_are_kept(server: Server, laptop: Writer) -> None:
    laptop.sync()
    earlier = memory_copy(server.log)
    server.state("001", trust.site_statement(trust.Site(site="001", name="First name")))
    laptop.sync()
    assert isinstance(earlier, MemoryLog)
    _put_back(server, earlier)
    server.state("001", trust.site_statement(trust.Site(site="001", name="Other name")))

    report = laptop.sync()

    assert ChainForkError in [type(one) for one in report.notices]
    assert ids(laptop.log) == ids(server.log)


def test_person_stays_withdrawn_for_who_has_heard_it_whatever_an_older_server_says(
    server: Server, laptop: Writer
) -> None:
    laptop.sync()
    earlier = memory_copy(server.log)
    member = server.directory.member(AUTHOR)
    assert member is not None
    server.office.withdraw_person(member, "001", "left")
    laptop.sync()
    assert isinstance(earlier, MemoryLog)
    _put_back(server, earlier)

    laptop.sync()

    for directory in (laptop.directory, server.directory):
        known = directory.member(AUTHOR)
        assert known is not None
        assert known.revoked


@pytest.mark.parametrize("cheat", ["another key", "another study"])
def test_receipt_that_is_not_the_servers_word_for_this_study_does_not_count(
    cheat: str, server: Server, laptop: Writer
) -> None:
    key = crypto.SigningKey(bytes(32)) if cheat == "another key" else server.receipts

    def forge(frame: Frame) -> Frame:
        if frame.type is not FrameType.RECEIPT:
            return frame
        receipt = messages.read_receipt(frame.body, server.receipts.public)
        study = "OTHER1" if cheat == "another study" else receipt.study
        return replace(frame, body=messages.write_receipt(replace(receipt, study=study), key))

    with pytest.raises(CasebookError):
        laptop.sync(CheatingPeer(server, forge))

    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 0


def test_answer_that_was_given_before_is_not_believed(server: Server, laptop: Writer) -> None:
    recorder = Recorder(server)
    laptop.sync(recorder)
    laptop.write("2")
    recorder.replays = True

    with pytest.raises(ServerWordUntrustedError):
        laptop.sync(recorder)

    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 1


# -- a laptop that means harm ---------------------------------------------------------------------------


def _deep() -> bytes:
    return b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}"


def test_opening_of_bottomless_depth_is_refused(server: Server) -> None:
    body = bytes(2 * ledger.SIGNATURE_BYTES) + _deep()[:200_000]

    with pytest.raises(FrameCorruptError):
        list(server.send([write_frame(FrameType.OPEN, body)]))


def test_commit_with_a_header_of_bottomless_depth_is_refused_and_the_laptop_goes_on(
    server: Server, laptop: Writer
) -> None:
    class Harming:
        """Sends one commit more than the laptop has."""

        def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
            parser = FrameParser()
            frames = itertools.chain.from_iterable(parser.feed(data) for data in request)
            return server.send(self._with_more(frames))

        def _with_more(self, frames: Iterable[Frame]) -> Iterator[bytes]:
            for frame in frames:
                if frame.type is FrameType.END:
                    deep = SealedCommit(_deep(), b"", bytes(ledger.SIGNATURE_BYTES))
                    yield write_frame(FrameType.COMMITS, pack_commits([deep]))
                yield write_frame(frame.type, frame.body)

    with pytest.raises(CasebookError):
        laptop.sync(Harming())

    assert laptop.sync().in_step


def test_signed_commit_whose_payload_is_of_bottomless_depth_is_kept_and_harms_nobody(
    server: Server, laptop: Writer
) -> None:
    other = Writer(server, MemoryLog(), letter="B")
    body: dict[str, object] = {"a": []}
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    body["a"] = deep
    harm = laptop.keep(CommitDraft(kind="data", author=laptop.user, body=body))  # type: ignore[arg-type]
    after = laptop.write("2")

    reports = (laptop.sync(), other.sync())

    assert all(report.in_step for report in reports)
    assert other.log.has(harm.id)
    assert other.log.has(after.id)

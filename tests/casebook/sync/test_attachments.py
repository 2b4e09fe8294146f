"""Chunks of attachments between laptops and the server: resumed, believed only when signed, for nobody else."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.attachments import CHUNK_BYTES, AttachPayload, chunk_names, open_file
from casebook.errors import (
    FrameCorruptError,
    ServerAnswerError,
    ServerUnreachableError,
    ServerWordUntrustedError,
)
from casebook.ledger import STANDARD, SealedCommit
from casebook.payloads import read
from casebook.store import SERVER_EPOCH
from casebook.store.chunks import ChunkFolder, ChunksInMemory
from casebook.sync import chunk_messages
from casebook.sync.attachments import (
    FETCH_BY_ITSELF,
    REQUEST_BYTES,
    ChunkReport,
    at_server,
    pending_attachments,
    tidy,
    want,
    wanted,
)
from casebook.sync.chunk_messages import BegunChunks, Piece
from casebook.sync.chunk_serving import serve_chunks
from casebook.sync.step import note_step
from tests.casebook.sync.chunk_study import PHOTO, Attacher, ChunkServer, CutChunks, ask_of, photo, request_of
from tests.casebook.sync.study import START_MS, Server, memory_study


def file_of(laptop: Attacher, commit: SealedCommit, shelf: str = STANDARD) -> bytes:
    """Return the file that an attachment opens to on a laptop."""
    payload = read(commit, laptop.identity_key)
    assert isinstance(payload, AttachPayload)
    chunks = [laptop.chunks[shelf].get(name) for name in payload.chunks]
    return open_file(payload, [chunk for chunk in chunks if chunk is not None])


# -- sending and fetching ----------------------------------------------------------------------------------


def test_chunks_follow_their_commit_and_the_server_says_that_it_has_all(laptop: Attacher, desk: ChunkServer) -> None:
    commit = laptop.attach(PHOTO)
    (pending,) = pending_attachments(laptop.log, laptop.chunks[STANDARD])
    assert (pending.here, pending.at_server) == (6, 0)
    laptop.sync()
    report = laptop.sync_chunks()

    assert (report.sent, report.completed, report.incomplete, report.requests) == (6, 1, 0, 2)
    assert all(desk.chunks[STANDARD].has(name) for name in chunk_names(commit))
    assert at_server(laptop.log, commit.id).complete
    assert pending_attachments(laptop.log, laptop.chunks[STANDARD]) == ()
    assert laptop.progress[-1].sent_bytes == report.sent_bytes <= laptop.progress[-1].to_send_bytes


def test_chunks_are_not_taken_before_the_commit_that_names_them(laptop: Attacher, desk: ChunkServer) -> None:
    commit = laptop.attach(PHOTO)
    report = laptop.sync_chunks()

    assert (report.sent, report.sent_bytes, report.incomplete) == (0, 0, 1)
    assert not any(desk.chunks[STANDARD].has(name) for name in chunk_names(commit))
    laptop.sync()
    assert laptop.sync_chunks().completed == 1


def test_what_is_complete_costs_no_request(laptop: Attacher, desk: ChunkServer) -> None:
    laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    before = desk.requests

    assert laptop.sync_chunks().requests == 0
    assert desk.requests == before


def test_another_laptop_of_the_site_fetches_what_is_small_by_itself(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    other = Attacher(server, desk, letter="B")
    other.sync()
    report = other.sync_chunks()

    assert report.received == 6
    assert file_of(other, commit) == PHOTO
    assert at_server(other.log, commit.id).complete


def test_what_is_large_comes_when_somebody_asks_for_it(laptop: Attacher, server: Server, desk: ChunkServer) -> None:
    content = photo(2 * 1024 * 1024 + 1)
    commit = laptop.attach(content)
    laptop.sync()
    laptop.sync_chunks()
    other = Attacher(server, desk, letter="B")
    other.sync()
    assert other.sync_chunks().received == 0
    want(other.log, commit.id)
    want(other.log, commit.id)
    assert wanted(other.log) == (commit.id,)

    assert other.sync_chunks().received == 33
    assert file_of(other, commit) == content
    assert wanted(other.log) == ()


def test_nothing_comes_by_itself_where_that_is_switched_off(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    other = Attacher(server, desk, letter="B")
    other.sync()
    other.log.set_setting(FETCH_BY_ITSELF, "0")
    assert other.sync_chunks().received == 0
    want(other.log, commit.id)

    assert other.sync_chunks().received == 6


def test_another_laptop_says_how_far_a_photo_is_that_is_still_under_way(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    with pytest.raises(ServerUnreachableError):
        laptop.sync_chunks(CutChunks(desk, up_bytes=2 * CHUNK_BYTES + CHUNK_BYTES // 2))
    other = Attacher(server, desk, letter="B")
    other.sync()
    report = other.sync_chunks()

    assert at_server(other.log, commit.id).percent == 33
    assert report.incomplete == 1
    assert report.received == 2
    (pending,) = pending_attachments(other.log, other.chunks[STANDARD])
    assert (pending.at_server, pending.total, pending.device) == (2, 6, laptop.device)


def test_a_laptop_sends_on_what_a_colleague_s_laptop_could_not_finish(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    other = Attacher(server, desk, letter="B")
    other.sync()
    other.sync_chunks()
    lost = chunk_names(commit)[2]
    desk.chunks[STANDARD].remove(lost)
    server.log.set_setting(SERVER_EPOCH, "again2")
    other.sync()

    assert other.sync_chunks().sent == 1
    assert desk.chunks[STANDARD].has(lost)


# -- cuts --------------------------------------------------------------------------------------------------


@given(cuts=st.lists(st.integers(0, 7 * CHUNK_BYTES), max_size=6), down=st.booleans())
@settings(max_examples=40)
def test_a_link_that_is_cut_anywhere_is_gone_on_with_and_no_chunk_is_sent_twice(cuts: list[int], down: bool) -> None:  # noqa: FBT001 - drawn
    server = memory_study()
    desk = ChunkServer(server)
    laptop = Attacher(server, desk)
    commit = laptop.attach(PHOTO)
    laptop.sync()
    for cut in cuts:
        peer = CutChunks(desk, down_bytes=cut % 400) if down else CutChunks(desk, up_bytes=cut)
        try:
            laptop.sync_chunks(peer)
        except ServerUnreachableError:
            continue
    laptop.sync_chunks()

    assert all(desk.chunks[STANDARD].has(name) for name in chunk_names(commit))
    sizes = {name: len(desk.chunks[STANDARD].get(name) or b"") for name in chunk_names(commit)}
    assert desk.piece_bytes == sizes, "each byte arrived once: a cut piece never arrived whole"


@given(cuts=st.lists(st.integers(0, 7 * CHUNK_BYTES), max_size=6))
@settings(max_examples=30)
def test_fetching_over_a_link_that_is_cut_anywhere_goes_on_from_there(cuts: list[int]) -> None:
    server = memory_study()
    desk = ChunkServer(server)
    laptop = Attacher(server, desk)
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    other = Attacher(server, desk, letter="B")
    other.sync()
    received = 0
    for cut in [*cuts, None]:
        peer = desk if cut is None else CutChunks(desk, down_bytes=cut)
        try:
            other.sync_chunks(peer)
        except ServerUnreachableError:
            continue
        finally:
            received += other.progress[-1].received_bytes if other.progress else 0
            other.progress.clear()

    assert file_of(other, commit) == PHOTO
    assert received == sum(len(other.chunks[STANDARD].get(name) or b"") for name in chunk_names(commit))


def test_five_megabytes_over_a_link_that_breaks_every_seventy_kilobytes(laptop: Attacher, desk: ChunkServer) -> None:
    commit = laptop.attach(photo(5 * 1024 * 1024))
    laptop.sync()
    tries = 0
    while not at_server(laptop.log, commit.id).complete:
        tries += 1
        try:
            laptop.sync_chunks(CutChunks(desk, up_bytes=70_000))
        except ServerUnreachableError:
            continue

    assert tries < 5 * 1024 * 1024 // 40_000
    assert sum(desk.piece_bytes.values()) == sum(
        len(desk.chunks[STANDARD].get(name) or b"") for name in chunk_names(commit)
    )


def test_a_server_that_starts_again_in_the_middle_of_a_chunk_gets_that_chunk_from_its_beginning(
    laptop: Attacher, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    with pytest.raises(ServerUnreachableError):
        laptop.sync_chunks(CutChunks(desk, up_bytes=CHUNK_BYTES + 40_000))
    desk.restart()

    assert laptop.sync_chunks().completed == 1
    assert all(desk.chunks[STANDARD].has(name) for name in chunk_names(commit))


def test_data_that_wait_come_before_the_rest_of_a_photo(laptop: Attacher) -> None:
    commit = laptop.attach(photo(20 * CHUNK_BYTES))
    laptop.sync()
    pieces = iter(range(12))
    report = laptop.sync_chunks(go_on=lambda: next(pieces, None) is not None)

    assert report.left
    assert report.incomplete == 1
    there = at_server(laptop.log, commit.id)
    assert 0 < there.chunks < 20
    assert laptop.sync_chunks().completed == 1


def test_a_large_file_goes_in_several_requests(laptop: Attacher, desk: ChunkServer) -> None:
    laptop.attach(photo(3 * REQUEST_BYTES))
    laptop.sync()

    assert laptop.sync_chunks().requests >= 4
    assert desk.requests >= 4


# -- what is not believed ----------------------------------------------------------------------------------


def test_a_chunk_that_is_not_what_its_name_says_is_refused_and_forgotten(laptop: Attacher, desk: ChunkServer) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    name = chunk_names(commit)[0]
    ask = ask_of(laptop, (name,))
    lies = list(chunk_messages.pieces_of(name, b"x" * 1000))

    with pytest.raises(FrameCorruptError):
        serve_chunks(desk.desk, request_of(ask, laptop.key, pieces=lies))
    assert not desk.chunks[STANDARD].has(name)
    assert laptop.sync_chunks().completed == 1


def test_a_server_that_gives_other_bytes_is_not_believed(laptop: Attacher, server: Server, desk: ChunkServer) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    memory = desk.chunks[STANDARD]
    assert isinstance(memory, ChunksInMemory)
    memory.held[chunk_names(commit)[1]] = b"another thing"
    other = Attacher(server, desk, letter="B")
    other.sync()

    with pytest.raises(ServerAnswerError):
        other.sync_chunks()
    assert not other.chunks[STANDARD].has(chunk_names(commit)[1])


def test_an_answer_that_the_server_did_not_sign_counts_for_nothing(laptop: Attacher, desk: ChunkServer) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()

    class Liar:
        def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
            for data in desk.send_chunks(request):
                yield data.replace(b'"hv":"mm', b'"hv":"hh')

    with pytest.raises(ServerWordUntrustedError):
        laptop.sync_chunks(Liar())
    assert not at_server(laptop.log, commit.id).complete


def test_an_answer_to_an_earlier_question_counts_for_nothing(laptop: Attacher, desk: ChunkServer) -> None:
    laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    laptop.attach(photo(6 * CHUNK_BYTES, seed=9))
    laptop.sync()
    replayed: list[bytes] = []

    class Replaying:
        def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
            if not replayed:
                replayed.extend(desk.send_chunks(request))
            return iter(replayed)

    with pytest.raises(ServerWordUntrustedError):
        laptop.sync_chunks(Replaying())


def test_what_a_server_said_before_it_was_put_back_counts_no_more(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    desk.chunks[STANDARD].sweep(list)
    server.log.set_setting(SERVER_EPOCH, "again2")
    laptop.sync()

    assert not at_server(laptop.log, commit.id).complete
    assert laptop.sync_chunks().sent == 6
    assert at_server(laptop.log, commit.id).complete


# -- space, damage, what nobody names ----------------------------------------------------------------------


def test_a_server_without_room_says_so_and_keeps_what_it_has(server: Server, tmp_path: Path) -> None:
    desk = ChunkServer(server)
    desk.chunks[STANDARD] = ChunkFolder(tmp_path / "chunks", quota_bytes=3 * CHUNK_BYTES)
    laptop = Attacher(server, desk)
    commit = laptop.attach(PHOTO)
    laptop.sync()
    report = laptop.sync_chunks()

    assert report.no_room
    assert at_server(laptop.log, commit.id).chunks == 3, "two whole ones, and the last, which is short"
    desk.chunks[STANDARD] = ChunkFolder(tmp_path / "chunks")
    assert laptop.sync_chunks().completed == 1


def test_a_server_whose_disk_fills_takes_records_and_no_more_attachments(server: Server, tmp_path: Path) -> None:
    desk = ChunkServer(server)
    desk.chunks[STANDARD] = ChunkFolder(tmp_path / "chunks", free_bytes=2**60)
    laptop = Attacher(server, desk)
    laptop.attach(PHOTO)

    assert laptop.sync().in_step
    assert laptop.sync_chunks().no_room


def test_a_server_whose_disk_lost_a_chunk_is_asked_after_a_week_and_has_it_again(server: Server) -> None:
    desk = ChunkServer(server)
    laptop = Attacher(server, desk)
    commit = laptop.attach(PHOTO)

    def meet(days: int) -> ChunkReport:
        server.desk = replace(server.desk, now_ms=lambda: START_MS + days * 24 * 3600 * 1000)
        desk.restart()
        note_step(laptop.log, laptop.sync())
        return laptop.sync_chunks()

    assert meet(1).completed == 1
    first = at_server(laptop.log, commit.id)
    desk.chunks[STANDARD].remove(chunk_names(commit)[3])

    assert meet(2).requests == 0
    again = meet(9)
    assert (again.sent, again.completed) == (1, 1)
    assert desk.chunks[STANDARD].has(chunk_names(commit)[3])
    assert meet(10).requests == 0
    assert meet(17).requests == 1
    assert at_server(laptop.log, commit.id).complete
    assert first.at_ms < at_server(laptop.log, commit.id).last_ms


def test_a_chunk_that_was_damaged_here_comes_again_from_the_server(
    server: Server, desk: ChunkServer, tmp_path: Path
) -> None:
    laptop = Attacher(server, desk, folder=tmp_path)
    commit = laptop.attach(PHOTO)
    laptop.sync()
    laptop.sync_chunks()
    name = chunk_names(commit)[3]
    next((tmp_path / STANDARD).glob(f"*/{name}")).write_bytes(b"worm")
    assert laptop.chunks[STANDARD].get(name) is None

    assert laptop.sync_chunks().received == 1
    assert file_of(laptop, commit) == PHOTO


def test_a_damaged_chunk_is_not_sent(server: Server, desk: ChunkServer, tmp_path: Path) -> None:
    laptop = Attacher(server, desk, folder=tmp_path)
    commit = laptop.attach(PHOTO)
    laptop.sync()
    name = chunk_names(commit)[3]
    next((tmp_path / STANDARD).glob(f"*/{name}")).write_bytes(b"worm")

    assert laptop.sync_chunks().sent == 5
    assert at_server(laptop.log, commit.id).chunks == 5


def test_what_no_commit_names_is_removed_only_where_all_commits_are_at_hand(laptop: Attacher) -> None:
    commit = laptop.attach(PHOTO)
    stray = laptop.chunks[STANDARD]
    assert isinstance(stray, ChunksInMemory)
    stray.held["ab" * 32] = b"left by a commit that is gone"

    assert tidy(laptop.log, stray, in_step=False) == 0
    assert tidy(laptop.log, stray, in_step=True) == 1
    assert set(stray.held) == set(chunk_names(commit))


# -- the messages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", bytes(40), bytes(32) + b"\0\0\0\5\0\0\0\5x", bytes(32) + b"\0\2\0\0\0\0\0\0x"])
def test_a_piece_of_no_chunk_is_refused(body: bytes) -> None:
    with pytest.raises(FrameCorruptError):
        chunk_messages.read_piece(body)


def test_begun_chunks_hold_no_more_than_their_share_and_pass_over_what_does_not_follow() -> None:
    begun = BegunChunks(most_bytes=100)
    first, second = "aa" * 32, "bb" * 32
    assert begun.add(Piece(name=first, total=200, offset=0, data=b"x" * 60)) is None
    assert begun.add(Piece(name=first, total=200, offset=90, data=b"x" * 60)) is None
    assert begun.length(first) == 60
    begun.add(Piece(name=second, total=200, offset=0, data=b"x" * 60))
    assert (begun.length(first), begun.length(second)) == (0, 60)
    assert begun.add(Piece(name=second, total=200, offset=60, data=b"y" * 140)) == b"x" * 60 + b"y" * 140
    begun.forget(second)
    assert begun.length(second) == 0

import struct

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import CasebookError, FrameCorruptError, TooLargeError
from casebook.ledger import MAX_PAYLOAD_BYTES, SealedCommit
from casebook.sync.frames import (
    MAX_BODY_BYTES,
    MAX_COMMITS_BYTES,
    TARGET_BYTES,
    Frame,
    FrameParser,
    FrameType,
    batches,
    pack_commits,
    unpack_commits,
    write_frame,
)

_COMMITS = st.builds(
    SealedCommit,
    header=st.binary(min_size=1, max_size=400),
    payload=st.binary(max_size=2000),
    signature=st.binary(min_size=64, max_size=64),
)


@given(
    bodies=st.lists(st.tuples(st.sampled_from(FrameType), st.binary(max_size=300)), max_size=8),
    cuts=st.lists(st.integers(1, 50), min_size=1),
)
def test_frames_survive_any_cutting_into_chunks(bodies: list[tuple[FrameType, bytes]], cuts: list[int]) -> None:
    stream = b"".join(write_frame(kind, body) for kind, body in bodies)
    parser = FrameParser()
    found: list[Frame] = []
    position = turn = 0
    while position < len(stream):
        size = cuts[turn % len(cuts)]
        found += parser.feed(stream[position : position + size])
        position, turn = position + size, turn + 1

    assert found == [Frame(type=kind, body=body) for kind, body in bodies]
    assert parser.is_between_frames


def test_stream_that_ends_inside_a_frame_is_told() -> None:
    parser = FrameParser()
    assert list(parser.feed(write_frame(FrameType.END, b"abc")[:-1])) == []
    assert not parser.is_between_frames


@pytest.mark.parametrize("kind", [0, 7, 255])
def test_unknown_frame_type_is_refused(kind: int) -> None:
    with pytest.raises(FrameCorruptError):
        list(FrameParser().feed(bytes([kind, 0, 0, 1, 0])))


@pytest.mark.parametrize(
    ("kind", "size_bytes"), [(FrameType.COMMITS, MAX_BODY_BYTES + 1), (FrameType.OPEN, 256 * 1024 + 1)]
)
def test_frame_that_announces_more_than_its_cap_is_refused_before_its_body(kind: FrameType, size_bytes: int) -> None:
    with pytest.raises(TooLargeError):
        list(FrameParser().feed(bytes([kind]) + size_bytes.to_bytes(3, "big")))


@given(commits=st.lists(_COMMITS, min_size=1, max_size=6))
def test_commits_come_back_byte_for_byte(commits: list[SealedCommit]) -> None:
    assert list(unpack_commits(pack_commits(commits))) == commits


@given(body=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_as_commits(body: bytes) -> None:
    with pytest.raises(CasebookError):
        unpack_commits(body)


@given(plain=st.binary(max_size=300))
def test_arbitrary_packed_bytes_are_commits_or_refused(plain: bytes) -> None:
    try:
        commits = unpack_commits(zstandard.compress(plain))
    except FrameCorruptError:
        return
    joined = b"".join(
        struct.pack(">I", len(one.header))
        + one.header
        + struct.pack(">I", len(one.payload))
        + one.payload
        + one.signature
        for one in commits
    )
    assert joined == plain


def test_largest_commit_fits_into_a_frame_alone() -> None:
    giant = SealedCommit(bytes(400), bytes(range(256)) * (MAX_PAYLOAD_BYTES // 256), bytes(64))
    assert unpack_commits(pack_commits([giant])) == (giant,)


def test_bomb_is_refused_by_its_announced_size() -> None:
    bomb = zstandard.compress(bytes(MAX_COMMITS_BYTES + 1))
    assert len(bomb) < 2000
    with pytest.raises(TooLargeError):
        unpack_commits(bomb)


def test_packed_body_without_its_size_is_refused() -> None:
    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    body = packer.compress(b"x" * 1000) + packer.flush()
    with pytest.raises(FrameCorruptError):
        unpack_commits(body)


def test_bytes_behind_a_packed_body_are_refused() -> None:
    body = pack_commits([SealedCommit(b"h", b"p", bytes(64))])
    with pytest.raises(FrameCorruptError):
        unpack_commits(body + b"x")


@given(commits=st.lists(_COMMITS, max_size=30))
def test_batches_keep_order_and_stay_near_their_target(commits: list[SealedCommit]) -> None:
    groups = list(batches(commits, 4000))
    assert [one for group in groups for one in group] == commits
    assert all(len(group) == 1 or sum(one.size_bytes for one in group) <= 4000 for group in groups)


def test_frame_of_usual_entries_travels_in_some_kibibytes() -> None:
    entry = SealedCommit(bytes(300), bytes(700), bytes(64))
    (first, *_) = batches([entry] * 100)
    assert 10 < len(first) <= TARGET_BYTES // entry.size_bytes

import random
from dataclasses import replace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from casebook.canonical import Value, clean_text
from casebook.errors import CasebookError, FrameCorruptError, TooLargeError
from casebook.ledger import MAX_PAYLOAD_BYTES, CommitDraft, SealedCommit
from casebook.sync.frames import (
    MAX_BODY_BYTES,
    MAX_COMMITS_BYTES,
    MOST_PACKED_BYTES,
    Frame,
    FrameParser,
    FrameType,
    batches,
    pack_commits,
    packed,
    unpack_commits,
    write_frame,
)
from casebook.sync.packing import BaseUnknownError, tag_of, write_length
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, Writer, memory_study

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


@pytest.mark.parametrize("kind", [0, 99, 255])
def test_frame_of_an_unknown_type_is_passed_over_and_counted(kind: int) -> None:
    parser = FrameParser()
    stream = bytes([kind, 3]) + b"new" + write_frame(FrameType.END, b"1")

    assert list(parser.feed(stream)) == [Frame(type=FrameType.END, body=b"1")]
    assert parser.skipped == 1


@pytest.mark.parametrize(
    ("kind", "size_bytes"), [(FrameType.COMMITS, MAX_BODY_BYTES + 1), (FrameType.OPEN, 256 * 1024 + 1), (99, 2**20)]
)
def test_frame_that_announces_more_than_its_cap_is_refused_before_its_body(kind: int, size_bytes: int) -> None:
    with pytest.raises(TooLargeError):
        list(FrameParser().feed(bytes([kind]) + write_length(size_bytes)))


def test_length_without_end_is_refused() -> None:
    with pytest.raises(FrameCorruptError):
        list(FrameParser().feed(bytes([FrameType.END]) + b"\xff" * 8))


@given(commits=st.lists(_COMMITS, min_size=1, max_size=6))
def test_commits_come_back_byte_for_byte(commits: list[SealedCommit]) -> None:
    assert list(unpack_commits(pack_commits(commits))) == commits


@given(body=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_as_commits(body: bytes) -> None:
    with pytest.raises(CasebookError):
        unpack_commits(body)


def test_largest_commit_fits_into_a_frame_alone() -> None:
    giant = SealedCommit(bytes(400), bytes(range(256)) * (MAX_PAYLOAD_BYTES // 256), bytes(64))
    assert unpack_commits(pack_commits([giant])) == (giant,)


def _body(packed: bytes, rest: bytes = b"") -> bytes:
    return b"\x01" + write_length(len(packed) - 4) + packed[4:] + rest


def test_bomb_is_refused_by_its_announced_size() -> None:
    bomb = zstandard.compress(bytes(MAX_COMMITS_BYTES + 1))
    assert len(bomb) < 2000
    with pytest.raises(TooLargeError):
        unpack_commits(_body(bomb))


@pytest.mark.parametrize("text", [b"!9", b"\x06@" * 200_000, b"\x08" + b"G" * 60_000 + b"\x0b" + b"\x07" * 2000])
def test_text_that_unfolds_to_more_than_a_frame_may_hold_is_refused(text: bytes) -> None:
    token = bytes(range(32))
    lines = b'{"a":\x01' + text * 3 + b"}\n" + text + b"\n"
    with pytest.raises(CasebookError):
        unpack_commits(_body(zstandard.compress(lines), token))


def test_packed_body_without_its_size_is_refused() -> None:
    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    with pytest.raises(FrameCorruptError):
        unpack_commits(_body(packer.compress(b"x" * 1000) + packer.flush()))


def test_bytes_behind_a_packed_body_are_refused() -> None:
    body = pack_commits([SealedCommit(b"h", b"p", bytes(64))])
    with pytest.raises(FrameCorruptError):
        unpack_commits(body + b"x")


@given(commits=st.lists(_COMMITS, max_size=30))
def test_batches_keep_order_and_stay_near_their_target(commits: list[SealedCommit]) -> None:
    groups = list(batches(commits, 4000))
    assert [one for group in groups for one in group] == commits
    assert all(len(group) == 1 or sum(one.size_bytes for one in group) <= 4000 for group in groups)


def test_frames_of_several_commits_stay_small_when_packed() -> None:
    rng = random.Random(5)
    entries = [SealedCommit(rng.randbytes(300), rng.randbytes(700), rng.randbytes(64)) for _ in range(60)]
    frames = list(packed(entries))

    assert [one for group, _ in frames for one in group] == entries
    assert all(len(body) <= MOST_PACKED_BYTES or len(group) == 1 for group, body in frames)


# -- commits as laptops seal them ------------------------------------------------------------------------------------


def _laptop() -> Writer:
    return Writer(memory_study(), MemoryLog())


def test_entries_travel_without_what_the_receiver_works_out() -> None:
    laptop = _laptop()
    entries = [laptop.write(str(value)) for value in range(20)]

    body = pack_commits(entries)

    assert unpack_commits(body) == tuple(entries)
    assert len(body) < 20 * (64 + 16 + 12 + 25)  # signature, salt, subject; the rest is little


def test_entry_that_continues_what_both_hold_travels_in_little_more_than_its_random_bytes() -> None:
    laptop = _laptop()
    before, entry = laptop.write("140"), laptop.write("150")

    body = pack_commits([entry], before)

    assert unpack_commits(body, {tag_of(before): before}.get) == (entry,)
    assert len(body) < 64 + 16 + 12 + 60
    with pytest.raises(BaseUnknownError):
        unpack_commits(body, lambda _: None)
    with pytest.raises(FrameCorruptError):
        unpack_commits(body)


_TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["0" * 16, "ab" * 16, "0f" * 32, "A" * 22, "A" * 16, '","', '",null,[],null],["=","G","","', "病房"]
    ),
)


@given(texts=st.lists(_TEXTS, min_size=1, max_size=12), kind=st.sampled_from(["data", "x" * 16]), after=st.booleans())
def test_whatever_is_entered_comes_back_byte_for_byte(texts: list[str], kind: str, *, after: bool) -> None:
    laptop = _laptop()
    before = laptop.write()
    operations: list[Value] = [
        ["=", "IG.VS", "", f"ITEM{place % 3}", clean_text(text), None, [], None] for place, text in enumerate(texts)
    ]
    draft = CommitDraft(kind=kind, author=AUTHOR, body={"o": operations, "s": clean_text(texts[0])})
    entries = (laptop.seal(draft), laptop.seal(replace(draft, compartment="I")), laptop.seal(draft))
    base = before if after else None

    body = pack_commits(entries, base)

    assert unpack_commits(body, lambda _: before) == entries


def test_header_of_a_newer_release_travels_as_it_is() -> None:
    laptop = _laptop()
    entry = laptop.write()
    newer = SealedCommit(entry.header.replace(b'"v":1', b'"v":1,"zz":[1,"new"]'), entry.payload, entry.signature)
    other = SealedCommit(entry.header, b"redacted \x00\n\xff", entry.signature)
    odd = SealedCommit(entry.header + b" ", entry.payload, entry.signature)

    for commits in ((newer,), (other,), (odd,), (entry, newer, other, odd, entry)):
        assert unpack_commits(pack_commits(commits)) == commits


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_of_a_frame_gives_other_commits_or_a_refusal(place: int, bit: int) -> None:
    laptop = _laptop()
    entries = (laptop.write("1"), laptop.write("2"))
    body = bytearray(pack_commits(entries))
    body[place % len(body)] ^= 1 << bit
    try:
        assert unpack_commits(bytes(body)) != entries
    except CasebookError:
        return

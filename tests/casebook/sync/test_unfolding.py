"""Some hundred bytes that unfold to millions: refused before they cost anything, of whoever is not proven sooner."""

import tracemalloc

import pytest
import zstandard

from casebook.canonical import encode
from casebook.errors import FrameCorruptError, TooLargeError
from casebook.ids import new_device_id
from casebook.ledger import SealedCommit
from casebook.sync.frames import MAX_COMMITS_BYTES, FrameType, pack_commits, unpack_commits, write_frame
from casebook.sync.messages import Open, write_open
from casebook.sync.packing import write_length
from casebook.sync.serving import ServerConversation
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Writer, memory_study

_MILLIONS = MAX_COMMITS_BYTES // 2 - 100
_MIB = 1024 * 1024


def _body(text: bytes, beside: bytes = b"") -> bytes:
    packer = zstandard.ZstdCompressor(level=3, write_checksum=False)
    packed = packer.compress(text).removeprefix(b"\x28\xb5\x2f\xfd")
    return b"\x01" + write_length(len(packed)) + packed + beside


@pytest.mark.parametrize(
    "text",
    [
        b"\n" * 2 * _MILLIONS,
        b"ab\n" * (_MILLIONS // 2),
        b"\x0f" * _MILLIONS + b"\n" + b"\x0e" * (_MILLIONS - 1),
        b"\x0e" * 2 * _MILLIONS + b"\n\n",
    ],
    ids=["lines", "short lines", "values", "between"],
)
def test_small_frame_that_unfolds_to_millions_of_parts_is_refused_before_it_is_unfolded(text: bytes) -> None:
    body = _body(text)
    assert len(body) < 2000

    tracemalloc.start()
    with pytest.raises(TooLargeError):
        unpack_commits(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * _MIB


def test_lines_without_a_signature_for_each_are_refused() -> None:
    with pytest.raises(FrameCorruptError):
        unpack_commits(_body(b"\n" * 1000, bytes(64)))


def test_commit_of_one_word_repeated_comes_out_as_it_went_in() -> None:
    payload = encode({"ops": ["the same words " * 40] * 12_000})
    assert len(payload) > 6 * _MIB
    commit = SealedCommit(header=b"{}", payload=payload, signature=bytes(64))

    assert unpack_commits(pack_commits([commit])) == (commit,)


def _opening(writer: Writer, *, is_known: bool) -> bytes:
    laptop = writer.laptop()
    device = laptop.device if is_known else new_device_id(writer.rng.randbytes)
    opening = Open(study=laptop.study, device=device, app_version="1", nonce="0" * 32, chains=())
    return write_frame(FrameType.OPEN, write_open(opening, laptop.signing))


_LARGE = bytes([FrameType.COMMITS]) + write_length(MAX_COMMITS_BYTES)


def test_large_frame_is_waited_for_from_a_laptop_that_is_proven_and_from_nobody_else() -> None:
    server = memory_study()
    writer = Writer(server, MemoryLog())

    ServerConversation(server.desk).receive(_opening(writer, is_known=True) + _LARGE)
    with pytest.raises(TooLargeError):
        ServerConversation(server.desk).receive(_opening(writer, is_known=False) + _LARGE)
    with pytest.raises(TooLargeError):
        ServerConversation(server.desk).receive(_LARGE)


def test_frame_that_unfolds_far_is_read_of_a_laptop_that_is_proven_and_of_nobody_else() -> None:
    server = memory_study()
    writer = Writer(server, MemoryLog())
    words = encode({"x": server.rng.randbytes(200_000).hex()})
    frame = write_frame(FrameType.COMMITS, pack_commits([SealedCommit(b"{}", words, bytes(64))]))

    with pytest.raises(FrameCorruptError):
        ServerConversation(server.desk).receive(_opening(writer, is_known=True) + frame)
    with pytest.raises(TooLargeError):
        ServerConversation(server.desk).receive(_opening(writer, is_known=False) + frame)

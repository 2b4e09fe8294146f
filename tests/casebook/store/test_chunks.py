"""Chunks on the disk: whole or not at all, checked against their names, never taken for garbage too early."""

import subprocess
import sys
from pathlib import Path

import pytest

from casebook.attachments import MOST_CHUNK_BYTES
from casebook.crypto import sha256
from casebook.errors import AttachmentRoomError, DiskFailedError, DiskFullError, SealBrokenError
from casebook.store.chunks import ChunkFolder

PARTS = [bytes([number]) * 3000 for number in range(4)]
NAMES = [sha256(part).hex() for part in PARTS]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def chunks(tmp_path: Path) -> ChunkFolder:
    return ChunkFolder(tmp_path / "chunks")


def test_a_chunk_is_kept_once_and_comes_back(chunks: ChunkFolder) -> None:
    assert chunks.put(NAMES[0], PARTS[0])
    assert not chunks.put(NAMES[0], PARTS[0])
    assert chunks.has(NAMES[0])
    assert chunks.get(NAMES[0]) == PARTS[0]
    assert chunks.get(NAMES[1]) is None
    assert list(chunks.names()) == NAMES[:1]
    assert chunks.used_bytes == 3000


def test_nothing_is_made_before_the_first_chunk(chunks: ChunkFolder) -> None:
    assert not chunks.has(NAMES[0])
    assert chunks.used_bytes == chunks.sweep(list) == chunks.abandon([]) == chunks.settle(NAMES) == 0
    assert not chunks.path.exists()


@pytest.mark.parametrize("name", [NAMES[1], "../../etc/passwd", "", NAMES[0].upper(), NAMES[0] + "\n"])
def test_a_chunk_under_another_name_is_refused(chunks: ChunkFolder, name: str) -> None:
    with pytest.raises(SealBrokenError):
        chunks.put(name, PARTS[0])
    assert not chunks.path.exists()


def test_a_chunk_that_is_too_long_is_refused(chunks: ChunkFolder) -> None:
    giant = bytes(MOST_CHUNK_BYTES + 1)
    with pytest.raises(SealBrokenError):
        chunks.put(sha256(giant).hex(), giant)


def test_a_damaged_chunk_is_set_aside_and_can_come_again(chunks: ChunkFolder) -> None:
    chunks.put(NAMES[0], PARTS[0])
    place = next(chunks.path.glob(f"*/{NAMES[0]}"))
    place.write_bytes(b"\x00" + PARTS[0][1:] + b"x")

    assert chunks.get(NAMES[0]) is None
    assert not chunks.has(NAMES[0])
    assert (chunks.path / "damaged" / NAMES[0]).exists()
    assert chunks.put(NAMES[0], PARTS[0])
    assert chunks.get(NAMES[0]) == PARTS[0]


def test_the_space_for_chunks_has_an_end(tmp_path: Path) -> None:
    chunks = ChunkFolder(tmp_path / "chunks", quota_bytes=7000)
    chunks.put(NAMES[0], PARTS[0])
    chunks.put(NAMES[1], PARTS[1])
    with pytest.raises(AttachmentRoomError):
        chunks.put(NAMES[2], PARTS[2])
    assert not chunks.has(NAMES[2])
    with pytest.raises(AttachmentRoomError):
        ChunkFolder(tmp_path / "chunks", quota_bytes=7000).put(NAMES[2], PARTS[2])
    chunks.sweep(lambda: NAMES[1:])
    assert chunks.put(NAMES[2], PARTS[2])


def test_prepared_chunks_wait_for_their_commit(chunks: ChunkFolder) -> None:
    chunks.prepare(zip(NAMES[:2], PARTS[:2], strict=True))
    assert not chunks.has(NAMES[0])
    assert chunks.get(NAMES[0]) == PARTS[0]

    assert chunks.sweep(list) == 0
    assert chunks.settle(NAMES[:1]) == 1
    assert chunks.has(NAMES[0])
    assert chunks.abandon(NAMES[:1]) == 1
    assert chunks.get(NAMES[1]) is None
    assert chunks.settle(NAMES[:1]) == 0


def test_a_sweep_leaves_what_is_named(chunks: ChunkFolder) -> None:
    for name, part in zip(NAMES, PARTS, strict=True):
        chunks.put(name, part)

    assert chunks.sweep(lambda: NAMES[2:]) == 2
    assert sorted(chunks.names()) == sorted(NAMES[2:])


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "chunks").write_text("a file in its place")
    with pytest.raises(DiskFailedError):
        ChunkFolder(tmp_path / "chunks").put(NAMES[0], PARTS[0])


_WRITER = """
import sys
from pathlib import Path
from casebook.crypto import sha256
from casebook.store.chunks import ChunkFolder
chunks = ChunkFolder(Path(sys.argv[1]))
for number in range(10_000):
    part = number.to_bytes(4, "big") * 4000
    chunks.put(sha256(part).hex(), part)
    print(number, flush=True)
"""


def test_a_kill_while_writing_leaves_whole_chunks_and_all_that_were_said_to_be_kept(tmp_path: Path) -> None:
    for turn in range(5):
        folder = tmp_path / str(turn)
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(3 + 7 * turn):
            writer.stdout.readline()
        writer.kill()
        said = 3 + 7 * turn + len(writer.stdout.read().splitlines())
        writer.stdout.close()
        writer.wait()

        chunks = ChunkFolder(folder)
        kept = [name for name in chunks.names() if chunks.get(name) is not None]
        assert len(kept) == len(list(folder.glob("[0-9a-f][0-9a-f]/*[0-9a-f]")))
        for number in range(said):
            assert chunks.has(sha256(number.to_bytes(4, "big") * 4000).hex())
        chunks.abandon(kept)
        assert not list(folder.glob("*/*.tmp"))


def test_room_that_records_need_is_left_free(tmp_path: Path) -> None:
    chunks = ChunkFolder(tmp_path / "chunks", free_bytes=2**60)
    with pytest.raises(DiskFullError):
        chunks.put(NAMES[0], PARTS[0])
    with pytest.raises(DiskFullError):
        chunks.prepare([(NAMES[0], PARTS[0])])
    assert list(chunks.names()) == []
    assert not chunks.has_prepared

"""Attachments against a real server process over TLS: a kill in the middle, a link that is cut, two laptops."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from casebook import payloads
from casebook.attachments import CHUNK_BYTES, AttachPayload, chunk_names, open_file
from casebook.errors import FrameCorruptError, ServerUnreachableError
from casebook.ledger import STANDARD
from casebook.sync.attachments import ChunkPeer, at_server
from central_server.checking import chunk_folders
from tests.casebook.sync.chunk_study import photo
from tests.central_server.laptops import PhotoLaptop
from tests.server_process import ServerProcess

PHOTO = photo(40 * CHUNK_BYTES)


class KillingPeer:
    """Kills the server after so many pieces went out."""

    def __init__(self, peer: ChunkPeer, server: ServerProcess, pieces: int) -> None:
        self._peer = peer
        self._server = server
        self._left = pieces

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        yield from self._peer.send_chunks(self._killing(request))

    def _killing(self, request: Iterable[bytes]) -> Iterator[bytes]:
        for data in request:
            yield data
            self._left -= 1
            if self._left == 0:
                self._server.kill()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that a test may kill."""
    with ServerProcess(tmp_path / "server") as process:
        yield process


def held_at(server: ServerProcess) -> set[str]:
    return set(chunk_folders(server.folder)[STANDARD].names())


def test_a_photo_goes_to_the_server_and_to_another_laptop(own_server: ServerProcess, tmp_path: Path) -> None:
    laptop, other = PhotoLaptop(own_server, tmp_path / "one"), PhotoLaptop(own_server, tmp_path / "two")
    commit = laptop.attach(PHOTO)
    laptop.sync()
    report = laptop.sync_chunks()

    assert (report.sent, report.completed) == (40, 1)
    assert set(chunk_names(commit)) <= held_at(own_server)
    other.sync()
    assert other.sync_chunks().received == 0, "larger than what is fetched without being asked for"
    small = laptop.attach(PHOTO[: 3 * CHUNK_BYTES])
    laptop.sync()
    laptop.sync_chunks()
    other.sync()
    assert other.sync_chunks().received == 3
    payload = payloads.read(small, laptop.identity_key)
    assert isinstance(payload, AttachPayload)
    chunks = [other.chunks.get(name) for name in payload.chunks]
    assert open_file(payload, [chunk for chunk in chunks if chunk is not None]) == PHOTO[: 3 * CHUNK_BYTES]


@pytest.mark.parametrize("pieces", [1, 3, 9, 30, 33])
def test_a_server_that_is_killed_while_it_takes_a_photo_goes_on_from_what_it_kept(
    own_server: ServerProcess, tmp_path: Path, pieces: int
) -> None:
    laptop = PhotoLaptop(own_server, tmp_path / "one")
    commit = laptop.attach(PHOTO)
    laptop.sync()
    with pytest.raises(ServerUnreachableError):
        laptop.sync_chunks(lambda peer: KillingPeer(peer, own_server, pieces))
    kept = held_at(own_server)
    own_server.start()
    report = laptop.sync_chunks()

    assert report.sent == 40 - len(kept)
    assert at_server(laptop.log, commit.id).complete
    assert held_at(own_server) == set(chunk_names(commit))


def test_a_laptop_that_names_a_chunk_falsely_is_told_so(server: ServerProcess, tmp_path: Path) -> None:
    laptop = PhotoLaptop(server, tmp_path / "one")
    commit = laptop.attach(PHOTO[:1000])
    laptop.sync()

    class Lying:
        def __init__(self, peer: ChunkPeer) -> None:
            self._peer = peer

        def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
            (name,) = chunk_names(commit)
            sealed = laptop.chunks.get(name) or b""
            return self._peer.send_chunks(data.replace(sealed, bytes(len(sealed))) for data in request)

    with pytest.raises(FrameCorruptError):
        laptop.sync_chunks(Lying)
    assert laptop.sync_chunks().completed == 1

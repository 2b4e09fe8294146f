"""Attachments against a real server process over TLS: a kill in the middle, a link that is cut, two laptops."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from casebook import ledger, payloads
from casebook.attachments import CHUNK_BYTES, AttachPayload, chunk_names, open_file, seal_file
from casebook.clock import system_clock
from casebook.errors import FrameCorruptError, ServerUnreachableError
from casebook.ids import new_epoch, new_subject_id
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.records import FormKey, VisitKey
from casebook.store.chunks import ChunkFolder
from casebook.sync.attachments import ChunkPeer, ChunkReport, at_server, exchange_chunks
from casebook.sync.chunk_messages import BegunChunks
from central_server.chunks import CHUNKS_FOLDER
from desktop_app.sync_client import HttpPeer
from tests.casebook.sync.chunk_study import photo
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess

PHOTO = photo(40 * CHUNK_BYTES)


class PhotoLaptop(EnrolledLaptop):
    """A laptop with chunks on its disk."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        super().__init__(server)
        self.chunks = ChunkFolder(folder)
        self.begun = BegunChunks()

    def attach(self, content: bytes) -> SealedCommit:
        """Attach a file in the laptop's chain."""
        sealed = seal_file(content, os.urandom)
        payload = AttachPayload(
            key=FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS"),
            path=None,
            name="photo.jpg",
            media_type="image/jpeg",
            size_bytes=sealed.size_bytes,
            sha256=sealed.sha256,
            chunks=tuple(name for name, _ in sealed.chunks),
            content_key=sealed.content_key,
        )
        kind, body = payloads.write(payload)
        place = ("S", self.enrolled.site)
        head = self.heads.get(place) or ChainHead(device=self.device, epoch=new_epoch(os.urandom), sequence=0, id=None)
        sealer = Sealer(
            study=self.enrolled.study,
            site=place[1],
            app_version="1",
            signer=self.person,
            random_bytes=os.urandom,
            identity_key=self.identity_key,
        )
        draft = CommitDraft(kind=kind, author=self.user, body=body, compartment="I", outside=payloads.OUTSIDE[kind])
        commit = ledger.seal(draft, after=head, sealer=sealer, moment=system_clock())
        self.heads[place] = ledger.head_after(commit)
        self.log.append([commit])
        for name, chunk in sealed.chunks:
            self.chunks.put(name, chunk)
        return commit

    def sync_chunks(self, around: Callable[[ChunkPeer], ChunkPeer] = lambda peer: peer) -> ChunkReport:
        """Exchange chunks over HTTPS."""
        with HttpPeer(self.server.url, self.enrolled.authority) as http:
            return exchange_chunks(
                self.log,
                self.chunks,
                around(http),
                laptop=self.laptop(signed_in=True),
                receipt_key=self.enrolled.server.receipts,
                site=self.enrolled.site,
                random_bytes=os.urandom,
                begun=self.begun,
            )


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
    return set(ChunkFolder(server.folder / CHUNKS_FOLDER / "standard").names())


def test_a_photo_goes_to_the_server_and_to_another_laptop(server: ServerProcess, tmp_path: Path) -> None:
    laptop, other = PhotoLaptop(server, tmp_path / "one"), PhotoLaptop(server, tmp_path / "two")
    commit = laptop.attach(PHOTO)
    laptop.sync()
    report = laptop.sync_chunks()

    assert (report.sent, report.completed) == (40, 1)
    assert set(chunk_names(commit)) <= held_at(server)
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

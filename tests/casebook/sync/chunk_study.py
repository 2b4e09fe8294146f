"""Laptops with attachments, and a server that takes their chunks in this process."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from casebook import payloads
from casebook.attachments import CHUNK_BYTES, AttachPayload, SealedFile, seal_file
from casebook.crypto import SigningKey
from casebook.errors import ServerUnreachableError
from casebook.ids import new_subject_id
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, CommitDraft, SealedCommit
from casebook.records import FormKey, VisitKey
from casebook.store.chunks import ChunkFolder, Chunks, ChunksInMemory
from casebook.sync import chunk_messages
from casebook.sync.attachments import ChunkPeer, ChunkProgress, ChunkReport, exchange_chunks
from casebook.sync.chunk_messages import BegunChunks, ChunkAsk, ChunkState, Piece, WantedChunk, new_nonce
from casebook.sync.chunk_serving import ChunkDesk, serve_chunks
from casebook.sync.engine import PersonSigner
from casebook.sync.frames import FrameParser, FrameType, write_frame
from casebook.sync.messages import End, write_end
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Server, Writer


def attached(sealed: SealedFile, form: FormKey) -> AttachPayload:
    """Return the record of a sealed photo at a form."""
    return AttachPayload(
        key=form,
        path=None,
        name="photo.jpg",
        media_type="image/jpeg",
        size_bytes=sealed.size_bytes,
        sha256=sealed.sha256,
        chunks=tuple(name for name, _ in sealed.chunks),
        content_key=sealed.content_key,
    )


def attach_file(
    writer: Writer, chunks: Mapping[str, Chunks], content: bytes, compartment: str = IDENTITY
) -> SealedCommit:
    """Attach a file at a laptop, sealed to the site."""
    sealed = seal_file(content, writer.rng.randbytes)
    form = FormKey(subject=new_subject_id(writer.rng.randbytes), visit=VisitKey(visit="SE.V1"), form="F.VS")
    kind, body = payloads.write(attached(sealed, form))
    draft = CommitDraft(
        kind=kind, author=writer.user, body=body, compartment=compartment, outside=payloads.OUTSIDE[kind]
    )
    commit = writer.keep(draft)
    for name, chunk in sealed.chunks:
        chunks[commit.parsed.shelf].put(name, chunk)
    return commit


class ChunkServer:
    """The chunk side of a server, with what it was sent: the bytes of pieces by the name of their chunk."""

    def __init__(self, server: Server, folder: Path | None = None) -> None:
        self.server = server
        self.chunks: dict[str, Chunks] = {
            shelf: ChunksInMemory() if folder is None else ChunkFolder(folder / shelf)
            for shelf in (STANDARD, UNBLINDING)
        }
        self.desk = ChunkDesk(server.desk, self.chunks)
        self.requests = 0
        self.piece_bytes: dict[str, int] = {}

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer in this process (a `ChunkPeer`)."""
        self.requests += 1
        return serve_chunks(self.desk, self._watched(request))

    def _watched(self, request: Iterable[bytes]) -> Iterator[bytes]:
        parser = FrameParser()
        for data in request:
            for frame in parser.feed(data):
                if frame.type is FrameType.PIECE:
                    name = frame.body[:32].hex()
                    self.piece_bytes[name] = self.piece_bytes.get(name, 0) + len(frame.body) - 40
            yield data

    def restart(self) -> None:
        """Start again: what memory held is gone."""
        self.desk = ChunkDesk(self.server.desk, self.chunks)


class CutChunks:
    """A link that carries so many bytes up or down, then is gone; the request's rest is lost."""

    def __init__(self, peer: ChunkPeer, *, up_bytes: int | None = None, down_bytes: int | None = None) -> None:
        self._peer = peer
        self._up_bytes = up_bytes
        self._down_bytes = down_bytes

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        answer = self._peer.send_chunks(request if self._up_bytes is None else self._up(request, self._up_bytes))
        left = self._down_bytes
        for data in answer:
            if left is not None and len(data) > left:
                yield data[:left]
                raise ServerUnreachableError
            left = None if left is None else left - len(data)
            yield data

    def _up(self, request: Iterable[bytes], left: int) -> Iterator[bytes]:
        for data in request:
            if len(data) > left:
                yield data[:left]
                raise ServerUnreachableError
            left -= len(data)
            yield data


class Attacher(Writer):
    """A laptop that attaches files, with chunks of its own on the disk or in memory."""

    def __init__(
        self, server: Server, peer: ChunkPeer, *, site: str = "001", letter: str = "A", folder: Path | None = None
    ) -> None:
        super().__init__(server, MemoryLog(), site=site, letter=letter)
        self.peer = peer
        self.chunks: dict[str, Chunks] = {
            shelf: ChunksInMemory() if folder is None else ChunkFolder(folder / shelf)
            for shelf in (STANDARD, UNBLINDING)
        }
        self.begun = BegunChunks()
        self.progress: list[ChunkProgress] = []

    def attach(self, content: bytes, compartment: str = IDENTITY) -> SealedCommit:
        """Attach a file, sealed to the site."""
        return attach_file(self, self.chunks, content, compartment)

    def sync_chunks(
        self,
        peer: ChunkPeer | None = None,
        *,
        shelf: str = STANDARD,
        person: PersonSigner | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> ChunkReport:
        """Exchange the chunks of a shelf; as the signed-in person where none is given."""
        return exchange_chunks(
            self.log if shelf == STANDARD else self.unblinding,
            self.chunks[shelf],
            peer or self.peer,
            laptop=self.laptop(shelf, person or self.signer),
            receipt_key=self.server.identity.receipts,
            site=self.site,
            random_bytes=self.rng.randbytes,
            begun=self.begun,
            go_on=go_on,
            on_progress=self.progress.append,
        )


def photo(size_bytes: int, seed: int = 5) -> bytes:
    """Return bytes that do not compress, as a photo's."""
    return random.Random(seed).randbytes(size_bytes)


PHOTO = photo(5 * CHUNK_BYTES + 77)


def ask_of(
    laptop: Attacher,
    names: tuple[str, ...] = (),
    wanted_names: tuple[str, ...] = (),
    *,
    shelf: str = STANDARD,
    person: PersonSigner | None = None,
) -> ChunkAsk:
    return ChunkAsk(
        study="RELOW1",
        device=laptop.device,
        shelf=shelf,
        nonce=new_nonce(laptop.rng.randbytes),
        names=names,
        wanted=tuple(WantedChunk(name=name) for name in wanted_names),
        user=person.user if person is not None else "",
        person_key=person.signing.id if person is not None else "",
    )


def request_of(
    ask: ChunkAsk, key: SigningKey, person: PersonSigner | None = None, pieces: Iterable[Piece] = ()
) -> list[bytes]:
    body = chunk_messages.write_ask(ask, key, person.signing if person is not None else None)
    return [
        write_frame(FrameType.CHUNKS, body),
        *(write_frame(FrameType.PIECE, chunk_messages.write_piece(one)) for one in pieces),
        write_frame(FrameType.END, write_end(End(commits=0))),
    ]


def answered(desk: ChunkServer, ask: ChunkAsk, request: list[bytes]) -> tuple[tuple[ChunkState, ...], bytes]:
    """Return the states that a request got, and the bytes of the pieces."""
    parser = FrameParser()
    states: tuple[ChunkState, ...] = ()
    pieces = b""
    for data in serve_chunks(desk.desk, request):
        for frame in parser.feed(data):
            if frame.type is FrameType.CHUNKS_ANSWER:
                key = desk.server.identity.receipts
                states = chunk_messages.read_answer(frame.body, key, ask).states
            elif frame.type is FrameType.PIECE:
                pieces += frame.body
    return states, pieces

"""The server's side of the chunks of attachments: whose they are, taking them in, giving them out.

A chunk is taken from, and given to, whoever may see a commit that names it, on the shelf where that commit lies.
For all others it does not exist: one of another site, one of the unblinding shelf, and one that nobody ever named
get the same answer.

Two threads work here: `ChunkExchange.open` asks the store; everything after it touches chunk files alone, so that
no exchange of data waits for a photo.

Source: docs/sync_protocol.md, section "Chunks of attachments"; docs/adr/0027.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from casebook import ledger
from casebook.attachments import KIND, chunk_names
from casebook.canonical import text_of
from casebook.errors import (
    AttachmentRoomError,
    CommitUnreadableError,
    CommitUntrustedError,
    DeviceUnknownError,
    DiskFullError,
    FrameCorruptError,
    NotPermittedError,
    SealBrokenError,
    SignatureBadError,
    StudyMismatchError,
)
from casebook.ids import CommitId, DeviceId, KeyId, UserId, commit_id
from casebook.ledger import REDACTION, UNBLINDING, SealedCommit
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.store.chunks import Chunks
from casebook.sync import chunk_messages
from casebook.sync.chunk_messages import BegunChunks, ChunkAnswer, ChunkAsk, ChunkState, Piece, WantedChunk
from casebook.sync.frames import Frame, FrameParser, FrameType, write_frame
from casebook.sync.messages import End, write_end
from casebook.sync.serving import Desk
from casebook.sync.trust import Device, StaffMember

_ASKED = "asked."
"""Setting for each question about shelf U that was answered; its nonce follows. A question counts once."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A commit that names chunks."""

    site: str
    device: DeviceId
    names: tuple[str, ...]


class ChunkIndex:
    """Which commits of one shelf name which chunks. Read from the log, in memory."""

    def __init__(self, log: CommitLog) -> None:
        """Read nothing yet."""
        self._log = log
        self.forget()

    def forget(self) -> None:
        """Read everything again at the next look: what was read is not durable after all."""
        self._position = 0
        self._by_commit: dict[CommitId, Naming] = {}
        self._by_name: dict[str, set[CommitId]] = {}
        self._taken_out: set[CommitId] = set()

    def refresh(self) -> tuple[str, ...]:
        """Read what arrived since the last look; returns chunks that no commit names any more."""
        last = self._log.last_position()
        if last < self._position:
            self.forget()
        if last == self._position and not self._taken_out:
            return ()
        for _, commit in self._log.of_kind(KIND, self._position):
            self._add(commit)
        for _, commit in self._log.of_kind(REDACTION, self._position):
            self._note_redaction(commit)
        self._position = last
        return self._drop_taken_out()

    def _add(self, commit: SealedCommit) -> None:
        try:
            names = chunk_names(commit)
        except (CommitUnreadableError, CommitUntrustedError):
            return
        header = commit.parsed
        self._by_commit[commit.id] = Naming(header.site, header.device, names)
        for name in names:
            self._by_name.setdefault(name, set()).add(commit.id)

    def _note_redaction(self, commit: SealedCommit) -> None:
        try:
            target = commit_id(text_of(ledger.outside_of(commit), "cm"))
        except (CommitUnreadableError, CommitUntrustedError, ValueError):
            return
        if target in self._by_commit:
            self._taken_out.add(target)

    def _drop_taken_out(self) -> tuple[str, ...]:
        free: list[str] = []
        for target in sorted(self._taken_out):
            if ledger.redaction_of(self._log.commit(target)) is None:
                continue  # its second signer is not certified here yet
            self._taken_out.discard(target)
            for name in self._by_commit.pop(target).names:
                self._by_name[name].discard(target)
                if not self._by_name[name]:
                    del self._by_name[name]
                    free.append(name)
        return tuple(free)

    def of(self, name: str) -> tuple[Naming, ...]:
        """Return the commits that name a chunk."""
        return tuple(self._by_commit[commit] for commit in self._by_name.get(name, ()))


@dataclass(slots=True)
class ChunkDesk:
    """What every exchange of chunks of one server shares. `chunks`: by shelf."""

    desk: Desk
    chunks: Mapping[str, Chunks]
    begun: BegunChunks = field(default_factory=BegunChunks)
    _indexes: dict[str, ChunkIndex] = field(default_factory=dict)

    def index(self, shelf: str) -> ChunkIndex:
        """Return which commits of a shelf name which chunks, as the log stands; chunks that none names go."""
        if shelf not in self._indexes:
            self._indexes[shelf] = ChunkIndex(self.desk.shelf(shelf))
        for name in self._indexes[shelf].refresh():
            self.chunks[shelf].remove(name)
        return self._indexes[shelf]

    def after(self, kept: Callable[[str], None]) -> Callable[[str], None]:
        """Return `kept` with what follows here: chunks go at once when what names them was taken out of the record."""
        return partial(self._after, kept)  # no closure: a study that is copied is to tell its own office

    def _after(self, kept: Callable[[str], None], shelf: str) -> None:
        kept(shelf)
        self.index(shelf)

    def forget(self) -> None:
        """Read the logs again: a group of work did not become durable."""
        for index in self._indexes.values():
            index.forget()


class ChunkExchange:
    """One exchange of chunks with one laptop."""

    def __init__(self, desk: ChunkDesk) -> None:
        """Wait for the laptop's question."""
        self._shared = desk
        self._desk = desk.desk
        self._parser = FrameParser()
        self._ask: ChunkAsk | None = None
        self._takes: frozenset[str] = frozenset()
        self._gives: frozenset[str] = frozenset()
        self._server_epoch = ""
        self._no_room: set[str] = set()
        self._ended = False
        self.device: Device | None = None
        self.kept = 0
        """Chunks that this exchange brought."""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the whole frames of the request's next bytes: for `open` the first, for `take` the others.

        Raises:
            FrameCorruptError, TooLargeError: It is no such request.
        """
        return list(self._parser.feed(data))

    @property
    def opened(self) -> bool:
        """Whether the question was read."""
        return self._ask is not None

    # -- the question: on the store's thread --

    def open(self, frame: Frame) -> None:
        """Read the question and find out what this laptop and person may send and have.

        Raises:
            CasebookError: One of the protocol's problems.
        """
        if frame.type is not FrameType.CHUNKS:
            raise FrameCorruptError(why="a frame out of place")
        ask = chunk_messages.read_ask(frame.body)
        if ask.study != self._desk.study:
            raise StudyMismatchError
        self._desk.refresh()
        device, person = self._recognise(ask, frame.body)
        index = self._shared.index(ask.shelf)
        sites = {device.site, *(person.all_sites if person is not None and not person.revoked else ())}
        wanted = {one.name for one in ask.wanted}
        self._takes = frozenset(
            name
            for name in ask.names
            if any(one.device == device.device or one.site in sites for one in index.of(name))
        )
        seen = frozenset(name for name in wanted if any(one.site in sites for one in index.of(name)))
        self._gives = frozenset() if device.revoked else seen
        self._server_epoch = self._desk.log.setting(SERVER_EPOCH) or ""
        self._ask, self.device = ask, device

    def _recognise(self, ask: ChunkAsk, body: bytes) -> tuple[Device, StaffMember | None]:
        directory = self._desk.directory
        device = directory.device(ask.device)
        person = self._signer(ask, body)
        if ask.shelf == UNBLINDING:
            self._admit(ask, body, device, person)
        if device is None:
            raise DeviceUnknownError
        if not chunk_messages.is_signed_by_device(device.signing, body):
            raise SignatureBadError(device=ask.device, epoch="", sequence=0)
        return device, person

    def _signer(self, ask: ChunkAsk, body: bytes) -> StaffMember | None:
        directory = self._desk.directory
        key = directory.person(UserId(ask.user), ask.device, KeyId(ask.person_key)) if ask.user else None
        if key is None or not chunk_messages.is_signed_by_person(key.signing, body):
            return None
        return directory.member(key.user)

    def _admit(self, ask: ChunkAsk, body: bytes, device: Device | None, person: StaffMember | None) -> None:
        """Let a question about shelf U through, or refuse it: the same refusal for whatever reason."""
        log = self._desk.shelf(UNBLINDING)
        if (
            device is None
            or not chunk_messages.is_signed_by_device(device.signing, body)
            or person is None
            or person.revoked
            or not person.sees_unblinding
            or log.setting(_ASKED + ask.nonce) is not None
        ):
            raise NotPermittedError
        log.set_setting(_ASKED + ask.nonce, str(self._desk.now_ms()))

    # -- pieces: chunk files alone --

    @property
    def _chunks(self) -> Chunks:
        if self._ask is None:
            raise FrameCorruptError(why="a frame out of place")
        return self._shared.chunks[self._ask.shelf]

    def take(self, frame: Frame) -> None:
        """Take a frame after the question; a chunk that is whole is durable on return.

        Raises:
            FrameCorruptError: It is out of place, or a chunk is not what its name says.
        """
        if self._ask is None or self._ended:
            raise FrameCorruptError(why="a frame out of place")
        match frame.type:
            case FrameType.PIECE:
                self._take_piece(chunk_messages.read_piece(frame.body))
            case FrameType.END:
                self._ended = True
            case _:
                raise FrameCorruptError(why="a frame out of place")

    def _take_piece(self, piece: Piece) -> None:
        if piece.name not in self._takes or piece.name in self._no_room or self._chunks.has(piece.name):
            return
        whole = self._shared.begun.add(piece)
        if whole is None:
            return
        try:
            self.kept += self._chunks.put(piece.name, whole)
        except SealBrokenError:
            raise FrameCorruptError(why="a chunk that is not what its name says") from None
        except (AttachmentRoomError, DiskFullError):
            self._no_room.add(piece.name)

    # -- the answer --

    def reply(self) -> Iterator[bytes]:
        """Give the frames of the answer.

        Raises:
            FrameCorruptError: The request ended before its END; chunks that arrived whole are kept.
        """
        if self._ask is None or not self._ended:
            raise FrameCorruptError(why="the request ended early")
        return self._frames(self._ask)

    def _frames(self, ask: ChunkAsk) -> Iterator[bytes]:
        states = {name: self._state(name) for name in ask.names}
        begun = {
            name: length
            for name, state in states.items()
            if state is ChunkState.MISSING and (length := self._shared.begun.length(name))
        }
        answer = ChunkAnswer(
            study=self._desk.study,
            nonce=ask.nonce,
            at_ms=self._desk.now_ms(),
            states=tuple(states[name] for name in ask.names),
            begun=begun,
            server_epoch=self._server_epoch,
        )
        yield write_frame(FrameType.CHUNKS_ANSWER, chunk_messages.write_answer(answer, ask.names, self._desk.receipts))
        given = 0
        for wanted in ask.wanted:
            for piece in self._pieces(wanted):
                given += 1
                yield write_frame(FrameType.PIECE, chunk_messages.write_piece(piece))
        yield write_frame(FrameType.END, write_end(End(commits=given)))

    def _state(self, name: str) -> ChunkState:
        if name not in self._takes:
            return ChunkState.UNKNOWN
        if self._chunks.has(name):
            return ChunkState.HERE
        return ChunkState.NO_ROOM if name in self._no_room else ChunkState.MISSING

    def _pieces(self, wanted: WantedChunk) -> Iterable[Piece]:
        chunk = self._chunks.get(wanted.name) if wanted.name in self._gives else None
        return chunk_messages.pieces_of(wanted.name, chunk, wanted.offset) if chunk is not None else ()


def serve_chunks(desk: ChunkDesk, request: Iterable[bytes]) -> Iterator[bytes]:
    """Serve one exchange of chunks in this process: for tests and for carriers that hold the whole request.

    Raises:
        CasebookError: One of the protocol's problems.
    """
    exchange = ChunkExchange(desk)
    for data in request:
        for frame in exchange.feed(data):
            if exchange.opened:
                exchange.take(frame)
            else:
                exchange.open(frame)
    return exchange.reply()

"""The laptop's side of the chunks of attachments: what is sent, what is fetched, and how far each has come.

Called after an exchange of data and never before it: the server takes chunks only where it holds a commit that names
them. One short question tells which chunks the server has; then the missing ones follow, each request a part of the
work, so that it can be left at any time for data that wait. A cut loses one piece of a chunk.

Nothing of this is remembered that the server has not signed: what counts as sent is what its answers called here.

Source: docs/sync_protocol.md, section "Chunks of attachments"; docs/adr/0027.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from casebook.attachments import CHUNK_BYTES, KIND, chunk_names
from casebook.errors import CommitUnreadableError, CommitUntrustedError, SealBrokenError, ServerAnswerError
from casebook.ids import CommitId, DeviceId, RandomBytes
from casebook.ledger import SealedCommit
from casebook.store import SERVER_EPOCH, SERVER_LOST_AT, CommitLog
from casebook.store.chunks import Chunks
from casebook.sync import chunk_messages
from casebook.sync.chunk_messages import MOST_NAMES, BegunChunks, ChunkAnswer, ChunkAsk, ChunkState, WantedChunk
from casebook.sync.engine import Laptop
from casebook.sync.frames import FrameParser, FrameType, write_frame
from casebook.sync.messages import End, new_nonce, read_end, write_end
from casebook.sync.step import read_step

REQUEST_BYTES = 512 * 1024
"""About so much is sent or fetched in one request: then it is asked whether data wait."""
FETCHED_BYTES = 2 * 1024 * 1024
"""Attachments of the laptop's own site up to this size are fetched without being asked for."""
FETCH_BY_ITSELF = "attachments.fetch"
"""Setting of shelf S: "0" where nothing is fetched without being asked for."""
_STANDING = "attachment."
"""Setting for each attachment: how far it is at the server, as signed there; the commit id follows."""
_ASK_AGAIN_MS = 7 * 24 * 3600 * 1000
"""After so long the server is asked again about what is here too: a disk may have failed there since."""
_WANTED = "attachments.wanted"
"""Setting: the attachments that somebody wants to see here, as a list of commit ids."""


class ChunkPeer(Protocol):
    """Carries one request about chunks to the server and its answer back."""

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Send the frames of one request as they are made; give the answer's bytes as they come.

        Raises:
            CasebookError: The server's refusal, or why it cannot be reached or trusted.
        """
        ...


# -- what there is -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChunks:
    """The chunks of one attachment, as its commit names them without any key."""

    commit: CommitId
    site: str
    device: DeviceId
    names: tuple[str, ...]

    @property
    def about_bytes(self) -> int:
        """How large it is, to the next chunk."""
        return len(self.names) * CHUNK_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class AtServer:
    """How far an attachment is at the server, by its signed word.

    Attributes:
        at_ms: When it first said so, 0 for never; `last_ms`: when it did last.
    """

    chunks: int = 0
    total: int = 0
    at_ms: int = 0
    last_ms: int = 0

    @property
    def complete(self) -> bool:
        """Whether the server has all of it."""
        return self.total > 0 and self.chunks >= self.total

    @property
    def percent(self) -> int:
        """How much of it the server has; 100 for no less than all."""
        return 100 * self.chunks // self.total if self.total else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAttachment:
    """An attachment of which the server lacks a part. `here`: chunks on this laptop, of `total`."""

    commit: CommitId
    device: DeviceId
    at_server: int
    here: int
    total: int


def named_chunks(log: CommitLog) -> Iterator[NamedChunks]:
    """Yield the attachments that a log holds, in order of arrival; those taken out of the record have none."""
    for _, commit in log.of_kind(KIND):
        found = _named(commit)
        if found is not None:
            yield found


def _named(commit: SealedCommit) -> NamedChunks | None:
    try:
        names = chunk_names(commit)
    except (CommitUnreadableError, CommitUntrustedError):
        return None
    header = commit.parsed
    return NamedChunks(commit=commit.id, site=header.site, device=header.device, names=names) if names else None


def all_names(log: CommitLog) -> frozenset[str]:
    """Return the chunks that any commit of a log names, of those that wait for their parent too."""
    parked = (found for commit in log.parked() if (found := _named(commit)) is not None)
    return frozenset(name for one in (*named_chunks(log), *parked) for name in one.names)


def at_server(log: CommitLog, commit: CommitId) -> AtServer:
    """Return how far an attachment is at the server. What it said before it was put back counts no more."""
    kept = log.setting(_STANDING + commit)
    if kept is None:
        return AtServer()
    chunks, total, at_ms, epoch, *last = json.loads(kept)
    last_ms = int(last[0]) if last else int(at_ms)
    if epoch != (log.setting(SERVER_EPOCH) or "") or last_ms < int(log.setting(SERVER_LOST_AT) or "0"):
        return AtServer()
    return AtServer(chunks=int(chunks), total=int(total), at_ms=int(at_ms), last_ms=last_ms)


def note_at_server(log: CommitLog, one: NamedChunks, have: int, *, at_ms: int, server_epoch: str) -> None:
    """Keep how many chunks of an attachment the server said, signed, that it has."""
    before = at_server(log, one.commit)
    is_news = (before.chunks, before.total) != (have, len(one.names))
    if is_news or at_ms - before.last_ms > _ASK_AGAIN_MS:
        first_ms = at_ms if is_news else before.at_ms
        log.set_setting(_STANDING + one.commit, json.dumps([have, len(one.names), first_ms, server_epoch, at_ms]))


def pending_attachments(log: CommitLog, chunks: Chunks) -> tuple[PendingAttachment, ...]:
    """Return the attachments of which the server lacks a part: for custody, and for what a form shows."""
    pending: list[PendingAttachment] = []
    for one in named_chunks(log):
        there = at_server(log, one.commit)
        if not there.complete:
            here = sum(1 for name in one.names if chunks.has(name))
            pending.append(
                PendingAttachment(
                    commit=one.commit, device=one.device, at_server=there.chunks, here=here, total=len(one.names)
                )
            )
    return tuple(pending)


def want(log: CommitLog, commit: CommitId) -> None:
    """Have an attachment fetched by the next exchange."""
    log.set_setting(_WANTED, json.dumps([*dict.fromkeys((*wanted(log), commit))]))


def wanted(log: CommitLog) -> tuple[CommitId, ...]:
    """Return the attachments that somebody wants to see here."""
    return tuple(CommitId(one) for one in json.loads(log.setting(_WANTED) or "[]"))


# -- the exchange ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkProgress:
    """Bytes of chunks sent and received so far, and what is known to be still to come in total."""

    sent_bytes: int = 0
    to_send_bytes: int = 0
    received_bytes: int = 0
    to_receive_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReport:
    """What an exchange of chunks did.

    Attributes:
        sent, received: Chunks.
        completed: Attachments that the server has whole since.
        incomplete: Attachments of which the server lacks a part.
        no_room: The server has no room for more.
        left: It was left for data that wait.
    """

    sent: int = 0
    received: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    completed: int = 0
    incomplete: int = 0
    no_room: bool = False
    left: bool = False
    requests: int = 0


@dataclass(slots=True)
class _Counts:
    """What was counted so far."""

    sent: int = 0
    received: int = 0
    sent_bytes: int = 0
    to_send_bytes: int = 0
    received_bytes: int = 0
    to_receive_bytes: int = 0
    requests: int = 0
    no_room: bool = False


def exchange_chunks(
    log: CommitLog,
    chunks: Chunks,
    peer: ChunkPeer,
    *,
    laptop: Laptop,
    receipt_key: bytes,
    site: str,
    random_bytes: RandomBytes,
    begun: BegunChunks | None = None,
    go_on: Callable[[], bool] = lambda: True,
    on_progress: Callable[[ChunkProgress], None] = lambda _: None,
) -> ChunkReport:
    """Send the server the chunks that it lacks and fetch what is wanted here, of one shelf.

    Everything that arrives whole on either side is durable at once; an exchange that ends in an error has lost
    a piece at most, and the next one goes on from there.

    Args:
        log: The log of the shelf that `laptop` names; `chunks`: that shelf's.
        receipt_key: The server's, under which its answers verify.
        site: The laptop's own: its attachments are fetched without being asked for, unless they are large.
        begun: Chunks of which a part came before a cut; keep it from one exchange to the next.
        go_on: Asked between pieces; where it says no, the request under way ends in good order.

    Raises:
        ServerUnreachableError, ServerBusyError: Try again later.
        CasebookError: Another refusal (see `casebook.sync.problems`), or the disk's.
    """
    run = _ChunkRun(log, chunks, peer, laptop, receipt_key, random_bytes, begun or BegunChunks(), go_on, on_progress)
    return run.run(site)


@dataclass(slots=True)
class _ChunkRun:
    """The state of one exchange of chunks; `exchange_chunks` is its only user."""

    _log: CommitLog
    _chunks: Chunks
    _peer: ChunkPeer
    _laptop: Laptop
    _receipt_key: bytes
    _random_bytes: RandomBytes
    _begun: BegunChunks
    _go_on: Callable[[], bool]
    _on_progress: Callable[[ChunkProgress], None]
    _counts: _Counts = field(default_factory=_Counts)
    _states: dict[str, ChunkState] = field(default_factory=dict)
    _there: dict[str, int] = field(default_factory=dict)
    """How many bytes of a chunk the server has, by name."""

    def run(self, site: str) -> ChunkReport:
        """Ask, send, fetch."""
        named = tuple(named_chunks(self._log))
        open_ones = [one for one in named if self._is_open(one)]
        self._ask_about(open_ones)
        missing = [(one, self._to_send(one)) for one in open_ones]
        self._counts.to_send_bytes = sum(len(names) for _, names in missing) * CHUNK_BYTES
        for one, names in missing:
            if names and self._go_on():
                self._send(one)
        self._fetch(self._to_fetch(named, site))
        counts = self._counts
        still = sum(1 for one in open_ones if not at_server(self._log, one.commit).complete)
        return ChunkReport(
            sent=counts.sent,
            received=counts.received,
            sent_bytes=counts.sent_bytes,
            received_bytes=counts.received_bytes,
            completed=len(open_ones) - still,
            incomplete=still,
            no_room=counts.no_room,
            left=not self._go_on(),
            requests=counts.requests,
        )

    # -- asking --

    def _is_open(self, one: NamedChunks) -> bool:
        """Whether the server is to be asked about an attachment: it lacks a part, or said long ago that it has all."""
        there, step = at_server(self._log, one.commit), read_step(self._log)
        is_old = step is not None and step.at_ms - there.last_ms > _ASK_AGAIN_MS
        return not there.complete or (is_old and any(self._chunks.has(name) for name in one.names))

    def _ask_about(self, attachments: Sequence[NamedChunks]) -> None:
        """Learn of every chunk whether the server has it, in as few requests as hold the names."""
        group: list[NamedChunks] = []
        for one in attachments:
            if group and sum(len(each.names) for each in group) + len(one.names) > MOST_NAMES:
                self._request(group)
                group = []
            group.append(one)
        if group:
            self._request(group)

    def _request(
        self,
        about: Sequence[NamedChunks],
        sent: Iterable[tuple[str, bytes]] = (),
        fetched: Sequence[WantedChunk] = (),
    ) -> None:
        """Send one request with its chunks, and take in the answer."""
        laptop, person = self._laptop, self._laptop.person
        ask = ChunkAsk(
            study=laptop.study,
            device=laptop.device,
            shelf=laptop.shelf,
            nonce=new_nonce(self._random_bytes),
            names=tuple(dict.fromkeys(name for one in about for name in one.names)),
            wanted=tuple(fetched),
            user=person.user if person is not None else "",
            person_key=person.signing.id if person is not None else "",
        )
        parser, answered, ended = FrameParser(), False, False
        self._counts.requests += 1
        for data in self._peer.send_chunks(self._frames(ask, sent)):
            for frame in parser.feed(data):
                match frame.type:
                    case FrameType.CHUNKS_ANSWER if not answered:
                        answered = True
                        self._hear(ask, chunk_messages.read_answer(frame.body, self._receipt_key, ask), about)
                    case FrameType.PIECE if answered:
                        self._take(frame.body, {one.name for one in fetched})
                    case FrameType.END if answered:
                        ended = read_end(frame.body).commits >= 0
                    case _:
                        raise ServerAnswerError(why="a frame out of place")
        if not ended:
            raise ServerAnswerError(why="cut short")

    def _frames(self, ask: ChunkAsk, sent: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
        person = self._laptop.person
        body = chunk_messages.write_ask(ask, self._laptop.signing, person.signing if person is not None else None)
        yield write_frame(FrameType.CHUNKS, body)
        pieces = 0
        for name, chunk in sent:
            for piece in chunk_messages.pieces_of(name, chunk, self._there.get(name, 0)):
                if not self._go_on():
                    break
                pieces += 1
                self._counts.sent_bytes += len(piece.data)
                yield write_frame(FrameType.PIECE, chunk_messages.write_piece(piece))
                self._tell()
        yield write_frame(FrameType.END, write_end(End(commits=pieces)))

    def _hear(self, ask: ChunkAsk, answer: ChunkAnswer, about: Sequence[NamedChunks]) -> None:
        self._states |= dict(zip(ask.names, answer.states, strict=True))
        for name in ask.names:
            self._there.pop(name, None)
        self._there |= answer.begun
        for one in about:
            have = sum(1 for name in one.names if self._states[name] is ChunkState.HERE)
            note_at_server(self._log, one, have, at_ms=answer.at_ms, server_epoch=answer.server_epoch)
        self._counts.no_room |= ChunkState.NO_ROOM in answer.states

    def _tell(self) -> None:
        counts = self._counts
        self._on_progress(
            ChunkProgress(
                sent_bytes=counts.sent_bytes,
                to_send_bytes=max(counts.to_send_bytes, counts.sent_bytes),
                received_bytes=counts.received_bytes,
                to_receive_bytes=max(counts.to_receive_bytes, counts.received_bytes),
            )
        )

    # -- sending --

    def _to_send(self, one: NamedChunks) -> list[str]:
        return [name for name in one.names if self._states.get(name) is ChunkState.MISSING and self._chunks.has(name)]

    def _send(self, one: NamedChunks) -> None:
        """Send what the server lacks of an attachment, request by request, for as long as that brings it on."""
        names = self._to_send(one)
        while names and self._go_on():
            stood = (len(names), sum(self._there.get(name, 0) for name in names))
            self._request([one], sent=self._some_of(names))
            left = self._to_send(one)
            self._counts.sent += sum(1 for name in names if self._states[name] is ChunkState.HERE)
            names = left
            if (len(names), sum(self._there.get(name, 0) for name in names)) == stood:
                return

    def _some_of(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the chunks that one request carries, read as they are sent; a damaged one is set aside."""
        left_bytes = REQUEST_BYTES
        for name in names:
            chunk = self._chunks.get(name)
            if chunk is None:
                continue
            yield name, chunk
            left_bytes -= len(chunk)
            if left_bytes <= 0:
                return

    # -- fetching --

    def _to_fetch(self, named: Sequence[NamedChunks], site: str) -> list[NamedChunks]:
        """Return what is wanted here and lies at the server: first what somebody asked for, then what is small."""
        asked_for = set(wanted(self._log))
        by_itself = self._log.setting(FETCH_BY_ITSELF) != "0"
        found = [one for one in named if one.commit in asked_for]
        if by_itself:
            found += [
                one
                for one in named
                if one.commit not in asked_for and one.site == site and one.about_bytes <= FETCHED_BYTES
            ]
        return [one for one in found if not all(self._chunks.has(name) for name in one.names)]

    def _fetch(self, attachments: Sequence[NamedChunks]) -> None:
        lacking = {
            one.commit: [name for name in one.names if not self._chunks.has(name) and self._may_be_there(one, name)]
            for one in attachments
        }
        self._counts.to_receive_bytes = sum(len(names) for names in lacking.values()) * CHUNK_BYTES
        most = max(1, REQUEST_BYTES // CHUNK_BYTES)
        for one in attachments:
            names = lacking[one.commit]
            for at in range(0, len(names), most):
                if not self._go_on():
                    return
                group = [WantedChunk(name=name, offset=self._begun.length(name)) for name in names[at : at + most]]
                self._request([], fetched=group)
        self._forget_wanted()

    def _may_be_there(self, one: NamedChunks, name: str) -> bool:
        return at_server(self._log, one.commit).complete or self._states.get(name) is ChunkState.HERE

    def _take(self, body: bytes, asked: Collection[str]) -> None:
        piece = chunk_messages.read_piece(body)
        if piece.name not in asked:
            raise ServerAnswerError(why="a chunk that nobody asked for")
        self._counts.received_bytes += len(piece.data)
        whole = self._begun.add(piece)
        if whole is not None:
            try:
                self._counts.received += self._chunks.put(piece.name, whole)
            except SealBrokenError:
                raise ServerAnswerError(why="a chunk that is not what its name says") from None
        self._tell()

    def _forget_wanted(self) -> None:
        asked_for = wanted(self._log)
        if not asked_for:
            return
        here = {one.commit for one in named_chunks(self._log) if all(self._chunks.has(name) for name in one.names)}
        left = [commit for commit in asked_for if self._log.has(commit) and commit not in here]
        if len(left) < len(asked_for):
            self._log.set_setting(_WANTED, json.dumps(left))


def tidy(log: CommitLog, chunks: Chunks, *, in_step: bool) -> int:
    """Remove chunks that no commit names; returns how many.

    Args:
        in_step: The log holds all that the server has. Else nothing is removed: what names a chunk may be missing.
    """
    return chunks.sweep(lambda: all_names(log)) if in_step else 0

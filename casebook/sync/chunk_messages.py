"""What the two ends say to each other about the chunks of attachments.

    CHUNKS         laptop: I have these, do you? I want those   signed by the device's and the person's key
    PIECE          both: a part of a chunk, 16 KiB at most
    CHUNKS_ANSWER  server: of each that you named, whether it is durable here   signed by the server's receipt key
    END            both

The answer is the receipt of attachments: what it calls here is on the server's disk.

Source: docs/sync_protocol.md, section "Chunks of attachments".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from casebook import crypto
from casebook.attachments import MOST_CHUNK_BYTES
from casebook.canonical import Value, decode_object, encode, int_of, list_of, text_of
from casebook.errors import CommitUnreadableError, FrameCorruptError, ProtocolUnsupportedError, ServerWordUntrustedError
from casebook.ids import DeviceId, device_id
from casebook.ledger import SIGNATURE_BYTES, STANDARD, UNBLINDING
from casebook.sync import messages

VERSION = 1
ASK_DOMAIN = "CRF-chunks-v1"
ASK_PERSON_DOMAIN = "CRF-chunks-person-v1"
ANSWER_DOMAIN = "CRF-chunks-answer-v1"
MOST_NAMES = 1024
"""In one request; a photo has about twenty."""
PIECE_BYTES = 16 * 1024
"""Most that a cut link loses."""
_NAME_BYTES = 32
_PREFIX_BYTES = _NAME_BYTES + 4 + 4
_NAME = re.compile(r"[0-9a-f]{64}")


class ChunkState(StrEnum):
    """How a chunk stands at the server."""

    HERE = "h"
    MISSING = "m"
    """A commit names it, and it may be sent."""
    NO_ROOM = "f"
    UNKNOWN = "x"
    """No commit that this laptop and person may see names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChunk:
    """A chunk that is to be sent, from a byte on."""

    name: str
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkAsk:
    """A laptop asks about chunks of one shelf.

    Attributes:
        names: Those whose state is asked, in order; pieces of them may follow.
        wanted: Those that are to be sent.
        user: Who is signed in, "" for nobody; `person_key`: short name of their key.
    """

    study: str
    device: DeviceId
    shelf: str
    nonce: str
    names: tuple[str, ...]
    wanted: tuple[WantedChunk, ...] = ()
    user: str = ""
    person_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkAnswer:
    """The server answers.

    Attributes:
        states: Of the chunks that were named, in their order.
        begun: How many bytes of a missing chunk are there, by its name; it goes on from that byte.
        at_ms: The server's time (UTC ms).
        server_epoch: The incarnation of the server's store.
    """

    study: str
    nonce: str
    at_ms: int
    states: tuple[ChunkState, ...]
    begun: dict[str, int]
    server_epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes of a chunk from `offset` on; `total`: how many the whole chunk has."""

    name: str
    total: int
    offset: int
    data: bytes


# -- asking ------------------------------------------------------------------------------------------


def write_ask(message: ChunkAsk, key: crypto.SigningKey, person: crypto.SigningKey | None = None) -> bytes:
    """Return the body of a CHUNKS frame, signed by the device and by the signed-in person."""
    content = encode(
        {
            "v": VERSION,
            "st": message.study,
            "d": message.device,
            "sh": message.shelf,
            "u": message.user,
            "uk": message.person_key,
            "no": message.nonce,
            "of": list(message.names),
            "wt": [[one.name, one.offset] for one in message.wanted],
        }
    )
    by_person = person.sign(ASK_PERSON_DOMAIN, content) if person is not None else bytes(SIGNATURE_BYTES)
    return key.sign(ASK_DOMAIN, content) + by_person + content


def is_signed_by_device(public_key: bytes, body: bytes) -> bool:
    """Tell whether a CHUNKS body carries the signature of the device's key."""
    return crypto.signature_holds(public_key, ASK_DOMAIN, body[2 * SIGNATURE_BYTES :], body[:SIGNATURE_BYTES])


def is_signed_by_person(public_key: bytes, body: bytes) -> bool:
    """Tell whether a CHUNKS body carries the signature of a person's key."""
    content, signature = body[2 * SIGNATURE_BYTES :], body[SIGNATURE_BYTES : 2 * SIGNATURE_BYTES]
    return crypto.signature_holds(public_key, ASK_PERSON_DOMAIN, content, signature)


def read_ask(body: bytes) -> ChunkAsk:
    """Read a CHUNKS body; its signatures are checked apart, where the keys are known.

    Raises:
        FrameCorruptError: It is in another form, or names more than is answered.
        ProtocolUnsupportedError: It is of another version.
    """
    try:
        record = decode_object(body[2 * SIGNATURE_BYTES :])
        if int_of(record, "v") != VERSION:
            raise ProtocolUnsupportedError
        message = ChunkAsk(
            study=text_of(record, "st"),
            device=device_id(text_of(record, "d")),
            shelf=text_of(record, "sh"),
            user=text_of(record, "u"),
            person_key=text_of(record, "uk"),
            nonce=text_of(record, "no"),
            names=_names(list_of(record, "of")),
            wanted=tuple(_wanted(one) for one in list_of(record, "wt")),
        )
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="a question about chunks in another form") from None
    if message.shelf not in {STANDARD, UNBLINDING} or len(message.names) + len(message.wanted) > MOST_NAMES:
        raise FrameCorruptError(why="a question about too many chunks")
    return message


def _names(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple(_name(one) for one in values)


def _name(value: Value) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise FrameCorruptError(why="the name of a chunk in another form")
    return value


def _wanted(value: Value) -> WantedChunk:
    match value:
        case [str(name), int(offset)] if 0 <= offset < MOST_CHUNK_BYTES:
            return WantedChunk(name=_name(name), offset=offset)
        case _:
            raise FrameCorruptError(why="a wanted chunk in another form")


# -- answering ---------------------------------------------------------------------------------------


def write_answer(message: ChunkAnswer, names: tuple[str, ...], key: crypto.SigningKey) -> bytes:
    """Return the body of a CHUNKS_ANSWER frame, signed by the server. `names`: those that were asked about."""
    content = encode(
        {
            "v": VERSION,
            "st": message.study,
            "no": message.nonce,
            "at": message.at_ms,
            "se": message.server_epoch,
            "hv": "".join(message.states),
            "pt": [[index, message.begun[name]] for index, name in enumerate(names) if name in message.begun],
        }
    )
    return key.sign(ANSWER_DOMAIN, content) + content


def read_answer(body: bytes, receipt_key: bytes, ask: ChunkAsk) -> ChunkAnswer:
    """Read a CHUNKS_ANSWER body that must carry the server's signature and answer `ask`.

    Raises:
        ServerWordUntrustedError: It is not signed by the server, or answers something else.
        FrameCorruptError: It is in another form.
    """
    if not messages.signature_holds(receipt_key, ANSWER_DOMAIN, body):
        raise ServerWordUntrustedError(why="answer about chunks")
    try:
        record = decode_object(messages.content_of(body))
        answer = ChunkAnswer(
            study=text_of(record, "st"),
            nonce=text_of(record, "no"),
            at_ms=int_of(record, "at"),
            server_epoch=text_of(record, "se"),
            states=tuple(ChunkState(one) for one in text_of(record, "hv")),
            begun=dict(_begun(one, ask.names) for one in list_of(record, "pt")),
        )
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="an answer about chunks in another form") from None
    if answer.nonce != ask.nonce or len(answer.states) != len(ask.names):
        raise ServerWordUntrustedError(why="answer to another question")
    return answer


def _begun(value: Value, names: tuple[str, ...]) -> tuple[str, int]:
    match value:
        case [int(index), int(offset)] if 0 <= index < len(names) and 0 <= offset < MOST_CHUNK_BYTES:
            return names[index], offset
        case _:
            raise FrameCorruptError(why="a begun chunk in another form")


# -- pieces ------------------------------------------------------------------------------------------


def write_piece(piece: Piece) -> bytes:
    """Return the body of a PIECE frame: name, length of the chunk, offset (big-endian), bytes."""
    return bytes.fromhex(piece.name) + piece.total.to_bytes(4, "big") + piece.offset.to_bytes(4, "big") + piece.data


def read_piece(body: bytes) -> Piece:
    """Read a PIECE body. Raises FrameCorruptError for one that is no part of a chunk."""
    piece = Piece(
        name=body[:_NAME_BYTES].hex(),
        total=int.from_bytes(body[_NAME_BYTES : _NAME_BYTES + 4], "big"),
        offset=int.from_bytes(body[_NAME_BYTES + 4 : _PREFIX_BYTES], "big"),
        data=body[_PREFIX_BYTES:],
    )
    fits = piece.offset + len(piece.data) <= piece.total <= MOST_CHUNK_BYTES
    if len(body) <= _PREFIX_BYTES or len(piece.data) > PIECE_BYTES or not fits:
        raise FrameCorruptError(why="a piece of no chunk")
    return piece


def pieces_of(name: str, chunk: bytes, offset: int = 0) -> Iterable[Piece]:
    """Yield a chunk in pieces, from a byte on."""
    for at in range(offset, len(chunk), PIECE_BYTES):
        yield Piece(name=name, total=len(chunk), offset=at, data=chunk[at : at + PIECE_BYTES])


class BegunChunks:
    """Chunks of which a part has come: kept in memory, so that a cut link goes on from there."""

    def __init__(self, most_bytes: int = 16 * 1024 * 1024) -> None:
        """Begin with none; the oldest goes where more than `most_bytes` would be held."""
        self._most_bytes = most_bytes
        self._parts: dict[str, bytearray] = {}

    def length(self, name: str) -> int:
        """Return how many bytes of a chunk are here."""
        return len(self._parts.get(name, b""))

    def add(self, piece: Piece) -> bytes | None:
        """Take a piece; returns the chunk when it is whole. A piece that does not follow is passed over."""
        part = self._parts.setdefault(piece.name, bytearray())
        if piece.offset != len(part):
            return None
        part += piece.data
        if len(part) == piece.total:
            return bytes(self._parts.pop(piece.name))
        while sum(len(one) for one in self._parts.values()) > self._most_bytes:
            del self._parts[next(iter(self._parts))]
        return None

    def forget(self, name: str) -> None:
        """Begin a chunk anew."""
        self._parts.pop(name, None)


new_nonce = messages.new_nonce

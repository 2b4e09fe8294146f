"""The file of a bundle: one direction of an exchange, sealed to its recipient, for any carrier.

    file     magic "CRFB" | u8 version | u16 length | prefix | wraps | segments of part S | of part U | SHA-256 of all
    prefix   canonical JSON in clear: study, from, to, number, part of parts, when, id, what it answers, room
    wraps    1 of part S, then 16 of part U: a fresh key sealed (HPKE) to each who may open, the rest to nobody
    segment  64 KiB under the part's key, bound to the prefix, its part, its place and the end

The prefix is no secret and says nothing of participants. Both parts are always there and padded: how long part U
is follows from a room that the writer keeps for it whether or not it has anything to put there, so that neither
the prefix nor the length of a file tells whether part U has content. Each segment is checked before a byte of it
is used, so a file of any size is read and written with the memory of one segment.

Source: docs/sync_protocol.md, section "Bundles"; RFC 9180 (HPKE); docs/adr/0025.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from casebook import crypto
from casebook.canonical import decode_object, encode, int_of, list_of, text_of
from casebook.crypto import SealingKey
from casebook.errors import (
    BundleDamagedError,
    BundleForeignFileError,
    BundleNewerError,
    BundleSealedError,
    CommitUnreadableError,
    SealBrokenError,
    StoppedError,
)
from casebook.ids import DeviceId, RandomBytes, device_id
from casebook.ledger import STANDARD, UNBLINDING

SUFFIX = ".crfb"
VERSION = 1
SEGMENT_BYTES = 64 * 1024
MOST_BYTES = 138 * SEGMENT_BYTES
"""Most of one shelf in a file (8.6 MiB): it holds the largest frame beside the opening, and a file of two such
parts still goes with a mail of 25 MB after base64."""
LEAST_BYTES = {STANDARD: SEGMENT_BYTES, UNBLINDING: 4 * SEGMENT_BYTES}
"""Room that is always kept. 64 KiB hold some 200 forms, 256 KiB some 800."""
_MAGIC = b"CRFB"
_MAX_PREFIX_BYTES = 1024
_OPENERS = {STANDARD: 1, UNBLINDING: 16}
_WRAP_BYTES = 80
"""HPKE with X25519: 32 bytes of encapsulation, 32 of key, 16 of tag."""
_SEALED_SEGMENT_BYTES = 12 + SEGMENT_BYTES + 16
_HASH_BYTES = 32
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """What a file says in clear.

    Attributes:
        sender: The laptop or server that wrote it.
        recipient: The laptop or server that it is sealed to.
        number: The writer's own count of its bundles.
        part: Which of `parts` files it is, from 1.
        at_ms: When it was written, by the writer's clock (UTC ms).
        id: 32 random hex digits: the name of the bundle, in all its parts; the nonce of its opening.
        answers: Name of the bundle that it answers, "" for none.
        room: Bytes kept for shelf S and for shelf U, each a multiple of 64 KiB.
    """

    study: str
    sender: DeviceId
    recipient: DeviceId
    number: int
    part: int
    parts: int
    at_ms: int
    id: str
    answers: str
    room: tuple[int, int]

    def to_bytes(self) -> bytes:
        """Return the clear beginning of the file."""
        body = encode(
            {
                "st": self.study,
                "f": self.sender,
                "t": self.recipient,
                "no": self.number,
                "i": self.part,
                "n": self.parts,
                "at": self.at_ms,
                "id": self.id,
                "re": self.answers,
                "rm": list(self.room),
            }
        )
        return _MAGIC + bytes([VERSION]) + len(body).to_bytes(2, "big") + body


def read_prefix(file: BinaryIO, name: str) -> Prefix:
    """Read the clear beginning of a file, unverified.

    Raises:
        BundleForeignFileError: It is no bundle.
        BundleNewerError: It is of another format version.
        BundleDamagedError: Its beginning cannot be read.
    """
    head = file.read(len(_MAGIC) + 3)
    if head[: len(_MAGIC)] != _MAGIC:
        raise BundleForeignFileError(file=name)
    size_bytes = int.from_bytes(head[-2:], "big")
    if len(head) != len(_MAGIC) + 3 or size_bytes > _MAX_PREFIX_BYTES:
        raise BundleDamagedError(file=name)
    if head[len(_MAGIC)] != VERSION:
        raise BundleNewerError(file=name)
    try:
        return _prefix(file.read(size_bytes))
    except (CommitUnreadableError, ValueError):
        raise BundleDamagedError(file=name) from None


def _prefix(body: bytes) -> Prefix:
    record = decode_object(body)
    match list_of(record, "rm"):
        case [int(standard), int(unblinding)] if all(_is_room(one) for one in (standard, unblinding)):
            room = (standard, unblinding)
        case _:
            raise CommitUnreadableError(why="a room in another form")
    return Prefix(
        study=text_of(record, "st"),
        sender=device_id(text_of(record, "f")),
        recipient=device_id(text_of(record, "t")),
        number=int_of(record, "no"),
        part=int_of(record, "i"),
        parts=int_of(record, "n"),
        at_ms=int_of(record, "at"),
        id=text_of(record, "id"),
        answers=text_of(record, "re"),
        room=room,
    )


def _is_room(size_bytes: int) -> bool:
    return 0 < size_bytes <= MOST_BYTES and size_bytes % SEGMENT_BYTES == 0


def room_for(shelf: str, content_bytes: int) -> int:
    """Return the room for so much content: the least, or the next of its doublings, at most `MOST_BYTES`."""
    room = LEAST_BYTES[shelf]
    while room < content_bytes + _LENGTH_BYTES and room < MOST_BYTES:
        room *= 2
    return min(room, MOST_BYTES)


CONTENT_BYTES = MOST_BYTES - _LENGTH_BYTES
"""Most content of one shelf in one file."""


# -- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The content of one shelf: its bytes as they are made, how many there are, and who may open them.

    Attributes:
        openers: X25519 public keys (32 raw bytes); at most 1 for shelf S and 16 for shelf U.
    """

    content: Iterable[bytes] = ()
    size_bytes: int = 0
    openers: Sequence[bytes] = ()


def write_file(prefix: Prefix, standard: Part, unblinding: Part, random_bytes: RandomBytes) -> Iterator[bytes]:
    """Give the bytes of a file. A part without content is padding from end to end, and sealed to nobody."""
    clear = prefix.to_bytes()
    digest = hashlib.sha256(clear)
    yield clear
    parts = {STANDARD: standard, UNBLINDING: unblinding}
    keys = {shelf: random_bytes(crypto.KEY_BYTES) for shelf in parts}
    for shelf, part in parts.items():
        for wrap in _wraps(clear, shelf, keys[shelf], part.openers):
            digest.update(wrap)
            yield wrap
    for (shelf, part), room in zip(parts.items(), prefix.room, strict=True):
        for sealed in _sealed(clear, shelf, keys[shelf], _padded(part, room)):
            digest.update(sealed)
            yield sealed
    yield digest.digest()


def _wraps(clear: bytes, shelf: str, key: bytes, openers: Sequence[bytes]) -> Iterator[bytes]:
    for place in range(_OPENERS[shelf]):
        # Keys of nobody fill the other places: how many may open, and whether any may, is not to be seen.
        public = openers[place] if place < len(openers) else SealingKey.generate().public
        yield crypto.seal_to(public, key, _info(clear, shelf))


def _info(clear: bytes, shelf: str) -> bytes:
    return b"CRF-bundle-v1\0" + shelf.encode("ascii") + crypto.sha256(clear)


def _padded(part: Part, room: int) -> Iterator[bytes]:
    """Give a part's content in segments: its length, itself, zeros."""
    held = bytearray(part.size_bytes.to_bytes(_LENGTH_BYTES, "big"))
    given = 0
    for data in part.content:
        held += data
        while len(held) >= SEGMENT_BYTES:
            yield bytes(held[:SEGMENT_BYTES])
            given += SEGMENT_BYTES
            del held[:SEGMENT_BYTES]
    while given < room:
        yield bytes(held.ljust(SEGMENT_BYTES, b"\0"))
        given += SEGMENT_BYTES
        held.clear()


def _sealed(clear: bytes, shelf: str, key: bytes, segments: Iterable[bytes]) -> Iterator[bytes]:
    about = _info(clear, shelf)
    for place, segment in enumerate(segments):
        yield crypto.encrypt(key, segment, about + place.to_bytes(4, "big"))


# -- reading -----------------------------------------------------------------------------------------


class BundleReader:
    """Reads one file. What it gives was checked as it is given; `verify` checks the whole file first."""

    def __init__(self, file: BinaryIO, name: str, *, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Read the clear beginning.

        Args:
            name: How sentences name the file.
            cancelled: Asked now and then; once it says yes, reading ends in StoppedError.

        Raises:
            BundleForeignFileError, BundleNewerError, BundleDamagedError: See `read_prefix`.
        """
        self._file = file
        self._name = name
        self._cancelled = cancelled
        self.prefix = read_prefix(file, name)
        self._clear = self.prefix.to_bytes()
        self._wraps_at = len(self._clear)
        self._segments_at = self._wraps_at + sum(_OPENERS.values()) * _WRAP_BYTES

    def verify(self) -> None:
        """Compare the file with the sum at its end. Raises BundleDamagedError, StoppedError."""
        segments = sum(self.prefix.room) // SEGMENT_BYTES
        left = self._segments_at + segments * _SEALED_SEGMENT_BYTES
        digest = hashlib.sha256()
        self._file.seek(0)
        while left:
            data = self._file.read(min(left, SEGMENT_BYTES))
            if self._cancelled():
                raise StoppedError
            if not data:
                raise BundleDamagedError(file=self._name)
            digest.update(data)
            left -= len(data)
        if self._file.read(_HASH_BYTES + 1) != digest.digest():
            raise BundleDamagedError(file=self._name)

    def key(self, shelf: str, keys: Iterable[SealingKey]) -> bytes | None:
        """Return the key of a part, or None where none of `keys` opens it."""
        self._file.seek(self._wraps_at + (0 if shelf == STANDARD else _WRAP_BYTES))
        wraps = [self._file.read(_WRAP_BYTES) for _ in range(_OPENERS[shelf])]
        info = _info(self._clear, shelf)
        for key in keys:
            for wrap in wraps:
                try:
                    opened = key.open(wrap, info)
                except SealBrokenError:
                    continue
                if len(opened) == crypto.KEY_BYTES:
                    return opened
        return None

    def content(self, shelf: str, key: bytes) -> Iterator[bytes]:
        """Give the content of a part, without its padding.

        Raises:
            BundleDamagedError: A segment is not as it was sealed.
        """
        standard, unblinding = (room // SEGMENT_BYTES for room in self.prefix.room)
        first, count = (0, standard) if shelf == STANDARD else (standard, unblinding)
        about = _info(self._clear, shelf)
        left = -1
        for place in range(count):
            self._file.seek(self._segments_at + (first + place) * _SEALED_SEGMENT_BYTES)
            sealed = self._file.read(_SEALED_SEGMENT_BYTES)
            try:
                plain = crypto.decrypt(key, sealed, about + place.to_bytes(4, "big"))
            except SealBrokenError:
                raise BundleDamagedError(file=self._name) from None
            if left < 0:
                left, plain = int.from_bytes(plain[:_LENGTH_BYTES], "big"), plain[_LENGTH_BYTES:]
            if left:
                yield plain[:left]
                left -= min(left, len(plain))

    def sealed_to_others(self) -> BundleSealedError:
        """Return what to raise where no key held here opens the file."""
        return BundleSealedError(file=self._name)

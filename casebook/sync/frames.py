"""Frames: the smallest part of an exchange that can arrive.

    frame    u8 type | u24 length of body, big-endian | body
    COMMITS  one zstd frame (content size given) of consecutive commits of one chain:
             u32 header length | header | u32 payload length | payload | 64 bytes signature, repeated

A frame is what a receiver makes durable before it reads on, so frames are kept small; a commit that
is larger than the target travels alone, up to the record's own cap. Lengths are checked before
anything is allocated for them.

Source: docs/sync_protocol.md, section "Frames".
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import zstandard

from casebook.errors import FrameCorruptError, TooLargeError
from casebook.ledger import MAX_PAYLOAD_BYTES, SIGNATURE_BYTES, SealedCommit

MAX_COMMITS_BYTES = MAX_PAYLOAD_BYTES + 64 * 1024
"""Most that a COMMITS body may hold when unpacked: one largest commit with its header."""
MAX_BODY_BYTES = MAX_COMMITS_BYTES + 64 * 1024
"""Most that a frame may carry: incompressible bytes grow a little in zstd."""
TARGET_BYTES = 16 * 1024
"""Unpacked size at which a frame is closed; hashes and signatures leave about 4-8 KiB packed."""
_PREFIX_BYTES = 4
_LEVEL = 9


class FrameType(IntEnum):
    """What a frame carries."""

    OPEN = 1
    COMMITS = 2
    END = 3
    HELLO = 4
    RECEIPT = 5
    SIDECAR = 6


_SMALL_BYTES = 256 * 1024
"""Most that a message other than COMMITS may be: a greeting that names thousands of chains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One whole frame."""

    type: FrameType
    body: bytes


def gathered(frames: Iterable[bytes], least_bytes: int = 4096) -> Iterator[bytes]:
    """Join small frames, so that a greeting and an end do not each cost a packet."""
    held = bytearray()
    for frame in frames:
        held += frame
        if len(held) >= least_bytes:
            yield bytes(held)
            held = bytearray()
    if held:
        yield bytes(held)


def write_frame(kind: FrameType, body: bytes) -> bytes:
    """Return the bytes of a frame. Raises TooLargeError."""
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


class FrameParser:
    """Cuts a byte stream into frames, holding never more than one frame's cap."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes as they come and give every frame that is whole.

        Raises:
            FrameCorruptError: A frame of an unknown type.
            TooLargeError: A frame announces more than its type may have.
        """
        rest = memoryview(data)
        while True:
            if len(self._held) < _PREFIX_BYTES:
                rest = self._take(rest, _PREFIX_BYTES)
                if len(self._held) < _PREFIX_BYTES:
                    return
            kind, size_bytes = _read_prefix(self._held)
            rest = self._take(rest, _PREFIX_BYTES + size_bytes)
            if len(self._held) < _PREFIX_BYTES + size_bytes:
                return
            body = bytes(memoryview(self._held)[_PREFIX_BYTES:])
            self._held = bytearray()
            yield Frame(type=kind, body=body)

    def _take(self, rest: memoryview, up_to: int) -> memoryview:
        wanted = up_to - len(self._held)
        self._held += rest[:wanted]
        return rest[wanted:]

    @property
    def is_between_frames(self) -> bool:
        """Tell whether the stream could end here without cutting a frame."""
        return not self._held


def _read_prefix(prefix: bytes | bytearray) -> tuple[FrameType, int]:
    try:
        kind = FrameType(prefix[0])
    except ValueError:
        raise FrameCorruptError(why=f"frame type {prefix[0]}") from None
    size_bytes = int.from_bytes(prefix[1:_PREFIX_BYTES], "big")
    if size_bytes > (MAX_BODY_BYTES if kind is FrameType.COMMITS else _SMALL_BYTES):
        raise TooLargeError
    return kind, size_bytes


# -- commits -----------------------------------------------------------------------------------------


def pack_commits(commits: Iterable[SealedCommit]) -> bytes:
    """Return the body of a COMMITS frame. Raises TooLargeError."""
    parts: list[bytes] = []
    for commit in commits:
        parts += [
            struct.pack(">I", len(commit.header)),
            commit.header,
            struct.pack(">I", len(commit.payload)),
            commit.payload,
            commit.signature,
        ]
    plain = b"".join(parts)
    if len(plain) > MAX_COMMITS_BYTES:
        raise TooLargeError
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(plain)


def unpack_commits(body: bytes) -> tuple[SealedCommit, ...]:
    """Return the commits of a COMMITS frame, unverified.

    Raises:
        FrameCorruptError: The body is not such a list.
        TooLargeError: It unpacks to more than the cap.
    """
    plain = _unpack(body)
    commits: list[SealedCommit] = []
    position = 0
    while position < len(plain):
        header, position = _part(plain, position)
        payload, position = _part(plain, position)
        signature, position = plain[position : position + SIGNATURE_BYTES], position + SIGNATURE_BYTES
        if position > len(plain):
            raise FrameCorruptError(why="a commit is cut")
        commits.append(SealedCommit(header, payload, signature))
    if not commits:
        raise FrameCorruptError(why="no commit in a frame")
    return tuple(commits)


def _unpack(body: bytes) -> bytes:
    try:
        # The size is read before unpacking: the library would allocate whatever a hostile frame announces.
        size_bytes = zstandard.frame_content_size(body)
        if size_bytes > MAX_COMMITS_BYTES:
            raise TooLargeError
        if size_bytes <= 0:
            raise FrameCorruptError(why="packed without its size")
        plain: bytes = zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
    except zstandard.ZstdError:
        raise FrameCorruptError(why="it does not unpack") from None
    return plain


def _part(plain: bytes, position: int) -> tuple[bytes, int]:
    start = position + 4
    size_bytes = int.from_bytes(plain[position:start], "big")
    end = start + size_bytes
    if start > len(plain) or end > len(plain):
        raise FrameCorruptError(why="a commit is cut")
    return plain[start:end], end


def batches(commits: Iterable[SealedCommit], target_bytes: int = TARGET_BYTES) -> Iterator[tuple[SealedCommit, ...]]:
    """Cut commits of one chain into groups for one frame each; a large commit stands alone."""
    group: list[SealedCommit] = []
    held_bytes = 0
    for commit in commits:
        if group and held_bytes + commit.size_bytes > target_bytes:
            yield tuple(group)
            group, held_bytes = [], 0
        group.append(commit)
        held_bytes += commit.size_bytes
    if group:
        yield tuple(group)

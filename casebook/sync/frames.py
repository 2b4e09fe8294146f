"""Frames: the smallest part of an exchange that can arrive.

    frame    u8 type | length of body, seven bits a byte, the lowest first | body
    COMMITS  consecutive commits of one chain, packed: see `casebook.sync.packing`

A frame is what a receiver makes durable before it reads on, so frames are kept small; a commit that
is larger than the target travels alone, up to the record's own cap. Lengths are checked before
anything is allocated for them. Types that a receiver does not know are passed over and counted.

Source: docs/sync_protocol.md, section "Frames".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from casebook.errors import TooLargeError
from casebook.ledger import SealedCommit
from casebook.sync.packing import MAX_COMMITS_BYTES, length_in, pack_commits, unpack_commits, write_length

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_COMMITS_BYTES",
    "MOST_PACKED_BYTES",
    "TARGET_BYTES",
    "Frame",
    "FrameParser",
    "FrameType",
    "batches",
    "gathered",
    "pack_commits",
    "packed",
    "unpack_commits",
    "write_frame",
]

MAX_BODY_BYTES = MAX_COMMITS_BYTES + 64 * 1024
"""Most that a frame may carry: incompressible bytes grow a little in zstd."""
TARGET_BYTES = 64 * 1024
"""Unpacked size at which a frame is closed."""
MOST_PACKED_BYTES = 8 * 1024
"""What a frame of several commits may be when packed: more than a second at 50 kbit/s is sent again after a cut."""


class FrameType(IntEnum):
    """What a frame carries."""

    OPEN = 1
    COMMITS = 2
    END = 3
    HELLO = 4
    RECEIPT = 5
    SIDECAR = 6
    CHUNKS = 16
    PIECE = 17
    CHUNKS_ANSWER = 18
    CHUNK = 19
    HELD = 20
    CHUNKS_HELD = 21
    BRIEF = 7
    GREETING = 8
    MARK = 9
    PROBLEM = 10


_KNOWN = frozenset(FrameType)
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
    return bytes([kind]) + write_length(len(body)) + body


class FrameParser:
    """Cuts a byte stream into frames, holding never more than one frame's cap.

    Attributes:
        skipped: How many frames were of a type that is not known: a newer release says something more.
        takes_large: Whether a frame may be as large as the largest commit; else as a message at most.
    """

    def __init__(self, *, takes_large: bool = True) -> None:
        """Start with nothing."""
        self._held = bytearray()
        self.skipped = 0
        self.takes_large = takes_large

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes as they come and give every frame that is whole and of a known type.

        Raises:
            FrameCorruptError: A length that has no end.
            TooLargeError: A frame announces more than its type may have.
        """
        rest = memoryview(data)
        while True:
            while (size := self._size()) is None:
                if not rest:
                    return
                self._held += rest[:1]
                rest = rest[1:]
            start, end = size
            wanted = end - len(self._held)
            self._held += rest[:wanted]
            rest = rest[wanted:]
            if len(self._held) < end:
                return
            kind, body = self._held[0], bytes(memoryview(self._held)[start:])
            self._held = bytearray()
            if kind in _KNOWN:
                yield Frame(type=FrameType(kind), body=body)
            else:
                self.skipped += 1

    @property
    def is_between_frames(self) -> bool:
        """Tell whether the stream could end here without cutting a frame."""
        return not self._held

    def _size(self) -> tuple[int, int] | None:
        """Return where the body begins and ends, None while the length is not whole."""
        found = length_in(self._held, 1)
        if found is None:
            return None
        size_bytes, start = found
        may_be_large = self.takes_large and self._held[0] == FrameType.COMMITS
        if size_bytes > (MAX_BODY_BYTES if may_be_large else _SMALL_BYTES):
            raise TooLargeError
        return start, start + size_bytes


# -- commits -----------------------------------------------------------------------------------------


def packed(
    commits: Iterable[SealedCommit], base: SealedCommit | None = None
) -> Iterator[tuple[tuple[SealedCommit, ...], bytes]]:
    """Give commits of one chain in groups, each with the body of its frame.

    Args:
        base: The commit before the first one, where the receiver is known to hold it as it lies here.
    """
    for group in batches(commits):
        yield from _packed(group, base)
        base = None


def _packed(
    group: tuple[SealedCommit, ...], base: SealedCommit | None
) -> Iterator[tuple[tuple[SealedCommit, ...], bytes]]:
    body = pack_commits(group, base)
    middle = len(group) // 2
    if len(body) <= MOST_PACKED_BYTES or not middle:
        yield group, body
    else:
        yield from _packed(group[:middle], base)
        yield from _packed(group[middle:], None)


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

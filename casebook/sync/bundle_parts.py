"""The files of a bundle as they are written: what goes into which, and how much room each keeps.

Records come first, in as many files as they take; attachments follow in the room that is left and in further files.

Source: docs/sync_protocol.md, section "Bundles"; docs/adr/0025.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from casebook.errors import BundleRoomError
from casebook.ids import RandomBytes
from casebook.ledger import STANDARD, UNBLINDING, ChainHead
from casebook.store.chunks import Chunks
from casebook.sync import messages
from casebook.sync.bundle_disk import UNWATCHED, HeldFrames, Watch, keep_file
from casebook.sync.bundle_file import CONTENT_BYTES, MOST_BYTES, SUFFIX, Part, Prefix, room_for, write_file
from casebook.sync.carried_chunks import Going, chunk_frames
from casebook.sync.frames import FrameType, write_frame
from casebook.sync.messages import End

_END_BYTES = 64
"""More than an END frame takes."""


@dataclass(slots=True)
class Outgoing:
    """One shelf of what goes out: what each file begins with, and the frames that follow.

    Attributes:
        data: How many of the frames come before the first chunk; None where there is none.
        attached: Attachments of which something is among them; `left_out`: those that stay behind.
    """

    head: bytes
    held: HeldFrames
    openers: Sequence[bytes]
    heads: tuple[ChainHead, ...] = ()
    count: int = 0
    data: int | None = None
    attached: int = 0
    left_out: int = 0

    def parts(self, count: int | None = None) -> list[tuple[int, int]]:
        """Return which of the first `count` frames go into which file: first, and the one after the last."""
        found: list[tuple[int, int]] = []
        first = place = 0
        size_bytes = empty = len(self.head) + _END_BYTES
        sizes = self.held.sizes[:count]
        for place, (frame_bytes, _) in enumerate(sizes):
            if size_bytes + frame_bytes > CONTENT_BYTES and place > first:
                found.append((first, place))
                first, size_bytes = place, empty
            size_bytes += frame_bytes
        return [*found, (first, len(sizes))]

    def add_chunks(self, chunks: Chunks, going: Sequence[Going], watch: Watch = UNWATCHED) -> None:
        """Add the chunks that go along: nothing but chunks is added after them."""
        self.data, self.attached = len(self.held.sizes), len(going)
        for frame in chunk_frames(chunks, going):
            watch.pass_by(0)
            self.held.add(frame, 0)

    def part(self, first: int, end: int) -> Part:
        """Return the content of one file."""
        sizes = self.held.sizes[first:end]
        ending = write_frame(FrameType.END, messages.write_end(End(commits=sum(count for _, count in sizes))))

        def content() -> Iterator[bytes]:
            yield self.head
            yield from self.held.frames(first, end)
            yield ending

        size_bytes = len(self.head) + sum(size for size, _ in sizes) + len(ending)
        return Part(content=content(), size_bytes=size_bytes, openers=self.openers)


def write_parts(
    prefix: Prefix,
    standard: Outgoing,
    unblinding: Outgoing | None,
    *,
    folder: Path,
    stem: str,
    widen: Callable[[int], int],
    random_bytes: RandomBytes,
    watch: Watch = UNWATCHED,
) -> tuple[Path, ...]:
    """Write the files of a bundle, all or none.

    How many there are and how long follows from shelf S and from the room kept for shelf U: the same room is kept
    whether or not there is anything in it. Attachments of shelf U take more where there are any, and nothing is kept
    for them.

    Args:
        prefix: What all files say, but for parts and room.
        widen: Told how much room the records of shelf U need, tells how much is kept.

    Raises:
        BundleRoomError: There is less room in the folder than the files take; nothing was written.
        FileUnwritableError, StoppedError: Nothing is left in the folder.
    """
    kinds = {
        STANDARD: [standard.part(*one) for one in standard.parts()],
        UNBLINDING: [unblinding.part(*one) for one in unblinding.parts()] if unblinding is not None else [],
    }
    kept = widen(_room_of_records(unblinding))
    rooms = [min(MOST_BYTES, kept - done) for done in range(0, kept, MOST_BYTES)]
    total = max(len(kinds[STANDARD]), len(kinds[UNBLINDING]), len(rooms))
    pairs = [(_at(kinds[STANDARD], place), _at(kinds[UNBLINDING], place)) for place in range(total)]
    room = [
        (
            room_for(STANDARD, first.size_bytes),
            max(rooms[place] if place < len(rooms) else 0, room_for(UNBLINDING, second.size_bytes)),
        )
        for place, (first, second) in enumerate(pairs)
    ]
    _refuse_without_room(folder, sum(map(sum, room)))
    written: list[Path] = []
    try:
        for place, (first, second) in enumerate(pairs):
            path = _free_path(folder, stem if total == 1 else f"{stem}-{place + 1}of{total}")
            about = replace(prefix, part=place + 1, parts=total, room=room[place])
            keep_file(path, write_file(about, first, second, random_bytes), watch)
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return tuple(written)


def _at(parts: Sequence[Part], place: int) -> Part:
    return parts[place] if place < len(parts) else Part()


def _room_of_records(unblinding: Outgoing | None) -> int:
    """Return the room that what is no chunk takes, of which the last file's may be filled by chunks."""
    if unblinding is None:
        return room_for(UNBLINDING, 0)
    records = [unblinding.part(*one).size_bytes for one in unblinding.parts(unblinding.data)]
    return room_for(UNBLINDING, max(records)) + (len(records) - 1) * MOST_BYTES


def _refuse_without_room(folder: Path, size_bytes: int) -> None:
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError:
        return  # what is wrong with the folder is said where a file is made
    if free_bytes < size_bytes:
        raise BundleRoomError(needed=_mib(size_bytes), free=_mib(free_bytes), folder=folder)


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 1024 / 1024:.1f} MiB"


def _free_path(folder: Path, stem: str) -> Path:
    """Return a name that nothing has: what lies there already may be the only copy of something."""
    path, again = folder / f"{stem}{SUFFIX}", 1
    while path.exists():
        again += 1
        path = folder / f"{stem}-copy{again}{SUFFIX}"
    return path

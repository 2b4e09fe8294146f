"""Chunks of attachments on the disk: sealed files, each named by the SHA-256 of what is in it.

    chunks/3f/3f9a...           a chunk that a commit names
    chunks/new/3f9a...          one whose commit is being sealed; it moves when that stands
    chunks/damaged/3f9a...      one that was found to be something else; it comes again from the server

A file appears whole or not at all, and is looked at against its name whenever it is read. Nothing here can be
read without the key in the commit, and nothing here tells whose it is.

Source: docs/store.md, section "Chunks of attachments"; docs/adr/0027.
"""

import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from casebook import crypto
from casebook.attachments import MOST_CHUNK_BYTES
from casebook.errors import AttachmentRoomError, DiskFullError, SealBrokenError
from casebook.store import _disk

GIB = 1024**3
LAPTOP_QUOTA_BYTES = 8 * GIB
SERVER_QUOTA_BYTES = 256 * GIB
LAPTOP_FREE_BYTES = GIB // 4
SERVER_FREE_BYTES = 2 * GIB
"""What attachments leave free of the disk: records come first."""
_NAME = re.compile(r"[0-9a-f]{64}")
_PRIVATE = 0o700


class Chunks(Protocol):
    """Where chunks lie. Every write is durable on return."""

    def has(self, name: str) -> bool:
        """Tell whether a chunk is here."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return a chunk; None where it is not here, or was found damaged and set aside."""
        ...

    def put(self, name: str, chunk: bytes) -> bool:
        """Keep a chunk; False where it was here.

        Raises:
            SealBrokenError: It is not what its name says.
            AttachmentRoomError: The space for attachments is used up.
            DiskFullError, DiskFailedError: The disk refuses.
        """
        ...

    def remove(self, name: str) -> bool:
        """Remove a chunk that no commit names any more; False where it is not here."""
        ...

    def sweep(self, named: Callable[[], Collection[str]]) -> int:
        """Remove what no commit names; returns how many. Only where all commits are at hand.

        Args:
            named: Asked after the chunks were listed, so that one that comes meanwhile stays.
        """
        ...


class ChunksInMemory:
    """Chunks that are gone with the process: of a study whose server answers in it."""

    def __init__(self) -> None:
        """Begin with none."""
        self.held: dict[str, bytes] = {}

    def has(self, name: str) -> bool:
        """See `Chunks.has`."""
        return name in self.held

    def get(self, name: str) -> bytes | None:
        """See `Chunks.get`."""
        return self.held.get(name)

    def put(self, name: str, chunk: bytes) -> bool:
        """See `Chunks.put`."""
        _refuse_unless_named(name, chunk)
        fresh = name not in self.held
        self.held[name] = chunk
        return fresh

    def remove(self, name: str) -> bool:
        """See `Chunks.remove`."""
        return self.held.pop(name, None) is not None

    def sweep(self, named: Callable[[], Collection[str]]) -> int:
        """See `Chunks.sweep`."""
        names = named()
        return sum(self.remove(name) for name in tuple(self.held) if name not in names)


def _refuse_unless_named(name: str, chunk: bytes) -> None:
    if not _NAME.fullmatch(name) or len(chunk) > MOST_CHUNK_BYTES or crypto.sha256(chunk).hex() != name:
        raise SealBrokenError


class ChunkFolder:
    """The chunks of one shelf in a folder of their own. Threads may share one."""

    def __init__(
        self, path: Path, quota_bytes: int = LAPTOP_QUOTA_BYTES, *, free_bytes: int = LAPTOP_FREE_BYTES
    ) -> None:
        """Look at nothing yet; the folder is made with the first chunk.

        Args:
            free_bytes: What has to stay free of the disk.
        """
        self.path = path
        self.quota_bytes = quota_bytes
        self.free_bytes = free_bytes
        self._used_bytes: int | None = None

    # -- what is here --------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """See `Chunks.has`."""
        return self._place(name).is_file()

    def get(self, name: str) -> bytes | None:
        """See `Chunks.get`. A chunk whose commit is being sealed counts."""
        for place in (self._place(name), self._fresh / name):
            try:
                chunk = place.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _disk.as_unavailable(error, self.path) from error
            if crypto.sha256(chunk).hex() == name:
                return chunk
            self._set_aside(place)
        return None

    def names(self) -> Iterator[str]:
        """Yield the names of all chunks, those in the making aside."""
        for place in self._places():
            yield place.name

    @property
    def used_bytes(self) -> int:
        """How much the chunks take."""
        if self._used_bytes is None:
            self._used_bytes = sum(_size(place) for place in (*self._places(), *self._making()))
        return self._used_bytes

    # -- keeping -------------------------------------------------------------------------------------

    def put(self, name: str, chunk: bytes) -> bool:
        """See `Chunks.put`."""
        if self.has(name):
            return False
        self._write(self._place(name), name, chunk)
        return True

    def prepare(self, chunks: Iterable[tuple[str, bytes]]) -> None:
        """Keep chunks whose commit comes next; durable on return. They count once `settle` has seen it.

        Raises:
            SealBrokenError, AttachmentRoomError, DiskFullError, DiskFailedError: As `put`.
        """
        for name, chunk in chunks:
            self._write(self._fresh / name, name, chunk)

    @property
    def has_prepared(self) -> bool:
        """Whether chunks wait for their commit, or a crash left one half written."""
        return any(True for _ in (*self._making(), *self._half_written()))

    def settle(self, named: Collection[str]) -> int:
        """Take in prepared chunks that a commit names now; returns how many."""
        moved = 0
        for place in tuple(self._making()):
            if place.name in named:
                self._put_at(place, self._place(place.name))
                moved += 1
        return moved

    def abandon(self, named: Collection[str]) -> int:
        """Remove prepared chunks that no commit names: what a crash left of an attachment that never was.

        Only at the opening of a vault, when its two copies agree and nothing is being attached.
        """
        left = [place for place in self._making() if place.name not in named]
        return self._remove([*left, *self._half_written()])

    def remove(self, name: str) -> bool:
        """See `Chunks.remove`."""
        place = self._place(name)
        return place.is_file() and self._remove([place]) == 1

    def sweep(self, named: Callable[[], Collection[str]]) -> int:
        """See `Chunks.sweep`. What is being attached stays."""
        places = tuple(self._places())
        names = named() if places else ()
        return self._remove([place for place in places if place.name not in names])

    # -- on the disk ---------------------------------------------------------------------------------

    @property
    def _fresh(self) -> Path:
        return self.path / "new"

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise SealBrokenError
        return self.path / name[:2] / name

    def _places(self) -> Iterator[Path]:
        return (place for place in self.path.glob("[0-9a-f][0-9a-f]/*") if _NAME.fullmatch(place.name))

    def _making(self) -> Iterator[Path]:
        return (place for place in self._fresh.glob("*") if _NAME.fullmatch(place.name))

    def _half_written(self) -> Iterator[Path]:
        return self.path.glob("*/*.tmp")

    def _write(self, place: Path, name: str, chunk: bytes) -> None:
        _refuse_unless_named(name, chunk)
        used_bytes = self.used_bytes
        if used_bytes + len(chunk) > self.quota_bytes:
            raise AttachmentRoomError(most=f"{self.quota_bytes / GIB:.1f} GiB")
        try:
            self._make(place.parent)
            if shutil.disk_usage(place.parent).free < self.free_bytes + len(chunk):
                raise DiskFullError(folder=self.path)
            _disk.write_whole(place, chunk)
        except OSError as error:
            raise _disk.as_unavailable(error, self.path) from error
        self._used_bytes = used_bytes + len(chunk)

    def _put_at(self, place: Path, target: Path) -> None:
        try:
            self._make(target.parent)
            _disk.replace(place, target)
        except OSError as error:
            raise _disk.as_unavailable(error, self.path) from error

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            _disk.flush_folder(folder.parent)

    def _set_aside(self, place: Path) -> None:
        self._put_at(place, self.path / "damaged" / place.name)
        self._used_bytes = None

    def _remove(self, places: Collection[Path]) -> int:
        for place in places:
            try:
                place.unlink(missing_ok=True)
            except OSError as error:
                raise _disk.as_unavailable(error, self.path) from error
        if places:
            self._used_bytes = None
        return len(places)


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except FileNotFoundError:
        return 0

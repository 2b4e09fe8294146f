"""Bundles on a disk or stick: written whole or not at all, read back before anybody is told that they are there.

Source: docs/sync_protocol.md, section "Bundles".
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from casebook import crypto
from casebook.errors import FileUnwritableError, StoppedError
from casebook.ids import RandomBytes

_UNFINISHED = ".part"
_CHUNK_BYTES = 1024 * 1024
_READ_BACK = {"en": "what was written reads differently", "zh": "写入的内容与读回的不一致"}


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches work that takes long: bytes done since the last call, and whether to stop."""

    on_bytes: Callable[[int], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False

    def pass_by(self, count: int) -> None:
        """Count bytes. Raises StoppedError once the user stopped it."""
        if self.cancelled():
            raise StoppedError
        self.on_bytes(count)


UNWATCHED = Watch()


def keep_file(path: Path, content: Iterable[bytes], watch: Watch = UNWATCHED) -> None:
    """Write a file and read it back: durable and right on return, and no file at all otherwise.

    Raises:
        FileUnwritableError: The disk refuses, is full or was taken out, or gives other bytes back.
        StoppedError: The user stopped it.
    """
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        try:
            written = _write(unfinished, content, watch)
            if _read_back(unfinished) != written:
                raise FileUnwritableError(path=path, why=_READ_BACK)
            unfinished.replace(path)
            _sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritableError(path=path, why=error.strerror or type(error).__name__) from None


def _write(path: Path, content: Iterable[bytes], watch: Watch) -> bytes:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for data in content:
            file.write(data)
            digest.update(data)
            watch.pass_by(len(data))
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # read from the stick, not from memory
    return digest.digest()


def _read_back(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK_BYTES):
            digest.update(data)
    return digest.digest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder cannot be opened there; the replacement is journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- frames between being made and being written -----------------------------------------------------


@dataclass(slots=True)
class HeldFrames:
    """Frames that wait in a temporary file, under a key that is nowhere else.

    How many files they fill is not known before all are made, and they do not have to fit into memory.

    Attributes:
        sizes: Bytes and commits of each frame, in order.
    """

    random_bytes: RandomBytes
    sizes: list[tuple[int, int]] = field(default_factory=list)
    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _key: bytes = b""
    _places: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = self.random_bytes(crypto.KEY_BYTES)

    def add(self, frame: bytes, commits: int) -> None:
        """Hold one more frame."""
        sealed = crypto.encrypt(self._key, frame, b"")
        self._places.append((self._file.tell(), len(sealed)))
        self._file.write(sealed)
        self.sizes.append((len(frame), commits))

    def frames(self, first: int, end: int) -> Iterator[bytes]:
        """Give the frames from `first` up to, not with, `end`."""
        for offset, size_bytes in self._places[first:end]:
            self._file.seek(offset)
            yield crypto.decrypt(self._key, self._file.read(size_bytes), b"")

    def close(self) -> None:
        """Let them go."""
        self._file.close()

"""How bytes become durable: flush, replace, and what a refusing disk is called.

Knows files and nothing of records. macOS keeps data in the drive's cache after fsync, so F_FULLFSYNC
is asked there; Windows lets virus scanners hold a file for a moment, so replacing is tried again, and
it has no flush for folders.

Source: fsync(2), fcntl(2) of macOS; MoveFileEx of Windows.
"""

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from casebook.errors import DiskFailedError, DiskFullError, FolderGoneError, FolderReadOnlyError, UnavailableError

if sys.platform == "darwin":
    import fcntl

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_GONE = frozenset({errno.ENODEV, errno.ENXIO})
_PRIVATE = 0o600
_SMALL_BYTES = 64 * 1024
_REPLACE_TRIES = 20 if sys.platform == "win32" else 1
_REPLACE_PAUSE_S = 0.05
BINARY = getattr(os, "O_BINARY", 0)
"""Windows opens descriptors in text mode without it."""

Result = TypeVar("Result")


class Reserve(Protocol):
    """Space that can be given up when the disk is full."""

    def release(self) -> bool:
        """Give the space up; False when there is none left to give."""
        ...


def flush(descriptor: int) -> None:
    """Return when what was written to `descriptor` is on the disk."""
    if sys.platform == "darwin":
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # file systems that do not know it
            os.fsync(descriptor)
    elif sys.platform == "linux":
        os.fdatasync(descriptor)  # carries the file's length, leaves out its times
    else:
        os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """Make names in `folder` durable, where the system can."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Put `source` in the place of `target` in one step, durably."""
    for attempt in range(_REPLACE_TRIES):
        try:
            source.replace(target)
            break
        except PermissionError:
            if attempt == _REPLACE_TRIES - 1:
                raise
            time.sleep(_REPLACE_PAUSE_S)
    flush_folder(target.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Make `path` hold `content`, wholly or not at all, readable by its owner only."""
    fresh = path.with_name(path.name + ".tmp")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, _PRIVATE)
    try:
        write_all(descriptor, content)
        flush(descriptor)
    finally:
        os.close(descriptor)
    replace(fresh, path)


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte of `content`; a disk may take them in parts."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def open_to_append(path: Path) -> int:
    """Open or make a file to which bytes are only appended, readable by its owner only."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | BINARY, _PRIVATE)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, _PRIVATE))
    except OSError as error:
        raise as_unavailable(error, path.parent) from error


def is_full(folder: Path) -> bool:
    """Tell whether a disk has no room left for even a small file; False where that cannot be told."""
    try:
        return shutil.disk_usage(folder).free < _SMALL_BYTES
    except OSError:
        return False


def as_unavailable(error: OSError, folder: Path) -> UnavailableError:
    """Return what the user is told when the system refuses with `error`."""
    if error.errno in _FULL:
        return DiskFullError(folder=folder)
    if error.errno in _GONE or not folder.exists():
        return FolderGoneError(folder=folder)
    if error.errno in _READ_ONLY and not os.access(folder, os.W_OK):
        return FolderReadOnlyError(folder=folder)
    return DiskFailedError(folder=folder, why=errno.errorcode.get(error.errno or 0, type(error).__name__))


def with_reserve(work: Callable[[], Result], reserve: Reserve | None) -> Result:
    """Do `work`; when the disk is full, give up the reserve and do it once more.

    Raises:
        DiskFullError: There was no reserve, or it was not enough.
    """
    try:
        return work()
    except DiskFullError:
        if reserve is None or not reserve.release():
            raise
        return work()

"""The folder of one vault: its files, its lock, and the space kept for a full disk.

    casebook.db (-wal, -shm)   spool/NNNNNN.spool   chunks/   keyslots.json (.bak)   lock   ballast   damaged/NNNN/
    unblinding/  casebook.db (-wal, -shm)   spool/NNNNNN.spool   chunks/   damaged/NNNN/

Names say nothing of a study or a participant. One process at a time; a local disk only, since the
write-ahead log needs memory that is shared by all who have the file open.

Source: docs/store.md; SQLite's documentation of WAL (not over a network file system).
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from casebook.errors import VaultFolderRefusedError, VaultInUseError
from casebook.store import _disk, _sqlite
from casebook.store.slots import SIDECAR

if sys.platform == "win32":
    import ctypes
    import msvcrt
else:
    import fcntl

Result = TypeVar("Result")

BALLAST_BYTES = 16 * 1024 * 1024
_LOCK_SHARE = 16
"""The room for a lock is this part of the ballast: what is typed in one form, many times over."""
_ROOM_FACTOR = 4
"""The ballast comes back when this many times its size is free."""

_REMOTE_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "davfs", "ncpfs", "ceph", "glusterfs", "lustre"}
)
_REMOTE_BRIDGES = frozenset({"fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.gvfsd-fuse", "fuse.glusterfs"})
_CLOUD_FOLDERS = frozenset(
    {
        "onedrive",
        "dropbox",
        "google drive",
        "googledrive",
        "iclouddrive",
        "icloud drive",
        "mobile documents",
        "nutstore",
        "我的坚果云",
        "坚果云",
        "baidunetdisk",
        "baidunetdiskworkspace",
        "weiyun",
        "wpsdrive",
        "wps云盘",
    }
)


@dataclass(frozen=True, slots=True)
class VaultFolder:
    """Where everything of one vault lies."""

    path: Path
    ballast_bytes: int = BALLAST_BYTES
    within: Path | None = None
    """The folder around a second shelf: the ballast lies there, once for both."""

    @property
    def unblinding(self) -> "VaultFolder":
        """The second shelf, of what could tell the treatment: without lock and slots of its own."""
        return VaultFolder(self.path / "unblinding", self.ballast_bytes, within=self.path)

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.path / "casebook.db"

    @property
    def spool(self) -> Path:
        """The folder of the spool's segments."""
        return self.path / "spool"

    @property
    def chunks(self) -> Path:
        """The folder of attachments' chunks; see `casebook.store.chunks`."""
        return self.path / "chunks"

    @property
    def sidecar(self) -> Path:
        """The key slots; a copy lies beside it."""
        return self.path / SIDECAR

    @property
    def ballast(self) -> "Ballast":
        """The space that is given up when the disk is full."""
        return Ballast((self.within or self.path) / "ballast", self.ballast_bytes)

    @property
    def lock_room(self) -> "Ballast":
        """The space that is given up for nothing but what a lock finds unkept, once the ballast is spent."""
        return Ballast((self.within or self.path) / "ballast-for-lock", self.ballast_bytes // _LOCK_SHARE)

    def take_room(self) -> None:
        """Take the space that is to be given up when the disk is full, where there is plenty."""
        self.lock_room.restore()
        self.ballast.restore()

    def with_lock_room(self, work: Callable[[], Result]) -> Result:
        """Do `work` for a lock: on a full disk in the room that is kept for it.

        Raises:
            DiskFullError: It was given up before, or something else took it at once.
        """
        return _disk.with_reserve(work, self.lock_room)

    @property
    def is_made(self) -> bool:
        """Tell whether anything of a vault is here, apart from what an enrolment that was cut short left.

        One of its files is enough, a spool or a second shelf too: what others are missing is for nobody to overwrite.
        """
        parts = (self.sidecar, self.sidecar.with_suffix(".json.bak"), self.database, self.unblinding.database)
        return not self.is_half_made and (any(path.exists() for path in parts) or any(self.spool.glob("*.spool")))

    @property
    def _begun(self) -> Path:
        return self.path / "enrolling"

    @property
    def is_half_made(self) -> bool:
        """Tell whether an enrolment ended before anybody could open what it made: nothing is lost with it."""
        has_slots = self.sidecar.exists() or self.sidecar.with_suffix(".json.bak").exists()
        return self._begun.exists() and not has_slots

    def begin_making(self) -> None:
        """Note that a vault is being made, durable on return; what an earlier try left is moved aside.

        Raises:
            DiskFullError, DiskFailedError: The disk refuses.
        """
        if self.is_half_made:
            self.set_aside((*self.database_family(), self.spool, self.unblinding.path))
        try:
            _disk.write_whole(self._begun, b"")
        except OSError as error:
            raise _disk.as_unavailable(error, self.path) from error

    def end_making(self) -> None:
        """Note that somebody can open the vault now; at once where that is known."""
        self._begun.unlink(missing_ok=True)

    def prepare(self) -> None:
        """Make the folder and its ballast.

        Raises:
            VaultFolderRefusedError: It lies on a network share, or a cloud service copies it.
            DiskFailedError: It cannot be made.
        """
        refuse_remote(self.path)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _disk.as_unavailable(error, self.path.parent) from error
        self.take_room()

    def set_aside(self, paths: Iterable[Path]) -> Path:
        """Move files that are damaged into a fresh folder `damaged/NNNN`, never deleting any; returns it."""
        used = [int(path.name) for path in (self.path / "damaged").glob("*") if path.name.isdigit()]
        aside = self.path / "damaged" / f"{max(used, default=0) + 1:04d}"
        try:
            aside.mkdir(mode=0o700, parents=True)
            for path in paths:
                if path.exists():
                    _disk.replace(path, aside / path.name)
            _disk.flush_folder(self.path)
        except OSError as error:
            raise _disk.as_unavailable(error, self.path) from error
        return aside

    def sidecar_bytes(self) -> bytes:
        """Return the key slots as they lie on the disk, sealed throughout; b"" where they cannot be read."""
        try:
            return self.sidecar.read_bytes()
        except OSError:
            return b""

    def database_family(self) -> tuple[Path, ...]:
        """Return the database file and what SQLite keeps beside it."""
        return _sqlite.family(self.database)


@dataclass(frozen=True, slots=True)
class Ballast:
    """A file of no content whose space is given up when the disk is full, so that what was entered is kept."""

    path: Path
    size_bytes: int = BALLAST_BYTES

    @property
    def is_spent(self) -> bool:
        """Tell whether the space was given up: the next full disk will refuse entries."""
        return not self.path.exists()

    def release(self) -> bool:
        """Give the space up; False when that was done before."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True

    def restore(self) -> bool:
        """Take the space again when there is plenty; returns whether it is there."""
        if not self.is_spent:
            return True
        if shutil.disk_usage(self.path.parent).free < self.size_bytes * _ROOM_FACTOR:
            return False
        try:
            _disk.write_whole(self.path, os.urandom(self.size_bytes))  # zeros may take no space
        except OSError:
            self.path.with_name(self.path.name + ".tmp").unlink(missing_ok=True)
            return False
        return True


class VaultLock:
    """Holds a vault for this process, until closed or until the process ends, however it ends."""

    def __init__(self, folder: VaultFolder) -> None:
        """Take the lock.

        Raises:
            VaultInUseError: Another process holds it.
            DiskFailedError: The lock file cannot be made.
        """
        path = folder.path / "lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _disk.BINARY, 0o600)
        except OSError as error:
            raise _disk.as_unavailable(error, folder.path) from error
        try:
            _lock(self._descriptor)
        except OSError:
            os.close(self._descriptor)
            raise VaultInUseError(folder=folder.path) from None

    def close(self) -> None:
        """Let the vault go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def refuse_remote(path: Path) -> None:
    """Refuse a folder that is obviously not on a local disk. Knows common cases, not every one.

    Raises:
        VaultFolderRefusedError: A network share, or a folder that a cloud service copies.
    """
    whole = path.absolute()
    for part in whole.parts:
        name = part.casefold().split(" - ")[0]  # "OneDrive - Hospital"
        if name in _CLOUD_FOLDERS:
            raise VaultFolderRefusedError(folder=path, place=part)
    place = _remote_place(whole)
    if place:
        raise VaultFolderRefusedError(folder=path, place=place)


if sys.platform == "win32":

    def _remote_place(path: Path) -> str:
        drive_remote = 4
        if path.drive.startswith("\\\\"):
            return path.drive
        return path.drive if ctypes.windll.kernel32.GetDriveTypeW(path.drive + "\\") == drive_remote else ""

else:

    def _remote_place(path: Path) -> str:
        """Return what kind of network share holds `path`, "" for a local disk or where nobody can tell."""
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        kind = mount_type(path.resolve(), mounts)
        return kind if kind in _REMOTE_TYPES | _REMOTE_BRIDGES else ""


def mount_type(path: Path, mounts: str) -> str:
    """Return the file system type that holds `path`, by the lines of /proc/mounts."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, type_, *_ = line.split(" ")
        mounted = Path(point.replace("\\040", " "))
        if path.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, kind = len(mounted.parts), type_
    return kind

"""A rescue copy: every file of a laptop's folder as it lies on the disk, sealed as it is, in one archive.

It needs no passphrase, so it can be made of a laptop that nobody can sign in to. What opens it later is what
opens the laptop: a person's passphrase on the same machine account, the printed recovery sheet, or a code of the
study's custodians. The archive is an ordinary ZIP without compression; `rescue.json` in it names each file with
its SHA-256. It exists under its name only once it was read back and every file in it is the one on the disk.

Source: docs/store.md, section "Custody"; docs/operations.md, section "A rescue copy".
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from casebook.clock import Moment
from casebook.errors import RescueFolderRefusedError, RescueTargetRefusedError, RescueUnreadableError
from casebook.store import _disk
from casebook.store.vault_files import VaultFolder

FORMAT = "casebook-rescue-1"
MANIFEST = "rescue.json"
_LEFT_OUT = frozenset({"ballast", "lock", "ballast-for-lock", "window", "fault-report"})
"""Files without content of their own."""
_PIECE = 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""ZIP's earliest time: members carry none of their own, the manifest does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RescueCopy:
    """A rescue copy that was read back. `sha256`: of the whole archive, 64 hex digits; `size_bytes`: of the same."""

    path: Path
    files: int
    size_bytes: int
    sha256: str


def files_of(folder: VaultFolder) -> tuple[Path, ...]:
    """Return every file in a laptop's folder that a rescue copy takes, of either shelf, in order."""
    found = (path for path in folder.path.rglob("*") if path.is_file() and not path.is_symlink())
    return tuple(sorted(path for path in found if path.name not in _LEFT_OUT))


def holds_anything(folder: VaultFolder) -> bool:
    """Tell whether there is anything in the folder that was sealed: keys, a database, a spool, damaged files."""
    kinds = ("keyslots.json*", "casebook.db*", "spool", "damaged", "unblinding", "chunks")
    return any(any(folder.path.glob(kind)) for kind in kinds)


def on_same_disk(folder: VaultFolder, to: Path) -> bool:
    """Tell whether a place lies on the disk that the folder lies on: it would go with the laptop."""
    try:
        return folder.path.stat().st_dev == to.stat().st_dev
    except OSError:
        return False


def write_rescue(folder: VaultFolder, to: Path, at: Moment) -> RescueCopy:
    """Write a rescue copy into a folder, read it back, and only then give it its name. Changes nothing else.

    The caller holds the vault's lock and has closed the store.

    Args:
        to: An existing folder, not within the laptop's own.

    Raises:
        RescueTargetRefusedError: `to` is no folder, or lies within the laptop's.
        RescueFolderRefusedError: There is nothing to rescue.
        RescueUnreadableError: What was written is not what lies on the disk; it was removed again.
        DiskFullError, DiskFailedError: A disk refuses.
    """
    if not to.is_dir() or to.resolve().is_relative_to(folder.path.resolve()):
        raise RescueTargetRefusedError(folder=to)
    if not holds_anything(folder):
        raise RescueFolderRefusedError(folder=folder.path)
    target = _free_name(to, at)
    unfinished = target.with_suffix(".part")
    try:
        try:
            _write(folder, unfinished, at)
            files = _compare(folder, unfinished)
            _disk.replace(unfinished, target)
        except OSError as error:
            raise _disk.as_unavailable(error, to) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return RescueCopy(path=target, files=files, size_bytes=target.stat().st_size, sha256=_hash_file(target))


def _free_name(to: Path, at: Moment) -> Path:
    when = datetime.fromtimestamp(at.utc_ms / 1000, tz=UTC)
    base = f"casebook-rescue-{when:%Y%m%dT%H%M%SZ}"
    taken = 1
    target = to / f"{base}.zip"
    while target.exists():
        taken += 1
        target = to / f"{base}-{taken}.zip"
    return target


def _write(folder: VaultFolder, target: Path, at: Moment) -> None:
    target.unlink(missing_ok=True)
    listed: list[dict[str, object]] = []
    with target.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in files_of(folder):
            name = path.relative_to(folder.path).as_posix()
            hasher, size = hashlib.sha256(), 0
            with path.open("rb") as source, archive.open(_member(name), "w", force_zip64=True) as sink:
                for piece in _pieces(source):
                    hasher.update(piece)
                    size += len(piece)
                    sink.write(piece)
            listed.append({"name": name, "size": size, "sha256": hasher.hexdigest()})
        said = {"format": FORMAT, "made_at_ms": at.utc_ms, "files": listed}
        archive.writestr(_member(MANIFEST), json.dumps(said, ensure_ascii=False, indent=1))
        archive.close()
        file.flush()
        _disk.flush(file.fileno())


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, date_time=_EPOCH)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def _hash_stream(source: IO[bytes]) -> str:
    hasher = hashlib.sha256()
    for piece in _pieces(source):
        hasher.update(piece)
    return hasher.hexdigest()


def _hash_file(path: Path) -> str:
    with path.open("rb") as source:
        return _hash_stream(source)


def _compare(folder: VaultFolder, archive: Path) -> int:
    """Read an archive back and hold each file against the one on the disk; returns how many there are."""
    told = dict(check_rescue(archive))
    here = {path.relative_to(folder.path).as_posix(): _hash_file(path) for path in files_of(folder)}
    if told != here:
        raise RescueUnreadableError(file=archive, why="other files than in the folder")
    return len(told)


def check_rescue(archive: Path) -> tuple[tuple[str, str], ...]:
    """Read a rescue copy from end to end; returns each file's name and SHA-256.

    Raises:
        RescueUnreadableError: It is no rescue copy, or damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            said = json.loads(opened.read(MANIFEST))
            if said["format"] != FORMAT:
                raise RescueUnreadableError(file=archive, why="format")
            listed = tuple((str(one["name"]), str(one["sha256"])) for one in said["files"])
            if sorted([*(name for name, _ in listed), MANIFEST]) != sorted(opened.namelist()):
                raise RescueUnreadableError(file=archive, why="names")
            for name, sha256 in listed:
                with opened.open(name) as member:
                    if not _stays_within(name) or _hash_stream(member) != sha256:
                        raise RescueUnreadableError(file=archive, why=name)
            return listed
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, NotImplementedError) as error:
        raise RescueUnreadableError(file=archive, why=type(error).__name__) from error
    except OSError as error:
        raise _disk.as_unavailable(error, archive.parent) from error


def _stays_within(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and ":" not in name and "\\" not in name


def open_rescue(archive: Path, into: Path) -> int:
    """Lay out a rescue copy as a laptop's folder again; returns how many files.

    Args:
        into: A folder that is empty or does not exist yet.

    Raises:
        RescueUnreadableError: The archive is damaged; nothing was written.
        RescueTargetRefusedError: There is something in the folder.
        DiskFullError, DiskFailedError: A disk refuses.
    """
    listed = check_rescue(archive)
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise RescueTargetRefusedError(folder=into)
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        with zipfile.ZipFile(archive) as opened:
            for name, _ in listed:
                target = into / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _disk.make_private(target)
                with opened.open(name) as member, target.open("wb") as sink:
                    for piece in _pieces(member):
                        sink.write(piece)
                    sink.flush()
                    _disk.flush(sink.fileno())
        _disk.flush_folder(into)
    except OSError as error:
        raise _disk.as_unavailable(error, into) from error
    return len(listed)

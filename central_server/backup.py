"""Backups of a server that goes on serving, and a server made of one.

A backup is a folder: both stores as they were at one moment each, under their own keys, the chunks of attachments,
each against its name, and the files beside them.
It is named only when it is whole and was examined, every signature included; from then on laptops are told up to
which receipt it reaches. A restored server is another one: it names itself by a new epoch, so that no laptop takes
an earlier receipt for evidence of what it holds, and it begins new chains for its own statements, since it may have
said more after the backup than it knows of.

    backup.json    what it is, with the SHA-256 of each file

Source: docs/operations.md, section "Backup and restore"; docs/sync_protocol.md, section "Receipts".
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import casebook
from casebook.errors import DiskFailedError, ServerFolderError
from casebook.ids import RandomBytes, new_epoch
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH
from casebook.store.commit_log import SqlcipherLog
from casebook.store.copying import copy_log
from casebook.sync.office import CLOSED_EPOCHS
from casebook.sync.serving import BACKUP_AT, RECEIPT_SERIAL
from central_server.authority import UNBLINDING_VARIABLE, StudyKeys
from central_server.checking import STORES, StoreCheck, check_stores, chunk_folders, keys_of
from central_server.settings import ServerSettings

RESTORED_AT = "restored_at_ms"
"""Setting: when this store was put back from a backup (UTC ms)."""
_MANIFEST = "backup.json"
_SERIAL_GAP = 1_000_000
"""Receipts that were given after the backup are not known here; serials go on above them."""
_LEFT_OUT = frozenset({"lock", "asking", "custodians", "chunks", _MANIFEST})
"""What a copy has no use for or is copied apart, and the custodians' keys, which do not belong on this machine."""
_PASSING = ("tmp", ".")
"""Begins the names of what the running server makes for a moment."""
_CHUNK_BYTES = 1024 * 1024
_BINARY = getattr(os, "O_BINARY", 0)  # Windows opens descriptors in text mode without it


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was verified.

    Attributes:
        left_out: Chunks that were damaged already; the server set them aside.
        serials: Of the last receipt that lies in it, by shelf.
    """

    folder: Path
    made_at_ms: int
    stores: tuple[StoreCheck, ...]
    left_out: int

    @property
    def serials(self) -> Mapping[str, int]:
        """The serial of the last receipt whose commits lie in it, by shelf."""
        return {one.shelf: one.serial for one in self.stores}


def make_backup(settings: ServerSettings, keys: StudyKeys, to: Path, *, at: datetime) -> Backup:
    """Write and verify a backup; the server may run meanwhile.

    Raises:
        ServerFolderError: `to` exists, or the key of the unblinding store is not at hand.
        StoreDamagedError: What was copied does not verify: it stays beside, with `.new` to its name.
        DiskFullError, DiskFailedError: The disk refuses.
    """
    if keys.unblinding is None:
        raise ServerFolderError(folder=settings.folder, why=f"set {UNBLINDING_VARIABLE}: a backup is of both stores")
    fresh = _begun(to)
    for shelf, key, salt in keys_of(keys):
        copy_log(settings.folder / STORES[shelf], fresh / STORES[shelf], key, salt)
    left_out = _copy_chunks(settings.folder, fresh)
    _copy_rest(settings.folder, fresh)
    stores = check_stores(fresh, keys, in_use=False)
    _without_side_files(fresh)
    made_at_ms = int(at.timestamp() * 1000)
    manifest = {
        "v": 1,
        "study": settings.study,
        "app": casebook.__version__,
        "made_at": at.isoformat(),
        "stores": [asdict(one) for one in stores],
        "files": {name: _digest(fresh / name) for name in _files(fresh)},
    }
    _write(fresh / _MANIFEST, json.dumps(manifest, indent=1).encode("utf-8") + b"\n")
    fresh.rename(to)
    return Backup(folder=to, made_at_ms=made_at_ms, stores=stores, left_out=left_out)


def restore_files(backup: Path, to: Path) -> None:
    """Copy a backup's files to a server's folder to be, and compare each with what the backup says of it.

    Raises:
        ServerFolderError: There is no backup, a file is not as it was, or `to` holds something.
    """
    try:
        files: dict[str, str] = json.loads((backup / _MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=backup, why="it is no backup that can be read") from None
    if to.exists() and any(to.iterdir()):
        raise ServerFolderError(folder=to, why="it holds something already")
    with suppress(OSError):
        to.rmdir()
    fresh = _begun(to)
    for name, digest in files.items():
        source, target = backup / name, fresh / name
        if not source.resolve().is_relative_to(backup.resolve()) or not source.is_file() or _digest(source) != digest:
            raise ServerFolderError(folder=backup, why=f"its file {name} is not as it was written")
        _copy(source, target)
        if _digest(target) != digest:
            raise DiskFailedError(folder=to, why="SHA-256")
    fresh.rename(to)


def begin_anew(folder: Path, keys: StudyKeys, *, at: datetime, random_bytes: RandomBytes) -> tuple[StoreCheck, ...]:
    """Examine restored stores and make another server of them: new epoch, new chains, serials above the old ones.

    Raises:
        StoreDamagedError: A store does not verify; nothing was changed.
    """
    checks = check_stores(folder, keys, in_use=False)
    for shelf, key, salt in keys_of(keys):
        log = SqlcipherLog.open(folder / STORES[shelf], key, salt)
        try:
            with log.together():
                own = sorted({head.epoch for head in log.heads() if head.device == keys.device})
                log.set_setting(CLOSED_EPOCHS, " ".join(own))
                log.set_setting(SERVER_EPOCH, new_epoch(random_bytes))
                log.set_setting(RECEIPT_SERIAL, str(int(log.setting(RECEIPT_SERIAL) or "0") + _SERIAL_GAP))
                log.set_setting(BACKUP_SERIAL, "0")
                log.set_setting(BACKUP_AT, "0")
                log.set_setting(RESTORED_AT, str(int(at.timestamp() * 1000)))
        finally:
            log.close()
    return checks


# -- files -------------------------------------------------------------------------------------------


def _begun(to: Path) -> Path:
    """Return an empty folder beside `to`, which takes its place when it is whole."""
    fresh = to.with_name(to.name + ".new")
    if to.exists() or fresh.exists():
        raise ServerFolderError(folder=to, why="it exists already, or an earlier try left a folder ending in .new")
    fresh.mkdir(mode=0o700, parents=True)
    return fresh


def _copy_chunks(source: Path, target: Path) -> int:
    """Copy the chunks that are what their name says, after the commits that name them; returns how many are not.

    One that goes meanwhile, since its attachment was taken out of the record, is left out as well.
    """
    left_out = 0
    copies = chunk_folders(target)
    for shelf, chunks in chunk_folders(source).items():
        for name in chunks.names():
            chunk = chunks.get(name)
            if chunk is not None:
                copies[shelf].put(name, chunk)
            else:
                left_out += (chunks.path / "damaged" / name).exists()
    return left_out


def _copy_rest(source: Path, target: Path) -> None:
    """Copy what lies beside stores and chunks: keys, settings."""
    for name in _files(source):
        path = Path(name)
        passing = path.suffix in {".tmp", ".new"} or path.parts[0].startswith(_PASSING)
        if passing or path.parts[0] in _LEFT_OUT or path.name.startswith(tuple(STORES.values())):
            continue
        with suppress(FileNotFoundError):  # a temporary file of the running server, gone meanwhile
            _copy(source / name, target / name)


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix()


def _without_side_files(folder: Path) -> None:
    for path in (*folder.glob("*.db-wal"), *folder.glob("*.db-shm")):
        path.unlink()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as reader, _private(target) as writer:
        shutil.copyfileobj(reader, writer, _CHUNK_BYTES)
        writer.flush()
        os.fsync(writer.fileno())


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb")


def _write(path: Path, content: bytes) -> None:
    with _private(path) as writer:
        writer.write(content)
        writer.flush()
        os.fsync(writer.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

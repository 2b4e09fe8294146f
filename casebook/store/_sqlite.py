"""The one door to SQLCipher and sqlite-utils.

sqlite-utils looks for `pysqlite3` before the standard library's module; the alias below gives it
SQLCipher's, so that both speak of the same connections and errors. The standard library silently
ignores keys and would write plaintext: everything here fails closed instead.

Source: docs/store.md, section "The database"; SQLCipher 4 and SQLite documentation.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import sqlcipher3
from sqlcipher3 import dbapi2

from casebook.errors import (
    DiskFailedError,
    DiskFullError,
    FolderGoneError,
    FolderReadOnlyError,
    StoreBusyError,
    StoreDamagedError,
    StoreMissingError,
)
from casebook.store import _disk

sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

import sqlite_utils.utils  # noqa: E402 - only after the alias
from sqlite_utils import Database, Migrations  # noqa: E402 - as above

if getattr(sqlite_utils.utils, "sqlite3", None) is not sqlcipher3:
    message = "sqlite_utils was imported before casebook.store: it would write plaintext"
    raise ImportError(message)

__all__ = [
    "Connection",
    "Database",
    "DatabaseError",
    "Migrations",
    "Row",
    "as_database",
    "connect",
    "family",
    "part",
    "rekey",
    "still",
    "transaction",
    "translated",
]

DatabaseError: type[Exception] = dbapi2.DatabaseError
"""What SQLCipher raises; unrelated to the standard library's class of that name."""

Row = tuple[Any, ...]
"""A row as SQLite gives it; who selects knows its columns."""

_PLAIN_HEADER = b"SQLite format 3\0"
_KEY_BYTES = 32
_SALT_BYTES = 16
_BUSY_TIMEOUT_S = 10.0
_MEMORY = 2
_FULL = 2
_PRAGMAS = (
    "cipher_log_level = NONE",
    "journal_mode = WAL",
    "synchronous = FULL",
    "fullfsync = ON",
    "checkpoint_fullfsync = ON",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    "temp_store = MEMORY",
    "secure_delete = ON",
    "cell_size_check = ON",
    "trusted_schema = OFF",
)
_CACHE_KIB = 16_000
_SERVER_CACHE_KIB = 96_000
"""Holds the indexes by hash and by subject of a million commits: each new commit lands anywhere in them."""


class Cursor(Protocol):
    """What is used of a cursor."""

    rowcount: int

    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


class Connection(Protocol):
    """What is used of a connection."""

    in_transaction: bool

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[object]], /) -> Cursor: ...

    def set_key(self, key: bytearray, /) -> None: ...

    def reset_key(self, key: bytearray, /) -> None: ...

    def close(self) -> None: ...


def connect(
    path: Path,
    key: bytes,
    salt: bytes,
    *,
    create: bool = False,
    any_thread: bool = False,
    wipes_memory: bool = True,
) -> Connection:
    """Open an encrypted database with every safeguard set.

    Args:
        key: 32 raw bytes; nothing is derived from them per connection.
        salt: The file's 16 salt bytes, kept outside so that damage to them is survived.
        create: Make the file; otherwise a missing file is refused, never made.
        any_thread: The caller sees to it that only one thread at a time uses the connection.
        wipes_memory: Everything that SQLCipher gives back is overwritten, and kept out of the swap file. It halves
            the throughput; a server whose keys lie beside its store, and whose unit forbids swapping, does without,
            and keeps more pages at hand. It counts for the whole process: once wanted, it stays.

    Raises:
        StoreMissingError: There is no file.
        StoreDamagedError: It does not open with this key.
        DiskFailedError: The system refuses to read it.
    """
    if len(key) != _KEY_BYTES or len(salt) != _SALT_BYTES:
        message = "a raw key is 32 bytes and a salt 16"
        raise ValueError(message)
    if not create:
        _refuse_plain(path)
    with translated(path):
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        connection = cast(
            "Connection",
            dbapi2.connect(
                uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S, check_same_thread=not any_thread
            ),
        )
        try:
            _prepare(connection, key, salt, wipes_memory=wipes_memory)
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_plain(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_PLAIN_HEADER))
    except FileNotFoundError:
        raise StoreMissingError(file=path.name) from None
    except OSError as error:
        raise DiskFailedError(folder=path.parent, why=type(error).__name__) from error
    if not head:
        raise StoreDamagedError(file=path.name, why="0 B")
    if head == _PLAIN_HEADER:
        raise StoreDamagedError(file=path.name, why="SQLite format 3")


def _prepare(connection: Connection, key: bytes, salt: bytes, *, wipes_memory: bool) -> None:
    connection.execute(f"PRAGMA cipher_memory_security = {'ON' if wipes_memory else 'OFF'}").fetchall()
    # set_key, absent in the standard library, keeps the key out of SQL text and of whoever traces it.
    spec = _key_text(key, salt)
    connection.set_key(spec)
    spec[:] = bytes(len(spec))
    if not connection.execute("PRAGMA cipher_version").fetchall():
        message = "this SQLite does not encrypt"
        raise RuntimeError(message)
    for pragma in (*_PRAGMAS, f"cache_size = -{_CACHE_KIB if wipes_memory else _SERVER_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    wanted = {"temp_store": _MEMORY, "synchronous": _FULL, "recursive_triggers": 1, "journal_mode": "wal"}
    for name, value in wanted.items():
        if connection.execute(f"PRAGMA {name}").fetchall() != [(value,)]:
            message = f"PRAGMA {name} is not {value}"
            raise RuntimeError(message)


def _key_text(key: bytes, salt: bytes) -> bytearray:
    return bytearray(b"x'" + key.hex().encode("ascii") + salt.hex().encode("ascii") + b"'")


def rekey(connection: Connection, key: bytes, salt: bytes) -> None:
    """Seal every page of an open database under another key, in one transaction; durable on return.

    No other connection may be open. Arguments as `connect`.
    """
    spec = _key_text(key, salt)
    connection.reset_key(spec)
    spec[:] = bytes(len(spec))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # no page under the earlier key stays in the log


def as_database(connection: Connection) -> Database:
    """Return the connection for sqlite-utils; no installed plug-in gets to see it."""
    return Database(cast("Any", connection), execute_plugins=False, strict=True)


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Hold the write lock from the start, commit at the end, roll back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        _refuse_if_gone(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def part(connection: Connection) -> Iterator[None]:
    """Do a part of the transaction under way: on an error the part is taken back, and the rest stands.

    Raises:
        DiskFailedError: SQLite took the whole transaction back, as it does on a full disk.
    """
    _refuse_if_gone(connection)
    connection.execute("SAVEPOINT part")
    try:
        yield
        connection.execute("RELEASE part")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise


@contextmanager
def still(connection: Connection) -> Iterator[None]:
    """Do a single statement of the transaction under way. Raises DiskFailedError where that was taken back."""
    _refuse_if_gone(connection)
    yield


def _refuse_if_gone(connection: Connection) -> None:
    if not connection.in_transaction:
        raise DiskFailedError(folder=Path(), why="ROLLBACK")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Say SQLite's refusals in the words of `casebook.errors`; anything else is a bug and passes."""
    try:
        yield
    except dbapi2.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        file = path.name
        match name.split("_")[1:2]:
            case ["FULL"]:
                raise DiskFullError(folder=path.parent) from error
            case ["CORRUPT"] | ["NOTADB"] if not path.parent.exists():  # what was open on a stick that was pulled
                raise FolderGoneError(folder=path.parent) from error
            case ["CORRUPT"] | ["NOTADB"]:
                raise StoreDamagedError(file=file, why=name) from error
            case ["READONLY"] if not _locked_against(path):  # how SQLCipher refuses writes after a bad page
                raise StoreDamagedError(file=file, why=name) from error
            case ["IOERR"] | ["CANTOPEN"] if _disk.is_full(path.parent):  # no room for what SQLite keeps beside it
                raise DiskFullError(folder=path.parent) from error
            case ["IOERR"] | ["READONLY"] | ["CANTOPEN"] | ["PERM"] | ["AUTH"] if not path.parent.exists():
                raise FolderGoneError(folder=path.parent) from error
            case ["IOERR"] | ["READONLY"] | ["CANTOPEN"] | ["PERM"] | ["AUTH"] if found := _locked_against(path):
                raise FolderReadOnlyError(folder=found[0]) from error
            case ["IOERR"] | ["READONLY"] | ["CANTOPEN"] | ["PERM"] | ["AUTH"]:
                raise DiskFailedError(folder=path.parent, why=name) from error
            case ["BUSY"] | ["LOCKED"] | ["PROTOCOL"]:
                raise StoreBusyError(file=file) from error
            case _:
                raise


def _locked_against(path: Path) -> tuple[Path, ...]:
    """Return what of a database, or of its folder, is there and may not be written."""
    places = (path.parent, *family(path))
    return tuple(place for place in places if place.exists() and not os.access(place, os.W_OK))


def family(path: Path) -> tuple[Path, ...]:
    """Return the database file and what SQLite keeps beside it."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))

"""`casebook verify FOLDER`: walk every chain of a laptop's record, without a window and without changing anything.

The files are copied, encrypted as they are, into a folder of their own for the time of looking: opening a
database in place would fold its write-ahead log in and mend what is to be examined.

The passphrase is asked on the terminal, or read from the first line of standard input when that is a pipe.
"""

import base64
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from casebook.canonical import decode_object, text_of
from casebook.errors import CasebookError, LaptopNotEnrolledError, StoreDamagedError
from casebook.ids import UserId, device_id
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, database_key
from casebook.store.vault_files import VaultFolder, VaultLock
from casebook.sync.trust import ServerIdentity
from casebook.verification import VerificationReport, verify_logs
from desktop_app.export_command import read_passphrase

BROKEN = 1
REFUSED = 2
_DATABASE = "casebook.db"
_UNBLINDING_FOLDER = "unblinding"
_LAPTOP = "laptop"
"""The setting in which a record keeps what enrolment said (see `desktop_app.vault`)."""


def record_folder(what: str) -> Path | None:
    """Return the laptop's folder that is meant by a folder or by the database in it; None for anything else."""
    path = Path(what)
    if path.name == _DATABASE:
        path = path.parent
        return path.parent if path.name == _UNBLINDING_FOLDER else path
    return path if path.is_dir() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """One database file and what opens it: the newest key, or an earlier one while the file lags behind a rotation."""

    name: str
    file: Path
    keys: tuple[bytes, ...] = field(repr=False)
    salt: bytes


def verify_folder(folder: VaultFolder, slots: KeySlots, user: UserId, passphrase: str) -> VerificationReport:
    """Verify every chain that a person may open. Nothing in the folder is changed.

    Raises:
        WrongPassphraseError: It does not open this person's slot.
        VaultInUseError: Casebook is open on this folder.
        LaptopNotEnrolledError: The standard shelf does not say whose server it belongs to.
        DiskFailedError, DiskFullError: The files cannot be copied.
    """
    with VaultLock(folder), ExitStack() as stack:
        unlocked = slots.unlock(user, passphrase)
        keys = (unlocked.vault_key, *slots.earlier_vault_keys(unlocked.vault_key))
        shelves = [_Shelf(name=STANDARD, file=folder.database, keys=keys, salt=slots.database_salt)]
        unblinding = folder.unblinding.database
        not_opened: tuple[str, ...] = ()
        if unblinding.exists() and unlocked.unblinding_key is not None:
            keys = (unlocked.unblinding_key, *slots.earlier_unblinding_keys(unlocked.unblinding_key))
            shelves.append(_Shelf(name=UNBLINDING, file=unblinding, keys=keys, salt=slots.unblinding_salt))
        elif unblinding.exists():
            not_opened = (UNBLINDING,)
        logs: dict[str, SqlcipherLog] = {}
        refused: list[tuple[str, CasebookError]] = []
        for shelf in shelves:
            try:
                logs[shelf.name] = _copy(shelf, stack)
            except CasebookError as error:
                refused.append((shelf.name, error))
        report = _verified(logs)
        return replace(report, refused=(*report.refused, *refused), not_opened=not_opened)


def _copy(shelf: _Shelf, stack: ExitStack) -> SqlcipherLog:
    """Open a copy of a shelf's database; both are gone when `stack` ends."""
    away = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casebook-verify-")))
    for path in shelf.file.parent.glob(f"{_DATABASE}*"):
        if path.name in {_DATABASE, f"{_DATABASE}-wal"}:
            shutil.copyfile(path, away / path.name)
    log = _open(away / _DATABASE, shelf)
    stack.callback(log.close)
    return log


def _open(database: Path, shelf: _Shelf) -> SqlcipherLog:
    for earlier in shelf.keys[1:][::-1]:
        with suppress(StoreDamagedError):
            return SqlcipherLog.open(database, database_key(earlier), shelf.salt)
    return SqlcipherLog.open(database, database_key(shelf.keys[0]), shelf.salt)


def _verified(logs: Mapping[str, SqlcipherLog]) -> VerificationReport:
    facts = logs[STANDARD].setting(_LAPTOP) if STANDARD in logs else None
    if facts is None:
        if STANDARD in logs:
            raise LaptopNotEnrolledError
        return VerificationReport()
    record = decode_object(facts.encode("utf-8"))
    server = ServerIdentity(
        device=device_id(text_of(record, "sd")),
        signing=base64.b64decode(text_of(record, "ss")),
        receipts=base64.b64decode(text_of(record, "sr")),
    )
    return verify_logs(logs, server, text_of(record, "st"))


def run_verify(
    folder: Path, slots: KeySlots, *, user: str | None, language: str, stream: TextIO
) -> tuple[int, tuple[str, ...]]:
    """Verify a laptop's record.

    Returns:
        0 when everything holds, 1 when something does not, 2 when nobody is named; and what is to be said: a line
        for each chain and for each place where it breaks.

    Raises:
        CasebookError: As `verify_folder`.
    """
    people = [one for one in slots.people() if user is None or user in {one.user, one.name}]
    if len(people) != 1:
        known = ", ".join(one.user for one in slots.people())
        return REFUSED, (f"Name the person who verifies with --user. People on this laptop: {known}",)
    passphrase = read_passphrase(stream, people[0].user)
    report = verify_folder(VaultFolder(folder), slots, people[0].user, passphrase)
    return (0 if report.holds else BROKEN), report.lines(language)

"""Healing: the database and the spool each know what the other may have lost.

A vault is opened here. Whatever one copy lacks is taken from the other; a database that is damaged,
gone or empty is moved aside, never deleted, and made anew from the spool and from what can still be
read of it. What neither has comes back from the server at the next synchronisation, and the report
says so in a sentence.

Source: docs/store.md, section "What each failure looks like".
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from casebook.clock import Clock, system_clock
from casebook.errors import CasebookError, StoreDamagedError, StoreMissingError
from casebook.ids import CommitId, DeviceId, SubjectId
from casebook.ledger import Header, SealedCommit
from casebook.store import CURSOR, CommitLog, _disk, _sqlite
from casebook.store._salvage import Salvage
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import database_key, spool_key
from casebook.store.spool import SEGMENT_BYTES, Spool
from casebook.store.vault_files import VaultFolder

EXAMINED_BYTES = 128 * 1024 * 1024
"""Up to this size every page is checked at opening (about half a second)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealReport:
    """What was found and done when a vault was opened.

    Attributes:
        from_spool: Commits that the database lacked and the spool had.
        to_spool: Commits not yet received that the spool lacked and the database had.
        parked: Commits that wait for earlier ones which neither copy has.
        behind: The database lacks the end of a chain that this laptop once had: the next commit needs a
            new epoch, and the rest comes from the server.
        rebuilt: The database was made anew.
        salvaged: Commits that were read from the damaged database.
        set_aside: Names of the folders in `damaged/` with what was moved there.
        torn_bytes: Cut from the spool's end: an append that a crash interrupted.
        damaged_records: Places in the spool that could not be read.
    """

    from_spool: int = 0
    to_spool: int = 0
    parked: int = 0
    behind: bool = False
    rebuilt: bool = False
    salvaged: int = 0
    set_aside: tuple[str, ...] = ()
    torn_bytes: int = 0
    damaged_records: int = 0

    _PARTS: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "en": {
            "rebuilt": "The database was damaged or missing and was made anew; the old file is kept aside ({aside}).",
            "restored": "{restored} record(s) were brought back from this laptop's other copy.",
            "damaged_records": (
                "{damaged_records} place(s) of the second copy could not be read: compare the last entries made "
                "before this with your notes."
            ),
            "torn": "The last write before the program ended was not finished: check the last entry made before it.",
            "behind": (
                "Records that this laptop once had are missing here (an older copy of the folder, or damage). Connect "
                "to the server and synchronise now: they come back from there."
            ),
        },
        "zh": {
            "rebuilt": "数据库损坏或缺失，已重新建立；原文件另行保存（{aside}）。",
            "restored": "已从本机的另一副本恢复 {restored} 条记录。",
            "damaged_records": "第二副本中有 {damaged_records} 处无法读取：请将此前最后的录入与原始记录核对。",
            "torn": "程序上次结束前的最后一次写入未完成：请核对此前的最后一项录入。",
            "behind": (
                "此处缺少本机曾有的记录（可能是较旧的文件夹副本或已损坏）。请立即连接服务器并同步，缺少的记录将从服务器取回。"
            ),
        },
    }

    @property
    def is_clean(self) -> bool:
        """Tell whether there is nothing that a user need be told."""
        return not self.sentence()

    def sentence(self, language: str = "en") -> str:
        """Return what happened and what to do, "" when nothing did."""
        told = {
            "rebuilt": self.rebuilt,
            "restored": self.from_spool + self.salvaged,
            "damaged_records": self.damaged_records,
            "torn": self.torn_bytes,
            "behind": self.behind or self.parked,
        }
        values = {
            "aside": ", ".join(f"damaged/{name}" for name in self.set_aside) or "-",
            "restored": self.from_spool + self.salvaged,
            "damaged_records": self.damaged_records,
        }
        joint = "" if language == "zh" else " "
        parts = self._PARTS[language]
        return joint.join(parts[name].format(**values) for name, is_so in told.items() if is_so)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStore:
    """A vault's two copies, open, and what was done to them. `close` both at the end."""

    log: SqlcipherLog
    spool: Spool
    report: HealReport

    def close(self) -> None:
        """Close both."""
        self.spool.close()
        self.log.close()


def create_store(folder: VaultFolder, vault_key: bytes, salt: bytes, *, clock: Clock = system_clock) -> OpenStore:
    """Make the empty database and spool of a new vault. Arguments and errors as `open_store`."""
    folder.prepare()
    log = SqlcipherLog.create(folder.database, database_key(vault_key), salt, clock=clock, reserve=folder.ballast)
    spool = Spool.open(folder.spool, spool_key(vault_key), reserve=folder.ballast)
    return OpenStore(log=log, spool=spool, report=HealReport())


def open_store(
    folder: VaultFolder,
    vault_key: bytes,
    salt: bytes,
    *,
    device: DeviceId | None = None,
    clock: Clock = system_clock,
    segment_bytes: int = SEGMENT_BYTES,
) -> OpenStore:
    """Open a vault's database and spool, heal each from the other, and report.

    Args:
        vault_key: 32 bytes from the key slots.
        salt: The database's 16 salt bytes from the key slots.
        device: This laptop, once it is enrolled: only its own commits are held in the spool.
        segment_bytes: From which size on the spool begins another segment.

    Raises:
        TamperedStoreError: The database's guards or tables were changed; nothing was touched.
        StoreNewerError: A newer release wrote it.
        DiskFullError, DiskFailedError: The disk refuses.
    """
    folder.take_room()
    spool, aside = _open_spool(folder, spool_key(vault_key), segment_bytes)
    try:
        try:
            log = _open_log(folder, vault_key, salt, clock)
            report = HealReport()
        except (StoreMissingError, StoreDamagedError):
            log, report = rebuild(folder, vault_key, salt, clock=clock)
        try:
            report = _joined(report, heal(log, spool, device=device), aside)
        except BaseException:
            log.close()
            raise
    except BaseException:
        spool.close()
        raise
    return OpenStore(log=log, spool=spool, report=report)


def _open_spool(folder: VaultFolder, key: bytes, segment_bytes: int) -> tuple[Spool, tuple[str, ...]]:
    """Open the spool; one of which nothing can be read is moved aside and begun anew."""
    try:
        return Spool.open(folder.spool, key, reserve=folder.ballast, segment_bytes=segment_bytes), ()
    except StoreDamagedError:
        aside = folder.set_aside([folder.spool])
        return Spool.open(folder.spool, key, reserve=folder.ballast, segment_bytes=segment_bytes), (aside.name,)


def _open_log(folder: VaultFolder, vault_key: bytes, salt: bytes, clock: Clock) -> SqlcipherLog:
    log = SqlcipherLog.open(folder.database, database_key(vault_key), salt, clock=clock, reserve=folder.ballast)
    try:
        if folder.database.stat().st_size <= EXAMINED_BYTES:
            log.examine()
    except BaseException:
        log.close()
        raise
    return log


def _joined(report: HealReport, healed: HealReport, aside: tuple[str, ...]) -> HealReport:
    return replace(
        healed,
        rebuilt=report.rebuilt,
        salvaged=report.salvaged,
        set_aside=report.set_aside + aside,
        damaged_records=healed.damaged_records + len(aside),
    )


def received_by(log: CommitLog) -> Callable[[Header], bool]:
    """Return a test whether the server is known to have a commit, for `Spool.prune`.

    Of a chain that forked nothing counts as received: a receipt names a number, and two commits have it.
    """
    forked = {(device, epoch) for device, epoch, _ in log.forks()}
    known: dict[tuple[str, str], int] = {}

    def received(header: Header) -> bool:
        chain = (header.device, header.epoch)
        if chain in forked:
            return False
        if chain not in known:
            known[chain] = log.custody(header.device, header.epoch)
        return header.sequence <= known[chain]

    return received


def heal(log: CommitLog, spool: Spool, *, device: DeviceId | None = None) -> HealReport:
    """Bring database and spool level: each gets what only the other has.

    Args:
        device: Whose unreceived commits belong in the spool; None for every chain's.
    """
    missing = [(commit, subject) for commit, subject in spool.sealed_with_subjects(without=log.has)]
    subjects = {commit.id: subject for commit, subject in missing if subject is not None}
    log.append([commit for commit, _ in missing], subjects)
    from_spool = sum(log.has(commit.id) for commit, _ in missing)
    for key, text in spool.settings().items():
        if log.setting(key) != text:
            log.set_setting(key, text)
    to_spool = 0
    for commit in _unreceived(log, device):
        if not spool.holds(commit.id):
            spool.append_sealed(commit)
            to_spool += 1
    spool.redact(log.redactions())
    lost = [head for head in spool.heads() if head.id is not None and not log.has(head.id)]
    own_parked = any(device in (None, commit.parsed.device) for commit in log.parked())
    return HealReport(
        from_spool=from_spool,
        to_spool=to_spool,
        parked=log.count_parked(),
        behind=own_parked or any(device in (None, head.device) for head in lost),
        torn_bytes=spool.damage.torn_bytes,
        damaged_records=spool.damage.records,
    )


def _unreceived(log: CommitLog, device: DeviceId | None) -> Iterator[SealedCommit]:
    for head in log.heads():
        if device in (None, head.device):
            yield from log.chain(head.device, head.epoch, log.custody(head.device, head.epoch))


# -- making the database anew ------------------------------------------------------------------------


def rebuild(
    folder: VaultFolder, vault_key: bytes, salt: bytes, *, clock: Clock = system_clock
) -> tuple[SqlcipherLog, HealReport]:
    """Make a new database, take over what can still be read of the old, and move the old aside.

    Nothing is deleted, and an interrupted rebuilding goes on at the next opening. `heal` must follow: it
    brings what the spool holds.
    """
    key = database_key(vault_key)
    fresh = folder.database.with_name(folder.database.name + ".rebuilt")
    if folder.database.exists() or not fresh.exists():
        for leftover in _sqlite.family(fresh):
            leftover.unlink(missing_ok=True)
        log = SqlcipherLog.create(fresh, key, salt, clock=clock, reserve=folder.ballast)
        try:
            salvage(folder, key, salt, log)
        finally:
            log.close()
    aside = folder.set_aside(folder.database_family())
    _disk.replace(fresh, folder.database)
    log = SqlcipherLog.open(folder.database, key, salt, clock=clock, reserve=folder.ballast)
    return log, HealReport(rebuilt=True, salvaged=log.count(), set_aside=(aside.name,))


def salvage(folder: VaultFolder, key: bytes, salt: bytes, log: SqlcipherLog) -> None:
    """Copy into `log` every row of the vault's database that can be read and verifies.

    Works on a copy, so that the damaged file stays as it was found.
    """
    with tempfile.TemporaryDirectory(prefix="salvage-", dir=folder.path) as name, contextlib.suppress(CasebookError):
        for path in folder.database_family():
            if path.exists():
                shutil.copyfile(path, Path(name) / path.name)
        with contextlib.closing(Salvage(Path(name) / folder.database.name, key, salt)) as old:
            _take_over(old, log)


def _take_over(old: Salvage, log: SqlcipherLog) -> None:
    commits = []
    subjects: dict[CommitId, SubjectId] = {}
    for commit, subject in old.commits():
        commits.append(commit)
        if subject is not None:
            subjects[commit.id] = subject
    log.append(commits, subjects)
    for receipt in old.receipts():
        log.add_receipt(
            receipt.body,
            device=receipt.device,
            epoch=receipt.epoch,
            sequence=receipt.sequence,
            at_ms=receipt.at_ms,
            serial=receipt.serial,
            server_epoch=receipt.server_epoch,
        )
    for body, why in old.quarantined():
        log.quarantine(body, why)
    for key, text in old.settings():
        if not key.startswith(CURSOR):
            log.set_setting(key, text)

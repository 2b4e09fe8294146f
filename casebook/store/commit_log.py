"""The commit log in an encrypted file.

Commits and receipts are only ever added: triggers refuse changing and deleting them, and their text is
compared at every opening. Several connections may have one file open (the store's and the sync's).

Source: docs/store.md, section "The database"; 21 CFR 11.10(e).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from casebook import ledger
from casebook.canonical import decode_object, text_of
from casebook.clock import Clock, system_clock
from casebook.custody import Link
from casebook.errors import (
    CommitUnreadableError,
    StoreDamagedError,
    StoreNewerError,
    TamperedStoreError,
    TriggersMissingError,
)
from casebook.ids import CommitId, CommitRef, DeviceId, Epoch, SubjectId, commit_id
from casebook.ledger import ChainHead, SealedCommit
from casebook.redaction import fits
from casebook.store import (
    BACKUP_SERIAL,
    SERVER_EPOCH,
    SERVER_LOST_AT,
    Quarantined,
    StoredReceipt,
    _disk,
    _examination,
    _links,
    _rows,
    _schema,
    _sqlite,
    _tips,
)
from casebook.store._beside import Beside

_BATCH = 100
"""Most rows of one reading. Limits stand in the text of a statement: bound ones have it planned anew each time."""
_ID_BYTES = 32
_SELECT = "SELECT position, id, header, payload, signature FROM commit_"
_RECEIPTED = (
    "FROM receipt_ WHERE device = ? AND epoch = ? AND server_epoch ="
    f" coalesce((SELECT text FROM setting_ WHERE key = '{SERVER_EPOCH}'), '')"
    f" AND at_ms >= coalesce((SELECT CAST(text AS INTEGER) FROM setting_ WHERE key = '{SERVER_LOST_AT}'), 0)"
)
"""What the server as it is now has confirmed of a chain."""
_LAST = "SELECT coalesce(max(position), 0) FROM commit_"
Result = TypeVar("Result")


class SqlcipherLog(Beside):
    """A `CommitLog` in one SQLCipher file. One thread uses one instance."""

    def __init__(self, path: Path, connection: _sqlite.Connection, clock: Clock, reserve: _disk.Reserve | None) -> None:
        """Use `create` or `open`."""
        self._path = path
        self._connection = connection
        self._clock = clock
        self._reserve = reserve
        self._is_together = False
        self._fresh: dict[bytes, SealedCommit] = {}
        self._last: int | None = None
        self._folds_in = False

    @classmethod
    def create(
        cls,
        path: Path,
        key: bytes,
        salt: bytes,
        *,
        clock: Clock = system_clock,
        reserve: _disk.Reserve | None = None,
        any_thread: bool = False,
    ) -> "SqlcipherLog":
        """Make an empty log and open it: the file appears whole or not at all.

        Args:
            key: 32 raw bytes; see `casebook.store.slots.database_key`.
            salt: 16 bytes, kept in the sidecar.
            clock: Tells when something was kept.
            reserve: Given up when the disk is full.
            any_thread: The caller sees to it that only one thread at a time uses the log.

        Raises:
            FileExistsError: There is a file of this name.
            DiskFullError, DiskFailedError: The disk refuses.
        """
        if path.exists():
            raise FileExistsError(path)
        fresh = path.with_name(path.name + ".new")
        for leftover in _sqlite.family(fresh):
            leftover.unlink(missing_ok=True)
        _disk.make_private(fresh)
        connection = _sqlite.connect(fresh, key, salt, create=True)
        try:
            with _sqlite.translated(fresh):
                _schema.build(connection)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
        try:
            _disk.replace(fresh, path)
        except OSError as error:
            raise _disk.as_unavailable(error, path.parent) from error
        return cls.open(path, key, salt, clock=clock, reserve=reserve, any_thread=any_thread)

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        salt: bytes,
        *,
        clock: Clock = system_clock,
        reserve: _disk.Reserve | None = None,
        any_thread: bool = False,
        wipes_memory: bool = True,
    ) -> "SqlcipherLog":
        """Open a log. Arguments as `create`; `wipes_memory` as `_sqlite.connect`.

        Raises:
            StoreMissingError: There is no file.
            StoreDamagedError: It does not open with this key, or is no log.
            StoreNewerError: A newer release wrote it.
            TriggersMissingError: The guards are missing or changed.
            TamperedStoreError: Its tables are not as this release made them.
            DiskFullError: There is no room for what SQLite keeps beside it.
        """

        def attempt() -> "SqlcipherLog":
            connection = _sqlite.connect(path, key, salt, any_thread=any_thread, wipes_memory=wipes_memory)
            log = cls(path, connection, clock, reserve)
            try:
                with _sqlite.translated(path):
                    log._admit()
            except BaseException:
                connection.close()
                raise
            return log

        return _disk.with_reserve(attempt, reserve)

    def _admit(self) -> None:
        """Refuse a file that is not ours, newer, or without its guards; bring an older one up to date."""
        file = self._path.name
        application_id, version = _schema.identify(self._connection)
        if application_id != _schema.APPLICATION_ID:
            raise StoreDamagedError(file=file, why="application_id")
        if version > _schema.VERSION:
            raise StoreNewerError(file=file)
        if version < _schema.VERSION:
            _schema.build(self._connection)
        if wrong := _schema.wrong_guards(self._connection):
            raise TriggersMissingError(file=file, why=", ".join(wrong))
        if wrong := _schema.wrong_tables(self._connection):
            raise TamperedStoreError(file=file, why=", ".join(wrong))

    def close(self) -> None:
        """Close the connection; the last one folds the write-ahead log into the file."""
        self._connection.close()

    # -- commits -------------------------------------------------------------------------------------

    def append(self, commits: Sequence[SealedCommit], subjects: Mapping[CommitId, SubjectId] | None = None) -> int:
        """See `CommitLog.append`."""
        for commit in commits:
            commit.parsed  # noqa: B018 - raises for a header that is not in the agreed form
        filed = subjects or {}
        now_ms = self._clock().utc_ms

        def work() -> int:
            if self._row("SELECT EXISTS (SELECT 1 FROM parked_)") == (0,):
                follow = self._that_follow(commits)
                new = self._insert(follow, filed, now_ms)
                return new + sum(self._take(one, filed, now_ms) for one in commits[len(follow) :])
            return sum(self._take(one, filed, now_ms) for one in commits)

        return self._write(work)

    def _that_follow(self, commits: Sequence[SealedCommit]) -> Sequence[SealedCommit]:
        """Return the first commits, up to one that follows what is not held."""
        here: set[CommitId] = set()
        for place, commit in enumerate(commits):
            previous = commit.parsed.previous
            if previous is not None and previous not in here and not self.has(previous):
                return commits[:place]
            here.add(commit.id)
        return commits

    def _take(self, commit: SealedCommit, filed: Mapping[CommitId, SubjectId], now_ms: int) -> int:
        """Insert a commit and what waited for it, or let it wait; returns how many were inserted."""
        previous = commit.parsed.previous
        if previous is not None and not self.has(previous):
            self._park(commit, filed.get(commit.id), now_ms)
            return 0
        return 1 + self._adopt(commit.id, now_ms) if self._insert((commit,), filed, now_ms) else 0

    def _insert(self, commits: Sequence[SealedCommit], filed: Mapping[CommitId, SubjectId | None], now_ms: int) -> int:
        """Insert commits whose parents are held or stand before them; returns how many were new."""
        payloads = self._payloads_to_keep(commits, now_ms)
        added = _rows.insert(self._connection, commits, payloads=payloads, subjects=filed, kept_at_ms=now_ms)
        if self._is_together:
            self._fresh.update((bytes.fromhex(one.id), one) for one in added)
        self._last = None
        _tips.extend(self._connection, added)
        return len(added)

    def _payloads_to_keep(self, commits: Sequence[SealedCommit], now_ms: int) -> Mapping[CommitId, bytes]:
        """Return the redactions to keep in the place of payloads; a redaction that a commit brings is kept."""
        for commit in commits:
            if ledger.redaction_of(commit) is not None:
                self._keep_redaction(commit.id, commit.payload, now_ms)
        if self._row("SELECT EXISTS (SELECT 1 FROM redacted_)") == (0,):
            return {}
        found: dict[CommitId, bytes] = {}
        for commit in commits:
            kept = self._row("SELECT payload FROM redacted_ WHERE id = ?", bytes.fromhex(commit.id))
            proof = ledger.redaction_of(SealedCommit(commit.header, kept[0], b"")) if kept is not None else None
            if kept is not None and proof is not None and fits(proof, commit):
                found[commit.id] = kept[0]
        return found

    def _keep_redaction(self, commit: CommitId, payload: bytes, now_ms: int) -> None:
        self._connection.execute(
            "INSERT INTO redacted_ (id, payload, kept_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (bytes.fromhex(commit), payload, now_ms),
        )

    def redact(self, redaction: SealedCommit) -> bool:
        """See `CommitLog.redact`."""
        try:
            target = commit_id(text_of(decode_object(redaction.payload), "cm"))
        except ValueError as error:
            raise CommitUnreadableError(why=str(error)) from None
        now_ms = self._clock().utc_ms

        def work() -> bool:
            self._keep_redaction(target, ledger.redacted_payload(redaction), now_ms)
            key = bytes.fromhex(target)
            kept = self._row("SELECT payload FROM redacted_ WHERE id = ?", key)
            payload = None if kept is None else kept[0]
            changed = 0
            for table in ("commit_", "parked_"):
                changed += self._connection.execute(
                    f"UPDATE {table} SET payload = ? WHERE id = ? AND payload <> ?", (payload, key, payload)
                ).rowcount
            return changed > 0

        with self.together():
            self._folds_in = True
            return self._write(work)

    def redactions(self) -> Mapping[CommitId, bytes]:
        """See `CommitLog.redactions`."""
        rows = self._rows("SELECT id, payload FROM redacted_")
        return {CommitId(id_.hex()): bytes(payload) for id_, payload in rows}

    def _park(self, commit: SealedCommit, subject: SubjectId | None, now_ms: int) -> None:
        self._connection.execute(
            "INSERT INTO parked_ (id, previous, subject, header, payload, signature, kept_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (
                bytes.fromhex(commit.id),
                bytes.fromhex(commit.parsed.previous or ""),
                subject,
                commit.header,
                commit.payload,
                commit.signature,
                now_ms,
            ),
        )

    def _adopt(self, parent: CommitId, now_ms: int) -> int:
        """Move what waited for `parent`, and what waited for that, into the log."""
        adopted = 0
        parents = [parent]
        while parents:
            previous = bytes.fromhex(parents.pop())
            waiting = self._rows(
                "SELECT header, payload, signature, subject FROM parked_ WHERE previous = ? ORDER BY rowid", previous
            )
            for header, payload, signature, subject in waiting:
                commit = SealedCommit(header, payload, signature)
                adopted += self._insert((commit,), {commit.id: subject}, now_ms)
                parents.append(commit.id)
            self._connection.execute("DELETE FROM parked_ WHERE previous = ?", (previous,))
        return adopted

    def has(self, commit: CommitId) -> bool:
        """See `CommitLog.has`."""
        return self._row("SELECT 1 FROM commit_ WHERE id = ?", bytes.fromhex(commit)) is not None

    def commit(self, commit: CommitId) -> SealedCommit:
        """See `CommitLog.commit`."""
        row = self._row(f"{_SELECT} WHERE id = ?", bytes.fromhex(commit))
        if row is None:
            raise KeyError(commit)
        return self._commit_of(row)

    def find(self, ref: CommitRef) -> SealedCommit | None:
        """See `CommitLog.find`."""
        least = bytes.fromhex(ref)
        row = self._row(
            f"{_SELECT} WHERE id BETWEEN ? AND ? LIMIT 1",
            *(least + bytes(_ID_BYTES - len(least)), least + b"\xff" * (_ID_BYTES - len(least))),
        )
        return None if row is None else self._commit_of(row)

    def last_position(self) -> int:
        """See `CommitLog.last_position`."""
        if not self._is_together:
            return self._number(_LAST)
        if self._last is None:  # nobody else writes meanwhile
            self._last = self._number(_LAST)
        return self._last

    def count(self) -> int:
        """See `CommitLog.count`."""
        return self._number("SELECT count(*) FROM commit_")

    def count_by_kind(self) -> Mapping[str, int]:
        """See `CommitLog.count_by_kind`."""
        return {str(kind): int(count) for kind, count in self._rows("SELECT kind, count(*) FROM commit_ GROUP BY kind")}

    def count_parked(self) -> int:
        """See `CommitLog.count_parked`."""
        return self._number("SELECT count(*) FROM parked_")

    def parked(self) -> Iterator[SealedCommit]:
        """See `CommitLog.parked`."""
        for header, payload, signature in self._rows("SELECT header, payload, signature FROM parked_ ORDER BY rowid"):
            yield SealedCommit(header, payload, signature)

    def heads(self) -> tuple[ChainHead, ...]:
        """See `CommitLog.heads`."""
        longest: dict[tuple[DeviceId, Epoch], ChainHead] = {}
        for head, _ in self.tips():
            longest.setdefault((head.device, head.epoch), head)
        return tuple(longest.values())

    def tips(self) -> tuple[tuple[ChainHead, str], ...]:
        """See `CommitLog.tips`."""
        return _tips.read(self._rows(_tips.ALL))

    def tips_of(self, sites: Collection[str], device: DeviceId | None = None) -> tuple[tuple[ChainHead, str], ...]:
        """See `CommitLog.tips_of`."""
        return _tips.read(self._rows(_tips.of_sites(len(sites)), *sites, device or ""))

    def forks(self) -> tuple[tuple[DeviceId, Epoch, int], ...]:
        """See `CommitLog.forks`."""
        rows = self._rows(
            "SELECT c.device, c.epoch, c.sequence FROM"
            " (SELECT device, epoch FROM tip_ GROUP BY device, epoch HAVING count(*) > 1) t"
            " JOIN commit_ c ON c.device = t.device AND c.epoch = t.epoch"
            " GROUP BY c.device, c.epoch, c.sequence HAVING count(*) > 1 ORDER BY c.device, c.epoch, c.sequence"
        )
        return tuple((DeviceId(device), Epoch(epoch), sequence) for device, epoch, sequence in rows)

    def chain(
        self, device: DeviceId, epoch: Epoch, after: int = 0, limit: int | None = None, upto: int | None = None
    ) -> Iterator[SealedCommit]:
        """See `CommitLog.chain`."""
        last = 2**62 if upto is None else upto
        sequence, position, left = after, 2**62, 2**62 if limit is None else limit
        while left > 0 and (
            rows := self._rows(
                "SELECT position, id, header, payload, signature, sequence FROM commit_ WHERE device = ? AND epoch = ?"
                " AND (sequence, position) > (?, ?) AND sequence <= ?"
                f" ORDER BY sequence, position LIMIT {min(left, _BATCH)}",
                *(device, epoch, sequence, position, last),
            )
        ):
            for row in rows:
                yield self._commit_of(row)
            position, sequence = rows[-1][0], rows[-1][5]
            left -= len(rows)

    def commits(self, subject: SubjectId | None = None) -> Iterator[SealedCommit]:
        """See `CommitLog.commits`."""
        position = 0
        while rows := self._arrived(position, _BATCH, subject):
            for row in rows:
                yield self._commit_of(row)
            position = rows[-1][0]

    def feed(self, after_position: int, limit: int | None = None) -> Iterator[tuple[int, SealedCommit]]:
        """See `CommitLog.feed`."""
        position, left = after_position, 2**62 if limit is None else limit
        while left > 0 and (rows := self._arrived(position, min(left, _BATCH), None)):
            for row in rows:
                yield row[0], self._commit_of(row)
            position = rows[-1][0]
            left -= len(rows)

    def of_kind(self, kind: str, after_position: int = 0) -> Iterator[tuple[int, SealedCommit]]:
        """See `CommitLog.of_kind`."""
        position = after_position
        while rows := self._rows(
            f"{_SELECT} WHERE kind = ? AND position > ? ORDER BY position LIMIT {_BATCH}", *(kind, position)
        ):
            for row in rows:
                yield row[0], self._commit_of(row)
            position = rows[-1][0]

    def _arrived(self, after_position: int, limit: int, subject: SubjectId | None) -> list[_sqlite.Row]:
        if subject is None:
            return self._rows(f"{_SELECT} WHERE position > ? ORDER BY position LIMIT {limit}", after_position)
        return self._rows(
            f"{_SELECT} WHERE subject = ? AND position > ? ORDER BY position LIMIT {limit}",
            *(subject, after_position),
        )

    def file_subjects(self, subjects: Mapping[CommitId, SubjectId]) -> int:
        """See `CommitLog.file_subjects`."""

        def work() -> int:
            return sum(
                self._connection.execute(
                    "UPDATE commit_ SET subject = ? WHERE id = ? AND subject IS NULL", (subject, bytes.fromhex(commit))
                ).rowcount
                for commit, subject in subjects.items()
            )

        return self._write(work)

    def filing(self, subject: SubjectId | None = None) -> Mapping[SubjectId, str]:
        """Return the subjects that commits are filed under, the last written of last; a mark changes with one more."""
        which, parameters = ("subject IS NOT NULL", ()) if subject is None else ("subject = ?", (subject,))
        rows = self._rows(
            f"SELECT subject, count(*), max(position) FROM commit_ WHERE {which} GROUP BY subject ORDER BY 3",
            *parameters,
        )
        return {SubjectId(subject): f"{count} {last}" for subject, count, last in rows}

    def filed_after(self, device: DeviceId, epoch: Epoch, sequence: int) -> Mapping[CommitId, SubjectId | None]:
        """Return the commits of a chain above a sequence, in order, each with the subject that it is filed under."""
        rows = self._rows(
            "SELECT id, subject FROM commit_ WHERE device = ? AND epoch = ? AND sequence > ? ORDER BY sequence",
            *(device, epoch, sequence),
        )
        return {CommitId(id_.hex()): SubjectId(subject) if subject else None for id_, subject in rows}

    def links(self) -> tuple[Link, ...]:
        """Return where every commit stands in its chain, without contents."""
        return _links.read(self._rows(_links.SELECT))

    def unfiled(self) -> Iterator[SealedCommit]:
        """Yield commits about subjects of which it is not known whose they are: sealed away when they came."""
        for row in self._rows(
            "SELECT position, id, header, payload, signature FROM commit_"
            " WHERE subject IS NULL AND compartment IN ('I', 'UI') ORDER BY position"
        ):
            yield self._commit_of(row)

    def _commit_of(self, row: _sqlite.Row) -> SealedCommit:
        commit = SealedCommit(row[2], row[3], row[4])
        if self._fresh.get(row[1]) == commit:
            return self._fresh[row[1]]  # whose id and header are worked out already
        if bytes.fromhex(commit.id) != row[1]:
            raise StoreDamagedError(file=self._path.name, why="SHA-256")
        return commit

    # -- receipts and the rest -----------------------------------------------------------------------

    def add_receipt(
        self,
        body: bytes,
        *,
        device: DeviceId,
        epoch: Epoch,
        sequence: int,
        at_ms: int,
        serial: int,
        server_epoch: str = "",
    ) -> bool:
        """See `CommitLog.add_receipt`."""
        values = (body, device, epoch, sequence, at_ms, serial, self._clock().utc_ms, server_epoch)
        return self._write(
            lambda: (
                self._connection.execute(
                    "INSERT INTO receipt_ (body, device, epoch, sequence, at_ms, serial, kept_at, server_epoch)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (body) DO NOTHING",
                    values,
                ).rowcount
                == 1
            )
        )

    def receipts(self) -> tuple[StoredReceipt, ...]:
        """See `CommitLog.receipts`."""
        rows = self._rows(
            "SELECT body, device, epoch, sequence, at_ms, serial, server_epoch FROM receipt_ ORDER BY position"
        )
        return tuple(
            StoredReceipt(
                body=body,
                device=DeviceId(device),
                epoch=Epoch(epoch),
                sequence=sequence,
                at_ms=at_ms,
                serial=serial,
                server_epoch=server_epoch,
            )
            for body, device, epoch, sequence, at_ms, serial, server_epoch in rows
        )

    def last_serial(self) -> int:
        """See `CommitLog.last_serial`."""
        return self._number("SELECT coalesce(max(serial), 0) FROM receipt_")

    def last_told_ms(self) -> int | None:
        """See `CommitLog.last_told_ms`."""
        return self._number("SELECT coalesce(max(at_ms), 0) FROM receipt_") or None

    def custody(self, device: DeviceId, epoch: Epoch) -> int:
        """See `CommitLog.custody`."""
        return self._number(f"SELECT coalesce(max(sequence), 0) {_RECEIPTED}", device, epoch)

    def backed_up(self, device: DeviceId, epoch: Epoch) -> int:
        """See `CommitLog.backed_up`."""
        serial = int(self.setting(BACKUP_SERIAL) or 0)
        return self._number(f"SELECT coalesce(max(sequence), 0) {_RECEIPTED} AND serial <= ?", device, epoch, serial)

    def received_at(self, device: DeviceId, epoch: Epoch, sequence: int) -> int | None:
        """See `CommitLog.received_at`."""
        row = self._row(f"SELECT min(at_ms) {_RECEIPTED} AND sequence >= ?", device, epoch, sequence)
        return None if row is None or row[0] is None else int(row[0])

    def quarantine(self, body: bytes, why: str) -> bool:
        """See `CommitLog.quarantine`."""
        values = (body, why, self._clock().utc_ms)
        sql = "INSERT INTO quarantine_ (body, why, kept_at) VALUES (?, ?, ?) ON CONFLICT (body) DO NOTHING"
        return self._write(lambda: self._connection.execute(sql, values).rowcount == 1)

    def quarantined(self) -> tuple[Quarantined, ...]:
        """See `CommitLog.quarantined`."""
        rows = self._rows("SELECT body, why, kept_at FROM quarantine_ ORDER BY position")
        return tuple(Quarantined(body=body, why=why, kept_at_ms=kept_at) for body, why, kept_at in rows)

    # -- examination ---------------------------------------------------------------------------------

    def examine(self, *, thorough: bool = False, in_use: bool = False) -> None:
        """Look for damage: every page's code, the tables' structure, and that every commit has its parent.

        About a third of a second for 70 MB. `thorough`: also every commit's hash and content hash. `in_use`: another
        connection may write meanwhile. Raises StoreDamagedError.
        """
        with _sqlite.translated(self._path):
            _examination.examine(self._connection, self._path.name, in_use=in_use)
            if thorough:
                _examination.examine_commits(self.commits(), self._path.name)

    # -- statements ----------------------------------------------------------------------------------

    @contextmanager
    def together(self) -> Iterator[None]:
        """See `CommitLog.together`."""
        if self._is_together:
            yield
            return
        with _sqlite.translated(self._path), _sqlite.transaction(self._connection):
            self._is_together = True
            try:
                yield
            finally:
                self._is_together = False
                self._fresh.clear()
                self._last = None
        if self._folds_in:
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")  # a redacted payload leaves the write-ahead log too
            self._folds_in = False

    def _write(self, work: Callable[[], Result], *, is_one: bool = False) -> Result:
        def attempt() -> Result:
            inner = _sqlite.still if is_one else _sqlite.part  # a single statement is whole or nothing by itself
            part = inner if self._is_together else _sqlite.transaction
            with _sqlite.translated(self._path), part(self._connection):
                return work()

        return _disk.with_reserve(attempt, self._reserve)

    def _rows(self, sql: str, *parameters: object) -> list[_sqlite.Row]:
        with _sqlite.translated(self._path):
            return self._connection.execute(sql, parameters).fetchall()

    def _row(self, sql: str, *parameters: object) -> _sqlite.Row | None:
        with _sqlite.translated(self._path):
            return self._connection.execute(sql, parameters).fetchone()

    def _number(self, sql: str, *parameters: object) -> int:
        row = self._row(sql, *parameters)
        return 0 if row is None else int(row[0])

"""Reading what can still be read of a damaged database.

A bad page hides the rows on it and no others: ranges of rows are read, and halved where they refuse.
What is read is believed only if it verifies by itself.

Source: docs/store.md, section "What each failure looks like".
"""

from collections.abc import Iterator

from casebook import ledger
from casebook.errors import CommitUnreadableError, CommitUntrustedError
from casebook.ids import DeviceId, Epoch, SubjectId
from casebook.ledger import SealedCommit
from casebook.store import StoredReceipt, _sqlite

_AT_ONCE = 256
_UNKNOWN_END = 2**22
_PATIENCE = 20_000
"""So many refused reads end a table."""

_COMMITS = "SELECT header, payload, signature, subject FROM commit_ WHERE position BETWEEN ? AND ? ORDER BY position"
_PARKED = "SELECT header, payload, signature, subject FROM parked_ WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
_RECEIPTS = "SELECT body, device, epoch, sequence, at_ms, serial FROM receipt_ WHERE position BETWEEN ? AND ?"
_QUARANTINED = "SELECT body, why FROM quarantine_ WHERE position BETWEEN ? AND ?"
_SETTINGS = "SELECT key, text FROM setting_ WHERE rowid BETWEEN ? AND ?"


class Salvage:
    """The readable rows of a damaged log."""

    def __init__(self, connection: _sqlite.Connection) -> None:
        """`connection`: on a copy of the damaged file."""
        self._connection = connection
        self._patience = _PATIENCE

    def commits(self) -> Iterator[tuple[SealedCommit, SubjectId | None]]:
        """Yield commits whose hashes hold, and whose they are; those that were parked come last."""
        for header, payload, signature, subject in (
            *self._rows(_COMMITS, "SELECT max(position) FROM commit_"),
            *self._rows(_PARKED, "SELECT max(rowid) FROM parked_"),
        ):
            commit = SealedCommit(header, payload, signature)
            try:
                ledger.check(commit)
            except (CommitUnreadableError, CommitUntrustedError):
                continue
            yield commit, SubjectId(subject) if subject else None

    def receipts(self) -> Iterator[StoredReceipt]:
        """Yield receipts; their signatures are for the caller's caller to check again."""
        for body, device, epoch, sequence, at_ms, serial in self._rows(_RECEIPTS, "SELECT max(position) FROM receipt_"):
            yield StoredReceipt(
                body=body,
                device=DeviceId(device),
                epoch=Epoch(epoch),
                sequence=sequence,
                at_ms=at_ms,
                serial=serial,
            )

    def quarantined(self) -> Iterator[tuple[bytes, str]]:
        """Return what was quarantined, and why."""
        return ((body, why) for body, why in self._rows(_QUARANTINED, "SELECT max(position) FROM quarantine_"))

    def settings(self) -> Iterator[tuple[str, str]]:
        """Return settings."""
        return ((key, text) for key, text in self._rows(_SETTINGS, "SELECT max(rowid) FROM setting_"))

    def _rows(self, sql: str, last_sql: str) -> Iterator[_sqlite.Row]:
        found = self._tried(last_sql)
        last = _UNKNOWN_END if found is None else int(found[0][0] or 0)
        self._patience = _PATIENCE
        ranges = [(first, min(first + _AT_ONCE - 1, last)) for first in range(1, last + 1, _AT_ONCE)][::-1]
        while ranges and self._patience:
            first, end = ranges.pop()
            rows = self._tried(sql, first, end)
            if rows is not None:
                yield from rows
            elif first < end:
                middle = (first + end) // 2
                ranges += [(middle + 1, end), (first, middle)]

    def _tried(self, sql: str, *parameters: int) -> list[_sqlite.Row] | None:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except _sqlite.DatabaseError:
            self._patience -= 1
            return None

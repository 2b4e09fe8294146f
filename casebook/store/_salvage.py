"""Reading what can still be read of a damaged database.

A bad page hides the rows on it, or below it, and no others: ranges of rows are read, and halved where
they refuse.
What is read is believed only if it verifies by itself.

Source: docs/store.md, section "What each failure looks like".
"""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from casebook import ledger
from casebook.errors import CommitUnreadableError, CommitUntrustedError
from casebook.ids import DeviceId, Epoch, SubjectId
from casebook.ledger import SealedCommit
from casebook.store import StoredReceipt, _sqlite

_AT_ONCE = 256
_SMALLEST_ROW_BYTES = 256
_PATIENCE = 150
"""So many refused reads end a table (about half a second)."""

_COMMITS = "SELECT header, payload, signature, subject FROM commit_ WHERE position BETWEEN ? AND ? ORDER BY position"
_PARKED = "SELECT header, payload, signature, subject FROM parked_ WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
_RECEIPTS = "SELECT * FROM receipt_ WHERE position BETWEEN ? AND ?"
"""All columns: a file of an earlier version has fewer."""
_QUARANTINED = "SELECT body, why FROM quarantine_ WHERE position BETWEEN ? AND ?"
_SETTINGS = "SELECT key, text FROM setting_ WHERE rowid BETWEEN ? AND ?"


class Salvage:
    """The readable rows of a damaged log."""

    def __init__(self, path: Path, key: bytes, salt: bytes) -> None:
        """`path`: a copy of the damaged file. Raises as `_sqlite.connect`."""
        self._path = path
        self._key = key
        self._salt = salt
        self._connection = _sqlite.connect(path, key, salt)
        self._most_rows = path.stat().st_size // _SMALLEST_ROW_BYTES
        self._patience = _PATIENCE

    def close(self) -> None:
        """Close the copy."""
        self._connection.close()

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
        for row in self._rows(_RECEIPTS, "SELECT max(position) FROM receipt_"):
            _, body, device, epoch, sequence, at_ms, serial, _, *server_epoch = row
            yield StoredReceipt(
                body=body,
                device=DeviceId(device),
                epoch=Epoch(epoch),
                sequence=sequence,
                at_ms=at_ms,
                serial=serial,
                server_epoch=server_epoch[0] if server_epoch else "",
            )

    def quarantined(self) -> Iterator[tuple[bytes, str]]:
        """Return what was quarantined, and why."""
        return ((body, why) for body, why in self._rows(_QUARANTINED, "SELECT max(position) FROM quarantine_"))

    def settings(self) -> Iterator[tuple[str, str]]:
        """Return settings."""
        return ((key, text) for key, text in self._rows(_SETTINGS, "SELECT max(rowid) FROM setting_"))

    def _rows(self, sql: str, last_sql: str) -> Iterator[_sqlite.Row]:
        found = self._tried(last_sql)
        last = self._most_rows if found is None else int(found[0][0] or 0)
        self._patience = _PATIENCE
        # Whole ranges first, so that a page that hides many rows does not use up the patience of the others.
        ranges = deque((first, min(first + _AT_ONCE - 1, last)) for first in range(1, last + 1, _AT_ONCE))
        while ranges and self._patience:
            first, end = ranges.popleft()
            rows = self._tried(sql, first, end)
            if rows is not None:
                yield from rows
            elif first < end:
                middle = (first + end) // 2
                ranges += [(first, middle), (middle + 1, end)]

    def _tried(self, sql: str, *parameters: int) -> list[_sqlite.Row] | None:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except _sqlite.DatabaseError:
            self._patience -= 1
            # SQLCipher refuses everything on a connection that has met a bad page.
            self._connection.close()
            self._connection = _sqlite.connect(self._path, self._key, self._salt)
            return None

"""Looking a whole log over for damage.

Source: docs/store.md, section "What each failure looks like".
"""

from collections.abc import Iterable

from casebook import ledger
from casebook.errors import CommitUnreadableError, CommitUntrustedError, StoreDamagedError
from casebook.ledger import SealedCommit
from casebook.store import _sqlite, _tips

_ORPHANS = (
    "SELECT count(*) FROM commit_ c WHERE c.previous IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM commit_ p WHERE p.id = c.previous)"
)


def examine(connection: _sqlite.Connection, file: str, *, in_use: bool) -> None:
    """Look at every page's code, the tables' structure, parents and ends of chains.

    Args:
        file: Its name, for the error.
        in_use: Others may write meanwhile: one moment of the log is read, and the pages in use are checked by that.

    Raises:
        StoreDamagedError: Something is damaged.
    """

    def rows(sql: str) -> list[_sqlite.Row]:
        return connection.execute(sql).fetchall()

    if in_use:
        rows("BEGIN")
    else:
        # The page check reads the file past the write-ahead log, so that is folded in first.
        rows("PRAGMA wal_checkpoint(TRUNCATE)")
        _refuse_unless(file, "cipher_integrity_check", holds=not rows("PRAGMA cipher_integrity_check"))
    try:
        _refuse_unless(file, "quick_check", holds=rows("PRAGMA quick_check(1)") == [("ok",)])
        _refuse_unless(file, "chain", holds=rows(_ORPHANS) == [(0,)])
        _refuse_unless(file, "tip_", holds=_tips.differing(connection) == 0)
    finally:
        if in_use and connection.in_transaction:
            rows("ROLLBACK")


def examine_commits(commits: Iterable[SealedCommit], file: str) -> None:
    """Look at every commit's form and content hash. Raises StoreDamagedError."""
    for commit in commits:
        try:
            ledger.check(commit)
        except (CommitUnreadableError, CommitUntrustedError):
            raise StoreDamagedError(file=file, why="SHA-256") from None


def _refuse_unless(file: str, why: str, *, holds: bool) -> None:
    if not holds:
        raise StoreDamagedError(file=file, why=why)

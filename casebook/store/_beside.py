"""What lies beside the commits: small facts of a log, and what was worked out of subjects' commits.

The latter is a cache that may be dropped at any time.

Source: docs/store.md, section "The database".
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from casebook.ids import SubjectId
from casebook.store import _sqlite

Result = TypeVar("Result")


class Beside(ABC):
    """Settings and summaries of one log."""

    _connection: _sqlite.Connection

    def setting(self, key: str) -> str | None:
        """See `CommitLog.setting`."""
        row = self._row("SELECT text FROM setting_ WHERE key = ?", key)
        return None if row is None else str(row[0])

    def settings(self) -> Mapping[str, str]:
        """Return all settings."""
        return {str(key): str(text) for key, text in self._rows("SELECT key, text FROM setting_")}

    def set_setting(self, key: str, text: str) -> None:
        """See `CommitLog.set_setting`."""
        self._write(
            lambda: self._connection.execute(
                "INSERT INTO setting_ (key, text) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text",
                (key, text),
            ),
            is_one=True,
        )

    def summary(self, subject: SubjectId) -> tuple[str, bytes] | None:
        """Return what was last cached for a subject (digest of what it was made from, body), or None."""
        row = self._row("SELECT digest, body FROM summary_ WHERE subject = ?", subject)
        return None if row is None else (str(row[0]), bytes(row[1]))

    def summaries(self) -> Mapping[SubjectId, tuple[str, bytes]]:
        """Return all that is cached."""
        rows = self._rows("SELECT subject, digest, body FROM summary_")
        return {SubjectId(subject): (digest, body) for subject, digest, body in rows}

    def set_summaries(self, summaries: Mapping[SubjectId, tuple[str, bytes]]) -> None:
        """Cache what was computed from subjects' commits, in one transaction."""

        def work() -> None:
            for subject, (digest, body) in summaries.items():
                self._connection.execute(
                    "INSERT INTO summary_ (subject, digest, body) VALUES (?, ?, ?)"
                    " ON CONFLICT (subject) DO UPDATE SET digest = excluded.digest, body = excluded.body",
                    (subject, digest, body),
                )

        self._write(work)

    def drop_summaries(self) -> None:
        """Empty the cache."""
        self._write(lambda: self._connection.execute("DELETE FROM summary_"))

    @abstractmethod
    def _write(self, work: Callable[[], Result], *, is_one: bool = False) -> Result: ...

    @abstractmethod
    def _rows(self, sql: str, *parameters: object) -> list[_sqlite.Row]: ...

    @abstractmethod
    def _row(self, sql: str, *parameters: object) -> _sqlite.Row | None: ...

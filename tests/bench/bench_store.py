"""Durable saves, beside plain SQLite and beside the disk's own floor.

All variants take turns in one process on one disk, so that its moods meet them alike. `rows()` is for
`make bench`; run alone, this prints them.
"""

import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from casebook.ledger import SealedCommit
from casebook.store import _disk
from casebook.store.commit_log import SqlcipherLog
from casebook.store.spool import OpenEntry, Spool
from tests.casebook.commits import Laptop, form_key, set_item

ROUNDS = 400
_KEY = bytes(range(32))
_SALT = bytes(range(16))
_ENTRY = os.urandom(300)
_BLOCK = os.urandom(4096)
FLOOR = "append + fsync of 4 KiB (the disk's floor)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured variant. Times in milliseconds; `ratio` to the floor."""

    name: str
    median_ms: float
    p95_ms: float
    ratio: float


class _Disk:
    """Every variant over one folder."""

    def __init__(self, folder: Path) -> None:
        self._floor = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
        self._plain.execute("PRAGMA journal_mode = WAL")
        self._plain.execute("PRAGMA synchronous = FULL")
        self._plain.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, device TEXT, sequence INTEGER, body BLOB)")
        self._plain.execute("CREATE INDEX entry_by_device ON entry (device, sequence)")
        self._spool = Spool.open(folder / "spool", _KEY)
        self._sealed_spool = Spool.open(folder / "sealed", _KEY)
        self._log = SqlcipherLog.create(folder / "casebook.db", _KEY, _SALT)
        self._laptop = Laptop(seed=1)
        self._subject, first = self._laptop.add_subject()
        self._log.append([first])
        self._number = 0

    def next_commit(self) -> SealedCommit:
        return self._laptop.save(form_key(self._subject), set_item("IT.SBP", "120"))

    def floor(self, _: SealedCommit) -> None:
        _disk.write_all(self._floor, _BLOCK)
        os.fsync(self._floor)

    def plain(self, _: SealedCommit) -> None:
        self._number += 1
        self._plain.execute("INSERT INTO entry (device, sequence, body) VALUES ('a', ?, ?)", (self._number, _ENTRY))

    def keep_item(self, _: SealedCommit) -> None:
        self._spool.append_open(OpenEntry(draft="draft", body=_ENTRY))

    def spool_sealed(self, commit: SealedCommit) -> None:
        self._sealed_spool.append_sealed(commit)

    def append_commit(self, commit: SealedCommit) -> None:
        self._log.append([commit])

    def close(self) -> None:
        os.close(self._floor)
        self._plain.close()
        self._spool.close()
        self._sealed_spool.close()
        self._log.close()


def rows(rounds: int = ROUNDS, folder: Path | None = None) -> list[Row]:
    """Measure. `folder`: on the disk that is meant; the system's temporary one when None."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as name:
        disk = _Disk(Path(name))
        variants: dict[str, Callable[[SealedCommit], None]] = {
            FLOOR: disk.floor,
            "plain sqlite3, WAL, FULL: insert 300 B": disk.plain,
            "keep one item (encrypted spool)": disk.keep_item,
            "sealed commit into the spool": disk.spool_sealed,
            "sealed commit into SQLCipher, WAL, FULL": disk.append_commit,
        }
        taken: dict[str, list[float]] = {variant: [] for variant in variants}
        order = list(variants)
        chosen = random.Random(1)
        for _ in range(rounds):
            commit = disk.next_commit()
            chosen.shuffle(order)
            for variant in order:
                start = time.perf_counter()
                variants[variant](commit)
                taken[variant].append((time.perf_counter() - start) * 1000)
        disk.close()
    floor_ms = statistics.median(taken[FLOOR])
    return [
        Row(
            name=variant,
            median_ms=statistics.median(times),
            p95_ms=statistics.quantiles(times, n=20)[-1],
            ratio=statistics.median(times) / floor_ms,
        )
        for variant, times in taken.items()
    ]


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name:<45} {row.median_ms:8.3f} ms  p95 {row.p95_ms:8.3f} ms  x{row.ratio:.2f}")

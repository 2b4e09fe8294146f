"""A vault that is entered into while every write is written down; see `shim.c`.

`python -m tests.rigs.entering_process FOLDER MANNER`. What was said to be kept is written to `acks` in the folder, so
that it stands in the same order as the writes. Manners: `product`, `server`, and controls that must lose something.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from casebook.ids import SubjectId
from casebook.ledger import SealedCommit, head_after
from casebook.store import _disk, _sqlite
from casebook.store.commit_log import SqlcipherLog
from casebook.store.healing import OpenStore, open_store, received_by
from casebook.store.slots import database_key
from casebook.store.spool import OpenEntry
from casebook.store.vault_files import VaultFolder
from tests.casebook.commits import Laptop
from tests.casebook.store.vaults import KEY, SALT, save

FORMS = 60
ENTRIES = 3
SEGMENT_BYTES = 6_000
ACKS = "acks"
Say = Callable[[str], None]


def saying(folder: Path) -> Say:
    """Return what writes one line to the acks, in one piece."""
    descriptor = os.open(folder / ACKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(text: str) -> None:
        os.write(descriptor, (text + "\n").encode("ascii"))

    return say


def enter(folder: Path) -> None:
    """Enter, seal, keep, receive and prune, as the product does; open anew now and then."""
    say, laptop = saying(folder), Laptop(seed=5)
    store = _opened(folder, laptop)
    subject, commit = laptop.add_subject()
    for number in range(FORMS):
        _enter_one(store, say, commit, subject, f"d{number}")
        if number % 9 == 8:
            _receive(store, commit, number)
        if number % 20 == 19:
            store.close()
            store = _opened(folder, laptop)
        commit = save(laptop, subject, str(number))
    store.close()


def _opened(folder: Path, laptop: Laptop) -> OpenStore:
    vault = VaultFolder(folder, ballast_bytes=4096)
    return open_store(vault, KEY, SALT, device=laptop.device, segment_bytes=SEGMENT_BYTES)


def _enter_one(store: OpenStore, say: Say, commit: SealedCommit, subject: SubjectId, draft: str) -> None:
    for entry in range(ENTRIES):
        store.spool.append_open(OpenEntry(draft=draft, body=f"{draft}.{entry}".encode()))
        say(f"entry {draft} {entry}")
    store.spool.append_sealed(commit, subject=subject, closes=draft)
    say(f"sealed {commit.id} {draft}")
    store.log.append([commit], {commit.id: subject})


def _receive(store: OpenStore, commit: SealedCommit, number: int) -> None:
    """A receipt comes for all so far: segments whose commits have all arrived at the server go."""
    head = head_after(commit)
    store.log.add_receipt(
        f"receipt {number}".encode(),
        device=head.device,
        epoch=head.epoch,
        sequence=head.sequence,
        at_ms=number,
        serial=number,
    )
    store.spool.prune(received_by(store.log))


def serve(folder: Path) -> None:
    """Keep commits as the server does: several frames durable together, then answered for."""
    say, laptop = saying(folder), Laptop(seed=5)
    log = SqlcipherLog.open(folder / "casebook.db", database_key(KEY), SALT)
    subject, commit = laptop.add_subject()
    for number in range(FORMS):
        fresh: list[SealedCommit] = []
        with log.together():
            for text in range(number % 4 + 1):
                log.append([commit], {commit.id: subject})
                log.set_setting("receipt_serial", f"{number}.{text}")
                fresh.append(commit)
                commit = save(laptop, subject, f"{number}.{text}")
        for one in fresh:
            say(f"sealed {one.id} d{number}")
    log.close()


def enter_without_sync(folder: Path) -> None:
    """As the product, but that nothing is flushed from the spool to the disk: entries must be lost."""
    vars(_disk)["flush"] = lambda _: None
    enter(folder)


def enter_without_spool(folder: Path) -> None:
    """Keep commits in the database alone, under WAL with synchronous=NORMAL: commits must be lost."""
    pragmas = tuple(one.replace("synchronous = FULL", "synchronous = NORMAL") for one in vars(_sqlite)["_PRAGMAS"])
    vars(_sqlite).update(_PRAGMAS=pragmas, _FULL=1)
    say, laptop = saying(folder), Laptop(seed=5)
    log = SqlcipherLog.open(folder / "casebook.db", database_key(KEY), SALT)
    subject, commit = laptop.add_subject()
    for number in range(FORMS):
        log.append([commit], {commit.id: subject})
        say(f"sealed {commit.id} d{number}")
        commit = save(laptop, subject, str(number))
    log.close()


MANNERS = {"product": enter, "server": serve, "without-sync": enter_without_sync, "without-spool": enter_without_spool}

if __name__ == "__main__":
    MANNERS[sys.argv[2]](Path(sys.argv[1]))

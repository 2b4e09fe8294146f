"""Processes that make things durable and say so, to be killed.

`python -m tests.casebook.store.appender enter|passphrase FOLDER NUMBER`
"""

import itertools
import os
import sys
from pathlib import Path

from casebook.store.healing import open_store
from casebook.store.slots import KeySlots
from casebook.store.spool import OpenEntry
from casebook.store.vault_files import VaultFolder
from tests.casebook.commits import Laptop
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, USER, save


def say(*words: object) -> None:
    """Tell the parent that something is durable."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def enter_and_seal(path: Path, seed: int) -> None:
    """Enter items, seal them and append them, for ever. Small segments, so that some begin on the way."""
    slots = KeySlots.open(path, CHEAP_KDF)
    key = slots.unlock(USER, PASSPHRASE).vault_key
    store = open_store(VaultFolder(path, ballast_bytes=4096), key, slots.database_salt, segment_bytes=20_000)
    laptop = Laptop(seed=seed)
    subject, commit = laptop.add_subject()
    for number in itertools.count():
        draft = f"{seed}.{number}"
        for entry in range(3):
            store.spool.append_open(OpenEntry(draft=draft, body=f"{draft}.{entry}".encode()))
            say("entry", draft, entry)
        store.spool.append_sealed(commit, subject=subject, closes=draft)
        say("sealed", draft, commit.id)
        store.log.append([commit], {commit.id: subject})
        say("appended", commit.id)
        commit = save(laptop, subject, str(number))


def change_passphrases(path: Path, first: int) -> None:
    """Change the passphrase again and again; passphrase N is followed by N + 1."""
    slots = KeySlots.open(path, CHEAP_KDF)
    for number in itertools.count(first):
        slots.change_passphrase(USER, f"passphrase {number}", f"passphrase {number + 1}")
        say(number + 1)


if __name__ == "__main__":
    KINDS = {"enter": enter_and_seal, "passphrase": change_passphrases}
    KINDS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))

"""Processes that make things durable and say so, to be killed.

`python -m tests.casebook.store.appender` loads everything once, and reads lines: what to do, a number, a folder.
"""

import itertools
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from casebook.ids import UserId
from casebook.store.healing import open_store
from casebook.store.rekeying import follow_rotation
from casebook.store.slots import KeySlots, VaultPerson
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


def make_sheets(path: Path, _: int) -> None:
    """Make one recovery sheet after the other, each typed back."""
    slots = KeySlots.open(path, CHEAP_KDF)
    key = slots.unlock(USER, PASSPHRASE).vault_key
    while True:
        code = slots.begin_recovery(key)
        say("begun", code)
        slots.test_recovery(code)
        say("tested", code)


def number_of(number: int) -> VaultPerson:
    """Return a person who comes and goes; the user id is the passphrase."""
    return VaultPerson(user=UserId(f"user{number}"), name=f"Person {number}")


def add_people(path: Path, first: int) -> None:
    """Add one person after the other."""
    slots = KeySlots.open(path, CHEAP_KDF)
    key = slots.unlock(USER, PASSPHRASE).vault_key
    for number in itertools.count(first):
        person = number_of(number)
        slots.add_person(key, person, person.user, person.name.encode(), replace_slot=True)
        say("added", number)


def rotate_keys(path: Path, first: int) -> None:
    """Add a person, rotate both keys while removing them, let the files of both shelves follow; for ever."""
    slots = KeySlots.open(path, CHEAP_KDF)
    folder = VaultFolder(path, ballast_bytes=4096)
    unlocked = slots.unlock(USER, PASSPHRASE)
    vault_key, unblinding_key = unlocked.vault_key, unlocked.unblinding_key
    say("unlocked")
    follow_rotation(folder, slots, vault_key, unblinding_key)
    for number in itertools.count(first):
        person = number_of(number)
        slots.add_person(vault_key, person, person.user, b"", unblinding_key=unblinding_key, replace_slot=True)
        say("added", number)
        rotated = slots.rotate(vault_key, unblinding_key, remove={person.user})
        vault_key, unblinding_key = rotated.vault_key, rotated.unblinding_key
        say("rotated", number)
        follow_rotation(folder, slots, vault_key, unblinding_key)
        say("followed", number)


KINDS = {
    "enter": enter_and_seal,
    "passphrase": change_passphrases,
    "recovery": make_sheets,
    "people": add_people,
    "rotation": rotate_keys,
}


def serve(kinds: Mapping[str, Callable[[Path, int], None]]) -> None:
    """Fork a process for each line that is read; the line says what it does, from which number on, and where."""
    for line in sys.stdin:
        kind, number, path = line.rstrip("\n").split("\t")
        begun, begin = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(begun, 1)
            try:
                kinds[kind](Path(path), int(number))
                os._exit(0)
            finally:
                traceback.print_exc()
                os._exit(1)
        say("child", child)
        os.write(begin, b"1")
        os.close(begun)
        os.close(begin)
        _, status = os.waitpid(child, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve(KINDS)

"""Killed while keys change: nobody is locked out, and nothing that was dropped opens again."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import WrongPassphraseError, WrongRecoveryCodeError
from casebook.store.healing import create_store, open_store
from casebook.store.rekeying import UNBLINDING_FOLDER, follow_rotation
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY, read_sidecar
from casebook.store.slots import KeySlots
from casebook.store.vault_files import VaultFolder
from tests.casebook.store.appender import number_of
from tests.casebook.store.killing import Killer
from tests.casebook.store.vaults import CHEAP, CHEAP_KDF, PASSPHRASE, USER, Vault

SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
ROUNDS = 500 if SOAK else 52
"""Four kinds of change: more than two hundred kills in the usual run."""
LIMIT_S = 0 if SOAK else 300
CHOSEN = random.Random(12)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault.make(tmp_path / "vault")
    vault.close()
    yield vault
    vault.close()


def reopened(vault: Vault) -> KeySlots:
    return KeySlots.open(vault.folder.path, CHEAP_KDF)


def nothing_weak_is_left(vault: Vault) -> None:
    """After a last change that was not killed: two equal files, no third, and every slot at its full cost."""
    slots = reopened(vault)
    slots.change_passphrase(USER, PASSPHRASE, PASSPHRASE)
    contents = [(vault.folder.path / name).read_bytes() for name in (SIDECAR, SIDECAR_COPY)]
    assert contents[0] == contents[1]
    assert not list(vault.folder.path.glob("*.tmp"))
    sidecar = read_sidecar(contents[0])
    assert sidecar is not None
    assert {slot.cost for slot in sidecar.slots if slot.person} == {CHEAP}


@pytest.mark.timeout(LIMIT_S)
def test_kill_while_changing_a_passphrase_locks_nobody_out(closed: Vault, killer: Killer) -> None:
    reopened(closed).change_passphrase(USER, PASSPHRASE, "passphrase 0")
    current = 0
    for _ in range(ROUNDS):
        said = killer.run_and_kill("passphrase", closed.folder.path, current, CHOSEN.uniform(0, 0.05))
        current = int(said[-1][0])
        slots = reopened(closed)
        try:
            unlocked = slots.unlock(USER, f"passphrase {current}")
        except WrongPassphraseError:
            current += 1  # durable, but the kill came before it was said
            unlocked = slots.unlock(USER, f"passphrase {current}")
        assert unlocked.vault_key == closed.key
        with pytest.raises(WrongPassphraseError):
            reopened(closed).unlock(USER, f"passphrase {current - 1}")
        reopened(closed).unlock(USER, f"passphrase {current}")
    reopened(closed).change_passphrase(USER, f"passphrase {current}", PASSPHRASE)
    with pytest.raises(WrongPassphraseError):
        reopened(closed).unlock(USER, f"passphrase {current}")
    reopened(closed).unlock(USER, PASSPHRASE)
    nothing_weak_is_left(closed)


@pytest.mark.timeout(LIMIT_S)
def test_kill_while_making_a_sheet_leaves_one_that_was_typed_back(closed: Vault, killer: Killer) -> None:
    standing = closed.slots.make_recovery(closed.key)
    for _ in range(ROUNDS):
        said = killer.run_and_kill("recovery", closed.folder.path, 0, CHOSEN.uniform(0, 0.05))
        codes = [standing, *(code for kind, code in said if kind == "begun")]
        tested = [standing, *(code for kind, code in said if kind == "tested")]
        slots = reopened(closed)
        opening = []
        for code in codes:
            with contextlib.suppress(WrongRecoveryCodeError):
                assert slots.unlock_recovery(code).vault_key == closed.key
                opening.append(code)
        assert len(opening) == 1, "no sheet that was dropped or never typed back opens"
        assert opening[0] in {tested[-1], codes[-1]}
        standing = opening[0]
        assert slots.unlock(USER, PASSPHRASE).vault_key == closed.key
    nothing_weak_is_left(closed)


@pytest.mark.timeout(LIMIT_S)
def test_kill_while_adding_people_keeps_who_was_added(closed: Vault, killer: Killer) -> None:
    added = 0
    for _ in range(ROUNDS):
        said = killer.run_and_kill("people", closed.folder.path, added, CHOSEN.uniform(0, 0.02))
        added = int(said[-1][1]) + 1
        slots = reopened(closed)
        people = len(slots.people()) - 1
        assert people in {added, added + 1}
        for number in range(max(0, added - 3), people):
            person = number_of(number)
            unlocked = slots.unlock(person.user, person.user)
            assert unlocked.vault_key == closed.key
            assert unlocked.private == person.name.encode()
        assert slots.unlock(USER, PASSPHRASE).vault_key == closed.key
    nothing_weak_is_left(closed)


@pytest.mark.timeout(LIMIT_S)
def test_kill_while_keys_and_files_change_loses_nothing_and_lets_nobody_back_in(closed: Vault, killer: Killer) -> None:
    holding = closed.slots.make_unblinding_key(closed.slots.unlock(USER, PASSPHRASE))
    assert holding.unblinding_key is not None
    code = closed.slots.make_recovery(closed.key, holding.unblinding_key)
    shelf = VaultFolder(closed.folder.path / UNBLINDING_FOLDER, ballast_bytes=4096)
    store = closed.reopen(segment_bytes=4_000)
    commits = closed.record(30)
    store.close()
    with contextlib.closing(create_store(shelf, holding.unblinding_key, closed.slots.unblinding_salt)) as store:
        for commit in commits[:9]:
            store.spool.append_sealed(commit)
            store.log.append([commit])
    number = 0
    keys = {closed.key, holding.unblinding_key}
    for place in range(ROUNDS):
        until = "rotated" if place % 2 else "unlocked"  # however slow the machine is, keys do change
        said = killer.run_and_kill("rotation", closed.folder.path, number, CHOSEN.uniform(0, 0.12), until)
        number = max((int(words[1]) for words in said if len(words) > 1), default=number - 1) + 1
        slots = reopened(closed)
        removed = [int(words[1]) for words in said if words[0] == "rotated"]
        for gone in removed[-3:]:
            with pytest.raises(WrongPassphraseError):
                slots.unlock(number_of(gone).user, number_of(gone).user)
        unlocked = slots.unlock(USER, PASSPHRASE)
        sheet = slots.unlock_recovery(code)
        assert (sheet.vault_key, sheet.unblinding_key) == (unlocked.vault_key, unlocked.unblinding_key)
        assert unlocked.unblinding_key is not None
        follow_rotation(closed.folder, slots, unlocked.vault_key, unlocked.unblinding_key)
        for folder, key, salt, count in (
            (closed.folder, unlocked.vault_key, slots.database_salt, 30),
            (shelf, unlocked.unblinding_key, slots.unblinding_salt, 9),
        ):
            with contextlib.closing(open_store(folder, key, salt)) as store:
                assert store.report.is_clean
                assert store.log.count() == len(tuple(store.spool.sealed())) == count
        keys |= {unlocked.vault_key, unlocked.unblinding_key}
    assert len(keys) > ROUNDS
    nothing_weak_is_left(closed)

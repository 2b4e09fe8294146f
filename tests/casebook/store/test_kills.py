"""Killed at any moment: what was said to be durable is there, and nobody is locked out."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import WrongPassphraseError
from casebook.ids import CommitId
from casebook.store.slots import SIDECAR, SIDECAR_COPY, KeySlots
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, USER, Vault

ROOT = Path(__file__).parents[3]
SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
ROUNDS = 500 if SOAK else 20
CHOSEN = random.Random(11)


def run_and_kill(kind: str, folder: Path, number: int, after_s: float) -> list[list[str]]:
    """Run the appender, kill it `after_s` after its first word, and return what it said to be durable."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.casebook.store.appender", kind, str(folder), str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, "it ended by itself"
        time.sleep(after_s)
        process.kill()
        said = first + process.stdout.read()
    return [line.split() for line in said.decode().splitlines()]


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault.make(tmp_path / "vault")
    vault.close()
    yield vault
    vault.close()


@pytest.mark.timeout(0 if SOAK else 300)
def test_kill_while_entering_loses_nothing_that_was_kept(closed: Vault) -> None:
    entries: dict[str, list[str]] = {}
    sealed: dict[str, CommitId] = {}
    for number in range(ROUNDS):
        for kind, *words in run_and_kill("enter", closed.folder.path, number, CHOSEN.uniform(0, 0.15)):
            match kind:
                case "entry":
                    entries.setdefault(words[0], []).append(words[1])
                case "sealed":
                    sealed[words[0]] = CommitId(words[1])
    store = closed.reopen()
    for draft, commit in sealed.items():
        assert store.log.has(commit), f"{draft} was sealed"
    open_drafts = {
        draft: [entry.body.decode().rsplit(".", 1)[1] for entry in store.spool.open_entries(draft)]
        for draft in store.spool.drafts()
    }
    for draft, numbers in entries.items():
        if draft not in sealed:
            # What was written and not yet said may be there too: one entry more, or the commit itself.
            kept = open_drafts.get(draft)
            assert kept is None or kept[: len(numbers)] == numbers
            assert kept is not None or len(numbers) == 3
    assert not set(open_drafts) & set(sealed)
    assert store.report.damaged_records == 0
    assert not store.report.behind
    store.log.examine(thorough=True)
    assert len(sealed) > ROUNDS


@pytest.mark.timeout(0 if SOAK else 300)
def test_kill_while_changing_a_passphrase_locks_nobody_out(closed: Vault) -> None:
    slots = KeySlots.open(closed.folder.path, CHEAP_KDF)
    slots.change_passphrase(USER, PASSPHRASE, "passphrase 0")
    current = 0
    for _ in range(ROUNDS):
        said = run_and_kill("passphrase", closed.folder.path, current, CHOSEN.uniform(0, 0.1))
        current = int(said[-1][0])
        slots = KeySlots.open(closed.folder.path, CHEAP_KDF)
        try:
            unlocked = slots.unlock(USER, f"passphrase {current}")
        except WrongPassphraseError:
            current += 1  # durable, but the kill came before it was said
            unlocked = slots.unlock(USER, f"passphrase {current}")
        assert unlocked.vault_key == closed.key
    slots.change_passphrase(USER, f"passphrase {current}", PASSPHRASE)
    assert (closed.folder.path / SIDECAR).read_bytes() == (closed.folder.path / SIDECAR_COPY).read_bytes()
    with pytest.raises(WrongPassphraseError):
        KeySlots.open(closed.folder.path, CHEAP_KDF).unlock(USER, f"passphrase {current}")

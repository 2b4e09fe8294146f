"""Killed at any moment: what was said to be durable is there, and nobody is locked out."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.ids import CommitId
from tests.casebook.store.killing import Killer
from tests.casebook.store.vaults import Vault

SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
ROUNDS = 500 if SOAK else 20
CHOSEN = random.Random(11)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault.make(tmp_path / "vault")
    vault.close()
    yield vault
    vault.close()


@pytest.mark.timeout(0 if SOAK else 300)
def test_kill_while_entering_loses_nothing_that_was_kept(closed: Vault, killer: Killer) -> None:
    entries: dict[str, list[str]] = {}
    sealed: dict[str, CommitId] = {}
    for number in range(ROUNDS):
        for kind, *words in killer.run_and_kill("enter", closed.folder.path, number, CHOSEN.uniform(0, 0.15)):
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

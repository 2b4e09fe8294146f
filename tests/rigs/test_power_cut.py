"""The power goes while forms are entered: whatever the disk kept of unsynced writes, nothing acknowledged is lost.

Every write, sync, truncation and name of a real vault is written down while it is entered into; then the states that
a power cut could leave are laid out, one by one, and opened by the product's own start-up. Controls that do not sync
as the product does must lose something, or the rig would prove nothing.
"""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from casebook.errors import CasebookError
from casebook.ids import CommitId
from casebook.store.commit_log import SqlcipherLog
from casebook.store.healing import create_store, open_store
from casebook.store.slots import database_key
from casebook.store.vault_files import VaultFolder
from tests.casebook.commits import Laptop
from tests.casebook.store.vaults import KEY, SALT
from tests.rigs.entering_process import ACKS, ENTRIES
from tests.rigs.histories import SOAK, chosen_seed
from tests.rigs.power import CHOICES, Call, Disk, read_calls

STATES = 1000 if SOAK else 200
CONTROL_STATES = 60
ROOT = Path(__file__).parents[2]
NAMES = ("nothing", "prefix", "everything")
_NOT_KEPT = ("casebook.db-shm", "lock", ACKS)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what writes the calls down."""
    built = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(built), str(source), "-ldl"],
        check=True,
    )
    return built


@dataclass(frozen=True)
class Recorded:
    """What a process did to a vault, from a first state on."""

    folder: Path
    base: Path
    calls: list[Call]

    @property
    def acks(self) -> list[list[str]]:
        """What was said to be kept, in order."""
        said = b"".join(one.data for one in self.calls if one.kind == "w" and one.path.endswith(ACKS))
        return [line.split() for line in said.decode().splitlines()]


def record(shim: Path, folder: Path, manner: str) -> Recorded:
    """Enter into a fresh vault in some manner and write down every call."""
    vault = folder / "vault"
    create_store(VaultFolder(vault, ballast_bytes=4096), KEY, SALT).close()
    base = Path(shutil.copytree(vault, folder / "base"))
    log = folder / "calls"
    loaded = {"LD_PRELOAD": str(shim), "CASEBOOK_SHIM_FOLDER": str(vault), "CASEBOOK_SHIM_LOG": str(log)}
    subprocess.run(
        [sys.executable, "-m", "tests.rigs.entering_process", str(vault), manner],
        cwd=ROOT,
        env={**os.environ, **loaded},
        check=True,
    )
    return Recorded(vault, base, read_calls(log))


Look = Callable[[Path, list[list[str]], dict[str, CommitId]], int]


def losses(recorded: Recorded, states: int, look: Look, scratch: Path) -> tuple[int, int]:
    """Lay out states and look at each; returns how many acknowledged things were lost, in how many states."""
    chance = random.Random(chosen_seed())
    cuts = sorted(chance.randrange(len(recorded.calls) + 1) for _ in range(states))
    commits = {words[2]: CommitId(words[1]) for words in recorded.acks if words[0] == "sealed"}
    disk, said = Disk(recorded.folder, recorded.base), bytearray()
    lost = hit = done = 0
    for number, cut in enumerate(cuts):
        for call in recorded.calls[done:cut]:
            if call.path.endswith(ACKS):
                said += call.data
            elif not call.path.endswith(_NOT_KEPT):
                disk.apply(call)
        done = cut
        state = scratch / str(number)
        state.mkdir()
        choice, names = chance.choice(list(CHOICES)), chance.choice(NAMES)
        disk.after_a_cut(state, CHOICES[choice], CHOICES[names], chance)
        acks = [line.split() for line in said.decode().splitlines()]
        gone = look(state, acks, commits)
        lost += gone
        hit += gone > 0
        shutil.rmtree(state)
    return lost, hit


def in_the_vault(state: Path, acks: list[list[str]], commits: dict[str, CommitId]) -> int:
    """Open a state as the product does and count what was acknowledged and is not there."""
    store = open_store(VaultFolder(state, ballast_bytes=4096), KEY, SALT, device=Laptop(seed=5).device)
    try:
        here = {draft: len(store.spool.open_entries(draft)) for draft in store.spool.drafts()}
        gone = 0
        for words in acks:
            if words[0] == "sealed":
                gone += not store.log.has(CommitId(words[1]))
            else:
                is_sealed = words[1] in commits and store.log.has(commits[words[1]])
                gone += not is_sealed and here.get(words[1], 0) <= int(words[2])
        store.log.examine(thorough=True)
        return gone
    finally:
        store.close()


def in_the_database(state: Path, acks: list[list[str]], _: dict[str, CommitId]) -> int:
    """Open the database alone and count the commits that are not there."""
    try:
        log = SqlcipherLog.open(state / "casebook.db", database_key(KEY), SALT)
    except CasebookError:
        return len(acks)
    try:
        return sum(not log.has(CommitId(words[1])) for words in acks)
    finally:
        log.close()


@pytest.mark.timeout(0 if SOAK else 300)
def test_nothing_acknowledged_is_lost_in_a_power_cut(
    shim: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    recorded = record(shim, tmp_path, "product")
    kinds = {call.kind for call in recorded.calls}
    assert {"w", "s", "d", "c", "u"} <= kinds
    assert len(recorded.acks) > ENTRIES

    lost, _ = losses(recorded, STATES, in_the_vault, tmp_path)

    assert lost == 0
    record_property(
        "rig", f"power cut: {STATES} states of {len(recorded.calls)} calls, {len(recorded.acks)} acknowledged, 0 lost"
    )


@pytest.mark.timeout(0 if SOAK else 300)
def test_nothing_that_the_server_answered_for_is_lost_in_a_power_cut(
    shim: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    recorded = record(shim, tmp_path, "server")

    lost, _ = losses(recorded, STATES, in_the_database, tmp_path)

    assert lost == 0
    record_property("rig", f"power cut of a server's store: {STATES} states of {len(recorded.calls)} calls, 0 lost")


@pytest.mark.parametrize(("manner", "look"), [("without-sync", in_the_vault), ("without-spool", in_the_database)])
def test_control_loses_something(
    manner: str, look: Look, shim: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    recorded = record(shim, tmp_path, manner)

    lost, hit = losses(recorded, CONTROL_STATES, look, tmp_path)

    assert hit > CONTROL_STATES // 10
    record_property("rig", f"power cut, control {manner}: {lost} lost, in {hit} of {CONTROL_STATES} states")

"""The laptop's process is killed while it pushes: what was sealed is not lost, a receipt means that it is there."""

import base64
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from casebook.ids import CommitId
from casebook.store.healing import create_store
from casebook.store.vault_files import VaultFolder
from casebook.sync.trust import Directory
from tests.casebook.store.vaults import KEY, SALT
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.journeys.test_kill import talker
from tests.rigs.histories import SOAK, chosen_seed
from tests.rigs.pushing_process import Pusher
from tests.rigs.test_server_kills import receipted, stores_of
from tests.server_process import ServerProcess

KILLS = 100 if SOAK else 15


def _enrolled(server: ServerProcess, folder: Path) -> Pusher:
    """Enrol a laptop and make its vault."""
    laptop = EnrolledLaptop(server)
    create_store(VaultFolder(folder, ballast_bytes=4096), KEY, SALT).close()
    identity = laptop.enrolled.server
    pusher = Pusher(
        url=server.url,
        study=laptop.enrolled.study,
        site=laptop.enrolled.site,
        user=laptop.user,
        device=laptop.device,
        keys=(laptop.signing.private.hex(), laptop.person.private.hex()),
        authority=base64.b64encode(laptop.enrolled.authority).decode("ascii"),
        server=(identity.device, identity.signing.hex(), identity.receipts.hex()),
    )
    pusher.write(folder)
    return pusher


@pytest.mark.timeout(0 if SOAK else 300)
def test_nothing_is_lost_when_the_laptop_is_killed_during_a_push(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "laptop"
    chance = random.Random(chosen_seed())
    sealed: list[CommitId] = []
    received = midway = 0
    whole_s = 0.0
    with ServerProcess(tmp_path / "server") as server, stores_of(server.folder) as there:
        pusher = _enrolled(server, folder)
        with talker("tests.rigs.pushing_process", str(folder)) as process:
            process.hear("ready")
            for kill in range(KILLS):
                process.ask(str(kill))
                (_, child), _ = process.hear("child")
                _, before = process.hear("pushing")
                if kill == 0:  # one push undisturbed: the kills are spread over so long
                    begun = time.monotonic()
                    process.hear("received")
                    whole_s = time.monotonic() - begun
                time.sleep(chance.uniform(0, 1.5 * whole_s))
                os.kill(child, signal.SIGKILL)
                (_, status), after = process.hear("ended")
                assert status == -signal.SIGKILL
                said = [*before, *after]
                sealed += [CommitId(line[1]) for line in said if line[0] == "sealed"]
                received += sum(line[0] == "received" for line in said)
                midway += sum(line[0] == "pushing" for line in after) == sum(line[0] == "received" for line in after)
                store = pusher.open(folder)
                try:
                    assert all(store.log.has(commit) for commit in sealed)
                    assert all(there["S"].has(commit) for commit in receipted(store.log))
                    assert not store.report.behind
                finally:
                    store.close()
        store = pusher.open(folder)
        try:
            pusher.exchange(store, Directory(pusher.identity))
            assert identities(store.log) == identities(there["S"])
            assert set(sealed) <= receipted(store.log)
            assert store.log.forks() == ()
            assert store.log.quarantined() == there["S"].quarantined() == ()
            assert store.log.count() == len(identities(store.log))
        finally:
            store.close()
    assert received
    assert midway > KILLS // 4
    record_property("rig", f"laptop killed {KILLS} times, {midway} of them during a push; {len(sealed)} forms")

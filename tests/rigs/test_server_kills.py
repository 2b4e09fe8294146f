"""The server's process is killed while it takes in what a laptop pushes: a receipt means that it is there."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casebook import crypto
from casebook.errors import CasebookError
from casebook.ids import CommitId
from casebook.store import CommitLog
from central_server.app import open_stores
from central_server.authority import read_keys
from central_server.settings import read_settings
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.rigs.histories import SOAK, chosen_seed
from tests.server_process import ServerProcess

KILLS = 100 if SOAK else 15
WAITED = 5
"""After so many pushes that are cut one is waited for; the server is killed right after its receipts."""
FORMS = {"S": 120, "U": 40}
Logs = dict[str, CommitLog]


def receipted(log: CommitLog) -> set[CommitId]:
    """Return the commits of which the laptop holds a receipt."""
    return {
        commit.id
        for receipt in log.receipts()
        for commit in log.chain(receipt.device, receipt.epoch)
        if commit.parsed.sequence <= receipt.sequence
    }


@contextlib.contextmanager
def stores_of(folder: Path) -> Iterator[Logs]:
    """Open the stores of a server that does not run."""
    keys = read_keys(folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
    with open_stores(read_settings(folder), keys) as stores:
        yield dict(stores.by_shelf)


def push(laptop: EnrolledLaptop) -> None:
    """Exchange both shelves; the server may be gone at any time."""
    with contextlib.suppress(CasebookError):
        laptop.sync_both()


def write_forms(laptop: EnrolledLaptop) -> None:
    """Fill in what the next push carries."""
    for shelf, count in FORMS.items():
        for number in range(count):
            laptop.write_form([str(number), "140", "160", "37.2"], compartment=shelf)


def seconds_of_a_push(laptop: EnrolledLaptop) -> float:
    """Push once, undisturbed, and return how long it took: the kills are spread over so long."""
    write_forms(laptop)
    begun = time.monotonic()
    push(laptop)
    return time.monotonic() - begun


@pytest.mark.timeout(0 if SOAK else 600)
def test_receipt_survives_a_kill_of_the_server(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    server = ServerProcess(tmp_path / "server").start()
    try:
        laptop = EnrolledLaptop(server)
        laptop.sync_both()
        here: Logs = {"S": laptop.log, "U": laptop.unblinding}
        chance = random.Random(chosen_seed())
        midway = confirmed = 0
        whole_s = seconds_of_a_push(laptop)
        for number in range(1, KILLS + KILLS // WAITED + 1):
            waits = number % (WAITED + 1) == 0
            before = {shelf: receipted(log) for shelf, log in here.items()}
            write_forms(laptop)
            pushing = threading.Thread(target=push, args=(laptop,))
            pushing.start()
            pushing.join(None if waits else chance.uniform(0, whole_s))
            midway += pushing.is_alive()
            server.kill()
            pushing.join()
            with stores_of(server.folder) as there:
                for shelf, log in here.items():
                    assert receipted(log) <= identities(there[shelf])
            confirmed += any(receipted(log) > before[shelf] for shelf, log in here.items())
            server.start()
        assert midway > KILLS // 4
        assert confirmed >= KILLS // WAITED

        reports = laptop.sync_both()

        assert all(report.in_step and not report.notices for report in reports)
    finally:
        server.stop()
    with stores_of(server.folder) as there:
        for shelf, log in here.items():
            held = [commit.id for commit in there[shelf].commits()]
            assert len(held) == len(set(held))
            assert (
                set(held)
                == identities(log)
                == receipted(log) | {one.id for one in log.commits() if one.parsed.device != laptop.device}
            )
            assert there[shelf].quarantined() == log.quarantined() == ()
    record_property("rig", f"server killed {number} times, {midway} of them during a push, {confirmed} after receipts")

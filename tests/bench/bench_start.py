"""Starting the application against a bare window, and opening a whole site.

Each start is a fresh process, the variants take turns; the clock stops when the window is on the
screen and the event loop has turned once.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from casebook.ids import UserId
from desktop_app.vault import Laptop
from tests.bench.bench_store import Row
from tests.bench.site import SUBJECTS, make_site
from tests.laptops import PASSPHRASE, sync

STARTS = 9
OPENINGS = 5
ROOT = Path(__file__).parents[2]
BARE = "bare QMainWindow, fresh process"

_BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.show()
def turned():
    print(time.time(), flush=True)
    application.quit()
QTimer.singleShot(0, turned)
application.exec()
"""
_CASEBOOK = """
import sys, time
from desktop_app.__main__ import main
def turned(application):
    print(time.time(), flush=True)
    application.quit()
sys.exit(main(["--folder", sys.argv[1]], on_first_turn=turned))
"""


def _run(code: str, bytecode: Path, *arguments: str) -> float:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(bytecode),  # an installed program is compiled; a checkout may not be
    }
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    return (float(done.stdout.split()[-1]) - begun) * 1000


def _row(name: str, times_ms: list[float], floor_ms: float) -> Row:
    ordered = sorted(times_ms)
    median = statistics.median(ordered)
    return Row(name=name, median_ms=median, p95_ms=ordered[-1], ratio=median / floor_ms)


def rows() -> list[Row]:
    """Return the start of the application beside a bare window's."""
    with tempfile.TemporaryDirectory() as name:
        bytecode, laptop = Path(name) / "bytecode", str(Path(name) / "laptop")
        bare: list[float] = []
        ours: list[float] = []
        for turn in range(STARTS + 1):
            times = _run(_BARE, bytecode), _run(_CASEBOOK, bytecode, laptop)
            if turn:  # the first turn compiles
                bare.append(times[0])
                ours.append(times[1])
    floor = statistics.median(bare)
    return [_row(BARE, bare, floor), _row("casebook, first window", ours, floor)]


def _open_once(laptop: Laptop) -> float:
    begun = time.perf_counter()
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    session.subjects()
    taken_ms = (time.perf_counter() - begun) * 1000
    session.lock()
    return taken_ms


def site_rows() -> list[Row]:
    """Return the opening of a site of 272 subjects x 7 visits, beside one that is empty.

    The key derivation is the tests' cheap one: its cost is by design and the same for both.
    """
    with tempfile.TemporaryDirectory() as name:
        _, empty, _ = make_site(Path(name) / "empty", 0)
        _, full, forms = make_site(Path(name) / "full", SUBJECTS)
        session = full.unlock(UserId("coordinator"), PASSPHRASE)
        session.subjects()
        session.lock()
        unsent = _open_once(full)
        session = full.unlock(UserId("coordinator"), PASSPHRASE)
        sync(full, session)
        session.lock()
        times: dict[str, list[float]] = {"empty": [], "full": [], "list": [], "casebook": [], "form": []}
        for _ in range(OPENINGS):
            begun = time.perf_counter()
            session = empty.unlock(UserId("coordinator"), PASSPHRASE)
            session.subjects()
            times["empty"].append((time.perf_counter() - begun) * 1000)
            session.lock()
            begun = time.perf_counter()
            session = full.unlock(UserId("coordinator"), PASSPHRASE)
            unlocked = time.perf_counter()
            subjects = session.subjects()
            listed = time.perf_counter()
            view = session.casebook(subjects[len(subjects) // 2].subject)
            opened = time.perf_counter()
            session.form(view.visits[0].cells[0].key)
            shown = time.perf_counter()
            session.lock()
            times["full"].append((listed - begun) * 1000)
            times["list"].append((listed - unlocked) * 1000)
            times["casebook"].append((opened - listed) * 1000)
            times["form"].append((shown - opened) * 1000)
    floor = statistics.median(times["empty"])
    return [
        _row("empty site: unlock and list", times["empty"], floor),
        _row(f"{SUBJECTS} subjects, {forms} forms, all unsent: once", [unsent], floor),
        _row("  all received: unlock and list", times["full"], floor),
        _row("  of which the list", times["list"], floor),
        _row("  then one casebook", times["casebook"], floor),
        _row("  then one form", times["form"], floor),
    ]

"""Going from one subject to another on a laptop with 272 of them, and on one with 10,000.

The two sites take turns: the application opens on one, does its rounds, closes, and opens on the other. A few subjects
have all forms, the others the first ones of the first visit, alike in both sites. The ratio is to the smaller site.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt

from desktop_app.vault import Laptop
from tests.bench.at_work import Worker
from tests.bench.bench_store import Row
from tests.bench.site import SUBJECTS, make_site, received

MANY = 10_000
WHOLE = 6
TURNS = 3
ACTS = WHOLE
"""So many times each act is done in a turn: once for each subject that has all forms."""
SIGN_IN, LIST, CASEBOOK, SEARCH = (
    "passphrase entered until Today stands",
    "to the list, until it stands as the record has it",
    "from the list to another casebook, by Enter",
    "one more digit in the search of the list",
)


def _made(folder: Path, subjects: int) -> Laptop:
    begun = time.perf_counter()
    ward, laptop, forms = make_site(folder, subjects, min(WHOLE, subjects))
    with ward.session(laptop) as session:
        received(session)
        session.agenda.today()
    told = f"a site of {subjects:,} subjects with {forms:,} forms, made in {time.perf_counter() - begun:.0f} s"
    print(f"  ({told})", flush=True)
    return laptop


def _turn(laptop: Laptop, acts: int) -> dict[str, list[float]]:
    worker = Worker(laptop)
    taken: dict[str, list[float]] = {SIGN_IN: [worker.sign_in()], LIST: [], CASEBOOK: [], SEARCH: []}
    for number in range(acts):
        worker.to_today()
        taken[LIST].append(worker.to_list())
        taken[CASEBOOK].append(worker.to_casebook(number))
        worker.to_today()
        worker.to_list()
        taken[SEARCH].append(worker.find_subject(Qt.Key.Key_0))
        worker.clear_search()
    worker.close()
    return taken


def rows(sizes: Sequence[int] = (SUBJECTS, MANY), turns: int = TURNS, acts: int = ACTS, warm: int = 1) -> list[Row]:
    """Measure. `warm`: so many turns come first and are not counted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        laptops = {size: _made(Path(folder) / str(size), size) for size in sizes}
        taken: dict[tuple[str, int], list[float]] = {}
        for turn in range(warm + turns):
            for size, laptop in laptops.items():
                for name, times in _turn(laptop, acts).items():
                    if turn >= warm:
                        taken.setdefault((name, size), []).extend(times)
    found = []
    for name in (SIGN_IN, LIST, CASEBOOK, SEARCH):
        floor = statistics.median(taken[name, sizes[0]])
        for size in sizes:
            times = sorted(taken[name, size])
            median = statistics.median(times)
            told = f"{name}: {size:,}" if size == sizes[0] else f"  {size:,}"
            found.append(Row(name=told, median_ms=median, p95_ms=times[int(len(times) * 0.95)], ratio=median / floor))
    return found

"""What a hand waits for in the real windows, beside a bare window in a process of its own, and beside the disk.

Every round does each thing once, ours and the bare one's in turn, so that the machine's moods meet both alike. A time
ends when the frame that shows what came of the act is drawn. The site has 272 subjects unless `rows` is told otherwise,
and the rows begin by saying how many; the forms are an ordinary one and the longest one of the study.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from casebook.store import _disk
from desktop_app.theme import Look
from tests.bench.at_work import Worker
from tests.bench.bare import BareProcess
from tests.bench.bench_store import FLOOR, Row
from tests.bench.site import SUBJECTS, make_site
from tests.bench.timing import Frames, key_until_drawn, timed
from tests.desktop_app.places import Book

ROUNDS = 15
SHORT, LONG = "ordinary form", "longest form"
FORMS = {SHORT: "F.VS", LONG: "F.LB"}
PANELS = {"LBPANEL": "HAEM COAG GLUC RENAL LIVER LIPID CARDIAC"}
"""With them the longest form asks all that it can ask."""
_BLOCK = os.urandom(4096)


class _Bench:
    """The application on a made site, and the bare window beside it."""

    def __init__(self, folder: Path, subjects: int, bare: BareProcess) -> None:
        """Make the site and sign in."""
        ward, laptop, _ = make_site(folder / "site", subjects, 0)
        with ward.session(laptop) as session:
            self._subject = session.add_subject().subject
            Book(design=session.design, subject=self._subject, site=session.site).enter(session, {FORMS[LONG]: PANELS})
        print(f"  (a site of {subjects:,} subjects)", flush=True)
        self.worker = worker = Worker(laptop)
        worker.sign_in()
        worker.to_list()
        worker.to_today()
        self._bare = bare
        self._disk = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._number = 0
        self._language = "en"
        self._look = Look.LIGHT
        self.fields: dict[str, int] = {}
        for name in FORMS:
            self.open(name)
            self.fields[name] = len(worker.rows())

    def open(self, name: str) -> list[float]:
        """Open a form by its name here; after the other one, so that it is built anew."""
        other = LONG if name == SHORT else SHORT
        self.worker.open(self._subject, FORMS[other])
        return [self.worker.open(self._subject, FORMS[name])]

    def keys(self, name: str) -> list[float]:
        """Press keys in a form."""
        self.open(name)
        _, editor = self.worker.field()
        editor.clear()
        return key_until_drawn(editor)

    def keep(self, name: str) -> list[float]:
        """Leave a field of a form."""
        self.open(name)
        row, editor = self.worker.field()
        self._number += 1
        return [self.worker.enter(row, editor, str(60 + self._number))]

    def floor(self) -> list[float]:
        """Put 4 KiB on the disk."""
        start = time.perf_counter()
        _disk.write_all(self._disk, _BLOCK)
        os.fsync(self._disk)
        return [(time.perf_counter() - start) * 1000]

    def look(self, name: str) -> list[float]:
        """Go from light to dark, or back."""
        self.open(name)
        self._look = Look.DARK if self._look is Look.LIGHT else Look.LIGHT
        return [self._until_drawn(lambda: self.worker.application.switch_look(self._look))]

    def language(self, name: str) -> list[float]:
        """Go from English to Chinese, or back."""
        self.open(name)
        self._language = "zh" if self._language == "en" else "en"
        return [self._until_drawn(lambda: self.worker.application.switch_language(self._language))]

    def _until_drawn(self, act: Callable[[], None]) -> float:
        row, _ = self.worker.field()
        frames = Frames(row)
        taken = timed(act, lambda: frames.drawn > 0)
        row.removeEventFilter(frames)
        frames.deleteLater()
        self.worker.settle()
        return taken

    def bare(self, what: str, fields: int) -> Callable[[], list[float]]:
        """Return how the bare window does something."""
        return lambda: self._bare.ask(what, fields)

    def close(self) -> None:
        """Close the application; the look is the one that it was."""
        self.worker.application.switch_look(Look.SYSTEM)
        self.worker.close()
        os.close(self._disk)

    def groups(self) -> Sequence[Mapping[str, Callable[[], list[float]]]]:
        """Return what is measured: in each group the first is the floor of the others."""
        few, many = self.fields[SHORT], self.fields[LONG]

        def told(name: str) -> str:
            return f"{name}, {self.fields[name]} items"

        return (
            {
                "bare window: key pressed until painted": self.bare("key", 1),
                f"  {told(SHORT)}": lambda: self.keys(SHORT),
                f"  {told(LONG)}": lambda: self.keys(LONG),
            },
            {
                FLOOR: self.floor,
                f"  field left until marked as kept, {told(SHORT)}": lambda: self.keep(SHORT),
                f"  field left until marked as kept, {told(LONG)}": lambda: self.keep(LONG),
            },
            {
                f"bare window: {few} labels and fields made": self.bare("form", few),
                f"  opening the {told(SHORT)}": lambda: self.open(SHORT),
            },
            {
                f"bare window: {many} labels and fields made": self.bare("form", many),
                f"  opening the {told(LONG)}": lambda: self.open(LONG),
            },
            {
                f"bare window of {many} fields: another palette": self.bare("look", many),
                f"  light to dark and back, {told(LONG)}": lambda: self.look(LONG),
            },
            {
                f"bare window of {many} fields: other words": self.bare("words", many),
                f"  English to Chinese and back, {told(LONG)}": lambda: self.language(LONG),
            },
        )


def rows(rounds: int = ROUNDS, subjects: int = SUBJECTS, warm: int = 1) -> list[Row]:
    """Measure. `warm`: so many rounds come first and are not counted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, BareProcess() as bare:
        bench = _Bench(Path(folder), subjects, bare)
        try:
            groups = bench.groups()
            acts = {name: act for group in groups for name, act in group.items()}
            taken: dict[str, list[float]] = {name: [] for name in acts}
            order, chance = list(acts), random.Random(1)
            for turn in range(warm + rounds):
                chance.shuffle(order)
                for name in order:
                    times = acts[name]()
                    if turn >= warm:
                        taken[name] += times
        finally:
            bench.close()
    return [row for group in groups for row in _rows(group, taken)]


def _rows(group: Mapping[str, object], taken: Mapping[str, Sequence[float]]) -> list[Row]:
    floor = statistics.median(taken[next(iter(group))])
    return [
        Row(
            name=name,
            median_ms=statistics.median(taken[name]),
            p95_ms=sorted(taken[name])[int(len(taken[name]) * 0.95)],
            ratio=statistics.median(taken[name]) / floor,
        )
        for name in group
    ]

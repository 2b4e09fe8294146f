"""A process that is killed while items are entered: what was said to be kept is there on reopening.

`kill -9` at random moments: while the record is opened, an entry is on its way to the disk, a form is
sealed, the laptop is locked. What was in the program's memory is gone; what it had called kept is not.
"""

import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.session import Session
from desktop_app.snapshots import Mark
from tests.laptops import Ward, sync

KILLS = 2000 if os.environ.get("CASEBOOK_EFFORT") == "soak" else 100
WINDOW_KILLS = 40 if os.environ.get("CASEBOOK_EFFORT") == "soak" else 4
ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
LONGEST_S = 0.25
"""Children live at most about this long after they were asked to begin entering."""


class Talker:
    """A child process that writes one JSON list per line."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.lines: queue.Queue[list[Any]] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(["silent"])

    def ask(self, text: str) -> None:
        """Write one line to the process."""
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")

    def hear(self, first: str) -> tuple[list[Any], list[list[Any]]]:
        """Wait for the line that begins with `first`; returns it and the lines before it."""
        before: list[list[Any]] = []
        while (line := self.lines.get(timeout=PATIENCE_S))[0] != first:
            assert line != ["silent"], "the process ended by itself"
            before.append(line)
        return line, before

    def close(self) -> None:
        """End the process, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


@contextmanager
def talker(module: str, *arguments: str) -> Iterator[Talker]:
    process = Talker(module, *arguments)
    try:
        yield process
    finally:
        process.close()


Place = tuple[FormKey, ItemPath]


@dataclass
class Said:
    """What the killed processes had said, in order.

    Attributes:
        kept: Values that were marked as kept.
        last: What stood in a field when it was last said to be kept, or kept as it was typed.
        under_way: What was being entered when the process ended; it may be there or not.
    """

    kept: dict[Place, list[str]] = field(default_factory=dict)
    last: dict[Place, str] = field(default_factory=dict)
    under_way: tuple[Place, str] | None = None
    subjects: list[str] = field(default_factory=list)
    entries: int = 0

    def take(self, lines: Sequence[Sequence[Any]]) -> set[Place]:
        """Take in what one process said; returns the places that it spoke of."""
        touched: set[Place] = set()
        self.under_way = None
        for line in lines:
            match line:
                case ["entering" | "kept" | "typed" | "standing" as how, subject, visit, form, group, item, raw]:
                    key = FormKey(subject=SubjectId(subject), visit=VisitKey(visit=visit), form=form)
                    place = (key, ItemPath(group=group, item=item))
                    if how == "entering":
                        self.under_way = (place, raw)
                        continue
                    touched.add(place)
                    self.entries += 1
                    self.under_way = None
                    self.last[place] = raw
                    if how == "kept":
                        self.kept.setdefault(place, []).append(raw)
                case ["subject", number]:
                    self.subjects.append(number)
        return touched

    def check(self, session: Session, places: Iterable[Place]) -> None:
        """Hold what was said of `places` against what the laptop shows now."""
        assert set(self.subjects) <= {row.number for row in session.subjects()}
        if self.under_way is not None:
            place, raw = self.under_way
            if _standing(session, place) == raw:
                self.last[place] = raw
        for place in places:
            assert _standing(session, place) == self.last[place], place
            trail = iter([line.shown("en") for line in session.trail(*place)])
            assert all(value in trail for value in self.kept.get(place, [])), place


def _standing(session: Session, place: Place) -> str:
    """Return what stands in a field."""
    view = session.form(place[0]).item(place[1])
    return view.typed if view.mark is Mark.TYPED else view.reading.value or ""


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.mark.timeout(0 if KILLS > 100 else 280)
def test_entries_that_were_kept_survive_a_kill_at_any_moment(ward: Ward) -> None:
    laptop = ward.enrolled()
    chance = random.Random(20260301)
    said = Said()
    with talker("tests.journeys.entering_process", str(ward.folder / "one")) as process:
        process.hear("ready")
        for kill in range(KILLS):
            process.ask(str(kill))
            (_, child), _ = process.hear("child")
            before: list[list[Any]] = []
            if kill % 5:
                _, before = process.hear("open")
                for _ in range(chance.randrange(5)):  # so many are kept at least, however busy the machine is
                    kept, others = process.hear("kept")
                    before += [*others, kept]
            time.sleep(chance.uniform(0, LONGEST_S))
            os.kill(child, signal.SIGKILL)
            (_, status), lines = process.hear("ended")
            assert status == -signal.SIGKILL
            touched = said.take([*before, *lines])
            with ward.session(laptop) as session:
                said.check(session, touched)
    with ward.session(laptop) as session:
        said.check(session, said.last)
        sync(laptop, session)
        view = session.sync_view()
        assert (view.here_only, view.quarantined, view.parked) == (0, 0, 0)
        assert view.message is not None
        assert "In step with the server" in view.message("en")
    assert said.entries > KILLS


@pytest.mark.timeout(0 if WINDOW_KILLS > 4 else 280)
def test_entries_that_the_window_marked_as_kept_survive_a_kill(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        session.add_subject()
    chance = random.Random(20260302)
    said = Said()
    for kill in range(WINDOW_KILLS):
        with talker("tests.journeys.typing_process", str(ward.folder / "one"), str(kill)) as process:
            before: list[list[Any]] = []
            for _ in range(chance.randint(1, 25)):
                line, others = process.hear("kept")
                before += [*others, line]
            time.sleep(chance.uniform(0, 0.1))
            os.kill(process.process.pid, signal.SIGKILL)
            _, rest = process.hear("silent")
            assert process.process.wait() == -signal.SIGKILL
        touched = said.take([*before, *rest])
        assert touched
        with ward.session(laptop) as session:
            said.check(session, touched)
    with ward.session(laptop) as session:
        said.check(session, said.last)

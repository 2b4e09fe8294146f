"""What the process holds after ten thousand actions: resident size after each thousand, and a line through it.

Nobody enters anything new in most of them, so that what is recorded stays the same; what is typed is taken back. The
first points warm up caches of Qt and of the study and are shown, not fitted. A slope that is smaller than twice its own
standard error is no growth.
"""

import itertools
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from desktop_app.theme import Look
from tests.bench.at_work import CONTROL, Worker
from tests.bench.bench_windows import FORMS, LONG, PANELS, SHORT
from tests.bench.site import make_site, received
from tests.bench.timing import key_drawn, press
from tests.desktop_app.places import Book

ACTIONS = 10_000
EVERY = 1_000
SUBJECTS = 24
WARM = 3
"""So many of the points are not fitted."""
Key = Qt.Key


def resident_kib() -> int:
    """Return how much memory this process holds; Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return slope and its standard error of a line through points, by least squares; at least three points."""
    xs, ys = zip(*points, strict=True)
    fitted = statistics.linear_regression(xs, ys)
    left = sum((y - fitted.intercept - fitted.slope * x) ** 2 for x, y in points)
    mean = statistics.fmean(xs)
    return fitted.slope, math.sqrt(left / (len(points) - 2) / sum((x - mean) ** 2 for x in xs))


def _actions(worker: Worker) -> Iterator[Callable[[], object]]:
    """Yield one action after the other, for ever: mostly keys, and every page and form again and again."""
    for number in itertools.count():
        yield worker.to_list
        subject = worker.subject_in(number % SUBJECTS)
        yield partial(worker.to_casebook, number % SUBJECTS)
        for form in (SHORT, LONG):
            yield partial(worker.open, subject, FORMS[form])
            yield from _typing(worker)
        for place in (Key.Key_1, Key.Key_3, Key.Key_4, Key.Key_6, Key.Key_7):
            yield partial(_press, worker, place, CONTROL)
        yield partial(_press, worker, Key.Key_K, CONTROL)
        yield partial(_press, worker, Key.Key_Escape)
        if number % 20 == 0:
            for language in ("zh", "en"):
                yield partial(worker.application.switch_language, language)
            for look in (Look.DARK, Look.SYSTEM):
                yield partial(worker.application.switch_look, look)


def _press(worker: Worker, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    press(worker.window, key, modifier)
    worker.settle()


def _typing(worker: Worker) -> Iterator[Callable[[], object]]:
    """Yield ways through a form, and keys in a field, which is empty again after them."""
    for _ in range(4):
        yield partial(_press, worker, Key.Key_Tab)
    _, editor = worker.field()
    editor.clear()
    for key in (Key.Key_1, Key.Key_2, Key.Key_Backspace, Key.Key_Backspace) * 5:
        yield partial(key_drawn, editor, key)


def points(actions: int = ACTIONS, every: int = EVERY, subjects: int = SUBJECTS) -> list[tuple[float, float]]:
    """Return resident KiB after every so many actions, by the number of actions."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ward, laptop, _ = make_site(Path(folder), subjects, 0)
        with ward.session(laptop) as session:
            for row in session.subjects():
                Book(design=session.design, subject=row.subject, site=session.site).enter(
                    session, {FORMS[LONG]: PANELS}
                )
            received(session)
        worker = Worker(laptop)
        worker.sign_in()
        found = []
        for number, act in zip(range(1, actions + 1), _actions(worker), strict=False):
            act()
            if number % every == 0:
                worker.settle()
                found.append((float(number), float(resident_kib())))
        worker.close()
    return found


def report() -> Iterator[str]:
    """Measure, and yield a line for each point and one for the fit."""
    found = points()
    for number, kib in found:
        yield f"after {number:6,.0f} actions {kib / 1024:8.1f} MiB"
    each, noise = slope(found[WARM:])
    yield f"fitted from {found[WARM][0]:,.0f} on: {each * EVERY:+.0f} KiB per {EVERY:,} actions, +- {noise * EVERY:.0f}"

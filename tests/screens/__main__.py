"""Writes a picture of every screen and its important states: each language, light and dark, 100 % and 200 %.

    python -m tests.screens [FOLDER]   build/pictures where none is named; index.html there shows them all
    python -m tests.screens --readme   the pictures of the README, into docs/pictures

On a store made for it, one process for each scale: Qt reads it once, when its application is made. The list is walked
anew for each language and scheme, which takes a quarter of the time of changing both on every screen.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QCursor

from casebook.versions import Designs
from desktop_app import theme
from desktop_app.app import make_qt
from desktop_app.training import TrainingLaptop
from tests.journeys.hands import Hands
from tests.laptops import design
from tests.screens.screens import NOBODY, Screen, screens, training_screens
from tests.screens.stage import Stage
from tests.screens.walk import fresh, in_front, practise, rest, walk

ROOT = Path(__file__).resolve().parents[2]
SCALES = {"100": "1", "200": "2"}
WINDOW = (1366, 728)
"""Physical pixels: the smallest screen of the study's laptops, without a task bar."""
LANGUAGES = ("en", "zh")
SCHEMES = {"light": theme.LIGHT, "dark": theme.DARK}
SHADES = 128
"""How many colours a picture of the README has: a third of the bytes, and no difference to be seen."""
LOOKS = tuple((language, scheme) for language in LANGUAGES for scheme in SCHEMES)
README = ("today", "casebook", "scale-timer", "imaging-regions", "laboratory-grid", "sync")
"""The screens that the README shows, in English and light, in Chinese and dark."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes pictures of windows of one size."""

    folder: Path
    size: QSize
    only: frozenset[str]
    ending: str

    def look(self, screen: Screen, hands: Hands) -> None:
        """Take a picture of a screen, if it is wanted."""
        if hands.window.size() != self.size:
            hands.window.resize(self.size)
            rest(hands)
        if not self.only or screen.name in self.only:
            in_front(hands).grab().save(str(self.folder / f"{screen.name}.{self.ending}.png"))


def main(arguments: list[str]) -> int:
    """Write all pictures; returns 1 where a screen could not be reached."""
    if arguments == ["--readme"]:
        folder = ROOT / "docs" / "pictures"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        failed = _write(folder, ["100"], (("en", "light"), ("zh", "dark")), frozenset(README))
        for file in folder.glob("*.png"):
            Image.open(file).convert("RGB").quantize(SHADES, dither=Image.Dither.NONE).save(file, optimize=True)
        return failed
    folder = Path(arguments[0] if arguments else ROOT / "build" / "pictures").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    failed = _write(folder, SCALES, LOOKS, frozenset())
    write_index(folder)
    print(f"{len(list(folder.glob('*.png')))} pictures: {folder / 'index.html'}")
    return failed


def _write(folder: Path, scales: Iterable[str], looks: tuple[tuple[str, str], ...], only: frozenset[str]) -> int:
    """Take the pictures, each scale in a process of its own; returns 1 where a screen could not be reached."""
    with tempfile.TemporaryDirectory(prefix="casebook-pictures-") as name:
        place = Path(name)
        stage = Stage(place / "stage")
        children = [_child(stage, place / scale, folder, scale, looks, only) for scale in scales]
        ended = [os.waitpid(process, 0)[1] for process in children]
    return 1 if any(ended) else 0


def _child(
    stage: Stage, place: Path, folder: Path, scale: str, looks: tuple[tuple[str, str], ...], only: frozenset[str]
) -> int:
    """Photograph in a process of its own; returns its id."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            status = photograph(stage, place, folder, scale, looks, only)
        finally:
            sys.stdout.flush()
            os._exit(status)
    return process


def photograph(
    stage: Stage, place: Path, folder: Path, scale: str, looks: tuple[tuple[str, str], ...], only: frozenset[str]
) -> int:
    """Walk the screens at one scale, once for each look. Returns 1 where one could not be reached."""
    os.environ.update(QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR=SCALES[scale])
    qt = make_qt(["casebook"])
    size = QSize(*WINDOW) / float(SCALES[scale])
    QCursor.setPos(size.width() - 1, 0)  # nothing lies under the pointer
    failed = False
    for language, scheme in looks:
        theme.apply(qt, SCHEMES[scheme])
        camera = Camera(folder, size, only, f"{language}.{scheme}.{scale}")
        there = place / f"{language}-{scheme}"
        if not only:
            fresh(qt, stage.copied(there / "fresh"), camera.look, language)
            practise(qt, TrainingLaptop(there / "practised", Designs(current=design())), camera.look, language)
        for line in walk(qt, stage.copied(there / "ward"), _until(only), camera.look, language):
            print(f"{language}, {scheme}, {scale} %: {line}", flush=True)
            failed = True
        shutil.rmtree(there)
    return 1 if failed else 0


def _until(only: frozenset[str]) -> list[Screen]:
    """Return the screens up to the last one that is wanted; all where none is named."""
    listed = list(screens())
    last = max((place for place, one in enumerate(listed, start=1) if one.name in only), default=len(listed))
    return listed[:last]


def write_index(folder: Path) -> None:
    """Write the page that shows all pictures, a line for each screen; nothing in it leads out of the folder."""
    listed = (*training_screens(), *screens())
    people = {"enrol": NOBODY, **{screen.name: screen.who for screen in listed}}
    rows = []
    for name, who in people.items():
        shots = [
            (f"{name}.{language}.{scheme}.{scale}.png", f"{language}, {scheme}, {scale} %")
            for scale in SCALES
            for language in LANGUAGES
            for scheme in SCHEMES
        ]
        cells = "".join(
            f'<a href="{escape(file)}"><img src="{escape(file)}" alt="{escape(name)}, {told}" loading="lazy">{told}</a>'
            for file, told in shots
            if (folder / file).exists()
        )
        rows.append(f"<h2>{escape(name)}</h2><p>{escape(who or 'nobody signed in')}</p><div>{cells}</div>")
    (folder / "index.html").write_text(PAGE.replace("ROWS", "\n".join(rows)), encoding="utf-8")


PAGE = """<!doctype html>
<meta charset="utf-8"><title>Casebook: every screen</title>
<style>
body { font: 14px sans-serif; margin: 24px; }
div { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; }
img { width: 100%; border: 1px solid; display: block; }
a { color: inherit; }
</style>
<h1>Every screen</h1>
ROWS
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

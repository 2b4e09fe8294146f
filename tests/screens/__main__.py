"""Writes a picture of every screen and its important states: each language, light and dark, 100 % and 200 %.

    python -m tests.screens [FOLDER]   build/pictures where none is named; index.html there shows them all

On a store made for it, one process for each scale: Qt reads it once, when its application is made.
"""

import os
import sys
import tempfile
from html import escape
from pathlib import Path

from PySide6.QtCore import QSize

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


def main(arguments: list[str]) -> int:
    """Write all pictures; returns 1 where a screen could not be reached."""
    folder = Path(arguments[0] if arguments else ROOT / "build" / "pictures").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="casebook-pictures-") as name:
        place = Path(name)
        stage = Stage(place / "stage")
        children = {_child(stage, place, folder, scale): scale for scale in SCALES}
        ended = {scale: os.waitpid(process, 0)[1] for process, scale in children.items()}
    write_index(folder)
    print(f"{len(list(folder.glob('*.png')))} pictures: {folder / 'index.html'}")
    return 1 if any(ended.values()) else 0


def _child(stage: Stage, place: Path, folder: Path, scale: str) -> int:
    """Photograph in a process of its own; returns its id."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            status = photograph(stage, place, folder, scale)
        finally:
            sys.stdout.flush()
            os._exit(status)
    return process


def photograph(stage: Stage, place: Path, folder: Path, scale: str) -> int:
    """Walk all screens at one scale. Returns 1 where one could not be reached."""
    os.environ.update(QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR=SCALES[scale])
    qt = make_qt(["casebook"])
    size = QSize(*WINDOW) / float(SCALES[scale])

    def look(screen: Screen, hands: Hands) -> None:
        hands.window.resize(size)
        for language in LANGUAGES:
            hands.application.switch_language(language)
            if in_front(hands) is not hands.window:
                screen.go(hands)  # a dialog speaks the language in which it was opened
            for name, scheme in SCHEMES.items():
                theme.apply(qt, scheme)
                rest(hands)
                in_front(hands).grab().save(str(folder / f"{screen.name}.{language}.{name}.{scale}.png"))
        theme.apply(qt, theme.LIGHT)
        hands.application.switch_language("en")
        rest(hands)

    fresh(qt, stage.copied(place / f"fresh-{scale}"), look)
    practise(qt, TrainingLaptop(place / f"practised-{scale}", Designs(current=design())), look)
    failed = walk(qt, stage.copied(place / scale), screens(), look)
    for line in failed:
        print(f"{scale} %: {line}", flush=True)
    return 1 if failed else 0


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

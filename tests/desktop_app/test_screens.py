"""Every screen is reached by keys; nothing on it is nameless, cut off, too small, too faint or unexplained."""

import shutil
from functools import partial
from pathlib import Path
from pprint import pformat

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop_app import theme
from desktop_app.help_texts import HelpText, help_name, help_text
from desktop_app.training import TrainingLaptop
from tests.journeys.hands import Hands
from tests.screens.looking import cut_off, faint, misled, misread, moving, nameless, rivals, small_targets
from tests.screens.screens import NOBODY, Screen, screens
from tests.screens.stage import PEOPLE, Stage
from tests.screens.walk import in_front, practise, rest, walk

SMALL = QSize(683, 384)
"""1366 by 768 at 200 %."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A ward that is lived in; it is copied for each walk."""
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.mark.parametrize("looks", ["en-light", "zh-dark"])
@pytest.mark.parametrize("who", ["nobody", *PEOPLE])
def test_every_screen_can_be_used_by_everybody(
    qapp: QApplication, stage: Stage, tmp_path: Path, looks: str, who: str
) -> None:
    language, scheme = looks.split("-")
    listed = [screen for screen in screens() if screen.who == (who if who in PEOPLE else NOBODY)]
    found: dict[str, dict[str, list[str]]] = {}

    theme.apply(qapp, theme.DARK if scheme == "dark" else theme.LIGHT)
    try:
        failed = walk(qapp, stage.copied(tmp_path / "stage"), listed, partial(look_closely, found), language)
    finally:
        theme.apply(qapp, theme.LIGHT)
        shutil.rmtree(tmp_path / "stage")
    assert failed == []
    assert not found, pformat(found, width=160)


@pytest.mark.parametrize("looks", ["en-light", "zh-dark"])
def test_every_screen_of_training_can_be_used_by_everybody(
    qapp: QApplication, training_laptop: TrainingLaptop, looks: str
) -> None:
    language, scheme = looks.split("-")
    found: dict[str, dict[str, list[str]]] = {}
    theme.apply(qapp, theme.DARK if scheme == "dark" else theme.LIGHT)
    try:
        practise(qapp, training_laptop, partial(look_closely, found), language)
    finally:
        theme.apply(qapp, theme.LIGHT)
    assert not found, pformat(found, width=160)


def look_closely(found: dict[str, dict[str, list[str]]], screen: Screen, hands: Hands) -> None:
    """Put down what is wrong with a screen at the smallest size."""
    if hands.window.size() != SMALL:
        hands.window.resize(SMALL)
        rest(hands)
    front = in_front(hands)

    def press() -> None:
        focused: QWidget | None = front.focusWidget()
        QTest.keyClick(front if focused is None else focused, Qt.Key.Key_Tab)

    told = {
        "nameless": nameless(front),
        "cut off": cut_off(front),
        "small": small_targets(front),
        "faint": faint(front),
        "moving": moving(front),
        "rivals": rivals(front),
        "misread": misread(front),
        "help": unexplained(hands),
        "misled": misled(front, press),  # the last: what is left by Tab is entered
    }
    if any(told.values()):
        found[screen.name] = {name: lines for name, lines in told.items() if lines}


def unexplained(hands: Hands) -> list[str]:
    """Return what the help of the page in front names and the page does not have."""
    page = hands.window.front()
    if page is not None and page.objectName() == "curtain":
        return []  # nothing can be done there
    told = help_text(help_name(page))
    if told is None or page is None:
        return [f"{type(page).__name__} has no help"]
    lacking = [act.control for act in told.acts if act.control and page.findChild(QWidget, act.control) is None]
    return [*lacking, *unbound(hands.window, page, told)]


def unbound(window: QWidget, page: QWidget, told: HelpText) -> list[str]:
    """Return the keys of acts without a shortcut or a button; keys that a page takes itself are driven elsewhere."""
    bound = {key.toString() for one in window.findChildren(QShortcut) for key in list(one.keys())}
    own = set(OWN_KEYS.get(help_name(page), ()))
    bound |= {QKeySequence.mnemonic(one.text()).toString() for one in page.findChildren(QAbstractButton)}
    wanted = {QKeySequence(act.keys).toString() for act in told.acts if act.keys}
    return sorted(wanted - bound - own)


OWN_KEYS = {
    "subjects": ("Ctrl+N", "Ctrl+F"),
    "casebook": ("Ctrl+P", "Ctrl+N", "Ctrl+U"),
    "paper": ("Ctrl+P",),
    "screening": ("Ctrl+P",),
    "versions": ("Ctrl+P",),
    "delegation": ("Ctrl+P",),
    "roles": ("Ctrl+P",),
    "audit": ("Ctrl+P",),
    "queries": ("Ctrl+F",),
    "custody": ("Ctrl+F", "F3"),
    "review": ("Space", "Q"),
}
"""Keys that a page takes in `keyPressEvent`, where a field with the cursor comes first."""

"""The Sync page in every state and both languages: it says the state, cuts nothing off, names one next action.

With CASEBOOK_PICTURES=FOLDER each state is written there as a picture; CASEBOOK_THEME=dark makes dark ones.
"""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget

from desktop_app import theme
from desktop_app.windows.sync_state import SyncState, state_of
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.sync_cases import CASES, Case
from tests.desktop_app.test_accessibility import look_over
from tests.laptops import Ward

PICTURES = os.environ.get("CASEBOOK_PICTURES", "")
BESIDE = (
    "sync_restored",
    "sync_notice_0",
    "sync_quarantined",
    "sync_clock",
    "sync_aside",
    "sync_resume",
    "sync_stop",
    "foot_conflicts",
)
SIZES = {"usual": QSize(1366, 728), "small": QSize(800, 480)}


def tell(hands: Hands, case: Case) -> None:
    """Show a case on the page and in the foot line."""
    assert hands.application.workplace is not None
    sync_page = hands.application.workplace.sync_page
    foot = hands.window.foot
    for shown_by in (sync_page, foot):
        shown_by.show_sync(case.view)
        shown_by.show_exchanges(case.standing)
    for _ in range(3):  # a wrapped sentence that grows moves what is below it
        QApplication.processEvents()


def expected(case: Case) -> set[str]:
    """Return what is shown beside a case's state."""
    running = {"sync_stop"} if case.standing.running else set()
    paused = {"sync_resume"} if case.standing.paused else set()
    return {*case.shows, *running, *paused}


def cut_off(top: QWidget) -> list[str]:
    """Return the texts of shown labels and buttons that have less room than they need."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel) and widget.text():
            need = widget.heightForWidth(widget.width()) if widget.wordWrap() else widget.sizeHint().height()
            narrow = not widget.wordWrap() and widget.sizeHint().width() > widget.width()
            if need > widget.height() or narrow:
                found.append(widget.text())
        elif isinstance(widget, QAbstractButton) and widget.text() and widget.sizeHint().width() > widget.width():
            found.append(widget.text())
    wide = [area for area in top.findChildren(QScrollArea) if area.isVisible() and area.horizontalScrollBar().maximum()]
    return [*found, *("wider than the window" for _ in wide)]


def picture(hands: Hands, name: str) -> None:
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        hands.window.grab().save(str(folder / f"{name}.png"))


@pytest.fixture
def opened(
    qapp: QApplication, open_application: OpenApplication, enrolled_ward: Ward, request: pytest.FixtureRequest
) -> Hands:
    """A laptop's Sync page, in the language of the test."""
    if PICTURES:
        theme.apply(qapp)
    hands = open_application(enrolled_ward.laptop("one"), request.param)
    hands.unlock()
    assert hands.application.workplace is not None
    hands.application.workplace.open_place("sync")
    hands.settle()
    return hands


@pytest.mark.parametrize("name", CASES)
def test_state_follows_from_what_is_told(name: str) -> None:
    case = CASES[name]
    assert state_of(case.view, case.standing) is case.state


def test_every_state_has_a_case() -> None:
    assert {case.state for case in CASES.values()} == set(SyncState)


@pytest.mark.parametrize("opened", ["en", "zh"], indirect=True)
@pytest.mark.parametrize("size", SIZES)
def test_every_state_is_said_whole(opened: Hands, size: str) -> None:
    """In one window: what one state leaves behind is cleared by the next."""
    language = opened.application.translations.language
    opened.window.resize(SIZES[size])
    for number, (name, case) in enumerate(CASES.items()):
        tell(opened, case)
        assert cut_off(opened.window) == [], name
        assert opened.words("sync_state").strip(), name
        assert opened.words("sync_message_words").strip(), name
        assert {one for one in BESIDE if opened.shows(one)} == expected(case), name
        picture(opened, f"{language}_{size}_{number:02}_{name.replace(' ', '_').replace(':', '')}")


@pytest.mark.parametrize("opened", ["en"], indirect=True)
@pytest.mark.parametrize("name", ["in step", "paused until tomorrow", "exchanging", "conflicts"])
def test_keyboard_reaches_every_control_of_a_state(opened: Hands, name: str) -> None:
    tell(opened, CASES[name])
    look_over(opened)


@pytest.mark.parametrize("opened", ["en", "zh"], indirect=True)
@pytest.mark.parametrize("size", SIZES)
def test_f1_opens_what_to_do_when_a_laptop_is_lost(opened: Hands, size: str) -> None:
    opened.window.resize(SIZES[size])
    tell(opened, CASES["in step"])
    assert not opened.shows("help_text")
    opened.press(Qt.Key.Key_F1)
    told = {"en": "A laptop is lost or stolen.", "zh": "电脑丢失或被盗。"}[opened.application.translations.language]
    assert told in str(opened.find("help_text").property("plainText"))
    assert cut_off(opened.window) == []
    picture(opened, f"{opened.application.translations.language}_{size}_help")
    opened.press(Qt.Key.Key_F1)
    assert not opened.shows("help_text")

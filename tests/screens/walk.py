"""Walks the list of screens on one application, and lets somebody look at each."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop_app.app import Training
from desktop_app.cli import PRACTICE_WORD
from desktop_app.training import TrainingLaptop
from tests.journeys.hands import Hands
from tests.screens.screens import NOBODY, Screen, go_out, sign_in, training_screens
from tests.screens.stage import Stage

TURNS_MS = 40
Look = Callable[[Screen, Hands], None]


def walk(qt: QApplication, stage: Stage, listed: Iterable[Screen], look: Look, language: str = "en") -> list[str]:
    """Go to each screen and let `look` look; returns what could not be reached, a line each."""
    failed: list[str] = []
    hands = Hands(qt, stage.ward.laptop("one"), language)
    try:
        who = NOBODY
        for screen in listed:
            try:
                if screen.who != who:
                    if who != NOBODY:
                        go_out(hands)
                    elif hands.shows("recover_back"):
                        hands.click("recover_back")
                        hands.settle()
                    sign_in(hands, screen.who)
                    who = screen.who
                screen.go(hands)
            except AssertionError as error:
                failed.append(f"{screen.name}: {error}")
                if hands.shows("palette"):
                    hands.press(Qt.Key.Key_Escape)
            rest(hands)
            look(screen, hands)
    finally:
        hands.close()
    return failed


def in_front(hands: Hands) -> QWidget:
    """Return what the user has before their eyes: a dialog that stands open, else the window."""
    dialogs = [one for one in hands.window.findChildren(QDialog) if one.isVisible()]
    return dialogs[-1] if dialogs else hands.window


def rest(hands: Hands) -> None:
    """Wait until nothing is laid out any more: what arrives is measured some turns later."""
    hands.settle()
    QTest.qWait(TURNS_MS)
    hands.settle()


def practise(qt: QApplication, laptop: TrainingLaptop, look: Look, language: str = "en") -> None:
    """Look at training: its door, its pages, and its question whether to delete what was practised."""
    training = Training(passphrase=PRACTICE_WORD, start_over=laptop.start_over)
    hands = Hands(qt, laptop, language, training=training)
    try:
        for screen in training_screens():
            screen.go(hands)
            rest(hands)
            look(screen, hands)
    finally:
        hands.close()
        laptop.close()


def fresh(qt: QApplication, stage: Stage, look: Look, language: str = "en") -> None:
    """Look at a laptop that nobody enrolled yet."""
    hands = Hands(qt, stage.ward.laptop("fresh"), language)
    try:
        look(Screen(name="enrol", who=NOBODY, go=rest), hands)
    finally:
        hands.close()

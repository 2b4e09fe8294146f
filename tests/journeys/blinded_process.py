"""The whole program, worked by keys: somebody unblinded, then, in the fresh process after the lock, a blinded assessor.

As `tests.journeys.locking_process`, whose hands and stages it uses; see there.
"""

import os
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.journeys.entering_process import say
from tests.journeys.locking_process import AtWork, run, wait_for


def choose(hands: AtWork, begins: str) -> None:
    """Choose a person by the first letters of the name, and sign in."""
    hands.find("unlock_people").setFocus()
    QTest.keyClicks(hands.find("unlock_people"), begins)
    hands.press(Qt.Key.Key_Return)
    hands.sign_in()


def unblinded(hands: AtWork, stage: Path) -> None:
    """Look at what tells the arm, and make way for the next."""
    wait_for(stage, "go.1")
    choose(hands, "coo")
    hands.open_first_subject()
    hands.open_form("SE.V1", "F.RND")
    say("looks", os.getpid(), hands.shown_text("RANDNO"))
    wait_for(stage, "lock.1")
    hands.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)


def blinded(hands: AtWork, stage: Path) -> None:
    """Work as the assessor, and stay."""
    wait_for(stage, "go.2")
    choose(hands, "ass")
    hands.open_first_subject()
    hands.open_form("SE.V1", "F.CONTACT")
    hands.go_to("ADDRESS")
    hands.write((stage / "typed").read_text(encoding="utf-8"))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    say("assesses", os.getpid(), hands.words("foot_who"))
    wait_for(stage, "end")
    hands.window.close()


if __name__ == "__main__":
    sys.exit(run(unblinded, blinded))

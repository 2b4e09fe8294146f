"""The whole program, worked by keys, through two locks: three processes, one after the other.

`python -m tests.journeys.locking_process --folder FOLDER` is the program as it is started by a user. In the
folder named by CASEBOOK_TEST_STAGE a file tells which process this is; each says on its standard output what
it sees, and waits at the unlock page until a file lets it go on. The second and third process are started by
the program itself, after a lock.
"""

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QWidget

from desktop_app.__main__ import main
from desktop_app.app import Application
from tests.journeys.entering_process import say
from tests.journeys.hands import PATIENCE_S, Hands
from tests.laptops import PASSPHRASE

VISIT, FORM, ITEM = "SE.V1", "F.VS", "SYSBP"
CURSOR = 5


class AtWork(Hands):
    """Hands on the application that this process runs already."""

    def __init__(self) -> None:
        self.application = next(one for one in gc.get_objects() if isinstance(one, Application))
        self.window = self.application.window
        self.come_to_front()
        self.settle()

    def unlock_page(self) -> tuple[str, str]:
        """Return whose name is chosen, and what has the focus."""
        people = self.find("unlock_people")
        assert isinstance(people, QListWidget)
        focused: object = self.window.focusWidget()
        return people.currentItem().text(), focused.objectName() if isinstance(focused, QWidget) else ""

    def sign_in(self) -> None:
        """Type the passphrase."""
        self.type("unlock_passphrase", PASSPHRASE)
        self.press(Qt.Key.Key_Return)
        self.settle()

    def shown_text(self, name: str) -> str:
        """Return what stands in an item of the form in front."""
        return next(text for path, (text, _, _) in self.shown().items() if path.item == name)

    def line(self) -> QLineEdit:
        """Return the line that has the focus."""
        focused = self.window.focusWidget()
        assert isinstance(focused, QLineEdit)
        return focused


def wait_for(stage: Path, name: str) -> None:
    """Wait until the test lets this process go on."""
    until = time.monotonic() + PATIENCE_S
    while not (stage / name).exists():
        assert time.monotonic() < until, name
        QTest.qWait(5)


def first(hands: AtWork, stage: Path) -> None:
    """Type what is no value yet, and lock."""
    wait_for(stage, "go.1")
    hands.sign_in()
    hands.control(Qt.Key.Key_2)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.open_first_subject()
    hands.open_form(VISIT, FORM)
    hands.go_to(ITEM)
    hands.write((stage / "canary").read_text(encoding="utf-8"))
    hands.line().setCursorPosition(CURSOR)
    say("typed", os.getpid())
    wait_for(stage, "lock.1")
    say("locks")
    hands.control(Qt.Key.Key_L)


def second(hands: AtWork, stage: Path) -> None:
    """Sign in as somebody else, enter, and make way for the next."""
    wait_for(stage, "go.2")
    hands.find("unlock_people").setFocus()
    QTest.keyClicks(hands.find("unlock_people"), "inv")
    hands.press(Qt.Key.Key_Return)
    say("chose", *hands.unlock_page())
    hands.sign_in()
    hands.open_first_subject()
    hands.open_form(VISIT, FORM)
    hands.go_to("DIABP")
    hands.write("81")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    say("worked", hands.words("foot_who"), hands.shown_text(ITEM))
    hands.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)


def third(hands: AtWork, stage: Path) -> None:
    """Come back."""
    wait_for(stage, "go.3")
    QTest.keyClicks(hands.find("unlock_people"), "coo")
    hands.press(Qt.Key.Key_Return)
    hands.sign_in()
    say("back", hands.form.view.key.form if hands.form.view else "", hands.line().objectName(), hands.line().text())
    say("cursor", hands.line().cursorPosition(), hands.shown_text("DIABP"))
    hands.window.close()


def run(*turns: Callable[[AtWork, Path], None]) -> int:
    """Run the program, and do what is this process's turn once its unlock page stands, which after a lock it does."""
    stage = Path(os.environ["CASEBOOK_TEST_STAGE"])

    def play() -> None:
        turn = int((stage / "turn").read_text(encoding="utf-8"))
        (stage / "turn").write_text(str(turn + 1), encoding="utf-8")
        hands = AtWork()
        say("stands", os.getpid(), *hands.unlock_page())
        turns[turn](hands, stage)

    def begin(qt: QApplication) -> None:
        application = next(one for one in gc.get_objects() if isinstance(one, Application))
        if application.doors is not None:
            QTimer.singleShot(0, qt, play)
        else:
            application.stands.connect(lambda: QTimer.singleShot(0, qt, play))

    return main(on_first_turn=begin)


if __name__ == "__main__":
    sys.exit(run(first, second, third))

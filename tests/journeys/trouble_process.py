"""A process in which something is wrong around the window, until it is killed.

`python -m tests.journeys.trouble_process FOLDER CAUSE` opens the application on a laptop, opens a form by keys and
clicks, enters a value, meets the cause, says what the window shows of it, and waits.
"""

import os
import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop_app import theme
from desktop_app.https_network import HttpsNetwork
from desktop_app.one_window import OneWindow
from desktop_app.vault import Laptop
from tests.journeys.entering_process import say
from tests.journeys.hands import Hands
from tests.laptops import CHEAP_KDF, PASSPHRASE, design
from tests.pulled_stick import PulledStick

VISIT, FORM = "SE.V1", "F.VS"


def enter(hands: Hands, item: str, text: str) -> None:
    """Enter a value, and leave the field."""
    hands.go_to(item)
    hands.write(text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def pull_the_stick(hands: Hands, folder: Path) -> None:
    """Enter what the folder that is gone refuses."""
    PulledStick(folder)
    enter(hands, "HR", "66")


def fault(hands: Hands, _folder: Path) -> None:
    """Let the program have a fault."""
    hands.application.watch_for_faults()
    hands.application.background.run(partial(divmod, 1, 0))
    hands.settle()


def start_again(hands: Hands, folder: Path) -> None:
    """Listen for a second start."""
    listens = OneWindow(folder, hands.application)
    listens.raise_wanted.connect(hands.application.come_to_front)
    listens.raise_wanted.connect(lambda: say("raised"))
    listens.listen()


CAUSES = {"stick": pull_the_stick, "fault": fault, "second": start_again}


def main() -> None:
    """Open the form, enter, meet the cause, say what is shown, and wait."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder, cause = Path(sys.argv[1]), sys.argv[2]
    qt = QApplication([])
    theme.load_fonts()
    theme.apply(qt, theme.LIGHT)
    hands = Hands(qt, Laptop(folder, design(), HttpsNetwork(), kdf=CHEAP_KDF))
    hands.unlock(PASSPHRASE)
    hands.open_first_subject()
    hands.open_form(VISIT, FORM)
    enter(hands, "RESP", "18")
    CAUSES[cause](hands, folder)
    say("shown", " ".join(label.text() for label in hands.window.findChildren(QLabel) if label.isVisible()))
    while True:
        QTest.qWait(20)


if __name__ == "__main__":
    main()

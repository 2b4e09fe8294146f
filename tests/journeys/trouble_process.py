"""A process in which something is wrong around the window, until it is killed.

`python -m tests.journeys.trouble_process FOLDER CAUSE` opens the application on a laptop, opens a form by keys and
clicks, enters a value, meets the cause, says what the window shows of it, and waits.
"""

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from casebook.store.vault_files import VaultFolder
from desktop_app.one_window import OneWindow
from tests.held_bytes import WRITING, held
from tests.journeys.entering_process import say
from tests.journeys.hands import Hands, begin_process
from tests.pulled_stick import PulledStick
from tests.small_disk import SmallDisk

VISIT, FORM = "SE.V1", "F.VS"
HELD = ExitStack()
"""What is held until the end of the process."""


def enter(hands: Hands, item: str, text: str) -> None:
    """Enter a value in place of what stands there, and leave the field."""
    hands.go_to(item)
    hands.control(Qt.Key.Key_A)
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


def fill_the_disk(hands: Hands, folder: Path) -> None:
    """Enter a value anew until the full disk, on which the folder lies, refuses it."""
    disk = SmallDisk.found(folder.parent)
    for number in range(40, 220):
        disk.fill()
        enter(hands, "HR", str(number))
        if hands.form.unkept:
            say("refused", str(number))
            return
        say("kept", str(number))
    raise AssertionError("the disk is never full")


def lock_on_a_full_disk(hands: Hands, folder: Path) -> None:
    """Let the laptop lock by itself while the full disk refuses what was typed."""
    fill_the_disk(hands, folder)
    hands.workplace.lock(by_itself=True)
    hands.settle()


def hold_the_database(hands: Hands, folder: Path) -> None:
    """Save while another process has the database for itself."""
    database = VaultFolder(folder).unblinding.database
    enter(hands, "HR", "66")
    HELD.enter_context(held(database.with_name(f"{database.name}-shm"), *WRITING))
    hands.control(Qt.Key.Key_S)
    hands.settle()


def start_again(hands: Hands, folder: Path) -> None:
    """Listen for a second start."""
    listens = OneWindow(folder, hands.application)
    listens.raise_wanted.connect(hands.application.come_to_front)
    listens.raise_wanted.connect(lambda: say("raised"))
    listens.listen()


CAUSES = {
    "stick": pull_the_stick,
    "fault": fault,
    "second": start_again,
    "full": fill_the_disk,
    "locked": lock_on_a_full_disk,
    "held": hold_the_database,
}


def main() -> None:
    """Open the form, enter, meet the cause, say what is shown, and wait."""
    folder, cause = Path(sys.argv[1]), sys.argv[2]
    hands = begin_process(folder)
    hands.open_form(VISIT, FORM)
    enter(hands, "RESP", "18")
    CAUSES[cause](hands, folder)
    say("shown", " ".join(label.text() for label in hands.window.findChildren(QLabel) if label.isVisible()))
    while True:
        QTest.qWait(20)


if __name__ == "__main__":
    main()

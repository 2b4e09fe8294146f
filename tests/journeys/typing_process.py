"""A process that types into the real window until it is killed.

`python -m tests.journeys.typing_process FOLDER SEED` opens the application on a laptop, opens a form
by keys and clicks and types. A line is written when the mark beside an item says *kept on this
laptop*, as a user sees it, and names what stands in the field then.
"""

import random
import sys
from itertools import count
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from casebook.records import ItemPath
from desktop_app.snapshots import Mark
from tests.journeys.entering_process import say
from tests.journeys.hands import Hands, begin_process

VISIT, FORM = "SE.V1", "F.VS"
NUMBERS = ("SYSBP", "DIABP", "HR", "RESP", "OXYSAT")


class Witness:
    """Writes down what the window marks as kept."""

    def __init__(self, hands: Hands, subject: str) -> None:
        self._hands = hands
        self._subject = subject
        self._told: dict[ItemPath, tuple[str, Mark | None]] = {}

    def place(self, path: ItemPath) -> tuple[str, str, str, str, str]:
        """Return what names an item across processes."""
        return self._subject, VISIT, FORM, path.group, path.item

    def look(self) -> None:
        """Look at every mark of the form."""
        for path, (text, _, mark) in self._hands.shown().items():
            if self._told.get(path) != (text, mark):
                self._told[path] = (text, mark)
                if mark is Mark.KEPT:
                    say("kept", *self.place(path), text)


def type_without_end(hands: Hands, witness: Witness, chance: random.Random) -> None:
    """Type numbers, one after the other; where a value is recorded, give the first reason."""
    for number in count(chance.randrange(100)):
        row = hands.go_to(chance.choice(NUMBERS))
        text = str(60 + number % 40)
        if row.editor.raw() == text:
            continue
        say("entering", *witness.place(row.path), text)
        hands.control(Qt.Key.Key_A)
        hands.write(text)
        hands.press(Qt.Key.Key_Return)
        if row.panel is not None and row.panel.isVisible():
            hands.write("1")
        while row.in_flight or not hands.application.background.idle:
            QTest.qWait(1)
            witness.look()
        witness.look()
        if row.panel is not None and row.panel.isVisible():  # saved meanwhile: it waits for its reason, on the disk
            say("typed", *witness.place(row.path), text)
        if chance.random() < 0.1:
            hands.click("form_save")


def main() -> None:
    """Open the form, then type."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    hands = begin_process(folder)
    key = hands.open_form(VISIT, FORM)
    type_without_end(hands, Witness(hands, key.subject), random.Random(seed))


if __name__ == "__main__":
    main()

"""A process that scores a scale in the real window until it is killed.

`python -m tests.journeys.scoring_process FOLDER DIGITS` opens the application on a laptop, opens the second score
of its first subject, strikes the digits, and says when the window marks the last of them as kept.
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.journeys.entering_process import say
from tests.journeys.hands import begin_process


def main() -> None:
    """Open the form, score, say so, and wait."""
    folder, digits = Path(sys.argv[1]), sys.argv[2]
    hands = begin_process(folder)
    hands.open_cell("SE.V1", "F.NIHSS", 1)
    hands.press(Qt.Key.Key_Return)
    for digit in digits:
        hands.write(digit)
    hands.settle()
    say("kept", digits)
    while True:
        QTest.qWait(100)


if __name__ == "__main__":
    main()

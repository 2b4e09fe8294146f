"""A process that scores a scale in the real window until it is killed.

`python -m tests.journeys.scoring_process FOLDER DIGITS` opens the application on a laptop, opens the second score
of its first subject, strikes the digits, and says when the window marks the last of them as kept.
"""

import os
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from desktop_app.https_network import HttpsNetwork
from desktop_app.vault import Laptop
from tests.journeys.entering_process import say
from tests.journeys.hands import Hands
from tests.laptops import CHEAP_KDF, PASSPHRASE, design


def main() -> None:
    """Open the form, score, say so, and wait."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder, digits = Path(sys.argv[1]), sys.argv[2]
    qt = QApplication([])
    theme.load_fonts()
    theme.apply(qt, theme.LIGHT)
    hands = Hands(qt, Laptop(folder, design(), HttpsNetwork(), kdf=CHEAP_KDF))
    hands.unlock(PASSPHRASE)
    hands.open_first_subject()
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

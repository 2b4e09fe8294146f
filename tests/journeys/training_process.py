"""The whole program from a real laptop's unlock page to training and back: three processes, one after the other.

`python -m tests.journeys.training_process --folder FOLDER` is the program as it is started by a user. Each process
says on its standard output what it sees; the second and the third are started by the program itself.
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tests.journeys.entering_process import say
from tests.journeys.locking_process import AtWork, run

BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def real(hands: AtWork, _: Path) -> None:
    """Choose to practise, by keys alone."""
    say("real", hands.window.windowTitle(), hands.shows("training_band"))
    hands.press(Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)


def training(hands: AtWork, _: Path) -> None:
    """Sign in by Enter, add a subject, and leave."""
    say("training", hands.window.windowTitle(), QGuiApplication.applicationDisplayName(), hands.shows("training_band"))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.control(Qt.Key.Key_2)
    hands.settle()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    say("practised", hands.window.windowTitle(), hands.shows("training_band"), hands.words("subjects_notice_words"))
    hands.press(Qt.Key.Key_Q, BOTH)


def real_again(hands: AtWork, _: Path) -> None:
    """Say what stands, and end."""
    say("back", hands.window.windowTitle(), hands.shows("training_band"))
    hands.window.close()


if __name__ == "__main__":
    sys.exit(run(real, training, real_again))

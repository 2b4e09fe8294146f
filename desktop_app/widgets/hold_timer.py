"""A countdown for what is held a number of seconds: started by hand, told by figure, bar, word and sound.

It is offered and never asked for: whoever counts by themselves scores without it. Nothing moves but the
figure and the bar that it fills, so that there is no motion to be reduced. The sound is the system's own, since
Qt's players belong to a package of 175 MB (docs/adr/0030).
"""

import math
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.spoken import announce

TICK_MS = 100
SECOND_SOUND_MS = 300
BAR_STEPS = 100


class HoldTimer(QWidget):
    """One countdown.

    Signals:
        muted: The user wants sounds, or wants none any more.
    """

    muted = Signal(bool)

    def __init__(self, seconds: int, name: str, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        """Stand still.

        Args:
            clock: Seconds of a clock that only goes onwards.
        """
        super().__init__(parent)
        self.sound: Callable[[], None] = QApplication.beep
        self._seconds = seconds
        self._clock = clock
        self._began: float | None = None
        self._ended = False
        self.button = IconButton("clock", self)
        self.button.setObjectName(f"{name}_start")
        self.figure = QLabel(self)
        self.figure.setObjectName(f"{name}_figure")
        theme.set_role(self.figure, "figure")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, BAR_STEPS)
        self.mute = QPushButton(self)
        self.mute.setObjectName(f"{name}_mute")
        self.mute.setCheckable(True)
        theme.set_role(self.mute, "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.MEDIUM)
        row.addWidget(self.button)
        row.addWidget(self.figure)
        row.addWidget(self.bar, 1)
        row.addWidget(self.mute)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._look)
        self.button.clicked.connect(self.toggle)
        self.mute.toggled.connect(self._mute)

    @property
    def is_running(self) -> bool:
        """Whether it counts."""
        return self._began is not None

    def set_short(self, *, on: bool) -> None:
        """Take little room: button and figure alone."""
        self.bar.setVisible(not on)
        self.mute.setVisible(not on)

    def translate(self) -> None:
        """Set every word again."""
        self.mute.setText(self.tr("Sound off") if self.mute.isChecked() else self.tr("Sound on"))
        self.mute.setAccessibleName(self.tr("Sound off"))
        self.mute.setAccessibleDescription(self.tr("No sound at start and end"))
        self._show()

    def set_muted(self, *, on: bool) -> None:
        """Make no sound, or make one again."""
        self.mute.setChecked(on)

    def _mute(self, on: bool) -> None:
        self.translate()
        self.muted.emit(on)

    def toggle(self) -> None:
        """Start, or stop what runs."""
        if self.is_running:
            self.stop()
            return
        self._began, self._ended = self._clock(), False
        self._ticks.start()
        self._say(1)
        self._show()

    def stop(self) -> None:
        """Stand still again."""
        self._began, self._ended = None, False
        self._ticks.stop()
        self._show()

    def _look(self) -> None:
        if self._began is not None and self._clock() - self._began >= self._seconds:
            self._began, self._ended = None, True
            self._ticks.stop()
            self._say(2)
            self._show()
            announce(self, self.figure.text(), at_once=True)
        else:
            self._show()

    def _say(self, times: int) -> None:
        if not self.mute.isChecked():
            self.sound()
            if times > 1:
                QTimer.singleShot(SECOND_SOUND_MS, self, self.sound)

    def _show(self) -> None:
        run = self._clock() - self._began if self._began is not None else 0.0
        left = max(0, math.ceil(self._seconds - run))
        self.bar.setValue(BAR_STEPS if self._ended else round(BAR_STEPS * run / self._seconds))
        self.bar.setAccessibleName(self.figure.text())
        if self._ended:
            self.figure.setText(self.tr("Time: %1 s are over").replace("%1", str(self._seconds)))
        elif self.is_running:
            self.figure.setText(str(left))
        self.figure.setVisible(self.is_running or self._ended)
        theme.set_tone(self.figure, Tone.GOOD if self._ended else Tone.ACCENT)
        start = self.tr("Again (T)") if self._ended else self.tr("Count %1 s (T)").replace("%1", str(self._seconds))
        self.button.setText(self.tr("Stop (T)") if self.is_running else start)
        self.button.setAccessibleName(self.button.text())

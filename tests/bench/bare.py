"""What Qt needs for as little as possible: a bare window, in a process of its own, timed on demand.

No style sheet, no font, no code of ours. The other side asks by a line and reads milliseconds: the two take turns.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel, QLineEdit, QMainWindow, QScrollArea, QWidget

from tests.bench.timing import Frames, key_until_drawn, timed

SIZE = (1366, 728)


class BareWindow:
    """A window with nothing in it but labels and fields."""

    def __init__(self) -> None:
        """Show it with one field."""
        self.window = QMainWindow()
        self.window.resize(*SIZE)
        self._dark = False
        self.open(1)
        self.window.show()
        self.window.activateWindow()
        QTest.qWaitForWindowActive(self.window)

    def open(self, fields: int) -> None:
        """Make so many fields, each with its label, in the place of those that stood."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        ground = QWidget()
        column = QFormLayout(ground)
        self.labels = [QLabel(f"Field {number}") for number in range(fields)]
        self.fields = [QLineEdit() for _ in range(fields)]
        for label, field in zip(self.labels, self.fields, strict=True):
            column.addRow(label, field)
        area.setWidget(ground)
        self.window.setCentralWidget(area)
        self.fields[0].setFocus()

    def _darken(self) -> None:
        self._dark = not self._dark
        QApplication.setPalette(QPalette(QColor(Qt.GlobalColor.black if self._dark else Qt.GlobalColor.white)))

    def _rename(self) -> None:
        for label in self.labels:
            label.setText(f"{label.text()}.")

    def key(self, fields: int) -> list[float]:
        """Time two keys in the first of so many fields."""
        if len(self.fields) != fields:
            self.open(fields)
        self.fields[0].setFocus()
        return key_until_drawn(self.fields[0])

    def form(self, fields: int) -> list[float]:
        """Time making so many fields, until the first one is drawn."""
        return [timed(lambda: self.open(fields), self._stands)]

    def _stands(self) -> bool:
        return self.fields[0].isVisible()

    def look(self, fields: int) -> list[float]:
        """Time another palette, until the first of so many fields is drawn in it."""
        return [self._until_drawn(self._darken, fields)]

    def words(self, fields: int) -> list[float]:
        """Time other words on every label, until the first of so many is drawn."""
        return [self._until_drawn(self._rename, fields)]

    def _until_drawn(self, act: Callable[[], None], fields: int) -> float:
        if len(self.fields) != fields:
            self.open(fields)
        QApplication.processEvents()
        frames = Frames(self.labels[0])
        taken = timed(act, lambda: frames.drawn > 0)
        self.labels[0].removeEventFilter(frames)
        return taken


class BareProcess(AbstractContextManager["BareProcess"]):
    """The other process."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, what: str, fields: int = 1) -> list[float]:
        """Let it do one thing, and return milliseconds: `key`, `form`, `look`, `words`."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError
        print(what, fields, file=self._process.stdin, flush=True)
        return [float(one) for one in self._process.stdout.readline().split()]


def main() -> None:
    """Answer until the questions end."""
    application = QApplication(["bare"])
    bare = BareWindow()
    acts = {"key": bare.key, "form": bare.form, "look": bare.look, "words": bare.words}
    for line in sys.stdin:
        what, fields = line.split()
        print(*acts[what](int(fields)), flush=True)
    bare.window.close()
    del application


if __name__ == "__main__":
    main()

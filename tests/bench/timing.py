"""Timing what a window does: from an act until the frame that shows what came of it is drawn. No code of the product.

Waiting lets other threads work: an event loop that turns all the time would hold Python's lock.
"""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from typing_extensions import override

HEARTBEAT_MS = 200
PATIENCE_S = 600.0


def until(come: Callable[[], bool]) -> None:
    """Let the event loop turn until something has come, and draw what is to be drawn. Raises TimeoutError."""
    heartbeat = QTimer()
    heartbeat.start(HEARTBEAT_MS)
    patience = time.monotonic() + PATIENCE_S
    while not come():
        if time.monotonic() > patience:
            raise TimeoutError
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()


class Frames(QObject):
    """Counts how often a widget was drawn."""

    def __init__(self, widget: QWidget) -> None:
        """Look at a widget, as long as this lives."""
        super().__init__(widget)
        self.drawn = 0
        widget.installEventFilter(self)

    def has_drawn_since(self, before: int) -> bool:
        """Tell whether the widget was drawn more often than `before`."""
        return self.drawn > before

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let everything through."""
        del watched
        if event.type() is QEvent.Type.Paint:
            self.drawn += 1
        return False


def timed(act: Callable[[], object], come: Callable[[], bool]) -> float:
    """Return milliseconds from an act until something has come and its frame is drawn."""
    begun = time.perf_counter()
    act()
    until(come)
    return (time.perf_counter() - begun) * 1000


def key_drawn(field: QLineEdit, key: Qt.Key) -> float:
    """Press a key that changes a field with the focus; milliseconds until the change is drawn."""
    frames, text = Frames(field), field.text()
    QApplication.processEvents()
    taken = timed(partial(press, field, key), partial(frames.has_drawn_since, frames.drawn))
    field.removeEventFilter(frames)
    frames.deleteLater()
    if field.text() == text:
        raise RuntimeError
    return taken


def key_until_drawn(field: QLineEdit) -> list[float]:
    """Press a digit and take it back in a field with the focus; milliseconds until each is drawn."""
    return [key_drawn(field, key) for key in (Qt.Key.Key_1, Qt.Key.Key_Backspace)]


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where a desktop delivers it: in the window."""
    QTest.keyClick(widget.window().windowHandle(), key, modifier)

"""What time it is, as it was told, while it goes on: for words such as "ends in 20 min"."""

from datetime import datetime, timedelta

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

_MINUTE_MS = 60_000


class MinuteClock(QObject):
    """Goes on from a time that it was told, and says so at each full minute while it runs.

    Signals:
        turned: A minute is full (datetime).
    """

    turned = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Stand still; nobody has told the time."""
        super().__init__(parent)
        self._told: datetime | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._turn)

    def tell(self, now: datetime) -> None:
        """Set the time."""
        self._told = now
        self._since.start()
        if self._timer.isActive():
            self._wait()

    def now(self) -> datetime | None:
        """Return the time; None before it was told."""
        return self._told + timedelta(milliseconds=self._since.elapsed()) if self._told is not None else None

    def run(self, *, on: bool) -> None:
        """Say each full minute, or no more."""
        if on and not self._timer.isActive():
            self._wait()
        elif not on:
            self._timer.stop()

    def _wait(self) -> None:
        now = self.now()
        gone_ms = now.second * 1000 + now.microsecond // 1000 if now is not None else 0
        self._timer.start(_MINUTE_MS - gone_ms)

    def _turn(self) -> None:
        self._wait()
        now = self.now()
        if now is not None:
            self.turned.emit(now)

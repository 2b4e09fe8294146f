"""Notices that nobody is at the laptop any more, and that somebody is.

An event filter on the whole application notes the time of the last key, click, touch or stroke; a coarse
timer looks how long ago that was. The clock counts sleep: a laptop that slept for an hour was left alone
for an hour. The filter also hears Ctrl+L and Ctrl+Shift+L where no shortcut does: in an open menu, a list
or a dialog.
"""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

LOOK_MS = 1_000
WARN_S = 60
"""How long before it locks the laptop says so."""

_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
        QEvent.Type.NativeGesture,
    }
)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_CONTROL_SHIFT = _CONTROL | Qt.KeyboardModifier.ShiftModifier


class Idle(QObject):
    """Watches over one session at a time.

    Signals:
        warned: So many seconds are left (int); said once a second from the last minute on.
        stirred: Somebody is here again after a warning.
        ran_out: Nobody was here for the whole time.
        lock_pressed: Ctrl+L was pressed where no shortcut hears it.
        switch_pressed: The same for Ctrl+Shift+L.
    """

    warned = Signal(int)
    stirred = Signal()
    ran_out = Signal()
    lock_pressed = Signal()
    switch_pressed = Signal()

    def __init__(self, now_s: Callable[[], float], parent: QObject | None = None) -> None:
        """Watch nothing yet.

        Args:
            now_s: Seconds by a clock that counts sleep and never jumps.
        """
        super().__init__(parent)
        self._now_s = now_s
        self._limit_s = 0.0
        self._last_s = 0.0
        self._warning = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def watches(self) -> bool:
        """Whether a session is watched over."""
        return self._timer.isActive()

    def start(self, minutes: int) -> None:
        """Watch over a session from now on."""
        self.stop()
        self._limit_s = minutes * 60.0
        self._last_s = self._now_s()
        self._timer.start()
        _application().installEventFilter(self)

    def stop(self) -> None:
        """Watch nothing any more."""
        if self.watches:
            self._timer.stop()
            _application().removeEventFilter(self)
        self._warning = False

    def look(self) -> None:
        """See how long nobody was here; warn, or give up."""
        left = self._limit_s - (self._now_s() - self._last_s)
        if left <= 0:
            self.stop()
            self.ran_out.emit()
        elif left <= WARN_S:
            self._warning = True
            self.warned.emit(max(1, round(left)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note signs of life; hear the keys that lock. Quick: every event of the application passes here."""
        del watched
        kind = event.type()
        if kind not in _SIGNS_OF_LIFE:
            return False
        self._last_s = self._now_s()
        if self._warning:
            self._warning = False
            self.stirred.emit()
        if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_L:
            if event.modifiers() == _CONTROL:
                self.lock_pressed.emit()
                return True
            if event.modifiers() == _CONTROL_SHIFT:
                self.switch_pressed.emit()
                return True
        return False


def _application() -> QCoreApplication:
    running = QCoreApplication.instance()
    if running is None:
        raise RuntimeError("a session needs a running application")
    return running

"""Tells when the laptop goes to sleep, has slept, or its desktop was locked: nobody sits at an open record then.

Three witnesses, since no one of them is there on every system:

- Linux: logind's `PrepareForSleep` and the desktop's screen saver, over D-Bus, where there is a bus;
- Windows: `WM_POWERBROADCAST` and `WM_WTSSESSION_CHANGE` among the window's native messages;
- everywhere: a clock that counts sleep has gone further than one that does not.

Source: systemd, org.freedesktop.login1(5); Microsoft, "WM_POWERBROADCAST message".
"""

import ctypes
import sys
import time
from collections.abc import Callable
from ctypes import wintypes
from typing import cast

from PySide6.QtCore import (
    SLOT,
    QAbstractEventDispatcher,
    QAbstractNativeEventFilter,
    QByteArray,
    QObject,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QGuiApplication

LOOK_MS = 1_000
SLEPT_S = 3.0
"""The clocks drift and are read one after the other; a sleep is longer."""

WM_POWERBROADCAST, PBT_APMSUSPEND = 0x0218, 0x0004
WM_WTSSESSION_CHANGE, WTS_AWAY = 0x02B1, frozenset({0x2, 0x4, 0x7})
"""Console disconnected, remote session disconnected, session locked."""
_WINDOWS_MESSAGES = b"windows_generic_MSG"

_PREPARE = cast("bytes", SLOT("prepare(bool)"))
"""Text, which is what PySide6 takes; its types ask for bytes."""

Seconds = Callable[[], float]


def with_sleep_s() -> float:
    """Return seconds by a clock that counts sleep and never jumps."""
    if sys.platform == "win32":
        seconds = float(ctypes.windll.kernel32.GetTickCount64()) / 1000
    elif sys.platform == "darwin":
        seconds = time.clock_gettime(time.CLOCK_MONOTONIC)  # counts sleep there, and does not on Linux
    else:
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME)
    return seconds


def awake_s() -> float:
    """Return seconds by a clock that stands still while the machine sleeps."""
    if sys.platform == "win32":
        ticks = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
        seconds = ticks.value / 10_000_000
    elif sys.platform == "darwin":
        seconds = time.clock_gettime(time.CLOCK_UPTIME_RAW)
    else:
        seconds = time.clock_gettime(time.CLOCK_MONOTONIC)
    return seconds


def says_away(kind: bytes, address: int) -> bool:
    """Tell whether a native message of Windows says that the laptop goes to sleep or its session is left.

    Args:
        kind: What Qt calls the message.
        address: Where the MSG lies.
    """
    if kind != _WINDOWS_MESSAGES:
        return False
    message = wintypes.MSG.from_address(address)
    if message.message == WM_POWERBROADCAST:
        return bool(message.wParam == PBT_APMSUSPEND)
    return bool(message.message == WM_WTSSESSION_CHANGE and message.wParam in WTS_AWAY)


class _WindowsMessages(QAbstractNativeEventFilter):
    """Listens to the native messages of the application's windows."""

    def __init__(self, on_away: Callable[[], None]) -> None:
        super().__init__()
        self._on_away = on_away

    def nativeEventFilter(self, eventType: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        if says_away(bytes(QByteArray(eventType).data()), int(message)):
            self._on_away()
        return False, 0


class Power(QObject):
    """Watches the machine.

    Signals:
        away: It goes to sleep, slept, or its desktop was locked.
    """

    away = Signal()

    def __init__(
        self, with_sleep: Seconds = with_sleep_s, awake: Seconds = awake_s, parent: QObject | None = None
    ) -> None:
        """Watch nothing yet. Both clocks count seconds; only the first counts sleep."""
        super().__init__(parent)
        self._with_sleep = with_sleep
        self._awake = awake
        self._ahead_s = 0.0
        self._native: _WindowsMessages | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Compare the clocks from now on."""
        self._ahead_s = self._with_sleep() - self._awake()
        self._timer.start()

    def stop(self) -> None:
        """Compare no more."""
        self._timer.stop()

    def look(self) -> None:
        """See whether the machine slept since the last look."""
        ahead_s = self._with_sleep() - self._awake()
        slept = ahead_s - self._ahead_s > SLEPT_S
        self._ahead_s = ahead_s
        if slept:
            self.away.emit()

    def listen(self, window: int) -> None:
        """Listen to the system, for as long as the application runs. `window`: what the system calls our window."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._state_changed)
            application.commitDataRequest.connect(self._session_ends)
        if sys.platform == "win32":
            ctypes.windll.wtsapi32.WTSRegisterSessionNotification(window, 0)
            self._native = _WindowsMessages(self.away.emit)
            QAbstractEventDispatcher.instance().installNativeEventFilter(self._native)
        elif sys.platform == "linux":
            listen_to_buses(self)

    @Slot(bool)
    def prepare(self, on: bool) -> None:
        """Hear from D-Bus that sleep (or the screen saver) begins or has ended."""
        if on:
            self.away.emit()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationSuspended:
            self.away.emit()

    def _session_ends(self) -> None:
        self.away.emit()


def listen_to_buses(power: Power) -> None:
    """Connect `power` to logind and to the desktop's screen saver, where there are buses."""
    system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
    listen_to(system, power, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep")
    listen_to(session, power, "", "org.freedesktop.ScreenSaver", "ActiveChanged")
    listen_to(session, power, "", "org.gnome.ScreenSaver", "ActiveChanged")


def listen_to(bus: QDBusConnection, power: Power, path: str, interface: str, signal: str) -> bool:
    """Let `power` hear a signal with one truth value; any sender counts, since a false alarm only locks.

    Returns:
        Whether there is such a bus.
    """
    return bool(bus.connect("", path, interface, signal, power, _PREPARE))

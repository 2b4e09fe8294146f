"""What says that the laptop sleeps: native messages, a bus, two clocks."""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from ctypes import wintypes

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from pytestqt.qtbot import QtBot

from desktop_app.power import Power, awake_s, listen_to, says_away, with_sleep_s

PATH, INTERFACE = "/org/freedesktop/login1", "org.freedesktop.login1.Manager"


@pytest.mark.parametrize(
    ("message", "parameter", "away"),
    [(0x218, 0x4, True), (0x218, 0x12, False), (0x2B1, 0x7, True), (0x2B1, 0x8, False), (0x100, 0x4, False)],
)
def test_windows_says_that_it_sleeps_or_that_its_session_is_left(message: int, parameter: int, *, away: bool) -> None:
    native = wintypes.MSG(message=message, wParam=parameter)
    assert says_away(b"windows_generic_MSG", ctypes.addressof(native)) is away
    assert not says_away(b"xcb_generic_event_t", ctypes.addressof(native))


def test_clocks_of_this_machine_go_together_while_it_is_awake(qtbot: QtBot) -> None:
    power = Power()
    power.start()
    with qtbot.assertNotEmitted(power.away):
        power.look()
    assert with_sleep_s() >= awake_s() - 1


def test_clock_that_counts_sleep_and_ran_ahead_is_a_sleep_told_once(qtbot: QtBot) -> None:
    ahead = [0.0]
    power = Power(lambda: 100.0 + ahead[0], lambda: 100.0)
    power.start()
    ahead[0] = 2.0
    with qtbot.assertNotEmitted(power.away):
        power.look()
    ahead[0] = 30.0
    with qtbot.waitSignal(power.away):
        power.look()
    with qtbot.assertNotEmitted(power.away):
        power.look()


@pytest.fixture
def bus() -> Iterator[str]:
    """The address of a message bus of our own."""
    program = shutil.which("dbus-daemon")
    assert program is not None, "dbus-daemon is among the packages for tests"
    command = [program, "--session", "--print-address=1", "--print-pid=1", "--fork", "--nopidfile"]
    address, process = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    yield address
    os.kill(int(process), signal.SIGTERM)


def test_sleep_announced_on_the_bus_is_heard(bus: str, qtbot: QtBot) -> None:
    power = Power()
    ours = QDBusConnection.connectToBus(bus, "ours")
    theirs = QDBusConnection.connectToBus(bus, "theirs")
    assert listen_to(ours, power, PATH, INTERFACE, "PrepareForSleep")
    for begins in (False, True):
        message = QDBusMessage.createSignal(PATH, INTERFACE, "PrepareForSleep")
        message.setArguments([begins])
        if begins:
            with qtbot.waitSignal(power.away):
                theirs.send(message)
        else:
            with qtbot.assertNotEmitted(power.away, wait=50):
                theirs.send(message)
    QDBusConnection.disconnectFromBus("ours")
    QDBusConnection.disconnectFromBus("theirs")

"""Exchanges that begin by themselves, over a clock and a wire of the test's: real windows, real encrypted files."""

import threading
from collections.abc import Iterable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from casebook.errors import ExchangeStoppedError, ServerBusyError
from desktop_app.app import Application
from desktop_app.autosync import AutoSync
from desktop_app.connections import Connections
from desktop_app.practice import PracticeStudy
from desktop_app.sync_plan import EVERY_MS, LONGEST_MS, SEALED_MS
from desktop_app.vault import Laptop
from tests.desktop_app.forms_at_work import enter, mark_of, open_casebook, open_form
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import CHEAP_KDF, Ward, design

HOUR_S = 3_600.0
A_SECOND_MORE = 1.0


class Wire:
    """The way to the study of a ward: it counts who comes, and holds them for ever once `hold` was called."""

    def __init__(self, study: PracticeStudy) -> None:
        self.study = study
        self.enrol = study.enrol
        self.certify_person = study.certify_person
        self.opened = 0
        self.reached = threading.Event()
        self.busy_s: int | None = None
        self._free = threading.Event()
        self._free.set()
        self._cut = threading.Event()

    def hold(self) -> None:
        """From now on a request is taken, and never answered."""
        self._free.clear()
        self.reached.clear()

    def let_go(self) -> None:
        """Answer again."""
        self._free.set()
        self._cut.clear()

    def open_peer(self, url: str, authority: bytes) -> "Wire":
        self.study.open_peer(url, authority)
        self.opened += 1
        return self

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        if self.busy_s is not None:
            raise ServerBusyError(retry_s=self.busy_s)
        frames = list(request)
        if not self._free.is_set():
            self.reached.set()
            self._cut.wait()
            raise ExchangeStoppedError
        yield from self.study.send(frames)

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        return self.study.send_chunks(request)

    def cut(self) -> None:
        self._cut.set()

    def close(self) -> None:
        """Nothing is held open."""


class Machine:
    """A ward's laptop with its application: the clock, the wire and the connections are the test's."""

    def __init__(self, qtbot: QtBot, qapp: QApplication, ward: Ward) -> None:
        self.ward = ward
        self.now_s = 1_000.0
        self.wire = Wire(ward.network)
        self.laptop = Laptop(ward.folder / "one", design(), self.wire, kdf=CHEAP_KDF, clock=ward.clock)
        application = Application(
            qapp,
            self.laptop,
            lambda _session: self.laptop.synchroniser(),
            "en",
            sync_every_ms=EVERY_MS,
            now_s=self._now,
        )
        self.hands = Hands(qtbot, application)
        application.window.resize(1366, 728)
        application.start()
        qtbot.waitExposed(application.window)
        self.hands.settle()

    def _now(self) -> float:
        return self.now_s

    @property
    def exchanges(self) -> AutoSync:
        assert self.hands.application.workplace is not None
        return self.hands.application.workplace.exchanges

    def passes(self, seconds: float) -> int:
        """Let time go by, in steps, and the application look at its clocks; return how many exchanges began."""
        self.stay_awake()
        before = self.wire.opened
        until = self.now_s + seconds
        while self.now_s < until:
            step = min(max(5.0, seconds / 100), until - self.now_s)
            self.now_s += step
            self.ward.clock.utc_ms += round(step * 1000)
            self.exchanges.look()
            self.hands.settle()
        return self.wire.opened - before

    def stay_awake(self) -> None:
        """Somebody is there all the time: the laptop does not lock itself."""
        if self.hands.application.idle is not None:
            self.hands.application.idle.stop()

    def until_held(self) -> None:
        """Begin an exchange that is never answered."""
        self.wire.hold()
        self.exchanges.sync()
        self.hands.qtbot.waitUntil(self.wire.reached.is_set, timeout=SETTLE_MS)
        self.exchanges.look()

    def pause(self, kind: str) -> None:
        """Choose from the menu of pauses."""
        self.hands.control(Qt.Key.Key_6)
        found = self.hands.window.findChild(QAction, f"sync_pause.{kind}")
        assert isinstance(found, QAction)
        found.trigger()
        self.hands.settle()


@pytest.fixture
def machine(qtbot: QtBot, qapp: QApplication, enrolled_ward: Ward) -> Iterator[Machine]:
    made = Machine(qtbot, qapp, enrolled_ward)
    yield made
    made.wire.let_go()
    made.hands.close()
    QApplication.processEvents()


# -- what begins an exchange -----------------------------------------------------------------------------------


def test_exchange_begins_at_sign_in_and_then_every_few_minutes(machine: Machine) -> None:
    machine.hands.unlock()
    assert machine.wire.opened == 1
    assert machine.passes(HOUR_S) in range(9, 16)


def test_what_is_sealed_goes_within_seconds_in_one_exchange(machine: Machine) -> None:
    open_casebook(machine.hands)
    open_form(machine.hands, "F.VS")
    enter(machine.hands, "I.VS.SYSBP", "152")
    machine.hands.press(Qt.Key.Key_Escape)
    machine.hands.settle()
    assert "on this laptop only" in machine.hands.words("foot_custody")
    assert machine.passes(SEALED_MS / 1000 + A_SECOND_MORE) == 1
    assert machine.hands.words("foot_custody") == "All received by the server"


def test_laptop_without_a_server_tries_less_and_less_often(machine: Machine) -> None:
    machine.ward.network.down = True
    machine.hands.unlock()
    machine.stay_awake()
    tries: list[float] = []
    start = machine.now_s
    while machine.now_s < start + 4 * HOUR_S:
        wait_s = machine.exchanges.standing.wait_s
        assert wait_s is not None
        tries.append(wait_s)
        machine.now_s += max(1.0, wait_s)
        machine.exchanges.look()
        machine.hands.settle()
    assert max(tries) <= LONGEST_MS / 1000
    assert len(tries) in range(9, 60)


def test_connection_that_appears_ends_the_wait(machine: Machine) -> None:
    machine.ward.network.down = True
    machine.hands.unlock()
    machine.passes(HOUR_S)
    machine.ward.network.down = False
    machine.exchanges.connected()
    assert machine.passes(11.0) == 1
    assert machine.hands.words("foot_sync").startswith("Synced")


def test_busy_server_is_left_alone_for_as_long_as_it_asks(machine: Machine) -> None:
    machine.wire.busy_s = 600
    machine.hands.unlock()
    assert machine.wire.opened == 1
    assert machine.passes(599.0) == 0
    machine.wire.busy_s = None
    assert machine.passes(600.0) >= 1


# -- one at a time, stopped, locked ----------------------------------------------------------------------------


def test_one_exchange_at_a_time(machine: Machine) -> None:
    machine.hands.unlock()
    machine.stay_awake()
    machine.until_held()
    held = machine.wire.opened
    for _ in range(3):
        machine.exchanges.sync()
        machine.now_s += HOUR_S
        machine.exchanges.look()
    assert machine.wire.opened == held
    machine.exchanges.end()
    machine.hands.settle()


def test_exchange_that_hangs_keeps_nobody_from_entering(machine: Machine) -> None:
    open_casebook(machine.hands)
    open_form(machine.hands, "F.VS")
    machine.until_held()
    enter_while_held(machine, "I.VS.SYSBP", "152")
    assert machine.exchanges.running
    assert mark_of(machine.hands, "I.VS.SYSBP") == "kept on this laptop"
    machine.exchanges.end()
    machine.hands.settle()


def enter_while_held(machine: Machine, oid: str, text: str) -> None:
    """Type and leave a field while the sync thread waits for ever: what `enter` does, without waiting for all work."""
    machine.hands.click(oid)
    QTest.keyClicks(machine.hands.window.focusWidget(), text)
    machine.hands.press(Qt.Key.Key_Return)
    machine.hands.qtbot.waitUntil(lambda: mark_of(machine.hands, oid) == "kept on this laptop", timeout=SETTLE_MS)


def test_exchange_is_stopped_by_hand_and_nothing_is_lost(machine: Machine) -> None:
    open_casebook(machine.hands)
    open_form(machine.hands, "F.VS")
    enter(machine.hands, "I.VS.SYSBP", "152")
    machine.hands.control(Qt.Key.Key_6)
    machine.hands.settle()
    machine.until_held()
    machine.hands.click("sync_stop")
    assert machine.hands.words("sync_state") == "Stopping…"
    machine.hands.settle()
    assert machine.hands.words("sync_state") == "Exchange stopped"
    assert "on this laptop only" in machine.hands.words("foot_custody")
    machine.wire.let_go()
    machine.hands.click("sync_now")
    machine.hands.settle()
    assert machine.hands.words("foot_custody") == "All received by the server"


@pytest.mark.parametrize("way", ["lock", "switch"])
def test_lock_does_not_wait_for_a_server_that_hangs(machine: Machine, way: str) -> None:
    """The wire holds for ever: only a cut lets the lock go on."""
    machine.hands.unlock()
    machine.until_held()
    machine.hands.click(f"foot_{way}")
    machine.hands.settle()
    assert machine.hands.application.workplace is None
    assert machine.hands.shows("unlock_people")
    machine.wire.let_go()
    machine.hands.unlock()
    assert machine.hands.shows("foot_who")


def test_window_closes_while_a_server_hangs(machine: Machine) -> None:
    machine.hands.unlock()
    machine.until_held()
    machine.hands.close()
    assert not machine.hands.window.isVisible()


# -- paused ----------------------------------------------------------------------------------------------------


def test_pause_holds_over_a_lock_and_is_never_silent(machine: Machine) -> None:
    machine.hands.unlock()
    machine.pause("until-resumed")
    assert machine.hands.words("foot_sync") == "Sync paused"
    assert machine.passes(3 * HOUR_S) == 0
    machine.hands.control(Qt.Key.Key_L)
    machine.hands.settle()
    before = machine.wire.opened
    machine.hands.unlock(1)
    assert machine.hands.words("foot_sync") == "Sync paused"
    assert machine.passes(HOUR_S) == 0
    machine.hands.control(Qt.Key.Key_6)
    machine.hands.settle()
    machine.hands.click("sync_resume")
    machine.hands.settle()
    assert machine.wire.opened == before + 1
    assert machine.hands.words("foot_sync").startswith("Synced")
    assert not machine.hands.shows("sync_resume")


def test_pause_of_an_hour_ends_by_itself(machine: Machine) -> None:
    machine.hands.unlock()
    machine.pause("hour")
    assert machine.hands.words("sync_contact").count("Paused until") == 1
    assert machine.passes(HOUR_S - 120) == 0
    assert machine.passes(180.0) >= 1
    assert machine.hands.words("foot_sync").startswith("Synced")


def test_pause_stops_the_exchange_under_way(machine: Machine) -> None:
    machine.hands.unlock()
    machine.hands.control(Qt.Key.Key_6)
    machine.hands.settle()
    machine.until_held()
    machine.pause("until-resumed")
    machine.hands.settle()
    assert not machine.exchanges.running
    assert machine.hands.words("sync_state") == "Sync is paused"


def test_paused_laptop_still_exchanges_by_hand(machine: Machine) -> None:
    machine.hands.unlock()
    machine.pause("until-resumed")
    before = machine.wire.opened
    machine.hands.click("sync_now")
    machine.hands.settle()
    assert machine.wire.opened == before + 1
    assert machine.hands.words("foot_sync") == "Sync paused"


# -- connections -----------------------------------------------------------------------------------------------


def test_new_address_is_a_connection_and_a_lost_one_is_not() -> None:
    addresses: set[str] = set()
    connections = Connections(lambda: frozenset(addresses))
    seen: list[str] = []
    connections.appeared.connect(lambda: seen.append("appeared"))
    connections.lost.connect(lambda: seen.append("lost"))
    addresses.add("192.0.2.7")
    connections.look()
    connections.look()
    addresses.add("198.51.100.9")
    connections.look()
    addresses.discard("192.0.2.7")
    connections.look()
    addresses.clear()
    connections.look()
    assert seen == ["appeared", "appeared", "lost"]
    assert not connections.connected


def test_system_that_says_online_is_believed_once() -> None:
    reach = QNetworkInformation.Reachability
    connections = Connections(lambda: frozenset({"192.0.2.7"}))
    seen: list[str] = []
    connections.appeared.connect(lambda: seen.append("appeared"))
    for said in (reach.Disconnected, reach.Site, reach.Online, reach.Local, reach.Online):
        connections.hear(said)
    assert seen == ["appeared", "appeared"]
    connections.hear(reach.Disconnected)
    assert not connections.connected

"""Work off the GUI thread: order, delivery, errors, closing."""

import sys
import threading
from collections.abc import Iterator
from functools import partial
from types import TracebackType

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from casebook.errors import CasebookError, NumbersExhaustedError
from desktop_app.background import Background


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    del qtbot
    made = Background()
    yield made
    made.close()


def refuse() -> None:
    raise NumbersExhaustedError


def test_results_arrive_in_order_on_the_gui_thread(background: Background, qtbot: QtBot) -> None:
    arrived: list[tuple[int, bool]] = []

    def arrive(number: int) -> None:
        arrived.append((number, threading.current_thread() is threading.main_thread()))

    for number in range(50):
        background.run(partial(int, number), then=arrive)
    qtbot.waitUntil(lambda: background.idle)
    assert arrived == [(number, True) for number in range(50)]


def test_store_and_sync_work_each_on_one_thread_of_their_own(background: Background, qtbot: QtBot) -> None:
    store: set[int] = set()
    sync: set[int] = set()
    for _ in range(5):
        background.run(threading.get_ident, then=store.add)
        background.run_sync(threading.get_ident, then=sync.add)
    qtbot.waitUntil(lambda: background.idle)
    assert len(store) == len(sync) == 1
    assert store != sync
    assert threading.get_ident() not in store | sync


def test_sync_that_waits_does_not_delay_the_store(background: Background, qtbot: QtBot) -> None:
    gate = threading.Event()
    arrived: list[str] = []
    background.run_sync(gate.wait, then=lambda _done: arrived.append("sync"))
    background.run(lambda: "store", then=arrived.append)
    qtbot.waitUntil(lambda: arrived == ["store"])
    gate.set()
    qtbot.waitUntil(lambda: arrived == ["store", "sync"])


def test_refusal_goes_to_whoever_asked(background: Background, qtbot: QtBot) -> None:
    refused: list[CasebookError] = []
    background.run(refuse, otherwise=refused.append)
    qtbot.waitUntil(lambda: background.idle)
    assert [type(error) for error in refused] == [NumbersExhaustedError]


def test_refusal_that_nobody_takes_is_signalled(background: Background, qtbot: QtBot) -> None:
    with qtbot.waitSignal(background.refused) as caught:
        background.run(refuse)
    assert isinstance(caught.args[0], NumbersExhaustedError)


def test_refusal_of_a_window_that_is_gone_is_signalled(background: Background, qtbot: QtBot) -> None:
    class Window(QLabel):
        def refused(self, error: CasebookError) -> None:
            self.setText(error.sentence())

    window = Window()
    gate = threading.Event()

    def wait_and_refuse() -> None:
        gate.wait()
        refuse()

    with qtbot.waitSignal(background.refused):
        background.run(wait_and_refuse, otherwise=window.refused)
        _delete(window, qtbot)
        gate.set()


def test_result_for_a_window_that_is_gone_is_dropped(background: Background, qtbot: QtBot) -> None:
    window = QLabel()
    gate = threading.Event()
    background.run(lambda: "late" if gate.wait() else "", then=window.setText)
    _delete(window, qtbot)
    gate.set()
    qtbot.waitUntil(lambda: background.idle)


def test_bug_reaches_the_hook_of_the_crash_window(
    background: Background, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type[BaseException]] = []

    def hook(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        del value, trace
        seen.append(kind)

    monkeypatch.setattr(sys, "excepthook", hook)
    background.run(lambda: 1 // 0)
    qtbot.waitUntil(lambda: background.idle)
    assert seen == [ZeroDivisionError]


def test_closing_waits_for_work_and_for_the_work_that_it_leads_to(qtbot: QtBot) -> None:
    del qtbot
    background = Background()
    done: list[str] = []

    def second(_first: str) -> None:
        background.run_sync(lambda: "second", then=done.append)

    background.run(lambda: "first", then=second)
    background.close()
    assert done == ["second"]
    assert background.idle


def test_work_that_comes_after_the_last_is_not_done_until_its_answer(background: Background, qtbot: QtBot) -> None:
    gate = threading.Event()
    done: list[str] = []
    background.run_last(lambda: "closed" if gate.wait() else "", then=done.append)
    background.run(lambda: "too late", then=done.append)
    gate.set()
    qtbot.waitUntil(lambda: background.idle)
    background.run(lambda: "opened again", then=done.append)
    qtbot.waitUntil(lambda: background.idle)
    assert done == ["closed", "opened again"]


def _delete(window: QObject, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()

"""Locking and coming back: by hand, left alone, asleep; from any page, and to the same field."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QListWidget, QVBoxLayout
from pytestqt.qtbot import QtBot

from desktop_app.app import Application
from desktop_app.power import Power
from desktop_app.snapshots import Mark
from desktop_app.widgets.ink import InkPad
from desktop_app.widgets.reason_panel import Asking, Asks
from desktop_app.windows.form import FormPage
from desktop_app.windows.whereabouts import Whereabouts, read_whereabouts
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import (
    bring_into_sight,
    choose,
    draw,
    enter,
    go_to,
    mark_of,
    open_casebook,
    open_form,
    sentences,
    strike_keys,
)
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_consent_and_paper import CHOICES
from tests.laptops import Ward

SYSBP, DIABP, HR = "I.VS.SYSBP", "I.VS.DIABP", "I.VS.HR"
NIHSS = "I.NIHSS.NIHSS"
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
IDLE_S = 600
"""The study's ten minutes."""


class Clocks:
    """The two clocks of a machine that tests leave alone and put to sleep."""

    def __init__(self) -> None:
        self.awake_s = 1000.0
        self.asleep_s = 0.0

    def with_sleep(self) -> float:
        return self.awake_s + self.asleep_s

    def awake(self) -> float:
        return self.awake_s


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def power(clocks: Clocks) -> Power:
    return Power(clocks.with_sleep, clocks.awake)


@pytest.fixture
def watched(qtbot: QtBot, qapp: QApplication, enrolled_ward: Ward, clocks: Clocks, power: Power) -> Iterator[Hands]:
    """An application whose clocks are the test's, at the unlock page."""
    laptop = enrolled_ward.laptop("one")
    application = Application(
        qapp,
        laptop,
        lambda _session: laptop.synchroniser(),
        "en",
        sync_every_ms=0,
        now_s=clocks.with_sleep,
        power=power,
    )
    hands = Hands(qtbot, application)
    application.window.resize(1366, 728)
    application.start()
    qtbot.waitExposed(application.window)
    hands.settle()
    yield hands
    hands.close()
    QApplication.processEvents()


@pytest.fixture
def vitals(watched: Hands) -> Hands:
    open_casebook(watched)
    open_form(watched, "F.VS")
    return watched


def type_into(hands: Hands, oid: str, text: str, cursor: int) -> None:
    """Type, and stop in the middle."""
    go_to(hands, oid)
    line = hands.window.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, text)
    line.setCursorPosition(cursor)


def stands_at(hands: Hands) -> tuple[str, str, int]:
    """Return the field that has the focus, its text, and where the cursor is."""
    line = hands.window.focusWidget()
    assert isinstance(line, QLineEdit)
    return line.objectName(), line.text(), line.cursorPosition()


def leave_alone(hands: Hands, clocks: Clocks, seconds: float) -> None:
    """Let time go by, and the application look at its clock."""
    clocks.awake_s += seconds
    idle = hands.application.idle
    assert idle is not None
    idle.look()
    hands.settle()


def locked(hands: Hands) -> bool:
    return hands.shows("unlock_people") and hands.application.workplace is None


# -- left alone ---------------------------------------------------------------------------------------------------


def test_laptop_left_alone_warns_a_minute_before_and_locks(vitals: Hands, clocks: Clocks) -> None:
    leave_alone(vitals, clocks, IDLE_S - 70)
    assert not vitals.shows("foot_warning")
    leave_alone(vitals, clocks, 25)
    assert vitals.find("foot_warning").accessibleName() == "Locks in 45 s. Press any key to go on."
    leave_alone(vitals, clocks, 45)
    assert locked(vitals)


@pytest.mark.parametrize("sign", ["key", "mouse", "wheel"])
def test_any_sign_of_life_takes_the_warning_back(vitals: Hands, clocks: Clocks, sign: str) -> None:
    leave_alone(vitals, clocks, IDLE_S - 30)
    assert vitals.shows("foot_warning")
    if sign == "key":
        vitals.press(Qt.Key.Key_Shift)
    elif sign == "mouse":
        QTest.mouseMove(vitals.window, QPoint(300, 300))
        QTest.mouseMove(vitals.window, QPoint(310, 300))
    else:
        QTest.wheelEvent(vitals.window.windowHandle(), QPoint(300, 300), QPoint(0, 120))
    QApplication.processEvents()
    assert not vitals.shows("foot_warning")
    leave_alone(vitals, clocks, IDLE_S - 90)
    assert not locked(vitals)


def test_sleep_counts_as_being_left_alone(vitals: Hands, clocks: Clocks) -> None:
    clocks.asleep_s += IDLE_S + 1
    leave_alone(vitals, clocks, 0)
    assert locked(vitals)


def test_half_a_number_is_no_value_after_the_laptop_locked_itself(vitals: Hands, clocks: Clocks) -> None:
    type_into(vitals, SYSBP, "15", 1)
    leave_alone(vitals, clocks, IDLE_S + 1)
    assert locked(vitals)
    vitals.unlock()
    assert stands_at(vitals) == (SYSBP, "15", 1)
    page = vitals.window.page()
    assert isinstance(page, FormPage)
    assert page.view is not None
    item = next(one for group in page.view.groups for row in group.rows for one in row.items if one.item.oid == SYSBP)
    assert (item.mark, item.typed, item.problem, item.reading.value) == (Mark.TYPED, "15", None, None)
    vitals.press(Qt.Key.Key_End)
    QTest.keyClicks(vitals.window.focusWidget(), "2")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"
    assert not any("Why does it change" in text for text in sentences(vitals, SYSBP))


def test_text_set_aside_becomes_a_value_when_its_form_is_left(vitals: Hands, clocks: Clocks) -> None:
    type_into(vitals, SYSBP, "152", 3)
    leave_alone(vitals, clocks, IDLE_S + 1)
    vitals.unlock()
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "recorded"


# -- asleep -------------------------------------------------------------------------------------------------------


def test_laptop_that_slept_is_locked_when_it_wakes(vitals: Hands, clocks: Clocks, power: Power) -> None:
    power.look()
    vitals.settle()
    assert not locked(vitals)
    clocks.asleep_s += 20
    power.look()
    vitals.settle()
    assert locked(vitals)


def test_system_that_announces_sleep_locks_the_laptop(vitals: Hands, power: Power) -> None:
    power.prepare(on=False)
    vitals.settle()
    assert not locked(vitals)
    power.prepare(on=True)
    vitals.settle()
    assert locked(vitals)


# -- by hand ------------------------------------------------------------------------------------------------------


def test_lock_by_key_enters_what_was_typed_and_leads_back_to_it(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    type_into(vitals, HR, "72", 1)
    vitals.control(Qt.Key.Key_L)
    vitals.settle()
    assert locked(vitals)
    vitals.unlock()
    assert stands_at(vitals) == (HR, "72", 1)
    assert mark_of(vitals, HR) == mark_of(vitals, SYSBP) == "recorded"
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    assert vitals.shows("casebook_table")


def test_unreadable_text_stands_in_its_field_again(vitals: Hands) -> None:
    type_into(vitals, SYSBP, "1o5", 2)
    vitals.control(Qt.Key.Key_L)
    vitals.settle()
    vitals.unlock()
    assert stands_at(vitals) == (SYSBP, "1o5", 2)


def test_curtain_shows_nothing_of_the_study_while_the_store_closes(vitals: Hands) -> None:
    hold = threading.Event()
    vitals.application.background.run(lambda: hold.wait(SETTLE_MS / 1000))
    vitals.control(Qt.Key.Key_L)
    assert vitals.shows("curtain_word")
    assert not vitals.shows("foot_who")
    assert vitals.window.windowTitle() == "Casebook"
    hold.set()
    vitals.settle()
    assert locked(vitals)


def test_lock_waits_for_an_exchange_behind_the_curtain(vitals: Hands) -> None:
    hold = threading.Event()
    vitals.application.background.run_sync(lambda: hold.wait(SETTLE_MS / 1000))
    vitals.control(Qt.Key.Key_L)
    assert vitals.shows("curtain_word")
    hold.set()
    vitals.settle()
    assert locked(vitals)


@pytest.mark.parametrize("place", [Qt.Key.Key_2, Qt.Key.Key_6, Qt.Key.Key_7, Qt.Key.Key_8])
def test_lock_works_from_every_page(watched: Hands, place: Qt.Key) -> None:
    watched.unlock()
    watched.control(place)
    watched.settle()
    watched.control(Qt.Key.Key_L)
    watched.settle()
    assert locked(watched)


def test_lock_works_from_an_open_menu(vitals: Hands) -> None:
    go_to(vitals, SYSBP)
    vitals.press(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    vitals.settle()
    assert locked(vitals)
    assert QApplication.activePopupWidget() is None


def test_lock_works_from_a_dialog(vitals: Hands) -> None:
    dialog = QDialog(vitals.window)
    line = QLineEdit(dialog)
    QVBoxLayout(dialog).addWidget(line)
    dialog.open()
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    vitals.settle()
    assert locked(vitals)
    assert not dialog.isVisible()


# -- what stays ---------------------------------------------------------------------------------------------------


def test_stroke_scale_is_gone_on_with_at_the_same_item(watched: Hands) -> None:
    open_casebook(watched)
    open_form(watched, "F.NIHSS", repeat="PRERAND")
    go_to(watched, f"{NIHSS}01A")
    strike_keys(watched, "10")
    before = watched.window.focusWidget()
    assert before is not None
    name = before.objectName()
    watched.control(Qt.Key.Key_L)
    watched.settle()
    watched.unlock()
    after = watched.window.focusWidget()
    assert after is not None
    assert after.objectName().split("=")[0] == name.split("=")[0]
    assert mark_of(watched, f"{NIHSS}01A") == "recorded"


@pytest.mark.parametrize("strokes", [1, 3])
def test_ink_stays_on_its_pad(watched: Hands, strokes: int) -> None:
    open_casebook(watched)
    open_form(watched, "F.ICF")
    for name, code in CHOICES:
        choose(watched, f"I.ICF.{name}", code)
    bring_into_sight(watched, "I.ICF.SIGPINK")
    pad = watched.find("I.ICF.SIGPINK")
    assert isinstance(pad, InkPad)
    draw(pad, strokes=strokes, points=4 if strokes == 1 else 12)
    drawn = pad.ink
    assert drawn.strokes
    watched.control(Qt.Key.Key_L)
    watched.settle()
    watched.unlock()
    again = watched.find("I.ICF.SIGPINK")
    assert isinstance(again, InkPad)
    assert again.ink.strokes == drawn.strokes


def test_row_that_was_just_added_is_there_and_has_the_focus(watched: Hands) -> None:
    open_casebook(watched)
    workplace = watched.application.workplace
    assert workplace is not None
    watched.control(Qt.Key.Key_PageDown)
    watched.settle()
    watched.press(Qt.Key.Key_Return)
    watched.settle()
    watched.press(Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    watched.control(Qt.Key.Key_L)  # the answer is still on its way
    watched.settle()
    watched.unlock()
    page = watched.window.page()
    assert isinstance(page, FormPage)
    assert page.view is not None
    assert sum(len(group.rows) for group in page.view.groups if group.group.repeating) == 1


def change_without_reason(hands: Hands) -> None:
    """Record a value, then type another over it."""
    enter(hands, SYSBP, "150")
    hands.control(Qt.Key.Key_S)
    hands.settle()
    go_to(hands, SYSBP)
    hands.control(Qt.Key.Key_A)
    QTest.keyClicks(hands.window.focusWidget(), "160")


@pytest.mark.parametrize("how", ["by itself", "by key"])
def test_change_that_waits_for_its_reason_waits_on_with_the_words_that_were_typed(
    vitals: Hands, clocks: Clocks, how: str
) -> None:
    change_without_reason(vitals)
    QTest.keyClicks(vitals.find(f"{SYSBP}.reason.words"), "cuff was")
    if how == "by itself":
        leave_alone(vitals, clocks, IDLE_S + 1)
    else:
        vitals.control(Qt.Key.Key_L)
        vitals.settle()
    vitals.unlock()
    assert vitals.find(SYSBP).property("text") == "160"
    assert vitals.find(f"{SYSBP}.reason.words").property("text") == "cuff was"
    vitals.type(f"{SYSBP}.reason.words", " too small")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"


# -- the next person ----------------------------------------------------------------------------------------------


def test_of_two_people_switching_the_user_chooses_the_other_and_asks_for_the_passphrase(vitals: Hands) -> None:
    vitals.click("foot_switch")
    vitals.settle()
    people = vitals.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert people.currentItem().text().startswith("Investigator B")
    assert vitals.find("unlock_passphrase").hasFocus()
    vitals.unlock()
    assert "Investigator B" in vitals.words("foot_who")


def test_switching_the_user_leads_to_the_list_and_letters_find_a_name(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    enrolled_ward.join(enrolled_ward.laptop("one"), "assessor")
    vitals = open_application(enrolled_ward.laptop("one"))
    vitals.unlock()
    vitals.click("foot_switch")
    vitals.settle()
    people = vitals.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert people.hasFocus()
    QTest.keyClicks(people, "inv")
    assert people.currentItem().text().startswith("Investigator B")
    vitals.press(Qt.Key.Key_Return)
    assert vitals.find("unlock_passphrase").hasFocus()


def test_what_one_person_typed_is_untouched_by_the_next(vitals: Hands, clocks: Clocks) -> None:
    type_into(vitals, SYSBP, "15", 2)
    leave_alone(vitals, clocks, IDLE_S + 1)
    vitals.unlock(place=1)
    assert "Investigator B" in vitals.words("foot_who")
    assert vitals.shows("subjects_table")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    open_form(vitals, "F.VS")
    assert vitals.find(SYSBP).property("text") == ""
    enter(vitals, DIABP, "80")
    vitals.press(Qt.Key.Key_L, CONTROL_SHIFT)
    vitals.settle()
    people = vitals.find("unlock_people")
    QTest.keyClicks(people, "coord")
    vitals.press(Qt.Key.Key_Return)
    vitals.unlock()
    assert stands_at(vitals) == (SYSBP, "15", 2)
    assert mark_of(vitals, DIABP) == "recorded"


def test_place_is_forgotten_once_it_was_returned_to(vitals: Hands) -> None:
    vitals.control(Qt.Key.Key_L)
    vitals.settle()
    vitals.unlock()
    assert vitals.shows("form_title")
    vitals.control(Qt.Key.Key_2)
    vitals.settle()
    vitals.control(Qt.Key.Key_L)
    vitals.settle()
    vitals.unlock()
    assert vitals.shows("subjects_table")


def test_place_of_another_release_leads_to_the_subjects() -> None:
    place = Whereabouts(page="form", asking=Asking(kind=Asks.STRIKE, words="x"))
    assert read_whereabouts(place.text()) == place
    for text in (None, "", "{}", "[]", '{"page": 1}', place.text().replace('"strike"', '"other"')):
        assert read_whereabouts(text) is None


def test_no_key_is_heard_by_the_lock_once_the_session_is_over(watched: Hands) -> None:
    watched.unlock()
    watched.control(Qt.Key.Key_L)
    watched.settle()
    line = watched.find("unlock_passphrase")
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QApplication.sendEvent(line, event)
    watched.settle()
    assert locked(watched)

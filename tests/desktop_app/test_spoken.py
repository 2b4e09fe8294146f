"""What a screen reader is told beyond names: one choice of several, what is wrong or required; and what it can do.

It checks a button without clicking it, and writes into a field without going there. What is read out where the focus
is not is heard by the runs from outside (tests/blackbox).
"""

from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractAnimation, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.preferences import preferences
from desktop_app.snapshots import Mark
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.fold_button import FoldButton
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.scorer_strip import ScorerStrip, Stop
from tests.desktop_app.forms_at_work import INVESTIGATOR, bring_into_sight, enter, open_casebook, open_form
from tests.desktop_app.hands import Hands
from tests.laptops import Ward

ROOT = Path(__file__).parents[2]
Role = QAccessible.Role


def told(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def toggle(widget: QWidget) -> None:
    """Check a button as assistive technology does: nothing is clicked."""
    actions = told(widget).actionInterface()
    assert actions is not None
    actions.doAction(actions.toggleAction())


def press(widget: QWidget) -> None:
    actions = told(widget).actionInterface()
    assert actions is not None
    actions.doAction(actions.pressAction())


def mark_of(hands: Hands, oid: str) -> Mark | None:
    row = hands.find(f"row.{oid}")
    assert isinstance(row, ItemRow)
    return row.mark.mark


@pytest.fixture
def vitals(hands: Hands) -> Hands:
    """Vital signs, empty."""
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    return hands


def test_one_code_of_a_few_is_a_choice_with_its_place_and_several_are_ticks(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    left = hands.find("I.VS.VSARM=L")
    assert told(left).role() is Role.RadioButton
    assert left.accessibleDescription() == "Arm, 1 of 2 · required"
    hands.application.switch_language("zh")
    assert left.accessibleDescription().startswith("测量侧上肢，第 1 项，共 2 项")
    hands.application.switch_language("en")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    open_form(hands, "F.LB")
    assert told(hands.find("I.LB.LBPANEL=HAEM")).role() is Role.CheckBox


def test_tab_comes_back_to_the_chosen_code_and_the_same_action_takes_it_back(vitals: Hands) -> None:
    left, right = vitals.find("I.VS.VSARM=L"), vitals.find("I.VS.VSARM=R")
    toggle(right)
    vitals.settle()
    assert (told(left).state().checked, told(right).state().checked) == (0, 1)
    right.setFocus()
    vitals.press(Qt.Key.Key_Left)
    assert left.hasFocus()
    assert told(right).state().checked
    vitals.press(Qt.Key.Key_Tab)
    vitals.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert right.hasFocus()
    assert mark_of(vitals, "I.VS.VSARM") is Mark.KEPT


@pytest.mark.parametrize(("oid", "text"), [("I.VS.SYSBP", "131"), ("I.VS.VSDTM", "2026-03-01 06:30")])
def test_text_that_is_put_into_a_field_from_outside_is_kept(vitals: Hands, oid: str, text: str) -> None:
    field = vitals.find(oid)
    vitals.find("I.VS.VSARM=L").setFocus()
    editable = told(field).editableTextInterface()
    assert editable is not None
    editable.insertText(0, text)
    vitals.settle()
    assert mark_of(vitals, oid) is Mark.KEPT


def test_field_says_what_is_wrong_and_that_it_is_required(vitals: Hands) -> None:
    field = vitals.find("I.VS.SYSBP")
    assert "required" in field.accessibleDescription()
    enter(vitals, "I.VS.SYSBP", "half")
    problem = field.accessibleDescription()
    assert problem.startswith("“half” is not a whole number.")
    assert mark_of(vitals, "I.VS.SYSBP") is Mark.TYPED
    field.setFocus()
    field.setProperty("text", "")
    enter(vitals, "I.VS.SYSBP", "131")
    assert "whole number" not in field.accessibleDescription()


def test_form_is_marked_complete_by_the_action_of_a_screen_reader(vitals: Hands) -> None:
    button = vitals.find("form_complete")
    assert button.accessibleName() == "Mark complete"
    toggle(button)
    vitals.settle()
    assert vitals.shows("form_notice")  # it says what is missing
    assert not told(button).state().checked


def test_places_of_the_rail_are_pressed_and_say_where_one_is(hands: Hands) -> None:
    hands.unlock()
    sync = hands.find("rail_sync")
    assert told(sync).role() is Role.PushButton
    assert hands.find("rail_subjects").accessibleDescription() == "You are here"
    press(sync)
    hands.qtbot.waitUntil(lambda: hands.shows("sync_now"))
    hands.settle()
    assert (hands.find("rail_subjects").accessibleDescription(), sync.accessibleDescription()) == ("", "You are here")
    sync.setFocus()
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("settings_about")


def test_filters_are_one_choice_and_places_of_a_scale_are_gone_to_by_arrows(qapp: QApplication, qtbot: QtBot) -> None:
    chips = Chips("show", ("", "clock", "form"))
    chips.setAccessibleName("What is shown")
    chips.show_counts([("", "All", 3), ("form", "Forms", 2)])
    (forms,) = chips.findChildren(QWidget, "show_form")
    assert told(forms).role() is Role.RadioButton
    assert forms.accessibleDescription() == "What is shown, 2 of 2"
    toggle(forms)
    assert chips.value == "form"
    strip = ScorerStrip()
    wanted: list[int] = []
    strip.wanted.connect(wanted.append)
    strip.show_stops([Stop(name=str(one), label=f"Item {one}", shown="", told="") for one in range(3)], 1)
    strip.show()
    assert QTest.qWaitForWindowActive(strip)
    assert [button.accessibleDescription() for button in strip.buttons] == ["", "You are here", ""]
    strip.buttons[1].setFocus()
    QTest.keyClick(strip.buttons[1], Qt.Key.Key_Right)
    assert strip.buttons[2].hasFocus()
    press(strip.buttons[2])
    qtbot.waitUntil(lambda: wanted == [2])
    for widget in (chips, strip):
        widget.deleteLater()
    qapp.processEvents()


def test_what_folds_says_whether_it_is_open_and_is_pressed_from_outside(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.CONTACT")
    bring_into_sight(hands, "add.IG.CONTACT.REL")
    hands.click("add.IG.CONTACT.REL")
    hands.settle()
    (row,) = (one for one in hands.window.findChildren(FoldButton) if one.isVisible())
    state = told(row).state()
    assert told(row).role() is Role.Button
    assert told(row).text(QAccessible.Text.Name) == row.accessibleName()
    assert (state.expandable, state.expanded, state.collapsed, state.focusable) == (1, 1, 0, 1)
    press(row)
    state = told(row).state()
    assert (state.expandable, state.expanded, state.collapsed) == (1, 0, 1)
    assert not hands.shows("I.CONTACT.RELNAME")
    press(row)
    assert told(row).state().expanded
    assert hands.shows("I.CONTACT.RELNAME")


def test_bar_without_an_end_is_busy(qapp: QApplication) -> None:
    bar = BusyBar("work")
    assert told(bar).role() is Role.ProgressBar
    assert told(bar).state().busy
    bar.deleteLater()
    qapp.processEvents()


def test_nothing_moves_by_itself(qapp: QApplication) -> None:
    bar = BusyBar("work")
    bar.resize(200, bar.height())
    bar.show()
    assert QTest.qWaitForWindowExposed(bar)
    before = bar.grab().toImage()
    QTest.qWait(120)
    assert bar.grab().toImage() == before
    assert bar.findChildren(QAbstractAnimation) == []
    assert not any(qapp.isEffectEnabled(effect) for effect in Qt.UIEffect)
    bar.deleteLater()
    movers = ("Animation", "QTimeLine", "QMovie", "QGraphicsEffect", "setRange(0, 0)")
    allowed = {"busy_bar.py"}
    sources = [path for path in (ROOT / "desktop_app").rglob("*.py") if path.name not in allowed]
    assert [path.name for path in sources if any(mover in path.read_text(encoding="utf-8") for mover in movers)] == []


def test_silence_of_the_countdown_is_kept_for_the_person_who_wanted_it(hands: Hands, enrolled_ward: Ward) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    hands.press(Qt.Key.Key_F9)
    hands.settle()
    hands.click("scorer_stop_7")
    hands.settle()
    name = "hold.I.NIHSS.NIHSS05A_mute"
    hands.click(name)
    hands.control(Qt.Key.Key_L)
    hands.settle()
    hands.unlock(stays=True)
    assert hands.find(name).property("checked") is True
    folder = enrolled_ward.laptop("one").folder.path
    assert [one for one in preferences(folder) if one.startswith("scorer_muted")] == ["scorer_muted.investigator"]
    hands.click(name)
    assert not [one for one in preferences(folder) if one.startswith("scorer_muted")]

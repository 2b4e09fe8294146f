"""Flow in a form: times in words before they are kept, what was before, what is missing, search in lists, language."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMenu, QPushButton

from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.item_row import ItemRow
from tests.desktop_app.forms_at_work import enter, go_to, mark_of, open_casebook, open_form, sentences
from tests.desktop_app.hands import Hands

TIME = "I.VS.VSDTM"
SYSBP = "I.VS.SYSBP"


def _type(hands: Hands, oid: str, text: str) -> None:
    go_to(hands, oid)
    QTest.keyClicks(hands.find(oid), text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1330", "Sun 1 Mar 2026 13:30 +08:00"),
        ("yesterday 2210", "Sat 28 Feb 2026 22:10 +08:00"),
        ("28/2 0630", "Sat 28 Feb 2026 06:30 +08:00"),
    ],
)
def test_time_is_told_in_words_before_the_field_is_left(vitals: Hands, typed: str, told: str) -> None:
    _type(vitals, TIME, typed)
    assert vitals.words(f"{TIME}.told") == told
    assert mark_of(vitals, TIME) == "not kept yet"
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert mark_of(vitals, TIME).startswith("kept")
    assert vitals.words(f"{TIME}.told") == f"{told[:3]} +08:00"


def test_time_that_runs_with_the_clock_is_kept_as_it_was_told(vitals: Hands) -> None:
    _type(vitals, TIME, "-2h")
    told = vitals.words(f"{TIME}.told")
    row = vitals.find(f"row.{TIME}")
    assert isinstance(row, ItemRow)
    assert row.editor.unfinished() == f"2026-03-01 {told.split()[4]}"
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert vitals.words(TIME) == f"2026-03-01 {told.split()[4]}"


def test_time_that_can_be_two_days_or_none_is_told_while_it_is_typed_and_stays(vitals: Hands) -> None:
    _type(vitals, TIME, "03/02 0630")
    QApplication.processEvents()
    assert any("3 Feb" in one and "2 Mar" in one for one in sentences(vitals, TIME))
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert vitals.words(TIME) == "03/02 0630"
    assert mark_of(vitals, TIME) == "not a value yet"
    vitals.find(TIME).setFocus()
    QTest.keyClick(vitals.find(TIME), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(vitals.find(TIME), "2560")
    assert vitals.words(f"{TIME}.told") == ""
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert any("no clock shows" in one for one in sentences(vitals, TIME))


def test_value_of_the_visit_before_is_told_only_at_the_item_with_the_focus(vitals: Hands) -> None:
    enter(vitals, TIME, "1330")
    enter(vitals, SYSBP, "150")
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    open_form(vitals, "F.VS", visit="SE.V2")
    go_to(vitals, SYSBP)
    assert vitals.words(f"earlier.{SYSBP}").endswith("2026-03-01: 150 mmHg")
    assert vitals.words(SYSBP) == ""
    vitals.press(Qt.Key.Key_Tab)
    assert not vitals.shows(f"earlier.{SYSBP}")


def _missing(hands: Hands) -> QMenu:
    button = hands.find("form_progress")
    assert isinstance(button, QPushButton)
    return button.menu()


def test_list_of_what_is_missing_names_items_by_section_and_leads_there(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    menu = _missing(vitals)
    assert menu.isVisible()
    named = [action.text().strip() for action in menu.actions() if action.isEnabled()]
    assert any("Diastolic" in one for one in named)
    assert not any("Systolic" in one for one in named)
    assert str(len(named)) == vitals.words("form_progress").split()[0]
    wanted = next(action for action in menu.actions() if "Diastolic" in action.text())
    while menu.activeAction() is not wanted:
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    focused = focused_widget()
    assert focused is not None
    assert focused.objectName() == "I.VS.DIABP"


def test_form_that_cannot_be_complete_says_what_is_missing(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.click("form_complete")
    vitals.settle()
    said = vitals.words("form_notice_words")
    assert "Missing: " in said
    assert "(+" in said
    assert mark_of(vitals, SYSBP).startswith("recorded")  # sealed before it was refused


def test_form_left_half_filled_says_so_and_one_that_was_looked_at_does_not(vitals: Hands) -> None:
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    assert vitals.words("foot_status") == ""
    open_form(vitals, "F.VS")
    enter(vitals, SYSBP, "150")
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    assert "Missing:" in vitals.words("foot_status")


def test_language_changes_under_a_half_typed_field_and_the_text_stays(vitals: Hands) -> None:
    _type(vitals, TIME, "yesterday 22")
    label = vitals.find(f"row.{SYSBP}").findChildren(QLabel)[0]
    before = label.text()
    vitals.application.switch_language("zh")
    assert vitals.words(TIME) == "yesterday 22"
    assert vitals.find(TIME).hasFocus()
    QTest.keyClicks(vitals.find(TIME), "10")
    assert vitals.words(f"{TIME}.told") == "2026年2月28日 周六 22:10 +08:00"
    assert label.text() != before
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert vitals.words(TIME) == "2026-02-28 22:10"
    vitals.application.switch_language("en")
    assert vitals.words(f"{TIME}.told") == "Sat +08:00"


@pytest.mark.parametrize("typed", ["farm", "农"])
def test_list_of_codes_is_searched_in_either_language(hands: Hands, typed: str) -> None:
    open_casebook(hands)
    open_form(hands, "F.DM")
    go_to(hands, "I.DM.OCCUP")
    combo = hands.find("I.DM.OCCUP")
    assert isinstance(combo, QComboBox)
    if typed.isascii():
        QTest.keyClicks(combo, typed)
    else:
        event = QInputMethodEvent("", [])
        event.setCommitString(typed)
        QApplication.sendEvent(combo, event)
    found = combo.completer()
    assert found is not None
    assert found.completionCount() == 1
    assert "arm" in found.pathFromIndex(found.completionModel().index(0, 0))
    popup = found.popup()
    assert popup is not None
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    hands.settle()
    assert mark_of(hands, "I.DM.OCCUP").startswith("kept")
    assert "arm" in combo.currentText()


@pytest.mark.parametrize(
    ("form", "oid"),
    [
        ("F.VS", SYSBP),
        ("F.VS", TIME),
        ("F.VS", "I.VS.VSARM"),
        ("F.DM", "I.DM.OCCUP"),
        ("F.IMG1", "I.IMG1.OCCSITE"),
        ("F.LB", "I.LB.LBPANEL"),
        ("F.LB", "I.LB.LBDTM"),
    ],
)
def test_missing_codes_are_offered_by_their_key_in_every_kind_of_field(hands: Hands, form: str, oid: str) -> None:
    open_casebook(hands)
    open_form(hands, form)
    row = hands.find(f"row.{oid}")
    assert isinstance(row, ItemRow)
    go_to(hands, oid)
    hands.press(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.objectName() for action in menu.actions()] == [f"missing={code}" for code in row.item.missing_codes]
    menu.close()

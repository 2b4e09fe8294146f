"""Missing-data codes in a form: chosen, taken back, replaced by a value and back; nothing is shown that is not so."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from casebook.records import MissingCode
from desktop_app.snapshots import Mark
from desktop_app.widgets.item_row import ItemRow
from tests.desktop_app.forms_at_work import go_to, mark_of, open_form, sentences, strike_keys
from tests.desktop_app.hands import Hands

SYSBP = "I.VS.SYSBP"


def choose_missing(hands: Hands, wanted: str, oid: str = SYSBP) -> None:
    """Choose a line of the menu of missing-data codes by keys; "" for the one that takes a code back."""
    go_to(hands, oid)
    hands.press(Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = next(menu for menu in hands.find(f"row.{oid}").findChildren(QMenu) if menu.isVisible())
    action = next(action for action in menu.actions() if action.objectName() == wanted and action.text())
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    hands.settle()


def say_not_done(hands: Hands, row: ItemRow) -> None:
    """Choose that a value was not done; an item that is mandatory asks why."""
    choose_missing(hands, "missing=ND", row.item.oid)
    if row.asking() is not None:
        strike_keys(hands, "2")
        hands.settle()


def test_missing_code_is_chosen_by_key_and_taken_back(vitals: Hands) -> None:
    for wanted in ("missing=ND", ""):
        choose_missing(vitals, wanted)
        if wanted:
            question = vitals.find(f"{SYSBP}.reason").findChildren(QLabel)[0]
            assert question.isVisible()
            assert "mandatory" in question.text()
            assert not any("Not done" in sentence for sentence in sentences(vitals, SYSBP))
            strike_keys(vitals, "2")
            vitals.settle()
        assert any("Not done" in sentence for sentence in sentences(vitals, SYSBP)) == bool(wanted)


@pytest.mark.parametrize(("oid", "answer"), [(SYSBP, "150"), ("I.VS.VSARM", "R")])
def test_value_that_a_missing_code_replaced_is_kept_when_it_is_entered_again(
    vitals: Hands, oid: str, answer: str
) -> None:
    row = vitals.find(f"row.{oid}")
    assert isinstance(row, ItemRow)
    for _ in range(2):
        go_to(vitals, oid)
        strike_keys(vitals, answer)
        vitals.press(Qt.Key.Key_Return)
        vitals.settle()
        assert row.view is not None
        assert (row.view.reading.value, row.view.mark) == (answer, Mark.KEPT)
        say_not_done(vitals, row)
        assert (row.view.reading.missing, row.is_busy) == (MissingCode.NOT_DONE, False)


@pytest.mark.parametrize(("oid", "answer"), [(SYSBP, "150"), ("I.VS.VSARM", "R")])
def test_change_of_a_recorded_missing_code_that_is_taken_back_leaves_nothing(
    vitals: Hands, oid: str, answer: str
) -> None:
    row = vitals.find(f"row.{oid}")
    assert isinstance(row, ItemRow)
    say_not_done(vitals, row)
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    go_to(vitals, oid)
    strike_keys(vitals, answer)
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert row.asking() is not None
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    open_form(vitals, "F.VS")
    row = vitals.find(f"row.{oid}")
    assert isinstance(row, ItemRow)
    assert row.view is not None
    assert (row.view.mark, row.view.typed, row.editor.raw()) == (Mark.RECORDED, "", "")
    assert (row.view.reading.missing, row.asking()) == (MissingCode.NOT_DONE, None)


def test_same_code_given_once_more_is_marked_as_kept_again(vitals: Hands) -> None:
    for _ in range(2):
        choose_missing(vitals, "missing=ND")
        assert mark_of(vitals, SYSBP) == "not kept yet"
        strike_keys(vitals, "2")
        vitals.settle()
        assert mark_of(vitals, SYSBP).startswith("kept")

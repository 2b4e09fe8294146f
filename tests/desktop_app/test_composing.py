"""Chinese input methods: while letters are composed, no text field takes, sends or loses anything."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from desktop_app.widgets.focus import focused_widget
from tests.desktop_app.forms_at_work import enter, go_to, mark_of, open_casebook, open_form
from tests.desktop_app.hands import Hands

PINYIN, WORDS = "chuxue", "出血"
DECIDING = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Down,
    Qt.Key.Key_Space,
    Qt.Key.Key_1,
)
TEXT_FIELDS = {
    "I.VS.SYSBP": "F.VS",
    "I.VS.VSDTM": "F.VS",
    "I.NIHSS.NIHRATER": "F.NIHSS",
    "I.LB.LBNAM": "F.LB",
    "I.RND.RANDNO": "F.RND",
    "I.CONTACT.NAME": "F.CONTACT",
}
"""An item of each kind of editor that takes text, with its form."""


def compose(field: QWidget, letters: str) -> None:
    """Show letters that are being composed, as an input method does."""
    QApplication.sendEvent(field, QInputMethodEvent(letters, []))


def commit(field: QWidget, words: str) -> None:
    """End the composition with words."""
    event = QInputMethodEvent("", [])
    event.setCommitString(words)
    QApplication.sendEvent(field, event)


def text_of(field: QWidget) -> str:
    """Return the text of a field, letters that are being composed aside."""
    match field:
        case QLineEdit():
            return field.text()
        case QComboBox():
            return field.currentText()
        case QPlainTextEdit():
            return field.toPlainText()
        case _:
            raise AssertionError(field)


def strike(field: QWidget, keys: tuple[Qt.Key, ...] = DECIDING) -> None:
    """Let keys through that an input method would have kept."""
    for key in keys:
        QTest.keyClick(field, key)
        QApplication.processEvents()


@pytest.mark.parametrize("oid", list(TEXT_FIELDS))
def test_keys_decide_nothing_while_a_field_of_a_form_is_composed(hands: Hands, oid: str) -> None:
    open_casebook(hands)
    form = TEXT_FIELDS[oid]
    open_form(hands, form, repeat="INITIAL" if form == "F.NIHSS" else "")
    go_to(hands, oid)
    field = focused_widget()
    assert field is not None
    mark = mark_of(hands, oid)
    compose(field, PINYIN)
    strike(field)
    hands.settle()
    assert (focused_widget(), text_of(field), mark_of(hands, oid)) == (field, "", mark)
    commit(field, WORDS)
    assert text_of(field) == WORDS
    hands.press(Qt.Key.Key_Tab)
    hands.settle()
    assert mark_of(hands, oid) != mark


def test_save_while_composing_takes_what_is_text_and_leaves_the_composition(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="INITIAL")
    go_to(hands, "I.NIHSS.NIHRATER")
    field = focused_widget()
    assert field is not None
    commit(field, "李")
    compose(field, PINYIN)
    hands.control(Qt.Key.Key_S)
    hands.settle()
    assert mark_of(hands, "I.NIHSS.NIHRATER") == "recorded"
    commit(field, WORDS)
    assert text_of(field) == f"李{WORDS}"


def test_field_left_by_the_mouse_while_composing_takes_no_letters(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    field = hands.find("I.VS.DIABP")
    compose(field, "90")
    hands.click("I.VS.HR")
    hands.settle()
    assert text_of(field) == ""


def test_answer_of_the_disk_leaves_a_composition_alone(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="INITIAL")
    go_to(hands, "I.NIHSS.NIHRATER")
    QTest.keyClicks(hands.window.focusWidget(), "Li")
    hands.press(Qt.Key.Key_Return)
    field = hands.find("I.NIHSS.NIHCERT")
    compose(field, PINYIN)
    hands.settle()
    commit(field, WORDS)
    assert text_of(field) == WORDS
    assert hands.words("I.NIHSS.NIHRATER") == "Li"


def test_words_of_a_reason_are_not_given_while_they_are_composed(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    hands.control(Qt.Key.Key_S)
    hands.settle()
    hands.type("I.VS.SYSBP", "1")
    words = hands.find("I.VS.SYSBP.reason.words")
    words.setFocus()
    compose(words, PINYIN)
    strike(words)
    assert hands.shows("I.VS.SYSBP.reason")
    commit(words, WORDS)
    strike(words, (Qt.Key.Key_Return,))
    hands.settle()
    assert not hands.shows("I.VS.SYSBP.reason")


def _searches() -> Iterator[tuple[Qt.Key, str]]:
    yield Qt.Key.Key_2, "subjects_search"
    yield Qt.Key.Key_3, "queries_search"


@pytest.mark.parametrize(("place", "name"), list(_searches()))
def test_lists_are_not_searched_for_letters_that_are_being_composed(hands: Hands, place: Qt.Key, name: str) -> None:
    open_casebook(hands)
    hands.control(place)
    hands.settle()
    field = hands.find(name)
    field.setFocus()
    shown = hands.window.page()
    compose(field, PINYIN)
    strike(field)
    hands.settle()
    assert hands.window.page() is shown
    assert text_of(field) == ""
    commit(field, WORDS)
    assert text_of(field) == WORDS

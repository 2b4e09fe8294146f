"""Ctrl+K in real windows: opened, typed into, chosen from, and left, by keys and by clicks."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from desktop_app.widgets.find_list import FindList
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import Ward


def open_palette(hands: Hands) -> None:
    hands.control(Qt.Key.Key_K)
    hands.settle()
    assert hands.find("palette_field").hasFocus()


def look_for(hands: Hands, text: str) -> list[str]:
    open_palette(hands)
    commit(hands, text)
    return lines(hands)


def commit(hands: Hands, text: str, preedit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(text)
    QApplication.sendEvent(hands.find("palette_field"), event)


def lines(hands: Hands) -> list[str]:
    if not hands.shows("palette_list"):
        return []
    shown = hands.find("palette_list")
    assert isinstance(shown, FindList)
    return [str(shown.lines.index(row, 0).data()) for row in range(shown.lines.rowCount())]


@pytest.fixture
def two_subjects(enrolled_ward: Ward) -> Ward:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        session.add_subject()
        session.add_subject()
    return enrolled_ward


@pytest.fixture
def at_work(open_application: OpenApplication, two_subjects: Ward) -> Hands:
    hands = open_application(two_subjects.laptop("one"))
    hands.unlock()
    hands.control(Qt.Key.Key_2)
    hands.settle()
    return hands


def test_form_of_any_subject_is_opened_with_two_keys_beside_what_is_typed(at_work: Hands) -> None:
    look_for(at_work, "a2 v2 lab")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert at_work.window.windowTitle().startswith("001-A002  Laboratory")
    assert not at_work.shows("palette")
    assert look_for(at_work, "v2 vital")[0].startswith("Vital signs, 001-A002  V2")  # the subject in front is meant


def test_casebook_place_and_action_are_found_in_the_other_language_too(at_work: Hands) -> None:
    look_for(at_work, "a002")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert at_work.shows("casebook_table")
    assert look_for(at_work, "质疑")[0].startswith("Queries")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert at_work.shows("queries_search")
    look_for(at_work, "chinese")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert look_for(at_work, "where everything")[0].startswith("记录所在位置")


def test_what_was_chosen_stands_first_the_next_time_and_a_click_chooses(at_work: Hands) -> None:
    look_for(at_work, "bundle")
    shown = at_work.find("palette_list")
    assert isinstance(shown, FindList)
    chosen = lines(at_work)[1]
    middle = shown.visualRect(shown.lines.index(1, 0)).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    at_work.settle()
    assert at_work.shows("bundles_table") or at_work.shows("bundles_read") or at_work.shows("bundles_write")
    open_palette(at_work)
    assert lines(at_work)[0] == chosen


def test_action_of_the_page_in_front_is_done_and_the_keyboard_comes_back_on_escape(at_work: Hands) -> None:
    search = at_work.find("subjects_search")
    search.setFocus()
    open_palette(at_work)
    at_work.press(Qt.Key.Key_Escape)
    assert search.hasFocus()
    open_palette(at_work)
    at_work.control(Qt.Key.Key_K)
    assert search.hasFocus()
    assert look_for(at_work, "add subj")[0].startswith("Add a subject")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert "001-A003" in at_work.words("subjects_notice_words")


def test_global_action_leads_to_its_page_first(at_work: Hands) -> None:
    at_work.control(Qt.Key.Key_6)
    at_work.settle()
    look_for(at_work, "add subj")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert "001-A003" in at_work.words("subjects_notice_words")
    look_for(at_work, "my pass")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert at_work.find("settings_old_passphrase").hasFocus()


def test_up_and_down_go_round_and_nothing_fitting_says_so(at_work: Hands) -> None:
    open_palette(at_work)
    shown = at_work.find("palette_list")
    assert isinstance(shown, FindList)
    at_work.press(Qt.Key.Key_Up)
    assert shown.currentIndex().row() == len(lines(at_work)) - 1
    at_work.press(Qt.Key.Key_Down)
    assert shown.currentIndex().row() == 0
    assert at_work.find("palette_field").accessibleDescription() == lines(at_work)[0]
    commit(at_work, "zzzz")
    assert not at_work.shows("palette_list")
    assert at_work.words("palette_empty")
    at_work.press(Qt.Key.Key_Return)
    assert at_work.shows("palette")


def test_what_the_role_may_not_do_says_why_and_is_not_done(
    open_application: OpenApplication, two_subjects: Ward
) -> None:
    two_subjects.join(two_subjects.laptop("one"), "monitor")
    hands = open_application(two_subjects.laptop("one"))
    hands.unlock(place=2)
    assert "Monitor C" in hands.words("foot_who")
    open_palette(hands)
    commit(hands, "retire")
    (refused,) = [one for one in lines(hands) if one.startswith("Retire")]
    assert len(refused) > len("Retire this laptop, ")
    hands.press(Qt.Key.Key_Return)
    assert hands.shows("palette")
    assert not hands.shows("retire_go")


def test_letters_that_are_being_composed_neither_search_nor_choose(at_work: Hands) -> None:
    open_palette(at_work)
    before = lines(at_work)
    commit(at_work, "", preedit="zhi yi")
    at_work.press(Qt.Key.Key_Return)
    at_work.press(Qt.Key.Key_Down)
    at_work.press(Qt.Key.Key_Escape)
    assert at_work.shows("palette")
    assert lines(at_work) == before
    commit(at_work, "质疑")
    assert lines(at_work)[0].startswith("Queries")
    at_work.press(Qt.Key.Key_Return)
    at_work.settle()
    assert at_work.shows("queries_search")


@pytest.mark.parametrize("key", [Qt.Key.Key_L, Qt.Key.Key_3])
def test_lock_or_another_page_closes_it_and_nothing_typed_stays(
    at_work: Hands, key: Qt.Key, enrolled_ward: Ward
) -> None:
    look_for(at_work, "xqzvkwtyp")
    at_work.control(key)
    at_work.settle()
    assert not at_work.shows("palette")
    fields = at_work.window.findChildren(QLineEdit, "palette_field")
    assert [field.text() for field in fields if field.text()] == []
    assert not [file for file in files_in(enrolled_ward.folder) if b"xqzvkwtyp" in file.read_bytes()]


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_button_of_the_frame_opens_it_and_a_click_elsewhere_closes_it(at_work: Hands) -> None:
    at_work.click("foot_find")
    at_work.settle()
    assert at_work.find("palette_field").hasFocus()
    status = at_work.find("subjects_search")
    QTest.mouseClick(status, Qt.MouseButton.LeftButton)
    status.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not at_work.shows("palette")


def test_page_that_takes_the_keyboard_by_itself_gets_it_when_the_palette_closes(at_work: Hands) -> None:
    kind = at_work.find("subjects_filter")
    assert isinstance(kind, QComboBox)
    open_palette(at_work)
    kind.setFocus()
    QApplication.processEvents()
    assert at_work.find("palette_field").hasFocus()
    at_work.press(Qt.Key.Key_Escape)
    assert kind.hasFocus()


def test_blinded_person_is_offered_neither_adding_nor_hidden_forms(
    open_application: OpenApplication, ward: Ward
) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        session.add_subject()
    hands = open_application(laptop)
    hands.unlock(place=1)
    assert "Assessor D" in hands.words("foot_who")
    assert look_for(hands, "add a subject") == []
    hands.press(Qt.Key.Key_Escape)
    assert look_for(hands, "a1 randomisation") == []
    hands.press(Qt.Key.Key_Escape)
    assert look_for(hands, "a1 endovascular") == []
    hands.press(Qt.Key.Key_Escape)
    assert look_for(hands, "a1 90")

"""A person's way through the windows, over a real vault, by keys alone where it matters."""

import gc
import sys
import threading
from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QTableView, QWidget

from casebook.ids import UserId
from casebook.sync.enrolment import CertifiedPerson
from desktop_app.widgets.recovery_code import bare_code
from desktop_app.windows.page import Page
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import PASSPHRASE, URL, Ward


def table(hands: Hands, name: str) -> QTableView:
    found = hands.find(name)
    assert isinstance(found, QTableView)
    return found


def test_enrolment_ends_at_the_unlock_page_once_the_recovery_code_is_typed_back(
    open_application: OpenApplication, ward: Ward
) -> None:
    hands = open_application(ward.laptop("fresh"))
    hands.type("enrol_server", URL)
    hands.type("enrol_code", ward.network.enrolment_code())
    hands.type("enrol_personal_code", ward.network.personal_code("coordinator"))
    hands.type("enrol_laptop_name", "Stroke unit")
    hands.type("enrol_passphrase", PASSPHRASE)
    hands.type("enrol_passphrase_again", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    code = hands.words("enrol_recovery_code")
    hands.type("enrol_recovery_typed", "not this one")
    hands.press(Qt.Key.Key_Return)
    assert "not the code" in hands.words("enrol_recovery_typed_line")
    hands.type("enrol_recovery_typed", bare_code(code).lower())
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert people.count() == 1


def test_enrolment_without_network_keeps_what_was_typed_and_says_why(
    open_application: OpenApplication, ward: Ward
) -> None:
    ward.network.down = True
    hands = open_application(ward.laptop("fresh"))
    for name, text in (
        ("enrol_server", URL),
        ("enrol_code", ward.network.enrolment_code()),
        ("enrol_personal_code", ward.network.personal_code("coordinator")),
        ("enrol_laptop_name", "Stroke unit"),
        ("enrol_passphrase", PASSPHRASE),
        ("enrol_passphrase_again", PASSPHRASE),
    ):
        hands.type(name, text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.words("enrol_problem_words")
    assert hands.words("enrol_laptop_name") == "Stroke unit"


def test_wrong_passphrase_is_said_beside_the_field_and_the_right_one_opens(hands: Hands) -> None:
    hands.unlock(passphrase="not this")
    assert "passphrase" in hands.words("unlock_passphrase_line").lower()
    hands.unlock()
    assert hands.shows("subjects_add")
    assert "Coordinator A" in hands.words("foot_who")


def test_caps_lock_hint_shows_when_capitals_come_without_shift(hands: Hands) -> None:
    line = hands.find("unlock_passphrase")
    QTest.keyClicks(line, "f")
    assert not hands.shows("unlock_passphrase_caps")
    QApplication.sendEvent(line, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F, Qt.KeyboardModifier.NoModifier, "F"))
    assert hands.shows("unlock_passphrase_caps")


def test_subject_is_added_and_opened_by_keys_alone(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    assert table(hands, "subjects_table").model().rowCount() == 1
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.window.windowTitle().startswith("001-A001")
    grid = table(hands, "casebook_table")
    assert grid.model().columnCount() >= 7
    assert grid.model().rowCount() >= 12
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert not hands.shows("casebook_table")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.shows("casebook_table")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.shows("subjects_table")


def test_places_of_the_rail_are_reached_by_control_and_a_number(hands: Hands) -> None:
    hands.unlock()
    for key, shown in (
        (Qt.Key.Key_6, "sync_now"),
        (Qt.Key.Key_7, "settings_about"),
        (Qt.Key.Key_8, "site_table"),
        (Qt.Key.Key_2, "subjects_add"),
    ):
        hands.control(key)
        hands.settle()
        assert hands.shows(shown)


def test_lock_by_key_leads_back_to_the_people_and_the_next_one_signs_in(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert hands.shows("unlock_people")
    hands.unlock(place=1)
    assert "Investigator B" in hands.words("foot_who")
    assert table(hands, "subjects_table").model().rowCount() == 1


def test_sync_moves_what_is_here_to_the_server_and_says_so(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    assert "this laptop only" in hands.words("foot_custody")
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()
    assert "received by the server" in hands.words("foot_custody")
    assert hands.words("sync_message_words")


def test_sync_without_network_says_so_and_keeps_everything(hands: Hands, enrolled_ward: Ward) -> None:
    hands.unlock()
    enrolled_ward.network.down = True
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()
    assert hands.words("sync_message_words")
    assert "this laptop only" in hands.words("foot_custody")
    assert hands.find("sync_now").isEnabled()


def test_second_laptop_is_admitted_after_its_fingerprint_was_confirmed(
    open_application: OpenApplication, ward: Ward
) -> None:
    first, second = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    hands = open_application(first)
    hands.unlock()
    hands.control(Qt.Key.Key_6)
    hands.click("sync_now")
    hands.settle()
    hands.click("sync_admit_B")
    hands.click("sync_admit_no_B")
    assert hands.shows("sync_admit_B")
    hands.click("sync_admit_B")
    hands.click("sync_admit_yes_B")
    hands.settle()
    assert not hands.shows("sync_admit_B")
    hands.click("sync_now")
    hands.settle()
    other = open_application(second)
    other.unlock()
    other.control(Qt.Key.Key_6)
    other.click("sync_now")
    other.settle()
    assert not other.shows("sync_aside")


def test_language_switches_while_a_page_stands(hands: Hands) -> None:
    hands.click("unlock_language")
    assert hands.words("unlock_button") == "解锁"
    hands.unlock()
    assert hands.words("subjects_add").startswith("添加受试者")
    hands.control(Qt.Key.Key_7)
    hands.click("settings_language_en")
    assert hands.words("settings_change_passphrase") == "Change passphrase"


def test_passphrase_is_changed_and_the_new_one_opens(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    new = "another four words here"
    for name, text in (
        ("settings_old_passphrase", PASSPHRASE),
        ("settings_new_passphrase", new),
        ("settings_new_passphrase_again", new),
    ):
        hands.type(name, text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "changed" in hands.words("settings_passphrase_outcome_words")
    hands.control(Qt.Key.Key_L)
    hands.settle()
    hands.unlock(passphrase=new)
    assert hands.shows("subjects_add")


def test_recovery_code_leaves_the_screen_with_its_page(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_make_recovery")
    hands.settle()
    assert len(bare_code(hands.words("settings_recovery_code"))) > 20
    hands.control(Qt.Key.Key_2)
    hands.settle()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    assert not hands.shows("settings_recovery_code")
    code = hands.window.findChild(QLineEdit, "settings_recovery_code")
    assert code is not None
    assert code.text() == ""


def open_people(hands: Hands) -> None:
    """Go to the page of people."""
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_people")
    hands.settle()


def test_person_is_added_with_a_personal_code(hands: Hands, enrolled_ward: Ward) -> None:
    hands.unlock()
    open_people(hands)
    hands.click("people_add")
    hands.type("people_code", enrolled_ward.network.personal_code("monitor"))
    hands.type("people_passphrase", "words of the monitor")
    hands.type("people_passphrase_again", "words of the monitor")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Monitor C" in hands.words("people_notice_words")
    assert "received by the server" in hands.words("foot_custody")  # an exchange followed, with their certificate


def test_store_thread_is_free_while_the_server_certifies_a_person(
    hands: Hands, enrolled_ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    certify: Callable[..., CertifiedPerson] = enrolled_ward.network.certify_person

    def certify_late(*arguments: object, **more: object) -> CertifiedPerson:
        assert answered.wait(SETTLE_MS / 1000)
        return certify(*arguments, **more)

    monkeypatch.setattr(enrolled_ward.network, "certify_person", certify_late)
    hands.unlock()
    open_people(hands)
    hands.click("people_add")
    hands.type("people_code", enrolled_ward.network.personal_code("monitor"))
    hands.type("people_passphrase", "words of the monitor")
    hands.type("people_passphrase_again", "words of the monitor")
    hands.press(Qt.Key.Key_Return)
    hands.control(Qt.Key.Key_2)
    hands.control(Qt.Key.Key_N)
    hands.qtbot.waitUntil(lambda: table(hands, "subjects_table").model().rowCount() == 1, timeout=SETTLE_MS)
    assert not answered.is_set()
    answered.set()
    hands.settle()
    assert UserId("monitor") in {person.user for person in enrolled_ward.laptop("one").state().people}


def test_closing_seals_and_ends_every_thread(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    with hands.qtbot.waitSignal(hands.application.ended, timeout=SETTLE_MS):
        hands.window.close()
    assert not hands.window.isVisible()


@pytest.mark.parametrize("name", ["subjects_table", "casebook_table"])
def test_table_lets_tab_through(hands: Hands, name: str) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    if name == "casebook_table":
        hands.press(Qt.Key.Key_Return)
        hands.settle()
    hands.find(name).setFocus()
    hands.press(Qt.Key.Key_Tab)
    assert hands.window.focusWidget() is not hands.find(name)


def test_labels_of_the_foot_say_site_and_laptop(hands: Hands) -> None:
    hands.unlock()
    label = hands.find("foot_site")
    assert isinstance(label, QLabel)
    assert label.text() == "Site 001 Demo site, laptop A"


def test_fault_of_the_program_is_shown_without_what_was_typed(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hands.application.watch_for_faults()
    hands.application.background.run(lambda: int("a participant's name"))
    hands.settle()
    report = hands.find("crash_report").property("plainText")
    assert "ValueError" in report
    assert "participant" not in report
    hands.click("crash_close")


def test_pages_stand_after_the_collector_has_run(hands: Hands) -> None:
    # PySide6 6.11 takes what nextInFocusChain() returns for a child of its caller and deletes it with that wrapper.
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    for _ in range(2):
        hands.press(Qt.Key.Key_Return)
        hands.settle()
    for _ in range(60):
        hands.press(Qt.Key.Key_Tab)
    for _ in range(2):
        hands.press(Qt.Key.Key_Escape)
        hands.settle()
    gc.collect()
    workplace = hands.application.workplace
    assert workplace is not None
    pages = [page for page in vars(workplace).values() if isinstance(page, Page)]
    dead = [
        f"{type(page).__name__}.{name}"
        for page in pages
        for name, part in vars(page).items()
        if isinstance(part, QWidget) and not shiboken6.isValid(part)
    ]
    assert len(pages) == 12
    assert dead == []

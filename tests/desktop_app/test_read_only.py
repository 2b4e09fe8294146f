"""The folder, or a database in it, becomes read-only while a form is open: a sentence, nothing typed lost, kept again.

The system itself refuses to write, also what is open (`tests.read_only`).
"""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import enter, go_to, mark_of, sentences
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_resilience import HR, RESP, TEMP, form_of, lock, opened_form
from tests.laptops import Ward
from tests.read_only import ReadOnly

FOLDER, DATABASE = "the folder", "the database"


def refusing(ward: Ward, what: str) -> ReadOnly:
    """Return what makes the laptop's folder, or the database of what was entered in the form, read-only."""
    folder = ward.laptop("one").folder
    files = [path for path in folder.unblinding.database_family() if path.exists()]
    return ReadOnly(folder.path, *(files if what == DATABASE else ()))


def save(hands: Hands) -> None:
    hands.control(Qt.Key.Key_S)
    hands.settle()


def enter_refused(hands: Hands, disk: ReadOnly) -> None:
    """Enter two values, the second after recording the first; see that the second is refused in its words."""
    enter(hands, HR, "66")
    save(hands)
    enter(hands, TEMP, "36.6")
    assert hands.find(TEMP).property("text") == "36.6"
    if disk.stops_what_is_open:
        assert mark_of(hands, TEMP) == "not kept yet"
        (said,) = (one for one in sentences(hands, TEMP) if "cannot be written" in one)
        assert "Ask whoever looks after this computer to make it writable" in said


@pytest.mark.parametrize("what", [FOLDER, DATABASE])
def test_what_was_typed_stays_and_is_kept_once_it_can_be_written(
    enrolled_ward: Ward, open_application: OpenApplication, what: str
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    enter(hands, RESP, "18")
    with refusing(enrolled_ward, what) as disk:
        enter_refused(hands, disk)
        if disk.stops_what_is_open:
            assert mark_of(hands, RESP) == "kept on this laptop"
            assert mark_of(hands, HR) == ("not kept yet" if what == FOLDER else "kept on this laptop")
    hands.qtbot.waitUntil(lambda: not form_of(hands).unkept, timeout=60_000)
    save(hands)
    assert not any("cannot be written" in said for said in sentences(hands, TEMP))
    lock(hands, "by key")
    hands.unlock(stays=True)
    assert [hands.find(item).property("text") for item in (RESP, HR, TEMP)] == ["18", "66", "36.6"]
    assert {mark_of(hands, item) for item in (RESP, HR, TEMP)} == {"recorded"}


def test_lock_by_key_leads_once_to_what_a_read_only_folder_refused(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    enter(hands, RESP, "18")
    with refusing(enrolled_ward, FOLDER) as disk:
        enter_refused(hands, disk)
        lock(hands, "by key")
        if disk.stops_what_is_open:
            assert hands.find(HR).hasFocus()
            assert any("Going away once more gives it up" in said for said in sentences(hands, HR))
    if disk.stops_what_is_open:
        hands.qtbot.waitUntil(lambda: not form_of(hands).unkept, timeout=60_000)
        lock(hands, "by key")
    hands.unlock(stays=True)
    assert [hands.find(item).property("text") for item in (RESP, HR, TEMP)] == ["18", "66", "36.6"]


def test_lock_in_a_read_only_folder_loses_nothing_that_was_kept(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    enter(hands, RESP, "18")
    with refusing(enrolled_ward, FOLDER):
        enter(hands, HR, "66")
        lock(hands, "by itself")
        assert hands.shows("unlock_passphrase")
    hands.unlock(stays=True)
    assert hands.find(RESP).property("text") == "18"
    assert mark_of(hands, RESP) == "recorded"


@pytest.mark.parametrize("how", ["by key", "by itself"])
def test_lock_sets_aside_what_a_read_only_database_refused(
    enrolled_ward: Ward, open_application: OpenApplication, how: str
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    enter(hands, RESP, "18")
    with refusing(enrolled_ward, DATABASE) as disk:
        enter_refused(hands, disk)
        go_to(hands, RESP)
        hands.control(Qt.Key.Key_A)
        QTest.keyClicks(hands.find(RESP), "19")
        lock(hands, how)
        assert hands.shows("unlock_passphrase")
    hands.unlock(stays=True)
    assert [hands.find(item).property("text") for item in (RESP, HR, TEMP)] == ["19", "66", "36.6"]
    assert mark_of(hands, HR) == "recorded"

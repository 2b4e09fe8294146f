"""A lost laptop: at its next contact it hands in what was made on it, says why, and locks."""

from PySide6.QtCore import Qt

from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import SITE, Ward, sync


def withdraw(ward: Ward, letter: str) -> None:
    """Do what the study's operator does when a laptop is reported lost."""
    (device,) = [one for one in ward.network.directory.devices(SITE) if one.letter == letter]
    ward.network.office.withdraw_laptop(device)


def sync_by_hand(hands: Hands) -> None:
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()


def test_withdrawn_laptop_hands_in_what_is_left_then_locks_and_says_why(
    open_application: OpenApplication, ward: Ward
) -> None:
    laptop = ward.enrolled("one", "coordinator")
    hands = open_application(laptop)
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    held = ward.network.log.count()
    withdraw(ward, "A")
    sync_by_hand(hands)
    assert ward.network.log.count() > held
    assert hands.shows("unlock_people")
    assert "withdrawn from the study" in hands.words("unlock_problem_words")
    hands.click("unlock_language")
    assert "撤销" in hands.words("unlock_problem_words")
    hands.unlock()
    assert hands.shows("subjects_table")
    sync_by_hand(hands)
    assert hands.shows("unlock_people")


def test_colleagues_see_which_laptop_is_withdrawn(open_application: OpenApplication, ward: Ward) -> None:
    first, second = ward.enrolled("one", "coordinator"), ward.enrolled("two", "investigator")
    withdraw(ward, "B")
    with ward.session(first) as session:
        sync(first, session)
        (lost,) = [row for row in session.sync_view().laptops if row.letter == "B"]
        assert lost.withdrawn
    hands = open_application(first)
    hands.unlock()
    hands.control(Qt.Key.Key_6)
    hands.settle()
    assert not hands.shows("sync_admit_B")
    assert second.state().people

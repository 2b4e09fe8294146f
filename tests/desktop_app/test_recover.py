"""A forgotten passphrase, recovered in the window: by keys and clicks, over a real vault."""

from typing import NamedTuple

import pytest
from PySide6.QtCore import Qt

from casebook.ids import UserId
from desktop_app.vault import Laptop
from desktop_app.widgets.recovery_code import bare_code
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import Ward

NEW = "five other words this time"


class Recoverable(NamedTuple):
    """An enrolled laptop, and the code on its recovery sheet."""

    ward: Ward
    laptop: Laptop
    code: str


@pytest.fixture
def recoverable(enrolled_ward: Ward) -> Recoverable:
    laptop = enrolled_ward.laptop("one")
    with enrolled_ward.session(laptop) as session:
        session.add_subject()
        offer = session.staff.begin_sheet()
        session.staff.test_sheet(offer.code)
        return Recoverable(enrolled_ward, laptop, offer.code)


def fill(hands: Hands, code: str, personal: str, first: str = NEW, second: str = NEW) -> None:
    """Type everything that the page asks for, and Enter."""
    for name, text in (
        ("recover_code", code),
        ("recover_personal_code", personal),
        ("recover_passphrase", first),
        ("recover_passphrase_again", second),
    ):
        hands.find(name).setProperty("text", "")
        hands.type(name, text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def by_letter(hands: Hands, letter: Qt.Key, shown: str) -> None:
    """Press a button by its underlined letter; Qt shows the button pressed for a moment first."""
    hands.press(letter, Qt.KeyboardModifier.AltModifier)
    hands.qtbot.waitUntil(lambda: hands.shows(shown), timeout=SETTLE_MS)


def test_forgotten_passphrase_is_replaced_and_the_new_one_opens(
    open_application: OpenApplication, recoverable: Recoverable
) -> None:
    hands = open_application(recoverable.laptop)
    by_letter(hands, Qt.Key.Key_F, "recover_code")
    assert hands.find("recover_code").hasFocus()
    fill(hands, bare_code(recoverable.code).lower(), recoverable.ward.network.personal_code("coordinator"))
    fresh = hands.words("recover_new_code")
    assert bare_code(fresh) != bare_code(recoverable.code)
    assert hands.words("recover_success_words")
    hands.press(Qt.Key.Key_Escape)
    assert hands.shows("recover_new_code")
    hands.type("recover_new_typed", bare_code(recoverable.code))
    hands.press(Qt.Key.Key_Return)
    assert "not the code" in hands.words("recover_new_typed_line")
    hands.type("recover_new_typed", bare_code(fresh))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.unlock()
    assert hands.words("unlock_passphrase_line")
    hands.unlock(passphrase=NEW)
    assert "Coordinator A" in hands.words("foot_who")


def test_next_recovery_asks_for_the_new_code(open_application: OpenApplication, recoverable: Recoverable) -> None:
    ward, laptop, code = recoverable
    fresh = laptop.recover(code, ward.network.personal_code("coordinator"), NEW)
    laptop.test_recovery(fresh)
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    fill(hands, code, ward.network.personal_code("coordinator"))
    assert hands.words("recover_code_line")
    assert hands.find("recover_code").hasFocus()
    assert not hands.shows("recover_new_code")
    fill(hands, fresh, ward.network.personal_code("coordinator"))
    assert hands.shows("recover_new_code")


def test_wrong_recovery_code_is_said_beside_it_in_the_language_of_the_moment(
    open_application: OpenApplication, recoverable: Recoverable
) -> None:
    hands = open_application(recoverable.laptop)
    hands.click("unlock_forgotten")
    fill(hands, "ABCD-EFGH", recoverable.ward.network.personal_code("coordinator"))
    english = hands.words("recover_code_line")
    assert "recovery code" in english.lower()
    assert hands.words("recover_passphrase") == NEW
    hands.click("recover_language")
    assert "恢复码" in hands.words("recover_code_line")
    hands.type("recover_code", "Z")
    hands.click("recover_language")
    assert hands.words("recover_code_line") not in {"", english}
    assert "mistyped" not in hands.words("recover_code_line")


@pytest.mark.parametrize("personal", ["nonsense", "used"])
def test_wrong_personal_code_is_said_beside_it(
    open_application: OpenApplication, recoverable: Recoverable, personal: str
) -> None:
    ward, laptop, code = recoverable
    if personal == "used":
        personal = ward.network.personal_code("monitor")
        with ward.session(laptop) as session:
            session.certify_person(personal, NEW)
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    fill(hands, code, personal)
    assert hands.words("recover_personal_code_line")
    assert hands.find("recover_personal_code").hasFocus()
    assert not hands.shows("recover_problem")


def test_recovery_without_a_server_says_so_and_keeps_what_was_typed(
    open_application: OpenApplication, recoverable: Recoverable
) -> None:
    ward, laptop, code = recoverable
    personal = ward.network.personal_code("coordinator")
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    ward.network.down = True
    fill(hands, code, personal)
    assert hands.words("recover_problem_words")
    assert hands.words("recover_code") == code
    ward.network.down = False
    hands.click("recover_button")
    hands.settle()
    assert hands.shows("recover_new_code")


def test_two_passphrases_that_differ_are_not_sent(open_application: OpenApplication, recoverable: Recoverable) -> None:
    ward, laptop, code = recoverable
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    fill(hands, code, ward.network.personal_code("coordinator"), second="something else")
    assert "differ" in hands.words("recover_passphrase_again_line")
    by_letter(hands, Qt.Key.Key_B, "unlock_passphrase")
    hands.settle()
    hands.unlock()
    assert hands.shows("subjects_add")


def test_esc_leads_back_and_what_was_typed_is_gone(open_application: OpenApplication, recoverable: Recoverable) -> None:
    hands = open_application(recoverable.laptop, "zh")
    assert hands.words("unlock_forgotten").startswith("忘记密码")
    hands.click("unlock_forgotten")
    hands.type("recover_passphrase", NEW)
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.find("unlock_passphrase").hasFocus()
    hands.click("unlock_forgotten")
    assert hands.words("recover_passphrase") == ""


def test_person_who_never_was_on_the_laptop_is_let_in_by_sheet_and_code(
    open_application: OpenApplication, recoverable: Recoverable
) -> None:
    ward, laptop, code = recoverable
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    fill(hands, code, ward.network.personal_code("monitor"))
    hands.type("recover_new_typed", hands.words("recover_new_code"))
    hands.click("recover_new_done")
    hands.settle()
    assert [person.user for person in laptop.state().people][-1] == UserId("monitor")
    hands.unlock(place=2, passphrase=NEW)
    assert "Monitor C" in hands.words("foot_who")

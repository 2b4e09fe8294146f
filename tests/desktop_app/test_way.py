"""The rail says where a page lives, and Back which page it leads to, however one came there."""

import pytest
from PySide6.QtCore import Qt

from desktop_app.widgets.back_button import LETTERS, BackButton
from tests.desktop_app.hands import Hands


def at(hands: Hands) -> str:
    """Return the place of the rail that is marked."""
    return next(place for place in ("subjects", "settings", "sync", "site") if _is_marked(hands, place))


def _is_marked(hands: Hands, place: str) -> bool:
    return bool(hands.find(f"rail_{place}").property("current"))


def jump(hands: Hands, typed: str) -> None:
    """Find something by Ctrl+K and open it."""
    hands.control(Qt.Key.Key_K)
    hands.settle()
    hands.type("palette_field", typed)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def escape(hands: Hands) -> None:
    hands.press(Qt.Key.Key_Escape)
    hands.settle()


def test_jump_shows_where_the_page_lives_and_back_says_where_it_leads(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    jump(hands, "screening log")
    assert (at(hands), hands.words("screening_back")) == ("subjects", "Settings")
    jump(hands, "a001 demographics")
    assert (at(hands), hands.words("form_back")) == ("subjects", "Casebook")
    escape(hands)
    assert hands.window.windowTitle().startswith("001-A001")
    assert (at(hands), hands.words("casebook_back")) == ("subjects", "Screening log")
    hands.application.switch_language("zh")
    assert hands.words("casebook_back") == "筛选登记表"
    hands.application.switch_language("en")
    escape(hands)
    escape(hands)
    assert at(hands) == "settings"


def test_jump_to_another_subjects_form_leads_back_to_that_subject(hands: Hands) -> None:
    hands.unlock()
    for _ in range(2):
        hands.control(Qt.Key.Key_2)
        hands.settle()
        hands.control(Qt.Key.Key_N)
        hands.settle()
    jump(hands, "001-A001")
    assert hands.window.windowTitle().startswith("001-A001")
    jump(hands, "a002 demographics")
    escape(hands)
    assert hands.window.windowTitle().startswith("001-A002")


@pytest.mark.usefixtures("qapp")
def test_long_name_is_shortened_beside_the_arrow_and_said_whole() -> None:
    button = BackButton("some")
    name = "A form with a name that is much too long"
    button.came_from(name)
    assert len(button.text()) <= LETTERS
    assert name in button.accessibleName()
    assert name in button.toolTip()
    button.deleteLater()

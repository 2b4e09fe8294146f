"""What the foot line says is read whole, however narrow the window is."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.windows.main import SMALLEST
from desktop_app.windows.rail import PLACES
from tests.desktop_app.forms_at_work import is_in_sight
from tests.desktop_app.hands import Hands

SENTENCE = "Open a subject first: its pages can be signed and printed then."


def is_whole(said: QLabel) -> bool:
    """Tell whether all of a sentence is seen."""
    if said.wordWrap():
        return said.height() >= said.heightForWidth(said.width())
    return said.width() >= said.sizeHint().width()


@pytest.mark.parametrize("width", [683, 1366])
def test_sentence_that_does_not_fit_beside_the_rest_has_lines_of_its_own(
    qtbot: QtBot, hands: Hands, width: int
) -> None:
    hands.unlock()
    hands.window.resize(width, 384)
    foot = hands.window.foot
    for sentence in (SENTENCE, 3 * SENTENCE, "Saved."):
        foot.say(sentence)
        hands.settle()
        said = hands.find("foot_status")
        assert isinstance(said, QLabel)
        qtbot.waitUntil(partial(is_whole, said))
        assert said.text() == sentence
    foot.say("")
    qtbot.waitUntil(lambda: foot.height() < hands.find("foot_lock").height() * 2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_long_sentence_leaves_every_place_of_the_rail_in_sight_in_the_smallest_window(
    qtbot: QtBot, hands: Hands, language: str
) -> None:
    hands.unlock()
    hands.application.switch_language(language)
    hands.window.resize(SMALLEST)
    said = hands.window.foot.lines
    hands.window.foot.say(3 * SENTENCE)
    qtbot.waitUntil(said.isVisible)
    hands.settle()
    for place in PLACES:
        qtbot.waitUntil(partial(is_in_sight, hands.find(f"rail_{place}")))
    hands.control(Qt.Key.Key_6)  # what was said goes with the next page, and so does its room
    hands.window.foot.say("")
    assert not said.isVisible()


def test_letters_typed_right_after_the_letter_of_a_button_belong_to_what_it_opens(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.press(Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    assert hands.shows("people_add")

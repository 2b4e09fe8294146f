"""What stands below an item: its help as short lines, and the reason of a change only where there is a value."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from casebook.design import Check
from casebook.tellings import LONG_BRANCH
from tests.desktop_app.forms_at_work import enter, go_to, mark_of, sentences
from tests.desktop_app.hands import Hands
from tests.laptops import design
from tests.screens.looking import misread

HR, WHEN = "I.VS.HR", "I.VS.VSDTM"
POINT = "\N{BULLET}"


def check(name: str) -> Check:
    return next(one for one in design().form("F.VS").checks if one.id == name)


def help_of(hands: Hands, oid: str) -> list[str]:
    """Return the lines of an item's help."""
    return [label.text() for label in hands.find(f"help.{oid}").findChildren(QLabel)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_with_a_long_rule_says_what_it_means_and_then_lists_it(vitals: Hands, language: str) -> None:
    vitals.application.switch_language(language)
    go_to(vitals, WHEN)
    vitals.press(Qt.Key.Key_F1)
    told = help_of(vitals, WHEN)
    assert told[0].startswith("EC068 ")
    assert told[1] == check("EC068").message(language)
    assert told[3:13:2] == [POINT] * 5  # one for each visit
    assert max(map(len, told)) <= LONG_BRANCH[language]
    assert vitals.find(f"help.{WHEN}").accessibleDescription().startswith(told[0])
    assert misread(vitals.window) == []


def test_help_speaks_the_language_that_is_chosen_and_folds_for_that_of_the_page(vitals: Hands) -> None:
    go_to(vitals, WHEN)
    vitals.press(Qt.Key.Key_F1)
    vitals.application.switch_language("zh")
    vitals.settle()
    assert check("EC068").message("zh") in help_of(vitals, WHEN)
    vitals.press(Qt.Key.Key_F1)
    assert not vitals.shows(f"help.{WHEN}")
    assert vitals.shows("help")


@pytest.mark.parametrize(("oid", "wrong", "right"), [(HR, "many", "8"), (WHEN, "someday", "1430")])
def test_reason_is_asked_for_once_the_text_can_be_read(vitals: Hands, oid: str, wrong: str, right: str) -> None:
    enter(vitals, HR, "80")
    enter(vitals, WHEN, "1330")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    type_over(vitals, oid, wrong)
    assert not vitals.shows(f"{oid}.reason")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert not vitals.shows(f"{oid}.reason")
    assert mark_of(vitals, oid) == "not a value yet"
    assert any(wrong in sentence for sentence in sentences(vitals, oid))
    type_over(vitals, oid, right)
    assert vitals.shows(f"{oid}.reason")
    assert misread(vitals.window) == []  # the reasons are met where they stand, below what is said


def test_change_that_is_typed_into_nonsense_waits_for_no_reason_any_more(vitals: Hands) -> None:
    enter(vitals, HR, "80")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    type_over(vitals, HR, "81")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert vitals.shows(f"{HR}.reason")
    type_over(vitals, HR, "8l")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert not vitals.shows(f"{HR}.reason")
    assert vitals.words(HR) == "8l"
    assert mark_of(vitals, HR) == "not a value yet"


def type_over(hands: Hands, oid: str, text: str) -> None:
    """Type in place of what stands in a field."""
    hands.find(oid).setFocus()
    hands.control(Qt.Key.Key_A)
    QTest.keyClicks(hands.window.focusWidget(), text)

"""Every page, walked as a screen reader walks it: nothing that takes the keyboard is without a name."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLineEdit, QPushButton, QRadioButton, QWidget

from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import Ward

SMALLEST_TARGET = 34


def interfaces(top: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    for place in range(top.childCount()):
        child = top.child(place)
        if child is not None:
            yield child
            if child.role() not in {QAccessible.Role.Table, QAccessible.Role.List}:
                yield from interfaces(child)


def nameless(hands: Hands) -> list[str]:
    """Return what takes the keyboard on the shown page and has no accessible name."""
    top = QAccessible.queryAccessibleInterface(hands.window)
    found = []
    for interface in interfaces(top):
        state = interface.state()
        if state.invisible or state.disabled or not state.focusable:
            continue
        if not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{type(interface.object()).__name__} {interface.object().objectName()}")
    return found


def shown(hands: Hands) -> list[QWidget]:
    return [
        widget
        for widget in hands.window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def check(hands: Hands) -> None:
    assert nameless(hands) == []
    controls = [widget for widget in shown(hands) if isinstance(widget, QAbstractButton | QLineEdit)]
    unnamed = [f"{type(widget).__name__} {widget.accessibleName()}" for widget in controls if not _object_name(widget)]
    assert unnamed == []
    low = [f"{_object_name(widget)} {widget.height()}" for widget in controls if widget.height() < SMALLEST_TARGET]
    assert low == []


def _object_name(widget: QWidget) -> str:
    parent = widget.parentWidget()
    return widget.objectName() or (parent.objectName() if parent is not None else "")


def reached_by_tab(hands: Hands, limit: int = 400) -> set[QWidget]:
    """Return what Tab reaches, round the page once."""
    reached: set[QWidget] = set()
    for _ in range(limit):
        hands.press(Qt.Key.Key_Tab)
        now = hands.window.focusWidget()
        if now in reached:
            break
        reached.add(now)
    return reached


def test_enrol_page_names_every_control(open_application: OpenApplication, ward: Ward) -> None:
    check(open_application(ward.laptop("fresh")))


def test_unlock_page_names_every_control(hands: Hands) -> None:
    check(hands)


def test_recover_page_names_every_control_and_tab_reaches_it(hands: Hands) -> None:
    hands.click("unlock_forgotten")
    check(hands)
    reached = reached_by_tab(hands)
    assert [widget.objectName() for widget in shown(hands) if widget not in reached] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_names_every_control(open_application: OpenApplication, enrolled_ward: Ward, language: str) -> None:
    hands = open_application(enrolled_ward.laptop("one"), language)
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    check(hands)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    check(hands)
    hands.control(Qt.Key.Key_P)
    hands.settle()
    check(hands)
    for key in (Qt.Key.Key_6, Qt.Key.Key_7):
        hands.control(key)
        hands.settle()
        check(hands)


def test_every_form_of_the_first_visit_names_every_control(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    for _ in range(10):
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        assert not hands.shows("casebook_table")
        check(hands)
        hands.press(Qt.Key.Key_Escape)
        hands.settle()
        assert hands.shows("casebook_table")
        hands.press(Qt.Key.Key_Down)


def test_tab_reaches_every_control_of_the_settings(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    reached = reached_by_tab(hands)
    missed = [
        widget.objectName()
        for widget in shown(hands)
        if widget not in reached
        and not isinstance(widget, QAbstractScrollArea)
        and not widget.objectName().startswith("settings_language_")  # a group is one stop; arrows go on
        and not widget.objectName().startswith("rail_")
    ]
    assert missed == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_about_people_name_every_control_and_tab_reaches_it(
    open_application: OpenApplication, ward: Ward, language: str
) -> None:
    laptop = ward.enrolled("one", "principal", "administrator")
    with ward.session(laptop, "principal") as session:
        session.add_subject()
    hands = open_application(laptop, language)
    hands.unlock()
    hands.find("subjects_table").setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    button = hands.find("casebook_actions")
    assert isinstance(button, QPushButton)
    unblinding = next(one for one in button.menu().actions() if one.objectName().endswith(".unblind"))
    unblinding.trigger()
    hands.settle()
    look_over(hands)
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_people")
    hands.settle()
    look_over(hands)
    for panel in ("people_add", "people_again", "people_remove"):
        if panel != "people_add":
            hands.find("people_table").setFocus()
            hands.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        hands.click(panel)
        hands.settle()
        look_over(hands)
        hands.click(f"{panel}_cancel")
    hands.click("people_delegation")
    hands.settle()
    look_over(hands)
    hands.click("delegation_add")
    hands.settle()
    look_over(hands)
    hands.click("delegation_cancel")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.click("people_roles")
    hands.settle()
    look_over(hands)
    hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    look_over(hands)


def look_over(hands: Hands) -> None:
    """Check the names on the page in front, and that Tab comes to each of its controls."""
    check(hands)
    reached = reached_by_tab(hands)
    missed = [
        widget.objectName()
        for widget in shown(hands)
        if widget not in reached
        and not isinstance(widget, QAbstractScrollArea | QRadioButton)  # a group is one stop; arrows go on
        and not widget.objectName().startswith("rail_")
    ]
    assert missed == []

"""Forms, consent and paper, walked as a screen reader walks them, in both languages and on a small screen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton

from tests.desktop_app.forms_at_work import INVESTIGATOR, choose, enter, open_casebook, open_form
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_accessibility import check, reached_by_tab, shown

HALF_SCREEN = (683, 384)
"""1366x768 at 200 %."""


@pytest.mark.parametrize("form", ["F.VS", "F.NIHSS", "F.LB", "F.IMG1", "F.ICF", "F.RND", "F.DM", "F.MRS"])
def test_every_control_of_a_form_has_a_name_and_is_reached_by_tab(hands: Hands, form: str) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, form, repeat="PRERAND" if form == "F.NIHSS" else "")
    check(hands)
    inside = [widget for widget in shown(hands) if widget.objectName().startswith("I.")]
    assert inside
    assert set(inside) <= reached_by_tab(hands)


def test_names_of_a_form_follow_the_language(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    hands.application.switch_language("zh")
    check(hands)
    assert hands.find("I.VS.SYSBP").accessibleName() == "收缩压"
    assert hands.find("I.VS.VSARM=L").accessibleDescription()


def test_label_is_its_editor_s_buddy(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    labels = hands.find("row.I.VS.SYSBP").findChildren(QLabel)
    assert hands.find("I.VS.SYSBP") in [label.buddy() for label in labels]


def test_papers_name_every_control(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.control(Qt.Key.Key_P)
    hands.settle()
    hands.click("paper_sign_open")
    check(hands)


def test_grade_is_chosen_by_assistive_technology(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    interface = QAccessible.queryAccessibleInterface(hands.find("I.NIHSS.NIHSS01A=2"))
    actions = interface.actionInterface()
    assert actions is not None
    actions.doAction(actions.toggleAction())
    hands.settle()
    assert "so far 2" in hands.words("form_score")


@pytest.mark.parametrize("form", ["F.VS", "F.NIHSS", "F.LB", "F.ICF"])
def test_form_needs_no_sideways_scrolling_on_half_a_screen(hands: Hands, form: str) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, form, repeat="PRERAND" if form == "F.NIHSS" else "")
    if form == "F.LB":
        choose(hands, "I.LB.LBPANEL", "HAEM")
    hands.window.resize(*HALF_SCREEN)
    hands.settle()
    workplace = hands.application.workplace
    assert workplace is not None
    page = workplace.consent if form == "F.ICF" else workplace.form
    sections = page.sections
    assert sections is not None
    hands.qtbot.waitUntil(lambda: sections.sheet.width() <= sections.viewport().width())
    save = hands.find("form_save")
    assert isinstance(save, QPushButton)
    assert hands.window.rect().contains(save.mapTo(hands.window, save.rect().bottomRight()))

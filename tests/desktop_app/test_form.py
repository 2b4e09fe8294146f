"""Filling in forms over a real vault: marks, reasons, findings, progress, and keys that do it all."""

import gc
from collections import Counter
from functools import partial

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from desktop_app.widgets.focus import focused_widget
from tests.desktop_app.forms_at_work import (
    INVESTIGATOR,
    bring_into_sight,
    choose,
    enter,
    go_to,
    is_in_sight,
    mark_of,
    open_casebook,
    open_form,
    sentences,
    strike_keys,
)
from tests.desktop_app.hands import Hands

SYSBP, DIABP, HR = "I.VS.SYSBP", "I.VS.DIABP", "I.VS.HR"
NIHSS = "I.NIHSS.NIHSS"


def test_field_left_by_enter_is_kept_and_the_next_item_has_the_focus(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    assert mark_of(vitals, SYSBP) == "kept on this laptop"
    focused = vitals.window.focusWidget()
    assert focused is not None
    assert focused.objectName() == DIABP


def test_field_left_by_tab_is_kept(vitals: Hands) -> None:
    go_to(vitals, SYSBP)
    QTest.keyClicks(vitals.window.focusWidget(), "150")
    assert mark_of(vitals, SYSBP) == "not kept yet"
    vitals.press(Qt.Key.Key_Tab)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"


def test_field_left_by_a_click_elsewhere_is_kept(vitals: Hands) -> None:
    vitals.type(SYSBP, "150")
    vitals.click(DIABP)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"


def test_save_turns_kept_into_recorded(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "recorded"
    assert not vitals.find("form_save").isEnabled()


def test_save_takes_what_is_still_being_typed(vitals: Hands) -> None:
    vitals.type(SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "recorded"


def test_leaving_the_form_while_typing_records_and_it_is_there_on_return(vitals: Hands) -> None:
    vitals.type(SYSBP, "150")
    vitals.press(Qt.Key.Key_Escape)
    vitals.settle()
    assert vitals.shows("casebook_table")
    open_form(vitals, "F.VS")
    assert vitals.words(SYSBP) == "150"
    assert mark_of(vitals, SYSBP) == "recorded"


def test_unreadable_text_stays_in_its_field_with_a_sentence(vitals: Hands) -> None:
    enter(vitals, SYSBP, "abc")
    assert vitals.words(SYSBP) == "abc"
    assert mark_of(vitals, SYSBP) == "not a value yet"
    assert any("abc" in sentence for sentence in sentences(vitals, SYSBP))
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    assert vitals.words(SYSBP) == "abc"


def test_answer_of_the_disk_leaves_text_and_focus_of_the_next_field_alone(vitals: Hands) -> None:
    go_to(vitals, SYSBP)
    QTest.keyClicks(vitals.window.focusWidget(), "150")
    QTest.keyClick(vitals.window.focusWidget(), Qt.Key.Key_Return)
    QTest.keyClicks(vitals.find(DIABP), "8")
    vitals.settle()
    QTest.keyClicks(vitals.find(DIABP), "5")
    assert vitals.words(DIABP) == "85"
    assert vitals.find(DIABP).hasFocus()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"


def test_time_of_day_is_read_and_shown_whole(vitals: Hands) -> None:
    enter(vitals, "I.VS.VSDTM", "1330")
    assert vitals.words("I.VS.VSDTM") == "2026-03-01 13:30"


def test_now_takes_the_present_time(vitals: Hands) -> None:
    vitals.click("I.VS.VSDTM.now")
    vitals.settle()
    assert vitals.words("I.VS.VSDTM").startswith("2026-03-01 1")
    assert mark_of(vitals, "I.VS.VSDTM") == "kept on this laptop"


def test_derived_value_follows_its_items(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    enter(vitals, DIABP, "90")
    assert vitals.words("I.VS.MAP") == "110.0"


def test_finding_stands_beside_its_item_until_an_investigator_confirms_it(hands: Hands) -> None:
    open_casebook(hands, person=INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, HR, "400")
    assert any("plausible" in sentence for sentence in sentences(hands, HR))
    hands.click(_confirm_button(hands, HR))
    strike_keys(hands, "1")
    assert any("Confirmed true" in sentence for sentence in sentences(hands, HR))


def test_coordinator_is_told_that_an_investigator_confirms_what_is_hard(vitals: Hands) -> None:
    enter(vitals, HR, "400")
    assert any("let an investigator sign in" in sentence for sentence in sentences(vitals, HR))
    assert not any(".confirm." in button.objectName() for button in vitals.find(f"row.{HR}").findChildren(QPushButton))


def test_question_mark_tells_what_the_checks_of_an_item_look_for(vitals: Hands) -> None:
    go_to(vitals, "I.VS.DIABP")
    vitals.press(Qt.Key.Key_F1)
    assert any(sentence.startswith("EC050 ") for sentence in sentences(vitals, "I.VS.DIABP"))


def test_next_finding_is_reached_by_its_key(vitals: Hands) -> None:
    enter(vitals, HR, "400")
    enter(vitals, "I.VS.RESP", "18")
    vitals.press(Qt.Key.Key_F8)
    focused = focused_widget()
    assert focused is not None
    assert focused.objectName() == HR


def test_query_stands_in_the_history_from_its_opening_to_its_closing(vitals: Hands) -> None:
    enter(vitals, SYSBP, "80")
    enter(vitals, DIABP, "90")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    go_to(vitals, DIABP)
    vitals.press(Qt.Key.Key_End)
    vitals.press(Qt.Key.Key_Backspace)
    vitals.press(Qt.Key.Key_Backspace)
    strike_keys(vitals, "60")
    vitals.press(Qt.Key.Key_Return)
    strike_keys(vitals, "1")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    go_to(vitals, DIABP)
    vitals.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    vitals.settle()
    told = " | ".join(sentences(vitals, DIABP))
    assert told.index("query opened – EC050") < told.index("query closed: the data no longer fire it – EC050")


def _confirm_button(hands: Hands, oid: str) -> str:
    return next(
        button.objectName()
        for button in hands.find(f"row.{oid}").findChildren(QPushButton)
        if ".confirm." in button.objectName() and button.isVisible()
    )


def test_change_of_a_recorded_value_waits_for_its_reason(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    vitals.click(SYSBP)
    vitals.press(Qt.Key.Key_End)
    vitals.press(Qt.Key.Key_Backspace)
    strike_keys(vitals, "5")
    vitals.press(Qt.Key.Key_Return)
    assert vitals.shows(f"{SYSBP}.reason")
    assert mark_of(vitals, SYSBP) == "not kept yet"
    strike_keys(vitals, "2")
    assert not vitals.shows(f"{SYSBP}.reason")
    assert mark_of(vitals, SYSBP) == "kept on this laptop"
    assert vitals.words(SYSBP) == "155"


def test_change_without_its_reason_stands_in_its_field_again_after_leaving(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    vitals.click(SYSBP)
    vitals.press(Qt.Key.Key_End)
    vitals.press(Qt.Key.Key_Backspace)
    strike_keys(vitals, "5")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    vitals.click("form_back")
    vitals.settle()
    open_form(vitals, "F.VS")
    assert vitals.words(SYSBP) == "155"
    assert vitals.shows(f"{SYSBP}.reason")
    vitals.click(f"{SYSBP}.reason.cancel")
    vitals.settle()
    assert vitals.words(SYSBP) == "150"
    assert mark_of(vitals, SYSBP) == "recorded"
    vitals.click("form_back")
    vitals.settle()
    open_form(vitals, "F.VS")
    assert vitals.words(SYSBP) == "150"
    assert not vitals.shows(f"{SYSBP}.reason")


def test_second_change_before_saving_is_marked_as_kept_too(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    for text in ("160", "170"):
        vitals.click(SYSBP)
        vitals.control(Qt.Key.Key_A)
        strike_keys(vitals, text)
        vitals.press(Qt.Key.Key_Return)
        strike_keys(vitals, "1")
        vitals.settle()
        assert mark_of(vitals, SYSBP) == "kept on this laptop"


def test_reason_in_words_is_taken_and_stands_in_the_history(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    vitals.click(SYSBP)
    vitals.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    strike_keys(vitals, "160")
    vitals.click(f"{SYSBP}.reason.words")
    strike_keys(vitals, "cuff was too small")
    vitals.press(Qt.Key.Key_Return)
    vitals.settle()
    assert mark_of(vitals, SYSBP) == "kept on this laptop"
    vitals.click(SYSBP)
    vitals.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    vitals.settle()
    said = sentences(vitals, SYSBP)
    assert any("150" in sentence for sentence in said)
    assert any("160" in sentence and "cuff was too small" in sentence for sentence in said)


def test_escape_leaves_a_recorded_value_as_it_was(vitals: Hands) -> None:
    enter(vitals, SYSBP, "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    vitals.click(SYSBP)
    strike_keys(vitals, "9")
    assert vitals.shows(f"{SYSBP}.reason")
    vitals.press(Qt.Key.Key_Escape)
    assert vitals.words(SYSBP) == "150"
    assert not vitals.shows(f"{SYSBP}.reason")
    assert mark_of(vitals, SYSBP) == "recorded"


def test_choice_that_waits_for_its_reason_and_is_taken_off_again_leaves_what_is_recorded(vitals: Hands) -> None:
    arm = "I.VS.VSARM"
    choose(vitals, arm, "R")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    for _ in range(2):  # the second time takes the choice off
        choose(vitals, arm, "L")
        assert vitals.shows(f"{arm}.reason")
    for _ in range(2):  # takes the change back, then leaves the form
        vitals.press(Qt.Key.Key_Escape)
        vitals.settle()
    open_form(vitals, "F.VS")
    assert mark_of(vitals, arm) == "recorded"
    chosen = [one.objectName() for one in vitals.find(f"row.{arm}").findChildren(QPushButton) if one.isChecked()]
    assert chosen == [f"{arm}=R"]
    assert not vitals.shows(f"{arm}.reason")


def test_progress_counts_down_and_control_j_leads_to_the_next_unanswered(vitals: Hands) -> None:
    before = vitals.words("form_progress")
    enter(vitals, SYSBP, "150")
    after = vitals.words("form_progress")
    assert int(after.split()[0]) == int(before.split()[0]) - 1
    vitals.click(SYSBP)
    vitals.control(Qt.Key.Key_J)
    focused = vitals.window.focusWidget()
    assert focused is not None
    assert focused.objectName() == DIABP


def test_complete_is_refused_while_items_are_open_and_says_why(vitals: Hands) -> None:
    vitals.click("form_complete")
    vitals.settle()
    assert "cannot be marked complete" in vitals.words("form_notice_words")
    button = vitals.find("form_complete")
    assert isinstance(button, QPushButton)
    assert not button.isChecked()


def test_wheel_over_a_unit_changes_nothing(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.LB")
    choose(hands, "I.LB.LBPANEL", "HAEM")
    enter(hands, "I.LB.HGB", "131")
    assert mark_of(hands, "I.LB.HGB") == "kept on this laptop"
    assert hands.find("I.LB.HGB.unit").property("currentText") == "g/L"


def test_quantity_is_kept_with_its_chosen_unit(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.LB")
    choose(hands, "I.LB.LBPANEL", "HAEM")
    go_to(hands, "I.LB.HGB")
    strike_keys(hands, "13.1")
    hands.press(Qt.Key.Key_Tab)
    assert hands.find("I.LB.HGB.unit").hasFocus()
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Tab)
    hands.settle()
    assert hands.find("I.LB.HGB.unit").property("currentText") == "g/dL"
    assert mark_of(hands, "I.LB.HGB") == "kept on this laptop"


# -- scales -----------------------------------------------------------------------------------------------


def test_nihss_is_scored_by_digits_alone_with_the_total_running(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    go_to(hands, f"{NIHSS}01A")
    strike_keys(hands, "101")
    assert "so far 2 (3 of 15)" in hands.words("form_score")
    strike_keys(hands, "101220000110")
    assert hands.words("form_score") == "NIHSS total 10"
    assert hands.words("I.NIHSS.NIHSSTOT") == "10"


def test_untestable_grade_is_keyed_by_its_letter_and_told_beside_the_total(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    go_to(hands, f"{NIHSS}01A")
    strike_keys(hands, "000000u")
    assert mark_of(hands, f"{NIHSS}05A") == "kept on this laptop"
    assert "1 untestable" in hands.words("form_score")


def test_nihss_is_scored_by_mouse(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    choose(hands, f"{NIHSS}01A", "1")
    choose(hands, f"{NIHSS}01B", "2")
    choose(hands, f"{NIHSS}01B", "1")
    assert "so far 2 (2 of 15)" in hands.words("form_score")
    button = hands.find(f"{NIHSS}01B=2")
    assert isinstance(button, QPushButton)
    assert not button.isChecked()


def test_digit_outside_the_scale_chooses_nothing(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    go_to(hands, f"{NIHSS}01B")
    strike_keys(hands, "7")
    assert mark_of(hands, f"{NIHSS}01B") == ""


def test_arrows_move_over_grades_without_choosing(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.NIHSS", repeat="PRERAND")
    go_to(hands, f"{NIHSS}01A")
    hands.press(Qt.Key.Key_Right)
    assert mark_of(hands, f"{NIHSS}01A") == ""
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    button = hands.find(f"{NIHSS}01A=1")
    assert isinstance(button, QPushButton)
    assert button.isChecked()


def test_regions_are_ticked_and_the_score_follows(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    choose(hands, "I.IMG1.ASPMODE", "REGIONS")
    choose(hands, "I.IMG1.ASPREG", "C")
    choose(hands, "I.IMG1.ASPREG", "M4")
    assert hands.words("I.IMG1.ASPECTS") == "8"


# -- again and again -----------------------------------------------------------------------------------------


def test_opening_forms_again_leaves_nothing_behind(vitals: Hands) -> None:
    held: list[Counter[str]] = []
    for _ in range(3):
        for form in ("F.LB", "F.VS"):
            vitals.click("form_back")
            vitals.settle()
            open_form(vitals, form)
            vitals.press(Qt.Key.Key_Tab)
        gc.collect()
        held.append(Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, QObject)))
    assert held[1] == held[2]


# -- twice --------------------------------------------------------------------------------------------------


def test_item_entered_twice_is_kept_only_when_both_agree(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.RND")
    number = "I.RND.RANDNO"
    go_to(hands, number)
    strike_keys(hands, "R-0017")
    hands.press(Qt.Key.Key_Return)
    assert not hands.shows(number)
    assert mark_of(hands, number) == "not kept yet"
    strike_keys(hands, "R-0071")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert any("differ" in sentence for sentence in sentences(hands, number))
    for _ in range(2):
        strike_keys(hands, "R-0017")
        hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert mark_of(hands, number) == "kept on this laptop"
    assert hands.words(number) == "R-0017"
    go_to(hands, number)
    for typed in ("R-0171", "R-0117"):
        hands.control(Qt.Key.Key_A)
        strike_keys(hands, typed)
        hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert any("differ" in sentence for sentence in sentences(hands, number))
    assert hands.words(number) == "R-0017", "what stands is shown again"
    assert mark_of(hands, number) == "kept on this laptop"


# -- languages and rights --------------------------------------------------------------------------------------


def test_language_changes_in_place_and_typed_text_stays(vitals: Hands) -> None:
    vitals.type(SYSBP, "15")
    vitals.application.switch_language("zh")
    line = vitals.find(SYSBP)
    assert isinstance(line, QLineEdit)
    assert line.text() == "15"
    assert line.accessibleName() == "收缩压"
    assert vitals.words("form_title") == "生命体征"


def test_form_opens_at_its_first_unanswered_item(vitals: Hands) -> None:
    focused: QWidget | None = vitals.window.focusWidget()
    assert focused is not None
    assert focused.objectName() == "I.VS.VSDTM"


# -- rows ----------------------------------------------------------------------------------------------------

RELATIVES = "IG.CONTACT.REL"
RELNAME = "I.CONTACT.RELNAME"


def _strike_button(hands: Hands) -> str:
    """Return the name of the one button that strikes a row."""
    shown = [
        button.objectName()
        for button in hands.window.findChildren(QPushButton)
        if button.objectName().startswith(f"strike.{RELATIVES}") and button.isVisible()
    ]
    assert len(shown) == 1
    return shown[0]


def test_row_is_added_filled_and_struck_through_with_a_reason_and_stays_readable(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.CONTACT")
    bring_into_sight(hands, f"add.{RELATIVES}")
    hands.click(f"add.{RELATIVES}")
    hands.settle()
    enter(hands, RELNAME, "Relative One")
    assert mark_of(hands, RELNAME) == "kept on this laptop"
    strike = _strike_button(hands)
    bring_into_sight(hands, strike)
    hands.click(strike)
    strike_keys(hands, "2")
    hands.control(Qt.Key.Key_S)
    hands.settle()
    hands.click("form_back")
    hands.settle()
    open_form(hands, "F.CONTACT")
    assert hands.words(RELNAME) == "Relative One"
    assert not hands.find(RELNAME).isEnabled() or hands.find(RELNAME).property("readOnly")
    assert not hands.shows(strike)


def test_arrows_in_a_list_open_it_and_record_only_what_is_chosen(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    site = "I.IMG1.OCCSITE"
    go_to(hands, site)
    hands.press(Qt.Key.Key_Down)
    combo = hands.find(site)
    assert isinstance(combo, QComboBox)
    assert combo.view().isVisible()
    for key, mark in ((Qt.Key.Key_Down, ""), (Qt.Key.Key_Down, ""), (Qt.Key.Key_Return, "kept on this laptop")):
        QTest.keyClick(combo.view(), key)
        hands.settle()
        assert mark_of(hands, site) == mark
    hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    hands.settle()
    assert len([said for said in sentences(hands, site) if "Coordinator A" in said]) == 1


def test_help_tells_what_codes_mean(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG2", visit="SE.V2")
    choose(hands, "I.IMG2.MODAL", "NCCT")
    go_to(hands, "I.IMG2.HTTYPE")
    hands.press(Qt.Key.Key_F1)
    assert any("HI2: Confluent petechiae" in sentence for sentence in sentences(hands, "I.IMG2.HTTYPE"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_button_of_a_full_head_is_seen_whole(hands: Hands, language: str) -> None:
    hands.application.switch_language(language)
    open_casebook(hands, person=INVESTIGATOR)
    open_form(hands, "F.ICF")
    choose(hands, "I.ICF.CONSMODE", "ECONSENT")
    choose(hands, "I.ICF.CONSBY", "PARTICIPANT")  # now there is something to undo, and a finding
    for name in ("form_progress", "form_findings", "form_undo", "form_complete", "form_save"):
        hands.qtbot.waitUntil(partial(is_in_sight, hands.find(name)))


def test_head_of_a_small_window_is_not_cut_when_another_form_opens(hands: Hands) -> None:
    hands.window.resize(800, 480)
    open_casebook(hands)
    for form, repeat in (("F.VS", ""), ("F.NIHSS", "PRERAND")):
        open_form(hands, form, repeat=repeat)
        where = hands.find("form_where")
        assert where.width() >= where.sizeHint().width(), where.property("text")
        hands.press(Qt.Key.Key_Escape)
        hands.settle()

"""The scorer: a scale scored item by item in real windows over a real store, by key, mouse and finger."""

import copy
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QProgressBar, QPushButton, QTableView

from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.snapshots import FormView, Mark, TrailLine
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.scale import GradeCard
from desktop_app.windows.form import FormPage
from desktop_app.windows.scorer import ScorerPage
from desktop_app.workplace import Workplace
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import subject_of
from tests.desktop_app.hands import Hands
from tests.desktop_app.places import Book
from tests.journeys.test_kill import talker
from tests.laptops import SITE, Ward, design

Key = Qt.Key
STEPS = tuple(item.name for item in design().form("F.NIHSS").group("IG.NIHSS.ITEMS").items)
USUAL = dict.fromkeys(STEPS, "0")
BEFORE = {
    "NIHDTM": "2026-03-01T08:00+08:00",
    "NIHRATER": "coordinator",
    "NIHCERT": "C-1234",
    "NIHCEXP": "2027-05-01",
    "NIHSEDAT": "N",
    "NIHINTUB": "N",
    "NIHARMKN": "NA",
    **USUAL,
    "NIHSS04": "2",
    "NIHSS05A": "1",
}
"""The first score of the subject: 3 in all."""


@pytest.fixture(scope="session")
def scored_once(enrolled_once: Ward, tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward whose only subject was scored once; it is copied."""
    folder = tmp_path_factory.mktemp("scored")
    shutil.copytree(enrolled_once.folder, folder, dirs_exist_ok=True)
    ward = copy.deepcopy(enrolled_once)
    ward.folder = folder
    with ward.session(ward.laptop("one")) as session:
        subject = session.add_subject().subject
        Book(design(), subject, SITE).enter(session, {"F.NIHSS/INITIAL": BEFORE})
    return ward


@pytest.fixture
def scored_ward(scored_once: Ward, tmp_path: Path) -> Ward:
    shutil.copytree(scored_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(scored_once)
    ward.folder = tmp_path
    return ward


@pytest.fixture
def bedside(open_application: OpenApplication, scored_ward: Ward) -> Iterator[Hands]:
    """The second score of the subject, opened from the casebook."""
    hands = open_application(scored_ward.laptop("one"))
    hands.unlock()
    hands.press(Key.Key_Return)
    hands.settle()
    open_scale(hands)
    yield hands
    QApplication.processEvents()


def open_scale(hands: Hands, repeat: str = "PRERAND", visit: str = "SE.V1") -> None:
    """Open a form of the scale as it opens by itself."""
    table = hands.find("casebook_table")
    assert isinstance(table, QTableView)
    grid = table.model()
    assert isinstance(grid, CasebookGrid)
    key = FormKey(subject=subject_of(hands), visit=VisitKey(visit=visit), form="F.NIHSS", repeat=repeat)
    table.setFocus()
    table.setCurrentIndex(grid.place(key))
    hands.press(Key.Key_Return)
    hands.settle()


def workplace(hands: Hands) -> Workplace:
    assert hands.application.workplace is not None
    return hands.application.workplace


def scorer(hands: Hands) -> ScorerPage:
    page = workplace(hands).scorer
    assert hands.window.page() is page
    return page


def view(hands: Hands) -> FormView:
    shown = scorer(hands).view
    assert shown is not None
    return shown


def given(hands: Hands) -> dict[str, str]:
    """Return what stands in the form, by item."""
    items = [item for group in view(hands).groups for row in group.rows for item in row.items]
    return {item.path.item: item.reading.value for item in items if item.reading.value is not None}


def grades(hands: Hands) -> str:
    """Return the grades in the scale's order, a point for one that is missing."""
    values = given(hands)
    return "".join(values.get(name, ".") for name in STEPS)


def strike(hands: Hands, keys: str) -> None:
    """Strike keys where the focus is, without waiting for the disk."""
    for key in keys:
        QTest.keyClicks(hands.window.focusWidget(), key)


def words(hands: Hands, name: str) -> str:
    label = hands.find(name)
    assert isinstance(label, QLabel | QPushButton)
    return label.text()


def trail(hands: Hands, name: str) -> tuple[TrailLine, ...]:
    """Return an item's history as the session holds it."""
    page = scorer(hands)
    told: list[tuple[TrailLine, ...]] = []
    path = ItemPath(group="IG.NIHSS.ITEMS", item=name)
    key = view(hands).key
    page.background.run(lambda: page.port.trail(key, path), then=told.append)
    hands.settle()
    return tuple(told[0])


def at(hands: Hands) -> str:
    """Return the item in front."""
    place = scorer(hands).place
    return STEPS[place - 1] if 0 < place <= len(STEPS) else {0: "start"}.get(place, "end")


# -- a whole scale ----------------------------------------------------------------------------------------------


def test_usual_scale_takes_seventeen_keys_of_the_numeric_pad(bedside: Hands) -> None:
    keys = [Key.Key_Enter, *[Key.Key_0 + int(digit) for digit in "011000000000021"[:15]], Key.Key_Enter]
    assert len(keys) == 17
    assert at(bedside) == "start"
    for key in keys:
        QTest.keyClick(bedside.window.focusWidget(), Key(key), Qt.KeyboardModifier.KeypadModifier)
        bedside.settle()
    assert view(bedside).complete
    assert given(bedside) | {"NIHDTM": ""} == {
        **BEFORE,
        **dict(zip(STEPS, "011000000000021", strict=True)),
        "NIHDTM": "",
        "NIHSSTOT": "5",
        "NIHUNCNT": "0",
    }
    assert words(bedside, "scorer_end_total") == "NIHSS 5"


def test_usual_scale_takes_seventeen_taps(bedside: Hands) -> None:
    bedside.click("scorer_begin")
    for name in STEPS:
        bedside.settle()
        bedside.click(f"I.NIHSS.{name}=0")
    bedside.settle()
    bedside.click("scorer_complete")
    bedside.settle()
    assert view(bedside).complete
    assert grades(bedside) == "0" * 15


def test_finger_gives_a_grade(bedside: Hands) -> None:
    finger = QTest.createTouchDevice()
    strike(bedside, " ")
    bedside.settle()
    card = bedside.find("I.NIHSS.NIHSS01A=2")
    middle = QPoint(card.width() // 2, card.height() // 2)
    QTest.touchEvent(card, finger).press(0, middle, card).commit()
    QTest.touchEvent(card, finger).release(0, middle, card).commit()
    bedside.settle()
    assert given(bedside)["NIHSS01A"] == "2"
    assert at(bedside) == "NIHSS01B"


def test_no_grade_of_hurried_keys_is_lost_or_doubled(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    struck = "121222341202121"
    strike(bedside, struck)
    assert at(bedside) == "end"
    bedside.settle()
    assert grades(bedside) == struck
    assert {len(trail(bedside, name)) for name in STEPS} == {1}
    assert all(row.view is not None and row.view.mark is Mark.KEPT for row in _rows(bedside))


def _rows(hands: Hands) -> list[ItemRow]:
    cards = scorer(hands).cards
    assert cards is not None
    return [card.row for card in cards.items]


def test_key_held_down_and_a_double_click_count_once(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    ground = bedside.window.focusWidget()
    for repeated in (False, True, True):
        focused = bedside.window.focusWidget()
        press = QKeyEvent(QEvent.Type.KeyPress, Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", autorep=repeated)
        QApplication.sendEvent(focused, press)
    bedside.settle()
    assert bedside.window.focusWidget() is not ground
    assert grades(bedside) == "1" + "." * 14
    bedside.click("I.NIHSS.NIHSS01B=0")
    QTest.mouseDClick(bedside.find("I.NIHSS.NIHSS01C=0"), Qt.MouseButton.LeftButton)
    bedside.settle()
    assert grades(bedside) == "10" + "." * 13


def test_digit_that_is_no_grade_is_told_and_puts_nothing_out_of_step(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "000911")
    bedside.settle()
    assert grades(bedside) == "000" + "." * 12
    assert words(bedside, "scorer_notice_words") == "9 is no grade of this item."
    bedside.qtbot.waitUntil(lambda: bedside.find("I.NIHSS.NIHSS02=1").isEnabled(), timeout=8000)
    strike(bedside, "1")
    bedside.settle()
    assert grades(bedside) == "0001" + "." * 11
    assert not bedside.shows("scorer_notice")


def test_nothing_is_chosen_before_somebody_chooses(bedside: Hands) -> None:
    assert not given(bedside)
    bedside.press(Key.Key_Return)
    bedside.press(Key.Key_Return)  # no card has the focus
    bedside.settle()
    assert at(bedside) == "NIHSS01A"
    bedside.press(Key.Key_Down)
    bedside.press(Key.Key_Down)
    assert grades(bedside) == "." * 15
    bedside.press(Key.Key_Enter)
    bedside.settle()
    assert grades(bedside) == "1" + "." * 14


# -- what is offered --------------------------------------------------------------------------------------------


def test_offers_are_told_and_each_can_be_taken_by_itself(bedside: Hands) -> None:
    told = words(bedside, "scorer_offered")
    assert "C-1234" in told
    assert "coordinator" in told
    bedside.click("I.NIHSS.NIHRATER.offer")
    bedside.settle()
    assert given(bedside) == {"NIHRATER": "coordinator"}
    assert "Rater (id" not in words(bedside, "scorer_offered")


def test_another_certificate_is_not_offered_the_last_day_of_the_old_one(bedside: Hands) -> None:
    bedside.click("I.NIHSS.NIHCERT")
    QTest.keyClicks(bedside.window.focusWidget(), "C-9999")
    bedside.press(Key.Key_Return)
    bedside.settle()
    assert "2027-05-01" not in words(bedside, "scorer_offered")
    assert bedside.window.focusWidget().objectName() == "I.NIHSS.NIHCEXP"


def test_what_is_missing_at_the_end_leads_to_its_item(bedside: Hands) -> None:
    bedside.click("scorer_next")
    strike(bedside, "0" * 15)
    bedside.settle()
    assert not bedside.find("scorer_complete").isEnabled()
    assert bedside.window.focusWidget().objectName() == "scorer_missing_0"
    bedside.press(Key.Key_Return)
    bedside.settle()
    assert at(bedside) == "start"
    assert bedside.window.focusWidget().objectName() == "I.NIHSS.NIHDTM"


# -- corrections ------------------------------------------------------------------------------------------------


def test_grade_that_stands_changes_by_a_correction_alone(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "01")
    bedside.settle()
    bedside.press(Key.Key_Backspace)
    strike(bedside, "2")
    bedside.settle()
    assert grades(bedside) == "01" + "." * 13
    assert bedside.shows("scorer_question.I.NIHSS.NIHSS01B")
    strike(bedside, "m2")
    bedside.settle()
    assert grades(bedside) == "02" + "." * 13
    assert at(bedside) == "NIHSS01C"
    bedside.click("scorer_stop_1")
    bedside.click("scorer_REEXAMINED.I.NIHSS.NIHSS01A")
    bedside.click("I.NIHSS.NIHSS01A=1")
    bedside.settle()
    assert at(bedside) == "NIHSS01C"
    assert [(line.shown("en"), line.reason) for line in trail(bedside, "NIHSS01B")] == [
        ("One right", ""),
        ("Neither right", "MISKEYED"),
    ]
    assert [line.reason for line in trail(bedside, "NIHSS01A")] == ["", "REEXAMINED"]


def test_correction_is_left_by_escape_and_a_card_that_stands_stays(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "01")
    bedside.settle()
    bedside.press(Key.Key_Left)
    bedside.press(Key.Key_Escape)
    bedside.settle()
    assert at(bedside) == "NIHSS01C"
    bedside.press(Key.Key_Left)
    strike(bedside, "m")
    bedside.click("I.NIHSS.NIHSS01B=1")
    bedside.settle()
    assert grades(bedside) == "01" + "." * 13
    assert len(trail(bedside, "NIHSS01B")) == 1


def test_recorded_grade_asks_for_its_reason_before_it_changes(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "01")
    bedside.settle()
    bedside.control(Key.Key_S)
    bedside.settle()
    bedside.press(Key.Key_Left)
    strike(bedside, "2")
    bedside.settle()
    assert grades(bedside) == "01" + "." * 13
    assert at(bedside) == "NIHSS01B"
    assert bedside.shows("I.NIHSS.NIHSS01B.reason")
    strike(bedside, "2")  # the second of the study's reasons: mis-keyed
    bedside.settle()
    assert grades(bedside) == "02" + "." * 13
    assert at(bedside) == "NIHSS01C"
    assert trail(bedside, "NIHSS01B")[-1].reason == "MISKEYED"


# -- rules of the scale -----------------------------------------------------------------------------------------


def test_untestable_item_asks_why_at_once(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "000000")
    bedside.settle()
    strike(bedside, "u")
    bedside.settle()
    why = bedside.window.focusWidget()
    assert isinstance(why, QPlainTextEdit)
    assert at(bedside) == "NIHSS05A"
    QTest.keyClicks(why, "Amputation 1999")
    bedside.press(Key.Key_Tab)
    bedside.settle()
    assert at(bedside) == "NIHSS05B"
    assert (given(bedside)["NIHSS05A"], given(bedside)["NIHUN05A"]) == ("UN", "Amputation 1999")
    strike(bedside, "00000000")
    bedside.settle()
    assert words(bedside, "scorer_total") == "NIHSS 0 · UN × 1"
    assert view(bedside).hard_findings == 0


def test_coma_is_spoken_of_at_once_and_fills_nothing_in(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "3")
    bedside.settle()
    assert "In coma (1a = 3)" in words(bedside, "scorer_suggestion.I.NIHSS.NIHSS01B")
    assert grades(bedside) == "3" + "." * 14
    strike(bedside, "s")
    bedside.settle()
    assert grades(bedside) == "32" + "." * 13
    assert at(bedside) == "NIHSS01C"
    strike(bedside, "a")
    bedside.settle()
    assert grades(bedside) == "322" + "." * 7 + "023" + ".."
    assert at(bedside) == "NIHSS02"
    assert view(bedside).hard_findings == view(bedside).soft_findings == 0


def test_whoever_scores_otherwise_is_told_where(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "31")
    bedside.settle()
    assert at(bedside) == "NIHSS01C"
    assert "1b and 1c" in words(bedside, "scorer_notice_words")
    bedside.click("scorer_notice_action")
    bedside.settle()
    assert at(bedside) == "NIHSS01B"
    strike(bedside, "m2")
    bedside.settle()
    strike(bedside, "2")
    bedside.settle()
    assert not bedside.shows("scorer_notice")


def test_last_score_stands_beside_each_item_and_its_change_at_the_end(bedside: Hands) -> None:
    assert words(bedside, "scorer_change").startswith("Last time: 3 (")
    bedside.press(Key.Key_Return)
    strike(bedside, "00001")
    bedside.settle()
    assert "Last time: 2 (" in words(bedside, "scorer_before.I.NIHSS.NIHSS04")
    assert "2026-03-01 08:00" in words(bedside, "scorer_before.I.NIHSS.NIHSS04")
    card = bedside.find("I.NIHSS.NIHSS04=2")
    assert isinstance(card, GradeCard)
    assert "as last time" in card.accessibleName()
    strike(bedside, "2100000002")
    bedside.settle()
    assert words(bedside, "scorer_total") == "NIHSS 6"
    assert words(bedside, "scorer_change").startswith("+3 since ")


# -- countdowns -------------------------------------------------------------------------------------------------


class Clock:
    """Seconds that a test sets, and the sounds that were made."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sounds = 0

    def __call__(self) -> float:
        return self.now

    def sound(self) -> None:
        self.sounds += 1


@pytest.fixture
def clock(bedside: Hands) -> Clock:
    made = Clock()
    page = scorer(bedside)
    page.clock = made
    assert page.cards is not None
    for card in page.cards.items:
        if card.timer is not None:
            card.timer.sound = made.sound
    bedside.press(Key.Key_Return)
    strike(bedside, "000000")
    bedside.settle()
    return made


def test_countdown_tells_its_end_by_word_bar_and_sound(bedside: Hands, clock: Clock) -> None:
    name = "hold.I.NIHSS.NIHSS05A"
    strike(bedside, "t")
    assert (words(bedside, f"{name}_figure"), clock.sounds) == ("10", 1)
    clock.now += 6.5
    bedside.qtbot.waitUntil(lambda: words(bedside, f"{name}_figure") == "4")
    clock.now += 3.5
    bedside.qtbot.waitUntil(lambda: "10 s are over" in words(bedside, f"{name}_figure"))
    bedside.qtbot.waitUntil(lambda: clock.sounds == 3)
    bars = [bar for bar in scorer(bedside).findChildren(QProgressBar) if bar.isVisible()]
    assert [bar.value() for bar in bars] == [100]
    assert given(bedside).get("NIHSS05A") is None


def test_countdown_is_no_condition_and_ends_with_the_grade(bedside: Hands, clock: Clock) -> None:
    bedside.click("hold.I.NIHSS.NIHSS05A_mute")
    bedside.click("hold.I.NIHSS.NIHSS05A_start")
    strike(bedside, "1")
    bedside.settle()
    assert at(bedside) == "NIHSS05B"
    assert clock.sounds == 0
    cards = scorer(bedside).cards
    assert cards is not None
    assert not any(card.timer is not None and card.timer.is_running for card in cards.items)
    assert [card.timer is not None for card in cards.items] == [name[5:7] in {"05", "06"} for name in STEPS]
    assert bedside.find("hold.I.NIHSS.NIHSS05B_mute").property("checked") is True


def test_time_since_the_first_grade_is_shown(bedside: Hands, clock: Clock) -> None:
    clock.now += 83
    bedside.qtbot.waitUntil(lambda: words(bedside, "scorer_elapsed").startswith("1:23"), timeout=8000)
    strike(bedside, "0" * 9)
    bedside.settle()
    clock.now += 600
    assert words(bedside, "scorer_elapsed").startswith("1:23")


# -- ways, locks, kills -----------------------------------------------------------------------------------------


def test_list_and_scorer_show_the_same_form_and_lead_to_each_other(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "0120")
    bedside.settle()
    bedside.click("scorer_as_list")
    bedside.settle()
    assert isinstance(bedside.window.page(), FormPage)
    assert bedside.find("I.NIHSS.NIHSS01C=2").property("checked") is True
    bedside.click("form_score_items")
    bedside.settle()
    assert at(bedside) == "NIHSS03"
    bedside.press(Key.Key_F9)
    bedside.settle()
    bedside.press(Key.Key_Escape)
    bedside.settle()
    assert bedside.shows("casebook_table")


def test_lock_in_the_middle_comes_back_to_the_item_with_every_grade(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "0120")
    bedside.settle()
    bedside.control(Key.Key_L)
    bedside.settle()
    assert not bedside.shows("scorer_title")
    bedside.unlock(stays=True)
    assert at(bedside) == "NIHSS03"
    assert grades(bedside) == "0120" + "." * 11
    assert bedside.window.focusWidget().objectName() == "grades.I.NIHSS.NIHSS03"


def test_kill_in_the_middle_comes_back_to_the_item_with_every_grade(
    open_application: OpenApplication, scored_ward: Ward
) -> None:
    with talker("tests.journeys.scoring_process", str(scored_ward.folder / "one"), "0120") as process:
        process.hear("kept")
        os.kill(process.process.pid, signal.SIGKILL)
        process.hear("silent")
    hands = open_application(scored_ward.laptop("one"))
    hands.unlock(stays=True)
    assert at(hands) == "NIHSS03"
    assert grades(hands) == "0120" + "." * 11


def test_finished_form_opens_as_a_list(bedside: Hands) -> None:
    bedside.press(Key.Key_Return)
    strike(bedside, "0" * 15)
    bedside.settle()
    bedside.press(Key.Key_Return)
    bedside.settle()
    bedside.press(Key.Key_Return)
    bedside.settle()
    assert bedside.shows("casebook_table")
    open_scale(bedside)
    assert isinstance(bedside.window.page(), FormPage)
    assert not bedside.shows("form_score_items")


# -- looks ------------------------------------------------------------------------------------------------------


def test_all_grades_are_in_sight_in_half_a_window_at_200_percent(bedside: Hands) -> None:
    bedside.window.resize(683, 384)
    bedside.settle()
    bedside.press(Key.Key_Return)
    strike(bedside, "000000")
    bedside.settle()
    page = scorer(bedside)
    assert page.cards is not None
    seen = page.cards.viewport()
    for code in ("0", "1", "2", "3", "4", "UN"):
        card = bedside.find(f"I.NIHSS.NIHSS05A={code}")
        top, bottom = card.mapTo(seen, QPoint(0, 0)), card.mapTo(seen, QPoint(card.width(), card.height()))
        assert top.y() >= 0
        assert bottom.y() <= seen.height()
        assert bottom.x() <= seen.width()
        assert card.height() >= 48
    for name in ("scorer_as_list", "scorer_stop_16", "scorer_next"):
        widget = bedside.find(name)
        assert widget.mapTo(bedside.window, QPoint(widget.width(), 0)).x() <= bedside.window.width()


def test_scale_is_scored_in_chinese(open_application: OpenApplication, scored_ward: Ward) -> None:
    hands = open_application(scored_ward.laptop("one"), "zh")
    hands.unlock()
    hands.press(Key.Key_Return)
    hands.settle()
    open_scale(hands)
    assert "建议填写" in words(hands, "scorer_offered")
    hands.press(Key.Key_Return)
    strike(hands, "3")
    hands.settle()
    assert words(hands, "scorer_total") == "NIHSS 评分 目前 3 分（已评 1/15 项）"
    assert words(hands, "scorer_name.I.NIHSS.NIHSS01B") == "1b 意识提问（月份、年龄）"
    assert "昏迷" in words(hands, "scorer_suggestion.I.NIHSS.NIHSS01B")
    strike(hands, "a")
    hands.settle()
    strike(hands, "0" * 9)
    hands.settle()
    assert words(hands, "scorer_change").startswith("较")

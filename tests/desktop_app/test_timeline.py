"""The timeline of a casebook over a real vault: drawn, as a table, by keys, folded, and what the blinded see of it."""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from casebook.chronology import Shape
from casebook.chronology_scene import Scene
from casebook.ids import SubjectId
from desktop_app.preferences import preferences
from desktop_app.session import Session
from desktop_app.widgets.line_list import LineList
from desktop_app.widgets.timeline import TimelinePanel
from desktop_app.widgets.timeline_drawing import StopMark, TimelineDrawing
from desktop_app.windows.casebook import LOW, CasebookPage
from desktop_app.windows.form import FormPage
from tests.casebook.paper.preflight import preflight
from tests.casebook.paper.test_pages import text_of
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_casebook_boards import key_of, put
from tests.laptops import Ward, design

ALMOST = 1e-6
TOLD = (
    "Puncture",
    "Reperfusion",
    "Progression",
    "Last known well",
    "NIHSS",
    "穿刺",
    "最后正常",
    "F.EVT",
    "2026-03-01 11:",
)
"""What no session without the unblinding shelf may say."""
SCALE = (
    *("NIHSS01A", "NIHSS01B", "NIHSS01C", "NIHSS02", "NIHSS03", "NIHSS04", "NIHSS05A", "NIHSS05B"),
    *("NIHSS06A", "NIHSS06B", "NIHSS07", "NIHSS08", "NIHSS09", "NIHSS10", "NIHSS11"),
)


def score(session: Session, subject: SubjectId, place: tuple[str, str], at: str, values: str) -> None:
    visit, occasion = place
    entered = dict(zip(SCALE, values.split(), strict=True))
    put(session, key_of(subject, visit, "F.NIHSS", occasion), {"NIHDTM": at, **entered})


def told(session: Session, arm: str = "EVT") -> SubjectId:
    """Enter a subject: two scores before randomisation, in the arm of the procedure with its puncture."""
    subject = session.add_subject().subject
    times = {"LKWDTM": "2026-02-27 10:00", "PROGDTM": "2026-02-28 14:00"}
    put(session, key_of(subject, "SE.V1", "F.TIME"), times)
    score(session, subject, ("SE.V1", "INITIAL"), "2026-02-27 12:00", "0 0 0 0 0 1 0 1 0 1 0 0 1 0 0")
    score(session, subject, ("SE.V1", "PRERAND"), "2026-03-01 09:00", "0 1 1 0 0 2 0 3 UN 2 0 1 2 1 0")
    put(session, key_of(subject, "SE.V1", "F.RND"), {"RANDDTM": "2026-03-01 10:00", "RANDARM": arm})
    if arm == "EVT":
        put(session, key_of(subject, "SE.V1", "F.EVT"), {"EVTDONE": "Y", "PUNCDTM": "2026-03-01 11:05"})
    return subject


@pytest.fixture
def opened(enrolled_ward: Ward, open_application: OpenApplication) -> Callable[..., Hands]:
    """Enter subjects, one in each arm that is named, sign in and open the casebook of the first."""

    def open_one(*arms: str, language: str = "en", who: str = "coordinator") -> Hands:
        laptop = enrolled_ward.laptop("one")
        if who == "assessor":
            enrolled_ward.join(laptop, "assessor")
        with enrolled_ward.session(laptop) as session:
            for arm in arms:
                told(session, arm)
        hands = open_application(enrolled_ward.laptop("one"), language)
        people = ["coordinator", "investigator", "assessor"]
        hands.unlock(people.index(who))
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        return hands

    return open_one


def drawing_of(hands: Hands) -> TimelineDrawing:
    drawing = hands.find("timeline_drawing")
    assert isinstance(drawing, TimelineDrawing)
    return drawing


def marks_of(hands: Hands) -> list[StopMark]:
    return [one for one in drawing_of(hands).findChildren(StopMark) if one.isVisible()]


def words_drawn(scene: Scene) -> set[str]:
    return {one.text.strip() for one in scene.words}


def everything_said(hands: Hands) -> str:
    """Return all that any shown widget says, to the eye or to a screen reader."""
    said = []
    for widget in hands.window.findChildren(QWidget):
        said += [str(widget.property("text")), widget.accessibleName(), widget.accessibleDescription()]
        said += [widget.toolTip()]
        if isinstance(widget, LineList):
            said += [text for line in widget.lines.lines for text in line.texts]
        if isinstance(widget, TimelineDrawing):
            said += [one.text for one in widget.scene.words]
    return "\n".join(said)


def test_everything_that_is_drawn_is_said_alike_by_mark_tool_tip_table_and_clipboard(
    opened: Callable[..., Hands],
) -> None:
    hands = opened("EVT")
    stops = drawing_of(hands).stops
    sentences = [stop.sentence("en") for stop in stops]
    assert [mark.accessibleName() for mark in marks_of(hands)] == sentences
    assert [mark.toolTip() for mark in marks_of(hands)] == sentences
    drawn = [glyph.stop for glyph in drawing_of(hands).scene.glyphs if glyph.stop is not None]
    assert sorted(one.sentence("en") for one in drawn) == sorted(sentences)
    assert "Progression, 2026-02-28 14:00, 28 h after last known well" in sentences
    assert "Puncture, 2026-03-01 11:05, 49 h 5 min after last known well" in sentences
    assert any("NIHSS 13, 1 not testable, 9 higher than before" in one for one in sentences)
    assert {"Last known well", "Puncture", "02-28 14:00", "V2 24 h", "4", "13", "+9"} <= words_drawn(
        drawing_of(hands).scene
    )

    QTest.keySequence(hands.window, "Ctrl+Shift+T")
    table = hands.find("timeline_table")
    assert isinstance(table, LineList)
    lines = [line.texts for line in table.lines.lines]
    assert lines[: len(stops)] == [(one.when("en"), one.label("en"), one.what("en")) for one in stops]
    hands.control(Qt.Key.Key_C)
    copied = [tuple(line.split("\t")) for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied == [("When", "What", "What it says"), *lines]


def test_left_and_right_go_from_mark_to_mark_as_one_stop_of_tab_and_enter_opens_the_item(
    opened: Callable[..., Hands],
) -> None:
    hands = opened("EVT")
    QTest.keySequence(hands.window, "Ctrl+T")
    assert not hands.shows("timeline_drawing")
    QTest.keySequence(hands.window, "Ctrl+T")
    marks = marks_of(hands)
    assert marks[0].hasFocus()
    assert [mark.focusPolicy() is Qt.FocusPolicy.StrongFocus for mark in marks].count(True) == 1
    hands.press(Qt.Key.Key_Left)
    assert marks[0].hasFocus()
    hands.press(Qt.Key.Key_End)
    assert marks[-1].hasFocus()
    hands.press(Qt.Key.Key_Home)
    hands.press(Qt.Key.Key_Right)
    hands.press(Qt.Key.Key_Right)
    assert marks[2].accessibleName().startswith("Progression")
    hands.press(Qt.Key.Key_Tab)
    assert not any(mark.hasFocus() for mark in marks)
    hands.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert marks[2].hasFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    page = hands.window.page()
    assert isinstance(page, FormPage)
    place = page.whereabouts()
    assert place.key is not None
    assert place.path is not None
    assert (place.key.form, place.path.item) == ("F.TIME", "PROGDTM")


def test_the_laptop_remembers_that_the_timeline_is_folded_and_a_low_window_folds_it_by_itself(
    opened: Callable[..., Hands], enrolled_ward: Ward
) -> None:
    hands = opened("EVT", "BMM")
    folder = enrolled_ward.laptop("one").folder.path
    hands.window.resize(683, 384)
    hands.settle()
    assert not hands.shows("timeline_drawing")
    assert hands.shows("casebook_table")
    QTest.keySequence(hands.window, "Ctrl+T")
    assert hands.shows("timeline_drawing")
    assert not hands.shows("casebook_table")
    drawing = drawing_of(hands)
    assert drawing.scene.width <= drawing.width() <= hands.window.width()
    hands.press(Qt.Key.Key_End)
    shown = drawing.visibleRegion().boundingRect()
    assert shown.intersects(next(mark for mark in marks_of(hands) if mark.hasFocus()).geometry())
    QTest.keySequence(hands.window, "Ctrl+T")
    assert hands.shows("casebook_table")
    assert preferences(folder) == {}

    hands.window.resize(1366, 728)
    hands.settle()
    assert hands.shows("timeline_drawing")
    hands.click("timeline_fold")
    assert preferences(folder) == {"timeline": "folded"}
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert not hands.shows("timeline_drawing")
    assert hands.shows("timeline_summary")
    hands.click("timeline_fold")
    assert preferences(folder) == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_label_overlaps_another_or_leaves_the_drawing(opened: Callable[..., Hands], language: str) -> None:
    hands = opened("EVT", language=language)
    for size in ((1366, 728), (683, 384)):
        hands.window.resize(*size)
        hands.settle()
        if not hands.window.findChildren(TimelinePanel)[0].is_open:
            QTest.keySequence(hands.window, "Ctrl+T")
        hands.settle()
        scene = drawing_of(hands).scene
        assert not hands.find("timeline_drawing").grab().isNull()
        boxes = [(one.x, one.y, one.x + one.width) for one in scene.words if one.text]
        assert all(left >= 0 and right <= scene.width for left, _, right in boxes)
        for (left, top, right), (other_left, other_top, other_right) in combinations(boxes, 2):
            assert top != other_top or right <= other_left + ALMOST or other_right <= left + ALMOST


def test_no_size_of_the_window_makes_the_drawing_and_its_scroll_bar_chase_each_other(
    opened: Callable[..., Hands],
) -> None:
    hands = opened("EVT")
    hands.window.resize(683, 384)
    hands.settle()
    QTest.keySequence(hands.window, "Ctrl+T")
    for width in (683, 720, 800):
        widths = set()
        for height in range(384, 620, 4):
            hands.window.resize(width, height)
            hands.settle()
            if hands.window.findChildren(CasebookPage)[0].height() < LOW:
                widths.add(drawing_of(hands).width())
        assert len(widths) == 1, (width, widths)


def test_a_subject_without_a_time_has_no_timeline(enrolled_ward: Ward, open_application: OpenApplication) -> None:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        session.add_subject()
    hands = open_application(enrolled_ward.laptop("one"))
    hands.unlock()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert not hands.shows("timeline_fold")
    QTest.keySequence(hands.window, "Ctrl+T")
    QTest.keySequence(hands.window, "Ctrl+Shift+T")
    assert not hands.shows("timeline_drawing")
    assert not hands.shows("timeline_table")


def test_a_blinded_assessor_sees_the_same_of_both_arms_and_nothing_that_tells(opened: Callable[..., Hands]) -> None:
    hands = opened("EVT", "BMM", who="assessor")
    seen = []
    for _ in range(2):
        stops = drawing_of(hands).stops
        assert {stop.shape for stop in stops} == {Shape.EVENT, Shape.OPEN, Shape.NOW}
        assert [stop.label("en") for stop in stops if stop.shape is Shape.EVENT] == ["Randomisation"]
        assert all(stop.key is None for stop in stops if stop.shape is Shape.EVENT)
        QTest.keySequence(hands.window, "Ctrl+Shift+T")
        hands.control(Qt.Key.Key_C)
        said = everything_said(hands) + QGuiApplication.clipboard().text()
        assert [one for one in TOLD if one in said] == []
        QTest.keySequence(hands.window, "Ctrl+Shift+T")
        drawn = drawing_of(hands).scene
        words = [(one.text, one.x, one.y) for one in drawn.words]
        seen.append((words, len(drawn.lines), len(drawn.fields), drawn.height, len(drawn.glyphs)))
        hands.press(Qt.Key.Key_Escape)
        hands.settle()
        hands.press(Qt.Key.Key_Down)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
    first, second = seen
    assert first == second
    assert design().blinding is not None


def test_the_timeline_is_a_paper_of_its_own_and_prints_no_more_than_a_person_may_read(
    enrolled_ward: Ward, tmp_path: Path
) -> None:
    laptop = enrolled_ward.laptop("one")
    enrolled_ward.join(laptop, "assessor")
    with enrolled_ward.session(laptop) as session:
        subjects = [told(session, arm) for arm in ("EVT", "BMM")]
        for subject in subjects:
            put(session, key_of(subject, "SE.V1", "F.CONTACT"), {"TEL1": "13800000001"})
        whole = printed(session, subjects[0], tmp_path)
    for words in ("Puncture", "穿刺", "Progression", "NIHSS 13, 1 not testable, 9 higher than before"):
        assert words in whole
    with enrolled_ward.session(laptop, "assessor") as session:
        first, second = (printed(session, subject, tmp_path) for subject in subjects)
    assert "Randomisation" in first
    assert [one for one in TOLD if one in first + second] == []
    assert without_numbers(first) == without_numbers(second)


def printed(session: Session, subject: SubjectId, folder: Path) -> str:
    """Print the timeline of a subject, and return its text."""
    item = next(one for one in session.papers(subject) if one.kind == "timeline")
    pdf = session.paper(subject, item)
    assert preflight(pdf) == []
    return text_of(pdf, folder)


def without_numbers(text: str) -> list[str]:
    """Return the words of a paper without what names its subject, its record and the moment of printing."""
    return re.sub(r"001-A\d+|[0-9a-f]{16}|Printed.*", "", text).split()

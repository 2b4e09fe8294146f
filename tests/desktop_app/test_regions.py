"""Regions marked in the study's drawing: by mouse, by touch, by key and by assistive technology, on both sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QInputDevice, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from casebook.design import StudyDesign
from casebook.records import EMPTY, ItemPath, Reading
from casebook.study_files import read_study
from desktop_app import theme
from desktop_app.snapshots import ItemView, Mark, RowView
from desktop_app.widgets.choice_editors import TicksEditor
from desktop_app.widgets.group_row import GroupRow
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.widgets.region_picture import RegionPicture
from desktop_app.widgets.regions import RegionsEditor
from desktop_app.widgets.tick_cards import CardTicksEditor, TickCard
from tests.casebook.drawn_study import drawn_files
from tests.casebook.small_study import write_study
from tests.desktop_app.conftest import Hands
from tests.desktop_app.forms_at_work import bring_into_sight, choose, go_to, mark_of, open_casebook, open_form

REGIONS, SIDE = "I.IMG1.ASPREG", "I.IMG1.ASPSIDE"
SCORE = f"{REGIONS}.score"
GROUP = "IG.A.ITCH"


@pytest.fixture
def imaging(hands: Hands) -> Hands:
    """The form with the drawing, where regions are marked on the left."""
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    choose(hands, "I.IMG1.ASPMODE", "REGIONS")
    choose(hands, SIDE, "L")
    return hands


def picture_of(hands: Hands) -> RegionPicture:
    picture = hands.find(f"{REGIONS}.picture")
    assert isinstance(picture, RegionPicture)
    return picture


def press(hands: Hands, code: str, side: str = "L") -> None:
    """Click a region in the picture, at its letter."""
    picture = picture_of(hands)
    QTest.mouseClick(
        picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, picture.middle_of(code, side).toPoint()
    )
    hands.settle()


def marked(hands: Hands) -> str:
    """Return the ticked codes of the list."""
    editor = next(one for one in hands.window.findChildren(TicksEditor, REGIONS) if one.isVisible())
    return editor.raw()


def notice(hands: Hands) -> str:
    return " ".join(str(label.property("text")) for label in hands.find(f"{REGIONS}.notice").findChildren(QLabel))


def shot(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def differing(first: QImage, second: QImage, around: QPoint, reach: int = 7) -> bool:
    """Tell whether two pictures differ around a point."""
    places = [(around.x() + x, around.y() + y) for x in range(-reach, reach + 1) for y in range(-reach, reach + 1)]
    return any(first.pixel(*place) != second.pixel(*place) for place in places)


# -- pointer --------------------------------------------------------------------------------------------


def test_region_is_marked_and_taken_back_by_a_press_in_the_picture(imaging: Hands) -> None:
    press(imaging, "M1")
    press(imaging, "IC")
    assert marked(imaging) == "IC M1"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 8"
    assert imaging.words(f"{REGIONS}.count") == "2 of 10 regions marked · Left"
    assert mark_of(imaging, REGIONS) == "kept on this laptop"
    press(imaging, "IC")
    assert marked(imaging) == "M1"
    assert imaging.words("I.IMG1.ASPECTS") == "9"


def test_every_region_can_be_pressed_on_either_side(imaging: Hands) -> None:
    codes = ("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6")
    for code in codes:
        press(imaging, code)
    assert marked(imaging) == " ".join(codes)
    assert imaging.words(SCORE).endswith(" 0")
    choose(imaging, SIDE, "R")
    for code in codes[1:]:
        press(imaging, code, "R")
    assert marked(imaging) == "C"


def test_finger_marks_a_region(imaging: Hands) -> None:
    bring_into_sight(imaging, f"{REGIONS}.picture")
    picture = picture_of(imaging)
    device = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    assert isinstance(device, QPointingDevice)
    at = picture.mapTo(imaging.window, picture.middle_of("M5", "L").toPoint())
    QTest.touchEvent(imaging.window, device).press(0, at, imaging.window).commit()
    QTest.touchEvent(imaging.window, device).release(0, at, imaging.window).commit()
    imaging.settle()
    assert marked(imaging) == "M5"


def test_press_that_slips_off_a_region_marks_nothing(imaging: Hands) -> None:
    picture = picture_of(imaging)
    start, end = (picture.middle_of(code, "L").toPoint() for code in ("M4", "M5"))
    QTest.mousePress(picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    imaging.settle()
    assert marked(imaging) == ""


def test_name_under_the_pointer_is_told_and_the_region_outlined(imaging: Hands) -> None:
    bring_into_sight(imaging, f"{REGIONS}.picture")
    picture = picture_of(imaging)
    before = shot(picture)
    QTest.mouseMove(picture, picture.middle_of("M2", "L").toPoint())
    assert imaging.words(f"{REGIONS}.told") == "M2 Lateral cortex, ganglionic level · not marked"
    assert differing(before, shot(picture), picture.middle_of("M2", "L").toPoint(), 24)
    QTest.mouseMove(picture, QPoint(2, picture.height() - 2))
    assert imaging.words(f"{REGIONS}.told") == ""


def test_other_side_is_quiet_and_says_so_when_it_is_pressed(imaging: Hands) -> None:
    press(imaging, "M1", "R")
    assert marked(imaging) == ""
    assert "This is the other side" in notice(imaging)
    assert "“Left”" in notice(imaging)


def test_without_a_side_the_picture_asks_for_it_and_the_list_works(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    choose(hands, "I.IMG1.ASPMODE", "REGIONS")
    press(hands, "M1")
    assert notice(hands).strip() == "Choose the side first, at “Side”."
    before = shot(picture_of(hands))
    choose(hands, REGIONS, "M1")
    assert hands.words(f"{REGIONS}.count") == "1 of 10 regions marked · side not given"
    assert hands.words(SCORE) == "ASPECTS (calculated) 9"
    at = picture_of(hands).middle_of("M5", "L").toPoint()
    assert not differing(before, shot(picture_of(hands)), at)


# -- side -----------------------------------------------------------------------------------------------


def test_changed_side_keeps_the_marks_shows_them_there_and_says_so(imaging: Hands) -> None:
    press(imaging, "M5")
    picture = picture_of(imaging)
    left, right = (picture.middle_of("M5", side).toPoint() for side in ("L", "R"))
    before = shot(picture)
    choose(imaging, SIDE, "R")
    assert marked(imaging) == "M5"
    assert "The side is now “Right”" in notice(imaging)
    assert imaging.words(f"{REGIONS}.count") == "1 of 10 regions marked · Right"
    assert differing(before, shot(picture), left)
    assert differing(before, shot(picture), right)
    press(imaging, "M6", "R")
    assert marked(imaging) == "M5 M6"
    assert not imaging.shows(f"{REGIONS}.notice")


def test_side_taken_back_keeps_the_marks(imaging: Hands) -> None:
    press(imaging, "M5")
    choose(imaging, SIDE, "L")
    assert marked(imaging) == "M5"
    assert "No side is given any more" in notice(imaging)


# -- none -----------------------------------------------------------------------------------------------


def test_no_region_affected_is_an_answer_of_its_own(imaging: Hands) -> None:
    choose(imaging, REGIONS, "NONE")
    assert marked(imaging) == "NONE"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 10"
    assert imaging.words(f"{REGIONS}.count") == "No region affected · Left"
    press(imaging, "C")
    assert marked(imaging) == "C"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 9"


def test_marks_that_none_took_back_are_put_back_by_one_press(imaging: Hands) -> None:
    press(imaging, "M1")
    press(imaging, "M2")
    choose(imaging, REGIONS, "NONE")
    assert marked(imaging) == "NONE"
    assert "The marks of M1, M2 were taken back." in notice(imaging)
    imaging.click(f"{REGIONS}.put_back")
    imaging.settle()
    assert marked(imaging) == "M1 M2"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 8"
    assert not imaging.shows(f"{REGIONS}.notice")


# -- keys -----------------------------------------------------------------------------------------------


def test_regions_are_marked_by_their_keys_alone(imaging: Hands) -> None:
    go_to(imaging, REGIONS)
    for key in "cp1":
        QTest.keyClicks(imaging.window.focusWidget(), key)
        imaging.settle()
    assert marked(imaging) == "C IC M1"
    focused = imaging.window.focusWidget()
    assert focused.objectName() == f"{REGIONS}=M1"
    QTest.keyClicks(focused, "0")
    imaging.settle()
    assert marked(imaging) == "NONE"


def test_arrows_and_tab_go_through_the_regions_in_order_and_space_marks(imaging: Hands) -> None:
    go_to(imaging, REGIONS)
    imaging.press(Qt.Key.Key_Down)
    imaging.press(Qt.Key.Key_Right)
    assert imaging.window.focusWidget().objectName() == f"{REGIONS}=L"
    assert marked(imaging) == ""
    imaging.press(Qt.Key.Key_Tab)
    assert imaging.window.focusWidget().objectName() == f"{REGIONS}=IC"
    assert imaging.words(f"{REGIONS}.told") == "IC Internal capsule · not marked"
    imaging.press(Qt.Key.Key_Space)
    imaging.settle()
    assert marked(imaging) == "IC"
    imaging.press(Qt.Key.Key_Left)
    imaging.press(Qt.Key.Key_Up)
    imaging.press(Qt.Key.Key_Up)
    imaging.press(Qt.Key.Key_Up)
    assert imaging.window.focusWidget().objectName() == f"{REGIONS}=M6"


def test_region_at_the_keyboard_is_outlined_in_the_picture(imaging: Hands) -> None:
    go_to(imaging, REGIONS)
    picture = picture_of(imaging)
    before = shot(picture)
    for _ in range(9):
        imaging.press(Qt.Key.Key_Down)
    assert imaging.window.focusWidget().objectName() == f"{REGIONS}=M5"
    assert differing(before, shot(picture), picture.middle_of("M5", "L").toPoint(), 40)


def test_enter_goes_on_to_the_next_item(imaging: Hands) -> None:
    go_to(imaging, REGIONS)
    QTest.keyClicks(imaging.window.focusWidget(), "1")
    imaging.settle()
    imaging.press(Qt.Key.Key_Return)
    assert imaging.window.focusWidget().objectName() == "I.IMG1.ASPSRC"


# -- assistive technology -------------------------------------------------------------------------------


def test_each_region_is_a_check_box_with_name_and_state(imaging: Hands) -> None:
    press(imaging, "I")
    for code, name, on in (("I", "I Insula", True), ("M3", "M3 Posterior cortex, ganglionic level", False)):
        interface = QAccessible.queryAccessibleInterface(imaging.find(f"{REGIONS}={code}"))
        assert interface is not None
        assert interface.role() is QAccessible.Role.CheckBox
        assert interface.text(QAccessible.Text.Name) == name
        assert bool(interface.state().checked) is on


def test_toggle_of_assistive_technology_marks_the_region(imaging: Hands) -> None:
    interface = QAccessible.queryAccessibleInterface(imaging.find(f"{REGIONS}=M4"))
    assert interface is not None
    actions = interface.actionInterface()
    assert actions is not None
    actions.doAction("Toggle")
    imaging.settle()
    assert marked(imaging) == "M4"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 9"


def test_picture_says_in_words_what_it_shows(imaging: Hands) -> None:
    press(imaging, "I")
    press(imaging, "M3")
    picture = picture_of(imaging)
    assert picture.accessibleName() == "Regions with early ischaemic change"
    assert picture.accessibleDescription() == (
        "2 of 10 regions marked · Left. I Insula, M3 Posterior cortex, ganglionic level"
    )


def test_each_region_has_room_for_a_finger(imaging: Hands) -> None:
    for card in imaging.find(REGIONS).findChildren(TickCard):
        assert card.height() >= theme.FINGER
        assert card.width() >= theme.FINGER


# -- what the rest of the form does -----------------------------------------------------------------------


def test_recorded_marks_change_with_a_reason_only(imaging: Hands) -> None:
    press(imaging, "M1")
    imaging.click("form_save")
    imaging.settle()
    assert mark_of(imaging, REGIONS) == "recorded"
    press(imaging, "M2")
    assert imaging.shows(f"{REGIONS}.reason")
    imaging.press(Qt.Key.Key_Escape)
    imaging.settle()
    assert marked(imaging) == "M1"


def test_words_of_the_picture_follow_the_language(imaging: Hands) -> None:
    press(imaging, "M1")
    choose(imaging, SIDE, "R")
    imaging.application.switch_language("zh")
    imaging.settle()
    assert imaging.words(f"{REGIONS}.count") == "已标记 1 / 10 个区域 · 右侧"
    assert "侧别现为“右侧”" in notice(imaging)
    assert imaging.words(f"{REGIONS}.note") == "按放射学惯例显示：患者的左侧在图的右边。"
    assert imaging.find(f"{REGIONS}=M1").accessibleName() == "M1 基底节层面前部皮层"


def test_volumes_and_their_ratio_stand_beside_each_other_as_they_are_typed(imaging: Hands) -> None:
    for oid, text in (("CORVOL", "20"), ("TMAX6VOL", "90")):
        go_to(imaging, f"I.IMG1.{oid}")
        QTest.keyClicks(imaging.window.focusWidget(), text)
        imaging.press(Qt.Key.Key_Return)
        imaging.settle()
    assert (imaging.words("I.IMG1.MISVOL"), imaging.words("I.IMG1.MISRATIO")) == ("70.0", "4.50")
    places = [imaging.find(f"row.I.IMG1.{name}").y() for name in ("CORVOL", "TMAX6VOL", "MISVOL", "MISRATIO")]
    assert places == sorted(places)
    assert places[-1] - places[0] < 6 * theme.TARGET


def test_classes_with_definitions_stand_on_cards_that_say_them(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG2", visit="SE.V2")
    choose(hands, "I.IMG2.MODAL", "NCCT")
    card = hands.find("I.IMG2.HTTYPE=PH1")
    assert isinstance(card, TickCard)
    assert card.accessibleName() == "PH1: Haematoma in the infarct, less than 30 %, no substantial mass effect"
    assert card.height() > theme.FINGER
    choose(hands, "I.IMG2.HTTYPE", "PH1")
    assert card.isChecked()
    assert hands.words("I.IMG2.HBCCLASS") == "1c PH1"


# -- another study's drawing, in a section by itself ------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    """A study with a drawing of its own."""
    return read_study(write_study(tmp_path_factory.mktemp("drawn"), drawn_files()))


def _views(study: StudyDesign, values: dict[str, str], mark: Mark = Mark.KEPT, *, editable: bool = True) -> RowView:
    group = study.form("F.A").group(GROUP)
    items = tuple(
        ItemView(
            path=ItemPath(group=GROUP, item=item.name),
            item=item,
            offset_minutes=480,
            reading=Reading(value=values[item.name]) if item.name in values else EMPTY,
            mark=mark if item.name in values else Mark.EMPTY,
            visible=True,
            editable=editable,
            asks_reason=False,
        )
        for item in group.items
    )
    return RowView(row="", items=items)


@pytest.fixture
def section(drawn: StudyDesign, qtbot: QtBot) -> Iterator[GroupRow]:
    """The section with the drawing, shown."""
    made = GroupRow(drawn.form("F.A").group(GROUP), "", drawn.code_lists, Reasons(changes=(), absences=()))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show_row(_views(drawn, {}), 1, "en", editable=True)
    made.show()
    qtbot.waitExposed(made)
    yield made
    QApplication.processEvents()


def _editor(section: GroupRow) -> RegionsEditor:
    editor = section.findChild(RegionsEditor)
    assert isinstance(editor, RegionsEditor)
    return editor


def test_another_study_shows_its_own_drawing(section: GroupRow, drawn: StudyDesign) -> None:
    section.show_row(_views(drawn, {"SIDE": "RH", "WHERE": "F2", "SCORE": "7.5"}), 1, "en", editable=True)
    editor = _editor(section)
    assert editor.raw() == "F2"
    assert editor.count.text() == "1 of 2 regions marked · Right hand"
    assert editor.score.text() == "Score 7.5"
    assert editor.note.text() == "The palms look at you."
    said: list[str] = []
    editor.committed.connect(lambda text, _unit: said.append(text))
    at = editor.picture.middle_of("F1", "RH").toPoint()
    QTest.mouseClick(editor.picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.keyClicks(editor.ticks[0], "b")
    assert said == ["F1 F2", "F1"]


@pytest.mark.parametrize("mark", [Mark.CONFLICT, Mark.UNCONFIRMED, Mark.RECORDED])
def test_marks_are_shown_whatever_state_the_item_is_in(section: GroupRow, drawn: StudyDesign, mark: Mark) -> None:
    picture = _editor(section).picture
    section.show_row(_views(drawn, {"SIDE": "LH"}), 1, "en", editable=True)
    before = shot(picture)
    section.show_row(_views(drawn, {"SIDE": "LH", "WHERE": "F2"}, mark), 1, "en", editable=True)
    assert differing(before, shot(picture), picture.middle_of("F2", "LH").toPoint())
    assert not differing(before, shot(picture), picture.middle_of("F2", "RH").toPoint())


def test_locked_section_shows_the_marks_and_takes_none(section: GroupRow, drawn: StudyDesign) -> None:
    section.show_row(_views(drawn, {"SIDE": "LH", "WHERE": "F2"}, editable=False), 1, "en", editable=False)
    editor = _editor(section)
    said: list[str] = []
    editor.committed.connect(lambda text, _unit: said.append(text))
    for code, side in (("F1", "LH"), ("F1", "RH")):
        at = editor.picture.middle_of(code, side).toPoint()
        QTest.mouseClick(editor.picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert said == []
    assert editor.raw() == "F2"
    assert editor.findChild(QPushButton, "I.A.WHERE.put_back") is None
    assert not any(tick.isEnabled() for tick in editor.ticks)


def test_side_that_is_there_from_the_beginning_is_no_change(section: GroupRow, drawn: StudyDesign) -> None:
    section.show_row(_views(drawn, {"SIDE": "LH", "WHERE": "F2"}), 1, "en", editable=True)
    assert section.findChild(QWidget, "I.A.WHERE.notice") is None


def test_marked_region_is_hatched_and_not_coloured_alone(section: GroupRow, drawn: StudyDesign) -> None:
    section.show_row(_views(drawn, {"SIDE": "LH", "WHERE": "F1"}), 1, "en", editable=True)
    picture = _editor(section).picture
    image, at = shot(picture), picture.middle_of("F1", "LH").toPoint() + QPoint(0, 18)
    greys = {QColor(image.pixel(at.x() + step, at.y())).lightness() for step in range(24)}
    assert max(greys) - min(greys) > 60, "lines and ground of the hatching are told apart without colour"


def test_section_without_a_drawing_has_cards(tmp_path: Path, qtbot: QtBot) -> None:
    contents = drawn_files()
    form = contents["crf/F.A.toml"]
    start = form.index("[group.picture]")
    contents["crf/F.A.toml"] = form[:start] + form[form.index("[[group.item]]", start) :]
    del contents["drawings/DW.HAND.toml"]
    for language in ("en", "zh"):
        lines = contents[f"texts/{language}.toml"].splitlines(keepends=True)
        contents[f"texts/{language}.toml"] = "".join(line for line in lines if not line.startswith('"DW.'))
    study = read_study(write_study(tmp_path, contents))
    made = GroupRow(study.form("F.A").group(GROUP), "", study.code_lists, Reasons(changes=(), absences=()))
    qtbot.addWidget(made)
    made.show_row(_views(study, {"WHERE": "F1"}), 1, "en", editable=True)
    made.show()
    editor = made.findChild(TicksEditor)
    assert type(editor) is CardTicksEditor
    assert editor.raw() == "F1"
    assert made.findChild(RegionPicture) is None


def test_code_that_the_list_no_longer_holds_leaves_the_picture_as_it_is(section: GroupRow, drawn: StudyDesign) -> None:
    section.show_row(_views(drawn, {"SIDE": "LH", "WHERE": "F9"}), 1, "en", editable=True)
    assert _editor(section).count.text() == "No region marked yet · Left hand"

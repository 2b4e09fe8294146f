"""Regions marked in the study's drawing: by mouse, by touch, by key and by assistive technology, on both sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QInputDevice, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from casebook.design import ItemGroup, StudyDesign
from casebook.locations import shipped_study
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
from tests.desktop_app.forms_at_work import bring_into_sight, choose, go_to, mark_of, open_casebook, open_form
from tests.desktop_app.hands import Hands

REGIONS, SIDE = "I.IMG1.ASPREG", "I.IMG1.ASPSIDE"
SCORE = f"{REGIONS}.score"
GROUP = "IG.A.ITCH"
CODES = ("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6")


@pytest.fixture
def imaging(hands: Hands) -> Hands:
    """The form with the drawing, where regions are to be marked; no side is chosen."""
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    choose(hands, "I.IMG1.ASPMODE", "REGIONS")
    return hands


def picture_of(hands: Hands) -> RegionPicture:
    picture = hands.find(f"{REGIONS}.picture")
    assert isinstance(picture, RegionPicture)
    return picture


def press(hands: Hands, code: str, side: str = "L") -> None:
    """Click a region in the picture, at its letter."""
    click_region(picture_of(hands), code, side)
    hands.settle()


def click_region(picture: RegionPicture, code: str, side: str) -> None:
    at = picture.middle_of(code, side).toPoint()
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


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


# -- on a real store ------------------------------------------------------------------------------------


def test_every_region_is_pressed_and_counts_and_a_changed_side_keeps_the_marks(imaging: Hands) -> None:
    choose(imaging, SIDE, "L")
    press(imaging, "IC")
    assert imaging.words(SCORE) == "ASPECTS (calculated) 9"
    assert imaging.words(f"{REGIONS}.count") == "1 of 10 regions marked · Left"
    assert mark_of(imaging, REGIONS) == "kept on this laptop"
    for code in CODES:
        if code != "IC":
            press(imaging, code)
    assert marked(imaging) == " ".join(CODES)
    assert imaging.words(SCORE).endswith(" 0")
    choose(imaging, SIDE, "R")
    assert marked(imaging) == " ".join(CODES)
    assert "The side is now “Right”" in notice(imaging)
    for code in CODES[2:]:
        press(imaging, code, "R")
    assert marked(imaging) == "C L"
    assert not imaging.shows(f"{REGIONS}.notice")
    assert imaging.words("I.IMG1.ASPECTS") == "8"
    choose(imaging, SIDE, "R")
    assert "No side is given any more" in notice(imaging)
    assert marked(imaging) == "C L"


def test_finger_marks_a_region(imaging: Hands) -> None:
    choose(imaging, SIDE, "L")
    bring_into_sight(imaging, f"{REGIONS}.picture")
    picture = picture_of(imaging)
    device = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    assert isinstance(device, QPointingDevice)
    at = picture.mapTo(imaging.window, picture.middle_of("M5", "L").toPoint())
    QTest.touchEvent(imaging.window, device).press(0, at, imaging.window).commit()
    QTest.touchEvent(imaging.window, device).release(0, at, imaging.window).commit()
    imaging.settle()
    assert marked(imaging) == "M5"


def test_without_a_side_the_picture_asks_for_it_and_the_list_works(imaging: Hands) -> None:
    press(imaging, "M1")
    assert notice(imaging).strip() == "Choose the side first, at “Side”."
    before = shot(picture_of(imaging))
    choose(imaging, REGIONS, "M1")
    assert imaging.words(f"{REGIONS}.count") == "1 of 10 regions marked · side not given"
    assert imaging.words(SCORE) == "ASPECTS (calculated) 9"
    at = picture_of(imaging).middle_of("M5", "L").toPoint()
    assert not differing(before, shot(picture_of(imaging)), at)


def test_no_region_affected_is_an_answer_and_gives_back_the_marks_that_it_took(imaging: Hands) -> None:
    choose(imaging, SIDE, "L")
    choose(imaging, REGIONS, "NONE")
    assert imaging.words(SCORE) == "ASPECTS (calculated) 10"
    assert imaging.words(f"{REGIONS}.count") == "No region affected · Left"
    press(imaging, "M1")
    press(imaging, "M2")
    assert marked(imaging) == "M1 M2"
    choose(imaging, REGIONS, "NONE")
    assert marked(imaging) == "NONE"
    assert "The marks of M1, M2 were taken back." in notice(imaging)
    imaging.application.switch_language("zh")
    imaging.settle()
    assert "已取消 M1、M2 的标记。" in notice(imaging)
    assert imaging.words(f"{REGIONS}.count") == "无受累区域 · 左侧"
    assert imaging.words(f"{REGIONS}.note") == "按放射学惯例显示：患者的左侧在图的右边。"
    assert imaging.find(f"{REGIONS}=M1").accessibleName() == "M1 基底节层面前部皮层"
    imaging.click(f"{REGIONS}.put_back")
    imaging.settle()
    assert marked(imaging) == "M1 M2"
    assert imaging.words(f"{REGIONS}.count") == "已标记 2 / 10 个区域 · 左侧"
    assert not imaging.shows(f"{REGIONS}.notice")


def test_regions_are_marked_by_their_keys_alone_and_changed_with_a_reason(imaging: Hands) -> None:
    choose(imaging, SIDE, "L")
    go_to(imaging, REGIONS)
    for key in "cp1":
        QTest.keyClicks(imaging.window.focusWidget(), key)
        imaging.settle()
    assert marked(imaging) == "C IC M1"
    assert imaging.window.focusWidget().objectName() == f"{REGIONS}=M1"
    imaging.press(Qt.Key.Key_Return)
    assert imaging.window.focusWidget().objectName() == "I.IMG1.ASPSRC"
    imaging.click("form_save")
    imaging.settle()
    assert mark_of(imaging, REGIONS) == "recorded"
    press(imaging, "M2")
    assert imaging.shows(f"{REGIONS}.reason")
    imaging.press(Qt.Key.Key_Escape)
    imaging.settle()
    assert marked(imaging) == "C IC M1"


def test_volumes_and_their_ratio_stand_beside_each_other_as_they_are_typed(hands: Hands) -> None:
    open_casebook(hands)
    open_form(hands, "F.IMG1")
    for oid, text in (("CORVOL", "20"), ("TMAX6VOL", "90")):
        bring_into_sight(hands, f"I.IMG1.{oid}")
        hands.click(f"I.IMG1.{oid}")
        QTest.keyClicks(hands.window.focusWidget(), text)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
    assert (hands.words("I.IMG1.MISVOL"), hands.words("I.IMG1.MISRATIO")) == ("70.0", "4.50")
    places = [hands.find(f"row.I.IMG1.{name}").y() for name in ("CORVOL", "TMAX6VOL", "MISVOL", "MISRATIO")]
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


# -- the shipped drawing, in its section alone ------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> StudyDesign:
    return read_study(shipped_study())


@pytest.fixture
def brain(shipped: StudyDesign, qtbot: QtBot) -> Iterator[RegionsEditor]:
    """The editor of the shipped drawing, the left side chosen."""
    group = shipped.form("F.IMG1").group("IG.IMG1.ASPECTS")
    made = _shown(shipped, group, {"ASPMODE": "REGIONS", "ASPSIDE": "L"}, qtbot)
    yield _editor(made)
    made.hide()


def test_press_in_the_picture_marks_and_takes_back(brain: RegionsEditor) -> None:
    said: list[str] = []
    brain.committed.connect(lambda text, _unit: said.append(text))
    for code in ("M1", "IC", "IC"):
        click_region(brain.picture, code, "L")
    assert said == ["M1", "IC M1", "M1"]


def test_press_that_slips_off_a_region_marks_nothing(brain: RegionsEditor) -> None:
    start, end = (brain.picture.middle_of(code, "L").toPoint() for code in ("M4", "M5"))
    QTest.mousePress(brain.picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseRelease(brain.picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert brain.raw() == ""


def test_name_under_the_pointer_is_told_and_the_region_outlined(brain: RegionsEditor) -> None:
    picture = brain.picture
    before, at = shot(picture), picture.middle_of("M2", "L").toPoint()
    QTest.mouseMove(picture, at)
    assert brain.told.text() == "M2 Lateral cortex, ganglionic level · not marked"
    assert differing(before, shot(picture), at, 24)
    click_region(picture, "M2", "L")
    assert brain.told.text() == "M2 Lateral cortex, ganglionic level · marked"
    QTest.mouseMove(picture, QPoint(2, picture.height() - 2))
    assert brain.told.text() == ""


def test_other_side_is_quiet_and_says_so_when_it_is_pressed(brain: RegionsEditor) -> None:
    click_region(brain.picture, "M1", "R")
    assert brain.raw() == ""
    said = " ".join(label.text() for label in brain.findChildren(QLabel))
    assert "This is the other side. The side chosen is “Left”; change it above if it is wrong." in said


def test_arrows_and_tab_go_through_the_regions_in_order_and_space_marks(brain: RegionsEditor) -> None:
    def press_key(key: Qt.Key) -> None:
        focused: QWidget | None = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)

    def focused() -> str:
        return next((tick.objectName() for tick in brain.ticks if tick.hasFocus()), "")

    brain.ticks[0].setFocus()
    before = shot(brain.picture)
    press_key(Qt.Key.Key_Down)
    press_key(Qt.Key.Key_Right)
    assert focused() == f"{REGIONS}=L"
    assert brain.raw() == ""
    press_key(Qt.Key.Key_Tab)
    assert focused() == f"{REGIONS}=IC"
    assert brain.told.text() == "IC Internal capsule · not marked"
    press_key(Qt.Key.Key_Space)
    assert brain.raw() == "IC"
    for _ in range(4):
        press_key(Qt.Key.Key_Left)
    assert focused() == f"{REGIONS}=M6"
    assert differing(before, shot(brain.picture), brain.picture.middle_of("M6", "L").toPoint(), 40)


def test_each_region_is_a_check_box_with_name_and_state_and_can_be_toggled(brain: RegionsEditor) -> None:
    click_region(brain.picture, "I", "L")
    for code, name, on in (("I", "I Insula", True), ("M3", "M3 Posterior cortex, ganglionic level", False)):
        tick = next(one for one in brain.ticks if one.objectName() == f"{REGIONS}={code}")
        interface = QAccessible.queryAccessibleInterface(tick)
        assert interface is not None
        assert interface.role() is QAccessible.Role.CheckBox
        assert interface.text(QAccessible.Text.Name) == name
        assert bool(interface.state().checked) is on
        actions = interface.actionInterface()
        assert actions is not None
        actions.doAction("Toggle")
        assert bool(interface.state().checked) is not on
    assert brain.raw() == "M3"


def test_picture_says_in_words_what_it_shows(brain: RegionsEditor) -> None:
    click_region(brain.picture, "I", "L")
    click_region(brain.picture, "M3", "L")
    assert brain.picture.accessibleName() == "Regions with early ischaemic change"
    assert brain.picture.accessibleDescription() == (
        "2 of 10 regions marked · Left. I Insula, M3 Posterior cortex, ganglionic level"
    )


def test_each_region_has_room_for_a_finger(brain: RegionsEditor) -> None:
    for tick in brain.ticks:
        assert tick.height() >= theme.FINGER
        assert tick.width() >= theme.FINGER


# -- another study's drawing, in a section by itself ------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    """A study with a drawing of its own."""
    return read_study(write_study(tmp_path_factory.mktemp("drawn"), drawn_files()))


def _views(group: ItemGroup, values: dict[str, str], mark: Mark = Mark.KEPT, *, editable: bool = True) -> RowView:
    items = tuple(
        ItemView(
            path=ItemPath(group=group.oid, item=item.name),
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


def _shown(study: StudyDesign, group: ItemGroup, values: dict[str, str], qtbot: QtBot) -> GroupRow:
    """Return a section by itself, shown and in front."""
    made = GroupRow(group, "", study.code_lists, Reasons(changes=(), absences=()))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show_row(_views(group, values), 1, "en", editable=True)
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    return made


@pytest.fixture
def section(drawn: StudyDesign, qtbot: QtBot) -> GroupRow:
    """The section with the drawing, shown."""
    return _shown(drawn, drawn.form("F.A").group(GROUP), {}, qtbot)


def _editor(section: GroupRow) -> RegionsEditor:
    editor = section.findChild(RegionsEditor)
    assert isinstance(editor, RegionsEditor)
    return editor


def test_another_study_shows_its_own_drawing(section: GroupRow) -> None:
    section.show_row(_views(section.group, {"SIDE": "RH", "WHERE": "F2", "SCORE": "7.5"}), 1, "en", editable=True)
    editor = _editor(section)
    assert editor.raw() == "F2"
    assert editor.count.text() == "1 of 2 regions marked · Right hand"
    assert editor.score.text() == "Score 7.5"
    assert editor.note.text() == "The palms look at you."
    said: list[str] = []
    editor.committed.connect(lambda text, _unit: said.append(text))
    click_region(editor.picture, "F1", "RH")
    QTest.keyClicks(editor.ticks[0], "b")
    assert said == ["F1 F2", "F1"]


@pytest.mark.parametrize("mark", [Mark.CONFLICT, Mark.UNCONFIRMED, Mark.RECORDED])
def test_marks_are_shown_whatever_state_the_item_is_in(section: GroupRow, mark: Mark) -> None:
    picture = _editor(section).picture
    section.show_row(_views(section.group, {"SIDE": "LH"}), 1, "en", editable=True)
    before = shot(picture)
    section.show_row(_views(section.group, {"SIDE": "LH", "WHERE": "F2"}, mark), 1, "en", editable=True)
    assert differing(before, shot(picture), picture.middle_of("F2", "LH").toPoint())
    assert not differing(before, shot(picture), picture.middle_of("F2", "RH").toPoint())


def test_locked_section_shows_the_marks_and_takes_none(section: GroupRow) -> None:
    section.show_row(_views(section.group, {"SIDE": "LH", "WHERE": "F2"}, editable=False), 1, "en", editable=False)
    editor = _editor(section)
    said: list[str] = []
    editor.committed.connect(lambda text, _unit: said.append(text))
    for code, side in (("F1", "LH"), ("F1", "RH")):
        click_region(editor.picture, code, side)
    assert said == []
    assert editor.raw() == "F2"
    assert editor.findChild(QPushButton, "I.A.WHERE.put_back") is None
    assert not any(tick.isEnabled() for tick in editor.ticks)


def test_side_that_is_there_from_the_beginning_is_no_change(section: GroupRow) -> None:
    section.show_row(_views(section.group, {"SIDE": "LH", "WHERE": "F2"}), 1, "en", editable=True)
    assert section.findChild(QWidget, "I.A.WHERE.notice") is None


def test_marked_region_is_hatched_and_not_coloured_alone(section: GroupRow) -> None:
    section.show_row(_views(section.group, {"SIDE": "LH", "WHERE": "F1"}), 1, "en", editable=True)
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
    made.show_row(_views(made.group, {"WHERE": "F1"}), 1, "en", editable=True)
    made.show()
    editor = made.findChild(TicksEditor)
    assert type(editor) is CardTicksEditor
    assert editor.raw() == "F1"
    assert made.findChild(RegionPicture) is None


def test_code_that_the_list_no_longer_holds_leaves_the_picture_as_it_is(section: GroupRow) -> None:
    section.show_row(_views(section.group, {"SIDE": "LH", "WHERE": "F9"}), 1, "en", editable=True)
    assert _editor(section).count.text() == "No region marked yet · Left hand"

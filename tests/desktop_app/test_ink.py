"""Ink: drawn by mouse and pen, palm ignored, canonical text, eight points at least."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from casebook.canonical import decode_object
from casebook.design import DataType, Item, Text
from desktop_app.widgets.ink import LEAST_POINTS, Ink, InkEditor, InkPad, Stroke, read_ink, write_ink
from tests.desktop_app.forms_at_work import draw

SIGNATURE = Item(
    name="SIGPINK",
    oid="I.ICF.SIGPINK",
    label=Text({"en": "Participant's signature", "zh": "受试者签名"}),
    data_type=DataType.INK,
    identity=True,
)
_ids = itertools.count(7)


@pytest.fixture
def editor(qtbot: QtBot) -> InkEditor:
    made = InkEditor(SIGNATURE)
    made.translate("en")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _pen(pad: InkPad, kind: QEvent.Type, at: QPoint, pressure: float) -> None:
    device = QPointingDevice(
        "stylus",
        next(_ids),
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        2,
    )
    button = Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.TabletRelease else button
    place, wide = QPointF(at), QPointF(pad.mapToGlobal(at))
    event = QTabletEvent(
        kind, device, place, wide, pressure, 0.0, 0.0, 0.0, 0.0, 0.0, Qt.KeyboardModifier.NoModifier, button, held
    )
    QApplication.sendEvent(pad, event)


def test_mouse_draws_and_done_commits_canonical_ink(editor: InkEditor, qtbot: QtBot) -> None:
    draw(editor.pad)
    with qtbot.waitSignal(editor.committed) as said:
        QTest.mouseClick(editor.done_button, Qt.MouseButton.LeftButton)
    text, unit = said.args
    assert unit == ""
    record = decode_object(text.encode())
    assert (record["v"], record["w"], record["h"]) == (1, editor.pad.width(), editor.pad.height())
    strokes = read_ink(text).strokes
    assert [stroke.device for stroke in strokes] == ["mouse"] * 3
    assert sum(len(stroke.points) for stroke in strokes) >= LEAST_POINTS
    assert write_ink(read_ink(text)) == text


def test_pen_draws_with_its_pressure_and_the_palm_beside_it_draws_nothing(editor: InkEditor) -> None:
    pad = editor.pad
    _pen(pad, QEvent.Type.TabletPress, QPoint(20, 60), 0.2)
    for step in range(10):
        _pen(pad, QEvent.Type.TabletMove, QPoint(20 + 5 * step, 60), 0.3 + 0.05 * step)
    draw(pad, strokes=1)
    _pen(pad, QEvent.Type.TabletRelease, QPoint(80, 60), 0.0)
    draw(pad, strokes=1)
    (stroke,) = pad.ink.strokes
    assert stroke.device == "pen"
    assert stroke.points[0][3] == 200
    assert max(point[3] for point in stroke.points) == 750
    assert [point[0] for point in stroke.points] == sorted(point[0] for point in stroke.points)


def test_too_few_points_are_no_signature(editor: InkEditor) -> None:
    QTest.mouseClick(editor.pad, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert editor.raw() == ""
    assert not editor.done_button.isEnabled()
    assert "Too short" in editor.note.text()


def test_strokes_are_taken_back_one_by_one_or_all(editor: InkEditor) -> None:
    draw(editor.pad, strokes=3)
    QTest.mouseClick(editor.undo_button, Qt.MouseButton.LeftButton)
    assert write_ink(editor.pad.ink).count('"dev"') == 2
    editor.pad.setFocus()
    QTest.keyClick(editor.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert write_ink(editor.pad.ink).count('"dev"') == 1
    QTest.mouseClick(editor.clear_button, Qt.MouseButton.LeftButton)
    assert write_ink(editor.pad.ink) == ""


def test_line_that_leaves_the_pad_stays_on_its_edge(editor: InkEditor) -> None:
    pad = editor.pad
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 60))
    for step in range(10):
        QTest.mouseMove(pad, QPoint(20 - 10 * step, 60 + 40 * step))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(-500, 900))
    _, x, y, _ = pad.ink.strokes[0].points[-1]
    assert (x, y) == (0, pad.height())


def test_read_only_pad_takes_no_stroke(editor: InkEditor) -> None:
    editor.set_editable(on=False)
    draw(editor.pad)
    assert editor.pad.ink.strokes == ()


_points = st.lists(
    st.tuples(st.integers(0, 60_000), st.integers(0, 480), st.integers(0, 150), st.integers(0, 1000)),
    min_size=1,
    max_size=5,
)
_strokes = st.lists(
    st.builds(
        lambda device, points: Stroke(device=device, points=tuple(points)), st.sampled_from(["pen", "mouse"]), _points
    ),
    min_size=1,
    max_size=4,
)


@given(strokes=_strokes)
def test_ink_reads_back_as_it_was_written(strokes: list[Stroke]) -> None:
    ink = Ink(width=480, height=150, strokes=tuple(strokes))
    assert read_ink(write_ink(ink)) == ink


@pytest.mark.parametrize("text", ["", "scribble", "{}", '{"h":1,"st":[],"v":2,"w":1}'])
def test_text_that_is_no_ink_reads_as_none(text: str) -> None:
    assert read_ink(text).strokes == ()

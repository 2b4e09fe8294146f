"""The drawing of a timeline: every mark is a control of its own, with its sentence as name and tool tip.

One mark at a time takes the keyboard's Tab; Left and Right go from mark to mark in order of time.
"""

from collections.abc import Mapping
from functools import partial
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from casebook.chronology import Chronology, Shape, Stop
from casebook.chronology_scene import FILLED, OUTLINES, STROKE_POINTS, Line, Role, Room, Scene, Stroke, scene_of
from desktop_app import theme
from desktop_app.theme import Tone

MARK = 12
GROUND = 24
"""How wide and high the ground of a mark is that is clicked."""
_TONES: Mapping[Shape, Tone] = {
    Shape.IN: Tone.GOOD,
    Shape.EARLY: Tone.WARN,
    Shape.LATE: Tone.WARN,
    Shape.MISSED: Tone.BAD,
    Shape.NO_SCORE: Tone.BAD,
    Shape.SCORE: Tone.ACCENT,
    Shape.UNTESTED: Tone.ACCENT,
    Shape.OPEN: Tone.QUIET,
    Shape.NOT_DUE: Tone.QUIET,
    Shape.NOW: Tone.QUIET,
}
_DASHED = {Stroke.GAP, Stroke.NOW}
_WIDE = {Stroke.COURSE, Stroke.GAP}


def paint_shape(painter: QPainter, shape: Shape, middle: QPointF, palette: QPalette) -> None:
    """Draw a mark around its middle."""
    colour = theme.tone(palette, _TONES[shape]) if shape in _TONES else palette.color(QPalette.ColorRole.Text)
    ground = palette.color(QPalette.ColorRole.Base)
    painter.setPen(QPen(colour, theme.HAIR))
    painter.setBrush(colour if shape in FILLED else ground)
    for path in OUTLINES[shape]:
        points = [middle + QPointF(x, y) * (MARK / 2) for x, y in path]
        draw = painter.drawPolyline if len(path) == STROKE_POINTS else painter.drawPolygon
        draw(QPolygonF(points))


class StopMark(QAbstractButton):
    """One mark: a button that opens what it stands for.

    Signals:
        stepped: The user wants the mark that is so many further on (int; a whole row for Home and End).
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        """Make a mark without meaning."""
        super().__init__(parent)
        self.setFixedSize(GROUND, GROUND)
        self.shape = Shape.EVENT

    def sizeHint(self) -> QSize:
        """Return its ground."""
        return QSize(GROUND, GROUND)

    def show_stop(self, shape: Shape, sentence: str, *, opens: bool) -> None:
        """Stand for a stop."""
        self.shape = shape
        self.setAccessibleName(sentence)
        self.setToolTip(sentence)
        self.setCursor(Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape, and a ring where the keyboard is."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(theme.tone(self.palette(), Tone.ACCENT), theme.HAIR))
            painter.setBrush(theme.tone_field(self.palette(), Tone.ACCENT))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        paint_shape(painter, self.shape, QRectF(self.rect()).center(), self.palette())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on by Left, Right, Home, End; open by Enter or Space."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -FAR, Qt.Key.Key_End: FAR}
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        elif event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


FAR = 10_000
"""Further than any timeline goes."""


class TimelineDrawing(QWidget):
    """A subject's course, drawn as wide as the window gives.

    Signals:
        chosen: A mark was chosen (Stop).
        resized: It needs another height.
        reached: The keyboard came to a mark (QWidget).
    """

    chosen = Signal(object)
    resized = Signal()
    reached = Signal(QWidget)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Draw nothing yet."""
        super().__init__(parent)
        self._language = "en"
        self._chronology: Chronology | None = None
        self._stops: tuple[Stop, ...] = ()
        self._marks: list[StopMark] = []
        self._current = 0
        self._scene = Scene(width=0)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What the marks stand for, in order of time."""
        return self._stops

    @property
    def scene(self) -> Scene:
        """What is drawn."""
        return self._scene

    def show_chronology(self, chronology: Chronology, language: str) -> None:
        """Draw a course; the mark that has the keyboard keeps its place in the order."""
        if chronology == self._chronology and language == self._language:
            return
        self._chronology, self._language = chronology, language
        self._stops = chronology.stops
        while len(self._marks) < len(self._stops):
            mark = StopMark(self)
            mark.setObjectName(f"timeline_mark_{len(self._marks)}")
            mark.clicked.connect(partial(self._choose, len(self._marks)))
            mark.stepped.connect(partial(self._step, len(self._marks)))
            self._marks.append(mark)
        for number, mark in enumerate(self._marks):
            mark.setVisible(number < len(self._stops))
        for mark, stop in zip(self._marks, self._stops, strict=False):
            mark.show_stop(stop.shape, stop.sentence(language), opens=stop.key is not None)
        self._hold(min(self._current, max(len(self._stops) - 1, 0)))
        self._arrange()

    def take_focus(self) -> None:
        """Give the keyboard to the mark that had it last."""
        if self._stops:
            self._marks[self._current].setFocus(Qt.FocusReason.TabFocusReason)
            self.reached.emit(self._marks[self._current])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _hold(self, number: int) -> None:
        """Let one mark be where Tab comes in."""
        self._current = number
        for at, mark in enumerate(self._marks):
            mark.setFocusPolicy(Qt.FocusPolicy.StrongFocus if at == number else Qt.FocusPolicy.ClickFocus)

    def _step(self, number: int, step: int) -> None:
        self._hold(min(max(number + step, 0), len(self._stops) - 1))
        self.take_focus()

    def _choose(self, number: int) -> None:
        self._hold(number)
        self.chosen.emit(self._stops[number])

    # -- drawing ----------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        if self._chronology is None:
            return
        metrics = {role: QFontMetricsF(self._font(role)) for role in Role}
        language = self._language
        room = Room(
            width=self.width(),
            line=ceil(metrics[Role.NAME].height()),
            mark=MARK,
            measure=lambda text, role: metrics[role].horizontalAdvance(text),
            say=lambda text: (text(language),),
        )
        self._scene = scene_of(self._chronology, room)
        places = {id(glyph.stop): glyph for glyph in self._scene.glyphs if glyph.stop is not None}
        for mark, stop in zip(self._marks, self._stops, strict=False):
            glyph = places[id(stop)]
            mark.move(round(glyph.x - GROUND / 2), round(glyph.y - GROUND / 2))
        height = ceil(self._scene.height) + theme.TIGHT
        if height != self.height():
            self.setFixedHeight(height)
            self.resized.emit()
        self.update()

    def _font(self, role: Role) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(theme.NOTE_PT)
        font.setBold(role is not Role.DETAIL)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw everything but the marks, which draw themselves."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        for one in self._scene.fields:
            border = theme.tone(palette, Tone.ACCENT if one.expected else Tone.QUIET)
            style = Qt.PenStyle.SolidLine if one.expected else Qt.PenStyle.DashLine
            painter.setPen(QPen(border, 1, style))
            field = theme.tone_field(palette, Tone.ACCENT)
            painter.setBrush(field if one.expected else Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(one.x, one.y, one.width, one.height))
        for line in self._scene.lines:
            painter.setPen(_pen(line, palette))
            painter.drawLine(QPointF(line.x, line.y), QPointF(line.to_x, line.to_y))
        for glyph in self._scene.glyphs:
            if glyph.stop is None:
                paint_shape(painter, glyph.shape, QPointF(glyph.x, glyph.y), palette)
        for words in self._scene.words:
            painter.setFont(self._font(words.role))
            text = palette.color(QPalette.ColorRole.WindowText)
            painter.setPen(theme.tone(palette, Tone.QUIET) if words.role is Role.DETAIL else text)
            ascent = QFontMetricsF(painter.font()).ascent()
            painter.drawText(QPointF(words.x, words.y + ascent), words.text)
        painter.end()


def _pen(line: Line, palette: QPalette) -> QPen:
    colours: Mapping[Stroke, QColor] = {
        Stroke.TIME: theme.tone(palette, Tone.QUIET),
        Stroke.BREAK: theme.tone(palette, Tone.QUIET),
        Stroke.COURSE: theme.tone(palette, Tone.ACCENT),
        Stroke.GAP: theme.tone(palette, Tone.ACCENT),
        Stroke.NOW: theme.tone(palette, Tone.QUIET),
    }
    pen = QPen(colours.get(line.stroke, theme.line(palette)), theme.HAIR if line.stroke in _WIDE else 1)
    pen.setStyle(Qt.PenStyle.DashLine if line.stroke in _DASHED else Qt.PenStyle.SolidLine)
    return pen

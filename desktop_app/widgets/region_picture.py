"""The picture of a drawing: its levels beside each other, both sides, what is marked hatched.

A region is marked by hatching, a thicker outline and a bold letter; under the pointer or with the keyboard
it has an outline of its own kind. Nothing is told by colour alone. The picture takes the pointer; the keyboard
and assistive technology have a check box for each region beside it.

Source: docs/study_files.md, section "Drawings"; WCAG 2.2, 1.4.1 (use of colour), 1.4.11, 2.5.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from casebook.drawings import Picture, Region, mirrored, steps_of
from desktop_app import theme
from desktop_app.widgets.tick_cards import hatch

LEVEL_HEIGHT = 320
"""How high a level is drawn at most, without its heading."""
LOW_LEVEL = 184
"""The same where the window is low, so that the whole picture can be seen at once."""
LEAST_LEVEL = 130
HEADING = 22
HATCH = 7.0
"""Pixels between two lines of the hatching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """A region of one half, as it lies in the drawing."""

    region: Region
    side: str
    path: QPainterPath
    at: QPointF


def painter_path(path: str) -> QPainterPath:
    """Return an outline as Qt draws it."""
    made = QPainterPath()
    for step in steps_of(path):
        points = [QPointF(*point) for point in step.points]
        match step.letter:
            case "M":
                made.moveTo(points[0])
            case "L":
                made.lineTo(points[0])
            case "C":
                made.cubicTo(*points)
            case _:
                made.closeSubpath()
    return made


class RegionPicture(QWidget):
    """The drawing. It shows marks and says what was pressed; it marks nothing by itself.

    Signals:
        pressed: A region of the side in question was pressed (code).
        pressed_beside: A region of a side that is not in question was pressed.
        pointed: The pointer came over a region of the side in question (code), or left it ("").
    """

    pressed = Signal(str)
    pressed_beside = Signal()
    pointed = Signal(str)

    def __init__(self, picture: Picture, parent: QWidget | None = None) -> None:
        """Draw nothing marked yet."""
        super().__init__(parent)
        self._picture = picture
        self._marked: frozenset[str] = frozenset()
        self._side = ""
        self._pointed = ""
        self._focused = ""
        self._down: _Shape | None = None
        self._open = True
        self._most = LEVEL_HEIGHT
        self._headings = [""] * len(picture.drawing.levels)
        self._sides: Mapping[str, str] = {}
        drawing = picture.drawing
        halves = ((picture.right, False), (picture.left, True)) if picture.side else (("", False),)
        self._outlines = [
            [
                painter_path(mirrored(path, drawing.width) if flip else path)
                for _, flip in halves
                for path in level.outlines
            ]
            for level in drawing.levels
        ]
        self._shapes = [
            [self._shape(region, side, flip=flip) for side, flip in halves for region in level.regions]
            for level in drawing.levels
        ]
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)

    def _shape(self, region: Region, side: str, *, flip: bool) -> _Shape:
        width = self._picture.drawing.width
        x, y = region.at
        path = painter_path(mirrored(region.path, width) if flip else region.path)
        return _Shape(region=region, side=side, path=path, at=QPointF(width - x if flip else x, y))

    # -- in ---------------------------------------------------------------------------------------------

    def name(self, headings: list[str], sides: Mapping[str, str]) -> None:
        """Take the names of the levels, and of the sides by their codes."""
        self._headings, self._sides = headings, sides
        self.update()

    def show_marks(self, marked: frozenset[str], side: str) -> None:
        """Show what is marked, and which side it is about; "" while that is not known."""
        self._marked, self._side = marked, side
        self.update()

    def show_focus(self, code: str) -> None:
        """Show which region the keyboard is at, or the pointer in the list; "" for none."""
        self._focused = code
        self.update()

    def set_low(self, *, low: bool) -> None:
        """Draw lower levels, or levels of full height."""
        self._most = LOW_LEVEL if low else LEVEL_HEIGHT
        self.updateGeometry()

    def set_open(self, *, on: bool) -> None:
        """Take presses, or only show."""
        self._open = on
        if not on:
            self._point_at("")

    # -- size -------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the levels at a width."""
        return round(self._scale_at(width) * self._picture.drawing.height) + HEADING

    def sizeHint(self) -> QSize:
        """Return the size at which the levels have their full height."""
        drawing, count = self._picture.drawing, len(self._shapes)
        level = round(self._most * drawing.width / drawing.height)
        return QSize(count * level + (count - 1) * theme.LARGE, self._most + HEADING)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which letters can be read."""
        width = len(self._shapes) * LEAST_LEVEL + (len(self._shapes) - 1) * theme.LARGE
        return QSize(width, self.heightForWidth(width))

    def _scale_at(self, width: int) -> float:
        drawing, count = self._picture.drawing, len(self._shapes)
        level = (width - (count - 1) * theme.LARGE) / count
        return float(min(level / drawing.width, self._most / drawing.height))

    def _places(self) -> list[QTransform]:
        """Return how the drawing of each level comes to its place."""
        drawing, count = self._picture.drawing, len(self._shapes)
        scale = min(self._scale_at(self.width()), (self.height() - HEADING) / drawing.height)
        step = (self.width() + theme.LARGE) / count
        rest = (step - theme.LARGE - drawing.width * scale) / 2
        return [QTransform.fromTranslate(number * step + rest, HEADING).scale(scale, scale) for number in range(count)]

    # -- pointer ----------------------------------------------------------------------------------------

    def middle_of(self, code: str, side: str = "") -> QPointF:
        """Return where the letter of a region stands on a side, in the picture's pixels. Raises KeyError."""
        for place, shapes in zip(self._places(), self._shapes, strict=True):
            for shape in shapes:
                if (shape.region.code, shape.side) == (code, side):
                    return place.map(shape.at)
        raise KeyError(code, side)

    def _at(self, point: QPointF) -> _Shape | None:
        for place, shapes in zip(self._places(), self._shapes, strict=True):
            inside, _ = place.inverted()
            for shape in shapes:
                if shape.path.contains(inside.map(point)):
                    return shape
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which region the pointer is over."""
        shape = self._at(event.position())
        self._point_at(shape.region.code if shape is not None and shape.side == self._side and self._open else "")

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._point_at("")
        super().leaveEvent(event)

    def _point_at(self, code: str) -> None:
        if code != self._pointed:
            self._pointed = code
            self.setCursor(Qt.CursorShape.PointingHandCursor if code else Qt.CursorShape.ArrowCursor)
            self.pointed.emit(code)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where the press began."""
        self._down = self._at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say what was pressed, where the press ends in the region in which it began."""
        shape = self._at(event.position())
        down, self._down = self._down, None
        if not self._open or shape is None or shape is not down:
            return
        if shape.side == self._side:
            self.pressed.emit(shape.region.code)
        else:
            self.pressed_beside.emit()

    # -- paint ------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw levels, sides and marks."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        levels = zip(self._places(), self._headings, self._outlines, self._shapes, strict=True)
        for place, heading, outlines, shapes in levels:
            self._paint_heading(painter, place, heading)
            painter.setPen(QPen(self._colour("control_line"), 1.2))
            painter.setBrush(self._colour("surface"))
            for outline in outlines:
                painter.drawPath(place.map(outline))
            for shape in sorted(shapes, key=self._rank):
                self._paint_shape(painter, place, shape)
        painter.end()

    def _colour(self, name: str) -> QColor:
        return QColor(getattr(theme.scheme_of(self.palette()), name))

    def _rank(self, shape: _Shape) -> int:
        """Return in which turn a shape is drawn: what is in front last, so that its outline is whole."""
        code = shape.region.code
        if shape.side != self._side:
            return 0
        return 1 + (code in self._marked) + 2 * (code in {self._pointed, self._focused})

    def _paint_heading(self, painter: QPainter, place: QTransform, heading: str) -> None:
        width = self._picture.drawing.width
        area = QRectF(place.map(QPointF(0, 0)), place.map(QPointF(width, 0))).adjusted(0, -HEADING, 0, 0)
        font = self.font()
        font.setPointSizeF(theme.NOTE_PT)
        painter.setFont(font)
        painter.setPen(self._colour("quiet"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, heading)
        for side, edge, flag in (
            (self._picture.left, 0, Qt.AlignmentFlag.AlignLeft),
            (self._picture.right, width, Qt.AlignmentFlag.AlignRight),
        ):
            if side:
                self._paint_side(painter, place.map(QPointF(edge, 0)), side, flag)

    def _paint_side(self, painter: QPainter, corner: QPointF, side: str, flag: Qt.AlignmentFlag) -> None:
        here = side == self._side
        font = QFont(painter.font())
        font.setBold(here)
        painter.save()
        painter.setFont(font)
        painter.setPen(self._colour("text" if here else "quiet"))
        half = 100.0
        left = corner.x() if flag is Qt.AlignmentFlag.AlignLeft else corner.x() - half
        painter.drawText(QRectF(left, corner.y(), half, HEADING), flag, self._sides.get(side, side))
        painter.restore()

    def _paint_shape(self, painter: QPainter, place: QTransform, shape: _Shape) -> None:
        path, code = place.map(shape.path), shape.region.code
        if shape.side != self._side:
            undecided = not self._side
            painter.setPen(QPen(self._colour("control_line" if undecided else "line"), 1))
            painter.setBrush(self._colour("window"))
            painter.drawPath(path)
            if undecided:
                self._paint_letter(painter, place.map(shape.at), code, marked=False)
            return
        marked, pointed = code in self._marked, code == self._pointed
        painter.setPen(QPen(self._colour("accent" if marked else "control_line"), 2.4 if marked else 1.2))
        painter.setBrush(self._colour("selected" if marked else "hover" if pointed else "raised"))
        painter.drawPath(path)
        if marked:
            hatch(painter, path, QPen(self._colour("accent"), 1.4), HATCH)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if pointed or code == self._focused:
            painter.setPen(QPen(self._colour("text"), 2.6))
            painter.drawPath(path)
            painter.setPen(QPen(self._colour("surface"), 1.0, Qt.PenStyle.DotLine))
            painter.drawPath(path)
        self._paint_letter(painter, place.map(shape.at), code, marked=marked)

    def _paint_letter(self, painter: QPainter, at: QPointF, code: str, *, marked: bool) -> None:
        font = self.font()
        font.setPointSizeF(theme.NOTE_PT)
        font.setBold(marked)
        painter.setFont(font)
        room = painter.fontMetrics().boundingRect(code)
        area = QRectF(0, 0, room.width() + theme.TIGHT, room.height())
        area.moveCenter(at)
        if marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour("selected"))
            painter.drawRoundedRect(area, 2, 2)
        painter.setPen(self._colour("text"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, code)

"""Ink: strokes of a pen as canonical JSON, and how paper draws them.

    {"v":1,"w":int,"h":int,"st":[{"dev":"mouse|pen|touch","p":[[t_ms,x,y,pressure_0_1000],...]},...]}

All numbers are integers; x and y in the widget's own units with y downwards. A window that was made
smaller while somebody signed leaves points outside w by h; they are drawn like the others. Paper
keeps the shape alone: times and pressures stay sealed in the record.

Source: docs/paper.md, section "Ink".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from casebook.errors import InkUnreadableError
from casebook.paper.layout import Pen, Whole

INK_VERSION = 1
_DEVICES = frozenset({"mouse", "pen", "touch"})
_MAX_SIDE = 100_000
_MAX_POINTS = 200_000
_FULL_PRESSURE = 1000
_THIN, _THICK = 0.55, 1.5
_PIECE_POINTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class InkPoint:
    """A point of a stroke. `pressure` is 0 to 1000."""

    x: int
    y: int
    pressure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """A drawing of strokes in a field of `width` by `height`."""

    width: int
    height: int
    strokes: tuple[tuple[InkPoint, ...], ...]


def _whole(value: object, low: int, high: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InkUnreadableError(why=what)
    return value


def _point(value: object) -> InkPoint:
    match value:
        case [time_ms, x, y, pressure]:
            _whole(time_ms, 0, 2**53, "time")
            return InkPoint(
                x=_whole(x, 0, _MAX_SIDE, "x"),
                y=_whole(y, 0, _MAX_SIDE, "y"),
                pressure=_whole(pressure, 0, _FULL_PRESSURE, "pressure"),
            )
        case _:
            raise InkUnreadableError(why="point")


def _stroke(value: object) -> tuple[InkPoint, ...]:
    match value:
        case {"dev": str(device), "p": [*points], **rest} if device in _DEVICES and points and not rest:
            return tuple(_point(point) for point in points)
        case _:
            raise InkUnreadableError(why="stroke")


def read_ink(text: str) -> Ink:
    """Return the drawing that an ink value holds.

    Raises:
        InkUnreadableError: It is not in the agreed form, or holds no stroke.
    """
    try:
        value: object = json.loads(text)
    except ValueError:
        raise InkUnreadableError(why="JSON") from None
    match value:
        case {"v": version, "w": raw_width, "h": raw_height, "st": [*strokes], **rest} if (
            version == INK_VERSION and strokes and not rest
        ):
            width = _whole(raw_width, 1, _MAX_SIDE, "width")
            height = _whole(raw_height, 1, _MAX_SIDE, "height")
            drawn = tuple(_stroke(stroke) for stroke in strokes)
        case _:
            raise InkUnreadableError(why="layout")
    if sum(len(stroke) for stroke in drawn) > _MAX_POINTS:
        raise InkUnreadableError(why="too many points")
    return Ink(width=width, height=height, strokes=drawn)


def _bounds(ink: Ink) -> tuple[float, float, float, float]:
    points = [point for stroke in ink.strokes for point in stroke]
    margin = max(ink.width, ink.height) * 0.01
    return (
        min(point.x for point in points) - margin,
        min(point.y for point in points) - margin,
        max(point.x for point in points) + margin,
        max(point.y for point in points) + margin,
    )


def draw_ink(pen: Pen, ink: Ink, x: float, bottom: float, width: float, height: float) -> None:
    """Draw the strokes as vectors, as large as they fit in the box, left and vertically centred."""
    left, upper, right, lower = _bounds(ink)
    scale = min(width / (right - left), height / (lower - upper))
    rise = bottom + (height - (lower - upper) * scale) / 2
    canvas = pen.canvas
    canvas.saveState()
    canvas.setStrokeColorRGB(0.05, 0.08, 0.30)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in ink.strokes:
        points = [(x + (p.x - left) * scale, rise + (lower - p.y) * scale, p.pressure) for p in stroke]
        _draw_stroke(pen, points)
    canvas.restoreState()


def _draw_stroke(pen: Pen, points: Sequence[tuple[float, float, int]]) -> None:
    """Draw a stroke in pieces of a few points, each as wide as it was pressed, through Catmull-Rom curves."""
    if len(points) == 1:
        points = [points[0], (points[0][0] + 0.01, points[0][1], points[0][2])]
    for start in range(0, len(points) - 1, _PIECE_POINTS):
        end = min(start + _PIECE_POINTS, len(points) - 1)
        pressure = sum(point[2] for point in points[start : end + 1]) / (end + 1 - start)
        pen.canvas.setLineWidth(_THIN + (_THICK - _THIN) * pressure / _FULL_PRESSURE)
        path = pen.canvas.beginPath()
        path.moveTo(points[start][0], points[start][1])
        for at in range(start, end):
            before, here = points[max(at - 1, 0)], points[at]
            there, beyond = points[at + 1], points[min(at + 2, len(points) - 1)]
            path.curveTo(
                here[0] + (there[0] - before[0]) / 6,
                here[1] + (there[1] - before[1]) / 6,
                there[0] - (beyond[0] - here[0]) / 6,
                there[1] - (beyond[1] - here[1]) / 6,
                there[0],
                there[1],
            )
        pen.canvas.drawPath(path, stroke=1, fill=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InkBlock(Whole):
    """A drawing in the flow of pages, `box_height` points high. It is never cut."""

    ink: Ink
    box_height: float = 42.0
    keep_with_next: bool = False

    def height(self, width: float) -> float:
        """Return its height."""
        del width
        return self.box_height

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw the strokes."""
        draw_ink(pen, self.ink, x, top - self.box_height + 2, min(width, 200.0), self.box_height - 4)

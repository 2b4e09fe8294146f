"""A subject's course in time as lines, fields, marks and words with their places: what screen and paper draw.

From above: events with their labels, the line of time with the windows of visits on it, what became of each visit,
then a plot for each score with its values in a row above. Lengths are in the units of whoever draws, downwards from
the upper left corner. Meaning never rests on a colour: each shape has its own outline, and words stand beside.

Source: docs/windows.md, section "Timeline".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from math import cos, pi, sin

from casebook import chronology_words as words
from casebook.chronology import Chronology, Course, Point, Shape, Span, Stop
from casebook.design import Text
from casebook.time_chart import Label, TimeScale, Window, place_labels, time_scale

HIGH, NEAR, BELOW = range(3)
"""Rows of labels: two above the line of time, one below."""
_PLOT_LINES = 3.5
"""How high a plot is, in lines of text."""
_STEP = Decimal(5)
"""The axis of a score ends at a multiple of it."""


_ROUND = tuple((cos(turn * pi / 10), sin(turn * pi / 10)) for turn in range(20))
_DIAMOND = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))
OUTLINES: Mapping[Shape, tuple[tuple[tuple[float, float], ...], ...]] = {
    Shape.EVENT: (_DIAMOND,),
    Shape.DAY: (_DIAMOND,),
    Shape.IN: (_ROUND,),
    Shape.OPEN: (_ROUND,),
    Shape.EARLY: (((-1.0, 0.0), (0.8, -1.0), (0.8, 1.0)),),
    Shape.LATE: (((1.0, 0.0), (-0.8, -1.0), (-0.8, 1.0)),),
    Shape.MISSED: (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))),
    Shape.NOT_DUE: (((-0.8, 0.0), (0.8, 0.0)),),
    Shape.SCORE: (_ROUND,),
    Shape.UNTESTED: (_ROUND,),
    Shape.NO_SCORE: (((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)),),
    Shape.NOW: (((0.0, 0.6), (-0.8, -0.8), (0.8, -0.8)),),
}
"""The paths of each shape around its middle, half a mark being 1; one of two points is a stroke, others are closed."""
STROKE_POINTS = 2
FILLED = frozenset({Shape.EVENT, Shape.IN, Shape.EARLY, Shape.LATE, Shape.SCORE, Shape.NOW})
"""Shapes that are filled; others are outlines."""


class Stroke(StrEnum):
    """What a line is."""

    TIME = "time"
    BREAK = "break"
    LEADER = "leader"
    """From a label to its mark, or from a visit's date to the window that it missed."""
    GRID = "grid"
    COURSE = "course"
    GAP = "gap"
    """A course over a score that is missing."""
    NOW = "now"


class Role(StrEnum):
    """What words are."""

    NAME = "name"
    DETAIL = "detail"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line."""

    stroke: Stroke
    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A window. `expected`: the visit is still expected, or took place."""

    x: float
    y: float
    width: float
    height: float
    expected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A mark by its middle; `stop` is None in the legend."""

    shape: Shape
    x: float
    y: float
    stop: Stop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text by its upper left corner."""

    text: str
    role: Role
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a drawing may use.

    Attributes:
        line: Height of a line of text.
        mark: Width of a mark.
        measure: Width of a text in its role.
        say: A text in the languages of the drawing, a line each.
    """

    width: float
    line: float
    mark: float
    measure: Callable[[str, Role], float]
    say: Callable[[Text], tuple[str, ...]]


@dataclass(slots=True, kw_only=True)
class Scene:
    """Everything that is drawn, in order: fields, lines, marks, words."""

    width: float
    height: float = 0.0
    fields: list[Field] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


def scene_of(chronology: Chronology, room: Room) -> Scene:
    """Return the drawing of a course."""
    return _Painter(chronology, room).scene()


# -- labels -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """Words above the plots. `first`, `last`: what they are about; `stop`: the mark that they name, if any."""

    lines: tuple[tuple[str, Role], ...]
    first: float
    last: float
    rows: tuple[int, ...]
    stop: Stop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A label that found its place."""

    label: _Label
    left: float
    row: int
    width: float


class _Painter:
    def __init__(self, chronology: Chronology, room: Room) -> None:
        self._all = chronology
        self._room = room
        self._result = Scene(width=room.width)
        titles = [room.measure(line, Role.TITLE) for course in chronology.courses for line in room.say(course.label)]
        self._left = max(titles, default=0.0) + 2 * room.mark
        self._right = room.mark
        if chronology.now is not None:
            self._right += max(room.measure(line, Role.NAME) for line in room.say(chronology.now.label))
        self._inner = max(room.width - self._left - self._right, room.mark)
        self._scale = self._make_scale()

    def _make_scale(self) -> TimeScale:
        windows = []
        for span in self._all.spans:
            widest = max(self._width(self._name_of(span)), self._width(self._word_of(span)))
            windows.append(Window(opens=span.opens, closes=span.closes, wanted=widest + self._room.mark / 2))
        moments = [stop.at for stop in self._all.stops]
        return time_scale(moments, windows, width=self._inner, mark=self._room.mark * 1.1, gap=self._room.mark * 2)

    def _x(self, stop: Stop) -> float:
        return self._left + self._scale.at(stop.at)

    def scene(self) -> Scene:
        """Draw everything from above."""
        standing = tuple(self._place(tuple(self._labels())))
        if sum(1 for one in standing if one.label.stop is None) < 2 * len(self._all.spans):
            standing = tuple(self._place(tuple(self._labels(short=True))))
        tops = {HIGH: 0.0, NEAR: self._height(standing, HIGH)}
        axis = tops[NEAR] + self._height(standing, NEAR) + self._room.mark
        tops[BELOW] = axis + self._room.mark
        self._draw_time(axis)
        self._draw_visits(axis)
        for one in standing:
            self._write_label(one, tops, axis, self._height(standing, one.row))
        for stop in self._all.events:
            self._result.glyphs.append(Glyph(shape=stop.shape, x=self._x(stop), y=axis, stop=stop))
        self._result.height = tops[BELOW] + self._height(standing, BELOW) + self._room.line / 4
        plots = self._result.height + self._room.line
        for course in self._all.courses:
            if course.points:
                self._draw_course(course)
        self._draw_now(axis, plots, named=any(one.label.stop is self._all.now for one in standing))
        self._write_legend()
        for absent in self._all.absent:
            self._write_notes(self._room.say(absent))
        return self._result

    # -- labels -----------------------------------------------------------------------------------------

    def _name_of(self, span: Span) -> tuple[tuple[str, Role], ...]:
        return tuple((line, Role.NAME) for line in self._room.say(span.stop.label))

    def _word_of(self, span: Span) -> tuple[tuple[str, Role], ...]:
        said = [line for line in self._room.say(span.word) if line]
        if span.actual is not None:
            said.append(f"{span.actual:%m-%d %H:%M}")
        return tuple((line, Role.DETAIL) for line in said)

    def _labels(self, *, short: bool = False) -> Iterator[_Label]:
        """Return every label above the plots; who comes first chooses first. What names a window covers its middle."""
        for span in self._all.spans:
            middle = (self._scale.at(span.opens) + self._scale.at(span.closes)) / 2
            name, word = self._name_of(span), self._word_of(span)
            if short:
                name = tuple((part, role) for line, role in name for part in line.split(" ", 1))
                day = f"{span.actual:%m-%d}" if span.actual is not None else ""
                word = ((day, Role.DETAIL),) if day else word
            yield _Label(lines=name, first=middle, last=middle, rows=(NEAR,))
            yield _Label(lines=word, first=middle, last=middle, rows=(BELOW,))
        marks = [(stop, (NEAR, BELOW, HIGH)) for stop in self._all.events]
        if self._all.now is not None:
            marks.append((self._all.now, (NEAR, BELOW, HIGH)))
        for stop, rows in marks:
            x = self._scale.at(stop.at)
            lines = [(line, Role.NAME) for line in self._room.say(stop.label)]
            if stop.shape is not Shape.NOW:
                style = "%m-%d" if stop.shape is Shape.DAY else "%m-%d %H:%M"
                lines.append((f"{stop.at:{style}}", Role.DETAIL))
            yield _Label(lines=tuple(lines), first=x, last=x, rows=rows, stop=stop)

    def _width(self, lines: tuple[tuple[str, Role], ...]) -> float:
        return max((self._room.measure(text, role) for text, role in lines), default=0.0)

    def _place(self, labels: Sequence[_Label]) -> Iterator[_Standing]:
        wanted = [Label(first=one.first, last=one.last, width=self._width(one.lines), rows=one.rows) for one in labels]
        placed = place_labels(wanted, width=self._inner + self._right, space=self._room.mark / 2, passes={HIGH: NEAR})
        for number, place in placed.items():
            yield _Standing(label=labels[number], left=place.left, row=place.row, width=wanted[number].width)

    def _height(self, standing: Sequence[_Standing], row: int) -> float:
        return max((len(one.label.lines) for one in standing if one.row == row), default=0) * self._room.line

    def _write_label(self, one: _Standing, tops: Mapping[int, float], axis: float, height: float) -> None:
        """Write a label, above the line of time at the foot of its row, and lead to its mark."""
        lines, left = one.label.lines, self._left + one.left
        top = tops[one.row] + (0.0 if one.row == BELOW else height - len(lines) * self._room.line)
        if one.label.stop is not None:
            x, mark = self._x(one.label.stop), self._room.mark
            ends = (axis, tops[BELOW]) if one.row == BELOW else (top + len(lines) * self._room.line, axis - mark / 2)
            self._draw(Stroke.LEADER, x, ends[0], x, ends[1])
        for number, (text, role) in enumerate(lines):
            width = self._room.measure(text, role)
            x = left + (one.width - width) / 2
            self._result.words.append(Words(text=text, role=role, x=x, y=top + number * self._room.line, width=width))

    # -- time and visits ----------------------------------------------------------------------------------

    def _draw(self, stroke: Stroke, x: float, y: float, to_x: float, to_y: float) -> None:
        self._result.lines.append(Line(stroke=stroke, x=x, y=y, to_x=to_x, to_y=to_y))

    def _draw_time(self, axis: float) -> None:
        scale, left, end = self._scale, self._left, self._left + self._inner
        if scale.break_from == scale.break_to:
            self._draw(Stroke.TIME, left, axis, end, axis)
            return
        first, last, slope = left + scale.break_from, left + scale.break_to, self._room.mark / 3
        middle = (first + last) / 2
        self._draw(Stroke.TIME, left, axis, middle - slope, axis)
        self._draw(Stroke.TIME, middle + slope, axis, end, axis)
        for x in (middle - slope, middle + slope):
            self._draw(Stroke.BREAK, x - slope / 2, axis + 2 * slope, x + slope / 2, axis - 2 * slope)

    def _draw_visits(self, axis: float) -> None:
        high = self._room.mark * 1.2
        for span in self._all.spans:
            first, last = self._left + self._scale.at(span.opens), self._left + self._scale.at(span.closes)
            expected = span.stop.shape is not Shape.NOT_DUE
            self._result.fields.append(
                Field(x=first, y=axis - high / 2, width=last - first, height=high, expected=expected)
            )
            x = self._x(span.stop)
            if x < first:
                self._draw(Stroke.LEADER, x, axis + high / 2, first, axis + high / 2)
            elif x > last:
                self._draw(Stroke.LEADER, last, axis + high / 2, x, axis + high / 2)
            self._result.glyphs.append(Glyph(shape=span.stop.shape, x=x, y=axis, stop=span.stop))

    def _draw_now(self, axis: float, plots: float, *, named: bool) -> None:
        """Mark the present on the line of time and over the plots, where it is named unless it is above."""
        now = self._all.now
        if now is None:
            return
        x, foot = self._x(now), self._result.height
        if foot > plots:
            self._draw(Stroke.NOW, x, plots, x, foot)
        for number, line in enumerate(self._room.say(now.label) if foot > plots and not named else ()):
            self._write(line, Role.NAME, x + self._room.mark / 3, plots + number * self._room.line)
        self._result.glyphs.append(Glyph(shape=Shape.NOW, x=x, y=axis, stop=now))

    # -- scores -----------------------------------------------------------------------------------------

    def _draw_course(self, course: Course) -> None:
        room, top = self._room, self._result.height
        drawn_to = _end_of_axis(course)
        base = top + (1 + _PLOT_LINES) * room.line
        step = (base - room.mark - top - room.line) / float(drawn_to - course.least)
        for number, line in enumerate(room.say(course.label)):
            self._write(line, Role.TITLE, 0.0, top + number * room.line)
        for value, y in ((drawn_to, base - step * float(drawn_to - course.least)), (course.least, base)):
            self._draw(Stroke.GRID, self._left, y, self._left + self._inner, y)
            width = room.measure(f"{value:f}", Role.DETAIL)
            self._write(f"{value:f}", Role.DETAIL, self._left - width - room.mark / 2, y - room.line * 0.6)
        places = [(point, self._x(point.stop), base - step * _above(point, course)) for point in course.points]
        self._connect(places)
        for point, x, y in places:
            self._result.glyphs.append(Glyph(shape=point.stop.shape, x=x, y=y, stop=point.stop))
        self._write_values(course, top)
        self._result.height = base + room.mark

    def _connect(self, places: Sequence[tuple[Point, float, float]]) -> None:
        """Draw the course from value to value; over a score that is missing it is broken."""
        last: tuple[float, float] | None = None
        missing = False
        for point, x, y in places:
            if point.value is None:
                missing = True
                continue
            if last is not None:
                self._draw(Stroke.GAP if missing else Stroke.COURSE, last[0], last[1], x, y)
            last, missing = (x, y), False

    def _write_values(self, course: Course, top: float) -> None:
        """Write the values in a row, each with its change; where there is no room for all changes, without them."""
        room, space = self._room, self._room.mark / 2
        places = [self._scale.at(point.stop.at) for point in course.points]
        for parts in (
            [_value_parts(point) for point in course.points],
            [_value_parts(one)[:1] for one in course.points],
        ):
            widths = [sum(room.measure(text, role) for text, role in one) for one in parts]
            wanted = [Label(first=x, last=x, width=width, rows=(0,)) for x, width in zip(places, widths, strict=True)]
            placed = place_labels(wanted, width=self._inner + self._right, space=space)
            if len(placed) == len(parts):
                break
        for number, place in placed.items():
            x = self._left + place.left
            for text, role in parts[number]:
                self._write(text, role, x, top)
                x += room.measure(text, role)

    # -- words ------------------------------------------------------------------------------------------

    def _write(self, text: str, role: Role, x: float, y: float) -> None:
        width = self._room.measure(text, role)
        self._result.words.append(Words(text=text, role=role, x=x, y=y, width=width))

    def _write_legend(self) -> None:
        """Say what the shapes mean that have no word beside them."""
        room, drawn = self._room, {glyph.shape for glyph in self._result.glyphs}
        x, y = self._left, self._result.height
        for shape, text in words.LEGEND.items():
            if Shape(shape) not in drawn:
                continue
            said = " ".join(room.say(text))
            if x > self._left and x + 2 * room.mark + room.measure(said, Role.DETAIL) > room.width:
                x, y = self._left, y + room.line
            self._result.glyphs.append(Glyph(shape=Shape(shape), x=x + room.mark / 2, y=y + room.line / 2))
            self._write(said, Role.DETAIL, x + room.mark * 1.4, y)
            x += 3 * room.mark + room.measure(said, Role.DETAIL)
            self._result.height = y + room.line

    def _write_notes(self, said: Sequence[str]) -> None:
        self._write(" ".join(said), Role.DETAIL, self._left, self._result.height)
        self._result.height += self._room.line


def _value_parts(point: Point) -> tuple[tuple[str, Role], ...]:
    """Return a value as it is written, then its change."""
    shown = "?" if point.value is None else f"{point.value:f}"
    change = () if point.change is None else ((f" {words.signed(point.change)}", Role.DETAIL),)
    return ((shown, Role.NAME), *change)


def _end_of_axis(course: Course) -> Decimal:
    """Return where the axis of a score ends: above its values, between a quarter and all of the scale."""
    highest = max((point.value for point in course.points if point.value is not None), default=course.least)
    least = max(highest, course.least + (course.most - course.least) / 4)
    steps = ((least - course.least) / _STEP).to_integral_value(ROUND_CEILING)
    return max(min(course.least + steps * _STEP, course.most), highest)


def _above(point: Point, course: Course) -> float:
    return float(point.value - course.least) if point.value is not None else 0.0

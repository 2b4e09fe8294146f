"""A subject's course in time as a block on paper: vectors alone, in shades of grey, every language beside the other.

Source: docs/paper.md, section "Timeline".
"""

from dataclasses import dataclass
from functools import lru_cache

from casebook.chronology import Chronology
from casebook.chronology_scene import FILLED, OUTLINES, STROKE_POINTS, Field, Glyph, Role, Room, Scene, Stroke, scene_of
from casebook.design import Text
from casebook.paper import fonts
from casebook.paper.layout import BAND, RULE, STRONG_RULE, TONES, Colour, Pen, Whole
from casebook.paper.zh_paragraph import Tone

_MARK = 6.5
_LINE = 8.4
_SIZES = {Role.NAME: 6.6, Role.DETAIL: 6.2, Role.TITLE: 7.4}
_AFTER = 10.0
_HATCH = 3.5
"""How far the lines of a hatched window are apart."""
_INK = TONES[Tone.INK]
_WHITE: Colour = (1.0, 1.0, 1.0)
_LINES: dict[Stroke, tuple[Colour, float, tuple[float, ...]]] = {
    Stroke.TIME: (STRONG_RULE, 0.7, ()),
    Stroke.BREAK: (STRONG_RULE, 0.7, ()),
    Stroke.LEADER: (STRONG_RULE, 0.35, ()),
    Stroke.GRID: (RULE, 0.4, ()),
    Stroke.COURSE: (_INK, 1.1, ()),
    Stroke.GAP: (_INK, 0.8, (2.5, 2.0)),
    Stroke.NOW: (STRONG_RULE, 0.6, (1.5, 1.5)),
}


@dataclass(frozen=True, slots=True)
class CourseDrawing(Whole):
    """The drawing of a course; it is never cut."""

    chronology: Chronology
    languages: tuple[str, ...]
    keep_with_next: bool = False

    def _scene(self, width: float) -> Scene:
        room = Room(width=width, line=_LINE, mark=_MARK, measure=_measure, say=self._say)
        return scene_of(self.chronology, room)

    def _say(self, text: Text) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text(language) for language in self.languages))

    def height(self, width: float) -> float:
        """Return its height at a width."""
        return self._scene(width).height + _AFTER

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw fields, lines, marks and words."""
        scene, canvas = self._scene(width), pen.canvas
        canvas.saveState()
        canvas.translate(x, top)
        for field in scene.fields:
            _draw_field(pen, field)
        for line in scene.lines:
            colour, thick, dashes = _LINES[line.stroke]
            canvas.setStrokeColorRGB(*colour)
            canvas.setLineWidth(thick)
            canvas.setDash(list(dashes))
            canvas.line(line.x, -line.y, line.to_x, -line.to_y)
        canvas.setDash([])
        for glyph in scene.glyphs:
            _draw_glyph(pen, glyph)
        for words in scene.words:
            canvas.setFillColorRGB(*(TONES[Tone.FAINT] if words.role is Role.DETAIL else _INK))
            canvas.setFont(_font(words.role), _SIZES[words.role])
            canvas.drawString(words.x, -words.y - _SIZES[words.role], fonts.drawable(words.text))
        canvas.restoreState()


@lru_cache(maxsize=4096)
def _measure(text: str, role: Role) -> float:
    return fonts.text_width(fonts.drawable(text), bold=role is not Role.DETAIL, size=_SIZES[role])


def _font(role: Role) -> str:
    return fonts.REGULAR if role is Role.DETAIL else fonts.BOLD


def _draw_field(pen: Pen, field: Field) -> None:
    """Draw a window: shaded, or hatched where the visit is not expected any more."""
    canvas, bottom = pen.canvas, -field.y - field.height
    if field.expected:
        pen.shade(field.x, bottom, field.width, field.height, BAND)
    canvas.setStrokeColorRGB(*STRONG_RULE)
    canvas.setLineWidth(0.4)
    step = 0.0
    while not field.expected and step < field.width:
        along = min(field.height, field.width - step)
        canvas.line(field.x + step, bottom, field.x + step + along, bottom + along)
        step += _HATCH
    canvas.rect(field.x, bottom, field.width, field.height, stroke=1, fill=0)


def _draw_glyph(pen: Pen, glyph: Glyph) -> None:
    canvas = pen.canvas
    canvas.setStrokeColorRGB(*_INK)
    canvas.setLineWidth(1.0)
    canvas.setFillColorRGB(*(_INK if glyph.shape in FILLED else _WHITE))
    for outline in OUTLINES[glyph.shape]:
        path = canvas.beginPath()
        for number, (across, down) in enumerate(outline):
            go = path.lineTo if number else path.moveTo
            go(glyph.x + across * _MARK / 2, -glyph.y - down * _MARK / 2)
        stroke_only = len(outline) == STROKE_POINTS
        if not stroke_only:
            path.close()
        canvas.drawPath(path, stroke=1, fill=0 if stroke_only else 1)

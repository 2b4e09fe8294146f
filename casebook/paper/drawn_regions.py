"""A drawing of regions in the flow of pages: what is marked is hatched, in lines that every printer prints.

Both sides are drawn; the side in question has the codes of its regions, the other one is thin. A drawing that
is not filled in has codes on both sides, to be marked by hand. Shapes are vectors without transparency.

Source: docs/paper.md, section "Drawings"; ISO 19005-2 (no transparency).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reportlab.pdfgen.pathobject import PDFPathObject

from casebook.design import Text
from casebook.drawings import Picture, Region, steps_of
from casebook.paper import fonts
from casebook.paper.layout import RULE, TONES, Block, Paragraph, Pen, Whole, stack_height
from casebook.paper.zh_paragraph import Run, Tone

_LEVEL_HEIGHT = 132.0
_GAP = 14.0
_LETTER = 6.2
_CAPTION = 6.5
_LINE = 9.2
_HATCH = 3.2
"""Points between two lines of the hatching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsBlock(Whole):
    """A drawing, with words beside it. It is never cut.

    Attributes:
        marked: Codes of the marked regions.
        side: The code of the side in question; "" where none is given.
        blank: Whether it is to be marked by hand.
        sides: What the halves on the left and on the right of the picture are called; None without sides.
        languages: The order in which languages are printed.
        beside: What stands at its right.
    """

    picture: Picture
    marked: tuple[str, ...] = ()
    side: str = ""
    blank: bool = False
    sides: tuple[Text, Text] | None = None
    languages: tuple[str, ...] = ("en", "zh")
    beside: tuple[Block, ...] = ()
    keep_with_next: bool = False

    @property
    def _level_width(self) -> float:
        drawing = self.picture.drawing
        return _LEVEL_HEIGHT * drawing.width / drawing.height

    @property
    def _heading(self) -> float:
        """The lines above a level: its name in each language, then the sides."""
        return _LINE * (len(self.languages) + (self.sides is not None)) + 2

    @property
    def _drawn_width(self) -> float:
        return len(self.picture.drawing.levels) * (self._level_width + _GAP)

    def height(self, width: float) -> float:
        """Return the height of the drawing, or of the words where they are higher."""
        return max(self._heading + _LEVEL_HEIGHT + 6, stack_height(self.beside, width - self._drawn_width))

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw the levels from left to right, then the words."""
        left = x
        for number, level in enumerate(self.picture.drawing.levels):
            for line, language in enumerate(self.languages):
                self._caption(pen, left, top - line * _LINE, level.label(language))
            for half, name in enumerate(self.sides or ()):
                words = " ".join(dict.fromkeys(name(language) for language in self.languages))
                self._caption(pen, left, top - len(self.languages) * _LINE, words, right=bool(half))
            self._draw_level(pen, number, left, top - self._heading)
            left += self._level_width + _GAP
        for block in self.beside:
            block.draw(pen, x + self._drawn_width, top, width - self._drawn_width)
            top -= block.height(width - self._drawn_width)

    def _caption(self, pen: Pen, x: float, top: float, words: str, *, right: bool = False) -> None:
        runs = (Run(text=words, tone=Tone.FAINT),)
        Paragraph(runs=runs, size=_CAPTION, right=right, stop=1).draw(pen, x, top, self._level_width)

    # -- a level ------------------------------------------------------------------------------------------

    def _halves(self) -> Iterator[tuple[bool, bool, bool]]:
        """Yield each half: whether it is the mirrored one, whether it has letters, whether marks stand in it."""
        picture = self.picture
        if not picture.side:
            yield False, True, True
            return
        for flip, code in ((False, picture.right), (True, picture.left)):
            here = code == self.side
            yield flip, here or self.blank, here

    def _draw_level(self, pen: Pen, number: int, left: float, top: float) -> None:
        level = self.picture.drawing.levels[number]
        canvas = pen.canvas
        canvas.saveState()
        canvas.setLineJoin(1)
        for flip, lettered, here in self._halves():
            self._stroke(pen, TONES[Tone.FAINT], 0.5)
            for outline in level.outlines:
                canvas.drawPath(self._path(pen, outline, left, top, flip=flip), stroke=1, fill=0)
            for region in level.regions:
                self._draw_region(pen, region, left, top, flip=flip, lettered=lettered, marked=here)
        canvas.restoreState()

    def _draw_region(
        self, pen: Pen, region: Region, left: float, top: float, *, flip: bool, lettered: bool, marked: bool
    ) -> None:
        hatched = marked and region.code in self.marked
        path = self._path(pen, region.path, left, top, flip=flip)
        if hatched:
            self._hatch(pen, region, left, top, flip=flip)
        strong = TONES[Tone.INK] if lettered else RULE
        self._stroke(pen, strong, 1.3 if hatched else 0.6)
        pen.canvas.drawPath(path, stroke=1, fill=0)
        if lettered:
            self._letter(pen, region, left, top, flip=flip, bold=hatched)

    def _hatch(self, pen: Pen, region: Region, left: float, top: float, *, flip: bool) -> None:
        points = [self._place(point, left, top, flip=flip) for step in steps_of(region.path) for point in step.points]
        low, high = min(y for _, y in points), max(y for _, y in points)
        start, end = min(x for x, _ in points) - (high - low), max(x for x, _ in points)
        canvas = pen.canvas
        canvas.saveState()
        canvas.clipPath(self._path(pen, region.path, left, top, flip=flip), stroke=0, fill=0)
        self._stroke(pen, TONES[Tone.INK], 0.7)
        while start < end:
            canvas.line(start, low, start + high - low, high)
            start += _HATCH
        canvas.restoreState()

    def _letter(self, pen: Pen, region: Region, left: float, top: float, *, flip: bool, bold: bool) -> None:
        x, y = self._place(region.at, left, top, flip=flip)
        width = fonts.text_width(region.code, bold=bold, size=_LETTER)
        if bold:
            pen.shade(x - width / 2 - 1, y - _LETTER / 2, width + 2, _LETTER, (1.0, 1.0, 1.0))
        pen.text(x - width / 2, y - _LETTER * 0.36, (Run(text=region.code, bold=bold),), _LETTER)

    @staticmethod
    def _stroke(pen: Pen, colour: tuple[float, float, float], width: float) -> None:
        pen.canvas.setStrokeColorRGB(*colour)
        pen.canvas.setLineWidth(width)

    def _place(self, point: tuple[int, int], left: float, top: float, *, flip: bool) -> tuple[float, float]:
        drawing = self.picture.drawing
        scale = _LEVEL_HEIGHT / drawing.height
        x = drawing.width - point[0] if flip else point[0]
        return left + x * scale, top - point[1] * scale

    def _path(self, pen: Pen, outline: str, left: float, top: float, *, flip: bool) -> PDFPathObject:
        path = pen.canvas.beginPath()
        for step in steps_of(outline):
            points = [self._place(point, left, top, flip=flip) for point in step.points]
            match step.letter:
                case "M":
                    path.moveTo(*points[0])
                case "L":
                    path.lineTo(*points[0])
                case "C":
                    path.curveTo(*points[0], *points[1], *points[2])
                case _:
                    path.close()
        return path

"""Blocks and pages: what stands where.

A block knows its height at a width, how to be cut at a page's end, and how to draw itself. A grid
repeats its header on each page, keeps a heading with the row below it, and cuts a row only when the
row is taller than a page. Nothing here knows what a form is.

Lengths are points (1/72 inch); `top` is measured upwards from the page's lower edge, as PDF does.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from reportlab.pdfgen.canvas import Canvas

from casebook.paper import fonts
from casebook.paper.zh_paragraph import Line, Run, Tone, break_lines

Colour = tuple[float, float, float]
TONES: dict[Tone, Colour] = {
    Tone.INK: (0.10, 0.11, 0.13),
    Tone.FAINT: (0.38, 0.42, 0.47),
    Tone.ALERT: (0.60, 0.20, 0.07),
}
RULE: Colour = (0.80, 0.83, 0.86)
STRONG_RULE: Colour = (0.45, 0.50, 0.56)
SHADE: Colour = (0.955, 0.965, 0.975)
BAND: Colour = (0.885, 0.915, 0.945)
BODY_SIZE = 8.5
SMALL_SIZE = 7.0
_LEADING = 1.42
_PAD_X = 4.0
_PAD_Y = 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlace:
    """Where an empty signature field stands. `rectangle`: left, lower, right, upper."""

    name: str
    page: int
    rectangle: tuple[float, float, float, float]


@dataclass(slots=True)
class Pen:
    """A canvas, the page it is on (from 1), and the signature fields placed so far."""

    canvas: Canvas
    page: int = 1
    fields: list[FieldPlace] = field(default_factory=list)

    def line(self, x: float, y: float, to_x: float, colour: Colour = RULE, width: float = 0.5) -> None:
        """Draw a horizontal rule."""
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(width)
        self.canvas.line(x, y, to_x, y)

    def shade(self, x: float, bottom: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.rect(x, bottom, width, height, stroke=0, fill=1)

    def text(self, x: float, baseline: float, line: Line, size: float) -> float:
        """Draw one line of runs; return where it ends."""
        for run in line:
            width = fonts.text_width(run.text, bold=run.bold, size=size)
            colour = TONES[run.tone]
            self.canvas.setFillColorRGB(*colour)
            self.canvas.setFont(fonts.BOLD if run.bold else fonts.REGULAR, size)
            self.canvas.drawString(x, baseline, run.text)
            if run.struck:
                self.line(x, baseline + size * 0.33, x + width, colour, size * 0.07)
            x += width
        return x


class Block(Protocol):
    """Something that stands in the flow of pages."""

    @property
    def keep_with_next(self) -> bool:
        """Whether it must not be the last thing on a page."""

    def height(self, width: float) -> float:
        """Return its height at a width."""

    def least(self, width: float) -> float:
        """Return how much height is needed to begin it on a page."""

    def split(self, width: float, available: float, *, force: bool) -> "tuple[Block, Block] | None":
        """Cut it so that the first part fits, or return None. `force`: it begins a page, moving it gains nothing."""

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw it with its upper left corner at (x, top)."""


class Whole(ABC):
    """A `Block` that is never cut: where it does not fit, it begins the next page."""

    __slots__ = ()

    @abstractmethod
    def height(self, width: float) -> float:
        """Return its height at a width."""

    def least(self, width: float) -> float:
        """Return its height: it begins whole."""
        return self.height(width)

    def split(self, width: float, available: float, *, force: bool) -> None:
        """Never."""
        del width, available, force


@lru_cache(maxsize=16384)
def _lines(runs: tuple[Run, ...], size: float, width: float) -> tuple[Line, ...]:
    drawable = tuple(replace(run, text=fonts.drawable(run.text)) for run in runs)
    return break_lines(drawable, lambda text, bold: fonts.text_width(text, bold=bold, size=size), width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Text in runs. `after` is space below it; `skip` lines were printed on an earlier page."""

    runs: tuple[Run, ...]
    size: float = BODY_SIZE
    after: float = 0.0
    right: bool = False
    keep_with_next: bool = False
    skip: int = 0
    stop: int | None = None

    @property
    def leading(self) -> float:
        """Distance of baselines."""
        return self.size * _LEADING

    def lines(self, width: float) -> tuple[Line, ...]:
        """Return the lines of this part of the paragraph."""
        return _lines(self.runs, self.size, width)[self.skip : self.stop]

    def height(self, width: float) -> float:
        """Return its height at a width."""
        return len(self.lines(width)) * self.leading + (self.after if self.stop is None else 0)

    def least(self, width: float) -> float:
        """Two lines begin a paragraph."""
        return min(2, len(self.lines(width))) * self.leading

    def split(self, width: float, available: float, *, force: bool) -> "tuple[Paragraph, Paragraph] | None":
        """Cut between lines, with two lines on each side where it can be."""
        count, fits = len(self.lines(width)), int(available // self.leading)
        if fits >= count:
            fits = count - 1
        elif count - fits == 1 and fits > 2:  # noqa: PLR2004 (two lines stay, two go over)
            fits -= 1
        if fits < (1 if force else 2):
            return None
        cut = self.skip + fits
        return replace(self, stop=cut), replace(self, skip=cut)

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw its lines."""
        baseline = top - self.size * 1.08
        for line in self.lines(width):
            used = sum(fonts.text_width(run.text, bold=run.bold, size=self.size) for run in line) if self.right else 0
            pen.text(x + (width - used if self.right else 0), baseline, line, self.size)
            baseline -= self.leading


def stack_height(blocks: Sequence[Block], width: float) -> float:
    """Return the height of blocks standing on each other."""
    return sum(block.height(width) for block in blocks)


def _split_stack(
    blocks: Sequence[Block], width: float, available: float
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    head: list[Block] = []
    rest = deque(blocks)
    while rest:
        height = rest[0].height(width)
        if height > available:
            parts = rest[0].split(width, available, force=True)
            if parts:
                head.append(parts[0])
                rest[0] = parts[1]
            break
        head.append(rest.popleft())
        available -= height
    return tuple(head), tuple(rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a grid. A row with fewer cells than columns gives the last cell the remaining width."""

    cells: tuple[tuple[Block, ...], ...]
    fill: Colour | None = None
    keep_with_next: bool = False
    rule: Colour = RULE

    def widths(self, columns: Sequence[float]) -> list[float]:
        """Return the width of each of its cells, without their padding."""
        own = [*columns[: len(self.cells) - 1], sum(columns[len(self.cells) - 1 :])]
        return [width - 2 * _PAD_X for width in own]

    def height(self, columns: Sequence[float]) -> float:
        """Return its height."""
        tallest = max(stack_height(cell, width) for cell, width in zip(self.cells, self.widths(columns), strict=True))
        return tallest + 2 * _PAD_Y

    def split(self, columns: Sequence[float], available: float) -> "tuple[Row, Row] | None":
        """Cut every cell at the same height."""
        parts = [
            _split_stack(cell, width, available - 2 * _PAD_Y)
            for cell, width in zip(self.cells, self.widths(columns), strict=True)
        ]
        if not any(head for head, _ in parts):
            return None
        return (
            replace(self, cells=tuple(head for head, _ in parts)),
            replace(self, cells=tuple(tail for _, tail in parts)),
        )

    def draw(self, pen: Pen, x: float, top: float, columns: Sequence[float]) -> None:
        """Draw its cells and the rule below."""
        height, full = self.height(columns), sum(columns)
        if self.fill:
            pen.shade(x, top - height, full, height, self.fill)
        left = x
        for cell, width in zip(self.cells, self.widths(columns), strict=True):
            y = top - _PAD_Y
            for block in cell:
                block.draw(pen, left + _PAD_X, y, width)
                y -= block.height(width)
            left += width + 2 * _PAD_X
        pen.line(x, top - height, x + full, self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows in columns.

    Attributes:
        columns: Widths in points.
        header: Stands above the rows on every page.
        running: Stand above the rows from the second page.
        begun: An earlier part stands on an earlier page.
    """

    columns: tuple[float, ...]
    rows: tuple[Row, ...]
    header: Row | None = None
    running: tuple[Row, ...] = ()
    begun: bool = False
    after: float = 0.0
    keep_with_next: bool = False

    @property
    def _top_rows(self) -> tuple[Row, ...]:
        return (self.running if self.begun else ()) + ((self.header,) if self.header else ())

    def _heights(self, rows: Sequence[Row]) -> list[float]:
        return [row.height(self.columns) for row in rows]

    def height(self, width: float) -> float:  # noqa: ARG002 (its columns are its width)
        """Return its height with header."""
        return sum(self._heights((*self._top_rows, *self.rows))) + self.after

    def at_page_top(self) -> "Grid":
        """Return the grid as it stands when it begins a page: with its first running row above it."""
        if self.begun or not self.running:
            return self
        named = replace(self.running[0], keep_with_next=True)
        return replace(self, rows=(named, *self.rows))

    def least(self, width: float) -> float:  # noqa: ARG002
        """Header, and rows up to the first that may end a page."""
        need = sum(self._heights(self._top_rows))
        for row in self.rows:
            need += row.height(self.columns)
            if not row.keep_with_next:
                break
        return need

    def split(self, width: float, available: float, *, force: bool) -> "tuple[Grid, Grid] | None":  # noqa: ARG002
        """Cut between rows; inside a row only when it begins a page and is taller than one."""
        available -= sum(self._heights(self._top_rows))
        fits = 0
        for height in self._heights(self.rows):
            if height > available:
                break
            available -= height
            fits += 1
        while 0 < fits < len(self.rows) and self.rows[fits - 1].keep_with_next:
            fits -= 1
            available += self.rows[fits].height(self.columns)
        first, rest = self.rows[:fits], self.rows[fits:]
        if force and not first:
            parts = rest[0].split(self.columns, available)
            if parts is None:
                return None
            first, rest = (parts[0],), (parts[1], *rest[1:])
        if not first or not rest:
            return None
        return replace(self, rows=first, after=0.0), replace(self, rows=rest, begun=True)

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:  # noqa: ARG002
        """Draw header and rows."""
        for row in (*self._top_rows, *self.rows):
            row.draw(pen, x, top, self.columns)
            top -= row.height(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A block at its place on a page."""

    block: Block
    top: float


def paginate(blocks: Sequence[Block], width: float, top: float, height: float) -> list[list[Placed]]:
    """Return the pages: blocks set from `top` downwards, each page `height` high."""
    pages: list[list[Placed]] = [[]]
    left = height
    queue = deque(blocks)
    while queue:
        block = queue.popleft()
        page = pages[-1]
        if not page and isinstance(block, Grid):
            block = block.at_page_top()
        if page and _needed(block, queue, width) > left:
            parts = None if block.keep_with_next else block.split(width, left, force=False)
        elif block.height(width) - _space_below(block) <= left:
            page.append(Placed(block=block, top=top - (height - left)))
            left = max(left - block.height(width), 0.0)
            continue
        else:
            parts = block.split(width, left, force=not page)
        if parts:
            page.append(Placed(block=parts[0], top=top - (height - left)))
            queue.appendleft(parts[1])
        elif page:
            queue.appendleft(block)
        else:  # nothing can be cut: it stands alone and may run over the edge
            page.append(Placed(block=block, top=top))
        if queue:
            pages.append([])
            left = height
    return pages


def _space_below(block: Block) -> float:
    """Return the space below a block, which a page's end may take."""
    return block.after if isinstance(block, Grid | Paragraph) else 0.0


def _needed(block: Block, following: Sequence[Block], width: float) -> float:
    if not block.keep_with_next:
        return block.least(width)
    need = block.height(width)
    for one, after in pairwise((*following, None)):
        if one is None:
            break
        if not one.keep_with_next or after is None:
            return need + one.least(width)
        need += one.height(width)
    return need

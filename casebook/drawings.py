"""Drawings of a study: regions as outlines, to be marked on screen and printed on paper.

Outlines are a small, strict part of SVG's path data: `M x y`, `L x y`, `C x y x y x y` and `Z`, absolute, in
whole numbers, parted by single spaces; y grows downwards. Nothing else is read: no relative letters, no
arcs, no styles, no references. Screen and paper draw the same steps.

Source: W3C, Scalable Vector Graphics 2, section 9.3; docs/study_files.md, section "Drawings".
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from casebook.texts import Text

_POINTS = {"M": 1, "L": 1, "C": 3, "Z": 0}
_STEP = re.compile(r"Z|[MLC](?: \d{1,4} \d{1,4})+")

Point = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region of a drawing.

    Attributes:
        code: Its code in the list of the item that is drawn.
        key: The letter or digit that marks it.
        path: Its closed outline (`casebook.drawings`).
        at: Where its code is written, x and y.
    """

    code: str
    key: str
    path: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One picture of a drawing. `outlines` are lines that are no region and only show where one is."""

    label: Text
    outlines: tuple[str, ...]
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Regions as outlines, to be marked on screen and printed on paper.

    Attributes:
        width, height: Of each level, in the unit of its outlines; y grows downwards.
        note: How the picture is to be read: which side is which.
    """

    oid: str
    width: int
    height: int
    levels: tuple[Level, ...]
    note: Text

    @property
    def regions(self) -> tuple[Region, ...]:
        """All regions, level by level."""
        return tuple(region for level in self.levels for region in level.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How a section of style `regions` uses a drawing; items are given by name, "" where there is none.

    Attributes:
        item: The item of type `codes` whose codes are the regions.
        none: Its code that says that no region is affected.
        score: The calculated item that is shown with it.
        side: The item that tells the side. Then the outlines are the half on the right of the picture, drawn
            mirrored on its left as well.
        right, left: The codes of `side` for the half on the right and on the left of the picture.
    """

    drawing: Drawing
    item: str
    none: str = ""
    score: str = ""
    side: str = ""
    right: str = ""
    left: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an outline: its letter, and the points that it names (for `C` two controls and the end)."""

    letter: str
    points: tuple[Point, ...] = ()


@lru_cache(maxsize=512)
def steps_of(path: str) -> tuple[Step, ...]:
    """Return the steps of an outline. Raises ValueError where it is anything but the path data above."""
    steps = []
    for written in re.split(r" (?=[MLCZ])", path):
        numbers = [int(number) for number in written.split(" ")[1:]] if _STEP.fullmatch(written) else None
        if numbers is None or len(numbers) != 2 * _POINTS[written[0]]:
            raise ValueError(written)
        steps.append(Step(letter=written[0], points=tuple(zip(numbers[::2], numbers[1::2], strict=True))))
    if steps[0].letter != "M":
        raise ValueError(path)
    return tuple(steps)


def is_closed(path: str) -> bool:
    """Tell whether every part of an outline ends where it began."""
    letters = "".join(step.letter for step in steps_of(path))
    return all(part.endswith("Z") for part in letters.split("M")[1:])


def mirrored(path: str, width: int) -> str:
    """Return an outline as a mirror in the middle of `width` shows it."""
    return " ".join(" ".join((step.letter, *(f"{width - x} {y}" for x, y in step.points))) for step in steps_of(path))

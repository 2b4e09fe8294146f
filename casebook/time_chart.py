"""Where things stand in a drawing of time: a scale that keeps order and room, windows, labels that do not overlap.

Time is drawn in one or two parts, with a break between them where the first window opens. Within a part the scale is
not even: two moments are never closer than a mark is wide, a window is as wide as its name where there is room, and
what is left goes to longer times by their root, so that hours and months stand in one drawing. Lengths are in the
units of whoever draws, pixels or points; nothing here knows what is drawn.

Source: docs/windows.md, section "Timeline".
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import sqrt

_LEAST_SHARE, _MOST_SHARE = 0.25, 0.65
"""Between what the part before the break takes of the width."""
_LABEL_MARKS = 4.0
"""How many marks wide the label of an event is taken to be."""
_EDGE = 0.3
"""How far the end of a window is from what stands beside it, in marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time that has a beginning and an end; `wanted` is the width that its label needs."""

    opens: datetime
    closes: datetime
    wanted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """Which moment stands where, from 0 to `width`.

    Attributes:
        knots: Moments in rising order, as seconds, each with its place; between them places rise evenly.
        break_from, break_to: The break; equal where there is none.
    """

    width: float
    knots: tuple[tuple[float, float], ...]
    break_from: float
    break_to: float

    def at(self, moment: datetime) -> float:
        """Return where a moment stands; what lies outside the drawing stands at its edge."""
        second = moment.timestamp()
        if not self.knots:
            return self.width / 2
        after = bisect_right(self.knots, second, key=lambda knot: knot[0])
        if after == 0:
            return self.knots[0][1]
        if after == len(self.knots):
            return self.knots[-1][1]
        (first, left), (last, right) = self.knots[after - 1], self.knots[after]
        return left + (right - left) * (second - first) / (last - first)


def time_scale(
    moments: Iterable[datetime], windows: Sequence[Window], *, width: float, mark: float, gap: float
) -> TimeScale:
    """Return the scale for a drawing.

    Args:
        moments: Everything that has a mark.
        width: Of the drawing, its margins left out.
        mark: How far two marks are apart at least, where there is room for that.
        gap: How wide the break is.
    """
    marked = frozenset(one.timestamp() for one in moments)
    ends = {end.timestamp() for window in windows for end in (window.opens, window.closes)}
    seconds = sorted(marked | ends)
    cut = min((window.opens.timestamp() for window in windows), default=None)
    before = [one for one in seconds if cut is not None and one < cut]
    if not before:
        knots = tuple(_spread(_Part(seconds=seconds, windows=windows, marked=marked, mark=mark), 0.0, width))
        return TimeScale(width=width, knots=knots, break_from=0.0, break_to=0.0)
    after = seconds[len(before) :]
    wanted = sum(window.wanted for window in windows)
    share = len(before) * mark * _LABEL_MARKS / (len(before) * mark * _LABEL_MARKS + wanted)
    gap = min(gap, width / 4)
    end = (width - gap) * min(max(share, _LEAST_SHARE), _MOST_SHARE)
    first = _Part(seconds=before, windows=(), marked=marked, mark=mark)
    second = _Part(seconds=after, windows=windows, marked=marked, mark=mark)
    knots = (*_spread(first, 0.0, end), *_spread(second, end + gap, width))
    return TimeScale(width=width, knots=knots, break_from=end, break_to=end + gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One part of the drawing: its moments in rising order, and which of them have a mark."""

    seconds: Sequence[float]
    windows: Sequence[Window]
    marked: frozenset[float]
    mark: float

    def least_widths(self) -> list[float]:
        """Return how wide each step is at least: as a mark, or its part of a window that is as wide as its label."""
        steps = list(pairwise(self.seconds))
        least = [self.mark * (1.0 if self.marked.issuperset(step) else _EDGE) for step in steps]
        for window in self.windows:
            opens, closes = window.opens.timestamp(), window.closes.timestamp()
            for at, (first, last) in enumerate(steps):
                if first >= opens and last <= closes:
                    least[at] = max(least[at], window.wanted * (last - first) / (closes - opens))
        return least


def _spread(part: _Part, left: float, right: float) -> Iterator[tuple[float, float]]:
    """Return the places of moments between two ends; a single one stands in the middle."""
    seconds = part.seconds
    steps = list(pairwise(seconds))
    if not steps:
        yield from ((second, (left + right) / 2) for second in seconds)
        return
    least = part.least_widths()
    room = right - left
    if sum(least) > room:
        widths = [one * room / sum(least) for one in least]
    else:
        roots = [sqrt(last - first) for first, last in steps]
        spare = room - sum(least)
        widths = [one + spare * root / sum(roots) for one, root in zip(least, roots, strict=True)]
    place = left
    for second, step in zip(seconds, (*widths, 0.0), strict=True):
        yield second, min(place, right)
        place += step


# -- labels -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that want a place.

    Attributes:
        first, last: Between what they must stand: the label covers or touches some of it.
        rows: The rows that it may stand in, the best first.
    """

    first: float
    last: float
    width: float
    rows: tuple[int, ...]


NOTHING_PASSED: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a label stands: its left edge and its row."""

    left: float
    row: int


def place_labels(
    labels: Sequence[Label], *, width: float, space: float, passes: Mapping[int, int] = NOTHING_PASSED
) -> Mapping[int, Placed]:
    """Return the places of labels by their number; one that finds no room has none.

    Earlier labels choose first. Labels of a row are `space` apart and inside the drawing.

    Args:
        passes: By row, the row through which a line leads from such a label to what it is about: no label stands there.
    """
    placed: dict[int, Placed] = {}
    taken: dict[int, list[tuple[float, float]]] = {}
    for number, label in enumerate(labels):
        for row in label.rows:
            passed = taken.setdefault(passes.get(row, row), [])
            middle = (label.first + label.last) / 2
            if row in passes and any(left <= middle <= right for left, right in passed):
                continue
            left = _free_place(label, taken.setdefault(row, []), width, space)
            if left is not None:
                taken[row].append((left, left + label.width))
                if row in passes:
                    passed.append((middle, middle))
                placed[number] = Placed(left=left, row=row)
                break
    return placed


def _free_place(label: Label, taken: Sequence[tuple[float, float]], width: float, space: float) -> float | None:
    """Return the free left edge that is nearest to the middle of what the label is about."""
    lowest, highest = max(0.0, label.first - label.width), min(label.last, width - label.width)
    if lowest > highest:
        return None
    middle = min(max((label.first + label.last - label.width) / 2, lowest), highest)
    beside = [place for left, right in taken for place in (right + space, left - space - label.width)]
    free = [
        place
        for place in (middle, *beside)
        if lowest <= place <= highest
        and all(place >= right + space or place + label.width <= left - space for left, right in taken)
    ]
    return min(free, key=lambda place: abs(place - middle), default=None)

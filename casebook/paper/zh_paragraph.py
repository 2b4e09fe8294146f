"""Breaking lines of mixed Chinese and Latin text.

Chinese may break between any two characters, except that closing punctuation never starts a line and
opening punctuation never ends one; a Latin word or a number is never broken while it fits on a line.
The layout library's own wrapping does one or the other, not both.

Nothing here knows fonts: widths come from the caller.

Source: GB/T 15834-2011 5.1.11 (punctuation at line ends); W3C Requirements for Chinese Text Layout, 3.1.3.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

NEVER_FIRST = frozenset("、。，．：；？！）］｝〕〉》」』】〗”’…‥—–～·・％‰℃°々!),.:;?]}%‐")
NEVER_LAST = frozenset("（［｛〔〈《「『【〖“‘([{￥＄¥$")
_NO_BREAK = "\u00a0"
_AMBIGUOUS = frozenset("“”‘’—–…‥·°")
"""Used in both scripts: part of a word between two Latin characters, a mark of its own elsewhere."""
_BREAK_AFTER = frozenset("/-_.,;:@=&+)")


class Tone(StrEnum):
    """How strongly a run is printed."""

    INK = "ink"
    FAINT = "faint"
    ALERT = "alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of text in one look."""

    text: str
    bold: bool = False
    tone: Tone = Tone.INK
    struck: bool = False


Line = tuple[Run, ...]
Measure = Callable[[str, bool], float]
"""Width of a text, regular or bold."""


@dataclass(slots=True)
class _Piece:
    """A character of Chinese, a Latin word, or spaces, out of one run."""

    text: str
    run: Run
    width: float

    @property
    def is_space(self) -> bool:
        return self.text == " " * len(self.text)


@lru_cache(maxsize=8192)
def _is_wide(char: str) -> bool:
    return char in _AMBIGUOUS or unicodedata.east_asian_width(char) in "WF"


def _in_word(text: str, index: int) -> bool:
    char = text[index]
    if char == " ":
        return False
    if not _is_wide(char):
        return True
    inside = 0 < index < len(text) - 1
    return char in _AMBIGUOUS and inside and all(_is_plain(text[near]) for near in (index - 1, index + 1))


def _is_plain(char: str) -> bool:
    return char != " " and not _is_wide(char)


def _pieces(run: Run, measure: Measure) -> list[_Piece]:
    text = run.text
    pieces: list[_Piece] = []
    start = 0
    while start < len(text):
        end = start + 1
        if _in_word(text, start):
            while end < len(text) and _in_word(text, end):
                end += 1
        elif text[start] == " ":
            while end < len(text) and text[end] == " ":
                end += 1
        part = text[start:end]
        pieces.append(_Piece(part, run, measure(part, run.bold)))
        start = end
    return pieces


def _may_break(left: _Piece, right: _Piece, *, spaced: bool) -> bool:
    """Tell whether a line may end between two pieces that are not spaces; `spaced`: spaces stand between them."""
    last, first = left.text[-1], right.text[0]
    if last in NEVER_LAST or first in NEVER_FIRST or _NO_BREAK in (last, first):
        return False
    return spaced or not (_is_plain(last) and _is_plain(first))


def _clusters(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Group pieces that stay together on a line; spaces belong to what stands before them."""
    clusters: list[list[_Piece]] = []
    last: _Piece | None = None
    for piece in pieces:
        if not clusters or (
            not piece.is_space and last is not None and _may_break(last, piece, spaced=clusters[-1][-1].is_space)
        ):
            clusters.append([piece])
        else:
            clusters[-1].append(piece)
        last = last if piece.is_space else piece
    return clusters


def _width(pieces: Sequence[_Piece]) -> float:
    return sum(piece.width for piece in pieces)


def _solid_width(pieces: Sequence[_Piece]) -> float:
    """Width without the spaces at the end, which may hang over the edge."""
    total = _width(pieces)
    for piece in reversed(pieces):
        if not piece.is_space:
            break
        total -= piece.width
    return total


def _as_line(pieces: Sequence[_Piece], *, first: bool) -> Line:
    kept = list(pieces)
    while kept and kept[0].is_space and not first:
        del kept[0]
    while kept and kept[-1].is_space:
        kept.pop()
    line: list[Run] = []
    for piece in kept:
        if line and replace(piece.run, text="") == replace(line[-1], text=""):
            line[-1] = replace(line[-1], text=line[-1].text + piece.text)
        else:
            line.append(replace(piece.run, text=piece.text))
    return tuple(line)


def _broken_word(cluster: Sequence[_Piece], measure: Measure, width: float) -> list[list[_Piece]]:
    """Cut what is wider than a whole line, after a separator in its last third where there is one."""
    characters = [_Piece(char, piece.run, measure(char, piece.run.bold)) for piece in cluster for char in piece.text]
    parts: list[list[_Piece]] = []
    while characters:
        fits, used = 0, 0.0
        while fits < len(characters) and used + characters[fits].width <= width:
            used += characters[fits].width
            fits += 1
        fits = max(fits, 1)
        if fits < len(characters):
            separators = [at + 1 for at in range(fits * 2 // 3, fits) if characters[at].text in _BREAK_AFTER]
            fits = separators[-1] if separators else fits
        parts.append(characters[:fits])
        characters = characters[fits:]
    return parts


def _break_paragraph(runs: Sequence[Run], measure: Measure, width: float) -> list[Line]:
    pieces = [piece for run in runs for piece in _pieces(run, measure)]
    lines: list[list[_Piece]] = [[]]
    for cluster in _clusters(pieces):
        if not lines[-1] or _width(lines[-1]) + _solid_width(cluster) <= width:
            lines[-1] += cluster
        else:
            lines.append(list(cluster))
        if _solid_width(lines[-1]) > width:  # alone on its line and still too wide
            lines[-1:] = _broken_word(lines[-1], measure, width)
    return [_as_line(line, first=number == 0) for number, line in enumerate(lines)]


def break_lines(runs: Sequence[Run], measure: Measure, width: float) -> tuple[Line, ...]:
    """Return `runs` as lines no wider than `width`, in the unit of `measure`.

    A newline in a run ends a line. Spaces at a break are dropped. One character that is wider than
    the line stands alone on it.
    """
    paragraphs: list[list[Run]] = [[]]
    for run in runs:
        for number, part in enumerate(run.text.split("\n")):
            if number:
                paragraphs.append([])
            if part:
                paragraphs[-1].append(replace(run, text=part))
    return tuple(line for paragraph in paragraphs for line in _break_paragraph(paragraph, measure, width))

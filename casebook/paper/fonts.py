"""The two fonts of every page, registered once, and what they cannot draw.

Noto Sans SC in regular and bold, whole: names of people need rare characters. A character without a
glyph would print as an empty box and be lost; it is printed by its Unicode number instead.

Source: docs/paper.md, section "Fonts".
"""

import threading
from collections.abc import Iterable
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from casebook.locations import data_folder

REGULAR = "CasebookSans"
BOLD = "CasebookSans-Bold"
_FILES = {REGULAR: "NotoSansSC_400Regular.ttf", BOLD: "NotoSansSC_700Bold.ttf"}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
_FIRST_PRINTABLE = 0x20
_lock = threading.Lock()


@cache
def _register() -> frozenset[int]:
    folder = data_folder("resources") / "fonts"
    glyphs: frozenset[int] | None = None
    for name, file in _FILES.items():
        font = TTFont(name, str(folder / file))
        pdfmetrics.registerFont(font)
        drawn = frozenset(code for code, glyph in font.face.charToGlyph.items() if glyph)
        glyphs = drawn if glyphs is None else glyphs & drawn
    return glyphs or frozenset()


def register() -> frozenset[int]:
    """Register both fonts with the layout library at the first call; return the characters both can draw."""
    with _lock:
        return _register()


def missing_characters(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the characters of `texts` that the fonts cannot draw, each once, sorted."""
    glyphs = register()
    found = {char for text in texts for char in text}
    return tuple(
        sorted(
            char
            for char in found
            if ord(char) >= _FIRST_PRINTABLE and char not in _INVISIBLE and ord(char) not in glyphs
        )
    )


def drawable(text: str) -> str:
    """Return `text` with tabs as spaces, invisible characters gone and glyphless ones as `[U+20BB7]`."""
    glyphs = register()
    if all(ord(char) in glyphs for char in text):
        return text
    return "".join(_drawable(char, glyphs) for char in text)


def _drawable(char: str, glyphs: frozenset[int]) -> str:
    if char == "\n" or ord(char) in glyphs:
        return char
    if char == "\t":
        return " "
    if char in _INVISIBLE or ord(char) < _FIRST_PRINTABLE:
        return ""
    return f"[U+{ord(char):04X}]"


def text_width(text: str, *, bold: bool, size: float) -> float:
    """Return the width of `text` in points."""
    return float(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, size))

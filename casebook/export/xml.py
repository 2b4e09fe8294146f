"""XML written element by element, so that a large record never stands in memory as a tree.

Attributes come in the order in which they are given, lines are indented, and nothing depends on a locale
or a clock: the same calls give the same bytes. What XML cannot hold (control characters) becomes U+FFFD.

Source: XML 1.0 (fifth edition), 2.2 (characters) and 3.3.3 (a line break in an attribute must be a reference).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)

Attributes = Mapping[str, str | None]
"""Names and values; an attribute that is None is left out."""


class XmlWriter:
    """Writes one document to a binary file."""

    def __init__(self, file: BinaryIO) -> None:
        """Write the declaration."""
        self._file = file
        self._depth = 0
        self._put('<?xml version="1.0" encoding="UTF-8"?>')

    def _put(self, line: str) -> None:
        self._file.write(f"{' ' * self._depth}{line}\n".encode())

    @contextmanager
    def inside(self, tag: str, attributes: Attributes | None = None) -> Iterator[None]:
        """Write an element around what is written inside the block."""
        self._put(f"<{tag}{_written(attributes)}>")
        self._depth += 1
        yield
        self._depth -= 1
        self._put(f"</{tag}>")

    def leaf(self, tag: str, attributes: Attributes | None = None, text: str | None = None) -> None:
        """Write an element that holds nothing, or text alone."""
        if text is None:
            self._put(f"<{tag}{_written(attributes)}/>")
            return
        self._put(f"<{tag}{_written(attributes)}>{_clean(text).translate(_TEXT)}</{tag}>")


def _written(attributes: Attributes | None) -> str:
    given = (attributes or {}).items()
    return "".join(f' {name}="{_clean(value).translate(_ATTRIBUTE)}"' for name, value in given if value is not None)


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)

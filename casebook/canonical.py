"""Canonical bytes: one value, one spelling.

RFC 8785 narrowed until every sane serialiser agrees: strings, integers, null, lists and objects with
short ASCII keys; no floats, no booleans; text in NFC without control characters but line feed.

Source: RFC 8785; docs/record_format.md, section "Canonical form".
"""

import json
import re
import unicodedata
from functools import lru_cache

from casebook.errors import CommitUnreadableError

Value = str | int | None | list["Value"] | dict[str, "Value"]

_KEY = re.compile(r"[a-z0-9]{1,3}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INT_LIMIT = 2**53
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))


def clean_text(text: str) -> str:
    """Return `text` as it may be recorded: NFC, line feeds only, no control characters."""
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return _CONTROL.sub("", unified)


def _check(value: object) -> None:
    left = [value]
    while left:
        part = left.pop()
        kind = type(part)
        if kind is str:
            _check_text(str(part))
        elif kind is list and isinstance(part, list):
            left.extend(part)
        elif kind is dict and isinstance(part, dict):
            for key in part:
                if not _is_key(key):
                    raise CommitUnreadableError(why="a key outside a-z, 0-9")
            left.extend(part.values())
        elif part is not None:
            _check_other(part, left)


def _check_other(part: object, left: list[object]) -> None:
    if isinstance(part, bool | float):
        raise CommitUnreadableError(why="a number that is not an integer")
    if isinstance(part, int):
        if abs(part) >= _INT_LIMIT:
            raise CommitUnreadableError(why="an integer that is too large")
    elif isinstance(part, str):
        _check_text(part)
    elif isinstance(part, list):
        left.extend(part)
    elif isinstance(part, dict):
        left.append(dict(part))
    else:
        raise CommitUnreadableError(why=f"a {type(part).__name__}")


def _check_text(text: str) -> None:
    if text.isascii() and text.isprintable():
        return
    if _CONTROL.search(text) or not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        raise CommitUnreadableError(why="text that is not in normal form")


@lru_cache(maxsize=256)
def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def encode(value: Value) -> bytes:
    """Return the canonical bytes of `value`. Raises CommitUnreadableError for what has none."""
    _check(value)
    return _ENCODER.encode(value).encode("utf-8")


def _no_integer(_: str) -> int:
    raise CommitUnreadableError(why="a number that is not an integer")


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    for key in found:
        if not _is_key(key):
            raise CommitUnreadableError(why="a key outside a-z, 0-9")
    return found


def _bounded(digits: str) -> int:
    number = int(digits)
    if abs(number) >= _INT_LIMIT:
        raise CommitUnreadableError(why="an integer that is too large")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_bounded, parse_float=_no_integer, parse_constant=_no_integer
)


def _is_plain(text: str) -> bool:
    """Tell whether a spelling has no escape, truth value or unusual character, as nearly all have none.

    Normal form and characters hold for a whole just where they hold for each text in it: between two texts stand
    quotation marks, with which nothing composes.
    """
    return (
        text.isprintable()
        and "\\" not in text
        and "true" not in text
        and "false" not in text
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
    )


def decode(data: bytes) -> Value:
    """Return the value of canonical bytes; anything spelled otherwise raises CommitUnreadableError."""
    try:
        text = data.decode("utf-8")
        value: Value = _DECODER.decode(text)
        if not _is_plain(text):
            _check(value)
        spelled = _ENCODER.encode(value)
    except (ValueError, RecursionError):
        raise CommitUnreadableError(why="not JSON") from None
    if spelled != text:
        raise CommitUnreadableError(why="not in canonical spelling")
    return value


def decode_object(data: bytes) -> dict[str, Value]:
    """Return the object that `data` spells. Raises CommitUnreadableError when it is none."""
    value = decode(data)
    if not isinstance(value, dict):
        raise CommitUnreadableError(why="not an object")
    return value


def text_of(record: dict[str, Value], key: str) -> str:
    """Return a string field. Raises CommitUnreadableError when it is missing or of another type."""
    value = record.get(key)
    if not isinstance(value, str):
        raise CommitUnreadableError(why=f"field {key} is not text")
    return value


def int_of(record: dict[str, Value], key: str) -> int:
    """Return an integer field. Raises CommitUnreadableError when it is missing or of another type."""
    value = record.get(key)
    if not isinstance(value, int):
        raise CommitUnreadableError(why=f"field {key} is not an integer")
    return value


def list_of(record: dict[str, Value], key: str) -> list[Value]:
    """Return a list field. Raises CommitUnreadableError when it is missing or of another type."""
    value = record.get(key)
    if not isinstance(value, list):
        raise CommitUnreadableError(why=f"field {key} is not a list")
    return value

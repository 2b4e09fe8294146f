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
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def clean_text(text: str) -> str:
    """Return `text` as it may be recorded: NFC, line feeds only, no control characters."""
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return _CONTROL.sub("", unified)


def _check(value: object) -> None:
    kind = type(value)
    if kind is str:
        _check_text(str(value))
    elif isinstance(value, list):
        for part in value:
            _check(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if not _is_key(key):
                raise CommitUnreadableError(why="a key outside a-z, 0-9")
            _check(part)
    elif isinstance(value, int) and kind is not bool:
        if abs(value) >= _INT_LIMIT:
            raise CommitUnreadableError(why="an integer that is too large")
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, bool | float):
        raise CommitUnreadableError(why="a number that is not an integer")
    elif value is not None:
        raise CommitUnreadableError(why=f"a {kind.__name__}")


def _check_text(text: str) -> None:
    if _CONTROL.search(text) or not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        raise CommitUnreadableError(why="text that is not in normal form")


@lru_cache(maxsize=256)
def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def encode(value: Value) -> bytes:
    """Return the canonical bytes of `value`. Raises CommitUnreadableError for what has none."""
    _check(value)
    return _ENCODER.encode(value).encode("utf-8")


def decode(data: bytes) -> Value:
    """Return the value of canonical bytes; anything spelled otherwise raises CommitUnreadableError."""
    try:
        value: Value = json.loads(data)
    except (ValueError, RecursionError):
        raise CommitUnreadableError(why="not JSON") from None
    if encode(value) != data:
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

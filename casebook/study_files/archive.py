"""A study definition as one file that never changes: written when a version is released, read for ever after.

The file is the canonical form that the definition names itself by, whole, with its version beside it. What
is read back is hashed again, definition and forms, so that a damaged or edited file is refused.

Source: docs/study_files.md, section "Earlier versions".
"""

import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

from casebook.design import StudyDesign
from casebook.study_files.canonical_form import RULES, named, plain
from casebook.study_files.nodes import refuse
from casebook.study_files.references import used_lists

FORMAT = 1
EARLIER = "earlier"
"""Folder of a study in which the files of its earlier versions lie, in the order of their names."""

_RULES = {kind.__name__: kind for kind in RULES}


def freeze(design: StudyDesign) -> bytes:
    """Return a definition as the bytes of a file, the same bytes for the same definition."""
    whole = {"format": FORMAT, "version": design.version, "design": design}
    return json.dumps(whole, default=plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def thaw(data: bytes, name: str = "frozen study") -> StudyDesign:
    """Return the definition of a file that `freeze` made.

    Args:
        name: How the file is called in what is told of it.

    Raises:
        StudyFileError: It is no such file, is of a later format, or was changed.
    """
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            refuse(
                name,
                "format",
                f"this release reads format {FORMAT}. Update the application.",
                f"本版本读取格式 {FORMAT}。请更新应用程序。",
            )
        design = _build(StudyDesign, whole["design"])
        claimed = whole["version"]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        refuse(name, "-", "this is no frozen study. Freeze it again.", "这不是归档的研究定义。请重新归档。")
    if not isinstance(design, StudyDesign) or _renamed(design) != design or design.version != claimed:
        refuse(
            name,
            "version",
            "its content does not fit its version. Take the file from the release again.",
            "其内容与版本不符。请重新从发布包获取该文件。",
        )
    return design


def _renamed(design: StudyDesign) -> StudyDesign:
    """Return the definition with versions worked out anew."""
    bare = {oid: dataclasses.replace(form, version="") for oid, form in design.forms.items()}
    return named(dataclasses.replace(design, version="", forms=bare), lambda form: used_lists(form, design.code_lists))


def read_earlier(folder: Traversable) -> tuple[StudyDesign, ...]:
    """Return the earlier versions of a study folder, the earliest first. Raises StudyFileError."""
    place = folder.joinpath(EARLIER)
    if not place.is_dir():
        return ()
    files = sorted((one for one in place.iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return tuple(thaw(one.read_bytes(), f"{EARLIER}/{one.name}") for one in files)


# -- plain objects back into records --------------------------------------------------------------------


@cache
def _fields(kind: type) -> Mapping[str, object]:
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def _build(kind: object, value: object) -> object:
    """Return `value` as `kind` wants it. Raises TypeError or KeyError where it does not fit."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return None if value is None else _build_one_of(inner, value)
    if origin is tuple:
        return _build_tuple(inner, value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _build(inner[1], one) for key, one in _table(value).items()}
    if origin is frozenset:
        return frozenset(_listed(value))
    if not isinstance(kind, type):
        raise TypeError(kind)
    if dataclasses.is_dataclass(kind):
        return _build_record(kind, _table(value))
    return _build_plain(kind, value)


def _build_plain(kind: type, value: object) -> object:
    if isinstance(value, str) and kind is Decimal:
        return Decimal(value)
    if isinstance(value, str) and issubclass(kind, StrEnum):
        return kind(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(value)
    return value


def _build_one_of(kinds: tuple[object, ...], value: object) -> object:
    if isinstance(value, dict) and "rule" in value:
        return _build_record(_RULES[value["rule"]], value)
    real = [one for one in kinds if one is not type(None)]
    return _build(real[0], value)


def _build_tuple(inner: tuple[object, ...], value: object) -> tuple[object, ...]:
    if len(inner) > 1 and inner[1] is not Ellipsis:
        return tuple(_build(kind, one) for kind, one in zip(inner, _listed(value), strict=True))
    return tuple(_build(inner[0], one) for one in _listed(value))


def _build_record(kind: type, table: dict[str, object]) -> object:
    fields = _fields(kind)
    known = {*fields, "rule"} if kind in RULES else set(fields)
    if not set(table) <= known:
        raise KeyError(kind)
    return kind(**{name: _build(fields[name], one) for name, one in table.items() if name in fields})


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value

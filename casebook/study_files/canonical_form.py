"""The name that a study definition gives itself: the SHA-256 of its canonical form.

The canonical form is the definition as plain objects, written as JSON with sorted keys, no spaces and
UTF-8: records as objects of their fields, rules with their kind under `rule`, decimals as text, sets as
sorted lists. A record names the version of the form that it was entered with, so every label, limit and
code list that the form shows is part of it, in every language.

Source: docs/study_files.md, section "Versions".
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from casebook.design import (
    AllOf,
    Answered,
    AnyOf,
    CodeList,
    Compare,
    Form,
    Named,
    NoneOf,
    OneOf,
    Range,
    StudyDesign,
)

_FORM_DIGITS = 16
_RULES = (Answered, OneOf, Compare, Range, AllOf, AnyOf, NoneOf, Named)

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """Return a part of a definition as plain objects. Raises TypeError for what no definition holds."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, frozenset):
        return [plain(part) for part in sorted(value)]
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return {**fields, "rule": type(value).__name__} if isinstance(value, _RULES) else fields
    message = f"a definition holds no {type(value).__name__}"
    raise TypeError(message)


def canonical_bytes(value: object) -> bytes:
    """Return the canonical form of a part of a definition."""
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def form_version(form: Form, lists: Mapping[str, CodeList]) -> str:
    """Return 16 hex digits that name a form together with the code lists it uses."""
    whole = {"form": dataclasses.replace(form, version=""), "code_lists": dict(lists)}
    return hashlib.sha256(canonical_bytes(whole)).hexdigest()[:_FORM_DIGITS]


def study_version(design: StudyDesign) -> str:
    """Return 64 hex digits that name a whole study definition."""
    return hashlib.sha256(canonical_bytes(dataclasses.replace(design, version=""))).hexdigest()

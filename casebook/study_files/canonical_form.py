"""The name that a study definition gives itself: the SHA-256 of its canonical form.

The canonical form is the definition as plain objects, written as JSON with sorted keys, no spaces and
UTF-8: records as objects of their fields, rules with their kind under `rule`, decimals as text, sets as
sorted lists; in a study's canonical form each form stands as its own SHA-256. A record names the version
of the form that it was entered with, so every label, limit and code list that the form shows is part of
it, in every language.

Source: docs/study_files.md, section "Versions".
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache

from casebook.design import (
    CodeList,
    Form,
    StudyDesign,
)
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    OneOf,
    Range,
)

_FORM_DIGITS = 16
RULES = (Answered, OneOf, Compare, Range, AllOf, AnyOf, NoneOf, Named, Exists)


def plain(value: object) -> object:
    """Return what JSON does not know as what it knows. Raises TypeError for what no definition holds."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset):
        return sorted(value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        message = f"a definition holds no {type(value).__name__}"
        raise TypeError(message)
    fields = {name: getattr(value, name) for name in _field_names(type(value))}
    return {**fields, "rule": type(value).__name__} if isinstance(value, RULES) else fields


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in dataclasses.fields(kind))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form of a part of a definition, 64 hex digits."""
    text = json.dumps(value, default=plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def named(design: StudyDesign, lists_of: Callable[[Form], Mapping[str, CodeList]]) -> StudyDesign:
    """Return a definition whose forms, and which itself, carry their versions.

    Args:
        lists_of: The code lists that a form uses.
    """
    digests = {oid: digest({"form": form, "code_lists": lists_of(form)}) for oid, form in design.forms.items()}
    forms = {oid: dataclasses.replace(form, version=digests[oid][:_FORM_DIGITS]) for oid, form in design.forms.items()}
    parts = {name: getattr(design, name) for name in _field_names(StudyDesign)}
    return dataclasses.replace(design, forms=forms, version=digest({**parts, "forms": digests}))

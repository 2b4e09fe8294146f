"""A declared rule as JSON, as machines read it: the kind under `rule`, then its fields.

Source: docs/study_files.md, section "Rules".
"""

import dataclasses
import json
from decimal import Decimal

from casebook.rule_kinds import (
    Rule,
)


def rule_source(rule: Rule) -> str:
    """Return a rule as JSON with sorted keys; what is not set is left out."""
    return json.dumps(_plain(rule), ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        kept = {name: _plain(one) for name, one in fields.items() if one not in (None, "", 0)}
        return {"rule": type(value).__name__, **kept}
    return value

"""Scores, derived values and rules that do not fit the declared set: pure functions, each by its name.

A study definition names them (`derive`, `named`); the engine that reads definitions looks them up here
and knows nothing of stroke. Each takes the readings of the items that the definition lists, in that
order, with quantities already in their standard unit. A derivation returns the canonical text, or None
where it cannot be computed; nothing is ever prorated or guessed. A rule returns True (it fires), False
or None (cannot be told).

Source: clinical content, sections 0.0, 1.7, 2, 3, 4.2 and 7; each function names its own.
"""

from casebook.scores import (
    body,
    followup,
    imaging,
    laboratory,
    medication,
    procedure,
    reports,
    safety,
    scales,
    screening,
)
from casebook.scores.cases import CASE_GROUPS
from casebook.scores.registry import DERIVATIONS, RULES, both, either
from casebook.scores.words import DERIVED, FIRES

__all__ = [
    "CASE_GROUPS",
    "DERIVATIONS",
    "DERIVED",
    "FIRES",
    "RULES",
    "body",
    "both",
    "either",
    "followup",
    "imaging",
    "laboratory",
    "medication",
    "procedure",
    "reports",
    "safety",
    "scales",
    "screening",
]

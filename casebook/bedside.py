"""What a study says of a scale that is scored at the bedside, one item after the other.

Source: docs/study_files.md, section "Scales that are scored item by item".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casebook.rule_kinds import Rule

OFFER_NOW = "now"
"""The moment, for a date-time."""
OFFER_SIGNED_IN = "signed_in"
"""Who is signed in."""
OFFER_MINE = "mine_before"
"""What the signed-in person entered here the last time."""
OFFERS = (OFFER_NOW, OFFER_SIGNED_IN, OFFER_MINE)
MOST_HOLD_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Grades that a rule of the scale asks for. They are offered, never filled in.

    Attributes:
        check: The check of the form whose sentence says why.
        gives: The grade by item.
    """

    when: Rule
    check: str
    gives: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """How a scale is scored.

    Attributes:
        total: The calculated item that holds its total.
        flags: Coded items that are to be seen while the scale is scored, such as whether somebody was asleep.
        corrections: Reasons of the study with which a grade that stands is given anew, each by one key.
    """

    total: str
    flags: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

"""How rules and derivations name items: in this form, in another one, or as something that the engine knows.

A name is read into its parts here and looked up elsewhere; nothing here knows a study.

Source: docs/study_files.md, section "Names of items".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

_REFERENCE = re.compile(
    r"(?P<outer>\^)?"
    r"(?:(?P<form>F\.[A-Z][A-Z0-9]*)(?:@(?P<visit>SE\.[A-Z][A-Z0-9]*))?(?:/(?P<occasion>[A-Z0-9][A-Z0-9_]*))?"
    r"(?P<places>\[\])?:)?"
    r"(?P<item>[A-Z][A-Z0-9_]*)(?P<rows>\[\])?"
)
_PSEUDO = re.compile(
    r"(?P<outer>\^)?@(?P<kind>[a-z_]+)"
    r"(?::(?:(?P<item>[A-Z][A-Za-z0-9_]*)|(?P<form>F\.[A-Z][A-Z0-9]*)(?:@(?P<visit>SE\.[A-Z][A-Z0-9]*))?"
    r"(?:/(?P<occasion>[A-Z0-9][A-Z0-9_]*))?))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An item by its name.

    Attributes:
        item: The item's name.
        form: Another form's OID, "" for the form that the rule stands in.
        visit: A visit's OID, "" for the latest visit at which there is a value.
        occasion: A planned repeat, "" for any.
        column: Every place of the item, and not one of them.
        outer: Inside `exists`, an item of the place where the rule stands (`^NAME`).
    """

    item: str
    form: str = ""
    visit: str = ""
    occasion: str = ""
    column: bool = False
    outer: bool = False


class PseudoKind(StrEnum):
    """What the engine itself answers, written with `@`."""

    NOW = "now"
    THIS = "this"
    """Inside `every` only: the item that the check is about."""
    VISIT = "visit"
    OCCASION = "occasion"
    VISITED = "visited"
    VISIT_STATUS = "visit_status"
    PREVIOUS_VISITED = "previous_visited"
    ENTERED = "entered"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    BEGUN = "begun"
    HARD = "hard"
    OPEN_HARD = "open_hard"
    OPEN_SOFT = "open_soft"
    LAST_CHANGE = "last_change"
    REPORTED = "reported"
    """A quantity of this form as it was entered, in the unit as reported."""
    CRITERION = "criterion"
    """The state of a criterion of eligibility: MET, NOT_MET or UNKNOWN."""
    ELIGIBLE = "eligible"
    """Y when every criterion is met, N when one is not, U when one is not known."""
    CRITERIA_FAILED = "criteria_failed"
    CRITERIA_UNKNOWN = "criteria_unknown"


OF_ITEM = frozenset({PseudoKind.ENTERED, PseudoKind.CHANGED, PseudoKind.DUPLICATE, PseudoKind.REPORTED})
"""Pseudo items that name an item of the form they stand in: `@entered:NAME`."""
OF_FORM = frozenset({PseudoKind.BEGUN, PseudoKind.HARD})
"""Pseudo items that name a form, perhaps at a visit: `@begun:F.X@SE.V1`."""
OF_ELIGIBILITY = frozenset(
    {PseudoKind.CRITERION, PseudoKind.ELIGIBLE, PseudoKind.CRITERIA_FAILED, PseudoKind.CRITERIA_UNKNOWN}
)
"""Pseudo items about the criteria of eligibility; `@criterion:E8b` names one."""
_LITERAL = "="


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudo:
    """A pseudo item; `item`, or `form`, `visit` and `occasion`, are what it is about."""

    kind: PseudoKind
    item: str = ""
    form: str = ""
    visit: str = ""
    occasion: str = ""
    outer: bool = False


@cache
def parse(name: str) -> Reference | Pseudo | None:
    """Read a name into its parts; None when it is no name at all."""
    found = _REFERENCE.fullmatch(name)
    if found is not None:
        if (found["places"] and found["rows"]) or (found["form"] and found["rows"]):
            return None
        return Reference(
            item=found["item"],
            form=found["form"] or "",
            visit=found["visit"] or "",
            occasion=found["occasion"] or "",
            column=bool(found["places"] or found["rows"]),
            outer=bool(found["outer"]),
        )
    return _parse_pseudo(name)


def _parse_pseudo(name: str) -> Pseudo | None:
    found = _PSEUDO.fullmatch(name)
    if found is None or found["kind"] not in tuple(PseudoKind):
        return None
    kind = PseudoKind(found["kind"])
    names_item = kind in OF_ITEM or kind is PseudoKind.CRITERION
    if bool(found["item"]) != names_item or bool(found["form"]) != (kind in OF_FORM):
        return None
    return Pseudo(
        kind=kind,
        item=found["item"] or "",
        form=found["form"] or "",
        visit=found["visit"] or "",
        occasion=found["occasion"] or "",
        outer=bool(found["outer"]),
    )


def literal(name: str) -> str | None:
    """Return the text that stands for itself (`=NIGHT`), None for a name of something else."""
    return name.removeprefix(_LITERAL) if name.startswith(_LITERAL) else None

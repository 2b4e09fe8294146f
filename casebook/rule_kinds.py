"""The closed set of rules that a study may declare: what each holds, and nothing of how it is evaluated.

Source: docs/study_files.md, section "Rules".
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """True when the item has a value or a missing-data code."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """True when the item's value (any of them, for several codes) is among `values`; unknown when empty."""

    item: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Compare an item with another item or a constant; decimals as decimals, instants as instants.

    `op` is one of lt, le, eq, ne, ge, gt. Unknown when a side is empty, missing or has a comparator
    that leaves the answer open. `add_minutes` is added to the right side when it is an instant.
    """

    item: str
    op: str
    other: str | None = None
    value: str | None = None
    add_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """True when a number lies outside [low, high]; each bound optional."""

    item: str
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Three-valued and."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Three-valued or."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """Three-valued nor."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A rule that does not fit the closed set: a pure function of `casebook.scores`, by its name.

    It gets the readings of `items`, in order, and returns True (fires), False or None (unknown).
    """

    function: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """True when an instance of a form, or a row of one of its groups, fulfils `where`; three-valued.

    Inside `where` names are items of that form (and row); `^NAME` is an item of the place where the rule
    stands. Struck rows do not count. With `form` "" it looks at rows of the form that it stands in.
    """

    form: str = ""
    group: str = ""
    where: "Rule"


Rule = Answered | OneOf | Compare | Range | AllOf | AnyOf | NoneOf | Named | Exists

"""Named functions: how they are registered, and how they read their items.

A study definition names a function; the engine finds it here. Nothing here knows what a function computes.

Source: docs/study_files.md, section "Named functions".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from casebook.records import Reading
from casebook.values import number_of

Readings = Sequence[Reading]
Derive = Callable[[Readings], str | None]
Fires = Callable[[Readings], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How many items a named function takes; `counts` empty means one or more."""

    counts: frozenset[int]

    def takes(self, count: int) -> bool:
        """Tell whether the function may be given `count` items."""
        return count in self.counts if self.counts else count > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDerivation(Entry):
    """A derivation by its name."""

    function: Derive


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRule(Entry):
    """A rule by its name."""

    function: Fires


DERIVATIONS: dict[str, NamedDerivation] = {}
RULES: dict[str, NamedRule] = {}


def derivation(*counts: int) -> Callable[[Derive], Derive]:
    """Register a derivation under its own name, for any of these numbers of items."""

    def register(function: Derive) -> Derive:
        DERIVATIONS[function.__name__] = NamedDerivation(counts=frozenset(counts), function=function)
        return function

    return register


def rule(*counts: int) -> Callable[[Fires], Fires]:
    """Register a rule under its own name, for any of these numbers of items."""

    def register(function: Fires) -> Fires:
        RULES[function.__name__] = NamedRule(counts=frozenset(counts), function=function)
        return function

    return register


# -- reading the items ----------------------------------------------------------------------------------

_KEPT_DECIMALS = 10
"""Decimals of a derived value that has no end. Compared as it stands, rounded for display only."""
WHOLE = re.compile(r"-?\d+")


def number_in(reading: Reading) -> Decimal | None:
    """Return the exact number of a reading, None for any other."""
    return number_of(reading.value)


def numbers(readings: Readings) -> tuple[Decimal, ...] | None:
    """Return the exact numbers of all readings, None when one of them has none."""
    found = tuple(number for one in readings if (number := number_in(one)) is not None)
    return found if len(found) == len(readings) else None


def number_text(number: Fraction) -> str:
    """Return the canonical text of a derived number: exact where it ends, else cut after ten decimals."""
    cut = int(abs(number) * 10**_KEPT_DECIMALS)
    digits = Decimal(-cut if number < 0 else cut).scaleb(-_KEPT_DECIMALS)
    short = digits.normalize()
    return f"{short or Decimal(0):f}"


def yes_no(*, answer: bool) -> str:
    """Return the CDISC code of an answer."""
    return "Y" if answer else "N"


def either(*answers: bool | None) -> bool | None:
    """Three-valued or."""
    if any(one is True for one in answers):
        return True
    return None if any(one is None for one in answers) else False


def both(*answers: bool | None) -> bool | None:
    """Three-valued and."""
    if any(one is False for one in answers):
        return False
    return None if any(one is None for one in answers) else True


def is_any(reading: Reading, *values: str) -> bool | None:
    """Tell whether the reading is one of `values`; None without a value."""
    return None if reading.value is None else reading.value in values

"""Named functions: how they are registered, and how they read their items.

A study definition names a function; the engine finds it here. Nothing here knows what a function computes.

Source: docs/study_files.md, section "Named functions".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, overload

from casebook.records import Reading
from casebook.values import number_of

Readings = Sequence[Reading]
Columns = Sequence[Sequence[Reading]]
"""What stands in items of many places: one sequence for each column, in the order in which they are listed."""
_Derives = Callable[[Readings], str | None]
_DerivesFromColumns = Callable[[Readings, Columns], str | None]
_Fires = Callable[[Readings], bool | None]
_FiresOverColumns = Callable[[Readings, Columns], bool | None]


class Derive(Protocol):
    """Works a value out from single items and columns."""

    def __call__(self, readings: Readings, columns: Columns = (), /) -> str | None:
        """Return the canonical text, None where it cannot be worked out."""
        ...


class Fires(Protocol):
    """Answers a rule from single items and columns."""

    def __call__(self, readings: Readings, columns: Columns = (), /) -> bool | None:
        """Return whether it fires, None where that cannot be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How many single items and columns a named function takes.

    `counts` empty means one item or more; for a function over columns, any number of single items.
    """

    counts: frozenset[int]
    columns: int = 0

    def takes(self, count: int, columns: int = 0) -> bool:
        """Tell whether the function may be given `count` single items and `columns` columns."""
        singles = count in self.counts if self.counts else count > 0 or self.columns > 0
        return singles and columns == self.columns


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


@overload
def derivation(*counts: int) -> Callable[[_Derives], _Derives]: ...
@overload
def derivation(*counts: int, columns: int) -> Callable[[_DerivesFromColumns], _DerivesFromColumns]: ...
def derivation(*counts: int, columns: int = 0) -> Callable[..., Callable[..., str | None]]:
    """Register a derivation under its own name, for any of these numbers of single items.

    With `columns`, the function is called `function(readings, columns)` and gets that many columns.
    """

    def register(function: Callable[..., str | None]) -> Callable[..., str | None]:
        def derive(readings: Readings, found: Columns = (), /) -> str | None:
            return function(readings, found) if columns else function(readings)

        DERIVATIONS[function.__name__] = NamedDerivation(counts=frozenset(counts), columns=columns, function=derive)
        return function

    return register


@overload
def rule(*counts: int) -> Callable[[_Fires], _Fires]: ...
@overload
def rule(*counts: int, columns: int) -> Callable[[_FiresOverColumns], _FiresOverColumns]: ...
def rule(*counts: int, columns: int = 0) -> Callable[..., Callable[..., bool | None]]:
    """Register a rule under its own name, for any of these numbers of single items; `columns` as above."""

    def register(function: Callable[..., bool | None]) -> Callable[..., bool | None]:
        def fires(readings: Readings, found: Columns = (), /) -> bool | None:
            return function(readings, found) if columns else function(readings)

        RULES[function.__name__] = NamedRule(counts=frozenset(counts), columns=columns, function=fires)
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

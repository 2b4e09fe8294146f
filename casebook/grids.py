"""Tables of measured values: which items of a section stand in one line of it.

Source: docs/study_files.md, section "Grids".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PLACES = ("value", "low", "high", "flag", "significant")
"""The places of a line, in reading order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLine:
    """What stands beside a value, each an item of its section by name; "" where there is none.

    Attributes:
        value: The measured value.
        flag: The derived item that says where the value lies.
        low, high: The limits that the report itself prints.
        significant: Whether a value outside its range is clinically significant.
    """

    value: str
    flag: str = ""
    low: str = ""
    high: str = ""
    significant: str = ""

    @property
    def beside(self) -> tuple[str, ...]:
        """The items that stand beside the value, in reading order."""
        return tuple(name for place in PLACES[1:] if (name := self.at(place)))

    def at(self, place: str) -> str:
        """Return the item at one of PLACES; "" for none."""
        return str(getattr(self, place))

    def place_of(self, name: str) -> str:
        """Return at which of PLACES an item of the line stands. Raises StopIteration for another item."""
        return next(place for place in PLACES if self.at(place) == name)


def lines_of(names: Iterable[str], lines: Iterable[GridLine]) -> Mapping[str, GridLine]:
    """Return the lines of a section in its order: those it names, and one for each item that stands in none.

    Args:
        names: The section's items in order.
        lines: The lines that the study names.
    """
    names = tuple(names)
    named = {one.value: one for one in lines if one.value in names}
    beside = {name for one in named.values() for name in one.beside}
    return {name: named.get(name, GridLine(value=name)) for name in names if name not in beside}

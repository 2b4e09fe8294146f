"""The reference ranges of a grid: which one applies to each value, in each unit in which it may be reported.

The same functions judge a result once it is there; here they are asked before, so that the range stands
beside an empty field. Nothing here reads a clock, a disk or a screen.

Source: docs/study_files.md, sections "Grids" and "Named functions" (`range_indicator`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from casebook.checks import Scope
from casebook.design import ItemGroup
from casebook.grids import lines_of
from casebook.reference_ranges import AppliedRange, Told, ranges_for
from casebook.rules import arguments_of

RANGED = "range_indicator"
"""The derivation that judges a value by a reference range."""

Ranges = Mapping[str, AppliedRange]
"""The range of a value by the unit in which it is reported."""


class GridRanges(NamedTuple):
    """The ranges of a grid by the value's name; values without any are left out.

    Attributes:
        applied: By which results are judged.
        kept: What the site, else the study, says where a report says nothing of its own.
    """

    applied: Mapping[str, Ranges]
    kept: Mapping[str, Ranges]


def ranges_of(scope: Scope, group: ItemGroup) -> GridRanges:
    """Return the ranges of a grid's values that are asked now."""
    items = {item.name: item for item in group.items}
    applied: dict[str, Ranges] = {}
    kept: dict[str, Ranges] = {}
    for name, line in lines_of(items, group.lines).items():
        flag = items.get(line.flag)
        if flag is None or flag.derivation is None or flag.derivation.function != RANGED:
            continue
        value = items[name]
        if not scope.is_relevant(value, ""):
            continue
        readings, columns = arguments_of(flag.derivation.items, scope.lookup("", flag.name))
        units = [unit.unit for unit in value.units] or [""]
        told = {unit: tuple(ranges_for(readings, columns, unit=unit, standard=units[0])) for unit in units}
        applied[name] = {unit: ranges[0] for unit, ranges in told.items() if ranges}
        others = {unit: [one for one in ranges if one.by is not Told.REPORT] for unit, ranges in told.items()}
        kept[name] = {unit: ranges[0] for unit, ranges in others.items() if ranges}
    return GridRanges(*({name: one for name, one in found.items() if one} for found in (applied, kept)))

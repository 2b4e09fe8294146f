"""The reference ranges of a grid: which one applies to each value, in each unit in which it may be reported.

The same functions judge a result once it is there; here they are asked before, so that the range stands
beside an empty field. Nothing here reads a clock, a disk or a screen.

Source: docs/study_files.md, sections "Grids" and "Named functions" (`range_indicator`).
"""

from collections.abc import Mapping

from casebook.checks import Scope
from casebook.design import ItemGroup
from casebook.grids import lines_of
from casebook.reference_ranges import AppliedRange, ranges_for
from casebook.rules import arguments_of

RANGED = "range_indicator"
"""The derivation that judges a value by a reference range."""

Ranges = Mapping[str, AppliedRange]
"""The range of a value by the unit in which it is reported."""


def ranges_of(scope: Scope, group: ItemGroup) -> dict[str, Ranges]:
    """Return the ranges of a grid's values that are asked now, by the value's name; those without any left out."""
    items = {item.name: item for item in group.items}
    found: dict[str, Ranges] = {}
    for name, line in lines_of(items, group.lines).items():
        flag = items.get(line.flag)
        if flag is None or flag.derivation is None or flag.derivation.function != RANGED:
            continue
        value = items[name]
        if not scope.is_relevant(value, ""):
            continue
        readings, columns = arguments_of(flag.derivation.items, scope.lookup("", flag.name))
        units = [unit.unit for unit in value.units] or [""]
        applied = {unit: next(ranges_for(readings, columns, unit=unit, standard=units[0]), None) for unit in units}
        found[name] = {unit: one for unit, one in applied.items() if one is not None}
    return {name: ranges for name, ranges in found.items() if ranges}

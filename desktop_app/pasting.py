"""A pasted panel beside the form that it would go into: what each line would do there, before anything is kept.

Pure: the same text and the same form give the same lines. Nothing here decides for the user; what is open stays
open until somebody chooses.

Source: docs/adr/0034; casebook/pasted.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from casebook.design import Item
from casebook.entry import measured
from casebook.grids import lines_of
from casebook.pasted import Analyte, Line, Offer, Why, read_results
from casebook.ranges import Ranges
from casebook.records import ItemPath
from casebook.reference_ranges import indicator
from casebook.units import to_standard, told_in_standard
from casebook.values import Quantity, quantity_of
from desktop_app.snapshots import FormView, GroupView, ItemView, Mark


class Does(StrEnum):
    """What taking a result would do to what stands in the form."""

    FILLS = "fills"
    REPLACES = "replaces"
    """Something stands there that is not saved yet."""
    CHANGES = "changes"
    """A recorded value changes; that needs a reason."""
    NOTHING = "nothing"
    """The same stands there already."""
    NOT_ASKED = "not_asked"
    CLOSED = "closed"
    """The item can only be read."""
    DISPUTED = "disputed"
    """Two entries disagree there; a paste settles nothing."""


TAKEN = frozenset({Does.FILLS, Does.REPLACES, Does.CHANGES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of taking a line.

    Attributes:
        raw: The value as it stands in the line; `unit`: the unit with which it would be recorded.
        standard: The same in the standard unit, in words; "" where it is that.
        flag: LOW, NORMAL, HIGH, or None where that cannot be told.
        stands: What stands there now, as text; "" for nothing.
    """

    path: ItemPath
    item: Item
    raw: str
    unit: str
    standard: str
    flag: str | None
    does: Does
    stands: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedLine:
    """A line of the text with its ways; `likely`: the place among them of the one unit that is suggested, else -1."""

    line: Line
    ways: tuple[Way, ...]
    likely: int = -1

    @property
    def is_ready(self) -> bool:
        """Whether it is taken unless somebody takes it out."""
        return self.line.is_sure and self.ways[0].does in TAKEN

    @property
    def is_likely(self) -> bool:
        """Whether it can be taken together with others of its kind: one value, one analyte, a unit to look at."""
        looked_at = self.line.why is Why.OTHER_WORDS or not self.line.words
        return looked_at and self.likely >= 0 and self.ways[self.likely].does in TAKEN


def read_panel(text: str, view: FormView, units: Mapping[str, str]) -> tuple[PastedLine, ...]:
    """Return what a pasted text would do to a form.

    Args:
        units: The unit in which each value was reported last, by the item's name.

    Returns:
        A line for each result and for each line without one, in the order of the text.
    """
    values = {item.item.name: (group, item) for group, item in _values(view)}
    analytes = [_analyte(item.item) for _, item in values.values()]
    return tuple(_planned(line, values, units) for line in read_results(text, analytes))


def _values(view: FormView) -> Iterator[tuple[GroupView, ItemView]]:
    for group in view.groups:
        if group.group.style != "grid" or group.group.repeating:
            continue
        names = lines_of((item.name for item in group.group.items), group.group.lines)
        for item in group.rows[0].items:
            if item.item.name in names and item.item.derivation is None:
                yield group, item


def _analyte(item: Item) -> Analyte:
    names = [] if item.names is None else [one for text in item.names.by_language.values() for one in _parted(text)]
    return Analyte(item=item.name, names=(*item.label.by_language.values(), *names), units=item.units)


def _parted(names: str) -> list[str]:
    return [one.strip() for one in names.replace("；", ";").split(";") if one.strip()]


def _planned(line: Line, values: Mapping[str, tuple[GroupView, ItemView]], units: Mapping[str, str]) -> PastedLine:
    ways = tuple(_way(offer, *values[offer.item]) for offer in line.offers)
    likely = -1
    if line.why in {Why.NO_UNIT, Why.OTHER_WORDS} and len({(way.path, way.raw) for way in ways}) == 1:
        item = ways[0].item
        wanted = units.get(item.name, item.units[0].unit if item.units else "")
        likely = 0 if len(ways) == 1 else next((place for place, way in enumerate(ways) if way.unit == wanted), -1)
    return PastedLine(line=line, ways=ways, likely=likely)


def _way(offer: Offer, group: GroupView, stands: ItemView) -> Way:
    quantity = quantity_in(offer.value, offer.unit)
    item = stands.item
    return Way(
        path=stands.path,
        item=item,
        raw=offer.value,
        unit=offer.unit,
        standard=told_in_standard(quantity, item.units) if quantity is not None else "",
        flag=flag_of(quantity, item, group.ranges.get(item.name, {})),
        does=_does(stands, quantity),
        stands=stands.typed if stands.mark is Mark.TYPED else stands.reading.value or stands.reading.missing or "",
    )


def quantity_in(typed: str, unit: str) -> Quantity | None:
    """Return the quantity that is typed or pasted; None for what is none yet."""
    found = measured(typed)
    return None if found is None or found[1] else quantity_of(f"{found[0]} {unit}".strip())


def flag_of(quantity: Quantity | None, item: Item, ranges: Ranges) -> str | None:
    """Return LOW, NORMAL or HIGH for a quantity by the range of its unit; None where that cannot be told."""
    applied = None if quantity is None else ranges.get(quantity.unit)
    if applied is None or quantity is None:
        return None
    judged = quantity if applied.unit == quantity.unit else to_standard(quantity, item.units)
    return None if judged is None else indicator(str(judged), applied.limits)


def _does(stands: ItemView, quantity: Quantity | None) -> Does:
    if not stands.visible:
        return Does.NOT_ASKED
    if not stands.editable:
        return Does.CLOSED
    if stands.mark is Mark.CONFLICT:
        return Does.DISPUTED
    if quantity is not None and stands.mark is not Mark.TYPED and stands.reading.value == str(quantity):
        return Does.NOTHING
    if stands.asks_reason:
        return Does.CHANGES
    return Does.REPLACES if stands.mark is Mark.TYPED or not stands.reading.is_empty else Does.FILLS

"""A pasted panel beside the form that it would go into: what each line would do there, before anything is kept.

Pure: the same text and the same form give the same lines. Nothing here decides for the user; what is open stays
open until somebody chooses.

Source: docs/adr/0034; casebook/pasted.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from casebook.design import DataType, Item, UnitFactor
from casebook.entry import measured
from casebook.grids import GridLine, lines_of
from casebook.pasted import Analyte, Line, Offer, Printed, Why, read_range, read_results
from casebook.ranges import Ranges
from casebook.records import ItemPath
from casebook.reference_ranges import AppliedRange, Limits, Told, indicator, lie_apart, printed_limits
from casebook.rule_kinds import AllOf, OneOf, Rule
from casebook.units import find_unit, to_standard, told_in_standard
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
_STRONGEST = (Does.NOT_ASKED, Does.CLOSED, Does.DISPUTED, Does.CHANGES, Does.REPLACES, Does.FILLS)
Given = tuple[ItemPath, str, str | None]
"""What is kept of an item: its path, the text, the unit."""


class Against(StrEnum):
    """What speaks against a reference range that a report prints."""

    UNREAD = "unread"
    """It cannot be read in one way only."""
    APART = "apart"
    """It has nothing in common with the range that stands without it; a wrong unit does that."""
    OTHER = "other"
    """The site keeps another one for its laboratory. That is told; the report's own stands over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRange:
    """The reference range of a report, beside the result that would be taken.

    Attributes:
        text: As it stands in the line.
        range: As it would be recorded; None where it is not read.
        given: Its limits as they would be kept.
        answers: Items whose answer lets limits be asked at all, each with that answer's code.
        flag: Where the result lies in it; None where that cannot be told.
        does: What taking it would do to what stands there.
        stands: What stands there now, as text; "" for nothing.
        against: What speaks against it; `kept`: the range that does.
    """

    text: str
    range: AppliedRange | None = None
    given: tuple[Given, ...] = ()
    answers: tuple[tuple[ItemView, str], ...] = ()
    flag: str | None = None
    does: Does = Does.NOT_ASKED
    stands: str = ""
    against: Against | None = None
    kept: AppliedRange | None = None

    @property
    def can_be_taken(self) -> bool:
        """Whether it can be taken."""
        return self.range is not None and self.does in TAKEN

    @property
    def is_ready(self) -> bool:
        """Whether it is taken with its result unless somebody takes it out."""
        return self.can_be_taken and self.against in {None, Against.OTHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of taking a line.

    Attributes:
        raw: The value as it stands in the line; `unit`: the unit with which it would be recorded.
        standard: The same in the standard unit, in words; "" where it is that.
        flag: LOW, NORMAL, HIGH, or None where that cannot be told.
        stands: What stands there now, as text; "" for nothing.
        printed: The range that the report prints beside it; None without one, and where the form has no place for it.
    """

    path: ItemPath
    item: Item
    raw: str
    unit: str
    standard: str
    flag: str | None
    does: Does
    stands: str
    printed: PrintedRange | None = None


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
    places = {place.stands.item.name: place for place in _places(view)}
    analytes = [_analyte(place.stands.item) for place in places.values()]
    return tuple(_planned(line, places, units) for line in read_results(text, analytes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a result may go: the value as it stands, its line, and the items of the form that stand once, by name."""

    stands: ItemView
    line: GridLine
    group: GroupView
    items: Mapping[str, ItemView]


def _places(view: FormView) -> Iterator[_Place]:
    single = [group.rows[0].items for group in view.groups if not group.group.repeating]
    items = {item.item.name: item for row in single for item in row}
    for group in view.groups:
        if group.group.style != "grid" or group.group.repeating:
            continue
        lines = lines_of((item.name for item in group.group.items), group.group.lines)
        for item in group.rows[0].items:
            if item.item.name in lines and item.item.derivation is None:
                yield _Place(stands=item, line=lines[item.item.name], group=group, items=items)


def _analyte(item: Item) -> Analyte:
    names = [] if item.names is None else [one for text in item.names.by_language.values() for one in _parted(text)]
    return Analyte(item=item.name, names=(*item.label.by_language.values(), *names), units=item.units)


def _parted(names: str) -> list[str]:
    return [one.strip() for one in names.replace("；", ";").split(";") if one.strip()]


def _planned(line: Line, places: Mapping[str, _Place], units: Mapping[str, str]) -> PastedLine:
    ways = tuple(_way(offer, places[offer.item], line.printed) for offer in line.offers)
    likely = -1
    if line.why in {Why.NO_UNIT, Why.OTHER_WORDS} and len({(way.path, way.raw) for way in ways}) == 1:
        item = ways[0].item
        wanted = units.get(item.name, item.units[0].unit if item.units else "")
        likely = 0 if len(ways) == 1 else next((place for place, way in enumerate(ways) if way.unit == wanted), -1)
    return PastedLine(line=line, ways=ways, likely=likely)


def _way(offer: Offer, place: _Place, printed: Printed | None) -> Way:
    quantity = quantity_in(offer.value, offer.unit)
    stands, item = place.stands, place.stands.item
    return Way(
        path=stands.path,
        item=item,
        raw=offer.value,
        unit=offer.unit,
        standard=told_in_standard(quantity, item.units) if quantity is not None else "",
        flag=flag_of(quantity, item, place.group.ranges.get(item.name, {})),
        does=_does(stands, quantity, asked=stands.visible),
        stands=stands.typed if stands.mark is Mark.TYPED else stands.reading.value or stands.reading.missing or "",
        printed=None if printed is None else _printed_range(printed, offer.unit, quantity, place),
    )


# -- the range that a report prints ---------------------------------------------------------------------------


def _printed_range(printed: Printed, unit: str, result: Quantity | None, place: _Place) -> PrintedRange | None:
    """Return what a printed range would do beside a result of `unit`; None where the form has no place for limits."""
    item, line = place.stands.item, place.line
    if not (line.low and line.high):
        return None
    if printed.unit:
        named = find_unit(printed.unit, item.units)
        unit = named.unit if named is not None else ""
    ends = [quantity_in(end, unit) if end else None for end in (printed.low, printed.high)]
    limits = printed_limits(*ends) if unit or not item.units else None
    if limits is None:
        return PrintedRange(text=printed.text, against=Against.UNREAD)
    found = AppliedRange(limits, unit, Told.REPORT)
    standard = _in_standard(found, item.units)
    by_unit = {unit: found} | ({} if result is None else {result.unit: standard})
    kept = place.group.kept_ranges.get(item.name, {}).get(unit)
    views = [place.items[name] for name in (line.low, line.high)]
    answers = _answers(views, place)
    does = [_done_to(view, end) for view, end in zip(views, ends, strict=True)]
    does += [Does.NOT_ASKED] if answers is None else [_answer_does(view) for view, _ in answers]
    return PrintedRange(
        text=printed.text,
        range=found,
        given=tuple(
            (view.path, "" if end is None else f"{end.comparator}{end.number:f}", unit or None)
            for view, end in zip(views, ends, strict=True)
            if end is not None or not view.reading.is_empty
        ),
        answers=answers or (),
        flag=flag_of(result, item, by_unit),
        does=next((one for one in _STRONGEST if one in does), Does.NOTHING),
        stands="\N{EN DASH}".join((one.reading.value or "").partition(" ")[0] for one in views if one.reading.value),
        against=against_kept(found, kept, item.units),
        kept=kept,
    )


def typed_range(view: FormView, path: ItemPath, typed: str, unit: str) -> tuple[Given, ...]:
    """Return both limits of a range that is typed whole into the field of one of them; () for anything else."""
    for place in _places(view):
        names = (place.line.low, place.line.high)
        if path.item not in names or not all(names):
            continue
        printed = read_range(typed, _analyte(place.stands.item))
        here = "" if printed is None else (printed.low, printed.high)[names.index(path.item)]
        if printed is None or (here and not (printed.low and printed.high)):
            return ()
        ends = zip(names, (printed.low, printed.high), strict=True)
        return tuple((place.items[name].path, end, printed.unit or unit or None) for name, end in ends)
    return ()


def limits_beside(view: FormView, path: ItemPath) -> tuple[ItemPath, tuple[Given, ...]] | None:
    """Return where the report's range goes beside a value, and what must be answered before; None for no such value."""
    for place in _places(view):
        line = place.line
        if path.item in {line.value, *line.beside} and line.low and line.high:
            answers = _answers([place.items[line.low], place.items[line.high]], place)
            given = None if answers is None else tuple((one.path, code, None) for one, code in answers)
            return None if given is None else (place.items[line.low].path, given)
    return None


def _in_standard(found: AppliedRange, units: tuple[UnitFactor, ...]) -> AppliedRange:
    """Return a range in the standard unit, in which results of other units are judged by it."""
    ends = [
        None if end is None else to_standard(Quantity(number=end, unit=found.unit), units) for end in found.limits[:2]
    ]
    low, high = (None if end is None else end.number for end in ends)
    limits = Limits(low, high, above=found.limits.above, below=found.limits.below)
    return AppliedRange(limits, units[0].unit if units else "", found.by)


def against_kept(found: AppliedRange, kept: AppliedRange | None, units: tuple[UnitFactor, ...]) -> Against | None:
    """Return whether the range that stands where a report says nothing speaks against the report's own."""
    if kept is None:
        return None
    one, other = (_in_standard(applied, units).limits for applied in (found, kept))
    if lie_apart(one, other):
        return Against.APART
    return Against.OTHER if kept.by is Told.SITE and one[:2] != other[:2] else None


def _answers(limits: list[ItemView], place: _Place) -> tuple[tuple[ItemView, str], ...] | None:
    """Return which answers let limits be asked beside their value; None where no answer alone does."""
    own = _parts(place.stands.item.relevant_when)
    hidden = [rule for one in limits if not one.visible for rule in _parts(one.item.relevant_when)]
    found: list[tuple[ItemView, str]] = []
    for rule in dict.fromkeys(rule for rule in hidden if rule not in own):
        view = place.items.get(rule.item) if isinstance(rule, OneOf) and len(rule.values) == 1 else None
        if view is None or not isinstance(rule, OneOf) or view.item.data_type is not DataType.CODE:
            return None
        found.append((view, rule.values[0]))
    return tuple(found)


def _parts(rule: Rule | None) -> tuple[Rule, ...]:
    """Return the rules that must all hold."""
    if isinstance(rule, AllOf):
        return tuple(part for one in rule.rules for part in _parts(one))
    return () if rule is None else (rule,)


def _done_to(limit: ItemView, end: Quantity | None) -> Does:
    """Return what taking an end would do to its item; an end that the range has not is taken away."""
    if end is None and limit.reading.is_empty and limit.mark is not Mark.TYPED:
        return Does.NOTHING
    return _does(limit, end, asked=True)


def _answer_does(stands: ItemView) -> Does:
    """Return what an answer does; that it fills its own empty item is no news."""
    does = _does(stands, None, asked=stands.visible and stands.item.derivation is None)
    return Does.NOTHING if does in {Does.FILLS, Does.REPLACES} else does


# -- a value --------------------------------------------------------------------------------------------------


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


def _does(stands: ItemView, quantity: Quantity | None, *, asked: bool) -> Does:
    if not asked:
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

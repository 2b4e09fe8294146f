"""The last earlier value of each item of a form: what the same item said at the assessment before this one.

Pure functions of a reader; no disk, no Qt. Nothing is carried forward: what is found here is shown beside
the field and never put into it. It holds what the session reads and no more: the reader knows only the
shelves that are open, and forms of which single items are open are passed over.

Source: docs/windows.md, "Filling in a form".
"""

from collections.abc import Mapping
from datetime import datetime

from casebook.design import DataType, Item, Text, VisitKind
from casebook.records import FormKey, ItemPath
from desktop_app.overview import date_of, joined, text_of
from desktop_app.reader import Reader
from desktop_app.snapshots import EarlierValue

Place = tuple[int, int]
"""Which visit of the study, and which of its forms."""


def earlier_values(reader: Reader, key: FormKey) -> Mapping[ItemPath, EarlierValue]:
    """Return the last earlier value of each item of a form; items without one are left out.

    Earlier is what has an earlier date. Where one of the two forms has no date yet, the order of the study's
    visits tells; of forms outside of it everything dated counts as earlier while this one has no date.

    Args:
        key: The form in front. It need not have been begun.

    Returns:
        By place in the form in front; items of repeating sections, times of assessments, signatures, values that
        disagree and missing-data codes are left out. The values of one assessment bear its key.
    """
    found: dict[ItemPath, EarlierValue] = {}
    paths = {
        ItemPath(group=group.oid, item=item.name): item
        for group in reader.design.form(key.form).groups
        for item in group.items
        if not group.repeating and _is_compared(item)
    }
    for other in _earlier_instances(reader, key):
        state, values = reader.casebook.form(other), reader.values(other)
        at, day = _date(reader, other)
        where = _place_words(reader, other)
        for path, item in paths.items():
            reading, recorded = values.get(path), state.items.get(path)
            if path in found or reading is None or not reading.value or (recorded is not None and recorded.conflict):
                continue
            found[path] = EarlierValue(
                key=other, reading=reading, shown=text_of(reader, item, reading), at=at, day=day, where=where
            )
    return found


def _is_compared(item: Item) -> bool:
    return not item.visit_time and item.data_type is not DataType.INK


def _earlier_instances(reader: Reader, key: FormKey) -> list[FormKey]:
    """Return the other instances of a form that come before it, the latest first."""
    others = [one for one in reader.keys if one.form == key.form and one != key]
    before = [one for one in others if _is_before(reader, one, key)]
    return sorted(before, key=lambda one: _rank(reader, one), reverse=True)


def _rank(reader: Reader, key: FormKey) -> tuple[float, Place]:
    at = _date(reader, key)[0]
    return (at.timestamp() if at is not None else float("-inf"), _place(reader, key))


def _is_before(reader: Reader, other: FormKey, key: FormKey) -> bool:
    theirs, ours = _date(reader, other)[0], _date(reader, key)[0]
    if theirs is not None and ours is not None and theirs != ours:
        return theirs < ours
    if _is_planned(reader, other) and _is_planned(reader, key):
        return _place(reader, other) < _place(reader, key)
    return theirs is not None and ours is None


def _date(reader: Reader, key: FormKey) -> tuple[datetime | None, str]:
    """Return when a form was filled in at the bedside: its own date, else that of its visit."""
    at, day = date_of(reader, key)
    if at is None and not day:
        at = reader.visited_at(key.visit, key)
        day = f"{at:%Y-%m-%d %H:%M}" if at is not None else ""
    return at, day


def _is_planned(reader: Reader, key: FormKey) -> bool:
    return reader.design.visit(key.visit.visit).kind is VisitKind.SCHEDULED


def _place(reader: Reader, key: FormKey) -> Place:
    visits = [one.oid for one in reader.design.visits]
    at = visits.index(key.visit.visit)
    planned = [(one.form, one.occasion) for one in reader.design.visits[at].forms]
    this = (key.form, key.repeat)
    return at, planned.index(this) if this in planned else len(planned)


def _place_words(reader: Reader, key: FormKey) -> Text:
    """Return the visit, and the occasion where the form is planned there more than once."""
    visit = reader.design.visit(key.visit.visit)
    occasion = next(
        (one.occasion_label for one in visit.forms if (one.form, one.occasion) == (key.form, key.repeat)), None
    )
    return joined([visit.short, *([occasion] if occasion is not None else [])], reader.design.languages)

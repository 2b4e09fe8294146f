"""From what people disagree about to the sides that windows show, to choose among. Pure functions; no disk, no Qt."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from casebook.design import Form, Item, StudyDesign, Text
from casebook.errors import LANGUAGES
from casebook.oversight import Query
from casebook.projection import Clash, Entry, FormState, Side, Unit
from casebook.records import FormKey, ItemPath, Reading
from casebook.versions import item_at
from desktop_app import views
from desktop_app.oversight_snapshots import Disputed, SideValue, SideView
from desktop_app.views import Surroundings

Totals = Callable[[FormState], Mapping[ItemPath, Reading]]
"""Returns the values of a form, worked out ones too, as it would stand."""

_UNITS = {
    Unit.ITEM: Disputed.ITEM,
    Unit.SITTING: Disputed.SITTING,
    Unit.ROW: Disputed.ROW,
    Unit.COMPLETE: Disputed.COMPLETE,
}
_SAID = {
    (Unit.ROW, True): Text({"en": "The row is struck out", "zh": "划除该行"}),
    (Unit.ROW, False): Text({"en": "The row stays", "zh": "保留该行"}),
    (Unit.COMPLETE, True): Text({"en": "Complete", "zh": "已完成"}),
    (Unit.COMPLETE, False): Text({"en": "Not complete", "zh": "未完成"}),
}
_COMPLETE = Text({"en": "Form complete", "zh": "表单完成标记"})
_NONE = Text({"en": "", "zh": ""})


def unit_of(query: Query) -> Disputed | None:
    """Return what a query's conflict is about as a whole; None where it is about none."""
    return _UNITS[query.clash.unit] if query.clash is not None else None


def label_of(design: StudyDesign, key: FormKey, path: ItemPath, state: FormState | None) -> Text | None:
    """Return a unit in words: a group, the row of one, the mark of completion; None for a single item."""
    if not path.group:
        return _COMPLETE
    if path.item:
        return None
    form = design.forms.get(key.form)
    group = next((one for one in form.groups if one.oid == path.group), None) if form is not None else None
    label = group.label if group is not None else Text(dict.fromkeys(LANGUAGES, path.group))
    rows = state.rows.get(path.group, ()) if state is not None else ()
    number = next((place for place, one in enumerate(rows, start=1) if one.row == path.row), None)
    if number is None:
        return label
    words = {"en": f"row {number}", "zh": f"第 {number} 行"}
    return Text({one: f"{label(one)} · {words[one]}" for one in LANGUAGES})


def sides_of(query: Query, state: FormState, around: Surroundings, totals: Totals) -> tuple[SideView, ...]:
    """Return what stands, or stood, against what; in the same order on every laptop."""
    clash = query.clash
    return tuple(_view(clash, side, clash.sides, state, around, totals) for side in clash.sides) if clash else ()


def settled_by(query: Query, state: FormState, around: Surroundings, totals: Totals) -> tuple[SideView, ...]:
    """Return by what a conflict was settled."""
    clash = query.clash
    return tuple(_view(clash, side, (side,), state, around, totals) for side in query.settled) if clash else ()


def _view(
    clash: Clash, side: Side, beside: Iterable[Side], state: FormState, around: Surroundings, totals: Totals
) -> SideView:
    form = around.design.forms.get(state.key.form)
    values = _values(side, beside, form, around) if clash.unit in {Unit.SITTING, Unit.ROW} else ()
    worked_out = _totals(side, beside, form, state, around, totals) if clash.unit is Unit.SITTING else ()
    if side.said is not None:
        shown = _SAID[clash.unit, side.said]
    elif clash.unit is Unit.SITTING:
        shown = _joined(worked_out or tuple(one for one in values if one.differs) or values)
    else:
        shown = _words(form, clash.path, side.entries[clash.path], around)
    return SideView(
        ref=side.ref,
        author=around.name_of(side.author),
        laptop=around.letter_of(side.device),
        at=side.moment.local,
        reason=side.reason,
        shown=shown,
        values=(*values, *worked_out),
        is_shown=side.ref == clash.shown,
    )


def _item(form: Form | None, path: ItemPath) -> Item | None:
    return item_at(form, path) if form is not None else None


def _words(form: Form | None, path: ItemPath, entry: Entry, around: Surroundings) -> Text:
    item = _item(form, path)
    if item is not None:
        return views.shown_text(item, entry.reading, around)
    return Text(dict.fromkeys(LANGUAGES, entry.reading.value or str(entry.reading.missing or "")))


def _values(side: Side, beside: Iterable[Side], form: Form | None, around: Surroundings) -> tuple[SideValue, ...]:
    """Return what a side says of each item, in the form's order."""
    others = [one for one in beside if one is not side and one.entries]
    order = [item.name for group in form.groups for item in group.items] if form is not None else []
    paths = sorted(side.entries, key=lambda path: (order.index(path.item) if path.item in order else -1, path))
    found = []
    for path in paths:
        item, entry = _item(form, path), side.entries[path]
        found.append(
            SideValue(
                label=item.label if item is not None else Text(dict.fromkeys(LANGUAGES, path.item)),
                value=_words(form, path, entry, around),
                differs=any(path in one.entries and one.entries[path].reading != entry.reading for one in others),
            )
        )
    return tuple(found)


def _totals(
    side: Side, beside: Iterable[Side], form: Form | None, state: FormState, around: Surroundings, totals: Totals
) -> tuple[SideValue, ...]:
    """Return what is worked out from a sitting alone: totals of a scale, a mean pressure."""
    if form is None:
        return ()
    names = {path.item for path in side.entries}
    derived = [
        (ItemPath(group=group.oid, item=item.name, row=path.row), item)
        for group in form.groups
        for item in group.items
        for path in list(side.entries)[:1]
        if item.derivation is not None and item.derivation.items and set(item.derivation.items) <= names
    ]
    if not derived:
        return ()
    mine, others = totals(_as(state, side)), [totals(_as(state, one)) for one in beside if one is not side]
    return tuple(
        SideValue(
            label=item.label,
            value=views.shown_text(item, mine.get(path, Reading()), around),
            differs=any(other.get(path) != mine.get(path) for other in others),
            worked_out=True,
        )
        for path, item in derived
        if path in mine or any(path in other for other in others)
    )


def _as(state: FormState, side: Side) -> FormState:
    """Return a form as it would stand if one side counted."""
    items = dict(state.items)
    for path, entry in side.entries.items():
        if path in items:
            items[path] = replace(items[path], shown=entry.reading, heads=(entry,), history=(entry,))
    return replace(state, items=items)


def _joined(values: Iterable[SideValue]) -> Text:
    found = list(values)
    if not found:
        return _NONE
    return Text(
        {one: " · ".join(f"{value.label(one)}: {value.value(one) or '–'}" for value in found) for one in LANGUAGES}
    )

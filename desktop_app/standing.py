"""How a subject stands to the criteria of eligibility, and where the facts are entered that decide them.

Pure functions of a reader; no disk, no Qt.

Source: clinical content, sections 1.3 and 1.4.
"""

from collections.abc import Iterator
from datetime import datetime

from casebook import references
from casebook.design import PlannedForm, Text, Visit, VisitKind
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.references import Reference
from desktop_app.overview import joined, text_of
from desktop_app.reader import Reader
from desktop_app.snapshots import CriterionLine, EligibilityView, FactLine, Standing


def eligibility_view(reader: Reader) -> EligibilityView | None:
    """Return how each criterion stands; None for a study that declares none."""
    if not reader.design.criteria:
        return None
    standing = reader.eligibility()
    lines = tuple(
        CriterionLine(
            id=one.criterion.id,
            label=one.criterion.label,
            inclusion=one.criterion.inclusion,
            standing=Standing(one.state.value),
            facts=tuple(_fact(reader, name, reading) for name, reading in one.facts),
            closes_at=reader.on_the_wall(one.closes_at),
            opens_at=reader.on_the_wall(one.opens_at),
            starts=tuple(_fact(reader, limit.item, None) for limit in one.criterion.expiries),
        )
        for one in standing.criteria
    )
    ends = [one.closes_at for one in lines if one.closes_at is not None and one.standing is Standing.MET]
    return EligibilityView(
        eligible=standing.eligible,
        criteria=lines,
        until=min(ends, default=None),
        now=reader.now if reader.anchor("randomised_at") is None else None,
    )


def _local(reader: Reader, moment: datetime | None) -> datetime | None:
    """Return a moment on the wall clock of the study's sites."""
    return moment.astimezone(reader.now.tzinfo) if moment is not None else None


def _fact(reader: Reader, name: str, reading: Reading | None) -> FactLine:
    nothing = Text(dict.fromkeys(reader.design.languages, ""))
    parsed = references.parse(name)
    if not isinstance(parsed, Reference) or parsed.form not in reader.design.forms:
        return FactLine(label=Text(dict.fromkeys(reader.design.languages, name)), shown=nothing, key=None, path=None)
    form = reader.design.form(parsed.form)
    group, item = form.find(parsed.item)
    path = ItemPath(group=group.oid, item=item.name)
    key = place_of(reader, parsed)
    occasion = _occasion_of(reader, key)
    label = joined([item.label, *([occasion] if occasion is not None else [])], reader.design.languages, " – ")
    shown = text_of(reader, item, reading) if reading is not None else nothing
    return FactLine(
        label=label,
        shown=shown,
        key=key,
        path=path if not group.repeating else None,
        derived=item.derivation is not None,
    )


def _occasion_of(reader: Reader, key: FormKey | None) -> Text | None:
    planned = _plan(reader, key) if key is not None else None
    return planned.occasion_label if planned is not None else None


def _plan(reader: Reader, key: FormKey) -> PlannedForm | None:
    visit = reader.design.visit(key.visit.visit)
    return next((one for one in visit.forms if one.form == key.form and one.occasion == key.repeat), None)


def place_of(reader: Reader, name: Reference) -> FormKey | None:
    """Return the form instance that a name of an item means: where its value stands, else where it is planned."""
    path_group, item = reader.design.form(name.form).find(name.item)
    path = ItemPath(group=path_group.oid, item=item.name)
    for key in reversed(reader.keys):
        if _means(name, key) and not reader.values(key).get(path, EMPTY).is_empty:
            return key
    for visit in reader.design.visits:
        planned = list(_plans(visit, name))
        if planned:
            home = VisitKey(visit=visit.oid)
            return FormKey(subject=reader.casebook.subject, visit=home, form=name.form, repeat=planned[0].occasion)
    return None


def _means(name: Reference, key: FormKey) -> bool:
    return key.form == name.form and name.visit in {"", key.visit.visit} and name.occasion in {"", key.repeat}


def _plans(visit: Visit, name: Reference) -> Iterator[PlannedForm]:
    if visit.kind in {VisitKind.SCHEDULED, VisitKind.LOG} and name.visit in {"", visit.oid}:
        yield from (one for one in visit.forms if one.form == name.form and name.occasion in {"", one.occasion})

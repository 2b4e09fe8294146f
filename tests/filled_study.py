"""Form instances with a valid value for every item, made from nothing but the study design."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from casebook.design import DataType, Item, PlannedForm, StudyDesign, Visit, VisitKind
from casebook.ids import SubjectId
from casebook.instances import Instance
from casebook.records import FormKey, ItemPath, Reading, VisitKey

SUBJECT = SubjectId("SubjectSubject00")
START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
ROWS = ("row0000000000001", "row0000000000002", "row0000000000003")


def value_of(design: StudyDesign, item: Item, random: Random) -> str:
    """Return a valid canonical text for an item; numbers lie within the hard limits."""
    codes = [code.value for code in design.code_lists[item.code_list].codes] if item.code_list else []
    moment = START + timedelta(minutes=random.randrange(0, 60 * 24 * 20))
    match item.data_type:
        case DataType.CODE if codes:
            return random.choice(codes)
        case DataType.CODES if codes:
            return " ".join(code for code in codes if random.random() < 1 / len(codes)) or codes[0]
        case DataType.INTEGER | DataType.DECIMAL:
            return _number(item, random)
        case DataType.QUANTITY:
            unit = item.units[0].unit if item.units else ""
            return f"{_number(item, random)} {unit}".strip()
        case DataType.DATE:
            return moment.strftime("%Y-%m-%d")
        case DataType.DATETIME:
            return moment.strftime("%Y-%m-%dT%H:%M+00:00")
        case _:
            return f"text {random.randrange(1000)}"


def _number(item: Item, random: Random) -> str:
    low, high = item.hard
    lowest = 0 if low is None else int(low) + 1
    highest = lowest + 100 if high is None else max(lowest, int(high))
    return str(random.randint(lowest, highest))


def places(design: StudyDesign) -> Iterator[tuple[Visit, PlannedForm, FormKey]]:
    """Return a key for every planned form: each event twice, one unscheduled visit."""
    for visit in design.visits:
        for planned in visit.forms:
            repeats = ("event00000000001", "event00000000002") if visit.kind is VisitKind.EVENT else (planned.occasion,)
            unscheduled = "visit00000000001" if visit.kind is VisitKind.UNSCHEDULED else ""
            for repeat in repeats:
                where = VisitKey(visit=visit.oid, repeat=unscheduled)
                yield visit, planned, FormKey(subject=SUBJECT, visit=where, form=planned.form, repeat=repeat)


def readings_of(design: StudyDesign, key: FormKey, random: Random) -> dict[ItemPath, Reading]:
    """Return a value for every item of a form that is not derived; repeating groups have three rows."""
    return {
        ItemPath(group=group.oid, item=item.name, row=row): Reading(value=value_of(design, item, random))
        for group in design.form(key.form).groups
        for row in (ROWS if group.repeating else ("",))
        for item in group.items
        if item.derivation is None
    }


def instance(key: FormKey, readings: dict[ItemPath, Reading], design: StudyDesign) -> Instance:
    """Return a form instance that holds these readings."""
    return Instance(
        key=key,
        readings=readings,
        rows={group.oid: ROWS for group in design.form(key.form).groups if group.repeating},
        entered_at=dict.fromkeys(readings, START),
        known_at=dict.fromkeys(readings, START),
        last_change=START,
    )


def filled(design: StudyDesign, seed: int = 1) -> dict[FormKey, Instance]:
    """Return every form of the study with every item answered."""
    random = Random(seed)
    return {key: instance(key, readings_of(design, key, random), design) for _, _, key in places(design)}

"""A casebook with every form of a study filled: a legal value for every item, by the item's type."""

from collections.abc import Iterator

from casebook.design import DataType, Form, Item, ItemGroup, StudyDesign, Visit, VisitKind
from casebook.ids import SubjectId
from casebook.ledger import IDENTITY, STANDARD, SealedCommit
from casebook.payloads import DataPayload
from casebook.projection import Casebook, project
from casebook.records import AddRow, FormKey, ItemPath, Mark, MissingCode, Operation, Reading, SetItem, VisitKey
from tests.casebook.commits import Laptop

SECRET = "SECRETOFAPERSON"
IDENTITY_KEY = bytes(range(32))
ROWS = ("ROWAAAAAAAAAAAAA", "ROWBBBBBBBBBBBBB")


def value_of(item: Item, design: StudyDesign) -> Reading:
    """Return a legal value of an item; what is identity says so in the value itself, where it may."""
    if item.missing_codes and sum(item.name.encode()) % 7 == 0:
        return Reading(missing=MissingCode(item.missing_codes[0]))
    match item.data_type:
        case DataType.TEXT:
            return Reading(value=SECRET if item.identity else f"=HYPERLINK({item.name})")
        case DataType.INTEGER:
            return Reading(value="90")
        case DataType.DECIMAL:
            return Reading(value="-1.50")
        case DataType.QUANTITY:
            unit = item.units[-1].unit if item.units else ""
            return Reading(value=f"<5.20{' ' if unit else ''}{unit}")
        case DataType.DATE:
            return Reading(value="1958-04---")
        case DataType.DATETIME:
            return Reading(value="2026-03-01T14:30+08:00")
        case DataType.CODE:
            return Reading(value=design.code_lists[item.code_list or ""].codes[0].value)
        case DataType.CODES:
            return Reading(value=" ".join(code.value for code in design.code_lists[item.code_list or ""].codes[:2]))
        case DataType.INK:
            return Reading(value=f'{{"ink":"{SECRET}"}}')


def keys_of(design: StudyDesign, subject: SubjectId, *, site: bool = False) -> Iterator[FormKey]:
    """Yield a key for every planned instance, two for events and unscheduled forms."""
    for visit in design.visits:
        if (visit.kind is VisitKind.SITE) is not site:
            continue
        for one in visit.forms:
            for visit_key, repeat in _repeats(visit, one.occasion):
                yield FormKey(subject=subject, visit=visit_key, form=one.form, repeat=repeat)


def _repeats(visit: Visit, occasion: str) -> Iterator[tuple[VisitKey, str]]:
    if visit.kind is VisitKind.EVENT:
        yield VisitKey(visit=visit.oid), "EVENTAAAAAAAAAAA"
        yield VisitKey(visit=visit.oid), "EVENTBBBBBBBBBBB"
    elif visit.kind is VisitKind.UNSCHEDULED:
        yield VisitKey(visit=visit.oid, repeat="UNSCHEDULEDAAAAA"), occasion
    else:
        yield VisitKey(visit=visit.oid), occasion


def fill(laptop: Laptop, design: StudyDesign, key: FormKey) -> list[SealedCommit]:
    """Return the commits that fill a form instance, each compartment in its own."""
    form = design.form(key.form)
    commits = []
    for compartment in (STANDARD, IDENTITY):
        done: list[Operation] = []
        for group in form.groups:
            done += _operations(form, group, design, compartment)
        if compartment == STANDARD and not form.identity:
            done.append(Mark(flag="complete", on=True))
        if done:
            payload = DataPayload(key=key, form_version=form.version, operations=tuple(done))
            commits.append(laptop.seal(payload, compartment))
    return commits


def _operations(form: Form, group: ItemGroup, design: StudyDesign, compartment: str) -> Iterator[Operation]:
    for row in ROWS if group.repeating else ("",):
        items = [
            item
            for item in group.items
            if item.derivation is None and (form.identity or item.identity) == (compartment == IDENTITY)
        ]
        if row and items:
            yield AddRow(group=group.oid, row=row)
        for item in items:
            path = ItemPath(group=group.oid, item=item.name, row=row)
            yield SetItem(path=path, reading=value_of(item, design))


def filled_casebook(design: StudyDesign, *, site: bool = False, seed: int = 1) -> Casebook:
    """Return a casebook in which every form is filled."""
    laptop = Laptop(seed=seed, identity_key=IDENTITY_KEY)
    subject, added = laptop.add_subject(f"001-A{seed:03d}")
    commits = [added]
    for key in keys_of(design, subject, site=site):
        commits += fill(laptop, design, key)
    return project(subject, commits, IDENTITY_KEY)

"""A whole site on one laptop: subjects, visits and forms with likely values, sealed by the real record."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from casebook.design import DataType, Form, Item, StudyDesign
from casebook.ids import UserId, new_subject_id
from casebook.ledger import STANDARD
from casebook.payloads import DataPayload, SubjectPayload
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, Sitting, VisitKey
from desktop_app.record import Record
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.laptops import PASSPHRASE, Ward, design

SUBJECTS = 272
BEGUN = 2
"""So many forms of the first visit has a subject that was only begun."""
LETTER_HOLDS = 999
"""So many numbers has a laptop; the next ones are those of another."""
_BORN = date(1930, 1, 1)
_TELLING = {name.partition(":")[2] for names in design().same for name in names}


def _number(running: int) -> str:
    letter, place = divmod(running - 1, LETTER_HOLDS)
    return f"001-{chr(ord('A') + letter)}{place + 1:03d}"


def _value(item: Item, chance: random.Random, running: int) -> str | None:
    study = design()
    match item.data_type:
        case DataType.DATE if item.name in _TELLING:
            return (_BORN + timedelta(days=running)).isoformat()  # else the whole site looks like one person
        case DataType.CODE if item.code_list:
            return chance.choice(study.code_lists[item.code_list].codes).value
        case DataType.INTEGER:
            return str(chance.randrange(60, 140))
        case DataType.DECIMAL:
            return f"{chance.randrange(10, 400) / 10}"
        case DataType.QUANTITY:
            unit = f" {item.units[0].unit}" if item.units else ""
            return f"{chance.randrange(10, 400) / 10}{unit}"
        case DataType.DATETIME:
            return "2026-03-01T14:30+08:00"
        case DataType.DATE:
            return "2026-03-01"
        case DataType.TEXT:
            return "as seen"
        case _:
            return None


def _planned(study: StudyDesign) -> list[tuple[Form, VisitKey, str]]:
    """Return every form that is filled, with its visit and occasion, in the order of the plan."""
    return [
        (study.form(planned.form), VisitKey(visit=visit.oid), planned.occasion)
        for visit in study.visits
        for planned in visit.forms
        if not visit.unscheduled and not study.form(planned.form).identity
    ]


def _operations(form: Form, chance: random.Random, running: int) -> tuple[Operation, ...]:
    operations: list[Operation] = []
    for group in form.groups:
        items = [item for item in group.items if item.derivation is None and not item.identity][:30]
        if group.sitting:
            operations.append(Sitting(group=group.oid, bases=()))
        for item in items:
            value = _value(item, chance, running)
            if value is not None:
                path = ItemPath(group=group.oid, item=item.name)
                operations.append(SetItem(path=path, reading=Reading(value=value)))
    return tuple(operations)


def _record(session: Session) -> Record:
    return session._record  # noqa: SLF001 - fills a site, and sends it, in seconds instead of hours


def fill(session: Session, subjects: int = SUBJECTS, whole: int | None = None) -> int:
    """Fill a site; returns how many forms.

    Args:
        whole: So many of the subjects have every planned standard form, the others the first few; None: all have.
    """
    study, record = design(), _record(session)
    chance = random.Random(1)
    planned = _planned(study)
    forms = 0
    for running in range(1, subjects + 1):
        subject = new_subject_id(chance.randbytes)
        written: list[tuple[SubjectPayload | DataPayload, str]] = [
            (SubjectPayload(subject=subject, number=_number(running), site="001"), STANDARD)
        ]
        for form, visit, occasion in planned if whole is None or running <= whole else planned[:BEGUN]:
            key = FormKey(subject=subject, visit=visit, form=form.oid, repeat=occasion)
            operations = _operations(form, chance, running)
            written.append((DataPayload(key=key, form_version=form.version, operations=operations), STANDARD))
        record.seal(written, subject=subject)
        forms += len(written) - 1
    return forms


def make_site(folder: Path, subjects: int = SUBJECTS, whole: int | None = None) -> tuple[Ward, Laptop, int]:
    """Return a ward whose laptop holds a filled site, and how many forms it has; `whole` as in `fill`."""
    ward = Ward(folder)
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        forms = fill(session, subjects, whole)
    return ward, laptop, forms


@contextmanager
def opened(laptop: Laptop) -> Iterator[Session]:
    """Unlock the site, and lock it at the end."""
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    try:
        yield session
    finally:
        session.lock()


def received(session: Session) -> None:
    """Let the server have everything that was made, and the list of subjects be worked out."""
    record = _record(session)
    for shelf in record.shelves:
        for head in shelf.log.heads():
            shelf.log.add_receipt(
                f"received {head.device} {head.epoch}".encode(),
                device=head.device,
                epoch=head.epoch,
                sequence=head.sequence,
                at_ms=record.seat.clock().utc_ms,
                serial=1,
            )
    record.prune()
    session.subjects()

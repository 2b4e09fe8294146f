"""A whole site on one laptop: subjects, visits and forms with likely values, sealed by the real record."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casebook.design import DataType, Item
from casebook.ids import UserId, new_subject_id
from casebook.ledger import STANDARD
from casebook.payloads import DataPayload, SubjectPayload
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, Sitting, VisitKey
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.laptops import PASSPHRASE, Ward, design

SUBJECTS = 272


def _value(item: Item, chance: random.Random) -> str | None:
    study = design()
    match item.data_type:
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


def fill(session: Session, subjects: int = SUBJECTS) -> int:
    """Fill every planned standard form of `subjects` subjects; returns how many forms."""
    study, record = design(), session._record  # noqa: SLF001 - fills a site in seconds instead of hours
    chance = random.Random(1)
    forms = 0
    for running in range(1, subjects + 1):
        subject = new_subject_id(chance.randbytes)
        number = f"001-A{running:03d}"
        written: list[tuple[SubjectPayload | DataPayload, str]] = [
            (SubjectPayload(subject=subject, number=number, site="001"), STANDARD)
        ]
        for visit in study.visits:
            for planned in visit.forms:
                form = study.form(planned.form)
                if visit.unscheduled or form.identity:
                    continue
                key = FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=form.oid, repeat=planned.occasion)
                operations: list[Operation] = []
                for group in form.groups:
                    items = [item for item in group.items if item.derivation is None and not item.identity][:30]
                    if group.sitting:
                        operations.append(Sitting(group=group.oid, bases=()))
                    for item in items:
                        value = _value(item, chance)
                        if value is not None:
                            path = ItemPath(group=group.oid, item=item.name)
                            operations.append(SetItem(path=path, reading=Reading(value=value)))
                written.append(
                    (DataPayload(key=key, form_version=form.version, operations=tuple(operations)), STANDARD)
                )
                forms += 1
        record.seal(written, subject=subject)
    return forms


def make_site(folder: Path, subjects: int = SUBJECTS) -> tuple[Ward, Laptop, int]:
    """Return a ward whose laptop holds a filled site, and how many forms it has."""
    ward = Ward(folder)
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        forms = fill(session, subjects)
    return ward, laptop, forms


@contextmanager
def opened(laptop: Laptop) -> Iterator[Session]:
    """Unlock the site, and lock it at the end."""
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    try:
        yield session
    finally:
        session.lock()

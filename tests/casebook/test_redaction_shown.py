"""A redacted value is shown as what it is, and whatever reads values goes on: checks, exports, papers."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest

from casebook.entry import display
from casebook.export import ExportFormat, export_record
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.paper.context import PaperContext
from casebook.paper.visit_record import visit_record
from casebook.payloads import DataPayload
from casebook.projection import Casebook, project
from casebook.records import Operation, Reading, SetItem, VisitKey
from casebook.redaction import REDACTED, RedactionPayload
from casebook.subject import Subject
from tests.casebook.audit.trail import Site, design, entry, save
from tests.casebook.commits import Laptop
from tests.casebook.export.conftest import context_of
from tests.casebook.export.filled import IDENTITY_KEY, fill, keys_of
from tests.casebook.made_study import NOW
from tests.filled_study import filled

AT = datetime(2026, 4, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def test_every_item_of_the_study_shows_it() -> None:
    study = design()
    for form in study.forms.values():
        for group in form.groups:
            for item in group.items:
                codes = study.code_lists.get(item.code_list or "")
                shown = display(item, codes, Reading(value=REDACTED), "zh", offset_minutes=480)
                assert shown == REDACTED, item.oid


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_checks_and_eligibility_go_on(share: float) -> None:
    study, random = design(), Random(5)
    instances = {}
    for key, one in filled(study, 5).items():
        readings = {
            path: Reading(value=REDACTED) if reading.value is not None and random.random() < share else reading
            for path, reading in one.readings.items()
        }
        instances[key] = replace(one, readings=readings)
    subject = Subject(design=study, id=next(iter(instances)).subject, instances=instances, now=NOW)
    for key in subject.keys:
        subject.findings(key)
        subject.unanswered(key)
    assert subject.status in {"", *study.statuses}
    assert subject.eligibility().criteria
    subject.deviations()


def blacked(commit: SealedCommit, laptop: Laptop) -> SealedCommit:
    """Return a save in which every value is redacted."""
    payload = Site().context(IDENTITY_KEY).read(commit)
    assert isinstance(payload, DataPayload)
    done: list[Operation] = [
        replace(one, reading=Reading(value=REDACTED)) if isinstance(one, SetItem) else one for one in payload.operations
    ]
    return laptop.seal(replace(payload, operations=tuple(done)), commit.parsed.compartment)


def redacted_casebook(*, site: bool = False) -> Casebook:
    laptop = Laptop(seed=3, identity_key=IDENTITY_KEY)
    subject, added = laptop.add_subject("001-A001")
    saves = [one for key in keys_of(design(), subject, site=site) for one in fill(laptop, design(), key)]
    return project(subject, [added, *(blacked(one, laptop) for one in saves)], IDENTITY_KEY)


def test_it_can_be_exported_and_printed(tmp_path: Path) -> None:
    study, casebook = design(), redacted_casebook()
    told = export_record(
        tmp_path, study, [casebook], context_of(study), ExportFormat.ALL, site=redacted_casebook(site=True)
    )
    assert told.unreadable == 0
    context = PaperContext(printed_by="Coordinator A", printed_at=AT, with_identity=True)
    assert visit_record(study, casebook, VisitKey(visit="SE.V1"), context).startswith(b"%PDF")


def test_the_trail_tells_who_took_it_out_with_whom_and_why() -> None:
    site = Site()
    first = save(site.one, site.key, entry("HR", "72"))
    payload = RedactionPayload(
        commit=first.id,
        subject=site.subject,
        paths=(entry("HR", None).path,),
        content=b"{}",
        reason="Words about another person",
        second=UserId("investigator"),
        second_key=site.two.signer.id,
        second_signature=bytes(64),
    )
    line = site.lines(first, site.one.seal(payload))[1]
    assert line.sentence("en") == f"Heart rate: taken out of record {first.id[:8]}, together with Investigator A."
    assert "共同遮蔽" in line.sentence("zh")
    assert line.why("en") == "Words about another person"
    assert (line.name, line.number) == ("redacted", "001-A001")

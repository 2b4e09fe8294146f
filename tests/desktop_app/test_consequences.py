"""What a save brings with it: the trace of each finding, and deviations, in the same seal."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casebook.design import Severity
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.session import Session
from tests.laptops import Ward, sync

V1 = VisitKey(visit="SE.V1")
SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def _vitals(session: Session) -> FormKey:
    return FormKey(subject=session.add_subject().subject, visit=V1, form="F.VS")


def _trace(session: Session, key: FormKey, check: str) -> list[tuple[str, bool]]:
    return [(str(one.author), one.fires) for one in session.query_trace(key, check, SYSBP)]


def test_finding_that_opens_and_closes_leaves_both_in_the_record(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _vitals(session)
        session.keep(key, SYSBP, "310")
        assert _trace(session, key, "EC051") == []
        session.save(key)
        assert _trace(session, key, "EC051") == [("coordinator", True)]
        session.keep(key, SYSBP, "150", reason="TRANSCRIPTION")
        session.save(key)
        assert _trace(session, key, "EC051") == [("coordinator", True), ("coordinator", False)]


def test_save_that_changes_no_finding_says_nothing_of_findings(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _vitals(session)
        session.keep(key, SYSBP, "310")
        session.save(key)
        session.keep(key, ItemPath(group="IG.VS.OTHER", item="HR"), "80")
        session.save(key)
        assert _trace(session, key, "EC051") == [("coordinator", True)]


def test_trace_is_the_same_on_another_laptop(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        key = _vitals(session)
        session.keep(key, SYSBP, "310")
        session.save(key)
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        assert _trace(session, key, "EC051") == [("coordinator", True)]


def _future(session: Session, key: FormKey) -> Severity:
    """Return how hard it is that the vital signs were taken an hour ahead of the laptop's clock."""
    (found,) = (one for one in session.form(key).item(TAKEN_AT).findings if one.check == "EC001")
    return found.severity


def test_time_in_the_future_is_only_a_question_while_the_clock_lags_behind_the_server(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _vitals(session)
        sync(laptop, session)
        ahead = ward.clock().local + timedelta(hours=1)
        session.keep(key, TAKEN_AT, ahead.strftime("%Y-%m-%d %H:%M"))
        assert _future(session, key) is Severity.HARD
        ward.clock.utc_ms -= 2 * 60 * 60 * 1000
        assert _future(session, key) is Severity.SOFT


TAKEN_AT = ItemPath(group="IG.VS.BP1", item="VSDTM")


def _late_visit(session: Session) -> FormKey:
    """Return the vital signs of a visit that took place after its window."""
    first = _vitals(session)
    randomisation = FormKey(subject=first.subject, visit=V1, form="F.RND")
    session.keep(randomisation, _place(session, randomisation, "RANDDTM"), "2026-02-20 10:00")
    session.save(randomisation)
    second = FormKey(subject=first.subject, visit=VisitKey(visit="SE.V2"), form="F.VS")
    session.keep(second, TAKEN_AT, "2026-02-25 10:00")
    session.save(second)
    return second


def _place(session: Session, key: FormKey, name: str) -> ItemPath:
    group, item = session.design.form(key.form).find(name)
    return ItemPath(group=group.oid, item=item.name)


def _deviations(session: Session, subject: SubjectId) -> dict[tuple[str, str], FormKey]:
    """Return the deviations on record by source and place."""
    plan = session.design.deviations
    assert plan is not None
    found = {}
    for row in session.casebook(subject).running:
        if row.cell.key.form == plan.form:
            view = session.form(row.cell.key)
            source, reference = (
                view.item(_place(session, row.cell.key, name)).reading.value or ""
                for name in (plan.source, plan.reference)
            )
            found[source, reference] = row.cell.key
    return found


def test_visit_out_of_its_window_and_missed_visits_raise_deviations_with_the_save(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _late_visit(session)
        later = replace(key, visit=VisitKey(visit="SE.V5"))
        session.keep(later, TAKEN_AT, "2026-02-27 10:00")
        session.save(later)
        found = _deviations(session, key.subject)
        assert ("EC068", "SE.V2 F.VS VSDTM") in found
        assert {reference for source, reference in found if source == "MISSED"} == {"SE.V3", "SE.V4"}
        session.keep(key, SYSBP, "150")
        session.save(key)
        assert _deviations(session, key.subject) == found


def test_deviation_has_one_name_on_every_laptop(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        key = _late_visit(session)
        found = _deviations(session, key.subject)
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        assert _deviations(session, key.subject) == found
        assert session.casebook(key.subject).number.startswith("001")

"""What a save brings with it: the trace of each finding, and deviations, in the same seal."""

from pathlib import Path

import pytest

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

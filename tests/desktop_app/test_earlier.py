"""The last earlier value of an item: at which assessment it stands, and who may be told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import OtherVersionError
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.session import Session
from tests.desktop_app.places import Book
from tests.laptops import SITE, Ward, design, sync

SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")
DIABP = ItemPath(group="IG.VS.BP1", item="DIABP")
MAP = ItemPath(group="IG.VS.BP1", item="MAP")
AT_V1, AT_V2 = "2026-02-27T09:00+08:00", "2026-02-28T09:10+08:00"


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture
def session(ward: Ward) -> Iterator[Session]:
    with ward.session(ward.enrolled()) as session:
        yield session


def _vitals(subject: SubjectId, visit: str) -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form="F.VS")


def _told(session: Session, key: FormKey) -> dict[str, tuple[str, str]]:
    return {path.item: (one.shown("en"), one.day) for path, one in session.earlier(key).items()}


def test_value_of_the_visit_before_is_told_with_its_day_and_place(session: Session) -> None:
    subject = session.add_subject().subject
    Book(design(), subject, SITE).enter(session, {"F.VS@SE.V1": {"VSDTM": AT_V1, "SYSBP": "150", "DIABP": "90"}})
    found = session.earlier(_vitals(subject, "SE.V2"))
    assert (found[SYSBP].shown("en"), found[SYSBP].day) == ("150", "2026-02-27 09:00")
    assert found[SYSBP].key == _vitals(subject, "SE.V1")
    assert found[SYSBP].where("zh")
    assert found[MAP].reading.value == "110"


def test_latest_of_several_earlier_values_counts_item_by_item(session: Session) -> None:
    subject = session.add_subject().subject
    book = Book(design(), subject, SITE)
    book.enter(session, {"F.VS@SE.V1": {"VSDTM": AT_V1, "SYSBP": "150", "DIABP": "90"}})
    book.enter(session, {"F.VS@SE.V2": {"VSDTM": AT_V2, "SYSBP": "140", "DIABP": "!ND"}})
    told = _told(session, _vitals(subject, "SE.V3"))
    assert told["SYSBP"] == ("140", "2026-02-28 09:10")
    assert told["DIABP"] == ("90", "2026-02-27 09:00")
    assert "VSDTM" not in told


def test_nothing_later_and_nothing_of_the_form_itself_is_told(session: Session) -> None:
    subject = session.add_subject().subject
    book = Book(design(), subject, SITE)
    book.enter(session, {"F.VS@SE.V2": {"VSDTM": AT_V2, "SYSBP": "140"}})
    assert not session.earlier(_vitals(subject, "SE.V2"))
    assert not session.earlier(_vitals(subject, "SE.V1"))
    book.enter(session, {"F.VS@SE.V1": {"VSDTM": AT_V1, "SYSBP": "150"}})
    assert _told(session, _vitals(subject, "SE.V2"))["SYSBP"][0] == "150"


def test_dates_count_before_the_order_of_visits(session: Session) -> None:
    subject = session.add_subject().subject
    book = Book(design(), subject, SITE)
    book.enter(session, {"F.VS@SE.V1": {"VSDTM": AT_V2, "SYSBP": "150"}})
    book.enter(session, {"F.VS@SE.V2": {"VSDTM": AT_V1, "SYSBP": "140"}})
    assert _told(session, _vitals(subject, "SE.V1"))["SYSBP"][0] == "140"
    assert not session.earlier(_vitals(subject, "SE.V2"))


def test_value_that_two_laptops_disagree_about_is_not_told(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        subject = session.add_subject().subject
        sync(one, session)
    for laptop, value in ((two, "160"), (one, "150")):
        with ward.session(laptop) as session:
            if laptop is two:
                sync(laptop, session)
            Book(design(), subject, SITE).enter(session, {"F.VS@SE.V1": {"SYSBP": value, "DIABP": "90"}})
            sync(laptop, session)
    with ward.session(one) as session:
        sync(one, session)
        assert session.form(_vitals(subject, "SE.V1")).item(SYSBP).heads
        told = _told(session, _vitals(subject, "SE.V2"))
        assert "SYSBP" not in told
        assert told["DIABP"][0] == "90"


def test_blinded_assessor_is_told_nothing_of_a_form_of_others(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
        Book(design(), subject, SITE).enter(session, {"F.VS@SE.V1": {"VSDTM": AT_V1, "SYSBP": "150"}})
    with ward.session(laptop, "assessor") as session, pytest.raises(OtherVersionError):
        session.earlier(_vitals(subject, "SE.V2"))

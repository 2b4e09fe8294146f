"""What a session does for a laboratory grid: ranges before a result is there, units used last, values kept together."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from casebook.errors import ReasonRequiredError, UnreadableItemError
from casebook.ids import SubjectId
from casebook.ranges import Ranges
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.reference_ranges import AppliedRange, Limits, Told
from desktop_app.session import Session
from desktop_app.snapshots import FormView, Mark
from tests.desktop_app.places import Book
from tests.laptops import Ward

V1 = VisitKey(visit="SE.V1")
HEAD = {"LBDTM": "2026-02-28T08:00+08:00", "LBFAST": "Y", "LBPANEL": "HAEM COAG GLUC RENAL"}
FOREVER = {"LABFROM": "2026-01-01", "LABSEX": "ALL"}


def _item(item: str, group: str = "HAEM") -> ItemPath:
    return ItemPath(group=f"IG.LB.{group}", item=item)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    ward = Ward(tmp_path)
    with ward.session(ward.enrolled()) as session:
        yield session


def _book(session: Session) -> Book:
    return Book(design=session.design, subject=session.add_subject().subject, site=session.site)


def _begin(session: Session, sex: str = "M") -> FormKey:
    book = _book(session)
    book.enter(session, {"F.DM": {"SEX": sex}, "F.LB": HEAD})
    return _laboratory(book.subject)


def _laboratory(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=V1, form="F.LB")


def _ranges(view: FormView, item: str) -> Ranges:
    return next(group.ranges[item] for group in view.groups if item in group.ranges)


def _limits(low: str, high: str) -> Limits:
    return Limits(Decimal(low), Decimal(high))


@pytest.mark.parametrize(("sex", "low", "high"), [("M", "130", "175"), ("F", "115", "150")])
def test_range_of_the_study_stands_before_any_result_by_sex(session: Session, sex: str, low: str, high: str) -> None:
    found = _ranges(session.form(_begin(session, sex)), "HGB")
    assert found["g/L"] == AppliedRange(_limits(low, high), "g/L", Told.STUDY)
    assert found["g/dL"] == found["g/L"]


def test_sex_that_is_not_known_leaves_a_range_by_sex_untold(session: Session) -> None:
    book = _book(session)
    book.enter(session, {"F.LB": HEAD})
    ranges = {name for group in session.form(_laboratory(book.subject)).groups for name in group.ranges}
    assert "WBC" in ranges
    assert "HGB" not in ranges


def test_range_that_the_site_keeps_stands_over_the_study_s_for_its_unit_alone(session: Session) -> None:
    book = _book(session)
    kept = {"LABTEST": "GLUC", "LABUNIT": "mg/dL", "LABLO": "70", "LABHI": "110"} | FOREVER
    book.enter(session, {"F.LABS[1]": kept, "F.DM": {"SEX": "F"}, "F.LB": HEAD})
    found = _ranges(session.form(_laboratory(book.subject)), "GLUC")
    assert found["mg/dL"] == AppliedRange(_limits("70", "110"), "mg/dL", Told.SITE)
    assert found["mmol/L"].by is Told.STUDY


def test_limits_of_the_report_stand_over_all_others(session: Session) -> None:
    key = _begin(session)
    session.keep(key, ItemPath(group="IG.LB.SAMPLE", item="RPTRNG"), "Y")
    session.keep(key, _item("HGBLO"), "12", unit="g/dL")
    view = session.keep(key, _item("HGBHI"), "16", unit="g/dL")
    assert _ranges(view, "HGB")["g/dL"] == AppliedRange(_limits("120", "160"), "g/L", Told.REPORT)


def test_panel_that_is_not_asked_has_no_ranges(session: Session) -> None:
    view = session.form(_begin(session))
    assert not any("CHOL" in group.ranges for group in view.groups)


def test_values_are_kept_together_each_as_an_entry_of_its_own(session: Session) -> None:
    key = _begin(session)
    view = session.keep_together(key, [(_item("WBC"), "7.2", "10^9/L"), (_item("HGB"), "13,2", "g/dL")])
    assert [view.item(_item(name)).reading.value for name in ("WBC", "HGB")] == ["7.2 10^9/L", "13.2 g/dL"]
    assert view.item(_item("WBCIND", "HAEM")).reading.value == "NORMAL"
    assert {view.item(_item(name)).mark for name in ("WBC", "HGB")} == {Mark.KEPT}
    session.save(key)
    assert [len(session.trail(key, _item(name))) for name in ("WBC", "HGB")] == [1, 1]


def test_none_is_kept_where_one_cannot_be(session: Session) -> None:
    key = _begin(session)
    session.keep(key, _item("HGB"), "132", unit="g/L")
    session.save(key)
    with pytest.raises(ReasonRequiredError):
        session.keep_together(key, [(_item("WBC"), "7.2", "10^9/L"), (_item("HGB"), "140", "g/L")])
    with pytest.raises(UnreadableItemError):
        session.keep_together(key, [(_item("WBC"), "7.2", "10^9/L"), (_item("RBC"), "many", None)])
    assert session.form(key).item(_item("WBC")).mark is Mark.EMPTY


def test_one_reason_goes_to_what_was_recorded_and_to_nothing_else(session: Session) -> None:
    key = _begin(session)
    session.keep(key, _item("HGB"), "132", unit="g/L")
    session.save(key)
    session.keep_together(key, [(_item("WBC"), "7.2", "10^9/L"), (_item("HGB"), "140", "g/L")], reason="TRANSCRIPTION")
    session.save(key)
    assert [session.trail(key, _item(name))[-1].reason for name in ("WBC", "HGB")] == ["", "TRANSCRIPTION"]


def test_unit_used_last_is_that_of_the_latest_entry_of_any_subject(session: Session) -> None:
    assert session.units_used("F.LB") == {}
    first, second = _begin(session), _begin(session)
    session.keep(second, _item("HGB"), "13.2", unit="g/dL")
    session.keep(second, _item("WBC"), "7", unit="10^3/uL")
    session.save(second)
    session.keep(first, _item("HGB"), "132", unit="g/L")
    session.save(first)
    assert session.units_used("F.LB") == {"HGB": "g/L", "WBC": "10^3/uL"}


def test_range_of_the_report_is_printed_with_its_result(session: Session, tmp_path: Path) -> None:
    key = _begin(session)
    given = [(_item("HGB"), "13.2", "g/dL"), (_item("HGBLO"), "13", "g/dL"), (_item("HGBHI"), "<17", "g/dL")]
    session.keep_together(key, [*given, (ItemPath(group="IG.LB.SAMPLE", item="RPTRNG"), "Y", None)])
    session.save(key)
    paper = next(one for one in session.papers(key.subject) if one.kind == "visit")
    file = tmp_path / "visit.pdf"
    file.write_bytes(session.paper(key.subject, paper))
    with pypdfium2.PdfDocument(file) as pdf:
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    places = [text.index(one) for one in ("Haemoglobin", "13.2", "lower limit on the report", "<17")]
    assert places == sorted(places)

"""The audit trail from the session to the window: what is told, narrowed, printed, written, and to whom."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox

from casebook.design import StudyDesign
from casebook.errors import AuditTooLongError
from casebook.ids import UserId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app import auditing
from desktop_app.audit_snapshots import AuditKind, AuditQuestion
from desktop_app.session import Session
from desktop_app.widgets.line_list import LineList
from desktop_app.windows.audit import AuditPage
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import Ward, design, sync


def text_place(study: StudyDesign) -> tuple[str, ItemPath]:
    """Return a form of the first visit and a plain item of it that takes words."""
    form = study.form("F.DM") if "F.DM" in study.forms else study.form(study.visits[0].forms[0].form)
    for group in form.groups:
        for item in group.items:
            if item.derivation is None and str(item.data_type) == "integer" and not group.repeating:
                return form.oid, ItemPath(group=group.oid, item=item.name)
    raise LookupError(form.oid)


def enter(session: Session, raw: str, reason: str | None = None) -> tuple[FormKey, ItemPath]:
    """Enter a value at the place, for the first subject."""
    form, path = text_place(session.design)
    rows = session.subjects() or (session.add_subject(),)
    key = FormKey(subject=rows[0].subject, visit=VisitKey(visit=session.design.visits[0].oid), form=form)
    session.keep(key, path, raw, reason=reason)
    session.save(key)
    return key, path


def sentences(session: Session, question: AuditQuestion) -> list[str]:
    return [row.sentence("en") for row in session.audit.page(question).rows]


def test_change_is_told_with_old_new_why_and_who(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    with ward.session(laptop) as session:
        key, path = enter(session, "11")
    with ward.session(laptop, "investigator") as session:
        enter(session, "12", "MISKEYED")
        question = AuditQuestion(subject=key.subject, key=key, path=path, kind=AuditKind.VALUES)
        newest, oldest = session.audit.page(question).rows
    assert "changed from 11" in newest.sentence("en")
    assert "12" in newest.sentence("zh")
    assert newest.why("en") == "Mis-keyed"
    assert (newest.who("en"), oldest.who("en")) == ("Investigator B", "Coordinator A")
    assert "11" in oldest.sentence("en")


def test_questions_narrow_and_a_later_save_is_seen(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    with ward.session(laptop) as session:
        key, _ = enter(session, "11")
        everything = AuditQuestion()
        before = session.audit.page(everything).count
        enter(session, "12", "MISKEYED")
        assert session.audit.page(everything).count > before
        assert all("igned" not in one for one in sentences(session, AuditQuestion(kind=AuditKind.VALUES)))
        assert sentences(session, AuditQuestion(subject=key.subject, kind=AuditKind.SECURITY)) == []
        assert sentences(session, replace(everything, person=UserId("investigator"), kind=AuditKind.VALUES)) == []
        assert sentences(session, replace(everything, until=date(2026, 2, 28), kind=AuditKind.VALUES)) == []
        assert sentences(session, replace(everything, since=date(2026, 3, 1), kind=AuditKind.VALUES))
        assert session.audit.page(everything).people[0][1] == "Coordinator A"
        assert session.audit.page(replace(everything, after_signature=True)).rows == ()


def test_pages_follow_each_other_without_loss(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", 5)
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        enter(session, "11")
        first = session.audit.page(AuditQuestion())
        assert (first.first, len(first.rows)) == (1, 5)
        seen = []
        for page in range(first.pages):
            view = session.audit.page(AuditQuestion(page=page))
            seen += [(row.commit, row.index) for row in view.rows]
        assert len(seen) == len(set(seen)) == first.count
        assert session.audit.page(AuditQuestion(page=99)).question.page == first.pages - 1
        monkeypatch.setattr(auditing, "MOST_PRINTED", 3)
        with pytest.raises(AuditTooLongError):
            session.audit.paper(AuditQuestion())


def test_trail_is_printed_and_written_and_both_stand_in_it(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        key, _ = enter(session, "11")
        question = AuditQuestion(subject=key.subject)
        assert session.audit.paper(question).startswith(b"%PDF")
        table = session.audit.tables(question, "zh").decode("utf-8-sig")
        assert table.splitlines()[0].startswith("at,time_standing")
        said = "\n".join(sentences(session, AuditQuestion(kind=AuditKind.SECURITY)))
        assert "Printed (what: audit trail" in said
        assert "Exported the record (what: audit trail" in said


def test_blinded_session_is_told_nothing_but_what_it_may_know(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        key, path = enter(session, "73")
        sync(laptop, session)
    with ward.session(laptop, "assessor") as session:
        view = session.audit.page(AuditQuestion())
        said = "\n".join(f"{row.where('en')} {row.sentence('en')}" for row in view.rows)
        assert view.count > 0
        assert "73" not in said
        assert design().form(key.form).label("en") not in said
        assert session.audit.page(AuditQuestion(subject=key.subject, key=key, path=path)).rows == ()


def test_time_is_verified_once_the_server_told_it(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        outcome = laptop.synchroniser().sync_now()
        view = session.take_in(outcome.message, anchor=outcome.anchor)
        assert view.here_only == 0
        assert view.clock is None
        key, _ = enter(session, "11")
        rows = session.audit.page(AuditQuestion(subject=key.subject)).rows
        assert all(row.verified for row in rows)
        assert "Heard the server's time." in sentences(session, AuditQuestion(kind=AuditKind.SECURITY))


def test_clock_that_was_set_is_told_and_nothing_is_refused(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        enter(session, "11")
        told = ward.clock.utc_ms
        ward.clock.set_wall(told + 3 * 3_600_000)
        enter(session, "12", "MISKEYED")
        view = session.sync_view()
        assert view.clock is not None
        assert "set forward by 3 h" in view.clock("en")
        assert "clock was set forward by" in "\n".join(sentences(session, AuditQuestion(kind=AuditKind.SECURITY)))


# -- in the window ----------------------------------------------------------------------------------------


def audit_page(hands: Hands) -> AuditPage:
    workplace = hands.application.workplace
    assert workplace is not None
    return workplace.staff.audit


def test_audit_is_opened_from_anywhere_narrowed_and_leads_to_the_item(
    open_application: OpenApplication, ward: Ward, tmp_path: Path
) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    with ward.session(laptop) as session:
        enter(session, "11")
    hands = open_application(laptop)
    hands.unlock()
    hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    table = hands.find("audit_table")
    assert isinstance(table, LineList)
    everything = table.model().rowCount()
    kinds = hands.find("audit_kind")
    assert isinstance(kinds, QComboBox)
    kinds.setFocus()
    hands.press(Qt.Key.Key_Down)
    hands.settle()
    assert 0 < table.model().rowCount() < everything
    hands.type("audit_since", "no day")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "no day" in hands.words("audit_notice_words")
    hands.find("audit_since").setProperty("text", "")
    hands.type("audit_since", "2026-03-01")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert not hands.shows("audit_notice")
    assert "Record" in hands.words("audit_detail")
    audit_page(hands).write_table(str(tmp_path / "trail.csv"))
    hands.settle()
    assert b"coordinator" in (tmp_path / "trail.csv").read_bytes()
    hands.control(Qt.Key.Key_P)
    hands.settle()
    assert hands.shows("audit_print")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    table.setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("form_standing") or not hands.shows("audit_table")
    hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    assert "001-A001" in hands.words("audit_about")
    late = hands.find("audit_late")
    assert isinstance(late, QCheckBox)
    assert not late.isChecked()


def test_clock_that_differs_is_told_in_the_foot_line_and_on_the_sync_page(
    open_application: OpenApplication, ward: Ward
) -> None:
    hands = open_application(ward.enrolled("one", "coordinator"))
    hands.unlock()
    assert not hands.shows("foot_clock")
    ward.clock.set_wall(ward.clock.utc_ms - 3_600_000)
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()
    assert "set back by" in hands.words("sync_clock_words")
    assert hands.find("foot_clock").isEnabled()

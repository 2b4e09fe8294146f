"""Undo of the last entry: a new entry with the reason `undo`; by key and by button; never in closed or signed forms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from casebook.errors import NothingToUndoError
from casebook.ids import SubjectId, UserId
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, Reading, VisitKey
from desktop_app.session import Session
from tests.desktop_app.forms_at_work import choose, enter, go_to, mark_of
from tests.desktop_app.hands import Hands
from tests.laptops import PASSPHRASE, Ward

SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")
DIABP = ItemPath(group="IG.VS.BP1", item="DIABP")
ARM = ItemPath(group="IG.VS.BP1", item="VSARM")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture
def session(ward: Ward) -> Iterator[Session]:
    with ward.session(ward.enrolled("one", "principal", "investigator"), "principal") as session:
        yield session


def _vitals(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def _begin(session: Session) -> FormKey:
    return _vitals(session.add_subject().subject)


def _trail(session: Session, key: FormKey, path: ItemPath = SYSBP) -> list[tuple[str, str]]:
    return [(line.shown("en"), line.reason) for line in session.trail(key, path)]


def test_undo_of_a_kept_value_is_an_entry_of_its_own(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.keep(key, SYSBP, "160")
    view, line = session.undo(key)
    assert view.item(SYSBP).reading == Reading(value="150")
    assert (line.path, line.was("en"), line.back("en")) == (SYSBP, "160", "150")
    view, _ = session.undo(key)
    assert view.item(SYSBP).reading == EMPTY
    assert view.undo is None
    assert _trail(session, key) == [("150", ""), ("160", ""), ("150", "undo"), ("", "undo")]
    session.save(key)
    assert _trail(session, key) == [("150", ""), ("160", ""), ("150", "undo"), ("", "undo")]


def test_undo_of_a_recorded_change_keeps_both_in_the_trail(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.save(key)
    session.keep(key, SYSBP, "160", reason="MISKEYED")
    session.save(key)
    assert session.undo(key)[0].item(SYSBP).reading == Reading(value="150")
    session.save(key)
    assert _trail(session, key) == [("150", ""), ("160", "MISKEYED"), ("150", "undo")]
    session.undo(key)
    session.save(key)
    assert _trail(session, key)[-1] == ("", "undo")


def test_undo_goes_back_over_items_in_the_order_of_entry(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.keep(key, DIABP, "", missing=MissingCode.NOT_DONE, reason="NOSOURCE")
    session.keep(key, SYSBP, "155")
    assert [session.undo(key)[1].path for _ in range(3)] == [SYSBP, DIABP, SYSBP]
    with pytest.raises(NothingToUndoError):
        session.undo(key)


def test_undo_lets_go_of_text_that_is_no_value(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.keep(key, SYSBP, "abc")
    view, _ = session.undo(key)
    assert view.item(SYSBP).typed == ""
    assert view.item(SYSBP).reading == Reading(value="150")


def test_values_that_were_kept_together_are_put_back_together(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.keep_together(key, [(SYSBP, "160", None), (DIABP, "90", None)])
    view, line = session.undo(key)
    assert line.count == 2
    assert (view.item(SYSBP).reading, view.item(DIABP).reading) == (Reading(value="150"), EMPTY)


def test_what_was_entered_in_another_session_or_form_is_not_undone(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    with ward.session(laptop) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
    with ward.session(laptop) as session:
        assert session.form(key).undo is None
        session.keep(_vitals(session.add_subject().subject), SYSBP, "150")
        with pytest.raises(NothingToUndoError):
            session.undo(key)


def test_redacted_value_is_not_put_back(session: Session) -> None:
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.save(key)
    session.keep(key, SYSBP, "160", reason="MISKEYED")
    session.save(key)
    rows = session.redacting.entries(key, SYSBP).rows
    first = next(row for row in rows if row.shown("en").startswith("150"))
    session.redacting.redact(key, SYSBP, first.commit, "a name", PASSPHRASE, UserId("investigator"), PASSPHRASE)
    assert session.form(key).undo is None


def _undo_by_key(hands: Hands) -> None:
    hands.control(Qt.Key.Key_Z)
    hands.settle()


def test_key_puts_back_the_last_entry_and_says_so(vitals: Hands) -> None:
    enter(vitals, "I.VS.SYSBP", "150")
    _undo_by_key(vitals)
    assert vitals.words("I.VS.SYSBP") == ""
    assert vitals.find("I.VS.SYSBP").hasFocus()
    assert "Systolic" in vitals.words("foot_status")
    assert not vitals.shows("form_undo")


def test_key_in_a_field_that_is_being_typed_takes_back_letters_only(vitals: Hands) -> None:
    enter(vitals, "I.VS.SYSBP", "150")
    QTest.keyClicks(vitals.find("I.VS.DIABP"), "9")
    _undo_by_key(vitals)
    assert vitals.words("I.VS.DIABP") == ""
    assert vitals.words("I.VS.SYSBP") == "150"
    _undo_by_key(vitals)
    assert vitals.words("I.VS.SYSBP") == ""


def test_button_undoes_a_choice_and_several_steps(vitals: Hands) -> None:
    enter(vitals, "I.VS.SYSBP", "150")
    choose(vitals, "I.VS.VSARM", "L")
    vitals.click("form_undo")
    vitals.settle()
    assert mark_of(vitals, "I.VS.VSARM") == "kept on this laptop"
    vitals.click("form_undo")
    vitals.settle()
    assert vitals.words("I.VS.SYSBP") == ""


def test_recorded_value_put_back_says_undo_in_its_history(vitals: Hands) -> None:
    enter(vitals, "I.VS.SYSBP", "150")
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    go_to(vitals, "I.VS.HR")
    _undo_by_key(vitals)
    vitals.control(Qt.Key.Key_S)
    vitals.settle()
    vitals.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    vitals.settle()
    said = [label.text() for label in vitals.find("trail.I.VS.SYSBP").findChildren(QLabel)]
    assert sum(" · undo" in one for one in said) == 1
    assert any(one.endswith("· 150") for one in said)

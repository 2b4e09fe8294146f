"""People let in and out, delegation, recovery and unblinding: by keys and clicks, over real vaults."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton

from casebook.design import DataType, Form
from casebook.errors import (
    LastAdministratorError,
    NothingToRedactError,
    RefusedError,
    SecondPersonNeededError,
    SecondSignerRefusedError,
    SheetNotForBlindedError,
    UserNameTakenError,
    UserNameUnreadableError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import UserId
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.redaction import REDACTED
from casebook.store.slots import read_recovery_code
from desktop_app.audit_snapshots import AuditKind, AuditQuestion
from desktop_app.session import Session
from desktop_app.staff_snapshots import (
    CertificateState,
    DelegationState,
    Invited,
    StaffRow,
    UnblindingAccess,
)
from desktop_app.widgets.line_list import LineList
from desktop_app.widgets.recovery_code import bare_code
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import PASSPHRASE, Ward, sync

NEW = "five other words this time"
TODAY = date(2026, 3, 1)


def told(session: Session) -> str:
    """Return every security sentence that a session holds."""
    rows = session.audit.page(AuditQuestion(kind=AuditKind.SECURITY)).rows
    return "\n".join(row.sentence("en") for row in rows)


def row_of(session: Session, user: str) -> StaffRow:
    return next(row for row in session.staff.view().rows if row.user == user)


def let_in(session: Session, invited: Invited, passphrase: str = NEW) -> None:
    session.staff.announce(session.staff.make_keys(invited, passphrase))


# -- letting in and out -----------------------------------------------------------------------------------


def test_newcomer_works_at_once_and_is_certified_by_the_next_sync(ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator")
    with ward.session(laptop, "administrator") as session:
        let_in(session, session.staff.invite("wang.l", "Coordinator W", "ROLE.COORDINATOR"))
        assert row_of(session, "wang.l").certificate is CertificateState.PENDING
    newcomer = laptop.unlock(UserId("wang.l"), NEW)
    newcomer.lock()
    with ward.session(laptop, "administrator") as session:
        sync(laptop, session)
        row = row_of(session, "wang.l")
        assert (row.name, row.certificate) == ("Coordinator W", CertificateState.ISSUED)
        assert "Invited a person (person: Coordinator W)" in told(session)


def test_newcomer_is_delegated_before_the_certificate_comes(ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator", "principal")
    with ward.session(laptop, "administrator") as session:
        let_in(session, session.staff.invite("wang.l", "Coordinator W", "ROLE.COORDINATOR"))
    newcomer = UserId("wang.l")
    with ward.session(laptop, "principal") as session:
        assert "Coordinator W" in {one.name for one in session.staff.delegations().people}
        today = session.staff.delegations().today
        session.staff.delegate(newcomer, "ROLE.COORDINATOR", ("enter",), today, None, PASSPHRASE)
    working = laptop.unlock(newcomer, NEW)
    assert working.person.may("enter") is True
    assert working.person.may("print") is False
    working.lock()


@pytest.mark.parametrize("user", ["coordinator", "administrator"])
def test_short_name_that_is_taken_is_refused(ward: Ward, user: str) -> None:
    laptop = ward.enrolled("one", "administrator")
    with ward.session(laptop, "administrator") as session, pytest.raises(UserNameTakenError):
        session.staff.invite(user, "Somebody", "ROLE.COORDINATOR")


@pytest.mark.parametrize("user", ["", "W", "wang l", "王", "device", "1st"])
def test_short_name_that_no_record_can_carry_is_refused(ward: Ward, user: str) -> None:
    laptop = ward.enrolled("one", "administrator")
    with ward.session(laptop, "administrator") as session, pytest.raises(UserNameUnreadableError):
        session.staff.invite(user, "Somebody", "ROLE.COORDINATOR")


def test_who_may_not_let_people_in_is_told_whom_to_ask(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        view = session.staff.view()
        assert not view.may_invite
        assert view.why_not is not None
        assert "administrator" in view.why_not("en")
        with pytest.raises(RefusedError):
            session.staff.invite("wang.l", "Coordinator W", "ROLE.COORDINATOR")


def test_nobody_is_invited_into_a_role_that_the_study_alone_gives(ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator")
    with ward.session(laptop, "administrator") as session:
        offered = {role.oid for role in session.staff.view().roles}
    assert offered == {"ROLE.COORDINATOR", "ROLE.INVESTIGATOR", "ROLE.INTERVENTION", "ROLE.BLIND"}


def test_colleague_lets_in_a_blinded_person_who_forgot_the_passphrase(ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator", "assessor")
    with ward.session(laptop, "administrator") as session:
        let_in(session, session.staff.invite_again(UserId("assessor")))
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("assessor"), PASSPHRASE)
    blinded = laptop.unlock(UserId("assessor"), NEW)
    assert blinded.blinded
    blinded.lock()
    with ward.session(laptop, "administrator") as session:
        sync(laptop, session)
        assert row_of(session, "assessor").certificate is CertificateState.ISSUED
        assert row_of(session, "assessor").unblinding is UnblindingAccess.NEVER
        assert "Let a person in again with new keys (person: Assessor D)" in told(session)


def test_own_keys_are_certified_by_a_personal_code_where_the_colleague_may_not(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    with ward.session(laptop) as session:
        let_in(session, session.staff.invite_again(UserId("investigator")))
        sync(laptop, session)
    session = laptop.unlock(UserId("investigator"), NEW)
    session.add_subject()
    sync(laptop, session)
    assert session.sync_view().here_only > 0
    session.staff.certify_me(ward.network.personal_code("investigator"))
    sync(laptop, session)
    sync(laptop, session)
    assert session.sync_view().here_only == 0
    session.lock()


def test_removed_person_signs_in_no_more_and_the_others_go_on(ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator", "coordinator", "investigator")
    with ward.session(laptop, "administrator") as session:
        with pytest.raises(LastAdministratorError):
            session.staff.remove(UserId("administrator"), PASSPHRASE)
        with pytest.raises(WrongPassphraseError):
            session.staff.remove(UserId("coordinator"), "not this")
        session.staff.remove(UserId("coordinator"), PASSPHRASE)
        assert not row_of(session, "coordinator").here
        let_in(session, session.staff.invite("wang.l", "Coordinator W", "ROLE.COORDINATOR"))
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("coordinator"), PASSPHRASE)
    for user, passphrase in (("investigator", PASSPHRASE), ("wang.l", NEW)):
        session = laptop.unlock(UserId(user), passphrase)
        assert "removed from this laptop (person: Coordinator A)" in told(session)
        session.lock()


# -- delegation -------------------------------------------------------------------------------------------


def test_principal_investigator_delegates_and_ends_by_passphrase_and_others_are_told_why_not(ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "coordinator")
    with ward.session(laptop, "principal") as session:
        assert session.staff.delegations().rows == ()
        assert row_of(session, "coordinator").delegation is DelegationState.NO_LOG
        with pytest.raises(WrongPassphraseError):
            session.staff.delegate(UserId("coordinator"), "ROLE.COORDINATOR", (), TODAY, None, "not this")
        view = session.staff.delegate(UserId("coordinator"), "ROLE.COORDINATOR", ("enter",), TODAY, None, PASSPHRASE)
        (row,) = view.rows
        assert (row.person, row.signed_by, row.standing) == ("Coordinator A", "Principal investigator E", True)
        assert row_of(session, "coordinator").delegation is DelegationState.STANDING
    with ward.session(laptop) as session:
        view = session.staff.delegations()
        assert not view.may_delegate
        assert view.why_not is not None
        with pytest.raises(RefusedError):
            session.staff.end_delegation(view.rows[0].entry, TODAY, "because", PASSPHRASE)
    with ward.session(laptop, "principal") as session:
        (row,) = session.staff.end_delegation(row.entry, date(2026, 2, 28), "left", PASSPHRASE).rows
        assert (row.standing, row.why_ended) == (False, "left")
        assert row_of(session, "coordinator").delegation is DelegationState.NOT_STANDING
        assert "A delegation ended" in told(session)
        assert session.staff.delegation_paper().startswith(b"%PDF")
        assert session.staff.matrix_paper().startswith(b"%PDF")


def test_entry_is_added_in_the_window_by_keys(open_application: OpenApplication, ward: Ward) -> None:
    hands = open_application(ward.enrolled("one", "principal", "coordinator"))
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_people")
    hands.settle()
    hands.click("people_delegation")
    hands.settle()
    assert "No delegation log yet" in hands.words("delegation_none_yet_words")
    hands.click("delegation_add")
    people = hands.find("delegation_person")
    assert isinstance(people, QComboBox)
    people.setCurrentIndex(people.findData("coordinator"))
    hands.settle()
    hands.click("delegation_duty_print")
    hands.type("delegation_passphrase", "not this")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "passphrase" in hands.words("delegation_notice_words").lower()
    hands.find("delegation_passphrase").setProperty("text", "")
    hands.type("delegation_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.words("delegation_notice_words") == "Signed and recorded."
    assert not hands.shows("delegation_none_yet")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.click("people_roles")
    hands.settle()
    assert hands.shows("roles_table")


def test_person_is_let_in_again_and_out_in_the_window(open_application: OpenApplication, ward: Ward) -> None:
    laptop = ward.enrolled("one", "administrator", "coordinator")
    hands = open_application(laptop)
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_people")
    hands.settle()
    choose(hands, "coordinator")
    hands.click("people_again")
    hands.type("people_again_passphrase", NEW)
    hands.type("people_again_passphrase_again", NEW)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Coordinator A can sign in" in hands.words("people_notice_words")
    laptop_people = {person.user for person in laptop.state().people}
    assert UserId("coordinator") in laptop_people
    choose(hands, "coordinator")
    hands.click("people_remove")
    hands.type("people_own_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "no longer signs in" in hands.words("people_notice_words")
    assert UserId("coordinator") not in {person.user for person in laptop.state().people}
    choose(hands, "administrator")
    assert not hands.find("people_remove").isEnabled()


def choose(hands: Hands, user: str) -> None:
    """Go to a person's line by the arrow keys."""
    table = hands.find("people_table")
    assert isinstance(table, LineList)
    table.setFocus()
    hands.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    for _ in range(20):
        if table.current() == user:
            return
        hands.press(Qt.Key.Key_Down)
    pytest.fail(f"{user} is not in the list")


# -- recovery ---------------------------------------------------------------------------------------------


def test_sheet_counts_once_its_code_was_typed_back_and_ends_the_one_before(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        first = session.staff.begin_sheet()
        session.staff.test_sheet(first.code)
        second = session.staff.begin_sheet()
        page = pypdfium2.PdfDocument(second.pdf)[0].render(scale=2).to_pil()
        (seen,) = zxingcpp.read_barcodes(page)
        assert read_recovery_code(seen.text) == read_recovery_code(second.code)
        with pytest.raises(WrongRecoveryCodeError):
            session.staff.test_sheet("0W40-J2GB-1G6G-W3RG-2491-650N-2RHY")
    with pytest.raises(WrongRecoveryCodeError):
        laptop.recover(second.code, ward.network.personal_code("coordinator"), NEW)
    fresh = laptop.recover(first.code, ward.network.personal_code("coordinator"), NEW)
    laptop.test_recovery(fresh)
    session = laptop.unlock(UserId("coordinator"), NEW)
    said = told(session)
    assert "The recovery sheet was used (person: Coordinator A)" in said
    assert "A key was replaced by a new one" in said
    assert session.notice is None
    session.lock()
    session = laptop.unlock(UserId("coordinator"), NEW)
    assert told(session).count("The recovery sheet was used (person") == 1
    session.lock()


def test_laptop_without_a_tested_sheet_says_so_until_one_was_made(ward: Ward) -> None:
    laptop = ward.laptop("one")
    laptop.enrol(ward.network.enrolment_code(), "https://server.example:8443", _code(ward), "L", PASSPHRASE)
    with ward.session(laptop) as session:
        assert session.notice is not None
        assert "recovery sheet" in session.notice("en")
        session.staff.test_sheet(session.staff.begin_sheet().code)
        assert session.notice is None


def _code(ward: Ward) -> str:
    return ward.network.personal_code("coordinator")


@pytest.mark.parametrize("named", [True, False])
def test_sheet_lets_no_blinded_person_in(ward: Ward, *, named: bool) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        offer = session.staff.begin_sheet()
        session.staff.test_sheet(offer.code)
    with pytest.raises(SheetNotForBlindedError, match="colleague who signs in here"):
        laptop.recover(offer.code, ward.network.personal_code("assessor"), NEW, UserId("assessor") if named else None)
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("assessor"), NEW)


def test_new_sheet_is_made_and_tested_in_the_settings(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_make_recovery")
    hands.settle()
    code = bare_code(hands.words("settings_recovery_code"))
    assert hands.find("settings_recovery_print").isEnabled()
    hands.type("settings_recovery_typed", code.lower())
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "counts from now on" in hands.words("settings_recovery_outcome_words")
    assert not hands.shows("settings_recovery_code")


def test_wrong_passphrases_before_the_right_one_stand_in_the_audit_trail(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    for _ in range(2):
        with pytest.raises(WrongPassphraseError):
            laptop.unlock(UserId("coordinator"), "not this")
    with ward.session(laptop) as session:
        assert "A wrong passphrase was typed (times: 2; person: Coordinator A)" in told(session)


# -- unblinding -------------------------------------------------------------------------------------------


def test_unblinding_takes_two_who_may_and_begins_the_deviation(ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "investigator", "coordinator", "assessor")
    assessor = UserId("assessor")
    with ward.session(laptop, "principal") as session:
        subject = session.add_subject().subject
        act = (subject, assessor, "Bleeding; the surgeon needs to know", PASSPHRASE)
        assert [one.user for one in session.staff.seconds("unblind")] == ["investigator"]
        with pytest.raises(SecondPersonNeededError):
            session.staff.unblind(*act, UserId("principal"), PASSPHRASE)
        with pytest.raises(SecondPersonNeededError):
            session.staff.unblind(*act, UserId("coordinator"), PASSPHRASE)
        with pytest.raises(WrongPassphraseError):
            session.staff.unblind(*act, UserId("investigator"), "not this")
        assert "Unblinded" not in told(session)
        done = session.staff.unblind(*act, UserId("investigator"), PASSPHRASE)
        (line,) = [
            row
            for row in session.audit.page(AuditQuestion(subject=subject)).rows
            if row.sentence("en").startswith("Unblinded a subject")
        ]
        assert "Assessor D" in line.sentence("en")
        assert "Investigator B" in line.sentence("en")
        assert line.why("en") == "Bleeding; the surgeon needs to know"
        assert done.form is not None
        view = session.form(done.form)
        values = {
            one.path.item: one.reading.value
            for group in view.groups
            for row in group.rows
            for one in row.items
            if one.reading.value
        }
        assert (values["DVCAT"], values["DVSEV"]) == ("BLINDING", "MAJOR")
        assert values["DVSTDTM"].startswith("2026-03-01T14:")
    with ward.session(laptop, "assessor") as session:
        assert session.blinded
        assert "Unblinded" not in told(session)
        with pytest.raises(RefusedError):
            session.staff.unblind(*act, UserId("investigator"), PASSPHRASE)


def test_name_typed_by_mistake_is_taken_out_by_two_and_is_in_no_copy(ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "investigator", "coordinator")
    with ward.session(laptop, "principal") as session:
        subject = session.add_subject().subject
        form = next(one for one in session.design.forms.values() if one.oid in session.person.enters and _words_of(one))
        visit = next(one for one in session.design.visits if any(at.form == form.oid for at in one.forms))
        key, path = FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=form.oid), _words_of(form)
        assert path is not None
        session.keep(key, path, "Zhang San of bed 4")
        session.save(key)
        (row,) = session.redacting.entries(key, path).rows
        act = (key, path, row.commit, "a name", PASSPHRASE)
        with pytest.raises(SecondSignerRefusedError):
            session.redacting.redact(*act, UserId("coordinator"), PASSPHRASE)
        with pytest.raises(WrongPassphraseError):
            session.redacting.redact(*act, UserId("investigator"), "not this")
        (gone,) = session.redacting.redact(*act, UserId("investigator"), PASSPHRASE).rows
        assert gone.redacted
        assert session.form(key).item(path).reading.value == REDACTED
        said = "\n".join(row.sentence("en") for row in session.audit.page(AuditQuestion(subject=subject)).rows)
        assert "Zhang" not in said
        assert REDACTED in said
        with pytest.raises(NothingToRedactError):
            session.redacting.redact(*act, UserId("investigator"), PASSPHRASE)
        sync(laptop, session)
        assert session.sync_view().here_only == 0
    with ward.session(laptop, "investigator") as session:
        assert session.form(key).item(path).reading.value == REDACTED


def test_value_is_taken_out_in_the_window(open_application: OpenApplication, ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "investigator")
    with ward.session(laptop, "principal") as session:
        subject = session.add_subject().subject
        form = next(one for one in session.design.forms.values() if one.oid in session.person.enters and _words_of(one))
        visit = next(one for one in session.design.visits if any(at.form == form.oid for at in one.forms))
        key, path = FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=form.oid), _words_of(form)
        assert path is not None
        session.keep(key, path, "Zhang San of bed 4")
        session.save(key)
    hands = open_application(laptop)
    hands.unlock()
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.open_item(key, path)
    hands.settle()
    button = hands.find("form_actions")
    assert isinstance(button, QPushButton)
    (action,) = [one for one in button.menu().actions() if one.objectName().endswith(".redact")]
    action.trigger()
    hands.settle()
    entries = hands.find("redact_entry")
    assert isinstance(entries, QComboBox)
    assert "Zhang San" in entries.currentText()
    hands.type("redact_reason", "A name")
    hands.type("redact_passphrase", PASSPHRASE)
    hands.type("redact_second_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "taken out" in hands.words("redact_notice_words")
    assert REDACTED in entries.currentText()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "no value any more" in hands.words("redact_notice_words")


def test_blinded_person_is_told_at_once_who_helps_instead_of_the_sheet(
    open_application: OpenApplication, ward: Ward
) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        offer = session.staff.begin_sheet()
        session.staff.test_sheet(offer.code)
    hands = open_application(laptop)
    hands.click("unlock_forgotten")
    hands.settle()
    who = hands.find("recover_who")
    assert isinstance(who, QComboBox)
    who.setCurrentIndex(who.findData("assessor"))
    for name, text in (
        ("recover_code", offer.code),
        ("recover_personal_code", ward.network.personal_code("assessor")),
        ("recover_passphrase", NEW),
        ("recover_passphrase_again", NEW),
    ):
        hands.type(name, text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Ask a colleague who signs in here" in hands.words("recover_problem_words")


def _words_of(form: Form) -> ItemPath | None:
    """Return a plain item of a form that takes words."""
    for group in form.groups:
        for item in group.items:
            if item.data_type is DataType.TEXT and not group.repeating and item.derivation is None:
                return ItemPath(group=group.oid, item=item.name)
    return None


def test_unblinding_is_recorded_in_the_window(open_application: OpenApplication, ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "investigator", "assessor")
    with ward.session(laptop, "principal") as session:
        session.add_subject()
    hands = open_application(laptop)
    hands.unlock()
    hands.find("subjects_table").setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    button = hands.find("casebook_actions")
    assert isinstance(button, QPushButton)
    (action,) = [one for one in button.menu().actions() if one.objectName().endswith(".unblind")]
    action.trigger()
    hands.settle()
    assert hands.shows("unblind_told")
    hands.type("unblind_reason", "The arm was said aloud")
    hands.type("unblind_passphrase", PASSPHRASE)
    hands.type("unblind_second_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert not hands.shows("unblind_reason")
    assert "Protocol deviation" in hands.window.windowTitle() or hands.shows("form_standing")

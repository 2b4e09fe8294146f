"""What a signed-in person can do, over a real vault: enter, correct, conflict, crash, admit, lock."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from casebook import crypto
from casebook.errors import (
    AbsenceReasonRequiredError,
    IncompleteFormError,
    LaptopNotEnrolledError,
    ReasonRequiredError,
    RightMissingError,
    SealedAwayError,
    ServerNotTrustedError,
    ServerUnreachableError,
    UnknownItemError,
    VaultInUseError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath, MissingCode, VisitKey
from desktop_app.session import Session
from desktop_app.snapshots import CellState, Custody, FormView, ItemView, Mark, TrailKind
from tests.laptops import PASSPHRASE, URL, Ward, sync

V1 = VisitKey(visit="SE.V1")
SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")
DIABP = ItemPath(group="IG.VS.BP1", item="DIABP")
HR = ItemPath(group="IG.VS.OTHER", item="HR")
WHY = "TRANSCRIPTION"


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def _vitals(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=V1, form="F.VS")


def _contact(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=V1, form="F.CONTACT")


def _first_text(view: FormView) -> ItemView:
    return next(
        item for group in view.groups for row in group.rows for item in row.items if item.item.data_type == "text"
    )


def _begin(session: Session) -> FormKey:
    return _vitals(session.add_subject().subject)


def test_entry_is_kept_then_recorded_then_received(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
        kept = session.keep(key, SYSBP, "150")
        assert (kept.item(SYSBP).mark, kept.custody, kept.open_here) == (Mark.KEPT, Custody.HERE_ONLY, True)
        recorded = session.save(key)
        assert (recorded.item(SYSBP).mark, recorded.custody) == (Mark.RECORDED, Custody.HERE_ONLY)
        sync(laptop, session)
        assert session.form(key).custody is Custody.RECEIVED
        assert session.sync_view().here_only == 0


def test_subject_numbers_carry_the_laptop_s_letter_and_run(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        assert [session.add_subject().number for _ in range(2)] == ["001-A001", "001-A002"]
    with ward.session(two) as session:
        assert session.add_subject().number == "001-B001"


def test_recorded_value_changes_only_with_a_reason(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        with pytest.raises(ReasonRequiredError):
            session.keep(key, SYSBP, "160")
        session.keep(key, SYSBP, "160", reason=WHY)
        assert [line.shown("en").split()[0] for line in session.trail(key, SYSBP)] == ["150", "160"]
        session.save(key)
        assert session.trail(key, SYSBP)[-1].reason == WHY


def test_value_may_change_freely_before_it_is_recorded_and_the_trail_keeps_both(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "15")
        session.keep(key, SYSBP, "150")
        session.save(key)
        assert [line.shown("en").split()[0] for line in session.trail(key, SYSBP)] == ["15", "150"]


def test_going_back_to_the_recorded_value_needs_no_second_reason(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        session.keep(key, SYSBP, "160", reason=WHY)
        view = session.keep(key, SYSBP, "150")
        assert view.item(SYSBP).reading.value == "150"
        session.save(key)
        assert session.form(key).item(SYSBP).reading.value == "150"
        assert len(session.trail(key, SYSBP)) == 3


def test_same_value_again_records_nothing(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        assert not session.keep(key, SYSBP, "150").open_here


def test_unreadable_text_stays_in_its_field_through_save_lock_and_crash(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
        session.keep(key, HR, "about eighty")
        saved = session.save(key)
        assert (saved.item(HR).mark, saved.item(HR).typed) == (Mark.TYPED, "about eighty")
        assert saved.item(HR).problem is not None
    with ward.session(laptop) as session:
        assert session.form(key).item(HR).typed == "about eighty"
        assert session.keep(key, HR, "80").item(HR).mark is Mark.KEPT
        assert session.form(key).item(HR).typed == ""


def test_missing_data_code_is_an_answer(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        assert HR in session.form(key).unanswered
        with pytest.raises(AbsenceReasonRequiredError):
            session.keep(key, HR, "", missing=MissingCode.NOT_DONE)
        assert HR in session.form(key).unanswered
        view = session.keep(key, HR, "", missing=MissingCode.NOT_DONE, reason="CONDITION")
        assert [line.reason for line in session.trail(key, HR)] == ["CONDITION"]
        assert view.item(HR).reading.missing is MissingCode.NOT_DONE
        assert HR not in view.unanswered


def test_implausible_value_is_kept_and_closes_by_confirmed_true(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "310")
        session.save(key)
        with pytest.raises(RightMissingError):
            session.confirm(key, "EC051", SYSBP, "measured twice")
    with ward.session(laptop, "investigator") as session:
        view = session.form(key)
        (finding,) = [one for one in view.item(SYSBP).findings if one.check == "EC051"]
        assert finding.confirmed is None
        confirmed = session.confirm(key, "EC051", SYSBP, "measured twice")
        assert [one.confirmed for one in confirmed.item(SYSBP).findings if one.check == "EC051"] == ["measured twice"]
        changed = session.keep(key, SYSBP, "320", reason=WHY)
        assert [one.confirmed for one in changed.item(SYSBP).findings if one.check == "EC051"] == [None]


def test_form_is_not_complete_while_items_are_missing(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        with pytest.raises(IncompleteFormError):
            session.set_complete(key, on=True)
        assert session.form(key).item(SYSBP).mark is Mark.RECORDED


def test_completed_form_is_reopened_by_a_change(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        subject = session.add_subject().subject
        key = FormKey(subject=subject, visit=VisitKey(visit="SE.V6"), form="F.MRS")
        for path in session.form(key).unanswered:
            session.keep(key, path, "", missing=MissingCode.NOT_DONE, reason="NOSOURCE")
        while left := session.form(key).unanswered:
            session.keep(key, left[0], "", missing=MissingCode.NOT_DONE, reason="NOSOURCE")
        assert session.set_complete(key, on=True).complete
        changed = next(
            view for group in session.form(key).groups for row in group.rows for view in row.items if view.asks_reason
        )
        session.keep(key, changed.path, "", missing=MissingCode.UNKNOWN, reason=WHY)
        assert not session.save(key).complete


def test_two_laptops_disagree_and_both_values_stay_until_resolved(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        key = _begin(session)
        sync(one, session)
    for laptop, value in ((two, "140"), (one, "150")):
        with ward.session(laptop) as session:
            if laptop is two:
                sync(laptop, session)
            session.keep(key, HR, value)
            session.save(key)
    for laptop in (two, one):
        with ward.session(laptop) as session:
            sync(laptop, session)
    with ward.session(one) as session:
        view = session.form(key).item(HR)
        assert view.mark is Mark.CONFLICT
        assert {line.shown("en").split()[0] for line in view.heads} == {"140", "150"}
        assert {cell.key: cell.state for cell in session.casebook(key.subject).visits[0].cells}[
            key
        ] is CellState.CONFLICT
        with pytest.raises(ReasonRequiredError):
            session.keep(key, HR, "145")
        session.keep(key, HR, "145", reason="source document checked")
        assert session.save(key).item(HR).mark is Mark.RECORDED
        assert [line.kind for line in session.trail(key, HR)].count(TrailKind.ENTRY) == 3


def test_second_laptop_opens_identity_only_after_it_was_admitted(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "coordinator")
    with ward.session(one) as session:
        subject = session.add_subject().subject
        name = _first_text(session.form(_contact(subject))).path
        session.keep(_contact(subject), name, "参与者甲")
        session.save(_contact(subject))
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        assert session.form(_contact(subject)).sealed_away
        with pytest.raises(SealedAwayError):
            session.keep(_contact(subject), name, "x")
    with ward.session(one) as session:
        (other,) = [laptop for laptop in session.sync_view().laptops if not laptop.is_this]
        assert not other.admitted
        session.admit_laptop(other.device)
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        view = session.form(_contact(subject))
        assert (view.sealed_away, view.item(name).reading.value) == (False, "参与者甲")
    assert b"\xe5\x8f\x82\xe4\xb8\x8e\xe8\x80\x85\xe7\x94\xb2" not in b"".join(
        commit.header + commit.payload for commit in ward.network.log.commits()
    )


def test_laptop_without_the_key_cannot_admit_another(ward: Ward) -> None:
    ward.enrolled("one")
    two = ward.enrolled("two", "coordinator")
    with ward.session(two) as session:
        sync(two, session)
        with pytest.raises(SealedAwayError):
            session.admit_laptop(session.sync_view().laptops[0].device)


def test_coordinator_does_not_sign(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        paper = next(one for one in session.papers(key.subject) if one.kind == "visit")
        with pytest.raises(RightMissingError):
            session.sign_paper(key.subject, paper, PASSPHRASE, "review")


def test_investigator_signs_a_visit_and_the_signed_file_is_in_the_record(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop, "investigator") as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        paper = next(one for one in session.papers(key.subject) if one.kind == "visit")
        with pytest.raises(WrongPassphraseError):
            session.sign_paper(key.subject, paper, "not mine", "review")
        row = session.sign_paper(key.subject, paper, PASSPHRASE, "review")
        content = session.document(key.subject, row.sha256)
        assert content.startswith(b"%PDF")
        assert [one.sha256 for one in session.casebook(key.subject).documents] == [row.sha256]
        with pytest.raises(UnknownItemError):
            session.document(key.subject, "0" * 64)


def test_monitor_reads_and_does_not_enter(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "monitor")
    with ward.session(laptop) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
    with ward.session(laptop, "monitor") as session:
        assert not session.form(key).editable


def test_crash_leaves_own_entries_recorded_at_the_next_sign_in(ward: Ward) -> None:
    laptop = ward.enrolled()
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    crashed = ward.folder / "crashed"
    shutil.copytree(ward.folder / "one", crashed)  # the disk as a sudden end leaves it
    session.lock()
    with ward.session(ward.laptop("crashed")) as session:
        item = session.form(key).item(SYSBP)
        assert (item.mark, item.author) == (Mark.RECORDED, "Coordinator A")


def test_crash_leaves_a_colleague_s_entries_recovered_and_unconfirmed(ward: Ward) -> None:
    laptop = ward.enrolled()
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.keep(key, HR, "eighty")
    shutil.copytree(ward.folder / "one", ward.folder / "crashed")
    session.lock()
    crashed = ward.laptop("crashed")
    with ward.session(crashed, "investigator") as session:
        item = session.form(key).item(SYSBP)
        assert (item.mark, item.author, item.reading.value) == (Mark.UNCONFIRMED, "Coordinator A", "150")
    with ward.session(crashed) as session:
        assert session.form(key).item(HR).typed == "eighty"


def test_second_instance_is_told_that_casebook_is_open(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop), pytest.raises(VaultInUseError):
        ward.laptop("one").unlock(UserId("coordinator"), PASSPHRASE)


def test_wrong_passphrase_lets_the_next_try_through(ward: Ward) -> None:
    laptop = ward.enrolled()
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("coordinator"), "not it")
    with ward.session(laptop) as session:
        assert session.person.name == "Coordinator A"


def test_changed_passphrase_opens_and_the_old_one_does_not(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        session.change_passphrase(PASSPHRASE, "another good one")
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("coordinator"), PASSPHRASE)
    laptop.unlock(UserId("coordinator"), "another good one").lock()


def test_older_copy_of_the_whole_folder_is_told_at_the_next_sync_and_loses_nothing(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
    shutil.copytree(ward.folder / "one", ward.folder / "yesterday")
    with ward.session(laptop) as session:
        session.keep(key, SYSBP, "150")
        session.save(key)
        sync(laptop, session)
    older = ward.laptop("yesterday")
    with ward.session(older) as session:
        assert session.form(key).item(SYSBP).mark is Mark.EMPTY
        sync(older, session)
        assert session.form(key).item(SYSBP).reading.value == "150"
        message = session.sync_view().message
        assert message is not None
        assert "older" in message("en").lower()
        session.keep(key, HR, "80")
        session.save(key)
        sync(older, session)
        assert session.sync_view().here_only == 0


def test_sync_without_a_server_says_so_and_keeps_everything(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
        ward.network.down = True
        outcome = laptop.synchroniser().sync_now()
        assert (outcome.failed, outcome.unreachable) == (True, True)
        session.take_in(outcome.message)
        assert session.sync_view().message == outcome.message
        assert session.form(key).number == "001-A001"


def test_enrolment_without_a_server_changes_nothing(ward: Ward) -> None:
    ward.network.down = True
    laptop = ward.laptop("one")
    with pytest.raises(ServerUnreachableError):
        laptop.enrol(ward.network.enrolment_code(), URL, ward.network.personal_code("coordinator"), "L", PASSPHRASE)
    assert not laptop.state().enrolled


def test_enrolment_at_another_server_than_the_code_names_is_refused(ward: Ward) -> None:
    code = ward.network.enrolment_code()
    _, ward.network.authority = crypto.make_authority("RELOW1", at=datetime.now(UTC))
    laptop = ward.laptop("one")
    with pytest.raises(ServerNotTrustedError):
        laptop.enrol(code, URL, ward.network.personal_code("coordinator"), "L", PASSPHRASE)
    assert not laptop.state().enrolled


def test_unfinished_enrolment_is_told(ward: Ward) -> None:
    laptop = ward.laptop("one")
    with pytest.raises(LaptopNotEnrolledError):
        laptop.synchroniser()


def test_forgotten_passphrase_is_recovered_by_the_printed_code_and_nothing_is_lost(ward: Ward) -> None:
    laptop = ward.laptop("one")
    code = laptop.enrol(ward.network.enrolment_code(), URL, ward.network.personal_code("investigator"), "L", PASSPHRASE)
    laptop.test_recovery(code)
    session = laptop.unlock(UserId("investigator"), PASSPHRASE)
    key = _begin(session)
    session.keep(key, SYSBP, "150")
    session.lock()
    fresh = laptop.recover(code, ward.network.personal_code("investigator"), "a new phrase")
    laptop.test_recovery(fresh)
    with pytest.raises(WrongPassphraseError):
        laptop.unlock(UserId("investigator"), PASSPHRASE)
    session = laptop.unlock(UserId("investigator"), "a new phrase")
    assert session.form(key).item(SYSBP).reading.value == "150"
    row = session.sign_paper(key.subject, session.papers(key.subject)[0], "a new phrase", "review")
    assert session.document(key.subject, row.sha256).startswith(b"%PDF")
    sync(laptop, session)
    assert session.sync_view().here_only == 0
    session.lock()
    with pytest.raises(WrongRecoveryCodeError):
        laptop.recover(code, ward.network.personal_code("investigator"), "once more")
    assert fresh != code


def test_recovery_whose_exchange_is_lost_still_gives_the_new_code(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = ward.laptop("one")
    code = laptop.enrol(ward.network.enrolment_code(), URL, ward.network.personal_code("investigator"), "L", PASSPHRASE)
    laptop.test_recovery(code)

    def lose(url: str, authority: bytes) -> NoReturn:
        del url, authority
        raise ServerUnreachableError

    with monkeypatch.context() as patch:
        patch.setattr(ward.network, "open_peer", lose)
        fresh = laptop.recover(code, ward.network.personal_code("investigator"), "a new phrase")
        laptop.test_recovery(fresh)
    session = laptop.unlock(UserId("investigator"), "a new phrase")
    sync(laptop, session)
    assert session.person.can_sign
    session.lock()
    laptop.recover(fresh, ward.network.personal_code("investigator"), "once more")


def test_recovery_without_a_server_changes_nothing(ward: Ward) -> None:
    laptop = ward.laptop("one")
    code = laptop.enrol(ward.network.enrolment_code(), URL, ward.network.personal_code("coordinator"), "L", PASSPHRASE)
    laptop.test_recovery(code)
    personal = ward.network.personal_code("coordinator")
    ward.network.down = True
    with pytest.raises(ServerUnreachableError):
        laptop.recover(code, personal, "a new phrase")
    laptop.unlock(UserId("coordinator"), PASSPHRASE).lock()


def test_change_that_waits_for_its_reason_is_on_the_disk_and_not_in_the_record(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        with pytest.raises(ReasonRequiredError):
            session.keep(key, SYSBP, "160")
    with ward.session(laptop) as session:
        item = session.form(key).item(SYSBP)
        assert (item.mark, item.typed, item.waits_for_reason, item.reading.value) == (Mark.TYPED, "160", True, "150")
        assert item.problem is not None
        assert item.problem("en").startswith("Systolic blood pressure already has")
        given = session.keep(key, SYSBP, "160", reason=WHY).item(SYSBP)
        assert (given.mark, given.typed, given.reading.value) == (Mark.KEPT, "", "160")


def test_change_that_was_thought_better_of_leaves_no_trace_in_the_record(ward: Ward) -> None:
    with ward.session(ward.enrolled()) as session:
        key = _begin(session)
        session.keep(key, SYSBP, "150")
        session.save(key)
        with pytest.raises(ReasonRequiredError):
            session.keep(key, SYSBP, "160")
        item = session.keep(key, SYSBP, "150").item(SYSBP)
        assert (item.mark, item.waits_for_reason) == (Mark.RECORDED, False)
        assert len(session.trail(key, SYSBP)) == 1
        assert not session.save(key).open_here


def test_wire_that_breaks_after_the_codes_are_used_does_not_undo_the_enrolment(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_url: str, _authority: bytes) -> NoReturn:
        raise ServerUnreachableError

    laptop = ward.laptop("one")
    with monkeypatch.context() as wire:
        wire.setattr(ward.network, "open_peer", broken)
        laptop.enrol(ward.network.enrolment_code(), URL, ward.network.personal_code("coordinator"), "L", PASSPHRASE)
    with ward.session(laptop) as session:
        sync(laptop, session)
        assert session.person.rights == {"enter", "answer", "print", "export"}
        key = _begin(session)
        assert session.keep(key, SYSBP, "150").item(SYSBP).mark is Mark.KEPT

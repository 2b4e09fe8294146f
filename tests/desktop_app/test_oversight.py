"""Queries, flags, verification, signatures and held entries through the session, over real vaults."""

import copy
import shutil
from pathlib import Path

import pytest

from casebook.errors import (
    CasebookError,
    FlagReasonRequiredError,
    FormFrozenError,
    FormLockedError,
    NotHeldError,
    OtherSignerError,
    RightMissingError,
    RulingReasonRequiredError,
    SignatureObstaclesError,
    SignedContentChangedError,
    WrongPassphraseError,
)
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.supervision import Meaning, of_form, of_item, of_site, of_subject, of_visit
from desktop_app.oversight_snapshots import Act, FlagKind, QueryStanding, Ruling, Turn, VerifyState
from desktop_app.snapshots import Custody, Mark
from tests.desktop_app.test_shelves import CANARY, held_by_blinded, words_of
from tests.laptops import PASSPHRASE, Ward, design, sync

USERS = ("coordinator", "investigator", "monitor", "manager", "principal", "assessor")


@pytest.fixture(scope="session")
def overseen_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward with everybody who oversees on its laptop; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("overseen"))
    ward.enrolled("one", *USERS)
    return ward


@pytest.fixture
def ward(overseen_once: Ward, tmp_path: Path) -> Ward:
    """A ward of its own."""
    shutil.copytree(overseen_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(overseen_once)
    ward.folder = tmp_path
    return ward


def path_of(form: str, item: str) -> ItemPath:
    group, found = design().form(form).find(item)
    return ItemPath(group=group.oid, item=found.name)


def key_of(subject: SubjectId, visit: str, form: str, repeat: str = "") -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form, repeat=repeat)


PROGRESSION = path_of("F.TIME", "PROGDTM")


def began(ward: Ward) -> FormKey:
    """Enter two times of a new subject; return their form."""
    with ward.session(ward.laptop("one")) as session:
        subject = session.add_subject().subject
        key = key_of(subject, "SE.V1", "F.TIME")
        session.keep(key, path_of("F.TIME", "LKWDTM"), "2026-02-27 10:00")
        session.keep(key, PROGRESSION, "2026-02-28 14:00")
        session.save(key)
    return key


# -- queries --------------------------------------------------------------------------------------------------


def test_query_goes_from_monitor_to_site_and_back(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    with ward.session(laptop, "monitor") as session:
        session.oversight.raise_query(of_item(key, PROGRESSION), "The note says 15:10. Which is right?")
        (line,) = session.oversight.queries().lines
        assert (line.standing, line.turn, line.raised_by) == (QueryStanding.OPEN, Turn.SITE, "Monitor C")
        assert line.value("en") == "2026-02-28 14:00"
        assert line.custody is Custody.HERE_ONLY
        assert not line.may_answer
        assert line.may_close
    with ward.session(laptop) as session:
        (line,) = session.oversight.queries().lines
        assert line.may_answer
        assert not line.may_close
        session.oversight.answer(line.id, "15:10 was the call; 14:00 is right.")
        (line,) = session.oversight.queries().lines
        assert (line.standing, line.turn) == (QueryStanding.ANSWERED, Turn.DATA)
        with pytest.raises(RightMissingError):
            session.oversight.close(line.id, "")
    with ward.session(laptop, "manager") as session:
        (line,) = session.oversight.queries().lines
        session.oversight.close(line.id, "")
        (line,) = session.oversight.queries().lines
        assert line.standing is QueryStanding.CLOSED
        session.oversight.reopen(line.id, "The discharge letter says 15:10 as well.")
        (line,) = session.oversight.queries().lines
        assert [word.author for word in line.words] == [
            "Monitor C",
            "Coordinator A",
            "Data manager G",
            "Data manager G",
        ]
        assert line.may_close


def test_queries_on_form_visit_and_subject_are_told_with_their_place(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    with ward.session(laptop, "monitor") as session:
        for scope in (of_form(key), of_visit(key.subject, key.visit), of_subject(key.subject)):
            session.oversight.raise_query(scope, "Please look.")
        said = {line.what("en") for line in session.oversight.queries().lines}
        assert said == {"Stroke timeline", "Visit 1: day of randomisation", "the whole subject"}
        assert [len(session.oversight.of_form(key).queries), session.subjects()[0].queries] == [1, 3]


def test_a_conflict_is_a_query_that_the_right_value_settles(ward: Ward) -> None:
    key, one = began(ward), ward.laptop("one")
    with ward.session(one) as session:
        sync(one, session)
    two = ward.enrolled("two")
    with ward.session(two) as session:
        sync(two, session)
    with ward.session(one) as session:
        session.keep(key, PROGRESSION, "2026-02-28 14:10", reason="MISREAD")
        session.save(key)
        sync(one, session)
    with ward.session(two, "investigator") as session:
        session.keep(key, PROGRESSION, "2026-02-28 14:20", reason="MISREAD")
        session.save(key)
        sync(two, session)
        (line,) = session.oversight.queries().lines
        assert line.is_conflict
        assert {(side.shown("en"), side.author) for side in line.sides} == {
            ("2026-02-28 14:10", "Coordinator A"),
            ("2026-02-28 14:20", "Investigator B"),
        }
        assert not line.may_close
        session.oversight.answer(line.id, "The chart was read anew.")
        session.keep(key, PROGRESSION, "2026-02-28 14:20", reason="The chart was read anew")
        session.save(key)
        lines = session.oversight.queries().lines
        assert not any(line.is_conflict for line in lines)


# -- flags ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", ["form", "visit", "subject", "site"])
def test_nothing_is_entered_into_what_is_locked(ward: Ward, wide: str) -> None:
    key, laptop = began(ward), ward.laptop("one")
    scopes = {
        "form": of_form(key),
        "visit": of_visit(key.subject, key.visit),
        "subject": of_subject(key.subject),
        "site": of_site("001"),
    }
    with ward.session(laptop, "manager") as session:
        with pytest.raises(FlagReasonRequiredError):
            session.oversight.set_flag(Act.LOCK, scopes[wide], " ")
        session.oversight.set_flag(Act.LOCK, scopes[wide], "Database closed")
        marks = {mark.kind: mark for mark in session.oversight.of_form(key).marks}
        assert "Database closed" in marks[FlagKind.LOCKED].told("en")
    with ward.session(laptop) as session:
        assert not session.form(key).editable
        assert not any(item.editable for group in session.form(key).groups for row in group.rows for item in row.items)
        with pytest.raises(FormLockedError) as refused:
            session.keep(key, PROGRESSION, "2026-02-28 14:30", reason="MISREAD")
        assert "Data manager G" in refused.value.sentence("en")
        offers = {offer.act: offer.why_not for offer in session.oversight.offers(scopes[wide])}
        assert offers[Act.UNLOCK] is not None
        with pytest.raises(RightMissingError):
            session.oversight.set_flag(Act.UNLOCK, scopes[wide], "I need to")
    with ward.session(laptop, "manager") as session:
        session.oversight.set_flag(Act.UNLOCK, scopes[wide], "One correction")
        assert session.oversight.of_form(key).closed is None
    with ward.session(laptop) as session:
        session.keep(key, PROGRESSION, "2026-02-28 14:30", reason="MISREAD")
        assert session.save(key).editable


def test_a_monitor_freezes_and_does_not_lock(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    with ward.session(laptop, "monitor") as session:
        offers = {offer.act: offer.why_not for offer in session.oversight.offers(of_form(key))}
        assert offers[Act.FREEZE] is None
        assert offers[Act.LOCK] is not None
        session.oversight.set_flag(Act.FREEZE, of_form(key), "Verified")
    with ward.session(laptop) as session, pytest.raises(FormFrozenError):
        session.keep(key, PROGRESSION, "2026-02-28 14:30", reason="MISREAD")


def test_a_lock_of_a_subject_reaches_a_blinded_assessor_who_learns_nothing_else(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    blinded = key_of(key.subject, "SE.V7", "F.B90")
    with ward.session(laptop, "monitor") as session:
        session.oversight.raise_query(of_item(key, PROGRESSION), "Which is right?")
    with ward.session(laptop, "manager") as session:
        session.oversight.set_flag(Act.LOCK, of_subject(key.subject), "Closed")
    with ward.session(laptop, "assessor") as session:
        assert session.oversight.queries().lines == ()
        assert session.oversight.verification().lines == ()
        assert session.oversight.closed(blinded) is not None
        assert session.subjects()[0].queries == 0


def test_nothing_said_over_entries_by_the_unblinded_is_in_a_byte_that_a_blinded_account_opens(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    assessed = key_of(key.subject, "SE.V7", "F.B90")
    with ward.session(laptop, "manager") as session:
        for scope in (
            of_item(key, PROGRESSION),
            of_form(key),
            of_visit(key.subject, key.visit),
            of_subject(key.subject),
        ):
            session.oversight.raise_query(scope, f"{CANARY} was it opened in the suite?")
        session.oversight.set_flag(Act.FREEZE, of_form(key), f"{CANARY} all images are in")
        for scope in (of_visit(key.subject, key.visit), of_subject(key.subject), of_site("001")):
            session.oversight.set_flag(Act.LOCK, scope, f"{CANARY} the stent is paid")
        (locked,) = (one for one in session.oversight.of_form(key).marks if one.kind is FlagKind.LOCKED)
        assert CANARY in locked.told("en")
    with ward.session(laptop) as session:
        for line in session.oversight.queries().lines:
            session.oversight.answer(line.id, f"{CANARY} yes")
    assert CANARY.encode() not in held_by_blinded(laptop)
    with ward.session(laptop, "manager") as session:
        session.oversight.raise_query(of_form(assessed), "Please complete the assessment.")
    with ward.session(laptop, "assessor") as session:
        (line,) = session.oversight.queries().lines
        assert line.may_answer
        assert session.oversight.closed(assessed) is not None
        session.oversight.answer(line.id, "Next week.")
    with ward.session(laptop, "manager") as session:
        for scope in (of_visit(key.subject, key.visit), of_subject(key.subject), of_site("001")):
            session.oversight.set_flag(Act.UNLOCK, scope, "Opened")
        assert "Next week." in [word.text for line in session.oversight.queries().lines for word in line.words]
    with ward.session(laptop, "assessor") as session:
        assert session.oversight.closed(assessed) is None


# -- source data verification ---------------------------------------------------------------------------------


def test_a_change_after_verification_is_told(ward: Ward) -> None:
    key, laptop = began(ward), ward.laptop("one")
    with ward.session(laptop, "monitor") as session:
        view = session.oversight.verification()
        assert view.why_not is None
        lines = {line.path: line for line in view.lines}
        assert lines[PROGRESSION].state is VerifyState.OPEN
        session.oversight.verify(key, PROGRESSION, True)
        lines = {line.path: line for line in session.oversight.verification().lines}
        assert (lines[PROGRESSION].state, lines[PROGRESSION].by) == (VerifyState.VERIFIED, "Monitor C")
    with ward.session(laptop) as session:
        assert session.oversight.verification().why_not is not None
        with pytest.raises(RightMissingError):
            session.oversight.verify(key, PROGRESSION, True)
        session.keep(key, PROGRESSION, "2026-02-28 14:30", reason="MISREAD")
        session.save(key)
        assert session.oversight.of_form(key).verified[PROGRESSION] is VerifyState.CHANGED
    with ward.session(laptop, "monitor") as session:
        session.oversight.verify(key, PROGRESSION, True)
        session.oversight.verify(key, PROGRESSION, False)
        lines = {line.path: line for line in session.oversight.verification().lines}
        assert lines[PROGRESSION].state is VerifyState.OPEN


# -- signatures -----------------------------------------------------------------------------------------------


def completed(ward: Ward) -> FormKey:
    """Complete a form of a new subject; return it."""
    with ward.session(ward.laptop("one")) as session:
        subject = session.add_subject().subject
        key = key_of(subject, "SE.V1", "F.DM")
        answers = {
            "BRTHDAT": "1950-03-04",
            "SEX": "M",
            "ETHNIC": "HAN",
            "HAND": "R",
            "HEIGHT": "170",
            "WEIGHT": "70",
            "WEIGHTSRC": "MEASURED",
        }
        for item, text in answers.items():
            codes = design().code_lists.get(design().form("F.DM").find(item)[1].code_list or "")
            values = [code.value for code in codes.codes] if codes is not None else [text]
            session.keep(key, path_of("F.DM", item), text if text in values else values[0])
        assert session.save(key).unanswered == ()
        session.set_complete(key, on=True)
    return key


def test_signed_form_that_changes_comes_back_to_its_signer(ward: Ward) -> None:
    key, laptop = completed(ward), ward.laptop("one")
    weight = path_of("F.DM", "WEIGHT")
    with ward.session(laptop) as session:
        assert session.oversight.signing().why_not is not None
    with ward.session(laptop, "investigator") as session:
        view = session.oversight.signing()
        (line,) = view.lines
        assert view.meanings == (Meaning.AUTHORSHIP, Meaning.REVIEW)
        assert not line.changed
        assert line.obstacles == ()
        forms = [(key, line.digest)]
        with pytest.raises(OtherSignerError):
            session.oversight.sign(forms, Meaning.AUTHORSHIP, "coordinator", PASSPHRASE)
        with pytest.raises(WrongPassphraseError):
            session.oversight.sign(forms, Meaning.AUTHORSHIP, "investigator", "somebody else's words")
        session.oversight.sign(forms, Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        marks = {mark.kind for mark in session.oversight.of_form(key).marks}
        assert FlagKind.SIGNED in marks
        (signature,) = session.oversight.of_form(key).signatures
        assert (signature.name, signature.meaning("en"), signature.stands) == ("Investigator B", "authorship", True)
        again = session.oversight.signing()
        assert not again.whole
        assert again.lines[0].meanings == (Meaning.REVIEW,)
        session.oversight.sign([(key, again.lines[0].digest)], Meaning.REVIEW, "", PASSPHRASE)
        assert session.oversight.signing().lines == ()
    with ward.session(laptop) as session:
        session.keep(key, weight, "71", reason="MISREAD")
        session.set_complete(key, on=True)
        oversight = session.oversight.of_form(key)
        assert FlagKind.CHANGED_SINCE_SIGNED in {mark.kind for mark in oversight.marks}
        assert [one.stands for one in oversight.signatures] == [False, False]
    with ward.session(laptop, "investigator") as session:
        view = session.oversight.signing()
        assert view.whole
        assert [(one.key, one.changed) for one in view.lines] == [(key, True)]


def test_what_stands_in_the_way_is_listed_and_nothing_is_signed(ward: Ward) -> None:
    key, laptop = completed(ward), ward.laptop("one")
    with ward.session(laptop, "investigator") as session:
        (line,) = session.oversight.signing().lines
        session.keep(key, path_of("F.DM", "WEIGHT"), "72", reason="MISREAD")
        session.save(key)
        with pytest.raises(SignedContentChangedError):
            session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        session.set_complete(key, on=True)
        (line,) = session.oversight.signing().lines
        session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        session.keep(key, path_of("F.DM", "WEIGHT"), "73", reason="MISREAD")
        session.save(key)
        (line,) = session.oversight.signing().lines
        assert [one.what("en") for one in line.obstacles] == ["The form is not marked complete."]
        with pytest.raises(SignatureObstaclesError):
            session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, "", PASSPHRASE)
        assert len(session.oversight.of_form(key).signatures) == 1


def test_the_principal_investigator_approves(ward: Ward) -> None:
    key, laptop = completed(ward), ward.laptop("one")
    with ward.session(laptop, "principal") as session:
        view = session.oversight.signing()
        assert Meaning.APPROVAL in view.meanings
        session.oversight.sign([(key, view.lines[0].digest)], Meaning.APPROVAL, "principal", PASSPHRASE)
        (signature,) = session.oversight.of_form(key).signatures
        assert (signature.meaning("zh"), signature.role("en")) == ("批准", "Principal investigator")


# -- held entries ---------------------------------------------------------------------------------------------


def late(ward: Ward) -> FormKey:
    """Change a value on laptop two after laptop one locked its subject; both know the verdict. Return the form."""
    key, one = began(ward), ward.laptop("one")
    with ward.session(one) as session:
        sync(one, session)
    two = ward.enrolled("two")
    with ward.session(two) as session:
        sync(two, session)
    with ward.session(one, "manager") as session:
        session.oversight.set_flag(Act.LOCK, of_subject(key.subject), "Database closed")
        sync(one, session)
    with ward.session(two) as session:
        session.keep(key, PROGRESSION, "2026-02-28 15:10", reason="MISREAD")
        session.save(key)
        for _ in range(2):
            sync(two, session)
    with ward.session(one) as session:
        sync(one, session)
    return key


@pytest.fixture
def judged(tmp_path: Path) -> Ward:
    """A ward whose server judges what arrives."""
    ward = Ward(tmp_path / "judged", judged=True)
    ward.enrolled("one", "coordinator", "manager")
    return ward


def test_entry_after_a_lock_is_held_shown_and_counts_once_accepted(judged: Ward) -> None:
    key, two, one = late(judged), judged.laptop("two"), judged.laptop("one")
    with judged.session(two) as session:
        assert session.form(key).item(PROGRESSION).reading.value == "2026-02-28T14:00+08:00"
        (held,) = session.oversight.of_form(key).held
        assert (held.author, held.laptop, held.ruling) == ("Coordinator A", "B", Ruling.WAITING)
        assert "15:10" in held.what("en")
        assert "lock" in held.why("en")
        assert not held.may_rule
    with judged.session(one, "manager") as session:
        (held,) = session.oversight.held()
        assert held.may_rule
        with pytest.raises(RulingReasonRequiredError):
            session.oversight.rule(held.commit, True, " ")
        session.oversight.rule(held.commit, True, "Entered before the lock, on the ward")
        (held,) = session.oversight.held()
        assert held.ruling is Ruling.ACCEPTED
        assert "Data manager G" in held.ruled("en")
        assert session.form(key).item(PROGRESSION).reading.value == "2026-02-28T15:10+08:00"
        sync(one, session)
    with judged.session(two) as session:
        sync(two, session)
        assert session.form(key).item(PROGRESSION).reading.value == "2026-02-28T15:10+08:00"
        assert session.oversight.of_form(key).held == ()


def test_declined_entry_stays_to_be_read_and_never_counts(judged: Ward) -> None:
    key, one = late(judged), judged.laptop("one")
    with judged.session(one, "manager") as session:
        (held,) = session.oversight.held()
        session.oversight.rule(held.commit, False, "The source says 14:00")
        assert session.form(key).item(PROGRESSION).reading.value == "2026-02-28T14:00+08:00"
        (held,) = session.oversight.of_form(key).held
        assert held.ruling is Ruling.DECLINED
        with pytest.raises(NotHeldError):
            session.oversight.rule(held.commit, False, "Once more")


def with_a_copy_at_work(ward: Ward) -> FormKey:
    """Enter on laptop one and on a copy of its folder; the server has both. Return the form."""
    key, one = began(ward), ward.laptop("one")
    with ward.session(one) as session:
        sync(one, session)
    shutil.copytree(ward.folder / "one", ward.folder / "copy")
    for name, value in (("one", "2026-02-28 15:10"), ("copy", "2026-02-28 16:20")):
        laptop = ward.laptop(name)
        with ward.session(laptop) as session:
            session.keep(key, PROGRESSION, value, reason="MISREAD")
            session.save(key)
            sync(laptop, session)
    return key


def test_what_is_told_and_counts_stands_beside_what_is_held(judged: Ward) -> None:
    key, one = with_a_copy_at_work(judged), judged.laptop("one")
    with judged.session(one, "manager") as session:
        for _ in range(2):
            sync(one, session)
        (line,) = session.oversight.held()
        assert (line.ruling, line.author, line.laptop) == (Ruling.TOLD, "Coordinator A", "A")
        assert "copies" in line.why("en")
        assert "副本" in line.why("zh")
        assert session.oversight.queries().held == 0
        with pytest.raises(NotHeldError):
            session.oversight.rule(line.commit, True, "Both were in use")
        assert session.form(key).item(PROGRESSION).mark is Mark.CONFLICT


# -- everything that is refused is refused with a sentence ------------------------------------------------------


@pytest.mark.parametrize("user", ["coordinator", "investigator", "monitor", "assessor"])
def test_only_data_management_locks_and_each_other_is_told_whom_to_ask(ward: Ward, user: str) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), user) as session, pytest.raises(CasebookError) as refused:
        session.oversight.set_flag(Act.LOCK, of_subject(key.subject), "I want to")
    assert "Data manager" in refused.value.sentence("en")


def test_signature_is_printed_with_its_digest_on_the_record_of_the_visit(ward: Ward) -> None:
    key, laptop = completed(ward), ward.laptop("one")
    with ward.session(laptop, "investigator") as session:
        (line,) = session.oversight.signing().lines
        session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        item = next(one for one in session.papers(key.subject) if one.visit == key.visit)
        text = words_of(session.paper(key.subject, item))
        (signature,) = session.oversight.of_form(key).signatures
    assert "Electronic signatures on the record" in text
    assert "记录上的电子签名" in text
    assert "authorship" in text
    assert "content as signed" in text
    assert signature.digest[:32] in text
    assert signature.digest[32:] in text

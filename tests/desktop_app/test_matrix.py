"""Every role of the study against every act, every form and every page: allowed or refused as the study file says.

What is expected is worked out from the file by `tests.rights_by_file`, which shares no code with the application.
"""

import copy
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from casebook.design import RIGHTS, VisitKind
from casebook.errors import (
    LANGUAGES,
    CasebookError,
    DelegationDaysError,
    FlagReasonRequiredError,
    NotHeldError,
    NothingToSignError,
    NothingToVerifyError,
    QueryStillOpenError,
    QueryTextRequiredError,
    ReasonRequiredError,
    RefusedError,
)
from casebook.ids import SubjectId, UserId, commit_id, site_file_id
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.supervision import Meaning, of_form, of_item
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.oversight_snapshots import Act
from desktop_app.session import Session
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_oversight import completed, key_of, path_of
from tests.laptops import NOW, PASSPHRASE, PEOPLE, SITE, Ward, design, sync
from tests.rights_by_file import OF_FORMS, Line, StudyFile

FILE = StudyFile()
USERS = tuple(PEOPLE)
ROLE_OF = {user: role for user, (_, role) in PEOPLE.items()}
BY_DELEGATION = tuple(user for user in USERS if FILE.is_delegated(ROLE_OF[user]))
PRESSURE = path_of("F.VS", "SYSBP")
DAY_MS = 86_400_000
ALLOWED_STILL = (
    DelegationDaysError,
    FlagReasonRequiredError,
    NotHeldError,
    NothingToSignError,
    NothingToVerifyError,
    QueryStillOpenError,
    QueryTextRequiredError,
    ReasonRequiredError,
)
"""What an act that is allowed runs into here, since the tests ask for it without its words."""


def begun(ward: Ward) -> None:
    """Leave a form with a hard finding, a complete one, a query, and a second laptop that was not admitted."""
    signed = completed(ward)
    one = ward.laptop("one")
    with ward.session(one) as session:
        vitals = key_of(signed.subject, "SE.V1", "F.VS")
        session.keep(vitals, PRESSURE, "310")
        session.save(vitals)
    with ward.session(one, "monitor") as session:
        session.oversight.raise_query(of_item(vitals, PRESSURE), "As high as that?")
    ward.enrolled("two", "coordinator", "monitor")
    with ward.session(one) as session:
        sync(one, session)


@pytest.fixture(scope="session")
def whole_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward with one person of each role on its laptop; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("whole"))
    ward.enrolled("one", *USERS)
    begun(ward)
    return ward


@pytest.fixture
def ward(whole_once: Ward, tmp_path: Path) -> Ward:
    """A ward of its own."""
    shutil.copytree(whole_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(whole_once)
    ward.folder = tmp_path
    return ward


def test_somebody_of_each_role_of_the_file_is_asked() -> None:
    assert sorted(ROLE_OF.values()) == sorted(FILE.roles)


# -- asking a session --------------------------------------------------------------------------------------------


def allows(work: Callable[[], object]) -> bool:
    """Do something; tell whether it was allowed. A refusal has a sentence in each language."""
    try:
        work()
    except ALLOWED_STILL:
        return True
    except CasebookError as error:
        is_told(error)
        return False
    return True


def is_told(error: CasebookError) -> None:
    """Assert that a refusal is a whole sentence in each language."""
    told = [error.sentence(language) for language in LANGUAGES]
    assert all(told), error
    assert "{" not in "".join(told), told


def only_subject(session: Session) -> SubjectId:
    """Return the first subject."""
    return session.subjects()[0].subject


def places(subject: SubjectId) -> dict[str, FormKey]:
    """Return a place for each form of the study, whoever looks."""
    found: dict[str, FormKey] = {}
    for visit in design().visits:
        of_site = visit.kind is VisitKind.SITE
        whose = site_file_id(design().code, SITE) if of_site else subject
        again = "e" * 16 if visit.kind in {VisitKind.EVENT, VisitKind.UNSCHEDULED} else ""
        for planned in visit.forms:
            at = VisitKey(visit=visit.oid, repeat=again if visit.kind is VisitKind.UNSCHEDULED else "")
            repeat = again if visit.kind is VisitKind.EVENT else planned.occasion
            found.setdefault(planned.form, FormKey(subject=whose, visit=at, form=planned.form, repeat=repeat))
    return found


@cache
def item_of(form: str) -> ItemPath:
    """Return an item of a form that is typed."""
    asked = design().form(form)
    group, item = next((group, one) for group in asked.groups for one in group.items if one.derivation is None)
    return ItemPath(group=group.oid, item=item.name, row="r" * 16 if group.repeating else "")


OF_FORM: dict[str, Callable[[Session, FormKey], object]] = {
    "enter": lambda session, key: session.keep(key, item_of(key.form), ""),
    "query": lambda session, key: session.oversight.raise_query(of_form(key), " "),
    "verify": lambda session, key: session.oversight.verify(key, item_of(key.form), on=True),
    "freeze": lambda session, key: session.oversight.set_flag(Act.FREEZE, of_form(key), " "),
    "lock": lambda session, key: session.oversight.set_flag(Act.LOCK, of_form(key), " "),
}
"""Acts on a form that leave no trace, since words or a value are missing."""


@pytest.mark.parametrize("user", USERS)
def test_each_form_is_entered_asked_verified_frozen_and_locked_by_those_who_may(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), user) as session:
        keys = places(only_subject(session))
        assert set(keys) == set(FILE.forms)
        for form, key in keys.items():
            for act, work in OF_FORM.items():
                expected = FILE.allows(role, act, form)
                assert allows(partial(work, session, key)) == expected, (role, act, form)


@pytest.mark.parametrize("user", USERS)
def test_each_form_says_what_may_be_done_to_it(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), user) as session:
        for form, key in places(only_subject(session)).items():
            if not allows(partial(session.form, key)):
                assert not FILE.shows(role, form), (role, form)
                continue
            view = session.form(key)
            for act in OF_FORMS:
                assert (act not in view.refusals) == FILE.allows(role, act, form), (role, act, form)
            assert view.editable == FILE.allows(role, "enter", form), (role, form)
            if FILE.sees(role, "identity") is False and FILE.forms[form]:
                assert view.sealed_away
            assert all(said(language) for said in view.refusals.values() for language in LANGUAGES)


def acts(session: Session, user: str) -> dict[str, Callable[[], object]]:
    """Return each act that a session has and that is about no single form, as far as it leaves no trace."""
    subject = only_subject(session)
    rows = session.audit.page(AuditQuestion()).rows
    return {
        "enter": session.add_subject,
        "query": lambda: session.oversight.close("no such query", ""),
        "delegate": lambda: session.staff.delegate(
            UserId("coordinator"), ROLE_OF["coordinator"], (), NOW.date(), NOW.date() - timedelta(days=1), "unread"
        ),
        "adjudicate": lambda: session.oversight.rule(commit_id(rows[-1].commit), accept=True, reason=" "),
        "administer": lambda: session.staff.invite("new.person", "Somebody new", ROLE_OF["coordinator"]),
        "unblind": lambda: session.staff.unblind(subject, None, " ", "unread", UserId(user), "unread"),
        "print": session.staff.matrix_paper,
        "export": lambda: session.audit.tables(AuditQuestion(), "en"),
        "manage": session.staff.begin_sheet,
    }


def may_manage(user: str) -> bool:
    """Tell who admits laptops and makes recovery sheets on a laptop where an administrator signs in."""
    return "administer" in FILE.rights(ROLE_OF[user])


@pytest.mark.parametrize("user", USERS)
def test_each_act_is_done_by_those_who_may(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), user) as session:
        for act, work in acts(session, user).items():
            if act == "query":
                continue  # there is none to close; see the test of findings and queries
            expected = may_manage(user) if act == "manage" else FILE.allows(role, act)
            if act == "enter" and not FILE.sees(role, "unblinding"):
                expected = False  # what belongs to a new subject is not open to the blinded
            assert allows(work) == expected, (role, act)
        refusals = session.person.refusals
        assert {act for act in RIGHTS if act not in refusals} == {act for act in RIGHTS if FILE.allows(role, act)}
        assert all(said(language) for said in refusals.values() for language in LANGUAGES)


@pytest.mark.parametrize("user", USERS)
def test_findings_and_queries_are_answered_by_those_who_may(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), user) as session:
        vitals = key_of(only_subject(session), "SE.V1", "F.VS")
        expected = FILE.allows(role, "confirm", "F.VS")
        assert allows(lambda: session.confirm(vitals, "EC051", PRESSURE, "Measured twice")) == expected, role
        asked = [one for one in session.oversight.queries().lines if one.scope.key == vitals]
        assert bool(asked) == FILE.shows(role, "F.VS"), role
        for one in asked:
            for act, work in (("answer", session.oversight.answer), ("query", session.oversight.reopen)):
                expected = FILE.allows(role, act, "F.VS")
                said = "Seen" if act == "answer" else " "
                assert (one.may_answer if act == "answer" else one.may_close) == expected, (role, act)
                assert allows(partial(work, one.id, said)) == expected, (role, act)


@pytest.mark.parametrize("user", USERS)
def test_form_is_signed_and_approved_by_those_who_may(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), "principal") as session:
        (line,) = [one for one in session.oversight.signing().lines if one.key.form == "F.DM"]
    with ward.session(ward.laptop("one"), user) as session:
        for meaning, act in ((Meaning.AUTHORSHIP, "sign"), (Meaning.REVIEW, "sign"), (Meaning.APPROVAL, "sign_off")):
            expected = FILE.allows(role, act, "F.DM")
            offered = [one for one in session.oversight.signing().lines if meaning in one.meanings]
            assert bool(offered) == expected, (role, meaning)
            digest = offered[0].digest if offered else line.digest
            work = partial(session.oversight.sign, [(line.key, digest)], meaning, user, PASSPHRASE)
            assert allows(work) == expected, (role, meaning)


@pytest.mark.parametrize("user", USERS)
def test_paper_is_drawn_and_signed_by_those_who_may(ward: Ward, user: str) -> None:
    role = ROLE_OF[user]
    with ward.session(ward.laptop("one"), user) as session:
        subject = only_subject(session)
        for item in session.papers(subject):
            assert allows(partial(session.paper, subject, item)) == FILE.allows(role, "print"), (role, item.kind)
            expected = FILE.allows(role, "sign", item.key.form if item.key is not None else None)
            assert (item.why_not is None) == expected, (role, item.kind)
            if not expected:
                assert not allows(partial(session.sign_paper, subject, item, PASSPHRASE, "review"))
        assert allows(session.versions_paper) == FILE.allows(role, "print")
        whole = FILE.sees(role, "unblinding")
        assert allows(session.screening_log) == (FILE.allows(role, "print") and whole)
        if not FILE.allows(role, "export") or not whole:
            assert not allows(lambda: session.export(str(ward.folder / "out"), "csv"))


def test_laptop_is_admitted_by_those_who_manage_and_where_nobody_does_by_who_enters(ward: Ward) -> None:
    one, two = ward.laptop("one"), ward.laptop("two")
    with ward.session(one, "principal") as session:
        (other,) = [row for row in session.sync_view().laptops if not row.is_this]
        assert not other.admitted
    for user in USERS:
        if may_manage(user):
            continue
        with ward.session(one, user) as session, pytest.raises(RefusedError):
            session.admit_laptop(other.device)
    with ward.session(one, "administrator") as session:
        session.admit_laptop(other.device)
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        assert session.sync_view().identity_available
        assert session.person.may("manage")
    with ward.session(two, "monitor") as session:
        assert not session.person.may("manage")
        contact = places(only_subject(session))["F.CONTACT"]
        assert session.form(contact).sealed_away
        assert session.sync_view().identity_available  # the laptop has the key; the role does not


# -- the delegation log ------------------------------------------------------------------------------------------

STATES: dict[str, tuple[Line, ...]] = {
    "not delegated": (),
    "delegated": (Line(start=-3),),
    "delegated for today alone": (Line(start=0, last=0),),
    "delegated in the past": (Line(start=-9, last=-1),),
    "delegated in the future": (Line(start=1),),
    "delegated to enter alone": (Line(start=-3, duties=frozenset({"enter"})),),
    "delegated to answer and to print alone": (Line(start=-3, duties=frozenset({"answer", "print"})),),
    "delegated in the past and again": (Line(start=-9, last=-5), Line(start=-2)),
}
ENDED = Line(start=-9, last=-1)


def delegate(session: Session, user: str, line: Line) -> None:
    """Sign a line of the log."""
    today = session.staff.delegations().today
    last = today + timedelta(days=line.last) if line.last is not None else None
    duties = tuple(sorted(line.duties & FILE.rights(ROLE_OF[user])))
    session.staff.delegate(UserId(user), ROLE_OF[user], duties, today + timedelta(days=line.start), last, PASSPHRASE)


def begun_by(lines: tuple[Line, ...]) -> bool:
    """Tell whether the log has begun with these lines."""
    return any(line.start <= 0 for line in lines)


def agrees(session: Session, user: str, log: tuple[Line, ...] | None) -> None:
    """Assert that a session allows what the file and the log do."""
    subject, role = only_subject(session), ROLE_OF[user]
    person = session.person  # as it stands after something was asked
    expected = {act for act in RIGHTS if FILE.allows(role, act, log=log)}
    assert {act for act in RIGHTS if person.may(act)} == expected, (role, log)
    assert person.enters == {form for form in FILE.forms if FILE.allows(role, "enter", form, log)}
    for form, key in places(subject).items():
        if allows(partial(session.form, key)):
            view = session.form(key)
            assert view.editable == FILE.allows(role, "enter", form, log), (role, form)
            assert {act for act in OF_FORMS if act not in view.refusals} == {
                act for act in OF_FORMS if FILE.allows(role, act, form, log)
            }
        if form in {"F.VS", "F.EVT", "F.B90"}:
            for act, work in OF_FORM.items():
                assert allows(partial(work, session, key)) == FILE.allows(role, act, form, log), (role, act, form)


@pytest.mark.parametrize("state", STATES)
def test_role_by_delegation_acts_as_the_log_of_the_day_says(ward: Ward, state: str) -> None:
    one, lines = ward.laptop("one"), STATES[state]
    with ward.session(one, "principal") as session:
        if not begun_by(lines):
            delegate(session, "investigator", Line(start=-1))  # a log that has begun, with a line for somebody else
        for user in BY_DELEGATION:
            for line in lines:
                if not line.duties or line.duties & FILE.rights(ROLE_OF[user]):
                    delegate(session, user, line)
        agrees(session, "principal", ())
        assert session.person.remark is None
    for user in BY_DELEGATION:
        given = (*lines, Line(start=-1)) if user == "investigator" and not begun_by(lines) else lines
        with ward.session(one, user) as session:
            agrees(session, user, given)
    for user in ("monitor", "manager", "administrator"):
        with ward.session(one, user) as session:
            agrees(session, user, ())


def test_before_its_first_line_begins_the_role_alone_counts_and_a_quiet_line_says_so(ward: Ward) -> None:
    one = ward.laptop("one")
    with ward.session(one, "principal") as session:
        delegate(session, "coordinator", Line(start=1))
    for user in ("coordinator", "assessor"):
        with ward.session(one, user) as session:
            agrees(session, user, None)
            remark = session.person.remark
            assert remark is not None
            assert "delegation log" in remark("en")
    ward.clock.utc_ms += DAY_MS
    with ward.session(one) as session:
        agrees(session, "coordinator", (Line(start=0),))
        assert session.person.remark is None
    with ward.session(one, "assessor") as session:
        agrees(session, "assessor", ())


def test_line_that_was_ended_gives_nothing_from_the_next_day_on(ward: Ward) -> None:
    one = ward.laptop("one")
    with ward.session(one, "principal") as session:
        delegate(session, "coordinator", Line(start=-9))
        (row,) = session.staff.delegations().rows
        today = session.staff.delegations().today
        session.staff.end_delegation(row.entry, today, "Left the ward", PASSPHRASE)
    with ward.session(one) as session:
        agrees(session, "coordinator", (Line(start=-9, last=0),))
        ward.clock.utc_ms += DAY_MS  # midnight passes while the session goes on
        agrees(session, "coordinator", (ENDED,))


def test_what_was_kept_before_the_last_day_ended_is_sealed_all_the_same(ward: Ward) -> None:
    one = ward.laptop("one")
    with ward.session(one, "principal") as session:
        delegate(session, "coordinator", Line(start=-1, last=0))
    with ward.session(one) as session:
        key = key_of(only_subject(session), "SE.V2", "F.VS")
        session.keep(key, PRESSURE, "140")
        ward.clock.utc_ms += DAY_MS
        assert not allows(lambda: session.keep(key, PRESSURE, "150"))
        assert session.save(key).item(PRESSURE).reading.value == "140"
    with ward.session(one, "monitor") as session:
        assert session.form(key).item(PRESSURE).author == "Coordinator A"


# -- windows -----------------------------------------------------------------------------------------------------


def is_offered(hands: Hands, name: str) -> bool:
    """Tell whether a control is offered; else it is absent, or disabled with the reason for screen readers and eyes."""
    shown = [one for one in hands.window.findChildren(QWidget, name) if one.isVisible()]
    if not shown or shown[0].isEnabled():
        return bool(shown)
    assert shown[0].accessibleDescription(), name
    assert shown[0].toolTip() == shown[0].accessibleDescription(), name
    return False


def is_in_menu(hands: Hands, name: str) -> bool:
    """Tell whether a menu offers an action; else it is absent, or disabled with the reason."""
    found = hands.window.findChildren(QAction, name)
    if not found or found[-1].isEnabled():
        return bool(found)
    assert found[-1].toolTip(), name
    assert found[-1].whatsThis() == found[-1].toolTip(), name
    return False


class Look:
    """One person's look at every page."""

    def __init__(self, hands: Hands, user: str, log: tuple[Line, ...] | None) -> None:
        self.hands, self.user, self.log = hands, user, log
        self.role = ROLE_OF[user]
        self.whole = FILE.sees(self.role, "unblinding")
        workplace = hands.application.workplace
        assert workplace is not None
        self.workplace = workplace

    def may(self, act: str, form: str | None = None) -> bool:
        return FILE.allows(self.role, act, form, self.log)

    def expect(self, name: str, *, offered: bool) -> None:
        assert is_offered(self.hands, name) == offered, (self.user, name, self.log)

    def go(self, lead: Callable[[], object]) -> None:
        lead()
        self.hands.settle()

    def at_lists(self) -> None:
        self.expect("subjects_add", offered=self.may("enter") and self.whole)
        if self.whole:
            self.go(self.workplace.open_screening_log)
            self.expect("screening_look", offered=self.may("print"))
        self.go(self.workplace.open_versions)
        self.expect("versions_look", offered=self.may("print"))
        self.go(partial(self.workplace.open_place, "sync"))
        self.expect("sync_admit_B", offered=self.may("administer"))

    def at_settings(self) -> None:
        self.go(partial(self.workplace.open_place, "settings"))
        self.expect("settings_export", offered=self.may("export"))
        self.expect("settings_make_recovery", offered=self.may("administer"))
        self.go(self.workplace.open_export)
        self.expect("export_start", offered=self.may("export"))
        self.go(self.workplace.staff.open_audit)
        self.expect("audit_look", offered=self.may("print"))
        self.expect("audit_save_table", offered=self.may("export"))
        self.go(self.workplace.staff.open_people)
        self.go(lambda: self.hands.click("people_delegation"))
        self.expect("delegation_add", offered=self.may("delegate"))
        self.expect("delegation_look", offered=self.may("print"))
        self.go(self.workplace.staff.open_people)
        self.go(lambda: self.hands.click("people_roles"))
        self.expect("roles_look", offered=self.may("print"))

    def at_casebook(self, subject: SubjectId) -> None:
        self.go(partial(self.workplace.open_casebook, subject))
        for name, kind in (
            ("casebook_add_event", VisitKind.EVENT),
            ("casebook_add_unscheduled", VisitKind.UNSCHEDULED),
        ):
            forms = [planned.form for visit in design().visits if visit.kind is kind for planned in visit.forms]
            self.expect(name, offered=any(self.may("enter", form) for form in forms))
            menu = {action.objectName() for action in self.hands.window.findChildren(QAction)}
            for form in forms:
                assert (f"{name}={form}" in menu) == self.may("enter", form), (self.user, form)
        self.expect("casebook_signing", offered=self.may("sign"))
        assert is_in_menu(self.hands, "casebook.unblind") == self.may("unblind"), self.user

    def at_form(self, key: FormKey) -> None:
        if not FILE.shows(self.role, key.form):
            return
        self.go(partial(self.workplace.open_form, key))
        form = key.form
        if form == "F.ICF":
            assert self.hands.shows("consent_passphrase") == self.may("sign", form), self.user
            self.expect("consent_preview", offered=self.may("print"))
        else:
            self.expect("form_complete", offered=self.may("enter", form))
        assert self.hands.shows("form_save") == self.may("enter", form), (self.user, form)
        for act, name in (("query", "query"), ("freeze", "freeze"), ("lock", "lock")):
            assert is_in_menu(self.hands, f"form.{name}.form") == self.may(act, form), (self.user, act, form)

    def everywhere(self, subject: SubjectId) -> None:
        self.at_lists()
        self.at_casebook(subject)
        for form in ("F.VS", "F.EVT", "F.B90", "F.ICF"):
            self.at_form(places(subject)[form])
        self.at_settings()


def looked(open_application: OpenApplication, ward: Ward, user: str, log: tuple[Line, ...] | None) -> Look:
    """Sign in as somebody."""
    people = [str(person.user) for person in ward.laptop("one").state().people]
    hands = open_application(ward.laptop("one"))
    hands.unlock(people.index(user))
    return Look(hands, user, log)


def subject_of(ward: Ward) -> SubjectId:
    """Return the ward's subject."""
    with ward.session(ward.laptop("one")) as session:
        return only_subject(session)


@pytest.mark.parametrize("user", USERS)
def test_windows_offer_what_the_study_file_allows(ward: Ward, open_application: OpenApplication, user: str) -> None:
    subject = subject_of(ward)
    look = looked(open_application, ward, user, None)
    assert look.hands.shows("subjects_remark")
    look.everywhere(subject)


@pytest.mark.parametrize(
    ("user", "state"),
    [
        ("coordinator", "delegated in the past"),
        ("coordinator", "delegated to enter alone"),
        ("investigator", "not delegated"),
        ("interventionalist", "not delegated"),
        ("assessor", "delegated"),
        ("assessor", "not delegated"),
    ],
)
def test_windows_offer_what_the_log_of_the_day_allows(
    ward: Ward, open_application: OpenApplication, user: str, state: str
) -> None:
    subject = subject_of(ward)
    with ward.session(ward.laptop("one"), "principal") as session:
        other = "coordinator" if user != "coordinator" else "investigator"
        delegate(session, other, Line(start=-1))
        for line in STATES[state]:
            delegate(session, user, line)
    look = looked(open_application, ward, user, STATES[state])
    assert not look.hands.shows("subjects_remark")
    look.everywhere(subject)

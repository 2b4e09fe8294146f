"""Who may do what: the study file, form by form, and the delegation log, day by day."""

import dataclasses
import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.design import RIGHTS
from casebook.errors import (
    AccountWithdrawnError,
    AssessedBlindError,
    DelegationBeyondRoleError,
    DelegationDaysError,
    DelegationEndedError,
    DelegationMissingError,
    DelegationNeedlessError,
    FormNotSeenError,
    FormOfOthersError,
    OtherSiteError,
    RefusedError,
    RightMissingError,
)
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.rights import (
    ACT_WORDS,
    FORM_ACTS,
    NO_LOG,
    Allowed,
    DelegationLog,
    Rights,
    allows_form,
    delegate,
    delegators,
    end_delegation,
    matrix,
    whom_to_ask,
)
from casebook.supervision import DelegationAct, DelegationPayload

from .commits import Laptop
from .people import PEOPLE, design, has_right, member, rights

TODAY = date(2026, 3, 10)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def _log(*commits: SealedCommit) -> DelegationLog:
    return DelegationLog.of(commits, may_sign=has_right("delegate"))


def _line(entry: str, person: str, *duties: str, start: date = TODAY, end: date | None = None) -> DelegationPayload:
    return delegate(
        rights("principal"), member(person), entry=entry * 16, duties=duties, start=start, end=end, on=TODAY
    )


def test_matrix_says_what_the_study_file_says() -> None:
    table = matrix(design())
    for (role, act, form), allowed in table.items():
        definition = design().role(role)
        assert definition is not None
        assert not allowed or act in definition.rights
        assert bool(form) == (act in FORM_ACTS)
    forms = set(design().forms)

    def on(role: str, act: str) -> set[str]:
        return {form for form in forms if table[f"ROLE.{role}", act, form]}

    assert on("COORDINATOR", "enter") == forms - {"F.B90"}
    assert on("PI", "enter") == on("INVESTIGATOR", "enter") == forms - {"F.B90"}
    assert on("INTERVENTION", "enter") == on("INTERVENTION", "sign") == {"F.EVT", "F.IMG2", "F.ICH"}
    assert on("BLIND", "enter") == on("BLIND", "sign") == {"F.B90", "F.CONTACT"}
    assert on("BLIND", "answer") == {"F.B90", "F.CONTACT"}
    assert on("INVESTIGATOR", "sign") == on("PI", "sign_off") == forms
    assert not on("COORDINATOR", "sign")
    assert not on("MONITOR", "enter")
    names_alone = {oid for oid, form in design().forms.items() if form.identity}
    assert on("MONITOR", "verify") == on("DATA", "lock") == forms - names_alone
    assert not on("MONITOR", "lock")


def test_every_role_against_every_act_and_form_is_as_the_matrix_says() -> None:
    table = matrix(design())
    for user, person in PEOPLE.items():
        for act in RIGHTS:
            for form in [*design().forms] if act in FORM_ACTS else [""]:
                allowed = rights(user).allows(act, form=form or None, on=TODAY)
                assert allowed == table[person.role, act, form], (user, act, form)


def test_every_right_has_words() -> None:
    assert set(ACT_WORDS) == set(RIGHTS)


@pytest.mark.parametrize(
    ("user", "act", "form", "why"),
    [
        ("coordinator", "sign", None, RightMissingError),
        ("coordinator", "sign", "F.VS", RightMissingError),
        ("coordinator", "enter", "F.B90", AssessedBlindError),
        ("assessor", "enter", "F.RND", FormNotSeenError),
        ("assessor", "answer", "F.RND", FormNotSeenError),
        ("interventionalist", "enter", "F.AE", FormOfOthersError),
        ("interventionalist", "sign", "F.AE", FormOfOthersError),
        ("interventionalist", "answer", "F.AE", FormOfOthersError),
        ("assessor", "answer", "F.ETHICS", FormOfOthersError),
        ("monitor", "verify", "F.CONTACT", FormNotSeenError),
    ],
)
def test_refusal_says_who_and_whom_to_ask(user: str, act: str, form: str | None, why: type[RefusedError]) -> None:
    answer = rights(user).may(act, form=form, on=TODAY)
    assert isinstance(answer, why)
    for language in ("en", "zh"):
        assert member(user).name in answer.sentence(language)
        assert whom_to_ask(design(), act, form)(language) in answer.sentence(language)


def test_refusal_never_asks_a_role_that_is_refused_too() -> None:
    assert "Blinded" in whom_to_ask(design(), "enter", "F.B90")("en")
    assert "oordinator" not in whom_to_ask(design(), "enter", "F.B90")("en")
    nobody = dataclasses.replace(design(), roles=())
    assert whom_to_ask(nobody, "lock")("en") == "data management"


def test_site_and_account_come_before_the_role() -> None:
    elsewhere = rights("principal", site="002").may("enter", on=TODAY)
    assert isinstance(elsewhere, OtherSiteError)
    gone = Rights(design=design(), member=dataclasses.replace(member("principal"), revoked=True), site="001")
    with pytest.raises(AccountWithdrawnError):
        gone.require("enter", on=TODAY)
    given_two = dataclasses.replace(member("manager"), sites=("002",))
    assert Rights(design=design(), member=given_two, site="002").allows("lock", on=TODAY)


def test_role_that_this_version_does_not_have_may_nothing() -> None:
    stranger = Rights(design=design(), member=dataclasses.replace(member("principal"), role="ROLE.X"), site="001")
    assert not any(stranger.allows(act, on=TODAY) for act in RIGHTS)


# -- the delegation log -----------------------------------------------------------------------------------


def test_role_alone_counts_until_the_log_has_begun() -> None:
    pi = Laptop(1, author="principal")
    log = _log(pi.seal(_line("d", "nurse.a", start=TOMORROW)))
    assert rights("nurse.b", NO_LOG).allows("enter", on=TODAY)
    assert rights("nurse.b", log).allows("enter", on=TODAY)
    assert isinstance(rights("nurse.b", log).may("enter", on=TOMORROW), DelegationMissingError)
    assert rights("nurse.a", log).allows("enter", on=TOMORROW)


def test_principal_investigator_and_sponsor_need_no_line() -> None:
    log = _log(Laptop(1, author="principal").seal(_line("d", "nurse.a")))
    for user, act in (
        ("principal", "enter"),
        ("monitor", "verify"),
        ("manager", "lock"),
        ("administrator", "administer"),
    ):
        assert isinstance(rights(user, log).may(act, on=TODAY), Allowed)


def test_line_gives_its_duties_on_its_days() -> None:
    log = _log(Laptop(1, author="principal").seal(_line("d", "nurse.a", "enter", end=TOMORROW)))
    mine = rights("nurse.a", log)
    assert [mine.allows("enter", on=day) for day in (TODAY, TOMORROW, TOMORROW + timedelta(days=1))] == [
        True,
        True,
        False,
    ]
    assert isinstance(mine.may("answer", on=TODAY), DelegationMissingError)


def test_ended_line_ends_with_its_last_day_and_says_who_ended_it() -> None:
    pi = Laptop(1, author="principal")
    log = _log(pi.seal(_line("d", "nurse.a", start=YESTERDAY)))
    end = end_delegation(rights("principal", log), "d" * 16, last_day=TODAY, reason="left", on=TODAY)
    log = _log(pi.seal(_line("d", "nurse.a", start=YESTERDAY)), pi.seal(end))
    line = log.entry("d" * 16)
    assert line is not None
    assert line.ended is not None
    assert (line.ended.by, line.ended.reason, line.last_day) == (UserId("principal"), "left", TODAY)
    assert line.stands(TODAY)
    assert not line.stands(TOMORROW)
    with pytest.raises(DelegationEndedError):
        end_delegation(rights("principal", log), "d" * 16, last_day=TOMORROW, reason="x", on=TODAY)
    with pytest.raises(DelegationEndedError):
        end_delegation(rights("principal", log), "x" * 16, last_day=TODAY, reason="x", on=TODAY)


def test_line_of_who_may_not_delegate_has_no_effect() -> None:
    forged = Laptop(1, author="nurse.b").seal(_line("d", "nurse.b"))
    log = _log(forged)
    assert log.entries == ()
    assert log.without_effect == {forged.id}


def test_held_line_has_no_effect() -> None:
    commit = Laptop(1, author="principal").seal(_line("d", "nurse.a"))
    log = DelegationLog.of([commit], may_sign=has_right("delegate"), held=frozenset({commit.id}))
    assert log.entries == ()
    assert log.without_effect == {commit.id}


def test_line_for_a_former_role_gives_nothing() -> None:
    log = _log(Laptop(1, author="principal").seal(_line("d", "nurse.a")))
    promoted = dataclasses.replace(member("nurse.a"), role="ROLE.INVESTIGATOR")
    assert not Rights(design=design(), member=promoted, log=log, site="001").allows("enter", on=TODAY)


def test_delegators_are_those_whose_role_delegates() -> None:
    may = delegators(design(), PEOPLE.get)
    assert [user for user in PEOPLE if may(user)] == ["principal"]
    assert not may(UserId("nobody"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 9), st.integers(0, 9)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_log_is_a_function_of_the_set_of_commits(made: list[tuple[int, bool, int, int]], order: random.Random) -> None:
    laptops = [Laptop(1, author="principal"), Laptop(2, author="principal")]
    commits = [
        laptops[number % 2].seal(
            DelegationPayload(
                entry="abc"[number] * 16,
                act=DelegationAct.END if ends else DelegationAct.ADD,
                person=UserId("nurse.a"),
                role="ROLE.COORDINATOR",
                rights=(),
                start=TODAY + timedelta(days=start),
                end=TODAY + timedelta(days=end) if ends else None,
            )
        )
        for number, ends, start, end in made
    ]
    shuffled = [*commits, *commits[::2]]
    order.shuffle(shuffled)
    log = _log(*commits)
    assert _log(*shuffled) == log
    for entry, ends, _, end in made:
        line = log.entry("abc"[entry] * 16)
        if ends and line is not None:
            assert line.last_day is not None
            assert line.last_day <= TODAY + timedelta(days=end)


# -- delegating -------------------------------------------------------------------------------------------


def test_delegating_is_refused_with_the_reason() -> None:
    with pytest.raises(RightMissingError):
        delegate(rights("nurse.a"), member("nurse.b"), entry="d" * 16, start=TODAY, on=TODAY)
    with pytest.raises(DelegationNeedlessError):
        _line("d", "monitor")
    with pytest.raises(DelegationNeedlessError):
        _line("d", "principal")
    with pytest.raises(DelegationBeyondRoleError) as caught:
        _line("d", "nurse.a", "sign", "enter")
    assert "签名" in caught.value.sentence("zh")
    with pytest.raises(DelegationDaysError):
        _line("d", "nurse.a", end=YESTERDAY)
    elsewhere = dataclasses.replace(member("nurse.a"), site="002")
    with pytest.raises(OtherSiteError):
        delegate(rights("principal"), elsewhere, entry="d" * 16, start=TODAY, on=TODAY)


def test_rights_about_no_form_ask_no_form() -> None:
    role = design().role("ROLE.ADMIN")
    assert role is not None
    assert allows_form(design(), role, "administer", "F.VS")

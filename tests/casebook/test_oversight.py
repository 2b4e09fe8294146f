"""Queries, flags and verification: functions of the set of commits, and refusals that say what to do."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.errors import (
    FlagReasonRequiredError,
    FlagUnchangedError,
    FormFrozenError,
    FormLockedError,
    FormNotSeenError,
    NothingToVerifyError,
    QueryClosedError,
    QueryNeedsSubjectError,
    QueryStillOpenError,
    QueryTextRequiredError,
    RightMissingError,
)
from casebook.ids import SubjectId
from casebook.ledger import SealedCommit
from casebook.oversight import (
    FormFlags,
    Oversight,
    QueryState,
    Turn,
    Verification,
    Verified,
    content_digests,
    to_verify,
)
from casebook.oversight.decisions import (
    answer_query,
    close_query,
    raise_query,
    refuse_if_closed,
    reopen_query,
    set_flag,
    unverify,
    verify,
)
from casebook.projection import FormState, project
from casebook.records import (
    AddRow,
    ItemPath,
    Reading,
    SetItem,
    StrikeRow,
)
from casebook.supervision import (
    Authentication,
    Flag,
    FlagPayload,
    Meaning,
    QueryAct,
    QueryPayload,
    Scope,
    SignedForm,
    SignPayload,
    of_form,
    of_item,
    of_site,
    of_subject,
    of_visit,
    whole_study,
)

from .overseen import PLAIN, TODAY, Ward, in_conflict
from .people import design, member, rights

# -- queries ----------------------------------------------------------------------------------------------


def _raised(ward: Ward, target: Scope | None = None) -> str:
    payload = raise_query(
        rights("monitor"), query="q" * 16, target=target or of_form(ward.key), text=" Why? ", on=TODAY
    )
    ward.says("monitor", payload)
    return payload.query


def test_query_goes_between_site_and_data_management() -> None:
    ward = Ward()
    name = _raised(ward)

    def now() -> tuple[QueryState, Turn]:
        query = ward.oversight.query(name)
        assert query is not None
        return query.state, query.turn

    assert now() == (QueryState.OPEN, Turn.SITE)
    query = ward.oversight.queries()[0]
    assert (query.text, query.raised_by, query.is_real, query.disputed) == ("Why?", "monitor", True, False)
    ward.says("coordinator", answer_query(rights("coordinator"), query, text="As measured.", on=TODAY))
    assert now() == (QueryState.ANSWERED, Turn.DATA_MANAGEMENT)
    answered = ward.oversight.queries()[0]
    assert answered.last_words is not None
    assert answered.last_words.payload.text == "As measured."
    ward.says("manager", reopen_query(rights("manager"), answered, text="By whom?", on=TODAY))
    assert now() == (QueryState.OPEN, Turn.SITE)
    ward.says("manager", close_query(rights("manager"), ward.oversight.queries()[0], on=TODAY))
    assert now() == (QueryState.CLOSED, Turn.NOBODY)
    closed = ward.oversight.queries()[0]
    assert [one.payload.act for one in closed.history] == ["open", "answer", "reopen", "close"]
    assert closed.age(closed.opened_at.utc_ms + 1000) == timedelta(seconds=1)
    assert closed.age(0) == timedelta()
    assert closed.since == closed.history[-1].moment


def test_queries_are_refused_with_the_reason() -> None:
    ward = Ward()
    _raised(ward)
    query = ward.oversight.queries()[0]
    with pytest.raises(RightMissingError):
        raise_query(rights("coordinator"), query="x" * 16, target=of_form(ward.key), text="?", on=TODAY)
    with pytest.raises(QueryNeedsSubjectError):
        raise_query(rights("monitor"), query="x" * 16, target=of_site("001"), text="?", on=TODAY)
    with pytest.raises(QueryTextRequiredError):
        raise_query(rights("monitor"), query="x" * 16, target=of_form(ward.key), text=" ", on=TODAY)
    with pytest.raises(RightMissingError):
        answer_query(rights("monitor"), query, text="I say", on=TODAY)
    with pytest.raises(FormNotSeenError):
        answer_query(rights("assessor"), query, text="I guess", on=TODAY)
    with pytest.raises(QueryTextRequiredError):
        answer_query(rights("coordinator"), query, text="", on=TODAY)
    with pytest.raises(QueryStillOpenError):
        reopen_query(rights("monitor"), query, text="again", on=TODAY)
    ward.says("monitor", close_query(rights("monitor"), query, on=TODAY))
    closed = ward.oversight.queries()[0]
    with pytest.raises(QueryClosedError):
        answer_query(rights("coordinator"), closed, text="late", on=TODAY)
    with pytest.raises(QueryClosedError):
        close_query(rights("monitor"), closed, on=TODAY)


def test_people_who_did_not_see_each_other_leave_the_query_to_whoever_has_more_to_do() -> None:
    ward = Ward()
    _raised(ward)
    query = ward.oversight.queries()[0]
    ward.says("coordinator", answer_query(rights("coordinator"), query, text="Yes.", on=TODAY))
    ward.says("manager", close_query(rights("manager"), query, on=TODAY))
    disputed = ward.oversight.queries()[0]
    assert (disputed.state, disputed.disputed) == (QueryState.ANSWERED, True)
    ward.says("manager", close_query(rights("manager"), disputed, on=TODAY))
    settled = ward.oversight.queries()[0]
    assert (settled.state, settled.disputed) == (QueryState.CLOSED, False)


def test_conflict_is_a_query_that_becomes_real_when_somebody_acts() -> None:
    ward = in_conflict()
    (bare,) = ward.oversight.queries([project(ward.subject, ward.commits)])
    assert (bare.state, bare.is_real, bare.raised_by, len(bare.conflict)) == (QueryState.OPEN, False, None, 2)
    assert (bare.text, bare.last_words, bare.bases) == ("", None, ())
    assert bare.since == bare.opened_at == max((one.moment for one in bare.conflict), key=lambda one: one.utc_ms)
    ward.says("coordinator", answer_query(rights("coordinator"), bare, text="Two cuffs.", on=TODAY))
    (real,) = ward.oversight.queries([project(ward.subject, ward.commits)])
    assert (real.id, real.state, real.is_real) == (bare.id, QueryState.OPEN, True)


def test_conflict_that_stands_cannot_be_closed_away() -> None:
    ward = in_conflict()
    (bare,) = ward.oversight.queries([project(ward.subject, ward.commits)])
    ward.says("manager", close_query(rights("manager"), bare, on=TODAY))
    (query,) = ward.oversight.queries([project(ward.subject, ward.commits)])
    assert query.state is QueryState.OPEN
    ward.enters("coordinator", "140 mmHg")
    (after,) = ward.oversight.queries([project(ward.subject, ward.commits)])
    assert (after.state, after.conflict) == (QueryState.CLOSED, ())


@pytest.mark.parametrize("level", ["subject", "visit", "form", "item"])
def test_query_is_raised_on_every_level(level: str) -> None:
    ward = Ward()
    targets = {
        "subject": of_subject(ward.subject),
        "visit": of_visit(ward.subject, ward.key.visit),
        "form": of_form(ward.key),
        "item": of_item(ward.key, ItemPath(group="IG.VS.MAIN", item="SYSBP")),
    }
    _raised(ward, targets[level])
    assert ward.oversight.queries()[0].target == targets[level]


# -- flags ------------------------------------------------------------------------------------------------


def _set(ward: Ward, user: str, flag: Flag, scope: Scope, *, to: bool, seen: Oversight | None = None) -> SealedCommit:
    known = seen or ward.oversight
    payload = set_flag(rights(user), known, flag, scope, set_to=to, reason="because", frontier=known.frontier, on=TODAY)
    return ward.says(user, payload)


def test_lock_of_any_scope_locks_the_forms_in_it() -> None:
    ward = Ward()
    ward.enters("coordinator", "140 mmHg")
    for scope in (
        whole_study(),
        of_site("001"),
        of_subject(ward.subject),
        of_visit(ward.subject, ward.key.visit),
        of_form(ward.key),
    ):
        _set(ward, "manager", Flag.LOCKED, scope, to=True)
        locked = ward.flags.locked
        assert locked is not None
        assert (locked.scope, locked.by, locked.reason) == (scope, "manager", "because")
        assert ward.flags.is_closed
        with pytest.raises(FormLockedError, match="Manager"):
            refuse_if_closed(rights("coordinator"), ward.flags, name_of=lambda user: member(user).name)
        _set(ward, "manager", Flag.LOCKED, scope, to=False)
        assert ward.flags.locked is None
        refuse_if_closed(rights("coordinator"), ward.flags, name_of=str)


def test_lock_of_one_form_leaves_others_open() -> None:
    ward = Ward()
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
    other = FormState(key=replace(ward.key, form="F.AE"))
    assert ward.oversight.of_form(other, None, site="001", compartments=PLAIN).locked is None
    assert ward.oversight.of_form(ward.state, None, site="002", compartments=PLAIN).locked is not None


def test_frozen_and_locked_are_independent_and_lock_is_named_first() -> None:
    ward = Ward()
    _set(ward, "monitor", Flag.FROZEN, of_subject(ward.subject), to=True)
    with pytest.raises(FormFrozenError) as frozen:
        refuse_if_closed(rights("coordinator"), ward.flags, name_of=lambda user: member(user).name)
    assert "Monitor" in frozen.value.sentence("zh")
    _set(ward, "manager", Flag.LOCKED, of_subject(ward.subject), to=True)
    with pytest.raises(FormLockedError):
        refuse_if_closed(rights("coordinator"), ward.flags, name_of=str)
    _set(ward, "manager", Flag.LOCKED, of_subject(ward.subject), to=False)
    assert ward.flags.frozen is not None


def test_lock_and_unlock_that_did_not_see_each_other_stay_locked_and_are_shown() -> None:
    ward = Ward()
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
    seen = ward.oversight
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=False, seen=seen)
    again = FlagPayload(
        flag=Flag.LOCKED,
        on=True,
        scope=of_form(ward.key),
        reason="mine",
        bases=seen.flag(Flag.LOCKED, of_form(ward.key)).bases,
    )
    ward.says("manager.b", again)
    assert ward.flags.locked is not None
    assert [one.scope for one in ward.flags.disputed] == [of_form(ward.key)]
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
    assert ward.flags.locked is not None
    assert ward.flags.disputed == ()


def test_flags_are_refused_with_the_reason() -> None:
    ward = Ward()
    frontier = ward.oversight.frontier

    def act(user: str, flag: Flag, *, to: bool, reason: str = "r") -> FlagPayload:
        return set_flag(
            rights(user), ward.oversight, flag, of_form(ward.key), set_to=to, reason=reason, frontier=frontier, on=TODAY
        )

    with pytest.raises(RightMissingError):
        act("monitor", Flag.LOCKED, to=True)
    with pytest.raises(RightMissingError):
        act("principal", Flag.FROZEN, to=True)
    for to in (True, False):
        if not to:
            _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
        with pytest.raises(FlagReasonRequiredError) as caught:
            act("manager", Flag.LOCKED, to=to, reason=" ")
        assert ("unlock" in caught.value.sentence()) != to
    with pytest.raises(FlagUnchangedError):
        act("manager", Flag.LOCKED, to=True)
    with pytest.raises(FlagUnchangedError):
        act("manager", Flag.FROZEN, to=False)


# -- source data verification -----------------------------------------------------------------------------


def _critical_form() -> tuple[str, ItemPath, ItemPath]:
    for oid, form in sorted(design().forms.items()):
        for group in form.groups:
            names = [item.name for item in group.items if item.critical and item.derivation is None]
            if len(names) > 1 and not group.repeating:
                return oid, ItemPath(group=group.oid, item=names[0]), ItemPath(group=group.oid, item=names[1])
    raise AssertionError


def _with_critical() -> tuple[Ward, ItemPath, ItemPath]:
    ward = Ward()
    oid, one, two = _critical_form()
    ward.key = replace(ward.key, form=oid)
    return ward, one, two


def _enter_at(ward: Ward, user: str, path: ItemPath, value: str) -> SealedCommit:
    known = ward.state.items.get(path)
    return ward.saves(user, SetItem(path=path, reading=Reading(value=value), bases=known.bases if known else ()))


def _verified(ward: Ward) -> FormFlags:
    return ward.oversight.of_form(ward.state, design().forms[ward.key.form], site="001", compartments=PLAIN)


def test_verification_goes_from_none_to_all_and_falls_back_with_a_change() -> None:
    ward, one, two = _with_critical()
    form = design().forms[ward.key.form]
    assert _verified(ward).verified is Verified.NOTHING
    _enter_at(ward, "coordinator", one, "1")
    _enter_at(ward, "coordinator", two, "2")
    assert to_verify(form, ward.state) == (one, two)
    assert _verified(ward).verified is Verified.NONE

    def mark(*paths: ItemPath) -> None:
        for payload in verify(
            rights("monitor"), ward.oversight, ward.state, paths, frontier=ward.oversight.frontier, on=TODAY
        ):
            ward.says("monitor", payload)

    mark(one)
    assert _verified(ward).verified is Verified.PART
    mark(two)
    assert _verified(ward).verified is Verified.ALL
    _enter_at(ward, "coordinator", one, "3")
    flags = _verified(ward)
    assert (flags.verified, flags.changed_since_verified) == (Verified.PART, True)
    assert [item.state for item in flags.verification] == [Verification.CHANGED, Verification.VERIFIED]
    assert flags.verification[0].reading.value == "3"
    mark(one)
    assert _verified(ward).verified is Verified.ALL
    back = unverify(
        rights("monitor"),
        ward.oversight,
        ward.state,
        two,
        reason="wrong page",
        frontier=ward.oversight.frontier,
        on=TODAY,
    )
    ward.says("monitor", back)
    assert _verified(ward).verified is Verified.PART


def test_entry_that_the_monitor_had_not_seen_is_not_verified() -> None:
    ward, one, _ = _with_critical()
    _enter_at(ward, "nurse.a", one, "1")
    seen, state = ward.oversight, ward.state
    _enter_at(ward, "nurse.b", one, "1")
    (payload,) = verify(rights("monitor"), seen, state, [one], frontier=seen.frontier, on=TODAY)
    ward.says("monitor", payload)
    assert ward.oversight.verification(ward.state, one).state is Verification.CHANGED


def test_verification_is_refused_with_the_reason() -> None:
    ward, one, _ = _with_critical()
    frontier = ward.oversight.frontier
    with pytest.raises(NothingToVerifyError):
        verify(rights("monitor"), ward.oversight, ward.state, [one], frontier=frontier, on=TODAY)
    _enter_at(ward, "coordinator", one, "1")
    with pytest.raises(RightMissingError):
        verify(rights("coordinator"), ward.oversight, ward.state, [one], frontier=frontier, on=TODAY)
    with pytest.raises(FlagUnchangedError):
        unverify(rights("monitor"), ward.oversight, ward.state, one, reason="r", frontier=frontier, on=TODAY)


def test_struck_rows_are_not_to_be_verified() -> None:
    ward, one, _ = _with_critical()
    row = ItemPath(group=one.group, item=one.item, row="r1")
    ward.saves("coordinator", AddRow(group=one.group, row="r1"), SetItem(path=row, reading=Reading(value="1")))
    form = design().forms[ward.key.form]
    assert to_verify(form, ward.state) == (row,)
    ward.saves("coordinator", StrikeRow(group=one.group, row="r1", reason="twice"))
    assert to_verify(form, ward.state) == ()


# -- laws -------------------------------------------------------------------------------------------------


def _history(chance: random.Random) -> tuple[SubjectId, list[SealedCommit]]:
    """People act at random on one form, each having seen some of what there is."""
    ward = Ward()
    users = ["coordinator", "monitor", "manager", "investigator"]
    for user in users:
        ward.of(user)
    for _ in range(chance.randrange(1, 14)):
        user = chance.choice(users)
        seen = [one for one in ward.commits if chance.random() < 0.7]
        known = Oversight.of(seen)
        match chance.randrange(4):
            case 0:
                acts = [one for one in known.queries() if one.id == "q" * 16]
                ward.says(
                    user,
                    QueryPayload(
                        query="q" * 16,
                        act=chance.choice(list(QueryAct)),
                        target=of_form(ward.key),
                        bases=acts[0].bases if acts else (),
                    ),
                )
            case 1:
                flag, scope = (
                    chance.choice([Flag.LOCKED, Flag.FROZEN]),
                    chance.choice([whole_study(), of_form(ward.key)]),
                )
                ward.says(
                    user,
                    FlagPayload(
                        flag=flag,
                        on=chance.random() < 0.5,
                        scope=scope,
                        frontier=known.frontier,
                        bases=known.flag(flag, scope).bases,
                    ),
                )
            case 2:
                ward.enters(user, f"{chance.randrange(3)} mmHg")
            case _:
                digests = content_digests(project(ward.subject, seen).form(ward.key), PLAIN)
                ward.says(
                    user,
                    SignPayload(
                        subject=ward.subject,
                        meaning=Meaning.REVIEW,
                        statement={},
                        name=user,
                        role="r",
                        authentication=Authentication.FULL,
                        forms=(SignedForm(key=ward.key, digests=digests),),
                        frontier=known.frontier,
                    ),
                )
    return ward.subject, ward.commits


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False))
def test_oversight_is_a_function_of_the_set_of_commits(chance: random.Random) -> None:
    subject, commits = _history(chance)
    held = frozenset(one.id for one in commits if chance.random() < 0.2)
    expected = Oversight.of(commits, held=held)
    shuffled = [*commits, *commits[::2]]
    chance.shuffle(shuffled)
    grown = Oversight()
    for commit in shuffled:
        grown = grown.plus(commit)
    casebook = project(subject, commits, held=held)
    for one in (Oversight.of(shuffled, held=held), grown.with_held(held), Oversight.of(shuffled).with_held(held)):
        assert one == expected
        assert one.queries([casebook]) == expected.queries([casebook])
        assert one.flags == expected.flags
        for state in casebook.forms.values():
            flags = one.of_form(state, None, site="001", compartments=PLAIN)
            assert flags == expected.of_form(state, None, site="001", compartments=PLAIN)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_act_is_lost_and_held_acts_have_no_effect(chance: random.Random) -> None:
    _, commits = _history(chance)
    held = frozenset(one.id for one in commits if chance.random() < 0.3)
    oversight = Oversight.of(commits, held=held)
    told = {one.commit for query in oversight.queries() for one in query.history}
    told |= {one.commit for flag in oversight.flags for one in flag.history}
    told |= {one.commit for one in oversight.signed}
    made = {one.id for one in commits if one.parsed.kind in {"query", "flag", "sign"}}
    assert told == made - held
    assert oversight.asked.keys() | oversight.flagged.keys() | oversight.signing.keys() == made


def test_act_on_top_of_a_held_one_counts_as_made_on_what_that_replaced() -> None:
    ward = Ward()
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
    known = ward.oversight.flag(Flag.LOCKED, of_form(ward.key))
    forged = ward.says(
        "coordinator", FlagPayload(flag=Flag.LOCKED, on=False, scope=of_form(ward.key), bases=known.bases)
    )
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=True)
    _set(ward, "manager", Flag.LOCKED, of_form(ward.key), to=False)
    assert ward.flags.locked is None
    without = Oversight.of(ward.commits, held=frozenset({forged.id}))
    flag = without.flag(Flag.LOCKED, of_form(ward.key))
    assert (flag.on, flag.disputed, len(flag.history), len(flag.heads)) == (False, False, 3, 1)

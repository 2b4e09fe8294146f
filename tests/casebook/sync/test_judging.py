"""The server's judge over a real exchange: what it holds, in which shelf it says so, and how a ruling ends it."""

from functools import cache

import pytest

from casebook import payloads
from casebook.design import StudyDesign
from casebook.ids import SubjectId, new_subject_id, ref_of, user_id
from casebook.ledger import UNBLINDING, CommitDraft, SealedCommit
from casebook.locations import shipped_study
from casebook.oversight import mark_of
from casebook.payloads import DataPayload, Payload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.study_files import read_study
from casebook.supervision import AdjudicationPayload, Flag, FlagPayload, frontier_of, of_subject
from casebook.sync import trust
from casebook.sync.judging import StudyJudge
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Server, Writer, ids, memory_study


@cache
def _design() -> StudyDesign:
    return read_study(shipped_study())


@pytest.fixture
def server() -> Server:
    server = memory_study()
    for site in ("900",):
        server.state(site, trust.site_statement(trust.Site(site=site, name="Sponsor")))
    server.add("manager", "ROLE.DATA", "900", ("001",))
    server.add("blind", "ROLE.BLIND")
    _judging(server)
    return server


def _judging(server: Server) -> StudyJudge:
    judge = StudyJudge({"S": server.log, "U": server.unblinding}, server.directory, _design())
    server.judge = judge
    return judge


@pytest.fixture
def ward(server: Server) -> Writer:
    return Writer(server, MemoryLog())


@pytest.fixture
def manager(server: Server) -> Writer:
    return Writer(server, MemoryLog(), site="900", user=user_id("manager"))


def _say(laptop: Writer, payload: Payload, compartment: str = UNBLINDING, site: str = "001") -> SealedCommit:
    kind, body = payloads.write(payload)
    return laptop.keep(CommitDraft(kind=kind, author=laptop.user, body=body, compartment=compartment), site=site)


def _entry(
    subject: SubjectId, form: str = "F.VS", item: str = "SYSBP", base: SealedCommit | None = None
) -> DataPayload:
    return DataPayload(
        key=FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form=form),
        form_version="0" * 16,
        operations=(
            SetItem(
                path=ItemPath(group="IG.VS.BP1", item=item),
                reading=Reading(value="140"),
                bases=(ref_of(base.id),) if base is not None else (),
            ),
        ),
    )


def _effects(server: Server, *commits: SealedCommit) -> list[str | None]:
    return [server.directory.effect(one.id) for one in commits]


def test_plain_entry_is_plain(server: Server, ward: Writer) -> None:
    commit = _say(ward, _entry(new_subject_id(server.rng.randbytes)))
    ward.sync_both()
    assert _effects(server, commit) == [None]


def test_entry_by_somebody_whose_role_enters_nothing_is_held(server: Server, manager: Writer) -> None:
    commit = _say(manager, _entry(new_subject_id(server.rng.randbytes)))
    manager.sync_both()
    assert _effects(server, commit) == ["held"]


def test_assessment_by_somebody_who_can_know_the_treatment_is_held_in_shelf_s(server: Server, ward: Writer) -> None:
    commit = _say(ward, _entry(new_subject_id(server.rng.randbytes), "F.B90"), "S")
    ward.sync_both()

    (verdict,) = [one for one in server.log.commits() if b'"verdict"' in one.payload]

    assert _effects(server, commit) == ["held"]
    assert b'"blind_seen"' in verdict.payload


def test_base_of_another_place_is_held_and_a_base_not_here_is_not(server: Server, ward: Writer) -> None:
    first = _say(ward, _entry(new_subject_id(server.rng.randbytes)))
    elsewhere = _say(ward, _entry(new_subject_id(server.rng.randbytes), base=first))
    ward.sync_both()
    assert _effects(server, first, elsewhere) == [None, "held"]


def _lock(manager: Writer, subject: SubjectId, seen: list[SealedCommit], compartment: str) -> SealedCommit:
    frontier = frontier_of(mark_of(one.parsed) for one in seen)
    scope = of_subject(subject)
    flag = FlagPayload(flag=Flag.LOCKED, on=True, scope=scope, reason="database closed", frontier=frontier)
    return _say(manager, flag, compartment)


def test_entry_that_a_lock_had_not_seen_is_held_until_it_is_accepted(
    server: Server, ward: Writer, manager: Writer
) -> None:
    subject = new_subject_id(server.rng.randbytes)
    before = _say(ward, _entry(subject))
    ward.sync_both()
    late = _say(ward, _entry(subject))
    lock = _lock(manager, subject, [before], UNBLINDING)
    manager.sync_both()
    ward.sync_both()

    judge = _judging(server)
    waiting = judge.held()
    _say(manager, AdjudicationPayload(commit=late.id, accept=True, reason="entered in time", subject=subject))
    manager.sync_both()

    assert _effects(server, before, late, lock) == [None, "held", None]
    assert waiting == {late.id}
    assert judge.held() == frozenset()
    assert late.id in ids(manager.unblinding)


def test_act_of_shelf_u_is_not_told_by_a_verdict_in_shelf_s(server: Server, ward: Writer, manager: Writer) -> None:
    subject = new_subject_id(server.rng.randbytes)
    _lock(manager, subject, [], UNBLINDING)
    manager.sync_both()
    blind = Writer(server, MemoryLog(), letter="B", user=user_id("blind"))
    open_to_all = _say(blind, _entry(subject, "F.B90"), "S")
    hidden = _say(ward, _entry(subject))
    blind.sync()
    ward.sync_both()

    assert _effects(server, open_to_all, hidden) == [None, "held"]
    assert not any(b'"verdict"' in one.payload for one in server.log.commits())


def test_judge_that_begins_anew_says_the_same(server: Server, ward: Writer, manager: Writer) -> None:
    subject = new_subject_id(server.rng.randbytes)
    _lock(manager, subject, [], UNBLINDING)
    manager.sync_both()
    late = _say(ward, _entry(subject))
    ward.sync_both()

    first = server.judge("U", late)
    again = _judging(server)("U", late)

    assert first == again
    assert again is not None
    assert again.code == "late_lock"

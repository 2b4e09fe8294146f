"""The server's judge over a real exchange: what it holds, in which shelf it says so, and how a ruling ends it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from casebook import payloads
from casebook.clock import Moment
from casebook.design import StudyDesign
from casebook.ids import SubjectId, new_subject_id, ref_of, user_id
from casebook.ledger import UNBLINDING, CommitDraft, SealedCommit
from casebook.locations import shipped_study
from casebook.oversight import mark_of
from casebook.payloads import DataPayload, Payload, SecurityPayload, SubjectPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.study_files import read_study
from casebook.subject_acts import NumberPayload
from casebook.supervision import AdjudicationPayload, Flag, FlagPayload, frontier_of, of_subject
from casebook.sync import trust
from casebook.sync.judging import StudyJudge
from casebook.timekeeping import ANCHOR_EVENT, Anchor, anchor_fields
from casebook.verdicts import Verdict, read_verdict
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import START_MS, Server, Writer, ids, memory_study


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


def _judging(server: Server, now_ms: Callable[[], int] | None = None) -> StudyJudge:
    logs = {"S": server.log, "U": server.unblinding}
    judge = StudyJudge(logs, server.directory, _design(), now_ms=now_ms)
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


# -- what is told and counts ------------------------------------------------------------------------------


def _verdicts(server: Server, shelf: str = "S") -> list[Verdict]:
    log = server.log if shelf == "S" else server.unblinding
    statements = [payloads.read(one) for _, one in log.of_kind("srv")]
    found = [read_verdict(one) for one in statements if isinstance(one, payloads.ServerPayload)]
    return [one for one in found if one is not None]


def _codes(server: Server, *commits: SealedCommit, shelf: str = "S") -> list[str | None]:
    codes = {one.commit: str(one.code) for one in _verdicts(server, shelf)}
    return [codes.get(one.id) for one in commits]


def test_number_that_another_subject_has_is_told_and_counts(server: Server, ward: Writer, manager: Writer) -> None:
    other = Writer(server, MemoryLog(), letter="B")
    first, same = (
        SubjectPayload(subject=new_subject_id(server.rng.randbytes), number="001-A001", site="001") for _ in "ab"
    )
    one, again = _say(ward, first, "S"), _say(ward, first, "S")
    ward.sync()
    twin = _say(other, same, "S")
    plain = _say(other, replace(same, number="001-B001"), "S")
    other.sync()
    anew = _say(
        manager,
        NumberPayload(subject=same.subject, number="001-A001", reason="as on the tube", bases=(ref_of(twin.id),)),
        "S",
    )
    manager.sync_both()

    assert _codes(server, one, again, twin, plain, anew) == [None, None, "dup_no", None, "dup_no"]
    assert _effects(server, twin) == ["effective"]


def test_value_of_another_type_is_held_and_counts_once_accepted(server: Server, ward: Writer, manager: Writer) -> None:
    subject = new_subject_id(server.rng.randbytes)
    form = _design().forms["F.VS"]
    payload = replace(_entry(subject), form_version=form.version)
    bad = replace(
        payload,
        operations=(SetItem(path=ItemPath(group="IG.VS.BP1", item="SYSBP"), reading=Reading(value="high")),),
    )
    good, wrong, older = _say(ward, payload), _say(ward, bad), _say(ward, replace(bad, form_version="f" * 16))
    ward.sync_both()
    _say(manager, AdjudicationPayload(commit=wrong.id, accept=True, reason="as the source says", subject=subject))
    manager.sync_both()

    assert _codes(server, good, wrong, older, shelf="U") == [None, "bad_schema", None]
    assert _judging(server).held() == frozenset()


def test_fork_is_told_where_it_begins_and_both_sides_count(server: Server, ward: Writer) -> None:
    subject = new_subject_id(server.rng.randbytes)
    begin = _say(ward, _entry(subject), "S")
    ward.sync()
    copied = ward.head
    here, further = _say(ward, _entry(subject), "S"), _say(ward, _entry(subject), "S")
    ward.sync()
    ward.head = copied
    there, beyond = _say(ward, _entry(subject), "S"), _say(ward, _entry(subject), "S")
    ward.sync()

    assert _codes(server, begin, here, further, there, beyond) == [None, None, None, "fork", None]
    assert _effects(server, there) == ["effective"]
    assert {here.id, further.id, there.id, beyond.id} <= ids(server.log)


MINUTE_MS = 60_000


def _at(minutes: int, boot: str = "boot0001", ahead: int = 0) -> Moment:
    """Return a moment some minutes after the start, on a wall clock that is ahead by so many minutes."""
    uptime_ms = minutes * MINUTE_MS
    return Moment(utc_ms=START_MS + uptime_ms + ahead * MINUTE_MS, offset_minutes=480, boot=boot, uptime_ms=uptime_ms)


def _anchor(at: Moment, server_ms: int) -> SecurityPayload:
    anchor = Anchor(server_ms=server_ms, boot=at.boot, uptime_ms=at.uptime_ms, uncertainty_ms=500)
    return SecurityPayload(event=ANCHOR_EVENT, fields=anchor_fields(anchor))


def _says_at(laptop: Writer, at: Moment, payload: Payload | None = None, compartment: str = "S") -> SealedCommit:
    laptop.at = at
    return _say(laptop, payload or _entry(new_subject_id(laptop.rng.randbytes)), compartment)


def test_clock_ahead_of_the_arrival_is_told_once_for_each_boot(server: Server, ward: Writer) -> None:
    _judging(server, lambda: START_MS + 60 * MINUTE_MS)
    right = _says_at(ward, _at(58))
    wrong = [_says_at(ward, _at(minutes, ahead=180)) for minutes in (58, 59, 60)]
    again = [_says_at(ward, _at(minutes, "boot0002", ahead=180)) for minutes in (58, 59)]
    ward.sync()

    assert _codes(server, right, *wrong, *again) == [None, "clock", None, None, "clock", None]
    assert _effects(server, wrong[0]) == ["effective"]


@pytest.mark.parametrize(("ahead", "code"), [(4, None), (-4, None), (6, "clock"), (-6, "clock"), (-300, "clock")])
def test_clock_is_told_by_what_the_laptop_heard_in_its_boot(
    server: Server, ward: Writer, ahead: int, code: str | None
) -> None:
    begun = _at(0, ahead=ahead)
    before = _says_at(ward, begun)
    heard = _says_at(ward, _at(1, ahead=ahead), _anchor(_at(1), START_MS + MINUTE_MS))
    after = _says_at(ward, _at(2, ahead=ahead))
    unblinding = _says_at(ward, _at(3, ahead=ahead), compartment=UNBLINDING)
    ward.sync_both()

    assert _codes(server, before, heard, after) == [None, code, None]
    assert _codes(server, unblinding, shelf="U") == [code]


def test_clock_that_is_set_after_an_anchor_is_told_and_so_is_one_behind_in_the_next_boot(
    server: Server, ward: Writer
) -> None:
    heard = _says_at(ward, _at(1), _anchor(_at(1), START_MS + MINUTE_MS))
    right = _says_at(ward, _at(2))
    set_ahead = _says_at(ward, _at(3, ahead=45))
    behind = _says_at(ward, _at(4, "boot0002", ahead=-90))
    later = _says_at(ward, _at(240, "boot0003"))
    ward.sync()

    assert _codes(server, heard, right, set_ahead, behind, later) == [None, None, "clock", "clock", None]

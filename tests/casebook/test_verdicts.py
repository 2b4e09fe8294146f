"""Verdicts and rulings: what holds a commit, and that order of arrival decides nothing."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import payloads
from casebook.clock import Moment
from casebook.errors import NotHeldError, RightMissingError, RulingReasonRequiredError
from casebook.ids import CommitId, CommitRef, DeviceId, UserId, ref_of
from casebook.ledger import IDENTITY, SealedCommit
from casebook.oversight import NO_OVERSIGHT, Oversight
from casebook.projection import Casebook, evolve, project, with_held
from casebook.records import (
    AddRow,
    Confirmation,
    Fired,
    FormKey,
    ItemPath,
    Mark,
    Operation,
    Reading,
    SetItem,
    Sitting,
    VisitKey,
)
from casebook.rights import NO_LOG, DelegationLog
from casebook.supervision import (
    AdjudicationPayload,
    Authentication,
    ChainMark,
    DelegationAct,
    DelegationPayload,
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
)
from casebook.sync.trust import Directory, ServerIdentity, verdict_statement
from casebook.verdicts import (
    EFFECTIVE,
    NO_JUDGEMENTS,
    TOLD,
    VERDICT_WORDS,
    Judgements,
    People,
    VerdictCode,
    adjudicate,
    judge,
    read_verdict,
)
from casebook.verdicts import (
    Laptop as Device,
)
from casebook.versions import Designs

from .commits import Laptop
from .people import Stated, design, has_right, rights

TODAY = date(2026, 3, 10)
MAY_RULE = has_right("adjudicate")


EVERYBODY = Stated()


def _code(
    commit: SealedCommit,
    *,
    people: People = EVERYBODY,
    log: DelegationLog = NO_LOG,
    known: Oversight = NO_OVERSIGHT,
    bases: tuple[SealedCommit, ...] = (),
    withdrawals: bool = True,
    identity_key: bytes | None = None,
) -> VerdictCode | None:
    held = {ref_of(one.id): one for one in bases}

    def find(ref: CommitRef) -> SealedCommit | None:
        return held.get(ref)

    found = judge(
        commit,
        directory=people,
        delegations=log,
        design=design(),
        known=known,
        find=find,
        withdrawals=withdrawals,
        identity_key=identity_key,
    )
    assert found == judge(
        commit,
        directory=people,
        delegations=log,
        design=design(),
        known=known,
        find=find,
        withdrawals=withdrawals,
        identity_key=identity_key,
    )
    assert found is None or (found.commit == commit.id and found.holds == (found.code not in EFFECTIVE))
    return found.code if found is not None else None


def _key(laptop: Laptop, form: str = "F.VS") -> FormKey:
    subject, _ = laptop.add_subject()
    return FormKey(subject=subject, visit=VisitKey(visit="SE.BL"), form=form)


def _entry(value: str = "1", *bases: SealedCommit, item: str = "SYSBP") -> SetItem:
    path = ItemPath(group="IG.X", item=item)
    return SetItem(path=path, reading=Reading(value=value), bases=tuple(ref_of(one.id) for one in bases))


def _data(
    user: str, form: str, *operations: Operation, version: str = "0" * 16, recovered_for: UserId | None = None
) -> SealedCommit:
    laptop = Laptop(random.Random(user).randrange(1000), author=user)
    payload = payloads.DataPayload(
        key=_key(laptop, form), form_version=version, operations=operations or (_entry(),), recovered_for=recovered_for
    )
    return laptop.seal(payload)


def test_real_directory_is_who_is_judged_by() -> None:
    server = ServerIdentity(device=DeviceId("S" * 16), signing=b"s" * 32, receipts=b"r" * 32)
    directory: People = Directory(server)
    device: Device | None = directory.device(DeviceId("D" * 16))
    assert device is None
    assert _code(_data("coordinator", "F.VS"), people=directory) is VerdictCode.DEVICE_OFF


@pytest.mark.parametrize(
    ("user", "form", "code"),
    [
        ("coordinator", "F.VS", None),
        ("coordinator", "F.B90", VerdictCode.BLIND_SEEN),
        ("principal", "F.B90", VerdictCode.BLIND_SEEN),
        ("assessor", "F.B90", None),
        ("assessor", "F.VS", VerdictCode.NO_ROLE),
        ("interventionalist", "F.EVT", None),
        ("interventionalist", "F.VS", VerdictCode.NO_ROLE),
        ("monitor", "F.VS", VerdictCode.NO_ROLE),
        ("stranger", "F.VS", VerdictCode.AUTHOR_OFF),
    ],
)
def test_entry_is_judged_by_role_and_form(user: str, form: str, code: VerdictCode | None) -> None:
    assert _code(_data(user, form)) is code


def test_entry_sealed_by_the_laptop_is_judged_by_who_entered_it() -> None:
    def recovered(person: str) -> SealedCommit:
        return _data("device", "F.VS", recovered_for=UserId(person))

    assert _code(recovered("coordinator")) is None
    assert _code(recovered("monitor")) is VerdictCode.NO_ROLE
    assert _code(Laptop(1, author="device").seal(payloads.SecurityPayload(event="clock-jump"))) is None


def test_account_and_laptop_are_looked_at() -> None:
    commit = _data("coordinator", "F.VS")
    assert _code(commit, people=Stated(gone=frozenset({"coordinator"}))) is VerdictCode.AUTHOR_OFF
    assert _code(commit, people=Stated(sites=("002",))) is VerdictCode.AUTHOR_OFF
    assert _code(commit, people=Stated(stolen=frozenset({commit.parsed.device}))) is VerdictCode.DEVICE_OFF
    paper = Laptop(1, author="coordinator")
    blob = paper.seal(payloads.BlobPayload(key=_key(paper), name="a", media_type="b", content=b"c"))
    assert _code(blob) is None
    assert _code(blob, people=Stated(gone=frozenset({"coordinator"}))) is VerdictCode.AUTHOR_OFF


def test_withdrawal_that_was_looked_at_before_is_not_looked_at_again() -> None:
    commit = _data("coordinator", "F.VS")
    gone = Stated(gone=frozenset({"coordinator"}), stolen=frozenset({commit.parsed.device}), sites=("002",))
    assert _code(commit, people=gone, withdrawals=False) is None
    assert _code(_data("monitor", "F.VS"), people=gone, withdrawals=False) is VerdictCode.NO_ROLE


def test_traces_need_no_right_and_are_never_late() -> None:
    laptop = Laptop(1, author="monitor")
    path = ItemPath(group="IG.X", item="SYSBP")
    key = _key(laptop)
    commit = laptop.save(key, Fired(check="EC1", path=path, fires=True))
    assert _code(commit, known=_locked(of_form(key))) is None


def test_hard_finding_is_confirmed_by_whoever_may() -> None:
    form = design().forms["F.B90"]
    path = ItemPath(group="IG.X", item="X")
    said = Confirmation(check="EC051", path=path, value="1", reason="so")
    assert _code(_data("investigator", "F.B90", said, version=form.version)) is None
    assert _code(_data("coordinator", "F.VS", said, version=design().forms["F.VS"].version)) is VerdictCode.NO_ROLE
    assert _code(_data("coordinator", "F.VS", said)) is None
    soft = replace(said, check="EC052")
    assert _code(_data("coordinator", "F.VS", soft, version=design().forms["F.VS"].version)) is None


def test_deviation_may_be_raised_by_anybody_who_enters_and_classified_by_whom_the_form_is_for() -> None:
    deviations = design().deviations
    assert deviations is not None
    raised = _data("interventionalist", deviations.form, _entry("EC1", item=deviations.source))
    classified = _data("interventionalist", deviations.form, _entry("Y", item=deviations.classified))
    assert _code(raised) is None
    assert _code(classified) is VerdictCode.NO_ROLE
    assert _code(_data("monitor", deviations.form, _entry("EC1", item=deviations.source))) is VerdictCode.NO_ROLE


def test_acts_of_oversight_are_judged_by_their_right() -> None:
    site = Laptop(1, author="coordinator")
    key = _key(site)
    item = of_item(key, ItemPath(group="IG.X", item="SYSBP"))
    acts: list[tuple[payloads.Payload, set[str]]] = [
        (QueryPayload(query="q" * 16, act=QueryAct.OPEN, target=item), {"monitor", "manager"}),
        (QueryPayload(query="q" * 16, act=QueryAct.ANSWER, target=item), {"coordinator", "investigator", "principal"}),
        (FlagPayload(flag=Flag.VERIFIED, on=True, scope=item), {"monitor"}),
        (FlagPayload(flag=Flag.FROZEN, on=True, scope=of_form(key)), {"monitor", "manager"}),
        (FlagPayload(flag=Flag.LOCKED, on=False, scope=of_site("001")), {"manager"}),
        (_signature(key, Meaning.AUTHORSHIP), {"investigator", "principal"}),
        (_signature(key, Meaning.APPROVAL), {"principal"}),
        (AdjudicationPayload(commit=CommitId("0" * 64), accept=True, reason="r"), {"manager"}),
        (_delegation("nurse.a"), {"principal"}),
        (
            payloads.SubjectPayload(subject=key.subject, number="001-A001", site="001"),
            {"coordinator", "principal", "investigator"},
        ),
    ]
    for payload, allowed in acts:
        for user in ("coordinator", "investigator", "principal", "monitor", "manager", "administrator"):
            expected = None if user in allowed else VerdictCode.NO_ROLE
            assert _code(Laptop(2, author=user).seal(payload)) is expected, (payload, user)


def _signature(key: FormKey, meaning: Meaning, frontier: tuple[ChainMark, ...] = ()) -> SignPayload:
    return SignPayload(
        subject=key.subject,
        meaning=meaning,
        statement={},
        name="n",
        role="r",
        authentication=Authentication.FULL,
        forms=(SignedForm(key=key, digests={"S": "0" * 64}),),
        frontier=frontier,
    )


def _delegation(person: str, start: date = date(2026, 1, 1)) -> DelegationPayload:
    return DelegationPayload(
        entry="d" * 16,
        act=DelegationAct.ADD,
        person=UserId(person),
        role="ROLE.COORDINATOR",
        rights=(),
        start=start,
    )


def test_delegation_counts_by_the_day_of_the_entry() -> None:
    log = DelegationLog.of(
        [Laptop(1, author="principal").seal(_delegation("nurse.a", date(2026, 2, 26)))], may_sign=has_right("delegate")
    )
    laptop = Laptop(2, author="nurse.b")
    assert _code(laptop.save(_key(laptop), _entry()), log=log) is None
    laptop.clock_ms = int(datetime(2026, 2, 26, 4, tzinfo=UTC).timestamp() * 1000)
    late = laptop.save(_key(laptop), _entry())
    assert _code(late, log=log) is VerdictCode.OUTSIDE_DELEGATION
    other = Laptop(3, author="nurse.a", clock_ms=laptop.clock_ms)
    assert _code(other.save(_key(other), _entry()), log=log) is None


# -- flags ------------------------------------------------------------------------------------------------


def _locked(scope: Scope, *seen: SealedCommit, flag: Flag = Flag.LOCKED) -> Oversight:
    frontier = Oversight.of(seen).frontier
    manager = Laptop(99, author="manager")
    return Oversight.of([manager.seal(FlagPayload(flag=flag, on=True, scope=scope, frontier=frontier))])


def test_entry_that_the_lock_had_not_seen_is_held() -> None:
    laptop = Laptop(1, author="coordinator")
    key = _key(laptop)
    before = laptop.save(key, _entry())
    known = _locked(of_subject(key.subject), before)
    after = laptop.save(key, _entry("2", before))
    assert _code(before, known=known) is None
    assert _code(after, known=known) is VerdictCode.LATE_LOCK
    frozen = _locked(of_subject(key.subject), before, flag=Flag.FROZEN)
    assert _code(after, known=frozen) is VerdictCode.LATE_FREEZE
    assert _code(laptop.save(replace(key, form="F.AE"), _entry()), known=_locked(of_form(key))) is None


def test_entry_after_an_unlock_is_plain() -> None:
    laptop, manager = Laptop(1, author="coordinator"), Laptop(2, author="manager")
    key = _key(laptop)
    lock = manager.seal(FlagPayload(flag=Flag.LOCKED, on=True, scope=of_form(key)))
    unlock = manager.seal(FlagPayload(flag=Flag.LOCKED, on=False, scope=of_form(key), bases=(ref_of(lock.id),)))
    late = laptop.save(key, _entry())
    assert _code(late, known=Oversight.of([lock])) is VerdictCode.LATE_LOCK
    assert _code(late, known=Oversight.of([unlock, lock])) is None


def test_change_of_what_was_signed_is_told_and_counts() -> None:
    laptop = Laptop(1, author="coordinator")
    key = _key(laptop)
    before = laptop.save(key, _entry())
    signature = _signature(key, Meaning.REVIEW, Oversight.of([before]).frontier)
    known = Oversight.of([Laptop(2, author="investigator").seal(signature)])
    assert _code(before, known=known) is None
    assert _code(laptop.save(key, _entry("2", before)), known=known) is VerdictCode.LATE_SIGN
    assert _code(laptop.save(replace(key, form="F.AE"), _entry()), known=known) is None


def test_entry_that_cannot_be_read_is_judged_by_author_laptop_and_site() -> None:
    laptop = Laptop(1, author="coordinator", identity_key=b"k" * 32)
    payload = payloads.DataPayload(key=_key(laptop), form_version="0" * 16, operations=(_entry(),))
    sealed = laptop.seal(payload, IDENTITY)
    assert _code(sealed) is None
    assert _code(sealed, known=_locked(of_site("001"))) is VerdictCode.LATE_LOCK
    assert _code(sealed, known=_locked(of_form(payload.key))) is None
    assert _code(sealed, known=_locked(of_form(payload.key)), identity_key=b"k" * 32) is VerdictCode.LATE_LOCK
    bad = SetItem(path=ItemPath(group="IG.NONE", item="NOTHING"), reading=Reading(value="1"))
    wrong = replace(payload, operations=(bad,), form_version=design().forms[payload.key.form].version)
    assert _code(laptop.seal(wrong, IDENTITY)) is None
    assert _code(laptop.seal(wrong)) is VerdictCode.BAD_SCHEMA
    monitor = Laptop(2, author="monitor", identity_key=b"k" * 32)
    assert _code(monitor.seal(payload, IDENTITY)) is VerdictCode.NO_ROLE


# -- bases ------------------------------------------------------------------------------------------------


def test_base_of_another_place_is_held() -> None:
    laptop = Laptop(1, author="coordinator")
    key = _key(laptop)
    first = laptop.save(key, _entry(), Mark(flag="complete", on=True))
    elsewhere = laptop.save(replace(key, form="F.AE"), _entry())
    row = laptop.save(key, AddRow(group="IG.Y", row="r"))
    bases = (first, elsewhere, row)
    ref = (ref_of(first.id),)
    fine: list[Operation] = [
        _entry("2", first),
        _entry("2", first, item="DIABP"),
        Sitting(group="IG.X", bases=ref),
        Mark(flag="complete", on=False, bases=ref),
    ]
    wrong: list[Operation] = [
        _entry("2", elsewhere),
        _entry("2", row),
        Sitting(group="IG.Y", bases=ref),
        Mark(flag="signed", on=False, bases=ref),
    ]
    for operation in fine:
        assert _code(laptop.save(key, operation), bases=bases) is None
    for operation in wrong:
        assert _code(laptop.save(key, operation), bases=bases) is VerdictCode.BAD_BASE
        assert _code(laptop.save(key, operation)) is None  # it may be on its way


# -- types ------------------------------------------------------------------------------------------------


def _of_form(form: str, item: str, value: str | None, *, row: str = "", version: str = "") -> SealedCommit:
    """Return a save of one value under today's version of a form."""
    asked = design().forms[form]
    group = next((one.oid for one in asked.groups for each in one.items if each.name == item), "IG.NONE")
    path = ItemPath(group=group, item=item, row=row)
    user = "assessor" if form == "F.B90" else "coordinator"
    return _data(user, form, SetItem(path=path, reading=Reading(value=value)), version=version or asked.version)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("SYSBP", "high"),
        ("SYSBP", "140 mmHg"),
        ("SYSBP", "<140"),
        ("SYSBP", ""),
        ("VSDTM", "2026-13-01T10:00+08:00"),
        ("VSDTM", "yesterday"),
        ("VSPOS", "PERHAPS"),
        ("NOTHING", "1"),
    ],
)
def test_value_that_is_none_of_its_item_is_held(item: str, value: str) -> None:
    assert _code(_of_form("F.VS", item, value)) is VerdictCode.BAD_SCHEMA
    assert _code(_of_form("F.VS", item, value, version="f" * 16)) is None  # a version that is not known here


@pytest.mark.parametrize("value", ["140", "99999", "-1", None, "█"])
def test_range_absence_and_redaction_hold_nothing(value: str | None) -> None:
    assert _code(_of_form("F.VS", "SYSBP", value)) is None
    assert _code(_of_form("F.VS", "SYSBP", value, row="r" * 16)) is VerdictCode.BAD_SCHEMA  # it has no rows


def test_value_is_judged_under_the_version_that_its_save_names() -> None:
    today = design().forms["F.VS"]
    before = replace(today, groups=today.groups[:1], version="0123456789abcdef")
    gone = today.groups[-1].items[-1]
    save = _data(
        "coordinator",
        "F.VS",
        SetItem(path=ItemPath(group=today.groups[-1].oid, item=gone.name), reading=Reading()),
        version=before.version,
    )
    designs = Designs(current=design(), earlier=(replace(design(), forms={"F.VS": before}, version="1" * 64),))
    found = judge(save, directory=EVERYBODY, delegations=NO_LOG, design=design(), asked=designs.asked_in)
    assert found is not None
    assert found.code is VerdictCode.BAD_SCHEMA
    assert _code(save) is None


# -- what is told -----------------------------------------------------------------------------------------


def test_what_is_told_comes_after_what_holds() -> None:
    def found(commit: SealedCommit, told: VerdictCode, known: Oversight = NO_OVERSIGHT) -> VerdictCode | None:
        verdict = judge(
            commit,
            directory=EVERYBODY,
            delegations=NO_LOG,
            design=design(),
            known=known,
            told=lambda _payload: told,
        )
        return verdict.code if verdict is not None else None

    laptop = Laptop(1, author="coordinator")
    key = _key(laptop)
    frozen = _locked(of_subject(key.subject), flag=Flag.FROZEN)
    assert found(laptop.save(key, _entry()), VerdictCode.FORK) is VerdictCode.FORK
    assert found(laptop.save(key, _entry()), VerdictCode.FORK, frozen) is VerdictCode.FORK
    assert found(laptop.save(key, _entry()), VerdictCode.CLOCK, frozen) is VerdictCode.LATE_FREEZE
    assert found(laptop.save(key, _entry()), VerdictCode.FORK, _locked(of_form(key))) is VerdictCode.LATE_LOCK
    assert found(_data("monitor", "F.VS"), VerdictCode.CLOCK) is VerdictCode.NO_ROLE
    event = Laptop(2, author="device").seal(payloads.SecurityPayload(event="sign-in"))
    assert found(event, VerdictCode.CLOCK) is VerdictCode.CLOCK
    assert TOLD <= EFFECTIVE


# -- rulings ----------------------------------------------------------------------------------------------


SERVER = Laptop(77, author="server")


def _states(commit: SealedCommit, code: str = "late_lock", effect: str = "held") -> SealedCommit:
    fields = {"commit": commit.id, "code": code, "effect": effect, "site": "001"}
    payload = payloads.ServerPayload(statement="verdict", fields=fields)
    assert verdict_statement(commit.id, code, effect, "001").body == payloads.write(payload)[1]
    return SERVER.seal(payload)


def _rules(user: str, commit: SealedCommit, *bases: SealedCommit, accept: bool) -> SealedCommit:
    ruling = AdjudicationPayload(
        commit=commit.id, accept=accept, reason="r", bases=tuple(ref_of(one.id) for one in bases)
    )
    return Laptop(random.Random(user + str(accept) + str(len(bases))).randrange(10_000), author=user).seal(ruling)


def _judged(*commits: SealedCommit) -> Judgements:
    return Judgements.of(commits, may_rule=MAY_RULE)


def _outcome(judgements: Judgements, commit: SealedCommit) -> str:
    names = ("waiting", "accepted", "declined")
    return " ".join(name for name in names if commit.id in getattr(judgements, name))


def test_ruling_decides_and_a_later_one_replaces_it() -> None:
    entry = _data("coordinator", "F.VS")
    held = _states(entry)
    assert _outcome(_judged(held), entry) == "waiting"
    accepted = _rules("manager", entry, accept=True)
    assert _outcome(_judged(held, accepted), entry) == "accepted"
    assert _judged(held, accepted).held == frozenset()
    declined = _rules("manager", entry, accepted, accept=False)
    assert _outcome(_judged(declined, accepted, held), entry) == "declined"
    assert _judged(declined, accepted, held).held == {entry.id}


def test_rulings_that_did_not_see_each_other_and_differ_leave_it_waiting() -> None:
    entry = _data("coordinator", "F.VS")
    one, two = _rules("manager", entry, accept=True), _rules("manager.b", entry, accept=False)
    judgements = _judged(_states(entry), one, two)
    assert _outcome(judgements, entry) == "waiting"
    assert len(judgements.rulings[entry.id]) == 2
    last = _rules("manager", entry, one, two, accept=True)
    assert _outcome(_judged(_states(entry), one, two, last), entry) == "accepted"


def test_ruling_of_whoever_may_not_or_that_is_held_has_no_effect() -> None:
    entry = _data("coordinator", "F.VS")
    held = _states(entry)
    assert _outcome(_judged(held, _rules("coordinator", entry, accept=True)), entry) == "waiting"
    ruling = _rules("manager", entry, accept=True)
    on_ruling = _states(ruling, "device_off")
    assert _outcome(_judged(held, ruling, on_ruling), entry) == "waiting"
    freed = _rules("manager.b", ruling, accept=True)
    assert _outcome(_judged(freed, held, ruling, on_ruling), entry) == "accepted"


def test_verdict_that_changes_nothing_holds_nothing() -> None:
    entry = _data("coordinator", "F.VS")
    judgements = _judged(_states(entry, "late_sign", "effective"))
    assert judgements.held == frozenset()
    assert [one.code for one in judgements.verdicts[entry.id]] == [VerdictCode.LATE_SIGN]


def test_effect_counts_also_of_a_code_of_a_newer_release() -> None:
    entry = _data("coordinator", "F.VS")
    judgements = _judged(_states(entry, "bad_weather", "held"))
    assert judgements.held == {entry.id}
    (verdict,) = judgements.verdicts[entry.id]
    assert (verdict.code, verdict.effect) == (VerdictCode.OTHER, "held")


def test_other_statements_are_no_verdicts() -> None:
    assert read_verdict(payloads.ServerPayload(statement="site", fields={})) is None
    assert read_verdict(payloads.ServerPayload(statement="verdict", fields={"commit": "x", "effect": "held"})) is None
    assert read_verdict(payloads.ServerPayload(statement="verdict", fields={"commit": "0" * 64})) is None


def test_every_code_has_a_sentence() -> None:
    assert set(VERDICT_WORDS) == set(VerdictCode)
    assert all(words("zh").endswith("。") for words in VERDICT_WORDS.values())


def test_adjudicating_is_refused_with_the_reason() -> None:
    entry = _data("coordinator", "F.VS")
    judgements = _judged(_states(entry))

    def rule(user: str, known: Judgements, *, accept: bool = True, reason: str = "r") -> AdjudicationPayload:
        return adjudicate(rights(user), known, entry.id, accept=accept, reason=reason, subject=None, on=TODAY)

    with pytest.raises(RightMissingError):
        rule("coordinator", judgements)
    with pytest.raises(NotHeldError):
        rule("manager", NO_JUDGEMENTS)
    with pytest.raises(RulingReasonRequiredError):
        rule("manager", judgements, reason=" ")
    first = Laptop(5, author="manager").seal(rule("manager", judgements))
    ruled = _judged(_states(entry), first)
    with pytest.raises(NotHeldError):
        rule("manager", ruled)
    assert rule("manager", ruled, accept=False).bases == (ref_of(first.id),)


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_commit_verdict_and_ruling_does_not_matter(chance: random.Random) -> None:
    laptop = Laptop(chance.randrange(1000), author="coordinator")
    subject, added = laptop.add_subject()
    key = FormKey(subject=subject, visit=VisitKey(visit="SE.BL"), form="F.VS")
    entries: list[SealedCommit] = []
    for number in range(chance.randrange(1, 5)):
        entries.append(laptop.save(key, _entry(str(number), *entries[-1:])))
    judging: list[SealedCommit] = [_states(one) for one in entries if chance.random() < 0.7]
    rulings: list[SealedCommit] = []
    for _ in range(chance.randrange(4)):
        target = chance.choice([*entries, *rulings])
        seen = [one for one in rulings if chance.random() < 0.5]
        rulings.append(
            _rules(chance.choice(["manager", "manager.b", "coordinator"]), target, *seen, accept=chance.random() < 0.6)
        )
    judging += [_states(one, "device_off") for one in rulings if chance.random() < 0.3]
    expected = Judgements.of([*judging, *rulings], may_rule=MAY_RULE)
    casebook = project(subject, [added, *entries], held=expected.held)
    everything = [added, *entries, *judging, *rulings, *judging[:1]]
    chance.shuffle(everything)
    grown, heard = Casebook(subject=subject), list[SealedCommit]()
    for commit in everything:
        heard.append(commit)
        known = Judgements.of(heard, may_rule=MAY_RULE)
        if commit.parsed.kind in {"data", "subj"}:
            grown = evolve(grown, commit, held=known.held)
        grown = with_held(grown, known.held)
    assert Judgements.of(everything, may_rule=MAY_RULE) == expected
    assert grown.forms == casebook.forms
    assert grown.held == casebook.held
    state = grown.form(key)
    assert {one.commit for one in state.held} | {one.commit for one in state.contributions} == {
        one.id for one in entries
    }


def test_moment_of_another_offset_is_judged_by_the_day_that_its_author_saw() -> None:
    moment = Moment(utc_ms=1_772_000_000_000, offset_minutes=480, boot="b", uptime_ms=0)
    assert moment.local.date() == date(2026, 2, 25)

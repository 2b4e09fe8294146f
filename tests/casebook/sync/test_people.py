"""Given sites, withdrawal, invitations made offline, and what the server finds of what arrives."""

from dataclasses import dataclass

import pytest

from casebook import payloads
from casebook.crypto import SigningKey
from casebook.errors import InvitationRefusedError, NotPermittedError
from casebook.ids import UserId, device_id, user_id
from casebook.ledger import UNBLINDING, CommitDraft, SealedCommit
from casebook.payloads import InvitationPayload, KeyGrantPayload, ServerPayload
from casebook.sync import trust
from casebook.sync.engine import PersonSigner
from casebook.sync.trust import DEVICE_AUTHOR, Directory
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, ROLES, Server, Writer, copy_of, ids, memory_study

MANAGER = user_id("manager")


@pytest.fixture
def server() -> Server:
    server = memory_study(sites=("001",))
    for site in ("002", "003", "900"):
        server.state(site, trust.site_statement(trust.Site(site=site, name=f"Site {site}")))
    server.add(MANAGER, "ROLE.DATA", "900", ("001", "002"))
    return server


@pytest.fixture
def manager(server: Server) -> Writer:
    """The sponsor's laptop with the data manager."""
    return Writer(server, MemoryLog(), site="900", user=MANAGER)


def test_person_is_given_the_chains_of_all_their_sites_and_the_laptop_alone_its_own(
    server: Server, manager: Writer
) -> None:
    first, third = Writer(server, MemoryLog()), _laptop(server, "003", "third")
    entry = first.write("1")
    secret = first.write("2", compartment=UNBLINDING)
    other = third.write("3")
    first.sync_both()
    third.sync()

    alone = manager.sync()
    by_device = {one.parsed.site for one in manager.log.commits()}
    together, unblinding = manager.sync_both()

    assert by_device == {"900"}
    assert alone.in_step
    assert [site for site, _ in together.checks] == ["001", "002", "900"]
    assert {entry.id} <= ids(manager.log)
    assert other.id not in ids(manager.log)
    assert secret.id in ids(manager.unblinding)
    assert together.in_step
    assert unblinding.in_step
    assert dict(together.checks)["001"] == first.sync().spoken_check


def _laptop(server: Server, site: str, user: str) -> Writer:
    server.add(user, "ROLE.INVESTIGATOR", site)
    return Writer(server, MemoryLog(), site=site, user=user_id(user))


def test_site_verifies_what_a_person_of_the_study_wrote_for_it(server: Server, manager: Writer) -> None:
    first = Writer(server, MemoryLog())
    written = manager.write("1", site="001")
    manager.write("2", site="002")
    manager.sync(person=manager.signer)

    report = first.sync()

    assert report.in_step
    assert written.id in ids(first.log)
    assert {one.parsed.site for one in first.log.commits()} == {"001"}
    assert [one.user for one in first.directory.given("001")] == [MANAGER]


def test_laptop_that_had_keys_before_a_site_was_given_is_introduced_there(server: Server, manager: Writer) -> None:
    third = _laptop(server, "003", "third")
    server.add(MANAGER, "ROLE.DATA", "900", ("001", "002", "003"))
    manager.write("1", site="003")
    manager.sync(person=manager.signer)

    assert third.sync().in_step
    assert manager.device in {one.parsed.device for one in third.log.commits()}


def test_commit_for_a_site_that_was_never_given_is_quarantined(server: Server, manager: Writer) -> None:
    commit = manager.write("1", site="003")

    report = manager.sync(person=manager.signer)

    assert commit.id not in ids(server.log)
    assert len(server.log.quarantined()) == 1
    assert report.notices


def test_laptops_own_key_writes_for_its_own_site_alone(server: Server, manager: Writer) -> None:
    kind, body = payloads.write(payloads.SecurityPayload(event="sign-in"))
    commit = manager.keep(CommitDraft(kind=kind, author=DEVICE_AUTHOR, body=body), manager.key, site="001")

    manager.sync(person=manager.signer)

    assert commit.id not in ids(server.log)
    assert len(server.log.quarantined()) == 1


def test_commits_of_a_chain_agree_on_their_site(server: Server, manager: Writer) -> None:
    manager.write("1", site="001")
    head = manager.heads["S", "001"]
    manager.heads["S", "002"] = head
    crossing = manager.write("2", site="002")

    manager.sync(person=manager.signer)

    assert crossing.id not in ids(server.log)
    assert len(server.log.quarantined()) == 1


def test_site_taken_away_is_no_longer_served_and_what_was_written_for_it_is_held(
    server: Server, manager: Writer
) -> None:
    first = Writer(server, MemoryLog())
    before = manager.write("1", site="001")
    manager.sync(person=manager.signer)
    taken = server.add(MANAGER, "ROLE.DATA", "900", ("002",))
    server.office.withdraw_person(taken, "001", "no longer needed")
    late = manager.write("2", site="001")
    fresh = first.write("3")
    first.sync()

    report = manager.sync(person=manager.signer)

    assert report.in_step
    assert fresh.id not in ids(manager.log)
    assert {before.id, late.id} <= ids(server.log)
    assert (server.directory.effect(before.id), server.directory.effect(late.id)) == (None, "held")
    assert first.sync().in_step
    assert late.id in ids(first.log)
    assert before.id in ids(manager.log)


def test_site_given_again_counts_again(server: Server, manager: Writer) -> None:
    taken = server.add(MANAGER, "ROLE.DATA", "900", ("002",))
    server.office.withdraw_person(taken, "001", "by mistake")
    server.add(MANAGER, "ROLE.DATA", "900", ("001", "002"))
    written = manager.write("1", site="001")

    manager.sync(person=manager.signer)
    late = Directory(server.identity)
    late.refresh(server.log)

    assert written.id in ids(server.log)
    assert server.directory.effect(written.id) is None
    assert late.withdrawn_end(written.parsed) is None


def test_order_in_which_chains_arrive_does_not_bring_an_older_account_back(server: Server) -> None:
    taken = server.add(MANAGER, "ROLE.DATA", "900", ("002",))
    server.office.withdraw_person(taken, "001", "no longer needed")
    statements = list(server.log.commits())
    for order in (("900", "002", "001"), ("001", "900", "002")):
        directory = Directory(server.identity)
        for site in order:
            directory.learn([one for one in statements if one.parsed.site == site])
        member = directory.member(MANAGER)
        assert member is not None
        assert (member.sites, member.revoked) == (("002",), False)


def test_identity_key_never_crosses_sites(server: Server, manager: Writer) -> None:
    first = Writer(server, MemoryLog())
    kind, body = payloads.write(KeyGrantPayload(site="001", device=manager.device, sealed_key=b"sealed"))
    first.keep(CommitDraft(kind=kind, author=DEVICE_AUTHOR, body=body), first.key)
    first.sync()
    manager.sync(person=manager.signer)

    assert server.directory.grant(manager.device) is None
    assert manager.directory.grant(manager.device) is None


# -- withdrawal ------------------------------------------------------------------------------------------------------


def test_withdrawn_persons_older_work_counts_and_later_work_is_taken_and_held(server: Server) -> None:
    laptop, other = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    before = laptop.write("1")
    laptop.sync()
    member = server.directory.member(AUTHOR)
    assert member is not None
    server.office.withdraw_person(member, "001", "left the study")
    after = laptop.write("2")

    report = laptop.sync(person=laptop.signer)
    other.sync()

    assert report.in_step
    assert {before.id, after.id} <= ids(other.log)
    assert [server.directory.effect(one.id) for one in (before, after)] == [None, "held"]
    assert [other.directory.effect(one.id) for one in (before, after)] == [None, "held"]


def test_branch_made_from_an_older_copy_after_the_withdrawal_is_held(server: Server) -> None:
    """A thief who puts an older copy back cannot write under numbers that were received before."""
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    older, head = copy_of(laptop.log), laptop.head
    kept = [laptop.write(str(value)) for value in range(5)]
    laptop.sync()
    device = server.directory.device(laptop.device)
    assert device is not None
    server.office.withdraw_laptop(device)
    laptop.log, laptop.head = older, head
    forged = [laptop.write(str(value)) for value in range(10, 13)]

    laptop.sync()

    assert {one.id for one in forged} <= ids(server.log)
    assert {server.directory.effect(one.id) for one in forged} == {"held"}
    assert {server.directory.effect(one.id) for one in kept} == {None}


def test_role_that_may_know_the_treatment_is_remembered(server: Server) -> None:
    server.add("blind", "ROLE.BLIND")
    server.add("once", "ROLE.INVESTIGATOR")
    server.add("once", "ROLE.BLIND")

    assert not server.directory.ever_saw_unblinding(user_id("blind"))
    assert server.directory.ever_saw_unblinding(user_id("once"))


# -- the sidecar -----------------------------------------------------------------------------------------------------


def test_key_slots_file_is_sent_when_it_changed_and_not_else(server: Server) -> None:
    laptop = Writer(server, MemoryLog())
    laptop.sync()
    sizes = []
    for sidecar in (b"slots" * 100, b"slots" * 100, b"other" * 100):
        laptop.sidecar = sidecar
        report = laptop.sync()
        sizes.append(report.sent_bytes)
        assert report.in_step
        assert server.log.setting(f"sidecar.{laptop.device}") is not None

    assert sizes[0] > sizes[1] + 500
    assert sizes[2] > sizes[1] + 500


# -- invitations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Invited:
    user: UserId
    signing: SigningKey
    commit: SealedCommit


def _invite(
    laptop: Writer,
    by: PersonSigner,
    user: str,
    *,
    role: str = "ROLE.COORDINATOR",
    paper: bytes = b"SPKI",
    device: str = "",
    name: str = "",
) -> _Invited:
    signing = SigningKey(laptop.rng.randbytes(32))
    invitation = InvitationPayload(
        user=user_id(user),
        name=name or user.title(),
        role=role,
        device=device_id(device) if device else laptop.device,
        signing=signing.public,
        sealing=laptop.sealing.public,
        paper=paper,
    )
    kind, body = payloads.write(invitation)
    commit = laptop.keep(CommitDraft(kind=kind, author=by.user, body=body), by.signing)
    return _Invited(invitation.user, signing, commit)


def _writes(laptop: Writer, invited: _Invited, text: str = "1") -> SealedCommit:
    person, user = laptop.person, laptop.user
    laptop.person, laptop.user = invited.signing, invited.user
    try:
        return laptop.write(text)
    finally:
        laptop.person, laptop.user = person, user


@pytest.fixture
def ward(server: Server) -> Writer:
    """A laptop whose certified person is the principal investigator."""
    server.add("pi", "ROLE.PI")
    return Writer(server, MemoryLog(), user=user_id("pi"))


def test_invited_persons_work_is_taken_in_the_same_exchange(server: Server, ward: Writer) -> None:
    invited = _invite(ward, ward.signer, "newcomer")
    written = _writes(ward, invited)
    more = ward.write("2")

    report = ward.sync()
    other = Writer(server, MemoryLog(), letter="B")

    assert report.in_step
    assert (report.waiting, report.notices) == (0, ())
    assert {written.id, more.id} <= ids(server.log)
    assert server.log.quarantined() == ()
    member = ward.directory.member(invited.user)
    key = ward.directory.person_key(invited.user, ward.device)
    assert member is not None
    assert key is not None
    assert (member.role, member.sees, member.site) == ("ROLE.COORDINATOR", "SIU", "001")
    assert (key.certificate, key.sealing) == (b"DER of Newcomer", ward.sealing.public)
    assert other.sync().in_step
    assert written.id in ids(other.log)


def test_invitation_is_taken_up_once(server: Server, ward: Writer) -> None:
    _invite(ward, ward.signer, "newcomer")
    ward.sync()
    count = server.log.count()
    server.log.set_setting("cursor.looked_at", "0")
    server.begin(server.log, server.unblinding)

    ward.sync()

    assert server.log.count() == count


def test_person_is_let_in_again_with_new_keys_on_the_laptop_where_they_had_some(server: Server, ward: Writer) -> None:
    first = _invite(ward, ward.signer, "newcomer")
    early = _writes(ward, first)
    ward.sync()
    again = _invite(ward, ward.signer, "newcomer")
    late = _writes(ward, again, "2")

    report = ward.sync()

    assert (report.waiting, report.notices) == (0, ())
    assert {early.id, late.id} <= ids(server.log)
    key = ward.directory.person_key(first.user, ward.device)
    assert key is not None
    assert key.signing == again.signing.public


def test_nobody_is_let_in_again_in_another_role(server: Server, ward: Writer) -> None:
    _invite(ward, ward.signer, "newcomer")
    ward.sync()
    _invite(ward, ward.signer, "newcomer", role="ROLE.INVESTIGATOR")

    ward.sync()

    assert [one.why for one in server.directory.refused_invitations()] == ["taken"]


@pytest.mark.parametrize("other_person", [False, True])
def test_two_laptops_that_invite_the_same_user_name(server: Server, ward: Writer, *, other_person: bool) -> None:
    server.add("pi.two", "ROLE.PI")
    other = Writer(server, MemoryLog(), letter="B", user=user_id("pi.two"))
    first, second = _invite(ward, ward.signer, "newcomer"), _invite(other, other.signer, "newcomer")
    good, waiting = _writes(ward, first), _writes(other, second)
    after = other.write("3")
    ward.sync()

    report = other.sync()
    again = other.sync()

    assert good.id in ids(server.log)
    assert [type(one) for one in report.notices] == [InvitationRefusedError]
    assert "belongs to somebody else" in report.notices[0].sentence()
    assert waiting.id not in ids(server.log)
    assert report.waiting == 2
    assert again.notices == ()
    assert {waiting.id, after.id} <= ids(other.log)
    (refusal,) = server.directory.refused_invitations()
    server.office.admit(refusal, None, other_person=other_person)
    assert other.sync().in_step
    assert {waiting.id, after.id} <= ids(server.log)
    effects = [server.directory.effect(one.id) for one in (waiting, after, good)]
    assert effects == ["held" if other_person else None, None, None]
    guest = PersonSigner(user=second.user, signing=second.signing)
    if other_person:
        with pytest.raises(NotPermittedError):
            other.sync(shelf=UNBLINDING, person=guest)
    else:
        assert other.sync(shelf=UNBLINDING, person=guest).in_step


@pytest.mark.parametrize(
    ("inviter", "role", "why"),
    [
        ("coordinator", "ROLE.COORDINATOR", "may not let people in"),
        ("pi", "ROLE.PI", "given by the data manager alone"),
        ("pi", "ROLE.ADMIN", "given by the data manager alone"),
        ("pi", "ROLE.DATA", "given by the data manager alone"),
        ("pi", "ROLE.KING", "given by the data manager alone"),
    ],
)
def test_invitation_that_is_not_the_inviters_to_make_is_refused_and_nothing_is_lost(
    server: Server, ward: Writer, inviter: str, role: str, why: str
) -> None:
    server.add("coordinator", "ROLE.COORDINATOR")
    signer = ward.signer
    if inviter != "pi":
        signer = PersonSigner(user=user_id(inviter), signing=SigningKey(server.rng.randbytes(32)))
        key = trust.PersonKey(user=signer.user, device=ward.device, signing=signer.signing.public, certificate=b"DER")
        server.state("001", trust.person_statement(key, "001"))
    invited = _invite(ward, signer, "newcomer", role=role)
    waiting = _writes(ward, invited)

    report = ward.sync()

    assert why in report.notices[0].sentence()
    assert report.notices[0].sentence("zh")
    assert server.directory.member(invited.user) is None
    assert invited.commit.id in ids(server.log)
    assert waiting.id not in ids(server.log)
    assert waiting.id in ids(ward.log)
    (refusal,) = server.directory.refused_invitations()
    with pytest.raises(ValueError, match="newcomer"):
        server.office.admit(refusal, None, other_person=False)
    server.office.admit(refusal, ROLES[1], other_person=False)
    assert ward.sync().in_step
    assert waiting.id in ids(server.log)
    assert server.directory.effect(waiting.id) is None


@pytest.mark.parametrize(("paper", "device", "why"), [(b"", "", "form"), (b"SPKI", "A" * 16, "device")])
def test_invitation_with_keys_that_do_not_fit_is_refused(
    server: Server, ward: Writer, paper: bytes, device: str, why: str
) -> None:
    _invite(ward, ward.signer, "newcomer", paper=paper, device=device)
    ward.sync()
    assert [one.why for one in server.directory.refused_invitations()] == [why]


def test_person_who_forgot_the_passphrase_is_let_in_again_where_they_had_keys(server: Server, ward: Writer) -> None:
    first = _invite(ward, ward.signer, "newcomer")
    before = _writes(ward, first)
    ward.sync()
    again = _invite(ward, ward.signer, "newcomer")
    after = _writes(ward, again)
    account = server.directory.revision(first.user)

    assert ward.sync().notices == ()

    key = server.directory.person_key(first.user, ward.device)
    assert key is not None
    assert key.signing == again.signing.public
    assert {before.id, after.id} <= ids(server.log)
    assert server.directory.revision(first.user) == account


@pytest.mark.parametrize("change", ["laptop", "name", "role"])
def test_nobody_is_let_in_under_a_colleagues_name(server: Server, ward: Writer, change: str) -> None:
    victim = _invite(ward, ward.signer, "newcomer")
    ward.sync()
    server.add("pi.two", "ROLE.PI")
    other = Writer(server, MemoryLog(), letter="B", user=user_id("pi.two")) if change == "laptop" else ward
    role = "ROLE.INVESTIGATOR" if change == "role" else "ROLE.COORDINATOR"
    _invite(other, other.signer, "newcomer", role=role, name="Somebody Else" if change == "name" else "Newcomer")
    other.sync()

    assert [one.why for one in server.directory.refused_invitations()] == ["taken"]
    assert [one.signing for one in server.directory.keys_of(victim.user)] == [victim.signing.public]


def test_blinded_administrator_does_not_make_an_unblinded_account(server: Server) -> None:
    server.add("admin", "ROLE.ADMIN")
    laptop = Writer(server, MemoryLog(), user=user_id("admin"))
    _invite(laptop, laptop.signer, "newcomer", role="ROLE.INVESTIGATOR")
    _invite(laptop, laptop.signer, "assessor", role="ROLE.BLIND")

    laptop.sync()

    assert server.directory.member(user_id("newcomer")) is None
    assert server.directory.member(user_id("assessor")) is not None


def test_invitation_by_somebody_who_was_withdrawn_is_held_and_not_taken_up(server: Server, ward: Writer) -> None:
    ward.sync()
    member = server.directory.member(ward.user)
    assert member is not None
    server.office.withdraw_person(member, "001", "left")
    invited = _invite(ward, ward.signer, "newcomer")

    ward.sync()
    server.log.set_setting("cursor.looked_at", "0")
    server.begin(server.log, server.unblinding)
    ward.sync()

    assert server.directory.effect(invited.commit.id) == "held"
    assert server.directory.member(invited.user) is None


# -- what the server finds -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Late:
    code: str = "late_lock"
    effect: str = "held"


def _finds_the_word_late(_: str, commit: SealedCommit) -> _Late | None:
    return _Late() if b'"late"' in commit.payload else None


@pytest.mark.parametrize("compartment", ["S", "U"])
def test_commit_is_judged_once_in_the_chain_of_its_shelf_and_site(server: Server, compartment: str) -> None:
    server.judge = _finds_the_word_late
    laptop = Writer(server, MemoryLog())
    commits = [laptop.write(text, compartment=compartment) for text in ("1", "late", "2")]
    laptop.sync_both()
    laptop.sync_both()
    log = server.log if compartment == "S" else server.unblinding
    log.set_setting("cursor.looked_at", "0")
    server.begin(server.log, server.unblinding)
    laptop.sync_both()

    found = [payloads.read(one) for one in log.commits() if b'"verdict"' in one.payload]

    fields = {"commit": commits[1].id, "code": "late_lock", "effect": "held", "site": "001"}
    assert found == [ServerPayload(statement="verdict", fields=fields)]
    assert laptop.directory.effect(commits[1].id) == "held"


def test_rebuilt_server_keeps_its_verdicts_and_states_again_what_was_lost(server: Server) -> None:
    server.judge = _finds_the_word_late
    laptop = Writer(server, MemoryLog())
    first = laptop.write("late")
    laptop.sync()
    backup = copy_of(server.log)
    second = laptop.write("late")
    laptop.sync()
    told = list(laptop.log.commits())
    laptop.log = MemoryLog()
    laptop.log.append([one for one in told if not (b'"verdict"' in one.payload and second.id.encode() in one.payload)])
    server.begin(backup)

    laptop.sync()

    assert [server.directory.effect(one.id) for one in (first, second)] == ["held", "held"]
    assert sum(b'"verdict"' in one.payload for one in server.log.commits()) == 2

"""Two shelves on one server: who is given shelf U, and what an attacker with the laptop's key learns of it."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.crypto import SigningKey
from casebook.errors import CasebookError, ChainBrokenError, NotPermittedError, SignatureBadError
from casebook.ids import user_id
from casebook.ledger import UNBLINDING, UNBLINDING_IDENTITY
from casebook.sync import messages, trust
from casebook.sync.engine import PersonSigner
from casebook.sync.frames import FrameType, pack_commits, write_frame
from casebook.sync.messages import End, Open
from casebook.sync.problems import write_problem
from casebook.sync.serving import serve
from casebook.sync.trust import Device, PersonKey
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import STUDY, Server, Writer, ids, memory_study

BLIND = user_id("blind")


def _certified(server: Server, laptop: Writer, user: str) -> PersonSigner:
    """Let a further person have keys on a laptop."""
    key = SigningKey(server.rng.randbytes(32))
    person = PersonKey(user=user_id(user), device=laptop.device, signing=key.public, certificate=b"DER")
    member = server.directory.member(person.user)
    assert member is not None
    server.office.certified(member, person)
    return PersonSigner(user=person.user, signing=key)


@pytest.fixture
def server() -> Server:
    server = memory_study()
    server.add(BLIND, "ROLE.BLIND")
    return server


@pytest.fixture
def laptop(server: Server) -> Writer:
    """A laptop on which an unblinded person has worked in both shelves, and a blinded one has keys."""
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    for value in range(5):
        laptop.write(str(value), compartment=UNBLINDING)
    laptop.write("6", compartment=UNBLINDING_IDENTITY)
    laptop.sync_both()
    return laptop


def test_each_shelf_has_its_own_log_receipts_and_chains(server: Server, laptop: Writer) -> None:
    serials = [one.serial for one in laptop.log.receipts()]

    assert {one.parsed.shelf for one in server.log.commits()} == {"S"}
    assert {one.parsed.shelf for one in server.unblinding.commits()} == {"U"}
    assert ids(server.unblinding) == ids(laptop.unblinding)
    assert serials == [1]
    assert [one.serial for one in laptop.unblinding.receipts()] == [1]


def test_work_in_shelf_u_changes_nothing_that_shelf_s_shows(laptop: Writer) -> None:
    before = laptop.sync()
    for value in range(20):
        laptop.write(str(value), compartment=UNBLINDING)
        laptop.sync(shelf=UNBLINDING, person=laptop.signer)

    after = laptop.sync()
    laptop.write("2")
    laptop.sync()

    assert (after.received_bytes, after.spoken_check) == (before.received_bytes, before.spoken_check)
    assert [one.serial for one in laptop.log.receipts()] == [1, 2]
    assert laptop.unblinding.last_serial() == 21


# -- the attack: a blinded account that holds the laptop's key -------------------------------------------------------


def _open(
    server: Server, laptop: Writer, *, shelf: str = UNBLINDING, user: str = "", person_key: str = "", nonce: str = ""
) -> Open:
    return Open(
        study=STUDY,
        device=laptop.device,
        app_version="1",
        nonce=nonce or messages.new_nonce(server.rng.randbytes),
        chains=(),
        shelf=shelf,
        user=user,
        person_key=person_key,
    )


def _ask(server: Server, body: bytes) -> bytes:
    """Send an opening and nothing else; returns the whole answer, as the carrier would give it."""
    request = [write_frame(FrameType.OPEN, body), write_frame(FrameType.END, messages.write_end(End(commits=0)))]
    try:
        return b"".join(serve(server.desk, request))
    except CasebookError as error:
        return write_problem(error)[1]


Attack = Callable[[Server, Writer, PersonSigner], bytes]


def _alone(server: Server, laptop: Writer, _: PersonSigner) -> bytes:
    return messages.write_open(_open(server, laptop), laptop.key)


def _as_myself(server: Server, laptop: Writer, blind: PersonSigner) -> bytes:
    opening = _open(server, laptop, user=blind.user, person_key=blind.signing.id)
    return messages.write_open(opening, laptop.key, blind.signing)


def _under_a_colleagues_name(server: Server, laptop: Writer, blind: PersonSigner) -> bytes:
    opening = _open(server, laptop, user=laptop.user, person_key=blind.signing.id)
    return messages.write_open(opening, laptop.key, blind.signing)


def _with_a_colleagues_key_name(server: Server, laptop: Writer, blind: PersonSigner) -> bytes:
    opening = _open(server, laptop, user=laptop.user, person_key=laptop.person.id)
    return messages.write_open(opening, laptop.key, blind.signing)


def _with_a_colleagues_name_signed_by_the_laptop(server: Server, laptop: Writer, _: PersonSigner) -> bytes:
    opening = _open(server, laptop, user=laptop.user, person_key=laptop.person.id)
    return messages.write_open(opening, laptop.key, laptop.key)


def _with_the_laptops_own_key_as_a_persons(server: Server, laptop: Writer, _: PersonSigner) -> bytes:
    opening = _open(server, laptop, user="device", person_key=laptop.key.id)
    return messages.write_open(opening, laptop.key, laptop.key)


def _with_a_signature_taken_from_shelf_s(server: Server, laptop: Writer, _: PersonSigner) -> bytes:
    """A colleague's signature over an opening of shelf S, put before one of shelf U."""
    asked = _open(server, laptop, user=laptop.user, person_key=laptop.person.id, nonce="0" * 32)
    standard = messages.write_open(replace(asked, shelf="S"), laptop.key, laptop.person)
    other = messages.write_open(asked, laptop.key)
    return other[:64] + standard[64:128] + other[128:]


ATTACKS: tuple[Attack, ...] = (
    _alone,
    _as_myself,
    _under_a_colleagues_name,
    _with_a_colleagues_key_name,
    _with_a_colleagues_name_signed_by_the_laptop,
    _with_the_laptops_own_key_as_a_persons,
    _with_a_signature_taken_from_shelf_s,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
def test_opening_of_shelf_u_by_a_blinded_account_is_refused_and_says_nothing(
    server: Server, laptop: Writer, attack: Attack
) -> None:
    blind = _certified(server, laptop, BLIND)

    before = _ask(server, attack(server, laptop, blind))
    for value in range(10):
        laptop.write(str(value), compartment=UNBLINDING)
    laptop.sync_both()
    after = _ask(server, attack(server, laptop, blind))

    assert before == after == write_problem(NotPermittedError())[1]


@given(place=st.integers(0, 2000), bit=st.integers(0, 7))
def test_opening_with_any_flipped_bit_gets_nothing_of_shelf_u(place: int, bit: int) -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1", compartment=UNBLINDING)
    laptop.sync_both()
    opening = _open(server, laptop, user=laptop.user, person_key=laptop.person.id)
    body = bytearray(messages.write_open(opening, laptop.key, laptop.person))
    body[place % len(body)] ^= 1 << bit

    answer = json.loads(_ask(server, bytes(body)))

    slug = answer["type"].rpartition(":")[2]
    assert slug in {"not-permitted", "frame-corrupt", "proto-unsupported", "study-mismatch"}


def test_replayed_opening_of_a_colleague_is_refused(server: Server, laptop: Writer) -> None:
    opening = _open(server, laptop, user=laptop.user, person_key=laptop.person.id)
    body = messages.write_open(opening, laptop.key, laptop.person)

    first, again = _ask(server, body), _ask(server, body)
    server.begin(server.log, server.unblinding)
    after_a_restart = _ask(server, body)

    assert next(iter(ids(server.unblinding)))[:16].encode() not in again
    assert len(first) > 1000
    assert again == after_a_restart == write_problem(NotPermittedError())[1]


def test_person_of_another_laptop_is_refused(server: Server, laptop: Writer) -> None:
    other = Writer(server, MemoryLog(), letter="B", certify=False)
    other.person = laptop.person

    with pytest.raises(NotPermittedError):
        other.sync(shelf=UNBLINDING, person=other.signer)


def test_withdrawn_person_is_refused(server: Server, laptop: Writer) -> None:
    member = server.directory.member(laptop.user)
    assert member is not None
    server.office.withdraw_person(member, "001", "left")

    with pytest.raises(NotPermittedError):
        laptop.sync(shelf=UNBLINDING, person=laptop.signer)
    assert laptop.sync(person=laptop.signer).in_step


def test_unknown_laptop_learns_no_more_than_a_blinded_one(server: Server) -> None:
    stranger = Writer(memory_study(2), MemoryLog())
    opening = _open(server, stranger, user="investigator.a", person_key=stranger.person.id)

    assert (
        _ask(server, messages.write_open(opening, stranger.key, stranger.person))
        == (write_problem(NotPermittedError())[1])
    )


def test_blinded_person_is_given_shelf_s(server: Server, laptop: Writer) -> None:
    blind = _certified(server, laptop, BLIND)

    report = laptop.sync(person=blind)

    assert report.in_step
    assert {one.parsed.shelf for one in laptop.log.commits()} == {"S"}


def test_forged_signature_of_a_known_person_does_not_widen_shelf_s(server: Server, laptop: Writer) -> None:
    blind = _certified(server, laptop, BLIND)
    report = laptop.sync(person=replace(blind, user=laptop.user))
    assert report.in_step
    assert [site for site, _ in report.checks] == ["001"]


def test_opening_that_the_laptop_did_not_sign_is_refused_in_either_shelf(server: Server, laptop: Writer) -> None:
    thief = SigningKey(bytes(range(32)))
    asked = _open(server, laptop, user=laptop.user, person_key=laptop.person.id)
    unblinding = messages.write_open(asked, thief, laptop.person)
    standard = messages.write_open(replace(asked, shelf="S"), thief, laptop.person)

    assert _ask(server, unblinding) == write_problem(NotPermittedError())[1]
    refusal = SignatureBadError(device=laptop.device, epoch="", sequence=0)
    assert _ask(server, standard) == write_problem(refusal)[1]


# -- what belongs to the other shelf ---------------------------------------------------------------------------------


def test_commit_of_shelf_u_does_not_enter_shelf_s_on_the_server(server: Server, laptop: Writer) -> None:
    commit = laptop.write("9", compartment=UNBLINDING)

    with pytest.raises(ChainBrokenError) as refused:
        _raise_first(server, laptop, pack_commits([commit]))

    assert refused.value.fields["device"] == laptop.device
    assert commit.id not in ids(server.log) | ids(server.unblinding)
    assert server.log.quarantined() == ()
    assert len(server.unblinding.quarantined()) == 1


def _raise_first(server: Server, laptop: Writer, body: bytes) -> None:
    opening = messages.write_open(_open(server, laptop, shelf="S"), laptop.key)
    end = messages.write_end(End(commits=1))
    frames = [(FrameType.OPEN, opening), (FrameType.COMMITS, body), (FrameType.END, end)]
    try:
        list(serve(server.desk, [write_frame(kind, content) for kind, content in frames]))
    except SignatureBadError as error:
        raise ChainBrokenError(**error.fields) from error


def test_commit_of_shelf_u_that_a_server_sends_in_shelf_s_leaves_no_byte_on_the_laptop(
    server: Server, laptop: Writer
) -> None:
    """A server that is wrong, or lies: its shelf S holds a commit of shelf U."""
    commit = laptop.write("canary", compartment=UNBLINDING)
    server.log.append([one for one in laptop.unblinding.commits() if one.parsed.device == laptop.device])
    blind = Writer(server, MemoryLog(), letter="B")

    report = blind.sync()

    assert commit.id not in ids(blind.log)
    assert blind.log.quarantined() == ()
    assert {one.parsed.shelf for one in blind.log.commits()} == {"S"}
    assert not report.in_step


# -- withdrawn laptops, lost servers ---------------------------------------------------------------------------------


def test_withdrawn_laptop_hands_in_shelf_u_too_and_is_given_nothing(server: Server, laptop: Writer) -> None:
    other = Writer(server, MemoryLog(), letter="B")
    device = server.directory.device(laptop.device)
    assert isinstance(device, Device)
    server.office.withdraw_laptop(device)
    other.write("2", compartment=UNBLINDING)
    other.sync_both()
    pending = laptop.write("3", compartment=UNBLINDING)

    standard, unblinding = laptop.sync_both()

    assert standard.withdrawn
    assert unblinding.withdrawn
    assert pending.id in ids(server.unblinding)
    assert server.directory.effect(pending.id) == "held"
    assert unblinding.pulled == 0
    verdicts = [one for one in server.log.commits() if b'"verdict"' in one.payload]
    assert verdicts == []


def test_server_rebuilt_from_nothing_is_refilled_in_both_shelves(server: Server, laptop: Writer) -> None:
    held = ids(server.unblinding)
    server.begin(MemoryLog(), MemoryLog())

    standard, unblinding = laptop.sync_both()

    assert standard.in_step
    assert unblinding.in_step
    assert ids(server.unblinding) == held


def test_statement_of_shelf_u_is_in_a_chain_of_its_own(server: Server, laptop: Writer) -> None:
    (commit, *_) = laptop.unblinding.commits()
    server.state("001", trust.verdict_statement(commit.id, "late_lock", "held", "001"), UNBLINDING)

    laptop.sync_both()

    (statement,) = [one for one in laptop.unblinding.commits() if one.parsed.kind == "srv"]
    assert (statement.parsed.site, statement.parsed.sequence, statement.parsed.compartment) == ("001", 1, "U")
    assert laptop.directory.effect(commit.id) == "held"

"""Chunks of attachments: who may send and have them; what is not theirs does not exist for them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.attachments import chunk_names
from casebook.crypto import SigningKey
from casebook.errors import (
    CasebookError,
    DeviceUnknownError,
    FrameCorruptError,
    NotPermittedError,
    SignatureBadError,
    StudyMismatchError,
)
from casebook.ids import user_id
from casebook.ledger import STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.sync import chunk_messages
from casebook.sync.attachments import (
    all_names,
    pending_attachments,
    wanted,
)
from casebook.sync.chunk_messages import ChunkAsk, ChunkState
from casebook.sync.chunk_serving import serve_chunks
from casebook.sync.engine import PersonSigner
from casebook.sync.problems import write_problem
from casebook.sync.trust import PersonKey
from tests.casebook.sync.chunk_study import PHOTO, Attacher, ChunkServer, answered, ask_of, photo, request_of
from tests.casebook.sync.study import Server, memory_study

# -- who may send and have what ----------------------------------------------------------------------------


def test_a_chunk_of_another_site_does_not_exist(laptop: Attacher, server: Server, desk: ChunkServer) -> None:
    names = chunk_names(laptop.attach(PHOTO))
    laptop.sync()
    laptop.sync_chunks()
    stranger = Attacher(server, desk, site="002")
    stranger.sync()
    unheard = "ab" * 32

    ask = ask_of(stranger, (names[0], unheard), (names[0], unheard))
    states, pieces = answered(desk, ask, request_of(ask, stranger.key))
    assert states == (ChunkState.UNKNOWN, ChunkState.UNKNOWN)
    assert pieces == b""


def test_a_stranger_s_pieces_of_a_chunk_of_another_site_are_passed_over(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    commit = laptop.attach(PHOTO)
    name = chunk_names(commit)[0]
    laptop.sync()
    stranger = Attacher(server, desk, site="002")
    stranger.sync()
    chunk = laptop.chunks[STANDARD].get(name) or b""
    ask = ask_of(stranger, (name,))

    states, _ = answered(desk, ask, request_of(ask, stranger.key, pieces=chunk_messages.pieces_of(name, chunk)))
    assert states == (ChunkState.UNKNOWN,)
    assert not desk.chunks[STANDARD].has(name)


def certified(server: Server, laptop: Attacher, user: str) -> PersonSigner:
    key = SigningKey(server.rng.randbytes(32))
    member = server.directory.member(user_id(user))
    assert member is not None
    server.office.certified(
        member, PersonKey(user=user_id(user), device=laptop.device, signing=key.public, certificate=b"DER")
    )
    return PersonSigner(user=user_id(user), signing=key)


def test_a_chunk_of_the_unblinding_shelf_is_for_those_who_see_it_alone(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    server.add("blind", "ROLE.BLIND")
    blind = certified(server, laptop, "blind")
    commit = laptop.attach(PHOTO, UNBLINDING_IDENTITY)
    names = chunk_names(commit)
    laptop.sync_both()
    assert laptop.sync_chunks(shelf=UNBLINDING).completed == 1

    refusals: set[bytes] = set()
    forged = PersonSigner(user=laptop.user, signing=blind.signing)
    for person in (blind, None, forged):
        for wish in (names, ("ab" * 32,), ()):
            ask = ask_of(laptop, names, wish, shelf=UNBLINDING, person=person)
            with pytest.raises(NotPermittedError) as refused:
                serve_chunks(desk.desk, request_of(ask, laptop.key, person))
            refusals.add(write_problem(refused.value)[1])
    assert len(refusals) == 1

    ask = ask_of(laptop, (names[0], "ab" * 32), (names[0], "ab" * 32), person=blind)
    states, pieces = answered(desk, ask, request_of(ask, laptop.key, blind))
    assert states == (ChunkState.UNKNOWN, ChunkState.UNKNOWN), "asked for through the other shelf"
    assert pieces == b""


def test_a_question_about_the_unblinding_shelf_counts_once(laptop: Attacher, desk: ChunkServer) -> None:
    names = chunk_names(laptop.attach(PHOTO, UNBLINDING_IDENTITY))
    laptop.sync_both()
    laptop.sync_chunks(shelf=UNBLINDING)
    ask = ask_of(laptop, names, names, shelf=UNBLINDING, person=laptop.signer)
    request = request_of(ask, laptop.key, laptop.signer)

    assert answered(desk, ask, request)[1]
    with pytest.raises(NotPermittedError):
        serve_chunks(desk.desk, request)


def said_of(laptop: Attacher) -> tuple[object, ...]:
    """Return what a session of the standard shelf could see of attachments."""
    return wanted(laptop.log), pending_attachments(laptop.log, laptop.chunks[STANDARD]), all_names(laptop.log)


def test_attachments_of_the_unblinding_shelf_change_nothing_in_the_other(laptop: Attacher) -> None:
    laptop.sync_both()
    before = (laptop.sync_chunks(), said_of(laptop))
    laptop.attach(PHOTO, UNBLINDING_IDENTITY)
    laptop.sync_both()
    laptop.sync_chunks(shelf=UNBLINDING)

    assert (laptop.sync_chunks(), said_of(laptop)) == before
    assert all_names(laptop.log) == frozenset()


def test_a_withdrawn_laptop_hands_in_its_photos_and_gets_none(
    laptop: Attacher, server: Server, desk: ChunkServer
) -> None:
    other = Attacher(server, desk, letter="B")
    theirs = chunk_names(other.attach(photo(1000, seed=3)))
    other.sync()
    other.sync_chunks()
    mine = chunk_names(laptop.attach(PHOTO))
    laptop.sync()
    device = server.directory.device(laptop.device)
    assert device is not None
    server.office.withdraw_laptop(device)
    laptop.sync()

    assert laptop.sync_chunks().completed >= 1
    assert all(desk.chunks[STANDARD].has(name) for name in mine)
    ask = ask_of(laptop, (), theirs)
    assert answered(desk, ask, request_of(ask, laptop.key))[1] == b""


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda ask: replace(ask, study="OTHER"), StudyMismatchError),
        (lambda ask: replace(ask, device="x" * 16), DeviceUnknownError),
        (lambda ask: replace(ask, shelf="Q"), FrameCorruptError),
        (lambda ask: replace(ask, names=tuple(f"{one:064x}" for one in range(1025))), FrameCorruptError),
        (lambda ask: replace(ask, names=("../../etc/passwd",)), FrameCorruptError),
    ],
    ids=["study", "laptop", "shelf", "too many", "a path"],
)
def test_a_question_that_is_not_right_is_refused(
    laptop: Attacher,
    desk: ChunkServer,
    spoil: Callable[[ChunkAsk], ChunkAsk],
    refusal: type[CasebookError],
) -> None:
    laptop.sync()
    with pytest.raises(refusal):
        serve_chunks(desk.desk, request_of(spoil(ask_of(laptop)), laptop.key))


def test_a_question_that_another_key_signed_is_refused(laptop: Attacher, desk: ChunkServer) -> None:
    laptop.sync()
    with pytest.raises(SignatureBadError):
        serve_chunks(desk.desk, request_of(ask_of(laptop), SigningKey(bytes(32))))


@given(data=st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    desk = ChunkServer(memory_study())
    with pytest.raises(CasebookError) as refused:
        serve_chunks(desk.desk, [data])
    write_problem(refused.value)

"""Attachments in the core: sealed chunks, the commit that names them, striking, and taking one out of the record."""

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from casebook import attachments, ledger, payloads
from casebook.attachments import (
    CHUNK_BYTES,
    MOST_BYTES,
    AttachPayload,
    SealedFile,
    StrikeAttachmentPayload,
    chunk_names,
    open_file,
    seal_file,
)
from casebook.canonical import decode_object
from casebook.crypto import SigningKey
from casebook.errors import (
    AttachmentTooLargeError,
    CommitUnreadableError,
    NothingToRedactError,
    SealBrokenError,
    SealedAwayError,
)
from casebook.ids import SubjectId, UserId
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING_IDENTITY, SealedCommit
from casebook.projection import project, with_held
from casebook.records import FormKey
from casebook.redaction import REDACTED, build_redaction
from tests.casebook.commits import Laptop, form_key, path_of

SITE_KEY = bytes(range(32))
PHOTO = random.Random(7).randbytes(3 * CHUNK_BYTES + 100)
NAME = "name tag of the mother.jpg"


def sealed_photo(content: bytes = PHOTO) -> SealedFile:
    return seal_file(content, random.Random(11).randbytes)


def payload_of(key: FormKey, sealed: SealedFile, name: str = NAME) -> AttachPayload:
    return AttachPayload(
        key=key,
        path=path_of("IT.SBP"),
        name=name,
        media_type="image/jpeg",
        size_bytes=sealed.size_bytes,
        sha256=sealed.sha256,
        chunks=tuple(name for name, _ in sealed.chunks),
        content_key=sealed.content_key,
    )


def laptop_with_photo(compartment: str = IDENTITY) -> tuple[Laptop, SubjectId, SealedCommit, SealedFile]:
    laptop = Laptop(1, identity_key=SITE_KEY)
    subject, _ = laptop.add_subject()
    sealed = sealed_photo()
    return laptop, subject, laptop.seal(payload_of(form_key(subject), sealed), compartment), sealed


def redacted(commit: SealedCommit, laptop: Laptop) -> SealedCommit:
    said = build_redaction(
        commit,
        (),
        "the photo shows a face",
        first=UserId("coordinator"),
        second=UserId("manager.b"),
        second_signer=SigningKey(bytes(32)),
        may_redact=lambda _user: True,
        identity_key=SITE_KEY,
    )
    redaction = laptop.seal(said, commit.parsed.shelf)
    return replace(commit, payload=ledger.redacted_payload(redaction))


# -- chunks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_a_file_comes_back_from_its_chunks(size: int) -> None:
    content = random.Random(size).randbytes(size)
    sealed = sealed_photo(content)
    payload = payload_of(form_key(SubjectId("s" * 16)), sealed)

    assert open_file(payload, [chunk for _, chunk in sealed.chunks]) == content
    assert all(len(chunk) <= attachments.MOST_CHUNK_BYTES for _, chunk in sealed.chunks)


def test_the_same_file_attached_twice_has_other_chunks_each_time() -> None:
    rng = random.Random(1)
    first, second = seal_file(PHOTO, rng.randbytes), seal_file(PHOTO, rng.randbytes)

    assert not {name for name, _ in first.chunks} & {name for name, _ in second.chunks}


def test_chunks_cannot_be_swapped_cut_repeated_or_taken_from_another_file() -> None:
    sealed, other = sealed_photo(), seal_file(PHOTO, random.Random(12).randbytes)
    payload = payload_of(form_key(SubjectId("s" * 16)), sealed)
    right = [chunk for _, chunk in sealed.chunks]
    foreign = [chunk for _, chunk in other.chunks]

    wrong = [list(one) for one in itertools.permutations(right) if list(one) != right]
    wrong += [right[:-1], right[1:], [*right, right[0]], [*right[:3], right[0]], [*right[:3], foreign[3]]]
    for chunks in wrong:
        with pytest.raises(SealBrokenError):
            open_file(payload, chunks)
    with pytest.raises(SealBrokenError):
        open_file(replace(payload, chunks=payload.chunks[:-1], size_bytes=3 * CHUNK_BYTES), right[:-1])
    with pytest.raises(SealBrokenError):
        open_file(replace(payload, sha256="0" * 64), right)


def test_a_file_of_more_than_twenty_mebibytes_is_refused() -> None:
    with pytest.raises(AttachmentTooLargeError) as refused:
        seal_file(bytes(MOST_BYTES + 1), random.Random(1).randbytes)

    assert "20.0 MiB" in refused.value.sentence()


# -- the commit --------------------------------------------------------------------------------------------


def test_a_commit_sealed_to_the_site_names_its_chunks_and_nothing_else_to_who_lacks_the_key() -> None:
    _, subject, commit, sealed = laptop_with_photo()

    assert commit.parsed.kind == "attach"
    assert chunk_names(commit) == tuple(name for name, _ in sealed.chunks)
    for secret in (subject, NAME, sealed.sha256, "image/jpeg"):
        assert secret.encode() not in commit.payload
    with pytest.raises(SealedAwayError):
        payloads.read(commit)
    with pytest.raises(SealedAwayError):
        payloads.read(commit, bytes(32))


@pytest.mark.parametrize("compartment", [STANDARD, IDENTITY, UNBLINDING_IDENTITY])
def test_a_commit_says_what_was_attached(compartment: str) -> None:
    _, subject, commit, sealed = laptop_with_photo(compartment)

    assert payloads.read(commit, SITE_KEY) == payload_of(form_key(subject), sealed)
    assert payloads.subject_of(commit, SITE_KEY) == subject
    assert len(chunk_names(commit)) == 4


def test_the_names_outside_a_seal_are_bound_to_it() -> None:
    _, _, commit, sealed = laptop_with_photo()
    first, second = (name.encode() for name, _ in sealed.chunks[:2])
    swapped = commit.payload.replace(first, b"x" * 64).replace(second, first).replace(b"x" * 64, second)
    forged = replace(commit, payload=swapped)

    with pytest.raises(SealedAwayError):
        ledger.open_body(forged, SITE_KEY)


def test_another_kind_and_a_strike_name_no_chunks() -> None:
    laptop, subject, commit, _ = laptop_with_photo()
    strike = StrikeAttachmentPayload(key=form_key(subject), attachment=commit.id, reason="the wrong patient")

    assert chunk_names(laptop.seal(strike, IDENTITY)) == ()
    assert chunk_names(laptop.seal(strike, STANDARD)) == ()
    assert chunk_names(laptop.add_subject("001-A002")[1]) == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, chunks=("0" * 64, "0" * 64, "1" * 64, "2" * 64)),
        lambda one: replace(one, chunks=("0" * 64,)),
        lambda one: replace(one, chunks=("../../../../etc/passwd",)),
        lambda one: replace(one, size_bytes=MOST_BYTES + 1),
        lambda one: replace(one, size_bytes=0),
        lambda one: replace(one, content_key=b"short"),
        lambda one: replace(one, sha256="XY"),
        lambda one: replace(one, media_type="Image/JPEG; x"),
    ],
    ids=["a chunk twice", "too few", "a path", "too large", "nothing", "a short key", "a hash", "a type"],
)
def test_an_attachment_whose_parts_do_not_fit_is_unreadable(change: Callable[[AttachPayload], AttachPayload]) -> None:
    laptop = Laptop(1, identity_key=SITE_KEY)
    subject, _ = laptop.add_subject()
    commit = laptop.seal(change(payload_of(form_key(subject), sealed_photo())))

    with pytest.raises(CommitUnreadableError):
        payloads.read(commit)


# -- as a form shows it ------------------------------------------------------------------------------------


def test_a_form_shows_what_is_attached_and_what_was_struck_in_any_order() -> None:
    laptop, subject, first, sealed = laptop_with_photo()
    key = form_key(subject)
    second = laptop.seal(payload_of(key, sealed, "scan.pdf"), IDENTITY)
    strike = laptop.seal(StrikeAttachmentPayload(key=key, attachment=first.id, reason="the wrong form"), IDENTITY)
    late = laptop.seal(StrikeAttachmentPayload(key=key, attachment=first.id, reason="again"), IDENTITY)

    for commits in itertools.permutations([first, second, strike, late]):
        shown = project(subject, commits, SITE_KEY).attachments(key)
        assert [(one.payload.name, one.struck_reason, one.stands) for one in shown] == [
            (NAME, "the wrong form", False),
            ("scan.pdf", None, True),
        ]
    assert project(subject, [first], SITE_KEY).attachments(form_key(subject, "F.LAB")) == ()


def test_a_held_attachment_does_not_stand_and_a_held_strike_has_no_effect() -> None:
    laptop, subject, photo, _ = laptop_with_photo()
    key = form_key(subject)
    strike = laptop.seal(StrikeAttachmentPayload(key=key, attachment=photo.id, reason="no"), IDENTITY)
    book = project(subject, [photo, strike], SITE_KEY)

    (shown,) = with_held(book, frozenset({strike.id})).attachments(key)
    assert shown.stands
    (shown,) = with_held(book, frozenset({photo.id, strike.id})).attachments(key)
    assert (shown.held, shown.stands) == (True, False)


def test_without_the_site_s_key_an_attachment_is_counted_as_sealed_away_and_never_shown() -> None:
    _, subject, photo, _ = laptop_with_photo()
    book = project(subject, [photo])

    assert book.sealed_away == 1
    assert book.attachments(form_key(subject)) == ()


# -- taken out of the record -------------------------------------------------------------------------------


def test_an_attachment_taken_out_of_the_record_loses_name_hash_key_and_chunks() -> None:
    laptop, subject, photo, sealed = laptop_with_photo()
    left = redacted(photo, laptop)

    assert left.id == photo.id
    ledger.check(left)
    payload = payloads.read(left, SITE_KEY)
    assert isinstance(payload, AttachPayload)
    assert (payload.redacted, payload.name, payload.sha256, payload.chunks) == (True, REDACTED, "", ())
    assert chunk_names(left) == ()
    assert sealed.content_key not in left.payload
    assert not any(name.encode() in left.payload for name, _ in sealed.chunks)
    with pytest.raises(SealBrokenError):
        open_file(payload, [chunk for _, chunk in sealed.chunks])
    (shown,) = project(subject, [left], SITE_KEY).attachments(form_key(subject))
    assert not shown.stands
    with pytest.raises(NothingToRedactError):
        redacted(left, laptop)


def test_a_strike_cannot_be_taken_out_of_the_record() -> None:
    laptop, subject, photo, _ = laptop_with_photo()
    strike = laptop.seal(StrikeAttachmentPayload(key=form_key(subject), attachment=photo.id, reason="no"), IDENTITY)

    with pytest.raises(NothingToRedactError):
        redacted(strike, laptop)


def test_an_unsealed_body_holds_its_fields_as_any_other() -> None:
    _, _, commit, _ = laptop_with_photo(STANDARD)

    assert decode_object(commit.payload)["ac"] == "add"

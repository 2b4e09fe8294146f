"""Older and newer releases together: what one does not know it keeps, passes on, and says so."""

from dataclasses import replace

import pytest

from casebook import ledger, payloads
from casebook.canonical import Value, decode_object, encode
from casebook.crypto import sha256
from casebook.errors import CommitUntrustedError, SignatureBadError
from casebook.ids import SubjectId, new_subject_id
from casebook.ledger import COMMIT_DOMAIN, CommitDraft, SealedCommit, head_after
from casebook.payloads import DataPayload
from casebook.projection import project
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.sync.intake import Intake
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import STUDY, Server, Writer, ids, memory_study


@pytest.fixture
def server() -> Server:
    return memory_study()


@pytest.fixture
def newer(server: Server) -> Writer:
    """A laptop that a later release runs on."""
    return Writer(server, MemoryLog(), letter="N")


@pytest.fixture
def today(server: Server) -> Writer:
    """A laptop of this release."""
    return Writer(server, MemoryLog(), letter="T")


def _key(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def _entry(subject: SubjectId, value: str = "140") -> DataPayload:
    operation = SetItem(path=ItemPath(group="IG.VS.BP1", item="SYSBP"), reading=Reading(value=value))
    return DataPayload(key=_key(subject), form_version="0" * 16, operations=(operation,))


def _body(subject: SubjectId) -> dict[str, Value]:
    return payloads.write(_entry(subject))[1]


def _says(laptop: Writer, kind: str, body: dict[str, Value]) -> SealedCommit:
    return laptop.keep(CommitDraft(kind=kind, author=laptop.user, body=body))


def _of_version(commit: SealedCommit, laptop: Writer, version: int = 2, **more: Value) -> SealedCommit:
    """Return a commit as a later version of the record format writes it: with more fields, and another payload."""
    payload = encode({"s": "x", "la": "a payload that is written in another way"})
    header = decode_object(commit.header) | {"v": version, "ph": sha256(payload).hex(), **more}
    written = encode(header)
    return SealedCommit(written, payload, laptop.person.sign(COMMIT_DOMAIN, written))


def _subject(laptop: Writer) -> SubjectId:
    return new_subject_id(laptop.rng.randbytes)


# -- commits of a newer release ---------------------------------------------------------------------------


def test_unknown_kind_and_operation_are_kept_forwarded_and_harm_no_other(
    server: Server, newer: Writer, today: Writer
) -> None:
    subject = _subject(newer)
    before = _says(newer, "data", _body(subject))
    kind = _says(newer, "orbit", {"s": subject, "wh": "a kind of a later release"})
    body = _body(subject)
    operation = _says(newer, "data", body | {"o": [*_operations(body), ["%", "a later operation"]]})
    after = _says(newer, "data", payloads.write(_entry(subject, "150"))[1])
    newer.sync()
    today.sync()

    made = {before.id, kind.id, operation.id, after.id}
    assert made <= ids(server.log)
    assert made <= ids(today.log)
    casebook = project(subject, today.log.commits(subject))
    assert casebook.commits == made
    assert casebook.unknown == 2
    standing = casebook.form(_key(subject)).contributions
    assert {one.commit for one in standing} == {before.id, after.id}


def _operations(body: dict[str, Value]) -> list[Value]:
    operations = body["o"]
    assert isinstance(operations, list)
    return operations


def test_record_of_a_later_version_is_kept_forwarded_and_its_chain_goes_on(
    server: Server, newer: Writer, today: Writer
) -> None:
    subject = _subject(newer)
    first = _says(newer, "data", _body(subject))
    commits = [first]
    for number in range(3):
        sealed = newer.seal(CommitDraft(kind="data", author=newer.user, body=_body(subject)))
        commits.append(_of_version(sealed, newer, zz=["more", number]))
        newer.head = head_after(commits[-1])
    newer.log.append(commits[1:])
    last = _says(newer, "data", payloads.write(_entry(subject, "150"))[1])
    newer.sync()
    today.sync()

    assert list(today.log.chain(newer.device, newer.head.epoch)) == [*commits, last]
    assert [one.parsed.version for one in server.log.chain(newer.device, newer.head.epoch)] == [1, 2, 2, 2, 1]
    assert today.log.quarantined() == server.log.quarantined() == ()
    assert payloads.read(commits[1]) is None
    assert server.directory.effect(commits[1].id) is None


def test_record_of_a_later_version_that_somebody_else_signed_is_refused(server: Server, newer: Writer) -> None:
    sealed = newer.seal(CommitDraft(kind="data", author=newer.user, body=_body(_subject(newer))))
    forged = replace(_of_version(sealed, newer), signature=bytes(64))
    with pytest.raises(CommitUntrustedError):
        ledger.verify(forged, newer.person.public)
    intake = Intake(server.log, server.directory, STUDY, takes=lambda _: True)
    with pytest.raises(SignatureBadError):
        intake.take([forged])
    assert not server.log.has(forged.id)
    assert len(server.log.quarantined()) == 1

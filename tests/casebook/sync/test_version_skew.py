"""Older and newer releases together: what one does not know it keeps, passes on, and says so."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from casebook import ledger, payloads
from casebook.canonical import Value, decode_object, encode
from casebook.crypto import sha256
from casebook.errors import CommitUntrustedError, ProtocolUnsupportedError, SignatureBadError
from casebook.ids import SubjectId, new_subject_id
from casebook.ledger import COMMIT_DOMAIN, CommitDraft, SealedCommit, head_after
from casebook.payloads import DataPayload
from casebook.projection import project
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.sync import messages
from casebook.sync.frames import Frame, FrameParser, FrameType, write_frame
from casebook.sync.intake import Intake
from casebook.sync.messages import End, Open
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


# -- other versions of the protocol -----------------------------------------------------------------------


def _opening(laptop: Writer, lowest: int, highest: int, **more: Value) -> bytes:
    """Return the opening of a laptop that speaks a range of versions, with fields that this release does not know."""
    opening = Open(
        study=STUDY,
        device=laptop.device,
        app_version="9.0.0",
        nonce=laptop.rng.randbytes(8).hex(),
        chains=(),
        shelf="S",
        user=laptop.user,
        person_key=laptop.person.id,
        protocol=(lowest, highest),
    )
    body = decode_object(messages.write_open(opening, laptop.key, laptop.person)[2 * ledger.SIGNATURE_BYTES :])
    content = encode(body | more)
    signed = laptop.key.sign(messages.OPEN_DOMAIN, content) + laptop.person.sign(messages.OPEN_PERSON_DOMAIN, content)
    return write_frame(FrameType.OPEN, signed + content) + write_frame(
        FrameType.END, messages.write_end(End(commits=0))
    )


def test_newer_laptop_that_speaks_this_version_too_is_served(server: Server, newer: Writer) -> None:
    answer = b"".join(server.send([_opening(newer, 1, 2, v=2, zz=["said", "by a later release"])]))
    frames = list(FrameParser().feed(answer))
    assert frames[0].type is FrameType.HELLO
    assert FrameType.COMMITS in {one.type for one in frames}


def test_newer_laptop_that_speaks_only_later_versions_is_told(server: Server, newer: Writer) -> None:
    with pytest.raises(ProtocolUnsupportedError) as refused:
        b"".join(server.send([_opening(newer, 2, 3)]))
    assert refused.value.sentence("zh")


class NewerServer:
    """A server of a later release: what it says of itself has fields that this release does not know."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.changed = 0

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        answer = b"".join(self._server.send([b"".join(request)]))
        for frame in FrameParser().feed(answer):
            yield write_frame(frame.type, self._later(frame))

    def _later(self, frame: Frame) -> bytes:
        if frame.type is not FrameType.HELLO:
            return frame.body
        self.changed += 1
        content = encode(decode_object(frame.body[ledger.SIGNATURE_BYTES :]) | {"pr": [1, 2], "zz": "more"})
        return self._server.receipts.sign(messages.HELLO_DOMAIN, content) + content


def test_laptop_of_today_is_served_by_a_newer_server(server: Server, today: Writer) -> None:
    peer = NewerServer(server)
    written = today.write("142")
    today.sync(peer)
    assert peer.changed >= 1
    assert written.id in ids(server.log)
    assert today.log.custody(today.device, today.head.epoch) == 1

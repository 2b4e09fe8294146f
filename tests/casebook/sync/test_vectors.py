"""What protocol 1 looks like on the wire. The file changes only with the protocol's number."""

import json
from functools import cache
from pathlib import Path

from casebook import crypto
from casebook.crypto import SigningKey
from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead, SealedCommit
from casebook.sync import brief, enrolment, frames, messages, spoken, wire_words
from casebook.sync.brief import Asked, Brief
from casebook.sync.enrolment import EnrolRequest, PersonRequest, Secret
from casebook.sync.frames import FrameType
from casebook.sync.messages import End, HeldChain, Hello, Open, Receipt

_DEVICE = DeviceId("A" * 16)
_HEAD = ChainHead(device=_DEVICE, epoch=Epoch("B" * 6), sequence=7, id=CommitId("0f" * 32))


@cache
def _vectors() -> dict[str, str]:
    text = (Path(__file__).parents[2] / "vectors" / "sync_v1.json").read_text(encoding="utf-8")
    vectors: dict[str, str] = json.loads(text)
    return vectors


def _key() -> SigningKey:
    return SigningKey(bytes.fromhex(_vectors()["key"]))


def _bytes(name: str) -> bytes:
    return bytes.fromhex(_vectors()[name])


def test_messages_of_protocol_1_are_read_and_written_as_ever() -> None:
    key, person = _key(), SigningKey(bytes(range(1, 33)))
    opening = Open(
        study="RELOW1",
        device=_DEVICE,
        app_version="0.1.0",
        nonce="00",
        chains=(HeldChain(head=_HEAD, receipted=3),),
        shelf="U",
        user="investigator.a",
        person_key=person.id,
        sidecar_hash="0a" * 32,
    )
    hello = Hello(
        study="RELOW1",
        nonce="00",
        now_ms=1,
        knows_device=True,
        heads=(_HEAD,),
        sites=("001", "002"),
        waiting=2,
        withdrawn=True,
        wants_sidecar=True,
    )
    receipt = Receipt(study="RELOW1", serial=9, head=_HEAD, at_ms=1)

    assert messages.write_open(opening, key, person) == _bytes("open")
    assert messages.read_open(_bytes("open")) == opening
    assert messages.write_hello(hello, key) == _bytes("hello")
    assert messages.read_hello(_bytes("hello"), key.public, "00") == hello
    assert messages.write_receipt(receipt, key) == _bytes("receipt")
    assert messages.read_receipt(_bytes("receipt"), key.public) == receipt
    assert frames.write_frame(FrameType.END, messages.write_end(End(commits=3))) == _bytes("end_frame")
    assert messages.spoken_check([_HEAD]) == _vectors()["spoken_check"]


def test_short_words_of_protocol_1_are_read_and_written_as_ever() -> None:
    key, person = _key(), SigningKey(bytes(range(1, 33)))
    digest = brief.digest_of(
        (HeldChain(head=_HEAD, receipted=3),), sites=("002", "001"), server_epoch="cccccc", sidecar_hash="0a" * 32
    )
    opening = Brief(signer=person.id, by_person=True, nonce="00" * 8, digest=digest, shelf="U")
    by_laptop = Brief(signer=_DEVICE, by_person=False, nonce="00" * 8, digest=digest)
    hello = Hello(
        study="RELOW1",
        nonce="00" * 8,
        now_ms=1_700_000_000_000,
        knows_device=True,
        heads=(_HEAD,),
        sites=("001",),
        server_epoch="cccccc",
        backup_serial=4,
        backup_at_ms=5,
        retry_s=6,
        credit_bytes=7,
        knows_heads=True,
    )
    asked = Asked(study="RELOW1", nonce="00" * 8, sites=("001",), server_epoch="cccccc")
    receipt = Receipt(study="RELOW1", serial=9, head=_HEAD, at_ms=hello.now_ms + 2, server_epoch="cccccc")

    assert digest == _bytes("digest")
    assert brief.write_brief(opening, "RELOW1", person) == _bytes("brief")
    assert brief.read_brief(_bytes("brief")) == opening
    assert brief.brief_holds(person.public, "RELOW1", _bytes("brief"))
    assert brief.write_brief(by_laptop, "RELOW1", key) == _bytes("brief_of_laptop")
    assert brief.read_brief(_bytes("brief_of_laptop")) == by_laptop
    assert brief.write_greeting(hello, key) == _bytes("greeting")
    assert brief.read_greeting(_bytes("greeting"), key.public, asked) == hello
    assert brief.write_mark(receipt, [_HEAD], hello.now_ms, key) == _bytes("mark")
    assert brief.read_mark(_bytes("mark"), [_HEAD], hello) == messages.write_receipt(receipt, key)


def test_commits_of_protocol_1_are_read_as_ever() -> None:
    plain = SealedCommit(b"header", b"payload", bytes(range(64)))
    entries = tuple(
        SealedCommit(bytes.fromhex(header), bytes.fromhex(payload), bytes(range(64)))
        for header, payload in zip(_vectors()["headers"].split(), _vectors()["payloads"].split(), strict=True)
    )

    assert frames.unpack_commits(_bytes("commits")) == (plain,)
    assert frames.unpack_commits(_bytes("entries")) == entries
    assert frames.unpack_commits(_bytes("entry_after"), lambda _: entries[0]) == entries[1:]


def test_words_that_frames_are_packed_with_never_change() -> None:
    assert crypto.sha256(wire_words.WORDS.encode("ascii")).hex() == _vectors()["words_sha256"]


def test_codes_and_requests_of_protocol_1_are_written_as_ever() -> None:
    key = _key()
    secret, personal = Secret(text="ABCDEFGHJKMN"), Secret(text="ABCDEFGHJKMNPQR")
    enrol = EnrolRequest(
        slot=secret.slot, device=_DEVICE, signing=key.public, sealing=bytes(32), name="病房", app_version="0.1.0"
    )
    person = PersonRequest(slot=personal.slot, device=_DEVICE, signing=key.public, paper=b"DER", sealing=bytes(32))

    assert spoken.grouped(spoken.with_check(secret.text + "0123456789ABCDEFGHJ")) == _vectors()["enrolment_code"]
    assert enrolment.personal_code(personal) == _vectors()["personal_code"]
    assert enrolment.write_enrol_request(enrol, secret, key) == _bytes("enrol_request")
    assert enrolment.write_person_request(person, personal, key) == _bytes("person_request")

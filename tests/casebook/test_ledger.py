"""Commits: sealing, chains, verification, the identity compartment, frozen vectors."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

from casebook import crypto, ledger, payloads
from casebook.errors import CasebookError, CommitUnreadableError, SealedAwayError
from casebook.ledger import SealedCommit
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Document,
    Fired,
    Mark,
    MissingCode,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)

from .commits import Laptop, form_key, path_of, set_item

VECTORS = Path(__file__).parents[1] / "vectors" / "record_v1.json"


def _history(laptop: Laptop) -> list[SealedCommit]:
    subject, added = laptop.add_subject()
    key = form_key(subject)
    first = laptop.save(key, set_item("SYSBP", "140 mmHg"), Mark(flag="complete", on=True))
    every_kind = laptop.save(
        key,
        set_item("SYSBP", "145 mmHg", first, reason="TRANSCRIPTION"),
        SetItem(path=path_of("HR"), reading=Reading(missing=MissingCode.NOT_DONE)),
        Sitting(group="IG.VS", bases=(ledger.head_after(first).id[:32],)),  # type: ignore[index,arg-type]
        AddRow(group="IG.LOG", row="r1"),
        StrikeRow(group="IG.LOG", row="r1", reason="entered twice 重复"),
        Calculated(path=path_of("MAP"), value="98.3"),
        Confirmation(check="EC051", path=path_of("SYSBP"), value="145 mmHg", reason="confirmed"),
        Document(name="a.pdf", sha256="0" * 64, size_bytes=10, media_type="application/pdf"),
        reason="one reason",
    )
    blob = laptop.seal(payloads.BlobPayload(key=key, name="a.pdf", media_type="application/pdf", content=b"%PDF"))
    sec = laptop.seal(payloads.SecurityPayload(event="unlock", fields={"how": "passphrase"}))
    trace = laptop.save(
        key,
        Fired(check="EC051", path=path_of("SYSBP"), fires=True),
        Fired(check="EC901", path=path_of("HIGH", "IG.LOG", "r1"), fires=False),
    )
    return [added, first, every_kind, blob, sec, trace]


def test_chain_verifies_with_its_author_s_key() -> None:
    laptop = Laptop(1)
    previous = None
    for sequence, commit in enumerate(_history(laptop), start=1):
        header = ledger.verify(commit, laptop.signer.public)
        assert (header.sequence, header.previous) == (sequence, previous)
        previous = commit.id


def test_payload_survives_sealing() -> None:
    laptop = Laptop(2)
    for commit in _history(laptop):
        payload = payloads.read(commit)
        assert payload is not None
        kind, body = payloads.write(payload)
        assert kind == commit.parsed.kind
        assert {**body, "n": ledger.open_body(commit, None)["n"]} == ledger.open_body(commit, None)


def test_any_flipped_bit_breaks_verification() -> None:
    laptop = Laptop(3)
    commit = _history(laptop)[1]
    parts = {"header": commit.header, "payload": commit.payload, "signature": commit.signature}
    for name, data in parts.items():
        for position in range(len(data)):
            flipped = bytearray(data)
            flipped[position] ^= 1 << (position % 8)
            changed = dataclasses.replace(commit, **{name: bytes(flipped)})
            with pytest.raises(CasebookError):
                ledger.verify(changed, laptop.signer.public)


def test_another_person_s_key_does_not_verify() -> None:
    laptop = Laptop(4)
    commit = _history(laptop)[0]
    with pytest.raises(CasebookError, match=r"commit\.untrusted"):
        ledger.verify(commit, crypto.SigningKey.generate().public)


def test_signature_of_one_domain_is_no_signature_of_another() -> None:
    key = crypto.SigningKey.generate()
    signature = key.sign("CRF-receipt-v1", b"header")
    assert not crypto.signature_holds(key.public, ledger.COMMIT_DOMAIN, b"header", signature)


def test_identity_payload_opens_only_with_the_site_key() -> None:
    laptop = Laptop(5, identity_key=os.urandom(32))
    subject, _ = laptop.add_subject()
    payload = payloads.DataPayload(
        key=form_key(subject, "F.CONTACT"), form_version="0" * 16, operations=(set_item("NAME", "参与者甲"),)
    )
    commit = laptop.seal(payload, ledger.IDENTITY)
    assert payloads.read(commit, laptop.identity_key) == payload
    assert b"F.CONTACT" not in commit.header + commit.payload
    assert subject.encode() not in commit.header + commit.payload
    ledger.verify(commit, laptop.signer.public)
    for key in (None, os.urandom(32)):
        with pytest.raises(SealedAwayError):
            payloads.read(commit, key)


def test_identity_commit_is_not_sealed_without_the_site_key() -> None:
    laptop = Laptop(6)
    with pytest.raises(SealedAwayError):
        laptop.seal(payloads.SecurityPayload(event="x"), ledger.IDENTITY)


def test_unknown_kind_is_kept_and_not_read() -> None:
    laptop = Laptop(7)
    commit = ledger.seal(
        ledger.CommitDraft(kind="newkind", author=laptop.author, body={"zz": 1}),  # type: ignore[arg-type]
        after=laptop.head,
        sealer=ledger.Sealer(
            study="RELOW1", site="001", app_version="9", signer=laptop.signer, random_bytes=os.urandom
        ),
        moment=_history(laptop)[0].parsed.moment,
    )
    ledger.verify(commit, laptop.signer.public)
    assert payloads.read(commit) is None


def test_payload_over_the_limit_is_refused() -> None:
    laptop = Laptop(8)
    subject, _ = laptop.add_subject()
    with pytest.raises(CommitUnreadableError):
        laptop.seal(
            payloads.BlobPayload(
                key=form_key(subject), name="x", media_type="x", content=bytes(ledger.MAX_PAYLOAD_BYTES)
            )
        )


def test_same_value_twice_has_different_payload_hashes() -> None:
    laptop = Laptop(9)
    subject, _ = laptop.add_subject()
    one = laptop.save(form_key(subject), set_item("SEX", "F"))
    two = laptop.save(form_key(subject), set_item("SEX", "F"))
    assert one.parsed.payload_sha256 != two.parsed.payload_sha256


def test_frozen_vectors_are_still_written_and_read() -> None:
    laptop = Laptop(42)
    made = [
        {"id": c.id, "header": c.header.decode(), "payload": c.payload.decode(), "signature": c.signature.hex()}
        for c in _history(laptop)
    ]
    frozen = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert made == frozen["commits"]
    for row in frozen["commits"]:
        commit = SealedCommit(row["header"].encode(), row["payload"].encode(), bytes.fromhex(row["signature"]))
        assert commit.id == row["id"]
        ledger.verify(commit, bytes.fromhex(frozen["public_key"]))

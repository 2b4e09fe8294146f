"""Commits: sealing, chains, verification, the identity compartment, frozen vectors."""

import dataclasses
import json
import os
from datetime import date
from pathlib import Path

import pytest

from casebook import crypto, ledger, payloads
from casebook.errors import CasebookError, CommitUnreadableError, SealedAwayError
from casebook.ids import UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Document,
    Fired,
    FormKey,
    Mark,
    MissingCode,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)
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
    SignedForm,
    SignPayload,
    SupervisionPayload,
    of_form,
    of_item,
    of_site,
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
    said = [laptop.seal(payload) for payload in _said(key, first, every_kind)]
    return [added, first, every_kind, blob, sec, trace, *said]


def _said(key: FormKey, first: SealedCommit, second: SealedCommit) -> list[SupervisionPayload]:
    """One act of each kind about entries and people."""
    mark = ChainMark(device=first.parsed.device, epoch=first.parsed.epoch, sequence=3)
    item = of_item(key, path_of("SYSBP"))
    return [
        QueryPayload(query="Qquery-0_aaaaaaa", act=QueryAct.OPEN, target=item, text="请核对 source", code="SDV"),
        QueryPayload(query="0" * 32, act=QueryAct.ANSWER, target=of_form(key), bases=(ref_of(second.id),)),
        FlagPayload(flag=Flag.VERIFIED, on=True, scope=item, frontier=(mark,)),
        FlagPayload(flag=Flag.LOCKED, on=True, scope=of_site("001"), reason="closed", bases=(ref_of(first.id),)),
        SignPayload(
            subject=key.subject,
            meaning=Meaning.AUTHORSHIP,
            statement={"en": "I wrote this.", "zh": "由我填写。"},
            name="Investigator",
            role="Investigator",
            authentication=Authentication.FULL,
            forms=(SignedForm(key=key, digests={"S": "0" * 64, "U": "1" * 64}),),
            frontier=(mark,),
            pdf="2" * 64,
        ),
        AdjudicationPayload(commit=second.id, accept=False, reason="late", subject=key.subject),
        DelegationPayload(
            entry="Ddelegation-0_aa",
            act=DelegationAct.ADD,
            person=UserId("coordinator"),
            role="ROLE.COORDINATOR",
            rights=("answer", "enter"),
            start=date(2026, 3, 1),
            end=date(2026, 12, 31),
        ),
    ]


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

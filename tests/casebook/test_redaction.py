"""Taking a value out of the record: two people, a reason, and every copy forgets it."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from casebook import ledger, payloads
from casebook.canonical import decode_object, encode
from casebook.crypto import SigningKey, key_id, sha256
from casebook.errors import (
    CommitUntrustedError,
    NothingToRedactError,
    ReasonRequiredError,
    SecondSignerRefusedError,
)
from casebook.ids import SubjectId, UserId, new_subject_id
from casebook.ledger import CommitDraft, SealedCommit
from casebook.payloads import BlobPayload, DataPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.redaction import REDACTED, Authority, RedactionPayload, build_redaction, check_redaction
from casebook.store import CommitLog
from casebook.store.commit_log import SqlcipherLog
from casebook.sync import trust
from casebook.sync.redactions import authority_of, take_redactions
from casebook.sync.trust import PersonKey, StaffMember
from casebook.verification import Fault, verify_logs
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import AUTHOR, STUDY, Server, Writer, memory_study

KEY, SALT = bytes(range(32)), bytes(range(16))
SECOND = UserId("manager.b")
SECRET = "telephone 138 0000 0000"
PHONE = ItemPath(group="IG.VS", item="TEXT")


class Ward(Writer):
    """A laptop with two certified people, one save of two items, and a way to redact."""

    def __init__(self, server: Server, log: CommitLog, letter: str = "A") -> None:
        super().__init__(server, log, letter=letter)
        self.second = SigningKey(server.rng.randbytes(32))
        server.state(
            "001", trust.user_statement(StaffMember(user=SECOND, name="Manager B", role="ROLE.DM", site="001"))
        )
        server.state(
            "001",
            trust.person_statement(
                PersonKey(
                    user=SECOND,
                    device=self.device,
                    signing=self.second.public,
                    sealing=bytes(32),
                    certificate=b"DER",
                ),
                "001",
            ),
        )
        self.subject: SubjectId = new_subject_id(self.rng.randbytes)
        self.form = FormKey(subject=self.subject, visit=VisitKey(visit="SE.V1"), form="F.VS")

    def put(self, payload: payloads.Payload, *, compartment: str = ledger.STANDARD) -> SealedCommit:
        kind, body = payloads.write(payload)
        commit = self.seal(CommitDraft(kind=kind, author=AUTHOR, body=body, compartment=compartment))
        self.log.append([commit])
        return commit

    def save_secret(self, *, compartment: str = ledger.STANDARD) -> SealedCommit:
        operations = (
            SetItem(path=PHONE, reading=Reading(value=SECRET), reason=f"because {SECRET}"),
            SetItem(path=replace(PHONE, item="SYSBP"), reading=Reading(value="140")),
        )
        return self.put(
            DataPayload(key=self.form, form_version="0" * 16, operations=operations), compartment=compartment
        )

    def redaction(self, commit: SealedCommit, *paths: ItemPath, second: UserId = SECOND) -> RedactionPayload:
        return build_redaction(
            commit,
            paths or (PHONE,),
            "A telephone number in a free text",
            first=AUTHOR,
            second=second,
            second_signer=self.second,
            may_redact=lambda _user: True,
            identity_key=self.identity_key,
        )

    def redact(self, commit: SealedCommit) -> SealedCommit:
        """Seal a redaction and carry it out here, as a session does."""
        self.directory.refresh(self.server.log)
        made = self.put(self.redaction(commit))
        assert take_redactions(self.log, self.directory, [made]) == (commit.id,)
        return made


@pytest.fixture
def server() -> Server:
    return memory_study()


@pytest.fixture
def ward(server: Server) -> Ward:
    return Ward(server, MemoryLog())


def texts(commit: SealedCommit, identity_key: bytes | None = None) -> list[str | None]:
    payload = payloads.read(commit, identity_key)
    assert isinstance(payload, DataPayload)
    return [one.reading.value for one in payload.operations if isinstance(one, SetItem)]


# -- making one -----------------------------------------------------------------------------------------


def test_what_is_left_has_the_other_values_and_neither_the_words_nor_the_salt(ward: Ward) -> None:
    commit = ward.save_secret()
    left = ward.redaction(commit).content
    assert SECRET.encode() not in left
    body = decode_object(left)
    assert body["n"] == ""
    assert REDACTED in left.decode()
    assert '"140"' in left.decode()
    assert str(decode_object(commit.payload)["n"]) not in left.decode()


def test_identity_data_stay_sealed(ward: Ward) -> None:
    commit = ward.save_secret(compartment=ledger.IDENTITY)
    ward.redact(commit)
    held = ward.log.commit(commit.id)
    assert texts(held, ward.identity_key) == [REDACTED, "140"]
    assert b'"140"' not in ledger.content_of(held)


def test_a_document_goes_as_a_whole(ward: Ward) -> None:
    blob = ward.put(BlobPayload(key=ward.form, name="a.pdf", media_type="application/pdf", content=b"secret words"))
    made = build_redaction(
        blob,
        (),
        "Another person's paper",
        first=AUTHOR,
        second=SECOND,
        second_signer=ward.second,
        may_redact=lambda _user: True,
    )
    assert b'"x":""' in made.content


def test_refusals(ward: Ward) -> None:
    commit = ward.save_secret()

    def make(**given: object) -> RedactionPayload:
        words = {"first": AUTHOR, "second": SECOND, "reason": "why", "paths": (PHONE,), "may": True} | given
        paths, reason = words["paths"], words["reason"]
        assert isinstance(paths, tuple)
        return build_redaction(
            commit,
            paths,
            str(reason),
            first=UserId(str(words["first"])),
            second=UserId(str(words["second"])),
            second_signer=ward.second,
            may_redact=lambda _user: bool(words["may"]),
        )

    assert make().second == SECOND
    with pytest.raises(ReasonRequiredError):
        make(reason="  ")
    for wrong in ({"second": AUTHOR}, {"may": False}, {"second": "device"}):
        with pytest.raises(SecondSignerRefusedError):
            make(**wrong)
    for nowhere in ((), (replace(PHONE, item="NONE"),), (PHONE, replace(PHONE, row="x"))):
        with pytest.raises(NothingToRedactError):
            make(paths=nowhere)
    ward.redact(commit)
    with pytest.raises(NothingToRedactError):
        ward.redaction(ward.log.commit(commit.id))


# -- believing one --------------------------------------------------------------------------------------


def authority(ward: Ward) -> Authority:
    ward.directory.refresh(ward.server.log)
    return authority_of(ward.directory)


def test_both_signatures_the_content_and_the_person_count(ward: Ward) -> None:
    commit = ward.save_secret()
    good = ward.redaction(commit)
    assert check_redaction(ward.put(good), authority(ward)) == good
    other = SigningKey(random.Random(8).randbytes(32))
    flipped = bytes([good.second_signature[0] ^ 1]) + good.second_signature[1:]
    for wrong in (
        replace(good, second_signature=flipped),
        replace(good, reason="Another reason"),
        replace(good, second=AUTHOR),
        replace(good, second=UserId("nobody")),
        replace(good, second_key=key_id(other.public)),
        replace(good, content=good.content.replace(b"140", b"150")),
        replace(good, paths=()),
    ):
        with pytest.raises(CommitUntrustedError):
            check_redaction(ward.put(wrong), authority(ward))


def test_one_that_is_not_believed_has_no_effect_and_stays_in_its_chain(ward: Ward) -> None:
    commit = ward.save_secret()
    wrong = ward.put(replace(ward.redaction(commit), reason="Another reason"))
    authority(ward)
    assert take_redactions(ward.log, ward.directory, [wrong]) == ()
    assert texts(ward.log.commit(commit.id)) == [SECRET, "140"]
    report = verify_logs({"S": with_statements(ward)}, ward.server.identity, STUDY)
    assert [(one.fault, one.commit) for one in report.problems] == [(Fault.REDACTION, wrong.id)]


def with_statements(ward: Ward) -> CommitLog:
    ward.log.append([one for one in ward.server.log.commits() if one.parsed.kind == "srv"])
    return ward.log


def test_header_signature_and_chain_still_verify(ward: Ward) -> None:
    commit = ward.save_secret()
    ward.write()
    ward.redact(commit)
    held = ward.log.commit(commit.id)
    assert (held.id, held.header, held.signature) == (commit.id, commit.header, commit.signature)
    ledger.verify(held, ward.person.public)
    assert texts(held) == [REDACTED, "140"]
    report = verify_logs({"S": with_statements(ward)}, ward.server.identity, STUDY)
    assert report.holds, report.lines("en")


def test_a_payload_that_only_looks_redacted_is_told(ward: Ward) -> None:
    commit, other = ward.save_secret(), ward.save_secret()
    redaction = ward.redact(other)
    lie = SealedCommit(commit.header, ledger.redacted_payload(redaction), commit.signature)
    with pytest.raises(CommitUntrustedError):
        ledger.check(lie)
    body = decode_object(redaction.payload) | {"cm": commit.id}
    forged = SealedCommit(redaction.header, encode(body), redaction.signature)
    with pytest.raises(CommitUntrustedError):
        ledger.check(SealedCommit(commit.header, ledger.redacted_payload(forged), commit.signature))


def test_a_value_that_was_redacted_but_is_still_there_is_told(ward: Ward) -> None:
    commit = ward.save_secret()
    ward.put(ward.redaction(commit))
    report = verify_logs({"S": with_statements(ward)}, ward.server.identity, STUDY)
    assert [(one.fault, one.commit) for one in report.problems] == [(Fault.NOT_REDACTED, commit.id)]


# -- travelling -----------------------------------------------------------------------------------------


def test_the_server_and_the_other_laptop_forget_it_too(server: Server, ward: Ward) -> None:
    other = Ward(server, MemoryLog(), letter="B")
    commit = ward.save_secret()
    ward.sync()
    other.sync()
    assert texts(other.log.commit(commit.id)) == [SECRET, "140"]
    ward.redact(commit)
    ward.sync()
    assert texts(server.log.commit(commit.id)) == [REDACTED, "140"]
    other.sync()
    assert texts(other.log.commit(commit.id)) == [REDACTED, "140"]
    assert not any(SECRET.encode() in one.payload for log in (server.log, other.log) for one in log.commits())


def test_one_who_never_had_it_gets_what_is_left_before_the_redaction_and_takes_it(server: Server, ward: Ward) -> None:
    """The redacted commit stands earlier in the chain than its redaction, and brings its own proof."""
    commit = ward.save_secret()
    redaction = ward.redact(commit)
    ward.write()
    ward.sync()
    late = Ward(server, MemoryLog(), letter="C")
    late.sync()
    assert texts(late.log.commit(commit.id)) == [REDACTED, "140"]
    assert late.log.has(redaction.id)
    assert late.log.count() == server.log.count()


def test_a_redaction_that_comes_before_its_commit_waits_for_it(server: Server, ward: Ward) -> None:
    """Another laptop redacts; whoever still has the words may send them: they are not kept."""
    commit = ward.save_secret()
    other = Ward(server, MemoryLog(), letter="B")
    other.log.append([commit])
    redaction = other.redact(commit)
    fresh = MemoryLog()
    directory = trust.Directory(server.identity)
    directory.refresh(server.log)
    fresh.append([redaction])
    take_redactions(fresh, directory, [redaction])
    fresh.append([commit])
    assert texts(fresh.commit(commit.id)) == [REDACTED, "140"]


def test_a_false_proof_is_refused_at_the_door(server: Server, ward: Ward) -> None:
    commit = ward.save_secret()
    wrong = ward.put(replace(ward.redaction(commit), reason="Another reason"))
    ward.log.redact(wrong)
    ward.sync()
    assert not server.log.has(commit.id)
    assert len(server.log.quarantined()) == 1


# -- in the encrypted file ------------------------------------------------------------------------------


def test_the_file_keeps_the_redaction_alone(tmp_path: Path, server: Server) -> None:
    ward = Ward(server, SqlcipherLog.create(tmp_path / "casebook.db", KEY, SALT))
    commit = ward.save_secret()
    redaction = ward.redact(commit)
    log = ward.log
    assert isinstance(log, SqlcipherLog)
    assert log.redactions() == {commit.id: ledger.redacted_payload(redaction)}
    assert not log.redact(redaction)
    log.examine(thorough=True)
    log.close()
    again = SqlcipherLog.open(tmp_path / "casebook.db", KEY, SALT)
    assert texts(again.commit(commit.id)) == [REDACTED, "140"]
    assert sha256(again.commit(commit.id).payload).hex() != commit.parsed.payload_sha256
    # What came earlier, and whoever sends the old words again, changes nothing.
    again.append([commit])
    assert texts(again.commit(commit.id)) == [REDACTED, "140"]
    again.close()


def test_the_guards_let_a_payload_go_once_and_only_to_its_redaction(tmp_path: Path, server: Server) -> None:
    ward = Ward(server, SqlcipherLog.create(tmp_path / "casebook.db", KEY, SALT))
    commit, other = ward.save_secret(), ward.save_secret()
    ward.redact(commit)
    assert isinstance(ward.log, SqlcipherLog)
    ward.log.close()
    connection = dbapi2.connect(str(tmp_path / "casebook.db"))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}{SALT.hex()}'\"")
    mine, its = bytes.fromhex(commit.id), bytes.fromhex(other.id)
    for statement, given in (
        ("UPDATE commit_ SET payload = (SELECT payload FROM redacted_) WHERE id = ?", (its,)),
        ("UPDATE commit_ SET payload = X'00' WHERE id = ?", (mine,)),
        ("UPDATE commit_ SET payload = (SELECT payload FROM redacted_), signature = X'00' WHERE id = ?", (mine,)),
        ("UPDATE redacted_ SET payload = payload || X'00'", ()),
        ("DELETE FROM redacted_", ()),
        ("INSERT INTO redacted_ (id, payload, kept_at) VALUES (?, X'00', 0)", (its,)),
    ):
        with pytest.raises(dbapi2.IntegrityError):
            connection.execute(statement, given)
    connection.close()

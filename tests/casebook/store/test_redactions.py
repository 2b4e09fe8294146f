"""Redactions in a whole vault: the second copy forgets too, after a crash and in files of an earlier version."""

import struct
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from casebook import crypto, ledger
from casebook.crypto import SigningKey
from casebook.errors import TriggersMissingError
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.payloads import DataPayload, read
from casebook.records import SetItem
from casebook.redaction import REDACTED, build_redaction
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import spool_key
from casebook.store.spool import OpenEntry
from tests.casebook.commits import path_of
from tests.casebook.store.vaults import KEY, SALT, SECRET_TEXT, Vault, save


def redaction_of(vault: Vault, commit: SealedCommit) -> SealedCommit:
    payload = build_redaction(
        commit,
        [path_of("IT.SBP")],
        "Words about another person",
        first=UserId("coordinator"),
        second=UserId("manager.b"),
        second_signer=SigningKey(bytes(32)),
        may_redact=lambda _user: True,
    )
    return vault.laptop.seal(payload)


def value_of(commit: SealedCommit) -> str | None:
    payload = read(commit)
    assert isinstance(payload, DataPayload)
    return next(one.reading.value for one in payload.operations if isinstance(one, SetItem))


def spool_says(vault: Vault) -> bytes:
    """Return every byte that the closed spool holds, each record opened by itself."""
    said = b""
    for path in sorted(vault.folder.spool.glob("*.spool")):
        data, offset = path.read_bytes(), len(b"CBSPOOL1")
        while offset < len(data):
            mark, length = struct.unpack_from(">4sI", data, offset)
            assert mark == b"\xc5\x9a\x1e\x07"
            place = struct.pack(">8sIQ", b"CBSPOOL1", int(path.stem), offset)
            said += crypto.decrypt_record(spool_key(vault.key), data[offset + 8 : offset + 8 + length], place)
            offset += 8 + length
    return said


FIRST_GUARD = (
    "CREATE TRIGGER commit_no_update BEFORE UPDATE ON commit_ WHEN NOT (OLD.subject IS NULL"
    " AND NEW.position = OLD.position AND NEW.id = OLD.id AND NEW.payload = OLD.payload)"
    " BEGIN SELECT RAISE(ABORT, 'a commit is never changed'); END"
)
"""A guard that knows nothing of redactions."""


def put(vault: Vault, redaction: SealedCommit) -> None:
    vault.store.spool.append_sealed(redaction, subject=vault.subject)
    vault.store.log.append([redaction], {redaction.id: vault.subject})
    vault.store.log.redact(redaction)


@pytest.mark.parametrize("segment_bytes", [400, 4 * 1024 * 1024])
def test_both_copies_forget_and_nothing_else_is_lost(tmp_path: Path, segment_bytes: int) -> None:
    vault = Vault.make(tmp_path)
    vault.reopen(segment_bytes=segment_bytes)
    commits = vault.record(4)
    vault.store.spool.append_open(OpenEntry(draft="still open", body=b"kept"))
    put(vault, redaction_of(vault, commits[2]))
    redactions = vault.store.log.redactions()
    assert vault.store.spool.redact(redactions) == 1
    assert vault.store.spool.redact(redactions) == 0
    held = {one.id: one for one in vault.store.spool.sealed()}
    assert len(held) == 5
    assert value_of(held[commits[2].id]) == REDACTED
    assert value_of(held[commits[1].id]) == SECRET_TEXT
    later = save(vault.laptop, vault.subject, "130")
    vault.store.spool.append_sealed(later, subject=vault.subject)
    store = vault.reopen(segment_bytes=segment_bytes)
    assert store.spool.damage.records == 0
    assert [one.body for one in store.spool.open_entries()] == [b"kept"]
    assert value_of(store.log.commit(commits[2].id)) == REDACTED
    assert value_of(store.log.commit(later.id)) == "130"
    vault.close()


def test_a_crash_between_the_two_copies_is_made_good_at_the_next_opening(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path)
    commits = vault.record(2)
    put(vault, redaction_of(vault, commits[1]))
    vault.close()
    assert SECRET_TEXT.encode() in spool_says(vault)
    vault.reopen()
    vault.close()
    assert SECRET_TEXT.encode() not in spool_says(vault)


def test_a_lost_database_comes_back_redacted(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path)
    commits = vault.record(3)
    put(vault, redaction_of(vault, commits[1]))
    vault.reopen()
    vault.close()
    vault.folder.database.unlink()
    store = vault.reopen()
    assert store.report.rebuilt
    assert value_of(store.log.commit(commits[1].id)) == REDACTED
    store.log.append([commits[1]])
    assert value_of(store.log.commit(commits[1].id)) == REDACTED
    store.log.examine(thorough=True)
    vault.close()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path / "vault")
    commits = vault.record(2)
    path = tmp_path / "casebook.db"
    log = SqlcipherLog.create(path, KEY, SALT)
    log.append(commits)
    log.close()
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}{SALT.hex()}'\"")
    for statement in (
        "DROP TRIGGER redacted_no_update",
        "DROP TRIGGER redacted_no_delete",
        "DROP TRIGGER commit_no_update",
        "DROP TABLE redacted_",
        FIRST_GUARD,
        "DROP TABLE tip_",
        "ALTER TABLE receipt_ DROP COLUMN server_epoch",
        "DELETE FROM _sqlite_migrations WHERE name IN ('redactions', 'ends_and_server_epochs')",
        "PRAGMA user_version = 1",
    ):
        connection.execute(statement)
    connection.close()
    again = SqlcipherLog.open(path, KEY, SALT)
    assert [head.id for head, _ in again.tips()] == [commits[-1].id]
    again.examine(thorough=True)
    redaction = redaction_of(vault, commits[1])
    again.append([redaction])
    assert again.redact(redaction)
    assert ledger.redaction_of(again.commit(commits[1].id)) is not None
    again.close()
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}{SALT.hex()}'\"")
    connection.execute("DROP TRIGGER redacted_no_delete")
    connection.close()
    with pytest.raises(TriggersMissingError):
        SqlcipherLog.open(path, KEY, SALT)
    vault.close()

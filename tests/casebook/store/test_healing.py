"""Database and spool heal each other: what a failure looks like on the next opening."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.clock import system_clock
from casebook.errors import StoreBusyError, TamperedStoreError, TriggersMissingError
from casebook.ids import Epoch
from casebook.ledger import ChainHead, SealedCommit
from casebook.store import CURSOR, _sqlite
from casebook.store.healing import HealReport, heal, open_store, received_by
from casebook.store.slots import database_key
from casebook.store.spool import OpenEntry
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.store.vaults import SECRET_TEXT, Vault, bytes_of_all_files, flip, save, some_bits

LANGUAGES = ("en", "zh")


def all_of(vault: Vault) -> list[SealedCommit]:
    return list(vault.store.log.commits())


def test_healthy_vault_opens_with_nothing_to_tell(vault: Vault) -> None:
    made = vault.record(30)
    vault.store.spool.append_open(OpenEntry(draft="one", body=b"still open"))
    store = vault.reopen()
    assert all_of(vault) == made
    assert store.report == HealReport()
    assert store.report.is_clean
    assert store.spool.open_entries() == (OpenEntry(draft="one", body=b"still open"),)


def test_commits_that_only_the_spool_has_reach_the_database(vault: Vault) -> None:
    made = vault.record(5)
    ahead = [save(vault.laptop, vault.subject) for _ in range(3)]
    for commit in ahead:
        vault.store.spool.append_sealed(commit, subject=vault.subject)
    store = vault.reopen()
    assert store.report.from_spool == 3
    assert "3" in store.report.sentence("zh")
    assert all_of(vault) == made + ahead
    assert list(store.log.commits(vault.subject)) == made + ahead
    assert vault.reopen().report.is_clean


def test_commits_that_only_the_database_has_reach_the_spool(vault: Vault) -> None:
    made = vault.record(5)
    vault.receive(2)
    shutil.rmtree(vault.folder.spool)
    store = vault.reopen()
    assert store.report.to_spool == 3
    assert list(store.spool.sealed()) == made[2:]
    assert vault.reopen().report == HealReport()


def test_spool_of_which_nothing_opens_is_set_aside_and_begun_anew(vault: Vault) -> None:
    made = vault.record(5)
    vault.store.close()
    (segment,) = vault.folder.spool.iterdir()
    segment.write_bytes(bytes(byte ^ (place > 16) for place, byte in enumerate(segment.read_bytes())))
    damaged = segment.read_bytes()
    store = vault.reopen()
    assert list(store.spool.sealed()) == made
    assert store.report.damaged_records == 1
    assert not store.report.is_clean
    assert (vault.folder.path / "damaged" / "0001" / "spool" / segment.name).read_bytes() == damaged


def test_older_copy_of_the_database_is_healed_while_unsent(vault: Vault, tmp_path: Path) -> None:
    made = vault.record(20)
    vault.store.close()
    shutil.copy(vault.folder.database, tmp_path / "older.db")
    vault.reopen()
    made += vault.record(30)
    vault.store.close()
    shutil.copy(tmp_path / "older.db", vault.folder.database)
    store = vault.reopen()
    assert all_of(vault) == made
    assert store.report.from_spool == 30
    assert not store.report.behind
    assert store.report.sentence("en").startswith("30 record(s)")


def test_older_copy_after_sending_is_told_and_needs_a_new_epoch(vault: Vault, tmp_path: Path) -> None:
    vault.record(20)
    vault.store.close()
    shutil.copy(vault.folder.database, tmp_path / "older.db")
    vault.reopen(segment_bytes=3000)
    vault.record(30)
    vault.receive(45)
    vault.store.spool.set_setting("epoch", vault.laptop.epoch)
    assert vault.store.spool.prune(received_by(vault.store.log)) > 0
    assert len(list(vault.store.spool.sealed())) < 10
    vault.store.close()
    shutil.copy(tmp_path / "older.db", vault.folder.database)
    store = vault.reopen()
    assert store.report.behind
    assert store.report.parked > 0
    assert store.log.count() == 20
    assert store.log.setting("epoch") == vault.laptop.epoch
    assert all(word in store.report.sentence("en") for word in ("older copy", "synchronise"))
    assert "同步" in store.report.sentence("zh")


def test_anchor_alone_tells_an_older_copy(vault: Vault, tmp_path: Path) -> None:
    vault.record(20)
    vault.store.close()
    shutil.copy(vault.folder.database, tmp_path / "older.db")
    vault.reopen(segment_bytes=3000)
    vault.record(30)
    vault.receive(50)
    vault.store.spool.append_open(OpenEntry(draft="long", body=bytes(3000)))
    vault.store.spool.close_open("long")  # in another segment
    vault.store.spool.prune(received_by(vault.store.log))
    assert list(vault.store.spool.sealed()) == []
    vault.store.close()
    shutil.copy(tmp_path / "older.db", vault.folder.database)
    report = vault.reopen().report
    assert (report.from_spool, report.parked) == (0, 0)
    assert report.behind


def test_older_database_with_the_newer_log_beside_it_loses_nothing(vault: Vault, tmp_path: Path) -> None:
    made = vault.record(20)
    vault.store.close()
    shutil.copy(vault.folder.database, tmp_path / "older.db")
    vault.reopen()
    made += vault.record(30)
    twin = Vault.copy_to(vault, tmp_path / "twin")  # as after a power cut: the write-ahead log stands beside it
    shutil.copy(tmp_path / "older.db", twin.folder.database)
    twin.store = open_store(twin.folder, twin.key, twin.slots.database_salt, device=twin.laptop.device)
    assert set(all_of(twin)) == set(made)
    twin.close()


def test_missing_database_is_made_anew(vault: Vault) -> None:
    made = vault.record(20)
    vault.store.spool.set_setting("letter", "A")
    vault.store.close()
    for path in vault.folder.database_family():
        path.unlink(missing_ok=True)
    store = vault.reopen()
    assert all_of(vault) == made
    assert (store.report.rebuilt, store.report.from_spool) == (True, 20)
    assert store.log.setting("letter") == "A"
    assert vault.reopen().report.is_clean


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", bytes(8192)])
def test_overwritten_database_is_set_aside_and_made_anew(vault: Vault, content: bytes) -> None:
    made = vault.record(20)
    vault.store.close()
    vault.folder.database.write_bytes(content)
    store = vault.reopen()
    assert all_of(vault) == made
    assert store.report.rebuilt
    assert store.report.set_aside == ("0001",)
    assert (vault.folder.path / "damaged" / "0001" / "casebook.db").read_bytes() == content
    assert all("damaged/0001" in store.report.sentence(language) for language in LANGUAGES)


def test_flipped_bits_of_the_database_lose_nothing(vault: Vault, tmp_path: Path) -> None:
    made = vault.record(40)
    vault.receive(40)
    vault.store.close()
    whole = vault.folder.database.read_bytes()
    for bit in some_bits(vault.folder.database, 12, seed=4):
        twin = vault.copy_to(tmp_path / f"{bit}")
        flip(twin.folder.database, bit)
        store = twin.reopen()
        assert set(all_of(twin)) == set(made)
        assert store.report.rebuilt is (bit >= 128)
        aside = tmp_path / f"{bit}" / "damaged" / "0001" / "casebook.db"
        assert not store.report.rebuilt or aside.read_bytes() != whole
        assert twin.reopen().report.is_clean
        twin.close()
        shutil.rmtree(tmp_path / f"{bit}")


def test_rebuilding_takes_over_what_the_spool_no_longer_has(vault: Vault, tmp_path: Path) -> None:
    made = vault.record(200)
    vault.receive(200)
    vault.store.log.set_setting("site", "001")
    vault.store.log.set_setting(CURSOR + ".feed", "77")
    vault.store.log.quarantine(b"strange", "why")
    vault.store.close()
    shutil.rmtree(vault.folder.spool)
    lost = []
    for bit in some_bits(vault.folder.database, 12, seed=5, first_byte=8 * 4096):
        twin = vault.copy_to(tmp_path / f"{bit}")
        flip(twin.folder.database, bit)
        store = twin.reopen()
        assert store.report.rebuilt
        kept = set(all_of(twin))
        assert kept <= set(made)
        lost.append(200 - len(kept) - store.log.count_parked())
        assert store.report.behind is (store.log.count_parked() > 0)
        assert store.log.setting("site") in {"001", None}
        assert store.log.setting(CURSOR + ".feed") is None
        twin.close()
        shutil.rmtree(tmp_path / f"{bit}")
    assert sorted(lost)[-3] < 10, "a bad page costs its own rows, unless it is the root of them all"


def test_interrupted_rebuilding_goes_on(vault: Vault) -> None:
    made = vault.record(10)
    vault.store.close()
    vault.folder.database.rename(vault.folder.path / "casebook.db.rebuilt")
    store = vault.reopen()
    assert all_of(vault) == made
    assert store.report.rebuilt
    assert store.report.salvaged == 10


def test_damage_of_the_write_ahead_log_loses_nothing(vault: Vault, tmp_path: Path) -> None:
    made = vault.record(40)
    wal = vault.folder.path / "casebook.db-wal"
    size = wal.stat().st_size
    assert size > 40_000, "the log must hold commits that the file does not"
    chosen = random.Random(6)
    for number in range(60):
        twin = vault.copy_to(tmp_path / f"{number}")
        hurt = twin.folder.path / "casebook.db-wal"
        match number % 3:
            case 0:
                hurt.write_bytes(hurt.read_bytes()[: chosen.randrange(size)])
            case 1:
                flip(hurt, chosen.randrange(size * 8))
            case _:
                hurt.write_bytes(hurt.read_bytes()[: chosen.randrange(size)] + chosen.randbytes(5000))
        store = open_store(twin.folder, twin.key, twin.slots.database_salt, device=twin.laptop.device)
        assert list(store.log.commits()) == made
        store.log.examine(thorough=True)
        store.close()
        shutil.rmtree(tmp_path / f"{number}")


def test_removed_guards_are_refused_and_nothing_is_touched(vault: Vault) -> None:
    vault.record(3)
    vault.store.close()
    connection = _sqlite.connect(vault.folder.database, database_key(vault.key), vault.slots.database_salt)
    connection.execute("DROP TRIGGER commit_no_delete")
    connection.close()
    before = vault.folder.database.read_bytes()
    with pytest.raises(TriggersMissingError) as caught:
        vault.reopen()
    assert isinstance(caught.value, TamperedStoreError)
    assert vault.folder.database.read_bytes() == before
    assert not (vault.folder.path / "damaged").exists()


def test_locked_database_is_told_and_not_rebuilt(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.record(3)
    vault.store.close()
    monkeypatch.setattr(_sqlite, "_BUSY_TIMEOUT_S", 0.01)
    other = _sqlite.connect(vault.folder.database, database_key(vault.key), vault.slots.database_salt)
    other.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusyError):
        vault.reopen()
    other.close()
    assert vault.folder.database.exists()


def test_received_tells_custody_but_not_for_a_fork(vault: Vault) -> None:
    made = vault.record(4)
    vault.receive(3)
    received = received_by(vault.store.log)
    assert [received(commit.parsed) for commit in made] == [True, True, True, False]
    vault.laptop.head = ChainHead(device=vault.laptop.device, epoch=vault.laptop.epoch, sequence=1, id=made[0].id)
    vault.store.log.append([save(vault.laptop, vault.subject, "a fork")])
    received = received_by(vault.store.log)
    assert not any(received(commit.parsed) for commit in made)


def test_healing_works_on_any_log(vault: Vault) -> None:
    made = vault.record(6)
    log = MemoryLog()
    assert heal(log, vault.store.spool).from_spool == 6
    assert list(log.commits()) == made


def test_only_the_laptops_own_commits_go_to_its_spool(vault: Vault) -> None:
    vault.record(3)
    other = vault.laptop.__class__(seed=99)
    vault.store.log.append([other.add_subject()[1]])
    assert vault.reopen().report.to_spool == 0
    assert heal(vault.store.log, vault.store.spool).to_spool == 1


def test_new_epoch_is_healed_too(vault: Vault) -> None:
    vault.record(3)
    vault.laptop.head = ChainHead(
        device=vault.laptop.device, epoch=Epoch("epoch2"), sequence=0, id=vault.laptop.head.id
    )
    commit = save(vault.laptop, vault.subject)
    vault.store.spool.append_sealed(commit)
    assert vault.reopen().report.from_spool == 1


def test_nothing_readable_lies_in_any_file(vault: Vault) -> None:
    vault.record(10)
    vault.store.spool.append_open(OpenEntry(draft="F.VS", body=SECRET_TEXT.encode()))
    vault.store.log.set_setting("letter", SECRET_TEXT)
    vault.store.log.quarantine(SECRET_TEXT.encode(), SECRET_TEXT)
    wanted = (SECRET_TEXT, "NIHSS", "右侧偏瘫", "F.VS", "IT.SBP", "001-A001", vault.subject, vault.laptop.device)
    running = bytes_of_all_files(vault.folder.path)
    vault.reopen()
    closed = bytes_of_all_files(vault.folder.path)
    assert {path.name for path in running} >= {"casebook.db", "casebook.db-wal", "000001.spool", "keyslots.json"}
    for files in (running, closed):
        for path, content in files.items():
            for text in wanted:
                assert text.encode() not in content, path
                assert text.encode("utf-16-le") not in content, path
                assert text not in str(path.relative_to(vault.folder.path))


@pytest.fixture
def readable(vault: Vault) -> Iterator[sqlite3.Connection]:
    vault.record(3)
    connection = sqlite3.connect(vault.folder.database)
    yield connection
    connection.close()


def test_standard_sqlite_reads_nothing(readable: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        readable.execute("SELECT * FROM commit_")


def test_kept_at_is_the_machines_clock(vault: Vault) -> None:
    before = system_clock().utc_ms
    vault.store.log.quarantine(b"x", "y")
    assert before <= vault.store.log.quarantined()[0].kept_at_ms <= system_clock().utc_ms

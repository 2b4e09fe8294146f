"""The encrypted file: what it refuses, what it survives, and that nothing can be read in it."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from casebook.errors import (
    CasebookError,
    DiskFailedError,
    DiskFullError,
    StoreDamagedError,
    StoreMissingError,
    StoreNewerError,
    TamperedStoreError,
    TriggersMissingError,
)
from casebook.store import _sqlite
from casebook.store.commit_log import SqlcipherLog
from tests.casebook.commits import Laptop
from tests.casebook.store.vaults import KEY, SALT, SECRET_TEXT, flip, save, some_bits

OTHER_KEY = bytes(32)


@pytest.fixture
def path(tmp_path: Path, laptop: Laptop) -> Path:
    """A closed log of 60 commits."""
    path = tmp_path / "casebook.db"
    log = SqlcipherLog.create(path, KEY, SALT)
    subject, first = laptop.add_subject()
    log.append([first, *(save(laptop, subject, SECRET_TEXT) for _ in range(59))])
    log.add_receipt(b"receipt", device=laptop.device, epoch=laptop.epoch, sequence=9, at_ms=1, serial=1)
    log.close()
    return path


@pytest.fixture
def run(path: Path) -> Iterator[Callable[[str], list[_sqlite.Row]]]:
    """Run SQL on the file, as somebody who has the key could."""
    connection = _sqlite.connect(path, KEY, SALT)
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


def test_file_opens_again_with_everything(path: Path, laptop: Laptop) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    assert log.count() == 60
    assert log.heads() == (laptop.head,)
    log.examine(thorough=True)
    log.close()


def test_two_connections_see_each_others_commits(path: Path, laptop: Laptop) -> None:
    store, sync = SqlcipherLog.open(path, KEY, SALT), SqlcipherLog.open(path, KEY, SALT)
    subject, first = Laptop(seed=8).add_subject()
    store.append([first])
    assert sync.has(first.id)
    sync.append([save(laptop, subject)])
    assert store.count() == 62
    store.close()
    sync.close()


def test_writes_made_together_are_unseen_until_their_end_and_gone_without_it(path: Path) -> None:
    store, other = SqlcipherLog.open(path, KEY, SALT), SqlcipherLog.open(path, KEY, SALT)
    _, first = Laptop(seed=8).add_subject()
    with contextlib.suppress(KeyboardInterrupt), store.together():
        store.append([first])
        seen = other.has(first.id)
        raise KeyboardInterrupt
    assert not seen
    assert not store.has(first.id)
    with store.together():
        store.append([first])
    assert other.has(first.id)
    store.close()
    other.close()


def test_writes_made_together_on_a_disk_that_fills_up_are_all_refused(path: Path) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    laptop = Laptop(seed=8)
    subject, first = laptop.add_subject()
    large = save(laptop, subject, "x" * 200_000)

    def fill() -> None:
        with log.together():
            log.append([first])
            pages = log._connection.execute("PRAGMA page_count").fetchall()[0][0]  # noqa: SLF001 - a full disk
            log._connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()  # noqa: SLF001 - as above
            with pytest.raises(DiskFullError):
                log.append([large])
            with pytest.raises(DiskFailedError):
                log.set_setting("after", "1")

    with pytest.raises(DiskFailedError):
        fill()
    assert (log.count(), log.setting("after")) == (60, None)
    log._connection.execute("PRAGMA max_page_count = 100000").fetchall()  # noqa: SLF001 - space again
    with log.together():
        log.append([first, large])
    assert log.count() == 62
    log.close()


def test_other_key_is_refused(path: Path) -> None:
    with pytest.raises(StoreDamagedError):
        SqlcipherLog.open(path, OTHER_KEY, SALT)


def test_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError):
        SqlcipherLog.open(tmp_path / "none.db", KEY, SALT)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(4080), bytes(4096), b"short"])
def test_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "casebook.db").write_bytes(content)
    with pytest.raises(StoreDamagedError):
        SqlcipherLog.open(tmp_path / "casebook.db", KEY, SALT)
    assert (tmp_path / "casebook.db").read_bytes() == content


def test_creating_over_a_file_is_refused(path: Path) -> None:
    with pytest.raises(FileExistsError):
        SqlcipherLog.create(path, KEY, SALT)


def test_creating_after_an_interrupted_creation_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "casebook.db.new").write_bytes(b"half")
    log = SqlcipherLog.create(tmp_path / "casebook.db", KEY, SALT)
    assert log.count() == 0
    log.close()
    assert [file.name for file in tmp_path.iterdir()] == ["casebook.db"]


def test_awkward_folder_names_do(tmp_path: Path) -> None:
    folder = tmp_path / "Müller's #1? 记录 100%"
    folder.mkdir()
    log = SqlcipherLog.create(folder / "casebook.db", KEY, SALT)
    log.set_setting("a", "b")
    log.close()
    log = SqlcipherLog.open(folder / "casebook.db", KEY, SALT)
    assert log.setting("a") == "b"
    log.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commit_ SET payload = x'00'",
        "UPDATE commit_ SET kept_at = 0 WHERE position = 1",
        "UPDATE commit_ SET subject = NULL, header = x'00'",
        "DELETE FROM commit_",
        "DELETE FROM commit_ WHERE position = 1",
        "INSERT OR REPLACE INTO commit_ SELECT * FROM commit_ WHERE position = 1",
        "REPLACE INTO receipt_ SELECT position, x'00', device, epoch, 99, at_ms, serial, kept_at, '' FROM receipt_",
        "UPDATE receipt_ SET sequence = 1000",
        "DELETE FROM receipt_",
        "INSERT OR REPLACE INTO receipt_ SELECT * FROM receipt_",
    ],
)
def test_changing_what_was_kept_is_refused(run: Callable[[str], list[_sqlite.Row]], statement: str) -> None:
    before = run("SELECT * FROM commit_"), run("SELECT * FROM receipt_")
    with pytest.raises(dbapi2.IntegrityError, match="never"):
        run(statement)
    assert (run("SELECT * FROM commit_"), run("SELECT * FROM receipt_")) == before


def test_filing_a_subject_is_done_once(run: Callable[[str], list[_sqlite.Row]]) -> None:
    run("UPDATE commit_ SET subject = 'one' WHERE position = 1")
    with pytest.raises(dbapi2.IntegrityError, match="never"):
        run("UPDATE commit_ SET subject = 'two' WHERE position = 1")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER commit_no_update",
        "DROP TRIGGER commit_no_delete",
        "DROP TRIGGER receipt_no_update",
        "DROP TRIGGER receipt_no_delete",
        "CREATE TRIGGER extra AFTER INSERT ON commit_ BEGIN DELETE FROM parked_; END",
    ],
)
def test_file_without_its_guards_is_refused(
    path: Path, run: Callable[[str], list[_sqlite.Row]], statement: str
) -> None:
    run(statement)
    with pytest.raises(TriggersMissingError):
        SqlcipherLog.open(path, KEY, SALT)


def test_file_with_a_weakened_guard_is_refused(path: Path, run: Callable[[str], list[_sqlite.Row]]) -> None:
    run("DROP TRIGGER commit_no_delete")
    run("CREATE TRIGGER commit_no_delete BEFORE DELETE ON commit_ WHEN OLD.position < 0 BEGIN SELECT 1; END")
    with pytest.raises(TriggersMissingError):
        SqlcipherLog.open(path, KEY, SALT)


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE parked_", "CREATE TABLE extra (a)", "CREATE VIEW v AS SELECT 1", "ALTER TABLE setting_ ADD b TEXT"],
)
def test_file_with_other_tables_is_refused(path: Path, run: Callable[[str], list[_sqlite.Row]], statement: str) -> None:
    run(statement)
    with pytest.raises(TamperedStoreError):
        SqlcipherLog.open(path, KEY, SALT)


def test_file_of_a_newer_release_is_refused(path: Path, run: Callable[[str], list[_sqlite.Row]]) -> None:
    run("PRAGMA user_version = 99")
    with pytest.raises(StoreNewerError):
        SqlcipherLog.open(path, KEY, SALT)


def test_encrypted_file_of_another_program_is_refused(path: Path, run: Callable[[str], list[_sqlite.Row]]) -> None:
    run("PRAGMA application_id = 1")
    with pytest.raises(StoreDamagedError):
        SqlcipherLog.open(path, KEY, SALT)


def test_safeguards_are_on(run: Callable[[str], list[_sqlite.Row]]) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "temp_store": 2,
        "recursive_triggers": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "cell_size_check": 1,
        "cipher_memory_security": "1",
    }
    assert {name: run(f"PRAGMA {name}")[0][0] for name in wanted} == wanted


def test_standard_sqlite_cannot_read_it(path: Path) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT count(*) FROM sqlite_master")
    connection.close()


def test_connection_with_a_short_key_is_a_mistake(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SqlcipherLog.open(path, b"short", SALT)


def test_flipped_bits_of_the_salt_are_survived(path: Path) -> None:
    for bit in some_bits(path, 16, seed=1)[:8]:
        flip(path, bit % 128)
        log = SqlcipherLog.open(path, KEY, SALT)
        assert sum(1 for _ in log.commits()) == 60
        log.close()
        flip(path, bit % 128)


def test_flipped_bits_of_pages_are_found(path: Path) -> None:
    for bit in some_bits(path, 60, seed=2, first_byte=16):
        flip(path, bit)
        with pytest.raises(StoreDamagedError):
            examine(path)
        flip(path, bit)
    examine(path)


def examine(path: Path) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    try:
        log.examine()
    finally:
        log.close()


def test_reading_a_damaged_page_raises_our_error(path: Path) -> None:
    for bit in some_bits(path, 60, seed=3, first_byte=4096):
        flip(path, bit)
        try:
            log = SqlcipherLog.open(path, KEY, SALT)
        except CasebookError:
            flip(path, bit)
            continue
        for work in (read_everything, write_something):
            with contextlib.suppress(StoreDamagedError):  # the page was read; any other error fails the test
                work(log)
        log.close()
        flip(path, bit)


def write_something(log: SqlcipherLog) -> None:
    log.set_setting("a", "b")
    log.append([commit for _, commit in log.feed(0, 1)])


def read_everything(log: SqlcipherLog) -> None:
    assert sum(1 for _ in log.commits()) == 60
    log.heads()
    log.receipts()
    log.settings()


def test_disk_that_is_full_is_told_and_survived(path: Path, laptop: Laptop) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    pages = log._connection.execute("PRAGMA page_count").fetchall()[0][0]  # noqa: SLF001 - SQLite's own full disk
    log._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()  # noqa: SLF001 - as above
    subject, first = Laptop(seed=9).add_subject()
    big = [save(laptop, subject, "x" * 4000) for _ in range(5)]
    with pytest.raises(DiskFullError):
        log.append([first, *big])
    assert log.count() == 60
    log._connection.execute("PRAGMA max_page_count = 100000").fetchall()  # noqa: SLF001 - space again
    assert log.append([first, *big]) == 6
    log.close()


def test_full_disk_takes_the_reserve_and_keeps(path: Path, laptop: Laptop) -> None:
    log = SqlcipherLog.open(path, KEY, SALT, reserve=Reserve(path))
    reserve = log._reserve  # noqa: SLF001 - to give it the connection whose limit it lifts
    assert isinstance(reserve, Reserve)
    reserve.connection = log._connection  # noqa: SLF001 - as above
    pages = log._connection.execute("PRAGMA page_count").fetchall()[0][0]  # noqa: SLF001 - as above
    log._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()  # noqa: SLF001 - as above
    assert log.append([save(laptop, laptop.add_subject()[0], "x" * 9000)]) == 0  # its parent was never appended
    assert log.count_parked() == 1
    assert reserve.releases == 1
    log.close()


class Reserve:
    """Lifts SQLite's own limit once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.releases = 0
        self.connection: _sqlite.Connection | None = None

    def release(self) -> bool:
        self.releases += 1
        assert self.connection is not None
        self.connection.execute("PRAGMA max_page_count = 100000").fetchall()
        return self.releases == 1


def test_subjects_are_filed_in_the_order_in_which_they_were_written_of(path: Path, laptop: Laptop) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    subjects = []
    for _ in range(5):
        subject, added = laptop.add_subject()
        log.append([added], {added.id: subject})
        subjects.append(subject)
    first, *others = subjects
    more = save(laptop, first)
    log.append([more], {more.id: first})
    assert list(log.filing()) == [*others, first]
    log.close()


def test_summaries_are_a_cache(path: Path, laptop: Laptop) -> None:
    log = SqlcipherLog.open(path, KEY, SALT)
    subject, _ = laptop.add_subject()
    assert log.summary(subject) is None
    log.set_summaries({subject: ("digest 1", b"one")})
    log.set_summaries({subject: ("digest 2", b"two")})
    assert log.summary(subject) == ("digest 2", b"two")
    assert log.summaries() == {subject: ("digest 2", b"two")}
    log.drop_summaries()
    assert log.summaries() == {}
    log.close()

"""`casebook verify FOLDER`: a laptop's record is walked and nothing in it is changed."""

import io
import shutil
from pathlib import Path

import pytest

from casebook.crypto import expand
from casebook.errors import StoreDamagedError, VaultInUseError, WrongPassphraseError
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, database_key
from casebook.store.vault_files import VaultFolder, VaultLock
from desktop_app.__main__ import main
from desktop_app.verify_command import BROKEN, REFUSED, record_folder, run_verify, verify_folder
from tests.casebook.store.vaults import bytes_of_all_files
from tests.laptops import CHEAP_KDF, PASSPHRASE, Ward, sync

COORDINATOR = UserId("coordinator")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A laptop that was enrolled, signed in to and synchronised."""
    ward = Ward(tmp_path)
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        session.add_subject()
        sync(laptop, session)
        session.add_subject()
    return laptop.folder.path


def slots_of(folder: Path) -> KeySlots:
    return KeySlots.open(folder, CHEAP_KDF)


def verified(folder: Path, user: str | None = None, passphrase: str = PASSPHRASE) -> tuple[int, tuple[str, ...]]:
    return run_verify(folder, slots_of(folder), user=user, language="en", stream=io.StringIO(f"{passphrase}\n"))


def test_a_sound_record_holds_and_its_files_stay_as_they_are(folder: Path) -> None:
    before = bytes_of_all_files(folder)
    status, lines = verified(folder)
    assert status == 0, lines
    assert any(line.startswith("[S] laptop A, chain ") and line.endswith("holds.") for line in lines)
    assert lines[-1].endswith("everything holds.")
    after = bytes_of_all_files(folder)
    assert {path for path in before if path.suffix in {".db", ".spool"}} <= after.keys()
    assert all(after[path] == data for path, data in before.items() if "casebook.db" in path.name)


def lie_in(folder: Path) -> SealedCommit:
    """Make the database anew with one record's content changed, and return that record."""
    key = database_key(slots_of(folder).unlock(COORDINATOR, PASSPHRASE).vault_key)
    salt = slots_of(folder).database_salt
    database = folder / "casebook.db"
    old = SqlcipherLog.open(database, key, salt)
    victim = [one for one in old.commits() if one.parsed.kind == "subj"][1]
    fresh = SqlcipherLog.create(folder / "fresh.db", key, salt)
    lie = SealedCommit(victim.header, victim.payload.replace(b"001-A002", b"001-A009"), victim.signature)
    fresh.append([lie if one.id == victim.id else one for one in old.commits()])
    for name, text in old.settings().items():
        fresh.set_setting(name, text)
    old.close()
    fresh.close()
    shutil.move(folder / "fresh.db", database)
    return victim


def test_a_changed_record_is_told_with_laptop_number_and_commit(folder: Path) -> None:
    victim = lie_in(folder)
    status, lines = verified(folder)
    assert status == BROKEN
    told = [line for line in lines if "its content is not what was sealed" in line]
    assert len(told) == 1
    assert f"laptop A, chain {victim.parsed.device}" in told[0]
    assert f"record {victim.parsed.sequence} ({victim.id[:16]})" in told[0]


def test_a_database_that_is_none_is_told_as_such(folder: Path) -> None:
    (folder / "casebook.db").write_bytes(bytes(8192))
    report = verify_folder(VaultFolder(folder), slots_of(folder), COORDINATOR, PASSPHRASE)
    assert not report.holds
    assert [type(error) for _, error in report.refused] == [StoreDamagedError]


def test_the_other_shelf_is_looked_at_where_its_key_is_there_and_named_where_not(folder: Path) -> None:
    other = folder / "unblinding"
    other.mkdir(exist_ok=True)
    if not (other / "casebook.db").exists():
        (other / "casebook.db").write_bytes(expand(bytes(32), "nothing") * 100)
        status, lines = verified(folder)
        assert status == 0
        assert "[U] not for this person to open: not verified." in lines


def test_who_is_not_named_or_types_wrongly_gets_nothing(folder: Path) -> None:
    assert verified(folder, user="nobody")[0] == REFUSED
    with pytest.raises(WrongPassphraseError):
        verified(folder, passphrase="something else")
    with VaultLock(VaultFolder(folder)), pytest.raises(VaultInUseError):
        verified(folder)


def test_a_folder_or_its_database_is_a_record_and_a_paper_is_none(folder: Path) -> None:
    assert record_folder(str(folder)) == folder
    assert record_folder(str(folder / "casebook.db")) == folder
    assert record_folder(str(folder / "unblinding" / "casebook.db")) == folder
    assert record_folder(str(folder / "paper.pdf")) is None


def test_a_folder_without_a_record_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == REFUSED
    assert "missing" in capsys.readouterr().err

"""A rescue copy that is verified, and a laptop that is wiped wholly or not at all: with real encrypted files."""

import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.clock import Moment
from casebook.errors import (
    RescueFolderRefusedError,
    RescueTargetRefusedError,
    RescueUnreadableError,
    SidecarMissingError,
)
from casebook.store.healing import open_store
from casebook.store.rescue import check_rescue, open_rescue, write_rescue
from casebook.store.retiring import JOURNAL, begin_retiring, finish_retiring, is_retiring
from casebook.store.slots import KeySlots
from casebook.store.spool import OpenEntry
from casebook.store.vault_files import VaultFolder
from tests.casebook.store.killing import Killer
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, USER, Vault, flip, save

AT = Moment(utc_ms=1_772_000_000_000, offset_minutes=480, boot="boot", uptime_ms=1)
SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
STRIDE = 1 if SOAK else 3
"""Every third touch of the disk in the usual run, each of them in a long one."""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """A laptop with a subject, a save that is only here, an entry that is not sealed, and damaged files aside."""
    made = Vault.make(tmp_path / "laptop")
    commits = [made.first, save(made.laptop, made.subject)]
    for commit in commits:
        made.store.spool.append_sealed(commit, subject=made.subject, closes="")
        made.store.log.append([commit], {commit.id: made.subject})
    made.store.spool.append_open(OpenEntry(draft="draft", body=b"not sealed yet"))
    aside = made.folder.path / "damaged" / "0001"
    aside.mkdir(parents=True)
    (aside / "casebook.db").write_bytes(b"what could not be read")
    (aside / "keyslots.json").write_bytes(b"old slots")
    made.close()
    yield made
    made.close()


def opens_whole(folder: Path) -> None:
    """The laptop in a folder opens and holds everything that was entered."""
    slots = KeySlots.open(folder, CHEAP_KDF)
    key = slots.unlock(USER, PASSPHRASE).vault_key
    store = open_store(VaultFolder(folder, ballast_bytes=4096), key, slots.database_salt)
    try:
        assert store.log.count() == 2
        assert [entry.body for entry in store.spool.open_entries()] == [b"not sealed yet"]
        assert (folder / "damaged" / "0001" / "casebook.db").read_bytes() == b"what could not be read"
    finally:
        store.close()


def is_wiped(folder: Path) -> None:
    left = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert left <= {"lock"}
    with pytest.raises(SidecarMissingError):
        KeySlots.open(folder, CHEAP_KDF)


# -- the rescue copy ---------------------------------------------------------------------------------------


def test_a_rescue_copy_needs_no_key_and_opens_as_the_same_laptop_elsewhere(vault: Vault, tmp_path: Path) -> None:
    copy = write_rescue(vault.folder, tmp_path, AT)
    assert copy.path.name == "casebook-rescue-20260225T061320Z.zip"
    assert copy.files == open_rescue(copy.path, tmp_path / "elsewhere")
    opens_whole(tmp_path / "elsewhere")
    opens_whole(vault.folder.path)


def test_two_copies_of_one_second_do_not_overwrite_each_other(vault: Vault, tmp_path: Path) -> None:
    first, second = (write_rescue(vault.folder, tmp_path, AT) for _ in range(2))
    assert first.path != second.path
    assert check_rescue(first.path) == check_rescue(second.path)


def test_a_copy_of_nothing_and_a_copy_into_the_laptop_itself_are_refused(vault: Vault, tmp_path: Path) -> None:
    for to in (vault.folder.path, vault.folder.spool, tmp_path / "missing"):
        with pytest.raises(RescueTargetRefusedError):
            write_rescue(vault.folder, to, AT)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(RescueFolderRefusedError):
        write_rescue(VaultFolder(empty), tmp_path, AT)
    assert not list(tmp_path.glob("*.zip"))


def test_a_laptop_whose_keys_are_gone_is_still_rescued_as_it_is(vault: Vault, tmp_path: Path) -> None:
    for name in ("keyslots.json", "keyslots.json.bak"):
        (vault.folder.path / name).unlink()
    copy = write_rescue(vault.folder, tmp_path, AT)
    assert "casebook.db" in dict(check_rescue(copy.path))


@pytest.mark.parametrize("place", range(12))
def test_a_copy_with_a_bit_turned_over_is_no_copy(vault: Vault, tmp_path: Path, place: int) -> None:
    copy = write_rescue(vault.folder, tmp_path, AT)
    size = copy.size_bytes * 8
    flip(copy.path, (size // 12) * place + place)
    try:
        told = check_rescue(copy.path)
    except RescueUnreadableError:
        with pytest.raises(RescueUnreadableError):
            open_rescue(copy.path, tmp_path / "elsewhere")
        assert not (tmp_path / "elsewhere").exists()
    else:  # a bit that says nothing, such as a member's time
        open_rescue(copy.path, tmp_path / "elsewhere")
        assert len(told) == copy.files
        opens_whole(tmp_path / "elsewhere")


def test_a_copy_that_was_cut_is_no_copy(vault: Vault, tmp_path: Path) -> None:
    copy = write_rescue(vault.folder, tmp_path, AT)
    copy.path.write_bytes(copy.path.read_bytes()[: copy.size_bytes // 2])
    with pytest.raises(RescueUnreadableError):
        check_rescue(copy.path)


def test_a_copy_is_laid_out_into_an_empty_folder_only_and_never_outside_it(vault: Vault, tmp_path: Path) -> None:
    copy = write_rescue(vault.folder, tmp_path, AT)
    with pytest.raises(RescueTargetRefusedError):
        open_rescue(copy.path, vault.folder.path)
    opens_whole(vault.folder.path)
    climbing = tmp_path / "climbing.zip"
    with zipfile.ZipFile(copy.path) as whole, zipfile.ZipFile(climbing, "w") as made:
        said = whole.read("rescue.json").decode().replace('"name": "casebook.db"', '"name": "../casebook.db"')
        for name in whole.namelist():
            if name != "rescue.json":
                made.writestr("../casebook.db" if name == "casebook.db" else name, whole.read(name))
        made.writestr("rescue.json", said)
    with pytest.raises(RescueUnreadableError):
        open_rescue(climbing, tmp_path / "deep" / "folder")
    assert not (tmp_path / "deep").exists()


# -- retiring ----------------------------------------------------------------------------------------------


def test_what_is_retired_leaves_nothing_of_casebook_and_everything_of_others(vault: Vault) -> None:
    letter = vault.folder.path / "a letter.txt"
    letter.write_text("not ours", encoding="utf-8")
    begin_retiring(vault.folder)
    assert is_retiring(vault.folder)
    assert finish_retiring(vault.folder) == ("a letter.txt",)
    assert letter.read_text(encoding="utf-8") == "not ours"
    letter.unlink()
    is_wiped(vault.folder.path)
    assert finish_retiring(vault.folder) == ()


def test_the_keys_go_before_anything_else(vault: Vault) -> None:
    """A directory in the place of a later file stops the removing: by then no slot is left to open anything."""
    begin_retiring(vault.folder)
    stuck = vault.folder.path / "spool" / "stuck"
    stuck.mkdir()
    touched: list[str] = []

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.remove" and listening:
            touched.append(Path(str(arguments[0])).name)

    listening = True
    sys.addaudithook(heard)
    finish_retiring(vault.folder)
    listening = False
    slots = [place for place, name in enumerate(touched) if name.startswith("keyslots")]
    others = [place for place, name in enumerate(touched) if name.startswith(("casebook.db", "0"))]
    assert slots
    assert others
    assert max(slots) < min(others)


@pytest.fixture
def retirer() -> Iterator[Killer]:
    made = Killer("tests.casebook.store.retirer")
    yield made
    made.close()


@pytest.mark.timeout(0 if SOAK else 300)
def test_killed_at_any_touch_of_the_disk_it_is_a_working_laptop_or_a_wiped_one_with_its_copy(
    vault: Vault, retirer: Killer, tmp_path: Path
) -> None:
    number, ends = 1, set()
    while True:
        laptop, to = tmp_path / f"try {number}", tmp_path / f"copies {number}"
        shutil.copytree(vault.folder.path, laptop)
        to.mkdir()
        code, lines = retirer.run("retire", laptop, number)
        said = {words[0] for words in lines}
        folder = VaultFolder(laptop, ballast_bytes=4096)
        if is_retiring(folder):
            assert "copied" in said
            finish_retiring(folder)
            ends.add("finished later")
        if (laptop / "casebook.db").exists():
            opens_whole(laptop)
            ends.add("works")
        else:
            is_wiped(laptop)
            (copy,) = to.glob("*.zip")
            open_rescue(copy, tmp_path / f"opened {number}")
            opens_whole(tmp_path / f"opened {number}")
            assert not (laptop / JOURNAL).exists()
        if code == 0:
            assert "retired" in said
            break
        shutil.rmtree(laptop)
        number += STRIDE
    assert ends == {"works", "finished later"}

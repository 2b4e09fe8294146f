"""`casebook custody` and `casebook rescue`: what an uninstaller asks, and what saves a locked laptop."""

import io
import shutil
from pathlib import Path

import pytest

from casebook.ids import UserId
from casebook.store.retiring import begin_retiring
from casebook.store.slots import KeySlots
from casebook.store.vault_files import VaultLock
from desktop_app.__main__ import main
from desktop_app.custody_command import CANNOT_TELL, NOT_SAFE, SAFE, run_custody
from desktop_app.vault import Laptop
from tests.casebook.store.vaults import bytes_of_all_files
from tests.desktop_app.test_custody import admitted_pair
from tests.laptops import CHEAP_KDF, PASSPHRASE, SITE, Ward, sync


def asked(laptop: Laptop, user: str | None, passphrase: str = PASSPHRASE, language: str = "en") -> tuple[int, str]:
    status, lines = run_custody(
        laptop.folder.path,
        lambda path: KeySlots.open(path, CHEAP_KDF),
        user=user,
        language=language,
        stream=io.StringIO(passphrase + "\n"),
    )
    return status, "\n".join(lines)


def test_an_empty_folder_is_safe_and_an_enrolled_one_cannot_be_told_without_signing_in(
    ward: Ward, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = ward.enrolled("one", "coordinator")
    assert main(["custody", str(tmp_path / "nothing here")]) == SAFE
    assert main(["custody", str(laptop.folder.path)]) == CANNOT_TELL
    assert main(["custody", str(laptop.folder.path), "--language", "zh"]) == CANNOT_TELL
    out = capsys.readouterr().out
    assert "Sign in and retire" in out
    assert "请登录" in out


def test_damaged_files_that_lie_aside_are_told_without_any_key(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    aside = laptop.folder.path / "damaged" / "0001"
    aside.mkdir(parents=True)
    (aside / "casebook.db").write_bytes(b"?")
    assert main(["custody", str(laptop.folder.path)]) == NOT_SAFE


def test_with_a_passphrase_it_tells_what_the_window_tells_and_changes_nothing(ward: Ward) -> None:
    laptop = admitted_pair(ward, "coordinator", "assessor")
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
    before = bytes_of_all_files(laptop.folder.path)
    status, said = asked(laptop, "coordinator")
    assert status == NOT_SAFE  # signing out is a record too, and was not sent
    assert "made here, not with the server: 1" in said
    assert asked(laptop, "assessor")[0] == CANNOT_TELL
    assert asked(laptop, "nobody")[0] == CANNOT_TELL
    assert "不可删除" in asked(laptop, "coordinator", language="zh")[1]
    assert bytes_of_all_files(laptop.folder.path) == before


def test_a_folder_as_it_was_in_step_is_safe_and_one_in_use_cannot_be_told(ward: Ward) -> None:
    laptop = admitted_pair(ward, "coordinator")
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        assert session.custody.verdict().reasons == ()
        shutil.copytree(laptop.folder.path, ward.folder / "as it was")
        assert asked(laptop, "coordinator")[0] == CANNOT_TELL
    assert asked(ward.laptop("as it was"), "coordinator") == (
        SAFE,
        f"Safe to remove: the server has everything in {ward.folder / 'as it was'}.",
    )


def test_a_wrong_passphrase_tells_nothing(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    assert asked(laptop, "coordinator", "not this")[0] == CANNOT_TELL


def test_a_laptop_that_was_retired_or_is_on_its_way_out_may_be_removed(ward: Ward) -> None:
    laptop = admitted_pair(ward)
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    session.custody.begin_retiring(PASSPHRASE, SITE, rescue=False)
    sync(laptop, session)
    session.custody.retire(None)
    assert main(["custody", str(laptop.folder.path)]) == SAFE
    other = ward.laptop("two")
    begin_retiring(other.folder)
    assert main(["custody", str(other.folder.path)]) == SAFE


def test_a_laptop_nobody_can_sign_in_to_is_rescued_and_lives_on_elsewhere(
    ward: Ward, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop, "coordinator") as session:
        subject = session.add_subject().subject
    stick = tmp_path / "stick"
    stick.mkdir()
    assert main(["rescue", str(laptop.folder.path), "--to", str(stick)]) == 0
    said = capsys.readouterr().out
    assert "read back" in said
    assert "same disk" in said
    (copy,) = stick.glob("*.zip")
    assert main(["rescue", str(copy)]) == 0
    assert main(["rescue", str(copy), "--into", str(ward.folder / "opened"), "--language", "zh"]) == 0
    assert "展开" in capsys.readouterr().out
    with ward.session(ward.laptop("opened"), "coordinator") as session:
        assert [one.subject for one in session.subjects()] == [subject]


def test_what_is_refused_leaves_nothing_half_made(
    ward: Ward, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = ward.enrolled("one", "coordinator")
    folder = laptop.folder.path
    for arguments in (
        ["rescue", str(folder), "--to", str(folder)],
        ["rescue", str(tmp_path), "--into", str(tmp_path / "x")],
        ["rescue", str(folder / "keyslots.json")],
    ):
        assert main(arguments) == 2
    with VaultLock(laptop.folder):
        assert main(["rescue", str(folder), "--to", str(tmp_path)]) == 2
    assert not list(tmp_path.glob("*.zip"))
    assert capsys.readouterr().err

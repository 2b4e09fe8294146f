"""An export appears whole or not at all, and never over anything."""

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest

from casebook.errors import ExportExistsError, FileUnwritableError
from casebook.export import write_export
from casebook.spreadsheet import BYTE_ORDER_MARK
from tests.casebook.export.conftest import AT


def fill(folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"one")
    (folder / "b.txt").write_bytes(b"two")


def test_a_folder_holds_its_files_and_a_manifest_that_names_them(tmp_path: Path) -> None:
    told: list[str] = []
    written = write_export(tmp_path / "out", fill, at=AT, note=told.append)
    manifest = (tmp_path / "out" / "manifest.csv").read_bytes()
    assert manifest.startswith(BYTE_ORDER_MARK)
    assert f"a.txt,3,{hashlib.sha256(b'one').hexdigest()}".encode() in manifest
    assert told == [written.sha256] == [hashlib.sha256(manifest).hexdigest()]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_an_archive_holds_the_same_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = write_export(tmp_path / "out.zip", fill, at=AT).path.read_bytes()
    (tmp_path / "other").mkdir()
    assert write_export(tmp_path / "other" / "out.zip", fill, at=AT).path.read_bytes() == first
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        assert packed.namelist() == ["out/a.txt", "out/b.txt", "out/manifest.csv"]
        assert packed.read("out/b.txt") == b"two"


def test_only_this_user_may_read_it(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "out", fill, at=AT).path
    archive = write_export(tmp_path / "out.zip", fill, at=AT).path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ExportExistsError):
        write_export(tmp_path / name, fill, at=AT)
    assert (tmp_path / name).read_text() == "mine"


def test_an_empty_folder_is_not_taken_over_either(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportExistsError):
        write_export(tmp_path / "out", fill, at=AT)


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(FileUnwritableError, match="No space left"):
        write_export(tmp_path / "out", fail, at=AT)
    assert not list(tmp_path.iterdir())


def test_nothing_appears_when_the_record_cannot_note_it(tmp_path: Path) -> None:
    def refuse(_sha256: str) -> None:
        raise FileUnwritableError(path="record", why="full")

    with pytest.raises(FileUnwritableError):
        write_export(tmp_path / "out.zip", fill, at=AT, note=refuse)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritableError):
        write_export(tmp_path / "nowhere" / "out", fill, at=AT)

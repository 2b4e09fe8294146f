"""The server's command line, as an operator runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.crypto import KdfParameters, KdfPolicy
from casebook.errors import ServerFolderError
from central_server.__main__ import main
from central_server.authority import PASSPHRASE_VARIABLE, read_keys, write_keys
from central_server.settings import read_settings
from tests.server_process import CUSTODIANS

_CHEAP = KdfPolicy(
    chosen=KdfParameters(memory_kib=64, passes=1, lanes=1),
    floor=KdfParameters(memory_kib=32, passes=1, lanes=1),
    ceiling=KdfParameters(memory_kib=1024, passes=3, lanes=2),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "server"
    assert main(["init", str(folder), "--site", '001="Demo site"', "--name", "crf.example.cn", *CUSTODIANS]) == 0
    return folder


def test_init_makes_private_files_of_the_shipped_study(folder: Path) -> None:
    settings = read_settings(folder)

    assert settings.study == "RELOW1"
    assert settings.url == "https://crf.example.cn:8443"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "keys.json").stat().st_mode & 0o077 == 0


def test_init_does_not_touch_a_folder_that_holds_a_server(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "keys.json").read_bytes()

    assert main(["init", str(folder)]) == 1

    assert "holds a server already" in capsys.readouterr().err
    assert (folder / "keys.json").read_bytes() == before


def test_enrol_prints_code_address_and_qr_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enrol", str(folder), "--site", "001"]) == 0

    said = capsys.readouterr().out
    assert "https://crf.example.cn:8443" in said
    assert "CASEBOOK1|" in said


def test_users_are_added_and_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--site", "001", "--name", "赵敏", "--role", "Investigator", "--user", "zhao.min"]
    assert main(["user", str(folder), "add", *arguments]) == 0
    assert main(["user", str(folder), "list", "--json"]) == 0

    said = capsys.readouterr().out
    assert "Personal code" in said
    (row,) = json.loads(said.splitlines()[-1])
    assert row == {
        "user": "zhao.min",
        "name": "赵敏",
        "role": "ROLE.INVESTIGATOR",
        "site": "001",
        "sites": [],
        "revoked": False,
        "laptops": [],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["enrol", "--site", "999"],
        ["user", "add", "--site", "001", "--name", "X", "--role", "king"],
        ["user", "add", "--role", "investigator"],
        ["user", "code", "--user", "nobody"],
        ["user", "code", "--user", "No Body"],
        ["user", "admit", "--invitation", "0f0f"],
        ["user", "admit"],
        ["lost", "--device", "?"],
        ["site", "--site", "no-equals-sign"],
        ["revoke", "--device", "A" * 16],
        ["rebuild"],
    ],
)
def test_command_that_cannot_be_done_is_refused_in_a_sentence(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *rest = arguments

    assert main([name, str(folder), *rest]) == 1
    assert capsys.readouterr().err.strip().endswith(".")


def test_folder_without_a_server_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path)]) == 1
    assert "run init first" in capsys.readouterr().err


def test_status_counts_what_is_held(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(folder)]) == 0
    assert "Site 001  Demo site  check " in capsys.readouterr().out


def test_command_line_starts_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "central_server", "--version"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0


def test_encrypted_keys_open_with_their_passphrase_alone(folder: Path, tmp_path: Path) -> None:
    keys = read_keys(folder, passphrase=None, policy=_CHEAP)
    write_keys(tmp_path, keys, passphrase="correct horse", policy=_CHEAP)

    assert read_keys(tmp_path, passphrase="correct horse", policy=_CHEAP) == keys
    for wrong in (None, "wrong"):
        with pytest.raises(ServerFolderError):
            read_keys(tmp_path, passphrase=wrong, policy=_CHEAP)
    assert keys.device.encode() not in (tmp_path / "keys.json").read_bytes()


def test_init_encrypts_keys_when_a_passphrase_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "correct horse battery")
    assert main(["init", str(tmp_path / "server"), "--site", "001=X", *CUSTODIANS]) == 0
    monkeypatch.delenv(PASSPHRASE_VARIABLE)

    assert main(["status", str(tmp_path / "server")]) == 1
    assert PASSPHRASE_VARIABLE in capsys.readouterr().err


def test_damaged_key_file_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes((folder / "keys.json").read_bytes()[:100])
    with pytest.raises(ServerFolderError):
        read_keys(tmp_path, passphrase=None, policy=_CHEAP)


def test_tls_certificate_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    main(["init", str(folder), *CUSTODIANS])
    before = read_keys(folder, passphrase=None, policy=_CHEAP)
    assert main(["tls", str(folder), "--name", "new.example.cn"]) == 0
    after = read_keys(folder, passphrase=None, policy=_CHEAP)

    assert after.authority == before.authority
    assert after.tls_certificate != before.tls_certificate
    assert read_settings(folder).names == ("new.example.cn",)

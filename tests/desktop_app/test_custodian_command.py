"""`casebook custodian`: a key is made, and a laptop that nobody can open is opened with it."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casebook.errors import CustodianKeyWrongError, StudyOutputTakenError
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY
from casebook.store.slots import KeySlots
from desktop_app import cli, custodian_command
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE

PHRASE = "kept far from the key"


def typing(*lines: str) -> Callable[[str], str]:
    rest: Iterator[str] = iter(lines)
    return lambda _: next(rest)


@pytest.fixture
def keyfile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, bytes]:
    file = tmp_path / "custodian.key"
    assert custodian_command.new_key(file, CHEAP_KDF, typing(PHRASE, PHRASE)) == 0
    said = capsys.readouterr().out.splitlines()
    return file, base64.b64decode(said[0].split()[-1])


@pytest.fixture
def sidecar(tmp_path: Path, keyfile: tuple[Path, bytes]) -> Path:
    folder = tmp_path / "laptop"
    folder.mkdir()
    slots, vault_key = KeySlots.create(folder, CHEAP_KDF)
    slots.add_person(vault_key, PERSON, PASSPHRASE, PRIVATE)
    slots.set_escrow(vault_key, keyfile[1])
    return folder / SIDECAR


def test_laptop_that_nobody_can_open_is_opened(
    keyfile: tuple[Path, bytes], sidecar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = sidecar.with_name("opened.json")
    assert custodian_command.open_for_site(sidecar, [keyfile[0]], out, CHEAP_KDF, typing(PHRASE)) == 0
    code = capsys.readouterr().out.splitlines()[1]
    for name in (SIDECAR, SIDECAR_COPY):
        (sidecar.parent / name).write_bytes(out.read_bytes())
    recovered = KeySlots.open(sidecar.parent, CHEAP_KDF).unlock_recovery(code)
    assert recovered.by_escrow
    assert len(recovered.vault_key) == 32


def test_nothing_is_written_over(keyfile: tuple[Path, bytes], sidecar: Path) -> None:
    before = keyfile[0].read_bytes()
    with pytest.raises(StudyOutputTakenError):
        custodian_command.new_key(keyfile[0], CHEAP_KDF, typing(PHRASE, PHRASE))
    with pytest.raises(StudyOutputTakenError):
        custodian_command.open_for_site(sidecar, [keyfile[0]], sidecar, CHEAP_KDF, typing(PHRASE))
    assert keyfile[0].read_bytes() == before


@pytest.mark.parametrize("typed", [("one", "other"), ("", "")])
def test_passphrases_that_differ_make_no_key(tmp_path: Path, typed: tuple[str, str]) -> None:
    assert custodian_command.new_key(tmp_path / "key", CHEAP_KDF, typing(*typed)) == 1
    assert not (tmp_path / "key").exists()


def test_wrong_passphrase_and_missing_file_are_told(keyfile: tuple[Path, bytes], sidecar: Path) -> None:
    out = sidecar.with_name("opened.json")
    with pytest.raises(CustodianKeyWrongError):
        custodian_command.open_for_site(sidecar, [keyfile[0]], out, CHEAP_KDF, typing("another"))
    with pytest.raises(CustodianKeyWrongError):
        custodian_command.open_for_site(sidecar, [sidecar.with_name("none")], out, CHEAP_KDF, typing(PHRASE))
    assert not out.exists()


def test_key_file_is_the_owners(keyfile: tuple[Path, bytes]) -> None:
    assert keyfile[0].stat().st_mode & 0o077 == 0


def test_command_line_names_both_acts() -> None:
    new = cli.parser().parse_args(["custodian", "new", "key"])
    assert (new.custodian, new.keyfile) == ("new", Path("key"))
    opens = cli.parser().parse_args(["custodian", "open", "--sidecar", "a", "--key", "b", "--key", "c"])
    assert (opens.sidecar, opens.key, opens.out) == (Path("a"), [Path("b"), Path("c")], None)


def test_command_line_makes_no_key_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_text("there", encoding="utf-8")
    assert cli.run(["custodian", "new", str(tmp_path / "key")]) == 2
    assert "exists already" in capsys.readouterr().err

"""A study with several sites, two shelves and a lost laptop, through the server's command line and a real process."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.crypto import PRODUCTION_KDF, KdfParameters, KdfPolicy, SealingKey
from casebook.errors import NotPermittedError, RoleRefusedError, ServerFolderError
from casebook.ledger import IDENTITY, UNBLINDING
from casebook.records import ItemPath
from casebook.store.escrow import open_escrow, read_custodian_key
from casebook.store.slot_file import SIDECAR, VaultPerson
from casebook.store.slots import KeySlots
from central_server.__main__ import main
from central_server.authority import UNBLINDING_VARIABLE, read_keys, write_keys
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.server_process import CUSTODIANS, ServerProcess

_CHEAP = KdfPolicy(
    chosen=KdfParameters(memory_kib=64, passes=1, lanes=1),
    floor=KdfParameters(memory_kib=32, passes=1, lanes=1),
    ceiling=KdfParameters(memory_kib=1024, passes=3, lanes=2),
)
_PRESSURE = ItemPath(group="IG.VS.BP1", item="SYSBP")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    sites = {number: f"Site {number}" for number in ("001", "002", "003", "004", "005", "900", "901")}
    with ServerProcess(tmp_path_factory.mktemp("study") / "server", sites=sites) as process:
        yield process


def _refused(server: ServerProcess, name: str, *arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([name, str(server.folder), *arguments]) == 1
    return capsys.readouterr().err


def test_data_manager_is_given_sites_and_loses_one(server: ServerProcess) -> None:
    ward = EnrolledLaptop(server, name="Investigator")
    manager = EnrolledLaptop(server, site="900", name="Data manager", role="data")
    server.command("user", "give", "--user", manager.user, "--sites", "001,002")
    entry, secret = ward.write("1"), ward.write("2", compartment=UNBLINDING)
    ward.sync_both()

    standard, unblinding = manager.sync_both()
    query = manager.write("3", site="001")
    manager.sync(signed_in=True)
    ward.sync()
    server.command("user", "take", "--user", manager.user, "--sites", "001", "--reason", "no longer needed")
    later = ward.write("4")
    ward.sync()
    after = manager.sync(signed_in=True)

    assert standard.in_step
    assert unblinding.in_step
    assert entry.id in identities(manager.log)
    assert secret.id in identities(manager.unblinding)
    assert query.id in identities(ward.log)
    assert after.in_step
    assert [site for site, _ in after.checks] == ["002", "900"]
    assert later.id not in identities(manager.log)
    assert entry.id in identities(manager.log)


def test_blinded_assessor_gets_nothing_of_shelf_u_over_the_wire(server: ServerProcess) -> None:
    ward = EnrolledLaptop(server, site="002", name="Investigator")
    blind = EnrolledLaptop(server, site="002", name="Assessor", role="blind")
    ward.write("1", compartment=UNBLINDING)
    ward.sync_both()

    assert blind.sync(signed_in=True).in_step
    with pytest.raises(NotPermittedError) as refused:
        blind.sync(shelf="U", signed_in=True)

    assert refused.value.fields == {}
    assert identities(blind.unblinding) == set()
    assert {one.parsed.shelf for one in blind.log.commits()} == {"S"}


def test_status_shows_both_shelves(server: ServerProcess) -> None:
    ward = EnrolledLaptop(server, site="003", name="Investigator")
    ward.write("1")
    ward.write("2", compartment=UNBLINDING)
    standard, unblinding = ward.sync_both()

    site = next(one for one in server.status()["sites"] if one["site"] == "003")

    assert (site["check"], site["unblinding_check"]) == (standard.spoken_check, unblinding.spoken_check)
    assert [(one["commits"], one["unblinding_commits"]) for one in site["laptops"]] == [(1, 1)]
    assert unblinding.spoken_check in server.command("status")


def test_roles_are_given_as_the_study_says(server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
    user, _ = server.add_user("Coordinator", "coordinator", site="004")
    assert "ROLE.PI" in server.command("user", "role", "--user", user, "--role", "pi")

    blinded = _refused(server, "user", "role", "--user", user, "--role", "blind", capsys=capsys)
    given = _refused(server, "user", "give", "--user", user, "--sites", "001", capsys=capsys)
    unknown = _refused(server, "user", "take", "--user", user, "--sites", "001", capsys=capsys)

    assert "cannot be blinded again" in blinded
    assert "belong to one site" in given
    assert "no site given" in unknown
    assert RoleRefusedError(name="x", why={"en": "a", "zh": "b"}).sentence("zh").startswith("x：b")


def test_people_with_given_sites_are_listed(server: ServerProcess) -> None:
    made = json.loads(
        server.command(
            "user", "add", "--site", "901", "--sites", "001,003", "--name", "M", "--role", "monitor", "--json"
        )
    )
    (row,) = json.loads(server.command("user", "list", "--site", "901", "--json"))

    assert (row["user"], row["sites"], row["revoked"]) == (made["user"], ["001", "003"], False)
    assert "given 001, 003" in server.command("user", "list", "--site", "901")


def test_withdrawn_person_is_held_and_comes_back(server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
    ward = EnrolledLaptop(server, site="004", name="Investigator Four")
    ward.write("1")
    ward.sync()
    said = server.command("user", "revoke", "--user", ward.user, "--reason", "left")
    late = ward.write("2")
    ward.sync(signed_in=True)
    with pytest.raises(NotPermittedError):
        ward.sync(shelf="U", signed_in=True)

    assert "held for a decision" in said
    assert ward.directory.effect(late.id) == "held"
    assert "no user" in _refused(server, "user", "code", "--user", ward.user, capsys=capsys)
    assert "withdrawn" in server.command("user", "list", "--site", "004")
    server.command("user", "restore", "--user", ward.user)
    fresh = ward.write("3")
    assert ward.sync(signed_in=True).in_step
    assert ward.directory.effect(fresh.id) is None
    assert ward.sync(shelf="U", signed_in=True).in_step


# -- lost laptops --------------------------------------------------------------------------------------------------


def test_key_slots_are_kept_for_custodians_and_the_report(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = EnrolledLaptop(server, site="005", name="Investigator Six")
    out = tmp_path / "slots.json"
    vault = tmp_path / "vault"
    vault.mkdir()
    slots, vault_key = KeySlots.create(vault, _CHEAP)
    slots.add_person(vault_key, VaultPerson(user=laptop.user, name="Investigator Six"), "passphrase", b"private")
    slots.set_escrow(vault_key, laptop.enrolled.custodians[0])
    laptop.sync()
    assert "no key slots" in _refused(server, "sidecar", "--device", laptop.device, "--out", str(out), capsys=capsys)
    laptop.sidecar = (vault / SIDECAR).read_bytes()
    laptop.sync()

    server.command("sidecar", "--device", laptop.device, "--out", str(out))
    report = server.command("lost", "--device", laptop.device)

    assert open_escrow(out.read_bytes(), SealingKey(bytes([1]) * 32)).vault_key == vault_key
    assert "exists already" in _refused(server, "sidecar", "--device", laptop.device, "--out", str(out), capsys=capsys)
    assert f"{laptop.user}: Argon2id 0 MiB, 1 passes, 1 lanes" in report
    assert "escrow: sealed to a public key" in report


def test_lost_laptop_is_withdrawn_and_reported(server: ServerProcess) -> None:
    ward = EnrolledLaptop(server, site="005", name="Investigator Five")
    colleague = EnrolledLaptop(server, site="005", name="Coordinator Five", role="coordinator")
    colleague.write("1")
    colleague.write("2", compartment=UNBLINDING)
    colleague.write("Participant", compartment=IDENTITY)
    colleague.sync_both()
    ward.write("3")
    ward.sync_both()

    report = server.command("lost", "--device", ward.device)
    pending = ward.write("4")
    standard, unblinding = ward.sync_both()
    again = server.command("lost", "--device", ward.device)

    assert "State: withdrawn" in report
    assert f"{ward.user}  Investigator Five  ROLE.INVESTIGATOR  may know treatments" in report
    assert "standard: sites 005; 2 subjects, 2 forms, 1 records with identity" in report
    assert "unblinding: sites 005; 1 subjects, 1 forms, 0 records with identity" in report
    assert "received up to number 1" in report
    assert "Its key slots were never handed in." in report
    assert (server.folder / f"lost-{ward.device}.txt").read_text(encoding="utf-8") in again
    assert standard.withdrawn
    assert unblinding.withdrawn
    assert "received up to number 2" in again
    colleague.sync()
    assert pending.id in identities(colleague.log)
    assert colleague.directory.effect(pending.id) == "held"


# -- the statistician ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    """A server that holds a pressure of 171 in shelf S and of 172 in shelf U, and is at rest."""
    process = ServerProcess(tmp_path_factory.mktemp("filled") / "server", sites={"001": "One", "002": "Two"})
    with process:
        ward = EnrolledLaptop(process)
        ward.write("171", path=_PRESSURE)
        ward.write("172", path=_PRESSURE, compartment=UNBLINDING)
        ward.sync_both()
    return process


def _values(folder: Path) -> set[bytes]:
    """Return every number that stands alone in a cell or an attribute; ids and hashes may hold any digits."""
    files = (path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return {found for file in files for found in re.findall(rb"(?<=[,\"])[0-9]+(?=[,\"\r\n])", file)}


def test_export_takes_shelf_s_alone_and_is_noted(filled: ServerProcess, tmp_path: Path) -> None:
    said = filled.command("export", "--out", str(tmp_path / "out"), "--by", "Statistician", "--reason", "interim")
    values = _values(tmp_path / "out" / "001")

    assert "Site 001: 1 subjects, 1 forms" in said
    assert "Site 002" not in said
    assert b"171" in values
    assert b"172" not in values
    assert not (tmp_path / "out" / "002").exists()


def test_unblinded_export_is_noted_in_shelf_u(filled: ServerProcess, tmp_path: Path) -> None:
    before = {one["site"]: one["unblinding_commits"] for one in filled.status()["sites"]}
    filled.command("export", "--out", str(tmp_path / "out"), "--by", "Statistician", "--reason", "final", "--unblinded")
    after = {one["site"]: one["unblinding_commits"] for one in filled.status()["sites"]}

    assert b"172" in _values(tmp_path / "out")
    assert after["001"] == before["001"] + 1


def test_export_never_writes_over_a_folder(
    filled: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--out", str(tmp_path), "--by", "S", "--reason", "final"]
    assert "exists already" in _refused(filled, "export", *arguments, capsys=capsys)
    assert "no site" in _refused(filled, "export", *arguments[:1], "x", *arguments[2:], "--sites", "9", capsys=capsys)


# -- keys ----------------------------------------------------------------------------------------------------------


def test_key_of_the_unblinding_store_has_a_passphrase_of_its_own(filled: ServerProcess, tmp_path: Path) -> None:
    keys = read_keys(filled.folder, passphrase=None, policy=_CHEAP)
    assert keys.unblinding is not None
    write_keys(tmp_path, keys, passphrase="first one", policy=_CHEAP, unblinding="second one")

    without = read_keys(tmp_path, passphrase="first one", policy=_CHEAP)
    both = read_keys(tmp_path, passphrase="first one", policy=_CHEAP, unblinding="second one")
    write_keys(tmp_path, without, passphrase="changed", policy=_CHEAP)
    kept = read_keys(tmp_path, passphrase="changed", policy=_CHEAP, unblinding="second one")

    assert without.unblinding is None
    assert both == kept == keys
    with pytest.raises(ServerFolderError):
        read_keys(tmp_path, passphrase="first one", policy=_CHEAP, unblinding="wrong")
    assert base64.b64encode(keys.unblinding.key) not in (tmp_path / "keys.json").read_bytes()


def test_server_without_the_second_passphrase_does_what_concerns_shelf_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "server"
    monkeypatch.setenv(UNBLINDING_VARIABLE, "second one")
    assert main(["init", str(folder), "--site", "001=One", *CUSTODIANS]) == 0
    monkeypatch.delenv(UNBLINDING_VARIABLE)

    assert main(["enrol", str(folder), "--site", "001"]) == 0
    assert main(["user", str(folder), "add", "--site", "001", "--name", "A", "--role", "pi"]) == 0
    assert main(["status", str(folder)]) == 0
    assert "unblinding key not given" in capsys.readouterr().out
    for command in (["run"], ["user", "revoke", "--user", "a"], ["lost", "--device", "A" * 16]):
        assert main([command[0], str(folder), *command[1:]]) == 1
        assert UNBLINDING_VARIABLE in capsys.readouterr().err


def test_init_makes_custodians_to_be_taken_offline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "server"
    assert main(["init", str(folder), CUSTODIANS[0]]) == 0
    said = capsys.readouterr().out
    passphrase = next(line.split()[-1] for line in said.splitlines() if "Passphrase" in line)
    file = folder / "custodians" / "unblinding.key"

    key = read_custodian_key(file.read_bytes(), passphrase, PRODUCTION_KDF, file="unblinding.key")

    settings = json.loads((folder / "server.json").read_text(encoding="utf-8"))
    assert settings["custodians"] == [SealingKey(bytes([1]) * 32).public.hex(), key.public.hex()]
    assert [one.name for one in (folder / "custodians").iterdir()] == ["unblinding.key"]

"""Backups of a running server, and what a server that was put back to one gets again from its laptops."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from casebook import crypto
from casebook.attachments import CHUNK_BYTES, chunk_names
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.commit_log import SqlcipherLog
from central_server.__main__ import main
from central_server.authority import StudyKeys, read_keys
from central_server.checking import chunk_folders
from tests.casebook.sync.chunk_study import photo
from tests.central_server.laptops import EnrolledLaptop, PhotoLaptop, identities
from tests.server_process import ServerProcess


def _keys(folder: Path) -> StudyKeys:
    return read_keys(folder, passphrase=None, policy=crypto.PRODUCTION_KDF)


def _receipts(server: ServerProcess) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.command("receipts", "--json"))
    return found


def _epochs_of_statements(folder: Path) -> set[str]:
    keys = _keys(folder)
    log = SqlcipherLog.open(folder / "casebook.db", keys.store_key, keys.store_salt)
    try:
        return {head.epoch for head in log.heads() if head.device == keys.device}
    finally:
        log.close()


def test_server_restored_from_yesterday_gets_everything_again(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server", sites={"001": "One", "002": "Two"}) as server:
        laptop, second = EnrolledLaptop(server, name="Investigator"), EnrolledLaptop(server, name="Colleague")
        yesterday = [laptop.write(str(value)) for value in range(5)]
        laptop.write("arm", compartment=UNBLINDING)
        laptop.sync_both()
        second.sync_both()
        chain = (yesterday[0].parsed.device, yesterday[0].parsed.epoch)
        before_backup = laptop.log.backed_up(*chain)

        said = server.command("backup", "--to", str(tmp_path / "backup"))
        laptop.sync_both()
        backed_up = laptop.log.backed_up(*chain)
        today = [laptop.write(str(value)) for value in range(5, 8)]
        server.add_user("Investigator C")
        server.command("site", "--site", "003=Opened after the backup")
        laptop.sync_both()
        confirmed = (laptop.log.custody(*chain), laptop.log.backed_up(*chain))
        second.sync_both()
        serial = max(one.serial for one in laptop.log.receipts())
    assert "every signature holds" in said
    assert (before_backup, backed_up, confirmed) == (0, 5, (8, 5))

    assert main(["restore", str(tmp_path / "backup"), "--to", str(tmp_path / "restored")]) == 0
    restored = ServerProcess(tmp_path / "restored")
    after_restore = _receipts(restored)
    with restored:
        laptop.server = second.server = restored
        restored.command("site", "--site", "001=Renamed after the restore")
        report = laptop.sync(signed_in=True)
        laptop.sync(shelf="U", signed_in=True)
        half = _receipts(restored)
        other, _ = second.sync_both()
        whole = _receipts(restored)
        restored.command("check")

        assert report.restored
        assert (report.in_step, other.in_step) == (True, True)
        assert laptop.log.custody(*chain) == 8
        assert laptop.log.backed_up(*chain) == 0, "the new store has no backup yet"
        assert min(one.serial for one in laptop.log.receipts()[-1:]) > serial
        assert {one.id for one in today} <= identities(second.log)
        assert (len(after_restore["not_heard"]), len(half["not_heard"]), len(whole["not_heard"])) == (2, 1, 0)
        assert whole["missing"] == 0

        restored.command("backup", "--to", str(tmp_path / "again"))
        laptop.sync()
        assert laptop.log.backed_up(*chain) == 8
    assert len(_epochs_of_statements(tmp_path / "restored") - _epochs_of_statements(tmp_path / "server")) == 1


def test_custody_falls_with_the_first_word_of_a_restored_server_and_rises_again(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server") as server:
        laptop = EnrolledLaptop(server)
        server.command("backup", "--to", str(tmp_path / "backup"))
        entry = laptop.write("1")
        laptop.sync()
    assert main(["restore", str(tmp_path / "backup"), "--to", str(tmp_path / "restored")]) == 0
    chain = (entry.parsed.device, entry.parsed.epoch)
    received = laptop.log.received_at(*chain, 1)

    with ServerProcess(tmp_path / "restored") as restored:
        laptop.server = restored
        report = laptop.sync()
        again = laptop.log.received_at(*chain, 1)

    assert report.restored
    assert received is not None
    assert again is not None
    assert again > received, "what the earlier server said counts no more"


def test_backup_holds_no_key_of_custodians_and_opens_with_the_servers_keys_alone(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server") as server:
        laptop = EnrolledLaptop(server)
        laptop.write("secret-value")
        laptop.sync()
        (server.folder / "custodians").mkdir()
        (server.folder / "custodians" / "data.key").write_bytes(b"secret")
        server.command("backup", "--to", str(tmp_path / "backup"))

    files = {path.name for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    assert {"casebook.db", "unblinding.db", "keys.json", "server.json", "backup.json"} <= files
    assert "data.key" not in files
    assert not [name for name in files if name.endswith(("-wal", "-shm"))]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "backup").rglob("*"))
    assert b"secret-value" not in b"".join(path.read_bytes() for path in (tmp_path / "backup").glob("*.db"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a server that nobody uses."""
    folder = tmp_path_factory.mktemp("made")
    server = ServerProcess(folder / "server")
    server.command("backup", "--to", str(folder / "backup"))
    return folder


@pytest.mark.parametrize("file", ["casebook.db", "unblinding.db", "keys.json", "server.json", "backup.json"])
def test_backup_of_which_a_byte_changed_is_refused(
    made: Path, tmp_path: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made / "backup", tmp_path / "backup")
    content = bytearray((tmp_path / "backup" / file).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "backup" / file).write_bytes(content)

    assert main(["restore", str(tmp_path / "backup"), "--to", str(tmp_path / "restored")]) != 0
    assert capsys.readouterr().err.strip().endswith(".")
    assert not (tmp_path / "restored").exists()


def test_nothing_is_written_over(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = str(made / "server")
    assert main(["backup", server, "--to", str(made / "backup")]) == 1
    assert main(["restore", str(made / "backup"), "--to", server]) == 1
    assert main(["restore", server, "--to", str(made / "other")]) == 1
    assert capsys.readouterr().err.count(".\n") == 3


def test_damaged_store_is_told(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(made / "server", tmp_path / "server")
    assert main(["check", str(tmp_path / "server")]) == 0
    store = tmp_path / "server" / "casebook.db"
    content = bytearray(store.read_bytes())
    for offset in range(4096 + 100, len(content), 4096):
        content[offset] ^= 1
    store.write_bytes(content)
    capsys.readouterr()

    assert main(["check", str(tmp_path / "server")]) == 3
    assert capsys.readouterr().err.strip().endswith(".")


def test_backup_carries_attachments_and_leaves_out_what_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ServerProcess(tmp_path / "server") as server:
        laptop = PhotoLaptop(server, tmp_path / "laptop")
        commit = laptop.attach(photo(5 * CHUNK_BYTES))
        laptop.sync()
        laptop.sync_chunks()
        server.command("backup", "--to", str(tmp_path / "whole"))
        damaged, *good = sorted(chunk_names(commit))
        file = server.folder / "chunks" / "standard" / damaged[:2] / damaged
        file.write_bytes(b"something else")
        assert "1 damaged" in server.command("backup", "--to", str(tmp_path / "less"))
    assert main(["check", str(tmp_path / "whole")]) == 0
    assert "5 chunks here, 0 named that are not here" in capsys.readouterr().out
    assert set(chunk_folders(tmp_path / "whole")[STANDARD].names()) == {damaged, *good}
    assert set(chunk_folders(tmp_path / "less")[STANDARD].names()) == set(good)

    assert main(["restore", str(tmp_path / "less"), "--to", str(tmp_path / "restored")]) == 0
    assert "4 chunks here, 1 named that are not here" in capsys.readouterr().out
    with ServerProcess(tmp_path / "restored") as restored:
        laptop.server = restored
        laptop.sync()
        report = laptop.sync_chunks()
    assert (report.sent, report.completed) == (1, 1), "only what the restored server lacks is sent again"


def test_check_tells_of_a_damaged_chunk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerProcess(tmp_path / "server")
    content = b"a sealed chunk"
    chunks = chunk_folders(server.folder)[STANDARD]
    chunks.put(crypto.sha256(content).hex(), content)
    assert main(["check", str(server.folder)]) == 0

    next(server.folder.glob("chunks/standard/*/*")).write_bytes(b"another")
    assert main(["check", str(server.folder)]) == 3
    assert "1 damaged" in capsys.readouterr().out
    assert main(["check", str(server.folder)]) == 0, "it was set aside"

"""Bundles at a real server: taken by its command line while it runs, answered, and by older folders too."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.attachments import CHUNK_BYTES
from casebook.crypto import PRODUCTION_KDF, SealingKey
from casebook.ledger import STANDARD, UNBLINDING
from casebook.sync.attachments import at_server
from casebook.sync.bundles import Holder, read_bundle, write_bundle
from central_server.__main__ import main
from central_server.authority import read_keys, write_keys
from central_server.settings import read_settings
from tests.casebook.sync.chunk_study import photo
from tests.central_server.laptops import EnrolledLaptop, PhotoLaptop, identities
from tests.server_process import ServerProcess


def _holder(laptop: EnrolledLaptop) -> Holder:
    return Holder(
        laptop=laptop.laptop(signed_in=True),
        site=laptop.enrolled.site,
        logs={STANDARD: laptop.log, UNBLINDING: laptop.unblinding},
        directory=laptop.directory,
        sealing=laptop.sealing,
        person_sealing=laptop.sealing,  # the test's person has the laptop's key
        random_bytes=os.urandom,
    )


def _status_of(server: ServerProcess, site: str) -> int:
    return sum(int(one["commits"]) for one in server.status()["sites"] if one["site"] == site)


def test_a_bundle_is_taken_while_the_server_runs_and_its_answer_is_the_receipt(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = EnrolledLaptop(server, site="007")
    laptop.sync_both()
    laptop.write("140")
    laptop.write("arm", compartment=UNBLINDING)
    holder = _holder(laptop)
    (file,) = write_bundle(holder, tmp_path, "laptop", at_ms=1).files
    answers = tmp_path / "answers"
    answers.mkdir()

    assert main(["bundle", "take", str(server.folder), str(file), "--reply", str(answers)]) == 0

    said = capsys.readouterr().out
    (answer,) = answers.iterdir()
    read = read_bundle(holder, answer)
    assert "bundle 1 of laptop A of site 007: 2 new records" in said
    assert answer.name == "RELOW1-server-to-007-A-bundle-1.crfb"
    assert read.unblinding is not None
    assert (read.standard.receipts, read.unblinding.receipts) == (1, 1)
    report = laptop.sync(signed_in=True)  # the running server and the file agree
    assert (report.in_step, report.pushed) == (True, 0)


def test_files_that_are_refused_change_nothing_and_the_others_are_taken(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = EnrolledLaptop(server, site="008")
    laptop.sync_both()
    laptop.write("1")
    (good,) = write_bundle(_holder(laptop), tmp_path, "laptop", at_ms=1).files
    cut = tmp_path / "cut.crfb"
    cut.write_bytes(good.read_bytes()[:-1])
    before = _status_of(server, "008")

    assert main(["bundle", "take", str(server.folder), str(cut), str(good)]) == 1

    said = capsys.readouterr().out
    assert "cut.crfb is damaged or was cut short" in said
    assert "1 new records" in said
    assert _status_of(server, "008") == before + 1
    assert main(["bundle", "reply", str(server.folder), "--device", laptop.device, "--out", str(tmp_path)]) == 0
    assert main(["bundle", "reply", str(server.folder), "--device", "nobody", "--out", str(tmp_path)]) == 1


def test_what_comes_as_a_file_reaches_the_other_laptops_of_the_site(server: ServerProcess, tmp_path: Path) -> None:
    one = EnrolledLaptop(server, site="009")
    two = EnrolledLaptop(server, site="009", name="Investigator B")
    one.sync_both()
    entry = one.write("1")

    assert (
        main(
            ["bundle", "take", str(server.folder), *map(str, write_bundle(_holder(one), tmp_path, "x", at_ms=1).files)]
        )
        == 0
    )
    two.sync_both()

    assert entry.id in identities(two.log)


def test_a_photo_comes_by_file_while_the_server_runs_and_goes_on_to_another_laptop(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (PhotoLaptop(server, tmp_path / name, site="005") for name in ("one", "two"))
    one.sync()
    commit = one.attach(photo(3 * CHUNK_BYTES))
    holder = replace(_holder(one), logs={STANDARD: one.log}, chunks={STANDARD: one.chunks})
    (file,) = write_bundle(holder, tmp_path, "laptop", at_ms=1).files
    answers = tmp_path / "answers"
    answers.mkdir()

    assert main(["bundle", "take", str(server.folder), str(file), "--reply", str(answers)]) == 0

    assert "3 parts of attachments are new" in capsys.readouterr().out
    read_bundle(holder, next(answers.iterdir()))
    assert at_server(one.log, commit.id).complete
    two.sync()
    assert two.sync_chunks().received == 3  # the running server gives what the command took


def test_a_server_made_before_there_were_bundles_gets_its_keys_at_the_first_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = ServerProcess(tmp_path / "old")
    keys = read_keys(server.folder, passphrase=None, policy=PRODUCTION_KDF)
    assert keys.unblinding is not None
    old = replace(keys, bundle=(), unblinding=replace(keys.unblinding, bundle=()))
    write_keys(server.folder, old, passphrase=None, policy=PRODUCTION_KDF)
    document = json.loads((server.folder / "keys.json").read_bytes())
    assert not document["encrypted"]
    missing = tmp_path / "missing.crfb"

    assert main(["bundle", "take", str(server.folder), str(missing)]) == 1
    first = read_keys(server.folder, passphrase=None, policy=PRODUCTION_KDF)
    assert main(["bundle", "renew-key", str(server.folder)]) == 0
    second = read_keys(server.folder, passphrase=None, policy=PRODUCTION_KDF)

    assert "missing.crfb could not be read" in capsys.readouterr().out
    assert first.unblinding is not None
    assert second.unblinding is not None
    assert (len(first.bundle), len(first.unblinding.bundle)) == (1, 1)
    assert second.bundle[:1] == first.bundle
    assert second.unblinding.bundle[:1] == first.unblinding.bundle
    assert all(isinstance(key, SealingKey) for key in second.bundle)
    assert len(second.bundle) == len(second.unblinding.bundle) == 2
    assert read_settings(server.folder).study == "RELOW1"

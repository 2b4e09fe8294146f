"""Training beside a real laptop whose data wait: nothing of the real folder is touched, and nothing crosses over.

Real processes of the real program, offscreen; a real server for what is carried to it.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casebook.crypto import PRODUCTION_KDF
from casebook.errors import CasebookError, NotInTrainingError, ServerNotTrustedError, ServerWordUntrustedError
from casebook.ids import UserId
from casebook.versions import Designs
from central_server.__main__ import main as server_command
from central_server.authority import read_keys
from desktop_app import sync_client
from desktop_app.cli import PRACTICE_WORD, training_folder
from desktop_app.sync_client import HttpPeer
from desktop_app.sync_stop import StopSign
from desktop_app.training import SITE, TRAINING_KDF, TrainingLaptop
from desktop_app.vault import AUTHORITY_FILE, Laptop
from tests.journeys.test_kill import Talker
from tests.laptops import Ward, design
from tests.server_process import ServerProcess


class Astray:
    """The real network, which leads to a real server whatever was asked for."""

    enrol = staticmethod(sync_client.enrol)
    certify_person = staticmethod(sync_client.certify_person)

    def __init__(self, url: str, authority: bytes) -> None:
        self._url = url
        self._authority = authority

    def open_peer(self, url: str, authority: bytes) -> HttpPeer:
        del url, authority
        return HttpPeer(self._url, self._authority)


def contents(folder: Path) -> dict[str, str]:
    """Return a hash of every byte of a folder, by file."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.usefixtures("stage")
def test_practising_leaves_a_real_laptop_and_its_unsent_data_as_they_are(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        session.add_subject()
    before = contents(tmp_path / "one")
    program = Talker("tests.journeys.training_process", "--folder", str(tmp_path / "one"), "--language", "en")
    processes: list[int] = []

    def said(first: str) -> list[Any]:
        line, before = program.hear(first)
        processes.extend(one[1] for one in before if one[0] == "stands")
        return line[1:]

    try:
        assert said("real") == ["Casebook", False]
        assert said("training") == ["TRAINING 培训", "TRAINING 培训", True]
        title, band, added = said("practised")
        assert (title, band) == ("Subjects – TRAINING 培训", True)
        assert "000-A001" in added
        assert said("back") == ["Casebook", False]
        assert program.process.wait() == 0
        for one in processes[1:]:
            assert os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) == 0
    finally:
        program.close()
    after = contents(tmp_path / "one")
    assert {name: after[name] for name in before} == before
    assert sorted(path.name for path in training_folder(tmp_path / "one").iterdir() if path.is_dir()) == [
        "laptop",
        "server",
    ]
    with ward.session(laptop) as session:
        assert [row.number for row in session.subjects()] == ["001-A001"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server of the real study, with a site of the number that training has."""
    process = ServerProcess(tmp_path_factory.mktemp("server") / "study", sites={SITE: "Real site"}).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingLaptop]:
    """Training with a subject that is not sent."""
    laptop = TrainingLaptop(tmp_path_factory.mktemp("trained") / "x-training", Designs(current=design()))
    session = laptop.unlock(UserId("pi"), PRACTICE_WORD)
    session.add_subject()
    session.lock()
    yield laptop
    laptop.close()


def test_a_real_server_takes_nothing_that_training_made(
    server: ServerProcess, trained: TrainingLaptop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = server.status()["sites"]
    session = trained.unlock(UserId("pi"), PRACTICE_WORD)
    try:
        refused = session.bundling.write(str(tmp_path), None, lambda _: None, StopSign())
        assert isinstance(refused.error, NotInTrainingError)
        assert list(tmp_path.iterdir()) == []
        forced = replace(session.bundling, training=False).write(str(tmp_path), None, lambda _: None, StopSign())
        assert forced.error is None
    finally:
        session.lock()
    (file,) = tmp_path.iterdir()
    assert server_command(["bundle", "take", str(server.folder), str(file)]) != 0
    assert "Nothing was taken" in capsys.readouterr().out
    assert server.status()["sites"] == before


@pytest.mark.parametrize(
    ("trusts", "refusal"), [("its own server", ServerNotTrustedError), ("the real one", ServerWordUntrustedError)]
)
def test_a_practice_laptop_cannot_exchange_with_a_real_server(
    server: ServerProcess, trained: TrainingLaptop, trusts: str, refusal: type[CasebookError]
) -> None:
    before = server.status()["sites"]
    folder = trained.folder / "laptop"
    own = (folder / AUTHORITY_FILE).read_bytes()
    real = read_keys(server.folder, passphrase=None, policy=PRODUCTION_KDF).authority
    network = Astray(server.url, real if trusts == "the real one" else own)
    laptop = Laptop(folder, design(), network, kdf=TRAINING_KDF, training=True)
    session = laptop.unlock(UserId("pi"), PRACTICE_WORD)
    outcome = laptop.synchroniser().sync_now()
    session.lock()
    assert isinstance(outcome.error, refusal)
    assert server.status()["sites"] == before

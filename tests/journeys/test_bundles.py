"""A site whose laptops never meet the server's network again after enrolment: sticks, answers, and a shared table."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.ids import UserId
from central_server.__main__ import main
from desktop_app import neighbours
from desktop_app.session import Session
from desktop_app.snapshots import Custody
from desktop_app.sync_stop import StopSign
from desktop_app.vault import Laptop
from tests.desktop_app.test_bundling import SYSBP, enter, take, vitals
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, sync
from tests.server_process import ServerProcess

_ROOT = Path(__file__).parents[2]
PEOPLE = {"one": ("Coordinator A", "coordinator.a"), "two": ("Coordinator B", "coordinator.b")}


class Ward:
    """Two laptops with a person each, enrolled at a real server that is then out of reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = ServerProcess(folder / "server").start()
        self.stick = folder / "stick"
        self.stick.mkdir()
        for name, (person, user) in PEOPLE.items():
            made, code = self.server.add_user(person, "ROLE.COORDINATOR")
            assert made == user
            laptop = self.laptop(name)
            recovery = laptop.enrol(self.server.enrolment_code(), self.server.url, code, f"Laptop {name}", PASSPHRASE)
            laptop.test_recovery(recovery)
        for name in (*PEOPLE, *PEOPLE):
            session = self.unlock(name)
            sync(self.opened, session)
            session.lock()
        self.server.stop()

    def laptop(self, name: str) -> Laptop:
        return online_laptop(self.folder / name)

    def unlock(self, name: str) -> Session:
        self.opened = self.laptop(name)
        return self.opened.unlock(UserId(PEOPLE[name][1]), PASSPHRASE)

    def carry_to_the_server(self, session: Session) -> list[str]:
        """Write a bundle, take it with the server's own command, and return its answers."""
        session.seal_open()
        before = set(self.stick.iterdir())
        written = session.bundling.write(str(self.stick), None, _nothing, StopSign())
        assert written.error is None, written.message
        session.after_bundle()
        files = sorted(set(self.stick.iterdir()) - before)
        answers = self.folder / f"answers-{len(before)}"
        answers.mkdir()
        command = ["bundle", "take", str(self.server.folder), *map(str, files), "--reply", str(answers)]
        assert main(command) == 0
        return [str(file) for file in answers.iterdir()]


def _nothing(_: int) -> None:
    """Look away."""


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    ward = Ward(tmp_path_factory.mktemp("ward"))
    yield ward
    ward.server.kill()


def test_the_whole_story_without_a_network(ward: Ward) -> None:
    session = ward.unlock("one")
    subject = enter(session, "150")
    assert {row.custody for row in session.subjects()} == {Custody.HERE_ONLY}

    answers = ward.carry_to_the_server(session)
    in_bundle = {row.custody for row in session.subjects()}
    take(session, session.bundling.read(answers, _nothing, StopSign()))

    assert in_bundle == {Custody.BUNDLE}
    assert {row.custody for row in session.subjects()} == {Custody.RECEIVED}
    session.lock()

    # The two laptops share a table: each in its own process, over loopback, with no server.
    with _process("wait", ward, "one") as waiting:
        _, address, figures = _said(waiting, "open")
        port = address.partition(":")[2] or str(neighbours.PORT)
        with _process("call", ward, "two", f"127.0.0.1:{port}", figures) as calling:
            assert " ".join(_said(waiting, "done")).endswith("Both show the same now.")
            assert " ".join(_said(calling, "done")).endswith("Both show the same now.")
            assert _said(waiting, "subjects") == _said(calling, "subjects") == ["subjects", "001-A001"]
    assert (waiting.returncode, calling.returncode) == (0, 0)

    # The second laptop goes on with the subject; its stick, and the answer to it, reach the first.
    session = ward.unlock("two")
    assert session.form(vitals(subject)).item(SYSBP).reading.value == "150"
    other = enter(session, "170")
    take(session, session.bundling.read(ward.carry_to_the_server(session), _nothing, StopSign()))
    session.lock()
    session = ward.unlock("one")
    take(session, session.bundling.read(ward.carry_to_the_server(session), _nothing, StopSign()))
    assert {row.subject for row in session.subjects()} == {subject, other}
    session.lock()

    # One day there is a network: nothing is left to send, and both ends hold the same.
    with ward.server:
        for name in PEOPLE:
            session = ward.unlock(name)
            outcome = ward.opened.synchroniser().sync_now()
            assert outcome.report is not None
            assert outcome.report.in_step
            session.lock()
        assert ward.server.status()["quarantined"] == 0


def _process(act: str, ward: Ward, name: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.journeys.neighbour_process", act, str(ward.folder / name)]
    return subprocess.Popen(
        [*command, PEOPLE[name][1], *more], cwd=_ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def _said(process: subprocess.Popen[str], begins: str) -> list[str]:
    """Return the words of the next line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(begins):
            return line.split()
    message = f"it ended without saying {begins}"
    raise AssertionError(message)

"""What a demonstration needs before anybody works: a server, a site, people, an enrolled laptop."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF
from casebook.ids import UserId
from casebook.locations import data_folder
from casebook.versions import read_designs
from desktop_app.https_network import HttpsNetwork
from desktop_app.vault import DEMO_FILE, Laptop
from tests.server_process import ServerProcess

from .report import Report, expect

SITE = "001"
SITE_NAME = "Demo site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of the demo site, named by role. The words open this person's slot on the demo laptop."""

    user: str
    name: str
    role: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A server that runs, and a laptop on which three people can sign in."""

    server: ServerProcess
    laptop: Laptop
    coordinator: Account
    investigator: Account
    assessor: Account


def laptop_in(folder: Path) -> Laptop:
    """Return the laptop of a folder, as the application would open it."""
    designs = read_designs(data_folder("forms") / "rescue_end_low")
    return Laptop(folder, designs.current, HttpsNetwork(), kdf=PRODUCTION_KDF, earlier=designs.earlier)


@contextmanager
def set_stage(report: Report) -> Iterator[Stage]:
    """Start the server and enrol the first laptop; the server ends with the block."""
    with report.step("The study's central server was set up: keys, certificate authority, encrypted embedded store."):
        server = ServerProcess(report.part("server"), sites={SITE: SITE_NAME})
        report.note(f"Its folder: {server.folder}")
    try:
        with report.step("The server was started: a process of its own, over TLS, on this computer only."):
            server.start()
            expect(server.url.startswith("https://127.0.0.1:"), f"It listens at {server.url}.")
            report.note(f"Address: {server.url}")
        yield _enrol_first(report, server)
    finally:
        server.stop()


def _enrol_first(report: Report, server: ServerProcess) -> Stage:
    coordinator = _account(server, "Coordinator A", "coordinator", "calm river paper lamp")
    investigator = _account(server, "Investigator B", "investigator", "green harbour seven clocks")
    assessor = _account(server, "Assessor C", "assessor", "seven silver quiet stones", "blind")
    laptop = laptop_in(report.part("laptops") / "A")
    with report.step(f"Laptop A was enrolled at site {SITE} with a one-time code, by {coordinator.name}."):
        code, personal = server.enrolment_code(SITE), server.personal_code(coordinator.user)
        recovery = laptop.enrol(code, server.url, personal, "Stroke unit", coordinator.words)
        expect(recovery, "No recovery code was made.")
        laptop.test_recovery(recovery)
        report.note(f"Its folder, encrypted: {laptop.folder.path}")
    for joining in (investigator, assessor):
        with report.step(f"{joining.name} joined on laptop A with a personal code: own keys, own certificate."):
            session = laptop.unlock(UserId(coordinator.user), coordinator.words)
            try:
                session.add_person(server.personal_code(joining.user), joining.words)
                outcome = laptop.synchroniser().sync_now()
                session.take_in(outcome.message, older_copy=outcome.older_copy)
            finally:
                session.lock()
    people = tuple(person.name for person in laptop.state().people)
    everybody = (coordinator, investigator, assessor)
    expect(people == tuple(one.name for one in everybody), f"The laptop knows {people}.")
    accounts = [(account.name, account.words) for account in everybody]
    (laptop.folder.path / DEMO_FILE).write_text(json.dumps(accounts), encoding="utf-8")
    return Stage(server=server, laptop=laptop, coordinator=coordinator, investigator=investigator, assessor=assessor)


def _account(server: ServerProcess, name: str, role: str, words: str, study_role: str = "") -> Account:
    user, _ = server.add_user(name, study_role or role, SITE)
    return Account(user=user, name=name, role=role, words=words)

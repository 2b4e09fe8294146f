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
from desktop_app.session import Session
from desktop_app.vault import DEMO_FILE, Laptop
from tests.server_process import ServerProcess

from .report import Report, expect

SITE, SITE_NAME = "001", "Demo site"
SPONSOR, SPONSOR_NAME = "900", "Demo sponsor"
"""Where data manager and monitor are at home; they are given the demo site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of the demonstration, named by role. The words open this person's slot on their laptop."""

    user: str
    name: str
    role: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A server that runs, and two laptops: one of the site, one of the sponsor.

    Attributes:
        laptop: Laptop A of the site.
        sponsor: The laptop of data management, whose home site is the sponsor's.
    """

    server: ServerProcess
    laptop: Laptop
    sponsor: Laptop
    coordinator: Account
    investigator: Account
    assessor: Account
    principal: Account
    administrator: Account
    manager: Account
    monitor: Account

    @property
    def staff(self) -> tuple[Account, ...]:
        """Who signs in on laptop A, the first of them enrolled it."""
        return self.coordinator, self.investigator, self.assessor, self.principal, self.administrator

    @property
    def data_management(self) -> tuple[Account, ...]:
        """Who signs in on the sponsor's laptop; the first of them enrolled it."""
        return self.manager, self.monitor


def laptop_in(folder: Path) -> Laptop:
    """Return the laptop of a folder, as the application would open it."""
    designs = read_designs(data_folder("forms") / "rescue_end_low")
    return Laptop(folder, designs.current, HttpsNetwork(), kdf=PRODUCTION_KDF, earlier=designs.earlier)


@contextmanager
def set_stage(report: Report) -> Iterator[Stage]:
    """Start the server and enrol the first laptop; the server ends with the block."""
    with report.step("The study's central server was set up: keys, certificate authority, encrypted embedded store."):
        server = ServerProcess(report.part("server"), sites={SITE: SITE_NAME, SPONSOR: SPONSOR_NAME})
        report.note(f"Its folder: {server.folder}")
    try:
        with report.step("The server was started: a process of its own, over TLS, on this computer only."):
            server.start()
            expect(server.url.startswith("https://127.0.0.1:"), f"It listens at {server.url}.")
            report.note(f"Address: {server.url}")
        yield _enrol_all(report, server)
    finally:
        server.stop()


def _enrol_all(report: Report, server: ServerProcess) -> Stage:
    stage = Stage(
        server=server,
        laptop=laptop_in(report.part("laptops") / "A"),
        sponsor=laptop_in(report.part("laptops") / "sponsor"),
        coordinator=_account(server, "Coordinator A", "coordinator", "calm river paper lamp"),
        investigator=_account(server, "Investigator B", "investigator", "green harbour seven clocks"),
        assessor=_account(server, "Assessor C", "assessor", "seven silver quiet stones", "blind"),
        principal=_account(server, "Principal investigator D", "principal", "nine amber winter roads", "pi"),
        administrator=_account(server, "Site administrator E", "administrator", "two copper garden doors", "admin"),
        manager=_given(server, "Data manager G", "data", "early cotton window trains"),
        monitor=_given(server, "Monitor H", "monitor", "plain velvet morning boats"),
    )
    for laptop, letter, site, name, people in (
        (stage.laptop, "Laptop A", SITE, "Stroke unit", stage.staff),
        (stage.sponsor, "The laptop of data management", SPONSOR, "Data management", stage.data_management),
    ):
        with report.step(f"{letter} was enrolled at site {site} with a one-time code, by {people[0].name}."):
            _enrol(server, laptop, site, name, people[0])
            report.note(f"Its folder, encrypted: {laptop.folder.path}")
        with report.step(
            f"With personal codes joined: {', '.join(one.name for one in people[1:])}; each has own keys."
        ):
            _join(server, laptop, people)
    return stage


def _enrol(server: ServerProcess, laptop: Laptop, site: str, name: str, first: Account) -> None:
    code, personal = server.enrolment_code(site), server.personal_code(first.user)
    recovery = laptop.enrol(code, server.url, personal, name, first.words)
    expect(recovery, "No recovery code was made.")
    laptop.test_recovery(recovery)


def _join(server: ServerProcess, laptop: Laptop, people: tuple[Account, ...]) -> None:
    """Let everybody in beside the first, and leave a file from which the unlock screen shows the demo accounts."""
    first, *joining = people
    session = laptop.unlock(UserId(first.user), first.words)
    try:
        for one in joining:
            session.add_person(server.personal_code(one.user), one.words)
        exchange(laptop, session)
    finally:
        session.lock()
    known = tuple(person.name for person in laptop.state().people)
    expect(known == tuple(one.name for one in people), f"The laptop knows {known}.")
    accounts = [(account.name, account.words) for account in people]
    (laptop.folder.path / DEMO_FILE).write_text(json.dumps(accounts), encoding="utf-8")


def exchange(laptop: Laptop, session: Session) -> None:
    """Synchronise a laptop on which somebody is signed in. Raises Refusal."""
    outcome = laptop.synchroniser().sync_now()
    session.take_in(outcome.message, older_copy=outcome.older_copy)


def _account(server: ServerProcess, name: str, role: str, words: str, study_role: str = "") -> Account:
    user, _ = server.add_user(name, study_role or role, SITE)
    return Account(user=user, name=name, role=role, words=words)


def _given(server: ServerProcess, name: str, role: str, words: str) -> Account:
    asked = ("--site", SPONSOR, "--sites", SITE, "--name", name, "--role", role, "--json")
    return Account(
        user=str(json.loads(server.command("user", "add", *asked))["user"]), name=name, role=role, words=words
    )

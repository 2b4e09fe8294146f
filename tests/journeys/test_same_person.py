"""Two laptops register one person; two people link them, with a reason, over a real server process.

Encrypted files, TLS, two laptops and a server of their own; the windows of it are `tests/desktop_app`'s.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from casebook.ids import UserId
from desktop_app.session import Session
from desktop_app.subject_snapshots import PairStanding
from desktop_app.vault import Laptop
from tests.desktop_app.test_oversight import key_of, path_of
from tests.desktop_app.test_same_person import WHY, lines, register
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, sync
from tests.server_process import ServerProcess


@dataclass(frozen=True)
class Desk:
    """A laptop with its people, the one who enrolled it first."""

    laptop: Laptop
    users: tuple[UserId, ...]

    @contextmanager
    def session(self, user: UserId, *, meets_server: bool = True) -> Iterator[Session]:
        """Sign in and lock at the end; in between meet the server first and last."""
        session = self.laptop.unlock(user, PASSPHRASE)
        try:
            if meets_server:
                sync(self.laptop, session)
            yield session
            if meets_server:
                sync(self.laptop, session)
        finally:
            session.lock()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server") as server:
        yield server


def enrolled(server: ServerProcess, folder: Path, roles: Sequence[str]) -> Desk:
    """Enrol a laptop at the server, with somebody of each role."""
    (first, code), *others = [server.add_user(f"Person with {role}", role) for role in roles]
    laptop = online_laptop(folder)
    laptop.test_recovery(laptop.enrol(server.enrolment_code(), server.url, code, f"Laptop {folder.name}", PASSPHRASE))
    desk = Desk(laptop, tuple(UserId(user) for user, _ in [(first, code), *others]))
    for _, one in others:
        with desk.session(desk.users[0]) as session:
            session.add_person(one, PASSPHRASE)
    return desk


def test_one_person_registered_on_two_laptops_is_made_one_by_two_people_over_a_server(
    server: ServerProcess, tmp_path: Path
) -> None:
    one = enrolled(server, tmp_path / "one", ("ROLE.COORDINATOR", "ROLE.PI"))
    two = enrolled(server, tmp_path / "two", ("ROLE.INVESTIGATOR", "ROLE.DATA"))
    pressures, pressure = ("SE.V1", "F.VS"), path_of("F.VS", "SYSBP")
    coordinator, principal = one.users
    investigator, manager = two.users
    with one.session(coordinator, meets_server=False) as session:
        first = register(session)
    with two.session(investigator, meets_server=False) as session:
        second = register(session)
        session.keep(key_of(second, *pressures), pressure, "150")
        session.save(key_of(second, *pressures))
    with two.session(investigator):
        pass
    with one.session(coordinator) as session:
        (offered,) = session.same_person.pairs()
        numbers = [number for number, _ in lines(session)]

    with one.session(principal) as session:
        proposed = session.same_person.propose(second, first, WHY).pair.standing
        apart = len(lines(session))
    with two.session(manager) as session:
        confirmed = session.same_person.answer(first, second, True, "").pair.standing

    shown = []
    for desk, user in ((one, coordinator), (two, investigator)):
        with desk.session(user) as session:
            shown.append((lines(session), session.same_person.pair(first, second).pair.standing))
            kept = session.form(key_of(second, *pressures)).item(pressure).reading
            assert kept.value == "150"
    assert ({offered.first, offered.second}, offered.standing) == ({first, second}, PairStanding.OFFERED)
    assert (proposed, apart, confirmed) == (PairStanding.PROPOSED, 2, PairStanding.LINKED)  # by the second person alone
    assert shown[0] == shown[1]
    assert shown[0][1] is PairStanding.LINKED
    ((number, also),) = shown[0][0]
    assert sorted([number, *also]) == sorted(numbers)  # nothing was renumbered

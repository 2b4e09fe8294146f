"""Laptops with real vaults in a study whose server answers in this process: the wire is the only fake.

Journeys use a real server process instead.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from casebook import crypto
from casebook.clock import Moment
from casebook.crypto import KdfParameters, KdfPolicy
from casebook.design import StudyDesign
from casebook.ids import UserId
from casebook.ledger import STANDARD, UNBLINDING, SealedCommit
from casebook.locations import data_folder
from casebook.study_files import read_study
from casebook.sync.judging import StudyJudge
from casebook.sync.office import RoleFacts, nothing_found
from casebook.sync.trust import Directory, Site, StaffMember
from casebook.verdicts import Verdict
from desktop_app.practice import PracticeStudy
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.casebook.store.memory_log import MemoryLog

_LITTLE = KdfParameters(memory_kib=64, passes=1, lanes=1)
CHEAP_KDF = KdfPolicy(chosen=_LITTLE, floor=_LITTLE, ceiling=_LITTLE)
URL = "https://server.example:8443"
PASSPHRASE = "four words that tests like"
SITE = "001"
NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)

PEOPLE = {
    "coordinator": ("Coordinator A", "ROLE.COORDINATOR"),
    "investigator": ("Investigator B", "ROLE.INVESTIGATOR"),
    "monitor": ("Monitor C", "ROLE.MONITOR"),
    "assessor": ("Assessor D", "ROLE.BLIND"),
    "principal": ("Principal investigator E", "ROLE.PI"),
    "interventionalist": ("Interventionalist F", "ROLE.INTERVENTION"),
    "manager": ("Data manager G", "ROLE.DATA"),
    "administrator": ("Site administrator H", "ROLE.ADMIN"),
    "statistician": ("Statistician I", "ROLE.STATISTICS"),
}
"""Name and role by user id."""


@cache
def design() -> StudyDesign:
    """Return the shipped study."""
    return read_study(data_folder("forms") / "rescue_end_low")


def staff() -> tuple[StaffMember, ...]:
    """Return the people of the site as the server states them."""
    roles = {role.oid: role for role in design().roles}
    return tuple(
        StaffMember(user=UserId(user), name=name, role=role, site=SITE, sees=roles[role].sees)
        for user, (name, role) in PEOPLE.items()
    )


@cache
def _authority() -> tuple[bytes, bytes]:
    return crypto.make_authority("RELOW1", at=NOW)


class TestClock:
    """A clock that tests set; it goes one second further at each look."""

    __test__ = False

    def __init__(self, start: datetime = NOW) -> None:
        self.utc_ms = int(start.timestamp() * 1000)
        self.ahead_ms = 0

    def __call__(self) -> Moment:
        self.utc_ms += 1000
        return Moment(utc_ms=self.utc_ms, offset_minutes=480, boot="boot", uptime_ms=self.utc_ms - self.ahead_ms)

    def set_wall(self, utc_ms: int) -> None:
        """Set the wall clock; uptime goes on."""
        self.ahead_ms += utc_ms - self.utc_ms
        self.utc_ms = utc_ms


class Court:
    """The server's judge, which knows its study only once that stands."""

    def __init__(self) -> None:
        self.logs = {STANDARD: MemoryLog(), UNBLINDING: MemoryLog()}
        self.directory: Directory | None = None
        self._judge: StudyJudge | None = None

    def __call__(self, shelf: str, commit: SealedCommit) -> Verdict | None:
        """Return what is found of a commit."""
        if self._judge is None and self.directory is not None:
            self._judge = StudyJudge(self.logs, self.directory, design())
        return self._judge(shelf, commit) if self._judge is not None else None


def judged_study(clock: TestClock, seed: int = 1) -> PracticeStudy:
    """Return the study with its staff, whose server judges what arrives."""
    court = Court()
    study = practice_study(clock, seed, court=court)
    court.directory = study.directory
    return study


def practice_study(clock: TestClock, seed: int = 1, *, court: Court | None = None) -> PracticeStudy:
    """Return the study with its staff; `down` cuts every wire."""
    logs = court.logs if court is not None else {STANDARD: MemoryLog(), UNBLINDING: MemoryLog()}
    return PracticeStudy(
        logs[STANDARD],
        study=design().code,
        site=Site(site=SITE, name="Demo site"),
        staff=staff(),
        authority=_authority(),
        random_bytes=random.Random(seed).randbytes,
        now_ms=lambda: clock().utc_ms,
        unblinding=logs[UNBLINDING],
        judge=court if court is not None else nothing_found,
        roles=[
            RoleFacts(oid=role.oid, sees=role.sees, rights=role.rights, of_study=role.of_study)
            for role in design().roles
        ],
    )


class Ward:
    """A site's laptops in one folder, and the study they belong to."""

    def __init__(self, folder: Path, *, judged: bool = False) -> None:
        self.folder = folder
        self.clock = TestClock()
        self.network = judged_study(self.clock) if judged else practice_study(self.clock)

    def laptop(self, name: str) -> Laptop:
        """Return the laptop whose folder has this name."""
        return Laptop(self.folder / name, design(), self.network, kdf=CHEAP_KDF, clock=self.clock)

    def enrolled(self, name: str = "one", *users: str) -> Laptop:
        """Enrol a laptop with its people; the first of them enrols it."""
        first, *more = users or ("coordinator", "investigator")
        laptop = self.laptop(name)
        code = laptop.enrol(
            self.network.enrolment_code(), URL, self.network.personal_code(first), f"Laptop {name}", PASSPHRASE
        )
        laptop.test_recovery(code)
        for user in more:
            self.join(laptop, user, first)
        return laptop

    def join(self, laptop: Laptop, user: str, beside: str = "coordinator") -> None:
        """Let one more person in on a laptop, in a colleague's session."""
        with self.session(laptop, beside) as session:
            session.add_person(self.network.personal_code(user), PASSPHRASE)
            sync(laptop, session)

    @contextmanager
    def session(self, laptop: Laptop, user: str = "coordinator") -> Iterator[Session]:
        """Sign in, and lock at the end."""
        session = laptop.unlock(UserId(user), PASSPHRASE)
        try:
            yield session
        finally:
            session.lock()


def sync(laptop: Laptop, session: Session) -> None:
    """Exchange once and take in what came."""
    outcome = laptop.synchroniser().sync_now()
    session.take_in(outcome.message, older_copy=outcome.older_copy)

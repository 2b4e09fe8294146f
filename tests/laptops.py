"""Laptops with real vaults, and a study whose server answers in this process: the network is the only fake.

`StudyNetwork` certifies with a real authority and serves with the server's own code over a real log;
what is missing is the wire. Journeys use a real server process instead.
"""

import dataclasses
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
from casebook.errors import ServerUnreachableError
from casebook.ids import DeviceId, UserId
from casebook.locations import data_folder
from casebook.study_files import read_study
from casebook.sync import trust
from casebook.sync.engine import SyncPeer
from casebook.sync.enrolment import (
    CertifiedPerson,
    Enrolled,
    EnrolmentCode,
    Secret,
    new_enrolment_code,
    new_personal_secret,
    personal_code,
)
from casebook.sync.trust import Device, PersonKey, Site, StaffMember
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import STUDY, Server

_LITTLE = KdfParameters(memory_kib=64, passes=1, lanes=1)
CHEAP_KDF = KdfPolicy(chosen=_LITTLE, floor=_LITTLE, ceiling=_LITTLE)
URL = "https://server.example:8443"
PASSPHRASE = "four words that tests like"
SITE = "001"
NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)

STAFF = {
    "coordinator": StaffMember(user=UserId("coordinator"), name="Coordinator A", role="ROLE.COORDINATOR", site=SITE),
    "investigator": StaffMember(user=UserId("investigator"), name="Investigator B", role="ROLE.INVESTIGATOR", site=SITE),
    "monitor": StaffMember(user=UserId("monitor"), name="Monitor C", role="ROLE.MONITOR", site=SITE),
}


@cache
def design() -> StudyDesign:
    """Return the shipped study."""
    return read_study(data_folder("forms") / "rescue_end_low")


@cache
def _authority() -> tuple[bytes, bytes]:
    return crypto.make_authority(STUDY, at=datetime.now(UTC))


class TestClock:
    """A clock that tests set; it goes one second further at each look."""

    __test__ = False

    def __init__(self, start: datetime = NOW) -> None:
        self.utc_ms = int(start.timestamp() * 1000)

    def __call__(self) -> Moment:
        self.utc_ms += 1000
        return Moment(utc_ms=self.utc_ms, offset_minutes=480, boot="boot", uptime_ms=self.utc_ms)


class StudyNetwork(Server):
    """The study's server in this process, as `desktop_app.vault.Network`. `down` cuts every wire."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(MemoryLog(), random.Random(seed))
        self.down = False
        self.authority_key, self.authority = _authority()
        self.state(SITE, trust.site_statement(Site(site=SITE, name="Demo site")))
        for member in STAFF.values():
            self.state(SITE, trust.user_statement(member))
        self._codes: dict[str, StaffMember] = {}
        self._letters = iter("ABCDEFGH")

    def enrolment_code(self) -> str:
        """Return a fresh code for a laptop."""
        return new_enrolment_code(self.authority, self.rng.randbytes).text

    def personal_code(self, user: str) -> str:
        """Return a fresh code for a person."""
        secret = new_personal_secret(self.rng.randbytes)
        self._codes[secret.text] = STAFF[user]
        return personal_code(secret)

    def _reach(self) -> None:
        if self.down:
            raise ServerUnreachableError

    def fetch_authority(self, url: str) -> bytes:
        del url
        self._reach()
        return self.authority

    def enrol(
        self,
        url: str,
        authority: bytes,
        code: EnrolmentCode,
        *,
        device: DeviceId,
        signing: crypto.SigningKey,
        sealing: crypto.SealingKey,
        name: str,
    ) -> Enrolled:
        del code
        self._reach()
        letter = next(self._letters)
        self.state(
            SITE,
            trust.device_statement(
                Device(
                    device=device,
                    signing=signing.public,
                    sealing=sealing.public,
                    site=SITE,
                    letter=letter,
                    name=name,
                )
            ),
        )
        return Enrolled(
            url=url,
            authority=authority,
            study=STUDY,
            site=SITE,
            site_name="Demo site",
            device=device,
            letter=letter,
            server=self.identity,
            staff=tuple(STAFF.values()),
            is_first=letter == "A",
        )

    def certify(
        self,
        url: str,
        authority: bytes,
        secret: Secret,
        *,
        device: DeviceId,
        device_key: crypto.SigningKey,
        signing: bytes,
        paper: bytes,
    ) -> CertifiedPerson:
        del url, device_key
        self._reach()
        member = self._codes.pop(secret.text)
        certificate = crypto.issue_person(
            self.authority_key, self.authority, paper, member.name, at=datetime.now(UTC)
        )
        key = PersonKey(user=member.user, device=device, signing=signing, certificate=certificate)
        self.state(SITE, trust.person_statement(key, SITE))
        return CertifiedPerson(
            user=member.user,
            name=member.name,
            role=member.role,
            site=SITE,
            certificate=certificate,
            authority=authority,
        )

    def peer(self, url: str, authority: bytes) -> SyncPeer:
        del url, authority
        self._reach()
        return self


@dataclasses.dataclass
class Ward:
    """A site's laptops in one folder, and the network between them and the study."""

    folder: Path
    network: StudyNetwork = dataclasses.field(default_factory=StudyNetwork)
    clock: TestClock = dataclasses.field(default_factory=TestClock)

    def laptop(self, name: str) -> Laptop:
        """Return the laptop whose folder has this name."""
        return Laptop(self.folder / name, design(), self.network, kdf=CHEAP_KDF, clock=self.clock)

    def enrolled(self, name: str = "one", *users: str) -> Laptop:
        """Enrol a laptop with its people; the first of them enrols it."""
        first, *more = users or ("coordinator", "investigator")
        laptop = self.laptop(name)
        laptop.enrol(
            self.network.enrolment_code(), URL, self.network.personal_code(first), f"Laptop {name}", PASSPHRASE
        )
        for user in more:
            with self.session(laptop, first) as session:
                session.add_person(self.network.personal_code(user), PASSPHRASE)
                sync(laptop, session)
        return laptop

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



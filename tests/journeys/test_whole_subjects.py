"""Whole subjects, all visits and forms, through real sessions: in one order or another, here or on a second laptop.

They are entered on a laptop with a real server process, sealed, locked and opened again, and sent to a second
laptop; and once more at another site, in another order.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casebook.design import VisitKind
from casebook.ids import UserId
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, design, sync
from tests.server_process import ServerProcess
from tests.subject_entry import Arrange, Entered, Seen, as_listed, differences, enter, enter_site_file, see
from tests.whole_subjects import ASSESSOR, COORDINATOR, INVESTIGATOR, Sheet, read_cases, read_site_file

CASES = Path(__file__).parents[2] / "tools" / "demonstration" / "cases"
NAMES = sorted(file.stem for file in CASES.glob("[0-9]*.toml"))
ROLES = {COORDINATOR: "coordinator", INVESTIGATOR: "investigator", ASSESSOR: "blind"}
SEED = 20_260_301


@dataclass
class Site:
    """A site whose subjects were entered on one laptop, locked, and opened again.

    Attributes:
        seen: How each subject stood after everybody had locked the laptop.
    """

    folder: Path
    server: ServerProcess
    users: dict[str, str] = field(default_factory=dict)
    entered: dict[str, Entered] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)

    def laptop(self, name: str) -> Laptop:
        return online_laptop(self.folder / name)

    @contextmanager
    def session(self, laptop: Laptop, person: str = COORDINATOR) -> Iterator[Session]:
        session = laptop.unlock(UserId(self.users[person]), PASSPHRASE)
        try:
            yield session
        finally:
            session.lock()

    def enrol(self, name: str) -> Laptop:
        """Enrol a laptop, with all three people, by the coordinator."""
        laptop, first = self.laptop(name), self.server.personal_code(self.users[COORDINATOR])
        laptop.enrol(self.server.enrolment_code(), self.server.url, first, f"Laptop {name}", PASSPHRASE)
        for person in (INVESTIGATOR, ASSESSOR):
            with self.session(laptop) as session:
                session.add_person(self.server.personal_code(self.users[person]), PASSPHRASE)
                sync(laptop, session)
        return laptop

    def tell(self, now: datetime, arrange: Arrange[Sheet]) -> None:
        """Enter all subjects on a first laptop, and look at them after it was locked."""
        for person, role in ROLES.items():
            self.users[person], _ = self.server.add_user(f"Person with the role {role}", role)
        laptop = self.enrol("one")
        with self.session(laptop) as session:
            enter_site_file(read_site_file(CASES, now), session)
        self.entered = enter(read_cases(CASES, now), lambda person: self.session(laptop, person), arrange)
        with self.session(laptop, INVESTIGATOR) as session:
            self.seen = {name: see(session, one) for name, one in self.entered.items()}


def shuffled(sheets: Sequence[Sheet]) -> Sequence[Sheet]:
    """Return a person's forms in another order; the visits after the first are begun in theirs.

    A visit that is begun while an earlier one is empty makes that one missed, which is written down for good.
    """
    order = [visit.oid for visit in design().visits if visit.kind is VisitKind.SCHEDULED]

    def turn(sheet: Sheet) -> int:
        visit = sheet.place.partition("@")[2].partition("/")[0]
        return order.index(visit) if visit in order else 0

    return sorted(random.Random(SEED).sample(sheets, len(sheets)), key=turn)


@pytest.fixture(scope="module")
def now() -> datetime:
    """The present, the same for all subjects."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Site]:
    yield from _told(tmp_path_factory.mktemp("listed"), now, as_listed)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Site]:
    yield from _told(tmp_path_factory.mktemp("mixed"), now, shuffled)


def _told(folder: Path, now: datetime, arrange: Arrange[Sheet]) -> Iterator[Site]:
    with ServerProcess(folder / "server") as server:
        site = Site(folder, server)
        site.tell(now, arrange)
        yield site


@pytest.fixture(scope="module")
def second(listed: Site) -> Iterator[Session]:
    """A session on a second laptop of the site, after it was admitted and everything was exchanged."""
    one, two = listed.laptop("one"), listed.enrol("two")
    with listed.session(one) as session:
        sync(one, session)
        (other,) = (row.device for row in session.sync_view().laptops if not row.is_this)
        session.admit_laptop(other)
        sync(one, session)
        assert session.sync_view().here_only == 0
    with listed.session(two, INVESTIGATOR) as session:
        sync(two, session)
        yield session


def test_files_tell_each_story_that_the_demonstration_promises() -> None:
    assert len(NAMES) == len(read_cases(CASES, datetime.now(UTC))) == 10


def test_every_form_of_the_study_is_filled_in_some_subject() -> None:
    now = datetime.now(UTC)
    cases = (*read_cases(CASES, now), read_site_file(CASES, now))
    filled = {
        sheet.place.partition("@")[0].partition("#")[0].partition("/")[0] for one in cases for sheet in one.sheets
    }
    raised = {"F.DV"} if any(one.classified for one in cases) else set()
    assert filled | raised == set(design().forms)


@pytest.mark.parametrize("name", NAMES)
def test_subject_stands_as_told_after_the_laptop_was_locked(listed: Site, name: str) -> None:
    assert differences(listed.entered[name].case, listed.seen[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_subject_is_the_same_on_a_second_laptop(listed: Site, second: Session, name: str) -> None:
    assert see(second, listed.entered[name]) == listed.seen[name]


@pytest.mark.parametrize("name", NAMES)
def test_subject_is_the_same_in_another_order_of_entry(listed: Site, mixed: Site, name: str) -> None:
    """Deviations aside that were true when they were raised: nobody takes them back."""
    told, other = listed.seen[name], mixed.seen[name]
    assert told.deviations <= other.deviations
    passing = {f"F.DV!{one}" for one in other.deviations - told.deviations}
    assert not any(place in finding for finding in other.open | other.answered for place in passing)
    assert other.incomplete - passing == told.incomplete
    for point in ("status", "eligible", "failed", "unknown", "visits", "open", "answered", "classified"):
        assert getattr(other, point) == getattr(told, point), point
    assert _lasting(other, passing) == _lasting(told, passing)


def _lasting(seen: Seen, passing: set[str]) -> dict[str, str]:
    """Return the values that do not depend on the moment of entry."""
    return {
        name: text
        for name, text in seen.values.items()
        if not any(name.startswith(f"{place}:") for place in passing)
        and not name.endswith((":SIGNLAST", ":DVDISDTM", ":SIGNDTM"))
    }

"""A site's lists after another release of the program: worked out in pieces, between which people open and enter."""

import copy
import shutil
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app import agenda, slices
from desktop_app.record import Record
from desktop_app.snapshots import FormView
from desktop_app.today_snapshots import SiteReading
from desktop_app.workplace import Workplace
from tests.bench.site import fill
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.places import Book
from tests.laptops import Ward, design, sync

SUBJECTS = 8
PRESSURE = ItemPath(group="IG.VS.BP1", item="SYSBP")
NUMBER, TAKEN = ItemPath(group="IG.RND.RESULT", item="RANDNO"), "R-0001"


@pytest.fixture(scope="session")
def site_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A site of eight subjects that were begun; its list was looked at, and it was sent. Made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("site"))
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop) as session:
        fill(session, SUBJECTS, whole=0)
        session.subjects()
        sync(laptop, session)
    return ward


@pytest.fixture
def site(site_once: Ward, tmp_path: Path) -> Ward:
    """A copy of it."""
    shutil.copytree(site_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(site_once)
    ward.folder = tmp_path
    return ward


@pytest.fixture
def piecewise(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let every slice be one subject."""
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    return monkeypatch


def new_release(patch: pytest.MonkeyPatch) -> None:
    """Let what is kept beside the record be of another release: nothing of it but its first lines can be used."""
    patch.setattr(agenda, "LAYOUT", agenda.LAYOUT + 1)


def at_work(open_application: OpenApplication, site: Ward) -> tuple[Hands, Workplace]:
    hands = open_application(site.laptop("one"))
    hands.unlock(stays=True)
    workplace = hands.application.workplace
    assert workplace is not None
    return hands, workplace


def vitals(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def test_the_list_comes_in_pieces_and_what_is_read_stays_over_a_kill(site: Ward, piecewise: pytest.MonkeyPatch) -> None:
    new_release(piecewise)
    with site.session(site.laptop("one")) as session:
        first = session.agenda.subjects()
        assert (len(first.rows), first.unread) == (1, SUBJECTS - 1)
        assert session.agenda.read_on() == SiteReading(read=2, of=SUBJECTS)
        assert session.agenda.read_on() == SiteReading(read=3, of=SUBJECTS)
        shutil.copytree(site.folder / "one", site.folder / "killed")  # the disk as a sudden end leaves it
    with site.session(site.laptop("killed")) as session:
        today = session.agenda.today()
        assert (today.subjects, today.unread) == (4, SUBJECTS - 4)
        reads = [session.agenda.read_on().read for _ in range(SUBJECTS - 4)]
        assert reads == [5, 6, 7, 8]
        done = session.agenda.subjects()
        assert (len(done.rows), done.unread) == (SUBJECTS, 0)


def test_who_needs_all_of_it_gets_all_of_it(site: Ward, piecewise: pytest.MonkeyPatch) -> None:
    new_release(piecewise)
    with site.session(site.laptop("one")) as session:
        assert [row.number for row in session.subjects()] == [f"001-A{place:03d}" for place in range(1, SUBJECTS + 1)]


@pytest.mark.usefixtures("piecewise")
def test_what_came_of_many_leaves_their_lines_until_they_are_read(site: Ward) -> None:
    other = site.enrolled("two", "investigator")
    with site.session(other, "investigator") as session:
        sync(other, session)
        session.take_in()
        rows = session.subjects()
        for row in rows:
            Book(design=design(), subject=row.subject, site="001").enter(session, {"F.VS": {"SYSBP": "141"}})
        sync(other, session)
    laptop = site.laptop("one")
    with site.session(laptop) as session:
        sync(laptop, session)
        assert 0 < session.take_in().unread < SUBJECTS
        begun = [row.forms_started for row in session.agenda.subjects().rows]
        assert (len(begun), len(set(begun))) == (SUBJECTS, 2), "some stand as they are now, the others as they were"
        assert len({row.forms_started for row in session.subjects()}) == 1
        assert session.counted_view().unread == 0


def test_entries_and_openings_come_between_the_pieces(
    site: Ward, open_application: OpenApplication, piecewise: pytest.MonkeyPatch
) -> None:
    with site.session(site.laptop("one")) as one:
        subject = one.subjects()[0].subject
    hands, workplace = at_work(open_application, site)
    session, background = workplace.now.today.port, hands.application.background
    order: list[str] = []

    def opened(view: FormView) -> None:
        order.append("opened")
        background.run(partial(session.keep, view.key, PRESSURE, "141"), then=lambda _view: order.append("kept"))

    def work() -> None:
        if not order:
            order.append(hands.words("today_table_progress"))
            background.run(partial(session.form, vitals(subject)), then=opened)

    new_release(piecewise)
    workplace.now.today.reading_wanted.connect(work)
    workplace.reading.done.connect(lambda: order.append("read"))
    hands.control(Qt.Key.Key_1)
    hands.settle()
    assert order[0].startswith("Reading casebooks"), "what stands there is told to be a part"
    assert order[1:] == ["opened", "kept", "read"]
    assert not hands.shows("today_table_progress")
    assert hands.find("today_table").hasFocus()


def test_a_lock_in_between_ends_the_reading_and_the_next_session_goes_on(
    site: Ward, open_application: OpenApplication, piecewise: pytest.MonkeyPatch
) -> None:
    hands, workplace = at_work(open_application, site)
    done: list[str] = []
    workplace.reading.done.connect(lambda: done.append("read"))
    workplace.now.today.reading_wanted.connect(workplace.lock)
    new_release(piecewise)
    hands.control(Qt.Key.Key_1)
    hands.settle()
    assert hands.shows("unlock_passphrase")
    assert done == []
    hands.unlock()
    assert hands.words("subjects_count").startswith(f"{SUBJECTS} of {SUBJECTS}")


def test_the_list_grows_while_it_is_looked_at(
    site: Ward, open_application: OpenApplication, piecewise: pytest.MonkeyPatch
) -> None:
    hands, workplace = at_work(open_application, site)
    told: list[str] = []
    workplace.subjects.reading_wanted.connect(lambda: told.append(hands.words("subjects_progress")))
    new_release(piecewise)
    hands.control(Qt.Key.Key_2)
    hands.settle()
    assert told[0].startswith("Reading casebooks.")
    assert [words.partition(f" of {SUBJECTS}")[0].rpartition(" ")[2] for words in told[1:3]] == ["2", "4"]
    assert not hands.shows("subjects_progress")
    assert hands.words("subjects_count").startswith(f"{SUBJECTS} of {SUBJECTS}")


def test_values_that_are_unique_are_known_without_reading_the_site(site: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.session(site.laptop("one")) as session:
        first, second = [row.subject for row in session.subjects()][:2]
        Book(design=design(), subject=first, site="001").enter(session, {"F.RND": {"RANDNO": TAKEN}})
        session.subjects()
    new_release(monkeypatch)
    read: list[SubjectId] = []
    projected = Record.casebook

    def casebook(record: Record, subject: SubjectId) -> object:
        read.append(subject)
        return projected(record, subject)

    with site.session(site.laptop("one")) as session:
        monkeypatch.setattr(Record, "casebook", casebook)
        key = FormKey(subject=second, visit=VisitKey(visit="SE.V1"), form="F.RND")
        assert "EC018" in {one.check for one in session.keep(key, NUMBER, TAKEN).item(NUMBER).findings}
        assert first not in read

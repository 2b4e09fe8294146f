"""Sticks and neighbours over real vaults: a site whose laptops never meet the server's network after enrolment."""

import threading
from pathlib import Path

import pytest

from casebook.attachments import chunk_names
from casebook.custody import Kept
from casebook.errors import (
    BundleDamagedError,
    BundleForAnotherError,
    FileUnwritableError,
    NearbyRefusedError,
    NearbyUnreachableError,
    StoppedError,
    WrongFiguresError,
)
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app import neighbours
from desktop_app.bundle_snapshots import BundleOutcome
from desktop_app.bundling import Bundling
from desktop_app.session import Session
from desktop_app.sync_stop import StopSign
from desktop_app.vault import Laptop
from tests.desktop_app.test_attaching import attached, contact, record_of
from tests.laptops import Ward, sync

SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")


def vitals(subject: SubjectId) -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def enter(session: Session, value: str = "150") -> SubjectId:
    subject = session.add_subject().subject
    session.keep(vitals(subject), SYSBP, value)
    session.save(vitals(subject))
    return subject


def take(session: Session, outcome: BundleOutcome) -> None:
    session.take_in(outcome.message, older_copy=outcome.older_copy, withdrawn=outcome.withdrawn)


def write(session: Session, folder: Path) -> list[Path]:
    """Write a bundle for the server and return its files."""
    session.seal_open()
    before = set(folder.iterdir())
    outcome = session.bundling.write(str(folder), None, _nothing, StopSign())
    assert outcome.error is None, outcome.message
    return sorted(set(folder.iterdir()) - before)


def _nothing(_: int) -> None:
    """Look away."""


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path, judged=True)


def test_a_site_without_a_network_hands_in_by_stick_and_its_custody_rises(ward: Ward, stick: Path) -> None:
    laptop = ward.enrolled("one")
    with ward.session(laptop) as session:
        sync(laptop, session)
        ward.network.down = True
        enter(session)
        here_only = session.bundling.view().here_only
        (file,) = write(session, stick)
        assert ward.network.take_bundle(file).appended >= here_only > 0
        (answer,) = ward.network.write_reply(session.bundling.laptop.device, stick)
        outcome = session.bundling.read([str(answer)], _nothing, StopSign())
        take(session, outcome)

        view = session.bundling.view()

        assert outcome.message("en").startswith("The server has answered bundle 1")
        assert [row.replied for row in view.rows] == [True]
        assert view.rows[0].laptop == ""
        assert session.sync_view().received >= here_only
        assert view.here_only <= 1  # what this session noted meanwhile


def test_attachments_keep_a_laptop_until_the_answer_to_a_stick_says_that_the_server_has_them(
    ward: Ward, stick: Path
) -> None:
    laptop = ward.enrolled("one")
    with ward.session(laptop) as session:
        sync(laptop, session)
        ward.network.down = True
        row = attached(session, contact(session.add_subject().subject))
        (file,) = write(session, stick)
        ward.network.take_bundle(file)
        on_the_stick = session.custody.verdict().count(Kept.ATTACHMENTS)

        answers = ward.network.write_reply(session.bundling.laptop.device, stick)
        take(session, session.bundling.read(list(map(str, answers)), _nothing, StopSign()))

        assert on_the_stick == 1  # a file on its way proves nothing
        assert session.custody.verdict().count(Kept.ATTACHMENTS) == 0
        assert all(ward.network.chunks["S"].has(name) for name in chunk_names(record_of(session).commit(row.commit)))


def test_news_of_another_laptop_come_with_the_answer_and_are_shown(ward: Ward, stick: Path) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two")
    with ward.session(one) as session:
        subject = enter(session, "161")
        sync(one, session)
    with ward.session(two) as session:
        sync(two, session)
        ward.network.down = True
        (file,) = write(session, stick)
        ward.network.take_bundle(file)
    with ward.session(one) as session:
        ward.network.down = False
        session.keep(vitals(subject), SYSBP, "162", reason="TRANSCRIPTION")
        session.save(vitals(subject))
        sync(one, session)
        ward.network.down = True
    with ward.session(two) as session:
        answers = ward.network.write_reply(session.bundling.laptop.device, stick)
        take(session, session.bundling.read(list(map(str, answers)), _nothing, StopSign()))

        assert session.form(vitals(subject)).item(SYSBP).reading.value == "162"


def test_files_are_read_each_for_itself_and_refused_each_with_its_sentence(ward: Ward, stick: Path) -> None:
    one = ward.enrolled("one")
    with ward.session(one) as session:
        sync(one, session)
        enter(session)
        (file,) = write(session, stick)
        ward.network.take_bundle(file)
        (answer,) = ward.network.write_reply(session.bundling.laptop.device, stick)
        cut = stick / "cut.crfb"
        cut.write_bytes(answer.read_bytes()[:-100])

        outcome = session.bundling.read([str(cut), str(answer), str(file)], _nothing, StopSign())

        assert isinstance(outcome.error, BundleForAnotherError | BundleDamagedError)
        assert outcome.brought
        assert "cut.crfb is damaged or was cut short" in outcome.message("en")
        assert "写给其他电脑或服务器" in outcome.message("zh")
        assert "answered bundle 1" in outcome.message("en")


def test_a_stop_or_a_folder_that_is_gone_is_told_and_leaves_nothing(ward: Ward, stick: Path) -> None:
    one = ward.enrolled("one")
    with ward.session(one) as session:
        sync(one, session)
        stopped = StopSign()
        stopped.stop()

        first = session.bundling.write(str(stick), None, _nothing, stopped)
        second = session.bundling.write(str(stick / "gone"), None, _nothing, StopSign())

        assert isinstance(first.error, StoppedError)
        assert isinstance(second.error, FileUnwritableError)
        assert list(stick.iterdir()) == []
        assert session.bundling.view().rows == ()


def test_a_blinded_session_lists_and_counts_what_it_knows(ward: Ward, stick: Path) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator", "assessor")
    with ward.session(laptop) as session:
        enter(session)
        files = write(session, stick)
        whole = session.bundling.view().rows[0].count
    with ward.session(laptop, "assessor") as session:
        files += write(session, stick)
        rows = session.bundling.view().rows

        assert [row.number for row in rows] == [2, 1]
        assert rows[1].count < whole  # the rest lies in the other shelf
        assert len({file.stat().st_size for file in files}) == 1


# -- side by side ------------------------------------------------------------------------------------


class Waiting:
    """A laptop that waits, on a thread as its sync thread would."""

    def __init__(self, bundling: Bundling) -> None:
        self.sign = StopSign()
        self.address = self.figures = ""
        self.outcome: BundleOutcome | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(bundling,))
        self._thread.start()
        assert self._ready.wait(20)

    def _run(self, bundling: Bundling) -> None:
        self.outcome = bundling.wait(self._open, _nothing, self.sign)
        self._ready.set()

    def _open(self, address: str, figures: str) -> None:
        port = address.split(maxsplit=1)[0].rpartition(":")[2] if ":" in address else str(neighbours.PORT)
        self.address, self.figures = f"127.0.0.1:{port}", figures
        self._ready.set()

    def end(self) -> BundleOutcome:
        self._thread.join(60)
        assert self.outcome is not None
        return self.outcome


@pytest.fixture
def pair(ward: Ward) -> tuple[Laptop, Laptop]:
    one, two = ward.enrolled("one"), ward.enrolled("two")
    for laptop in (one, two):
        with ward.session(laptop) as session:
            sync(laptop, session)
    ward.network.down = True
    return one, two


def test_two_laptops_side_by_side_show_the_same_without_any_server(ward: Ward, pair: tuple[Laptop, Laptop]) -> None:
    one, two = pair
    with ward.session(one) as first, ward.session(two) as second:
        mine, theirs = enter(first, "151"), enter(second, "152")
        waiting = Waiting(first.bundling)

        called = second.bundling.call(
            waiting.address, f"{waiting.figures[:3]} {waiting.figures[3:]}", _nothing, StopSign()
        )
        answered = waiting.end()
        take(first, answered)
        take(second, called)

        assert called.error is None
        assert answered.message("en").endswith("Both show the same now.")
        for session in (first, second):
            assert {row.subject for row in session.subjects()} == {mine, theirs}
            assert session.form(vitals(mine)).item(SYSBP).reading.value == "151"
            assert session.form(vitals(theirs)).item(SYSBP).reading.value == "152"
        assert first.bundling.view().rows == ()
        assert first.bundling.view().here_only > 0  # receipts come from the server alone


def test_wrong_figures_or_nobody_there_are_told_and_waiting_can_be_stopped(
    ward: Ward, pair: tuple[Laptop, Laptop]
) -> None:
    one, two = pair
    with ward.session(one) as first, ward.session(two) as second:
        waiting = Waiting(first.bundling)
        wrong = "000000" if waiting.figures != "000000" else "111111"

        refused = [second.bundling.call(waiting.address, wrong, _nothing, StopSign()) for _ in range(5)]
        gone = second.bundling.call(waiting.address, waiting.figures, _nothing, StopSign())
        again = Waiting(first.bundling)
        again.sign.cut()

        assert all(isinstance(one.error, NearbyRefusedError) for one in refused)
        assert isinstance(waiting.end().error, WrongFiguresError)
        assert isinstance(gone.error, NearbyUnreachableError)
        assert isinstance(again.end().error, StoppedError)


@pytest.mark.parametrize("typed", ["", "ward-laptop:", "10.0.0.1:99999", ":47115", "10.0.0.1:x"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NearbyUnreachableError):
        neighbours.read_address(typed)


def test_an_address_without_a_port_has_the_usual_one() -> None:
    assert neighbours.read_address(" 10.0.0.1 ") == ("10.0.0.1", neighbours.PORT)
    assert neighbours.read_address("10.0.0.1:5000") == ("10.0.0.1", 5000)
    assert neighbours.own_addresses()

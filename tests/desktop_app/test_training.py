"""Training: a study of its own that works like the real one, says what it is everywhere, and gives nothing away."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from casebook.errors import (
    CasebookError,
    DiskFailedError,
    DiskFullError,
    NotInTrainingError,
    TrainingFolderError,
    VaultInUseError,
    WrongPassphraseError,
)
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, VisitKey
from casebook.versions import Designs
from desktop_app import theme
from desktop_app.app import Application
from desktop_app.cli import PRACTICE_WORD, training_folder
from desktop_app.preferences import keep_preference, preferences
from desktop_app.relaunch import TRAINING as OPTION
from desktop_app.relaunch import Relaunch
from desktop_app.session import Session
from desktop_app.smoke import first_number
from desktop_app.start import begin_training
from desktop_app.sync_stop import StopSign
from desktop_app.training import SITE, TrainingLaptop, practice_staff
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_locking import IDLE_S, Clocks
from tests.desktop_app.test_relaunch import program, wait_for_its_end
from tests.laptops import PASSPHRASE, Ward, design
from tests.small_disk import SmallDisk

ROOT = Path(__file__).parents[2]
CTRL = Qt.KeyboardModifier.ControlModifier
BOTH = CTRL | Qt.KeyboardModifier.ShiftModifier
PI, COORDINATOR = UserId("pi"), UserId("coordinator")

Practise = Callable[..., Hands]


@pytest.fixture
def practise(open_application: OpenApplication, training_laptop: TrainingLaptop) -> Practise:
    """Opens the application in training."""
    return partial(open_application, training_laptop)


def entered(session: Session) -> tuple[SubjectId, str]:
    """Add a subject with one recorded value."""
    row, place = session.add_subject(), first_number(design())
    key = FormKey(subject=row.subject, visit=VisitKey(visit=place.visit), form=place.form)
    session.keep(key, place.path, place.value)
    session.save(key)
    return row.subject, row.number


# -- a study of its own ------------------------------------------------------------------------------------


def test_practice_session_works_like_a_real_one_and_knows_what_it_is(training_laptop: TrainingLaptop) -> None:
    session = training_laptop.unlock(COORDINATOR, PRACTICE_WORD)
    assert session.training
    row = session.add_subject()
    assert row.number == f"{SITE}-A001"
    session.take_in(training_laptop.synchroniser().sync_now().message)
    assert session.sync_view().here_only == 0
    session.lock()
    again = TrainingLaptop(training_laptop.folder, Designs(current=design()))  # as the next process does
    session = again.unlock(UserId("blind"), PRACTICE_WORD)
    assert [one.number for one in session.subjects()] == [row.number]
    assert session.blinded
    session.lock()
    again.close()


def test_there_is_one_person_for_each_role_that_works_with_the_windows_and_their_names_say_training() -> None:
    staff = practice_staff(design())
    assert {one.role for one in staff} == {role.oid for role in design().roles if role.rights != {"statistics"}}
    assert all(one.name.startswith("TRAINING 培训") for one in staff)
    assert len({one.user for one in staff}) == len({one.name for one in staff}) == len(staff)
    assert staff[0].sees == "SIU"


def test_people_are_known_before_anything_is_made_and_the_folder_lies_beside_the_real_one(tmp_path: Path) -> None:
    folder = training_folder(tmp_path / "casebook")
    laptop = TrainingLaptop(folder, Designs(current=design()))
    state = laptop.state()
    assert (state.enrolled, state.practice_passphrase) == (True, PRACTICE_WORD)
    assert [one.user for one in state.people] == [one.user for one in practice_staff(design())]
    assert folder.parent == tmp_path
    assert not folder.exists()


def test_a_wrong_passphrase_a_second_window_and_a_folder_that_cannot_be_used_are_told(
    training_laptop: TrainingLaptop, tmp_path: Path
) -> None:
    with pytest.raises(WrongPassphraseError):
        training_laptop.unlock(PI, "not it")
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    second = TrainingLaptop(training_laptop.folder, Designs(current=design()))
    with pytest.raises(VaultInUseError):
        second.unlock(COORDINATOR, PRACTICE_WORD)
    with pytest.raises(VaultInUseError):
        second.start_over()
    session.lock()
    second.close()
    (tmp_path / "file").touch()
    with pytest.raises(CasebookError):
        TrainingLaptop(tmp_path / "file", Designs(current=design())).unlock(PI, PRACTICE_WORD)


def test_making_that_was_cut_short_counts_for_nothing_and_starting_over_leaves_nothing(
    training_laptop: TrainingLaptop,
) -> None:
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    session.add_subject()
    session.lock()
    training_laptop.close()
    (training_laptop.folder / "made").unlink()  # as after a kill while it was being made
    cut_short = TrainingLaptop(training_laptop.folder, Designs(current=design()))
    assert [one.user for one in cut_short.state().people] == [one.user for one in practice_staff(design())]
    session = cut_short.unlock(PI, PRACTICE_WORD)
    assert session.subjects() == ()
    session.lock()
    (training_laptop.folder / "preferences.json").write_text("{}", encoding="utf-8")
    cut_short.start_over()
    assert [path.name for path in training_laptop.folder.iterdir()] == ["preferences.json"]


def test_full_disk_is_told_while_training_is_made_and_leaves_nothing_that_counts(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path / "disk")
    try:
        disk.fill()
        laptop = TrainingLaptop(disk.path / "casebook-training", Designs(current=design()))
        with pytest.raises((DiskFullError, DiskFailedError, TrainingFolderError)):
            laptop.unlock(PI, PRACTICE_WORD)
        disk.free()
        assert [one.user for one in laptop.state().people] == [one.user for one in practice_staff(design())]
        laptop.start_over()
        assert list(laptop.folder.iterdir()) == []
    finally:
        disk.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from casebook.ids import UserId
from casebook.versions import Designs
from desktop_app.training import TrainingLaptop
from tests.desktop_app.test_training import entered
from tests.laptops import design
laptop = TrainingLaptop(Path(sys.argv[1]), Designs(current=design()))
session = laptop.unlock(UserId("pi"), "practice")
entered(session)
laptop.synchroniser().sync_now()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_practised_survives_a_kill(training_laptop: TrainingLaptop) -> None:
    command = [sys.executable, "-c", KILLED, str(training_laptop.folder)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    assert [row.number for row in session.subjects()] == [f"{SITE}-A001"]
    session.take_in(training_laptop.synchroniser().sync_now().message)
    assert session.sync_view().here_only == 0
    session.lock()


# -- nothing leaves as if it were real ---------------------------------------------------------------------


def test_nothing_that_looks_real_is_made(training_laptop: TrainingLaptop, tmp_path: Path) -> None:
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    acts: tuple[Callable[[], object], ...] = (
        lambda: session.export(str(tmp_path / "out"), "all"),
        lambda: session.custody.table("en"),
        lambda: session.custody.begin_retiring(PRACTICE_WORD, SITE, rescue=True),
        session.staff.begin_sheet,
        lambda: session.change_passphrase(PRACTICE_WORD, "another one"),
        lambda: training_laptop.enrol("code", "https://server.example", "code", "Ward", PRACTICE_WORD),
        lambda: training_laptop.recover("code", "code", PRACTICE_WORD),
        lambda: training_laptop.recovery_paper("code"),
        lambda: training_laptop.test_recovery("code"),
    )
    for act in acts:
        with pytest.raises(NotInTrainingError):
            act()
    assert set(session.person.refusals) >= {"export", "manage"}
    bundling = session.bundling
    for outcome in (
        bundling.write(str(tmp_path), None, lambda _: None, StopSign()),
        bundling.read([str(tmp_path / "some.crfb")], lambda _: None, StopSign()),
        bundling.wait(lambda _, __: None, lambda _: None, StopSign()),
        bundling.call("192.0.2.1:9", "000000", lambda _: None, StopSign()),
    ):
        assert isinstance(outcome.error, NotInTrainingError)
    session.lock()
    assert not list(tmp_path.glob("*.crfb"))
    assert not (tmp_path / "out").exists()


def test_a_real_laptop_reads_no_practice_bundle(
    training_laptop: TrainingLaptop, enrolled_ward: Ward, tmp_path: Path
) -> None:
    out = tmp_path / "stick"
    out.mkdir()
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    entered(session)
    replace(session.bundling, training=False).write(str(out), None, lambda _: None, StopSign())
    session.lock()
    (file,) = out.iterdir()
    with enrolled_ward.session(enrolled_ward.laptop("one")) as real:
        outcome = real.bundling.read([str(file)], lambda _: None, StopSign())
        assert outcome.error is not None
        assert not outcome.brought
        assert real.subjects() == ()


def test_every_page_of_paper_says_that_it_is_training_and_so_do_its_file_and_its_name(
    training_laptop: TrainingLaptop, tmp_path: Path
) -> None:
    session = training_laptop.unlock(PI, PRACTICE_WORD)
    subject, number = entered(session)
    visit = session.papers(subject)[-1]
    row = session.sign_paper(subject, visit, PRACTICE_WORD, "review")
    assert row.name.startswith(f"TRAINING {number} ")
    papers = [session.paper(subject, one) for one in session.papers(subject)]
    papers += [session.document(subject, row.sha256), session.screening_log(), session.versions_paper()]
    session.lock()
    for place, pdf in enumerate(papers):
        file = tmp_path / f"{place}.pdf"
        file.write_bytes(pdf)
        pages = told("pdftotext", "-layout", str(file), "-").split("\f")[:-1]
        assert pages
        assert all("TRAINING: not a record of the study" in page and "培训：不是研究记录" in page for page in pages)
        assert "TRAINING 培训: " in told("pdfinfo", str(file))


def told(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# -- the windows -------------------------------------------------------------------------------------------


def band(hands: Hands) -> QWidget:
    """Return the band, seen on the screen."""
    found = hands.find("training_band")
    assert "TRAINING 培训" in found.accessibleName()
    assert hands.words("training_word") == "TRAINING 培训"
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_band_and_title_stand_at_the_door_on_every_page_and_over_the_curtain(practise: Practise, language: str) -> None:
    hands = practise(language)
    band(hands)
    assert hands.window.windowTitle() == "TRAINING 培训"
    assert PRACTICE_WORD in hands.words("training_told")
    assert not hands.shows("unlock_forgotten")
    hands.press(Qt.Key.Key_Return)  # the passphrase is typed already
    hands.settle()
    for number in range(8):
        hands.control(Qt.Key(Qt.Key.Key_1 + number))
        hands.settle()
        assert band(hands).mapTo(hands.window, band(hands).rect().bottomLeft()).y() < 60
        assert hands.window.windowTitle().endswith(" – TRAINING 培训")
    bottom = band(hands).mapTo(hands.window, band(hands).rect().bottomLeft()).y()
    for key, modifier, name in (
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "help"),
        (Qt.Key.Key_K, CTRL, "palette"),
    ):
        hands.press(key, modifier)
        hands.settle()
        over = hands.find(name)
        assert over.mapTo(hands.window, over.rect().topLeft()).y() > bottom  # nothing covers the band
        hands.press(Qt.Key.Key_Escape)
    hands.window.draw_curtain()
    band(hands)
    assert hands.window.windowTitle() == "TRAINING 培训"
    hands.window.lift_curtain()


def test_another_person_is_chosen_with_the_passphrase_at_hand(practise: Practise) -> None:
    hands = practise()
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    people.setFocus()
    hands.press(Qt.Key.Key_Down)
    hands.find("unlock_passphrase").setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "TRAINING 培训 B" in hands.words("foot_who")
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert hands.words("unlock_passphrase") == PRACTICE_WORD


def test_starting_over_asks_in_the_band_and_deletes_what_was_practised(
    practise: Practise, training_laptop: TrainingLaptop
) -> None:
    hands = practise()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.control(Qt.Key.Key_2)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    again = hands.find("training_again")
    again.setFocus()
    QTest.keyClick(again, Qt.Key.Key_Space)
    assert hands.find("training_keep").hasFocus()  # nothing goes by a second press
    hands.press(Qt.Key.Key_Escape)
    assert hands.shows("training_leave")
    hands.click("training_again")
    hands.click("training_delete")
    hands.settle()
    assert hands.shows("unlock_people")
    assert not (training_laptop.folder / "made").exists()
    assert not (training_laptop.folder / "laptop").exists()


def test_what_cannot_be_deleted_is_told_and_stays(practise: Practise, training_laptop: TrainingLaptop) -> None:
    hands = practise()
    other = TrainingLaptop(training_laptop.folder, Designs(current=design()))
    session = other.unlock(PI, PRACTICE_WORD)
    hands.click("training_again")
    hands.click("training_delete")
    hands.settle()
    assert "already open" in hands.words("unlock_problem_words")
    assert (training_laptop.folder / "made").exists()
    session.lock()
    other.close()


def test_band_is_no_matter_of_colour_alone_and_is_read_in_both_schemes(practise: Practise, qapp: QApplication) -> None:
    hands = practise()
    for scheme in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, scheme)
        picture = band(hands).grab().toImage()
        edge = {picture.pixelColor(x, 2).name() for x in range(200)}
        assert {scheme.warn, scheme.warn_field} <= edge  # stripes
        assert band(hands).palette().color(QPalette.ColorRole.WindowText).name() == scheme.text
    theme.apply(qapp, theme.LIGHT)


# -- there and back ----------------------------------------------------------------------------------------


def started(tmp_path: Path, *options: str) -> tuple[Relaunch, Path]:
    """Return what starts a program that notes how it was started and what it was told; `options`: of this one."""
    seen = tmp_path / "seen"
    code = f"pathlib.Path({str(seen)!r}).write_text(repr((sys.argv, (folder / 'told').read_text())))"
    note = program(f"{code}; (folder / 'shown').touch()")
    # the option of training comes before that of the lock, as the program itself is started
    return Relaunch([*note[:2], note[2].replace("sys.argv[2]", "sys.argv[-1]"), *options]), seen


def test_leaving_by_its_key_starts_the_real_program_and_tells_it_of_nobody(
    practise: Practise, qtbot: QtBot, tmp_path: Path
) -> None:
    relaunch, seen = started(tmp_path)
    hands = practise(relaunch=relaunch)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    with qtbot.waitSignal(hands.application.superseded, timeout=SETTLE_MS):
        hands.press(Qt.Key.Key_Q, BOTH)
    wait_for_its_end(qtbot, relaunch)
    assert OPTION not in seen.read_text(encoding="utf-8")
    assert "TRAINING" not in seen.read_text(encoding="utf-8")
    hands.window.show()  # the process would have ended


def test_a_real_door_offers_training_by_its_key_and_starts_it(
    qtbot: QtBot, qapp: QApplication, ward: Ward, tmp_path: Path
) -> None:
    relaunch, seen = started(tmp_path)
    laptop = ward.laptop("fresh")
    application = Application(qapp, laptop, None, "en", relaunch=relaunch)
    hands = Hands(qtbot, application)
    application.start()
    hands.settle()
    assert hands.shows("enrol_practise")  # the very first page of a fresh installation
    with qtbot.waitSignal(application.superseded, timeout=SETTLE_MS):
        hands.press(Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    wait_for_its_end(qtbot, relaunch)
    assert OPTION in seen.read_text(encoding="utf-8")
    assert not (tmp_path / "fresh").exists()
    hands.window.show()
    hands.close()


def test_practising_out_of_a_session_locks_it_first_and_leaves_its_data_for_the_way_back(
    open_application: OpenApplication, qtbot: QtBot, enrolled_ward: Ward, tmp_path: Path
) -> None:
    relaunch, seen = started(tmp_path)
    laptop = enrolled_ward.laptop("one")
    hands = open_application(laptop, relaunch=relaunch)
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.control(Qt.Key.Key_K)
    hands.settle()
    QTest.keyClicks(hands.find("palette_field"), "training")
    with qtbot.waitSignal(hands.application.superseded, timeout=SETTLE_MS):
        hands.press(Qt.Key.Key_Return)
    wait_for_its_end(qtbot, relaunch)
    assert OPTION in seen.read_text(encoding="utf-8")
    assert "Coordinator" not in seen.read_text(encoding="utf-8")
    with enrolled_ward.session(laptop) as session:  # sealed and closed
        assert len(session.subjects()) == 1
    hands.window.show()


def test_practising_waits_for_a_sign_in_that_is_under_way(
    open_application: OpenApplication, qtbot: QtBot, enrolled_ward: Ward, tmp_path: Path
) -> None:
    relaunch, seen = started(tmp_path)
    hands = open_application(enrolled_ward.laptop("one"), relaunch=relaunch)
    QTest.keyClicks(hands.find("unlock_passphrase"), PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    assert not hands.find("unlock_practise").isEnabled()
    hands.press(Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    hands.settle()
    assert hands.shows("foot_who")
    assert not seen.exists()
    hands.control(Qt.Key.Key_L)
    qtbot.waitUntil(seen.exists, timeout=SETTLE_MS)
    assert OPTION not in seen.read_text(encoding="utf-8")
    wait_for_its_end(qtbot, relaunch)
    hands.window.show()


def test_laptop_left_alone_and_a_fault_lead_back_to_training(
    open_application: OpenApplication,
    training_laptop: TrainingLaptop,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks, (relaunch, seen) = Clocks(), started(tmp_path, OPTION)
    hands = open_application(training_laptop, relaunch=relaunch, now_s=clocks.with_sleep)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hands.application.watch_for_faults()
    error = ZeroDivisionError()
    sys.excepthook(type(error), error, None)
    assert hands.find("crash_window").windowTitle().endswith(" – TRAINING 培训")
    band(hands)
    hands.click("crash_close")
    assert hands.application.idle is not None
    clocks.awake_s += IDLE_S
    with qtbot.waitSignal(hands.application.superseded, timeout=SETTLE_MS):
        hands.application.idle.look()
        assert hands.shows("curtain")
        band(hands)
        assert hands.window.windowTitle() == "TRAINING 培训"
    wait_for_its_end(qtbot, relaunch)
    assert OPTION in seen.read_text(encoding="utf-8")  # as this process was started: not the real study
    hands.window.show()


@pytest.mark.parametrize("way", ["left alone", "fault"])
def test_where_no_fresh_process_comes_training_stands_at_its_own_door(
    open_application: OpenApplication, training_laptop: TrainingLaptop, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    clocks = Clocks()
    hands = open_application(training_laptop, now_s=clocks.with_sleep)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    if way == "fault":
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        hands.application.watch_for_faults()
        error = ZeroDivisionError()
        sys.excepthook(type(error), error, None)
        hands.click("crash_again")
    else:
        assert hands.application.idle is not None
        clocks.awake_s += IDLE_S
        hands.application.idle.look()
    hands.settle()
    band(hands)
    assert hands.window.windowTitle() == "TRAINING 培训"
    assert hands.words("unlock_passphrase") == PRACTICE_WORD
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "TRAINING 培训" in hands.words("foot_who")


@pytest.mark.parametrize(("language", "told"), [("en", "no server outside"), ("zh", "没有外部服务器")])
def test_sync_page_names_no_server(practise: Practise, language: str, told: str) -> None:
    hands = practise(language)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.control(Qt.Key.Key_6)
    hands.settle()
    for _ in range(2):
        assert told in hands.words("sync_contact")
        assert "://" not in hands.words("sync_contact")
        hands.press(Qt.Key.Key_F5)
        hands.settle()


def test_who_leaves_while_the_next_process_is_on_its_way_begins_no_other(
    practise: Practise, qtbot: QtBot, tmp_path: Path
) -> None:
    relaunch, seen = started(tmp_path)
    hands = practise(relaunch=relaunch)
    with qtbot.waitSignal(hands.application.superseded, timeout=SETTLE_MS):
        hands.press(Qt.Key.Key_Q, BOTH)
        hands.press(Qt.Key.Key_Q, BOTH)
        hands.application.practise()
    wait_for_its_end(qtbot, relaunch)
    assert len(relaunch.findChildren(QProcess)) == 1
    assert OPTION not in seen.read_text(encoding="utf-8")
    hands.window.show()


def test_training_speaks_and_looks_as_the_laptop_does_until_told_otherwise(tmp_path: Path) -> None:
    laptop = tmp_path / "casebook"
    keep_preference(laptop, "language", "zh")
    keep_preference(laptop, "look", "dark")
    real = (laptop / "preferences.json").read_bytes()
    folder = begin_training(laptop)
    assert preferences(folder) == {"language": "zh", "look": "dark"}
    keep_preference(folder, "language", "en")
    assert preferences(begin_training(laptop)) == {"language": "en", "look": "dark"}
    assert (laptop / "preferences.json").read_bytes() == real


def test_where_no_program_comes_the_door_says_so(qtbot: QtBot, qapp: QApplication, ward: Ward) -> None:
    relaunch = Relaunch(["/nowhere/casebook"])
    application = Application(qapp, ward.laptop("fresh"), None, "en", relaunch=relaunch)
    hands = Hands(qtbot, application)
    application.start()
    hands.settle()
    with qtbot.waitSignal(relaunch.failed, timeout=SETTLE_MS):
        hands.click("enrol_practise")
    hands.settle()
    assert "Training could not be started" in hands.words("enrol_problem_words")
    hands.close()

"""What goes wrong around the window: a calm sentence, the way out, nothing typed lost, and gone with its cause.

The disk is a real one that is full or refuses writes; locks are held by real processes.
"""

import copy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget

from casebook import __version__
from desktop_app.preferences import keep_preference, preferences
from desktop_app.relaunch import AfterLock, read_told
from desktop_app.windows.form import FormPage
from desktop_app.windows.form_words import items_of
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import (
    INVESTIGATOR,
    enter,
    go_to,
    mark_of,
    open_casebook,
    open_form,
    sentences,
    strike_keys,
)
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_attachments_page import choose_file
from tests.desktop_app.test_oversight import completed
from tests.held_bytes import OPENING, WRITING, held
from tests.laptops import PASSPHRASE, Ward
from tests.pulled_stick import PulledStick
from tests.small_disk import SmallDisk

HR, RESP, TEMP = "I.VS.HR", "I.VS.RESP", "I.VS.TEMP"
RANDDTM, RANDNO = "I.RND.RANDDTM", "I.RND.RANDNO"
HOLD = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk", size_mib=40)
    yield disk
    disk.close()


@pytest.fixture
def ward_on_disk(small_disk: SmallDisk, enrolled_once: Ward) -> Ward:
    """A ward whose laptop `one` lies on the small disk."""
    shutil.copytree(enrolled_once.folder, small_disk.path, dirs_exist_ok=True)
    ward = copy.deepcopy(enrolled_once)
    ward.folder = small_disk.path
    return ward


def fill_until_refused(hands: Hands, disk: SmallDisk) -> str:
    """Enter a value anew until the full disk refuses it; returns that value."""
    for number in range(40, 220):
        disk.fill()
        go_to(hands, HR)
        hands.control(Qt.Key.Key_A)
        enter(hands, HR, str(number))
        if mark_of(hands, HR) == "not kept yet":
            return str(number)
    raise AssertionError("the disk is never full")


def lock(hands: Hands, how: str) -> None:
    assert hands.application.workplace is not None
    if how == "by key":
        hands.control(Qt.Key.Key_L)
    else:
        hands.application.workplace.lock(by_itself=True)
    hands.settle()


def form_of(hands: Hands) -> FormPage:
    assert hands.application.workplace is not None
    return hands.application.workplace.form


def opened_form(open_application: OpenApplication, ward: Ward) -> Hands:
    hands = open_application(ward.laptop("one"))
    open_casebook(hands)
    open_form(hands, "F.VS")
    return hands


def test_value_that_a_full_disk_refused_stays_in_its_field_and_is_kept_once_there_is_room(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, ward_on_disk)
    enter(hands, RESP, "18")
    refused = fill_until_refused(hands, small_disk)
    assert any("The disk is full" in said and "Free some space" in said for said in sentences(hands, HR))
    assert hands.find(HR).property("text") == refused
    assert mark_of(hands, RESP) == "kept on this laptop"
    small_disk.free()
    hands.qtbot.waitUntil(lambda: not form_of(hands).unkept, timeout=60_000)
    hands.settle()
    assert mark_of(hands, HR) == "kept on this laptop"
    assert not any("disk" in said for said in sentences(hands, HR))
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.shows("casebook_table")


def test_leaving_leads_once_to_what_the_disk_refused(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, ward_on_disk)
    refused = fill_until_refused(hands, small_disk)
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.find(HR).hasFocus()
    assert hands.find(HR).property("text") == refused
    assert any("Going away once more gives it up" in said for said in sentences(hands, HR))
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert not hands.shows(HR)


@pytest.mark.parametrize("how", ["by key", "by itself"])
def test_lock_keeps_what_the_disk_refused_in_the_room_that_is_there_for_it(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication, how: str
) -> None:
    hands = opened_form(open_application, ward_on_disk)
    enter(hands, RESP, "18")
    refused = fill_until_refused(hands, small_disk)
    go_to(hands, TEMP)
    QTest.keyClicks(hands.find(TEMP), "36")
    assert hands.application.workplace is not None
    if not small_disk.is_mounted:
        small_disk.free()  # nothing can be given up below a limit on files
    lock(hands, how)
    assert hands.shows("unlock_passphrase")
    small_disk.free()
    hands.unlock(stays=True)
    assert hands.find(HR).property("text") == refused
    assert hands.find(TEMP).property("text") == "36"
    assert mark_of(hands, HR) == "recorded"
    assert (mark_of(hands, TEMP) == "recorded") is (how == "by key")
    assert not ward_on_disk.laptop("one").folder.lock_room.is_spent


def test_lock_by_key_leads_to_what_the_disk_refused_where_the_room_is_gone(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, ward_on_disk)
    assert ward_on_disk.laptop("one").folder.lock_room.release()
    refused = fill_until_refused(hands, small_disk)
    lock(hands, "by key")
    assert hands.find(HR).hasFocus()
    assert hands.find(HR).property("text") == refused
    assert any("Going away once more gives it up" in said for said in sentences(hands, HR))
    lock(hands, "by key")
    assert hands.shows("unlock_passphrase")


# -- a full disk elsewhere -----------------------------------------------------------------------------------------


def exhaust(ward: Ward, disk: SmallDisk) -> None:
    """Leave no room on the disk, and nothing that could be given up."""
    ward.laptop("one").folder.ballast.release()
    disk.fill()


def test_sign_in_on_a_full_disk_goes_on_in_the_ballast_and_says_so_once_that_is_gone(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = open_application(ward_on_disk.laptop("one"))
    if small_disk.is_mounted:
        small_disk.fill()
        hands.unlock()
        assert hands.shows("foot_who")
        lock(hands, "by key")
    exhaust(ward_on_disk, small_disk)
    hands.type("unlock_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.find("unlock_passphrase").property("text") == PASSPHRASE
    if small_disk.is_mounted:
        assert "The disk is full" in hands.words("unlock_passphrase_line")
    small_disk.free()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("foot_who")


def test_subject_that_a_full_disk_refused_is_added_once_there_is_room_and_takes_no_number(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = open_application(ward_on_disk.laptop("one"))
    hands.unlock()
    exhaust(ward_on_disk, small_disk)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    assert "The disk is full" in hands.words("subjects_notice_words")
    small_disk.free()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    assert "Subject 001-A001 added" in hands.words("subjects_notice_words")


def enter_twice(hands: Hands, item: str, text: str) -> None:
    go_to(hands, item)
    for _ in range(2):
        hands.control(Qt.Key.Key_A)
        strike_keys(hands, text)
        hands.press(Qt.Key.Key_Return)
    hands.settle()


def test_randomisation_that_a_full_disk_refused_stays_as_it_was_entered_twice_and_is_recorded_once_there_is_room(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = open_application(ward_on_disk.laptop("one"))
    open_casebook(hands)
    open_form(hands, "F.RND")
    ward_on_disk.laptop("one").folder.ballast.release()
    for minute in range(10, 60):
        small_disk.fill()
        enter_twice(hands, RANDDTM, f"2026-03-01 10:{minute}")
        if mark_of(hands, RANDDTM) == "not kept yet":
            break
    enter_twice(hands, RANDNO, "R-0017")
    refused = (RANDDTM, RANDNO)
    for item in refused:
        assert mark_of(hands, item) == "not kept yet"
        assert any("The disk is full" in said and "Free some space" in said for said in sentences(hands, item))
    assert hands.words(RANDNO) == "R-0017"
    small_disk.free()
    hands.qtbot.waitUntil(lambda: not form_of(hands).unkept, timeout=60_000)
    hands.control(Qt.Key.Key_S)
    hands.settle()
    assert {mark_of(hands, item) for item in refused} == {"recorded"}
    view = form_of(hands).view
    assert view is not None
    lock(hands, "by key")
    with ward_on_disk.session(ward_on_disk.laptop("one")) as session:
        number = next(item.path for item in items_of(view) if item.path.item == "RANDNO")
        assert [line.shown("en") for line in session.trail(view.key, number)] == ["R-0017"]


def test_signature_that_a_full_disk_refused_is_given_by_the_same_key_once_there_is_room(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    completed(ward_on_disk)
    hands = open_application(ward_on_disk.laptop("one"))
    hands.unlock(INVESTIGATOR)
    hands.control(Qt.Key.Key_3)
    hands.settle()
    for _ in range(2):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    hands.press(Qt.Key.Key_Return)
    while not hands.find("signing_user").hasFocus():
        hands.press(Qt.Key.Key_PageDown)
    hands.type("signing_user", "investigator")
    hands.type("signing_passphrase", PASSPHRASE)
    exhaust(ward_on_disk, small_disk)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "The disk is full" in hands.words("signing_passphrase_line")
    assert hands.find("signing_user").property("text") == "investigator"
    assert hands.find("signing_passphrase").property("text") == PASSPHRASE
    small_disk.free()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Signed: 1" in hands.words("signing_notice_words")


def test_photo_that_a_full_disk_refused_stays_on_its_card(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication, tmp_path: Path
) -> None:
    photo = tmp_path / "source page.png"
    Image.effect_noise((300, 200), 40).save(photo)
    hands = opened_form(open_application, ward_on_disk)
    hands.press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    exhaust(ward_on_disk, small_disk)
    choose_file(hands, photo)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert any("The disk is full" in label.text() for label in hands.window.findChildren(QLabel) if label.isVisible())
    assert hands.shows("attachment_card")
    assert hands.find("attachment_confirm").isEnabled()


def test_folder_that_cannot_be_written_says_so_at_sign_in_and_the_passphrase_stays(
    small_disk: SmallDisk, ward_on_disk: Ward, open_application: OpenApplication
) -> None:
    hands = open_application(ward_on_disk.laptop("one"))
    small_disk.refuse_writes(small_disk.path / "one")
    hands.type("unlock_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "cannot be written" in hands.words("unlock_passphrase_line")
    assert hands.find("unlock_passphrase").property("text") == PASSPHRASE
    small_disk.refuse_writes(small_disk.path / "one", on=False)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("foot_who")


def test_second_window_says_that_casebook_is_open_until_the_first_is_gone_however_it_ended(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    laptop = enrolled_ward.laptop("one")
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(laptop.folder.path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        hands = open_application(laptop)
        hands.type("unlock_passphrase", PASSPHRASE)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        assert "already open" in hands.words("unlock_passphrase_line")
        assert hands.find("unlock_passphrase").property("text") == PASSPHRASE
    finally:
        first.kill()
        first.communicate()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("foot_who")


def test_folder_that_was_taken_out_is_said_to_be_gone_and_nobody_is_asked_to_enrol(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    laptop = enrolled_ward.laptop("one")
    hands = open_application(laptop)
    hands.unlock()
    aside = laptop.folder.path.rename(enrolled_ward.folder / "taken out")
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert "is not there" in hands.words("unlock_problem_words")
    assert not hands.shows("enrol_code")
    hands.type("unlock_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "is not there" in hands.words("unlock_passphrase_line")
    aside.rename(laptop.folder.path)
    hands.qtbot.waitUntil(lambda: not hands.shows("unlock_problem_words"), timeout=60_000)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("foot_who")


def test_stick_that_is_pulled_in_a_session_and_comes_back_costs_nothing_that_was_typed(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    enter(hands, RESP, "18")
    stick = PulledStick(enrolled_ward.laptop("one").folder.path)
    enter(hands, HR, "66")
    assert mark_of(hands, HR) == "not kept yet"
    assert any("is not there" in said and "Put it back" in said for said in sentences(hands, HR))
    stick.put_back()
    hands.qtbot.waitUntil(lambda: not form_of(hands).unkept, timeout=60_000)
    hands.settle()
    assert mark_of(hands, HR) == "kept on this laptop"
    lock(hands, "by key")  # what was open on the stick is open no more: the database, too
    hands.unlock(stays=True)
    assert (hands.find(HR).property("text"), hands.find(RESP).property("text")) == ("66", "18")
    assert (mark_of(hands, HR), mark_of(hands, RESP)) == ("recorded", "recorded")


def test_database_that_another_process_holds_is_waited_for_and_nobody_is_kept_from_entering(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    hands = opened_form(open_application, enrolled_ward)
    database = enrolled_ward.laptop("one").folder.unblinding.database
    shared = database.with_name(f"{database.name}-shm")
    with held(shared, *WRITING):
        enter(hands, RESP, "18")
        assert mark_of(hands, RESP) == "kept on this laptop"
        hands.control(Qt.Key.Key_S)
        hands.qtbot.waitUntil(lambda: hands.shows("foot_warning"), timeout=60_000)
        assert "Waiting for the disk" in hands.find("foot_warning").accessibleName()
    hands.settle()
    assert not hands.shows("foot_warning")
    assert mark_of(hands, RESP) == "recorded"
    with held(shared, *WRITING):
        enter(hands, HR, "66")
        hands.press(Qt.Key.Key_Escape)
        hands.settle()
        assert "is being used by something else" in hands.words("foot_status")
        assert hands.shows("casebook_table")
    open_form(hands, "F.VS")
    assert hands.find(HR).property("text") == "66"
    hands.control(Qt.Key.Key_S)
    hands.settle()
    assert mark_of(hands, HR) == "recorded"


def test_database_that_another_process_holds_is_told_at_sign_in_and_the_passphrase_stays(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    laptop = enrolled_ward.laptop("one")
    hands = open_application(laptop)
    with held(laptop.folder.database, *OPENING):
        hands.type("unlock_passphrase", PASSPHRASE)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        assert "is being used by something else" in hands.words("unlock_passphrase_line")
        assert hands.find("unlock_passphrase").property("text") == PASSPHRASE
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("foot_who")


def test_preference_that_the_disk_refuses_is_left_as_it_was(small_disk: SmallDisk) -> None:
    keep_preference(small_disk.path, "language", "zh")
    small_disk.refuse_writes(small_disk.path)
    keep_preference(small_disk.path, "language", "en")
    assert preferences(small_disk.path) == {"language": "zh"}
    small_disk.refuse_writes(small_disk.path, on=False)


# -- faults of the program itself ---------------------------------------------------------------------------------

MARKED = "Marked-Name-4711"


def fail_with(value: str) -> None:
    """Fail with a value of a participant in a local, in the message and in what led to it."""
    told = {"name": value}
    try:
        int(value)
    except ValueError as error:
        raise RuntimeError(f"{told['name']} is no number") from error


class FaultyWidget(QWidget):
    """Fails each time it is drawn."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            fail_with(MARKED)
        return super().event(event)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch, enrolled_ward: Ward, open_application: OpenApplication) -> Hands:
    """The application with a form open, where faults of the program reach the crash window."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hands = opened_form(open_application, enrolled_ward)
    hands.application.watch_for_faults()
    return hands


def report(hands: Hands) -> str:
    return str(hands.find("crash_report").property("plainText"))


def happen(hands: Hands) -> None:
    """Let the same fault happen on the store thread."""
    hands.application.background.run(partial(fail_with, MARKED))
    hands.settle()


def test_report_names_versions_modules_and_lines_and_no_value(faulty: Hands) -> None:
    happen(faulty)
    told = report(faulty)
    assert MARKED not in told
    assert "is no number" not in told
    assert f"Casebook {__version__}" in told
    assert "RuntimeError" in told
    assert "ValueError" in told
    assert "tests.desktop_app.test_resilience:" in told
    assert "fail_with" in told
    faulty.click("crash_copy")
    assert QGuiApplication.clipboard().text() == told
    faulty.click("crash_close")


def test_report_is_saved_as_it_was_read(faulty: Hands, tmp_path: Path) -> None:
    happen(faulty)
    faulty.click("crash_save")
    (dialog,) = faulty.find("crash_window").findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "report.txt"))
    dialog.close()
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == report(faulty)
    faulty.click("crash_close")


@pytest.mark.parametrize("thread", ["store", "sync"])
def test_start_again_leads_back_with_what_was_typed(faulty: Hands, thread: str) -> None:
    enter(faulty, RESP, "18")
    go_to(faulty, HR)
    QTest.keyClicks(faulty.find(HR), "6")
    background = faulty.application.background
    (background.run if thread == "store" else background.run_sync)(partial(fail_with, MARKED))
    faulty.settle()
    faulty.click("crash_again")
    faulty.settle()
    assert not faulty.shows("crash_window")
    faulty.unlock(stays=True)
    assert faulty.find(HR).property("text") == "6"
    assert faulty.find(HR).hasFocus()
    assert mark_of(faulty, RESP) == "recorded"


def test_same_fault_again_leads_to_today_and_nothing_kept_is_lost(faulty: Hands) -> None:
    enter(faulty, RESP, "18")
    happen(faulty)
    faulty.click("crash_again")
    faulty.settle()
    faulty.unlock(stays=True)
    assert faulty.shows(RESP)
    happen(faulty)
    assert "at the same place before" in faulty.words("crash_words")
    faulty.click("crash_again")
    faulty.settle()
    faulty.unlock(stays=True)
    assert not faulty.shows(RESP)
    assert faulty.application.workplace is not None
    assert faulty.application.workplace.now.today.isVisible()


def test_fault_that_comes_with_every_drawing_is_one_window_and_one_report(faulty: Hands) -> None:
    widget = FaultyWidget(faulty.window)
    widget.resize(10, 10)
    widget.show()
    faulty.qtbot.waitUntil(lambda: faulty.shows("crash_window"), timeout=60_000)
    for _ in range(3):
        widget.update()
        faulty.qtbot.wait(20)
    windows = [one for one in faulty.window.findChildren(QWidget, "crash_window") if one.isVisible()]
    assert len(windows) == 1
    assert report(faulty).count("test_resilience:") == 3
    widget.hide()
    faulty.click("crash_close")


def test_fault_before_anybody_is_signed_in_leads_to_the_doors_again(
    monkeypatch: pytest.MonkeyPatch, enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hands = open_application(enrolled_ward.laptop("one"))
    hands.application.watch_for_faults()
    happen(hands)
    hands.click("crash_again")
    hands.settle()
    hands.unlock()
    assert hands.shows("foot_who")


def test_fresh_process_is_told_of_the_fault_that_was_left_behind(tmp_path: Path) -> None:
    after = AfterLock(geometry="", language="en", user="coordinator", fault="RuntimeError\n  module:1 work")
    (tmp_path / "told").write_text(after.text(), encoding="utf-8")
    assert read_told(tmp_path) == after

"""A fresh process after the lock: what is handed over, when the old one goes, and what happens when none comes."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget
from pytestqt.qtbot import QtBot

from casebook.design import Text
from casebook.ids import UserId
from desktop_app.app import Application
from desktop_app.relaunch import OPTION, AfterLock, Relaunch, command_line, read_told, tell_shown
from desktop_app.snapshots import Person
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import PASSPHRASE, Ward

ROOT = Path(__file__).parents[2]
PEOPLE = tuple(
    Person(user=UserId(user), name=name, role="ROLE.X", role_label=Text({"en": role, "zh": role}), rights=frozenset())
    for user, name, role in (("coordinator", "Coordinator A", "Coordinator"), ("investigator", "Investigator B", "PI"))
)
TOLD = AfterLock(
    geometry="00ff", language="zh", user="coordinator", before="investigator", to_people=True, people=PEOPLE
)


def program(code: str) -> list[str]:
    """Return a command that gets the option and the folder as its arguments."""
    return [sys.executable, "-c", f"import sys, pathlib; folder = pathlib.Path(sys.argv[2]); {code}"]


def wait_for_its_end(qtbot: QtBot, relaunch: Relaunch) -> None:
    """Wait until the program that was started has ended: Qt takes apart no process that runs."""
    started = relaunch.findChild(QProcess)
    assert started is not None
    qtbot.waitUntil(lambda: started.state() is QProcess.ProcessState.NotRunning, timeout=SETTLE_MS)


def test_new_process_is_told_and_the_old_one_hears_that_it_stands(qtbot: QtBot, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"pathlib.Path({str(seen)!r}).write_bytes((folder / 'told').read_bytes()); (folder / 'shown').touch()"
    relaunch = Relaunch(program(code))
    with qtbot.waitSignal(relaunch.shown, timeout=SETTLE_MS):
        relaunch.begin(TOLD)
    wait_for_its_end(qtbot, relaunch)
    seen.rename(tmp_path / "told")
    assert read_told(tmp_path) == TOLD


@pytest.mark.parametrize(
    "command", [program("sys.exit(3)"), ["/nowhere/casebook"], program("import time; time.sleep(600)")]
)
def test_program_that_does_not_come_is_told(qtbot: QtBot, command: list[str]) -> None:
    relaunch = Relaunch(command, patience_ms=300)
    with qtbot.waitSignal(relaunch.failed, timeout=SETTLE_MS):
        relaunch.begin(TOLD)


def test_unreadable_hand_over_is_nothing(tmp_path: Path) -> None:
    assert read_told(tmp_path) is None
    (tmp_path / "told").write_text("{}", encoding="utf-8")
    assert read_told(tmp_path) is None
    tell_shown(tmp_path / "gone")


def test_program_is_started_again_as_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "desktop_app", "--folder", "x", OPTION, "earlier"])
    assert command_line(["--folder", "x", OPTION, "earlier"]) == [
        sys.executable,
        "-m",
        "desktop_app",
        "--folder",
        "x",
    ]
    monkeypatch.setattr(sys, "orig_argv", ["casebook.exe", "--language", "zh"])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command_line(["--language", "zh", OPTION, "there"]) == [sys.executable, "--language", "zh"]


def test_lock_without_a_fresh_process_leads_to_the_unlock_page_and_says_so(
    open_application: OpenApplication, qtbot: QtBot, enrolled_ward: Ward
) -> None:
    relaunch = Relaunch(["/nowhere/casebook"])
    hands = open_application(enrolled_ward.laptop("one"), relaunch=relaunch)
    hands.unlock()
    with qtbot.waitSignal(relaunch.failed, timeout=SETTLE_MS):
        hands.control(Qt.Key.Key_L)
    hands.settle()
    assert "could not start afresh" in hands.words("unlock_problem_words")
    hands.unlock(passphrase=PASSPHRASE)
    assert hands.shows("subjects_add")


def test_program_that_was_superseded_says_so_behind_its_curtain(
    qtbot: QtBot, qapp: QApplication, enrolled_ward: Ward
) -> None:
    laptop = enrolled_ward.laptop("one")
    relaunch = Relaunch(program("(folder / 'shown').touch()"))
    application = Application(
        qapp, laptop, lambda _session: laptop.synchroniser(), "en", sync_every_ms=0, relaunch=relaunch
    )
    hands = Hands(qtbot, application)
    application.start()
    hands.unlock()
    with qtbot.waitSignal(application.superseded, timeout=SETTLE_MS):
        hands.control(Qt.Key.Key_L)
    wait_for_its_end(qtbot, relaunch)
    assert not application.window.isVisible()
    assert application.workplace is None
    application.window.let_close()
    application.background.close()
    application.translations.remove()


def test_fresh_process_begins_where_the_old_one_stood(qtbot: QtBot, qapp: QApplication, enrolled_ward: Ward) -> None:
    laptop = enrolled_ward.laptop("one")
    after = AfterLock(geometry="", language="en", user="investigator", to_people=False)
    application = Application(qapp, laptop, lambda _session: laptop.synchroniser(), "en", sync_every_ms=0, after=after)
    hands = Hands(qtbot, application)
    with qtbot.waitSignal(application.stands, timeout=SETTLE_MS):
        application.start()
    assert hands.find("unlock_passphrase").hasFocus()
    hands.unlock()
    assert "Investigator B" in hands.words("foot_who")
    hands.close()
    QApplication.processEvents()


def test_fresh_process_begins_with_who_was_here_before_where_somebody_else_wants_to_sign_in(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    ward = Ward(tmp_path)
    laptop = ward.enrolled("one", "coordinator", "investigator", "assessor")
    after = AfterLock(geometry="", language="en", user="coordinator", before="assessor", to_people=True)
    application = Application(qapp, laptop, lambda _session: laptop.synchroniser(), "en", sync_every_ms=0, after=after)
    hands = Hands(qtbot, application)
    with qtbot.waitSignal(application.stands, timeout=SETTLE_MS):
        application.start()
    assert hands.find("unlock_passphrase").hasFocus()
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert people.currentItem().text().startswith("Assessor")
    hands.close()
    QApplication.processEvents()


def test_list_stands_before_the_folder_was_looked_at_and_what_is_typed_meanwhile_stays(
    qtbot: QtBot, qapp: QApplication, enrolled_ward: Ward
) -> None:
    laptop = enrolled_ward.laptop("one")
    after = AfterLock(geometry="", language="en", user="investigator", people=PEOPLE)
    application = Application(qapp, laptop, lambda _session: laptop.synchroniser(), "en", sync_every_ms=0, after=after)
    hold = threading.Event()
    application.background.run(lambda: hold.wait(SETTLE_MS / 1000))
    hands = Hands(qtbot, application)
    with qtbot.waitSignal(application.stands, timeout=SETTLE_MS):
        application.start()
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert [people.item(row).text() for row in range(people.count())] == [
        "Coordinator A, Coordinator",
        "Investigator B, PI",
    ]
    QTest.keyClicks(hands.find("unlock_passphrase"), PASSPHRASE)
    hold.set()
    hands.settle()
    assert people.item(1).text() == "Investigator B, Investigator"
    assert hands.words("unlock_passphrase") == PASSPHRASE
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Investigator B" in hands.words("foot_who")
    hands.close()
    QApplication.processEvents()


def test_memory_of_the_program_is_private_but_for_the_developers_switch() -> None:
    look = (
        "import ctypes, os, resource; from desktop_app.relaunch import keep_memory_private; keep_memory_private();"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[0] == 0)"
    )
    for switch, said in (("0", "0 True"), ("1", "1")):
        environment = {"PATH": "/usr/bin:/bin", "CASEBOOK_INSPECTABLE": switch}
        command = [sys.executable, "-c", look]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(said)

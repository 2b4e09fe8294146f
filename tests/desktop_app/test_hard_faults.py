"""The whole process falls: what is told at the next start, and what never is."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from casebook import __version__
from desktop_app.hard_faults import FILE, HardFaults, lines_without_data
from tests.desktop_app.hands import Hands

ROOT = Path(__file__).parents[2]
MARKED = "Marked-Name-4711"
FALLS = """
import ctypes, sys
from pathlib import Path
from desktop_app.hard_faults import HardFaults
from desktop_app.relaunch import keep_memory_private

def fall_with(name):
    ctypes.string_at(0)

keep_memory_private()
faults = HardFaults(Path(sys.argv[1]))
faults.watch()
if sys.argv[2] == "falls":
    fall_with(sys.argv[3])
faults.end()
"""


def run(folder: Path, how: str) -> int:
    """Let a process watch for its own fall in `folder`, and fall or end well; returns its exit status."""
    command = [sys.executable, "-c", FALLS, str(folder), how, MARKED]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def test_fall_is_read_at_the_next_start_without_data_and_an_end_leaves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "falls") != 0
    last = HardFaults(tmp_path).last
    assert last.startswith("Fatal Python error: Segmentation fault")
    assert "fall_with" in last
    assert MARKED not in last
    assert str(ROOT) not in last
    assert run(tmp_path, "ends") == 0
    assert not (tmp_path / FILE).exists()
    assert HardFaults(tmp_path).last == ""


def test_report_of_a_fall_has_modules_lines_and_functions_alone() -> None:
    written = (
        "Fatal Python error: Aborted\n\n"
        "Thread 0x00007f0b (most recent call first):\n"
        f'  File "/home/{MARKED}/casebook/store/spool.py", line 12 in append\n'
        "Current thread 0x00007f0a (most recent call first):\n"
        f'  File "C:\\Users\\{MARKED}\\lib\\desktop_app\\windows\\form.py", line 7 in show_form\n'
        f'  File "/home/{MARKED}/lib/threading.py", line 9 in run\n'
        f"{MARKED}\n"
        f"Extension modules: {MARKED}\n"
    )
    assert lines_without_data(written).splitlines() == [
        "Fatal Python error: Aborted",
        "Thread",
        "  casebook.store.spool:12 append",
        "Current thread",
        "  desktop_app.windows.form:7 show_form",
        "  threading:9 run",
    ]


def test_folder_that_cannot_be_written_is_not_watched(tmp_path: Path) -> None:
    faults = HardFaults(tmp_path / "taken out")
    faults.watch()
    faults.end()
    assert faults.last == ""


@pytest.mark.parametrize(("language", "said"), [("en", "ended unexpectedly"), ("zh", "上次意外退出")])
def test_fall_is_told_at_the_door_and_its_report_is_read(hands: Hands, language: str, said: str) -> None:
    hands.application.tell_of_fall("Fatal Python error: Aborted")
    hands.application.switch_language(language)
    assert said in hands.words("unlock_problem_words")
    hands.click("unlock_problem_action")
    assert said in hands.words("crash_lead")
    assert not hands.shows("crash_again")
    told = str(hands.find("crash_report").property("plainText"))
    assert told.startswith(f"Casebook {__version__}\n")
    assert told.endswith("\nFatal Python error: Aborted")
    focused = hands.find("crash_window").focusWidget()
    assert focused is not None
    assert focused.objectName() == "crash_copy"
    hands.click("crash_copy")
    assert QGuiApplication.clipboard().text() == told
    hands.click("crash_close")
    hands.unlock()
    assert hands.shows("foot_who")

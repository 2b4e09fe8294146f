"""A second start on the same folder: the first window comes to the front. Real processes, real sockets."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop_app.one_window import FILE, FirstStart, OneWindow, raise_first
from tests.desktop_app.hands import SETTLE_MS, Hands

ROOT = Path(__file__).parents[2]
SOON_MS = 400
"""How long a window is asked that is known never to answer."""
STANDS = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop_app.one_window import OneWindow
qt = QCoreApplication([])
window = OneWindow(Path(sys.argv[1]))
window.listen()
print("stands", flush=True)
qt.exec()
"""
LOOKS = """
import os, sys
from pathlib import Path
from PySide6 import QtNetwork
from desktop_app.one_window import raise_first
if os.geteuid() == 0:
    os.setuid(65534)
print(raise_first(Path(sys.argv[1])).name)
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process whose window stands on `tmp_path`."""
    process = subprocess.Popen(
        [sys.executable, "-c", STANDS, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stands\n"
    yield process
    process.kill()
    process.communicate()


def start_again(qtbot: QtBot, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Start the program on a folder where a window of this process stands; returns how it ended."""
    command = [sys.executable, "-m", "desktop_app", "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=SETTLE_MS)
    said, wrong = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, said, wrong)


def is_closed(socket: QLocalSocket) -> bool:
    """Tell whether the other side has hung up."""
    return socket.state() is QLocalSocket.LocalSocketState.UnconnectedState


def test_second_start_brings_the_first_window_to_the_front_and_ends_well(
    qtbot: QtBot, hands: Hands, tmp_path: Path
) -> None:
    listens = OneWindow(tmp_path)
    listens.raise_wanted.connect(hands.application.come_to_front)
    listens.listen()
    hands.window.showMinimized()
    assert hands.window.isMinimized()
    for _ in range(2):
        ended = start_again(qtbot, tmp_path)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert not hands.window.isMinimized()
    assert hands.window.isActiveWindow()
    assert hands.shows("unlock_passphrase")
    listens.end()
    assert not (tmp_path / FILE).exists()
    assert raise_first(tmp_path) is FirstStart.NONE


def test_whoever_connects_can_raise_the_window_and_nothing_else(qtbot: QtBot, tmp_path: Path) -> None:
    listens = OneWindow(tmp_path)
    raised: list[bool] = []
    listens.raise_wanted.connect(lambda: raised.append(True))
    listens.listen()
    name = (tmp_path / FILE).read_text(encoding="utf-8")
    hostile = [QLocalSocket() for _ in range(20)]
    for socket in hostile:
        socket.connectToServer(name)
        socket.write(b'{"unlock": true}\n' * 4096)
    qtbot.waitUntil(lambda: len(raised) == len(hostile), timeout=SETTLE_MS)
    for socket in hostile:
        qtbot.waitUntil(partial(is_closed, socket), timeout=SETTLE_MS)
        assert bytes(socket.readAll().data()) in {b"raised\n", b""}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert start_again(qtbot, tmp_path).returncode == 0
    assert len(raised) == len(hostile) + 1
    listens.end()


def test_window_that_hangs_is_told_and_one_that_was_killed_is_followed(
    elsewhere: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert raise_first(tmp_path) is FirstStart.RAISED
    elsewhere.send_signal(signal.SIGSTOP)
    assert raise_first(tmp_path, patience_ms=SOON_MS) is FirstStart.SILENT
    elsewhere.kill()
    elsewhere.wait()
    left = Path((tmp_path / FILE).read_text(encoding="utf-8"))
    assert raise_first(tmp_path) is FirstStart.NONE
    after = OneWindow(tmp_path)
    after.listen()
    assert not left.exists()
    assert (tmp_path / FILE).read_text(encoding="utf-8") != str(left)
    after.end()


def test_window_that_was_followed_leaves_its_followers_name(qtbot: QtBot, tmp_path: Path) -> None:
    before, after = OneWindow(tmp_path), OneWindow(tmp_path)
    for window in (before, after, after):
        window.listen()
    before.end()
    with qtbot.waitSignal(after.raise_wanted, timeout=SETTLE_MS):
        assert start_again(qtbot, tmp_path).returncode == 0
    after.end()


def test_folder_that_is_gone_or_cannot_be_written_has_no_window(tmp_path: Path) -> None:
    window = OneWindow(tmp_path / "taken out")
    window.listen()
    window.end()
    assert not (tmp_path / "taken out").exists()
    assert raise_first(tmp_path / "taken out") is FirstStart.NONE
    (tmp_path / FILE).mkdir()
    window = OneWindow(tmp_path)
    window.listen()
    window.end()
    assert raise_first(tmp_path) is FirstStart.NONE


def test_window_of_another_user_is_told() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        window = OneWindow(folder)
        window.listen()
        folder.chmod(0o755)
        (folder / FILE).chmod(0o644)
        if os.geteuid() != 0:  # nobody else to be: the socket is closed to its own user
            Path((folder / FILE).read_text(encoding="utf-8")).chmod(0)
        command = [sys.executable, "-c", LOOKS, name]
        looked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert looked.stdout == "ANOTHER_USERS\n"
        window.end()


@pytest.mark.parametrize(
    ("first", "said"), [(FirstStart.SILENT, "does not answer"), (FirstStart.ANOTHER_USERS, "another user")]
)
def test_first_window_that_cannot_be_raised_is_told_at_the_door(hands: Hands, first: FirstStart, said: str) -> None:
    hands.application.tell_of_first(first)
    assert said in hands.words("unlock_problem_words")
    hands.unlock()
    assert hands.shows("foot_who")

"""The application from outside, as its users have it: a screen, keys, a mouse, assistive technology, no access to code.

A process of its own prepares a laptop. The application is started on it as a launcher would, on a screen in memory with
a desktop's window manager and session bus; `shift.py` works at it in the system's Python, isolated: it can import
nothing of ours.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIFT = Path(__file__).with_name("shift.py")
SYSTEM_PYTHON = "/usr/bin/python3"
PROGRAMS = {
    "xvfb": "Xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "xclip": "xclip",
    "dbus-daemon": "dbus-run-session",
    "at-spi2-core": "/usr/libexec/at-spi-bus-launcher",
}
"""By Debian package, the program that it brings."""
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laptop's folder; it is copied."""
    folder = tmp_path_factory.mktemp("prepared")
    subprocess.run([sys.executable, "-m", "tests.blackbox.prepared", str(folder)], cwd=ROOT, check=True)
    return folder / "laptop"


def _missing() -> list[str]:
    """Return the packages that are not installed."""
    missing = [package for package, program in PROGRAMS.items() if shutil.which(program) is None]
    probe = [SYSTEM_PYTHON, "-I", "-c", "from gi.repository import Gio"]
    has_gi = Path(SYSTEM_PYTHON).exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    return missing if has_gi else [*missing, "python3-gi"]


@contextmanager
def _desktop() -> Iterator[dict[str, str]]:
    """Return the environment of a desktop: a screen in memory, and a window manager that has taken charge of it."""
    told, tells = os.pipe()
    command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=[tells], stderr=subprocess.DEVNULL)
    os.close(tells)
    with os.fdopen(told, encoding="ascii") as said:
        number = said.readline().strip()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COV_", "WAYLAND", "DBUS_"))},
        "DISPLAY": f":{number}",
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "Asia/Shanghai",
    }
    manager = subprocess.Popen(["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_S
        while subprocess.run(["xdotool", "get_desktop"], env=environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < until, "the window manager does not come up"
        yield environment
    finally:
        for process in (manager, screen):
            process.terminate()
            process.wait()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_shift_is_worked_by_keys_mouse_and_assistive_technology(prepared: Path, tmp_path: Path, language: str) -> None:
    missing = _missing()
    assert not missing, f"The application cannot be driven from outside. Install: {' '.join(missing)}"
    laptop = tmp_path / "laptop"
    shutil.copytree(prepared, laptop)
    application = [sys.executable, "-m", "desktop_app", "--folder", str(laptop), "--language", language]
    told = tmp_path / "told.txt"
    with _desktop() as environment, told.open("w", encoding="utf-8") as writer:
        done = subprocess.run(
            ["dbus-run-session", "--", SYSTEM_PYTHON, "-I", "-B", str(SHIFT), language, *application],
            cwd=ROOT,
            env=environment,
            stdout=writer,
            stderr=subprocess.STDOUT,
            check=False,
        )
    assert done.returncode == 0, told.read_text(encoding="utf-8")

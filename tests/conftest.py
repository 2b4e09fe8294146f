"""What every test gets: a screen in memory, one locale, and a check that nothing keeps running.

Nothing here imports Qt or our own packages, so that tests of the core start quickly.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

if sys.platform != "win32":
    import resource

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("QT_SCALE_FACTOR", None)

GRACE_S = 5.0

# Two busy cores make one slow example; a slow example is no failure. The usual run tries the same examples
# each time, so that one commit has one verdict; `make soak` sets CASEBOOK_EFFORT and looks for new ones.
settings.register_profile(
    "usual", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("CASEBOOK_EFFORT", "usual"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Lift a limit on the size of files as soon as a test ends: its verdict may be written to a file, too."""
    try:
        return (yield)
    finally:
        if sys.platform != "win32":
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture(autouse=True)
def _no_thread_left_alive() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + GRACE_S
    left = _alive_beyond(before)
    while left and time.monotonic() < until:
        left[0].join(0.05)
        left = _alive_beyond(before)
    assert not left, f"threads left alive: {sorted(thread.name for thread in left)}"


def _alive_beyond(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]


TOLD = {"rig": "rigs", "work": "measured work"}
"""What tests tell by `record_property`, and the heading under which it stands at the end of the run."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the rigs ran (how many steps, on which seed, what they found) and what the measured tasks took."""
    reports = [one for ended in terminalreporter.stats.values() for one in ended if isinstance(one, pytest.TestReport)]
    for told, heading in TOLD.items():
        said = [
            str(text) for one in reports if one.when == "call" for name, text in one.user_properties if name == told
        ]
        if said:
            terminalreporter.section(heading)
            for line in sorted(said):
                terminalreporter.line(line)

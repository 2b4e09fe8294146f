"""A process that changes who can open a laptop, until it is killed.

`python -m tests.journeys.key_process` loads everything once, then reads one task a line from its standard input;
for each it forks a child that carries it out over HTTPS against a real server. A task may name the change on the
disk before which the child kills itself; else somebody else kills it. A line is written only after what it tells
was answered, and one line is one write.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from casebook.ids import UserId
from desktop_app.vault import Laptop
from tests.journeys.entering_process import say
from tests.journeys.online import online_laptop
from tests.laptops import design

_CHANGES = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})


class Changes:
    """Counts what this process changes in a folder, and kills it before one of these changes."""

    def __init__(self, folder: str, last: int) -> None:
        """Count from now on. `last`: the change, from 1, that is not made any more; 0 for none."""
        self._folder = folder
        self._last = last
        self.count = 0
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _CHANGES and arguments and str(arguments[0]).startswith(self._folder):
            self.count += 1
            if self.count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def _enrol(laptop: Laptop, told: Mapping[str, str]) -> None:
    code = laptop.enrol(told["code"], told["url"], told["personal"], "Ward", told["new"])
    say("code", code)
    laptop.test_recovery(code)
    say("tested")


def _change_passphrase(laptop: Laptop, told: Mapping[str, str]) -> None:
    session = laptop.unlock(UserId(told["user"]), told["old"])
    say("subject", session.add_subject().number)
    session.change_passphrase(told["old"], told["new"])
    say("changed")
    session.lock()


def _recover_by_sheet(laptop: Laptop, told: Mapping[str, str]) -> None:
    code = laptop.recover(told["code"], told["personal"], told["new"], UserId(told["user"]))
    say("code", code)
    laptop.test_recovery(code)
    say("tested")


def _recover_by_colleague(laptop: Laptop, told: Mapping[str, str]) -> None:
    session = laptop.unlock(UserId(told["by"]), told["passphrase"])
    say("subject", session.add_subject().number)
    made = session.staff.make_keys(session.staff.invite_again(UserId(told["user"])), told["new"])
    say("changed")
    session.staff.announce(made)
    session.lock()


def _remove(laptop: Laptop, told: Mapping[str, str]) -> None:
    session = laptop.unlock(UserId(told["by"]), told["passphrase"])
    say("subject", session.add_subject().number)
    session.staff.remove(UserId(told["user"]), told["passphrase"])
    say("removed")
    say("subject", session.add_subject().number)
    session.lock()
    laptop.unlock(UserId(told["by"]), told["passphrase"]).lock()


ACTS: Mapping[str, Callable[[Laptop, Mapping[str, str]], None]] = {
    "enrol": _enrol,
    "passphrase": _change_passphrase,
    "sheet": _recover_by_sheet,
    "colleague": _recover_by_colleague,
    "removal": _remove,
}


def carry_out(task: Mapping[str, str]) -> None:
    """Do what a task says, tell how long it took and how many changes it made, and wait to be killed."""
    laptop = online_laptop(Path(task["folder"]))
    changes = Changes(task["folder"], int(task["last"]))
    say("go", os.getpid())
    begun = time.perf_counter()
    ACTS[task["act"]](laptop, task)
    say("done", time.perf_counter() - begun, changes.count)
    while True:
        time.sleep(1)


def main() -> None:
    """Fork one child per task that is read."""
    design()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                carry_out(json.loads(line))
            finally:
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()

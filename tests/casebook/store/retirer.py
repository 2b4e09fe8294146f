"""A process that retires a laptop and is killed at a chosen touch of the disk.

`python -m tests.casebook.store.retirer` serves as the appender does; the number is the touch.

Each opening, renaming and removing of a file counts as one touch; the process kills itself right before it. It says
`copied NAME` once the rescue copy stands, and `retired` at the end.
"""

import os
import signal
import sys
from pathlib import Path

from casebook.clock import system_clock
from casebook.store.rescue import write_rescue
from casebook.store.retiring import begin_retiring, finish_retiring
from casebook.store.vault_files import VaultFolder, VaultLock
from tests.casebook.store.appender import say, serve

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"})


def kill_at(number: int) -> None:
    """Kill this process right before its touch of the disk with this number."""
    count = 0

    def heard(event: str, _arguments: object) -> None:
        nonlocal count
        if event in TOUCHES:
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


def retire(path: Path, number: int) -> None:
    """Retire a laptop with a rescue copy in the folder `copies NUMBER` beside it; killed at that touch of the disk."""
    folder, to = VaultFolder(path, ballast_bytes=4096), path.with_name(f"copies {number}")
    with VaultLock(folder):
        now = system_clock()
        kill_at(number)
        copy = write_rescue(folder, to, now)
        say("copied", copy.path.name)
        begin_retiring(folder, copy)
        finish_retiring(folder)
        say("retired")


if __name__ == "__main__":
    serve({"retire": retire})

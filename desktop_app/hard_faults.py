"""When the whole process falls: what was running is written down by the interpreter, and told at the next start.

A fault in native code leaves no window behind that could say anything. Python's fault handler then writes where each
thread stood into a file of the laptop's folder. The next start reads it, keeps of it the kind of the fault, modules,
lines and names of functions, and nothing else; a process that ends well leaves no file.

Source: Python's faulthandler.
"""

import contextlib
import faulthandler
import re
from pathlib import Path
from typing import IO

FILE = "fault-report"
"""In the laptop's folder. `casebook.store` leaves it out of copies, and takes it away with the laptop."""
MOST_BYTES = 256 * 1024
_FRAME = re.compile(r'^ {2}File "([^"]+)", line (\d+) in (\S+)$')
_KIND = re.compile(r"^(Fatal Python error|Windows fatal exception): ([\w :.-]+)$")
_THREAD = re.compile(r"^(Current thread|Thread) 0x")
_PACKAGES = ("casebook", "desktop_app", "central_server")


class HardFaults:
    """The report of the process before this one, and the file into which this one would write its own."""

    def __init__(self, folder: Path) -> None:
        """Read what the process before left, b"" where it ended well."""
        self._path = folder / FILE
        self._file: IO[bytes] | None = None
        self.last = ""
        """What is known of the end of the process before, as lines without data; "" where it ended well."""
        with contextlib.suppress(OSError), self._path.open("rb") as left:
            self.last = lines_without_data(left.read(MOST_BYTES).decode("utf-8", "replace"))

    def watch(self) -> None:
        """From now on write down where every thread stands when the process falls. Without a folder: nowhere."""
        with contextlib.suppress(OSError):
            self._file = self._path.open("wb")
            faulthandler.enable(self._file, all_threads=True)

    def end(self) -> None:
        """Leave nothing behind: the process ends well."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._path.unlink()


def lines_without_data(written: str) -> str:
    """Return kind of fault, threads, modules, lines and functions of what the fault handler wrote, and nothing else."""
    return "\n".join(line for one in written.splitlines() if (line := _line(one)))


def _line(line: str) -> str:
    if kind := _KIND.match(line):
        return f"{kind[1]}: {kind[2]}"
    if thread := _THREAD.match(line):
        return thread[1]
    if frame := _FRAME.match(line):
        return f"  {_module(frame[1])}:{frame[2]} {frame[3]}"
    return ""


def _module(file: str) -> str:
    """Return the name of a module by its file; of others than our own the file's name alone: no folder of a user."""
    parts = list(Path(file.replace("\\", "/")).with_suffix("").parts)
    for package in _PACKAGES:
        if package in parts:
            return ".".join(parts[len(parts) - 1 - parts[::-1].index(package) :])
    return parts[-1] if parts else "?"

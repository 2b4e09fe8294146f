"""Let a process say what is durable, and kill it at a moment of one's choosing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Killer:
    """A process that has everything loaded; a fresh one comes of it for each kill, by a fork."""

    def __init__(self, module: str = "tests.casebook.store.appender") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )

    def run_and_kill(
        self, kind: str, folder: Path, number: int, after_s: float, until: str | None = None
    ) -> list[list[str]]:
        """Run a process, kill it `after_s` after it said `until`, and return what it said to be durable.

        Args:
            until: Begins a line; None for the first one, whatever it is.
        """
        child = self._begin(kind, folder, number)
        said = [self._line()]
        while until is not None and said[-1][0] not in {until, "ended"}:
            said.append(self._line())
        assert said[-1][0] != "ended", "it ended by itself"
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        return [*said, *self._hear("ended")[:-1]]

    def run(self, kind: str, folder: Path, number: int) -> tuple[int, list[list[str]]]:
        """Run a process to its end, which it may make itself; returns its exit code and what it said."""
        self._begin(kind, folder, number)
        *said, (_, code) = self._hear("ended")
        return int(code), said

    def _begin(self, kind: str, folder: Path, number: int) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind}\t{number}\t{folder}\n")
        ((_, child),) = self._hear("child")
        return int(child)

    def _hear(self, last: str) -> list[list[str]]:
        """Return the lines up to one that begins with `last`."""
        heard = [self._line()]
        while heard[-1][0] != last:
            heard.append(self._line())
        return heard

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process ended by itself"
        return line.split()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

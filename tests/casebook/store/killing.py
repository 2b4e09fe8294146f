"""Start a process that says what is durable, and kill it at a moment of one's choosing."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run_and_kill(kind: str, folder: Path, number: int, after_s: float) -> list[list[str]]:
    """Run the appender, kill it `after_s` after its first word, and return what it said to be durable."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.casebook.store.appender", kind, str(folder), str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, "it ended by itself"
        time.sleep(after_s)
        process.kill()
        said = first + process.stdout.read()
    return [line.split() for line in said.decode().splitlines()]

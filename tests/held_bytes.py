"""Bytes of a file that another process holds, as a backup or a virus scan does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLD_BYTES = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR)
fcntl.lockf(descriptor, fcntl.LOCK_EX, int(sys.argv[3]), int(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""
WRITING = (120, 1)
"""First byte and number of those by which SQLite's write-ahead log says that somebody writes."""
OPENING = (0x40000002, 510)
"""Those by which a database says that it is open."""


@contextmanager
def held(path: Path, first: int, count: int) -> Iterator[None]:
    """Let another process hold bytes of a file; it ends with this process, however that ends."""
    command = [sys.executable, "-c", HOLD_BYTES, str(path), str(first), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.kill()
        process.communicate()

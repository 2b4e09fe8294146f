"""Copies of documents that go to a file of the user's choice, and files that come to be checked.

Runs on the store thread. What leaves here leaves the protection of the vault; only the user asks for it.
"""

from pathlib import Path

from casebook.errors import FileUnreadableError, FileUnwritableError

MOST_BYTES = 64 * 1024 * 1024


def write_file(path: str, data: bytes) -> str:
    """Write `data` and return the path. Raises FileUnwritableError."""
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise FileUnwritableError(path=path, why=error.strerror or "") from None
    return path


def read_file(path: str) -> bytes:
    """Return a file's bytes, at most 64 MiB. Raises FileUnreadableError."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise FileUnreadableError(path=path, why=error.strerror or "") from None

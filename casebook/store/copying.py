"""A copy of a log as it is at one moment, under the same key, while others go on writing.

Source: SQLite documentation of VACUUM INTO; docs/store.md, section "The database".
"""

import os
from pathlib import Path

from casebook.store import _disk, _sqlite


def copy_log(path: Path, to: Path, key: bytes, salt: bytes) -> None:
    """Write a whole, encrypted copy of a log; durable on return.

    Args:
        to: A file that is not there yet.
        key, salt: As `SqlcipherLog.open`; the copy has the same.

    Raises:
        StoreMissingError, StoreDamagedError: The log cannot be read.
        DiskFullError, DiskFailedError: The disk refuses.
    """
    connection = _sqlite.connect(path, key, salt)
    try:
        _disk.make_private(to)
        with _sqlite.translated(to):
            connection.execute("VACUUM INTO ?", (str(to),))
        descriptor = os.open(to, os.O_RDWR | _disk.BINARY)
        try:
            _disk.flush(descriptor)
        finally:
            os.close(descriptor)
        _disk.flush_folder(to.parent)
    except OSError as error:
        raise _disk.as_unavailable(error, to.parent) from error
    finally:
        connection.close()

"""Taking turns: the running server and a command beside it never state something at the same time.

The server takes its turn for every group of writes, thousands of times an hour. A command that waits says so first,
and the server lets it go ahead; without that a busy server would never leave it a gap.

    lock           held by whoever writes now
    asking/lock    held by a command, from before it waits until it is done

Source: docs/architecture.md, "Threads".
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casebook.errors import VaultInUseError
from casebook.store.vault_files import VaultFolder, VaultLock

_WAIT_S = 30.0
_PAUSE_S = 0.005


class Turns:
    """The turns of one server's folder, for one process."""

    def __init__(self, folder: Path) -> None:
        """Take nothing yet."""
        self._folder = VaultFolder(folder)
        self._asking = VaultFolder(folder / "asking")
        self._asks = False

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Ask the running server, if there is one, to let this process go ahead.

        Raises:
            VaultInUseError: Other commands held it for half a minute.
        """
        self._asking.path.mkdir(mode=0o700, exist_ok=True)
        with _waited_for(self._asking):
            self._asks = True
            try:
                yield
            finally:
                self._asks = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn; a command that asked goes first. Raises VaultInUseError after half a minute."""
        if not self._asks and self._asking.path.exists():
            _waited_for(self._asking).close()
        with _waited_for(self._folder):
            yield


def _waited_for(folder: VaultFolder) -> VaultLock:
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            return VaultLock(folder)
        except VaultInUseError:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)

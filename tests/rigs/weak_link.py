"""A link that can be told to break: it stands between the laptops and the server, at the server's address."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Self

from tests.server_process import ServerProcess

_PART = 8 * 1024


class WeakLink:
    """Passes on between 127.0.0.1 and a server. Once what it may carry is used up it ends every connection.

    Attributes:
        left: How many bytes it still carries to the server; None for any number.
        carried: How many bytes it has carried to the server.
    """

    def __init__(self, port: int, onward: int) -> None:
        """Listen at a port and pass on to another one. Raises OSError: the port is taken."""
        self.left: int | None = None
        self.carried = 0
        self._onward = onward
        self._listening = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, name="weak link", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self.left == 0:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._onward))
                self._open += [near, far]
                for source, target, counted in ((near, far, True), (far, near, False)):
                    threading.Thread(
                        target=partial(self._pass_on, source, target, counted=counted), daemon=True
                    ).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PART):
                if counted:
                    data = data[: self.left]
                    self.carried += len(data)
                    self.left = None if self.left is None else self.left - len(data)
                target.sendall(data)
                if self.left == 0:
                    break
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join()


@contextmanager
def weak_link(server: ServerProcess) -> Iterator[WeakLink]:
    """Move a server that stands still behind a link at its old address, and start it; afterwards it is there again."""
    behind = ServerProcess(server.folder).start()
    try:
        address, onward = (int(one.url.rpartition(":")[2]) for one in (server, behind))
        with WeakLink(address, onward) as link:
            yield link
    finally:
        behind.stop()
        server.start()

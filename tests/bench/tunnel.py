"""TLS tunnels that count: how peers that speak plain HTTP go over the same TLS, and what each application sent.

A `Terminator` ends TLS where the server stands and passes the plain bytes on; an `Originator` takes plain bytes
where the client stands and begins TLS. What is counted is what the applications said, HTTP headers included,
TLS apart.
"""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

_REQUEST = re.compile(rb"(?:GET|POST|PUT|HEAD|DELETE) [^ ]+ HTTP/1\.1\r\n")


@dataclass(slots=True)
class Count:
    """Application bytes each way, and HTTP requests."""

    up: int = 0
    down: int = 0
    requests: int = 0
    _tail: bytes = field(default=b"", repr=False)

    def sent(self, data: bytes) -> None:
        """Count bytes from the client."""
        seen = self._tail + data
        self.requests += len(_REQUEST.findall(seen))
        last = max((match.end() for match in _REQUEST.finditer(seen)), default=0)
        self._tail = seen[last:][-200:]
        self.up += len(data)

    def reset(self) -> None:
        """Begin anew."""
        self.up = self.down = self.requests = 0
        self._tail = b""


class Forwarder:
    """Passes connections on, and counts what goes through."""

    def __init__(
        self,
        listener: socket.socket,
        *,
        accepted: Callable[[socket.socket], socket.socket],
        onward: Callable[[], socket.socket],
    ) -> None:
        self.count = Count()
        self._live: list[socket.socket] = []
        self._listener = listener
        self._accepted = accepted
        self._onward = onward
        self._thread = threading.Thread(target=self._serve, name="tunnel", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def drop(self) -> None:
        """End every connection, so that the next exchange begins with a new one."""
        while self._live:
            with contextlib.suppress(OSError):
                self._live.pop().shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._connect, args=(plain,), name="tunnel", daemon=True).start()

    def _connect(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, server = self._accepted(plain), self._onward()
            self._live += [client, server]
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._pump, args=(server, client, None), name="tunnel", daemon=True)
            back.start()
            self._pump(client, server, self.count.sent)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket, seen: Callable[[bytes], None] | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if seen is not None:
                    seen(data)
                else:
                    self.count.down += len(data)
                target.sendall(data)
        for link in (source, target):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


def terminator(listener: socket.socket, context: ssl.SSLContext, onward: Callable[[], socket.socket]) -> Forwarder:
    """Return what ends TLS at the server's end."""
    return Forwarder(listener, accepted=lambda plain: context.wrap_socket(plain, server_side=True), onward=onward)


def originator(listener: socket.socket, onward: Callable[[], socket.socket]) -> Forwarder:
    """Return what begins TLS at the client's end; `onward` gives the TLS connection."""
    return Forwarder(listener, accepted=lambda plain: plain, onward=onward)

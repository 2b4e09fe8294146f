"""A bad link over real sockets: it stands between a laptop and a server and hurts one connection at a time."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

_CHUNK = 1400
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Hurt:
    """What happens to the connections; counted on what TLS makes of the exchange.

    Attributes:
        up, down: After how many bytes it ends, None for never.
        reset: It ends with a reset, otherwise as if the other side had hung up.
        silent: It does not end: nothing goes through any more.
        flipped: Of what goes up, this byte is another.
        delay_s: Each part waits so long.
    """

    up: int | None = None
    down: int | None = None
    reset: bool = False
    silent: bool = False
    flipped: int | None = None
    delay_s: float = 0.0


NOTHING = Hurt()


@dataclass(slots=True, eq=False)
class _Connection:
    """Two sockets, and whether they are done for."""

    laptop: socket.socket
    server: socket.socket
    hurt: Hurt

    def pump(self, source: socket.socket, target: socket.socket, limit: int | None, flipped: int | None) -> int:
        """Pass on until the limit or the end; returns how many bytes went through."""
        carried = 0
        with contextlib.suppress(OSError):
            while data := bytearray(source.recv(_CHUNK)):
                if flipped is not None and 0 <= flipped - carried < len(data):
                    data[flipped - carried] ^= 1
                if limit is not None and carried + len(data) > limit:
                    target.sendall(data[: limit - carried])
                    carried = limit
                    break
                time.sleep(self.hurt.delay_s)
                target.sendall(data)
                carried += len(data)
        if not self.hurt.silent:
            self.end()
        return carried

    def end(self) -> None:
        """Close both sockets."""
        for one in (self.laptop, self.server):
            with contextlib.suppress(OSError):
                if self.hurt.reset:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
                one.shutdown(socket.SHUT_RD if self.hurt.reset else socket.SHUT_RDWR)  # wakes whoever reads
            one.close()


class BadLink:
    """Listens on 127.0.0.1 and passes on to a server; hurts the connections as told."""

    def __init__(self, port: int) -> None:
        """Begin to listen.

        Args:
            port: The server's, on 127.0.0.1.
        """
        self.hurt = NOTHING
        self.up_bytes = 0
        self.down_bytes = 0
        self._server_port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[_Connection] = []
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    @property
    def url(self) -> str:
        """Where a laptop finds it."""
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="bad link", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                laptop, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                connection = _Connection(laptop, server, self.hurt)
                self._connections.append(connection)
                self._begin(partial(self._up, connection))
                self._begin(partial(self._down, connection))

    def _up(self, one: _Connection) -> None:
        self.up_bytes += one.pump(one.laptop, one.server, one.hurt.up, one.hurt.flipped)

    def _down(self, one: _Connection) -> None:
        self.down_bytes += one.pump(one.server, one.laptop, one.hurt.down, None)

    def hang_up(self) -> None:
        """End every connection and wait until nothing is passed on any more."""
        connections, threads = self._connections[:], self._threads[1:]
        for connection in connections:
            connection.end()
        for thread in threads:
            thread.join()
        self._connections = [one for one in self._connections if one not in connections]
        self._threads = [one for one in self._threads if one not in threads]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        self._threads[0].join()

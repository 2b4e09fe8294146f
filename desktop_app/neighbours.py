"""The wire between two laptops in one room: a socket that waits, a socket that calls, and nothing that announces.

Nobody is looked for: one person reads the address and six figures from a screen, the other types them.

Source: docs/sync_protocol.md, section "Bundles"; `casebook.sync.nearby` says what goes over it.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from casebook.errors import NearbyRefusedError, NearbyUnreachableError, StoppedError, WrongFiguresError
from casebook.sync.bundles import Holder
from casebook.sync.nearby import SecureLink, answer_call, call
from desktop_app.sync_stop import StopSign

PORT = 47115
"""Tried first; where it is taken, any free one is."""
HANDSHAKE_S = 15.0
STALL_S = 60.0
_LOOK_S = 0.25
_MOST_WRONG = 5
_PORTS = 65_536


class SocketLink:
    """A connected socket as `casebook.sync.nearby.Link`."""

    def __init__(self, connection: socket.socket, address: str, sign: StopSign, *, within_s: float) -> None:
        """Take over a connection; all of what follows must come within `within_s` until `calm`."""
        self._connection = connection
        self._address = address
        self._sign = sign
        self._until: float | None = time.monotonic() + within_s

    def calm(self) -> None:
        """Go on without an end: the other side is known, and only silence counts as gone."""
        self._until = None

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._connection.settimeout(self._patience())
            self._connection.sendall(data)
        except OSError:
            raise self._gone() from None

    def receive(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        data = bytearray()
        while len(data) < count:
            try:
                self._connection.settimeout(self._patience())
                more = self._connection.recv(min(count - len(data), 1 << 16))
            except OSError:
                raise self._gone() from None
            if not more:
                raise self._gone()
            data += more
        return bytes(data)

    def _patience(self) -> float:
        if self._until is None:
            return STALL_S
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _gone(self) -> StoppedError | NearbyUnreachableError:
        return StoppedError() if self._sign.raised else NearbyUnreachableError(address=self._address)


@contextmanager
def waiting(holder: Holder, figures: str, on_open: Callable[[str], None], sign: StopSign) -> Iterator[SecureLink]:
    """Wait until a laptop of the site calls with the right figures.

    Args:
        on_open: Told under which addresses this laptop can be called.

    Raises:
        WrongFiguresError: They were typed wrongly five times.
        NearbyUnreachableError: This machine lets nobody call.
        StoppedError: The user stopped waiting.
    """
    with closing(_listener()) as listener:
        port = listener.getsockname()[1]
        on_open("  ".join(f"{one}:{port}" if port != PORT else one for one in own_addresses()))
        wrong = 0
        while True:
            connection, address = _accepted(listener, sign)
            with closing(connection):
                _watch(connection, sign)
                link = SocketLink(connection, address, sign, within_s=HANDSHAKE_S)
                try:
                    known = answer_call(link, holder, figures)
                except WrongFiguresError:
                    wrong += 1
                    if wrong >= _MOST_WRONG:
                        raise
                    continue
                except (NearbyRefusedError, NearbyUnreachableError):
                    continue  # a stranger, or somebody who went away: go on waiting
                finally:
                    sign.watch(None)
                _watch(connection, sign)
                link.calm()
                yield known
                sign.watch(None)
                return


@contextmanager
def calling(holder: Holder, address: str, figures: str, sign: StopSign) -> Iterator[SecureLink]:
    """Call the laptop that waits at an address.

    Raises:
        NearbyUnreachableError: Nobody answers there.
        NearbyRefusedError: It is no laptop of this study and site, or the figures are not its.
        StoppedError: The user stopped it.
    """
    host, port = read_address(address)
    try:
        connection = socket.create_connection((host, port), timeout=HANDSHAKE_S)
    except (OSError, UnicodeError):
        raise NearbyUnreachableError(address=address) from None
    with closing(connection):
        _watch(connection, sign)
        link = SocketLink(connection, address, sign, within_s=HANDSHAKE_S)
        known = call(link, holder, "".join(figures.split()))
        link.calm()
        yield known
        sign.watch(None)


def read_address(text: str) -> tuple[str, int]:
    """Return host and port of a typed address. Raises NearbyUnreachableError for what is none."""
    host, found, port = text.strip().partition(":")
    if not host or (found and not (port.isascii() and port.isdigit() and 0 < int(port) < _PORTS)):
        raise NearbyUnreachableError(address=text)
    return host, int(port) if found else PORT


def own_addresses() -> tuple[str, ...]:
    """Return this machine's addresses in its networks, the likeliest first."""
    found: list[str] = []
    with suppress(OSError), closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: it asks which way a packet would go
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    usable = [one for one in dict.fromkeys(found) if not ipaddress.ip_address(one).is_loopback]
    return tuple(usable) or ("127.0.0.1",)


def _listener() -> socket.socket:
    for port in (PORT, 0):
        try:
            listener = socket.create_server(("", port), backlog=1)
        except OSError:
            continue
        listener.settimeout(_LOOK_S)
        return listener
    raise NearbyUnreachableError(address=str(PORT))


def _accepted(listener: socket.socket, sign: StopSign) -> tuple[socket.socket, str]:
    while not sign.raised:
        try:
            connection, address = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            raise NearbyUnreachableError(address=str(PORT)) from None
        return connection, str(address[0])
    raise StoppedError


def _watch(connection: socket.socket, sign: StopSign) -> None:
    def cut() -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    sign.watch(cut)

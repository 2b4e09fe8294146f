"""A TLS server of the study's authority that misbehaves as networks do: says nothing, reads slowly, is busy."""

import contextlib
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from casebook import crypto

Manner = Callable[[ssl.SSLSocket], None]


LONGEST_S = 2.0
"""Between two looks at a link, which may have been cut."""


@dataclass
class HungServer:
    """Where it listens, what laptops trust, and what has happened so far."""

    url: str
    authority: bytes
    met: threading.Event = field(default_factory=threading.Event)
    """Somebody came as far as the server goes with them."""


def silent(link: ssl.SSLSocket) -> None:
    """Take the whole request and never answer."""
    while link.recv(65536):
        pass


def answering(answer: bytes) -> Manner:
    """Read a request to its end and give an answer."""

    def manner(link: ssl.SSLSocket) -> None:
        held = b""
        while not _is_whole(held) and (data := link.recv(65536)):
            held += data
        link.sendall(answer)

    return manner


def _is_whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def beginning(answer: bytes) -> Manner:
    """Give the beginning of an answer, then nothing any more."""

    def manner(link: ssl.SSLSocket) -> None:
        answering(answer)(link)
        silent(link)

    return manner


def slow(bytes_per_s: int, answer: bytes) -> Manner:
    """Read a request no faster than a bad link carries it, then answer."""

    def manner(link: ssl.SSLSocket) -> None:
        held = b""
        while not held.endswith(b"0\r\n\r\n") and (data := link.recv(4096)):
            held = held[-16:] + data
            time.sleep(min(len(data) / bytes_per_s, LONGEST_S))
        link.sendall(answer)

    return manner


@contextmanager
def serving(
    manner: Manner | None, *, receive_buffer: int = 0, certified: timedelta = timedelta()
) -> Iterator[HungServer]:
    """Serve each connection in a manner; None takes connections and never begins with TLS.

    Args:
        certified: How long from now the server's certificate begins; years ago it has ended.
    """
    authority, context = _study(certified)
    listener = socket.socket()
    if receive_buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = HungServer(url=f"https://127.0.0.1:{listener.getsockname()[1]}", authority=authority)
    links: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            links.append(plain)
            if manner is None:
                server.met.set()
                continue
            with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as link:
                links.append(link)
                server.met.set()
                manner(link)

    thread = threading.Thread(target=serve, name="hung server")
    thread.start()
    try:
        yield server
    finally:
        for link in (listener, *links):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for link in links:
            link.close()


@cache
def _study(certified: timedelta) -> tuple[bytes, ssl.SSLContext]:
    """Return the authority's certificate and the server's side of TLS; made once, since RSA keys take their time."""
    now = datetime.now(UTC) + certified
    authority_key, authority = crypto.make_authority("RELOW1", at=now)
    key = crypto.new_tls_key()
    certificate = crypto.issue_server(authority_key, authority, crypto.public_key_der(key), ["127.0.0.1"], at=now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "tls.pem"
        chain.write_bytes(crypto.private_key_pem(key) + crypto.certificate_pem(certificate))
        context.load_cert_chain(chain)
    return authority, context

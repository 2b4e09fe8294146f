"""A real proxy that passes on whole requests alone and gives up on long ones, between a laptop and a real server."""

import contextlib
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook import crypto
from casebook.errors import ServerUnreachableError
from casebook.sync.memory import HELD_BACK
from central_server.authority import read_keys
from central_server.listening import tls_context
from desktop_app.sync_client import HttpPeer
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess

_MOST_BYTES = 45_000
"""What the link in front of the proxy carries before the proxy gives up on a request."""


class HoldingBack:
    """Reads a request to its end before it passes it on; closes the connection when it is longer than it waits for."""

    def __init__(self, server: ServerProcess, authority: bytes) -> None:
        keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
        self._context = tls_context(server.folder, keys)
        self._onward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._onward.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
        self._port = int(server.url.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self.passed = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self._context.wrap_socket(plain, server_side=True) as near:
                while (request := self._whole(near)) is not None:
                    self.passed += 1
                    near.sendall(self._asked(request))

    def _whole(self, near: ssl.SSLSocket) -> bytes | None:
        held = bytearray()
        while not _is_whole(bytes(held)):
            data = near.recv(65536)
            held += data
            if not data or len(held) > _MOST_BYTES:
                return None
        return bytes(held)

    def _asked(self, request: bytes) -> bytes:
        """Ask the server over a connection of its own, and return the whole answer."""
        with (
            socket.create_connection(("127.0.0.1", self._port)) as plain,
            self._onward.wrap_socket(plain, server_hostname="127.0.0.1") as far,
        ):
            far.sendall(request)
            held = b""
            while not _is_whole(held) and (data := far.recv(65536)):
                held += data
        return held

    def close(self) -> None:
        """End the thread."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def _is_whole(message: bytes) -> bool:
    head, found, body = message.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(found) and (len(body) >= int(length[1]) if length else body.endswith(b"\r\n0\r\n\r\n"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server") as server:
        yield server


def test_laptop_goes_over_to_small_requests_and_all_arrives(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server)
    laptop.sync()
    for _ in range(150):
        laptop.write(os.urandom(1000).hex())
    proxy = HoldingBack(server, laptop.enrolled.authority)
    cuts = 0
    try:
        with contextlib.ExitStack() as opened:
            while True:
                peer = opened.enter_context(HttpPeer(proxy.url, laptop.enrolled.authority))
                try:
                    report = laptop.sync(peer)
                    break
                except ServerUnreachableError:
                    cuts += 1
                    assert cuts < 6
    finally:
        proxy.close()

    assert cuts > 0
    assert report.in_step
    assert proxy.passed > 4
    assert laptop.log.setting(HELD_BACK) not in (None, "[0, 0]")
    assert server.status()["commits"] == laptop.log.count()

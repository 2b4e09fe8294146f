"""A real proxy that passes on whole requests alone and gives up on long ones, between a laptop and a real server."""

import contextlib
import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import ServerUnreachableError
from casebook.sync.memory import HELD_BACK
from desktop_app.sync_client import HttpPeer
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess
from tests.tls_listener import TlsProxy

_MOST_BYTES = 45_000
"""What the link in front of the proxy carries before the proxy gives up on a request."""


class HoldingBack(TlsProxy):
    """Reads a request to its end before it passes it on; closes the connection when it is longer than it waits for."""

    def __init__(self, server: ServerProcess, authority: bytes) -> None:
        self.passed = 0
        super().__init__(server, authority)

    def _talk(self, near: ssl.SSLSocket) -> None:
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
        with self._far() as far:
            far.sendall(request)
            held = b""
            while not _is_whole(held) and (data := far.recv(65536)):
                held += data
        return held


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

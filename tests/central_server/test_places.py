"""Nobody takes the places of others: not by requests that never end, not by answers that nobody reads."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from casebook import crypto
from casebook.attachments import CHUNK_BYTES
from central_server import listening
from central_server.gate import Gate
from central_server.limits import Limits
from central_server.listening import PatientProtocol
from tests.casebook.sync.chunk_study import photo
from tests.central_server.laptops import PhotoLaptop
from tests.server_process import ServerProcess

_ELSEWHERE = "127.0.0.2"
"""An address of this machine that is not the one at which the others come."""


async def _held(server: ServerProcess, laptop: PhotoLaptop, route: str, count: int) -> list[asyncio.StreamWriter]:
    """Begin requests of nobody known, from one address, that say the head of a frame and no more."""
    port = int(server.url.rpartition(":")[2])
    context = ssl.create_default_context(cadata=crypto.certificate_pem(laptop.enrolled.authority).decode("ascii"))
    head = f"POST {route} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\x02\r\n"
    writers: list[asyncio.StreamWriter] = []
    for _ in range(count):
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="127.0.0.1", local_addr=(_ELSEWHERE, 0)
        )
        writer.write(head.encode("ascii"))
        writers.append(writer)
    return writers


async def _while_held(
    server: ServerProcess, laptop: PhotoLaptop, route: str, count: int, work: Callable[[], object]
) -> None:
    writers = await _held(server, laptop, route, count)
    try:
        await asyncio.to_thread(work)
    finally:
        for writer in writers:
            writer.transport.abort()


def test_requests_of_nobody_known_take_no_place_of_attachments(server: ServerProcess, tmp_path: Path) -> None:
    laptop = PhotoLaptop(server, tmp_path / "one")
    laptop.attach(photo(2 * CHUNK_BYTES))
    laptop.sync()
    completed: list[int] = []

    asyncio.run(
        _while_held(server, laptop, "/sync/v1/chunks", 20, lambda: completed.append(laptop.sync_chunks().completed))
    )

    assert completed == [1]


def test_one_address_takes_half_of_the_places_at_most(server: ServerProcess, tmp_path: Path) -> None:
    laptop = PhotoLaptop(server, tmp_path / "two")
    laptop.write("1")
    in_step: list[bool] = []

    asyncio.run(_while_held(server, laptop, "/sync/v1/exchange", 140, lambda: in_step.append(laptop.sync().in_step)))

    assert in_step == [True]


class _Hall:
    """Requests that go on until they are let go."""

    def __init__(self) -> None:
        self.gate = Gate(self._stay, limits=Limits.usual(lambda: 0.0), waiting=lambda: 0)
        self._door = asyncio.Event()
        self._inside: list[Awaitable[None]] = []

    async def _stay(self, _: Scope, __: Receive, send: Send) -> None:
        await self._door.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def comes(self, address: str) -> bool:
        """Begin a request; tells whether it was let in."""
        said: list[int] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            said.append(message.get("status", 0))

        scope = {"type": "http", "method": "POST", "path": "/sync/v1/exchange", "client": (address, 1), "headers": []}
        self._inside.append(asyncio.create_task(self.gate(scope, receive, send)))
        await asyncio.sleep(0)
        return not said

    async def leave(self) -> None:
        self._door.set()
        await asyncio.gather(*self._inside)
        self._inside.clear()
        self._door.clear()


def test_thirty_laptops_of_one_hospital_come_at_once_and_places_are_given_back() -> None:
    async def story() -> None:
        hall = _Hall()
        assert all([await hall.comes("192.0.2.1") for _ in range(2 * 30)])
        assert [await hall.comes("192.0.2.1") for _ in range(6)] == [True] * 4 + [False] * 2
        assert all([await hall.comes("192.0.2.2") for _ in range(30)])
        await hall.leave()
        assert all([await hall.comes("192.0.2.1") for _ in range(64)])
        await hall.leave()

    asyncio.run(story())


def test_proxy_that_hides_all_addresses_behind_its_own_is_not_taken_for_one_laptop() -> None:
    async def story() -> None:
        hall = _Hall()
        assert [await hall.comes("127.0.0.1") for _ in range(129)] == [True] * 128 + [False]
        await hall.leave()

    asyncio.run(story())


def test_answer_that_nobody_reads_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_HEADERS_S", 0.1)
    monkeypatch.setattr(listening, "_UNREAD_S", 0.1)
    ended = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        async def parts() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield bytes(64 * 1024)
                    await asyncio.sleep(0)
            finally:
                ended.set()

        await StreamingResponse(parts())(scope, receive, send)

    async def story() -> None:
        config = uvicorn.Config(endless, log_config=None, http=PatientProtocol, lifespan="off")
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        _, writer = await asyncio.open_connection(*listener.getsockname(), limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(60):
            await ended.wait()
        writer.transport.abort()
        server.should_exit = True
        await running

    asyncio.run(story())

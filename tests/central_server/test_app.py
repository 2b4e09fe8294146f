"""The application without a network: requests as ASGI messages, a log in memory."""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from central_server.app import Stores, create_app
from central_server.authority import StudyKeys, make_keys
from central_server.settings import ServerSettings
from tests.casebook.store.memory_log import MemoryLog

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


@cache
def _keys() -> StudyKeys:
    return make_keys("RELOW1", ["127.0.0.1"], at=datetime(2025, 3, 1, tzinfo=UTC), random_bytes=os.urandom)


def _ask(folder: Path, path: str, receive: Receive, method: str = "POST") -> tuple[int, bytes]:
    """Send one request; returns status and body of the answer."""
    settings = ServerSettings(
        folder=folder,
        study="RELOW1",
        roles=(),
        host="127.0.0.1",
        port=0,
        names=("127.0.0.1",),
        custodians=(bytes(32), bytes(32)),
    )
    said: list[Message] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(dict(message))

    async def talk() -> None:
        app = create_app(settings, Stores(MemoryLog(), MemoryLog()), _keys(), stall_s=0.05)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": f"/sync/v1/{path}",
            "raw_path": b"",
            "query_string": b"",
            "headers": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(talk())
    return said[0]["status"], b"".join(one.get("body", b"") for one in said)


async def _silence() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _too_much() -> Message:
    return {"type": "http.request", "body": bytes(20_000), "more_body": True}


@pytest.mark.parametrize("path", ["exchange", "enrol", "people"])
@pytest.mark.parametrize("receive", [_silence, _gone])
def test_request_of_which_nothing_comes_gives_up_its_place(tmp_path: Path, path: str, receive: Receive) -> None:
    status, _ = _ask(tmp_path, path, receive)
    assert status == 408


@pytest.mark.parametrize("path", ["exchange", "enrol", "people"])
def test_empty_request_is_a_problem(tmp_path: Path, path: str) -> None:
    status, body = _ask(tmp_path, path, _nothing)
    assert status == 422
    assert b"urn:casebook:problem:frame-corrupt" in body


@pytest.mark.parametrize("path", ["enrol", "people"])
def test_small_request_that_is_large_is_refused(tmp_path: Path, path: str) -> None:
    status, body = _ask(tmp_path, path, _too_much)
    assert status == 413
    assert b"urn:casebook:problem:too-large" in body


def test_health_and_authority_are_told_to_anybody(tmp_path: Path) -> None:
    assert _ask(tmp_path, "health", _nothing, "GET") == (200, b'{"status":"up"}')
    assert _ask(tmp_path, "authority", _nothing, "GET") == (200, _keys().authority)


def test_server_describes_itself_to_nobody(tmp_path: Path) -> None:
    for path in ("../../docs", "../../openapi.json"):
        assert _ask(tmp_path, path, _nothing, "GET")[0] == 404

"""Before the routes: who is let in now, and the one line that is written of each request.

An exchange is put off when too many go on, or when the store is behind with what it was given. Health is always told.

Source: docs/operations.md, sections "Limits" and "Logs".
"""

import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casebook.errors import ServerBusyError
from casebook.sync import problems
from central_server import logs
from central_server.limits import Limits, retry_after_s

_MOST_AT_ONCE = 128
"""Requests beyond health; the next laptop is asked to come back."""
_MOST_OF_ONE_ADDRESS = 64
"""Of these, from one address: a hospital's laptops come from one, and so does whoever would take every place."""
_OWN_MACHINE = frozenset({"127.0.0.1", "::1"})
"""A proxy on this machine that hands TLS through unopened hides everybody's address behind its own."""
_MOST_WAITING = 256
"""Pieces of work that wait for the store; with more of them whoever comes now would wait too long."""
_CODES = frozenset({"/sync/v1/enrol", "/sync/v1/people"})
_FREE = frozenset({"/sync/v1/health"})


class Gate:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, *, limits: Limits, waiting: Callable[[], int]) -> None:
        """Guard an application. `waiting`: how much work waits for the store."""
        self._app = app
        self._limits = limits
        self._waiting = waiting
        self._going_on: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or put it off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Watched(scope, receive, send)
        try:
            if self._is_put_off(scope):
                logs.tell(outcome="put off")
                await _answer_busy(watched.send)
                return
            address = _address(scope)
            self._going_on[address] += 1
            try:
                await self._app(scope, watched.receive, watched.send)
            finally:
                self._going_on[address] -= 1
                self._going_on += Counter()  # addresses of which nothing goes on any more are forgotten
            if scope["path"] in _CODES and watched.status == HTTPStatus.UNAUTHORIZED:
                self._limits.wrong_codes.take(address)
        finally:
            watched.write_line()

    def _is_put_off(self, scope: Scope) -> bool:
        path = scope["path"]
        if path in _FREE:
            return False
        address = _address(scope)
        if path in _CODES and not self._limits.wrong_codes.allows(address):
            return True
        if address not in _OWN_MACHINE and self._going_on[address] >= _MOST_OF_ONE_ADDRESS:
            return True
        return self._going_on.total() >= _MOST_AT_ONCE or self._waiting() >= _MOST_WAITING


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _answer_busy(send: Send) -> None:
    status, body = problems.write_problem(ServerBusyError())
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"retry-after", str(retry_after_s()).encode("ascii")),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Watched:
    """Counts what goes through one request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = time.monotonic()
        self._facts = logs.begin_request()
        self._in = self._out = 0
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._in += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
        self._out += len(message.get("body", b""))
        await self._send(message)

    def write_line(self) -> None:
        """Write the request's line; of a path that there is not, nothing but that is written."""
        route = self._scope.get("route")
        path = getattr(route, "path", None) or ("-" if self.status == HTTPStatus.NOT_FOUND else self._scope["path"])
        facts: dict[str, object] = {"route": f"{self._scope['method']} {path}", "status": self.status}
        facts |= {"in": self._in, "out": self._out, "ms": round(1000 * (time.monotonic() - self._begun))}
        logs.line("request", facts | self._facts)

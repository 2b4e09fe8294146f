"""The routes of /sync/v1: carry bytes between HTTP and `casebook.sync`, and refusals as problem documents.

    GET  /sync/v1/health      is it up
    POST /sync/v1/probe       answers as soon as something has arrived (central_server.selftest)
    GET  /sync/v1/authority   the study authority's certificate (DER); no secret, compared by fingerprint
    POST /sync/v1/enrol       a laptop, by enrolment code
    POST /sync/v1/people      a person's keys, by personal code
    POST /sync/v1/exchange    frames, streamed both ways

Bodies are read as bytes: what is verified is exactly what came. Logs name routes, laptops and counts.

Source: docs/sync_protocol.md.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from casebook.errors import CasebookError, ServerBusyError, TooLargeError, UnavailableError
from casebook.sync import problems
from casebook.sync.frames import gathered
from casebook.sync.serving import Desk, ServerConversation
from casebook.sync.trust import Device
from central_server.accounts import Accounts
from central_server.limits import REFUSED_COSTS, Limits, retry_after_s
from central_server.logs import tell
from central_server.worker import StoreWorker

FRAMES = "application/crf-frames"
JSON = "application/json"
_MAX_REQUEST_BYTES = 16 * 1024
"""Enough for an enrolment or a person's request many times over."""
_MAX_DROPPED_BYTES = 4 * 1024 * 1024
"""What of a refused request is read and dropped, so that the refusal is heard before the link closes."""
_SMALL_BYTES = 8 * 1024
"""Up to this size an answer goes as a whole."""
_CUT = 408
_FAILING = 503
HEALTH_ANSWERS: dict[int | str, dict[str, Any]] = {_FAILING: {"description": "It cannot do its work now."}}
_PATIENCE_S = 120.0
_LEAST_BYTES_A_SECOND = 64
"""A request that has come more slowly than this, beyond its first minutes, holds its place for nothing."""
STALL_S = 90.0
"""A request of which nothing comes for so long has lost its laptop, and gives its place to another."""


def problem(error: CasebookError) -> Response:
    """Return the problem document of a refusal; a disk that refuses is `busy` to a laptop."""
    known: CasebookError = error
    if problems.problem_of(error) is None:
        if not isinstance(error, UnavailableError):
            raise error
        tell(store=error.code)
        known = ServerBusyError()
    status, body = problems.write_problem(known)
    headers = {"Retry-After": str(retry_after_s())} if isinstance(known, ServerBusyError) else None
    return Response(body, status_code=status, media_type=problems.MEDIA_TYPE, headers=headers)


def make_router(
    desk: Desk,
    accounts: Accounts,
    worker: StoreWorker,
    authority: bytes,
    *,
    limits: Limits,
    is_up: Callable[[], bool],
    stall_s: float = STALL_S,
) -> APIRouter:
    """Return the routes over one store, whose work is done on `worker`.

    Args:
        is_up: Looks whether the server can do its work; called on the store's thread.
    """
    router = APIRouter(prefix="/sync/v1")
    exchanges = _Exchanges(desk, worker, limits, stall_s)

    @router.post("/exchange")
    async def exchange(request: Request) -> Response:
        return await exchanges.answer(request)

    @router.get("/health", responses=HEALTH_ANSWERS)
    async def health(response: Response) -> dict[str, str]:
        with suppress(CasebookError):
            if await worker.run(is_up):
                return {"status": "up"}
        response.status_code = _FAILING
        return {"status": "failing"}

    @router.post("/probe")
    async def probe(request: Request) -> Response:
        try:
            await anext(body_of(request, stall_s), b"")
        except (ClientDisconnect, TimeoutError):
            return Response(status_code=_CUT)
        return Response(b"{}", media_type=JSON)

    @router.get("/authority")
    async def authority_certificate() -> Response:
        return Response(authority, media_type="application/pkix-cert")

    @router.post("/enrol")
    async def enrol(request: Request) -> Response:
        return await _answer(request, accounts.enrol)

    @router.post("/people")
    async def people(request: Request) -> Response:
        return await _answer(request, accounts.certify)

    async def _answer(request: Request, work: Callable[[bytes], bytes]) -> Response:
        try:
            body = await _whole(request, stall_s)
            answer = await worker.run(work, body)
        except (ClientDisconnect, TimeoutError):
            tell(outcome="cut")
            return Response(status_code=_CUT)
        except CasebookError as error:
            tell(outcome=error.code)
            return problem(error)
        return Response(answer, media_type=JSON)

    return router


async def body_of(
    request: Request, stall_s: float, is_proven: Callable[[], bool] = lambda: False
) -> AsyncIterator[bytes]:
    """Give a request's body as it comes.

    Args:
        is_proven: Whether it is known whose it is; until then it has its first minutes and no more, however much comes.

    Raises:
        TimeoutError: Nothing comes, or hardly anything for long.
    """
    stream = request.stream()
    begun, come_bytes = time.monotonic(), 0
    while True:
        earned_s = come_bytes / _LEAST_BYTES_A_SECOND if is_proven() else 0.0
        left_s = _PATIENCE_S + earned_s - (time.monotonic() - begun)
        try:
            async with asyncio.timeout(min(stall_s, max(0.0, left_s))):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        come_bytes += len(chunk)
        if chunk:  # the last one of a body is empty
            yield chunk


async def _whole(request: Request, stall_s: float) -> bytes:
    body = bytearray()
    async for chunk in body_of(request, stall_s):
        body += chunk
        if len(body) > _MAX_REQUEST_BYTES:
            raise TooLargeError
    return bytes(body)


class _Exchanges:
    """Exchanges of one server."""

    def __init__(self, desk: Desk, worker: StoreWorker, limits: Limits, stall_s: float) -> None:
        self._desk = desk
        self._worker = worker
        self._limits = limits
        self._stall_s = stall_s

    async def answer(self, request: Request) -> Response:
        """Take in one streamed request and stream the answer."""
        exchange = ServerConversation(self._desk)
        bill = _Bill(self._limits)
        try:
            await self._take_in(exchange, request, bill)
            answer = await self._worker.run(_begun, exchange)
        except (ClientDisconnect, TimeoutError):
            tell(device=_name(exchange), new=exchange.appended, outcome="cut")
            return Response(status_code=_CUT)
        except CasebookError as error:
            tell(device=_name(exchange), new=exchange.appended, outcome=error.code)
            bill.refused(exchange.device)
            return problem(error)
        tell(device=_name(exchange), new=exchange.appended)
        return self._sent(*answer)

    async def _take_in(self, exchange: ServerConversation, request: Request, bill: "_Bill") -> None:
        """Feed a request's body as it comes. A refusal is raised when the body was heard, so that it is heard too."""
        refusal: CasebookError | None = None
        dropped_bytes = 0
        async for chunk in body_of(request, self._stall_s, lambda: exchange.device is not None):
            if refusal is not None:
                dropped_bytes += len(chunk)
                if dropped_bytes > _MAX_DROPPED_BYTES:
                    break
                continue
            try:
                await self._worker.run(exchange.receive, chunk)
                bill.charge(exchange.device, len(chunk))
            except CasebookError as error:
                refusal = error
        if refusal is not None:
            raise refusal

    def _sent(self, first: bytes, second: bytes | None, others: Iterator[bytes]) -> Response:
        """Return an answer: a small one as a whole with its length, for the fewest bytes; others as they are made."""
        if second is None:
            return Response(first)

        async def whole() -> AsyncIterator[bytes]:
            yield first
            yield second
            async for part in self._worker.iterate(others):
                yield part

        return StreamingResponse(whole(), media_type=FRAMES)


def _begun(exchange: ServerConversation) -> tuple[bytes, bytes | None, Iterator[bytes]]:
    """Return the first two parts of an answer, and the others, each made when it is asked for."""
    parts = gathered(exchange.reply(), _SMALL_BYTES)
    return next(parts, b""), next(parts, None), parts


class _Bill:
    """Charges a laptop, once it is proven which one it is, for one request and its bytes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unbilled_bytes = 0
        self._is_billed = False

    def charge(self, device: Device | None, size_bytes: int) -> None:
        """Charge for bytes that came. Raises ServerBusyError when the laptop has to wait; what came is kept."""
        self._unbilled_bytes += size_bytes
        if device is None:
            return
        if not self._is_billed:
            self._is_billed = True
            if not self._limits.exchanges.allows(device.device):
                raise ServerBusyError
            self._limits.exchanges.take(device.device)
        if not self._limits.received.allows(device.device):
            raise ServerBusyError
        self._limits.received.take(device.device, self._unbilled_bytes)
        self._unbilled_bytes = 0

    def refused(self, device: Device | None) -> None:
        """Charge for a request that was refused: whoever sends such again and again is slowed soon."""
        if device is not None:
            self._limits.exchanges.take(device.device, REFUSED_COSTS)


def _name(exchange: ServerConversation) -> str:
    return exchange.device.device if exchange.device is not None else "an unknown laptop"

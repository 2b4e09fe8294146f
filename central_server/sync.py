"""The routes of /sync/v1: carry bytes between HTTP and `casebook.sync`, and refusals as problem documents.

    GET  /sync/v1/health      is it up
    GET  /sync/v1/authority   the study authority's certificate (DER); no secret, compared by fingerprint
    POST /sync/v1/enrol       a laptop, by enrolment code
    POST /sync/v1/people      a person's keys, by personal code
    POST /sync/v1/exchange    frames, streamed both ways

Bodies are read as bytes: what is verified is exactly what came. Logs name routes, laptops and counts.

Source: docs/sync_protocol.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from casebook.errors import CasebookError, ServerBusyError, TooLargeError, UnavailableError
from casebook.sync import problems
from casebook.sync.frames import gathered
from casebook.sync.serving import Desk, ServerExchange
from central_server.accounts import Accounts
from central_server.worker import StoreWorker

FRAMES = "application/crf-frames"
JSON = "application/json"
_MAX_REQUEST_BYTES = 16 * 1024
"""Enough for an enrolment or a person's request many times over."""
_MAX_DROPPED_BYTES = 4 * 1024 * 1024
"""What of a refused request is read and dropped, so that the refusal is heard before the link closes."""
_CUT = 408
_MOST_EXCHANGES = 64
"""At once; the next laptop is asked to come back."""
STALL_S = 90.0
"""A request of which nothing comes for so long has lost its laptop, and gives its place to another."""

_log = logging.getLogger("casebook.server")


def problem(error: CasebookError) -> Response:
    """Return the problem document of a refusal; a disk that refuses is `busy` to a laptop."""
    known: CasebookError = error
    if problems.problem_of(error) is None:
        if not isinstance(error, UnavailableError):
            raise error
        _log.error("store refuses: %s", error.code)
        known = ServerBusyError()
    status, body = problems.write_problem(known)
    headers = {"Retry-After": "60"} if isinstance(known, ServerBusyError) else None
    return Response(body, status_code=status, media_type=problems.MEDIA_TYPE, headers=headers)


def make_router(
    desk: Desk, accounts: Accounts, worker: StoreWorker, authority: bytes, *, stall_s: float = STALL_S
) -> APIRouter:
    """Return the routes over one store, whose work is done on `worker`."""
    router = APIRouter(prefix="/sync/v1")
    exchanges = _Exchanges(desk, worker, stall_s)

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "up"}

    @router.get("/authority")
    async def authority_certificate() -> Response:
        return Response(authority, media_type="application/pkix-cert")

    @router.post("/enrol")
    async def enrol(request: Request) -> Response:
        return await _answer(request, "enrol", accounts.enrol)

    @router.post("/people")
    async def people(request: Request) -> Response:
        return await _answer(request, "people", accounts.certify)

    @router.post("/exchange")
    async def exchange(request: Request) -> Response:
        return await exchanges.answer(request)

    async def _answer(request: Request, name: str, work: Callable[[bytes], bytes]) -> Response:
        try:
            body = await _whole(request, stall_s)
            answer = await worker.run(work, body)
        except (ClientDisconnect, TimeoutError):
            _log.info("%s cut", name)
            return Response(status_code=_CUT)
        except CasebookError as error:
            _log.warning("%s refused: %s", name, error.code)
            return problem(error)
        _log.info("%s done", name)
        return Response(answer, media_type=JSON)

    return router


async def _chunks(request: Request, stall_s: float) -> AsyncIterator[bytes]:
    """Give a request's body as it comes. Raises TimeoutError when nothing comes."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(stall_s):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        yield chunk


async def _whole(request: Request, stall_s: float) -> bytes:
    body = bytearray()
    async for chunk in _chunks(request, stall_s):
        body += chunk
        if len(body) > _MAX_REQUEST_BYTES:
            raise TooLargeError
    return bytes(body)


class _Exchanges:
    """Exchanges of one server; counts how many go on at once."""

    def __init__(self, desk: Desk, worker: StoreWorker, stall_s: float) -> None:
        self._desk = desk
        self._worker = worker
        self._stall_s = stall_s
        self._going_on = 0

    async def answer(self, request: Request) -> Response:
        """Take in one streamed request and stream the answer."""
        if self._going_on >= _MOST_EXCHANGES:
            return problem(ServerBusyError())
        self._going_on += 1
        try:
            return await self._answer(request)
        finally:
            self._going_on -= 1

    async def _answer(self, request: Request) -> Response:
        exchange = ServerExchange(self._desk)
        chunks = _chunks(request, self._stall_s)
        refusal: CasebookError | None = None
        dropped_bytes = 0
        try:
            async for chunk in chunks:
                if refusal is not None:
                    dropped_bytes += len(chunk)
                    if dropped_bytes > _MAX_DROPPED_BYTES:
                        break
                    continue
                try:
                    await self._worker.run(exchange.receive, chunk)
                except CasebookError as error:
                    refusal = error
            frames = await self._worker.run(exchange.reply) if refusal is None else iter(())
        except (ClientDisconnect, TimeoutError):
            _log.info("exchange cut by %s", _name(exchange))
            return Response(status_code=_CUT)
        except CasebookError as error:
            refusal = error
        if refusal is not None:
            _log.warning("exchange of %s refused: %s", _name(exchange), refusal.code)
            return problem(refusal)
        _log.info("exchange of %s: %d new", _name(exchange), exchange.appended)
        return StreamingResponse(self._worker.iterate(gathered(frames)), media_type=FRAMES)


def _name(exchange: ServerExchange) -> str:
    return exchange.device.device if exchange.device is not None else "an unknown laptop"

"""The route of the chunks of attachments: POST /sync/v1/chunks, frames both ways.

The question is looked at on the store's thread; chunk files are written and read on a thread of their own, so that
an exchange of data never waits for a photo.

Source: docs/sync_protocol.md, section "Chunks of attachments".
"""

from collections import Counter

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from casebook.errors import CasebookError, ServerBusyError, TooLargeError
from casebook.sync.chunk_serving import ChunkDesk, ChunkExchange
from casebook.sync.frames import gathered
from central_server.limits import Limits
from central_server.logs import tell
from central_server.sync import FRAMES, body_of, problem
from central_server.worker import StoreWorker

_CUT = 408
_MOST_AT_ONCE = 16
"""Whose laptop is proven; who is not holds no place, and one laptop holds four at most."""
_MOST_OF_ONE = 4
_MOST_BYTES = 4 * 1024 * 1024
"""Of one request; a laptop sends about 512 KiB, then looks whether data wait."""


def make_chunk_router(
    desk: ChunkDesk, worker: StoreWorker, files: StoreWorker, *, limits: Limits, stall_s: float
) -> APIRouter:
    """Return the route. `worker`: of the store; `files`: of the chunk files, and of nothing else."""
    router = APIRouter(prefix="/sync/v1")
    carrier = _Carrier(desk, worker, files, limits, stall_s)

    @router.post("/chunks")
    async def chunks(request: Request) -> Response:
        return await carrier.answer(request)

    return router


class _Carrier:
    """Exchanges of chunks of one server; counts how many go on at once."""

    def __init__(
        self, desk: ChunkDesk, worker: StoreWorker, files: StoreWorker, limits: Limits, stall_s: float
    ) -> None:
        self._desk = desk
        self._worker = worker
        self._files = files
        self._limits = limits
        self._stall_s = stall_s
        self._going_on: Counter[str] = Counter()

    async def answer(self, request: Request) -> Response:
        """Take in one streamed request and stream the answer."""
        exchange = ChunkExchange(self._desk)
        held: list[str] = []
        try:
            await self._take_in(exchange, request, held)
            frames = await self._files.run(exchange.reply)
        except (ClientDisconnect, TimeoutError):
            tell(device=_name(exchange), new=exchange.kept, outcome="cut")
            return Response(status_code=_CUT)
        except CasebookError as error:
            tell(device=_name(exchange), new=exchange.kept, outcome=error.code)
            return problem(error)
        finally:
            self._going_on -= Counter(held)
        tell(device=_name(exchange), new=exchange.kept)
        return StreamingResponse(self._files.iterate(gathered(frames)), media_type=FRAMES)

    async def _take_in(self, exchange: ChunkExchange, request: Request, held: list[str]) -> None:
        """Feed a request's body as it comes. A refusal is raised when all of it was heard, so that it is heard too."""
        refusal: CasebookError | None = None
        size_bytes = 0
        async for data in body_of(request, self._stall_s, lambda: exchange.device is not None):
            size_bytes += len(data)
            if size_bytes > _MOST_BYTES:
                raise TooLargeError
            if refusal is None:
                try:
                    await self._feed(exchange, data)
                    if exchange.device is not None and not held:
                        self._give_place(exchange.device.device)
                        held.append(exchange.device.device)
                except CasebookError as error:
                    refusal = error
        if refusal is not None:
            raise refusal

    async def _feed(self, exchange: ChunkExchange, data: bytes) -> None:
        for frame in exchange.feed(data):
            if exchange.opened:
                await self._files.run(exchange.take, frame)
            else:
                await self._worker.run(exchange.open, frame)

    def _give_place(self, device: str) -> None:
        """Let a laptop that is proven go on, and charge it. Raises ServerBusyError."""
        crowded = self._going_on.total() >= _MOST_AT_ONCE or self._going_on[device] >= _MOST_OF_ONE
        if crowded or not self._limits.questions.allows(device):
            raise ServerBusyError
        self._limits.questions.take(device)
        self._going_on[device] += 1


def _name(exchange: ChunkExchange) -> str:
    return exchange.device.device if exchange.device is not None else "an unknown laptop"

"""One thread that owns the store, so that the event loop never waits for the disk.

Pieces of work that wait are done in one group and become durable together: one flush of the disk for many laptops.
Nobody hears of a piece before its whole group is durable.

Source: docs/architecture.md, "Threads"; group commit as in DeWitt et al., SIGMOD 1984.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import ParamSpec, TypeVar

from casebook.errors import CasebookError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_GROUP_S = 0.05
"""After so long no further piece joins a group: the first one in it waits for the last."""

_log = logging.getLogger("casebook.server")


@dataclass(slots=True)
class _Piece:
    """One piece of work: what it gave, told when its group is durable."""

    work: Callable[[], object]
    told: "Future[object]" = field(default_factory=Future)
    given: object = None
    error: Exception | None = None

    def do(self) -> None:
        """Do the work and keep what came of it, an error too."""
        with self:
            self.given = self.work()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = error
        if not isinstance(error, CasebookError):
            _log.error("work at the store failed", exc_info=error)
        return True

    def tell(self) -> None:
        """Tell whoever waits."""
        if self.error is not None:
            self.told.set_exception(self.error)
        else:
            self.told.set_result(self.given)


class StoreWorker:
    """Runs work on the store's thread, one piece after the other."""

    def __init__(
        self,
        together: Callable[[], AbstractContextManager[object]] = nullcontext,
        on_undone: Callable[[], None] = lambda: None,
    ) -> None:
        """Start with no thread; the first piece of work starts it.

        Args:
            together: Around each group; what was written in it is durable at its end, or not at all.
            on_undone: Called when a group did not become durable: what memory learnt in it is not so.
        """
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._together = together
        self._on_undone = on_undone
        self._waiting: deque[_Piece] = deque()

    @property
    def waiting(self) -> int:
        """How many pieces of work wait."""
        return len(self._waiting)

    async def run(self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Do a piece of work on the store's thread; returns what it returns, or raises what it raises, once durable."""
        given: list[Result] = []
        piece = _Piece(lambda: given.append(work(*args, **kwargs)))
        self._waiting.append(piece)
        self._executor.submit(self._do_waiting)
        await asyncio.wrap_future(piece.told)
        return given[0]

    def _do_waiting(self) -> None:
        """Do what waits in one group; nothing where an earlier group took it along."""
        done: list[_Piece] = []
        try:
            if self._waiting:
                with self._together():
                    self._do_group(done)
        except CasebookError as error:
            self._undo(done, error)
        except Exception as error:
            _log.error("a group of work at the store failed", exc_info=error)
            self._undo(done, error)
            raise
        finally:
            for piece in done:
                piece.tell()

    def _undo(self, done: list[_Piece], error: Exception) -> None:
        """Let a group have failed, and the first piece that waits where none of it was begun: nobody waits for ever."""
        if not done and self._waiting:
            done.append(self._waiting.popleft())
        for piece in done:
            piece.error = error
        self._on_undone()

    def _do_group(self, done: list[_Piece]) -> None:
        until = time.monotonic() + _GROUP_S
        while self._waiting:
            piece = self._waiting.popleft()
            if piece.told.set_running_or_notify_cancel():
                piece.do()
                done.append(piece)
            if time.monotonic() > until:
                break

    async def iterate(self, items: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Take items of an iterator one by one, each on the store's thread."""
        while (item := await self.run(next, items, None)) is not None:
            yield item

    def call(self, work: Callable[[], Result]) -> Result:
        """Do a piece of work and wait for it (outside the event loop: at start and end)."""
        return self._executor.submit(work).result()

    def close(self) -> None:
        """Finish what was given and end the thread."""
        self._executor.shutdown()

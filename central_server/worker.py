"""One thread that owns the store, so that the event loop never waits for the disk.

Source: docs/architecture.md, "Threads".
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class StoreWorker:
    """Runs work on the store's thread, one piece after the other."""

    def __init__(self) -> None:
        """Start with no thread; the first piece of work starts it."""
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def run(self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Do a piece of work on the store's thread and return what it returns, or raise what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))

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

"""Chunks of attachments after an exchange of data, on the sync thread: as far as the link and waiting data allow.

A link that breaks is tried again at once for as long as something arrived in between. What is sealed meanwhile
comes first: the work is left between two pieces, and goes on after the next exchange of data.

Source: docs/sync_protocol.md, section "Chunks of attachments"; docs/adr/0027.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from casebook.errors import CasebookError, ServerUnreachableError
from casebook.ids import RandomBytes
from casebook.store.chunks import Chunks
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.attachments import ChunkPeer, ChunkProgress, ChunkReport, exchange_chunks, tidy
from casebook.sync.chunk_messages import BegunChunks
from casebook.sync.engine import Laptop
from casebook.sync.trust import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of it. `error`: why it was broken off; the rest goes on with the next exchange."""

    report: ChunkReport = field(default_factory=ChunkReport)
    error: CasebookError | None = None


class ChunkCarrier:
    """Carries the chunks of a session's shelves; remembers what a cut link left of a chunk."""

    def __init__(self, laptop: Laptop, random_bytes: RandomBytes) -> None:
        """Carry nothing yet."""
        self._laptop = laptop
        self._random_bytes = random_bytes
        self._begun: dict[str, BegunChunks] = {}

    def carry(
        self,
        log: SqlcipherLog,
        chunks: Chunks,
        peer: ChunkPeer,
        directory: Directory,
        *,
        shelf: str,
        in_step: bool,
        stopped: Callable[[], bool],
        on_progress: Callable[[ChunkProgress], None],
    ) -> Carried:
        """Send what the server lacks and fetch what is wanted, of one shelf whose data were exchanged just now.

        Args:
            in_step: Both ends held the same data: what no commit names may be removed.
            stopped: Whether somebody ended the exchange.
        """
        stood = log.last_position()
        device = directory.device(self._laptop.device)
        told = ChunkProgress()

        def tell(now: ChunkProgress) -> None:
            nonlocal told
            told = now
            on_progress(now)

        def go_on() -> bool:
            return not stopped() and log.last_position() == stood

        while True:
            told = ChunkProgress()
            try:
                tidy(log, chunks, in_step=in_step)
                report = exchange_chunks(
                    log,
                    chunks,
                    peer,
                    laptop=replace(self._laptop, shelf=shelf, sidecar=b""),
                    receipt_key=directory.server.receipts,
                    site=device.site if device is not None else "",
                    random_bytes=self._random_bytes,
                    begun=self._begun.setdefault(shelf, BegunChunks()),
                    go_on=go_on,
                    on_progress=tell,
                )
            except ServerUnreachableError as error:
                if told == ChunkProgress() or stopped():
                    return Carried(error=error)
            except CasebookError as error:
                return Carried(error=error)
            else:
                return Carried(report=report)

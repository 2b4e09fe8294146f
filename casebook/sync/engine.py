"""The laptop's side of an exchange, for whoever starts one.

    exchange   one shelf, over one connection
    converse   several shelves together (see `casebook.sync.conversation`)

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable

from casebook.ids import RandomBytes
from casebook.store import CommitLog
from casebook.sync.conversation import Conversed, converse, progress_of
from casebook.sync.report import ExchangeReport, Laptop, PersonSigner, Progress, SyncPeer
from casebook.sync.shelf_exchange import GUESS_BYTES, ShelfExchange
from casebook.sync.trust import Directory

__all__ = [
    "GUESS_BYTES",
    "Conversed",
    "ExchangeReport",
    "Laptop",
    "PersonSigner",
    "Progress",
    "ShelfExchange",
    "SyncPeer",
    "converse",
    "exchange",
    "progress_of",
]


def exchange(
    log: CommitLog,
    peer: SyncPeer,
    *,
    laptop: Laptop,
    directory: Directory,
    random_bytes: RandomBytes,
    identity_key: bytes | None = None,
    on_older_copy: Callable[[], None] = lambda: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> ExchangeReport:
    """Bring the laptop's log and the server's into step.

    Everything received is verified and durable frame by frame, so an exchange that ends in an error
    has lost nothing and the next one goes on from there. Each shelf has an exchange of its own, S first.

    Args:
        log: The log of the shelf that `laptop` names.
        directory: What the server stated; it is brought up to date here. The exchange of shelf U is given the
            one that the exchange of shelf S left, since who is who is stated there.
        identity_key: The site's identity key where it is held, to file sealed commits by subject.
        on_older_copy: Called before this laptop's own lost commits are appended: nothing may be
            sealed on the old epoch from here on.

    Raises:
        ServerUnreachableError, ServerBusyError: Try again later.
        ServerNotTrustedError, ServerWordUntrustedError: The other end is not the study's server.
        CasebookError: Another refusal of the protocol (see `casebook.sync.problems`).
    """

    def tell() -> None:
        on_progress(shelf.progress())

    shelf = ShelfExchange(
        log,
        laptop=laptop,
        directory=directory,
        random_bytes=random_bytes,
        identity_key=identity_key,
        on_older_copy=on_older_copy,
        on_progress=tell,
    )
    conversed = converse([shelf], peer)
    if conversed.error is not None:
        raise conversed.error
    return conversed.reports[0]

"""The server's application: one place where store, accounts and routes are joined.

Source: docs/architecture.md, "Server".
"""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from casebook.clock import Clock, system_clock
from casebook.design import StudyDesign
from casebook.errors import ServerFolderError
from casebook.ids import RandomBytes, new_epoch
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.store.chunks import SERVER_FREE_BYTES
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.chunk_serving import ChunkDesk
from casebook.sync.judging import StudyJudge
from casebook.sync.office import nothing_found
from casebook.sync.serving import Desk
from casebook.sync.trust import Directory
from casebook.versions import Designs
from central_server import health
from central_server.accounts import Accounts
from central_server.authority import UNBLINDING_VARIABLE, StudyKeys
from central_server.checking import chunk_folders
from central_server.chunks import make_chunk_router
from central_server.gate import Gate
from central_server.limits import Limits, retry_after_s
from central_server.settings import ServerSettings
from central_server.sync import STALL_S, make_router
from central_server.worker import StoreWorker

_BEHIND = 32
"""So many pieces of work that wait make the store be behind: laptops are asked to come later, and with less."""
_LITTLE_BYTES = 256 * 1024
_LOOK_MS = 30_000


@dataclass(frozen=True, slots=True)
class Stores:
    """The server's open stores. `unblinding` is None where its key is not at hand."""

    standard: CommitLog
    unblinding: CommitLog | None = None

    @property
    def by_shelf(self) -> dict[str, CommitLog]:
        """Each open store by its shelf."""
        found = {STANDARD: self.standard}
        return found if self.unblinding is None else {**found, UNBLINDING: self.unblinding}


@contextmanager
def open_stores(settings: ServerSettings, keys: StudyKeys) -> Iterator[Stores]:
    """Open the server's stores; their work goes to one thread at a time."""
    with ExitStack() as opened:
        standard = _opened(settings.database, keys.store_key, keys.store_salt)
        opened.callback(standard.close)
        if keys.unblinding is None:
            yield Stores(standard)
            return
        unblinding = _opened(settings.unblinding_database, keys.unblinding.key, keys.unblinding.salt)
        opened.callback(unblinding.close)
        yield Stores(standard, unblinding)


def _opened(path: Path, key: bytes, salt: bytes) -> SqlcipherLog:
    return SqlcipherLog.open(path, key, salt, any_thread=True, wipes_memory=False)


def make_stores(settings: ServerSettings, keys: StudyKeys) -> None:
    """Make the empty stores of a server, those that are not there.

    Raises:
        ServerFolderError: The key of the unblinding store is not at hand.
    """
    if keys.unblinding is None:
        raise ServerFolderError(folder=settings.folder, why=f"set {UNBLINDING_VARIABLE}")
    for path, key, salt in (
        (settings.database, keys.store_key, keys.store_salt),
        (settings.unblinding_database, keys.unblinding.key, keys.unblinding.salt),
    ):
        if not path.exists():
            log = SqlcipherLog.create(path, key, salt)
            log.set_setting(SERVER_EPOCH, new_epoch(os.urandom))
            log.close()


def open_accounts(
    settings: ServerSettings,
    keys: StudyKeys,
    stores: Stores,
    *,
    clock: Clock = system_clock,
    random_bytes: RandomBytes = os.urandom,
    design: StudyDesign | Designs | None = None,
) -> Accounts:
    """Return the accounts that the stores hold.

    Args:
        design: The study, with its earlier versions, by which what arrives is judged; None where nothing is taken in.
    """
    directory = Directory(keys.identity)
    judge = None if design is None else StudyJudge(stores.by_shelf, directory, design, now_ms=lambda: clock().utc_ms)
    return Accounts(
        stores.by_shelf,
        directory,
        keys,
        settings,
        clock=clock,
        random_bytes=random_bytes,
        judge=judge or nothing_found,
        forget=judge.forget if judge is not None else lambda: None,
    )


def make_desk(
    settings: ServerSettings, stores: Stores, keys: StudyKeys, accounts: Accounts, *, clock: Clock = system_clock
) -> Desk:
    """Return what every exchange of this server shares, whoever carries it. It never asks a laptop to come later."""
    return Desk(
        log=stores.standard,
        unblinding=stores.unblinding,
        directory=accounts.directory,
        study=settings.study,
        receipts=keys.receipts,
        now_ms=lambda: clock().utc_ms,
        on_kept=accounts.office.kept,
    )


def create_app(
    settings: ServerSettings,
    stores: Stores,
    keys: StudyKeys,
    *,
    clock: Clock = system_clock,
    random_bytes: RandomBytes = os.urandom,
    stall_s: float = STALL_S,
    design: StudyDesign | Designs | None = None,
) -> FastAPI:
    """Return the application that serves /sync/v1 over the stores, which it uses from one thread of its own.

    Args:
        stall_s: After how long without a byte a request counts as cut.
        design: The study, with its earlier versions, by which what arrives is judged; without one only withdrawals
            are looked at.
    """
    accounts = open_accounts(settings, keys, stores, clock=clock, random_bytes=random_bytes, design=design)
    limits = Limits.usual(time.monotonic)
    desk = replace(
        make_desk(settings, stores, keys, accounts, clock=clock),
        retry_s=lambda: retry_after_s() if worker.waiting > _BEHIND else 0,
        credit_bytes=lambda: _LITTLE_BYTES if worker.waiting > _BEHIND else 0,
    )
    chunk_desk = ChunkDesk(desk, chunk_folders(settings.folder, SERVER_FREE_BYTES))
    desk = replace(desk, on_kept=chunk_desk.after(desk.on_kept))

    def forget() -> None:
        accounts.forget()
        chunk_desk.forget()

    worker, files = StoreWorker(accounts.together, forget), StoreWorker()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        files.close()
        worker.close()

    app = FastAPI(title="Casebook server", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(
        make_router(
            desk,
            accounts,
            worker,
            keys.authority,
            limits=limits,
            is_up=_looks(settings, keys, stores, clock),
            stall_s=stall_s,
        )
    )
    app.include_router(make_chunk_router(chunk_desk, worker, files, limits=limits, stall_s=stall_s))
    app.add_middleware(Gate, limits=limits, waiting=lambda: worker.waiting)
    return app


def _looks(settings: ServerSettings, keys: StudyKeys, stores: Stores, clock: Clock) -> Callable[[], bool]:
    """Return what looks whether the server can do its work, at most twice a minute however often it is asked."""
    last: tuple[int, bool] | None = None

    def is_up() -> bool:
        nonlocal last
        now = clock()
        if last is None or not 0 <= now.utc_ms - last[0] < _LOOK_MS:
            found = health.look(
                settings.folder,
                keys,
                lambda: stores.standard.set_setting(health.LOOKED, str(now.utc_ms)),
                at=datetime.fromtimestamp(now.utc_ms / 1000, tz=UTC),
            )
            last = (now.utc_ms, found.is_up)
        return last[1]

    return is_up

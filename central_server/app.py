"""The server's application: one place where store, accounts and routes are joined.

Source: docs/architecture.md, "Server".
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from casebook.clock import Clock, system_clock
from casebook.ids import RandomBytes
from casebook.store import CommitLog
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.serving import Desk
from casebook.sync.trust import Directory
from central_server.accounts import Accounts
from central_server.authority import StudyKeys
from central_server.settings import ServerSettings
from central_server.sync import STALL_S, make_router
from central_server.worker import StoreWorker


def open_log(settings: ServerSettings, keys: StudyKeys) -> SqlcipherLog:
    """Open the server's store; its work goes to one thread at a time."""
    return SqlcipherLog.open(settings.database, keys.store_key, keys.store_salt, any_thread=True)


def open_accounts(
    settings: ServerSettings,
    keys: StudyKeys,
    log: CommitLog,
    *,
    clock: Clock = system_clock,
    random_bytes: RandomBytes = os.urandom,
) -> Accounts:
    """Return the accounts that a log holds."""
    return Accounts(
        log,
        Directory(keys.identity),
        keys,
        folder=settings.folder,
        study=settings.study,
        clock=clock,
        random_bytes=random_bytes,
    )


def create_app(
    settings: ServerSettings,
    log: CommitLog,
    keys: StudyKeys,
    *,
    clock: Clock = system_clock,
    random_bytes: RandomBytes = os.urandom,
    stall_s: float = STALL_S,
) -> FastAPI:
    """Return the application that serves /sync/v1 over `log`, which it uses from one thread of its own.

    Args:
        stall_s: After how long without a byte a request counts as cut.
    """
    worker = StoreWorker()
    accounts = open_accounts(settings, keys, log, clock=clock, random_bytes=random_bytes)
    desk = Desk(
        log=log,
        directory=accounts.directory,
        study=settings.study,
        receipts=keys.receipts,
        now_ms=lambda: clock().utc_ms,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        worker.close()

    app = FastAPI(title="Casebook server", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(make_router(desk, accounts, worker, keys.authority, stall_s=stall_s))
    return app

"""The sync thread's work: one exchange with the server, on a connection of its own to the store."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from casebook.design import Text
from casebook.errors import LANGUAGES, CasebookError, UnavailableError
from casebook.ids import DeviceId, RandomBytes
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.engine import ExchangeReport, Laptop, Progress, SyncPeer, exchange
from casebook.sync.trust import Directory, ServerIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What an exchange came to.

    Attributes:
        message: In words, for the Sync screen and the foot line.
        older_copy: This folder was an older copy of itself; a new chain must begin.
        failed: It did not finish; what had arrived stays and the next one goes on from there.
        unreachable: The server could not be reached: nothing is wrong with the data.
    """

    message: Text
    report: ExchangeReport | None = None
    older_copy: bool = False
    failed: bool = False
    unreachable: bool = False


class ClosingPeer(SyncPeer, Protocol):
    """A way to the server that is closed after use."""

    def close(self) -> None:
        """Let the connection go."""
        ...


class Synchroniser:
    """Exchanges with the server for one signed-in session."""

    def __init__(
        self,
        open_log: Callable[[], SqlcipherLog],
        open_peer: Callable[[], ClosingPeer],
        *,
        laptop: Laptop,
        server: ServerIdentity,
        random_bytes: RandomBytes,
        identity_key: Callable[[], bytes | None],
        on_older_copy: Callable[[], None],
    ) -> None:
        """Keep what an exchange needs; nothing is opened before the first."""
        self._open_log = open_log
        self._open_peer = open_peer
        self._laptop = laptop
        self._server = server
        self._random_bytes = random_bytes
        self._identity_key = identity_key
        self._on_older_copy = on_older_copy

    @property
    def device(self) -> DeviceId:
        """This laptop."""
        return self._laptop.device

    def sync_now(self, on_progress: Callable[[Progress], None] = lambda _: None) -> SyncOutcome:
        """Exchange once. Refusals become the outcome's message; nothing is lost by one."""
        try:
            with closing(self._open_log()) as log, closing(self._open_peer()) as peer:
                report = exchange(
                    log,
                    peer,
                    laptop=self._laptop,
                    directory=Directory(self._server),
                    random_bytes=self._random_bytes,
                    identity_key=self._identity_key(),
                    on_older_copy=self._on_older_copy,
                    on_progress=on_progress,
                )
        except CasebookError as error:
            return SyncOutcome(
                message=Text({language: error.sentence(language) for language in LANGUAGES}),
                failed=True,
                unreachable=isinstance(error, UnavailableError),
            )
        return SyncOutcome(message=_message(report), report=report, older_copy=report.older_copy)


def _message(report: ExchangeReport) -> Text:
    told = {language: [notice.sentence(language) for notice in report.notices] for language in LANGUAGES}
    if report.in_step:
        told["en"].append(
            f"In step with the server: {report.pushed} sent, {report.pulled} received. Check: {report.spoken_check}."
        )
        told["zh"].append(
            f"已与服务器一致：发送 {report.pushed} 条，接收 {report.pulled} 条。核对码：{report.spoken_check}。"
        )
    else:
        told["en"].append(
            f"{report.pushed} sent, {report.pulled} received, {report.waiting} waiting. Synchronise again later."
        )
        told["zh"].append(
            f"发送 {report.pushed} 条，接收 {report.pulled} 条，{report.waiting} 条等待中。请稍后再次同步。"
        )
    return Text({"en": " ".join(told["en"]), "zh": "".join(told["zh"])})

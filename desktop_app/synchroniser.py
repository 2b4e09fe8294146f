"""The sync thread's work: an exchange with the server for each shelf, on connections of its own to the store."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from casebook.clock import Clock, Moment
from casebook.design import Text
from casebook.errors import (
    LANGUAGES,
    CasebookError,
    ExchangeStoppedError,
    FrameCorruptError,
    ProtocolUnsupportedError,
    RefusedError,
    ServerBusyError,
    UnavailableError,
    UntrustedError,
)
from casebook.ids import DeviceId, RandomBytes
from casebook.store.chunks import Chunks
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.attachments import ChunkPeer, ChunkProgress
from casebook.sync.engine import (
    ExchangeReport,
    Laptop,
    Progress,
    ShelfExchange,
    SyncPeer,
    converse,
    progress_of,
)
from casebook.sync.step import note_step
from casebook.sync.trust import Directory, ServerIdentity
from casebook.timekeeping import Anchor, anchor_heard
from desktop_app.chunk_carrying import Carried, ChunkCarrier
from desktop_app.sync_pace import Moved
from desktop_app.sync_stop import StopSign

_LASTING = (UntrustedError, RefusedError, ProtocolUnsupportedError, FrameCorruptError)
"""What trying again does not mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What an exchange came to.

    Attributes:
        message: In words, for the Sync screen and the foot line.
        report: What it did; None where it did not finish.
        error: Why it did not finish; None where it did. What had arrived stays, and the next one goes on from there.
        older_copy: This folder was an older copy of itself; a new chain must begin.
        withdrawn: The server's signed word: this laptop is withdrawn.
        anchor: The server's time as it was heard; None where nothing was.
        moved: How far it came.
        carried: What came of the attachments' chunks, by shelf.
    """

    message: Text
    report: ExchangeReport | None = None
    error: CasebookError | None = None
    older_copy: bool = False
    withdrawn: bool = False
    anchor: Anchor | None = None
    moved: Moved = field(default_factory=Moved)
    carried: tuple[Carried, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it did not finish."""
        return self.error is not None

    @property
    def stopped(self) -> bool:
        """Whether somebody ended it."""
        return isinstance(self.error, ExchangeStoppedError)

    @property
    def unreachable(self) -> bool:
        """Whether the server could not be had: nothing is wrong with the data."""
        return isinstance(self.error, UnavailableError)

    @property
    def lasting(self) -> bool:
        """Whether trying again does not mend it."""
        return isinstance(self.error, _LASTING)

    @property
    def retry_s(self) -> int:
        """In how many seconds the server wants to be met again; 0 where it named no time."""
        if self.report is not None:
            return self.report.retry_s
        return self.error.retry_s if isinstance(self.error, ServerBusyError) else 0

    @property
    def in_step(self) -> bool:
        """Whether both ends named the same records."""
        return self.report is not None and self.report.in_step

    @property
    def check(self) -> str:
        """Eight letters (for each shelf) that the server shows too while both are in step; "" else."""
        return self.report.spoken_check if self.report is not None and self.report.in_step else ""

    @property
    def waiting(self) -> int:
        """Records whose author the server has not certified yet."""
        return self.report.waiting if self.report is not None else 0

    @property
    def restored(self) -> bool:
        """Whether the server answers from another store than at the last exchange."""
        return self.report is not None and self.report.restored

    @property
    def notices(self) -> tuple[CasebookError, ...]:
        """What the user is to be told beside."""
        return self.report.notices if self.report is not None else ()


class ClosingPeer(SyncPeer, ChunkPeer, Protocol):
    """A way to the server that is closed after use."""

    def close(self) -> None:
        """Let the connection go."""
        ...

    def cut(self) -> None:
        """End at once what goes on, from any thread; who waits for the network gets ExchangeStoppedError."""
        ...


class TimedPeer:
    """A way to the server that reads the clock around each question, and ends between two frames when asked to.

    The clock is for what the server says of its time.
    """

    def __init__(self, peer: ClosingPeer, clock: Clock, sign: StopSign) -> None:
        """Time what goes through `peer`; `sign` ends it."""
        self._peer = peer
        self._clock = clock
        self._sign = sign
        sign.watch(peer.cut)
        self._asked: Moment | None = None
        self._answered: Moment | None = None

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Send a request and yield the answer; see `SyncPeer`.

        Raises:
            ExchangeStoppedError: Somebody ended the exchange.
        """
        self._asked, self._answered = self._clock(), None
        for data in self._peer.send(self._watched(request)):
            if self._answered is None:
                self._answered = self._clock()
            yield data
            self._look()

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Send a request about chunks; see `ChunkPeer`. It ends in good order by itself when asked to stop."""
        return self._peer.send_chunks(request)

    def _watched(self, request: Iterable[bytes]) -> Iterator[bytes]:
        for frame in request:
            self._look()
            yield frame

    def _look(self) -> None:
        if self._sign.raised:
            raise ExchangeStoppedError

    def stopped(self) -> bool:
        """Tell whether the exchange is to end."""
        return self._sign.raised

    def close(self) -> None:
        """Let the connection go."""
        self._sign.watch(None)
        self._peer.close()

    def cut(self) -> None:
        """See `ClosingPeer.cut`."""
        self._peer.cut()

    def anchor(self, told_ms: int) -> Anchor | None:
        """Return the server's time of the last answer as an anchor; None where nothing was answered."""
        if self._asked is None or self._answered is None:
            return None
        return anchor_heard(told_ms, asked=self._asked, answered=self._answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDoor:
    """A shelf as an exchange needs it. `name`: `S` or `U`; `on_older_copy`: as `casebook.sync.engine.exchange` asks.

    `chunks`: of its attachments.
    """

    name: str
    open_log: Callable[[], SqlcipherLog]
    on_older_copy: Callable[[], None]
    chunks: Chunks


class Synchroniser:
    """Exchanges with the server for one signed-in session: shelf by shelf, those that the session opened."""

    def __init__(
        self,
        doors: Sequence[ShelfDoor],
        open_peer: Callable[[], ClosingPeer],
        *,
        laptop: Laptop,
        server: ServerIdentity,
        random_bytes: RandomBytes,
        identity_key: Callable[[], bytes | None],
        sidecar: Callable[[], bytes] = bytes,
        clock: Clock,
        on_withdrawn: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what an exchange needs; nothing is opened before the first.

        Args:
            doors: The standard shelf first: who is who is stated there.
            sidecar: The key slots' file as it lies on the disk.
            on_withdrawn: Told when the server says that this laptop is withdrawn.
        """
        self._clock = clock
        self._on_withdrawn = on_withdrawn
        self._doors = tuple(doors)
        self._open_peer = open_peer
        self._laptop = laptop
        self._server = server
        self._random_bytes = random_bytes
        self._identity_key = identity_key
        self._sidecar = sidecar
        self._chunks = ChunkCarrier(laptop, random_bytes)

    @property
    def device(self) -> DeviceId:
        """This laptop."""
        return self._laptop.device

    def sync_now(
        self, on_progress: Callable[[Moved], None] = lambda _: None, sign: StopSign | None = None
    ) -> SyncOutcome:
        """Exchange once. Refusals become the outcome's message; nothing is lost by one.

        Args:
            on_progress: Told how far it is, on this thread.
            sign: Ends the exchange from another thread.
        """
        reports: list[ExchangeReport] = []
        moved = Moved()

        def tell(now: Moved) -> None:
            nonlocal moved
            moved = now
            on_progress(now)

        try:
            with closing(TimedPeer(self._open_peer(), self._clock, sign or StopSign())) as peer:
                directory = Directory(self._server)
                self._converse(peer, directory, reports, tell)
                carried = self._carry_chunks(peer, directory, reports, moved, tell)
        except CasebookError as error:
            said = [_message(_joined(reports))] if reports else []
            told = [*said, Text({language: error.sentence(language) for language in LANGUAGES})]
            return SyncOutcome(
                message=Text({"en": " ".join(one("en") for one in told), "zh": "".join(one("zh") for one in told)}),
                error=error,
                older_copy=any(one.older_copy for one in reports),
                moved=moved,
            )
        report = _joined(reports)
        if report.withdrawn:
            self._on_withdrawn()
        return SyncOutcome(
            message=_message(report),
            report=report,
            carried=carried,
            older_copy=report.older_copy,
            withdrawn=report.withdrawn,
            anchor=peer.anchor(report.server_ms),
            moved=moved,
        )

    def _carry_chunks(
        self,
        peer: TimedPeer,
        directory: Directory,
        reports: Sequence[ExchangeReport],
        moved: Moved,
        on_progress: Callable[[Moved], None],
    ) -> tuple[Carried, ...]:
        """Carry the chunks of attachments, after the data of all shelves."""
        carried: list[Carried] = []
        for door, report in zip(self._doors, reports, strict=True):
            with closing(door.open_log()) as log:
                carried.append(
                    self._chunks.carry(
                        log,
                        door.chunks,
                        peer,
                        directory,
                        shelf=door.name,
                        in_step=report.in_step,
                        stopped=peer.stopped,
                        on_progress=lambda now: on_progress(_with_chunks(moved, now)),
                    )
                )
        return tuple(carried)

    def _converse(
        self,
        peer: TimedPeer,
        directory: Directory,
        reports: list[ExchangeReport],
        on_progress: Callable[[Moved], None],
    ) -> None:
        """Exchange all shelves together, and add what each came to. Raises what ended it early, after that."""
        exchanges: list[ShelfExchange] = []

        def tell() -> None:
            on_progress(_moved(progress_of(exchanges)))

        with ExitStack() as opened:
            logs = [opened.enter_context(closing(door.open_log())) for door in self._doors]
            for door, log in zip(self._doors, logs, strict=True):
                exchanges.append(
                    ShelfExchange(
                        log,
                        laptop=replace(self._laptop, shelf=door.name, sidecar=b"" if exchanges else self._sidecar()),
                        directory=directory,
                        random_bytes=self._random_bytes,
                        identity_key=self._identity_key(),
                        on_older_copy=door.on_older_copy,
                        on_progress=tell,
                    )
                )
            conversed = converse(exchanges, peer)
            for log, report in zip(logs, conversed.reports, strict=False):
                note_step(log, report)
        reports += conversed.reports
        if conversed.error is not None:
            raise conversed.error


def _moved(progress: Progress) -> Moved:
    """Return how far the exchanges of all shelves are."""
    return Moved(
        sent=progress.sent,
        received=progress.received,
        sent_bytes=progress.sent_bytes,
        to_send_bytes=progress.to_send_bytes,
        received_bytes=progress.received_bytes,
        to_receive_bytes=progress.to_receive_bytes,
    )


def _with_chunks(moved: Moved, now: ChunkProgress) -> Moved:
    """Return how far an exchange is that carries chunks after its data."""
    return replace(
        moved,
        sent_bytes=moved.sent_bytes + now.sent_bytes,
        to_send_bytes=moved.sent_bytes + now.to_send_bytes,
        received_bytes=moved.received_bytes + now.received_bytes,
        to_receive_bytes=moved.received_bytes + now.to_receive_bytes,
    )


def _joined(reports: Sequence[ExchangeReport]) -> ExchangeReport:
    """Return what the exchanges of all shelves came to together."""
    return replace(
        reports[-1],
        pushed=sum(one.pushed for one in reports),
        pulled=sum(one.pulled for one in reports),
        receipts=sum(one.receipts for one in reports),
        waiting=sum(one.waiting for one in reports),
        in_step=all(one.in_step for one in reports),
        older_copy=any(one.older_copy for one in reports),
        forks=tuple(fork for one in reports for fork in one.forks),
        notices=tuple(notice for one in reports for notice in one.notices),
        spoken_check=" / ".join(one.spoken_check for one in reports),
        rounds=sum(one.rounds for one in reports),
        sent_bytes=sum(one.sent_bytes for one in reports),
        received_bytes=sum(one.received_bytes for one in reports),
        withdrawn=any(one.withdrawn for one in reports),
        retry_s=max(one.retry_s for one in reports),
        restored=any(one.restored for one in reports),
        copied=any(one.copied for one in reports),
    )


def _message(report: ExchangeReport) -> Text:
    told = {
        language: list(dict.fromkeys(notice.sentence(language) for notice in report.notices)) for language in LANGUAGES
    }
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

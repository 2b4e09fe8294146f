"""Carries the plan of exchanges out: one at a time, on the sync thread, begun by time, by a connection or by hand.

Typing never waits for it: the exchange has its own thread and its own connections to the store, and what is
said here is a few numbers. An exchange ends when it is done, when a link stands still, when somebody stops or
pauses it, and at once when the laptop is locked; what arrived stays, and the next one goes on from there.

Source: docs/sync_protocol.md, section "When a laptop comes".
"""

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from casebook.errors import CasebookError
from desktop_app import sync_pace, sync_plan
from desktop_app.background import Background
from desktop_app.connections import Connections
from desktop_app.sync_pace import Moved, Pace
from desktop_app.sync_plan import Draw, Plan
from desktop_app.sync_snapshots import SyncPause
from desktop_app.sync_stop import StopSign
from desktop_app.windows.sync_port import Activity, ExchangeOutcome, SynchroniserPort, SyncStanding

LOOK_MS = 1_000
GRACE_MS = 3_000
"""How long a stopped exchange may take over the frame that is under way."""
_MINUTE_MS = 60_000
_LITTLE_MS = 5_000


class AutoSync(QObject):
    """The exchanges of one session.

    Signals:
        changed: Something that is shown of exchanges is another now; see `standing`.
        ended: An exchange ended (ExchangeOutcome); whoever takes in what it brought calls `taken_in`.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(
        self,
        background: Background,
        synchroniser: SynchroniserPort | None,
        *,
        every_ms: int,
        now_s: Callable[[], float],
        draw: Draw = random.random,
        connections: Connections | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Plan nothing yet; `show_pause` begins.

        Args:
            every_ms: Between two exchanges while all is well; 0 leaves exchanges to the user.
            now_s: Seconds by a clock that only goes forward and counts sleep.
            connections: Tells when the machine gets a connection; None does not watch.
        """
        super().__init__(parent)
        self._background = background
        self._synchroniser = synchroniser
        self._now_s = now_s
        self._draw = draw
        self._connections = connections
        self._watching = False
        if connections is not None:
            connections.appeared.connect(self.connected)
            connections.lost.connect(self._show)
        self._plan = Plan(every_ms=every_ms if synchroniser is not None else 0)
        self._begun = False
        self._ended = False
        self._sign: StopSign | None = None
        self._pace: Pace | None = None
        self._told = Moved()
        self._outcome: ExchangeOutcome | None = None
        self._error: CasebookError | None = None
        self._notices: tuple[CasebookError, ...] = ()
        self._restored = False
        self._paused = False
        self._pause_ends_s: float | None = None
        self._pause_until: datetime | None = None
        self._here_only: int | None = None
        self._more = False
        self._shown: SyncStanding | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(GRACE_MS)
        self._grace.timeout.connect(self._cut)

    # -- what is shown -------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether an exchange is under way, or what it brought is being taken in."""
        return self._sign is not None

    @property
    def standing(self) -> SyncStanding:
        """How exchanges stand now."""
        now_s = self._now_s()
        pace = self._pace
        wait_ms = None if self._paused or self.running else self._plan.wait_ms(_ms(now_s))
        return SyncStanding(
            activity=self._activity(),
            moved=pace.moved if pace is not None else Moved(),
            percent=pace.percent() if pace is not None else None,
            left_s=pace.left_s(now_s) if pace is not None else None,
            wait_s=None if wait_ms is None else _coarse_s(wait_ms),
            paused=self._paused,
            paused_until=self._pause_until,
            connected=self._connections.connected if self._connections is not None else None,
            outcome=self._outcome,
            error=self._error,
            notices=self._notices,
            restored=self._restored,
        )

    def _activity(self) -> Activity:
        if self._synchroniser is None:
            return Activity.NONE
        if self._sign is None or self._pace is None:
            return Activity.RESTING
        if self._sign.raised:
            return Activity.STOPPING
        return Activity.EXCHANGING if self._pace.moved.done_bytes else Activity.CONNECTING

    # -- what is told --------------------------------------------------------------------------------------

    def show_pause(self, pause: SyncPause | None) -> None:
        """Take what is kept of a pause; exchanges of their own accord begin with the first call."""
        was_paused = self._paused
        self._paused = pause is not None
        self._pause_until = pause.until if pause is not None else None
        left_s = pause.left_s if pause is not None else None
        self._pause_ends_s = None if left_s is None else self._now_s() + left_s
        if self._paused and self._sign is not None and not was_paused:
            self.stop()
        if not self._begun:
            self._begin()
        elif was_paused and not self._paused:
            self._plan = sync_plan.begun(self._plan, self._now_ms())
        self._show()
        self.look()

    def show_here_only(self, count: int) -> None:
        """Take how many records are on this laptop alone: more than before means that something was sealed."""
        if self._here_only is not None and count > self._here_only:
            self._more = True
            self._plan = sync_plan.sealed(self._plan, self._now_ms())
        self._here_only = count

    def taken_in(self, error: CasebookError | None = None) -> None:
        """Hear that what an exchange brought is in the record, or why it is not; the next one may begin."""
        self._error = error
        self._sign, self._pace = None, None
        self._show()
        self.look()

    def connected(self) -> None:
        """Hear that the machine has a connection that it did not have before."""
        self._plan = sync_plan.connected(self._plan, self._now_ms(), self._draw)
        self.look()

    # -- what is asked -------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Exchange now: the user's hand comes before every plan, and before a pause."""
        if self._synchroniser is None or self.running or self._ended:
            return
        self._outcome = self._error = None
        self._more = False
        self._told = Moved()
        self._sign, self._pace = StopSign(), sync_pace.started(self._now_s())
        self._timer.start()
        work = partial(self._synchroniser.sync_now, self._tell, self._sign)
        self._background.run_sync(work, then=self._exchanged, otherwise=self._not_exchanged)
        self._show()

    def stop(self) -> None:
        """End the exchange under way after its frame; in the middle of it, where the link stands still."""
        if self._sign is not None and not self._sign.raised:
            self._sign.stop()
            self._grace.start()
            self._show()

    def end(self) -> None:
        """End the exchange under way at once, and begin none any more: the laptop is being locked."""
        self._ended = True
        self._timer.stop()
        self._watch(on=False)
        self._cut()

    def go_on(self) -> None:
        """Begin exchanges again: the laptop could not be locked."""
        self._ended = False
        self._sign, self._pace = None, None
        self._watch(on=True)
        self._timer.start()
        self._show()

    def look(self) -> None:
        """Look at the clock: tell how far an exchange is, end a pause, begin what is due."""
        now_s = self._now_s()
        if self._pace is not None:
            self._pace = sync_pace.told(self._pace, self._told, now_s)
        if self._paused and self._pause_ends_s is not None and self._pause_ends_s <= now_s:
            self._paused, self._pause_ends_s, self._pause_until = False, None, None
            self._plan = sync_plan.begun(self._plan, _ms(now_s))
        if self._begun and not self._paused and not self.running and self._plan.is_due(_ms(now_s)):
            self.sync()
        else:
            self._show()

    # -- within --------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._begun = True
        self._plan = sync_plan.begun(self._plan, self._now_ms())
        if self._plan.every_ms:
            self._timer.start()
            self._watch(on=True)

    def _watch(self, *, on: bool) -> None:
        if self._connections is not None and on is not self._watching and self._plan.every_ms:
            self._watching = on
            (self._connections.listen if on else self._connections.stop)()

    def _show(self) -> None:
        standing = self.standing
        if standing != self._shown:
            self._shown = standing
            self.changed.emit()

    def _tell(self, moved: Moved) -> None:
        """Note how far it is. Runs on the sync thread: one reference is put in the place of another."""
        self._told = moved

    def _cut(self) -> None:
        self._grace.stop()
        if self._sign is not None:
            self._sign.cut()

    def _exchanged(self, outcome: ExchangeOutcome) -> None:
        self._grace.stop()
        self._outcome = outcome
        self._notices = _with(self._notices, outcome.notices)
        self._restored = self._restored or outcome.restored
        now_ms, error = self._now_ms(), outcome.error
        if error is None:
            self._plan = sync_plan.succeeded(self._plan, now_ms, self._draw, retry_s=outcome.retry_s, more=self._more)
        elif outcome.stopped:
            self._plan = sync_plan.stopped(self._plan, now_ms, self._draw)
        else:
            self._plan = sync_plan.failed(
                self._plan,
                now_ms,
                self._draw,
                retry_s=outcome.retry_s,
                moved=bool(outcome.moved.sent or outcome.moved.received),
                lasting=outcome.lasting,
            )
        if not self._plan.every_ms:
            self._timer.stop()
        self.ended.emit(outcome)

    def _not_exchanged(self, error: CasebookError) -> None:
        self._grace.stop()
        self._plan = sync_plan.failed(self._plan, self._now_ms(), self._draw)
        self.taken_in(error)

    def _now_ms(self) -> int:
        return _ms(self._now_s())


def _with(known: tuple[CasebookError, ...], told: tuple[CasebookError, ...]) -> tuple[CasebookError, ...]:
    """Return what was told before and now, each thing once."""
    return tuple({(one.code, str(one)): one for one in (*known, *told)}.values())


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _coarse_s(wait_ms: int) -> int:
    """Return a wait as it is told: to five seconds, from a minute on to the minute."""
    step = _MINUTE_MS if wait_ms >= _MINUTE_MS else _LITTLE_MS
    return -(-wait_ms // step) * step // 1000

"""What windows see of exchanges: what one came to, how the next one is planned, what can be asked of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from casebook.errors import CasebookError
from casebook.texts import Text
from desktop_app.sync_pace import Moved
from desktop_app.sync_stop import StopSign

if TYPE_CHECKING:
    from casebook.timekeeping import Anchor  # the first window hears no clock, and it loads much


class ExchangeOutcome(Protocol):
    """What an exchange with the server came to."""

    @property
    def message(self) -> Text:
        """What the user should know, in words."""

    @property
    def error(self) -> CasebookError | None:
        """Why it did not finish; None where it did."""

    @property
    def older_copy(self) -> bool:
        """Whether this folder was an older copy of itself."""

    @property
    def anchor(self) -> "Anchor | None":
        """The server's time as it was heard."""

    @property
    def withdrawn(self) -> bool:
        """Whether the server said that this laptop is withdrawn."""

    @property
    def stopped(self) -> bool:
        """Whether somebody ended it."""

    @property
    def lasting(self) -> bool:
        """Whether trying again does not mend what stands in the way."""

    @property
    def retry_s(self) -> int:
        """In how many seconds the server wants to be met again; 0 where it named no time."""

    @property
    def moved(self) -> Moved:
        """How far it came."""

    @property
    def in_step(self) -> bool:
        """Whether both ends named the same records."""

    @property
    def check(self) -> str:
        """Eight letters that the server shows too while both are in step; "" else."""

    @property
    def waiting(self) -> int:
        """Records whose author the server has not certified yet."""

    @property
    def restored(self) -> bool:
        """Whether the server answers from another store than at the last exchange."""

    @property
    def notices(self) -> tuple[CasebookError, ...]:
        """What the user is to be told beside."""


class SynchroniserPort(Protocol):
    """The calls of the sync thread."""

    def sync_now(self, on_progress: Callable[[Moved], None], sign: StopSign) -> ExchangeOutcome:
        """Exchange with the server once.

        Args:
            on_progress: Told how far it is, on the sync thread.
            sign: Ends the exchange from another thread.
        """


class Activity(StrEnum):
    """What the sync thread does."""

    NONE = "none"
    """There is no server to exchange with."""
    RESTING = "resting"
    CONNECTING = "connecting"
    EXCHANGING = "exchanging"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStanding:
    """How exchanges stand.

    Attributes:
        activity: What is done now.
        moved: How far the exchange under way is; `percent` and `left_s` are None while they cannot be told.
        wait_s: In how many seconds the next exchange begins by itself; None: not by itself.
        paused: Nothing begins by itself; `paused_until` is when that ends, on the site's wall clock, None by hand.
        connected: Whether the machine has any connection; None where that is not watched.
        outcome: What the last exchange of this session came to.
        error: What stood in the way of taking in what it brought.
        notices: What exchanges of this session told beside: it stays until the session ends, since the next exchange
            comes within minutes.
        restored: The server answered from another store than before, in this session.
    """

    activity: Activity = Activity.RESTING
    moved: Moved = field(default_factory=Moved)
    percent: int | None = None
    left_s: int | None = None
    wait_s: int | None = None
    paused: bool = False
    paused_until: datetime | None = None
    connected: bool | None = None
    outcome: ExchangeOutcome | None = None
    error: CasebookError | None = None
    notices: tuple[CasebookError, ...] = ()
    restored: bool = False

    @property
    def running(self) -> bool:
        """Whether an exchange is under way."""
        return self.activity in {Activity.CONNECTING, Activity.EXCHANGING, Activity.STOPPING}

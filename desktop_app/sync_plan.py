"""When the next exchange begins by itself: pure rules over a clock that only goes forward.

After a success the laptop comes again in about five minutes, and some seconds after something was
sealed. After a failure it waits a time drawn at random between 15 seconds and a limit that doubles with
each failure in a row, up to half an hour: laptops that lost the same server do not come back in one
crowd. A cut after bytes had moved is followed by one try at once, since a bad link cuts often and the
next exchange goes on where this one ended. What no repetition mends (another study, a certificate that
is not the study's) is asked again only at the longest wait. The server's own word about when to come
again comes before all of this; only a person's hand comes before the server's word.

Source: docs/sync_protocol.md, section "When a laptop comes"; RFC 9110, 10.2.3 (Retry-After);
M. Brooker, "Exponential Backoff And Jitter", 2015 (full jitter).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

EVERY_MS = 300_000
"""Between two exchanges while all is well; a fifth more or less, drawn at random."""
SEALED_MS = 8_000
"""From the first record sealed to the exchange: what is sealed meanwhile goes along."""
CONNECTED_MS = 2_000
"""A connection that has just appeared is given its name servers; then a draw of up to CONNECTED_SPREAD_MS."""
CONNECTED_SPREAD_MS = 8_000
FIRST_MS = 15_000
LONGEST_MS = 1_800_000
AT_ONCE_MS = 1_000
"""The one quick try after a cut in the middle."""
MOST_ASKED_MS = 24 * 3_600_000
"""The server's word is believed up to a day."""
MORNING = 6
"""A pause until tomorrow ends at this hour, before the first shift begins."""
_SPREAD = 0.2
_MOST_DOUBLINGS = 20

Draw = Callable[[], float]
"""Gives a number in [0, 1), drawn at random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the next exchange is due. Times in ms by a clock that only goes forward and counts sleep.

    Attributes:
        due_ms: When it begins by itself; None: not before something asks for it.
        failures: How many in a row did not finish.
        hurried: The one quick try since the last success has been used.
        not_before_ms: The server asked not to be met earlier.
        every_ms: Between two exchanges while all is well; 0 leaves exchanges to the user.
    """

    due_ms: int | None = None
    failures: int = 0
    hurried: bool = False
    not_before_ms: int = 0
    every_ms: int = EVERY_MS

    def is_due(self, now_ms: int) -> bool:
        """Tell whether an exchange is to begin."""
        return self.due_ms is not None and self.due_ms <= now_ms

    def wait_ms(self, now_ms: int) -> int | None:
        """Return how long until the next exchange; None where none is planned."""
        return None if self.due_ms is None else max(0, self.due_ms - now_ms)


def begun(plan: Plan, now_ms: int) -> Plan:
    """Return the plan of somebody who has just signed in: the first exchange comes at once."""
    return replace(plan, due_ms=max(now_ms, plan.not_before_ms)) if plan.every_ms else plan


def succeeded(plan: Plan, now_ms: int, draw: Draw, *, retry_s: int = 0, more: bool = False) -> Plan:
    """Return the plan after an exchange that finished.

    Args:
        retry_s: In how many seconds the server wants to be met again; 0 leaves it to the laptop.
        more: Something was sealed meanwhile, or the server took a part only.
    """
    not_before = now_ms + _asked_ms(retry_s)
    usual = now_ms + round(plan.every_ms * (1 - _SPREAD + 2 * _SPREAD * draw()))
    soon = now_ms + SEALED_MS if more else usual
    due = max(min(usual, soon), not_before) if plan.every_ms else None
    return Plan(due_ms=due, not_before_ms=not_before, every_ms=plan.every_ms)


def failed(
    plan: Plan, now_ms: int, draw: Draw, *, retry_s: int = 0, moved: bool = False, lasting: bool = False
) -> Plan:
    """Return the plan after an exchange that did not finish.

    Args:
        retry_s: The server's Retry-After, in seconds; 0 where it named none.
        moved: Records went over the link before it was cut.
        lasting: Trying again does not mend it.
    """
    failures = plan.failures + 1
    not_before = max(plan.not_before_ms, now_ms + _asked_ms(retry_s))
    hurries = moved and not plan.hurried and not lasting and not retry_s
    if hurries:
        due = now_ms + AT_ONCE_MS
    elif lasting:
        due = now_ms + round(LONGEST_MS * (1 - _SPREAD * draw()))
    else:
        due = max(now_ms + _full_jitter(failures, draw), not_before + _spread_after(retry_s, draw))
    return replace(
        plan,
        due_ms=max(due, not_before) if plan.every_ms else None,
        failures=failures,
        hurried=plan.hurried or hurries,
        not_before_ms=not_before,
    )


def stopped(plan: Plan, now_ms: int, draw: Draw) -> Plan:
    """Return the plan after the user stopped an exchange: no failure, and not at once again."""
    return replace(succeeded(plan, now_ms, draw), not_before_ms=plan.not_before_ms)


def sealed(plan: Plan, now_ms: int) -> Plan:
    """Return the plan after something was sealed. While the server cannot be reached it hurries nothing."""
    if not plan.every_ms or plan.failures:
        return plan
    due = max(now_ms + SEALED_MS, plan.not_before_ms)
    return replace(plan, due_ms=due if plan.due_ms is None else min(plan.due_ms, due))


def connected(plan: Plan, now_ms: int, draw: Draw) -> Plan:
    """Return the plan after a connection appeared: a failure through lack of one counts no more."""
    if not plan.every_ms:
        return plan
    due = max(now_ms + CONNECTED_MS + round(CONNECTED_SPREAD_MS * draw()), plan.not_before_ms)
    return replace(plan, due_ms=due if plan.due_ms is None else min(plan.due_ms, due), failures=0, hurried=False)


def _full_jitter(failures: int, draw: Draw) -> int:
    top = min(LONGEST_MS, FIRST_MS << min(failures, _MOST_DOUBLINGS))
    return FIRST_MS + round((top - FIRST_MS) * draw())


def _asked_ms(retry_s: int) -> int:
    return min(max(0, retry_s) * 1000, MOST_ASKED_MS)


def _spread_after(retry_s: int, draw: Draw) -> int:
    """Return a little more than was asked for: many laptops were told the same."""
    return round(_asked_ms(retry_s) * _SPREAD * draw())


# -- pauses --------------------------------------------------------------------------------------------


class PauseKind(StrEnum):
    """How long nothing is to be exchanged of itself."""

    UNTIL_RESUMED = "until-resumed"
    HOUR = "hour"
    UNTIL_TOMORROW = "until-tomorrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Exchanges wait. By the wall clock, since a pause outlives the process.

    Attributes:
        since_ms: When it was asked for, UTC.
        until_ms: When it ends by itself, UTC; None ends by hand alone.
    """

    since_ms: int
    until_ms: int | None

    def holds(self, now_ms: int) -> bool:
        """Tell whether it still holds. A clock that was set back behind its beginning ends a timed one."""
        return self.until_ms is None or self.since_ms <= now_ms < self.until_ms

    def text(self) -> str:
        """Return it as it is kept."""
        return f"{self.since_ms} {'-' if self.until_ms is None else self.until_ms}"


def pause_of(kind: PauseKind, now: datetime) -> Pause:
    """Return a pause from `now`, a moment with its offset, on."""
    since = _utc_ms(now)
    match kind:
        case PauseKind.HOUR:
            until = _utc_ms(now + timedelta(hours=1))
        case PauseKind.UNTIL_TOMORROW:
            morning = (now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
            until = _utc_ms(morning)
        case _:
            return Pause(since_ms=since, until_ms=None)
    return Pause(since_ms=since, until_ms=until)


def read_pause(text: str | None) -> Pause | None:
    """Return a pause as it was kept; None for none, and for what is not one: then nothing waits."""
    since, _, until = (text or "").partition(" ")
    if not since.isdecimal() or not (until == "-" or until.isdecimal()):
        return None
    return Pause(since_ms=int(since), until_ms=None if until == "-" else int(until))


def _utc_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

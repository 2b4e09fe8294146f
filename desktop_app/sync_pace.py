"""How fast an exchange goes, and how long it may still take: a smoothed rate over the bytes of both ways.

Source: an exponentially weighted mean whose memory is `MEMORY_S`; frames on a slow link come in bursts.
"""

from dataclasses import dataclass
from math import exp

MEMORY_S = 12.0
"""Over about how long a rate is remembered."""
TELLS_AFTER_S = 3.0
"""Before this nothing is said of the time left: the first frames say little about a link."""
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an exchange has moved so far, in bytes, and what is known to be still to come (0: not known)."""

    sent_bytes: int = 0
    to_send_bytes: int = 0
    received_bytes: int = 0
    to_receive_bytes: int = 0
    sent: int = 0
    """Records sent; `received`: records received."""
    received: int = 0

    @property
    def done_bytes(self) -> int:
        """Bytes of both ways so far."""
        return self.sent_bytes + self.received_bytes

    @property
    def whole_bytes(self) -> int:
        """Bytes of both ways when all is done; 0 where it is not known."""
        if not (self.to_send_bytes or self.to_receive_bytes):
            return 0
        return max(self.to_send_bytes, self.sent_bytes) + max(self.to_receive_bytes, self.received_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """An exchange under way.

    Attributes:
        moved: The last that was told.
        rate: Bytes in a second, smoothed; 0.0 while nothing is known.
        began_s: By the clock of `told`, when the exchange began; `at_s`: when it was last told of.
    """

    began_s: float
    at_s: float
    moved: Moved = Moved()
    rate: float = 0.0

    def percent(self) -> int | None:
        """Return how much is done, 0 to 100; None while the whole is not known."""
        whole = self.moved.whole_bytes
        return min(100, self.moved.done_bytes * 100 // whole) if whole else None

    def left_s(self, now_s: float) -> int | None:
        """Return about how many seconds are left; None while that cannot be told."""
        whole = self.moved.whole_bytes
        if not whole or self.rate <= 0 or now_s - self.began_s < TELLS_AFTER_S:
            return None
        silent = max(0.0, now_s - self.at_s)
        rate = self.rate * exp(-silent / (4 * MEMORY_S))  # a link that says nothing gets slower, not faster
        left = (whole - self.moved.done_bytes) / rate
        return round(left) if left < 24 * _HOUR_S else None


def started(now_s: float) -> Pace:
    """Return the pace of an exchange that begins."""
    return Pace(began_s=now_s, at_s=now_s)


def told(pace: Pace, moved: Moved, now_s: float) -> Pace:
    """Return the pace after one more word of how far the exchange is."""
    step = moved.done_bytes - pace.moved.done_bytes
    passed = now_s - pace.at_s
    if passed <= 0 or step <= 0:
        return Pace(began_s=pace.began_s, at_s=pace.at_s, moved=moved, rate=pace.rate)
    now_rate = step / passed
    weight = 1 - exp(-passed / MEMORY_S)
    rate = now_rate if pace.rate <= 0 else pace.rate + weight * (now_rate - pace.rate)
    return Pace(began_s=pace.began_s, at_s=now_s, moved=moved, rate=rate)

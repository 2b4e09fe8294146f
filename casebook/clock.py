"""Moments: when the device says something happened, and how it says so.

A moment keeps the wall clock in UTC, the offset that the user saw, the boot it was taken in and a
clock that does not jump. Nothing in the record is ordered by it.

Source: ICH E6(R3) 4.2.2(d) (unambiguous time); docs/record_format.md, section "Time".
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One reading of the device's clocks.

    Attributes:
        utc_ms: Milliseconds since 1970-01-01T00:00Z by the wall clock.
        offset_minutes: Offset from UTC in which the user saw the time.
        boot: Tag of the boot in which it was read.
        uptime_ms: Milliseconds by a clock that never jumps.
    """

    utc_ms: int
    offset_minutes: int
    boot: str
    uptime_ms: int

    @property
    def local(self) -> datetime:
        """The moment as an aware datetime in the offset that the user saw."""
        return local_time(self.utc_ms, self.offset_minutes)


Clock = Callable[[], Moment]


def local_time(utc_ms: int, offset_minutes: int) -> datetime:
    """Return `utc_ms` as an aware datetime with the given offset."""
    instant = datetime.fromtimestamp(utc_ms / 1000, tz=UTC)
    return instant.astimezone(timezone(timedelta(minutes=offset_minutes)))


def site_clock(offset_minutes: int) -> Clock:
    """Return a clock that tells the time as on the site's wall, whatever zone the machine is set to."""
    return lambda: replace(system_clock(), offset_minutes=offset_minutes)


_BOOT = uuid.uuid4().hex[:8]


def _uptime_ms() -> int:
    # CLOCK_BOOTTIME counts sleep; Windows' and macOS' monotonic clocks are the nearest there.
    clock_id = getattr(time, "CLOCK_BOOTTIME", None)
    return (time.clock_gettime_ns(clock_id) if clock_id is not None else time.monotonic_ns()) // 1_000_000


def system_clock() -> Moment:
    """Read the machine's clocks; the offset is the machine's own."""
    now = datetime.now().astimezone()
    offset = now.utcoffset() or timedelta()
    return Moment(
        utc_ms=time.time_ns() // 1_000_000,
        offset_minutes=int(offset.total_seconds() // 60),
        boot=_BOOT,
        uptime_ms=_uptime_ms(),
    )

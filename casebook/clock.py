"""Moments: when the device says something happened, and how it says so.

A moment keeps the wall clock in UTC, the offset that the user saw, the boot it was taken in and a
clock that does not jump. Nothing in the record is ordered by it.

Source: ICH E6(R3) 4.2.2(d) (unambiguous time); docs/record_format.md, section "Time".
"""

import ctypes
import hashlib
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One reading of the device's clocks.

    Attributes:
        utc_ms: Milliseconds since 1970-01-01T00:00Z by the wall clock.
        offset_minutes: Offset from UTC in which the user saw the time.
        boot: Tag of the boot in which it was read (8 hex digits).
        uptime_ms: Milliseconds by a clock that never jumps and counts sleep; comparable within one boot.
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


# -- the machine: which boot it is, and how long it has been up, sleep counted ---------------------------

_NS_PER_MS = 1_000_000


def boot_tag(name: str) -> str:
    """Return 8 hex digits for a system's own name of a boot: the same for every program that runs in it."""
    return hashlib.sha256(b"boot\0" + name.strip().encode("utf-8")).hexdigest()[:8]


if sys.platform == "win32":

    class _TimeOfDay(ctypes.Structure):
        """SYSTEM_TIMEOFDAY_INFORMATION; times in units of 100 ns."""

        _fields_ = (
            ("boot_time", ctypes.c_int64),
            ("current_time", ctypes.c_int64),
            ("zone_bias", ctypes.c_int64),
            ("zone", ctypes.c_uint32),
            ("reserved", ctypes.c_uint32),
            ("boot_time_bias", ctypes.c_uint64),
            ("sleep_time_bias", ctypes.c_uint64),
        )

    _SYSTEM_TIME_OF_DAY = 3

    def _boot_name() -> str:
        """Return the time of the boot without what later settings of the wall clock added to it."""
        told = _TimeOfDay()
        query = ctypes.windll.ntdll.NtQuerySystemInformation
        if query(_SYSTEM_TIME_OF_DAY, ctypes.byref(told), ctypes.sizeof(told), None) != 0:
            raise OSError
        return str(told.boot_time - ctypes.c_int64(told.boot_time_bias).value)

    def _uptime_ms() -> int:
        """Return milliseconds since the system began, sleep and hibernation counted."""
        ticks = ctypes.windll.kernel32.GetTickCount64
        ticks.restype = ctypes.c_uint64
        return int(ticks())

elif sys.platform == "darwin":

    class _Timebase(ctypes.Structure):
        """mach_timebase_info_data_t: ticks times numerator by denominator are nanoseconds."""

        _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))

    _LIBC = ctypes.CDLL(None)

    def _boot_name() -> str:
        """Return the system's own id of its boot."""
        text = ctypes.create_string_buffer(64)
        size = ctypes.c_size_t(len(text))
        if _LIBC.sysctlbyname(b"kern.bootsessionuuid", text, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
            raise OSError
        return text.value.decode("ascii")

    def _uptime_ms() -> int:
        """Return milliseconds since the system began, sleep counted."""
        base = _Timebase()
        _LIBC.mach_timebase_info(ctypes.byref(base))
        ticks = _LIBC.mach_continuous_time
        ticks.restype = ctypes.c_uint64
        return int(ticks()) * int(base.numerator) // int(base.denominator) // _NS_PER_MS

else:

    def _boot_name() -> str:
        """Return the kernel's own id of its boot."""
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")

    def _uptime_ms() -> int:
        """Return milliseconds since the system began, sleep counted."""
        return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // _NS_PER_MS


def _this_boot() -> str:
    """Return the tag of this boot; where the system does not name it, one that is of this process alone."""
    with suppress(OSError, ValueError):
        if name := _boot_name().strip():
            return boot_tag(name)
    return uuid.uuid4().hex[:8]


_BOOT = _this_boot()

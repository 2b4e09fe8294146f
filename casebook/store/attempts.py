"""Wrong passphrases make the next try wait, longer each time.

Kept in a small file beside the key file, by person. It slows whoever sits at the keyboard; a copy of
the folder on another machine is slowed by the cost of each guess alone.

Source: docs/store.md, section "Keys".
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from casebook.clock import Clock, Moment
from casebook.store import _disk

ATTEMPTS = "attempts.json"
_DELAYS_S = (0, 0, 0, 5, 15, 60, 180, 600, 900)


def delay_after(failures: int) -> int:
    """Return how many seconds the next try waits after so many wrong ones in a row: none, then up to 15 minutes."""
    return _DELAYS_S[min(failures, len(_DELAYS_S) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """A person's wrong tries since the last right one, and the clocks at the last of them (milliseconds)."""

    failures: int
    utc_ms: int
    boot: str
    uptime_ms: int

    def rest_ms(self, now: Moment) -> int:
        """Return how long the next try still waits.

        Within one boot the clock that nobody can set decides. After another boot the wall clock does; one
        that was set back begins the wait anew, and does not make it longer.
        """
        whole = delay_after(self.failures) * 1000
        passed = now.uptime_ms - self.uptime_ms if now.boot == self.boot else now.utc_ms - self.utc_ms
        return whole - min(max(passed, 0), whole)


class Attempts:
    """The wrong tries at one folder. A file that is damaged or cannot be written counts as none."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Look after `folder`; read at each question, so that several may look."""
        self._path = folder / ATTEMPTS
        self._clock = clock

    def failures(self, user: str) -> int:
        """Return how many wrong tries there were since the last right one."""
        failed = self._read().get(user)
        return failed.failures if failed else 0

    def wait_s(self, user: str) -> int:
        """Return for how many seconds no try is taken, 0 when one is."""
        failed = self._read().get(user)
        return -(-failed.rest_ms(self._clock()) // 1000) if failed else 0

    def fail(self, user: str) -> None:
        """Count a wrong try; durable on return."""
        now = self._clock()
        failed = _Failed(failures=self.failures(user) + 1, utc_ms=now.utc_ms, boot=now.boot, uptime_ms=now.uptime_ms)
        self._write({**self._read(), user: failed})

    def clear(self, user: str) -> None:
        """Forget a person's wrong tries, after a right one."""
        known = self._read()
        if user in known:
            self._write({name: failed for name, failed in known.items() if name != user})

    def _read(self) -> dict[str, _Failed]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {
                str(user): _Failed(
                    failures=int(one["failures"]),
                    utc_ms=int(one["utc_ms"]),
                    boot=str(one["boot"]),
                    uptime_ms=int(one["uptime_ms"]),
                )
                for user, one in kept.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            return {}

    def _write(self, failed: dict[str, _Failed]) -> None:
        content = json.dumps({user: asdict(one) for user, one in failed.items()}, indent=1, sort_keys=True)
        with contextlib.suppress(OSError):  # a full disk keeps nobody out, and nobody waiting
            _disk.write_whole(self._path, content.encode("utf-8"))

"""Wrong passphrases make the next try wait, longer each time.

Kept in a small file beside the key file, by person. It slows whoever sits at the keyboard; a copy of
the folder on another machine is slowed by the cost of each guess alone. What was tried is kept until it stands
in the record, whoever signs in next, and also after the person's own right one.

Source: docs/store.md, section "Keys".
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
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
    """A person's wrong tries since the last right one, and the clocks at the last of them (milliseconds).

    `untold`: those that are not in the record yet.
    """

    failures: int
    utc_ms: int
    boot: str
    uptime_ms: int
    untold: int

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
        now, known = self._clock(), self._read()
        before = known.get(user)
        failed = _Failed(
            failures=(before.failures if before else 0) + 1,
            utc_ms=now.utc_ms,
            boot=now.boot,
            uptime_ms=now.uptime_ms,
            untold=(before.untold if before else 0) + 1,
        )
        self._write({**known, user: failed})

    def clear(self, user: str) -> None:
        """Let nobody wait any more for a person's wrong tries, after a right one; they are still to be told."""
        known = self._read()
        if user in known and known[user].failures:
            self._write({**known, user: replace(known[user], failures=0)})

    def untold(self) -> dict[str, int]:
        """Return how many wrong tries of whom are not in the record yet."""
        return {user: one.untold for user, one in self._read().items() if one.untold}

    def tell(self, told: Mapping[str, int]) -> None:
        """Note that so many wrong tries of these people stand in the record."""
        if not told:
            return
        left = {user: replace(one, untold=max(one.untold - told.get(user, 0), 0)) for user, one in self._read().items()}
        self._write({user: one for user, one in left.items() if one.failures or one.untold})

    def _read(self) -> dict[str, _Failed]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {
                str(user): _Failed(
                    failures=int(one["failures"]),
                    utc_ms=int(one["utc_ms"]),
                    boot=str(one["boot"]),
                    uptime_ms=int(one["uptime_ms"]),
                    untold=int(one["untold"]),
                )
                for user, one in kept.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            return {}

    def _write(self, failed: dict[str, _Failed]) -> None:
        content = json.dumps({user: asdict(one) for user, one in failed.items()}, indent=1, sort_keys=True)
        with contextlib.suppress(OSError):  # a full disk keeps nobody out, and nobody waiting
            _disk.write_whole(self._path, content.encode("utf-8"))

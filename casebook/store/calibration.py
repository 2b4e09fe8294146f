"""How hard a passphrase is to guess here: measured once, at enrolment, for about a second on this laptop.

The bounds are the policy's and stand in code; what is measured only chooses between them.

Source: RFC 9106, section 4; docs/store.md, section "Keys".
"""

import os
import sys
import time
from collections.abc import Callable

from casebook import crypto
from casebook.crypto import KdfParameters, KdfPolicy

TARGET_S = 1.0
_STEP_KIB = 16 * 1024
_SHARE = 4
"""At most one in so many parts of the memory that is free is used."""

_TRIES = 3

Derive = Callable[[KdfParameters], object]


def calibrate(
    policy: KdfPolicy,
    *,
    target_s: float = TARGET_S,
    clock: Callable[[], float] = time.perf_counter,
    derive: Derive | None = None,
    available_kib: int | None = None,
) -> KdfParameters:
    """Return the cost with which one guess takes about `target_s` here, within the policy's bounds.

    Memory first, since it is what makes guessing dear on other machines; passes where memory reaches its
    bound. Takes about a second itself: the quickest of three tries counts, so that a busy moment does not
    make guessing cheap for ever.

    Args:
        clock: Seconds that never jump.
        derive: What is measured; Argon2id unless a test says otherwise.
        available_kib: Memory that is free; the machine's own when None.
    """
    work = derive or _derive
    first = KdfParameters(memory_kib=policy.floor.memory_kib, passes=policy.floor.passes, lanes=policy.chosen.lanes)
    took = max(min(_seconds(work, first, clock) for _ in range(_TRIES)), 1e-6)
    free = available_memory_kib() if available_kib is None else available_kib
    most = policy.ceiling.memory_kib if free is None else min(policy.ceiling.memory_kib, free // _SHARE)
    wanted = int(first.memory_kib * target_s / took)
    memory = max(policy.floor.memory_kib, min(wanted, most))
    memory = max(policy.floor.memory_kib, memory // _STEP_KIB * _STEP_KIB)
    pass_s = took / first.passes * memory / first.memory_kib
    passes = max(policy.floor.passes, min(int(target_s / pass_s + 0.5), policy.ceiling.passes))
    return KdfParameters(memory_kib=memory, passes=passes, lanes=first.lanes)


def _seconds(work: Derive, cost: KdfParameters, clock: Callable[[], float]) -> float:
    start = clock()
    work(cost)
    return clock() - start


def _derive(cost: KdfParameters) -> bytes:
    return crypto.derive_key("a passphrase of usual length", bytes(16), cost)


if sys.platform == "win32":
    import ctypes

    class _Memory(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("physical", ctypes.c_ulonglong),
            ("available", ctypes.c_ulonglong),
            ("rest", ctypes.c_ulonglong * 5),
        )

    def available_memory_kib() -> int | None:
        """Return how much memory is free, None where the system does not say."""
        memory = _Memory(length=ctypes.sizeof(_Memory))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(memory)):
            return None
        return int(memory.available) // 1024

else:

    def available_memory_kib() -> int | None:
        """Return how much memory is free, None where the system does not say (macOS)."""
        try:
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
        except (ValueError, OSError):
            return None

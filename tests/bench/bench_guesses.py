"""What guessing a passphrase costs whoever stole a key file: measured here, and what follows for years.

The figures in `docs/threat_model.md` come from here. A ratio is to one guess on one core.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from casebook.crypto import PRODUCTION_KDF, KdfParameters, derive_key
from casebook.store.calibration import calibrate
from tests.bench.bench_store import Row

ROUNDS = 6
_LITTLE = KdfParameters(memory_kib=64, passes=1, lanes=1)
YEAR_S = 365.25 * 86_400
BITS = {25: "eight typed characters, chosen by a person", 35: "a phrase the meter calls good", 64: "five dice words"}
CARD_BYTES_PER_S = 1e12
"""Memory traffic of a fast graphics card: an estimate, nothing was measured on one."""


def _guess(cost: KdfParameters) -> float:
    start = time.perf_counter()
    derive_key("a passphrase of usual length", os.urandom(16), cost)
    return time.perf_counter() - start


@contextmanager
def _one_core() -> Iterator[None]:
    """Let this thread, and what it starts, run on one core; where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def one_core(cost: KdfParameters, rounds: int = ROUNDS) -> list[float]:
    """Return how long guesses take on one core, in seconds."""
    with _one_core():
        return [_guess(cost) for _ in range(rounds)]


def all_cores(cost: KdfParameters, rounds: int = ROUNDS) -> float:
    """Return guesses per second with every core guessing, each in a process of its own."""
    with ProcessPoolExecutor(max_workers=cores(), mp_context=get_context("spawn")) as workers:
        list(workers.map(_guess, [_LITTLE] * cores()))  # started
        start = time.perf_counter()
        list(workers.map(_guess, [cost] * rounds * cores()))
        return rounds * cores() / (time.perf_counter() - start)


def costs() -> dict[str, KdfParameters]:
    """Return what is measured: the floor in code, the usual cost, and what this machine would be given."""
    return {
        "floor": PRODUCTION_KDF.floor,
        "usual": PRODUCTION_KDF.chosen,
        "calibrated here": calibrate(PRODUCTION_KDF),
    }


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Measure."""
    measured = []
    for name, cost in costs().items():
        what = f"{name}: {cost.memory_kib // 1024} MiB, t={cost.passes}, p={cost.lanes}"
        times = one_core(cost, rounds)
        base = statistics.median(times)
        rate = all_cores(cost, rounds)
        quantile = statistics.quantiles(times, n=20)[-1]
        measured += [
            Row(name=f"{what}, one core", median_ms=base * 1000, p95_ms=quantile * 1000, ratio=1.0),
            Row(
                name=f"{what}, {cores()} cores, each guess",
                median_ms=1000 / rate,
                p95_ms=1000 / rate,
                ratio=1 / rate / base,
            ),
        ]
    return measured


def years(bits: int, guesses_per_s: float) -> float:
    """Return how long guessing takes on average: half of all passphrases are tried."""
    return 2.0 ** (bits - 1) / guesses_per_s / YEAR_S


def on_a_card(cost: KdfParameters) -> float:
    """Return guesses per second that a graphics card's memory would allow: three accesses a block and pass."""
    return CARD_BYTES_PER_S / (cost.memory_kib * 1024 * cost.passes * 3)


def notes(rounds: int = ROUNDS) -> Sequence[str]:
    """Return what the usual cost means in years."""
    cost = PRODUCTION_KDF.chosen
    rates = {
        "one core": 1 / statistics.median(one_core(cost, rounds)),
        f"{cores()} cores": all_cores(cost, rounds),
        "a graphics card (estimated)": on_a_card(cost),
    }
    lines = [f"{name}: {rate:.2f} guesses a second" for name, rate in rates.items()]
    for bits, words in BITS.items():
        spans = ", ".join(f"{name} {years(bits, rate):.2g} years" for name, rate in rates.items())
        lines.append(f"{bits} bits ({words}): {spans}")
    return lines

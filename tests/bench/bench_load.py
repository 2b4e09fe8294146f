"""A thousand laptops at one server process: commits a second, the wait of an exchange, memory, and growth.

Each laptop comes over a TLS connection of its own, hands in forms that were signed before the clock started, and
waits for its receipts. The requests are whole before the clock starts and sent by processes of their own, so that
the generator costs little more than its side of TLS. The floor is bare signature checking of the same commits, on
one core with nothing else to do
and on all of them; the generator of the load runs on the same cores as the server and takes its part of them.

    python -m tests.bench load                       at 20,000 and 200,000 stored commits
    CASEBOOK_EFFORT=soak python -m tests.bench load  and at 1,000,000 (filling takes some minutes)
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from casebook import crypto, ledger
from casebook.ledger import SealedCommit
from casebook.sync.frames import FrameParser, FrameType
from tests.bench.bench_store import Row
from tests.bench.load_generator import hand_in
from tests.bench.load_study import LAPTOPS, LoadStudy, SimulatedLaptop

FORMS = 20
"""Forms that a laptop hands in with one exchange: the work of a day."""
AT_ONCE = 24
GENERATORS = 2
STORED = (20_000, 200_000) if os.environ.get("CASEBOOK_EFFORT") != "soak" else (20_000, 200_000, 1_000_000)
_notes: list[str] = []


@dataclass(frozen=True, slots=True)
class Load:
    """What one run came to. `waits_s`: of each exchange, from connecting to the last byte of the answer."""

    stored: int
    commits: int
    seconds: float
    waits_s: tuple[float, ...]
    sent_bytes: int
    received_bytes: int
    memory_mib: float
    generator_cpu_s: float

    @property
    def rate(self) -> float:
        """Commits that became durable and receipted, a second."""
        return self.commits / self.seconds


def rows() -> list[Row]:
    """Measure and return the wait of an exchange at each size, as ratio to the smallest; notes have the rest."""
    _notes.clear()
    with tempfile.TemporaryDirectory() as name:
        study = LoadStudy(Path(name))
        loads, floors = [], (0.0, 0.0)
        for stored in STORED:
            filled_s = study.fill(stored)
            _notes.append(f"filled to {study.stored:,} commits in {filled_s:.0f} s, each signed")
            load, commits = run(study)
            loads.append(load)
            floors = bare_checking(commits, study.laptops)
    one, all_cores = floors
    cores = os.cpu_count() or 1
    _notes.append(f"bare signature checking of the same commits: {one:,.0f}/s on one core, {all_cores:,.0f}/s on all")
    _notes.extend(
        f"{load.stored:>9,} stored: {load.rate:,.0f} commits/s, {load.rate / one:.2f} of one core's bare checking, "
        f"{load.rate / all_cores:.2f} of all cores' (shared with the generator); {load.memory_mib:.0f} MiB; "
        f"the generator took {load.generator_cpu_s:.1f} of {cores * load.seconds:.1f} s of processor time; "
        f"{load.sent_bytes / LAPTOPS:,.0f} bytes in and {load.received_bytes / LAPTOPS:,.0f} out per laptop"
        for load in loads
    )
    first = statistics.median(loads[0].waits_s)
    return [_row(load, first) for load in loads]


def notes() -> Iterator[str]:
    """Give throughput, memory and floors of the last run."""
    yield from _notes


def _row(load: Load, first_s: float) -> Row:
    ordered = sorted(load.waits_s)
    median, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    _notes.append(f"{load.stored:>9,} stored: an exchange waits {1000 * median:.0f} ms, p99 {1000 * p99:.0f} ms")
    return Row(
        name=f"exchange of {FORMS} forms, {AT_ONCE} laptops at once, {load.stored:,} stored",
        median_ms=1000 * median,
        p95_ms=1000 * ordered[int(len(ordered) * 0.95)],
        ratio=median / first_s,
    )


# -- the load ----------------------------------------------------------------------------------------


def run(study: LoadStudy, laptops: int = LAPTOPS) -> tuple[Load, list[SealedCommit]]:
    """Let laptops hand in forms that are signed already; returns what it came to, and the forms."""
    made = [study.request(laptop, FORMS) for laptop in study.laptops[:laptops]]
    requests = [request for request, _ in made]
    commits = [commit for _, forms in made for commit in forms]
    stored = study.stored
    with study.server as server:
        authority = crypto.certificate_pem(study.authority).decode("ascii")
        port = int(server.url.rpartition(":")[2])
        handed_in = hand_in(requests, port, authority, processes=GENERATORS, at_once=AT_ONCE)
        memory = server.memory_mib
    for answer in handed_in.answers:
        _hold_to_its_word(answer)
    study.stored += len(commits)
    load = Load(
        stored=stored,
        commits=len(commits),
        seconds=handed_in.ended - handed_in.begun,
        waits_s=handed_in.waits_s,
        sent_bytes=sum(len(one) for one in requests),
        received_bytes=sum(len(one) for one in handed_in.answers),
        generator_cpu_s=handed_in.cpu_s,
        memory_mib=memory,
    )
    return load, commits


def _hold_to_its_word(answer: bytes) -> None:
    """Refuse an answer without the receipt of what was handed in."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(head)
    body = _unchunked(rest) if b"chunked" in head.lower() else rest
    if FrameType.RECEIPT not in [frame.type for frame in FrameParser().feed(body)]:
        raise ValueError(body[:200])


def _unchunked(rest: bytes) -> bytes:
    body = bytearray()
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return bytes(body)


# -- the floor ---------------------------------------------------------------------------------------


def bare_checking(commits: Sequence[SealedCommit], laptops: Sequence[SimulatedLaptop]) -> tuple[float, float]:
    """Return how many of these commits a second are checked on one core, and on all of them at once."""
    keys = {one.device: one.person.public for one in laptops}
    signed = [(one.header, one.signature, keys[one.parsed.device]) for one in commits]
    cores = os.cpu_count() or 1
    one_s = _check(signed)
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(_check, [signed[:10]] * cores))  # started before the clock
        begun = time.perf_counter()
        list(pool.map(_check, [signed] * cores))
        all_s = time.perf_counter() - begun
    return len(signed) / one_s, cores * len(signed) / all_s


def _check(signed: Sequence[tuple[bytes, bytes, bytes]]) -> float:
    begun = time.perf_counter()
    for header, signature, key in signed:
        if not crypto.signature_holds(key, ledger.COMMIT_DOMAIN, header, signature):
            raise ValueError(header)
    return time.perf_counter() - begun

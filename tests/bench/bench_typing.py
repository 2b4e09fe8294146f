"""Keeping one entry, durable on the disk, while an exchange crawls over a link of 50 kbit/s, beside none at all.

The exchange is a real one: own thread, own connections to the same encrypted files, TLS to a server that reads
no faster than such a link carries. Rounds alternate, so that the machine's moods meet both alike.
"""

import tempfile
import threading
import time
from pathlib import Path

from casebook.records import FormKey, ItemPath
from desktop_app.session import Session
from desktop_app.sync_client import HttpPeer
from desktop_app.sync_stop import StopSign
from desktop_app.vault import Laptop
from tests.bench.bench_store import Row
from tests.desktop_app.hung_server import HungServer, serving, slow
from tests.desktop_app.places import Book
from tests.laptops import CHEAP_KDF, Ward, design

LINK_BYTES_PER_S = 6_250
"""50 kbit/s."""
BACKLOG = 60
"""Forms that wait to be sent: more than such a link carries in a round."""
ROUNDS = 5
ENTRIES = 30
NOTHING = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


class SlowWay:
    """A ward's study whose server is reached over a bad link."""

    def __init__(self, ward: Ward, server: HungServer) -> None:
        self._server = server
        self.enrol = ward.network.enrol
        self.certify_person = ward.network.certify_person

    def open_peer(self, url: str, authority: bytes) -> HttpPeer:
        del url, authority
        return HttpPeer(self._server.url, self._server.authority)


def rows() -> list[Row]:
    """Measure both and return them, the quiet laptop first."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(slow(LINK_BYTES_PER_S, NOTHING), receive_buffer=16_384) as server,
    ):
        ward = Ward(Path(folder))
        ward.enrolled("one")
        laptop = Laptop(ward.folder / "one", design(), SlowWay(ward, server), kdf=CHEAP_KDF, clock=ward.clock)
        with ward.session(laptop) as session:
            return _measure(laptop, session, server)


def _measure(laptop: Laptop, session: Session, server: HungServer) -> list[Row]:
    book = Book(design=session.design, subject=session.add_subject().subject, site=session.site)
    for number in range(BACKLOG):
        book.enter(session, {"F.VS": {"SYSBP": str(100 + number)}}, reason="MISKEYED" if number else None)
    key, path = book.key(session, "F.VS"), book.path(session, "F.VS", "HR")
    quiet: list[float] = []
    syncing: list[float] = []
    for _ in range(ROUNDS):
        quiet += _kept(session, key, path)
        sign = StopSign()
        server.met.clear()
        thread = threading.Thread(target=laptop.synchroniser().sync_now, kwargs={"sign": sign})
        thread.start()
        try:
            server.met.wait()
            syncing += _kept(session, key, path)
            if not thread.is_alive():
                raise RuntimeError
        finally:
            sign.cut()
            thread.join()
    return [
        _row("keeping an entry, nothing else going on", quiet, quiet),
        _row("during an exchange over 2G", syncing, quiet),
    ]


def _kept(session: Session, key: FormKey, path: ItemPath) -> list[float]:
    took = []
    for number in range(ENTRIES):
        started = time.perf_counter()
        session.keep(key, path, str(60 + number))
        took.append((time.perf_counter() - started) * 1000)
    return took


def _row(name: str, took: list[float], base: list[float]) -> Row:
    ordered = sorted(took)
    median, usual = ordered[len(ordered) // 2], sorted(base)[len(base) // 2]
    return Row(name=name, median_ms=median, p95_ms=ordered[len(ordered) * 95 // 100], ratio=median / usual)

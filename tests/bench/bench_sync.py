"""An exchange of forty forms over loopback TLS, beside a plain HTTPS POST of the same bytes.

Both go to real servers on 127.0.0.1 with TLS 1.3: ours verifies every signature and makes each frame
durable in an encrypted file before it reads on; the floor reads the same number of bytes and answers
with as many. Rounds alternate, so that the machine's moods meet both alike.
"""

import os
import ssl
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from casebook import crypto
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.engine import ExchangeReport
from central_server.authority import read_keys
from central_server.listening import tls_context
from desktop_app.sync_client import HttpPeer
from tests.bench.bench_store import Row
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess
from tests.tls_listener import TlsListener

ROUNDS = 15
FORMS = 40
ITEMS = 30
_HEADERS_END = b"\r\n\r\n"


class PlainServer(TlsListener):
    """The floor: reads a POST to its end over TLS and answers with a fixed number of bytes."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.answer_bytes = 0
        super().__init__(context)

    def _talk(self, near: ssl.SSLSocket) -> None:
        held = b""
        while data := near.recv(65536):
            held += data
            head, found, body = held.partition(_HEADERS_END)
            if not found:
                continue
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(body) >= size:
                near.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.answer_bytes + bytes(self.answer_bytes)
                )
                held = b""


def rows() -> list[Row]:
    """Measure both and return them, the floor first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ServerProcess(folder / "server") as server:
            return _measure(folder, server)


def _measure(folder: Path, server: ServerProcess) -> list[Row]:
    store = SqlcipherLog.create(folder / "casebook.db", os.urandom(32), os.urandom(16))
    laptop = EnrolledLaptop(server, log=store)
    keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
    plain = PlainServer(tls_context(server.folder, keys))
    ours: list[float] = []
    floor: list[float] = []
    try:
        laptop.sync()
        for _ in range(ROUNDS):
            _write_forms(laptop)
            started = time.perf_counter()
            report = _exchange(laptop, server)
            ours.append(time.perf_counter() - started)
            plain.answer_bytes = report.received_bytes
            started = time.perf_counter()
            _post(plain.url, laptop.enrolled.authority, os.urandom(report.sent_bytes))
            floor.append(time.perf_counter() - started)
    finally:
        plain.close()
        store.close()
    sent = f"{report.sent_bytes / 1024:.0f} KiB"
    return [
        _row(f"plain HTTPS POST of {sent}", floor, floor),
        _row(f"exchange of {FORMS} forms ({sent}), verified and durable, with receipt", ours, floor),
    ]


def _write_forms(laptop: EnrolledLaptop) -> None:
    for _ in range(FORMS):
        laptop.write_form([str(120 + number) for number in range(ITEMS)])


def _exchange(laptop: EnrolledLaptop, server: ServerProcess) -> ExchangeReport:
    with HttpPeer(server.url, laptop.enrolled.authority) as peer:
        return laptop.sync(peer)


def _post(url: str, authority: bytes, body: bytes) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
    with httpx.Client(verify=context, trust_env=False) as client:
        client.post(url, content=body).raise_for_status()


def _row(name: str, times_s: list[float], floor_s: list[float]) -> Row:
    ordered = sorted(times_s)
    return Row(
        name=name,
        median_ms=1000 * statistics.median(ordered),
        p95_ms=1000 * ordered[int(len(ordered) * 0.95)],
        ratio=statistics.median(ordered) / statistics.median(floor_s),
    )


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name:<75} {row.median_ms:9.2f} ms  p95 {row.p95_ms:9.2f} ms  x {row.ratio:.1f}")

"""A process that plays many laptops: it has whole requests ready, and counts what each waits for its answer.

Nothing is signed, packed or judged while the clock runs; answers are looked at by whoever started it, afterwards.
"""

import os
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

_HEAD = (
    b"POST /sync/v1/exchange HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/crf-frames\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n"
)
_READ_BYTES = 64 * 1024
_HEAD_START_S = 1.0
"""The processes begin together, so long after they were given their work."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came of requests: the wait of each (connecting included), the answers, and the processor time it took."""

    begun: float
    ended: float
    waits_s: tuple[float, ...]
    answers: tuple[bytes, ...]
    cpu_s: float


def hand_in(requests: Sequence[bytes], port: int, authority: str, *, processes: int, at_once: int) -> HandedIn:
    """Hand in requests over a TLS connection each.

    Args:
        authority: The certificate (PEM) that the server's own must lead to.
        processes: How many share the work; each has its part of the `at_once` connections.
    """
    parts = [requests[number::processes] for number in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(abs, range(processes)))  # started before the clock
        begin = time.time() + _HEAD_START_S
        given = [pool.submit(_play, part, port, authority, at_once // processes, begin) for part in parts]
        found = [one.result() for one in given]
    return HandedIn(
        begun=min(one.begun for one in found),
        ended=max(one.ended for one in found),
        waits_s=tuple(wait for one in found for wait in one.waits_s),
        answers=tuple(answer for one in found for answer in one.answers),
        cpu_s=sum(one.cpu_s for one in found),
    )


def _play(requests: Sequence[bytes], port: int, authority: str, at_once: int, begin: float) -> HandedIn:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority)
    whole = [_HEAD % len(one) + one for one in requests]

    def one_laptop(request: bytes) -> tuple[float, bytes]:
        begun = time.perf_counter()
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as link,
        ):
            link.sendall(request)
            answer = b"".join(_read(link))
        return time.perf_counter() - begun, answer

    with ThreadPoolExecutor(at_once) as laptops:
        time.sleep(max(0.0, begin - time.time()))
        used, begun = os.times(), time.time()
        found = list(laptops.map(one_laptop, whole))
        ended, now = time.time(), os.times()
    cpu_s = now.user + now.system - used.user - used.system
    return HandedIn(begun, ended, tuple(wait for wait, _ in found), tuple(answer for _, answer in found), cpu_s)


def _read(link: ssl.SSLSocket) -> Iterator[bytes]:
    while data := link.recv(_READ_BYTES):
        yield data

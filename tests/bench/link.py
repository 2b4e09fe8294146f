"""A slow and lossy link between two network namespaces, made in user space.

Two TUN devices, one in each namespace; a thread for each direction takes packets from one, loses some by a
seeded draw, holds the others back as a line of so many bits a second and so much delay would, and hands them to
the other. TCP at both ends is the kernel's own. Needs the right to make namespaces (root).

Source: Linux, Documentation/networking/tuntap.rst; namespaces(7).
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

NEAR, FAR = "10.77.0.1", "10.77.0.2"
"""Addresses of the laptop's end and of the server's end."""
_NAMESPACES = ("casebook-near", "casebook-far")
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000
_MTU = 1500
_QUEUE_BYTES = 48 * 1500
"""What the line's buffer holds before it drops packets: about the buffer of a cheap router."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the line is like: bits per second each way, delay one way (seconds), share of packets lost each way."""

    bits_per_s: int = 50_000
    delay_s: float = 0.3
    loss: float = 0.1
    seed: int = 1


def may_make_namespaces() -> bool:
    """Tell whether this process may make network namespaces and TUN devices."""
    if not Path("/dev/net/tun").exists():
        return False
    made = subprocess.run(["ip", "netns", "add", "casebook-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "casebook-try"], capture_output=True, check=False)
    return made.returncode == 0


FREE = Line(bits_per_s=1_000_000_000, delay_s=0.0, loss=0.0)
"""A line that hinders nobody: for preparations."""


class LossyLink:
    """The link, while it is entered. `line` may be another one at any time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._ends: list[int] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        for name, address in zip(_NAMESPACES, (NEAR, FAR), strict=True):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
            _ip("netns", "add", name)
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", name[-6:].strip("-").encode(), _IFF_TUN | _IFF_NO_PI))
            self._ends.append(end)
            device = name[-6:].strip("-")
            _ip("link", "set", device, "netns", name)
            _ip("-n", name, "addr", "add", f"{address}/24", "dev", device)
            _ip("-n", name, "link", "set", device, "mtu", str(_MTU), "up")
            _ip("-n", name, "link", "set", "lo", "up")
        near, far = self._ends
        for number, (source, target) in enumerate(((near, far), (far, near))):
            draw = random.Random(self.line.seed * 2 + number)
            thread = threading.Thread(target=self._carry, args=(source, target, draw), name="lossy link", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            os.close(end)
        for name in _NAMESPACES:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def _carry(self, source: int, target: int, draw: random.Random) -> None:
        waiting: list[tuple[float, int, bytes]] = []
        free_at, number = time.monotonic(), 0
        while not self._stopping.is_set():
            now = time.monotonic()
            patience = min(0.05, max(0.0, waiting[0][0] - now)) if waiting else 0.05
            if select.select([source], [], [], patience)[0]:
                with contextlib.suppress(BlockingIOError):
                    packet = os.read(source, _MTU + 100)
                    now, line = time.monotonic(), self.line
                    queued_bytes = max(0.0, free_at - now) * line.bits_per_s / 8
                    if draw.random() >= line.loss and queued_bytes < _QUEUE_BYTES:
                        free_at = max(now, free_at) + 8 * len(packet) / line.bits_per_s
                        number += 1
                        heapq.heappush(waiting, (free_at + line.delay_s, number, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                with contextlib.suppress(OSError):  # the device is not up any more: the link ends
                    os.write(target, heapq.heappop(waiting)[2])


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextlib.contextmanager
def _in_namespace(name: str) -> Iterator[None]:
    """Let sockets that this thread makes belong to a namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(there, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        yield
    finally:
        libc.setns(home, _CLONE_NEWNET)
        os.close(home)
        os.close(there)


def near() -> contextlib.AbstractContextManager[None]:
    """Make sockets at the laptop's end."""
    return _in_namespace(_NAMESPACES[0])


def far() -> contextlib.AbstractContextManager[None]:
    """Make sockets at the server's end."""
    return _in_namespace(_NAMESPACES[1])


def command_near(*argv: str) -> list[str]:
    """Return a command as it is run at the laptop's end."""
    return ["ip", "netns", "exec", _NAMESPACES[0], *argv]


def run_near(work: Callable[[], Result]) -> Result:
    """Do `work` with its sockets at the laptop's end."""
    with near():
        return work()

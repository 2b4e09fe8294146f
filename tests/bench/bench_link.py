"""Twenty forms, one correction and nothing new over a bad link, beside PouchDB, Anki and the bare limit.

The link has 50 kbit/s, a round trip of 600 ms and loses 10 % or 30 % of the packets each way (`link`). Peers that
speak plain HTTP go through TLS tunnels, so that all pay for one TLS handshake; the tunnels count what the
applications said, headers included. Every measurement begins with a new connection; whoever gives up tries again at
once, and the time goes on (Anki for five minutes at most: after a cut its server may refuse for a while). What the
peers do not do: PouchDB and Anki sign nothing, chain nothing and give no receipt; Anki keeps no history of a field.

The bare limit is a TLS handshake and our own count of bytes each way, over a socket.

Source: docs/validation.md; the numbers of this bench are quoted there.
"""

import contextlib
import json
import os
import shutil
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from casebook import crypto, ledger, payloads
from casebook.clock import system_clock
from casebook.errors import UnavailableError
from casebook.ids import new_epoch, new_subject_id, ref_of
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, VisitKey
from central_server.__main__ import main as server_command
from central_server.authority import read_keys
from central_server.listening import tls_context
from desktop_app.sync_client import HttpPeer
from tests.bench import link
from tests.bench.link import FAR, FREE, Line, LossyLink
from tests.bench.tunnel import Count, Forwarder, originator, terminator
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import CUSTODIANS, ServerProcess

PEERS = Path("build/peers")
"""Where tools/peers.sh puts PouchDB and Anki."""
FORMS, ITEMS = 20, 36
ROUNDS = int(os.environ.get("CASEBOOK_BENCH_ROUNDS", "5"))
LOSSES = (0.1, 0.3)
_PATIENCE_S = 600.0
_QUIET_S = 3.0
"""Until the last words of an ended connection have left the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measurement: seconds, application bytes each way, requests."""

    seconds: float
    up: int
    down: int
    requests: int


class Peer(Protocol):
    """One system under measurement."""

    name: str

    def write(self, what: str) -> None:
        """Make `20 new forms`, `1 correction` or nothing."""
        ...

    def sync(self) -> Sample:
        """Exchange once over a new connection."""
        ...


WORKS = ("20 new forms", "1 correction", "nothing new")


# -- ours ----------------------------------------------------------------------------------------------------


class Casebook:
    """Our laptop and server: a person is signed in, the standard shelf is exchanged."""

    name = "Casebook"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "server"
        names = ("--name", FAR, "--name", "127.0.0.1")
        server_command(["init", str(self._folder), *CUSTODIANS, "--site=001=Site", *names])
        self.server = ServerProcess(self._folder).start()
        self.laptop = EnrolledLaptop(self.server)
        self.laptop.sync()
        self.context = tls_context(self._folder, read_keys(self._folder, passphrase=None, policy=crypto.PRODUCTION_KDF))
        self.authority = self.laptop.enrolled.authority
        self._last: tuple[FormKey, SealedCommit] | None = None
        self.url, self.count = "", Count()

    def onward(self) -> socket.socket:
        """Connect to the server itself, by TLS: the tunnel in between is what counts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=crypto.certificate_pem(self.authority).decode("ascii"))
        plain = socket.create_connection(("127.0.0.1", int(self.server.url.rpartition(":")[2])))
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def write(self, what: str) -> None:
        """See `Peer`."""
        if what == WORKS[0]:
            for _ in range(FORMS):
                key = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS")
                values = [
                    SetItem(path=_item(number), reading=Reading(value=str(100 + os.urandom(2)[0] * 3)))
                    for number in range(ITEMS)
                ]
                self._last = key, self._seal(key, values)
        elif what == WORKS[1] and self._last is not None:
            key, before = self._last
            again = SetItem(
                path=_item(3), reading=Reading(value="141"), bases=(ref_of(before.id),), reason="TRANSCRIPTION"
            )
            self._last = key, self._seal(key, [again])

    def _seal(self, key: FormKey, operations: list[SetItem]) -> SealedCommit:
        laptop, place = self.laptop, ("S", "001")
        head = laptop.heads.get(place) or ChainHead(
            device=laptop.device, epoch=new_epoch(os.urandom), sequence=0, id=None
        )
        done: tuple[Operation, ...] = tuple(operations)
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=done))
        sealer = Sealer(
            study=laptop.enrolled.study,
            site="001",
            app_version="0.1.0",
            signer=laptop.person,
            random_bytes=os.urandom,
        )
        draft = CommitDraft(kind=kind, author=laptop.user, body=body)
        commit = ledger.seal(draft, after=head, sealer=sealer, moment=system_clock())
        laptop.heads[place] = ledger.head_after(commit)
        laptop.log.append([commit])
        return commit

    def sync(self) -> Sample:
        """See `Peer`."""
        self.count.reset()

        def work() -> float:
            began = time.perf_counter()
            while True:
                with contextlib.suppress(UnavailableError), HttpPeer(self.url, self.authority) as peer:
                    report = self.laptop.sync(peer, signed_in=True)
                    assert report.in_step
                    return time.perf_counter() - began

        return _sample(link.run_near(work), self.count)

    def close(self) -> None:
        """End the server."""
        self.server.stop()


def _item(number: int) -> ItemPath:
    return ItemPath(group="IG.VS", item=f"IT{number:02}")


def _sample(seconds: float, count: Count) -> Sample:
    return Sample(seconds=seconds, up=count.up, down=count.down, requests=count.requests)


# -- theirs --------------------------------------------------------------------------------------------------


class Told:
    """A peer's client: a process that is told words and answers with JSON."""

    def __init__(
        self, name: str, argv: list[str], tunnels: list[Forwarder], environment: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self._count = tunnels[0].count
        self._tunnels = tunnels
        self._process = subprocess.Popen(
            link.command_near(*argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def tell(self, word: str) -> dict[str, Any]:
        """Say a word and return the answer."""
        told, said = _pipes(self._process)
        told.write(word + "\n")
        told.flush()
        answer: dict[str, Any] = json.loads(said.readline())
        return answer

    def write(self, what: str) -> None:
        """See `Peer`."""
        if what != WORKS[2]:
            self.tell(f"new {FORMS}" if what == WORKS[0] else "edit")

    def sync(self) -> Sample:
        """See `Peer`."""
        for tunnel in reversed(self._tunnels):
            tunnel.drop()
        time.sleep(_QUIET_S)
        self._count.reset()
        return _sample(float(self.tell("sync")["seconds"]), self._count)

    def close(self) -> None:
        """End the process."""
        told, _ = _pipes(self._process)
        told.close()
        self._process.wait(timeout=60)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


@contextlib.contextmanager
def _started(argv: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _await_port(port: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(port)


def _plain(port: int) -> Callable[[], socket.socket]:
    return lambda: socket.create_connection(("127.0.0.1", port))


# -- the bare limit ------------------------------------------------------------------------------------------


def _sink(listener: socket.socket) -> None:
    """Read as many bytes as are announced and answer with as many as are asked for."""
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        with plain, contextlib.suppress(OSError, struct.error):
            up, down = struct.unpack(">II", plain.recv(8))
            while up > 0:
                up -= len(plain.recv(65536))
            plain.sendall(bytes(down))


def _bare(port: int, context: ssl.SSLContext, like: Sample) -> float:
    def work() -> float:
        began = time.perf_counter()
        with (
            socket.create_connection((FAR, port), timeout=_PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=FAR) as wrapped,
        ):
            wrapped.sendall(struct.pack(">II", max(0, like.up - 8), like.down) + os.urandom(max(0, like.up - 8)))
            left = like.down
            while left > 0 and (data := wrapped.recv(65536)):
                left -= len(data)
        return time.perf_counter() - began

    return link.run_near(work)


# -- the measurement -----------------------------------------------------------------------------------------


def report() -> Iterator[str]:
    """Yield the lines of the whole measurement."""
    if not link.may_make_namespaces():
        yield "not measured: this machine does not let us make network namespaces (it needs root)"
        return
    if not shutil.which("node") or not (PEERS / "anki").exists():
        yield "peers are not installed: run tools/peers.sh; ours alone is measured"
    with tempfile.TemporaryDirectory() as name:
        ours = Casebook(Path(name))
        try:
            for loss in LOSSES:
                yield f"50 kbit/s, 600 ms, {loss:.0%} loss each way, median of {ROUNDS} (all runs)"
                yield from _over(Line(loss=loss, seed=7), ours, Path(name))
        finally:
            ours.close()


def _over(line: Line, ours: Casebook, folder: Path) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        between = stack.enter_context(LossyLink(FREE))
        context = stack.enter_context(_trusting(ours))

        def ending(onward: Callable[[], socket.socket]) -> Forwarder:
            with link.far():
                listener = socket.create_server((FAR, 0))
            return stack.enter_context(terminator(listener, ours.context, onward))

        front = ending(ours.onward)
        ours.url, ours.count = f"https://{FAR}:{front.port}", front.count
        peers: list[Peer] = [ours]
        if shutil.which("node") and (PEERS / "node_modules").exists():
            peers.append(_pouch(stack, ending, ours.authority, folder))
        if (PEERS / "anki").exists():
            peers.append(_anki(stack, ending, context, folder))
        bare = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=_sink, args=(bare,), daemon=True).start()
        bottom = ending(_plain(int(bare.getsockname()[1])))
        between.line = line
        for what in WORKS:
            floors: list[float] = []
            for peer in peers:
                samples = []
                for _ in range(ROUNDS):
                    peer.write(what)
                    samples.append(peer.sync())
                    if peer is ours:
                        floors.append(_bare(bottom.port, context, samples[-1]))
                yield _line(peer.name, what, samples, floors)
            yield _line("bare limit", what, [Sample(seconds=one, up=0, down=0, requests=0) for one in floors], floors)


@contextlib.contextmanager
def _trusting(ours: Casebook) -> Iterator[ssl.SSLContext]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=crypto.certificate_pem(ours.authority).decode("ascii"))
    yield context


def _pouch(
    stack: contextlib.ExitStack,
    ending: Callable[[Callable[[], socket.socket]], Forwarder],
    trusted: bytes,
    folder: Path,
) -> Peer:
    scripts = Path(__file__).parent / "peers"
    node_path = {"NODE_PATH": str((PEERS / "node_modules").absolute())}
    server = stack.enter_context(_started(["node", str(scripts / "pouch_server.js")], node_path))
    assert server.stdout is not None
    front = ending(_plain(int(server.stdout.readline())))
    authority = folder / "authority.pem"
    authority.write_bytes(crypto.certificate_pem(trusted))
    argv = ["node", str(scripts / "pouch_client.js"), f"https://{FAR}:{front.port}/forms", str(ITEMS)]
    client = Told("PouchDB 9", argv, [front], {**node_path, "NODE_EXTRA_CA_CERTS": str(authority)})
    stack.callback(client.close)
    client.tell("sync")
    return client


def _anki(
    stack: contextlib.ExitStack,
    ending: Callable[[Callable[[], socket.socket]], Forwarder],
    context: ssl.SSLContext,
    folder: Path,
) -> Peer:
    python, port = str(PEERS / "anki" / "bin" / "python"), _free_port()
    settings = {"SYNC_USER1": "ward:ward", "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port)}
    base = Path(tempfile.mkdtemp(dir=folder))
    stack.enter_context(_started([python, "-m", "anki.syncserver"], {**settings, "SYNC_BASE": str(base / "server")}))
    _await_port(port)
    front = ending(_plain(port))
    with link.near():
        listener = socket.create_server(("127.0.0.1", 0))

    def onward() -> socket.socket:
        with link.near():
            plain = socket.create_connection((FAR, front.port), timeout=_PATIENCE_S)
        return context.wrap_socket(plain, server_hostname=FAR)

    near = stack.enter_context(originator(listener, onward))
    script = str(Path(__file__).parent / "peers" / "anki_client.py")
    client = Told("Anki", [python, script, str(base), f"http://127.0.0.1:{near.port}/", str(ITEMS)], [front, near])
    stack.callback(client.close)
    client.tell(f"new {FORMS}")
    client.tell("upload")
    client.tell("sync")
    return client


def _line(name: str, what: str, samples: list[Sample], floors: list[float]) -> str:
    times = [one.seconds for one in samples]
    ratio = statistics.median(times) / statistics.median(floors)
    first = samples[0]
    said = f"{first.up:6} up {first.down:6} down in {first.requests}" if first.requests else ""
    runs = " ".join(f"{one:.1f}" for one in times)
    return f"  {what:13} {name:11} {statistics.median(times):6.1f} s {ratio:5.1f}x  {said:32} ({runs})"


if __name__ == "__main__":
    for told in report():
        print(told)
        sys.stdout.flush()

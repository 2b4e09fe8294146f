"""Listening: TLS 1.3 with the study's own authority, always.

There is no way to serve without TLS; on one machine the loopback address has its certificate like any
other. The private key lies in a file of its own only while the TLS library reads it.

Source: docs/operations.md; RFC 8446.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import ssl
import sys
import tempfile
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from casebook import crypto
from casebook.errors import CasebookError, ServerAddressError, ServerFolderError
from central_server import logs, selftest
from central_server.authority import StudyKeys
from central_server.settings import ServerSettings

_BINARY = getattr(os, "O_BINARY", 0)  # Windows opens descriptors in text mode without it
_KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than a laptop's own patience."""
_MOST_CONNECTIONS = 2048
_UNREAD_S = 120.0
"""An answer of which nobody read the next 48 KiB for so long has lost its laptop: slower than 4 kbit/s."""
_HEADERS_S = 80.0
"""A connection that asked nothing whole in this time, twice over, is closed."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with an end to connections that send nothing, their headers drop by drop, or read nothing."""

    _idle = False
    _paused_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch."""
        if isinstance(transport, asyncio.Transport):
            super().connection_made(transport)
            self.loop.call_later(_HEADERS_S, self._look)

    def pause_writing(self) -> None:
        """Note since when the other end reads no more."""
        self._paused_at = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The other end read on."""
        self._paused_at = None
        super().resume_writing()

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self._paused_at is not None and self.loop.time() - self._paused_at > _UNREAD_S:
            self.transport.abort()  # what was to be read comes again with the laptop's next request
            return
        idle = bool(getattr(self.cycle, "response_complete", True))
        if idle and self._idle:
            self.transport.close()
            return
        self._idle = idle
        self.loop.call_later(_HEADERS_S, self._look)


class _ProvenServer(uvicorn.Server):
    """uvicorn's server, which ends when what stands before it keeps requests back."""

    def __init__(self, config: uvicorn.Config, behind: str, authority: bytes) -> None:
        super().__init__(config)
        self._behind = behind
        self._authority = authority
        self._proving: asyncio.Task[None] | None = None
        self.refusal: CasebookError | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._behind:
            self._proving = asyncio.create_task(self._prove())

    async def _prove(self) -> None:
        try:
            await selftest.prove(self._behind, self._authority)
        except CasebookError as error:
            self.refusal = error
            self.should_exit = True


def run(app: FastAPI, settings: ServerSettings, keys: StudyKeys, *, host: str, port: int, behind: str = "") -> None:
    """Serve until the process is asked to end; tells on standard output where it listens.

    Args:
        port: 0 for any free one.
        behind: The address at which laptops reach a proxy before this server; it is tested at once.

    Raises:
        CasebookError: The proxy does not pass on what it is given; see `selftest.prove`.
    """
    logs.write_to_standard_error()
    context = tls_context(settings.folder, keys)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",
        http=PatientProtocol,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=5,
        ssl_context_factory=lambda _config, _default: context,
    )
    gc.freeze()  # what stands for as long as the server runs is not looked through again and again
    listener = _listen(host, port)
    actual = int(listener.getsockname()[1])
    sys.stdout.write(f"Listening on https://{host}:{actual}\n")
    sys.stdout.flush()
    # The signal is given back to us after uvicorn has finished what was under way; then the store is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = _ProvenServer(config, behind, keys.authority)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    listener.close()
    if server.refusal is not None:
        raise server.refusal


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket to which laptops may come from here on; uvicorn takes them up a moment later."""
    # The protocol is named, since asyncio sends small answers without delay only over sockets that name it.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ServerAddressError(address=f"{host}:{port}", why=error.strerror or "") from error
    return listener


def tls_context(folder: Path, keys: StudyKeys) -> ssl.SSLContext:
    """Return the server's TLS context: its certificate, TLS 1.3, HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory(dir=folder) as private:
        chain = Path(private) / "tls.pem"
        descriptor = os.open(chain, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(crypto.private_key_pem(keys.tls_key) + crypto.certificate_pem(keys.tls_certificate))
        context.load_cert_chain(chain)
    return context


def export_tls(keys: StudyKeys, folder: Path) -> None:
    """Write the server's certificate with its private key, and the study's authority, for a proxy.

    Raises:
        ServerFolderError: The folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        chain = crypto.private_key_pem(keys.tls_key) + crypto.certificate_pem(keys.tls_certificate)
        for name, content in (("tls.pem", chain), ("authority.pem", crypto.certificate_pem(keys.authority))):
            fresh = folder / (name + ".new")
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            fresh.replace(folder / name)
    except OSError as error:
        raise ServerFolderError(folder=folder, why=error.strerror or type(error).__name__) from error

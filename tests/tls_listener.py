"""Peers on 127.0.0.1 that speak TLS on a thread of their own: a floor to measure against, proxies before a server."""

import contextlib
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator

from casebook import crypto
from central_server.authority import read_keys
from central_server.listening import tls_context
from tests.server_process import ServerProcess


class TlsListener(ABC):
    """Takes connections one after the other. What is needed to talk is set before `super().__init__`."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), plain, self._context.wrap_socket(plain, server_side=True) as near:
                self._talk(near)

    @abstractmethod
    def _talk(self, near: ssl.SSLSocket) -> None:
        """Hold one conversation to its end."""

    def close(self) -> None:
        """End the thread."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class TlsProxy(TlsListener):
    """Stands before a server under the server's own certificate, and sees everything in the clear."""

    def __init__(self, server: ServerProcess, authority: bytes) -> None:
        keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
        self._onward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._onward.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
        self._port = int(server.url.rpartition(":")[2])
        super().__init__(tls_context(server.folder, keys))

    @contextlib.contextmanager
    def _far(self) -> Iterator[ssl.SSLSocket]:
        """Open a connection to the server."""
        with (
            socket.create_connection(("127.0.0.1", self._port)) as plain,
            self._onward.wrap_socket(plain, server_hostname="127.0.0.1") as far,
        ):
            yield far

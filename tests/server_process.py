"""A real server process for tests: `python -m central_server run` on a free port of 127.0.0.1, over TLS."""

import base64
import contextlib
import io
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Self

from casebook.crypto import SealingKey
from central_server.__main__ import main

_START_S = 60.0
CUSTODIAN_KEYS = tuple(SealingKey(bytes([number]) * 32) for number in (1, 2))
"""The custodians' keys of test studies: of the data, and of what is unblinding."""
CUSTODIANS = tuple(
    f"--custodian-{whose}={base64.b64encode(key.public).decode()}"
    for whose, key in zip(("data", "unblinding"), CUSTODIAN_KEYS, strict=True)
)
"""Given to `init`, since making a pair takes a second."""
_ROOT = Path(__file__).parents[1]


class ServerProcess:
    """One server's folder, and the process that serves it while running.

    Attributes:
        folder: The server's folder.
        url: Where it listens, while it runs; the same address after a restart.
    """

    def __init__(
        self, folder: Path, *, sites: Mapping[str, str] | None = None, port: int = 0, study: Path | None = None
    ) -> None:
        self.folder = folder
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._port = port
        self._readers: list[threading.Thread] = []
        self.log_lines: list[str] = []
        if not (folder / "keys.json").exists():
            wanted = {"001": "Demo site"} if sites is None else sites
            definition = [] if study is None else [f"--study-folder={study}"]
            self.command(
                "init", *definition, *CUSTODIANS, *(f"--site={number}={name}" for number, name in wanted.items())
            )

    def command(self, name: str, *arguments: str) -> str:
        """Run a command of the server's command line on the folder; returns what it printed.

        It runs in this process, which is another one than the server's: an operator's shell, without
        the second that a fresh interpreter takes.
        """
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = main([name, str(self.folder), *arguments])
        assert code == 0, complained.getvalue()
        return said.getvalue()

    def enrolment_code(self, site: str = "001") -> str:
        """Return a one-time code for a laptop."""
        return str(self._json("enrol", "--site", site)["code"])

    def add_user(self, name: str, role: str = "investigator", site: str = "001") -> tuple[str, str]:
        """Give a person an account; returns the user id and a personal code."""
        made = self._json("user", "add", "--site", site, "--name", name, "--role", role)
        return str(made["user"]), str(made["code"])

    def personal_code(self, user: str) -> str:
        """Return another personal code for a person."""
        return str(self._json("user", "code", "--user", user)["code"])

    def status(self) -> dict[str, Any]:
        """Return what the server holds."""
        return self._json("status")

    def _json(self, name: str, *arguments: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.command(name, *arguments, "--json"))
        return answer

    # -- the process --

    def start(self, *more: str) -> Self:
        """Start serving and wait until it listens. `more`: further arguments of the command."""
        process = subprocess.Popen(
            [sys.executable, "-m", "central_server", "run", str(self.folder), "--port", str(self._port), *more],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._process = process
        said: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        assert process.stderr is not None
        self._read(process.stdout, said.put)
        self._read(process.stderr, self.log_lines.append)
        try:
            self.url = said.get(timeout=_START_S).split()[-1]
        except queue.Empty:
            self.kill()
            raise AssertionError("\n".join(self.log_lines)) from None
        self._port = int(self.url.rpartition(":")[2])
        return self

    def _read(self, stream: IO[str], put: Callable[[str], None]) -> None:
        def pump() -> None:
            for line in stream:
                put(line.rstrip())
            stream.close()

        thread = threading.Thread(target=pump, name="server output", daemon=True)
        thread.start()
        self._readers.append(thread)

    @property
    def memory_mib(self) -> float:
        """What the running process has in memory (Linux alone; 0 elsewhere)."""
        status = Path(f"/proc/{self._process.pid}/status") if self._process is not None else Path()
        if not status.is_file():
            return 0.0
        line = next(one for one in status.read_text("ascii").splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def kill(self) -> None:
        """End the process as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._finish()

    def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._finish()

    def wait(self) -> int:
        """Wait until the process ends by itself; returns its exit code."""
        assert self._process is not None
        code = self._process.wait(timeout=60)
        self._finish()
        return code

    def _finish(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=30)
        for thread in self._readers:
            thread.join(timeout=10)
        self._readers.clear()
        self._process = None

    def __enter__(self) -> Self:
        return self if self._process is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

"""One window for one folder: a second start brings the first window to the front, and ends.

The first process listens at a local socket with a random name, and writes that name into a file of the laptop's
folder: who cannot read the folder cannot stand in for it. Whoever connects has the window raised, whatever they
send; nothing is ever read from them. Where the name is nobody's any more, as after a kill, the next start takes
its place: this file locks nobody out. That there is one writer is for `casebook.store.vault_files.VaultLock`.

Source: Qt's QLocalServer (user access only); AllowSetForegroundWindow of Windows.
"""

import contextlib
import secrets
import sys
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if sys.platform == "win32":
    import ctypes

FILE = "window"
"""In the laptop's folder: at which name the window listens. `casebook.store` leaves it out of copies."""
PATIENCE_MS = 5_000
"""A window that is being built, or that reads a large record, answers within that."""
_RAISED = b"raised\n"
_ANY_PROCESS = -1


class FirstStart(Enum):
    """What a start finds of an earlier one."""

    NONE = "none"
    RAISED = "raised"
    SILENT = "silent"
    """It is there and does not answer."""
    ANOTHER_USERS = "another user's"


def raise_first(folder: Path, *, patience_ms: int = PATIENCE_MS) -> FirstStart:
    """Bring the window that stands on `folder` to the front, and tell whether there is one."""
    name = _name_in(folder)
    if not name:
        return FirstStart.NONE
    if sys.platform == "win32":
        ctypes.windll.user32.AllowSetForegroundWindow(_ANY_PROCESS)
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(patience_ms):
        refused = socket.error() is QLocalSocket.LocalSocketError.SocketAccessError
        return FirstStart.ANOTHER_USERS if refused else FirstStart.NONE
    answered = socket.waitForReadyRead(patience_ms) and bytes(socket.readAll().data()) == _RAISED
    socket.abort()
    return FirstStart.RAISED if answered else FirstStart.SILENT


def _name_in(folder: Path) -> str:
    try:
        return (folder / FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


class OneWindow(QObject):
    """Listens for later starts on one folder.

    Signals:
        raise_wanted: Casebook was started once more.
    """

    raise_wanted = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Listen to nobody yet."""
        super().__init__(parent)
        self._path = folder / FILE
        self._name = ""

    def listen(self) -> None:
        """Take the place of the window before this one. Where there is no folder, or it cannot be written: nothing.

        May be called again, as when a laptop was enrolled.
        """
        if self._name or not self._path.parent.is_dir():
            return
        QLocalServer.removeServer(_name_in(self._path.parent) or FILE)
        self._server = server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._answer)
        if server.listen(f"casebook-{secrets.token_hex(16)}") and self._keep(server.fullServerName()):
            self._name = server.fullServerName()

    def _keep(self, name: str) -> bool:
        fresh = self._path.with_name(f"{FILE}.tmp")
        try:
            fresh.write_text(name, encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(self._path)
        except OSError:
            return False
        return True

    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.write(_RAISED)
            socket.disconnected.connect(socket.deleteLater)
            socket.disconnectFromServer()
            self.raise_wanted.emit()

    def end(self) -> None:
        """Listen no more; the name goes, unless a later window has put its own in the place."""
        if not self._name:
            return
        self._server.close()
        with contextlib.suppress(OSError):
            if _name_in(self._path.parent) == self._name:
                self._path.unlink()
        self._name = ""

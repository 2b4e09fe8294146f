"""Tells when this machine gets a connection, so that an exchange need not wait for its turn.

Two witnesses, since neither is there on every system: the system's own word (NetworkManager, Windows'
Network List Manager, macOS' reachability), and the machine's addresses, looked at every few seconds. Neither
sends a byte. They only hurry or explain: an exchange is tried in its turn whatever they say, since a
laptop may well reach a server on its own cable while the system thinks that there is no internet.

Source: Qt, QNetworkInformation.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QNetworkInformation, QNetworkInterface

LOOK_MS = 10_000
_Reach = QNetworkInformation.Reachability


def own_addresses() -> frozenset[str]:
    """Return the addresses under which this machine can be met: neither its loopback ones nor made-up ones."""
    return frozenset(
        address.toString()
        for address in QNetworkInterface.allAddresses()
        if not address.isLoopback() and not address.isLinkLocal()
    )


class Connections(QObject):
    """Watches the machine's connections.

    Signals:
        appeared: There is one that was not there before.
        lost: There is none any more.
    """

    appeared = Signal()
    lost = Signal()

    def __init__(self, addresses: Callable[[], frozenset[str]] = own_addresses, parent: QObject | None = None) -> None:
        """Look once; `listen` begins to watch."""
        super().__init__(parent)
        self._addresses = addresses
        self._known = addresses()
        self._reach: QNetworkInformation.Reachability | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def connected(self) -> bool:
        """Whether the machine has any connection, as far as can be told."""
        return bool(self._known) and self._reach is not _Reach.Disconnected

    def listen(self) -> None:
        """Watch from now on."""
        self._timer.start()
        if QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            system = QNetworkInformation.instance()
            self._reach = system.reachability()
            system.reachabilityChanged.connect(self.hear)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        if self._reach is not None:
            self._reach = None
            QNetworkInformation.instance().reachabilityChanged.disconnect(self.hear)

    def look(self) -> None:
        """Compare the machine's addresses with those of the last look."""
        before, self._known = self._known, self._addresses()
        if self._known - before:
            self.appeared.emit()
        elif before and not self._known:
            self.lost.emit()

    def hear(self, reach: QNetworkInformation.Reachability) -> None:
        """Take the system's word that something changed."""
        before, self._reach = self._reach, reach
        self.look()
        wider = reach in {_Reach.Site, _Reach.Online} and before not in {_Reach.Site, _Reach.Online}
        if wider and before is not None:
            self.appeared.emit()

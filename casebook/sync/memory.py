"""What a laptop keeps of the server between two exchanges of a shelf, and what it concludes from it.

None of it decides what is sent: heads do. It says which store of the server gave the receipts, how far its backup
goes, that an answer is still owed (so that the next exchange asks before it sends), and that something on the way
holds requests back as a whole, so that small ones are sent for a day.

Source: docs/sync_protocol.md, sections "After a cut", "Through what holds requests back", "Receipts".
"""

import json
from collections.abc import Iterable, Mapping

from casebook.ids import DeviceId, Epoch
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, SERVER_LOST_AT, CommitLog
from casebook.sync.chains import Chain, Heads
from casebook.sync.messages import Hello

BACKUP_AT = "backup_at_ms"
"""Setting: when the server's last verified backup was made (UTC ms), by its own word."""
UNANSWERED = "unanswered"
"""Setting: what was sent to which no whole answer came, `[[device, epoch, after]]`; "" where nothing is owed."""
HELD_BACK = "held_back"
"""Setting: `[times that nothing of what went out had arrived, until when (UTC ms) small requests are sent]`."""
SMALL_BYTES = 32 * 1024
"""Most of records in a small request."""
_TIMES = 2
_DAY_MS = 24 * 3600 * 1000


class ServerMemory:
    """The settings of one shelf that speak of the server.

    Attributes:
        is_restored: The server's store is another one than at the last exchange.
        has_changed: It turned out to be another one in this round.
    """

    def __init__(self, log: CommitLog) -> None:
        """Read what was kept."""
        self._log = log
        self.server_epoch = log.setting(SERVER_EPOCH) or ""
        self._owed = _read_owed(log.setting(UNANSWERED) or "")
        self._is_noted = bool(self._owed)
        self._times, self._until_ms = _read_held_back(log.setting(HELD_BACK) or "")
        self.is_restored = False
        self.has_changed = False

    @property
    def asks_first(self) -> bool:
        """Whether something went out that was not answered: what of it arrived is asked before more is sent."""
        return bool(self._owed)

    def most_bytes(self, credit_bytes: int) -> int:
        """Return how many bytes of records one request may carry; 0 for no limit."""
        limits = [limit for limit in (credit_bytes, SMALL_BYTES if self._until_ms else 0) if limit]
        return min(limits, default=0)

    def note_sent(self, plan: Mapping[Chain, int]) -> None:
        """Keep that something went out, from where in each chain; once for each request."""
        if not self._is_noted and plan:
            self._is_noted = True
            self._log.set_setting(UNANSWERED, json.dumps([[*chain, after] for chain, after in sorted(plan.items())]))

    def note_answered(self) -> None:
        """Keep that the answer came whole."""
        self._owed = {}
        if self._is_noted:
            self._is_noted = False
            self._log.set_setting(UNANSWERED, "")

    def greet(self, hello: Hello, concerned: Iterable[Chain], there: Heads) -> int:
        """Take what a greeting says of the server; return how many records it confirmed once and lacks now.

        Args:
            concerned: The chains of this exchange.
            there: The heads that the server holds of them.
        """
        ends = {chain: max((head.sequence for head in there.get(chain, ())), default=0) for chain in concerned}
        self._look_whether_held_back(hello, ends)
        self.has_changed = hello.server_epoch != self.server_epoch
        lost = 0
        if self.has_changed:
            self.is_restored = self.is_restored or self._log.setting(SERVER_EPOCH) is not None
            self.server_epoch = hello.server_epoch
            self._log.set_setting(SERVER_EPOCH, hello.server_epoch)
        else:
            lost = note_lost(self._log, hello.now_ms, ends)
        for name, told in ((BACKUP_SERIAL, hello.backup_serial), (BACKUP_AT, hello.backup_at_ms)):
            if int(self._log.setting(name) or "0") != told:
                self._log.set_setting(name, str(told))
        return lost

    def _look_whether_held_back(self, hello: Hello, ends: Mapping[Chain, int]) -> None:
        """Conclude from what went out and did not arrive, time after time, that requests are held back on the way."""
        times, until_ms = self._times, self._until_ms
        if self._owed:
            arrived = any(ends.get(chain, 0) > after for chain, after in self._owed.items())
            times = 0 if arrived else times + 1
            self._owed = {}
        if times >= _TIMES:
            times, until_ms = 0, hello.now_ms + _DAY_MS
        elif until_ms and hello.now_ms > until_ms:
            until_ms = 0
        if (times, until_ms) != (self._times, self._until_ms):
            self._times, self._until_ms = times, until_ms
            self._log.set_setting(HELD_BACK, json.dumps([times, until_ms]))


def note_lost(log: CommitLog, at_ms: int, ends: Mapping[Chain, int]) -> int:
    """Return how many records a server lacks that it confirmed under this epoch.

    Where it lacks any, its files were put back behind its own back: nothing that it said before counts from here on.

    Args:
        at_ms: The server's time as it named what it holds.
        ends: Up to where it holds each chain.
    """
    lost = sum(max(0, log.custody(*chain) - end) for chain, end in ends.items())
    if lost:
        log.set_setting(SERVER_LOST_AT, str(at_ms))
    return lost


def _read_owed(text: str) -> dict[Chain, int]:
    owed = json.loads(text) if text else []
    return {(DeviceId(device), Epoch(epoch)): int(after) for device, epoch, after in owed}


def _read_held_back(text: str) -> tuple[int, int]:
    times, until_ms = json.loads(text) if text else (0, 0)
    return int(times), int(until_ms)

"""What every exchange of one server shares: its logs, what it knows of people and laptops, and the names it keeps.

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable
from dataclasses import dataclass

from casebook.crypto import SigningKey
from casebook.errors import NotPermittedError
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store import CommitLog
from casebook.sync.trust import Directory

RECEIPT_SERIAL = "receipt_serial"
"""Setting: the serial of the last receipt that was given of a shelf."""
CONTACT = "contact."
"""Setting that keeps the time (UTC ms) of a device's last exchange; the device id follows."""
HOLDS = "holds."
"""Setting that keeps which heads a device holds, by its own word and what it was sent: `[[d, e, q, id]]`.

It is never believed: a digest that the laptop signed says whether it is so."""
BACKUP_AT = "backup_at_ms"
"""Setting: when the backup was made (UTC ms) that the setting `BACKUP_SERIAL` speaks of."""
SIDECAR = "sidecar."
"""Setting that keeps the file of a device's key slots (base64), as it last sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every exchange of one server shares.

    Attributes:
        log: Shelf S.
        unblinding: Shelf U; without one it is served to nobody.
        on_kept: Called with the shelf after commits became durable there: see `casebook.sync.office`.
        retry_s: After how many seconds laptops are asked to come again just now; 0 leaves it to them.
        credit_bytes: How many bytes of records are taken in one request just now; 0 for no limit.
    """

    log: CommitLog
    directory: Directory
    study: str
    receipts: SigningKey
    now_ms: Callable[[], int]
    unblinding: CommitLog | None = None
    on_kept: Callable[[str], None] = lambda _: None
    retry_s: Callable[[], int] = lambda: 0
    credit_bytes: Callable[[], int] = lambda: 0

    def shelf(self, name: str) -> CommitLog:
        """Return the log of a shelf. Raises NotPermittedError for one that is not served."""
        if name == STANDARD:
            return self.log
        if self.unblinding is None:
            raise NotPermittedError
        return self.unblinding

    def refresh(self) -> None:
        """Learn what other processes stated."""
        self.directory.refresh(self.log)
        if self.unblinding is not None:
            self.directory.refresh(self.unblinding, UNBLINDING)

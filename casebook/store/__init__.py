"""Keeping: the encrypted database, the second copy beside it, and the keys that open both.

Everything here is durable when a call returns, and refuses to change what was kept. This package
knows commits as sealed bytes with a header; it cannot read what they say.

`CommitLog` is the protocol that sync, session and server work with; `casebook.store.commit_log` keeps
one in an encrypted file. See docs/store.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from casebook.ids import CommitId, CommitRef, DeviceId, Epoch, SubjectId
from casebook.ledger import ChainHead, SealedCommit

CURSOR = "cursor"
"""Settings whose key starts so speak of what is in this one file (how far a feed was read): a database that
is made anew does not take them over, and starts from the beginning."""

SERVER_EPOCH = "server_epoch"
"""Setting: the incarnation of the server's store as it last named itself. A server that was put back to an older
copy, or made anew, is another one, and what it confirmed before is no evidence of what it holds now."""
SERVER_LOST_AT = "server_lost_at_ms"
"""Setting: the server's time (UTC ms) when it named less than it had confirmed under the same epoch: its files were
put back behind its own back, and what it said before that is no evidence either."""
BACKUP_SERIAL = "backup_serial"
"""Setting: the serial up to which receipts speak of what lies in a verified backup of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """A server's receipt as it came, and what it says: the chain is stored up to `sequence`.

    Attributes:
        at_ms: The server's time, milliseconds since 1970 UTC.
        server_epoch: The incarnation of the server's store that gave it.
    """

    body: bytes
    device: DeviceId
    epoch: Epoch
    sequence: int
    at_ms: int
    serial: int
    server_epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Bytes that came in and did not verify: kept, never shown, never forwarded."""

    body: bytes
    why: str
    kept_at_ms: int


class CommitLog(Protocol):
    """A set of commits that only grows, with its receipts. Every write is durable on return.

    Commits are checked by who appends them; a log keeps what it is given, forks included. All methods
    raise StoreDamagedError, DiskFullError, DiskFailedError or StoreBusyError where the disk does.
    """

    def together(self) -> AbstractContextManager[None]:
        """Return a context in which all writes are one: durable at its end, or none of them. May be entered again.

        Reads inside see what was written inside. A write that is refused inside takes back itself alone; on a full
        disk all of them are taken back, and the end raises DiskFailedError.
        """
        ...

    def append(self, commits: Sequence[SealedCommit], subjects: Mapping[CommitId, SubjectId] | None = None) -> int:
        """Keep commits in one transaction and return how many of them, and of those that waited, are new.

        A commit that is there already is passed over. One whose parent is missing is parked and joins
        when the parent comes.

        Args:
            subjects: Whose they are, where the caller knows.

        Raises:
            CommitUnreadableError: A header is not in the agreed form; nothing was kept.
        """
        ...

    def redact(self, redaction: SealedCommit) -> bool:
        """Put a redaction in the place of the payload that it redacts, here and whenever that commit comes.

        The caller has checked it (`casebook.redaction.check_redaction`) and sees to the spool. The old payload is
        overwritten. A commit is redacted once; what is redacted already stays as it is.

        Returns:
            Whether a payload was replaced.

        Raises:
            CommitUnreadableError: It names no commit.
        """
        ...

    def redactions(self) -> Mapping[CommitId, bytes]:
        """Return what stands in the place of redacted payloads, by commit; also of commits that have not come."""
        ...

    def has(self, commit: CommitId) -> bool:
        """Tell whether a commit is in the log; one that is parked is not."""
        ...

    def commit(self, commit: CommitId) -> SealedCommit:
        """Return one commit. Raises KeyError when it is not in the log."""
        ...

    def find(self, ref: CommitRef) -> SealedCommit | None:
        """Return the commit that a short reference names, or None."""
        ...

    def last_position(self) -> int:
        """Return the position of the commit that arrived last, 0 for an empty log."""
        ...

    def count(self) -> int:
        """Return how many commits are in the log."""
        ...

    def count_by_kind(self) -> Mapping[str, int]:
        """Return how many commits of each kind are in the log; kinds that this release does not know among them."""
        ...

    def count_parked(self) -> int:
        """Return how many commits wait for a parent."""
        ...

    def parked(self) -> Iterator[SealedCommit]:
        """Yield the commits that wait for a parent."""
        ...

    def heads(self) -> tuple[ChainHead, ...]:
        """Return the end of each chain, ordered by device and epoch; of a fork the longest, then the first kept."""
        ...

    def tips(self) -> tuple[tuple[ChainHead, str], ...]:
        """Return every end of every chain with the chain's site.

        By device and epoch, the longest first, then the first kept. Costs what the chains number, not the commits.
        """
        ...

    def tips_of(self, sites: Collection[str], device: DeviceId | None = None) -> tuple[tuple[ChainHead, str], ...]:
        """Return the ends of the chains of some sites, and of a device wherever they are of; as `tips`.

        Costs what those chains number.
        """
        ...

    def forks(self) -> tuple[tuple[DeviceId, Epoch, int], ...]:
        """Return where a chain holds more than one commit with the same number."""
        ...

    def chain(
        self, device: DeviceId, epoch: Epoch, after: int = 0, limit: int | None = None, upto: int | None = None
    ) -> Iterator[SealedCommit]:
        """Yield a chain's commits with a sequence above `after`, in order; forks in order of arrival.

        Args:
            limit: At most so many; all when None.
            upto: None with a higher sequence; all when None.
        """
        ...

    def commits(self, subject: SubjectId | None = None) -> Iterator[SealedCommit]:
        """Yield all commits, or those filed under a subject, in order of arrival."""
        ...

    def file_subjects(self, subjects: Mapping[CommitId, SubjectId]) -> int:
        """File commits of which it was not known whose they are; returns how many. What is filed stays so."""
        ...

    def feed(self, after_position: int, limit: int | None = None) -> Iterator[tuple[int, SealedCommit]]:
        """Yield the commits that arrived after a position, each with its own; at most `limit` of them."""
        ...

    def of_kind(self, kind: str, after_position: int = 0) -> Iterator[tuple[int, SealedCommit]]:
        """Yield the commits of one kind that arrived after a position, with their own, in order of arrival."""
        ...

    def add_receipt(
        self,
        body: bytes,
        *,
        device: DeviceId,
        epoch: Epoch,
        sequence: int,
        at_ms: int,
        serial: int,
        server_epoch: str = "",
    ) -> bool:
        """Keep a receipt that was verified. Returns False when it is there already."""
        ...

    def receipts(self) -> tuple[StoredReceipt, ...]:
        """Return all receipts in order of arrival."""
        ...

    def last_serial(self) -> int:
        """Return the highest serial of a receipt, 0 when there is none: the anchor of what is sealed next."""
        ...

    def last_told_ms(self) -> int | None:
        """Return the latest time that the server told with a receipt (milliseconds since 1970 UTC), or None."""
        ...

    def custody(self, device: DeviceId, epoch: Epoch) -> int:
        """Return up to which sequence the server has a chain; 0 when it has said nothing.

        Receipts of the server epoch in force (setting `SERVER_EPOCH`) count alone, here and in the two below, and
        those of before it lost records (`SERVER_LOST_AT`) no more.
        """
        ...

    def backed_up(self, device: DeviceId, epoch: Epoch) -> int:
        """Return up to which sequence a chain lies in a verified backup of the server; 0 when nothing is known."""
        ...

    def received_at(self, device: DeviceId, epoch: Epoch, sequence: int) -> int | None:
        """Return when the server first said that it has this commit (its own time, milliseconds), or None."""
        ...

    def quarantine(self, body: bytes, why: str) -> bool:
        """Keep bytes that do not verify, apart from the record; returns False when the same are there already."""
        ...

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return what was quarantined, oldest first."""
        ...

    def setting(self, key: str) -> str | None:
        """Return a small fact of this log, or None."""
        ...

    def set_setting(self, key: str, text: str) -> None:
        """Keep a small fact of this log."""
        ...

"""What arrives: each commit is verified, then kept, one frame in one transaction.

Both ends take in commits by this code. A commit that verifies is never refused. One whose author is
not certified yet, or whose parent is not here, waits: it is not appended, its chain stops there for
this round, and its sender offers it again. What does not verify goes to quarantine and ends the taking-in of its chain.

All commits of a chain are of one site and one shelf. A commit of another shelf than the one that is
exchanged is kept aside where that shelf is kept, or nowhere: not a byte of it enters this file.

Source: docs/sync_protocol.md, section "Taking in".
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from casebook import ledger, payloads
from casebook.errors import (
    CasebookError,
    ChainBrokenError,
    CommitUnreadableError,
    CommitUntrustedError,
    SignatureBadError,
)
from casebook.ids import CommitId, DeviceId, Epoch, SubjectId
from casebook.ledger import STANDARD, Header, SealedCommit
from casebook.store import CommitLog
from casebook.sync.aside import set_aside
from casebook.sync.frames import pack_commits
from casebook.sync.redactions import check_taken_out, take_redactions
from casebook.sync.trust import Directory

AUTHOR_UNKNOWN = "author-unknown"


class Intake:
    """Verifies and appends commits for one exchange."""

    def __init__(
        self,
        log: CommitLog,
        directory: Directory,
        study: str,
        *,
        takes: Callable[[Header], bool],
        shelf: str = STANDARD,
        identity_key: bytes | None = None,
        other_shelf: CommitLog | None = None,
        on_kept: Callable[[], None] = lambda: None,
        sender: Callable[[], str] = lambda: "",
    ) -> None:
        """Prepare to take in.

        Args:
            takes: Tells whether a chain concerns this exchange (those of its sites, the laptop's own, the server's).
            shelf: The shelf that is exchanged and kept in `log`.
            identity_key: The site's identity key where it is held: sealed commits are then filed by subject.
            other_shelf: Where what belongs to the other shelf is kept aside.
            sender: Whose the commits are, as proven, or "": what does not verify is kept up to a bound for each.
            on_kept: Called after each durable append, and after an invitation before what follows it is verified.
        """
        self._log = log
        self._directory = directory
        self._study = study
        self._takes = takes
        self._shelf = shelf
        self._other_shelf = other_shelf
        self._on_kept = on_kept
        self._sender = sender
        self._identity_key = identity_key
        self._stopped: set[tuple[DeviceId, Epoch]] = set()
        self._verified: dict[CommitId, Header] = {}
        self._reach: dict[DeviceId, dict[Epoch, int]] = {}
        self.appended = 0
        self.waiting = 0

    def take(self, commits: Sequence[SealedCommit]) -> None:
        """Take in the commits of one frame; what was taken is durable on return.

        Raises:
            SignatureBadError, ChainBrokenError: A commit does not verify; it is in quarantine, and
                those before it in the frame were taken.
        """
        good: list[SealedCommit] = []
        self._verified.clear()
        self._reach.clear()
        refusal: CasebookError | None = None
        for commit in commits:
            try:
                taken = self._verify(commit)
            except (SignatureBadError, ChainBrokenError) as error:
                refusal = error
                self._set_aside(commit, f"{error.code}: {error.__cause__}")
                break
            if taken:
                good.append(commit)
                if self._verified[commit.id].kind == "inv":
                    self._keep(good)
                    good = []
        self._keep(good)
        if refusal is not None:
            raise refusal

    def _keep(self, commits: list[SealedCommit]) -> None:
        if commits:
            self.appended += self._log.append(commits, self._subjects(commits))
            self._directory.learn(commits)
            take_redactions(self._log, self._directory, commits)
            self._reach.clear()
            self._on_kept()

    def _set_aside(self, commit: SealedCommit, why: str) -> None:
        try:
            at_home = commit.parsed.shelf == self._shelf
        except CommitUnreadableError:
            at_home = True
        log = self._log if at_home else self._other_shelf
        if log is not None:
            set_aside(log, pack_commits([commit]), why, self._sender())

    def _verify(self, commit: SealedCommit) -> bool:
        """Tell whether the commit is to be appended: False for one that is held already, or that waits."""
        try:
            header = ledger.check(commit)
        except (CommitUnreadableError, CommitUntrustedError) as error:
            raise _refusal(SignatureBadError, commit) from error
        if self._is_held(header, commit.id):
            return False
        chain = (header.device, header.epoch)
        if chain in self._stopped:
            self.waiting += 1
            return False
        try:
            key = self._author_key(header)
            if key is None:
                self._stop(chain)
                set_aside(self._log, pack_commits([commit]), AUTHOR_UNKNOWN, self._sender())
                return False
            ledger.verify(commit, key)
            if not check_taken_out(commit, self._directory):
                self._stop(chain)
                return False
        except (CommitUnreadableError, CommitUntrustedError) as error:
            raise _refusal(SignatureBadError, commit) from error
        try:
            return self._is_next(header, commit.id)
        except CommitUntrustedError as error:
            raise _refusal(ChainBrokenError, commit) from error

    def _is_held(self, header: Header, id_: CommitId) -> bool:
        """Tell whether a commit is in the log: none beyond the ends of its chain is, and those are asked for once."""
        if header.device not in self._reach:
            reach: dict[Epoch, int] = {}
            for head, _ in self._log.tips_of((), header.device):
                reach[head.epoch] = max(head.sequence, reach.get(head.epoch, 0))
            self._reach[header.device] = reach
        return header.sequence <= self._reach[header.device].get(header.epoch, 0) and self._log.has(id_)

    def _author_key(self, header: Header) -> bytes | None:
        if header.study != self._study:
            raise CommitUntrustedError(why="it is of another study")
        if header.shelf != self._shelf:
            raise CommitUntrustedError(why="it belongs to the other shelf")
        if (header.kind == "srv") != (header.device == self._directory.server.device):
            raise CommitUntrustedError(why="a statement that is not the server's")
        return self._directory.key(header)

    def _is_next(self, header: Header, id_: CommitId) -> bool:
        """Tell whether what the commit follows is held; when it is not, the chain waits for it."""
        if not self._directory.may_write(header) or not self._takes(header):
            raise CommitUntrustedError(why="its chain belongs to another site")
        if header.previous is None:
            if header.sequence != 1:
                raise CommitUntrustedError(why="it follows nothing")
        else:
            parent = self._parent(header.previous)
            if parent is None:
                self._stop((header.device, header.epoch))
                return False
            if parent.site != header.site:
                raise CommitUntrustedError(why="it follows a record of another site")
            in_chain = (parent.device, parent.epoch, parent.sequence + 1)
            if header.sequence != 1 and in_chain != (header.device, header.epoch, header.sequence):
                raise CommitUntrustedError(why="it does not follow the record that it names")
        self._verified[id_] = header
        return True

    def _stop(self, chain: tuple[DeviceId, Epoch]) -> None:
        self._stopped.add(chain)
        self.waiting += 1

    def offer_again(self) -> None:
        """Forget what waited: a new round offers it again."""
        self._stopped.clear()
        self.waiting = 0

    def _parent(self, previous: CommitId) -> Header | None:
        if previous in self._verified:
            return self._verified[previous]
        return self._log.commit(previous).parsed if self._log.has(previous) else None

    def _subjects(self, commits: Sequence[SealedCommit]) -> dict[CommitId, SubjectId]:
        found: dict[CommitId, SubjectId] = {}
        for commit in commits:
            try:
                if not commit.parsed.is_sealed:
                    with suppress(CommitUnreadableError):
                        commit.keep(payloads.read(commit))
                subject = payloads.subject_of(commit, self._identity_key)
            except CommitUnreadableError:
                continue  # it verifies, so it is kept; the projection tells what it cannot read
            if subject is not None:
                found[commit.id] = subject
        return found


def _refusal(
    kind: type[SignatureBadError] | type[ChainBrokenError], commit: SealedCommit
) -> SignatureBadError | ChainBrokenError:
    try:
        header = commit.parsed
    except CommitUnreadableError:
        return kind(device="?", epoch="", sequence=0)
    return kind(device=header.device, epoch=header.epoch, sequence=header.sequence)

"""One shelf of a laptop: a database and a spool that hold the same chains, under one key.

The standard shelf is opened by everybody who has a slot, the unblinding one by those whose slot yields its key.
Neither knows of the other: each has its own chains, receipts, settings and older copies.

Source: docs/store.md, section "Shelves".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from casebook.ids import CommitId, DeviceId, Epoch, RandomBytes, SubjectId, new_epoch
from casebook.ledger import ChainHead
from casebook.store.chunks import ChunkFolder
from casebook.store.commit_log import SqlcipherLog
from casebook.store.healing import received_by
from casebook.store.spool import Spool
from casebook.sync.attachments import all_names
from casebook.sync.copies import BEGUN, note_begun

_EPOCH = "epoch."


@dataclass(slots=True, eq=False)
class Shelf:
    """A shelf, open. One thread.

    Attributes:
        name: `S` or `U`; see `casebook.ledger.shelf_of`.
        chunks: The chunks of attachments whose commits lie here.
        must_begin_epoch: Set (from any thread) when this shelf turned out to be an older copy of itself.
        filing: The subjects of its commits, each with a mark that changes when one more is about it.
    """

    name: str
    log: SqlcipherLog
    spool: Spool
    chunks: ChunkFolder
    must_begin_epoch: bool = False
    filing: dict[SubjectId, str] = field(default_factory=dict)

    def refresh(self, subject: SubjectId | None = None) -> None:
        """Look again which commits are about whom; `subject`: of one only."""
        if subject is None:
            self.filing = dict(self.log.filing())
        else:
            self.filing |= self.log.filing(subject)

    def unsent(self, device: DeviceId) -> Mapping[CommitId, SubjectId | None]:
        """Return the commits of a laptop that the server is not known to have, and whom they are about."""
        found: dict[CommitId, SubjectId | None] = {}
        for head in self.log.heads():
            if head.device == device:
                received = self.log.custody(head.device, head.epoch)
                if received < head.sequence:
                    found |= self.log.filed_after(head.device, head.epoch, received)
        return found

    def tidy_chunks(self) -> None:
        """Take in chunks that were prepared for a commit which stands; remove those whose commit never came to be."""
        if self.chunks.has_prepared:
            named = all_names(self.log)
            self.chunks.settle(named)
            if not self.must_begin_epoch:  # else commits of this laptop are missing here, and may yet come back
                self.chunks.abandon(named)

    # -- small facts ---------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """Return a small fact of this shelf; the spool's copy counts, since a lost database lags."""
        return self.spool.settings().get(name) or self.log.setting(name)

    def settings(self) -> dict[str, str]:
        """Return all of them."""
        return {**self.log.settings(), **self.spool.settings()}

    def set_setting(self, name: str, text: str) -> None:
        """Keep a small fact of this shelf, in both places."""
        self.spool.set_setting(name, text)
        self.log.set_setting(name, text)

    def note_setting(self, name: str, text: str) -> None:
        """Keep a small fact in the spool alone: at once, whoever holds the database. The next opening levels both."""
        self.spool.set_setting(name, text)

    # -- chains --------------------------------------------------------------------------------------

    def head(self, device: DeviceId, site: str, random_bytes: RandomBytes) -> ChainHead:
        """Return where the next commit of a laptop's chain for a site goes.

        A chain begins anew after enrolment, and when the shelf turned out to be an older copy of itself.
        """
        if self.must_begin_epoch:
            sites = {name.removeprefix(_EPOCH) for name in self.settings() if name.startswith(_EPOCH)}
            for place, one in enumerate(sorted({*sites, site})):
                self._begin(device, one, new_epoch(random_bytes), anew=not place)
            self.must_begin_epoch = False
        known = self.setting(f"{_EPOCH}{site}")
        epoch = Epoch(known) if known else new_epoch(random_bytes)
        if not known:
            self._begin(device, site, epoch)
        own = [head for head in self.log.heads() if head.device == device]
        for head in own:
            if head.epoch == epoch:
                return head
        earlier = [head for head in own if head.id is not None and self.log.commit(head.id).parsed.site == site]
        last = max(earlier, key=lambda head: head.sequence, default=None)
        return ChainHead(device=device, epoch=epoch, sequence=0, id=last.id if last else None)

    def _begin(self, device: DeviceId, site: str, epoch: str, *, anew: bool = False) -> None:
        """Keep which epoch a site's chain is in, and that this folder began it: another's are a copy's."""
        held = [head.epoch for head in self.log.heads() if head.device == device]
        self.set_setting(BEGUN, note_begun(self.setting(BEGUN), held, Epoch(epoch), anew=anew))
        self.set_setting(f"{_EPOCH}{site}", epoch)

    def prune(self) -> None:
        """Let the spool go of what the server has."""
        self.spool.prune(received_by(self.log))

    def close(self) -> None:
        """Close both files."""
        self.log.close()
        self.spool.close()

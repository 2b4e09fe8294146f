"""Laptops of the rigs, their folders, and links that misbehave."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from casebook import ledger, payloads
from casebook.clock import Moment
from casebook.crypto import SealingKey, SigningKey
from casebook.ids import new_epoch
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import Payload
from casebook.store import CommitLog
from casebook.sync.bundles import Holder
from casebook.sync.engine import SyncPeer
from casebook.sync.trust import Directory, PersonKey
from tests.casebook.sync.study import START_MS, STUDY, Writer

SHELVES = (STANDARD, UNBLINDING)
Heads = dict[tuple[str, str], ChainHead]


class Ward(Writer):
    """A laptop of the rig: its clock may be wrong, and it files what it seals by subject."""

    clock_ms = START_MS

    def certify(self) -> None:
        """Let the server certify the person's keys, that for sealed files among them."""
        self.person_sealing = SealingKey(self.rng.randbytes(32))
        member = self.server.directory.member(self.user)
        assert member is not None
        key = PersonKey(
            user=self.user,
            device=self.device,
            signing=self.person.public,
            certificate=b"DER",
            sealing=self.person_sealing.public,
        )
        self.server.office.certified(member, key)

    def holder(self) -> Holder:
        """Return the laptop as its person's session has it, to write and read bundles."""
        return Holder(
            laptop=self.laptop(person=self.signer),
            site=self.site,
            logs={STANDARD: self.log, UNBLINDING: self.unblinding},
            directory=self.directory,
            sealing=self.sealing,
            person_sealing=self.person_sealing,
            random_bytes=self.rng.randbytes,
            begin_epoch={shelf: partial(self.leave_epoch, shelf) for shelf in SHELVES},
        )

    def seal(self, draft: CommitDraft, signer: SigningKey | None = None, *, site: str | None = None) -> SealedCommit:
        """Seal as the next commit of the chain of its shelf, at this laptop's own time."""
        shelf = ledger.shelf_of(draft.compartment)
        sealer = Sealer(
            study=STUDY,
            site=site or self.site,
            app_version="1",
            signer=signer or self.person,
            random_bytes=self.rng.randbytes,
        )
        self.clock_ms += 1000
        moment = Moment(utc_ms=self.clock_ms, offset_minutes=480, boot="0", uptime_ms=1)
        commit = ledger.seal(draft, after=self.head_of(shelf), sealer=sealer, moment=moment)
        self._set_head(shelf, ledger.head_after(commit))
        return commit

    def head_of(self, shelf: str) -> ChainHead:
        """Return the end of this laptop's chain of a shelf."""
        if shelf == STANDARD:
            return self.head
        return self.heads.get((shelf, self.site)) or self._new_chain()

    def _set_head(self, shelf: str, head: ChainHead) -> None:
        if shelf == STANDARD:
            self.head = head
        else:
            self.heads[shelf, self.site] = head

    def leave_epoch(self, shelf: str) -> None:
        """Seal nothing more on the epoch in use, as an older copy must."""
        end, fresh = self.head_of(shelf), new_epoch(self.rng.randbytes)
        self._set_head(shelf, ChainHead(device=self.device, epoch=fresh, sequence=0, id=end.id))

    def shelf_log(self, shelf: str) -> CommitLog:
        """Return the log of a shelf."""
        return self.log if shelf == STANDARD else self.unblinding

    def save(self, payload: Payload, shelf: str = STANDARD) -> SealedCommit:
        """Seal and keep, filed by its subject."""
        kind, body = payloads.write(payload)
        commit = self.seal(CommitDraft(kind=kind, author=self.user, body=body, compartment=shelf))
        subject = payloads.subject_of(commit)
        assert subject is not None
        self.shelf_log(shelf).append([commit], {commit.id: subject})
        return commit

    def start_anew(self, folder: "Folder") -> None:
        """Go on from these files, as after a restart: what was learnt is learnt again from them."""
        self.log, self.unblinding = folder.log, folder.unblinding
        self.head, self.heads = folder.head, dict(folder.heads)
        self.directory = Directory(self.server.identity)


@dataclass(frozen=True, slots=True)
class Folder:
    """A laptop's files at one moment."""

    log: CommitLog
    unblinding: CommitLog
    head: ChainHead
    heads: Heads

    @classmethod
    def of(cls, laptop: Ward, copy_log: Callable[[CommitLog], CommitLog]) -> "Folder":
        """Copy a laptop's files."""
        return cls(copy_log(laptop.log), copy_log(laptop.unblinding), laptop.head, dict(laptop.heads))

    def copied(self, copy_log: Callable[[CommitLog], CommitLog]) -> "Folder":
        """Copy the copy, so that it can be put back again."""
        return Folder(copy_log(self.log), copy_log(self.unblinding), self.head, dict(self.heads))


class TwicePeer:
    """The link delivers a request twice and brings back the second answer, as a carrier that tries again does."""

    def __init__(self, peer: SyncPeer) -> None:
        self._peer = peer

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        whole = list(request)
        for _ in self._peer.send(whole):
            pass
        return self._peer.send(whole)


class BusyPeer:
    """While a request is under way something else happens, once."""

    def __init__(self, peer: SyncPeer, meanwhile: Callable[[], None]) -> None:
        self._peer = peer
        self._meanwhile: Callable[[], None] | None = meanwhile

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        return self._peer.send(self._passing(request))

    def _passing(self, request: Iterable[bytes]) -> Iterator[bytes]:
        for data in request:
            yield data
            happening, self._meanwhile = self._meanwhile, None
            if happening is not None:
                happening()

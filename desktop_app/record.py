"""The open record of one laptop: store, spool, open drafts, and the casebooks computed from them.

Owned by the store thread. It seals what people enter as the next commits of this laptop's chain,
always into the spool first, then into the database. It knows keys and commits, no forms.

Source: docs/architecture.md, "One path of data"; docs/store.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from casebook import crypto, ledger, payloads
from casebook.clock import Clock
from casebook.errors import SealedAwayError
from casebook.ids import CommitId, DeviceId, Epoch, RandomBytes, SubjectId, UserId, new_epoch
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import Payload
from casebook.projection import Casebook, evolve, project
from casebook.records import FormKey
from casebook.store.commit_log import SqlcipherLog
from casebook.store.healing import received_by
from casebook.store.spool import OpenEntry, Spool
from desktop_app.drafts import DraftEntry, OpenDraft, group_entries, one_per_form, read_entry, write_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who acts, where, with which keys.

    Attributes:
        signer: The signed-in person's key on this laptop.
        device_signer: The laptop's own key; seals what is not a person's act.
        identity_key: The site's identity key, None on a laptop that was not admitted yet.
    """

    study: str
    site: str
    device: DeviceId
    user: UserId
    signer: crypto.SigningKey
    device_signer: crypto.SigningKey
    device_sealing: crypto.SealingKey
    identity_key: bytes | None
    app_version: str
    clock: Clock
    random_bytes: RandomBytes


DEVICE_USER = UserId("device")
"""The author of what the laptop itself seals."""

_EPOCH = "epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """Commits that the spool has and the database does not yet: its disk was full in between."""

    commits: tuple[SealedCommit, ...]
    subject: SubjectId | None
    closes: OpenDraft | None
    leaves: OpenDraft | None


class Record:
    """The record as this laptop holds it. One thread."""

    def __init__(
        self, log: SqlcipherLog, spool: Spool, seat: Seat, *, on_close: Callable[[], None] = lambda: None
    ) -> None:
        """Read what is held. `log` and `spool` are open and agree (see casebook.store.healing)."""
        self._on_close = on_close
        self.must_begin_epoch = False
        """Set (from any thread) when this folder turned out to be an older copy of itself."""
        self.log = log
        self.spool = spool
        self.seat = seat
        self._casebooks: dict[SubjectId, tuple[str, Casebook]] = {}
        self._filing: dict[SubjectId, str] = {}
        self.unsent: Mapping[CommitId, SubjectId | None] = {}
        """Commits of this laptop that the server has not received, and whom they are about."""
        left, superseded = one_per_form(group_entries(read_entry(entry.body) for entry in spool.open_entries()))
        for draft in superseded:
            spool.close_open(draft.id)
        self._drafts = {draft.key: draft for draft in left if draft.author == seat.user}
        self.left_by_others = tuple(draft for draft in left if draft.author != seat.user)
        """Drafts that other people left open when the program ended."""
        self._owed: list[_Owed] = []
        self.refresh()

    # -- what is held --------------------------------------------------------------------------------

    @property
    def drafts(self) -> Mapping[FormKey, OpenDraft]:
        """The open drafts by form instance."""
        return self._drafts

    def subjects(self) -> Mapping[SubjectId, str]:
        """Return every subject that a held commit is about, with a mark that changes when one more is."""
        return self._filing

    def casebook(self, subject: SubjectId) -> Casebook:
        """Return one subject's casebook, computed at the first question."""
        mark = self._filing.get(subject, "")
        known = self._casebooks.get(subject)
        if known is None or known[0] != mark:
            commits = self.log.commits(subject) if mark else ()
            known = (mark, project(subject, commits, self.seat.identity_key))
            self._casebooks[subject] = known
        return known[1]

    def refresh(self) -> None:
        """Take in what has arrived since the last look."""
        self._filing = dict(self.log.filing())
        unsent: dict[CommitId, SubjectId | None] = {}
        for head in self.log.heads():
            if head.device == self.seat.device:
                received = self.log.custody(head.device, head.epoch)
                if received < head.sequence:
                    unsent |= self.log.filed_after(head.device, head.epoch, received)
        self.unsent = unsent

    def _take_own(self, commits: Sequence[SealedCommit], subject: SubjectId | None) -> None:
        """Grow the casebook by commits that were sealed just now."""
        self.unsent = {**self.unsent, **{commit.id: subject for commit in commits}}
        if subject is None:
            return
        before = self._filing.get(subject, "")
        self._filing |= self.log.filing(subject)
        mark, casebook = self._casebooks.get(subject, ("", Casebook(subject=subject)))
        if mark != before:
            return  # it will be computed when somebody asks
        for commit in commits:
            casebook = evolve(casebook, commit, self.seat.identity_key)
        self._casebooks[subject] = (self._filing[subject], casebook)

    def reopen_with(self, seat: Seat) -> None:
        """Read again with the site's identity key, which has come: what was sealed away finds its subject."""
        self.seat = seat
        found = {commit.id: payloads.subject_of(commit, seat.identity_key) for commit in self.log.unfiled()}
        self.log.file_subjects({commit: subject for commit, subject in found.items() if subject is not None})
        self._casebooks.clear()
        self.refresh()

    # -- open entries --------------------------------------------------------------------------------

    def keep(self, entries: Sequence[DraftEntry]) -> None:
        """Append entries to their draft; durable on return."""
        for entry in entries:
            self.spool.append_open(OpenEntry(draft=entry.draft, body=write_entry(entry)))
            if entry.author != self.seat.user:
                continue  # waits in the spool for who typed it
            draft = self._drafts.get(entry.key)
            if draft is None or draft.id != entry.draft:
                (draft,) = group_entries([entry])
            else:
                draft = draft.with_entries([entry])
            self._drafts[entry.key] = draft

    def keep_beside(self, entries: Sequence[DraftEntry]) -> OpenDraft:
        """Append entries of a draft that follows the one which is about to be sealed; durable on return.

        A crash between the two leaves both, and `one_per_form` tells which one counts.
        """
        for entry in entries:
            self.spool.append_open(OpenEntry(draft=entry.draft, body=write_entry(entry)))
        (draft,) = group_entries(entries)
        return draft

    def let_go(self, draft: OpenDraft) -> None:
        """Forget a draft whose operations are sealed or that has none."""
        self.spool.close_open(draft.id)
        if self._drafts.get(draft.key) is draft:
            del self._drafts[draft.key]

    # -- sealing -------------------------------------------------------------------------------------

    @property
    def epoch(self) -> Epoch | None:
        """The incarnation of this database in which the next commit is sealed."""
        text = self.spool.settings().get(_EPOCH) or self.log.setting(_EPOCH)
        return Epoch(text) if text else None

    def begin_epoch(self) -> Epoch:
        """Begin a new chain: after enrolment, and when this folder turns out to be an older copy."""
        fresh = new_epoch(self.seat.random_bytes)
        self.set_setting(_EPOCH, fresh)
        return fresh

    def setting(self, name: str) -> str | None:
        """Return a small fact of this laptop; the spool's copy counts, since a lost database lags."""
        return self.spool.settings().get(name) or self.log.setting(name)

    def set_setting(self, name: str, text: str) -> None:
        """Keep a small fact of this laptop, in both places."""
        self.spool.set_setting(name, text)
        self.log.set_setting(name, text)

    def _head(self) -> ChainHead:
        own = [head for head in self.log.heads() if head.device == self.seat.device]
        if self.must_begin_epoch:
            self.begin_epoch()
            self.must_begin_epoch = False
        epoch = self.epoch or self.begin_epoch()
        for head in own:
            if head.epoch == epoch:
                return head
        last = max(own, key=lambda head: head.sequence, default=None)
        return ChainHead(device=self.seat.device, epoch=epoch, sequence=0, id=last.id if last else None)

    def seal(
        self,
        written: Iterable[tuple[Payload, str]],
        *,
        subject: SubjectId | None = None,
        closes: OpenDraft | None = None,
        leaves: OpenDraft | None = None,
        as_device: bool = False,
    ) -> tuple[SealedCommit, ...]:
        """Seal payloads, each in its compartment, as the next commits; durable on return.

        Args:
            subject: Whom they are about; files what is sealed to the site.
            closes: The draft whose entries they hold.
            leaves: The draft that stands in the form from then on; see `keep_beside`.
            as_device: The laptop's act, not the person's.
        """
        self.catch_up()
        commits: list[SealedCommit] = []
        head = self._head()
        for payload, compartment in written:
            commit = self._seal_one(payload, compartment, head, as_device=as_device)
            commits.append(commit)
            head = ledger.head_after(commit)
        self.spool.append_sealed_together(commits, subject=subject, closes=closes.id if closes else None)
        self._owed.append(_Owed(commits=tuple(commits), subject=subject, closes=closes, leaves=leaves))
        self.catch_up()
        return tuple(commits)

    def catch_up(self) -> None:
        """Give the database what it owes the spool; whoever decides from the record does this first.

        A disk may fill up between the two. What is entered next then names entries that the database
        has, and a save goes on from the chain's real end. Until then the draft stays in its form.

        Raises:
            DiskFullError, DiskFailedError: The disk still refuses.
        """
        while self._owed:
            owed = self._owed[0]
            self.log.append(owed.commits, {commit.id: owed.subject for commit in owed.commits} if owed.subject else {})
            del self._owed[0]
            if owed.closes is not None:
                self._replace(owed.closes, owed.leaves)
            self._take_own(owed.commits, owed.subject)

    def _replace(self, sealed: OpenDraft, leaves: OpenDraft | None) -> None:
        """Take a sealed draft out of its form, but for what could not be sealed."""
        draft = self._drafts.get(sealed.key)
        if draft is None or draft.id != sealed.id:
            return
        del self._drafts[sealed.key]
        if leaves is not None:
            self._drafts[sealed.key] = leaves

    def _seal_one(self, payload: Payload, compartment: str, head: ChainHead, *, as_device: bool) -> SealedCommit:
        seat = self.seat
        if compartment == ledger.IDENTITY and seat.identity_key is None:
            raise SealedAwayError
        kind, body = payloads.write(payload)
        return ledger.seal(
            CommitDraft(kind=kind, author=DEVICE_USER if as_device else seat.user, body=body, compartment=compartment),
            after=head,
            sealer=Sealer(
                study=seat.study,
                site=seat.site,
                app_version=seat.app_version,
                signer=seat.device_signer if as_device else seat.signer,
                random_bytes=seat.random_bytes,
                identity_key=seat.identity_key,
            ),
            moment=seat.clock(),
            anchor=self.log.last_serial(),
        )

    def prune(self) -> None:
        """Let the spool go of what the server has."""
        self.spool.prune(received_by(self.log))

    def close(self) -> None:
        """Close both files."""
        self.log.close()
        self.spool.close()
        self._on_close()

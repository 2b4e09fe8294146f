"""The open record of one laptop: its shelves, open drafts, and the casebooks computed from them.

Owned by the store thread. It seals what people enter as the next commits of this laptop's chains,
always into the spool first, then into the database. It knows keys and commits, no forms.

A save may belong to both shelves. What is sealed first does not close the draft; the part in the shelf where
the draft lies is sealed last and closes it. A crash in between repeats the first part with the same bases,
which says the same once more and is no conflict.

Source: docs/architecture.md, "One path of data"; docs/store.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from casebook import crypto, ledger, payloads
from casebook.clock import Clock
from casebook.errors import SealedAwayError
from casebook.ids import CommitId, DeviceId, RandomBytes, SubjectId, UserId, new_id
from casebook.ledger import CommitDraft, SealedCommit, Sealer
from casebook.links import NO_LINKS, Links, joined
from casebook.payloads import Payload
from casebook.projection import Casebook, evolve, project
from casebook.records import FormKey
from casebook.store.spool import OpenEntry
from desktop_app.drafts import DraftEntry, OpenDraft, group_entries, one_per_form, read_entry, write_entry
from desktop_app.evidence import Places
from desktop_app.shelf import Shelf


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """Commits that a spool has and its database does not yet: its disk was full in between."""

    shelf: Shelf
    commits: tuple[SealedCommit, ...]
    subject: SubjectId | None
    closes: OpenDraft | None = None
    leaves: OpenDraft | None = None


class Record:
    """The record as this laptop and this session hold it. One thread."""

    def __init__(self, shelves: Sequence[Shelf], seat: Seat, *, on_close: Callable[[], None] = lambda: None) -> None:
        """Read what is held.

        Args:
            shelves: The standard one, then the unblinding one where the session opened it; each is open, and its
                database and spool agree (see casebook.store.healing).
        """
        self._on_close = on_close
        self.shelves = tuple(shelves)
        self.seat = seat
        self._casebooks: dict[SubjectId, tuple[str, Casebook]] = {}
        self._filing: dict[SubjectId, str] = {}
        self.places = Places(self.shelves)
        """Where each commit is."""
        self.unsent: Mapping[CommitId, SubjectId | None] = {}
        """Commits of this laptop that the server has not received, and whom they are about."""
        self._lies: dict[str, Shelf] = {}
        self._drafts: dict[FormKey, OpenDraft] = {}
        self.left_by_others: tuple[OpenDraft, ...] = ()
        """Drafts that other people left open when the program ended."""
        self._owed: list[_Owed] = []
        self.held: frozenset[CommitId] = frozenset()
        """Commits that a verdict holds: they stay in the record and give no value; see `hold`."""
        self.links: Links = NO_LINKS
        """Which subjects are one person; see `link`."""
        self._read_drafts()
        self._file_what_came_sealed()
        self.refresh()

    def _read_drafts(self) -> None:
        found: list[OpenDraft] = []
        for shelf in self.shelves:
            drafts = group_entries(read_entry(entry.body) for entry in shelf.spool.open_entries())
            self._lies |= {draft.id: shelf for draft in drafts}
            found += drafts
        left, superseded = one_per_form(found)
        for draft in superseded:
            self._lies.pop(draft.id).spool.close_open(draft.id)
        self._drafts = {draft.key: self._at_home(draft) for draft in left if draft.author == self.seat.user}
        self.left_by_others = tuple(draft for draft in left if draft.author != self.seat.user)

    def _at_home(self, draft: OpenDraft) -> OpenDraft:
        """Bring a draft of this person's to where they work: it was begun while the other shelf was closed to them."""
        if self._lies[draft.id] is self.home:
            return draft
        fresh = new_id(self.seat.random_bytes)
        moved = self.keep_beside([replace(entry, draft=fresh) for entry in draft.entries])
        self._lies.pop(draft.id).spool.close_open(draft.id)
        return moved

    # -- what is held --------------------------------------------------------------------------------

    @property
    def standard(self) -> Shelf:
        """The shelf that everybody of the site opens."""
        return self.shelves[0]

    @property
    def home(self) -> Shelf:
        """The shelf that keeps this session's own traces: nothing of it may show where fewer people look."""
        return self.shelves[-1]

    @property
    def opens_unblinding(self) -> bool:
        """Whether the session holds the shelf of what could tell the treatment."""
        return self.home.name == ledger.UNBLINDING

    @property
    def drafts(self) -> Mapping[FormKey, OpenDraft]:
        """The open drafts by form instance."""
        return self._drafts

    def lies_in(self, draft: OpenDraft) -> Shelf:
        """Return the shelf whose spool holds a draft."""
        return self._lies.get(draft.id, self.home)

    def subjects(self) -> Mapping[SubjectId, str]:
        """Return every subject that a held commit is about, with a mark that changes when one more is.

        What was written of last stands at the end, as far as it came before the last `refresh`.
        """
        return self._filing

    def rests_on(self, subject: SubjectId) -> str:
        """Return a mark of all that a subject's casebook rests on in this session; it changes when any of it does."""
        held = crypto.sha256(" ".join(sorted(self.held)).encode("ascii")).hex()[:16] if self.held else "-"
        reads = "identity" if self.seat.identity_key is not None else "-"
        return f"{reads} {held} {self._filing.get(subject, '')}"

    def commits(self, subject: SubjectId | None = None) -> Iterator[SealedCommit]:
        """Yield all commits held, or those about a subject, shelf by shelf in order of arrival."""
        for shelf in self.shelves:
            yield from shelf.log.commits(subject)

    def commit(self, commit: CommitId) -> SealedCommit:
        """Return one commit. Raises KeyError when it is in no shelf of this session."""
        for shelf in self.shelves:
            if shelf.log.has(commit):
                return shelf.log.commit(commit)
        raise KeyError(commit)

    def shelf_with(self, commit: CommitId) -> Shelf:
        """Return the shelf in which a commit that is held lies."""
        return next(shelf for shelf in self.shelves if shelf.log.has(commit))

    def casebook(self, subject: SubjectId) -> Casebook:
        """Return one subject's casebook, computed at the first question, with those of the same person beside it."""
        return joined(self._own(subject), self.links, self._own)

    def _own(self, subject: SubjectId) -> Casebook:
        mark = self._filing.get(subject, "")
        known = self._casebooks.get(subject)
        if known is None or known[0] != mark:
            commits = self.commits(subject) if mark else ()
            known = (mark, project(subject, commits, self.seat.identity_key, self.held))
            self._casebooks[subject] = known
        return known[1]

    def refresh(self) -> None:
        """Take in what has arrived since the last look."""
        for shelf in self.shelves:
            shelf.refresh()
        everybody = dict.fromkeys(subject for shelf in self.shelves for subject in shelf.filing)
        self._filing = {subject: self._mark(subject) for subject in everybody}
        unsent: dict[CommitId, SubjectId | None] = {}
        for shelf in self.shelves:
            unsent |= shelf.unsent(self.seat.device)
        self.unsent = unsent
        self.places.forget()

    def _mark(self, subject: SubjectId) -> str:
        return "; ".join(shelf.filing.get(subject, "") for shelf in self.shelves)

    def last_told_ms(self) -> int | None:
        """Return the latest time that the server told (milliseconds since 1970 UTC), or None."""
        return max((told for shelf in self.shelves if (told := shelf.log.last_told_ms()) is not None), default=None)

    def _take_own(self, shelf: Shelf, commits: Sequence[SealedCommit], subject: SubjectId | None) -> None:
        """Grow the casebook by commits that were sealed just now."""
        self.unsent = {**self.unsent, **{commit.id: subject for commit in commits}}
        if subject is None:
            return
        before = self._filing.get(subject, "")
        shelf.refresh(subject)
        self._filing[subject] = self._mark(subject)
        mark, casebook = self._casebooks.get(subject, ("", Casebook(subject=subject)))
        if mark != before:
            return  # it will be computed when somebody asks
        for commit in commits:
            casebook = evolve(casebook, commit, self.seat.identity_key, self.held)
        self._casebooks[subject] = (self._filing[subject], casebook)

    def hold(self, held: frozenset[CommitId]) -> None:
        """Leave other commits out of the values from now on."""
        if held != self.held:
            self.held = held
            self._casebooks.clear()

    def link(self, links: Links) -> None:
        """Show subjects that are one person beside each other from now on."""
        self.links = links

    def reopen_with(self, seat: Seat) -> None:
        """Read again with the site's identity key, which has come: what was sealed away finds its subject."""
        self.seat = seat
        self._file_what_came_sealed()
        self._casebooks.clear()
        self.refresh()

    def seal_away(self) -> None:
        """Go on without the site's identity key: the person's role does not see names."""
        self.seat = replace(self.seat, identity_key=None)
        self._casebooks.clear()

    @property
    def admitted(self) -> bool:
        """Whether this laptop has the site's identity key, whoever is signed in."""
        return self.seat.identity_key is not None or self.standard.setting("identity_key") is not None

    def _file_what_came_sealed(self) -> None:
        """File by subject what arrived in the session of somebody who could not read whose it is."""
        key = self.seat.identity_key
        if key is None:
            return
        for shelf in self.shelves:
            found = {commit.id: payloads.subject_of(commit, key) for commit in shelf.log.unfiled()}
            known = {commit: subject for commit, subject in found.items() if subject is not None}
            if known:
                shelf.log.file_subjects(known)

    # -- open entries --------------------------------------------------------------------------------

    def keep(self, entries: Sequence[DraftEntry]) -> None:
        """Append entries to their draft; durable on return."""
        for entry in entries:
            shelf = self._lies.setdefault(entry.draft, self.home)
            shelf.spool.append_open(OpenEntry(draft=entry.draft, body=write_entry(entry)))
            if entry.author != self.seat.user:
                continue  # waits in the spool for who typed it
            draft = self._drafts.get(entry.key)
            if draft is None or draft.id != entry.draft:
                (draft,) = group_entries([entry])
            else:
                draft = draft.with_entries([entry])
            self._drafts[entry.key] = draft

    def keep_beside(self, entries: Sequence[DraftEntry], shelf: Shelf | None = None) -> OpenDraft:
        """Append entries of a draft that follows the one which is about to be sealed; durable on return.

        A crash between the two leaves both, and `one_per_form` tells which one counts.
        """
        where = shelf or self.home
        for entry in entries:
            self._lies[entry.draft] = where
            where.spool.append_open(OpenEntry(draft=entry.draft, body=write_entry(entry)))
        (draft,) = group_entries(entries)
        return draft

    def let_go(self, draft: OpenDraft) -> None:
        """Forget a draft whose operations are sealed or that has none."""
        self.lies_in(draft).spool.close_open(draft.id)
        self._lies.pop(draft.id, None)
        if self._drafts.get(draft.key) is draft:
            del self._drafts[draft.key]

    # -- sealing -------------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """Return a small fact that this session kept for itself."""
        return self.home.setting(name)

    def set_setting(self, name: str, text: str) -> None:
        """Keep a small fact of this session's, in its home shelf."""
        self.home.set_setting(name, text)

    def note_setting(self, name: str, text: str) -> None:
        """Keep a small fact of this session's without waiting for its database; see `Shelf.note_setting`."""
        self.home.note_setting(name, text)

    def seal(
        self,
        written: Iterable[tuple[Payload, str]],
        *,
        subject: SubjectId | None = None,
        closes: OpenDraft | None = None,
        leaves: OpenDraft | None = None,
        as_device: bool = False,
        site: str | None = None,
    ) -> tuple[SealedCommit, ...]:
        """Seal payloads, each in its compartment and shelf, as the next commits; durable on return.

        Args:
            subject: Whom they are about; files what is sealed to the site.
            closes: The draft whose entries they hold.
            leaves: The draft that stands in the form from then on; see `keep_beside`.
            as_device: The laptop's act, not the person's.
            site: Whose chains they join; else the subject's site, else this laptop's.

        Raises:
            SealedAwayError: There is no key for identity data, or no shelf for what is unblinding.
            DiskFullError, DiskFailedError: The disk refuses; the draft stays open.
        """
        self.catch_up()
        parts: dict[str, list[tuple[Payload, str]]] = {}
        for payload, compartment in written:
            parts.setdefault(ledger.shelf_of(compartment), []).append((payload, compartment))
        if not parts.keys() <= {shelf.name for shelf in self.shelves}:
            raise SealedAwayError
        last = self.lies_in(closes) if closes is not None else self.home
        chain = site or self._site_of(subject)
        sealed: list[SealedCommit] = []
        for shelf in sorted(self.shelves, key=lambda one: one is last):
            closing = closes if shelf is last else None
            commits = self._seal_part(shelf, parts.get(shelf.name, ()), chain, as_device=as_device)
            if commits or closing is not None:
                shelf.spool.append_sealed_together(commits, subject=subject, closes=closing.id if closing else None)
                left = leaves if closing else None
                self._owed.append(_Owed(shelf=shelf, commits=commits, subject=subject, closes=closing, leaves=left))
            sealed += commits
        self.catch_up()
        return tuple(sealed)

    def _site_of(self, subject: SubjectId | None) -> str:
        return (self.casebook(subject).site if subject is not None else "") or self.seat.site

    def _seal_part(
        self, shelf: Shelf, written: Iterable[tuple[Payload, str]], site: str, *, as_device: bool
    ) -> tuple[SealedCommit, ...]:
        commits: list[SealedCommit] = []
        for payload, compartment in written:
            head = (
                ledger.head_after(commits[-1])
                if commits
                else shelf.head(self.seat.device, site, self.seat.random_bytes)
            )
            kind, body = payloads.write(payload)
            seat = self.seat
            author = DEVICE_USER if as_device else seat.user
            sealer = Sealer(
                study=seat.study,
                site=site,
                app_version=seat.app_version,
                signer=seat.device_signer if as_device else seat.signer,
                random_bytes=seat.random_bytes,
                identity_key=seat.identity_key,
            )
            outside = payloads.OUTSIDE.get(kind, ())
            draft = CommitDraft(kind=kind, author=author, body=body, compartment=compartment, outside=outside)
            anchor = shelf.log.last_serial()
            commits.append(ledger.seal(draft, after=head, sealer=sealer, moment=seat.clock(), anchor=anchor))
        return tuple(commits)

    def catch_up(self) -> None:
        """Give the databases what they owe the spools; whoever decides from the record does this first.

        A disk may fill up between the two. What is entered next then names entries that the database
        has, and a save goes on from the chain's real end. Until then the draft stays in its form.

        Raises:
            DiskFullError, DiskFailedError: The disk still refuses.
        """
        while self._owed:
            owed = self._owed[0]
            if owed.commits:
                about = {commit.id: owed.subject for commit in owed.commits} if owed.subject else {}
                owed.shelf.log.append(owed.commits, about)
            del self._owed[0]
            if owed.closes is not None:
                self._replace(owed.closes, owed.leaves)
            self._take_own(owed.shelf, owed.commits, owed.subject)

    def _replace(self, sealed: OpenDraft, leaves: OpenDraft | None) -> None:
        """Take a sealed draft out of its form, but for what could not be sealed."""
        self._lies.pop(sealed.id, None)
        draft = self._drafts.get(sealed.key)
        if draft is None or draft.id != sealed.id:
            return
        del self._drafts[sealed.key]
        if leaves is not None:
            self._drafts[sealed.key] = leaves

    def redact(self, redaction: SealedCommit) -> None:
        """Let every copy on this laptop forget what a redaction that was sealed here takes out; durable on return."""
        for shelf in self.shelves:
            if shelf.name == redaction.parsed.shelf:
                shelf.log.redact(redaction)
                shelf.spool.redact(shelf.log.redactions())
        self._casebooks.clear()
        self.refresh()

    def prune(self) -> None:
        """Let the spools go of what the server has."""
        for shelf in self.shelves:
            shelf.prune()

    def close(self) -> None:
        """Close all files."""
        for shelf in self.shelves:
            shelf.close()
        self._on_close()

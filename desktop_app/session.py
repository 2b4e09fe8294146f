"""What a signed-in person can do: enter, correct, complete, print, sign, admit, lock.

Every method but `certify_person` runs on the store thread, and returns an immutable snapshot; refusals
are `casebook.errors.CasebookError`s. The session gathers, `casebook.decisions` decides, the record keeps.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from casebook import decisions
from casebook.checks import Finding
from casebook.design import Severity, StudyDesign, Text, VisitKind
from casebook.errors import SealedAwayError, UnavailableError, UnknownItemError
from casebook.ids import DeviceId, SubjectId, UserId, new_id, new_subject_id, subject_number
from casebook.ledger import STANDARD
from casebook.payloads import SubjectPayload
from casebook.projection import FiredEntry
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, VisitKey
from casebook.store.vault_files import VaultFolder
from casebook.timekeeping import Anchor
from desktop_app import custody, return_place, trails, views
from desktop_app.agenda import Agenda
from desktop_app.attaching import Attaching
from desktop_app.auditing import Auditing
from desktop_app.bundling import Bundling
from desktop_app.clock_keeping import ClockKeeping
from desktop_app.custody import Place, joined_notices
from desktop_app.earlier import earlier_values
from desktop_app.exporting import Exported
from desktop_app.joined_views import with_also
from desktop_app.key_ring import KeyRing
from desktop_app.oversight import SessionOversight
from desktop_app.preferences import keep_preference, preferences
from desktop_app.record import Record
from desktop_app.redacting import Redacting
from desktop_app.releases import words_of_version
from desktop_app.session_custody import SessionCustody
from desktop_app.session_paper import SessionPaper
from desktop_app.session_sync import SessionSync
from desktop_app.snapshots import (
    CasebookView,
    DocumentRow,
    EarlierValue,
    FormView,
    InstanceRow,
    PaperItem,
    Person,
    Running,
    SubjectRow,
    TrailLine,
    UndoLine,
)
from desktop_app.staff import Staff
from desktop_app.sync_plan import PauseKind
from desktop_app.sync_snapshots import SyncView
from desktop_app.undoing import Undoing
from desktop_app.version_snapshots import VersionsView
from desktop_app.workbench import Workbench


class Session:
    """One person's session on one laptop."""

    def __init__(
        self,
        record: Record,
        design: StudyDesign,
        place: Place,
        ring: KeyRing,
        *,
        earlier: tuple[StudyDesign, ...] = (),
        notice: Text | None = None,
        folder: VaultFolder,
        bundling: Bundling,
        training: bool = False,
    ) -> None:
        """Take over an open record; seals what a crash left open.

        Args:
            design: The study as it is released now.
            earlier: Its earlier versions, the earliest first; one of them may be in force at the site.
            notice: What was found and healed when the record was opened, for the user to read.
            folder: The laptop's.
            bundling: Writes and reads bundles beside this session.
        """
        self._healed = notice
        self._folder = folder
        self.bundling = bundling
        self._bench = Workbench(record, design, place, ring, earlier, training=training)
        self._record = record
        self._sync = SessionSync(self._bench)
        self._paper = SessionPaper(self._bench)
        self.custody = SessionCustody(self._bench, folder, bundling)
        self.audit = Auditing(self._bench)
        self.staff = Staff(self._bench, self.audit.time_of)
        self.redacting = Redacting(self._bench)
        self.oversight = SessionOversight(self._bench, self.audit.time_of)
        self.agenda = Agenda(self._bench, self.oversight, self._look_again)
        self.same_person = self.oversight.same_person
        self._undoing = Undoing(self._bench)
        self._bench.printed_signatures = self.oversight.printed
        self.attachments = Attaching(self._bench, self.oversight.refuse_if_closed)
        self._person = self._bench.person
        self._seal_what_was_left()
        self._clocks = ClockKeeping(self._bench)
        self.staff.begin()
        self.custody.begin()
        self._clocks.look()
        self._sync.hand_over_unblinding()

    # -- who and where -------------------------------------------------------------------------------

    @property
    def design(self) -> StudyDesign:
        """The study, in the version that is in force at this site, as far as this person may know it."""
        return self._bench.design

    @property
    def blinded(self) -> bool:
        """Whether this session holds nothing but what is open to blinded people."""
        return self._bench.blinded

    @property
    def training(self) -> bool:
        """Whether everything here is for practice: nothing of it counts, or leaves as a record."""
        return self._bench.training

    @property
    def notice(self) -> Text | None:
        """What was healed when the record was opened, and which version of the study waits here."""
        return joined_notices(self._healed, self._bench.waits, self.staff.notice)

    @property
    def site(self) -> str:
        """The site's number."""
        return self._bench.place.site

    @property
    def site_name(self) -> str:
        """The site's name."""
        return self._bench.place.site_name

    def present(self) -> datetime:
        """Return the present on the wall clock of the study's sites. On any thread."""
        return self._record.seat.clock().local

    def remembered(self, name: str) -> str:
        """Return what this laptop remembers of how its windows are used, "" for nothing; quick."""
        return str(preferences(self._folder.path).get(name, ""))

    def remember(self, name: str, value: str) -> None:
        """Remember something of how this laptop's windows are used, for whoever signs in."""
        keep_preference(self._folder.path, name, value or None)

    @property
    def laptop_letter(self) -> str:
        """The laptop's letter in subject numbers."""
        return self._bench.place.letter

    @property
    def person(self) -> Person:
        """Who is signed in, and what they may do, as the store thread knew it last: windows ask at any time."""
        return self._person

    def people(self) -> tuple[Person, ...]:
        """Return the people of the site."""
        self._look_again()
        return tuple(self._bench.person_of(one.user) for one in self._bench.directory.staff(self.site))

    # -- versions of the study -----------------------------------------------------------------------

    def versions(self) -> VersionsView:
        """Return the versions of the study, and what the next one does here."""
        return self._bench.study.now().view(self._record.casebook(subject) for subject in self._record.subjects())

    def versions_paper(self) -> bytes:
        """Return the same as a PDF. Raises Refusal."""
        return self._paper.versions(self.versions())

    # -- reading -------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        """Look which version of the study is in force, and what the person may do today."""
        self._bench.look_at_versions()
        self.oversight.learn()
        self._person = self._bench.person

    def query_trace(self, key: FormKey, check: str, path: ItemPath) -> tuple[FiredEntry, ...]:
        """Return when a finding opened and closed, oldest first; what is not saved yet is left out."""
        self._bench.refuse_hidden(key)
        return self._record.casebook(key.subject).form(key).fired.get((check, path), ())

    def subjects(self) -> tuple[SubjectRow, ...]:
        """Return all subjects, in order of number; windows ask `agenda`, which does not keep them waiting."""
        return self.agenda.subjects(whole=True).rows

    def casebook(self, subject: SubjectId) -> CasebookView:
        """Return one subject's casebook, with the forms that the version in force does not ask for."""
        self._look_again()
        around = self._bench.around()
        view = views.casebook_view(self._bench.reader(subject), around)
        also = self._record.casebook(subject).also
        view = with_also(view, [views.casebook_view(self._bench.reader(one.subject), around) for one in also])
        if view.into is not None:
            view = replace(view, into=(view.into[0], self._record.casebook(view.into[0]).number), due=())
        casebook, releases = self._record.casebook(subject), self._bench.study.now()
        newer = sum(1 for state in casebook.forms.values() if releases.is_newer(state))
        return replace(
            view,
            sealed_away=view.sealed_away if self._bench.permissions.sees_identity else 0,
            newer_version_needed=view.newer_version_needed + newer,
            running=(*view.running, *releases.rows_of_strangers(casebook, self._bench.at_home)),
        )

    def site_forms(self) -> tuple[InstanceRow, ...]:
        """Return the forms about the site itself."""
        self._look_again()
        return views.running_rows(
            self._bench.reader(self._bench.site_file), self._bench.around(), {VisitKind.SITE: Running.SITE}
        )

    def form(self, key: FormKey) -> FormView:
        """Return one form as it stands, with what other versions of it recorded. Raises OtherVersionError."""
        self._bench.refuse_hidden(key)
        releases, state = self._bench.study.now(), self._record.casebook(key.subject).form(key)
        home = self._bench.study.home(self._bench.design, key)
        around = self._bench.around(home)
        reader = self._bench.reader(key.subject, design=None if home is self._bench.design else home)
        view = views.form_view(reader, key, around)
        newer = releases.is_newer(state)
        if self.oversight.is_closed(key):
            view = views.at_rest(view)
        note = words_of_version(home, newer=newer) if newer or home is not self._bench.design else None
        permissions = self._bench.permissions
        editable = view.editable and home is self._bench.design and not newer
        return replace(
            view,
            orphans=trails.orphans(view.form, state, around),
            editable=editable,
            undo=self._undoing.line(key) if editable else None,
            design=None if home is self._bench.design else home,
            note=note or permissions.why_read_only(key.form),
            refusals=permissions.of_form(key.form),
        )

    def trail(self, key: FormKey, path: ItemPath) -> tuple[TrailLine, ...]:
        """Return an item's history, oldest first: entries, and queries; what is not sealed yet comes last."""
        self._bench.refuse_hidden(key)
        home = self._bench.study.home(self._bench.design, key)
        _, item = decisions.find_item(home.form(key.form), path)
        reader = self._bench.reader(key.subject, design=None if home is self._bench.design else home)
        return trails.item_trail(reader, key, path, item, self._bench.around(home))

    def units_used(self, form_oid: str) -> Mapping[str, str]:
        """Return in which unit the quantities of a form were reported last at this site, by the item's name."""
        return self._bench.units_used(form_oid)

    def earlier(self, key: FormKey) -> Mapping[ItemPath, EarlierValue]:
        """Return the last earlier value of each item of a form, as far as this session reads it."""
        self._bench.refuse_hidden(key)
        home = self._bench.study.home(self._bench.design, key)
        return earlier_values(self._bench.reader(key.subject, design=None if home is self._bench.design else home), key)

    # -- entering ------------------------------------------------------------------------------------

    def add_subject(self) -> SubjectRow:
        """Add a subject under this laptop's next number; offline as well as online.

        Raises:
            NumbersExhaustedError: All 999 numbers of this laptop are used.
            NotForBlindedError: What belongs to a new subject is not open to this person.
            Refusal: The person does not enter data here today.
        """
        self._bench.refuse_unless_whole()
        self._bench.permissions.require("enter")
        self._record.catch_up()
        used = custody.numbers_used(self._record, self._bench.place)
        subject = new_subject_id(self._record.seat.random_bytes)
        number = subject_number(self.site, self.laptop_letter, used + 1)
        payload = SubjectPayload(subject=subject, number=number, site=self.site)
        self._record.seal([(payload, STANDARD)], subject=subject)
        return views.subject_row(self._bench.reader(subject), self._bench.around())

    def add_unscheduled(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for a form outside the plan; it exists once something is entered in it. Raises Refusal."""
        self._bench.permissions.require("enter", form_oid)
        visit = self._bench.visit_of(VisitKind.UNSCHEDULED, form_oid)
        repeat = new_id(self._record.seat.random_bytes)
        return FormKey(subject=subject, visit=VisitKey(visit=visit, repeat=repeat), form=form_oid)

    def add_event(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for one more instance of an event's form; it exists once something is entered in it.

        Raises:
            Refusal: The person does not enter that form today.
        """
        self._bench.permissions.require("enter", form_oid)
        visit = self._bench.visit_of(VisitKind.EVENT, form_oid)
        repeat = new_id(self._record.seat.random_bytes)
        return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form_oid, repeat=repeat)

    def keep(
        self,
        key: FormKey,
        path: ItemPath,
        raw: str,
        *,
        unit: str | None = None,
        missing: MissingCode | None = None,
        reason: str | None = None,
    ) -> FormView:
        """Keep one entry, durably; "" without `missing` clears. Text that cannot be read is kept as typed.

        Raises:
            ReasonRequiredError: A recorded value stands here and no reason was given.
            SealedAwayError, OtherVersionError: No key for identity data; the version in force does not ask this.
            Refusal: The person does not enter that form today.
        """
        self._ask(key)
        with self._undoing.watch(key, (path,)):
            self._bench.entering.keep(key, path, raw, unit=unit, missing=missing, reason=reason)
        return self.form(key)

    def keep_together(
        self, key: FormKey, given: Sequence[tuple[ItemPath, str, str | None]], *, reason: str | None = None
    ) -> FormView:
        """Keep values of several items, durably, or none where one of them is refused: path, text, unit of each.

        Raises:
            UnreadableItemError, ReasonRequiredError, SealedAwayError, OtherVersionError, Refusal: As `keep`.
        """
        self._ask(key)
        with self._undoing.watch(key, [path for path, _, _ in given]):
            self._bench.entering.keep_together(key, given, reason=reason)
        return self.form(key)

    def undo(self, key: FormKey) -> tuple[FormView, UndoLine]:
        """Put back what stood before the last entry of this session in a form, as a new entry; tell what it was.

        Raises:
            NothingToUndoError: Nothing was entered here that still stands, or the form is signed.
            OtherVersionError, SealedAwayError, Refusal: As `keep`.
        """
        self._ask(key)
        line = self._undoing.undo(key)
        return self.form(key), line

    def add_row(self, key: FormKey, group: str) -> FormView:
        """Add a row to a repeating group. Raises Refusal."""
        self._ask(key)
        form, state = self._bench.design.form(key.form), self._record.casebook(key.subject).form(key)
        row = new_id(self._record.seat.random_bytes)
        self._bench.entering.apply(key, decisions.add_row(form, state, group, row))
        return self.form(key)

    def strike_row(self, key: FormKey, group: str, row: str, reason: str) -> FormView:
        """Strike a row through, with a reason; it stays readable. Raises Refusal, ReasonRequiredError."""
        self._ask(key)
        form, state = self._bench.design.form(key.form), self._record.casebook(key.subject).form(key)
        self._bench.entering.apply(key, decisions.strike_row(form, state, group, row, reason))
        return self.form(key)

    def confirm(self, key: FormKey, check: str, path: ItemPath, reason: str) -> FormView:
        """Confirm of a finding that it happened so.

        Raises:
            ReasonRequiredError, UnknownItemError: No reason, or nothing to confirm.
            Refusal: It is for others to confirm (a hard one) or to answer.
        """
        self._ask(key)
        finding = self._finding(key, check, path)
        standing = self._bench.reader(key.subject).values(key).get(path, EMPTY)
        self._bench.entering.answer(
            key,
            decisions.confirm(self._bench.design.form(key.form), finding, standing, reason),
            hard=finding.severity is Severity.HARD,
        )
        return self.form(key)

    def _ask(self, key: FormKey) -> None:
        """Get ready to change a form. Raises OtherVersionError, UnknownItemError."""
        self._record.catch_up()
        self._bench.refuse_hidden(key)
        self._bench.study.refuse_unless_asked(self._bench.design, key)
        self.oversight.refuse_if_closed(key)

    def _finding(self, key: FormKey, check: str, path: ItemPath) -> Finding:
        for finding in self._bench.reader(key.subject).filled(key).findings:
            if (finding.check, finding.path) == (check, path):
                return finding
        raise UnknownItemError(form=key.form, item=check)

    def save(self, key: FormKey) -> FormView:
        """Seal the open entries of a form; nothing happens where there are none.

        No right is asked for: each entry was allowed when it was kept, and what is kept is never left behind.
        """
        self._record.catch_up()
        draft = self._record.drafts.get(key)
        if draft is not None:
            self._clocks.look()
            self._clocks.settle()
            self._bench.entering.seal(draft)
        self._bench.look_at_versions()
        return self.form(key)

    def set_complete(self, key: FormKey, on: bool) -> FormView:
        """Mark a form complete, or take the mark back; seals.

        Raises:
            Refusal, IncompleteFormError, OtherVersionError: See `decisions.set_complete`; it is for others to do.
        """
        self.save(key)
        self._bench.study.refuse_unless_asked(self._bench.design, key)
        self.oversight.refuse_if_closed(key)
        filled = self._bench.reader(key.subject).filled(key)
        done = decisions.set_complete(
            self._bench.design.form(key.form), filled.state, filled.unanswered, filled.findings, on=on
        )
        self._bench.entering.apply(key, done)
        return self.save(key)

    # -- paper ---------------------------------------------------------------------------------------

    def papers(self, subject: SubjectId) -> tuple[PaperItem, ...]:
        """Return what can be printed for a subject."""
        return self._paper.items(subject)

    def paper(self, subject: SubjectId, item: PaperItem) -> bytes:
        """Return an unsigned PDF of what is recorded; open entries are sealed first. Raises Refusal."""
        return self._paper.draw(subject, item)

    def screening_log(self) -> bytes:
        """Return the screening log of the site as a PDF; no identity data stands in it.

        Raises:
            Refusal, NotForBlindedError: It is for others to print.
        """
        self._bench.refuse_unless_whole()
        self._bench.permissions.require("print")
        self._bench.save_all(None)
        return self._paper.log(self.subjects())

    def sign_paper(self, subject: SubjectId, item: PaperItem, passphrase: str, meaning: str) -> DocumentRow:
        """Sign a paper as the signed-in person and seal it into the record, to the site's key.

        Raises:
            Refusal, CertificateMissingError: Somebody else has to sign.
            WrongPassphraseError: The passphrase is not this person's.
            SealedAwayError: This laptop has no identity key yet.
        """
        return self._paper.sign(subject, item, passphrase, meaning)

    def document(self, subject: SubjectId, sha256: str) -> bytes:
        """Return the bytes of a finished document. Raises SealedAwayError, UnknownItemError."""
        return self._paper.document(subject, sha256)

    @property
    def authority(self) -> bytes:
        """The study authority's certificate (DER): what signatures on paper are verified against."""
        return self._bench.place.authority

    def export(self, out: str, kind: str, *, attachments: bool = False) -> Exported:
        """Write what is recorded at this site as files for others; see `desktop_app.exporting`.

        Raises:
            Refusal, NotForBlindedError: It is for others to do.
        """
        return self._paper.export(out, kind, attachments=attachments)

    # -- sync ----------------------------------------------------------------------------------------

    def take_in(
        self,
        message: Text | None = None,
        *,
        older_copy: bool = False,
        anchor: Anchor | None = None,
        withdrawn: bool = False,
    ) -> SyncView:
        """Take in what an exchange brought; after an older copy was put back, begin a new chain.

        Args:
            anchor: The server's time as the exchange heard it.
            withdrawn: The server's word that this laptop takes no part any more.
        """
        if anchor is not None:
            self._clocks.hear(anchor)
        self._clocks.look()
        self._sync.take_in(message, older_copy=older_copy, withdrawn=withdrawn)
        self.oversight.learn()
        return self.counted_view()

    def counted_view(self) -> SyncView:
        """Tell what is where and how many conflicts stand, as far as the site's subjects are worked out."""
        subjects = self.agenda.subjects()
        conflicts = sum(row.conflicts for row in subjects.rows)
        return replace(self.sync_view(), conflicts=conflicts, unread=subjects.unread)

    def sync_view(self) -> SyncView:
        """Tell what is where, and what is to be told of the clock."""
        return replace(self._sync.view(), clock=self._clocks.banner)

    def seal_open(self) -> None:
        """Seal the entries that are open, so that what is written next has them."""
        self._bench.save_all(None)

    def after_bundle(self) -> SyncView:
        """Look again: a bundle was written, and what is in it is not here alone any more."""
        self._record.refresh()
        return self.sync_view()

    def pause_sync(self, kind: PauseKind | None) -> SyncView:
        """Let exchanges of their own accord wait, over the end of the session too; None lets them go on."""
        self._sync.pause(kind)
        return self.sync_view()

    def admit_laptop(self, device: DeviceId) -> SyncView:
        """Seal the site's identity key to another laptop of the site, after its fingerprint was compared.

        Raises:
            Refusal: It is for others to do; see `Permissions.require_managing`.
            SealedAwayError: This laptop has no identity key itself, or the person's role does not see names.
            UnknownItemError: No such laptop of this site is known.
        """
        return self._sync.admit_laptop(device)

    # -- people and keys -----------------------------------------------------------------------------

    def certify_person(self, personal_code: str, passphrase: str) -> UserId:
        """Let a person in on this laptop by a one-time code.

        It asks the server and derives a key, and leaves the record alone: the one call for the sync
        thread, so that nobody's typing waits for it. `note_person` follows.
        """
        return self._bench.ring.certify_person(personal_code, passphrase)

    def note_person(self, user: UserId) -> Person:
        """Note in the record that a person was let in. Their certificate comes with the next exchange."""
        self._bench.note("person-added", {"user": user})
        return self._bench.person_of(user)

    def add_person(self, personal_code: str, passphrase: str) -> Person:
        """Both in one call, where nobody types meanwhile."""
        return self.note_person(self.certify_person(personal_code, passphrase))

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the signed-in person's passphrase. Raises WrongPassphraseError, NotInTrainingError."""
        self._bench.refuse_in_training()
        self._bench.ring.change_passphrase(old, new)
        self._bench.note("passphrase-changed")

    # -- ending --------------------------------------------------------------------------------------

    def keep_place(self, place: str) -> None:
        """Keep where this person stands, to lead them back after a kill too; durable on return. "" forgets it."""
        return_place.keep_place(self._record, place)

    def take_place(self) -> str | None:
        """Return where this person stood when they locked last, once; None where nothing is known."""
        return return_place.take_place(self._record)

    def set_aside(self, key: FormKey, path: ItemPath, raw: str, unit: str | None = None) -> None:
        """Keep text that was typed into a field nobody left: durable, and no value until it is left."""
        self._bench.entering.set_aside(key, path, raw, unit=unit)

    def at_last(self, work: Callable[[], FormView | None]) -> FormView | None:
        """Do `work` of this session for a lock: on a full disk in the room that is kept for it."""
        return self._folder.with_lock_room(work)

    def lock(self, place: str | None = None) -> None:
        """Seal what is open, keep where the person stands, close the store, forget the keys.

        A disk that refuses does not keep it open: what was entered lies in the spool, and is sealed next time.
        """
        if self.custody.ended:
            return  # the laptop was retired: there is nothing left to close
        with contextlib.suppress(UnavailableError):
            return_place.keep_place(self._record, place or "")
            self._bench.save_all(None)
            self._clocks.settle()
            self._bench.note("sign-out")
            self.custody.note_waiting()
        self._record.close()

    def _seal_what_was_left(self) -> None:
        """After a crash: a person's own entries are sealed as theirs, a colleague's as recovered."""
        for draft in self._record.left_by_others:
            if draft.operations:
                with contextlib.suppress(SealedAwayError):  # names: they wait for somebody who may seal them
                    self._bench.entering.seal(draft, recovered_for=draft.author)
        self._bench.save_all(None)

"""What a signed-in person can do: enter, correct, complete, print, sign, admit, lock.

Every method but `certify_person` runs on the store thread, and returns an immutable snapshot; refusals
are `casebook.errors.CasebookError`s. The session gathers, `casebook.decisions` decides, the record keeps.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from casebook import decisions, payloads
from casebook.checks import Finding
from casebook.design import StudyDesign, Text, VisitKind
from casebook.errors import LANGUAGES, SealedAwayError, UnavailableError, UnknownItemError
from casebook.export import ExportFormat
from casebook.ids import DeviceId, SubjectId, UserId, new_id, new_subject_id, site_file_id, subject_number
from casebook.ledger import IDENTITY, STANDARD
from casebook.payloads import BlobPayload, SecurityPayload, SubjectPayload
from casebook.projection import FiredEntry
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, VisitKey
from casebook.sync.trust import Directory
from casebook.versions import Designs
from desktop_app import custody, exporting, return_place, trails, views
from desktop_app.consequences import Consequences, consequences_of
from desktop_app.custody import IDENTITY_INFO, Credentials, Place
from desktop_app.drafts import OpenDraft
from desktop_app.entering import Entering
from desktop_app.exporting import Exported
from desktop_app.paperwork import Paperwork
from desktop_app.reader import Kept, Reader
from desktop_app.record import DEVICE_USER, Record
from desktop_app.releases import words_of_version
from desktop_app.snapshots import (
    CasebookView,
    Custody,
    DocumentRow,
    FormView,
    InstanceRow,
    PaperItem,
    Person,
    Running,
    SubjectRow,
    SyncView,
    TrailLine,
    VersionsView,
)
from desktop_app.study_here import StudyHere
from desktop_app.taken import TakenValues

CLOCK_TOLERANCE_MS = 5 * 60_000
"""How far a laptop's clock may be behind the last time that the server told and still be believed."""


class Session:
    """One person's session on one laptop."""

    def __init__(
        self,
        record: Record,
        design: StudyDesign,
        place: Place,
        credentials: Credentials,
        *,
        earlier: tuple[StudyDesign, ...] = (),
        notice: Text | None = None,
    ) -> None:
        """Take over an open record; seals what a crash left open.

        Args:
            design: The study as it is released now.
            earlier: Its earlier versions, the earliest first; one of them may be in force at the site.
            notice: What was found and healed when the record was opened, for the user to read.
        """
        self._healed = notice
        self._record = record
        self._place = place
        self._credentials = credentials
        self._site_file = site_file_id(design.code, place.site)
        self._directory = Directory(place.identity)
        self._directory.refresh(record.log)
        self._study = StudyHere(record, Designs(current=design, earlier=earlier), self._site_file)
        self._waits = self._study.now().notice
        self._take_up(self._study.now().in_force)
        self._message: Text | None = None
        self._take_identity_key()
        self._seal_what_was_left()
        self._note("sign-in")

    # -- who and where -------------------------------------------------------------------------------

    @property
    def design(self) -> StudyDesign:
        """The study, in the version that is in force at this site."""
        return self._design

    @property
    def notice(self) -> Text | None:
        """What was healed when the record was opened, and which version of the study waits here."""
        said = [one for one in (self._healed, self._waits) if one is not None]
        return Text({one: " ".join(text(one) for text in said) for one in LANGUAGES}) if said else None

    @property
    def site(self) -> str:
        """The site's number."""
        return self._place.site

    @property
    def site_name(self) -> str:
        """The site's name."""
        return self._place.site_name

    @property
    def laptop_letter(self) -> str:
        """The laptop's letter in subject numbers."""
        return self._place.letter

    @property
    def person(self) -> Person:
        """Who is signed in."""
        return self._person(self._record.seat.user)

    def _person(self, user: UserId) -> Person:
        member = self._directory.member(user)
        role = member.role if member else ""
        definition = next((one for one in self._design.roles if one.oid == role), None)
        return Person(
            user=user,
            name=member.name if member else str(user),
            role=role,
            role_label=definition.label if definition else Text({"en": role, "zh": role}),
            rights=definition.rights if definition else frozenset(),
            on_this_laptop=user in self._credentials.on_this_laptop(),
            can_sign=self._directory.person_key(user, self._record.seat.device) is not None
            and definition is not None
            and "sign" in definition.rights,
        )

    def people(self) -> tuple[Person, ...]:
        """Return the people of the site."""
        return tuple(self._person(member.user) for member in self._directory.staff(self._place.site))

    def _name_of(self, user: UserId) -> str:
        if user == DEVICE_USER:
            return f"{self._place.site}-{self._place.letter}"
        member = self._directory.member(user)
        return member.name if member else str(user)

    def _letter_of(self, device: DeviceId) -> str:
        known = self._directory.device(device)
        return known.letter if known else "?"

    # -- versions of the study -----------------------------------------------------------------------

    def _take_up(self, design: StudyDesign) -> None:
        """Ask the questions of a version from now on."""
        self._design = design
        self._kept: dict[SubjectId, Kept] = {}
        self._taken = TakenValues(design, self._record)
        self._entering = Entering(self._record, design, self._study.designs, self._reader_for, self._consequences)

    def _look_at_versions(self) -> None:
        """Take up the version that is in force now; not while entries are open, which belong to their questions."""
        in_force, self._waits = self._study.now().in_force, self._study.now().notice
        if in_force.version != self._design.version and not any(one.operations for one in self._record.drafts.values()):
            self._take_up(in_force)
            self._note("study-version", {"label": in_force.label, "version": in_force.version})

    def versions(self) -> VersionsView:
        """Return the versions of the study, and what the next one does here."""
        return self._study.now().view(self._record.casebook(subject) for subject in self._record.subjects())

    def versions_paper(self) -> bytes:
        """Return the same as a PDF."""
        self._note("print", {"kind": "versions"})
        return self._paperwork(self._site_file).draw_versions(self.versions(), self._place.site)

    # -- reading -------------------------------------------------------------------------------------

    def query_trace(self, key: FormKey, check: str, path: ItemPath) -> tuple[FiredEntry, ...]:
        """Return when a finding opened and closed, oldest first; what is not saved yet is left out."""
        return self._record.casebook(key.subject).form(key).fired.get((check, path), ())

    def _reader(self, subject: SubjectId, only: OpenDraft | None = None, design: StudyDesign | None = None) -> Reader:
        """Return a reader of one subject, all open entries or one draft laid over it; `design`: in another version."""
        drafts = {key: draft for key, draft in self._record.drafts.items() if key.subject == subject}
        return Reader(
            design or self._design,
            self._record.casebook(subject),
            drafts if only is None else {only.key: only},
            self._record.seat.clock().local,
            clock_trusted=self._clock_trusted,
            kept=Kept() if design is not None else self._kept.setdefault(subject, Kept()),
            site=self._reader(self._site_file, design=design) if subject != self._site_file else None,
            taken=self._taken.beside(subject),
        )

    @property
    def _clock_trusted(self) -> bool:
        """Whether the server told a time that this laptop's clock has not fallen behind since."""
        told = self._record.log.last_told_ms()
        return told is not None and self._record.seat.clock().utc_ms >= told - CLOCK_TOLERANCE_MS

    def _at_home(self, subject: SubjectId, home: StudyDesign) -> tuple[Reader, views.Surroundings]:
        return self._reader(subject, design=home), self._around(home)

    def _reader_for(self, key: FormKey) -> Reader:
        return self._reader(key.subject)

    def _consequences(self, draft: OpenDraft) -> Consequences:
        """Return what sealing a draft brings with it."""
        return consequences_of(
            self._reader(draft.key.subject, draft),
            may_enter="enter" in self.person.rights,
            opens_identity=self._record.seat.identity_key is not None,
            is_newer=self._study.now().is_newer,
        )

    def _around(self, design: StudyDesign | None = None) -> views.Surroundings:
        return views.Surroundings(
            design=design or self._design,
            asked_in=self._study.designs.asked_in,
            unsent=frozenset(self._record.unsent),
            name_of=self._name_of,
            letter_of=self._letter_of,
            opens_identity=self._record.seat.identity_key is not None,
            may_enter="enter" in self.person.rights,
            may_sign="confirm" in self.person.rights,
            site=self._place.site,
            letter=self._place.letter,
            offset_minutes=self._design.utc_offset_minutes,
        )

    def subjects(self) -> tuple[SubjectRow, ...]:
        """Return all subjects, in order of number."""
        self._look_at_versions()
        around = self._around()
        open_here = {key.subject for key in self._record.drafts}
        unsent = set(self._record.unsent.values())
        cached = self._record.log.summaries()
        fresh: dict[SubjectId, tuple[str, bytes]] = {}
        rows = []
        for subject, mark in self._record.subjects().items():
            if subject == self._site_file:
                continue
            digest = f"2 {self._design.version[:16]} {mark} {around.opens_identity}"
            known, body = cached.get(subject, ("", b""))
            if known == digest and subject not in open_here:
                row = views.read_row(body, around)
            else:
                row = views.subject_row(self._reader(subject), around)
                if subject not in open_here:
                    fresh[subject] = (digest, views.write_row(row))
            here = subject in open_here or subject in unsent
            rows.append(replace(row, custody=Custody.HERE_ONLY if here else Custody.RECEIVED))
        if fresh:
            self._record.log.set_summaries(fresh)
        return tuple(sorted(rows, key=lambda row: row.number))

    def casebook(self, subject: SubjectId) -> CasebookView:
        """Return one subject's casebook, with the forms that the version in force does not ask for."""
        self._look_at_versions()
        view = views.casebook_view(self._reader(subject), self._around())
        casebook, releases = self._record.casebook(subject), self._study.now()
        newer = sum(1 for state in casebook.forms.values() if releases.is_newer(state))
        return replace(
            view,
            newer_version_needed=view.newer_version_needed + newer,
            running=(*view.running, *releases.rows_of_strangers(casebook, self._at_home)),
        )

    def site_forms(self) -> tuple[InstanceRow, ...]:
        """Return the forms about the site itself."""
        self._look_at_versions()
        return views.running_rows(self._reader(self._site_file), self._around(), {VisitKind.SITE: Running.SITE})

    def form(self, key: FormKey) -> FormView:
        """Return one form as it stands, with what other versions of it recorded. Raises OtherVersionError."""
        releases, state = self._study.now(), self._record.casebook(key.subject).form(key)
        home = self._study.home(self._design, key)
        around = self._around(home)
        reader = self._reader(key.subject, design=None if home is self._design else home)
        view = views.form_view(reader, key, around)
        newer = releases.is_newer(state)
        return replace(
            view,
            orphans=trails.orphans(view.form, state, around),
            editable=view.editable and home is self._design and not newer,
            design=None if home is self._design else home,
            note=words_of_version(home, newer=newer) if newer or home is not self._design else None,
        )

    def trail(self, key: FormKey, path: ItemPath) -> tuple[TrailLine, ...]:
        """Return an item's history, oldest first: entries, and queries; what is not sealed yet comes last."""
        home = self._study.home(self._design, key)
        _, item = decisions.find_item(home.form(key.form), path)
        reader = self._reader(key.subject, design=None if home is self._design else home)
        return trails.item_trail(reader, key, path, item, self._around(home))

    # -- entering ------------------------------------------------------------------------------------

    def add_subject(self) -> SubjectRow:
        """Add a subject under this laptop's next number; offline as well as online.

        Raises:
            NumbersExhaustedError: All 999 numbers of this laptop are used.
        """
        self._record.catch_up()
        used = custody.numbers_used(self._record, self._place)
        subject = new_subject_id(self._record.seat.random_bytes)
        number = subject_number(self._place.site, self._place.letter, used + 1)
        payload = SubjectPayload(subject=subject, number=number, site=self._place.site)
        self._record.seal([(payload, STANDARD)], subject=subject)
        return views.subject_row(self._reader(subject), self._around())

    def add_unscheduled(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for a form outside the plan; it exists once something is entered in it."""
        visit = self._visit_of(VisitKind.UNSCHEDULED, form_oid)
        repeat = new_id(self._record.seat.random_bytes)
        return FormKey(subject=subject, visit=VisitKey(visit=visit, repeat=repeat), form=form_oid)

    def add_event(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for one more instance of an event's form; it exists once something is entered in it."""
        visit = self._visit_of(VisitKind.EVENT, form_oid)
        repeat = new_id(self._record.seat.random_bytes)
        return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form_oid, repeat=repeat)

    def _visit_of(self, kind: VisitKind, form: str) -> str:
        for visit in self._design.visits:
            if visit.kind is kind and any(one.form == form for one in visit.forms):
                return visit.oid
        raise UnknownItemError(form=form, item=form)

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
        """
        self._record.catch_up()
        self._study.refuse_unless_asked(self._design, key)
        self._entering.keep(key, path, raw, unit=unit, missing=missing, reason=reason)
        return self.form(key)

    def add_row(self, key: FormKey, group: str) -> FormView:
        """Add a row to a repeating group."""
        self._record.catch_up()
        self._study.refuse_unless_asked(self._design, key)
        form, state = self._design.form(key.form), self._record.casebook(key.subject).form(key)
        row = new_id(self._record.seat.random_bytes)
        self._entering.apply(key, decisions.add_row(form, state, group, row))
        return self.form(key)

    def strike_row(self, key: FormKey, group: str, row: str, reason: str) -> FormView:
        """Strike a row through, with a reason; it stays readable. Raises ReasonRequiredError."""
        self._record.catch_up()
        self._study.refuse_unless_asked(self._design, key)
        form, state = self._design.form(key.form), self._record.casebook(key.subject).form(key)
        self._entering.apply(key, decisions.strike_row(form, state, group, row, reason))
        return self.form(key)

    def confirm(self, key: FormKey, check: str, path: ItemPath, reason: str) -> FormView:
        """Confirm of a finding that it happened so.

        Raises:
            ReasonRequiredError, UnknownItemError: No reason, or nothing to confirm.
            NeedsInvestigatorError: It is hard, and this person does not sign.
        """
        self._record.catch_up()
        self._study.refuse_unless_asked(self._design, key)
        finding = self._finding(key, check, path)
        standing = self._reader(key.subject).values(key).get(path, EMPTY)
        self._entering.apply(
            key,
            decisions.confirm(
                self._design.form(key.form), finding, standing, reason, may_sign="confirm" in self.person.rights
            ),
        )
        return self.form(key)

    def _finding(self, key: FormKey, check: str, path: ItemPath) -> Finding:
        for finding in self._reader(key.subject).filled(key).findings:
            if (finding.check, finding.path) == (check, path):
                return finding
        raise UnknownItemError(form=key.form, item=check)

    def save(self, key: FormKey) -> FormView:
        """Seal the open entries of a form; nothing happens where there are none."""
        self._record.catch_up()
        draft = self._record.drafts.get(key)
        if draft is not None:
            self._entering.seal(draft)
        self._look_at_versions()
        return self.form(key)

    def set_complete(self, key: FormKey, on: bool) -> FormView:
        """Mark a form complete, or take the mark back; seals. Raises IncompleteFormError, OtherVersionError."""
        self.save(key)
        self._study.refuse_unless_asked(self._design, key)
        filled = self._reader(key.subject).filled(key)
        done = decisions.set_complete(
            self._design.form(key.form), filled.state, filled.unanswered, filled.findings, on=on
        )
        self._entering.apply(key, done)
        return self.save(key)

    # -- paper ---------------------------------------------------------------------------------------

    def _paperwork(self, subject: SubjectId) -> Paperwork:
        people = {member.user: self._person(member.user) for member in self._directory.staff(self._place.site)}
        return Paperwork(
            design=self._design,
            reader=self._reader(subject),
            site_name=self._place.site_name,
            people=people,
            person=self.person,
            printed_at=self._record.seat.clock().local,
        )

    def papers(self, subject: SubjectId) -> tuple[PaperItem, ...]:
        """Return what can be printed for a subject."""
        return self._paperwork(subject).items()

    def paper(self, subject: SubjectId, item: PaperItem) -> bytes:
        """Return an unsigned PDF of what is recorded; open entries are sealed first."""
        self._save_all(subject)
        self._note("print", {"kind": item.kind})
        return self._paperwork(subject).draw(item)

    def screening_log(self) -> bytes:
        """Return the screening log of the site as a PDF; no identity data stands in it."""
        self._save_all(None)
        self._note("print", {"kind": "log"})
        return self._paperwork(self._site_file).draw_log(self.subjects(), self._place.site)

    def sign_paper(self, subject: SubjectId, item: PaperItem, passphrase: str, meaning: str) -> DocumentRow:
        """Sign a paper as the signed-in person and seal it into the record, to the site's key.

        Raises:
            RoleDoesNotSignError, CertificateMissingError: Somebody else has to sign.
            WrongPassphraseError: The passphrase is not this person's.
            SealedAwayError: This laptop has no identity key yet.
        """
        if self._record.seat.identity_key is None:
            raise SealedAwayError
        self._save_all(subject)
        key = self._directory.person_key(self._record.seat.user, self._record.seat.device)
        paperwork = self._paperwork(subject)
        paperwork.refuse_unless_signer(key is not None)
        rsa_key = self._credentials.paper_key(passphrase)
        certificate = key.certificate if key is not None else b""
        document = paperwork.sign(item, rsa_key, certificate, self._place.authority, meaning)
        (commit,) = self._record.seal([(document, IDENTITY)], subject=subject)
        form = self._record.casebook(subject).form(document.key)
        stored = next(one for one in form.documents if one.commit == commit.id)
        return views.document_row(form, stored, self._around())

    def document(self, subject: SubjectId, sha256: str) -> bytes:
        """Return the bytes of a finished document. Raises SealedAwayError, UnknownItemError."""
        for form in self._record.casebook(subject).forms.values():
            for document in form.documents:
                if document.sha256 == sha256:
                    commit = self._record.log.commit(document.commit)
                    payload = payloads.read(commit, self._record.seat.identity_key)
                    if isinstance(payload, BlobPayload):
                        return payload.content
        raise UnknownItemError(form="", item=sha256[:16])

    @property
    def authority(self) -> bytes:
        """The study authority's certificate (DER): what signatures on paper are verified against."""
        return self._place.authority

    def export(self, out: str, kind: str) -> Exported:
        """Write what is recorded at this site as files for others; see `desktop_app.exporting`."""
        exporting.refuse_unless_exporter(self.person)
        self._save_all(None)
        letters = {one.device: one.letter for one in self._directory.devices(self._place.site)}
        context = exporting.context_of(self._record.seat, self._place, self.people(), letters)
        designs, to = self._study.around(self._design), Path(out)
        wanted, note = ExportFormat(kind), self._note
        return exporting.export(self._record, designs, context, self._site_file, out=to, kind=wanted, note=note)

    # -- sync ----------------------------------------------------------------------------------------

    def take_in(self, message: Text | None = None, *, older_copy: bool = False) -> SyncView:
        """Take in what an exchange brought; after an older copy was put back, begin a new chain."""
        self._message = message
        self._directory.refresh(self._record.log)
        self._record.refresh()
        self._take_identity_key()
        if older_copy:
            self._record.must_begin_epoch = True
            self._note("older-copy")
        self._record.prune()
        self._look_at_versions()
        return self.sync_view()

    def sync_view(self) -> SyncView:
        """Tell what is where."""
        return custody.sync_view(self._record, self._place, self._directory, self._message)

    def admit_laptop(self, device: DeviceId) -> SyncView:
        """Seal the site's identity key to another laptop of the site, after its fingerprint was compared.

        Raises:
            SealedAwayError: This laptop has no identity key itself.
            UnknownItemError: No such laptop of this site is known.
        """
        grant = custody.grant(self._record.seat, self._place, self._directory, device)
        self._record.seal([(grant, STANDARD)])
        self._directory.refresh(self._record.log)
        return self.sync_view()

    def _take_identity_key(self) -> None:
        """Open the identity key that another laptop of the site sealed to this one."""
        seat = self._record.seat
        sealed = self._directory.grant(seat.device)
        if seat.identity_key is not None or sealed is None:
            return
        key = seat.device_sealing.open(sealed, IDENTITY_INFO)
        self._record.set_setting("identity_key", key.hex())
        self._record.reopen_with(replace(seat, identity_key=key))

    # -- people and keys -----------------------------------------------------------------------------

    def certify_person(self, personal_code: str, passphrase: str) -> UserId:
        """Let a person in on this laptop by a one-time code.

        It asks the server and derives a key, and leaves the record alone: the one call for the sync
        thread, so that nobody's typing waits for it. `note_person` follows.
        """
        return self._credentials.certify_person(personal_code, passphrase)

    def note_person(self, user: UserId) -> Person:
        """Note in the record that a person was let in. Their certificate comes with the next exchange."""
        self._note("person-added", {"user": user})
        return self._person(user)

    def add_person(self, personal_code: str, passphrase: str) -> Person:
        """Both in one call, where nobody types meanwhile."""
        return self.note_person(self.certify_person(personal_code, passphrase))

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the signed-in person's passphrase. Raises WrongPassphraseError."""
        self._credentials.change_passphrase(old, new)
        self._note("passphrase-changed")

    def make_recovery_sheet(self) -> str:
        """Make a new recovery code; the old one stops working."""
        code = self._credentials.make_recovery()
        self._note("recovery-sheet")
        return code

    # -- ending --------------------------------------------------------------------------------------

    def take_place(self) -> str | None:
        """Return where this person stood when they locked last, once; None where nothing is known."""
        return return_place.take_place(self._record)

    def set_aside(self, key: FormKey, path: ItemPath, raw: str, unit: str | None = None) -> None:
        """Keep text that was typed into a field nobody left: durable, and no value until it is left."""
        self._entering.set_aside(key, path, raw, unit=unit)

    def lock(self, place: str | None = None) -> None:
        """Seal what is open, keep where the person stands, close the store, forget the keys.

        A disk that refuses does not keep it open: what was entered lies in the spool, and is sealed next time.
        """
        with contextlib.suppress(UnavailableError):
            return_place.keep_place(self._record, place or "")
            self._save_all(None)
            self._note("sign-out")
        self._record.close()

    def _save_all(self, subject: SubjectId | None) -> None:
        self._record.catch_up()
        for key, draft in tuple(self._record.drafts.items()):
            if subject is None or key.subject == subject:
                self._entering.seal(draft)

    def _seal_what_was_left(self) -> None:
        """After a crash: a person's own entries are sealed as theirs, a colleague's as recovered."""
        for draft in self._record.left_by_others:
            if draft.operations:
                self._entering.seal(draft, recovered_for=draft.author)
        self._save_all(None)

    def _note(self, event: str, fields: Mapping[str, str] | None = None) -> None:
        self._record.seal([(SecurityPayload(event=event, fields=fields or {}), STANDARD)])

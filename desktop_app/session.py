"""What a signed-in person can do: enter, correct, complete, print, sign, admit, lock.

Every method but `certify_person` runs on the store thread, and returns an immutable snapshot; refusals
are `casebook.errors.CasebookError`s. The session gathers, `casebook.decisions` decides, the record keeps.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from casebook import crypto, decisions, payloads
from casebook.checks import Finding
from casebook.clock import local_time
from casebook.design import StudyDesign, Text, VisitKind
from casebook.errors import NumbersExhaustedError, SealedAwayError, UnavailableError, UnknownItemError
from casebook.export import ExportFormat
from casebook.ids import DeviceId, SubjectId, UserId, new_id, new_subject_id, site_file_id, subject_number
from casebook.ledger import IDENTITY, STANDARD
from casebook.payloads import BlobPayload, KeyGrantPayload, SecurityPayload, SubjectPayload
from casebook.projection import FiredEntry
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, VisitKey
from casebook.sync.trust import Directory, ServerIdentity
from desktop_app import exporting, trails, views
from desktop_app.consequences import Consequences, consequences_of
from desktop_app.drafts import OpenDraft
from desktop_app.entering import Entering
from desktop_app.exporting import Exported
from desktop_app.paperwork import Paperwork
from desktop_app.reader import Kept, Reader
from desktop_app.record import DEVICE_USER, Record
from desktop_app.snapshots import (
    CasebookView,
    Custody,
    DocumentRow,
    FormView,
    InstanceRow,
    LaptopRow,
    PaperItem,
    Person,
    Running,
    SubjectRow,
    SyncView,
    TrailLine,
)
from desktop_app.taken import TakenValues

IDENTITY_INFO = b"CRF-identity-grant-v1"
_MAX_NUMBER = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the laptop stands: what enrolment said."""

    site: str
    site_name: str
    letter: str
    server: str
    identity: ServerIdentity
    authority: bytes
    """The study authority's certificate, DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the session asks of the laptop's key slots; the session itself holds no passphrase.

    Attributes:
        paper_key: Re-authenticates and returns the person's PDF key (PKCS#8 DER). Raises
            WrongPassphraseError.
    """

    paper_key: Callable[[str], bytes]
    change_passphrase: Callable[[str, str], None]
    make_recovery: Callable[[], str]
    certify_person: Callable[[str, str], UserId]
    on_this_laptop: Callable[[], frozenset[UserId]]


class Session:
    """One person's session on one laptop."""

    def __init__(
        self,
        record: Record,
        design: StudyDesign,
        place: Place,
        credentials: Credentials,
        *,
        notice: Text | None = None,
    ) -> None:
        """Take over an open record; seals what a crash left open.

        Args:
            notice: What was found and healed when the record was opened, for the user to read.
        """
        self.notice = notice
        self._record = record
        self._design = design
        self._place = place
        self._credentials = credentials
        self._site_file = site_file_id(design.code, place.site)
        self._directory = Directory(place.identity)
        self._directory.refresh(record.log)
        self._kept: dict[SubjectId, Kept] = {}
        self._taken = TakenValues(design, record)
        self._entering = Entering(record, design, self._reader_for, self._consequences)
        self._message: Text | None = None
        self._take_identity_key()
        self._seal_what_was_left()
        self._note("sign-in")

    # -- who and where -------------------------------------------------------------------------------

    @property
    def design(self) -> StudyDesign:
        """The study."""
        return self._design

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

    # -- reading -------------------------------------------------------------------------------------

    def query_trace(self, key: FormKey, check: str, path: ItemPath) -> tuple[FiredEntry, ...]:
        """Return when a finding opened and closed, oldest first; what is not saved yet is left out."""
        return self._record.casebook(key.subject).form(key).fired.get((check, path), ())

    def _reader(self, subject: SubjectId, only: OpenDraft | None = None) -> Reader:
        """Return a reader of one subject with the open entries laid over, or those of one draft only."""
        drafts = {key: draft for key, draft in self._record.drafts.items() if key.subject == subject}
        return Reader(
            self._design,
            self._record.casebook(subject),
            drafts if only is None else {only.key: only},
            self._record.seat.clock().local,
            kept=self._kept.setdefault(subject, Kept()),
            site=self._reader(self._site_file) if subject != self._site_file else None,
            taken=self._taken.beside(subject),
        )

    def _reader_for(self, key: FormKey) -> Reader:
        return self._reader(key.subject)

    def _consequences(self, draft: OpenDraft) -> Consequences:
        """Return what sealing a draft brings with it."""
        return consequences_of(
            self._reader(draft.key.subject, draft),
            may_enter="enter" in self.person.rights,
            opens_identity=self._record.seat.identity_key is not None,
        )

    def _around(self) -> views.Surroundings:
        return views.Surroundings(
            design=self._design,
            unsent=frozenset(self._record.unsent),
            name_of=self._name_of,
            letter_of=self._letter_of,
            opens_identity=self._record.seat.identity_key is not None,
            may_enter=bool(self.person.rights & {"enter", "assess"}),
            may_sign="sign" in self.person.rights,
            site=self._place.site,
            letter=self._place.letter,
            offset_minutes=self._design.utc_offset_minutes,
        )

    def subjects(self) -> tuple[SubjectRow, ...]:
        """Return all subjects, in order of number."""
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
        """Return one subject's casebook."""
        return views.casebook_view(self._reader(subject), self._around())

    def site_forms(self) -> tuple[InstanceRow, ...]:
        """Return the forms about the site itself."""
        return views.running_rows(self._reader(self._site_file), self._around(), {VisitKind.SITE: Running.SITE})

    def form(self, key: FormKey) -> FormView:
        """Return one form as it stands, with what was recorded under earlier versions of it."""
        around = self._around()
        view = views.form_view(self._reader(key.subject), key, around)
        state = self._record.casebook(key.subject).form(key)
        return replace(view, orphans=trails.orphans(view.form, state, around))

    def trail(self, key: FormKey, path: ItemPath) -> tuple[TrailLine, ...]:
        """Return an item's history, oldest first: entries, and queries; what is not sealed yet comes last."""
        _, item = decisions.find_item(self._design.form(key.form), path)
        return trails.item_trail(self._reader(key.subject), key, path, item, self._around())

    # -- entering ------------------------------------------------------------------------------------

    def add_subject(self) -> SubjectRow:
        """Add a subject under this laptop's next number; offline as well as online.

        Raises:
            NumbersExhaustedError: All 999 numbers of this laptop are used.
        """
        self._record.catch_up()
        prefix = f"{self._place.site}-{self._place.letter}"
        numbers = [self._record.casebook(one).number for one in self._record.subjects()]
        used = max((int(number[-3:]) for number in numbers if number.startswith(prefix)), default=0)
        if used >= _MAX_NUMBER:
            raise NumbersExhaustedError
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
            SealedAwayError: Identity data, and this laptop has no key for it yet.
        """
        self._record.catch_up()
        self._entering.keep(key, path, raw, unit=unit, missing=missing, reason=reason)
        return self.form(key)

    def add_row(self, key: FormKey, group: str) -> FormView:
        """Add a row to a repeating group."""
        self._record.catch_up()
        form, state = self._design.form(key.form), self._record.casebook(key.subject).form(key)
        row = new_id(self._record.seat.random_bytes)
        self._entering.apply(key, decisions.add_row(form, state, group, row))
        return self.form(key)

    def strike_row(self, key: FormKey, group: str, row: str, reason: str) -> FormView:
        """Strike a row through, with a reason; it stays readable. Raises ReasonRequiredError."""
        self._record.catch_up()
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
        finding = self._finding(key, check, path)
        standing = self._reader(key.subject).values(key).get(path, EMPTY)
        self._entering.apply(
            key,
            decisions.confirm(
                self._design.form(key.form), finding, standing, reason, may_sign="sign" in self.person.rights
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
        return self.form(key)

    def set_complete(self, key: FormKey, on: bool) -> FormView:
        """Mark a form complete, or take the mark back; seals. Raises IncompleteFormError."""
        self.save(key)
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
        wanted = ExportFormat(kind)
        return exporting.export(
            self._record, self._design, context, self._site_file, out=Path(out), kind=wanted, note=self._note
        )

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
        return self.sync_view()

    def sync_view(self) -> SyncView:
        """Tell what is where."""
        log = self._record.log
        own = sum(head.sequence for head in log.heads() if head.device == self._record.seat.device)
        here_only = len(self._record.unsent)
        receipts = log.receipts()
        last = max((receipt.at_ms for receipt in receipts), default=None)
        offset = self._design.utc_offset_minutes
        return SyncView(
            here_only=here_only,
            received=own - here_only,
            from_others=log.count() - own,
            parked=log.count_parked(),
            quarantined=len(log.quarantined()),
            open_forms=len(self._record.drafts),
            phase="idle",
            message=self._message,
            last_contact=local_time(last, offset) if last is not None else None,
            server=self._place.server,
            laptops=self._laptops(),
            identity_available=self._record.seat.identity_key is not None,
        )

    def _laptops(self) -> tuple[LaptopRow, ...]:
        seat = self._record.seat
        return tuple(
            LaptopRow(
                device=device.device,
                letter=device.letter,
                name=device.name,
                fingerprint=device.fingerprint,
                is_this=device.device == seat.device,
                admitted=self._directory.grant(device.device) is not None
                or (device.device == seat.device and seat.identity_key is not None),
            )
            for device in self._directory.devices(self._place.site)
        )

    def admit_laptop(self, device: DeviceId) -> SyncView:
        """Seal the site's identity key to another laptop of the site, after its fingerprint was compared.

        Raises:
            SealedAwayError: This laptop has no identity key itself.
            UnknownItemError: No such laptop of this site is known.
        """
        seat = self._record.seat
        other = self._directory.device(device)
        if seat.identity_key is None:
            raise SealedAwayError
        if other is None or other.site != self._place.site or other.revoked:
            raise UnknownItemError(form="", item=device)
        sealed = crypto.seal_to(other.sealing, seat.identity_key, IDENTITY_INFO)
        grant = KeyGrantPayload(site=self._place.site, device=device, sealed_key=sealed)
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

    def lock(self) -> None:
        """Seal what is open, close the store, forget the keys.

        A disk that refuses does not keep the laptop open: what was entered lies in the spool, and is
        sealed at the next sign-in.
        """
        with contextlib.suppress(UnavailableError):
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

"""What a session works with: the open record, the study as this person knows it, who is who, and what was worked out.

The parts of a session (entering, paper, sync, and whatever else is hung on it) share one workbench and nothing
else. A session without the unblinding shelf has a study on it that holds nothing but what is open, so no part
needs to remember what it must not show.

Source: docs/architecture.md, "One path of data"; casebook/blinding.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from casebook import blinding
from casebook.design import StudyDesign, Text, VisitKind
from casebook.errors import NotForBlindedError, NotInTrainingError, UnknownItemError
from casebook.ids import DeviceId, SubjectId, UserId, site_file_id
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.paper.context import PrintedSignature
from casebook.payloads import SecurityPayload
from casebook.records import FormKey, VisitKey
from casebook.sync.trust import Directory
from casebook.versions import Designs
from desktop_app import views
from desktop_app.consequences import Consequences, consequences_of
from desktop_app.custody import Place
from desktop_app.drafts import OpenDraft
from desktop_app.entering import Entering
from desktop_app.key_ring import KeyRing
from desktop_app.paperwork import Paperwork
from desktop_app.permissions import Permissions
from desktop_app.reader import Kept, Reader
from desktop_app.record import DEVICE_USER, Record
from desktop_app.snapshots import Person
from desktop_app.study_here import StudyHere
from desktop_app.taken import TakenValues
from desktop_app.units_used import LOOKED_AT, units_used

CLOCK_TOLERANCE_MS = 5 * 60_000
"""How far a laptop's clock may be behind the last time that the server told and still be believed."""


class Workbench:
    """What the parts of one session share. On the store thread.

    Attributes:
        blinded: The study blinds somebody, and this session holds nothing but what is open to them.
        training: Everything here is for practice.
        waits: What is to be told of a version of the study that waits here.
    """

    def __init__(
        self,
        record: Record,
        design: StudyDesign,
        place: Place,
        ring: KeyRing,
        earlier: tuple[StudyDesign, ...] = (),
        *,
        training: bool = False,
    ) -> None:
        """Lay out what is open. Arguments as `desktop_app.session.Session`."""
        self.record = record
        self.training = training
        self.place = place
        self.ring = ring
        self.blinded = design.blinding is not None and not record.opens_unblinding
        self.site_file = site_file_id(design.code, place.site)
        self.directory = Directory(place.identity)
        self.permissions = Permissions(record, self.directory, ring, place.site, self._known(design), training=training)
        self.learn()
        if not self.permissions.sees_identity:
            record.seal_away()
        known = Designs(current=self._known(design), earlier=tuple(self._known(one) for one in earlier))
        self._hidden = frozenset[str]().union(*map(blinding.carriers_of, (design, *earlier)) if self.blinded else ())
        self.printed_signatures: Callable[[SubjectId, VisitKey], tuple[PrintedSignature, ...]] = lambda _s, _v: ()
        self.study = StudyHere(record, known, self.site_file)
        self.waits = self.study.now().notice
        self.take_up(self.study.now().in_force)

    def _known(self, design: StudyDesign) -> StudyDesign:
        return blinding.for_blinded(design) if self.blinded else design

    def learn(self) -> None:
        """Take in what the server has stated since the last look."""
        for shelf in self.record.shelves:
            self.directory.refresh(shelf.log, shelf.name)
        self.permissions.learn()

    # -- who -----------------------------------------------------------------------------------------

    @property
    def person(self) -> Person:
        """Who is signed in, and what they may do today."""
        now = self.permissions.now()
        enters = frozenset(form for form in self.design.forms if now.allows("enter", form))
        return replace(
            self.person_of(self.record.seat.user),
            enters=enters,
            refusals=self.permissions.refusals(now),
            remark=self.permissions.remark(now),
        )

    def person_of(self, user: UserId) -> Person:
        """Return anybody of whom the record tells."""
        member = self.permissions.member(user)
        role, definition = member.role, self.design.role(member.role)
        return Person(
            user=user,
            name=member.name,
            role=role,
            role_label=definition.label if definition else Text({"en": role, "zh": role}),
            rights=definition.rights if definition else frozenset(),
            on_this_laptop=user in self.ring.on_this_laptop(),
            can_sign=self.directory.person_key(user, self.record.seat.device) is not None
            and definition is not None
            and "sign" in definition.rights,
        )

    def name_of(self, user: UserId) -> str:
        """Return a person's display name, or the laptop's."""
        if user == DEVICE_USER:
            return f"{self.place.site}-{self.place.letter}"
        return self.permissions.member(user).name

    def letter_of(self, device: DeviceId) -> str:
        """Return a laptop's letter; of another site with that site's number."""
        known = self.directory.device(device)
        if known is None:
            return "?"
        return known.letter if known.site == self.place.site else f"{known.site}-{known.letter}"

    def refuse_in_training(self) -> None:
        """Refuse what would leave training as if it were real. Raises NotInTrainingError."""
        if self.training:
            raise NotInTrainingError

    def refuse_unless_whole(self) -> None:
        """Refuse what is drawn from everything that is recorded. Raises NotForBlindedError."""
        if self.blinded:
            raise NotForBlindedError

    def refuse_hidden(self, key: FormKey) -> None:
        """Refuse a form of which only single items are open. Raises UnknownItemError."""
        if key.form in self._hidden:
            raise UnknownItemError(form=key.form, item=key.form)

    def shows(self, key: FormKey) -> bool:
        """Tell whether a form is shown here as a whole, and not for single open items of it."""
        return key.form not in self._hidden

    # -- the study -----------------------------------------------------------------------------------

    def take_up(self, design: StudyDesign) -> None:
        """Ask the questions of a version from now on."""
        self.design = design
        self._kept: dict[SubjectId, Kept] = {}
        self.taken = TakenValues(design, self.record)
        self.permissions.take_up(design)
        self.entering = Entering(
            self.record, design, self.study.designs, self._reader_for, self._consequences, self.permissions.require
        )

    def look_at_versions(self) -> None:
        """Take up the version that is in force now; not while entries are open, which belong to their questions."""
        in_force, self.waits = self.study.now().in_force, self.study.now().notice
        if in_force.version != self.design.version and not any(one.operations for one in self.record.drafts.values()):
            self.take_up(in_force)
            self.note("study-version", {"label": in_force.label, "version": in_force.version})

    def visit_of(self, kind: VisitKind, form: str) -> str:
        """Return the visit of a kind at which a form stands. Raises UnknownItemError."""
        for visit in self.design.visits:
            if visit.kind is kind and any(one.form == form for one in visit.forms):
                return visit.oid
        raise UnknownItemError(form=form, item=form)

    # -- reading -------------------------------------------------------------------------------------

    def reader(self, subject: SubjectId, only: OpenDraft | None = None, design: StudyDesign | None = None) -> Reader:
        """Return a reader of one subject, all open entries or one draft laid over it; `design`: in another version."""
        drafts = {key: draft for key, draft in self.record.drafts.items() if key.subject == subject}
        return Reader(
            design or self.design,
            self.record.casebook(subject),
            drafts if only is None else {only.key: only},
            self.record.seat.clock().local,
            clock_trusted=self.clock_trusted,
            kept=Kept() if design is not None else self._kept.setdefault(subject, Kept()),
            site=self.reader(self.site_file, design=design) if subject != self.site_file else None,
            taken=self.taken.beside(subject),
            hidden=self._hidden,
        )

    def units_used(self, form: str) -> Mapping[str, str]:
        """Return in which unit each quantity of a form was reported last, in the subjects that were written of last."""
        subjects = [one for one in self.record.subjects() if one not in self.site_files()][-LOOKED_AT:]
        return units_used((self.record.casebook(one) for one in subjects), form) if form not in self._hidden else {}

    def _reader_for(self, key: FormKey) -> Reader:
        return self.reader(key.subject)

    @property
    def clock_trusted(self) -> bool:
        """Whether the server told a time that this laptop's clock has not fallen behind since."""
        told = self.record.last_told_ms()
        return told is not None and self.record.seat.clock().utc_ms >= told - CLOCK_TOLERANCE_MS

    def at_home(self, subject: SubjectId, home: StudyDesign) -> tuple[Reader, views.Surroundings]:
        """Return a subject as it is read in another version of the study."""
        return self.reader(subject, design=home), self.around(home)

    def site_files(self) -> frozenset[SubjectId]:
        """Return the files of all sites that are known here: casebooks, of no subject."""
        return frozenset(site_file_id(self.design.code, one.site) for one in self.directory.sites()) | {self.site_file}

    def around(self, design: StudyDesign | None = None) -> views.Surroundings:
        """Return what views need beside the casebook."""
        now = self.permissions.now()
        return views.Surroundings(
            design=design or self.design,
            asked_in=self.study.designs.asked_in,
            unsent=frozenset(self.record.unsent),
            where=self.record.places.where,
            name_of=self.name_of,
            letter_of=self.letter_of,
            opens_identity=self.record.seat.identity_key is not None,
            enters=partial(now.allows, "enter"),
            answers=partial(now.allows, "answer"),
            may_sign=now.allows("confirm"),
            site=self.place.site,
            letter=self.place.letter,
            user=self.record.seat.user,
            offset_minutes=self.design.utc_offset_minutes,
        )

    def paperwork(self, subject: SubjectId) -> Paperwork:
        """Return what can be printed of a subject, or of the site."""
        people = {member.user: self.person_of(member.user) for member in self.directory.staff(self.place.site)}
        return Paperwork(
            design=self.design,
            reader=self.reader(subject),
            site_name=self.place.site_name,
            people=people,
            person=self.person,
            printed_at=self.record.seat.clock().local,
            training=self.training,
            signatures=partial(self.printed_signatures, subject),
        )

    # -- writing -------------------------------------------------------------------------------------

    def compartment(self, *, sealed: bool = False) -> str:
        """Return where this session's own traces lie; `sealed`: those with identity data in them."""
        if self.record.opens_unblinding:
            return UNBLINDING_IDENTITY if sealed else UNBLINDING
        return IDENTITY if sealed else STANDARD

    def note(self, event: str, fields: Mapping[str, str] | None = None) -> None:
        """Write something about security into the record, where only those who may see this session's acts read it."""
        self.record.seal([(SecurityPayload(event=event, fields=fields or {}), self.compartment())])

    def save_all(self, subject: SubjectId | None) -> None:
        """Seal what is open, of one subject or of all."""
        self.record.catch_up()
        for key, draft in tuple(self.record.drafts.items()):
            if subject is None or key.subject == subject:
                self.entering.seal(draft)

    def _consequences(self, draft: OpenDraft) -> Consequences:
        """Return what sealing a draft brings with it."""
        return consequences_of(
            self.reader(draft.key.subject, draft),
            may_enter=self.permissions.refusal("enter") is None,
            opens_identity=self.record.seat.identity_key is not None,
            is_newer=self.study.now().is_newer,
        )

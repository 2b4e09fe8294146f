"""What windows may ask of the session and the laptop: protocols, no code; of exchanges, see `sync_port`.

Windows are typed against these, so that they import neither keys, nor disk, nor network. Every call
runs on the store thread of `desktop_app.background`, unless it says that it is the sync thread's; none
may be called on the GUI thread. Refusals are
`casebook.errors.CasebookError`s.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from casebook.design import StudyDesign, Text
from casebook.errors import CasebookError
from casebook.ids import DeviceId, SubjectId, UserId
from casebook.records import FormKey, ItemPath, MissingCode
from casebook.timekeeping import Anchor
from desktop_app.snapshots import (
    CasebookView,
    DocumentRow,
    EarlierValue,
    FormView,
    InstanceRow,
    PaperItem,
    Person,
    SubjectRow,
    TrailLine,
    UndoLine,
)
from desktop_app.sync_plan import PauseKind
from desktop_app.sync_snapshots import SyncView
from desktop_app.version_snapshots import VersionsView
from desktop_app.windows.attachment_port import AttachmentPort
from desktop_app.windows.bundles_port import BundlingPort
from desktop_app.windows.custody_port import CustodyPort
from desktop_app.windows.oversight_port import OversightPort
from desktop_app.windows.staff_port import AuditPort, RedactPort, StaffPort
from desktop_app.windows.subject_port import AgendaPort, SamePersonPort


class SessionPort(Protocol):
    """The calls of an unlocked session."""

    @property
    def design(self) -> StudyDesign:
        """The study, in the version that is in force at this site."""

    @property
    def person(self) -> Person:
        """Who is signed in."""

    @property
    def blinded(self) -> bool:
        """Whether this session holds nothing but what is open to blinded people."""

    @property
    def training(self) -> bool:
        """Whether everything here is for practice: nothing of it counts, or leaves as a record."""

    @property
    def site(self) -> str:
        """The site's number."""

    @property
    def site_name(self) -> str:
        """The site's name."""

    def present(self) -> datetime:
        """Return the present on the wall clock of the study's sites. On any thread."""

    @property
    def notice(self) -> Text | None:
        """What was healed when the record was opened, and which version of the study waits here."""

    def remembered(self, name: str) -> str:
        """Return what this laptop remembers of how its windows are used, "" for nothing; quick."""

    def remember(self, name: str, value: str) -> None:
        """Remember something of how this laptop's windows are used, for whoever signs in."""

    @property
    def laptop_letter(self) -> str:
        """The laptop's letter in subject numbers."""

    @property
    def staff(self) -> StaffPort:
        """The people of the site and of this laptop."""

    @property
    def custody(self) -> CustodyPort:
        """Where everything is, and retiring the laptop."""

    @property
    def attachments(self) -> AttachmentPort:
        """Photos, scans and files of forms."""

    @property
    def redacting(self) -> RedactPort:
        """Taking values out of the record."""

    @property
    def audit(self) -> AuditPort:
        """The audit trail of the record."""

    @property
    def agenda(self) -> AgendaPort:
        """The subjects of the site, with what they ask for, as far as they are worked out."""

    @property
    def same_person(self) -> SamePersonPort:
        """Subjects that may be one person."""

    @property
    def oversight(self) -> OversightPort:
        """Queries, verification, flags, signatures and held entries."""

    def subjects(self) -> tuple[SubjectRow, ...]:
        """Return all subjects, in order of number."""

    def add_subject(self) -> SubjectRow:
        """Add a subject under the laptop's next number."""

    def casebook(self, subject: SubjectId) -> CasebookView:
        """Return one subject's casebook."""

    def site_forms(self) -> tuple[InstanceRow, ...]:
        """Return the forms about the site itself."""

    def versions(self) -> VersionsView:
        """Return the versions of the study, and what the next one does to what is recorded here."""

    def versions_paper(self) -> bytes:
        """Return the same as a PDF."""

    def form(self, key: FormKey) -> FormView:
        """Return one form as it stands."""

    def earlier(self, key: FormKey) -> Mapping[ItemPath, EarlierValue]:
        """Return the last earlier value of each item of a form."""

    def units_used(self, form_oid: str) -> Mapping[str, str]:
        """Return in which unit the quantities of a form were reported last at this site, by the item's name."""

    def add_unscheduled(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for a form outside the plan."""

    def add_event(self, subject: SubjectId, form_oid: str) -> FormKey:
        """Return the key for one more instance of an event's form."""

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
        """Keep one entry, durably; "" without `missing` clears."""

    def keep_together(
        self, key: FormKey, given: Sequence[tuple[ItemPath, str, str | None]], *, reason: str | None = None
    ) -> FormView:
        """Keep values of several items, or none where one of them is refused: path, text, unit of each."""

    def undo(self, key: FormKey) -> tuple[FormView, UndoLine]:
        """Put back what stood before the last entry of this session in a form, as a new entry; tell what it was."""

    def add_row(self, key: FormKey, group: str) -> FormView:
        """Add a row to a repeating group."""

    def strike_row(self, key: FormKey, group: str, row: str, reason: str) -> FormView:
        """Strike a row through."""

    def confirm(self, key: FormKey, check: str, path: ItemPath, reason: str) -> FormView:
        """Confirm a finding as true."""

    def save(self, key: FormKey) -> FormView:
        """Seal the open entries of a form."""

    def set_complete(self, key: FormKey, on: bool) -> FormView:
        """Mark a form complete, or take the mark back."""

    def trail(self, key: FormKey, path: ItemPath) -> tuple[TrailLine, ...]:
        """Return an item's audit trail, oldest first."""

    def papers(self, subject: SubjectId) -> tuple[PaperItem, ...]:
        """Return what can be printed for a subject."""

    def paper(self, subject: SubjectId, item: PaperItem) -> bytes:
        """Return an unsigned PDF."""

    def screening_log(self) -> bytes:
        """Return the screening log of the site as a PDF."""

    def sign_paper(self, subject: SubjectId, item: PaperItem, passphrase: str, meaning: str) -> DocumentRow:
        """Sign a PDF and seal it into the record."""

    def export(self, out: str, kind: str, *, attachments: bool = False) -> "ExportedPort":
        """Write the record of the site as files to a folder, or an archive ending in `.zip`.

        Args:
            attachments: Photos and scans too.
        """

    def document(self, subject: SubjectId, sha256: str) -> bytes:
        """Return the bytes of a finished document."""

    @property
    def authority(self) -> bytes:
        """The study authority's certificate (DER), against which signatures on paper are verified."""

    def sync_view(self) -> SyncView:
        """Tell what is where."""

    def take_in(
        self,
        message: Text | None = None,
        *,
        older_copy: bool = False,
        anchor: Anchor | None = None,
        withdrawn: bool = False,
    ) -> SyncView:
        """Take in what an exchange brought."""

    def counted_view(self) -> SyncView:
        """Tell what is where and how many conflicts stand, as far as the site's subjects are worked out."""

    @property
    def bundling(self) -> BundlingPort:
        """Bundles: the exchange as files, and beside another laptop."""

    def seal_open(self) -> None:
        """Seal the entries that are open."""

    def after_bundle(self) -> SyncView:
        """Look again after a bundle was written."""

    def pause_sync(self, kind: PauseKind | None) -> SyncView:
        """Let exchanges of their own accord wait; None lets them go on."""

    def admit_laptop(self, device: DeviceId) -> SyncView:
        """Give the site's identity key to another laptop."""

    def people(self) -> tuple[Person, ...]:
        """Return the people of the site."""

    def certify_person(self, personal_code: str, passphrase: str) -> UserId:
        """Let a person in on this laptop by a one-time code. Asks the server: the sync thread's."""

    def note_person(self, user: UserId) -> Person:
        """Note in the record that a person was let in."""

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the signed-in person's passphrase."""

    def set_aside(self, key: FormKey, path: ItemPath, raw: str, unit: str | None = None) -> None:
        """Keep text of a field that nobody left: durable, and no value."""

    def at_last(self, work: Callable[[], FormView | None]) -> FormView | None:
        """Do `work` of this port for a lock: on a full disk in the room that is kept for it."""

    def keep_place(self, place: str) -> None:
        """Keep where this person stands, to lead them back after a kill too; "" forgets it."""

    def take_place(self) -> str | None:
        """Return where this person stood when they locked last, once."""

    def lock(self, place: str | None = None) -> None:
        """Seal, close and forget the keys. `place`: where the person stands, for their next sign-in."""


class ExportedPort(Protocol):
    """What an export came to."""

    @property
    def path(self) -> str:
        """Where it lies."""

    @property
    def subjects(self) -> int:
        """How many subjects it holds."""

    @property
    def forms(self) -> int:
        """How many forms it holds."""

    @property
    def conflicts(self) -> int:
        """How many values are left empty because entries disagree."""

    @property
    def unreadable(self) -> int:
        """How many commits this laptop cannot read."""

    @property
    def attachments(self) -> int:
        """How many attachments have their file in it."""

    @property
    def no_file(self) -> int:
        """How many attachments are named without their file."""


class LaptopStatePort(Protocol):
    """A laptop before anyone is signed in."""

    @property
    def enrolled(self) -> bool:
        """Whether the laptop belongs to a study."""

    @property
    def people(self) -> tuple[Person, ...]:
        """Who can sign in here."""

    @property
    def site(self) -> str:
        """The site's number."""

    @property
    def letter(self) -> str:
        """The laptop's letter."""

    @property
    def demo_accounts(self) -> tuple[tuple[str, str], ...]:
        """Name and passphrase of accounts for trying out; () outside a demonstration."""

    @property
    def withdrawn(self) -> bool:
        """Whether the server said that this laptop is withdrawn from the study."""

    @property
    def waiting(self) -> int:
        """How many records the server was not known to have at the last lock; 0 for none."""

    @property
    def problem(self) -> CasebookError | None:
        """What stands in the way of signing in, if anything."""

    @property
    def practice_passphrase(self) -> str:
        """In training, the passphrase that everybody has here; "" elsewhere."""

    @property
    def gone(self) -> CasebookError | None:
        """What to tell somebody who knows a laptop here, where the folder holds no trace of one."""


class LaptopPort(Protocol):
    """The calls of a laptop before anyone is signed in."""

    def state(self) -> LaptopStatePort:
        """Look at the folder. Quick; still a disk call."""

    def enrol(self, code_text: str, url: str, personal_code: str, laptop_name: str, passphrase: str) -> str:
        """Enrol the laptop and its first person over the network; return the code of the recovery sheet."""

    def recover(self, recovery_code: str, personal_code: str, passphrase: str, user: UserId | None = None) -> str:
        """Set a new passphrase by the recovery sheet, over the network; return the code of the next sheet."""

    def recovery_paper(self, code: str) -> bytes:
        """Return the sheet for a code that was given just now, as a PDF."""

    def test_recovery(self, code: str) -> None:
        """Open a new recovery sheet with its code as it was typed back: from now on it counts."""

    def unlock(self, user: UserId, passphrase: str) -> SessionPort:
        """Derive the key and open the record. About a second."""

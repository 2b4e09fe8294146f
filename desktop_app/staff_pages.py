"""The pages beside the forms in one session (people, audit trail, redaction, attachments), and the ways from them."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from casebook.ids import CommitId, SubjectId
from casebook.records import FormKey, ItemPath
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.windows.attachments import AttachmentsPage
from desktop_app.windows.audit import AuditPage
from desktop_app.windows.delegation import DelegationPage
from desktop_app.windows.page import Page
from desktop_app.windows.people import PeoplePage
from desktop_app.windows.port import SessionPort
from desktop_app.windows.redaction import RedactPage
from desktop_app.windows.roles import RolesPage
from desktop_app.windows.same_person import SamePersonPage
from desktop_app.windows.unblinding import UnblindPage


class StaffPages(QObject):
    """People, delegation log, roles, audit trail, unblinding, redaction, attachments.

    Signals:
        page_wanted: One of the pages is to come to the front, one step further (Page).
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        people_changed: Somebody was let in or out; the server should hear of it.
        settled: Something was done; what counts records may look again.
        casebook_wanted: A casebook is to be opened (SubjectId).
    """

    page_wanted = Signal(object)
    item_wanted = Signal(object, object)
    people_changed = Signal()
    settled = Signal()
    casebook_wanted = Signal(str)

    def __init__(self, background: Background, session: SessionPort, language: str, parent: QObject) -> None:
        """Make the pages."""
        super().__init__(parent)
        self.people = PeoplePage(background, session, session.staff, language)
        self.delegation = DelegationPage(background, session, session.staff, language)
        self.roles = RolesPage(background, session, session.staff, language)
        self.audit = AuditPage(background, session, session.audit, language)
        self.unblind = UnblindPage(background, session, session.staff, language)
        self.redact = RedactPage(background, session, session.staff, language)
        self.attachments = AttachmentsPage(background, session, language)
        self.same = SamePersonPage(background, session, language)
        self.same.casebook_wanted.connect(self.casebook_wanted)
        self.same.settled.connect(self.settled)
        self.people.delegation_wanted.connect(lambda: self.page_wanted.emit(self.delegation))
        self.people.roles_wanted.connect(lambda: self.page_wanted.emit(self.roles))
        self.people.people_changed.connect(self.people_changed)
        self.audit.item_wanted.connect(self.item_wanted)
        self.unblind.item_wanted.connect(self.item_wanted)
        self.unblind.done.connect(self.settled)

    @property
    def pages(self) -> Mapping[str, Page]:
        """The pages by name."""
        return {
            "people": self.people,
            "delegation": self.delegation,
            "roles": self.roles,
            "audit": self.audit,
            "unblind": self.unblind,
            "redact": self.redact,
            "attachments": self.attachments,
            "same": self.same,
        }

    def open_people(self) -> None:
        """Bring the people of the site to the front."""
        self.page_wanted.emit(self.people)

    def open_audit(self, question: AuditQuestion | None = None) -> None:
        """Bring an audit trail to the front; None for the site's."""
        self.audit.take_question(question or AuditQuestion())
        self.page_wanted.emit(self.audit)

    def open_redaction(self, key: FormKey, path: ItemPath) -> None:
        """Bring the redaction of an item to the front."""
        self.redact.take_item(key, path)
        self.page_wanted.emit(self.redact)

    def open_attachments(self, key: FormKey, path: ItemPath | None, item: str, files: list[str]) -> None:
        """Bring the attachments of a form to the front, and ask about files that were dropped on it."""
        self.attachments.show_form(key, path, item)
        self.page_wanted.emit(self.attachments)
        self.attachments.offer_when_shown(files)

    def open_attachment_redaction(self, key: FormKey, commit: str) -> None:
        """Bring the redaction of an attachment to the front."""
        self.redact.take_attachment(key, CommitId(commit))
        self.page_wanted.emit(self.redact)

    def open_pair(self, first: str = "", second: str = "") -> None:
        """Bring two subjects that may be one person to the front; the most urgent pair where none is named."""
        self.same.take_pair(*((SubjectId(first), SubjectId(second)) if first else ()))
        self.page_wanted.emit(self.same)

    def open_unblinding(self, subject: str, number: str) -> None:
        """Bring the unblinding of a subject to the front."""
        self.unblind.show_subject(SubjectId(subject), number)
        self.page_wanted.emit(self.unblind)

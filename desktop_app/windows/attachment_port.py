"""What windows may ask of attachments: a protocol, no code. Every call runs on the store thread."""

from typing import Protocol

from casebook.ids import CommitId, UserId
from casebook.records import FormKey, ItemPath
from desktop_app.attachment_snapshots import AttachmentsView
from desktop_app.staff_snapshots import RedactView


class AttachmentPort(Protocol):
    """The attachments of the session's record."""

    def of_form(self, key: FormKey) -> AttachmentsView:
        """Return what is attached to a form."""

    def attach(
        self, key: FormKey, name: str, media_type: str, content: bytes, path: ItemPath | None = None
    ) -> AttachmentsView:
        """Attach a file to a form; the same file twice is one."""

    def strike(self, key: FormKey, commit: CommitId, reason: str) -> AttachmentsView:
        """Strike an attachment through, with the reason."""

    def redact_view(self, key: FormKey, commit: CommitId) -> RedactView:
        """Return an attachment as the page of redactions shows it."""

    def redact(
        self, key: FormKey, commit: CommitId, reason: str, passphrase: str, second: UserId, other: str
    ) -> AttachmentsView:
        """Take an attachment out of the record, by two people."""

    def content(self, key: FormKey, commit: CommitId) -> bytes:
        """Return the file that was attached."""

    def note_copied(self, key: FormKey, commit: CommitId) -> None:
        """Note in the record that a copy was saved outside the vault."""

"""Attachments of a session: adding, striking, opening, fetching, taking out of the record. On the store thread.

The chunks are durable before the commit that names them is sealed, and count once it stands.

Source: docs/record_format.md, section "Attachments"; docs/adr/0027.
"""

from collections.abc import Callable

from casebook import attachments, blinding, crypto
from casebook.attached import StoredAttachment, open_stored
from casebook.attachments import AttachPayload, StrikeAttachmentPayload
from casebook.canonical import clean_text
from casebook.design import Text
from casebook.errors import (
    LANGUAGES,
    AttachmentElsewhereError,
    AttachmentEmptyError,
    AttachmentGoneError,
    CasebookError,
    ReasonRequiredError,
    SealedAwayError,
)
from casebook.ids import CommitId, UserId
from casebook.ledger import shelf_of
from casebook.records import FormKey, ItemPath
from casebook.redaction import build_redaction
from casebook.store.chunks import ChunkFolder
from casebook.sync.attachments import at_server, want, wanted
from desktop_app.attachment_snapshots import WHOLE_PERCENT, AttachmentRow, AttachmentsView
from desktop_app.staff_snapshots import RedactRow, RedactView
from desktop_app.workbench import Workbench

NAME_LENGTH = 120
COPIED = "attachment-copied"
"""Security event: a copy of an attachment was saved outside the vault."""


class Attaching:
    """The attachments of a session's record."""

    def __init__(self, bench: Workbench, refuse_if_closed: Callable[[FormKey], None]) -> None:
        """Look at nothing yet. `refuse_if_closed`: raises for a form that is frozen or locked."""
        self._bench = bench
        self._refuse_if_closed = refuse_if_closed

    # -- looking -------------------------------------------------------------------------------------

    def of_form(self, key: FormKey) -> AttachmentsView:
        """Return what is attached to a form. Raises UnknownItemError for one that is not open to this person."""
        bench = self._bench
        bench.refuse_hidden(key)
        home = bench.study.home(bench.design, key)
        casebook = bench.record.casebook(key.subject)
        labels = (home.form(key.form).label, home.visit(key.visit.visit).label)
        number = casebook.number or bench.place.site
        return AttachmentsView(
            key=key,
            where=Text({one: " · ".join((number, *(label(one) for label in labels))) for one in LANGUAGES}),
            rows=tuple(self._row(key, one) for one in casebook.attachments(key)),
            why_not=self._why_not(key),
        )

    def _why_not(self, key: FormKey) -> Text | None:
        try:
            self._ask(key)
        except CasebookError as error:
            return Text({one: error.sentence(one) for one in LANGUAGES})
        return None

    def _ask(self, key: FormKey) -> None:
        """Refuse who may not attach to a form now. Raises Refusal, SealedAwayError, OtherVersionError."""
        bench = self._bench
        bench.refuse_hidden(key)
        bench.study.refuse_unless_asked(bench.design, key)
        self._refuse_if_closed(key)
        bench.permissions.require("enter", key.form)
        if bench.record.seat.identity_key is None:
            raise SealedAwayError

    def _row(self, key: FormKey, one: StoredAttachment) -> AttachmentRow:
        bench, payload, act = self._bench, one.payload, one.act
        shelf = bench.record.shelf_with(one.commit)
        here = sum(1 for name in payload.chunks if shelf.chunks.has(name))
        there = at_server(shelf.log, one.commit)
        return AttachmentRow(
            commit=one.commit,
            path=payload.path,
            item=self._item(key, payload.path),
            name=payload.name,
            media_type=payload.media_type,
            size_bytes=payload.size_bytes,
            sha256=payload.sha256,
            author=bench.name_of(act.author),
            at=act.moment.local,
            laptop=bench.letter_of(act.device),
            struck=one.struck_reason,
            struck_by=bench.name_of(one.struck.author) if one.struck is not None else "",
            struck_at=one.struck.moment.local if one.struck is not None else None,
            held=one.held,
            redacted=payload.redacted,
            here_percent=WHOLE_PERCENT * here // len(payload.chunks) if payload.chunks else 0,
            server_percent=there.percent,
            wanted=one.commit in wanted(shelf.log),
            own=act.device == bench.record.seat.device,
        )

    def _item(self, key: FormKey, path: ItemPath | None) -> Text:
        bench = self._bench
        form = bench.study.home(bench.design, key).form(key.form)
        items = [item for group in form.groups for item in group.items if path is not None and item.name == path.item]
        return items[0].label if items else Text(dict.fromkeys(LANGUAGES, ""))

    def _found(self, key: FormKey, commit: CommitId) -> StoredAttachment:
        self._bench.refuse_hidden(key)
        for one in self._bench.record.casebook(key.subject).attachments(key):
            if one.commit == commit:
                return one
        raise AttachmentGoneError

    # -- adding and striking -------------------------------------------------------------------------

    def attach(
        self, key: FormKey, name: str, media_type: str, content: bytes, path: ItemPath | None = None
    ) -> AttachmentsView:
        """Attach a file to a form, sealed to the site; durable on return. The same file twice is one.

        Args:
            name: As it is shown; `media_type`: as `image/jpeg`.
            path: The item that it is about; None for the whole form.

        Raises:
            AttachmentEmptyError, AttachmentTooLargeError: It holds nothing, or more than 20 MiB.
            AttachmentRoomError, DiskFullError, DiskFailedError: It cannot be kept here.
            Refusal, SealedAwayError, OtherVersionError: It is for others to do, or not in this form now.
        """
        record = self._bench.record
        record.catch_up()
        self._ask(key)
        if not content:
            raise AttachmentEmptyError(name=name)
        sha256 = crypto.sha256(content).hex()
        if not any(
            one.stands and (one.payload.sha256, one.payload.path) == (sha256, path)
            for one in record.casebook(key.subject).attachments(key)
        ):
            self._seal(key, name, media_type, content, path)
        return self.of_form(key)

    def _seal(self, key: FormKey, name: str, media_type: str, content: bytes, path: ItemPath | None) -> None:
        record = self._bench.record
        sealed = attachments.seal_file(content, record.seat.random_bytes)
        names = tuple(chunk for chunk, _ in sealed.chunks)
        where = blinding.compartment_of_attachment(self._bench.design, key.form, shelf=record.home.name)
        chunks = self._chunks(where)
        chunks.prepare(sealed.chunks)
        payload = AttachPayload(
            key=key,
            path=path,
            name=clean_text(name)[:NAME_LENGTH],
            media_type=media_type,
            size_bytes=sealed.size_bytes,
            sha256=sealed.sha256,
            chunks=names,
            content_key=sealed.content_key,
        )
        record.seal([(payload, where)], subject=key.subject)
        chunks.settle(names)

    def _chunks(self, compartment: str) -> ChunkFolder:
        name = shelf_of(compartment)
        return next(shelf.chunks for shelf in self._bench.record.shelves if shelf.name == name)

    def strike(self, key: FormKey, commit: CommitId, reason: str) -> AttachmentsView:
        """Strike an attachment through; it stays readable.

        Raises:
            ReasonRequiredError: No reason was given.
            Refusal, AttachmentGoneError: It is for others to do; there is none of this name.
        """
        record = self._bench.record
        record.catch_up()
        self._ask(key)
        found = self._found(key, commit)
        if not reason.strip():
            raise ReasonRequiredError(item=found.payload.name)
        if found.struck is None:
            payload = StrikeAttachmentPayload(key=key, attachment=commit, reason=clean_text(reason.strip()))
            where = record.commit(commit).parsed.compartment
            record.seal([(payload, where)], subject=key.subject)
        return self.of_form(key)

    def redact_view(self, key: FormKey, commit: CommitId) -> RedactView:
        """Return an attachment as the page shows it on which two people take something out of the record."""
        found = self._found(key, commit)
        name = Text(dict.fromkeys(LANGUAGES, found.payload.name))
        row = RedactRow(
            commit=commit,
            shown=name,
            who=self._bench.name_of(found.act.author),
            at=found.act.moment.local,
            redacted=found.payload.redacted,
        )
        return RedactView(label=name, rows=(row,))

    def redact(
        self, key: FormKey, commit: CommitId, reason: str, passphrase: str, second: UserId, other: str
    ) -> AttachmentsView:
        """Take an attachment out of the record, here and wherever the redaction comes: nobody can open it then.

        Args:
            passphrase: Of the signed-in person; `other`: of the second one.

        Raises:
            Refusal, SecondSignerRefusedError, ReasonRequiredError: It takes two people who may, and a reason.
            NothingToRedactError: It was taken out already.
            WrongPassphraseError: One of the passphrases is wrong.
        """
        bench = self._bench
        record = bench.record
        bench.permissions.require("redact")
        record.catch_up()
        found = self._found(key, commit)
        bench.ring.prove(passphrase)
        signer = bench.ring.signer(second, other)
        today = bench.permissions.today
        target = record.commit(commit)
        said = build_redaction(
            target,
            (),
            reason,
            first=record.seat.user,
            second=second,
            second_signer=signer,
            may_redact=lambda user: bench.permissions.rights(user).allows("redact", on=today),
            identity_key=record.seat.identity_key,
        )
        chunks = self._bench.record.shelf_with(commit).chunks
        (sealed,) = record.seal([(said, target.parsed.shelf)], subject=key.subject, site=target.parsed.site)
        record.redact(sealed)
        for name in found.payload.chunks:
            chunks.remove(name)
        return self.of_form(key)

    # -- opening -------------------------------------------------------------------------------------

    def content(self, key: FormKey, commit: CommitId) -> bytes:
        """Return the file that was attached.

        Raises:
            AttachmentElsewhereError: A part is not on this laptop; it is fetched with the next exchange.
            AttachmentBrokenError: Its parts do not make the file that was attached.
            AttachmentGoneError: It was taken out of the record.
        """
        found = self._found(key, commit)
        try:
            return open_stored(found, self._bench.record.shelf_with(commit).chunks.get)
        except AttachmentElsewhereError:
            want(self._bench.record.shelf_with(commit).log, commit)
            raise

    def note_copied(self, key: FormKey, commit: CommitId) -> None:
        """Note in the record that a copy was saved outside the vault, where those who may see it look."""
        found = self._found(key, commit)
        self._bench.note(COPIED, {"attachment": commit[:32], "sha256": found.payload.sha256})

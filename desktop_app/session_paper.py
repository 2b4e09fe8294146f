"""The paper half of a session: printing, signing, finished documents, and files for others.

Source: docs/paper.md; docs/export.md.
"""

from dataclasses import replace
from pathlib import Path

from casebook import payloads
from casebook.design import Text
from casebook.errors import CertificateMissingError, SealedAwayError, UnknownItemError
from casebook.export import ExportFormat
from casebook.ids import SubjectId
from casebook.payloads import BlobPayload
from desktop_app import exporting, views
from desktop_app.exporting import Exported
from desktop_app.permissions import sentence_of
from desktop_app.snapshots import DocumentRow, PaperItem, SubjectRow
from desktop_app.version_snapshots import VersionsView
from desktop_app.workbench import Workbench


class SessionPaper:
    """Draws what this session may show. Methods as `desktop_app.session.Session` has them."""

    def __init__(self, bench: Workbench) -> None:
        """Draw nothing yet."""
        self._bench = bench

    def items(self, subject: SubjectId) -> tuple[PaperItem, ...]:
        """Return what can be printed for a subject, and whether this person signs it."""
        return tuple(replace(item, why_not=self._why_not(item)) for item in self._bench.paperwork(subject).items())

    def _why_not(self, item: PaperItem) -> Text | None:
        refused = self._bench.permissions.refusal("sign", item.key.form if item.key is not None else None)
        return sentence_of(refused) if refused is not None else None

    def draw(self, subject: SubjectId, item: PaperItem) -> bytes:
        """Return an unsigned PDF of what is recorded; open entries are sealed first. Raises Refusal."""
        self._bench.permissions.require("print")
        self._bench.save_all(subject)
        self._bench.note("print", {"kind": item.kind})
        return self._bench.paperwork(subject).draw(item)

    def versions(self, view: VersionsView) -> bytes:
        """Return the versions of the study and what the next one does here. Raises Refusal."""
        self._bench.permissions.require("print")
        self._bench.note("print", {"kind": "versions"})
        return self._bench.paperwork(self._bench.site_file).draw_versions(view, self._bench.place.site)

    def log(self, rows: tuple[SubjectRow, ...]) -> bytes:
        """Return the screening log of the site; no identity data stands in it."""
        self._bench.note("print", {"kind": "log"})
        return self._bench.paperwork(self._bench.site_file).draw_log(rows, self._bench.place.site)

    def sign(self, subject: SubjectId, item: PaperItem, passphrase: str, meaning: str) -> DocumentRow:
        """Sign a paper as the signed-in person and seal it into the record, to the site's key."""
        bench, record = self._bench, self._bench.record
        bench.permissions.require("sign", item.key.form if item.key is not None else None)
        if record.seat.identity_key is None:
            raise SealedAwayError
        bench.save_all(subject)
        key = bench.directory.person_key(record.seat.user, record.seat.device)
        paperwork = bench.paperwork(subject)
        if key is None:
            raise CertificateMissingError(person=bench.person.name)
        rsa_key = bench.ring.paper_key(passphrase)
        document = paperwork.sign(item, rsa_key, key.certificate, bench.place.authority, meaning)
        where = bench.compartment(sealed=True)
        (commit,) = record.seal([(document, where)], subject=subject)
        form = record.casebook(subject).form(document.key)
        stored = next(one for one in form.documents if one.commit == commit.id)
        return views.document_row(form, stored, bench.around())

    def document(self, subject: SubjectId, sha256: str) -> bytes:
        """Return the bytes of a finished document."""
        record = self._bench.record
        for form in record.casebook(subject).forms.values():
            for document in form.documents:
                if document.sha256 == sha256:
                    payload = payloads.read(record.commit(document.commit), record.seat.identity_key)
                    if isinstance(payload, BlobPayload):
                        return payload.content
        raise UnknownItemError(form="", item=sha256[:16])

    def export(self, out: str, kind: str, *, attachments: bool = False) -> Exported:
        """Write what is recorded at this site as files for others; see `desktop_app.exporting`."""
        bench = self._bench
        bench.permissions.require("export")
        bench.refuse_unless_whole()
        bench.save_all(None)
        letters = {one.device: one.letter for one in bench.directory.devices(bench.place.site)}
        people = [bench.person_of(member.user) for member in bench.directory.staff(bench.place.site)]
        context = exporting.context_of(bench.record.seat, bench.place, people, letters)
        return exporting.export(
            bench.record,
            bench.study.around(bench.design),
            context,
            bench.site_file,
            out=Path(out),
            kind=ExportFormat(kind),
            note=bench.note,
            attachments=attachments,
        )

"""Attachments in an export: which there are, and their files where they were asked for.

A photo or a scan can show a face or a name, so none leaves unless whoever exports says so; that it exists, with its
SHA-256, stands in the tables and in ODM always. Files are named by the subject's number and the place in the record:
the name that a file had on somebody's telephone may be a person's, and does not leave. Attachments of identity forms
and identity items never do.

Source: docs/export.md, section "Attachments"; docs/adr/0027.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from casebook.attached import StoredAttachment
from casebook.design import Form, StudyDesign
from casebook.errors import AttachmentBrokenError, AttachmentElsewhereError
from casebook.export.disclosure import groups_of, item_at
from casebook.export.gathered import SubjectRecord
from casebook.records import FormKey

FOLDER = "attachments"
OpenAttachment = Callable[[StoredAttachment], bytes]
"""Returns the file that was attached. Raises AttachmentElsewhereError, AttachmentBrokenError."""
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "application/pdf": ".pdf"}
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.]+")


class NoFile(StrEnum):
    """Why there is no file of an attachment."""

    LEFT_OUT = "left_out"
    """They were not asked for."""
    ELSEWHERE = "elsewhere"
    """Not all of it is on this laptop."""
    DAMAGED = "damaged"
    TAKEN_OUT = "taken_out"
    """It was taken out of the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """One attachment as it leaves.

    Attributes:
        file: Where its file lies in the export, "" where there is none; `why`: why there is none.
    """

    key: FormKey
    stored: StoredAttachment
    file: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """What ODM says of it."""
        payload = self.stored.payload
        if payload.redacted:
            return "Attachment: taken out of the record."
        said = f"Attachment: {payload.media_type}, {payload.size_bytes} bytes, SHA-256 {payload.sha256}"
        said += f", {self.file}" if self.file else ""
        return said + (", struck through." if self.stored.struck is not None else ".")


OfRecord = Callable[[SubjectRecord], Sequence[AttachedFile]]
"""Returns the attachments of a record."""


def nothing_attached(_: SubjectRecord) -> Sequence[AttachedFile]:
    """Return none: of what is exported without attachments."""
    return ()


class AttachedFiles:
    """The attachments of an export: written as they are asked for, each once."""

    def __init__(self, folder: Path, design: StudyDesign, open_: OpenAttachment | None) -> None:
        """Write nothing yet. `open_`: opens one; None leaves the files out."""
        self._folder = folder
        self._design = design
        self._open = open_
        self._known: dict[str, tuple[AttachedFile, ...]] = {}

    def of(self, record: SubjectRecord) -> tuple[AttachedFile, ...]:
        """Return the attachments of a casebook that may leave, in the order of its forms. Writes their files once."""
        subject = record.casebook.subject
        if subject not in self._known:
            self._known[subject] = tuple(self._files(record))
        return self._known[subject]

    def all(self) -> Iterator[AttachedFile]:
        """Yield those of every casebook that was asked about."""
        for files in self._known.values():
            yield from files

    def _files(self, record: SubjectRecord) -> Iterator[AttachedFile]:
        casebook = record.casebook
        for key in sorted(casebook.attachment_acts):
            form = self._design.forms.get(key.form)
            for place, stored in enumerate(casebook.attachments(key), start=1):
                if form is not None and _leaves(form, stored):
                    yield self._file(key, stored, f"{_name(casebook.number, key)}_{place}")

    def _file(self, key: FormKey, stored: StoredAttachment, stem: str) -> AttachedFile:
        if stored.payload.redacted:
            return AttachedFile(key=key, stored=stored, why=NoFile.TAKEN_OUT)
        if self._open is None:
            return AttachedFile(key=key, stored=stored, why=NoFile.LEFT_OUT)
        try:
            content = self._open(stored)
        except AttachmentElsewhereError:
            return AttachedFile(key=key, stored=stored, why=NoFile.ELSEWHERE)
        except AttachmentBrokenError:
            return AttachedFile(key=key, stored=stored, why=NoFile.DAMAGED)
        file = f"{FOLDER}/{stem}{_SUFFIXES.get(stored.payload.media_type, '.bin')}"
        path = self._folder / file
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(content)
        return AttachedFile(key=key, stored=stored, file=file)


def _leaves(form: Form, stored: StoredAttachment) -> bool:
    path = stored.payload.path
    return any(groups_of(form)) if path is None else item_at(form, path) is not None


def _name(number: str, key: FormKey) -> str:
    parts = (number or "site", key.visit.visit, key.visit.repeat, key.form, key.repeat)
    return "_".join(_NOT_PLAIN.sub("-", part) for part in parts if part)

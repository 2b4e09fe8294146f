"""The record of a site, written as files for others: who may ask for it, and what they get.

Source: docs/export.md; 21 CFR 11.10(b) (copies for inspection).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from casebook.attached import StoredAttachment, open_stored
from casebook.export import Export, ExportContext, ExportFormat, ExportPerson, export_record, write_export
from casebook.ids import DeviceId, SubjectId
from casebook.versions import Designs
from desktop_app.record import Record, Seat
from desktop_app.snapshots import Person

Note = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written and where.

    Attributes:
        sha256: Of the manifest, as the record notes it.
        attachments: Attachments whose files are in it; `no_file`: those that are named alone.
    """

    path: str
    files: int
    sha256: str
    subjects: int
    forms: int
    conflicts: int
    unreadable: int
    attachments: int = 0
    no_file: int = 0


class Place(Protocol):
    """Where the laptop stands."""

    @property
    def site(self) -> str:
        """The site's number."""

    @property
    def site_name(self) -> str:
        """The site's name."""


def context_of(seat: Seat, place: Place, people: Iterable[Person], letters: Mapping[DeviceId, str]) -> ExportContext:
    """Return what an export is told beside the record: people by user id and role, laptops by letter."""
    return ExportContext(
        exported_at=seat.clock().local,
        exported_by=seat.user,
        site=place.site,
        site_name=place.site_name,
        app_version=seat.app_version,
        people={
            one.user: ExportPerson(role=one.role, role_label=one.role_label, signs="sign" in one.rights)
            for one in people
        },
        letters=letters,
    )


def export(
    record: Record,
    designs: Designs,
    context: ExportContext,
    site_file: SubjectId,
    *,
    out: Path,
    kind: ExportFormat,
    note: Note,
    attachments: bool = False,
) -> Exported:
    """Write everything that is recorded at this site and may leave; see `casebook.export`.

    Args:
        designs: The version of the study that is in force as the current one, and all others that are known.
        site_file: The site's own file, which is no subject.
        note: Told before anything appears at `out`.
        attachments: The files of attachments too, as far as they lie on this laptop.

    Raises:
        ExportExistsError, FileUnwritableError, ExportInvalidError: Nothing was written.
    """
    told: list[Export] = []
    known = record.subjects()
    subjects = [record.casebook(subject) for subject in known if subject != site_file]
    site = record.casebook(site_file) if site_file in known else None

    def fill(folder: Path) -> None:
        open_one = partial(_open, record) if attachments else None
        done = export_record(
            folder,
            designs.current,
            subjects,
            context,
            kind,
            site=site,
            earlier=designs.earlier,
            open_attachment=open_one,
        )
        told.append(done)

    def noted(sha256: str) -> None:
        files = {"attachments": str(told[0].attachments)} if attachments else {}
        note("export", {"kind": kind.value, "sha256": sha256} | files)

    written = write_export(out, fill, at=context.exported_at, note=noted)
    return Exported(
        path=str(written.path),
        files=len(written.files),
        sha256=written.sha256,
        subjects=told[0].subjects,
        forms=told[0].forms,
        conflicts=told[0].conflicts,
        unreadable=told[0].unreadable,
        attachments=told[0].attachments,
        no_file=told[0].no_file,
    )


def _open(record: Record, one: StoredAttachment) -> bytes:
    return open_stored(one, record.shelf_with(one.commit).chunks.get)

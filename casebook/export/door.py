"""One export from beginning to end: gather every subject, then write the files that were asked for.

Source: docs/export.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from casebook.design import StudyDesign
from casebook.export.attached_files import AttachedFiles, OpenAttachment
from casebook.export.context import ExportContext, ExportFormat
from casebook.export.dictionary import dictionary_files
from casebook.export.disclosure import leaves
from casebook.export.gathered import SubjectRecord, gather
from casebook.export.odm import write_odm
from casebook.export.readme import readme
from casebook.export.tables import Tables
from casebook.export.versions import NAME, other_versions
from casebook.projection import Casebook
from casebook.versions import Designs

SNAPSHOT, HISTORY, README = "odm_snapshot.xml", "odm_history.xml", "README.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What went into an export.

    Attributes:
        conflicts: Values that are left empty because entries disagree.
        unreadable: Commits that this laptop cannot read: sealed away, or of a newer version.
        attachments: Attachments whose files are in it; `no_file`: those that are named alone.
    """

    subjects: int
    forms: int
    conflicts: int
    unreadable: int
    attachments: int = 0
    no_file: int = 0


def export_record(
    folder: Path,
    design: StudyDesign,
    casebooks: Sequence[Casebook],
    context: ExportContext,
    kind: ExportFormat = ExportFormat.ALL,
    *,
    site: Casebook | None = None,
    earlier: Sequence[StudyDesign] = (),
    open_attachment: OpenAttachment | None = None,
) -> Export:
    """Write the files of one export into an empty folder.

    Args:
        casebooks: The subjects; they are written in the order of their numbers. One that is shown in another's
            casebook (`into`) leaves under that number alone.
        site: The site's own file, which is no subject.
        earlier: The other versions of the study that are known, the earliest first.
        open_attachment: Opens an attachment; None leaves their files out.

    Raises:
        ExportInvalidError: A file does not follow the ODM schema.
        OSError: The disk refuses.
    """
    site_record = gather(design, site, now=context.exported_at) if site is not None else None
    held = _unique_values(design, casebooks)

    def record_of(casebook: Casebook) -> SubjectRecord:
        found = gather(
            design,
            casebook,
            now=context.exported_at,
            site=site_record.subject if site_record else None,
            taken=partial(_taken, held, frozenset({casebook.subject, *(one.subject for one in casebook.also)})),
        )
        return replace(found, also=tuple(record_of(one) for one in casebook.also))

    own = [one for one in casebooks if not one.into]
    subjects = [record_of(one) for one in sorted(own, key=lambda one: (one.number, one.subject))]
    attached = AttachedFiles(folder, design, open_attachment)
    if kind is not ExportFormat.CSV:
        for name, history in ((SNAPSHOT, False), (HISTORY, True)):
            with (folder / name).open("w+b") as file:
                write_odm(file, design, subjects, context, site=site_record, history=history, attached=attached.of)
    if kind is not ExportFormat.ODM:
        tables = Tables(design, subjects, context, attached, site_record)
        everyone = [
            *(one.casebook for subject in subjects for one in (subject, *subject.also)),
            *([site] if site is not None else []),
        ]
        others = other_versions(
            Designs(current=design, earlier=tuple(earlier)), everyone, context, site.subject if site is not None else ""
        )
        (folder / NAME).write_bytes(others)
        for name, content in (*tables.files(), *dictionary_files(design)):
            (folder / name).write_bytes(content)
    told = _told(subjects, attached)
    (folder / README).write_text(readme(design, context, kind, told), "utf-8", newline="\r\n")
    return told


def _told(subjects: Sequence[SubjectRecord], attached: AttachedFiles) -> Export:
    files = tuple(attached.all())
    everyone = [one for subject in subjects for one in (subject, *subject.also)]
    return Export(
        subjects=len(subjects),
        forms=sum(len(one.forms) for one in everyone),
        conflicts=sum(len(form.state.conflicts) for one in everyone for form in one.forms),
        unreadable=sum(one.casebook.sealed_away + one.casebook.unknown for one in everyone),
        attachments=sum(1 for one in files if one.file),
        no_file=sum(1 for one in files if not one.file),
    )


def _taken(held: Mapping[tuple[str, str], set[str]], mine: frozenset[str], item: str, value: str) -> bool:
    """Tell whether another person than `mine` (under each of their numbers) has `value` of an item."""
    return bool(held.get((item, value), set()) - mine)


def _unique_values(design: StudyDesign, casebooks: Sequence[Casebook]) -> dict[tuple[str, str], set[str]]:
    """Return which subjects have which value of the items that no two subjects may share."""
    unique = {
        (form.oid, item.name): item.oid
        for form in design.forms.values()
        for group in form.groups
        for item in group.items
        if item.unique and leaves(form, item)
    }
    held: dict[tuple[str, str], set[str]] = {}
    for casebook in casebooks:
        for key, state in casebook.forms.items():
            for path, reading in state.readings.items():
                oid = unique.get((key.form, path.item))
                if oid is not None and reading.value is not None:
                    held.setdefault((oid, reading.value), set()).add(casebook.subject)
    return held

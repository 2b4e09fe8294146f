"""The record as two CDISC ODM 1.3.2 files: what stands (`Snapshot`), and how it came to be (`Transactional`).

Source: CDISC ODM 1.3.2; docs/export.md; docs/adr/0016.
"""

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

from casebook.design import StudyDesign
from casebook.export.attached_files import OfRecord, nothing_attached
from casebook.export.context import ExportContext
from casebook.export.gathered import SubjectRecord
from casebook.export.odm_clinical import SIGNATURE, ClinicalWriter, location_oid, stamp, user_oid
from casebook.export.odm_metadata import version_oid, write_study
from casebook.export.schema import refuse_unless_valid
from casebook.export.xml import XmlWriter

NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"


def write_odm(
    file: BinaryIO,
    design: StudyDesign,
    subjects: Sequence[SubjectRecord],
    context: ExportContext,
    *,
    site: SubjectRecord | None = None,
    history: bool = False,
    attached: OfRecord = nothing_attached,
) -> None:
    """Write one ODM file and hold it against the official schema.

    Args:
        file: Empty, for writing and reading.
        site: The site's own file; it becomes ReferenceData.
        history: Every instruction ever given, and not only what stands.
        attached: Returns the attachments of a record; they are named beside its forms.

    Raises:
        ExportInvalidError: The file does not follow the schema.
    """
    writer = XmlWriter(file)
    kind = "Transactional" if history else "Snapshot"
    root = {
        "xmlns": NAMESPACE,
        "Description": f"{design.protocol} site {context.site}, by user {context.exported_by}",
        "FileType": kind,
        "Granularity": "SingleSite",
        "FileOID": f"{design.code}.{context.site}.{kind}.{context.exported_at:%Y%m%dT%H%M%S%z}",
        "CreationDateTime": stamp(context.exported_at),
        "AsOfDateTime": stamp(context.exported_at),
        "ODMVersion": "1.3.2",
        "SourceSystem": "Casebook",
        "SourceSystemVersion": context.app_version,
    }
    with writer.inside("ODM", root):
        others = [other for one in subjects for other in one.also]
        twice = frozenset(form.key.form for one in others for form in one.forms)
        write_study(writer, design, twice)
        _write_admin(writer, design, [*subjects, *others, *([site] if site else [])], context)
        clinical = ClinicalWriter(writer, design, context, history=history, twice=twice, attached=attached)
        clinical.write(subjects, site)
    refuse_unless_valid(file)


def _write_admin(
    writer: XmlWriter, design: StudyDesign, records: Sequence[SubjectRecord], context: ExportContext
) -> None:
    """Write who and where: people by user id and role, the site and its laptops, the kind of signature."""
    contributions = [
        (one.author, one.device, one.moment.local.date())
        for record in records
        for state in record.casebook.forms.values()
        for one in state.contributions
    ]
    signers = {
        document.author
        for record in records
        for state in record.casebook.forms.values()
        for document in state.documents
    }
    users = sorted({context.exported_by, *context.people, *signers, *(author for author, _, _ in contributions)})
    sites = {context.site, *(record.casebook.site for record in records if record.casebook.site)}
    places = sorted({*sites, *(context.place(device) for _, device, _ in contributions)})
    since = min((day for _, _, day in contributions), default=context.exported_at.date())
    with writer.inside("AdminData", {"StudyOID": design.oid}):
        for user in users:
            _write_user(writer, user, context, design.languages[0])
        for place in places:
            _write_place(writer, design, place, context, since, is_site=place in sites)
        with writer.inside("SignatureDef", {"OID": SIGNATURE, "Methodology": "Digital"}):
            writer.leaf("Meaning", text="Signature on a printed record of the form, as a signed PDF")
            writer.leaf(
                "LegalReason",
                text="The signer states in the document itself whether it means authorship, review or approval.",
            )


def _write_user(writer: XmlWriter, user: str, context: ExportContext, language: str) -> None:
    person = next((one for known, one in context.people.items() if known == user), None)
    kind = "Investigator" if person is not None and person.signs else "Other"
    with writer.inside("User", {"OID": user_oid(user), "UserType": kind}):
        writer.leaf("LoginName", text=user)
        if person is not None:
            writer.leaf("DisplayName", text=f"{person.role_label(language)} ({person.role})")
        writer.leaf("LocationRef", {"LocationOID": location_oid(context.site)})


def _write_place(
    writer: XmlWriter, design: StudyDesign, place: str, context: ExportContext, since: date, *, is_site: bool
) -> None:
    name = context.site_name if place == context.site and context.site_name else place
    attributes = {
        "OID": location_oid(place),
        "Name": name if is_site else f"Laptop {place}",
        "LocationType": "Site" if is_site else "Other",
    }
    with writer.inside("Location", attributes):
        reference = {
            "StudyOID": design.oid,
            "MetaDataVersionOID": version_oid(design),
            "EffectiveDate": since.isoformat(),
        }
        writer.leaf("MetaDataVersionRef", reference)

"""The one door to paper for applications: print, sign, verify.

Nothing heavy is loaded until the first call, which belongs in a worker thread: the layout library and
two fonts take a third of a second, the signing library as long again. Signing and verifying must not
run inside an event loop.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from casebook.design import StudyDesign
from casebook.errors import LANGUAGES
from casebook.paper.code import CodeVerdict
from casebook.paper.context import PaperContext, RecoverySheet
from casebook.paper.table import Table
from casebook.projection import Casebook
from casebook.records import FormKey, VisitKey
from casebook.rules import Around, nothing_around

if TYPE_CHECKING:
    from casebook.chronology import Chronology
    from casebook.paper.signing import PaperSigner
    from casebook.paper.verification import PaperVerdict


def print_visit(
    design: StudyDesign, casebook: Casebook, visit: VisitKey, context: PaperContext, *, around: Around = nothing_around
) -> bytes:
    """Return the record of a visit; see `casebook.paper.visit_record.visit_record`."""
    from casebook.paper.visit_record import visit_record

    return visit_record(design, casebook, visit, context, around=around)


def print_consent(
    design: StudyDesign,
    casebook: Casebook,
    form_key: FormKey,
    context: PaperContext,
    *,
    around: Around = nothing_around,
) -> bytes:
    """Return the consent document; see `casebook.paper.consent.consent_document`."""
    from casebook.paper.consent import consent_document

    return consent_document(design, casebook, form_key, context, around=around)


def print_table(
    design: StudyDesign, table: Table, context: PaperContext, chronology: "Chronology | None" = None
) -> bytes:
    """Return a table as a document; see `casebook.paper.table_document.table_document`."""
    from casebook.paper.table_document import table_document

    return table_document(design, table, context, chronology)


def print_recovery_sheet(said: RecoverySheet, languages: Sequence[str]) -> bytes:
    """Return a recovery sheet; see `casebook.paper.recovery_sheet.recovery_sheet`."""
    from casebook.paper.recovery_sheet import recovery_sheet

    return recovery_sheet(said, languages)


def print_blank_forms(design: StudyDesign, languages: Sequence[str]) -> bytes:
    """Return the study's annotated blank forms; see `casebook.paper.blank_forms.blank_forms`."""
    from casebook.paper.blank_forms import blank_forms

    return blank_forms(design, languages)


def digests(
    design: StudyDesign,
    casebook: Casebook,
    visit: VisitKey,
    *,
    around: Around = nothing_around,
) -> frozenset[str]:
    """Return the document digests that prints of this visit carry now: its record, open or not, and its consents.

    `casebook.paper.code.judge_code` compares a page's code with them.
    """
    from casebook.paper.consent import consent_digest
    from casebook.paper.visit_record import visit_digest

    records = {visit_digest(design, casebook, visit, around=around, with_identity=shown) for shown in (False, True)}
    consents = {
        consent_digest(design, casebook, key, around=around)
        for key in casebook.forms
        if key.visit == visit and key.form in design.forms and design.form(key.form).consent
    }
    return frozenset(records | consents)


def load_signer(*, key_der: bytes, certificate_der: bytes, authority_der: bytes) -> "PaperSigner":
    """Load a person's key once for a session. Raises ValueError when it is not RSA."""
    from casebook.paper.signing import PaperSigner

    return PaperSigner(key_der=key_der, certificate_der=certificate_der, authority_der=authority_der)


def sign_paper(
    pdf: bytes,
    signer: "PaperSigner",
    *,
    name: str,
    meaning: str,
    at: datetime,
    field: str,
    ink: str | None = None,
    languages: Sequence[str] = LANGUAGES,
) -> bytes:
    """Return `pdf` with one more signature; see `casebook.paper.signing.sign_paper`."""
    from casebook.paper import signing

    return signing.sign_paper(pdf, signer, name=name, meaning=meaning, at=at, field=field, ink=ink, languages=languages)


def verify_file(
    source: Path | bytes | str,
    authority_der: bytes,
    *,
    expected_sha256: str | None = None,
    expected_signers: Sequence[str] | None = None,
) -> "PaperVerdict | CodeVerdict":
    """Return the verdict on a file or a page code; see `casebook.paper.verification.verify_file`."""
    from casebook.paper import verification

    return verification.verify_file(
        source, authority_der, expected_sha256=expected_sha256, expected_signers=expected_signers
    )

"""Signing a document: PAdES B-B, offline, with a person's RSA key from the study's authority.

The fields exist before anyone signs (`casebook.paper.sheet`): a field that is added later would break
the first, certifying signature. That one allows further signatures and nothing else. RSA keeps the
file at PDF 1.7; elliptic curves would lift it to 2.0 and out of PDF/A-2.

Call it from a worker thread: the library runs an event loop of its own.

Source: ETSI EN 319 142-1 (PAdES baseline B-B); ISO 32000-1, 12.8; 21 CFR 11.50(a), 11.70.
"""

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import CertificateStore, SimpleCertificateStore

from casebook.design import Text
from casebook.errors import LANGUAGES, FieldUnavailableError, TimeZoneUnknownError
from casebook.paper.context import time_text
from casebook.paper.ink import draw_ink, read_ink
from casebook.paper.layout import Paragraph, Pen, stack_height
from casebook.paper.readings import same
from casebook.paper.sheet import PaperCanvas, pair
from casebook.paper.words import MEANINGS, WORDS
from casebook.paper.zh_paragraph import Run, Tone

_DIGEST = "sha256"
_WHOLE_FIELD = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0)
)


class PaperSigner:
    """A person's RSA key and certificate, loaded once for a session.

    Loading an RSA-3072 key costs several times what a signature costs.
    """

    def __init__(self, *, key_der: bytes, certificate_der: bytes, authority_der: bytes) -> None:
        """Load a key (PKCS#8 DER), its certificate and the authority's (DER).

        Raises:
            ValueError: The key is not RSA.
        """
        # The key comes out of the sealed vault, whose integrity is checked; to validate it again is slow.
        key = serialization.load_der_private_key(key_der, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            message = "papers are signed with RSA"
            raise ValueError(message)  # noqa: TRY004 (the bytes are wrong, not the argument's type)
        self.key = key
        self.certificate = x509.Certificate.load(certificate_der)
        self.authority = x509.Certificate.load(authority_der)


class _CachedSigner(Signer):
    """A signer whose key is loaded already."""

    def __init__(self, paper_signer: PaperSigner) -> None:
        collect: Callable[[list[x509.Certificate]], CertificateStore] = SimpleCertificateStore.from_certs
        store = collect([paper_signer.authority])
        super().__init__(signing_cert=paper_signer.certificate, cert_registry=store, embed_roots=True)
        self._key = paper_signer.key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002 (the library's signature)
    ) -> bytes:
        if digest_algorithm != _DIGEST:
            message = f"papers are signed over {_DIGEST}, not {digest_algorithm}"
            raise ValueError(message)
        return bytes(self._key.key_size // 8) if dry_run else self._key.sign(data, PKCS1v15(), hashes.SHA256())


class _Revision(IncrementalPdfFileWriter):
    """A further revision that leaves title, dates and producer as they are, so that XMP goes on agreeing."""

    def _update_meta(self) -> None:
        """Keep the metadata of the first revision."""


class _TimedPdfSigner(PdfSigner):
    """Signs at the moment that the caller gives, not at the machine's."""

    def __init__(
        self, *, at: datetime, metadata: PdfSignatureMetadata, signer: Signer, style: StaticStampStyle
    ) -> None:
        super().__init__(metadata, signer, stamp_style=style)
        self._at = at

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002 (the library's signature)
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """An empty signature field found in a file."""

    width: float
    height: float
    is_first: bool


def _find_field(reader: PdfFileReader, name: str) -> _Field:
    filled = list(enumerate_sig_fields(reader, filled_status=True))
    for found, _, reference in enumerate_sig_fields(reader, filled_status=False):
        if found == name:
            left, lower, right, upper = (float(side) for side in reference.get_object()["/Rect"])
            return _Field(width=right - left, height=upper - lower, is_first=not filled)
    raise FieldUnavailableError(field=name)


def sign_paper(
    pdf: bytes,
    signer: PaperSigner,
    *,
    name: str,
    meaning: str,
    at: datetime,
    field: str,
    ink: str | None = None,
    languages: Sequence[str] = LANGUAGES,
) -> bytes:
    """Return `pdf` with one more signature, as a new revision of the file.

    Args:
        name: The signer's display name, shown in the field.
        meaning: `authorship`, `review`, `approval`, `consent`, or a sentence of one's own.
        at: Aware moment of signing, in the offset that the signer saw.
        field: Name of an empty signature field of the document.
        ink: The signer's strokes (`casebook.paper.ink`), drawn into the field.
        languages: Those of the document, in its order.

    Raises:
        FieldUnavailableError: There is no such empty field.
        InkUnreadableError: The strokes are not in the agreed form.
        TimeZoneUnknownError: The machine's zone has no name.
    """
    writer = _Revision(io.BytesIO(pdf))
    place = _find_field(writer.prev, field)
    appearance = _appearance(place, languages, name=name, meaning=meaning, at=at, ink=ink)
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=_DIGEST,
        reason=meaning,
        name=name,
        subfilter=SigSeedSubFilter.PADES,
        certify=place.is_first,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    style = StaticStampStyle(background=_PdfImage(appearance), border_width=0, background_layout=_WHOLE_FIELD)
    pdf_signer = _TimedPdfSigner(at=at, metadata=metadata, signer=_CachedSigner(signer), style=style)
    try:
        signed = pdf_signer.sign_pdf(writer, existing_fields_only=True, output=io.BytesIO())
    except ZoneInfoNotFoundError:  # the library looks at the machine's zone, although the moment is given
        raise TimeZoneUnknownError(zone=os.environ.get("TZ", "?")) from None
    return bytes(signed.getvalue())


class _PdfImage(PdfContent):
    """The one page of a small PDF in memory, as content of an appearance. No temporary file."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        imported = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)), page_ix=0)
        self.resources.xobject["/Look"] = imported
        left, lower, right, upper = (float(side) for side in imported.get_object()["/BBox"])
        self.box = BoxConstraints(width=right - left, height=upper - lower)
        return b"/Look Do"


def _meaning_text(meaning: str) -> Text:
    return MEANINGS.get(meaning, same(meaning))


def _appearance(
    place: _Field, languages: Sequence[str], *, name: str, meaning: str, at: datetime, ink: str | None
) -> bytes:
    """Draw name, meaning, time and ink into a page of the field's size."""
    buffer = io.BytesIO()
    pen = Pen(PaperCanvas(buffer, (place.width, place.height)))
    said = _meaning_text(meaning)
    texts = (
        Paragraph(runs=pair(WORDS["sign_here"], languages, lead=Tone.FAINT), size=6.0, after=1),
        Paragraph(runs=(Run(text=name, bold=True),), size=9.5, after=1),
        *(Paragraph(runs=(Run(text=line),), size=6.5) for line in dict.fromkeys(said(one) for one in languages)),
        Paragraph(runs=(Run(text=time_text(at)),), size=7.5),
    )
    text_width = place.width * (0.60 if ink else 1.0) - 8
    top = place.height - max(2.0, (place.height - stack_height(texts, text_width)) / 2)
    for paragraph in texts:
        paragraph.draw(pen, 5, top, text_width)
        top -= paragraph.height(text_width)
    if ink is not None:
        left = place.width * 0.60 + 3
        draw_ink(pen, read_ink(ink), left, 6, place.width - left - 5, place.height - 12)
    pen.canvas.showPage()
    pen.canvas.save()
    return buffer.getvalue()

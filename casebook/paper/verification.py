"""Is this file what its signers signed? Our own verdict, offline, against the study's authority.

A file is valid when every signature in it is whole, made with a key that the study's authority had
certified at the stated time, for signing; when nothing but further signatures was added after the
first; and when the last signature covers the file to its last byte. Common viewers accept more: a
page overlaid in a later revision still shows as "valid" in some.

What no file can tell: that it was cut back to an earlier revision, or that a bit changed inside the
last signature's own container. The record holds the digest and the signers of the final file; give
them as `expected_*` to close both.

Source: ISO 32000-1, 12.8; ETSI EN 319 102-1; docs/paper.md, section "Verifying".
"""

import hashlib
import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import SignedDataCerts, UnacceptableSignerError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from casebook.errors import CodeUnreadableError
from casebook.paper.code import CodeVerdict, PageCode, judge_code, read_code
from casebook.paper.context import time_text

_logger = logging.getLogger(__name__)
for _library in ("pyhanko", "pyhanko_certvalidator"):
    # They log tracebacks with names out of the file; the verdict says what is to be said.
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False
_PDF_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSignature:
    """One signature of a file.

    Attributes:
        signer: The name in the certificate.
        at: The stated time of signing; None when it is missing.
        meaning: What the signature says it means.
        holds: Whether it is whole, trusted, and followed by nothing but further signatures.
    """

    field: str
    signer: str
    at: datetime | None
    meaning: str
    holds: bool


_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "paper.not_pdf": {"en": "This is not a PDF file.", "zh": "该文件不是 PDF。"},
    "paper.damaged": {
        "en": "The file is damaged or was cut short.",
        "zh": "文件已损坏或不完整。",
    },
    "paper.unsigned": {"en": "The file carries no signature.", "zh": "文件没有签名。"},
    "paper.changed": {
        "en": "What a signature covers was changed after signing.",
        "zh": "签名覆盖的内容在签名后被更改。",
    },
    "paper.untrusted": {
        "en": "A signer's certificate is not from this study's authority, or was not in force.",
        "zh": "签名者证书不是本研究证书机构签发，或签名时无效。",
    },
    "paper.added": {
        "en": "Something other than a further signature was added after signing.",
        "zh": "签名后添加了签名以外的内容。",
    },
    "paper.uncovered": {
        "en": "Part of the file is covered by no signature.",
        "zh": "文件有部分内容未被签名覆盖。",
    },
    "paper.time": {
        "en": "A signature states no time.",
        "zh": "有签名未注明时间。",
    },
    "paper.digest": {
        "en": "The file is not the one in the record (its digest differs).",
        "zh": "该文件与记录中的文件不同（摘要不一致）。",
    },
    "paper.signers": {
        "en": "The signers are not those in the record; the file may have been cut back to an earlier state.",
        "zh": "签名者与记录不符；文件可能被退回到较早的版本。",
    },
}
_ADVICE = {
    "en": "Do not rely on it; print it again from the record, or ask the data manager.",
    "zh": "请勿采信；请从记录重新生成，或联系数据管理员。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict:
    """What is known of a file.

    Attributes:
        problems: Stable codes (`paper.changed`), each once; empty when the file is valid.
        unsigned_fields: Places for signatures that are still empty; no problem in itself.
        sha256: Digest of the whole file, 64 hex digits.
        code: The page code that the file names in its metadata, if any.
    """

    signatures: tuple[PaperSignature, ...]
    problems: tuple[str, ...]
    sha256: str
    unsigned_fields: tuple[str, ...] = ()
    code: PageCode | None = None

    @property
    def valid(self) -> bool:
        """Whether the file is what its signers signed."""
        return not self.problems

    def sentence(self, language: str = "en") -> str:
        """Return what was found, in `language` ('en' or 'zh')."""
        if self.problems:
            found = [_SENTENCES[problem][language] for problem in self.problems]
            return " ".join(("NOT valid." if language == "en" else "无效。", *found, _ADVICE[language]))
        signers = [f"{one.signer} ({one.meaning}, {time_text(one.at) if one.at else '?'})" for one in self.signatures]
        if language == "zh":
            return f"有效：文件自签名后未被更改。签名者：{'；'.join(signers)}。"
        return f"Valid: the file is unchanged since it was signed by {'; '.join(signers)}."


def verify_paper(
    pdf: bytes,
    authority_der: bytes,
    *,
    expected_sha256: str | None = None,
    expected_signers: Sequence[str] | None = None,
) -> PaperVerdict:
    """Return the verdict on a file.

    Args:
        authority_der: Certificate of the study's authority (DER), the only one that is trusted.
        expected_sha256: Digest of the final file as the record holds it (64 hex digits).
        expected_signers: Names of the signers as the record holds them, in order.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    problems: list[str] = []
    if expected_sha256 is not None and expected_sha256 != digest:
        problems.append("paper.digest")
    if _PDF_MAGIC not in pdf[:_MAGIC_WITHIN]:
        return PaperVerdict(signatures=(), problems=("paper.not_pdf", *problems), sha256=digest)
    try:
        signatures, unsigned, code, found = _examine(pdf, x509.Certificate.load(authority_der))
    except Exception as error:  # noqa: BLE001 (a hostile file may fail the parser anywhere; each way is "damaged")
        _logger.info("unreadable PDF: %s", type(error).__name__)
        return PaperVerdict(signatures=(), problems=("paper.damaged", *problems), sha256=digest)
    problems += found
    if expected_signers is not None and [one.signer for one in signatures] != list(expected_signers):
        problems.append("paper.signers")
    return PaperVerdict(
        signatures=signatures,
        problems=tuple(dict.fromkeys(problems)),
        sha256=digest,
        unsigned_fields=unsigned,
        code=code,
    )


def _examine(
    pdf: bytes, authority: x509.Certificate
) -> tuple[tuple[PaperSignature, ...], tuple[str, ...], PageCode | None, list[str]]:
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    embedded = list(reader.embedded_signatures)
    unsigned = tuple(name for name, _, _ in enumerate_sig_fields(reader, filled_status=False))
    problems: list[str] = []
    signatures: list[PaperSignature] = []
    for number, one in enumerate(embedded):
        signature, found = _judge(one, authority, is_last=number == len(embedded) - 1)
        signatures.append(signature)
        problems += found
    if not embedded:
        problems.append("paper.unsigned")
    return tuple(signatures), unsigned, _code(reader), problems


def _judge(
    one: EmbeddedPdfSignature, authority: x509.Certificate, *, is_last: bool
) -> tuple[PaperSignature, list[str]]:
    at = one.self_reported_timestamp
    problems = [] if at is not None else ["paper.time"]
    try:
        certificates: SignedDataCerts | None = one.signer_cert
        signer = one.signer_cert.subject.native.get("common_name", "")
    except (ValueError, SignatureValidationError, UnacceptableSignerError):
        certificates, signer = None, ""
    context = ValidationContext(
        trust_roots=[authority], allow_fetching=False, revocation_mode="soft-fail", moment=at or _EPOCH
    )
    try:
        status = validate_pdf_signature(one, context)
    except (SignatureValidationError, UnacceptableSignerError, PdfError, ValueError):
        status, problems = None, [*problems, "paper.changed"]
    if status is not None:
        problems += _problems_of(status, is_last=is_last)
    signature = PaperSignature(
        field=one.field_name,
        signer=str(signer) if certificates is not None else "",
        at=at,
        meaning=str(one.sig_object.get("/Reason", "")),
        holds=not problems,
    )
    return signature, problems


_EPOCH = datetime.fromtimestamp(0).astimezone()


def _problems_of(status: PdfSignatureStatus, *, is_last: bool) -> list[str]:
    problems: list[str] = []
    if not (status.intact and status.valid):
        problems.append("paper.changed")
    if not status.trusted:
        problems.append("paper.untrusted")
    if is_last and status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        problems.append("paper.uncovered")
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        problems.append("paper.uncovered")
    allowed = (ModificationLevel.NONE, ModificationLevel.FORM_FILLING)
    if not status.docmdp_ok or status.modification_level not in allowed:
        problems.append("paper.added")
    if not problems and not status.bottom_line:
        problems.append("paper.changed")
    return problems


def _code(reader: PdfFileReader) -> PageCode | None:
    try:
        return read_code(str(reader.trailer_view["/Info"]["/Keywords"]))
    except (CodeUnreadableError, KeyError):
        return None


def verify_file(
    source: Path | bytes | str,
    authority_der: bytes,
    *,
    expected_sha256: str | None = None,
    expected_signers: Sequence[str] | None = None,
) -> PaperVerdict | CodeVerdict:
    """Return the verdict on a file, its bytes, or the text of a page's QR code.

    A text that begins like a page code is judged as one, without a record; compare further with
    `casebook.paper.code.judge_code`.

    Raises:
        CodeUnreadableError: A text that is no page code.
        OSError: A path that cannot be read.
    """
    if isinstance(source, str):
        return judge_code(read_code(source))
    pdf = source.read_bytes() if isinstance(source, Path) else source
    return verify_paper(pdf, authority_der, expected_sha256=expected_sha256, expected_signers=expected_signers)

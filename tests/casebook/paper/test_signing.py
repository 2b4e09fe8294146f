"""Signing, our own verdict, and what independent programs say."""

import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import tzlocal.unix
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from casebook import crypto
from casebook.design import StudyDesign
from casebook.errors import CodeUnreadableError, FieldUnavailableError, TimeZoneUnknownError
from casebook.paper.code import CodeVerdict
from casebook.paper.context import INVESTIGATOR, PaperField
from casebook.paper.signing import PaperSigner, sign_paper
from casebook.paper.verification import PaperVerdict, verify_file, verify_paper
from casebook.paper.visit_record import visit_record
from casebook.projection import Casebook
from tests.casebook.paper.conftest import Authority
from tests.casebook.paper.preflight import preflight
from tests.casebook.paper.sample import PRINTED_AT, VISIT, context, sample_casebook, wave, words

SIGNED_AT = PRINTED_AT + timedelta(minutes=15)
REVIEWER = "Reviewer"


def sign(
    pdf: bytes,
    signer: PaperSigner,
    *,
    name: str = "研究者乙 Investigator B",
    field: str = INVESTIGATOR,
    ink: str | None = None,
) -> bytes:
    return sign_paper(pdf, signer, name=name, meaning="authorship", at=SIGNED_AT, field=field, ink=ink)


@pytest.fixture(scope="module")
def signed(consent: bytes, investigator: PaperSigner) -> bytes:
    return sign(consent, investigator, ink=wave())


@pytest.fixture(scope="module")
def with_two_places(design: StudyDesign) -> bytes:
    fields = (*context().fields, PaperField(name=REVIEWER, label=words("Reviewed by", "审核者")))
    return visit_record(design, sample_casebook(rows=0), VISIT, replace(context(), fields=fields))


@pytest.fixture(scope="module")
def signed_once(with_two_places: bytes, investigator: PaperSigner) -> bytes:
    return sign(with_two_places, investigator)


@pytest.fixture(scope="module")
def signed_twice(signed_once: bytes, reviewer: PaperSigner) -> bytes:
    return sign(signed_once, reviewer, name="护士甲 Nurse A", field=REVIEWER)


def test_signature_names_person_meaning_and_time(signed: bytes, authority: Authority) -> None:
    verdict = verify_paper(signed, authority.certificate)
    assert verdict.valid
    (one,) = verdict.signatures
    assert (one.signer, one.meaning, one.at, one.field) == (
        "研究者乙 Investigator B",
        "authorship",
        SIGNED_AT,
        INVESTIGATOR,
    )
    assert verdict.unsigned_fields == ()
    assert verdict.code is not None
    assert verdict.code.subject == "001-A001"
    assert "研究者乙 Investigator B (authorship, 2026-03-02 09:30 +08:00)" in verdict.sentence("en")
    assert "有效" in verdict.sentence("zh")


def test_two_people_sign_one_after_the_other(signed_once: bytes, signed_twice: bytes, authority: Authority) -> None:
    first = verify_paper(signed_once, authority.certificate)
    assert (first.valid, first.unsigned_fields) == (True, (REVIEWER,))
    both = verify_paper(signed_twice, authority.certificate)
    assert both.problems == ()
    assert [one.signer for one in both.signatures] == ["研究者乙 Investigator B", "护士甲 Nurse A"]


def test_signed_paper_keeps_its_archivable_shape(signed: bytes, signed_twice: bytes) -> None:
    assert preflight(signed) == []
    assert preflight(signed_twice) == []


def test_appearance_is_drawn_with_ink(consent: bytes, signed: bytes) -> None:
    def pixels(pdf: bytes) -> int:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
        picture = document[len(document) - 1].render(scale=2, may_draw_forms=True).to_pil().convert("L")
        return sum(picture.histogram()[:128])

    assert pixels(signed) > pixels(consent) + 500


def test_field_is_signed_once(signed: bytes, investigator: PaperSigner) -> None:
    with pytest.raises(FieldUnavailableError):
        sign(signed, investigator)


def test_missing_field_is_refused(consent: bytes, investigator: PaperSigner) -> None:
    with pytest.raises(FieldUnavailableError):
        sign(consent, investigator, field="Nobody")


def test_elliptic_key_is_refused(authority: Authority) -> None:
    with pytest.raises(ValueError, match="RSA"):
        PaperSigner(
            key_der=crypto.new_tls_key(),
            certificate_der=authority.certificate,
            authority_der=authority.certificate,
        )


# -- independent programs -----------------------------------------------------------------------------


@pytest.fixture
def trusting(authority: Authority, tmp_path: Path) -> Path:
    """A certificate store of the viewers' library that trusts the study's authority."""
    for program in ("pdfsig", "certutil"):
        assert shutil.which(program), f"{program} is needed: apt-get install poppler-utils libnss3-tools"
    folder = tmp_path / "nss"
    folder.mkdir()
    (tmp_path / "ca.pem").write_bytes(crypto.certificate_pem(authority.certificate))
    store = ("certutil", "-d", f"sql:{folder}")
    subprocess.run([*store, "-N", "--empty-password"], check=True)
    subprocess.run([*store, "-A", "-n", "ca", "-t", "CT,C,C", "-i", str(tmp_path / "ca.pem")], check=True)
    return folder


def test_pdfsig_trusts_both_signatures(signed_twice: bytes, trusting: Path, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed_twice)
    said = subprocess.run(
        ["pdfsig", "-nssdir", str(trusting), str(file)], check=True, capture_output=True, text=True
    ).stdout
    assert said.count("Signature is Valid.") == 2
    assert said.count("Certificate is Trusted.") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    assert "研究者乙 Investigator B" in said
    assert "Total document signed" in said


def test_signed_paper_passes_qpdf_and_embeds_every_font(signed: bytes, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed)
    checked = subprocess.run(["qpdf", "--check", str(file)], check=True, capture_output=True, text=True).stdout
    assert "No syntax or stream encoding errors found" in checked
    listed = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, text=True).stdout
    assert all("NotoSansSC" in row and " yes yes yes " in row for row in listed.splitlines()[2:])


# -- what is not valid --------------------------------------------------------------------------------


def contents_of(pdf: bytes) -> tuple[int, int]:
    """Return where the last signature's own container stands, which no signature can cover."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def test_unsigned_paper_is_not_valid(consent: bytes, authority: Authority) -> None:
    assert verify_paper(consent, authority.certificate).problems == ("paper.unsigned",)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\0" * 2000])
def test_what_is_no_paper_is_not_valid(content: bytes, authority: Authority) -> None:
    assert not verify_paper(content, authority.certificate).valid


def test_any_flipped_byte_is_told(signed: bytes, authority: Authority) -> None:
    source = random.Random(20260302)
    start, end = contents_of(signed)
    places = [place for place in source.sample(range(len(signed)), 160) if not start <= place < end]
    for place in places:
        for mask in (0x01, 0x20):
            changed = bytearray(signed)
            changed[place] ^= mask
            assert not verify_paper(bytes(changed), authority.certificate).valid, (place, mask)


def test_flip_inside_the_container_is_told_by_the_recorded_digest(signed: bytes, authority: Authority) -> None:
    _, end = contents_of(signed)
    changed = bytearray(signed)
    changed[end - 1] ^= 0x01  # padding behind the signature
    digest = verify_paper(signed, authority.certificate).sha256
    assert "paper.digest" in verify_paper(bytes(changed), authority.certificate, expected_sha256=digest).problems
    assert verify_paper(signed, authority.certificate, expected_sha256=digest).valid


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_cut_file_is_not_valid(signed: bytes, authority: Authority, kept: float) -> None:
    assert not verify_paper(signed[: int(len(signed) * kept)], authority.certificate).valid


def test_file_cut_back_to_an_earlier_revision_is_told_by_the_record(
    signed_once: bytes, signed_twice: bytes, authority: Authority
) -> None:
    assert signed_twice.startswith(signed_once)
    signers = ["研究者乙 Investigator B", "护士甲 Nurse A"]
    digest = verify_paper(signed_twice, authority.certificate, expected_signers=signers).sha256
    cut = verify_paper(signed_once, authority.certificate, expected_sha256=digest, expected_signers=signers)
    assert cut.problems == ("paper.digest", "paper.signers")


@pytest.mark.parametrize("tail", [b"\n", b"%%EOF\n", b"\0" * 10])
def test_bytes_behind_the_last_signature_are_told(signed: bytes, authority: Authority, tail: bytes) -> None:
    assert not verify_paper(signed + tail, authority.certificate).valid


def revised(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Return a file with a later revision that somebody else appended."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    output = BytesIO()
    write: Callable[[BytesIO], object] = writer.write
    write(output)
    return output.getvalue()


def test_overlay_in_a_later_revision_is_told_although_viewers_accept_it(
    signed: bytes, authority: Authority, trusting: Path, tmp_path: Path
) -> None:
    def cover(writer: IncrementalPdfFileWriter) -> None:
        overlay = generic.StreamObject(stream_data=b"q 1 1 1 rg 40 400 400 200 re f Q")
        add: Callable[[int, generic.IndirectObject], object] = writer.add_stream_to_page
        add(0, writer.add_object(overlay))

    overlaid = revised(signed, cover)
    verdict = verify_paper(overlaid, authority.certificate)
    assert not verdict.valid
    assert "paper.added" in verdict.problems
    (tmp_path / "overlaid.pdf").write_bytes(overlaid)
    command = ["pdfsig", "-nssdir", str(trusting), str(tmp_path / "overlaid.pdf")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Signature is Valid." in said  # why a viewer's word is not enough


def test_field_added_after_certification_is_told(signed: bytes, authority: Authority, reviewer: PaperSigner) -> None:
    spec = SigFieldSpec(sig_field_name="Late", box=(50, 50, 250, 120))
    with_field = revised(signed, lambda writer: append_signature_field(writer, spec))
    late = sign(with_field, reviewer, field="Late")
    assert not verify_paper(late, authority.certificate).valid


def test_rewritten_file_is_not_valid(signed: bytes, authority: Authority) -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(signed)) as document:
        document.save(output)
    assert not verify_paper(output.getvalue(), authority.certificate).valid


def test_authority_of_another_study_is_not_trusted(consent: bytes, authority: Authority, stranger: Authority) -> None:
    forged = sign(consent, stranger.certify("研究者乙 Investigator B"))
    verdict = verify_paper(forged, authority.certificate)
    assert verdict.problems == ("paper.untrusted",)
    assert not verdict.signatures[0].holds
    assert "NOT valid" in verdict.sentence("en")
    assert "无效" in verdict.sentence("zh")


def test_certificate_is_judged_at_the_stated_time(consent: bytes, authority: Authority) -> None:
    early = authority.certify("研究者乙 Investigator B", at=PRINTED_AT + timedelta(days=400))
    assert verify_paper(sign(consent, early), authority.certificate).problems == ("paper.untrusted",)


def test_self_made_certificate_is_not_trusted(consent: bytes, authority: Authority) -> None:
    key, certificate = crypto.make_authority("RELOW1", at=PRINTED_AT)
    selfmade = PaperSigner(key_der=key, certificate_der=certificate, authority_der=certificate)
    assert not verify_paper(sign(consent, selfmade), authority.certificate).valid


def test_certificate_that_is_not_for_signing_is_not_trusted(consent: bytes, authority: Authority) -> None:
    key = crypto.new_rsa_key()
    hosts = ["127.0.0.1"]
    issued = crypto.issue_server(authority.key, authority.certificate, crypto.public_key_der(key), hosts, at=PRINTED_AT)
    server = PaperSigner(key_der=key, certificate_der=issued, authority_der=authority.certificate)
    assert verify_paper(sign(consent, server), authority.certificate).problems == ("paper.untrusted",)


# -- one entry for files and codes --------------------------------------------------------------------


def test_verify_takes_a_path_bytes_or_a_code(signed: bytes, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(signed)
    by_path = verify_file(tmp_path / "signed.pdf", authority.certificate)
    assert isinstance(by_path, PaperVerdict)
    assert by_path == verify_file(signed, authority.certificate)
    assert by_path.code is not None
    by_code = verify_file(by_path.code.text, authority.certificate)
    assert isinstance(by_code, CodeVerdict)
    assert (by_code.valid, by_code.compared) == (True, False)
    with pytest.raises(CodeUnreadableError):
        verify_file("CB1|nonsense", authority.certificate)


def test_papers_of_one_casebook_differ_only_by_signature(casebook: Casebook, signed: bytes, consent: bytes) -> None:
    assert signed.startswith(consent)
    assert casebook.number.encode() not in signed.split(b"/Keywords")[0]


def test_machine_in_a_zone_without_a_name_is_told(
    consent: bytes, investigator: PaperSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "CST-8")
    monkeypatch.setattr(tzlocal.unix, "_cache_tz", None)
    with pytest.raises(TimeZoneUnknownError):
        sign(consent, investigator)

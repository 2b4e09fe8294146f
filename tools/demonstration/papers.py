"""What others say of our papers: our own verdict first, then programs that know nothing of us."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from casebook import crypto
from casebook.paper import desk
from casebook.paper.verification import PaperVerdict

from .report import Report, StepFailedError, expect


def verdict_on(source: Path | bytes, authority: bytes) -> PaperVerdict:
    """Return our own verdict on a paper."""
    verdict = desk.verify_file(source, authority)
    if isinstance(verdict, PaperVerdict):
        return verdict
    raise StepFailedError("This is no PDF.")


def code_of(pdf: bytes, authority: bytes) -> str:
    """Return the digest in the page code that a PDF names: what it says, whoever printed it and when."""
    code = verdict_on(pdf, authority).code
    if code is None:
        raise StepFailedError("The paper names no page code.")
    return code.document_digest


def verify_signed(report: Report, file: Path, authority: bytes, signer: str) -> None:
    """Have a signed paper verified by our own verifier.

    Raises:
        StepFailedError: It is not valid, or somebody else signed.
    """
    verdict = verdict_on(file, authority)
    expect(verdict.valid, f"{file.name}: {verdict.sentence()}")
    expect([one.signer for one in verdict.signatures] == [signer], f"{file.name}: {verdict.sentence()}")
    report.note(f"{file.name}: {verdict.sentence()}")


def ask_poppler(report: Report, files: Mapping[Path, str], authority: bytes) -> None:
    """Ask Poppler's programs, where they exist: signatures, fonts, Chinese text.

    Args:
        files: The papers, each with Chinese words that stand in it.

    Raises:
        StepFailedError: One of them says something else than we do.
    """
    if _exists(report, "pdfsig", "certutil"):
        with tempfile.TemporaryDirectory() as folder:
            trusting = _trust(authority, Path(folder))
            for file in files:
                said = _run("pdfsig", "-nssdir", f"sql:{trusting}", str(file))
                expect("Signature is Valid." in said, f"pdfsig on {file.name}: {said}")
                expect("Certificate is Trusted." in said, f"pdfsig on {file.name}: {said}")
                expect("Total document signed" in said, f"pdfsig on {file.name}: {said}")
        report.note("pdfsig: each signature is valid, its certificate trusted, the total document signed.")
    if _exists(report, "pdffonts"):
        for file in files:
            fonts = _run("pdffonts", str(file)).splitlines()[2:]
            loose = [font for font in fonts if "NotoSansSC" not in font or " yes yes yes " not in font]
            expect(fonts and not loose, f"pdffonts on {file.name}: not embedded: {loose}")
        report.note("pdffonts: every font is embedded, as a subset, with a way back to its text.")
    if _exists(report, "pdftotext"):
        for file, words in files.items():
            expect(words in _run("pdftotext", str(file), "-"), f"pdftotext does not find {words} in {file.name}.")
        report.note(f"pdftotext: Chinese comes out as text ({', '.join(files.values())}).")


def expect_words(report: Report, file: Path, words: str) -> None:
    """Have Poppler, where it exists, find words in a paper. Raises StepFailedError."""
    if _exists(report, "pdftotext"):
        expect(words in _run("pdftotext", str(file), "-"), f"pdftotext does not find {words} in {file.name}.")


def ask_qpdf(report: Report, file: Path) -> None:
    """Have qpdf, where it exists, check that a PDF is well formed. Raises StepFailedError."""
    if _exists(report, "qpdf"):
        said = _run("qpdf", "--check", str(file))
        expect("No syntax or stream encoding errors found" in said, f"qpdf on {file.name}: {said}")
        report.note(f"qpdf finds no fault in {file.name}.")


def _exists(report: Report, *programs: str) -> bool:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        report.note(f"{programs[0]} was not asked: {', '.join(missing)} is not installed here.")
    return not missing


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    expect(done.returncode == 0, f"{command[0]} ended with status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def _trust(authority: bytes, folder: Path) -> Path:
    """Return a certificate store of NSS that trusts the study's authority alone."""
    store = folder / "nss"
    store.mkdir()
    (folder / "authority.pem").write_bytes(crypto.certificate_pem(authority))
    _run("certutil", "-d", f"sql:{store}", "-N", "--empty-password")
    _run("certutil", "-d", f"sql:{store}", "-A", "-n", "study", "-t", "CT,C,C", "-i", str(folder / "authority.pem"))
    return store

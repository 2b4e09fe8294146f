"""Papers of the sample subject, and people who sign, made once for all tests of paper."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from casebook import crypto
from casebook.design import StudyDesign
from casebook.paper.consent import consent_document
from casebook.paper.signing import PaperSigner
from casebook.paper.visit_record import visit_record
from casebook.projection import Casebook
from tests.casebook.commits import form_key
from tests.casebook.paper.sample import PRINTED_AT, VISIT, context, sample_casebook, small_design


@dataclass(frozen=True)
class Authority:
    """A study's authority, and people it certified."""

    key: bytes
    certificate: bytes

    def certify(self, name: str, *, at: datetime = PRINTED_AT) -> PaperSigner:
        key = crypto.new_rsa_key()
        certificate = crypto.issue_person(self.key, self.certificate, crypto.public_key_der(key), name, at=at)
        return PaperSigner(key_der=key, certificate_der=certificate, authority_der=self.certificate)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority(*crypto.make_authority("RELOW1", at=PRINTED_AT))


@pytest.fixture(scope="session")
def stranger() -> Authority:
    """An authority of the same name that the study never heard of."""
    return Authority(*crypto.make_authority("RELOW1", at=PRINTED_AT))


@pytest.fixture(scope="session")
def investigator(authority: Authority) -> PaperSigner:
    return authority.certify("研究者乙 Investigator B")


@pytest.fixture(scope="session")
def reviewer(authority: Authority) -> PaperSigner:
    return authority.certify("护士甲 Nurse A")


@pytest.fixture(scope="session")
def design() -> StudyDesign:
    return small_design()


@pytest.fixture(scope="session")
def casebook() -> Casebook:
    return sample_casebook()


@pytest.fixture(scope="session")
def record(design: StudyDesign, casebook: Casebook) -> bytes:
    return visit_record(design, casebook, VISIT, context())


@pytest.fixture(scope="session")
def consent(design: StudyDesign, casebook: Casebook) -> bytes:
    return consent_document(design, casebook, form_key(casebook.subject, "F.ICF"), context())

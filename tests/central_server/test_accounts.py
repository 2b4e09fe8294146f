"""Accounts over a log in memory, with a clock that tests set."""

import os
import random
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from casebook.clock import Moment
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import CodeRefusedError, LettersExhaustedError, UnknownSiteError
from casebook.ids import new_device_id, user_id
from casebook.locations import shipped_study
from casebook.sync import enrolment
from casebook.sync.enrolment import Enrolled, EnrolmentCode, EnrolRequest, PersonRequest, Secret
from casebook.sync.trust import Directory
from central_server.accounts import Accounts
from central_server.authority import StudyKeys, make_keys
from central_server.settings import ServerSettings, read_study
from tests.casebook.store.memory_log import MemoryLog
from tests.central_server.laptops import paper_key

_HOUR_MS = 3_600_000
_START = datetime(2025, 3, 1, tzinfo=UTC)


@cache
def _keys() -> StudyKeys:
    return make_keys("RELOW1", ["127.0.0.1"], at=_START, random_bytes=os.urandom)


class _Clock:
    def __init__(self) -> None:
        self.utc_ms = int(_START.timestamp() * 1000)

    def __call__(self) -> Moment:
        return Moment(utc_ms=self.utc_ms, offset_minutes=480, boot="0", uptime_ms=0)


class _Office:
    def __init__(self, folder: Path) -> None:
        self.clock = _Clock()
        self.rng = random.Random(1)
        self.log, self.unblinding = MemoryLog(), MemoryLog()
        self.settings = ServerSettings(
            folder=folder,
            study="RELOW1",
            roles=read_study(shipped_study())[1],
            host="127.0.0.1",
            port=0,
            names=("127.0.0.1",),
            custodians=(bytes(32), bytes(32)),
        )
        self.accounts = self.open()
        self.accounts.add_site("001", "Site 001")

    def open(self) -> Accounts:
        return Accounts(
            {"S": self.log, "U": self.unblinding},
            Directory(_keys().identity),
            _keys(),
            self.settings,
            clock=self.clock,
            random_bytes=self.rng.randbytes,
        )

    def enrol(self, code: EnrolmentCode) -> tuple[Enrolled, SigningKey]:
        key = SigningKey(self.rng.randbytes(32))
        request = EnrolRequest(
            slot=code.secret.slot,
            device=new_device_id(self.rng.randbytes),
            signing=key.public,
            sealing=SealingKey(self.rng.randbytes(32)).public,
            name="Laptop",
            app_version="1",
        )
        answer = self.accounts.enrol(enrolment.write_enrol_request(request, code.secret, key))
        return enrolment.read_enrolled(answer, url="", authority=_keys().authority), key

    def certify(self, device: Enrolled, key: SigningKey, secret: Secret, person: SigningKey) -> str:
        request = PersonRequest(slot=secret.slot, device=device.device, signing=person.public, paper=paper_key())
        answer = self.accounts.certify(enrolment.write_person_request(request, secret, key))
        return enrolment.read_certified(answer).user


@pytest.fixture
def office(tmp_path: Path) -> _Office:
    return _Office(tmp_path)


def test_laptops_get_letters_in_order_without_i_and_o(office: _Office) -> None:
    letters = [office.enrol(office.accounts.new_enrolment_code("001"))[0].letter for _ in range(24)]

    assert "".join(letters) == "ABCDEFGHJKLMNPQRSTUVWXYZ"
    with pytest.raises(LettersExhaustedError):
        office.enrol(office.accounts.new_enrolment_code("001"))


def test_only_the_first_laptop_makes_the_identity_key(office: _Office) -> None:
    first, second = (office.enrol(office.accounts.new_enrolment_code("001"))[0] for _ in range(2))
    assert (first.is_first, second.is_first) == (True, False)


def test_code_is_void_after_72_hours(office: _Office) -> None:
    code = office.accounts.new_enrolment_code("001")
    office.clock.utc_ms += 72 * _HOUR_MS

    with pytest.raises(CodeRefusedError):
        office.enrol(code)


def test_code_is_good_just_before_72_hours(office: _Office) -> None:
    code = office.accounts.new_enrolment_code("001")
    office.clock.utc_ms += 72 * _HOUR_MS - 1

    assert office.enrol(code)[0].letter == "A"


def test_code_itself_is_kept_nowhere(office: _Office) -> None:
    code = office.accounts.new_enrolment_code("001")
    _, secret = office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    kept = office.log.setting("codes") or ""

    assert code.secret.text not in kept
    assert code.secret.text[3:] not in kept
    assert secret.text[3:] not in kept


def test_enrolment_code_does_not_certify_a_person(office: _Office) -> None:
    device, key = office.enrol(office.accounts.new_enrolment_code("001"))
    code = office.accounts.new_enrolment_code("001")

    with pytest.raises(CodeRefusedError):
        office.certify(device, key, code.secret, SigningKey.generate())


def test_person_is_certified_once_per_code_and_again_with_a_new_one(office: _Office) -> None:
    device, key = office.enrol(office.accounts.new_enrolment_code("001"))
    member, secret = office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    person = SigningKey.generate()

    assert office.certify(device, key, secret, person) == member.user
    assert office.certify(device, key, secret, person) == member.user
    with pytest.raises(CodeRefusedError):
        office.certify(device, key, secret, SigningKey.generate())

    _, again = office.accounts.new_personal_code(member.user)
    fresh = SigningKey.generate()
    office.certify(device, key, again, fresh)
    found = office.accounts.directory.person_key(member.user, device.device)
    assert found is not None
    assert found.signing == fresh.public


def test_personal_code_is_void_after_five_wrong_tries(office: _Office) -> None:
    device, key = office.enrol(office.accounts.new_enrolment_code("001"))
    _, secret = office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    wrong = replace(secret, text=secret.text[:3] + "0" * 12)
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            office.certify(device, key, wrong, SigningKey.generate())

    with pytest.raises(CodeRefusedError):
        office.certify(device, key, secret, SigningKey.generate())


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("Investigator A", "investigator.a"),
        ("赵敏", "u001"),
        ("Dr. O'Neil-Smith", "dr.o.neil.smith"),
        ("Server", "server2"),
    ],
)
def test_user_id_is_made_from_the_name(office: _Office, name: str, user: str) -> None:
    member, _ = office.accounts.add_user("001", name, "ROLE.PI")
    assert member.user == user


def test_second_person_of_a_name_gets_another_id(office: _Office) -> None:
    first, _ = office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    second, _ = office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    assert (first.user, second.user) == (user_id("investigator.a"), user_id("investigator.a2"))


@pytest.mark.parametrize("wished", ["investigator.a", "Investigator A", "device", ""])
def test_user_id_that_is_taken_or_malformed_is_refused(office: _Office, wished: str) -> None:
    office.accounts.add_user("001", "Investigator A", "ROLE.PI")
    with pytest.raises(UnknownSiteError):
        office.accounts.add_user("001", "Investigator A", "ROLE.PI", wished)


@pytest.mark.parametrize("site", ["002", "", "abc"])
def test_unknown_site_is_refused(office: _Office, site: str) -> None:
    with pytest.raises(UnknownSiteError):
        office.accounts.new_enrolment_code(site)


def test_what_one_process_states_the_other_learns_before_it_goes_on(office: _Office) -> None:
    other = office.open()
    other.add_user("001", "Investigator A", "ROLE.PI")
    office.accounts.add_user("001", "Principal Investigator", "ROLE.PI")

    assert len(other.directory.staff("001")) == 1
    assert len(office.accounts.directory.staff("001")) == 2
    assert office.log.forks() == ()
    assert len([head for head in office.log.heads() if head.device == _keys().device]) == 1

import random
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import crypto
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import CodeMistypedError, FrameCorruptError, ProtocolUnsupportedError
from casebook.ids import new_device_id, user_id
from casebook.sync import enrolment, spoken
from casebook.sync.enrolment import CertifiedPerson, Enrolled, EnrolRequest, PersonRequest, Secret
from casebook.sync.trust import ServerIdentity, StaffMember, fingerprint

_RNG = random.Random(5)
_TEXT = st.text(alphabet=spoken.ALPHABET, min_size=31, max_size=31)


@cache
def _authority() -> bytes:
    return crypto.make_authority("RELOW1", at=datetime(2025, 3, 1, tzinfo=UTC))[1]


# -- codes -------------------------------------------------------------------------------------------------------


def test_code_carries_secret_fingerprint_and_check_in_eight_groups() -> None:
    code = enrolment.new_enrolment_code(_authority(), _RNG.randbytes)

    assert [len(group) for group in code.text.split("-")] == [4] * 8
    assert enrolment.read_enrolment_code(code.text) == code
    assert code.matches(_authority())
    assert enrolment.read_qr_text(code.qr_text("https://crf.example.cn:8443")) == ("https://crf.example.cn:8443", code)


def test_fingerprint_is_the_first_95_bits_of_the_authority() -> None:
    bits = f"{int.from_bytes(crypto.authority_fingerprint(_authority()), 'big'):0256b}"[:95]
    expected = "".join(spoken.ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, 95, 5))
    assert enrolment.fingerprint_of(_authority()) == expected


def test_code_of_one_study_does_not_match_the_authority_of_another() -> None:
    other = crypto.make_authority("RELOW1", at=datetime(2025, 3, 1, tzinfo=UTC))[1]
    assert not enrolment.new_enrolment_code(other, _RNG.randbytes).matches(_authority())


@given(text=_TEXT)
def test_code_is_read_as_people_type_it(text: str) -> None:
    code = spoken.grouped(spoken.with_check(text))
    sloppy = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != "-" else "－" for letter in code)

    assert spoken.read_checked(sloppy, 32) == text
    assert spoken.read_checked(code.replace("1", "I"), 32) == text
    assert spoken.read_checked(wide, 32) == text


@given(text=_TEXT, place=st.integers(0, 31), letter=st.sampled_from(spoken.ALPHABET))
def test_any_single_wrong_character_is_noticed(text: str, place: int, letter: str) -> None:
    code = spoken.with_check(text)
    wrong = code[:place] + letter + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CodeMistypedError):
            spoken.read_checked(wrong, 32)


@given(text=_TEXT, places=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_any_two_exchanged_characters_are_noticed(text: str, places: tuple[int, int]) -> None:
    letters = list(spoken.with_check(text))
    first, second = places
    letters[first], letters[second] = letters[second], letters[first]
    if "".join(letters) != spoken.with_check(text):
        with pytest.raises(CodeMistypedError):
            spoken.read_checked("".join(letters), 32)


@pytest.mark.parametrize("typed", ["", "ABCD", "U" * 32, "A" * 33, "汉" * 32])
def test_text_that_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistypedError):
        enrolment.read_enrolment_code(typed)


@pytest.mark.parametrize("text", ["", "CASEBOOK2|u|c", "CASEBOOK1|https://x", "CASEBOOK1|https://x|ABCD"])
def test_other_qr_text_is_refused(text: str) -> None:
    with pytest.raises(CodeMistypedError):
        enrolment.read_qr_text(text)


def test_personal_code_comes_back() -> None:
    secret = enrolment.new_personal_secret(_RNG.randbytes)
    assert len(enrolment.personal_code(secret)) == 19
    assert enrolment.read_personal_code(enrolment.personal_code(secret).lower()) == secret


# -- requests ----------------------------------------------------------------------------------------------------


def _enrol_request(key: SigningKey, secret: Secret) -> EnrolRequest:
    return EnrolRequest(
        slot=secret.slot,
        device=new_device_id(_RNG.randbytes),
        signing=key.public,
        sealing=SealingKey.generate().public,
        name="病房电脑",
        app_version="0.1.0",
    )


def test_enrolment_request_comes_back_signed_and_proved() -> None:
    key, secret = SigningKey.generate(), Secret(text="ABCDEFGHJKMN")
    request = _enrol_request(key, secret)

    read, signed = enrolment.read_enrol_request(enrolment.write_enrol_request(request, secret, key))

    assert read == request
    assert signed.is_proved_by(secret.verifier)
    assert not signed.is_proved_by(Secret(text="ABCDEFGHJKMP").verifier)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_of_an_enrolment_request_is_noticed(place: int, bit: int) -> None:
    key, secret = SigningKey(bytes(32)), Secret(text="ABCDEFGHJKMN")
    body = bytearray(enrolment.write_enrol_request(_enrol_request(key, secret), secret, key))
    body[place % len(body)] ^= 1 << bit

    with pytest.raises((FrameCorruptError, ProtocolUnsupportedError)):
        enrolment.read_enrol_request(bytes(body))


def test_secret_does_not_travel() -> None:
    key, secret = SigningKey.generate(), Secret(text="ABCDEFGHJKMN")
    body = enrolment.write_enrol_request(_enrol_request(key, secret), secret, key)
    assert secret.text[3:].encode() not in body


def test_person_request_comes_back_signed_by_the_laptop() -> None:
    key, secret = SigningKey.generate(), enrolment.new_personal_secret(_RNG.randbytes)
    request = PersonRequest(
        slot=secret.slot, device=new_device_id(_RNG.randbytes), signing=SigningKey.generate().public, paper=b"DER"
    )

    read, signed = enrolment.read_person_request(enrolment.write_person_request(request, secret, key))

    assert read == request
    assert signed.is_signed_by(key.public)
    assert signed.is_proved_by(secret.verifier)
    assert not signed.is_signed_by(SigningKey.generate().public)


def test_request_of_one_kind_is_not_taken_for_the_other() -> None:
    key, secret = SigningKey.generate(), Secret(text="ABCDEFGHJKMN")
    body = enrolment.write_enrol_request(_enrol_request(key, secret), secret, key)
    with pytest.raises(FrameCorruptError):
        enrolment.read_person_request(body)


# -- answers -----------------------------------------------------------------------------------------------------


def test_answers_come_back() -> None:
    server = ServerIdentity(device=new_device_id(_RNG.randbytes), signing=bytes(32), receipts=bytes(range(32)))
    enrolled = Enrolled(
        url="https://crf.example.cn",
        authority=b"DER",
        study="RELOW1",
        site="001",
        site_name="示范医院",
        device=new_device_id(_RNG.randbytes),
        letter="A",
        server=server,
        staff=(
            StaffMember(
                user=user_id("investigator.a"), name="李伟", role="ROLE.PI", site="001", sites=("002",), sees="SIU"
            ),
        ),
        is_first=True,
        custodians=(bytes(32), bytes(range(32))),
    )
    person = CertifiedPerson(
        user=user_id("investigator.a"),
        name="李伟",
        role="ROLE.PI",
        site="001",
        sites=("002", "003"),
        sees="SIU",
        certificate=b"C",
        authority=b"DER",
    )

    body = enrolment.write_enrolled(enrolled)
    assert enrolment.read_enrolled(body, url=enrolled.url, authority=b"DER") == enrolled
    assert enrolment.read_certified(enrolment.write_certified(person)) == person


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"v":1}', b"\xff"])
def test_other_bytes_are_no_answer(body: bytes) -> None:
    with pytest.raises(FrameCorruptError):
        enrolment.read_enrolled(body, url="", authority=b"")
    with pytest.raises(FrameCorruptError):
        enrolment.read_certified(body)


def test_answer_of_a_newer_version_says_so() -> None:
    with pytest.raises(ProtocolUnsupportedError):
        enrolment.read_certified(b'{"v":2}')


def test_fingerprint_of_a_laptop_depends_on_both_keys() -> None:
    first, second = bytes(32), bytes(range(32))
    prints = {fingerprint(first, second), fingerprint(second, first), fingerprint(first, first)}
    assert len(prints) == 3
    assert all(len(one) == 9 and one[4] == " " for one in prints)


def test_code_of_other_secret_has_the_same_fingerprint_part() -> None:
    first, second = (enrolment.new_enrolment_code(_authority(), _RNG.randbytes) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert first.secret != second.secret

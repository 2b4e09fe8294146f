"""Enrolment: how a laptop, and later each person on it, becomes known to the study.

    enrolment code   32 characters in 8 groups: 12 secret + 19 of the authority's fingerprint + 1 check
    personal code    16 characters in 4 groups: 15 secret + 1 check

The first three characters of a secret say which code is meant, so that wrong tries are counted
against it; all of it is the key of a proof, and it never travels. The fingerprint lets the laptop
tell the study's server from any other before it says anything. Private keys never leave the laptop.

Source: docs/sync_protocol.md, section "Enrolment"; design: nineteen characters are 95 bits.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from casebook import crypto
from casebook.canonical import Value, decode_object, encode, int_of, list_of, text_of
from casebook.errors import CodeMistypedError, CommitUnreadableError, FrameCorruptError, ProtocolUnsupportedError
from casebook.ids import DeviceId, RandomBytes, UserId, device_id, user_id
from casebook.ledger import SIGNATURE_BYTES, STANDARD
from casebook.sync.messages import PROTOCOL
from casebook.sync.spoken import from_bits, grouped, random_text, read_checked, with_check
from casebook.sync.trust import ServerIdentity, StaffMember

ENROL_DOMAIN = "CRF-enrol-v1"
PERSON_DOMAIN = "CRF-person-v1"
QR_PREFIX = "CASEBOOK1"

_SECRET_LENGTH = 12
_PERSONAL_LENGTH = 15
_FINGERPRINT_LENGTH = 19
_SLOT_LENGTH = 3
_CODE_LENGTH = _SECRET_LENGTH + _FINGERPRINT_LENGTH + 1
_KEY_BYTES = 32


# -- codes -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The secret of a one-time code. `text`: its characters, without check."""

    text: str

    @property
    def slot(self) -> str:
        """Which code is meant; no secret."""
        return self.text[:_SLOT_LENGTH]

    @property
    def verifier(self) -> bytes:
        """The 32 bytes that make and check the proof; the server keeps these instead of the code."""
        return crypto.expand(self.text.encode("ascii"), "enrol")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentCode:
    """A laptop's one-time code with the fingerprint of the study's authority (19 characters)."""

    secret: Secret
    fingerprint: str

    @property
    def text(self) -> str:
        """The code as it is printed: eight groups of four."""
        return grouped(with_check(self.secret.text + self.fingerprint))

    def matches(self, authority: bytes) -> bool:
        """Tell whether `authority` (DER certificate) is the one that the code names."""
        return hmac.compare_digest(self.fingerprint, fingerprint_of(authority))

    def qr_text(self, url: str) -> str:
        """Return what the QR code beside the text says."""
        return f"{QR_PREFIX}|{url}|{self.text}"


def fingerprint_of(authority: bytes) -> str:
    """Return the first 95 bits of the authority's fingerprint as 19 characters. `authority`: DER."""
    bits = int.from_bytes(crypto.authority_fingerprint(authority), "big")
    return from_bits(bits >> (256 - 5 * _FINGERPRINT_LENGTH), _FINGERPRINT_LENGTH)


def new_enrolment_code(authority: bytes, random_bytes: RandomBytes) -> EnrolmentCode:
    """Make a code for one laptop (60 secret bits)."""
    return EnrolmentCode(
        secret=Secret(text=random_text(random_bytes, _SECRET_LENGTH)), fingerprint=fingerprint_of(authority)
    )


def read_enrolment_code(typed: str) -> EnrolmentCode:
    """Read a typed enrolment code. Raises CodeMistypedError."""
    text = read_checked(typed, _CODE_LENGTH)
    return EnrolmentCode(secret=Secret(text=text[:_SECRET_LENGTH]), fingerprint=text[_SECRET_LENGTH:])


def read_qr_text(text: str) -> tuple[str, EnrolmentCode]:
    """Return address and code of an enrolment QR code. Raises CodeMistypedError."""
    match text.strip().split("|"):
        case [prefix, url, code] if prefix == QR_PREFIX:
            return url, read_enrolment_code(code)
        case _:
            raise CodeMistypedError


def new_personal_secret(random_bytes: RandomBytes) -> Secret:
    """Make the secret of a person's one-time code (75 bits)."""
    return Secret(text=random_text(random_bytes, _PERSONAL_LENGTH))


def personal_code(secret: Secret) -> str:
    """Return a personal code as it is printed: four groups of four."""
    return grouped(with_check(secret.text))


def read_personal_code(typed: str) -> Secret:
    """Read a typed personal code. Raises CodeMistypedError."""
    return Secret(text=read_checked(typed, _PERSONAL_LENGTH + 1))


# -- requests ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """A laptop asks to be enrolled. Keys are 32 raw bytes: `signing` Ed25519, `sealing` X25519."""

    slot: str
    device: DeviceId
    signing: bytes
    sealing: bytes
    name: str
    app_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequest:
    """A laptop asks to certify a person's keys.

    Attributes:
        signing: Ed25519, 32 raw bytes; signs commits.
        sealing: X25519, 32 raw bytes; what colleagues on the laptop seal keys to. b"" for none.
        paper: RSA public key for PDF signatures, SubjectPublicKeyInfo DER.
    """

    slot: str
    device: DeviceId
    signing: bytes
    paper: bytes
    sealing: bytes = b""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes_of(record: dict[str, Value], key: str, size_bytes: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text_of(record, key), validate=True)
    except binascii.Error:
        raise CommitUnreadableError(why="bytes that are not base64") from None
    if size_bytes is not None and len(data) != size_bytes:
        raise CommitUnreadableError(why="a key of another length")
    return data


def _proof(verifier: bytes, domain: str, message: bytes) -> bytes:
    return hmac.digest(verifier, domain.encode("ascii") + b"\0" + message, "sha256")


def _seal_request(domain: str, record: dict[str, Value], secret: Secret, key: crypto.SigningKey) -> bytes:
    message = encode(record)
    proof = _proof(secret.verifier, domain, message)
    return key.sign(domain, proof + message) + proof + message


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it arrived: 64 bytes of signature | 32 bytes of proof | canonical JSON."""

    body: bytes
    domain: str

    @property
    def message(self) -> bytes:
        """The canonical JSON."""
        return self.body[SIGNATURE_BYTES + _KEY_BYTES :]

    def is_signed_by(self, public_key: bytes) -> bool:
        """Tell whether the laptop's key signed it."""
        return crypto.signature_holds(public_key, self.domain, self.body[SIGNATURE_BYTES:], self.body[:SIGNATURE_BYTES])

    def is_proved_by(self, verifier: bytes) -> bool:
        """Tell whether the sender knows the code."""
        proof = self.body[SIGNATURE_BYTES : SIGNATURE_BYTES + _KEY_BYTES]
        return hmac.compare_digest(proof, _proof(verifier, self.domain, self.message))


def write_enrol_request(request: EnrolRequest, secret: Secret, key: crypto.SigningKey) -> bytes:
    """Return the body of POST /sync/v1/enrol: signed by the laptop's new key, proved by the code."""
    return _seal_request(
        ENROL_DOMAIN,
        {
            "v": PROTOCOL,
            "sl": request.slot,
            "d": request.device,
            "dk": _b64(request.signing),
            "bk": _b64(request.sealing),
            "nm": request.name,
            "av": request.app_version,
        },
        secret,
        key,
    )


def read_enrol_request(body: bytes) -> tuple[EnrolRequest, SignedRequest]:
    """Read an enrolment request; its signature is checked here, its proof where the code is known.

    Raises:
        FrameCorruptError: It is in another form, or not signed by the key that it names.
        ProtocolUnsupportedError: It is of another version.
    """
    signed = SignedRequest(body, ENROL_DOMAIN)

    def read(record: dict[str, Value]) -> EnrolRequest:
        return EnrolRequest(
            slot=text_of(record, "sl"),
            device=device_id(text_of(record, "d")),
            signing=_bytes_of(record, "dk", _KEY_BYTES),
            sealing=_bytes_of(record, "bk", _KEY_BYTES),
            name=text_of(record, "nm"),
            app_version=text_of(record, "av"),
        )

    request = _read_message(signed.message, read)
    if not signed.is_signed_by(request.signing):
        raise FrameCorruptError(why="a request without its signature")
    return request, signed


def write_person_request(request: PersonRequest, secret: Secret, key: crypto.SigningKey) -> bytes:
    """Return the body of POST /sync/v1/people: signed by the laptop's key, proved by the personal code."""
    return _seal_request(
        PERSON_DOMAIN,
        {
            "v": PROTOCOL,
            "sl": request.slot,
            "d": request.device,
            "uk": _b64(request.signing),
            "us": _b64(request.sealing),
            "rk": _b64(request.paper),
        },
        secret,
        key,
    )


def read_person_request(body: bytes) -> tuple[PersonRequest, SignedRequest]:
    """Read a person's request; signature and proof are checked where the laptop and the code are known.

    Raises:
        FrameCorruptError: It is in another form.
        ProtocolUnsupportedError: It is of another version.
    """
    signed = SignedRequest(body, PERSON_DOMAIN)

    def read(record: dict[str, Value]) -> PersonRequest:
        return PersonRequest(
            slot=text_of(record, "sl"),
            device=device_id(text_of(record, "d")),
            signing=_bytes_of(record, "uk", _KEY_BYTES),
            paper=_bytes_of(record, "rk"),
            sealing=_sealing_of(record),
        )

    return _read_message(signed.message, read), signed


def _sealing_of(record: dict[str, Value]) -> bytes:
    sealing = _bytes_of(record, "us")
    if len(sealing) not in (0, _KEY_BYTES):
        raise CommitUnreadableError(why="a key of another length")
    return sealing


Message = TypeVar("Message")


def _read_message(message: bytes, read: Callable[[dict[str, Value]], Message]) -> Message:
    try:
        record = decode_object(message)
        if int_of(record, "v") != PROTOCOL:
            raise ProtocolUnsupportedError
        return read(record)
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="a message in another form") from None


# -- answers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What a laptop knows after its enrolment.

    Attributes:
        url: The server's address, as typed.
        authority: The study authority's certificate, DER; TLS is verified against it alone.
        letter: The laptop's letter in subject numbers.
        server: The server's device id and public keys.
        staff: The people with an account at the site.
        custodians: Public keys (X25519, 32 raw bytes) of the study's two custodians, to which escrow is sealed: of
            the data, and of what is unblinding.
        is_first: No other laptop of the site is enrolled: this one makes the site's identity key.
    """

    url: str
    authority: bytes
    study: str
    site: str
    site_name: str
    device: DeviceId
    letter: str
    server: ServerIdentity
    staff: tuple[StaffMember, ...]
    is_first: bool
    custodians: tuple[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedPerson:
    """A person's keys are certified.

    Attributes:
        sites: The sites given beside the home site.
        sees: The compartments that the role sees: see `casebook.sync.trust.StaffMember`.
        certificate: DER.
        authority: The issuer's certificate, DER.
    """

    user: UserId
    name: str
    role: str
    site: str
    certificate: bytes
    authority: bytes
    sites: tuple[str, ...] = ()
    sees: str = STANDARD


def write_enrolled(answer: Enrolled) -> bytes:
    """Return the answer to an enrolment (without address and authority, which the laptop has)."""
    return encode(
        {
            "v": PROTOCOL,
            "st": answer.study,
            "si": answer.site,
            "sn": answer.site_name,
            "d": answer.device,
            "l": answer.letter,
            "sd": answer.server.device,
            "sk": _b64(answer.server.signing),
            "rk": _b64(answer.server.receipts),
            "ps": [[one.user, one.name, one.role, " ".join(one.sites), one.sees] for one in answer.staff],
            "fi": int(answer.is_first),
            "cu": [_b64(key) for key in answer.custodians],
        }
    )


def read_enrolled(body: bytes, *, url: str, authority: bytes) -> Enrolled:
    """Read the answer to an enrolment. Raises FrameCorruptError, ProtocolUnsupportedError."""

    def read(record: dict[str, Value]) -> Enrolled:
        site = text_of(record, "si")
        return Enrolled(
            url=url,
            authority=authority,
            study=text_of(record, "st"),
            site=site,
            site_name=text_of(record, "sn"),
            device=device_id(text_of(record, "d")),
            letter=text_of(record, "l"),
            server=ServerIdentity(
                device=device_id(text_of(record, "sd")),
                signing=_bytes_of(record, "sk", _KEY_BYTES),
                receipts=_bytes_of(record, "rk", _KEY_BYTES),
            ),
            staff=tuple(_read_member(one, site) for one in list_of(record, "ps")),
            is_first=int_of(record, "fi") == 1,
            custodians=_custodians_of(record),
        )

    return _read_message(body, read)


def _custodians_of(record: dict[str, Value]) -> tuple[bytes, bytes]:
    match list_of(record, "cu"):
        case [str(data), str(unblinding)]:
            keys = {"data": data, "unblinding": unblinding}
            return _bytes_of({**keys}, "data", _KEY_BYTES), _bytes_of({**keys}, "unblinding", _KEY_BYTES)
        case _:
            raise FrameCorruptError(why="custodians in another form")


def _read_member(value: Value, site: str) -> StaffMember:
    match value:
        case [str(user), str(name), str(role), str(sites), str(sees)]:
            return StaffMember(
                user=user_id(user), name=name, role=role, site=site, sites=tuple(sites.split()), sees=sees
            )
        case _:
            raise FrameCorruptError(why="a person in another form")


def write_certified(answer: CertifiedPerson) -> bytes:
    """Return the answer to a person's request."""
    return encode(
        {
            "v": PROTOCOL,
            "u": answer.user,
            "nm": answer.name,
            "ro": answer.role,
            "si": answer.site,
            "ss": " ".join(answer.sites),
            "se": answer.sees,
            "x": _b64(answer.certificate),
            "ca": _b64(answer.authority),
        }
    )


def read_certified(body: bytes) -> CertifiedPerson:
    """Read the answer to a person's request. Raises FrameCorruptError, ProtocolUnsupportedError."""

    def read(record: dict[str, Value]) -> CertifiedPerson:
        return CertifiedPerson(
            user=user_id(text_of(record, "u")),
            name=text_of(record, "nm"),
            role=text_of(record, "ro"),
            site=text_of(record, "si"),
            sites=tuple(text_of(record, "ss").split()),
            sees=text_of(record, "se"),
            certificate=_bytes_of(record, "x"),
            authority=_bytes_of(record, "ca"),
        )

    return _read_message(body, read)

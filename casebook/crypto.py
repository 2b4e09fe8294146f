"""The one door to `cryptography`: derive, wrap, seal, sign, certify.

Knows keys and bytes, nothing of trials. Insecure use is made hard: every signature carries a
domain, every ciphertext its associated data, and a failed check raises.

Sources: RFC 9106 (Argon2id), RFC 5869 (HKDF), RFC 8452 (AES-GCM-SIV), RFC 8032 (Ed25519),
RFC 9180 (HPKE), RFC 5280 (X.509); docs/threat_model.md.
"""

import hashlib
import ipaddress
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from casebook.errors import SealBrokenError
from casebook.ids import KeyId

KEY_BYTES = 32
_NONCE_BYTES = 12
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


# -- passphrases -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfParameters:
    """Argon2id cost. `memory_kib` in KiB, `passes` = t, `lanes` = p."""

    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfPolicy:
    """What cost a new slot gets, and between which bounds a stored cost is believed."""

    chosen: KdfParameters
    floor: KdfParameters
    ceiling: KdfParameters

    def admits(self, stored: KdfParameters) -> bool:
        """Tell whether a cost read from a file may be used at all (checked before deriving)."""
        return (
            self.floor.memory_kib <= stored.memory_kib <= self.ceiling.memory_kib
            and self.floor.passes <= stored.passes <= self.ceiling.passes
            and self.floor.lanes <= stored.lanes <= self.ceiling.lanes
        )


PRODUCTION_KDF = KdfPolicy(
    chosen=KdfParameters(memory_kib=256 * 1024, passes=3, lanes=2),
    floor=KdfParameters(memory_kib=128 * 1024, passes=3, lanes=1),
    ceiling=KdfParameters(memory_kib=1024 * 1024, passes=10, lanes=8),
)
"""256 MiB, three passes: about half a second to a second on a ward laptop. Only the application's start uses it."""


_DERIVING = Lock()


def derive_key(passphrase: str, salt: bytes, cost: KdfParameters) -> bytes:
    """Return 32 bytes from a passphrase by Argon2id. The passphrase is NFKC-normalised first.

    One derivation at a time: OpenSSL's threads for the lanes wait for each other for ever when two
    derivations of several lanes run at once. It also keeps two of them from claiming memory together.
    """
    secret = unicodedata.normalize("NFKC", passphrase).encode("utf-8")
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    with _DERIVING:
        return kdf.derive(secret)


def expand(key: bytes, label: str) -> bytes:
    """Return a 32-byte subkey of `key` for one purpose, by HKDF-SHA256."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"casebook/1/" + label.encode()).derive(
        key
    )


# -- sealing with a shared key -----------------------------------------------------------------------


def encrypt(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce | AES-256-GCM ciphertext. For small things with a fresh random nonce."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def decrypt(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what `encrypt` made. Raises SealBrokenError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None


def encrypt_record(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce | AES-256-GCM-SIV ciphertext: a repeated nonce (cloned machine) does no harm."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCMSIV(key).encrypt(nonce, plaintext, aad)


def decrypt_record(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what `encrypt_record` made. Raises SealBrokenError."""
    try:
        return AESGCMSIV(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise SealBrokenError from None


# -- sealing to a public key -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SealingKey:
    """An X25519 private key to which others seal. `private` is 32 raw bytes."""

    private: bytes

    @classmethod
    def generate(cls) -> "SealingKey":
        """Make a fresh key."""
        return cls(x25519.X25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The 32 raw bytes that others seal to."""
        return x25519.X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open what `seal_to` made for this key. Raises SealBrokenError."""
        key = x25519.X25519PrivateKey.from_private_bytes(self.private)
        try:
            return _SUITE.decrypt(sealed, key, info=info)
        except (InvalidTag, ValueError):
            raise SealBrokenError from None


def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal `plaintext` so that only the holder of the X25519 key `public` (32 bytes) can open it (HPKE)."""
    return _SUITE.encrypt(plaintext, x25519.X25519PublicKey.from_public_bytes(public), info=info)


# -- signatures --------------------------------------------------------------------------------------


def key_id(public: bytes) -> KeyId:
    """Return the short name of a public key: 8 bytes of its SHA-256 as hex."""
    return KeyId(sha256(public)[:8].hex())


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key. `private` is the 32-byte seed."""

    private: bytes

    @cached_property
    def _loaded(self) -> ed25519.Ed25519PrivateKey:
        return ed25519.Ed25519PrivateKey.from_private_bytes(self.private)

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a fresh key."""
        return cls(ed25519.Ed25519PrivateKey.generate().private_bytes_raw())

    @cached_property
    def public(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self._loaded.public_key().public_bytes_raw()

    @cached_property
    def id(self) -> KeyId:
        """The short name of the public key."""
        return key_id(self.public)

    def sign(self, domain: str, message: bytes) -> bytes:
        """Return the 64-byte signature over domain | NUL | message."""
        return self._loaded.sign(_framed(domain, message))


def _framed(domain: str, message: bytes) -> bytes:
    return domain.encode("ascii") + b"\0" + message


def signature_holds(public: bytes, domain: str, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature over domain | NUL | message is right."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, _framed(domain, message))
    except (InvalidSignature, ValueError):
        return False
    return True


# -- certificates ------------------------------------------------------------------------------------


def new_rsa_key() -> bytes:
    """Make an RSA-3072 key; returns PKCS#8 DER. RSA keeps signed papers at PDF 1.7 (docs/adr/0006)."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def new_tls_key() -> bytes:
    """Make a P-256 key for the server's TLS certificate; returns PKCS#8 DER."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(key_der: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(key_der, None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        message = "an RSA or EC key is needed here"
        raise TypeError(message)
    return key


def public_key_der(key_der: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of a private key."""
    return (
        _load(key_der)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def private_key_pem(key_der: bytes) -> bytes:
    """Return an unencrypted PKCS#8 PEM, for a TLS server."""
    return _load(key_der).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_pem(certificate_der: bytes) -> bytes:
    """Return a DER certificate as PEM."""
    return x509.load_der_x509_certificate(certificate_der).public_bytes(serialization.Encoding.PEM)


def certificate_der(certificate_pem_: bytes) -> bytes:
    """Return a PEM certificate as DER."""
    return x509.load_pem_x509_certificate(certificate_pem_).public_bytes(serialization.Encoding.DER)


def certificate_ends(certificate_der: bytes) -> datetime:
    """Return until when a DER certificate is valid (UTC)."""
    return x509.load_der_x509_certificate(certificate_der).not_valid_after_utc


def authority_fingerprint(certificate: bytes) -> bytes:
    """Return SHA-256 of the certificate's SubjectPublicKeyInfo (32 bytes): what an enrolment code pins."""
    spki = (
        x509.load_der_x509_certificate(certificate)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return sha256(spki)


def _name(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def make_authority(study: str, *, at: datetime, years: int = 15) -> tuple[bytes, bytes]:
    """Make the study's certificate authority.

    Returns:
        The private key (PKCS#8 DER, RSA-3072) and the self-signed certificate (DER).
    """
    key_der = new_rsa_key()
    key = _load(key_der)
    name = _name("Study authority", study)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(at + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certify=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key_der, certificate.public_bytes(serialization.Encoding.DER)


def _key_usage(*, certify: bool = False, commit: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certify,
        content_commitment=commit,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certify,
        crl_sign=certify,
        encipher_only=False,
        decipher_only=False,
    )


def _issue(
    authority_key: bytes,
    authority: bytes,
    public_key: bytes,
    common_name: str,
    *,
    at: datetime,
    days: int,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> bytes:
    issuer = x509.load_der_x509_certificate(authority)
    subject_key = serialization.load_der_public_key(public_key)
    if not isinstance(subject_key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        message = "an RSA or EC key is needed here"
        raise TypeError(message)
    organisation = str(issuer.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common_name, organisation))
        .issuer_name(issuer.subject)
        .public_key(subject_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(min(at + timedelta(days=days), issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(_load(authority_key).public_key()),
            critical=False,
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(_load(authority_key), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def issue_person(authority_key: bytes, authority: bytes, public_key: bytes, name: str, *, at: datetime) -> bytes:
    """Certify a person's PDF key for three years. Keys and certificates are DER; returns DER."""
    return _issue(
        authority_key,
        authority,
        public_key,
        name,
        at=at,
        days=3 * 365,
        extensions=[(_key_usage(commit=True), True)],
    )


def issue_server(
    authority_key: bytes, authority: bytes, public_key: bytes, hosts: Sequence[str], *, at: datetime
) -> bytes:
    """Certify the server's TLS key for the given host names and addresses. Returns DER."""
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return _issue(
        authority_key,
        authority,
        public_key,
        "Study server",
        at=at,
        days=820,
        extensions=[
            (_key_usage(), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName(names), False),
        ],
    )

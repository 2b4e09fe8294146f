"""Who takes part in a study, as the server's statements name them: sites, laptops, people, the server itself.

Source: docs/sync_protocol.md, section "Statements".
"""

from dataclasses import dataclass

from casebook import crypto
from casebook.ids import DeviceId, UserId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.sync.spoken import eight_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """The server as enrolment made it known. Keys are Ed25519, 32 raw bytes."""

    device: DeviceId
    signing: bytes
    """Signs statements."""
    receipts: bytes
    """Signs greetings and receipts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site of the study. `site` is its three digits."""

    site: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An enrolled laptop. `signing`: Ed25519, `sealing`: X25519, 32 raw bytes each."""

    device: DeviceId
    signing: bytes
    sealing: bytes
    site: str
    letter: str
    name: str
    revoked: bool = False

    @property
    def fingerprint(self) -> str:
        """Eight letters over both keys, compared by voice before the laptop is admitted."""
        return fingerprint(self.signing, self.sealing)


def fingerprint(signing: bytes, sealing: bytes) -> str:
    """Return eight letters in two groups: the first 40 bits of SHA-256 over sealing key | signing key."""
    return eight_letters(crypto.sha256(sealing + signing))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """A person's keys on one laptop.

    Attributes:
        signing: Ed25519, 32 raw bytes.
        certificate: DER, for PDF signatures.
        sealing: X25519, 32 raw bytes: what colleagues seal keys to; b"" where none was certified.
    """

    user: UserId
    device: DeviceId
    signing: bytes
    certificate: bytes
    sealing: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A person with an account.

    Attributes:
        role: See casebook.design.Role.
        site: The home site: that of the laptops on which the person can have keys.
        sites: The sites given beside the home site (data managers and monitors have such).
        sees: The compartments that the role sees, a letter each: `S`, `I`, `U`.
        revoked: The account was withdrawn; what the person recorded before stays.
    """

    user: UserId
    name: str
    role: str
    site: str
    sites: tuple[str, ...] = ()
    sees: str = STANDARD
    revoked: bool = False

    @property
    def all_sites(self) -> tuple[str, ...]:
        """The home site, then the given ones."""
        return (self.site, *self.sites)

    @property
    def sees_unblinding(self) -> bool:
        """Whether what could tell the treatment is for this person."""
        return UNBLINDING in self.sees

"""Who may sign what: the study's people, laptops and sites as the server stated them.

The server's chains (kind `srv`, one chain per site) carry statements:

    site      site, name
    user      user, name, role, site                                  a person gets an account
    device    device, signing, sealing, site, letter, name            a laptop is enrolled
    person    user, device, signing, certificate, site                a person's keys on one laptop
    revoked   device                                                  a laptop is withdrawn

Whoever holds those chains can verify every commit of the site without asking anybody. Statements
are believed because they verify under the server's key, which came with enrolment.

Source: docs/sync_protocol.md, section "Statements"; 21 CFR 11.10(g) (authority checks).
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casebook import crypto, payloads
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import DeviceId, Epoch, KeyId, UserId, device_id, user_id
from casebook.ledger import STANDARD, UNBLINDING, CommitDraft, Header, SealedCommit
from casebook.payloads import KeyGrantPayload, ServerPayload
from casebook.store import CommitLog
from casebook.sync.spoken import eight_letters

SERVER_AUTHOR = user_id("server")
"""The author of the server's statements."""
DEVICE_AUTHOR = user_id("device")
"""The author of what a laptop seals with its own key."""
_DEVICE_KINDS = frozenset({"sec", "key", "data"})
"""What a laptop may seal itself: security events, key grants, and entries recovered after a crash."""
_LEARNT = (b'"k":"srv"', b'"k":"key"')
"""How headers of the kinds that matter here are spelt; canonical form makes a byte search exact."""


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


# -- statements --------------------------------------------------------------------------------------


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def site_statement(site: Site) -> CommitDraft:
    """Return the draft of a `site` statement."""
    return _draft("site", {"site": site.site, "name": site.name})


def user_statement(member: StaffMember) -> CommitDraft:
    """Return the draft of a `user` statement."""
    return _draft("user", {"user": member.user, "name": member.name, "role": member.role, "site": member.site})


def device_statement(device: Device) -> CommitDraft:
    """Return the draft of a `device` statement."""
    return _draft(
        "device",
        {
            "device": device.device,
            "signing": _b64(device.signing),
            "sealing": _b64(device.sealing),
            "site": device.site,
            "letter": device.letter,
            "name": device.name,
        },
    )


def person_statement(key: PersonKey, site: str) -> CommitDraft:
    """Return the draft of a `person` statement."""
    return _draft(
        "person",
        {
            "user": key.user,
            "device": key.device,
            "signing": _b64(key.signing),
            "certificate": _b64(key.certificate),
            "site": site,
        },
    )


def revoked_statement(device: DeviceId, site: str) -> CommitDraft:
    """Return the draft of a `revoked` statement."""
    return _draft("revoked", {"device": device, "site": site})


def _draft(statement: str, fields: Mapping[str, str]) -> CommitDraft:
    kind, body = payloads.write(ServerPayload(statement=statement, fields=fields))
    return CommitDraft(kind=kind, author=SERVER_AUTHOR, body=body)


# -- the directory -----------------------------------------------------------------------------------


class Directory:
    """What the server's statements say, learnt commit by commit; a later statement replaces an earlier one."""

    def __init__(self, server: ServerIdentity) -> None:
        """Start knowing the server alone."""
        self.server = server
        self._sites: dict[str, Site] = {}
        self._staff: dict[UserId, StaffMember] = {}
        self._devices: dict[DeviceId, Device] = {}
        self._revoked: set[DeviceId] = set()
        self._keys: dict[KeyId, PersonKey] = {}
        self._grants: dict[DeviceId, bytes] = {}
        self._chain_sites: dict[Epoch, str] = {}
        self._position = 0

    # -- learning --

    def refresh(self, log: CommitLog) -> None:
        """Learn what the log has beyond what was learnt before: statements first, since grants rest on them."""
        for position, commit in log.of_kind("srv", self._position):
            self._learn_one(commit)
            self._position = position
        for _, commit in log.of_kind("key"):
            self._learn_one(commit)

    def learn(self, commits: Iterable[SealedCommit]) -> None:
        """Learn from commits that were verified and appended, each chain in its order."""
        for commit in commits:
            if any(mark in commit.header for mark in _LEARNT):
                self._learn_one(commit)

    def _learn_one(self, commit: SealedCommit) -> None:
        header = commit.parsed
        try:
            payload = payloads.read(commit)
        except (CommitUnreadableError, SealedAwayError):
            return  # it verified, so it stays in its chain; there is nothing to learn from it
        match payload:
            case ServerPayload(statement=statement, fields=fields) if header.device == self.server.device:
                try:
                    self._state(statement, fields)
                except (KeyError, ValueError):
                    return  # a statement of a newer release with other fields
                if "site" in fields:
                    self._chain_sites[header.epoch] = fields["site"]
            case KeyGrantPayload(device=device, site=site, sealed_key=sealed):
                if self._is_of(header.device, site) and self._is_of(device, site):
                    self._grants.setdefault(device, sealed)
            case _:
                pass

    def _is_of(self, device: DeviceId, site: str) -> bool:
        known = self._devices.get(device)
        return known is not None and known.site == site

    def _state(self, statement: str, fields: Mapping[str, str]) -> None:
        match statement:
            case "site":
                self._sites[fields["site"]] = Site(site=fields["site"], name=fields["name"])
            case "user":
                member = StaffMember(
                    user=user_id(fields["user"]), name=fields["name"], role=fields["role"], site=fields["site"]
                )
                self._staff[member.user] = member
            case "device":
                device = Device(
                    device=device_id(fields["device"]),
                    signing=base64.b64decode(fields["signing"]),
                    sealing=base64.b64decode(fields["sealing"]),
                    site=fields["site"],
                    letter=fields["letter"],
                    name=fields["name"],
                )
                self._devices[device.device] = device
            case "person":
                key = PersonKey(
                    user=user_id(fields["user"]),
                    device=device_id(fields["device"]),
                    signing=base64.b64decode(fields["signing"]),
                    certificate=base64.b64decode(fields["certificate"]),
                )
                self._keys[crypto.key_id(key.signing)] = key
            case "revoked":
                self._revoked.add(device_id(fields["device"]))
            case _:
                pass  # a statement of a newer release: stored and forwarded with its chain

    # -- asking --

    def key(self, header: Header) -> bytes | None:
        """Return the public key under which a commit must verify; None while its author is not certified.

        A key counts only for its own laptop, its own user, and the kinds that its holder may seal.
        """
        if header.kind == "srv":
            ours = header.device == self.server.device and header.author == SERVER_AUTHOR
            return self.server.signing if ours else None
        person = self._keys.get(header.author_key)
        if person is not None and person.user == header.author and person.device == header.device:
            return person.signing
        device = self._devices.get(header.device)
        if device is None or crypto.key_id(device.signing) != header.author_key:
            return None
        return device.signing if header.author == DEVICE_AUTHOR and header.kind in _DEVICE_KINDS else None

    def device(self, device: DeviceId) -> Device | None:
        """Return an enrolled laptop, or None."""
        found = self._devices.get(device)
        if found is None or device not in self._revoked:
            return found
        return Device(
            device=found.device,
            signing=found.signing,
            sealing=found.sealing,
            site=found.site,
            letter=found.letter,
            name=found.name,
            revoked=True,
        )

    def devices(self, site: str) -> tuple[Device, ...]:
        """Return the laptops of a site by letter."""
        found = [self.device(one.device) for one in self._devices.values() if one.site == site]
        return tuple(sorted((one for one in found if one is not None), key=lambda one: one.letter))

    def site(self, site: str) -> Site | None:
        """Return a site, or None."""
        return self._sites.get(site)

    def sites(self) -> tuple[Site, ...]:
        """Return all sites by number."""
        return tuple(self._sites[name] for name in sorted(self._sites))

    def member(self, user: UserId) -> StaffMember | None:
        """Return a person's account, or None."""
        return self._staff.get(user)

    def staff(self, site: str) -> tuple[StaffMember, ...]:
        """Return the people of a site by user id."""
        return tuple(self._staff[user] for user in sorted(self._staff) if self._staff[user].site == site)

    def person_key(self, user: UserId, device: DeviceId) -> PersonKey | None:
        """Return a person's latest keys on one laptop, or None while they are not certified."""
        found = [one for one in self._keys.values() if one.user == user and one.device == device]
        return found[-1] if found else None

    def grant(self, device: DeviceId) -> bytes | None:
        """Return the site's identity key as sealed to a laptop (HPKE), or None while it is not admitted."""
        return self._grants.get(device)

    def site_of_chain(self, device: DeviceId, epoch: Epoch) -> str | None:
        """Return the site to which a chain belongs: the laptop's, or that of the server's statements."""
        if device == self.server.device:
            return self._chain_sites.get(epoch)
        found = self._devices.get(device)
        return found.site if found is not None else None

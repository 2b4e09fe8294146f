"""Who may sign what: the study's people, laptops and sites as the server stated them.

The server's chains (kind `srv`, one chain per site and shelf) carry statements:

    site                site, name
    user                user, name, role, site, sites, sees, rev      a person's account, and every change of it
    device              device, signing, sealing, site, letter, name  a laptop is enrolled
    person              user, device, signing, sealing, certificate, site   a person's keys on one laptop
    revoked             device, site, upto                            a laptop is withdrawn
    person_revoked      user, site, reason, rev, upto                 a person is withdrawn from a site
    invitation_refused  commit, user, device, why, site               an invitation made offline is not taken
    guest               the fields of person                          a key whose work is taken, and held
    verdict             commit, code, effect, site                    what the server found of a commit
    exported            site, what, by, why                           the statistician was given the site's data
    custodians          site, data, unblinding                        to whom laptops seal a way back in
    bundle_key          site, standard, unblinding                    to which keys bundles for the server are sealed

Whoever holds a site's chains can verify every commit of the site without asking anybody: what is
stated of a person who is given further sites is stated in the chain of each. `upto` names the ends
of chains as the server held them: what comes after was made, or sent, after the withdrawal; no clock
is asked. Statements are believed because they verify under the server's key, which came with enrolment.

Source: docs/sync_protocol.md, section "Statements"; 21 CFR 11.10(g) (authority checks).
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from casebook import crypto, ledger, payloads
from casebook.errors import CommitUnreadableError, CommitUntrustedError, SealedAwayError
from casebook.ids import CommitId, DeviceId, Epoch, KeyId, UserId, commit_id, device_id, epoch, user_id
from casebook.ledger import STANDARD, ChainHead, CommitDraft, Header, SealedCommit
from casebook.payloads import KeyGrantPayload, ServerPayload
from casebook.store import CommitLog
from casebook.sync.parties import Device, PersonKey, ServerIdentity, Site, StaffMember, fingerprint

__all__ = ["Device", "PersonKey", "ServerIdentity", "Site", "StaffMember", "fingerprint"]

SERVER_AUTHOR = user_id("server")
"""The author of the server's statements."""
DEVICE_AUTHOR = user_id("device")
"""The author of what a laptop seals with its own key."""
HELD = "held"
"""The effect of a verdict by which a commit is kept and shown, and counts for nothing until it is accepted."""
_DEVICE_KINDS = frozenset({"sec", "key", "data"})
"""What a laptop may seal itself: security events, key grants, and entries recovered after a crash."""
_GRANTS = "key"
_LEARNT = (b'"k":"srv"', b'"k":"key"')
"""How headers of the kinds that matter here are spelt; canonical form makes a byte search exact."""


# -- statements --------------------------------------------------------------------------------------


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def site_statement(site: Site) -> CommitDraft:
    """Return the draft of a `site` statement."""
    return _draft("site", {"site": site.site, "name": site.name})


def user_statement(member: StaffMember, revision: int = 0) -> CommitDraft:
    """Return the draft of a `user` statement. `revision` rises with every change of the account."""
    return _draft(
        "user",
        {
            "user": member.user,
            "name": member.name,
            "role": member.role,
            "site": member.site,
            "sites": " ".join(member.sites),
            "sees": member.sees,
            "rev": str(revision),
        },
    )


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
    """Return the draft of a `person` statement. `site`: the person's home site."""
    return _draft("person", _person_fields(key, site))


def _person_fields(key: PersonKey, site: str) -> dict[str, str]:
    return {
        "user": key.user,
        "device": key.device,
        "signing": _b64(key.signing),
        "sealing": _b64(key.sealing),
        "certificate": _b64(key.certificate),
        "site": site,
    }


def guest_statement(key: PersonKey, site: str) -> CommitDraft:
    """Return the draft of a `guest` statement: the key verifies, and all that it signed is held."""
    return _draft("guest", _person_fields(key, site))


def revoked_statement(device: DeviceId, site: str, upto: Iterable[ChainHead] = ()) -> CommitDraft:
    """Return the draft of a `revoked` statement. `upto`: where the laptop's chains stood on the server."""
    return _draft("revoked", {"device": device, "site": site, "upto": _write_heads(upto)})


def person_revoked_statement(
    user: UserId, site: str, reason: str, revision: int = 0, upto: Iterable[ChainHead] = ()
) -> CommitDraft:
    """Return the draft of a `person_revoked` statement.

    Args:
        revision: That of the account at the time; a later account that has the site again undoes the withdrawal.
        upto: Where the site's chains of the person's laptops stood on the server.
    """
    fields = {"user": user, "site": site, "reason": reason, "rev": str(revision), "upto": _write_heads(upto)}
    return _draft("person_revoked", fields)


def invitation_refused_statement(refusal: "RefusedInvitation", site: str) -> CommitDraft:
    """Return the draft of an `invitation_refused` statement."""
    return _draft(
        "invitation_refused",
        {
            "commit": refusal.commit,
            "user": refusal.user,
            "name": refusal.name,
            "device": refusal.device,
            "why": refusal.why,
            "site": site,
        },
    )


def verdict_statement(commit: CommitId, code: str, effect: str, site: str) -> CommitDraft:
    """Return the draft of a `verdict` statement. `code` and `effect`: see casebook.verdicts."""
    return _draft("verdict", {"commit": commit, "code": code, "effect": effect, "site": site})


def exported_statement(site: str, *, what: str, by: str, why: str) -> CommitDraft:
    """Return the draft of an `exported` statement. `what`: `S`, or `SU` for an unblinded export."""
    return _draft("exported", {"site": site, "what": what, "by": by, "why": why})


def custodians_statement(site: str, custodians: tuple[bytes, bytes]) -> CommitDraft:
    """Return the draft of a `custodians` statement. `custodians`: see `Directory.custodians`."""
    data, unblinding = custodians
    return _draft("custodians", {"site": site, "data": _b64(data), "unblinding": _b64(unblinding)})


def bundle_key_statement(site: str, keys: tuple[bytes, bytes]) -> CommitDraft:
    """Return the draft of a `bundle_key` statement. `keys`: see `Directory.bundle_keys`."""
    standard, unblinding = keys
    return _draft("bundle_key", {"site": site, "standard": _b64(standard), "unblinding": _b64(unblinding)})


def _draft(statement: str, fields: Mapping[str, str]) -> CommitDraft:
    kind, body = payloads.write(ServerPayload(statement=statement, fields=fields))
    return CommitDraft(kind=kind, author=SERVER_AUTHOR, body=body)


def _write_heads(heads: Iterable[ChainHead]) -> str:
    return " ".join(f"{one.device}:{one.epoch}:{one.sequence}:{one.id}" for one in heads)


def _read_heads(text: str) -> tuple[ChainHead, ...]:
    heads = []
    for one in text.split():
        device, epoch_, sequence, id_ = one.split(":")
        heads.append(
            ChainHead(device=device_id(device), epoch=epoch(epoch_), sequence=int(sequence), id=commit_id(id_))
        )
    return tuple(heads)


# -- the directory -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedInvitation:
    """An invitation made offline that the server did not take.

    Attributes:
        commit: The commit that carried it; `user`, `name` and `device` are those that it named.
        why: `taken` (the user id is another's), `no-right` (the inviter may not), `role` (not one that is
            given offline), `device` (another laptop), `form` (it cannot be read).
    """

    commit: CommitId
    user: UserId
    name: str
    device: DeviceId
    why: str


class Directory:
    """What the server's statements say, learnt commit by commit; a later statement replaces an earlier one."""

    def __init__(self, server: ServerIdentity) -> None:
        """Start knowing the server alone."""
        self.server = server
        self._sites: dict[str, Site] = {}
        self._staff: dict[UserId, StaffMember] = {}
        self._revisions: dict[UserId, int] = {}
        self._ever_sites: dict[UserId, set[str]] = {}
        self._ever_unblinded: set[UserId] = set()
        self._devices: dict[DeviceId, Device] = {}
        self._stated_in: set[tuple[str, str]] = set()
        self._revoked: set[DeviceId] = set()
        self._off: dict[tuple[UserId, str], int] = {}
        self._upto: dict[str, dict[tuple[DeviceId, Epoch], ChainHead]] = {}
        self._keys: dict[KeyId, PersonKey] = {}
        self._guests: set[KeyId] = set()
        self._grants: dict[DeviceId, bytes] = {}
        self._refused: dict[CommitId, RefusedInvitation] = {}
        self._effects: dict[CommitId, str] = {}
        self._custodians: dict[str, tuple[bytes, bytes]] = {}
        self._bundle_keys: dict[str, tuple[bytes, bytes]] = {}
        self._positions: dict[str, int] = {}

    # -- learning --

    def forget(self) -> None:
        """Know the server alone again."""
        vars(self).update(vars(Directory(self.server)))

    def refresh(self, log: CommitLog, shelf: str = STANDARD) -> None:
        """Learn what a log has beyond what was learnt from it before: statements first, since grants rest on them.

        `shelf`: which of the two logs it is; who holds its key could have written into it. Shelf S goes first.
        """
        for position, commit in log.of_kind("srv", self._positions.get(shelf, 0)):
            if self._is_the_servers(commit):
                self._learn_one(commit)
            self._positions[shelf] = position
        if shelf == STANDARD:
            for position, commit in log.of_kind(_GRANTS, self._positions.get(_GRANTS, 0)):
                self._learn_one(commit)
                self._positions[_GRANTS] = position

    def _is_the_servers(self, commit: SealedCommit) -> bool:
        try:
            ledger.verify(commit, self.server.signing)
        except (CommitUnreadableError, CommitUntrustedError):
            return False
        return True

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
                    self._state(statement, fields, header.site)
                except (KeyError, ValueError):
                    return  # a statement of a newer release with other fields
            case KeyGrantPayload(device=device, site=site, sealed_key=sealed):
                # An identity key never crosses sites: giver, taker and chain are of the site that it is for.
                if header.site == site and self._is_of(header.device, site) and self._is_of(device, site):
                    self._grants.setdefault(device, sealed)
            case _:
                pass

    def _is_of(self, device: DeviceId, site: str) -> bool:
        known = self._devices.get(device)
        return known is not None and known.site == site

    def _state(self, statement: str, fields: Mapping[str, str], chain_site: str) -> None:
        match statement:
            case "site":
                self._sites[fields["site"]] = Site(site=fields["site"], name=fields["name"])
            case "user":
                self._state_user(fields)
            case "device":
                device = Device(
                    device=device_id(fields["device"]),
                    signing=base64.b64decode(fields["signing"]),
                    sealing=base64.b64decode(fields["sealing"]),
                    site=fields["site"],
                    letter=fields["letter"],
                    name=fields["name"],
                )
                if device.device not in self._devices:
                    self._positions.pop(_GRANTS, None)  # a grant may have come before the laptop that it is for
                self._devices[device.device] = device
                self._stated_in.add((device.device, chain_site))
            case "person" | "guest":
                key = PersonKey(
                    user=user_id(fields["user"]),
                    device=device_id(fields["device"]),
                    signing=base64.b64decode(fields["signing"]),
                    certificate=base64.b64decode(fields["certificate"]),
                    sealing=base64.b64decode(fields["sealing"]),
                )
                id_ = crypto.key_id(key.signing)
                self._keys[id_] = key
                if statement == "guest":
                    self._guests.add(id_)
                else:
                    self._guests.discard(id_)
                self._stated_in.add((id_, chain_site))
            case "revoked":
                device_ = device_id(fields["device"])
                self._revoked.add(device_)
                self._learn_ends(device_, fields["upto"])
            case "person_revoked":
                user, site = user_id(fields["user"]), fields["site"]
                self._off[user, site] = max(int(fields["rev"]), self._off.get((user, site), 0))
                self._learn_ends(f"{user} {site}", fields["upto"])
            case _:
                self._state_of_commit(statement, fields)

    def _state_user(self, fields: Mapping[str, str]) -> None:
        member = StaffMember(
            user=user_id(fields["user"]),
            name=fields["name"],
            role=fields["role"],
            site=fields["site"],
            sites=tuple(fields["sites"].split()),
            sees=fields["sees"],
        )
        self._ever_sites.setdefault(member.user, set()).update(member.all_sites)
        if member.sees_unblinding:
            self._ever_unblinded.add(member.user)
        revision = int(fields["rev"])
        # The same account is stated in the chains of several sites, and a chain that the person left stays behind.
        if revision >= self._revisions.get(member.user, 0):
            self._revisions[member.user] = revision
            self._staff[member.user] = member

    def _state_of_commit(self, statement: str, fields: Mapping[str, str]) -> None:
        match statement:
            case "verdict":
                self._effects.setdefault(commit_id(fields["commit"]), fields["effect"])
            case "custodians":
                self._custodians[fields["site"]] = (
                    base64.b64decode(fields["data"]),
                    base64.b64decode(fields["unblinding"]),
                )
            case "bundle_key":
                sealing = base64.b64decode(fields["standard"]), base64.b64decode(fields["unblinding"])
                self._bundle_keys[fields["site"]] = sealing
            case "invitation_refused":
                refusal = RefusedInvitation(
                    commit=commit_id(fields["commit"]),
                    user=user_id(fields["user"]),
                    name=fields["name"],
                    device=device_id(fields["device"]),
                    why=fields["why"],
                )
                self._refused[refusal.commit] = refusal
            case _:
                pass  # a statement of a newer release: stored and forwarded with its chain

    def _learn_ends(self, whose: str, upto: str) -> None:
        ends = self._upto.setdefault(whose, {})
        ends.update({(head.device, head.epoch): head for head in _read_heads(upto)})

    # -- asking --

    def key(self, header: Header) -> bytes | None:
        """Return the public key under which a commit must verify; None while its author is not certified.

        A key counts only for its own laptop, its own user, and the kinds that its holder may seal. It goes on
        counting after a withdrawal: what comes then is held by a verdict, never refused.
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

    def may_write(self, header: Header) -> bool:
        """Tell whether the author has, or ever had, the site that a commit names; a laptop has its own alone."""
        if header.kind == "srv":
            return header.device == self.server.device
        if header.author == DEVICE_AUTHOR:
            return self._is_of(header.device, header.site)
        if header.author_key in self._guests:
            return self._is_of(header.device, header.site)
        return header.site in self._ever_sites.get(header.author, ())

    def withdrawn_end(self, header: Header) -> tuple[str, ChainHead | None] | None:
        """Tell whether the author or the laptop of a commit was withdrawn, or the author's key is a guest's.

        Returns:
            None when neither was; else `device_off` or `author_off`, and the end of the commit's chain at the
            withdrawal (None when the server had none of it): up to that end a commit is as good as any.
        """
        chain = (header.device, header.epoch)
        if header.author_key in self._guests:
            return "author_off", None
        if header.device in self._revoked:
            return "device_off", self._upto.get(header.device, {}).get(chain)
        if self._is_off(header.author, header.site):
            return "author_off", self._upto.get(f"{header.author} {header.site}", {}).get(chain)
        return None

    def _is_off(self, user: UserId, site: str) -> bool:
        withdrawn_at = self._off.get((user, site))
        if withdrawn_at is None:
            return False
        member = self._staff.get(user)
        return member is None or site not in member.all_sites or self._revisions[user] <= withdrawn_at

    def person(self, user: UserId, device: DeviceId, key: KeyId) -> PersonKey | None:
        """Return a person's keys on one laptop by the signing key's short name, or None when it is not certified."""
        found = self._keys.get(key)
        if found is None or key in self._guests or (found.user, found.device) != (user, device):
            return None
        return found

    def holder(self, key: KeyId) -> PersonKey | None:
        """Return the keys of a person on one laptop by the signing key's short name alone; None for what is not."""
        return self._keys.get(key) if key not in self._guests else None

    def is_stated(self, name: str, site: str) -> bool:
        """Tell whether a laptop (device id) or a person's key (key id) is stated in the chain of a site."""
        return (name, site) in self._stated_in

    def effect(self, commit: CommitId) -> str | None:
        """Return the effect of the verdict on a commit, or None where there is none."""
        return self._effects.get(commit)

    def custodians(self, site: str) -> tuple[bytes, bytes] | None:
        """Return the public keys (X25519) of the custodians of a site's data and of what is unblinding there."""
        return self._custodians.get(site)

    def bundle_keys(self, site: str) -> tuple[bytes, bytes] | None:
        """Return the public keys (X25519) to which a site's bundles for the server are sealed: shelf S, shelf U."""
        return self._bundle_keys.get(site)

    def is_anybodys(self, key: KeyId) -> bool:
        """Tell whether a signing key, by its short name, was certified for somebody."""
        return key in self._keys

    def ever_saw_unblinding(self, user: UserId) -> bool:
        """Tell whether a person ever had a role that may know the treatment: they can never be blinded again."""
        return user in self._ever_unblinded

    def revision(self, user: UserId) -> int:
        """Return how often a person's account was stated anew."""
        return self._revisions.get(user, 0)

    def refused_invitations(self) -> tuple[RefusedInvitation, ...]:
        """Return the invitations made offline that the server did not take, oldest first."""
        return tuple(self._refused.values())

    def is_refused(self, invitation: CommitId) -> bool:
        """Tell whether an invitation was refused."""
        return invitation in self._refused

    def device(self, device: DeviceId) -> Device | None:
        """Return an enrolled laptop, or None."""
        found = self._devices.get(device)
        if found is None or device not in self._revoked:
            return found
        return replace(found, revoked=True)

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
        found = self._staff.get(user)
        return replace(found, revoked=True) if found is not None and self._is_off(user, found.site) else found

    def staff(self, site: str) -> tuple[StaffMember, ...]:
        """Return the people whose home site it is, by user id."""
        return tuple(one for one in self.everybody() if one.site == site)

    def given(self, site: str) -> tuple[StaffMember, ...]:
        """Return the people who are given a site beside their home site, by user id."""
        return tuple(one for one in self.everybody() if site in one.sites)

    def everybody(self) -> tuple[StaffMember, ...]:
        """Return all people of whom the server told here, by user id."""
        found = (self.member(user) for user in sorted(self._staff))
        return tuple(one for one in found if one is not None)

    def person_key(self, user: UserId, device: DeviceId) -> PersonKey | None:
        """Return a person's latest keys on one laptop, or None while they are not certified."""
        found = [one for one in self.keys_of(user) if one.device == device]
        return found[-1] if found else None

    def keys_of(self, user: UserId) -> tuple[PersonKey, ...]:
        """Return all keys of a person, on all laptops, oldest first."""
        return tuple(one for id_, one in self._keys.items() if one.user == user and id_ not in self._guests)

    def people_on(self, device: DeviceId) -> tuple[UserId, ...]:
        """Return the people who have, or had, keys on a laptop."""
        return tuple(sorted({one.user for one in self._keys.values() if one.device == device}))

    def grant(self, device: DeviceId) -> bytes | None:
        """Return the site's identity key as sealed to a laptop (HPKE), or None while it is not admitted."""
        return self._grants.get(device)

"""The server's own word: it states who may take part, takes up invitations, and says what it holds back.

Statements go into the server's chains, one for each site and shelf. What arrives is looked at once it is
durable, in the order of arrival, and looking twice changes nothing: an invitation is answered by the statements
it leads to or by its refusal, a commit is judged once, and a server that was rebuilt states the same again.

Source: docs/sync_protocol.md, sections "Statements" and "What the server finds".
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from casebook import crypto, ledger, payloads
from casebook.clock import Clock
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import DeviceId, RandomBytes, UserId, new_epoch
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, CommitDraft, Header, SealedCommit, Sealer
from casebook.payloads import InvitationPayload
from casebook.store import CURSOR, CommitLog
from casebook.sync import trust
from casebook.sync.chains import by_chain
from casebook.sync.trust import (
    DEVICE_AUTHOR,
    HELD,
    SERVER_AUTHOR,
    Directory,
    PersonKey,
    RefusedInvitation,
    StaffMember,
)

LOOKED_AT = f"{CURSOR}.looked_at"
"""Setting: the position in this log up to which what arrived was looked at."""
CLOSED_EPOCHS = "closed_epochs"
"""Setting: the server's own chains that it does not continue: it was restored, and may have said more there."""
_NEVER_OFFLINE = frozenset({"delegate", "administer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """What the server knows of a role: see `casebook.design.Role`. `sees`: `S`, `SI`, `SU` or `SIU`."""

    oid: str
    sees: str
    rights: frozenset[str]
    of_study: bool


class Ruling(Protocol):
    """What is found of a commit: a code, and what follows from it (see casebook.verdicts)."""

    @property
    def code(self) -> str:
        """Why."""
        ...

    @property
    def effect(self) -> str:
        """What follows: `held` or another effect."""
        ...


Judge = Callable[[str, SealedCommit], Ruling | None]
"""Finds something of a commit of a shelf, or nothing. The same record gives the same answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    code: str
    effect: str = HELD


def nothing_found(_: str, __: SealedCommit) -> None:
    """Find nothing: the judge of a server that knows no study definition."""


class Office:
    """States things in the server's chains, and looks at what arrived. One thread."""

    def __init__(
        self,
        logs: Mapping[str, CommitLog],
        directory: Directory,
        *,
        study: str,
        app_version: str,
        signing: crypto.SigningKey,
        roles: Iterable[RoleFacts],
        certify: Callable[[bytes, str], bytes],
        clock: Clock,
        random_bytes: RandomBytes,
        judge: Judge = nothing_found,
        alone: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Begin to state things.

        Args:
            logs: The server's log of each shelf that it holds.
            certify: Makes the certificate (DER) for a public key (SubjectPublicKeyInfo DER) and a name; raises
                ValueError for a key that cannot be certified.
            alone: Keeps other processes from stating something meanwhile.
        """
        self._logs = logs
        self._directory = directory
        self._study = study
        self._app_version = app_version
        self._signing = signing
        self._roles = {role.oid: role for role in roles}
        self._certify = certify
        self._clock = clock
        self._random_bytes = random_bytes
        self._judge = judge
        self._alone = alone
        self._positions: dict[str, int] = {}

    # -- stating ---------------------------------------------------------------------------------------

    def state(self, site: str, *drafts: CommitDraft, shelf: str = STANDARD) -> None:
        """Append statements to the server's chain of a site and shelf, all of them or none."""
        log = self._logs[shelf]
        head = self._head(log, site)
        sealer = Sealer(
            study=self._study,
            site=site,
            app_version=self._app_version,
            signer=self._signing,
            random_bytes=self._random_bytes,
        )
        sealed: list[SealedCommit] = []
        for draft in drafts:
            placed = replace(draft, compartment=shelf)
            sealed.append(ledger.seal(placed, after=head, sealer=sealer, moment=self._clock()))
            head = ledger.head_after(sealed[-1])
        log.append(sealed)
        self._directory.learn(sealed)

    def _head(self, log: CommitLog, site: str) -> ChainHead:
        closed, last = (log.setting(CLOSED_EPOCHS) or "").split(), None
        for head, _ in log.tips_of((site,)):  # of a fork the longest end comes first
            if head.device == self._directory.server.device:
                if head.epoch not in closed:
                    return head
                last = head.id
        return ChainHead(device=self._directory.server.device, epoch=new_epoch(self._random_bytes), sequence=0, id=last)

    def state_account(self, member: StaffMember, *, also: Iterable[str] = ()) -> None:
        """State a person's account, anew or changed, in the chains of all their sites (and of `also`).

        A site that is given learns their keys and laptops too: it verifies their commits without asking anybody.
        """
        revision = self._directory.revision(member.user) + 1
        account = trust.user_statement(member, revision)
        for site in dict.fromkeys((*member.all_sites, *also)):
            self.state(site, account, *self._keys_to_state(member, site))

    def state_keys(self, member: StaffMember) -> None:
        """State a person's keys and laptops in the chains of their sites where they are not stated yet."""
        for site in member.all_sites:
            drafts = self._keys_to_state(member, site)
            if drafts:
                self.state(site, *drafts)

    def _keys_to_state(self, member: StaffMember, site: str) -> list[CommitDraft]:
        directory, drafts = self._directory, []
        laptops: set[DeviceId] = set()
        for key in directory.keys_of(member.user):
            device = directory.device(key.device)
            if device is not None and device.device not in laptops and not directory.is_stated(key.device, site):
                drafts.append(trust.device_statement(device))
                laptops.add(device.device)
            if not directory.is_stated(crypto.key_id(key.signing), site):
                drafts.append(trust.person_statement(key, member.site))
        return drafts

    def certified(self, member: StaffMember, key: PersonKey) -> None:
        """State a person's new keys in the chains of all their sites."""
        self.state(member.site, trust.person_statement(key, member.site))
        self.state_keys(member)

    def withdraw_person(self, member: StaffMember, site: str, reason: str) -> None:
        """State that a person has no part in a site any more; up to where their chains stand, all stays as it is."""
        revision = self._directory.revision(member.user)
        laptops = {key.device for key in self._directory.keys_of(member.user)}
        for shelf in self._logs:
            upto = self._ends(shelf, laptops, site)
            if shelf == STANDARD or upto:
                statement = trust.person_revoked_statement(member.user, site, reason, revision, upto)
                self.state(site, statement, shelf=shelf)

    def withdraw_laptop(self, device: trust.Device) -> None:
        """State that a laptop is withdrawn, in the chains of all sites that know it."""
        members = [self._directory.member(user) for user in self._directory.people_on(device.device)]
        sites = dict.fromkeys((device.site, *(site for one in members if one is not None for site in one.all_sites)))
        for shelf in self._logs:
            for site in sites:
                upto = self._ends(shelf, {device.device}, site)
                if shelf == STANDARD or upto:
                    self.state(site, trust.revoked_statement(device.device, site, upto), shelf=shelf)

    def _ends(self, shelf: str, devices: set[DeviceId], site: str) -> list[ChainHead]:
        ends = by_chain(head for head, _ in self._logs[shelf].tips_of((site,)) if head.device in devices)
        return [heads[0] for _, heads in sorted(ends.items())]

    # -- what arrived ----------------------------------------------------------------------------------

    def kept(self, shelf: str) -> None:
        """Look at what became durable in a shelf since the last look."""
        log = self._logs.get(shelf)
        if log is None:
            return
        if shelf not in self._positions:
            self._positions[shelf] = int(log.setting(LOOKED_AT) or "0")
        begin = self._positions[shelf]
        for position, commit in log.feed(begin):
            self._look_at(shelf, log, commit)
            self._positions[shelf] = position
        if self._positions[shelf] != begin:
            log.set_setting(LOOKED_AT, str(self._positions[shelf]))

    def forget(self) -> None:
        """Forget how far was looked: what was written since the last look did not become durable."""
        self._positions.clear()

    def _look_at(self, shelf: str, log: CommitLog, commit: SealedCommit) -> None:
        header = commit.parsed
        if header.author == SERVER_AUTHOR:
            return
        effect = self._directory.effect(commit.id)
        if effect is None:
            ruling = self._withdrawn(log, commit) or self._judge(shelf, commit)
            if ruling is not None:
                with self._alone():
                    statement = trust.verdict_statement(commit.id, ruling.code, ruling.effect, header.site)
                    self.state(header.site, statement, shelf=shelf)
                effect = ruling.effect
        if header.kind == "inv" and effect != HELD and not self._directory.is_refused(commit.id):
            with self._alone():
                self._take_up(commit)

    def _withdrawn(self, log: CommitLog, commit: SealedCommit) -> Ruling | None:
        """Hold what came from a person or laptop after their withdrawal, told by the chain and by no clock."""
        header = commit.parsed
        withdrawn = self._directory.withdrawn_end(header)
        if withdrawn is None:
            return None
        code, end = withdrawn
        return None if end is not None and _leads_to(log, commit, end) else _Found(code=code)

    # -- invitations -----------------------------------------------------------------------------------

    def _take_up(self, commit: SealedCommit) -> None:
        header = commit.parsed
        try:
            invitation = payloads.read(commit)
        except (CommitUnreadableError, SealedAwayError):
            invitation = None
        if not isinstance(invitation, InvitationPayload):
            self._refuse(commit, UserId("unknown"), "", "form")
            return
        key = self._directory.person(invitation.user, invitation.device, crypto.key_id(invitation.signing))
        if key is not None:
            return  # it was taken up
        why = self._why_not(header, invitation)
        if why is None:
            try:
                self._admit(header.site, invitation)
            except (ValueError, TypeError):
                why = "form"
        if why is not None:
            self._refuse(commit, invitation.user, invitation.name, why)

    def _why_not(self, header: Header, invitation: InvitationPayload) -> str | None:
        inviter = self._directory.member(header.author)
        role = self._roles.get(invitation.role)
        if inviter is None or inviter.revoked or not self._may_invite(inviter, header.site):
            return "no-right"
        if role is not None and UNBLINDING in role.sees and not inviter.sees_unblinding:
            return "no-right"  # nobody makes themselves a way to what they are kept from
        if invitation.device != header.device or len(invitation.sealing) != crypto.KEY_BYTES:
            return "device"
        if role is None or role.of_study or role.rights & _NEVER_OFFLINE:
            return "role"
        if invitation.user in (SERVER_AUTHOR, DEVICE_AUTHOR) or not self._is_free(header.site, invitation):
            return "taken"
        return "taken" if self._directory.is_anybodys(crypto.key_id(invitation.signing)) else None

    def _is_free(self, site: str, invitation: InvitationPayload) -> bool:
        """Tell whether nobody has the user id, or the person invited has and is let in again where they had keys."""
        member = self._directory.member(invitation.user)
        if member is None:
            return True
        had_keys = self._directory.person_key(member.user, invitation.device) is not None
        same = (member.site, member.role, member.name) == (site, invitation.role, invitation.name)
        return had_keys and same and not member.revoked

    def _may_invite(self, inviter: StaffMember, site: str) -> bool:
        role = self._roles.get(inviter.role)
        return role is not None and "administer" in role.rights and site == inviter.site

    def _admit(self, site: str, invitation: InvitationPayload) -> None:
        certificate = self._certify(invitation.paper, invitation.name)
        role = self._roles[invitation.role]
        member = StaffMember(user=invitation.user, name=invitation.name, role=role.oid, site=site, sees=role.sees)
        key = PersonKey(
            user=invitation.user,
            device=invitation.device,
            signing=invitation.signing,
            certificate=certificate,
            sealing=invitation.sealing,
        )
        if self._directory.member(invitation.user) is not None:  # let in again: the account stands as it is
            self.state(site, trust.person_statement(key, site))
            return
        self.state(site, trust.user_statement(member, 1), trust.person_statement(key, site))

    def admit(self, refusal: RefusedInvitation, role: RoleFacts | None, *, other_person: bool) -> UserId:
        """Admit by decision of the data manager whom an invitation could not: what waits is taken from then on.

        Args:
            role: For a person without an account: the role that they get.
            other_person: The user id is somebody else's: the key is taken for a guest's, whose work is held until
                somebody decides, and the person gets an account of their own.

        Raises:
            ValueError: The invitation cannot be read, its keys cannot be certified, or a role is missing.
        """
        commit = self._logs[STANDARD].commit(refusal.commit)
        site = commit.parsed.site
        invitation = payloads.read(commit)
        member = self._directory.member(refusal.user)
        if not isinstance(invitation, InvitationPayload) or invitation.device != commit.parsed.device:
            raise ValueError(refusal.commit)
        key = PersonKey(
            user=invitation.user,
            device=invitation.device,
            signing=invitation.signing,
            certificate=self._certify(invitation.paper, invitation.name),
            sealing=invitation.sealing,
        )
        if other_person:
            self.state(site, trust.guest_statement(key, site))
        elif member is not None:
            self.certified(member, key)
        elif role is not None:
            account = StaffMember(user=invitation.user, name=invitation.name, role=role.oid, site=site, sees=role.sees)
            self.state(site, trust.user_statement(account, 1), trust.person_statement(key, site))
        else:
            raise ValueError(refusal.user)
        return invitation.user

    def _refuse(self, commit: SealedCommit, user: UserId, name: str, why: str) -> None:
        header = commit.parsed
        refusal = RefusedInvitation(commit=commit.id, user=user, name=name, device=header.device, why=why)
        self.state(header.site, trust.invitation_refused_statement(refusal, header.site))


def _leads_to(log: CommitLog, commit: SealedCommit, end: ChainHead) -> bool:
    """Tell whether a commit lies in the history of a chain's end; told by its number while the end is not held."""
    header = commit.parsed
    if header.sequence > end.sequence:
        return False
    if end.id is None or not log.has(end.id):
        return True
    at = end.id
    while at != commit.id:
        parent = log.commit(at).parsed
        if parent.sequence <= header.sequence or parent.previous is None:
            return False
        at = parent.previous
    return True

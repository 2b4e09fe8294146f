"""Sites, people and laptops of the study, and the one-time codes by which they come in.

Everything said about them is a statement in the server's own chains, one chain per site and shelf, so it
travels, is audited and can be put back like any other record. Only the codes are kept apart: what is
stored of one is the key of its proof, and it is void after 72 hours, five wrong tries, or its use.

The running server and the command line may state things at the same time; a lock on the folder makes
"read the chain's end, seal, append" one step.

Source: docs/sync_protocol.md, section "Enrolment"; 21 CFR 11.300.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace

import casebook
from casebook import crypto
from casebook.clock import Clock
from casebook.errors import (
    CodeRefusedError,
    CommitUnreadableError,
    DeviceUnknownError,
    FrameCorruptError,
    LettersExhaustedError,
    RoleRefusedError,
    ServerFolderError,
    SignatureBadError,
    UnknownSiteError,
)
from casebook.ids import RandomBytes, UserId, device_id, user_id
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store import BACKUP_SERIAL, CommitLog
from casebook.sync import enrolment, trust
from casebook.sync.enrolment import CertifiedPerson, Enrolled, EnrolmentCode, Secret, SignedRequest
from casebook.sync.office import Judge, Office, RoleFacts, nothing_found
from casebook.sync.serving import BACKUP_AT
from casebook.sync.trust import Device, Directory, PersonKey, Site, StaffMember
from central_server.authority import UNBLINDING_VARIABLE, StudyKeys
from central_server.settings import ServerSettings
from central_server.turns import Turns

CODE_HOURS = 72
CODE_TRIES = 5
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Laptops' letters: without I and O, which are read as 1 and 0."""

_KNOWS_TOO_MUCH = {
    "en": "whoever had a role that may know the treatment cannot be blinded again. Give a new person that role",
    "zh": "曾担任可知晓治疗分组角色的人员不能再设为盲态。请由另一人担任该角色",
}
_ONE_SITE = {
    "en": "people of this role belong to one site. Give further sites to a data manager or monitor",
    "zh": "该角色的人员只属于一个中心。其他中心只能分配给数据管理员或监查员",
}

_CODES = "codes"
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCode:
    """What is kept of a one-time code. `verifier`: hex of the proof's key; `user` is "" for a laptop's code."""

    slot: str
    verifier: str
    site: str
    user: str
    until_ms: int
    tries_left: int = CODE_TRIES
    used_by: str = ""
    """Device that used it, and its key: the same request may come twice when its answer was lost."""


class Accounts:
    """The study's accounts over the server's log. One thread; other processes are waited for."""

    def __init__(
        self,
        logs: Mapping[str, CommitLog],
        directory: Directory,
        keys: StudyKeys,
        settings: ServerSettings,
        *,
        clock: Clock,
        random_bytes: RandomBytes,
        judge: Judge = nothing_found,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve the accounts that the logs hold; `directory` is brought up to date here.

        Args:
            logs: The log of each shelf that is open; S always.
            judge: What the server finds of what arrives.
            forget: Makes the judge read the logs anew.
        """
        self._logs = dict(logs)
        self._log = logs[STANDARD]
        self._directory = directory
        self._keys = keys
        self._settings = settings
        self._turns = Turns(settings.folder)
        self._is_alone = False
        self._forget = forget
        self._clock = clock
        self._random_bytes = random_bytes
        self._roles = {role.oid: role for role in settings.roles}
        self.office = Office(
            logs,
            directory,
            study=settings.study,
            app_version=casebook.__version__,
            signing=keys.statements,
            roles=settings.roles,
            certify=self._certificate,
            clock=clock,
            random_bytes=random_bytes,
            judge=judge,
            alone=self._alone,
        )
        self._refresh()

    def _refresh(self) -> None:
        for shelf in sorted(self._logs):
            self._directory.refresh(self._logs[shelf], shelf)

    @property
    def directory(self) -> Directory:
        """What has been stated."""
        return self._directory

    # -- what the operator does ------------------------------------------------------------------------

    def add_site(self, site: str, name: str) -> Site:
        """Open a site, or rename it. Raises UnknownSiteError for a number that is not three digits."""
        if not re.fullmatch(r"[0-9]{3}", site):
            raise UnknownSiteError(what="site number", name=site)
        added = Site(site=site, name=name)
        with self._alone():
            if self._directory.site(site) != added:
                self.office.state(site, trust.site_statement(added))
            if self._directory.bundle_keys(site) is None:
                self._state_bundle_keys(site)
        return added

    def new_enrolment_code(self, site: str) -> EnrolmentCode:
        """Make the one-time code for one more laptop of a site. Raises UnknownSiteError."""
        with self._alone():
            self._site(site)
            used = {code.slot for code in self.codes()}
            code = enrolment.new_enrolment_code(self._keys.authority, self._random_bytes)
            while code.secret.slot in used:
                code = enrolment.new_enrolment_code(self._keys.authority, self._random_bytes)
            self._keep_code(code.secret, site=site, user="")
        return code

    def add_user(
        self, site: str, name: str, role: str, user: str | None = None, sites: Sequence[str] = ()
    ) -> tuple[StaffMember, Secret]:
        """Give a person an account and a one-time personal code.

        Args:
            site: The home site.
            user: The user id wished for; made from the name when None.
            sites: Further sites, for a role of the study.

        Raises:
            UnknownSiteError: There is no such site or role, or the user id is taken or not well formed.
            RoleRefusedError: The role belongs to one site.
        """
        with self._alone():
            self._site(site)
            facts = self._role(role)
            member = StaffMember(
                user=self._free_user(site, name, user),
                name=name,
                role=facts.oid,
                site=site,
                sites=self._given(facts, site, sites),
                sees=facts.sees,
            )
            self.office.state_account(member)
            return member, self._personal_secret(member)

    def new_personal_code(self, user: str) -> tuple[StaffMember, Secret]:
        """Make another personal code for a person: for a further laptop, or new keys. Raises UnknownSiteError."""
        with self._alone():
            member = self._member(user)
            return member, self._personal_secret(member)

    def give(self, user: str, sites: Sequence[str]) -> StaffMember:
        """Give a person further sites. Raises UnknownSiteError, RoleRefusedError."""
        with self._alone():
            member = self._member(user)
            given = self._given(self._role(member.role), member.site, (*member.sites, *sites))
            changed = replace(member, sites=given)
            self.office.state_account(changed)
            return changed

    def take(self, user: str, sites: Sequence[str], reason: str) -> StaffMember:
        """Take given sites away from a person: they are no longer served; what is on the laptop stays there.

        Raises:
            UnknownSiteError: There is no such person, or the person is not given such a site.
            ServerFolderError: The key of the unblinding store is not at hand.
        """
        self._need_both()
        with self._alone():
            member = self._member(user)
            for site in sites:
                if site not in member.sites:
                    raise UnknownSiteError(what="site given to this person named", name=site)
            changed = replace(member, sites=tuple(one for one in member.sites if one not in sites))
            self.office.state_account(changed, also=sites)
            for site in sites:
                self.office.withdraw_person(changed, site, reason)
            return changed

    def change_role(self, user: str, role: str) -> StaffMember:
        """Give a person another role.

        Raises:
            UnknownSiteError: There is no such person or role.
            RoleRefusedError: Somebody who ever could know the treatment cannot be blinded; or the person has
                sites that the role cannot have.
        """
        with self._alone():
            member, facts = self._member(user), self._role(role)
            if UNBLINDING not in facts.sees and self._directory.ever_saw_unblinding(member.user):
                raise RoleRefusedError(name=member.name, why=_KNOWS_TOO_MUCH)
            if member.sites:
                self._given(facts, member.site, member.sites)
            changed = replace(member, role=facts.oid, sees=facts.sees)
            self.office.state_account(changed)
            return changed

    def admit(self, invitation: str, role: str | None, *, other_person: bool) -> UserId:
        """Admit whom an invitation made offline could not; see `Office.admit`. Raises UnknownSiteError."""
        with self._alone():
            found = [one for one in self._directory.refused_invitations() if one.commit.startswith(invitation)]
            if not invitation or len(found) != 1:
                raise UnknownSiteError(what="refused invitation", name=invitation)
            try:
                facts = self._role(role) if role is not None else None
                return self.office.admit(found[0], facts, other_person=other_person)
            except (ValueError, TypeError, CommitUnreadableError):
                raise UnknownSiteError(what="role or usable keys for invitation", name=invitation) from None

    def revoke_person(self, user: str, reason: str) -> StaffMember:
        """Withdraw a person from all their sites. What they recorded before stays as it is.

        Raises:
            UnknownSiteError: There is no such person.
            ServerFolderError: The key of the unblinding store is not at hand.
        """
        self._need_both()
        with self._alone():
            member = self._member(user)
            for site in member.all_sites:
                self.office.withdraw_person(member, site, reason)
            return replace(member, revoked=True)

    def restore_person(self, user: str) -> StaffMember:
        """Undo the withdrawal of a person. What a verdict held meanwhile stays held. Raises UnknownSiteError."""
        with self._alone():
            member = self._directory.member(user_id(user))
            if member is None:
                raise UnknownSiteError(what="user", name=user)
            self.office.state_account(replace(member, revoked=False))
            return replace(member, revoked=False)

    def revoke(self, device: str) -> Device:
        """Withdraw a laptop.

        Raises:
            UnknownSiteError: There is no such laptop.
            ServerFolderError: The key of the unblinding store is not at hand.
        """
        self._need_both()
        with self._alone():
            found = self.laptop(device)
            if not found.revoked:
                self.office.withdraw_laptop(found)
            return replace(found, revoked=True)

    def laptop(self, device: str) -> Device:
        """Return an enrolled laptop by its id. Raises UnknownSiteError."""
        try:
            found = self._directory.device(device_id(device))
        except ValueError:
            found = None
        if found is None:
            raise UnknownSiteError(what="laptop", name=device)
        return found

    def note_export(self, sites: Sequence[str], *, what: str, by: str, why: str) -> None:
        """State that the record of some sites was exported: in the chain of the highest shelf that went out."""
        shelf = UNBLINDING if UNBLINDING in what else STANDARD
        with self._alone():
            for site in sites:
                self.office.state(site, trust.exported_statement(site, what=what, by=by, why=why), shelf=shelf)

    def state_bundle_keys(self) -> None:
        """State to every site to which keys its bundles for the server are sealed, where they are new there."""
        with self._alone():
            for site in self._directory.sites():
                self._state_bundle_keys(site.site)

    def _state_bundle_keys(self, site: str) -> None:
        second = self._keys.unblinding
        if second is None or not second.bundle or not self._keys.bundle:
            return
        newest = (self._keys.bundle[-1].public, second.bundle[-1].public)
        if self._directory.bundle_keys(site) != newest:
            self.office.state(site, trust.bundle_key_statement(site, newest))

    def note_backup(self, serials: Mapping[str, int], at_ms: int) -> None:
        """Keep up to which receipt, by shelf, a verified backup reaches: laptops are told at their next exchange."""
        with self._alone():
            for shelf, serial in serials.items():
                self._logs[shelf].set_setting(BACKUP_SERIAL, str(serial))
                self._logs[shelf].set_setting(BACKUP_AT, str(at_ms))

    def _need_both(self) -> None:
        if UNBLINDING not in self._logs:
            raise ServerFolderError(
                folder=self._settings.folder, why=f"set {UNBLINDING_VARIABLE}: this concerns the unblinding store too"
            )

    def _role(self, role: str) -> RoleFacts:
        found = self._roles.get(role)
        if found is None:
            raise UnknownSiteError(what="role", name=role)
        return found

    def _given(self, role: RoleFacts, home: str, sites: Sequence[str]) -> tuple[str, ...]:
        if sites and not role.of_study:
            raise RoleRefusedError(name=role.oid, why=_ONE_SITE)
        for site in sites:
            self._site(site)
        return tuple(dict.fromkeys(site for site in sites if site != home))

    def _member(self, user: str) -> StaffMember:
        try:
            member = self._directory.member(user_id(user))
        except ValueError:
            member = None
        if member is None or member.revoked:
            raise UnknownSiteError(what="user", name=user)
        return member

    # -- what laptops ask --------------------------------------------------------------------------------

    def enrol(self, body: bytes) -> bytes:
        """Enrol a laptop; returns the answer's body.

        Raises:
            CodeRefusedError: The code is wrong, used, void or too old.
            LettersExhaustedError: The site has 24 laptops.
            FrameCorruptError, ProtocolUnsupportedError: The request is not well formed.
        """
        request, signed = enrolment.read_enrol_request(body)
        with self._alone():
            code = self._redeem(request.slot, signed, by=f"{request.device} {request.signing.hex()}", personal=False)
            known = self._directory.device(request.device)
            if self._directory.custodians(code.site) != self._settings.custodians:
                self.office.state(code.site, trust.custodians_statement(code.site, self._settings.custodians))
            if self._directory.bundle_keys(code.site) is None:
                self._state_bundle_keys(code.site)
            if known is None:
                known = Device(
                    device=request.device,
                    signing=request.signing,
                    sealing=request.sealing,
                    site=code.site,
                    letter=self._free_letter(code.site),
                    name=request.name,
                )
                self.office.state(code.site, trust.device_statement(known))
            elif (known.signing, known.sealing, known.site) != (request.signing, request.sealing, code.site):
                raise CodeRefusedError
            return enrolment.write_enrolled(self._enrolled(known))

    def _enrolled(self, device: Device) -> Enrolled:
        site = self._site(device.site)
        return Enrolled(
            url="",
            authority=self._keys.authority,
            study=self._settings.study,
            site=site.site,
            site_name=site.name,
            device=device.device,
            letter=device.letter,
            server=self._keys.identity,
            staff=tuple(one for one in self._directory.staff(site.site) if not one.revoked),
            is_first=device.letter == LETTERS[0],  # letters are never given twice
            custodians=self._settings.custodians,
        )

    def certify(self, body: bytes) -> bytes:
        """Certify a person's keys on one laptop; returns the answer's body.

        Raises:
            CodeRefusedError: The personal code is wrong, used, void, too old, or of another site.
            DeviceUnknownError: The laptop is not enrolled, or withdrawn.
            SignatureBadError: The request is not signed by the laptop.
            FrameCorruptError, ProtocolUnsupportedError: The request is not well formed.
        """
        request, signed = enrolment.read_person_request(body)
        with self._alone():
            device = self._directory.device(request.device)
            if device is None or device.revoked:
                raise DeviceUnknownError
            if not signed.is_signed_by(device.signing):
                raise SignatureBadError(device=request.device, epoch="", sequence=0)
            code = self._redeem(
                request.slot, signed, by=f"{request.device} {request.signing.hex()}", personal=True, site=device.site
            )
            member = self._directory.member(user_id(code.user))
            if member is None or member.revoked:
                raise CodeRefusedError
            key = self._directory.person_key(member.user, device.device)
            if key is None or key.signing != request.signing:
                key = self._certified(member, request)
            return enrolment.write_certified(
                CertifiedPerson(
                    user=member.user,
                    name=member.name,
                    role=member.role,
                    site=member.site,
                    sites=member.sites,
                    sees=member.sees,
                    certificate=key.certificate,
                    authority=self._keys.authority,
                )
            )

    def _certified(self, member: StaffMember, request: enrolment.PersonRequest) -> PersonKey:
        try:
            certificate = self._certificate(request.paper, member.name)
        except (ValueError, TypeError):
            raise FrameCorruptError(why="a key that cannot be certified") from None
        key = PersonKey(
            user=member.user,
            device=request.device,
            signing=request.signing,
            certificate=certificate,
            sealing=request.sealing,
        )
        self.office.certified(member, key)
        return key

    def _certificate(self, paper: bytes, name: str) -> bytes:
        now = self._clock().local
        return crypto.issue_person(self._keys.authority_key, self._keys.authority, paper, name, at=now)

    # -- statements ----------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for other processes that state something, and learn what they stated; what is stated is one write."""
        if self._is_alone:
            self._refresh()
            yield
            return
        refused: CodeRefusedError | None = None
        with self._turns.asked(), self.together():
            self._refresh()
            try:
                yield
            except CodeRefusedError as error:
                refused = error  # the wrong try that was counted stands
        if refused is not None:
            raise refused

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write in all shelves at once, while no other process states anything: durable at the end, or not at all."""
        with self._turns.taken(), ExitStack() as logs:
            for shelf in sorted(self._logs):
                logs.enter_context(self._logs[shelf].together())
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False

    def forget(self) -> None:
        """Drop what was learnt, to learn it anew from the logs: some of it did not become durable."""
        self._directory.forget()
        self.office.forget()
        self._forget()
        self._refresh()

    def _site(self, site: str) -> Site:
        found = self._directory.site(site)
        if found is None:
            raise UnknownSiteError(what="site", name=site)
        return found

    def _free_letter(self, site: str) -> str:
        used = {one.letter for one in self._directory.devices(site)}
        letter = next((one for one in LETTERS if one not in used), None)
        if letter is None:
            raise LettersExhaustedError(site=site)
        return letter

    def _free_user(self, site: str, name: str, wished: str | None) -> UserId:
        if wished is not None:
            try:
                user = user_id(wished)
            except ValueError:
                raise UnknownSiteError(what="usable user id", name=wished) from None
            if user in (trust.SERVER_AUTHOR, trust.DEVICE_AUTHOR) or self._directory.member(user) is not None:
                raise UnknownSiteError(what="free user id", name=wished)
            return user
        plain = ".".join(re.findall(r"[a-z0-9]+", name.lower()))[:24].strip(".") or f"u{site}"
        taken = {trust.SERVER_AUTHOR, trust.DEVICE_AUTHOR}
        for suffix in ("", *(str(count) for count in range(2, 1000))):
            user = user_id(plain + suffix)
            if user not in taken and self._directory.member(user) is None:
                return user
        raise UnknownSiteError(what="free user id", name=plain)

    # -- codes ---------------------------------------------------------------------------------------------

    def codes(self) -> tuple[OpenCode, ...]:
        """Return what is kept of codes that could still be used or asked about."""
        now_ms = self._clock().utc_ms
        kept = json.loads(self._log.setting(_CODES) or "[]")
        return tuple(code for code in (OpenCode(**one) for one in kept) if code.until_ms > now_ms)

    def _write_codes(self, codes: tuple[OpenCode, ...]) -> None:
        self._log.set_setting(_CODES, json.dumps([asdict(code) for code in codes]))

    def _personal_secret(self, member: StaffMember) -> Secret:
        used = {code.slot for code in self.codes()}
        secret = enrolment.new_personal_secret(self._random_bytes)
        while secret.slot in used:
            secret = enrolment.new_personal_secret(self._random_bytes)
        self._keep_code(secret, site=member.site, user=member.user)
        return secret

    def _keep_code(self, secret: Secret, *, site: str, user: str) -> None:
        code = OpenCode(
            slot=secret.slot,
            verifier=secret.verifier.hex(),
            site=site,
            user=user,
            until_ms=self._clock().utc_ms + CODE_HOURS * _HOUR_MS,
        )
        self._write_codes((*self.codes(), code))

    def _redeem(
        self, slot: str, signed: SignedRequest, *, by: str, personal: bool, site: str | None = None
    ) -> OpenCode:
        """Use a code up, or count a wrong try against it. Raises CodeRefusedError."""
        codes = self.codes()
        code = next((one for one in codes if one.slot == slot and bool(one.user) == personal), None)
        if code is None or code.tries_left < 1 or (site is not None and code.site != site):
            raise CodeRefusedError
        if not signed.is_proved_by(bytes.fromhex(code.verifier)):
            self._replace_code(codes, replace(code, tries_left=code.tries_left - 1))
            raise CodeRefusedError
        if code.used_by not in ("", by):
            raise CodeRefusedError
        if not code.used_by:
            self._replace_code(codes, replace(code, used_by=by))
        return code

    def _replace_code(self, codes: tuple[OpenCode, ...], code: OpenCode) -> None:
        self._write_codes(tuple(code if one.slot == code.slot else one for one in codes))

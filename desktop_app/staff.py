"""The people half of a session: who belongs to the site, who may open this laptop, who was delegated what.

The session proves who is there, the study's rights decide, the key ring changes the slots, and each act is a
commit. What tells of people tells of no arm: invitations and delegations lie in the standard shelf, where a
blinded colleague's session finds its own delegation too.

Source: 21 CFR 11.10(d), (g), 11.100, 11.200, 11.300; ICH E6(R3) 4.3.8; docs/store.md, section "Keys".
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from casebook.design import Role, Text, VisitKind
from casebook.errors import (
    LANGUAGES,
    LastAdministratorError,
    PersonUnknownHereError,
    ReasonRequiredError,
    SecondPersonNeededError,
    UserNameTakenError,
    UserNameUnreadableError,
)
from casebook.ids import SubjectId, UserId, new_id
from casebook.ledger import STANDARD, Header
from casebook.paper import desk
from casebook.paper.context import RecoverySheet
from casebook.payloads import InvitationPayload, SecurityPayload
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.rights import (
    Allowed,
    Delegation,
    DelegationLog,
    Member,
    Refusal,
    Rights,
    delegate,
    end_delegation,
)
from casebook.sync.trust import StaffMember
from casebook.timekeeping import TimeLabel
from desktop_app import owed_notes, staff_tables
from desktop_app.server_word import known_keys
from desktop_app.staff_snapshots import (
    CertificateState,
    DelegationChoice,
    DelegationRow,
    DelegationState,
    DelegationView,
    Invited,
    KeysMade,
    MatrixView,
    SecondPerson,
    SheetOffer,
    StaffRow,
    StaffView,
    Unblinded,
    UnblindingAccess,
)
from desktop_app.workbench import Workbench

NEVER_OFFLINE = frozenset({"administer", "delegate"})
"""Who has one of these rights is let in by the study's server alone."""
NO_SHEET = Text(
    {
        "en": "This laptop has no recovery sheet that was tested. Make one now: Settings, Recovery sheet.",
        "zh": "本机没有经过验证的恢复单。请立即在“设置”—“恢复单”中生成。",
    }
)
_SHORT_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_OWN_NAMES = frozenset({"device", "server"})


class Staff:
    """The people of the site and of this laptop. On the store thread, unless a method says otherwise."""

    def __init__(self, bench: Workbench, time_of: Callable[[Header], TimeLabel]) -> None:
        """Look at nothing yet. `time_of`: what is known of the time of a record."""
        self._bench = bench
        self._keys = bench.ring
        self._time_of = time_of

    def begin(self) -> None:
        """Write down what happened while nobody was signed in, wrong passphrases, and the sign-in."""
        bench = self._bench
        owed_notes.settle(bench.record, bench.compartment())
        failed = self._keys.untold_failures()
        if failed:
            said = [
                SecurityPayload(event="passphrase-failed", fields={"user": user, "count": str(count)})
                for user, count in failed.items()
            ]
            bench.record.seal([(one, bench.compartment()) for one in said], as_device=True)
            self._keys.tell_failures(failed)
        bench.note("sign-in")

    @property
    def notice(self) -> Text | None:
        """What stands in the way of being helped when a passphrase is forgotten, for the user to read."""
        return None if self._keys.has_sheet else NO_SHEET

    # -- who -----------------------------------------------------------------------------------------

    def view(self) -> StaffView:
        """Return who belongs to the site."""
        bench, today = self._bench, self._today
        answer = self._rights().may("administer", on=today)
        log = self.log()
        members = {one.user: one for one in bench.directory.staff(bench.place.site)}
        known = [self._row(one, log) for one in members.values()]
        waiting = [self._waiting(user) for user in sorted(self._keys.on_this_laptop()) if user not in members]
        return StaffView(
            rows=tuple(known + waiting),
            may_invite=isinstance(answer, Allowed),
            why_not=_said(answer) if isinstance(answer, Refusal) else None,
            roles=tuple(staff_tables.choice_of(role) for role in bench.design.roles if _is_invited(role)),
            has_sheet=self._keys.has_sheet,
        )

    def _row(self, member: StaffMember, log: DelegationLog) -> StaffRow:
        bench, role = self._bench, self._bench.design.role(member.role)
        here = member.user in self._keys.on_this_laptop()
        state, since, until = self._delegation_of(member, role, log)
        key = bench.directory.person_key(member.user, bench.record.seat.device)
        certified = here and key is not None and key.sealing == self._keys.sealing_of(member.user)
        return StaffRow(
            user=member.user,
            name=member.name,
            role=member.role,
            role_label=role.label if role is not None else Text(dict.fromkeys(LANGUAGES, member.role)),
            here=here,
            is_me=member.user == bench.record.seat.user,
            certificate=_certificate(here=here, certified=certified),
            unblinding=self._access(member.user, member.role, here=here),
            delegation=state,
            since=since,
            until=until,
            sheet_helps=self._keys.sees_unblinding(member.role) or bench.design.blinding is None,
        )

    def _waiting(self, user: UserId) -> StaffRow:
        """Return somebody who signs in here and of whom the server has not told yet."""
        person = self._keys.person(user)
        role = self._bench.design.role(person.roles[0]) if person.roles else None
        oid = role.oid if role is not None else ""
        return StaffRow(
            user=user,
            name=person.name,
            role=oid,
            role_label=role.label if role is not None else Text(dict.fromkeys(LANGUAGES, oid)),
            here=True,
            is_me=user == self._bench.record.seat.user,
            certificate=CertificateState.PENDING,
            unblinding=self._access(user, oid, here=True),
            delegation=DelegationState.NO_LOG if role is None or role.delegated else DelegationState.NOT_NEEDED,
        )

    def _access(self, user: UserId, role: str, *, here: bool) -> UnblindingAccess:
        if self._bench.design.blinding is None or not here:
            return UnblindingAccess.ABSENT
        if not self._keys.sees_unblinding(role):
            return UnblindingAccess.NEVER
        return UnblindingAccess.YES if self._keys.holds_unblinding(user) else UnblindingAccess.WAITING

    def _delegation_of(
        self, member: StaffMember, role: Role | None, log: DelegationLog
    ) -> tuple[DelegationState, date | None, date | None]:
        if role is None or not role.delegated:
            return DelegationState.NOT_NEEDED, None, None
        today = self._today
        if not log.has_begun(today):
            return DelegationState.NO_LOG, None, None
        standing = [one for one in log.of_person(member.user) if one.role == member.role and one.stands(today)]
        if not standing:
            return DelegationState.NOT_STANDING, None, None
        ends = [one.last_day for one in standing if one.last_day is not None]
        until = max(ends) if len(ends) == len(standing) else None
        return DelegationState.STANDING, min(one.start for one in standing), until

    # -- rights --------------------------------------------------------------------------------------

    @property
    def _today(self) -> date:
        return self._bench.permissions.today

    def log(self) -> DelegationLog:
        """Return the delegation log of this site, as the commits held here say."""
        return self._bench.permissions.log

    def _rights(self, user: UserId | None = None) -> Rights:
        return self._bench.permissions.rights(user)

    # -- letting in and out --------------------------------------------------------------------------

    def invite(self, user: str, name: str, role: str) -> Invited:
        """Return somebody new, for whom keys can be made.

        Raises:
            Refusal: The signed-in person may not let people in.
            UserNameUnreadableError, UserNameTakenError: The short name will not do.
        """
        self._rights().require("administer", on=self._today)
        if not _SHORT_NAME.fullmatch(user) or user in _OWN_NAMES:
            raise UserNameUnreadableError(user=user)
        if self._bench.directory.member(UserId(user)) is not None or user in self._keys.on_this_laptop():
            raise UserNameTakenError(user=user)
        return Invited(user=UserId(user), name=name, role=role, again=False)

    def invite_again(self, user: UserId) -> Invited:
        """Return a colleague who forgot the passphrase, for whom new keys can be made.

        Raises:
            PersonUnknownHereError: They do not sign in on this laptop.
            LastAdministratorError: It is the signed-in person, who changes the passphrase in the settings.
        """
        if user == self._bench.record.seat.user:
            raise LastAdministratorError(person=self._bench.person.name)
        person = self._keys.person(user)
        return Invited(user=user, name=person.name, role=person.roles[0] if person.roles else "", again=True)

    def make_keys(self, invited: Invited, passphrase: str) -> KeysMade:
        """Make their keys, sealed by the passphrase that they typed. The sync thread's: it takes seconds."""
        return self._keys.make_keys(invited, passphrase)

    def announce(self, made: KeysMade) -> StaffView:
        """Record that somebody was let in with these keys.

        The next exchange has them certified where the signed-in person may let people in; else, and for whoever
        is let in by the study alone, a personal code does.
        """
        bench, invited = self._bench, made.invited
        role = bench.design.role(invited.role)
        if role is not None and _is_invited(role) and self._rights().allows("administer", on=self._today):
            invitation = InvitationPayload(
                user=invited.user,
                name=invited.name,
                role=invited.role,
                device=bench.record.seat.device,
                signing=made.signing,
                sealing=made.sealing,
                paper=made.paper,
            )
            bench.record.seal([(invitation, STANDARD)])
        bench.note("person-let-in-again" if invited.again else "person-invited", {"user": invited.user})
        return self.view()

    def certify_me(self, code: str) -> UserId:
        """Have the signed-in person's own keys certified by a personal code. The sync thread's: it asks the server."""
        return self._keys.certify_me(code)

    def remove(self, user: UserId, passphrase: str) -> StaffView:
        """Take a person's way in from this laptop, and renew its keys.

        Raises:
            Refusal: The signed-in person may not.
            WrongPassphraseError: The passphrase is not the signed-in person's.
        """
        self._rights().require("administer", on=self._today)
        self._keys.prove(passphrase)
        bench, directory = self._bench, self._bench.directory
        seat = bench.record.seat
        inviters = frozenset(one.user for one in directory.staff(bench.place.site) if self._may_invite(one))
        known = known_keys(bench.record.standard.log, directory, seat.device, inviters)
        for gone in self._keys.remove(user, known, directory.custodians(bench.place.site)):
            bench.note("person-removed", {"user": gone})
        bench.note("key-rotated", {"cause": "person-removed"})
        return self.view()

    def _may_invite(self, member: StaffMember) -> bool:
        role = self._bench.design.role(member.role)
        return role is not None and "administer" in role.rights

    # -- the delegation log --------------------------------------------------------------------------

    def delegations(self) -> DelegationView:
        """Return the delegation log of the site, the newest entry first."""
        bench, log, today = self._bench, self.log(), self._today
        answer = self._rights().may("delegate", on=today)
        rows = sorted(log.entries, key=lambda one: (one.start, one.at.utc_ms), reverse=True)
        people = [
            DelegationChoice(user=member.user, name=member.name, role=staff_tables.choice_of(role))
            for member in self._people_here()
            if (role := bench.design.role(member.role)) is not None and role.delegated
        ]
        return DelegationView(
            rows=tuple(self._delegation(one, today) for one in rows),
            may_delegate=isinstance(answer, Allowed),
            why_not=_said(answer) if isinstance(answer, Refusal) else None,
            people=tuple(people),
            today=today,
        )

    def _people_here(self) -> list[Member]:
        """Return the people of the site; those whose certificate is pending work already, and come last."""
        bench = self._bench
        known = bench.directory.staff(bench.place.site)
        pending = self._keys.on_this_laptop() - {one.user for one in known}
        return [*known, *(bench.permissions.member(user) for user in sorted(pending))]

    def delegate(
        self, user: UserId, role: str, duties: tuple[str, ...], start: date, end: date | None, passphrase: str
    ) -> DelegationView:
        """Add an entry to the delegation log, signed by the signed-in principal investigator.

        Raises:
            Refusal: See `casebook.rights.delegate`.
            WrongPassphraseError: The passphrase is not the signed-in person's.
        """
        bench = self._bench
        member = next((one for one in self._people_here() if one.user == user), None)
        if member is None or member.role != role:
            raise PersonUnknownHereError(person=bench.name_of(user))
        entry = new_id(bench.record.seat.random_bytes)
        said = delegate(self._rights(), member, entry=entry, duties=duties, start=start, end=end, on=self._today)
        self._keys.prove(passphrase)
        bench.record.seal([(said, STANDARD)])
        return self.delegations()

    def end_delegation(self, entry: str, day: date, reason: str, passphrase: str) -> DelegationView:
        """End an entry of the delegation log.

        Raises:
            Refusal: See `casebook.rights.end_delegation`.
            WrongPassphraseError: The passphrase is not the signed-in person's.
        """
        said = end_delegation(self._rights(), entry, last_day=day, reason=reason, on=self._today)
        self._keys.prove(passphrase)
        self._bench.record.seal([(said, STANDARD)])
        return self.delegations()

    def delegation_paper(self) -> bytes:
        """Return the delegation log as a PDF with a place for the principal investigator's signature."""
        bench = self._bench
        bench.permissions.require("print")
        bench.note("print", {"kind": "delegation"})
        view = self.delegations()
        table = staff_tables.delegation_table(view, bench.place.site, bench.place.site_name)
        return bench.paperwork(bench.site_file).draw_table(table)

    # -- what each role may do -----------------------------------------------------------------------

    def matrix(self) -> MatrixView:
        """Return what each role may do and see."""
        return staff_tables.matrix_view(self._bench.design)

    def matrix_paper(self) -> bytes:
        """Return the same as a PDF."""
        bench = self._bench
        bench.permissions.require("print")
        bench.note("print", {"kind": "roles"})
        table = staff_tables.matrix_table(self.matrix(), bench.place.site, bench.place.site_name)
        return bench.paperwork(bench.site_file).draw_table(table)

    # -- the recovery sheet --------------------------------------------------------------------------

    def begin_sheet(self) -> SheetOffer:
        """Make a new recovery sheet; it counts, and the old one ends, once its code was typed back.

        Raises:
            Refusal: It is for others to do; see `Permissions.require_managing`.
        """
        self._bench.permissions.require_managing()
        bench, code = self._bench, self._keys.begin_sheet()
        said = RecoverySheet(
            code=code,
            study=bench.design.name,
            site=f"{bench.place.site} {bench.place.site_name}".strip(),
            laptop=bench.place.letter,
            made_by=bench.person.name,
            made_at=bench.record.seat.clock().local,
        )
        return SheetOffer(code=code, pdf=desk.print_recovery_sheet(said, bench.design.languages))

    def test_sheet(self, code: str) -> None:
        """Open the new sheet with the code as it was typed back: now it counts. Raises Refusal."""
        self._bench.permissions.require_managing()
        self._keys.test_sheet(code)
        self._bench.note("recovery-sheet")

    # -- acts of two people --------------------------------------------------------------------------

    def seconds(self, right: str) -> tuple[SecondPerson, ...]:
        """Return who may be the second person of an act that takes this right: they sign in here and have it."""
        bench, today = self._bench, self._today
        others = sorted(self._keys.on_this_laptop() - {bench.record.seat.user})
        known = [bench.directory.member(user) for user in others]
        return tuple(
            SecondPerson(user=one.user, name=one.name, role_label=bench.person_of(one.user).role_label)
            for one in known
            if one is not None and self._rights(one.user).allows(right, on=today)
        )

    def require_second(self, right: str, second: UserId) -> None:
        """Refuse a second person who may not be one. Raises SecondPersonNeededError."""
        if second not in {one.user for one in self.seconds(right)}:
            raise SecondPersonNeededError(person=self._bench.person.name)

    def unblind(
        self, subject: SubjectId, told: UserId | None, reason: str, passphrase: str, second: UserId, other: str
    ) -> Unblinded:
        """Record that somebody was told the treatment of a subject, by two people, and begin the deviation.

        It gives nobody a key: a blinded person's login stays blinded, and the record says that they know.

        Args:
            told: The blinded person of the site who was told; None for somebody outside the study team.
            passphrase: Of the signed-in person; `other`: of the second one.

        Raises:
            Refusal, SecondPersonNeededError, ReasonRequiredError: It takes two people who may, and a reason.
            WrongPassphraseError: One of the passphrases is wrong.
        """
        bench = self._bench
        self._rights().require("unblind", on=self._today)
        bench.refuse_unless_whole()
        if not reason.strip():
            raise ReasonRequiredError(item=bench.record.casebook(subject).number)
        self.require_second("unblind", second)
        self._keys.prove(passphrase)
        self._keys.signer(second, other)
        fields = {"subject": subject, "second": second, "reason": reason.strip()}
        if told is not None:
            fields["user"] = told
        bench.record.seal([(SecurityPayload(event="unblinded", fields=fields), bench.compartment())], subject=subject)
        return Unblinded(form=self._begin_deviation(subject))

    def blinded_people(self) -> tuple[SecondPerson, ...]:
        """Return the blinded people of the site: who may have been told."""
        bench = self._bench
        return tuple(
            SecondPerson(user=one.user, name=one.name, role_label=bench.person_of(one.user).role_label)
            for one in bench.directory.staff(bench.place.site)
            if (role := bench.design.role(one.role)) is not None and not role.sees_unblinding
        )

    def _begin_deviation(self, subject: SubjectId) -> FormKey | None:
        """Fill in of the deviation form what is known; the person goes on there."""
        bench, form = self._bench, self._bench.design.deviations
        if form is None or bench.permissions.refusal("enter", form.form) is not None:
            return None
        visit = bench.visit_of(VisitKind.EVENT, form.form)
        key = FormKey(
            subject=subject,
            visit=VisitKey(visit=visit),
            form=form.form,
            repeat=new_id(bench.record.seat.random_bytes),
        )
        now = f"{bench.record.seat.clock().local:%Y-%m-%d %H:%M}"
        known: dict[str, str] = {form.started: now, form.discovered: now}
        if form.unblinded is not None:
            known |= {form.category: form.unblinded.category, form.severity: form.unblinded.severity}
        self._keep_all(key, known)
        return key

    def _keep_all(self, key: FormKey, known: Mapping[str, str]) -> None:
        form = self._bench.design.form(key.form)
        for name, raw in known.items():
            group, _ = form.find(name)
            path = ItemPath(group=group.oid, item=name)
            self._bench.entering.keep(key, path, raw, unit=None, missing=None, reason=None)

    def _delegation(self, one: Delegation, today: date) -> DelegationRow:
        bench = self._bench
        label = self._time_of(bench.record.commit(one.commit).parsed)
        role = bench.design.role(one.role)
        return DelegationRow(
            entry=one.entry,
            person=bench.name_of(one.person),
            role_label=role.label if role is not None else Text(dict.fromkeys(LANGUAGES, one.role)),
            duties=staff_tables.duties_of(one.rights),
            start=one.start,
            end=one.last_day,
            signed_by=bench.name_of(one.by),
            signed_at=one.at.local,
            time=label.words(one.at.offset_minutes),
            verified=label.verified,
            standing=one.stands(today),
            ended_by=bench.name_of(one.ended.by) if one.ended is not None else "",
            ended_at=one.ended.at.local if one.ended is not None else None,
            why_ended=one.ended.reason if one.ended is not None else "",
        )


def _certificate(*, here: bool, certified: bool) -> CertificateState:
    if not here:
        return CertificateState.ABSENT
    return CertificateState.ISSUED if certified else CertificateState.PENDING


def _is_invited(role: Role) -> bool:
    return not role.of_study and not role.rights & NEVER_OFFLINE


def _said(refusal: Refusal) -> Text:
    return Text({one: refusal.sentence(one) for one in LANGUAGES})

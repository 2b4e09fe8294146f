"""What the signed-in person may do at this site today: the role, the form, the delegation log of the day.

One place answers for every part of a session, so that what a window offers is what the session allows. The
delegation log lies in the standard shelf, where a blinded person's session finds its own line too; the day is the
one that the laptop's wall clock shows, as it stands in the record of the act.

Source: casebook.rights; docs/adr/0020; 21 CFR 11.10(d), (g).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from casebook.design import RIGHTS, StudyDesign, Text
from casebook.errors import LANGUAGES, NotForThisRoleError, NotInTrainingError, PersonUnknownHereError
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.rights import FORM_ACTS, NO_LOG, DelegationLog, Member, Refusal, Rights, delegators
from casebook.sync.trust import Directory, StaffMember
from desktop_app.key_ring import KeyRing
from desktop_app.record import Record

MANAGE = "manage"
"""Admitting laptops and renewing the recovery sheet; no right of the study file: see `Permissions.require_managing`."""

NO_LOG_YET = Text(
    {
        "en": "No delegation log yet: until the principal investigator signs its first line, the role alone counts.",
        "zh": "尚无授权分工表：在主要研究者签署第一条记录之前，仅以角色为准。",
    }
)


def sentence_of(refusal: Refusal) -> Text:
    """Return why something is refused, in all languages."""
    return Text({one: refusal.sentence(one) for one in LANGUAGES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What one person may do on one day.

    Attributes:
        opens_unblinding: Whether the session holds the shelf of what could tell the treatment.
        training: Whether everything is for practice, and nothing is to leave as if it were real.
    """

    rights: Rights
    on: date
    opens_unblinding: bool
    training: bool = False

    def refusal(self, act: str, form: str | None = None) -> Refusal | None:
        """Return why the person may not do something; None where they may.

        Args:
            act: One of `casebook.design.RIGHTS`.
            form: OID of the form that it is about, if it is about one.
        """
        if self.training and act == "export":
            return NotInTrainingError()
        answer = self.rights.may(act, form=form, on=self.on)
        if isinstance(answer, Refusal):
            return answer
        design = self.rights.design
        if form is None or act not in FORM_ACTS or self.opens_unblinding or design.is_open(form):
            return None
        known = design.forms.get(form)  # a colleague has still to hand over the key of its shelf
        return NotForThisRoleError(form=known.label.by_language if known is not None else form)

    def allows(self, act: str, form: str | None = None) -> bool:
        """Tell whether the person may do something, without the reason; see `refusal`."""
        return self.refusal(act, form) is None


class Permissions:
    """Who may do what in one session. On the store thread."""

    def __init__(
        self,
        record: Record,
        directory: Directory,
        ring: KeyRing,
        site: str,
        design: StudyDesign,
        *,
        training: bool = False,
    ) -> None:
        """Read nothing yet. `design`: the study as this session knows it; `training`: nothing leaves as if real."""
        self._training = training
        self._record = record
        self._directory = directory
        self._ring = ring
        self._site = site
        self._design = design
        self._commits: list[SealedCommit] = []
        self._read_to = 0
        self._looked_at: object = None
        self._stale = True
        self._log = NO_LOG

    def take_up(self, design: StudyDesign) -> None:
        """Go by the roles of another version of the study from now on."""
        self._design = design
        self._stale = True

    def learn(self) -> None:
        """Look at people anew: the server has told of them."""
        self._stale = True

    # -- what it rests on ------------------------------------------------------------------------------------

    @property
    def log(self) -> DelegationLog:
        """The delegation log of the site, without what a verdict holds."""
        looks_at = (id(self._record.unsent), self._record.held)
        if self._stale or looks_at != self._looked_at:
            self._looked_at, self._stale = looks_at, False
            for position, commit in self._record.standard.log.of_kind("deleg", self._read_to):
                self._read_to = position
                if commit.parsed.site == self._site:
                    self._commits.append(commit)
            may_sign = delegators(self._design, self._directory.member)
            self._log = DelegationLog.of(self._commits, may_sign=may_sign, held=self._record.held)
        return self._log

    def member(self, user: UserId) -> Member:
        """Return a person's account as the server stated it; before it has, as the key file of this laptop says."""
        found = self._directory.member(user)
        if found is not None:
            return found
        try:
            person = self._ring.person(user)
        except PersonUnknownHereError:
            return StaffMember(user=user, name=str(user), role="", site=self._site)
        return StaffMember(user=user, name=person.name, role=person.roles[0] if person.roles else "", site=self._site)

    def rights(self, user: UserId | None = None) -> Rights:
        """Return what somebody may do here; without `user` the signed-in person."""
        member = self.member(user if user is not None else self._record.seat.user)
        return Rights(design=self._design, member=member, site=self._site, log=self.log)

    @property
    def sees_identity(self) -> bool:
        """Whether the signed-in person's role sees names."""
        role = self.rights().role
        return role is not None and role.sees_identity

    # -- answers ---------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day by the laptop's wall clock."""
        return self._record.seat.clock().local.date()

    def now(self) -> Today:
        """Return what the signed-in person may do today."""
        return Today(
            rights=self.rights(), on=self.today, opens_unblinding=self._record.opens_unblinding, training=self._training
        )

    def refusal(self, act: str, form: str | None = None) -> Refusal | None:
        """Return why the signed-in person may not do something now; None where they may. See `Today.refusal`."""
        return self.now().refusal(act, form)

    def why_read_only(self, form: str) -> Text | None:
        """Return why somebody whose role enters forms can only read this one now, or does not see its names.

        A role that enters nothing is told nothing: its pages offer no way to enter.
        """
        now = self.now()
        role, known = now.rights.role, self._design.forms.get(form)
        unseen = role is not None and known is not None and known.identity and not role.sees_identity
        if role is None or not (unseen or "enter" in role.rights):
            return None
        refused = now.refusal("query" if "query" in role.rights else "enter", form)
        return sentence_of(refused) if refused is not None else None

    def of_form(self, form: str) -> Mapping[str, Text]:
        """Return what the signed-in person may not do to a form now, each with the sentence that says why."""
        now = self.now()
        answers = {act: now.refusal(act, form) for act in FORM_ACTS}
        return MappingProxyType({act: sentence_of(one) for act, one in answers.items() if one is not None})

    def require(self, act: str, form: str | None = None) -> None:
        """Refuse what the signed-in person may not do now. Raises a `Refusal`; see `Today.refusal`."""
        refused = self.refusal(act, form)
        if refused is not None:
            raise refused

    def require_managing(self) -> None:
        """Refuse to admit a laptop or to renew the recovery sheet. Raises a `Refusal`.

        It is for those who manage people and laptops. Where none of them signs in on this laptop it is for
        whoever enters data here: a second laptop that nobody can admit would keep names sealed away from the
        ward for as long as the administrator is not there, and a laptop without a sheet can be lost to a
        forgotten passphrase. Both acts stand in the audit trail.
        """
        refused = self._managing(self.now())
        if refused is not None:
            raise refused

    def _managing(self, now: Today) -> Refusal | None:
        if self._training:
            return NotInTrainingError()
        refused = now.refusal("administer")
        others = self._ring.on_this_laptop()
        if refused is None or any(self.rights(user).allows("administer", on=now.on) for user in others):
            return refused
        return now.refusal("enter")

    def remark(self, now: Today) -> Text | None:
        """Return that the site has no delegation log yet, where somebody is to be delegated: at a sponsor nobody is."""
        roles = [self._design.role(member.role) for member in self._directory.staff(self._site)]
        delegated = any(role is not None and role.delegated for role in roles)
        return NO_LOG_YET if delegated and not self.log.has_begun(now.on) else None

    def refusals(self, now: Today) -> Mapping[str, Text]:
        """Return what the signed-in person may not do, each with the sentence that says why.

        Acts are those of the study file, whatever the form, and `MANAGE`.
        """
        answers = {act: now.refusal(act) for act in RIGHTS} | {MANAGE: self._managing(now)}
        return MappingProxyType({act: sentence_of(one) for act, one in answers.items() if one is not None})

"""Who may do what: the role, the form, the site and the delegation log decide, and a refusal says whom to ask.

A role's rights come from the study file. At a site, roles that act by delegation need a line of the day in the
delegation log, which the principal investigator signs, as soon as the log has a line that has begun; before
that the role alone counts. Whoever may delegate is never delegated.

The log is a function of the set of commits: lines have ids, an end names its line, and of several ends the
earliest counts.

Source: docs/record_format.md, section "Payloads"; ICH E6(R3) 4.3.8; 21 CFR 11.10(d), (g); docs/adr/0020.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol

from casebook import blinding
from casebook.clock import Moment
from casebook.design import RIGHTS, Form, Role, StudyDesign, Text
from casebook.errors import (
    LANGUAGES,
    AccountWithdrawnError,
    AssessedBlindError,
    CommitUnreadableError,
    DelegationBeyondRoleError,
    DelegationDaysError,
    DelegationEndedError,
    DelegationMissingError,
    DelegationNeedlessError,
    FormNotSeenError,
    FormOfOthersError,
    OtherSiteError,
    RefusedError,
    RightMissingError,
    SealedAwayError,
)
from casebook.ids import CommitId, UserId
from casebook.ledger import SealedCommit
from casebook.payloads import read
from casebook.supervision import DelegationAct, DelegationPayload

FORM_ACTS = ("enter", "sign", "sign_off", "confirm", "query", "answer", "verify", "freeze", "lock", "adjudicate")
"""Acts that are about a form; whoever does not see the form cannot do them there."""
_OF_AUTHORS = frozenset({"enter", "sign", "answer"})
"""Acts that a role with a list of forms has on those alone."""


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


ACT_WORDS: Mapping[str, Text] = {
    "enter": _both("enter data", "录入数据"),
    "sign": _both("sign", "签名"),
    "sign_off": _both("sign off", "签名批准"),
    "confirm": _both("confirm that a finding is true", "确认核查结果属实"),
    "delegate": _both("delegate", "授权分工"),
    "query": _both("raise or close queries", "提出或关闭质疑"),
    "answer": _both("answer queries", "答复质疑"),
    "verify": _both("mark source data as verified", "标记原始数据已核对"),
    "freeze": _both("freeze or unfreeze", "冻结或解冻"),
    "lock": _both("lock or unlock", "锁定或解锁"),
    "adjudicate": _both("decide on held entries", "裁定暂挂的录入"),
    "administer": _both("manage people and laptops", "管理人员和电脑"),
    "unblind": _both("unblind", "揭盲"),
    "redact": _both("take out personal data", "遮蔽个人信息"),
    "print": _both("print", "打印"),
    "export": _both("export", "导出"),
    "statistics": _both("take data out for statistics", "提取统计数据"),
}
"""Each right as an infinitive."""


class Member(Protocol):
    """A person with an account, as the server stated it (`casebook.sync.trust.StaffMember` is one)."""

    @property
    def user(self) -> UserId:
        """The user id."""
        ...

    @property
    def name(self) -> str:
        """The printed name."""
        ...

    @property
    def role(self) -> str:
        """The OID of the role."""
        ...

    @property
    def all_sites(self) -> tuple[str, ...]:
        """The sites at which the person works."""
        ...

    @property
    def revoked(self) -> bool:
        """Whether the account was withdrawn."""
        ...


# -- the delegation log -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnd:
    """How a line of the log ends. `day`: the last one."""

    day: date
    by: UserId
    at: Moment
    reason: str
    commit: CommitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A line of the delegation log.

    Attributes:
        rights: The duties; empty for all that the role has.
        start, end: The first day and the last; `end` None while it is open.
        by, at: Who signed it, and when.
        ended: How it was ended before its time, if it was.
    """

    entry: str
    person: UserId
    role: str
    rights: frozenset[str]
    start: date
    end: date | None
    reason: str
    by: UserId
    at: Moment
    commit: CommitId
    ended: DelegationEnd | None = None

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None while none is set."""
        days = [one for one in (self.end, self.ended.day if self.ended else None) if one is not None]
        return min(days, default=None)

    def stands(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.start <= on and (self.last_day is None or on <= self.last_day)

    def gives(self, act: str) -> bool:
        """Tell whether it has an act among its duties."""
        return not self.rights or act in self.rights


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationLog:
    """The delegation log of one site. `without_effect`: commits whose author may not delegate, or ends of no line."""

    entries: tuple[Delegation, ...] = ()
    without_effect: frozenset[CommitId] = frozenset()

    @classmethod
    def of(
        cls,
        commits: Iterable[SealedCommit],
        *,
        may_sign: Callable[[UserId], bool],
        held: frozenset[CommitId] = frozenset(),
    ) -> "DelegationLog":
        """Read the log from a site's commits, in any order, with any repeats; other kinds are passed over.

        Args:
            may_sign: Whether a person may delegate; see `delegators`.
            held: Commits that a verdict holds.
        """
        adds: dict[str, list[tuple[SealedCommit, DelegationPayload]]] = {}
        ends: dict[str, list[tuple[SealedCommit, DelegationPayload]]] = {}
        without: set[CommitId] = set()
        for commit in {one.id: one for one in commits if one.parsed.kind == "deleg"}.values():
            payload = _delegation(commit)
            if payload is None:
                continue
            if commit.id in held or not may_sign(commit.parsed.author):
                without.add(commit.id)
                continue
            (adds if payload.act is DelegationAct.ADD else ends).setdefault(payload.entry, []).append((commit, payload))
        without |= {commit.id for entry, found in ends.items() if entry not in adds for commit, _ in found}
        entries = [_entry(min(found, key=_first), ends.get(entry, [])) for entry, found in adds.items()]
        return cls(
            entries=tuple(sorted(entries, key=lambda one: (one.start, one.person, one.entry))),
            without_effect=frozenset(without),
        )

    def entry(self, entry: str) -> Delegation | None:
        """Return a line by its id, or None."""
        return next((one for one in self.entries if one.entry == entry), None)

    def has_begun(self, on: date) -> bool:
        """Tell whether the site has a log on a day; before, the role alone counts."""
        return any(one.start <= on for one in self.entries)

    def of_person(self, person: UserId) -> tuple[Delegation, ...]:
        """Return a person's lines by first day."""
        return tuple(one for one in self.entries if one.person == person)

    def gives(self, person: UserId, role: str, act: str, on: date) -> bool:
        """Tell whether a person holds a line of the day, in their role, with an act among its duties."""
        return any(one.role == role and one.stands(on) and one.gives(act) for one in self.of_person(person))


NO_LOG = DelegationLog()


def delegators(design: StudyDesign, member_of: Callable[[UserId], Member | None]) -> Callable[[UserId], bool]:
    """Return who may delegate: people whose role has that right."""

    def may(user: UserId) -> bool:
        member = member_of(user)
        role = design.role(member.role) if member is not None else None
        return role is not None and "delegate" in role.rights

    return may


def _delegation(commit: SealedCommit) -> DelegationPayload | None:
    try:
        payload = read(commit)
    except (CommitUnreadableError, SealedAwayError):
        return None  # counted where commits that cannot be read are counted
    return payload if isinstance(payload, DelegationPayload) else None


def _first(one: tuple[SealedCommit, DelegationPayload]) -> CommitId:
    return one[0].id


def _entry(
    added: tuple[SealedCommit, DelegationPayload], ends: list[tuple[SealedCommit, DelegationPayload]]
) -> Delegation:
    commit, said = added
    found = [(payload.end, end.id, end, payload) for end, payload in ends if payload.end is not None]
    ended = None
    if found:
        day, _, end, payload = min(found, key=lambda one: (one[0], one[1]))
        header = end.parsed
        ended = DelegationEnd(day=day, by=header.author, at=header.moment, reason=payload.reason, commit=end.id)
    return Delegation(
        entry=said.entry,
        person=said.person,
        role=said.role,
        rights=frozenset(said.rights),
        start=said.start,
        end=said.end,
        reason=said.reason,
        by=commit.parsed.author,
        at=commit.parsed.moment,
        commit=commit.id,
        ended=ended,
    )


# -- rights -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowed:
    """An act is allowed."""


ALLOWED = Allowed()
Refusal = RefusedError
"""Why an act is refused: a sentence with who, what is missing and whom to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one person may do at one site.

    Attributes:
        design: The whole study, not what a blinded session is shown of it.
        log: The site's delegation log.
        site: Three digits.
    """

    design: StudyDesign
    member: Member
    site: str
    log: DelegationLog = field(default=NO_LOG)

    @property
    def role(self) -> Role | None:
        """The person's role; None for one that this version of the study does not have."""
        return self.design.role(self.member.role)

    def may(self, act: str, *, form: str | None = None, on: date) -> Allowed | Refusal:
        """Tell whether the person may do something.

        Args:
            act: One of `casebook.design.RIGHTS`.
            form: OID of the form that it is about; None where it is about none, or about a wider scope.
            on: The day, by the site's wall clock.
        """
        member, role = self.member, self.role
        if member.revoked:
            return AccountWithdrawnError(person=member.name)
        if self.site not in member.all_sites:
            return OtherSiteError(person=member.name, site=self.site)
        if role is None or act not in role.rights:
            return RightMissingError(
                person=member.name, act=ACT_WORDS[act].by_language, ask=self._ask(act, form).by_language
            )
        refused = self._of_form(role, act, form) if form is not None else None
        if refused is not None:
            return refused
        if role.delegated and self.log.has_begun(on) and not self.log.gives(member.user, role.oid, act, on):
            return DelegationMissingError(
                person=member.name,
                act=ACT_WORDS[act].by_language,
                day=on.isoformat(),
                ask=self._ask("delegate", None).by_language,
            )
        return ALLOWED

    def allows(self, act: str, *, form: str | None = None, on: date) -> bool:
        """Tell whether the person may do something, without the reason; see `may`."""
        return isinstance(self.may(act, form=form, on=on), Allowed)

    def require(self, act: str, *, form: str | None = None, on: date) -> None:
        """Refuse an act that the person may not do. Raises a `Refusal`; see `may`."""
        answer = self.may(act, form=form, on=on)
        if isinstance(answer, Refusal):
            raise answer

    def _of_form(self, role: Role, act: str, form: str) -> Refusal | None:
        if allows_form(self.design, role, act, form):
            return None
        known = self.design.forms.get(form)
        fields = {
            "person": self.member.name,
            "form": known.label.by_language if known is not None else form,
            "ask": self._ask(act, form).by_language,
        }
        if not sees_form(self.design, role, form):
            return FormNotSeenError(**fields)
        if act == "enter" and _is_assessed(self.design, form) and role.sees_unblinding:
            return AssessedBlindError(**fields)
        return FormOfOthersError(act=ACT_WORDS[act].by_language, **fields)

    def _ask(self, act: str, form: str | None) -> Text:
        return whom_to_ask(self.design, act, form)


def sees_form(design: StudyDesign, role: Role, form: str) -> bool:
    """Tell whether a role sees a form as a whole: its compartment, and names where all of it is names."""
    known: Form | None = design.forms.get(form)
    if known is not None and known.identity and not role.sees_identity:
        return False
    return role.sees_unblinding or design.is_open(form)


def allows_form(design: StudyDesign, role: Role, act: str, form: str) -> bool:
    """Tell whether a role has an act on a form, delegation apart."""
    if act not in role.rights:
        return False
    if act not in FORM_ACTS:
        return True
    if not sees_form(design, role, form):
        return False
    if act == "enter":
        return blinding.may_enter(design, role, form)
    return act not in _OF_AUTHORS or not role.enters or form in role.enters


def _is_assessed(design: StudyDesign, form: str) -> bool:
    return design.blinding is not None and form in design.blinding.assessed


def whom_to_ask(design: StudyDesign, act: str, form: str | None = None) -> Text:
    """Return the roles that have a right, in words; the sponsor's data management where no role has it."""
    found = [
        role.label
        for role in design.roles
        if act in role.rights and (form is None or allows_form(design, role, act, form))
    ]
    if not found:
        return _both("data management", "数据管理部门")
    return Text({one: ("、" if one == "zh" else ", ").join(label(one) for label in found) for one in LANGUAGES})


def matrix(design: StudyDesign) -> Mapping[tuple[str, str, str], bool]:
    """Return the whole table of a study: (role, act, form) to allowed, delegation apart.

    Acts that are about no form stand with the form "".
    """
    table: dict[tuple[str, str, str], bool] = {}
    for role in design.roles:
        for act in RIGHTS:
            if act in FORM_ACTS:
                table |= {(role.oid, act, form): allows_form(design, role, act, form) for form in design.forms}
            else:
                table[role.oid, act, ""] = act in role.rights
    return MappingProxyType(table)


# -- delegating -------------------------------------------------------------------------------------------


def delegate(
    rights: Rights,
    person: Member,
    *,
    entry: str,
    duties: Iterable[str] = (),
    start: date,
    end: date | None = None,
    reason: str = "",
    on: date,
) -> DelegationPayload:
    """Return a new line of the delegation log, for the principal investigator to sign.

    Args:
        rights: Of whoever delegates.
        entry: A fresh id, 16 characters.
        duties: What is delegated; nothing for all that the role has.
        on: Today, by the site's wall clock.

    Raises:
        Refusal: The author may not delegate.
        DelegationNeedlessError: The person's role needs no delegation.
        DelegationBeyondRoleError: The role does not have one of the duties.
        DelegationDaysError: It would end before it begins.
        OtherSiteError: The person does not work at this site.
    """
    rights.require("delegate", on=on)
    role = rights.design.role(person.role)
    if rights.site not in person.all_sites:
        raise OtherSiteError(person=person.name, site=rights.site)
    if role is None or not role.delegated:
        raise DelegationNeedlessError(person=person.name)
    given = sorted(set(duties))
    beyond = [one for one in given if one not in role.rights]
    if beyond:
        raise DelegationBeyondRoleError(person=person.name, duties=_words(beyond).by_language)
    if end is not None and end < start:
        raise DelegationDaysError(start=start.isoformat(), end=end.isoformat())
    return DelegationPayload(
        entry=entry,
        act=DelegationAct.ADD,
        person=person.user,
        role=role.oid,
        rights=tuple(given),
        start=start,
        end=end,
        reason=reason,
    )


def end_delegation(rights: Rights, entry: str, *, last_day: date, reason: str, on: date) -> DelegationPayload:
    """Return the end of a line of the delegation log.

    Raises:
        Refusal: The author may not delegate.
        DelegationEndedError: There is no such line, or it ends by that day anyway.
    """
    rights.require("delegate", on=on)
    line = rights.log.entry(entry)
    if line is None or (line.last_day is not None and line.last_day <= last_day):
        raise DelegationEndedError
    return DelegationPayload(
        entry=entry,
        act=DelegationAct.END,
        person=line.person,
        role=line.role,
        rights=tuple(sorted(line.rights)),
        start=line.start,
        end=last_day,
        reason=reason,
    )


def _words(acts: Iterable[str]) -> Text:
    listed = [ACT_WORDS.get(act, _both(act, act)) for act in acts]
    return Text({one: ("、" if one == "zh" else ", ").join(text(one) for text in listed) for one in LANGUAGES})

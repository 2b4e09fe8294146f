"""Verdicts: what the server finds of a commit as it arrives, and what data management rules on held ones.

Nothing that is well formed and signed is refused. It is judged: what its author had no right to, what came after a
lock that had not seen it, is *held*: it stays in the record and gives no value until it is accepted. Other findings
are told and change nothing. No clock decides, but the day on which a delegation had to stand.

The server states a verdict in its own chain (`srv`, statement `verdict`), so every replica learns the same. The
order in which commit, verdict and ruling arrive does not matter.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; docs/adr/0020; 21 CFR 11.10(d), (g).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from casebook.attachments import AttachPayload, StrikeAttachmentPayload
from casebook.checks import HARD_LIMIT
from casebook.design import Form, Severity, StudyDesign, Text
from casebook.entry_rules import Asked, Find, is_of_another_type, names_another_place
from casebook.errors import (
    AccountWithdrawnError,
    AssessedBlindError,
    CommitUnreadableError,
    DelegationMissingError,
    NotHeldError,
    OtherSiteError,
    RulingReasonRequiredError,
    SealedAwayError,
)
from casebook.ids import CommitId, CommitRef, DeviceId, SubjectId, UserId, commit_id
from casebook.ledger import Header, SealedCommit
from casebook.links import CONFIRMS, PROPOSES
from casebook.oversight import NO_OVERSIGHT, Oversight, Said, mark_of, register_of, said
from casebook.oversight.decisions import RIGHT_OF_MEANING
from casebook.payloads import DataPayload, Payload, ServerPayload, SubjectPayload, read
from casebook.records import Calculated, Confirmation, Fired, SetItem
from casebook.rights import DelegationLog, Member, Refusal, Rights
from casebook.subject_acts import LinkAct, LinkPayload, NumberPayload
from casebook.supervision import (
    AdjudicationPayload,
    DelegationPayload,
    Flag,
    FlagPayload,
    QueryAct,
    QueryPayload,
    SignPayload,
)

STATEMENT = "verdict"
"""The server's statement that carries a verdict."""
_HELD, _EFFECTIVE = "held", "effective"
_DEVICE = "device"
"""The author of what a laptop seals with its own key."""
_TRACES = (Fired, Calculated)
"""Operations that tell what was worked out and change nothing."""
_RIGHT_OF_FLAG = {Flag.VERIFIED: "verify", Flag.FROZEN: "freeze", Flag.LOCKED: "lock"}


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


class VerdictCode(StrEnum):
    """What is found of a commit. One thing is stated of each: what holds it, else the first of these."""

    NO_ROLE = "no_role"
    OUTSIDE_DELEGATION = "outside_delegation"
    AUTHOR_OFF = "author_off"
    DEVICE_OFF = "device_off"
    BLIND_SEEN = "blind_seen"
    BAD_SCHEMA = "bad_schema"
    BAD_BASE = "bad_base"
    LATE_LOCK = "late_lock"
    DUP_NO = "dup_no"
    FORK = "fork"
    LATE_FREEZE = "late_freeze"
    LATE_SIGN = "late_sign"
    CLOCK = "clock"
    OTHER = "other"
    """What a newer release finds."""


TOLD = frozenset({VerdictCode.DUP_NO, VerdictCode.FORK, VerdictCode.CLOCK})
"""What is told to data management beside what is held."""
EFFECTIVE = TOLD | {VerdictCode.LATE_FREEZE, VerdictCode.LATE_SIGN}
"""What is told of a commit and changes nothing; all others hold it."""

VERDICT_WORDS: Mapping[VerdictCode, Text] = {
    VerdictCode.NO_ROLE: _both("The author's role may not do this.", "录入者的角色无此权限。"),
    VerdictCode.OUTSIDE_DELEGATION: _both(
        "The delegation log had no line for the author on that day.", "当日授权分工表中没有该录入者的记录。"
    ),
    VerdictCode.AUTHOR_OFF: _both(
        "The author's account was withdrawn, or is not of this site.", "录入者的账户已停用，或不属于本中心。"
    ),
    VerdictCode.DEVICE_OFF: _both("The laptop was withdrawn from the study.", "该电脑已被撤销参与研究的资格。"),
    VerdictCode.BLIND_SEEN: _both(
        "It is an assessment that must be blinded, by somebody who can know the treatment.",
        "该评估须由盲态人员完成，而录入者可以得知分组。",
    ),
    VerdictCode.BAD_SCHEMA: _both(
        "A value is not of the type of its item, or the form has no such item.",
        "数值不符合该项目的类型，或表单中没有该项目。",
    ),
    VerdictCode.BAD_BASE: _both(
        "It says that it replaces something which is of another place.", "所称替换的内容属于另一处。"
    ),
    VerdictCode.LATE_LOCK: _both(
        "It arrived after a lock that had not seen it.", "在锁定之后到达，锁定时尚未见到此录入。"
    ),
    VerdictCode.DUP_NO: _both(
        "Another subject has this number already; both count. Give one of them another number.",
        "该编号已被另一名受试者使用；两者均有效，请为其中一名给予新编号。",
    ),
    VerdictCode.FORK: _both(
        "Two copies of the laptop's data were in use: here they part. What both hold counts.",
        "该电脑的数据有两份副本曾同时使用，自此处分开；两份中的内容均有效。",
    ),
    VerdictCode.LATE_FREEZE: _both(
        "It arrived after a freeze that had not seen it; it counts.", "在冻结之后到达，冻结时尚未见到此录入；仍然有效。"
    ),
    VerdictCode.LATE_SIGN: _both(
        "It changes what was signed; it counts, and the form waits for a signature.",
        "更改了已签名的内容；仍然有效，表单待重新签名。",
    ),
    VerdictCode.CLOCK: _both(
        "The laptop's clock was more than 5 minutes off; what was entered counts, its time is not to be relied on.",
        "该电脑的时钟偏差超过 5 分钟；录入内容有效，但其时间不可作为依据。",
    ),
    VerdictCode.OTHER: _both(
        "A newer version of Casebook knows why; update this one.", "原因须由较新版本的 Casebook 显示；请更新本机软件。"
    ),
}
"""Each code as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the server finds of one commit. `holds`: it gives no value until it is accepted."""

    commit: CommitId
    code: VerdictCode
    holds: bool

    @property
    def effect(self) -> str:
        """What follows, as the server's statement spells it."""
        return _HELD if self.holds else _EFFECTIVE


def read_verdict(payload: ServerPayload) -> Verdict | None:
    """Return the verdict that a statement carries; None for other statements. Its effect counts, whatever the code."""
    if payload.statement != STATEMENT:
        return None
    code = payload.fields.get("code", "")
    try:
        return Verdict(
            commit=commit_id(payload.fields["commit"]),
            code=VerdictCode(code) if code in set(VerdictCode) else VerdictCode.OTHER,
            holds=payload.fields["effect"] == _HELD,
        )
    except (KeyError, ValueError):
        return None


# -- judging ----------------------------------------------------------------------------------------------


class Laptop(Protocol):
    """An enrolled laptop, as the server stated it (`casebook.sync.trust.Device` is one)."""

    @property
    def revoked(self) -> bool:
        """Whether it was withdrawn."""
        ...


class People(Protocol):
    """Who is who, as the server stated it (`casebook.sync.trust.Directory` is one)."""

    def member(self, user: UserId, /) -> Member | None:
        """Return a person's account, or None."""
        ...

    def device(self, device: DeviceId, /) -> Laptop | None:
        """Return an enrolled laptop, or None."""
        ...


def find_nothing(_ref: CommitRef) -> SealedCommit | None:
    """Return no commit: for judging without looking at bases."""
    return None


def nothing_told(_payload: Payload | None) -> VerdictCode | None:
    """Tell nothing of a commit: for judging without looking at its chain, its number and its time."""
    return None


def judge(
    commit: SealedCommit,
    *,
    directory: People,
    delegations: DelegationLog,
    design: StudyDesign,
    known: Oversight | Callable[[Payload | None], Oversight] = NO_OVERSIGHT,
    find: Find = find_nothing,
    asked: Asked | None = None,
    told: Callable[[Payload | None], VerdictCode | None] = nothing_told,
    identity_key: bytes | None = None,
    withdrawals: bool = True,
) -> Verdict | None:
    """Return what is found of a commit; None where it is plain. The same arguments give the same verdict.

    Args:
        directory: People and laptops, as stated when the commit arrived.
        delegations: The log of the commit's site.
        design: The whole study.
        known: Flags and signatures over the commit's subject, its site and the study, without what is held; or
            what gives them for a payload.
        find: A commit that was received before, by reference; None for one that was not.
        asked: A form as it stood in the version that a commit names; by default the forms of `design` alone.
        told: One of `TOLD`, which rests on what else arrived and when.
        identity_key: Without it, of a commit that is sealed to the site its author and laptop alone are judged.
        withdrawals: Whether people and laptops that are withdrawn now are; False where that was looked at before,
            by how far their chains had come.
    """
    header = commit.parsed
    if header.kind == "srv":
        return None
    try:
        payload = read(commit, identity_key)
    except (SealedAwayError, CommitUnreadableError):
        payload = None  # who sealed it and where is told by the header, also of what a newer release said
    if header.kind in {"sec", "key"}:
        code = told(payload)
    else:
        code = (
            (_of_laptop(header, directory) if withdrawals else None)
            or _of_author(header, payload, _Judging(directory, delegations, design, withdrawals=withdrawals))
            or _of_entries(payload, find, asked or _asked_in(design))
            or _first_of(
                _of_flags(header, payload, known if isinstance(known, Oversight) else known(payload)), told(payload)
            )
        )
    return Verdict(commit=commit.id, code=code, holds=code not in EFFECTIVE) if code is not None else None


def _first_of(*found: VerdictCode | None) -> VerdictCode | None:
    return next((code for code in VerdictCode if code in found), None)


def _asked_in(design: StudyDesign) -> Asked:
    def asked(form: str, version: str) -> tuple[StudyDesign, Form] | None:
        found = design.forms.get(form)
        return (design, found) if found is not None and found.version == version else None

    return asked


def _of_entries(payload: Payload | None, find: Find, asked: Asked) -> VerdictCode | None:
    if not isinstance(payload, DataPayload):
        return None
    if is_of_another_type(payload, asked):
        return VerdictCode.BAD_SCHEMA
    return VerdictCode.BAD_BASE if names_another_place(payload, find) else None


@dataclass(frozen=True, slots=True)
class _Judging:
    """What an author is judged by."""

    directory: People
    delegations: DelegationLog
    design: StudyDesign
    withdrawals: bool = field(kw_only=True)

    def member(self, user: UserId, site: str) -> Member | None:
        """Return a person's account, as still given for the site where withdrawals are not looked at."""
        found = self.directory.member(user)
        if found is None or self.withdrawals:
            return found
        return _Account(user=found.user, name=found.name, role=found.role, all_sites=(*found.all_sites, site))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    user: UserId
    name: str
    role: str
    all_sites: tuple[str, ...]
    revoked: bool = False


def _of_laptop(header: Header, directory: People) -> VerdictCode | None:
    laptop = directory.device(header.device)
    return VerdictCode.DEVICE_OFF if laptop is None or laptop.revoked else None


def _of_author(header: Header, payload: Payload | None, by: _Judging) -> VerdictCode | None:
    author = _author(header, payload)
    if author == _DEVICE:
        return None
    member = by.member(author, header.site)
    if member is None:
        return VerdictCode.AUTHOR_OFF
    rights = Rights(design=by.design, member=member, site=header.site, log=by.delegations)
    wanted = _wanted(header, payload, by.design)
    if not wanted:
        return VerdictCode.AUTHOR_OFF if member.revoked or header.site not in member.all_sites else None
    for act, form in wanted:
        answer = rights.may(act, form=form, on=_day(header))
        if isinstance(answer, Refusal):
            return _code(answer)
    return None


def _author(header: Header, payload: Payload | None) -> UserId:
    recovered = payload.recovered_for if isinstance(payload, DataPayload) else None
    return recovered or header.author


def _day(header: Header) -> date:
    return header.moment.local.date()


def _code(refusal: Refusal) -> VerdictCode:
    match refusal:
        case AccountWithdrawnError() | OtherSiteError():
            return VerdictCode.AUTHOR_OFF
        case DelegationMissingError():
            return VerdictCode.OUTSIDE_DELEGATION
        case AssessedBlindError():
            return VerdictCode.BLIND_SEEN
        case _:
            return VerdictCode.NO_ROLE


def _wanted(header: Header, payload: Payload | None, design: StudyDesign) -> tuple[tuple[str, str | None], ...]:
    """Return the rights that a commit needs, each with the form that it is about; any one missing holds it."""
    match payload:
        case DataPayload():
            return _wanted_by_data(payload, design)
        case SubjectPayload():
            return (("enter", None),)
        case QueryPayload(act=act, target=target):
            return (("answer" if act is QueryAct.ANSWER else "query", target.form or None),)
        case FlagPayload(flag=flag, scope=scope):
            return ((_RIGHT_OF_FLAG[flag], scope.form or None),)
        case SignPayload(meaning=meaning, forms=forms):
            return tuple((RIGHT_OF_MEANING[meaning], one.key.form) for one in forms) or (("sign", None),)
        case AdjudicationPayload() | NumberPayload() | DelegationPayload() | LinkPayload():
            return _wanted_by_ruling(payload)
        case AttachPayload(key=key) | StrikeAttachmentPayload(key=key):
            return (("enter", key.form),)
        case None if header.kind in {"data", "attach"}:
            return (("enter", None),)
        case _:
            return ()


def _wanted_by_ruling(
    payload: AdjudicationPayload | NumberPayload | DelegationPayload | LinkPayload,
) -> tuple[tuple[str, None], ...]:
    match payload:
        case DelegationPayload():
            return (("delegate", None),)
        case LinkPayload(act=LinkAct.LINK | LinkAct.UNLINK | LinkAct.APART):
            return ((PROPOSES, None),)
        case LinkPayload(act=LinkAct.DECLINE | LinkAct.WORDS):
            return ()  # whoever proposed may take it back; without the right it has no effect
        case _:
            return ((CONFIRMS, None),)


def _wanted_by_data(payload: DataPayload, design: StudyDesign) -> tuple[tuple[str, str | None], ...]:
    form = None if _is_raised(payload, design) else payload.key.form
    entered = [one for one in payload.operations if not isinstance(one, _TRACES)]
    wanted: list[tuple[str, str | None]] = []
    if any(not isinstance(one, Confirmation) for one in entered):
        wanted.append(("enter", form))
    confirmed = {one.check for one in entered if isinstance(one, Confirmation)}
    if confirmed:
        hard = confirmed & _hard_checks(payload, design)
        wanted.append(("confirm" if hard else "answer", payload.key.form))
    return tuple(wanted)


def _is_raised(payload: DataPayload, design: StudyDesign) -> bool:
    """Tell whether a save is of a deviation as the application raises it with anybody's entry; people classify it."""
    deviations = design.deviations
    return (
        deviations is not None
        and payload.key.form == deviations.form
        and not any(isinstance(one, SetItem) and one.path.item == deviations.classified for one in payload.operations)
    )


def _hard_checks(payload: DataPayload, design: StudyDesign) -> frozenset[str]:
    """Return the checks of the form that only an investigator confirms; none where another version asked."""
    form = design.forms.get(payload.key.form)
    if form is None or form.version != payload.form_version:
        return frozenset()
    return frozenset(one.id for one in form.checks if one.severity is Severity.HARD) | {HARD_LIMIT}


def _is_assessed(design: StudyDesign, form: str) -> bool:
    return design.blinding is not None and form in design.blinding.assessed


# -- flags ------------------------------------------------------------------------------------------------


def _of_flags(header: Header, payload: Payload | None, known: Oversight) -> VerdictCode | None:
    """Look for a lock, a freeze or a signature that had not seen an entry.

    Where an entry cannot be read here, no more is known of its place than the site.
    """
    if header.kind not in {"data", "attach"} or not (known.flagged or known.signing):
        return None
    key = payload.key if isinstance(payload, DataPayload | AttachPayload | StrikeAttachmentPayload) else None
    if isinstance(payload, DataPayload) and all(isinstance(one, _TRACES) for one in payload.operations):
        return None
    mark = mark_of(header)
    for flag, code in ((Flag.LOCKED, VerdictCode.LATE_LOCK), (Flag.FROZEN, VerdictCode.LATE_FREEZE)):
        if any(not one.has_seen(mark) for one in known.over(flag, key, header.site)):
            return code
    if key is None or header.kind != "data":
        return None  # an attachment is no part of what was signed
    return VerdictCode.LATE_SIGN if known.is_signed_without(key, mark) else None


# -- rulings ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """Verdicts and rulings from a set of commits.

    Attributes:
        verdicts: What was found of commits, by commit.
        rulings: The rulings on a commit that stand, the latest last; differing ones are a dispute.
        held: Commits that give no value: those that wait, and the declined. For `project` and `Oversight`.
        waiting, accepted, declined: The held ones by what data management said of them; a disputed one waits.
    """

    verdicts: Mapping[CommitId, tuple[Verdict, ...]] = field(default_factory=dict)
    rulings: Mapping[CommitId, tuple[Said[AdjudicationPayload], ...]] = field(default_factory=dict)
    waiting: frozenset[CommitId] = frozenset()
    accepted: frozenset[CommitId] = frozenset()
    declined: frozenset[CommitId] = frozenset()

    @property
    def held(self) -> frozenset[CommitId]:
        """Commits that give no value."""
        return self.waiting | self.declined

    @classmethod
    def of(cls, commits: Iterable[SealedCommit], *, may_rule: Callable[[UserId], bool]) -> "Judgements":
        """Read commits in any order, with any repeats; other kinds are passed over.

        Args:
            commits: Verified ones: a statement counts because it stands in the server's chain.
            may_rule: Whether a person may adjudicate, by role; rulings of others have no effect.
        """
        verdicts: dict[CommitId, set[Verdict]] = {}
        acts: dict[CommitId, list[Said[AdjudicationPayload]]] = {}
        for commit in {one.id: one for one in commits if one.parsed.kind in {"srv", "adj"}}.values():
            match _judging(commit):
                case ServerPayload() as payload:
                    verdict = read_verdict(payload)
                    if verdict is not None:
                        verdicts.setdefault(verdict.commit, set()).add(verdict)
                case AdjudicationPayload() as ruling if may_rule(commit.parsed.author):
                    acts.setdefault(ruling.commit, []).append(said(commit, ruling))
                case _:
                    pass
        court = _Court(acts, frozenset(one for one, found in verdicts.items() if any(each.holds for each in found)))
        outcome = {one: court.outcome(one) for one in court.suspect}
        return cls(
            verdicts={one: tuple(sorted(found, key=lambda each: each.code)) for one, found in verdicts.items()},
            rulings={one: court.standing(one) for one in acts},
            waiting=frozenset(one for one, found in outcome.items() if found is None),
            accepted=frozenset(one for one, found in outcome.items() if found is True),
            declined=frozenset(one for one, found in outcome.items() if found is False),
        )


NO_JUDGEMENTS = Judgements()


class _Court:
    """Works out what was ruled. A ruling may itself be held, and ruled on: naming by hash, never in a circle."""

    def __init__(self, acts: Mapping[CommitId, list[Said[AdjudicationPayload]]], suspect: frozenset[CommitId]) -> None:
        self._acts = acts
        self.suspect = suspect
        self._outcomes: dict[CommitId, bool | None] = {}

    def standing(self, commit: CommitId) -> tuple[Said[AdjudicationPayload], ...]:
        """Return the rulings on a commit that stand."""
        acts = self._acts.get(commit, [])
        without = frozenset(one.commit for one in acts if one.commit in self.suspect and not self.outcome(one.commit))
        return register_of(acts, without).heads

    def outcome(self, commit: CommitId) -> bool | None:
        """Return whether a held commit was accepted; None while it waits, or people differ."""
        if commit not in self._outcomes:
            said_of = {one.payload.accept for one in self.standing(commit)}
            self._outcomes[commit] = said_of.pop() if len(said_of) == 1 else None
        return self._outcomes[commit]


def _judging(commit: SealedCommit) -> Payload | None:
    try:
        return read(commit)
    except (CommitUnreadableError, SealedAwayError):
        return None


def adjudicate(
    rights: Rights,
    judgements: Judgements,
    commit: CommitId,
    *,
    accept: bool,
    reason: str,
    subject: SubjectId | None,
    on: date,
) -> AdjudicationPayload:
    """Accept or decline a held commit; again, to change what was ruled.

    Raises:
        Refusal: The person may not.
        NotHeldError: No verdict holds it, or it is ruled so already.
        RulingReasonRequiredError: No reason was given.
    """
    rights.require("adjudicate", on=on)
    ruled = judgements.accepted if accept else judgements.declined
    if commit in ruled or commit not in judgements.held | judgements.accepted:
        raise NotHeldError
    if not reason.strip():
        raise RulingReasonRequiredError
    bases = tuple(sorted(one.ref for one in judgements.rulings.get(commit, ())))
    return AdjudicationPayload(commit=commit, accept=accept, reason=reason.strip(), subject=subject, bases=bases)

"""Which acts of oversight are allowed: each returns what is to be recorded, or raises a refusal.

Nothing here reads a clock, a disk or a screen: the day, fresh ids and what was seen are given.

Source: 21 CFR 11.10(d), (g), 11.50, 11.200; ICH E6(R3) 4.2.2; docs/adr/0020.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casebook.checks import Finding
from casebook.design import Severity, Text
from casebook.errors import (
    FlagReasonRequiredError,
    FlagUnchangedError,
    FormFrozenError,
    FormLockedError,
    NothingToSignError,
    NothingToVerifyError,
    QueryClosedError,
    QueryNeedsSubjectError,
    QueryStillOpenError,
    QueryTextRequiredError,
    SignatureObstaclesError,
)
from casebook.ids import UserId
from casebook.oversight.flags import FlagState
from casebook.oversight.queries import Query, QueryState
from casebook.oversight.whole import FormFlags, Oversight
from casebook.projection import FormState
from casebook.records import ItemPath
from casebook.rights import Refusal, Rights, whom_to_ask
from casebook.signed_content import content_digests
from casebook.supervision import (
    Authentication,
    Flag,
    FlagPayload,
    Frontier,
    Level,
    Meaning,
    QueryAct,
    QueryPayload,
    Scope,
    SignedForm,
    SignPayload,
    of_item,
)


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


FLAG_WORDS: Mapping[Flag, Text] = {
    Flag.VERIFIED: _both("verified", "已核对"),
    Flag.FROZEN: _both("frozen", "已冻结"),
    Flag.LOCKED: _both("locked", "已锁定"),
}
_RIGHT_OF_FLAG = {Flag.VERIFIED: "verify", Flag.FROZEN: "freeze", Flag.LOCKED: "lock"}
_FLAG_ACTS: Mapping[tuple[Flag, bool], Text] = {
    (Flag.FROZEN, True): _both("freeze", "冻结"),
    (Flag.FROZEN, False): _both("unfreeze", "解冻"),
    (Flag.LOCKED, True): _both("lock", "锁定"),
    (Flag.LOCKED, False): _both("unlock", "解锁"),
    (Flag.VERIFIED, False): _both("take back the verification", "撤销核对标记"),
}
RIGHT_OF_MEANING: Mapping[Meaning, str] = {
    Meaning.AUTHORSHIP: "sign",
    Meaning.REVIEW: "sign",
    Meaning.APPROVAL: "sign_off",
}
"""The right that each meaning of a signature needs."""
STATEMENTS: Mapping[Meaning, Text] = {
    Meaning.AUTHORSHIP: _both(
        "I entered these data or had them entered, and confirm that they are complete and correct.",
        "本人录入或委托录入上述数据，并确认其完整、准确。",
    ),
    Meaning.REVIEW: _both(
        "I have reviewed these data and confirm that they agree with the source documents known to me.",
        "本人已审阅上述数据，并确认其与本人所知的原始文件一致。",
    ),
    Meaning.APPROVAL: _both(
        "As principal investigator I approve these data as complete and correct.",
        "本人作为主要研究者，批准上述数据，确认其完整、准确。",
    ),
}
"""The sentence that is shown and signed for each meaning."""


# -- queries ----------------------------------------------------------------------------------------------


def raise_query(rights: Rights, *, query: str, target: Scope, text: str, on: date, code: str = "") -> QueryPayload:
    """Raise a query about a subject, a visit, a form or an item.

    Args:
        query: A fresh id, 16 characters.

    Raises:
        Refusal: The person may not.
        QueryNeedsSubjectError: It is about something wider than a subject.
        QueryTextRequiredError: It asks nothing.
    """
    rights.require("query", form=_form_of(target), on=on)
    if target.level in {Level.STUDY, Level.SITE}:
        raise QueryNeedsSubjectError
    return QueryPayload(query=query, act=QueryAct.OPEN, target=target, text=_words(text), code=code)


def answer_query(rights: Rights, query: Query, *, text: str, on: date) -> QueryPayload:
    """Answer a query; once more, where it was answered already.

    Raises:
        Refusal: The person may not.
        QueryClosedError: It is closed.
        QueryTextRequiredError: The answer says nothing.
    """
    rights.require("answer", form=_form_of(query.target), on=on)
    if query.state is QueryState.CLOSED:
        raise QueryClosedError
    return _on(query, QueryAct.ANSWER, _words(text))


def close_query(rights: Rights, query: Query, *, text: str = "", on: date) -> QueryPayload:
    """Close a query, answered or not.

    Raises:
        Refusal: The person may not.
        QueryClosedError: It is closed.
    """
    rights.require("query", form=_form_of(query.target), on=on)
    if query.state is QueryState.CLOSED:
        raise QueryClosedError
    return _on(query, QueryAct.CLOSE, text.strip())


def reopen_query(rights: Rights, query: Query, *, text: str, on: date) -> QueryPayload:
    """Open a query again that was closed, or answered and not to satisfaction.

    Raises:
        Refusal: The person may not.
        QueryStillOpenError: It is open.
        QueryTextRequiredError: It does not say why.
    """
    rights.require("query", form=_form_of(query.target), on=on)
    if query.state is QueryState.OPEN:
        raise QueryStillOpenError
    return _on(query, QueryAct.REOPEN, _words(text))


def ask_about_conflict(rights: Rights, query: Query, *, text: str, on: date) -> QueryPayload:
    """Ask the site about entries that disagree; choosing among them is the site's.

    Raises:
        Refusal: The person may not.
        QueryClosedError: The conflict was settled.
        QueryTextRequiredError: It asks nothing.
    """
    rights.require("query", form=_form_of(query.target), on=on)
    if not query.conflict:
        raise QueryClosedError
    return _on(query, QueryAct.OPEN, _words(text))


def _on(query: Query, act: QueryAct, text: str) -> QueryPayload:
    return QueryPayload(query=query.id, act=act, target=query.target, text=text, bases=query.bases)


def _form_of(scope: Scope) -> str | None:
    return scope.form or None


def _words(text: str) -> str:
    if not text.strip():
        raise QueryTextRequiredError
    return text.strip()


# -- flags ------------------------------------------------------------------------------------------------


def set_flag(
    rights: Rights,
    oversight: Oversight,
    flag: Flag,
    scope: Scope,
    *,
    set_to: bool,
    reason: str,
    frontier: Frontier,
    on: date,
) -> FlagPayload:
    """Freeze, unfreeze, lock or unlock a scope from the study down to a form, with a reason.

    Args:
        frontier: The record as the person saw it (`Oversight.frontier`, over all chains of the scope).
        on: Today, by the site's wall clock.

    Raises:
        Refusal: The person may not.
        FlagReasonRequiredError: No reason was given.
        FlagUnchangedError: The scope is so already; what a wider scope closes is opened there.
    """
    rights.require(_RIGHT_OF_FLAG[flag], form=_form_of(scope), on=on)
    return _flagged(oversight.flag(flag, scope), set_to=set_to, reason=reason, frontier=frontier)


def _flagged(known: FlagState, *, set_to: bool, reason: str, frontier: Frontier) -> FlagPayload:
    if known.on == set_to and not known.disputed:
        raise FlagUnchangedError(flag=FLAG_WORDS[known.flag].by_language)
    if (known.flag, set_to) in _FLAG_ACTS and not reason.strip():
        raise FlagReasonRequiredError(act=_FLAG_ACTS[known.flag, set_to].by_language)
    return FlagPayload(
        flag=known.flag,
        on=set_to,
        scope=known.scope,
        reason=reason.strip(),
        frontier=frontier,
        bases=known.bases,
    )


def verify(
    rights: Rights,
    oversight: Oversight,
    state: FormState,
    paths: Iterable[ItemPath],
    *,
    frontier: Frontier,
    on: date,
) -> tuple[FlagPayload, ...]:
    """Mark items as held against their source; an item that changed since is marked anew.

    Raises:
        Refusal: The person may not.
        NothingToVerifyError: An item has no value, or is in conflict.
    """
    rights.require("verify", form=state.key.form, on=on)
    found = []
    for path in paths:
        item = state.items.get(path)
        if item is None or item.conflict or item.shown.is_empty:
            raise NothingToVerifyError(item=path.item)
        known = oversight.flag(Flag.VERIFIED, of_item(state.key, path))
        found.append(FlagPayload(flag=Flag.VERIFIED, on=True, scope=known.scope, frontier=frontier, bases=known.bases))
    return tuple(found)


def unverify(
    rights: Rights, oversight: Oversight, state: FormState, path: ItemPath, *, reason: str, frontier: Frontier, on: date
) -> FlagPayload:
    """Take a verification back, with a reason.

    Raises:
        Refusal: The person may not.
        FlagReasonRequiredError: No reason was given.
        FlagUnchangedError: It is not verified.
    """
    rights.require("verify", form=state.key.form, on=on)
    known = oversight.flag(Flag.VERIFIED, of_item(state.key, path))
    return _flagged(known, set_to=False, reason=reason, frontier=frontier)


def refuse_if_closed(rights: Rights, flags: FormFlags, *, name_of: Callable[[UserId], str]) -> None:
    """Refuse to enter, change, complete or confirm in a form that is frozen or locked.

    Raises:
        FormLockedError: It is locked.
        FormFrozenError: It is frozen.
    """
    for flag, standing, refusal in (
        ("lock", flags.locked, FormLockedError),
        ("freeze", flags.frozen, FormFrozenError),
    ):
        if standing is not None:
            form = rights.design.forms.get(flags.key.form)
            raise refusal(
                form=form.label.by_language if form is not None else flags.key.form,
                person=name_of(standing.by) if standing.by is not None else "",
                ask=whom_to_ask(rights.design, flag).by_language,
            )


# -- signatures -------------------------------------------------------------------------------------------


class ObstacleKind(StrEnum):
    """What stands in the way of signing a form."""

    NOT_ALLOWED = "not_allowed"
    INCOMPLETE = "incomplete"
    CONFLICT = "conflict"
    FINDING = "finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """A form as it is to be signed, with what the checks find in it."""

    state: FormState
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What stands in the way of signing one form, where, and in words. `path`: the item, if it is about one."""

    form: ToSign
    kind: ObstacleKind
    words: Text
    path: ItemPath | None = None


def obstacles(rights: Rights, meaning: Meaning, forms: Iterable[ToSign], *, on: date) -> tuple[Obstacle, ...]:
    """Return all that stands in the way of signing forms, form by form."""
    return tuple(found for one in forms for found in _obstacles(rights, meaning, one, on))


def _obstacles(rights: Rights, meaning: Meaning, one: ToSign, on: date) -> list[Obstacle]:
    answer = rights.may(RIGHT_OF_MEANING[meaning], form=one.state.key.form, on=on)
    if isinstance(answer, Refusal):
        words = Text({language: answer.sentence(language) for language in ("en", "zh")})
        return [Obstacle(form=one, kind=ObstacleKind.NOT_ALLOWED, words=words)]
    found = []
    if not one.state.complete:
        words = _both("The form is not marked complete.", "表单尚未标记为完成。")
        found.append(Obstacle(form=one, kind=ObstacleKind.INCOMPLETE, words=words))
    words = _both("Two entries disagree; one has to be chosen.", "两次录入不一致，须选定其一。")
    found += [
        Obstacle(form=one, kind=ObstacleKind.CONFLICT, words=words, path=clash.path) for clash in one.state.clashes
    ]
    found += [
        Obstacle(form=one, kind=ObstacleKind.FINDING, words=finding.message, path=finding.path)
        for finding in one.findings
        if finding.severity is Severity.HARD and finding.confirmed is None
    ]
    return found


def sign(
    rights: Rights,
    forms: Sequence[ToSign],
    *,
    meaning: Meaning,
    authentication: Authentication,
    compartments: Sequence[str],
    identity_key: bytes | None,
    frontier: Frontier,
    pdf: str = "",
    on: date,
) -> SignPayload:
    """Sign forms of one subject as they stand.

    A signature that lies on the standard shelf takes `compartments` of that shelf alone: the digest of what lies
    elsewhere would tell of it. So forms of both shelves are signed in two payloads.

    Args:
        compartments: Of what lies on the signature's shelf, those that the signer opens (`readable`).
        identity_key: Needed where sealed compartments are among them.
        pdf: SHA-256 of the pages that were shown, 64 hex digits.

    Raises:
        NothingToSignError: There is no form, or they are of several subjects.
        SignatureObstaclesError: Something stands in the way (`obstacles`).
        SealedAwayError: A sealed compartment without its key.
    """
    subjects = {one.state.key.subject for one in forms}
    if len(subjects) != 1:
        raise NothingToSignError
    rights.require(RIGHT_OF_MEANING[meaning], on=on)
    in_the_way = obstacles(rights, meaning, forms, on=on)
    if in_the_way:
        raise SignatureObstaclesError(count=len(in_the_way))
    role = rights.role
    return SignPayload(
        subject=subjects.pop(),
        meaning=meaning,
        statement=dict(STATEMENTS[meaning].by_language),
        name=rights.member.name,
        role=" / ".join(dict.fromkeys(role.label.by_language.values())) if role is not None else rights.member.role,
        authentication=authentication,
        forms=tuple(
            SignedForm(key=one.state.key, digests=content_digests(one.state, compartments, identity_key))
            for one in sorted(forms, key=lambda one: one.state.key)
        ),
        frontier=frontier,
        pdf=pdf,
    )

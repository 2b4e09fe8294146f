"""Queries, flags, signatures, rulings, delegations and invitations as acts of the audit trail.

Source: docs/record_format.md, sections "Payloads" and "Audit"; 21 CFR 11.10(e), 11.50.
"""

from collections.abc import Iterator, Mapping

from casebook.audit.act import Act, Deed, both, same
from casebook.design import Text
from casebook.ids import SubjectId
from casebook.ledger import Header
from casebook.payloads import InvitationPayload, Payload
from casebook.supervision import (
    AdjudicationPayload,
    DelegationAct,
    DelegationPayload,
    Flag,
    FlagPayload,
    Level,
    Meaning,
    QueryAct,
    QueryPayload,
    Scope,
    SignPayload,
)

_QUERIES: Mapping[QueryAct, tuple[str, str]] = {
    QueryAct.OPEN: ("Query raised", "提出质疑"),
    QueryAct.ANSWER: ("Query answered", "答复质疑"),
    QueryAct.CLOSE: ("Query closed", "关闭质疑"),
    QueryAct.REOPEN: ("Query raised again", "重新打开质疑"),
}
_FLAGS: Mapping[tuple[Flag, bool], Text] = {
    (Flag.VERIFIED, True): both("Verified against the source.", "已与原始资料核对。"),
    (Flag.VERIFIED, False): both("No longer verified against the source.", "取消原始资料核对标记。"),
    (Flag.FROZEN, True): both("Frozen.", "已冻结。"),
    (Flag.FROZEN, False): both("Unfrozen.", "已解冻。"),
    (Flag.LOCKED, True): both("Locked.", "已锁定。"),
    (Flag.LOCKED, False): both("Unlocked.", "已解锁。"),
}
_WIDE: Mapping[Level, Text] = {
    Level.STUDY: both("Whole study: ", "整个研究："),
    Level.SITE: both("Whole site: ", "整个研究中心："),
    Level.SUBJECT: both("Whole casebook: ", "整份病例册："),
    Level.VISIT: both("Whole visit {visit}: ", "整个访视 {visit}："),
    Level.FORM: same(""),
    Level.ITEM: same(""),
}
_MEANINGS: Mapping[Meaning, tuple[str, str]] = {
    Meaning.AUTHORSHIP: ("authorship", "录入"),
    Meaning.REVIEW: ("review", "审阅"),
    Meaning.APPROVAL: ("approval", "批准"),
}


def tell_query(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell what was done with a query."""
    if isinstance(payload, QueryPayload):
        en, zh = _QUERIES[payload.act]
        words = payload.text.strip()
        said = both(f"{en}: {words}" if words else f"{en}.", f"{zh}：{words}" if words else f"{zh}。")
        yield _of(payload.target, name=f"query-{payload.act}", said=said)


def tell_flag(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a flag was set or cleared."""
    if isinstance(payload, FlagPayload):
        wide, said = _WIDE[payload.scope.level], _FLAGS[payload.flag, payload.on]
        visit = payload.scope.visit.visit if payload.scope.visit is not None else ""
        words = both(f"{wide('en')}{said('en')}".format(visit=visit), f"{wide('zh')}{said('zh')}".format(visit=visit))
        name = f"{payload.flag}-{'set' if payload.on else 'cleared'}"
        yield _of(payload.scope, name=name, said=words, reason=payload.reason)


def _of(scope: Scope, *, name: str, said: Text, reason: str = "") -> Act:
    subject = SubjectId(scope.subject) if scope.subject else None
    return Act(deed=Deed.OTHER, name=name, said=said, key=scope.key, path=scope.path, subject=subject, reason=reason)


def tell_signature(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell a signature: a line for each form that it is under."""
    if isinstance(payload, SignPayload):
        en, zh = _MEANINGS[payload.meaning]
        shown = payload.statement
        said = both(
            f"Signed by {payload.name} ({en}): {shown.get('en', '')}",
            f"{payload.name} 签名（{zh}）：{shown.get('zh', '')}",
        )
        for form in payload.forms:
            yield Act(deed=Deed.OTHER, name="signed", said=said, key=form.key)
        if not payload.forms:
            yield Act(deed=Deed.OTHER, name="signed", said=said, subject=payload.subject)


def tell_ruling(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a held record was accepted or declined."""
    if isinstance(payload, AdjudicationPayload):
        name = "ruling-accepted" if payload.accept else "ruling-declined"
        details = {"commit": str(payload.commit)}
        yield Act(
            deed=Deed.EVENT, name=name, what=name, details=details, reason=payload.reason, subject=payload.subject
        )


def tell_delegation(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that somebody was delegated something, or no longer is."""
    if isinstance(payload, DelegationPayload):
        name = "delegated" if payload.act is DelegationAct.ADD else "delegation-ended"
        details = {"user": str(payload.person), "role": payload.role, "from": payload.start.isoformat()}
        if payload.rights:
            details["duties"] = " ".join(payload.rights)
        if payload.end is not None:
            details["until"] = payload.end.isoformat()
        yield Act(deed=Deed.EVENT, name=name, what=name, details=details, reason=payload.reason)


def tell_invitation(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that somebody was let in at the laptop."""
    if isinstance(payload, InvitationPayload):
        details = {"user": str(payload.user), "name": payload.name, "role": payload.role, "device": str(payload.device)}
        yield Act(deed=Deed.EVENT, name="invitation", what="invitation", details=details)

"""The words for queries, flags, verification and held entries, each with its icon and tone."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from casebook.design import Code
from casebook.supervision import Meaning, QueryAct
from desktop_app.models import times
from desktop_app.models.words import Sign
from desktop_app.oversight_snapshots import (
    Act,
    FlagKind,
    FlagMark,
    HeldLine,
    QueryLine,
    QueryStanding,
    QueryWord,
    Ruling,
    SideView,
    SignatureLine,
    Turn,
    VerifyState,
)
from desktop_app.theme import Tone


def standing_sign(standing: QueryStanding) -> Sign:
    """Return the sign of how a query stands."""
    match standing:
        case QueryStanding.OPEN:
            return Sign(icon="queries", word=QCoreApplication.translate("Oversight", "Open"), tone=Tone.WARN)
        case QueryStanding.ANSWERED:
            return Sign(icon="answered", word=QCoreApplication.translate("Oversight", "Answered"), tone=Tone.ACCENT)
        case QueryStanding.CLOSED:
            return Sign(icon="check", word=QCoreApplication.translate("Oversight", "Closed"), tone=Tone.QUIET)


def query_sign(line: QueryLine) -> Sign:
    """Return the sign of a query: a conflict that is open has its own."""
    if line.is_conflict and line.standing is not QueryStanding.CLOSED:
        return Sign(icon="conflict", word=QCoreApplication.translate("Oversight", "Conflict"), tone=Tone.BAD)
    return standing_sign(line.standing)


def turn_word(turn: Turn) -> str:
    """Return who is to act next."""
    words = {
        Turn.SITE: QCoreApplication.translate("Oversight", "Site"),
        Turn.DATA: QCoreApplication.translate("Oversight", "Data management"),
    }
    return words.get(turn, "")


def age_word(days: int) -> str:
    """Return how old a query is."""
    if not days:
        return QCoreApplication.translate("Oversight", "today")
    return QCoreApplication.translate("Oversight", "%1 d", "days of age").replace("%1", str(days))


def act_word(act: QueryAct) -> str:
    """Return what was done to a query."""
    words = {
        QueryAct.OPEN: QCoreApplication.translate("Oversight", "raised"),
        QueryAct.ANSWER: QCoreApplication.translate("Oversight", "answered"),
        QueryAct.CLOSE: QCoreApplication.translate("Oversight", "closed"),
        QueryAct.REOPEN: QCoreApplication.translate("Oversight", "reopened"),
    }
    return words[act]


def said(word: QueryWord) -> str:
    """Return one thing said in a query: when, who, where, what."""
    parts = [times.minute(word.at), f"{word.author} ({word.laptop})", act_word(word.act)]
    return f"{' · '.join(parts)}{QCoreApplication.translate('Oversight', ': ', 'before words')}{word.text}".rstrip(
        ": ："
    )


def side_sentence(side: SideView, language: str, reasons: Iterable[Code]) -> str:
    """Return one side of a conflict: when, who, where, what, why."""
    why = next((one.label(language) for one in reasons if one.value == side.reason), side.reason)
    parts = [times.minute(side.at), f"{side.author} ({side.laptop})", side.shown(language) or "–", why]
    return " · ".join(part for part in parts if part)


def settled_sentence(side: SideView, language: str, reasons: Iterable[Code]) -> str:
    """Return by what a conflict was settled."""
    told = QCoreApplication.translate("Oversight", "Settled: %1")
    return told.replace("%1", side_sentence(side, language, reasons))


def flag_sign(mark: FlagMark) -> Sign:
    """Return the sign of a flag."""
    match mark.kind:
        case FlagKind.COMPLETE:
            return Sign(icon="complete", word=QCoreApplication.translate("Oversight", "Complete"), tone=Tone.GOOD)
        case FlagKind.PART_VERIFIED:
            word = QCoreApplication.translate("Oversight", "Partly verified")
            return Sign(icon="verified", word=word, tone=Tone.QUIET)
        case FlagKind.VERIFIED:
            return Sign(icon="verified", word=QCoreApplication.translate("Oversight", "Verified"), tone=Tone.GOOD)
        case FlagKind.FROZEN:
            return Sign(icon="frozen", word=QCoreApplication.translate("Oversight", "Frozen"), tone=Tone.ACCENT)
        case FlagKind.SIGNED:
            return Sign(icon="sign", word=QCoreApplication.translate("Oversight", "Signed"), tone=Tone.GOOD)
        case FlagKind.CHANGED_SINCE_SIGNED:
            word = QCoreApplication.translate("Oversight", "Changed since signed")
            return Sign(icon="changed", word=word, tone=Tone.WARN)
        case FlagKind.LOCKED:
            return Sign(icon="lock", word=QCoreApplication.translate("Oversight", "Locked"), tone=Tone.ACCENT)


def flag_words(marks: Iterable[FlagMark]) -> str:
    """Return flags as words, for screen readers and tool tips."""
    return ", ".join(flag_word(mark) for mark in marks)


def flag_word(mark: FlagMark) -> str:
    """Return a flag's word, with what is to be settled where it was set and cleared at once."""
    word = flag_sign(mark).word
    if not mark.conflict:
        return word
    return QCoreApplication.translate("Oversight", "%1 (also taken back at once: settle it)").replace("%1", word)


def act_label(act: Act) -> str:
    """Return an act as a menu says it."""
    words = {
        Act.QUERY: QCoreApplication.translate("Oversight", "Raise a query…"),
        Act.FREEZE: QCoreApplication.translate("Oversight", "Freeze…"),
        Act.UNFREEZE: QCoreApplication.translate("Oversight", "Take the freeze back…"),
        Act.LOCK: QCoreApplication.translate("Oversight", "Lock…"),
        Act.UNLOCK: QCoreApplication.translate("Oversight", "Unlock…"),
    }
    return words[act]


def act_question(act: Act) -> str:
    """Return what is asked before an act is done; %1 is what it is done to."""
    words = {
        Act.QUERY: QCoreApplication.translate("Oversight", "%1: what is asked of the site?"),
        Act.FREEZE: QCoreApplication.translate(
            "Oversight", "%1: why is it frozen? Nothing can be entered from then on."
        ),
        Act.UNFREEZE: QCoreApplication.translate("Oversight", "%1: why is the freeze taken back?"),
        Act.LOCK: QCoreApplication.translate("Oversight", "%1: why is it locked? Nothing can be entered from then on."),
        Act.UNLOCK: QCoreApplication.translate("Oversight", "%1: why is it unlocked?"),
    }
    return words[act]


def act_done(act: Act) -> str:
    """Return the button by which an act is done."""
    words = {
        Act.QUERY: QCoreApplication.translate("Oversight", "Raise query"),
        Act.FREEZE: QCoreApplication.translate("Oversight", "Freeze"),
        Act.UNFREEZE: QCoreApplication.translate("Oversight", "Take the freeze back"),
        Act.LOCK: QCoreApplication.translate("Oversight", "Lock"),
        Act.UNLOCK: QCoreApplication.translate("Oversight", "Unlock"),
    }
    return words[act]


def act_icon(act: Act) -> str:
    """Return the icon of an act."""
    icons = {Act.QUERY: "queries", Act.FREEZE: "frozen", Act.UNFREEZE: "frozen", Act.LOCK: "lock", Act.UNLOCK: "unlock"}
    return icons[act]


def verify_sign(state: VerifyState) -> Sign:
    """Return the sign of how a value stands that is to be verified."""
    match state:
        case VerifyState.OPEN:
            return Sign(icon="empty", word=QCoreApplication.translate("Oversight", "To verify"), tone=Tone.QUIET)
        case VerifyState.VERIFIED:
            return Sign(icon="verified", word=QCoreApplication.translate("Oversight", "Verified"), tone=Tone.GOOD)
        case VerifyState.CHANGED:
            word = QCoreApplication.translate("Oversight", "Changed since")
            return Sign(icon="changed", word=word, tone=Tone.WARN)


def meaning_word(meaning: Meaning) -> str:
    """Return the meaning of a signature."""
    words = {
        Meaning.AUTHORSHIP: QCoreApplication.translate("Oversight", "Authorship"),
        Meaning.REVIEW: QCoreApplication.translate("Oversight", "Review"),
        Meaning.APPROVAL: QCoreApplication.translate("Oversight", "Approval"),
    }
    return words[meaning]


def signature_sentence(line: SignatureLine, language: str) -> str:
    """Return a signature in words: name, role, meaning, time with its label, whether the content stands."""
    stands = (
        QCoreApplication.translate("Oversight", "content as signed")
        if line.stands
        else QCoreApplication.translate("Oversight", "changed since; the signature stands for the earlier content")
    )
    who = f"{line.name} ({line.role(language)})"
    when = f"{times.minute(line.at)} ({line.time_label(language)})"
    return " · ".join((who, line.meaning(language), when, stands, line.digest[:16]))


def ruling_sign(line: HeldLine) -> Sign:
    """Return the sign of what became of a held entry, or that one counts and is to be looked at."""
    match line.ruling:
        case Ruling.WAITING:
            word = QCoreApplication.translate("Oversight", "Held: waiting for data management")
            return Sign(icon="held", word=word, tone=Tone.WARN)
        case Ruling.ACCEPTED:
            return Sign(icon="check", word=QCoreApplication.translate("Oversight", "Accepted"), tone=Tone.GOOD)
        case Ruling.DECLINED:
            return Sign(icon="strike", word=QCoreApplication.translate("Oversight", "Declined"), tone=Tone.QUIET)
        case Ruling.TOLD:
            word = QCoreApplication.translate("Oversight", "Counts; please look at it")
            return Sign(icon="eye", word=word, tone=Tone.ACCENT)

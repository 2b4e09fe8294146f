"""The lines of Today and of Randomise, in words."""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from desktop_app.models import boards, spans
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.snapshots import DueKind, DueLine
from desktop_app.theme import Tone
from desktop_app.today_snapshots import Candidate, Limit, RandomiseLine, Readiness, TodayKind, TodayLine, Urgency

LIMITS_SHOWN = 3
"""How many time limits of one subject stand in its line; the eligibility board shows all."""


# -- Today ------------------------------------------------------------------------------------------------------


def today_headings() -> tuple[str, ...]:
    """Return the headings of `today_lines`."""
    return (
        QCoreApplication.translate("Today", "Urgency"),
        QCoreApplication.translate("Today", "Subject"),
        QCoreApplication.translate("Today", "What"),
        QCoreApplication.translate("Today", "Time"),
    )


def today_lines(lines: Iterable[TodayLine], now: datetime, language: str) -> tuple[Line, ...]:
    """Return one line for each thing to do, with the time left at `now`."""
    return tuple(_today_line(one, now, language) for one in lines)


def _today_line(line: TodayLine, now: datetime, language: str) -> Line:
    urgency, kind = urgency_sign(line.urgency), kind_sign(line)
    about = line.about(language)
    return Line(
        texts=(urgency.word, line.number, f"{kind.word}\n{about}" if about else kind.word, _time(line, now)),
        signs={0: urgency, 2: Sign(icon=kind.icon, word=kind.word, tone=Tone.QUIET)},
        what=line.id,
    )


def _time(line: TodayLine, now: datetime) -> str:
    if line.at is None:
        return ""
    return spans.end_words(line.at, now) if line.ends else spans.begin_words(line.at, now)


def urgency_sign(urgency: Urgency) -> Sign:
    """Return how urgent a line is, as a sign."""
    match urgency:
        case Urgency.OVERDUE:
            return Sign(icon="error", word=QCoreApplication.translate("Today", "Overdue"), tone=Tone.BAD)
        case Urgency.NOW:
            return Sign(icon="warning", word=QCoreApplication.translate("Today", "Now"), tone=Tone.WARN)
        case Urgency.TODAY:
            return Sign(icon="clock", word=QCoreApplication.translate("Today", "Today"), tone=Tone.ACCENT)
        case Urgency.OPEN:
            return Sign(icon="empty", word=QCoreApplication.translate("Today", "To do"), tone=Tone.QUIET)


def kind_sign(line: TodayLine) -> Sign:
    """Return what kind of thing is to be done, as a sign."""
    if line.due is not None and line.of_eligibility:
        return Sign(icon="clock", word=_limit_word(line.due), tone=Tone.QUIET)
    if line.due is not None:
        return boards.due_sign(line.due)
    match line.kind:
        case TodayKind.QUERY if line.answered:
            icon, word = "answered", QCoreApplication.translate("Today", "Answer to be judged")
        case TodayKind.QUERY:
            icon, word = "queries", QCoreApplication.translate("Today", "Query to be answered")
        case TodayKind.SIGN:
            word = QCoreApplication.translate("Today", "Forms to be signed: %1")
            icon, word = "sign", word.replace("%1", str(line.count))
        case TodayKind.CONFLICT:
            icon, word = "conflict", QCoreApplication.translate("Today", "Entries disagree")
        case _:
            word = QCoreApplication.translate("Today", "Records that are on this laptop only: %1")
            icon, word = "here_only", word.replace("%1", str(line.count))
    return Sign(icon=icon, word=word, tone=Tone.QUIET)


def _limit_word(due: DueLine) -> str:
    if due.kind is DueKind.OPENS:
        return QCoreApplication.translate("Today", "Eligible only from then on")
    if due.over:
        return QCoreApplication.translate("Today", "Eligibility has run out")
    return QCoreApplication.translate("Today", "Eligibility runs out")


def kind_words(kind: TodayKind) -> str:
    """Return what a filter shows."""
    words = {
        TodayKind.CLOCK: QCoreApplication.translate("Today", "Clocks"),
        TodayKind.VISIT: QCoreApplication.translate("Today", "Visits"),
        TodayKind.FORM: QCoreApplication.translate("Today", "Forms"),
        TodayKind.QUERY: QCoreApplication.translate("Today", "Queries"),
        TodayKind.SIGN: QCoreApplication.translate("Today", "Signatures"),
        TodayKind.CONFLICT: QCoreApplication.translate("Today", "Conflicts"),
        TodayKind.UNSENT: QCoreApplication.translate("Today", "Unsent"),
    }
    return words[kind]


def urgency_sentence(lines: Iterable[TodayLine]) -> str:
    """Return how many lines there are of each urgency, without those that can wait."""
    counted = dict.fromkeys((Urgency.OVERDUE, Urgency.NOW, Urgency.TODAY), 0)
    for one in lines:
        if one.urgency in counted:
            counted[one.urgency] += 1
    words = {
        Urgency.OVERDUE: QCoreApplication.translate("Today", "Overdue: %1"),
        Urgency.NOW: QCoreApplication.translate("Today", "Within two hours: %1"),
        Urgency.TODAY: QCoreApplication.translate("Today", "Today: %1"),
    }
    return " · ".join(words[one].replace("%1", str(count)) for one, count in counted.items() if count)


# -- Randomise ----------------------------------------------------------------------------------------------------


def randomise_headings() -> tuple[str, ...]:
    """Return the headings of `randomise_lines`."""
    return (
        QCoreApplication.translate("Randomise", "Subject"),
        QCoreApplication.translate("Randomise", "Standing"),
        QCoreApplication.translate("Randomise", "Criteria"),
        QCoreApplication.translate("Randomise", "Time limits"),
    )


def randomise_lines(lines: Iterable[RandomiseLine], now: datetime, language: str) -> tuple[Line, ...]:
    """Return one line for each subject, with the time left at `now`."""
    return tuple(
        Line(
            texts=(one.number, sign.word, _criteria(one.candidate, language), _limits(one.candidate, now)),
            signs={1: sign, **({3: limit} if (limit := _limit_sign(one, now)) is not None else {})},
            what=one.subject,
        )
        for one in lines
        for sign in (readiness_sign(one.readiness),)
    )


def readiness_sign(readiness: Readiness) -> Sign:
    """Return how somebody stands to randomisation, as a sign."""
    match readiness:
        case Readiness.TO_FINISH:
            word = QCoreApplication.translate("Randomise", "Randomised, form not complete")
            return Sign(icon="in_progress", word=word, tone=Tone.WARN)
        case Readiness.READY:
            word = QCoreApplication.translate("Randomise", "May be randomised")
            return Sign(icon="check", word=word, tone=Tone.GOOD)
        case Readiness.WAITING:
            return Sign(icon="clock", word=QCoreApplication.translate("Randomise", "Not yet"), tone=Tone.ACCENT)
        case Readiness.MISSING:
            return Sign(icon="question", word=QCoreApplication.translate("Randomise", "Facts missing"), tone=Tone.WARN)
        case Readiness.ENDED:
            word = QCoreApplication.translate("Randomise", "A time limit has ended")
            return Sign(icon="error", word=word, tone=Tone.BAD)
        case Readiness.AGAINST:
            word = QCoreApplication.translate("Randomise", "Criteria stand against")
            return Sign(icon="error", word=word, tone=Tone.BAD)


def _criteria(one: Candidate, language: str) -> str:
    if one.randomised_at is not None:
        return one.form.what(language)
    if not (one.met or one.failed or one.unknown):
        return ""  # the study declares no criteria
    words = QCoreApplication.translate("Boards", "In order: %1. Against: %2. Unknown: %3.")
    counts = words.replace("%1", str(one.met)).replace("%2", str(len(one.failed))).replace("%3", str(one.unknown))
    if one.failed:
        return f"{counts}\n{', '.join(one.failed)}"
    if one.missing is not None:
        missing = QCoreApplication.translate("Randomise", "First missing: %1")
        return f"{counts}\n{missing.replace('%1', one.missing.what(language))}"
    return counts


def _shown(one: Candidate, now: datetime) -> list[Limit]:
    """Return the limits that matter: those that ended, then those that come."""
    return [limit for limit in one.limits if not limit.opens or limit.at > now][:LIMITS_SHOWN]


def _limits(one: Candidate, now: datetime) -> str:
    if one.randomised_at is not None:
        return spans.begin_words(one.randomised_at, now)
    return "\n".join(f"{limit.id} {limit_words(limit, now)}" for limit in _shown(one, now))


def limit_words(limit: Limit, now: datetime) -> str:
    """Return how long a time limit is away, or for how long it is over, in one line."""
    words = spans.begin_words(limit.at, now) if limit.opens else spans.end_words(limit.at, now)
    return words.partition("\n")[0]


def _limit_sign(line: RandomiseLine, now: datetime) -> Sign | None:
    """Return the sign of the limit that matters most, in the tone of its urgency."""
    ends = [limit for limit in _shown(line.candidate, now) if not limit.opens]
    return boards.end_sign(ends[0].at, now) if ends and line.readiness is not Readiness.AGAINST else None

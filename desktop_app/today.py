"""What is to be done now by one person, the most urgent first; and who may be randomised. Pure; no disk, no Qt.

What a subject asks for (`pending`) meets here who looks: a line is for those who can do what it asks for. A clock
that has run out a day ago is history, but for the clock of a report; so is a visit that was missed longer ago than
a visit may still be entered.

Source: clinical content, sections 1.3 to 1.5; docs/windows.md, section "Today".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from casebook.design import StudyDesign, Text
from casebook.ids import SubjectId
from casebook.oversight import Query, QueryState
from casebook.subject import ENTRY_TIME
from casebook.supervision import Meaning
from desktop_app.oversight_views import same
from desktop_app.pending import place_words
from desktop_app.snapshots import DueKind, DueLine
from desktop_app.today_snapshots import (
    DAY,
    SOON,
    Candidate,
    Lead,
    Limit,
    Pending,
    Place,
    RandomiseLine,
    Readiness,
    TodayKind,
    TodayLine,
    TodayView,
    Unsigned,
    Urgency,
    urgency_of_end,
)

_KINDS = tuple(TodayKind)
_URGENCIES = tuple(Urgency)
_READINESS = tuple(Readiness)
_CONFLICT_ID = 32
"""Length of the ids of queries that the record opens itself; those of people are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One subject, or the site's own file, with what it asks for."""

    subject: SubjectId
    number: str
    pending: Pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Who looks, and what they may do today.

    Attributes:
        enters, answers, judges: Whether they enter a form, answer queries on it, close them; by the form's OID.
        signs: The forms (OIDs) that they sign, by meaning.
    """

    user: str
    enters: Callable[[str], bool]
    answers: Callable[[str], bool]
    judges: Callable[[str], bool]
    signs: Mapping[Meaning, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the server has not received: how many records, and since when."""

    count: int
    since: datetime


def today_view(
    asked: Sequence[Asked],
    queries: Iterable[Query],
    waiting: Waiting | None,
    looking: Looking,
    design: StudyDesign,
    now: datetime,
) -> TodayView:
    """Return what is to be done, the most urgent first.

    Args:
        waiting: What the server has not received, if anything.
    """
    numbers = {one.subject: one.number for one in asked}
    lines = [
        *(line for one in asked for line in _of_subject(one, looking, now)),
        *_queries(queries, numbers, looking, design),
    ]
    if waiting is not None and now - waiting.since >= DAY:
        lines.append(
            TodayLine(
                kind=TodayKind.UNSENT,
                urgency=Urgency.TODAY,
                subject=None,
                number="",
                about=same(""),
                lead=Lead.SYNC,
                count=waiting.count,
                at=waiting.since,
            )
        )
    ahead = next_turn(asked, now, [waiting.since + DAY] if waiting is not None else [])
    return TodayView(now=now, lines=tuple(sorted(lines, key=_order)), until=ahead, subjects=len(asked))


def next_turn(asked: Iterable[Asked], now: datetime, more: Iterable[datetime] = ()) -> datetime | None:
    """Return when time alone changes more than how much of it is left; None for never."""
    turns = [turn for one in asked for turn in _turns(one.pending)]
    return min((one for one in (*turns, *more) if one > now), default=None)


def _turns(pending: Pending) -> Iterator[datetime]:
    """Yield when a line comes, becomes more urgent or goes by time alone."""
    if pending.until is not None:
        yield pending.until
    limits = pending.candidate.limits if pending.candidate is not None else ()
    for at in (*(one.at for one in pending.due), *(one.at for one in limits)):
        if at is not None:
            yield from (at - DAY, at - SOON, at, at + DAY, at + ENTRY_TIME)


def _order(line: TodayLine) -> tuple[float, bool, float, float, str]:
    """Order by urgency; then what ends, the first end first; then by kind, the oldest first.

    A time limit of eligibility that has ended stands behind what can still be done in time.
    """
    urgency = float(_URGENCIES.index(line.urgency))
    if line.of_eligibility and line.urgency is Urgency.OVERDUE:
        urgency = _URGENCIES.index(Urgency.NOW) + 0.5
    moment, kind = line.at.timestamp() if line.at is not None else 0.0, float(_KINDS.index(line.kind))
    return (urgency, False, moment, kind, line.number) if line.ends else (urgency, True, kind, moment, line.number)


# -- of a subject ---------------------------------------------------------------------------------------------


def _of_subject(asked: Asked, looking: Looking, now: datetime) -> Iterator[TodayLine]:
    pending = asked.pending
    for one in pending.due:
        if one.key is not None and looking.enters(one.key.form):
            yield from _due(asked, one, now)
    if pending.candidate is not None and looking.enters(pending.candidate.form.key.form):
        yield from _of_candidate(asked, pending.candidate, now)
    for place in pending.conflicts:
        if looking.enters(place.key.form):
            yield _line(asked, TodayKind.CONFLICT, Urgency.TODAY, place)
    yield from _to_sign(asked, looking)


def _line(asked: Asked, kind: TodayKind, urgency: Urgency, place: Place, at: datetime | None = None) -> TodayLine:
    return TodayLine(
        kind=kind,
        urgency=urgency,
        subject=asked.subject,
        number=asked.number,
        about=place.what,
        lead=Lead.ITEM,
        key=place.key,
        path=place.path,
        at=at,
    )


def _due(asked: Asked, line: DueLine, now: datetime) -> Iterator[TodayLine]:
    """Say what is due of a visit, an event or a form; what is far ahead or long past is left out."""
    kind, urgency, ends = TodayKind.FORM, Urgency.OPEN, False
    at = line.at
    if line.kind in {DueKind.VISIT_AHEAD, DueKind.VISIT_OPEN, DueKind.VISIT_MISSED} and at is not None:
        kind, ends = TodayKind.VISIT, line.kind is not DueKind.VISIT_AHEAD
        if (line.kind is DueKind.VISIT_AHEAD and at - now > DAY) or now - at >= ENTRY_TIME:
            return
        urgency = urgency_of_end(at, now) if ends else Urgency.OPEN
    elif line.kind is DueKind.CLOCK and at is not None:
        kind, urgency, ends = TodayKind.CLOCK, urgency_of_end(at, now), True
    if line.key is not None:
        yield TodayLine(
            kind=kind,
            urgency=urgency,
            subject=asked.subject,
            number=asked.number,
            about=line.what,
            lead=Lead.ITEM,
            key=line.key,
            path=line.path,
            due=line,
            at=at,
            ends=ends,
        )


def _of_candidate(asked: Asked, one: Candidate, now: datetime) -> Iterator[TodayLine]:
    """Say which time limits run of somebody of whom nothing stands against randomisation."""
    if one.failed:
        return
    ready = readiness(one, now) is Readiness.READY
    for limit in one.limits:
        past = now - limit.at
        if past >= DAY or (limit.opens and not -DAY <= past < timedelta(0)):
            continue
        to = one.form if ready else one.missing or limit.fact or one.form
        kind = DueKind.OPENS if limit.opens else DueKind.CLOCK
        words = Text({language: f"{limit.id} {said}" for language, said in limit.label.by_language.items()})
        due = DueLine(kind=kind, what=words, at=limit.at, over=limit.at <= now, key=to.key, path=to.path)
        yield TodayLine(
            kind=TodayKind.CLOCK,
            urgency=Urgency.OPEN if limit.opens else urgency_of_end(limit.at, now),
            subject=asked.subject,
            number=asked.number,
            about=words,
            lead=Lead.ITEM,
            key=to.key,
            path=to.path,
            due=due,
            at=limit.at,
            ends=not limit.opens,
            of_eligibility=True,
        )


def _to_sign(asked: Asked, looking: Looking) -> Iterator[TodayLine]:
    """Say how many forms of a subject await this person's signature, and how many of those were signed before."""
    awaiting = [(one, sum(1 for form in one.forms if _awaits(one, form, looking))) for one in asked.pending.unsigned]
    count = sum(many for _, many in awaiting)
    if count:
        changed = any(many and one.changed for one, many in awaiting)
        yield TodayLine(
            kind=TodayKind.SIGN,
            urgency=Urgency.TODAY if changed else Urgency.OPEN,
            subject=asked.subject,
            number=asked.number,
            about=same(""),
            lead=Lead.SIGNING,
            count=count,
        )


def _awaits(unsigned: Unsigned, form: str, looking: Looking) -> bool:
    return any(form in forms and not _is_signed(unsigned, meaning, looking) for meaning, forms in looking.signs.items())


def _is_signed(unsigned: Unsigned, meaning: Meaning, looking: Looking) -> bool:
    """Tell whether forms are signed as they stand; a review by somebody else is not this person's."""
    by = {user for said, user in unsigned.signed if said == meaning.value}
    return looking.user in by if meaning is Meaning.REVIEW else bool(by)


# -- queries --------------------------------------------------------------------------------------------------


def _queries(
    queries: Iterable[Query], numbers: Mapping[SubjectId, str], looking: Looking, design: StudyDesign
) -> Iterator[TodayLine]:
    """Say which queries wait for this person: those to be answered, and answers to be judged."""
    acts = {QueryState.OPEN: looking.answers, QueryState.ANSWERED: looking.judges}
    for one in queries:
        may, subject, key = acts.get(one.state), SubjectId(one.target.subject), one.target.key
        if may is None or len(one.id) == _CONFLICT_ID or subject not in numbers or not may(one.target.form):
            continue
        yield TodayLine(
            kind=TodayKind.QUERY,
            urgency=Urgency.OPEN,
            subject=subject,
            number=numbers[subject],
            about=place_words(design, key, one.target.path) if key is not None else same(""),
            lead=Lead.ITEM if key is not None else Lead.CASEBOOK,
            key=key,
            path=one.target.path,
            at=one.opened_at.local,
            answered=one.state is QueryState.ANSWERED,
        )


# -- randomisation --------------------------------------------------------------------------------------------


def readiness(one: Candidate, now: datetime) -> Readiness:
    """Return how a subject stands to randomisation now."""
    if one.randomised_at is not None:
        return Readiness.TO_FINISH
    if one.failed:
        return Readiness.AGAINST
    if any(not limit.opens and limit.at <= now for limit in one.limits):
        return Readiness.ENDED
    if one.unknown:
        return Readiness.MISSING
    return Readiness.WAITING if any(limit.opens and limit.at > now for limit in one.limits) else Readiness.READY


def randomise_lines(asked: Iterable[Asked], now: datetime) -> tuple[RandomiseLine, ...]:
    """Return whom randomisation is about, who may be randomised first; among those, the first limit first."""
    lines = [
        RandomiseLine(
            subject=one.subject,
            number=one.number,
            readiness=readiness(one.pending.candidate, now),
            candidate=one.pending.candidate,
        )
        for one in asked
        if one.pending.candidate is not None
    ]
    return tuple(
        sorted(lines, key=lambda one: (_READINESS.index(one.readiness), _first(one.candidate, now), one.number))
    )


def _first(one: Candidate, now: datetime) -> float:
    """Return when the first limit ends that has not ended yet."""
    ahead: list[Limit] = [limit for limit in one.limits if limit.at >= now]
    return min((limit.at.timestamp() for limit in ahead), default=float("inf"))

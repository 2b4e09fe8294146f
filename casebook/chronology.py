"""The course of one subject in time, as a casebook draws it: events, visits with their windows, scores.

Everything is read off the subject as the session knows it, so that who may not read a form sees nothing that stands
in it, and nothing that tells of it. Each stop of the drawing has its sentence; screen, table and paper say the same.

Source: docs/study_files.md, section "Timeline"; docs/windows.md, section "Timeline".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum

from casebook import chronology_words as words
from casebook.design import PlannedForm, StudyDesign, Text, Visit, VisitKind
from casebook.entry import display
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.references import Reference, parse
from casebook.schedule import WindowBounds, site_zone
from casebook.subject import Subject
from casebook.timelines import Timeline, TimelineEvent, TimelinePlot
from casebook.timetable import RANDOMISED
from casebook.values import noted_of, number_of

NOON = time(12, 0)
"""Where an event is drawn of which only the day is known."""


class Shape(StrEnum):
    """How a stop is drawn; its sentence says the same in words."""

    EVENT = "event"
    DAY = "day"
    """An event of which only the day is known."""
    IN = "in"
    EARLY = "early"
    LATE = "late"
    MISSED = "missed"
    OPEN = "open"
    """A visit that is still to come, or whose window is open."""
    NOT_DUE = "not_due"
    """A visit that is not expected any more: death, withdrawal, discharge."""
    SCORE = "score"
    UNTESTED = "untested"
    """A score of which something could not be tested."""
    NO_SCORE = "no_score"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One place of the drawing.

    Attributes:
        label: A few words, as drawn.
        at: Where it stands, on the wall clock of the study's sites.
        when: The same as it is told; of a visit its own date, else its window.
        what: What there is to say beside label and time.
        key, path: What is opened by it; None where nothing is.
    """

    shape: Shape
    label: Text
    at: datetime
    when: Text
    what: Text
    key: FormKey | None = None
    path: ItemPath | None = None

    @property
    def sentence(self) -> Text:
        """The whole stop in words."""
        return words.joined(self.label, self.when, self.what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A visit: its window, and where its own date stands to it."""

    stop: Stop
    opens: datetime
    closes: datetime
    actual: datetime | None
    word: Text
    """How it stands to its window; empty while that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A score at one time; `value` is None where there is none, `change` is against the last one before."""

    stop: Stop
    value: Decimal | None
    change: Decimal | None
    untested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A score over time."""

    label: Text
    least: Decimal
    most: Decimal
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronology:
    """Everything that is drawn. `absent`: what is expected and cannot be drawn, each in words."""

    events: tuple[Stop, ...]
    spans: tuple[Span, ...]
    courses: tuple[Course, ...]
    now: Stop | None
    absent: tuple[Text, ...]

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Every place of the drawing, in order of time."""
        points = (point.stop for course in self.courses for point in course.points)
        now = (self.now,) if self.now is not None else ()
        found = (*self.events, *(span.stop for span in self.spans), *points, *now)
        return tuple(sorted(found, key=lambda stop: stop.at))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the subject is drawn."""
        return not (self.events or self.spans or any(course.points for course in self.courses))


def chronology_of(
    subject: Subject, *, unshown: frozenset[str] = frozenset(), disputed: Callable[[FormKey], bool]
) -> Chronology:
    """Return the course of a subject.

    Args:
        unshown: Forms (OIDs) of which single items may be read and that are not opened.
        disputed: Tells whether entries of a form disagree.
    """
    gathering = _Gathering(subject=subject, unshown=unshown, disputed=disputed)
    return gathering.chronology(subject.design.timeline or Timeline(events=(), plots=(), since=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathering:
    subject: Subject
    unshown: frozenset[str]
    disputed: Callable[[FormKey], bool]
    read: dict[FormKey, dict[ItemPath, Reading]] = field(default_factory=dict)

    def _values(self, key: FormKey) -> dict[ItemPath, Reading]:
        """Return what stands in a form, worked out once."""
        if key not in self.read:
            self.read[key] = self.subject.values(key) if key in self.subject.instances else {}
        return self.read[key]

    @property
    def _design(self) -> StudyDesign:
        return self.subject.design

    def chronology(self, timeline: Timeline) -> Chronology:
        spans = tuple(self._spans())
        absent: list[Text] = []
        events = tuple(self._events(timeline, absent))
        courses = tuple(self._course(plot, absent) for plot in timeline.plots)
        now = self.subject.now
        here = None
        if now is not None:
            wall = self._wall(now)
            here = Stop(shape=Shape.NOW, label=words.NOW, at=wall, when=words.minute(wall), what=words.NOTHING)
        return Chronology(events=events, spans=spans, courses=courses, now=here, absent=tuple(absent))

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(site_zone(self._design.utc_offset_minutes))

    def _opened(self, key: FormKey) -> FormKey | None:
        return key if key.form not in self.unshown else None

    def _dispute(self, key: FormKey) -> Text:
        return words.DISPUTED if self.disputed(key) else words.NOTHING

    # -- events -----------------------------------------------------------------------------------------

    def _events(self, timeline: Timeline, absent: list[Text]) -> Iterator[Stop]:
        since = next((one for one in timeline.events if one.name == timeline.since), None)
        zero = next((at for _, _, at, exact in self._times(since) if exact), None) if since is not None else None
        for event in timeline.events:
            found = self._times(event)
            if not found:
                absent.extend(self._not_there(event))
            for key, path, at, exact in found:
                told = words.NOTHING
                if zero is not None and since is not None and exact and event is not since:
                    told = words.after(at - zero, since.label)
                yield Stop(
                    shape=Shape.EVENT if exact else Shape.DAY,
                    label=event.label,
                    at=at,
                    when=words.minute(at) if exact else words.day(at),
                    what=words.joined(told, self._dispute(key)),
                    key=self._opened(key),
                    path=path,
                )

    def _times(self, event: TimelineEvent) -> tuple[tuple[FormKey, ItemPath, datetime, bool], ...]:
        """Return each form that says when an event was, with the instant, and whether its time is known."""
        found = []
        for key, path in self._places(event.item):
            reading = self._values(key).get(path, EMPTY)
            noted = noted_of(reading.value) if reading.value is not None else None
            if noted is not None and noted.moment is not None:
                found.append((key, path, self._wall(noted.moment), True))
            elif noted is not None:
                zone = site_zone(self._design.utc_offset_minutes)
                found.append((key, path, datetime.combine(noted.day, NOON, zone), False))
        return tuple(sorted(found, key=lambda one: one[2]))

    def _places(self, name: str) -> tuple[tuple[FormKey, ItemPath], ...]:
        reference = parse(name)
        if not isinstance(reference, Reference):
            return ()
        group, item = self._design.form(reference.form).find(reference.item)
        path = ItemPath(group=group.oid, item=item.name)
        return tuple((key, path) for key in self.subject.matching(reference))

    def _not_there(self, event: TimelineEvent) -> Iterator[Text]:
        """Tell of an event that the study asks of this subject, and why there is no time for it."""
        reference = parse(event.item)
        if not isinstance(reference, Reference):
            return
        group, item = self._design.form(reference.form).find(reference.item)
        path = ItemPath(group=group.oid, item=item.name)
        for key, planned in self._planned(reference.form):
            asked = reference.visit in {"", key.visit.visit} and reference.occasion in {"", key.repeat}
            if not asked or planned.need != "x" or not self.subject.relevant(key, path):
                continue
            reading = self._values(key).get(path, EMPTY)
            yield words.joined(event.label, words.NOT_ENTERED if reading.is_empty else self._shown(key, path, reading))

    def _shown(self, key: FormKey, path: ItemPath, reading: Reading) -> Text:
        _, item = self._design.form(key.form).find(path.item)
        minutes = self._design.utc_offset_minutes
        return Text({one: display(item, None, reading, one, offset_minutes=minutes) for one in words.LANGUAGES})

    def _planned(self, form: str) -> Iterator[tuple[FormKey, PlannedForm]]:
        """Return the planned places of a form that apply to the subject."""
        for visit in self._design.visits:
            if visit.kind is not VisitKind.SCHEDULED:
                continue
            for one in visit.forms:
                if one.form == form and self.subject.applicable(one):
                    home = VisitKey(visit=visit.oid)
                    yield FormKey(subject=self.subject.id, visit=home, form=form, repeat=one.occasion), one

    # -- visits -----------------------------------------------------------------------------------------

    def _spans(self) -> Iterator[Span]:
        anchor = self.subject.anchor(RANDOMISED)
        for visit in self._design.visits:
            bounds = self.subject.window(visit) if visit.kind is VisitKind.SCHEDULED else None
            if bounds is not None and anchor is not None and visit.forms:
                yield self._span(visit, bounds)

    def _span(self, visit: Visit, bounds: WindowBounds) -> Span:
        key = VisitKey(visit=visit.oid)
        visited = self.subject.visited_at(key)
        actual = self._wall(visited) if visited is not None else None
        status = self.subject.visit_status(visit, key)
        shape = _SHAPES.get(status, Shape.NOT_DUE if status.startswith("NA_") else Shape.OPEN)
        window = words.window(bounds.opens, bounds.closes, by_day=bounds.by_day)
        word = words.STATUSES.get(status, words.NOTHING)
        if not status and actual is None and self.subject.now is not None:
            word = words.TO_COME if self.subject.now < bounds.opens else words.WINDOW_OPEN
        stop = Stop(
            shape=shape,
            label=visit.short,
            at=actual if actual is not None else bounds.opens + (bounds.closes - bounds.opens) / 2,
            when=words.minute(actual) if actual is not None else window,
            what=words.joined(word, window) if actual is not None else word,
            key=self._first_form(visit, key),
        )
        return Span(stop=stop, opens=bounds.opens, closes=bounds.closes, actual=actual, word=word)

    def _first_form(self, visit: Visit, key: VisitKey) -> FormKey | None:
        """Return the form of a visit that is opened: the first that was begun, else the first."""
        planned = [
            FormKey(subject=self.subject.id, visit=key, form=one.form, repeat=one.occasion) for one in visit.forms
        ]
        begun = [one for one in planned if one in self.subject.instances]
        return next(iter((*begun, *planned)), None)

    # -- scores -----------------------------------------------------------------------------------------

    def _course(self, plot: TimelinePlot, absent: list[Text]) -> Course:
        points: list[Point] = []
        last: Decimal | None = None
        for at, key, path in self._taken(plot, absent):
            values = self._values(key)
            value = number_of(values.get(path, EMPTY).value)
            untested = self._untested(plot, key, values)
            change = value - last if value is not None and last is not None else None
            last = last if value is None else value
            shape = Shape.NO_SCORE if value is None else Shape.UNTESTED if untested else Shape.SCORE
            stop = Stop(
                shape=shape,
                label=self._where(key),
                at=at,
                when=words.minute(at),
                what=words.joined(words.score(plot.label, value, untested, change), self._dispute(key)),
                key=self._opened(key),
                path=path,
            )
            points.append(Point(stop=stop, value=value, change=change, untested=untested))
        return Course(label=plot.label, least=plot.least, most=plot.most, points=tuple(points))

    def _untested(self, plot: TimelinePlot, key: FormKey, values: dict[ItemPath, Reading]) -> int:
        if not plot.untested:
            return 0
        group, item = self._design.form(key.form).find(plot.untested)
        counted = number_of(values.get(ItemPath(group=group.oid, item=item.name), EMPTY).value)
        return int(counted) if counted is not None else 0

    def _taken(self, plot: TimelinePlot, absent: list[Text]) -> list[tuple[datetime, FormKey, ItemPath]]:
        """Return where the score was taken or should have been, in order of time."""
        begun = dict(self._places(plot.item))
        form = plot.item.partition(":")[0]
        group, item = self._design.form(form).find(plot.item.partition(":")[2])
        expected = [key for key, planned in self._planned(form) if planned.need == "x" and key not in begun]
        found = []
        for key in (*begun, *expected):
            path = ItemPath(group=group.oid, item=item.name)
            at = self._scored_at(key)
            if at is not None:
                found.append((at, key, path))
            elif key in begun or self._is_over(key.visit):
                why = words.NO_TIME if key in begun else words.NOT_ENTERED
                absent.append(words.joined(plot.label, self._where(key), why))
        return sorted(found, key=lambda one: one[0])

    def _scored_at(self, key: FormKey) -> datetime | None:
        """Return when a form was filled in by its own date, else when its visit was, where that has a window."""
        values = self._values(key)
        for path in self.subject.plan.dated.get(key.form, ()):
            noted = noted_of(values.get(path, EMPTY).value or "")
            if noted is not None and noted.moment is not None:
                return self._wall(noted.moment)
        visit = self._design.visit(key.visit.visit)
        visited = self.subject.visited_at(key.visit) if self.subject.window(visit) is not None else None
        return self._wall(visited) if visited is not None else None

    def _is_over(self, key: VisitKey) -> bool:
        """Tell whether a visit is so far that its score is missed: begun, or its window has closed."""
        visit = self._design.visit(key.visit)
        if self.subject.window(visit) is None:
            return any(one.visit == key for one in self.subject.instances)
        return self.subject.visit_status(visit, key) == "MISSED"

    def _where(self, key: FormKey) -> Text:
        visit = self._design.visit(key.visit.visit)
        planned = next((one for one in visit.forms if one.form == key.form and one.occasion == key.repeat), None)
        if planned is not None and planned.occasion_label is not None:
            return planned.occasion_label
        return visit.short


_SHAPES = {"IN": Shape.IN, "EARLY": Shape.EARLY, "LATE": Shape.LATE, "MISSED": Shape.MISSED}

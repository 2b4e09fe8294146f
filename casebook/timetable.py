"""When things happened to a subject: the instants that a study rests on, and how its visits stand to their windows.

Source: clinical content, sections 0.0 (visit status, discharge by death) and 1.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from casebook import schedule
from casebook.dependencies import Plan
from casebook.design import StudyDesign, Visit, VisitKind
from casebook.instances import Instance
from casebook.records import FormKey, Reading, VisitKey
from casebook.schedule import VisitStatus, WindowBounds, site_zone
from casebook.surroundings import Question
from casebook.values import noted_of

RANDOMISED = "randomised_at"
_SHARED = frozenset({VisitKind.EVENT, VisitKind.LOG, VisitKind.SITE})
"""Kinds of visits whose forms have nothing to do with each other's dates."""


class Dated(Protocol):
    """What the timetable asks of a subject; see `casebook.subject.Subject`."""

    design: StudyDesign
    plan: Plan
    instances: Mapping[FormKey, Instance]
    now: datetime | None

    @property
    def offset_minutes(self) -> int:
        """The wall clock of the study's sites, minutes east of UTC."""
        ...

    @property
    def keys(self) -> tuple[FormKey, ...]:
        """Every form instance."""
        ...

    def find(self, question: Question, /) -> Reading | None:
        """Return an item of some form."""
        ...

    def see(self, key: FormKey, row: str, name: str, circle: int, /) -> Reading:
        """Return an item of one form."""
        ...


def instant_of(reading: Reading) -> datetime | None:
    """Return the instant of a reading, or None when its time is unknown or it is no instant."""
    noted = noted_of(reading.value) if reading.value is not None else None
    return None if noted is None else noted.moment


@dataclass(slots=True)
class Timetable:
    """The times of one subject. `circle` is that of the node which asks; see `casebook.dependencies`."""

    subject: Dated
    _visited: dict[tuple[VisitKey, FormKey | None, int], datetime | None] = field(default_factory=dict)

    def anchor(self, name: str, circle: int = 0) -> datetime | None:
        """Return the instant that an anchor of the study names (`randomised_at`), if it is known.

        Where only the day is known, the day's beginning; the randomisation counts by its instant alone.
        """
        return self._anchored(name, circle)[0]

    def _anchored(self, name: str, circle: int) -> tuple[datetime | None, bool]:
        """Return an anchor, and whether its time is known."""
        for reference in self.subject.design.anchors.get(name, ()):
            reading = self.subject.find(Question("item", reference, circle=circle))
            noted = noted_of(reading.value) if reading is not None and reading.value is not None else None
            if noted is not None and noted.moment is not None:
                return noted.moment, True
            if noted is not None and name != RANDOMISED:
                start = datetime.combine(noted.day, datetime.min.time(), site_zone(0)) - noted.offset
                return start.astimezone(site_zone(int(noted.offset / timedelta(minutes=1)))), False
        return None, False

    def _discharge(self, circle: int) -> date | None:
        """Return the day of a discharge alive; a death during the stay is no discharge."""
        left, left_exactly = self._anchored("discharged_at", circle)
        died, died_exactly = self._anchored("died_at", circle)
        if left is None:
            return None
        zone = site_zone(self.subject.offset_minutes)
        day = left.astimezone(zone).date()
        if died is not None and left_exactly and died_exactly:
            return day if died > left else None
        return day if died is None or died.astimezone(zone).date() > day else None

    def visited_at(self, visit: VisitKey, key: FormKey | None, circle: int) -> datetime | None:
        """Return when a visit took place: the earliest of its dated forms, or of `key` where they are on their own."""
        shared = self.subject.plan.kinds.get(visit.visit) in _SHARED
        place = (visit, key if shared else None, circle)
        if place not in self._visited:
            keys = (
                (key,) if shared and key is not None else tuple(one for one in self.subject.keys if one.visit == visit)
            )
            moments = [
                moment
                for one in keys
                for path in self.subject.plan.dated.get(one.form, ())
                if (moment := instant_of(self.subject.see(one, "", path.item, circle))) is not None
            ]
            self._visited[place] = min(moments, default=None)
        return self._visited[place]

    def previous_visited(self, visit: VisitKey, circle: int) -> datetime | None:
        """Return the latest date among the scheduled visits that are planned before this one.

        Events and unscheduled visits come at any time: none is planned before them.
        """
        before = self.subject.plan.visits.get(visit.visit, 0)
        if self.subject.design.visits[before].kind is not VisitKind.SCHEDULED:
            return None
        moments = [
            moment
            for one in self.subject.design.visits[:before]
            if one.kind is VisitKind.SCHEDULED
            and (moment := self.visited_at(VisitKey(visit=one.oid), None, circle)) is not None
        ]
        return max(moments, default=None)

    def window(self, visit: Visit) -> WindowBounds | None:
        """Return a visit's window, once the subject is randomised."""
        anchor = self.anchor(RANDOMISED)
        if anchor is None:
            return None
        return schedule.window_bounds(
            visit, anchor, discharge=self._discharge(0), offset_minutes=self.subject.offset_minutes
        )

    def visit_status(self, visit: Visit, key: VisitKey, form: FormKey | None, circle: int) -> str:
        """Return how a visit stands to its window; "" while that cannot be told."""
        anchor, _ = self._anchored(RANDOMISED, circle)
        if anchor is None or self.subject.now is None:
            return ""
        status = schedule.visit_status(
            visit,
            randomised_at=anchor,
            visited_at=self.visited_at(key, form, circle),
            now=self.subject.now,
            discharge=self._discharge(circle),
            died_at=self._anchored("died_at", circle)[0],
            withdrawn_at=self._anchored("withdrawn_at", circle)[0],
            offset_minutes=self.subject.offset_minutes,
        )
        begun = status is VisitStatus.MISSED and any(
            one.visit == key and self.subject.instances[one].readings for one in self.subject.keys
        )
        return "" if status is None or begun else status.value

"""A casebook as its user sees it: the record, the open entries over it, derived values, findings, windows.

Pure: the same record and drafts give the same answers. Results are kept for the life of the reader,
which is one state of one casebook.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from casebook import checks, schedule
from casebook.checks import Finding, Given, Others
from casebook.clock import STUDY_OFFSET_MINUTES
from casebook.design import Form, Severity, StudyDesign, Visit
from casebook.projection import Casebook, FormState
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.schedule import WindowBounds
from desktop_app.drafts import Effective, OpenDraft, lay_over, live_readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One form instance with everything computed."""

    state: FormState
    effective: Effective
    readings: Mapping[ItemPath, Reading]
    """Entered and derived values of rows that are not struck."""
    findings: tuple[Finding, ...]
    unanswered: tuple[ItemPath, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was ever entered here."""
        return not self.state.contributions and not self.effective.kept and not self.effective.typed

    def count(self, severity: Severity) -> int:
        """Return how many findings of a severity are open (not confirmed)."""
        return sum(1 for one in self.findings if one.severity is severity and one.confirmed is None)


@dataclass(slots=True)
class Reader:
    """Reads one state of one casebook under one study design."""

    design: StudyDesign
    casebook: Casebook
    drafts: Mapping[FormKey, OpenDraft]
    now: datetime
    _effective: dict[FormKey, Effective] = field(default_factory=dict)
    _values: dict[FormKey, dict[ItemPath, Reading]] = field(default_factory=dict)

    def effective(self, key: FormKey) -> Effective:
        """Return the record of a form with its open entries laid over it."""
        if key not in self._effective:
            self._effective[key] = lay_over(self.casebook.form(key), self.drafts.get(key))
        return self._effective[key]

    def values(self, key: FormKey) -> dict[ItemPath, Reading]:
        """Return entered and derived values of a form."""
        if key not in self._values:
            entered = live_readings(self.effective(key))
            self._values[key] = entered  # a derivation that looks back at this form sees what was entered
            form = self.design.form(key.form)
            derived = checks.derive(form, entered, self.around(key))
            self._values[key] = entered | {path: one for path, one in derived.items() if not one.is_empty}
        return self._values[key]

    def filled(self, key: FormKey) -> Filled:
        """Return a form with everything computed."""
        form = self.design.form(key.form)
        effective = self.effective(key)
        readings = self.values(key)
        confirmed = {
            place: one.reason
            for place, one in effective.confirmations.items()
            if readings.get(one.path, EMPTY).value == one.value
        }
        found = checks.findings(form, readings, others=self.around(key), confirmations=confirmed, now=self.now)
        return Filled(
            state=self.casebook.form(key),
            effective=effective,
            readings=readings,
            findings=found,
            unanswered=checks.unanswered(form, readings, others=self.around(key)),
        )

    @property
    def keys(self) -> tuple[FormKey, ...]:
        """Every form instance in which something was entered, in the order of the study's visits."""
        order = {visit.oid: place for place, visit in enumerate(self.design.visits)}
        started = [key for key in {**self.casebook.forms, **self.drafts} if key.form in self.design.forms]
        return tuple(sorted(started, key=lambda key: (order.get(key.visit.visit, len(order)), key)))

    def other(self, reference: str) -> Reading | None:
        """Return an item of another form: `F.TIME:LKWDTM`, or `F.NIHSS/PRERAND:NIHSSTOT` for one occasion.

        Where several instances have it, the one of the latest visit counts.
        """
        where, _, name = reference.partition(":")
        form, _, occasion = where.partition("/")
        for key in reversed(self.keys):
            if key.form != form or (occasion and key.repeat != occasion):
                continue
            reading = reading_of(self.design.form(form), self.values(key), name)
            if reading is not None:
                return reading
        return None

    def around(self, _key: FormKey) -> Others:
        """Return what stands around a form instance, as the engine of checks asks for it."""
        return _Elsewhere(reader=self)

    def anchor(self, name: str) -> datetime | None:
        """Return the instant that an anchor of the study names (`randomised_at`), if it is known."""
        for reference in self.design.anchors.get(name, ()):
            reading = self.other(reference)
            if reading is not None and (moment := instant_of(reading)) is not None:
                return moment
        return None

    @property
    def status(self) -> str:
        """Return the subject's status, as far as the forms of this release tell it."""
        if self.anchor("randomised_at") is not None:
            return "randomised"
        return "enrolled" if self.anchor("consented_at") is not None else "screened"

    def visited_at(self, visit: VisitKey) -> datetime | None:
        """Return when a visit took place: the earliest of its dated forms."""
        moments = [
            moment
            for key in self.keys
            if key.visit == visit
            for group in self.design.form(key.form).groups
            for item in group.items
            if item.visit_time
            and (reading := self.values(key).get(ItemPath(group=group.oid, item=item.name))) is not None
            and (moment := instant_of(reading)) is not None
        ]
        return min(moments, default=None)

    def window(self, visit: Visit) -> WindowBounds | None:
        """Return a visit's window, once the subject is randomised."""
        anchor = self.anchor("randomised_at")
        if anchor is None:
            return None
        return schedule.window_bounds(visit, anchor, discharge=self._discharge, offset_minutes=STUDY_OFFSET_MINUTES)

    def visit_status(self, visit: Visit, key: VisitKey) -> str:
        """Return how a visit stands to its window; "" while that cannot be told."""
        anchor = self.anchor("randomised_at")
        if anchor is None:
            return ""
        status = schedule.visit_status(
            visit,
            randomised_at=anchor,
            visited_at=self.visited_at(key),
            now=self.now,
            discharge=self._discharge,
            offset_minutes=STUDY_OFFSET_MINUTES,
        )
        return status.value if status is not None else ""

    @property
    def _discharge(self) -> date | None:
        moment = self.anchor("discharged_at")
        return moment.date() if moment is not None else None


@dataclass(frozen=True, slots=True)
class _Elsewhere(Given):
    """Items of the subject's other forms."""

    reader: Reader | None = None

    def item(self, name: str, _asker: str, /) -> Reading | None:
        return self.reader.other(name) if self.reader is not None else None


def reading_of(form: Form, readings: Mapping[ItemPath, Reading], name: str) -> Reading | None:
    """Return the value of an item by its name, outside repeating rows."""
    try:
        group, item = form.find(name)
    except KeyError:
        return None
    return readings.get(ItemPath(group=group.oid, item=item.name))


def instant_of(reading: Reading) -> datetime | None:
    """Return the instant of a reading, or None when its time is unknown or it is no instant."""
    try:
        moment = datetime.fromisoformat(reading.value or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None

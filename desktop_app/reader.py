"""A casebook as its user sees it: the record, the open entries over it, and everything that follows from them.

Pure: the same record and drafts give the same answers. What follows is worked out by
`casebook.subject.Subject`; a `Kept` carries what is still good from one state of a casebook to the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from casebook.checks import Finding
from casebook.chronology import Chronology, chronology_of
from casebook.clock import local_time
from casebook.design import PlannedForm, Severity, StudyDesign, Visit
from casebook.deviations import DeviationDue
from casebook.eligibility import Eligibility
from casebook.instances import Instance, confirmed, instance_of
from casebook.projection import Casebook, FormState
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.rules import Others
from casebook.schedule import WindowBounds, site_zone
from casebook.subject import Memo, Subject, instant_of, nobody_has
from casebook.versions import fitting
from desktop_app.drafts import Effective, OpenDraft, lay_over, live_readings

__all__ = ["Filled", "Kept", "Reader", "instant_of"]


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
class Kept:
    """What is carried from one reader of a subject to the next: forms as read, and what followed from them."""

    memo: Memo = field(default_factory=Memo)
    _read: dict[FormKey, tuple[FormState, OpenDraft | None, Effective, Instance]] = field(default_factory=dict)

    _blank: dict[FormKey, FormState] = field(default_factory=dict)

    def blank(self, key: FormKey) -> FormState:
        """Return the state of a form of which nothing is sealed yet; always the same object."""
        return self._blank.setdefault(key, FormState(key=key))

    def read(self, design: StudyDesign, state: FormState, draft: OpenDraft | None) -> tuple[Effective, Instance]:
        """Return a form with its open entries laid over it; the same objects as long as both are the same.

        What the study has no item for, since another version of it asked, is left out; see `desktop_app.trails`.
        """
        known = self._read.get(state.key)
        if known is None or known[0] is not state or known[1] is not draft:
            effective = lay_over(state, draft)
            effective = replace(effective, readings=fitting(design, state.key.form, effective.readings))
            known = (state, draft, effective, _instance(state, draft, effective))
            self._read[state.key] = known
        return known[2], known[3]


def _instance(state: FormState, draft: OpenDraft | None, effective: Effective) -> Instance:
    recorded = instance_of(state)
    if draft is None:
        return replace(recorded, readings=live_readings(effective))
    entered = {
        one.what.path: local_time(one.entered_ms, 0)
        for one in draft.entries
        if isinstance(one.what, SetItem) and not one.what.reading.is_empty
    }
    replaced = [
        one.what.path
        for one in draft.entries
        if isinstance(one.what, SetItem) and one.what.path in recorded.entered_at and recorded.completed
    ]
    latest = max((one.entered_ms for one in draft.entries), default=None)
    return Instance(
        key=state.key,
        readings=live_readings(effective),
        rows={group: tuple(row for row, struck in rows if struck is None) for group, rows in effective.rows.items()},
        confirmations=confirmed((*(one for one, _ in state.confirmations), *draft.confirmations)),
        complete=effective.complete,
        completed=recorded.completed,
        entered_at={**entered, **recorded.entered_at},
        known_at={**recorded.known_at, **entered},
        changed=recorded.changed | frozenset(replaced),
        last_change=recorded.last_change if latest is None else local_time(latest, 0),
    )


@dataclass(slots=True)
class Reader:
    """Reads one state of one casebook under one study design.

    Attributes:
        clock_trusted: Whether the laptop's clock was seen to agree with the server's.
        kept: What may be used again from an earlier reader of the same subject.
        site: The site's own file.
        taken: Tells whether another subject of the site has a value of an item (by its OID).
        hidden: Forms that are read for single items of theirs and never shown.
    """

    design: StudyDesign
    casebook: Casebook
    drafts: Mapping[FormKey, OpenDraft]
    now: datetime
    clock_trusted: bool = True
    kept: Kept = field(default_factory=Kept)
    site: "Reader | None" = None
    taken: Callable[[str, str], bool] = nobody_has
    hidden: frozenset[str] = frozenset()
    subject: Subject = field(init=False)

    def __post_init__(self) -> None:
        """Read every form."""
        started = {**self.casebook.forms, **dict.fromkeys(self.drafts)}
        self.subject = Subject(
            design=self.design,
            id=self.casebook.subject,
            instances={key: self._read(key)[1] for key in started},
            now=self.now,
            clock_trusted=self.clock_trusted,
            site=self.site.subject if self.site is not None else None,
            taken=self.taken,
            memo=self.kept.memo,
        )

    def _read(self, key: FormKey) -> tuple[Effective, Instance]:
        state = self.casebook.forms.get(key)
        draft = self.drafts.get(key)
        if state is None and draft is None:
            empty = lay_over(FormState(key=key), None)
            return empty, Instance(key=key)
        return self.kept.read(self.design, state or self.kept.blank(key), draft)

    def effective(self, key: FormKey) -> Effective:
        """Return the record of a form with its open entries laid over it."""
        return self._read(key)[0]

    def values(self, key: FormKey) -> dict[ItemPath, Reading]:
        """Return entered and derived values of a form."""
        return self.subject.values(key)

    def filled(self, key: FormKey) -> Filled:
        """Return a form with everything computed."""
        return Filled(
            state=self.casebook.form(key),
            effective=self.effective(key),
            readings=self.values(key),
            findings=self.subject.findings(key),
            unanswered=self.subject.unanswered(key),
        )

    @property
    def keys(self) -> tuple[FormKey, ...]:
        """Every form instance in which something was entered and that is shown, in the order of the study's visits."""
        return tuple(key for key in self.subject.keys if key.form not in self.hidden)

    def other(self, reference: str) -> Reading | None:
        """Return an item of some form: `F.X:WHEN`, or `F.X/FIRST:TOTAL` for one occasion.

        Where several instances have it, the one of the latest visit counts.
        """
        return self.subject.other(reference)

    def around(self, key: FormKey) -> Others:
        """Return what stands around a form instance, as the engine of checks asks for it."""
        return self.subject.around(key)

    def on_the_wall(self, moment: datetime | None) -> datetime | None:
        """Return a moment as the wall clock of the study's sites tells it, whatever clock noted it."""
        return None if moment is None else moment.astimezone(site_zone(self.design.utc_offset_minutes))

    def relevant(self, key: FormKey, path: ItemPath) -> bool:
        """Tell whether an item of a form is shown and asked."""
        return self.subject.relevant(key, path)

    def anchor(self, name: str) -> datetime | None:
        """Return the instant that an anchor of the study names (`randomised_at`), if it is known."""
        return self.on_the_wall(self.subject.anchor(name))

    @property
    def status(self) -> str:
        """Return the subject's status."""
        return self.subject.status

    def visited_at(self, visit: VisitKey, key: FormKey | None = None) -> datetime | None:
        """Return when a visit took place: the earliest of its dated forms; of events, the instance's own date."""
        return self.on_the_wall(self.subject.visited_at(visit, key))

    def window(self, visit: Visit) -> WindowBounds | None:
        """Return a visit's window, once the subject is randomised."""
        return self.subject.window(visit)

    def visit_status(self, visit: Visit, key: VisitKey) -> str:
        """Return how a visit stands to its window; "" while that cannot be told."""
        return self.subject.visit_status(visit, key)

    def applicable(self, planned: PlannedForm) -> bool:
        """Tell whether a planned form applies to the subject."""
        return self.subject.applicable(planned)

    def chronology(self) -> Chronology:
        """Return the subject's course in time, as far as this session may read it."""
        return chronology_of(
            self.subject, unshown=self.hidden, disputed=lambda key: bool(self.casebook.form(key).clashes)
        )

    def eligibility(self) -> Eligibility:
        """Return how the subject stands to every criterion."""
        return self.subject.eligibility()

    def deviations(self) -> tuple[DeviationDue, ...]:
        """Return the deviations that the data raise and nobody has recorded yet."""
        return self.subject.deviations()

"""One subject under one study design: everything that follows from what was entered in all forms.

Items and checks are worked out one by one, when they are asked for. What looks back at itself across forms
is cut at a place that follows from the design alone (`casebook.dependencies`), so the answers depend on
what stands in the forms and on nothing else: not on the order of entry, nor on which form is opened first.
A `Memo` carries what was worked out from one state of a casebook to the next. Nothing here reads a clock.

Source: docs/study_files.md; clinical content, sections 0.0, 1.5 and 7.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from casebook import deviations
from casebook.checks import Finding, Scope, finding
from casebook.dependencies import Plan, plan_of
from casebook.design import PlannedForm, Severity, StudyDesign, Visit, VisitKind
from casebook.deviations import Cause, DeviationDue
from casebook.eligibility import Eligibility, Standing, judge, standing
from casebook.ids import SubjectId
from casebook.instances import Instance, instance_of
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.references import OF_ELIGIBILITY, Pseudo, PseudoKind, Reference, parse
from casebook.rules import ClockQuestion, Others, Sight, evaluate, looks_at_clock
from casebook.schedule import VisitStatus, WindowBounds, site_zone
from casebook.surroundings import Outside, Question, Surroundings, Trace
from casebook.timetable import RANDOMISED, Timetable, instant_of
from casebook.values import days_of, noted_of

__all__ = ["Instance", "Memo", "Subject", "instance_of", "instant_of", "nobody_has"]

ENTRY_TIME = timedelta(days=14)
"""How long after its window a visit may be entered before it counts as missed for good (A)."""
_YES, _NO = Reading(value="Y"), Reading(value="N")


def nobody_has(_item: str, _value: str) -> bool:
    """Return False: no other subject is known."""
    return False


# -- what is carried from one state to the next ----------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Remembered:
    """What follows from one instance, but for what rests on counts of findings."""

    instance: Instance
    trace: Trace
    derived: Mapping[ItemPath, Reading]
    fired: tuple[Finding, ...]
    unanswered: tuple[ItemPath, ...]


@dataclass(slots=True)
class Memo:
    """What was worked out of a subject's forms; good for as long as what they looked at gives the same answers."""

    forms: dict[FormKey, _Remembered] = field(default_factory=dict)
    clock_trusted: bool = True


# -- the subject -----------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True, eq=False)
class Subject:
    """One subject as it stands at one moment.

    Attributes:
        id: The subject, or the site's own file.
        instances: Every form instance in which anything was entered.
        now: The present, aware.
        clock_trusted: Whether the clock that says so was seen to agree with the server's. While it was not, a
            hard check against the present is a soft one.
        site: The site's own file, for forms about the site.
        taken: Tells whether another subject of the site has a value of an item (by its OID).
        memo: Carries what was worked out from one state to the next.
    """

    design: StudyDesign
    id: SubjectId
    instances: Mapping[FormKey, Instance]
    now: datetime | None = None
    clock_trusted: bool = True
    site: "Subject | None" = None
    taken: Callable[[str, str], bool] = nobody_has
    memo: Memo | None = None
    plan: Plan = field(init=False)
    times: Timetable = field(init=False)
    _keys: tuple[FormKey, ...] | None = None
    _by_form: dict[str, tuple[FormKey, ...]] = field(default_factory=dict)
    _scopes: dict[FormKey, Scope] = field(default_factory=dict)
    _traces: dict[FormKey, Trace] = field(default_factory=dict)
    _done: dict[FormKey, _Remembered] = field(default_factory=dict)
    _answers: dict[Question, object] = field(default_factory=dict)
    _fired: dict[FormKey, tuple[Finding, ...]] = field(default_factory=dict)
    _counting: dict[tuple[FormKey, Severity, int], tuple[Finding, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the design, unless that was done."""
        self.plan = plan_of(self.design)
        self.times = Timetable(self)
        self.memo = self.memo if self.memo is not None else Memo()
        if self.memo.clock_trusted != self.clock_trusted:
            self.memo.forms.clear()
            self.memo.clock_trusted = self.clock_trusted

    # -- which forms there are ---------------------------------------------------------------------------

    @property
    def offset_minutes(self) -> int:
        """The wall clock of the study's sites, minutes east of UTC."""
        return self.design.utc_offset_minutes

    @property
    def keys(self) -> tuple[FormKey, ...]:
        """Every form instance of the study, in the order of its visits; within one, as planned, then by its date."""
        if self._keys is None:
            forms, visits = self.design.forms, self.plan.visits
            known = [key for key in self.instances if key.form in forms and key.visit.visit in visits]
            self._keys = tuple(sorted(known, key=self._place))
        return self._keys

    def _place(self, key: FormKey) -> tuple[int, str, int, str, FormKey]:
        visit = self.plan.visits.get(key.visit.visit, len(self.plan.visits))
        planned = self.plan.occasions.get((key.visit.visit, key.form, key.repeat), len(self.design.forms))
        own = self._own_date(key)
        return visit, own if key.visit.repeat else "", planned, "" if key.visit.repeat else own, key

    def _own_date(self, key: FormKey) -> str:
        readings = self.instances[key].readings
        for path in self.plan.dated.get(key.form, ()):
            noted = noted_of(readings[path].value or "") if path in readings else None
            if noted is not None:
                return str(noted.moment.timestamp() if noted.moment is not None else noted.day)
        return ""

    def of_form(self, form: str) -> tuple[FormKey, ...]:
        """Return the instances of a form in order."""
        if form not in self._by_form:
            self._by_form[form] = tuple(key for key in self.keys if key.form == form)
        return self._by_form[form]

    def instance(self, key: FormKey) -> Instance:
        """Return a form instance; an empty one where nothing was entered."""
        return self.instances.get(key) or Instance(key=key)

    def scope(self, key: FormKey) -> Scope:
        """Return a form instance as its rules see it."""
        if key not in self._scopes:
            trace: Trace = {}
            around = Surroundings(self, key, trace)
            instance = self.instance(key)
            self._traces[key] = trace
            self._scopes[key] = Scope(
                form=self.design.form(key.form),
                readings=instance.readings,
                others=around,
                now=self.now,
                offset_minutes=self.offset_minutes,
                order=instance.rows,
                index=self.plan.index[key.form],
                asked=around.asked,
            )
        return self._scopes[key]

    def around(self, key: FormKey) -> Others:
        """Return what stands around a form instance, as the engine of checks asks for it."""
        return self.scope(key).others

    def rows_of(self, key: FormKey, item: str) -> Sequence[str]:
        """Return the rows of the group in which an item stands."""
        scope = self.scope(key)
        return scope.rows(self.plan.index[key.form].items[item][0])

    # -- answering what forms ask of each other -----------------------------------------------------------

    def _home(self, form: str) -> "Subject":
        return self.site if self.site is not None and form in self.plan.site_forms else self

    def matching(self, reference: Reference | Pseudo) -> Iterator[FormKey]:
        """Return the instances that a name means, in order."""
        for key in self.of_form(reference.form):
            visit, occasion = reference.visit, reference.occasion
            if (not visit or key.visit.visit == visit) and (not occasion or key.repeat == occasion):
                yield key

    def see(self, key: FormKey, row: str, name: str, circle: int) -> Reading:
        """Return an item as rules see it; within the asker's own circle, as it was entered."""
        scope = self.scope(key)
        if circle and self.plan.circle(key.form, name) == circle:
            return scope.entered(name, row)
        return scope.operand(name, row=row)

    def find(self, question: Question) -> Reading | None:
        """Return an item of another form: of several instances, that of the latest visit which has it."""
        if question not in self._answers:
            self._answers[question] = self._find(question)
        answer = self._answers[question]
        return answer if isinstance(answer, Reading) else None

    def _find(self, question: Question) -> Reading | None:
        reference = parse(question.name)
        if not isinstance(reference, Reference) or reference.form not in self.design.forms:
            return None
        home = self._home(reference.form)
        for key in reversed(tuple(home.matching(reference))):
            reading = home.see(key, "", reference.item, question.circle)
            if not reading.is_empty:
                return reading
        return None

    def gather(self, question: Question) -> tuple[Reading, ...]:
        """Return a column: an item in every instance, and every row, in order."""
        reference = parse(question.name)
        if not isinstance(reference, Reference) or reference.form not in self.design.forms:
            return ()
        home = self._home(reference.form)
        return tuple(
            home.see(key, row, reference.item, question.circle)
            for key in home.matching(reference)
            for row in home.rows_of(key, reference.item)
        )

    def instances_of(self, question: Question) -> tuple[tuple[FormKey, str], ...]:
        """Return the instances of a form, or the rows of its group (`row` of the question)."""
        home, group = self._home(question.name), question.row
        found: list[tuple[FormKey, str]] = []
        for key in home.of_form(question.name):
            rows = home.scope(key).rows(self.design.form(key.form).group(group)) if group else ("",)
            found += [(key, row) for row in rows]
        return tuple(found)

    def look(self, question: Question) -> Reading:
        """Return what a name stands for at another place."""
        key = question.key
        if key is None:
            return EMPTY
        home = self._home(key.form)
        match parse(question.name):
            case Reference(form="", item=name):
                return home.see(key, question.row, name, question.circle)
            case Reference():
                return self.find(question._replace(kind="item", key=None, row="")) or EMPTY
            case Pseudo(kind=PseudoKind.NOW | PseudoKind.REPORTED):
                return home.scope(key).operand(question.name, row=question.row)
            case _:
                return home.tell(question._replace(kind="pseudo")) or EMPTY

    def answer(self, question: Question | ClockQuestion) -> object:
        """Answer a question again."""
        if isinstance(question, ClockQuestion):
            return question.answer(self.now, self.offset_minutes)
        match question.kind:
            case "item":
                return self.find(question)
            case "column":
                return self.gather(question)
            case "places":
                return self.instances_of(question)
            case "at":
                return self.look(question)
            case "pseudo":
                return self.tell(question)

    def tell(self, question: Question) -> Reading | None:
        """Return what the engine itself knows."""
        if question not in self._answers:
            self._answers[question] = self._tell(question)
        answer = self._answers[question]
        return answer if isinstance(answer, Reading) else None

    def _tell(self, question: Question) -> Reading | None:
        pseudo = parse(question.name)
        if not isinstance(pseudo, Pseudo):
            return None
        if pseudo.kind in OF_ELIGIBILITY:
            return self._tell_of_eligibility(pseudo, question.circle)
        if pseudo.kind in {PseudoKind.BEGUN, PseudoKind.HARD, PseudoKind.OPEN_HARD, PseudoKind.OPEN_SOFT}:
            return self._tell_of_forms(pseudo, question)
        if pseudo.kind is PseudoKind.LAST_CHANGE:
            changes = [at for key in self.keys if key != question.key and (at := self.instances[key].last_change)]
            return self._moment(max(changes, default=None))
        key = question.key
        return None if key is None else self._tell_of_place(pseudo, key, question)

    def _tell_of_eligibility(self, pseudo: Pseudo, circle: int) -> Reading:
        sight = Outside(self, circle)
        if pseudo.kind is PseudoKind.CRITERION:
            found = (standing(one, sight).value for one in self.design.criteria if one.id == pseudo.item)
            return Reading(value=next(found, None))
        states = {one.id: standing(one, sight) for one in self.design.criteria}
        failed = [one for one, state in states.items() if state is Standing.NOT_MET]
        unknown = [one for one, state in states.items() if state is Standing.UNKNOWN]
        if pseudo.kind is PseudoKind.ELIGIBLE:
            return Reading(value="N" if failed else "U" if unknown else "Y")
        return Reading(value=" ".join(failed if pseudo.kind is PseudoKind.CRITERIA_FAILED else unknown) or None)

    def _tell_of_forms(self, pseudo: Pseudo, question: Question) -> Reading:
        if pseudo.kind is PseudoKind.BEGUN:
            home = self._home(pseudo.form)
            return _YES if any(home.instances[key].begun for key in home.matching(pseudo)) else _NO
        if pseudo.kind is PseudoKind.HARD:
            keys, severity = tuple(self.matching(pseudo)), Severity.HARD
        else:
            keys = tuple(key for key in self.keys if key != question.key)
            severity = Severity.HARD if pseudo.kind is PseudoKind.OPEN_HARD else Severity.SOFT
        return Reading(value=str(sum(self._count(key, severity, question.circle) for key in keys)))

    def _tell_of_place(self, pseudo: Pseudo, key: FormKey, question: Question) -> Reading | None:
        circle = question.circle
        match pseudo.kind:
            case PseudoKind.VISIT:
                return Reading(value=key.visit.visit)
            case PseudoKind.OCCASION:
                planned = (key.visit.visit, key.form, key.repeat) in self.plan.occasions
                return Reading(value=key.repeat) if planned and key.repeat else EMPTY
            case PseudoKind.VISITED:
                return self._moment(self.times.visited_at(key.visit, key, circle))
            case PseudoKind.VISIT_STATUS:
                status = self.times.visit_status(self.design.visit(key.visit.visit), key.visit, key, circle)
                return Reading(value=status or None)
            case PseudoKind.PREVIOUS_VISITED:
                return self._moment(self.times.previous_visited(key.visit, circle))
            case _:
                return self._tell_of_item(pseudo, key, question.row)

    def _tell_of_item(self, pseudo: Pseudo, key: FormKey, row: str) -> Reading | None:
        group, item = self.plan.index[key.form].items[pseudo.item]
        path = ItemPath(group=group.oid, item=item.name, row=row if group.repeating else "")
        instance = self.instance(key)
        match pseudo.kind:
            case PseudoKind.ENTERED:
                return self._moment(instance.entered_at.get(path))
            case PseudoKind.CHANGED:
                return _YES if path in instance.changed else _NO
            case PseudoKind.DUPLICATE:
                value = instance.readings.get(path, EMPTY).value
                return _YES if value is not None and self.taken(item.oid, value) else _NO
            case _:
                return None

    def _moment(self, moment: datetime | None) -> Reading:
        if moment is None:
            return EMPTY
        local = moment.astimezone(site_zone(self.offset_minutes)).replace(second=0, microsecond=0)
        return Reading(value=local.isoformat(timespec="minutes"))

    # -- a form with everything worked out -----------------------------------------------------------------

    def _ordinary(self, key: FormKey) -> _Remembered:
        """Return what follows from a form but for what rests on counts, remembered where that still holds."""
        done = self._done.get(key)
        if done is not None:
            return done
        kept = self.memo.forms.get(key) if self.memo is not None else None
        instance = self.instance(key)
        if kept is None or kept.instance is not instance or not self._holds(kept.trace):
            kept = self._work_out(key, instance)
            if self.memo is not None and key in self.instances:
                self.memo.forms[key] = kept
        self._done[key] = kept
        return kept

    def _holds(self, trace: Trace) -> bool:
        return all(self.answer(question) == answer for question, answer in trace.items())

    def _work_out(self, key: FormKey, instance: Instance) -> _Remembered:
        scope, plan = self.scope(key), self.plan

        def ordinary(name: str) -> bool:
            return not plan.counting(key.form, name)

        derived = scope.derived(ordinary)
        fired = self._found(key, ordinary)
        left = scope.unanswered(ordinary)
        return _Remembered(instance=instance, trace=self._traces[key], derived=derived, fired=fired, unanswered=left)

    def _found(self, key: FormKey, wanted: Callable[[str], bool]) -> tuple[Finding, ...]:
        scope, confirmations = self.scope(key), self.instance(key).confirmations
        found = []
        for check, path in scope.fired(wanted):
            said = confirmations.get((check.id, path), ())
            standing = scope.standing(path).value if said else None
            reasons = [reason for value, reason in said if value == standing]
            one = finding(check, path, reasons[-1] if reasons else None)
            doubtful = not self.clock_trusted and looks_at_clock(check.fires_when)
            found.append(replace(one, severity=Severity.SOFT) if doubtful else one)
        return tuple(found)

    def _count(self, key: FormKey, severity: Severity, circle: int) -> int:
        """Return the open findings of one severity, those of the asker's circle left out."""
        plan, checks = self.plan, {check.id: check for check in self.design.form(key.form).checks}
        if (key, severity, circle) not in self._counting:

            def wanted(name: str) -> bool:
                check = checks.get(name[1:])
                return (
                    check is not None
                    and check.severity is severity
                    and plan.counting(key.form, name)
                    and not (circle and plan.circle(key.form, name) == circle)
                )

            ordinary = [one for one in self._ordinary(key).fired if one.severity is severity]
            some = any(wanted(f"!{check}") for check in checks)
            self._counting[key, severity, circle] = (*ordinary, *(self._found(key, wanted) if some else ()))
        return sum(1 for one in self._counting[key, severity, circle] if one.is_open)

    def _has_counting(self, key: FormKey) -> bool:
        return key.form in self.plan.counting_forms

    def values(self, key: FormKey) -> dict[ItemPath, Reading]:
        """Return entered and derived values of a form, rows that are struck left out."""
        values = dict(self.instance(key).readings)
        derived = dict(self._ordinary(key).derived)
        if self._has_counting(key):
            derived |= self.scope(key).derived(lambda name: self.plan.counting(key.form, name))
        return values | {path: one for path, one in derived.items() if not one.is_empty}

    def findings(self, key: FormKey) -> tuple[Finding, ...]:
        """Return what fires in a form, in display order; a confirmation stands while its value does."""
        if key not in self._fired:
            found = self._ordinary(key).fired
            if self._has_counting(key):
                more = self._found(key, lambda name: self.plan.counting(key.form, name))
                found = self._in_order(key, (*found, *more))
            self._fired[key] = found
        return self._fired[key]

    def _in_order(self, key: FormKey, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        places = {path: place for place, (_, _, path) in enumerate(self.scope(key).places())}
        checks = {check.id: place for place, check in enumerate(self.design.form(key.form).checks)}
        return tuple(sorted(found, key=lambda one: (places[one.path], checks[one.check])))

    def unanswered(self, key: FormKey) -> tuple[ItemPath, ...]:
        """Return the items of a form that still need an answer, in display order."""
        left = self._ordinary(key).unanswered
        if not self._has_counting(key):
            return left
        more = self.scope(key).unanswered(lambda name: self.plan.counting(key.form, name))
        waiting = {*left, *more}
        return tuple(path for _, _, path in self.scope(key).places() if path in waiting)

    def relevant(self, key: FormKey, path: ItemPath) -> bool:
        """Tell whether an item of a form is shown and asked."""
        _, item = self.plan.index[key.form].items[path.item]
        return self.scope(key).is_relevant(item, path.row)

    def all_findings(self) -> tuple[tuple[FormKey, Finding], ...]:
        """Return every finding of every form, in order."""
        return tuple((key, one) for key in self.keys for one in self.findings(key))

    # -- the subject as a whole ----------------------------------------------------------------------------

    def other(self, name: str) -> Reading | None:
        """Return an item of some form: `F.X:WHEN`, `F.X@SE.V1/FIRST:TOTAL`."""
        return self.find(Question("item", name))

    @property
    def sight(self) -> Sight:
        """How rules see the subject that stand in no form."""
        return Outside(self)

    def anchor(self, name: str) -> datetime | None:
        """Return the instant that an anchor of the study names (`randomised_at`), if it is known.

        Where only the day is known, the day's beginning; the randomisation counts by its instant alone.
        """
        return self.times.anchor(name)

    @property
    def status(self) -> str:
        """Return the subject's status: of the study's rules the first that holds, else the first of its statuses."""
        for rule in self.design.status_rules:
            if evaluate(rule.when, self.sight) is True:
                return rule.name
        statuses = tuple(self.design.statuses)
        if not self.design.status_rules:
            if self.anchor(RANDOMISED) is not None:
                return "randomised"
            if self.anchor("consented_at") is not None:
                return "enrolled"
        return statuses[0] if statuses else ""

    def visited_at(self, visit: VisitKey, key: FormKey | None = None) -> datetime | None:
        """Return when a visit took place: the earliest of its dated forms.

        Args:
            key: The form instance meant, at visits whose forms have dates of their own (events, logs).
        """
        return self.times.visited_at(visit, key, 0)

    def window(self, visit: Visit) -> WindowBounds | None:
        """Return a visit's window, once the subject is randomised."""
        return self.times.window(visit)

    def visit_status(self, visit: Visit, key: VisitKey) -> str:
        """Return how a visit stands to its window; "" while that cannot be told."""
        return self.times.visit_status(visit, key, None, 0)

    def applicable(self, planned: PlannedForm) -> bool:
        """Tell whether a planned form applies to the subject; not as long as that is not known."""
        return planned.when is None or evaluate(planned.when, self.sight) is True

    def planned(self, visit: Visit) -> tuple[PlannedForm, ...]:
        """Return the planned forms of a visit that apply to the subject."""
        return tuple(one for one in visit.forms if self.applicable(one))

    def eligibility(self) -> Eligibility:
        """Return how the subject stands to every criterion of the study."""
        return judge(self.design.criteria, self.sight)

    def deviations(self) -> tuple[DeviationDue, ...]:
        """Return the deviations that the data raise and nobody has recorded yet."""
        if deviations.home_of(self.design) is None:
            return ()
        causes = [*self._causes(), *self._missed()]
        return tuple(deviations.due(self.design, self.id, causes, self.keys))

    def _causes(self) -> Iterator[Cause]:
        for key in self.keys:
            found = self.findings(key)
            if not found:
                continue
            instance = self.instances[key]
            yield from deviations.raised_by(
                self.plan.index[key.form],
                key,
                found,
                happened=[(one.path, self._happened(key, one.path)) for one in found],
                known=[(one.path, instance.known_at.get(one.path) or instance.last_change) for one in found],
            )

    def _happened(self, key: FormKey, path: ItemPath) -> str | None:
        """Return when what stands at a place happened: its own date, else that of its visit."""
        value = self.scope(key).standing(path).value
        if value is not None and (noted_of(value) is not None or is_day(value)):
            return value
        return self._moment(self.times.visited_at(key.visit, key, 0)).value

    def _is_settled(self, place: int, closes: datetime | None) -> bool:
        """Tell whether a visit was missed and is not merely entered late.

        A later visit was begun; or entry kept pace with the subject, and the time in which to enter it has passed.
        """
        later = {one.oid for one in self.design.visits[place + 1 :] if one.kind is VisitKind.SCHEDULED}
        if any(key.visit.visit in later and self.instances[key].begun for key in self.keys):
            return True
        kept_pace = self._randomisation_entered_at()
        if closes is None or kept_pace is None or self.now is None:
            return False
        return kept_pace <= closes and self.now > closes + ENTRY_TIME

    def _randomisation_entered_at(self) -> datetime | None:
        moments = [
            at
            for name in self.design.anchors.get(RANDOMISED, ())
            if isinstance(reference := parse(name), Reference)
            for key in self.matching(reference)
            for path, at in self.instances[key].entered_at.items()
            if path.item == reference.item
        ]
        return min(moments, default=None)

    def _missed(self) -> Iterator[Cause]:
        plan = self.design.deviations
        if plan is None or plan.missed is None:
            return
        for place, visit in enumerate(self.design.visits):
            key = VisitKey(visit=visit.oid)
            if visit.kind is VisitKind.SCHEDULED and self.visit_status(visit, key) == VisitStatus.MISSED.value:
                bounds = self.window(visit)
                closes = None if bounds is None else bounds.closes
                if not self._is_settled(place, closes):
                    continue
                yield Cause(
                    source=deviations.MISSED,
                    visit=key,
                    category=plan.missed.category,
                    severity=plan.missed.severity,
                    happened=self._moment(closes).value,
                    known=closes,
                )


def is_day(value: str) -> bool:
    """Tell whether a canonical text is a date that is known to the day."""
    days = days_of(value)
    return days is not None and days[0] == days[1]

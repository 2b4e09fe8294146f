"""The first steps with a practice subject: what of a study they use, what has been done, what is to be done next.

Pure functions of a design and of snapshots. Which form, which item and which scale is found in the study, by what
they are: nothing here knows one. The texts are those of `desktop_app.guide_texts`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from casebook.design import Form, Item, ItemGroup, Need, StudyDesign, VisitKind
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.guide_texts import GuideHint, GuideStep, GuideTexts
from desktop_app.models import scoring
from desktop_app.snapshots import FormView, ItemView, TrailKind, TrailLine
from desktop_app.sync_snapshots import SyncView

FAR = 100
"""How far beyond its limit the value lies that cannot be."""
SCALE = "scale"
"""The step that is done in a scale; the others `in_form` are done in a form with limits."""


class Standing(StrEnum):
    """How far somebody has come with the guide on this laptop."""

    NEW = ""
    PASSED = "passed"
    """It was offered, and not taken."""
    OPEN = "open"
    CLOSED = "closed"
    """Closed on the way; it goes on where it was left."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where somebody stands; kept in the preferences of a training laptop, and of a real one no more than `standing`.

    Attributes:
        step: The name of the step in front; "" before the first and behind the last.
        subject: The practice subject; "" while there is none.
        before: How many subjects there were when the steps began.
        since: When the server was met last before the step of sending began.
    """

    standing: Standing = Standing.NEW
    step: str = ""
    subject: str = ""
    before: int = 0
    since: str = ""

    def text(self) -> str:
        """Return it as a line of text."""
        return json.dumps(asdict(self))


def read_progress(text: str) -> Progress:
    """Return what `Progress.text` wrote; for anything else the beginning."""
    try:
        record = json.loads(text)
        return Progress(
            standing=Standing(record["standing"]),
            step=str(record["step"]),
            subject=str(record["subject"]),
            before=int(record["before"]),
            since=str(record["since"]),
        )
    except (ValueError, KeyError, TypeError):
        return Progress()


# -- what of the study is used --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A form at its place in the schedule."""

    visit: str
    form: Form
    occasion: str

    def key(self, subject: str) -> FormKey:
        """Return the form of a subject."""
        visit = VisitKey(visit=self.visit)
        return FormKey(subject=SubjectId(subject), visit=visit, form=self.form.oid, repeat=self.occasion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A form with an item that has limits, a value that cannot be, and one that can."""

    planned: Planned
    path: ItemPath
    wrong: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What of a study the steps are done with; None where the person enters no such form."""

    limited: Limited | None
    scale: Planned | None

    def planned(self, step: GuideStep) -> Planned | None:
        """Return the form in which a step is done."""
        if not step.in_form:
            return None
        return self.scale if step.name == SCALE else self.limited.planned if self.limited is not None else None

    def steps(self, texts: GuideTexts) -> tuple[GuideStep, ...]:
        """Return the steps that this study has something for."""
        return tuple(one for one in texts.steps if not one.in_form or self.planned(one) is not None)


def ground_of(design: StudyDesign, enters: frozenset[str]) -> Ground:
    """Return what the steps are done with: the first scale, and of the first visit the form whose limits come soonest.

    Args:
        enters: The forms that the person enters, by OID.
    """
    visits = [[one for one in visit if one.form.oid in enters] for visit in _visits(design)]
    limited = [[found for each in visit for found in _limited(each)] for visit in visits]
    soonest = next((min(some, key=lambda one: one[0])[1] for some in limited if some), None)
    scales = (one for visit in visits for one in visit if scoring.scale_of(one.form) is not None)
    return Ground(limited=soonest, scale=next(scales, None))


def _visits(design: StudyDesign) -> Iterator[list[Planned]]:
    """Return the forms that every subject has, visit by visit; nothing of consent or of who the subject is."""
    for visit in design.visits:
        if visit.kind is VisitKind.SCHEDULED:
            forms = ((one, design.form(one.form)) for one in visit.forms if one.when is None)
            yield [
                Planned(visit=visit.oid, form=form, occasion=one.occasion)
                for one, form in forms
                if not form.consent and not form.identity
            ]


def _limited(planned: Planned) -> Iterator[tuple[int, Limited]]:
    """Return the first item of a form that has limits, with how many stand before it; nothing of a scale."""
    if scoring.scale_of(planned.form) is not None:
        return
    asked = [(group, item) for group in planned.form.groups for item in group.items if item.derivation is None]
    for place, (group, item) in enumerate(asked):
        lowest, highest = item.hard
        if _is_plain(group, item) and lowest is not None and highest is not None:
            low, high = item.soft
            middle = ((lowest if low is None else low) + (highest if high is None else high)) / 2
            path = ItemPath(group=group.oid, item=item.name)
            wrong, right = str(int(highest) + FAR), str(int(middle))
            yield place, Limited(planned=planned, path=path, wrong=wrong, right=right)
            return


def _is_plain(group: ItemGroup, item: Item) -> bool:
    """Tell whether an item is asked of everybody, and typed once."""
    always = item.need is Need.MANDATORY and item.relevant_when is None
    return always and not (group.repeating or item.twice or item.unique or item.identity)


# -- what has been done -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the record says now.

    Attributes:
        subjects: How many there are.
        subject, number: The practice subject: the one of the progress, else the latest; "" for none.
        form: The form of the step, where it is done in one.
        trail: The history of the item with limits, in the step of checks.
    """

    subjects: int
    subject: str
    number: str
    sync: SyncView
    form: FormView | None = None
    trail: tuple[TrailLine, ...] = ()


def facts(progress: Progress, ground: Ground, found: Found) -> frozenset[str]:
    """Return what is so now, in the words of the texts' `when` and `done`."""
    told = {
        "added": found.subjects > progress.before,
        "open": found.sync.open_forms > 0,
        "sent": _is_sent(progress, found.sync),
    }
    view = found.form
    if view is not None and progress.step == SCALE:
        plan = scoring.plan_of(view.form)
        told |= {"begun": not scoring.is_untouched(view, plan), "scored": scoring.tally_of(view, plan).is_whole}
    elif view is not None:
        told["filled"] = any(_is_filled(item) for group in view.groups for row in group.rows for item in row.items)
        if ground.limited is not None:
            told |= _checked(view.item(ground.limited.path), found.trail)
    return frozenset(name for name, holds in told.items() if holds)


def _is_sent(progress: Progress, sync: SyncView) -> bool:
    whole = not sync.here_only and not sync.open_forms
    return whole and sync.last_contact is not None and str(sync.last_contact) != progress.since


def _is_filled(item: ItemView) -> bool:
    return item.item.derivation is None and not item.reading.is_empty


def _checked(item: ItemView, trail: tuple[TrailLine, ...]) -> Mapping[str, bool]:
    """Tell of the item with limits: a check asks, what it asks about is recorded, it was changed with a reason."""
    wrong = any(one.is_open for one in item.findings)
    opened = max((place for place, line in enumerate(trail) if line.kind is TrailKind.OPENED), default=None)
    reasoned = opened is not None and any(line.kind is TrailKind.ENTRY and line.reason for line in trail[opened:])
    return {
        "wrong": wrong,
        "recorded": item.asks_reason,
        "asked": item.waits_for_reason,
        "corrected": reasoned and not wrong and not item.waits_for_reason,
    }


# -- what is to be done next ------------------------------------------------------------------------------------


def following(progress: Progress, steps: tuple[GuideStep, ...], by: int) -> Progress:
    """Return the progress at the step after (1) or before (-1) the one in front; behind the last it is done."""
    names = [one.name for one in steps]
    place = (names.index(progress.step) if progress.step in names else -1) + by
    if place >= len(names):
        return replace(progress, standing=Standing.DONE, step="")
    return replace(progress, standing=Standing.OPEN, step=names[max(0, place)])


def hint_of(step: GuideStep, at: frozenset[str], told: frozenset[str]) -> GuideHint:
    """Return the hint of a step that fits.

    Args:
        at: Where the user stands, in the words of the texts' `at`.
        told: See `facts`.
    """
    return next(one for one in step.hints if (not one.at or one.at in at) and one.when <= told)


def filled_in(words: str, given: Mapping[str, str]) -> str:
    """Return a text with its `{names}` filled in."""
    for name, text in given.items():
        words = words.replace("{" + name + "}", text)
    return words

"""Protocol deviations that follow from the data: which are due, and what the software writes on their form.

A deviation has a name that follows from its check and its place, so that two laptops raise the same one and
not two. Everything that is written follows from the record too, and from no clock.

Source: clinical content, section 0.0 ("confirmed true", "visit status") and 5.10; ICH E6(R3) 2.8.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from casebook.checks import Finding, FormIndex
from casebook.design import DataType, DeviationForm, DeviationWhen, Item, StudyDesign, VisitKind
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, Reading, VisitKey
from casebook.schedule import site_zone

MISSED = "MISSED"
"""The source of a deviation that no check raised: a visit did not take place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationDue:
    """A deviation that the data raise and nobody has recorded yet.

    Attributes:
        key: The instance of the deviation form in which it will stand; the same on every laptop.
        source: The id of the check, or MISSED.
        place: The form instance that raised it; None for a missed visit.
        path: The item beside which the finding stands.
        visit: The visit that it is about.
        values: What the software writes, by place on the deviation form.
    """

    key: FormKey
    source: str
    visit: VisitKey
    category: str
    severity: str
    values: tuple[tuple[ItemPath, Reading], ...]
    place: FormKey | None = None
    path: ItemPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What raises a deviation.

    Attributes:
        happened: The canonical text of when it happened: an instant, or a date; None when that is not known.
        known: When the record came to say so.
    """

    source: str
    visit: VisitKey
    category: str
    severity: str
    happened: str | None
    known: datetime | None
    place: FormKey | None = None
    path: ItemPath | None = None

    @property
    def reference(self) -> str:
        """The place in words that every language shares: `SE.V2 F.X WHEN`."""
        if self.place is None or self.path is None:
            return self.visit.visit
        occasion = f"/{self.place.repeat}" if self.place.repeat else ""
        return f"{self.visit.visit} {self.place.form}{occasion} {self.path.item}"

    @property
    def repeat(self) -> str:
        """The 16 characters that name the instance."""
        parts = [self.source, self.visit.visit, self.visit.repeat]
        if self.place is not None and self.path is not None:
            parts += [self.place.form, self.place.repeat, self.path.group, self.path.row, self.path.item]
        digest = hashlib.sha256("\0".join(["deviation", *parts]).encode()).digest()
        return base64.urlsafe_b64encode(digest[:12]).decode("ascii")


def home_of(design: StudyDesign) -> VisitKey | None:
    """Return the visit at which deviations stand; None where the study keeps none."""
    if design.deviations is None:
        return None
    for visit in design.visits:
        if visit.kind is VisitKind.EVENT and any(one.form == design.deviations.form for one in visit.forms):
            return VisitKey(visit=visit.oid)
    return None


def raised_by(
    index: FormIndex,
    key: FormKey,
    found: Iterable[Finding],
    *,
    happened: Iterable[tuple[ItemPath, str | None]],
    known: Iterable[tuple[ItemPath, datetime | None]],
) -> Iterator[Cause]:
    """Return what the findings of one form instance raise.

    Args:
        happened: The canonical text of when what stands at a place happened.
        known: When the value at a place was entered.
    """
    when, entered = dict(happened), dict(known)
    raising = {
        check.id: check.deviation for checks in index.checks.values() for check in checks if check.deviation is not None
    }
    for finding in found:
        raised = raising.get(finding.check)
        if raised is None or (raised.when is DeviationWhen.CONFIRMED and finding.is_open):
            continue
        yield Cause(
            source=finding.check,
            visit=key.visit,
            category=raised.category,
            severity=raised.severity,
            happened=when.get(finding.path),
            known=entered.get(finding.path),
            place=key,
            path=finding.path,
        )


def due(
    design: StudyDesign, subject: SubjectId, causes: Iterable[Cause], held: Iterable[FormKey]
) -> Iterator[DeviationDue]:
    """Return the deviations of which there is no instance yet, each once.

    Args:
        held: The form instances that exist.
    """
    home, plan = home_of(design), design.deviations
    if home is None or plan is None:
        return
    seen = {key.repeat for key in held if key.form == plan.form}
    for cause in causes:
        if cause.repeat in seen:
            continue
        seen.add(cause.repeat)
        yield DeviationDue(
            key=FormKey(subject=subject, visit=home, form=plan.form, repeat=cause.repeat),
            source=cause.source,
            visit=cause.visit,
            category=cause.category,
            severity=cause.severity,
            values=tuple(_values(design, plan, cause)),
            place=cause.place,
            path=cause.path,
        )


def _values(design: StudyDesign, plan: DeviationForm, cause: Cause) -> Iterator[tuple[ItemPath, Reading]]:
    form, zone = design.form(plan.form), site_zone(design.utc_offset_minutes)
    known = None if cause.known is None else _text_of(cause.known, zone)
    written = (
        (plan.source, cause.source),
        (plan.reference, cause.reference),
        (plan.category, cause.category),
        (plan.severity, cause.severity),
        (plan.started, cause.happened),
        (plan.discovered, known),
    )
    for name, text in written:
        if not name or text is None:
            continue
        group, item = form.find(name)
        yield ItemPath(group=group.oid, item=name), Reading(value=_fitted(item, text, zone))


def _text_of(moment: datetime, zone: timezone) -> str:
    local = moment.astimezone(zone)
    return local.replace(second=0, microsecond=0).isoformat(timespec="minutes")


_DAY = len("2026-03-01")


def _fitted(item: Item, text: str, zone: timezone) -> str:
    """Return a date or an instant as the item takes it."""
    if item.data_type is DataType.DATE:
        return text[:_DAY]
    if item.data_type is DataType.DATETIME and len(text) == _DAY:
        return f"{text}T--:--{datetime(2000, 1, 1, tzinfo=zone).isoformat()[-6:]}"
    return text

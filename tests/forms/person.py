"""One subject of the shipped study, written down in a few lines, as the engine sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from casebook.design import StudyDesign
from casebook.eligibility import Standing
from casebook.ids import SubjectId
from casebook.instances import Instance
from casebook.locations import data_folder
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, Reading, VisitKey
from casebook.study_files import read_study
from casebook.subject import Subject

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""12:00 at the hospital."""
ENTERED = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
_ID = SubjectId("A" * 16)


@cache
def shipped() -> StudyDesign:
    """Return the study definition that ships with the product."""
    return read_study(data_folder("forms") / "rescue_end_low")


def reading(text: str) -> Reading:
    """Return a value, or a missing-data code written `!UNK`."""
    return Reading(missing=MissingCode(text[1:])) if text.startswith("!") else Reading(value=text)


@dataclass
class Person:
    """Form instances by place: `F.DM` (visit 1), `F.NIHSS/PRERAND`, `F.VS@SE.V2`, `F.SIGN@SE.EVT#1`."""

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=dict)
    confirmed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    entered: dict[str, datetime] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)
    last_change: dict[str, datetime] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)
    site: "Person | None" = None
    now: datetime = NOW

    def having(self, place: str, /, **values: str | None) -> "Person":
        """Return the person with other values in one form; None takes a value away."""
        merged: Mapping[str, str | None] = self.values.get(place, {}) | values
        kept = {name: value for name, value in merged.items() if value is not None}
        return replace(self, values=self.values | {place: kept})

    def without(self, place: str) -> "Person":
        """Return the person without one form."""
        return replace(self, values={one: values for one, values in self.values.items() if one != place})

    def with_row(self, place: str, group: str, /, **values: str) -> "Person":
        """Return the person with one more row in a repeating group."""
        return replace(self, rows=self.rows | {place: [*self.rows.get(place, []), (group, values)]})

    def subject(self) -> Subject:
        """Return the person as the engine sees it."""
        return Subject(
            design=shipped(),
            id=_ID,
            instances={key_of(place): self._instance(place) for place in dict.fromkeys((*self.values, *self.rows))},
            now=self.now,
            site=None if self.site is None else self.site.subject(),
            taken=lambda item, value: (item, value) in self.taken,
        )

    def _instance(self, place: str) -> Instance:
        key = key_of(place)
        form = shipped().form(key.form)
        readings: dict[ItemPath, Reading] = {}
        for name, text in self.values.get(place, {}).items():
            readings[ItemPath(group=form.find(name)[0].oid, item=name)] = reading(text)
        rows: dict[str, tuple[str, ...]] = {}
        for number, (group, values) in enumerate(self.rows.get(place, []), 1):
            rows[group] = (*rows.get(group, ()), f"r{number}")
            readings |= {
                ItemPath(group=group, item=name, row=f"r{number}"): reading(text) for name, text in values.items()
            }
        paths = {path.item: path for path in readings}
        return Instance(
            key=key,
            readings=readings,
            rows=rows,
            confirmations={
                (check, paths[item]): ((readings[paths[item]].value, reason),)
                for (where, check, item), reason in self.confirmed.items()
                if where == place
            },
            entered_at=dict.fromkeys(readings, self.entered.get(place, ENTERED)),
            known_at=dict.fromkeys(readings, self.entered.get(place, ENTERED)),
            changed=frozenset(paths[item] for where, item in self.changed if where == place),
            last_change=self.last_change.get(place, ENTERED),
        )

    # -- what is asked of the engine -----------------------------------------------------------------------

    def fired(self, place: str) -> set[str]:
        """Return the checks that fire in one form."""
        return {one.check for one in self.subject().findings(key_of(place))}

    def beside(self, place: str, check: str) -> list[str]:
        """Return the items beside which a check fires in one form."""
        return [one.path.item for one in self.subject().findings(key_of(place)) if one.check == check]

    def open(self, place: str) -> set[str]:
        """Return the checks that fire in one form and that nobody confirmed."""
        return {one.check for one in self.subject().findings(key_of(place)) if one.is_open}

    def value(self, place: str, item: str) -> str | None:
        """Return what stands at an item, entered or derived."""
        found = self.subject().values(key_of(place))
        return next((one.value for path, one in found.items() if path.item == item), EMPTY.value)

    def state(self, criterion: str) -> Standing:
        """Return how the person stands to one criterion."""
        states = self.subject().eligibility().criteria
        return next(one.state for one in states if one.criterion.id == criterion)

    def unanswered(self, place: str) -> list[str]:
        """Return the items of one form that still need an answer."""
        return [path.item for path in self.subject().unanswered(key_of(place))]


def key_of(place: str) -> FormKey:
    """Return the form instance that a place means."""
    name, _, event = place.partition("#")
    name, _, occasion = name.partition("/")
    form, _, visit = name.partition("@")
    return FormKey(subject=_ID, visit=VisitKey(visit=visit or _home(form)), form=form, repeat=event or occasion)


def _home(form: str) -> str:
    return next(visit.oid for visit in shipped().visits if any(one.form == form for one in visit.forms))

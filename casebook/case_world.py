"""Facts of a case laid over a study definition, and the definition's rules asked over them.

A fact that the case does not give is absent: a rule that needs it cannot be told, not even whether it was
answered. A null was opened and left blank. What was given stands before what would be derived, and whether
an item is asked plays no part. Nothing here knows what a study is about.

Source: docs/study_files.md, section "Cases"; clinical content, section 7 (facts of cases).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple

from casebook.case_facts import CaseFacts, UnusableFactError
from casebook.checks import ABSENT, Sight, evaluate, standard
from casebook.design import (
    DataType,
    Derivation,
    Form,
    Item,
    StudyDesign,
)
from casebook.records import EMPTY, MissingCode, Reading
from casebook.references import Pseudo, PseudoKind, Reference, literal, parse
from casebook.rule_kinds import (
    Rule,
)
from casebook.rules import arguments_of
from casebook.schedule import site_zone
from casebook.scores import DERIVATIONS
from casebook.study_files.cases import DeclaredGroup, GroupKind, Laid, Row
from casebook.values import interval_of

_MISSING = {"U": MissingCode.UNKNOWN, **{code.value: code for code in MissingCode}}
"""What U, and the missing-data codes themselves, are of an item whose code list does not offer them."""

_WORDED = frozenset({DataType.TEXT, DataType.CODE, DataType.CODES})
"""Types of items whose own values may read as a missing-data code does."""


class Place(NamedTuple):
    """A visit and a planned repeat; "" where it does not matter."""

    visit: str = ""
    occasion: str = ""

    def meets(self, other: "Place") -> bool:
        """Tell whether the two may be the same place."""
        return all(not one or not two or one == two for one, two in zip(self, other, strict=True))


@dataclass(frozen=True, slots=True)
class World:
    """What a case says about a study.

    Attributes:
        readings: Items by form and name, each with its place.
        begun: Whether a form has anything in it, with its place.
        rows: Rows of a form and group that facts add; the key is there once a fact spoke of such rows.
        stood_for: Checks that values stand for which no form offers.
        unsaid: Items for which a group of criteria has facts that the case leaves out; they are not derived either.
    """

    design: StudyDesign
    readings: dict[tuple[str, str], list[tuple[Place, Reading]]] = field(default_factory=dict)
    begun: dict[str, list[tuple[Place, bool]]] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[Mapping[str, Reading]]] = field(default_factory=dict)
    stood_for: set[str] = field(default_factory=set)
    unsaid: set[tuple[str, str]] = field(default_factory=set)
    waiting: set[tuple[str, str, Place]] = field(default_factory=set)

    def form(self, oid: str) -> Form:
        """Return a form. Raises UnusableFactError."""
        if oid not in self.design.forms:
            raise UnusableFactError(f"the study has no form {oid}")
        return self.design.forms[oid]

    def item(self, oid: str, name: str) -> Item:
        """Return an item of a form. Raises UnusableFactError."""
        try:
            return self.form(oid).find(name)[1]
        except KeyError as problem:
            raise UnusableFactError(f"the study has no item {oid}:{name}") from problem

    # -- laying the facts ---------------------------------------------------------------------------------

    def lay(self, facts: CaseFacts, group: DeclaredGroup) -> None:
        """Lay the facts of a case, and what cases of the group leave unsaid. Raises UnusableFactError."""
        for name, value in group.given.items():
            self._lay_item(_named(name), Reading(value=value))
        for key, places in group.facts.items():
            if group.kind is GroupKind.CRITERIA and not facts.has(key):
                targets = [one.target for one in places if isinstance(one, Laid)]
                self.unsaid.update((one.form, one.item) for one in targets if isinstance(one, Reference))
        for key in facts.given:
            for one in group.facts[key]:
                match one:
                    case Row():
                        self._lay_row(one, facts, key)
                    case Laid() if _holds(one, facts):
                        self._lay(one, facts, key, group)
                    case _:
                        pass

    def _lay(self, laid: Laid, facts: CaseFacts, key: str, group: DeclaredGroup) -> None:
        if isinstance(laid.target, Pseudo):
            begun = facts.yes(key)
            if begun is not None:
                place = Place(laid.target.visit, laid.target.occasion)
                self.begun.setdefault(self.form(laid.target.form).oid, []).append((place, begun))
            return
        item = self.item(laid.target.form, laid.target.item)
        called = facts.given[key]
        if isinstance(called, str) and called in group.unoffered and not self._offers(item, called):
            self.stood_for.add(group.unoffered[called])
            return
        reading = self._reading(item, facts, key, laid.values)
        if group.kind is GroupKind.CRITERIA and item.data_type is DataType.DATETIME:
            reading = _with_time_unknown(reading, site_zone(self.design.utc_offset_minutes))
        self._lay_item(laid.target, reading)

    def _lay_item(self, target: Reference, reading: Reading) -> None:
        self.item(target.form, target.item)
        place = Place(target.visit, target.occasion)
        self.readings.setdefault((target.form, target.item), []).append((place, reading))

    def _lay_row(self, row: Row, facts: CaseFacts, key: str) -> None:
        there = facts.yes(key)
        if there is None:
            return
        items = {name: standard(self.item(row.form, name), Reading(value=value)) for name, value in row.items.items()}
        self.form(row.form)
        rows = self.rows.setdefault((row.form, row.group), [])
        if there:
            rows.append(items)

    def _offers(self, item: Item, value: str) -> bool:
        codes = None if item.code_list is None else self.design.code_lists[item.code_list].codes
        return codes is None or any(code.value == value for code in codes)

    def _reading(self, item: Item, facts: CaseFacts, key: str, values: Mapping[str, str]) -> Reading:
        """Return a fact as a reading of the item that it is laid on. Raises UnusableFactError."""
        given = facts.given[key]
        if given is None:
            return EMPTY
        if isinstance(given, str | bool | int) and (called := values.get(_called(given))) is not None:
            return Reading(missing=MissingCode(called[1:])) if called.startswith("!") else Reading(value=called)
        if isinstance(given, str) and given in _MISSING and item.data_type not in _WORDED:
            return Reading(missing=_MISSING[given])
        match item.data_type:
            case DataType.INTEGER | DataType.DECIMAL:
                return self._number(facts, key)
            case DataType.QUANTITY:
                return standard(item, self._number(facts, key))
            case DataType.DATE | DataType.DATETIME:
                return Reading(value=_time_text(facts, key, site_zone(self.design.utc_offset_minutes)))
            case DataType.CODE | DataType.CODES:
                return self._coded(item, facts, key)
            case _:
                return Reading(value=str(given) if isinstance(given, int) else facts.text(key))

    def _number(self, facts: CaseFacts, key: str) -> Reading:
        given = facts.given[key]
        if isinstance(given, str) and (whole := interval_of(given)) is not None and not whole.is_exact:
            return Reading(value=given)  # a comparator, as laboratories report it
        if given == "INF":
            return Reading(value="INF")
        number = facts.number(key)
        return EMPTY if number is None else Reading(value=f"{number:f}")

    def _coded(self, item: Item, facts: CaseFacts, key: str) -> Reading:
        given = facts.given[key]
        parts = facts.texts(key) if isinstance(given, list) else (_code(given, facts, key),)
        if item.data_type is DataType.CODES:
            parts = tuple(part for one in parts or () for part in one.split())
        for one in parts or ():
            if not self._offers(item, one):
                if one in _MISSING:
                    return Reading(missing=_MISSING[one])
                raise UnusableFactError(f"{key} is {one}, which {item.name} does not offer")
        return Reading(value=" ".join(parts or ()))

    # -- asking --------------------------------------------------------------------------------------------

    def places(self, form: str) -> tuple[Place, ...]:
        """Return the places of a form of which the case speaks; any place, where it does not say one."""
        spoken = [place for (oid, _), laid in self.readings.items() if oid == form for place, _ in laid]
        return tuple(dict.fromkeys(spoken)) or (Place(),)

    def answer(self, rule: Rule, form: str = "", place: Place | None = None) -> bool | None:
        """Evaluate a rule that stands in a form at a place, or in none, as those of criteria do."""
        return evaluate(rule, self.sight(form, place))

    def sight(self, form: str = "", place: Place | None = None) -> "Standing":
        """Return how rules see the world from a form at a place, or from none."""
        return Standing(self, self.form(form) if form else None, place or Place())

    def find(self, form: str, item: str, place: Place) -> Reading:
        """Return a reading that was laid, ABSENT where none was."""
        laid = self.readings.get((form, item), ())
        exact = [reading for where, reading in laid if where == place]
        near = [reading for where, reading in laid if where.meets(place)]
        return next(iter(exact or near), ABSENT)

    def candidates(self, form: str, group: str) -> list[Mapping[str, Reading]] | None:
        """Return the rows or instances that may be there; None where the case says nothing about them."""
        whole = self.form(form)
        spoken = {
            name
            for oid, name in self.readings
            if oid == form and (not group or whole.find(name)[0].oid == group) and whole.find(name)[1] is not None
        }
        begun = [one for _, one in self.begun.get(form, ())]
        added = [rows for (oid, where), rows in self.rows.items() if oid == form and (not group or where == group)]
        if not spoken and not begun and not added:
            return None
        if begun and not any(begun):
            return []
        found = [row for rows in added for row in rows]
        if spoken or (any(begun) and not group and not found):
            found.append({name: self.find(form, name, Place()) for name in spoken})
        return found


def _holds(laid: Laid, facts: CaseFacts) -> bool:
    """Tell whether the other facts let this one be laid here."""
    named = {key: _called(facts.given.get(key)) for key in (*laid.when, *laid.unless)}
    return all(named[key] in values for key, values in laid.when.items()) and not any(
        named[key] in values for key, values in laid.unless.items()
    )


def _called(value: object) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def _code(given: object, facts: CaseFacts, key: str) -> str:
    if isinstance(given, bool | int):
        return _called(given)
    return facts.text(key) or ""


def _time_text(facts: CaseFacts, key: str, zone: timezone) -> str:
    """Return a day or an instant in the form of records; a day stays a day, and compares as one."""
    text = facts.text(key) or ""
    if "T" not in text:
        day = facts.day(key, zone)
        if day is None:
            raise UnusableFactError(f"{key} is {text}, where a whole date is needed")
        return day.isoformat()
    moment = facts.moment(key, zone)
    return "" if moment is None else moment.replace(second=0, microsecond=0).isoformat(timespec="minutes")


def _with_time_unknown(reading: Reading, zone: timezone) -> Reading:
    """Return a day as a date-time whose time is not known: criteria then say UNKNOWN where the time decides."""
    if reading.value is None or "T" in reading.value:
        return reading
    offset = datetime.min.replace(tzinfo=zone).isoformat()[-6:]
    return Reading(value=f"{reading.value}T--:--{offset}")


def _named(name: str) -> Reference:
    found = parse(name)
    if not isinstance(found, Reference) or not found.form:
        raise UnusableFactError(f"{name} names no item of a form")
    return found


@dataclass(frozen=True, slots=True)
class Standing(Sight):
    """How rules see the world from where they stand: in a form at a place, perhaps in a row of it."""

    world: World
    form: Form | None
    place: Place
    row: Mapping[str, Reading] | None = None

    def __call__(self, name: str, /) -> Reading:
        """Return what stands under a name; ABSENT where the case says nothing. Raises UnusableFactError."""
        text = literal(name)
        if text is not None:
            return Reading(value=text)
        found = parse(name)
        match found:
            case Reference(form="", item=item, column=False):
                return self._own(item)
            case Reference(form=form, item=item, column=False):
                return Standing(self.world, self.world.form(form), Place(found.visit, found.occasion))(item)
            case Pseudo():
                return self._pseudo(found)
            case _:
                raise UnusableFactError(f"{name} names no item")

    def column(self, name: str, /) -> Sequence[Reading]:
        """Return a column; one absent reading where the case says nothing about its form."""
        found = parse(name)
        if not isinstance(found, Reference):
            raise UnusableFactError(f"{name} names no column")
        form = self._form(found.form)
        self.world.item(form.oid, found.item)
        group = form.find(found.item)[0]
        rows = self.world.candidates(form.oid, group.oid if group.repeating else "")
        place = Place(found.visit, found.occasion) if found.form else self.place
        return (ABSENT,) if rows is None else [Standing(self.world, form, place, row)(found.item) for row in rows]

    def places(self, form: str, group: str, /) -> Sequence[Sight] | None:
        """Return the rows or instances over which `exists` looks; None where the case says nothing about them."""
        whole = self._form(form)
        rows = self.world.candidates(whole.oid, group)
        return None if rows is None else [Standing(self.world, whole, Place(), row) for row in rows]

    def _form(self, oid: str) -> Form:
        if oid or self.form is None:
            return self.world.form(oid)
        return self.form

    def _own(self, name: str) -> Reading:
        if self.form is None:
            raise UnusableFactError(f"{name} stands in no form")
        declared = self.world.item(self.form.oid, name)
        if self.row is not None and name in self.row:
            return self.row[name]
        if self.row is None or not self.form.find(name)[0].repeating:
            laid = self.world.find(self.form.oid, name, self.place)
            if laid is not ABSENT:
                return laid
        if declared.derivation is None or (self.form.oid, name) in self.world.unsaid:
            return ABSENT
        return self._derived(self.form, declared, declared.derivation)

    def _derived(self, form: Form, item: Item, derivation: Derivation) -> Reading:
        """Work an item out of what was given; ABSENT where nothing was, or where what was not could decide it."""
        here = (form.oid, item.name, self.place)
        if here in self.world.waiting:
            return ABSENT
        self.world.waiting.add(here)
        try:
            singles, columns = arguments_of(derivation.items, self)
        finally:
            self.world.waiting.discard(here)
        inputs = [*singles, *(one for column in columns for one in column)]
        absent = [one for one in inputs if one is ABSENT]
        if inputs and len(absent) == len(inputs):
            return ABSENT
        value = DERIVATIONS[derivation.function].function(singles, columns)
        return ABSENT if value is None and absent else Reading(value=value)

    def _pseudo(self, name: Pseudo) -> Reading:
        match name.kind:
            case PseudoKind.VISIT | PseudoKind.OCCASION:
                value = self.place.visit if name.kind is PseudoKind.VISIT else self.place.occasion
                return Reading(value=value) if value else ABSENT
            case PseudoKind.VISITED:
                return next((one for one in self._visit_times() if one.value is not None), ABSENT)
            case PseudoKind.BEGUN:
                return self._begun(name)
            case _:
                return ABSENT

    def _visit_times(self) -> Iterator[Reading]:
        for group in () if self.form is None else self.form.groups:
            yield from (self._own(item.name) for item in group.items if item.visit_time)

    def _begun(self, name: Pseudo) -> Reading:
        place = Place(name.visit, name.occasion)
        said = [begun for where, begun in self.world.begun.get(name.form, ()) if where.meets(place)]
        if said:
            return Reading(value="Y" if any(said) else "N")
        laid = any(
            where.meets(place) and not reading.is_empty
            for (form, _), found in self.world.readings.items()
            if form == name.form
            for where, reading in found
        )
        return Reading(value="Y") if laid else ABSENT

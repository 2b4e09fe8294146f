"""The versions of a study: which one asks the questions today, and which one asked them when a value was entered.

A record names the version of the form that it was entered with; old versions stay readable for ever. A new
version is dormant at a site until the site has recorded its ethics approval. Nothing here reads a clock.

Source: docs/study_files.md, section "Versions"; docs/adr/0018; 21 CFR 11.10(e) (records stay as they were).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable

from casebook.design import CodeList, DataType, Form, Item, StudyDesign
from casebook.records import ItemPath, Reading, Readings
from casebook.study_files import read_study
from casebook.study_files.archive import EARLIER, read_earlier
from casebook.study_files.nodes import refuse
from casebook.values import INFINITE, days_of, noted_of, number_of, quantity_of


@dataclass(frozen=True, kw_only=True)
class Designs:
    """The study as it is released now, and its earlier versions, the earliest first."""

    current: StudyDesign
    earlier: tuple[StudyDesign, ...] = ()

    @property
    def in_order(self) -> tuple[StudyDesign, ...]:
        """Every version, the earliest first; one that stands among the earlier ones too is not told twice."""
        return (*(one for one in self.earlier if one.version != self.current.version), self.current)

    @cached_property
    def _by_form(self) -> dict[str, StudyDesign]:
        return {form.version: design for design in self.in_order for form in design.forms.values()}

    def by_version(self, version: str) -> StudyDesign | None:
        """Return a version by its hash (64 hex digits), None where this release does not know it."""
        return next((one for one in self.in_order if one.version == version), None)

    def by_form_version(self, version: str) -> StudyDesign | None:
        """Return the latest version of the study in which a form has this version (16 hex digits)."""
        return self._by_form.get(version)

    def form_by_version(self, version: str) -> Form | None:
        """Return a form by its version (16 hex digits), None where this release does not know it."""
        design = self._by_form.get(version)
        found = () if design is None else design.forms.values()
        return next((form for form in found if form.version == version), None)

    def asked_in(self, form: str, version: str) -> tuple[StudyDesign, Form] | None:
        """Return a form as it stood in a version of it, with the study around it; None where it is not known."""
        design = self._by_form.get(version)
        found = None if design is None else design.forms.get(form)
        return None if design is None or found is None or found.version != version else (design, found)

    def latest_with(self, form: str, path: ItemPath) -> tuple[StudyDesign, Item] | None:
        """Return the latest version of the study that has an item at a place of a form, with the item."""
        for design in reversed(self.in_order):
            item = item_at(design.forms.get(form), path)
            if item is not None:
                return design, item
        return None

    def in_force(self, approvals: Iterable[tuple[str, date]], on: date) -> StudyDesign:
        """Return the version that asks the questions at a site on a day.

        Args:
            approvals: The site's ethics approvals, each a version's label and the date of the approval.
            on: The day at the site.

        Returns:
            The latest version whose label is approved on or before that day; without any, the earliest. Where
            that one has no form for approvals, the next one needs none.
        """
        approved = {plain_label(label) for label, day in approvals if day <= on}
        order = self.in_order
        places = [place for place, one in enumerate(order) if plain_label(one.label) in approved]
        place = max(places, default=0)
        while order[place].approvals is None and place + 1 < len(order):
            place += 1
        return order[place]

    def dormant(self, approvals: Iterable[tuple[str, date]], on: date) -> tuple[StudyDesign, ...]:
        """Return the versions that wait for their approval, the earliest first."""
        order = self.in_order
        return order[order.index(self.in_force(approvals, on)) + 1 :]


def read_designs(folder: Traversable) -> Designs:
    """Read a study folder with its earlier versions.

    Raises:
        StudyFileError: A file is at fault; two versions bear one label; a version is of another study.
    """
    designs = Designs(current=read_study(folder), earlier=read_earlier(folder))
    labels: set[str] = set()
    for one in designs.in_order:
        label = plain_label(one.label)
        if label in labels:
            refuse(
                EARLIER,
                one.label,
                "two versions bear this label, so no approval could tell them apart. Give the new one its own label.",
                "两个版本使用同一标签，伦理批件无法区分。请为新版本另取标签。",
            )
        if one.code != designs.current.code:
            refuse(
                EARLIER,
                one.label,
                f"it is a version of {one.code}, not of {designs.current.code}. Remove the file.",
                f"该文件属于 {one.code}，不属于 {designs.current.code}。请移除该文件。",
            )
        labels.add(label)
    return designs


def plain_label(label: str) -> str:
    """Return a version's label as approvals are compared with it: `V1.1`, ` v1.1` and `1.1` are the same."""
    plain = "".join(unicodedata.normalize("NFKC", label).casefold().split())
    return plain.removeprefix("version").removeprefix("v").removeprefix(".") or plain


# -- approvals --------------------------------------------------------------------------------------------

Standing = Mapping[ItemPath, Sequence[Reading]]
"""What stands at each place of one form instance, struck rows left out: several readings where entries disagree."""


def approvals_in(design: StudyDesign, form: str, standing: Standing) -> Iterator[tuple[str, date]]:
    """Yield the approvals of versions of the study that an instance of a site's form tells.

    A date that is known to the month counts from its last day; entries that disagree count only in what they
    all say, from the latest day that one of them says.
    """
    kept = design.approvals
    if kept is None or form != kept.form:
        return

    def said(row: str, name: str) -> list[str | None]:
        found = [one for path, one in standing.items() if (path.row, path.item) == (row, name)]
        return [reading.value for reading in found[0]] if found else [None]

    for row in dict.fromkeys(path.row for path in standing):
        labels = {plain_label(value) for value in said(row, kept.version) if value is not None}
        days = [days_of(value) if value is not None else None for value in said(row, kept.approved)]
        is_design = not kept.what or set(said(row, kept.what)) == {kept.design}
        known = [day[1] for day in days if day is not None]
        if is_design and len(labels) == 1 and len(known) == len(days) > 0:
            yield labels.pop(), max(known)


# -- what a version can show ------------------------------------------------------------------------------


def item_at(form: Form | None, path: ItemPath) -> Item | None:
    """Return the item that stands at a place of a form, None where the form has none."""
    for group in form.groups if form is not None else ():
        if group.oid == path.group and group.repeating is bool(path.row):
            return next((item for item in group.items if item.name == path.item), None)
    return None


def shows(design: StudyDesign, form: Form | None, path: ItemPath, reading: Reading) -> bool:
    """Tell whether a form has an item for a value: at this place, of its type, with its codes on offer."""
    item = item_at(form, path)
    if item is None or item.derivation is not None:
        return False
    value = reading.value
    if value is None:
        return True
    match item.data_type:
        case DataType.TEXT | DataType.INK:
            return True
        case DataType.INTEGER:
            number = number_of(value)
            return number is not None and number == number.to_integral_value()
        case DataType.DECIMAL | DataType.QUANTITY:
            return quantity_of(value) is not None or value == INFINITE
        case DataType.DATE:
            return days_of(value) is not None
        case DataType.DATETIME:
            return noted_of(value) is not None
        case DataType.CODE | DataType.CODES:
            listed = design.code_lists.get(item.code_list or "")
            offered = {code.value for code in listed.codes} if listed is not None else set()
            return (value in offered) if item.data_type is DataType.CODE else set(value.split()) <= offered


def fitting(design: StudyDesign, form: str, readings: Readings) -> dict[ItemPath, Reading]:
    """Return what of a form's readings a version can show."""
    known = design.forms.get(form)
    return {path: one for path, one in readings.items() if shows(design, known, path, one)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a new version does to what was entered with an old one; nothing of it changes the record.

    Attributes:
        kept: Values that stand in the new form as they are, by their places; one for each instance.
        reworded: Those among `kept` of which the question, its codes or its units changed.
        added: Items that the new form asks in addition, in its order.
        orphaned: Values for which the new form has no item that could show them: it is gone, of another type,
            or does not offer the code any more. They stay in the record and in the export under their version.
    """

    kept: tuple[ItemPath, ...]
    reworded: tuple[ItemPath, ...]
    added: tuple[Item, ...]
    orphaned: tuple[ItemPath, ...]


def preview(entered: Iterable[Readings], old: tuple[StudyDesign, Form], new: tuple[StudyDesign, Form]) -> Preview:
    """Tell what becomes of the entered values of a form under a new version.

    Args:
        entered: What stands in each of the form's instances that were entered with the old version.
        old: The old version and its form; `new` alike.
    """
    before, after = (_by_place(form) for _, form in (old, new))
    kept: list[ItemPath] = []
    orphaned: list[ItemPath] = []
    for readings in entered:
        for path, reading in sorted(readings.items()):
            fits = _fits(before.get(_place(path)), after.get(_place(path))) and shows(*new, path, reading)
            (kept if fits else orphaned).append(path)
    return Preview(
        kept=tuple(kept),
        reworded=tuple(
            path for path in kept if question(old[0], before[_place(path)]) != question(new[0], after[_place(path)])
        ),
        added=tuple(item for place, item in after.items() if place not in before),
        orphaned=tuple(orphaned),
    )


def _place(path: ItemPath) -> tuple[str, str]:
    return path.group, path.item


def _by_place(form: Form) -> dict[tuple[str, str], Item]:
    return {(group.oid, item.name): item for group in form.groups for item in group.items}


def _fits(before: Item | None, after: Item | None) -> bool:
    """Tell whether values of one item may stand in the other: the same type, in the same compartment."""
    if before is None or after is None:
        return False
    return (before.data_type, before.identity) == (after.data_type, after.identity)


def question(design: StudyDesign, item: Item) -> tuple[object, ...]:
    """Return what a person reads of an item: its label, its help, its answers and its units."""
    listed: CodeList | None = None if item.code_list is None else design.code_lists[item.code_list]
    codes = () if listed is None else tuple((one.value, one.label.by_language, one.meaning) for one in listed.codes)
    return item.label.by_language, item.hint, codes, item.units

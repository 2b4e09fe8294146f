"""The versions of a study: which one asks the questions today, and which one asked them when a value was entered.

A record names the version of the form that it was entered with; old versions stay readable for ever. A new
version is dormant at a site until the site has recorded its ethics approval. Nothing here reads a clock.

Source: docs/study_files.md, section "Earlier versions"; 21 CFR 11.10(e) (records stay as they were).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable

from casebook.design import CodeList, Form, Item, StudyDesign
from casebook.records import ItemPath, Readings
from casebook.study_files import read_study
from casebook.study_files.archive import read_earlier


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

    def in_force(self, approvals: Iterable[tuple[str, date]], on: date) -> StudyDesign:
        """Return the version that asks the questions at a site on a day.

        Args:
            approvals: The site's ethics approvals, each a version's label and the date of the approval.
            on: The day at the site.

        Returns:
            The latest version whose label is approved on or before that day; without any, the earliest.
        """
        approved = {label for label, day in approvals if day <= on}
        first, *later = self.in_order
        return next((one for one in reversed(later) if one.label in approved), first)

    def dormant(self, approvals: Iterable[tuple[str, date]], on: date) -> tuple[StudyDesign, ...]:
        """Return the versions that wait for their approval, the earliest first."""
        order = self.in_order
        return order[order.index(self.in_force(approvals, on)) + 1 :]


def read_designs(folder: Traversable) -> Designs:
    """Read a study folder with its earlier versions. Raises StudyFileError."""
    return Designs(current=read_study(folder), earlier=read_earlier(folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a new version does to what was entered with an old one; nothing of it changes the record.

    Attributes:
        kept: Places with a value that stand in the new form as they are.
        reworded: Those among `kept` of which the question, its codes or its units changed.
        added: Items that the new form asks in addition, in its order.
        orphaned: Places with a value for which the new form has no item that could show it. The value stays
            in the record and in the export under its old version.
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
    places = sorted({path for readings in entered for path in readings})
    before, after = (_by_place(form) for _, form in (old, new))
    kept = tuple(path for path in places if _fits(before.get(_place(path)), after.get(_place(path))))
    reworded = tuple(
        path for path in kept if _question(old[0], before[_place(path)]) != _question(new[0], after[_place(path)])
    )
    return Preview(
        kept=kept,
        reworded=reworded,
        added=tuple(item for place, item in after.items() if place not in before),
        orphaned=tuple(path for path in places if path not in set(kept)),
    )


def _place(path: ItemPath) -> tuple[str, str]:
    return path.group, path.item


def _by_place(form: Form) -> dict[tuple[str, str], Item]:
    return {(group.oid, item.name): item for group in form.groups for item in group.items}


def _fits(before: Item | None, after: Item | None) -> bool:
    """Tell whether a value of one item can be shown by the other: the same type, in the same compartment."""
    if before is None or after is None:
        return False
    return (before.data_type, before.identity) == (after.data_type, after.identity)


def _question(design: StudyDesign, item: Item) -> tuple[object, ...]:
    listed: CodeList | None = None if item.code_list is None else design.code_lists[item.code_list]
    codes = () if listed is None else tuple((one.value, one.label.by_language, one.meaning) for one in listed.codes)
    return item.label.by_language, item.hint, codes, item.units

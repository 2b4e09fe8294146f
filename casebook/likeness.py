"""Subjects of a site that look like one person, and numbers that were given twice.

Which items tell one person from another is for the study file to say, in sets: two subjects look the same where
every item of a set was answered for both and says the same. Capitals and spaces do not count. What a session does
not read (names, or what could tell the treatment) it does not compare.

Nobody is refused a subject and nothing is joined here: a pair is offered to people.

Source: docs/study_files.md, section "The same person twice"; docs/adr/0028.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from casebook.design import DataType, Item, StudyDesign
from casebook.ids import SubjectId
from casebook.projection import Casebook
from casebook.records import Reading
from casebook.references import Reference, parse
from casebook.subject import is_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One item of two subjects, by its name in the study file (`FORM:ITEM`); None: not answered, or not read."""

    item: str
    form: str
    first: Reading | None
    second: Reading | None

    @property
    def agrees(self) -> bool:
        """Whether both were answered and say the same."""
        return self.first is not None and self.second is not None and _plain(self.first) == _plain(self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Two subjects that look the same, the one with the lesser number first.

    Attributes:
        compared: Every item that tells people apart, in the order of the study file.
        number_twice: They have one number; then nothing needs to agree.
    """

    first: SubjectId
    second: SubjectId
    compared: tuple[Compared, ...]
    number_twice: bool = False

    @property
    def pair(self) -> frozenset[SubjectId]:
        """The two subjects."""
        return frozenset({self.first, self.second})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a casebook says of who its subject is. `says`: by the item's name, where it was answered and is read."""

    subject: SubjectId
    number: str
    site: str
    says: Mapping[str, Reading]


def told(design: StudyDesign, casebook: Casebook) -> Told:
    """Return what a casebook says of who its subject is."""
    return Told(subject=casebook.subject, number=casebook.number, site=casebook.site, says=_says(design, casebook))


def alike(design: StudyDesign, everyone: Iterable[Told]) -> tuple[Alike, ...]:
    """Return the pairs of subjects of one site that look the same, or have one number.

    The work is that of one look at each subject: pairs are found by what they say, not by trying all.
    """
    known = sorted(everyone, key=lambda one: (one.number, one.subject))
    pairs: dict[tuple[int, int], bool] = {}
    for place, names in enumerate(design.same):
        groups: dict[tuple[object, ...], list[int]] = {}
        for index, one in enumerate(known):
            if all(name in one.says for name in names):
                key = (place, one.site, *(_plain(one.says[name]) for name in names))
                groups.setdefault(key, []).append(index)
        for group in groups.values():
            pairs |= dict.fromkeys(_pairs(group), False)
    numbered: dict[str, list[int]] = {}
    for index, one in enumerate(known):
        if one.number:
            numbered.setdefault(one.number, []).append(index)
    for group in numbered.values():
        pairs |= dict.fromkeys(_pairs(group), True)
    return tuple(
        Alike(
            first=known[first].subject,
            second=known[second].subject,
            compared=compare(design, known[first], known[second]),
            number_twice=twice,
        )
        for (first, second), twice in sorted(pairs.items())
    )


def compare(design: StudyDesign, first: Told, second: Told) -> tuple[Compared, ...]:
    """Return what two subjects say of each item that tells people apart."""
    return tuple(
        Compared(item=name, form=name.partition(":")[0], first=first.says.get(name), second=second.says.get(name))
        for name in _names(design)
    )


def _pairs(group: list[int]) -> Iterator[tuple[int, int]]:
    for place, first in enumerate(group):
        for second in group[place + 1 :]:
            yield first, second


def _names(design: StudyDesign) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in design.same for name in names))


def _says(design: StudyDesign, casebook: Casebook) -> dict[str, Reading]:
    """Return what a casebook says of each item that tells people apart: its latest instance, where nobody disagrees."""
    found: dict[str, Reading] = {}
    for name in _names(design):
        reference = parse(name)
        if not isinstance(reference, Reference) or reference.form not in design.forms:
            continue  # a blinded session's study does not have it
        _, item = design.form(reference.form).find(reference.item)
        instances = sorted(
            (one for key, one in casebook.forms.items() if key.form == reference.form),
            key=lambda one: max((each.moment.utc_ms for each in one.contributions), default=0),
        )
        for state in instances:
            for path, held in state.items.items():
                if path.item == reference.item and not held.conflict and _tells(item, held.shown):
                    found[name] = held.shown
    return found


def _tells(item: Item, reading: Reading) -> bool:
    """Tell whether an answer tells people apart: a date that is known to the day alone does."""
    if not reading.value:
        return False
    return item.data_type is not DataType.DATE or is_day(reading.value)


def _plain(reading: Reading) -> str:
    return "".join(unicodedata.normalize("NFKC", reading.value or "").casefold().split())

"""What is recorded: where a value stands, what the value is, and one change to it.

A value travels and is stored as text, exactly as entered; its meaning comes from the item's
definition. Numbers are decimals, times carry their offset, text is NFC.

Source: docs/record_format.md, sections "Operations" and "Values"; ICH E6(R3) 4.2.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casebook.ids import CommitRef, SubjectId


class MissingCode(StrEnum):
    """Why there is no value (clinical content, section 0.3)."""

    NOT_DONE = "ND"
    UNKNOWN = "UNK"
    NOT_APPLICABLE = "NA"
    NOT_AVAILABLE = "NAV"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VisitKey:
    """One visit of one subject. `repeat` is "" for scheduled visits, a random id for unscheduled ones."""

    visit: str
    repeat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FormKey:
    """One instance of a form of one subject.

    `repeat` is "" where a form stands once at a visit, the occasion (`INITIAL`, `PRERAND`) where the
    study plans several, and a random id where a user added it unscheduled.
    """

    subject: SubjectId
    visit: VisitKey
    form: str
    repeat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ItemPath:
    """Where an item stands in a form instance. `row` is "" outside repeating groups."""

    group: str
    item: str
    row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value as it was given: text, or a missing-data code, or empty (both None: cleared).

    Attributes:
        value: Canonical text of the value (see docs/record_format.md, "Values"), or None.
        missing: Why there is none, when that was said.
    """

    value: str | None = None
    missing: MissingCode | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is neither a value nor a reason for its absence."""
        return self.value is None and self.missing is None


EMPTY = Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetItem:
    """A value is given to an item. `bases`: the commits whose value of this item the author saw."""

    path: ItemPath
    reading: Reading
    bases: tuple[CommitRef, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What the author saw of a group that is taken at one sitting, so that it conflicts as a whole."""

    group: str
    bases: tuple[CommitRef, ...]
    row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRow:
    """A row is added to a repeating group; with `bases`, it stays although somebody struck it, for a reason."""

    group: str
    row: str
    bases: tuple[CommitRef, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeRow:
    """A row is struck through. It stays readable for ever. `bases`: the entries in it, and acts on it, then seen."""

    group: str
    row: str
    reason: str
    bases: tuple[CommitRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """A derived value as the author saw it; recomputed whenever it is shown."""

    path: ItemPath
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A flag of the form instance is set or cleared: `complete`, and what later releases add."""

    flag: str
    on: bool
    bases: tuple[CommitRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A finding is confirmed true, with a reason: `check` fired and the author says it happened so.

    It stands while the item has the `value` that was confirmed.
    """

    check: str
    path: ItemPath
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """The trace of a finding: from this save on `check` fires at `path`, or fires no longer."""

    check: str
    path: ItemPath
    fires: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A finished document (a signed PDF) belongs to this form instance; its bytes travel beside."""

    name: str
    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Why an item was changed, in the author's own words, where the change itself says only `OTHER`.

    It lies with what is unblinding, the change of an item that a blinded assessor may see does not. Of several
    changes of the item in one save, the first note is about the first that says OTHER, and so on.
    """

    path: ItemPath
    text: str


OTHER_REASON = "OTHER"
"""Stands for a reason in somebody's own words."""

Operation = SetItem | Sitting | AddRow | StrikeRow | Calculated | Mark | Confirmation | Fired | Document | Note

Readings = Mapping[ItemPath, Reading]

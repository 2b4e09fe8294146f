"""What the page of the study's versions shows: the versions at a site, what each changes. No Qt, no disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casebook.design import Text


class VersionState(StrEnum):
    """How a version of the study stands at this site."""

    EARLIER = "earlier"
    IN_FORCE = "in_force"
    DORMANT = "dormant"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version of the study. `version`: the first 16 digits of its hash; `approved_on`: as the site recorded it."""

    label: str
    version: str
    state: VersionState
    approved_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """What a version does to one form: how many recorded values stay, are asked in other words, are not shown.

    Attributes:
        instances: How many of the form are begun at this site.
        added: Items that are asked in addition.
        orphaned: Values that the new form cannot show; they stay in the record, readable and exported.
        reworded_items, added_items, orphaned_items: Which ones, in the order of the form.
    """

    form: str
    label: Text
    instances: int
    kept: int
    reworded: int
    added: int
    orphaned: int
    reworded_items: tuple[Text, ...]
    added_items: tuple[Text, ...]
    orphaned_items: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    """The versions of the study at this site.

    Attributes:
        old, new: Labels of the two that `lines` and `changes` compare; "" where there is only one.
        ahead: The new one waits; else it is in force already.
        lines: One for each form that changes.
        changes: What changes in the study itself, in sentences, by language.
    """

    rows: tuple[VersionRow, ...]
    old: str
    new: str
    ahead: bool
    lines: tuple[ChangeLine, ...]
    changes: Mapping[str, tuple[str, ...]]

"""What an export is told beside the record: when, by whom, of which site, and who the people are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from casebook.design import Text
from casebook.ids import DeviceId, UserId


class ExportFormat(StrEnum):
    """What is written."""

    ODM = "odm"
    CSV = "csv"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPerson:
    """A person of the site: named in an export by user id and role, never by name."""

    role: str
    role_label: Text
    signs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportContext:
    """What an export is told beside the record.

    Attributes:
        exported_at: The only clock that an export knows, aware.
        people: The people of the site. Authors that are not among them are named by their user id alone.
        letters: The laptops' letters in subject numbers.
    """

    exported_at: datetime
    exported_by: UserId
    site: str
    site_name: str
    app_version: str
    people: Mapping[UserId, ExportPerson] = field(default_factory=dict)
    letters: Mapping[DeviceId, str] = field(default_factory=dict)

    def place(self, device: DeviceId) -> str:
        """Return where a laptop's entries were made: `001-A`, or the site alone for a laptop that is not known."""
        letter = self.letters.get(device)
        return f"{self.site}-{letter}" if letter else self.site

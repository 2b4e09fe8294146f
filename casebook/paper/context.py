"""What a print needs to know besides the study and the casebook.

Identity, time and place are arguments: the same design, casebook and context give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from casebook.design import Text
from casebook.ids import UserId
from casebook.paper.words import WORDS

INVESTIGATOR = "Investigator"
"""Name of the signature field that every document has."""


class PaperMark(StrEnum):
    """A word laid under the text of every page."""

    DRAFT = "draft"
    COPY = "copy"
    TRAINING = "training"
    """No record of the study: said once more at the head of every page, in the file's title and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPerson:
    """How paper names a member of staff."""

    name: str
    role: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperField:
    """A place for an electronic signature at the end of a document. `name` is ASCII, unique in the document."""

    name: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSignature:
    """A signature on a form of the record.

    Attributes:
        at: Aware, in the signer's offset; `time_label` tells whether it is verified.
        digest: SHA-256 of the content that was signed, 64 hex digits.
        stands: The content is as it was signed.
    """

    form: Text
    name: str
    role: Text
    meaning: Text
    at: datetime
    time_label: Text
    digest: str
    stands: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperContext:
    """Who prints, when, and how.

    Attributes:
        printed_by: Display name of the person who prints.
        printed_at: Aware datetime in the offset of the site's wall clock.
        site_name: Display name of the site; its number alone when "".
        chain_head: At least 16 hex digits that name the state of the record; the casebook's own digest when "".
        people: Display names by user id; an unknown user is printed by the id.
        languages: The order in which languages are printed; the first one leads.
        mark: A word under the text (draft, copy, training), or None.
        with_identity: Whether compartment I is printed in a visit record. Consent documents always do.
        fields: The places for electronic signatures, in order.
        signatures: Those on the record of what is printed, the oldest first.
    """

    printed_by: str
    printed_at: datetime
    site_name: str = ""
    chain_head: str = ""
    people: Mapping[UserId, PaperPerson] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en", "zh")
    mark: PaperMark | None = None
    with_identity: bool = False
    fields: tuple[PaperField, ...] = (PaperField(name=INVESTIGATOR, label=WORDS["investigator_signature"]),)
    signatures: tuple[PrintedSignature, ...] = ()

    def name_of(self, user: UserId) -> str:
        """Return the display name of a user, or the id where there is none."""
        person = self.people.get(user)
        return person.name if person else str(user)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySheet:
    """What a recovery sheet says beside its sentences; see `casebook.paper.recovery_sheet`.

    Attributes:
        code: As `casebook.store.recovery_code.write_recovery_code` gives it, groups parted by hyphens.
        site: The site's number and name.
        laptop: The laptop's letter.
        made_by: Display name of whoever made it; "" at enrolment.
        made_at: Aware, in the site's offset.
    """

    code: str = field(repr=False)
    study: Text
    site: str
    laptop: str
    made_by: str
    made_at: datetime


def time_text(moment: datetime) -> str:
    """Return an aware datetime to the minute with its offset: `2026-03-01 14:30 +08:00`."""
    return moment.isoformat(sep=" ", timespec="minutes")[:16] + " " + moment.isoformat()[-6:]

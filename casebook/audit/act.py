"""One thing that a commit says, and what saying it needs.

Source: docs/record_format.md, section "Audit".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from casebook import payloads
from casebook.design import Form, StudyDesign, Text
from casebook.ids import CommitRef, DeviceId, SubjectId, UserId
from casebook.ledger import Header, SealedCommit
from casebook.payloads import Payload
from casebook.records import EMPTY, FormKey, ItemPath, Reading
from casebook.timekeeping import TimeLabel


def both(en: str, zh: str) -> Text:
    """Return a text of the application in both of its languages."""
    return Text({"en": en, "zh": zh})


def same(text: str) -> Text:
    """Return what is the same in every language: a name, a number, a person's own words."""
    return Text({"en": text, "zh": text})


NOTHING = same("")


class Deed(StrEnum):
    """What was done. Kinds of record that name their own acts give `Act.said` beside OTHER."""

    ENTERED = "entered"
    ROW_ADDED = "row_added"
    ROW_STRUCK = "row_struck"
    MARKED = "marked"
    UNMARKED = "unmarked"
    CONFIRMED = "confirmed_true"
    FIRED = "finding_opened"
    CLOSED = "finding_closed"
    DOCUMENT = "document"
    ATTACHED = "attached"
    ATTACHMENT_STRUCK = "attachment_struck"
    NOTE = "note"
    REDACTED = "redacted"
    NO_CHANGE = "no_change"
    SUBJECT_ADDED = "subject_added"
    EVENT = "event"
    KEY_GRANTED = "key_granted"
    STATEMENT = "statement"
    SEALED_AWAY = "sealed_away"
    UNREADABLE = "unreadable"
    NEWER = "newer_version_needed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a commit says.

    Attributes:
        name: What it is called where sentences do not help (tables, filters): a deed, an event, a statement.
        said: The whole sentence, for acts that are not worded from the other fields.
        key: The form instance.
        subject: The subject, where there is no form.
        path: The item; `item` is "" where a row as a whole is meant.
        form_version: The form definition that was asked.
        reading: The new value.
        bases: The commits whose value of the item this one replaces.
        reason: Why, as the person gave it.
        what: The flag, check, document or event that the act is about.
        details: What an event or statement says beside its name.
        author: Whose act it is, where that is not who sealed it.
    """

    deed: Deed
    name: str = ""
    said: Text | None = None
    key: FormKey | None = None
    subject: SubjectId | None = None
    path: ItemPath | None = None
    form_version: str = ""
    reading: Reading = EMPTY
    bases: tuple[CommitRef, ...] = ()
    reason: str = ""
    what: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    author: UserId | None = None


Teller = Callable[[Header, Payload], Iterator[Act]]
"""From what a commit says to its acts, at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditContext:
    """What the lines of an audit trail need beside the commits.

    Attributes:
        name_of: A person's display name.
        role_of: A person's role at the site, in words.
        letter_of: A laptop's letter.
        number_of: A subject's number; the site's for the site's own file.
        time_of: What is known of the time of a record (`casebook.timekeeping.Timeline.label`).
        read: What a commit says, with the keys that the reader has; raises as `casebook.payloads.read`.
        asked_in: A form (by its OID) as it stood in a version of it, with the study around it, where known.
    """

    design: StudyDesign
    name_of: Callable[[UserId], str]
    role_of: Callable[[UserId], Text]
    letter_of: Callable[[DeviceId], str]
    number_of: Callable[[SubjectId], str]
    time_of: Callable[[Header], TimeLabel]
    read: Callable[[SealedCommit], Payload | None] = payloads.read
    asked_in: Callable[[str, str], tuple[StudyDesign, Form] | None] = lambda _form, _version: None

"""What the pages about people show: plain immutable rows. No Qt, no disk."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from casebook.ids import CommitId, UserId
from casebook.records import FormKey
from casebook.texts import Text


class CertificateState(StrEnum):
    """Whether the study certified a person's keys on this laptop."""

    ISSUED = "issued"
    PENDING = "pending"
    """The person signs in and works; what they seal counts once the server has certified their keys."""
    ABSENT = "absent"
    """No keys on this laptop."""


class UnblindingAccess(StrEnum):
    """Whether a person opens what tells the treatment on this laptop."""

    YES = "yes"
    WAITING = "waiting"
    """Their role sees it; the key is handed over when a colleague who has it signs in."""
    NEVER = "never"
    """A blinded role."""
    ABSENT = "absent"
    """No keys on this laptop."""


class DelegationState(StrEnum):
    """Whether a person acts by the delegation log."""

    NOT_NEEDED = "not_needed"
    NO_LOG = "no_log"
    STANDING = "standing"
    NOT_STANDING = "not_standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """A person of the site.

    Attributes:
        since, until: Of the delegation that stands today; None where it is open or there is none.
        sheet_helps: The recovery sheet may let this person in again; a blinded person is let in by a colleague.
    """

    user: UserId
    name: str
    role: str
    role_label: Text
    here: bool
    is_me: bool
    certificate: CertificateState
    unblinding: UnblindingAccess
    delegation: DelegationState
    since: date | None = None
    until: date | None = None
    sheet_helps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A right of `casebook.design.RIGHTS`, in words."""

    right: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """A role that somebody can be invited in. `duties`: its rights, which can be delegated one by one."""

    oid: str
    label: Text
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """The people of the site.

    Attributes:
        may_invite: The signed-in person may let somebody new in without the server.
        roles: Those in which somebody may be invited.
        has_sheet: There is a recovery sheet whose code was typed back.
    """

    rows: tuple[StaffRow, ...]
    may_invite: bool
    why_not: Text | None
    roles: tuple[RoleChoice, ...]
    has_sheet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRow:
    """An entry of the delegation log.

    Attributes:
        duties: None where all that the role may is delegated.
        signed_by: The principal investigator who added it, with role; likewise `ended_by`.
        time: What is known of `signed_at`.
        standing: It stands today.
        held: It does not count: whoever signed it could not delegate.
    """

    entry: str
    person: str
    role_label: Text
    duties: tuple[Duty, ...]
    start: date
    end: date | None
    signed_by: str
    signed_at: datetime
    time: Text
    verified: bool
    standing: bool
    ended_by: str = ""
    ended_at: datetime | None = None
    why_ended: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationChoice:
    """A person who can be delegated to, with the role in which they act."""

    user: UserId
    name: str
    role: RoleChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationView:
    """The delegation log of the site, the newest entry first. `today`: on the site's wall."""

    rows: tuple[DelegationRow, ...]
    may_delegate: bool
    why_not: Text | None
    people: tuple[DelegationChoice, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """A right in words, and for each role of the matrix in how far it has it: "", "yes", or in words."""

    right: str
    label: Text
    cells: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixView:
    """What each role may do and see."""

    roles: tuple[Text, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOffer:
    """A new recovery sheet: its code, and the page to print. It counts once the code was typed back."""

    code: str
    pdf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """Somebody who may take part in an act of two people."""

    user: UserId
    name: str
    role_label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblinded:
    """What an unblinding came to. `form`: the deviation form, filled in as far as is known; None where none is kept."""

    form: FormKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactRow:
    """An entry of an item that could be redacted: its value with the words that were given, by whom and when."""

    commit: CommitId
    shown: Text
    who: str
    at: datetime
    redacted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactView:
    """The entries of one item, the newest first."""

    label: Text
    rows: tuple[RedactRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody for whom keys are to be made. `again`: they had keys on this laptop before."""

    user: UserId
    name: str
    role: str
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysMade:
    """The public half of keys that were made for somebody: what the study is asked to certify.

    Attributes:
        signing, sealing: Ed25519 and X25519, 32 raw bytes each.
        paper: RSA public key, SubjectPublicKeyInfo DER.
    """

    invited: Invited
    signing: bytes
    sealing: bytes
    paper: bytes

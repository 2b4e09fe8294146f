"""What the custody windows show: where each form's records are, and whether the laptop may be wiped. No Qt, no disk."""

from dataclasses import dataclass
from datetime import datetime

from casebook.custody import Custody, WipeVerdict
from casebook.records import FormKey
from casebook.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereis:
    """Where a record is, ready to be told.

    Attributes:
        at: When the server first had all of it, on the study's wall clock; None where it has not.
        bundle: The number of the bundle that holds it, 0 for none.
    """

    custody: Custody = Custody.NOTHING
    at: datetime | None = None
    bundle: int = 0


NOWHERE = Whereis()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRow:
    """A line of the custody table: a form of a subject, or what belongs to no form.

    Attributes:
        number: The subject's; "" for what is about none.
        what: The form, or what it is, in words; `occasion`: the visit.
        key: The form to open, if it is one.
        records: How many saves; `here_only`: how many of them nobody else is known to have.
    """

    number: str
    what: Text
    occasion: Text | None
    key: FormKey | None
    records: int
    here_only: int
    whereis: Whereis


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyView:
    """Where everything is.

    Attributes:
        told_at: When the server last told something; None before that.
        backup_at: When the server's last verified backup was made, as it says; None where it said nothing.
    """

    verdict: WipeVerdict
    rows: tuple[CustodyRow, ...]
    told_at: datetime | None = None
    backup_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A laptop that was retired. `copy`: the rescue copy, "" where none was needed; `left`: files of others."""

    copy: str = ""
    sha256: str = ""
    left: tuple[str, ...] = ()

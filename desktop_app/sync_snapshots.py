"""What is shown of exchanges: what is where in counts, the laptops of the site, pauses. No Qt, no disk."""

from dataclasses import dataclass
from datetime import datetime

from casebook.ids import DeviceId
from casebook.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopRow:
    """A laptop of the site. `fingerprint`: two groups of four, compared by voice before it is admitted."""

    device: DeviceId
    letter: str
    name: str
    fingerprint: str
    is_this: bool
    admitted: bool
    """It has the site's identity key."""
    withdrawn: bool = False
    """Lost or retired: it takes no part in the study any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPause:
    """Exchanges do not begin by themselves.

    Attributes:
        left_s: In how many seconds that ends by itself; None: by hand alone.
        until: The same on the site's wall clock.
    """

    left_s: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncView:
    """What is where.

    Attributes:
        phase: idle, connecting, sending, receiving, failed.
        message: The last outcome in words.
        spoken_check: Eight letters that the server shows too when both are in step.
    """

    here_only: int
    received: int
    from_others: int
    parked: int
    quarantined: int
    open_forms: int
    phase: str
    message: Text | None
    last_contact: datetime | None
    server: str
    laptops: tuple[LaptopRow, ...]
    identity_available: bool
    clock: Text | None = None
    """What is to be told of this laptop's clock."""
    conflicts: int = 0
    """After an exchange: how many conflicts stand."""
    unread: int = 0
    """After an exchange: of how many subjects what it brought is still to be worked out."""
    pause: SyncPause | None = None
    in_bundles: int = 0
    """Of what is here only: how many lie in a bundle that the server has not confirmed."""
    newer: int = 0
    """Records of kinds that this release does not know: kept and passed on, not shown."""
    backed_up: int = 0
    """Of what is received: how many lie in a verified backup of the server."""

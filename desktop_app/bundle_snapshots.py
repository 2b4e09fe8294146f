"""What windows see of bundles: those that were written, to whom one can be written, what an act came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from casebook.design import Text
from casebook.errors import CasebookError
from casebook.ids import DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRow:
    """A bundle that this laptop wrote.

    Attributes:
        made_at: On the site's wall clock.
        laptop: Letter of the laptop that it is for; "" for the server.
        count: Records in it, as far as this session knows of them.
        replied: Its answer, or that to a later one, was read here.
        attached: Attachments of which something is in it; `left_out`: those that stayed behind.
    """

    number: int
    made_at: datetime
    laptop: str
    count: int
    replied: bool
    files: tuple[str, ...]
    attached: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedSize:
    """Attachments that a bundle would carry: how many, and about how large they are together."""

    count: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another laptop of the site."""

    device: DeviceId
    letter: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlesView:
    """What was carried so far, and to whom something can be.

    Attributes:
        rows: The newest first.
        here_only: Records of this laptop that the server has not confirmed, as far as this session knows of them.
        server_known: This laptop knows how to seal a bundle for the server.
        attachments: What a bundle would carry of them, by the id of the laptop that it is for; "" for the server.
    """

    rows: tuple[BundleRow, ...] = ()
    laptops: tuple[Neighbour, ...] = ()
    here_only: int = 0
    server_known: bool = False
    attachments: Mapping[str, AttachedSize] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOutcome:
    """What writing, reading or meeting came to.

    Attributes:
        message: In words.
        error: Why it did not come about, or what of it did not; None where all did.
        brought: Something may have come in: the session is to look again.
        older_copy: The folder was an older copy of itself.
        withdrawn: The server's signed word: this laptop is withdrawn.
    """

    message: Text
    error: CasebookError | None = None
    brought: bool = False
    older_copy: bool = False
    withdrawn: bool = False

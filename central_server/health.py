"""Whether the server can do its work: the store takes writes, the disk has room, the certificate is valid.

Source: docs/operations.md, section "Health".
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casebook import crypto
from casebook.errors import CasebookError
from central_server.authority import StudyKeys

LEAST_FREE_BYTES = 512 * 1024 * 1024
"""Below so much room the server calls itself failing: SQLite needs some to finish what it begun."""
LEAST_DAYS = 30
"""From here on the certificate is worth a warning."""
LOOKED = "looked_at_ms"
"""Setting that is written to see whether the store takes writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was found.

    Attributes:
        writes: Whether the store takes writes, with the code of its refusal in `why_not`.
        certificate_days: Whole days for which the TLS certificate is valid still.
    """

    writes: bool
    why_not: str
    free_bytes: int
    certificate_days: int

    @property
    def is_up(self) -> bool:
        """Whether laptops can be served."""
        return self.writes and self.free_bytes >= LEAST_FREE_BYTES and self.certificate_days >= 0


def look(folder: Path, keys: StudyKeys, write: Callable[[], None], *, at: datetime) -> Health:
    """Look at everything. `write`: writes something small into the store."""
    try:
        write()
    except CasebookError as error:
        why_not = error.code
    else:
        why_not = ""
    return Health(
        writes=not why_not,
        why_not=why_not,
        free_bytes=shutil.disk_usage(folder).free,
        certificate_days=(crypto.certificate_ends(keys.tls_certificate) - at).days,
    )


def in_words(health: Health) -> Iterator[str]:
    """Give what was found line by line."""
    yield f"Store: {'takes writes' if health.writes else f'REFUSES writes ({health.why_not})'}"
    room = "" if health.free_bytes >= LEAST_FREE_BYTES else ", TOO LITTLE"
    yield f"Free disk: {health.free_bytes // (1024 * 1024)} MiB{room}"
    soon = "" if health.certificate_days >= LEAST_DAYS else ": renew it with the command tls"
    yield f"TLS certificate: {health.certificate_days} days left{soon}"
    yield "Up." if health.is_up else "NOT up."

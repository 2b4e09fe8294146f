"""What the server holds, in numbers: for its operator, and to compare with a laptop by voice.

Source: docs/operations.md, section "Status".
"""

from dataclasses import dataclass

from casebook.clock import local_time
from casebook.store import CommitLog
from casebook.sync import messages
from casebook.sync.chains import Chain, Heads, all_heads
from casebook.sync.serving import CONTACT
from casebook.sync.trust import Device, Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopStatus:
    """One laptop. `commits`: of its own chains; `contact`: UTC of its last exchange, "" for never."""

    device: str
    letter: str
    name: str
    fingerprint: str
    commits: int
    contact: str
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """One site. `check`: eight letters, the same as on a laptop that is in step."""

    site: str
    name: str
    check: str
    commits: int
    forks: int
    laptops: tuple[LaptopStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """The whole server."""

    study: str
    commits: int
    quarantined: int
    sites: tuple[SiteStatus, ...]


def read_status(study: str, log: CommitLog, directory: Directory) -> ServerStatus:
    """Return what the server holds."""
    directory.refresh(log)
    heads = all_heads(log)
    return ServerStatus(
        study=study,
        commits=log.count(),
        quarantined=len(log.quarantined()),
        sites=tuple(_site(log, directory, heads, site.site, site.name) for site in directory.sites()),
    )


def _site(log: CommitLog, directory: Directory, heads: Heads, site: str, name: str) -> SiteStatus:
    chains = [chain for chain in heads if directory.site_of_chain(*chain) == site]
    return SiteStatus(
        site=site,
        name=name,
        check=messages.spoken_check(head for chain in chains for head in heads[chain]),
        commits=_count(heads, chains),
        forks=sum(1 for chain in chains if len(heads[chain]) > 1),
        laptops=tuple(_laptop(log, heads, chains, device) for device in directory.devices(site)),
    )


def _laptop(log: CommitLog, heads: Heads, chains: list[Chain], device: Device) -> LaptopStatus:
    contact = log.setting(CONTACT + device.device)
    return LaptopStatus(
        device=device.device,
        letter=device.letter,
        name=device.name,
        fingerprint=device.fingerprint,
        commits=_count(heads, [chain for chain in chains if chain[0] == device.device]),
        contact=local_time(int(contact), 0).isoformat(" ", "minutes") if contact else "",
        revoked=device.revoked,
    )


def _count(heads: Heads, chains: list[Chain]) -> int:
    return sum(max(head.sequence for head in heads[chain]) for chain in chains)

"""What the server holds, in numbers: for its operator, and to compare with a laptop by voice.

Source: docs/operations.md, section "Status".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from casebook.clock import local_time
from casebook.ids import DeviceId
from casebook.ledger import UNBLINDING
from casebook.store import CommitLog
from casebook.sync import messages
from casebook.sync.chains import Chain, Heads, all_heads
from casebook.sync.copies import copies_at_work
from casebook.sync.serving import CONTACT
from casebook.sync.trust import Device, Directory, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopStatus:
    """One laptop.

    Attributes:
        commits: Of its own chains in shelf S.
        unblinding_commits: Of its own chains in shelf U.
        contact: UTC of its last exchange, "" for never.
        copied: Two copies of its folder wrote; each goes on in a chain of its own.
    """

    device: str
    letter: str
    name: str
    fingerprint: str
    commits: int
    unblinding_commits: int
    contact: str
    revoked: bool
    copied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """One site.

    Attributes:
        check: Eight letters, the same as on a laptop whose shelf S is in step.
        unblinding_check: The same for shelf U.
    """

    site: str
    name: str
    check: str
    commits: int
    unblinding_check: str
    unblinding_commits: int
    forks: int
    laptops: tuple[LaptopStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """The whole server. `unblinding_commits`: None where the key of shelf U is not at hand."""

    study: str
    commits: int
    unblinding_commits: int | None
    quarantined: int
    sites: tuple[SiteStatus, ...]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One shelf, looked at once."""

    log: CommitLog
    heads: Heads
    sites: dict[Chain, str]
    copied: frozenset[DeviceId]

    @classmethod
    def of(cls, log: CommitLog) -> "_Shelf":
        sites = {(head.device, head.epoch): site for head, site in log.tips()}
        return cls(log, all_heads(log), sites, copies_at_work(log))

    def chains(self, site: str) -> list[Chain]:
        return [chain for chain in self.heads if self.sites[chain] == site]

    def check(self, site: str) -> str:
        return messages.spoken_check(head for chain in self.chains(site) for head in self.heads[chain])

    def count(self, chains: Iterable[Chain]) -> int:
        return sum(max(head.sequence for head in self.heads[chain]) for chain in chains)

    def forks(self, site: str) -> int:
        return sum(1 for chain in self.chains(site) if len(self.heads[chain]) > 1)


def read_status(study: str, log: CommitLog, directory: Directory, unblinding: CommitLog | None = None) -> ServerStatus:
    """Return what the server holds. `unblinding`: the log of shelf U, None where its key is not at hand."""
    directory.refresh(log)
    shelves = [_Shelf.of(log)]
    if unblinding is not None:
        directory.refresh(unblinding, UNBLINDING)
        shelves.append(_Shelf.of(unblinding))
    return ServerStatus(
        study=study,
        commits=log.count(),
        unblinding_commits=unblinding.count() if unblinding is not None else None,
        quarantined=sum(len(shelf.log.quarantined()) for shelf in shelves),
        sites=tuple(_site(shelves, directory, site) for site in directory.sites()),
    )


def _site(shelves: list[_Shelf], directory: Directory, site: Site) -> SiteStatus:
    standard, *more = shelves
    return SiteStatus(
        site=site.site,
        name=site.name,
        check=standard.check(site.site),
        commits=standard.count(standard.chains(site.site)),
        unblinding_check=more[0].check(site.site) if more else "",
        unblinding_commits=sum(shelf.count(shelf.chains(site.site)) for shelf in more),
        forks=sum(shelf.forks(site.site) for shelf in shelves),
        laptops=tuple(_laptop(shelves, device) for device in directory.devices(site.site)),
    )


def _laptop(shelves: list[_Shelf], device: Device) -> LaptopStatus:
    standard, *more = shelves
    contact = standard.log.setting(CONTACT + device.device)

    def own(shelf: _Shelf) -> int:
        return shelf.count(chain for chain in shelf.heads if chain[0] == device.device)

    return LaptopStatus(
        device=device.device,
        letter=device.letter,
        name=device.name,
        fingerprint=device.fingerprint,
        commits=own(standard),
        unblinding_commits=sum(own(shelf) for shelf in more),
        contact=local_time(int(contact), 0).isoformat(" ", "minutes") if contact else "",
        revoked=device.revoked,
        copied=any(device.device in shelf.copied for shelf in shelves),
    )


def in_words(status: ServerStatus) -> Iterator[str]:
    """Give the status line by line."""
    more = "key not given" if status.unblinding_commits is None else f"{status.unblinding_commits} commits"
    yield f"Study {status.study}: {status.commits} commits, unblinding {more}, {status.quarantined} in quarantine"
    for site in status.sites:
        fork = f", {site.forks} forked" if site.forks else ""
        second = f", unblinding {site.unblinding_check}" if site.unblinding_check else ""
        commits = f"{site.commits} + {site.unblinding_commits} commits"
        yield f"Site {site.site}  {site.name}  check {site.check}{second}  {commits}{fork}"
        for laptop in site.laptops:
            state = "withdrawn" if laptop.revoked else f"last contact {laptop.contact or 'never'}"
            copied = ", copied: two folders wrote in its name" if laptop.copied else ""
            made = f"{laptop.commits} + {laptop.unblinding_commits} commits"
            yield f"  laptop {laptop.letter}  {laptop.device}  {laptop.fingerprint}  {made}, {state}{copied}"

"""What was confirmed to whom, and whether everything that laptops hold receipts for is here.

After a restore the server asks nothing of anybody: each laptop names, at its next exchange, what it holds, and hands
in what is missing here. Until a laptop was heard from, what it alone holds is not known; then the count of what is
missing reads 0, or says from which laptops it can come.

Source: docs/operations.md, section "Backup and restore".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from casebook.clock import local_time
from casebook.ledger import UNBLINDING
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, CommitLog
from casebook.sync.serving import BACKUP_AT, CONTACT, HOLDS, RECEIPT_SERIAL
from casebook.sync.trust import Device, Directory
from central_server.app import Stores
from central_server.backup import RESTORED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHeld:
    """A chain: up to where it is here, up to where laptops named it, and which of them named more than is here."""

    shelf: str
    site: str
    device: str
    epoch: str
    held: int
    named: int
    with_more: tuple[str, ...]

    @property
    def missing(self) -> int:
        """How many commits laptops named that are not here."""
        return max(0, self.named - self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfReceipts:
    """A shelf: this incarnation of its store, and the serials of receipts. Times: UTC, "" for never."""

    shelf: str
    epoch: str
    serial: int
    backup_serial: int
    backup_at: str
    restored_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopHeard:
    """A laptop, and whether it was heard from since the last restore (True where there was none)."""

    device: str
    letter: str
    site: str
    contact: str
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsReport:
    """Everything: `chains` are those that some laptop named or that are here."""

    shelves: tuple[ShelfReceipts, ...]
    chains: tuple[ChainHeld, ...]
    laptops: tuple[LaptopHeard, ...]

    @property
    def missing(self) -> int:
        """How many commits laptops named that are not here."""
        return sum(one.missing for one in self.chains)

    @property
    def not_heard(self) -> tuple[LaptopHeard, ...]:
        """The laptops that were not heard from since the last restore."""
        return tuple(one for one in self.laptops if not one.heard)


def receipts_report(stores: Stores, directory: Directory) -> ReceiptsReport:
    """Return what was confirmed and what is missing."""
    devices = [one for site in directory.sites() for one in directory.devices(site.site)]
    shelves = stores.by_shelf
    restored = int(stores.standard.setting(RESTORED_AT) or "0")
    return ReceiptsReport(
        shelves=tuple(_shelf(shelf, log) for shelf, log in shelves.items()),
        chains=tuple(one for shelf, log in shelves.items() for one in _chains(shelf, log, devices)),
        laptops=tuple(_heard(one, stores.standard, restored) for one in devices if not one.revoked),
    )


def _shelf(shelf: str, log: CommitLog) -> ShelfReceipts:
    return ShelfReceipts(
        shelf=shelf,
        epoch=log.setting(SERVER_EPOCH) or "",
        serial=int(log.setting(RECEIPT_SERIAL) or "0"),
        backup_serial=int(log.setting(BACKUP_SERIAL) or "0"),
        backup_at=_time(log.setting(BACKUP_AT)),
        restored_at=_time(log.setting(RESTORED_AT)),
    )


def _chains(shelf: str, log: CommitLog, devices: list[Device]) -> Iterator[ChainHeld]:
    held: dict[tuple[str, str], tuple[int, str]] = {}
    for head, site in log.tips():
        held.setdefault((head.device, head.epoch), (head.sequence, site))  # of a fork the longest comes first
    named: dict[tuple[str, str], dict[str, int]] = {}
    for device in devices:
        for name, epoch, last, *_ in json.loads(log.setting(HOLDS + device.device) or "[]"):
            named.setdefault((name, epoch), {})[device.device] = last
    for chain in sorted(held.keys() | named.keys()):
        sequence, site = held.get(chain, (0, ""))
        laptops = named.get(chain, {})
        yield ChainHeld(
            shelf=shelf,
            site=site,
            device=chain[0],
            epoch=chain[1],
            held=sequence,
            named=max(laptops.values(), default=0),
            with_more=tuple(sorted(one for one, last in laptops.items() if last > sequence)),
        )


def _heard(device: Device, log: CommitLog, restored_ms: int) -> LaptopHeard:
    contact = log.setting(CONTACT + device.device)
    return LaptopHeard(
        device=device.device,
        letter=device.letter,
        site=device.site,
        contact=_time(contact),
        heard=int(contact or "0") > restored_ms or restored_ms == 0,
    )


def _time(ms: str | None) -> str:
    return local_time(int(ms), 0).isoformat(" ", "minutes") if ms not in {None, "", "0"} and ms is not None else ""


def in_words(report: ReceiptsReport) -> Iterator[str]:
    """Give the report line by line."""
    for shelf in report.shelves:
        name = "unblinding" if shelf.shelf == UNBLINDING else "standard"
        backup = f"verified backup up to {shelf.backup_serial} ({shelf.backup_at})" if shelf.backup_at else "no backup"
        restored = f", restored {shelf.restored_at}" if shelf.restored_at else ""
        yield f"{name}: store {shelf.epoch}, last receipt {shelf.serial}, {backup}{restored}"
    for chain in report.chains:
        if chain.missing:
            where = ", ".join(chain.with_more)
            what = f"{chain.held} here, {chain.named} named; what is missing is on {where}"
            yield f"  chain {chain.device} {chain.epoch}: {what}"
    yield f"Missing: {report.missing}"
    for laptop in report.not_heard:
        yield f"  not heard from since the restore: laptop {laptop.letter} of site {laptop.site}, {laptop.device}"
    yield f"Laptops not heard from since the restore: {len(report.not_heard)}"

"""What was on a laptop that is lost: for whoever must say whose data are at stake, and what may still be missing.

Told from what the laptop named and was sent at its last exchange, from its key slots as it last handed them in,
and from the chains that it made. Nothing on it is asked; the laptop may be anywhere.

Source: docs/operations.md, section "A lost laptop".
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from casebook import payloads
from casebook.attachments import AttachPayload
from casebook.clock import local_time
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import device_id, epoch
from casebook.ledger import STANDARD, UNBLINDING, SealedCommit
from casebook.payloads import BlobPayload, DataPayload, SubjectPayload
from casebook.records import FormKey
from casebook.store import CommitLog
from casebook.store.slot_file import PERSON, Slot, read_sidecar
from casebook.sync.chains import by_chain, site_of
from casebook.sync.serving import CONTACT, HOLDS, SIDECAR
from casebook.sync.trust import Device, Directory, StaffMember
from central_server.app import Stores

_SHELF_NAMES = {STANDARD: "standard", UNBLINDING: "unblinding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfHeld:
    """What of one shelf was on the laptop.

    Attributes:
        identity: Records with names, contact details or ink, sealed to the site.
    """

    shelf: str
    sites: tuple[str, ...]
    commits: int
    subjects: int
    forms: int
    identity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChain:
    """A chain that the laptop made: up to which number the server has it, and when that entry was made there."""

    shelf: str
    site: str
    epoch: str
    received: int
    made_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostReport:
    """What is known of a lost laptop.

    Attributes:
        people: Who could sign in there, by their accounts.
        slots: What opens the laptop, by the file of its key slots; empty where it never sent one.
        contact: UTC of its last exchange, "" for never.
    """

    device: Device
    people: tuple[StaffMember, ...]
    slots: tuple[Slot, ...]
    held: tuple[ShelfHeld, ...]
    own: tuple[OwnChain, ...]
    contact: str


def lost_report(stores: Stores, directory: Directory, device: Device) -> LostReport:
    """Return what is known of a laptop."""
    contact = stores.standard.setting(CONTACT + device.device)
    members = [directory.member(user) for user in directory.people_on(device.device)]
    sidecar = read_sidecar(sidecar_of(stores, device))
    shelves = stores.by_shelf
    return LostReport(
        device=device,
        people=tuple(one for one in members if one is not None),
        slots=sidecar.slots if sidecar is not None else (),
        held=tuple(_held(shelf, log, device) for shelf, log in shelves.items()),
        own=tuple(one for shelf, log in shelves.items() for one in _own(shelf, log, device)),
        contact=local_time(int(contact), 0).isoformat(" ", "minutes") if contact else "",
    )


def sidecar_of(stores: Stores, device: Device) -> bytes | None:
    """Return the file of a laptop's key slots as it last sent it, or None."""
    kept = stores.standard.setting(SIDECAR + device.device)
    return base64.b64decode(kept) if kept is not None else None


def _held(shelf: str, log: CommitLog, device: Device) -> ShelfHeld:
    sites: set[str] = set()
    subjects: set[str] = set()
    forms: set[FormKey] = set()
    commits = identity = 0
    for commit in _commits_held(log, device):
        commits += 1
        sites.add(commit.parsed.site)
        try:
            match payloads.read(commit):
                case DataPayload(key=key) | BlobPayload(key=key) | AttachPayload(key=key):
                    subjects.add(key.subject)
                    forms.add(key)
                case SubjectPayload(subject=subject):
                    subjects.add(subject)
                case _:
                    pass
        except SealedAwayError:
            identity += 1
        except CommitUnreadableError:
            continue
    return ShelfHeld(
        shelf=shelf,
        sites=tuple(sorted(sites)),
        commits=commits,
        subjects=len(subjects),
        forms=len(forms),
        identity=identity,
    )


def _commits_held(log: CommitLog, device: Device) -> Iterator[SealedCommit]:
    for name, epoch_, last, _ in json.loads(log.setting(HOLDS + device.device) or "[]"):
        for commit in log.chain(device_id(name), epoch(epoch_)):
            if commit.parsed.sequence <= last:
                yield commit


def _own(shelf: str, log: CommitLog, device: Device) -> Iterator[OwnChain]:
    ends = by_chain(head for head in log.heads() if head.device == device.device)
    for chain, (head, *_) in sorted(ends.items()):
        if head.id is not None:
            yield OwnChain(
                shelf=shelf,
                site=site_of(log, chain) or "",
                epoch=head.epoch,
                received=head.sequence,
                made_at=log.commit(head.id).parsed.moment.local.isoformat(" ", "minutes"),
            )


# -- in words ----------------------------------------------------------------------------------------


def in_words(report: LostReport) -> Iterator[str]:
    """Give the report line by line."""
    device = report.device
    yield f"Laptop {device.letter} of site {device.site} ({device.name}), {device.device}"
    state = "withdrawn" if device.revoked else "NOT withdrawn"
    yield f"State: {state}. Last contact (UTC): {report.contact or 'never'}"
    yield ""
    yield "Who could sign in there"
    for member in report.people:
        unblinded = "may know treatments" if member.sees_unblinding else "blinded"
        gone = ", withdrawn" if member.revoked else ""
        yield f"  {member.user}  {member.name}  {member.role}  {unblinded}{gone}"
    yield "  (somebody invited there offline since the last contact is not known here)"
    yield ""
    yield "What was on it at the last contact"
    for held in report.held:
        places = ", ".join(held.sites) or "none"
        yield (
            f"  {_SHELF_NAMES[held.shelf]}: sites {places}; {held.subjects} subjects, {held.forms} forms, "
            f"{held.identity} records with identity, {held.commits} records in all"
        )
    yield ""
    yield "What it made, as received here; what was made later may be only on it"
    for chain in report.own:
        yield (
            f"  {_SHELF_NAMES[chain.shelf]}, site {chain.site}, chain {chain.epoch}: "
            f"received up to number {chain.received}, made {chain.made_at}"
        )
    yield ""
    yield "What opens it"
    if not report.slots:
        yield "  Its key slots were never handed in."
    yield from (f"  {_slot_in_words(slot)}" for slot in report.slots)


def _slot_in_words(slot: Slot) -> str:
    who = slot.person.user if slot.kind == PERSON and slot.person is not None else slot.kind
    cost = slot.cost
    how = (
        f"Argon2id {cost.memory_kib // 1024} MiB, {cost.passes} passes, {cost.lanes} lanes"
        if cost is not None
        else "sealed to a public key"
    )
    bound = ", only together with that machine" if slot.device else ""
    unblinding = ", opens what is unblinding" if slot.unblinding_grant else ""
    return f"{who}: {how}{bound}{unblinding}"

"""Commits for tests: people, devices and saves, made by the real ledger with repeatable randomness."""

import random
from dataclasses import dataclass, field

from casebook import crypto, ledger, payloads
from casebook.clock import Moment
from casebook.ids import CommitRef, DeviceId, Epoch, SubjectId, UserId, new_device_id, new_epoch, new_subject_id, ref_of
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, VisitKey

STUDY = "RELOW1"
START_MS = 1_772_000_000_000


def random_source(seed: int) -> random.Random:
    """Return repeatable randomness."""
    return random.Random(seed)


@dataclass
class Laptop:
    """A device with its chain, one signed-in person and the site's identity key."""

    seed: int
    author: str = "coordinator"
    identity_key: bytes | None = None
    device: DeviceId = field(init=False)
    epoch: Epoch = field(init=False)
    signer: crypto.SigningKey = field(init=False)
    head: ChainHead = field(init=False)
    clock_ms: int = START_MS

    def __post_init__(self) -> None:
        self.random = random_source(self.seed)
        self.device = new_device_id(self.random.randbytes)
        self.epoch = new_epoch(self.random.randbytes)
        self.signer = crypto.SigningKey(self.random.randbytes(32))
        self.head = ChainHead(device=self.device, epoch=self.epoch, sequence=0, id=None)

    def seal(self, payload: payloads.Payload, compartment: str = ledger.STANDARD) -> SealedCommit:
        """Seal a payload as the next commit of this laptop's chain."""
        kind, body = payloads.write(payload)
        self.clock_ms += 60_000
        commit = ledger.seal(
            CommitDraft(
                kind=kind,
                author=UserId(self.author),
                body=body,
                compartment=compartment,
                outside=payloads.OUTSIDE.get(kind, ()),
            ),
            after=self.head,
            sealer=Sealer(
                study=STUDY,
                site="001",
                app_version="0.1.0",
                signer=self.signer,
                random_bytes=self.random.randbytes,
                identity_key=self.identity_key,
            ),
            moment=Moment(utc_ms=self.clock_ms, offset_minutes=480, boot="boot", uptime_ms=self.clock_ms - START_MS),
        )
        self.head = ledger.head_after(commit)
        return commit

    def add_subject(self, number: str = "001-A001") -> tuple[SubjectId, SealedCommit]:
        """Add a subject; returns its identity and the commit."""
        subject = new_subject_id(self.random.randbytes)
        return subject, self.seal(payloads.SubjectPayload(subject=subject, number=number, site="001"))

    def save(self, key: FormKey, *operations: Operation, reason: str | None = None) -> SealedCommit:
        """Save operations on one form instance."""
        return self.seal(payloads.DataPayload(key=key, form_version="0" * 16, operations=operations, reason=reason))


def form_key(subject: SubjectId, form: str = "F.VS", visit: str = "SE.V1", repeat: str = "") -> FormKey:
    """Return the key of a form instance."""
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form, repeat=repeat)


def path_of(item: str, group: str = "IG.VS", row: str = "") -> ItemPath:
    """Return an item's path."""
    return ItemPath(group=group, item=item, row=row)


def set_item(
    item: str, value: str | None, *bases: SealedCommit, reason: str | None = None, group: str = "IG.VS"
) -> SetItem:
    """Return an entry that supersedes the given commits."""
    refs: tuple[CommitRef, ...] = tuple(ref_of(base.id) for base in bases)
    return SetItem(path=path_of(item, group), reading=Reading(value=value), bases=refs, reason=reason)

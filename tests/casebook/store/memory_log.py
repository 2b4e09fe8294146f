"""A commit log in memory: the contract's second implementation, for tests that need no disk."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from threading import RLock

from casebook import ledger
from casebook.canonical import decode_object, text_of
from casebook.ids import CommitId, CommitRef, DeviceId, Epoch, SubjectId
from casebook.ledger import ChainHead, SealedCommit
from casebook.redaction import fits
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, SERVER_LOST_AT, Quarantined, StoredReceipt

_ONE_AT_A_TIME = RLock()
"""Held by whoever writes, so that threads may share a log; none of its own, for logs are copied."""


class MemoryLog:
    """A `CommitLog` that forgets everything at the end."""

    def __init__(self, now_ms: Callable[[], int] = lambda: 0) -> None:
        self._now_ms = now_ms
        self._commits: dict[CommitId, SealedCommit] = {}
        self._parked: dict[CommitId, SealedCommit] = {}
        self._redactions: dict[CommitId, bytes] = {}
        self._subjects: dict[CommitId, SubjectId] = {}
        self._receipts: list[StoredReceipt] = []
        self._quarantined: dict[bytes, Quarantined] = {}
        self._settings: dict[str, str] = {}
        self._ends: list[tuple[ChainHead, str]] = []
        self._is_together = False

    @contextmanager
    def together(self) -> Iterator[None]:
        with _ONE_AT_A_TIME:
            if self._is_together:
                yield
                return
            before = {name: copy(part) for name, part in vars(self).items() if isinstance(part, dict | list)}
            self._is_together = True
            try:
                yield
            except BaseException:
                vars(self).update(before)
                raise
            finally:
                self._is_together = False

    def append(self, commits: Sequence[SealedCommit], subjects: Mapping[CommitId, SubjectId] | None = None) -> int:
        for commit in commits:
            commit.parsed  # noqa: B018 - raises for a header that is not in the agreed form
        with _ONE_AT_A_TIME:
            return self._append(commits, subjects)

    def _append(self, commits: Sequence[SealedCommit], subjects: Mapping[CommitId, SubjectId] | None) -> int:
        before = len(self._commits)
        for commit in commits:
            if subjects and commit.id in subjects and commit.id not in self._commits:
                self._subjects[commit.id] = subjects[commit.id]
            if commit.parsed.previous is None or commit.parsed.previous in self._commits:
                self._keep(commit)
            else:
                self._parked[commit.id] = commit
        return len(self._commits) - before

    def redact(self, redaction: SealedCommit) -> bool:
        target = CommitId(text_of(decode_object(redaction.payload), "cm"))
        payload = self._redactions.setdefault(target, ledger.redacted_payload(redaction))
        done = False
        for held in (self._commits, self._parked):
            if target in held and held[target].payload != payload:
                held[target] = SealedCommit(held[target].header, payload, held[target].signature)
                done = True
        return done

    def redactions(self) -> dict[CommitId, bytes]:
        return dict(self._redactions)

    def _keep(self, commit: SealedCommit) -> None:
        if ledger.redaction_of(commit) is not None:
            self._redactions.setdefault(commit.id, commit.payload)
        payload = self._redactions.get(commit.id, commit.payload)
        proof = ledger.redaction_of(SealedCommit(commit.header, payload, b""))
        payload = commit.payload if proof is not None and not fits(proof, commit) else payload
        self._commits.setdefault(commit.id, SealedCommit(commit.header, payload, commit.signature))
        self._ends.clear()
        self._parked.pop(commit.id, None)
        for waiting in [other for other in self._parked.values() if other.parsed.previous == commit.id]:
            self._keep(waiting)

    def has(self, commit: CommitId) -> bool:
        return commit in self._commits

    def commit(self, commit: CommitId) -> SealedCommit:
        return self._commits[commit]

    def find(self, ref: CommitRef) -> SealedCommit | None:
        return next((one for id_, one in self._commits.items() if id_.startswith(ref)), None)

    def last_position(self) -> int:
        return len(self._commits)

    def count(self) -> int:
        return len(self._commits)

    def count_by_kind(self) -> Mapping[str, int]:
        return Counter(commit.parsed.kind for commit in self._commits.values())

    def count_parked(self) -> int:
        return len(self._parked)

    def parked(self) -> Iterator[SealedCommit]:
        yield from tuple(self._parked.values())

    def heads(self) -> tuple[ChainHead, ...]:
        longest: dict[tuple[DeviceId, Epoch], ChainHead] = {}
        for head, _ in self.tips():
            longest.setdefault((head.device, head.epoch), head)
        return tuple(longest.values())

    def tips(self) -> tuple[tuple[ChainHead, str], ...]:
        if not self._ends:
            held = [one.parsed for one in self._commits.values()]
            followed = {(one.previous, one.device, one.epoch) for one in held if one.previous}
            ends = [
                (ledger.head_after(one), one.parsed.site)
                for one in self._commits.values()
                if (one.id, one.parsed.device, one.parsed.epoch) not in followed
            ]
            self._ends += sorted(ends, key=lambda end: (end[0].device, end[0].epoch, -end[0].sequence))
        return tuple(self._ends)

    def tips_of(self, sites: Collection[str], device: DeviceId | None = None) -> tuple[tuple[ChainHead, str], ...]:
        return tuple((head, site) for head, site in self.tips() if site in sites or head.device == device)

    def forks(self) -> tuple[tuple[DeviceId, Epoch, int], ...]:
        places = Counter((one.parsed.device, one.parsed.epoch, one.parsed.sequence) for one in self._commits.values())
        return tuple(sorted(place for place, times in places.items() if times > 1))

    def chain(
        self, device: DeviceId, epoch: Epoch, after: int = 0, limit: int | None = None, upto: int | None = None
    ) -> Iterator[SealedCommit]:
        found = [
            commit
            for commit in self._commits.values()
            if (commit.parsed.device, commit.parsed.epoch) == (device, epoch)
            and after < commit.parsed.sequence <= (2**62 if upto is None else upto)
        ]
        yield from sorted(found, key=lambda commit: commit.parsed.sequence)[:limit]

    def commits(self, subject: SubjectId | None = None) -> Iterator[SealedCommit]:
        for commit in tuple(self._commits.values()):
            if subject is None or self._subjects.get(commit.id) == subject:
                yield commit

    def file_subjects(self, subjects: Mapping[CommitId, SubjectId]) -> int:
        fresh = {id_: one for id_, one in subjects.items() if id_ in self._commits and id_ not in self._subjects}
        self._subjects.update(fresh)
        return len(fresh)

    def feed(self, after_position: int, limit: int | None = None) -> Iterator[tuple[int, SealedCommit]]:
        arrived = list(enumerate(self._commits.values(), start=1))[after_position:]
        yield from arrived if limit is None else arrived[:limit]

    def of_kind(self, kind: str, after_position: int = 0) -> Iterator[tuple[int, SealedCommit]]:
        yield from [one for one in self.feed(after_position) if one[1].parsed.kind == kind]

    def add_receipt(
        self,
        body: bytes,
        *,
        device: DeviceId,
        epoch: Epoch,
        sequence: int,
        at_ms: int,
        serial: int,
        server_epoch: str = "",
    ) -> bool:
        if any(receipt.body == body for receipt in self._receipts):
            return False
        self._receipts.append(
            StoredReceipt(
                body=body,
                device=device,
                epoch=epoch,
                sequence=sequence,
                at_ms=at_ms,
                serial=serial,
                server_epoch=server_epoch,
            )
        )
        return True

    def receipts(self) -> tuple[StoredReceipt, ...]:
        return tuple(self._receipts)

    def last_serial(self) -> int:
        return max((receipt.serial for receipt in self._receipts), default=0)

    def last_told_ms(self) -> int | None:
        return max((receipt.at_ms for receipt in self._receipts), default=None)

    def _receipts_of(self, device: DeviceId, epoch: Epoch) -> Iterator[StoredReceipt]:
        chain = (device, epoch, self._settings.get(SERVER_EPOCH, ""))
        since = int(self._settings.get(SERVER_LOST_AT, "0"))
        receipts = (one for one in self._receipts if one.at_ms >= since)
        return (one for one in receipts if (one.device, one.epoch, one.server_epoch) == chain)

    def custody(self, device: DeviceId, epoch: Epoch) -> int:
        return max((receipt.sequence for receipt in self._receipts_of(device, epoch)), default=0)

    def backed_up(self, device: DeviceId, epoch: Epoch) -> int:
        serial = int(self._settings.get(BACKUP_SERIAL, "0"))
        return max((one.sequence for one in self._receipts_of(device, epoch) if one.serial <= serial), default=0)

    def received_at(self, device: DeviceId, epoch: Epoch, sequence: int) -> int | None:
        times = [receipt.at_ms for receipt in self._receipts_of(device, epoch) if receipt.sequence >= sequence]
        return min(times, default=None)

    def quarantine(self, body: bytes, why: str) -> bool:
        if body in self._quarantined:
            return False
        self._quarantined[body] = Quarantined(body=body, why=why, kept_at_ms=self._now_ms())
        return True

    def quarantined(self) -> tuple[Quarantined, ...]:
        return tuple(self._quarantined.values())

    def setting(self, key: str) -> str | None:
        return self._settings.get(key)

    def set_setting(self, key: str, text: str) -> None:
        self._settings[key] = text

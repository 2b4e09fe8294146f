"""A study small enough to hold in memory: one server, its sites, and laptops that write and exchange."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from casebook import ledger, payloads
from casebook.clock import Moment
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import ServerUnreachableError
from casebook.ids import (
    DeviceId,
    SubjectId,
    UserId,
    new_device_id,
    new_epoch,
    new_subject_id,
    subject_number,
    user_id,
)
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import DataPayload, SubjectPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.store import CommitLog
from casebook.sync import trust
from casebook.sync.engine import ExchangeReport, Laptop, SyncPeer, exchange
from casebook.sync.serving import Desk, serve
from casebook.sync.trust import Device, Directory, PersonKey, ServerIdentity, Site, StaffMember
from tests.casebook.store.memory_log import MemoryLog

STUDY = "RELOW1"
START_MS = int(datetime(2025, 3, 1, 8, tzinfo=UTC).timestamp() * 1000)
AUTHOR = user_id("investigator.a")


class Server:
    """The study's server over a log; `serve` answers in this process."""

    def __init__(self, log: CommitLog, rng: random.Random) -> None:
        self.rng = rng
        self._ticks = itertools.count(START_MS, 1000)
        self.signing = SigningKey(rng.randbytes(32))
        self.receipts = SigningKey(rng.randbytes(32))
        self.identity = ServerIdentity(
            device=new_device_id(rng.randbytes), signing=self.signing.public, receipts=self.receipts.public
        )
        self._heads: dict[str, ChainHead] = {}
        self.begin(log)

    def begin(self, log: CommitLog) -> None:
        """Start on a log: the first one, or an empty or older one after a loss."""
        self.log = log
        self.directory = Directory(self.identity)
        self.directory.refresh(log)
        self.desk = Desk(
            log=log,
            directory=self.directory,
            study=STUDY,
            receipts=self.receipts,
            now_ms=lambda: next(self._ticks),
        )

    def state(self, site: str, draft: CommitDraft) -> None:
        """Append a statement to the site's chain."""
        head = self._heads.get(site) or ChainHead(
            device=self.identity.device, epoch=new_epoch(self.rng.randbytes), sequence=0, id=None
        )
        sealer = Sealer(study=STUDY, site=site, app_version="1", signer=self.signing, random_bytes=self.rng.randbytes)
        commit = ledger.seal(draft, after=head, sealer=sealer, moment=moment(next(self._ticks)))
        self._heads[site] = ledger.head_after(commit)
        self.log.append([commit])
        self.directory.learn([commit])

    def open_site(self, site: str = "001") -> None:
        self.state(site, trust.site_statement(Site(site=site, name=f"Site {site}")))
        member = StaffMember(user=AUTHOR, name="Investigator A", role="ROLE.INVESTIGATOR", site=site)
        self.state(site, trust.user_statement(member))

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer in this process (a `SyncPeer`)."""
        return serve(self.desk, request)


def moment(utc_ms: int = START_MS) -> Moment:
    return Moment(utc_ms=utc_ms, offset_minutes=480, boot="0", uptime_ms=1)


class Writer:
    """A laptop of a site with one certified person."""

    def __init__(
        self, server: Server, log: CommitLog, *, site: str = "001", letter: str = "A", certify: bool = True
    ) -> None:
        self.server = server
        self.log = log
        self.site = site
        self.letter = letter
        rng = server.rng
        self.rng = rng
        self.key = SigningKey(rng.randbytes(32))
        self.sealing = SealingKey(rng.randbytes(32))
        self.person = SigningKey(rng.randbytes(32))
        self.device: DeviceId = new_device_id(rng.randbytes)
        self.directory = Directory(server.identity)
        self.identity_key = bytes(32)
        self.head = ChainHead(device=self.device, epoch=new_epoch(rng.randbytes), sequence=0, id=None)
        server.state(
            site,
            trust.device_statement(
                Device(
                    device=self.device,
                    signing=self.key.public,
                    sealing=self.sealing.public,
                    site=site,
                    letter=letter,
                    name=f"Laptop {letter}",
                )
            ),
        )
        if certify:
            self.certify()

    def certify(self) -> None:
        key = PersonKey(user=AUTHOR, device=self.device, signing=self.person.public, certificate=b"DER")
        self.server.state(self.site, trust.person_statement(key, self.site))

    def begin_epoch(self) -> None:
        self.head = ChainHead(device=self.device, epoch=new_epoch(self.rng.randbytes), sequence=0, id=self.head.id)

    def seal(self, draft: CommitDraft, signer: SigningKey | None = None) -> SealedCommit:
        sealer = Sealer(
            study=STUDY,
            site=self.site,
            app_version="1",
            signer=signer or self.person,
            random_bytes=self.rng.randbytes,
            identity_key=self.identity_key,
        )
        commit = ledger.seal(draft, after=self.head, sealer=sealer, moment=moment())
        self.head = ledger.head_after(commit)
        return commit

    def write(self, text: str = "140", *, subject: SubjectId | None = None, author: UserId = AUTHOR) -> SealedCommit:
        """Seal one entry and keep it."""
        key = FormKey(subject=subject or new_subject_id(self.rng.randbytes), visit=VisitKey(visit="SE.V1"), form="F.VS")
        operation = SetItem(path=ItemPath(group="IG.VS", item="SYSBP"), reading=Reading(value=text))
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=(operation,)))
        commit = self.seal(CommitDraft(kind=kind, author=author, body=body))
        self.log.append([commit])
        return commit

    def add_subject(self, running: int) -> SealedCommit:
        payload = SubjectPayload(
            subject=new_subject_id(self.rng.randbytes),
            number=subject_number(self.site, self.letter, running),
            site=self.site,
        )
        kind, body = payloads.write(payload)
        commit = self.seal(CommitDraft(kind=kind, author=AUTHOR, body=body))
        self.log.append([commit])
        return commit

    def sync(self, peer: SyncPeer | None = None, *, on_older_copy: Callable[[], None] = lambda: None) -> ExchangeReport:
        return exchange(
            self.log,
            peer or self.server,
            laptop=Laptop(study=STUDY, device=self.device, signing=self.key, app_version="1"),
            directory=self.directory,
            random_bytes=self.rng.randbytes,
            identity_key=self.identity_key,
            on_older_copy=on_older_copy,
        )


def ids(log: CommitLog) -> set[str]:
    return {commit.id for commit in log.commits()}


class CutPeer:
    """Carries a limited number of bytes in each direction, then the link is gone."""

    def __init__(self, peer: SyncPeer, *, up_bytes: int | None = None, down_bytes: int | None = None) -> None:
        self._peer = peer
        self._up_bytes = up_bytes
        self._down_bytes = down_bytes
        self.is_cut = False

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        if self._up_bytes is None:
            yield from self._down(self._peer.send(request))
        else:
            yield from self._down(self._peer.send(self._up(request, self._up_bytes)))

    def _up(self, request: Iterable[bytes], left: int) -> Iterator[bytes]:
        for data in request:
            if len(data) > left:
                yield data[:left]
                self._up_bytes = 0
                self.is_cut = True
                raise ServerUnreachableError
            left -= len(data)
            self._up_bytes = left
            yield data

    def _down(self, answer: Iterator[bytes]) -> Iterator[bytes]:
        for data in answer:
            if self._down_bytes is not None:
                if len(data) > self._down_bytes:
                    yield data[: self._down_bytes]
                    self.is_cut = True
                    raise ServerUnreachableError
                self._down_bytes -= len(data)
            yield data


def memory_study(seed: int = 1, *, sites: Iterable[str] = ("001",)) -> Server:
    server = Server(MemoryLog(), random.Random(seed))
    for site in sites:
        server.open_site(site)
    return server


def copy_of(log: CommitLog, upto: int | None = None) -> MemoryLog:
    """Return a log with the first commits of another, or all: a folder or a backup put back."""
    copy = MemoryLog()
    copy.append(list(log.commits())[:upto])
    return copy

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
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, CommitDraft, SealedCommit, Sealer, shelf_of
from casebook.payloads import DataPayload, SubjectPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.sync import trust
from casebook.sync.engine import ExchangeReport, Laptop, PersonSigner, SyncPeer, exchange
from casebook.sync.office import Judge, Office, RoleFacts, Ruling, nothing_found
from casebook.sync.serving import Desk, serve
from casebook.sync.trust import Device, Directory, PersonKey, ServerIdentity, Site, StaffMember
from tests.casebook.store.memory_log import MemoryLog

STUDY = "RELOW1"
START_MS = int(datetime(2025, 3, 1, 8, tzinfo=UTC).timestamp() * 1000)
AUTHOR = user_id("investigator.a")


ROLES = (
    RoleFacts(oid="ROLE.INVESTIGATOR", sees="SIU", rights=frozenset({"enter", "sign"}), of_study=False),
    RoleFacts(oid="ROLE.COORDINATOR", sees="SIU", rights=frozenset({"enter"}), of_study=False),
    RoleFacts(oid="ROLE.PI", sees="SIU", rights=frozenset({"enter", "delegate", "administer"}), of_study=False),
    RoleFacts(oid="ROLE.ADMIN", sees="SI", rights=frozenset({"administer"}), of_study=False),
    RoleFacts(oid="ROLE.BLIND", sees="SI", rights=frozenset({"enter"}), of_study=False),
    RoleFacts(oid="ROLE.DATA", sees="SU", rights=frozenset({"query", "lock"}), of_study=True),
)
SEES = {role.oid: role.sees for role in ROLES}


class Server:
    """The study's server over two logs; `serve` answers in this process."""

    def __init__(self, log: CommitLog, rng: random.Random) -> None:
        self.rng = rng
        self.judge: Judge = nothing_found
        self._ticks = itertools.count(START_MS, 1000)
        self.signing = SigningKey(rng.randbytes(32))
        self.receipts = SigningKey(rng.randbytes(32))
        self.identity = ServerIdentity(
            device=new_device_id(rng.randbytes), signing=self.signing.public, receipts=self.receipts.public
        )
        self.begin(log)

    def begin(self, log: CommitLog, unblinding: CommitLog | None = None) -> None:
        """Start on two logs: the first ones, or empty or older ones after a loss."""
        self.log = log
        if log.setting(SERVER_EPOCH) is None:
            log.set_setting(SERVER_EPOCH, new_epoch(self.rng.randbytes))
        self.unblinding = MemoryLog() if unblinding is None else unblinding
        self.directory = Directory(self.identity)
        self.directory.refresh(log)
        self.directory.refresh(self.unblinding, UNBLINDING)
        self.office = Office(
            {STANDARD: log, UNBLINDING: self.unblinding},
            self.directory,
            study=STUDY,
            app_version="1",
            signing=self.signing,
            roles=ROLES,
            certify=_certify,
            clock=lambda: moment(next(self._ticks)),
            random_bytes=self.rng.randbytes,
            judge=self._judge,
        )
        self.desk = Desk(
            log=log,
            unblinding=self.unblinding,
            directory=self.directory,
            study=STUDY,
            receipts=self.receipts,
            now_ms=lambda: next(self._ticks),
            on_kept=self.office.kept,
        )

    def _judge(self, shelf: str, commit: SealedCommit) -> Ruling | None:
        return self.judge(shelf, commit)

    def state(self, site: str, draft: CommitDraft, shelf: str = STANDARD) -> None:
        """Append a statement to the site's chain."""
        self.office.state(site, draft, shelf=shelf)

    def add(
        self, user: str, role: str = "ROLE.INVESTIGATOR", site: str = "001", sites: tuple[str, ...] = ()
    ) -> StaffMember:
        """Give a person an account; again to change it."""
        before = self.directory.member(user_id(user))
        member = StaffMember(user=user_id(user), name=user.title(), role=role, site=site, sites=sites, sees=SEES[role])
        self.office.state_account(member, also=before.all_sites if before is not None else ())
        return member

    def open_site(self, site: str = "001") -> None:
        self.state(site, trust.site_statement(Site(site=site, name=f"Site {site}")))
        member = StaffMember(user=AUTHOR, name="Investigator A", role="ROLE.INVESTIGATOR", site=site, sees="SIU")
        self.state(site, trust.user_statement(member))

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer in this process (a `SyncPeer`)."""
        return serve(self.desk, request)


def _certify(paper: bytes, name: str) -> bytes:
    if not paper:
        raise ValueError(name)
    return b"DER of " + name.encode()


def moment(utc_ms: int = START_MS) -> Moment:
    return Moment(utc_ms=utc_ms, offset_minutes=480, boot="0", uptime_ms=1)


class Writer:
    """A laptop of a site with one certified person."""

    def __init__(
        self,
        server: Server,
        log: CommitLog,
        *,
        site: str = "001",
        letter: str = "A",
        certify: bool = True,
        user: UserId = AUTHOR,
    ) -> None:
        self.server = server
        self.log = log
        self.unblinding: CommitLog = MemoryLog()
        self.user = user
        self.sidecar = b""
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
        self.at = moment()
        self.head = self._new_chain()
        self.heads: dict[tuple[str, str], ChainHead] = {}
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
        key = PersonKey(user=self.user, device=self.device, signing=self.person.public, certificate=b"DER")
        member = self.server.directory.member(self.user)
        assert member is not None
        if member.site == self.site:
            self.server.office.certified(member, key)
        else:
            self.server.state(self.site, trust.person_statement(key, self.site))

    def _new_chain(self) -> ChainHead:
        return ChainHead(device=self.device, epoch=new_epoch(self.rng.randbytes), sequence=0, id=None)

    def begin_epoch(self) -> None:
        self.head = ChainHead(device=self.device, epoch=new_epoch(self.rng.randbytes), sequence=0, id=self.head.id)

    def seal(self, draft: CommitDraft, signer: SigningKey | None = None, *, site: str | None = None) -> SealedCommit:
        """Seal as the next commit of the chain of its shelf and site."""
        place = (shelf_of(draft.compartment), site or self.site)
        at_home = place == (STANDARD, self.site)
        head = self.head if at_home else self.heads.get(place) or self._new_chain()
        sealer = Sealer(
            study=STUDY,
            site=place[1],
            app_version="1",
            signer=signer or self.person,
            random_bytes=self.rng.randbytes,
            identity_key=self.identity_key,
        )
        commit = ledger.seal(draft, after=head, sealer=sealer, moment=self.at)
        if at_home:
            self.head = ledger.head_after(commit)
        else:
            self.heads[place] = ledger.head_after(commit)
        return commit

    def keep(self, draft: CommitDraft, signer: SigningKey | None = None, *, site: str | None = None) -> SealedCommit:
        """Seal and keep in the log of its shelf."""
        commit = self.seal(draft, signer, site=site)
        (self.log if commit.parsed.shelf == STANDARD else self.unblinding).append([commit])
        return commit

    def write(
        self,
        text: str = "140",
        *,
        subject: SubjectId | None = None,
        author: UserId | None = None,
        compartment: str = STANDARD,
        site: str | None = None,
    ) -> SealedCommit:
        """Seal one entry and keep it."""
        key = FormKey(subject=subject or new_subject_id(self.rng.randbytes), visit=VisitKey(visit="SE.V1"), form="F.VS")
        operation = SetItem(path=ItemPath(group="IG.VS", item="SYSBP"), reading=Reading(value=text))
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=(operation,)))
        draft = CommitDraft(kind=kind, author=author or self.user, body=body, compartment=compartment)
        return self.keep(draft, site=site)

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

    @property
    def signer(self) -> PersonSigner:
        return PersonSigner(user=self.user, signing=self.person)

    def laptop(self, shelf: str = STANDARD, person: PersonSigner | None = None) -> Laptop:
        return Laptop(
            study=STUDY,
            device=self.device,
            signing=self.key,
            app_version="1",
            shelf=shelf,
            person=person,
            sidecar=self.sidecar,
        )

    def sync(
        self,
        peer: SyncPeer | None = None,
        *,
        on_older_copy: Callable[[], None] = lambda: None,
        shelf: str = STANDARD,
        person: PersonSigner | None = None,
    ) -> ExchangeReport:
        """Exchange one shelf; by the laptop alone where no person is given."""
        return exchange(
            self.log if shelf == STANDARD else self.unblinding,
            peer or self.server,
            laptop=self.laptop(shelf, person),
            directory=self.directory,
            random_bytes=self.rng.randbytes,
            identity_key=self.identity_key,
            on_older_copy=on_older_copy,
        )

    def sync_both(self) -> tuple[ExchangeReport, ExchangeReport]:
        """Exchange both shelves as the signed-in person."""
        return self.sync(person=self.signer), self.sync(shelf=UNBLINDING, person=self.signer)


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

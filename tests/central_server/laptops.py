"""Laptops that enrol at a real server and exchange over HTTPS, without a window."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from casebook import crypto, ledger, payloads
from casebook.attachments import seal_file
from casebook.clock import system_clock
from casebook.crypto import SealingKey, SigningKey
from casebook.ids import UserId, new_device_id, new_epoch, new_subject_id
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer, shelf_of
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.store import CommitLog
from casebook.store.chunks import ChunkFolder
from casebook.sync.attachments import ChunkPeer, ChunkReport, exchange_chunks
from casebook.sync.chunk_messages import BegunChunks
from casebook.sync.engine import ExchangeReport, Laptop, PersonSigner, SyncPeer, exchange
from casebook.sync.trust import Directory
from desktop_app.sync_client import HttpPeer, certify_person, enrol
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.chunk_study import attached
from tests.server_process import ServerProcess


@cache
def paper_key() -> bytes:
    """Return one RSA public key for all test people: making one takes long."""
    return crypto.public_key_der(crypto.new_rsa_key())


class EnrolledLaptop:
    """A laptop with one person, enrolled over HTTPS."""

    def __init__(
        self,
        server: ServerProcess,
        *,
        site: str = "001",
        name: str = "Investigator A",
        role: str = "investigator",
        log: CommitLog | None = None,
    ) -> None:
        self.server = server
        self.log = MemoryLog() if log is None else log
        self.unblinding = MemoryLog()
        self.sidecar = b""
        self.signing = SigningKey.generate()
        self.sealing = SealingKey.generate()
        self.person = SigningKey.generate()
        self.device = new_device_id(os.urandom)
        self.identity_key = bytes(range(32))
        self.enrolled = enrol(
            server.url,
            server.enrolment_code(site),
            device=self.device,
            signing=self.signing,
            sealing=self.sealing,
            name="Ward laptop",
            app_version="1",
        )
        user, code = server.add_user(name, role, site=site)
        self.user = UserId(user)
        self.certified = certify_person(
            server.url,
            self.enrolled.authority,
            code,
            device=self.device,
            device_signing=self.signing,
            signing=self.person.public,
            paper=paper_key(),
            sealing=self.sealing.public,
        )
        self.directory = Directory(self.enrolled.server)
        self.heads: dict[tuple[str, str], ChainHead] = {}

    def laptop(self, shelf: str = "S", *, signed_in: bool = False) -> Laptop:
        return Laptop(
            study=self.enrolled.study,
            device=self.device,
            signing=self.signing,
            app_version="1",
            shelf=shelf,
            person=PersonSigner(user=self.user, signing=self.person) if signed_in else None,
            sidecar=self.sidecar,
        )

    def write(
        self, text: str, *, compartment: str = "S", site: str | None = None, path: ItemPath | None = None
    ) -> SealedCommit:
        """Seal one entry and keep it."""
        return self.write_form([text], compartment=compartment, site=site, path=path)

    def write_form(
        self,
        texts: Sequence[str],
        *,
        compartment: str = "S",
        site: str | None = None,
        path: ItemPath | None = None,
    ) -> SealedCommit:
        """Seal a form with an item for each text and keep it."""
        key = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS")
        operations = tuple(
            SetItem(path=path or ItemPath(group="IG.VS", item=f"ITEM{number}"), reading=Reading(value=text))
            for number, text in enumerate(texts)
        )
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=operations))
        draft = CommitDraft(kind=kind, author=self.user, body=body, compartment=compartment)
        return self.keep(draft, site=site)

    def keep(self, draft: CommitDraft, *, site: str | None = None) -> SealedCommit:
        """Seal what was drafted into the laptop's chain and keep it."""
        place = (shelf_of(draft.compartment), site or self.enrolled.site)
        head = self.heads.get(place) or ChainHead(device=self.device, epoch=new_epoch(os.urandom), sequence=0, id=None)
        sealer = Sealer(
            study=self.enrolled.study,
            site=place[1],
            app_version="1",
            signer=self.person,
            random_bytes=os.urandom,
            identity_key=self.identity_key,
        )
        commit = ledger.seal(draft, after=head, sealer=sealer, moment=system_clock())
        self.heads[place] = ledger.head_after(commit)
        (self.log if place[0] == "S" else self.unblinding).append([commit])
        return commit

    def sync(self, peer: SyncPeer | None = None, *, shelf: str = "S", signed_in: bool = False) -> ExchangeReport:
        laptop = self.laptop(shelf, signed_in=signed_in)
        if peer is not None:
            return self._exchange(peer, laptop)
        with HttpPeer(self.server.url, self.enrolled.authority) as http:
            return self._exchange(http, laptop)

    def sync_both(self) -> tuple[ExchangeReport, ExchangeReport]:
        """Exchange both shelves as the person."""
        return self.sync(signed_in=True), self.sync(shelf="U", signed_in=True)

    def _exchange(self, peer: SyncPeer, laptop: Laptop) -> ExchangeReport:
        log = self.log if laptop.shelf == "S" else self.unblinding
        return exchange(log, peer, laptop=laptop, directory=self.directory, random_bytes=os.urandom)


class PhotoLaptop(EnrolledLaptop):
    """A laptop with chunks on its disk."""

    def __init__(self, server: ServerProcess, folder: Path, *, site: str = "001") -> None:
        super().__init__(server, site=site)
        self.chunks = ChunkFolder(folder)
        self.begun = BegunChunks()

    def attach(self, content: bytes) -> SealedCommit:
        """Attach a file in the laptop's chain."""
        form = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS")
        sealed = seal_file(content, os.urandom)
        kind, body = payloads.write(attached(sealed, form))
        commit = self.keep(
            CommitDraft(kind=kind, author=self.user, body=body, compartment="I", outside=payloads.OUTSIDE[kind])
        )
        for name, chunk in sealed.chunks:
            self.chunks.put(name, chunk)
        return commit

    def sync_chunks(self, around: Callable[[ChunkPeer], ChunkPeer] = lambda peer: peer) -> ChunkReport:
        """Exchange chunks over HTTPS."""
        with HttpPeer(self.server.url, self.enrolled.authority) as http:
            return exchange_chunks(
                self.log,
                self.chunks,
                around(http),
                laptop=self.laptop(signed_in=True),
                receipt_key=self.enrolled.server.receipts,
                site=self.enrolled.site,
                random_bytes=os.urandom,
                begun=self.begun,
            )


def identities(log: CommitLog) -> set[str]:
    return {commit.id for commit in log.commits()}

"""A study of `tests.casebook.sync.study` whose laptops write and read bundles; files are real, in a folder."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.crypto import SealingKey, SigningKey
from casebook.ids import DeviceId, UserId, user_id
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY, SealedCommit
from casebook.store.chunks import ChunksInMemory
from casebook.sync import trust
from casebook.sync.attachments import pending_attachments
from casebook.sync.bundle_desk import BundleKeys, BundleTaken, take_bundle, write_reply
from casebook.sync.bundles import BundleRead, BundleWritten, Holder, read_bundle, write_bundle
from casebook.sync.carried_chunks import Attached
from casebook.sync.chunk_serving import ChunkDesk
from casebook.sync.engine import PersonSigner
from casebook.sync.trust import PersonKey
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.chunk_study import attach_file
from tests.casebook.sync.study import AUTHOR, START_MS, Server, Writer, memory_study

BLIND = user_id("blind")
"""A person who sees no treatment."""


class BundleServer:
    """The study's server with keys for bundles, stated to site 001."""

    def __init__(self, seed: int = 1) -> None:
        self.server: Server = memory_study(seed)
        self.standard = [SealingKey(self.server.rng.randbytes(32))]
        self.unblinding = [SealingKey(self.server.rng.randbytes(32))]
        self.chunks = ChunkDesk(self.server.desk, {shelf: ChunksInMemory() for shelf in (STANDARD, UNBLINDING)})
        self.server.add("blind", "ROLE.BLIND")
        self.state_keys()

    def state_keys(self) -> None:
        newest = (self.standard[-1].public, self.unblinding[-1].public)
        self.server.state("001", trust.bundle_key_statement("001", newest))

    def take(self, *files: Path) -> list[BundleTaken]:
        keys = BundleKeys(standard=self.standard, unblinding=self.unblinding)
        return [take_bundle(self.server.desk, keys, file, self.chunks) for file in files]

    def reply(self, device: DeviceId, folder: Path) -> Sequence[Path]:
        return write_reply(
            self.server.desk, device, folder, "reply", random_bytes=self.server.rng.randbytes, chunks=self.chunks
        )


class Carrier:
    """A laptop that has exchanged once, and from then on has files alone."""

    def __init__(self, study: BundleServer, folder: Path, letter: str = "A") -> None:
        self.study = study
        self.folder = folder
        self.writer = Writer(study.server, MemoryLog(), letter=letter, certify=False)
        self.people = {AUTHOR: self.writer.person, BLIND: SigningKey(study.server.rng.randbytes(32))}
        self.sealings = {user: SealingKey(study.server.rng.randbytes(32)) for user in self.people}
        for user, signing in self.people.items():
            member = study.server.directory.member(user)
            assert member is not None
            key = PersonKey(
                user=user,
                device=self.writer.device,
                signing=signing.public,
                certificate=b"DER",
                sealing=self.sealings[user].public,
            )
            study.server.office.certified(member, key)
        self.writer.sync(person=self.writer.signer)
        self.begun: list[str] = []
        self.chunks = {shelf: ChunksInMemory() for shelf in (STANDARD, UNBLINDING)}

    @property
    def device(self) -> DeviceId:
        return self.writer.device

    def holder(self, user: UserId = AUTHOR) -> Holder:
        """Return the laptop as a person's session has it; the blinded one has shelf S alone."""
        logs = {STANDARD: self.writer.log, UNBLINDING: self.writer.unblinding}
        if user != AUTHOR:
            del logs[UNBLINDING]
        person = PersonSigner(user=user, signing=self.people[user])
        return Holder(
            laptop=replace(self.writer.laptop(person=person), sidecar=b"key slots"),
            site="001",
            logs=logs,
            directory=self.writer.directory,
            sealing=self.writer.sealing,
            person_sealing=self.sealings[user],
            random_bytes=self.writer.rng.randbytes,
            identity_key=self.writer.identity_key,
            begin_epoch={shelf: self._begin(shelf) for shelf in logs},
            chunks={shelf: self.chunks[shelf] for shelf in logs},
        )

    def _begin(self, shelf: str) -> Callable[[], None]:
        return lambda: self.begun.append(shelf)

    def attach(self, content: bytes, compartment: str = IDENTITY) -> SealedCommit:
        return attach_file(self.writer, self.chunks, content, compartment)

    def pending(self, shelf: str = STANDARD) -> int:
        """Return how many attachments the server is not proved to have whole."""
        return len(pending_attachments(self.holder().logs[shelf], self.chunks[shelf]))

    def write(
        self,
        user: UserId = AUTHOR,
        to: DeviceId | None = None,
        *,
        whole: bool = False,
        attachments: Attached = Attached.WITH,
    ) -> BundleWritten:
        return write_bundle(
            self.holder(user), self.folder, "lap", to=to, at_ms=START_MS, whole=whole, attachments=attachments
        )

    def read(self, *files: Path, user: UserId = AUTHOR) -> list[BundleRead]:
        return [read_bundle(self.holder(user), file) for file in files]

    def custody(self, shelf: str = STANDARD) -> list[bool]:
        """Tell of each chain of this laptop whether the server has said that it has all of it."""
        log = self.holder().logs[shelf]
        own = [head for head in log.heads() if head.device == self.device]
        return [log.custody(head.device, head.epoch) == head.sequence for head in own]


@pytest.fixture
def study() -> BundleServer:
    """Taken by name in each module: the folder's own `laptop` is another."""
    return BundleServer()


@pytest.fixture
def laptop(study: BundleServer, tmp_path: Path) -> Carrier:
    return Carrier(study, tmp_path)


def write_both(laptop: Carrier, count: int = 3) -> None:
    """Write entries of both shelves, and one sealed to the site."""
    for value in range(count):
        laptop.writer.write(str(value))
        laptop.writer.write(str(value), compartment=UNBLINDING)
    laptop.writer.write("sealed", compartment=UNBLINDING_IDENTITY)

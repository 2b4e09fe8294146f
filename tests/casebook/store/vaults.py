"""A whole small vault: folder, slots, database, spool; and ways to hurt it."""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from casebook.crypto import KdfParameters, KdfPolicy
from casebook.ids import SubjectId, UserId
from casebook.ledger import SealedCommit
from casebook.store.healing import OpenStore, create_store, open_store
from casebook.store.slots import KeySlots, VaultPerson
from casebook.store.spool import SEGMENT_BYTES, OpenEntry
from casebook.store.vault_files import VaultFolder
from tests.casebook.commits import Laptop, form_key, set_item

CHEAP = KdfParameters(memory_kib=64, passes=1, lanes=1)
CHEAP_KDF = KdfPolicy(chosen=CHEAP, floor=CHEAP, ceiling=KdfParameters(memory_kib=1024, passes=4, lanes=2))
KEY = bytes(range(32))
SALT = bytes(range(16))
USER = UserId("li.ping")
PERSON = VaultPerson(user=USER, name="李 Ping", roles=("investigator",))
PASSPHRASE = "correct horse battery staple"
PRIVATE = b"a seed and an RSA key"
SECRET_TEXT = "NIHSS seventeen, right hemiplegia 右侧偏瘫"
"""What must not be found in any file."""


def save(laptop: Laptop, subject: SubjectId, text: str = "120") -> SealedCommit:
    """Seal one save of one item."""
    return laptop.save(form_key(subject), set_item("IT.SBP", text))


def flip(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes((byte ^ (1 << bit % 8),)))


def some_bits(path: Path, count: int, *, seed: int, first_byte: int = 0) -> list[int]:
    """Return `count` bits of a file, repeatably chosen."""
    chosen = random.Random(f"{seed}{path.name}")
    return [chosen.randrange(first_byte * 8, path.stat().st_size * 8) for _ in range(count)]


@dataclass
class Vault:
    """A vault with one person, open."""

    folder: VaultFolder
    slots: KeySlots
    key: bytes
    store: OpenStore
    laptop: Laptop = field(default_factory=lambda: Laptop(seed=7))
    subject: SubjectId = field(init=False)

    def __post_init__(self) -> None:
        self.subject, self.first = self.laptop.add_subject()

    @classmethod
    def make(cls, path: Path) -> "Vault":
        """Make a vault of one person and no commits."""
        folder = VaultFolder(path, ballast_bytes=64 * 1024)
        folder.prepare()
        slots, key = KeySlots.create(path, CHEAP_KDF)
        slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
        return cls(folder=folder, slots=slots, key=key, store=create_store(folder, key, slots.database_salt))

    def record(self, count: int) -> list[SealedCommit]:
        """Enter, seal and keep some saves, as the session does: spool first."""
        made = [self.first] if not self.store.log.count() and self.laptop.head.sequence == 1 else []
        made += [save(self.laptop, self.subject, SECRET_TEXT) for _ in range(count - len(made))]
        for number, commit in enumerate(made):
            draft = f"{commit.id[:8]}{number}"
            self.store.spool.append_open(OpenEntry(draft=draft, body=SECRET_TEXT.encode()))
            self.store.spool.append_sealed(commit, subject=self.subject, closes=draft)
            self.store.log.append([commit], {commit.id: self.subject})
        return made

    def receive(self, sequence: int) -> None:
        """Let the server say that it has the chain up to a sequence."""
        self.store.log.add_receipt(
            f"receipt {sequence}".encode(),
            device=self.laptop.device,
            epoch=self.laptop.epoch,
            sequence=sequence,
            at_ms=sequence,
            serial=sequence,
        )

    def reopen(self, *, segment_bytes: int = SEGMENT_BYTES) -> OpenStore:
        """Close and open again, with healing."""
        self.store.close()
        self.store = open_store(
            self.folder, self.key, self.slots.database_salt, device=self.laptop.device, segment_bytes=segment_bytes
        )
        return self.store

    def copy_to(self, path: Path) -> "Vault":
        """Copy the closed folder; the copy is to be opened by `reopen`."""
        shutil.copytree(self.folder.path, path)
        twin = Vault(
            folder=VaultFolder(path, ballast_bytes=64 * 1024),
            slots=self.slots,
            key=self.key,
            store=self.store,
            laptop=self.laptop,
        )
        twin.subject = self.subject
        return twin

    def close(self) -> None:
        """Close store and spool."""
        self.store.close()


def bytes_of_all_files(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder."""
    return {Path(root) / name: (Path(root) / name).read_bytes() for root, _, names in os.walk(folder) for name in names}

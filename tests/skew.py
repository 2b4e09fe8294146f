"""What a release leaves behind, frozen: exchanges of its laptops, a server's record, a laptop's folder.

`python -m tests.skew tests/vectors/skew/v1` makes them with the code of the day. They are made once for each version
of the protocol, the record or the store that was released, and never again: `test_skew_artefacts.py` holds every
later release against all of them.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from casebook import payloads
from casebook.crypto import SigningKey
from casebook.ids import CommitId, DeviceId, SubjectId, UserId
from casebook.ledger import CommitDraft, SealedCommit
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.store.healing import create_store
from casebook.store.slots import KeySlots
from casebook.store.spool import OpenEntry
from casebook.store.vault_files import VaultFolder
from casebook.sync.engine import ExchangeReport, Laptop, PersonSigner, SyncPeer, exchange
from casebook.sync.serving import Desk, serve
from casebook.sync.trust import Directory, ServerIdentity
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE
from tests.casebook.sync.study import START_MS, STUDY, Writer, memory_study

FOLDER = Path(__file__).parent / "vectors" / "skew"
DRAFT = "an open entry"
Packed = list[str]


@dataclass(frozen=True)
class Artefact:
    """One release's artefacts."""

    folder: Path

    @cached_property
    def facts(self) -> dict[str, str]:
        """Keys and names, by what they are called in `_facts`."""
        found: dict[str, str] = json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def commits(self) -> dict[str, list[SealedCommit]]:
        """The server's statements, then what the laptop had sealed before each exchange, and after the last."""
        packed: dict[str, list[Packed]] = json.loads((self.folder / "commits.json").read_text(encoding="utf-8"))
        return {name: [_unpacked(one) for one in rows] for name, rows in packed.items()}

    @cached_property
    def exchanges(self) -> list[list[tuple[bytes, bytes]]]:
        """Of each exchange the requests, each with its answer."""
        told = json.loads((self.folder / "exchanges.json").read_text(encoding="utf-8"))
        return [[(bytes.fromhex(request), bytes.fromhex(answer)) for request, answer in one] for one in told]

    @property
    def server_key(self) -> SigningKey:
        """The key by which the server's receipts are signed."""
        return SigningKey(bytes.fromhex(self.facts["receipts"]))

    def directory(self, log: CommitLog) -> Directory:
        """Return what a log's statements say under the server's keys."""
        signing = SigningKey(bytes.fromhex(self.facts["signing"]))
        identity = ServerIdentity(
            device=DeviceId(self.facts["server"]), signing=signing.public, receipts=self.server_key.public
        )
        directory = Directory(identity)
        directory.refresh(log)
        return directory

    def server(self) -> tuple[MemoryLog, "Today"]:
        """Return today's server with the record that the server of then had, and its log."""
        log = MemoryLog()
        log.set_setting(SERVER_EPOCH, self.facts["epoch"])
        log.append(self.commits["statements"])
        desk = Desk(
            log=log, directory=self.directory(log), study=STUDY, receipts=self.server_key, now_ms=lambda: START_MS
        )
        return log, Today(desk)

    def exchange(self, log: CommitLog, peer: SyncPeer, number: int) -> ExchangeReport:
        """Exchange as the laptop of then, with today's engine."""
        person = PersonSigner(user=UserId(self.facts["user"]), signing=SigningKey(bytes.fromhex(self.facts["person"])))
        laptop = Laptop(
            study=STUDY,
            device=DeviceId(self.facts["device"]),
            signing=SigningKey(bytes.fromhex(self.facts["laptop"])),
            app_version="1",
            person=person,
        )
        return exchange(
            log, peer, laptop=laptop, directory=self.directory(log), random_bytes=lambda size: bytes([number]) * size
        )


@dataclass
class Today:
    """Today's server as a peer, which keeps what went each way."""

    desk: Desk

    def __post_init__(self) -> None:
        self.told: list[tuple[bytes, bytes]] = []

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer in this process."""
        asked = b"".join(request)
        answer = b"".join(serve(self.desk, [asked]))
        self.told.append((asked, answer))
        yield answer


@dataclass
class Frozen:
    """A peer that answers what was answered then."""

    told: Sequence[tuple[bytes, bytes]]

    def __post_init__(self) -> None:
        self._left = iter(self.told)

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Take in the request and give the next answer."""
        for _ in request:
            pass
        yield next(self._left)[1]


def artefacts() -> list[Artefact]:
    """Return the artefacts of every release so far."""
    return [Artefact(one) for one in sorted(FOLDER.iterdir()) if one.is_dir()]


# -- making -----------------------------------------------------------------------------------------------


def make(folder: Path) -> None:
    """Make the artefacts of today's code in a new folder."""
    folder.mkdir(parents=True)
    server = memory_study(seed=5)
    laptop = Writer(server, MemoryLog())
    epoch = server.log.setting(SERVER_EPOCH) or ""
    facts = {
        "server": server.identity.device,
        "signing": server.signing.private.hex(),
        "receipts": server.receipts.private.hex(),
        "epoch": epoch,
        "device": laptop.device,
        "laptop": laptop.key.private.hex(),
        "person": laptop.person.private.hex(),
        "user": laptop.user,
        "passphrase": PASSPHRASE,
    }
    _keep(folder / "facts.json", facts)
    subject = SubjectId("S" * 16)
    first = [laptop.add_subject(1), *(laptop.write(text, subject=subject) for text in ("140", "150 mmHg 毫米汞柱"))]
    second = [laptop.write(text, subject=subject) for text in ("160", "170")]
    later = [laptop.write("180", subject=subject), _unknown(laptop, subject)]
    parts = {"statements": list(server.log.commits()), "first": first, "second": second, "later": later}
    _keep(folder / "commits.json", {name: [_packed(one) for one in part] for name, part in parts.items()})
    artefact, log, told = Artefact(folder), MemoryLog(), list[list[list[str]]]()
    _, peer = artefact.server()
    for number, part in enumerate((first, second), start=1):
        peer.told.clear()
        log.append(part)
        artefact.exchange(log, peer, number)
        told.append([[request.hex(), answer.hex()] for request, answer in peer.told])
    _keep(folder / "exchanges.json", told)
    _make_vault(folder / "laptop", log, later, subject)


def _unknown(laptop: Writer, subject: SubjectId) -> SealedCommit:
    """Seal a commit of a kind that the release does not know itself."""
    return laptop.keep(CommitDraft(kind="orbit", author=laptop.user, body={"s": subject, "x": "later"}))


def _make_vault(path: Path, log: MemoryLog, later: list[SealedCommit], subject: SubjectId) -> None:
    """Make a laptop's folder: what was exchanged in its database, the rest in its spool alone, an entry open."""
    folder = VaultFolder(path, ballast_bytes=0)
    folder.prepare()
    slots, key = KeySlots.create(path, CHEAP_KDF)
    slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    store = create_store(folder, key, slots.database_salt)
    commits = list(log.commits())
    store.log.append(commits, {one.id: found for one in commits if (found := payloads.subject_of(one)) is not None})
    for receipt in log.receipts():
        store.log.add_receipt(
            receipt.body,
            device=receipt.device,
            epoch=receipt.epoch,
            sequence=receipt.sequence,
            at_ms=receipt.at_ms,
            serial=receipt.serial,
            server_epoch=receipt.server_epoch,
        )
    store.log.set_setting(SERVER_EPOCH, log.setting(SERVER_EPOCH) or "")
    for commit in later:
        store.spool.append_sealed(commit, subject=subject)
    store.spool.append_open(OpenEntry(draft=DRAFT, body=b"142"))
    store.close()


def _keep(path: Path, told: object) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _packed(commit: SealedCommit) -> Packed:
    return [commit.header.hex(), commit.payload.hex(), commit.signature.hex()]


def _unpacked(packed: Packed) -> SealedCommit:
    header, payload, signature = (bytes.fromhex(one) for one in packed)
    return SealedCommit(header, payload, signature)


def ids_of(commits: Iterable[SealedCommit]) -> set[CommitId]:
    """Return the ids of commits."""
    return {one.id for one in commits}


if __name__ == "__main__":
    make(Path(sys.argv[1]))

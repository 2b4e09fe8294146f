"""A full examination of the server's stores: pages, tables, chains, contents, every signature and every chunk.

Source: docs/operations.md, section "Backup and restore"; 21 CFR 11.10(a), (c).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casebook import ledger
from casebook.errors import CommitUnreadableError, CommitUntrustedError, StoreDamagedError
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.chunks import SERVER_QUOTA_BYTES, ChunkFolder
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.attachments import all_names
from casebook.sync.serving import RECEIPT_SERIAL
from casebook.sync.trust import Directory
from central_server.authority import StudyKeys

STORES = {STANDARD: "casebook.db", UNBLINDING: "unblinding.db"}
"""The file of each shelf in a server's folder, and in a backup."""
CHUNKS = {STANDARD: "chunks/standard", UNBLINDING: "chunks/unblinding"}
"""Where the chunks of attachments of each shelf lie, there as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """What was found of one store, all of it whole.

    Attributes:
        unknown: Commits whose author has no certificate here: they were taken in by an earlier state of this server.
        serial: Of the last receipt that was given.
        chunks: Chunks of attachments that are what their name says.
        damaged_chunks: Those that were not: they were set aside.
        missing_chunks: Those that a commit names and that are not here, the ones that were set aside among them.
    """

    shelf: str
    commits: int
    chains: int
    parked: int
    quarantined: int
    unknown: int
    serial: int
    chunks: int
    damaged_chunks: int
    missing_chunks: int


def chunk_folders(folder: Path, free_bytes: int = 0) -> dict[str, ChunkFolder]:
    """Return where a server keeps chunks, by shelf. Nothing is made before the first.

    Args:
        free_bytes: What has to stay free of the disk.
    """
    places = CHUNKS.items()
    return {shelf: ChunkFolder(folder / place, SERVER_QUOTA_BYTES, free_bytes=free_bytes) for shelf, place in places}


def check_stores(folder: Path, keys: StudyKeys, *, in_use: bool) -> tuple[StoreCheck, ...]:
    """Examine the stores of a server's folder, or of a backup.

    Args:
        in_use: A server may be writing meanwhile.

    Raises:
        StoreDamagedError: Something is damaged, or a signature does not hold.
        StoreMissingError: A store is not there.
    """
    directory = Directory(keys.identity)
    chunks = chunk_folders(folder)
    found = []
    for shelf, key, salt in keys_of(keys):
        log = SqlcipherLog.open(folder / STORES[shelf], key, salt)
        try:
            log.examine(in_use=in_use)
            directory.refresh(log, shelf)
            found.append(_check(shelf, log, directory, STORES[shelf], chunks[shelf]))
        finally:
            log.close()
    return tuple(found)


def keys_of(keys: StudyKeys) -> Iterator[tuple[str, bytes, bytes]]:
    """Give shelf, key and salt of each store whose key is at hand."""
    yield STANDARD, keys.store_key, keys.store_salt
    if keys.unblinding is not None:
        yield UNBLINDING, keys.unblinding.key, keys.unblinding.salt


def _check(shelf: str, log: SqlcipherLog, directory: Directory, file: str, chunks: ChunkFolder) -> StoreCheck:
    commits = unknown = 0
    for commit in log.commits():
        commits += 1
        try:
            public = directory.key(commit.parsed)
            if public is None:
                unknown += 1
                ledger.check(commit)
            else:
                ledger.verify(commit, public)
        except (CommitUnreadableError, CommitUntrustedError):
            raise StoreDamagedError(file=file, why="Ed25519") from None
    kept = tuple(chunks.names())
    whole = {name for name in kept if chunks.get(name) is not None}
    return StoreCheck(
        shelf=shelf,
        commits=commits,
        chains=len(log.heads()),
        parked=log.count_parked(),
        quarantined=len(log.quarantined()),
        unknown=unknown,
        serial=int(log.setting(RECEIPT_SERIAL) or "0"),
        chunks=len(whole),
        damaged_chunks=len(kept) - len(whole),
        missing_chunks=len(all_names(log) - whole),
    )

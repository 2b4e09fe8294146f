"""Retiring a laptop: its keys first, then its files, and never half of it.

A journal says that it has begun. From then on the folder is on its way out, whatever happens: whoever opens it
next finishes what was begun. The key slots go first and in one go, overwritten and then removed: without them
nothing in the folder can be opened by anybody, however much of it is still there (crypto-shredding). On a flash
disk an overwritten block may live on; that is why the passphrase's cost, and not the overwriting, protects it.

The journal holds nothing but the name and SHA-256 of the rescue copy that was made, where one was.

Source: docs/store.md, section "Custody"; NIST SP 800-88 Rev. 1, section 2.5 (cryptographic erase).
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from casebook.store import _disk
from casebook.store.rescue import RescueCopy
from casebook.store.vault_files import VaultFolder

JOURNAL = "retiring"
_KEYS = ("keyslots.json*", "device.secret*")
_OURS = (
    "casebook.db*",
    "spool",
    "unblinding",
    "damaged",
    "chunks",
    "salvage-*",
    "ballast*",
    "enrolling*",
    "attempts.json*",
    "study-authority.der",
    "withdrawn",
    "waiting.json*",
    "demo-accounts.json",
    "preferences.json",
    "window*",
    "fault-report*",
)
"""What Casebook makes in its folder. Anything else that lies there is somebody else's and stays."""
_STAYS = frozenset({"lock", JOURNAL})


def is_retiring(folder: VaultFolder) -> bool:
    """Tell whether a folder is on its way out."""
    return (folder.path / JOURNAL).exists()


def begin_retiring(folder: VaultFolder, copy: RescueCopy | None = None) -> None:
    """Write the journal; durable on return. From here on there is no way back.

    Raises:
        DiskFullError, DiskFailedError: The disk refuses; nothing was begun.
    """
    said = {"copy": copy.path.name, "sha256": copy.sha256} if copy is not None else {}
    try:
        _disk.write_whole(folder.path / JOURNAL, json.dumps(said).encode("utf-8"))
    except OSError as error:
        raise _disk.as_unavailable(error, folder.path) from error


def finish_retiring(folder: VaultFolder) -> tuple[str, ...]:
    """Remove what is left of a laptop that is being retired: keys, then files, the journal last.

    The caller holds the vault's lock. It can be killed at any moment and called again.

    Returns:
        The names of files in the folder that are not Casebook's and stayed.

    Raises:
        DiskFailedError: A file does not let itself be removed; the rest is done the next time.
    """
    try:
        for path in (*_found(folder.path, _KEYS), *_inner_keys(folder.path)):
            _shred(path)
        _disk.flush_folder(folder.path)
        for path in _found(folder.path, _OURS):
            _remove(path)
        _disk.flush_folder(folder.path)
        left = tuple(sorted(path.name for path in folder.path.iterdir() if path.name not in _STAYS))
        (folder.path / JOURNAL).unlink(missing_ok=True)
        _disk.flush_folder(folder.path)
    except OSError as error:
        raise _disk.as_unavailable(error, folder.path) from error
    return left


def _found(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(folder.glob(pattern))


def _inner_keys(folder: Path) -> Iterator[Path]:
    """Yield copies of the key slots that were moved aside with damaged files."""
    yield from sorted((folder / "damaged").rglob("keyslots.json*"))


def _shred(path: Path) -> None:
    """Overwrite a file, durably, and remove it."""
    if path.is_file() and not path.is_symlink():
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            _disk.flush(file.fileno())
    path.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

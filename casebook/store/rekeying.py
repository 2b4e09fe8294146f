"""After a rotation the files follow: database and spool of a shelf are sealed under the newest key.

Runs when a vault is unlocked, before its files are opened. The key file says since when they are behind;
each database and each segment is found under the newest key or an earlier one, and changes in one step,
so that a kill at any moment is gone on with at the next unlocking.

Source: docs/store.md, section "Keys"; SQLCipher's documentation of rekeying.
"""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from casebook.errors import StoreDamagedError
from casebook.store import _disk, _sqlite
from casebook.store.slots import KeySlots, database_key, spool_key
from casebook.store.spool import reseal
from casebook.store.vault_files import VaultFolder

UNBLINDING_FOLDER = "unblinding"


def follow_rotation(
    folder: VaultFolder, slots: KeySlots, vault_key: bytes, unblinding_key: bytes | None = None
) -> None:
    """Bring the files of the shelves that can be opened under their newest keys; at once where they are.

    Args:
        unblinding_key: For a person who holds it; the unblinding shelf waits for such a person otherwise.

    Raises:
        DiskFullError, DiskFailedError: The disk refuses; it is gone on with at the next unlocking.
    """
    if slots.vault_files_behind:
        _follow(folder, slots.database_salt, vault_key, slots.earlier_vault_keys(vault_key), folder.ballast)
        slots.note_files(vault_key, unblinding=False)
    if unblinding_key is not None and slots.unblinding_files_behind:
        shelf = VaultFolder(folder.path / UNBLINDING_FOLDER)
        earlier = slots.earlier_unblinding_keys(unblinding_key)
        _follow(shelf, slots.unblinding_salt, unblinding_key, earlier, folder.ballast)
        slots.note_files(vault_key, unblinding=True)


def _follow(shelf: VaultFolder, salt: bytes, key: bytes, earlier: Sequence[bytes], reserve: _disk.Reserve) -> None:
    for database in (shelf.database, shelf.database.with_name(shelf.database.name + ".rebuilt")):
        if database.exists():
            _disk.with_reserve(partial(_rekey, database, salt, key, earlier), reserve)
    if shelf.spool.exists():
        _disk.with_reserve(lambda: reseal(shelf.spool, spool_key(key), [spool_key(old) for old in earlier]), reserve)


def _rekey(database: Path, salt: bytes, key: bytes, earlier: Sequence[bytes]) -> None:
    """Bring one database under `key`. One that opens with no key is damaged and left to healing."""
    for candidate in (key, *earlier):
        with contextlib.suppress(StoreDamagedError):
            connection = _sqlite.connect(database, database_key(candidate), salt)
            with contextlib.closing(connection), _sqlite.translated(database):
                if candidate != key:
                    _sqlite.rekey(connection, database_key(key), salt)
            return

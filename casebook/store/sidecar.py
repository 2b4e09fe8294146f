"""The key file and its copy on the disk: which of them counts, and how a change reaches both.

A change is written to the copy first, then to the file itself, each in one step. Killed between the two,
the newer one counts, and the older is mended as soon as somebody's key shows which is which.

Source: docs/store.md, section "Keys".
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import RLock

from casebook.errors import SidecarDamagedError, SidecarMissingError, UnavailableError
from casebook.store import _disk
from casebook.store.slot_file import (
    SIDECAR,
    SIDECAR_COPY,
    Sidecar,
    code_holds,
    code_of,
    follows,
    read_sidecar,
    write_sidecar,
)


class SidecarFiles:
    """The versions that were found, newest first, and the one way to replace them.

    `changing` is held from reading what stands to writing what follows it.
    """

    def __init__(self, folder: Path, versions: Sequence[Sidecar]) -> None:
        """Use `read`, or give the one version of a new vault, which is not written yet."""
        self.folder = folder
        self.versions = tuple(versions)
        self.changing = RLock()
        self._generation = 0

    @classmethod
    def read(cls, folder: Path) -> "SidecarFiles":
        """Read both files.

        Raises:
            SidecarMissingError: Neither exists.
            SidecarDamagedError: Neither can be read.
        """
        contents = [_content(folder / name) for name in (SIDECAR, SIDECAR_COPY)]
        if contents == [None, None]:
            raise SidecarMissingError(file=SIDECAR, folder=folder)
        versions = {version.code: version for content in contents if (version := read_sidecar(content)) is not None}
        if not versions:
            raise SidecarDamagedError(file=SIDECAR, folder=folder)
        return cls(folder, sorted(versions.values(), key=lambda version: -version.generation))

    @property
    def current(self) -> Sidecar:
        """The newest version; believed only after unlocking."""
        return self.versions[0]

    def damaged(self) -> SidecarDamagedError:
        """Return what is told when no version can be believed."""
        return SidecarDamagedError(file=SIDECAR, folder=self.folder)

    def is_past(self, version: Sidecar, vault_key: bytes) -> bool:
        """Tell whether a newer version follows this one: a change that was killed before both files had it."""
        newer = self.versions[: self.versions.index(version)]
        return any(follows(one, vault_key) for one in newer)

    def write(self, vault_key: bytes, changed: Sidecar, *, rotated_to: bytes | None = None) -> None:
        """Replace the current version, durable on return.

        Args:
            vault_key: The one in force.
            rotated_to: The one in force from now on, where that changes.

        Raises:
            ValueError: `vault_key` is not in force.
            DiskFullError, DiskFailedError: The disk refuses.
        """
        if self.current.code and not code_holds(self.current, vault_key):
            message = "this is not the vault key in force"
            raise ValueError(message)
        self._generation = max(self._generation, *(version.generation for version in self.versions), 0) + 1
        numbered = replace(changed, generation=self._generation, code=b"", code_before=b"")
        sealed = replace(
            numbered,
            code=code_of(numbered, rotated_to or vault_key),
            code_before=code_of(numbered, vault_key) if rotated_to else b"",
        )
        self._write_both(sealed)
        self.versions = (sealed,)

    def settle(self, opened: Sidecar, vault_key: bytes) -> None:
        """Let the version that a key opened count alone, and mend whichever file differs from it."""
        with self.changing:
            ours = tuple(version for version in self.versions if code_holds(version, vault_key))
            if ours[:1] != (opened,):
                return  # another thread's change: the newer one stays
            self.versions = (opened,)
            content = write_sidecar(opened)
            with contextlib.suppress(UnavailableError):  # a full disk must not keep anybody from reading
                if any(_content(self.folder / name) != content for name in (SIDECAR, SIDECAR_COPY)):
                    self._write_both(opened)

    def _write_both(self, sidecar: Sidecar) -> None:
        content = write_sidecar(sidecar)
        try:
            for name in (SIDECAR_COPY, SIDECAR):
                _disk.write_whole(self.folder / name, content)
        except OSError as error:
            raise _disk.as_unavailable(error, self.folder) from error


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _disk.as_unavailable(error, path.parent) from error

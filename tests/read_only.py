"""A folder that becomes read-only while it is in use."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self


class ReadOnly:
    """Lets nothing be written below a folder, or into single files, until it ends.

    Where the system knows a mark for files that nobody may change, it refuses as a disk does that was mounted anew to
    be read: also what is open, which lives again afterwards. Elsewhere what is open is written on.
    SQLite's index in memory is left alone: a page of it that cannot be written ends the process (docs/known_limits.md).
    """

    def __init__(self, folder: Path, *files: Path) -> None:
        """Name the folder; with `files` only these."""
        self._folder, self._files = folder, files
        self.stops_what_is_open = False

    def __enter__(self) -> Self:
        """Begin."""
        probe = self._folder / "probe"
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.stops_what_is_open = _mark("+i", [probe]) and _refuses(descriptor)
        os.close(descriptor)
        _mark("-i", [probe])
        probe.unlink()
        self._forbid(on=True)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._forbid(on=False)

    def _forbid(self, *, on: bool) -> None:
        found = self._files or (*self._folder.rglob("*"), self._folder)
        paths = [path for path in found if not path.name.endswith("-shm")]
        if self.stops_what_is_open:
            assert _mark("+i" if on else "-i", paths)
            return
        for path in paths if on else reversed(paths):
            if not path.exists():  # the last one who closes a database takes its log away
                continue
            path.chmod((0o500 if on else 0o700) if path.is_dir() else (0o400 if on else 0o600))


def _mark(mark: str, paths: list[Path]) -> bool:
    chattr = shutil.which("chattr")
    if chattr is None:
        return False
    return subprocess.run([chattr, mark, *paths], check=False, capture_output=True).returncode == 0


def _refuses(descriptor: int) -> bool:
    try:
        os.write(descriptor, b"x")
    except PermissionError:
        return True
    return False

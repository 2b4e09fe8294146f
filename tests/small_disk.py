"""A disk that tests fill, and take the right to write from."""

import contextlib
import os
import resource
import subprocess
from pathlib import Path
from typing import Self


class SmallDisk:
    """A disk that can be filled: a small file system in memory where one may be mounted, else a limit on files."""

    def __init__(self, path: Path, size_mib: int = 96) -> None:
        self.path = path
        path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(path)]
        self.is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0

    @classmethod
    def found(cls, path: Path) -> Self:
        """Return the one that another process made and has for itself."""
        disk = cls.__new__(cls)
        disk.path, disk.is_mounted = path, path.is_mount()
        return disk

    def fill(self, *, but_bytes: int = 0) -> None:
        """Take all space; the limit stops the largest file of each kind where it stands."""
        if self.is_mounted:
            self.free()
            with (self.path / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(64 * 1024))
            if but_bytes:
                os.truncate(self.path / "filler", (self.path / "filler").stat().st_size - but_bytes)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (but_bytes or 1, resource.RLIM_INFINITY))

    def free(self) -> None:
        """Give the space back."""
        (self.path / "filler").unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        """Take the file system away."""
        if not self.is_mounted:
            self.free()
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=True)

    def refuse_writes(self, folder: Path, *, on: bool = True) -> None:
        """Let nothing be written in a folder on it that nobody has open, or let it be written again."""
        if self.is_mounted:
            subprocess.run(["mount", "-o", f"remount,{'ro' if on else 'rw'}", str(self.path)], check=True)
        else:
            for file in folder.rglob("*"):
                file.chmod((0o500 if on else 0o700) if file.is_dir() else (0o400 if on else 0o600))
            folder.chmod(0o500 if on else 0o700)

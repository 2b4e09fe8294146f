"""A stick that is pulled: its folder is gone, and what was open on it can be neither read nor written."""

import contextlib
import os
from pathlib import Path


def open_below(folder: Path) -> list[int]:
    """Return this process's descriptors of files below a folder."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of this very look
            if link.readlink().is_relative_to(folder):
                found.append(int(link.name))
    return found


class PulledStick:
    """Takes a folder away as a stick that is pulled does, and puts it back."""

    def __init__(self, folder: Path) -> None:
        """Pull it: the terminal of which the other end is closed answers every touch with an error of the device."""
        self._folder, self._aside = folder, folder.with_name(f"{folder.name} (pulled)")
        descriptors = open_below(folder)
        folder.rename(self._aside)
        ours, theirs = os.openpty()
        os.close(ours)
        for descriptor in descriptors:
            os.dup2(theirs, descriptor)
        os.close(theirs)

    def put_back(self) -> None:
        """Put it back; what was open on it stays dead, as for a stick."""
        self._aside.rename(self._folder)

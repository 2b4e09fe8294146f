"""Where a file can be put: sticks first, then the user's documents. Looks at what is mounted and changes nothing.

Source: GetDriveTypeW (Windows); the places where systems mount what is plugged in (/media, /run/media, /Volumes).
"""

import ctypes
import sys
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import QDir, QFileInfo, QStandardPaths, QStorageInfo

_PLUGGED = ("/media/", "/run/media/", "/Volumes/", "/mnt/")
_DRIVE_REMOVABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A place for files.

    Attributes:
        path: As the system writes it.
        name: What it is called, "" where it has no name.
        free_bytes: How much it takes yet.
        removable: It can be taken out: a stick, a memory card.
    """

    path: str
    name: str
    free_bytes: int
    removable: bool


def carriers() -> tuple[Carrier, ...]:
    """Return the places where files can be put, those that can be taken out first."""
    found: list[Carrier] = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if volume.isReady() and not volume.isReadOnly() and is_removable(root):
            found.append(
                Carrier(
                    path=QDir.toNativeSeparators(root),
                    name=volume.name() or PurePath(root).name,
                    free_bytes=volume.bytesAvailable(),
                    removable=True,
                )
            )
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    home = QStorageInfo(documents)
    found.append(
        Carrier(
            path=QDir.toNativeSeparators(documents),
            name="",
            free_bytes=max(0, home.bytesAvailable()),
            removable=False,
        )
    )
    return tuple(found)


def is_removable(root: str) -> bool:
    """Tell whether what is mounted at a path can be taken out, as far as the system tells."""
    if sys.platform == "win32":
        return ctypes.windll.kernel32.GetDriveTypeW(QDir.toNativeSeparators(root)) == _DRIVE_REMOVABLE
    return root.startswith(_PLUGGED)


def is_own_disk(path: str) -> bool:
    """Tell whether a file at a path would lie on this computer's own disk, and be lost with it.

    The path need not be there yet: what is mounted at its nearest folder counts.
    """
    place = QFileInfo(QDir.fromNativeSeparators(path))
    while not place.exists() and place.absolutePath() != place.absoluteFilePath():
        place = QFileInfo(place.absolutePath())
    own = {QStorageInfo.root().rootPath(), QStorageInfo(QDir.homePath()).rootPath()}
    return QStorageInfo(place.absoluteFilePath()).rootPath() in own

"""A folder or a ZIP archive that appears whole or not at all, and never over anything that lies there.

Files are made in a hidden folder beside the destination, which only this user may read, and renamed at the
end. In an archive every file bears the moment of the export, so that the same export gives the same bytes.

Source: docs/export.md, section "What is written".
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casebook.errors import ExportExistsError, FileUnwritableError
from casebook.spreadsheet import table

MANIFEST = "manifest.csv"
ZIP = ".zip"
_ONLY_MINE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written. `sha256` is the manifest's, which names every other file with its own."""

    path: Path
    files: tuple[str, ...]
    sha256: str


def write_export(
    out: Path, fill: Callable[[Path], None], *, at: datetime, note: Callable[[str], None] = lambda _sha256: None
) -> Written:
    """Write an export.

    Args:
        out: Where it shall lie; an archive when its name ends in `.zip`, else a folder.
        fill: Writes the files into an empty folder.
        at: The moment of the export.
        note: Told the manifest's SHA-256 before anything appears; when it fails, nothing does.

    Raises:
        ExportExistsError: Something lies there.
        FileUnwritableError: The disk or its rights refuse.
    """
    if os.path.lexists(out):
        raise ExportExistsError(path=out)
    try:
        workshop = Path(tempfile.mkdtemp(prefix=".casebook-export-", dir=out.parent))
    except OSError as error:
        raise FileUnwritableError(path=out, why=error.strerror or "") from None
    try:
        return _write(out, workshop, fill, at, note)
    except OSError as error:
        raise FileUnwritableError(path=out, why=error.strerror or "") from None
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _write(
    out: Path, workshop: Path, fill: Callable[[Path], None], at: datetime, note: Callable[[str], None]
) -> Written:
    folder = workshop / out.name.removesuffix(ZIP)
    folder.mkdir(mode=0o700)
    fill(folder)
    names = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    manifest = table(("file", "bytes", "sha256"), [_manifest_row(folder, name) for name in names])
    (folder / MANIFEST).write_bytes(manifest)
    finished = folder
    if out.suffix == ZIP:
        finished = workshop / out.name
        _pack(finished, folder, (*names, MANIFEST), at)
    digest = hashlib.sha256(manifest).hexdigest()
    note(digest)
    if os.path.lexists(out):
        raise ExportExistsError(path=out)
    finished.rename(out)
    return Written(path=out, files=(*names, MANIFEST), sha256=digest)


def _manifest_row(folder: Path, name: str) -> tuple[str, str, str]:
    path = folder / name
    with path.open("rb") as file:
        return name, str(path.stat().st_size), hashlib.file_digest(file, "sha256").hexdigest()


def _pack(archive: Path, folder: Path, names: tuple[str, ...], at: datetime) -> None:
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", date_time=stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = _ONLY_MINE << 16
            with (folder / name).open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)
    archive.chmod(_ONLY_MINE)

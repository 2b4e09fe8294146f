"""A disk that is really full: a small file system in memory where one may be mounted, else a limit on file sizes."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import DiskFailedError, DiskFullError
from casebook.ledger import SealedCommit
from casebook.store.spool import OpenEntry
from tests.casebook.store.vaults import Vault, save

SIZE_BYTES = 3 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(disk)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    if not is_mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE_BYTES // 2, resource.RLIM_INFINITY))
    yield disk
    if is_mounted:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_full_disk_takes_the_ballast_then_refuses_and_loses_nothing(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(SIZE_BYTES // 4))
    vault = Vault.make(small_disk / "vault")
    kept: list[SealedCommit] = []
    with pytest.raises((DiskFullError, DiskFailedError)) as caught:
        fill(vault, kept)
    assert len(kept) > 50
    assert vault.folder.ballast.is_spent is isinstance(caught.value, DiskFullError)
    assert str(vault.folder.path) in caught.value.sentence("zh")
    assert set(kept) <= set(vault.store.log.commits()), "reading goes on"
    filler.unlink()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    vault.store.spool.append_open(OpenEntry(draft="after", body=b"space again"))
    store = vault.reopen()
    assert set(kept) <= set(store.log.commits())
    assert store.spool.open_entries("after")
    assert store.report.damaged_records == 0
    store.log.examine(thorough=True)
    vault.close()


def fill(vault: Vault, kept: list[SealedCommit]) -> None:
    """Keep saves until the disk refuses."""
    commit = vault.first
    while True:
        vault.store.spool.append_open(OpenEntry(draft="one", body=b"entered"))
        vault.store.spool.append_sealed(commit, subject=vault.subject)
        vault.store.log.append([commit])
        kept.append(commit)
        commit = save(vault.laptop, vault.subject, "x" * 500)

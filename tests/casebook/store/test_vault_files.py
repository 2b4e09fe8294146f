"""The vault's folder: one process at a time, a local disk, space kept for a full one."""

import subprocess
import sys
from pathlib import Path

import pytest

from casebook.errors import DiskFailedError, VaultFolderRefusedError, VaultInUseError
from casebook.store.vault_files import Ballast, VaultFolder, VaultLock, mount_type, refuse_remote

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
tmpfs /srv tmpfs rw 0 0
//server/share /mnt/share cifs rw 0 0
host:/home /home/ward\\040one nfs4 rw 0 0
/dev/vdb /home ext4 rw 0 0
overlay /srv overlay rw 0 0
"""


def test_second_instance_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    folder = VaultFolder(tmp_path)
    with VaultLock(folder):
        with pytest.raises(VaultInUseError) as caught:
            VaultLock(folder)
        assert str(tmp_path) in caught.value.sentence("zh")
    with VaultLock(folder):
        pass


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from casebook.store.vault_files import VaultFolder, VaultLock\n"
        "lock = VaultLock(VaultFolder(Path(sys.argv[1]))); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(VaultInUseError):
            VaultLock(VaultFolder(tmp_path))
        process.kill()
        process.wait()
        VaultLock(VaultFolder(tmp_path)).close()


def test_lock_in_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskFailedError):
        VaultLock(VaultFolder(tmp_path / "none"))


def test_closing_a_lock_twice_is_harmless(tmp_path: Path) -> None:
    lock = VaultLock(VaultFolder(tmp_path))
    lock.close()
    lock.close()


def test_folder_is_made_for_its_owner_with_a_ballast(tmp_path: Path) -> None:
    folder = VaultFolder(tmp_path / "a" / "b", ballast_bytes=5000)
    assert not folder.is_made
    folder.prepare()
    assert folder.path.stat().st_mode & 0o077 == 0
    assert (folder.path / "ballast").stat().st_size == 5000
    assert not folder.ballast.is_spent


def test_ballast_is_given_up_once_and_comes_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 5000)
    assert ballast.restore()
    assert ballast.release()
    assert ballast.is_spent
    assert not ballast.release()
    assert ballast.restore()
    assert not ballast.is_spent


def test_ballast_does_not_come_back_to_a_full_disk(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 2**60)
    assert not ballast.restore()
    assert ballast.is_spent
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/var/lib", "ext4"),
        ("/mnt/share/records", "cifs"),
        ("/home/ward one/records", "nfs4"),
        ("/home/ward", "ext4"),
        ("/srv/x", "overlay"),
        ("/mnt/shared", "ext4"),
    ],
)
def test_file_system_of_a_folder_is_that_of_its_nearest_mount(path: str, expected: str) -> None:
    assert mount_type(Path(path), MOUNTS) == expected


@pytest.mark.parametrize("name", ["OneDrive", "OneDrive - City Hospital", "Dropbox", "坚果云", "iCloudDrive"])
def test_folder_that_a_cloud_copies_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(VaultFolderRefusedError) as caught:
        VaultFolder(tmp_path / name / "records").prepare()
    assert name in caught.value.sentence("zh")
    assert not (tmp_path / name).exists()


def test_folder_of_this_machine_is_taken(tmp_path: Path) -> None:
    refuse_remote(tmp_path / "not made yet")


def test_files_are_set_aside_under_fresh_numbers(tmp_path: Path) -> None:
    folder = VaultFolder(tmp_path)
    for number in (1, 2):
        folder.database.write_bytes(b"damaged")
        aside = folder.set_aside(folder.database_family())
        assert aside == tmp_path / "damaged" / f"{number:04d}"
        assert [path.name for path in aside.iterdir()] == ["casebook.db"]
    assert not folder.database.exists()


def test_what_an_enrolment_that_was_cut_short_left_is_moved_aside(tmp_path: Path) -> None:
    folder = VaultFolder(tmp_path / "vault", ballast_bytes=1024)
    folder.prepare()
    folder.begin_making()
    folder.database.write_bytes(b"nobody opens this")
    folder.spool.mkdir()
    assert (folder.is_half_made, folder.is_made) == (True, False)
    folder.begin_making()
    assert not folder.database.exists()
    assert (folder.path / "damaged" / "0001" / "casebook.db").read_bytes() == b"nobody opens this"
    folder.database.write_bytes(b"its slots are written now")
    folder.sidecar.write_bytes(b"{}")
    assert (folder.is_half_made, folder.is_made) == (False, True)
    folder.end_making()
    folder.end_making()
    folder.sidecar.unlink()
    assert (folder.is_half_made, folder.is_made) == (False, True), "a key file that was lost later is damage, and told"

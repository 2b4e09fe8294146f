"""New keys: who stays goes on without noticing, who went opens nothing, and the files follow."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from casebook.crypto import SealingKey
from casebook.errors import (
    CustodianKeyWrongError,
    SidecarDamagedError,
    StoreDamagedError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import UserId
from casebook.store import _sqlite
from casebook.store.escrow import open_escrow
from casebook.store.healing import create_store, open_store
from casebook.store.rekeying import UNBLINDING_FOLDER, follow_rotation
from casebook.store.sidecar import SidecarFiles
from casebook.store.slot_changes import with_vault_key
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY, code_of, read_sidecar, write_sidecar
from casebook.store.slots import KeySlots, Rotated, VaultPerson, database_key, spool_key
from casebook.store.spool import Spool, reseal
from casebook.store.vault_files import VaultFolder
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE, USER, Vault

GONE = VaultPerson(user=UserId("wang"), name="王护士")
GONE_PHRASE = "second passphrase"


@dataclass
class Kept:
    """A vault with two people, a sheet, and commits on both shelves."""

    vault: Vault
    unblinding_key: bytes
    code: str
    commits: int
    unblinded_commits: int

    @property
    def path(self) -> Path:
        return self.vault.folder.path

    def slots(self) -> KeySlots:
        return KeySlots.open(self.path, CHEAP_KDF)

    @property
    def shelf(self) -> VaultFolder:
        return VaultFolder(self.path / UNBLINDING_FOLDER, ballast_bytes=4096)

    def rotate(self, **removed: set[str]) -> Rotated:
        slots = self.slots()
        people = {UserId(user) for user in removed.get("people", ())}
        return slots.rotate(self.vault.key, self.unblinding_key, remove=people, remove_sheets=removed.get("sheets", ()))

    def read_both(self) -> tuple[int, int]:
        """Unlock as the person does, and count what both shelves hold."""
        slots = self.slots()
        unlocked = slots.unlock(USER, PASSPHRASE)
        assert unlocked.private == PRIVATE
        assert unlocked.unblinding_key is not None
        follow_rotation(self.vault.folder, slots, unlocked.vault_key, unlocked.unblinding_key)
        counts = []
        for folder, key, salt in (
            (self.vault.folder, unlocked.vault_key, slots.database_salt),
            (self.shelf, unlocked.unblinding_key, slots.unblinding_salt),
        ):
            with contextlib.closing(open_store(folder, key, salt)) as store:
                assert store.report.is_clean
                assert store.log.count() == len(tuple(store.spool.sealed()))
                counts.append(store.log.count())
        return counts[0], counts[1]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    vault = Vault.make(tmp_path / "vault")
    vault.slots.add_person(vault.key, GONE, GONE_PHRASE, b"")
    holding = vault.slots.make_unblinding_key(vault.slots.unlock(USER, PASSPHRASE))
    assert holding.unblinding_key is not None
    code = vault.slots.make_recovery(vault.key, holding.unblinding_key)
    commits = vault.record(40)
    vault.close()
    folder = VaultFolder(vault.folder.path / UNBLINDING_FOLDER, ballast_bytes=4096)
    with contextlib.closing(create_store(folder, holding.unblinding_key, vault.slots.unblinding_salt)) as store:
        for commit in commits[:7]:
            store.spool.append_sealed(commit)
            store.log.append([commit])
    yield Kept(vault, holding.unblinding_key, code, 40, 7)
    vault.close()


def opens(database: Path, key: bytes, salt: bytes) -> bool:
    try:
        _sqlite.connect(database, database_key(key), salt).close()
    except StoreDamagedError:
        return False
    return True


def test_everybody_who_stays_opens_both_shelves_with_what_they_know(kept: Kept) -> None:
    rotated = kept.rotate()
    assert len({rotated.vault_key, rotated.unblinding_key, kept.vault.key, kept.unblinding_key}) == 4
    assert kept.read_both() == (40, 7)
    assert kept.slots().unlock(GONE.user, GONE_PHRASE).vault_key == rotated.vault_key
    sheet = kept.slots().unlock_recovery(kept.code)
    assert (sheet.vault_key, sheet.unblinding_key) == (rotated.vault_key, rotated.unblinding_key)


def test_rotated_again_and_again_before_a_person_comes_back(kept: Kept) -> None:
    slots, keys = kept.slots(), Rotated(vault_key=kept.vault.key, unblinding_key=kept.unblinding_key)
    for _ in range(4):
        keys = slots.rotate(keys.vault_key, keys.unblinding_key)
    assert kept.read_both() == (40, 7)
    assert kept.slots().unlock_recovery(kept.code).vault_key == keys.vault_key


def test_files_follow_once_and_open_with_no_earlier_key(kept: Kept) -> None:
    rotated = kept.rotate()
    assert kept.slots().vault_files_behind
    assert kept.slots().unblinding_files_behind
    kept.read_both()
    slots = kept.slots()
    assert not slots.vault_files_behind
    assert not slots.unblinding_files_behind
    assert rotated.unblinding_key is not None
    assert opens(kept.vault.folder.database, rotated.vault_key, slots.database_salt)
    assert not opens(kept.vault.folder.database, kept.vault.key, slots.database_salt)
    assert not opens(kept.shelf.database, kept.unblinding_key, slots.unblinding_salt)
    for folder, key in ((kept.vault.folder.spool, kept.vault.key), (kept.shelf.spool, kept.unblinding_key)):
        with pytest.raises(StoreDamagedError):
            Spool.open(folder, spool_key(key))


def test_removed_person_opens_nothing_new(kept: Kept) -> None:
    before = (kept.path / SIDECAR).read_bytes()
    kept.rotate(people={GONE.user})
    with pytest.raises(WrongPassphraseError):
        kept.slots().unlock(GONE.user, GONE_PHRASE)
    assert kept.read_both() == (40, 7)
    rotated_file = (kept.path / SIDECAR).read_bytes()
    for name in (SIDECAR, SIDECAR_COPY):
        (kept.path / name).write_bytes(before)  # they kept a copy
    unlocked = kept.slots().unlock(GONE.user, GONE_PHRASE)
    assert unlocked.vault_key == kept.vault.key
    assert not opens(kept.vault.folder.database, unlocked.vault_key, unlocked_salt(kept))
    for name in (SIDECAR, SIDECAR_COPY):
        (kept.path / name).write_bytes(rotated_file)
    assert kept.slots().earlier_vault_keys(unlocked.vault_key) == ()
    assert kept.read_both() == (40, 7)


def unlocked_salt(kept: Kept) -> bytes:
    return kept.slots().database_salt


def test_stolen_sheet_opens_nothing_new(kept: Kept) -> None:
    kept.rotate(sheets={kept.slots().unlock_recovery(kept.code).slot})
    with pytest.raises(WrongRecoveryCodeError):
        kept.slots().unlock_recovery(kept.code)
    assert kept.read_both() == (40, 7)


def test_rotation_that_reached_one_copy_only_counts_for_all(kept: Kept) -> None:
    """Also for who lost their slot by it: the older file beside it lets them in no more."""
    before = (kept.path / SIDECAR).read_bytes()
    kept.rotate(people={GONE.user})
    (kept.path / SIDECAR).write_bytes(before)  # killed between the copy and the file itself
    with pytest.raises(WrongPassphraseError):
        kept.slots().unlock(GONE.user, GONE_PHRASE)
    assert kept.read_both() == (40, 7)
    assert (kept.path / SIDECAR).read_bytes() == (kept.path / SIDECAR_COPY).read_bytes() != before


def test_files_stay_behind_until_somebody_unblinded_unlocks(kept: Kept) -> None:
    kept.rotate()
    slots = kept.slots()
    follow_rotation(kept.vault.folder, slots, slots.unlock(GONE.user, GONE_PHRASE).vault_key)
    assert not kept.slots().vault_files_behind
    assert kept.slots().unblinding_files_behind
    assert kept.read_both() == (40, 7)


def test_blinded_session_that_removes_a_holder_leaves_word(kept: Kept) -> None:
    slots = kept.slots()
    rotated = slots.rotate(kept.vault.key, remove={USER})
    assert rotated.unblinding_key is None
    assert kept.slots().unblinding_rotation_due
    sheet = kept.slots().unlock_recovery(kept.code)
    again = kept.slots().rotate(sheet.vault_key, sheet.unblinding_key)
    assert again.unblinding_key not in {None, kept.unblinding_key}
    assert not kept.slots().unblinding_rotation_due


@pytest.mark.parametrize("done", ["database", "spool", "one segment"])
def test_following_that_was_cut_off_is_gone_on_with(kept: Kept, done: str) -> None:
    rotated = kept.rotate()
    slots, folder = kept.slots(), kept.vault.folder
    if done == "database":
        connection = _sqlite.connect(folder.database, database_key(kept.vault.key), slots.database_salt)
        _sqlite.rekey(connection, database_key(rotated.vault_key), slots.database_salt)
        connection.close()
    elif done == "spool":
        reseal(folder.spool, spool_key(rotated.vault_key), [spool_key(kept.vault.key)])
    else:
        aside = kept.path.parent / "aside"
        shutil.copytree(folder.spool, aside)
        reseal(aside, spool_key(rotated.vault_key), [spool_key(kept.vault.key)])
        first = min(aside.iterdir())
        shutil.copyfile(first, folder.spool / first.name)
    assert kept.read_both() == (40, 7)


def test_damaged_record_costs_itself_alone_when_the_spool_follows(kept: Kept) -> None:
    segment = min(kept.vault.folder.spool.glob("*.spool"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    rotated = kept.rotate()
    slots = kept.slots()
    follow_rotation(kept.vault.folder, slots, rotated.vault_key, rotated.unblinding_key)
    with contextlib.closing(open_store(kept.vault.folder, rotated.vault_key, slots.database_salt)) as store:
        assert store.log.count() == 40
        assert store.report.damaged_records == 1
        assert store.report.to_spool <= 1


def test_database_that_opens_with_no_key_is_left_to_healing(kept: Kept) -> None:
    rotated = kept.rotate()
    kept.vault.folder.database.write_bytes(b"x" * 8192)
    slots = kept.slots()
    follow_rotation(kept.vault.folder, slots, rotated.vault_key, rotated.unblinding_key)
    with contextlib.closing(open_store(kept.vault.folder, rotated.vault_key, slots.database_salt)) as store:
        assert store.report.rebuilt
        assert store.log.count() == 40


def test_key_that_is_no_longer_in_force_changes_nothing(kept: Kept) -> None:
    slots = kept.slots()
    slots.rotate(kept.vault.key)
    content = (kept.path / SIDECAR).read_bytes()
    for change in (
        lambda: slots.remove_person(kept.vault.key, GONE.user),
        lambda: slots.begin_recovery(kept.vault.key),
        lambda: slots.rotate(kept.vault.key),
    ):
        with pytest.raises(ValueError, match="not the vault key in force"):
            change()
    assert (kept.path / SIDECAR).read_bytes() == content


def test_vault_key_of_somebody_without_the_old_one_is_refused(kept: Kept) -> None:
    """A public key seals for everybody: a forged file must not make anyone work under the forger's key."""
    forged_key = bytes(32)
    forged = with_vault_key(SidecarFiles.read(kept.path).current, b"\1" * 32, forged_key)
    forged = replace(forged, generation=99, code_before=b"", code=b"")
    content = write_sidecar(replace(forged, code=code_of(forged, forged_key)))
    whole = (kept.path / SIDECAR).read_bytes()
    for name in (SIDECAR, SIDECAR_COPY):
        (kept.path / name).write_bytes(content)
    with pytest.raises(SidecarDamagedError):
        kept.slots().unlock(USER, PASSPHRASE)
    with pytest.raises(SidecarDamagedError):
        kept.slots().unlock_recovery(kept.code)
    (kept.path / SIDECAR_COPY).write_bytes(whole)
    assert kept.slots().unlock(USER, PASSPHRASE).vault_key == kept.vault.key
    assert (kept.path / SIDECAR).read_bytes() == whole


def test_way_in_that_somebody_left_behind_does_not_survive_a_rotation(kept: Kept) -> None:
    """Whoever held the vault key could have added slots of their own before they were removed."""
    slots = kept.slots()
    own = SealingKey.generate()
    slots.add_person(kept.vault.key, VaultPerson(user=UserId("nobody"), name="N"), "x", b"", sealing=own)
    slots.set_escrow(kept.vault.key, own.public)
    planted = slots.begin_recovery(kept.vault.key)
    slots.test_recovery(planted)
    assert slots.recovery_sheets == 2
    slots.rotate(
        kept.vault.key,
        kept.unblinding_key,
        remove={GONE.user},
        remove_sheets=None,
        certified={USER: slots.sealing_of(USER)},
        custodians=(),
    )
    assert kept.slots().people() == (PERSON,)
    assert kept.slots().recovery_sheets == 0
    assert not kept.slots().has_escrow(own.public)
    content = (kept.path / SIDECAR).read_bytes()
    with pytest.raises(CustodianKeyWrongError):
        open_escrow(content, own)
    assert kept.read_both() == (40, 7)


def test_slot_that_nobody_would_see_is_refused_with_the_file(kept: Kept) -> None:
    """A second slot of one person, or one of an unknown kind, would be given keys and be listed nowhere."""
    files = SidecarFiles.read(kept.path)
    slot = files.current.slots[0]
    for hidden in (replace(slot, id="ffffffffffff"), replace(slot, id="ffffffffffff", kind="other", person=None)):
        content = write_sidecar(replace(files.current, slots=(*files.current.slots, hidden)))
        assert read_sidecar(content) is None
    assert read_sidecar(write_sidecar(files.current)) == files.current


def test_who_knows_the_key_before_forges_nothing_once_people_have_unlocked(kept: Kept) -> None:
    rotated = kept.rotate()
    assert kept.read_both() == (40, 7)
    whole = (kept.path / SIDECAR).read_bytes()
    before = SidecarFiles.read(kept.path).current
    forged_key = bytes(32)
    forged = with_vault_key(replace(before, vault_links=()), kept.vault.key, forged_key)
    forged = replace(forged, generation=99, code=b"", code_before=b"")
    content = write_sidecar(replace(forged, code=code_of(forged, forged_key)))
    for name in (SIDECAR, SIDECAR_COPY):
        (kept.path / name).write_bytes(content)
    with pytest.raises(SidecarDamagedError):
        kept.slots().unlock(USER, PASSPHRASE)
    (kept.path / SIDECAR_COPY).write_bytes(whole)
    assert kept.slots().unlock(USER, PASSPHRASE).vault_key == rotated.vault_key

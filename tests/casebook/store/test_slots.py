"""Key slots: the right secret opens, nothing else does, and a killed change locks nobody out."""

import hashlib
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.crypto import PRODUCTION_KDF, KdfParameters
from casebook.errors import (
    CasebookError,
    DeviceSecretMissingError,
    RecoveryCodeUnreadableError,
    SidecarDamagedError,
    SidecarMissingError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import UserId
from casebook.store.device_secret import NO_DEVICE_SECRET, DeviceSecret, device_secret
from casebook.store.slots import (
    SIDECAR,
    SIDECAR_COPY,
    KeySlots,
    VaultPerson,
    database_key,
    read_recovery_code,
    spool_key,
    write_recovery_code,
)
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE, USER, flip, some_bits

OTHER = VaultPerson(user=UserId("wang"), name="王护士", roles=("coordinator", "nurse"))


@pytest.fixture
def made(tmp_path: Path) -> tuple[KeySlots, bytes]:
    slots, key = KeySlots.create(tmp_path, CHEAP_KDF)
    slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    return slots, key


def reopened(folder: Path) -> KeySlots:
    return KeySlots.open(folder, CHEAP_KDF)


def test_passphrase_opens_key_and_bundle(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    unlocked = reopened(tmp_path).unlock(USER, PASSPHRASE)
    assert unlocked.vault_key == made[1]
    assert unlocked.private == PRIVATE
    assert unlocked.person == PERSON
    assert made[1].hex() not in repr(unlocked)


def test_keys_for_different_purposes_differ(made: tuple[KeySlots, bytes]) -> None:
    key = made[1]
    assert len({key, database_key(key), spool_key(key)}) == 3


def test_people_are_listed_before_unlocking(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    made[0].add_person(made[1], OTHER, "second passphrase", b"")
    assert reopened(tmp_path).people() == (PERSON, OTHER)
    assert reopened(tmp_path).database_salt == made[0].database_salt


def test_composed_and_decomposed_passphrases_are_one(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    made[0].add_person(made[1], OTHER, "Müller １２", b"")
    assert reopened(tmp_path).unlock(OTHER.user, "Mu\u0308ller 12").vault_key == made[1]


@pytest.mark.parametrize("typed", ["", "x", PASSPHRASE + " ", PASSPHRASE.upper()])
def test_other_passphrase_is_refused(tmp_path: Path, made: tuple[KeySlots, bytes], typed: str) -> None:
    assert made
    with pytest.raises(WrongPassphraseError) as caught:
        reopened(tmp_path).unlock(USER, typed)
    assert PERSON.name in caught.value.sentence("zh")


def test_person_without_a_slot_is_refused(made: tuple[KeySlots, bytes]) -> None:
    with pytest.raises(WrongPassphraseError):
        made[0].unlock(UserId("nobody"), PASSPHRASE)


def test_a_colleagues_passphrase_does_not_open_my_bundle(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    slots.add_person(key, OTHER, "second passphrase", b"another seed")
    assert reopened(tmp_path).unlock(OTHER.user, "second passphrase").private == b"another seed"
    with pytest.raises(WrongPassphraseError):
        slots.unlock(USER, "second passphrase")


def test_adding_somebody_twice_is_a_mistake(made: tuple[KeySlots, bytes]) -> None:
    with pytest.raises(ValueError, match="slot already"):
        made[0].add_person(made[1], PERSON, "x", b"")


def test_slot_replaced_after_recovery_has_a_fresh_bundle(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    made[0].add_person(made[1], PERSON, "new passphrase", b"fresh", replace_slot=True)
    assert reopened(tmp_path).unlock(USER, "new passphrase").private == b"fresh"
    assert reopened(tmp_path).people() == (PERSON,)
    with pytest.raises(WrongPassphraseError):
        reopened(tmp_path).unlock(USER, PASSPHRASE)


def test_changes_of_two_threads_at_once_all_stand(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    people = [VaultPerson(user=UserId(f"user{number}"), name="A", roles=("nurse",)) for number in range(8)]
    with ThreadPoolExecutor(max_workers=2) as threads:
        for change in [threads.submit(slots.add_person, key, person, "phrase", b"") for person in people]:
            change.result()
    assert set(reopened(tmp_path).people()) == {PERSON, *people}


def test_removed_person_cannot_open(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    made[0].add_person(made[1], OTHER, "second passphrase", b"")
    made[0].remove_person(made[1], USER)
    assert reopened(tmp_path).people() == (OTHER,)
    with pytest.raises(WrongPassphraseError):
        reopened(tmp_path).unlock(USER, PASSPHRASE)


def test_changed_passphrase_replaces_the_old(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    unlocked = made[0].change_passphrase(USER, PASSPHRASE, "new passphrase")
    assert (unlocked.vault_key, unlocked.private) == (made[1], PRIVATE)
    assert reopened(tmp_path).unlock(USER, "new passphrase").private == PRIVATE
    with pytest.raises(WrongPassphraseError):
        reopened(tmp_path).unlock(USER, PASSPHRASE)


def test_changing_with_a_wrong_passphrase_changes_nothing(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    content = (tmp_path / SIDECAR).read_bytes()
    with pytest.raises(WrongPassphraseError):
        made[0].change_passphrase(USER, "wrong", "new")
    assert (tmp_path / SIDECAR).read_bytes() == content


def test_bundle_can_be_replaced_without_the_passphrase(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    unlocked = made[0].set_private(made[0].unlock(USER, PASSPHRASE), b"with a certificate")
    assert unlocked.private == b"with a certificate"
    assert reopened(tmp_path).unlock(USER, PASSPHRASE).private == b"with a certificate"


def test_recovery_code_opens_until_there_is_a_newer(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    assert not slots.has_recovery
    first = slots.make_recovery(key)
    assert reopened(tmp_path).has_recovery
    assert reopened(tmp_path).unlock_recovery(first).vault_key == key
    as_typed = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert reopened(tmp_path).unlock_recovery(as_typed).vault_key == key
    second = slots.make_recovery(key)
    assert reopened(tmp_path).unlock_recovery(second).vault_key == key
    with pytest.raises(WrongRecoveryCodeError):
        reopened(tmp_path).unlock_recovery(first)


def test_recovery_code_without_a_sheet_is_refused(made: tuple[KeySlots, bytes]) -> None:
    with pytest.raises(WrongRecoveryCodeError):
        made[0].unlock_recovery(write_recovery_code(bytes(16)))


def test_recovery_code_is_26_characters_and_two_to_check() -> None:
    chosen = random.Random(5)
    for _ in range(200):
        secret = chosen.randbytes(16)
        code = write_recovery_code(secret)
        assert [len(group) for group in code.split("-")] == [4] * 7
        assert read_recovery_code(code) == secret


def test_mistyped_recovery_code_is_told() -> None:
    code = write_recovery_code(bytes(range(16)))
    unnoticed = 0
    for place, letter in enumerate(code):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if letter not in {"-", other}:
                try:
                    read_recovery_code(code[:place] + other + code[place + 1 :])
                    unnoticed += 1
                except RecoveryCodeUnreadableError:
                    continue
    assert unnoticed <= 4, "two check characters let one mistake in a thousand pass"


@pytest.mark.parametrize("code", ["", "ABCD", "é" * 28, "0" * 27, "0" * 29, "U" * 28])
def test_code_of_another_shape_is_told(code: str) -> None:
    with pytest.raises(RecoveryCodeUnreadableError):
        read_recovery_code(code)


# -- damage ------------------------------------------------------------------------------------------


def test_missing_sidecar_is_told(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    assert made
    (tmp_path / SIDECAR).unlink()
    (tmp_path / SIDECAR_COPY).unlink()
    with pytest.raises(SidecarMissingError) as caught:
        reopened(tmp_path)
    assert str(tmp_path) in caught.value.sentence()


@pytest.mark.parametrize("name", [SIDECAR, SIDECAR_COPY])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]", b"\xff\xfe", b'{"sum": 1}', b"[" * 5000])
def test_one_damaged_copy_is_mended_from_the_other(
    tmp_path: Path, made: tuple[KeySlots, bytes], name: str, content: bytes | None
) -> None:
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert reopened(tmp_path).unlock(USER, PASSPHRASE).vault_key == made[1]
    assert (tmp_path / name).read_bytes() == whole


def test_cut_copy_is_mended(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    whole = (tmp_path / SIDECAR).read_bytes()
    (tmp_path / SIDECAR).write_bytes(whole[:-40])
    assert reopened(tmp_path).unlock(USER, PASSPHRASE).vault_key == made[1]
    assert (tmp_path / SIDECAR).read_bytes() == whole


def test_flipped_bits_in_both_copies_never_open(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    made[0].make_recovery(made[1])
    paths = tmp_path / SIDECAR, tmp_path / SIDECAR_COPY
    whole = paths[0].read_bytes()
    bits = [some_bits(path, 60, seed=seed) for seed, path in enumerate(paths)]
    for pair in zip(*bits, strict=True):
        for path, bit in zip(paths, pair, strict=True):
            flip(path, bit)
        with pytest.raises(SidecarDamagedError):
            reopened(tmp_path).unlock(USER, PASSPHRASE)
        for path in paths:
            path.write_bytes(whole)


def resummed(content: bytes, **changes: object) -> bytes:
    """Change the sidecar as somebody could who has no key but knows the format."""
    fields = json.loads(content) | changes
    fields.pop("sum")
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    fields["sum"] = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def test_sidecar_changed_without_the_key_is_refused(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    assert made
    content = (tmp_path / SIDECAR).read_bytes()
    slots = json.loads(content)["slots"]
    slots[0]["person"]["name"] = "Somebody Else"
    for forged in (resummed(content, slots=slots), resummed(content, generation=7, database_salt="AAAA")):
        for name in (SIDECAR, SIDECAR_COPY):
            (tmp_path / name).write_bytes(forged)
        with pytest.raises(SidecarDamagedError):
            reopened(tmp_path).unlock(USER, PASSPHRASE)


def test_forged_newer_copy_gives_way_to_the_true_one(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    content = (tmp_path / SIDECAR).read_bytes()
    (tmp_path / SIDECAR).write_bytes(resummed(content, generation=99))
    assert reopened(tmp_path).unlock(USER, PASSPHRASE).vault_key == made[1]
    assert (tmp_path / SIDECAR).read_bytes() == content


def test_cost_outside_the_policy_is_refused_before_deriving(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    assert made
    content = (tmp_path / SIDECAR).read_bytes()
    for memory_kib in (1, 2**31):
        slots = json.loads(content)["slots"]
        slots[0]["kdf"]["memory_kib"] = memory_kib
        for name in (SIDECAR, SIDECAR_COPY):
            (tmp_path / name).write_bytes(resummed(content, slots=slots))
        with pytest.raises(SidecarDamagedError):
            reopened(tmp_path).unlock(USER, PASSPHRASE)
    with pytest.raises(SidecarDamagedError):
        KeySlots.open(tmp_path, PRODUCTION_KDF).unlock(USER, PASSPHRASE)


def test_change_that_reached_one_copy_only_counts(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    before = (tmp_path / SIDECAR).read_bytes()
    made[0].change_passphrase(USER, PASSPHRASE, "new passphrase")
    (tmp_path / SIDECAR).write_bytes(before)  # killed between the copy and the file itself
    slots = reopened(tmp_path)
    assert slots.unlock(USER, "new passphrase").vault_key == made[1]
    assert (tmp_path / SIDECAR).read_bytes() == (tmp_path / SIDECAR_COPY).read_bytes() != before


def test_sidecar_of_another_vault_does_not_open_this_one(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    (tmp_path / "other").mkdir()
    slots, key = KeySlots.create(tmp_path / "other", CHEAP_KDF)
    slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    assert slots.unlock(USER, PASSPHRASE).vault_key != made[1]


def test_creating_over_a_sidecar_is_refused(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    assert made
    with pytest.raises(FileExistsError):
        KeySlots.create(tmp_path, CHEAP_KDF)


def test_every_failure_says_what_to_do(tmp_path: Path) -> None:
    for error in (
        SidecarMissingError(file=SIDECAR, folder=tmp_path),
        SidecarDamagedError(file=SIDECAR, folder=tmp_path),
        WrongPassphraseError(person="Li"),
        RecoveryCodeUnreadableError(),
        WrongRecoveryCodeError(),
    ):
        assert isinstance(error, CasebookError)
        assert len(error.sentence("en")) > 40
        assert len(error.sentence("zh")) > 15


def test_sidecar_shows_no_key_and_is_the_owners(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    for name in (SIDECAR, SIDECAR_COPY):
        content = (tmp_path / name).read_bytes()
        assert PERSON.name.encode() in content
        assert PRIVATE not in content
        assert made[1] not in content
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [SIDECAR, SIDECAR_COPY]


# -- the recovery sheet -------------------------------------------------------------------------------


def test_new_sheet_opens_nothing_before_it_is_typed_back(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    code = slots.begin_recovery(key)
    assert reopened(tmp_path).has_recovery
    assert not reopened(tmp_path).has_tested_recovery
    with pytest.raises(WrongRecoveryCodeError):
        reopened(tmp_path).unlock_recovery(code)
    reopened(tmp_path).test_recovery(code)
    assert reopened(tmp_path).has_tested_recovery
    assert reopened(tmp_path).unlock_recovery(code).vault_key == key


def test_old_sheet_stands_until_the_new_one_is_typed_back(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    old = slots.make_recovery(key)
    new = slots.begin_recovery(key)
    assert reopened(tmp_path).unlock_recovery(old).vault_key == key
    slots.test_recovery(new)
    with pytest.raises(WrongRecoveryCodeError):
        reopened(tmp_path).unlock_recovery(old)


def test_sheet_that_was_begun_and_left_never_opens(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    left = slots.begin_recovery(key)
    slots.make_recovery(key)
    with pytest.raises(WrongRecoveryCodeError):
        reopened(tmp_path).unlock_recovery(left)
    with pytest.raises(WrongRecoveryCodeError):
        reopened(tmp_path).test_recovery(left)


def test_sheet_mistyped_back_changes_nothing(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    old = slots.make_recovery(key)
    slots.begin_recovery(key)
    content = (tmp_path / SIDECAR).read_bytes()
    with pytest.raises(RecoveryCodeUnreadableError):
        slots.test_recovery(old[:-1] + "*")
    with pytest.raises(WrongRecoveryCodeError):
        slots.test_recovery(write_recovery_code(bytes(16)))
    assert (tmp_path / SIDECAR).read_bytes() == content


def test_typing_the_sheet_back_twice_is_no_harm(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    code = made[0].make_recovery(made[1])
    content = (tmp_path / SIDECAR).read_bytes()
    made[0].test_recovery(code)
    assert (tmp_path / SIDECAR).read_bytes() == content


def test_sheet_opens_the_unblinding_key_where_its_maker_held_it(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    slots, key = made
    holding = slots.make_unblinding_key(slots.unlock(USER, PASSPHRASE))
    both = slots.make_recovery(key, holding.unblinding_key)
    recovered = reopened(tmp_path).unlock_recovery(both)
    assert (recovered.vault_key, recovered.unblinding_key) == (key, holding.unblinding_key)
    blinded = slots.make_recovery(key)
    assert reopened(tmp_path).unlock_recovery(blinded).unblinding_key is None
    assert reopened(tmp_path).unlock_recovery(both).unblinding_key == holding.unblinding_key, "else it could be lost"
    newer = slots.make_recovery(key, holding.unblinding_key)
    assert reopened(tmp_path).unlock_recovery(newer).unblinding_key == holding.unblinding_key
    for older in (both, blinded):
        with pytest.raises(WrongRecoveryCodeError):
            reopened(tmp_path).unlock_recovery(older)


# -- this machine's part ------------------------------------------------------------------------------

MACHINE = DeviceSecret(bytes(range(32)))


def test_passphrase_with_a_device_part_opens_on_this_machine_only(tmp_path: Path) -> None:
    slots, key = KeySlots.create(tmp_path, CHEAP_KDF, device=MACHINE)
    slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    code = slots.make_recovery(key)
    assert KeySlots.open(tmp_path, CHEAP_KDF, device=MACHINE).unlock(USER, PASSPHRASE).vault_key == key
    assert reopened(tmp_path).has_device_part(USER)
    with pytest.raises(DeviceSecretMissingError) as caught:
        reopened(tmp_path).unlock(USER, PASSPHRASE)
    assert "recovery sheet" in caught.value.sentence()
    assert "恢复单" in caught.value.sentence("zh")
    with pytest.raises(WrongPassphraseError):
        KeySlots.open(tmp_path, CHEAP_KDF, device=DeviceSecret(bytes(32))).unlock(USER, PASSPHRASE)
    assert reopened(tmp_path).unlock_recovery(code).vault_key == key


def test_changing_the_passphrase_takes_the_device_part_in_or_leaves_it_out(
    tmp_path: Path, made: tuple[KeySlots, bytes]
) -> None:
    assert not made[0].has_device_part(USER)
    KeySlots.open(tmp_path, CHEAP_KDF, device=MACHINE).change_passphrase(USER, PASSPHRASE, "new passphrase")
    assert reopened(tmp_path).has_device_part(USER)
    with pytest.raises(DeviceSecretMissingError):
        reopened(tmp_path).unlock(USER, "new passphrase")


def test_flag_of_the_device_part_is_not_believed_without_the_key(tmp_path: Path, made: tuple[KeySlots, bytes]) -> None:
    assert made
    content = (tmp_path / SIDECAR).read_bytes()
    slots = json.loads(content)["slots"]
    slots[0]["device"] = True
    for name in (SIDECAR, SIDECAR_COPY):
        (tmp_path / name).write_bytes(resummed(content, slots=slots))
    with pytest.raises(WrongPassphraseError):
        KeySlots.open(tmp_path, CHEAP_KDF, device=MACHINE).unlock(USER, PASSPHRASE)


def test_system_without_a_device_secret_says_so(tmp_path: Path) -> None:
    assert device_secret(tmp_path) == NO_DEVICE_SECRET, "looking at a folder makes nothing"
    given = device_secret(tmp_path, make=True)
    assert given.secret is None or len(given.secret) == 32
    assert given == device_secret(tmp_path), "asked again it gives the same"


# -- passphrases and bundles ---------------------------------------------------------------------------


def test_bundle_is_not_sealed_by_a_passphrase_that_was_changed_meanwhile(
    tmp_path: Path, made: tuple[KeySlots, bytes]
) -> None:
    unlocked = made[0].unlock(USER, PASSPHRASE)
    made[0].change_passphrase(USER, PASSPHRASE, "new passphrase")
    with pytest.raises(WrongPassphraseError):
        made[0].set_private(unlocked, b"it would open with nothing")
    assert reopened(tmp_path).unlock(USER, "new passphrase").private == PRIVATE


def test_new_slots_cost_what_was_measured_on_this_laptop(tmp_path: Path) -> None:
    measured = KdfParameters(memory_kib=512, passes=2, lanes=1)
    slots, key = KeySlots.create(tmp_path, replace(CHEAP_KDF, chosen=measured))
    slots.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    reopened(tmp_path).add_person(key, OTHER, "second passphrase", b"")
    reopened(tmp_path).change_passphrase(USER, PASSPHRASE, "new passphrase")
    costs = [slot["kdf"]["memory_kib"] for slot in json.loads((tmp_path / SIDECAR).read_bytes())["slots"]]
    assert costs == [512, 512]

"""Custodians: each key opens its own envelope, and the code made with it loses nothing and is seen."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from casebook.crypto import PRODUCTION_KDF, SealingKey
from casebook.errors import CustodianKeyWrongError, WrongRecoveryCodeError
from casebook.store.escrow import (
    fingerprint,
    make_site_code,
    open_escrow,
    read_custodian_key,
    write_custodian_key,
)
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY, read_sidecar, write_sidecar
from casebook.store.slots import KeySlots
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE, USER


@dataclass
class Sealed:
    """A vault whose keys are sealed to two custodians."""

    folder: Path
    slots: KeySlots
    vault_key: bytes
    unblinding_key: bytes
    records: SealingKey
    unblinding: SealingKey
    sheet: str

    @property
    def content(self) -> bytes:
        return (self.folder / SIDECAR).read_bytes()

    def received(self, content: bytes) -> KeySlots:
        for name in (SIDECAR, SIDECAR_COPY):
            (self.folder / name).write_bytes(content)
        return KeySlots.open(self.folder, CHEAP_KDF)


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    slots, vault_key = KeySlots.create(tmp_path, CHEAP_KDF)
    slots.add_person(vault_key, PERSON, PASSPHRASE, PRIVATE)
    holding = slots.make_unblinding_key(slots.unlock(USER, PASSPHRASE))
    assert holding.unblinding_key is not None
    records, unblinding = SealingKey.generate(), SealingKey.generate()
    slots.set_escrow(vault_key, records.public)
    slots.set_unblinding_escrow(vault_key, holding.unblinding_key, unblinding.public)
    sheet = slots.make_recovery(vault_key, holding.unblinding_key)
    return Sealed(tmp_path, slots, vault_key, holding.unblinding_key, records, unblinding, sheet)


def test_each_custodian_opens_their_own_envelope_alone(sealed: Sealed) -> None:
    records, unblinding = open_escrow(sealed.content, sealed.records), open_escrow(sealed.content, sealed.unblinding)
    assert (records.vault_key, records.unblinding_key) == (sealed.vault_key, None)
    assert (unblinding.vault_key, unblinding.unblinding_key) == (None, sealed.unblinding_key)
    assert sealed.vault_key.hex() not in repr(records)


def test_one_custodian_may_keep_both(sealed: Sealed) -> None:
    sealed.slots.set_unblinding_escrow(sealed.vault_key, sealed.unblinding_key, sealed.records.public)
    both = open_escrow(sealed.content, sealed.records)
    assert (both.vault_key, both.unblinding_key) == (sealed.vault_key, sealed.unblinding_key)
    with pytest.raises(CustodianKeyWrongError):
        open_escrow(sealed.content, sealed.unblinding)  # replaced, not added


def test_other_key_or_other_file_is_told(sealed: Sealed) -> None:
    with pytest.raises(CustodianKeyWrongError):
        open_escrow(sealed.content, SealingKey.generate())
    for content in (b"", b"{}", sealed.content[:-30]):
        with pytest.raises(CustodianKeyWrongError):
            open_escrow(content, sealed.records)


def test_flipped_bits_open_nothing(sealed: Sealed) -> None:
    sidecar = read_sidecar(sealed.content)
    assert sidecar is not None
    slot = next(slot for slot in sidecar.slots if slot.sealing == sealed.records.public)
    chosen = random.Random(3)
    for _ in range(60):
        bit = chosen.randrange(len(slot.vault_grant) * 8)
        flipped = bytearray(slot.vault_grant)
        flipped[bit // 8] ^= 1 << bit % 8
        changed = write_sidecar(sidecar.having(replace(slot, vault_grant=bytes(flipped))))
        with pytest.raises(CustodianKeyWrongError):
            open_escrow(changed, sealed.records)


def test_envelopes_follow_a_rotation(sealed: Sealed) -> None:
    rotated = sealed.slots.rotate(sealed.vault_key, sealed.unblinding_key)
    assert open_escrow(sealed.content, sealed.records).vault_key == rotated.vault_key
    assert open_escrow(sealed.content, sealed.unblinding).unblinding_key == rotated.unblinding_key
    assert sealed.slots.has_escrow(sealed.records.public)
    assert sealed.slots.is_sealed_to(sealed.records.public)
    assert not sealed.slots.is_sealed_to(sealed.unblinding.public)
    assert rotated.unblinding_key is not None
    assert sealed.slots.is_sealed_to(sealed.unblinding.public, rotated.unblinding_key)
    assert not sealed.slots.is_sealed_to(sealed.unblinding.public, sealed.unblinding_key)
    assert not sealed.slots.is_sealed_to(sealed.records.public, rotated.unblinding_key)


def test_site_code_opens_the_laptop_and_says_who_made_it(sealed: Sealed) -> None:
    code, content = make_site_code(sealed.content, [sealed.records], CHEAP_KDF, random.Random(1).randbytes)
    slots = sealed.received(content)
    assert slots.has_sheet_by_escrow
    recovered = slots.unlock_recovery(code)
    assert (recovered.vault_key, recovered.unblinding_key) == (sealed.vault_key, None)
    assert recovered.by_escrow
    assert slots.unlock(USER, PASSPHRASE).private == PRIVATE
    assert slots.unlock_recovery(sealed.sheet).unblinding_key == sealed.unblinding_key
    assert not slots.unlock_recovery(sealed.sheet).by_escrow
    slots.rotate(recovered.vault_key, remove_sheets={recovered.slot})
    after = KeySlots.open(sealed.folder, CHEAP_KDF)
    assert not after.has_sheet_by_escrow
    with pytest.raises(WrongRecoveryCodeError):
        after.unlock_recovery(code)
    assert after.unlock_recovery(sealed.sheet).unblinding_key == sealed.unblinding_key


def test_both_custodians_together_open_both(sealed: Sealed) -> None:
    keys = [sealed.unblinding, sealed.records]
    code, content = make_site_code(sealed.content, keys, CHEAP_KDF, random.Random(1).randbytes)
    recovered = sealed.received(content).unlock_recovery(code)
    assert (recovered.vault_key, recovered.unblinding_key) == (sealed.vault_key, sealed.unblinding_key)


def test_unblinding_custodian_alone_makes_no_code(sealed: Sealed) -> None:
    with pytest.raises(CustodianKeyWrongError):
        make_site_code(sealed.content, [sealed.unblinding], CHEAP_KDF, random.Random(1).randbytes)


def test_custodians_key_file_opens_with_its_passphrase_alone() -> None:
    key = SealingKey.generate()
    content = write_custodian_key(key, "a passphrase", CHEAP_KDF, random.Random(1).randbytes)
    assert key.private not in content
    assert read_custodian_key(content, "a passphrase", CHEAP_KDF, file="key") == key
    for wrong, typed, policy in (
        (content, "another", CHEAP_KDF),
        (content[:-20], "a passphrase", CHEAP_KDF),
        (b"[]", "a passphrase", CHEAP_KDF),
        (content, "a passphrase", PRODUCTION_KDF),
        (content.replace(b'"passes": 1', b'"passes": 2'), "a passphrase", CHEAP_KDF),
    ):
        with pytest.raises(CustodianKeyWrongError):
            read_custodian_key(wrong, typed, policy, file="key")
    assert len(fingerprint(key.public).split()) == 4

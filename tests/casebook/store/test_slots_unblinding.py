"""The unblinding key: who was given it opens it, and whoever holds the vault key alone never does."""

import random
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from casebook.crypto import SealingKey, SigningKey
from casebook.errors import CasebookError, GrantRefusedError, SidecarDamagedError, WrongPassphraseError
from casebook.ids import UserId
from casebook.store import slot_seals
from casebook.store.sidecar import SidecarFiles
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY, Sidecar, Slot, read_sidecar, write_sidecar
from casebook.store.slots import KeySlots, VaultPerson
from tests.casebook.store.vaults import CHEAP_KDF

BLINDED = VaultPerson(user=UserId("assessor"), name="Assessor A", roles=("assessor",))
FIRST = VaultPerson(user=UserId("coordinator"), name="Coordinator B", roles=("coordinator",))
SECOND = VaultPerson(user=UserId("investigator"), name="Investigator C", roles=("investigator",))
PHRASES = {person.user: f"passphrase of {person.user}" for person in (BLINDED, FIRST, SECOND)}


@dataclass
class Ward:
    """A vault with one blinded and two unblinded people; the first of these made the key."""

    folder: Path
    slots: KeySlots
    vault_key: bytes
    unblinding_key: bytes
    certified: dict[UserId, SealingKey]
    signer: SigningKey

    def reopened(self) -> KeySlots:
        return KeySlots.open(self.folder, CHEAP_KDF)

    def sidecar(self) -> Sidecar:
        sidecar = read_sidecar((self.folder / SIDECAR).read_bytes())
        assert sidecar is not None
        return sidecar

    def forge(self, *changed: Slot) -> None:
        """Write the file as the blinded person can, who holds the vault key."""
        forged = self.sidecar()
        for slot in changed:
            forged = forged.having(slot)
        SidecarFiles.read(self.folder).write(self.vault_key, forged)

    def slot_of(self, person: VaultPerson) -> Slot:
        slot = self.sidecar().of_person(person.user)
        assert slot is not None
        return slot

    def grant_to_second(self) -> None:
        self.slots.grant_unblinding(
            self.vault_key,
            self.unblinding_key,
            SECOND.user,
            self.certified[SECOND.user].public,
            by=FIRST.user,
            signer=self.signer,
        )


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    slots, vault_key = KeySlots.create(tmp_path, CHEAP_KDF)
    certified = {user: SealingKey.generate() for user in PHRASES}
    for person in (BLINDED, FIRST, SECOND):
        slots.add_person(vault_key, person, PHRASES[person.user], b"", sealing=certified[person.user])
    holding = slots.make_unblinding_key(slots.unlock(FIRST.user, PHRASES[FIRST.user]))
    assert holding.unblinding_key is not None
    return Ward(tmp_path, slots, vault_key, holding.unblinding_key, certified, SigningKey.generate())


def unblinding_that_opens(ward: Ward, key: SealingKey) -> set[bytes]:
    """Return every unblinding key that a private key opens anywhere in the file."""
    vault = ward.sidecar().vault
    found = set()
    for slot in ward.sidecar().slots:
        try:
            found.add(slot_seals.open_grant(key, slot.unblinding_grant, slot_seals.UNBLINDING, vault, slot))
        except CasebookError:
            continue
    return found


def opened(ward: Ward, person: VaultPerson) -> bytes | None:
    return ward.reopened().unlock(person.user, PHRASES[person.user]).unblinding_key


def test_first_unblinded_person_makes_it_and_finds_it_again(ward: Ward) -> None:
    assert len(ward.unblinding_key) == 32
    assert ward.unblinding_key != ward.vault_key
    assert opened(ward, FIRST) == ward.unblinding_key
    assert ward.reopened().has_unblinding_key
    assert ward.reopened().unblinding_salt == ward.slots.unblinding_salt != ward.slots.database_salt
    assert ward.unblinding_key.hex() not in repr(ward.slots.unlock(FIRST.user, PHRASES[FIRST.user]))


def test_blinded_persons_slot_has_no_grant(ward: Ward) -> None:
    ward.grant_to_second()
    assert opened(ward, BLINDED) is None
    slot = ward.slot_of(BLINDED)
    assert (slot.unblinding_grant, slot.unblinding_code, slot.granted_by) == (b"", b"", "")


def test_it_is_made_once(ward: Ward) -> None:
    with pytest.raises(ValueError, match="made once"):
        ward.slots.make_unblinding_key(ward.slots.unlock(SECOND.user, PHRASES[SECOND.user]))


def test_absent_colleague_accepts_what_was_signed_for_them(ward: Ward) -> None:
    ward.grant_to_second()
    slots = ward.reopened()
    unlocked = slots.unlock(SECOND.user, PHRASES[SECOND.user])
    assert unlocked.unblinding_key is None
    assert unlocked.offer is not None
    assert unlocked.offer.by == FIRST.user
    assert slots.accept_unblinding(unlocked, ward.signer.public).unblinding_key == ward.unblinding_key
    assert opened(ward, SECOND) == ward.unblinding_key


def test_newcomer_who_types_the_passphrase_here_holds_it_at_once(ward: Ward) -> None:
    person = VaultPerson(user=UserId("nurse"), name="Nurse D")
    ward.slots.add_person(ward.vault_key, person, "a fourth passphrase", b"", unblinding_key=ward.unblinding_key)
    unlocked = ward.reopened().unlock(person.user, "a fourth passphrase")
    assert (unlocked.unblinding_key, unlocked.offer) == (ward.unblinding_key, None)


def test_changing_the_passphrase_touches_no_grant(ward: Ward) -> None:
    before = ward.slot_of(FIRST)
    changed = ward.slots.change_passphrase(FIRST.user, PHRASES[FIRST.user], "another passphrase")
    after = ward.slot_of(FIRST)
    assert changed.unblinding_key == ward.unblinding_key
    assert (before.vault_grant, before.unblinding_grant, before.sealing) == (
        after.vault_grant,
        after.unblinding_grant,
        after.sealing,
    )
    assert before.salt != after.salt


def test_another_key_is_not_handed_out(ward: Ward) -> None:
    person = VaultPerson(user=UserId("nurse"), name="Nurse D")
    with pytest.raises(ValueError, match="not the vault's unblinding key"):
        ward.slots.add_person(ward.vault_key, person, "a fourth passphrase", b"", unblinding_key=bytes(32))
    assert person not in ward.reopened().people()


# -- a blinded colleague, who holds the vault key and the files ---------------------------------------


def test_own_key_in_a_colleagues_slot_is_given_nothing(ward: Ward) -> None:
    attacker = SealingKey.generate()
    ward.forge(replace(ward.slot_of(SECOND), sealing=attacker.public))
    slots = ward.reopened()
    with pytest.raises(GrantRefusedError):
        slots.grant_unblinding(
            ward.vault_key,
            ward.unblinding_key,
            SECOND.user,
            ward.certified[SECOND.user].public,
            by=FIRST.user,
            signer=ward.signer,
        )
    assert not ward.slot_of(SECOND).unblinding_grant


def test_own_key_in_a_holders_slot_is_passed_over_by_rotation(ward: Ward) -> None:
    ward.grant_to_second()
    attacker = SealingKey.generate()
    ward.forge(replace(ward.slot_of(FIRST), sealing=attacker.public))
    rotated = ward.reopened().rotate(ward.vault_key, ward.unblinding_key)
    assert rotated.unblinding_key is not None
    assert unblinding_that_opens(ward, attacker) == set()
    with pytest.raises(SidecarDamagedError):
        opened(ward, FIRST)  # whoever owns the slot is told


def test_holders_grant_copied_beside_an_own_key_is_passed_over_by_rotation(ward: Ward) -> None:
    ward.grant_to_second()
    attacker = SealingKey.generate()
    true = ward.slot_of(FIRST)
    own = replace(
        ward.slot_of(BLINDED),
        sealing=attacker.public,
        unblinding_grant=true.unblinding_grant,
        unblinding_code=true.unblinding_code,
    )
    ward.forge(own)
    rotated = ward.reopened().rotate(ward.vault_key, ward.unblinding_key)
    assert unblinding_that_opens(ward, attacker) == set()
    assert opened(ward, FIRST) == rotated.unblinding_key != ward.unblinding_key


def test_key_of_the_attackers_own_is_not_taken_for_the_true_one(ward: Ward) -> None:
    """Else what the holder enters next would be sealed to a key that the attacker knows."""
    planted = slot_seals.with_unblinding_grant(ward.slot_of(FIRST), ward.sidecar().vault, bytes(32))
    ward.forge(planted)
    with pytest.raises(SidecarDamagedError):
        opened(ward, FIRST)


def test_offer_that_no_certified_colleague_signed_is_refused(ward: Ward) -> None:
    vault = ward.sidecar().vault
    planted = slot_seals.with_unblinding_grant(ward.slot_of(SECOND), vault, bytes(32))
    forged = SigningKey.generate().sign(slot_seals.GRANT_DOMAIN, slot_seals.grant_statement(planted, vault, bytes(32)))
    ward.forge(replace(planted, granted_by=FIRST.user, grant_signature=forged))
    slots = ward.reopened()
    unlocked = slots.unlock(SECOND.user, PHRASES[SECOND.user])
    assert unlocked.unblinding_key is None
    with pytest.raises(GrantRefusedError):
        slots.accept_unblinding(unlocked, ward.signer.public)
    with pytest.raises(GrantRefusedError):
        slots.accept_unblinding(replace(unlocked, offer=None), ward.signer.public)


def test_offer_made_for_another_slot_is_refused(ward: Ward) -> None:
    ward.grant_to_second()
    signed = ward.slot_of(SECOND)
    own = slot_seals.with_unblinding_grant(ward.slot_of(BLINDED), ward.sidecar().vault, ward.unblinding_key)
    ward.forge(replace(own, granted_by=FIRST.user, grant_signature=signed.grant_signature))
    slots = ward.reopened()
    with pytest.raises(GrantRefusedError):
        slots.accept_unblinding(slots.unlock(BLINDED.user, PHRASES[BLINDED.user]), ward.signer.public)


def test_taking_a_holders_grant_away_is_told_and_makes_no_new_key(ward: Ward) -> None:
    ward.forge(replace(ward.slot_of(FIRST), unblinding_grant=b"", unblinding_code=b""))
    with pytest.raises(SidecarDamagedError):
        opened(ward, FIRST)


def test_spoiling_a_holders_code_is_told_before_a_rotation_passes_them_over(ward: Ward) -> None:
    ward.forge(replace(ward.slot_of(FIRST), unblinding_code=bytes(32)))
    with pytest.raises(SidecarDamagedError):
        opened(ward, FIRST)


def test_nothing_that_the_vault_key_opens_holds_it(ward: Ward) -> None:
    """Every byte of the file, and everything the blinded person's own secrets open of it."""
    ward.grant_to_second()
    ward.slots.make_recovery(ward.vault_key)
    content = (ward.folder / SIDECAR).read_bytes()
    unlocked = ward.reopened().unlock(BLINDED.user, PHRASES[BLINDED.user])
    assert ward.unblinding_key not in content
    assert ward.unblinding_key.hex().encode() not in content
    assert ward.reopened().earlier_unblinding_keys(ward.vault_key) == ()
    assert unblinding_that_opens(ward, unlocked.sealing) == set()
    assert unblinding_that_opens(ward, ward.certified[FIRST.user]) == {ward.unblinding_key}


# -- damage ------------------------------------------------------------------------------------------


def test_flipped_bits_never_give_a_wrong_key(ward: Ward) -> None:
    ward.grant_to_second()
    whole = (ward.folder / SIDECAR).read_bytes()
    chosen = random.Random(4)
    for number in range(150):
        bit = chosen.randrange(len(whole) * 8)
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        for name in (SIDECAR, SIDECAR_COPY):
            (ward.folder / name).write_bytes(flipped)
        with pytest.raises(SidecarDamagedError):
            opened(ward, (BLINDED, FIRST, SECOND)[number % 3])


def test_flipped_bits_within_a_holders_slot_never_give_a_wrong_key(ward: Ward) -> None:
    """The sum is made anew, as somebody could who knows the format."""
    sidecar, slot = ward.sidecar(), ward.slot_of(FIRST)
    chosen = random.Random(5)
    for name in ("sealing", "vault_grant", "unblinding_grant", "unblinding_code", "box", "salt"):
        data: bytes = getattr(slot, name)
        for _ in range(25):
            bit = chosen.randrange(len(data) * 8)
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            changed = copy(slot)
            object.__setattr__(changed, name, bytes(flipped))
            content = write_sidecar(sidecar.having(changed))
            for file in (SIDECAR, SIDECAR_COPY):
                (ward.folder / file).write_bytes(content)
            (ward.folder / "attempts.json").unlink(missing_ok=True)
            with pytest.raises((SidecarDamagedError, WrongPassphraseError)):
                opened(ward, FIRST)

"""What the key file says to whoever reads it: believed only after unlocking.

Source: docs/store.md, section "Keys".
"""

from casebook.ids import UserId
from casebook.store import slot_seals
from casebook.store.sidecar import SidecarFiles
from casebook.store.slot_file import ESCROW, RECOVERY, UNBLINDING_ESCROW, Sidecar, VaultPerson
from casebook.store.slot_seals import UNBLINDING, VAULT


class SlotFacts:
    """The questions that `casebook.store.slots.KeySlots` answers without a secret, or with a key at hand."""

    def __init__(self, files: SidecarFiles) -> None:
        """Answer from these files, as they stand at each question."""
        self._files = files

    @property
    def _current(self) -> Sidecar:
        return self._files.current

    def _name(self, user: UserId) -> str:
        slot = self._current.of_person(user)
        return slot.person.name if slot is not None and slot.person is not None else user

    @property
    def database_salt(self) -> bytes:
        """The standard database's 16 salt bytes, kept here so that damage to them is survived."""
        return self._current.database_salt

    @property
    def unblinding_salt(self) -> bytes:
        """Likewise of the unblinding database."""
        return self._current.unblinding_salt

    @property
    def generation(self) -> int:
        """How often the slots were changed."""
        return self._current.generation

    @property
    def has_recovery(self) -> bool:
        """Tell whether a recovery sheet was made."""
        return bool(self._current.of_kind(RECOVERY))

    @property
    def has_tested_recovery(self) -> bool:
        """Tell whether there is a recovery sheet whose code was typed back."""
        return any(slot.tested for slot in self._current.of_kind(RECOVERY))

    @property
    def recovery_sheets(self) -> int:
        """How many recovery sheets there are: two at most, where one of them alone opens the unblinding key."""
        return len(self._current.of_kind(RECOVERY))

    @property
    def has_unblinding_key(self) -> bool:
        """Tell whether somebody, or a sheet or custodian, holds the unblinding key."""
        return any(slot.unblinding_grant for slot in self._current.slots)

    @property
    def unblinding_rotation_due(self) -> bool:
        """Tell whether somebody who held the unblinding key was removed by a session that did not hold it."""
        return self._current.unblinding_due

    def has_unblinding_grant(self, user: UserId) -> bool:
        """Tell whether the unblinding key is sealed to a person, accepted or not."""
        slot = self._current.of_person(user)
        return slot is not None and bool(slot.unblinding_grant)

    def people(self) -> tuple[VaultPerson, ...]:
        """Return who has a slot, in the order in which they were added."""
        return tuple(slot.person for slot in self._current.slots if slot.person is not None)

    def sealing_of(self, user: UserId) -> bytes:
        """Return a person's public sealing key (X25519, 32 bytes) as the file says. Raises KeyError."""
        slot = self._current.of_person(user)
        if slot is None:
            raise KeyError(user)
        return slot.sealing

    def has_device_part(self, user: UserId) -> bool:
        """Tell whether a person's passphrase opens on this machine only."""
        slot = self._current.of_person(user)
        return slot is not None and slot.device

    def has_escrow(self, custodian: bytes) -> bool:
        """Tell whether something is sealed to this custodian's public key."""
        return any(
            slot.kind in {ESCROW, UNBLINDING_ESCROW} and slot.sealing == custodian for slot in self._current.slots
        )

    def is_sealed_to(self, custodian: bytes, unblinding_key: bytes | None = None) -> bool:
        """Tell whether the vault key, or this unblinding key, is sealed to one custodian: that with this public key."""
        slots = self._current.of_kind(ESCROW if unblinding_key is None else UNBLINDING_ESCROW)
        return [slot.sealing for slot in slots] == [custodian] and (
            unblinding_key is None or slot_seals.holds_unblinding(slots[0], self._current.vault, unblinding_key)
        )

    @property
    def has_sheet_by_escrow(self) -> bool:
        """Tell whether a custodian of the study made a recovery code for this laptop."""
        return any(slot.by_escrow for slot in self._current.slots)

    @property
    def vault_files_behind(self) -> bool:
        """Tell whether the standard shelf's files may still be under an earlier vault key."""
        return self._current.files_vault < len(self._current.vault_links)

    @property
    def unblinding_files_behind(self) -> bool:
        """Likewise the unblinding shelf's files."""
        return self._current.files_unblinding < len(self._current.unblinding_links)

    def earlier_vault_keys(self, vault_key: bytes) -> tuple[bytes, ...]:
        """Return the vault keys before this one, the newest first."""
        current = self._current
        return tuple(slot_seals.earlier_keys(vault_key, current.vault_links, VAULT, current.vault))

    def earlier_unblinding_keys(self, unblinding_key: bytes) -> tuple[bytes, ...]:
        """Return the unblinding keys before this one, the newest first."""
        current = self._current
        return tuple(slot_seals.earlier_keys(unblinding_key, current.unblinding_links, UNBLINDING, current.vault))

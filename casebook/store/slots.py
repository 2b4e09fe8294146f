"""Key slots: who can open the vault, kept in a sidecar file beside the database.

The vault key and the unblinding key are 32 random bytes each and never come from a passphrase. Each
slot has a key pair; its private part lies in a box that a passphrase (Argon2id) or a printed code opens,
together with the person's own bundle (signing keys), so nobody signs as a colleague. The vault key is
sealed to every slot's public key, the unblinding key to those of unblinded people: both can be replaced
without asking anybody for a passphrase.

The sidecar holds ciphertext, staff display names and costs. Names and roles in it are believed only
after unlocking, when the file's code under the vault key has been checked.

Source: docs/threat_model.md; RFC 9106; RFC 9180; docs/store.md.
"""

import contextlib
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from casebook import crypto
from casebook.clock import Clock, system_clock
from casebook.crypto import KEY_BYTES, KdfPolicy, SealingKey, SigningKey
from casebook.errors import (
    DeviceSecretMissingError,
    GrantRefusedError,
    SealBrokenError,
    UnavailableError,
    WaitBeforeRetryError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import RandomBytes, UserId
from casebook.store import slot_changes, slot_seals
from casebook.store.attempts import Attempts
from casebook.store.device_secret import NO_DEVICE_SECRET, DeviceSecret
from casebook.store.recovery_code import RECOVERY_BYTES, read_recovery_code, write_recovery_code
from casebook.store.sidecar import SidecarFiles
from casebook.store.slot_facts import SlotFacts
from casebook.store.slot_file import (
    ESCROW,
    PERSON,
    RECOVERY,
    SIDECAR,
    SIDECAR_COPY,
    UNBLINDING_ESCROW,
    Sidecar,
    Slot,
    VaultPerson,
    code_holds,
)
from casebook.store.slot_seals import Box, Opened
from casebook.store.unlocked import Offer, Recovered, Rotated, Unlocked

__all__ = [
    "SIDECAR",
    "SIDECAR_COPY",
    "KeySlots",
    "Offer",
    "Recovered",
    "Rotated",
    "Unlocked",
    "VaultPerson",
    "database_key",
    "read_recovery_code",
    "spool_key",
    "write_recovery_code",
]

SALT_BYTES = 16
_KDF_SALT_BYTES = 16
_ID_BYTES = 6


def database_key(key: bytes) -> bytes:
    """Return the raw key of a shelf's database file (32 bytes). `key`: the vault key or the unblinding key."""
    return crypto.expand(key, "database")


def spool_key(key: bytes) -> bytes:
    """Return the key of a shelf's spool records (32 bytes). `key`: as for `database_key`."""
    return crypto.expand(key, "spool")


class _UntrustedError(Exception):
    """A version of the file was changed by somebody without the key, or asks for an inadmissible cost."""


class KeySlots(SlotFacts):
    """The slots of one vault. Every change is written to the copy first, then to the file itself.

    Two threads may change them, the record's and the network's: each change sees the one before it. Every
    change takes the vault key that is in force; after `rotate` that is the one it returned.
    """

    def __init__(
        self,
        policy: KdfPolicy,
        files: SidecarFiles,
        random_bytes: RandomBytes,
        *,
        clock: Clock,
        device: DeviceSecret,
    ) -> None:
        """Use `create` or `open`."""
        self._policy = policy
        super().__init__(files)
        self._random_bytes = random_bytes
        self._attempts = Attempts(files.folder, clock)
        self._device = device

    @classmethod
    def create(
        cls,
        folder: Path,
        policy: KdfPolicy,
        random_bytes: RandomBytes = os.urandom,
        *,
        clock: Clock = system_clock,
        device: DeviceSecret = NO_DEVICE_SECRET,
    ) -> tuple["KeySlots", bytes]:
        """Make the slots of a new vault, and its key (32 bytes). Nothing is written before the first person."""
        if (folder / SIDECAR).exists() or (folder / SIDECAR_COPY).exists():
            raise FileExistsError(folder / SIDECAR)
        fresh = Sidecar(
            vault=random_bytes(8).hex(),
            generation=0,
            database_salt=random_bytes(SALT_BYTES),
            unblinding_salt=random_bytes(SALT_BYTES),
        )
        files = SidecarFiles(folder, (fresh,))
        return cls(policy, files, random_bytes, clock=clock, device=device), random_bytes(KEY_BYTES)

    @classmethod
    def open(
        cls,
        folder: Path,
        policy: KdfPolicy,
        random_bytes: RandomBytes = os.urandom,
        *,
        clock: Clock = system_clock,
        device: DeviceSecret = NO_DEVICE_SECRET,
    ) -> "KeySlots":
        """Read the sidecar; its copy stands in where the file is missing or damaged.

        Args:
            clock: Measures the wait after wrong passphrases.
            device: What this machine's system keeps; see `casebook.store.device_secret`.

        Raises:
            SidecarMissingError: Neither exists.
            SidecarDamagedError: Neither can be read.
        """
        return cls(policy, SidecarFiles.read(folder), random_bytes, clock=clock, device=device)

    # -- opening -------------------------------------------------------------------------------------

    def wait_s(self, user: UserId) -> int:
        """Return how many seconds a person's next try still waits after wrong passphrases, 0 when it does not."""
        return self._attempts.wait_s(user)

    def untold_failures(self) -> dict[UserId, int]:
        """Return how many wrong passphrases, and whose, do not stand in the record yet."""
        return {UserId(user): count for user, count in self._attempts.untold().items()}

    def tell_failures(self, told: Mapping[UserId, int]) -> None:
        """Note that these wrong passphrases stand in the record now."""
        self._attempts.tell({str(user): count for user, count in told.items()})

    def unlock(self, user: UserId, passphrase: str) -> Unlocked:
        """Open the vault with a person's passphrase. Takes about a second with the production policy.

        Raises:
            WaitBeforeRetryError: After several wrong passphrases; nothing was tried.
            WrongPassphraseError: No slot of this person opens with it.
            DeviceSecretMissingError: The system does not give its part any more.
            SidecarDamagedError: The file was changed by somebody without the key, or asks for an
                inadmissible cost.
        """
        wait = self._attempts.wait_s(user)
        if wait:
            raise WaitBeforeRetryError(seconds=wait, person=self._name(user))
        try:
            unlocked = self._unlock(user, passphrase)
        except WrongPassphraseError:
            self._attempts.fail(user)
            raise
        failures = self._attempts.failures(user)
        self._attempts.clear(user)
        return replace(unlocked, failures=failures)

    def _unlock(self, user: UserId, passphrase: str) -> Unlocked:
        untrusted = missing = False
        for version in self._files.versions:
            slot = version.of_person(user)
            if slot is None or slot.person is None:
                continue
            if slot.device and self._device.secret is None:
                missing = True
                continue
            try:
                key = self._person_key(slot, passphrase)
                opened = self._open(version, slot, key)
            except _UntrustedError:
                untrusted = True
                continue
            if opened is not None:
                return Unlocked(
                    person=slot.person,
                    vault_key=opened.vault_key,
                    private=opened.box.private,
                    private_key=key,
                    sealing=opened.box.sealing,
                    unblinding_key=opened.unblinding_key,
                    offer=Offer(by=UserId(slot.granted_by), key=opened.offered) if opened.offered else None,
                )
        if missing:
            raise DeviceSecretMissingError(person=self._name(user))
        if untrusted:
            raise self._files.damaged()
        raise WrongPassphraseError(person=self._name(user))

    def unlock_recovery(self, code: str) -> Recovered:
        """Open the vault with a printed code. What follows is a new slot for a person, and `rotate`.

        Raises:
            RecoveryCodeUnreadableError: The code is mistyped.
            WrongRecoveryCodeError: It is a code of another vault or an older sheet, or was never typed back.
            SidecarDamagedError: The file was changed by somebody without the key.
        """
        slot, opened = self._open_sheet(code, tested=True)
        return Recovered(
            slot=slot.id,
            vault_key=opened.vault_key,
            unblinding_key=opened.unblinding_key,
            by_escrow=slot.by_escrow,
        )

    def _open_sheet(self, code: str, *, tested: bool) -> tuple[Slot, Opened]:
        key = recovery_key(read_recovery_code(code))
        untrusted = False
        for version in self._files.versions:
            for slot in version.of_kind(RECOVERY):
                if slot.tested < tested:
                    continue
                try:
                    opened = self._open(version, slot, key)
                except _UntrustedError:
                    untrusted = True
                    continue
                if opened is not None:
                    return slot, opened
        if untrusted:
            raise self._files.damaged()
        raise WrongRecoveryCodeError

    def _open(self, version: Sidecar, slot: Slot, key: bytes) -> Opened | None:
        """Open a slot of one version; None where `key` is not its key, or a newer version follows.

        Raises:
            _UntrustedError: The box opens, and what stands beside it was not written with the vault key.
        """
        try:
            box = Box.open(key, version.vault, slot)
        except SealBrokenError:
            return None
        try:
            opened = slot_seals.open_slot(version, slot, box)
        except SealBrokenError:
            raise _UntrustedError from None
        if not code_holds(version, opened.vault_key):
            raise _UntrustedError
        if self._files.is_past(version, opened.vault_key):
            return None
        self._files.settle(version, opened.vault_key)
        self._note_seen(slot, opened, key)
        return opened

    # -- people --------------------------------------------------------------------------------------

    def add_person(
        self,
        vault_key: bytes,
        person: VaultPerson,
        passphrase: str,
        private: bytes,
        *,
        sealing: SealingKey | None = None,
        unblinding_key: bytes | None = None,
        replace_slot: bool = False,
    ) -> None:
        """Give a person a slot, durable on return.

        Args:
            private: The person's own secret bundle; sealed so that only this passphrase opens it.
            sealing: The person's key pair, where the study is to certify its public part; else a fresh one.
            unblinding_key: For an unblinded person who types the passphrase where somebody holds it.
            replace_slot: After recovery: a slot that the person has is replaced, with a fresh bundle.

        Raises:
            ValueError: The person has a slot already, or that is not this vault's unblinding key.
        """
        with self._files.changing:
            existing = self._current.of_person(person.user)
            if existing is not None and not replace_slot:
                message = f"{person.user} has a slot already"
                raise ValueError(message)
            pair = sealing or SealingKey.generate()
            slot = Slot(id=self._new_id(), kind=PERSON, sealing=pair.public, person=person)
            box = Box(sealing=pair, vault_pin=b"", private=private)
            slot = self._with_passphrase(slot, box, passphrase, vault_key, unblinding_key)
            current = self._current
            changed = slot_changes.replaced(current, existing, slot) if existing else current.having(slot)
            self._files.write(vault_key, changed)

    def remove_person(self, vault_key: bytes, user: UserId) -> None:
        """Take a person's slot away. Who kept a copy of the sidecar can still open that: `rotate` follows."""
        with self._files.changing:
            self._files.write(vault_key, slot_changes.without(self._current, [user], ()))

    def change_passphrase(self, user: UserId, old: str, new: str) -> Unlocked:
        """Seal a person's box by another passphrase, durable on return; grants are not touched. As `unlock`."""
        unlocked = self.unlock(user, old)
        with self._files.changing:
            slot = self._slot_of(unlocked)
            box = self._box_of(unlocked)
            costed = self._costed(slot)
            sealed = box.seal(self._person_key(costed, new), self._current.vault, costed)
            self._files.write(unlocked.vault_key, self._current.having(replace(costed, box=sealed)))
        return self.unlock(user, new)  # proves that what was written opens

    def set_private(self, unlocked: Unlocked, private: bytes) -> Unlocked:
        """Replace a person's own bundle (a certificate has come, say), durable on return."""
        with self._files.changing:
            changed = replace(unlocked, private=private)
            self._write_box(changed)
        return changed

    # -- the unblinding key --------------------------------------------------------------------------

    def make_unblinding_key(self, unlocked: Unlocked) -> Unlocked:
        """Make the unblinding key: the first unblinded person does so in their own session. Durable on return.

        Returns:
            The same person, holding it.

        Raises:
            ValueError: Somebody holds one already: it must be handed over, or recovered.
        """
        with self._files.changing:
            if self.has_unblinding_key or self._current.unblinding_links:
                message = "the unblinding key is made once"
                raise ValueError(message)
            key = self._random_bytes(KEY_BYTES)
            holding = replace(unlocked, unblinding_key=key, offer=None)
            slot = slot_seals.with_unblinding_grant(self._slot_of(unlocked), self._current.vault, key)
            self._write_box(holding, slot)
        return holding

    def grant_unblinding(
        self,
        vault_key: bytes,
        unblinding_key: bytes,
        user: UserId,
        certified_sealing: bytes,
        *,
        by: UserId,
        signer: SigningKey,
    ) -> None:
        """Hand the unblinding key to an absent colleague, durable on return. They accept it when they sign in.

        Args:
            certified_sealing: The colleague's public sealing key as the study certified it: a blinded
                person holds the vault key and could have put a key of their own into the file.
            by: Who hands it over.
            signer: That person's own signing key.

        Raises:
            GrantRefusedError: The file names another public key for this colleague.
            ValueError: That is not this vault's unblinding key.
        """
        with self._files.changing:
            slot_changes.check_unblinding(self._current, unblinding_key)
            slot = self._current.of_person(user)
            if slot is None or slot.sealing != certified_sealing:
                raise GrantRefusedError(person=self._name(user))
            vault = self._current.vault
            signature = signer.sign(slot_seals.GRANT_DOMAIN, slot_seals.grant_statement(slot, vault, unblinding_key))
            slot = replace(
                slot_seals.with_unblinding_grant(slot, vault, unblinding_key), granted_by=by, grant_signature=signature
            )
            self._files.write(vault_key, self._current.having(slot))

    def accept_unblinding(self, unlocked: Unlocked, certified_signing: bytes) -> Unlocked:
        """Accept the unblinding key that a colleague handed over, durable on return.

        Args:
            certified_signing: The public signing key that the study certified for `unlocked.offer.by`, who
                the caller knows to be unblinded: anybody who holds the vault key could offer a key.

        Raises:
            GrantRefusedError: There is no offer, or that person did not sign it.
        """
        with self._files.changing:
            slot = self._slot_of(unlocked)
            offer = unlocked.offer
            if offer is None or not slot_seals.offer_holds(self._current, slot, offer.key, certified_signing):
                raise GrantRefusedError(person=unlocked.person.name)
            holding = replace(unlocked, unblinding_key=offer.key, offer=None)
            self._write_box(holding)
        return holding

    # -- the recovery sheet --------------------------------------------------------------------------

    def begin_recovery(self, vault_key: bytes, unblinding_key: bytes | None = None, *, by_escrow: bool = False) -> str:
        """Make a new recovery sheet's code, durable on return. It opens nothing until `test_recovery`.

        Args:
            unblinding_key: Sealed to the sheet as well, where the session holds it.

        Returns:
            26 Crockford characters (128 bits) and two check characters, in groups of four.
        """
        with self._files.changing:
            secret = self._random_bytes(RECOVERY_BYTES)
            pair = SealingKey.generate()
            slot = Slot(id=self._new_id(), kind=RECOVERY, sealing=pair.public, tested=by_escrow, by_escrow=by_escrow)
            slot = slot_changes.granted(self._current, slot, vault_key, unblinding_key)
            opened = Opened(box=Box(sealing=pair, vault_pin=b""), vault_key=vault_key, unblinding_key=unblinding_key)
            slot = replace(slot, box=opened.seen.seal(recovery_key(secret), self._current.vault, slot))
            self._files.write(vault_key, slot_changes.with_fresh_sheet(self._current, slot))
        return write_recovery_code(secret)

    def test_recovery(self, code: str) -> None:
        """Open a new sheet's slot with the code as typed back: from now on it counts, and older sheets go.

        An older sheet that opens the unblinding key stays beside a new one that does not.

        Raises:
            RecoveryCodeUnreadableError, WrongRecoveryCodeError, SidecarDamagedError: As `unlock_recovery`.
        """
        with self._files.changing:
            sheet, opened = self._open_sheet(code, tested=False)
            changed = slot_changes.with_tested_sheet(self._current, sheet.id)
            if changed != self._current:
                self._files.write(opened.vault_key, changed)

    def make_recovery(self, vault_key: bytes, unblinding_key: bytes | None = None) -> str:
        """Make a new sheet that counts at once. For callers that let the code be typed back themselves."""
        code = self.begin_recovery(vault_key, unblinding_key)
        self.test_recovery(code)
        return code

    # -- custodians ----------------------------------------------------------------------------------

    def set_escrow(self, vault_key: bytes, custodian: bytes) -> None:
        """Seal the vault key to the study's custodian, durable on return; an earlier one goes.

        Args:
            custodian: Their public key (X25519, 32 bytes), from enrolment.
        """
        with self._files.changing:
            slot = Slot(id=self._new_id(), kind=ESCROW, sealing=custodian)
            slot = slot_seals.with_vault_grant(slot, self._current.vault, vault_key)
            self._files.write(vault_key, slot_changes.only(self._current, slot))

    def set_unblinding_escrow(self, vault_key: bytes, unblinding_key: bytes, custodian: bytes) -> None:
        """Seal the unblinding key to its custodians, who may be others; otherwise as `set_escrow`.

        Raises:
            ValueError: That is not this vault's unblinding key.
        """
        with self._files.changing:
            slot_changes.check_unblinding(self._current, unblinding_key)
            slot = Slot(id=self._new_id(), kind=UNBLINDING_ESCROW, sealing=custodian)
            slot = slot_seals.with_unblinding_grant(slot, self._current.vault, unblinding_key)
            self._files.write(vault_key, slot_changes.only(self._current, slot))

    # -- rotation ------------------------------------------------------------------------------------

    def rotate(
        self,
        vault_key: bytes,
        unblinding_key: bytes | None = None,
        *,
        remove: Collection[UserId] = (),
        remove_sheets: Collection[str] | None = (),
        certified: Mapping[UserId, bytes] | None = None,
        custodians: Collection[bytes] | None = None,
    ) -> Rotated:
        """Replace the keys, in one step and durable on return. Nobody is asked for a passphrase.

        Everybody who stays is given the new keys; what is removed gets nothing that opens them. The files
        follow at the next unlocking, before they are opened: see `casebook.store.rekeying`.

        Args:
            unblinding_key: Rotated too where the session holds it.
            remove: People who lose their slot.
            remove_sheets: Slots of recovery sheets that go (`Recovered.slot`); None for all of them.
            certified: Each person's public sealing key as the study certified it: whoever has another in the
                file loses the slot, since somebody who leaves may have left a way in. None to believe the file.
            custodians: Likewise the public keys of the study's custodians.
        """
        with self._files.changing:
            changed = slot_changes.without(self._current, remove, remove_sheets)
            changed = slot_changes.without_strangers(changed, certified, custodians)
            fresh = self._random_bytes(KEY_BYTES)
            changed = slot_changes.with_vault_key(changed, vault_key, fresh)
            fresh_unblinding = None
            if unblinding_key is not None:
                slot_changes.check_unblinding(self._current, unblinding_key)
                fresh_unblinding = self._random_bytes(KEY_BYTES)
                changed = slot_changes.with_unblinding_key(changed, unblinding_key, fresh_unblinding)
            self._files.write(vault_key, changed, rotated_to=fresh)
            return Rotated(vault_key=fresh, unblinding_key=fresh_unblinding)

    def note_files(self, vault_key: bytes, *, unblinding: bool) -> None:
        """Say that a shelf's files are under the newest key now, durable on return. `unblinding`: which shelf."""
        with self._files.changing:
            current = self._current
            if unblinding:
                self._files.write(vault_key, replace(current, files_unblinding=len(current.unblinding_links)))
            else:
                self._files.write(vault_key, replace(current, files_vault=len(current.vault_links)))

    # -- inside --------------------------------------------------------------------------------------

    def _new_id(self) -> str:
        return self._random_bytes(_ID_BYTES).hex()

    def _slot_of(self, unlocked: Unlocked) -> Slot:
        """Return a person's slot as it stands. Raises WrongPassphraseError when it went or was sealed anew."""
        slot = self._current.of_person(unlocked.person.user)
        try:
            if slot is not None:
                Box.open(unlocked.private_key, self._current.vault, slot)
                return slot
        except SealBrokenError:
            pass
        raise WrongPassphraseError(person=unlocked.person.name)

    def _person_key(self, slot: Slot, passphrase: str) -> bytes:
        """Return what opens a person's box. Raises _UntrustedError for a cost outside the policy, before deriving."""
        if slot.cost is None or not self._policy.admits(slot.cost):
            raise _UntrustedError
        key = crypto.derive_key(passphrase, slot.salt, slot.cost)
        if slot.device:
            key = crypto.expand(key + (self._device.secret or b""), "device")
        return crypto.expand(key, "person")

    def _costed(self, slot: Slot) -> Slot:
        """Return a person's slot with the cost of a new passphrase and a fresh salt."""
        return replace(
            slot,
            cost=slot_changes.cost_in_use(self._current, self._policy),
            salt=self._random_bytes(_KDF_SALT_BYTES),
            device=self._device.secret is not None,
        )

    def _with_passphrase(
        self, slot: Slot, box: Box, passphrase: str, vault_key: bytes, unblinding_key: bytes | None
    ) -> Slot:
        slot = slot_changes.granted(self._current, self._costed(slot), vault_key, unblinding_key)
        seen = Opened(box=box, vault_key=vault_key, unblinding_key=unblinding_key).seen
        return replace(slot, box=seen.seal(self._person_key(slot, passphrase), self._current.vault, slot))

    def _box_of(self, unlocked: Unlocked) -> Box:
        box = Box(sealing=unlocked.sealing, vault_pin=b"", private=unlocked.private)
        return Opened(box=box, vault_key=unlocked.vault_key, unblinding_key=unlocked.unblinding_key).seen

    def _write_box(self, unlocked: Unlocked, slot: Slot | None = None) -> None:
        slot = slot or self._slot_of(unlocked)
        sealed = self._box_of(unlocked).seal(unlocked.private_key, self._current.vault, slot)
        self._files.write(unlocked.vault_key, self._current.having(replace(slot, box=sealed)))

    def _note_seen(self, slot: Slot, opened: Opened, key: bytes) -> None:
        """After a rotation: let the box vouch for the keys that links led from, so that it needs the links no more."""
        with self._files.changing, contextlib.suppress(UnavailableError):
            if opened.seen != opened.box and slot in self._current.slots:
                sealed = opened.seen.seal(key, self._current.vault, slot)
                self._files.write(opened.vault_key, self._current.having(replace(slot, box=sealed)))


def recovery_key(secret: bytes) -> bytes:
    """Return what opens the box of a recovery sheet (32 bytes). `secret`: the 16 bytes of its code."""
    return crypto.expand(secret, "recovery")

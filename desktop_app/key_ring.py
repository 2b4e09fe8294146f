"""The key slots of a laptop as a signed-in person uses them: who may open it, and with what.

Everything that takes the vault key goes through here, since the key changes under a running session when
somebody is taken out: what is made afterwards is sealed under the new one. The files follow at the next
unlocking; until then this session goes on with what it opened.

Two threads may ask: what makes keys or derives one takes seconds and belongs to the sync thread.

Source: docs/store.md, section "Keys"; docs/threat_model.md.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from casebook import crypto
from casebook.crypto import SigningKey
from casebook.design import StudyDesign
from casebook.errors import LastAdministratorError, LastUnblindedHolderError, PersonUnknownHereError
from casebook.ids import DeviceId, UserId
from casebook.store.slots import KeySlots, Unlocked, VaultPerson
from casebook.sync.enrolment import CertifiedPerson
from casebook.sync.trust import Directory
from desktop_app import second_shelf
from desktop_app.person_keys import PersonKeys
from desktop_app.staff_snapshots import Invited, KeysMade

Certify = Callable[[str, PersonKeys], CertifiedPerson]
"""Asks the server to certify keys by a personal code."""


class KeyRing:
    """The slots, with what the signed-in person's own slot opened."""

    def __init__(
        self,
        slots: KeySlots,
        unlocked: Unlocked,
        *,
        design: StudyDesign,
        device: DeviceId,
        server: bytes,
        certify: Certify,
    ) -> None:
        """Take over what was opened.

        Args:
            design: The whole study, as it is released now.
            server: The fingerprint of the study's server, which every slot names; see `PersonKeys`.
        """
        self._slots = slots
        self._unlocked = unlocked
        self._design = design
        self._device = device
        self._server = server
        self._certify = certify
        self._made: set[tuple[UserId, bytes]] = set()

    # -- who -----------------------------------------------------------------------------------------

    @property
    def unlocked(self) -> Unlocked:
        """What the signed-in person's slot opens now."""
        return self._unlocked

    def untold_failures(self) -> dict[UserId, int]:
        """Return how many wrong passphrases, and whose, do not stand in the record yet."""
        return self._slots.untold_failures()

    def tell_failures(self, told: Mapping[UserId, int]) -> None:
        """Note that these wrong passphrases stand in the record now."""
        self._slots.tell_failures(told)

    def on_this_laptop(self) -> frozenset[UserId]:
        """Return who can sign in here."""
        return frozenset(person.user for person in self._slots.people())

    def person(self, user: UserId) -> VaultPerson:
        """Return who can sign in here by this short name. Raises PersonUnknownHereError."""
        for person in self._slots.people():
            if person.user == user:
                return person
        raise PersonUnknownHereError(person=user)

    def sealing_of(self, user: UserId) -> bytes:
        """Return the public sealing key of a person who signs in here (X25519): it tells their newest keys."""
        return self._slots.sealing_of(user)

    def holds_unblinding(self, user: UserId) -> bool:
        """Tell whether a person of this laptop was given the key to what could tell the treatment."""
        return self._slots.has_unblinding_grant(user)

    def sees_unblinding(self, role: str) -> bool:
        """Tell whether a role (OID) works with what could tell the treatment."""
        return second_shelf.sees_unblinding(self._design, self._design.role(role))

    # -- proving -------------------------------------------------------------------------------------

    def paper_key(self, passphrase: str) -> bytes:
        """Prove that the signed-in person is there; return their PDF key (PKCS#8 DER). Raises WrongPassphraseError."""
        return self._open(self._unlocked.person.user, passphrase).paper_key

    def prove(self, passphrase: str) -> None:
        """Prove that the signed-in person is there. Raises WrongPassphraseError, WaitBeforeRetryError."""
        self._open(self._unlocked.person.user, passphrase)

    def signer(self, user: UserId, passphrase: str) -> SigningKey:
        """Prove that a colleague is there; return their signing key, for an act of two people.

        Raises:
            PersonUnknownHereError: They do not sign in on this laptop.
            WrongPassphraseError, WaitBeforeRetryError: The passphrase is not theirs.
        """
        return self._open(self.person(user).user, passphrase).signer

    def _open(self, user: UserId, passphrase: str) -> PersonKeys:
        return PersonKeys.read(self._slots.unlock(user, passphrase))

    # -- letting in and out --------------------------------------------------------------------------

    def certify_person(self, code: str, passphrase: str) -> UserId:
        """Let somebody in by a personal code; asks the server. The sync thread's."""
        keys = PersonKeys.generate(self._device, self._server)
        certified = self._certify(code, keys)
        self._put(VaultPerson(user=certified.user, name=certified.name, roles=(certified.role,)), keys, passphrase)
        return certified.user

    def certify_me(self, code: str) -> UserId:
        """Have the signed-in person's own keys certified by a personal code; asks the server. The sync thread's."""
        return self._certify(code, PersonKeys.read(self._unlocked)).user

    def make_keys(self, invited: Invited, passphrase: str) -> KeysMade:
        """Make keys for somebody, sealed by the passphrase that they typed; durable on return. The sync thread's.

        A slot that they had is replaced; what it sealed is lost.
        """
        keys = PersonKeys.generate(self._device, self._server)
        self._put(VaultPerson(user=invited.user, name=invited.name, roles=(invited.role,)), keys, passphrase)
        return KeysMade(
            invited=invited,
            signing=keys.signer.public,
            sealing=keys.sealing.public,
            paper=crypto.public_key_der(keys.paper_key),
        )

    def _put(self, person: VaultPerson, keys: PersonKeys, passphrase: str) -> None:
        self._slots.add_person(
            self._unlocked.vault_key,
            person,
            passphrase,
            keys.bundle(),
            sealing=keys.sealing,
            unblinding_key=self._unlocked.unblinding_key if self.sees_unblinding(person.roles[0]) else None,
            replace_slot=True,
        )
        self._made.add((person.user, keys.sealing.public))

    def remove(
        self, user: UserId, known: AbstractSet[tuple[UserId, bytes]], custodians: tuple[bytes, bytes] | None
    ) -> tuple[UserId, ...]:
        """Take a colleague's slot away and renew the keys, so that what they knew opens nothing that comes.

        Whoever leaves held the vault key and may have left a way in: recovery sheets go, and slots whose key
        the study does not know.

        Args:
            known: Whose public sealing keys the study knows.
            custodians: The public keys of the study's custodians; None to believe the key file.

        Returns:
            Who signs in here no more.

        Raises:
            PersonUnknownHereError: They do not sign in on this laptop.
            LastAdministratorError: It is the signed-in person.
            LastUnblindedHolderError: Nobody else here could open and send what lies on the second shelf.
        """
        if user == self._unlocked.person.user:
            raise LastAdministratorError(person=self._unlocked.person.name)
        gone, unlocked, before = self.person(user).user, self._unlocked, self.on_this_laptop()
        if self.holds_unblinding(gone) and not any(self.holds_unblinding(one) for one in before - {gone}):
            raise LastUnblindedHolderError(person=self.person(gone).name)
        trusted = {*known, *self._made, (unlocked.person.user, unlocked.sealing.public)}
        sealing = {one: self._slots.sealing_of(one) for one in before}
        rotated = self._slots.rotate(
            unlocked.vault_key,
            unlocked.unblinding_key,
            remove=[gone],
            remove_sheets=None,
            certified={one: key for one, key in sealing.items() if (one, key) in trusted},
            custodians=custodians,
        )
        self._unlocked = replace(
            unlocked,
            vault_key=rotated.vault_key,
            unblinding_key=rotated.unblinding_key or unlocked.unblinding_key,
        )
        return tuple(sorted(before - self.on_this_laptop()))

    def hand_over_unblinding(self, directory: Directory) -> tuple[tuple[UserId, ...], tuple[UserId, ...]]:
        """Give the unblinding key to colleagues of this laptop who are to have it.

        Returns:
            To whom, and to whom not since the key file names another key than the study certified.
        """
        signer = PersonKeys.read(self._unlocked).signer
        return second_shelf.hand_over(
            self._slots, self._unlocked, signer, design=self._design, directory=directory, device=self._device
        )

    # -- the own passphrase and the recovery sheet ---------------------------------------------------

    def change_passphrase(self, old: str, new: str) -> None:
        """Change the signed-in person's passphrase. Raises WrongPassphraseError."""
        self._unlocked = self._slots.change_passphrase(self._unlocked.person.user, old, new)

    @property
    def has_sheet(self) -> bool:
        """Whether there is a recovery sheet whose code was typed back."""
        return self._slots.has_tested_recovery

    def begin_sheet(self) -> str:
        """Make a new sheet's code. It opens nothing before `test_sheet`; the old sheet stands until then."""
        return self._slots.begin_recovery(self._unlocked.vault_key, self._unlocked.unblinding_key)

    def test_sheet(self, code: str) -> None:
        """Open the new sheet with the code as it was typed back: from now on it counts, and the old one goes.

        Raises:
            RecoveryCodeUnreadableError, WrongRecoveryCodeError: It is not that code.
        """
        self._slots.test_recovery(code)

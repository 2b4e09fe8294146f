"""What opens when a secret is right: the keys, and who they were opened for.

Knows nothing of files; see `casebook.store.slots`.
"""

from dataclasses import dataclass, field

from casebook.crypto import SealingKey
from casebook.ids import UserId
from casebook.store.slot_file import VaultPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An unblinding key that a colleague handed over and that was not accepted yet. See `accept_unblinding`."""

    by: UserId
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """What a passphrase opened.

    Attributes:
        vault_key: 32 bytes; see `database_key` and `spool_key`.
        private: The person's own bundle, as given to `add_person` or `set_private`.
        private_key: Seals the box (32 bytes), so that it can be replaced without the passphrase.
        unblinding_key: 32 bytes, for a person who holds it; None for whoever is blinded.
        offer: Handed over by a colleague and not accepted yet.
        failures: Wrong passphrases since the person's last right one.
    """

    person: VaultPerson
    vault_key: bytes = field(repr=False)
    private: bytes = field(repr=False)
    private_key: bytes = field(repr=False)
    sealing: SealingKey = field(repr=False)
    unblinding_key: bytes | None = field(default=None, repr=False)
    offer: Offer | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a printed code opened.

    Attributes:
        slot: The sheet's slot, for `rotate` to take away.
        unblinding_key: Where the sheet holds it.
        by_escrow: A custodian of the study made the code.
    """

    slot: str
    vault_key: bytes = field(repr=False)
    unblinding_key: bytes | None = field(repr=False)
    by_escrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The keys after a rotation; `unblinding_key` is None where it was not there to rotate."""

    vault_key: bytes = field(repr=False)
    unblinding_key: bytes | None = field(repr=False)

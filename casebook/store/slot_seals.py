"""How a slot is opened: a box for what its owner knows, grants to its public key, links between keys.

    box      the private key of the slot, and a fingerprint of each key that was unlocked last
    grant    a key sealed to the slot's public key: it can be given anew without the passphrase
    link     an earlier key sealed by the one after it: who made the new key knew the old one

A public key seals for everybody, so a grant alone proves nothing: its key counts when its
fingerprint is in the box, or when links lead from it to one that is.

Source: docs/store.md, section "Keys"; RFC 9180 (HPKE), RFC 5869 (HKDF).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from casebook import crypto
from casebook.crypto import KEY_BYTES, SealingKey
from casebook.errors import SealBrokenError
from casebook.store.slot_file import FORMAT, Json, Sidecar, Slot, canonical, cost_fields, text_of_bytes

VAULT = "vault"
UNBLINDING = "unblinding"
GRANT_DOMAIN = "CRF-grant-v1"


# -- the box -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What the owner of a slot has sealed by passphrase or code.

    Attributes:
        vault_pin: Fingerprint of the vault key that was unlocked last (32 bytes).
        unblinding_pin: Likewise of the unblinding key; b"" for whoever never had it.
        private: The owner's own bundle.
    """

    sealing: SealingKey = field(repr=False)
    vault_pin: bytes
    unblinding_pin: bytes = b""
    private: bytes = field(default=b"", repr=False)

    def seal(self, key: bytes, vault: str, slot: Slot) -> bytes:
        """Return the box, sealed by `key` (32 bytes) for this slot and no other."""
        fields: dict[str, Json] = {
            "sealing": text_of_bytes(self.sealing.private),
            "vault_pin": text_of_bytes(self.vault_pin),
            "unblinding_pin": text_of_bytes(self.unblinding_pin),
            "private": text_of_bytes(self.private),
        }
        return crypto.encrypt(key, canonical(fields), _box_aad(vault, slot))

    @classmethod
    def open(cls, key: bytes, vault: str, slot: Slot) -> "Box":
        """Open a slot's box. Raises SealBrokenError."""
        fields = json.loads(crypto.decrypt(key, slot.box, _box_aad(vault, slot)))
        return cls(
            sealing=SealingKey(base64.b64decode(fields["sealing"])),
            vault_pin=base64.b64decode(fields["vault_pin"]),
            unblinding_pin=base64.b64decode(fields["unblinding_pin"]),
            private=base64.b64decode(fields["private"]),
        )


def _box_aad(vault: str, slot: Slot) -> bytes:
    user = slot.person.user if slot.person else None
    return canonical(
        {
            "format": FORMAT,
            "vault": vault,
            "slot": slot.id,
            "kind": slot.kind,
            "user": user,
            "kdf": cost_fields(slot),
            "device": slot.device,
        }
    )


def pin_of(key: bytes) -> bytes:
    """Return the fingerprint of a key (32 bytes); nothing can be opened with it."""
    return crypto.expand(key, "pin")


# -- grants ------------------------------------------------------------------------------------------


def _info(purpose: str, vault: str, slot: Slot) -> bytes:
    user = slot.person.user if slot.person else None
    return canonical(
        {"format": FORMAT, "grant": purpose, "vault": vault, "slot": slot.id, "kind": slot.kind, "user": user}
    )


def with_vault_grant(slot: Slot, vault: str, vault_key: bytes) -> Slot:
    """Return the slot with the vault key sealed to it."""
    return replace(slot, vault_grant=crypto.seal_to(slot.sealing, vault_key, _info(VAULT, vault, slot)))


def with_unblinding_grant(slot: Slot, vault: str, unblinding_key: bytes) -> Slot:
    """Return the slot with the unblinding key sealed to it, and the code that says who could write that."""
    grant = crypto.seal_to(slot.sealing, unblinding_key, _info(UNBLINDING, vault, slot))
    granted = replace(slot, unblinding_grant=grant)
    return replace(granted, unblinding_code=unblinding_code(granted, vault, unblinding_key))


def unblinding_code(slot: Slot, vault: str, unblinding_key: bytes) -> bytes:
    """Return the code that the unblinding key makes over a slot's public key and grant (32 bytes)."""
    message = _info(UNBLINDING, vault, slot) + b"\0" + slot.sealing + slot.unblinding_grant
    return hmac.new(crypto.expand(unblinding_key, "slots"), message, hashlib.sha256).digest()


def holds_unblinding(slot: Slot, vault: str, unblinding_key: bytes) -> bool:
    """Tell whether a slot was given this unblinding key by somebody who holds it."""
    return bool(slot.unblinding_grant) and hmac.compare_digest(
        slot.unblinding_code, unblinding_code(slot, vault, unblinding_key)
    )


def open_grant(sealing: SealingKey, grant: bytes, purpose: str, vault: str, slot: Slot) -> bytes:
    """Return the key that a grant holds (32 bytes). Raises SealBrokenError."""
    key = sealing.open(grant, _info(purpose, vault, slot))
    if len(key) != KEY_BYTES:
        raise SealBrokenError
    return key


def grant_statement(slot: Slot, vault: str, unblinding_key: bytes) -> bytes:
    """Return what somebody signs who hands the unblinding key to an absent colleague."""
    return _info(UNBLINDING, vault, slot) + b"\0" + slot.sealing + pin_of(unblinding_key)


# -- links -------------------------------------------------------------------------------------------


def make_link(newer: bytes, older: bytes, purpose: str, vault: str, serial: int) -> bytes:
    """Return an earlier key, sealed by the one after it. `serial`: which rotation, from 1."""
    return crypto.encrypt(crypto.expand(newer, "link"), older, _link_aad(purpose, vault, serial))


def _link_aad(purpose: str, vault: str, serial: int) -> bytes:
    return canonical({"format": FORMAT, "link": purpose, "vault": vault, "serial": serial})


def earlier_keys(key: bytes, links: Sequence[bytes], purpose: str, vault: str) -> Iterator[bytes]:
    """Yield the keys before `key`, the newest first, as far as the links lead."""
    for place, link in enumerate(links):
        try:
            key = crypto.decrypt(crypto.expand(key, "link"), link, _link_aad(purpose, vault, len(links) - place))
        except SealBrokenError:
            return
        yield key


# -- opening -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a slot gave. `offered`: an unblinding key that nothing in the box vouches for yet."""

    box: Box
    vault_key: bytes = field(repr=False)
    unblinding_key: bytes | None = field(default=None, repr=False)
    offered: bytes | None = field(default=None, repr=False)

    @property
    def seen(self) -> Box:
        """The box as it should be sealed again: with the fingerprints of what was opened."""
        unblinding = self.box.unblinding_pin if self.unblinding_key is None else pin_of(self.unblinding_key)
        return replace(self.box, vault_pin=pin_of(self.vault_key), unblinding_pin=unblinding)


def open_slot(sidecar: Sidecar, slot: Slot, box: Box) -> Opened:
    """Open a slot's grants with what is in its box. The file's own code is the caller's to check.

    Raises:
        SealBrokenError: A grant does not open, or nothing vouches for its key: the file was changed by
            somebody who does not hold the key.
    """
    if box.sealing.public != slot.sealing:
        raise SealBrokenError
    vault_key = open_grant(box.sealing, slot.vault_grant, VAULT, sidecar.vault, slot)
    if not _vouched(vault_key, sidecar.vault_links, VAULT, sidecar.vault, box.vault_pin):
        raise SealBrokenError
    if not slot.unblinding_grant:
        if box.unblinding_pin:
            raise SealBrokenError  # it was taken away by somebody who could not take it from the box
        return Opened(box=box, vault_key=vault_key)
    unblinding = open_grant(box.sealing, slot.unblinding_grant, UNBLINDING, sidecar.vault, slot)
    if not holds_unblinding(slot, sidecar.vault, unblinding):
        raise SealBrokenError
    if not box.unblinding_pin:
        return Opened(box=box, vault_key=vault_key, offered=unblinding)
    if not _vouched(unblinding, sidecar.unblinding_links, UNBLINDING, sidecar.vault, box.unblinding_pin):
        raise SealBrokenError
    return Opened(box=box, vault_key=vault_key, unblinding_key=unblinding)


def _vouched(key: bytes, links: Sequence[bytes], purpose: str, vault: str, pin: bytes) -> bool:
    return any(hmac.compare_digest(pin_of(one), pin) for one in (key, *earlier_keys(key, links, purpose, vault)))


def offer_holds(sidecar: Sidecar, slot: Slot, offered: bytes, certified_signing: bytes) -> bool:
    """Tell whether an offered unblinding key, or one that links lead to, was signed for this slot.

    Args:
        certified_signing: The granter's public signing key (Ed25519, 32 bytes), as the study certified it.
    """
    return any(
        crypto.signature_holds(
            certified_signing, GRANT_DOMAIN, grant_statement(slot, sidecar.vault, key), slot.grant_signature
        )
        for key in (offered, *earlier_keys(offered, sidecar.unblinding_links, UNBLINDING, sidecar.vault))
    )

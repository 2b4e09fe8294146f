"""What the study's custodians do: open what a laptop sealed to them, and make a code for its site.

Custodians of the records and custodians of the unblinding key may be different people with different
keys: each key opens its own envelope and no other. Works on a copy of the key file, without the laptop.

Source: docs/store.md, section "Custodians"; RFC 9180 (HPKE).
"""

import base64
import binascii
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from casebook import crypto
from casebook.crypto import KdfParameters, KdfPolicy, SealingKey
from casebook.errors import CustodianKeyWrongError, SealBrokenError
from casebook.ids import RandomBytes
from casebook.store import slot_seals
from casebook.store.slot_file import (
    ESCROW,
    SIDECAR,
    UNBLINDING_ESCROW,
    Json,
    canonical,
    code_holds,
    read_sidecar,
    text_of_bytes,
)
from casebook.store.slots import KeySlots

_KEY_FORMAT = 1
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowKeys:
    """What one custodian's key opened; None for what was not sealed to it."""

    vault_key: bytes | None = field(default=None, repr=False)
    unblinding_key: bytes | None = field(default=None, repr=False)


def open_escrow(sidecar: bytes, custodian: SealingKey, *, file: str = SIDECAR) -> EscrowKeys:
    """Open what a key file holds for a custodian.

    Args:
        sidecar: The bytes of the key file.
        file: Its name, for what is told.

    Raises:
        CustodianKeyWrongError: The file is damaged or holds nothing for this key.
    """
    read = read_sidecar(sidecar)
    vault_key = unblinding_key = None
    for slot in read.slots if read is not None else ():
        if read is None or slot.kind not in {ESCROW, UNBLINDING_ESCROW} or slot.sealing != custodian.public:
            continue
        try:
            if slot.kind == ESCROW:
                vault_key = slot_seals.open_grant(custodian, slot.vault_grant, slot_seals.VAULT, read.vault, slot)
            else:
                unblinding_key = slot_seals.open_grant(
                    custodian, slot.unblinding_grant, slot_seals.UNBLINDING, read.vault, slot
                )
        except SealBrokenError:
            raise CustodianKeyWrongError(file=file) from None
        if vault_key is not None and not code_holds(read, vault_key):
            raise CustodianKeyWrongError(file=file)
    if vault_key is None and unblinding_key is None:
        raise CustodianKeyWrongError(file=file)
    return EscrowKeys(vault_key=vault_key, unblinding_key=unblinding_key)


def make_site_code(
    sidecar: bytes,
    custodians: Sequence[SealingKey],
    policy: KdfPolicy,
    random_bytes: RandomBytes,
    *,
    file: str = SIDECAR,
) -> tuple[str, bytes]:
    """Make a one-time recovery code for the site, and the key file in which it opens.

    Nothing that stands in the file is lost. The new slot says that a custodian made it; the laptop writes
    its use into the record, takes the slot away and rotates the keys.

    Args:
        custodians: The key of the records' custodian, and that of the unblinding key's where the code is
            to open that too.

    Raises:
        CustodianKeyWrongError: As `open_escrow`, for each key; or none of them opens the records.
    """
    opened = [open_escrow(sidecar, custodian, file=file) for custodian in custodians]
    vault_key = next((keys.vault_key for keys in opened if keys.vault_key is not None), None)
    unblinding_key = next((keys.unblinding_key for keys in opened if keys.unblinding_key is not None), None)
    if vault_key is None:
        raise CustodianKeyWrongError(file=file)
    with tempfile.TemporaryDirectory(prefix="casebook-") as name:
        path = Path(name) / SIDECAR
        path.write_bytes(sidecar)
        slots = KeySlots.open(Path(name), policy, random_bytes)
        code = slots.begin_recovery(vault_key, unblinding_key, by_escrow=True)
        return code, path.read_bytes()


# -- the custodian's own key --------------------------------------------------------------------------


def write_custodian_key(key: SealingKey, passphrase: str, policy: KdfPolicy, random_bytes: RandomBytes) -> bytes:
    """Return the bytes of a custodian's key file: the private key under a passphrase."""
    cost, salt = policy.chosen, random_bytes(_SALT_BYTES)
    head = _key_head(key.public, cost, salt)
    sealed = crypto.encrypt(_wrapping(passphrase, salt, cost), key.private, canonical(head))
    return json.dumps({**head, "sealed": text_of_bytes(sealed)}, indent=1, sort_keys=True).encode("utf-8") + b"\n"


def read_custodian_key(content: bytes, passphrase: str, policy: KdfPolicy, *, file: str) -> SealingKey:
    """Open a custodian's key file.

    Raises:
        CustodianKeyWrongError: Another passphrase, a damaged file, or a cost outside the policy.
    """
    try:
        kept = json.loads(content)
        cost = KdfParameters(memory_kib=int(kept["memory_kib"]), passes=int(kept["passes"]), lanes=int(kept["lanes"]))
        salt, public = base64.b64decode(kept["salt"]), base64.b64decode(kept["public"])
        sealed = base64.b64decode(kept["sealed"])
        if not policy.admits(cost):
            raise CustodianKeyWrongError(file=file)
        head = canonical(_key_head(public, cost, salt))
        key = SealingKey(crypto.decrypt(_wrapping(passphrase, salt, cost), sealed, head))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error, SealBrokenError):
        raise CustodianKeyWrongError(file=file) from None
    if key.public != public:
        raise CustodianKeyWrongError(file=file)
    return key


def _key_head(public: bytes, cost: KdfParameters, salt: bytes) -> dict[str, Json]:
    return {
        "format": _KEY_FORMAT,
        "public": text_of_bytes(public),
        "salt": text_of_bytes(salt),
        "memory_kib": cost.memory_kib,
        "passes": cost.passes,
        "lanes": cost.lanes,
    }


def _wrapping(passphrase: str, salt: bytes, cost: KdfParameters) -> bytes:
    return crypto.expand(crypto.derive_key(passphrase, salt, cost), "custodian")


def fingerprint(public: bytes) -> str:
    """Return a custodian's public key as people compare it: sixteen hex digits in groups of four."""
    text = crypto.key_id(public)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))

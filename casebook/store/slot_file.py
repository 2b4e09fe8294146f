"""The key file: what a slot says, and how slots become bytes that tell damage from tampering.

The sum tells damage from a wrong passphrase; the code under the vault key, checked after unlocking,
tells tampering. Knows no secret but the key that it is handed for the code.

Source: docs/store.md, section "Keys".
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from casebook import crypto
from casebook.crypto import KdfParameters
from casebook.ids import UserId, user_id

SIDECAR = "keyslots.json"
SIDECAR_COPY = "keyslots.json.bak"
FORMAT = 2
PERSON = "person"
RECOVERY = "recovery"
ESCROW = "escrow"
UNBLINDING_ESCROW = "unblinding escrow"
_KINDS = frozenset({PERSON, RECOVERY, ESCROW, UNBLINDING_ESCROW})

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultPerson:
    """Somebody who has a slot. Before unlocking this is only what the file says."""

    user: UserId
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One way in.

    Attributes:
        kind: PERSON, RECOVERY, ESCROW or UNBLINDING_ESCROW.
        sealing: The public key (X25519, 32 bytes) to which the grants are sealed.
        vault_grant: The vault key sealed to it; b"" only for the custodians of the unblinding key.
        unblinding_grant: The unblinding key sealed to it; b"" for whoever is blinded.
        unblinding_code: Made with the unblinding key over public key and grant: who holds the vault key
            alone cannot put a key of their own here and wait for the next rotation.
        granted_by: Who handed the unblinding key over, "" where the owner of the slot was present.
        grant_signature: That person's signature over it.
        box: The private part of `sealing`, what was unlocked last and the owner's own bundle, sealed by
            what the owner knows.
        device: The passphrase opens together with this machine's secret only.
        tested: Of a recovery sheet: its code was typed back once.
        by_escrow: Of a recovery sheet: a custodian made it.
    """

    id: str
    kind: str
    sealing: bytes
    vault_grant: bytes = b""
    unblinding_grant: bytes = b""
    unblinding_code: bytes = b""
    granted_by: str = ""
    grant_signature: bytes = b""
    box: bytes = b""
    person: VaultPerson | None = None
    cost: KdfParameters | None = None
    salt: bytes = b""
    device: bool = False
    tested: bool = True
    by_escrow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """The whole key file.

    Attributes:
        vault_links: The earlier vault keys, each sealed by the one after it, the newest first.
        unblinding_links: Likewise of the unblinding key.
        files_vault: How many of the vault's rotations the files of the standard shelf have followed.
        files_unblinding: Likewise the unblinding shelf.
        unblinding_due: Somebody who could open the unblinding key lost their slot; it is to be rotated.
        code: Made with the vault key over everything else.
        code_before: Likewise with the vault key before, by the rotation itself: tells its holders that
            this file follows theirs. b"" after the next change.
    """

    vault: str
    generation: int
    database_salt: bytes
    unblinding_salt: bytes
    slots: tuple[Slot, ...] = ()
    vault_links: tuple[bytes, ...] = ()
    unblinding_links: tuple[bytes, ...] = ()
    files_vault: int = 0
    files_unblinding: int = 0
    unblinding_due: bool = False
    code: bytes = b""
    code_before: bytes = b""

    def of_person(self, user: UserId) -> Slot | None:
        """Return a person's slot."""
        return next((slot for slot in self.slots if slot.person is not None and slot.person.user == user), None)

    def of_kind(self, kind: str) -> tuple[Slot, ...]:
        """Return the slots of one kind, in their order."""
        return tuple(slot for slot in self.slots if slot.kind == kind)

    def having(self, slot: Slot) -> "Sidecar":
        """Return the file with a slot in its place, or at the end."""
        if any(slot.id == other.id for other in self.slots):
            return replace(self, slots=tuple(slot if slot.id == other.id else other for other in self.slots))
        return replace(self, slots=(*self.slots, slot))


# -- writing -----------------------------------------------------------------------------------------


def text_of_bytes(data: bytes) -> str:
    """Return bytes as base64."""
    return base64.b64encode(data).decode("ascii")


def canonical(fields: Mapping[str, Json]) -> bytes:
    """Return the one spelling of some fields."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def cost_fields(slot: Slot) -> Json:
    """Return a passphrase's cost as it is written, None where nothing is derived."""
    if slot.cost is None:
        return None
    return {
        "algorithm": "argon2id",
        "memory_kib": slot.cost.memory_kib,
        "passes": slot.cost.passes,
        "lanes": slot.cost.lanes,
        "salt": text_of_bytes(slot.salt),
    }


def _person_fields(person: VaultPerson | None) -> Json:
    if person is None:
        return None
    return {"user": person.user, "name": person.name, "roles": list(person.roles)}


def _slot_fields(slot: Slot) -> Json:
    return {
        "id": slot.id,
        "kind": slot.kind,
        "person": _person_fields(slot.person),
        "kdf": cost_fields(slot),
        "device": slot.device,
        "sealing": text_of_bytes(slot.sealing),
        "vault_grant": text_of_bytes(slot.vault_grant),
        "unblinding_grant": text_of_bytes(slot.unblinding_grant),
        "unblinding_code": text_of_bytes(slot.unblinding_code),
        "granted_by": slot.granted_by,
        "grant_signature": text_of_bytes(slot.grant_signature),
        "box": text_of_bytes(slot.box),
        "tested": slot.tested,
        "by_escrow": slot.by_escrow,
    }


def _fields(sidecar: Sidecar) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "vault": sidecar.vault,
        "generation": sidecar.generation,
        "database_salt": text_of_bytes(sidecar.database_salt),
        "unblinding_salt": text_of_bytes(sidecar.unblinding_salt),
        "vault_links": [text_of_bytes(link) for link in sidecar.vault_links],
        "unblinding_links": [text_of_bytes(link) for link in sidecar.unblinding_links],
        "files_vault": sidecar.files_vault,
        "files_unblinding": sidecar.files_unblinding,
        "unblinding_due": sidecar.unblinding_due,
        "slots": [_slot_fields(slot) for slot in sidecar.slots],
    }


def code_of(sidecar: Sidecar, vault_key: bytes) -> bytes:
    """Return the code that a vault key makes over a file (32 bytes)."""
    return hmac.new(crypto.expand(vault_key, "sidecar"), canonical(_fields(sidecar)), hashlib.sha256).digest()


def code_holds(sidecar: Sidecar, vault_key: bytes) -> bool:
    """Tell whether a file was written with this vault key."""
    return hmac.compare_digest(sidecar.code, code_of(sidecar, vault_key))


def follows(sidecar: Sidecar, vault_key: bytes) -> bool:
    """Tell whether a file was written with this vault key, or by the rotation that replaced it."""
    made = code_of(sidecar, vault_key)
    return hmac.compare_digest(sidecar.code, made) or hmac.compare_digest(sidecar.code_before, made)


def write_sidecar(sidecar: Sidecar) -> bytes:
    """Return the bytes of a key file."""
    fields = _fields(sidecar)
    fields["code"] = text_of_bytes(sidecar.code)
    fields["code_before"] = text_of_bytes(sidecar.code_before)
    fields["sum"] = hashlib.sha256(canonical(fields)).hexdigest()
    return json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8") + b"\n"


# -- reading -----------------------------------------------------------------------------------------


def read_sidecar(content: bytes | None) -> Sidecar | None:
    """Return what the bytes say, or None where they are missing or damaged in any way."""
    if content is None:
        return None
    try:
        fields = cast("dict[str, Json]", json.loads(content))
        stated = fields.pop("sum")
        if stated != hashlib.sha256(canonical(fields)).hexdigest():
            return None
        sidecar = Sidecar(
            vault=_str(fields, "vault"),
            generation=_int(fields, "generation"),
            database_salt=_bytes(fields, "database_salt"),
            unblinding_salt=_bytes(fields, "unblinding_salt"),
            slots=tuple(_slot(slot) for slot in _list(fields, "slots")),
            vault_links=_all_bytes(fields, "vault_links"),
            unblinding_links=_all_bytes(fields, "unblinding_links"),
            files_vault=_int(fields, "files_vault"),
            files_unblinding=_int(fields, "files_unblinding"),
            unblinding_due=_bool(fields, "unblinding_due"),
            code=_bytes(fields, "code"),
            code_before=_bytes(fields, "code_before"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return sidecar if _is_plain(sidecar) and write_sidecar(sidecar) == content else None


def _is_plain(sidecar: Sidecar) -> bool:
    """Tell whether every slot can be seen by who looks for it: known kinds, and one slot for each person."""
    users = [slot.person.user for slot in sidecar.slots if slot.person is not None]
    return (
        all(slot.kind in _KINDS and (slot.kind == PERSON) == (slot.person is not None) for slot in sidecar.slots)
        and len(set(users)) == len(users)
        and len({slot.id for slot in sidecar.slots}) == len(sidecar.slots)
    )


def _slot(fields: Json) -> Slot:
    if not isinstance(fields, dict):
        raise TypeError
    person, kdf = fields["person"], fields["kdf"]
    return Slot(
        id=_str(fields, "id"),
        kind=_str(fields, "kind"),
        sealing=_bytes(fields, "sealing"),
        vault_grant=_bytes(fields, "vault_grant"),
        unblinding_grant=_bytes(fields, "unblinding_grant"),
        unblinding_code=_bytes(fields, "unblinding_code"),
        granted_by=_str(fields, "granted_by"),
        grant_signature=_bytes(fields, "grant_signature"),
        box=_bytes(fields, "box"),
        person=_person(person) if isinstance(person, dict) else None,
        cost=_cost(kdf) if isinstance(kdf, dict) else None,
        salt=_bytes(kdf, "salt") if isinstance(kdf, dict) else b"",
        device=_bool(fields, "device"),
        tested=_bool(fields, "tested"),
        by_escrow=_bool(fields, "by_escrow"),
    )


def _person(fields: Mapping[str, Json]) -> VaultPerson:
    return VaultPerson(
        user=user_id(_str(fields, "user")),
        name=_str(fields, "name"),
        roles=tuple(str(role) for role in _list(fields, "roles")),
    )


def _cost(fields: Mapping[str, Json]) -> KdfParameters:
    return KdfParameters(
        memory_kib=_int(fields, "memory_kib"), passes=_int(fields, "passes"), lanes=_int(fields, "lanes")
    )


def _str(fields: Mapping[str, Json], key: str) -> str:
    value = fields[key]
    if not isinstance(value, str):
        raise TypeError
    return value


def _int(fields: Mapping[str, Json], key: str) -> int:
    value = fields[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _bool(fields: Mapping[str, Json], key: str) -> bool:
    value = fields[key]
    if not isinstance(value, bool):
        raise TypeError
    return value


def _list(fields: Mapping[str, Json], key: str) -> list[Json]:
    value = fields[key]
    if not isinstance(value, list):
        raise TypeError
    return value


def _bytes(fields: Mapping[str, Json], key: str) -> bytes:
    return base64.b64decode(_str(fields, key), validate=True)


def _all_bytes(fields: Mapping[str, Json], key: str) -> tuple[bytes, ...]:
    return tuple(_bytes({key: value}, key) for value in _list(fields, key))

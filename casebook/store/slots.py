"""Key slots: who can open the vault, kept in a sidecar file beside the database.

The vault key is 32 random bytes and never comes from a passphrase. Each slot wraps it once: one slot
per person (Argon2id) and one for the printed recovery sheet. A person's private bundle (signing keys)
is wrapped by that person's own key and not by the vault key, so nobody signs as a colleague.

The sidecar holds ciphertext, staff display names and costs. Names and roles in it are believed only
after unlocking, when the file's code under the vault key has been checked.

Source: docs/threat_model.md; RFC 9106; docs/store.md.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import cast

from casebook import crypto
from casebook.crypto import KEY_BYTES, KdfParameters, KdfPolicy
from casebook.errors import (
    RecoveryCodeUnreadableError,
    SealBrokenError,
    SidecarDamagedError,
    SidecarMissingError,
    UnavailableError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from casebook.ids import RandomBytes, UserId, user_id
from casebook.store import _disk

SIDECAR = "keyslots.json"
SIDECAR_COPY = "keyslots.json.bak"
FORMAT = 1
SALT_BYTES = 16
_KDF_SALT_BYTES = 16
_RECOVERY_BYTES = 16
_PERSON = "person"
_RECOVERY = "recovery"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LETTERS = 26
_CHECK_LETTERS = 2
_CODE_GROUP = 4

Json = dict[str, "Json"] | list["Json"] | str | int | None


def database_key(vault_key: bytes) -> bytes:
    """Return the raw key of the database file (32 bytes)."""
    return crypto.expand(vault_key, "database")


def spool_key(vault_key: bytes) -> bytes:
    """Return the key of the spool's records (32 bytes)."""
    return crypto.expand(vault_key, "spool")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultPerson:
    """Somebody who has a slot. Before unlocking this is only what the file says."""

    user: UserId
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """What a passphrase opened.

    Attributes:
        vault_key: 32 bytes; see `database_key` and `spool_key`.
        private: The person's own bundle, as given to `add_person` or `set_private`.
        private_key: Wraps that bundle (32 bytes), so that it can be replaced without the passphrase.
    """

    person: VaultPerson
    vault_key: bytes = field(repr=False)
    private: bytes = field(repr=False)
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    id: str
    kind: str
    wrapped: bytes
    person: VaultPerson | None = None
    cost: KdfParameters | None = None
    salt: bytes = b""
    private: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sidecar:
    vault: str
    generation: int
    database_salt: bytes
    slots: tuple[_Slot, ...]
    code: bytes = b""

    def of_person(self, user: UserId) -> _Slot | None:
        return next((slot for slot in self.slots if slot.person is not None and slot.person.user == user), None)

    def of_recovery(self) -> _Slot | None:
        return next((slot for slot in self.slots if slot.kind == _RECOVERY), None)


class KeySlots:
    """The slots of one vault. Every change is written to the copy first, then to the file itself.

    Two threads may change them, the record's and the network's: each change sees the one before it.
    """

    def __init__(
        self, folder: Path, policy: KdfPolicy, versions: Sequence[_Sidecar], random_bytes: RandomBytes
    ) -> None:
        """Use `create` or `open`. `versions`: what was read, newest first."""
        self._folder = folder
        self._policy = policy
        self._versions = tuple(versions)
        self._random_bytes = random_bytes
        self._changing = RLock()

    @classmethod
    def create(
        cls, folder: Path, policy: KdfPolicy, random_bytes: RandomBytes = os.urandom
    ) -> tuple["KeySlots", bytes]:
        """Make the slots of a new vault, and its key (32 bytes). Nothing is written before the first person."""
        if (folder / SIDECAR).exists() or (folder / SIDECAR_COPY).exists():
            raise FileExistsError(folder / SIDECAR)
        fresh = _Sidecar(vault=random_bytes(8).hex(), generation=0, database_salt=random_bytes(SALT_BYTES), slots=())
        return cls(folder, policy, (fresh,), random_bytes), random_bytes(KEY_BYTES)

    @classmethod
    def open(cls, folder: Path, policy: KdfPolicy, random_bytes: RandomBytes = os.urandom) -> "KeySlots":
        """Read the sidecar; its copy stands in where the file is missing or damaged.

        Raises:
            SidecarMissingError: Neither exists.
            SidecarDamagedError: Neither can be read.
        """
        paths = (folder / SIDECAR, folder / SIDECAR_COPY)
        contents = [_content(path) for path in paths]
        if contents == [None, None]:
            raise SidecarMissingError(file=SIDECAR, folder=folder)
        versions = {version.code: version for content in contents if (version := _read(content)) is not None}
        if not versions:
            raise SidecarDamagedError(file=SIDECAR, folder=folder)
        newest_first = sorted(versions.values(), key=lambda version: -version.generation)
        return cls(folder, policy, newest_first, random_bytes)

    @property
    def database_salt(self) -> bytes:
        """The database file's 16 salt bytes, kept here so that damage to them is survived."""
        return self._current.database_salt

    @property
    def generation(self) -> int:
        """How often the slots were changed."""
        return self._current.generation

    @property
    def has_recovery(self) -> bool:
        """Tell whether a recovery sheet was made."""
        return self._current.of_recovery() is not None

    def people(self) -> tuple[VaultPerson, ...]:
        """Return who has a slot, in the order in which they were added."""
        return tuple(slot.person for slot in self._current.slots if slot.person is not None)

    # -- opening -------------------------------------------------------------------------------------

    def unlock(self, user: UserId, passphrase: str) -> Unlocked:
        """Open the vault with a person's passphrase. Takes about a second with the production policy.

        Raises:
            WrongPassphraseError: No slot of this person opens with it.
            SidecarDamagedError: The file was changed by somebody without the key, or asks for an
                inadmissible cost.
        """
        untrusted = False
        for version in self._versions:
            slot = version.of_person(user)
            if slot is None or slot.person is None:
                continue
            if slot.cost is None or not self._policy.admits(slot.cost):
                untrusted = True
                continue
            key = _person_key(slot, passphrase)
            try:
                vault_key = crypto.decrypt(key, slot.wrapped, _aad(version.vault, slot))
            except SealBrokenError:
                continue
            private_key = crypto.expand(key, "sign")
            private = _open_private(version, slot, private_key, vault_key)
            if private is None:
                untrusted = True
                continue
            self._mend(version, vault_key)
            return Unlocked(person=slot.person, vault_key=vault_key, private=private, private_key=private_key)
        if untrusted:
            raise SidecarDamagedError(file=SIDECAR, folder=self._folder)
        raise WrongPassphraseError(person=self._name(user))

    def unlock_recovery(self, code: str) -> bytes:
        """Open the vault with the printed code; returns the vault key (32 bytes).

        Raises:
            RecoveryCodeUnreadableError: The code is mistyped.
            WrongRecoveryCodeError: It is a code of another vault or an older sheet.
            SidecarDamagedError: The file was changed by somebody without the key.
        """
        secret = read_recovery_code(code)
        untrusted = False
        for version in self._versions:
            slot = version.of_recovery()
            if slot is None:
                continue
            try:
                vault_key = crypto.decrypt(crypto.expand(secret, "recovery"), slot.wrapped, _aad(version.vault, slot))
            except SealBrokenError:
                continue
            if not _code_holds(version, vault_key):
                untrusted = True
                continue
            self._mend(version, vault_key)
            return vault_key
        if untrusted:
            raise SidecarDamagedError(file=SIDECAR, folder=self._folder)
        raise WrongRecoveryCodeError

    # -- changing ------------------------------------------------------------------------------------

    def add_person(
        self, vault_key: bytes, person: VaultPerson, passphrase: str, private: bytes, *, replace_slot: bool = False
    ) -> None:
        """Give a person a slot, durable on return.

        Args:
            private: The person's own secret bundle; sealed so that only this passphrase opens it.
            replace_slot: After recovery: a slot that the person has is replaced, with a fresh bundle.

        Raises:
            ValueError: The person has a slot already.
        """
        existing = self._current.of_person(person.user)
        if existing is not None and not replace_slot:
            message = f"{person.user} has a slot already"
            raise ValueError(message)
        slot = self._person_slot(vault_key, person, passphrase, private, slot_id=existing.id if existing else "")
        self._put(vault_key, slot)

    def remove_person(self, vault_key: bytes, user: UserId) -> None:
        """Take a person's slot away. Who kept a copy of the sidecar and the passphrase can still open with it."""
        with self._changing:
            kept = tuple(slot for slot in self._current.slots if slot.person is None or slot.person.user != user)
            self._write(vault_key, replace(self._current, slots=kept))

    def change_passphrase(self, user: UserId, old: str, new: str) -> Unlocked:
        """Wrap a person's keys by another passphrase, durable on return. Raises as `unlock`."""
        unlocked = self.unlock(user, old)
        existing = self._current.of_person(user)
        slot = self._person_slot(
            unlocked.vault_key, unlocked.person, new, unlocked.private, slot_id=existing.id if existing else ""
        )
        self._put(unlocked.vault_key, slot)
        return self.unlock(user, new)  # proves that what was written opens

    def set_private(self, unlocked: Unlocked, private: bytes) -> Unlocked:
        """Replace a person's own bundle (a certificate has come, say), durable on return."""
        slot = self._current.of_person(unlocked.person.user)
        if slot is None:
            raise WrongPassphraseError(person=unlocked.person.name)
        sealed = crypto.encrypt(unlocked.private_key, private, _aad(self._current.vault, slot) + b"private")
        self._put(unlocked.vault_key, replace(slot, private=sealed))
        return replace(unlocked, private=private)

    def make_recovery(self, vault_key: bytes) -> str:
        """Make a new recovery sheet's code; an older sheet opens nothing any more. Durable on return.

        Returns:
            26 Crockford characters (128 bits) and two check characters, in groups of four.
        """
        secret = self._random_bytes(_RECOVERY_BYTES)
        existing = self._current.of_recovery()
        slot = _Slot(id=existing.id if existing else self._random_bytes(6).hex(), kind=_RECOVERY, wrapped=b"")
        wrapped = crypto.encrypt(crypto.expand(secret, "recovery"), vault_key, _aad(self._current.vault, slot))
        self._put(vault_key, replace(slot, wrapped=wrapped))
        return write_recovery_code(secret)

    # -- inside --------------------------------------------------------------------------------------

    @property
    def _current(self) -> _Sidecar:
        return self._versions[0]

    def _name(self, user: UserId) -> str:
        slot = self._current.of_person(user)
        return slot.person.name if slot is not None and slot.person is not None else user

    def _person_slot(
        self, vault_key: bytes, person: VaultPerson, passphrase: str, private: bytes, *, slot_id: str
    ) -> _Slot:
        bare = _Slot(
            id=slot_id or self._random_bytes(6).hex(),
            kind=_PERSON,
            wrapped=b"",
            person=person,
            cost=self._policy.chosen,
            salt=self._random_bytes(_KDF_SALT_BYTES),
        )
        key = _person_key(bare, passphrase)
        aad = _aad(self._current.vault, bare)
        return replace(
            bare,
            wrapped=crypto.encrypt(key, vault_key, aad),
            private=crypto.encrypt(crypto.expand(key, "sign"), private, aad + b"private"),
        )

    def _put(self, vault_key: bytes, slot: _Slot) -> None:
        with self._changing:
            current = self._current
            slots = tuple(slot if slot.id == other.id else other for other in current.slots)
            if all(slot.id != other.id for other in current.slots):
                slots = (*current.slots, slot)
            self._write(vault_key, replace(current, slots=slots))

    def _write(self, vault_key: bytes, changed: _Sidecar) -> None:
        numbered = replace(changed, generation=max(version.generation for version in self._versions) + 1)
        sealed = replace(numbered, code=_code(numbered, vault_key))
        self._write_both(sealed)
        self._versions = (sealed,)

    def _write_both(self, sidecar: _Sidecar) -> None:
        # The copy first: killed between the two, the newer generation is found there.
        content = _whole(sidecar)
        try:
            for name in (SIDECAR_COPY, SIDECAR):
                _disk.write_whole(self._folder / name, content)
        except OSError as error:
            raise _disk.as_unavailable(error, self._folder) from error

    def _mend(self, opened: _Sidecar, vault_key: bytes) -> None:
        """Write both files anew where one is missing, damaged, older or not ours; never over something newer."""
        with self._changing:
            ours = tuple(version for version in self._versions if _code_holds(version, vault_key))
            if ours[0] is not opened:
                return  # a change that was killed before both files had it, or another thread's: the newer one stays
            self._versions = ours
            content = _whole(opened)
            with contextlib.suppress(UnavailableError):  # a full disk must not keep anybody from reading
                if any(_content(self._folder / name) != content for name in (SIDECAR, SIDECAR_COPY)):
                    self._write_both(opened)


# -- wrapping ----------------------------------------------------------------------------------------


def _person_key(slot: _Slot, passphrase: str) -> bytes:
    if slot.cost is None:
        message = "only a person's slot has a cost"
        raise TypeError(message)
    return crypto.expand(crypto.derive_key(passphrase, slot.salt, slot.cost), "person")


def _open_private(version: _Sidecar, slot: _Slot, private_key: bytes, vault_key: bytes) -> bytes | None:
    """Return the bundle, or None where file or bundle were changed by somebody without the key."""
    if not _code_holds(version, vault_key):
        return None
    try:
        return crypto.decrypt(private_key, slot.private, _aad(version.vault, slot) + b"private")
    except SealBrokenError:
        return None


# -- the file ----------------------------------------------------------------------------------------


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _disk.as_unavailable(error, path.parent) from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _canonical(fields: Mapping[str, Json]) -> bytes:
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _cost_fields(slot: _Slot) -> Json:
    if slot.cost is None:
        return None
    return {
        "algorithm": "argon2id",
        "memory_kib": slot.cost.memory_kib,
        "passes": slot.cost.passes,
        "lanes": slot.cost.lanes,
        "salt": _text(slot.salt),
    }


def _person_fields(person: VaultPerson | None) -> Json:
    if person is None:
        return None
    return {"user": person.user, "name": person.name, "roles": list(person.roles)}


def _aad(vault: str, slot: _Slot) -> bytes:
    user = slot.person.user if slot.person else None
    return _canonical(
        {"format": FORMAT, "vault": vault, "slot": slot.id, "kind": slot.kind, "user": user, "kdf": _cost_fields(slot)}
    )


def _fields(sidecar: _Sidecar) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "vault": sidecar.vault,
        "generation": sidecar.generation,
        "database_salt": _text(sidecar.database_salt),
        "slots": [
            {
                "id": slot.id,
                "kind": slot.kind,
                "person": _person_fields(slot.person),
                "kdf": _cost_fields(slot),
                "wrapped": _text(slot.wrapped),
                "private": _text(slot.private),
            }
            for slot in sidecar.slots
        ],
    }


def _code(sidecar: _Sidecar, vault_key: bytes) -> bytes:
    return hmac.new(crypto.expand(vault_key, "sidecar"), _canonical(_fields(sidecar)), hashlib.sha256).digest()


def _code_holds(sidecar: _Sidecar, vault_key: bytes) -> bool:
    return hmac.compare_digest(sidecar.code, _code(sidecar, vault_key))


def _whole(sidecar: _Sidecar) -> bytes:
    fields = _fields(sidecar)
    fields["code"] = _text(sidecar.code)
    # The sum tells damage from a wrong passphrase; the code, checked after unlocking, tells tampering.
    fields["sum"] = hashlib.sha256(_canonical(fields)).hexdigest()
    return json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8") + b"\n"


def _read(content: bytes | None) -> _Sidecar | None:
    """Return what the bytes say, or None where they are damaged in any way."""
    if content is None:
        return None
    try:
        fields = cast("dict[str, Json]", json.loads(content))
        stated = fields.pop("sum")
        if stated != hashlib.sha256(_canonical(fields)).hexdigest():
            return None
        sidecar = _Sidecar(
            vault=_str(fields, "vault"),
            generation=_int(fields, "generation"),
            database_salt=_bytes(fields, "database_salt"),
            slots=tuple(_slots(fields)),
            code=_bytes(fields, "code"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return sidecar if _whole(sidecar) == content else None


def _slots(fields: Mapping[str, Json]) -> Iterator[_Slot]:
    slots = fields["slots"]
    if not isinstance(slots, list):
        raise TypeError
    for slot in slots:
        if not isinstance(slot, dict):
            raise TypeError
        person, kdf = slot["person"], slot["kdf"]
        yield _Slot(
            id=_str(slot, "id"),
            kind=_str(slot, "kind"),
            wrapped=_bytes(slot, "wrapped"),
            private=_bytes(slot, "private"),
            person=_person(person) if isinstance(person, dict) else None,
            cost=_cost(kdf) if isinstance(kdf, dict) else None,
            salt=_bytes(kdf, "salt") if isinstance(kdf, dict) else b"",
        )


def _person(fields: Mapping[str, Json]) -> VaultPerson:
    roles = fields["roles"]
    if not isinstance(roles, list):
        raise TypeError
    return VaultPerson(
        user=user_id(_str(fields, "user")), name=_str(fields, "name"), roles=tuple(str(role) for role in roles)
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


def _bytes(fields: Mapping[str, Json], key: str) -> bytes:
    return base64.b64decode(_str(fields, key), validate=True)


# -- the printed code --------------------------------------------------------------------------------


def write_recovery_code(secret: bytes) -> str:
    """Return 16 bytes as a code for paper: 26 Crockford characters, two check characters, groups of four."""
    number = int.from_bytes(secret, "big") << 2  # 26 characters hold 130 bits
    letters = "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_CODE_LETTERS)))
    whole = letters + _check_letters(secret)
    return "-".join(whole[start : start + _CODE_GROUP] for start in range(0, len(whole), _CODE_GROUP))


def read_recovery_code(code: str) -> bytes:
    """Return the 16 bytes of a code as typed: case, spaces and dashes do not matter; O is 0, I and L are 1.

    Raises:
        RecoveryCodeUnreadableError: A character is missing, foreign or mistyped.
    """
    typed = "".join(code.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(typed) != _CODE_LETTERS + _CHECK_LETTERS or any(letter not in _CROCKFORD for letter in typed):
        raise RecoveryCodeUnreadableError
    number = 0
    for letter in typed[:_CODE_LETTERS]:
        number = number << 5 | _CROCKFORD.index(letter)
    secret = (number >> 2).to_bytes(_RECOVERY_BYTES, "big")
    if number & 3 or typed[_CODE_LETTERS:] != _check_letters(secret):
        raise RecoveryCodeUnreadableError
    return secret


def _check_letters(secret: bytes) -> str:
    digest = crypto.sha256(b"casebook recovery" + secret)
    return _CROCKFORD[digest[0] & 31] + _CROCKFORD[digest[1] & 31]

"""The study's keys at the centre, and the one file that keeps them.

Certificate authority (people's PDF certificates, the server's TLS certificate), the two signing keys
of the server (statements; receipts), the keys of its two stores, and those to which bundles are sealed. No key of
compartment I is here, nor ever comes here: what is sealed to a site stays sealed on the server.

The file is readable by its owner only; with a passphrase in the environment it is encrypted as well. The key
of the unblinding store can have a second passphrase: whoever runs commands of the server without it, or reads
its backup, does not learn who got which treatment. The running server needs both.

Source: docs/operations.md, section "Keys"; docs/threat_model.md.
"""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from casebook import crypto
from casebook.crypto import KdfParameters, KdfPolicy, SealingKey, SigningKey
from casebook.errors import SealBrokenError, ServerFolderError
from casebook.ids import DeviceId, RandomBytes, device_id, new_device_id
from casebook.sync.trust import ServerIdentity

PASSPHRASE_VARIABLE = "CASEBOOK_SERVER_PASSPHRASE"  # noqa: S105 - the variable's name, no passphrase
_FILE = "keys.json"
_VERSION = 1
_AAD = b"CRF-server-keys-v1"
_AAD_UNBLINDING = b"CRF-server-unblinding-v1"
_PRIVATE = 0o600
_BINARY = getattr(os, "O_BINARY", 0)  # Windows opens descriptors in text mode without it


UNBLINDING_VARIABLE = "CASEBOOK_UNBLINDING_PASSPHRASE"
"""The variable that holds the second passphrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKey:
    """Key (32 bytes) and salt (16 bytes) of an encrypted store.

    `bundle`: to which part U of bundles is sealed, the newest last.
    """

    key: bytes
    salt: bytes
    bundle: tuple[SealingKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyKeys:
    """Everything secret of the server. Certificates and RSA/EC keys: DER; others 32 raw bytes; salt 16."""

    device: DeviceId
    authority_key: bytes
    authority: bytes
    tls_key: bytes
    tls_certificate: bytes
    statements: SigningKey
    receipts: SigningKey
    store_key: bytes
    store_salt: bytes
    unblinding: "StoreKey | None" = None
    """Of the unblinding store; None where its passphrase was not given."""
    bundle: tuple[SealingKey, ...] = ()
    """To which part S of bundles is sealed, the newest last: what was sealed to an older one still opens."""

    @property
    def identity(self) -> ServerIdentity:
        """What laptops learn of the server."""
        return ServerIdentity(device=self.device, signing=self.statements.public, receipts=self.receipts.public)


def make_keys(study: str, hosts: Sequence[str], *, at: datetime, random_bytes: RandomBytes) -> StudyKeys:
    """Make the keys of a new study server.

    Args:
        hosts: Names and addresses by which laptops reach it.
    """
    authority_key, authority = crypto.make_authority(study, at=at)
    tls_key = crypto.new_tls_key()
    return StudyKeys(
        device=new_device_id(random_bytes),
        authority_key=authority_key,
        authority=authority,
        tls_key=tls_key,
        tls_certificate=crypto.issue_server(authority_key, authority, crypto.public_key_der(tls_key), hosts, at=at),
        statements=SigningKey.generate(),
        receipts=SigningKey.generate(),
        store_key=random_bytes(crypto.KEY_BYTES),
        store_salt=random_bytes(16),
        unblinding=StoreKey(key=random_bytes(crypto.KEY_BYTES), salt=random_bytes(16), bundle=(SealingKey.generate(),)),
        bundle=(SealingKey.generate(),),
    )


def renew_tls(keys: StudyKeys, hosts: Sequence[str], *, at: datetime) -> StudyKeys:
    """Return the keys with a fresh TLS key and certificate (they last 820 days)."""
    tls_key = crypto.new_tls_key()
    certificate = crypto.issue_server(keys.authority_key, keys.authority, crypto.public_key_der(tls_key), hosts, at=at)
    return replace(keys, tls_key=tls_key, tls_certificate=certificate)


def renew_bundle_keys(keys: StudyKeys) -> StudyKeys:
    """Return the keys with fresh ones for bundles beside those that there are.

    Raises:
        ValueError: The key of the unblinding store is not at hand.
    """
    if keys.unblinding is None:
        raise ValueError(UNBLINDING_VARIABLE)
    second = replace(keys.unblinding, bundle=(*keys.unblinding.bundle, SealingKey.generate()))
    return replace(keys, unblinding=second, bundle=(*keys.bundle, SealingKey.generate()))


# -- the file ----------------------------------------------------------------------------------------


def has_keys(folder: Path) -> bool:
    """Tell whether a folder holds a key file."""
    return (folder / _FILE).exists()


def write_keys(
    folder: Path, keys: StudyKeys, *, passphrase: str | None, policy: KdfPolicy, unblinding: str | None = None
) -> None:
    """Keep the keys in `folder`, encrypted when there is a passphrase.

    Args:
        unblinding: The second passphrase, for the key of the unblinding store. Keys that were read without that
            store's key keep what the file says of it.
    """
    document: dict[str, object] = {"v": _VERSION}
    document |= _sealed(json.dumps(_to_record(keys)).encode("ascii"), passphrase, policy, _AAD)
    if keys.unblinding is None:
        document["unblinding"] = json.loads((folder / _FILE).read_bytes())["unblinding"]
    else:
        record = {
            "key": _b64(keys.unblinding.key),
            "salt": _b64(keys.unblinding.salt),
            "bundle": _write_sealing(keys.unblinding.bundle),
        }
        plain = json.dumps(record).encode("ascii")
        # Without a second passphrase the first one protects both.
        document["unblinding"] = _sealed(plain, unblinding or passphrase, policy, _AAD_UNBLINDING) | {
            "own": unblinding is not None
        }
    fresh = folder / (_FILE + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(document, indent=1).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _FILE)


def _sealed(plain: bytes, passphrase: str | None, policy: KdfPolicy, aad: bytes) -> dict[str, object]:
    if passphrase is None:
        return {"encrypted": False, "keys": _b64(plain)}
    salt, cost = os.urandom(16), policy.chosen
    return {
        "encrypted": True,
        "kdf": {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes},
        "salt": _b64(salt),
        "keys": _b64(crypto.encrypt(crypto.derive_key(passphrase, salt, cost), plain, aad)),
    }


def read_keys(folder: Path, *, passphrase: str | None, policy: KdfPolicy, unblinding: str | None = None) -> StudyKeys:
    """Read the keys of a server's folder.

    Args:
        unblinding: The second passphrase. Without it, where there is one, `StudyKeys.unblinding` is None.

    Raises:
        ServerFolderError: There are none, they are damaged, or a passphrase is missing or wrong.
    """
    try:
        document = json.loads((folder / _FILE).read_bytes())
        keys = _from_record(json.loads(_opened(folder, document, passphrase, policy, _AAD)))
        second = document["unblinding"]
        given = unblinding if second["own"] else passphrase
        if second["own"] and given is None:
            return keys
        record = json.loads(_opened(folder, second, given, policy, _AAD_UNBLINDING))
        store = StoreKey(
            key=base64.b64decode(record["key"]),
            salt=base64.b64decode(record["salt"]),
            bundle=_read_sealing(record.get("bundle", "")),
        )
        return replace(keys, unblinding=store)
    except FileNotFoundError:
        raise ServerFolderError(folder=folder, why="it holds no server; run init first") from None
    except SealBrokenError:
        raise ServerFolderError(folder=folder, why="the passphrase of its keys is wrong") from None
    except (ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="its key file is damaged") from None


def has_own_unblinding_passphrase(folder: Path) -> bool:
    """Tell whether the key of the unblinding store has a passphrase of its own. Raises ServerFolderError."""
    try:
        return bool(json.loads((folder / _FILE).read_bytes())["unblinding"]["own"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="its key file is damaged") from None


def _opened(folder: Path, document: dict[str, Any], passphrase: str | None, policy: KdfPolicy, aad: bytes) -> bytes:
    sealed = base64.b64decode(document["keys"])
    if not document["encrypted"]:
        return sealed
    if passphrase is None:
        raise ServerFolderError(folder=folder, why=f"its keys are encrypted; set {PASSPHRASE_VARIABLE}")
    cost = KdfParameters(**document["kdf"])
    if not policy.admits(cost):
        raise ServerFolderError(folder=folder, why="its keys ask for a cost that is not believed")
    return crypto.decrypt(crypto.derive_key(passphrase, base64.b64decode(document["salt"]), cost), sealed, aad)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _to_record(keys: StudyKeys) -> dict[str, str]:
    return {
        "device": keys.device,
        "authority_key": _b64(keys.authority_key),
        "authority": _b64(keys.authority),
        "tls_key": _b64(keys.tls_key),
        "tls_certificate": _b64(keys.tls_certificate),
        "statements": _b64(keys.statements.private),
        "receipts": _b64(keys.receipts.private),
        "store_key": _b64(keys.store_key),
        "store_salt": _b64(keys.store_salt),
        "bundle": _write_sealing(keys.bundle),
    }


def _write_sealing(keys: Sequence[SealingKey]) -> str:
    return " ".join(_b64(key.private) for key in keys)


def _read_sealing(text: str) -> tuple[SealingKey, ...]:
    """Read the keys for bundles; a server that was made before there were any has none yet."""
    return tuple(SealingKey(base64.b64decode(one)) for one in text.split())


def _from_record(record: dict[str, str]) -> StudyKeys:
    def data(name: str) -> bytes:
        return base64.b64decode(record[name])

    return StudyKeys(
        device=device_id(record["device"]),
        authority_key=data("authority_key"),
        authority=data("authority"),
        tls_key=data("tls_key"),
        tls_certificate=data("tls_certificate"),
        statements=SigningKey(data("statements")),
        receipts=SigningKey(data("receipts")),
        store_key=data("store_key"),
        store_salt=data("store_salt"),
        bundle=_read_sealing(record.get("bundle", "")),
    )

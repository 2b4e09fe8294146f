"""The study's keys at the centre, and the one file that keeps them.

Certificate authority (people's PDF certificates, the server's TLS certificate), the two signing keys
of the server (statements; receipts), and the key of its store. No key of compartment I is here, nor
ever comes here: what is sealed to a site stays sealed on the server.

The file is readable by its owner only; with a passphrase in the environment it is encrypted as well.

Source: docs/operations.md, section "Keys"; docs/threat_model.md.
"""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from casebook import crypto
from casebook.crypto import KdfParameters, KdfPolicy, SigningKey
from casebook.errors import SealBrokenError, ServerFolderError
from casebook.ids import DeviceId, RandomBytes, device_id, new_device_id
from casebook.sync.trust import ServerIdentity

PASSPHRASE_VARIABLE = "CASEBOOK_SERVER_PASSPHRASE"  # noqa: S105 - the variable's name, no passphrase
_FILE = "keys.json"
_VERSION = 1
_AAD = b"CRF-server-keys-v1"
_PRIVATE = 0o600
_BINARY = getattr(os, "O_BINARY", 0)  # Windows opens descriptors in text mode without it


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
    )


def renew_tls(keys: StudyKeys, hosts: Sequence[str], *, at: datetime) -> StudyKeys:
    """Return the keys with a fresh TLS key and certificate (they last 820 days)."""
    tls_key = crypto.new_tls_key()
    certificate = crypto.issue_server(keys.authority_key, keys.authority, crypto.public_key_der(tls_key), hosts, at=at)
    return replace(keys, tls_key=tls_key, tls_certificate=certificate)


# -- the file ----------------------------------------------------------------------------------------


def has_keys(folder: Path) -> bool:
    """Tell whether a folder holds a key file."""
    return (folder / _FILE).exists()


def write_keys(folder: Path, keys: StudyKeys, *, passphrase: str | None, policy: KdfPolicy) -> None:
    """Keep the keys in `folder`, encrypted when there is a passphrase."""
    plain = json.dumps(_to_record(keys)).encode("ascii")
    document: dict[str, object] = {"v": _VERSION, "encrypted": passphrase is not None}
    if passphrase is None:
        document["keys"] = _b64(plain)
    else:
        salt, cost = os.urandom(16), policy.chosen
        document["kdf"] = {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}
        document["salt"] = _b64(salt)
        document["keys"] = _b64(crypto.encrypt(crypto.derive_key(passphrase, salt, cost), plain, _AAD))
    fresh = folder / (_FILE + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(document, indent=1).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _FILE)


def read_keys(folder: Path, *, passphrase: str | None, policy: KdfPolicy) -> StudyKeys:
    """Read the keys of a server's folder.

    Raises:
        ServerFolderError: There are none, they are damaged, or the passphrase is missing or wrong.
    """
    try:
        document = json.loads((folder / _FILE).read_bytes())
        sealed = base64.b64decode(document["keys"])
        if document["encrypted"]:
            if passphrase is None:
                raise ServerFolderError(folder=folder, why=f"its keys are encrypted; set {PASSPHRASE_VARIABLE}")
            cost = KdfParameters(**document["kdf"])
            if not policy.admits(cost):
                raise ServerFolderError(folder=folder, why="its keys ask for a cost that is not believed")
            key = crypto.derive_key(passphrase, base64.b64decode(document["salt"]), cost)
            sealed = crypto.decrypt(key, sealed, _AAD)
        return _from_record(json.loads(sealed))
    except FileNotFoundError:
        raise ServerFolderError(folder=folder, why="it holds no server; run init first") from None
    except SealBrokenError:
        raise ServerFolderError(folder=folder, why="the passphrase of its keys is wrong") from None
    except (ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="its key file is damaged") from None


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
    }


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
    )

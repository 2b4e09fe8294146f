"""The study's custodians: two key pairs to which laptops seal a way back in, for when nobody is left who can sign in.

The server knows the public parts alone. Where none are given at `init`, both pairs are made in a folder that is
to be taken offline, each private part under a passphrase that is printed once.

Source: docs/operations.md, section "Custodians"; docs/store.md.
"""

import argparse
import base64
import binascii
import os
from collections.abc import Callable
from pathlib import Path

from casebook.crypto import KEY_BYTES, PRODUCTION_KDF, SealingKey
from casebook.store.escrow import fingerprint, write_custodian_key
from casebook.sync.enrolment import new_personal_secret, personal_code

FOLDER = "custodians"


def read_public(text: str) -> bytes:
    """Read a custodian's public key as `casebook custodian new` prints it (base64 of 32 bytes).

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        message = "a custodian's public key has 44 characters, as casebook custodian new prints it"
        raise argparse.ArgumentTypeError(message)
    return key


def at_init(
    folder: Path, data: bytes | None, unblinding: bytes | None, tell: Callable[[str], None]
) -> tuple[bytes, bytes]:
    """Return the public keys of the custodians of the data and of what is unblinding; make those not given."""
    return data or _make(folder, "data", tell), unblinding or _make(folder, "unblinding", tell)


def _make(folder: Path, whose: str, tell: Callable[[str], None]) -> bytes:
    key, passphrase = SealingKey.generate(), personal_code(new_personal_secret(os.urandom))
    place = folder / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    file = place / f"{whose}.key"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(write_custodian_key(key, passphrase, PRODUCTION_KDF, os.urandom))
    tell(f"Custodian of the {whose}: take {file} off this machine.")
    tell(f"  Passphrase, printed this once   {passphrase}")
    tell(f"  Fingerprint                     {fingerprint(key.public)}")
    return key.public

"""`casebook custodian new` and `open`: for those who keep a study's escrow key, away from every laptop.

The passphrase is asked for and never an argument. What is told stands on standard output; the recovery
code stands there alone on its line.
"""

import base64
import getpass
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from casebook.crypto import KdfPolicy, SealingKey
from casebook.errors import CustodianKeyWrongError, StudyOutputTakenError
from casebook.store.escrow import fingerprint, make_site_code, read_custodian_key, write_custodian_key

Ask = Callable[[str], str]


def asking(stream: TextIO) -> Ask:
    """Return how passphrases are asked for: unseen at a terminal, else a line each of `stream`."""

    def ask(words: str) -> str:
        return getpass.getpass(words) if stream.isatty() else stream.readline().rstrip("\n")

    return ask


def new_key(file: Path, policy: KdfPolicy, ask: Ask) -> int:
    """Make a custodian's key pair, keep its private part in `file` under a passphrase, print the public part.

    Returns:
        0; 1 when the two passphrases differ.

    Raises:
        StudyOutputTakenError: The file exists: a key is never overwritten.
    """
    if file.exists():
        raise StudyOutputTakenError(path=str(file))
    passphrase = ask("Passphrase for this key: ")
    if not passphrase or passphrase != ask("The same again: "):
        print("The two passphrases differ, or are empty. Nothing was written.")
        return 1
    key = SealingKey.generate()
    _write_private(file, write_custodian_key(key, passphrase, policy, os.urandom))
    print(f"Public key, for the study's server:  {base64.b64encode(key.public).decode('ascii')}")
    print(f"Fingerprint, for the study's papers: {fingerprint(key.public)}")
    print(f"Keep {file} and its passphrase in two different places.")
    return 0


def _write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def open_for_site(sidecar: Path, keys: Sequence[Path], out: Path, policy: KdfPolicy, ask: Ask) -> int:
    """Make a recovery code for a laptop from a copy of its key file, and the key file in which it opens.

    Args:
        keys: The records' custodian's key; and the unblinding custodian's, where the code shall open that too.

    Raises:
        StudyOutputTakenError: `out` exists.
        CustodianKeyWrongError: A key does not open its part.
    """
    if out.exists():
        raise StudyOutputTakenError(path=str(out))
    opened = [read_custodian_key(_read(path), ask(f"Passphrase for {path}: "), policy, file=str(path)) for path in keys]
    code, content = make_site_code(_read(sidecar), opened, policy, os.urandom, file=str(sidecar))
    _write_private(out, content)
    print("Recovery code, to be told to the site by telephone or in person, never with the file:")
    print(code)
    print(f"Send {out} to the site: it replaces keyslots.json and keyslots.json.bak there.")
    print("The laptop writes the use of this code into the record and changes its keys.")
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CustodianKeyWrongError(file=str(path)) from None

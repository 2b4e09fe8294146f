"""Identifiers: distinct types, made by constructors that check them.

Random identifiers come from the caller's source of randomness, so that tests can repeat them.

Source: docs/record_format.md, section "Names".
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import NewType

SubjectId = NewType("SubjectId", str)
"""16 characters base64url (96 random bits). The subject *number* is an attribute, never the identity."""
DeviceId = NewType("DeviceId", str)
"""16 characters base64url (96 random bits), made at enrolment."""
Epoch = NewType("Epoch", str)
"""6 characters base64url (36 random bits): one incarnation of a device's database."""
UserId = NewType("UserId", str)
KeyId = NewType("KeyId", str)
"""First 8 bytes of SHA-256 of a public key, as 16 lower-case hex digits."""
CommitId = NewType("CommitId", str)
"""SHA-256 of the header bytes, as 64 lower-case hex digits."""
CommitRef = NewType("CommitRef", str)
"""The first 16 bytes of a commit id, as 32 lower-case hex digits: how operations name their bases."""

RandomBytes = Callable[[int], bytes]

_ID = re.compile(r"[A-Za-z0-9_-]{16}")
_EPOCH = re.compile(r"[A-Za-z0-9_-]{6}")
_USER = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_COMMIT = re.compile(r"[0-9a-f]{64}")
_REF = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{3}-[A-HJ-NP-Z][0-9]{3}")


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        message = f"not a {what}: {text!r}"
        raise ValueError(message)
    return text


def _random_text(random_bytes: RandomBytes, size_bytes: int, length: int) -> str:
    return base64.urlsafe_b64encode(random_bytes(size_bytes)).decode("ascii")[:length]


def new_id(random_bytes: RandomBytes) -> str:
    """Return 16 characters base64url made of 96 random bits, for rows, repeats and queries."""
    return _random_text(random_bytes, 12, 16)


def new_subject_id(random_bytes: RandomBytes) -> SubjectId:
    """Return a fresh subject identity (96 random bits)."""
    return SubjectId(new_id(random_bytes))


def site_file_id(study: str, site: str) -> SubjectId:
    """Return the identity under which a site's own forms are kept: the same on every laptop.

    96 bits of a hash; no subject has it, since theirs are random.

    Args:
        study: The study's code.
        site: The site's number.
    """
    digest = hashlib.sha256(f"site file\0{study}\0{site}".encode()).digest()
    return SubjectId(base64.urlsafe_b64encode(digest[:12]).decode("ascii"))


def new_device_id(random_bytes: RandomBytes) -> DeviceId:
    """Return a fresh device identity (96 random bits); never with a leading "-", which reads as an option."""
    text = new_id(random_bytes)
    return DeviceId(f"_{text[1:]}" if text.startswith("-") else text)


def new_epoch(random_bytes: RandomBytes) -> Epoch:
    """Return a fresh epoch (36 random bits)."""
    return Epoch(_random_text(random_bytes, 6, 6))


def subject_id(text: str) -> SubjectId:
    """Return `text` as a subject identity. Raises ValueError when it is none."""
    return SubjectId(_checked(_ID, text, "subject id"))


def device_id(text: str) -> DeviceId:
    """Return `text` as a device identity. Raises ValueError when it is none."""
    return DeviceId(_checked(_ID, text, "device id"))


def epoch(text: str) -> Epoch:
    """Return `text` as an epoch. Raises ValueError when it is none."""
    return Epoch(_checked(_EPOCH, text, "epoch"))


def user_id(text: str) -> UserId:
    """Return `text` as a user id (short lower-case ASCII). Raises ValueError when it is none."""
    return UserId(_checked(_USER, text, "user id"))


def commit_id(text: str) -> CommitId:
    """Return `text` as a commit id. Raises ValueError when it is none."""
    return CommitId(_checked(_COMMIT, text, "commit id"))


def commit_ref(text: str) -> CommitRef:
    """Return `text` as a commit reference. Raises ValueError when it is none."""
    return CommitRef(_checked(_REF, text, "commit reference"))


def ref_of(commit: CommitId) -> CommitRef:
    """Return the short form by which operations name `commit`."""
    return CommitRef(commit[:32])


def subject_number(site: str, letter: str, running: int) -> str:
    """Return the subject number `SSS-LNNN`: site, laptop's letter, running number.

    Two laptops of a site have different letters, so their numbers never collide and nothing is
    ever renumbered. Raises ValueError outside 1..999 or for a letter that is read wrongly (I, O).
    """
    return _checked(_NUMBER, f"{site}-{letter}{running:03d}", "subject number")

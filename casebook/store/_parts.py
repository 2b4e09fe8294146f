"""What a record of the spool holds, as bytes: parts with their lengths, and sealed commits among them.

Source: docs/store.md, section "The spool".
"""

import struct
from collections.abc import Mapping, Sequence

from casebook.ids import CommitId, SubjectId
from casebook.ledger import SealedCommit

_LENGTH = struct.Struct(">I")


def redacted(body: bytes, payloads: Mapping[CommitId, bytes]) -> bytes:
    """Return a record of sealed commits with redactions in the place of payloads."""
    commits, subject, closes = unpack_sealed(body)
    left = [SealedCommit(one.header, payloads.get(one.id, one.payload), one.signature) for one in commits]
    return pack_sealed(left, subject, closes)


def pack(*parts: bytes) -> bytes:
    """Return parts, each after its length."""
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def unpack(body: bytes) -> list[bytes]:
    """Return the parts of `pack`."""
    parts = []
    offset = 0
    while offset < len(body):
        (length,) = _LENGTH.unpack_from(body, offset)
        offset += _LENGTH.size
        parts.append(body[offset : offset + length])
        offset += length
    return parts


def pack_sealed(commits: Sequence[SealedCommit], subject: SubjectId | None, closes: str | None) -> bytes:
    """Return commits that seal one draft, with whose they are and which draft they close."""
    parts = [part for commit in commits for part in (commit.header, commit.payload, commit.signature)]
    return pack((subject or "").encode("ascii"), (closes or "").encode("utf-8"), *parts)


def unpack_sealed(body: bytes) -> tuple[list[SealedCommit], SubjectId | None, str]:
    """Return what `pack_sealed` joined: commits, subject, draft."""
    subject, closes, *parts = unpack(body)
    commits = [SealedCommit(*parts[start : start + 3]) for start in range(0, len(parts), 3)]
    return commits, SubjectId(subject.decode("ascii")) if subject else None, closes.decode("utf-8")

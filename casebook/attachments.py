"""Attachments: a photo or a scan that belongs to a form, in encrypted chunks beside the record.

The commit says what the file is, names its chunks and holds the key that opens them; the chunks are files named
by their own SHA-256. Whoever holds the chunks and not the commit's key holds nothing. Each chunk is bound to its
place and to the whole: none can be swapped, cut off or put into another attachment.

The chunks' names lie outside the seal of a commit that is sealed to the site, so that the server can tell whose
they are without reading what they hold.

Nothing here reads a disk.

Source: docs/record_format.md, section "Attachments"; docs/adr/0027; RFC 8452.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from casebook import crypto, ledger
from casebook.canonical import Value, int_of, list_of, text_of
from casebook.errors import AttachmentTooLargeError, CommitUnreadableError, SealBrokenError
from casebook.ids import CommitId, RandomBytes, commit_id
from casebook.ledger import SealedCommit
from casebook.records import FormKey, ItemPath

KIND = "attach"
OUTSIDE = ("ch",)
"""Fields of the body that lie outside a seal."""
CHUNK_BYTES = 64 * 1024
"""Of the file; a chunk is a little longer by its nonce and its tag."""
MOST_BYTES = 20 * 1024 * 1024
"""The largest file that is attached."""
MOST_CHUNKS = MOST_BYTES // CHUNK_BYTES
_OVERHEAD_BYTES = 12 + 16
MOST_CHUNK_BYTES = CHUNK_BYTES + _OVERHEAD_BYTES
_DOMAIN = b"CRF-chunk-v1\0"
_ADD, _STRIKE = "add", "strike"
_HASH = re.compile(r"[0-9a-f]{64}")
_MEDIA = re.compile(r"[a-z]{1,16}/[a-z0-9.+-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachPayload:
    """A file is attached to a form.

    Attributes:
        path: The item that it is about; None for the whole form.
        size_bytes: Of the plain file; `sha256` of its bytes, 64 hex digits.
        chunks: The names of its chunks in order; none where it was taken out of the record.
        content_key: Opens the chunks, 32 bytes; b"" where it was taken out of the record.
    """

    key: FormKey
    path: ItemPath | None
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    chunks: tuple[str, ...]
    content_key: bytes

    @property
    def redacted(self) -> bool:
        """Whether it was taken out of the record."""
        return not self.content_key


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeAttachmentPayload:
    """An attachment is struck through, with the reason; it stays readable."""

    key: FormKey
    attachment: CommitId
    reason: str


AttachmentPayload = AttachPayload | StrikeAttachmentPayload


# -- chunks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A file in sealed chunks, each named by the SHA-256 of its sealed bytes (64 hex digits), in order."""

    content_key: bytes
    sha256: str
    size_bytes: int
    chunks: tuple[tuple[str, bytes], ...]


def seal_file(content: bytes, random_bytes: RandomBytes) -> SealedFile:
    """Seal a file in chunks under a fresh key.

    Raises:
        AttachmentTooLargeError: It has more than 20 MiB.
    """
    if len(content) > MOST_BYTES:
        raise AttachmentTooLargeError(size=_mib(len(content)), most=_mib(MOST_BYTES))
    key = random_bytes(crypto.KEY_BYTES)
    parts = [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    sealed = [
        crypto.encrypt_record(key, part, _binding(index, len(parts), len(content))) for index, part in enumerate(parts)
    ]
    return SealedFile(
        content_key=key,
        sha256=crypto.sha256(content).hex(),
        size_bytes=len(content),
        chunks=tuple((crypto.sha256(one).hex(), one) for one in sealed),
    )


def open_file(payload: AttachPayload, chunks: Sequence[bytes]) -> bytes:
    """Return the file from its sealed chunks.

    Raises:
        SealBrokenError: One is missing, of another place or another file, or the whole is not what was attached.
    """
    total = len(payload.chunks)
    if len(chunks) != total or payload.redacted:
        raise SealBrokenError
    parts = [
        crypto.decrypt_record(payload.content_key, chunk, _binding(index, total, payload.size_bytes))
        for index, chunk in enumerate(chunks)
    ]
    content = b"".join(parts)
    if len(content) != payload.size_bytes or crypto.sha256(content).hex() != payload.sha256:
        raise SealBrokenError
    return content


def _binding(index: int, total: int, size_bytes: int) -> bytes:
    return _DOMAIN + index.to_bytes(4, "big") + total.to_bytes(4, "big") + size_bytes.to_bytes(8, "big")


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 1024 / 1024:.1f} MiB"


def chunk_names(commit: SealedCommit) -> tuple[str, ...]:
    """Return the chunks that a commit names, without any key: the server asks this.

    None are named by a commit of another kind, by a strike, and by one that was taken out of the record.

    Raises:
        CommitUnreadableError: It is not in the agreed form.
    """
    if commit.parsed.kind != KIND or ledger.redaction_of(commit) is not None:
        return ()
    outside = ledger.outside_of(commit)
    return _names(outside) if "ch" in outside else ()


# -- its bytes ------------------------------------------------------------------------------------------


def write(payload: AttachmentPayload, place: dict[str, Value]) -> tuple[str, dict[str, Value]]:
    """Return the kind and the body's fields. `place`: those of the form instance."""
    if isinstance(payload, StrikeAttachmentPayload):
        return KIND, place | {"ac": _STRIKE, "at": payload.attachment, "w": payload.reason}
    path = payload.path
    return KIND, place | {
        "ac": _ADD,
        "it": [path.group, path.row, path.item] if path is not None else [],
        "na": payload.name,
        "mt": payload.media_type,
        "sz": payload.size_bytes,
        "hs": payload.sha256,
        "ch": list(payload.chunks),
        "ck": base64.b64encode(payload.content_key).decode("ascii"),
    }


def read(body: dict[str, Value], key: FormKey) -> AttachmentPayload:
    """Return what a body says. `key`: the form instance that it names.

    Raises:
        CommitUnreadableError, ValueError: It is in another form.
    """
    match text_of(body, "ac"):
        case "strike":
            attachment = commit_id(text_of(body, "at"))
            return StrikeAttachmentPayload(key=key, attachment=attachment, reason=text_of(body, "w"))
        case "add":
            return _read_add(body, key)
        case _:
            raise CommitUnreadableError(why="an unknown act on an attachment")


def _read_add(body: dict[str, Value], key: FormKey) -> AttachPayload:
    payload = AttachPayload(
        key=key,
        path=_read_path(list_of(body, "it")),
        name=text_of(body, "na"),
        media_type=text_of(body, "mt"),
        size_bytes=int_of(body, "sz"),
        sha256=text_of(body, "hs"),
        chunks=_names(body),
        content_key=_bytes(text_of(body, "ck")),
    )
    if payload.redacted and not payload.chunks:
        return payload
    fits = len(payload.chunks) == -(-payload.size_bytes // CHUNK_BYTES) and 0 < payload.size_bytes <= MOST_BYTES
    if not fits or len(payload.content_key) != crypto.KEY_BYTES:
        raise CommitUnreadableError(why="an attachment whose parts do not fit")
    if not _HASH.fullmatch(payload.sha256) or not _MEDIA.fullmatch(payload.media_type):
        raise CommitUnreadableError(why="an attachment in another form")
    return payload


def _read_path(parts: list[Value]) -> ItemPath | None:
    match parts:
        case []:
            return None
        case [str(group), str(row), str(item)]:
            return ItemPath(group=group, row=row, item=item)
        case _:
            raise CommitUnreadableError(why="a place in another form")


def _names(body: dict[str, Value]) -> tuple[str, ...]:
    names: list[str] = []
    for one in list_of(body, "ch"):
        if not isinstance(one, str) or not _HASH.fullmatch(one):
            raise CommitUnreadableError(why="the name of a chunk in another form")
        names.append(one)
    if len(names) > MOST_CHUNKS or len(set(names)) != len(names):
        raise CommitUnreadableError(why="more chunks than a file has")
    return tuple(names)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CommitUnreadableError(why="bytes that are not base64") from None

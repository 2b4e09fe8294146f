"""Commits: sealed saves in a hash chain.

A commit is three byte strings that are never re-serialised to verify: a header (where it stands in
its device's chain, who made it, when), a payload (what changed) and the author's Ed25519 signature
over the header, which carries the payload's hash. Payloads of the identity compartment are sealed
to the site's key before they are hashed, so a holder without that key still verifies the chain.

The payload of a redacted commit is replaced by the redaction itself, a commit of its own: it names the one
that it redacts and carries what is left. Header, id, signature and chain stay as they were.

Nothing here reads a clock, a disk or a screen.
Source: docs/record_format.md; 21 CFR 11.10(e); docs/adr/0002 and 0003.
"""

import base64
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from casebook import crypto
from casebook.canonical import Value, decode_object, encode, int_of, text_of
from casebook.clock import Moment
from casebook.errors import CommitUnreadableError, CommitUntrustedError, SealBrokenError, SealedAwayError
from casebook.ids import (
    CommitId,
    DeviceId,
    Epoch,
    KeyId,
    RandomBytes,
    UserId,
    commit_id,
    device_id,
    epoch,
    user_id,
)

RECORD_VERSION = 1
SIGNATURE_BYTES = 64
COMMIT_DOMAIN = "CRF-commit-v1"
STANDARD = "S"
"""Seen by everybody of the site."""
IDENTITY = "I"
"""Sealed to the site's key."""
UNBLINDING = "U"
"""Not for a blinded assessor: kept in a file and in chains of its own."""
UNBLINDING_IDENTITY = "UI"
"""Sealed to the site's key, and kept with what is unblinding."""
_SEALED = frozenset({IDENTITY, UNBLINDING_IDENTITY})
REDACTION = "redact"
"""The kind of a commit that takes values out of another one."""
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
"""A signed document of some hundred kilobytes fits; a hostile giant does not."""

_REDACTED = b"CRF-redacted-v1\0"
"""Begins what stands in the place of a redacted payload; no payload of another kind begins so."""
_OUTSIDE = b"CRF-outside-v1\0"
"""Begins a sealed payload of which some fields lie outside the seal; a nonce does not begin so."""
_LENGTH_BYTES = 4
_KEY_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")
_SITE = re.compile(r"[0-9]{3}")
_HEADER_KEYS = frozenset(
    ["v", "st", "si", "d", "e", "q", "p", "k", "c", "u", "uk", "t", "z", "b", "m", "a", "av", "ph"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of a chain: the last commit of one device's epoch. Sequence 0 and id "" before the first."""

    device: DeviceId
    epoch: Epoch
    sequence: int
    id: CommitId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The signed header of a commit.

    Attributes:
        previous: The commit before it in its chain; None at the start of an epoch that follows nothing.
        kind: `data subj blob sec key srv sign`; other kinds come from newer releases and are kept.
        site: Whose chain it is, three digits. A person who works for several sites has a chain for each.
        compartment: `S` standard, `I` identity (sealed to the site), `U` unblinding, `UI` both.
        anchor: Serial of the last receipt held: ties the moment to a server's time.
        payload_sha256: 64 hex digits.
    """

    version: int
    study: str
    site: str
    device: DeviceId
    epoch: Epoch
    sequence: int
    previous: CommitId | None
    kind: str
    compartment: str
    author: UserId
    author_key: KeyId
    moment: Moment
    anchor: int
    app_version: str
    payload_sha256: str

    @property
    def shelf(self) -> str:
        """Where it is kept: see `shelf_of`."""
        return shelf_of(self.compartment)

    @property
    def is_sealed(self) -> bool:
        """Whether the payload is sealed to the site's key."""
        return self.compartment in _SEALED

    @property
    def is_newer(self) -> bool:
        """Whether a later version of the record format made it: its payload is not for this release to read."""
        return self.version > RECORD_VERSION


def shelf_of(compartment: str) -> str:
    """Return which of the two files, and kinds of chains, keeps a compartment: `S` or `U`."""
    return UNBLINDING if compartment.startswith(UNBLINDING) else STANDARD


@dataclass(frozen=True)
class SealedCommit:
    """The exact bytes of a commit, as sealed, stored and sent."""

    header: bytes
    payload: bytes
    signature: bytes

    @classmethod
    def rebuilt(cls, record: dict[str, Value], header: bytes, payload: bytes, signature: bytes) -> "SealedCommit":
        """Return a commit whose header was just written from its fields, so that they need not be read again.

        Args:
            record: The fields of which `header` is the canonical spelling.
        """
        commit = cls(header, payload, signature)
        with suppress(CommitUnreadableError):
            vars(commit)["parsed"] = header_of(record)  # else whoever asks for it is told
        return commit

    @cached_property
    def content_sha256(self) -> bytes:
        """SHA-256 of the payload as it lies here."""
        return crypto.sha256(self.payload)

    def keep(self, reading: object) -> None:
        """Keep what was read of the payload without any key, for whoever reads it again while this object lasts."""
        vars(self)["reading"] = reading

    @property
    def kept(self) -> object:
        """What was kept by `keep`, else None."""
        return vars(self).get("reading")

    @cached_property
    def id(self) -> CommitId:
        """SHA-256 of the header bytes, 64 hex digits."""
        return CommitId(crypto.sha256(self.header).hex())

    @cached_property
    def parsed(self) -> Header:
        """The header, read. Raises CommitUnreadableError."""
        return read_header(self.header)

    @property
    def size_bytes(self) -> int:
        """Header, payload and signature together."""
        return len(self.header) + len(self.payload) + len(self.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitDraft:
    """What is to be sealed: kind, compartment and the payload's fields (without the salt).

    Attributes:
        outside: Fields that stay outside the seal where the compartment is sealed to the site: whoever carries the
            commit has to know them. They are bound to what is sealed.
    """

    kind: str
    author: UserId
    body: Mapping[str, Value]
    compartment: str = STANDARD
    outside: tuple[str, ...] = ()


def read_header(data: bytes) -> Header:
    """Read header bytes. Raises CommitUnreadableError for any other spelling or content."""
    return header_of(decode_object(data))


def header_of(record: dict[str, Value]) -> Header:
    """Return the header of fields in canonical form. Raises CommitUnreadableError for other content.

    A header of a later version may have more fields: with those named here it is verified, kept and passed on.
    """
    known = record.keys() >= _HEADER_KEYS if _is_newer(record) else record.keys() == _HEADER_KEYS
    if not known:
        raise CommitUnreadableError(why="a header with other fields")
    previous = text_of(record, "p")
    try:
        header = Header(
            version=int_of(record, "v"),
            study=text_of(record, "st"),
            site=text_of(record, "si"),
            device=device_id(text_of(record, "d")),
            epoch=epoch(text_of(record, "e")),
            sequence=int_of(record, "q"),
            previous=commit_id(previous) if previous else None,
            kind=text_of(record, "k"),
            compartment=text_of(record, "c"),
            author=user_id(text_of(record, "u")),
            author_key=KeyId(text_of(record, "uk")),
            moment=Moment(
                utc_ms=int_of(record, "t"),
                offset_minutes=int_of(record, "z"),
                boot=text_of(record, "b"),
                uptime_ms=int_of(record, "m"),
            ),
            anchor=int_of(record, "a"),
            app_version=text_of(record, "av"),
            payload_sha256=text_of(record, "ph"),
        )
    except ValueError as error:
        raise CommitUnreadableError(why=str(error)) from None
    if header.version < RECORD_VERSION:
        raise CommitUnreadableError(why=f"record format {header.version}")
    if not _SITE.fullmatch(header.site):
        raise CommitUnreadableError(why="a site that is not three digits")
    if header.sequence < 1 or not _KEY_ID.fullmatch(header.author_key) or not _HASH.fullmatch(header.payload_sha256):
        raise CommitUnreadableError(why="a header field out of bounds")
    return header


def _is_newer(record: dict[str, Value]) -> bool:
    version = record.get("v")
    return isinstance(version, int) and version > RECORD_VERSION


def write_header(header: Header) -> bytes:
    """Return the canonical bytes of a header."""
    moment = header.moment
    return encode(
        {
            "v": header.version,
            "st": header.study,
            "si": header.site,
            "d": header.device,
            "e": header.epoch,
            "q": header.sequence,
            "p": header.previous or "",
            "k": header.kind,
            "c": header.compartment,
            "u": header.author,
            "uk": header.author_key,
            "t": moment.utc_ms,
            "z": moment.offset_minutes,
            "b": moment.boot,
            "m": moment.uptime_ms,
            "a": header.anchor,
            "av": header.app_version,
            "ph": header.payload_sha256,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """What is the same for every commit that one signed-in person seals on one device."""

    study: str
    site: str
    app_version: str
    signer: crypto.SigningKey
    random_bytes: RandomBytes
    identity_key: bytes | None = None
    """The site's identity key (32 bytes), needed for compartment I."""


def seal(draft: CommitDraft, *, after: ChainHead, sealer: Sealer, moment: Moment, anchor: int = 0) -> SealedCommit:
    """Seal a draft as the next commit of a chain.

    Args:
        after: The head of the device's chain; its epoch is the new commit's.
        anchor: Serial of the last receipt held, 0 for none.

    Raises:
        CommitUnreadableError: The draft's fields have no canonical form, or the payload is too large.
        SealedAwayError: A compartment sealed to the site without its identity key.
    """
    body: dict[str, Value] = dict(draft.body)
    body["n"] = base64.urlsafe_b64encode(sealer.random_bytes(16)).decode("ascii").rstrip("=")
    if draft.compartment in _SEALED:
        if sealer.identity_key is None:
            raise SealedAwayError
        payload = _seal_body(body, draft.outside, sealer.identity_key, sealer.study)
    else:
        payload = encode(body)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise CommitUnreadableError(why="more than 8 MiB in one save")
    header = write_header(
        Header(
            version=RECORD_VERSION,
            study=sealer.study,
            site=sealer.site,
            device=after.device,
            epoch=after.epoch,
            sequence=after.sequence + 1,
            previous=after.id,
            kind=draft.kind,
            compartment=draft.compartment,
            author=draft.author,
            author_key=sealer.signer.id,
            moment=moment,
            anchor=anchor,
            app_version=sealer.app_version,
            payload_sha256=crypto.sha256(payload).hex(),
        )
    )
    return SealedCommit(header, payload, sealer.signer.sign(COMMIT_DOMAIN, header))


def head_after(commit: SealedCommit) -> ChainHead:
    """Return the chain head that `commit` makes."""
    header = commit.parsed
    return ChainHead(device=header.device, epoch=header.epoch, sequence=header.sequence, id=commit.id)


def check(commit: SealedCommit) -> Header:
    """Check what needs no key: form of the header, size, payload hash.

    Raises:
        CommitUnreadableError: The header is not in the agreed form.
        CommitUntrustedError: The payload is neither the one that the header names nor what a redaction left of it;
            whether the redaction itself verifies is for `casebook.redaction` to say.
    """
    header = commit.parsed
    if len(commit.signature) != SIGNATURE_BYTES:
        raise CommitUnreadableError(why="a signature of another length")
    if len(commit.payload) > MAX_PAYLOAD_BYTES:
        raise CommitUnreadableError(why="more than 8 MiB in one save")
    content_of(commit)
    return header


def redacted_payload(redaction: SealedCommit) -> bytes:
    """Return what stands in the place of the payload that `redaction` replaces."""
    parts = (redaction.header, redaction.payload)
    return _REDACTED + b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in parts) + redaction.signature


def redaction_of(commit: SealedCommit) -> SealedCommit | None:
    """Return the redaction that stands in the place of a commit's payload, unverified; None where there is none.

    Raises:
        CommitUnreadableError: It is cut.
    """
    if not commit.payload.startswith(_REDACTED):
        return None
    parts: list[bytes] = []
    offset = len(_REDACTED)
    for _ in range(2):
        start = offset + _LENGTH_BYTES
        offset = start + int.from_bytes(commit.payload[offset:start], "big")
        parts.append(commit.payload[start:offset])
    signature = commit.payload[offset:]
    if len(signature) != SIGNATURE_BYTES:
        raise CommitUnreadableError(why="a redaction that is cut")
    return SealedCommit(parts[0], parts[1], signature)


def content_of(commit: SealedCommit) -> bytes:
    """Return a commit's payload; of a redacted one, what the redaction left of it. No signature is looked at.

    Raises:
        CommitUnreadableError: The redaction is not in the agreed form.
        CommitUntrustedError: It is not the content that was sealed, nor what a redaction of it left.
    """
    if commit.content_sha256.hex() == commit.parsed.payload_sha256:
        return commit.payload
    redaction = redaction_of(commit)
    if redaction is None or crypto.sha256(redaction.payload).hex() != redaction.parsed.payload_sha256:
        raise CommitUntrustedError(why="its content is not what was sealed")
    body = decode_object(redaction.payload)
    about = (redaction.parsed.kind, redaction.parsed.study, text_of(body, "cm"))
    if about != (REDACTION, commit.parsed.study, commit.id):
        raise CommitUntrustedError(why="a redaction of another record")
    try:
        return base64.b64decode(text_of(body, "x"), validate=True)
    except ValueError:
        raise CommitUnreadableError(why="bytes that are not base64") from None


def verify(commit: SealedCommit, public_key: bytes) -> Header:
    """Check a commit and its author's signature.

    Args:
        public_key: The author's Ed25519 key, 32 raw bytes.

    Raises:
        CommitUnreadableError: See `check`.
        CommitUntrustedError: The content, key or signature is not right.
    """
    header = check(commit)
    if crypto.key_id(public_key) != header.author_key:
        raise CommitUntrustedError(why="it names another key")
    if not crypto.signature_holds(public_key, COMMIT_DOMAIN, commit.header, commit.signature):
        raise CommitUntrustedError(why="its signature is wrong")
    return header


def reseal_content(commit: SealedCommit, body: Mapping[str, Value], identity_key: bytes | None) -> bytes:
    """Return the bytes of another body for the place of a commit's payload, sealed as the payload was.

    Raises:
        SealedAwayError: It was sealed, and `identity_key` is missing.
        CommitUnreadableError: The body has no canonical form.
    """
    content = encode(dict(body))
    if commit.parsed.compartment not in _SEALED:
        return content
    if identity_key is None:
        raise SealedAwayError
    return crypto.encrypt_record(identity_key, content, _identity_aad(commit.parsed.study))


def _identity_aad(study: str) -> bytes:
    return b"CRF-identity-v1\0" + study.encode("ascii")


def _seal_body(body: dict[str, Value], outside: tuple[str, ...], key: bytes, study: str) -> bytes:
    """Return a body sealed to the site, with the fields `outside` before the seal and bound to it."""
    open_part = encode({name: body[name] for name in outside if name in body}) if outside else b""
    sealed = encode({name: value for name, value in body.items() if name not in outside})
    if not outside:
        return crypto.encrypt_record(key, sealed, _identity_aad(study))
    before = _OUTSIDE + len(open_part).to_bytes(_LENGTH_BYTES, "big") + open_part
    return before + crypto.encrypt_record(key, sealed, _identity_aad(study) + before)


def _parts(content: bytes) -> tuple[bytes, bytes]:
    """Return what lies before the seal of a payload, and what is sealed."""
    if not content.startswith(_OUTSIDE):
        return b"", content
    start = len(_OUTSIDE) + _LENGTH_BYTES
    end = start + int.from_bytes(content[len(_OUTSIDE) : start], "big")
    return content[:end], content[end:]


def outside_of(commit: SealedCommit) -> dict[str, Value]:
    """Return the fields of a payload that need no key: all of an unsealed one, else those outside the seal.

    Raises:
        CommitUnreadableError: They are not in canonical form.
    """
    content = content_of(commit) if commit.payload.startswith(_REDACTED) else commit.payload
    if commit.parsed.compartment not in _SEALED:
        return decode_object(content)
    before, _ = _parts(content)
    return decode_object(before[len(_OUTSIDE) + _LENGTH_BYTES :]) if before else {}


def open_body(commit: SealedCommit, identity_key: bytes | None) -> dict[str, Value]:
    """Return the payload's fields, opening what is sealed to the site with its key.

    Raises:
        SealedAwayError: The payload is sealed and `identity_key` is missing or another site's.
        CommitUnreadableError: The payload is not in canonical form.
    """
    header = commit.parsed
    content = content_of(commit) if commit.payload.startswith(_REDACTED) else commit.payload
    if header.compartment not in _SEALED:
        return decode_object(content)
    if identity_key is None:
        raise SealedAwayError
    before, sealed = _parts(content)
    try:
        body = decode_object(crypto.decrypt_record(identity_key, sealed, _identity_aad(header.study) + before))
    except SealBrokenError:
        raise SealedAwayError from None
    return body | decode_object(before[len(_OUTSIDE) + _LENGTH_BYTES :]) if before else body

"""Payloads: what the body of each kind of commit says.

    data  operations on one form instance            subj  a subject gets its number
    blob  a finished document of a form instance     sec   something about security happened
    key   the identity key, sealed to a device       srv   a statement of the study's server
    inv   a person is invited at the laptop, offline
    query flag sign adj deleg  what is said about entries and people; see casebook.supervision
    attach  a photo or scan is attached to a form, or struck; see casebook.attachments
    link number  two subjects are one person, a subject gets another number; see casebook.subject_acts

A kind that is not listed comes from a newer release: it is stored and forwarded, and counted as
"needs a newer version".

Source: docs/record_format.md, section "Payloads".
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from casebook import attachments, operations, redaction, subject_acts, supervision
from casebook.attachments import AttachmentPayload, AttachPayload, StrikeAttachmentPayload
from casebook.canonical import Value, list_of, text_of
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitRef, DeviceId, SubjectId, UserId, commit_ref, device_id, subject_id, user_id
from casebook.ledger import SealedCommit, open_body
from casebook.records import FormKey, Operation, VisitKey
from casebook.redaction import RedactionPayload
from casebook.subject_acts import LinkPayload, NumberPayload
from casebook.supervision import (
    AdjudicationPayload,
    DelegationPayload,
    FlagPayload,
    QueryPayload,
    SignPayload,
    SupervisionPayload,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPayload:
    """One save of a form instance.

    Attributes:
        form_version: Hash of the form definition that was asked.
        reason: A reason common to the save.
        recovered_for: Set when the device sealed what this person had entered before a crash and
            has not confirmed since.
        seen: The saves of this form, in the shelf where this one lies, that its author had seen and no other of
            them had (`casebook.apart.ends`).
    """

    key: FormKey
    form_version: str
    operations: tuple[Operation, ...]
    reason: str | None = None
    recovered_for: UserId | None = None
    seen: tuple[CommitRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPayload:
    """A subject is added and gets its number."""

    subject: SubjectId
    number: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPayload:
    """A finished document, whole."""

    key: FormKey
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPayload:
    """Something about security happened: sign-in, print, export, recovery, a new epoch."""

    event: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrantPayload:
    """The site's identity key, sealed (HPKE) to one device's sealing key."""

    site: str
    device: DeviceId
    sealed_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPayload:
    """A statement of the study's server about a device or a person, as canonical fields."""

    statement: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPayload:
    """Somebody with that right lets a new person in at the laptop, without the server.

    The server states the account when the commit arrives, or says why not. Until then the person's keys are
    not certified and what they seal waits there.

    Attributes:
        device: The laptop, which is the one that seals this.
        signing: Ed25519, 32 raw bytes.
        sealing: X25519, 32 raw bytes.
        paper: RSA public key for PDF signatures, SubjectPublicKeyInfo DER.
    """

    user: UserId
    name: str
    role: str
    device: DeviceId
    signing: bytes
    sealing: bytes
    paper: bytes


Payload = (
    DataPayload
    | SubjectPayload
    | BlobPayload
    | SecurityPayload
    | KeyGrantPayload
    | ServerPayload
    | InvitationPayload
    | RedactionPayload
    | AttachmentPayload
    | LinkPayload
    | NumberPayload
    | SupervisionPayload
)

OUTSIDE = {attachments.KIND: attachments.OUTSIDE}
"""By kind: the fields that lie outside a seal (see `casebook.ledger.CommitDraft`)."""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CommitUnreadableError(why="bytes that are not base64") from None


def _key_fields(key: FormKey) -> dict[str, Value]:
    return {"s": key.subject, "ev": key.visit.visit, "er": key.visit.repeat, "f": key.form, "fr": key.repeat}


def _read_key(body: dict[str, Value]) -> FormKey:
    return FormKey(
        subject=subject_id(text_of(body, "s")),
        visit=VisitKey(visit=text_of(body, "ev"), repeat=text_of(body, "er")),
        form=text_of(body, "f"),
        repeat=text_of(body, "fr"),
    )


def _data_fields(payload: DataPayload) -> dict[str, Value]:
    body = _key_fields(payload.key) | {
        "fv": payload.form_version,
        "o": [operations.to_list(one) for one in payload.operations],
    }
    if payload.reason is not None:
        body["w"] = payload.reason
    if payload.recovered_for is not None:
        body["rv"] = payload.recovered_for
    if payload.seen:
        body["sn"] = list(payload.seen)
    return body


def write(payload: Payload) -> tuple[str, dict[str, Value]]:
    """Return the kind and the body's fields of a payload (the salt is added when it is sealed)."""
    match payload:
        case DataPayload():
            return "data", _data_fields(payload)
        case SubjectPayload(subject=subject, number=number, site=site):
            return "subj", {"s": subject, "no": number, "si": site}
        case BlobPayload(key=key, name=name, media_type=media, content=content):
            return "blob", _key_fields(key) | {"na": name, "mt": media, "x": _b64(content)}
        case SecurityPayload(event=event, fields=fields):
            return "sec", {"ev": event, "kv": _pairs(fields)}
        case KeyGrantPayload(site=site, device=device, sealed_key=sealed):
            return "key", {"si": site, "d": device, "x": _b64(sealed)}
        case ServerPayload(statement=statement, fields=fields):
            return "srv", {"ev": statement, "kv": _pairs(fields)}
        case InvitationPayload():
            return "inv", {
                "u": payload.user,
                "nm": payload.name,
                "ro": payload.role,
                "d": payload.device,
                "sk": _b64(payload.signing),
                "bk": _b64(payload.sealing),
                "rk": _b64(payload.paper),
            }
        case RedactionPayload():
            return redaction.write(payload)
        case AttachPayload(key=key) | StrikeAttachmentPayload(key=key):
            return attachments.write(payload, _key_fields(key))
        case LinkPayload() | NumberPayload():
            return subject_acts.write(payload)
        case _:
            return supervision.write(payload)


def _pairs(fields: Mapping[str, str]) -> list[Value]:
    return [[name, fields[name]] for name in sorted(fields)]


def _read_pairs(body: dict[str, Value]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in list_of(body, "kv"):
        match pair:
            case [str(name), str(value)]:
                fields[name] = value
            case _:
                raise CommitUnreadableError(why="a field that is not a pair of texts")
    return fields


def _read_data(body: dict[str, Value]) -> DataPayload:
    return DataPayload(
        key=_read_key(body),
        form_version=text_of(body, "fv"),
        operations=tuple(operations.from_list(one) for one in list_of(body, "o")),
        reason=text_of(body, "w") if "w" in body else None,
        recovered_for=user_id(text_of(body, "rv")) if "rv" in body else None,
        seen=tuple(commit_ref(str(one)) for one in list_of(body, "sn")) if "sn" in body else (),
    )


KINDS = frozenset(
    {"data", "subj", "blob", "sec", "key", "srv", "inv", "redact", attachments.KIND}
    | {*subject_acts.KINDS, *supervision.KINDS}
)
"""The kinds of commits that this release reads; others are kept, passed on and counted."""


def _read_said(kind: str, body: dict[str, Value]) -> Payload | None:
    if kind in subject_acts.KINDS:
        return subject_acts.read(kind, body)
    return supervision.read(kind, body) if kind in supervision.KINDS else None


def read(commit: SealedCommit, identity_key: bytes | None = None) -> Payload | None:
    """Return what a commit says; None for a kind or a version of the format that this release does not know.

    Raises:
        SealedAwayError: It is sealed to a key that is not at hand.
        CommitUnreadableError: It is not in the agreed form.
    """
    if commit.kept is not None:
        return cast("Payload", commit.kept)
    return None if commit.parsed.is_newer else _read(commit, identity_key)


def _read(commit: SealedCommit, identity_key: bytes | None) -> Payload | None:
    kind = commit.parsed.kind
    body = open_body(commit, identity_key)
    try:
        match kind:
            case "data":
                return _read_data(body)
            case "subj":
                return SubjectPayload(
                    subject=subject_id(text_of(body, "s")), number=text_of(body, "no"), site=text_of(body, "si")
                )
            case "blob":
                return BlobPayload(
                    key=_read_key(body),
                    name=text_of(body, "na"),
                    media_type=text_of(body, "mt"),
                    content=_bytes(text_of(body, "x")),
                )
            case "sec":
                return SecurityPayload(event=text_of(body, "ev"), fields=_read_pairs(body))
            case "key":
                return KeyGrantPayload(
                    site=text_of(body, "si"),
                    device=device_id(text_of(body, "d")),
                    sealed_key=_bytes(text_of(body, "x")),
                )
            case "srv":
                return ServerPayload(statement=text_of(body, "ev"), fields=_read_pairs(body))
            case "inv":
                return InvitationPayload(
                    user=user_id(text_of(body, "u")),
                    name=text_of(body, "nm"),
                    role=text_of(body, "ro"),
                    device=device_id(text_of(body, "d")),
                    signing=_bytes(text_of(body, "sk")),
                    sealing=_bytes(text_of(body, "bk")),
                    paper=_bytes(text_of(body, "rk")),
                )
            case "redact":
                return redaction.read(body)
            case attachments.KIND:
                return attachments.read(body, _read_key(body))
            case _:
                return _read_said(kind, body)
    except ValueError as error:
        raise CommitUnreadableError(why=str(error)) from None


def subject_of(commit: SealedCommit, identity_key: bytes | None = None) -> SubjectId | None:
    """Return the subject that a commit is about, or None when it is about none or sealed away.

    What this release cannot read is filed under the subject that it names, so that it is counted there, and shown
    there by a release that can.
    """
    try:
        match read(commit, identity_key):
            case (
                DataPayload(key=key) | BlobPayload(key=key) | AttachPayload(key=key) | StrikeAttachmentPayload(key=key)
            ):
                return key.subject
            case SubjectPayload(subject=subject) | RedactionPayload(subject=subject) | NumberPayload(subject=subject):
                return subject
            case LinkPayload(source=source):
                return source
            case QueryPayload() | FlagPayload() | SignPayload() | AdjudicationPayload() | DelegationPayload() as said:
                return supervision.about(said)
            case None:
                return _subject_named(commit, identity_key)
            case _:
                return None
    except SealedAwayError:
        return None
    except CommitUnreadableError:
        return _subject_named(commit, identity_key)


def _subject_named(commit: SealedCommit, identity_key: bytes | None) -> SubjectId | None:
    try:
        return subject_id(text_of(open_body(commit, identity_key), "s"))
    except (CommitUnreadableError, SealedAwayError, ValueError):
        return None

"""From each kind of commit to its acts.

`TELLERS` names a function for each kind. A new kind of record adds its own: it gets the header and what
`casebook.payloads.read` returned, and yields at least one `Act`, with `said` where the act has a sentence of
its own. A kind without a function, or that this release does not read, is told as "needs a newer version".

Source: docs/record_format.md, sections "Payloads", "Operations" and "Audit".
"""

from collections.abc import Iterator, Mapping

from casebook.attachments import AttachPayload, StrikeAttachmentPayload
from casebook.audit import subject_tellers, supervision_acts
from casebook.audit.act import Act, AuditContext, Deed, Teller
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ledger import Header, SealedCommit
from casebook.operations import UNKNOWN
from casebook.payloads import (
    BlobPayload,
    DataPayload,
    KeyGrantPayload,
    Payload,
    SecurityPayload,
    ServerPayload,
    SubjectPayload,
)
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Document,
    Fired,
    ItemPath,
    Mark,
    Note,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)
from casebook.redaction import RedactionPayload

_REASONS = ("reason", "why")
"""Names of an event's fields that say why; they stand in the column of reasons."""


def acts_of(
    commit: SealedCommit, context: AuditContext, tellers: Mapping[str, Teller] | None = None
) -> tuple[Act, ...]:
    """Return what a commit says, act by act: at least one, also where it cannot be read."""
    header = commit.parsed
    try:
        payload = context.read(commit)
    except SealedAwayError:
        return (Act(deed=Deed.SEALED_AWAY),)
    except CommitUnreadableError as error:
        return (Act(deed=Deed.NEWER if error.fields.get("why") == UNKNOWN else Deed.UNREADABLE),)
    teller = (TELLERS if tellers is None else tellers).get(header.kind)
    if payload is None or teller is None:
        return (Act(deed=Deed.NEWER, what=header.kind),)
    return tuple(teller(header, payload)) or (Act(deed=Deed.NO_CHANGE),)


# -- data -----------------------------------------------------------------------------------------------


def tell_data(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell one save of a form: a line for each operation that changes something."""
    if not isinstance(payload, DataPayload):
        return
    told = False
    for operation in payload.operations:
        act = _operation(operation, payload)
        if act is not None:
            told = True
            yield act
    if not told:
        yield _act(payload, Deed.NO_CHANGE)


def _act(
    payload: DataPayload,
    deed: Deed,
    *,
    path: ItemPath | None = None,
    reason: str | None = None,
    what: str = "",
    reading: Reading | None = None,
) -> Act:
    return Act(
        deed=deed,
        key=payload.key,
        path=path,
        form_version=payload.form_version,
        reading=reading or Reading(),
        reason=reason or payload.reason or "",
        what=what,
        author=payload.recovered_for,
    )


def _operation(operation: Operation, payload: DataPayload) -> Act | None:
    match operation:
        case SetItem(path=path, reading=reading, bases=bases, reason=reason):
            return Act(
                deed=Deed.ENTERED,
                key=payload.key,
                path=path,
                form_version=payload.form_version,
                reading=reading,
                bases=bases,
                reason=reason or payload.reason or "",
                author=payload.recovered_for,
            )
        case AddRow(group=group, row=row):
            return _act(payload, Deed.ROW_ADDED, path=ItemPath(group=group, item="", row=row))
        case StrikeRow(group=group, row=row, reason=reason):
            return _act(payload, Deed.ROW_STRUCK, path=ItemPath(group=group, item="", row=row), reason=reason)
        case Mark(flag=flag, on=on):
            return _act(payload, Deed.MARKED if on else Deed.UNMARKED, what=flag)
        case Confirmation(check=check, path=path, value=value, reason=reason):
            return _act(payload, Deed.CONFIRMED, path=path, reason=reason, what=check, reading=Reading(value=value))
        case Fired(check=check, path=path, fires=fires):
            return _act(payload, Deed.FIRED if fires else Deed.CLOSED, path=path, what=check)
        case Document(name=name):
            return _act(payload, Deed.DOCUMENT, what=name)
        case Note(path=path, text=text):
            return _act(payload, Deed.NOTE, path=path, reason=text)
        case Sitting() | Calculated():
            return None


# -- the other kinds ------------------------------------------------------------------------------------


def tell_subject(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a subject got its number."""
    if isinstance(payload, SubjectPayload):
        yield Act(deed=Deed.SUBJECT_ADDED, subject=payload.subject, what=payload.number)


def tell_document(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a finished document was kept."""
    if isinstance(payload, BlobPayload):
        yield Act(
            deed=Deed.DOCUMENT,
            key=payload.key,
            what=payload.name,
            details={"size": f"{len(payload.content)} B", "type": payload.media_type},
        )


def tell_attachment(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a file was attached to a form, or struck."""
    if isinstance(payload, AttachPayload):
        details = {"size": f"{payload.size_bytes} B", "type": payload.media_type, "sha256": payload.sha256}
        yield Act(deed=Deed.ATTACHED, key=payload.key, path=payload.path, what=payload.name, details=details)
    elif isinstance(payload, StrikeAttachmentPayload):
        yield Act(deed=Deed.ATTACHMENT_STRUCK, key=payload.key, what=payload.attachment[:8], reason=payload.reason)


def tell_event(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell something that happened around security."""
    if isinstance(payload, SecurityPayload):
        yield _named(Deed.EVENT, payload.event, payload.fields)


def tell_statement(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell what the study's server stated."""
    if isinstance(payload, ServerPayload):
        yield _named(Deed.STATEMENT, payload.statement, payload.fields)


def _named(deed: Deed, name: str, fields: Mapping[str, str]) -> Act:
    reason = next((fields[one] for one in _REASONS if one in fields), "")
    return Act(
        deed=deed,
        name=name,
        what=name,
        reason=reason,
        details={one: text for one, text in fields.items() if one not in _REASONS},
    )


def tell_key(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a laptop was handed the key to identity data."""
    if isinstance(payload, KeyGrantPayload):
        yield Act(deed=Deed.KEY_GRANTED, details={"device": payload.device})


def tell_redaction(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a value was taken out of the record, by whom and with whom, and why: a line for each place."""
    if isinstance(payload, RedactionPayload):
        for path in payload.paths or (None,):
            yield Act(
                deed=Deed.REDACTED,
                subject=payload.subject,
                path=path,
                what=payload.commit,
                reason=payload.reason,
                details={"second": payload.second},
            )


TELLERS: Mapping[str, Teller] = {
    "data": tell_data,
    "subj": tell_subject,
    "attach": tell_attachment,
    "blob": tell_document,
    "sec": tell_event,
    "key": tell_key,
    "srv": tell_statement,
    "redact": tell_redaction,
    "query": supervision_acts.tell_query,
    "flag": supervision_acts.tell_flag,
    "sign": supervision_acts.tell_signature,
    "adj": supervision_acts.tell_ruling,
    "deleg": supervision_acts.tell_delegation,
    "inv": supervision_acts.tell_invitation,
    "link": subject_tellers.tell_link,
    "number": subject_tellers.tell_number,
}

"""Taking a value out of the record: two people with a reason, and every copy forgets it.

A redaction is a commit (kind `redact`) that names another one and the places in it whose values go. It carries
what is left (`x`, of hash `ph2`) and is signed twice: by its author as a commit, and by a second person over
`CRF-redact-v1`. Every holder puts it in the place of the payload it redacts: a copy that comes alone still
proves why its content is another than the one that was sealed. Header, signature, number and links stay.

The salt of the payload goes too; with it, a likely value could be found again from the hash in the header.

Nothing here reads a disk.

Source: docs/record_format.md, section "Redaction"; ICH E6(R3) 4.2.2; GDPR Art. 17; PIPL Art. 47.
"""

import base64
import binascii
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from casebook import crypto, ledger
from casebook.canonical import Value, encode, list_of, text_of
from casebook.errors import (
    CommitUnreadableError,
    CommitUntrustedError,
    NothingToRedactError,
    ReasonRequiredError,
    SecondSignerRefusedError,
)
from casebook.ids import CommitId, DeviceId, KeyId, SubjectId, UserId, commit_id, subject_id, user_id
from casebook.ledger import REDACTION, Header, SealedCommit
from casebook.records import ItemPath

REDACTED = "█"
"""What stands where a value was."""
REDACT_DOMAIN = "CRF-redact-v1"
_DATA, _DOCUMENT, _ATTACHMENT = "data", "blob", "attach"
_HIDDEN_OF_ATTACHMENT: dict[str, Value] = {"na": REDACTED, "hs": "", "ck": "", "ch": []}
"""Name, hash, key and chunks: without the key the chunks cannot be read, and nobody keeps what no commit names."""
_ACTORS = frozenset({"device", "server"})
"""Authors that are no people."""
_HIDDEN = {"=": (1, (4, 7)), "c": (1, (4,)), "t": (2, (5, 6)), "n": (1, (4,))}
"""By operation: where group, row and item stand, and which fields are the person's values and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionPayload:
    """What a redaction says.

    Attributes:
        commit: The commit that is redacted.
        subject: Whom it is about.
        paths: The places whose values and reasons are replaced; none for a whole document.
        content: What is left, as bytes in the place of the payload; sealed where that was.
        second: The second person; `second_key` and `second_signature` are theirs (Ed25519, 64 bytes).
    """

    commit: CommitId
    subject: SubjectId
    paths: tuple[ItemPath, ...]
    content: bytes
    reason: str
    second: UserId
    second_key: KeyId
    second_signature: bytes


KeyOf = Callable[[Header], bytes | None]
"""The key under which a commit must verify, None while its author is not certified."""
PersonKeyOf = Callable[[UserId, DeviceId, KeyId], bytes | None]
"""A person's certified key on a laptop, None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who may sign what, as far as a redaction asks (see `casebook.sync.trust.Directory`)."""

    key: KeyOf
    person_key: PersonKeyOf
    may_write: Callable[[Header], bool]


# -- making one -----------------------------------------------------------------------------------------


def build_redaction(
    commit: SealedCommit,
    paths: Collection[ItemPath],
    reason: str,
    *,
    first: UserId,
    second: UserId,
    second_signer: crypto.SigningKey,
    may_redact: Callable[[UserId], bool],
    identity_key: bytes | None = None,
) -> RedactionPayload:
    """Return the redaction that `first` is to seal, in the same shelf and for the same site as `commit`.

    Both have given their passphrase again; that is for the caller to see to.

    Args:
        commit: The commit whose values go, of kind data, blob or attach.
        paths: Items of a saved form; none for a whole document or attachment.
        second_signer: The second person's key on this laptop.
        may_redact: Tells whether a person has the right to redact.

    Raises:
        ReasonRequiredError: No reason was given.
        SecondSignerRefusedError: The second is the first, or one of them has no such right.
        NothingToRedactError: There is no value at these places, or the commit was redacted already.
        SealedAwayError: The payload is sealed to a key that is not at hand.
    """
    if not reason.strip():
        raise ReasonRequiredError(item="")
    if first == second or _ACTORS & {first, second} or not (may_redact(first) and may_redact(second)):
        raise SecondSignerRefusedError(person=second)
    if ledger.redaction_of(commit) is not None:
        raise NothingToRedactError(commit=commit.id[:8])
    body = ledger.open_body(commit, identity_key)
    places = tuple(sorted(set(paths)))
    content = ledger.reseal_content(commit, _redacted(commit, body, places), identity_key)
    payload = RedactionPayload(
        commit=commit.id,
        subject=subject_id(text_of(body, "s")),
        paths=places,
        content=content,
        reason=reason,
        second=second,
        second_key=second_signer.id,
        second_signature=b"",
    )
    message = _message(payload, commit.parsed.study, first)
    return replace(payload, second_signature=second_signer.sign(REDACT_DOMAIN, message))


def _redacted(commit: SealedCommit, body: dict[str, Value], paths: tuple[ItemPath, ...]) -> dict[str, Value]:
    """Return a body without the values. Raises NothingToRedactError where there are none."""
    left = dict(body) | {"n": ""}
    match commit.parsed.kind:
        case "data" if paths:
            operations = [_hidden(one, paths) for one in list_of(body, "o")]
            left["o"] = operations
            gone = {path for path in paths if any(_is_at(one, path) for one in list_of(body, "o"))}
            if gone != set(paths) or operations == list_of(body, "o"):
                raise NothingToRedactError(commit=commit.id[:8])
        case "blob" if not paths:
            left["x"] = ""
        case "attach" if not paths and body.get("ck"):
            left |= _HIDDEN_OF_ATTACHMENT
        case _:
            raise NothingToRedactError(commit=commit.id[:8])
    return left


def _is_at(operation: Value, path: ItemPath) -> bool:
    if not isinstance(operation, list) or not operation or operation[0] not in _HIDDEN:
        return False
    start = _HIDDEN[str(operation[0])][0]
    return operation[start : start + 3] == [path.group, path.row, path.item]


def _hidden(operation: Value, paths: tuple[ItemPath, ...]) -> Value:
    if not isinstance(operation, list) or not any(_is_at(operation, path) for path in paths):
        return operation
    _, fields = _HIDDEN[str(operation[0])]
    return [REDACTED if place in fields and part is not None else part for place, part in enumerate(operation)]


def _message(payload: RedactionPayload, study: str, first: UserId) -> bytes:
    return encode(
        {
            "st": study,
            "cm": payload.commit,
            "pa": _places(payload),
            "ph2": crypto.sha256(payload.content).hex(),
            "w": payload.reason,
            "u": first,
            "su": payload.second,
        }
    )


# -- its bytes ------------------------------------------------------------------------------------------


def _places(payload: RedactionPayload) -> list[Value]:
    return [[path.group, path.row, path.item] for path in payload.paths]


def write(payload: RedactionPayload) -> tuple[str, dict[str, Value]]:
    """Return the kind and the body's fields (the salt is added when it is sealed)."""
    return REDACTION, {
        "cm": payload.commit,
        "s": payload.subject,
        "pa": _places(payload),
        "ph2": crypto.sha256(payload.content).hex(),
        "x": base64.b64encode(payload.content).decode("ascii"),
        "w": payload.reason,
        "su": payload.second,
        "sk": payload.second_key,
        "sg": base64.b64encode(payload.second_signature).decode("ascii"),
    }


def read(body: dict[str, Value]) -> RedactionPayload:
    """Return what a body says.

    Raises:
        CommitUnreadableError, ValueError: It is in another form, or its content is not the one that it names.
    """
    paths: list[ItemPath] = []
    for one in list_of(body, "pa"):
        match one:
            case [str(group), str(row), str(item)]:
                paths.append(ItemPath(group=group, row=row, item=item))
            case _:
                raise CommitUnreadableError(why="a place in another form")
    payload = RedactionPayload(
        commit=commit_id(text_of(body, "cm")),
        subject=subject_id(text_of(body, "s")),
        paths=tuple(paths),
        content=_bytes(text_of(body, "x")),
        reason=text_of(body, "w"),
        second=user_id(text_of(body, "su")),
        second_key=KeyId(text_of(body, "sk")),
        second_signature=_bytes(text_of(body, "sg")),
    )
    if crypto.sha256(payload.content).hex() != text_of(body, "ph2"):
        raise CommitUnreadableError(why="a redaction whose content is another")
    return payload


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CommitUnreadableError(why="bytes that are not base64") from None


# -- believing one --------------------------------------------------------------------------------------


def check_redaction(redaction: SealedCommit, authority: Authority) -> RedactionPayload:
    """Return what a redaction says, once both signatures verify.

    Raises:
        CommitUnreadableError: It is not in the agreed form.
        CommitUntrustedError: A signature, key, person or content is not right; it then has no effect.
    """
    header = redaction.parsed
    if header.kind != REDACTION or ledger.redaction_of(redaction) is not None:
        raise CommitUntrustedError(why="no redaction")
    key = authority.key(header)
    if key is None or header.author in _ACTORS:
        raise CommitUntrustedError(why="a redaction by nobody who is certified")
    ledger.verify(redaction, key)
    try:
        payload = read(ledger.open_body(redaction, None))
    except ValueError as error:
        raise CommitUnreadableError(why=str(error)) from None
    if payload.second == header.author or not payload.reason.strip():
        raise CommitUntrustedError(why="a redaction without a second person or a reason")
    second = authority.person_key(payload.second, header.device, payload.second_key)
    if second is None or not authority.may_write(replace(header, author=payload.second)):
        raise CommitUntrustedError(why="a redaction whose second person is not certified")
    message = _message(payload, header.study, header.author)
    if not crypto.signature_holds(second, REDACT_DOMAIN, message, payload.second_signature):
        raise CommitUntrustedError(why="a redaction whose second signature is wrong")
    return payload


def fits(redaction: SealedCommit, commit: SealedCommit) -> bool:
    """Tell whether a redaction may take values out of a commit: it names it, of its site, shelf and a fitting kind."""
    mine, its = redaction.parsed, commit.parsed
    return (
        its.kind in {_DATA, _DOCUMENT, _ATTACHMENT}
        and (mine.study, mine.site, mine.shelf) == (its.study, its.site, its.shelf)
        and text_of(ledger.open_body(redaction, None), "cm") == commit.id
    )


def check_redacted(commit: SealedCommit, authority: Authority) -> None:
    """Check what stands in the place of a commit's payload, where it was redacted.

    Raises:
        CommitUnreadableError, CommitUntrustedError: As `check_redaction`; or the redaction is of another commit.
    """
    redaction = ledger.redaction_of(commit)
    if redaction is None:
        return
    check_redaction(redaction, authority)
    if not fits(redaction, commit):
        raise CommitUntrustedError(why="a redaction of another record")

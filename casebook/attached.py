"""The attachments of a form as they stand: a function of the acts held, in whatever order they came.

Source: docs/record_format.md, section "Attachments".
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from casebook.attachments import AttachmentPayload, AttachPayload, StrikeAttachmentPayload, open_file
from casebook.clock import Moment
from casebook.errors import AttachmentBrokenError, AttachmentElsewhereError, AttachmentGoneError, SealBrokenError
from casebook.ids import CommitId, DeviceId, UserId
from casebook.ledger import SealedCommit


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentAct:
    """A file was attached, or struck through: the commit that says so."""

    payload: AttachmentPayload
    commit: CommitId
    author: UserId
    device: DeviceId
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment:
    """An attachment as it stands.

    Attributes:
        act: The commit that attached it.
        struck: The strike that stands, the earliest of several; None while there is none.
        held: A verdict holds it: it is shown, and counts for nothing.
    """

    payload: AttachPayload = field(repr=False)
    act: AttachmentAct = field(repr=False)
    struck: AttachmentAct | None = None
    held: bool = False

    @property
    def commit(self) -> CommitId:
        """The commit that attached it: by it an attachment is named."""
        return self.act.commit

    @property
    def struck_reason(self) -> str | None:
        """Why it was struck; None while it was not."""
        struck = self.struck.payload if self.struck is not None else None
        return struck.reason if isinstance(struck, StrikeAttachmentPayload) else None

    @property
    def stands(self) -> bool:
        """Whether it is part of the form: neither struck, held nor taken out of the record."""
        return self.struck is None and not self.held and not self.payload.redacted


def act_of(payload: AttachmentPayload, commit: SealedCommit) -> AttachmentAct:
    """Return the act that a commit is."""
    header = commit.parsed
    return AttachmentAct(
        payload=payload, commit=commit.id, author=header.author, device=header.device, moment=header.moment
    )


def standing(acts: Iterable[AttachmentAct], held: Collection[CommitId]) -> tuple[StoredAttachment, ...]:
    """Return the attachments that acts make, the first attached first.

    Args:
        held: Commits that a verdict holds; a strike among them has no effect.
    """
    in_order = sorted(acts, key=lambda one: (one.moment.utc_ms, one.commit))
    struck: dict[CommitId, AttachmentAct] = {}
    for one in in_order:
        if isinstance(one.payload, StrikeAttachmentPayload) and one.commit not in held:
            struck.setdefault(one.payload.attachment, one)
    return tuple(
        StoredAttachment(payload=one.payload, act=one, struck=struck.get(one.commit), held=one.commit in held)
        for one in in_order
        if isinstance(one.payload, AttachPayload)
    )


def open_stored(one: StoredAttachment, get: Callable[[str], bytes | None]) -> bytes:
    """Return the file that was attached.

    Args:
        get: Returns a chunk by its name; None for one that is not here.

    Raises:
        AttachmentElsewhereError: A part is not here.
        AttachmentBrokenError: Its parts do not make the file that was attached.
        AttachmentGoneError: It was taken out of the record.
    """
    payload = one.payload
    if payload.redacted:
        raise AttachmentGoneError
    parts = [get(name) for name in payload.chunks]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        raise AttachmentElsewhereError(name=payload.name, percent=100 * len(whole) // len(parts))
    try:
        return open_file(payload, whole)
    except SealBrokenError:
        raise AttachmentBrokenError(name=payload.name) from None

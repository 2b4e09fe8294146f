"""What windows are told of attachments: frozen facts, no code behind them."""

from dataclasses import dataclass
from datetime import datetime

from casebook.design import Text
from casebook.ids import CommitId
from casebook.records import FormKey, ItemPath

WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """One attachment of a form.

    Attributes:
        path: The item that it is about; None for the whole form. `item`: its name in words, "" for the form.
        sha256: Of the file, 64 hex digits; "" where it was taken out of the record.
        author: Who attached it, by name; `laptop`: the letter of the laptop it came from.
        struck: Why it was struck through; None while it was not. `struck_by`, `struck_at`: who and when.
        held: A verdict holds it.
        redacted: It was taken out of the record.
        here_percent: How much of it is on this laptop, 0 to 100.
        server_percent: How much of it the server has, by its signed word.
        wanted: It is fetched with the next exchange.
        own: It was attached on this laptop.
    """

    commit: CommitId
    path: ItemPath | None
    item: Text
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    author: str
    at: datetime
    laptop: str
    struck: str | None
    struck_by: str
    struck_at: datetime | None
    held: bool
    redacted: bool
    here_percent: int
    server_percent: int
    wanted: bool
    own: bool

    @property
    def is_here(self) -> bool:
        """Whether all of it is on this laptop."""
        return self.here_percent >= WHOLE_PERCENT

    @property
    def is_at_server(self) -> bool:
        """Whether the server has all of it."""
        return self.server_percent >= WHOLE_PERCENT


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsView:
    """The attachments of a form.

    Attributes:
        where: Form, visit and subject number in words.
        rows: The first attached first; struck ones too.
        why_not: Why the signed-in person attaches and strikes nothing here; None where they may.
    """

    key: FormKey
    where: Text
    rows: tuple[AttachmentRow, ...]
    why_not: Text | None = None

    @property
    def standing(self) -> int:
        """How many stand: neither struck, held nor taken out of the record."""
        return sum(1 for row in self.rows if row.struck is None and not row.held and not row.redacted)

"""What is kept of the bundles that were written here: number, when, to whom, up to where, answered or not.

Each shelf's log keeps its own notes under the same numbers: what a note of shelf S says is of shelf S alone.

Source: docs/sync_protocol.md, section "Bundles".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from casebook.canonical import Value, decode_object, encode, int_of, list_of, text_of
from casebook.errors import CommitUnreadableError
from casebook.ids import commit_id, device_id, epoch
from casebook.ledger import ChainHead
from casebook.store import CommitLog

TO_SERVER = "server"
_LAST = "bundle_last"
_NOTE = "bundle."
"""Begins the setting of one bundle; its number follows."""
_ROOM = "bundle_room"
_PEER = "bundle_peer."
"""Begins the setting of what another laptop said it holds; its id follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedBundle:
    """A bundle that was written here.

    Attributes:
        made_at: When, by this laptop's clock (milliseconds since 1970 UTC).
        recipient: `server`, or the id of a laptop.
        heads: The ends of the chains of which it carries something, in this shelf.
        replied: An answer to it, or to a later one, was read.
        count: Commits in it, of this shelf.
        id: Its name: 32 hex digits.
        files: Names of its files.
        attached: Attachments of which something is in it, of this shelf; `left_out`: those that stayed behind.
    """

    number: int
    made_at: int
    recipient: str
    heads: tuple[ChainHead, ...]
    replied: bool
    count: int
    id: str
    files: tuple[str, ...] = ()
    attached: int = 0
    left_out: int = 0


def noted(log: CommitLog) -> tuple[NotedBundle, ...]:
    """Return the bundles that were written here with something of this shelf's log, oldest first."""
    found = (_read(number, log.setting(f"{_NOTE}{number}")) for number in range(1, last_number(log) + 1))
    return tuple(one for one in found if one is not None)


def last_number(log: CommitLog) -> int:
    """Return the number of the last bundle, 0 before the first."""
    return int(log.setting(_LAST) or "0")


def take_number(log: CommitLog, at_least: int = 1) -> int:
    """Return the next free number, and use it up."""
    number = max(last_number(log) + 1, at_least)
    log.set_setting(_LAST, str(number))
    return number


def note(log: CommitLog, bundle: NotedBundle) -> None:
    """Keep what a bundle carries of this shelf."""
    log.set_setting(
        f"{_NOTE}{bundle.number}",
        encode(
            {
                "at": bundle.made_at,
                "to": bundle.recipient,
                "id": bundle.id,
                "re": int(bundle.replied),
                "n": bundle.count,
                "fn": list(bundle.files),
                "h": _write_heads(bundle.heads),
                "ac": [bundle.attached, bundle.left_out],
            }
        ).decode("utf-8"),
    )
    if last_number(log) < bundle.number:
        log.set_setting(_LAST, str(bundle.number))


def note_reply(log: CommitLog, answers: str) -> NotedBundle | None:
    """Note that a bundle was answered, with those before it to the same recipient; return it where it is known."""
    bundles = noted(log)
    answered = next((one for one in bundles if one.id == answers), None)
    if answered is not None:
        for one in bundles:
            if one.recipient == answered.recipient and one.number <= answered.number and not one.replied:
                note(log, replace(one, replied=True))
    return answered


def _read(number: int, text: str | None) -> NotedBundle | None:
    if text is None:
        return None
    try:
        record = decode_object(text.encode("utf-8"))
        attached, left_out = _two(list_of(record, "ac") if "ac" in record else [0, 0])
        return NotedBundle(
            number=number,
            made_at=int_of(record, "at"),
            recipient=text_of(record, "to"),
            heads=_read_heads(list_of(record, "h")),
            replied=int_of(record, "re") == 1,
            count=int_of(record, "n"),
            id=text_of(record, "id"),
            files=tuple(str(one) for one in list_of(record, "fn")),
            attached=attached,
            left_out=left_out,
        )
    except (CommitUnreadableError, ValueError):
        return None


def _two(values: list[Value]) -> tuple[int, int]:
    match values:
        case [int(first), int(second)]:
            return first, second
        case _:
            raise CommitUnreadableError(why="two counts in another form")


def _write_heads(heads: Iterable[ChainHead]) -> list[Value]:
    return [[one.device, one.epoch, one.sequence, one.id or ""] for one in heads]


def _read_heads(values: Iterable[Value]) -> tuple[ChainHead, ...]:
    heads: list[ChainHead] = []
    for value in values:
        match value:
            case [str(device), str(epoch_), int(sequence), str(id_)]:
                head = ChainHead(device=device_id(device), epoch=epoch(epoch_), sequence=sequence, id=commit_id(id_))
                heads.append(head)
            case _:
                raise CommitUnreadableError(why="a chain in another form")
    return tuple(heads)


# -- room and peers ----------------------------------------------------------------------------------


def room(log: CommitLog, whose: str = "") -> int:
    """Return how many bytes of files are kept for shelf U, from an earlier bundle; 0 for the least.

    Kept in the log of shelf S, so that a session without shelf U keeps as much: the length of a file tells nothing.
    """
    return int(log.setting(_ROOM + whose) or "0")


def widen(log: CommitLog, size_bytes: int, whose: str = "") -> int:
    """Note that so much was needed; returns what is kept from now on. It never becomes less."""
    kept = room(log, whose)
    if size_bytes > kept:
        log.set_setting(_ROOM + whose, str(size_bytes))
    return max(kept, size_bytes)


def heard_heads(log: CommitLog, device: str) -> tuple[ChainHead, ...]:
    """Return the ends of chains that another laptop named last, () for one that was never heard."""
    text = log.setting(_PEER + device)
    if text is None:
        return ()
    try:
        return _read_heads(list_of(decode_object(text.encode("utf-8")), "h"))
    except (CommitUnreadableError, ValueError):
        return ()


def keep_heard_heads(log: CommitLog, device: str, heads: Iterable[ChainHead]) -> None:
    """Keep what another laptop said it holds."""
    log.set_setting(_PEER + device, encode({"h": _write_heads(heads)}).decode("ascii"))

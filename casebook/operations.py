"""Operations as canonical lists, and back.

    ["=", group, row, item, value, missing, bases, reason]   SetItem
    ["u", group, row, bases]                                  Sitting
    ["+", group, row]                                         AddRow: a new row
    ["+", group, row, bases, reason]                          AddRow: a row that somebody struck stays
    ["-", group, row, reason, bases]                          StrikeRow; without bases where there are none
    ["c", group, row, item, value]                            Calculated
    ["m", flag, on, bases]                                    Mark (on: 1 or 0)
    ["t", check, group, row, item, value, reason]             Confirmation ("confirmed true")
    ["f", check, group, row, item, fires]                     Fired (fires: 1 or 0)
    ["b", name, sha256, size, media type]                     Document
    ["n", group, row, item, text]                             Note

Source: docs/record_format.md, section "Operations".
"""

from functools import lru_cache

from casebook.canonical import Value
from casebook.errors import CommitUnreadableError
from casebook.ids import CommitRef, commit_ref
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Document,
    Fired,
    ItemPath,
    Mark,
    MissingCode,
    Note,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)

_ENTRY_PARTS = 8
UNKNOWN = "an unknown operation"
"""Why a commit cannot be read that a newer release made."""


def to_list(operation: Operation) -> list[Value]:
    """Return the canonical list of an operation."""
    match operation:
        case SetItem(path=path, reading=reading, bases=bases, reason=reason):
            missing = str(reading.missing) if reading.missing else None
            return ["=", path.group, path.row, path.item, reading.value, missing, list(bases), reason]
        case Sitting(group=group, row=row, bases=bases):
            return ["u", group, row, list(bases)]
        case AddRow(group=group, row=row, bases=bases, reason=reason):
            return ["+", group, row, list(bases), reason] if bases else ["+", group, row]
        case StrikeRow(group=group, row=row, reason=reason, bases=bases):
            return ["-", group, row, reason, list(bases)] if bases else ["-", group, row, reason]
        case Calculated(path=path, value=value):
            return ["c", path.group, path.row, path.item, value]
        case Mark(flag=flag, on=on, bases=bases):
            return ["m", flag, int(on), list(bases)]
        case Confirmation(check=check, path=path, value=value, reason=reason):
            return ["t", check, path.group, path.row, path.item, value, reason]
        case Fired(check=check, path=path, fires=fires):
            return ["f", check, path.group, path.row, path.item, int(fires)]
        case Document(name=name, sha256=sha256, size_bytes=size_bytes, media_type=media_type):
            return ["b", name, sha256, size_bytes, media_type]
        case Note(path=path, text=text):
            return ["n", path.group, path.row, path.item, text]


def _bases(value: Value) -> tuple[CommitRef, ...]:
    if value == []:
        return ()
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise CommitUnreadableError(why="bases are not a list of references")
    return tuple(commit_ref(str(part)) for part in value)


def from_list(value: Value) -> Operation:
    """Return the operation that a canonical list spells. Raises CommitUnreadableError."""
    try:
        return _plain_entry(value) or _from_list(value)
    except ValueError:
        raise CommitUnreadableError(why="an operation with a bad reference or code") from None


def _plain_entry(value: Value) -> SetItem | None:
    """Return an entry of a value that replaces nothing, as nearly all operations are; None for all others."""
    if type(value) is not list or len(value) != _ENTRY_PARTS:
        return None
    kind, group, row, item, text, missing, bases, reason = value
    if kind != "=" or missing is not None or bases != [] or reason is not None:
        return None
    if type(group) is str and type(row) is str and type(item) is str and type(text) is str:
        return SetItem(path=_path(group, row, item), reading=Reading(value=text))
    return None


@lru_cache(maxsize=4096)
def _path(group: str, row: str, item: str) -> ItemPath:
    return ItemPath(group=group, row=row, item=item)


def _from_list(value: Value) -> Operation:  # the kinds, one line each
    match value:
        case [
            "=",
            str(group),
            str(row),
            str(item),
            str() | None as text,
            str() | None as code,
            bases,
            str() | None as why,
        ]:
            reading = Reading(value=text, missing=MissingCode(code) if code else None)
            return SetItem(path=_path(group, row, item), reading=reading, bases=_bases(bases), reason=why)
        case ["u", str(group), str(row), bases]:
            return Sitting(group=group, row=row, bases=_bases(bases))
        case ["+", str(group), str(row)]:
            return AddRow(group=group, row=row)
        case ["+", str(group), str(row), bases, str() | None as why]:
            return AddRow(group=group, row=row, bases=_bases(bases), reason=why)
        case ["-", str(group), str(row), str(reason), *rest] if len(rest) <= 1:
            return StrikeRow(group=group, row=row, reason=reason, bases=_bases(rest[0]) if rest else ())
        case ["c", str(group), str(row), str(item), str() | None as text]:
            return Calculated(path=_path(group, row, item), value=text)
        case ["m", str(flag), int(on), bases] if on in (0, 1):
            return Mark(flag=flag, on=bool(on), bases=_bases(bases))
        case ["t", str(check), str(group), str(row), str(item), str() | None as text, str(reason)]:
            return Confirmation(check=check, path=ItemPath(group=group, row=row, item=item), value=text, reason=reason)
        case ["f", str(check), str(group), str(row), str(item), int(fires)] if fires in (0, 1):
            return Fired(check=check, path=ItemPath(group=group, row=row, item=item), fires=bool(fires))
        case ["b", str(name), str(sha256), int(size), str(media)]:
            return Document(name=name, sha256=sha256, size_bytes=size, media_type=media)
        case ["n", str(group), str(row), str(item), str(text)]:
            return Note(path=ItemPath(group=group, row=row, item=item), text=text)
        case _:
            raise CommitUnreadableError(why=UNKNOWN)

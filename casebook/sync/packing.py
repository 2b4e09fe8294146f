"""How commits are packed into the body of a COMMITS frame, and come out of it byte for byte.

A commit is mostly words that both ends know and random bytes that no packer makes smaller. So what the receiver
can work out is left out (a payload's hash; of a commit that follows another, its parent, number and whatever is
as it was), random bytes travel as bytes beside the text, and the text is packed with the words of the format.

    body    u8 form | form 2: 4 bytes that name the commit before | length, 7 bits a byte | packed text | bytes
    text    a line for each header, then a line for each payload
    header  [ms since, ms of uptime beside it, {fields that differ}] | {all fields but the hash} | !bytes as they are
    payload {..} | !bytes as they are

In the text a control character stands for a quoted text of fixed form (an id, a hash, a salt), whose bytes are
among `bytes`: 1 to 5 tell the form of a new one, 6 and a letter name one of those last seen. Others stand for
what is between two entries, and entered values go into a column of their own, the last line. The signatures come
last. Nothing is trusted here: a commit that is rebuilt otherwise than it was sealed does not verify.

Source: docs/sync_protocol.md, section "Commits in a frame"; RFC 8878.
"""

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import zstandard

from casebook import crypto
from casebook.canonical import Value, decode_object, encode
from casebook.errors import CommitUnreadableError, FrameCorruptError, TooLargeError
from casebook.ledger import MAX_PAYLOAD_BYTES, SIGNATURE_BYTES, SealedCommit
from casebook.sync.wire_words import WORDS

MAX_COMMITS_BYTES = MAX_PAYLOAD_BYTES + 64 * 1024
"""Most that a body may hold when unpacked: one largest commit with its header."""
_FREE_BYTES, _MOST_TIMES = 64 * 1024, 64
"""A text of more than the first may be so many times its packed size longer: else some hundred bytes from whoever
means harm would keep a receiver busy for a second and cost it hundreds of megabytes."""
TAG_BYTES = 4
"""How much of its hash names the commit before, among the few that both ends know to be meant."""
_ALONE, _AFTER = 1, 2
_MAGIC = b"\x28\xb5\x2f\xfd"
_HARD, _LIGHT = 19, 9
_HARD_BYTES = 256 * 1024
"""Up to this size the packer takes its time: small frames are what slow links carry."""
_LATELY = 64
"""How many texts of fixed form are remembered, the last one seen first."""
_LETTERS = 0x40
_KNOWN = 6
_MOST_DIGITS = 9
_MORE = 0x80
"""In a length: another byte follows."""
_MOST_LENGTH_BYTES = 4

Find = Callable[[bytes], SealedCommit | None]
"""Returns the commit that a tag names, or None."""


class BaseUnknownError(Exception):
    """A frame continues a commit that is not known here: its sender guessed wrong and will send it otherwise."""


# -- texts of fixed form -----------------------------------------------------------------------------


def _base64url(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _as_base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@dataclass(frozen=True, slots=True)
class _Form:
    """A text of fixed form: how many bytes it is, how it is read and written."""

    size_bytes: int
    read: Callable[[bytes], bytes]
    write: Callable[[bytes], bytes]


_HEX: tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]] = (
    lambda text: bytes.fromhex(text.decode("ascii")),
    lambda data: data.hex().encode("ascii"),
)
_FORMS = {
    1: _Form(32, *_HEX),
    2: _Form(16, *_HEX),
    3: _Form(8, *_HEX),
    4: _Form(16, _base64url, _as_base64url),
    5: _Form(12, _base64url, _as_base64url),
}
_REFERENCE = 2
_FIXED = re.compile(
    rb'"(?:([0-9a-f]{64})|([0-9a-f]{32})|([0-9a-f]{16})|([A-Za-z0-9_-]{21}[AQgw])|([A-Za-z0-9_-]{16}))"'
)
_MARK = re.compile(rb"[\x01-\x05]|\x06[\x40-\x7f]")
_CONTROL = re.compile(rb"[\x00-\x1f]")


@dataclass(slots=True)
class _Lately:
    """The texts of fixed form that were seen, the last one first."""

    seen: list[tuple[int, bytes]] = field(default_factory=list)

    def place(self, one: tuple[int, bytes]) -> int | None:
        """Return where a text stands, None for a new one; it stands first from now on."""
        place = self.seen.index(one) if one in self.seen else None
        if place is not None:
            del self.seen[place]
        self.seen.insert(0, one)
        del self.seen[_LATELY:]
        return place

    def at(self, place: int) -> tuple[int, bytes]:
        """Return the text at a place; it stands first from now on. Raises IndexError."""
        one = self.seen.pop(place)
        self.seen.insert(0, one)
        return one


def _mark(text: bytes, lately: _Lately, beside: bytearray) -> bytes:
    """Put marks in the place of texts of fixed form; the bytes of new ones go beside."""

    def mark(found: re.Match[bytes]) -> bytes:
        kind = found.lastindex or 0
        data = _FORMS[kind].read(found[kind])
        place = lately.place((kind, data))
        if place is not None:
            return bytes([_KNOWN, _LETTERS + place])
        beside.extend(data)
        return bytes([kind])

    return _FIXED.sub(mark, text)


class _Beside:
    """The bytes beside the text, read one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, size_bytes: int) -> bytes:
        """Return the next bytes. Raises FrameCorruptError where there are no more."""
        end = self._position + size_bytes
        if end > len(self._data):
            raise FrameCorruptError(why="a commit is cut")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    @property
    def is_empty(self) -> bool:
        """Tell whether everything was taken."""
        return self._position == len(self._data)


def _unmark(text: bytes, lately: _Lately, beside: _Beside, room: "_Room") -> bytes:
    def unmark(found: re.Match[bytes]) -> bytes:
        kind, *letter = found[0]
        if letter:
            try:
                kind, data = lately.at(letter[0] - _LETTERS)
            except IndexError:
                raise FrameCorruptError(why="a mark without its text") from None
        else:
            data = beside.take(_FORMS[kind].size_bytes)
            lately.place((kind, data))
        return room.take(b'"' + _FORMS[kind].write(data) + b'"')

    return _MARK.sub(unmark, text)


class _Room:
    """How much a hostile frame may still unfold to."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def take(self, data: bytes) -> bytes:
        """Return what was unfolded. Raises TooLargeError beyond the cap."""
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        return data


# -- columns -----------------------------------------------------------------------------------------

_NEXT, _OTHER, _OTHER_END, _COMMA, _VALUE = b"\x07", b"\x08", b"\x0b", b"\x0e", b"\x0f"
_BETWEEN, _IN_GROUP = b'",null,[],null],["=","', b'","","'
_NEXT_ENTRY = re.compile(rb'",null,\[\],null\],\["=","([^"\x00-\x1f]*)","","')
_FOLDED_ENTRY = re.compile(rb"\x07|\x08([^\x00-\x1f]*)\x0b")
_ENTERED = re.compile(rb'(?<=\x0e)[^"\x00-\x1f]*(?=\x07|\x08|",null)')


def _fold(text: bytes) -> bytes:
    """Put a character between the entries of a save, and their values into the last line."""
    group = b""
    values: list[bytes] = []

    def next_entry(found: re.Match[bytes]) -> bytes:
        nonlocal group
        if found[1] == group:
            return _NEXT
        group = found[1]
        return _OTHER + group + _OTHER_END

    def entered(found: re.Match[bytes]) -> bytes:
        values.append(found[0])
        return _VALUE

    folded = _NEXT_ENTRY.sub(next_entry, text).replace(b'","', _COMMA)
    return _ENTERED.sub(entered, folded) + b"\n" + _COMMA.join(values)


def _unfold(text: bytes, room: _Room) -> bytes:
    """Undo `_fold`. Raises FrameCorruptError, TooLargeError."""
    folded, newline, column = text.rpartition(b"\n")
    values = iter(column.split(_COMMA))
    group = b""

    def next_entry(found: re.Match[bytes]) -> bytes:
        nonlocal group
        group = group if found[1] is None else found[1]
        return room.take(_BETWEEN + group + _IN_GROUP)

    if not newline or folded.count(_VALUE) != (column.count(_COMMA) + 1 if column or _VALUE in folded else 0):
        raise FrameCorruptError(why="a column that does not fit")
    filled = re.sub(_VALUE, lambda _: next(values), folded)
    return _FOLDED_ENTRY.sub(next_entry, filled.replace(_COMMA, b'","'))


# -- headers -----------------------------------------------------------------------------------------


def _fields(header: bytes) -> dict[str, Value] | None:
    """Return the fields of a header, None for one in another form."""
    try:
        record = decode_object(header)
    except (CommitUnreadableError, ValueError):
        return None
    return record if _can_be_followed(record) else None


def _can_be_followed(record: dict[str, Value]) -> bool:
    return type(record.get("q")) is type(record.get("t")) is type(record.get("m")) is int and "ph" in record


def _header_line(commit: SealedCommit, record: dict[str, Value] | None, before: "_Before | None") -> bytes | None:
    """Return a header without what the receiver works out; None where it cannot be rebuilt.

    Args:
        record: Its fields where they are in canonical form.
    """
    if record is None or record["ph"] != commit.content_sha256.hex():
        return None
    if before is not None and before.record is not None and before.record.keys() == record.keys():
        elapsed, uptime = (_number(record[key]) - _number(before.record[key]) for key in ("t", "m"))
        since = (elapsed, uptime - elapsed)
        expected = _follow(before, commit.content_sha256, since) or {}
        other = {key: value for key, value in record.items() if expected[key] != value}
        return encode([*since, other] if other else [*since])
    return encode({key: value for key, value in record.items() if key != "ph"})


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class _Before:
    """The commit before: its id, and its header's fields where they are in canonical form."""

    id: str
    record: dict[str, Value] | None


def _follow(before: _Before, payload_sha256: bytes, since: tuple[int, int]) -> dict[str, Value] | None:
    """Return the fields of the header that follows `before`, if all else stayed as it was."""
    if before.record is None:
        return None
    numbers = {key: _number(before.record[key]) for key in ("q", "t", "m")}
    return before.record | {
        "p": before.id,
        "q": numbers["q"] + 1,
        "t": numbers["t"] + since[0],
        "m": numbers["m"] + since[0] + since[1],
        "ph": payload_sha256.hex(),
    }


def _read_header(line: bytes, payload_sha256: bytes, before: _Before | None) -> dict[str, Value]:
    try:
        if line.startswith(b"{"):
            return decode_object(line) | {"ph": payload_sha256.hex()}
        match decode_object(b'{"x":' + line + b"}")["x"], before:
            case [int(elapsed), int(uptime), *more], _Before():
                record = _follow(before, payload_sha256, (elapsed, uptime))
                match more, record:
                    case [], dict():
                        return record
                    case [dict(other)], dict():
                        return record | other
    except (CommitUnreadableError, ValueError):
        pass
    raise FrameCorruptError(why="a header in another form")


def _spelled(record: dict[str, Value]) -> bytes:
    try:
        return encode(record)
    except CommitUnreadableError:
        raise FrameCorruptError(why="a header in another form") from None


# -- commits -----------------------------------------------------------------------------------------


def tag_of(commit: SealedCommit) -> bytes:
    """Return what names a commit as it lies here, header and payload, to somebody who holds the same."""
    return crypto.sha256(commit.header + commit.payload)[:TAG_BYTES]


def _lines(
    commits: Sequence[SealedCommit], base: SealedCommit | None, *, payloads_plain: bool = False
) -> tuple[bytes, bytes]:
    """Return a line for each header, then for each payload, and the bytes of those that go as they are."""
    raw: list[bytes] = []

    def line(text: bytes | None, plain: bytes) -> bytes:
        if text is None:
            raw.append(plain)
        return b"!%d" % len(plain) if text is None else text

    before = _Before(base.id, _fields(base.header)) if base is not None else None
    headers: list[bytes] = []
    for one in commits:
        record = _fields(one.header)
        headers.append(line(_header_line(one, record, before), one.header))
        before = _Before(one.id, record)
    packs = [not payloads_plain and _is_text(one.payload) for one in commits]
    payloads = [line(one.payload if pack else None, one.payload) for one, pack in zip(commits, packs, strict=True)]
    return b"\n".join([*headers, *payloads]), b"".join(raw)


def _is_text(payload: bytes) -> bool:
    return payload.startswith(b"{") and _CONTROL.search(payload) is None


@dataclass(frozen=True, slots=True)
class _Known:
    """What both ends know before the first byte: words for the packer, and the texts of fixed form in them."""

    words: bytes
    lately: _Lately

    @property
    def dictionary(self) -> zstandard.ZstdCompressionDict:
        """The words as zstd takes them."""
        return zstandard.ZstdCompressionDict(self.words, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


@cache
def _format_words() -> bytes:
    return _fold(_mark(WORDS.encode("utf-8"), _Lately(), bytearray()))


def _known(base: SealedCommit | None) -> _Known:
    lately = _Lately()
    if base is None:
        return _Known(_format_words(), lately)
    lines, _ = _lines([base], None)
    words = _fold(_mark(lines, lately, bytearray()))
    lately.place((_REFERENCE, bytes.fromhex(base.id)[: _FORMS[_REFERENCE].size_bytes]))
    return _Known(_format_words() + words, lately)


def pack_commits(commits: Iterable[SealedCommit], base: SealedCommit | None = None) -> bytes:
    """Return the body of a COMMITS frame.

    Args:
        commits: Consecutive commits of one chain, one or more.
        base: The commit before them, where the receiver is known to hold it just as it lies here.

    Raises:
        TooLargeError: They are more than a frame may hold.
    """
    commits = tuple(commits)
    if sum(one.size_bytes for one in commits) > MAX_COMMITS_BYTES:
        raise TooLargeError
    packed = _packed(commits, base)
    if packed is None:
        packed = _packed(commits, base, payloads_plain=True)
    if packed is None:
        raise TooLargeError
    named = bytes([_ALONE]) if base is None else bytes([_AFTER]) + tag_of(base)
    signatures = b"".join(one.signature for one in commits)
    return named + packed + signatures


def _packed(
    commits: Sequence[SealedCommit], base: SealedCommit | None, *, payloads_plain: bool = False
) -> bytes | None:
    """Return the packed text with its length, and the bytes beside it; None where nobody would unfold it so far."""
    known = _known(base)
    fixed = bytearray()
    lines, raw = _lines(commits, base, payloads_plain=payloads_plain)
    text = _fold(_mark(lines, known.lately, fixed))
    level = _HARD if len(text) <= _HARD_BYTES else _LIGHT
    packer = zstandard.ZstdCompressor(level=level, dict_data=known.dictionary, write_checksum=False)
    packed = packer.compress(text).removeprefix(_MAGIC)
    if len(text) > _most_text(len(packed)):
        return None
    return write_length(len(packed)) + packed + fixed + raw


def _most_text(packed_bytes: int) -> int:
    return _FREE_BYTES + _MOST_TIMES * packed_bytes


def unpack_commits(
    body: bytes, find: Find | None = None, *, most_bytes: int = MAX_COMMITS_BYTES
) -> tuple[SealedCommit, ...]:
    """Return the commits of a COMMITS frame, unverified.

    Args:
        find: Returns the commit that a frame of form 2 continues, by its tag; without it none may continue another.
        most_bytes: Most that it may unpack to.

    Raises:
        BaseUnknownError: It continues a commit that is not known here.
        FrameCorruptError: The body is not such a list.
        TooLargeError: It unpacks to more than the cap.
    """
    base, body = _read_base(body, find)
    length = length_in(body)
    if length is None or len(body) < sum(length):
        raise FrameCorruptError(why="a commit is cut")
    start, end = length[1], sum(length)
    known, room, beside = _known(base), _Room(most_bytes), _Beside(body[end:])
    packed_text = _unpack(body[start:end], known, most_bytes)
    if packed_text.count(b"\n") > 2 * (len(body) - end) // SIGNATURE_BYTES:  # a header, a payload for each signature
        raise FrameCorruptError(why="a commit is cut")
    text = _unfold(packed_text, room)
    lines = _unmark(text, known.lately, beside, room).split(b"\n")
    count = len(lines) // 2
    if len(lines) != 2 * count:
        raise FrameCorruptError(why="a commit is cut")
    raw_headers = [_read_raw(line, beside) for line in lines[:count]]
    raw_payloads = [_read_raw(line, beside) for line in lines[count:]]
    payloads = [line if raw is None else raw for line, raw in zip(lines[count:], raw_payloads, strict=True)]
    headers: list[tuple[bytes, dict[str, Value] | None]] = []
    before = _Before(base.id, _fields(base.header)) if base is not None else None
    for line, raw, payload in zip(lines[:count], raw_headers, payloads, strict=True):
        record = _read_header(line, crypto.sha256(payload), before) if raw is None else _fields(raw)
        header = room.take(_spelled(record) if raw is None and record is not None else raw or b"")
        headers.append((header, record))
        follows = record if record is not None and _can_be_followed(record) else None
        before = _Before(crypto.sha256(header).hex(), follows)
    signed = tuple(
        _commit_of(header, record, payload, beside.take(SIGNATURE_BYTES))
        for (header, record), payload in zip(headers, payloads, strict=True)
    )
    if not beside.is_empty:
        raise FrameCorruptError(why="more than its commits")
    return signed


def _commit_of(header: bytes, record: dict[str, Value] | None, payload: bytes, signature: bytes) -> SealedCommit:
    if record is None:
        return SealedCommit(header, payload, signature)
    return SealedCommit.rebuilt(record, header, payload, signature)


def _read_base(body: bytes, find: Find | None) -> tuple[SealedCommit | None, bytes]:
    match body[:1]:
        case b"\x01":
            return None, body[1:]
        case b"\x02" if find is not None:
            base = find(body[1 : 1 + TAG_BYTES])
            if base is None:
                raise BaseUnknownError
            return base, body[1 + TAG_BYTES :]
        case _:
            raise FrameCorruptError(why="commits in another form")


def _read_raw(line: bytes, beside: _Beside) -> bytes | None:
    """Return bytes that went as they are, None for a line that is text."""
    if not line.startswith(b"!"):
        return None
    if not line[1:].isdigit() or len(line) > _MOST_DIGITS:
        raise FrameCorruptError(why="a length in another form")
    return beside.take(int(line[1:]))


def _unpack(packed: bytes, known: _Known, most_bytes: int) -> bytes:
    most_bytes = min(most_bytes, _most_text(len(packed)))
    packed = _MAGIC + packed
    try:
        # The size is read before unpacking: the library would allocate whatever a hostile frame announces.
        size_bytes = zstandard.frame_content_size(packed)
        if size_bytes > most_bytes:
            raise TooLargeError
        if size_bytes <= 0:
            raise FrameCorruptError(why="packed without its size")
        unpacker = zstandard.ZstdDecompressor(dict_data=known.dictionary)
        text: bytes = unpacker.decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError:
        raise FrameCorruptError(why="it does not unpack") from None
    return text


def write_length(size_bytes: int) -> bytes:
    """Return a length, seven bits a byte, the lowest first."""
    written = bytearray()
    while size_bytes >= _MORE:
        written.append(size_bytes % _MORE + _MORE)
        size_bytes //= _MORE
    written.append(size_bytes)
    return bytes(written)


def length_in(data: bytes | bytearray, start: int = 0) -> tuple[int, int] | None:
    """Return the length that stands at `start` and where it ends; None while it is not whole.

    Raises:
        FrameCorruptError: It has more bytes than any length.
    """
    size_bytes = 0
    for place, byte in enumerate(data[start : start + _MOST_LENGTH_BYTES]):
        size_bytes += (byte % _MORE) << 7 * place
        if byte < _MORE:
            return size_bytes, start + place + 1
    if len(data) >= start + _MOST_LENGTH_BYTES:
        raise FrameCorruptError(why="a length in another form")
    return None

"""The spool: an append-only encrypted second copy of what is not yet known to be elsewhere.

Every entry is here, on the disk, before a window says that it is kept; every sealed commit is here
before the database has it. A write-ahead log that loses its tail opens clean and SQLCipher accepts an
older copy of a page: the spool is what notices, and what heals it (`casebook.store.healing`).

Segments `000001.spool`, ... hold records of AES-256-GCM-SIV, each bound to its segment and place. A
torn tail (a crash while appending) is cut; damage anywhere else costs the records it hits and no
others, and the damaged segment is kept aside. One thread uses a spool.

Source: docs/store.md, section "The spool"; RFC 8452.
"""

import contextlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from casebook import crypto
from casebook.errors import CommitUnreadableError, SealBrokenError, StoreDamagedError
from casebook.ids import CommitId, DeviceId, Epoch, SubjectId
from casebook.ledger import ChainHead, Header, SealedCommit, head_after
from casebook.store import _disk, _parts

SEGMENT_BYTES = 4 * 1024 * 1024
_MAGIC = b"CBSPOOL1"
_MARK = b"\xc5\x9a\x1e\x07"
_FRAME = struct.Struct(">4sI")
_PLACE = struct.Struct(">8sIQ")
_OVERHEAD = 28  # nonce and tag
_MAX_RECORD = 64 * 1024 * 1024
_OPEN, _SEALED, _CLOSE, _CARRY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEntry:
    """One entry of a commit that is still open.

    Attributes:
        draft: Names the open commit; entries of one draft come back in the order in which they came.
        body: Whatever the session needs to go on or to seal it; opaque here.
    """

    draft: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolDamage:
    """What could not be read when the spool was opened.

    Attributes:
        torn_bytes: Cut from the end: an append that a crash interrupted, never said to be kept.
        records: Places where one or more records do not open; their segments are kept aside.
    """

    torn_bytes: int = 0
    records: int = 0


class _Kept(NamedTuple):
    """A sealed commit and where it stands."""

    id: CommitId
    header: Header
    subject: SubjectId | None
    segment: int
    offset: int
    place: int
    """Which of the commits of its record."""


@dataclass(slots=True)
class _Segment:
    """What a segment holds, as far as pruning has to know."""

    drafts: set[str] = field(default_factory=set)
    closes: set[str] = field(default_factory=set)
    opaque: bool = False
    """It holds something from a newer release and is never pruned by this one."""


class _Record(NamedTuple):
    offset: int
    kind: int
    body: bytes


class _Scan(NamedTuple):
    records: list[_Record]
    damaged: int
    good_until: int
    tail: bytes


class Spool:
    """The segments of one folder. Use `open`, `close` at the end."""

    def __init__(self, folder: Path, key: bytes, reserve: _disk.Reserve | None, segment_bytes: int) -> None:
        """Use `open`."""
        self._folder = folder
        self._key = key
        self._reserve = reserve
        self._segment_bytes = segment_bytes
        self._segments: dict[int, _Segment] = {}
        self._open: dict[str, list[OpenEntry]] = {}
        self._kept: dict[CommitId, _Kept] = {}
        self._settings: dict[str, str] = {}
        self._heads: dict[tuple[DeviceId, Epoch], ChainHead] = {}
        self._descriptor = -1
        self._number = 0
        self._size = 0
        self.damage = SpoolDamage()

    @classmethod
    def open(
        cls, folder: Path, key: bytes, *, reserve: _disk.Reserve | None = None, segment_bytes: int = SEGMENT_BYTES
    ) -> "Spool":
        """Read what is there and be ready to append. The folder is made when it is missing.

        Args:
            key: 32 bytes; see `casebook.store.slots.spool_key`.
            reserve: Given up when the disk is full.

        Raises:
            StoreDamagedError: There are records and none of them opens; nothing was changed.
            DiskFailedError: The folder cannot be read.
        """
        spool = cls(folder, key, reserve, segment_bytes)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            spool._read_all()
        except OSError as error:
            raise _disk.as_unavailable(error, folder) from error
        return spool

    # -- appending -----------------------------------------------------------------------------------

    def append_open(self, entry: OpenEntry) -> None:
        """Keep one entry of an open commit; durable on return.

        Raises:
            DiskFullError: No space; the entry was not kept.
            DiskFailedError: The disk refuses; the entry was not kept.
        """
        self._append(_OPEN, _parts.pack(entry.draft.encode("utf-8"), entry.body))
        self._apply_open(entry)

    def append_sealed(
        self, commit: SealedCommit, *, subject: SubjectId | None = None, closes: str | None = None
    ) -> None:
        """Keep a sealed commit and close the draft that it seals, in one step; durable on return. Raises as above.

        Args:
            subject: Whose commit it is, for the database's filing when it is rebuilt.
            closes: The draft whose entries the commit holds.
        """
        self.append_sealed_together([commit], subject=subject, closes=closes)

    def append_sealed_together(
        self, commits: Sequence[SealedCommit], *, subject: SubjectId | None = None, closes: str | None = None
    ) -> None:
        """Keep several commits that seal one draft: all of them or, after a crash, none. As `append_sealed`."""
        fresh = [commit for commit in commits if commit.id not in self._kept]
        if fresh:
            offset = self._append(_SEALED, _parts.pack_sealed(fresh, subject, closes))
            self._apply_sealed(fresh, subject, closes or "", offset)
        else:
            self.close_open(closes or "")

    def close_open(self, draft: str) -> None:
        """Let go of a draft that holds nothing to seal; durable on return. Raises as above."""
        if draft in self._open:
            self._append(_CLOSE, _parts.pack(draft.encode("utf-8")))
            self._apply_close(draft)

    def set_setting(self, key: str, text: str) -> None:
        """Keep a small fact that a lost database must not take along (a laptop's letter, the next number)."""
        if self._settings.get(key) != text:
            self._append(_CARRY, _parts.pack(b"setting", key.encode("utf-8"), text.encode("utf-8")))
            self._apply_carry([b"setting", key.encode("utf-8"), text.encode("utf-8")])

    # -- reading -------------------------------------------------------------------------------------

    def open_entries(self, draft: str | None = None) -> tuple[OpenEntry, ...]:
        """Return the entries of one draft, or of all drafts that are open, oldest first."""
        if draft is not None:
            return tuple(self._open.get(draft, ()))
        return tuple(entry for entries in self._open.values() for entry in entries)

    def drafts(self) -> tuple[str, ...]:
        """Return the open drafts, oldest first."""
        return tuple(self._open)

    def sealed(self) -> Iterator[SealedCommit]:
        """Yield the commits that are held, oldest first."""
        for commit, _ in self.sealed_with_subjects():
            yield commit

    def sealed_with_subjects(
        self, without: Callable[[CommitId], bool] | None = None
    ) -> Iterator[tuple[SealedCommit, SubjectId | None]]:
        """Yield each commit and its subject where that is known, oldest first, leaving out some by their id."""
        for kept in tuple(self._kept.values()):
            if without is None or not without(kept.id):
                yield self._read_sealed(kept), kept.subject

    def holds(self, commit: CommitId) -> bool:
        """Tell whether a commit is in the spool."""
        return commit in self._kept

    def settings(self) -> Mapping[str, str]:
        """Return the settings that were kept."""
        return dict(self._settings)

    def heads(self) -> tuple[ChainHead, ...]:
        """Return the last commit of each chain that was ever appended, pruned or not: the anchor of the database."""
        return tuple(self._heads.values())

    # -- pruning -------------------------------------------------------------------------------------

    def prune(self, received: Callable[[Header], bool]) -> int:
        """Remove segments of which everything is received, and return how many went.

        A segment stays while it holds an entry of an open draft, a commit that is not received, or the
        closing of a draft whose entries stand in a segment that stays. The newest always stays.
        """
        going = set(self._segments) - {self._number, max(self._segments, default=0)}
        going -= {number for number in going if self._segments[number].opaque}
        going -= {kept.segment for kept in self._kept.values() if not received(kept.header)}
        going -= {number for number in going if self._segments[number].drafts & set(self._open)}
        while blocked := {number for number in going if self._closes_one_that_stays(number, going)}:
            going -= blocked
        if not going:
            return 0
        self._carry_over()
        for number in sorted(going):  # entries go before what closes them
            self._path(number).unlink(missing_ok=True)
            del self._segments[number]
        self._kept = {id_: kept for id_, kept in self._kept.items() if kept.segment not in going}
        _disk.flush_folder(self._folder)
        return len(going)

    def _closes_one_that_stays(self, number: int, going: set[int]) -> bool:
        closes = self._segments[number].closes
        return any(segment.drafts & closes for other, segment in self._segments.items() if other not in going)

    def _carry_over(self) -> None:
        for key, text in self._settings.items():
            self._append(_CARRY, _parts.pack(b"setting", key.encode("utf-8"), text.encode("utf-8")))
        for head in self._heads.values():
            parts = (head.device, head.epoch, str(head.sequence), head.id or "")
            self._append(_CARRY, _parts.pack(b"head", *(part.encode("ascii") for part in parts)))

    # -- redacting -----------------------------------------------------------------------------------

    def redact(self, payloads: Mapping[CommitId, bytes]) -> int:
        """Put redactions in the place of payloads, and forget the entries of drafts that are sealed already.

        Every segment is written anew, each in one step; durable on return. Nothing is written where all is done.

        Args:
            payloads: What stands in the place of each commit's payload (see `CommitLog.redactions`).

        Returns:
            How many commits were redacted here. Raises as `append_open`.
        """
        held = {id_: payload for id_, payload in payloads.items() if id_ in self._kept}
        going = {id_ for id_, payload in held.items() if self._read_sealed(self._kept[id_]).payload != payload}
        try:
            for number in sorted(self._segments) if going else ():
                self._rewrite(number, held)
        except OSError as error:
            raise _disk.as_unavailable(error, self._folder) from error
        return len(going)

    def _rewrite(self, number: int, payloads: Mapping[CommitId, bytes]) -> None:
        fresh, moved = bytearray(_MAGIC), {}
        for record in self._scan(number, self._path(number).read_bytes()).records:
            if record.kind == _OPEN and _parts.unpack(record.body)[0].decode("utf-8") not in self._open:
                continue
            body = _parts.redacted(record.body, payloads) if record.kind == _SEALED else record.body
            moved[record.offset] = len(fresh)
            fresh += _framed(self._key, number, len(fresh), record.kind, body)
        is_in_use = number == self._number and self._descriptor >= 0
        if is_in_use:
            self.close()
        _disk.write_whole(self._path(number), bytes(fresh))
        if is_in_use:
            self._descriptor = _disk.open_to_append(self._path(number))
            self._size = len(fresh)
        self._segments[number].drafts &= set(self._open)
        for id_, kept in self._kept.items():
            if kept.segment == number and kept.offset in moved:
                self._kept[id_] = kept._replace(offset=moved[kept.offset])

    def close(self) -> None:
        """Close the segment in use."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    # -- writing a record ----------------------------------------------------------------------------

    def _append(self, kind: int, body: bytes) -> int:
        """Append a record, durable on return; returns its place in the segment."""
        if len(body) >= _MAX_RECORD - _OVERHEAD:
            message = "a record of the spool is below 64 MiB"
            raise ValueError(message)

        def attempt() -> int:
            try:
                return self._append_once(kind, body)
            except OSError as error:
                self._give_segment_up()
                raise _disk.as_unavailable(error, self._folder) from error

        return _disk.with_reserve(attempt, self._reserve)

    def _append_once(self, kind: int, body: bytes) -> int:
        if self._descriptor < 0 or self._size >= self._segment_bytes:
            self._begin_segment()
        offset = self._size
        record = _framed(self._key, self._number, offset, kind, body)
        _disk.write_all(self._descriptor, record)
        _disk.flush(self._descriptor)
        self._size = offset + len(record)
        return offset

    def _begin_segment(self) -> None:
        self.close()
        number = max(self._segments, default=0) + 1
        path = self._path(number)
        self._descriptor = _disk.open_to_append(path)
        self._number = number
        self._segments[number] = _Segment()
        self._size = 0
        _disk.write_all(self._descriptor, _MAGIC)
        _disk.flush(self._descriptor)
        _disk.flush_folder(self._folder)
        self._size = len(_MAGIC)

    def _give_segment_up(self) -> None:
        """After a refused write: take the half record away and never append to this segment again."""
        if self._descriptor < 0:
            return
        with contextlib.suppress(OSError):  # the next opening cuts it
            os.ftruncate(self._descriptor, self._size)
        self.close()
        if self._size <= len(_MAGIC):
            with contextlib.suppress(OSError):
                self._path(self._number).unlink()
            self._segments.pop(self._number, None)

    # -- reading segments ----------------------------------------------------------------------------

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.spool"

    def _read_all(self) -> None:
        numbers = sorted(int(path.stem) for path in self._folder.glob("*.spool") if path.stem.isdigit())
        scans = {number: self._scan(number, self._path(number).read_bytes()) for number in numbers}
        if any(scan.damaged or _is_whole(scan.tail) for scan in scans.values()) and not any(
            scan.records for scan in scans.values()
        ):
            raise StoreDamagedError(file=self._folder.name, why="AES-GCM-SIV")
        torn = damaged = 0
        for number, scan in scans.items():
            self._segments[number] = _Segment()
            for record in scan.records:
                self._apply(number, record)
            is_last = number == numbers[-1]
            if scan.damaged and self._set_aside(number, 0):
                damaged += scan.damaged
            if scan.tail and self._set_aside(number, scan.good_until):
                damaged += int(_is_whole(scan.tail) or not is_last)
            if is_last:
                torn = 0 if _is_whole(scan.tail) else len(scan.tail)
                self._resume(number, scan)
        self.damage = SpoolDamage(torn_bytes=torn, records=damaged)

    def _resume(self, number: int, scan: _Scan) -> None:
        """Cut a torn tail and go on appending to the last segment."""
        path = self._path(number)
        if scan.good_until < len(_MAGIC):
            path.unlink()
            del self._segments[number]
            return
        self._descriptor = _disk.open_to_append(path)
        self._number = number
        self._size = scan.good_until
        if scan.tail:
            os.ftruncate(self._descriptor, scan.good_until)
            _disk.flush(self._descriptor)

    def _set_aside(self, number: int, offset: int) -> bool:
        """Keep a copy of a segment from `offset` on; False when that was done at an earlier opening."""
        aside = self._folder / f"{number:06d}-{offset}.damaged"
        if aside.exists():
            return False
        _disk.write_whole(aside, self._path(number).read_bytes()[offset:])
        return True

    def _scan(self, number: int, data: bytes) -> _Scan:
        """Read a segment; after a record that does not open, go on at the next that does."""
        records: list[_Record] = []
        damaged = 0
        offset = good_until = min(len(data), len(_MAGIC))
        while 0 <= offset < len(data):
            record, end = self._record_at(number, data, offset)
            if record is not None:
                damaged += int(offset != good_until)
                records.append(record)
                offset = good_until = end
            else:
                offset = data.find(_MARK, offset + 1)
        return _Scan(records, damaged, good_until, data[good_until:])

    def _record_at(self, number: int, data: bytes, offset: int) -> tuple[_Record | None, int]:
        end = _frame_end(data, offset)
        if end is None:
            return None, offset
        try:
            plain = crypto.decrypt_record(self._key, data[offset + _FRAME.size : end], _place(number, offset))
        except SealBrokenError:
            return None, offset
        return _Record(offset, plain[0], plain[1:]), end

    def _read_sealed(self, kept: _Kept) -> SealedCommit:
        try:
            with self._path(kept.segment).open("rb") as segment:
                segment.seek(kept.offset)
                frame = segment.read(_FRAME.size)
                sealed = segment.read(_FRAME.unpack(frame)[1]) if len(frame) == _FRAME.size else b""
            plain = crypto.decrypt_record(self._key, sealed, _place(kept.segment, kept.offset))
        except OSError as error:
            raise _disk.as_unavailable(error, self._folder) from error
        except SealBrokenError:
            raise StoreDamagedError(file=self._path(kept.segment).name, why="AES-GCM-SIV") from None
        return _parts.unpack_sealed(plain[1:])[0][kept.place]

    # -- what records mean ---------------------------------------------------------------------------

    def _apply(self, number: int, record: _Record) -> None:
        self._number = number
        match record.kind:
            case 1:
                draft, body = _parts.unpack(record.body)
                self._apply_open(OpenEntry(draft=draft.decode("utf-8"), body=body))
            case 2:
                commits, subject, closes = _parts.unpack_sealed(record.body)
                self._apply_sealed(commits, subject, closes, record.offset)
            case 3:
                self._apply_close(_parts.unpack(record.body)[0].decode("utf-8"))
            case 4:
                self._apply_carry(_parts.unpack(record.body))
            case _:
                self._segments[number].opaque = True

    def _apply_open(self, entry: OpenEntry) -> None:
        self._open.setdefault(entry.draft, []).append(entry)
        self._segments[self._number].drafts.add(entry.draft)

    def _apply_close(self, draft: str) -> None:
        self._open.pop(draft, None)
        self._segments[self._number].closes.add(draft)

    def _apply_sealed(
        self, commits: Sequence[SealedCommit], subject: SubjectId | None, closes: str, offset: int
    ) -> None:
        if closes:
            self._apply_close(closes)
        for place, commit in enumerate(commits):
            try:
                header = commit.parsed
            except CommitUnreadableError:
                self._segments[self._number].opaque = True
                continue
            self._kept[commit.id] = _Kept(commit.id, header, subject, self._number, offset, place)
            self._note_head(head_after(commit))

    def _apply_carry(self, parts: list[bytes]) -> None:
        match [part.decode("utf-8") for part in parts]:
            case ["setting", key, text]:
                self._settings[key] = text
            case ["head", device, epoch, sequence, id_]:
                self._note_head(
                    ChainHead(
                        device=DeviceId(device), epoch=Epoch(epoch), sequence=int(sequence), id=CommitId(id_) or None
                    )
                )
            case _:
                self._segments[self._number].opaque = True

    def _note_head(self, head: ChainHead) -> None:
        known = self._heads.get((head.device, head.epoch))
        if known is None or known.sequence < head.sequence:
            self._heads[head.device, head.epoch] = head


# -- another key -------------------------------------------------------------------------------------


def reseal(folder: Path, key: bytes, earlier: Sequence[bytes]) -> None:
    """Seal every record of a closed spool under another key; each segment in one step, durable on return.

    Records keep their places. What opens with none of the keys stays as it is, for `Spool.open` to judge.

    Args:
        key: The new key (32 bytes); records that are under it already are left alone.
        earlier: The keys before it.

    Raises:
        DiskFullError, DiskFailedError: The disk refuses; it may be done again.
    """
    try:
        for path in sorted(folder.glob("*.spool")):
            if path.stem.isdigit():
                data = path.read_bytes()
                sealed = _resealed(int(path.stem), data, key, earlier)
                if sealed != data:
                    _disk.write_whole(path, sealed)
    except OSError as error:
        raise _disk.as_unavailable(error, folder) from error


def _resealed(number: int, data: bytes, key: bytes, earlier: Sequence[bytes]) -> bytes:
    fresh = bytearray(data)
    offset = len(_MAGIC)
    while 0 <= offset < len(data):
        end = _frame_end(data, offset)
        found = None if end is None else _opened(data[offset + _FRAME.size : end], _place(number, offset), key, earlier)
        if end is None or found is None:
            offset = data.find(_MARK, offset + 1)
            continue
        used, plain = found
        if used != key:
            fresh[offset + _FRAME.size : end] = crypto.encrypt_record(key, plain, _place(number, offset))
        offset = end
    return bytes(fresh)


def _opened(sealed: bytes, place: bytes, key: bytes, earlier: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the key that opens a record, and what it holds."""
    for candidate in (key, *earlier):
        with contextlib.suppress(SealBrokenError):
            return candidate, crypto.decrypt_record(candidate, sealed, place)
    return None


# -- bytes -------------------------------------------------------------------------------------------


def _place(number: int, offset: int) -> bytes:
    return _PLACE.pack(_MAGIC, number, offset)


def _frame_end(data: bytes, offset: int) -> int | None:
    """Return where the record at `offset` ends, None where no whole record can stand there."""
    if len(data) - offset < _FRAME.size:
        return None
    mark, length = _FRAME.unpack_from(data, offset)
    end = offset + _FRAME.size + int(length)
    if mark != _MARK or not _OVERHEAD < length <= _MAX_RECORD or end > len(data):
        return None
    return end


def _is_whole(tail: bytes) -> bool:
    """Tell whether bytes that do not open have the length of a record: damage, not an interrupted append."""
    return _frame_end(tail, 0) is not None


def _framed(key: bytes, number: int, offset: int, kind: int, body: bytes) -> bytes:
    sealed = crypto.encrypt_record(key, bytes((kind,)) + body, _place(number, offset))
    return _FRAME.pack(_MARK, len(sealed)) + sealed

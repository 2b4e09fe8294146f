"""What a power cut leaves of a folder: writes that were not synced are there, or in part, or not; names too.

Until a file is synced, any of its writes since may be missing, and a write may be there in part, in sectors of 512
bytes. Until a folder is synced, names in it may stand as they stood: a file that was made is not there, one that was
renamed or removed still is. After a sync all of that is there.

Source: ALICE (OSDI 2014); LazyFS; SQLite's documentation of atomic commit.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the shim wrote it down.

    Attributes:
        kind: `w`rite, `t`runcate, `s`ync, `d`: a folder is synced, `c`reate, `u`nlink, `r`ename.
        offset: Of a write; the new size of a truncation.
        data: What was written; of a rename the new path.
    """

    kind: str
    inode: int
    offset: int
    path: str
    data: bytes = b""


def read_calls(log: Path) -> list[Call]:
    """Read what the shim wrote."""
    data, position, calls = log.read_bytes(), 0, []
    while position < len(data):
        end = data.index(b"\n", position)
        kind, inode, offset, size, path = data[position:end].decode().split(" ", 4)
        position = end + 1
        body = data[position : position + int(size)] if kind in "wr" else b""
        position += len(body)
        calls.append(Call(kind, int(inode), int(offset), path, body))
    return calls


@dataclass(slots=True)
class _File:
    """A file apart from its names: what is certainly there, and what was done since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)


Choice = Callable[[list[Call], random.Random], Iterable[Call]]


def nothing(_: list[Call], __: random.Random) -> Iterable[Call]:
    """Nothing that was not synced is there."""
    return ()


def everything(pending: list[Call], _: random.Random) -> Iterable[Call]:
    """All that was written is there."""
    return pending


def prefix(pending: list[Call], chance: random.Random) -> Iterable[Call]:
    """The first few are there."""
    return pending[: chance.randint(0, len(pending))]


def some(pending: list[Call], chance: random.Random) -> Iterable[Call]:
    """Any of them are there."""
    return [one for one in pending if chance.random() < 0.5]


def torn(pending: list[Call], chance: random.Random) -> Iterator[Call]:
    """Any of them are there, each in any of its sectors."""
    for one in pending:
        if one.kind != "w":
            yield one
            continue
        edge = one.offset
        while edge < one.offset + len(one.data):
            after = min((edge // SECTOR + 1) * SECTOR, one.offset + len(one.data))
            if chance.random() < 0.6:
                yield Call("w", one.inode, edge, one.path, one.data[edge - one.offset : after - one.offset])
            edge = after


CHOICES: dict[str, Choice] = {
    "nothing": nothing,
    "prefix": prefix,
    "subset": some,
    "torn": torn,
    "everything": everything,
}


def _done(content: bytearray, one: Call) -> None:
    if one.kind == "t":
        if one.offset < len(content):
            del content[one.offset :]
        else:
            content.extend(bytes(one.offset - len(content)))
        return
    if len(content) < one.offset:
        content.extend(bytes(one.offset - len(content)))
    content[one.offset : one.offset + len(one.data)] = one.data


class Disk:
    """A folder as it goes through the calls, with what a power cut could leave of it."""

    def __init__(self, folder: Path, base: Path) -> None:
        """Start from what lay in `base`, all of it durable, as the content of `folder`."""
        self._folder = folder
        self._files: dict[int, _File] = {}
        self._durable_names: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._pending_names: dict[str, list[Call]] = {}
        for path in base.rglob("*"):
            if path.is_file():
                number = self._new_file(bytearray(path.read_bytes()))
                self._durable_names[str(folder / path.relative_to(base))] = number
        self._names = dict(self._durable_names)

    def _new_file(self, content: bytearray) -> int:
        number = len(self._files)
        self._files[number] = _File(content)
        return number

    def apply(self, one: Call) -> None:
        """Let one call happen."""
        match one.kind:
            case "c":
                number = self._new_file(bytearray())
                self._names[one.path] = number
                self._rename_later(Call("c", number, 0, one.path))
            case "u":
                self._names.pop(one.path, None)
                self._rename_later(one)
            case "r":
                self._names[one.data.decode()] = self._names.pop(one.path)
                self._rename_later(one)
            case "d":
                folder = self._pending_names.pop(one.path, [])
                _renamed(self._durable_names, folder)
            case "s":
                self._settle(self._names.get(one.path))
            case _:
                number_of = self._names.get(one.path)
                if number_of is not None:
                    self._files[number_of].pending.append(one)

    def _rename_later(self, one: Call) -> None:
        self._pending_names.setdefault(str(Path(one.path).parent), []).append(one)

    def _settle(self, number: int | None) -> None:
        if number is not None:
            file = self._files[number]
            for one in file.pending:
                _done(file.durable, one)
            file.pending.clear()

    def after_a_cut(self, into: Path, choice: Choice, names: Choice, chance: random.Random) -> None:
        """Write what a power cut now leaves into a folder.

        Args:
            choice: Which of the unsynced writes are there.
            names: Which of the unsynced names, of each folder the first few.
        """
        standing = dict(self._durable_names)
        for pending in self._pending_names.values():
            _renamed(standing, names(pending, chance))
        for path, number in standing.items():
            file = self._files[number]
            content = bytearray(file.durable)
            for one in choice(file.pending, chance):
                _done(content, one)
            target = into / Path(path).relative_to(self._folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _renamed(names: dict[str, int], calls: Iterable[Call]) -> None:
    for one in calls:
        if one.kind == "c":
            names[one.path] = one.inode
        elif one.kind == "u":
            names.pop(one.path, None)
        elif one.path in names:
            names[one.data.decode()] = names.pop(one.path)

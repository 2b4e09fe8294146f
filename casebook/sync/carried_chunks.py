"""Attachments in bundles: which chunks go along, how they are taken in, and what each end says it has.

    CHUNK        both: one whole chunk, after all records of its part
    HELD         laptop: the attachments that are whole here, and those that somebody here wants
    CHUNKS_HELD  server: how many chunks of each attachment are durable here   signed by its receipt key

A chunk is taken where a record that is held here names it, in the shelf in whose part it came; anything else is
passed over and said in a sentence, so that a file taken before the one with its records does no harm.

Source: docs/sync_protocol.md, section "Attachments in bundles"; docs/adr/0027.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from casebook import crypto
from casebook.attachments import MOST_CHUNK_BYTES
from casebook.canonical import Value, decode_object, encode, int_of, list_of, text_of
from casebook.errors import (
    AttachmentRoomError,
    BundleChunkDamagedError,
    BundleChunkStrangeError,
    CasebookError,
    CommitUnreadableError,
    DiskFullError,
    FrameCorruptError,
    SealBrokenError,
    ServerWordUntrustedError,
)
from casebook.ids import CommitId, DeviceId, commit_id
from casebook.store import CommitLog
from casebook.store.chunks import Chunks
from casebook.sync import messages
from casebook.sync.attachments import FETCHED_BYTES, NamedChunks, at_server, named_chunks, note_at_server, wanted
from casebook.sync.frames import FrameType, write_frame

HELD_DOMAIN = "CRF-chunks-held-v1"
_PEER_HELD = "bundle_peer_chunks."
"""Setting: the attachments that another laptop said are whole there; its id follows."""
_NAME_BYTES = 32
_MOST_NAMED = 2000
"""Attachments in one frame: some 140 KB."""


class Attached(StrEnum):
    """What of the attachments goes into a bundle."""

    WITH = "with"
    WITHOUT = "without"
    ALONE = "alone"
    """No records: they went before."""


@dataclass(frozen=True, slots=True)
class Going:
    """An attachment of which something goes along. `names`: the chunks of it that are here."""

    attachment: NamedChunks
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What a laptop says of attachments: those that are whole there, and those that somebody there wants to see."""

    whole: frozenset[CommitId] = frozenset()
    wanted: frozenset[CommitId] = frozenset()


# -- what goes along ---------------------------------------------------------------------------------


def for_server(log: CommitLog, chunks: Chunks, *, device: DeviceId, site: str, whole: bool) -> tuple[Going, ...]:
    """Return what goes to the server: what it is not proved to have of this laptop's and its site's attachments.

    Args:
        whole: Whatever it is known to have, too.
    """
    return _here(
        chunks,
        (
            one
            for one in named_chunks(log)
            if (one.device == device or one.site == site) and (whole or not at_server(log, one.commit).complete)
        ),
    )


def for_neighbour(log: CommitLog, chunks: Chunks, *, to: DeviceId, site: str) -> tuple[Going, ...]:
    """Return what goes to another laptop of the site: what it did not say that it has whole."""
    there = _heard(log, to)
    return _here(chunks, (one for one in named_chunks(log) if one.site == site and one.commit not in there))


def for_answer(log: CommitLog, chunks: Chunks, held: Held, *, sites: Iterable[str], home: str) -> tuple[Going, ...]:
    """Return what the server's answer brings: small attachments of the laptop's own site, and what is wanted there."""
    served = frozenset(sites)

    def goes(one: NamedChunks) -> bool:
        if one.commit in held.whole or one.site not in served:
            return False
        return one.commit in held.wanted or (one.site == home and one.about_bytes <= FETCHED_BYTES)

    return _here(chunks, (one for one in named_chunks(log) if goes(one)))


def _here(chunks: Chunks, attachments: Iterable[NamedChunks]) -> tuple[Going, ...]:
    found = (Going(one, tuple(name for name in one.names if chunks.has(name))) for one in attachments)
    return tuple(one for one in found if one.names)


def chunk_frames(chunks: Chunks, going: Iterable[Going]) -> Iterator[bytes]:
    """Give the chunks that go along as frames, each once; one that is damaged here is set aside and left out."""
    for name in dict.fromkeys(name for one in going for name in one.names):
        chunk = chunks.get(name)
        if chunk is not None:
            yield write_frame(FrameType.CHUNK, bytes.fromhex(name) + chunk)


# -- what a laptop says ------------------------------------------------------------------------------


def held_frames(log: CommitLog, chunks: Chunks) -> Iterator[bytes]:
    """Give what this laptop says of the attachments of a shelf."""
    whole = [one.commit for one in named_chunks(log) if all(chunks.has(name) for name in one.names)]
    asked_for = list(wanted(log))
    for at in range(0, max(1, len(whole)), _MOST_NAMED):
        body = encode({"h": list(whole[at : at + _MOST_NAMED]), "w": list(asked_for)})
        yield write_frame(FrameType.HELD, body)
        asked_for = []


def read_held(bodies: Iterable[bytes]) -> Held:
    """Read what a laptop said. Raises FrameCorruptError."""
    whole: set[CommitId] = set()
    asked_for: set[CommitId] = set()
    for body in bodies:
        try:
            record = decode_object(body)
            whole |= {commit_id(str(one)) for one in list_of(record, "h")}
            asked_for |= {commit_id(str(one)) for one in list_of(record, "w")}
        except (CommitUnreadableError, ValueError):
            raise FrameCorruptError(why="what is held of attachments in another form") from None
    return Held(frozenset(whole), frozenset(asked_for))


def keep_heard(log: CommitLog, device: DeviceId, held: Held) -> None:
    """Keep which attachments another laptop has whole."""
    log.set_setting(_PEER_HELD + device, encode({"h": list[Value](sorted(held.whole)), "w": []}).decode("ascii"))


def _heard(log: CommitLog, device: DeviceId) -> frozenset[CommitId]:
    text = log.setting(_PEER_HELD + device)
    return read_held([text.encode("ascii")]).whole if text is not None else frozenset()


# -- what the server says ----------------------------------------------------------------------------


def word_frames(
    log: CommitLog,
    chunks: Chunks,
    *,
    device: DeviceId,
    sites: Iterable[str],
    about: Mapping[str, str | int],
    key: crypto.SigningKey,
) -> Iterator[bytes]:
    """Give the server's signed word of what it has of the attachments of a laptop and its sites.

    Args:
        about: `st`, `no`, `at`, `se`: as in its greeting.
    """
    served = frozenset(sites)
    said: list[Value] = [
        [one.commit, sum(1 for name in one.names if chunks.has(name))]
        for one in named_chunks(log)
        if one.device == device or one.site in served
    ]
    for at in range(0, len(said), _MOST_NAMED):
        body = encode({**about, "hv": said[at : at + _MOST_NAMED]})
        yield write_frame(FrameType.CHUNKS_HELD, key.sign(HELD_DOMAIN, body) + body)


def hear_word(log: CommitLog, body: bytes, receipt_key: bytes, *, study: str, nonce: str) -> None:
    """Keep what the server says that it has; of an attachment of which it said something later, that stays.

    Raises:
        ServerWordUntrustedError: It is not signed by the server, or answers something else.
        FrameCorruptError: It is in another form.
    """
    if not messages.signature_holds(receipt_key, HELD_DOMAIN, body):
        raise ServerWordUntrustedError(why="word about chunks")
    try:
        record = decode_object(messages.content_of(body))
        at_ms, server_epoch = int_of(record, "at"), text_of(record, "se")
        said = {commit_id(text): have for text, have in map(_pair, list_of(record, "hv"))}
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="a word about chunks in another form") from None
    if (text_of(record, "st"), text_of(record, "no")) != (study, nonce):
        raise ServerWordUntrustedError(why="answer to another question")
    for one in named_chunks(log):
        if one.commit in said and at_ms >= at_server(log, one.commit).last_ms:
            note_at_server(log, one, min(said[one.commit], len(one.names)), at_ms=at_ms, server_epoch=server_epoch)


def _pair(value: object) -> tuple[str, int]:
    match value:
        case [str(commit), int(have)] if have >= 0:
            return commit, have
        case _:
            raise CommitUnreadableError(why="a word about chunks in another form")


# -- taking in ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class ChunkTaker:
    """Takes in the chunks of one part of a file. Each that is kept is durable.

    Attributes:
        names: Tells whether a record that is held here names a chunk, asked for each.
        chunks: Where they are kept; None takes none.
    """

    names: Callable[[str], bool]
    chunks: Chunks | None
    kept: int = 0
    _refused: dict[type[CasebookError], int] = field(default_factory=dict)
    _no_room: CasebookError | None = None

    def take(self, body: bytes) -> None:
        """Take a CHUNK frame; one that is not wanted here, or not what its name says, is passed over and counted."""
        name, chunk = body[:_NAME_BYTES].hex(), body[_NAME_BYTES:]
        if self.chunks is None or not chunk or len(chunk) > MOST_CHUNK_BYTES or not self.names(name):
            self._refuse(BundleChunkStrangeError)
            return
        if self._no_room is not None:
            return
        try:
            self.kept += self.chunks.put(name, chunk)
        except SealBrokenError:
            self._refuse(BundleChunkDamagedError)
        except (AttachmentRoomError, DiskFullError) as error:
            self._no_room = error

    def _refuse(self, kind: type[CasebookError]) -> None:
        self._refused[kind] = self._refused.get(kind, 0) + 1

    def notices(self, file: str) -> Sequence[CasebookError]:
        """Return what the user is to know of what was not taken."""
        refused: list[CasebookError] = [kind(file=file, count=count) for kind, count in self._refused.items()]
        return [*refused, *([self._no_room] if self._no_room is not None else [])]

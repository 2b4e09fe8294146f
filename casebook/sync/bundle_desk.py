"""Bundles at the server: taken through the same door as an exchange, answered by the same code.

What a bundle says is fed, frame by frame, to the exchange that a laptop's request would be fed to: the same intake,
office, judge and receipts. Its answer is sealed to the laptop (part S) and to the people on it who are to know what
is unblinding (part U).

Source: docs/sync_protocol.md, section "Bundles"; docs/adr/0025.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from casebook.crypto import SealingKey
from casebook.errors import (
    BundleDamagedError,
    BundleForAnotherError,
    BundleOtherStudyError,
    BundleSenderError,
    BundleTurnedAwayError,
    CasebookError,
    ChainBrokenError,
    FileUnreadableError,
    FrameCorruptError,
    NotPermittedError,
    SignatureBadError,
    TooLargeError,
)
from casebook.ids import DeviceId, Epoch, RandomBytes
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.sync import bundle_notes, messages
from casebook.sync.bundle_disk import HeldFrames
from casebook.sync.bundle_file import BundleReader, Prefix
from casebook.sync.bundle_parts import Outgoing, write_parts
from casebook.sync.bundles import openers_on
from casebook.sync.carried_chunks import ChunkTaker, for_answer, read_held, word_frames
from casebook.sync.chains import Chain
from casebook.sync.chunk_serving import ChunkDesk
from casebook.sync.frames import Frame, FrameParser, FrameType, unpack_commits, write_frame
from casebook.sync.messages import End
from casebook.sync.serving import Desk, ServerExchange

_OPENING = "bundle_open."
"""Setting of a shelf's log: the opening of a laptop's latest bundle (base64); its id follows."""
_NUMBER = "bundle_number."
"""Setting: the number of that bundle."""


_HELD = "bundle_held."
"""Setting of a shelf's log: what that bundle said of attachments (base64, a line each); its id follows."""
_SAID = frozenset(
    {FrameType.OPEN, FrameType.SIDECAR, FrameType.COMMITS, FrameType.HELD, FrameType.CHUNK, FrameType.END}
)
"""What a bundle for the server consists of: an opening in full, since nothing is remembered between two files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleKeys:
    """The server's keys for bundles, by shelf, the newest last: what was sealed to an older one still opens."""

    standard: Sequence[SealingKey]
    unblinding: Sequence[SealingKey]

    def of(self, shelf: str) -> Sequence[SealingKey]:
        """Return the keys of a shelf."""
        return self.standard if shelf == STANDARD else self.unblinding


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTaken:
    """What taking a file came to.

    Attributes:
        sender: The laptop.
        appended: Commits that are new here, of both shelves.
        waiting: Commits that wait for what they follow, or for their author's certificate.
        withdrawn: The laptop is withdrawn: what came is kept and held.
        chunks: Parts of attachments that are new here.
        notices: What was set aside or refused, and why.
    """

    sender: DeviceId
    number: int
    part: int
    parts: int
    appended: int
    waiting: int
    withdrawn: bool
    chunks: int = 0
    notices: tuple[CasebookError, ...] = ()


@dataclass(slots=True)
class _Told:
    """How far the frames of one shelf were told to an exchange."""

    exchange: ServerExchange
    taker: ChunkTaker
    set_aside: dict[Chain, CasebookError] = field(default_factory=dict)
    held: list[bytes] = field(default_factory=list)
    sent: int = 0
    taken: int = 0
    ended: bool = False


def take_bundle(desk: Desk, keys: BundleKeys, path: Path, chunks: ChunkDesk | None = None) -> BundleTaken:
    """Take in a file that a laptop wrote for the server. What is taken in is durable on return.

    Args:
        chunks: Where chunks of attachments are kept; None takes none.

    Raises:
        FileUnreadableError: The file cannot be read.
        BundleForeignFileError, BundleNewerError, BundleDamagedError: It is no bundle that can be read here.
        BundleOtherStudyError, BundleForAnotherError, BundleSealedError, BundleSenderError: It is not for here.
    """
    try:
        with path.open("rb") as file:
            return _take(desk, keys, BundleReader(file, path.name), chunks, path.name)
    except OSError as error:
        raise FileUnreadableError(path=path, why=error.strerror or type(error).__name__) from None


def _take(desk: Desk, keys: BundleKeys, reader: BundleReader, chunks: ChunkDesk | None, name: str) -> BundleTaken:
    prefix = reader.prefix
    if prefix.study != desk.study:
        raise BundleOtherStudyError(file=name, study=prefix.study)
    if prefix.recipient != desk.directory.server.device:
        raise BundleForAnotherError(file=name)
    reader.verify()
    opened = {shelf: reader.key(shelf, keys.of(shelf)) for shelf in (STANDARD, UNBLINDING)}
    if opened[STANDARD] is None:
        raise reader.sealed_to_others()
    told: list[_Told] = []
    notices: list[CasebookError] = []
    for shelf, key in opened.items():
        if key is None:
            continue
        try:
            told.append(_tell(desk, shelf, prefix, reader.content(shelf, key), chunks, name))
        except NotPermittedError as refusal:
            notices.append(refusal)  # of shelf U from somebody who is not to have it; shelf S was taken
    device = desk.directory.device(prefix.sender)
    return BundleTaken(
        sender=prefix.sender,
        number=prefix.number,
        part=prefix.part,
        parts=prefix.parts,
        appended=sum(one.exchange.appended for one in told),
        waiting=sum(one.exchange.waiting for one in told),
        withdrawn=device is not None and device.revoked,
        chunks=sum(one.taker.kept for one in told),
        notices=(
            *(error for one in told for error in (*one.set_aside.values(), *one.taker.notices(name))),
            *notices,
        ),
    )


def _tell(
    desk: Desk, shelf: str, prefix: Prefix, content: Iterable[bytes], chunks: ChunkDesk | None, name: str
) -> _Told:
    exchange = ServerExchange(desk, answer_is_sealed=True)
    told = _Told(exchange, _taker(exchange, shelf, chunks))
    opening = b""
    try:
        for frame in _frames(content, name):
            if frame.type not in _SAID:
                raise BundleDamagedError(file=name)
            if frame.type is FrameType.OPEN:
                _refuse_unless_of(frame.body, shelf, prefix, name)
                opening = frame.body
            if frame.type is FrameType.COMMITS:
                _tell_commits(told, frame, name)
            elif frame.type is FrameType.END:
                if messages.read_end(frame.body).commits != told.sent:
                    raise BundleDamagedError(file=name)
                told.exchange.receive(write_frame(FrameType.END, messages.write_end(End(commits=told.taken))))
                told.ended = True
            else:
                _tell_other(told, frame)
        read_held(told.held)
    except FrameCorruptError:
        raise BundleDamagedError(file=name) from None
    if not told.ended:
        raise BundleDamagedError(file=name)
    if told.exchange.device is None:
        raise BundleSenderError(file=name)
    _keep_opening(desk.shelf(shelf), prefix, opening, told.held)
    return told


def _tell_other(told: _Told, frame: Frame) -> None:
    match frame.type:
        case FrameType.HELD:
            told.held.append(frame.body)
        case FrameType.CHUNK:
            told.taker.take(frame.body)
        case _ if frame.type is not FrameType.SIDECAR or told.exchange.device is not None:
            told.exchange.receive(write_frame(frame.type, frame.body))


def _taker(exchange: ServerExchange, shelf: str, chunks: ChunkDesk | None) -> ChunkTaker:
    """Return what takes chunks of those commits that lie here and are of this laptop or its sites."""

    def names(name: str) -> bool:
        device = exchange.device
        if device is None or chunks is None:
            return False
        found = chunks.index(shelf).of(name)
        return any(one.device == device.device or one.site in exchange.sites for one in found)

    return ChunkTaker(names, chunks.chunks[shelf] if chunks is not None else None)


def _frames(content: Iterable[bytes], name: str) -> Iterator[Frame]:
    parser = FrameParser()
    try:
        for data in content:
            yield from parser.feed(data)
    except (FrameCorruptError, TooLargeError):
        raise BundleDamagedError(file=name) from None


def _refuse_unless_of(body: bytes, shelf: str, prefix: Prefix, name: str) -> None:
    """Refuse an opening that was taken out of another bundle, or put into the other part."""
    opened = messages.read_open(body)
    if (opened.device, opened.nonce, opened.shelf) != (prefix.sender, prefix.id, shelf):
        raise BundleSenderError(file=name)


def _tell_commits(told: _Told, frame: Frame, name: str) -> None:
    """Tell an exchange of commits; a chain that does not verify ends there, and the others go on."""
    commits = unpack_commits(frame.body)
    told.sent += len(commits)
    chain = (commits[0].parsed.device, commits[0].parsed.epoch)
    if chain in told.set_aside:
        return
    try:
        told.exchange.receive(write_frame(FrameType.COMMITS, frame.body))
        told.taken += len(commits)
    except (SignatureBadError, ChainBrokenError) as error:
        if told.exchange.device is None:
            raise BundleSenderError(file=name) from None
        told.set_aside[DeviceId(str(error.fields.get("device"))), Epoch(str(error.fields.get("epoch")))] = error
        told.set_aside[chain] = error


def _keep_opening(log: CommitLog, prefix: Prefix, opening: bytes, held: Iterable[bytes]) -> None:
    """Keep what the laptop said it holds, for an answer that is written later.

    The one that came last counts, whatever its number: a laptop whose folder was put back counts from earlier on.
    """
    log.set_setting(_NUMBER + prefix.sender, str(prefix.number))
    log.set_setting(_OPENING + prefix.sender, base64.b64encode(opening).decode("ascii"))
    if prefix.part == 1:
        log.set_setting(_HELD + prefix.sender, "\n".join(base64.b64encode(one).decode("ascii") for one in held))


# -- the answer --------------------------------------------------------------------------------------


def write_reply(
    desk: Desk,
    device: DeviceId,
    folder: Path,
    stem: str,
    *,
    random_bytes: RandomBytes,
    chunks: ChunkDesk | None = None,
) -> tuple[Path, ...]:
    """Write the answer to the latest bundle of a laptop, as the server stands now: receipts, news, attachments.

    Writing it again does no harm, and what an answer that was lost held is in the next.

    Args:
        stem: How the files' names begin; the number and the part follow.
        chunks: Where chunks of attachments are kept; None says nothing of any.

    Raises:
        BundleTurnedAwayError: No bundle of this laptop was ever taken.
        FileUnwritableError: The folder takes no file.
    """
    desk.refresh()
    known, opening = desk.directory.device(device), desk.log.setting(_OPENING + device)
    if known is None or opening is None:
        raise BundleTurnedAwayError
    openers = openers_on(desk.directory, known)
    if known.revoked:
        openers |= {UNBLINDING: ()}
    number = int(desk.log.setting(_NUMBER + device) or "0")
    first = base64.b64decode(opening)
    with ExitStack() as stack:
        answers: dict[str, Outgoing] = {}
        for shelf in (STANDARD, UNBLINDING):
            body = first if shelf == STANDARD else _second_opening(desk, device, first)
            if body is not None and openers[shelf]:
                held = HeldFrames(random_bytes)
                stack.callback(held.close)
                answers |= _answer(desk, shelf, body, held, openers, chunks)
        prefix = Prefix(
            study=desk.study,
            sender=desk.directory.server.device,
            recipient=device,
            number=number,
            part=1,
            parts=1,
            at_ms=desk.now_ms(),
            id=messages.new_nonce(random_bytes),
            answers=messages.read_open(first).nonce,
            room=(0, 0),
        )
        return write_parts(
            prefix,
            answers[STANDARD],
            answers.get(UNBLINDING),
            folder=folder,
            stem=f"{stem}-{number}",
            widen=lambda size_bytes: bundle_notes.widen(desk.log, size_bytes, "." + device),
            random_bytes=random_bytes,
        )


def _second_opening(desk: Desk, device: DeviceId, first: bytes) -> bytes | None:
    """Return the opening of shelf U in the bundle whose opening of shelf S is `first`, None where it had none."""
    kept = desk.unblinding.setting(_OPENING + device) if desk.unblinding is not None else None
    if kept is None:
        return None
    second = base64.b64decode(kept)
    return second if messages.read_open(second).nonce == messages.read_open(first).nonce else None


def _answer(
    desk: Desk,
    shelf: str,
    opening: bytes,
    held: HeldFrames,
    openers: Mapping[str, Sequence[bytes]],
    chunks: ChunkDesk | None,
) -> dict[str, Outgoing]:
    """Return what the exchange answers to an opening: greeting and receipts first, then the commits."""
    exchange = ServerExchange(desk, answer_is_sealed=True)
    try:
        exchange.receive(write_frame(FrameType.OPEN, opening))
    except NotPermittedError:
        return {}  # whoever wrote that bundle is not to have shelf U any more
    exchange.receive(write_frame(FrameType.END, messages.write_end(End(commits=0))))
    parser, head, count = FrameParser(), bytearray(), 0
    for data in exchange.reply():
        for frame in parser.feed(data):
            whole = write_frame(frame.type, frame.body)
            if frame.type is FrameType.COMMITS:
                commits = len(unpack_commits(frame.body))
                held.add(whole, commits)
                count += commits
            elif frame.type is not FrameType.END:
                head += whole
    out = Outgoing(head=bytes(head), held=held, openers=openers[shelf], count=count)
    if chunks is not None:
        _answer_of_attachments(desk, shelf, messages.read_open(opening).nonce, exchange, chunks, out)
    return {shelf: out}


def _answer_of_attachments(
    desk: Desk, shelf: str, nonce: str, exchange: ServerExchange, chunks: ChunkDesk, out: Outgoing
) -> None:
    """Say which attachments are here, and add what the laptop lacks of them. A withdrawn one is given nothing."""
    device, log, kept = exchange.device, desk.shelf(shelf), chunks.chunks[shelf]
    if device is None:
        return
    about: dict[str, str | int] = {
        "st": desk.study,
        "no": nonce,
        "at": desk.now_ms(),
        "se": desk.log.setting(SERVER_EPOCH) or "",
    }
    words = word_frames(log, kept, device=device.device, sites=exchange.sites, about=about, key=desk.receipts)
    for frame in words:
        out.held.add(frame, 0)
    said = log.setting(_HELD + device.device)
    if said and not device.revoked:
        held = read_held(base64.b64decode(line) for line in said.split("\n"))
        out.add_chunks(kept, for_answer(log, kept, held, sites=exchange.sites, home=device.site))

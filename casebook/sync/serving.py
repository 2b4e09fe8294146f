"""The server's side of an exchange.

Frames are taken in as they arrive, each durable before the next is read; the answer begins when the
laptop has said END. Nothing here knows HTTP: a carrier feeds bytes and passes on what comes back.

    receive(bytes)*   OPEN, COMMITS*, END
    reply() -> bytes* HELLO, RECEIPT*, COMMITS*, END

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from casebook.crypto import SigningKey
from casebook.errors import (
    CommitUnreadableError,
    DeviceRevokedError,
    FrameCorruptError,
    SignatureBadError,
    StudyMismatchError,
    TooLargeError,
)
from casebook.ledger import ChainHead, Header, SealedCommit
from casebook.store import CommitLog
from casebook.sync import messages
from casebook.sync.chains import Chain, all_heads, by_chain, in_order, lacking
from casebook.sync.frames import Frame, FrameParser, FrameType, batches, pack_commits, unpack_commits, write_frame
from casebook.sync.intake import Intake
from casebook.sync.messages import End, Hello, Open, Receipt
from casebook.sync.trust import Device, Directory

_SERIAL = "receipt_serial"
CONTACT = "contact."
"""Setting that keeps the time (UTC ms) of a device's last exchange; the device id follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every exchange of one server shares."""

    log: CommitLog
    directory: Directory
    study: str
    receipts: SigningKey
    now_ms: Callable[[], int]


class ServerExchange:
    """One exchange with one laptop."""

    def __init__(self, desk: Desk) -> None:
        """Wait for the laptop's OPEN."""
        self._desk = desk
        self._parser = FrameParser()
        self._open: Open | None = None
        self._open_body = b""
        self._device: Device | None = None
        self._intake: Intake | None = None
        self._received = 0
        self._ended = False

    @property
    def device(self) -> Device | None:
        """The laptop, once its OPEN was verified."""
        return self._device

    @property
    def appended(self) -> int:
        """How many commits of this exchange were new."""
        return self._intake.appended if self._intake is not None else 0

    def receive(self, data: bytes) -> None:
        """Take bytes of the request; whole frames in them are durable on return.

        Raises:
            CasebookError: One of the protocol's problems; nothing more of this request is to be fed.
        """
        for frame in self._parser.feed(data):
            if self._ended:
                raise FrameCorruptError(why="a frame after the end")
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        match frame.type:
            case FrameType.OPEN if self._open is None:
                self._take_open(frame.body)
            case FrameType.COMMITS if self._open is not None:
                self._take_commits(frame.body)
            case FrameType.END if self._open is not None:
                self._ended = True
                if messages.read_end(frame.body).commits != self._received:
                    raise FrameCorruptError(why="commits are missing")
            case _:
                raise FrameCorruptError(why="a frame out of place")

    # -- OPEN --

    def _take_open(self, body: bytes) -> None:
        message = messages.read_open(body)
        if message.study != self._desk.study:
            raise StudyMismatchError
        self._open, self._open_body = message, body
        self._desk.directory.refresh(self._desk.log)
        self._intake = Intake(self._desk.log, self._desk.directory, self._desk.study, takes=self._takes)
        self._recognise()

    def _recognise(self) -> None:
        """Verify OPEN under the device's certificate, as soon as there is one.

        A server that was rebuilt from nothing has none; the laptop then sends the statements it holds,
        which authenticate themselves, and is recognised by them.
        """
        if self._open is None or self._device is not None:
            return
        device = self._desk.directory.device(self._open.device)
        if device is None:
            return
        if not messages.signature_holds(device.signing, messages.OPEN_DOMAIN, self._open_body):
            raise SignatureBadError(device=self._open.device, epoch="", sequence=0)
        self._device = device
        self._desk.log.set_setting(CONTACT + device.device, str(self._desk.now_ms()))

    def _takes(self, header: Header) -> bool:
        directory = self._desk.directory
        if header.device == directory.server.device:
            return True
        return self._device is not None and directory.site_of_chain(header.device, header.epoch) == self._device.site

    # -- COMMITS --

    def _take_commits(self, body: bytes) -> None:
        intake = self._intake
        if intake is None:
            raise FrameCorruptError(why="a frame out of place")
        device = self._device
        try:
            commits = unpack_commits(body)
            if device is not None and device.revoked:
                self._desk.log.quarantine(body, DeviceRevokedError.code)
            else:
                intake.take(commits if device is not None else self._statements(commits))
        except (FrameCorruptError, TooLargeError) as error:
            if device is not None:
                self._desk.log.quarantine(body, error.code)
            raise
        self._received += len(commits)
        self._recognise()

    def _statements(self, commits: Iterable[SealedCommit]) -> list[SealedCommit]:
        try:
            return [one for one in commits if one.parsed.device == self._desk.directory.server.device]
        except CommitUnreadableError:
            raise FrameCorruptError(why="a header in another form") from None

    # -- the answer --

    def reply(self) -> Iterator[bytes]:
        """Give the frames of the answer.

        Raises:
            FrameCorruptError: The request ended before its END; what arrived whole is kept.
            DeviceRevokedError: The laptop is withdrawn.
        """
        if self._open is None or self._intake is None or not self._ended:
            raise FrameCorruptError(why="the request ended early")
        if self._device is not None and self._device.revoked:
            raise DeviceRevokedError
        return self._frames(self._open, self._intake)

    def _frames(self, opened: Open, intake: Intake) -> Iterator[bytes]:
        held = self._held()
        hello = Hello(
            study=self._desk.study,
            nonce=opened.nonce,
            now_ms=self._desk.now_ms(),
            knows_device=self._device is not None,
            heads=tuple(head for heads in held.values() for head in heads),
            waiting=intake.waiting,
        )
        yield write_frame(FrameType.HELLO, messages.write_hello(hello, self._desk.receipts))
        for receipt in self._due_receipts(opened, held):
            yield write_frame(FrameType.RECEIPT, messages.write_receipt(receipt, self._desk.receipts))
        sent = 0
        theirs = by_chain(one.head for one in opened.chains)
        for chain in self._in_order(held):
            after = lacking(held[chain], theirs.get(chain, ()), has=self._desk.log.has)
            if after is None:
                continue
            last = max(head.sequence for head in held[chain])
            commits = (one for one in self._desk.log.chain(*chain, after) if one.parsed.sequence <= last)
            for batch in batches(commits):
                sent += len(batch)
                yield write_frame(FrameType.COMMITS, pack_commits(batch))
        yield write_frame(FrameType.END, messages.write_end(End(commits=sent)))

    def _held(self) -> dict[Chain, tuple[ChainHead, ...]]:
        if self._device is None:
            return {}
        directory, site = self._desk.directory, self._device.site
        heads = all_heads(self._desk.log)
        return {chain: heads[chain] for chain in heads if directory.site_of_chain(*chain) == site}

    def _in_order(self, chains: Iterable[Chain]) -> list[Chain]:
        return in_order(self._desk.log, chains, first=self._desk.directory.server.device)

    def _due_receipts(self, opened: Open, held: dict[Chain, tuple[ChainHead, ...]]) -> Iterator[Receipt]:
        receipted: dict[Chain, int] = {}
        for one in opened.chains:
            chain = (one.head.device, one.head.epoch)
            receipted[chain] = max(receipted.get(chain, 0), one.receipted)
        for chain in self._in_order(held):
            if chain[0] == self._desk.directory.server.device:
                continue
            head = max(held[chain], key=lambda head: head.sequence)
            if head.sequence > receipted.get(chain, 0):
                yield Receipt(study=self._desk.study, serial=self._next_serial(), head=head, at_ms=self._desk.now_ms())

    def _next_serial(self) -> int:
        serial = int(self._desk.log.setting(_SERIAL) or "0") + 1
        self._desk.log.set_setting(_SERIAL, str(serial))
        return serial


def serve(desk: Desk, request: Iterable[bytes]) -> Iterator[bytes]:
    """Serve one exchange in this process: for tests and for carriers that hold the whole request.

    Raises:
        CasebookError: One of the protocol's problems.
    """
    exchange = ServerExchange(desk)
    for data in request:
        exchange.receive(data)
    return exchange.reply()

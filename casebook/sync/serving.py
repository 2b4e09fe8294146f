"""The server's side of an exchange.

Frames are taken in as they arrive, each durable before the next is read; the answer begins when the
laptop has said END. Nothing here knows HTTP: a carrier feeds bytes and passes on what comes back.

    receive(bytes)*   OPEN, SIDECAR?, COMMITS*, END
    reply() -> bytes* HELLO, RECEIPT*, COMMITS*, END

An exchange is of one shelf. Shelf S is given to the laptop for its own site, and for the further sites of the
person who signed the opening. Shelf U is given only to a person whose account sees it, by a signature of the
key certified for them on that laptop; to everybody else the answer is one refusal that says nothing. A laptop
that was withdrawn hands in what was made on it, and is given nothing.

Source: docs/sync_protocol.md, section "An exchange".
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from casebook import crypto
from casebook.crypto import SigningKey
from casebook.errors import (
    CommitUnreadableError,
    FrameCorruptError,
    NotPermittedError,
    SignatureBadError,
    StudyMismatchError,
    TooLargeError,
)
from casebook.ids import KeyId, UserId
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, Header, SealedCommit
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, CommitLog
from casebook.sync import messages
from casebook.sync.chains import Chain, by_chain, heads_of, in_order, lacking
from casebook.sync.frames import Frame, FrameParser, FrameType, batches, pack_commits, unpack_commits, write_frame
from casebook.sync.intake import Intake
from casebook.sync.messages import End, Hello, Open, Receipt
from casebook.sync.trust import Device, Directory, StaffMember

RECEIPT_SERIAL = "receipt_serial"
"""Setting: the serial of the last receipt that was given of a shelf."""
_OPENED = "opened."
"""Setting for each opening of shelf U that was answered; its nonce follows. An opening counts once."""
CONTACT = "contact."
"""Setting that keeps the time (UTC ms) of a device's last exchange; the device id follows."""
HOLDS = "holds."
"""Setting that keeps which chains a device holds up to where, by its own word and what it was sent: `[[d, e, q]]`."""
BACKUP_AT = "backup_at_ms"
"""Setting: when the backup was made (UTC ms) that the setting `BACKUP_SERIAL` speaks of."""
SIDECAR = "sidecar."
"""Setting that keeps the file of a device's key slots (base64), as it last sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every exchange of one server shares.

    Attributes:
        log: Shelf S.
        unblinding: Shelf U; without one it is served to nobody.
        on_kept: Called with the shelf after commits became durable there: see `casebook.sync.office`.
        retry_s: After how many seconds laptops are asked to come again just now; 0 leaves it to them.
        credit_bytes: How many bytes of records are taken in one request just now; 0 for no limit.
    """

    log: CommitLog
    directory: Directory
    study: str
    receipts: SigningKey
    now_ms: Callable[[], int]
    unblinding: CommitLog | None = None
    on_kept: Callable[[str], None] = lambda _: None
    retry_s: Callable[[], int] = lambda: 0
    credit_bytes: Callable[[], int] = lambda: 0

    def shelf(self, name: str) -> CommitLog:
        """Return the log of a shelf. Raises NotPermittedError for one that is not served."""
        if name == STANDARD:
            return self.log
        if self.unblinding is None:
            raise NotPermittedError
        return self.unblinding

    def refresh(self) -> None:
        """Learn what other processes stated."""
        self.directory.refresh(self.log)
        if self.unblinding is not None:
            self.directory.refresh(self.unblinding, UNBLINDING)


class ServerExchange:
    """One exchange with one laptop."""

    def __init__(self, desk: Desk, *, answer_is_sealed: bool = False) -> None:
        """Wait for the laptop's OPEN.

        Args:
            answer_is_sealed: The answer goes into a bundle that only those it is for can open, so that an opening
                may come again: whoever repeats it learns nothing.
        """
        self._desk = desk
        self._answer_is_sealed = answer_is_sealed
        self._parser = FrameParser()
        self._open: Open | None = None
        self._open_body = b""
        self._log = desk.log
        self._device: Device | None = None
        self._person: StaffMember | None = None
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

    @property
    def waiting(self) -> int:
        """How many commits of this exchange wait for what they follow, or for their author's certificate."""
        return self._intake.waiting if self._intake is not None else 0

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
            case FrameType.SIDECAR if self._device is not None and self._open is not None and not self._received:
                self._take_sidecar(self._device, self._open, frame.body)
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
        self._desk.refresh()
        if message.shelf == UNBLINDING:
            self._admit(message, body)
        self._log = self._desk.shelf(message.shelf)
        self._open, self._open_body = message, body
        other = self._desk.unblinding if message.shelf == STANDARD else self._desk.log
        self._intake = Intake(
            self._log,
            self._desk.directory,
            self._desk.study,
            takes=self._takes,
            shelf=message.shelf,
            other_shelf=other,
            on_kept=lambda: self._desk.on_kept(message.shelf),
        )
        self._desk.on_kept(message.shelf)  # what a power cut kept from being looked at
        self._recognise()

    def _admit(self, message: Open, body: bytes) -> None:
        """Let an opening of shelf U through, or refuse it: the same refusal for whatever reason."""
        log = self._desk.shelf(UNBLINDING)
        device = self._desk.directory.device(message.device)
        person = self._signer(message, body)
        if (
            device is None
            or not messages.open_is_signed_by_device(device.signing, body)
            or person is None
            or person.revoked
            or not person.sees_unblinding
            or (log.setting(_OPENED + message.nonce) is not None and not self._answer_is_sealed)
        ):
            raise NotPermittedError
        log.set_setting(_OPENED + message.nonce, str(self._desk.now_ms()))

    def _signer(self, message: Open, body: bytes) -> StaffMember | None:
        """Return whose certified key on this laptop signed the opening, or None."""
        directory = self._desk.directory
        key = directory.person(UserId(message.user), message.device, KeyId(message.person_key))
        if key is None or not messages.open_is_signed_by_person(key.signing, body):
            return None
        return directory.member(key.user)

    def _recognise(self) -> None:
        """Verify OPEN under the device's certificate, as soon as there is one.

        A server that was rebuilt from nothing has none; the laptop then sends the statements it holds,
        which authenticate themselves, and is recognised by them.
        """
        if self._open is None:
            return
        if self._device is None:
            device = self._desk.directory.device(self._open.device)
            if device is None:
                return
            if not messages.open_is_signed_by_device(device.signing, self._open_body):
                raise SignatureBadError(device=self._open.device, epoch="", sequence=0)
            self._device = device
            self._desk.log.set_setting(CONTACT + device.device, str(self._desk.now_ms()))
            self._note_what_it_holds(self._open, ())
        if self._person is None and self._open.user:
            self._person = self._signer(self._open, self._open_body)

    @property
    def _epoch(self) -> str:
        """The incarnation of this server's store, "" where none was made."""
        return self._desk.log.setting(SERVER_EPOCH) or ""

    @property
    def _shelf(self) -> str:
        return self._open.shelf if self._open is not None else STANDARD

    @property
    def _sites(self) -> tuple[str, ...]:
        """The sites that are served: the laptop's own, and those of a person who is not withdrawn."""
        if self._device is None or self._device.revoked:
            return ()
        given = self._person.all_sites if self._person is not None and not self._person.revoked else ()
        return tuple(dict.fromkeys((self._device.site, *given)))

    def _takes(self, header: Header) -> bool:
        if self._device is not None and header.device == self._device.device:
            return True  # its own: also of a site that was taken away since
        return header.site in self._sites or (self._device is None and header.kind == "srv")

    def _take_sidecar(self, device: Device, opened: Open, body: bytes) -> None:
        if opened.shelf == STANDARD and crypto.sha256(body).hex() == opened.sidecar_hash:
            self._desk.log.set_setting(SIDECAR + device.device, base64.b64encode(body).decode("ascii"))

    # -- COMMITS --

    def _take_commits(self, body: bytes) -> None:
        intake = self._intake
        if intake is None:
            raise FrameCorruptError(why="a frame out of place")
        device = self._device
        try:
            commits = unpack_commits(body)
            intake.take(commits if device is not None else self._statements(commits))
        except (FrameCorruptError, TooLargeError) as error:
            if device is not None:
                self._log.quarantine(body, error.code)
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
        """
        if self._open is None or self._intake is None or not self._ended:
            raise FrameCorruptError(why="the request ended early")
        return self._frames(self._open, self._intake)

    def _frames(self, opened: Open, intake: Intake) -> Iterator[bytes]:
        held = self._held()
        hello = Hello(
            study=self._desk.study,
            nonce=opened.nonce,
            now_ms=self._desk.now_ms(),
            knows_device=self._device is not None,
            heads=tuple(head for heads in held.values() for head in heads),
            sites=self._sites,
            waiting=intake.waiting,
            withdrawn=self._device is not None and self._device.revoked,
            wants_sidecar=self._wants_sidecar(opened),
            server_epoch=self._epoch,
            backup_serial=int(self._log.setting(BACKUP_SERIAL) or "0"),
            backup_at_ms=int(self._log.setting(BACKUP_AT) or "0"),
            retry_s=self._desk.retry_s(),
            credit_bytes=self._desk.credit_bytes(),
        )
        yield write_frame(FrameType.HELLO, messages.write_hello(hello, self._desk.receipts))
        for receipt in self._due_receipts(opened, held):
            yield write_frame(FrameType.RECEIPT, messages.write_receipt(receipt, self._desk.receipts))
        sent = 0
        theirs = by_chain(one.head for one in opened.chains)
        lacks = {chain: lacking(held[chain], theirs.get(chain, ()), has=self._log.has) for chain in held}
        missing = {chain: after for chain, after in lacks.items() if after is not None}
        for chain in () if hello.withdrawn else self._in_order(missing):
            after = missing[chain]
            last = max(head.sequence for head in held[chain])
            commits = (one for one in self._log.chain(*chain, after) if one.parsed.sequence <= last)
            for batch in batches(commits):
                sent += len(batch)
                yield write_frame(FrameType.COMMITS, pack_commits(batch))
        self._note_what_it_holds(opened, () if hello.withdrawn else hello.heads)
        yield write_frame(FrameType.END, messages.write_end(End(commits=sent)))

    def _held(self) -> dict[Chain, tuple[ChainHead, ...]]:
        """Return the heads that concern this exchange: of the served sites' chains, and of the laptop's own."""
        device = self._device
        if device is None:
            return {}
        return dict(heads_of(self._log, self._sites, device.device))

    def _wants_sidecar(self, opened: Open) -> bool:
        if self._device is None or not opened.sidecar_hash or opened.shelf != STANDARD:
            return False
        kept = self._desk.log.setting(SIDECAR + opened.device)
        return kept is None or crypto.sha256(base64.b64decode(kept)).hex() != opened.sidecar_hash

    def _note_what_it_holds(self, opened: Open, sent: Iterable[ChainHead]) -> None:
        """Keep what the laptop named and was sent: what a report says was on it, should it be lost."""
        if self._device is None:
            return
        held: dict[Chain, int] = {}
        for head in (*(one.head for one in opened.chains), *sent):
            chain = (head.device, head.epoch)
            held[chain] = max(held.get(chain, 0), head.sequence)
        noted = json.dumps([[*chain, held[chain]] for chain in sorted(held)])
        if self._log.setting(HOLDS + opened.device) != noted:
            self._log.set_setting(HOLDS + opened.device, noted)

    def _in_order(self, chains: Iterable[Chain]) -> list[Chain]:
        return in_order(self._log, chains, first=self._desk.directory.server.device)

    def _due_receipts(self, opened: Open, held: dict[Chain, tuple[ChainHead, ...]]) -> Iterator[Receipt]:
        receipted: dict[Chain, int] = {}
        for one in opened.chains:
            chain = (one.head.device, one.head.epoch)
            receipted[chain] = max(receipted.get(chain, 0), one.receipted)
        ends = {chain: max(held[chain], key=lambda head: head.sequence) for chain in held}
        due = [
            chain
            for chain, head in ends.items()
            if head.sequence > receipted.get(chain, 0) and chain[0] != self._desk.directory.server.device
        ]
        for chain in self._in_order(due):
            yield Receipt(
                study=self._desk.study,
                serial=self._next_serial(),
                head=ends[chain],
                at_ms=self._desk.now_ms(),
                server_epoch=self._epoch,
            )

    def _next_serial(self) -> int:
        serial = int(self._log.setting(RECEIPT_SERIAL) or "0") + 1
        self._log.set_setting(RECEIPT_SERIAL, str(serial))
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

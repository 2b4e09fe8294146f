"""The server's side of an exchange.

Frames are taken in as they arrive, each durable before the next is read; the answer begins when the
laptop has said END. Nothing here knows HTTP: a carrier feeds bytes and passes on what comes back.

    receive(bytes)*   OPEN | BRIEF, SIDECAR?, COMMITS*, END
    reply() -> bytes* HELLO, RECEIPT*, COMMITS*, END
                      (to a BRIEF, GREETING and MARK in the place of HELLO and RECEIPT)

A request carries an exchange for each shelf, one after the other (`ServerConversation`). An exchange is of one
shelf. Shelf S is given to the laptop for its own site, and for the further sites of the
person who signed the opening. Shelf U is given only to a person whose account sees it, by a signature of the
key certified for them on that laptop; to everybody else the answer is one refusal that says nothing. A laptop
that was withdrawn hands in what was made on it, and is given nothing.

Source: docs/sync_protocol.md, section "An exchange".
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from casebook import crypto, ledger
from casebook.errors import (
    CasebookError,
    CommitUnreadableError,
    FrameCorruptError,
    NotPermittedError,
    SignatureBadError,
    StudyMismatchError,
    TooLargeError,
)
from casebook.ids import CommitId, DeviceId, Epoch, KeyId, UserId
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, Header, SealedCommit
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH
from casebook.sync import messages
from casebook.sync.aside import set_aside
from casebook.sync.brief import Brief, brief_holds, digest_of, read_brief, served_sites, write_greeting, write_mark
from casebook.sync.chains import Chain, Heads, by_chain, heads_of, in_order, lacking
from casebook.sync.desk import BACKUP_AT, CONTACT, HOLDS, RECEIPT_SERIAL, SIDECAR, Desk
from casebook.sync.frames import (
    MAX_COMMITS_BYTES,
    TARGET_BYTES,
    Frame,
    FrameParser,
    FrameType,
    packed,
    unpack_commits,
    write_frame,
)
from casebook.sync.intake import Intake
from casebook.sync.messages import End, HeldChain, Hello, Open, Receipt
from casebook.sync.packing import BaseUnknownError, tag_of
from casebook.sync.problems import problem_of, write_problem
from casebook.sync.trust import Device, StaffMember

__all__ = [
    "BACKUP_AT",
    "CONTACT",
    "HOLDS",
    "RECEIPT_SERIAL",
    "SIDECAR",
    "Desk",
    "ServerConversation",
    "ServerExchange",
    "serve",
]

_OPENED = "opened."
"""Setting for each opening of shelf U that was answered; its nonce follows. An opening counts once."""
_MOST_OF_UNKNOWN_BYTES = 4 * TARGET_BYTES
"""What a frame may unpack to of a laptop that is not proven: enough for the statements that introduce it."""


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
        self._brief: Brief | None = None
        self._knows_heads = False
        self._sent: dict[Chain, ChainHead] = {}
        self._unread = 0
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
            self.take(frame)

    def take(self, frame: Frame) -> None:
        """Take one frame; it is durable on return. Raises as `receive`."""
        if self._ended:
            raise FrameCorruptError(why="a frame after the end")
        match frame.type:
            case FrameType.OPEN if self._open is None:
                self._take_open(frame.body)
            case FrameType.BRIEF if self._open is None:
                self._take_brief(frame.body)
            case FrameType.SIDECAR if self._device is not None and self._open is not None and not self._received:
                self._take_sidecar(self._device, self._open, frame.body)
            case FrameType.COMMITS if self._open is not None:
                self._take_commits(frame.body)
            case FrameType.END if self._open is not None:
                self._ended = True
                if messages.read_end(frame.body).commits != self._received and not self._unread:
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
        self._begin(message, body)
        self._recognise()

    def _begin(self, message: Open, body: bytes) -> None:
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
            sender=self._sender,
        )
        self._desk.on_kept(message.shelf)  # what a power cut kept from being looked at

    # -- BRIEF --

    def _take_brief(self, body: bytes) -> None:
        """Take a short opening: of a laptop or person who is not known nothing is taken, and it opens in full."""
        brief = read_brief(body)
        self._desk.refresh()
        key, device = self._holder(brief)
        if key is not None and not brief_holds(key, self._desk.study, body):
            if brief.shelf == UNBLINDING:
                raise NotPermittedError
            raise SignatureBadError(device=device.device if device is not None else "", epoch="", sequence=0)
        if brief.shelf == UNBLINDING:
            self._admit_person(self._person, device, brief.nonce)
        self._brief = brief
        opened = Open(
            study=self._desk.study,
            device=device.device if device is not None else self._desk.directory.server.device,
            app_version="",
            nonce=brief.nonce,
            chains=(),
            shelf=brief.shelf,
        )
        self._begin(opened, body)
        if device is not None:
            self._device = device
            self._desk.log.set_setting(CONTACT + device.device, str(self._desk.now_ms()))
            known = self._known_to_hold(brief, device)
            self._knows_heads = known is not None
            self._open = replace(opened, chains=known or ())

    def _holder(self, brief: Brief) -> tuple[bytes | None, Device | None]:
        """Return the key that has to have signed, and whose laptop it is; None for what nobody certified."""
        directory = self._desk.directory
        if not brief.by_person:
            device = directory.device(DeviceId(brief.signer))
            return (device.signing if device is not None else None), device
        key = directory.holder(KeyId(brief.signer))
        device = directory.device(key.device) if key is not None else None
        if key is None or device is None:
            return None, None
        self._person = directory.member(key.user)
        return key.signing, device

    def _known_to_hold(self, brief: Brief, device: Device) -> tuple[HeldChain, ...] | None:
        """Return the chains that the laptop holds, where its digest is that of something known here."""
        if device.revoked:
            return None
        kept = self._desk.log.setting(SIDECAR + device.device) if brief.shelf == STANDARD else None
        sidecars = ("", crypto.sha256(base64.b64decode(kept)).hex()) if kept is not None else ("",)
        for heads in (self._held(), self._noted(device)):
            chains = tuple(one for ends in heads.values() for one in self._receipted(ends))
            for sidecar in sidecars:
                digest = digest_of(chains, sites=self.sites, server_epoch=self._epoch, sidecar_hash=sidecar)
                if digest == brief.digest:
                    return chains
        return None

    def _receipted(self, ends: tuple[ChainHead, ...]) -> Iterator[HeldChain]:
        """Give the ends of a chain as a laptop names them that has every receipt."""
        last = max(head.sequence for head in ends)
        for head in ends:
            yield HeldChain(head=head, receipted=0 if head.device == self._desk.directory.server.device else last)

    def _noted(self, device: Device) -> dict[Chain, tuple[ChainHead, ...]]:
        noted = json.loads(self._log.setting(HOLDS + device.device) or "[]")
        return by_chain(
            ChainHead(device=DeviceId(name), epoch=Epoch(epoch), sequence=sequence, id=CommitId(id_))
            for name, epoch, sequence, id_ in noted
        )

    # -- who may --

    def _admit(self, message: Open, body: bytes) -> None:
        """Let an opening of shelf U through, or refuse it: the same refusal for whatever reason."""
        device = self._desk.directory.device(message.device)
        if device is None or not messages.open_is_signed_by_device(device.signing, body):
            raise NotPermittedError
        self._admit_person(self._signer(message, body), device, message.nonce)

    def _admit_person(self, person: StaffMember | None, device: Device | None, nonce: str) -> None:
        """Let somebody open shelf U whose signature was verified. An opening counts once."""
        log = self._desk.shelf(UNBLINDING)
        if (
            device is None
            or person is None
            or person.revoked
            or not person.sees_unblinding
            or (log.setting(_OPENED + nonce) is not None and not self._answer_is_sealed)
        ):
            raise NotPermittedError
        log.set_setting(_OPENED + nonce, str(self._desk.now_ms()))

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
        if self._open is None or self._brief is not None:
            return
        if self._device is None:
            device = self._desk.directory.device(self._open.device)
            if device is None:
                return
            if not messages.open_is_signed_by_device(device.signing, self._open_body):
                raise SignatureBadError(device=self._open.device, epoch="", sequence=0)
            self._device = device
            self._desk.log.set_setting(CONTACT + device.device, str(self._desk.now_ms()))
            self._note_what_it_holds((one.head for one in self._open.chains), ())
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
    def sites(self) -> tuple[str, ...]:
        """The sites that are served: the laptop's own, and those of a person who is not withdrawn."""
        return served_sites(self._device, self._person)

    def _takes(self, header: Header) -> bool:
        if self._device is not None and header.device == self._device.device:
            return True  # its own: also of a site that was taken away since
        return header.site in self.sites or (self._device is None and header.kind == "srv")

    def _take_sidecar(self, device: Device, opened: Open, body: bytes) -> None:
        if opened.shelf == STANDARD and crypto.sha256(body).hex() == opened.sidecar_hash:
            self._desk.log.set_setting(SIDECAR + device.device, base64.b64encode(body).decode("ascii"))

    def _sender(self) -> str:
        return self._device.device if self._device is not None else ""

    # -- COMMITS --

    def _take_commits(self, body: bytes) -> None:
        intake = self._intake
        if intake is None:
            raise FrameCorruptError(why="a frame out of place")
        device = self._device
        if device is None and self._brief is not None:
            self._unread += 1  # of nobody known: it opens in full, and sends again
            return
        try:
            most_bytes = MAX_COMMITS_BYTES if device is not None else _MOST_OF_UNKNOWN_BYTES
            commits = unpack_commits(body, self._continued, most_bytes=most_bytes)
            chain = _chain(commits[-1])
            self._sent[chain] = ledger.head_after(commits[-1])
            intake.take(commits if device is not None else self._statements(commits))
        except BaseUnknownError:
            self._unread += 1  # it continues what is not here: the laptop guessed wrong
            return
        except (FrameCorruptError, TooLargeError) as error:
            if device is not None:
                set_aside(self._log, body, error.code, device.device)
            raise
        self._received += len(commits)
        self._recognise()

    def _continued(self, tag: bytes) -> SealedCommit | None:
        """Return the laptop's own commit that a frame continues: an end that it named, or that is held."""
        named = (one.head for one in self._open.chains) if self._open is not None else ()
        held = (head for ends in self._held().values() for head in ends)
        for head in (*named, *held):
            if self._device is not None and head.device == self._device.device and head.id and self._log.has(head.id):
                commit = self._log.commit(head.id)
                if tag_of(commit) == tag:
                    return commit
        return None

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
        theirs = by_chain(one.head for one in opened.chains)
        if self._brief is not None:  # it named its own chains up to where it sends from
            theirs |= {chain: (end,) for chain, end in self._sent.items()}
        withdrawn = self._device is not None and self._device.revoked
        answers = not withdrawn and (self._brief is None or self._knows_heads)
        hello = Hello(
            study=self._desk.study,
            nonce=opened.nonce,
            now_ms=self._desk.now_ms(),
            knows_device=self._device is not None,
            # what could not be read is not here, whatever the laptop takes for known
            heads=tuple(_differing(held, theirs) if self._knows_heads and not self._unread else _all(held)),
            sites=self.sites,
            waiting=intake.waiting,
            withdrawn=withdrawn,
            wants_sidecar=self._wants_sidecar(opened),
            server_epoch=self._epoch,
            backup_serial=int(self._log.setting(BACKUP_SERIAL) or "0"),
            backup_at_ms=int(self._log.setting(BACKUP_AT) or "0"),
            retry_s=self._desk.retry_s(),
            credit_bytes=self._desk.credit_bytes(),
            knows_heads=self._knows_heads,
        )
        yield self._greet(hello)
        for receipt in self._due_receipts(opened, held):
            yield self._confirm(receipt, held, hello.now_ms)
        sent = 0
        missing = self._missing_there(held, theirs)
        for chain in self._in_order(missing) if answers else ():
            last = max(head.sequence for head in held[chain])
            for group, body in packed(self._log.chain(*chain, missing[chain], upto=last)):
                sent += len(group)
                yield write_frame(FrameType.COMMITS, body)
        if self._brief is None or answers:
            self._note_what_it_holds(_all(theirs), () if withdrawn else _all(held))
        yield write_frame(FrameType.END, messages.write_end(End(commits=sent)))

    def _missing_there(self, held: Heads, theirs: Heads) -> dict[Chain, int]:
        """Return, for each chain of which the laptop lacks commits, after which sequence.

        A short opening names the laptop's own chains up to where it sends from, not up to their ends: what the server
        holds beyond that came from there, most likely. A laptop that lacks it sees so by the heads, and opens in full.
        """
        missing: dict[Chain, int] = {}
        for chain, heads in held.items():
            if self._brief is not None and self._device is not None and chain[0] == self._device.device:
                continue
            grew = heads == (self._sent.get(chain),)  # the laptop wrote on after its opening, and sent that too
            after = None if grew else lacking(heads, theirs.get(chain, ()), has=self._log.has)
            if after is not None:
                missing[chain] = after
        return missing

    def _greet(self, hello: Hello) -> bytes:
        if self._brief is None:
            return write_frame(FrameType.HELLO, messages.write_hello(hello, self._desk.receipts))
        return write_frame(FrameType.GREETING, write_greeting(hello, self._desk.receipts))

    def _confirm(self, receipt: Receipt, held: Heads, now_ms: int) -> bytes:
        if self._brief is None:
            return write_frame(FrameType.RECEIPT, messages.write_receipt(receipt, self._desk.receipts))
        return write_frame(FrameType.MARK, write_mark(receipt, _all(held), now_ms, self._desk.receipts))

    def _held(self) -> dict[Chain, tuple[ChainHead, ...]]:
        """Return the heads that concern this exchange: of the served sites' chains, and of the laptop's own."""
        device = self._device
        if device is None:
            return {}
        return dict(heads_of(self._log, self.sites, device.device))

    def _wants_sidecar(self, opened: Open) -> bool:
        if self._device is None or not opened.sidecar_hash or opened.shelf != STANDARD:
            return False
        kept = self._desk.log.setting(SIDECAR + opened.device)
        return kept is None or crypto.sha256(base64.b64decode(kept)).hex() != opened.sidecar_hash

    def _note_what_it_holds(self, named: Iterable[ChainHead], sent: Iterable[ChainHead]) -> None:
        """Keep what the laptop named and was sent: a guess at its next digest, and a report should it be lost."""
        if self._device is None:
            return
        ends: dict[Chain, ChainHead] = {}
        for head in (*named, *sent):
            chain = (head.device, head.epoch)
            if head.id and (chain not in ends or ends[chain].sequence <= head.sequence):
                ends[chain] = head
        noted = json.dumps([[*chain, ends[chain].sequence, ends[chain].id] for chain in sorted(ends)])
        if self._log.setting(HOLDS + self._device.device) != noted:
            self._log.set_setting(HOLDS + self._device.device, noted)

    def _in_order(self, chains: Iterable[Chain]) -> list[Chain]:
        return in_order(self._log, chains, first=self._desk.directory.server.device)

    def _due_receipts(self, opened: Open, held: dict[Chain, tuple[ChainHead, ...]]) -> Iterator[Receipt]:
        receipted: dict[Chain, int] = {}
        for one in opened.chains:
            chain = (one.head.device, one.head.epoch)
            receipted[chain] = max(receipted.get(chain, 0), one.receipted)
        ends = {chain: max(held[chain], key=lambda head: head.sequence) for chain in held}
        named = self._brief is None or self._knows_heads
        due = [
            chain
            for chain, head in ends.items()
            if (named or chain in self._sent)
            and head.sequence > receipted.get(chain, 0)
            and chain[0] != self._desk.directory.server.device
        ]
        for serial, chain in enumerate(self._in_order(due), self._take_serials(len(due))):
            yield Receipt(
                study=self._desk.study,
                serial=serial,
                head=ends[chain],
                at_ms=self._desk.now_ms(),
                server_epoch=self._epoch,
            )

    def _take_serials(self, count: int) -> int:
        """Take serials for so many receipts; returns the first of them."""
        last = int(self._log.setting(RECEIPT_SERIAL) or "0")
        if count:
            self._log.set_setting(RECEIPT_SERIAL, str(last + count))
        return last + 1


class ServerConversation:
    """The exchanges of one request, one for each shelf, one after the other.

    What is refused of the first one refuses the request; of a later one it is said in its place, and undoes nothing.
    """

    def __init__(self, desk: Desk) -> None:
        """Wait for the first opening."""
        self._desk = desk
        self._parser = FrameParser(takes_large=False)
        self._exchanges: list[ServerExchange] = []
        self._refusals: dict[int, CasebookError] = {}
        self._is_over = True

    @property
    def device(self) -> Device | None:
        """The laptop, once an opening of it was verified."""
        return next((one.device for one in self._exchanges if one.device is not None), None)

    @property
    def appended(self) -> int:
        """How many commits of this request were new."""
        return sum(one.appended for one in self._exchanges)

    def receive(self, data: bytes) -> None:
        """Take bytes of the request; whole frames in them are durable on return.

        Raises:
            CasebookError: One of the protocol's problems; nothing more of this request is to be fed.
        """
        for frame in self._parser.feed(data):
            if self._is_over:
                self._exchanges.append(ServerExchange(self._desk))
                self._is_over = False
            self._take(frame)
            self._parser.takes_large = self.device is not None

    def _take(self, frame: Frame) -> None:
        place = len(self._exchanges) - 1
        if place not in self._refusals:
            try:
                self._exchanges[place].take(frame)
            except CasebookError as error:
                if not place or problem_of(error) is None:
                    raise
                self._refusals[place] = error
        self._is_over = frame.type is FrameType.END

    def reply(self) -> Iterator[bytes]:
        """Give the frames of the answer.

        Raises:
            FrameCorruptError: The request ended before its last END; what arrived whole is kept.
        """
        if not self._exchanges or not self._is_over or not self._parser.is_between_frames:
            raise FrameCorruptError(why="the request ended early")
        return self._frames()

    def _frames(self) -> Iterator[bytes]:
        for place, exchange in enumerate(self._exchanges):
            if place in self._refusals:
                _, problem = write_problem(self._refusals[place])
                yield write_frame(FrameType.PROBLEM, problem)
            else:
                yield from exchange.reply()


def _all(heads: Heads) -> Iterator[ChainHead]:
    for ends in heads.values():
        yield from ends


def _differing(held: Heads, theirs: Heads) -> Iterator[ChainHead]:
    """Give the heads of chains that stand otherwise here than there; sequence 0 for one that is not here."""
    for chain in (*held, *(chain for chain in theirs if chain not in held)):
        here, there = held.get(chain, ()), theirs.get(chain, ())
        if {one.id for one in here} != {one.id for one in there}:
            yield from here or (ChainHead(device=chain[0], epoch=chain[1], sequence=0, id=None),)


def _chain(commit: SealedCommit) -> Chain:
    try:
        return commit.parsed.device, commit.parsed.epoch
    except CommitUnreadableError:
        raise FrameCorruptError(why="a header in another form") from None


def serve(desk: Desk, request: Iterable[bytes]) -> Iterator[bytes]:
    """Serve one request in this process: for tests and for carriers that hold the whole request.

    Raises:
        CasebookError: One of the protocol's problems.
    """
    conversation = ServerConversation(desk)
    for data in request:
        conversation.receive(data)
    return conversation.reply()

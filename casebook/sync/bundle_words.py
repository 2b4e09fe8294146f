"""What a bundle says, heard on a laptop frame by frame, by the same intake as an exchange.

Source: docs/sync_protocol.md, section "Bundles".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from casebook.errors import (
    BundleDamagedError,
    BundleSenderError,
    CasebookError,
    ChainBrokenError,
    ChainForkError,
    CommitUnreadableError,
    CopyAtWorkError,
    FrameCorruptError,
    OlderCopyError,
    RecordsLostError,
    ServerWordUntrustedError,
    SignatureBadError,
    TooLargeError,
)
from casebook.ids import CommitId, DeviceId, Epoch, KeyId, UserId
from casebook.ledger import UNBLINDING, ChainHead, Header
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.store.chunks import Chunks
from casebook.sync import bundle_notes, messages
from casebook.sync.attachments import all_names, named_chunks
from casebook.sync.bundle_disk import Watch
from casebook.sync.carried_chunks import ChunkTaker, hear_word, keep_heard, read_held
from casebook.sync.chains import Chain, all_heads, by_chain, forked, site_of
from casebook.sync.copies import lost_here
from casebook.sync.frames import Frame, FrameParser, FrameType, unpack_commits
from casebook.sync.intake import Intake
from casebook.sync.memory import note_lost
from casebook.sync.messages import Hello, Open, Receipt
from casebook.sync.step import Step, keep_step, read_step
from casebook.sync.trust import Device, Directory

HEARD = "bundle_heard"
"""Setting: the answer that was read last, and the latest time that was told then: its further parts are no older."""
HEARD_AT = "bundle_heard_ms"
"""Setting: the server's clock (UTC ms) at the latest answer that was read: an older one says nothing of its store."""
WHOLE = "bundle_whole"
"""Setting: the server said that it does not know this laptop, since it was made anew: it is told everything."""
BACKUP_SERIAL, BACKUP_AT = "backup_serial", "backup_at_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one shelf of a bundle came to.

    Attributes:
        appended: Commits that are new here.
        waiting: Commits that wait for what they follow, or for the author's certificate.
        receipts: Receipts kept.
        waiting_there: Commits that wait at the server.
        notices: Sentences for the user.
        older_copy: The server holds commits of this laptop that it does not hold itself.
        withdrawn: The server's signed word: this laptop is withdrawn.
        server_ms: The server's clock when it answered (UTC ms), 0 from a laptop.
        attachments: Attachments of which the last part came.
    """

    appended: int = 0
    waiting: int = 0
    receipts: int = 0
    waiting_there: int = 0
    notices: tuple[CasebookError, ...] = ()
    older_copy: bool = False
    withdrawn: bool = False
    server_ms: int = 0
    attachments: int = 0


@dataclass(slots=True, kw_only=True)
class Hearing:
    """One shelf of one file, as it is heard.

    Attributes:
        name: How sentences name the file.
        device: This laptop.
        site: Its site; None takes chains of every site that the sender gives.
        chunks: Where chunks of attachments of this shelf lie; None takes none.
    """

    name: str
    log: CommitLog
    shelf: str
    device: DeviceId
    study: str
    site: str | None
    directory: Directory
    identity_key: bytes | None
    begin_epoch: Callable[[], None]
    watch: Watch
    chunks: Chunks | None = None
    _set_aside: dict[Chain, CasebookError] = field(default_factory=dict)
    _received: int = 0
    _intake: Intake | None = None
    _taker: ChunkTaker | None = None
    _here_before: frozenset[CommitId] = frozenset()

    def intake(self) -> Intake:
        """Return what verifies and appends."""
        if self._intake is None:
            self._intake = Intake(
                self.log,
                self.directory,
                self.study,
                takes=self._takes,
                shelf=self.shelf,
                identity_key=self.identity_key,
            )
        return self._intake

    def _takes(self, header: Header) -> bool:
        return self.site is None or header.site == self.site or header.device == self.device

    def frames(self, content: Iterable[bytes]) -> Iterator[Frame]:
        """Give the frames up to and with the end. Raises BundleDamagedError."""
        parser = FrameParser()
        ended = False
        try:
            for data in content:
                self.watch.pass_by(len(data))
                for frame in parser.feed(data):
                    if ended:
                        raise BundleDamagedError(file=self.name)
                    ended = frame.type is FrameType.END
                    yield frame
        except (FrameCorruptError, TooLargeError):
            raise BundleDamagedError(file=self.name) from None
        if not ended or not parser.is_between_frames:
            raise BundleDamagedError(file=self.name)

    def go_on(self, frame: Frame) -> None:
        """Take what both a laptop and the server say after they began. Raises BundleDamagedError."""
        match frame.type:
            case FrameType.COMMITS:
                self.take(frame.body)
            case FrameType.CHUNK:
                self.take_chunk(frame.body)
            case FrameType.END:
                self.end(frame.body)
            case _:
                raise BundleDamagedError(file=self.name)

    def take(self, body: bytes) -> None:
        """Take in a COMMITS frame; a chain that does not verify ends there, the others go on."""
        try:
            commits = unpack_commits(body)
            first = commits[0].parsed
            self._received += len(commits)
            if (first.device, first.epoch) not in self._set_aside:
                self.intake().take(commits)
        except (SignatureBadError, ChainBrokenError) as error:
            chain = DeviceId(str(error.fields.get("device"))), Epoch(str(error.fields.get("epoch")))
            self._set_aside[chain] = error
        except (CommitUnreadableError, FrameCorruptError, TooLargeError):
            raise BundleDamagedError(file=self.name) from None

    def take_chunk(self, body: bytes) -> None:
        """Take in a CHUNK frame, where a commit names it that is held here."""
        if self._taker is None:
            named = all_names(self.log)  # chunks come after the commits of their file
            self._taker = ChunkTaker(named.__contains__, self.chunks)
            self._here_before = self._whole()
        self._taker.take(body)

    def _whole(self) -> frozenset[CommitId]:
        """Return the attachments that are whole here."""
        chunks = self.chunks
        if chunks is None:
            return frozenset()
        return frozenset(one.commit for one in named_chunks(self.log) if all(map(chunks.has, one.names)))

    def attachments(self) -> int:
        """Return how many attachments became whole."""
        return len(self._whole() - self._here_before) if self._taker is not None and self._taker.kept else 0

    def end(self, body: bytes) -> None:
        """Compare the count. Raises BundleDamagedError."""
        try:
            if messages.read_end(body).commits != self._received:
                raise BundleDamagedError(file=self.name)
        except FrameCorruptError:
            raise BundleDamagedError(file=self.name) from None

    def notices(self, forks_before: frozenset[Chain]) -> tuple[CasebookError, ...]:
        """Return what the user is to know of the chains."""
        new = forked(all_heads(self.log)) - forks_before
        return (
            *self._set_aside.values(),
            *(ChainForkError(device=chain[0]) for chain in sorted(new)),
            *(self._taker.notices(self.name) if self._taker is not None else ()),
        )


# -- a laptop of the site ----------------------------------------------------------------------------


def hear_laptop(hearing: Hearing, content: Iterable[bytes], sender: Device, id_: str) -> Heard:
    """Take in what another laptop of the site wrote, and note what it holds.

    Raises:
        BundleSenderError: The opening is not signed by the laptop, or, of shelf U, by nobody who is to have it.
        BundleDamagedError: What follows is not what was written.
    """
    forks = forked(all_heads(hearing.log))
    opened: Open | None = None
    held: list[bytes] = []
    for frame in hearing.frames(content):
        match frame.type:
            case FrameType.OPEN if opened is None:
                opened = _opening(hearing, frame.body, sender, id_)
            case FrameType.HELD if opened is not None:
                held.append(frame.body)
            case _ if opened is not None:
                hearing.go_on(frame)
            case _:
                raise BundleDamagedError(file=hearing.name)
    if held:
        _keep_what_it_has(hearing, sender, held)
    if opened is not None:
        bundle_notes.keep_heard_heads(hearing.log, sender.device, (one.head for one in opened.chains))
    return Heard(
        appended=hearing.intake().appended,
        waiting=hearing.intake().waiting,
        notices=hearing.notices(forks),
        attachments=hearing.attachments(),
    )


def _keep_what_it_has(hearing: Hearing, sender: Device, bodies: Iterable[bytes]) -> None:
    try:
        keep_heard(hearing.log, sender.device, read_held(bodies))
    except FrameCorruptError:
        raise BundleDamagedError(file=hearing.name) from None


def hear_statements(hearing: Hearing, content: Iterable[bytes]) -> None:
    """Take in the server's statements alone: they introduce a laptop that was enrolled since the last contact.

    They verify under the server's key, whoever brings them.

    Raises:
        BundleDamagedError: It is not what was written.
    """
    for frame in hearing.frames(content):
        if frame.type is FrameType.COMMITS and _device_of(frame.body, hearing.name) == hearing.directory.server.device:
            hearing.take(frame.body)


def _device_of(body: bytes, name: str) -> DeviceId:
    try:
        return unpack_commits(body)[0].parsed.device
    except (CommitUnreadableError, FrameCorruptError, TooLargeError):
        raise BundleDamagedError(file=name) from None


def _opening(hearing: Hearing, body: bytes, sender: Device, id_: str) -> Open:
    try:
        opened = messages.read_open(body)
    except FrameCorruptError:
        raise BundleDamagedError(file=hearing.name) from None
    about = (opened.study, opened.device, opened.shelf, opened.nonce)
    if about != (hearing.study, sender.device, hearing.shelf, id_) or not is_opened_by(hearing.directory, opened, body):
        raise BundleSenderError(file=hearing.name)
    return opened


def is_opened_by(directory: Directory, opened: Open, body: bytes) -> bool:
    """Tell whether an opening is signed by its laptop, and one of shelf U by somebody there who is to have it."""
    device = directory.device(opened.device)
    if device is None or not messages.open_is_signed_by_device(device.signing, body):
        return False
    if opened.shelf != UNBLINDING:
        return True
    key = directory.person(UserId(opened.user), opened.device, KeyId(opened.person_key))
    member = directory.member(key.user) if key is not None else None
    return (
        key is not None
        and member is not None
        and member.sees_unblinding
        and not member.revoked
        and messages.open_is_signed_by_person(key.signing, body)
    )


# -- the server --------------------------------------------------------------------------------------


def hear_server(hearing: Hearing, content: Iterable[bytes], nonce: str) -> Heard:
    """Take in what the server answered: its greeting, receipts and news.

    Raises:
        BundleSenderError: The greeting or a receipt is not the server's.
        BundleDamagedError: What follows is not what was written.
    """
    forks = forked(all_heads(hearing.log))
    key = hearing.directory.server.receipts
    hello: Hello | None = None
    other_copy: OlderCopyError | CopyAtWorkError | None = None
    is_latest, lost = False, 0
    receipts: list[tuple[Receipt, bytes]] = []
    try:
        for frame in hearing.frames(content):
            match frame.type:
                case FrameType.HELLO if hello is None:
                    hello = messages.read_hello(frame.body, key, nonce)
                    if hello.study != hearing.study:
                        raise BundleSenderError(file=hearing.name)
                    is_latest = _note_its_store(hearing.log, hello)
                    lost = _note_lost(hearing, hello) if is_latest else 0
                    other_copy = _look_for_lost_commits(hearing, hello)
                case FrameType.RECEIPT if hello is not None:
                    receipts.append((messages.read_receipt(frame.body, key, hearing.study), frame.body))
                case FrameType.CHUNKS_HELD if hello is not None:
                    hear_word(hearing.log, frame.body, key, study=hearing.study, nonce=nonce)
                case _ if hello is not None:
                    hearing.go_on(frame)
                case _:
                    raise BundleDamagedError(file=hearing.name)
    except ServerWordUntrustedError:
        raise BundleSenderError(file=hearing.name) from None
    except FrameCorruptError:
        raise BundleDamagedError(file=hearing.name) from None
    if hello is None:
        raise BundleDamagedError(file=hearing.name)
    kept = _keep_receipts(hearing.log, receipts, hello)
    if is_latest:
        if hello.knows_device:
            _note_step(hearing, hello)
        hearing.log.set_setting(HEARD, f"{hello.now_ms} {hello.nonce} {_told_ms(hearing.log)}")
    return Heard(
        appended=hearing.intake().appended,
        waiting=hearing.intake().waiting,
        receipts=kept,
        waiting_there=hello.waiting,
        notices=(
            *([other_copy] if other_copy is not None else []),
            *([RecordsLostError(count=lost)] if lost and hello.knows_device else []),
            *hearing.notices(forks),
        ),
        older_copy=isinstance(other_copy, OlderCopyError),
        withdrawn=hello.withdrawn,
        server_ms=hello.now_ms,
        attachments=hearing.attachments(),
    )


def _told_ms(log: CommitLog) -> int:
    """Return the latest time of the server that an exchange, an answer or a receipt told here."""
    step = read_step(log)
    return max(int(log.setting(HEARD_AT) or "0"), log.last_told_ms() or 0, step.at_ms if step is not None else 0)


def _note_its_store(log: CommitLog, hello: Hello) -> bool:
    """Keep which store of the server it is and how far its backup goes; False where something newer told it."""
    part_of_the_last = log.setting(HEARD) == f"{hello.now_ms} {hello.nonce} {_told_ms(log)}"
    if hello.now_ms < _told_ms(log) and not part_of_the_last:
        return False
    log.set_setting(HEARD_AT, str(hello.now_ms))
    known = {
        SERVER_EPOCH: hello.server_epoch,
        BACKUP_SERIAL: str(hello.backup_serial),
        BACKUP_AT: str(hello.backup_at_ms),
        WHOLE: "" if hello.knows_device else "1",
    }
    for name, told in known.items():
        if (log.setting(name) or "") != told:
            log.set_setting(name, told)
    return True


def _note_lost(hearing: Hearing, hello: Hello) -> int:
    """Return how many records the server lacks, by its latest word, that it confirmed under this epoch."""
    there = by_chain(hello.heads)
    chains = (
        chain
        for chain in {**there, **all_heads(hearing.log)}
        if chain[0] == hearing.device or site_of(hearing.log, chain) in hello.sites
    )
    ends = {chain: max((head.sequence for head in there.get(chain, ())), default=0) for chain in chains}
    return note_lost(hearing.log, hello.now_ms, ends)


def _note_step(hearing: Hearing, hello: Hello) -> None:
    """Keep what the server named as held, and whether that is what is held here now."""
    log = hearing.log
    ours = {
        head.id
        for chain, ends in all_heads(log).items()
        if chain[0] == hearing.device or site_of(log, chain) in hello.sites
        for head in ends
    }
    in_step = ours == {head.id for head in hello.heads}
    keep_step(log, Step(in_step=in_step, server_epoch=hello.server_epoch, at_ms=hello.now_ms, heads=hello.heads))


def _look_for_lost_commits(hearing: Hearing, hello: Hello) -> OlderCopyError | CopyAtWorkError | None:
    """Notice that the server holds commits of this laptop that it does not hold itself, before they are appended."""
    found = lost_here(hearing.log, hearing.device, by_chain(hello.heads))
    if found.count:
        hearing.begin_epoch()
        return OlderCopyError(count=found.count)
    return CopyAtWorkError() if found.by_copy else None


def _keep_receipts(log: CommitLog, receipts: Iterable[tuple[Receipt, bytes]], hello: Hello) -> int:
    """Keep each receipt whose commit is held here. In a fork it counts when the server named all branches."""
    ours, theirs = all_heads(log), {head.id for head in hello.heads}
    kept = 0
    for receipt, body in receipts:
        head: ChainHead = receipt.head
        branches = ours.get((head.device, head.epoch), ())
        told = len(branches) <= 1 or all(branch.id in theirs for branch in branches)
        if told and head.id is not None and log.has(head.id):
            kept += log.add_receipt(
                body,
                device=head.device,
                epoch=head.epoch,
                sequence=head.sequence,
                at_ms=receipt.at_ms,
                serial=receipt.serial,
                server_epoch=receipt.server_epoch,
            )
    return kept

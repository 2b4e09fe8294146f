"""The laptop's side of an exchange: what to send, what to believe, when to say "in step".

One round is one request: OPEN names every chain held here, COMMITS carry what the server lacks,
END. The answer names every chain held there. Rounds follow until both name the same heads or
nothing moves; with nothing to do, one round is all. A cut at any byte loses at most the frame that
was under way: the next exchange asks again from the heads.

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from casebook import crypto
from casebook.crypto import SigningKey
from casebook.errors import (
    CasebookError,
    ChainBrokenError,
    ChainForkError,
    CommitUnreadableError,
    DeviceRevokedError,
    DeviceUnknownError,
    InvitationRefusedError,
    OlderCopyError,
    ServerAnswerError,
    ServerUnreachableError,
    SignatureBadError,
    StudyMismatchError,
)
from casebook.ids import DeviceId, Epoch, RandomBytes, UserId
from casebook.ledger import STANDARD, ChainHead, Header
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, CommitLog
from casebook.sync import messages
from casebook.sync.chains import Chain, Heads, all_heads, by_chain, forked, in_order, lacking, site_of
from casebook.sync.frames import (
    TARGET_BYTES,
    Frame,
    FrameParser,
    FrameType,
    batches,
    pack_commits,
    unpack_commits,
    write_frame,
)
from casebook.sync.intake import Intake
from casebook.sync.messages import End, HeldChain, Hello, Open, Receipt
from casebook.sync.trust import Directory, RefusedInvitation

_MOST_ROUNDS = 12
"""Two are usual; a fork or a rebuilt server takes four. Each further one follows a chain set aside."""
BACKUP_AT = "backup_at_ms"
"""Setting: when the server's last verified backup was made (UTC ms), by its own word."""


class SyncPeer(Protocol):
    """Carries one request to the server and its answer back."""

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Send the frames of one request as they are made; give the answer's bytes as they come.

        Raises:
            CasebookError: The server's refusal, or why it cannot be reached or trusted.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSigner:
    """The signed-in person as they sign openings beside the laptop: with their own key on this laptop."""

    user: UserId
    signing: SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """This laptop as it signs its openings.

    Attributes:
        shelf: Which of the two files is exchanged: `S` or `U`; a log of its own belongs to each.
        person: Who is signed in. Without one the server gives the laptop its own site's shelf S and no more.
        sidecar: The key slots' file as it lies on the disk (sealed throughout): the server keeps the latest, for
            the study's custodians and the report on a lost laptop. b"" to leave what it has.
    """

    study: str
    device: DeviceId
    signing: SigningKey
    app_version: str
    shelf: str = STANDARD
    person: PersonSigner | None = None
    sidecar: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a session has come.

    Attributes:
        sent: Commits sent; `received`: commits taken in.
        sent_bytes: Bytes that went out; `received_bytes`: bytes that came.
        to_send_bytes: What is known to have to go in all, packed as it travels (an estimate until it is packed);
            0 while it is not known.
        to_receive_bytes: The same of what has to come.
    """

    sent: int
    received: int
    sent_bytes: int = 0
    to_send_bytes: int = 0
    received_bytes: int = 0
    to_receive_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeReport:
    """What an exchange did.

    Attributes:
        in_step: Both ends named the same heads at the end.
        waiting: Commits whose author is not certified yet; they are offered again next time.
        older_copy: The server held newer commits of this laptop: an older copy of the folder had been
            put back. They were fetched; a new epoch must begin before the next save.
        notices: Sentences for the user: an older copy, a fork, chains that were set aside.
        spoken_check: Eight letters over the heads held here; the server shows the same when in step.
        server_ms: The server's clock (UTC ms) when it answered.
        checks: The same eight letters for each site that was served; the server's status shows them by site.
        withdrawn: The server's signed word: this laptop is withdrawn. It handed in its own; lock it.
        server_heads: The ends of chains that the server named last: what it holds, by its own signed word.
    """

    pushed: int
    pulled: int
    receipts: int
    waiting: int
    in_step: bool
    older_copy: bool
    forks: tuple[Chain, ...]
    notices: tuple[CasebookError, ...]
    spoken_check: str
    server_ms: int
    rounds: int
    sent_bytes: int
    received_bytes: int
    checks: tuple[tuple[str, str], ...] = ()
    withdrawn: bool = False
    server_epoch: str = ""
    retry_s: int = 0
    restored: bool = False
    copied: bool = False
    server_heads: tuple[ChainHead, ...] = ()


def exchange(
    log: CommitLog,
    peer: SyncPeer,
    *,
    laptop: Laptop,
    directory: Directory,
    random_bytes: RandomBytes,
    identity_key: bytes | None = None,
    on_older_copy: Callable[[], None] = lambda: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> ExchangeReport:
    """Bring the laptop's log and the server's into step.

    Everything received is verified and durable frame by frame, so an exchange that ends in an error
    has lost nothing and the next one goes on from there. Each shelf has an exchange of its own, S first.

    Args:
        log: The log of the shelf that `laptop` names.
        directory: What the server stated; it is brought up to date here. The exchange of shelf U is given the
            one that the exchange of shelf S left, since who is who is stated there.
        identity_key: The site's identity key where it is held, to file sealed commits by subject.
        on_older_copy: Called before this laptop's own lost commits are appended: nothing may be
            sealed on the old epoch from here on.

    Raises:
        ServerUnreachableError, ServerBusyError: Try again later.
        ServerNotTrustedError, ServerWordUntrustedError: The other end is not the study's server.
        CasebookError: Another refusal of the protocol (see `casebook.sync.problems`).
    """
    directory.refresh(log, laptop.shelf)
    run = _Exchange(log, peer, laptop, directory, random_bytes, identity_key, on_older_copy, on_progress)
    return run.run()


class _Exchange:
    """The state of one exchange; `exchange` is its only user."""

    def __init__(
        self,
        log: CommitLog,
        peer: SyncPeer,
        laptop: Laptop,
        directory: Directory,
        random_bytes: RandomBytes,
        identity_key: bytes | None,
        on_older_copy: Callable[[], None],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._log = log
        self._peer = peer
        self._laptop = laptop
        self._directory = directory
        self._random_bytes = random_bytes
        self._on_older_copy = on_older_copy
        self._on_progress = on_progress
        self._intake = Intake(
            log, directory, laptop.study, takes=self._concerns, shelf=laptop.shelf, identity_key=identity_key
        )
        self._sites: frozenset[str] = frozenset()
        self._chain_sites: dict[Chain, str | None] = {}
        self._withdrawn = False
        self._hello: Hello | None = None
        self._restored = False
        self._owed_receipts = False
        self._owed_sidecar = False
        self._gave_sidecar = False
        self._rounds = 0
        self._heads: Heads = {}
        self._heads_read = (-1, 0)
        self._server_heads: Heads = {}
        self._knows_us = False
        self._server_ms = 0
        self._waiting_there = 0
        self._set_aside: dict[Chain, CasebookError] = {}
        self._older_copy: OlderCopyError | None = None
        self._receipts: list[tuple[Receipt, bytes]] = []
        self._kept_receipts = 0
        self._sent = 0
        self._sent_bytes = 0
        self._received_bytes = 0

    # -- rounds --

    def run(self) -> ExchangeReport:
        """Go round until both ends hold the same, or nothing moves."""
        forks_before = forked(self._ours())
        refused_before = self._refusals()
        plan = self._guess()
        while self._rounds < _MOST_ROUNDS:
            self._rounds += 1
            before = self._position()
            if not self._round(plan):
                plan = {}  # ask again where the server stands, then go on without what was set aside
                continue
            stuck = bool(plan) and self._rounds > 1 and self._position() == before
            plan = self._plan()
            if stuck or not (plan or self._owed_sidecar or self._owed_receipts):
                break
        if not self._knows_us:
            raise DeviceUnknownError
        return self._report(forks_before, self._refusals() - refused_before)

    def _refusals(self) -> frozenset[RefusedInvitation]:
        found = self._directory.refused_invitations()
        return frozenset(one for one in found if one.device == self._laptop.device)

    def _position(self) -> object:
        return self._server_heads, self._intake.appended, frozenset(self._set_aside)

    def _ours(self) -> Heads:
        """Return the heads held here: read anew each round, and when something was appended."""
        now = (self._rounds, self._intake.appended)
        if now != self._heads_read:
            self._heads, self._heads_read = all_heads(self._log), now
        return self._heads

    def _plan(self) -> dict[Chain, int]:
        """Return, for each chain of which the server lacks commits, after which sequence."""
        plan: dict[Chain, int] = {}
        for chain, heads in self._concerning(self._ours()).items():
            after = lacking(heads, self._server_heads.get(chain, ()), has=self._log.has)
            if after is not None and chain not in self._set_aside:
                plan[chain] = after
        return plan

    def _concerning(self, heads: Heads) -> dict[Chain, tuple[ChainHead, ...]]:
        """Return the chains that this exchange is about: those of the served sites, and this laptop's own.

        What is here of a site that was taken away stays here; the server neither asks for it nor gives more.
        A server that does not know the laptop, since it was rebuilt, is given everything.
        """
        if not self._knows_us:
            return dict(heads)
        return {
            chain: ends
            for chain, ends in heads.items()
            if chain[0] == self._laptop.device or self._site(chain) in self._sites
        }

    def _concerns(self, header: Header) -> bool:
        return header.device == self._laptop.device or header.site in self._sites

    def _site(self, chain: Chain) -> str | None:
        if chain not in self._chain_sites:
            found = site_of(self._log, chain)
            if found is None:
                return None
            self._chain_sites[chain] = found
        return self._chain_sites[chain]

    def _guess(self) -> dict[Chain, int]:
        """Return what to send before the server has named its heads: the little that follows a receipt.

        A wrong guess costs some bytes and nothing else. When more than a frame waits, nothing is
        guessed, so that a link that was cut does not carry the same bytes twice.
        """
        guess: dict[Chain, int] = {}
        left_bytes = TARGET_BYTES
        for chain, heads in self._ours().items():
            after = self._log.custody(*chain)
            if chain[0] != self._laptop.device or after >= max(head.sequence for head in heads):
                continue
            for commit in self._log.chain(*chain, after):
                left_bytes -= commit.size_bytes
                if left_bytes < 0:
                    return {}
            guess[chain] = after
        return guess

    def _round(self, plan: dict[Chain, int]) -> bool:
        """Send one request and hear its answer; False when it ended in a chain that was set aside."""
        self._intake.offer_again()
        nonce = messages.new_nonce(self._random_bytes)
        parser = FrameParser()
        answer = _Answer()
        try:
            for data in self._peer.send(self._request(plan, nonce)):
                self._received_bytes += len(data)
                for frame in parser.feed(data):
                    self._hear(frame, answer, nonce)
        except (SignatureBadError, ChainBrokenError) as error:
            chain = _chain_of(error)
            if chain in self._set_aside or chain not in self._ours():
                raise
            self._set_aside[chain] = error
            return False
        finally:
            self._keep_receipts()
        if not answer.ended:
            raise ServerUnreachableError
        return True

    # -- sending --

    def _request(self, plan: dict[Chain, int], nonce: str) -> Iterator[bytes]:
        ours = self._ours()
        self._owed_receipts = False
        person, sidecar = self._laptop.person, self._laptop.sidecar
        opening = Open(
            study=self._laptop.study,
            device=self._laptop.device,
            shelf=self._laptop.shelf,
            user=person.user if person is not None else "",
            person_key=person.signing.id if person is not None else "",
            sidecar_hash=crypto.sha256(sidecar).hex() if sidecar else "",
            app_version=self._laptop.app_version,
            nonce=nonce,
            chains=tuple(
                HeldChain(head=head, receipted=self._log.custody(*chain))
                for chain, heads in ours.items()
                for head in heads
            ),
        )
        by_person = person.signing if person is not None else None
        body = messages.write_open(opening, self._laptop.signing, by_person)
        yield self._counted(write_frame(FrameType.OPEN, body))
        if self._owed_sidecar:
            self._owed_sidecar = False
            yield self._counted(write_frame(FrameType.SIDECAR, sidecar))
        sent = 0
        # Statements first: a rebuilt server recognises the laptop by them. Then what only this laptop has.
        server = self._directory.server.device
        for chain in in_order(self._log, plan, first=server, then=self._laptop.device):
            for batch in batches(self._log.chain(*chain, plan[chain])):
                yield self._counted(write_frame(FrameType.COMMITS, pack_commits(batch)))
                sent += len(batch)
                self._sent += len(batch)
                self._tell()
        yield self._counted(write_frame(FrameType.END, messages.write_end(End(commits=sent))))

    def _counted(self, frame: bytes) -> bytes:
        self._sent_bytes += len(frame)
        return frame

    def _tell(self) -> None:
        self._on_progress(
            Progress(
                sent=self._sent,
                received=self._intake.appended,
                sent_bytes=self._sent_bytes,
                received_bytes=self._received_bytes,
            )
        )

    # -- hearing --

    def _hear(self, frame: Frame, answer: "_Answer", nonce: str) -> None:
        if answer.ended or answer.greeted == (frame.type is FrameType.HELLO):
            raise ServerAnswerError(why="a frame out of place")
        match frame.type:
            case FrameType.HELLO:
                answer.greeted = True
                self._greet(messages.read_hello(frame.body, self._directory.server.receipts, nonce))
            case FrameType.RECEIPT:
                receipt = messages.read_receipt(frame.body, self._directory.server.receipts)
                self._receipts.append((receipt, frame.body))
            case FrameType.COMMITS:
                if not answer.commits:
                    self._keep_receipts()  # those for what was sent; a cut from here on does not lose them
                answer.commits += self._take(frame.body)
            case FrameType.END:
                answer.ended = True
                if messages.read_end(frame.body).commits != answer.commits:
                    raise ServerAnswerError(why="commits are missing")
            case _:
                raise ServerAnswerError(why="a frame out of place")

    def _greet(self, hello: Hello) -> None:
        if hello.study != self._laptop.study:
            raise StudyMismatchError
        self._knows_us = hello.knows_device
        self._server_heads = by_chain(hello.heads)
        self._server_ms = hello.now_ms
        self._waiting_there = hello.waiting
        self._sites = frozenset(hello.sites)
        self._withdrawn = hello.withdrawn
        self._hello = hello
        self._note_its_store(hello)
        self._owed_sidecar = hello.wants_sidecar and bool(self._laptop.sidecar) and not self._gave_sidecar
        self._gave_sidecar = self._gave_sidecar or self._owed_sidecar
        self._look_for_lost_commits()

    def _note_its_store(self, hello: Hello) -> None:
        """Keep which store of the server it is, and how far its backup goes. Of another store no receipt counts."""
        known = self._log.setting(SERVER_EPOCH)
        if hello.server_epoch != (known or ""):
            self._restored = self._restored or known is not None
            self._owed_receipts = True
            self._log.set_setting(SERVER_EPOCH, hello.server_epoch)
        for name, told in ((BACKUP_SERIAL, hello.backup_serial), (BACKUP_AT, hello.backup_at_ms)):
            if int(self._log.setting(name) or "0") != told:
                self._log.set_setting(name, str(told))

    def _look_for_lost_commits(self) -> None:
        """Notice that the server holds commits of this laptop that it does not hold itself."""
        ours = self._ours()
        lost = 0
        for chain, heads in self._server_heads.items():
            if chain[0] != self._laptop.device or all(self._log.has(head.id) for head in heads if head.id):
                continue
            here = max((head.sequence for head in ours.get(chain, ())), default=0)
            lost += max(1, max(head.sequence for head in heads) - here)
        if lost and self._older_copy is None:
            self._older_copy = OlderCopyError(count=lost)
            self._on_older_copy()

    def _take(self, body: bytes) -> int:
        commits = unpack_commits(body)
        try:
            first = commits[0].parsed
            if (first.device, first.epoch) not in self._set_aside:
                self._intake.take(commits)
        except CommitUnreadableError:
            raise ServerAnswerError(why="a header in another form") from None
        except (SignatureBadError, ChainBrokenError) as error:
            self._set_aside[_chain_of(error)] = error
        self._tell()
        return len(commits)

    def _keep_receipts(self) -> None:
        """Keep each receipt whose commit is held here. In a fork it counts when the server has all branches."""
        ours: Heads = self._ours() if self._receipts else {}
        left: list[tuple[Receipt, bytes]] = []
        for receipt, body in self._receipts:
            head = receipt.head
            chain = (head.device, head.epoch)
            there = {one.id for one in self._server_heads.get(chain, ())}
            branches = ours.get(chain, ())
            told = len(branches) <= 1 or all(branch.id in there for branch in branches)
            if told and head.id is not None and self._log.has(head.id):
                self._log.add_receipt(
                    body,
                    device=head.device,
                    epoch=head.epoch,
                    sequence=head.sequence,
                    at_ms=receipt.at_ms,
                    serial=receipt.serial,
                    server_epoch=receipt.server_epoch,
                )
                self._kept_receipts += 1
            else:
                left.append((receipt, body))
        self._receipts = left

    # -- the report --

    def _report(self, forks_before: frozenset[Chain], refused: frozenset[RefusedInvitation]) -> ExchangeReport:
        held = all_heads(self._log)  # what was sealed meanwhile counts: "in step" is said of now
        ours = self._concerning(held)
        forks = forked(held)
        notices: list[CasebookError] = list(self._set_aside.values())
        if self._older_copy is not None:
            notices.append(self._older_copy)
        notices += [ChainForkError(device=chain[0]) for chain in sorted(forks - forks_before)]
        notices += [_refusal_notice(one) for one in sorted(refused, key=lambda one: one.commit)]
        if self._withdrawn:
            notices.append(DeviceRevokedError())
        return ExchangeReport(
            pushed=self._sent,
            pulled=self._intake.appended,
            receipts=self._kept_receipts,
            waiting=self._waiting_there + self._intake.waiting,
            in_step=_ids(ours) == _ids(self._server_heads),
            older_copy=self._older_copy is not None,
            forks=tuple(sorted(forks)),
            notices=tuple(notices),
            spoken_check=messages.spoken_check(head for heads in ours.values() for head in heads),
            server_ms=self._server_ms,
            rounds=self._rounds,
            sent_bytes=self._sent_bytes,
            received_bytes=self._received_bytes,
            checks=tuple((site, self._check(ours, site)) for site in sorted(self._sites)),
            withdrawn=self._withdrawn,
            server_epoch=self._hello.server_epoch if self._hello is not None else "",
            retry_s=self._hello.retry_s if self._hello is not None else 0,
            restored=self._restored,
            server_heads=tuple(head for heads in self._server_heads.values() for head in heads),
        )

    def _check(self, ours: Heads, site: str) -> str:
        return messages.spoken_check(head for chain in ours if self._site(chain) == site for head in ours[chain])


@dataclass(slots=True)
class _Answer:
    """How far the answer of one round has come."""

    greeted: bool = False
    ended: bool = False
    commits: int = 0


_WHY_REFUSED = {
    "taken": {
        "en": "that user name belongs to somebody else by now.",
        "zh": "该用户名已被他人使用。",
    },
    "no-right": {
        "en": "whoever invited may not let people in.",
        "zh": "邀请人没有添加人员的权限。",
    },
    "role": {
        "en": "that role is given by the data manager alone.",
        "zh": "该角色只能由数据管理员授予。",
    },
}
_WHY_ELSE = {"en": "it does not fit this laptop or study.", "zh": "邀请与本机或本研究不符。"}


def _refusal_notice(refusal: RefusedInvitation) -> InvitationRefusedError:
    return InvitationRefusedError(name=refusal.name, user=refusal.user, why=_WHY_REFUSED.get(refusal.why, _WHY_ELSE))


def _ids(heads: Heads) -> frozenset[str]:
    return frozenset(head.id for ends in heads.values() for head in ends if head.id)


def _chain_of(error: CasebookError) -> Chain:
    return DeviceId(str(error.fields.get("device"))), Epoch(str(error.fields.get("epoch")))

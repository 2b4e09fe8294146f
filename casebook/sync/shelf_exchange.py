"""One shelf's part of an exchange, on the laptop's side: what to ask and send, what to believe, when it is in step.

One round is one request and its answer. The first one opens in short: a digest of what is held, and behind it at
once the little that no receipt covers. Where the server knows what the laptop holds it says what stands otherwise
and sends it; else both name their heads in full. Rounds follow until both hold the same or nothing moves.

After a cut nothing is sent on a guess: the next exchange asks first, so that no frame that arrived travels again.

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable, Iterator

from casebook import crypto
from casebook.errors import (
    CasebookError,
    ChainBrokenError,
    ChainForkError,
    CommitUnreadableError,
    CopyAtWorkError,
    DeviceRevokedError,
    DeviceUnknownError,
    OlderCopyError,
    RecordsLostError,
    ServerAnswerError,
    SignatureBadError,
    StudyMismatchError,
)
from casebook.ids import DeviceId, Epoch, RandomBytes
from casebook.ledger import ChainHead, Header, SealedCommit, head_after, redaction_of
from casebook.store import CommitLog
from casebook.sync import brief, messages
from casebook.sync.brief import Asked, Brief
from casebook.sync.chains import Chain, Heads, all_heads, by_chain, forked, ids_of, in_order, lacking, site_of
from casebook.sync.copies import lost_here
from casebook.sync.frames import Frame, FrameType, packed, unpack_commits, write_frame
from casebook.sync.intake import Intake
from casebook.sync.memory import ServerMemory
from casebook.sync.messages import End, HeldChain, Hello, Open, Receipt
from casebook.sync.problems import read_problem
from casebook.sync.refused_invitations import refusal_notice
from casebook.sync.report import ExchangeReport, Laptop, Progress
from casebook.sync.trust import Directory, RefusedInvitation

GUESS_BYTES = 64 * 1024
"""Most that is sent (unpacked) before the server has said what it holds."""
_LIKELY_BYTES = 300
"""What a record takes on the wire, until some have been sent."""


class ShelfExchange:
    """The exchange of one shelf; `casebook.sync.conversation` drives it."""

    def __init__(
        self,
        log: CommitLog,
        *,
        laptop: Laptop,
        directory: Directory,
        random_bytes: RandomBytes,
        identity_key: bytes | None = None,
        on_older_copy: Callable[[], None] = lambda: None,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; arguments as `casebook.sync.engine.exchange`."""
        self._log = log
        self._laptop = laptop
        self._directory = directory
        self._random_bytes = random_bytes
        self._on_older_copy = on_older_copy
        self._on_progress = on_progress
        directory.refresh(log, laptop.shelf)
        self._intake = Intake(
            log, directory, laptop.study, takes=self._concerns, shelf=laptop.shelf, identity_key=identity_key
        )
        self._memory = ServerMemory(log)
        self._known_person = self._person_if_certified()
        self._sites = frozenset(self._likely_sites())
        self._chain_sites: dict[Chain, str | None] = {}
        self._rounds = 0
        self._heads: Heads = {}
        self._heads_read = (-1, 0)
        self._forks_before = forked(self._ours())
        self._refused_before = self._refusals()
        is_unknown = laptop.person is not None and not self._known_person
        self._opens_in_full = is_unknown or directory.device(laptop.device) is None
        self._asks_again = False
        self._plan: dict[Chain, int] = {}
        self._said: dict[Chain, tuple[ChainHead, ...]] = {}
        self._nonce = ""
        self._asked_in_full = False
        self._hello: Hello | None = None
        self._is_greeted = False
        self._server_heads: Heads = {}
        self._commits_heard = 0
        self._has_ended = False
        self._is_done = False
        self._before: object = None
        self._owed_sidecar = False
        self._gave_sidecar = False
        self._set_aside: dict[Chain, CasebookError] = {}
        self._older_copy: OlderCopyError | None = None
        self._lost_there: RecordsLostError | None = None
        self._copied = False
        self._receipts: list[tuple[Receipt, bytes]] = []
        self._kept_receipts = 0
        self._sent = 0
        self._sent_commits_bytes = 0
        self.sent_bytes = 0
        self.received_bytes = 0
        self.refusal: CasebookError | None = None

    # -- for the conversation --

    @property
    def wants_round(self) -> bool:
        """Whether there is something to ask or send, as far as is known."""
        return not self._is_done

    @property
    def has_heard_all(self) -> bool:
        """Whether the answer of this round is whole."""
        return self._has_ended

    def progress(self) -> Progress:
        """Return how far this shelf is."""
        ours = self._ours()
        left = sum(ours[one][0].sequence - after for one, after in self._plan.items() if one in ours)
        each = self._sent_commits_bytes // self._sent if self._sent else _LIKELY_BYTES
        ends = {chain: max(head.sequence for head in heads) for chain, heads in self._server_heads.items()}
        here = {chain: max(head.sequence for head in heads) for chain, heads in ours.items()}
        coming = sum(max(0, last - here.get(chain, 0)) for chain, last in ends.items())
        return Progress(
            sent=self._sent,
            received=self._intake.appended,
            sent_bytes=self.sent_bytes,
            to_send_bytes=self.sent_bytes + max(0, left - self._sent) * each if left > self._sent else 0,
            received_bytes=self.received_bytes,
            to_receive_bytes=self.received_bytes + coming * _LIKELY_BYTES if coming else 0,
        )

    def request(self) -> Iterator[bytes]:
        """Give the frames of one round's request."""
        self._rounds += 1
        self._before = self._position()
        self._intake.offer_again()
        self._has_ended, self._is_greeted, self._commits_heard = False, False, 0
        self._memory.has_changed = False
        guesses = self._rounds == 1
        if guesses:
            self._plan = self._guess()
        elif self._asks_again:
            self._plan, self._asks_again = {}, False
        else:
            self._plan = self._lacking_there()
        yield self._counted(self._opening())
        if self._owed_sidecar:
            self._owed_sidecar, self._gave_sidecar = False, True
            yield self._counted(write_frame(FrameType.SIDECAR, self._laptop.sidecar))
        sent = 0
        most_bytes = self._memory.most_bytes(self._hello.credit_bytes if self._hello is not None else 0)
        for chain, group, body in self._to_send(GUESS_BYTES if guesses else None):
            if most_bytes and sent and most_bytes < len(body):
                break
            most_bytes = max(1, most_bytes - len(body)) if most_bytes else 0
            sent += len(group)
            self._sent += len(group)
            self._sent_commits_bytes += len(body)
            self._said[chain] = (head_after(group[-1]),)
            yield self._counted(write_frame(FrameType.COMMITS, body))
            self._memory.note_sent(self._plan)  # asked for more: the first frame has left this program
            self._on_progress()
        yield self._counted(write_frame(FrameType.END, messages.write_end(End(commits=sent))))

    def hear(self, frame: Frame) -> None:
        """Take one frame of the answer; what it brings is durable on return.

        Raises:
            ServerAnswerError, ServerWordUntrustedError: It is not an answer of the study's server.
            CasebookError: The server's refusal of this shelf, or the disk's.
        """
        greets = frame.type in (FrameType.HELLO, FrameType.GREETING)
        if frame.type is not FrameType.PROBLEM and self._is_greeted == greets:
            raise ServerAnswerError(why="a frame out of place")
        keys, study = self._directory.server.receipts, self._laptop.study
        match frame.type:
            case FrameType.HELLO:
                self._greet(messages.read_hello(frame.body, keys, self._nonce))
            case FrameType.GREETING:
                self._greet(brief.read_greeting(frame.body, keys, self._asked()))
            case FrameType.RECEIPT:
                self._receipts.append((messages.read_receipt(frame.body, keys, study), frame.body))
            case FrameType.MARK:
                body = brief.read_mark(frame.body, self._named(), self._greeted())
                self._receipts.append((messages.read_receipt(body, keys, study), body))
            case FrameType.COMMITS:
                if not self._commits_heard:
                    self.keep_receipts()  # those for what was sent; a cut from here on does not lose them
                self._commits_heard += self._take(frame.body)
            case FrameType.PROBLEM:
                self._refused(read_problem(0, frame.body))
            case FrameType.END:
                if messages.read_end(frame.body).commits != self._commits_heard:
                    raise ServerAnswerError(why="commits are missing")
                self._end_round()
            case _:
                raise ServerAnswerError(why="a frame out of place")

    def set_aside(self, error: SignatureBadError | ChainBrokenError) -> bool:
        """Set the chain aside for which a request was refused; the next round asks again where the server stands.

        Returns:
            Whether the chain is of this shelf, and was not set aside before.
        """
        chain = _chain_of(error)
        if chain in self._set_aside or chain not in self._ours():
            return False
        self._set_aside[chain] = error
        self._opens_in_full = self._asks_again = True
        return True

    def _refused(self, error: CasebookError) -> None:
        self._has_ended = True
        if not (isinstance(error, SignatureBadError | ChainBrokenError) and self.set_aside(error)):
            self._is_done = True
            self.refusal = error

    # -- who and where --

    def _person_if_certified(self) -> bool:
        person, directory = self._laptop.person, self._directory
        if person is None:
            return False
        return directory.person(person.user, self._laptop.device, person.signing.id) is not None

    def _likely_sites(self) -> tuple[str, ...]:
        person = self._laptop.person if self._known_person else None
        member = self._directory.member(person.user) if person is not None else None
        return brief.served_sites(self._directory.device(self._laptop.device), member)

    def _refusals(self) -> frozenset[RefusedInvitation]:
        found = self._directory.refused_invitations()
        return frozenset(one for one in found if one.device == self._laptop.device)

    def _ours(self) -> Heads:
        """Return the heads held here: read anew each round, and when something was appended."""
        now = (self._rounds, self._intake.appended)
        if now != self._heads_read:
            self._heads, self._heads_read = all_heads(self._log), now
        return self._heads

    def _concerning(self, heads: Heads) -> dict[Chain, tuple[ChainHead, ...]]:
        """Return the chains that this exchange is about: those of the served sites, and this laptop's own.

        What is here of a site that was taken away stays here; the server neither asks for it nor gives more.
        A server that does not know the laptop, since it was rebuilt, is given everything.
        """
        if self._hello is not None and not self._hello.knows_device:
            return dict(heads)
        return {chain: ends for chain, ends in heads.items() if self._is_own(chain) or self._site(chain) in self._sites}

    def _is_own(self, chain: Chain) -> bool:
        return chain[0] == self._laptop.device

    def _concerns(self, header: Header) -> bool:
        return header.device == self._laptop.device or header.site in self._sites

    def _site(self, chain: Chain) -> str | None:
        if chain not in self._chain_sites:
            found = site_of(self._log, chain)
            if found is None:
                return None
            self._chain_sites[chain] = found
        return self._chain_sites[chain]

    # -- sending --

    def _guess(self) -> dict[Chain, int]:
        """Return what to send before the server has named its heads: what follows a receipt, in chains of its own.

        A wrong guess costs some bytes and nothing else. After a cut nothing is guessed: a link that was cut does not
        carry the same bytes twice.
        """
        if self._memory.asks_first:
            return {}
        guess: dict[Chain, int] = {}
        for chain, heads in self._ours().items():
            after = self._log.custody(*chain)
            if self._is_own(chain) and after < max(head.sequence for head in heads):
                guess[chain] = after
        return guess

    def _lacking_there(self) -> dict[Chain, int]:
        """Return, for each chain of which the server lacks commits, after which sequence."""
        plan: dict[Chain, int] = {}
        for chain, heads in self._concerning(self._ours()).items():
            after = lacking(heads, self._server_heads.get(chain, ()), has=self._log.has)
            if after is not None and chain not in self._set_aside:
                plan[chain] = after
        return plan

    def _to_send(self, most_bytes: int | None) -> Iterator[tuple[Chain, tuple[SealedCommit, ...], bytes]]:
        """Give frames of what is planned; `most_bytes` of commits, unpacked, where that is limited.

        Statements first: a rebuilt server recognises the laptop by them. Then what only this laptop has.
        """
        left = [most_bytes]

        def within(commits: Iterator[SealedCommit]) -> Iterator[SealedCommit]:
            for commit in commits:
                if left[0] is not None:
                    left[0] -= commit.size_bytes
                    if left[0] < 0:
                        return
                yield commit

        for chain in in_order(self._log, self._plan, first=self._directory.server.device, then=self._laptop.device):
            after = self._plan[chain]
            base = self._said.get(chain, ()) if self._is_own(chain) and not self._asked_in_full else ()
            before = self._log.commit(base[0].id) if base and base[0].id else None
            if before is not None and redaction_of(before) is not None:
                before = None  # the server may hold it as it was: there is nothing to continue in common
            for group, body in packed(within(self._log.chain(*chain, after)), before):
                yield chain, group, body
            if left[0] is not None and left[0] < 0:
                return

    def _opening(self) -> bytes:
        ours = self._concerning(self._ours())
        forks = any(len(heads) > 1 and not self._is_confirmed(chain, heads) for chain, heads in ours.items())
        self._asked_in_full = self._opens_in_full or forks
        if self._asked_in_full:
            return write_frame(FrameType.OPEN, self._open_in_full())
        self._said = self._places(ours)
        return write_frame(FrameType.BRIEF, self._open_in_short())

    def _is_confirmed(self, chain: Chain, heads: tuple[ChainHead, ...]) -> bool:
        """Tell whether nothing is to be sent of a chain, and if it is its own, receipts cover it."""
        last = max(head.sequence for head in heads)
        return chain not in self._plan and (not self._is_own(chain) or self._log.custody(*chain) == last)

    def _places(self, ours: Heads) -> dict[Chain, tuple[ChainHead, ...]]:
        """Return what the short opening says is held: of a chain that is sent, the commit that it is sent from."""
        places: dict[Chain, tuple[ChainHead, ...]] = {}
        for chain, heads in ours.items():
            after = self._plan.get(chain)
            if after is None and self._is_own(chain) and self._rounds == 1:
                after = self._log.custody(*chain)
            if after is None or after == max(head.sequence for head in heads):
                places[chain] = heads
            elif after:
                places[chain] = (head_after(next(self._log.chain(*chain, after - 1))),)
        return places

    def _open_in_short(self) -> bytes:
        person, laptop = self._laptop.person, self._laptop
        by_person = person is not None and self._known_person
        signing = person.signing if person is not None and by_person else laptop.signing
        self._nonce = brief.new_nonce(self._random_bytes)
        digest = brief.digest_of(
            (
                HeldChain(head=head, receipted=self._log.custody(*chain))
                for chain, heads in self._said.items()
                for head in heads
            ),
            sites=self._sites,
            server_epoch=self._memory.server_epoch,
            sidecar_hash=self._sidecar_hash(),
        )
        opening = Brief(
            signer=signing.id if by_person else laptop.device,
            by_person=by_person,
            nonce=self._nonce,
            digest=digest,
            shelf=laptop.shelf,
        )
        return brief.write_brief(opening, laptop.study, signing)

    def _sidecar_hash(self) -> str:
        return crypto.sha256(self._laptop.sidecar).hex() if self._laptop.sidecar else ""

    def _open_in_full(self) -> bytes:
        person = self._laptop.person
        self._nonce = messages.new_nonce(self._random_bytes)
        opening = Open(
            study=self._laptop.study,
            device=self._laptop.device,
            shelf=self._laptop.shelf,
            user=person.user if person is not None else "",
            person_key=person.signing.id if person is not None else "",
            sidecar_hash=self._sidecar_hash(),
            app_version=self._laptop.app_version,
            nonce=self._nonce,
            chains=tuple(
                HeldChain(head=head, receipted=self._log.custody(*chain))
                for chain, heads in self._ours().items()
                for head in heads
            ),
        )
        return messages.write_open(opening, self._laptop.signing, person.signing if person is not None else None)

    def _counted(self, frame: bytes) -> bytes:
        self.sent_bytes += len(frame)
        return frame

    # -- hearing --

    def _asked(self) -> Asked:
        return Asked(
            study=self._laptop.study,
            nonce=self._nonce,
            sites=tuple(self._sites),
            server_epoch=self._memory.server_epoch,
        )

    def _greeted(self) -> Hello:
        if self._hello is None:
            raise ServerAnswerError(why="a frame out of place")
        return self._hello

    def _named(self) -> Iterator[ChainHead]:
        for heads in self._server_heads.values():
            yield from heads

    def _greet(self, hello: Hello) -> None:
        if hello.study != self._laptop.study:
            raise StudyMismatchError
        self._hello, self._is_greeted = hello, True
        told = by_chain(hello.heads)
        if hello.knows_heads:
            told = {**self._said, **told}
        self._server_heads = {chain: ends for chain, ends in told.items() if all(head.id for head in ends)}
        self._sites = frozenset(hello.sites)
        concerned = self._concerning({**self._server_heads, **self._ours()})
        lost = self._memory.greet(hello, concerned, self._server_heads)
        if lost and hello.knows_device:
            self._lost_there = RecordsLostError(count=lost)
        self._owed_sidecar = hello.wants_sidecar and bool(self._laptop.sidecar) and not self._gave_sidecar
        is_behind = self._look_for_lost_commits()
        self._opens_in_full = not hello.knows_heads or (is_behind and not self._asked_in_full)
        self._on_progress()

    def _look_for_lost_commits(self) -> bool:
        """Tell, and note, whether the server holds commits of this laptop that it does not hold itself."""
        found = lost_here(self._log, self._laptop.device, self._server_heads)
        if found.count and self._older_copy is None:
            self._older_copy = OlderCopyError(count=found.count)
            self._on_older_copy()
        self._copied = (self._copied or found.by_copy) and self._older_copy is None
        return found.by_copy or found.count > 0

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
        self._on_progress()
        return len(commits)

    def keep_receipts(self) -> None:
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

    # -- when it is done --

    def _position(self) -> object:
        return (
            self._server_heads,
            self._intake.appended,
            self._kept_receipts,
            frozenset(self._set_aside),
            self._opens_in_full,
            self._owed_sidecar,
            self._gave_sidecar,
        )

    def _end_round(self) -> None:
        self._has_ended = True
        self.keep_receipts()
        self._memory.note_answered()
        stuck = self._rounds > 1 and self._position() == self._before
        self._plan = self._lacking_there()
        self._is_done = stuck or not (self._plan or self._owed_sidecar or self._lacks() or self._owed_receipts())

    def _lacks(self) -> bool:
        """Whether the server named what is not here, and could not say what of it the laptop is to get."""
        hello = self._greeted()
        if hello.withdrawn or self._asked_in_full:
            return False
        if hello.knows_heads:
            return self._opens_in_full  # of its own chains nothing follows a short opening
        if self._laptop.sidecar and not self._gave_sidecar:
            return True  # a short opening offers the key slots' file only to a server that has it
        return any(head.id is not None and not self._log.has(head.id) for head in self._named())

    def _owed_receipts(self) -> bool:
        """Whether the server holds what is here and has not confirmed it: its store is another than it was."""
        hello = self._greeted()
        if hello.knows_heads or self._asked_in_full:
            return self._memory.has_changed
        return any(
            self._log.custody(*chain) < max(head.sequence for head in heads)
            for chain, heads in self._server_heads.items()
            if chain[0] != self._directory.server.device and all(head.id and self._log.has(head.id) for head in heads)
        )

    # -- the report --

    def report(self) -> ExchangeReport:
        """Return what the exchange of this shelf did.

        Raises:
            DeviceUnknownError: The server does not know this laptop.
        """
        hello = self._greeted()
        if not hello.knows_device:
            raise DeviceUnknownError
        held = all_heads(self._log)  # what was sealed meanwhile counts: "in step" is said of now
        ours = self._concerning(held)
        forks = forked(held)
        return ExchangeReport(
            pushed=self._sent,
            pulled=self._intake.appended,
            receipts=self._kept_receipts,
            waiting=hello.waiting + self._intake.waiting,
            in_step=ids_of(ours) == ids_of(self._server_heads),
            older_copy=self._older_copy is not None,
            forks=tuple(sorted(forks)),
            notices=self._notices(forks),
            spoken_check=messages.spoken_check(head for heads in ours.values() for head in heads),
            server_ms=hello.now_ms,
            rounds=self._rounds,
            sent_bytes=self.sent_bytes,
            received_bytes=self.received_bytes,
            checks=tuple((site, self._check(ours, site)) for site in sorted(self._sites)),
            withdrawn=hello.withdrawn,
            server_epoch=hello.server_epoch,
            retry_s=hello.retry_s,
            restored=self._memory.is_restored,
            copied=self._copied,
            server_heads=tuple(self._named()),
        )

    def _notices(self, forks: frozenset[Chain]) -> tuple[CasebookError, ...]:
        notices: list[CasebookError] = list(self._set_aside.values())
        notices += [one for one in (self._older_copy, self._lost_there) if one is not None]
        if self._copied:
            notices.append(CopyAtWorkError())
        notices += [ChainForkError(device=chain[0]) for chain in sorted(forks - self._forks_before)]
        refused = self._refusals() - self._refused_before
        notices += [refusal_notice(one) for one in sorted(refused, key=lambda one: one.commit)]
        if self._greeted().withdrawn:
            notices.append(DeviceRevokedError())
        return tuple(notices)

    def _check(self, ours: Heads, site: str) -> str:
        return messages.spoken_check(head for chain in ours if self._site(chain) == site for head in ours[chain])


def _chain_of(error: CasebookError) -> Chain:
    return DeviceId(str(error.fields.get("device"))), Epoch(str(error.fields.get("epoch")))

"""A site whose laptops, links, backups and server go wrong in every way that was ever reported, on the real code.

A history is a list of steps. After each step what can be told at once is checked: a receipt speaks only of what the
server holds, "in step" is said of equal records alone. At the end everything connects once more, and all must hold
the same entries, every one that was ever acknowledged among them, and show the same casebook: the one that the
oracle expects.

What a step destroys is destroyed: an entry of which no copy is left anywhere (a laptop was put back to a backup
before it ever connected) is expected no longer.
"""

import contextlib
import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from casebook import decisions
from casebook.errors import NotPermittedError, ServerUnreachableError
from casebook.form_state import Clash, FormState
from casebook.ids import CommitId, UserId, new_epoch, new_subject_id, user_id
from casebook.oversight import Query
from casebook.payloads import DataPayload
from casebook.projection import project
from casebook.records import Operation, Reading
from casebook.store import CommitLog
from casebook.supervision import QueryAct, QueryPayload, of_item
from casebook.sync.engine import ExchangeReport, SyncPeer
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import START_MS, CutPeer, Server, ids, memory_study
from tests.rigs.forms import FORMS, PLACES, Place
from tests.rigs.laptops import SHELVES, BusyPeer, Folder, TwicePeer, Ward
from tests.rigs.oracle import BrokenPromiseError, Entered, Shown, check_nothing_overwritten, claim, shown
from tests.rigs.post import Letter, Post

__all__ = ["STEPS", "BrokenPromiseError", "Step", "World", "memory_copy"]

DAY_MS = 86_400_000
MOST_LAPTOPS = 6
"""Copies of laptops included."""
_LAST_ROUNDS = 6

_OFTEN = ("enter", "enter", "enter", "enter", "sync", "sync", "sync")
_LINKS = ("cut up", "cut down", "reply lost", "request twice", "meanwhile")
_POST = ("bundle written", "bundle written", "bundle brought", "bundle brought", "bundle brought", "bundle answered")
_COPIES = ("back up", "put back", "clone", "restart")
_SERVER = ("server backed up", "server put back", "server rebuilt", "server killed")
_PEOPLE = ("resolve", "resolve", "ask", "withdraw", "admit")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. What the numbers mean depends on the kind; they are taken modulo what there is."""

    kind: str
    laptop: int
    amount: int
    which: int


STEPS: SearchStrategy[list[Step]] = st.lists(
    st.builds(
        Step,
        st.sampled_from((*_OFTEN, *_LINKS, *_POST, *_COPIES, *_SERVER, *_PEOPLE)),
        st.integers(0, 11),
        st.integers(0, 9000),
        st.integers(0, 15),
    ),
    min_size=40,
    max_size=80,
)

CopyLog = Callable[[CommitLog], CommitLog]


def memory_copy(log: CommitLog) -> CommitLog:
    """Return a copy of a log in memory, with its receipts and settings."""
    twin = copy.copy(log)
    for name, kept in vars(log).items():
        if isinstance(kept, dict | list):
            setattr(twin, name, copy.copy(kept))
    return twin


def as_it_is(log: CommitLog) -> CommitLog:
    """Return what a power cut leaves of a log that keeps its word: all of it."""
    return log


@dataclass
class World:
    """A server and its site's laptops.

    Attributes:
        make_log: Makes an empty log for a laptop; `make_server_log` for the server.
        copy_log: Copies a log, as a backup does.
        durable: What a power cut leaves of the server's log.
        close: Lets go of what the logs hold.
        acknowledged: By shelf, the entries that were said to be kept and of which a copy is left.
        promised: By shelf, what receipts speak of, since the server was last put back.
        destroyed: Some entry is gone with every copy of it.
    """

    laptops_at_first: int = 3
    seed: int = 1
    make_log: Callable[[], CommitLog] = MemoryLog
    make_server_log: Callable[[], CommitLog] = MemoryLog
    copy_log: CopyLog = memory_copy
    durable: CopyLog = as_it_is
    close: Callable[[], None] = lambda: None
    acknowledged: dict[str, set[CommitId]] = field(default_factory=lambda: {shelf: set() for shelf in SHELVES})
    promised: dict[str, set[CommitId]] = field(default_factory=lambda: {shelf: set() for shelf in SHELVES})
    entered: dict[CommitId, Entered] = field(default_factory=dict)
    destroyed: bool = False

    def __post_init__(self) -> None:
        """Open the site, let everybody connect once, and back everything up."""
        self.server: Server = memory_study(self.seed)
        statements = list(self.server.log.commits())
        fresh = self.make_server_log()
        fresh.append(statements)
        self._begin_server(fresh, self.make_server_log())
        self.post = Post.of(self.server)
        self.laptops: list[Ward] = []
        for number in range(self.laptops_at_first):
            person = user_id(f"investigator.{'bcdefg'[number]}")
            self.server.add(person)
            laptop = Ward(self.server, self.make_log(), letter="ABCDEF"[number], user=person)
            laptop.unblinding = self.make_log()
            laptop.clock_ms = START_MS + (number - 1) * 3 * DAY_MS
            self.laptops.append(laptop)
        self.people: list[UserId] = [one.user for one in self.laptops]
        self.subjects = [new_subject_id(self.server.rng.randbytes) for _ in range(2)]
        for laptop in self.laptops:
            laptop.sync_both()
        self.folders = [Folder.of(one, self.copy_log) for one in self.laptops]
        self._back_server_up()

    # -- what happens --

    def do(self, step: Step) -> None:
        """Let one thing happen, and check what can be told at once."""
        laptop = self.laptops[step.laptop % len(self.laptops)]
        match step.kind:
            case "enter":
                self._enter(laptop, step)
            case "resolve":
                self._resolve(laptop, step)
            case "ask":
                self._ask(laptop, step)
            case "back up":
                self.folders[self._number(laptop)] = Folder.of(laptop, self.copy_log)
            case "put back":
                laptop.start_anew(self.folders[self._number(laptop)].copied(self.copy_log))
                self._count_the_losses()
            case "restart":
                laptop.start_anew(Folder(laptop.log, laptop.unblinding, laptop.head, laptop.heads))
            case "clone":
                self._clone(laptop)
            case "withdraw" | "admit":
                self._administer(step)
            case "server backed up":
                self._back_server_up()
            case "server put back" | "server rebuilt" | "server killed":
                self._hurt_server(step.kind)
            case "bundle written" | "bundle answered" | "bundle brought":
                self._carry(laptop, step)
            case _:
                self._connect(laptop, step)

    def _number(self, laptop: Ward) -> int:
        return next(number for number, one in enumerate(self.laptops) if one is laptop)

    # -- people at work --

    def _view(self, laptop: Ward, step: Step) -> tuple[Place, FormState, frozenset[CommitId]]:
        """Return a place, what the laptop shows there, and the entries of the place that lie behind it."""
        subject, place = self.subjects[step.which % 2], PLACES[step.which // 2 % len(PLACES)]
        held = [*laptop.log.commits(subject), *laptop.unblinding.commits(subject)]
        key = place.key(subject)
        here = (one.id for one in held if one.id in self.entered)
        seen = frozenset(one for one in here if self.entered[one].key == key and self.entered[one].place == place)
        return place, project(subject, held).form(key), seen

    def _enter(self, laptop: Ward, step: Step) -> None:
        place, state, seen = self._view(laptop, step)
        self._save(laptop, step, place, state, seen)

    def _resolve(self, laptop: Ward, step: Step) -> None:
        """Decide a conflict, where there is one: one entry upon all that stand."""
        for which in range(2 * len(PLACES)):
            place, state, seen = self._view(laptop, Step("", 0, 0, which))
            if _clash(state, place) is not None:
                self._save(laptop, step, place, state, seen)

    def _save(self, laptop: Ward, step: Step, place: Place, state: FormState, seen: frozenset[CommitId]) -> None:
        operations = _operations(step, place, state)
        if step.amount % 7 == 0:
            laptop.clock_ms -= DAY_MS  # somebody sets it back
        if operations:
            payload = DataPayload(key=state.key, form_version="0" * 16, operations=operations)
            commit = laptop.save(payload, place.shelf)
            self.entered[commit.id] = Entered(state.key.subject, place, seen)
            self.acknowledged[place.shelf].add(commit.id)

    def _ask(self, laptop: Ward, step: Step) -> None:
        """Raise a query, or act on one that stands, a conflict's among them."""
        place, state, _ = self._view(laptop, step)
        queries = self._queries(laptop)
        if queries and step.amount % 3:
            query = queries[step.amount % len(queries)]
            act = (QueryAct.ANSWER, QueryAct.CLOSE, QueryAct.REOPEN)[step.amount % 3]
            payload = QueryPayload(query=query.id, act=act, target=query.target, text="so it was", bases=query.bases)
        else:
            name = self.server.rng.randbytes(8).hex()
            target = of_item(state.key, place.paths[0])
            payload = QueryPayload(query=name, act=QueryAct.OPEN, target=target, text="is it so?")
        shelf = PLACES[-1].shelf if payload.target.form == PLACES[-1].form else PLACES[0].shelf
        commit = laptop.save(payload, shelf)
        self.acknowledged[shelf].add(commit.id)

    def _queries(self, laptop: Ward) -> tuple[Query, ...]:
        return shown(self.subjects, (laptop.log, laptop.unblinding)).queries

    # -- links --

    def _connect(self, laptop: Ward, step: Step) -> None:
        peer: SyncPeer = self.server
        for shelf in SHELVES:
            match step.kind:
                case "cut up":
                    peer = CutPeer(self.server, up_bytes=step.amount)
                case "cut down":
                    peer = CutPeer(self.server, down_bytes=step.amount)
                case "reply lost":
                    peer = CutPeer(self.server, down_bytes=0)
                case "request twice":
                    peer = TwicePeer(self.server)
                case "meanwhile":
                    peer = BusyPeer(self.server, lambda: self._meanwhile(laptop, step))
                case _:
                    pass
            report = self._exchange(laptop, peer, shelf)
            if report is not None and report.in_step and step.kind != "meanwhile":
                equal = ids(laptop.shelf_log(shelf)) == ids(self._server_log(shelf))
                claim(equal, "in step is said of equal records")

    def _meanwhile(self, laptop: Ward, step: Step) -> None:
        if step.which % 2:
            self._enter(laptop, step)
        else:
            other = self.laptops[(self._number(laptop) + 1) % len(self.laptops)]
            self._exchange(other, self.server, SHELVES[0])

    def _exchange(self, laptop: Ward, peer: SyncPeer, shelf: str) -> ExchangeReport | None:
        log = laptop.shelf_log(shelf)
        before = len(log.receipts())
        try:
            with contextlib.suppress(ServerUnreachableError, NotPermittedError):
                return laptop.sync(
                    peer, shelf=shelf, person=laptop.signer, on_older_copy=lambda: laptop.leave_epoch(shelf)
                )
        finally:
            self._take_at_its_word(log, shelf, before)
        return None

    def _take_at_its_word(self, log: CommitLog, shelf: str, before: int) -> None:
        """Note what fresh receipts speak of: those of the server as it stands, not of one that was put back since."""
        epoch = self._server_log(SHELVES[0]).setting("server_epoch")
        for receipt in log.receipts()[before:]:
            if receipt.server_epoch == epoch:
                chain = log.chain(receipt.device, receipt.epoch)
                self.promised[shelf] |= {one.id for one in chain if one.parsed.sequence <= receipt.sequence}
        self._check_receipts()

    # -- bundles --

    def _carry(self, laptop: Ward, step: Step) -> None:
        """Write a bundle, let the server answer, or bring any file that is on its way; some are brought again."""
        others = [one.device for one in self.laptops if one.device != laptop.device]
        match step.kind:
            case "bundle written":
                to = None if step.which % 3 or not others else others[step.amount % len(others)]
                self.post.from_laptop(laptop, to)
            case "bundle answered":
                self.post.from_server(self.server, laptop.device)
            case _ if self.post.letters:
                letters = self.post.letters
                place = step.amount % len(letters)
                letter = letters[place] if step.which % 3 == 0 else letters.pop(place)
                self._bring(letter, step)
            case _:
                pass

    def _bring(self, letter: Letter, step: Step) -> None:
        if letter.to is None:
            self.post.bring_to_server(self.server, letter)
            if step.amount % 2:  # whoever brought it waits for the answer
                self.post.from_server(self.server, letter.by)
            return
        laptops = [one for one in self.laptops if one.device == letter.to]
        laptop = laptops[step.which % len(laptops)]
        before = {shelf: len(laptop.shelf_log(shelf).receipts()) for shelf in SHELVES}
        self.post.bring_to_laptop(laptop, letter)
        for shelf in SHELVES:
            self._take_at_its_word(laptop.shelf_log(shelf), shelf, before[shelf])

    def _check_receipts(self) -> None:
        for shelf in SHELVES:
            log = self._server_log(shelf)
            claim(all(log.has(one) for one in self.promised[shelf]), "a receipt means that it is there")

    # -- copies and losses --

    def _clone(self, laptop: Ward) -> None:
        """Start a copy of the laptop beside it: an image put on a second machine."""
        if len(self.laptops) < MOST_LAPTOPS:
            twin = copy.copy(laptop)
            twin.start_anew(Folder.of(laptop, self.copy_log))
            self.laptops.append(twin)
            self.folders.append(Folder.of(twin, self.copy_log))

    def _server_log(self, shelf: str) -> CommitLog:
        return self.server.log if shelf == SHELVES[0] else self.server.unblinding

    def _back_server_up(self) -> None:
        self.server_copy = (self.copy_log(self.server.log), self.copy_log(self.server.unblinding))

    def _begin_server(self, log: CommitLog, unblinding: CommitLog) -> None:
        """Start the server on logs that are not its latest: under a new server epoch."""
        fresh = new_epoch(self.server.rng.randbytes)
        for one in (log, unblinding):
            one.set_setting("server_epoch", fresh)
        self.server.begin(log, unblinding)

    def _hurt_server(self, kind: str) -> None:
        match kind:
            case "server killed":
                self.server.begin(self.durable(self.server.log), self.durable(self.server.unblinding))
                self._check_receipts()
                return
            case "server put back":
                log, unblinding = self.server_copy
                self._begin_server(self.copy_log(log), self.copy_log(unblinding))
            case _:
                self._begin_server(self.make_server_log(), self.make_server_log())
        self.promised = {shelf: set() for shelf in SHELVES}
        self._count_the_losses()

    def _count_the_losses(self) -> None:
        """Expect no longer what is gone with every copy of it."""
        for shelf in SHELVES:
            left = ids(self._server_log(shelf)).union(*(ids(one.shelf_log(shelf)) for one in self.laptops))
            self.destroyed = self.destroyed or not self.acknowledged[shelf] <= left
            self.acknowledged[shelf] &= left

    # -- people come and go --

    def _administer(self, step: Step) -> None:
        person = self.people[step.which % len(self.people)]
        member = self.server.directory.member(person)
        if step.kind == "admit":
            if member is not None and member.revoked:
                self.server.add(person)
        elif member is not None and not member.revoked:
            self.server.office.withdraw_person(member, "001", "left")

    # -- the end --

    def settle(self) -> None:
        """Let everybody connect until nothing moves, and check every promise."""
        for _ in range(_LAST_ROUNDS):
            calm = [self._settle_once(laptop) for laptop in self.laptops]
            if all(calm):
                break
        else:
            claim(holds=False, promise="all come into step")
        replicas = [(self.server.log, self.server.unblinding), *((one.log, one.unblinding) for one in self.laptops)]
        for number, shelf in enumerate(SHELVES):
            there = ids(replicas[0][number])
            claim(self.acknowledged[shelf] <= there, "every entry that was acknowledged is there")
            for replica in replicas:
                listed = [commit.id for commit in replica[number].commits()]
                claim(set(listed) == there, "all hold the same entries")
                claim(len(listed) == len(there), "nothing is there twice")
                claim(replica[number].count_parked() == 0, "nothing waits")
                claim(not replica[number].quarantined(), "nothing honest is set aside")
        self._check_receipts()
        self._check_casebooks([shown(self.subjects, replica) for replica in replicas])

    def _settle_once(self, laptop: Ward) -> bool:
        for person in self.people:
            member = self.server.directory.member(person)
            if member is not None and member.revoked:
                self.server.add(person)
        reports = [self._exchange(laptop, self.server, shelf) for shelf in SHELVES]
        return all(
            report is not None and report.in_step and not report.pushed and not report.pulled for report in reports
        )

    def _check_casebooks(self, replicas: list[Shown]) -> None:
        for replica in replicas:
            claim(replica == replicas[0], "all show the same casebooks, conflicts and queries")
        held = ids(self.server.log) | ids(self.server.unblinding)
        present = frozenset(one for one in self.entered if one in held)
        check_nothing_overwritten(replicas[0], self.entered, present, exactly=not self.destroyed)


def _clash(state: FormState, place: Place) -> Clash | None:
    """Return what people disagree about at a place."""
    units = {path.group for path in place.paths} if place.is_sitting else set(place.paths)
    return next((one for one in state.clashes if (one.path.group if place.is_sitting else one.path) in units), None)


def _operations(step: Step, place: Place, state: FormState) -> tuple[Operation, ...]:
    """Return what somebody does at a place: choose a side of what is in conflict, or enter upon what stands."""
    clash = _clash(state, place)
    if clash is not None and (place.is_sitting or step.kind == "resolve"):
        side = clash.sides[step.amount % len(clash.sides)].ref
        return decisions.settle(state, clash.id, side, "looked again")
    operations: dict[Operation, None] = {}
    for number, path in enumerate(place.paths):
        reading = Reading(value=str((step.amount + number) % 5))
        entry = decisions.enter_item(FORMS[place.form], state, path, reading, reason="looked again")
        operations |= dict.fromkeys(entry)
    return tuple(operations)

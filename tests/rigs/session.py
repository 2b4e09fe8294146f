"""A session of twenty forms, prepared once and run from its beginning as often as one likes, byte for byte the same.

A laptop has twenty forms that the server lacks, and the server has twenty of a second laptop: on shelf S and on
shelf U. Logs are in memory; every run works on copies of them.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from casebook import payloads
from casebook.ids import CommitId, new_subject_id
from casebook.ledger import STANDARD, UNBLINDING, CommitDraft
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.sync.engine import Conversed, ShelfExchange, SyncPeer, converse
from casebook.sync.frames import FrameParser, FrameType, write_frame
from casebook.sync.memory import HELD_BACK
from casebook.sync.trust import Directory
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import START_MS, Server, Writer, ids, memory_study
from tests.rigs.world import memory_copy

FORMS = {STANDARD: 14, UNBLINDING: 6}
ITEMS = 36
_DAY_MS = 86_400_000


@dataclass(slots=True)
class Meter:
    """Counts what goes one way.

    Attributes:
        carried: All bytes.
        greetings: Bytes of the whole frames that are no commits.
        largest: The largest frame of commits.
        largest_greeting: The largest other frame.
        commits: The bodies of the whole frames of commits.
    """

    carried: int = 0
    greetings: int = 0
    largest: int = 0
    largest_greeting: int = 0
    commits: list[bytes] = field(default_factory=list)

    def counting(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        """Pass a stream of frames on."""
        parser = FrameParser()
        for data in stream:
            self.carried += len(data)
            for frame in parser.feed(data):
                size = len(write_frame(frame.type, frame.body))
                if frame.type is FrameType.COMMITS:
                    self.commits.append(frame.body)
                    self.largest = max(self.largest, size)
                else:
                    self.greetings += size
                    self.largest_greeting = max(self.largest_greeting, size)
            yield data

    @property
    def commit_bytes(self) -> int:
        """Bytes of commits, those of a cut frame too."""
        return self.carried - self.greetings


class Carrier:
    """Carries requests to a server and measures both ways."""

    def __init__(self, peer: SyncPeer, *, ahead: bool = False) -> None:
        """`ahead`: the peer has said its whole answer before the first byte of it is carried, as most programs do."""
        self._peer = peer
        self._ahead = ahead
        self.up, self.down = Meter(), Meter()
        self.requests = 0

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        self.requests += 1
        answer = self._peer.send(self.up.counting(request))
        return self.down.counting(list(answer) if self._ahead else answer)


@dataclass
class Session:
    """The two ends before the session, or after a part of it."""

    server: Server
    laptop: Writer
    everything: dict[str, set[CommitId]]

    def copy(self) -> "Session":
        """Return the same two ends on copies of their logs, with the same chances ahead."""
        server, laptop = Server.__new__(Server), Writer.__new__(Writer)
        vars(server).update(vars(self.server))
        vars(laptop).update(vars(self.laptop))
        server.rng = laptop.rng = random.Random(1)
        server.begin(memory_copy(self.server.log), memory_copy(self.server.unblinding))
        laptop.server = server
        laptop.log, laptop.unblinding = memory_copy(self.laptop.log), memory_copy(self.laptop.unblinding)
        laptop.directory = Directory(server.identity)
        laptop.directory.refresh(laptop.log)
        return Session(server, laptop, self.everything)

    def converse(self, peer: SyncPeer | None = None) -> Conversed:
        """Exchange both shelves in one conversation."""
        laptop = self.laptop
        exchanges = [
            ShelfExchange(
                log,
                laptop=laptop.laptop(shelf, laptop.signer),
                directory=laptop.directory,
                random_bytes=laptop.rng.randbytes,
                identity_key=laptop.identity_key,
            )
            for shelf, log in ((STANDARD, laptop.log), (UNBLINDING, laptop.unblinding))
        ]
        return converse(exchanges, peer or self.server)

    def send_small_requests(self) -> None:
        """Let the laptop take it that something on the way holds long requests back."""
        for log in (self.laptop.log, self.laptop.unblinding):
            log.set_setting(HELD_BACK, f"[0, {START_MS + _DAY_MS}]")

    def check(self, *, set_aside: bool = False) -> None:
        """Check that both ends hold everything, once, and that the laptop knows it.

        Args:
            set_aside: Something dishonest was under way, and may be in quarantine.
        """
        laptop, server = self.laptop, self.server
        for shelf, here, there in (
            (STANDARD, laptop.log, server.log),
            (UNBLINDING, laptop.unblinding, server.unblinding),
        ):
            assert ids(here) == ids(there) == self.everything[shelf]
            for log in (here, there):
                assert log.count() == len(self.everything[shelf])
                assert log.count_parked() == 0
                assert set_aside or log.quarantined() == ()
                assert log.forks() == ()
            for head in here.heads():
                if head.device != server.identity.device:
                    assert here.custody(head.device, head.epoch) == head.sequence


def prepared(times: int = 1) -> Session:
    """Return the two ends before the session. `times`: how many times twenty forms."""
    server = memory_study()
    laptop, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    laptop.sync_both()
    for writer in (second, laptop):
        for shelf, count in FORMS.items():
            for number in range(count * times):
                write_form(writer, shelf, number)
    second.sync_both()
    everything = {
        STANDARD: ids(server.log) | ids(laptop.log),
        UNBLINDING: ids(server.unblinding) | ids(laptop.unblinding),
    }
    return Session(server, laptop, {shelf: {CommitId(one) for one in found} for shelf, found in everything.items()})


def write_form(writer: Writer, shelf: str, number: int) -> None:
    """Fill in one form of thirty-six items and keep it in one save."""
    key = FormKey(subject=new_subject_id(writer.rng.randbytes), visit=VisitKey(visit="SE.V1"), form=f"F.{number}")
    operations = tuple(
        SetItem(path=ItemPath(group="IG.VS", item=f"ITEM{item}"), reading=Reading(value=str(writer.rng.randrange(500))))
        for item in range(ITEMS)
    )
    kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=operations))
    writer.keep(CommitDraft(kind=kind, author=writer.user, body=body, compartment=shelf))

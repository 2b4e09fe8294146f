"""Two laptops of a site over a wire: what they tell each other, and what a stranger, or a blinded person, learns."""

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from casebook.attachments import CHUNK_BYTES
from casebook.crypto import SigningKey
from casebook.errors import CasebookError, NearbyRefusedError, NearbyUnreachableError, WrongFiguresError
from casebook.ids import user_id
from casebook.ledger import STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.sync.bundles import Holder, noted
from casebook.sync.nearby import Met, answer_call, call, meet, new_figures
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync import bundling
from tests.casebook.sync.bundling import BundleServer, Carrier
from tests.casebook.sync.chunk_study import photo
from tests.casebook.sync.study import START_MS, ids

Result = TypeVar("Result")
BLIND = user_id("blind")
FIGURES = "123456"


@dataclass
class Wire:
    """One end of a pair of sockets; it can be cut after some bytes, and keeps what went over it."""

    socket: socket.socket
    left: int = 10**12
    seen: bytearray | None = None

    def send(self, data: bytes) -> None:
        data, self.left = data[: self.left], self.left - len(data)
        if self.seen is not None:
            self.seen += data
        try:
            self.socket.sendall(data)
        except OSError:
            raise NearbyUnreachableError(address="wire") from None
        if self.left <= 0:
            self.socket.close()
            raise NearbyUnreachableError(address="wire")

    def receive(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except OSError:
                more = b""
            if not more:
                raise NearbyUnreachableError(address="wire")
            data += more
        return bytes(data)


@contextmanager
def wires(*, cut_after: int = 10**12) -> Iterator[tuple[Wire, Wire]]:
    one, two = socket.socketpair()
    for end in (one, two):
        end.settimeout(5)
    with one, two:
        yield Wire(one), Wire(two, left=cut_after, seen=bytearray())


def together(first: Callable[[], Result], second: Callable[[], Result]) -> list[Result | CasebookError]:
    """Do both at once, as two laptops do."""
    done: dict[int, Result | CasebookError] = {}

    def run(place: int, work: Callable[[], Result]) -> None:
        try:
            done[place] = work()
        except CasebookError as error:
            done[place] = error

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [done[0], done[1]]


def waits(wire: Wire, holder: Holder, figures: str = FIGURES) -> Callable[[], Met]:
    def work() -> Met:
        try:
            return meet(answer_call(wire, holder, figures), holder, first=False, at_ms=START_MS)
        finally:
            wire.socket.close()

    return work


def calls(wire: Wire, holder: Holder, figures: str = FIGURES) -> Callable[[], Met]:
    def work() -> Met:
        try:
            return meet(call(wire, holder, figures), holder, first=True, at_ms=START_MS)
        finally:
            wire.socket.close()

    return work


study = bundling.study


@pytest.fixture
def pair(study: BundleServer, tmp_path: Path) -> tuple[Carrier, Carrier]:
    """Two laptops that heard of each other; each has entries of its own in both shelves."""
    one, two = Carrier(study, tmp_path, "A"), Carrier(study, tmp_path, "B")
    one.writer.sync()
    for laptop, count in ((one, 3), (two, 2)):
        for value in range(count):
            laptop.writer.write(str(value))
            laptop.writer.write(str(value), compartment=UNBLINDING)
    return one, two


def _met(one: Holder, two: Holder, *, cut_after: int = 10**12) -> list[Met | CasebookError]:
    with wires(cut_after=cut_after) as (left, right):
        return together(waits(left, one), calls(right, two))


def test_after_a_meeting_both_hold_the_same(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair

    first, second = _met(one.holder(), two.holder())

    assert isinstance(first, Met)
    assert isinstance(second, Met)
    assert (first.agree, second.agree) == (True, True)
    assert (first.unblinding, second.unblinding) == (True, True)
    assert ids(one.writer.log) == ids(two.writer.log)
    assert ids(one.writer.unblinding) == ids(two.writer.unblinding)
    assert (first.sent, second.sent) == (6, 4)  # no more than the other lacked
    assert one.custody() == two.custody() == [False]  # receipts come from the server alone
    assert noted(one.writer.log) == noted(two.writer.log) == ()


def test_photos_go_both_ways_after_the_records_and_once(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    for laptop, seed in ((one, 1), (two, 2)):
        laptop.attach(photo(3 * CHUNK_BYTES, seed))
        laptop.attach(photo(CHUNK_BYTES, seed + 2), UNBLINDING_IDENTITY)

    first, second = _met(one.holder(), two.holder())
    again, _ = _met(one.holder(), two.holder())

    assert isinstance(first, Met)
    assert isinstance(second, Met)
    assert isinstance(again, Met)
    assert all(one.chunks[shelf].held == two.chunks[shelf].held for shelf in (STANDARD, UNBLINDING))
    assert (len(one.chunks[STANDARD].held), len(one.chunks[UNBLINDING].held)) == (6, 2)
    assert (first.attached, second.attached, again.attached) == (2, 2, 0)


def test_a_blinded_neighbour_is_given_no_chunk_of_shelf_u(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    one.attach(photo(CHUNK_BYTES), UNBLINDING_IDENTITY)
    one.attach(photo(CHUNK_BYTES, 2))

    first, _ = _met(one.holder(), two.holder(BLIND))

    assert isinstance(first, Met)
    assert (first.attached, len(two.chunks[STANDARD].held), two.chunks[UNBLINDING].held) == (1, 1, {})


def test_a_second_meeting_sends_nothing(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    _met(one.holder(), two.holder())

    again = _met(two.holder(), one.holder())

    assert [one.sent for one in again if isinstance(one, Met)] == [0, 0]


def test_shelf_u_goes_over_only_where_both_sessions_have_it(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    before = ids(two.writer.unblinding)

    met = _met(one.holder(), two.holder(BLIND))

    assert [each.unblinding for each in met if isinstance(each, Met)] == [False, False]
    assert ids(one.writer.log) == ids(two.writer.log)
    assert ids(two.writer.unblinding) == before


def test_a_blinded_person_who_claims_shelf_u_gets_nothing_of_it(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    forged = replace(two.holder(BLIND), logs={"S": two.writer.log, "U": MemoryLog()})

    met = _met(one.holder(), forged)

    assert [each.unblinding for each in met if isinstance(each, Met)] == [False, False]
    assert not ids(forged.logs["U"])


def test_a_link_that_is_cut_anywhere_loses_nothing_and_the_next_meeting_goes_on(
    pair: tuple[Carrier, Carrier],
) -> None:
    one, two = pair
    rng = random.Random(6)
    for cut_after in [1, 100, 600, *sorted(rng.randrange(330_000) for _ in range(8))]:
        met = _met(one.holder(), two.holder(), cut_after=cut_after)
        assert any(isinstance(each, NearbyUnreachableError | NearbyRefusedError) for each in met) or cut_after > 300_000

    met = _met(one.holder(), two.holder())

    assert all(isinstance(each, Met) and each.agree for each in met)
    assert ids(one.writer.log) == ids(two.writer.log)


def test_other_figures_than_those_shown_are_refused_and_nothing_is_exchanged(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    with wires() as (left, right):
        met = together(waits(left, one.holder()), calls(right, two.holder(), "654321"))

    assert [type(each) for each in met] == [WrongFiguresError, NearbyRefusedError]
    assert not ids(one.writer.log) & {each.id for each in two.writer.log.commits() if each.parsed.device == two.device}


def test_a_stranger_learns_nothing_and_can_send_little(pair: tuple[Carrier, Carrier]) -> None:
    one, _ = pair
    rng = random.Random(7)
    for garbage in (b"", b"\xff\xff" + rng.randbytes(65_535), b"\x00\x50" + rng.randbytes(80), rng.randbytes(5_000)):
        with wires() as (left, right):
            told: list[bytes] = []

            def pester(wire: Wire = right, data: bytes = garbage, heard: list[bytes] = told) -> Met:
                heard.append(wire.receive(53))
                with contextlib.suppress(OSError):  # it may have hung up already
                    wire.socket.sendall(data)
                    wire.socket.shutdown(socket.SHUT_WR)
                    heard.append(wire.socket.recv(1))
                raise NearbyUnreachableError(address="")

            first, _ = together(waits(left, one.holder()), pester)

        assert isinstance(first, NearbyRefusedError | NearbyUnreachableError)
        assert told[1:] in ([b""], [])  # nothing but the greeting: a fresh key and salt
        assert one.device.encode() not in told[0]


def test_a_laptop_of_another_study_or_site_or_with_a_stolen_name_is_refused(
    study: BundleServer, pair: tuple[Carrier, Carrier], tmp_path: Path
) -> None:
    one, two = pair
    study.server.open_site("002")
    foreign = Carrier(BundleServer(seed=8), tmp_path)
    thief = replace(two.holder(), laptop=replace(two.holder().laptop, signing=SigningKey(bytes(range(32)))))
    elsewhere = replace(two.holder(), site="002")
    before = ids(one.writer.log)

    for stranger in (foreign.holder(), thief, elsewhere):
        met = _met(one.holder(), stranger)
        assert all(isinstance(each, NearbyRefusedError) for each in met)
        met = _met(stranger, one.holder())
        assert all(isinstance(each, CasebookError) for each in met)
    assert ids(one.writer.log) == before


def test_whoever_listens_sees_ciphertext_alone(pair: tuple[Carrier, Carrier]) -> None:
    one, two = pair
    two.writer.write("VALUE-IN-CLEAR")
    with wires() as (left, right):
        together(waits(left, one.holder()), calls(right, two.holder()))
        seen = bytes(right.seen or b"")

    assert len(seen) > 100_000
    assert two.device.encode() not in seen[:600]
    assert b"VALUE-IN-CLEAR" not in seen
    assert str(two.writer.user).encode() not in seen


def test_figures_are_six() -> None:
    assert {len(new_figures(random.Random(seed).randbytes)) for seed in range(50)} == {6}

"""What a link does besides breaking: bits flip, a stream ends early as if it were whole, parts come twice or never.

TLS keeps most of this from an exchange; a stick, a proxy and a bundle do not. Sampled here; `make soak` goes through
every byte.
"""

import contextlib
import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from casebook.errors import CasebookError
from casebook.sync.engine import SyncPeer
from tests.rigs.cuts import Uncut, cut, remember_verified, uncut
from tests.rigs.histories import SOAK, chosen_seed
from tests.rigs.laptops import SHELVES, TwicePeer

SAMPLES = 60
LONG = 20
"""Times twenty forms: a session of many frames."""
Harm = Callable[[Iterable[bytes], int], Iterator[bytes]]


def flipped(stream: Iterable[bytes], bit: int) -> Iterator[bytes]:
    """One bit is another."""
    offset = 0
    for data in stream:
        place = bit // 8 - offset
        changed = bytearray(data)
        if 0 <= place < len(data):
            changed[place] ^= 1 << bit % 8
        offset += len(data)
        yield bytes(changed)


def ended(stream: Iterable[bytes], bit: int) -> Iterator[bytes]:
    """It ends, and nobody says that it was cut."""
    left = bit // 8
    for data in stream:
        yield data[:left]
        left -= len(data)
        if left < 0:
            return


def doubled(stream: Iterable[bytes], bit: int) -> Iterator[bytes]:
    """The part that holds the bit comes twice."""
    offset = 0
    for data in stream:
        yield data
        if offset <= bit // 8 < offset + len(data):
            yield data
        offset += len(data)


def dropped(stream: Iterable[bytes], bit: int) -> Iterator[bytes]:
    """The part that holds the bit is missing."""
    offset = 0
    for data in stream:
        if not offset <= bit // 8 < offset + len(data):
            yield data
        offset += len(data)


def in_pieces(stream: Iterable[bytes], bit: int) -> Iterator[bytes]:
    """It comes in other parts than it was sent in."""
    chance = random.Random(bit)
    for data in stream:
        position = 0
        while position < len(data):
            size = chance.choice((1, 2, 3, 5, 40, 700))
            yield data[position : position + size]
            position += size


class HarmingPeer:
    """Carries one request and its answer through some harm; later ones go as they are."""

    def __init__(self, peer: SyncPeer, harm: Harm, bit: int, *, up: bool) -> None:
        self._peer = peer
        self._harm = harm
        self._bit = bit
        self._up = up
        self._requests = 0

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        self._requests += 1
        if self._requests > 1:
            return self._peer.send(request)
        if self._up:
            return self._peer.send(self._harm(request, self._bit))
        return self._harm(self._peer.send(request), self._bit)


def harm_once(whole: Uncut, shelf: str, harm: Harm, bit: int, *, up: bool) -> None:
    """Run the exchange through some harm, then again through none, and check."""
    session = whole.starts[shelf].copy()
    with contextlib.suppress(CasebookError):
        session.run(HarmingPeer(session.server, harm, bit, up=up), shelves=[shelf])
    session.run(shelves=SHELVES[SHELVES.index(shelf) :])
    session.check(set_aside=True)


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.parametrize("harm", [flipped, ended, doubled, dropped, in_pieces], ids=lambda harm: harm.__name__)
@pytest.mark.timeout(0 if SOAK else 600)
def test_harm_on_the_way_loses_and_repeats_nothing(
    harm: Harm, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None], *, up: bool
) -> None:
    remember_verified(monkeypatch)
    whole = uncut()
    chance = random.Random(chosen_seed())
    places = 0
    for shelf in SHELVES:
        carrier = whole.carriers[shelf]
        every = range((carrier.up if up else carrier.down).carried)
        for byte in every if SOAK else chance.sample(every, SAMPLES):
            harm_once(whole, shelf, harm, 8 * byte + chance.randrange(8), up=up)
            places += 1

    record_property("rig", f"{harm.__name__} {'up' if up else 'down'}: {places} places")


@pytest.mark.parametrize("shelf", SHELVES)
def test_request_that_arrives_twice_counts_once(shelf: str) -> None:
    session = uncut().starts[shelf].copy()

    with contextlib.suppress(CasebookError):  # an opening of shelf U is answered once
        session.run(TwicePeer(session.server), shelves=[shelf])
    session.run(shelves=SHELVES[SHELVES.index(shelf) :])

    session.check()


@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.timeout(0 if SOAK else 600)
def test_long_session_that_is_cut_goes_on_from_the_frame_that_was_cut(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None], *, up: bool
) -> None:
    remember_verified(monkeypatch)
    whole = uncut(LONG)
    chance = random.Random(chosen_seed())
    meters = {shelf: carrier.up if up else carrier.down for shelf, carrier in whole.carriers.items()}
    places = 0
    for shelf, meter in meters.items():
        assert meter.commit_bytes > 2 * meter.largest
        for byte in range(meter.carried) if SOAK else chance.sample(range(meter.carried), 12):
            cut(whole, shelf, **{"up_bytes" if up else "down_bytes": byte})
            places += 1

    record_property("rig", f"a session of {LONG * 20} forms cut at {places} places {'up' if up else 'down'}")

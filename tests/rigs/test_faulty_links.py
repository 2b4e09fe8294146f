"""What a link does besides breaking: bits flip, a stream ends early as if it were whole, parts come twice or never.

TLS keeps most of this from an exchange; a stick, a proxy and a bundle do not. Sampled here; `make soak` goes through
every byte.
"""

import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from casebook.errors import NotPermittedError
from casebook.sync.engine import SyncPeer
from tests.rigs.cuts import Uncut, cut, remember_verified, uncut
from tests.rigs.histories import SOAK, chosen_seed
from tests.rigs.laptops import TwicePeer

SAMPLES = 120
MANY = 20
"""Times twenty forms: a session of many frames, in several requests."""
MANY_SAMPLES = 60
HALF = 0.5
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


def harm_once(whole: Uncut, harm: Harm, bit: int, *, up: bool) -> None:
    """Run the session through some harm, then again through none, and check."""
    session = whole.start.copy()
    session.converse(HarmingPeer(session.server, harm, bit, up=up))
    session.converse()
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
    every = range((whole.carrier.up if up else whole.carrier.down).carried)
    places = every if SOAK else chance.sample(every, SAMPLES)

    for byte in places:
        harm_once(whole, harm, 8 * byte + chance.randrange(8), up=up)

    record_property("rig", f"{harm.__name__} {'up' if up else 'down'}: {len(places)} places")


def test_request_that_arrives_twice_counts_once() -> None:
    session = uncut().start.copy()

    conversed = session.converse(TwicePeer(session.server))
    assert isinstance(conversed.error, NotPermittedError)  # an opening of shelf U is answered once
    assert session.converse().error is None

    session.check()


@pytest.mark.parametrize("small", [False, True], ids=["long", "small"])
@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.timeout(0 if SOAK else 600)
def test_session_of_many_frames_and_requests_goes_on_from_the_frame_that_was_cut(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None], *, up: bool, small: bool
) -> None:
    remember_verified(monkeypatch)
    whole = uncut(MANY, small=small)
    chance = random.Random(chosen_seed())
    meter = whole.carrier.up if up else whole.carrier.down
    assert meter.commit_bytes > 3 * meter.largest
    assert whole.carrier.requests > (2 if small else 1)
    places = range(meter.carried) if SOAK else chance.sample(range(meter.carried), MANY_SAMPLES)

    for byte in places:
        cut(whole, **{"up_bytes" if up else "down_bytes": byte}, ahead=chance.random() < HALF)

    requests = f"{MANY * 20} forms in {whole.carrier.requests} requests"
    record_property("rig", f"a session of {requests} cut at {len(places)} places {'up' if up else 'down'}")

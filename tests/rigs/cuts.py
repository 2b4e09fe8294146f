"""Cuts a session of twenty forms at one byte, connects again, and checks: nothing lost, twice, or sent in vain."""

import contextlib
import functools
from dataclasses import dataclass

import pytest

from casebook import crypto, ledger, payloads
from casebook.errors import ServerUnreachableError
from tests.casebook.sync.study import CutPeer
from tests.rigs.laptops import SHELVES
from tests.rigs.session import Carrier, Meter, Session, prepared


@dataclass(frozen=True, slots=True)
class Uncut:
    """The session without a cut.

    Attributes:
        starts: The two ends as the exchange of each shelf begins.
        carriers: What that exchange carries, undisturbed.
    """

    starts: dict[str, Session]
    carriers: dict[str, Carrier]


def remember_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify and read the same bytes once for all runs: the same answers, sooner."""
    monkeypatch.setattr(crypto, "signature_holds", functools.cache(crypto.signature_holds))
    monkeypatch.setattr(ledger, "read_header", functools.cache(ledger.read_header))
    monkeypatch.setattr(payloads, "subject_of", functools.cache(payloads.subject_of))


def uncut(times: int = 1) -> Uncut:
    """Run the session without a cut. `times`: how many times twenty forms."""
    session = prepared(times)
    starts, carriers = {}, {}
    for shelf in SHELVES:
        starts[shelf] = session.copy()
        carriers[shelf] = Carrier(session.server)
        session.run(carriers[shelf], shelves=[shelf])
    session.check()
    return Uncut(starts, carriers)


def cut(whole: Uncut, shelf: str, *, up_bytes: int | None = None, down_bytes: int | None = None) -> None:
    """Cut the exchange of a shelf after so many bytes up or down, connect again, and check."""
    session = whole.starts[shelf].copy()
    inner = Carrier(session.server)  # sees what arrives at the server
    outer = Carrier(CutPeer(inner, up_bytes=up_bytes, down_bytes=down_bytes))  # and what arrives at the laptop
    with contextlib.suppress(ServerUnreachableError):
        session.run(outer, shelves=[shelf])
    again = Carrier(session.server)
    session.run(again, shelves=[shelf])
    session.run(shelves=SHELVES[SHELVES.index(shelf) + 1 :])
    session.check()
    undisturbed = whole.carriers[shelf]
    if up_bytes is not None:
        _check_little_is_repeated(undisturbed.up, inner.up, again.up)
    if down_bytes is not None:
        _check_little_is_repeated(undisturbed.down, outer.down, again.down)
    assert again.requests <= undisturbed.requests + 1


def _check_little_is_repeated(undisturbed: Meter, cut_short: Meter, again: Meter) -> None:
    """Not more than one frame goes again, beside the greeting that the cut may have hit."""
    repeated = cut_short.commit_bytes + again.commit_bytes - undisturbed.commit_bytes
    one_frame = max(undisturbed.largest, again.largest)
    greeting = max(undisturbed.largest_greeting, again.largest_greeting)
    assert repeated <= one_frame + greeting

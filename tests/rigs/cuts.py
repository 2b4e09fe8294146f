"""Cuts a session of twenty forms at one byte, connects again, and checks: nothing lost, twice, or sent in vain.

Both shelves travel in one conversation. Both directions are measured, whichever of them is cut.
"""

import functools
from dataclasses import dataclass

import pytest

from casebook import crypto, ledger, payloads
from casebook.ledger import SealedCommit
from casebook.sync import frames, serving, shelf_exchange
from casebook.sync.packing import MAX_COMMITS_BYTES, Find, tag_of, unpack_commits
from tests.casebook.sync.study import CutPeer
from tests.rigs.session import Carrier, Meter, Session, prepared


@dataclass(frozen=True, slots=True)
class Uncut:
    """The session without a cut.

    Attributes:
        start: The two ends as it begins.
        carrier: What it carries, undisturbed.
    """

    start: Session
    carrier: Carrier


_CONTINUES = 2


@functools.cache
def _unpacked(body: bytes, base: SealedCommit | None, most_bytes: int) -> tuple[SealedCommit, ...]:
    return unpack_commits(
        body, lambda tag: base if base is not None and tag_of(base) == tag else None, most_bytes=most_bytes
    )


def _unpack(body: bytes, find: Find | None = None, *, most_bytes: int = MAX_COMMITS_BYTES) -> tuple[SealedCommit, ...]:
    continues = find is not None and body[:1] == bytes([_CONTINUES])
    return _unpacked(body, find(body[1:5]) if continues and find is not None else None, most_bytes)


def remember_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify, pack and read the same bytes once for all runs: the same answers, sooner."""
    monkeypatch.setattr(crypto, "signature_holds", functools.cache(crypto.signature_holds))
    monkeypatch.setattr(ledger, "read_header", functools.cache(ledger.read_header))
    monkeypatch.setattr(payloads, "subject_of", functools.cache(payloads.subject_of))
    monkeypatch.setattr(frames, "pack_commits", functools.cache(frames.pack_commits))
    for module in (serving, shelf_exchange):
        monkeypatch.setattr(module, "unpack_commits", _unpack)


def uncut(times: int = 1, *, small: bool = False) -> Uncut:
    """Run the session without a cut. `times`: how many times twenty forms; `small`: in small requests."""
    start = prepared(times)
    if small:
        start.send_small_requests()
    session = start.copy()
    carrier = Carrier(session.server)
    assert session.converse(carrier).error is None
    session.check()
    return Uncut(start, carrier)


def cut(whole: Uncut, *, up_bytes: int | None = None, down_bytes: int | None = None, ahead: bool = False) -> None:
    """Cut the session after so many bytes up or down, connect again, and check.

    Args:
        ahead: The server has said its whole answer before the cut, and takes it for heard.
    """
    session = whole.start.copy()
    inner = Carrier(session.server, ahead=ahead)  # sees what arrives at the server
    outer = Carrier(CutPeer(inner, up_bytes=up_bytes, down_bytes=down_bytes))  # and what arrives at the laptop
    session.converse(outer)
    again = Carrier(session.server)
    conversed = session.converse(again)
    assert conversed.error is None
    assert [one.in_step for one in conversed.reports] == [True, True]
    session.check()
    _check_little_is_repeated(whole.carrier.up, inner.up, again.up)
    _check_little_is_repeated(whole.carrier.down, outer.down, again.down)
    for body in (*outer.down.commits, *again.down.commits):
        assert all(one.parsed.device != session.laptop.device for one in _unpack(body)), "the laptop has its own"
    assert again.requests <= whole.carrier.requests + 1


def _check_little_is_repeated(undisturbed: Meter, cut_short: Meter, again: Meter) -> None:
    """Not more than one frame goes again, beside the greeting that the cut may have hit."""
    repeated = cut_short.commit_bytes + again.commit_bytes - undisturbed.commit_bytes
    one_frame = max(undisturbed.largest, again.largest)
    greeting = max(undisturbed.largest_greeting, again.largest_greeting)
    assert repeated <= one_frame + greeting

"""A laptop's conversation with the server: the exchanges of its shelves, together in one request after the other.

Shelf S stands first in each request, since who is who is stated there; shelf U follows in the same one, so that the
network does not show by a second request that somebody who may know the treatment is signed in. What is refused of
shelf U undoes nothing of shelf S.

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from casebook.errors import (
    CasebookError,
    ChainBrokenError,
    ServerAnswerError,
    ServerUnreachableError,
    SignatureBadError,
)
from casebook.sync.frames import FrameParser
from casebook.sync.report import ExchangeReport, Progress, SyncPeer
from casebook.sync.shelf_exchange import ShelfExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversed:
    """What a conversation came to.

    Attributes:
        reports: Of the first shelves, in order, up to one whose exchange was not finished.
        error: What ended the conversation early, or refused a shelf; None where all went well.
    """

    reports: tuple[ExchangeReport, ...]
    error: CasebookError | None = None


def converse(
    exchanges: Sequence[ShelfExchange], peer: SyncPeer, on_progress: Callable[[Progress], None] = lambda _: None
) -> Conversed:
    """Exchange all shelves: rounds follow until each is done.

    What arrived is verified and durable frame by frame, so an early end has lost nothing.
    """
    error: CasebookError | None = None
    while active := [one for one in exchanges if one.wants_round]:
        try:
            _round(active, peer)
        except CasebookError as ended:
            error = ended
            break
        on_progress(progress_of(exchanges))
    reports: list[ExchangeReport] = []
    for one in exchanges:
        if one.refusal is not None or one.wants_round:
            return Conversed(reports=tuple(reports), error=error or one.refusal)
        try:
            reports.append(one.report())
        except CasebookError as unknown:
            return Conversed(reports=tuple(reports), error=error or unknown)
    return Conversed(reports=tuple(reports), error=error)


def _round(active: Sequence[ShelfExchange], peer: SyncPeer) -> None:
    """Send one request of all shelves and hear its answer."""
    parser = FrameParser()
    left = list(active)
    try:
        for data in peer.send(frame for one in active for frame in one.request()):
            (left or active)[0].received_bytes += len(data)
            for frame in parser.feed(data):
                if not left:
                    raise ServerAnswerError(why="a frame out of place")
                left[0].hear(frame)
                if left[0].has_heard_all:
                    left.pop(0)
    except (SignatureBadError, ChainBrokenError) as error:
        _refuse(active, error)
        return
    finally:
        for one in active:
            one.keep_receipts()
    if left:
        raise ServerUnreachableError


def _refuse(active: Iterable[ShelfExchange], error: SignatureBadError | ChainBrokenError) -> None:
    """Set the chain aside for which a request was refused. Raises the refusal where it is nobody's."""
    for one in active:
        if one.set_aside(error):
            return
    raise error


def progress_of(exchanges: Iterable[ShelfExchange]) -> Progress:
    """Return how far all shelves are together."""
    parts = [one.progress() for one in exchanges]
    return Progress(
        sent=sum(one.sent for one in parts),
        received=sum(one.received for one in parts),
        sent_bytes=sum(one.sent_bytes for one in parts),
        to_send_bytes=_known(parts, lambda one: (one.sent_bytes, one.to_send_bytes)),
        received_bytes=sum(one.received_bytes for one in parts),
        to_receive_bytes=_known(parts, lambda one: (one.received_bytes, one.to_receive_bytes)),
    )


def _known(parts: Iterable[Progress], of: Callable[[Progress], tuple[int, int]]) -> int:
    """Return the whole of one direction, 0 where nothing is known to be still to come."""
    pairs = [of(one) for one in parts]
    return sum(max(done, whole) for done, whole in pairs) if any(whole for _, whole in pairs) else 0

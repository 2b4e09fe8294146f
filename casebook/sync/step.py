"""What the last exchange of a shelf came to, kept beside the shelf: what the server itself named as held.

Receipts prove laptops' chains. The server's own statements carry none, and of a chain that forked a number
proves nothing; both are proved by the ends that the server named under its signature.

Source: docs/store.md, section "Custody".
"""

import json
from dataclasses import dataclass

from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead
from casebook.store import SERVER_EPOCH, CommitLog
from casebook.sync.engine import ExchangeReport

STEP = "exchange"
"""The setting of a shelf's log that keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How the last finished exchange ended.

    Attributes:
        in_step: Both ends named the same heads.
        server_epoch: The incarnation of the server's store that named them.
        at_ms: The server's clock then, milliseconds since 1970 UTC.
        heads: The ends of chains that it named.
    """

    in_step: bool
    server_epoch: str
    at_ms: int
    heads: tuple[ChainHead, ...]


def note_step(log: CommitLog, report: ExchangeReport) -> None:
    """Keep how an exchange ended; durable on return."""
    server_epoch = log.setting(SERVER_EPOCH) or ""
    heads = report.server_heads
    keep_step(log, Step(in_step=report.in_step, server_epoch=server_epoch, at_ms=report.server_ms, heads=heads))


def keep_step(log: CommitLog, step: Step) -> None:
    """Keep what the server named last; durable on return."""
    heads = [[one.device, one.epoch, one.sequence, one.id or ""] for one in step.heads]
    kept = [int(step.in_step), step.server_epoch, step.at_ms, heads]
    log.set_setting(STEP, json.dumps(kept, separators=(",", ":")))


def read_step(log: CommitLog) -> Step | None:
    """Return how the last finished exchange ended; None before the first, and for what another release wrote."""
    try:
        in_step, server_epoch, at_ms, heads = json.loads(log.setting(STEP) or "")
        return Step(
            in_step=bool(in_step),
            server_epoch=str(server_epoch),
            at_ms=int(at_ms),
            heads=tuple(
                ChainHead(device=DeviceId(device), epoch=Epoch(epoch), sequence=int(sequence), id=CommitId(id_) or None)
                for device, epoch, sequence, id_ in heads
            ),
        )
    except (ValueError, TypeError):
        return None

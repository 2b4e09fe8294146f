"""What one side lacks of what the other holds, told from chain heads alone.

Both ends name the heads they hold; equal ids mean equal histories, since each commit carries its
parent's hash. No mark of what was sent before is kept or believed: such a mark lies after a restore.
A chain normally has one head; it has two after a copy of a laptop was in use (a fork).

Source: docs/sync_protocol.md, section "Heads"; CHT, Turso, ownCloud: data lost by client-side cursors.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead
from casebook.store import CommitLog

Chain = tuple[DeviceId, Epoch]
Heads = Mapping[Chain, tuple[ChainHead, ...]]


def all_heads(log: CommitLog) -> Heads:
    """Return every head of every chain that is held, more than one for a chain that has forked."""
    return _by_length(log.tips())


def heads_of(log: CommitLog, sites: Collection[str], device: DeviceId) -> Heads:
    """Return every head of the chains of some sites, and of a device's own; costs what those chains number."""
    return _by_length(log.tips_of(sites, device))


def _by_length(tips: Iterable[tuple[ChainHead, str]]) -> Heads:
    heads = by_chain(head for head, _ in tips)
    return {chain: tuple(sorted(ends, key=_longest_first)) for chain, ends in heads.items()}


def _longest_first(head: ChainHead) -> tuple[int, str]:
    return -head.sequence, head.id or ""


def site_of(log: CommitLog, chain: Chain) -> str | None:
    """Return the site of a chain, which all its commits name; None for a chain that is not held."""
    begin = next(log.chain(*chain, limit=1), None)
    return begin.parsed.site if begin is not None else None


def in_order(log: CommitLog, chains: Iterable[Chain], *, first: DeviceId, then: DeviceId | None = None) -> list[Chain]:
    """Return chains in the order in which they can be taken in.

    The server's statements come first (`first`: they certify what follows), then the chains of `then`;
    of one laptop, an epoch comes after the epoch that it continues.
    """
    chains = tuple(chains)
    several = {device for device, count in Counter(device for device, _ in chains).items() if count > 1}

    def depth(chain: Chain) -> int:
        begin = next(log.chain(*chain, limit=1), None)
        previous = begin.parsed.previous if begin is not None else None
        if previous is None or not log.has(previous):
            return 0
        parent = log.commit(previous).parsed
        return 0 if (parent.device, parent.epoch) == chain else 1 + depth((parent.device, parent.epoch))

    def place(chain: Chain) -> tuple[bool, bool, DeviceId, int, Epoch]:
        device, epoch = chain
        return device != first, device != then, device, depth(chain) if device in several else 0, epoch

    return sorted(chains, key=place)


def by_chain(heads: Iterable[ChainHead]) -> dict[Chain, tuple[ChainHead, ...]]:
    """Group heads by the chain they end."""
    grouped: dict[Chain, tuple[ChainHead, ...]] = {}
    for head in heads:
        chain = (head.device, head.epoch)
        grouped[chain] = (*grouped.get(chain, ()), head)
    return grouped


def ids_of(heads: Heads) -> frozenset[str]:
    """Return the ids of all heads."""
    return frozenset(head.id for ends in heads.values() for head in ends if head.id)


def lacking(
    ours: tuple[ChainHead, ...], theirs: tuple[ChainHead, ...], *, has: Callable[[CommitId], bool]
) -> int | None:
    """Return the sequence after which the other side lacks commits of one chain.

    Args:
        ours: The heads held here, at least one.
        theirs: The heads that the other side named, none when it does not have the chain.
        has: Tells whether a commit is held here.

    Returns:
        None when it lacks nothing that can be told yet; 0 for the whole chain.
    """
    named = {head.id for head in theirs}
    if all(head.id in named for head in ours):
        return None
    if not theirs:
        return 0
    if len(ours) == 1 and len(theirs) == 1:
        (their,) = theirs
        if their.id is not None and has(their.id):
            return their.sequence
        if their.sequence > ours[0].sequence:
            return None  # they are ahead, or apart; they can tell, and what they send will show it
    return 0  # apart: the whole chain, since what is held twice is kept once


def forked(heads: Heads) -> frozenset[Chain]:
    """Return the chains that have more than one head."""
    return frozenset(chain for chain, ends in heads.items() if len(ends) > 1)

"""Copies of a laptop's folder that are at work beside it: told from the chains alone.

A folder keeps which epochs it began, and which of them it is in. What it lacks of one that it is in, it made itself
before it was put back. What comes in the laptop's own name in any other was made by a copy. All branches are kept;
each folder goes on in a chain of its own, so nobody has to begin again and again.

Source: docs/sync_protocol.md, section "Older copies, forks, copies at work".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from casebook.ids import DeviceId, Epoch
from casebook.store import CommitLog
from casebook.sync.chains import Heads, all_heads

BEGUN = "begun"
"""Setting: the epochs that this folder began: those that are past, a bar, those that it is in; a space between.

Missing in a folder that never kept it."""


def epochs_in_use(log: CommitLog) -> frozenset[str] | None:
    """Return the epochs that a folder began and is in; None where it never kept them."""
    begun = log.setting(BEGUN)
    return None if begun is None else frozenset(begun.partition("|")[2].split())


def note_begun(text: str | None, held: Iterable[Epoch], epoch: Epoch, *, anew: bool = False) -> str:
    """Return the setting `BEGUN` with one more epoch.

    Args:
        text: The setting as it is, None where there is none yet.
        held: The laptop's own epochs that are held: those of a folder that never kept it count as begun by it.
        anew: All earlier ones are past: the folder turned out to be an older copy of itself.
    """
    past, _, now = text.partition("|") if text is not None else ("", "|", " ".join(held))
    if anew:
        past, now = f"{past} {now}", ""
    return f"{' '.join(dict.fromkeys(past.split()))}|{' '.join(dict.fromkeys([*now.split(), epoch]))}"


@dataclass(frozen=True, slots=True)
class LostHere:
    """Commits in a laptop's own name that the server named and the laptop does not hold.

    Attributes:
        count: In epochs that this folder is in, at least: it is an older copy of itself.
        by_copy: There are some in other epochs: a copy of the folder is at work.
    """

    count: int
    by_copy: bool


def lost_here(log: CommitLog, device: DeviceId, named: Heads) -> LostHere:
    """Look for what the server holds of a laptop and the laptop does not, before any of it is appended."""
    ours, in_use = all_heads(log), epochs_in_use(log)
    count, by_copy = 0, False
    for chain, heads in named.items():
        if chain[0] != device or all(log.has(head.id) for head in heads if head.id):
            continue
        if in_use is not None and chain[1] not in in_use:
            by_copy = True
            continue
        here = max((head.sequence for head in ours.get(chain, ())), default=0)
        count += max(1, max(head.sequence for head in heads) - here)
    return LostHere(count, by_copy)


def copies_at_work(log: CommitLog) -> frozenset[DeviceId]:
    """Return the laptops of which two copies wrote: a chain that forks, or one that grew after the next had begun."""
    tips = log.tips()
    ends: dict[tuple[DeviceId, Epoch], int] = {}
    found: set[DeviceId] = set()
    for head, _ in tips:
        chain = (head.device, head.epoch)
        if chain in ends:
            found.add(head.device)
        ends[chain] = max(head.sequence, ends.get(chain, 0))
    for device, epoch in ends:
        first = next(log.chain(device, epoch, limit=1), None)
        previous = first.parsed.previous if first is not None else None
        if previous is None or not log.has(previous):
            continue
        parent = log.commit(previous).parsed
        if parent.device == device and ends.get((parent.device, parent.epoch), 0) > parent.sequence:
            found.add(device)
    return frozenset(found)

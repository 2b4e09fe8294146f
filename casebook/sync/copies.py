"""Copies of a laptop's folder that are at work beside it: told from the chains alone.

A folder keeps which epochs it began. Commits in the laptop's own name in another epoch were made by a copy. Both
branches are kept; each folder goes on in a chain of its own, so nobody has to begin again and again.

Source: docs/sync_protocol.md, section "Older copies, forks, copies at work".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from casebook.ids import DeviceId, Epoch
from casebook.store import CommitLog

BEGUN = "begun"
"""Setting: the epochs that this folder began, a space between; missing in a folder that never kept it."""
FOREIGN = "foreign"
"""Setting: the other epochs of this laptop that were told of, and up to which number: `{epoch: sequence}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEpochs:
    """The epochs that this folder began, and the others that it was told of up to some number."""

    begun: frozenset[str]
    foreign: Mapping[str, int]

    def is_foreign(self, epoch: Epoch) -> bool:
        """Tell whether a copy began an epoch."""
        return epoch not in self.begun


def own_epochs(log: CommitLog) -> OwnEpochs | None:
    """Return what a folder knows of its epochs; None where it never kept it."""
    begun = log.setting(BEGUN)
    if begun is None:
        return None
    return OwnEpochs(begun=frozenset(begun.split()), foreign=json.loads(log.setting(FOREIGN) or "{}"))


def note_begun(text: str | None, held: list[Epoch], epoch: Epoch) -> str:
    """Return the setting `BEGUN` with one more epoch.

    Args:
        text: The setting as it is, None where there is none yet.
        held: The laptop's own epochs that are held: those of a folder that never kept it count as begun by it.
    """
    known = text.split() if text is not None else [str(one) for one in held]
    return " ".join(dict.fromkeys([*known, epoch]))


def note_foreign(log: CommitLog, epochs: OwnEpochs | None, ends: Mapping[Epoch, int]) -> bool:
    """Keep how far foreign chains have come; tell whether one has grown since.

    Args:
        ends: The last number of each of the laptop's own chains on the server.
    """
    if epochs is None:
        return False
    now = {str(epoch): end for epoch, end in ends.items() if epochs.is_foreign(epoch)}
    grew = any(end > epochs.foreign.get(epoch, 0) for epoch, end in now.items())
    if grew:
        most = {epoch: max(now.get(epoch, 0), epochs.foreign.get(epoch, 0)) for epoch in {*now, *epochs.foreign}}
        log.set_setting(FOREIGN, json.dumps(most, sort_keys=True))
    return grew


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

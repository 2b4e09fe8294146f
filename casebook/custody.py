"""Where each commit is, told from evidence alone, and whether a laptop may be wiped.

Evidence is what the server signed: receipts, and the ends of chains that it named. Nothing that this laptop
believes of its own sending counts. A server that was put back to an older copy of itself, or made anew, is
another one (its epoch differs), and what it said before proves nothing of what it holds now.

Nothing here reads a clock, a disk or a screen.
Source: docs/store.md, section "Custody"; docs/adr/0026-custody-is-evidence.md.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from casebook.ids import CommitId, DeviceId, Epoch, SubjectId

if TYPE_CHECKING:
    from casebook.ledger import ChainHead  # the first window names where a record is, and needs no cryptography

Chain = tuple[DeviceId, Epoch]


class Custody(StrEnum):
    """Where a record is."""

    NOTHING = "nothing"
    HERE_ONLY = "here_only"
    BUNDLE = "bundle"
    """In a file for the server that was written, and no word yet that it arrived."""
    RECEIVED = "received"
    BACKUP = "backup"
    """In a backup of the server that was verified."""


_STRENGTH = {one: place for place, one in enumerate(Custody)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a record is.

    Attributes:
        at_ms: When the server first said that it has it (its own time, UTC milliseconds); None where it did not.
        bundle: The number of the bundle that holds it, 0 for none.
    """

    custody: Custody = Custody.NOTHING
    at_ms: int | None = None
    bundle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A commit's place in its chain. `subject`: whom it is filed under, where that is known."""

    id: CommitId
    device: DeviceId
    epoch: Epoch
    sequence: int
    previous: CommitId | None = None
    subject: SubjectId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A receipt: the server had a chain up to `sequence` at `at_ms` (UTC), under its epoch then."""

    device: DeviceId
    epoch: Epoch
    sequence: int
    at_ms: int
    serial: int
    server_epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A bundle that was written: its number and the ends of the chains that it holds."""

    number: int
    heads: "tuple[ChainHead, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one shelf can show.

    Attributes:
        server_epoch: The incarnation of the server's store that counts.
        backup_serial: Up to which serial receipts speak of a verified backup.
        named: The ends of chains that the server named at the end of an exchange.
        named_under: Its epoch when it named them; None where it never did.
        named_at_ms: Its time then.
        lost_at_ms: Its time when it was found to lack what it had confirmed: what it said before counts no more.
    """

    server_epoch: str = ""
    proofs: tuple[Proof, ...] = ()
    backup_serial: int = 0
    named: "tuple[ChainHead, ...]" = ()
    named_under: str | None = None
    named_at_ms: int = 0
    lost_at_ms: int = 0
    bundles: tuple[Carried, ...] = ()

    @property
    def names_count(self) -> bool:
        """Whether the server as it is now named those ends."""
        return self.named_under == self.server_epoch and self.named_at_ms >= self.lost_at_ms

    def counts(self, proof: Proof) -> bool:
        """Whether the server as it is now gave a receipt."""
        return proof.server_epoch == self.server_epoch and proof.at_ms >= self.lost_at_ms


@dataclass(frozen=True, slots=True)
class _Steps:
    """The receipts of one chain that count, by rising sequence.

    With the first time and the lowest serial at which each, or one beyond it, was given.
    """

    sequences: tuple[int, ...]
    at_ms: tuple[int, ...]
    serials: tuple[int, ...]


class Ledger:
    """Tells of each commit of one shelf where it is."""

    def __init__(self, links: Iterable[Link], evidence: Evidence) -> None:
        """Weigh the evidence.

        Args:
            links: Every commit that the shelf holds.
        """
        self._links = {link.id: link for link in links}
        self._evidence = evidence
        self._forked = _forked(self._links.values())
        self._steps = _steps(evidence)
        self._named = self._behind(evidence.named if evidence.names_count else ())
        self._once = _once(evidence)
        self._carried = {one.number: self._behind(one.heads) for one in sorted(evidence.bundles, key=_number)}

    @property
    def links(self) -> Mapping[CommitId, Link]:
        """Every commit of the shelf."""
        return self._links

    def _behind(self, heads: "Iterable[ChainHead]") -> "_Behind":
        """Return what lies behind ends that are held here; an end that is not held proves nothing."""
        reach: dict[Chain, int] = {}
        exact: set[CommitId] = set()
        for head in heads:
            chain = (head.device, head.epoch)
            if head.id is None or head.id not in self._links:
                continue
            if chain in self._forked:
                exact |= self._ancestors(head.id, chain)
            else:
                reach[chain] = max(reach.get(chain, 0), self._links[head.id].sequence)
        return _Behind(reach=reach, exact=frozenset(exact))

    def _ancestors(self, end: CommitId, chain: Chain) -> frozenset[CommitId]:
        found: set[CommitId] = set()
        at: CommitId | None = end
        while at is not None and at in self._links:
            link = self._links[at]
            if (link.device, link.epoch) != chain:
                break
            found.add(at)
            at = link.previous
        return frozenset(found)

    def where(self, commit: CommitId) -> Where:
        """Return where a commit is; what the shelf does not hold is nowhere."""
        link = self._links.get(commit)
        if link is None:
            return Where()
        chain = (link.device, link.epoch)
        if chain not in self._forked and (told := self._receipted(link, chain)) is not None:
            return told
        if self._named.has(link):
            return Where(custody=Custody.RECEIVED, at_ms=self._evidence.named_at_ms)
        if link.sequence <= self._once.get(chain, 0):
            return Where(custody=Custody.HERE_ONLY)  # the server had it once: a bundle written then left it out
        for number, carried in self._carried.items():
            if carried.has(link):
                return Where(custody=Custody.BUNDLE, bundle=number)
        return Where(custody=Custody.HERE_ONLY)

    def _receipted(self, link: Link, chain: Chain) -> Where | None:
        steps = self._steps.get(chain)
        if steps is None:
            return None
        place = bisect_left(steps.sequences, link.sequence)
        if place == len(steps.sequences):
            return None
        backed_up = steps.serials[place] <= self._evidence.backup_serial
        return Where(custody=Custody.BACKUP if backed_up else Custody.RECEIVED, at_ms=steps.at_ms[place])

    def at_server(self, commit: CommitId) -> bool:
        """Tell whether the server, as it is now, is proved to have a commit."""
        return _STRENGTH[self.where(commit).custody] >= _STRENGTH[Custody.RECEIVED]

    def unproved(self) -> tuple[Link, ...]:
        """Return the commits that the server is not proved to have, in no order."""
        return tuple(link for link in self._links.values() if not self.at_server(link.id))

    def covers(self, link: Link) -> bool:
        """Tell whether the server is proved to have a commit that waits here for its parent.

        A number in an unforked chain is not enough: what waits may be another branch. Only an end that the
        server named by this very id counts.
        """
        return self._evidence.names_count and any(head.id == link.id for head in self._evidence.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    """What lies behind some ends: of an unforked chain up to a sequence, of a forked one commit by commit."""

    reach: Mapping[Chain, int]
    exact: frozenset[CommitId]

    def has(self, link: Link) -> bool:
        return link.id in self.exact or link.sequence <= self.reach.get((link.device, link.epoch), 0)


def _number(one: Carried) -> int:
    return one.number


def _forked(links: Iterable[Link]) -> frozenset[Chain]:
    seen: set[tuple[DeviceId, Epoch, int]] = set()
    forked: set[Chain] = set()
    for link in links:
        place = (link.device, link.epoch, link.sequence)
        if place in seen:
            forked.add((link.device, link.epoch))
        seen.add(place)
    return frozenset(forked)


def _steps(evidence: Evidence) -> Mapping[Chain, _Steps]:
    found: dict[Chain, dict[int, Proof]] = {}
    for proof in sorted(evidence.proofs, key=lambda one: -one.serial):
        if evidence.counts(proof):
            found.setdefault((proof.device, proof.epoch), {})[proof.sequence] = proof  # the lowest serial stays
    made: dict[Chain, _Steps] = {}
    for chain, steps in found.items():
        ordered = [steps[sequence] for sequence in sorted(steps)]
        made[chain] = _Steps(
            tuple(one.sequence for one in ordered),
            _least_from(one.at_ms for one in ordered),
            _least_from(one.serial for one in ordered),
        )
    return made


def _least_from(numbers: Iterable[int]) -> tuple[int, ...]:
    """Return for each place the least number from there on."""
    return tuple(accumulate(reversed(tuple(numbers)), min))[::-1]


def _once(evidence: Evidence) -> Mapping[Chain, int]:
    """Return up to where each chain was received under any epoch of the server."""
    found: dict[Chain, int] = {}
    for proof in evidence.proofs:
        chain = (proof.device, proof.epoch)
        found[chain] = max(found.get(chain, 0), proof.sequence)
    return found


def weakest(places: Iterable[Where]) -> Where:
    """Return where a record of several commits is: where the least safe of them is, and when that came so far."""
    found = [one for one in places if one.custody is not Custody.NOTHING]
    if not found:
        return Where()
    custody = min((one.custody for one in found), key=lambda one: _STRENGTH[one])
    times = [one.at_ms for one in found if one.at_ms is not None]
    told = max(times) if times and _STRENGTH[custody] >= _STRENGTH[Custody.RECEIVED] else None
    bundle = max(one.bundle for one in found) if custody is Custody.BUNDLE else 0
    return Where(custody=custody, at_ms=told, bundle=bundle)


# -- safe to wipe -----------------------------------------------------------------------------------------


class Kept(StrEnum):
    """What would be lost with a laptop, or keeps it from being told."""

    OWN = "own"
    """Records made on this laptop that the server is not proved to have."""
    OTHERS = "others"
    """Records made elsewhere that are held here and that the server is not proved to have."""
    OPEN = "open"
    """Entries that are not sealed yet, of anybody."""
    PARKED = "parked"
    QUARANTINED = "quarantined"
    SET_ASIDE = "set_aside"
    """Folders of damaged files that were moved aside; nobody knows what can still be read of them."""
    OWED = "owed"
    """Notes of what happened that wait to be sealed at the next sign-in."""
    ATTACHMENTS = "attachments"
    NAMES_KEY = "names_key"
    """No other laptop of the site has the key to the participants' names."""
    NOT_IN_STEP = "not_in_step"
    """The last exchange did not end in step, under the server as it is now."""
    UNSEEN = "unseen"
    """A shelf that this session does not open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one shelf holds that the server is not proved to have: counts, and whether it was in step."""

    own: int = 0
    others: int = 0
    open: int = 0
    parked: int = 0
    quarantined: int = 0
    set_aside: int = 0
    owed: int = 0
    in_step: bool = False


class Light(StrEnum):
    """May this laptop be wiped?"""

    SAFE = "safe"
    UNSAFE = "unsafe"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class WipeVerdict:
    """The answer, and why not: each reason with how many (1 where it is not counted)."""

    light: Light
    reasons: tuple[tuple[Kept, int], ...] = ()

    def count(self, kept: Kept) -> int:
        """Return how many of one kind there are."""
        return dict(self.reasons).get(kept, 0)


def may_wipe(
    holdings: Sequence[Holding], *, unseen: bool, attachments: int = 0, names_key_alone: bool = False
) -> WipeVerdict:
    """Tell whether nothing would be lost if a laptop were wiped now.

    Args:
        holdings: Of each shelf that was looked into.
        unseen: There is another shelf that was not.
        attachments: How many attached files have not been received.
        names_key_alone: Only this laptop can open the names of the site.
    """
    counts = {
        Kept.OWN: sum(one.own for one in holdings),
        Kept.OPEN: sum(one.open for one in holdings),
        Kept.OTHERS: sum(one.others for one in holdings),
        Kept.PARKED: sum(one.parked for one in holdings),
        Kept.QUARANTINED: sum(one.quarantined for one in holdings),
        Kept.SET_ASIDE: sum(one.set_aside for one in holdings),
        Kept.OWED: sum(one.owed for one in holdings),
        Kept.ATTACHMENTS: attachments,
        Kept.NAMES_KEY: int(names_key_alone),
        Kept.NOT_IN_STEP: int(not holdings or not all(one.in_step for one in holdings)),
        Kept.UNSEEN: int(unseen),
    }
    reasons = tuple((kept, count) for kept, count in counts.items() if count)
    if not reasons:
        return WipeVerdict(light=Light.SAFE)
    blind = all(kept is Kept.UNSEEN for kept, _ in reasons)
    return WipeVerdict(light=Light.CANNOT_TELL if blind else Light.UNSAFE, reasons=reasons)

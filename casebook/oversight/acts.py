"""One act of oversight as it was recorded, and what stands of several acts on one thing.

Acts name the acts that their author saw. Those that no other act names are the heads; what they say together is
for each kind to decide. An act that a verdict holds has no effect, and an act on top of it counts as made on what
it had replaced.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from casebook.clock import Moment
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, CommitRef, DeviceId, UserId, ref_of
from casebook.ledger import Header, SealedCommit
from casebook.payloads import read
from casebook.projection import depths_of
from casebook.supervision import AdjudicationPayload, ChainMark, FlagPayload, QueryPayload, SignPayload

P = TypeVar("P", QueryPayload, FlagPayload, SignPayload, AdjudicationPayload)
B = TypeVar("B", QueryPayload, FlagPayload, AdjudicationPayload)

KINDS = frozenset({"query", "flag", "sign"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Generic[P]):
    """An act with who did it, when and on which laptop. `site`: whose chain it stands in."""

    commit: CommitId
    author: UserId
    device: DeviceId
    site: str
    moment: Moment
    payload: P

    @property
    def ref(self) -> CommitRef:
        """The reference by which a later act names this one among its bases."""
        return ref_of(self.commit)


def mark_of(header: Header) -> ChainMark:
    """Return where a commit stands in its chain."""
    return ChainMark(device=header.device, epoch=header.epoch, sequence=header.sequence)


def act_in(commit: SealedCommit, identity_key: bytes | None = None) -> QueryPayload | FlagPayload | SignPayload | None:
    """Return what a commit says over entries; None for other kinds, and for what cannot be read here."""
    if commit.parsed.kind not in KINDS:
        return None
    try:
        payload = read(commit, identity_key)
    except (CommitUnreadableError, SealedAwayError):
        return None  # counted by the casebook
    return payload if isinstance(payload, QueryPayload | FlagPayload | SignPayload) else None


def said(commit: SealedCommit, payload: P) -> Said[P]:
    """Return an act with what its commit's header says."""
    header = commit.parsed
    return Said(
        commit=commit.id,
        author=header.author,
        device=header.device,
        site=header.site,
        moment=header.moment,
        payload=payload,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Generic[B]):
    """What stands of the acts on one thing: all that have effect in causal order, and those not superseded."""

    history: tuple[Said[B], ...]
    heads: tuple[Said[B], ...]


def register_of(acts: Iterable[Said[B]], held: frozenset[CommitId] = frozenset()) -> Register[B]:
    """Return what stands of acts on one thing, in any order. `held`: acts without effect."""
    everything = {one.ref: one for one in acts}
    effective = {ref: one for ref, one in everything.items() if one.commit not in held}
    bases = {ref: _through(one.payload.bases, everything, held) for ref, one in effective.items()}
    depths = depths_of(bases)
    ordered = sorted(effective, key=lambda ref: (depths[ref], ref))
    superseded = {base for found in bases.values() for base in found}
    return Register(
        history=tuple(effective[ref] for ref in ordered),
        heads=tuple(effective[ref] for ref in ordered if ref not in superseded),
    )


def _through(
    bases: Iterable[CommitRef], acts: dict[CommitRef, Said[B]], held: frozenset[CommitId]
) -> tuple[CommitRef, ...]:
    waiting, seen, found = list(bases), set[CommitRef](), set[CommitRef]()
    while waiting:
        base = waiting.pop()
        if base in seen:
            continue
        seen.add(base)
        if base in acts and acts[base].commit in held:
            waiting += acts[base].payload.bases
        else:
            found.add(base)
    return tuple(sorted(found))

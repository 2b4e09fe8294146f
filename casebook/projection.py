"""From commits to what the screen shows.

The state is a pure function of the *set* of commits held: order of arrival, duplicates and clocks do
not matter. Each form instance keeps the contributions that touched it and is computed from them, so
one more commit costs the work of one form.

An item's *heads* are the entries that no other entry has superseded (named among its bases). One
head, or heads that agree, give the value. Heads that differ are a conflict: all are kept, one is
shown provisionally (causally deepest, ties by commit id), and nobody's entry is overwritten. A group
that was taken at one sitting conflicts as a whole.

Commits that a verdict holds give no value: they stay beside the form, shown and never lost, until data
management accepts them (`casebook.verdicts`).

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0003.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from casebook.clock import Moment
from casebook.contributions import Contribution, own_words, seen_through
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, CommitRef, DeviceId, SubjectId, UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.payloads import BlobPayload, DataPayload, SubjectPayload, read
from casebook.records import (
    EMPTY,
    AddRow,
    Confirmation,
    Fired,
    FormKey,
    ItemPath,
    Mark,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
    VisitKey,
)
from casebook.redaction import RedactionPayload


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the audit trail of an item: what, who, when, where, why.

    Attributes:
        commit: The commit that carries it.
        depth: 1 + the deepest of the entries that its author saw: causal order, never a clock.
        index: Its place among the operations of its commit.
        unconfirmed: The device sealed it after a crash; its author has not confirmed it.
    """

    reading: Reading
    author: UserId
    device: DeviceId
    moment: Moment
    commit: CommitId
    depth: int
    index: int
    reason: str | None = None
    unconfirmed: bool = False

    @property
    def ref(self) -> CommitRef:
        """The reference by which a later entry names this one among its bases."""
        return ref_of(self.commit)

    @property
    def rank(self) -> tuple[int, CommitId, int]:
        """Order of display, and of preference among heads."""
        return (self.depth, self.commit, self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """An item as it stands: the shown value, its heads, and every entry ever made.

    `history` is in causal order and ends with the entry that is shown.
    """

    shown: Reading
    heads: tuple[Entry, ...]
    history: tuple[Entry, ...]

    @property
    def entry(self) -> Entry:
        """The entry that is shown."""
        return self.history[-1]

    @property
    def conflict(self) -> bool:
        """Whether entries that did not see each other disagree."""
        return len({head.reading for head in self.heads}) > 1

    @property
    def bases(self) -> tuple[CommitRef, ...]:
        """What the next entry supersedes."""
        return tuple(sorted({head.ref for head in self.heads}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowState:
    """A row of a repeating group. A struck row stays, with the reason."""

    row: str
    author: UserId
    moment: Moment
    struck_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A finished document of a form instance and the commit that carries its bytes."""

    name: str
    media_type: str
    sha256: str
    size_bytes: int
    commit: CommitId
    author: UserId
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredEntry:
    """One line of a finding's trace: a save from which on it fired, or fired no longer."""

    author: UserId
    moment: Moment
    device: DeviceId
    fires: bool
    commit: CommitId


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """A form instance as it stands.

    Attributes:
        held, held_documents: What a verdict holds: no part of the values.
    """

    key: FormKey
    contributions: tuple[Contribution, ...] = ()
    items: Mapping[ItemPath, ItemState] = field(default_factory=dict)
    sittings: Mapping[tuple[str, str], tuple[CommitRef, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[RowState, ...]] = field(default_factory=dict)
    confirmations: tuple[tuple[Confirmation, Contribution], ...] = ()
    fired: Mapping[tuple[str, ItemPath], tuple[FiredEntry, ...]] = field(default_factory=dict)
    """The trace of each finding, by check and place, as the clocks of the laptops tell it."""
    documents: tuple[StoredDocument, ...] = ()
    complete: bool = False
    complete_bases: tuple[CommitRef, ...] = ()
    held: tuple[Contribution, ...] = ()
    held_documents: tuple[StoredDocument, ...] = ()

    @property
    def readings(self) -> dict[ItemPath, Reading]:
        """The shown values of the items that have one."""
        return {path: state.shown for path, state in self.items.items() if not state.shown.is_empty}

    @property
    def conflicts(self) -> tuple[ItemPath, ...]:
        """The items in conflict, in order."""
        return tuple(sorted(path for path, state in self.items.items() if state.conflict))

    @property
    def commits(self) -> frozenset[CommitId]:
        """The commits that are about this form, held ones too."""
        carried = {contribution.commit for contribution in (*self.contributions, *self.held)}
        return frozenset(carried | {document.commit for document in (*self.documents, *self.held_documents)})

    @property
    def form_versions(self) -> tuple[str, ...]:
        """The form definitions that were asked, sorted."""
        return tuple(sorted({contribution.payload.form_version for contribution in self.contributions}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """Everything held about one subject.

    Attributes:
        number: `SSS-LNNN`; "" while the commit that gives it has not arrived.
        sealed_away: Commits that this session's keys do not open.
        unknown: Commits of kinds that need a newer version.
        commits: Every commit that is about the subject, also the unreadable.
        held: Those of them that a verdict holds.
    """

    subject: SubjectId
    number: str = ""
    site: str = ""
    added_at: Moment | None = None
    forms: Mapping[FormKey, FormState] = field(default_factory=dict)
    sealed_away: int = 0
    unknown: int = 0
    commits: frozenset[CommitId] = frozenset()
    held: frozenset[CommitId] = frozenset()

    def form(self, key: FormKey) -> FormState:
        """Return a form instance; an empty one where nothing was entered."""
        return self.forms.get(key) or FormState(key=key)

    @property
    def visits(self) -> tuple[VisitKey, ...]:
        """The visits at which something was entered, sorted."""
        return tuple(sorted({key.visit for key in self.forms}))

    @property
    def digest(self) -> str:
        """16 hex digits that name this state: equal digests, equal sets of commits."""
        return hashlib.sha256("".join(sorted(self.commits)).encode("ascii")).hexdigest()[:16]


def conflict_id(key: FormKey, path: ItemPath, heads: Iterable[Entry]) -> str:
    """Return the id of the query that a conflict opens: the same on every replica (32 hex digits)."""
    parts = ["cq", key.subject, key.visit.visit, key.visit.repeat, key.form, key.repeat]
    parts += [path.group, path.row, path.item, *sorted(head.ref for head in heads)]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:32]


NOTHING_HELD: frozenset[CommitId] = frozenset()


def project(
    subject: SubjectId,
    commits: Iterable[SealedCommit],
    identity_key: bytes | None = None,
    held: frozenset[CommitId] = NOTHING_HELD,
) -> Casebook:
    """Return the casebook of one subject from its commits, in any order, with any repeats.

    Args:
        held: Commits that give no value (`casebook.verdicts.Judgements.held`).
    """
    casebook = Casebook(subject=subject)
    touched: dict[FormKey, list[Contribution]] = {}
    for commit in commits:
        if commit.id not in casebook.commits:
            casebook = _take(casebook, commit, identity_key, touched)
    return _settled(casebook, touched, held)


def evolve(
    casebook: Casebook,
    commit: SealedCommit,
    identity_key: bytes | None = None,
    held: frozenset[CommitId] = NOTHING_HELD,
) -> Casebook:
    """Return the casebook with one more commit; the same casebook when it is there already.

    Args:
        held: Commits that give no value. What this says of commits that are there already is for `with_held`.
    """
    if commit.id in casebook.commits:
        return casebook
    touched: dict[FormKey, list[Contribution]] = {}
    return _settled(_take(casebook, commit, identity_key, touched), touched, casebook.held | held)


def with_held(casebook: Casebook, held: frozenset[CommitId]) -> Casebook:
    """Return the casebook with other commits held than before; forms for which nothing changes stay as they are."""
    changed = (casebook.held ^ held) & casebook.commits
    if not changed:
        return casebook
    touched: dict[FormKey, list[Contribution]] = {
        key: [] for key, one in casebook.forms.items() if one.commits & changed
    }
    return _settled(casebook, touched, held)


def _settled(casebook: Casebook, touched: Mapping[FormKey, list[Contribution]], held: frozenset[CommitId]) -> Casebook:
    """Work out the forms that were touched anew."""
    forms = dict(casebook.forms)
    documents = {key for key, one in forms.items() if any(document.commit in held for document in one.documents)}
    for key in {*touched, *documents}:
        before = forms.get(key) or FormState(key=key)
        everything = _ordered([*before.contributions, *before.held, *touched.get(key, ())])
        papers = _by_time((*before.documents, *before.held_documents))
        forms[key] = _form_state(
            replace(
                before,
                contributions=tuple(one for one in everything if one.commit not in held),
                held=tuple(one for one in everything if one.commit in held),
                documents=tuple(one for one in papers if one.commit not in held),
                held_documents=tuple(one for one in papers if one.commit in held),
            )
        )
    return replace(casebook, forms=MappingProxyType(forms), held=held & casebook.commits)


def _by_time(documents: Iterable[StoredDocument]) -> tuple[StoredDocument, ...]:
    return tuple(sorted(documents, key=lambda one: (one.moment.utc_ms, one.commit)))


def _ordered(contributions: Iterable[Contribution]) -> tuple[Contribution, ...]:
    return tuple(sorted(contributions, key=lambda one: one.commit))


def _take(
    casebook: Casebook, commit: SealedCommit, identity_key: bytes | None, touched: dict[FormKey, list[Contribution]]
) -> Casebook:
    held = replace(casebook, commits=casebook.commits | {commit.id})
    header = commit.parsed
    try:
        payload = read(commit, identity_key)
    except SealedAwayError:
        return replace(held, sealed_away=held.sealed_away + 1)
    except CommitUnreadableError:
        return replace(held, unknown=held.unknown + 1)
    match payload:
        case DataPayload(key=key):
            contribution = Contribution(
                commit=commit.id,
                author=payload.recovered_for or header.author,
                device=header.device,
                epoch=header.epoch,
                sequence=header.sequence,
                moment=header.moment,
                payload=payload,
                compartment=header.compartment,
            )
            touched.setdefault(key, []).append(contribution)
            return held
        case SubjectPayload(number=number, site=site):
            return replace(held, number=number, site=site, added_at=header.moment)
        case BlobPayload(key=key):
            return _with_document(held, key, payload, commit)
        case RedactionPayload():
            return held  # what it left stands in the commit that it redacts
        case None:
            return replace(held, unknown=held.unknown + 1)
        case _:
            return held  # about the subject and no part of a form: queries, flags, signatures, rulings


def _with_document(casebook: Casebook, key: FormKey, payload: BlobPayload, commit: SealedCommit) -> Casebook:
    form = casebook.form(key)
    document = StoredDocument(
        name=payload.name,
        media_type=payload.media_type,
        sha256=hashlib.sha256(payload.content).hexdigest(),
        size_bytes=len(payload.content),
        commit=commit.id,
        author=commit.parsed.author,
        moment=commit.parsed.moment,
    )
    forms = {**casebook.forms, key: replace(form, documents=_by_time((*form.documents, document)))}
    return replace(casebook, forms=MappingProxyType(forms))


# -- one form instance ------------------------------------------------------------------------------


def _form_state(form: FormState) -> FormState:
    contributions, seen = form.contributions, seen_through(form.contributions, form.held)
    free, sat = _set_operations(seen)
    items = {path: _free_item(entries) for path, entries in free.items()}
    sittings: dict[tuple[str, str], tuple[CommitRef, ...]] = {}
    for unit, nodes in sat.items():
        sittings[unit] = _resolve_sitting(nodes, items)
    complete, complete_bases = _flag(seen, "complete")
    return replace(
        form,
        items=MappingProxyType(items),
        sittings=MappingProxyType(sittings),
        rows=MappingProxyType(_rows(contributions)),
        confirmations=tuple(
            (operation, one)
            for one in contributions
            for operation in one.payload.operations
            if isinstance(operation, Confirmation)
        ),
        fired=MappingProxyType(_traces(contributions)),
        complete=complete,
        complete_bases=complete_bases,
    )


@dataclass(frozen=True, slots=True)
class _Set:
    """A set operation with its contribution and place."""

    operation: SetItem
    contribution: Contribution
    index: int


@dataclass(frozen=True, slots=True)
class _Node:
    """What one commit did to a sitting."""

    bases: tuple[CommitRef, ...]
    contribution: Contribution
    sets: tuple[_Set, ...]


_Unit = tuple[str, str]


def _set_operations(
    contributions: tuple[Contribution, ...],
) -> tuple[dict[ItemPath, list[_Set]], dict[_Unit, dict[CommitRef, _Node]]]:
    """Split the set operations into free items and sittings (groups that conflict as a whole)."""
    sitting_units = {
        (operation.group, operation.row)
        for one in contributions
        for operation in one.payload.operations
        if isinstance(operation, Sitting)
    }
    words = own_words(contributions)
    free: dict[ItemPath, list[_Set]] = {}
    sat: dict[_Unit, dict[CommitRef, _Node]] = {}
    for one in contributions:
        seen: dict[_Unit, set[CommitRef]] = {}
        sets: dict[_Unit, list[_Set]] = {}
        for index, operation in enumerate(one.payload.operations):
            if isinstance(operation, Sitting):
                seen.setdefault((operation.group, operation.row), set()).update(operation.bases)
            elif isinstance(operation, SetItem):
                unit = (operation.path.group, operation.path.row)
                said = words.get((one.commit, index))
                done = _Set(operation if said is None else replace(operation, reason=said), one, index)
                if unit in sitting_units:
                    sets.setdefault(unit, []).append(done)
                else:
                    free.setdefault(operation.path, []).append(done)
        for unit in seen.keys() | sets.keys():
            bases = seen.get(unit, set()) | {base for done in sets.get(unit, []) for base in done.operation.bases}
            node = _Node(tuple(sorted(bases)), one, tuple(sets.get(unit, [])))
            sat.setdefault(unit, {})[ref_of(one.commit)] = node
    return free, sat


def depths_of(bases_of: Mapping[CommitRef, tuple[CommitRef, ...]]) -> dict[CommitRef, int]:
    """Return the causal depth of each commit; bases that are not held count as nothing.

    Bases are hashes of earlier commits, so there is no cycle; the loop ends without relying on it.
    """
    depths: dict[CommitRef, int] = {}
    waiting = dict(bases_of)
    while waiting:
        ready = [ref for ref, bases in waiting.items() if not any(base in waiting for base in bases)]
        for ref in ready or list(waiting):
            depths[ref] = 1 + max((depths.get(base, 0) for base in waiting[ref]), default=0)
        for ref in ready or list(waiting):
            del waiting[ref]
    return depths


def _entry(done: _Set, depth: int) -> Entry:
    one = done.contribution
    return Entry(
        reading=done.operation.reading,
        author=one.author,
        device=one.device,
        moment=one.moment,
        commit=one.commit,
        depth=depth,
        index=done.index,
        reason=done.operation.reason or one.payload.reason,
        unconfirmed=one.payload.recovered_for is not None,
    )


def _free_item(sets: list[_Set]) -> ItemState:
    bases_of: dict[CommitRef, tuple[CommitRef, ...]] = {}
    for done in sets:
        ref = ref_of(done.contribution.commit)
        bases_of[ref] = bases_of.get(ref, ()) + done.operation.bases
    depths = depths_of(bases_of)
    entries = sorted((_entry(done, depths[ref_of(done.contribution.commit)]) for done in sets), key=_rank)
    superseded = {base for bases in bases_of.values() for base in bases}
    last = {entry.ref: entry for entry in entries}  # the last operation of a commit is its value
    heads = tuple(entry for ref, entry in last.items() if ref not in superseded)
    shown = max(heads, key=_rank)
    trail = (*(entry for entry in entries if entry != shown), shown)
    return ItemState(shown=shown.reading, heads=heads, history=trail)


def _rank(entry: Entry) -> tuple[int, CommitId, int]:
    return entry.rank


def _resolve_sitting(nodes: Mapping[CommitRef, _Node], items: dict[ItemPath, ItemState]) -> tuple[CommitRef, ...]:
    """Fill `items` with the states of one sitting and return its heads."""
    depths = depths_of({ref: node.bases for ref, node in nodes.items()})
    superseded = {base for node in nodes.values() for base in node.bases}
    values: dict[CommitRef, dict[ItemPath, Entry]] = {}
    trails: dict[ItemPath, list[Entry]] = {}
    for ref in sorted(nodes, key=lambda one: (depths[one], one)):
        merged: dict[ItemPath, Entry] = {}
        for base in nodes[ref].bases:
            for path, entry in values.get(base, {}).items():
                if path not in merged or merged[path].rank < entry.rank:
                    merged[path] = entry
        for done in nodes[ref].sets:
            entry = _entry(done, depths[ref])
            merged[done.operation.path] = entry
            trails.setdefault(done.operation.path, []).append(entry)
        values[ref] = merged
    heads = tuple(sorted((ref for ref in nodes if ref not in superseded), key=lambda one: (depths[one], one)))
    shown = heads[-1]
    for path, trail in trails.items():
        per_head = [values[head].get(path) or _blank(nodes[head], depths[head]) for head in heads]
        chosen = per_head[-1] if path in values[shown] else _blank(nodes[shown], depths[shown])
        history = (*(entry for entry in sorted(trail, key=_rank) if entry != chosen), chosen)
        items[path] = ItemState(shown=chosen.reading, heads=tuple(per_head), history=history)
    return heads


def _blank(node: _Node, depth: int) -> Entry:
    """What a sitting says of an item that it left empty while another sitting filled it."""
    one = node.contribution
    return Entry(
        reading=EMPTY,
        author=one.author,
        device=one.device,
        moment=one.moment,
        commit=one.commit,
        depth=depth,
        index=-1,
    )


def _rows(contributions: tuple[Contribution, ...]) -> dict[str, tuple[RowState, ...]]:
    added: dict[tuple[str, str], RowState] = {}
    struck: dict[tuple[str, str], str] = {}
    for one in contributions:
        for operation in one.payload.operations:
            if isinstance(operation, AddRow):
                unit = (operation.group, operation.row)
                added.setdefault(unit, RowState(row=operation.row, author=one.author, moment=one.moment))
            elif isinstance(operation, StrikeRow):
                unit = (operation.group, operation.row)
                struck[unit] = max(struck.get(unit, ""), operation.reason)
    rows: dict[str, list[RowState]] = {}
    for unit, state in added.items():
        rows.setdefault(unit[0], []).append(replace(state, struck_reason=struck.get(unit)))
    # Rows of one save have one moment: they stay as they were added in it.
    return {group: tuple(sorted(states, key=lambda one: one.moment.utc_ms)) for group, states in rows.items()}


def _traces(contributions: tuple[Contribution, ...]) -> dict[tuple[str, ItemPath], tuple[FiredEntry, ...]]:
    """Return the trace of each finding. It tells a history and decides nothing, so clocks may order it."""
    traces: dict[tuple[str, ItemPath], tuple[FiredEntry, ...]] = {}
    for one in sorted(contributions, key=lambda one: (one.moment.utc_ms, one.sequence, one.commit)):
        for operation in one.payload.operations:
            if isinstance(operation, Fired):
                entry = FiredEntry(
                    author=one.author,
                    moment=one.moment,
                    device=one.device,
                    fires=operation.fires,
                    commit=one.commit,
                )
                place = (operation.check, operation.path)
                traces[place] = (*traces.get(place, ()), entry)
    return traces


def _flag(contributions: tuple[Contribution, ...], name: str) -> tuple[bool, tuple[CommitRef, ...]]:
    """Return a flag and its heads. Heads that disagree leave the flag off."""
    marks: dict[CommitRef, Mark] = {}
    for one in contributions:
        for operation in one.payload.operations:
            if isinstance(operation, Mark) and operation.flag == name:
                marks[ref_of(one.commit)] = operation
    superseded = {base for mark in marks.values() for base in mark.bases}
    heads = tuple(sorted(ref for ref in marks if ref not in superseded))
    return bool(heads) and all(marks[ref].on for ref in heads), heads

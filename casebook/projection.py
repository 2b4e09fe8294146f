"""From commits to what the screen shows.

The state is a pure function of the *set* of commits held: order of arrival, duplicates and clocks do
not matter. Each form instance keeps the contributions that touched it and is computed from them, so
one more commit costs the work of one form.

An item's *heads* are the entries that no other entry has superseded (named among its bases). One
head, or heads that agree, give the value. Heads that differ are a conflict: all are kept, one is
shown provisionally (what a valid signature covers, then what is causally deeper, ties by commit id), and
nobody's entry is overwritten. A group that was taken at one sitting conflicts as a whole (`casebook.heads`).

Commits that a verdict holds give no value: they stay beside the form, shown and never lost, until data
management accepts them (`casebook.verdicts`).

Source: docs/record_format.md, section "From commits to the screen"; docs/adr/0003.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from casebook.attached import AttachmentAct, StoredAttachment, act_of, standing
from casebook.attachments import AttachPayload, StrikeAttachmentPayload
from casebook.clock import Moment
from casebook.contributions import Contribution
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.form_state import (
    Clash,
    Entry,
    FiredEntry,
    FormState,
    ItemState,
    RowState,
    Side,
    StoredDocument,
    Unit,
    conflict_id,
)
from casebook.heads import depths_of, worked_out
from casebook.ids import CommitId, CommitRef, SubjectId, ref_of
from casebook.ledger import SealedCommit
from casebook.payloads import BlobPayload, DataPayload, SubjectPayload, read
from casebook.records import FormKey, VisitKey
from casebook.redaction import RedactionPayload
from casebook.signed_content import covered_by
from casebook.subject_acts import NumberPayload
from casebook.supervision import SignPayload

__all__ = [
    "NOTHING_HELD",
    "Casebook",
    "Clash",
    "Entry",
    "FiredEntry",
    "FormState",
    "ItemState",
    "NumberGiven",
    "RowState",
    "Side",
    "StoredDocument",
    "Unit",
    "conflict_id",
    "depths_of",
    "evolve",
    "project",
    "with_held",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGiven:
    """A number that a subject was given. `bases`: what gave the numbers that it replaces."""

    number: str
    moment: Moment
    bases: tuple[CommitRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """Everything held about one subject.

    Attributes:
        number: `SSS-LNNN`; "" while the commit that gives it has not arrived.
        earlier_numbers: Those that it had before, the first first; they stay on paper and tubes.
        numbers: Every number that was given, by commit.
        into: The subject in whose casebook this one is shown, since both are one person; "" for most.
        also: The casebooks of subjects that are the same person, by number. See `casebook.links`.
        sealed_away: Commits that this session's keys do not open.
        unknown: Commits of kinds that need a newer version.
        commits: Every commit that is about the subject, also the unreadable.
        held: Those of them that a verdict holds.
        signatures: What was signed, by commit, held ones too: of entries that disagree, those that a signature
            covers are shown.
        attachment_acts: What was attached to a form and struck, in no order; see `attachments`.
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
    signatures: Mapping[CommitId, SignPayload] = field(default_factory=dict)
    attachment_acts: Mapping[FormKey, tuple[AttachmentAct, ...]] = field(default_factory=dict)
    numbers: Mapping[CommitId, NumberGiven] = field(default_factory=dict)
    earlier_numbers: tuple[str, ...] = ()
    into: SubjectId | str = ""
    also: tuple["Casebook", ...] = ()

    def attachments(self, key: FormKey) -> tuple[StoredAttachment, ...]:
        """Return what is attached to a form instance, also what was struck."""
        return standing(self.attachment_acts.get(key, ()), self.held)

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
    return _settled(casebook, touched, held, identity_key)


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
    return _settled(_take(casebook, commit, identity_key, touched), touched, casebook.held | held, identity_key)


def with_held(casebook: Casebook, held: frozenset[CommitId], identity_key: bytes | None = None) -> Casebook:
    """Return the casebook with other commits held than before; forms for which nothing changes stay as they are."""
    changed = (casebook.held ^ held) & casebook.commits
    if not changed:
        return casebook
    touched: dict[FormKey, list[Contribution]] = {
        key: [] for key, one in casebook.forms.items() if one.commits & changed
    }
    for commit in changed & casebook.signatures.keys():
        touched |= {form.key: [] for form in casebook.signatures[commit].forms if form.key in casebook.forms}
    return _settled(casebook, touched, held, identity_key)


def _settled(
    casebook: Casebook,
    touched: Mapping[FormKey, list[Contribution]],
    held: frozenset[CommitId],
    identity_key: bytes | None,
) -> Casebook:
    """Work out the forms that were touched anew."""
    signatures = [one for commit, one in sorted(casebook.signatures.items()) if commit not in held]
    forms = dict(casebook.forms)
    documents = {key for key, one in forms.items() if any(document.commit in held for document in one.documents)}
    for key in {*touched, *documents}:
        before = forms.get(key) or FormState(key=key)
        everything = _ordered([*before.contributions, *before.held, *touched.get(key, ())])
        papers = _by_time((*before.documents, *before.held_documents))
        forms[key] = _worked_out(
            replace(
                before,
                contributions=tuple(one for one in everything if one.commit not in held),
                held=tuple(one for one in everything if one.commit in held),
                documents=tuple(one for one in papers if one.commit not in held),
                held_documents=tuple(one for one in papers if one.commit in held),
            ),
            signatures,
            identity_key,
        )
    settled = replace(casebook, forms=MappingProxyType(forms), held=held & casebook.commits)
    return _numbered(settled) if settled.numbers else settled


def _numbered(casebook: Casebook) -> Casebook:
    """Return the casebook under the number that stands: the causally deepest that is not held, ties by commit."""
    effective = {one for one, found in casebook.numbers.items() if not (found.bases and one in casebook.held)}
    given = {ref_of(one): casebook.numbers[one] for one in effective}
    if not given:
        return replace(casebook, number="", earlier_numbers=())
    depths = depths_of({ref: one.bases for ref, one in given.items()})
    ordered = [given[ref].number for ref in sorted(given, key=lambda ref: (depths[ref], ref))]
    earlier = tuple(dict.fromkeys(one for one in ordered if one != ordered[-1]))
    return replace(casebook, number=ordered[-1], earlier_numbers=earlier)


def _worked_out(form: FormState, signatures: list[SignPayload], identity_key: bytes | None) -> FormState:
    """Work out a form; where entries disagree, what a signature covers is preferred."""
    found = worked_out(form)
    if not (found.clashes or found.settled) or not signatures:
        return found
    covered = covered_by(form, signatures, identity_key)
    return worked_out(form, covered) if covered else found


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
        case SubjectPayload() | NumberPayload():
            return _with_number(held, payload, commit)
        case BlobPayload(key=key):
            return _with_document(held, key, payload, commit)
        case AttachPayload(key=key) | StrikeAttachmentPayload(key=key):
            acts = (*held.attachment_acts.get(key, ()), act_of(payload, commit))
            return replace(held, attachment_acts=MappingProxyType({**held.attachment_acts, key: acts}))
        case SignPayload(forms=forms):
            for form in forms:
                if form.key in casebook.forms:
                    touched.setdefault(form.key, [])
            return replace(held, signatures={**casebook.signatures, commit.id: payload})
        case RedactionPayload():
            return held  # what it left stands in the commit that it redacts
        case None:
            return replace(held, unknown=held.unknown + 1)
        case _:
            return held  # about the subject and no part of a form: queries, flags, signatures, rulings


def _with_number(casebook: Casebook, payload: SubjectPayload | NumberPayload, commit: SealedCommit) -> Casebook:
    moment = commit.parsed.moment
    bases = payload.bases if isinstance(payload, NumberPayload) else ()
    given = NumberGiven(number=payload.number, moment=moment, bases=bases)
    found = replace(casebook, numbers={**casebook.numbers, commit.id: given})
    if isinstance(payload, NumberPayload):
        return found
    added = min((found.added_at or moment, moment), key=lambda one: one.utc_ms)
    return replace(found, site=payload.site, added_at=added)


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

"""What oversight rests on, gathered from the shelves that a session opens: the acts, the rights, what was seen, when.

Acts are read once and added to as commits come. What is written is divided by shelf: what lies on the standard
shelf names nothing of the unblinding one, neither its acts nor how far its chains go.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; docs/store.md, section "Shelves".
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from casebook.design import Text
from casebook.errors import UnknownItemError
from casebook.ids import CommitId, CommitRef, SubjectId, UserId, ref_of
from casebook.ledger import STANDARD, Header, SealedCommit, shelf_of
from casebook.links import Links
from casebook.oversight import NO_OVERSIGHT, FormFlags, Oversight, readable
from casebook.projection import Casebook, FormState
from casebook.records import OTHER_REASON, FormKey
from casebook.rights import Rights
from casebook.supervision import ChainMark, FlagPayload, Frontier, QueryPayload, Scope, frontier_of
from casebook.timekeeping import TimeLabel
from casebook.verdicts import NO_JUDGEMENTS, Judgements
from desktop_app.shelf import Shelf
from desktop_app.workbench import Workbench

ACTS = ("query", "flag", "sign")
JUDGING = ("srv", "adj")
LINKING = "link"
TimeOf = Callable[[Header], TimeLabel]
"""What is known of the time of a record."""


class Gathered:
    """The acts of oversight in the shelves of one session. On the store thread."""

    def __init__(self, bench: Workbench, time_of: TimeOf) -> None:
        """Read what there is."""
        self.bench = bench
        self._time_of = time_of
        self._oversight = NO_OVERSIGHT
        self._acts: list[SealedCommit] = []
        self._judging: list[SealedCommit] = []
        self._linking: list[SealedCommit] = []
        self._linked_by: object = None
        self._judged = 0
        self._last: dict[str, int] = {}
        self._read: dict[tuple[str, str], int] = {}
        self._lies: dict[CommitRef, str] = {}
        self._judgements = NO_JUDGEMENTS
        self._rested_on: object = None
        self.look()

    # -- what was said -------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what has come since the last look; what a verdict holds gives no value from then on."""
        record = self.bench.record
        for shelf in record.shelves:
            self._read_on(shelf)
        if len(self._judging) != self._judged:
            self._judged = len(self._judging)
            self._judgements = Judgements.of(self._judging, may_rule=self._may_rule)
            record.hold(self._judgements.held)
        linked_by = (len(self._linking), record.held)
        if linked_by != self._linked_by:
            self._linked_by = linked_by
            record.link(Links.of(self._linking, may=self._may, held=record.held))
        rests_on = (len(self._acts), record.held, record.seat.identity_key)
        if rests_on != self._rested_on:
            self._rested_on = rests_on
            self._oversight = Oversight.of(self._acts, record.seat.identity_key, record.held)

    def _read_on(self, shelf: Shelf) -> None:
        """Read what a shelf has taken in since; one question tells that there is nothing."""
        last = shelf.log.last_position()
        if self._last.get(shelf.name) == last:
            return
        self._last[shelf.name] = last
        for kinds, found in ((ACTS, self._acts), (JUDGING, self._judging), ((LINKING,), self._linking)):
            for kind in kinds:
                found.extend(self._new(shelf, kind))

    def _new(self, shelf: Shelf, kind: str) -> Iterator[SealedCommit]:
        place = (shelf.name, kind)
        for position, commit in shelf.log.of_kind(kind, self._read.get(place, 0)):
            self._read[place] = position
            self._lies[ref_of(commit.id)] = shelf.name
            yield commit

    def _may_rule(self, user: UserId) -> bool:
        return self._may(user, "adjudicate")

    def _may(self, user: UserId, right: str) -> bool:
        member = self.bench.directory.member(user)
        role = self.bench.design.role(member.role) if member is not None else None
        return role is not None and right in role.rights

    @property
    def oversight(self) -> Oversight:
        """Everything that was said over entries, as far as this session reads it."""
        self.look()
        return self._oversight

    @property
    def judgements(self) -> Judgements:
        """What was found of commits, and ruled."""
        self.look()
        return self._judgements

    def state(self, key: FormKey) -> FormState:
        """Return a form as it is recorded."""
        return self.bench.record.casebook(key.subject).form(key)

    def flags(self, state: FormState) -> FormFlags:
        """Return the flags of a form, as of the last look: a whole site is asked for form by form."""
        key = state.key
        return self._oversight.of_form(
            state,
            self.bench.design.forms.get(key.form),
            site=self.site_of(key.subject),
            compartments=self.compartments,
            identity_key=self.bench.record.seat.identity_key,
        )

    def site_of(self, subject: SubjectId) -> str:
        """Return the site of a subject."""
        return self.bench.record.casebook(subject).site or self.bench.place.site

    def casebooks(self) -> Iterator[Casebook]:
        """Yield every casebook that this session holds, the site's own file too."""
        for subject in self.bench.record.subjects():
            yield self.bench.record.casebook(subject)

    def states(self) -> Iterator[FormState]:
        """Yield every form that this session may show, in the order of subjects and of the study's visits."""
        for casebook in sorted(self.casebooks(), key=lambda one: one.number):
            yield from self.states_of(casebook.subject)

    def states_of(self, subject: SubjectId) -> Iterator[FormState]:
        """Yield every form of a subject that this session may show, in the order of the study's visits."""
        design = self.bench.design
        visits = {one.oid: place for place, one in enumerate(design.visits)}
        order = {oid: place for place, oid in enumerate(design.forms)}
        known = [one for one in self.bench.record.casebook(subject).forms.values() if one.key.form in order]
        known.sort(key=lambda one: (visits.get(one.key.visit.visit, len(visits)), order[one.key.form], one.key))
        yield from (state for state in known if self._is_shown(state.key))

    def _is_shown(self, key: FormKey) -> bool:
        try:
            self.bench.refuse_hidden(key)
        except UnknownItemError:
            return False
        return True

    def number_of(self, subject: SubjectId) -> str:
        """Return a subject's number; of the site's own file the site's."""
        return self.bench.record.casebook(subject).number or self.bench.place.site

    @property
    def compartments(self) -> tuple[str, ...]:
        """The compartments that this session reads."""
        record = self.bench.record
        return readable(opens_unblinding=record.opens_unblinding, opens_identity=record.seat.identity_key is not None)

    # -- who may -------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day by this laptop's wall clock."""
        return self.bench.permissions.today

    def rights(self) -> Rights:
        """Return what the signed-in person may do here."""
        return self.bench.permissions.rights()

    # -- where it is written ---------------------------------------------------------------------------------

    def compartment(self, form: str) -> str:
        """Return where what is said about a form lies; "" is what is wider than a form."""
        return STANDARD if form and self.bench.design.is_open(form) else self.bench.compartment()

    def everywhere(self) -> tuple[str, ...]:
        """Return where an act lies that everybody has to know of: once on each shelf."""
        return tuple(dict.fromkeys((STANDARD, self.bench.compartment())))

    def frontier(self, compartment: str) -> Frontier:
        """Return how far along each chain the record was seen, of the shelves that an act there may tell of."""
        marks = []
        for shelf in self._told_in(compartment):
            heads = shelf.log.heads()
            marks += [ChainMark(device=one.device, epoch=one.epoch, sequence=one.sequence) for one in heads]
        return frontier_of(mark for mark in marks if mark.sequence > 0)

    def _told_in(self, compartment: str) -> tuple[Shelf, ...]:
        record = self.bench.record
        return (record.standard,) if shelf_of(compartment) == STANDARD else record.shelves

    def lies_with(self, commit: CommitId) -> str:
        """Return where an act about a commit lies: on the shelf that holds it."""
        record = self.bench.record
        return STANDARD if record.standard.log.has(commit) else self.bench.compartment()

    def put_in(self, payload: FlagPayload, compartment: str) -> FlagPayload:
        """Return a flag as it is written in one place: with what was seen, and seen of the flag, there.

        A flag that lies on both shelves has the words of its reason where only those read them who may know the
        treatment; the blinded read that there was another reason.
        """
        shelf = shelf_of(compartment)
        apart = shelf == STANDARD and self.bench.record.opens_unblinding and payload.scope.key is None
        if apart and payload.reason and payload.reason not in {one.value for one in self.bench.design.reasons}:
            payload = replace(payload, reason=OTHER_REASON)
        bases = tuple(ref for ref in payload.bases if self._lies.get(ref) == shelf)
        return replace(payload, frontier=self.frontier(compartment), bases=bases)

    def shelf_of_query(self, query: QueryPayload) -> str:
        """Return where an act on a query lies: where the query began, else where its place does."""
        began = next((self._lies[ref] for ref in query.bases if ref in self._lies), None)
        if began is not None:
            return STANDARD if began == STANDARD else self.bench.compartment()
        return self.compartment(query.target.form)

    # -- when ----------------------------------------------------------------------------------------------

    def time_words(self, commit: CommitId) -> Text:
        """Return whether the time of a commit is verified, in words."""
        bench = self.bench
        return self._time_of(bench.record.commit(commit).parsed).words(bench.design.utc_offset_minutes)


def subject_of(scope: Scope) -> SubjectId | None:
    """Return whom a scope is about, if anybody."""
    return SubjectId(scope.subject) if scope.subject else None

"""People enter, sign, lock, delegate, withdraw and rule on two laptops that meet at a server now and then.

Some of them use the application, which refuses; some use a program of their own, which does not. Whatever they do:
every entry stays within reach of those who may see it, as a value, in the history or in the held list; nothing has
effect that its author had no right to, unless data management accepted it; and laptops that have met agree. The
oracle is a plain list of what everybody had seen when they acted.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import DataObject

from casebook import payloads
from casebook.errors import CasebookError
from casebook.ids import CommitId, CommitRef, SubjectId, UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.oversight import FormFlags, Oversight, content_digests
from casebook.oversight.decisions import (
    STATEMENTS,
    ToSign,
    answer_query,
    raise_query,
    refuse_if_closed,
    set_flag,
    sign,
)
from casebook.projection import Casebook, FormState, project
from casebook.records import FormKey, ItemPath, Mark, Operation, Reading, SetItem, VisitKey
from casebook.rights import DelegationLog, Rights, delegate, end_delegation
from casebook.supervision import (
    AdjudicationPayload,
    Authentication,
    DelegationAct,
    DelegationPayload,
    Flag,
    FlagPayload,
    Meaning,
    QueryPayload,
    Scope,
    SignedForm,
    SignPayload,
    of_form,
    of_subject,
)
from casebook.verdicts import Judgements, adjudicate, judge

from .commits import START_MS, Laptop
from .people import Stated, design, has_right, member

FIRST_DAY = date(2026, 2, 25)
DAY_MS = 86_400_000
ENTERING = {"nurse.a", "nurse.b", "investigator", "principal"}
DELEGATED = {"nurse.a", "nurse.b", "investigator"}
MAY = {
    "data": ENTERING,
    "flag": {"manager", "manager.b"},
    "sign": {"investigator", "principal"},
    "adj": {"manager", "manager.b"},
    "deleg": {"principal"},
    "query": {"monitor", "manager", "manager.b"},
    "answer": ENTERING,
}
DEEDS = {
    "enter": MAY["data"],
    "complete": MAY["data"],
    "sign": MAY["sign"],
    "lock": MAY["flag"],
    "delegate": MAY["deleg"],
    "end": MAY["deleg"],
    "rule": MAY["adj"],
    "ask": MAY["query"] | MAY["answer"],
    "lose": ENTERING,
    "sleep": ENTERING,
}
PEOPLE = sorted(ENTERING | {"manager", "manager.b", "monitor"})
DELEGATES, RULES = has_right("delegate"), has_right("adjudicate")
people = st.sampled_from(PEOPLE)
sides = st.integers(0, 1)
items = st.sampled_from(["SYSBP", "DIABP"])
values = st.sampled_from([None, "1", "2"])


@dataclass
class View:
    """What somebody knows who holds some commits."""

    commits: list[SealedCommit]
    subject: SubjectId
    key: FormKey
    day: date

    def __post_init__(self) -> None:
        self.judgements = Judgements.of(self.commits, may_rule=RULES)
        held = self.judgements.held
        self.log = DelegationLog.of(self.commits, may_sign=DELEGATES, held=held)
        self.oversight = Oversight.of(self.commits, held=held)
        self.casebook: Casebook = project(self.subject, self.commits, held=held)

    @property
    def state(self) -> FormState:
        return self.casebook.form(self.key)

    @property
    def flags(self) -> FormFlags:
        return self.oversight.of_form(self.state, None, site="001", compartments=("S",))

    def rights(self, user: str) -> Rights:
        return Rights(design=design(), member=member(user), site="001", log=self.log)


@dataclass
class Side:
    """A laptop: the commits that it holds, and a chain for each person who signs in on it."""

    number: int
    commits: list[SealedCommit] = field(default_factory=list)
    seats: dict[str, Laptop] = field(default_factory=dict)

    def seat(self, user: str, day: date) -> Laptop:
        """Return a person's seat on this laptop, its clock on the given day."""
        if user not in self.seats:
            self.seats[user] = Laptop(100 * self.number + PEOPLE.index(user) + 1, author=user)
        seat = self.seats[user]
        seat.clock_ms = max(seat.clock_ms, START_MS + (day - FIRST_DAY).days * DAY_MS)
        return seat


class Trial(RuleBasedStateMachine):
    """Two laptops and a server."""

    @initialize()
    def begin(self) -> None:
        """Add a subject, known to both laptops."""
        self.day = FIRST_DAY
        self.sides = [Side(1), Side(2)]
        self.server: list[SealedCommit] = []
        self.stating = Laptop(999, author="server")
        self.gone: frozenset[str] = frozenset()
        self.seen: dict[CommitId, frozenset[CommitId]] = {}
        self.lines = 0
        self.subject, added = self.sides[0].seat("nurse.a", self.day).add_subject()
        self.key = FormKey(subject=self.subject, visit=VisitKey(visit="SE.BL"), form="F.VS")
        self.server.append(added)
        for side in self.sides:
            side.commits.append(added)

    def view(self, commits: list[SealedCommit]) -> View:
        return View(commits=commits, subject=self.subject, key=self.key, day=self.day)

    def says(self, side: Side, user: str, payload: payloads.Payload) -> SealedCommit:
        """Seal on a laptop; remembers what its author had seen."""
        seen = frozenset(one.id for one in side.commits)
        commit = side.seat(user, self.day).seal(payload)
        self.seen[commit.id] = seen
        side.commits.append(commit)
        return commit

    @rule(number=sides, deed=st.sampled_from(sorted(DEEDS)), draw=st.data(), meets=st.booleans())
    def somebody_acts(self, number: int, deed: str, draw: DataObject, meets: bool) -> None:  # noqa: FBT001
        """Somebody does something, more often than not somebody who may; then the laptop may meet the server."""
        user = draw.draw(st.sampled_from(sorted(DEEDS[deed])) | people)
        doing = {
            "enter": self._enters,
            "complete": self._completes,
            "sign": self._signs,
            "lock": self._locks,
            "delegate": self._delegates,
            "end": self._ends_a_delegation,
            "rule": self._rules_on,
            "ask": self._asks_and_answers,
            "lose": self._loses_the_account,
            "sleep": self._sleeps_over,
        }
        doing[deed](number, user, draw)
        if meets:
            self._meets_the_server(number)

    # -- what people do -----------------------------------------------------------------------------------

    def _saves(self, number: int, user: str, operation: Operation, *, honest: bool) -> None:
        side = self.sides[number]
        view = self.view(side.commits)
        if honest:
            try:
                view.rights(user).require("enter", form=self.key.form, on=self.day)
                refuse_if_closed(view.rights(user), view.flags, name_of=str)
            except CasebookError:
                return
        self.says(side, user, payloads.DataPayload(key=self.key, form_version="0" * 16, operations=(operation,)))

    def _enters(self, number: int, user: str, draw: DataObject) -> None:
        item, value, honest = draw.draw(items), draw.draw(values), draw.draw(st.booleans())
        path = ItemPath(group="IG.X", item=item)
        known = self.view(self.sides[number].commits).state.items.get(path)
        bases = known.bases if known else ()
        self._saves(number, user, SetItem(path=path, reading=Reading(value=value), bases=bases), honest=honest)

    def _completes(self, number: int, user: str, draw: DataObject) -> None:
        on = draw.draw(st.booleans())
        bases = self.view(self.sides[number].commits).state.complete_bases
        self._saves(number, user, Mark(flag="complete", on=on, bases=bases), honest=True)

    def _signs(self, number: int, user: str, draw: DataObject) -> None:
        honest = draw.draw(st.booleans())
        side = self.sides[number]
        view = self.view(side.commits)
        try:
            payload = sign(
                view.rights(user),
                [ToSign(state=view.state)],
                meaning=Meaning.AUTHORSHIP,
                authentication=Authentication.FULL,
                compartments=("S",),
                identity_key=None,
                frontier=view.oversight.frontier,
                on=self.day,
            )
        except CasebookError:
            if honest:
                return
            payload = SignPayload(
                subject=self.subject,
                meaning=Meaning.AUTHORSHIP,
                statement=dict(STATEMENTS[Meaning.AUTHORSHIP].by_language),
                name=user,
                role="",
                authentication=Authentication.FULL,
                forms=(SignedForm(key=self.key, digests=content_digests(view.state, ("S",))),),
                frontier=view.oversight.frontier,
            )
        self.says(side, user, payload)

    def _locks(self, number: int, user: str, draw: DataObject) -> None:
        wide, on, honest = draw.draw(st.booleans()), draw.draw(st.booleans()), draw.draw(st.booleans())
        side = self.sides[number]
        view = self.view(side.commits)
        scope = self._scope(wide=wide)
        frontier = view.oversight.frontier
        try:
            payload = set_flag(
                view.rights(user),
                view.oversight,
                Flag.LOCKED,
                scope,
                set_to=on,
                reason="r",
                frontier=frontier,
                on=self.day,
            )
        except CasebookError:
            if honest:
                return
            bases = view.oversight.flag(Flag.LOCKED, scope).bases
            payload = FlagPayload(flag=Flag.LOCKED, on=on, scope=scope, frontier=frontier, bases=bases)
        self.says(side, user, payload)

    def _scope(self, *, wide: bool) -> Scope:
        return of_subject(self.subject) if wide else of_form(self.key)

    def _delegates(self, number: int, user: str, draw: DataObject) -> None:
        person, honest = draw.draw(st.sampled_from(sorted(DELEGATED))), draw.draw(st.booleans())
        side = self.sides[number]
        self.lines += 1
        entry = f"line{self.lines:012d}"
        try:
            payload = delegate(
                self.view(side.commits).rights(user), member(person), entry=entry, start=self.day, on=self.day
            )
        except CasebookError:
            if honest:
                return
            role = member(person).role
            payload = DelegationPayload(
                entry=entry, act=DelegationAct.ADD, person=UserId(person), role=role, rights=(), start=self.day
            )
        self.says(side, user, payload)

    def _ends_a_delegation(self, number: int, user: str, draw: DataObject) -> None:
        which = draw.draw(st.integers(0, 5))
        side = self.sides[number]
        view = self.view(side.commits)
        if not view.log.entries:
            return
        line = view.log.entries[which % len(view.log.entries)]
        try:
            payload = end_delegation(
                view.rights(user), line.entry, last_day=self.day - timedelta(days=1), reason="r", on=self.day
            )
        except CasebookError:
            return
        self.says(side, user, payload)

    def _rules_on(self, number: int, user: str, draw: DataObject) -> None:
        which, accept, honest = draw.draw(st.integers(0, 9)), draw.draw(st.booleans()), draw.draw(st.booleans())
        side = self.sides[number]
        view = self.view(side.commits)
        waiting = sorted(view.judgements.held | view.judgements.accepted)
        if not waiting:
            return
        target = waiting[which % len(waiting)]
        try:
            payload = adjudicate(
                view.rights(user), view.judgements, target, accept=accept, reason="r", subject=None, on=self.day
            )
        except CasebookError:
            if honest:
                return
            payload = AdjudicationPayload(commit=target, accept=accept, reason="r")
        self.says(side, user, payload)

    def _asks_and_answers(self, number: int, user: str, _draw: DataObject) -> None:
        side = self.sides[number]
        view = self.view(side.commits)
        try:
            known = view.oversight.queries()
            if known:
                self.says(side, user, answer_query(view.rights(user), known[0], text="so", on=self.day))
            else:
                self.says(
                    side,
                    user,
                    raise_query(view.rights(user), query="q" * 16, target=of_form(self.key), text="why", on=self.day),
                )
        except CasebookError:
            return

    def _loses_the_account(self, _number: int, user: str, _draw: DataObject) -> None:
        if len(self.gone) < 2 and user not in {"manager", "principal"}:
            self.gone |= {user}

    def _sleeps_over(self, _number: int, _user: str, _draw: DataObject) -> None:
        self.day += timedelta(days=1)

    # -- meeting ------------------------------------------------------------------------------------------

    def _meets_the_server(self, number: int) -> None:
        side = self.sides[number]
        there = {one.id for one in self.server}
        for commit in side.commits:
            if commit.id not in there:
                self._receives(commit)
        here = {one.id for one in side.commits}
        side.commits += [one for one in self.server if one.id not in here]

    def _receives(self, commit: SealedCommit) -> None:
        view = self.view(self.server)
        by_ref = {ref_of(one.id): one for one in self.server}

        def find(ref: CommitRef) -> SealedCommit | None:
            return by_ref.get(ref)

        verdict = judge(
            commit,
            directory=Stated(gone=self.gone),
            delegations=view.log,
            design=design(),
            known=view.oversight,
            find=find,
        )
        expected = self._should_be_held(commit, view.judgements.held)
        assert (verdict is not None and verdict.holds) == expected, (verdict, commit.parsed)
        self.server.append(commit)
        if verdict is not None:
            fields = {"commit": verdict.commit, "code": str(verdict.code), "effect": verdict.effect, "site": "001"}
            self.server.append(self.stating.seal(payloads.ServerPayload(statement="verdict", fields=fields)))

    # -- the oracle ---------------------------------------------------------------------------------------

    def _should_be_held(self, commit: SealedCommit, held: frozenset[CommitId]) -> bool:
        """Tell from who had seen what whether a commit is to be held as it arrives."""
        header = commit.parsed
        payload = payloads.read(commit)
        answers = isinstance(payload, QueryPayload) and payload.act == "answer"
        if header.author in self.gone or header.author not in MAY["answer" if answers else header.kind]:
            return True
        if header.author in DELEGATED and not self._is_delegated(header.author, header.moment.local.date(), held):
            return True
        return header.kind == "data" and any(
            self._is_late(commit, self._scope(wide=wide), held) for wide in (True, False)
        )

    def _is_delegated(self, user: str, day: date, held: frozenset[CommitId]) -> bool:
        lines = [
            said
            for one in self.server
            if one.id not in held and one.parsed.author == "principal"
            if isinstance(said := payloads.read(one), DelegationPayload)
        ]
        begun = [said for said in lines if said.act is DelegationAct.ADD and said.start <= day]
        ends = {(said.entry, said.end) for said in lines if said.act is DelegationAct.END and said.end is not None}
        return not begun or any(
            said.person == user and not any(entry == said.entry and end < day for entry, end in ends) for said in begun
        )

    def _is_late(self, commit: SealedCommit, scope: Scope, held: frozenset[CommitId]) -> bool:
        acts = {
            ref_of(one.id): (one.id, said)
            for one in self.server
            if isinstance(said := payloads.read(one), FlagPayload) and said.scope == scope
        }

        def effective_bases(refs: tuple[CommitRef, ...]) -> set[CommitRef]:
            found: set[CommitRef] = set()
            for ref in refs:
                known = acts.get(ref)
                found |= effective_bases(known[1].bases) if known is not None and known[0] in held else {ref}
            return found

        standing = {ref: one for ref, one in acts.items() if one[0] not in held}
        superseded = {base for _, said in standing.values() for base in effective_bases(said.bases)}
        locks = [name for ref, (name, said) in standing.items() if said.on and ref not in superseded]
        return bool(locks) and not any(commit.id in self.seen[name] for name in locks)

    # -- what always holds --------------------------------------------------------------------------------

    @invariant()
    def every_entry_is_within_reach(self) -> None:
        for commits in (self.sides[0].commits, self.sides[1].commits, self.server):
            view = self.view(commits)
            made = {one.id for one in commits if one.parsed.kind == "data"}
            shown = {entry.commit for item in view.state.items.values() for entry in item.history}
            marked = {
                one.commit
                for one in view.state.contributions
                if all(isinstance(each, Mark) for each in one.payload.operations)
            }
            held = {one.commit for one in view.state.held}
            assert made == shown | marked | held
            assert not (shown | marked) & held
            assert held == made & view.judgements.held

    @invariant()
    def those_who_may_can_always_act(self) -> None:
        """No lock, no verdict and no log is without somebody who can open it again."""
        view = self.view(self.server)
        manager = view.rights("manager")
        for flag in view.oversight.flags:
            if flag.on:
                set_flag(
                    manager, view.oversight, flag.flag, flag.scope, set_to=False, reason="r", frontier=(), on=self.day
                )
        for commit in view.judgements.waiting:
            for accept in (True, False):
                adjudicate(manager, view.judgements, commit, accept=accept, reason="r", subject=None, on=self.day)
        assert view.rights("principal").allows("delegate", on=self.day)
        assert view.rights("principal").allows("enter", form=self.key.form, on=self.day)

    @invariant()
    def nothing_has_effect_that_its_author_may_not(self) -> None:
        view = self.view(self.server)
        accepted = view.judgements.accepted
        for one in view.state.contributions:
            assert one.author in ENTERING or one.commit in accepted
        for flag in view.oversight.flags:
            assert all(one.author in MAY["flag"] or one.commit in accepted for one in flag.history)
        assert all(one.author in MAY["sign"] or one.commit in accepted for one in view.oversight.signed)
        assert all(one.by == "principal" for one in view.log.entries)
        for rulings in view.judgements.rulings.values():
            assert all(one.author in MAY["adj"] for one in rulings)

    @invariant()
    def laptops_that_met_the_server_agree(self) -> None:
        server = {one.id for one in self.server}
        known = self.view(self.server)
        for side in self.sides:
            if {one.id for one in side.commits} == server:
                mine = self.view(side.commits)
                assert mine.judgements == known.judgements
                assert mine.casebook == known.casebook
                assert mine.log == known.log
                assert mine.oversight.queries([mine.casebook]) == known.oversight.queries([known.casebook])
                assert mine.flags == known.flags


TestTrial = Trial.TestCase
TestTrial.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=30)

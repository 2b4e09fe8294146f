"""Queries, verification, flags, signatures and held entries of one session: it gathers, the pure core decides.

Every method runs on the store thread and returns an immutable snapshot; refusals are
`casebook.errors.CasebookError`s. What is said about an open form lies on the standard shelf, everything else where
the session's own traces lie; a flag of a wide scope lies on every shelf that the session opens, so that those who
open fewer know of it too.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; 21 CFR 11.50, 11.70, 11.200.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from casebook.decisions import set_complete, settle
from casebook.design import Text
from casebook.errors import (
    CasebookError,
    ConflictSettledError,
    LinkedSubjectError,
    QueryClosedError,
)
from casebook.ids import CommitId, SubjectId, new_id
from casebook.oversight import (
    FormFlags,
    Query,
    QueryState,
    Verification,
    Verified,
    decisions,
    double_queries,
)
from casebook.paper.context import PrintedSignature
from casebook.projection import FormState, Unit
from casebook.records import FormKey, ItemPath, Reading, VisitKey
from casebook.rights import Refusal, Rights
from casebook.supervision import (
    Flag,
    FlagPayload,
    Level,
    Meaning,
    QueryAct,
    Scope,
    of_form,
)
from desktop_app.held_entries import HeldEntries
from desktop_app.oversight_gather import Gathered, TimeOf, subject_of
from desktop_app.oversight_snapshots import (
    Act,
    FormOversight,
    FormStanding,
    HeldLine,
    Offer,
    QueriesView,
    QueryLine,
    QueryStanding,
    Ruling,
    SigningView,
    SubjectOversight,
    VerificationView,
    VerifyLine,
    VerifyState,
)
from desktop_app.oversight_views import (
    May,
    form_label,
    item_label,
    marks_of,
    query_line,
    says,
    value_of,
    visit_label,
)
from desktop_app.reader import Kept
from desktop_app.same_person import SamePerson
from desktop_app.signing_desk import SigningDesk
from desktop_app.views import custody_of
from desktop_app.workbench import Workbench

_FLAG_OF = {
    Act.FREEZE: (Flag.FROZEN, True),
    Act.UNFREEZE: (Flag.FROZEN, False),
    Act.LOCK: (Flag.LOCKED, True),
    Act.UNLOCK: (Flag.LOCKED, False),
}
_VERIFY_STATES = {
    Verification.OPEN: VerifyState.OPEN,
    Verification.VERIFIED: VerifyState.VERIFIED,
    Verification.CHANGED: VerifyState.CHANGED,
}
_TAKEN_BACK = "taken back"


class SessionOversight:
    """The oversight of one session."""

    def __init__(self, bench: Workbench, time_of: TimeOf) -> None:
        """Read what was said. `time_of`: what is known of the time of a record."""
        self._bench = bench
        self._gathered = Gathered(bench, time_of)
        self._held = HeldEntries(self._gathered)
        self._signing = SigningDesk(self._gathered)
        self.same_person = SamePerson(self._gathered)
        """Subjects that may be one person."""

    def learn(self) -> None:
        """Take in what an exchange brought."""
        self._gathered.look()

    # -- queries ---------------------------------------------------------------------------------------------

    def queries(self) -> QueriesView:
        """Return every query that the person may see, those not closed first, the oldest first."""
        lines = [self._line(one) for one in self._gathered.oversight.queries(self._gathered.casebooks())]
        lines.sort(key=lambda one: one.standing is QueryStanding.CLOSED)
        held = sum(1 for one in self._held.lines() if one.ruling is Ruling.WAITING)
        return QueriesView(lines=tuple(lines), held=held)

    def _line(self, query: Query, rights: Rights | None = None) -> QueryLine:
        bench, record = self._bench, self._bench.record
        return query_line(
            query,
            record.casebook(SubjectId(query.target.subject)),
            bench.around(),
            self._may(query, rights or self._gathered.rights()),
            now_ms=record.seat.clock().utc_ms,
            me=record.seat.user,
            totals=self._totals,
        )

    def _totals(self, state: FormState) -> Mapping[ItemPath, Reading]:
        """Return the values of a form as it would stand, with what is worked out from them."""
        reader = self._bench.reader(state.key.subject)
        casebook = replace(reader.casebook, forms={**reader.casebook.forms, state.key: state})
        return replace(reader, casebook=casebook, drafts={}, kept=Kept()).values(state.key)

    def _may(self, query: Query, rights: Rights) -> May:
        form, on = query.target.form or None, self._gathered.today
        answer, ask, enter = (rights.may(act, form=form, on=on) for act in ("answer", "query", "enter"))
        refused = next((one for one in (enter if query.conflict else answer,) if isinstance(one, Refusal)), None)
        both_refused = refused is not None and (isinstance(ask, Refusal) or bool(query.conflict))
        key = query.target.key
        may_enter = not isinstance(enter, Refusal) and key is not None and self._bench.shows(key)
        return May(
            answer=not isinstance(answer, Refusal),
            query=not isinstance(ask, Refusal),
            choose=may_enter and key is not None and not self.is_closed(key),
            why_not=says(refused) if both_refused and refused is not None else None,
        )

    def open_queries(self) -> Mapping[SubjectId, int]:
        """Return how many queries of each subject are not closed; conflicts are counted by the subjects' lines."""
        counted: dict[SubjectId, int] = {}
        oversight, record = self._gathered.oversight, self._bench.record
        joined = [record.casebook(one) for one in sorted(set(record.links.into.values()))]
        bare = [one for casebook in joined for one in double_queries(casebook) if oversight.query(one.id) is None]
        for one in (*oversight.queries(), *bare):
            if one.state is not QueryState.CLOSED:
                subject = SubjectId(one.target.subject)
                counted[subject] = counted.get(subject, 0) + 1
        return counted

    def raised(self) -> tuple[Query, ...]:
        """Return the queries that people raised, the oldest first; conflicts stand in the casebooks."""
        return self._gathered.oversight.queries()

    def raise_query(self, scope: Scope, text: str) -> None:
        """Raise a query. Raises Refusal, QueryNeedsSubjectError, QueryTextRequiredError."""
        gathered = self._gathered
        payload = decisions.raise_query(
            gathered.rights(),
            query=new_id(self._bench.record.seat.random_bytes),
            target=scope,
            text=text,
            on=gathered.today,
        )
        self._bench.record.seal([(payload, gathered.compartment(scope.form))], subject=subject_of(scope))

    def answer(self, query: str, text: str) -> None:
        """Answer a query. Raises Refusal, QueryClosedError, QueryTextRequiredError."""
        self._act(query, QueryAct.ANSWER, text)

    def close(self, query: str, text: str) -> None:
        """Close a query. Raises Refusal, QueryClosedError."""
        self._act(query, QueryAct.CLOSE, text)

    def reopen(self, query: str, text: str) -> None:
        """Open a query again. Raises Refusal, QueryStillOpenError, QueryTextRequiredError."""
        self._act(query, QueryAct.REOPEN, text)

    def ask(self, query: str, text: str) -> None:
        """Ask the site about a conflict. Raises Refusal, QueryClosedError, QueryTextRequiredError."""
        self._act(query, QueryAct.OPEN, text)

    def choose(self, query: str, side: str | None, reason: str) -> FormKey:
        """Settle a conflict: one side counts as a whole, for a reason. Seals, with what is open in the form.

        Args:
            side: Names the side (`SideView.ref`). None: a sitting is emptied, to be entered anew; nothing is sealed
                before that is saved.

        Returns:
            The form.

        Raises:
            ConflictSettledError: Nobody disagrees about this any more, or others do.
            ReasonRequiredError, IncompleteFormError: No reason; a form is not complete.
            FormFrozenError, FormLockedError, OtherVersionError, UnknownItemError, Refusal: Nothing is entered there.
        """
        gathered, bench = self._gathered, self._bench
        bench.record.catch_up()
        found = gathered.oversight.query(query, gathered.casebooks())
        key = found.target.key if found is not None else None
        if found is None or key is None or not found.conflict:
            raise ConflictSettledError
        bench.refuse_hidden(key)
        bench.study.refuse_unless_asked(bench.design, key)
        self.refuse_if_closed(key)
        chosen = next((one for one in found.conflict if one.ref == side), None)
        if side is not None and chosen is None:
            raise ConflictSettledError
        if chosen is not None and found.clash is not None and found.clash.unit is Unit.COMPLETE and chosen.said:
            filled = bench.reader(key.subject).filled(key)
            form = bench.design.form(key.form)
            done = set_complete(form, filled.state, filled.unanswered, filled.findings, on=True)
        else:
            done = settle(gathered.state(key), query, chosen.ref if chosen is not None else None, reason)
        bench.entering.apply(key, done)
        draft = bench.record.drafts.get(key)
        if side is not None and draft is not None:
            bench.entering.seal(draft)
        return key

    def _act(self, query: str, act: QueryAct, text: str) -> None:
        gathered = self._gathered
        found = gathered.oversight.query(query, gathered.casebooks())
        if found is None:
            raise QueryClosedError  # a conflict that was settled meanwhile
        acts = {
            QueryAct.ANSWER: decisions.answer_query,
            QueryAct.CLOSE: decisions.close_query,
            QueryAct.REOPEN: decisions.reopen_query,
            QueryAct.OPEN: decisions.ask_about_conflict,
        }
        payload = acts[act](gathered.rights(), found, text=text, on=gathered.today)
        where = gathered.shelf_of_query(payload)
        self._bench.record.seal([(payload, where)], subject=subject_of(payload.target))

    # -- flags -----------------------------------------------------------------------------------------------

    def flags_of(self, subject: SubjectId) -> Iterator[FormFlags]:
        """Yield the flags of every form of a subject that this session may show."""
        return (self._gathered.flags(state) for state in self._gathered.states_of(subject))

    def refuse_if_closed(self, key: FormKey) -> None:
        """Refuse to enter into a frozen or locked form, or under another number of the same person.

        Raises:
            FormFrozenError, FormLockedError, LinkedSubjectError: Nothing is entered there.
        """
        gathered, bench = self._gathered, self._bench
        if not self.is_closed(key):
            return
        self._refuse_if_linked(key)
        decisions.refuse_if_closed(gathered.rights(), gathered.flags(gathered.state(key)), name_of=bench.name_of)

    def _refuse_if_linked(self, key: FormKey) -> None:
        """Refuse to enter for a subject that is shown in another casebook. Raises LinkedSubjectError."""
        into = self._bench.record.links.into.get(key.subject)
        if into is not None:
            number_of = self._gathered.number_of
            raise LinkedSubjectError(source=number_of(key.subject), target=number_of(into))

    def is_closed(self, key: FormKey) -> bool:
        """Tell whether a form is frozen or locked, or can only be read since it is shown in another casebook."""
        standing, site = self._gathered.oversight, self._gathered.site_of(key.subject)
        if key.subject in self._bench.record.links.into:
            return True
        return any(standing.over(flag, key, site) for flag in (Flag.FROZEN, Flag.LOCKED))

    def closed(self, key: FormKey) -> Text | None:
        """Return why nothing can be entered into a form, or None."""
        try:
            self.refuse_if_closed(key)
        except CasebookError as error:
            return says(error)
        return None

    def of_form(self, key: FormKey) -> FormOversight:
        """Return what stands beside the values of a form."""
        gathered = self._gathered
        self._bench.refuse_hidden(key)
        gathered.look()
        state, rights = gathered.state(key), gathered.rights()
        flags = gathered.flags(state)
        casebook = self._bench.record.casebook(key.subject)
        queries = gathered.oversight.queries([casebook])
        return FormOversight(
            key=key,
            marks=marks_of(flags, self._bench.around()),
            closed=self.closed(key) if self.is_closed(key) else None,
            queries=tuple(self._line(one, rights) for one in queries if one.target.key == key),
            signatures=self._signing.lines(flags.signatures),
            held=self._held.of_form(key),
            verified={
                one.path: _VERIFY_STATES[one.state] for one in flags.verification if one.state is not Verification.OPEN
            },
            offers=self.offers(of_form(key)),
        )

    def of_subject(self, subject: SubjectId) -> SubjectOversight:
        """Return the flags and queries of a casebook."""
        gathered, bench = self._gathered, self._bench
        gathered.look()
        casebook, rights, around = bench.record.casebook(subject), gathered.rights(), bench.around()
        found = [one for one in gathered.oversight.queries([casebook]) if one.target.subject == subject]
        lines = tuple(self._line(one, rights) for one in found)
        asked: dict[FormKey, int] = {}
        for one in lines:
            if one.scope.key is not None and one.standing is not QueryStanding.CLOSED:
                asked[one.scope.key] = asked.get(one.scope.key, 0) + 1
        forms = {
            key: FormStanding(marks=marks_of(gathered.flags(state), around), queries=asked.get(key, 0))
            for key, state in casebook.forms.items()
        }
        return SubjectOversight(subject=subject, forms=forms, queries=lines)

    def offers(self, scope: Scope) -> tuple[Offer, ...]:
        """Return what can be done to a place; what the person may not do says why."""
        gathered = self._gathered
        rights, on, form = gathered.rights(), gathered.today, scope.form or None
        standing = gathered.oversight
        acts = [] if scope.level in {Level.SITE, Level.STUDY} else [(Act.QUERY, "query")]
        acts.append((Act.UNFREEZE if standing.flag(Flag.FROZEN, scope).on else Act.FREEZE, "freeze"))
        acts.append((Act.UNLOCK if standing.flag(Flag.LOCKED, scope).on else Act.LOCK, "lock"))
        found = []
        for act, right in acts:
            answer = rights.may(right, form=form, on=on)
            found.append(Offer(act=act, scope=scope, why_not=says(answer) if isinstance(answer, Refusal) else None))
        return tuple(found)

    def set_flag(self, act: Act, scope: Scope, reason: str) -> None:
        """Freeze, lock or take that back. Raises Refusal, FlagReasonRequiredError, FlagUnchangedError."""
        gathered = self._gathered
        flag, on = _FLAG_OF[act]
        self._bench.save_all(subject_of(scope))
        payload = decisions.set_flag(
            gathered.rights(),
            gathered.oversight,
            flag,
            scope,
            set_to=on,
            reason=reason,
            frontier=(),
            on=gathered.today,
        )
        where = gathered.everywhere() if scope.key is None else (gathered.compartment(scope.form),)
        self._seal_flags([payload], where)

    def _seal_flags(self, payloads: Sequence[FlagPayload], where: Sequence[str]) -> None:
        gathered = self._gathered
        written = [(gathered.put_in(payload, place), place) for payload in payloads for place in where]
        scope = payloads[0].scope
        site = scope.site if scope.level is Level.SITE else None
        self._bench.record.seal(written, subject=subject_of(scope), site=site)

    # -- source data verification ----------------------------------------------------------------------------

    def verification(self) -> VerificationView:
        """Return what is to be verified at the site, subject by subject in the order of the study."""
        gathered = self._gathered
        answer = gathered.rights().may("verify", on=gathered.today)
        asked: dict[FormKey, list[ItemPath | None]] = {}
        for one in gathered.oversight.queries():
            if one.target.key is not None and one.state is not QueryState.CLOSED:
                asked.setdefault(one.target.key, []).append(one.target.path)
        lines = [line for state in gathered.states() for line in self._verify_lines(state, asked.get(state.key, []))]
        return VerificationView(lines=tuple(lines), why_not=says(answer) if isinstance(answer, Refusal) else None)

    def _verify_lines(self, state: FormState, asked: Sequence[ItemPath | None]) -> Iterator[VerifyLine]:
        gathered, around, design = self._gathered, self._bench.around(), self._bench.design
        flags = gathered.flags(state)
        if flags.verified is Verified.NOTHING:
            return
        casebook = self._bench.record.casebook(state.key.subject)
        for one in flags.verification:
            done = one.state is not Verification.OPEN
            yield VerifyLine(
                key=state.key,
                path=one.path,
                number=casebook.number or around.site,
                visit=visit_label(design, state.key.visit.visit),
                form=form_label(design, state.key),
                item=item_label(design, state.key, one.path),
                value=value_of(state, one.path, around),
                state=_VERIFY_STATES[one.state],
                by=around.name_of(one.flag.by) if done and one.flag.by is not None else "",
                at=one.flag.at.local if done and one.flag.at is not None else None,
                queries=asked.count(one.path),
                custody=custody_of([head.commit for head in one.flag.heads], around.unsent),
            )

    def verify(self, key: FormKey, path: ItemPath, on: bool) -> None:
        """Mark a value as verified, or take the mark back. Raises Refusal, NothingToVerifyError, FlagUnchangedError."""
        gathered = self._gathered
        rights, state, today = gathered.rights(), gathered.state(key), gathered.today
        if on:
            payloads = decisions.verify(rights, gathered.oversight, state, [path], frontier=(), on=today)
        else:
            payloads = (
                decisions.unverify(rights, gathered.oversight, state, path, reason=_TAKEN_BACK, frontier=(), on=today),
            )
        self._seal_flags(payloads, [gathered.compartment(key.form)])

    # -- signatures ------------------------------------------------------------------------------------------

    def signing(self) -> SigningView:
        """Return what awaits this person's signature, what changed since it was signed first."""
        return self._signing.view()

    def sign(self, forms: Sequence[tuple[FormKey, str]], meaning: Meaning, user: str, passphrase: str) -> None:
        """Sign forms in one act, each with the digest that was shown; see `SigningDesk.sign`."""
        self._signing.sign(forms, meaning, user, passphrase)

    def printed(self, subject: SubjectId, visit: VisitKey) -> tuple[PrintedSignature, ...]:
        """Return the signatures on the forms of a visit, as paper shows them."""
        return self._signing.printed(subject, visit)

    # -- held entries ----------------------------------------------------------------------------------------

    def held(self) -> tuple[HeldLine, ...]:
        """Return the entries that are or were held, those that wait first."""
        return self._held.lines()

    def rule(self, commit: CommitId, accept: bool, reason: str) -> None:
        """Accept or decline a held entry. Raises Refusal, NotHeldError, RulingReasonRequiredError."""
        self._held.rule(commit, accept=accept, reason=reason)

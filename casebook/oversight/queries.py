"""Queries: what is asked about a place, whose turn it is, and since when.

A conflict is a query before anybody acts on it: its id is the same on every replica, and the first act on that id
makes it a real one. It is open, and the site's turn, as long as people disagree; choosing is its answer. Whoever
settles it closes it, and it stays among the closed ones with what was said, by whom, and who chose what. Data
management may open it again and ask.

A form that was entered under two numbers of one person is a query too, before anybody acts on it: which of the two
counts. It is answered and closed as any other.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; docs/adr/0013; docs/adr/0024.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from casebook.clock import Moment
from casebook.ids import CommitRef, UserId
from casebook.oversight.acts import Register, Said
from casebook.projection import Casebook, Clash, FormState, Side
from casebook.records import FormKey
from casebook.supervision import QueryAct, QueryPayload, Scope, of_form, of_item


class QueryState(StrEnum):
    """How a query stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who is to act next."""

    SITE = "site"
    DATA_MANAGEMENT = "data_management"
    NOBODY = "nobody"


_LEADS_TO = {
    QueryAct.OPEN: QueryState.OPEN,
    QueryAct.REOPEN: QueryState.OPEN,
    QueryAct.ANSWER: QueryState.ANSWERED,
    QueryAct.CLOSE: QueryState.CLOSED,
}
_ASKING = (QueryState.OPEN, QueryState.ANSWERED, QueryState.CLOSED)
"""What asks most of people first."""
_TURNS = {QueryState.OPEN: Turn.SITE, QueryState.ANSWERED: Turn.DATA_MANAGEMENT, QueryState.CLOSED: Turn.NOBODY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A form of one visit that stands under another number of the same person too. `at`: when both were there."""

    key: FormKey
    number: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query as it stands.

    Attributes:
        history: Every act on it, in causal order; empty for a conflict that nobody acted on.
        disputed: People acted without seeing each other, and differ; the state is what asks most.
        clash: What people disagree about, or disagreed about until it was settled; None of any other query.
        double: Where else the form stands, of a query which of the two counts; None of any other.
    """

    id: str
    target: Scope
    state: QueryState
    history: tuple[Said[QueryPayload], ...] = ()
    heads: tuple[Said[QueryPayload], ...] = ()
    disputed: bool = False
    clash: Clash | None = None
    double: Double | None = None

    @property
    def conflict(self) -> tuple[Side, ...]:
        """The sides that disagree, where the query is about a conflict that still stands."""
        return self.clash.sides if self.clash is not None and not self.clash.settled else ()

    @property
    def settled(self) -> tuple[Side, ...]:
        """By what a conflict was settled, where it was."""
        return self.clash.settled if self.clash is not None else ()

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        return _TURNS[self.state]

    @property
    def is_real(self) -> bool:
        """Whether anybody acted on it; else it is a conflict alone."""
        return bool(self.history)

    @property
    def bases(self) -> tuple[CommitRef, ...]:
        """What the next act has seen."""
        return tuple(sorted(one.ref for one in self.heads))

    @property
    def opened_at(self) -> Moment:
        """When it was raised; of a conflict or a form that stands twice, when the latest of its sides was entered."""
        if self.double is not None:
            return self.double.at
        if self.clash is not None:
            return max((one.moment for one in self.clash.sides), key=lambda moment: moment.utc_ms)
        return self.history[0].moment

    @property
    def since(self) -> Moment:
        """When it came to stand as it does."""
        standing = [one for one in self.heads if _LEADS_TO[one.payload.act] is self.state]
        if standing:
            return standing[-1].moment
        if self.settled and self.state is QueryState.CLOSED:
            return max((one.moment for one in self.settled), key=lambda moment: moment.utc_ms)
        return self.opened_at

    @property
    def raised_by(self) -> UserId | None:
        """Who raised it; None for a conflict or a form that stands twice, which nobody raised."""
        bare = self.clash is not None or self.double is not None
        return self.history[0].author if self.history and not bare else None

    @property
    def text(self) -> str:
        """What is asked, in the words of whoever raised it."""
        return next((one.payload.text for one in self.history if one.payload.text), "")

    @property
    def last_words(self) -> Said[QueryPayload] | None:
        """The latest act that said something."""
        return next((one for one in reversed(self.history) if one.payload.text), None)

    def age(self, now_ms: int) -> timedelta:
        """Return how long ago it was raised; nothing where clocks put that in the future."""
        return timedelta(milliseconds=max(0, now_ms - self.opened_at.utc_ms))


def query_of(query: str, register: Register[QueryPayload]) -> Query | None:
    """Return a query from the acts on it; None where none has effect."""
    if not register.history:
        return None
    states = {_LEADS_TO[one.payload.act] for one in register.heads}
    return Query(
        id=query,
        target=register.history[0].payload.target,
        state=next(one for one in _ASKING if one in states),
        history=register.history,
        heads=register.heads,
        disputed=len(states) > 1,
    )


def conflict_queries(state: FormState) -> Iterator[Query]:
    """Yield a query for each conflict of a form, settled ones too, as if nobody had acted on it."""
    for clash in (*state.clashes, *state.settled):
        standing = QueryState.CLOSED if clash.settled else QueryState.OPEN
        yield Query(id=clash.id, target=of_item(state.key, clash.path), state=standing, clash=clash)


def double_queries(casebook: Casebook) -> Iterator[Query]:
    """Yield a query for each form that stands at one visit under two numbers of the same person, as if bare."""
    for other in casebook.also:
        for key, theirs in other.forms.items():
            mine = casebook.forms.get(replace(key, subject=casebook.subject))
            if mine is None or not mine.contributions or not theirs.contributions:
                continue
            begun = [min((one.moment for one in each.contributions), key=_ms) for each in (mine, theirs)]
            parts = (mine.key.subject, key.subject, key.visit.visit, key.visit.repeat, key.form, key.repeat)
            named = "\0".join(("double", *parts))
            yield Query(
                id=hashlib.sha256(named.encode("utf-8")).hexdigest()[:32],
                target=of_form(mine.key),
                state=QueryState.OPEN,
                double=Double(key=key, number=other.number, at=max(begun, key=_ms)),
            )


def _ms(moment: Moment) -> int:
    return moment.utc_ms


def with_conflicts(real: Mapping[str, Query], casebooks: Iterable[Casebook]) -> tuple[Query, ...]:
    """Return all queries: those that people acted on, conflicts, and forms that stand twice; the oldest first."""
    found = dict(real)
    for casebook in casebooks:
        for state in casebook.forms.values():
            for bare in conflict_queries(state):
                known = real.get(bare.id)
                found[bare.id] = bare if known is None else _with_acts(bare, known)
        for bare in double_queries(casebook):
            known = real.get(bare.id)
            found[bare.id] = bare if known is None else replace(known, target=bare.target, double=bare.double)
    return tuple(sorted(found.values(), key=lambda one: (one.opened_at.utc_ms, one.id)))


def _with_acts(bare: Query, known: Query) -> Query:
    """Return a conflict with what people said of it. Once settled, it opens again only where somebody reopened it."""
    reopened = any(one.payload.act is QueryAct.REOPEN for one in known.history)
    state = known.state if bare.state is QueryState.CLOSED and reopened else bare.state
    return replace(known, target=bare.target, state=state, clash=bare.clash)

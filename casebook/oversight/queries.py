"""Queries: what is asked about a place, whose turn it is, and since when.

A conflict is a query before anybody acts on it: its id is the same on every replica, and the first act on that id
makes it a real one. It is not closed as long as the entries disagree.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; docs/adr/0013.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from casebook.clock import Moment
from casebook.ids import CommitRef, UserId
from casebook.oversight.acts import Register, Said
from casebook.projection import Casebook, Entry, FormState, conflict_id
from casebook.supervision import QueryAct, QueryPayload, Scope, of_item


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
class Query:
    """A query as it stands.

    Attributes:
        history: Every act on it, in causal order; empty for a conflict that nobody acted on.
        disputed: People acted without seeing each other, and differ; the state is what asks most.
        conflict: The entries that disagree, where the query is about a conflict that still stands.
    """

    id: str
    target: Scope
    state: QueryState
    history: tuple[Said[QueryPayload], ...] = ()
    heads: tuple[Said[QueryPayload], ...] = ()
    disputed: bool = False
    conflict: tuple[Entry, ...] = ()

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
        """When it was raised; of a conflict, when the latest of the entries was made."""
        if self.history:
            return self.history[0].moment
        return max((one.moment for one in self.conflict), key=lambda moment: moment.utc_ms)

    @property
    def since(self) -> Moment:
        """When it came to stand as it does."""
        standing = [one for one in self.heads if _LEADS_TO[one.payload.act] is self.state]
        return standing[-1].moment if standing else self.opened_at

    @property
    def raised_by(self) -> UserId | None:
        """Who raised it; None for a conflict alone."""
        return self.history[0].author if self.history else None

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
    """Yield a query for each conflict of a form, as if nobody had acted on it."""
    for path in state.conflicts:
        heads = state.items[path].heads
        name = conflict_id(state.key, path, heads)
        yield Query(id=name, target=of_item(state.key, path), state=QueryState.OPEN, conflict=heads)


def with_conflicts(real: Mapping[str, Query], casebooks: Iterable[Casebook]) -> tuple[Query, ...]:
    """Return all queries: those that people acted on, and the conflicts of casebooks; the oldest first."""
    found = dict(real)
    for casebook in casebooks:
        for state in casebook.forms.values():
            for bare in conflict_queries(state):
                known = real.get(bare.id)
                found[bare.id] = bare if known is None else _standing(known, bare)
    return tuple(sorted(found.values(), key=lambda one: (one.opened_at.utc_ms, one.id)))


def _standing(known: Query, bare: Query) -> Query:
    state = QueryState.OPEN if known.state is QueryState.CLOSED else known.state
    return replace(known, state=state, conflict=bare.conflict)

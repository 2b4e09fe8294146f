"""All that is said over entries, from commits; asked about queries, flags and signatures of places.

It may hold one subject, or a whole site: what is asked about one form looks at scopes that cover it alone. Give
it the commits of the subject, and those of kind `flag` that are about no subject (the site, the study).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from casebook.apart import entered_apart
from casebook.contributions import Contribution
from casebook.design import Form
from casebook.ids import CommitId, UserId
from casebook.ledger import SealedCommit
from casebook.oversight.acts import Said, act_in, mark_of, register_of, said
from casebook.oversight.flags import FlagState, ItemVerification, Verification, flag_of, to_verify, verification_of
from casebook.oversight.queries import Query, query_of, with_conflicts
from casebook.oversight.signatures import (
    FormSignature,
    SignState,
    signatures_of,
    state_of,
    to_sign_again,
)
from casebook.projection import Casebook, FormState
from casebook.records import FormKey, ItemPath
from casebook.signed_content import content_digests
from casebook.supervision import (
    ChainMark,
    Flag,
    FlagPayload,
    Frontier,
    Level,
    Meaning,
    QueryPayload,
    Scope,
    SignPayload,
    frontier_of,
    is_inside,
    of_item,
)

_WIDTH = {level: place for place, level in enumerate(Level)}


class Verified(StrEnum):
    """How much of what is to be verified in a form is."""

    NOTHING = "nothing"
    """Nothing in it is to be verified."""
    NONE = "none"
    PART = "part"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFlags:
    """The flags of a form instance, independent of each other.

    Attributes:
        verification: What is to be verified, item by item.
        frozen, locked: The widest scope that freezes or locks it; None where nothing does.
        disputed: Flags over it of which people differ without having seen each other.
        signatures: Oldest first.
        sign_again: Who signed and has to sign again, with which meaning.
    """

    key: FormKey
    complete: bool = False
    verification: tuple[ItemVerification, ...] = ()
    frozen: FlagState | None = None
    locked: FlagState | None = None
    disputed: tuple[FlagState, ...] = ()
    signatures: tuple[FormSignature, ...] = ()
    sign_again: tuple[tuple[UserId, Meaning], ...] = ()
    held: int = 0
    """Entries that wait for a decision of data management, or were declined."""

    @property
    def verified(self) -> Verified:
        """How much of what is to be verified is."""
        done = sum(1 for one in self.verification if one.state is Verification.VERIFIED)
        if not self.verification:
            return Verified.NOTHING
        if not done:
            return Verified.NONE
        return Verified.ALL if done == len(self.verification) else Verified.PART

    @property
    def changed_since_verified(self) -> bool:
        """Whether an item was verified and has another entry since."""
        return any(one.state is Verification.CHANGED for one in self.verification)

    @property
    def signed(self) -> SignState:
        """How it stands towards its signatures."""
        return state_of(self.signatures)

    @property
    def changed_since_signed(self) -> bool:
        """Whether it was signed and its content is another since."""
        return self.signed is SignState.CHANGED

    @property
    def is_closed(self) -> bool:
        """Whether nothing may be entered."""
        return self.frozen is not None or self.locked is not None


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """Queries, flags and signatures from a set of commits.

    Attributes:
        asked, flagged, signing: Every act by commit, held ones too.
        held: Commits that a verdict holds; acts among them have no effect.
        frontier: How far along each chain the commits go that this was made of.
    """

    asked: Mapping[CommitId, Said[QueryPayload]] = field(default_factory=dict)
    flagged: Mapping[CommitId, Said[FlagPayload]] = field(default_factory=dict)
    signing: Mapping[CommitId, Said[SignPayload]] = field(default_factory=dict)
    held: frozenset[CommitId] = frozenset()
    frontier: Frontier = ()

    @classmethod
    def of(
        cls,
        commits: Iterable[SealedCommit],
        identity_key: bytes | None = None,
        held: frozenset[CommitId] = frozenset(),
    ) -> "Oversight":
        """Read commits in any order, with any repeats; kinds that say nothing over entries count for the frontier."""
        asked: dict[CommitId, Said[QueryPayload]] = {}
        flagged: dict[CommitId, Said[FlagPayload]] = {}
        signing: dict[CommitId, Said[SignPayload]] = {}
        marks = []
        for commit in commits:
            marks.append(mark_of(commit.parsed))
            match act_in(commit, identity_key):
                case QueryPayload() as query:
                    asked[commit.id] = said(commit, query)
                case FlagPayload() as flag:
                    flagged[commit.id] = said(commit, flag)
                case SignPayload() as signature:
                    signing[commit.id] = said(commit, signature)
                case None:
                    pass
        return cls(asked=asked, flagged=flagged, signing=signing, held=held, frontier=frontier_of(marks))

    def plus(self, commit: SealedCommit, identity_key: bytes | None = None) -> "Oversight":
        """Return the same with one more commit."""
        one = Oversight.of([commit], identity_key)
        return replace(
            self,
            asked={**self.asked, **one.asked},
            flagged={**self.flagged, **one.flagged},
            signing={**self.signing, **one.signing},
            frontier=frontier_of((*self.frontier, *one.frontier)),
        )

    def with_held(self, held: frozenset[CommitId]) -> "Oversight":
        """Return the same with other commits held."""
        return replace(self, held=held)

    # -- queries --

    @cached_property
    def _queries(self) -> dict[str, Query]:
        acts: dict[str, list[Said[QueryPayload]]] = {}
        for one in self.asked.values():
            acts.setdefault(one.payload.query, []).append(one)
        found = {name: query_of(name, register_of(on_it, self.held)) for name, on_it in acts.items()}
        return {name: query for name, query in found.items() if query is not None}

    def queries(self, casebooks: Iterable[Casebook] = ()) -> tuple[Query, ...]:
        """Return the queries, the oldest first.

        Args:
            casebooks: Casebooks whose conflicts are asked about too, also where nobody acted on them yet.
        """
        return with_conflicts(self._queries, casebooks)

    def query(self, query: str, casebooks: Iterable[Casebook] = ()) -> Query | None:
        """Return a query by its id, or None."""
        return next((one for one in self.queries(casebooks) if one.id == query), None)

    # -- flags --

    @cached_property
    def _flags(self) -> dict[tuple[Flag, Scope], FlagState]:
        acts: dict[tuple[Flag, Scope], list[Said[FlagPayload]]] = {}
        for one in self.flagged.values():
            acts.setdefault((one.payload.flag, one.payload.scope), []).append(one)
        return {place: flag_of(*place, register_of(on_it, self.held)) for place, on_it in acts.items()}

    def flag(self, flag: Flag, scope: Scope) -> FlagState:
        """Return a flag as it stands at exactly one scope; off where nobody ever acted."""
        return self._flags.get((flag, scope)) or FlagState(flag=flag, scope=scope, on=False)

    @cached_property
    def flags(self) -> tuple[FlagState, ...]:
        """Every flag that anybody acted on, the widest scopes first."""
        return tuple(
            sorted(self._flags.values(), key=lambda one: (_WIDTH[one.scope.level], one.flag, str(one.scope.to_list())))
        )

    def over(self, flag: Flag, key: FormKey | None, site: str) -> tuple[FlagState, ...]:
        """Return where a flag stands over a form, the widest scope first; without a form, over the site's all."""
        return tuple(one for one in self.flags if one.flag is flag and one.on and one.scope.covers(key, site))

    def verification(self, state: FormState, path: ItemPath) -> ItemVerification:
        """Return how an item stands against its source. Raises KeyError where nothing was entered."""
        return verification_of(state, path, self.flag(Flag.VERIFIED, of_item(state.key, path)))

    # -- signatures --

    @cached_property
    def signed(self) -> tuple[Said[SignPayload], ...]:
        """Every signature that has effect, by commit."""
        return tuple(self.signing[commit] for commit in sorted(self.signing) if commit not in self.held)

    def is_signed_without(self, key: FormKey, mark: ChainMark) -> bool:
        """Tell whether somebody signed a form and had not seen a commit."""
        return any(
            form.key == key and not is_inside(mark, one.payload.frontier)
            for one in self.signed
            for form in one.payload.forms
        )

    def entered_apart(self, state: FormState) -> tuple[Contribution, ...]:
        """Return the saves of a form that did not see each other, and that no signer has looked through."""
        signed = [
            one.payload.frontier for one in self.signed if any(form.key == state.key for form in one.payload.forms)
        ]
        return entered_apart(state.contributions, state.held, signed)

    def signatures(
        self, state: FormState, compartments: Iterable[str], identity_key: bytes | None = None
    ) -> tuple[FormSignature, ...]:
        """Return the signatures on a form; `compartments`: those that the reader opens (`readable`)."""
        mine = [one for one in self.signed if any(form.key == state.key for form in one.payload.forms)]
        return signatures_of(state.key, mine, content_digests(state, compartments, identity_key)) if mine else ()

    # -- a form --

    def of_form(
        self,
        state: FormState,
        form: Form | None,
        *,
        site: str,
        compartments: Iterable[str],
        identity_key: bytes | None = None,
    ) -> FormFlags:
        """Return the flags of a form instance.

        Args:
            form: Its definition; None where this version of the study has none.
            site: The subject's site.
            compartments: Those that the reader opens (`readable`).
            identity_key: Needed where sealed compartments are among them.
        """
        frozen, locked = (self.over(flag, state.key, site) for flag in (Flag.FROZEN, Flag.LOCKED))
        paths = to_verify(form, state) if form is not None else ()
        verification = tuple(self.verification(state, path) for path in paths)
        signatures = self.signatures(state, compartments, identity_key)
        disputed = [one for one in (*frozen, *locked, *(one.flag for one in verification)) if one.disputed]
        return FormFlags(
            key=state.key,
            complete=state.complete,
            verification=verification,
            frozen=frozen[0] if frozen else None,
            locked=locked[0] if locked else None,
            disputed=tuple(disputed),
            signatures=signatures,
            sign_again=to_sign_again(signatures),
            held=len(state.held),
        )


NO_OVERSIGHT = Oversight()

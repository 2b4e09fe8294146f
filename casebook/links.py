"""One person, two subjects: what is proposed, what two people agreed on, and whose casebook shows whose forms.

A link is proposed at the site and confirmed by somebody of data management, who is another person; until then it
changes nothing. It is ended in the same way. Whoever declines stops it. What counts is a function of the set of
acts: order of arrival, repeats and clocks do not matter.

Links that contradict each other have no effect, and are told as a question: two that bring one subject into
different casebooks, and those that lead in a circle. A chain is none: A in B and B in C shows both in C.

Source: docs/record_format.md, section "One person, two numbers"; docs/adr/0028.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from casebook.clock import Moment
from casebook.errors import (
    BothRandomisedError,
    CommitUnreadableError,
    LinkChangedError,
    LinkedAlreadyError,
    LinkReasonRequiredError,
    LinkSecondPersonError,
    LinkSitesDifferError,
    LinkWayRoundError,
    NumberUniqueError,
    SealedAwayError,
)
from casebook.ids import CommitId, SubjectId, UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.payloads import read
from casebook.projection import Casebook
from casebook.rights import Rights
from casebook.subject_acts import LINK, LinkAct, LinkPayload, NumberPayload

PROPOSES, CONFIRMS = "sign_off", "adjudicate"
"""The right of whoever proposes, and of the second person."""
May = Callable[[UserId, str], bool]
"""Whether a person has a right, by role."""


class LinkState(StrEnum):
    """How a link stands."""

    PROPOSED = "proposed"
    STANDS = "stands"
    ENDING = "ending"
    ENDED = "ended"
    DECLINED = "declined"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSaid:
    """An act with who did it and when. `words`: its reason as this session reads it."""

    commit: CommitId
    author: UserId
    moment: Moment
    payload: LinkPayload
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as it stands.

    Attributes:
        proposed: The act that proposes it; of two that say the same, the one with the lesser commit id.
        answers: What was said to it, by commit: who confirmed or declined.
        ending: The proposals to end it that nobody declined; `end_answers`: what was said to them.
    """

    source: SubjectId
    target: SubjectId
    state: LinkState
    proposed: LinkSaid
    answers: tuple[LinkSaid, ...] = ()
    ending: tuple[LinkSaid, ...] = ()
    end_answers: tuple[LinkSaid, ...] = ()

    @property
    def has_effect(self) -> bool:
        """Whether the forms of `source` are shown under `target`."""
        return self.state in {LinkState.STANDS, LinkState.ENDING}

    @property
    def waits_for_second(self) -> bool:
        """Whether somebody of data management has to answer."""
        ends = self.state is LinkState.CONTRADICTED and bool(self.ending)
        return ends or self.state in {LinkState.PROPOSED, LinkState.ENDING}

    @property
    def pair(self) -> frozenset[SubjectId]:
        """The two subjects."""
        return frozenset({self.source, self.target})


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Everything that was said of who is the same person.

    Attributes:
        links: Every link that was ever proposed, by its act.
        apart: Pairs of whom somebody said that they are two persons, each with who said so.
        into: In whose casebook a subject is shown, to the end of a chain.
    """

    links: tuple[Link, ...] = ()
    apart: Mapping[frozenset[SubjectId], LinkSaid] = field(default_factory=dict)
    into: Mapping[SubjectId, SubjectId] = field(default_factory=dict)

    @classmethod
    def of(cls, commits: Iterable[SealedCommit], *, may: May, held: frozenset[CommitId] = frozenset()) -> "Links":
        """Read acts in any order, with any repeats; other kinds are passed over.

        Args:
            may: Whether a person may propose (`PROPOSES`) or be the second person (`CONFIRMS`); acts of others, and of
                one person alone, have no effect.
            held: Commits that a verdict holds.
        """
        acts = _acts(commits, may, held)
        proposals = [one for one in acts if one.payload.act is LinkAct.LINK]
        found = [_link(one, acts, may) for one in proposals]
        wrong, into = _resolved([one for one in found if one.has_effect])
        links = [
            replace(one, state=LinkState.CONTRADICTED) if one.has_effect and one.source in wrong else one
            for one in found
        ]
        return cls(
            links=tuple(sorted(links, key=lambda one: (one.proposed.moment.utc_ms, one.proposed.commit))),
            apart={
                frozenset({one.payload.source, one.payload.target}): one
                for one in reversed(acts)
                if one.payload.act is LinkAct.APART
            },
            into=into,
        )

    def shown_in(self, subject: SubjectId) -> tuple[SubjectId, ...]:
        """Return the subjects whose forms a casebook shows beside its own."""
        return tuple(sorted(one for one, root in self.into.items() if root == subject))

    def of_pair(self, one: SubjectId, other: SubjectId) -> Link | None:
        """Return the latest link of two subjects that matters still; None where there is none."""
        pair = frozenset({one, other})
        order = (LinkState.CONTRADICTED, LinkState.ENDING, LinkState.STANDS, LinkState.PROPOSED)
        found = [link for link in self.links if link.pair == pair and link.state in order]
        return min(found, key=lambda link: (order.index(link.state), link.proposed.commit), default=None)

    @property
    def open(self) -> tuple[Link, ...]:
        """What waits for the second person, or contradicts something."""
        return tuple(one for one in self.links if one.waits_for_second or one.state is LinkState.CONTRADICTED)


NO_LINKS = Links()


def _acts(commits: Iterable[SealedCommit], may: May, held: frozenset[CommitId]) -> list[LinkSaid]:
    """Return the acts that have effect, by commit, each with its reason in the words that are readable here."""
    read_here = {one.id: (one, payload) for one in commits if (payload := _payload(one)) is not None}
    words = {
        (payload.mark, commit.parsed.author): payload.reason
        for commit, payload in read_here.values()
        if payload.act is LinkAct.WORDS
    }
    found = []
    for identity in sorted(read_here):
        commit, payload = read_here[identity]
        author = commit.parsed.author
        proposes = payload.act in {LinkAct.LINK, LinkAct.UNLINK, LinkAct.APART}
        own = payload.act is LinkAct.DECLINE and may(author, PROPOSES)
        if identity in held or payload.act is LinkAct.WORDS:
            continue
        if may(author, PROPOSES if proposes else CONFIRMS) or own:
            said = words.get((payload.mark, author), payload.reason)
            found.append(
                LinkSaid(commit=identity, author=author, moment=commit.parsed.moment, payload=payload, words=said)
            )
    return found


def _payload(commit: SealedCommit) -> LinkPayload | None:
    if commit.parsed.kind != LINK:
        return None
    try:
        payload = read(commit)
    except (CommitUnreadableError, SealedAwayError):
        return None  # counted where commits that cannot be read are counted
    return payload if isinstance(payload, LinkPayload) else None


def _answers(said: LinkSaid, acts: Iterable[LinkSaid], may: May) -> tuple[LinkSaid, ...]:
    """Return what counts as an answer: of a second person; or whoever proposed takes it back."""
    found = []
    for one in acts:
        same = {one.payload.source, one.payload.target} == {said.payload.source, said.payload.target}
        if not same or said.commit not in one.payload.about:
            continue
        second = one.author != said.author and may(one.author, CONFIRMS)
        taken_back = one.author == said.author and one.payload.act is LinkAct.DECLINE
        if one.payload.act in {LinkAct.CONFIRM, LinkAct.DECLINE} and (second or taken_back):
            found.append(one)
    return tuple(found)


def _outcome(answers: Iterable[LinkSaid]) -> bool | None:
    """Return whether it was agreed on; whoever declines stops it, None while nobody answered."""
    said = {one.payload.act for one in answers}
    return False if LinkAct.DECLINE in said else True if LinkAct.CONFIRM in said else None


def _link(proposed: LinkSaid, acts: list[LinkSaid], may: May) -> Link:
    answers = _answers(proposed, acts, may)
    ends = [one for one in acts if one.payload.act is LinkAct.UNLINK and proposed.commit in one.payload.about]
    outcomes = {one.commit: (_outcome(found), found) for one in ends for found in (_answers(one, acts, may),)}
    match _outcome(answers):
        case None:
            state = LinkState.PROPOSED
        case False:
            state = LinkState.DECLINED
        case True if any(outcome is True for outcome, _ in outcomes.values()):
            state = LinkState.ENDED
        case _:
            state = LinkState.ENDING if any(outcome is None for outcome, _ in outcomes.values()) else LinkState.STANDS
    return Link(
        source=proposed.payload.source,
        target=proposed.payload.target,
        state=state,
        proposed=proposed,
        answers=answers,
        ending=tuple(one for one in ends if outcomes[one.commit][0] is not False),
        end_answers=tuple(answer for _, found in outcomes.values() for answer in found),
    )


def _resolved(standing: Iterable[Link]) -> tuple[frozenset[SubjectId], dict[SubjectId, SubjectId]]:
    """Return the subjects whose links contradict each other, and where each of the others is shown."""
    targets: dict[SubjectId, set[SubjectId]] = {}
    for one in standing:
        targets.setdefault(one.source, set()).add(one.target)
    single = {source: next(iter(found)) for source, found in targets.items() if len(found) == 1}
    wrong = {source for source in targets if source not in single}
    for source in single:
        at, seen = source, {source}
        while at in single and single[at] not in seen:
            at = single[at]
            seen.add(at)
        if single.get(at) == source:
            wrong |= seen
    into: dict[SubjectId, SubjectId] = {}
    for source in single.keys() - wrong:
        root = single[source]
        while root in single and root not in wrong:
            root = single[root]
        into[source] = root
    return frozenset(wrong), into


def joined(casebook: Casebook, links: Links, casebook_of: Callable[[SubjectId], Casebook]) -> Casebook:
    """Return a casebook with those of subjects that are the same person.

    Args:
        casebook_of: Another subject's own casebook.
    """
    parts = [casebook_of(one) for one in links.shown_in(casebook.subject)]
    into = links.into.get(casebook.subject, "")
    if not parts and not into:
        return casebook
    also = tuple(
        replace(one, into=casebook.subject) for one in sorted(parts, key=lambda one: (one.number, one.subject))
    )
    return replace(casebook, into=into, also=also)


# -- what may be said -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Two subjects as whoever acts on them sees them. `randomised`: those of whom that is known here."""

    source: Casebook
    target: Casebook
    randomised: frozenset[SubjectId]

    def refuse(self) -> None:
        """Refuse what no link can join.

        Raises:
            LinkSitesDifferError, BothRandomisedError, LinkWayRoundError: They are of two sites, or randomised.
        """
        numbers = {"source": self.source.number, "target": self.target.number}
        if self.source.site != self.target.site:
            raise LinkSitesDifferError(**numbers)
        if self.source.subject in self.randomised:
            if self.target.subject in self.randomised:
                raise BothRandomisedError(**numbers)
            raise LinkWayRoundError(**numbers)


def propose(rights: Rights, links: Links, two: Two, *, reason: str, mark: str, on: date) -> LinkPayload:
    """Propose that two subjects are one person.

    Args:
        mark: 16 fresh characters.
        on: Today, by the site's wall clock.

    Raises:
        Refusal: The person may not.
        LinkedAlreadyError: One of them is shown in another casebook already, or this is proposed.
        LinkSitesDifferError, BothRandomisedError, LinkWayRoundError: See `Two.refuse`.
        LinkReasonRequiredError: No reason was given.
    """
    rights.require(PROPOSES, on=on)
    source, target = two.source.subject, two.target.subject
    if links.of_pair(source, target) is not None or source in links.into or target in links.into:
        raise LinkedAlreadyError(source=two.source.number, target=two.target.number)
    two.refuse()
    return LinkPayload(act=LinkAct.LINK, source=source, target=target, reason=_words(reason), mark=mark)


def keep_apart(rights: Rights, links: Links, two: Two, *, reason: str, mark: str, on: date) -> LinkPayload:
    """Say that two subjects are two persons; they are not offered again.

    Raises:
        Refusal: The person may not.
        LinkedAlreadyError: They are linked, or that is proposed: it is answered or ended first.
        LinkReasonRequiredError: No reason was given.
    """
    rights.require(PROPOSES, on=on)
    source, target = two.source.subject, two.target.subject
    if links.of_pair(source, target) is not None:
        raise LinkedAlreadyError(source=two.source.number, target=two.target.number)
    return LinkPayload(act=LinkAct.APART, source=source, target=target, reason=_words(reason), mark=mark)


def end(rights: Rights, links: Links, link: Link, *, reason: str, mark: str, on: date) -> LinkPayload:
    """Propose to end a link, with all that say the same.

    Raises:
        Refusal: The person may not.
        LinkChangedError: It does not stand, or its end is proposed.
        LinkReasonRequiredError: No reason was given.
    """
    rights.require(PROPOSES, on=on)
    if link.waits_for_second or link.state not in {LinkState.STANDS, LinkState.CONTRADICTED}:
        raise LinkChangedError
    about = tuple(
        sorted(
            one.proposed.commit
            for one in links.links
            if (one.source, one.target) == (link.source, link.target) and one.state is link.state
        )
    )
    return LinkPayload(
        act=LinkAct.UNLINK, source=link.source, target=link.target, reason=_words(reason), about=about, mark=mark
    )


def answer(rights: Rights, link: Link, two: Two, *, agree: bool, reason: str, mark: str, on: date) -> LinkPayload:
    """Confirm or decline what was proposed of a link, as the second person; or take back what one proposed oneself.

    Raises:
        Refusal: The person may not.
        LinkSecondPersonError: Whoever proposed it cannot confirm it.
        LinkChangedError: Nothing waits for an answer.
        LinkSitesDifferError, BothRandomisedError, LinkWayRoundError: See `Two.refuse`; it can only be declined.
        LinkReasonRequiredError: It is declined without a reason.
    """
    if not link.waits_for_second:
        raise LinkChangedError
    waiting = (link.proposed,) if link.state is LinkState.PROPOSED else link.ending
    me = rights.member.user
    mine = [one for one in waiting if one.author == me]
    if agree or not mine:
        rights.require(CONFIRMS, on=on)
    if agree and len(mine) == len(waiting):
        raise LinkSecondPersonError(person=rights.member.name)
    if agree and link.state is LinkState.PROPOSED:
        two.refuse()
    return LinkPayload(
        act=LinkAct.CONFIRM if agree else LinkAct.DECLINE,
        source=link.source,
        target=link.target,
        reason=reason.strip() if agree else _words(reason),
        about=tuple(sorted(one.commit for one in waiting)),
        mark=mark,
    )


def renumber(
    rights: Rights, casebook: Casebook, others: Iterable[Casebook], *, number: str, reason: str, on: date
) -> NumberPayload:
    """Give another number to a subject whose number was given twice.

    Args:
        others: The other casebooks of the site.
        number: The next number of the laptop at which this is done.

    Raises:
        Refusal: The person may not.
        NumberUniqueError: Nobody else has the number.
        LinkReasonRequiredError: No reason was given.
    """
    rights.require(CONFIRMS, on=on)
    if not any(one.number == casebook.number and one.subject != casebook.subject for one in others):
        raise NumberUniqueError(number=casebook.number)
    refs = {ref_of(one): given for one, given in casebook.numbers.items()}
    superseded = {base for given in refs.values() for base in given.bases}
    bases = tuple(sorted(refs.keys() - superseded))
    return NumberPayload(subject=casebook.subject, number=number, reason=_words(reason), bases=bases)


def _words(reason: str) -> str:
    if not reason.strip():
        raise LinkReasonRequiredError
    return reason.strip()

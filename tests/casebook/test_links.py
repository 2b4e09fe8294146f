"""One person, two numbers: links are a function of the set of acts, take two people, and never run in a circle."""

import itertools
import random

import pytest

from casebook.errors import CommitUnreadableError
from casebook.ids import SubjectId, UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.links import Links, LinkState, joined
from casebook.payloads import Payload, read, subject_of
from casebook.projection import evolve, project
from casebook.subject_acts import LinkAct, LinkPayload, NumberPayload

from .commits import Laptop

RIGHTS = {
    "pi": frozenset({"sign_off"}),
    "dm.a": frozenset({"adjudicate"}),
    "dm.b": frozenset({"adjudicate", "sign_off"}),
    "nurse": frozenset[str](),
}
MARK = "m" * 16


def may(user: UserId, right: str) -> bool:
    return right in RIGHTS[user]


class People:
    """Each with a laptop of their own, and the acts that they sealed."""

    def __init__(self) -> None:
        self.laptops = {user: Laptop(number, author=user) for number, user in enumerate(RIGHTS, start=1)}
        self.acts: list[SealedCommit] = []
        self.subjects = [self.laptops["pi"].add_subject(f"001-A00{number}") for number in (1, 2, 3)]
        self.a, self.b, self.c = (subject for subject, _ in self.subjects)

    def says(self, user: str, act: LinkAct, source: SubjectId, target: SubjectId, *about: SealedCommit) -> SealedCommit:
        payload = LinkPayload(
            act=act, source=source, target=target, reason="r", about=tuple(one.id for one in about), mark=MARK
        )
        sealed = self.laptops[user].seal(payload)
        self.acts.append(sealed)
        return sealed

    def links(self, source: SubjectId, target: SubjectId) -> SealedCommit:
        """Link two subjects by the site and data management."""
        proposed = self.says("pi", LinkAct.LINK, source, target)
        self.says("dm.a", LinkAct.CONFIRM, source, target, proposed)
        return proposed

    @property
    def standing(self) -> Links:
        return Links.of(self.acts, may=may)

    def states(self) -> list[LinkState]:
        return [one.state for one in self.standing.links]


def test_a_link_counts_once_a_second_person_confirms_it() -> None:
    people = People()
    proposed = people.says("pi", LinkAct.LINK, people.a, people.b)
    assert (people.states(), dict(people.standing.into)) == ([LinkState.PROPOSED], {})
    people.says("dm.a", LinkAct.CONFIRM, people.a, people.b, proposed)
    assert (people.states(), dict(people.standing.into)) == ([LinkState.STANDS], {people.a: people.b})
    assert people.standing.shown_in(people.b) == (people.a,)


@pytest.mark.parametrize(
    ("proposer", "answerer"),
    [("nurse", "dm.a"), ("dm.a", "dm.b"), ("pi", "nurse"), ("pi", "pi"), ("dm.b", "dm.b")],
    ids=["no right to propose", "data management proposes", "no right to confirm", "the same person", "both rights"],
)
def test_nobody_links_alone_or_without_the_right(proposer: str, answerer: str) -> None:
    people = People()
    proposed = people.says(proposer, LinkAct.LINK, people.a, people.b)
    people.says(answerer, LinkAct.CONFIRM, people.a, people.b, proposed)
    assert not people.standing.into


def test_whoever_declines_stops_it_also_beside_a_confirmation() -> None:
    people = People()
    proposed = people.links(people.a, people.b)
    people.says("dm.b", LinkAct.DECLINE, people.a, people.b, proposed)
    assert (people.states(), dict(people.standing.into)) == ([LinkState.DECLINED], {})


def test_what_was_proposed_can_be_taken_back_by_whoever_did() -> None:
    people = People()
    proposed = people.says("pi", LinkAct.LINK, people.a, people.b)
    people.says("nurse", LinkAct.DECLINE, people.a, people.b, proposed)
    assert people.states() == [LinkState.PROPOSED]
    people.says("pi", LinkAct.DECLINE, people.a, people.b, proposed)
    assert people.states() == [LinkState.DECLINED]


def test_an_answer_to_other_subjects_is_none() -> None:
    people = People()
    proposed = people.says("pi", LinkAct.LINK, people.a, people.b)
    people.says("dm.a", LinkAct.CONFIRM, people.a, people.c, proposed)
    assert people.states() == [LinkState.PROPOSED]


def test_the_end_of_a_link_takes_two_people_too() -> None:
    people = People()
    link = people.links(people.a, people.b)
    end = people.says("pi", LinkAct.UNLINK, people.a, people.b, link)
    assert (people.states(), people.standing.into) == ([LinkState.ENDING], {people.a: people.b})
    people.says("dm.a", LinkAct.CONFIRM, people.a, people.b, end)
    assert (people.states(), dict(people.standing.into)) == ([LinkState.ENDED], {})


def test_an_end_that_is_declined_leaves_the_link() -> None:
    people = People()
    link = people.links(people.a, people.b)
    end = people.says("pi", LinkAct.UNLINK, people.a, people.b, link)
    people.says("dm.a", LinkAct.DECLINE, people.a, people.b, end)
    assert (people.states(), people.standing.into) == ([LinkState.STANDS], {people.a: people.b})


def test_a_chain_is_shown_at_its_end() -> None:
    people = People()
    people.links(people.a, people.b)
    people.links(people.b, people.c)
    assert people.standing.into == {people.a: people.c, people.b: people.c}


@pytest.mark.parametrize("circle", [(("a", "b"), ("b", "a")), (("a", "b"), ("b", "c"), ("c", "a"))])
def test_links_in_a_circle_have_no_effect_and_ask(circle: tuple[tuple[str, str], ...]) -> None:
    people = People()
    for source, target in circle:
        people.links(getattr(people, source), getattr(people, target))
    assert set(people.states()) == {LinkState.CONTRADICTED}
    assert not people.standing.into
    assert len(people.standing.open) == len(circle)


def test_a_subject_in_two_casebooks_is_in_neither() -> None:
    people = People()
    people.links(people.a, people.b)
    people.links(people.a, people.c)
    assert people.states() == [LinkState.CONTRADICTED] * 2
    assert not people.standing.into


def test_what_points_at_a_circle_is_shown_where_it_points() -> None:
    people = People()
    people.links(people.a, people.b)
    people.links(people.b, people.a)
    people.links(people.c, people.a)
    assert people.standing.into == {people.c: people.a}


def test_the_end_of_one_link_resolves_a_contradiction() -> None:
    people = People()
    people.links(people.a, people.b)
    wrong = people.links(people.b, people.a)
    end = people.says("pi", LinkAct.UNLINK, people.b, people.a, wrong)
    people.says("dm.a", LinkAct.CONFIRM, people.b, people.a, end)
    assert people.standing.into == {people.a: people.b}


def test_a_pair_that_is_kept_apart_is_told_of_both_ways() -> None:
    people = People()
    people.says("nurse", LinkAct.APART, people.a, people.c)
    people.says("pi", LinkAct.APART, people.b, people.a)
    assert set(people.standing.apart) == {frozenset({people.a, people.b})}


def test_held_acts_have_no_effect() -> None:
    people = People()
    link = people.links(people.a, people.b)
    assert not Links.of(people.acts, may=may, held=frozenset({link.id})).into
    confirmed = people.acts[-1]
    assert not Links.of(people.acts, may=may, held=frozenset({confirmed.id})).into


def test_words_that_lie_apart_are_read_where_they_are() -> None:
    people = People()
    people.links(people.a, people.b)
    words = LinkPayload(act=LinkAct.WORDS, source=people.a, target=people.b, reason="the long story", mark=MARK)
    people.acts.append(people.laptops["pi"].seal(words))
    assert people.standing.links[0].proposed.words == "the long story"
    without = Links.of(people.acts[:-1], may=may)
    assert without.links[0].proposed.words == "r"
    assert without.into == people.standing.into


def test_order_and_repeats_do_not_matter() -> None:
    people = People()
    a, b, c = people.a, people.b, people.c
    link = people.links(a, b)
    end = people.says("pi", LinkAct.UNLINK, a, b, link)
    people.says("dm.a", LinkAct.CONFIRM, a, b, end)
    people.links(b, c)
    people.links(c, a)
    people.says("pi", LinkAct.APART, a, c)
    expected = people.standing
    for seed in range(40):
        shuffled = [*people.acts, *people.acts[:3]]
        random.Random(seed).shuffle(shuffled)
        assert Links.of(shuffled, may=may) == expected


def test_no_set_of_links_among_three_subjects_makes_a_circle() -> None:
    pairs = list(itertools.permutations(range(3), 2))
    for size in range(1, 5):
        for chosen in itertools.combinations(pairs, size):
            people = People()
            everyone = (people.a, people.b, people.c)
            for source, target in chosen:
                people.links(everyone[source], everyone[target])
            into = people.standing.into
            assert all(root not in into for root in into.values())


# -- the casebook ---------------------------------------------------------------------------------------


def test_a_casebook_shows_the_others_beside_its_own_and_moves_nothing() -> None:
    people = People()
    people.links(people.a, people.b)
    own = {subject: project(subject, [commit]) for subject, commit in people.subjects}
    shown = joined(own[people.b], people.standing, own.__getitem__)
    assert [(one.subject, one.number, one.into) for one in shown.also] == [(people.a, own[people.a].number, people.b)]
    assert (shown.forms, shown.commits) == (own[people.b].forms, own[people.b].commits)
    assert joined(own[people.a], people.standing, own.__getitem__).into == people.b
    assert joined(own[people.c], people.standing, own.__getitem__) is own[people.c]


def numbered(people: People, *numbers: tuple[str, tuple[SealedCommit, ...]]) -> list[SealedCommit]:
    subject, commit = people.subjects[0]
    commits = [commit]
    for number, bases in numbers:
        refs = tuple(ref_of(one.id) for one in bases or (commits[-1],))
        payload = NumberPayload(subject=subject, number=number, reason="given twice", bases=refs)
        commits.append(people.laptops["dm.a"].seal(payload))
    return commits


def test_a_new_number_stands_and_the_earlier_one_stays_beside_it() -> None:
    people = People()
    commits = numbered(people, ("001-B007", ()), ("001-B008", ()))
    first = project(people.a, commits[:1]).number
    for order in itertools.permutations(commits):
        casebook = project(people.a, order)
        assert (casebook.number, casebook.earlier_numbers) == ("001-B008", (first, "001-B007"))
        grown = project(people.a, order[:1])
        for one in order[1:]:
            grown = evolve(grown, one)
        assert (grown.number, grown.earlier_numbers) == (casebook.number, casebook.earlier_numbers)
    held = project(people.a, commits, held=frozenset({commits[2].id}))
    assert (held.number, held.earlier_numbers) == ("001-B007", (first,))


def test_two_new_numbers_unseen_by_each_other_end_as_one_everywhere() -> None:
    people = People()
    first = people.subjects[0][1]
    commits = numbered(people, ("001-B007", (first,)), ("001-C002", (first,)))
    found = {project(people.a, order).number for order in itertools.permutations(commits)}
    assert len(found) == 1


# -- its bytes ------------------------------------------------------------------------------------------


def payloads() -> list[Payload]:
    people = People()
    commit = people.subjects[0][1]
    about = tuple(sorted((commit.id, people.subjects[1][1].id)))
    return [
        *(
            LinkPayload(act=act, source=people.a, target=people.b, reason="r", about=about, mark=MARK)
            for act in LinkAct
        ),
        NumberPayload(subject=people.a, number="001-B007", reason="r", bases=(ref_of(commit.id),)),
    ]


@pytest.mark.parametrize("payload", payloads(), ids=lambda one: getattr(one, "act", "number"))
def test_acts_are_read_as_they_were_written(payload: Payload) -> None:
    sealed = Laptop(7).seal(payload)
    assert read(sealed) == payload
    assert subject_of(sealed) is not None


def test_a_link_of_a_subject_with_itself_is_unreadable() -> None:
    people = People()
    payload = LinkPayload(act=LinkAct.LINK, source=people.a, target=people.a, reason="r", mark=MARK)
    with pytest.raises(CommitUnreadableError):
        read(Laptop(8).seal(payload))

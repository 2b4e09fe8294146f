"""Two laptops enter the same form apart from each other: worked cases, the provisional value, settling, the query."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import payloads
from casebook.decisions import enter_item, settle
from casebook.errors import ConflictSettledError, QueryClosedError, ReasonRequiredError, SittingInConflictError
from casebook.ids import ref_of
from casebook.oversight import Oversight, QueryState, Turn
from casebook.oversight.decisions import ask_about_conflict, reopen_query
from casebook.projection import Casebook, Unit, evolve, project, with_held
from casebook.records import ItemPath, Mark, Reading, SetItem

from .people import rights
from .replicas import DBP, FORM, LEFT, RIGHT, SBP, Replica, meet, two

TODAY = date(2026, 3, 10)
NOTE = ItemPath(group="IG.LOG", item="NOTE", row="r1")
DOSE = ItemPath(group="IG.LOG", item="DOSE", row="r1")


def _values(replica: Replica) -> set[str | None]:
    (clash,) = replica.state.clashes
    return {entry.reading.value for side in clash.sides for entry in side.entries.values()}


# -- worked cases ---------------------------------------------------------------------------------------------


def test_same_first_entry_on_two_laptops_is_clean_with_two_sources() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    b.enters((SBP, "140"))
    meet(a, b)
    assert a.state.clashes == ()
    assert {head.author for head in a.state.items[SBP].heads} == {"nurse.a", "nurse.b"}


def test_different_first_entries_are_one_query_with_both_people_times_and_laptops() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    b.enters((SBP, "150"))
    meet(a, b)
    (query,) = a.queries
    assert (query.state, query.turn, query.is_real) == (QueryState.OPEN, Turn.SITE, False)
    assert {side.author for side in query.conflict} == {"nurse.a", "nurse.b"}
    assert {side.device for side in query.conflict} == {a.laptop.device, b.laptop.device}
    assert _values(a) == {"140", "150"}
    assert (b.queries, b.state) == (a.queries, a.state)


def test_change_on_one_laptop_alone_is_the_value() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    meet(a, b)
    a.enters((SBP, "145"))
    meet(a, b)
    assert (b.value(SBP), b.state.clashes) == ("145", ())


def test_change_against_clearing_is_a_conflict() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    meet(a, b)
    a.enters((SBP, "145"))
    b.enters((SBP, None))
    meet(a, b)
    assert _values(a) == {"145", None}


def test_different_items_are_merged_without_a_query() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    b.enters((DBP, "80"))
    meet(a, b)
    assert (a.value(SBP), a.value(DBP), a.queries) == ("140", "80", ())


def test_row_struck_on_one_laptop_and_edited_on_the_other_is_shown_struck_with_the_edit() -> None:
    a, b = two()
    a.adds_row("r1")
    a.enters((NOTE, "first"))
    meet(a, b)
    a.strikes("r1", "of another subject")
    b.enters((NOTE, "second"))
    meet(a, b)
    (row,) = a.state.rows["IG.LOG"]
    assert (row.struck_reason, a.value(NOTE)) == ("of another subject", "second")
    clash = a.clash
    assert (clash.unit, clash.path.item, clash.path.row) == (Unit.ROW, "", "r1")
    assert [(side.author, side.said) for side in clash.sides] == [("nurse.a", True), ("nurse.b", False)]
    assert [entry.reading.value for entry in clash.sides[1].entries.values()] == ["second"]
    assert clash.shown == clash.sides[0].ref
    assert b.clash == clash


def test_row_that_was_struck_after_its_entries_were_seen_is_no_conflict() -> None:
    a, b = two()
    a.adds_row("r1")
    a.enters((NOTE, "first"))
    meet(a, b)
    b.enters((DOSE, "5"))
    meet(a, b)
    a.strikes("r1")
    meet(a, b)
    assert b.state.clashes == ()
    assert b.state.rows["IG.LOG"][0].struck_reason == "entered twice"


@pytest.mark.parametrize("stays", [True, False])
def test_row_is_settled_as_a_whole(stays: bool) -> None:  # noqa: FBT001
    a, b = two()
    a.adds_row("r1")
    meet(a, b)
    a.strikes("r1")
    b.enters((NOTE, "second"))
    meet(a, b)
    struck, edited = a.clash.sides
    b.settles((edited if stays else struck).ref)
    meet(a, b)
    (row,) = a.state.rows["IG.LOG"]
    assert a.state.clashes == ()
    assert row.struck_reason == (None if stays else "source checked")
    (query,) = a.queries
    assert (query.state, [side.said for side in query.settled]) == (QueryState.CLOSED, [not stays])
    if stays:
        b.enters((DOSE, "5"))
        meet(a, b)
        assert a.state.clashes == ()


def test_two_people_who_settle_a_row_differently_disagree_anew() -> None:
    a, b = two()
    a.adds_row("r1")
    meet(a, b)
    a.strikes("r1")
    b.enters((NOTE, "second"))
    meet(a, b)
    first = a.clash.id
    a.settles(a.clash.sides[0].ref)
    b.settles(b.clash.sides[1].ref)
    meet(a, b)
    assert a.clash.id != first
    assert {side.said for side in a.clash.sides} == {True, False}
    a.settles(a.clash.sides[1].ref)
    meet(a, b)
    assert (b.state.clashes, b.state.rows["IG.LOG"][0].struck_reason) == ((), None)


def test_mark_of_completion_set_and_taken_back_unseen_is_off_and_asked_about() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    a.marks_complete(on=True)
    meet(a, b)
    a.enters((SBP, "145"))
    a.marks_complete(on=True)
    b.enters((DBP, "80"))
    meet(a, b)
    assert not a.state.complete
    assert (a.clash.unit, {side.said for side in a.clash.sides}) == (Unit.COMPLETE, {True, False})
    a.marks_complete(on=True)
    meet(a, b)
    assert (b.state.complete, b.state.clashes) == (True, ())
    (query,) = b.queries
    assert query.state is QueryState.CLOSED


def test_mark_is_left_off_by_choice() -> None:
    a, b = two()
    a.marks_complete(on=True)
    meet(a, b)
    a.marks_complete(on=False)
    a.marks_complete(on=True)
    b.marks_complete(on=False)
    meet(a, b)
    off = next(side.ref for side in a.clash.sides if not side.said)
    a.settles(off, reason="")
    assert (a.state.complete, a.state.clashes) == (False, ())


# -- sittings ---------------------------------------------------------------------------------------------------


def _two_sittings() -> tuple[Replica, Replica]:
    a, b = two()
    a.enters((LEFT, "1"), (RIGHT, "2"))
    b.enters((LEFT, "1"), (RIGHT, "4"))
    meet(a, b)
    return a, b


def test_sitting_is_one_query_with_both_sittings_whole() -> None:
    a, b = _two_sittings()
    clash = a.clash
    assert (clash.unit, clash.path.group, clash.path.item) == (Unit.SITTING, "IG.SCALE", "")
    sittings = [tuple(side.entries[path].reading.value for path in (LEFT, RIGHT)) for side in clash.sides]
    assert sorted(sittings, key=str) == [("1", "2"), ("1", "4")]
    assert len(a.queries) == 1
    assert b.clash == clash


@pytest.mark.parametrize("choice", [0, 1])
def test_sitting_is_settled_whole(choice: int) -> None:
    a, b = two()
    a.enters((LEFT, "1"))
    b.enters((RIGHT, "4"))
    meet(a, b)
    side = a.clash.sides[choice]
    expected = {path: entry.reading.value for path, entry in side.entries.items()}
    b.settles(side.ref)
    meet(a, b)
    assert a.state.clashes == ()
    assert {path: a.value(path) for path in (LEFT, RIGHT)} == expected
    (query,) = a.queries
    assert (query.state, query.settled[0].author, query.settled[0].reason) == (
        QueryState.CLOSED,
        "nurse.b",
        "source checked",
    )


def test_sitting_that_is_entered_anew_holds_nothing_of_either() -> None:
    a, b = _two_sittings()
    a.settles(None, SetItem(path=LEFT, reading=Reading(value="3"), bases=a.state.items[LEFT].bases, reason="r"))
    meet(a, b)
    assert (b.value(LEFT), b.value(RIGHT), b.state.clashes) == ("3", None, ())


def test_single_item_of_a_sitting_in_conflict_is_not_changed_alone() -> None:
    a, _ = _two_sittings()
    with pytest.raises(SittingInConflictError):
        enter_item(FORM, a.state, LEFT, Reading(value="2"), reason="r")
    assert enter_item(FORM, a.state, LEFT, Reading(value="2"), reason="r", anew=True)


def test_one_item_beside_a_sitting_in_conflict_goes_on_from_the_one_that_was_shown() -> None:
    a, b = _two_sittings()
    shown = {path: a.value(path) for path in (LEFT, RIGHT)}
    a.saves(enter_item(FORM, a.state, LEFT, Reading(value="3"), reason="r", anew=True))
    meet(a, b)
    assert (b.value(LEFT), b.value(RIGHT)) == ("3", shown[RIGHT])


def test_sitting_that_was_continued_and_corrected_keeps_what_was_not_touched() -> None:
    a, b = two()
    a.enters((LEFT, "1"))
    a.enters((RIGHT, "2"))
    meet(a, b)
    b.enters((LEFT, "3"))
    b.enters((RIGHT, "4"), (LEFT, "5"))
    meet(a, b)
    assert (a.value(LEFT), a.value(RIGHT), a.state.clashes, a.state.settled) == ("5", "4", (), ())


# -- settling -----------------------------------------------------------------------------------------------------


def test_settling_needs_a_reason_and_what_was_shown() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    b.enters((SBP, "150"))
    meet(a, b)
    clash = a.clash
    with pytest.raises(ReasonRequiredError):
        settle(a.state, clash.id, clash.sides[0].ref, " ")
    with pytest.raises(ConflictSettledError):
        settle(a.state, clash.id, None, "r")
    a.settles(clash.sides[0].ref)
    with pytest.raises(ConflictSettledError):
        settle(a.state, clash.id, clash.sides[0].ref, "r")


def test_two_resolutions_that_differ_are_a_new_query_and_two_that_agree_are_none() -> None:
    for same in (True, False):
        a, b = two()
        a.enters((SBP, "140"))
        b.enters((SBP, "150"))
        meet(a, b)
        first = a.clash.id
        a.settles(a.clash.sides[0].ref)
        b.settles(b.clash.sides[0 if same else 1].ref)
        meet(a, b)
        closed = next(one for one in a.queries if one.id == first)
        assert (closed.state, {side.author for side in closed.settled}) == (QueryState.CLOSED, {"nurse.a", "nurse.b"})
        if same:
            assert (len(a.queries), a.state.clashes) == (1, ())
            continue
        assert a.clash.id != first
        b.settles(b.clash.sides[0].ref)
        meet(a, b)
        assert a.state.clashes == ()
        assert len(a.state.items[SBP].history) == 5


def test_settled_conflict_stays_a_closed_query_that_data_management_may_open_again() -> None:
    a, b = two("coordinator", "manager")
    b.enters((SBP, "150"))
    a.enters((SBP, "140"))
    meet(a, b)
    (asked,) = b.queries
    b.seals(ask_about_conflict(rights("manager"), asked, text="Which cuff?", on=TODAY))
    meet(a, b)
    assert a.queries[0].state is QueryState.OPEN
    a.settles(a.clash.sides[0].ref, reason="chart")
    meet(a, b)
    (closed,) = b.queries
    assert (closed.id, closed.state, closed.text) == (asked.id, QueryState.CLOSED, "Which cuff?")
    assert closed.since == closed.settled[0].moment
    with pytest.raises(QueryClosedError):
        ask_about_conflict(rights("manager"), closed, text="x", on=TODAY)
    b.seals(reopen_query(rights("manager"), closed, text="The chart says 150.", on=TODAY))
    (again,) = b.queries
    assert (again.state, again.conflict) == (QueryState.OPEN, ())


# -- the provisional value ----------------------------------------------------------------------------------------


def test_deeper_entry_is_shown_before_the_shallower_whatever_clocks_say() -> None:
    for shift in (-(10**9), 10**9):
        a, b = two()
        b.laptop.clock_ms += shift
        a.enters((SBP, "140"))
        meet(a, b)
        a.enters((SBP, "141"))
        a.enters((SBP, "142"))
        b.enters((SBP, "150"))
        meet(a, b)
        assert a.value(SBP) == "142"


def test_entries_of_equal_depth_are_shown_by_commit_id() -> None:
    a, b = two()
    heads = [a.enters((SBP, "140")), b.enters((SBP, "150"))]
    meet(a, b)
    assert a.state.items[SBP].entry.commit == max(one.id for one in heads)


@pytest.mark.parametrize("paths", [(SBP,), (LEFT, RIGHT)], ids=["item", "sitting"])
def test_signed_entry_is_shown_before_a_deeper_one_that_none_signed(paths: tuple[ItemPath, ...]) -> None:
    c, d = two()
    c.enters(*((path, "1") for path in paths))
    d.enters(*((path, "2") for path in paths))
    d.enters(*((path, "3") for path in paths))
    signature = c.signs()
    meet(c, d)
    assert {path: d.value(path) for path in paths} == dict.fromkeys(paths, "1")
    assert d.clash.shown == ref_of(c.state.items[paths[0]].entry.commit)
    unsigned = with_held(d.casebook, frozenset({signature.id}))
    assert unsigned.form(d.key).items[paths[0]].shown.value == "3"
    assert unsigned == project(d.key.subject, d.held.values(), held=frozenset({signature.id}))


def test_signature_covers_no_entry_that_its_signer_had_not_seen_or_whose_content_was_another() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    a.signs()
    a.enters((DBP, "80"))
    b.enters((DBP, "90"))
    b.enters((DBP, "91"))
    meet(a, b)
    assert b.value(DBP) == "91"
    c, d = two()
    c.enters((SBP, "140"))
    c.signs()
    d.enters((SBP, "150"))
    d.enters((SBP, "151"))
    meet(c, d)
    assert d.value(SBP) == "140"
    # a ruling takes out part of what was signed: the content is another one, and the signature covers nothing of it
    e, f = two()
    e.enters((DBP, "80"))
    gone = e.enters((SBP, "140"))
    e.signs()
    f.enters((DBP, "90"))
    f.enters((DBP, "91"))
    meet(e, f)
    assert f.value(DBP) == "80"
    assert with_held(f.casebook, frozenset({gone.id})).form(f.key).items[DBP].shown.value == "91"


# -- saves that did not see each other, on different items ----------------------------------------------------------


def test_saves_of_different_items_unseen_by_each_other_are_told_until_somebody_signed_both() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    b.enters((DBP, "80"))
    assert (a.apart, b.apart) == ([], [])
    meet(a, b)
    assert a.apart == ["nurse.a", "nurse.b"]
    b.enters((DBP, "85"))
    meet(a, b)
    assert a.apart == ["nurse.a", "nurse.b"]  # who went on from both says nothing of having looked
    signature = a.signs()
    assert a.apart == []
    held = Oversight.of(a.held.values(), held=frozenset({signature.id}))
    assert len(held.entered_apart(a.state)) == 2


def test_saves_that_saw_each_other_or_say_the_same_are_not_told() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    meet(a, b)
    b.enters((DBP, "80"))
    meet(a, b)
    a.enters((LEFT, "1"))
    a.marks_complete(on=True)
    meet(a, b)
    assert a.apart == []
    c, d = two()
    c.enters((SBP, "140"))
    d.enters((SBP, "140"))
    meet(c, d)
    assert c.apart == []


def test_signature_of_one_who_had_seen_one_side_alone_does_not_end_it() -> None:
    a, b = two()
    a.enters((SBP, "140"))
    a.signs()
    b.enters((DBP, "80"))
    meet(a, b)
    assert b.apart == ["nurse.a", "nurse.b"]


def test_save_names_what_was_seen_of_the_form_and_no_more() -> None:
    a, b = two()
    first = a.enters((SBP, "140"))
    second = a.enters((DBP, "80"))
    meet(a, b)
    payload = payloads.read(b.enters((LEFT, "1")))
    assert isinstance(payload, payloads.DataPayload)
    assert payload.seen == (ref_of(second.id),)
    assert ref_of(first.id) not in payload.seen


# -- a function of the set ------------------------------------------------------------------------------------------


def _history(seed: int) -> list[Replica]:
    chance = random.Random(seed)
    replicas = list(two())
    replicas[0].adds_row("r1")
    for _ in range(chance.randrange(3, 12)):
        side = replicas[chance.randrange(2)]
        match chance.randrange(8):
            case 0:
                meet(*replicas)
            case 1:
                side.signs()
            case 2 if side.state.clashes:
                side.settles_any(chance)
            case 3 if side.state.rows:
                side.strikes("r1", f"r{chance.randrange(3)}")
            case 4:
                side.saves((Mark(flag="complete", on=chance.random() < 0.5, bases=side.state.complete_bases),))
            case 5 if side.state.rows:
                side.enters((chance.choice((NOTE, DOSE)), str(chance.randrange(3))))
            case 6 if not any(one.unit is Unit.SITTING for one in side.state.clashes):
                side.enters((chance.choice((LEFT, RIGHT)), str(chance.randrange(3))))
            case _:
                side.enters((chance.choice((SBP, DBP)), str(chance.randrange(3))))
    return replicas


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_what_stands_is_a_function_of_the_set_of_commits(seed: int, order: random.Random) -> None:
    replicas = _history(seed)
    meet(*replicas)
    one = replicas[0]
    commits = list(one.held.values())
    held = frozenset(order.sample([commit.id for commit in commits], min(1, len(commits) - 1)))
    expected = project(one.key.subject, commits, held=held)
    order.shuffle(commits)
    grown = Casebook(subject=one.key.subject)
    for commit in commits:
        grown = evolve(grown, commit, held=held)
    assert grown == expected
    assert with_held(project(one.key.subject, commits), held) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_somebody_who_sees_everything_can_settle_everything(seed: int) -> None:
    replicas = _history(seed)
    meet(*replicas)
    one, chance = replicas[0], random.Random(seed)
    asked = {query.id for query in one.queries}
    for _ in range(len(one.state.clashes) + 1):
        if one.state.clashes:
            one.settles_any(chance)
    assert one.state.clashes == ()
    assert asked <= {query.id for query in one.queries}
    assert all(query.state is QueryState.CLOSED for query in one.queries)

"""From commits to the screen: order does not matter, nothing disappears, conflicts are kept."""

import dataclasses
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import ledger, payloads
from casebook.ids import SubjectId, ref_of
from casebook.ledger import SealedCommit
from casebook.projection import Casebook, conflict_id, evolve, project
from casebook.records import AddRow, FormKey, Mark, Reading, SetItem, Sitting, StrikeRow

from .commits import Laptop, form_key, path_of, set_item

SBP = path_of("SYSBP")
DBP = path_of("DIABP")


def _two_laptops() -> tuple[Laptop, Laptop, FormKey, list[SealedCommit]]:
    one, two = Laptop(1, author="nurse.a"), Laptop(2, author="nurse.b")
    subject, added = one.add_subject()
    return one, two, form_key(subject), [added]


def _fold(key: FormKey, commits: list[SealedCommit]) -> Casebook:
    return project(key.subject, commits)


def test_first_entry_is_shown_with_its_author() -> None:
    one, _, key, commits = _two_laptops()
    casebook = _fold(key, [*commits, one.save(key, set_item("SYSBP", "140 mmHg"))])
    state = casebook.form(key).items[SBP]
    assert (state.shown.value, state.entry.author, state.conflict) == ("140 mmHg", "nurse.a", False)
    assert casebook.number == "001-A001"


def test_same_first_entry_twice_is_no_conflict() -> None:
    one, two, key, commits = _two_laptops()
    casebook = _fold(
        key, [*commits, one.save(key, set_item("SYSBP", "140 mmHg")), two.save(key, set_item("SYSBP", "140 mmHg"))]
    )
    state = casebook.form(key).items[SBP]
    assert not state.conflict
    assert len(state.heads) == 2


def test_different_first_entries_are_both_kept_in_conflict() -> None:
    one, two, key, commits = _two_laptops()
    casebook = _fold(
        key, [*commits, one.save(key, set_item("SYSBP", "140 mmHg")), two.save(key, set_item("SYSBP", "150 mmHg"))]
    )
    state = casebook.form(key).items[SBP]
    assert {head.reading.value for head in state.heads} == {"140 mmHg", "150 mmHg"}
    assert casebook.form(key).conflicts == (SBP,)


def test_clearing_against_changing_is_a_conflict() -> None:
    one, two, key, commits = _two_laptops()
    first = one.save(key, set_item("SYSBP", "140 mmHg"))
    changed = one.save(key, set_item("SYSBP", "145 mmHg", first, reason="x"))
    cleared = two.save(key, set_item("SYSBP", None, first, reason="y"))
    assert _fold(key, [*commits, first, changed, cleared]).form(key).items[SBP].conflict


def test_correction_that_saw_the_value_supersedes_it() -> None:
    one, two, key, commits = _two_laptops()
    first = one.save(key, set_item("SYSBP", "140 mmHg"))
    second = two.save(key, set_item("SYSBP", "145 mmHg", first, reason="TRANSCRIPTION"))
    state = _fold(key, [*commits, second, first]).form(key).items[SBP]
    assert (state.shown.value, state.conflict, state.entry.reason) == ("145 mmHg", False, "TRANSCRIPTION")
    assert [entry.reading.value for entry in state.history] == ["140 mmHg", "145 mmHg"]


def test_resolution_names_both_heads_and_ends_the_conflict() -> None:
    one, two, key, commits = _two_laptops()
    a, b = one.save(key, set_item("SYSBP", "140 mmHg")), two.save(key, set_item("SYSBP", "150 mmHg"))
    settled = one.save(key, set_item("SYSBP", "150 mmHg", a, b, reason="source checked"))
    state = _fold(key, [*commits, a, b, settled]).form(key).items[SBP]
    assert (state.shown.value, state.conflict, len(state.history)) == ("150 mmHg", False, 3)


def test_two_resolutions_are_a_new_conflict_of_two_heads() -> None:
    one, two, key, commits = _two_laptops()
    a, b = one.save(key, set_item("SYSBP", "140 mmHg")), two.save(key, set_item("SYSBP", "150 mmHg"))
    x = one.save(key, set_item("SYSBP", "140 mmHg", a, b, reason="x"))
    y = two.save(key, set_item("SYSBP", "150 mmHg", a, b, reason="y"))
    state = _fold(key, [*commits, a, b, x, y]).form(key).items[SBP]
    assert state.conflict
    assert {head.commit for head in state.heads} == {x.id, y.id}


def test_different_items_of_a_form_merge() -> None:
    one, two, key, commits = _two_laptops()
    casebook = _fold(
        key, [*commits, one.save(key, set_item("SYSBP", "140 mmHg")), two.save(key, set_item("DIABP", "80 mmHg"))]
    )
    assert casebook.form(key).readings == {SBP: Reading(value="140 mmHg"), DBP: Reading(value="80 mmHg")}
    assert not casebook.form(key).conflicts


def test_one_sitting_conflicts_as_a_whole() -> None:
    one, two, key, commits = _two_laptops()
    seen_nothing = Sitting(group="IG.VS", bases=())
    a = one.save(key, seen_nothing, set_item("SYSBP", "140 mmHg"), set_item("DIABP", "80 mmHg"))
    b = two.save(key, seen_nothing, set_item("SYSBP", "140 mmHg"))
    form = _fold(key, [*commits, a, b]).form(key)
    assert set(form.conflicts) == {DBP}
    assert set(form.sittings[("IG.VS", "")]) == {ref_of(a.id), ref_of(b.id)}
    shown_is_one_sitting = {path: state.entry.commit for path, state in form.items.items()}
    assert len(set(shown_is_one_sitting.values())) == 1


def test_sitting_that_was_continued_keeps_its_earlier_values() -> None:
    one, _, key, commits = _two_laptops()
    a = one.save(key, Sitting(group="IG.VS", bases=()), set_item("SYSBP", "140 mmHg"))
    b = one.save(key, Sitting(group="IG.VS", bases=(ref_of(a.id),)), set_item("DIABP", "80 mmHg"))
    form = _fold(key, [*commits, b, a]).form(key)
    assert form.readings == {SBP: Reading(value="140 mmHg"), DBP: Reading(value="80 mmHg")}


def test_struck_row_stays_with_its_reason() -> None:
    one, two, key, commits = _two_laptops()
    a = one.save(key, AddRow(group="IG.LOG", row="r1"))
    b = two.save(key, StrikeRow(group="IG.LOG", row="r1", reason="entered twice"))
    (row,) = _fold(key, [*commits, b, a]).form(key).rows["IG.LOG"]
    assert (row.row, row.struck_reason) == ("r1", "entered twice")


def test_complete_flag_is_off_while_two_people_disagree() -> None:
    one, two, key, commits = _two_laptops()
    on = one.save(key, Mark(flag="complete", on=True))
    off = two.save(key, Mark(flag="complete", on=False))
    assert not _fold(key, [*commits, on, off]).form(key).complete
    agreed = one.save(key, Mark(flag="complete", on=True, bases=(ref_of(on.id), ref_of(off.id))))
    assert _fold(key, [*commits, on, off, agreed]).form(key).complete


def test_identity_without_its_key_is_counted_not_shown() -> None:
    one = Laptop(3, identity_key=os.urandom(32))
    subject, added = one.add_subject()
    key = form_key(subject, "F.CONTACT")
    contact = one.seal(
        payloads.DataPayload(key=key, form_version="0" * 16, operations=(set_item("NAME", "甲"),)), ledger.IDENTITY
    )
    assert project(subject, [added, contact]).sealed_away == 1
    assert project(subject, [added, contact], one.identity_key).form(key).items[path_of("NAME")].shown.value == "甲"


def test_conflict_id_does_not_depend_on_the_order_of_heads() -> None:
    one, two, key, commits = _two_laptops()
    a, b = one.save(key, set_item("SYSBP", "1 mmHg")), two.save(key, set_item("SYSBP", "2 mmHg"))
    heads = _fold(key, [*commits, a, b]).form(key).items[SBP].heads
    assert conflict_id(key, SBP, heads) == conflict_id(key, SBP, reversed(heads))


def test_recovered_entry_belongs_to_who_entered_it_and_is_unconfirmed() -> None:
    one, _, key, commits = _two_laptops()
    payload = payloads.DataPayload(
        key=key,
        form_version="0" * 16,
        operations=(set_item("SYSBP", "1 mmHg"),),
        recovered_for=one.author,  # type: ignore[arg-type]
    )
    commit = dataclasses.replace(one, author="device").seal(payload)
    entry = _fold(key, [*commits, commit]).form(key).items[SBP].entry
    assert (entry.author, entry.unconfirmed) == ("nurse.a", True)


def _history(seed: int, sitting: bool) -> tuple[SubjectId, list[SealedCommit]]:  # noqa: FBT001
    """Two laptops edit two items at random and see each other's work now and then."""
    chance = random.Random(seed)
    laptops = [Laptop(seed * 2 + 1, author="nurse.a"), Laptop(seed * 2 + 2, author="nurse.b")]
    subject, added = laptops[0].add_subject()
    key = form_key(subject)
    held: list[list[SealedCommit]] = [[added], [added]]
    for _ in range(chance.randrange(1, 12)):
        side = chance.randrange(2)
        if chance.random() < 0.25:
            held[side] = list({c.id: c for c in held[0] + held[1]}.values())
            continue
        form = project(subject, held[side]).form(key)
        item = chance.choice(["SYSBP", "DIABP"])
        state = form.items.get(path_of(item))
        entry = dataclasses.replace(
            set_item(item, f"{chance.randrange(3)} mmHg", reason="r"), bases=state.bases if state else ()
        )
        seen = [Sitting(group="IG.VS", bases=form.sittings.get(("IG.VS", ""), ()))] if sitting else []
        held[side].append(laptops[side].save(key, *seen, entry))
    return subject, list({c.id: c for c in held[0] + held[1]}.values())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.randoms(use_true_random=False))
def test_casebook_is_a_function_of_the_set_of_commits(seed: int, sitting: bool, order: random.Random) -> None:  # noqa: FBT001
    subject, commits = _history(seed, sitting)
    expected = project(subject, commits)
    shuffled = [*commits, *order.sample(commits, len(commits) // 2)]
    order.shuffle(shuffled)
    assert project(subject, shuffled) == expected
    grown = Casebook(subject=subject)
    for commit in shuffled:
        grown = evolve(grown, commit)
    assert grown == expected
    assert grown.digest == expected.digest


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_trail_has_every_entry_and_ends_with_the_value_shown(seed: int, sitting: bool) -> None:  # noqa: FBT001
    subject, commits = _history(seed, sitting)
    form = project(subject, commits).form(form_key(subject))
    made = [
        (commit.id, operation.reading)
        for commit in commits
        if isinstance(payload := payloads.read(commit), payloads.DataPayload)
        for operation in payload.operations
        if isinstance(operation, SetItem)
    ]
    trail = [
        (entry.commit, entry.reading) for state in form.items.values() for entry in state.history if entry.index >= 0
    ]
    assert sorted(trail, key=str) == sorted(made, key=str)
    for state in form.items.values():
        assert state.history[-1].reading == state.shown
        assert state.history[-1] in state.heads


@pytest.mark.parametrize("sitting", [False, True])
def test_missing_base_does_not_hide_the_entry(sitting: bool) -> None:  # noqa: FBT001
    one, _, key, commits = _two_laptops()
    first = one.save(key, set_item("SYSBP", "140 mmHg"))
    seen = [Sitting(group="IG.VS", bases=(ref_of(first.id),))] if sitting else []
    second = one.save(key, *seen, set_item("SYSBP", "145 mmHg", first, reason="x"))
    assert _fold(key, [*commits, second]).form(key).items[SBP].shown.value == "145 mmHg"

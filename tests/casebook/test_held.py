"""Held commits: out of the values, never out of the record, and back as if they had never been held."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import payloads, supervision
from casebook.ids import CommitId, ref_of
from casebook.ledger import SealedCommit
from casebook.projection import Casebook, evolve, project, with_held
from casebook.records import AddRow, Confirmation, Mark, SetItem, Sitting

from .commits import Laptop, form_key, path_of, set_item
from .test_projection import _history

SBP = path_of("SYSBP")


def _held(*commits: SealedCommit) -> frozenset[CommitId]:
    return frozenset(commit.id for commit in commits)


def _chain() -> tuple[Laptop, list[SealedCommit]]:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    first = laptop.save(form_key(subject), set_item("SYSBP", "140 mmHg"))
    second = laptop.save(form_key(subject), set_item("SYSBP", "150 mmHg", first, reason="r"))
    third = laptop.save(form_key(subject), set_item("SYSBP", "160 mmHg", second, reason="r"))
    return laptop, [added, first, second, third]


def _form(commits: list[SealedCommit], held: frozenset[CommitId]) -> tuple[object, ...]:
    subject = payloads.subject_of(commits[0])
    assert subject is not None
    state = project(subject, commits, held=held).form(form_key(subject))
    item = state.items.get(SBP)
    return (item.shown.value if item else None, bool(state.conflicts), [one.commit for one in state.held])


def test_held_entry_gives_no_value_and_is_kept() -> None:
    _, commits = _chain()
    assert _form(commits, _held(commits[3])) == ("150 mmHg", False, [commits[3].id])
    assert _form(commits, frozenset()) == ("160 mmHg", False, [])


def test_entry_on_top_of_a_held_one_replaces_what_that_replaced() -> None:
    _, commits = _chain()
    assert _form(commits, _held(commits[2])) == ("160 mmHg", False, [commits[2].id])
    value, conflict, held = _form(commits, _held(commits[1], commits[2]))
    assert (value, conflict, len(held)) == ("160 mmHg", False, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("sitting", [False, True])
def test_sitting_and_mark_see_through_what_is_held(sitting: bool) -> None:  # noqa: FBT001
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    made: list[SealedCommit] = []
    for value in ("1", "2", "3"):
        bases = (ref_of(made[-1].id),) if made else ()
        seen = [Sitting(group="IG.VS", bases=bases)] if sitting else []
        entry = SetItem(path=SBP, reading=set_item("SYSBP", value).reading, bases=bases)
        made.append(laptop.save(key, *seen, entry, Mark(flag="complete", on=True, bases=bases)))
    state = project(subject, [added, *made], held=_held(made[1])).form(key)
    assert state.items[SBP].shown.value == "3"
    assert state.conflicts == ()
    assert state.complete
    assert state.complete_bases == (ref_of(made[2].id),)


def test_held_document_is_apart() -> None:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    paper = laptop.seal(payloads.BlobPayload(key=key, name="a.pdf", media_type="application/pdf", content=b"%PDF"))
    casebook = project(subject, [added, paper], held=_held(paper))
    form = casebook.form(key)
    assert (form.documents, [one.commit for one in form.held_documents]) == ((), [paper.id])
    assert form.commits == {paper.id}
    assert [one.commit for one in with_held(casebook, frozenset()).form(key).documents] == [paper.id]
    assert evolve(project(subject, [added]), paper, held=_held(paper)) == casebook


def test_subject_of_a_held_commit_keeps_its_number() -> None:
    subject, added = Laptop(1).add_subject()
    casebook = project(subject, [added], held=_held(added))
    assert casebook.number == "001-A001"
    assert casebook.held == {added.id}


def test_commits_about_the_subject_that_are_no_entries_are_not_unknown() -> None:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    said = [
        laptop.seal(
            supervision.QueryPayload(
                query="q" * 16,
                act=supervision.QueryAct.OPEN,
                target=supervision.of_subject(subject),
                text="?",
            )
        )
    ]
    casebook = project(subject, [added, *said])
    assert (casebook.unknown, casebook.forms, len(casebook.commits)) == (0, {}, 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.randoms(use_true_random=False))
def test_holding_is_a_function_of_commits_and_what_is_held(seed: int, sitting: bool, order: random.Random) -> None:  # noqa: FBT001
    subject, commits = _history(seed, sitting)
    held = frozenset(one.id for one in commits if order.random() < 0.4)
    expected = project(subject, commits, held=held)
    shuffled = [*commits, *commits[::3]]
    order.shuffle(shuffled)
    grown = Casebook(subject=subject)
    for commit in shuffled:
        grown = evolve(grown, commit, held=held)
    assert grown == expected
    assert with_held(project(subject, commits), held) == expected
    assert with_held(expected, frozenset()) == project(subject, commits)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.randoms(use_true_random=False))
def test_held_entries_are_in_the_held_list_and_all_others_in_the_history(
    seed: int,
    sitting: bool,  # noqa: FBT001
    order: random.Random,
) -> None:
    subject, commits = _history(seed, sitting)
    held = frozenset(one.id for one in commits if order.random() < 0.4)
    form = project(subject, commits, held=held).form(form_key(subject))
    shown = {entry.commit for state in form.items.values() for entry in state.history if entry.index >= 0}
    made = {one.id for one in commits if one.parsed.kind == "data"}
    assert shown == made - held
    assert {one.commit for one in form.held} == made & held


def test_row_word_and_confirmation_of_a_held_save_are_held_with_it() -> None:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    first = laptop.save(key, set_item("SYSBP", "140 mmHg"))
    save = laptop.save(
        key,
        AddRow(group="IG.LOG", row="r1"),
        Confirmation(check="EC1", path=SBP, value="140 mmHg", reason="so"),
    )
    state = project(subject, [added, first, save], held=_held(save)).form(key)
    assert (state.rows, state.confirmations) == ({}, ())
    assert project(subject, [added, first, save]).form(key).rows

"""What fits what was typed, and in which order."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.design import Text
from casebook.ids import SubjectId
from casebook.records import FormKey
from desktop_app.finding import (
    LINES,
    NOTHING,
    Kind,
    Known,
    KnownSubjects,
    Line,
    Stock,
    planned_forms,
    search,
    spans,
    stock_of,
    words_of,
)
from tests.laptops import design

SCREENED = Text({"en": "Screened", "zh": "筛选"})
RANDOMISED = Text({"en": "Randomised", "zh": "已随机"})
A1, A2, B1 = SubjectId("one"), SubjectId("two"), SubjectId("three")
SUBJECTS = (
    Known(subject=A1, numbers=("001-A001",), status=SCREENED),
    Known(subject=A2, numbers=("001-A002", "001-B007"), status=RANDOMISED),
    Known(subject=B1, numbers=("001-B001",), status=SCREENED),
)
REFUSED = Text({"en": "Not for this role.", "zh": "该角色无权。"})


def line(kind: Kind, en: str, zh: str, *also: str, why_not: Text | None = None) -> Line:
    return Line(id=f"{kind} {en}", kind=kind, label=Text({"en": en, "zh": zh}), also=also, why_not=why_not)


ACTS = (
    line(Kind.PLACE, "Sync", "同步", "server"),
    line(Kind.ACT, "Sync now", "立即同步"),
    line(Kind.ACT, "Where everything is", "记录所在位置", "backup"),
    line(Kind.ACT, "Retire this laptop", "停用本机", why_not=REFUSED),
    line(Kind.HERE, "Pages to print", "打印页面"),
)


def stock(front: SubjectId | None = None) -> Stock:
    return stock_of(ACTS, KnownSubjects(SUBJECTS), planned_forms(design()), front)


def found(typed: str, front: SubjectId | None = None, recent: tuple[str, ...] = ()) -> list[str]:
    shown = search(stock(front), typed, recent).lines
    return [f"{one.label('en')} {one.note('en')}".strip() for one in shown]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("a001", "001-A001 Screened"),
        ("A1", "001-A001 Screened"),
        ("001-A002", "001-A002 Randomised  001-B007"),
        ("b007", "001-A002 Randomised  001-B007"),  # an earlier number
        ("ｂ００７", "001-A002 Randomised  001-B007"),  # full width, as an input method may leave it
        ("已随机 a", "001-A002 Randomised  001-B007"),
        ("sync", "Sync"),
        ("now sync", "Sync now"),
        ("同步", "Sync"),
        ("立即", "Sync now"),
        ("wei", "Where everything is"),
        ("bac", "Where everything is"),
        ("a1 nihss 24", "NIHSS 001-A001  V2 24 h"),
        ("v2 lab a2", "Laboratory 001-A002  V2 24 h"),
        ("b001 实验室 v5", "Laboratory 001-B001  V5 Day 7"),
        ("nihss v2 001-b001", "NIHSS 001-B001  V2 24 h"),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: str) -> None:
    assert found(typed)[0] == first


def test_forms_without_a_number_are_those_of_the_subject_in_front() -> None:
    assert found("v2 lab", front=B1)[0] == "Laboratory 001-B001  V2 24 h"
    assert found("v2 lab") == []
    assert all("001-B001" in one for one in found("nihss", front=B1))


def test_form_leads_to_the_form_of_the_casebook() -> None:
    first = search(stock(), "a1 nihss prerand").lines or search(stock(), "a1 nihss before").lines
    key = first[0].leads_to
    assert isinstance(key, FormKey)
    assert (key.subject, key.visit.visit, key.form, key.repeat) == (A1, "SE.V1", "F.NIHSS", "PRERAND")


def test_what_was_chosen_lately_comes_before_its_equals() -> None:
    assert found("001")[0].startswith("001-A001")
    assert found("001", recent=(f"subject {B1}",))[0].startswith("001-B001")
    assert found("")[0] == "Pages to print"
    assert found("", recent=(f"subject {B1}",))[0].startswith("001-B001")


def test_subject_whose_number_is_typed_comes_before_its_forms_that_were_chosen_lately() -> None:
    form = search(stock(), "a1 nihss before").lines[0].id
    for typed in ("001-A001", "a001"):
        assert found(typed, front=A1, recent=(form,))[0].startswith("001-A001")


def test_form_that_is_named_so_comes_before_one_beside_which_it_stands() -> None:
    assert found("a1 randomisation")[0].startswith("Randomisation")


def test_what_may_not_be_done_comes_last_and_says_why() -> None:
    lines = search(stock(), "").lines
    assert lines[-1].why_not is REFUSED
    assert found("retire") == ["Retire this laptop"]


def test_nothing_fits_without_being_forced() -> None:
    assert found("zzz") == []
    assert found("a001 zzz") == []
    assert found("yn") == []  # two letters inside a word are chance


def test_at_most_twelve_lines_are_shown() -> None:
    assert len(found("001 v", front=A1)) == LINES


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("Sync now", ("now",), ["now"]),
        ("001-A001", ("a001",), ["A001"]),
        ("立即同步", ("同步",), ["同步"]),
        ("Laboratory", ("lab",), ["Lab"]),
        ("banana", ("ana",), ["ana"]),
        ("Sync", ("zz",), []),
    ],
)
def test_typed_letters_are_set_off(text: str, words: tuple[str, ...], marked: list[str]) -> None:
    assert [text[start:end] for start, end in spans(text, words)] == marked


@given(st.text(max_size=40))
def test_any_text_is_answered_with_at_most_twelve_different_lines(typed: str) -> None:
    shown = search(stock(front=A1), typed)
    assert len(shown.lines) <= LINES
    assert len({one.id for one in shown.lines}) == len(shown.lines)


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=6), max_size=3))
def test_marks_lie_inside_the_text_apart_and_in_order(text: str, typed: list[str]) -> None:
    marks = spans(text, [word for one in typed for word in words_of(one)])
    flat = [place for mark in marks for place in mark]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in marks)
    assert all(unicodedata.normalize("NFKC", text[start:end]) for start, end in marks)


def test_ten_thousand_subjects_are_searched_whole() -> None:
    many = tuple(
        Known(subject=SubjectId(f"s{n}"), numbers=(f"{n % 30 + 1:03}-{'ABCDE'[n % 5]}{n // 5:04}",), status=SCREENED)
        for n in range(10_000)
    )
    whole = stock_of(ACTS, KnownSubjects(many), planned_forms(design()), None)
    wanted = many[-1]
    assert search(whole, wanted.numbers[0]).lines[0].leads_to == wanted.subject
    assert search(whole, f"{wanted.numbers[0]} v2 lab").lines[0].label("en") == "Laboratory"
    assert search(whole, "screened").lines[0].note is not NOTHING

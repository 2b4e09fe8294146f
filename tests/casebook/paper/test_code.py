from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import CodeUnreadableError
from casebook.paper.code import PageCode, judge_code, read_code

CODE = PageCode(
    study="RELOW1",
    subject="001-A001",
    visit="SE.V1",
    design_version="5eed5eed",
    record_state="0123456789abcdef",
    page=2,
    pages=7,
    document_digest="fedcba9876543210",
)


def test_code_reads_back() -> None:
    assert read_code(f" {CODE.text}\n") == CODE


@given(place=st.integers(min_value=0, max_value=len(CODE.text) - 1), char=st.sampled_from("0aZ|/9f"))
def test_misread_code_is_told(place: int, char: str) -> None:
    text = CODE.text[:place] + char + CODE.text[place + 1 :]
    if text != CODE.text:
        with pytest.raises(CodeUnreadableError):
            read_code(text)


def test_page_beyond_the_last_is_no_code() -> None:
    with pytest.raises(CodeUnreadableError):
        read_code(replace(CODE, page=8).text)


@pytest.mark.parametrize(
    ("study", "digests", "problems"),
    [
        (None, None, ()),
        ("RELOW1", {"fedcba9876543210"}, ()),
        ("RELOW1", {"0" * 16}, ("code.changed",)),
        ("RELOW1", set(), ("code.changed",)),
        ("OTHER", {"fedcba9876543210"}, ("code.study",)),
    ],
)
def test_code_is_compared_with_the_record(
    study: str | None, digests: set[str] | None, problems: tuple[str, ...]
) -> None:
    held = None if digests is None else (lambda _subject, _visit: frozenset(digests))
    verdict = judge_code(CODE, study=study, digests_of=held)
    assert verdict.problems == problems
    assert verdict.valid == (not problems)
    assert verdict.compared == (digests is not None)
    assert CODE.subject in verdict.sentence("en")
    assert "受试者" in verdict.sentence("zh")


def test_unknown_subject_is_told() -> None:
    assert judge_code(CODE, digests_of=lambda _subject, _visit: None).problems == ("code.subject",)

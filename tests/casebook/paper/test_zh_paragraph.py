import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.paper.zh_paragraph import NEVER_FIRST, NEVER_LAST, Line, Run, break_lines


def columns(text: str, bold: bool = False, /) -> float:  # noqa: FBT001, FBT002 (the breaker asks so)
    """Width in columns of a terminal: a Chinese character counts two, bold a little more."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text) * (1.1 if bold else 1.0)


def text_of(line: Line) -> str:
    return "".join(run.text for run in line)


def broken(text: str, width: float) -> list[str]:
    return [text_of(line) for line in break_lines([Run(text=text)], columns, width)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("受试者编号", 6, ["受试者", "编号"]),
        ("受试者，编号", 6, ["受试", "者，编", "号"]),
        ("他说《指南》", 6, ["他说", "《指", "南》"]),
        ("（一）受试者", 7, ["（一）", "受试者"]),
        ("everything is recorded", 12, ["everything", "is recorded"]),
        ("血压110mmHg以上", 9, ["血压", "110mmHg以", "上"]),
        ("CN-STROKE试验", 11, ["CN-STROKE试", "验"]),
        ("评分≥6分者。", 8, ["评分≥6分", "者。"]),
        ("等待……结束", 5, ["等", "待……", "结束"]),
        ("don’t break it", 7, ["don’t", "break", "it"]),
        ("一\n二", 20, ["一", "二"]),
        ("5.0\u00a0mmol/L ok", 10, ["5.0\u00a0mmol/L", "ok"]),
        ("a", 1, ["a"]),
        ("", 10, [""]),
        ("word   word", 5, ["word", "word"]),
        ("https://example.org/a/long/path", 12, ["https://exam", "ple.org/a/", "long/path"]),
        ("1234567890", 4, ["1234", "5678", "90"]),
        ("值：<0.01 mmol/L", 9, ["值：<0.01", "mmol/L"]),
        ("a 。 b", 2, ["a", "。", "b"]),
        ("mild – severe", 7, ["mild –", "severe"]),
        ("“早期恶化”指", 8, ["“早期恶", "化”指"]),
    ],
)
def test_text_breaks_where_a_typesetter_would(text: str, width: float, lines: list[str]) -> None:
    assert broken(text, width) == lines


def test_runs_keep_their_look_across_a_break() -> None:
    runs = [Run(text="旧值", struck=True), Run(text=" 新值是一百五十二", bold=True)]
    lines = break_lines(runs, columns, 12)
    assert [[(run.text, run.bold, run.struck) for run in line] for line in lines] == [
        [("旧值", False, True), (" 新值是", True, False)],
        [("一百五十二", True, False)],
    ]


def test_a_word_in_two_runs_is_not_broken_between_them() -> None:
    lines = break_lines([Run(text="abc NIH", bold=True), Run(text="SS def")], columns, 8)
    assert [text_of(line) for line in lines] == ["abc", "NIHSS", "def"]


mixed = st.text(alphabet="ab1 .,，。；（）《》“”…—脑卒中血压/-", max_size=60)


@given(text=mixed, width=st.integers(min_value=6, max_value=40))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line.strip()) <= width for line in lines)


@given(text=st.text(alphabet="脑卒中血压，。；（）《》ab ", max_size=60))
def test_punctuation_stands_where_it_may_on_a_wide_line(text: str) -> None:
    lines = broken(text, 24)
    for before, after in pairwise(lines):
        longest = max((len(part) for part in _solid_parts(text)), default=0)
        if longest < 10 and before and after:
            assert after[0] not in NEVER_FIRST
            assert before[-1] not in NEVER_LAST


def _solid_parts(text: str) -> list[str]:
    """Stretches of marks and letters, which may be longer than a line and are then cut anywhere."""
    marks = "，。；（）《》ab "
    return "".join(char if char in marks else "|" for char in text).split("|")

"""Tables for spreadsheets: no cell is a formula, every cell can be read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.spreadsheet import BYTE_ORDER_MARK, cell, table


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "-",
        "--04",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "'=1",
        "-5 x(1)",
        "-5 +1",
    ],
)
def test_a_cell_that_begins_as_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-5", "-5.40", "-5.4 mmol/L", "-2 ×10^9/L", "<0.01 mmol/L", "1958-04---", "", "Y", "a=b"]
)
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_a_table_is_utf_8_with_mark_and_crlf() -> None:
    assert table(("a", "b"), [("1", "血压")]) == BYTE_ORDER_MARK + "a,b\r\n1,血压\r\n".encode()


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2)))
def test_what_was_written_is_read_back_once_the_apostrophe_is_taken_away(rows: list[list[str]]) -> None:
    text = table(("a", "b"), rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[one.removeprefix("'") for one in row] for row in read] == rows
    assert not any(one.startswith(("=", "+", "@", "\t", "＝")) for row in read for one in row)

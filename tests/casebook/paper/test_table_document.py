"""Tables on paper: what they say, and what names their pages."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from casebook.design import Text
from casebook.locations import data_folder
from casebook.paper.context import PaperContext
from casebook.paper.table import Cell, Table
from casebook.paper.table_document import table_digest, table_document
from casebook.study_files import read_study
from tests.casebook.paper.test_pages import text_of

AT = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=8)))
CONTEXT = PaperContext(printed_by="Coordinator A", printed_at=AT, site_name="Demo site")


def both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def table(rows: int = 1) -> Table:
    return Table(
        kind="LOG",
        title=both("Screening log", "筛选登记表"),
        subject="001",
        site="001 Demo site",
        about=(both("Subjects of the site.", "本中心受试者。"),),
        headings=(both("Subject", "受试者"), both("Status", "状态")),
        shares=(0.4, 0.6),
        rows=tuple(
            (Cell(lines=(both(f"001-A{row:03d}", f"001-A{row:03d}"),), bold=True), Cell(lines=(both("dead", "死亡"),)))
            for row in range(1, rows + 1)
        ),
        record_state="0123456789abcdef",
    )


def test_table_says_both_languages(tmp_path: Path) -> None:
    design = read_study(data_folder("forms") / "rescue_end_low")
    text = text_of(table_document(design, table(), CONTEXT), tmp_path)
    for words in ("Screening log", "筛选登记表", "001-A001", "dead", "死亡", "Page 1 of 1"):
        assert words in text


def test_long_table_repeats_its_headings_on_each_page(tmp_path: Path) -> None:
    design = read_study(data_folder("forms") / "rescue_end_low")
    text = text_of(table_document(design, table(rows=120), CONTEXT), tmp_path)
    pages = [page for page in text.split("\f") if page.strip()]
    assert len(pages) > 1
    assert all("Status" in page for page in pages[:2])
    assert "001-A120" in text


def test_same_table_gives_the_same_bytes_and_its_digest_says_what_stands_in_it() -> None:
    design = read_study(data_folder("forms") / "rescue_end_low")
    assert table_document(design, table(), CONTEXT) == table_document(design, table(), CONTEXT)
    assert table_digest(table()) == table_digest(replace(table(), record_state="f" * 16))
    assert table_digest(table()) != table_digest(table(rows=2))

"""The timeline on paper: its words in both languages, its shape, and that shades of grey are enough."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pikepdf

from casebook.chronology import Chronology, Shape
from casebook.design import Text
from casebook.paper.context import PaperContext, PaperField
from casebook.paper.layout import TONES
from casebook.paper.table import Cell, Table
from casebook.paper.table_document import table_digest, table_document
from casebook.paper.zh_paragraph import Tone
from tests.casebook.made_study import RANDOMISED
from tests.casebook.paper.preflight import preflight
from tests.casebook.paper.test_pages import text_of
from tests.casebook.test_chronology import course, scored, small, times

AT = datetime.fromisoformat("2026-06-30T12:00+08:00")
CONTEXT = PaperContext(printed_by="Coordinator A", printed_at=AT, site_name="Demo site")


def both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def drawn() -> Chronology:
    return course(
        times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED),
        scored("SE.V1", "FIRST", WHEN="2026-03-01T08:00+08:00", SUM="4"),
        scored("SE.V2", WHEN="2026-03-02T23:00+08:00", SUM="9", LEFTOUT="2"),
    )


def table(found: Chronology) -> Table:
    rows = [(stop.when, stop.label, stop.what) for stop in found.stops if stop.shape is not Shape.NOW]
    return Table(
        kind="TIMELINE",
        title=both("Timeline", "时间线"),
        subject="001-A001",
        site="001 Demo site",
        about=(),
        headings=(both("When", "时间"), both("What", "事件"), both("What it says", "内容")),
        shares=(0.3, 0.3, 0.4),
        rows=tuple(tuple(Cell(lines=(one,)) for one in row) for row in rows),
        record_state="0123456789abcdef",
    )


def printed(found: Chronology, context: PaperContext = CONTEXT) -> bytes:
    return table_document(replace(small(), version="0" * 64), table(found), context, found)


def test_the_drawing_says_in_both_languages_what_the_table_below_says(tmp_path: Path) -> None:
    text = text_of(printed(drawn()), tmp_path)
    for words in (
        "Timeline",
        "时间线",
        "Began",
        "02-28 10:00",
        "Drawn",
        "late",
        "延后",
        "missed",
        "缺失",
        "4",
        "9",
        "+5",
    ):
        assert words in text
    assert "not everything could be tested 部分项目无法评估" in text
    assert "2 not testable, 5 higher than before" in text
    assert "Sum, SE.V3, not entered Sum，SE.V3，未录入" in text


def test_the_page_stays_archivable_and_the_same_bytes_for_the_same_course() -> None:
    signed = replace(CONTEXT, fields=(PaperField(name="Investigator", label=both("Investigator", "研究者")),))
    pdf = printed(drawn(), signed)
    assert preflight(pdf) == []
    assert pdf == printed(drawn(), signed)


def test_what_is_drawn_needs_no_colour() -> None:
    """Every colour but that of alerts, whose words stand there, is nearly a grey."""
    with pikepdf.open(io.BytesIO(printed(drawn()))) as document:
        steps = pikepdf.parse_content_stream(document.pages[0])
    colours = {tuple(float(one) for one in step.operands) for step in steps if str(step.operator) in {"rg", "RG"}}
    coloured = {one for one in colours if max(one) - min(one) > 1 / 8}
    assert len(colours) > len(coloured)
    assert coloured <= {TONES[Tone.ALERT]}


def test_the_digest_names_the_course_and_neither_the_present_nor_who_prints() -> None:
    before, after = drawn(), replace(drawn(), now=None)
    assert table_digest(table(before)) == table_digest(table(after))
    other = course(times(BEGAN="2026-02-28T10:01+08:00", DRAWN=RANDOMISED))
    assert table_digest(table(before)) != table_digest(table(other))

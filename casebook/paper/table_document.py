"""A document that is one table under a few sentences: the eligibility of a subject, its timeline, a screening log.

Source: docs/paper.md, section "Tables".
"""

from collections.abc import Iterator, Sequence

from casebook.canonical import encode
from casebook.chronology import Chronology
from casebook.design import StudyDesign, Text
from casebook.paper.code import PageCode
from casebook.paper.context import PaperContext
from casebook.paper.course_drawing import CourseDrawing
from casebook.paper.layout import SHADE, SMALL_SIZE, STRONG_RULE, Block, Grid, Paragraph, Row
from casebook.paper.readings import languages_of
from casebook.paper.sheet import WIDTH, Sheet, digest_of, pair, render
from casebook.paper.table import Cell, Table
from casebook.paper.visit_record import closing_blocks, title_block
from casebook.paper.zh_paragraph import Run, Tone

_SIZE = 8.0


def table_digest(table: Table) -> str:
    """Return the document digest (16 hex digits): what the table says, whoever prints it and when."""
    return digest_of(_said(table))


def _said(table: Table) -> bytes:
    texts = [table.title, *table.about, *table.headings]
    texts += [line for row in table.rows for cell in row for line in cell.lines]
    said = [[text.by_language[language] for language in sorted(text.by_language)] for text in texts]
    return encode({"k": table.kind, "s": table.subject, "t": [[*one] for one in said]})


def table_document(
    design: StudyDesign, table: Table, context: PaperContext, chronology: Chronology | None = None
) -> bytes:
    """Return the document as a PDF file with the signature fields of `context`.

    The same arguments give the same bytes.

    Args:
        chronology: A course in time whose drawing stands above the table, which says the same in words.
    """
    code = PageCode(
        study=design.code,
        subject=table.subject,
        visit=table.kind,
        design_version=design.version[:8],
        record_state=table.record_state,
        page=1,
        pages=1,
        document_digest=table_digest(table),
    )
    sheet = Sheet(
        design=design,
        context=context,
        title=table.title,
        site=table.site,
        visit=table.title,
        code=code,
        blocks=tuple(_blocks(table, context, chronology)),
    )
    return render(sheet)


def _blocks(table: Table, context: PaperContext, chronology: Chronology | None) -> Iterator[Block]:
    languages = context.languages
    yield title_block(table.title, languages)
    for sentence in table.about:
        yield Paragraph(runs=pair(sentence, languages), size=9.0, after=5)
    if chronology is not None:
        yield CourseDrawing(chronology, tuple(languages))
    header = Row(cells=tuple(_heading(one, languages) for one in table.headings), fill=SHADE, rule=STRONG_RULE)
    rows = tuple(Row(cells=tuple(_cell(cell, languages) for cell in row)) for row in table.rows)
    columns = tuple(WIDTH * share for share in table.shares)
    yield Grid(columns=columns, rows=rows, header=header, after=14)
    yield from closing_blocks(_said(table).decode("utf-8"), context)


def _heading(text: Text, languages: Sequence[str]) -> tuple[Block, ...]:
    runs = (Run(text=" ".join(languages_of(text, languages)), tone=Tone.FAINT),)
    return (Paragraph(runs=runs, size=SMALL_SIZE),)


def _cell(cell: Cell, languages: Sequence[str]) -> tuple[Block, ...]:
    lead = Tone.ALERT if cell.alert else Tone.INK
    return tuple(
        Paragraph(runs=pair(line, languages, bold=cell.bold, lead=lead), size=_SIZE, after=1) for line in cell.lines
    )

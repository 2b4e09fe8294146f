"""The record of one visit on paper: every form, with what was corrected, confirmed or left open.

Source: docs/paper.md, section "Visit record"; ICH E6(R3) 4.2.2; 21 CFR 11.10(b).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from casebook.design import StudyDesign, Text
from casebook.errors import InkUnreadableError
from casebook.ids import UserId
from casebook.paper import fonts
from casebook.paper.code import PageCode
from casebook.paper.context import PaperContext
from casebook.paper.drawn_regions import RegionsBlock
from casebook.paper.ink import InkBlock, read_ink
from casebook.paper.layout import BAND, SHADE, SMALL_SIZE, STRONG_RULE, Block, Grid, Paragraph, Row
from casebook.paper.readings import canonical_bytes, joined, languages_of, same, shown_runs
from casebook.paper.record_signatures import signature_blocks
from casebook.paper.sheet import WIDTH, Sheet, SignaturePlaces, digest_of, pair, render
from casebook.paper.visit_content import (
    Attributed,
    Drawn,
    FormPart,
    Line,
    Note,
    PrintedAttachment,
    PrintedRow,
    Section,
    VisitContent,
    gather_visit,
    visit_code,
)
from casebook.paper.words import WORDS
from casebook.paper.zh_paragraph import Run, Tone
from casebook.projection import Casebook
from casebook.records import VisitKey
from casebook.rules import Around, nothing_around

_LABELS = 0.21
_VALUE = 0.36
_META_SIZE = 6.5
_TITLE_SIZE = 13.0
_MOST_COLUMNS = 7


def visit_record(
    design: StudyDesign, casebook: Casebook, visit: VisitKey, context: PaperContext, *, around: Around = nothing_around
) -> bytes:
    """Return the record of a visit as a PDF file with empty signature fields.

    Args:
        around: What stands around a form instance, as the engine of checks asks for it.

    The same arguments give the same bytes.
    """
    content = gather_visit(
        design, casebook, visit, around=around, with_identity=context.with_identity, now=context.printed_at
    )
    definition = design.visit(visit.visit)
    code = PageCode(
        study=design.code,
        subject=casebook.number or casebook.subject,
        visit=visit_code(visit),
        design_version=design.version[:8],
        record_state=(context.chain_head or casebook.digest)[:16],
        page=1,
        pages=1,
        document_digest=visit_digest(design, casebook, visit, around=around, with_identity=context.with_identity),
    )
    sheet = Sheet(
        design=design,
        context=context,
        title=joined(WORDS["visit_record"], definition.label, separator=" – "),
        site=f"{casebook.site} {context.site_name}".strip(),
        visit=definition.short,
        code=code,
        blocks=tuple(_blocks(content, definition.label, context)),
    )
    return render(sheet)


def visit_digest(
    design: StudyDesign,
    casebook: Casebook,
    visit: VisitKey,
    *,
    around: Around = nothing_around,
    with_identity: bool = False,
) -> str:
    """Return the document digest (16 hex digits) that a print of this visit carries now.

    It names what is recorded: who prints, when, and which findings are open at that moment are left out.
    """
    content = gather_visit(design, casebook, visit, around=around, with_identity=with_identity)
    return digest_of(canonical_bytes(content))


def _blocks(content: VisitContent, visit: Text, context: PaperContext) -> Iterator[Block]:
    languages = context.languages
    yield title_block(joined(WORDS["visit_record"], visit, separator=" – "), languages)
    yield _summary(content, context)
    for part in content.forms:
        if part.is_printed:
            yield from form_blocks(part, context)
    yield from signature_blocks(context)
    said = "".join(f"{one.name}{one.role.by_language}{one.form.by_language}" for one in context.signatures)
    yield from closing_blocks(canonical_bytes(content).decode("utf-8") + said, context)


def title_block(title: Text, languages: Sequence[str]) -> Paragraph:
    """Return the title of a document: the languages beside each other where they fit, else one below the other."""
    lead, *others = languages_of(title, languages)
    widths = [fonts.text_width(fonts.drawable(text), bold=True, size=_TITLE_SIZE) for text in (lead, *others)]
    gap = "   " if sum(widths) < WIDTH * 0.95 else "\n"
    runs = [Run(text=lead, bold=True), *(Run(text=f"{gap}{other}", tone=Tone.FAINT) for other in others)]
    return Paragraph(runs=tuple(runs), size=_TITLE_SIZE, after=8)


def closing_blocks(printed: str, context: PaperContext) -> Iterator[Block]:
    """Return what ends a document: the note on glyphless characters, and the places for signatures."""
    missing = fonts.missing_characters([printed])
    if missing:
        numbers = ", ".join(f"U+{ord(char):04X}" for char in missing)
        note = joined(WORDS["no_glyph"], same(numbers))
        yield Paragraph(runs=pair(note, context.languages, lead=Tone.ALERT), size=SMALL_SIZE, after=6)
    if context.fields:
        heading = pair(WORDS["signatures"], context.languages, bold=True)
        yield Paragraph(runs=heading, size=9.5, after=5, keep_with_next=True)
        yield SignaturePlaces(fields=context.fields, languages=context.languages)


def _small(text: Text, languages: Sequence[str]) -> tuple[Block, ...]:
    """Return a caption on one line in each language."""
    runs = (Run(text=" ".join(languages_of(text, languages)), tone=Tone.FAINT),)
    return (Paragraph(runs=runs, size=SMALL_SIZE),)


def _summary(content: VisitContent, context: PaperContext) -> Grid:
    languages = context.languages
    header = Row(
        cells=tuple(_small(WORDS[name], languages) for name in ("form", "version", "state")),
        rule=STRONG_RULE,
    )
    rows = tuple(
        Row(
            cells=(
                (Paragraph(runs=_form_title(part, languages, bold=False)),),
                (Paragraph(runs=(Run(text=", ".join(part.versions), tone=Tone.FAINT),), size=7.5),),
                (Paragraph(runs=_state_runs(part, languages), size=8.0),),
            )
        )
        for part in content.forms
    )
    return Grid(columns=(WIDTH * 0.58, WIDTH * 0.17, WIDTH * 0.25), header=header, rows=rows, after=14)


def _state_runs(part: FormPart, languages: Sequence[str]) -> tuple[Run, ...]:
    tone = Tone.ALERT if part.state is WORDS["in_conflict"] else Tone.INK if part.entered else Tone.FAINT
    return (Run(text="  ".join(languages_of(part.state, languages)), tone=tone),)


def _form_title(part: FormPart, languages: Sequence[str], *, bold: bool = True) -> tuple[Run, ...]:
    label = joined(part.label, part.occasion, separator=" – ") if part.occasion else part.label
    return (Run(text=f"{part.oid}  ", tone=Tone.FAINT), *pair(label, languages, bold=bold))


# -- a form -------------------------------------------------------------------------------------------


def form_blocks(part: FormPart, context: PaperContext) -> Iterator[Block]:
    """Return the blocks of one form: its band, then a grid for each group."""
    languages = context.languages
    right = f"{' '.join(languages_of(WORDS['version'], languages))} {', '.join(part.versions)}"
    band = Row(
        cells=(
            (Paragraph(runs=_form_title(part, languages), size=9.5),),
            (Paragraph(runs=_state_runs(part, languages), size=7.5, right=True),
             Paragraph(runs=(Run(text=right, tone=Tone.FAINT),), size=_META_SIZE, right=True)),
        ),
        fill=BAND,
        rule=STRONG_RULE,
    )  # fmt: skip
    yield Grid(columns=(WIDTH * 0.68, WIDTH * 0.32), rows=(band,), keep_with_next=True)
    if part.apart:
        saves = " / ".join(f"{_by_at(one.by, one.at, context)} ({one.laptop})" for one in part.apart)
        told = Run(text=f"{'  '.join(languages_of(WORDS['apart'], languages))}: {saves}", tone=Tone.FAINT)
        apart = Row(cells=((Paragraph(runs=(told,), size=_META_SIZE),),))
        yield Grid(columns=(WIDTH,), rows=(apart,), keep_with_next=True)
    continued = pair(joined(part.label, WORDS["continued"], separator=" – "), languages, lead=Tone.FAINT)
    running = Row(cells=((Paragraph(runs=(Run(text=f"{part.oid}  ", tone=Tone.FAINT), *continued), size=7.5),),))
    for number, section in enumerate(part.sections):
        last = number == len(part.sections) - 1 and not part.attachments
        yield section_grid(section, running, context, after=12.0 if last else 0.0)
    if part.attachments:
        yield attachment_grid(part.attachments, running, context)


def attachment_grid(attachments: Sequence[PrintedAttachment], running: Row, context: PaperContext) -> Grid:
    """Return the list of the files that are attached to a form, each with its SHA-256."""
    languages = context.languages
    heading = Row(
        cells=((Paragraph(runs=pair(WORDS["attachments"], languages, bold=True), size=8.0),),),
        fill=SHADE,
        keep_with_next=True,
    )
    rows: list[Row] = []
    for number, one in enumerate(attachments, 1):
        name = one.name or f"{number}. {one.media_type}"
        said = [Paragraph(runs=(Run(text=f"{name}, {one.size_bytes} B"),), size=7.5)]
        said.append(Paragraph(runs=(Run(text=f"SHA-256 {one.sha256}", tone=Tone.FAINT),), size=_META_SIZE))
        if one.struck_reason is not None:
            struck = joined(WORDS["attachment_struck"], same(one.struck_reason))
            said.append(Paragraph(runs=pair(struck, languages, lead=Tone.ALERT), size=_META_SIZE))
        who = Paragraph(runs=(Run(text=_by_at(one.by, one.at, context), tone=Tone.FAINT),), size=_META_SIZE)
        rows.append(Row(cells=(tuple(said), (who,))))
    return Grid(columns=(WIDTH * 0.75, WIDTH * 0.25), rows=(heading, *rows), running=(running,), after=12.0)


def section_grid(section: Section, running: Row, context: PaperContext, *, after: float) -> Grid:
    """Return the grid of one item group. `running` stands on the pages it continues on."""
    languages = context.languages
    heading = Row(
        cells=((Paragraph(runs=pair(section.label, languages, bold=True), size=8.0),),),
        fill=SHADE,
        keep_with_next=True,
    )
    if not section.columns:
        columns = tuple(WIDTH * share for share in (_LABELS, _LABELS, _VALUE, 1 - 2 * _LABELS - _VALUE))
        rows = tuple(row for line in section.lines for row in _line_rows(line, context))
        return Grid(columns=columns, rows=(heading, *rows), running=(running,), after=after)
    if len(section.columns) > _MOST_COLUMNS:
        columns = tuple(WIDTH * share for share in (_LABELS, _LABELS, _VALUE, 1 - 2 * _LABELS - _VALUE))
        listed = [row for number, one in enumerate(section.rows, 1) for row in _listed_row(number, one, context)]
        return Grid(columns=columns, rows=(heading, *listed), running=(running,), after=after)
    number_width, meta_width = 18.0, WIDTH * 0.17
    each = (WIDTH - number_width - meta_width) / len(section.columns)
    columns = (number_width, *(each for _ in section.columns), meta_width)
    captions = Row(
        cells=(
            (Paragraph(runs=(Run(text="#", tone=Tone.FAINT),), size=SMALL_SIZE),),
            *(_stacked(label, languages) for label in section.columns),
            _stacked(WORDS["entered"], languages),
        ),
        keep_with_next=True,
        rule=STRONG_RULE,
    )
    table = [row for number, one in enumerate(section.rows, 1) for row in _table_rows(number, one, context)]
    return Grid(columns=columns, rows=(heading, captions, *table), running=(running, captions), after=after)


def _stacked(text: Text, languages: Sequence[str]) -> tuple[Block, ...]:
    lines = languages_of(text, languages)
    return tuple(Paragraph(runs=(Run(text=line, tone=Tone.FAINT),), size=SMALL_SIZE) for line in lines)


def _line_row(line: Line, context: PaperContext) -> Row:
    lead, *others = (line.label(language) for language in context.languages)
    labels = (
        (Paragraph(runs=(Run(text=lead),)),),
        (Paragraph(runs=(Run(text=others[0] if others else "", tone=Tone.FAINT),)),),
    )
    return Row(cells=(*labels, tuple(_value(line, context)), tuple(_meta(line, context))))


def _line_rows(line: Line, context: PaperContext) -> Iterator[Row]:
    """Return the row of a line, and the drawing in which it marks regions below it."""
    row = _line_row(line, context)
    if line.drawn is None:
        yield row
        return
    yield replace(row, keep_with_next=True)
    beside = tuple(_beside(line, line.drawn, context))
    drawn = line.drawn
    block = RegionsBlock(
        picture=drawn.picture,
        marked=drawn.marked,
        side=drawn.side,
        sides=drawn.sides,
        languages=tuple(context.languages),
        beside=beside,
    )
    yield Row(cells=((block,),))


def _beside(line: Line, drawn: Drawn, context: PaperContext) -> Iterator[Block]:
    """Return the words beside a drawing: score, side, the marked regions, and how the picture is read."""
    languages = context.languages
    if line.heads:
        yield Paragraph(runs=pair(WORDS["shown"], languages, lead=Tone.ALERT), size=SMALL_SIZE, after=2)
    if line.score is not None and line.score.current is not None:
        label = Run(text=f"{' '.join(languages_of(line.score.label, languages))}  ", tone=Tone.FAINT)
        yield Paragraph(runs=(label,), size=SMALL_SIZE)
        yield Paragraph(runs=shown_runs(line.score.current.shown, languages), size=_TITLE_SIZE, after=2)
    if drawn.side_name is not None:
        yield Paragraph(runs=pair(drawn.side_name, languages, bold=True), after=2)
    elif drawn.sides is not None:
        yield Paragraph(runs=pair(WORDS["no_side"], languages, lead=Tone.ALERT), size=SMALL_SIZE, after=2)
    for name in drawn.names:
        yield Paragraph(runs=pair(name, languages), size=SMALL_SIZE)
    for told in languages_of(drawn.picture.drawing.note, languages):
        yield Paragraph(runs=(Run(text=told, tone=Tone.FAINT),), size=_META_SIZE)


def _listed_row(number: int, row: PrintedRow, context: PaperContext) -> Iterator[Row]:
    caption = joined(WORDS["row"], same(str(number)), separator=" ")
    runs = pair(caption, context.languages, lead=Tone.FAINT)
    yield Row(cells=((Paragraph(runs=runs, size=SMALL_SIZE), *_struck(row, context)),), keep_with_next=True)
    for cell in row.cells:
        if cell.current is not None or cell.hidden:
            yield _line_row(cell, context)


def _table_rows(number: int, row: PrintedRow, context: PaperContext) -> Iterator[Row]:
    gone = row.struck_reason is not None
    entered = [cell.current for cell in row.cells if cell.current is not None and cell.current.at]
    latest = max(entered, key=lambda one: one.at, default=None)
    meta = (_person(latest, context),) if latest else ()
    first: tuple[Block, ...] = (Paragraph(runs=(Run(text=str(number), tone=Tone.FAINT),), size=SMALL_SIZE),)
    cells = tuple(tuple(_value(cell, context, struck=gone, blank=True)) for cell in row.cells)
    yield Row(cells=(first, *cells, meta), keep_with_next=gone)
    if gone:
        yield Row(cells=((), tuple(_struck(row, context))))


def _struck(row: PrintedRow, context: PaperContext) -> Iterator[Block]:
    if row.struck_reason is not None:
        text = joined(WORDS["struck"], row.struck_reason)
        yield Paragraph(runs=pair(text, context.languages, lead=Tone.FAINT), size=SMALL_SIZE)


# -- a value ------------------------------------------------------------------------------------------


def _value(line: Line, context: PaperContext, *, struck: bool = False, blank: bool = False) -> Iterator[Block]:
    languages = context.languages
    if line.hidden:
        yield Paragraph(runs=pair(WORDS["identity"], languages, lead=Tone.FAINT), size=7.5)
        return
    if line.current is None:
        if not blank:
            text = same("–") if line.calculated else WORDS["not_entered"]
            yield Paragraph(runs=pair(text, languages, lead=Tone.FAINT))
    elif line.heads:
        yield Paragraph(runs=pair(WORDS["conflict"], languages, bold=True, lead=Tone.ALERT), size=7.5)
        for head in line.heads:
            yield Paragraph(runs=shown_runs(head.shown, languages))
            yield from _said(head, context, shown=head == line.current)
    else:
        yield from _current(line, line.current, context, struck=struck)
    yield from _history(line.history, context)
    for note in line.notes:
        yield from _noted(note, context)
    for companion in line.companions:
        yield from _companion(companion, line.current, context)


def _companion(line: Line, beside: Attributed | None, context: PaperContext) -> Iterator[Block]:
    """Print a value that belongs to another in small lines; its author and time where they are not the other's."""
    if line.heads:
        yield from _value(line, context)
        return
    caption = " ".join(languages_of(line.label, context.languages))
    runs: tuple[Run, ...] = (Run(text=f"{caption}: ", tone=Tone.FAINT),)
    if line.current is not None:
        runs += shown_runs(line.current.shown, context.languages, bold=False)
        if beside is None or (line.current.by, line.current.at) != (beside.by, beside.at):
            runs += (Run(text=f"  {_by_at(line.current.by, line.current.at, context)}", tone=Tone.FAINT),)
    yield Paragraph(runs=runs, size=SMALL_SIZE)
    if line.current is not None and line.current.reason is not None:
        yield _reason(line.current.reason, context)
    yield from _history(line.history, context)
    for note in line.notes:
        yield from _noted(note, context)


def _noted(note: Note, context: PaperContext) -> Iterator[Block]:
    languages = context.languages
    tone = Tone.ALERT if note.by is None else Tone.INK
    caption = " ".join(languages_of(note.caption, languages))
    runs: tuple[Run, ...] = (Run(text=f"{note.check} {caption}", bold=True, tone=tone),)
    if note.by is not None:
        runs += (Run(text=f"  {_by_at(note.by, note.at, context)}", tone=Tone.FAINT),)
    yield Paragraph(runs=runs, size=SMALL_SIZE)
    if note.reason is not None:
        yield _reason(note.reason, context)
    yield Paragraph(runs=pair(note.message, languages, lead=Tone.FAINT if note.by else Tone.INK), size=SMALL_SIZE)


def _current(line: Line, current: Attributed, context: PaperContext, *, struck: bool) -> Iterator[Block]:
    ink = _ink(line.ink)
    if ink is not None:
        yield ink
        return
    runs = shown_runs(current.shown, context.languages, struck=struck)
    if line.calculated:
        caption = " ".join(languages_of(WORDS["calculated"], context.languages))
        runs = (*runs, Run(text=f"  ({caption})", tone=Tone.FAINT))
    yield Paragraph(runs=runs)
    if current.unconfirmed:
        yield Paragraph(runs=pair(WORDS["unconfirmed"], context.languages, lead=Tone.ALERT), size=SMALL_SIZE)
    if current.reason is not None:
        yield _reason(current.reason, context)


def _ink(text: str | None) -> InkBlock | None:
    if text is None:
        return None
    try:
        return InkBlock(ink=read_ink(text))
    except InkUnreadableError:
        return None


def _reason(reason: Text, context: PaperContext) -> Paragraph:
    caption = " ".join(languages_of(WORDS["reason"], context.languages))
    runs = (Run(text=f"{caption}: ", tone=Tone.FAINT), *pair(reason, context.languages))
    return Paragraph(runs=runs, size=SMALL_SIZE)


def _said(one: Attributed, context: PaperContext, *, shown: bool) -> Iterator[Block]:
    yield _person(one, context, one_line=True)
    if shown:
        yield Paragraph(runs=pair(WORDS["shown"], context.languages, lead=Tone.FAINT), size=_META_SIZE)
    if one.reason is not None:
        yield _reason(one.reason, context)


def _history(history: Sequence[Attributed], context: PaperContext) -> Iterator[Block]:
    for past in history:
        caption = " ".join(languages_of(WORDS["earlier"], context.languages))
        runs: tuple[Run, ...] = (
            Run(text=f"{caption}  ", tone=Tone.FAINT),
            *shown_runs(past.shown, context.languages, struck=True, bold=False),
            Run(text=f"  {_by_at(past.by, past.at, context)}", tone=Tone.FAINT),
        )
        yield Paragraph(runs=runs, size=SMALL_SIZE)
        if past.reason is not None:
            yield _reason(past.reason, context)


def _meta(line: Line, context: PaperContext) -> Iterator[Block]:
    if line.current is not None and line.current.at and not line.heads:
        yield _person(line.current, context)


def _person(one: Attributed, context: PaperContext, *, one_line: bool = False) -> Paragraph:
    text = f"{context.name_of(one.by)}\n{one.at}"
    if one_line:
        laptop = " ".join(languages_of(WORDS["laptop"], context.languages))
        text = f"{_by_at(one.by, one.at, context)}, {laptop} {one.laptop}"
    return Paragraph(runs=(Run(text=text, tone=Tone.FAINT),), size=_META_SIZE)


def _by_at(by: UserId, at: str, context: PaperContext) -> str:
    return f"{context.name_of(by)}, {at}".replace(" ", "\u00a0").replace(",\u00a0", ", ")

"""The whole study as annotated blank case report forms, in one document.

Each form begins a page of its own: where it is planned, every question in every language of the study, the
answers to tick or the line to write on, and what the data call it. Conditions and derivations are told as
sentences. Nothing of a subject is in it; the same definition gives the same bytes.

Source: docs/paper.md, section "Blank forms"; CDISC, SDTM Metadata Submission Guidelines 2.0 (annotated CRF).
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reportlab.lib.units import mm

from casebook.design import DataType, Form, Item, ItemGroup, Need, PlannedForm, StudyDesign, Text, Visit
from casebook.paper import fonts
from casebook.paper.drawn_regions import RegionsBlock
from casebook.paper.layout import BAND, RULE, SHADE, STRONG_RULE, Block, Grid, Paragraph, Pen, Placed, Row, paginate
from casebook.paper.sheet import LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT, WIDTH, PaperCanvas, pair, pdf_language
from casebook.paper.zh_paragraph import Run, Tone
from casebook.sentences import Sentences

_TOP = PAGE_HEIGHT - 12 * mm
_BODY_TOP = _TOP - 9 * mm
_FOOT = 14 * mm
_QUESTION, _ANSWER = 0.44, 0.32
_SMALL = 6.8
_NOTE = 6.3
_MOST_LISTED = 14
"""Codes beyond this number flow in lines instead of standing one below the other."""
_BOX = "□"
_LINE = "＿" * 14


def _words(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


_TITLE = _words("Annotated case report forms", "病例报告表（含变量标注）")
_SCHEDULE = _words("Schedule of forms", "访视流程表")
_VISITS = _words("Visits", "访视")
_PLANNED = _words("At", "用于")
_NEEDS = {
    Need.MANDATORY: _words("mandatory", "必填"),
    Need.CONDITIONAL: _words("mandatory where its condition holds", "条件成立时必填"),
    Need.OPTIONAL: _words("optional", "选填"),
}
_PLANS = {"x": _words("mandatory", "必做"), "c": _words("conditional", "视条件"), "o": _words("optional", "可选")}
_REPEATING = _words("one row for each", "可多行填写")
_CALCULATED = _words("calculated", "自动计算")
_PAGE = _words("Page {page} of {pages}", "第 {page} 页，共 {pages} 页")
_VERSION = _words("Version", "版本")
_RANGE = _words("limits", "限值")
_USUAL = _words("usual", "常见范围")
_UNITS = _words("units", "单位")
_CODES = _words("codes", "代码表")
_MISSING = _words("missing", "缺失代码")
_IDENTITY = _words("identity data, never exported", "身份信息，不导出")
_TWICE = _words("typed twice", "两次录入")
_SIGNATURE = _words("signature in ink", "手写签名")
_TYPES = {
    DataType.TEXT: _words("text", "文本"),
    DataType.INTEGER: _words("whole number", "整数"),
    DataType.DECIMAL: _words("number", "数值"),
    DataType.QUANTITY: _words("number with unit", "带单位的数值"),
    DataType.DATE: _words("date", "日期"),
    DataType.DATETIME: _words("date and time", "日期时间"),
    DataType.CODE: _words("one of a list", "单选"),
    DataType.CODES: _words("several of a list", "多选"),
    DataType.INK: _words("ink", "手写"),
}
_DATE = _words("year ＿＿＿＿  month ＿＿  day ＿＿", "＿＿＿＿ 年 ＿＿ 月 ＿＿ 日")
_TIME = _words("time ＿＿ : ＿＿", "＿＿ 时 ＿＿ 分")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chapter:
    """A form, or the cover: what stands in the outline, and its blocks."""

    title: str
    blocks: tuple[Block, ...]


def blank_forms(design: StudyDesign, languages: Sequence[str]) -> bytes:
    """Return the study's annotated blank forms as a PDF file.

    Args:
        languages: The order in which languages are printed; the first one leads and names the outline.
    """
    fonts.register()
    teller = _Teller(design=design, languages=tuple(languages))
    chapters = (teller.cover(), teller.visits(), *(teller.form(form) for form in teller.forms()))
    height = _BODY_TOP - _FOOT
    pages = [
        (chapter, number, placed)
        for chapter in chapters
        for number, placed in enumerate(paginate(chapter.blocks, WIDTH, _BODY_TOP, height))
    ]
    buffer = io.BytesIO()
    canvas = PaperCanvas(buffer, language=pdf_language(languages))
    canvas.setTitle(f"{_TITLE(languages[0])} – {design.protocol}, {design.label}")
    canvas.setSubject(f"{design.name(languages[0])} {design.version}")
    canvas.setAuthor(design.protocol)
    canvas.showOutline()
    pen = Pen(canvas)
    for page, (chapter, number, placed) in enumerate(pages, start=1):
        pen.page = page
        if number == 0:
            canvas.bookmarkPage(str(page))
            canvas.addOutlineEntry(chapter.title, str(page), level=0)
        teller.frame(pen, chapter, (page, len(pages)))
        _draw(pen, placed)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(pen: Pen, placed: Sequence[Placed]) -> None:
    for one in placed:
        one.block.draw(pen, LEFT, one.top, WIDTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    design: StudyDesign
    languages: tuple[str, ...]

    def forms(self) -> Iterator[Form]:
        """Return the forms in the order in which the visits name them first."""
        planned = dict.fromkeys(one.form for visit in self.design.visits for one in visit.forms)
        yield from (self.design.forms[oid] for oid in planned)

    def both(self, text: Text, separator: str = "  ") -> str:
        return separator.join(dict.fromkeys(text(language) for language in self.languages))

    # -- pages ------------------------------------------------------------------------------------------

    def frame(self, pen: Pen, chapter: _Chapter, place: tuple[int, int]) -> None:
        design, lead = self.design, self.languages[0]
        left = Paragraph(
            runs=(Run(text=f"{design.protocol}  {design.code}  {design.name(lead)}", tone=Tone.FAINT),), size=7, stop=1
        )
        left.draw(pen, LEFT, _TOP, WIDTH * 0.6)
        right = Paragraph(runs=(Run(text=chapter.title, bold=True),), size=7, stop=1, right=True)
        right.draw(pen, LEFT + WIDTH * 0.6, _TOP, WIDTH * 0.4)
        pen.line(LEFT, _TOP - 4.5 * mm, PAGE_WIDTH - RIGHT, STRONG_RULE, 0.7)
        pen.line(LEFT, _FOOT - 3 * mm, PAGE_WIDTH - RIGHT, RULE)
        version = f"{self.both(_VERSION, ' ')} {design.label}  {design.version}"
        foot = Paragraph(runs=(Run(text=version, tone=Tone.FAINT),), size=6, stop=1)
        foot.draw(pen, LEFT, _FOOT - 4 * mm, WIDTH * 0.72)
        page, pages = place
        number = self.both(_PAGE, "   ").format(page=page, pages=pages)
        Paragraph(runs=(Run(text=number),), size=7, right=True, stop=1).draw(
            pen, LEFT + WIDTH * 0.72, _FOOT - 4 * mm, WIDTH * 0.28
        )

    def cover(self) -> _Chapter:
        title = Paragraph(runs=(Run(text=self.both(_TITLE, "   "), bold=True),), size=16, after=10)
        names = [
            Paragraph(runs=(Run(text=self.design.name(language), bold=not number),), size=11, after=3)
            for number, language in enumerate(self.languages)
        ]
        facts = f"{self.design.protocol}   {self.both(_VERSION, ' ')} {self.design.label}   {self.design.version}"
        about = Paragraph(runs=(Run(text=facts, tone=Tone.FAINT),), size=7.5, after=14)
        heading = Paragraph(runs=pair(_SCHEDULE, self.languages, bold=True), size=10, after=4, keep_with_next=True)
        legend = "   ".join(f"{mark} {self.both(text, ' ')}" for mark, text in _PLANS.items())
        marks = Paragraph(runs=(Run(text=legend, tone=Tone.FAINT),), size=_SMALL, after=4, keep_with_next=True)
        lead = self.languages[0]
        return _Chapter(title=_TITLE(lead), blocks=(title, *names, about, heading, marks, *self._schedule()))

    def _schedule(self) -> Iterator[Block]:
        visits = self.design.visits
        share = 0.40
        columns = (WIDTH * share, *(WIDTH * (1 - share) / len(visits) for _ in visits))
        header = Row(
            cells=((), *((_plain(_short(visit), size=_SMALL, bold=True),) for visit in visits)),
            fill=BAND,
            rule=STRONG_RULE,
        )
        rows = tuple(
            Row(
                cells=(
                    (Paragraph(runs=(_faint(f"{form.oid}  "), *pair(form.label, self.languages)), size=_SMALL),),
                    *((_plain(self._marks(visit, form), size=_SMALL),) for visit in visits),
                )
            )
            for form in self.forms()
        )
        yield Grid(columns=columns, header=header, rows=rows)

    def visits(self) -> _Chapter:
        heading = Row(
            cells=((Paragraph(runs=pair(_VISITS, self.languages, bold=True), size=8),),), fill=BAND, keep_with_next=True
        )
        listed = tuple(
            Row(
                cells=(
                    (_plain(_short(visit), size=_SMALL, bold=True),),
                    (Paragraph(runs=pair(visit.label, self.languages), size=_SMALL),),
                    tuple(self._window(visit)),
                )
            )
            for visit in self.design.visits
        )
        grid = Grid(columns=(WIDTH * 0.08, WIDTH * 0.42, WIDTH * 0.50), rows=(heading, *listed))
        return _Chapter(title=_VISITS(self.languages[0]), blocks=(grid,))

    def _window(self, visit: Visit) -> Iterator[Block]:
        if visit.window.from_day is not None or visit.window.from_hours is not None:
            told = dict.fromkeys(Sentences(self.design, one).window(visit.window) for one in self.languages)
            for number, said in enumerate(told):
                yield _plain(said, size=_SMALL, tone=Tone.FAINT if number else Tone.INK)

    @staticmethod
    def _marks(visit: Visit, form: Form) -> str:
        return " ".join(one.need for one in visit.forms if one.form == form.oid)

    # -- a form -----------------------------------------------------------------------------------------

    def form(self, form: Form) -> _Chapter:
        lead = self.languages[0]
        band = Row(
            cells=(
                (Paragraph(runs=(_faint(f"{form.oid}  "), *pair(form.label, self.languages, bold=True)), size=11),),
                (Paragraph(runs=(_faint(f"{self.both(_VERSION, ' ')} {form.version}"),), size=_SMALL, right=True),),
            ),
            fill=BAND,
            rule=STRONG_RULE,
        )
        head = Grid(columns=(WIDTH * 0.72, WIDTH * 0.28), rows=(band,), keep_with_next=True)
        plans = [
            Paragraph(runs=runs, size=_SMALL, after=1)
            for visit in self.design.visits
            for one in visit.forms
            if one.form == form.oid
            for runs in self._plan(visit, one)
        ]
        running = Row(cells=((Paragraph(runs=(_faint(form.oid + "  "), *pair(form.label, self.languages)), size=7),),))
        groups = (self._group(form, group, running) for group in form.groups)
        space = Paragraph(runs=(Run(text=" "),), size=3)
        return _Chapter(title=f"{form.oid}  {form.label(lead)}", blocks=(head, space, *plans, space, *groups))

    def _plan(self, visit: Visit, one: PlannedForm) -> Iterator[tuple[Run, ...]]:
        occasion = "" if one.occasion_label is None else f" – {self.both(one.occasion_label, ' ')}"
        place = (
            f"{self.both(_PLANNED, ' ')} {self.both(visit.label, ' / ')}{occasion}: {self.both(_PLANS[one.need], ' ')}"
        )
        yield (Run(text=place),)
        if one.when is not None:
            for language in self.languages:
                said = Sentences(self.design, language).applicable(one.when)
                yield (_faint(f"→ {_quoted(said, language)}"),)

    def _group(self, form: Form, group: ItemGroup, running: Row) -> Grid:
        runs = [*pair(group.label, self.languages, bold=True), _faint(f"   {group.oid}")]
        if group.repeating:
            runs.append(Run(text=f"   {self.both(_REPEATING, ' ')}", tone=Tone.ALERT))
        heading = Row(cells=((Paragraph(runs=tuple(runs), size=8),),), fill=SHADE, keep_with_next=True)
        rows = [row for item in group.items for row in self._item_rows(form, group, item)]
        columns = (WIDTH * _QUESTION, WIDTH * _ANSWER, WIDTH * (1 - _QUESTION - _ANSWER))
        return Grid(columns=columns, rows=(heading, *rows), running=(running,), after=5)

    def _item_rows(self, form: Form, group: ItemGroup, item: Item) -> Iterator[Row]:
        """Return the row of an item, and the drawing to be marked by hand below it."""
        row, picture = self._item(form, item), group.picture
        if picture is None or picture.item != item.name:
            yield row
            return
        yield replace(row, keep_with_next=True)
        sides = None
        if picture.side:
            _, side = form.find(picture.side)
            names = {code.value: code.label for code in self.design.code_lists[side.code_list or ""].codes}
            sides = (names[picture.left], names[picture.right])
        told = dict.fromkeys(picture.drawing.note(language) for language in self.languages)
        beside = tuple(Paragraph(runs=(_faint(said),), size=_NOTE) for said in told)
        block = RegionsBlock(picture=picture, blank=True, sides=sides, languages=self.languages, beside=beside)
        yield Row(cells=((block,),))

    def _item(self, form: Form, item: Item) -> Row:
        return Row(cells=(tuple(self._question(form, item)), tuple(self._answer(form, item)), tuple(self._facts(item))))

    def _question(self, form: Form, item: Item) -> Iterator[Block]:
        star = (Run(text=" *", bold=True, tone=Tone.ALERT),) if item.need is not Need.OPTIONAL else ()
        for number, text in enumerate(dict.fromkeys(item.label(language) for language in self.languages)):
            runs = (Run(text=text), *(star if number == 0 else ())) if number == 0 else (_faint(text),)
            yield Paragraph(runs=runs, size=8 if number == 0 else 7.2)
        if item.hint is not None:
            for text in dict.fromkeys(item.hint(language) for language in self.languages):
                yield Paragraph(runs=(_faint(text),), size=_NOTE)
        for language in self.languages:
            say = Sentences(self.design, language)
            if sentence := say.asked(form, item):
                yield Paragraph(runs=(Run(text=f"→ {_quoted(sentence, language)}", tone=Tone.ALERT),), size=_NOTE)

    def _answer(self, form: Form, item: Item) -> Iterator[Block]:
        if item.derivation is not None:
            yield Paragraph(runs=(_faint(self.both(_CALCULATED)),), size=7)
            for language in self.languages:
                said = Sentences(self.design, language).worked_out(form, item)
                yield _plain(_quoted(said, language), size=_NOTE, tone=Tone.FAINT)
        elif item.code_list is not None:
            yield from self._codes(item.code_list)
        elif item.data_type is DataType.INK:
            yield Paragraph(runs=(_faint(self.both(_SIGNATURE)),), size=7, after=26)
        elif item.data_type in {DataType.DATE, DataType.DATETIME}:
            yield _plain(_DATE(self.languages[0]), size=7.2)
            if item.data_type is DataType.DATETIME:
                yield _plain(_TIME(self.languages[0]), size=7.2)
        else:
            unit = f"  {item.units[0].unit}" if len(item.units) == 1 else ""
            yield Paragraph(runs=(_faint(_LINE), Run(text=unit)), size=7.2)
            if len(item.units) > 1:
                yield _plain("   ".join(f"{_BOX} {unit.unit}" for unit in item.units), size=7)
        if item.missing_codes and item.derivation is None:
            yield _plain("   ".join(f"{_BOX} {code}" for code in item.missing_codes), size=_NOTE, tone=Tone.FAINT)

    def _codes(self, oid: str) -> Iterator[Block]:
        codes = self.design.code_lists[oid].codes
        runs = [
            (
                Run(text=f"{_BOX} "),
                _faint(f"{code.value}  "),
                *pair(code.label, self.languages),
            )
            for code in codes
        ]
        if len(codes) > _MOST_LISTED:
            gap = Run(text="    ")
            yield Paragraph(runs=tuple(run for one in runs for run in (*one, gap)), size=_SMALL)
            return
        for one in runs:
            yield Paragraph(runs=one, size=7)

    def _facts(self, item: Item) -> Iterator[Block]:
        note = item.annotation
        where = ".".join(filter(None, (note.domain, note.variable)))
        yield Paragraph(runs=(Run(text=item.name, bold=True), Run(text=f"  {where}")), size=7)
        needs = "" if item.derivation is not None else f", {self.both(_NEEDS[item.need], ' ')}"
        yield _plain(f"{self.both(_TYPES[item.data_type], ' ')}{needs}", size=_NOTE)
        facts = [
            (_CODES, item.code_list or ""),
            (_UNITS, ", ".join(unit.unit for unit in item.units)),
            (_RANGE, _limits(item.hard)),
            (_USUAL, _limits(item.soft)),
            (_MISSING, " ".join(item.missing_codes)),
        ]
        told = [f"{self.both(word, ' ')} {value}" for word, value in facts if value]
        told += [f"LOINC {note.loinc}"] if note.loinc else []
        told += [self.both(_IDENTITY, " ")] if item.identity else []
        told += [self.both(_TWICE, " ")] if item.twice else []
        for line in told:
            yield _plain(line, size=_NOTE, tone=Tone.FAINT)


def _short(visit: Visit) -> str:
    """Return a visit's name in the schedule, `V2`."""
    return visit.oid.partition(".")[2]


def _quoted(sentence: str, language: str) -> str:
    """Return a sentence with the quotation marks of its script; the font draws curved ones as wide as a Han."""
    return sentence if language == "zh" else sentence.replace("“", '"').replace("”", '"')


def _faint(text: str) -> Run:
    return Run(text=text, tone=Tone.FAINT)


def _plain(text: str, *, size: float, bold: bool = False, tone: Tone = Tone.INK) -> Paragraph:
    return Paragraph(runs=(Run(text=text, bold=bold, tone=tone),), size=size)


def _limits(limits: tuple[Decimal | None, Decimal | None]) -> str:
    low, high = ("" if limit is None else f"{limit:f}" for limit in limits)
    return f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""

"""A whole document: blocks between a header and a footer, as an archivable PDF file.

Shaped as PDF/A-2b (ISO 19005-2): embedded fonts alone, an sRGB output intent, XMP metadata that agree
with the information dictionary, a file identifier, a language; each page carries its number, the
record's state and a QR code. Empty signature fields are made here, before anyone signs: adding one
after a certifying signature would break it.

The same sheet gives the same bytes.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode import qrencoder
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from casebook import __version__
from casebook.design import StudyDesign, Text
from casebook.locations import data_folder
from casebook.paper import fonts
from casebook.paper.code import PageCode
from casebook.paper.context import PaperContext, PaperField, PaperMark, time_text
from casebook.paper.layout import (
    RULE,
    STRONG_RULE,
    Block,
    FieldPlace,
    Paragraph,
    Pen,
    Placed,
    Whole,
    paginate,
)
from casebook.paper.words import WORDS
from casebook.paper.zh_paragraph import Run, Tone

PAGE_WIDTH, PAGE_HEIGHT = A4
LEFT, RIGHT = 16 * mm, 14 * mm
WIDTH = PAGE_WIDTH - LEFT - RIGHT
_TOP = PAGE_HEIGHT - 11 * mm
_QR = 21 * mm
_BODY_TOP = _TOP - 27.5 * mm
_FOOT = 15 * mm
_FIELD_HEIGHT = 27 * mm
_MARK_GREY = (0.93, 0.93, 0.935)
_TRAINING_GREY = (0.87, 0.87, 0.875)
"""Darker: it is to be seen at arm's length, and on a copy of a copy."""
_PRODUCER = f"Casebook {__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is printed. `code` is the first page's code; the number of pages is filled in at rendering."""

    design: StudyDesign
    context: PaperContext
    title: Text
    site: str
    visit: Text
    code: PageCode
    blocks: tuple[Block, ...]


def pair(text: Text, languages: Sequence[str], *, bold: bool = False, lead: Tone = Tone.INK) -> tuple[Run, ...]:
    """Return a text in each language in turn: the first leads, the others follow faintly. Equal texts stand once."""
    runs = [Run(text=text(languages[0]), bold=bold, tone=lead)]
    others = dict.fromkeys(text(language) for language in languages[1:] if text(language) != text(languages[0]))
    runs += [Run(text=f"  {other}", tone=Tone.FAINT) for other in others]
    return tuple(runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePlaces(Whole):
    """Boxes for electronic signatures, two in a row. They are never cut."""

    fields: tuple[PaperField, ...]
    languages: tuple[str, ...] = field(default=("en", "zh"))
    keep_with_next: bool = False

    def height(self, width: float) -> float:
        """Return the height of all boxes."""
        del width
        return ((len(self.fields) + 1) // 2) * (_FIELD_HEIGHT + 6 * mm)

    def draw(self, pen: Pen, x: float, top: float, width: float) -> None:
        """Draw the boxes and note where the fields stand."""
        box = (width - 6 * mm) / 2
        for number, place in enumerate(self.fields):
            left = x + (number % 2) * (box + 6 * mm)
            upper = top - (number // 2) * (_FIELD_HEIGHT + 6 * mm)
            caption = Paragraph(runs=pair(place.label, self.languages), size=7.5)
            caption.draw(pen, left, upper, box)
            upper -= 4 * mm
            pen.canvas.setStrokeColorRGB(*STRONG_RULE)
            pen.canvas.setLineWidth(0.5)
            pen.canvas.rect(left, upper - _FIELD_HEIGHT, box, _FIELD_HEIGHT, stroke=1, fill=0)
            corners = (left + 1, upper - _FIELD_HEIGHT + 1, left + box - 1, upper - 1)
            pen.fields.append(FieldPlace(name=place.name, page=pen.page, rectangle=corners))


# -- the frame of each page ---------------------------------------------------------------------------


def draw_qr(pen: Pen, text: str, x: float, bottom: float, side: float) -> None:
    """Draw `text` as a QR code (error correction M) in a square of `side` points."""
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(qrencoder.QR8bitByte(text))
    code.make()
    modules: list[list[bool]] = code.modules
    count = len(modules)
    module = side / count
    path = pen.canvas.beginPath()
    for row in range(count):
        start = None
        for column in range(count + 1):
            dark = column < count and modules[row][column]
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                lower = bottom + side - (row + 1) * module
                path.rect(x + start * module, lower, (column - start) * module, module)
                start = None
    pen.canvas.setFillColorRGB(0, 0, 0)
    pen.canvas.drawPath(path, stroke=0, fill=1)


def _draw_header(pen: Pen, sheet: Sheet, code: PageCode) -> None:
    languages, design = sheet.context.languages, sheet.design
    text_width = WIDTH - _QR - 6 * mm
    draw_qr(pen, code.text, PAGE_WIDTH - RIGHT - _QR, _TOP - _QR, _QR)
    study = Paragraph(runs=(Run(text=design.name(languages[0]), bold=True),), size=9.0)
    top = _TOP
    for paragraph in (study, *_other_names(sheet)):
        shown = replace(paragraph, stop=2)
        shown.draw(pen, LEFT, top, text_width)
        top -= shown.height(text_width)
    captions = (
        (WORDS["subject"], Run(text=sheet.code.subject, bold=True)),
        (WORDS["site"], Run(text=sheet.site)),
        (WORDS["visit"], Run(text="  ".join(_texts(sheet.visit, languages)))),
        (WORDS["design"], Run(text=f"{design.protocol}, {design.label}")),
    )
    widths = (0.17, 0.28, 0.30, 0.25)
    left, top = LEFT, _TOP - 14 * mm
    for (caption, value), share in zip(captions, widths, strict=True):
        width = text_width * share - 3 * mm
        small = Paragraph(runs=(Run(text=" ".join(_texts(caption, languages)), tone=Tone.FAINT),), size=6.5, stop=1)
        small.draw(pen, left, top, width)
        Paragraph(runs=(value,), size=8.0, stop=2).draw(pen, left, top - 9.5, width)
        left += text_width * share
    pen.line(LEFT, _BODY_TOP + 3.2 * mm, PAGE_WIDTH - RIGHT, STRONG_RULE, 0.8)


def _other_names(sheet: Sheet) -> list[Paragraph]:
    design, languages = sheet.design, sheet.context.languages
    return [
        Paragraph(runs=(Run(text=design.name(language), tone=Tone.FAINT),), size=7.5)
        for language in languages[1:]
        if design.name(language) != design.name(languages[0])
    ]


def _texts(text: Text, languages: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text(language) for language in languages))


def _draw_footer(pen: Pen, sheet: Sheet, code: PageCode) -> None:
    context = sheet.context
    pen.line(LEFT, _FOOT - 2 * mm, PAGE_WIDTH - RIGHT, RULE)
    parts = (
        (WORDS["record_state"], code.record_state),
        (WORDS["design"], code.design_version),
        (WORDS["printed"], f"{context.printed_by}, {time_text(context.printed_at)}"),
    )
    runs: list[Run] = []
    for number, (caption, value) in enumerate(parts):
        gap = "    " if number else ""
        caption_text = " ".join(_texts(caption, context.languages))
        runs += [Run(text=f"{gap}{caption_text} ", tone=Tone.FAINT), Run(text=value)]
    Paragraph(runs=tuple(runs), size=6.5, stop=2).draw(pen, LEFT, _FOOT - 3.2 * mm, WIDTH - 38 * mm)
    page = {"en": f"Page {code.page} of {code.pages}", "zh": f"第 {code.page} 页，共 {code.pages} 页"}
    number_run = Run(text="   ".join(_texts(Text(page), context.languages)))
    Paragraph(runs=(number_run,), size=7.0, right=True).draw(
        pen, PAGE_WIDTH - RIGHT - 60 * mm, _FOOT - 3.2 * mm, 60 * mm
    )


def _draw_mark(pen: Pen, sheet: Sheet) -> None:
    if sheet.context.mark is None:
        return
    canvas = pen.canvas
    canvas.saveState()
    canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
    canvas.rotate(52)
    is_training = sheet.context.mark is PaperMark.TRAINING
    canvas.setFillColorRGB(*(_TRAINING_GREY if is_training else _MARK_GREY))
    canvas.setFont(fonts.BOLD, 84)
    canvas.drawCentredString(0, -30, "  ".join(_texts(WORDS[sheet.context.mark.value], sheet.context.languages)))
    canvas.restoreState()
    if is_training:
        said = Run(text="    ".join(_texts(WORDS["not_a_record"], sheet.context.languages)), bold=True, tone=Tone.ALERT)
        Paragraph(runs=(said,), size=9.0).draw(pen, LEFT, PAGE_HEIGHT - 5 * mm, WIDTH)


# -- the file -----------------------------------------------------------------------------------------


def pdf_language(languages: Sequence[str]) -> str:
    """Return the language that a file names as its own, by which readers choose glyphs and voices."""
    return "zh-CN" if "zh" in languages else languages[0]


class PaperCanvas(Canvas):
    """A canvas that embeds only the bundled fonts and writes the same bytes for the same drawing."""

    if TYPE_CHECKING:  # parts of the library that its type stubs leave out
        _doc: Any

        def _addAnnotation(self, annotation: object, name: str) -> None: ...

    def __init__(self, buffer: io.BytesIO, size: tuple[float, float] = A4, language: str = "en") -> None:
        fonts.register()
        options: dict[str, Any] = {"initialFontName": fonts.REGULAR, "initialFontSize": 8, "lang": language}
        super().__init__(buffer, pagesize=size, invariant=1, pageCompression=1, pdfVersion=(1, 7), **options)

    @property
    def document(self) -> Any:  # noqa: ANN401 (its type stubs leave out most of it)
        """The file under the canvas."""
        return self._doc

    def add_field(self, place: FieldPlace) -> object:
        """Put an empty signature field on the current page (ISO 32000-1, 12.7.4.5); return its reference."""
        left, lower, right, upper = place.rectangle
        look = {
            "Type": pdfdoc.PDFName("XObject"),
            "Subtype": pdfdoc.PDFName("Form"),
            "BBox": pdfdoc.PDFArray([0, 0, right - left, upper - lower]),
            "Resources": pdfdoc.PDFDictionary({}),
        }
        blank = pdfdoc.PDFStream(dictionary=pdfdoc.PDFDictionary(look), content=b"q Q")
        widget = {
            "Type": pdfdoc.PDFName("Annot"),
            "Subtype": pdfdoc.PDFName("Widget"),
            "FT": pdfdoc.PDFName("Sig"),
            "T": pdfdoc.PDFString(place.name),
            "Rect": pdfdoc.PDFArray([left, lower, right, upper]),
            "F": 132,  # printed, locked in place
            "P": self._doc.thisPageRef(),
            "AP": pdfdoc.PDFDictionary({"N": self._doc.Reference(blank)}),
        }
        name = f"field.{place.name}"
        self._addAnnotation(pdfdoc.PDFDictionary(widget), name)
        return self._doc.refAnnotation(name)


def _pdf_date(context: PaperContext) -> str:
    stamp = context.printed_at
    offset = stamp.strftime("%z") or "+0000"
    return f"D:{stamp:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"


def _xmp(sheet: Sheet, title: str, keywords: str) -> bytes:
    stamp = sheet.context.printed_at.isoformat(timespec="seconds")
    language = sheet.context.languages[0]
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{escape(sheet.context.printed_by)}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt>
<rdf:li xml:lang="x-default">{escape(sheet.design.protocol)}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{escape(_PRODUCER)}</pdf:Producer><pdf:Keywords>{escape(keywords)}</pdf:Keywords>
<xmp:CreatorTool>{escape(_PRODUCER)}</xmp:CreatorTool>
<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _describe(document: Any, sheet: Sheet, code: PageCode) -> None:  # noqa: ANN401 (as `document`)
    """Write the information dictionary, XMP, the output intent and the file identifier."""
    title = f"{' '.join(_texts(sheet.title, sheet.context.languages))} {code.subject} {code.visit}"
    if sheet.context.mark is PaperMark.TRAINING:
        title = f"{' '.join(_texts(WORDS['training'], sheet.context.languages))}: {title}"
    info = document.info
    info.title, info.author, info.subject = title, sheet.context.printed_by, sheet.design.protocol
    info.creator = info.producer = _PRODUCER
    info.keywords = code.text
    stamp = _pdf_date(sheet.context)
    info._dateFormatter = lambda *_: stamp
    document.updateSignature(code.text + stamp)
    catalog = document.Catalog
    metadata = _xmp(sheet, title, code.text)
    catalog.Metadata = pdfdoc.XMP(creator=lambda _: metadata)
    profile = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"N": 3}),
        content=(data_folder("resources") / "icc" / "sRGB.icc").read_bytes(),
    )
    intent = {
        "Type": pdfdoc.PDFName("OutputIntent"),
        "S": pdfdoc.PDFName("GTS_PDFA1"),
        "OutputConditionIdentifier": pdfdoc.PDFString("sRGB IEC61966-2.1"),
        "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
        "DestOutputProfile": document.Reference(profile),
    }
    catalog.OutputIntents = pdfdoc.PDFArray([pdfdoc.PDFDictionary(intent)])
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]
    catalog.__Refs__ = catalog.__NoDefault__


def render(sheet: Sheet) -> bytes:
    """Return the document as a PDF file."""
    fonts.register()
    pages: list[list[Placed]] = paginate(sheet.blocks, WIDTH, _BODY_TOP, _BODY_TOP - _FOOT)
    buffer = io.BytesIO()
    canvas = PaperCanvas(buffer, language=pdf_language(sheet.context.languages))
    pen = Pen(canvas)
    first = replace(sheet.code, page=1, pages=len(pages))
    form_fields: list[object] = []
    for number, placed in enumerate(pages, start=1):
        pen.page = number
        code = replace(first, page=number)
        _draw_mark(pen, sheet)
        _draw_header(pen, sheet, code)
        for one in placed:
            one.block.draw(pen, LEFT, one.top, WIDTH)
        _draw_footer(pen, sheet, code)
        form_fields += [canvas.add_field(place) for place in pen.fields if place.page == number]
        canvas.showPage()
    _describe(canvas.document, sheet, first)
    if form_fields:
        form = {"Fields": pdfdoc.PDFArray(form_fields), "SigFlags": 0}
        canvas.document.Catalog.AcroForm = pdfdoc.PDFDictionary(form)
    canvas.save()
    return buffer.getvalue()


def digest_of(content: bytes) -> str:
    """Return the 16 hex digits by which a page names what its document says."""
    return hashlib.sha256(content).hexdigest()[:16]

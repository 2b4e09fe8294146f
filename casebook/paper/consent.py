"""The consent document: the approved text, who consents and why, ink, and the investigator's signature.

The form says which of its items are the version and which are signatures in ink; all else is printed
as the form defines it. The document is identity: it is sealed to the site.

Source: ICH E6(R3) 2.8; docs/paper.md, section "Consent".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from casebook.design import ConsentItems, ConsentText, InkSigner, Item, StudyDesign, Text
from casebook.errors import LANGUAGES, InkUnreadableError
from casebook.paper.code import PageCode
from casebook.paper.context import PaperContext
from casebook.paper.ink import InkBlock, read_ink
from casebook.paper.layout import SHADE, SMALL_SIZE, STRONG_RULE, Block, Grid, Paragraph, Row
from casebook.paper.readings import Shown, canonical_bytes, joined, languages_of, show_reading, shown_runs
from casebook.paper.sheet import WIDTH, Sheet, digest_of, pair, render
from casebook.paper.visit_content import Section, gather_form, visit_code
from casebook.paper.visit_record import closing_blocks, section_grid, title_block
from casebook.paper.words import WORDS
from casebook.paper.zh_paragraph import Run, Tone
from casebook.projection import Casebook, FormState
from casebook.records import EMPTY, FormKey, ItemPath, Reading
from casebook.rules import Around, nothing_around

_NO_ITEMS = ConsentItems(version=(), signers=())
_INK_HEIGHT = 52.0
_COMPACT = frozenset({"zh", "ja", "ko"})
"""Languages whose script needs less room than the Latin one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person who signs in ink: what is asked, and what stands."""

    name_label: Text
    name: tuple[Shown, ...]
    time_label: Text
    time: tuple[Shown, ...]
    ink: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentContent:
    """Everything that a consent document says.

    Attributes:
        text: The consent text of the recorded version; None where the design does not hold it.
        particulars: The items of the form, apart from the version and the signers' names and ink.
    """

    study: str
    subject: str
    site: str
    form_version: str
    version: tuple[tuple[Text, tuple[Shown, ...]], ...]
    text: ConsentText | None
    particulars: tuple[Section, ...]
    signers: tuple[Signer, ...]


def consent_document(
    design: StudyDesign,
    casebook: Casebook,
    form_key: FormKey,
    context: PaperContext,
    *,
    around: Around = nothing_around,
) -> bytes:
    """Return the consent document as a PDF file with the investigator's empty signature field.

    Args:
        around: What stands around a form instance, as the engine of checks asks for it.

    The same arguments give the same bytes.
    """
    content = gather_consent(design, casebook, form_key, around=around)
    title = content.text.title if content.text else WORDS["consent"]
    code = PageCode(
        study=design.code,
        subject=casebook.number or casebook.subject,
        visit=f"{visit_code(form_key.visit)}:{form_key.form}",
        design_version=design.version[:8],
        record_state=(context.chain_head or casebook.digest)[:16],
        page=1,
        pages=1,
        document_digest=digest_of(canonical_bytes(content)),
    )
    sheet = Sheet(
        design=design,
        context=context,
        title=title,
        site=f"{casebook.site} {context.site_name}".strip(),
        visit=design.visit(form_key.visit.visit).short,
        code=code,
        blocks=tuple(_blocks(content, title, context)),
    )
    return render(sheet)


def consent_digest(
    design: StudyDesign,
    casebook: Casebook,
    form_key: FormKey,
    *,
    around: Around = nothing_around,
) -> str:
    """Return the document digest (16 hex digits) that a print of this consent carries now."""
    return digest_of(canonical_bytes(gather_consent(design, casebook, form_key, around=around)))


# -- gathering ----------------------------------------------------------------------------------------


def gather_consent(design: StudyDesign, casebook: Casebook, form_key: FormKey, *, around: Around) -> ConsentContent:
    """Return what the consent document says."""
    form, state = design.form(form_key.form), casebook.form(form_key)
    fields = {item.name: _Field(design, state, group.oid, item) for group in form.groups for item in group.items}
    named = form.document or _NO_ITEMS
    version = next((fields[name].value for name in named.version[:1]), None)
    signed = (name for one in named.signers for name in (one.name, one.ink, one.time))
    apart = frozenset((*named.version, *signed))
    return ConsentContent(
        study=design.code,
        subject=casebook.number,
        site=casebook.site,
        form_version=", ".join(hash_[:8] for hash_ in state.form_versions) or form.version[:8],
        version=tuple((fields[name].item.label, fields[name].shown) for name in named.version),
        text=next((text for text in design.consents if text.version == version), None),
        particulars=_particulars(gather_form(design, form, state, around, with_identity=True, skip=apart)),
        signers=tuple(signer for one in named.signers for signer in [_signer(fields, one)] if signer is not None),
    )


@dataclass(frozen=True, slots=True)
class _Field:
    """An item of the consent form outside repeating groups, with what stands in it."""

    design: StudyDesign
    state: FormState
    group: str
    item: Item

    @property
    def reading(self) -> Reading:
        found = self.state.items.get(ItemPath(group=self.group, item=self.item.name))
        return found.shown if found else EMPTY

    @property
    def value(self) -> str | None:
        return self.reading.value

    @property
    def shown(self) -> tuple[Shown, ...]:
        return show_reading(self.reading, self.item, self.design)


def _particulars(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Leave out what was not asked or not answered: the form's record prints that."""
    kept = (
        replace(section, lines=tuple(line for line in section.lines if line.current is not None))
        for section in sections
    )
    return tuple(section for section in kept if section.lines or section.rows)


def _signer(fields: Mapping[str, _Field], who: InkSigner) -> Signer | None:
    """Return a signer of whom anything is known."""
    name, ink, time = (fields[one] for one in (who.name, who.ink, who.time))
    if all(one.reading.is_empty for one in (name, ink, time)):
        return None
    return Signer(
        name_label=name.item.label,
        name=name.shown,
        time_label=time.item.label,
        time=time.shown,
        ink=ink.value,
    )


# -- laying out ---------------------------------------------------------------------------------------


def _blocks(content: ConsentContent, title: Text, context: PaperContext) -> Iterator[Block]:
    languages = context.languages
    yield title_block(title, languages)
    yield _version_grid(content, context)
    if content.text is None:
        yield Paragraph(runs=pair(WORDS["consent_text_missing"], languages, lead=Tone.ALERT), after=10)
    else:
        yield _side_by_side(content.text.paragraphs, languages, numbered=False)
        if content.text.statements:
            yield _heading(WORDS["statements"], languages)
            yield _side_by_side(content.text.statements, languages, numbered=True)
    if content.signers:  # right below what is declared
        yield _heading(WORDS["ink_signatures"], languages)
        yield _signer_grid(content.signers, languages)
    if content.particulars:
        yield _heading(WORDS["particulars"], languages)
        continued = joined(WORDS["particulars"], WORDS["continued"], separator=" – ")
        running = Row(cells=((Paragraph(runs=pair(continued, languages, lead=Tone.FAINT), size=7.5),),))
        for number, section in enumerate(content.particulars):
            last = number == len(content.particulars) - 1
            yield section_grid(section, running, context, after=12.0 if last else 0.0)
    yield from closing_blocks(canonical_bytes(content).decode("utf-8"), context)


def _heading(text: Text, languages: Sequence[str]) -> Paragraph:
    return Paragraph(runs=pair(text, languages, bold=True), size=9.5, after=4, keep_with_next=True)


def _version_grid(content: ConsentContent, context: PaperContext) -> Grid:
    languages = context.languages
    cells = tuple(
        (
            Paragraph(runs=(Run(text=" ".join(languages_of(label, languages)), tone=Tone.FAINT),), size=SMALL_SIZE),
            Paragraph(runs=shown_runs(shown, languages) or pair(WORDS["not_entered"], languages, lead=Tone.FAINT)),
        )
        for label, shown in content.version
    )
    if not cells:
        return Grid(columns=(WIDTH,), rows=())
    row = Row(cells=cells, fill=SHADE, rule=STRONG_RULE)
    return Grid(columns=tuple(WIDTH / len(cells) for _ in cells), rows=(row,), after=10)


def _side_by_side(texts: Sequence[Text], languages: Sequence[str], *, numbered: bool) -> Grid:
    """Return paragraphs with each language in its own column, so that one can be read against the other."""
    rows = tuple(
        Row(
            cells=tuple(
                (Paragraph(runs=(Run(text=(f"{number}.  " if numbered else "") + text(language)),)),)
                for language in languages
            ),
        )
        for number, text in enumerate(texts, 1)
    )
    shares = (0.45, 0.55) if languages[0] in _COMPACT else (0.55, 0.45) if set(languages) & _COMPACT else (0.5, 0.5)
    even = (1 / len(languages),) * len(languages)
    columns = tuple(WIDTH * share for share in (shares if len(languages) == len(shares) else even))
    return Grid(columns=columns, rows=rows, after=12)


def _signer_grid(signers: Sequence[Signer], languages: Sequence[str]) -> Grid:
    rows = tuple(
        Row(
            cells=(
                _captioned(signer.name_label, signer.name, languages),
                (_ink_block(signer.ink, languages),),
                _captioned(signer.time_label, signer.time, languages),
            )
        )
        for signer in signers
    )
    return Grid(columns=(WIDTH * 0.33, WIDTH * 0.40, WIDTH * 0.27), rows=rows, after=12)


def _captioned(label: Text, shown: Sequence[Shown], languages: Sequence[str]) -> tuple[Block, ...]:
    caption = Paragraph(runs=pair(label, languages, lead=Tone.FAINT), size=SMALL_SIZE, after=2)
    return (caption, Paragraph(runs=shown_runs(shown, languages) or (Run(text="–"),), size=9.5))


def _ink_block(ink: str | None, languages: Sequence[str]) -> Block:
    if ink is not None:
        try:
            return InkBlock(ink=read_ink(ink), box_height=_INK_HEIGHT)
        except InkUnreadableError as error:
            unreadable = Text({language: error.sentence(language) for language in LANGUAGES})
            return Paragraph(runs=pair(unreadable, languages, lead=Tone.ALERT), size=SMALL_SIZE)
    return Paragraph(runs=pair(WORDS["no_ink"], languages, lead=Tone.FAINT), size=SMALL_SIZE)

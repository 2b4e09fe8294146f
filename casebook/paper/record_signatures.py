"""The electronic signatures on the forms of a visit, as its printed record shows them.

Source: docs/paper.md, section "Visit record"; 21 CFR 11.50(b) (name, time and meaning on every printout), 11.70.
"""

from collections.abc import Iterator

from casebook.design import Text
from casebook.paper.context import PaperContext, PrintedSignature, time_text
from casebook.paper.layout import SMALL_SIZE, STRONG_RULE, Block, Grid, Paragraph, Row
from casebook.paper.readings import joined, languages_of, same
from casebook.paper.sheet import WIDTH, pair
from casebook.paper.words import WORDS
from casebook.paper.zh_paragraph import Run, Tone

_COLUMNS = (0.24, 0.22, 0.17, 0.37)
_SIZE = 8.0
_HALF = 32
"""A digest of 64 hex digits stands on two lines."""


def signature_blocks(context: PaperContext) -> Iterator[Block]:
    """Yield the section of the electronic signatures; nothing where there are none."""
    if not context.signatures:
        return
    languages = context.languages
    heading = pair(WORDS["electronic_signatures"], languages, bold=True)
    yield Paragraph(runs=heading, size=9.5, after=5, keep_with_next=True)
    captions = Row(
        cells=tuple(
            (
                Paragraph(
                    runs=(Run(text=" ".join(languages_of(WORDS[name], languages)), tone=Tone.FAINT),), size=SMALL_SIZE
                ),
            )
            for name in ("form", "name", "meaning", "date_time")
        ),
        rule=STRONG_RULE,
        keep_with_next=True,
    )
    rows = tuple(_row(one, context) for one in context.signatures)
    columns = tuple(WIDTH * share for share in _COLUMNS)
    yield Grid(columns=columns, header=captions, rows=rows, after=14)


def _row(signature: PrintedSignature, context: PaperContext) -> Row:
    languages = context.languages
    stands = WORDS["as_signed"] if signature.stands else WORDS["changed_since_signed"]
    when = joined(same(time_text(signature.at)), signature.time_label, separator=", ")
    tone = Tone.INK if signature.stands else Tone.ALERT
    digest = f"{signature.digest[:_HALF]} {signature.digest[_HALF:]}"
    return Row(
        cells=(
            (_words(signature.form, context),),
            (_plain(signature.name), _words(signature.role, context, faint=True)),
            (_words(signature.meaning, context),),
            (
                _words(when, context),
                Paragraph(runs=(Run(text="  ".join(languages_of(stands, languages)), tone=tone),), size=_SIZE),
                Paragraph(runs=(Run(text=f"SHA-256 {digest}", tone=Tone.FAINT),), size=SMALL_SIZE),
            ),
        )
    )


def _plain(text: str) -> Paragraph:
    return Paragraph(runs=(Run(text=text),), size=_SIZE)


def _words(text: Text, context: PaperContext, *, faint: bool = False) -> Paragraph:
    return Paragraph(runs=pair(text, context.languages, lead=Tone.FAINT if faint else Tone.INK), size=_SIZE)

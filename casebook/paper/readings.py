"""How paper words a recorded value: the value, its unit or its label, in each language.

A value is printed as it was recorded; labels come from the study design and stand beside the code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from casebook.canonical import Value, encode
from casebook.design import Code, DataType, Item, StudyDesign, Text
from casebook.entry import reason_words
from casebook.errors import LANGUAGES
from casebook.paper.words import MISSING, WORDS
from casebook.paper.zh_paragraph import Run, Tone
from casebook.records import Reading

_PARTIAL_DATE = re.compile(r"(\d{4})-(\d\d|--)-(\d\d|--)")
_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A value as printed: its text in each language, and faintly beside it its code, offset or what is unknown."""

    text: Text
    code: str = ""
    faint: bool = False


def same(text: str) -> Text:
    """Return a text that is the same in every language."""
    return Text(dict.fromkeys(LANGUAGES, text))


def joined(*parts: Text, separator: str = ": ") -> Text:
    """Return texts put together language by language."""
    languages = dict.fromkeys(language for part in parts for language in part.by_language)
    return Text({language: separator.join(part(language) for part in parts) for language in languages})


def show_reading(reading: Reading, item: Item, design: StudyDesign) -> tuple[Shown, ...]:
    """Return how `reading` of `item` is printed; several values for several codes, none when it is empty."""
    if reading.missing is not None:
        return (Shown(text=MISSING[reading.missing], code=str(reading.missing)),)
    if reading.value is None:
        return ()
    return _show_value(reading.value, item, design)


def _show_value(value: str, item: Item, design: StudyDesign) -> tuple[Shown, ...]:
    match item.data_type:
        case DataType.CODE | DataType.CODES if item.code_list:
            codes = value.split(" ") if item.data_type is DataType.CODES else [value]
            return tuple(_show_code(code, item.code_list, design) for code in codes)
        case DataType.DATE:
            return (_show_date(value),)
        case DataType.DATETIME:
            return (_show_time(value),)
        case DataType.INTEGER | DataType.DECIMAL if item.units and " " not in value:
            return (Shown(text=same(f"{value}{_NO_BREAK}{item.units[0].unit}")),)
        case DataType.QUANTITY:
            return (Shown(text=same(value.replace(" ", _NO_BREAK))),)
        case DataType.INK:
            return (Shown(text=WORDS["ink_kept"]),)
        case _:
            return (Shown(text=same(value)),)


def _show_code(value: str, code_list: str, design: StudyDesign) -> Shown:
    listed = design.code_lists.get(code_list)
    found = next((code for code in listed.codes if code.value == value), None) if listed else None
    if found is None:
        return Shown(text=same(value))
    return Shown(text=found.label, code=value if _differs(value, found) else "")


def _differs(value: str, code: Code) -> bool:
    return any(label != value for label in code.label.by_language.values())


def _show_date(value: str) -> Shown:
    found = _PARTIAL_DATE.fullmatch(value)
    if found is None or "--" not in found.groups()[1:]:
        return Shown(text=same(value))
    if found[2] == "--":
        return Shown(text=same(found[1]), code=_every(WORDS["month_unknown"]))
    return Shown(text=same(f"{found[1]}-{found[2]}"), code=_every(WORDS["day_unknown"]))


def _show_time(value: str) -> Shown:
    day, _, clock = value.partition("T")
    if clock.startswith("--:--"):
        return Shown(text=same(day), code=f"{_every(WORDS['time_unknown'])} {clock[5:]}")
    return Shown(text=same(f"{day} {clock[:5]}"), code=clock[5:])


def _every(text: Text) -> str:
    return " ".join(text(language) for language in LANGUAGES)


def reason_text(reason: str, design: StudyDesign) -> Text:
    """Return a reason: the label of a listed one, else as it was typed."""
    return reason_words(reason, (*design.reasons, *design.absences))


def languages_of(text: Text, languages: Sequence[str]) -> list[str]:
    """Return a text in each language in turn, equal ones once."""
    return list(dict.fromkeys(text(language) for language in languages))


def shown_runs(
    shown: Sequence[Shown], languages: Sequence[str], *, struck: bool = False, bold: bool = True
) -> tuple[Run, ...]:
    """Return printed values as runs; one line for each."""
    runs: list[Run] = []
    for number, one in enumerate(shown):
        lead, *others = languages_of(one.text, languages)
        tone = Tone.FAINT if one.faint or struck else Tone.INK
        bold_here = bold and not one.faint
        runs.append(Run(text=("\n" if number else "") + lead, bold=bold_here, tone=tone, struck=struck))
        runs += [Run(text=f"  {other}", tone=tone, struck=struck) for other in others]
        if one.code:
            runs.append(Run(text=f"  {one.code}", tone=Tone.FAINT, struck=struck))
    return tuple(runs)


def plain(value: object) -> Value:
    """Return a value of paper's content (dataclass, tuple, text) as canonical lists, for its digest."""
    match value:
        case None | str():
            return None if value is None else str(value)
        case bool() | int():
            return int(value)
        case Text():
            return [[language, text] for language, text in sorted(value.by_language.items())]
        case tuple():
            return [plain(part) for part in value]
        case _:
            names = getattr(type(value), "__dataclass_fields__", {})
            return [type(value).__name__, *(plain(getattr(value, name)) for name in names)]


def canonical_bytes(value: object) -> bytes:
    """Return the canonical bytes of paper's content."""
    return encode(plain(value))

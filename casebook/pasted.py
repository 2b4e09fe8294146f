"""Pasted results: a laboratory's printout or a piece of a spreadsheet, read line by line.

Nothing here guesses. A line is sure when everything in it up to its value is understood, it names one analyte and
one value, and its unit is one of that analyte's; any other line is only offered, with what stands against it, and
counts once somebody chose. Values stay text: what is offered stands in the line as it was pasted.

Names and units are the study's; the words of headings and marks that any laboratory prints stand below.

Source: docs/study_files.md, "Grids"; docs/adr/0034.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from casebook.design import UnitFactor
from casebook.entry import measured
from casebook.units import find_unit

MOST_CHARACTERS = 60_000
"""Longer texts are no laboratory panel."""
_LONGEST_NAME = 6
"""Words of the longest name that is looked for."""
_LONGEST_UNIT = 4
_MOST_OFFERS = 12
_HEADING_AMONG = 10
"""Among how many first lines a table's heading is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """What a line may be about: an item, how laboratories call it, and its units, the standard one first."""

    item: str
    names: tuple[str, ...]
    units: tuple[UnitFactor, ...]


class Why(StrEnum):
    """What stands against taking a line as it is."""

    NO_NAME = "no_name"
    NO_VALUE = "no_value"
    TWO_NAMES = "two_names"
    TWO_VALUES = "two_values"
    OTHER_UNIT = "other_unit"
    """The unit is none of the analyte's, or there are several."""
    NO_UNIT = "no_unit"
    OTHER_WORDS = "other_words"
    """It holds words that are not understood; they may say that something else was measured."""
    AGAIN = "again"
    """Another line gives a result of the same analyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way of reading a line: an item, its value as it stands in the line, a unit of the item ("" for none)."""

    item: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A result as it was pasted.

    Attributes:
        number: The line of the text, from 1; several results may stand in one.
        text: The line, or the part of it that gives this result.
        offers: How it can be read; of a sure line one.
        why: What stands against taking it; None of a sure line.
        words: The words that `why` is about.
    """

    number: int
    text: str
    offers: tuple[Offer, ...] = ()
    why: Why | None = None
    words: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether nothing stands against taking it."""
        return self.why is None


# -- words of any laboratory ----------------------------------------------------------------------------------

_FLAGS = """↑ ↓ ↑↑ ↓↓ ⇧ ⇩ ▲ ▼ △ ▽ h l hh ll n * ** + ++ - high low normal abnormal critical
    高 低 偏高 偏低 正常 异常 危急 危急值"""
_NOISE = """x × / serum plasma blood whole venous result unit units ref reference range
    血 血清 血浆 全血 静脉血 结果 单位 参考 参考值 参考范围 参考区间 值"""
_NAME, _RESULT, _UNIT, _ASIDE = "name", "result", "unit", "aside"
_HEADINGS = {
    _NAME: """test tests item analyte name parameter abbreviation code
        项目 检验项目 检测项目 项目名称 名称 中文名称 英文 英文名称 英文缩写 缩写 简称 代号 代码""",
    _RESULT: "result results value 结果 检验结果 检测结果 测定结果 测定值 检测值 结果值 数值",
    _UNIT: "unit units 单位",
    _ASIDE: """no # number flag flags range reference referencerange referenceinterval normalrange limits method
        date time previous previousresult lastresult 序号 编号 提示 标志 标识 状态 参考 参考值 参考范围 参考区间
        正常值 方法 检测方法 日期 时间 上次 上次结果 前次结果 历史结果""",
}
_NO_BLOOD = (
    "尿",
    "脑脊液",
    "胸水",
    "腹水",
    "胸腔积液",
    "腹腔积液",
    "便",
    "痰",
    "urin",
    "csf",
    "cerebrospinal",
    "fluid",
    "stool",
)
"""A heading with one of these says that what follows was not measured in blood."""
_BLOOD = ("血", "serum", "plasma", "blood")
_EXPLAINED = frozenset([*_FLAGS.split(), *_NOISE.split()])
_MARKS = frozenset(_FLAGS.split())


def name_key(text: str) -> str:
    """Return the spelling by which names are the same: letters, digits, % and # alone, wide forms made plain."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if one.isalnum() or one in "%#")


_ROLE_OF = {name_key(word): role for role, words in _HEADINGS.items() for word in words.split()}

# -- lines, cells and words -----------------------------------------------------------------------------------

_SEPARATORS = r"\s()\uff08\uff09\[\]【】:：=|;；，、\""
_WORD = re.compile(rf"[^{_SEPARATORS}]+")
_INNER_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_NUMBER = r"\d+(?:[.,]\d+)?"
_DASH = r"(?:-{1,3}|[–—−~〜]{1,2}|至|到|to)"
_RANGE = re.compile(rf"(?:[<>≤≥]?{_NUMBER}){_DASH}{_NUMBER}(?![\d.,-]).*")
_LONE_DASH = re.compile(_DASH)
_COMPARATORS = frozenset({"<", ">", "<=", ">=", "≤", "≥"})
_ORDINAL = re.compile(r"\d{1,3}[.、)]?")


def _cells(line: str, *, by_comma: bool) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    if by_comma:
        return next(csv.reader([line]), [line])
    return re.split("[;；]", line) if re.search("[;；]", line) else [line]


def _goes_by_comma(lines: Sequence[str]) -> bool:
    """Tell whether commas part the cells of a text: every line has one that is in no number."""
    told = [line for line in lines if line.strip()]
    if any("\t" in line or ";" in line or "；" in line for line in told):
        return False
    return bool(told) and all(_INNER_COMMA.search(line) for line in told)


def _words(cells: Iterable[str]) -> list[str]:
    """Return the words of cells; a comparator stands with its number, a range is one word."""
    words: list[str] = []
    for cell in cells:
        plain = _WORD.findall(cell)
        place = 0
        while place < len(plain):
            one = plain[place]
            following = plain[place + 1 : place + 3]
            if _fold(one) in _COMPARATORS and following and measured(one + following[0]) is not None:
                words.append(one + following[0])
                place += 2
            elif len(following) > 1 and _is_number(one) and _LONE_DASH.fullmatch(_fold(following[0])):
                words.append(f"{one}-{following[1]}")
                place += 3
            else:
                words.append(one)
                place += 1
    return words


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _is_number(word: str) -> bool:
    found = measured(word)
    return found is not None and not found[1]


# -- one result -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Part:
    """The words of one result: the analytes that they may name, and all words that are no name."""

    text: list[str] = field(default_factory=list)
    named: tuple[Analyte, ...] = ()
    rest: list[str] = field(default_factory=list)

    def take_name(self, found: tuple[Analyte, ...]) -> None:
        if not self.named:
            self.named = found
            return
        common = tuple(one for one in self.named if one in found)
        self.named = common or (*self.named, *found)

    @property
    def has_value(self) -> bool:
        return any(measured(word) is not None for word in self.rest)


def _parts(words: Sequence[str], index: Mapping[str, tuple[Analyte, ...]]) -> list[_Part]:
    """Part the words of a line into results: a name that follows a value begins the next one."""
    parts = [_Part()]
    place = 0
    while place < len(words):
        length, found = _name_at(words, place, index)
        if not found:
            parts[-1].text.append(words[place])
            parts[-1].rest.append(words[place])
            place += 1
            continue
        if parts[-1].named and parts[-1].has_value and not set(parts[-1].named) & set(found):
            parts.append(_Part())
        elif not parts[-1].named and len(parts[-1].rest) == 1 and _ORDINAL.fullmatch(_fold(parts[-1].rest[0])):
            parts[-1].rest.clear()
        parts[-1].text += words[place : place + length]
        parts[-1].take_name(found)
        place += length
    return parts


def _name_at(
    words: Sequence[str], place: int, index: Mapping[str, tuple[Analyte, ...]]
) -> tuple[int, tuple[Analyte, ...]]:
    """Return how many words from `place` on are a name, the longest one, and whose; 0 for none."""
    for length in range(min(_LONGEST_NAME, len(words) - place), 0, -1):
        found = index.get(name_key("".join(words[place : place + length])))
        if found:
            return length, found
    return 0, ()


@dataclass(slots=True)
class _Found:
    """What the words of a result give for one analyte."""

    values: list[tuple[str, str]] = field(default_factory=list)
    """Each number with the unit that is written onto it, "" for none."""
    units: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def _look(words: Sequence[str], analyte: Analyte) -> _Found:
    found = _Found()
    place = 0
    while place < len(words):
        length, unit = _unit_at(words, place, analyte)
        if unit:
            found.units += [unit] if unit not in found.units else []
            place += length
            continue
        word = words[place]
        place += 1
        folded = _fold(word)
        if folded in _EXPLAINED or _RANGE.fullmatch(folded):
            continue
        value = _value_of(word, analyte)
        if value is not None:
            found.values.append(value)
        else:
            found.strange.append(word)
    first, *others = found.values or [("", "")]
    if _is_bare(first[0]) and others and not any(_is_bare(value) for value, _ in others):
        found.values = [first]  # a limit such as <5.2 behind the result
    return found


def _unit_at(words: Sequence[str], place: int, analyte: Analyte) -> tuple[int, str]:
    for length in range(min(_LONGEST_UNIT, len(words) - place), 0, -1):
        run = words[place : place + length]
        for spelt in (" ".join(run), "".join(run)):
            known = find_unit(spelt, analyte.units)
            if known is not None:
                return length, known.unit
    return 0, ""


def _value_of(word: str, analyte: Analyte) -> tuple[str, str] | None:
    """Return a number, as it stands in its word, and the unit that is written onto it; None for any other word."""
    found = measured(word)
    if found is None:
        return None
    rest = found[1]
    number = word[: len(word) - len(rest)].rstrip()
    if not rest or _fold(rest) in _MARKS:
        return number, ""
    known = find_unit(rest.rstrip("↑↓*"), analyte.units)
    return None if known is None else (number, known.unit)


def _is_bare(number: str) -> bool:
    return bool(number) and _fold(number)[0] not in "<>≤≥⩽⩾"


_LIKE_A_UNIT = re.compile(r".*[/%^].*|[a-zμµ]{1,6}", re.IGNORECASE)


def _read_for(part: _Part, analyte: Analyte) -> tuple[list[Offer], Why | None, str]:
    """Return how a result can be read for an analyte, what stands against that, and the words that do."""
    found = _look(part.rest, analyte)
    if not found.values:
        return [], Why.NO_VALUE, " ".join(found.strange)
    offers: list[Offer] = []
    why, words = None, ""
    for value, own in found.values:
        units = [own] if own else found.units
        if not units and not analyte.units:
            units = [""]
        if len(units) != 1:
            odd = [word for word in found.strange if _LIKE_A_UNIT.fullmatch(word)]
            why = Why.OTHER_UNIT if units or odd else Why.NO_UNIT
            words = " ".join(units or odd or found.strange)
            units = units or [one.unit for one in analyte.units]
        offers += [Offer(item=analyte.item, value=value, unit=unit) for unit in units]
    if len(found.values) > 1:
        return offers, Why.TWO_VALUES, " ".join(value for value, _ in found.values)
    if why is None and found.strange:
        return offers, Why.OTHER_WORDS, " ".join(found.strange)
    return offers, why, words


def _read_part(part: _Part, number: int, text: str) -> Line:
    if not part.named:
        return Line(number=number, text=text, why=Why.NO_NAME)
    readings = [_read_for(part, analyte) for analyte in part.named]
    offers = tuple(offer for reading, _, _ in readings for offer in reading)[:_MOST_OFFERS]
    _, why, words = readings[0]
    if not offers:
        return Line(number=number, text=text, why=Why.NO_VALUE, words=words)
    if len(part.named) > 1:
        why, words = Why.TWO_NAMES, ""
    return Line(number=number, text=text, offers=offers, why=why, words=words)


# -- a whole text -----------------------------------------------------------------------------------------------


def read_results(text: str, analytes: Sequence[Analyte]) -> tuple[Line, ...]:
    """Read a pasted text.

    Args:
        text: As it was pasted: one result in a line, in cells parted by tabs, semicolons or commas, with or without
            a heading, or as words; several results in one line are told apart by their names.
        analytes: What results may be of.

    Returns:
        A line for each result, and for each line in which none was found, in the order of the text; () for a text
        of more than MOST_CHARACTERS.
    """
    if len(text) > MOST_CHARACTERS:
        return ()
    index = _index_of(analytes)
    lines = text.replace("\x00", "").splitlines()
    by_comma = _goes_by_comma(lines)
    found: list[Line] = []
    roles: list[str] = []
    specimen = ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = _cells(line, by_comma=by_comma)
        heading = _heading(cells)
        if heading:
            roles = heading
            continue
        if roles and len(cells) > 1:
            cells = [cell for place, cell in enumerate(cells) if place >= len(roles) or roles[place] != _ASIDE]
        read = list(_read_line(_words(cells), number, line.strip(), index))
        if all(one.why is Why.NO_NAME for one in read) and not any(sign.isdigit() for sign in line):
            specimen = _specimen(line, specimen)
        elif specimen:
            read = [replace(one, why=Why.OTHER_WORDS, words=specimen) if one.is_sure else one for one in read]
        found += read
    return _apart(found)


def _specimen(line: str, before: str) -> str:
    """Return the heading that says that what follows was not measured in blood, "" where it was; else as before."""
    told = _fold(line)
    if any(word in told for word in _NO_BLOOD):
        return line.strip()
    return "" if any(word in told for word in _BLOOD) else before


def _index_of(analytes: Sequence[Analyte]) -> dict[str, tuple[Analyte, ...]]:
    index: dict[str, tuple[Analyte, ...]] = {}
    for one in analytes:
        for key in dict.fromkeys(name_key(name) for name in one.names):
            if key:
                index[key] = (*index.get(key, ()), one)
    return index


def _heading(cells: Sequence[str]) -> list[str]:
    """Return what each column of a table holds, where the cells are its heading; else []."""
    roles = [_ROLE_OF.get(name_key(cell), "") for cell in cells]
    return roles if _NAME in roles and _RESULT in roles else []


def _read_line(
    words: Sequence[str], number: int, text: str, index: Mapping[str, tuple[Analyte, ...]]
) -> Iterator[Line]:
    parts = _parts(words, index)
    for part in parts:
        yield _read_part(part, number, text if len(parts) == 1 else " ".join(part.text))


def _apart(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Let sure lines that give one analyte twice wait for a choice."""
    items = [line.offers[0].item for line in lines if line.is_sure]
    return tuple(
        replace(line, why=Why.AGAIN) if line.is_sure and items.count(line.offers[0].item) > 1 else line
        for line in lines
    )

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
from decimal import Decimal
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
class Printed:
    """The reference range that a line prints beside its result.

    Attributes:
        text: As it stands in the line.
        low, high: Its ends, each with its comparator (`<=5.0`); "" for one that it has not. Both are "" where the
            text cannot be read in one way only.
        unit: The unit that it names itself; "" for that of the result.
    """

    text: str
    low: str = ""
    high: str = ""
    unit: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it can be read in one way only."""
        return bool(self.low or self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A result as it was pasted.

    Attributes:
        number: The line of the text, from 1; several results may stand in one.
        text: The line, or the part of it that gives this result.
        offers: How it can be read; of a sure line one.
        why: What stands against taking it; None of a sure line.
        words: The words that `why` is about.
        printed: The reference range that stands beside the result; None where none does.
    """

    number: int
    text: str
    offers: tuple[Offer, ...] = ()
    why: Why | None = None
    words: str = ""
    printed: Printed | None = None

    @property
    def is_sure(self) -> bool:
        """Whether nothing stands against taking it."""
        return self.why is None


# -- words of any laboratory ----------------------------------------------------------------------------------

_FLAGS = """↑ ↓ ↑↑ ↓↓ ⇧ ⇩ ▲ ▼ △ ▽ h l hh ll n * ** + ++ - high low normal abnormal critical
    高 低 偏高 偏低 正常 异常 危急 危急值"""
_NOISE = """x × / serum plasma blood whole venous result unit units ref reference range
    血 血清 血浆 全血 静脉血 结果 单位 参考 参考值 参考范围 参考区间 值"""
_NAME, _RESULT, _UNIT, _RANGED, _LOWER, _UPPER, _ASIDE = "name", "result", "unit", "range", "lower", "upper", "aside"
_HEADINGS = {
    _NAME: """test tests item analyte name parameter abbreviation code
        项目 检验项目 检测项目 项目名称 名称 中文名称 英文 英文名称 英文缩写 缩写 简称 代号 代码""",
    _RESULT: "result results value 结果 检验结果 检测结果 测定结果 测定值 检测值 结果值 数值",
    _UNIT: "unit units 单位",
    _RANGED: """range ref refrange reference referencerange referenceinterval referencevalue referencevalues
        normalrange limits 参考 参考值 参考范围 参考区间 参考值范围 生物参考区间 正常值 正常范围 正常参考值""",
    _LOWER: "low lower lowerlimit lowlimit 下限 参考下限 参考值下限",
    _UPPER: "high upper upperlimit highlimit 上限 参考上限 参考值上限",
    _ASIDE: """no # number flag flags method date time previous previousresult lastresult
        序号 编号 提示 标志 标识 状态 方法 检测方法 日期 时间 上次 上次结果 前次结果 历史结果""",
}
_OF_RANGES = frozenset({_RANGED, _LOWER, _UPPER})
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
_DASH = r"(?:-{1,3}|[‐‑‒–—―−~〜]{1,2}|至|到|to)"
_RANGE = re.compile(rf"(?P<sign>[<>≤≥]?)(?P<low>{_NUMBER}){_DASH}(?P<high>{_NUMBER})(?![\d.,-])(?P<unit>.*)")
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
    ranges: list[Printed] = field(default_factory=list)

    def take_unit(self, unit: str, *, behind_range: bool) -> None:
        """Take a unit: behind a range it is that of the range, where the result has another one of its own."""
        own = [one for _, one in self.values if one] or self.units
        if behind_range and own and unit not in own and not self.ranges[-1].unit:
            self.ranges[-1] = replace(self.ranges[-1], unit=unit)
        elif unit not in self.units:
            self.units.append(unit)

    @property
    def printed(self) -> Printed | None:
        """The range, where it is one; several are told as they stand, and read in no way."""
        if len(self.ranges) > 1:
            return Printed(text=" ".join(one.text for one in self.ranges))
        return self.ranges[0] if self.ranges else None


def _look(words: Sequence[str], analyte: Analyte) -> _Found:
    found = _Found()
    place, behind = 0, -1
    while place < len(words):
        length, unit = _unit_at(words, place, analyte)
        if unit:
            found.take_unit(unit, behind_range=place == behind)
            place += length
            continue
        word = words[place]
        place += 1
        folded = _fold(word)
        between = _RANGE.fullmatch(folded)
        if between is not None:
            found.ranges.append(_between(word, between, analyte))
            behind = place
        if between is not None or folded in _EXPLAINED:
            continue
        value = _value_of(word, analyte)
        if value is not None:
            found.values.append(value)
        else:
            found.strange.append(word)
    first, *others = found.values or [("", "")]
    if _is_bare(first[0]) and others and not any(_is_bare(value) for value, _ in others):
        found.values = [first]  # a limit such as <5.2 behind the result
        found.ranges += [_end(value, unit) for value, unit in others]
    return found


def _between(word: str, found: re.Match[str], analyte: Analyte) -> Printed:
    """Read a range of two ends, such as `3.5-9.5`, with the unit that is written onto it."""
    low, high, onto = measured(found["low"]), measured(found["high"]), found["unit"].strip()
    unit = find_unit(onto, analyte.units)
    is_clear = not found["sign"] and (not onto or onto in _MARKS or unit is not None)
    if not is_clear or low is None or high is None or Decimal(low[0]) > Decimal(high[0]):
        return Printed(text=word)
    return Printed(text=word, low=low[0], high=high[0], unit=unit.unit if unit is not None else "")


def _end(number: str, unit: str) -> Printed:
    """Read a range of one end, such as `<5.2`."""
    read = measured(number)
    if read is None or _is_bare(number):
        return Printed(text=number)
    is_upper = read[0].startswith("<")
    return Printed(text=number, low="" if is_upper else read[0], high=read[0] if is_upper else "", unit=unit)


def _of_cells(cells: Mapping[str, str], analyte: Analyte) -> Printed | None:
    """Read the columns of a table that say where a result should lie; None where they say nothing."""
    text = " ".join(cells.get(role, "") for role in (_RANGED, _LOWER, _UPPER)).strip()
    if not any(sign.isalnum() for sign in text):
        return None
    if not cells.get(_RANGED):
        ends = {role: measured(cells.get(role, "")) for role in (_LOWER, _UPPER)}
        bare = {role: end[0] for role, end in ends.items() if end is not None and not end[1]}
        if all(role in bare for role, cell in cells.items() if cell):
            return Printed(text=text, low=bare.get(_LOWER, ""), high=bare.get(_UPPER, ""))
    found = _look(_words([text]), analyte)
    read = [*found.ranges, *(_end(value, unit) for value, unit in found.values)]
    if len(read) != 1 or not read[0].is_read or found.strange or len(found.units) > 1:
        return Printed(text=text)
    return replace(read[0], text=text, unit=read[0].unit or "".join(found.units))


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


def _read_part(part: _Part, number: int, text: str, cells: Mapping[str, str]) -> Line:
    if not part.named:
        return Line(number=number, text=text, why=Why.NO_NAME)
    printed = _of_cells(cells, part.named[0]) or _look(part.rest, part.named[0]).printed
    readings = [_read_for(part, analyte) for analyte in part.named]
    offers = tuple(offer for reading, _, _ in readings for offer in reading)[:_MOST_OFFERS]
    _, why, words = readings[0]
    if not offers:
        return Line(number=number, text=text, why=Why.NO_VALUE, words=words)
    if len(part.named) > 1:
        why, words = Why.TWO_NAMES, ""
    return Line(number=number, text=text, offers=offers, why=why, words=words, printed=printed)


def read_range(text: str, analyte: Analyte) -> Printed | None:
    """Read a reference range as a report prints it, such as `3.5-9.5` or `<40`; None for what is none."""
    printed = _of_cells({_RANGED: text}, analyte)
    return printed if printed is not None and printed.is_read else None


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
        ranged: list[dict[str, str]] = []
        if roles and len(cells) > 1:
            held = [(roles[place] if place < len(roles) else "", cell) for place, cell in enumerate(cells)]
            ranged = _ranged(held)
            cells = [cell for role, cell in held if role not in {_ASIDE, *_OF_RANGES}]
        read = list(_read_line(_words(cells), number, line.strip(), index, ranged))
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
    words: Sequence[str],
    number: int,
    text: str,
    index: Mapping[str, tuple[Analyte, ...]],
    ranged: Sequence[Mapping[str, str]],
) -> Iterator[Line]:
    parts = _parts(words, index)
    if len(ranged) != len(parts):  # whose range is whose cannot be told
        told = {_RANGED: " ".join(cell for cells in ranged for cell in cells.values())}
        ranged = [told] * len(parts)
    for part, cells in zip(parts, ranged, strict=True):
        yield _read_part(part, number, text if len(parts) == 1 else " ".join(part.text), cells)


def _ranged(held: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Return the cells that say where results should lie: of a table of two halves those of each half."""
    halves: list[dict[str, str]] = []
    for role, cell in held:
        if role in _OF_RANGES:
            if not halves or role in halves[-1]:
                halves.append({})
            halves[-1][role] = cell.strip()
    return [half for half in halves if any(half.values())]


def _apart(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Let sure lines that give one analyte twice wait for a choice."""
    items = [line.offers[0].item for line in lines if line.is_sure]
    return tuple(
        replace(line, why=Why.AGAIN) if line.is_sure and items.count(line.offers[0].item) > 1 else line
        for line in lines
    )

"""What was typed, read as a value of its item; and a value shown as people write it.

Input comes from Latin and Chinese keyboards alike: full-width digits and punctuation, `。` for the
decimal point, `昨天 2210`. What is kept is one canonical text, the number's digits as they were given.
Nothing is guessed: what can be read in two ways is refused, with a phrase that says what is expected.

Source: docs/record_format.md, section "Values"; clinical content, sections 0.0 (a quantity is one value)
and 0.3 (precision, missing codes).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NoReturn

from casebook.canonical import clean_text, decode
from casebook.design import Code, CodeList, DataType, Item, Text
from casebook.errors import LANGUAGES, CommitUnreadableError, UnreadableItemError
from casebook.moments import offset_words, read_day, read_moment
from casebook.records import EMPTY, MissingCode, Reading
from casebook.redaction import REDACTED
from casebook.schedule import site_zone
from casebook.units import find_unit
from casebook.values import INFINITE, Quantity, half_up, number_of, quantity_of

Phrase = Mapping[str, str]

MISSING_LABELS: Mapping[MissingCode, Phrase] = {
    MissingCode.NOT_DONE: {"en": "Not done", "zh": "未做"},
    MissingCode.UNKNOWN: {"en": "Unknown", "zh": "不详"},
    MissingCode.NOT_APPLICABLE: {"en": "Not applicable", "zh": "不适用"},
    MissingCode.NOT_AVAILABLE: {"en": "Not available or refused", "zh": "无法获得或拒绝"},
}

_INTEGER: Phrase = {"en": "a whole number", "zh": "整数"}
_DECIMAL: Phrase = {"en": "a number, such as 5.4", "zh": "数值（例如 5.4）"}
_QUANTITY: Phrase = {
    "en": "a result, such as 5.4 or <0.01, with or without its unit",
    "zh": "检验结果（例如 5.4 或 <0.01，可带单位）",
}
_BARE: Phrase = {"en": "a number without a unit", "zh": "不带单位的数值"}
_CODE: Phrase = {"en": "one of the answers offered", "zh": "所列选项之一"}
_CODES: Phrase = {"en": "answers of the list, separated by ;", "zh": "所列选项（多项以；分隔）"}
_INK: Phrase = {"en": "a drawn signature", "zh": "手写签名"}


def _in(phrase: Phrase, language: str) -> str:
    """Return the application's own words, in English where it has none in `language`."""
    return phrase.get(language) or phrase["en"]


UNDO = "undo"
"""The reason of an entry that puts back what stood before."""
_OWN_REASONS: Mapping[str, Text] = {UNDO: Text({"en": "undo", "zh": "撤销"})}


def reason_words(reason: str, listed: Iterable[Code]) -> Text:
    """Return a reason in words: the label of a listed one, the application's own, else as it was typed."""
    own = _OWN_REASONS.get(reason) or Text(dict.fromkeys(LANGUAGES, reason))
    return next((code.label for code in listed if code.value == reason), own)


def missing_label(code: MissingCode, language: str) -> str:
    """Return what a missing-data code is called in `language`."""
    return _in(MISSING_LABELS[code], language)


def read_item(
    item: Item,
    code_list: CodeList | None,
    raw: str,
    *,
    unit: str | None = None,
    now: datetime,
    offset_minutes: int,
) -> Reading:
    """Read what was typed as a value of `item`.

    Args:
        code_list: The item's code list, for items that have one.
        raw: The text as typed; only spaces means that the item is cleared.
        unit: The unit chosen beside the field, taken where `raw` names none; the standard one by default.
        now: The present, aware; it resolves `now`, `yesterday 2210` and times without a date.
        offset_minutes: The wall clock of the place, minutes east of UTC.

    Returns:
        The value as canonical text, a missing-data code that the item takes, or the empty reading.

    Raises:
        UnreadableItemError: `raw` is not a value of the item's type, or can be read in two ways.
    """
    text = clean_text(raw).strip()
    if not text:
        return EMPTY
    plain = _plain(text)
    if item.data_type not in {DataType.CODE, DataType.CODES} and (missing := _missing(item, plain)) is not None:
        return missing
    match item.data_type:
        case DataType.TEXT:
            value = _read_text(item, text)
        case DataType.INTEGER | DataType.DECIMAL:
            value = _read_number(item, plain, raw)
        case DataType.QUANTITY:
            value = _read_quantity(item, text, unit, raw)
        case DataType.DATE:
            value = read_day(plain, raw, today=now.astimezone(site_zone(offset_minutes)).date())
        case DataType.DATETIME:
            value = read_moment(plain, raw, local=now.astimezone(site_zone(offset_minutes)))
        case DataType.CODE | DataType.CODES:
            return _read_codes(item, code_list, text, raw)
        case DataType.INK:
            value = _read_ink(text, raw)
    return Reading(value=value)


def _refuse(raw: str, expected: Phrase) -> NoReturn:
    raise UnreadableItemError(raw=raw, expected=expected)


def _plain(text: str) -> str:
    """Return `text` with full-width forms made plain, and the ideographic full stop as a point."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text.replace("。", "."))).strip()


def _missing(item: Item, plain: str) -> Reading | None:
    """Return the missing-data code that was typed, if the item takes it. Free text is never read as one."""
    if item.data_type is DataType.TEXT:
        return None
    for code in MissingCode:
        labels = {label.casefold() for label in MISSING_LABELS[code].values()}
        spellings = {code.value.casefold(), *labels, *(f"{label} ({code.value})".casefold() for label in labels)}
        if plain.casefold() in {one.casefold() for one in spellings} and code.value in item.missing_codes:
            return Reading(missing=code)
    return None


# -- text and numbers ----------------------------------------------------------------------------------


def _read_text(item: Item, text: str) -> str:
    if item.max_length is not None and len(text) > item.max_length:
        longest = item.max_length
        _refuse(text, {"en": f"a text of at most {longest} characters", "zh": f"不超过 {longest} 个字符的文字"})
    return text


_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d+))?")
_THOUSANDS = re.compile(r",\d{3}(?!\d)")


def _canonical_number(plain: str) -> str | None:
    """Return a number's canonical text: its digits as given, without a plus or leading zeros."""
    text = plain.replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if "," in text:
        if text.count(",") > 1 or "." in text or _THOUSANDS.search(text):
            return None  # 1,200 is twelve hundred to one reader and 1.2 to another
        text = text.replace(",", ".")
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return None
    sign, whole, places = found.groups()
    digits = (whole or "").lstrip("0") or "0"
    number = f"{digits}.{places}" if places else digits
    return number if sign != "-" or not number.strip("0.") else f"-{number}"


def _read_number(item: Item, plain: str, raw: str) -> str:
    if item.data_type is DataType.DECIMAL and plain.casefold() in {INFINITE.casefold(), "infinity"}:
        return INFINITE
    number = _canonical_number(plain)
    if item.data_type is DataType.INTEGER and (number is None or "." in number):
        _refuse(raw, _INTEGER)
    return number if number is not None else _refuse(raw, _DECIMAL)


_MEASURED = re.compile(r"(<=|>=|[<>≤≥⩽⩾＜＞])?\s*([+\-−－]?[\d.,。．，]+)\s*(\S.*)?")
_COMPARATORS = {"≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">="}


def measured(text: str) -> tuple[str, str] | None:
    """Return comparator and number in canonical text, and what stands behind them as it was typed.

    Returns:
        None where the text does not begin with a number that can be read in one way only.
    """
    found = _MEASURED.fullmatch(text)
    number = None if found is None else _canonical_number(_plain(found[2]))
    if found is None or number is None:
        return None
    comparator = _plain(found[1] or "")
    return f"{_COMPARATORS.get(comparator, comparator)}{number}", (found[3] or "").strip()


def _read_quantity(item: Item, text: str, unit: str | None, raw: str) -> str:
    """Read comparator, number and unit. A unit outside the item's list is kept as typed (EC053 tells)."""
    found = measured(text)
    if found is None:
        _refuse(raw, _QUANTITY)
    number, typed = found
    named = typed or unit or (item.units[0].unit if item.units else "")
    if named and not item.units:
        _refuse(raw, _BARE)
    known = find_unit(named, item.units) if named else None
    spelt = known.unit if known is not None else named
    return f"{number}{' ' if spelt else ''}{spelt}"


# -- codes and ink -------------------------------------------------------------------------------------


def _find_code(code_list: CodeList, text: str) -> str | None:
    """Return the code that `text` is, or whose label it is in any language; None when it is none or several."""
    wanted = _plain(text).casefold()
    by_value = [code.value for code in code_list.codes if code.value == text]
    by_value = by_value or [code.value for code in code_list.codes if code.value.casefold() == wanted]
    by_label = [
        code.value
        for code in code_list.codes
        if wanted in {_plain(label).casefold() for label in code.label.by_language.values()}
    ]
    found = by_value or by_label
    return found[0] if len(found) == 1 else None


def _read_codes(item: Item, code_list: CodeList | None, text: str, raw: str) -> Reading:
    several = item.data_type is DataType.CODES
    if code_list is not None and (one := _find_code(code_list, text)) is not None:
        return Reading(value=one)
    if (missing := _missing(item, _plain(text))) is not None:
        return missing
    if code_list is None or not several:
        _refuse(raw, _CODES if several else _CODE)
    for separators in (r"[;；]", r"[;；,，、]", r"[\s;；,，、+]"):
        parts = [part.strip() for part in re.split(separators, text) if part.strip()]
        found = {_find_code(code_list, part) for part in parts}
        if found and None not in found:
            return Reading(value=" ".join(code.value for code in code_list.codes if code.value in found))
    _refuse(raw, _CODES)


def _read_ink(text: str, raw: str) -> str:
    try:
        decode(text.encode("utf-8"))
    except CommitUnreadableError:
        _refuse(raw[:20], _INK)
    return text


# -- showing -------------------------------------------------------------------------------------------


def display(
    item: Item,
    code_list: CodeList | None,
    reading: Reading,
    language: str,
    *,
    offset_minutes: int,
) -> str:
    """Return a reading as people write it in `language`; "" for an empty one.

    What is shown reads back as the same value (`read_item`), except for derived values, which are
    rounded half up to the item's decimals here and nowhere else, and for ink.

    Args:
        offset_minutes: The wall clock of the place; a time noted by another clock shows its offset.
    """
    if reading.missing is not None:
        return f"{missing_label(reading.missing, language)} ({reading.missing})"
    if reading.value is None:
        return ""
    if reading.value == REDACTED:
        return REDACTED
    match item.data_type:
        case DataType.CODE:
            return _label(code_list, reading.value, language)
        case DataType.CODES:
            labels = [_label(code_list, code, language) for code in reading.value.split()]
            return ("；" if language == "zh" else "; ").join(labels)
        case DataType.DATETIME:
            return _shown_time(reading.value, offset_minutes)
        case DataType.INK:
            return _in(_SIGNED, language)
        case DataType.INTEGER | DataType.DECIMAL | DataType.QUANTITY:
            return _rounded(item, reading.value)
        case _:
            return reading.value


_SIGNED: Phrase = {"en": "signed by hand", "zh": "已手写签名"}
_MINUTES_LONG = len("2026-03-01T14:30")


def _shown_time(value: str, offset_minutes: int) -> str:
    shown = value[:_MINUTES_LONG].replace("T", " ")
    return shown if value[_MINUTES_LONG:] == offset_words(offset_minutes) else f"{shown} {value[_MINUTES_LONG:]}"


def _label(code_list: CodeList | None, code: str, language: str) -> str:
    return code if code_list is None else code_list.label(code, language)


def _rounded(item: Item, value: str) -> str:
    """Round a derived number to the item's decimals; what was entered is shown as entered."""
    number = number_of(value)
    if item.derivation is None or item.decimals is None or number is None:
        return value
    quantity = quantity_of(value)
    return str(Quantity(number=half_up(number, item.decimals), unit=quantity.unit if quantity is not None else ""))

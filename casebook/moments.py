"""What was typed as a day, or as a day with its time; and both in words, with the weekday.

Keyboards are Latin and Chinese, hands are hurried: `1430`, `now`, `yesterday 2210`, `22 Nov 0630`, `11月22日 14:30`,
`-2h`. What can be read in two ways is refused and says both; what no calendar or clock has is refused too. A day
without its year is the last such day, within half a year. The text that is kept says year, time and offset.

A study keeps one offset all year (docs/adr/0035), so that no hour is skipped or comes twice; a time that was noted by
another clock is typed with its offset.

Source: docs/record_format.md, section "Values"; clinical content, section 0.3 (precision).
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NoReturn

from casebook.errors import AmbiguousDayError, NoSuchDayError, NoSuchTimeError, UnreadableItemError, YearMissingError
from casebook.values import days_of, noted_of

Phrase = Mapping[str, str]

DAY: Phrase = {
    "en": "a date, such as 2026-03-01 (write -- for an unknown day or month)",
    "zh": "日期（例如 2026-03-01；日或月不详时写 --）",
}
MOMENT: Phrase = {
    "en": "a date and time, such as 2026-03-01 14:30, 1430, now, or 2026-03-01 --:-- when the time is unknown",
    "zh": "日期和时间（例如 2026-03-01 14:30、1430、现在；时间不详时写 2026-03-01 --:--）",
}
UNKNOWN_TIME = "--:--"
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A year outside is a slip of the keys: `1430` where a date is asked, `20226`."""
LONGEST_AGO_DAYS = 183
"""How far back a day may lie that was typed without its year."""
LAST_HOUR, LAST_MINUTE = 23, 59

_DAYS_AGO = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
_NOW = frozenset({"now", "现在", "此刻", "刚才"})
_UNKNOWN_TIMES = frozenset({UNKNOWN_TIME, "unk", "uk", "?", "不详", "未知", "时间不详"})
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS: Mapping[str, str] = {"en": "Mon Tue Wed Thu Fri Sat Sun", "zh": "周一 周二 周三 周四 周五 周六 周日"}

_YEAR_FIRST = (
    re.compile(r"(\d{4})-(\d{1,2}|--|unk|uk)-(\d{1,2}|--|unk|uk)"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})(\d\d)(\d\d)"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
    re.compile(r"(\d{4})-(\d{1,2})()"),
    re.compile(r"(\d{4})年(\d{1,2})月()"),
    re.compile(r"(\d{4})(?:------?)?()()"),
    re.compile(r"(\d{4})年()()"),
)
_MONTH_AND_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_DAY_AND_MONTH_NAME = re.compile(r"(\d{1,2})[ -]?([a-z]{3,9})\.?(?:[ -]?(\d{4}))?")
_MONTH_NAME_AND_DAY = re.compile(r"([a-z]{3,9})\.?[ -]?(\d{1,2})(?:,? (\d{4}))?")
_EITHER_ORDER = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?")
_CLOCKS = (
    re.compile(r"(\d{1,2}):(\d\d)"),
    re.compile(r"(\d\d)(\d\d)"),
    re.compile(r"(\d{1,2})[时点](\d{1,2})分?"),
    re.compile(r"(\d{1,2})[时点]()"),
)
_OFFSET = re.compile(r"(.+?) ?([+-])(\d\d):(\d\d)")
_AGO = (
    re.compile(r"- ?(\d{1,3}) ?(?:h|hr|hrs|hours?) ?(?:(\d{1,2}) ?(?:m|min|mins)?)?()"),
    re.compile(r"- ?()()(\d{1,4}) ?(?:m|min|mins|minutes?)"),
    re.compile(r"(\d{1,3}) ?(?:h|hr|hrs|hours?) ?(?:(\d{1,2}) ?(?:m|min|mins|minutes?))?() ago"),
    re.compile(r"()()(\d{1,4}) ?(?:m|min|mins|minutes?) ago"),
    re.compile(r"(\d{1,3}) ?个?小时(?:(\d{1,2}) ?分钟?)?()之?前"),
    re.compile(r"()()(\d{1,4}) ?分钟?之?前"),
)
_SPLITS = (
    re.compile(r"(.*\S)\s+(\S+)"),
    re.compile(r"(\d{4}-\d\d-\d\d)t(\S+)"),
    re.compile(r"(\d{8})(\d{4})"),
    re.compile(r"(今天|今日|昨天|昨日|前天|(?:\d{4}年)?\d{1,2}月\d{1,2}[日号])(\S+)"),
)


def read_day(plain: str, raw: str, *, today: date) -> str:
    """Read a day.

    Args:
        plain: What was typed, full-width forms made plain.
        raw: What was typed, for the sentence.
        today: At the place.

    Returns:
        `2026-03-01`, with `--` for what is not known.

    Raises:
        UnreadableItemError: It is no day; its subclasses say what is wrong with one.
    """
    day = _day(plain.casefold(), raw, today)
    return day if day is not None else _refuse(raw, DAY)


def read_moment(plain: str, raw: str, *, local: datetime) -> str:
    """Read a day with its time; a time alone is of today.

    Args:
        plain: What was typed, full-width forms made plain.
        raw: What was typed, for the sentence.
        local: The present on the wall clock of the place; times without an offset are in its.

    Returns:
        `2026-03-01T14:30+08:00`, the time `--:--` where it is not known.

    Raises:
        UnreadableItemError: As of `read_day`, or it is no time.
    """
    text = plain.casefold()
    if text in _NOW:
        return _written(local)
    if (ago := _ago(text)) is not None:
        return _written(local - ago)
    offset = _written(local)[-len("+08:00") :]
    if (found := _OFFSET.fullmatch(text)) is not None:
        if int(found[3]) > LAST_HOUR or int(found[4]) > LAST_MINUTE:
            _refuse(raw, MOMENT)
        text, offset = found[1], f"{found[2]}{found[3]}:{found[4]}"
    elif (clock := _clock(text, raw)) is not None and clock != UNKNOWN_TIME:
        return f"{local.date().isoformat()}T{clock}{offset}"
    parts = _parted(text, raw, local.date())
    return f"{parts[0]}T{parts[1]}{offset}" if parts is not None else _refuse(raw, MOMENT)


def _parted(text: str, raw: str, today: date) -> tuple[str, str] | None:
    """Return a whole day and a time. Raises as `read_day`."""
    for split in _SPLITS:
        if (found := split.fullmatch(text)) is None:
            continue
        day, clock = _day(found[1], raw, today), _clock(found[2], raw)
        if day is not None and "--" not in day and clock is not None:
            return day, clock
    return None


def _refuse(raw: str, expected: Phrase) -> NoReturn:
    raise UnreadableItemError(raw=raw, expected=expected)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _ago(text: str) -> timedelta | None:
    for form in _AGO:
        if (found := form.fullmatch(text)) is not None:
            hours, minutes, alone = (int(part or 0) for part in found.groups())
            return timedelta(hours=hours, minutes=minutes + alone)
    return None


def _clock(text: str, raw: str) -> str | None:
    """Return `HH:MM`, `--:--` for an unknown time, None for what is no time. Raises NoSuchTimeError."""
    if text in _UNKNOWN_TIMES:
        return UNKNOWN_TIME
    for form in _CLOCKS:
        if (found := form.fullmatch(text)) is not None:
            hour, minute = int(found[1]), int(found[2] or 0)
            if hour > LAST_HOUR or minute > LAST_MINUTE:
                raise NoSuchTimeError(raw=raw)
            return f"{hour:02d}:{minute:02d}"
    return None


# -- days ------------------------------------------------------------------------------------------------


def _day(text: str, raw: str, today: date) -> str | None:
    """Return a canonical day, or None for what is none. Raises as `read_day`."""
    if text in _DAYS_AGO:
        return (today - timedelta(days=_DAYS_AGO[text])).isoformat()
    for form in _YEAR_FIRST:
        if (found := form.fullmatch(text)) is not None:
            value = f"{found[1]}-{_part(found[2])}-{_part(found[3])}"
            if days_of(value) is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
                raise NoSuchDayError(raw=raw)
            return value
    named = _named(text)
    if not named:
        return None
    days = {day for month, number, year in named if (day := _calendar_day(month, number, year, today)) is not None}
    if len(days) > 1:
        one, other = sorted(days, reverse=True)
        raise AmbiguousDayError(raw=raw, one=_in_all(one), other=_in_all(other), example=one.isoformat())
    if not days:
        raise NoSuchDayError(raw=raw)
    found_day = days.pop()
    if not named[0][2] and found_day < today - timedelta(days=LONGEST_AGO_DAYS):
        raise YearMissingError(raw=raw, example=found_day.isoformat())
    return found_day.isoformat()


def _part(text: str) -> str:
    return f"{int(text):02d}" if text.isdecimal() else "--"


def _named(text: str) -> list[tuple[int, int, int]]:
    """Return what a text may name: month, day, and the year or 0."""
    if (found := _MONTH_AND_DAY.fullmatch(text)) is not None:
        return [(int(found[1]), int(found[2]), 0)]
    if (found := _DAY_AND_MONTH_NAME.fullmatch(text)) is not None and (month := _month(found[2])):
        return [(month, int(found[1]), int(found[3] or 0))]
    if (found := _MONTH_NAME_AND_DAY.fullmatch(text)) is not None and (month := _month(found[1])):
        return [(month, int(found[2]), int(found[3] or 0))]
    if (found := _EITHER_ORDER.fullmatch(text)) is not None:
        one, other, year = int(found[1]), int(found[3]), int(found[4] or 0)
        return [(one, other, year), (other, one, year)]
    return []


def _month(name: str) -> int:
    """Return the number of a month by its English name or the beginning of it; 0 for what is none."""
    return next((number for number, one in enumerate(_MONTHS, start=1) if one.startswith(name)), 0)


def _calendar_day(month: int, number: int, year: int, today: date) -> date | None:
    """Return the day of a year; without one the last such day that has been."""
    years: Iterable[int] = [year] if year else range(today.year, today.year - 9, -1)
    for one in years:
        with suppress(ValueError):
            day = date(one, month, number)
            if FIRST_YEAR <= one <= LAST_YEAR and (year or day <= today):
                return day
    return None


# -- in words --------------------------------------------------------------------------------------------


def day_words(value: str, language: str) -> str:
    """Return a canonical day in words: `Sun 22 Nov 2026`, `2026年11月22日 周日`; what is no day as it is."""
    days = days_of(value)
    if days is None:
        return value
    first, last = days
    month = _MONTHS[first.month - 1][:3].capitalize()
    if first == last:
        weekday = _WEEKDAYS["zh" if language == "zh" else "en"].split()[first.weekday()]
        if language == "zh":
            return f"{first.year}年{first.month}月{first.day}日 {weekday}"
        return f"{weekday} {first.day} {month} {first.year}"
    if value[5:7] == "--":
        return f"{first.year}年（月、日不详）" if language == "zh" else f"{first.year}, month and day unknown"
    return f"{first.year}年{first.month}月（日不详）" if language == "zh" else f"{month} {first.year}, day unknown"


def moment_words(value: str, language: str) -> str:
    """Return a canonical date-time in words: `Sun 22 Nov 2026 14:30 +08:00`; what is none as it is."""
    noted = noted_of(value)
    if noted is None:
        return value
    unknown = "时间不详" if language == "zh" else "time unknown"
    clock = unknown if noted.moment is None else f"{noted.moment:%H:%M}"
    return f"{day_words(noted.day.isoformat(), language)} {clock} {value[-len('+08:00') :]}"


def weekday_words(value: str, language: str) -> str:
    """Return what a canonical day or date-time does not say itself: the weekday, and the offset in figures.

    "" where the day is not whole.
    """
    noted = noted_of(value)
    day = value if noted is None else noted.day.isoformat()
    if "--" in day or days_of(day) is None:
        return ""
    words = day_words(day, language).split()
    weekday = words[-1] if language == "zh" else words[0]
    return weekday if noted is None else f"{weekday} {value[-len('+08:00') :]}"


def offset_words(minutes: int) -> str:
    """Return an offset, minutes east of UTC, as it is written: `+08:00`."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _in_all(day: date) -> Phrase:
    return {language: day_words(day.isoformat(), language) for language in _WEEKDAYS}

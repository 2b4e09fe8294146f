"""The words of a subject's course in time, in the languages of the product; times on the wall clock of the sites."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from casebook.errors import LANGUAGES
from casebook.texts import Text

_HOUR_MINUTES = 60
_HOURS_TOLD = 72
"""Up to so many hours a distance is told in hours, then in days."""

__all__ = ["LANGUAGES"]


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def same(text: str) -> Text:
    """Return what reads alike in every language."""
    return _both(text, text)


NOTHING: Final = same("")
NOW = _both("now", "现在")
NOT_ENTERED = _both("not entered", "未录入")
NO_TIME = _both("no time entered", "未录入时间")
DISPUTED = _both("entries disagree", "录入有冲突")
TO_COME = _both("to come", "未到")
WINDOW_OPEN = _both("window open", "时间窗已开放")
STATUSES = {
    "IN": _both("in window", "时间窗内"),
    "EARLY": _both("early", "提前"),
    "LATE": _both("late", "延后"),
    "MISSED": _both("missed", "缺失"),
    "NA_DEAD": _both("not applicable (died)", "不适用（已死亡）"),
    "NA_WITHDRAWN": _both("not applicable (withdrew)", "不适用（已退出）"),
    "NA_DISCHARGED": _both("not applicable (discharged)", "不适用（已出院）"),
}


LEGEND = {
    "day": _both("time unknown", "时间不详"),
    "untested": _both("not everything could be tested", "部分项目无法评估"),
    "no_score": _both("no score", "无评分"),
}
"""Shapes that have no word beside them."""


def joined(*parts: Text) -> Text:
    """Return what is said, one after the other; what is empty is left out."""
    gaps = {"en": ", ", "zh": "，"}
    languages = dict.fromkeys((*LANGUAGES, *(one for part in parts for one in part.by_language)))
    return Text({one: gaps.get(one, ", ").join(said for part in parts if (said := part(one))) for one in languages})


def minute(at: datetime) -> Text:
    """Return a moment to the minute."""
    return same(f"{at:%Y-%m-%d %H:%M}")


def day(at: datetime) -> Text:
    """Return a day of which no time is known."""
    return _both(f"{at:%Y-%m-%d}, time unknown", f"{at:%Y-%m-%d}，时间不详")


def window(opens: datetime, closes: datetime, *, by_day: bool) -> Text:
    """Return a visit's window in words."""
    style = "%Y-%m-%d" if by_day else "%Y-%m-%d %H:%M"
    first, last = opens.strftime(style), closes.strftime(style)
    return _both(f"{first} to {last}", f"{first} 至 {last}")


def distance(length: timedelta) -> Text:
    """Return a length of time as people say it: minutes, then hours, then days."""
    minutes = abs(int(length.total_seconds()) // _HOUR_MINUTES)
    hours, rest = divmod(minutes, _HOUR_MINUTES)
    if not hours:
        return _both(f"{rest} min", f"{rest} 分钟")
    if hours < _HOURS_TOLD:
        return _both(
            f"{hours} h {rest} min" if rest else f"{hours} h", f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"
        )
    days, rest = divmod(hours, 24)
    return _both(f"{days} d {rest} h" if rest else f"{days} d", f"{days} 天 {rest} 小时" if rest else f"{days} 天")


def after(length: timedelta, event: Text) -> Text:
    """Return how long after or before an event something was."""
    told = distance(length)
    if not length:
        return _both(f"at the time of {_lower(event('en'))}", f"与{event('zh')}同时")
    if length < timedelta(0):
        return _both(f"{told('en')} before {_lower(event('en'))}", f"早于{event('zh')} {told('zh')}")
    return _both(f"{told('en')} after {_lower(event('en'))}", f"{event('zh')}后 {told('zh')}")


def _lower(label: str) -> str:
    """Return a label as it stands within a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def score(label: Text, value: Decimal | None, untested: int, change: Decimal | None) -> Text:
    """Return a score with what could not be tested and how it changed."""
    if value is None:
        return _both(f"{label('en')}: no score", f"{label('zh')}：无评分")
    told = _both(f"{label('en')} {value:f}", f"{label('zh')} {value:f}")
    if untested:
        told = joined(told, _both(f"{untested} not testable", f"{untested} 项无法评估"))
    return joined(told, changed(change)) if change is not None else told


def changed(change: Decimal) -> Text:
    """Return how a score stands to the one before."""
    if not change:
        return _both("unchanged", "无变化")
    amount = f"{abs(change):f}"
    return (
        _both(f"{amount} higher than before", f"较前升高 {amount}")
        if change > 0
        else _both(f"{amount} lower than before", f"较前降低 {amount}")
    )


def signed(change: Decimal) -> str:
    """Return a change as it is drawn: `+3`, `−3`, `±0`."""
    if not change:
        return "±0"
    return f"{'+' if change > 0 else '−'}{abs(change):f}"

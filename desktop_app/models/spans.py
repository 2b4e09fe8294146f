"""How long something takes, lasts or is away, in words: the two units that matter, never seconds."""

from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from desktop_app.models import times

_HOUR, _DAY = 60, 24 * 60
_MANY_DAYS = 7
"""From so many days on hours do not matter."""


def span(length: timedelta) -> str:
    """Return a length in words (`3 h 20 min`, `2 d 4 h`); a minute that has begun counts whole."""
    minutes = -(-int(length.total_seconds()) // 60)
    if minutes < _HOUR:
        return QCoreApplication.translate("Spans", "%1 min").replace("%1", str(minutes))
    if minutes < _DAY:
        hours, left = divmod(minutes, _HOUR)
        words = QCoreApplication.translate("Spans", "%1 h %2 min") if left else _hours()
        return words.replace("%1", str(hours)).replace("%2", f"{left:02d}")
    days, hours = divmod(minutes // _HOUR, 24)
    words = QCoreApplication.translate("Spans", "%1 d %2 h")
    if not hours or days >= _MANY_DAYS:
        words = QCoreApplication.translate("Spans", "%1 d")
    return words.replace("%1", str(days)).replace("%2", str(hours))


def _hours() -> str:
    return QCoreApplication.translate("Spans", "%1 h")


def end_words(at: datetime, now: datetime) -> str:
    """Return when something ends: how long that is away, or since when it is over; below it the instant."""
    if at > now:
        words = QCoreApplication.translate("Spans", "ends in %1").replace("%1", span(at - now))
        return f"{words}\n{times.minute(at)}"
    words = QCoreApplication.translate("Spans", "overdue by %1").replace("%1", span(now - at))
    since = QCoreApplication.translate("Spans", "since %1").replace("%1", times.minute(at))
    return f"{words}\n{since}"


def begin_words(at: datetime, now: datetime) -> str:
    """Return when something begins: how long that is away; or since when it stands."""
    if at > now:
        words = QCoreApplication.translate("Spans", "opens in %1").replace("%1", span(at - now))
        return f"{words}\n{times.minute(at)}"
    words = QCoreApplication.translate("Spans", "open for %1").replace("%1", span(now - at))
    since = QCoreApplication.translate("Spans", "since %1").replace("%1", times.minute(at))
    return f"{words}\n{since}"

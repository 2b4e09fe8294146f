"""How amounts of data and of time left are written: rounded, since nobody can use more."""

from PySide6.QtCore import QCoreApplication

_KILO = 1000
_MINUTE_S = 60
_HOUR_S = 3600
_FEW = 10


def size(count: int) -> str:
    """Return `640 B`, `12 kB`, `3.4 MB`: SI units, two figures."""
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < _KILO:
            break
        amount, unit = amount / _KILO, larger
    digits = 1 if amount < _FEW and unit != "B" else 0
    return f"{amount:.{digits}f} {unit}"


def time_left(seconds: int) -> str:
    """Return about how long something still takes."""
    if seconds < _MINUTE_S:
        return QCoreApplication.translate("Amounts", "less than a minute left")
    if seconds < 2 * _HOUR_S:
        minutes = str(round(seconds / _MINUTE_S))
        return QCoreApplication.translate("Amounts", "about %1 min left").replace("%1", minutes)
    return QCoreApplication.translate("Amounts", "about %1 h left").replace("%1", str(round(seconds / _HOUR_S)))


def time_until(seconds: int) -> str:
    """Return in how long something begins."""
    if seconds < _MINUTE_S:
        return QCoreApplication.translate("Amounts", "in less than a minute")
    if seconds < 2 * _HOUR_S:
        minutes = str(-(-seconds // _MINUTE_S))
        return QCoreApplication.translate("Amounts", "in about %1 min").replace("%1", minutes)
    return QCoreApplication.translate("Amounts", "in about %1 h").replace("%1", str(round(seconds / _HOUR_S)))

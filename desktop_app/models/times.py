"""How moments and days are written on screens: ISO order, in the study's wall time.

Screens show minutes, never seconds; what a record says exactly is in the audit trail. Views give every
moment on the wall clock of the study's sites.
"""

from datetime import datetime


def day(moment: datetime | None) -> str:
    """Return `2026-03-01`, or "" for None."""
    return moment.strftime("%Y-%m-%d") if moment is not None else ""


def short_day(moment: datetime | None) -> str:
    """Return `03-01`, or "" for None."""
    return moment.strftime("%m-%d") if moment is not None else ""


def minute(moment: datetime | None) -> str:
    """Return `2026-03-01 14:30`, or "" for None."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment is not None else ""


def clock_time(moment: datetime | None) -> str:
    """Return `14:30`, or "" for None."""
    return moment.strftime("%H:%M") if moment is not None else ""

"""What a recorded text says: a number, a quantity, a day, an instant, and how two of them compare.

A value may be less than exact: `<0.01 mmol/L`, a birth date without its day, a time nobody noted. Each
is kept as the interval in which the truth lies, so that a comparison answers yes, no or "cannot be
told" and never guesses. Nothing here knows an item or a form.

Source: docs/record_format.md, section "Values"; clinical content, section 0.3 (decimals, three-valued
logic, compare instants and never strings).
"""

import calendar
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

INFINITE = "INF"
"""A ratio whose divisor is nil (clinical content, section 4.2)."""

_QUANTITY = re.compile(r"(<=|>=|<|>)?(-?\d+(?:\.\d+)?)(?: (\S.*))?")
_DAY = re.compile(r"(\d{4})-(\d\d|--)-(\d\d|--)")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d|--:--)([+-])(\d\d):(\d\d)")
_MINUTES_A_DAY = 24 * 60
_EPOCH_DAY = date(1970, 1, 1).toordinal()
DECEMBER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A measured value as a laboratory reports it: `<`, 0.01, `mmol/L`. `unit` is "" where there is none."""

    number: Decimal
    comparator: str = ""
    unit: str = ""

    def __str__(self) -> str:
        """Return the canonical text, with the number's digits as they were given."""
        return f"{self.comparator}{self.number:f}{' ' if self.unit else ''}{self.unit}"


class Kind(Enum):
    """What two intervals must share to be comparable."""

    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"


Bound = Fraction | float
"""A bound of an interval; float only for the two infinities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the truth lies: from `low` to `high`, without an end that is open.

    Numbers count as they are, days as proleptic ordinals, instants as minutes since 1970-01-01 UTC.

    Attributes:
        local_day: For instants: the wall-clock day at the place where they were noted.
    """

    kind: Kind
    low: Bound
    high: Bound
    low_open: bool = False
    high_open: bool = False
    local_day: int | None = None

    @property
    def is_exact(self) -> bool:
        """Tell whether only one value is possible."""
        return self.low == self.high

    def moved(self, amount: int) -> "Interval":
        """Return the interval moved by `amount` of its own measure; the local day stays known for whole days."""
        days = amount // _MINUTES_A_DAY
        return Interval(
            kind=self.kind,
            low=self.low + amount,
            high=self.high + amount,
            low_open=self.low_open,
            high_open=self.high_open,
            local_day=None if self.local_day is None or amount % _MINUTES_A_DAY else self.local_day + days,
        )


def exact(number: Decimal | int | Fraction) -> Interval:
    """Return the interval that holds one number."""
    bound = Fraction(number)
    return Interval(kind=Kind.NUMBER, low=bound, high=bound)


# -- reading the canonical texts -----------------------------------------------------------------------


def quantity_of(text: str) -> Quantity | None:
    """Return the quantity (or bare number) that `text` is, or None."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    comparator, number, unit = found.groups()
    return Quantity(comparator=comparator or "", number=Decimal(number), unit=unit or "")


def number_of(text: str | None) -> Decimal | None:
    """Return the exact number that `text` is, unit put aside; None for anything else, `<0.01` included."""
    quantity = quantity_of(text) if text is not None else None
    return None if quantity is None or quantity.comparator else quantity.number


def days_of(text: str) -> tuple[date, date] | None:
    """Return the first and last day that a date with or without unknown parts may mean, or None."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        if month == "--":
            return (date(int(year), 1, 1), date(int(year), DECEMBER, 31)) if day == "--" else None
        if day == "--":
            last = calendar.monthrange(int(year), int(month))[1]
            return date(int(year), int(month), 1), date(int(year), int(month), last)
        known = date(int(year), int(month), int(day))
    except (ValueError, calendar.IllegalMonthError):
        return None
    return known, known


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A date and time as noted on a wall clock; `moment` is None where the time is not known."""

    day: date
    offset: timedelta
    moment: datetime | None


def noted_of(text: str) -> Noted | None:
    """Return what a date-time says, or None when `text` is not one."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    day_text, clock, sign, hours, minutes = found.groups()
    try:
        day = date.fromisoformat(day_text)
        moment = None if clock == "--:--" else datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    return Noted(day=day, offset=offset, moment=moment)


def minutes_of(moment: datetime) -> int:
    """Return the minutes from 1970-01-01 UTC to an aware `moment`, seconds dropped."""
    return math.floor(moment.timestamp()) // 60


def instant(moment: datetime) -> Interval:
    """Return the interval that holds one aware `moment`, to the minute."""
    bound = Fraction(minutes_of(moment))
    return Interval(kind=Kind.INSTANT, low=bound, high=bound, local_day=moment.date().toordinal())


def interval_of(text: str) -> Interval | None:
    """Return the interval that a canonical text means, or None when it is plain text."""
    if text == INFINITE:
        return Interval(kind=Kind.NUMBER, low=math.inf, high=math.inf)
    if (noted := noted_of(text)) is not None:
        if noted.moment is not None:
            return instant(noted.moment)
        midnight = Fraction(
            (noted.day.toordinal() - _EPOCH_DAY) * _MINUTES_A_DAY - noted.offset // timedelta(minutes=1)
        )
        return Interval(
            kind=Kind.INSTANT,
            low=midnight,
            high=midnight + _MINUTES_A_DAY,
            high_open=True,
            local_day=noted.day.toordinal(),
        )
    if (days := days_of(text)) is not None:
        return Interval(kind=Kind.DAY, low=Fraction(days[0].toordinal()), high=Fraction(days[1].toordinal()))
    quantity = quantity_of(text)
    return None if quantity is None else _quantity_interval(quantity)


def _quantity_interval(quantity: Quantity) -> Interval:
    bound = Fraction(quantity.number)
    below, above = quantity.comparator.startswith("<"), quantity.comparator.startswith(">")
    return Interval(
        kind=Kind.NUMBER,
        low=-math.inf if below else bound,
        high=math.inf if above else bound,
        low_open=below or quantity.comparator == ">",
        high_open=above or quantity.comparator == "<",
    )


# -- comparing -----------------------------------------------------------------------------------------


def _alike(left: Interval, right: Interval) -> tuple[Interval, Interval] | None:
    """Bring a day and an instant to days of the wall calendar; None when the two cannot be compared."""
    if left.kind is right.kind:
        return left, right
    if {left.kind, right.kind} == {Kind.DAY, Kind.INSTANT}:
        days = _day(left), _day(right)
        return None if days[0] is None or days[1] is None else (days[0], days[1])
    return None


def _day(one: Interval) -> Interval | None:
    if one.kind is Kind.DAY:
        return one
    if one.local_day is None:
        return None
    return Interval(kind=Kind.DAY, low=Fraction(one.local_day), high=Fraction(one.local_day))


def less(left: Interval, right: Interval) -> bool | None:
    """Tell whether `left` is less than `right`; None when that cannot be told."""
    pair = _alike(left, right)
    if pair is None:
        return None
    left, right = pair
    if left.high < right.low or (left.high == right.low and (left.high_open or right.low_open)):
        return True
    return False if left.low >= right.high else None


def at_most(left: Interval, right: Interval) -> bool | None:
    """Tell whether `left` is less than or equal to `right`; None when that cannot be told."""
    more = less(right, left)
    return None if more is None else not more


def equal(left: Interval, right: Interval) -> bool | None:
    """Tell whether the two are equal; None when that cannot be told."""
    if less(left, right) or less(right, left):
        return False
    pair = _alike(left, right)
    return True if pair is not None and pair[0].is_exact and pair[1].is_exact else None


def half_up(number: Decimal | Fraction, decimals: int) -> Decimal:
    """Return `number` rounded half up (away from zero) to `decimals` places, without going through a float."""
    scaled = Fraction(number) * 10**decimals
    whole = math.floor(abs(scaled) + Fraction(1, 2))
    digits = tuple(int(digit) for digit in str(whole))
    return Decimal((1 if scaled < 0 and whole else 0, digits, -decimals))

"""How far a recorded time can be believed, and when a clock was set.

An *anchor* is the server's signed time as it was heard at one reading of (boot, uptime). Within that boot every
moment can be told from it, whatever the wall clock said; in another boot a moment lies between what was heard
before it and the receipt that came after it. Nothing here orders, corrects or refuses a record: a time gets a
label, and a clock that was set is told.

Pure functions; no clock is read here.

Source: docs/record_format.md, section "Time"; ICH E6(R3) 4.2.2(d); 21 CFR 11.10(e) (time-stamped audit trails).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from casebook.clock import Moment, local_time
from casebook.design import Text
from casebook.ids import DeviceId, Epoch
from casebook.ledger import Header

TOLERANCE_MS = 2 * 60_000
"""How far a wall clock may be off and its time still be called verified."""
NEWS_MS = 30_000
"""By how much a clock must have moved against the server for an exchange to be worth another anchor."""
DRIFT_PPM = 50
"""How much a machine's uptime may run fast or slow: 50 microseconds in each second."""
ANCHOR_EVENT = "time-anchor"
JUMP_EVENT = "clock-jump"

_MINUTE_MS = 60_000
_MAX_MS = 2**53


def drift_ms(elapsed_ms: int) -> int:
    """Return by how much uptime may have drifted over a span (milliseconds, rounded up)."""
    return -(-abs(elapsed_ms) * DRIFT_PPM // 1_000_000)


# -- anchors --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The server's time as a laptop heard it.

    Attributes:
        server_ms: The server's signed time, milliseconds since 1970 UTC.
        boot: Tag of the boot in which it was heard.
        uptime_ms: The laptop's uptime to which that time belongs.
        uncertainty_ms: Half of the round trip in which it was heard.
        serial: Serial of the last receipt held then; 0 for none.
    """

    server_ms: int
    boot: str
    uptime_ms: int
    uncertainty_ms: int
    serial: int = 0

    def true_ms(self, moment: Moment) -> int:
        """Return when a moment of the same boot was, by the server's clock."""
        return self.server_ms + moment.uptime_ms - self.uptime_ms

    def uncertainty_at(self, moment: Moment) -> int:
        """Return how far `true_ms` may be off: half the round trip and the drift since (milliseconds)."""
        return self.uncertainty_ms + drift_ms(moment.uptime_ms - self.uptime_ms)


def anchor_heard(told_ms: int, *, asked: Moment, answered: Moment, serial: int = 0) -> Anchor | None:
    """Return the anchor of one question to the server and its answer; None where the laptop began anew between.

    Args:
        told_ms: The server's signed time in the answer, milliseconds since 1970 UTC.
        asked: Read just before the question was sent.
        answered: Read just after the answer came.
        serial: Serial of the last receipt held.
    """
    if asked.boot != answered.boot or answered.uptime_ms < asked.uptime_ms:
        return None
    middle = (asked.uptime_ms + answered.uptime_ms) // 2
    return Anchor(
        server_ms=told_ms,
        boot=asked.boot,
        uptime_ms=middle,
        uncertainty_ms=answered.uptime_ms - middle,
        serial=serial,
    )


def skew_of(moment: Moment, anchor: Anchor) -> int:
    """Return by how much a wall clock is ahead of the server (milliseconds; negative: behind), in one boot."""
    return moment.utc_ms - anchor.true_ms(moment)


def says_something_new(anchor: Anchor, moment: Moment, last: tuple[Anchor, Moment] | None) -> bool:
    """Tell whether an anchor is worth a record of its own.

    It is in another boot than the last one that was recorded, where the wall clock has moved against the server
    by more than 30 s since, and where the last one has become more than 30 s less certain than this one.

    Args:
        moment: A reading of the clocks beside `anchor`, of its boot.
        last: The anchor recorded last by this laptop, with the moment of that record; None for none.
    """
    if last is None or last[0].boot != anchor.boot:
        return True
    moved = abs(skew_of(moment, anchor) - skew_of(last[1], last[0]))
    return moved > NEWS_MS or last[0].uncertainty_at(moment) - anchor.uncertainty_at(moment) > NEWS_MS


def anchor_fields(anchor: Anchor) -> dict[str, str]:
    """Return an anchor as the fields of a `sec` record."""
    return {
        "server": str(anchor.server_ms),
        "boot": anchor.boot,
        "uptime": str(anchor.uptime_ms),
        "uncertainty": str(anchor.uncertainty_ms),
        "serial": str(anchor.serial),
    }


def read_anchor(fields: Mapping[str, str]) -> Anchor | None:
    """Read an anchor from the fields of a `sec` record; None for fields in another form."""
    names = ("server", "uptime", "uncertainty", "serial")
    numbers = [_whole(fields.get(name, "")) for name in names]
    boot = fields.get("boot", "")
    match numbers:
        case [int(server), int(uptime), int(uncertainty), int(serial)] if boot:
            return Anchor(server_ms=server, boot=boot, uptime_ms=uptime, uncertainty_ms=uncertainty, serial=serial)
        case _:
            return None


def _whole(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_MAX_MS)) else None
    return number if number is not None and number < _MAX_MS else None


# -- labels ---------------------------------------------------------------------------------------------


class TimeStanding(StrEnum):
    """Whether a recorded time is right."""

    VERIFIED = "verified"
    OFF = "off"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLabel:
    """What is known of a recorded time.

    Attributes:
        off_ms: By how much the wall clock was ahead of the server (negative: behind); 0 where unverified.
        uncertainty_ms: How far `off_ms` itself may be wrong.
        at_least: `off_ms` is the least by which it was off; it may be more.
        earliest_ms: The server's time before which it cannot have been, where known.
        latest_ms: The server's time after which it cannot have been, where known.
    """

    standing: TimeStanding
    off_ms: int = 0
    uncertainty_ms: int = 0
    at_least: bool = False
    earliest_ms: int | None = None
    latest_ms: int | None = None

    @property
    def verified(self) -> bool:
        """Whether the recorded time is known to be right within `bound_ms`."""
        return self.standing is TimeStanding.VERIFIED

    @property
    def bound_ms(self) -> int:
        """How far the recorded time may be from the server's at most, where it is verified."""
        return abs(self.off_ms) + self.uncertainty_ms

    def words(self, offset_minutes: int) -> Text:
        """Return the label in words; times on a wall with this offset from UTC."""
        match self.standing:
            case TimeStanding.VERIFIED:
                within = duration(self.bound_ms, up=True)
                return _both(f"verified to within {within('en')}", f"已核实，误差不超过 {within('zh')}")
            case TimeStanding.OFF:
                return self._off()
            case TimeStanding.UNVERIFIED:
                return self._interval(offset_minutes)

    def _off(self) -> Text:
        span = duration(abs(self.off_ms))
        least = ("at least ", "至少") if self.at_least else ("", "")
        if self.off_ms > 0:
            return _both(f"clock {least[0]}{span('en')} ahead", f"电脑时钟{least[1]}快 {span('zh')}")
        return _both(f"clock {least[0]}{span('en')} behind", f"电脑时钟{least[1]}慢 {span('zh')}")

    def _interval(self, offset_minutes: int) -> Text:
        after = _wall(self.earliest_ms, offset_minutes)
        before = _wall(self.latest_ms, offset_minutes)
        if after and before:
            return _both(f"not verified; between {after} and {before}", f"未核实；在 {after} 与 {before} 之间")
        if after:
            return _both(f"not verified; after {after}", f"未核实；在 {after} 之后")
        if before:
            return _both(f"not verified; before {before}", f"未核实；在 {before} 之前")
        return _both("not verified", "未核实")


def _wall(utc_ms: int | None, offset_minutes: int) -> str:
    return "" if utc_ms is None else f"{local_time(utc_ms, offset_minutes):%Y-%m-%d %H:%M}"


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def duration(span_ms: int, *, up: bool = False) -> Text:
    """Return a span in words: `3 h 02 min`, `12 min`, `4 s`; seconds are rounded up where `up`."""
    seconds = max(0, -(-span_ms // 1000) if up else span_ms // 1000)
    minutes, rest = divmod(seconds, 60)
    hours, left = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return _both(f"{days} d {hour} h", f"{days} 天 {hour} 小时")
    if hours:
        return _both(f"{hours} h {left:02d} min", f"{hours} 小时 {left:02d} 分钟")
    if minutes:
        seconds_too = rest and up
        more = (f" {rest} s", f" {rest} 秒") if seconds_too else ("", "")
        return _both(f"{minutes} min{more[0]}", f"{minutes} 分钟{more[1]}")
    return _both(f"{seconds} s", f"{seconds} 秒")


def label_of(
    moment: Moment, anchors: Iterable[Anchor], *, earliest_ms: int | None = None, latest_ms: int | None = None
) -> TimeLabel:
    """Return what is known of a moment from its device's anchors.

    An anchor of the same boot tells the true time; the most certain one counts. Without one the moment lies
    between `earliest_ms` and `latest_ms`: a wall clock outside of these by more than the tolerance is off.

    Args:
        anchors: The anchors of the moment's own device.
        earliest_ms: The server's time last heard before, where known.
        latest_ms: The server's time when it first had the record, where known.
    """
    same = [one for one in anchors if one.boot == moment.boot]
    if same:
        best = min(same, key=lambda one: (one.uncertainty_at(moment), one.server_ms))
        off, uncertainty = skew_of(moment, best), best.uncertainty_at(moment)
        right = abs(off) <= TOLERANCE_MS + uncertainty
        standing = TimeStanding.VERIFIED if right else TimeStanding.OFF
        return TimeLabel(
            standing=standing,
            off_ms=off,
            uncertainty_ms=uncertainty,
            earliest_ms=best.true_ms(moment) - uncertainty,
            latest_ms=best.true_ms(moment) + uncertainty,
        )
    return _bounded(moment, earliest_ms, latest_ms)


def _bounded(moment: Moment, earliest_ms: int | None, latest_ms: int | None) -> TimeLabel:
    standing, off = TimeStanding.UNVERIFIED, 0
    if earliest_ms is not None and moment.utc_ms < earliest_ms - TOLERANCE_MS:
        standing, off = TimeStanding.OFF, moment.utc_ms - earliest_ms
    elif latest_ms is not None and moment.utc_ms > latest_ms + TOLERANCE_MS:
        standing, off = TimeStanding.OFF, moment.utc_ms - latest_ms
    return TimeLabel(standing=standing, off_ms=off, at_least=off != 0, earliest_ms=earliest_ms, latest_ms=latest_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a receipt says of a chain: the server has it up to `sequence` at its time `at_ms`."""

    device: DeviceId
    epoch: Epoch
    sequence: int
    at_ms: int
    serial: int


@dataclass(slots=True)
class Timeline:
    """The anchors of every device and the server's receipts, ready to label many records.

    An anchor is its laptop's word: one that contradicts the server's receipts before and after it is not believed.
    """

    _anchors: dict[tuple[DeviceId, str], list[tuple[Header, Anchor]]] = field(default_factory=dict)
    _heard: dict[tuple[DeviceId, Epoch], list[tuple[Header, Anchor]]] = field(default_factory=dict)
    _covered: dict[tuple[DeviceId, Epoch], list[tuple[int, int]]] = field(default_factory=dict)
    """By chain: sequences that receipts name, each with the earliest time at which the server had that much."""
    _serials: dict[int, int] = field(default_factory=dict)
    _believed: dict[tuple[DeviceId, str], tuple[Anchor, ...]] = field(default_factory=dict)
    _before: dict[tuple[DeviceId, Epoch], list[tuple[int, int]]] = field(default_factory=dict)
    """By chain: where an anchor was recorded, with the latest time heard up to there. Worked out when asked."""

    def add_anchor(self, header: Header, anchor: Anchor) -> None:
        """Take an anchor that the device of `header` recorded there."""
        self._forget()
        self._anchors.setdefault((header.device, anchor.boot), []).append((header, anchor))
        self._heard.setdefault((header.device, header.epoch), []).append((header, anchor))

    def add_receipts(self, receipts: Iterable[Told]) -> None:
        """Take the server's receipts."""
        self._forget()
        first: dict[tuple[DeviceId, Epoch], list[tuple[int, int]]] = {}
        for one in receipts:
            self._serials[one.serial] = one.at_ms
            first.setdefault((one.device, one.epoch), []).append((one.sequence, one.at_ms))
        for chain, told in first.items():
            covered = sorted([*self._covered.get(chain, ()), *told])
            for place in reversed(range(len(covered) - 1)):
                covered[place] = (covered[place][0], min(covered[place][1], covered[place + 1][1]))
            self._covered[chain] = covered

    def _forget(self) -> None:
        self._believed.clear()
        self._before.clear()

    def label(self, header: Header) -> TimeLabel:
        """Return what is known of the time of a record."""
        chain = (header.device, header.epoch)
        anchors = self._anchors_of((header.device, header.moment.boot))
        return label_of(
            header.moment,
            anchors,
            earliest_ms=None if anchors else self._earliest(chain, header),
            latest_ms=None if anchors else self._latest(chain, header.sequence),
        )

    def _anchors_of(self, boot: tuple[DeviceId, str]) -> tuple[Anchor, ...]:
        if boot not in self._believed:
            told = self._anchors.get(boot, ())
            self._believed[boot] = tuple(anchor for header, anchor in told if self._is_believed(header, anchor))
        return self._believed[boot]

    def _is_believed(self, header: Header, anchor: Anchor) -> bool:
        earliest = self._serials.get(anchor.serial)
        latest = self._latest((header.device, header.epoch), header.sequence)
        if earliest is not None and anchor.server_ms < earliest - TOLERANCE_MS:
            return False
        return latest is None or anchor.server_ms <= latest + TOLERANCE_MS

    def _earliest(self, chain: tuple[DeviceId, Epoch], header: Header) -> int | None:
        if chain not in self._before:
            self._before[chain] = self._heard_up_to(chain)
        heard = self._before[chain]
        place = bisect_left(heard, (header.sequence, -1))
        told = [heard[place - 1][1]] if place else []
        told += [self._serials[header.anchor]] if header.anchor in self._serials else []
        return max(told, default=None)

    def _heard_up_to(self, chain: tuple[DeviceId, Epoch]) -> list[tuple[int, int]]:
        told = [
            (header.sequence, anchor.server_ms)
            for header, anchor in self._heard.get(chain, ())
            if self._is_believed(header, anchor)
        ]
        latest = 0
        heard: list[tuple[int, int]] = []
        for sequence, at in sorted(told):
            latest = max(latest, at)
            heard.append((sequence, latest))
        return heard

    def _latest(self, chain: tuple[DeviceId, Epoch], sequence: int) -> int | None:
        covered = self._covered.get(chain, [])
        place = bisect_left(covered, (sequence, -1))
        return covered[place][1] if place < len(covered) else None


# -- a clock that was set -------------------------------------------------------------------------------


class JumpKind(StrEnum):
    """How a wall clock was found to be set."""

    SET = "set"
    BEHIND_SERVER = "behind-server"
    BEHIND_RECORD = "behind-record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A wall clock that does not go on where it was.

    Attributes:
        before_ms: What it should have shown at least (milliseconds since 1970 UTC).
        after_ms: What it shows.
    """

    kind: JumpKind
    before_ms: int
    after_ms: int

    @property
    def by_ms(self) -> int:
        """By how much it was set forward (negative: back)."""
        return self.after_ms - self.before_ms

    def fields(self) -> dict[str, str]:
        """Return the fields of the `sec` record that tells it."""
        return {"before": str(self.before_ms), "after": str(self.after_ms), "how": str(self.kind)}

    @property
    def banner(self) -> Text:
        """What the window says: nothing is refused, and the times are marked."""
        span = duration(abs(self.by_ms))
        en, zh = _SET[self.kind, self.by_ms > 0]
        return _both(en.format(span=span("en")) + _KEPT[0], zh.format(span=span("zh")) + _KEPT[1])


_KEPT = ("; entries are kept, their times are marked.", "；录入内容均会保存，时间将加注标记。")
_SET = {
    (JumpKind.SET, True): ("This laptop's clock was set forward by {span}", "本机时钟被调快了 {span}"),
    (JumpKind.SET, False): ("This laptop's clock was set back by {span}", "本机时钟被调慢了 {span}"),
    (JumpKind.BEHIND_SERVER, False): (
        "This laptop's clock is {span} behind the time that the server last told",
        "本机时钟比服务器上次告知的时间慢 {span}",
    ),
    (JumpKind.BEHIND_RECORD, False): (
        "This laptop's clock is {span} behind the newest record held here",
        "本机时钟比本机最新一条记录的时间慢 {span}",
    ),
}


def skew_banner(skew_ms: int) -> Text | None:
    """Return what the window says of a clock that differs from the server's by more than the tolerance, or None."""
    if abs(skew_ms) <= TOLERANCE_MS:
        return None
    span = duration(abs(skew_ms))
    if skew_ms > 0:
        en, zh = f"This laptop's clock is {span('en')} ahead of the server", f"本机时钟比服务器快 {span('zh')}"
    else:
        en, zh = f"This laptop's clock is {span('en')} behind the server", f"本机时钟比服务器慢 {span('zh')}"
    return _both(en + _KEPT[0], zh + _KEPT[1])


@dataclass(slots=True)
class _Seen:
    """The readings of one boot since its clock was last set: the least and the greatest difference to uptime."""

    low: Moment
    high: Moment


def _base(moment: Moment) -> int:
    return moment.utc_ms - moment.uptime_ms


@dataclass(slots=True)
class ClockWatch:
    """Looks at successive readings of one laptop's clocks and tells when the wall clock was set.

    Within a boot the wall clock is held against uptime, in whatever order readings come: any two that differ by
    more than two minutes and the drift between them are a jump. A wall clock behind the last time the server
    told, or behind the newest record held, is told once until it is right again.
    """

    trusted_ms: int | None = None
    newest_ms: int | None = None
    _boots: dict[str, _Seen] = field(default_factory=dict)
    _behind: bool = False

    def heard(self, trusted_ms: int) -> None:
        """Take a time that the server told."""
        self.trusted_ms = max(trusted_ms, self.trusted_ms or 0)

    def holds(self, newest_ms: int) -> None:
        """Take the wall-clock time of a record that is held."""
        self.newest_ms = max(newest_ms, self.newest_ms or 0)

    def look(self, moment: Moment) -> Jump | None:
        """Return the jump that this reading shows, or None."""
        return self._against_uptime(moment) or self._against_the_known(moment)

    def _against_uptime(self, moment: Moment) -> Jump | None:
        seen = self._boots.get(moment.boot)
        if seen is None:
            self._boots[moment.boot] = _Seen(moment, moment)
            return None
        for one in (seen.low, seen.high):
            expected = _base(one) + moment.uptime_ms
            allowed = TOLERANCE_MS + drift_ms(moment.uptime_ms - one.uptime_ms)
            if abs(moment.utc_ms - expected) > allowed:
                self._boots[moment.boot] = _Seen(moment, moment)
                return Jump(kind=JumpKind.SET, before_ms=expected, after_ms=moment.utc_ms)
        seen.low = min(seen.low, moment, key=_base)
        seen.high = max(seen.high, moment, key=_base)
        return None

    def _against_the_known(self, moment: Moment) -> Jump | None:
        known = ((JumpKind.BEHIND_SERVER, self.trusted_ms), (JumpKind.BEHIND_RECORD, self.newest_ms))
        for kind, at in known:
            if at is not None and moment.utc_ms < at - TOLERANCE_MS:
                first, self._behind = not self._behind, True
                return Jump(kind=kind, before_ms=at, after_ms=moment.utc_ms) if first else None
        self._behind = False
        return None


def jumps(moments: Iterable[Moment]) -> Iterator[Jump]:
    """Yield the jumps in a series of readings of one laptop's clocks."""
    watch = ClockWatch()
    for moment in moments:
        jump = watch.look(moment)
        if jump is not None:
            yield jump

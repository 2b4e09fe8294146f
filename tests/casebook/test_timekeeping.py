"""How far a recorded time can be believed, and when a clock was set."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.clock import Moment
from casebook.ids import DeviceId, Epoch
from casebook.ledger import Header
from casebook.payloads import SecurityPayload
from casebook.timekeeping import (
    TOLERANCE_MS,
    Anchor,
    ClockWatch,
    JumpKind,
    TimeLabel,
    Timeline,
    TimeStanding,
    Told,
    anchor_fields,
    anchor_heard,
    drift_ms,
    duration,
    jumps,
    label_of,
    read_anchor,
    says_something_new,
    skew_banner,
    skew_of,
)
from tests.casebook.commits import Laptop

NOON = 1_772_000_000_000
HOUR = 3_600_000
MINUTE = 60_000


def at(wall: int, uptime: int, boot: str = "b1") -> Moment:
    return Moment(utc_ms=NOON + wall, offset_minutes=480, boot=boot, uptime_ms=uptime)


ANCHOR = Anchor(server_ms=NOON, boot="b1", uptime_ms=1000, uncertainty_ms=200)


# -- anchors --------------------------------------------------------------------------------------------


def test_an_anchor_lies_in_the_middle_of_its_round_trip() -> None:
    heard = anchor_heard(NOON, asked=at(0, 1000), answered=at(0, 2001), serial=7)
    assert heard == Anchor(server_ms=NOON, boot="b1", uptime_ms=1500, uncertainty_ms=501, serial=7)
    assert anchor_heard(NOON, asked=at(0, 1000), answered=at(0, 5, "b2")) is None


def test_an_anchor_comes_back_from_its_fields() -> None:
    anchor = replace(ANCHOR, serial=9)
    assert read_anchor(anchor_fields(anchor)) == anchor
    for wrong in ({"server": "x"}, {"boot": ""}, {"uptime": "-1"}, {"serial": "9" * 30}):
        assert read_anchor({**anchor_fields(anchor), **wrong}) is None
    assert read_anchor({}) is None


def test_only_what_says_something_new_is_recorded() -> None:
    last = (ANCHOR, at(0, 1000))
    later = replace(ANCHOR, server_ms=NOON + HOUR, uptime_ms=1000 + HOUR)
    assert says_something_new(ANCHOR, at(0, 1000), None)
    assert not says_something_new(later, at(HOUR, 1000 + HOUR), last)
    assert not says_something_new(later, at(HOUR + 30_000, 1000 + HOUR), last)
    assert says_something_new(later, at(HOUR + 30_001, 1000 + HOUR), last)
    assert says_something_new(replace(later, boot="b2"), at(HOUR, 1000 + HOUR, "b2"), last)
    week = replace(ANCHOR, server_ms=NOON + 8 * 24 * HOUR, uptime_ms=1000 + 8 * 24 * HOUR)
    assert says_something_new(week, at(8 * 24 * HOUR, 1000 + 8 * 24 * HOUR), last)


# -- labels ---------------------------------------------------------------------------------------------


def test_a_right_clock_is_verified_and_a_wrong_one_is_told_with_its_sign() -> None:
    right = label_of(at(1000, 2000), [ANCHOR])
    assert right.verified
    assert right.words(480)("en") == "verified to within 1 s"
    ahead = label_of(at(3 * HOUR + 2 * MINUTE + 1000, 2000), [ANCHOR])
    assert ahead.standing is TimeStanding.OFF
    assert ahead.off_ms == 3 * HOUR + 2 * MINUTE
    assert ahead.words(480)("en") == "clock 3 h 02 min ahead"
    assert ahead.words(480)("zh") == "电脑时钟快 3 小时 02 分钟"
    behind = label_of(at(1000 - 5 * MINUTE, 2000), [ANCHOR])
    assert behind.words(480)("en") == "clock 5 min behind"


@given(
    latency=st.integers(0, 60_000),
    share=st.fractions(0, 1),
    drift=st.integers(-50, 50),
    elapsed=st.integers(-30 * 24 * HOUR, 30 * 24 * HOUR),
    skew=st.one_of(st.integers(-10 * MINUTE, 10 * MINUTE), st.integers(-(10**11), 10**11)),
)
def test_what_is_verified_is_within_the_bound_it_states(
    latency: int, share: float, drift: int, elapsed: int, skew: int
) -> None:
    """Wherever in the round trip the server looked at its clock, and however the machine's uptime drifts."""
    base_up = 40 * 24 * HOUR
    looked = base_up + int(latency * share)
    anchor = anchor_heard(NOON, asked=at(0, base_up), answered=at(0, base_up + latency))
    assert anchor is not None
    uptime = anchor.uptime_ms + elapsed
    true = NOON + (uptime - looked) + (uptime - anchor.uptime_ms) * drift // 1_000_000
    label = label_of(at(true - NOON + skew, uptime), [anchor])
    assert label.standing is not TimeStanding.UNVERIFIED
    if label.verified:
        assert abs(skew) <= label.bound_ms + 1
    if abs(skew) > TOLERANCE_MS + 2 * label.uncertainty_ms + 1:
        assert label.standing is TimeStanding.OFF
        assert (label.off_ms > 0) == (skew > 0)
    assert label.earliest_ms is not None
    assert label.latest_ms is not None
    assert label.earliest_ms - 1 <= true <= label.latest_ms + 1


def test_the_most_certain_anchor_of_the_boot_counts() -> None:
    near = Anchor(server_ms=NOON + HOUR, boot="b1", uptime_ms=1000 + HOUR, uncertainty_ms=50)
    other = Anchor(server_ms=NOON + 9 * HOUR, boot="b2", uptime_ms=1000 + HOUR, uncertainty_ms=0)
    label = label_of(at(HOUR, 1000 + HOUR), [ANCHOR, near, other])
    assert label.uncertainty_ms == 50


def test_another_boot_is_told_by_what_lies_around_it() -> None:
    moment = at(0, 10, "b9")
    between = label_of(moment, [ANCHOR], earliest_ms=NOON - HOUR, latest_ms=NOON + HOUR)
    assert between.standing is TimeStanding.UNVERIFIED
    assert between.words(480)("en") == "not verified; between 2026-02-25 13:13 and 2026-02-25 15:13"
    assert label_of(moment, [], earliest_ms=NOON - HOUR).words(480)("zh") == "未核实；在 2026-02-25 13:13 之后"
    assert label_of(moment, [], latest_ms=NOON + HOUR).words(480)("en") == "not verified; before 2026-02-25 15:13"
    assert label_of(moment, []).words(480)("en") == "not verified"


@given(wall=st.integers(-(10**10), 10**10), low=st.integers(-(10**9), 10**9), span=st.integers(0, 10**9))
def test_outside_of_what_lies_around_it_a_time_is_off_at_least_that_much(wall: int, low: int, span: int) -> None:
    label = label_of(at(wall, 1, "b9"), [ANCHOR], earliest_ms=NOON + low, latest_ms=NOON + low + span)
    assert not label.verified
    if low - TOLERANCE_MS <= wall <= low + span + TOLERANCE_MS:
        assert label.standing is TimeStanding.UNVERIFIED
    else:
        assert label.at_least
        assert abs(label.off_ms) > TOLERANCE_MS
        assert "at least" in label.words(480)("en")


def header_of(laptop: Laptop) -> Header:
    return laptop.seal(SecurityPayload(event="sign-in")).parsed


def test_a_timeline_labels_the_records_of_a_chain() -> None:
    laptop = Laptop(seed=1)
    headers = [header_of(laptop) for _ in range(4)]
    timeline = Timeline()
    timeline.add_receipts(
        [Told(device=laptop.device, epoch=laptop.epoch, sequence=3, at_ms=NOON + 10 * HOUR, serial=4)]
    )
    assert timeline.label(headers[0]).latest_ms == NOON + 10 * HOUR
    assert timeline.label(headers[2]).latest_ms == NOON + 10 * HOUR
    assert timeline.label(headers[3]).latest_ms is None
    moment = headers[1].moment
    timeline.add_anchor(
        headers[1],
        Anchor(server_ms=moment.utc_ms, boot=moment.boot, uptime_ms=moment.uptime_ms, uncertainty_ms=100),
    )
    assert all(timeline.label(one).verified for one in headers)
    elsewhere = replace(headers[3], moment=replace(headers[3].moment, boot="other"))
    assert timeline.label(elsewhere).earliest_ms == moment.utc_ms
    assert timeline.label(replace(elsewhere, sequence=1, anchor=4)).earliest_ms == NOON + 10 * HOUR
    stranger = replace(elsewhere, device=DeviceId("x" * 16), epoch=Epoch("y" * 6))
    assert timeline.label(stranger) == TimeLabel(standing=TimeStanding.UNVERIFIED)


@pytest.mark.parametrize(("hours", "serial"), [(30, 0), (-30, 4)])
def test_an_anchor_that_contradicts_the_receipts_is_not_believed(hours: int, serial: int) -> None:
    """It is the laptop's word; what the server told before and after it is the server's."""
    laptop = Laptop(seed=1)
    headers = [header_of(laptop) for _ in range(3)]
    moment = headers[1].moment
    timeline = Timeline()
    for sequence, number, at_ms in ((1, 4, moment.utc_ms - HOUR), (3, 5, moment.utc_ms + HOUR)):
        timeline.add_receipts(
            [Told(device=laptop.device, epoch=laptop.epoch, sequence=sequence, at_ms=at_ms, serial=number)]
        )
    lie = Anchor(
        server_ms=moment.utc_ms + hours * HOUR,
        boot=moment.boot,
        uptime_ms=moment.uptime_ms,
        uncertainty_ms=0,
        serial=serial,
    )
    timeline.add_anchor(headers[1], lie)
    assert timeline.label(headers[1]).standing is TimeStanding.UNVERIFIED
    elsewhere = replace(headers[2], moment=replace(headers[2].moment, boot="other"))
    assert timeline.label(elsewhere).standing is TimeStanding.UNVERIFIED
    timeline.add_anchor(headers[1], replace(lie, server_ms=moment.utc_ms))
    assert timeline.label(headers[1]).verified


@given(
    told=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**6)), max_size=8),
    sequence=st.integers(1, 10),
    parts=st.integers(0, 8),
)
def test_a_record_is_received_when_the_first_receipt_that_covers_it_was_given(
    told: list[tuple[int, int]], sequence: int, parts: int
) -> None:
    """Receipts may come in any order, in parts, and tell an earlier time for more."""
    laptop = Laptop(seed=1)
    receipts = [
        Told(device=laptop.device, epoch=laptop.epoch, sequence=one, at_ms=NOON + at_ms, serial=0)
        for one, at_ms in told
    ]
    timeline = Timeline()
    timeline.add_receipts(receipts[:parts])
    timeline.add_receipts(receipts[parts:])
    label = timeline.label(replace(header_of(laptop), sequence=sequence, anchor=1))
    assert label.latest_ms == min((NOON + at_ms for one, at_ms in told if one >= sequence), default=None)


# -- a clock that was set -------------------------------------------------------------------------------


def test_a_clock_that_is_set_is_told_once() -> None:
    watch = ClockWatch()
    assert watch.look(at(0, 0)) is None
    assert watch.look(at(MINUTE, MINUTE)) is None
    back = watch.look(at(2 * MINUTE - HOUR, 2 * MINUTE))
    assert back is not None
    assert (back.kind, back.by_ms) == (JumpKind.SET, -HOUR)
    assert back.fields() == {"before": str(NOON + 2 * MINUTE), "after": str(NOON + 2 * MINUTE - HOUR), "how": "set"}
    assert back.banner("en") == (
        "This laptop's clock was set back by 1 h 00 min; entries are kept, their times are marked."
    )
    assert watch.look(at(3 * MINUTE - HOUR, 3 * MINUTE)) is None
    forward = watch.look(at(4 * MINUTE, 4 * MINUTE))
    assert forward is not None
    assert forward.by_ms == HOUR
    assert watch.look(at(5 * HOUR, 5, "b2")) is None


def test_a_clock_that_creeps_is_found_too() -> None:
    readings = [at(number * 100_000, number * 60_000) for number in range(10)]
    assert list(jumps(readings))


@given(
    st.lists(
        st.tuples(st.integers(0, 10 * HOUR), st.one_of(st.integers(-MINUTE, MINUTE), st.integers(-HOUR, HOUR))),
        min_size=2,
        max_size=12,
    )
)
def test_jumps_are_found_whatever_the_order(readings: list[tuple[int, int]]) -> None:
    """No two readings between which no jump was told differ by more than the tolerance and the drift."""
    watch = ClockWatch()
    calm: list[Moment] = []
    for uptime, skew in readings:
        moment = at(uptime + skew, uptime)
        if watch.look(moment) is not None:
            calm = []
        for earlier in calm:
            moved = (moment.utc_ms - moment.uptime_ms) - (earlier.utc_ms - earlier.uptime_ms)
            assert abs(moved) <= TOLERANCE_MS + drift_ms(10 * HOUR)
        calm.append(moment)


@given(
    skew=st.integers(TOLERANCE_MS + drift_ms(10 * HOUR) + 1, 10**10), sign=st.sampled_from([-1, 1]), first=st.booleans()
)
def test_one_reading_that_differs_is_a_jump_in_either_order(*, skew: int, sign: int, first: bool) -> None:
    straight, set_ = at(HOUR, HOUR), at(2 * HOUR + sign * skew, 2 * HOUR)
    found = list(jumps([set_, straight] if first else [straight, set_]))
    assert len(found) == 1
    assert abs(found[0].by_ms) == skew


@pytest.mark.parametrize(("known", "kind"), [("heard", JumpKind.BEHIND_SERVER), ("holds", JumpKind.BEHIND_RECORD)])
def test_a_clock_behind_what_is_known_is_told_until_it_is_right(known: str, kind: JumpKind) -> None:
    watch = ClockWatch()
    getattr(watch, known)(NOON + HOUR)
    getattr(watch, known)(NOON)
    jump = watch.look(at(0, 0))
    assert jump is not None
    assert (jump.kind, jump.by_ms) == (kind, -HOUR)
    assert "1 h 00 min behind" in jump.banner("en")
    assert "1 小时 00 分钟" in jump.banner("zh")
    assert watch.look(at(MINUTE, MINUTE)) is None
    assert watch.look(at(HOUR, HOUR)) is None
    assert watch.look(at(5, 5, "b2")) is not None


def test_the_banner_says_how_far_and_never_refuses() -> None:
    skew = skew_of(at(3 * HOUR + 2 * MINUTE, 1000), ANCHOR)
    banner = skew_banner(skew)
    assert banner is not None
    assert banner("en") == (
        "This laptop's clock is 3 h 02 min ahead of the server; entries are kept, their times are marked."
    )
    assert banner("zh") == "本机时钟比服务器快 3 小时 02 分钟；录入内容均会保存，时间将加注标记。"
    assert skew_banner(TOLERANCE_MS) is None
    behind = skew_banner(-TOLERANCE_MS - 1)
    assert behind is not None
    assert "behind the server" in behind("en")


@pytest.mark.parametrize(
    ("span", "said"),
    [(0, "0 s"), (4_400, "4 s"), (65_000, "1 min"), (HOUR, "1 h 00 min"), (50 * HOUR, "2 d 2 h")],
)
def test_a_span_is_said_in_words(span: int, said: str) -> None:
    assert duration(span)("en") == said


def test_a_bound_is_never_rounded_down() -> None:
    assert duration(4_001, up=True)("en") == "5 s"
    assert duration(61_000, up=True)("en") == "1 min 1 s"
    assert duration(61_000, up=True)("zh") == "1 分钟 1 秒"

"""When the next exchange begins: any story of successes, failures, pauses and connections, over a made clock."""

from collections import Counter
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app import sync_pace, sync_plan
from desktop_app.sync_pace import Moved
from desktop_app.sync_plan import FIRST_MS, LONGEST_MS, Pause, PauseKind, Plan

CHINA = timezone(timedelta(hours=8))
times = st.integers(min_value=0, max_value=10**12)
draws = st.floats(min_value=0, max_value=1, exclude_max=True)
retries = st.integers(min_value=0, max_value=4_000)


def half() -> float:
    return 0.5


def low() -> float:
    return 0.0


def high() -> float:
    return 0.999_999


# -- waiting after failures ------------------------------------------------------------------------------------


@given(now=times, failures=st.integers(0, 60), draw=draws)
def test_wait_after_a_failure_lies_between_fifteen_seconds_and_half_an_hour(
    now: int, failures: int, draw: float
) -> None:
    plan = sync_plan.failed(Plan(failures=failures), now, lambda: draw)
    assert plan.due_ms is not None
    wait = plan.due_ms - now
    assert FIRST_MS <= wait <= LONGEST_MS
    assert wait <= FIRST_MS * 2 ** min(failures + 1, 20)
    assert plan.failures == failures + 1


def test_limit_doubles_with_each_failure_up_to_half_an_hour() -> None:
    plan, waits = Plan(), []
    for _ in range(10):
        plan = sync_plan.failed(plan, 0, high)
        waits.append(round((plan.due_ms or 0) / 1000))
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800, 1800]


def test_laptops_that_lost_the_same_server_come_back_spread_over_the_whole_wait() -> None:
    laptops = 1_000
    waits = [sync_plan.failed(Plan(failures=6), 0, partial(float, n / laptops)).due_ms or 0 for n in range(laptops)]
    minutes = Counter(wait // 60_000 for wait in waits)
    assert max(minutes.values()) <= laptops * 60_000 / (LONGEST_MS - FIRST_MS) + 1


@given(now=times, failures=st.integers(0, 30), draw=draws, retry_s=retries.filter(bool))
def test_server_is_not_met_before_the_time_it_named(now: int, failures: int, draw: float, retry_s: int) -> None:
    plan = sync_plan.failed(Plan(failures=failures), now, lambda: draw, retry_s=retry_s, moved=True)
    for later in (plan, sync_plan.connected(plan, now, low), sync_plan.sealed(plan, now), sync_plan.begun(plan, now)):
        assert later.due_ms is not None
        assert later.due_ms >= now + retry_s * 1000


@given(now=times, draw=draws, retry_s=retries, more=st.booleans())
def test_server_is_not_met_before_the_time_it_named_after_a_success(
    now: int, draw: float, retry_s: int, *, more: bool
) -> None:
    plan = sync_plan.succeeded(Plan(failures=5), now, lambda: draw, retry_s=retry_s, more=more)
    assert plan.due_ms is not None
    assert plan.due_ms >= now + retry_s * 1000
    assert plan.failures == 0
    assert not plan.hurried


def test_absurd_word_of_the_server_holds_for_a_day_and_no_longer() -> None:
    plan = sync_plan.failed(Plan(), 0, low, retry_s=10**9)
    assert plan.due_ms == sync_plan.MOST_ASKED_MS


def test_cut_after_records_moved_is_tried_again_once_at_once() -> None:
    first = sync_plan.failed(Plan(), 0, low, moved=True)
    assert first.due_ms == sync_plan.AT_ONCE_MS
    second = sync_plan.failed(first, 0, low, moved=True)
    assert second.due_ms == FIRST_MS
    again = sync_plan.failed(sync_plan.succeeded(second, 0, half), 0, low, moved=True)
    assert again.due_ms == sync_plan.AT_ONCE_MS


@given(draw=draws, moved=st.booleans())
def test_what_no_repetition_mends_is_asked_again_late(draw: float, *, moved: bool) -> None:
    plan = sync_plan.failed(Plan(), 0, lambda: draw, lasting=True, moved=moved)
    assert plan.due_ms is not None
    assert LONGEST_MS * 0.8 <= plan.due_ms <= LONGEST_MS


# -- what asks for an exchange ---------------------------------------------------------------------------------


@given(gaps=st.lists(st.integers(0, 4_000), min_size=1, max_size=40))
def test_many_saves_share_one_exchange_and_do_not_put_it_off(gaps: list[int]) -> None:
    now = 0
    plan = sync_plan.succeeded(Plan(), now, half)
    plan = sync_plan.sealed(plan, now)
    due = plan.due_ms
    for gap in gaps:
        now += gap
        plan = sync_plan.sealed(plan, now)
    assert plan.due_ms == due == sync_plan.SEALED_MS


def test_save_hurries_nothing_while_the_server_cannot_be_reached() -> None:
    waiting = sync_plan.failed(Plan(failures=7), 0, half)
    assert sync_plan.sealed(waiting, 0) == waiting


@given(now=times, failures=st.integers(0, 30), draw=draws)
def test_connection_that_appears_is_used_within_seconds(now: int, failures: int, draw: float) -> None:
    waiting = sync_plan.failed(Plan(failures=failures), now, lambda: draw)
    plan = sync_plan.connected(waiting, now, lambda: draw)
    assert plan.due_ms is not None
    assert sync_plan.CONNECTED_MS <= plan.due_ms - now <= sync_plan.CONNECTED_MS + sync_plan.CONNECTED_SPREAD_MS
    assert plan.failures == 0


@given(draw=draws)
def test_all_well_means_about_every_five_minutes(draw: float) -> None:
    plan = sync_plan.succeeded(Plan(), 0, lambda: draw)
    assert plan.due_ms is not None
    assert 240_000 <= plan.due_ms <= 360_000


@given(
    steps=st.lists(st.sampled_from(["failed", "cut", "succeeded", "sealed", "connected", "begun"]), max_size=30),
    draw=draws,
)
def test_laptop_whose_exchanges_are_left_to_the_user_plans_none(steps: list[str], draw: float) -> None:
    plan = Plan(every_ms=0)
    for now, step in enumerate(steps):
        plan = take(plan, step, now, draw)
        assert plan.due_ms is None


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["failed", "cut", "succeeded", "sealed", "connected", "stopped"]), st.integers(0, 90_000)
        ),
        min_size=1,
        max_size=40,
    ),
    draw=draws,
)
def test_after_any_story_an_exchange_is_planned_within_the_longest_wait(
    steps: list[tuple[str, int]], draw: float
) -> None:
    now = 0
    plan = sync_plan.begun(Plan(), now)
    assert plan.is_due(now)
    for step, passed in steps:
        now += passed
        plan = take(plan, step, now, draw)
        wait = plan.wait_ms(now)
        assert wait is not None
        assert wait <= LONGEST_MS


def take(plan: Plan, step: str, now: int, draw: float) -> Plan:
    match step:
        case "failed" | "cut":
            return sync_plan.failed(plan, now, lambda: draw, moved=step == "cut")
        case "succeeded":
            return sync_plan.succeeded(plan, now, lambda: draw)
        case "stopped":
            return sync_plan.stopped(plan, now, lambda: draw)
        case "sealed":
            return sync_plan.sealed(plan, now)
        case "connected":
            return sync_plan.connected(plan, now, lambda: draw)
        case _:
            return sync_plan.begun(plan, now)


# -- pauses ----------------------------------------------------------------------------------------------------


def test_pause_of_an_hour_ends_by_itself() -> None:
    now = datetime(2026, 3, 1, 14, 20, tzinfo=CHINA)
    pause = sync_plan.pause_of(PauseKind.HOUR, now)
    at = round(now.timestamp() * 1000)
    assert pause.holds(at)
    assert pause.holds(at + 3_599_999)
    assert not pause.holds(at + 3_600_000)


@pytest.mark.parametrize("hour", [0, 5, 14, 23])
def test_pause_until_tomorrow_ends_in_the_morning(hour: int) -> None:
    now = datetime(2026, 2, 28, hour, 20, tzinfo=CHINA)
    pause = sync_plan.pause_of(PauseKind.UNTIL_TOMORROW, now)
    assert pause.until_ms is not None
    assert datetime.fromtimestamp(pause.until_ms / 1000, CHINA) == datetime(2026, 3, 1, 6, tzinfo=CHINA)


def test_pause_until_resumed_ends_by_hand_alone() -> None:
    pause = sync_plan.pause_of(PauseKind.UNTIL_RESUMED, datetime(2026, 3, 1, tzinfo=CHINA))
    assert pause.holds(0)
    assert pause.holds(10**15)


def test_clock_set_back_does_not_make_a_timed_pause_longer() -> None:
    pause = sync_plan.pause_of(PauseKind.HOUR, datetime(2026, 3, 1, tzinfo=CHINA))
    assert not pause.holds(pause.since_ms - 1)


@given(since=times, until=st.none() | times)
def test_pause_is_read_as_it_was_kept(since: int, until: int | None) -> None:
    pause = Pause(since_ms=since, until_ms=until)
    assert sync_plan.read_pause(pause.text()) == pause


@pytest.mark.parametrize("text", [None, "", "x", "1", "1 ", "- -", "1 x", "-1 2", "1 2 3"])
def test_what_is_no_pause_pauses_nothing(text: str | None) -> None:
    assert sync_plan.read_pause(text) is None


# -- how long it may still take --------------------------------------------------------------------------------


def run(pace: sync_pace.Pace, rate: int, seconds: int, whole: int, *, start_s: float = 0.0) -> sync_pace.Pace:
    for second in range(1, seconds + 1):
        sent = pace.moved.sent_bytes + rate
        pace = sync_pace.told(pace, Moved(sent_bytes=sent, to_send_bytes=whole), start_s + second)
    return pace


def test_time_left_follows_the_rate() -> None:
    pace = run(sync_pace.started(0.0), rate=5_000, seconds=10, whole=1_000_000)
    assert pace.percent() == 5
    assert pace.left_s(10.0) == pytest.approx(190, abs=2)


def test_time_left_is_not_told_before_the_link_is_known() -> None:
    pace = run(sync_pace.started(0.0), rate=5_000, seconds=2, whole=1_000_000)
    assert pace.left_s(2.0) is None
    assert sync_pace.told(sync_pace.started(0.0), Moved(sent_bytes=9_000), 60.0).left_s(60.0) is None


def test_link_that_falls_silent_takes_longer() -> None:
    pace = run(sync_pace.started(0.0), rate=5_000, seconds=10, whole=1_000_000)
    soon, later = pace.left_s(11.0), pace.left_s(50.0)
    assert soon is not None
    assert later is not None
    assert later > soon


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0, 30), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 10**7)
        ),
        max_size=30,
    )
)
def test_progress_of_any_exchange_stays_within_its_bounds(steps: list[tuple[float, int, int, int, int]]) -> None:
    now, pace, moved = 0.0, sync_pace.started(0.0), Moved()
    for passed, sent, received, to_send, to_receive in steps:
        now += passed
        moved = Moved(
            sent_bytes=moved.sent_bytes + sent,
            received_bytes=moved.received_bytes + received,
            to_send_bytes=to_send,
            to_receive_bytes=to_receive,
        )
        pace = sync_pace.told(pace, moved, now)
        percent, left = pace.percent(), pace.left_s(now)
        assert percent is None or 0 <= percent <= 100
        assert left is None or left >= 0

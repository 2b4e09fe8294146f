"""Where things stand in a drawing of time: order, room, no overlap, whatever the times are."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from casebook.time_chart import Label, TimeScale, Window, place_labels, time_scale

START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
ALMOST = 1e-6

minutes = st.integers(min_value=0, max_value=200 * 24 * 60)
zones = st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-5, 0, 1, 2, 8)])
moments = st.builds(lambda after, zone: (START + timedelta(minutes=after)).astimezone(zone), minutes, zones)
windows = st.builds(
    lambda opens, length, wanted: Window(opens=opens, closes=opens + timedelta(minutes=length), wanted=wanted),
    moments,
    st.integers(min_value=1, max_value=40 * 24 * 60),
    st.floats(min_value=0, max_value=200),
)
widths = st.floats(min_value=60, max_value=3000)


def scaled(times: list[datetime], spans: list[Window], width: float) -> TimeScale:
    return time_scale(times, spans, width=width, mark=14, gap=28)


@given(st.lists(moments, max_size=40), st.lists(windows, max_size=9), widths)
def test_marks_stand_inside_the_drawing_in_the_order_of_time(
    times: list[datetime], spans: list[Window], width: float
) -> None:
    scale = scaled(times, spans, width)
    drawn = sorted({*times, *(end for one in spans for end in (one.opens, one.closes))})
    places = [scale.at(one) for one in drawn]
    assert all(0 <= place <= width + ALMOST for place in places)
    for (before, left), (after, right) in pairwise(zip(drawn, places, strict=True)):
        assert left < right or before.timestamp() == after.timestamp()


@given(st.lists(moments, min_size=1, max_size=20), st.lists(windows, min_size=1, max_size=9), widths)
def test_nothing_stands_in_the_break(times: list[datetime], spans: list[Window], width: float) -> None:
    scale = scaled(times, spans, width)
    opens = min(one.opens for one in spans)
    for one in times:
        place = scale.at(one)
        if scale.break_from == scale.break_to:
            continue
        assert place <= scale.break_from + ALMOST if one < opens else place >= scale.break_to - ALMOST


@given(st.lists(moments, min_size=2, max_size=20, unique_by=lambda one: one.timestamp()))
def test_two_marks_are_as_far_apart_as_a_mark_is_wide_where_there_is_room(times: list[datetime]) -> None:
    scale = scaled(times, [], 40 * 14.0)
    places = sorted(scale.at(one) for one in times)
    assert all(right - left >= 14 - ALMOST for left, right in pairwise(places))


@given(st.lists(moments, min_size=2, max_size=20), zones)
def test_the_same_moments_on_another_clock_stand_at_the_same_places(times: list[datetime], zone: timezone) -> None:
    elsewhere = [one.astimezone(zone) for one in times]
    assert scaled(times, [], 800).knots == scaled(elsewhere, [], 800).knots


def test_one_moment_alone_stands_in_the_middle_and_none_draws_nothing() -> None:
    assert scaled([START], [], 600).at(START) == 300
    assert scaled([], [], 600).at(START) == 300
    assert scaled([], [], 600).knots == ()


def test_two_hours_stay_readable_beside_ninety_days() -> None:
    hours = [START + timedelta(hours=at) for at in (0, 1, 2)]
    late = START + timedelta(days=90)
    window = Window(opens=late, closes=late + timedelta(days=14), wanted=80)
    scale = scaled([*hours, late + timedelta(days=7)], [window], 700)
    places = [scale.at(one) for one in hours]
    assert places[1] - places[0] > 60
    assert scale.break_from < scale.break_to
    assert scale.at(window.closes) - scale.at(window.opens) > 80


def test_what_lies_outside_stands_at_the_edge_and_between_two_marks_places_rise_evenly() -> None:
    scale = scaled([START, START + timedelta(hours=4)], [], 400)
    assert scale.at(START - timedelta(days=3)) == scale.at(START)
    assert scale.at(START + timedelta(days=3)) == scale.at(START + timedelta(hours=4))
    assert scale.at(START + timedelta(hours=1)) == 100


labels = st.builds(
    lambda first, length, width, rows: Label(first=first, last=first + length, width=width, rows=tuple(rows)),
    st.floats(min_value=0, max_value=800),
    st.floats(min_value=0, max_value=150),
    st.floats(min_value=1, max_value=400),
    st.permutations([0, 1, 2]),
)


@given(st.lists(labels, max_size=30), st.floats(min_value=100, max_value=1000))
def test_labels_of_a_row_do_not_overlap_stay_inside_and_touch_what_they_name(found: list[Label], width: float) -> None:
    placed = place_labels(found, width=width, space=6)
    rows: dict[int, list[tuple[float, float]]] = {}
    for number, one in placed.items():
        label = found[number]
        assert one.row in label.rows
        assert -ALMOST <= one.left <= width - label.width + ALMOST
        assert one.left <= label.last + ALMOST
        assert one.left + label.width >= label.first - ALMOST
        rows.setdefault(one.row, []).append((one.left, one.left + label.width))
    for taken in rows.values():
        assert all(right + 6 <= left + ALMOST for (_, right), (left, _) in pairwise(sorted(taken)))


@given(st.lists(labels, min_size=1, max_size=30))
def test_the_first_label_has_its_place_where_it_fits_at_all(found: list[Label]) -> None:
    fits = found[0].width <= 1000 and found[0].first - found[0].width <= 1000
    assert (0 in place_labels(found, width=1000, space=6)) is fits

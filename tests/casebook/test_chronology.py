"""The course of a subject in time: what is gathered of the forms, in words, and as a drawing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import chronology_words as words
from casebook.chronology import Chronology, Shape, Stop, chronology_of
from casebook.chronology_scene import Role, Room, Scene, Stroke, scene_of
from casebook.design import DataType, PlannedForm, StudyDesign, Window
from casebook.instances import Instance
from casebook.records import FormKey, ItemPath, MissingCode, Reading
from casebook.subject import Subject
from casebook.timelines import Timeline, TimelineEvent, TimelinePlot
from tests.casebook.made_study import NOW, RANDOMISED, at, form, group, holds, item, study, visit
from tests.casebook.made_study import words as text
from tests.filled_study import SUBJECT

ALMOST = 1e-6
SCORE = form(
    "F.S",
    group("IG.S", item("WHEN", DataType.DATETIME, visit_time=True), item("SUM"), item("LEFTOUT")),
)
TIMES = form("F.T", group("IG.T", item("BEGAN", DataType.DATETIME), item("DRAWN", DataType.DATETIME)))


def event(name: str, of: str) -> TimelineEvent:
    return TimelineEvent(name=name, label=text(name.capitalize()), item=of)


TIMELINE = Timeline(
    events=(event("BEGAN", "F.T:BEGAN"), event("DRAWN", "F.T:DRAWN")),
    plots=(
        TimelinePlot(
            name="SUM", label=text("Sum"), item="F.S:SUM", untested="LEFTOUT", least=Decimal(0), most=Decimal(42)
        ),
    ),
    since="BEGAN",
)


def small() -> StudyDesign:
    day = Window(from_hours=Decimal(18), to_hours=Decimal(36))
    month = Window(from_day=23, to_day=37)
    late = Window(from_day=200, to_day=210)
    made = study(
        [TIMES, SCORE],
        [
            visit("SE.V1", "F.T", PlannedForm(form="F.S", need="x", occasion="FIRST", occasion_label=text("First"))),
            visit("SE.V2", "F.S", window=day),
            visit("SE.V3", "F.S", window=month),
            visit("SE.V4", "F.S", window=late),
        ],
    )
    return replace(made, anchors={"randomised_at": ("F.T:DRAWN",)}, timeline=TIMELINE)


def read(*instances: Instance, now: datetime = NOW, design: StudyDesign | None = None) -> Subject:
    return Subject(design=design or small(), id=SUBJECT, instances={one.key: one for one in instances}, now=now)


def never(_key: FormKey) -> bool:
    return False


def course(*instances: Instance, now: datetime = NOW) -> Chronology:
    return chronology_of(read(*instances, now=now), disputed=never)


def said(found: Chronology) -> list[str]:
    return [stop.sentence("en") for stop in found.stops if stop.shape is not Shape.NOW]


def times(**values: str) -> Instance:
    return holds(small(), at("F.T"), **values)


def scored(where: str, repeat: str = "", **values: str) -> Instance:
    return holds(small(), at("F.S", where, repeat), **values)


def test_events_tell_how_long_they_are_after_the_first_whatever_clock_noted_them() -> None:
    found = course(times(BEGAN="2026-02-28T23:00+00:00", DRAWN=RANDOMISED))
    assert said(found)[:2] == ["Began, 2026-03-01 07:00", "Drawn, 2026-03-01 10:00, 3 h after began"]


def test_over_a_change_of_clocks_only_the_instants_count() -> None:
    found = course(times(BEGAN="2026-03-29T01:30+01:00", DRAWN="2026-03-29T03:30+02:00"))
    assert "Drawn, 2026-03-29 09:30, 1 h after began" in said(found)


def test_an_event_before_the_first_is_told_so() -> None:
    found = course(times(BEGAN="2026-03-01T10:45+08:00", DRAWN=RANDOMISED))
    assert "Drawn, 2026-03-01 10:00, 45 min before began" in said(found)


def test_a_day_without_its_time_is_drawn_as_such_and_no_distance_is_made_up() -> None:
    found = course(times(BEGAN="2026-02-28T--:--+08:00", DRAWN=RANDOMISED))
    began, drawn = found.events
    assert (began.shape, began.sentence("en")) == (Shape.DAY, "Began, 2026-02-28, time unknown")
    assert drawn.sentence("en") == "Drawn, 2026-03-01 10:00"


def test_what_is_not_entered_or_not_known_is_told_and_not_drawn() -> None:
    assert [one("en") for one in course().absent] == ["Began, not entered", "Drawn, not entered"]
    path = ItemPath(group="IG.T", item="BEGAN")
    unknown = replace(times(DRAWN=RANDOMISED), readings={path: Reading(missing=MissingCode.UNKNOWN)})
    assert "Began, Unknown (UNK)" in [one("en") for one in course(unknown).absent]


def test_visits_stand_to_their_windows_by_shape_and_word() -> None:
    known = times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED)
    early = course(known, scored("SE.V2", WHEN="2026-03-02T02:00+08:00", SUM="5"))
    first, second, third = early.spans
    assert (first.stop.shape, first.word("en")) == (Shape.EARLY, "early")
    assert first.stop.sentence("zh") == "SE.V2，2026-03-02 02:00，提前，2026-03-02 04:00 至 2026-03-02 22:00"
    assert (second.stop.shape, second.stop.when("en")) == (Shape.MISSED, "2026-03-24 to 2026-04-07")
    assert (third.stop.shape, third.word("en")) == (Shape.OPEN, "to come")
    late = course(known, scored("SE.V2", WHEN="2026-03-02T22:01+08:00", SUM="5"))
    assert late.spans[0].stop.shape is Shape.LATE
    inside = course(known, scored("SE.V2", WHEN="2026-03-02T22:00+08:00", SUM="5"))
    assert inside.spans[0].stop.shape is Shape.IN
    opened = course(known, now=datetime.fromisoformat("2026-03-02T10:00+08:00"))
    assert opened.spans[0].word("en") == "window open"


def test_without_the_draw_there_is_no_window() -> None:
    assert course(times(BEGAN="2026-02-28T10:00+08:00")).spans == ()


def test_scores_tell_value_change_and_what_was_not_tested() -> None:
    found = course(
        times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED),
        scored("SE.V1", "FIRST", WHEN="2026-03-01T08:00+08:00", SUM="4"),
        scored("SE.V2", WHEN="2026-03-02T08:00+08:00", SUM="9", LEFTOUT="2"),
        scored("SE.V3", WHEN="2026-03-30T08:00+08:00", SUM="9"),
    )
    assert [point.stop.what("en") for point in found.courses[0].points] == [
        "Sum 4",
        "Sum 9, 2 not testable, 5 higher than before",
        "Sum 9, unchanged",
    ]
    assert [point.stop.shape for point in found.courses[0].points] == [Shape.SCORE, Shape.UNTESTED, Shape.SCORE]
    assert [point.stop.label("en") for point in found.courses[0].points] == ["First", "SE.V2", "SE.V3"]


def test_a_score_that_is_missing_breaks_the_course_and_the_change_reaches_over_it() -> None:
    found = course(
        times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED),
        scored("SE.V1", "FIRST", WHEN="2026-03-01T08:00+08:00", SUM="4"),
        scored("SE.V2", WHEN="2026-03-02T08:00+08:00"),
        scored("SE.V3", WHEN="2026-03-30T08:00+08:00", SUM="1"),
    )
    missing, last = found.courses[0].points[1:]
    assert (missing.stop.shape, missing.stop.what("en")) == (Shape.NO_SCORE, "Sum: no score")
    assert last.change == -3
    strokes = [line.stroke for line in scene_of(found, ROOM).lines]
    assert Stroke.GAP in strokes
    assert Stroke.COURSE not in strokes


def test_a_score_of_a_visit_that_is_over_is_told_missing() -> None:
    found = course(
        times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED), scored("SE.V2", WHEN="2026-03-02T08:00+08:00", SUM="3")
    )
    assert [one("en") for one in found.absent] == ["Sum, First, not entered", "Sum, SE.V3, not entered"]


def test_entries_that_disagree_are_told_and_forms_that_are_not_shown_are_not_opened() -> None:
    subject = read(times(BEGAN="2026-02-28T10:00+08:00"))
    found = chronology_of(subject, unshown=frozenset({"F.T"}), disputed=lambda _key: True)
    assert found.events[0].key is None
    assert found.events[0].what("en") == "entries disagree"


def test_stops_stand_in_order_of_time_with_the_present_among_them() -> None:
    future = course(times(BEGAN="2026-09-01T10:00+08:00"))
    assert [stop.shape for stop in future.stops] == [Shape.NOW, Shape.EVENT]
    assert not future.is_empty
    assert course().is_empty


@pytest.mark.parametrize(
    ("minutes", "en", "zh"),
    [
        (5, "5 min", "5 分钟"),
        (60, "1 h", "1 小时"),
        (1805, "30 h 5 min", "30 小时 5 分钟"),
        (72 * 60, "3 d", "3 天"),
        (73 * 60 + 5, "3 d 1 h", "3 天 1 小时"),
    ],
)
def test_a_length_of_time_is_told_as_people_say_it(minutes: int, en: str, zh: str) -> None:
    told = words.distance(timedelta(minutes=minutes))
    assert (told("en"), told("zh")) == (en, zh)


def test_a_label_keeps_the_capitals_of_an_abbreviation_within_a_sentence() -> None:
    assert words.after(timedelta(hours=1), text("CT scan"))("en") == "1 h after CT scan"
    assert words.after(timedelta(0), text("Arrival"))("en") == "at the time of arrival"


# -- the drawing ------------------------------------------------------------------------------------------


def measured(drawn: str, role: Role) -> float:
    return len(drawn) * (6.5 if role is Role.NAME else 6.0)


ROOM = Room(width=1100, line=16, mark=12, measure=measured, say=lambda one: (one("en"),))
minutes = st.integers(min_value=0, max_value=120 * 24 * 60)


def later(after: int) -> str:
    return (datetime.fromisoformat(RANDOMISED) + timedelta(minutes=after)).isoformat(timespec="minutes")


@st.composite
def courses(draw: st.DrawFn) -> Chronology:
    """Return the course of any subject of the small study."""

    def entered() -> Iterator[Instance]:
        known = {name: later(draw(minutes) - 9 * 24 * 60) for name in ("BEGAN", "DRAWN") if draw(st.booleans())}
        if known:
            yield times(**known)
        for where, repeat in (("SE.V1", "FIRST"), ("SE.V2", ""), ("SE.V3", ""), ("SE.V4", "")):
            if draw(st.booleans()):
                some = {"SUM": str(draw(st.integers(0, 42)))} if draw(st.booleans()) else {}
                left = {"LEFTOUT": "1"} if draw(st.booleans()) else {}
                yield scored(where, repeat, WHEN=later(draw(minutes)), **some, **left)

    return course(*entered(), now=datetime.fromisoformat(later(draw(minutes))))


def glyphs_of(scene: Scene) -> list[Stop]:
    return [glyph.stop for glyph in scene.glyphs if glyph.stop is not None]


@given(courses(), st.floats(min_value=320, max_value=1600))
def test_every_stop_is_drawn_once_and_nothing_overlaps_or_leaves_the_drawing(found: Chronology, width: float) -> None:
    scene = scene_of(found, replace(ROOM, width=width))
    assert sorted(one.sentence("en") for one in glyphs_of(scene)) == sorted(one.sentence("en") for one in found.stops)
    places = {id(glyph.stop): glyph.x for glyph in scene.glyphs}
    assert all(-ALMOST <= glyph.x <= width and 0 <= glyph.y <= scene.height for glyph in scene.glyphs)
    for before, after in combinations(found.stops, 2):
        if before.at.timestamp() < after.at.timestamp():
            assert places[id(before)] < places[id(after)]
    noted = {one("en") for one in found.absent}
    boxes = [(one.x, one.y, one.x + one.width) for one in scene.words if one.text not in noted]
    for (left, top, right), (other_left, other_top, other_right) in combinations(boxes, 2):
        apart = right <= other_left + ALMOST or other_right <= left + ALMOST
        assert apart or abs(top - other_top) >= ROOM.line - ALMOST


@given(courses())
def test_the_same_course_in_two_languages_is_drawn_with_both(found: Chronology) -> None:
    both = replace(ROOM, say=lambda one: (one("en"), f"zh {one('zh')}"))
    drawn = {one.text for one in scene_of(found, both).words}
    for stop in found.events:
        assert (stop.label("en") in drawn) is (f"zh {stop.label('zh')}" in drawn)


def test_leaders_cross_no_words() -> None:
    found = course(
        times(BEGAN="2026-02-28T10:00+08:00", DRAWN=RANDOMISED), scored("SE.V2", WHEN="2026-03-02T08:00+08:00", SUM="3")
    )
    for width in range(320, 1300, 20):
        scene = scene_of(found, replace(ROOM, width=width))
        leaders = [one for one in scene.lines if one.stroke is Stroke.LEADER and one.x == one.to_x]
        for line in leaders:
            top, foot = sorted((line.y, line.to_y))
            crossed = [
                one
                for one in scene.words
                if one.x + ALMOST < line.x < one.x + one.width - ALMOST and top + ALMOST < one.y + 8 < foot - ALMOST
            ]
            assert crossed == []

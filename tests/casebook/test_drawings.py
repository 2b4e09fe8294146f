"""Drawings of a study: what is read, what is refused, and what becomes of it in a version."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from casebook.design import StudyDesign
from casebook.drawings import Drawing, Point, Step, is_closed, mirrored, steps_of
from casebook.errors import StudyFileError
from casebook.locations import shipped_study
from casebook.study_check import check_folder
from casebook.study_diff import report
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, thaw
from tests.casebook.drawn_study import HAND as DRAWN
from tests.casebook.drawn_study import drawn_files
from tests.casebook.small_study import write_study

FORM, HAND, TEXT = "crf/F.A.toml", "drawings/DW.HAND.toml", "texts/en.toml"
SECOND = DRAWN[DRAWN.rindex("[[level.region]]") :]


@pytest.fixture
def study(tmp_path: Path) -> StudyDesign:
    return read_study(write_study(tmp_path, drawn_files()))


def _drawing(study: StudyDesign) -> Drawing:
    picture = study.form("F.A").group("IG.A.ITCH").picture
    assert picture is not None
    return picture.drawing


# -- outlines -------------------------------------------------------------------------------------------


def test_outline_is_read_step_by_step() -> None:
    assert steps_of("M 1 2 L 3 4 C 5 6 7 8 9 10 Z") == (
        Step(letter="M", points=((1, 2),)),
        Step(letter="L", points=((3, 4),)),
        Step(letter="C", points=((5, 6), (7, 8), (9, 10))),
        Step(letter="Z"),
    )


@pytest.mark.parametrize(
    "path",
    [
        "",
        "L 1 2 Z",
        "M 1 2 l 3 4 Z",
        "M 1 2 L 3 4 5 6 Z",
        "M 1.5 2 Z",
        "M 1 -2 Z",
        "M 1,2 L 3,4 Z",
        "M 1 2  L 3 4 Z",
        "M 1 2 A 3 4 5 6 7 8 9 Z",
        "M 1 2 C 3 4 5 6 Z",
        "M 1 2 Z url(http://a.b)",
        "M 1 2 L 99999 4 Z",
        '<path d="M 1 2 Z"/>',
    ],
)
def test_anything_but_plain_steps_is_no_outline(path: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        steps_of(path)


def test_outline_is_closed_where_every_part_of_it_is() -> None:
    assert is_closed("M 1 2 L 3 4 Z M 5 6 L 7 8 Z")
    assert not is_closed("M 1 2 L 3 4 Z M 5 6 L 7 8")


def test_mirrored_twice_is_the_outline_itself() -> None:
    path = "M 110 10 L 150 10 C 160 20 160 30 150 40 Z"
    assert mirrored(path, 200) == "M 90 10 L 50 10 C 40 20 40 30 50 40 Z"
    assert mirrored(mirrored(path, 200), 200) == path


# -- reading --------------------------------------------------------------------------------------------


def test_section_brings_its_drawing(study: StudyDesign) -> None:
    picture = study.form("F.A").group("IG.A.ITCH").picture
    assert picture is not None
    assert (picture.item, picture.none, picture.side, picture.right, picture.left) == (
        "WHERE",
        "NOT",
        "SIDE",
        "LH",
        "RH",
    )
    assert [(region.code, region.key) for region in picture.drawing.regions] == [("F1", "1"), ("F2", "b")]
    assert (picture.drawing.note("zh"), picture.drawing.levels[0].label("en")) == ("掌心朝向您。", "Palm")
    assert study.form("F.A").group("IG.A.MAIN").picture is None


BROKEN = {
    "region that is no code": (HAND, 'code = "F2"', 'code = "F3"', "F3 is drawn and is no code"),
    "code that is no region": (HAND, SECOND, "", "F2 is a code of the item and is not drawn"),
    "region twice": (HAND, 'code = "F2"', 'code = "F1"', "the code F1 stands twice"),
    "key twice": (HAND, 'key = "b"', 'key = "1"', "the key 1 stands twice"),
    "key that says none": (HAND, 'key = "b"', 'key = "0"', "key must be one of 1 to 9 and a to z"),
    "open region": (HAND, "L 110 40 Z", "L 110 40", "ends with Z"),
    "curve with two points": (HAND, "C 160 20 160 30 150 40", "C 160 20 160 30", "is no outline"),
    "script in an outline": (HAND, "M 100 50 L 190 50", "javascript:alert(1)", "is no outline"),
    "outline outside": (HAND, "M 100 50 L 190 50", "M 100 50 L 201 50", "201 50 lies outside the picture"),
    "letter outside": (HAND, "at = [130, 75]", "at = [130, 101]", "130 101 lies outside the picture"),
    "letter nowhere": (HAND, "at = [130, 75]", "at = [130]", "at must be two whole numbers"),
    "picture without size": (HAND, "width = 200\n", "", "width must be a whole number"),
    "level in small letters": (HAND, 'name = "PALM"', 'name = "palm"', "a level has a name in capitals"),
    "drawing of another name": (HAND, 'oid = "DW.HAND"', 'oid = "HAND"', "called DW."),
    "unknown key": (HAND, 'key = "b"', 'key = "b"\nhref = "http://a.b"', "unknown key href"),
    "unknown drawing": (FORM, 'drawing = "DW.HAND"', 'drawing = "DW.FOOT"', "no drawing DW.FOOT"),
    "unknown item": (FORM, 'item = "WHERE"', 'item = "WHO"', "no item WHO"),
    "item that is not ticked": (FORM, 'item = "WHERE"', 'item = "SIDE"', "SIDE is not ticked"),
    "score that is typed": (FORM, 'score = "SCORE"', 'score = "SIDE"', "SIDE is not calculated"),
    "none that is a region": (FORM, 'none = "NOT"', 'none = "F1"', "NOT is a code of the item and is not drawn"),
    "none that is no code": (FORM, 'none = "NOT"', 'none = "NIL"', "NOT is a code of the item and is not drawn"),
    "one code for both sides": (FORM, 'left = "RH"', 'left = "LH"', "two codes of SIDE"),
    "sides without their item": (FORM, 'side = "SIDE"\n', "", "need side"),
    "section of another style": (FORM, 'style = "regions"', 'style = "list"', 'style = "regions"'),
    "rows with a picture": (FORM, 'style = "regions"', 'style = "regions"\nrepeating = true', "does not repeat"),
    "missing text": (TEXT, '"DW.HAND.note"', '"DW.HAND.nota"', "this text is missing"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_drawing_that_cannot_be_marked_is_refused_with_a_sentence(
    tmp_path: Path, case: tuple[str, str, str, str]
) -> None:
    file, before, after, what = case
    contents = drawn_files()
    assert before in contents[file]
    contents[file] = contents[file].replace(before, after, 1)
    folder = write_study(tmp_path, contents)
    with pytest.raises(StudyFileError) as caught:
        read_study(folder)
    assert what in caught.value.sentence("en")
    assert re.search(r"[\u4e00-\u9fff]", caught.value.sentence("zh"))
    assert any(what in line for line in check_folder(folder).lines("en"))


def test_drawing_that_nothing_uses_is_refused(tmp_path: Path) -> None:
    contents = drawn_files()
    other = contents[HAND].replace("DW.HAND", "DW.FOOT")
    for language in ("en", "zh"):
        name = f"texts/{language}.toml"
        contents[name] += '"DW.FOOT.PALM" = "…"\n"DW.FOOT.note" = "…"\n'
    with pytest.raises(StudyFileError, match="no section uses this drawing"):
        read_study(write_study(tmp_path, {**contents, "drawings/DW.FOOT.toml": other}))


def test_one_drawing_in_two_files_is_refused(tmp_path: Path) -> None:
    contents = drawn_files()
    with pytest.raises(StudyFileError, match="stands twice"):
        read_study(write_study(tmp_path, {**contents, "drawings/again.toml": contents[HAND]}))


# -- versions -------------------------------------------------------------------------------------------


def test_moved_point_makes_another_version_of_the_form_alone(study: StudyDesign, tmp_path: Path) -> None:
    contents = drawn_files()
    contents[HAND] = contents[HAND].replace("M 110 60", "M 112 60")
    moved = read_study(write_study(tmp_path / "moved", contents))
    assert moved.version != study.version
    assert moved.form("F.A").version != study.form("F.A").version
    assert moved.form("F.B").version == study.form("F.B").version
    assert any("drawing" in line for line in report(study, moved, "en"))


def test_frozen_study_takes_its_drawing_along(study: StudyDesign) -> None:
    assert _drawing(thaw(freeze(study))) == _drawing(study)


# -- the shipped drawing --------------------------------------------------------------------------------


def _outline(path: str) -> list[Point]:
    """Return an outline as a polygon, its curves as eight chords."""
    points: list[Point] = []
    for step in steps_of(path):
        if step.letter == "C":
            (x0, y0), ((x1, y1), (x2, y2), (x3, y3)) = points[-1], step.points
            for part in range(1, 9):
                t, u = part / 8, 1 - part / 8
                x = u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3
                y = u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3
                points.append((round(x), round(y)))
        else:
            points.extend(step.points)
    return points


def _holds(polygon: list[Point], point: Point) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def test_shipped_brain_has_ten_regions_apart_from_each_other_in_one_half() -> None:
    groups = (group for form in read_study(shipped_study()).forms.values() for group in form.groups)
    (picture,) = [group.picture for group in groups if group.picture is not None]
    drawing = picture.drawing
    assert [[region.code for region in level.regions] for level in drawing.levels] == [
        ["C", "L", "IC", "I", "M1", "M2", "M3"],
        ["M4", "M5", "M6"],
    ]
    for level in drawing.levels:
        outlines = {region.code: _outline(region.path) for region in level.regions}
        brain = _outline(level.outlines[0])
        for region in level.regions:
            assert _holds(outlines[region.code], region.at), f"the letter of {region.code} lies outside it"
            assert all(x > drawing.width / 2 and _holds(brain, (x, y)) for x, y in outlines[region.code])
        for (one, first), (other, second) in combinations(outlines.items(), 2):
            assert not any(_holds(second, point) for point in first), f"{one} reaches into {other}"
            assert not any(_holds(first, point) for point in second), f"{other} reaches into {one}"


def test_shipped_brain_lies_as_in_the_head() -> None:
    """From the middle outwards caudate, capsule, lentiform, insula, cortex; the cortex from front to back."""
    groups = (group for form in read_study(shipped_study()).forms.values() for group in form.groups)
    picture = next(group.picture for group in groups if group.picture is not None)
    at = {region.code: region.at for region in picture.drawing.regions}
    assert [x for x, _ in (at["C"], at["L"], at["I"], at["M2"])] == sorted(
        at[name][0] for name in ("C", "L", "I", "M2")
    )
    for front, side, back in (("M1", "M2", "M3"), ("M4", "M5", "M6")):
        assert at[front][1] < at[side][1] < at[back][1]
    assert at["C"][1] < at["L"][1]
    assert (picture.right, picture.left) == ("L", "R"), "the patient's left is on the right of the picture"

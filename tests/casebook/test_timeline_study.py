"""What the timeline draws, as study files say it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from casebook.blinding import for_blinded
from casebook.design import Blinding, StudyDesign
from casebook.errors import LANGUAGES, StudyFileError
from casebook.study_diff import changes
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, thaw
from tests.casebook.small_study import TEXTS, files, texts_file, write_study
from tests.laptops import design

TIMELINE = """
[timeline]
since = "START"
event = [{name = "START", item = "F.A:WHEN"}]
plot = [{name = "LOAD", item = "F.A:MAP", untested = "DIA", least = "0", most = "200"}]

[[role]]
"""


def _study(folder: Path, timeline: str = TIMELINE) -> StudyDesign:
    changed = files()
    changed["study.toml"] = changed["study.toml"].replace("\n[[role]]\n", timeline, 1)
    named = {"TIMELINE.START": ("Start", "开始"), "TIMELINE.LOAD": ("Load", "负荷")}
    for number, language in enumerate(LANGUAGES):
        changed[f"texts/{language}.toml"] = texts_file(number, {**TEXTS, **named})
    return read_study(write_study(folder, changed))


def test_a_study_says_what_its_timeline_draws(tmp_path: Path) -> None:
    study = _study(tmp_path)
    timeline = study.timeline
    assert timeline is not None
    assert [(one.name, one.label("zh"), one.item) for one in timeline.events] == [("START", "开始", "F.A:WHEN")]
    plot = timeline.plots[0]
    assert (plot.item, plot.untested, plot.least, plot.most, timeline.since) == (
        "F.A:MAP",
        "DIA",
        Decimal(0),
        Decimal(200),
        "START",
    )
    assert thaw(freeze(study)) == study


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('since = "START"', 'since = "END"', "END is no event"),
        ('item = "F.A:WHEN"', 'item = "F.A:DIA"', "F.A:DIA is no date with its time"),
        ('item = "F.A:WHEN"', 'item = "F.A:NOTHING"', "no other form has"),
        ('item = "F.A:WHEN"', 'item = "F.B:DAY"', "F.B:DAY is no item of a subject that anybody may read"),
        ('item = "F.A:MAP"', 'item = "F.A:DONE"', "F.A:DONE is no number"),
        ('untested = "DIA"', 'untested = "DONE"', "F.A:DONE is no number"),
        ('most = "200"', 'most = "0"', "least must lie below most"),
        (', most = "200"', "", "the key most is missing"),
        ('name = "LOAD"', 'name = "START"', "START stands twice"),
        ('name = "START",', 'name = "start",', "start is no name here"),
    ],
)
def test_a_timeline_that_cannot_be_drawn_is_refused(tmp_path: Path, before: str, after: str, what: str) -> None:
    assert before in TIMELINE
    with pytest.raises(StudyFileError) as caught:
        _study(tmp_path, TIMELINE.replace(before, after, 1))
    assert what in caught.value.sentence("en")
    assert caught.value.sentence("zh") != caught.value.sentence("en")


def test_a_score_needs_a_form_that_says_when_it_was_taken(tmp_path: Path) -> None:
    changed = files()
    changed["crf/F.A.toml"] = changed["crf/F.A.toml"].replace("visit_time = true\n", "", 1)
    changed["study.toml"] = changed["study.toml"].replace("\n[[role]]\n", TIMELINE, 1)
    named = {"TIMELINE.START": ("Start", "开始"), "TIMELINE.LOAD": ("Load", "负荷")}
    for number, language in enumerate(LANGUAGES):
        changed[f"texts/{language}.toml"] = texts_file(number, {**TEXTS, **named})
    with pytest.raises(StudyFileError, match="visit_time"):
        read_study(write_study(tmp_path, changed))


def test_a_change_of_the_timeline_is_told(tmp_path: Path) -> None:
    old, new = _study(tmp_path / "1"), _study(tmp_path / "2", TIMELINE.replace('"200"', '"180"'))
    assert any("timeline" in one.told for one in changes(old, new, "en"))
    assert old.version != new.version


def test_the_blinded_know_of_no_event_that_tells_the_treatment() -> None:
    timeline = for_blinded(design()).timeline
    assert timeline is not None
    assert [one.item for one in timeline.events] == ["F.RND:RANDDTM"]
    assert timeline.plots == ()
    assert timeline.since == ""


def test_a_score_is_drawn_for_the_blinded_where_its_whole_form_is_open(tmp_path: Path) -> None:
    study = _study(tmp_path)
    whole = replace(study, blinding=Blinding(forms=frozenset({"F.A"})))
    part = replace(study, blinding=Blinding(forms=frozenset(), items=frozenset({"F.A:MAP"})))
    kept, left = for_blinded(whole).timeline, for_blinded(part).timeline
    assert kept == study.timeline
    assert left is not None
    assert left.plots == ()

"""Scales that are scored item by item, as study files say it."""

from pathlib import Path

import pytest

from casebook.bedside import Suggestion
from casebook.design import StudyDesign
from casebook.errors import LANGUAGES, StudyFileError
from casebook.rule_kinds import OneOf
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, thaw
from tests.casebook.small_study import files, write_study

SCALE = """
[[group]]
oid = "IG.A.SCALE"
style = "scale"

[group.scorer]
total = "SUM"
flags = ["DONE"]
corrections = ["TRANSCRIPTION"]

[[group.scorer.suggest]]
when = {one_of = {item = "ARM", values = ["Y"]}}
check = "EC900"
gives = {LEG = "N"}

[[group.item]]
name = "ARM"
type = "code"
need = "M"
codes = "CL.NY"
hold_seconds = 10

[[group.item]]
name = "LEG"
type = "code"
need = "M"
codes = "CL.NY"
offer = "=N"
offer_when = {answered = {item = "ARM"}}

[[group.item]]
name = "SUM"
type = "decimal"
need = "O"
derive = {function = "mean_arterial_pressure", items = ["SYS", "DIA"]}

[[check]]
id = "EC900"
"""
NAMES = {"IG.A.SCALE": "Scale", "I.A.ARM": "Arm", "I.A.LEG": "Leg", "I.A.SUM": "Sum"}


def _study(folder: Path, scale: str = SCALE) -> StudyDesign:
    changed = files()
    form = changed["crf/F.A.toml"]
    changed["crf/F.A.toml"] = form.replace('\n[[check]]\nid = "EC900"\n', scale, 1)
    for language in ("en", "zh"):
        named = "".join(f'"{oid}" = "{label}"\n' for oid, label in NAMES.items())
        changed[f"texts/{language}.toml"] += named
    return read_study(write_study(folder, changed))


def test_study_says_how_a_scale_is_scored(tmp_path: Path) -> None:
    study = _study(tmp_path)
    group = study.form("F.A").group("IG.A.SCALE")
    assert group.scorer is not None
    assert (group.scorer.total, group.scorer.flags, group.scorer.corrections) == ("SUM", ("DONE",), ("TRANSCRIPTION",))
    when = OneOf(item="ARM", values=("Y",))
    assert group.scorer.suggestions == (Suggestion(when=when, check="EC900", gives={"LEG": "N"}),)
    arm, leg, _ = group.items
    assert (arm.hold_seconds, arm.offer, leg.hold_seconds, leg.offer) == (10, "", None, "=N")
    assert thaw(freeze(study)) == study


REFUSED = {
    "on a list": ('style = "scale"', 'style = "list"', "a scorer belongs to a group of style"),
    "on rows": ('style = "scale"', 'style = "scale"\nrepeating = true', "does not repeat"),
    "total that somebody types": ('total = "SUM"', 'total = "SYS"', "SYS is no calculated item"),
    "no total": ('total = "SUM"', "", "the key total is missing"),
    "flag without codes": ('flags = ["DONE"]', 'flags = ["SYS"]', "SYS is no coded item"),
    "unknown reason": ('["TRANSCRIPTION"]', '["WHIM"]', "WHIM is no reason"),
    "one key twice": ('["TRANSCRIPTION"]', '["TRANSCRIPTION", "TIRED"]', "the same letter"),
    "no such check": ('check = "EC900"', 'check = "EC899"', "no check EC899"),
    "another section's item": ("gives = {LEG", "gives = {DONE", "DONE is no item of this scale"),
    "unknown grade": ('LEG = "N"', 'LEG = "7"', "no code 7"),
    "rule of no item": ('item = "ARM", values', 'item = "HARM", values', "no item HARM"),
    "held for ever": ("hold_seconds = 10", "hold_seconds = 600", "hold_seconds is 1 to 60"),
    "unknown offer": ('offer = "=N"', 'offer = "=7"', "=7 cannot be offered here"),
    "now for a grade": ('offer = "=N"', 'offer = "now"', "now cannot be offered here"),
    "rule of no offer": ('offer = "=N"\n', "", "offer_when needs offer"),
    "rule of the offer": ('{answered = {item = "ARM"}}', '{answered = {item = "HARM"}}', "no item HARM"),
    "unknown key": ('total = "SUM"', 'total = "SUM"\nloud = true', "unknown key loud"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_scorer_that_cannot_be_meant_is_refused_in_both_languages(case: str, tmp_path: Path) -> None:
    found, put, sentence = REFUSED[case]
    assert found in SCALE
    with pytest.raises(StudyFileError) as refused:
        _study(tmp_path, SCALE.replace(found, put, 1))
    assert sentence in refused.value.sentence("en")
    assert all(refused.value.sentence(language) for language in LANGUAGES)

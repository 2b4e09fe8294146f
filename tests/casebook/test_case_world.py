"""Cases of a study that knows nothing of stroke: what was given, left blank and never asked."""

import json
from pathlib import Path

import pytest

from casebook.errors import StudyFileError
from casebook.study_cases import CaseReport, run_cases
from casebook.study_check import check_folder
from casebook.study_files import read_study
from casebook.study_files.cases import NO_VOCABULARY, read_vocabulary
from tests.casebook.small_study import FORM_A, TEXTS, files, texts_file, write_study

CHECKS = """
[[check]]
id = "EC903"
severity = "S"
item = "DIA"
fires_when = {exists = {group = "IG.A.ROWS", where = {compare = {item = "LOW", op = "gt", other = "^DIA"}}}}

[[check]]
id = "EC904"
severity = "H"
item = "DONE"
fires_when = {none = [{answered = {item = "GLUC"}}]}

[[check]]
id = "EC905"
severity = "S"
item = "DONE"
fires_when = {one_of = {item = "@begun:F.B", values = ["N"]}}

[[check]]
id = "EC906"
severity = "S"
item = "MAP"
fires_when = {compare = {item = "MAP", op = "ge", value = "100"}}
"""
MORE = {f"EC90{number}": (f"Check {number}", f"请核对 {number}") for number in (3, 4, 5, 6)}
CASES = """
[things]
kind = "checks"
checks = ["EC900", "EC903", "EC904", "EC905", "EC906"]
answers = {hard = "H", soft = "S"}

[things.given]
"F.A:DONE" = "Y"

[things.facts]
sys = "F.A:SYS"
dia = "F.A:DIA"
mean = "F.A:MAP"
low = "F.A:LOW"
glucose = {item = "F.A:GLUC", values = {NOT_DONE = "!ND"}}
row_of_90 = {exists = "F.A", group = "IG.A.ROWS", row = {LOW = "90"}}
other_form = "@begun:F.B"
day = {item = "F.B/FIRST:DAY", when = {other_form = ["Y"]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = TEXTS | MORE
    contents = files() | {"crf/F.A.toml": FORM_A + CHECKS, "cases.toml": CASES}
    return write_study(
        tmp_path, contents | {"texts/en.toml": texts_file(0, texts), "texts/zh.toml": texts_file(1, texts)}
    )


def run(folder: Path, facts: object, expected: object) -> CaseReport:
    path = folder / "cases.json"
    path.write_text(
        json.dumps([{"id": "A", "group": "things", "input": facts, "expected": expected}]), encoding="utf-8"
    )
    return run_cases(path, read_study(folder), read_vocabulary(folder))


@pytest.mark.parametrize(
    ("facts", "hard", "soft"),
    [
        ({}, [], []),
        ({"dia": 90, "sys": 90}, ["EC900"], []),
        ({"dia": 89, "sys": 90}, [], []),
        ({"dia": 90}, [], []),
        ({"dia": 90, "sys": None}, [], []),
        ({"glucose": None}, ["EC904"], []),
        ({"glucose": "5.5"}, [], []),
        ({"glucose": "<0.5"}, [], []),
        ({"glucose": "NOT_DONE"}, [], []),
        ({"dia": 80, "low": "80.1"}, [], ["EC903"]),
        ({"dia": 80, "low": "80.0"}, [], []),
        ({"dia": 80, "row_of_90": True}, [], ["EC903"]),
        ({"dia": 80, "row_of_90": False}, [], []),
        ({"row_of_90": True}, [], []),
        ({"other_form": False}, [], ["EC905"]),
        ({"other_form": True}, [], []),
        ({"other_form": True, "day": "2025-03-01"}, [], []),
        ({"day": "2025-03-01"}, [], []),
        ({"sys": 140, "dia": 80}, [], ["EC906"]),
        ({"sys": 140, "dia": 79}, [], []),
        ({"sys": 140, "dia": 80, "mean": "99"}, [], []),
        ({"mean": "100"}, [], ["EC906"]),
        ({"mean": None}, [], []),
    ],
)
def test_checks_see_what_was_given_left_blank_and_never_asked(
    folder: Path, facts: object, hard: list[str], soft: list[str]
) -> None:
    assert run(folder, facts, {"hard": hard, "soft": soft}).lines[:-2] == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('sys = "F.A:SYS"', 'sys = "F.A:SIS"', "no item F.A:SIS"),
        ('sys = "F.A:SYS"', 'sys = "F.C:SYS"', "no form F.C"),
        ('other_form = "@begun:F.B"', 'other_form = "@begun:F.C"', "no form F.C"),
        ('"EC906"]', '"EC906", "EC999"]', "no check EC999"),
        ('"F.A:DONE" = "Y"', '"DONE" = "Y"', "DONE names no item"),
    ],
)
def test_vocabulary_that_leads_nowhere_fails_the_case(folder: Path, old: str, new: str, sentence: str) -> None:
    (folder / "cases.toml").write_text(CASES.replace(old, new), encoding="utf-8")
    facts = {"sys": 120, "other_form": True}
    (failure,) = run(folder, facts, {"hard": []}).failures
    assert sentence in str(failure.got)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('sys = "F.A:SYS"', 'sys = "F.A:SIS"', "F.A:SIS"),
        ('sys = "F.A:SYS"', 'sys = "F.A@SE.V9:SYS"', "F.A@SE.V9:SYS"),
        ('other_form = "@begun:F.B"', 'other_form = "@begun:F.C"', "@begun:F.C"),
        ('"EC906"]', '"EC906", "EC999"]', "EC999"),
        ('"F.A:DONE" = "Y"', '"F.A:DON" = "Y"', "F.A:DON"),
        ('group = "IG.A.ROWS"', 'group = "IG.A.LINES"', "F.A IG.A.LINES"),
        ('row = {LOW = "90"}', 'row = {SYS = "90"}', "F.A:SYS"),
    ],
)
def test_study_check_finds_names_of_the_vocabulary_that_lead_nowhere(
    folder: Path, old: str, new: str, name: str
) -> None:
    assert old in CASES
    (folder / "cases.toml").write_text(CASES.replace(old, new), encoding="utf-8")
    found = [one for one in check_folder(folder).found if one.place.startswith("cases.toml")]
    assert [one.grave for one in found] == [True]
    assert all(name in found[0].what(language) for language in ("en", "zh"))


def test_study_check_tells_a_vocabulary_that_cannot_be_read(folder: Path) -> None:
    (folder / "cases.toml").write_text(CASES.replace('kind = "checks"', 'kind = "magic"'), encoding="utf-8")
    places = [one.place for one in check_folder(folder).faults if "cases.toml" in one.place]
    assert places == ["cases.toml, things, kind"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "checks"', 'kind = "magic"'),
        ('kind = "checks"', 'kind = "criteria"'),
        ('kind = "checks"', "kind = 1"),
        ('answers = {hard = "H", soft = "S"}', 'answers = {hard = "X"}'),
        ('answers = {hard = "H", soft = "S"}', ""),
        ('sys = "F.A:SYS"', 'sys = "SYS"'),
        ('sys = "F.A:SYS"', 'sys = "F.A[]:SYS"'),
        ('sys = "F.A:SYS"', 'sys = "@now"'),
        ('sys = "F.A:SYS"', "sys = []"),
        ('sys = "F.A:SYS"', "sys = 3"),
        ('sys = "F.A:SYS"', 'sys = {item = "F.A:SYS", wehn = {}}'),
        ('sys = "F.A:SYS"', 'sys = {item = "F.A:SYS", when = {dia = "1"}}'),
        ('exists = "F.A"', 'exists = ""'),
        ("[things.facts]", "[things.fcats]"),
    ],
)
def test_vocabulary_that_cannot_be_meant_is_refused(folder: Path, old: str, new: str) -> None:
    assert old in CASES
    (folder / "cases.toml").write_text(CASES.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyFileError) as caught:
        read_vocabulary(folder)
    assert all("cases.toml" in caught.value.sentence(language) for language in ("en", "zh"))


def test_study_without_vocabulary_has_no_such_groups(tmp_path: Path) -> None:
    assert read_vocabulary(write_study(tmp_path, files())) == NO_VOCABULARY


def test_criteria_of_a_study_without_them_are_a_failure(folder: Path) -> None:
    (folder / "cases.toml").write_text('[things]\nkind = "criteria"\nfacts = {sys = "F.A:SYS"}\n', encoding="utf-8")
    (failure,) = run(folder, {"sys": 120}, {"eligible": True}).failures
    assert "no criteria" in str(failure.got)

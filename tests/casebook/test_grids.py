"""Grids of a study: which items stand in one line, by which names values are found, and how units are spelt."""

from decimal import Decimal
from pathlib import Path

import pytest

from casebook.design import StudyDesign, UnitFactor
from casebook.errors import LANGUAGES, StudyFileError
from casebook.grids import GridLine, lines_of
from casebook.study_diff import changes
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, thaw
from casebook.units import find_unit, told_in_standard
from casebook.values import quantity_of
from tests.casebook.small_study import TEXTS, files, texts_file, write_study
from tests.laptops import design

GRID = """
[[group]]
oid = "IG.A.LAB"
style = "grid"
line = [{value = "SUGAR", low = "SUGARLO", flag = "SUGARIND", significant = "SUGARCS"}]
item = [
    {name = "SUGAR", type = "quantity", need = "O", units = [
        {unit = "mmol/L", spelt = ["mM"]}, {unit = "mg/dL", divide = "18"},
    ]},
    {name = "SUGARLO", type = "quantity", need = "O", units = [{unit = "mmol/L"}]},
    {name = "SUGARIND", type = "code", need = "O", codes = "CL.NY", derive = {function = "first_known", items = [
        "DONE",
    ]}},
    {name = "SUGARCS", type = "code", need = "O", codes = "CL.NY"},
    {name = "SALT", type = "quantity", need = "O", units = [{unit = "mmol/L"}]},
]

[[group]]
oid = "IG.A.ROWS"
"""


def _study(folder: Path, before: str = "", after: str = "") -> StudyDesign:
    changed = files()
    assert before in GRID
    grid = GRID.replace(before, after, 1) if before else GRID
    changed["crf/F.A.toml"] = changed["crf/F.A.toml"].replace('\n[[group]]\noid = "IG.A.ROWS"\n', grid, 1)
    named = {f"I.A.{name}": (name, f"项目{name}") for name in ("SUGAR", "SUGARLO", "SUGARIND", "SUGARCS", "SALT")}
    named |= {"IG.A.LAB": ("Laboratory", "检验"), "I.A.SUGAR.names": ("GLU; glucose", "GLU；葡萄糖")}
    named["EC053"] = ("Use {unit}", "请使用 {unit}")
    for number, language in enumerate(LANGUAGES):
        changed[f"texts/{language}.toml"] = texts_file(number, {**TEXTS, **named})
    return read_study(write_study(folder, changed))


def test_a_study_says_what_stands_in_a_line(tmp_path: Path) -> None:
    study = _study(tmp_path)
    group = study.form("F.A").group("IG.A.LAB")
    line = GridLine(value="SUGAR", low="SUGARLO", flag="SUGARIND", significant="SUGARCS")
    assert lines_of((item.name for item in group.items), group.lines) == {"SUGAR": line, "SALT": GridLine(value="SALT")}
    names = study.form("F.A").find("SUGAR")[1].names
    assert names is not None
    assert names("zh") == "GLU；葡萄糖"
    assert thaw(freeze(study)) == study


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('style = "grid"', 'style = "list"', "lines belong to a section"),
        ('style = "grid"', 'style = "grid"\nrepeating = true', "lines belong to a section"),
        ('low = "SUGARLO"', 'low = "SUGARHI"', "no item SUGARHI"),
        ('low = "SUGARLO"', 'low = "SUGARLO", high = "SUGARLO"', "SUGARLO stands in two places"),
        ('low = "SUGARLO"', 'low = "SUGARCS"', "SUGARCS stands in two places"),
        ('flag = "SUGARIND", significant = "SUGARCS"', 'flag = "SUGARCS"', "flag is a derived code"),
        ('value = "SUGAR"', 'colour = "red", value = "SUGAR"', "unknown key colour"),
        ('spelt = ["mM"]', 'spelt = ["mg/dL"]', "two units are spelt alike"),
        ('line = [{value = "SUGAR",', 'line = [{value = "SALT",', ""),
    ],
)
def test_lines_that_cannot_be_meant_are_refused(tmp_path: Path, before: str, after: str, what: str) -> None:
    if not what:
        assert _study(tmp_path, before, after).form("F.A").group("IG.A.LAB").lines[0].value == "SALT"
        return
    with pytest.raises(StudyFileError) as caught:
        _study(tmp_path, before, after)
    assert what in caught.value.sentence("en")


def test_changed_lines_names_and_spellings_are_told(tmp_path: Path) -> None:
    old = _study(tmp_path / "old")
    told = [one.told for one in changes(old, _study(tmp_path / "new", 'low = "SUGARLO", ', ""), "en")]
    assert any("lines of the table" in one for one in told)
    told = [one.told for one in changes(old, _study(tmp_path / "spelt", ', spelt = ["mM"]', ""), "en")]
    assert any("mM" in one for one in told)


def test_other_spelling_of_a_unit_is_read_as_that_unit() -> None:
    units = (UnitFactor(unit="10^9/L", spelt=("10*9/L", "10E9/L")), UnitFactor(unit="10^3/uL"))
    assert find_unit("×10e9/l", units) is units[0]
    assert find_unit("10^6/L", units) is None


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        ("400 mg/dL", "≈ 22.20 mmol/L"),
        ("<18.016 mg/dL", "= <1 mmol/L"),
        ("0 mg/dL", "= 0 mmol/L"),
        ("999999 mg/dL", "≈ 55506 mmol/L"),
        ("5.5 mmol/L", ""),
        ("5.5 g/L", ""),
    ],
)
def test_standard_value_is_told_exactly_or_as_rounded(reported: str, told: str) -> None:
    quantity = quantity_of(reported)
    assert quantity is not None
    units = (UnitFactor(unit="mmol/L"), UnitFactor(unit="mg/dL", divide=Decimal("18.016")))
    assert told_in_standard(quantity, units) == told


def test_every_analyte_of_the_laboratory_form_stands_with_its_flag_and_has_names() -> None:
    form = design().form("F.LB")
    grids = [group for group in form.groups if group.style == "grid"]
    lines = [line for group in grids for line in lines_of((item.name for item in group.items), group.lines).values()]
    assert len(lines) == 41
    for line in lines:
        item = form.find(line.value)[1]
        assert (item.names is None) == (item.derivation is not None)
        assert line.flag or line.value in {"GLUCRPT", "GFRECALC"}

"""What changed between two versions, in sentences of both languages, with counts that add up."""

from dataclasses import replace
from pathlib import Path

import pytest

from casebook.design import StudyDesign
from casebook.errors import LANGUAGES
from casebook.locations import data_folder
from casebook.study_diff import Kind, Section, changes, report
from casebook.study_files import read_study
from tests.casebook.small_study import files, write_study


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    return read_study(write_study(tmp_path_factory.mktemp("old"), files()))


def changed(folder: Path, *edits: tuple[str, str, str]) -> StudyDesign:
    contents = files()
    for file, before, after in edits:
        assert before in contents[file]
        contents[file] = contents[file].replace(before, after, 1)
    return read_study(write_study(folder, contents))


EDITS: dict[str, tuple[list[tuple[str, str, str]], Section, Kind, str, str]] = {
    "reworded item": (
        [("texts/en.toml", '"Systolic"', '"Systolic pressure"')],
        Section.FORMS,
        Kind.REWORDED,
        "“Systolic pressure” (SYS) in form “Form A”: “Systolic” now reads “Systolic pressure”",
        "表单“表单甲”的“收缩压”（SYS）（en）：“Systolic”改为“Systolic pressure”",
    ),
    "hard limits": (
        [("crf/F.A.toml", '["40", "300"]', '["50", "300"]')],
        Section.FORMS,
        Kind.CHANGED,
        "“Systolic” (SYS) in form “Form A”, hard limits: 40–300 before, 50–300 now",
        "表单“表单甲”的“收缩压”（SYS），硬限值：原为40–300，现为50–300",
    ),
    "condition": (
        [("crf/F.A.toml", '{answered = {item = "WHEN"}}', '{answered = {item = "DONE"}}')],
        Section.FORMS,
        Kind.CHANGED,
        "“Systolic” (SYS) in form “Form A”, condition: “When” has an answer before, “Done?” has an answer now",
        "表单“表单甲”的“收缩压”（SYS），条件：原为“时间”已填写，现为“是否进行？”已填写",
    ),
    "window": (
        [("study.toml", 'to_hours = "36"', 'to_hours = "40"')],
        Section.VISITS,
        Kind.CHANGED,
        "from 18 h to 36 h after randomisation before, from 18 h to 40 h after randomisation now",
        "访视“第二次访视”，时间窗：原为随机后 18 至 36 小时，现为随机后 18 至 40 小时",
    ),
    "obligation": (
        [("study.toml", '{form = "F.B", need = "c"', '{form = "F.B", need = "x"')],
        Section.VISITS,
        Kind.CHANGED,
        "form “Form B” (First) at V1, obligation: conditional before, mandatory now",
        "V1的表单“表单乙”（首次），填写要求：原为视条件，现为必做",
    ),
    "severity": (
        [("crf/F.A.toml", 'id = "EC900"\nseverity = "H"', 'id = "EC900"\nseverity = "S"')],
        Section.CHECKS,
        Kind.CHANGED,
        "check EC900 on “Diastolic” of “Form A” (soft), severity: hard before, soft now",
        "“表单甲”的“舒张压”的核查 EC900（软性），级别：原为硬性，现为软性",
    ),
    "message": (
        [("texts/zh.toml", '"请核对时间"', '"请再次核对时间"')],
        Section.CHECKS,
        Kind.REWORDED,
        "check EC902 on “When” of “Form A” (soft), message (zh): “请核对时间” now reads “请再次核对时间”",
        "“表单甲”的“时间”的核查 EC902（软性），提示文字：“请核对时间”改为“请再次核对时间”",
    ),
    "rule": (
        [("crf/F.A.toml", 'op = "ge", other = "SYS"', 'op = "gt", other = "SYS"')],
        Section.CHECKS,
        Kind.CHANGED,
        "is at least “Systolic”",
        "大于“收缩压”",
    ),
    "consent text": (
        [("texts/en.toml", '"Purpose."', '"Purpose and procedures."')],
        Section.CONSENT,
        Kind.REWORDED,
        "paragraph 1 of consent document V1: “Purpose.” now reads “Purpose and procedures.”",
        "知情同意书 V1 第 1 段（en）：“Purpose.”改为“Purpose and procedures.”",
    ),
    "code": (
        [
            ("codelists.toml", '["Y", "N"]', '["Y", "N", "U"]'),
            ("texts/en.toml", "[text]", '[text]\n"CL.NY.U" = "Unknown"'),
            ("texts/zh.toml", "[text]", '[text]\n"CL.NY.U" = "未知"'),
        ],
        Section.CODES,
        Kind.ADDED,
        "code U “Unknown” in list CL.NY",
        "代码表 CL.NY 的代码 U“未知”",
    ),
    "right": (
        [("study.toml", 'rights = ["enter"]', 'rights = ["enter", "sign"]')],
        Section.STUDY,
        Kind.CHANGED,
        "rights of role ROLE.COORDINATOR: enter before, enter, sign now",
        "角色 ROLE.COORDINATOR 的权限：原为enter，现为enter, sign",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_change_is_told_in_both_languages(tmp_path: Path, old: StudyDesign, name: str) -> None:
    edits, section, kind, english, chinese = EDITS[name]
    new = changed(tmp_path, *edits)
    for language, told in (("en", english), ("zh", chinese)):
        found = [one for one in changes(old, new, language) if one.section is section and one.kind is kind]
        assert any(told in one.told for one in found), found


def test_added_and_removed_are_opposites(tmp_path: Path, old: StudyDesign) -> None:
    new = changed(
        tmp_path,
        ("crf/F.A.toml", '[[group.item]]\nname = "HIGH"\ntype = "decimal"\nneed = "O"\n', ""),
        ("crf/F.A.toml", '[[check]]\nid = "EC901"\nseverity = "S"\nitem = "HIGH"\n', ""),
        ("crf/F.A.toml", 'fires_when = {compare = {item = "HIGH", op = "lt", other = "LOW"}}\n', ""),
        ("texts/en.toml", '"I.A.HIGH" = "High"\n', ""),
        ("texts/zh.toml", '"I.A.HIGH" = "高"\n', ""),
        ("texts/en.toml", '"EC901" = "High is below low"\n', ""),
        ("texts/zh.toml", '"EC901" = "高值低于低值"\n', ""),
    )
    forth, back = changes(old, new, "en"), changes(new, old, "en")
    assert [one.kind for one in forth] == [Kind.REMOVED, Kind.REMOVED]
    assert [one.kind for one in back] == [Kind.ADDED, Kind.ADDED]
    assert [one.told for one in forth] == [one.told for one in back]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_changes_between_a_study_and_itself(language: str) -> None:
    shipped = read_study(data_folder("forms") / "rescue_end_low")
    assert changes(shipped, shipped, language) == ()
    assert "0" in report(shipped, shipped, language)[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_study_can_be_told_as_added(old: StudyDesign, language: str) -> None:
    shipped = read_study(data_folder("forms") / "rescue_end_low")
    lines = report(old, shipped, language)
    told = changes(old, shipped, language)
    assert {one.section for one in told} == set(Section)
    marks = ("Added", "Removed", "Changed", "Reworded") if language == "en" else ("新增", "删除", "更改", "改写")
    assert sum(line.strip().startswith(marks) for line in lines) == len(told) + (language == "zh")
    assert all(str(sum(one.kind is kind for one in told)) in lines[-1] for kind in Kind)


def test_criterion_and_form_are_told(tmp_path: Path) -> None:
    del tmp_path
    shipped = read_study(data_folder("forms") / "rescue_end_low")
    forms = {oid: form for oid, form in shipped.forms.items() if oid != "F.QOL"}
    visits = tuple(
        replace(visit, forms=tuple(one for one in visit.forms if one.form != "F.QOL")) for visit in shipped.visits
    )
    first = replace(shipped.criteria[0], inclusion=False)
    new = replace(shipped, forms=forms, visits=visits, criteria=(first, *shipped.criteria[2:]))
    told = changes(shipped, new, "en")
    assert any(one.section is Section.FORMS and one.kind is Kind.REMOVED for one in told)
    assert any(one.section is Section.VISITS and one.kind is Kind.REMOVED for one in told)
    assert any("kind: inclusion before, exclusion now" in one.told for one in told)
    assert any(one.told.startswith("criterion I2") and one.kind is Kind.REMOVED for one in told)

"""Faults planted in copies of a small study and of the shipped one; each is found, and the shipped study is clean."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.design import (
    StudyDesign,
)
from casebook.errors import LANGUAGES
from casebook.locations import data_folder
from casebook.reachability import Reachability
from casebook.rule_kinds import (
    Compare,
    NoneOf,
    OneOf,
)
from casebook.study_check import check_design, check_folder
from casebook.study_files import find_faults, read_study
from tests.casebook.small_study import files, write_study

SHIPPED = data_folder("forms") / "rescue_end_low"


def test_shipped_study_is_clean() -> None:
    report = check_folder(SHIPPED)
    assert report.faults == ()
    assert report.exit_status == 0
    assert report.lines("en")[-1].startswith("0 fault(s)")


def test_small_study_is_clean(tmp_path: Path) -> None:
    assert check_folder(write_study(tmp_path, files())).faults == ()


LAST_CHECK = '[[check]]\nid = "EC902"'
EXTRA_CHECK = '[[check]]\nid = "EC903"\nseverity = "S"\nitem = "{item}"\nfires_when = {rule}\n\n'
TEXTS_OF_903 = {"en": '"EC903" = "Look again"\n', "zh": '"EC903" = "请再核对"\n'}


def with_check(item: str, rule: str) -> dict[str, str]:
    """Return the small study with one more check."""
    contents = files()
    check = EXTRA_CHECK.format(item=item, rule=rule)
    contents["crf/F.A.toml"] = contents["crf/F.A.toml"].replace(LAST_CHECK, check + LAST_CHECK)
    for language, text in TEXTS_OF_903.items():
        contents[f"texts/{language}.toml"] += text
    return contents


DONE, NOT_DONE = (f'{{one_of = {{item = "DONE", values = ["{code}"]}}}}' for code in "YN")
OTHER_DRUG = '{one_of = {item = "IVTDRUG", values = ["OTHER"]}}'
NO_LYSIS = '{one_of = {item = "IVT", values = ["N"]}}'
NEVER = '{all = [{range = {item = "F.A:DIA", low = "10"}}, {compare = {item = "F.A:DIA", op = "gt", value = "20"}}]}'


def dia(op: str, value: str) -> str:
    return f'{{compare = {{item = "DIA", op = "{op}", value = "{value}"}}}}'


# Each fault with the file in which a text is replaced by another, the place that is told and a part of what is told.
IN_SMALL = {
    "unreachable by two lists": (
        "crf/F.A.toml",
        'relevant_when = {answered = {item = "WHEN"}}',
        f"relevant_when = {{all = [{DONE}, {NOT_DONE}]}}",
        "I.A.SYS",
        "never asked",
    ),
    "unreachable behind an item that is": (
        "crf/F.A.toml",
        'relevant_when = {one_of = {item = "DONE", values = ["Y"]}}',
        f"relevant_when = {{all = [{{none = [{DONE}]}}, {{none = [{NOT_DONE}]}}]}}",
        "I.A.SYS",
        "never asked",
    ),
    "check of an item that is not asked then": (
        "crf/F.A.toml",
        'fires_when = {compare = {item = "DIA", op = "ge", other = "SYS"}}',
        'fires_when = {all = [{range = {item = "SYS", high = "5"}}, {one_of = {item = "DONE", values = ["N"]}}]}',
        "F.A, EC900 (DIA)",
        "never fire",
    ),
    "comparison with itself": ("crf/F.A.toml", 'other = "SYS"', 'other = "DIA"', "F.A, EC900 (DIA)", "with itself"),
    "soft limits outside hard ones": (
        "crf/F.A.toml",
        'soft = ["90", "185"]',
        'soft = ["30", "185"]',
        "I.A.SYS",
        "outside the hard limits",
    ),
    "overlapping windows": (
        "study.toml",
        'oid = "SE.V1"\nstudy_day = 1',
        'oid = "SE.V1"\nstudy_day = 1\nwindow = {from_hours = "0", to_hours = "20"}',
        "SE.V2",
        "overlaps that of SE.V1",
    ),
    "study days that fall": ("study.toml", "study_day = 2", "study_day = 1", "SE.V2", "does not rise"),
    "study day outside the window": ("study.toml", "study_day = 2", "study_day = 20", "SE.V2", "outside its window"),
    "windows without an anchor": (
        "study.toml",
        '[anchors]\nrandomised_at = ["F.A:WHEN"]',
        "[anchors]",
        "anchors",
        "randomised_at",
    ),
    "visit without a date": ("crf/F.A.toml", "visit_time = true\n", "", "SE.V2", "has no date"),
    "event without a date": (
        "study.toml",
        'kind = "unscheduled"\nforms = [{form = "F.A", need = "o"}]',
        'kind = "event"\nforms = [{form = "F.B", need = "o"}]',
        "SE.UNS, F.B",
        "date of its own",
    ),
    "status without a rule": (
        "study.toml",
        'statuses = ["screened"]',
        'statuses = ["screened", "randomised"]',
        "statuses, randomised",
        "no rule gives this status",
    ),
    "status that nobody has": (
        "study.toml",
        "[anchors]",
        '[[status]]\nname = "screened"\nwhen = {compare = {item = "F.A:DIA", op = "ne", other = "F.A:DIA"}}\n[anchors]',
        "status, screened",
        "no subject can ever have it",
    ),
    "form that never applies": (
        "study.toml",
        '{form = "F.A", need = "o"}]\n\n[[visit]]',
        f'{{form = "F.A", need = "o", when = {NEVER}}}]\n\n[[visit]]',
        "SE.V2, F.A",
        "never applies",
    ),
    "deviation that nothing keeps": (
        "crf/F.A.toml",
        'severity = "S"\nitem = "HIGH"',
        'severity = "S"\ndeviation = {category = "X", severity = "Y", when = "fires"}\nitem = "HIGH"',
        "F.A, EC901 (HIGH)",
        "no form keeps them",
    ),
    "code list that nothing uses": (
        "codelists.toml",
        "[[code_list]]",
        '[[code_list]]\noid = "CL.SPARE"\ncodes = ["Y"]\n[[code_list]]',
        "CL.SPARE",
        "no item uses",
    ),
    "consent without ink": ("crf/F.B.toml", "identity = true", "identity = true\nconsent = true", "F.B", "no ink"),
    "length of a number": ("crf/F.A.toml", 'name = "DIA"', 'name = "DIA"\nmax_length = 3', "I.A.DIA", "max_length"),
    "decimals of a whole number": (
        "crf/F.A.toml",
        'name = "DIA"',
        'name = "DIA"\ndecimals = 1',
        "I.A.DIA",
        "decimals belongs",
    ),
    "unreadable in two places": ("crf/F.A.toml", 'need = "O"', 'need = "Q"', "crf/F.A.toml, I.A.DIA", "need must be"),
}
NEW_TEXTS = {
    "code list that nothing uses": {"CL.SPARE.Y": ("Yes", "是")},
    "status without a rule": {"STATUS.randomised": ("Randomised", "已随机")},
}
BY_CHECK = {
    "code that is there, but not asked": (
        "WHEN",
        '{one_of = {item = "DONE", values = ["N"]}}',
        "F.A, EC903 (WHEN)",
        "never fire",
    ),
    "two values at once": (
        "DIA",
        f"{{all = [{dia('eq', '5')}, {dia('eq', '6')}]}}",
        "F.A, EC903 (DIA)",
        "never fire",
    ),
    "answered and not": (
        "DIA",
        '{all = [{answered = {item = "DIA"}}, {none = [{answered = {item = "DIA"}}]}]}',
        "F.A, EC903 (DIA)",
        "never fire",
    ),
    "text as a number": (
        "DIA",
        '{range = {item = "WHEN", low = "5"}}',
        "F.A, EC903 (DIA)",
        "has no range",
    ),
    "code as a number": (
        "DIA",
        '{compare = {item = "DONE", op = "gt", other = "SYS"}}',
        "F.A, EC903 (DIA)",
        "neither smaller nor greater",
    ),
    "number against a time": (
        "DIA",
        '{compare = {item = "DIA", op = "lt", other = "WHEN"}}',
        "F.A, EC903 (DIA)",
        "a number and a time",
    ),
    "minutes on a number": (
        "DIA",
        '{compare = {item = "DIA", op = "lt", other = "SYS", add_minutes = 5}}',
        "F.A, EC903 (DIA)",
        "minutes are added",
    ),
    "same rule twice": (
        "DIA",
        '{compare = {item = "DIA", op = "ge", other = "SYS"}}',
        "F.A, EC903 (DIA)",
        "EC900 fires on the same",
    ),
    "visit that has not the form": (
        "DIA",
        '{one_of = {item = "@visit", values = ["SE.V9"]}}',
        "F.A, EC903 (DIA)",
        "never fire",
    ),
    "status that no visit has": (
        "DIA",
        '{one_of = {item = "@visit_status", values = ["TOO_LATE"]}}',
        "F.A, EC903 (DIA)",
        "never fire",
    ),
    "row that cannot be": (
        "DIA",
        '{exists = {group = "IG.A.ROWS", where = {compare = {item = "LOW", op = "lt", other = "LOW"}}}}',
        "F.A, EC903 (DIA)",
        "never fire",
    ),
}


def told(folder: Path, place: str, what: str) -> bool:
    report = check_folder(folder)
    assert report.exit_status == 1
    assert all(line for language in LANGUAGES for line in report.lines(language))
    return any(one.place == place and what in one.what("en") for one in report.faults)


@pytest.mark.parametrize("name", IN_SMALL)
def test_planted_fault_is_found(tmp_path: Path, name: str) -> None:
    file, before, after, place, what = IN_SMALL[name]
    contents = files()
    assert before in contents[file]
    contents[file] = contents[file].replace(before, after, 1)
    for text, pair in NEW_TEXTS.get(name, {}).items():
        for language, said in zip(LANGUAGES, pair, strict=True):
            contents[f"texts/{language}.toml"] += f'"{text}" = "{said}"\n'
    assert told(write_study(tmp_path, contents), place, what)


@pytest.mark.parametrize("name", BY_CHECK)
def test_planted_check_is_found(tmp_path: Path, name: str) -> None:
    item, rule, place, what = BY_CHECK[name]
    assert told(write_study(tmp_path, with_check(item, rule)), place, what)


@pytest.mark.parametrize(
    "rule",
    [
        '{one_of = {item = "@visit", values = ["SE.V2"]}}',
        '{range = {item = "SYS", low = "1000"}}',
        '{none = [{one_of = {item = "DONE", values = ["Y"]}}]}',
        '{any = [{compare = {item = "DIA", op = "lt", other = "DIA"}}, {answered = {item = "DIA"}}]}',
        '{all = [{range = {item = "DIA", low = "10"}}, {compare = {item = "DIA", op = "lt", value = "5"}}]}',
        f"{{all = [{dia('ge', '5')}, {dia('le', '5')}]}}",
    ],
)
def test_rule_that_can_fire_is_not_told(tmp_path: Path, rule: str) -> None:
    report = check_folder(write_study(tmp_path, with_check("DIA", rule)))
    assert not any("never fire" in fault.what("en") for fault in report.faults)


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    contents = files()
    contents["crf/F.A.toml"] = contents["crf/F.A.toml"].replace('["40", "300"]', '["300", "40"]')
    contents["crf/F.A.toml"] = contents["crf/F.A.toml"].replace('name = "DIA"', 'name = "DIA"\ncolour = "red"')
    contents["crf/F.B.toml"] = contents["crf/F.B.toml"].replace('type = "date"', 'type = "day"')
    contents["codelists.toml"] = contents["codelists.toml"].replace("CL.NY", "NY")
    contents["texts/zh.toml"] = contents["texts/zh.toml"].replace('"I.A.GLUC" = "血糖"\n', "")
    contents["study.toml"] = contents["study.toml"].replace('rights = ["enter"]', 'rights = ["fly"]')
    design, mistakes = find_faults(write_study(tmp_path, contents))
    assert design is None
    places = {str(one.fields["place"]) for one in mistakes}
    assert {"I.A.SYS", "I.A.DIA", "I.B.DAY", "NY", "I.A.GLUC", "ROLE.COORDINATOR"} <= places


def test_every_name_that_leads_nowhere_is_told_at_once(tmp_path: Path) -> None:
    contents = files()
    form = contents["crf/F.A.toml"].replace('other = "SYS"', 'other = "SIS"').replace("F.B/FIRST:DAY", "F.B/LAST:DAY")
    contents["crf/F.A.toml"] = form.replace('["SYS", "DIA"]', '["SYS", "DIE"]')
    _, mistakes = find_faults(write_study(tmp_path, contents))
    assert [str(one.fields["place"]) for one in mistakes] == ["I.A.MAP", "F.A, EC900", "F.A, EC902"]


def test_text_that_was_not_translated_is_a_warning(tmp_path: Path) -> None:
    contents = files()
    contents["texts/zh.toml"] = contents["texts/zh.toml"].replace('"舒张压不低于收缩压"', '"Diastolic is too high"')
    report = check_folder(write_study(tmp_path, contents))
    assert report.exit_status == 0
    assert [one.place for one in report.found] == ["F.A, EC900"]
    assert "does not look translated" in report.lines("en")[0]


# -- the shipped study ---------------------------------------------------------------------------------

IN_SHIPPED = {
    "dangling form": ("study.toml", '{form = "F.VS", need = "x"}', '{form = "F.VX", need = "x"}', "no form F.VX"),
    "dangling item": ("crf/F.TIME.toml", 'other = "RANDEFF"', 'other = "RANDEFFX"', "no item RANDEFFX"),
    "dangling code list": ("crf/F.TIME.toml", 'codes = "CL.PROGWIT"', 'codes = "CL.PROGWITX"', "no code list"),
    "untranslated": ("texts/zh/F.TIME.toml", '"I.TIME.LKWDTM" =', '"I.TIME.LKWDTMX" =', "Translate it"),
    "form twice": ("crf/F.VS.toml", 'oid = "F.VS"', 'oid = "F.TIME"', "Rename it"),
    "contradictory condition": (
        "crf/F.TIME.toml",
        'relevant_when = {one_of = {item = "IVTDRUG", values = ["OTHER"]}}',
        f"relevant_when = {{all = [{OTHER_DRUG}, {NO_LYSIS}]}}",
        "never asked",
    ),
    "unknown deviation": (
        "study.toml",
        'category = "VISIT_WINDOW"',
        'category = "WINDOW_OF_VISIT"',
        "no code WINDOW_OF_VISIT",
    ),
    "unknown criterion item": ("eligibility.toml", "F.TIME:LKWDTM", "F.TIME:LKWDTMX", "LKWDTMX"),
}


@pytest.mark.parametrize("name", IN_SHIPPED)
def test_planted_fault_in_the_shipped_study_is_found(tmp_path: Path, name: str) -> None:
    file, before, after, what = IN_SHIPPED[name]
    shutil.copytree(Path(str(SHIPPED)), tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert before in text
    (tmp_path / file).write_text(text.replace(before, after), encoding="utf-8")
    report = check_folder(tmp_path)
    assert any(what in fault.what("en") for fault in report.faults), report.lines("en")


@pytest.fixture(scope="module")
def shipped() -> StudyDesign:
    return read_study(SHIPPED)


def test_rule_with_too_many_ways_counts_as_possible(shipped: StudyDesign) -> None:
    one = Compare(item="F.TIME:LKWDTM", op="lt", other="F.TIME:PROGDTM")
    judge = Reachability(design=shipped)
    assert judge.can_hold(NoneOf(rules=(OneOf(item="F.TIME:IVT", values=("Y",)), one)), None)


def test_criterion_that_can_never_be_met_is_found(shipped: StudyDesign) -> None:
    first = replace(shipped.criteria[0], rule=Compare(item="F.TIME:LKWDTM", op="lt", other="F.TIME:LKWDTM"))
    report = check_design(replace(shipped, criteria=(first, *shipped.criteria[1:])))
    assert any(one.place == first.id and "never be true" in one.what("en") for one in report.faults)

from decimal import Decimal
from pathlib import Path

import pytest

from casebook.design import DataType, StudyDesign, VisitKind
from casebook.errors import LANGUAGES, StudyFileError
from casebook.locations import data_folder
from casebook.scores import DERIVATIONS, RULES
from casebook.study_files import read_study
from tests.casebook.small_study import TEXTS, files, texts_file, write_study


@pytest.fixture(scope="module")
def design() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


def test_read_study_reads_every_part_of_a_small_study(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, files()))
    assert (study.oid, study.code, study.name("zh")) == ("ST.SMALL", "SMALL1", "小型研究")
    assert [visit.oid for visit in study.visits] == ["SE.V1", "SE.V2", "SE.UNS"]
    assert study.visit("SE.V2").window.to_hours == Decimal(36)
    planned = study.visit("SE.V1").forms[1]
    assert (planned.occasion, planned.occasion_label and planned.occasion_label("en")) == ("FIRST", "First")
    form = study.form("F.A")
    _, glucose = form.find("GLUC")
    assert glucose.units[1].divide == Decimal("18.016")
    assert study.form("F.B").find("DAY")[1].identity
    assert study.consents[0].paragraphs[0]("en") == "Purpose."
    assert study.anchors == {"randomised_at": ("F.A:WHEN",)}
    assert study.statuses["screened"]("zh") == "已筛选"
    assert study.code_lists["CL.NY"].codes[1].meaning is not None


def test_limits_and_units_bring_their_checks_with_filled_messages(tmp_path: Path) -> None:
    form = read_study(write_study(tmp_path, files())).form("F.A")
    messages = {(check.id, check.item): check.message("en") for check in form.checks}
    assert messages["EC051", "SYS"] == "Outside 40 to 300 mmHg"
    assert messages["EC052", "GLUC"] == "Beyond 3.9 to 11.1 mmol/L"
    assert messages["EC053", "GLUC"] == "Use mmol/L、mg/dL"
    assert ("EC053", "SYS") not in messages


def test_versions_are_the_same_for_the_same_files_and_follow_every_change(tmp_path: Path) -> None:
    first = read_study(write_study(tmp_path / "1", files()))
    again = read_study(write_study(tmp_path / "2", dict(reversed(files().items()))))
    assert first.version == again.version
    assert len(first.version) == 64
    assert len(first.form("F.A").version) == 16
    label = {**TEXTS, "CL.NY.Y": ("Indeed", "是")}
    changed = read_study(write_study(tmp_path / "3", {**files(), "texts/en.toml": texts_file(0, label)}))
    assert changed.version != first.version
    assert changed.form("F.A").version != first.form("F.A").version
    assert changed.form("F.B").version == first.form("F.B").version


BROKEN = {
    "unknown key": ("crf/F.A.toml", 'name = "DIA"', 'name = "DIA"\ncolour = "red"', "I.A.DIA", "unknown key colour"),
    "unknown key of the study": (
        "study.toml",
        'label = "1.0"',
        'label = "1.0"\nsite = 1',
        "study",
        "unknown key site",
    ),
    "unknown table": ("study.toml", "[[role]]", "[other]\n[[role]]", "-", "unknown key other"),
    "no TOML": ("study.toml", "[study]", "[study", "-", "this is not TOML"),
    "other format": ("study.toml", "format = 1", "format = 2", "study", "format 1"),
    "no wall clock": ("study.toml", 'utc_offset = "+08:00"', 'utc_offset = "8 h"', "study", "wall clock"),
    "a laptop that locks too late": (
        "study.toml",
        "[[role]]",
        "[security]\nidle_minutes = 45\n[[role]]",
        "security",
        "between 2 and 30",
    ),
    "wrong type": ("study.toml", "study_day = 2", 'study_day = "2"', "SE.V2", "study_day must be a whole number"),
    "study day 0": ("study.toml", "study_day = 2", "study_day = 0", "SE.V2", "no study day 0"),
    "bare decimal": ("study.toml", '"18"', "18", "SE.V2, window", "decimal in quotes"),
    "falling window": ("study.toml", '"18"', '"48"', "SE.V2, window", "rising"),
    "window of an unscheduled visit": (
        "study.toml",
        'kind = "unscheduled"',
        'kind = "unscheduled"\nwindow = {from_day = 1, to_day = 2}',
        "SE.UNS",
        "only a scheduled visit has a window",
    ),
    "unknown form at a visit": ("study.toml", 'form = "F.B"', 'form = "F.C"', "SE.V1", "no form F.C"),
    "form at no visit": ("study.toml", ', {form = "F.B", need = "c", occasion = "FIRST"}', "", "F.B", "no visit"),
    "form twice at a visit": (
        "study.toml",
        '[{form = "F.A", need = "x"},',
        '[{form = "F.A", need = "x"}, {form = "F.A", need = "x"},',
        "SE.V1",
        "F.A stands twice",
    ),
    "visit twice": ("study.toml", 'oid = "SE.V2"', 'oid = "SE.V1"', "-", "SE.V1 stands twice"),
    "unknown right": ("study.toml", '["enter"]', '["fly"]', "ROLE.COORDINATOR", "fly is no right"),
    "anchor nowhere": ("study.toml", "F.A:WHEN", "F.A:THEN", "anchors, randomised_at", "no other form has F.A:THEN"),
    "code twice": ("codelists.toml", '["Y", "N"]', '["Y", "N", "Y"]', "CL.NY", "names Y twice"),
    "code list twice": (
        "codelists.toml",
        '["Y", "N"]',
        '["Y", "N"]\n[[code_list]]\noid = "CL.NY"\ncodes = ["Y"]',
        "CL.NY",
        "twice",
    ),
    "unknown code list": ("crf/F.A.toml", 'codes = "CL.NY"', 'codes = "CL.YN"', "I.A.DONE", "no code list CL.YN"),
    "codes on a number": (
        "crf/F.A.toml",
        'name = "DIA"',
        'name = "DIA"\ncodes = "CL.NY"',
        "I.A.DIA",
        "codes belongs to",
    ),
    "item twice": ("crf/F.A.toml", 'name = "DIA"', 'name = "SYS"', "F.A", "SYS stands twice"),
    "group twice": ("crf/F.A.toml", "IG.A.ROWS", "IG.A.MAIN", "F.A", "IG.A.MAIN stands twice"),
    "group of another form": ("crf/F.A.toml", "IG.A.ROWS", "IG.B.ROWS", "IG.B.ROWS", "IG.A."),
    "check twice": (
        "crf/F.A.toml",
        'id = "EC901"\nseverity = "S"\nitem = "HIGH"',
        'id = "EC900"\nseverity = "S"\nitem = "DIA"',
        "F.A",
        "twice",
    ),
    "check of no item": (
        "crf/F.A.toml",
        'item = "HIGH"\nfires',
        'item = "HEIGHT"\nfires',
        "F.A, check 2: EC901",
        "no item HEIGHT",
    ),
    "rule of no item": ("crf/F.A.toml", 'other = "SYS"', 'other = "SIS"', "F.A, EC900", "no item SIS"),
    "rule of no other form": ("crf/F.A.toml", "F.B/FIRST:DAY", "F.B/LAST:DAY", "F.A, EC902", "F.B/LAST:DAY"),
    "rule into rows": ("crf/F.A.toml", 'other = "SYS"', 'other = "LOW"', "F.A, EC900", "rows of IG.A.ROWS"),
    "unknown rule": ("crf/F.A.toml", "{answered = {", "{answers = {", "I.A.SYS, relevant_when", "exactly one of"),
    "two rules in one": (
        "crf/F.A.toml",
        '{answered = {item = "WHEN"}}',
        "{all = [], any = []}",
        "I.A.SYS",
        "exactly one of",
    ),
    "empty rule": ("crf/F.A.toml", '{answered = {item = "WHEN"}}', "{all = []}", "I.A.SYS", "holds no rule"),
    "value outside the list": (
        "crf/F.A.toml",
        'values = ["Y"]',
        'values = ["YES"]',
        "I.A.WHEN",
        "CL.NY has no code YES",
    ),
    "comparison with nothing": ("crf/F.A.toml", ', other = "SYS"', "", "F.A, check 1", "either other or value"),
    "unknown operator": ("crf/F.A.toml", 'op = "ge"', 'op = ">="', "F.A, check 1", "op must be one of"),
    "unknown function": (
        "crf/F.A.toml",
        "mean_arterial_pressure",
        "mean_pressure",
        "I.A.MAP, derive",
        "no function mean_pressure",
    ),
    "too few items": ("crf/F.A.toml", '["SYS", "DIA"]', '["SYS"]', "I.A.MAP, derive", "does not take 1 item"),
    "derivation of no item": ("crf/F.A.toml", '["SYS", "DIA"]', '["SYS", "DIE"]', "I.A.MAP", "no item DIE"),
    "circle": ("crf/F.A.toml", 'item = "DONE", values', 'item = "SYS", values', "F.A", "SYS, WHEN"),
    "conditional without condition": (
        "crf/F.A.toml",
        'relevant_when = {answered = {item = "WHEN"}}\n',
        "",
        "I.A.SYS",
        "relevant_when",
    ),
    "limits the wrong way": ("crf/F.A.toml", '["40", "300"]', '["300", "40"]', "I.A.SYS", "hard must rise"),
    "one limit": ("crf/F.A.toml", '["40", "300"]', '["40"]', "I.A.SYS", "two decimals"),
    "limits of a text": (
        "crf/F.A.toml",
        'type = "integer"\nneed = "O"',
        'type = "text"\nneed = "O"\nhard = ["1", "2"]',
        "I.A.DIA",
        "belong to numbers",
    ),
    "factor on the standard unit": (
        "crf/F.A.toml",
        '{unit = "mmol/L"}',
        '{unit = "mmol/L", factor = "2"}',
        "I.A.GLUC",
        "standard one",
    ),
    "factor of nothing": ("crf/F.A.toml", '"18.016"', '"0"', "I.A.GLUC", "above 0"),
    "units alike": ("crf/F.A.toml", 'unit = "mg/dL"', 'unit = "mmol/l"', "I.A.GLUC", "spelt alike"),
    "soft_unless without soft": (
        "crf/F.A.toml",
        'soft = ["3.9", "11.1"]\n',
        "",
        "I.A.GLUC",
        "soft_unless needs soft",
    ),
    "open ink": (
        "crf/F.A.toml",
        'name = "DIA"\ntype = "integer"',
        'name = "DIA"\ntype = "ink"',
        "I.A.DIA",
        "ink is identity",
    ),
    "mandatory derived item": (
        "crf/F.A.toml",
        'type = "decimal"\nneed = "O"\ndecimals',
        'type = "decimal"\nneed = "M"\ndecimals',
        "I.A.MAP",
        "typed by nobody",
    ),
    "unknown missing code": ("crf/F.A.toml", '["UNK"]', '["UN"]', "I.A.WHEN", "UN is no missing-data code"),
    "untranslated text": ("texts/zh.toml", '"I.A.DIA" = "舒张压"\n', "", "I.A.DIA", "Translate it"),
    "half a hint": ("texts/zh.toml", '"I.A.DONE.hint" = "请询问。"\n', "", "I.A.DONE.hint", "Translate it"),
    "empty text": ("texts/en.toml", '"Diastolic"', '" "', "I.A.DIA", "Translate it"),
    "text of nothing": (
        "texts/en.toml",
        "[text]",
        '[text]\n"I.A.DIAS" = "x"',
        "I.A.DIAS",
        "nothing in the study is called so",
    ),
    "unknown placeholder": ("texts/en.toml", "Beyond {low}", "Beyond {lower}", "EC052", "placeholder {lower}"),
    "two codes of one label": ("texts/en.toml", '"CL.NY.N" = "No"', '"CL.NY.N" = "yes"', "CL.NY", "stands for"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_read_study_tells_file_place_and_remedy(tmp_path: Path, case: tuple[str, str, str, str, str]) -> None:
    file, before, after, place, what = case
    contents = files()
    assert before in contents[file]
    contents[file] = contents[file].replace(before, after, 1)
    with pytest.raises(StudyFileError) as caught:
        read_study(write_study(tmp_path, contents))
    error = caught.value
    assert str(error.fields["place"]).startswith(place)
    assert what in error.sentence("en")
    assert error.sentence("zh") != error.sentence("en")
    assert "{file}" not in error.sentence("zh")


@pytest.mark.parametrize("file", ["study.toml", "codelists.toml", "texts/zh.toml"])
def test_read_study_names_a_missing_file(tmp_path: Path, file: str) -> None:
    contents = files()
    del contents[file]
    with pytest.raises(StudyFileError) as caught:
        read_study(write_study(tmp_path, contents))
    assert caught.value.fields["file"] == file
    assert "the file is missing" in caught.value.sentence("en")


def test_read_study_refuses_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    write_study(tmp_path, files())
    (tmp_path / "texts" / "zh.toml").write_bytes("[text]\n# 中文".encode("gb18030"))
    with pytest.raises(StudyFileError, match="not UTF-8"):
        read_study(tmp_path)


# -- the study itself ----------------------------------------------------------------------------------


def test_rescue_end_low_has_its_visits_and_forms(design: StudyDesign) -> None:
    scheduled = [visit for visit in design.visits if visit.kind is VisitKind.SCHEDULED]
    assert [visit.oid for visit in scheduled] == [f"SE.V{number}" for number in range(1, 8)]
    assert [visit.study_day for visit in scheduled] == [1, 2, 3, 4, 8, 31, 91]
    assert {visit.oid for visit in design.visits if visit.unscheduled} == {"SE.UNS"}
    assert set(design.forms) >= {
        *("F.ICF", "F.CONTACT", "F.DM", "F.TIME", "F.VS", "F.LB", "F.NIHSS", "F.MRS", "F.B90", "F.IMG1", "F.IMG2"),
        "F.RND",
    }
    occasions = [one.occasion for one in design.visit("SE.V1").forms if one.form == "F.NIHSS"]
    assert occasions == ["INITIAL", "PRERAND"]
    assert "F.RND:RANDDTM" in design.anchors["randomised_at"]


def test_rescue_end_low_speaks_both_languages_everywhere(design: StudyDesign) -> None:
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                assert set(item.label.by_language) == set(LANGUAGES)
    assert all(
        set(check.message.by_language) == set(LANGUAGES) for form in design.forms.values() for check in form.checks
    )


def test_rescue_end_low_keeps_ink_and_contact_details_as_identity(design: StudyDesign) -> None:
    items = [item for form in design.forms.values() for group in form.groups for item in group.items]
    assert all(item.identity for item in items if item.data_type is DataType.INK)
    assert all(item.identity for group in design.form("F.CONTACT").groups for item in group.items)


def test_documentation_names_every_function_and_every_type() -> None:
    text = (Path(__file__).parents[2] / "docs" / "study_files.md").read_text(encoding="utf-8")
    for name in [*DERIVATIONS, *RULES, *DataType]:
        assert f"`{name}`" in text


SECOND = Path(__file__).parents[1] / "second_study"
SIGNER = 'signers = [{name = "TNNAME", ink = "TNINK", time = "TNZEIT"}]'
DOCUMENTS = {
    "item that is not there": (SIGNER, SIGNER.replace("TNNAME", "TNAME"), "no item TNAME"),
    "name that is no ink": (SIGNER, SIGNER.replace('ink = "TNINK"', 'ink = "TNNAME"'), "TNNAME is no ink"),
    "form without consent": ("consent = true\n", "", "consent = true"),
    "no version": ('version = ["FASSUNG"]', "version = []", "its version names an item"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_mistake_in_a_consent_document_is_told(tmp_path: Path, name: str) -> None:
    old, new, said = DOCUMENTS[name]
    contents = {
        file.relative_to(SECOND).as_posix(): file.read_text(encoding="utf-8") for file in SECOND.rglob("*.toml")
    }
    assert old in contents["crf/F.BEGINN.toml"]
    contents["crf/F.BEGINN.toml"] = contents["crf/F.BEGINN.toml"].replace(old, new)
    with pytest.raises(StudyFileError) as found:
        read_study(write_study(tmp_path, contents))
    assert said in found.value.sentence()


@pytest.mark.parametrize(
    ("written", "minutes"), [("", 10), ("[security]\nidle_minutes = 3\n", 3), ("[security]\n", 10)]
)
def test_study_says_when_a_laptop_that_is_left_alone_locks(tmp_path: Path, written: str, minutes: int) -> None:
    contents = files()
    contents["study.toml"] = contents["study.toml"].replace("[[role]]", f"{written}[[role]]", 1)
    assert read_study(write_study(tmp_path, contents)).idle_minutes == minutes


@pytest.mark.parametrize(("written", "minutes"), [("+08:00", 480), ("-03:30", -210), ("+00:00", 0)])
def test_wall_clock_is_read_east_and_west(tmp_path: Path, written: str, minutes: int) -> None:
    contents = files()
    contents["study.toml"] = contents["study.toml"].replace('"+08:00"', f'"{written}"')
    assert read_study(write_study(tmp_path, contents)).utc_offset_minutes == minutes

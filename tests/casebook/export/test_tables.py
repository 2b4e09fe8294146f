"""Tables: one for each form, readable anywhere, empty where a value is in conflict."""

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.design import DataType, StudyDesign
from casebook.export import ExportContext, ExportFormat, export_record
from casebook.export.disclosure import forms_of, groups_of
from casebook.export.tables import item_columns
from casebook.projection import Casebook, project
from casebook.records import AddRow, Fired, ItemPath, MissingCode, Reading, SetItem, StrikeRow
from tests.casebook.commits import Laptop, form_key, set_item
from tests.casebook.export.filled import SECRET, value_of

Line = dict[str, str]


def lines_of(folder: Path, name: str) -> list[Line]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def tables(folder: Path, design: StudyDesign, context: ExportContext, *casebooks: Casebook) -> Path:
    folder.mkdir()
    export_record(folder, design, casebooks, context, ExportFormat.CSV)
    return folder


def test_every_form_has_a_table_with_every_item_that_may_leave(exported: Path, design: StudyDesign) -> None:
    for form in forms_of(design):
        columns = lines_of(exported, f"{form.oid}.csv")[0].keys()
        wanted = {column for _, items in groups_of(form) for item in items for column in item_columns(item)}
        assert wanted <= set(columns)


def test_every_value_comes_out_as_it_went_in(exported: Path, design: StudyDesign) -> None:
    kinds = set()
    for form in forms_of(design):
        found = lines_of(exported, f"{form.oid}.csv")
        for group, items in groups_of(form):
            for item in items:
                if item.derivation is not None:
                    continue
                wanted = value_of(item, design)
                for line in found:
                    if line["group"] != (group.oid if group.repeating else ""):
                        continue
                    why = line[f"{item.name}.why"]
                    if why == "not_asked":
                        continue
                    kinds.add(item.data_type)
                    assert why == str(wanted.missing or "")
                    assert line[item.name].removeprefix("'") == (wanted.value or "")
    assert kinds == set(DataType) - {DataType.INK}


def test_no_byte_of_identity_is_in_any_file(exported: Path, casebook: Casebook) -> None:
    readings = [one.value or "" for form in casebook.forms.values() for one in form.readings.values()]
    assert any(SECRET in one for one in readings)
    for file in exported.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file.name


def test_identity_items_are_not_even_defined(exported: Path, design: StudyDesign) -> None:
    hidden = {
        item.oid
        for form in design.forms.values()
        for group in form.groups
        for item in group.items
        if form.identity or item.identity or item.data_type is DataType.INK
    }
    assert hidden
    assert not hidden & {line["item_oid"] for line in lines_of(exported, "dictionary.csv")}
    everything = b"".join(file.read_bytes() for file in exported.glob("*.xml"))
    assert not [oid for oid in hidden if f'"{oid}"'.encode() in everything]


def test_no_cell_is_a_formula(exported: Path) -> None:
    for file in exported.glob("*.csv"):
        for line in lines_of(exported, file.name):
            for text in line.values():
                assert not text.startswith(("=", "+", "@", "\t", "\r"))
                assert not text.startswith("-") or text[1:2].isdigit()


def test_the_same_record_gives_the_same_bytes(
    tmp_path: Path, design: StudyDesign, casebook: Casebook, site: Casebook, context: ExportContext, exported: Path
) -> None:
    folder = tmp_path / "again"
    folder.mkdir()
    shuffled = replace(casebook, forms=dict(reversed(list(casebook.forms.items()))))
    export_record(folder, design, [shuffled], context, ExportFormat.ALL, site=site)
    assert sorted(one.name for one in folder.iterdir()) == sorted(one.name for one in exported.iterdir())
    for file in folder.iterdir():
        assert file.read_bytes() == (exported / file.name).read_bytes(), file.name


def conflicted(design: StudyDesign) -> Casebook:
    """Return a casebook in which two laptops gave two grades of the mRS at 90 days, and two systolic pressures."""
    first, second = Laptop(seed=1), Laptop(seed=2, author="investigator")
    subject, added = first.add_subject()
    form = design.form("F.B90")
    group, _ = form.find("MRS")
    key = form_key(subject, "F.B90", "SE.V7")
    vitals = form_key(subject)
    commits = [
        added,
        first.save(key, set_item("MRS", "2", group=group.oid)),
        second.save(key, set_item("MRS", "4", group=group.oid)),
        first.save(vitals, set_item("SYSBP", "150", group="IG.VS.BP1"), set_item("DIABP", "80", group="IG.VS.BP1")),
        second.save(vitals, set_item("SYSBP", "180", group="IG.VS.BP1")),
    ]
    return project(subject, commits)


def test_a_value_in_conflict_and_all_that_is_worked_out_from_it_are_empty_with_their_reason(
    tmp_path: Path, design: StudyDesign, context: ExportContext
) -> None:
    folder = tables(tmp_path / "out", design, context, conflicted(design))
    (vitals,) = lines_of(folder, "F.VS.csv")
    assert (vitals["SYSBP"], vitals["SYSBP.why"]) == ("", "conflict")
    assert (vitals["DIABP"], vitals["DIABP.why"]) == ("80", "")
    assert (vitals["MAP"], vitals["MAP.num"], vitals["MAP.why"]) == ("", "", "conflict")
    (blind,) = lines_of(folder, "F.B90.csv")
    assert (blind["MRS"], blind["MRS.why"]) == ("", "conflict")
    (subject,) = lines_of(folder, "subjects.csv")
    assert subject["conflicts"] == "2"


def test_both_entries_of_a_conflict_stay_in_the_audit_trail(
    tmp_path: Path, design: StudyDesign, context: ExportContext
) -> None:
    folder = tables(tmp_path / "out", design, context, conflicted(design))
    trail = [line for line in lines_of(folder, "audit.csv") if line["item"] == "MRS"]
    assert {line["value"] for line in trail} == {"2", "4"}
    assert {line["conflict"] for line in trail} == {"Y"}
    assert sorted(line["stands"] for line in trail) == ["N", "Y"]


def test_the_history_of_a_query_is_in_the_audit_trail(
    tmp_path: Path, design: StudyDesign, context: ExportContext
) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    key, path = form_key(subject), ItemPath(group="IG.VS.BP1", item="SYSBP")
    saved = [laptop.save(key, Fired(check="EC052", path=path, fires=fires)) for fires in (True, False)]
    folder = tables(tmp_path / "out", design, context, project(subject, [added, *saved]))
    trail = [(line["deed"], line["what"], line["item"]) for line in lines_of(folder, "audit.csv")]
    assert trail == [("finding_opened", "EC052", "SYSBP"), ("finding_closed", "EC052", "SYSBP")]


def test_struck_rows_stay_and_are_flagged(tmp_path: Path, design: StudyDesign, context: ExportContext) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    key = form_key(subject, "F.CM", "SE.LOG")
    rows = ("ROWAAAAAAAAAAAAA", "ROWBBBBBBBBBBBBB")
    saved = [
        laptop.save(
            key,
            AddRow(group="IG.CM.MED", row=row),
            SetItem(path=ItemPath(group="IG.CM.MED", item="CMTRT", row=row), reading=Reading(value="Aspirin")),
        )
        for row in rows
    ]
    saved.append(laptop.save(key, StrikeRow(group="IG.CM.MED", row=rows[0], reason="WRONGPLACE")))
    folder = tables(tmp_path / "out", design, context, project(subject, [added, *saved]))
    found = [line for line in lines_of(folder, "F.CM.csv") if line["group"]]
    assert [(line["row_number"], line["struck"], line["struck_reason"], line["CMTRT"]) for line in found] == [
        ("1", "Y", "WRONGPLACE", "Aspirin"),
        ("2", "N", "", "Aspirin"),
    ]


def test_a_quantity_is_given_as_reported_and_in_the_standard_unit(
    tmp_path: Path, design: StudyDesign, context: ExportContext
) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    form = design.form("F.VS")
    group, item = next((g, i) for g in form.groups for i in g.items if i.data_type is DataType.QUANTITY)
    standard, other = item.units[0].unit, item.units[-1].unit
    saved = laptop.save(form_key(subject), set_item(item.name, f"<98.6 {other}", group=group.oid))
    folder = tables(tmp_path / "out", design, context, project(subject, [added, saved]))
    (line,) = lines_of(folder, "F.VS.csv")
    assert line[item.name] == f"<98.6 {other}"
    assert [line[f"{item.name}.{part}"] for part in ("cmp", "num", "unit")] == ["<", "37", standard]


def test_missing_codes_stand_beside_the_empty_value(
    tmp_path: Path, design: StudyDesign, context: ExportContext
) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    path = ItemPath(group="IG.VS.BP1", item="SYSBP")
    saved = laptop.save(form_key(subject), SetItem(path=path, reading=Reading(missing=MissingCode.UNKNOWN)))
    folder = tables(tmp_path / "out", design, context, project(subject, [added, saved]))
    (line,) = lines_of(folder, "F.VS.csv")
    assert (line["SYSBP"], line["SYSBP.why"]) == ("", "UNK")


def test_checks_and_eligibility_name_every_one_of_the_study(exported: Path, design: StudyDesign) -> None:
    assert [line["criterion"] for line in lines_of(exported, "eligibility.csv")] == [one.id for one in design.criteria]
    told = {line["check"] for line in lines_of(exported, "checks.csv")}
    assert told == {check.id for form in forms_of(design) for check in form.checks}
    assert all(line[f"sentence.{one}"] for line in lines_of(exported, "checks.csv") for one in design.languages)


@pytest.mark.parametrize("name", ["de_DE.UTF-8", "tr_TR.UTF-8", "zh_CN.GB18030"])
def test_no_locale_of_the_machine_changes_a_byte(name: str, tmp_path: Path) -> None:
    environment = {**os.environ, "LC_ALL": name, "LANG": name, "PYTHONUTF8": "0", "PYTHONPATH": str(Path.cwd())}
    script = Path(__file__).with_name("export_in_a_locale.py")
    subprocess.run([sys.executable, str(script), name, str(tmp_path)], env=environment, check=True)
    names = sorted(one.name for one in (tmp_path / "0").iterdir())
    assert names == sorted(one.name for one in (tmp_path / "1").iterdir())
    for one in names:
        assert (tmp_path / "0" / one).read_bytes() == (tmp_path / "1" / one).read_bytes(), one


def test_scheduled_visits_are_numbered_as_sdtm_does(exported: Path, design: StudyDesign) -> None:
    lines = lines_of(exported, "visits.csv")
    assert [line["visit"] for line in lines] == [visit.oid for visit in design.visits]
    numbered = [(line["visitnum"], line["visitdy"]) for line in lines if line["kind"] == "scheduled"]
    assert [number for number, _ in numbered] == [str(place) for place in range(1, len(numbered) + 1)]
    assert [line["visitnum"] for line in lines if line["kind"] != "scheduled"] == [""] * (len(lines) - len(numbered))


def test_alias_of_the_ninds_elements_is_a_column_without_content(exported: Path) -> None:
    assert {line["ninds_alias"] for line in lines_of(exported, "dictionary.csv")} == {""}

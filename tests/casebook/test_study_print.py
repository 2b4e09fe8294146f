"""The data dictionary and the annotated blank forms, looked at from outside: CSV, workbook, PDF."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pikepdf
import pytest
from lxml import etree

from casebook.design import Need, StudyDesign
from casebook.locations import data_folder
from casebook.paper.desk import print_blank_forms
from casebook.study_files import read_study
from casebook.study_print import csv_files, dictionary, workbook
from tests.casebook.small_study import files, write_study

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def shipped() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    return read_study(write_study(tmp_path_factory.mktemp("small"), files()))


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_dictionary_has_every_item_code_check_and_planned_form(shipped: StudyDesign) -> None:
    tables = {name: rows_of(data) for name, data in csv_files(shipped)}
    items = [item for form in shipped.forms.values() for group in form.groups for item in group.items]
    assert [row["item_oid"] for row in tables["items.csv"]] == [item.oid for item in items]
    assert len(tables["code_lists.csv"]) == sum(len(one.codes) for one in shipped.code_lists.values())
    assert len(tables["checks.csv"]) == sum(len(form.checks) for form in shipped.forms.values())
    assert len(tables["visits.csv"]) == sum(len(visit.forms) for visit in shipped.visits)
    assert [row["criterion"] for row in tables["criteria.csv"]] == [one.id for one in shipped.criteria]
    assert all(row["sentence (en)"] and row["sentence (zh)"] for row in tables["checks.csv"])
    conditional = [row for row in tables["items.csv"] if row["need"] == Need.CONDITIONAL]
    assert all(row["asked (zh)"].startswith("仅在以下情况下填写") for row in conditional)
    assert {row["ninds_alias"] for row in tables["items.csv"]} == {""}


def test_csv_files_begin_as_spreadsheets_want_and_hold_no_formula(shipped: StudyDesign) -> None:
    for _, data in csv_files(shipped):
        assert data.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
            assert not any(re.match(r"[=@＝＠\t]|[+-](?!\d+(\.\d+)?$)", cell) for cell in row), row


def test_workbook_has_the_same_cells_and_no_formula(shipped: StudyDesign) -> None:
    data = workbook(shipped)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        strings = etree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in one.iter(f"{MAIN}t")) for one in strings]
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode("utf-8"))
        assert names == [sheet.name for sheet in dictionary(shipped)]
        for number, sheet in enumerate(dictionary(shipped), start=1):
            page = etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(page.iter(f"{MAIN}f"))
            cells = [
                [texts[int(cell.findtext(f"{MAIN}v") or "-1")] if cell.get("t") == "s" else "" for cell in row]
                for row in page.iter(f"{MAIN}row")
            ]
            assert cells == [list(sheet.header), *(list(row) for row in sheet.rows)]
    assert workbook(shipped) == data


def words_of(pdf: bytes, folder: Path) -> str:
    program = shutil.which("pdftotext")
    assert program is not None
    (folder / "forms.pdf").write_bytes(pdf)
    done = subprocess.run([program, "-raw", folder / "forms.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def printed(shipped: StudyDesign) -> bytes:
    return print_blank_forms(shipped, ("zh", "en"))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_blank_forms_hold_every_question_in_both_languages(
    shipped: StudyDesign, printed: bytes, tmp_path: Path
) -> None:
    pages = re.split(r"第\d+页，共\d+页Page\d+of\d+", squeezed(words_of(printed, tmp_path)))
    words = "".join(pages)
    for form in shipped.forms.values():
        for group in form.groups:
            for item in group.items:
                for language in shipped.languages:
                    assert squeezed(item.label(language)) in words, item.oid
                assert item.name in words
                assert squeezed(item.annotation.loinc) in words
    assert words.count(shipped.version) == len(pages)  # on each page, and on the cover once more


def test_blank_forms_have_an_outline_by_form_and_embed_their_fonts(shipped: StudyDesign, printed: bytes) -> None:
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        with pdf.open_outline() as outline:
            titles = [entry.title for entry in outline.root]
        assert len(titles) == len(shipped.forms) + 2
        assert {title.split()[0] for title in titles[2:]} == set(shipped.forms)
        fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
        assert fonts
        assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_blank_forms_are_the_same_bytes_for_the_same_study(small: StudyDesign) -> None:
    assert print_blank_forms(small, ("en", "zh")) == print_blank_forms(small, ("en", "zh"))
    assert print_blank_forms(small, ("en", "zh")) != print_blank_forms(small, ("zh", "en"))


def test_condition_derivation_and_unit_stand_beside_the_question(small: StudyDesign, tmp_path: Path) -> None:
    words = squeezed(words_of(print_blank_forms(small, ("en", "zh")), tmp_path))
    assert squeezed('→ Asked only while "When" has an answer.') in words
    assert squeezed("→ 仅在以下情况下填写：“时间”已填写。") in words
    assert squeezed("limits 限值 40–300") in words
    assert squeezed("□ mmol/L □ mg/dL") in words

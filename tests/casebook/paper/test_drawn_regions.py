"""Drawings on paper, as other programs see them: text, lines in grey, structure."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from casebook.design import StudyDesign
from casebook.locations import shipped_study
from casebook.paper.desk import print_blank_forms
from casebook.paper.visit_record import visit_digest, visit_record
from casebook.projection import Casebook, project
from casebook.records import MissingCode, Operation
from casebook.study_files import read_study
from tests.casebook.commits import Laptop, form_key
from tests.casebook.drawn_study import drawn_files
from tests.casebook.paper.preflight import preflight
from tests.casebook.paper.sample import VISIT, context, entry, missing
from tests.casebook.small_study import write_study

GROUP = "IG.IMG1.ASPECTS"
DOTS = 200
"""Dots per inch of the pages that are looked at."""
REACH = 14
"""How far around a letter is looked, in dots."""
DARK = 120
EDGE = 285 * DOTS / 72
"""Where the drawing ends and the words beside it begin."""

Word = tuple[str, int, float, float]
"""A word, its page, and its middle in dots from the page's upper left corner."""


@pytest.fixture(scope="module")
def design() -> StudyDesign:
    assert all(shutil.which(program) for program in ("pdftotext", "pdftoppm")), "poppler-utils is needed"
    return read_study(shipped_study())


def casebook_of(side: str, regions: str) -> Casebook:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    done: list[Operation] = [entry(GROUP, "ASPMODE", "REGIONS")]
    done.append(entry(GROUP, "ASPSIDE", side) if side else missing(GROUP, "ASPSIDE", MissingCode.NOT_DONE))
    done.append(entry(GROUP, "ASPREG", regions))
    return project(subject, [added, laptop.save(form_key(subject, "F.IMG1"), *done)])


def record_of(design: StudyDesign, side: str, regions: str) -> bytes:
    return visit_record(design, casebook_of(side, regions), VISIT, context())


def text_of(pdf: bytes) -> str:
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def words_of(pdf: bytes) -> list[Word]:
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found: list[Word] = []
    for number, page in enumerate(told.split("<page ")[1:], start=1):
        for box in re.finditer(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)<', page):
            left, top, right, bottom = (float(number) * DOTS / 72 for number in box.groups()[:4])
            found.append((box[5], number, (left + right) / 2, (top + bottom) / 2))
    return found


def letters_of(pdf: bytes) -> dict[str, Word]:
    """Return where the codes of the regions stand in the drawing."""
    words = words_of(pdf)
    _, page, _, top = next(word for word in words if word[0] == "Radiological")
    codes = ("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6")
    near = [word for word in words if word[1] == page and top - 200 < word[3] < top + 500 and word[2] < EDGE]
    return {code: word for code in codes for word in near if word[0] == code}


def pages_of(pdf: bytes, folder: Path) -> list[Image.Image]:
    """Return the pages in grey, as a laser printer prints them."""
    subprocess.run(["pdftoppm", "-r", str(DOTS), "-gray", "-", str(folder / "page")], input=pdf, check=True)
    return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(folder.glob("page*.pgm"))]


def darkness(page: Image.Image, x: float, y: float) -> float:
    """Return which part of the field around a point is dark."""
    field = page.crop((round(x) - REACH, round(y) - REACH, round(x) + REACH, round(y) + REACH))
    dark = sum(count for shade, count in enumerate(field.histogram()) if shade < DARK)
    return dark / (field.width * field.height)


# -- the visit record -----------------------------------------------------------------------------------


def test_record_tells_regions_side_and_score_as_text(design: StudyDesign) -> None:
    text = text_of(record_of(design, "R", "C M1"))
    assert "C Caudate C 尾状核" in text
    assert "M1 Anterior cortex, ganglionic level M1 基底节层面前部皮层" in text
    assert "Right 右侧" in text
    assert "ASPECTS (calculated) ASPECTS（自动计算）" in text
    for said in ("Level of the basal ganglia", "基底节上层面", "Radiological view", "患者的左侧在图的右边"):
        assert said in text
    assert set(letters_of(record_of(design, "R", "C M1"))) == {
        *("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6")
    }


@pytest.mark.parametrize("side", ["L", "R"])
def test_marked_regions_are_hatched_on_their_side_alone(design: StudyDesign, tmp_path: Path, side: str) -> None:
    pdf = record_of(design, side, "M4 M6")
    letters, pages = letters_of(pdf), pages_of(pdf, tmp_path)
    other = letters_of(record_of(design, "L" if side == "R" else "R", "M4 M6"))
    dark = {code: darkness(pages[page - 1], x, y) for code, (_, page, x, y) in letters.items()}
    beside = {code: darkness(pages[page - 1], x, y) for code, (_, page, x, y) in other.items()}
    assert dark["M4"] > 0.2
    assert dark["M6"] > 0.2
    assert dark["M5"] < 0.15
    assert max(beside["M4"], beside["M5"], beside["M6"]) < 0.05
    middle = (letters["M5"][2] + other["M5"][2]) / 2
    assert (letters["M5"][2] > middle) is (side == "L"), "the patient's left is on the right of the picture"


def test_record_without_a_side_hatches_nothing_and_says_so(design: StudyDesign, tmp_path: Path) -> None:
    pdf = record_of(design, "", "M5")
    assert "no side given: nothing is hatched 未填侧别，图中不作标示" in text_of(pdf)
    pages = pages_of(pdf, tmp_path)
    for side in ("L", "R"):
        _, page, x, y = letters_of(record_of(design, side, "M5"))["M5"]
        assert darkness(pages[page - 1], x, y) < 0.05


def test_record_of_no_region_draws_it_unmarked(design: StudyDesign, tmp_path: Path) -> None:
    pdf = record_of(design, "L", "NONE")
    assert "No region affected 无受累区域" in text_of(pdf)
    letters, pages = letters_of(pdf), pages_of(pdf, tmp_path)
    assert max(darkness(pages[page - 1], x, y) for _, page, x, y in (letters["M4"], letters["M5"])) < 0.15


def test_record_without_regions_has_no_drawing(design: StudyDesign) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    score = (entry(GROUP, "ASPMODE", "SCORE"), entry(GROUP, "ASPENT", "8"))
    casebook = project(subject, [added, laptop.save(form_key(subject, "F.IMG1"), *score)])
    assert "Radiological view" not in text_of(visit_record(design, casebook, VISIT, context()))


def test_conflict_draws_the_value_that_is_shown_and_says_that_it_is(design: StudyDesign) -> None:
    here, there = Laptop(seed=1), Laptop(seed=2, author="nurse")
    subject, added = here.add_subject()
    key = form_key(subject, "F.IMG1")
    common = (entry(GROUP, "ASPMODE", "REGIONS"), entry(GROUP, "ASPSIDE", "L"))
    saves = [
        here.save(key, *common, entry(GROUP, "ASPREG", "M1")),
        there.save(key, *common, entry(GROUP, "ASPREG", "M2")),
    ]
    text = text_of(visit_record(design, project(subject, [added, *saves]), VISIT, context()))
    assert text.count("Conflict:") == 1
    assert text.count("shown provisionally") == 2, "once at the value, once at its drawing"
    assert "M1 Anterior" in text
    assert "M2 Lateral" in text


def test_record_passes_preflight_and_is_the_same_bytes_again(design: StudyDesign) -> None:
    pdf = record_of(design, "L", "C L IC I M1 M2 M3 M4 M5 M6")
    assert preflight(pdf) == []
    assert record_of(design, "L", "C L IC I M1 M2 M3 M4 M5 M6") == pdf


def test_moved_mark_changes_the_digest_of_the_record(design: StudyDesign) -> None:
    digests = {
        visit_digest(design, casebook_of(*answers), VISIT) for answers in (("L", "M1"), ("R", "M1"), ("L", "M2"))
    }
    assert len(digests) == 3


# -- blank forms ----------------------------------------------------------------------------------------


def test_blank_form_of_another_study_shows_its_drawing_on_both_sides(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, drawn_files()))
    pdf = print_blank_forms(study, ("zh", "en"))
    text = text_of(pdf)
    for said in ("手掌", "Palm", "右手 Right hand", "掌心朝向您。", "The palms look at you."):
        assert said in text
    assert [word[0] for word in words_of(pdf)].count("F1") >= 2
    assert print_blank_forms(study, ("zh", "en")) == pdf

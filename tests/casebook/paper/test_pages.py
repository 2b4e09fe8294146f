"""The pages as other programs see them: text, fonts, structure, codes."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from casebook.attachments import AttachPayload, StrikeAttachmentPayload
from casebook.design import StudyDesign
from casebook.paper import fonts
from casebook.paper.code import read_code
from casebook.paper.consent import consent_digest, consent_document
from casebook.paper.context import INVESTIGATOR, PaperField, PaperMark
from casebook.paper.desk import digests
from casebook.paper.visit_record import visit_digest, visit_record
from casebook.projection import Casebook, evolve
from tests.casebook.commits import Laptop, form_key
from tests.casebook.paper.preflight import preflight
from tests.casebook.paper.sample import VISIT, context, sample_casebook, words


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True, scope="module")
def _viewers() -> None:
    for program in ("pdftotext", "pdffonts", "qpdf"):
        assert shutil.which(program), f"{program} is needed: apt-get install poppler-utils qpdf"


def text_of(pdf: bytes, folder: Path) -> str:
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    return run("pdftotext", "-layout", str(file), "-")


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture(params=["record", "consent"])
def pdf(request: pytest.FixtureRequest) -> bytes:
    found: bytes = request.getfixturevalue(request.param)
    return found


def test_every_font_is_embedded(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(pdf)
    rows = run("pdffonts", str(tmp_path / "paper.pdf")).splitlines()[2:]
    assert rows
    for row in rows:
        assert "NotoSansSC" in row
        assert re.search(r" yes +yes +yes ", row), row


def test_structure_is_clean(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(pdf)
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", str(tmp_path / "paper.pdf"))


def test_preflight_finds_nothing(pdf: bytes) -> None:
    assert preflight(pdf) == []


def test_record_says_what_was_entered_in_both_languages(record: bytes, tmp_path: Path) -> None:
    text = flat(text_of(record, tmp_path))
    for expected in (
        "001-A001",
        "示范中心",
        "Systolic blood pressure 收缩压",
        "192 mmHg",
        "transcription error 抄录错误",
        "EC051 confirmed true 已确认属实",
        "两次复测一致 measured twice",
        "Conflict: entries made without sight of each other",
        "90 mmHg",
        "95 mmHg",
        "EC052 finding 核查提示",
        "not done 未做 ND",
        "untestable 无法评估 UN",
        "<0.01 mmol/L",
        "row struck through: transcription error",
        "NIHSS – before randomisation",
        "not entered 未录入",
        "研究者乙 Investigator B",
        "护士甲 Nurse A",
        "Page 1 of 4",
        "第 1 页，共 4 页",
        "2026-03-02 09:15 +08:00",
    ):
        assert expected in text, expected
    # Of the two diastolic pressures in conflict one is shown, by commit id; the mean follows it.
    assert any(f"{mean} mmHg (calculated 计算值)" in text for mean in ("124.0", "127.3"))


def test_earlier_value_is_printed_and_struck(record: bytes, tmp_path: Path) -> None:
    assert "earlier 原值 152 mmHg 研究者乙 Investigator B" in flat(text_of(record, tmp_path))
    page = pypdfium2.PdfDocument(record)[1]
    letters = page.get_textpage()
    found = letters.search("152").get_next()
    assert found is not None
    left, bottom, right, top = letters.get_charbox(found[0])
    scale = 8
    picture = drawn(page, scale)
    box = [round(side * scale) for side in (left, page.get_height() - top, right, page.get_height() - bottom)]
    digit = picture.crop((box[0], box[1], box[2], box[3]))
    lines = [shades(digit.crop((0, y, digit.width, y + 1)))[1] for y in range(digit.height)]
    assert min(lines) < 170, "no line goes through the earlier value"


def test_identity_stays_off_the_record_unless_asked(
    record: bytes, design: StudyDesign, casebook: Casebook, tmp_path: Path
) -> None:
    text = flat(text_of(record, tmp_path))
    assert "参与者甲" not in text
    assert "身份信息不在此打印" in text
    opened = visit_record(design, casebook, VISIT, replace(context(), with_identity=True))
    assert "参与者甲" in text_of(opened, tmp_path)


def test_consent_holds_text_particulars_and_names(consent: bytes, tmp_path: Path) -> None:
    text = flat(text_of(consent, tmp_path))
    for expected in (
        "V1.0",
        "2025-12-01",
        "Taking part is voluntary",
        "参加完全自愿",
        "I separately agree",
        "aphasia 失语",
        "参与者甲",
        "见证人乙",
        "2026-03-01 13:52",
        "Investigator's signature 研究者签名",
    ):
        assert expected in text, expected


def test_consent_without_its_text_says_so(design: StudyDesign, casebook: Casebook, tmp_path: Path) -> None:
    key = form_key(casebook.subject, "F.ICF")
    pdf = consent_document(replace(design, consents=()), casebook, key, context())
    assert "Attach the approved text" in flat(text_of(pdf, tmp_path))


def shades(picture: Image.Image) -> tuple[int, int]:
    """Return the darkest and the lightest shade in a grey picture, 0 to 255."""
    used = [shade for shade, count in enumerate(picture.histogram()) if count]
    return used[0], used[-1]


def drawn(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    """Return a page in shades of grey, signature fields included."""
    picture: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("L")
    return picture


def blue_pixels(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    count = 0
    for page in document:
        red, _, blue = page.render(scale=2, may_draw_forms=True).to_pil().convert("RGB").split()
        count += sum(ImageChops.subtract(blue, red).histogram()[40:])
    return count


def test_ink_is_drawn_as_vectors(consent: bytes) -> None:
    assert blue_pixels(consent) > 500
    assert re.search(rb"/Subtype\s*/Image", consent) is None


def codes(pdf: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    for page in document:
        found = zxingcpp.read_barcodes(drawn(page, 2.5))
        yield found[0].text if found else ""


def test_code_of_every_page_is_read_by_a_scanner(record: bytes, design: StudyDesign, casebook: Casebook) -> None:
    read = [read_code(text) for text in codes(record)]
    assert [(code.page, code.pages) for code in read] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {code.document_digest for code in read} == {visit_digest(design, casebook, VISIT)}
    assert {code.record_state for code in read} == {casebook.digest}
    assert {(code.study, code.subject, code.visit) for code in read} == {("RELOW1", "001-A001", "SE.V1")}


def test_code_of_consent_is_among_the_digests_of_its_visit(
    consent: bytes, design: StudyDesign, casebook: Casebook
) -> None:
    code = read_code(next(codes(consent)))
    assert code.document_digest == consent_digest(design, casebook, form_key(casebook.subject, "F.ICF"))
    assert code.document_digest in digests(design, casebook, VISIT)
    assert visit_digest(design, casebook, VISIT, with_identity=True) in digests(design, casebook, VISIT)


def test_same_record_gives_the_same_bytes(record: bytes, design: StudyDesign, casebook: Casebook) -> None:
    assert visit_record(design, casebook, VISIT, context()) == record


def test_digest_follows_the_record_and_not_the_printer(design: StudyDesign, casebook: Casebook) -> None:
    other = sample_casebook(comment="右侧卧位测量。")
    assert visit_digest(design, other, VISIT) != visit_digest(design, casebook, VISIT)
    printed = replace(context(), printed_by="护士甲", languages=("zh", "en"))
    code = read_code(next(codes(visit_record(design, casebook, VISIT, printed))))
    assert code.document_digest == visit_digest(design, casebook, VISIT)


def test_rare_character_is_printed_by_number_with_a_warning(design: StudyDesign, tmp_path: Path) -> None:
    rare = sample_casebook(rows=0, name="张𠮷\U0001f600")
    key = form_key(rare.subject, "F.ICF")
    text = flat(text_of(consent_document(design, rare, key, context()), tmp_path))
    assert "张[U+20BB7][U+1F600]" in text
    assert "Characters that the font cannot draw" in text
    assert fonts.missing_characters(["张𠮷"]) == ("𠮷",)


def test_common_signs_have_glyphs() -> None:
    signs = "≥≤±×÷℃°μ²³½‰→–—…“”‘’《》、，。；：？！（）·✓" + "㼆䶮䴙氽囧昇喆堃"
    assert fonts.missing_characters([signs]) == ()


def test_long_text_breaks_across_pages_and_nothing_is_lost(design: StudyDesign, tmp_path: Path) -> None:
    sentence = "第{}次记录：患者诉头痛，NIHSS 无变化；BP 150/90 mmHg。"
    comment = "".join(sentence.format(number) for number in range(400))
    pdf = visit_record(design, sample_casebook(rows=0, comment=comment), VISIT, context())
    assert len(pypdfium2.PdfDocument(pdf)) > 3
    text = re.sub(r"\s+", "", text_of(pdf, tmp_path))
    assert all(f"第{number}次" in text for number in range(400))


def test_table_of_forty_rows_repeats_its_captions(record: bytes, tmp_path: Path) -> None:
    text = text_of(record, tmp_path)
    pages = text.split("\f")
    with_rows = [page for page in pages if "Creatinine" in page]
    assert len(with_rows) >= 2
    assert all("Clinically significant" in page for page in with_rows)
    assert sum(page.count("Creatinine") for page in pages) == 10


def test_text_stays_inside_its_column(record: bytes) -> None:
    for page in pypdfium2.PdfDocument(record):
        picture = drawn(page, 2)
        margins = ((0, int(picture.width * 0.07)), (int(picture.width * 0.937), picture.width))
        assert all(shades(picture.crop((left, 0, right, picture.height)))[0] > 200 for left, right in margins)


def test_mark_lies_on_every_page(design: StudyDesign, casebook: Casebook) -> None:
    marked = visit_record(design, casebook, VISIT, replace(context(), mark=PaperMark.DRAFT))
    for page in pypdfium2.PdfDocument(marked):
        assert page.get_textpage().search("草稿").get_next() is not None
    assert preflight(marked) == []


def test_chinese_leads_when_asked(design: StudyDesign, casebook: Casebook, tmp_path: Path) -> None:
    text = flat(text_of(visit_record(design, casebook, VISIT, replace(context(), languages=("zh", "en"))), tmp_path))
    assert "收缩压 Systolic blood pressure" in text
    assert "第 1 页，共 4 页 Page 1 of 4" in text


def test_visit_without_entries_lists_its_forms(design: StudyDesign, tmp_path: Path) -> None:
    empty = Casebook(subject=sample_casebook(rows=0).subject, number="001-A009", site="001")
    text = flat(text_of(visit_record(design, empty, VISIT, context()), tmp_path))
    assert text.count("not entered 未录入") == 5


def test_second_signature_place_stands_beside_the_first(design: StudyDesign, casebook: Casebook) -> None:
    fields = (*context().fields, PaperField(name="Reviewer", label=words("Reviewed by", "审核者")))
    pdf = visit_record(design, casebook, VISIT, replace(context(), fields=fields))
    assert preflight(pdf) == []
    assert [field.name for field in fields] == [INVESTIGATOR, "Reviewer"]
    assert pdf.count(b"/FT /Sig") == 2


def test_attached_files_stand_with_their_sum_and_their_names_only_where_names_are_printed(
    design: StudyDesign, casebook: Casebook, tmp_path: Path
) -> None:
    key = form_key(casebook.subject)
    laptop = Laptop(9)
    photo = AttachPayload(
        key=key,
        path=None,
        name="page of the mother.jpg",
        media_type="image/jpeg",
        size_bytes=1000,
        sha256="ab" * 32,
        chunks=("cd" * 32,),
        content_key=bytes(32),
    )
    commit = laptop.seal(photo)
    strike = laptop.seal(StrikeAttachmentPayload(key=key, attachment=commit.id, reason="the wrong page"))
    with_photo = evolve(evolve(casebook, commit), strike)

    text = flat(text_of(visit_record(design, with_photo, VISIT, context()), tmp_path))
    assert "Attached files 附件" in text
    assert "1. image/jpeg, 1000 B" in text
    assert f"SHA-256 {'ab' * 32}" in text
    assert "the wrong page" in text
    assert "mother" not in text
    named = replace(context(), with_identity=True)
    assert "page of the mother.jpg" in flat(text_of(visit_record(design, with_photo, VISIT, named), tmp_path))
    assert visit_digest(design, with_photo, VISIT) != visit_digest(design, casebook, VISIT)

"""The recovery sheet: one page, readable by eye and camera, that keeps its secret out of the file's description."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from casebook.design import Text
from casebook.paper.context import RecoverySheet
from casebook.paper.desk import print_recovery_sheet
from casebook.store.slots import read_recovery_code, write_recovery_code
from tests.casebook.paper.test_pages import text_of

SECRET = bytes(range(7, 23))
SAID = RecoverySheet(
    code=write_recovery_code(SECRET),
    study=Text({"en": "A study", "zh": "一项研究"}),
    site="001 Demo site",
    laptop="A",
    made_by="Coordinator A",
    made_at=datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=8))),
)


@pytest.mark.parametrize("languages", [("en", "zh"), ("zh", "en")])
def test_camera_and_keyboard_read_the_same_code(languages: tuple[str, ...], tmp_path: Path) -> None:
    sheet = print_recovery_sheet(SAID, languages)
    document = pypdfium2.PdfDocument(sheet)
    assert len(document) == 1
    (seen,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    assert read_recovery_code(seen.text) == SECRET
    text = text_of(sheet, tmp_path)
    assert all(group in text for group in SAID.code.split("-"))
    for words in ("Recovery sheet", "恢复单", "001 Demo site", "Coordinator A", "2026-03-01 14:00 +08:00"):
        assert words in text


def test_description_of_the_file_names_no_code(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(print_recovery_sheet(SAID, ("en", "zh")))
    with pikepdf.open(path) as document:
        said = " ".join(str(value) for value in document.docinfo.values())
        assert "/Metadata" not in document.Root
    assert not any(group in said for group in SAID.code.split("-"))


def test_sheet_never_shows_its_code_where_objects_are_printed() -> None:
    assert SAID.code not in repr(SAID)

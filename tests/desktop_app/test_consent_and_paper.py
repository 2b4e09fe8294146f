"""Consent with ink and signature; papers looked at, signed, printed, saved and checked."""

import hashlib
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QListWidget

from desktop_app.widgets.ink import InkPad
from desktop_app.workplace import Workplace
from tests.desktop_app.forms_at_work import (
    COORDINATOR,
    INVESTIGATOR,
    bring_into_sight,
    choose,
    draw,
    enter,
    mark_of,
    open_casebook,
    open_form,
    sentences,
)
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import PASSPHRASE

CHOICES = (
    ("ICFVER", "V1.0"),
    ("ICFTYPE", "INITIAL"),
    ("CONSMODE", "ECONSENT"),
    ("CONSBY", "PARTICIPANT"),
    ("CANREADP", "Y"),
    ("WITREQ", "N"),
    ("CONSPI", "Y"),
    ("COPYGIV", "Y"),
)


@pytest.fixture
def consent(hands: Hands) -> Hands:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.ICF")
    return hands


def workplace(hands: Hands) -> Workplace:
    found = hands.application.workplace
    assert found is not None
    return found


def fill_in(hands: Hands) -> None:
    for name, code in CHOICES:
        choose(hands, f"I.ICF.{name}", code)
    for name, text in (
        ("ICFVDAT", "2026-01-05"),
        ("ICFAPDT", "2026-01-20"),
        ("DISCSTDTM", "1300"),
        ("DISCBY", "INV-01"),
        ("SIGPNAM", "A participant"),
        ("SIGPDTM", "1330"),
        ("SIGIDTM", "1335"),
    ):
        enter(hands, f"I.ICF.{name}", text)
    ink(hands, "I.ICF.SIGPINK")


def ink(hands: Hands, oid: str) -> None:
    bring_into_sight(hands, oid)
    pad = hands.find(oid)
    assert isinstance(pad, InkPad)
    draw(pad)
    hands.click(f"{oid}.done")
    hands.settle()


def sign(hands: Hands, name: str, passphrase: str = PASSPHRASE) -> None:
    bring_into_sight(hands, f"{name}_passphrase")
    hands.type(f"{name}_passphrase", passphrase)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.settle()


def papers(hands: Hands) -> QListWidget:
    found = hands.find("paper_list")
    assert isinstance(found, QListWidget)
    return found


def open_papers(hands: Hands) -> None:
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.control(Qt.Key.Key_P)
    hands.settle()
    hands.settle()


def test_consent_is_inked_signed_and_recorded(consent: Hands) -> None:
    fill_in(consent)
    assert mark_of(consent, "I.ICF.SIGPINK") == "kept on this laptop"
    assert "can be signed" in consent.words("consent_open_words")
    sign(consent, "consent")
    assert "Signed by Investigator B" in consent.words("consent_signed_words")
    assert mark_of(consent, "I.ICF.SIGPINK") == "recorded"
    consent.click("consent_preview")
    consent.settle()
    shown = workplace(consent).consent.sheet
    assert shown.data is not None
    assert shown.view.page_count >= 2
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(shown.data))
    assert "A participant" in text
    consent.press(Qt.Key.Key_Escape)
    assert consent.shows("consent_preview")


def test_wrong_passphrase_signs_nothing_and_says_so(consent: Hands) -> None:
    choose(consent, "I.ICF.ICFTYPE", "INITIAL")
    sign(consent, "consent", "not the one")
    assert "passphrase" in consent.words("consent_passphrase_line")
    assert not consent.shows("consent_print")


def test_consent_before_signing_says_what_is_open(consent: Hands) -> None:
    assert "still need" in consent.words("consent_open_words")


def test_signer_who_cannot_read_needs_a_witness_who_inks_too(consent: Hands) -> None:
    choose(consent, "I.ICF.CONSMODE", "ECONSENT")
    choose(consent, "I.ICF.CONSBY", "PARTICIPANT")
    choose(consent, "I.ICF.CANREADP", "N")
    choose(consent, "I.ICF.WITREQ", "N")
    assert len(sentences(consent, "I.ICF.WITREQ")) >= 1
    assert not consent.shows("I.ICF.SIGWINK")
    choose(consent, "I.ICF.WITREQ", "Y")
    assert consent.shows("I.ICF.SIGWINK")


def test_representative_inks_instead_of_the_participant(consent: Hands) -> None:
    choose(consent, "I.ICF.CONSMODE", "ECONSENT")
    choose(consent, "I.ICF.CONSBY", "LAR")
    assert consent.shows("I.ICF.SIGLINK")
    assert not consent.shows("I.ICF.SIGPINK")


def test_coordinator_is_told_that_the_role_does_not_sign(hands: Hands) -> None:
    open_casebook(hands, COORDINATOR)
    open_form(hands, "F.ICF")
    assert not hands.shows("consent_passphrase")
    assert "a role that may not sign" in next(
        label.text() for label in hands.find("consent_sign_card").findChildren(QLabel)
    )


def test_two_copies_are_offered_to_the_printer(consent: Hands) -> None:
    fill_in(consent)
    sign(consent, "consent")
    bring_into_sight(consent, "consent_print")
    consent.click("consent_print")
    consent.settle()
    consent.qtbot.waitUntil(lambda: bool(consent.window.findChildren(QPrintDialog)))
    (dialog,) = consent.window.findChildren(QPrintDialog)
    assert dialog.printer().copyCount() == 2
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_visit_record_is_shown_signed_and_listed(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    open_papers(hands)
    sheet = workplace(hands).paper.sheet
    assert sheet.data is not None
    assert sheet.view.page_count >= 1
    before = papers(hands).count()
    hands.click("paper_sign_open")
    sign(hands, "paper")
    hands.settle()
    assert "Signed and recorded" in hands.words("paper_notice_words")
    assert papers(hands).count() == before + 2
    assert not hands.shows("paper_passphrase")


def test_signed_paper_is_saved_and_found_valid_and_a_changed_one_is_not(hands: Hands, tmp_path: Path) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    open_papers(hands)
    hands.click("paper_sign_open")
    sign(hands, "paper")
    hands.settle()
    page = workplace(hands).paper
    assert page.sheet.data is not None
    copy = tmp_path / "copy.pdf"
    hands.click("paper_save")
    (dialog,) = hands.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(copy))
    dialog.reject()
    hands.settle()
    assert hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(page.sheet.data).digest()
    page.check_file(str(copy))
    hands.settle()
    assert "valid" in hands.words("paper_notice_words").lower()
    changed = bytearray(copy.read_bytes())
    changed[len(changed) // 3] ^= 1
    copy.write_bytes(bytes(changed))
    page.check_file(str(copy))
    hands.settle()
    assert "NOT valid" in hands.words("paper_notice_words")


def test_copy_that_cannot_be_written_is_told_in_a_sentence(hands: Hands, tmp_path: Path) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    open_papers(hands)
    workplace(hands).paper.sheet.save_wanted.emit(str(tmp_path / "nowhere" / "copy.pdf"))
    hands.settle()
    assert "could not be written" in hands.words("paper_notice_words")


def test_paper_is_printed_page_by_page(hands: Hands, tmp_path: Path) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    open_papers(hands)
    sheet = workplace(hands).paper.sheet
    assert sheet.data is not None
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "print.pdf"))
    with hands.qtbot.waitSignal(sheet.printed, timeout=SETTLE_MS):
        sheet.print_to(printer)
    printed = pypdfium2.PdfDocument(tmp_path / "print.pdf")
    assert len(printed) == sheet.view.page_count
    assert printed[0].get_size() == pytest.approx((595, 842), abs=2)
    picture = printed[0].render(scale=0.5).to_pil().convert("L")
    assert picture.getextrema()[0] < 128


def test_pages_zoom_and_turn_by_keys(hands: Hands) -> None:
    open_casebook(hands, INVESTIGATOR)
    open_form(hands, "F.VS")
    enter(hands, "I.VS.SYSBP", "150")
    open_papers(hands)
    view = workplace(hands).paper.sheet.view
    before = view.canvas_width
    hands.find("page_view").setFocus()
    hands.press(Qt.Key.Key_Plus)
    assert view.canvas_width > before
    hands.press(Qt.Key.Key_0)
    assert view.canvas_width == before

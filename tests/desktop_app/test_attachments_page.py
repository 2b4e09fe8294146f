"""Attachments in the windows: by button, key, drop and paste; looked at, struck, copied, taken out of the record."""

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QListWidget, QWidget

from desktop_app.widgets.attachment_viewer import AttachmentViewer
from desktop_app.windows.attachments import AttachmentsPage
from desktop_app.workplace import Workplace
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import ASSESSOR, open_casebook, open_form, subject_of
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_attaching import adverse_events, contact
from tests.laptops import PASSPHRASE, Ward

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of 3000 by 2000 pixels on the desktop."""
    path = tmp_path / "source page.png"
    Image.effect_noise((3000, 2000), 40).save(path)
    return path


@pytest.fixture
def attachments(hands: Hands) -> Hands:
    """The attachments of a form, reached by key."""
    open_casebook(hands)
    open_form(hands, "F.VS")
    hands.press(Qt.Key.Key_A, ALT | SHIFT)
    hands.settle()
    assert hands.shows("attachments_list")
    return hands


def workplace(hands: Hands) -> Workplace:
    found = hands.application.workplace
    assert found is not None
    return found


def page_of(hands: Hands) -> AttachmentsPage:
    return workplace(hands).staff.attachments


def lines(hands: Hands) -> list[str]:
    found = hands.find("attachments_list")
    assert isinstance(found, QListWidget)
    return [found.item(row).text() for row in range(found.count())]


def viewer(hands: Hands) -> AttachmentViewer:
    return page_of(hands).viewer


def choose_file(hands: Hands, *paths: Path) -> None:
    """Open the dialog by key and choose."""
    hands.press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = hands.window.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(path) for path in paths])
    dialog.reject()
    hands.window.activateWindow()  # as a desktop does when a dialog closes
    hands.settle()


def attach(hands: Hands, path: Path) -> None:
    choose_file(hands, path)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.settle()


def dropped(widget: QWidget, *paths: Path) -> bool:
    """Drop files on a widget; returns whether it took them."""
    what = QMimeData()
    what.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(widget.rect().center(), Qt.DropAction.CopyAction, what, left, none)
    QApplication.sendEvent(widget, enter)
    event = QDropEvent(QPointF(widget.rect().center()), Qt.DropAction.CopyAction, what, left, none, QEvent.Type.Drop)
    QApplication.sendEvent(widget, event)
    return enter.isAccepted()


# -- attaching ---------------------------------------------------------------------------------------------


def test_a_photo_is_shown_before_it_is_attached_and_counted_on_the_form(attachments: Hands, photo: Path) -> None:
    choose_file(attachments, photo)
    assert "2400 × 1600 pixels" in attachments.words("attachment_kept")
    assert "camera is left out" in attachments.words("attachment_kept")
    assert attachments.words("attachment_name") == "source page.jpg"
    QTest.keyClicks(attachments.window.focusWidget(), "vital signs sheet")
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()
    attachments.settle()

    (line,) = lines(attachments)
    assert line.startswith("vital signs sheet\nCoordinator A")
    assert "Only on this laptop" in line
    shown = viewer(attachments).picture.picture
    assert shown is not None
    assert (shown.width(), shown.height()) == (2400, 1600)
    attachments.press(Qt.Key.Key_Escape)
    attachments.settle()
    attachments.settle()
    assert attachments.words("form_attachments") == "Attachments (1)"


def test_esc_attaches_nothing(attachments: Hands, photo: Path) -> None:
    choose_file(attachments, photo)
    attachments.press(Qt.Key.Key_Escape)
    attachments.settle()

    assert not attachments.shows("attachment_card")
    assert attachments.shows("attachments_list")
    assert lines(attachments) == []


def test_the_same_photo_twice_is_told(attachments: Hands, photo: Path) -> None:
    attach(attachments, photo)
    attach(attachments, photo)

    assert len(lines(attachments)) == 1
    assert "attached to this form already" in attachments.words("attachments_notice_words")


def test_files_that_cannot_be_attached_are_all_named_and_the_good_one_is_asked_about(
    attachments: Hands, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    choose_file(attachments, tmp_path, tmp_path / "gone.jpg", tmp_path / "empty.jpg", tmp_path / "letter.pdf", photo)
    attachments.settle()

    said = attachments.words("attachments_notice_words")
    for name in (tmp_path.name, "gone.jpg", "empty.jpg", "letter.pdf"):
        assert name in said
    assert attachments.words("attachment_name") == "source page.jpg"


def test_several_files_are_asked_about_one_after_the_other(attachments: Hands, photo: Path, tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), "red").save(tmp_path / "second.png")
    choose_file(attachments, photo, tmp_path / "second.png")
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()
    attachments.settle()
    assert attachments.words("attachment_name") == "second.jpg"
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()

    assert [line.split("\n")[0] for line in lines(attachments)] == ["source page.jpg", "second.jpg"]


def test_a_photo_is_about_the_item_from_which_the_user_came(hands: Hands, photo: Path) -> None:
    open_casebook(hands)
    open_form(hands, "F.VS")
    hands.click("I.VS.SYSBP")
    hands.press(Qt.Key.Key_A, ALT | SHIFT)
    hands.settle()
    choose_file(hands, photo)
    about = hands.find("attachment_about_item")
    assert isinstance(about, QCheckBox)
    assert (about.isChecked(), "Systolic" in about.text()) == (False, True)
    hands.press(Qt.Key.Key_Tab)
    hands.press(Qt.Key.Key_Space)
    assert about.isChecked()
    hands.press(Qt.Key.Key_Tab)
    hands.press(Qt.Key.Key_Return)
    hands.settle()

    assert "Systolic" in lines(hands)[0]


def test_a_picture_is_pasted(attachments: Hands) -> None:
    picture = QImage(200, 100, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    QApplication.clipboard().setImage(picture)
    attachments.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    attachments.settle()
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()
    QApplication.clipboard().clear()

    assert lines(attachments)[0].startswith("pasted picture.jpg")


def test_an_empty_clipboard_is_told(attachments: Hands) -> None:
    QApplication.clipboard().setText("words")
    attachments.click("attachments_paste")
    attachments.settle()
    QApplication.clipboard().clear()

    assert "no picture on the clipboard" in attachments.words("attachments_notice_words")


def test_a_file_is_dropped_on_the_form_and_on_the_page(hands: Hands, photo: Path) -> None:
    open_casebook(hands)
    open_form(hands, "F.VS")
    assert dropped(workplace(hands).form, photo)
    hands.settle()
    hands.settle()
    assert hands.words("attachment_name") == "source page.jpg"
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert dropped(page_of(hands), photo)
    hands.settle()
    assert hands.words("attachment_name") == "source page.jpg"


# -- looking -----------------------------------------------------------------------------------------------


def test_a_photo_is_zoomed_by_keys(attachments: Hands, photo: Path) -> None:
    attach(attachments, photo)
    picture = viewer(attachments).picture
    fitted = picture.zoom
    attachments.press(Qt.Key.Key_Return)
    for key, larger in ((Qt.Key.Key_Plus, True), (Qt.Key.Key_Plus, True), (Qt.Key.Key_Minus, True)):
        attachments.press(key)
        assert (picture.zoom > fitted) is larger
    attachments.press(Qt.Key.Key_0)
    assert picture.zoom == fitted
    attachments.click("attachment_larger")
    assert picture.zoom > fitted
    attachments.click("attachment_fit")
    attachments.click("attachment_smaller")
    assert picture.zoom < fitted


def test_a_scan_of_several_pages_is_turned_by_keys(attachments: Hands, tmp_path: Path) -> None:
    pages = [Image.new("L", (600, 800), shade) for shade in (250, 5)]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    attach(attachments, tmp_path / "scan.tif")
    assert attachments.words("attachment_place") == "Page 1 of 2"
    attachments.press(Qt.Key.Key_Return)
    attachments.press(Qt.Key.Key_PageDown)
    assert attachments.words("attachment_place") == "Page 2 of 2"
    attachments.press(Qt.Key.Key_PageUp)
    assert viewer(attachments).picture.page == 1


def test_a_pdf_is_shown_page_by_page(attachments: Hands, tmp_path: Path) -> None:
    data = io.BytesIO()
    first = Image.new("RGB", (400, 300), "white")
    first.save(data, "PDF", save_all=True, append_images=[first])
    (tmp_path / "report.pdf").write_bytes(data.getvalue())
    choose_file(attachments, tmp_path / "report.pdf")
    assert "kept as it is" in attachments.words("attachment_kept")
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()
    attachments.settle()

    assert viewer(attachments).pages.page_count == 2
    assert viewer(attachments).content == data.getvalue()


# -- striking, copying, taking out -------------------------------------------------------------------------


def test_a_photo_is_struck_by_del_with_a_reason(attachments: Hands, photo: Path) -> None:
    attach(attachments, photo)
    attachments.press(Qt.Key.Key_Delete)
    QTest.keyClicks(attachments.window.focusWidget(), "page of another patient")
    attachments.press(Qt.Key.Key_Return)
    attachments.settle()
    attachments.settle()

    assert lines(attachments)[0].startswith("source page.jpg, struck through: page of another patient")
    assert not attachments.shows("attachments_strike")
    assert "struck through by Coordinator A" in attachments.words("attachments_facts")
    assert viewer(attachments).content is not None


def test_a_copy_leaves_a_note_in_the_record(attachments: Hands, photo: Path, tmp_path: Path) -> None:
    attach(attachments, photo)
    attachments.click("attachment_save")
    (dialog,) = attachments.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "copy.jpg"))
    dialog.reject()
    attachments.settle()

    assert (tmp_path / "copy.jpg").read_bytes() == viewer(attachments).content
    assert "the record says so" in attachments.words("attachments_notice_words")


def test_two_people_take_a_photo_out_of_the_record(open_application: OpenApplication, ward: Ward, photo: Path) -> None:
    hands = open_application(ward.enrolled("one", "principal", "investigator"))
    open_casebook(hands)
    open_form(hands, "F.VS")
    hands.press(Qt.Key.Key_A, ALT | SHIFT)
    hands.settle()
    attach(hands, photo)
    hands.click("attachments_redact")
    hands.settle()
    hands.settle()
    hands.type("redact_reason", "it shows a face")
    hands.type("redact_passphrase", PASSPHRASE)
    hands.type("redact_second_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.settle()

    assert "Taken out of the record" in lines(hands)[0]
    assert "can be opened nowhere" in hands.words("attachment_words")
    assert not hands.shows("attachments_redact")


# -- who may not -------------------------------------------------------------------------------------------


def test_a_blinded_assessor_sees_the_attachments_of_open_forms_alone(
    open_application: OpenApplication, ward: Ward, photo: Path
) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator", "assessor")
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
        for key, name in ((contact(subject), "address.jpg"), (adverse_events(subject), "groin.jpg")):
            session.attachments.attach(key, name, "image/jpeg", photo.read_bytes()[:4000])
    hands = open_application(laptop)
    hands.unlock(place=ASSESSOR)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    open_form(hands, "F.CONTACT")
    hands.settle()
    assert subject_of(hands) == subject
    assert hands.words("form_attachments") == "Attachments (1)"
    hands.press(Qt.Key.Key_A, ALT | SHIFT)
    hands.settle()

    assert [line.split("\n")[0] for line in lines(hands)] == ["address.jpg"]
    assert "groin" not in " ".join(str(one.property("text")) for one in hands.window.findChildren(QWidget))


def test_a_monitor_looks_and_attaches_nothing(open_application: OpenApplication, ward: Ward, photo: Path) -> None:
    laptop = ward.enrolled("one", "coordinator", "principal", "monitor")
    with ward.session(laptop) as session:
        session.add_subject()
    hands = open_application(laptop)
    hands.unlock(place=2)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    open_form(hands, "F.VS")
    hands.press(Qt.Key.Key_A, ALT | SHIFT)
    hands.settle()

    choose = hands.find("attachments_choose")
    assert not choose.isEnabled()
    assert choose.accessibleDescription()
    assert not dropped(page_of(hands), photo)
    hands.press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert hands.window.findChildren(QFileDialog) == []


def test_every_control_of_the_page_has_a_name(attachments: Hands, photo: Path) -> None:
    choose_file(attachments, photo)
    page = page_of(attachments)
    controls = [
        one
        for one in page.findChildren(QWidget)
        if one.isVisible() and one.focusPolicy() != Qt.FocusPolicy.NoFocus and one.objectName()
    ]
    assert len(controls) > 6
    assert [one.objectName() for one in controls if not (one.accessibleName() or one.property("text"))] == []

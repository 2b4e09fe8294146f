"""Files that come to be attached: drawn upright, small and without anything but the picture; or refused in words."""

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PySide6.QtGui import QColor, QImage

from casebook.attachments import MOST_BYTES
from casebook.errors import (
    AttachmentEmptyError,
    AttachmentFileError,
    AttachmentFolderError,
    AttachmentFormatError,
    AttachmentTooLargeError,
    CasebookError,
)
from desktop_app.models import pictures
from desktop_app.models.pictures import JPEG, LONGEST_EDGE, TIFF, candidate_of, candidate_of_image, read_candidate

SECRET = "39.9042 N"


def picture_bytes(picture_format: str, size: tuple[int, int] = (300, 200), **options: object) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    data = io.BytesIO()
    picture.save(data, picture_format, **options)
    return data.getvalue()


def telephone_photo(size: tuple[int, int], orientation: int) -> bytes:
    """Return a JPEG as a telephone makes it: turned by a mark, with place and camera."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Model] = "Telephone of the coordinator"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSAreaInformation] = SECRET
    return picture_bytes("JPEG", size, exif=exif, quality=95, comment=SECRET.encode())


def seen(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def colour(picture: Image.Image, x: float, y: float) -> str:
    pixel = picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > 200 > pixel[2] else "blue" if pixel[2] > 200 > pixel[0] else str(pixel)


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [(1, (0.1, 0.5)), (3, (0.9, 0.5)), (6, (0.5, 0.1)), (8, (0.5, 0.9))],
    ids=["upright", "head down", "turned right", "turned left"],
)
def test_a_telephone_s_photo_is_turned_upright_made_smaller_and_keeps_no_place(
    orientation: int, red_at: tuple[float, float]
) -> None:
    content = telephone_photo((4000, 3000), orientation)
    assert SECRET.encode() in content
    candidate = candidate_of("IMG 1.JPG", content)
    kept = seen(candidate.content)

    turned = orientation in {6, 8}
    assert kept.size == ((1800, 2400) if turned else (2400, 1800))
    assert (candidate.name, candidate.media_type, candidate.redrawn) == ("IMG 1.jpg", JPEG, True)
    assert (candidate.after, candidate.is_smaller) == (kept.size, True)
    assert colour(kept, *red_at) == "red"
    assert not dict(kept.getexif())
    assert "comment" not in kept.info
    assert SECRET.encode() not in candidate.content
    assert b"Telephone" not in candidate.content


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_a_small_picture_keeps_its_size_and_becomes_a_jpeg(picture_format: str) -> None:
    candidate = candidate_of(f"scan.{picture_format.lower()}", picture_bytes(picture_format))

    assert seen(candidate.content).size == (300, 200)
    assert (candidate.name, candidate.media_type, candidate.is_smaller) == ("scan.jpg", JPEG, False)
    assert colour(seen(candidate.content), 0.1, 0.5) == "red"


def test_a_name_that_lies_about_the_kind_does_not_matter() -> None:
    assert candidate_of("photo.pdf", picture_bytes("PNG")).media_type == JPEG
    assert candidate_of("photo.jpg", b"%PDF-1.7\n...").media_type == pictures.PDF


def test_what_is_transparent_is_white() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(data, "PNG")

    assert seen(candidate_of("drawing.png", data.getvalue()).content).convert("RGB").getpixel((20, 20)) == (255,) * 3


def test_a_scan_of_several_pages_is_kept_as_it_is() -> None:
    data = io.BytesIO()
    pages = [Image.new("L", (600, 800), shade) for shade in (250, 128, 5)]
    pages[0].save(data, "TIFF", save_all=True, append_images=pages[1:])
    candidate = candidate_of("scan.tif", data.getvalue())

    assert (candidate.content, candidate.media_type, candidate.pages) == (data.getvalue(), TIFF, 3)
    assert not candidate.redrawn
    assert pictures.page_count(candidate.content) == 3
    last = pictures.page_of(candidate.content, 2)
    assert last is not None
    assert last.pixelColor(5, 5).red() < 20
    assert pictures.page_of(candidate.content, 3) is None


def test_a_picture_from_the_clipboard_is_drawn_the_same_way() -> None:
    image = QImage(5000, 100, QImage.Format.Format_ARGB32)
    image.fill(QColor("red"))
    image.setText("Description", SECRET)
    candidate = candidate_of_image(image, "pasted picture")

    assert seen(candidate.content).size == (LONGEST_EDGE, 48)
    assert candidate.name == "pasted picture.jpg"
    assert SECRET.encode() not in candidate.content


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", AttachmentEmptyError),
        (b"Dear colleague, the patient said", AttachmentFormatError),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", AttachmentFormatError),
        (picture_bytes("GIF"), AttachmentFormatError),
        (picture_bytes("PNG")[:60], AttachmentFormatError),
        (b"%PDF-1.7\n" + bytes(MOST_BYTES), AttachmentTooLargeError),
    ],
    ids=["nothing", "text", "a drawing", "a film", "half a picture", "a giant"],
)
def test_what_cannot_be_attached_is_refused_in_words(content: bytes, refusal: type[CasebookError]) -> None:
    with pytest.raises(refusal) as refused:
        candidate_of("name.jpg", content)
    assert all(refused.value.sentence(language) for language in ("en", "zh"))


def test_a_picture_of_absurd_size_is_refused_before_it_is_drawn() -> None:
    header = b"BM" + (54 + 12).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    sizes = (40).to_bytes(4, "little") + (2**31 - 2).to_bytes(4, "little") * 2
    absurd = header + sizes + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + bytes(12)

    with pytest.raises(AttachmentFormatError):
        candidate_of("giant.bmp", absurd)


def test_a_file_that_is_gone_a_folder_and_one_that_the_system_refuses_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture_bytes("JPEG"))
    assert read_candidate(str(tmp_path / "photo.jpg")).name == "photo.jpg"
    with pytest.raises(AttachmentFolderError) as folder:
        read_candidate(str(tmp_path))
    with pytest.raises(AttachmentFileError) as gone:
        read_candidate(str(tmp_path / "gone.jpg"))
    with pytest.raises(AttachmentFileError) as odd:
        read_candidate(str(tmp_path / "photo.jpg" / "inside.jpg"))

    assert folder.value.sentence().startswith(tmp_path.name)
    assert (
        gone.value.sentence()
        == "gone.jpg cannot be read: it is not there any more. Choose it again, or copy it to this laptop first."
    )
    assert gone.value.sentence("zh").startswith("无法读取 gone.jpg：文件已不存在")
    assert "ENOTDIR" in odd.value.sentence()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/nurse/page 1.jpg", "page 1.jpg"),
        ("C:\\Users\\nurse\\体温单.png", "体温单.png"),
        ("line\nbreak\x07.jpg", "line break.jpg"),
        ("x" * 300 + ".jpg", "x" * 96 + ".jpg"),
        ("/", "file"),
    ],
)
def test_a_file_s_name_is_what_may_be_recorded(path: str, name: str) -> None:
    assert pictures.file_name(path) == name
